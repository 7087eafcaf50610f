//! What must be done once.

use wechatpay::{Chain, Response, json};
use wechatpay_sandbox::{Effect, Request};

/// How many contents there are for one number.
pub const CONTENTS: u64 = 3;

/// The payment that is refunded.
pub const PAID: &str = "paid-order";
pub const PAID_TOTAL: u64 = 1_000_000;

/// Something that must be done once, under whatever number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job(pub u64);

impl Job {
    /// Whether, once a number is free, a new number is taken for it, which is where money is spent twice if it is not free.
    /// Otherwise the same number gets another content.
    pub fn takes_new_numbers(self) -> bool {
        self.0 % 2 == 0
    }

    pub fn number(self, attempt: u64) -> String {
        format!("job{}x{attempt}", self.0)
    }

    /// Which job a number is of.
    pub fn of(number: &str) -> Option<Job> {
        Some(Job(number.strip_prefix("job")?.split_once('x')?.0.parse().ok()?))
    }

    pub fn effect(self) -> Effect {
        match self.kind() {
            0 | 1 => Effect::OrderPlaced,
            2 | 3 => Effect::OrderRefunded,
            4 | 5 => Effect::TransferCreated,
            _ => Effect::RedPacketSent,
        }
    }

    fn kind(self) -> u64 {
        self.0 / 2 % 7
    }

    pub fn send(self, instance: &Chain, number: &str, content: u64) -> wechatpay::Result<Response> {
        let amount = content + 100;
        let (path, options) = match self.kind() {
            0 => (
                "v3/pay/transactions/native",
                json!({ "json": {
                "appid": "wx8888888888888888", "mchid": "1900000109", "description": "a cup of coffee",
                "out_trade_no": number, "notify_url": "https://shop.example/paid",
                "amount": { "total": amount, "currency": "CNY" },
            } }),
            ),
            1 => (
                "v2/pay/unifiedorder",
                json!({ "xml": {
                "appid": "wx8888888888888888", "mch_id": "1900000109", "body": "a cup of tea",
                "out_trade_no": number, "notify_url": "https://shop.example/paid", "total_fee": amount,
                "trade_type": "NATIVE", "product_id": "tea", "spbill_create_ip": "127.0.0.1",
            } }),
            ),
            2 => (
                "v3/refund/domestic/refunds",
                json!({ "json": {
                "out_trade_no": PAID, "out_refund_no": number,
                "amount": { "refund": amount, "total": PAID_TOTAL, "currency": "CNY" },
            } }),
            ),
            3 => (
                "v2/secapi/pay/refund",
                json!({ "security": true, "xml": {
                "appid": "wx8888888888888888", "mch_id": "1900000109", "out_trade_no": PAID, "out_refund_no": number,
                "total_fee": PAID_TOTAL, "refund_fee": amount,
            } }),
            ),
            4 => (
                "v3/fund-app/mch-transfer/transfer-bills",
                json!({ "json": {
                "appid": "wx8888888888888888", "out_bill_no": number, "transfer_scene_id": "1000",
                "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "transfer_amount": amount, "transfer_remark": "thanks",
                "transfer_scene_report_infos": [{ "info_type": "活动名称", "info_content": "thanks" }],
            } }),
            ),
            5 => (
                "v2/mmpaymkttransfers/promotion/transfers",
                json!({ "security": true, "xml": {
                "mch_appid": "wx8888888888888888", "mchid": "1900000109", "partner_trade_no": number, "amount": amount,
                "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "check_name": "NO_CHECK", "desc": "thanks",
                "spbill_create_ip": "127.0.0.1",
            } }),
            ),
            _ => (
                "v2/mmpaymkttransfers/sendredpack",
                json!({ "security": true, "xml": {
                "wxappid": "wx8888888888888888", "mch_id": "1900000109", "mch_billno": number, "total_amount": amount,
                "total_num": 1, "re_openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "send_name": "a shop", "wishing": "thanks",
                "client_ip": "127.0.0.1", "act_name": "thanks", "remark": "thanks",
            } }),
            ),
        };
        instance.chain(path).post(options)
    }
}

/// The number that a command is under, and the amount that it is about; `None` if the request only asks.
pub fn content(request: &Request) -> Option<(String, String)> {
    if request.method() != "POST" || request.target().contains("query") || request.target().contains("/get") {
        return None;
    }
    let (text, json) = (std::str::from_utf8(request.body()).ok()?, request.json());
    let find = |names: &[&str]| {
        names.iter().find_map(|name| match &json {
            Some(json) => Some(json.pointer(name)?.to_string().trim_matches('"').to_owned()),
            None => {
                let value = text.split_once(&format!("<{name}>"))?.1.split_once(&format!("</{name}>"))?.0;
                Some(value.trim_start_matches("<![CDATA[").trim_end_matches("]]>").to_owned())
            }
        })
    };
    let numbers = ["/out_bill_no", "/out_refund_no", "/out_trade_no"];
    let number = find(&numbers).or_else(|| find(&["partner_trade_no", "mch_billno", "out_refund_no", "out_trade_no"]));
    let amounts = ["/transfer_amount", "/amount/refund", "/amount/total"];
    let amount = find(&amounts).or_else(|| find(&["refund_fee", "total_amount", "amount", "total_fee"]));
    Some((number?, amount?))
}
