//! The refunds as APIv3 sees them.

use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::call::Call;
use crate::clock;
use crate::notifications::Matter;
use crate::orders::{Number, Orders, Refund, RefundProblem, Which};

/// A refund that was applied for.
pub(crate) struct Applied {
    pub(crate) refund: Refund,
    /// Whether it is new.
    pub(crate) is_first_time: bool,
    /// Where the merchant wants to be notified.
    pub(crate) notify_url: Option<String>,
}

/// Refunds all or part of a payment (退款申请); the same request again gives the same.
pub(crate) fn apply(orders: &Orders, call: &Call<'_>) -> Result<Applied, Refusal> {
    let body = call.body()?;
    let transaction_id = body.optional_text("transaction_id")?;
    let out_trade_no = body.optional_text("out_trade_no")?;
    let out_refund_no = body.number("out_refund_no", 1..=64, "_-|*@")?;
    let (fee, total) = (body.amount("amount/refund")?, body.amount("amount/total")?);
    body.only("amount/currency", "CNY")?;
    let notify_url = body.optional_text("notify_url")?;
    let number;
    let which = match &transaction_id {
        Some(id) => Which::Transaction(id),
        None => {
            number = body.text("out_trade_no")?;
            Which::Number(&number)
        }
    };
    let order = orders.find(call.mchid(), which).map_err(|_| RefundProblem::Unknown)?;
    if out_trade_no.is_some_and(|number| number != order.number.text) {
        return Err(mismatch());
    }
    let (refund, is_first_time) = orders.refund(&order.number, &out_refund_no, total, fee)?;
    Ok(Applied { refund, is_first_time, notify_url })
}

/// What a merchant is notified of after a refund.
pub(crate) fn notice(refund: &Refund, mchid: &str) -> Matter {
    let resource = json!({
        "mchid": mchid,
        "out_trade_no": refund.out_trade_no,
        "transaction_id": refund.transaction_id,
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.id,
        "refund_status": "SUCCESS",
        "success_time": clock::rfc3339(refund.time),
        "user_received_account": RECEIVED_BY,
        "amount": {
            "total": refund.total, "refund": refund.fee, "payer_total": refund.total, "payer_refund": refund.fee,
        },
    });
    Matter::Apiv3 { event_type: "REFUND.SUCCESS".to_owned(), resource }
}

/// Where the money went.
pub(crate) const RECEIVED_BY: &str = "支付用户零钱";

/// Returns the state of a refund (查询单笔退款).
pub(crate) fn query(orders: &Orders, call: &Call<'_>) -> Result<Value, Refusal> {
    let number = Number::new(call.mchid(), call.variable("out_refund_no")?);
    match orders.find_refund(&number) {
        Some(refund) => Ok(refund.resource()),
        None => Err(Refusal::resource_not_exists("退款单不存在")),
    }
}

impl Refund {
    /// The refund as the platform describes it.
    pub(crate) fn resource(&self) -> Value {
        let time = clock::rfc3339(self.time);
        json!({
            "refund_id": self.id,
            "out_refund_no": self.out_refund_no,
            "transaction_id": self.transaction_id,
            "out_trade_no": self.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": RECEIVED_BY,
            "success_time": time,
            "create_time": time,
            "status": "SUCCESS",
            "funds_account": "AVAILABLE",
            "amount": {
                "total": self.total,
                "refund": self.fee,
                "payer_total": self.total,
                "payer_refund": self.fee,
                "settlement_refund": self.fee,
                "settlement_total": self.total,
                "discount_refund": 0,
                "currency": "CNY",
            },
        })
    }
}

impl From<RefundProblem> for Refusal {
    fn from(problem: RefundProblem) -> Refusal {
        match problem {
            RefundProblem::Unknown => Refusal::resource_not_exists("订单不存在"),
            RefundProblem::Unpaid => Refusal::resource_not_exists("订单未支付"),
            RefundProblem::Mismatch => mismatch(),
            RefundProblem::TooMuch => Refusal::invalid_request("累计退款金额大于支付金额", Value::Null),
        }
    }
}

fn mismatch() -> Refusal {
    Refusal::invalid_request("您的请求参数与订单信息不一致", Value::Null)
}
