//! What the platform answers, and how it signs that.

use hyper::body::Bytes;
use openssl::error::ErrorStack;
use serde_json::{Value, json};
use ureq::http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::bill::{Bill, BillWriter};
use crate::content::Content;
use crate::crypto::{self, FileKey};
use crate::platform_keys::{self, PlatformKey};

/// Characters of a nonce.
const NONCE: usize = 32;

/// An answer before it is signed.
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    content: Content,
    signed: Signed,
}

/// Which part of an answer is signed.
enum Signed {
    Content,
    /// This text in place of the content, which is made while it is sent.
    Instead(Vec<u8>),
    Nothing,
}

/// How a bill is compressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Packing {
    Plain,
    /// It is a gzip file.
    File,
    /// It is compressed only for the transfer, and the answer says so.
    Transfer,
}

impl Answer {
    /// 200 and this JSON.
    pub(crate) fn ok(body: Value) -> Answer {
        Answer::json(StatusCode::OK, &body)
    }

    /// 200 and this file, which is not signed.
    pub(crate) fn file(content_type: &'static str, bytes: Bytes) -> Answer {
        Answer::unsigned(content_type, Content::from(bytes))
    }

    /// 200 and this bill, which is not signed.
    pub(crate) fn bill(bill: Bill, packing: Packing) -> Answer {
        let content_type = match packing {
            Packing::File => "application/x-gzip",
            Packing::Plain | Packing::Transfer => "text/plain; charset=utf-8",
        };
        let writer = BillWriter::new(bill, packing != Packing::Plain);
        let mut answer = Answer::unsigned(content_type, Content::from(writer));
        if packing == Packing::Transfer {
            insert(&mut answer.headers, CONTENT_ENCODING, "gzip");
        }
        answer
    }

    /// 200 and this bill, encrypted, which is not signed.
    pub(crate) fn sealed_bill(bill: Bill, packing: Packing, key: &FileKey) -> Result<Answer, ErrorStack> {
        let writer = BillWriter::new(bill, packing != Packing::Plain).sealed(key)?;
        Ok(Answer::unsigned("application/octet-stream", Content::from(writer)))
    }

    /// 200 and this bill; the SHA-1 of its plain text is signed.
    pub(crate) fn statement(bill: Bill, packing: Packing, sha1: &str) -> Answer {
        let mut answer = Answer::bill(bill, packing);
        insert(&mut answer.headers, HeaderName::from_static("wechatpay-statement-sha1"), sha1);
        answer.signed = Signed::Instead(json!({ "sha1": sha1 }).to_string().into_bytes());
        answer
    }

    /// This status, and these headers and bytes, signed or not.
    pub(crate) fn whole(status: StatusCode, headers: HeaderMap, bytes: Bytes, is_signed: bool) -> Answer {
        let signed = if is_signed { Signed::Content } else { Signed::Nothing };
        Answer { status, headers, content: Content::from(bytes), signed }
    }

    /// 204, which has no body.
    pub(crate) fn no_content() -> Answer {
        let content = Content::from(Bytes::new());
        Answer { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), content, signed: Signed::Content }
    }

    /// 405 for a path that has other methods. It has no body, like the platform's.
    pub(crate) fn method_not_allowed(methods: &[&str]) -> Answer {
        let mut headers = HeaderMap::new();
        insert(&mut headers, ALLOW, &methods.join(", "));
        let content = Content::from(Bytes::new());
        Answer { status: StatusCode::METHOD_NOT_ALLOWED, headers, content, signed: Signed::Content }
    }

    /// Neither a body nor a signature.
    pub(crate) fn empty(status: StatusCode) -> Answer {
        let content = Content::from(Bytes::new());
        Answer { status, headers: HeaderMap::new(), content, signed: Signed::Nothing }
    }

    /// A page for people, as a proxy in front of the platform shows it.
    pub(crate) fn html(status: StatusCode) -> Answer {
        let page = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\r\n");
        Answer { status, ..Answer::unsigned("text/html", Content::from(Bytes::from(page))) }
    }

    /// The same answer with one more header.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Answer {
        insert(&mut self.headers, name, value);
        self
    }

    fn json(status: StatusCode, body: &Value) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        let content = Content::from(Bytes::from(body.to_string()));
        Answer { status, headers, content, signed: Signed::Content }
    }

    fn unsigned(content_type: &'static str, content: Content) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Answer { status: StatusCode::OK, headers, content, signed: Signed::Nothing }
    }

    /// The same answer to HEAD, which has no body to sign.
    pub(crate) fn without_body(mut self) -> Answer {
        self.headers.remove(CONTENT_TYPE);
        self.content = Content::from(Bytes::new());
        self
    }

    /// The answer as it is sent: with a `Request-ID`, and signed at this moment, in Unix seconds.
    pub(crate) fn sign(mut self, key: &PlatformKey, now: i64) -> Response<Content> {
        let signed = match &self.signed {
            Signed::Content => Some(self.content.bytes()),
            Signed::Instead(bytes) => Some(bytes.as_slice()),
            Signed::Nothing => None,
        };
        match signed.map(|signed| signature_headers(signed, key, now)) {
            Some(Ok(headers)) => self.headers.extend(headers),
            Some(Err(error)) => self = Answer::from(Refusal::system(&error.to_string())),
            None => {}
        }
        self.headers.extend(request_id());
        let mut response = Response::new(self.content);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

impl From<Refusal> for Answer {
    #[expect(clippy::indexing_slicing, reason = "any field of an object can be assigned")]
    fn from(refusal: Refusal) -> Answer {
        let mut body = json!({ "code": refusal.code, "message": refusal.message });
        if !refusal.detail.is_null() {
            body["detail"] = refusal.detail;
        }
        Answer::json(refusal.status, &body)
    }
}

/// A refusal in the platform's words: `{"code", "message", "detail"?}`.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    detail: Value,
}

impl Refusal {
    /// What it says.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The refusal of an operation.
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into(), detail: Value::Null }
    }

    /// 400 for a request that cannot be served as it is.
    pub(crate) fn invalid_request(message: impl Into<String>, detail: Value) -> Refusal {
        Refusal { status: StatusCode::BAD_REQUEST, code: "INVALID_REQUEST", message: message.into(), detail }
    }

    /// 400 for a field. `issue` is the English translation of `problem`, which is Chinese.
    pub(crate) fn param(place: Place, name: &str, problem: &str, issue: &str) -> Refusal {
        let (field, location) = match place {
            Place::Body => (format!("/body/{name}"), "body"),
            Place::Query => (name.to_owned(), "query"),
            Place::Uri => (name.to_owned(), "uri"),
            Place::Header => (name.to_owned(), "header"),
        };
        let message = format!("输入源“{field}”映射到字段“{name}”规则校验失败，{problem}");
        let detail = json!({ "field": field, "issue": issue, "location": location });
        Refusal { status: StatusCode::BAD_REQUEST, code: "PARAM_ERROR", message, detail }
    }

    /// 400 for a field that is not there, or empty.
    pub(crate) fn missing(place: Place, name: &str) -> Refusal {
        Refusal::param(place, name, "此字段为必填项", "is required and must not be empty")
    }

    /// 400 for a value that is none of these.
    pub(crate) fn one_of(place: Place, name: &str, values: &[&str]) -> Refusal {
        let (problem, issue) = (values.join("、"), values.join(", "));
        Refusal::param(place, name, &format!("此字段须为{problem}之一"), &format!("must be one of {issue}"))
    }

    /// 400 for a sensitive field that is not encrypted.
    pub(crate) fn plain_text(place: Place, name: &str) -> Refusal {
        Refusal::param(place, name, "此字段为敏感信息，未加密", "must be encrypted for the platform")
    }

    /// 400 for a sensitive field that cannot be decrypted.
    pub(crate) fn unreadable(place: Place, name: &str) -> Refusal {
        let issue = "cannot be decrypted with the private key that the header Wechatpay-Serial names";
        Refusal::param(place, name, "敏感信息解密失败", issue)
    }

    /// 400 for a body that is not a JSON object.
    pub(crate) fn not_json() -> Refusal {
        let detail = json!({ "field": "/body", "issue": "must be a JSON object", "location": "body" });
        let message = "请求报文主体不是合法的JSON对象".to_owned();
        Refusal { status: StatusCode::BAD_REQUEST, code: "PARAM_ERROR", message, detail }
    }

    /// 400 for a form that cannot be read. `problem` is English.
    pub(crate) fn malformed_form(problem: &str) -> Refusal {
        let detail = json!({ "field": "/body", "issue": problem, "location": "body" });
        let message = "请求报文主体不是合法的multipart/form-data".to_owned();
        Refusal { status: StatusCode::BAD_REQUEST, code: "PARAM_ERROR", message, detail }
    }

    /// Status 401. The message says what is wrong with the `Authorization`; the detail is always the same, with
    /// `information` about the message that had to be signed, if that is known.
    #[expect(clippy::indexing_slicing, reason = "any field of an object can be assigned")]
    pub(crate) fn sign(message: &str, information: Option<Value>) -> Refusal {
        let mut detail = json!({ "field": "signature", "issue": "sign not match", "location": "authorization" });
        if let Some(information) = information {
            detail["sign_information"] = information;
        }
        Refusal { status: StatusCode::UNAUTHORIZED, code: "SIGN_ERROR", message: message.into(), detail }
    }

    /// 404 for a path that the platform does not have.
    pub(crate) fn not_found(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    /// 404 for something that does not exist.
    pub(crate) fn resource_not_exists(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", message)
    }

    /// 413 for a body larger than the limit, in bytes.
    pub(crate) fn too_large(limit: usize) -> Refusal {
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST", format!("请求报文主体超过{limit}字节"))
    }

    /// 400 for the id of a key that the platform does not have, or no longer has.
    pub(crate) fn unknown_key() -> Refusal {
        Refusal::param(
            Place::Header,
            platform_keys::HEADER,
            "不是有效的平台证书序列号或微信支付公钥ID",
            "must be the serial of a valid platform certificate or the id of the platform's public key",
        )
    }

    /// 500 for a failure of OpenSSL.
    pub(crate) fn system(message: &str) -> Refusal {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR", message)
    }
}

/// Where a field of a request is.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    Body,
    Query,
    Uri,
    Header,
}

/// The signature headers of an answer or a notification, signed at `now`, in Unix seconds.
pub(crate) fn signature_headers(signed: &[u8], key: &PlatformKey, now: i64) -> Result<HeaderMap, ErrorStack> {
    let (timestamp, nonce) = (now.to_string(), crypto::nonce(NONCE));
    let message = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", signed, b"\n"].concat();
    let signature = crypto::sign(&message, &key.pair.key)?;
    let mut headers = HeaderMap::new();
    insert(&mut headers, HeaderName::from_static("wechatpay-nonce"), &nonce);
    insert(&mut headers, HeaderName::from_static("wechatpay-serial"), &key.id);
    insert(&mut headers, HeaderName::from_static("wechatpay-signature"), &signature);
    insert(&mut headers, HeaderName::from_static("wechatpay-signature-type"), key.scheme);
    insert(&mut headers, HeaderName::from_static("wechatpay-timestamp"), &timestamp);
    Ok(headers)
}

/// The header with the id of an answer or a notification.
pub(crate) fn request_id() -> HeaderMap {
    let mut headers = HeaderMap::new();
    insert(&mut headers, HeaderName::from_static("request-id"), &crypto::nonce(NONCE));
    headers
}

/// All values passed here are visible ASCII; any other would be left out.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}
