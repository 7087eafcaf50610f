//! The orders as APIv2 sees them.

use serde_json::{Map, Value, json};

use crate::apiv2::data::{Data, Failure};
use crate::clock;
use crate::notifications::Matter;
use crate::orders::{Number, Order, Orders, Problem, Protocol, Refund, RefundProblem, State, Terms, TradeType, Which};
use crate::refunds;

type Fields = Map<String, Value>;

/// Places an order (统一下单); the same request again gives the same.
pub(crate) fn place(orders: &Orders, data: &Data) -> Result<Fields, Failure> {
    let (number, total) = (data.text("out_trade_no")?, data.amount("total_fee")?);
    let Some(trade_type) = TradeType::parse(&data.text("trade_type")?) else {
        return Err(Failure::result("PARAM_ERROR", "参数trade_type须为JSAPI、NATIVE、APP或MWEB"));
    };
    match trade_type {
        TradeType::Jsapi => data.text("openid").map(drop)?,
        TradeType::Native => data.text("product_id").map(drop)?,
        TradeType::App | TradeType::H5 => {}
    }
    let terms = Terms {
        protocol: Protocol::Apiv2,
        content: data.content(),
        trade_type,
        total,
        openid: Some(data.get("openid")).filter(|openid| !openid.is_empty()),
        expires: expires(data)?,
        shares_profit: data.get("profit_sharing") == "Y",
    };
    let prepay_id = orders.place(Number::new(data.mchid(), number), terms)?;
    let mut placed = fields(json!({ "trade_type": trade_type.as_str(), "prepay_id": prepay_id }));
    if let Some(address) = trade_type.address(&prepay_id) {
        let name = if trade_type == TradeType::Native { "code_url" } else { "mweb_url" };
        placed.insert(name.into(), address.into());
    }
    Ok(placed)
}

/// Returns the state of an order (查询订单).
pub(crate) fn query(orders: &Orders, data: &Data) -> Result<Fields, Failure> {
    Ok(described(&find(orders, data)?))
}

/// Closes an order that is not paid (关闭订单).
pub(crate) fn close(orders: &Orders, data: &Data) -> Result<Fields, Failure> {
    orders.close(&Number::new(data.mchid(), data.text("out_trade_no")?))?;
    Ok(fields(json!({ "result_msg": "OK" })))
}

/// A refund that was applied for.
pub(crate) struct Applied {
    pub(crate) answer: Fields,
    /// What to notify the merchant of, if the refund is new.
    pub(crate) notice: Option<Matter>,
}

/// Refunds all or part of a payment (申请退款); the same request again gives the same.
pub(crate) fn refund(orders: &Orders, data: &Data) -> Result<Applied, Failure> {
    let out_refund_no = data.text("out_refund_no")?;
    let (total, fee) = (data.amount("total_fee")?, data.amount("refund_fee")?);
    let order = find(orders, data)?;
    let (refund, is_first_time) = orders.refund(&order.number, &out_refund_no, total, fee)?;
    let notice = is_first_time.then(|| refund_notice(&refund));
    let answer = fields(json!({
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.out_trade_no,
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.id,
        "refund_fee": refund.fee,
        "total_fee": refund.total,
        "cash_fee": refund.total,
    }));
    Ok(Applied { answer, notice })
}

/// Refunds in one answer, at most.
const PAGE: usize = 10;

/// Returns the state of refunds (查询退款), in whichever protocol they were made: of one, or of those of an order from `offset` on.
/// If several numbers are given, the one that says most counts.
pub(crate) fn query_refunds(orders: &Orders, data: &Data) -> Result<Fields, Failure> {
    let (mchid, refund_id, out_refund_no) = (data.mchid(), data.get("refund_id"), data.get("out_refund_no"));
    let (refunds, is_of_order) = match (refund_id.as_str(), out_refund_no.as_str()) {
        ("", "") => (orders.refunds_of(&mchid, which(&data.get("transaction_id"), &data.get("out_trade_no"))?), true),
        ("", number) => (orders.find_refund(&Number::new(mchid, number)).into_iter().collect(), false),
        (id, _) => (orders.find_refund_by_id(&mchid, id).into_iter().collect(), false),
    };
    let Some(first) = refunds.first() else {
        return Err(Failure::result("REFUNDNOTEXIST", "退款订单查询失败"));
    };
    let offset = if is_of_order { offset(data)? } else { None };
    let page: Vec<_> = refunds.iter().skip(offset.unwrap_or_default()).take(PAGE).collect();
    if page.is_empty() {
        return Err(Failure::result("PARAM_ERROR", "参数offset须小于total_refund_count"));
    }
    let mut described = fields(json!({
        "transaction_id": first.transaction_id,
        "out_trade_no": first.out_trade_no,
        "total_fee": first.total,
        "cash_fee": first.total,
        "refund_count": page.len(),
    }));
    if offset.is_some() || refunds.len() > page.len() {
        described.insert("total_refund_count".into(), refunds.len().into());
    }
    for (index, refund) in page.into_iter().enumerate() {
        let numbered = described_refund(refund).into_iter().map(|(name, value)| (format!("{name}_{index}"), value));
        described.extend(numbered);
    }
    Ok(described)
}

/// From which refund of an order on, if that is said.
fn offset(data: &Data) -> Result<Option<usize>, Failure> {
    match data.get("offset") {
        text if text.is_empty() => Ok(None),
        text => match text.parse() {
            Ok(offset) => Ok(Some(offset)),
            Err(_) => Err(Failure::result("PARAM_ERROR", "参数offset须为整数")),
        },
    }
}

/// A refund as the query describes it, without its index among the others.
fn described_refund(refund: &Refund) -> Fields {
    fields(json!({
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.id,
        "refund_channel": "ORIGINAL",
        "refund_fee": refund.fee,
        "settlement_refund_fee": refund.fee,
        "refund_status": "SUCCESS",
        "refund_account": REFUNDED_FROM,
        "refund_recv_accout": refunds::RECEIVED_BY,
        "refund_success_time": clock::date_and_time(refund.time),
    }))
}

/// Where the money of a refund came from.
const REFUNDED_FROM: &str = "REFUND_SOURCE_RECHARGE_FUNDS";

/// What a merchant is notified of after a payment.
pub(crate) fn notice(order: &Order) -> Matter {
    let mut notice = described(order);
    notice.retain(|name, _| !["trade_state", "trade_state_desc"].contains(&name.as_str()));
    notice.extend(fields(json!({ "fee_type": "CNY" })));
    notice.extend(order.terms.said("appid").map(|appid| ("appid".to_owned(), appid.into())));
    Matter::Apiv2(Value::Object(notice))
}

/// What a merchant is notified of after a refund.
fn refund_notice(refund: &Refund) -> Matter {
    Matter::Apiv2Refund(json!({
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.out_trade_no,
        "refund_id": refund.id,
        "out_refund_no": refund.out_refund_no,
        "total_fee": refund.total,
        "settlement_total_fee": refund.total,
        "refund_fee": refund.fee,
        "settlement_refund_fee": refund.fee,
        "refund_status": "SUCCESS",
        "success_time": clock::date_and_time(refund.time),
        "refund_recv_accout": refunds::RECEIVED_BY,
        "refund_account": REFUNDED_FROM,
        "refund_request_source": "API",
    }))
}

/// The order with the platform's number or else the merchant's.
fn find(orders: &Orders, data: &Data) -> Result<Order, Failure> {
    Ok(orders.find(&data.mchid(), which(&data.get("transaction_id"), &data.get("out_trade_no"))?)?)
}

fn which<'a>(transaction_id: &'a str, out_trade_no: &'a str) -> Result<Which<'a>, Failure> {
    match (transaction_id, out_trade_no) {
        ("", "") => Err(Failure::missing("out_trade_no")),
        ("", number) => Ok(Which::Number(number)),
        (transaction_id, _) => Ok(Which::Transaction(transaction_id)),
    }
}

/// Until when an order can be paid, in Unix seconds, if it says so.
fn expires(data: &Data) -> Result<Option<i64>, Failure> {
    match data.get("time_expire") {
        text if text.is_empty() => Ok(None),
        text => match clock::parse_digits(&text) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(Failure::result("PARAM_ERROR", "参数time_expire须为yyyyMMddHHmmss格式")),
        },
    }
}

fn described(order: &Order) -> Fields {
    let (state, description) = order.trade_state();
    let mut described = fields(json!({
        "out_trade_no": order.number.text,
        "trade_type": order.terms.trade_type.as_str(),
        "total_fee": order.terms.total,
        "trade_state": state,
        "trade_state_desc": description,
    }));
    for name in ["attach", "device_info"] {
        described.extend(order.terms.said(name).map(|value| (name.to_owned(), value.into())));
    }
    if let State::Paid(payment) = &order.state {
        let time = clock::rfc3339(payment.time).chars().filter(char::is_ascii_digit).take(14).collect::<String>();
        described.extend(fields(json!({
            "transaction_id": payment.transaction_id,
            "openid": order.openid(),
            "is_subscribe": "N",
            "bank_type": "OTHERS",
            "cash_fee": order.terms.total,
            "time_end": time,
        })));
    }
    described
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        match problem {
            Problem::Unknown => Failure::result("ORDERNOTEXIST", "此交易订单号不存在"),
            Problem::Paid => Failure::result("ORDERPAID", "该订单已支付"),
            Problem::Closed => Failure::result("ORDERCLOSED", "订单已关闭"),
            Problem::Used => Failure::result("OUT_TRADE_NO_USED", "商户订单号重复"),
        }
    }
}

impl From<RefundProblem> for Failure {
    fn from(problem: RefundProblem) -> Failure {
        match problem {
            RefundProblem::Unknown => Failure::from(Problem::Unknown),
            RefundProblem::Unpaid => Failure::result("INVALID_REQUEST", "订单未支付，不能退款"),
            RefundProblem::Mismatch => {
                Failure::result("REFUND_FEE_MISMATCH", "订单金额或退款金额与之前请求不一致，请核实后再试")
            }
            RefundProblem::TooMuch => Failure::result("ERROR", "累计退款金额大于支付金额"),
        }
    }
}

/// The entries of an object.
fn fields(object: Value) -> Fields {
    match object {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}
