//! The orders as APIv3 sees them.

use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::answer::{Answer, Place, Refusal};
use crate::call::{Body, Call};
use crate::clock;
use crate::notifications::Matter;
use crate::orders::{Number, Order, Orders, Problem, Protocol, State, Terms, TradeType, Which};

/// Places an order (JSAPI下单、Native下单、H5下单、APP下单); the same request again gives the same.
pub(crate) fn place(orders: &Orders, call: &Call<'_>, trade_type: TradeType) -> Result<Value, Refusal> {
    let body = call.body()?;
    body.text("appid")?;
    check_mchid(call, Place::Body, &body.text("mchid")?)?;
    body.text("description")?;
    let number = body.number("out_trade_no", 6..=32, "_-|*")?;
    body.text("notify_url")?;
    let total = body.amount("amount/total")?;
    if body.optional_text("amount/currency")?.is_some() {
        body.only("amount/currency", "CNY")?;
    }
    let openid = match trade_type {
        TradeType::Jsapi => Some(body.text("payer/openid")?),
        TradeType::Native | TradeType::App | TradeType::H5 => None,
    };
    if trade_type == TradeType::H5 {
        body.text("scene_info/payer_client_ip")?;
        body.text("scene_info/h5_info/type")?;
    }
    let expires = expires(&body)?;
    let shares_profit = body.optional_flag("settle_info/profit_sharing")?.unwrap_or(false);
    let content = body.into_fields();
    let terms = Terms { protocol: Protocol::Apiv3, content, trade_type, total, openid, expires, shares_profit };
    let prepay_id = orders.place(Number::new(call.mchid(), number), terms)?;
    Ok(match (trade_type, trade_type.address(&prepay_id)) {
        (TradeType::Native, Some(address)) => json!({ "code_url": address }),
        (_, Some(address)) => json!({ "h5_url": address }),
        (_, None) => json!({ "prepay_id": prepay_id }),
    })
}

/// What a merchant is notified of after a payment.
pub(crate) fn notice(order: &Order) -> Matter {
    Matter::Apiv3 { event_type: "TRANSACTION.SUCCESS".to_owned(), resource: order.transaction() }
}

/// Returns the state of an order (商户订单号查询订单).
pub(crate) fn query_by_number(orders: &Orders, call: &Call<'_>) -> Result<Value, Refusal> {
    query(orders, call, Which::Number(&call.variable("out_trade_no")?))
}

/// Returns the state of an order that was paid (微信支付订单号查询订单).
pub(crate) fn query_by_id(orders: &Orders, call: &Call<'_>) -> Result<Value, Refusal> {
    query(orders, call, Which::Transaction(&call.variable("transaction_id")?))
}

/// Closes an order that is not paid (关闭订单); doing so again changes nothing.
pub(crate) fn close(orders: &Orders, call: &Call<'_>) -> Result<Answer, Refusal> {
    check_mchid(call, Place::Body, &call.body()?.text("mchid")?)?;
    match orders.close(&Number::new(call.mchid(), call.variable("out_trade_no")?)) {
        Ok(()) | Err(Problem::Closed) => Ok(Answer::no_content()),
        Err(problem) => Err(problem.into()),
    }
}

impl Order {
    /// The order as the query and the notification of a payment describe it. Fields that only exist after a payment,
    /// including the type of trade, are missing before it.
    #[expect(clippy::indexing_slicing, reason = "any field of an object can be assigned")]
    pub(crate) fn transaction(&self) -> Value {
        let (state, description) = self.trade_state();
        let total = self.terms.total;
        let mut transaction = json!({
            "mchid": self.number.mchid,
            "out_trade_no": self.number.text,
            "trade_state": state,
            "trade_state_desc": description,
            "amount": { "total": total, "currency": "CNY" },
        });
        for name in ["appid", "attach"] {
            if let Some(text) = self.terms.said(name) {
                transaction[name] = text.into();
            }
        }
        if let State::Paid(payment) = &self.state {
            transaction["transaction_id"] = payment.transaction_id.as_str().into();
            transaction["trade_type"] = self.terms.trade_type.as_str().into();
            transaction["bank_type"] = "OTHERS".into();
            transaction["success_time"] = clock::rfc3339(payment.time).into();
            transaction["payer"] = json!({ "openid": self.openid() });
            transaction["amount"]["payer_total"] = total.into();
            transaction["amount"]["payer_currency"] = "CNY".into();
        }
        transaction
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        let (status, code, message) = match problem {
            Problem::Unknown => (StatusCode::NOT_FOUND, "ORDER_NOT_EXIST", "订单不存在"),
            Problem::Paid => (StatusCode::BAD_REQUEST, "ORDERPAID", "该订单已支付"),
            Problem::Closed => (StatusCode::BAD_REQUEST, "ORDER_CLOSED", "订单已关闭"),
            Problem::Used => (StatusCode::FORBIDDEN, "OUT_TRADE_NO_USED", "商户订单号重复"),
        };
        Refusal::new(status, code, message)
    }
}

fn query(orders: &Orders, call: &Call<'_>, which: Which<'_>) -> Result<Value, Refusal> {
    check_mchid(call, Place::Query, &call.query()?.text("mchid")?)?;
    Ok(orders.find(call.mchid(), which)?.transaction())
}

/// Checks that the merchant names itself.
fn check_mchid(call: &Call<'_>, place: Place, mchid: &str) -> Result<(), Refusal> {
    if mchid == call.mchid() {
        Ok(())
    } else {
        Err(Refusal::param(
            place,
            "mchid",
            "与Http头Authorization中的mchid不一致",
            "must be the mchid of the Authorization",
        ))
    }
}

/// Until when an order can be paid, in Unix seconds, if it says so.
fn expires(body: &Body<'_>) -> Result<Option<i64>, Refusal> {
    let Some(text) = body.optional_text("time_expire")? else {
        return Ok(None);
    };
    match clock::parse_rfc3339(&text) {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(Refusal::param(
            Place::Body,
            "time_expire",
            "此字段须为yyyy-MM-DDTHH:mm:ss+TIMEZONE格式的时间",
            "must be a time such as 2018-06-08T10:34:56+08:00",
        )),
    }
}
