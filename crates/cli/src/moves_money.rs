//! Which operations move money: those that a person is asked about first.

use wechatpay_catalog::{Operation, Place};

/// The fields of which an operation has one if it moves money: its own number, under which it does so once.
const NUMBERS: [&str; 12] = [
    "out_trade_no",
    "combine_out_trade_no",
    "out_refund_no",
    "out_bill_no",
    "out_batch_no",
    "out_order_no",
    "out_return_no",
    "out_request_no",
    "out_withdraw_no",
    "partner_trade_no",
    "mch_billno",
    "out_subsidy_no",
];

/// Whether an operation may move money. One that is not documented may.
pub fn moves_money(method: &str, operation: Option<Operation>) -> bool {
    if matches!(method, "GET" | "HEAD" | "OPTIONS") {
        return false;
    }
    let Some(operation) = operation else { return true };
    let has_number = [Place::Path, Place::Json, Place::Xml].into_iter().any(|place| {
        let fields = operation.parameters(place);
        NUMBERS.iter().any(|name| fields.get(name).is_some())
    });
    // APIv2 asks with POST, too.
    let last = operation.template().rsplit('/').next().unwrap_or_default();
    let only_asks = operation.is_apiv2() && ["query", "get", "download"].iter().any(|word| last.contains(word));
    has_number && !only_asks
}
