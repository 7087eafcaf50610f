//! APIv2: XML that both sides sign with a key they share.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::http::{HeaderValue, Response};

use crate::crypto::hash::Hash;
use crate::formatter::{Formatter, php_text};
use crate::transformer::Transformer;

use super::answer::Packing;
use super::apiv2_orders;
use super::bill::{Bill, BillWriter};
use super::clock;
use super::content::Content;
use super::downloads::Downloads;
use super::keys::Keys;
use super::merchants::Merchant;
use super::notifications::Matter;
use super::orders::Orders;
use super::postman::Postman;
use super::red_packets::RedPackets;
use super::request::{self, Request};

/// What the platform knows how to do; whatever else is signed rightly is answered with nothing but SUCCESS.
const ROUTES: [Route; 6] = [
    Route {
        path: "/pay/unifiedorder",
        operation: |apiv2, data| apiv2_orders::place(apiv2.orders, data).map(Reply::Fields),
    },
    Route {
        path: "/pay/orderquery",
        operation: |apiv2, data| apiv2_orders::query(apiv2.orders, data).map(Reply::Fields),
    },
    Route {
        path: "/pay/closeorder",
        operation: |apiv2, data| apiv2_orders::close(apiv2.orders, data).map(Reply::Fields),
    },
    Route {
        path: "/secapi/pay/refund",
        operation: |apiv2, data| {
            let applied = apiv2_orders::refund(apiv2.orders, data)?;
            if let Some(notice) = applied.notice {
                apiv2.notify(data, notice);
            }
            Ok(Reply::Fields(applied.answer))
        },
    },
    Route {
        path: "/mmpaymkttransfers/sendredpack",
        operation: |apiv2, data| apiv2.red_packets.send(data).map(Reply::Fields),
    },
    Route { path: "/pay/downloadbill", operation: |apiv2, data| apiv2.bill(data) },
];

/// Where the client must show its certificate, apart from all that is under [`SECURE`].
const CERTIFIED: [&str; 13] = [
    "/mmpaymkttransfers/gethbinfo",
    "/mmpaymkttransfers/gettransferinfo",
    "/mmpaymkttransfers/promotion/paywwsptrans2pocket",
    "/mmpaymkttransfers/promotion/querywwsptrans2pocket",
    "/mmpaymkttransfers/promotion/transfers",
    "/mmpaymkttransfers/send_coupon",
    "/mmpaymkttransfers/sendgroupredpack",
    "/mmpaymkttransfers/sendminiprogramhb",
    "/mmpaymkttransfers/sendredpack",
    "/mmpaysptrans/pay_bank",
    "/mmpaysptrans/query_bank",
    "/pay/downloadfundflow",
    "/risk/getpublickey",
];

const SECURE: &str = "/secapi/";

/// Where answers are not signed.
const UNSIGNED: [&str; 24] = [
    "/mchrisk/querymchrisk",
    "/mchrisk/setmchriskcallback",
    "/mchrisk/syncmchriskresult",
    "/mmpaymkttransfers/gethbinfo",
    "/mmpaymkttransfers/gettransferinfo",
    "/mmpaymkttransfers/promotion/paywwsptrans2pocket",
    "/mmpaymkttransfers/promotion/querywwsptrans2pocket",
    "/mmpaymkttransfers/promotion/transfers",
    "/mmpaymkttransfers/sendgroupredpack",
    "/mmpaymkttransfers/sendminiprogramhb",
    "/mmpaymkttransfers/sendredpack",
    "/mmpaysptrans/pay_bank",
    "/mmpaysptrans/query_bank",
    "/papay/entrustweb",
    "/papay/h5entrustweb",
    "/papay/partner/entrustweb",
    "/papay/partner/h5entrustweb",
    "/pay/downloadbill",
    "/pay/downloadfundflow",
    "/payitil/report",
    "/risk/getpublickey",
    "/risk/getviolation",
    "/secapi/mch/submchmanage",
    "/xdc/apiv2getsignkey/sign/getsignkey",
];

/// Characters of a nonce.
const NONCE: usize = 32;

/// Whether a request that is none of APIv3 by its path speaks APIv2: XML by POST, or GET without the
/// header that APIv3 signs with.
pub(super) fn is_apiv2(request: &Request) -> bool {
    let request::Content::Bytes(body) = request.content() else {
        return false;
    };
    let says_xml = || request.header(CONTENT_TYPE.as_str()).is_some_and(|value| value.contains("xml"));
    match request.method() {
        "POST" => says_xml() || body.trim_ascii_start().starts_with(b"<"),
        "GET" => !request.headers().contains_key(AUTHORIZATION),
        _ => false,
    }
}

/// What APIv2 works with.
pub(super) struct Apiv2<'a> {
    pub(super) keys: &'a Arc<Keys>,
    pub(super) postman: &'a Postman,
    pub(super) orders: &'a Orders,
    pub(super) red_packets: &'a RedPackets,
    pub(super) downloads: &'a Downloads,
}

impl Apiv2<'_> {
    /// Answers a request: an XML or, in one case, a bill; the status is 200 whatever it says.
    pub(super) fn answer(&self, request: &Request) -> Response<Content> {
        let path = request.path();
        let is_certified = path.starts_with(SECURE) || CERTIFIED.contains(&path);
        if is_certified && !request.has_certificate() {
            return xml(failed("证书出错，请登录微信支付商户平台下载证书"));
        }
        let (data, merchant, kind) = match self.check(request) {
            Ok(checked) => checked,
            Err(message) => return xml(failed(&message)),
        };
        let is_shown = request.certificate().is_some_and(|serial| merchant.has_certificate(serial));
        if is_certified && !is_shown {
            return xml(failed("证书不是该商户号的证书，或已作废"));
        }
        let fields = match self.operate(request, &data) {
            Ok(Reply::Bill(bill, packing)) => return file(bill, packing),
            Ok(Reply::Fields(fields)) => data.success(fields),
            Err(Failure::Return(message)) => return xml(failed(&message)),
            Err(Failure::Result { code, description }) => data.failure(code, &description),
        };
        xml(match UNSIGNED.contains(&path) {
            true => fields,
            false => sign(fields, &kind, merchant.secret()),
        })
    }

    /// The data of a request that was signed by a merchant, by whom, and how.
    ///
    /// # Errors
    /// The platform's message.
    fn check(&self, request: &Request) -> Result<(Data, &Merchant, String), String> {
        let fields = match request.method() {
            "GET" => query(request.query()).ok_or("参数须为UTF-8编码")?,
            _ => match Transformer::to_array(request.body()) {
                Ok(Value::Object(fields)) => fields,
                _ => return Err("XML格式错误".into()),
            },
        };
        let data = Data(fields);
        let name = data.merchant_name().ok_or("缺少参数mch_id")?;
        let merchant = self.keys.merchants.get(&data.get(name)).ok_or_else(|| format!("商户号{name}不存在"))?;
        let kind = Some(data.get("sign_type")).filter(|kind| !kind.is_empty()).unwrap_or(Hash::ALGO_MD5.into());
        match signature(&data.0, &kind, merchant.secret()) {
            Some(expected) if Hash::equals(&expected, Some(&data.get("sign"))) => Ok((data, merchant, kind)),
            _ => Err("签名错误".into()),
        }
    }

    fn operate(&self, request: &Request, data: &Data) -> Result<Reply, Failure> {
        match ROUTES.iter().find(|route| route.path == request.path()) {
            Some(_) if request.method() != "POST" => Err(Failure::Return("请使用post方法".into())),
            Some(route) => {
                data.text("nonce_str")?;
                (route.operation)(self, data)
            }
            None => Ok(Reply::Fields(Map::new())),
        }
    }

    /// Tells the merchant of what it has asked for, where it has said to.
    fn notify(&self, data: &Data, matter: Matter) {
        if let Some(merchant) = self.keys.merchants.get(&data.mchid()) {
            let url = Some(data.get("notify_url")).filter(|url| !url.is_empty());
            self.postman.notify(self.keys, merchant, url, matter);
        }
    }

    /// The bill of a day (下载交易账单).
    fn bill(&self, data: &Data) -> Result<Reply, Failure> {
        let (day, packing) = (data.get("bill_date"), data.get("tar_type"));
        match (clock::is_day(&day, ""), packing.as_str()) {
            (false, _) => Err(Failure::Return("invalid bill_date".into())),
            (true, "") => Ok(Reply::Bill(self.downloads.bill(&day), Packing::Plain)),
            (true, "GZIP") => Ok(Reply::Bill(self.downloads.bill(&day), Packing::File)),
            (true, _) => Err(Failure::Return("invalid tar_type".into())),
        }
    }
}

/// The names that the merchant's id goes by; the first that is there counts.
const MERCHANTS: [&str; 3] = ["mch_id", "mchid", "combine_mch_id"];

/// The names that an appid goes by.
const APPIDS: [&str; 4] = ["appid", "wxappid", "mch_appid", "combine_appid"];

/// What a request says.
pub(super) struct Data(Map<String, Value>);

impl Data {
    /// A text that must be there, and not empty.
    pub(super) fn text(&self, name: &str) -> Result<String, Failure> {
        match self.get(name) {
            text if text.is_empty() => Err(Failure::missing(name)),
            text => Ok(text),
        }
    }

    /// A text, empty if it is not there.
    pub(super) fn get(&self, name: &str) -> String {
        self.0.get(name).map(php_text).unwrap_or_default()
    }

    /// The id of the merchant that signed it.
    pub(super) fn mchid(&self) -> String {
        self.merchant_name().map(|name| self.get(name)).unwrap_or_default()
    }

    /// An amount in fen that must be there.
    pub(super) fn amount(&self, name: &str) -> Result<u64, Failure> {
        let text = self.text(name)?;
        let amount = Some(&text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        match amount.and_then(|text| text.parse::<u32>().ok()).filter(|amount| *amount > 0) {
            Some(amount) => Ok(amount.into()),
            None => Err(Failure::result("PARAM_ERROR", format!("参数{name}须为正整数"))),
        }
    }

    /// All that is said, but for what is new each time.
    pub(super) fn content(&self) -> Map<String, Value> {
        let mut content = self.0.clone();
        content.retain(|name, _| !["nonce_str", "sign", "sign_type"].contains(&name.as_str()));
        content
    }

    /// The name under which the merchant's id stands.
    fn merchant_name(&self) -> Option<&'static str> {
        MERCHANTS.into_iter().find(|name| self.has(name))
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn success(&self, fields: Map<String, Value>) -> Map<String, Value> {
        let mut answer = self.envelope("SUCCESS");
        answer.extend(fields);
        answer
    }

    fn failure(&self, code: &str, description: &str) -> Map<String, Value> {
        let mut answer = self.envelope("FAIL");
        answer.insert("err_code".into(), code.into());
        answer.insert("err_code_des".into(), description.into());
        answer
    }

    /// What each answer says: whether the request was understood, who asked, and the result.
    fn envelope(&self, result: &str) -> Map<String, Value> {
        let mut answer = returned("SUCCESS", "OK");
        for name in APPIDS.iter().chain(&MERCHANTS).filter(|name| self.has(name)) {
            answer.insert((*name).to_owned(), self.get(name).into());
        }
        answer.insert("nonce_str".into(), Formatter::nonce(NONCE).into());
        answer.insert("result_code".into(), result.into());
        answer
    }
}

/// What an operation gives.
enum Reply {
    /// What follows the code of the result.
    Fields(Map<String, Value>),
    Bill(Bill, Packing),
}

/// A no, in the platform's words.
#[derive(Debug)]
pub(super) enum Failure {
    /// `return_code` is FAIL: not understood. It is never signed.
    Return(String),
    /// `result_code` is FAIL: understood, but not done.
    Result { code: &'static str, description: String },
}

impl Failure {
    pub(super) fn result(code: &'static str, description: impl Into<String>) -> Failure {
        Failure::Result { code, description: description.into() }
    }

    pub(super) fn missing(name: &str) -> Failure {
        Failure::result("LACK_PARAMS", format!("缺少参数{name}"))
    }
}

/// One operation, and where it is found.
struct Route {
    path: &'static str,
    operation: fn(&Apiv2<'_>, &Data) -> Result<Reply, Failure>,
}

/// The parameters of a query, decoded; none if one is no UTF-8.
fn query(query: &str) -> Option<Map<String, Value>> {
    let decode = |text| percent_decode_str(text).decode_utf8().ok();
    let mut fields = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        fields.insert(decode(name)?.into_owned(), decode(value)?.into());
    }
    Some(fields)
}

/// The fields with their `sign`; without one for a kind that there is not.
pub(super) fn sign(mut fields: Map<String, Value>, kind: &str, secret: &str) -> Map<String, Value> {
    if let Some(signature) = signature(&fields, kind, secret) {
        fields.insert("sign".into(), signature.into());
    }
    fields
}

/// None for a kind that there is not.
fn signature(fields: &Map<String, Value>, kind: &str, secret: &str) -> Option<String> {
    Hash::sign(kind, Formatter::query_string_like(&Formatter::ksort(fields.clone())), secret)
}

fn failed(message: &str) -> Map<String, Value> {
    returned("FAIL", message)
}

fn returned(code: &str, message: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("return_code".into(), code.into());
    fields.insert("return_msg".into(), message.into());
    fields
}

/// Changes the last letter of the field `sign`, where there is one.
pub(super) fn spoil_sign(content: &mut Content) {
    let mut xml = content.bytes().to_vec();
    let end = xml.windows(SIGN_END.len()).position(|window| window == SIGN_END);
    let letter = end.and_then(|end| xml.get_mut(..end)?.iter_mut().rev().find(|byte| byte.is_ascii_hexdigit()));
    if let Some(letter) = letter {
        *letter = if *letter == b'0' { b'1' } else { b'0' };
        *content = Content::from(hyper::body::Bytes::from(xml));
    }
}

/// What follows the field `sign`.
const SIGN_END: &[u8] = b"</sign>";

fn xml(fields: Map<String, Value>) -> Response<Content> {
    // It is an object of texts, and not deep.
    let xml = Transformer::to_xml(&Value::Object(fields)).unwrap_or_default();
    response("text/xml; charset=utf-8", Content::from(hyper::body::Bytes::from(xml)))
}

fn file(bill: Bill, packing: Packing) -> Response<Content> {
    response("text/plain; charset=utf-8", Content::from(BillWriter::new(bill, packing != Packing::Plain)))
}

fn response(content_type: &'static str, content: Content) -> Response<Content> {
    let mut response = Response::new(content);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
