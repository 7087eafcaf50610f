//! The data of an APIv2 request and of its answer.

use serde_json::{Map, Value};

use crate::crypto;
use crate::text::as_text;

/// Characters of a nonce.
const NONCE: usize = 32;

/// The fields that can contain the merchant's id; the first that is present counts.
pub(crate) const MERCHANTS: [&str; 3] = ["mch_id", "mchid", "combine_mch_id"];

/// The fields that can contain an appid.
pub(crate) const APPIDS: [&str; 4] = ["appid", "wxappid", "mch_appid", "combine_appid"];

/// The data of a request.
pub(crate) struct Data(pub(crate) Map<String, Value>);

impl Data {
    /// A text that must be present, and not empty.
    pub(crate) fn text(&self, name: &str) -> Result<String, Failure> {
        match self.get(name) {
            text if text.is_empty() => Err(Failure::missing(name)),
            text => Ok(text),
        }
    }

    /// A text; empty if it is missing.
    pub(crate) fn get(&self, name: &str) -> String {
        self.0.get(name).map(as_text).unwrap_or_default()
    }

    /// The id of the merchant who signed it.
    pub(crate) fn mchid(&self) -> String {
        self.merchant_name().map(|name| self.get(name)).unwrap_or_default()
    }

    /// An amount in fen that must be present.
    pub(crate) fn amount(&self, name: &str) -> Result<u64, Failure> {
        let text = self.text(name)?;
        let amount = Some(&text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        match amount.and_then(|text| text.parse::<u32>().ok()).filter(|amount| *amount > 0) {
            Some(amount) => Ok(amount.into()),
            None => Err(Failure::result("PARAM_ERROR", format!("参数{name}须为正整数"))),
        }
    }

    /// All fields except those that are new each time.
    pub(crate) fn content(&self) -> Map<String, Value> {
        let mut content = self.0.clone();
        content.retain(|name, _| !["nonce_str", "sign", "sign_type"].contains(&name.as_str()));
        content
    }

    /// What is empty counts as absent, as it does for the signature.
    pub(crate) fn without_empty(mut self) -> Data {
        self.0.retain(|_, value| value != "");
        self
    }

    /// The name of the field that contains the merchant's id.
    pub(crate) fn merchant_name(&self) -> Option<&'static str> {
        MERCHANTS.into_iter().find(|name| self.has(name))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn success(&self, fields: Map<String, Value>) -> Map<String, Value> {
        let mut answer = self.envelope("SUCCESS");
        answer.extend(fields);
        answer
    }

    pub(crate) fn failure(&self, code: &str, description: &str) -> Map<String, Value> {
        let mut answer = self.envelope("FAIL");
        answer.insert("err_code".into(), code.into());
        answer.insert("err_code_des".into(), description.into());
        answer
    }

    /// The fields of every answer: whether the request was understood, who asked, and the result.
    fn envelope(&self, result: &str) -> Map<String, Value> {
        let mut answer = returned("SUCCESS", "OK");
        for name in APPIDS.iter().chain(&MERCHANTS).filter(|name| self.has(name)) {
            answer.insert((*name).to_owned(), self.get(name).into());
        }
        answer.insert("nonce_str".into(), crypto::nonce(NONCE).into());
        answer.insert("result_code".into(), result.into());
        answer
    }
}

/// A refusal in the platform's words.
#[derive(Debug)]
pub(crate) enum Failure {
    /// `return_code` is FAIL: not understood. It is never signed.
    Return(String),
    /// `result_code` is FAIL: understood, but not done.
    Result { code: &'static str, description: String },
}

impl Failure {
    pub(crate) fn result(code: &'static str, description: impl Into<String>) -> Failure {
        Failure::Result { code, description: description.into() }
    }

    pub(crate) fn missing(name: &str) -> Failure {
        Failure::result("LACK_PARAMS", format!("缺少参数{name}"))
    }

    /// There is nothing by the merchant's number.
    pub(crate) fn not_found() -> Failure {
        Failure::result("NOT_FOUND", "指定单号数据不存在")
    }

    /// The merchant's number belongs to something with other content.
    pub(crate) fn used() -> Failure {
        Failure::result("FATAL_ERROR", "商户订单号已被使用，且请求参数与原请求不一致")
    }
}

pub(crate) fn returned(code: &str, message: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("return_code".into(), code.into());
    fields.insert("return_msg".into(), message.into());
    fields
}
