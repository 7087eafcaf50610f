//! The orders of APIv2, from placing to refund.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Map, Value, json};

use crate::formatter::Formatter;

use super::apiv2::{Data, Failure};
use super::{clock, lock};

type Fields = Map<String, Value>;

/// Orders by the merchant and its number.
#[derive(Default)]
pub(super) struct Orders {
    book: Mutex<BTreeMap<(String, String), Order>>,
}

impl Orders {
    /// Places an order (统一下单); the same request again gives the same.
    pub(super) fn place(&self, data: &Data) -> Result<Fields, Failure> {
        for name in ["appid", "body", "spbill_create_ip", "notify_url"] {
            data.text(name)?;
        }
        let (number, total) = (data.text("out_trade_no")?, data.amount("total_fee")?);
        let trade_type = data.text("trade_type")?;
        match trade_type.as_str() {
            "JSAPI" => data.text("openid").map(drop)?,
            "NATIVE" => data.text("product_id").map(drop)?,
            "APP" | "MWEB" => {}
            _ => return Err(Failure::result("PARAM_ERROR", "参数trade_type须为JSAPI、NATIVE、APP或MWEB")),
        }
        let key = (data.mchid(), number);
        let mut book = lock(&self.book);
        let order = match book.get(&key) {
            Some(order) if order.content != data.content() => {
                return Err(Failure::result("OUT_TRADE_NO_USED", "商户订单号重复"));
            }
            Some(order) => match order.state {
                State::Unpaid => order,
                State::Closed => return Err(closed()),
                State::Paid { .. } => return Err(paid()),
            },
            None => book.entry(key).or_insert(Order {
                content: data.content(),
                prepay_id: format!("wx{}", Formatter::nonce(34)),
                trade_type,
                total,
                state: State::Unpaid,
                refunds: BTreeMap::new(),
            }),
        };
        Ok(order.placed())
    }

    /// Tells how it is with an order (查询订单).
    pub(super) fn query(&self, data: &Data) -> Result<Fields, Failure> {
        data.text("appid")?;
        self.find(data, |number, order| Ok(order.described(number)))
    }

    /// Closes an order that is not paid (关闭订单).
    pub(super) fn close(&self, data: &Data) -> Result<Fields, Failure> {
        data.text("appid")?;
        data.text("out_trade_no")?;
        self.find(data, |_, order| match order.state {
            State::Paid { .. } => Err(paid()),
            State::Closed => Err(closed()),
            State::Unpaid => {
                order.state = State::Closed;
                Ok(fields(json!({ "result_msg": "OK" })))
            }
        })
    }

    /// Gives back what was paid, or a part of it (申请退款); the same request again gives the same.
    pub(super) fn refund(&self, data: &Data) -> Result<Fields, Failure> {
        data.text("appid")?;
        let refund_number = data.text("out_refund_no")?;
        let (total, fee) = (data.amount("total_fee")?, data.amount("refund_fee")?);
        self.find(data, |number, order| {
            let State::Paid { transaction_id, .. } = &order.state else {
                return Err(Failure::result("INVALID_REQUEST", "订单未支付，不能退款"));
            };
            let before = order.refunds.get(&refund_number);
            if total != order.total || before.is_some_and(|refund| refund.fee != fee) {
                return Err(Failure::result("REFUND_FEE_MISMATCH", "订单金额或退款金额与之前请求不一致，请核实后再试"));
            }
            let refunded: u64 = order.refunds.values().map(|refund| refund.fee).sum();
            if before.is_none() && refunded + fee > total {
                return Err(Failure::result("ERROR", "累计退款金额大于支付金额"));
            }
            let new = || Refund { id: format!("503{}", digits(26)), fee };
            let refund_id = order.refunds.entry(refund_number.clone()).or_insert_with(new).id.clone();
            Ok(fields(json!({
                "transaction_id": transaction_id,
                "out_trade_no": number,
                "out_refund_no": refund_number,
                "refund_id": refund_id,
                "refund_fee": fee,
                "total_fee": total,
                "cash_fee": total,
            })))
        })
    }

    /// Pays an order, as its payer would; gives the id of the transaction, also when it was paid before.
    pub(super) fn pay(&self, mchid: &str, number: &str) -> Option<String> {
        let mut book = lock(&self.book);
        let order = book.get_mut(&(mchid.to_owned(), number.to_owned()))?;
        if matches!(order.state, State::Unpaid) {
            let transaction_id = format!("420000{}", digits(22));
            order.state = State::Paid { transaction_id, time: Formatter::timestamp() };
        }
        match &order.state {
            State::Paid { transaction_id, .. } => Some(transaction_id.clone()),
            State::Unpaid | State::Closed => None,
        }
    }

    /// Does something with the order that is meant, by the platform's number or else by the merchant's.
    fn find(
        &self,
        data: &Data,
        act: impl FnOnce(&str, &mut Order) -> Result<Fields, Failure>,
    ) -> Result<Fields, Failure> {
        let (transaction_id, number) = (data.get("transaction_id"), data.get("out_trade_no"));
        if transaction_id.is_empty() && number.is_empty() {
            return Err(Failure::missing("out_trade_no"));
        }
        let mchid = data.mchid();
        let is_meant = |(merchant, known): &(String, String), order: &Order| match transaction_id.is_empty() {
            _ if *merchant != mchid => false,
            true => *known == number,
            false => matches!(&order.state, State::Paid { transaction_id: id, .. } if *id == transaction_id),
        };
        let mut book = lock(&self.book);
        match book.iter_mut().find(|(known, order)| is_meant(known, order)) {
            Some(((_, number), order)) => act(number, order),
            None => Err(Failure::result("ORDERNOTEXIST", "此交易订单号不存在")),
        }
    }
}

struct Order {
    /// What was asked for.
    content: Fields,
    prepay_id: String,
    trade_type: String,
    /// In fen.
    total: u64,
    state: State,
    /// By the merchant's number.
    refunds: BTreeMap<String, Refund>,
}

enum State {
    Unpaid,
    Closed,
    Paid {
        transaction_id: String,
        /// Unix seconds.
        time: i64,
    },
}

struct Refund {
    id: String,
    fee: u64,
}

impl Order {
    fn placed(&self) -> Fields {
        let mut placed = fields(json!({ "trade_type": self.trade_type, "prepay_id": self.prepay_id }));
        let address = match self.trade_type.as_str() {
            "NATIVE" => Some(("code_url", "weixin://wxpay/bizpayurl?pr=")),
            "MWEB" => Some(("mweb_url", "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=")),
            _ => None,
        };
        if let Some((name, address)) = address {
            placed.insert(name.into(), format!("{address}{}", self.prepay_id).into());
        }
        placed
    }

    fn described(&self, number: &str) -> Fields {
        let (state, description) = match self.state {
            State::Unpaid => ("NOTPAY", "订单未支付"),
            State::Closed => ("CLOSED", "订单已关闭"),
            State::Paid { .. } if !self.refunds.is_empty() => ("REFUND", "订单发生过退款，退款详情请查询退款单"),
            State::Paid { .. } => ("SUCCESS", "支付成功"),
        };
        let mut described = fields(json!({
            "out_trade_no": number,
            "trade_type": self.trade_type,
            "total_fee": self.total,
            "trade_state": state,
            "trade_state_desc": description,
        }));
        for name in ["attach", "device_info"] {
            described.extend(self.content.get(name).map(|value| (name.to_owned(), value.clone())));
        }
        if let State::Paid { transaction_id, time } = &self.state {
            let openid = self.content.get("openid").cloned().unwrap_or("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into());
            let time = clock::rfc3339(*time).chars().filter(char::is_ascii_digit).take(14).collect::<String>();
            described.extend(fields(json!({
                "transaction_id": transaction_id,
                "openid": openid,
                "is_subscribe": "N",
                "bank_type": "OTHERS",
                "cash_fee": self.total,
                "time_end": time,
            })));
        }
        described
    }
}

fn paid() -> Failure {
    Failure::result("ORDERPAID", "该订单已支付")
}

fn closed() -> Failure {
    Failure::result("ORDERCLOSED", "订单已关闭")
}

/// The entries of an object.
fn fields(object: Value) -> Fields {
    match object {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// A number that nobody guesses.
fn digits(count: usize) -> String {
    Formatter::nonce(count).bytes().map(|byte| char::from(b'0' + byte % 10)).collect()
}
