//! Refunds of a travel agency: hotels and tickets.

use std::error::Error as StdError;
use std::fmt;

use anyhow::Result;
use wechatpay::{Builder, Chain, Error, Fields, Value, chain, json, union};

use crate::env;

/// Domain error shown to the back office.
#[derive(Debug)]
pub struct RefundFailed {
    message: String,
    code: u16,
    previous: Error,
    pub wx_code: String,
}

impl fmt::Display for RefundFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for RefundFailed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.previous)
    }
}

pub struct RefundService {
    api: Chain,
}

impl RefundService {
    pub fn new(api: Chain) -> RefundService {
        RefundService { api }
    }

    pub fn build(overrides: Value) -> Result<RefundService> {
        let id = env::var("WECHATPAY_PUBLIC_KEY_ID")?;

        let config = json!({
            "mchid": env::var("WECHATPAY_MCHID")?,
            "serial": env::var("WECHATPAY_MCH_SERIAL")?,
            // deployed as one-line base64 secrets, no PEM files on the containers
            "privateKey": format!("private.pkcs8://{}", env::var("WXPAY_KEY_BASE64")?),
            "certs": { id: format!("public.spki://{}", env::var("WXPAY_SPKI_BASE64")?) },
            "connect_timeout": 3,
            "timeout": 15,
        });
        Ok(RefundService::new(Builder::factory(union(overrides, config)?)?))
    }

    /// A case has `booking`, `seq`, `paid`, `back` and perhaps `why`; some errors are `RefundFailed`.
    pub fn refund(&self, case: &Value) -> Result<Value> {
        let refund_no = format!("{}-R{:02}", case.text_at("/booking")?, case.integer_at("/seq")?);
        let response = chain!(self.api->v3->refund->domestic->refunds).post(json!({ "json": {
            "out_trade_no": case.text_at("/booking")?,
            "out_refund_no": refund_no,
            "reason": case.find_text("/why")?.unwrap_or("行程取消".to_owned()),
            "notify_url": env::var("WECHATPAY_NOTIFY_BASE")? + "/refund",
            "amount": {
                "refund": case.integer_at("/back")?.min(case.integer_at("/paid")?),
                "total": case.integer_at("/paid")?,
                "currency": "CNY",
            },
        } }));

        match response {
            Ok(response) => self.shape(&response.json()?),
            // 4xx: the body tells what is wrong
            Err(Error::Client(e)) => {
                let message = format!("{refund_no}: {}", e.message().unwrap_or("unknown"));
                let (code, wx_code) = (e.response().status().as_u16(), e.code().unwrap_or_default().to_owned());
                Err(RefundFailed { message, code, wx_code, previous: Error::Client(e) }.into())
            }
            // 5xx: nothing is known, ask later with the same number
            Err(Error::Server(_)) => Ok(json!({ "refund_no": refund_no, "status": "UNKNOWN" })),
            Err(e) => Err(e.into()),
        }
    }

    pub fn query(&self, refund_no: &str) -> Result<Option<Value>> {
        let refund = chain!(self.api->v3->refund->domestic->refunds->{"{out_refund_no}"});

        match refund.get(json!({ "out_refund_no": refund_no })) {
            Ok(response) => Ok(Some(self.shape(&response.json()?)?)),
            Err(e) if e.status().is_some_and(|status| status == 404) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    fn shape(&self, wx: &Value) -> Result<Value> {
        Ok(json!({
            "refund_no": wx.text_at("/out_refund_no")?,
            "status": wx.text_at("/status")?,
            "cents": wx.find_integer("/amount/refund")?.unwrap_or(0),
            "to": wx.find_text("/user_received_account")?,
        }))
    }

    pub fn nightly(overrides: Value) -> Result<Value> {
        let service = Self::build(overrides)?;
        let todo = [
            json!({ "booking": "HTL7730015", "seq": 1, "paid": 45900, "back": 20000 }),
            json!({ "booking": "HTL7730016", "seq": 1, "paid": 12000, "back": 15000, "why": "满房/无法入住" }),
            json!({ "booking": "TKT5510027", "seq": 3, "paid": 9900, "back": 9900 }),
        ];
        let mut result = json!({});
        for case in todo {
            result[case.text_at("/booking")?] = match service.refund(&case) {
                Ok(refund) => refund,
                Err(e) => {
                    let e = e.downcast::<RefundFailed>()?;
                    json!({ "error": e.wx_code, "http": e.code, "text": e.message })
                }
            };
        }
        for no in ["HTL7730015-R01", "TKT5510027-R03", "NOPE-R01"] {
            result[format!("query {no}")] = service.query(no)?.into();
        }

        Ok(result)
    }
}
