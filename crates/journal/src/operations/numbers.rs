//! Which field of an operation is its own number, as far as the names of its fields say it.

use wechatpay_catalog::{Fields, Operation, Place};

/// Names that only an own number has. Where a request has two of them, the first one is its own, and the other is that of
/// what it is about: a refund has the number of its order, too.
const OWN: [&str; 27] = [
    "out_return_no",
    "out_subsidy_return_no",
    "out_subsidy_no",
    "out_refund_no",
    "out_transfer_no",
    "out_bill_no",
    "out_batch_no",
    "out_settle_batch_no",
    "out_abnormal_settle_batch_no",
    "out_recharge_no",
    "out_reservation_no",
    "out_instruction_no",
    "out_request_no",
    "send_request_no",
    "use_request_no",
    "deactivate_request_no",
    "return_request_no",
    "out_apply_no",
    "out_applyment_id",
    "out_budget_no",
    "out_authorization_no",
    "out_card_no",
    "out_card_code",
    "out_order_id",
    "out_parking_no",
    "mch_billno",
    "partner_trade_no",
];

/// Names of the numbers of contracts, which an operation makes only where it leads to their signing.
const OF_CONTRACTS: [&str; 2] = ["out_contract_code", "contract_code"];

/// What is in the paths of operations that lead to the signing of a contract.
const SIGNING: [&str; 3] = ["presign", "pre-entrust-sign", "preentrust"];

/// Names of numbers that other operations than those that place an order have, too, again and again and with other content:
/// those that report something about it.
const OF_ORDERS: [&str; 3] = ["combine_out_trade_no", "out_order_no", "out_trade_no"];

/// How the paths of operations end that place an order or move its money.
const PLACING: [&str; 6] = ["apply", "orders", "prepay", "return", "serviceorder", "transactions"];

/// Segments of paths under which orders are only reported.
const REPORTING: [&str; 3] = ["customs", "gov", "industry-rebate"];

/// The end of an operation that moves the money of something that was made before, whose number it has.
const MOVING_AGAIN: &str = "apply-abnormal-refund";

/// Ends of operations that only report about something that was made before, whose number they have.
const ABOUT_OTHERS: [&str; 6] =
    ["bill-receipt", "detail-receipts", "electronic-receipts", "notify", "out-bill-no", "summary-receipts"];

/// The field that has the operation's own number. A number in the path is that of something that exists already.
pub(super) fn own(operation: &Operation) -> Option<&'static str> {
    if only_asks(operation) {
        return None;
    }
    let mut segments = operation.template().split('/');
    let last = segments.clone().next_back().unwrap_or_default();
    let places = PLACING.contains(&last) && !segments.any(|segment| REPORTING.contains(&segment));
    let signs = SIGNING.iter().any(|word| operation.template().contains(word));
    let own = OWN.iter().filter(|_| !ABOUT_OTHERS.contains(&last) && last != MOVING_AGAIN);
    let of_others = OF_ORDERS.iter().filter(|_| places).chain(OF_CONTRACTS.iter().filter(|_| signs));
    let mut names = own.chain(of_others);
    names.find(|name| requires(operation, name)).copied()
}

fn requires(operation: &Operation, name: &str) -> bool {
    let has = |fields: Fields| fields.get(name).is_some_and(|field| field.is_required());
    [Place::Json, Place::Xml].into_iter().any(|place| has(operation.parameters(place)))
}

/// Whether an operation may move money: it has a number by which money is moved, its own or that of something that was made before,
/// and does not only report about it.
pub(super) fn may_move_money(operation: &Operation) -> bool {
    let mut segments = operation.template().split('/');
    let last = segments.clone().next_back().unwrap_or_default();
    let only_reports = ABOUT_OTHERS.contains(&last) || segments.any(|segment| REPORTING.contains(&segment));
    let places = [Place::Path, Place::Json, Place::Xml].map(|place| operation.parameters(place));
    let mut names = OWN.iter().chain(&OF_ORDERS);
    let has_number = names.any(|name| places.iter().any(|fields| fields.get(name).is_some()));
    has_number && !only_reports && !only_asks(operation)
}

/// Whether an operation only asks: GET, and the queries and downloads of APIv2, which are POST.
pub(super) fn only_asks(operation: &Operation) -> bool {
    let last = operation.template().rsplit('/').next().unwrap_or_default();
    let is_query = last.contains("query") || last.starts_with("download") || last.starts_with("get");
    operation.method() == "GET" || (operation.is_apiv2() && is_query)
}
