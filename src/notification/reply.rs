//! Answers to notifications.

use crate::http::header::CONTENT_TYPE;
use crate::http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::error::{Error, VerificationFailure};
use crate::error::{NotificationError, NotificationFailure};
use crate::protocol::Protocol;
use crate::text::transformer::Transformer;

/// An answer to the platform: a status, and a body in JSON, or in XML for APIv2. If the platform asks for data, it is
/// given [`with_json`](Reply::with_json).
///
/// A status of 200 tells the platform that the notification has been processed and need not be sent again. It converts into
/// an `http::Response<String>`, which servers such as axum and hyper can send.
///
/// ```
/// use wechatpay::{Reply, http};
///
/// let reply = Reply::failure("the database is away");
/// assert_eq!(reply.status(), 500);
/// assert_eq!(reply.body(), r#"{"code":"FAIL","message":"the database is away"}"#);
/// let response: http::Response<String> = reply.into();
/// assert_eq!(response.headers()["content-type"], "application/json");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    status: StatusCode,
    protocol: Protocol,
    body: String,
}

impl Reply {
    /// The notification has been processed.
    pub(super) fn success(protocol: Protocol) -> Reply {
        let body = match protocol {
            Protocol::Apiv3 => "{\"code\":\"SUCCESS\",\"message\":\"成功\"}",
            Protocol::Apiv2 => {
                "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>"
            }
        };
        Reply { status: StatusCode::OK, protocol, body: body.into() }
    }

    /// The answer if your own processing failed: 500, so that the platform sends the notification again. The message is for
    /// whoever reads the platform's logs.
    pub fn failure(message: impl AsRef<str>) -> Reply {
        Reply::refusal(StatusCode::INTERNAL_SERVER_ERROR, Protocol::Apiv3, message.as_ref())
    }

    /// Like [`failure`](Reply::failure), but in the XML of APIv2.
    ///
    /// ```
    /// let reply = wechatpay::Reply::failure_apiv2("the database is away");
    /// assert_eq!(
    ///     reply.body(),
    ///     "<xml><return_code>FAIL</return_code><return_msg>the database is away</return_msg></xml>",
    /// );
    /// ```
    pub fn failure_apiv2(message: impl AsRef<str>) -> Reply {
        Reply::refusal(StatusCode::INTERNAL_SERVER_ERROR, Protocol::Apiv2, message.as_ref())
    }

    /// This answer with a JSON body of your own instead of its own one; the status stays. A few notifications ask for data,
    /// such as the fee of a parked car (`PARKING_FEE.QUERY_TRANS_INFO`): the platform's page says which fields it expects.
    /// Nothing is added, so write `code` if the page wants it.
    ///
    /// ```
    /// use wechatpay::{Notification, Reply, json};
    ///
    /// fn fee(notification: &Notification) -> Reply {
    ///     notification.reply().with_json(json!({ "code": "SUCCESS", "total_amount": 1200, "payable_amount": 1200 }))
    /// }
    ///
    /// let reply = Reply::failure("").with_json(json!({ "code": "FAIL", "message": "no such car" }));
    /// assert_eq!((reply.status().as_u16(), reply.body()), (500, r#"{"code":"FAIL","message":"no such car"}"#));
    /// ```
    pub fn with_json(self, body: Value) -> Reply {
        Reply { status: self.status, protocol: Protocol::Apiv3, body: body.to_string() }
    }

    fn refusal(status: StatusCode, protocol: Protocol, message: &str) -> Reply {
        let body = match protocol {
            Protocol::Apiv3 => json!({ "code": "FAIL", "message": message }).to_string(),
            // Writing an object of two texts cannot fail.
            Protocol::Apiv2 => Transformer::to_xml(&json!({ "return_code": "FAIL", "return_msg": message }))
                .unwrap_or_else(|_| "<xml><return_code>FAIL</return_code></xml>".into()),
        };
        Reply { status, protocol, body }
    }

    /// The status: 200 if the notification has been processed. It can be compared with numbers.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The value of `Content-Type`.
    pub fn content_type(&self) -> &'static str {
        match self.protocol {
            Protocol::Apiv3 => "application/json",
            Protocol::Apiv2 => "text/xml; charset=utf-8",
        }
    }

    /// The body to send.
    pub fn body(&self) -> &str {
        &self.body
    }
}

impl From<Reply> for Response<String> {
    fn from(reply: Reply) -> Response<String> {
        let content_type = HeaderValue::from_static(reply.content_type());
        let mut response = Response::new(reply.body);
        *response.status_mut() = reply.status;
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response
    }
}

impl NotificationError {
    /// What to answer: 401 for an invalid signature, 400 for a malformed notification, 500 if our own keys may be wrong,
    /// which can be fixed before it is sent again.
    pub fn reply(&self) -> Reply {
        let (status, message) = refusal(self.failure());
        Reply::refusal(status, self.protocol, message)
    }
}

impl Error {
    /// What to answer to a notification that ended in this error, whatever it is. The answer to a refused notification
    /// depends on the reason; anything else is 500 and `FAIL`, so that the platform sends it again.
    ///
    /// ```no_run
    /// use wechatpay::{Chain, Fields, Notification, Reply, Result};
    ///
    /// fn handle(instance: &Chain, headers: &wechatpay::http::HeaderMap, body: &[u8]) -> Reply {
    ///     instance.notification(headers, body).and_then(book).unwrap_or_else(|error| error.reply())
    /// }
    ///
    /// fn book(notification: Notification) -> Result<Reply> {
    ///     println!("{} {}", notification.event_type(), notification.resource().text_at("/out_trade_no")?);
    ///     Ok(notification.reply())
    /// }
    /// ```
    pub fn reply(&self) -> Reply {
        match self {
            Error::Notification(error) => error.reply(),
            _ => Reply::failure("处理失败"),
        }
    }
}

/// The status, and a reason that anyone may see.
fn refusal(failure: &NotificationFailure) -> (StatusCode, &'static str) {
    use NotificationFailure::*;
    match failure {
        TooLarge { .. } => (StatusCode::BAD_REQUEST, "通知太大"),
        Probe | BodyChanged { .. } => (StatusCode::UNAUTHORIZED, "签名验证失败"),
        Unverified(failure) => unverified(failure),
        NotJson(_) => (StatusCode::BAD_REQUEST, "正文不是 JSON"),
        Malformed(_) => (StatusCode::BAD_REQUEST, "通知的格式不对"),
        NotXml(_) => (StatusCode::BAD_REQUEST, "正文不是 XML"),
        ReturnCode { .. } => (StatusCode::BAD_REQUEST, "return_code 不是 SUCCESS"),
        OtherMerchant { .. } => (StatusCode::BAD_REQUEST, "商户号不对"),
        Sign => (StatusCode::UNAUTHORIZED, "签名验证失败"),
        AmbiguousSign { .. } => (StatusCode::BAD_REQUEST, "字段有歧义，以查询为准"),
        WrongApiv3Key | WrongApiv2Key => (StatusCode::INTERNAL_SERVER_ERROR, "解密失败"),
        Ambiguous { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "分不清是哪个商户的通知"),
    }
}

fn unverified(failure: &VerificationFailure) -> (StatusCode, &'static str) {
    use VerificationFailure::*;
    match failure {
        HeaderMissing { .. } => (StatusCode::BAD_REQUEST, "缺少签名的头"),
        HeaderAmbiguous { .. } => (StatusCode::BAD_REQUEST, "签名的头不止一个，或不是文本"),
        TimestampInvalid { .. } => (StatusCode::BAD_REQUEST, "时间戳不是数字"),
        TimestampOutOfRange { .. } => (StatusCode::UNAUTHORIZED, "时间戳与本机时间相差太多"),
        SignatureNotBase64 | SignatureMismatch { .. } => (StatusCode::UNAUTHORIZED, "签名验证失败"),
        SerialUnknown { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "没有这个序列号的平台证书或公钥"),
        LengthUnknown | DigestMismatch { .. } | Verifier(_) => (StatusCode::INTERNAL_SERVER_ERROR, "无法验证签名"),
    }
}
