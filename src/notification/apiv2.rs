//! Notifications of APIv2: XML that is signed or, for refunds, partly encrypted.

use std::fmt;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::limit::within_limit;
use super::reply::Reply;
use crate::crypto::aes_ecb::AesEcb;
use crate::crypto::hash::Hash;
use crate::error::Error;
use crate::error::NotificationFailure;
use crate::keys::identity::{Identity, SymmetricKey};
use crate::middleware::apiv2;
use crate::protocol::Protocol;
use crate::text::transformer::Transformer;
use crate::text::value::php_text;

type Result<T, E = NotificationFailure> = std::result::Result<T, E>;

/// The fields that may name the merchant of a notification.
const MERCHANT: [&str; 3] = ["mch_id", "mchid", "combine_mch_id"];

/// The fields that an unsigned notification may have besides its `req_info`. Anyone could have written them, so nothing that
/// identifies a payment may be among them.
const UNSIGNED: [&str; 8] =
    ["return_code", "return_msg", "appid", "mch_id", "mchid", "sub_appid", "sub_mch_id", "nonce_str"];

/// The fields of signed notifications: of payments (single, combined, or by contract) and of contracts.
const SIGNED: [&str; 55] = [
    "appid",
    "attach",
    "bank_type",
    "cash_fee",
    "cash_fee_type",
    "change_type",
    "combine_appid",
    "combine_mch_id",
    "combine_out_trade_no",
    "contract_code",
    "contract_expired_time",
    "contract_id",
    "contract_termination_mode",
    "contract_termination_remark",
    "device_info",
    "err_code",
    "err_code_des",
    "fee_type",
    "is_subscribe",
    "mch_id",
    "mchid",
    "nonce_str",
    "openid",
    "operate_time",
    "out_refund_no",
    "out_trade_no",
    "plan_id",
    "promotion_detail",
    "refund_fee",
    "refund_id",
    "refund_status",
    "req_info",
    "request_serial",
    "result_code",
    "return_code",
    "return_msg",
    "settlement_refund_fee",
    "settlement_total_fee",
    "sign",
    "sign_type",
    "sub_appid",
    "sub_is_subscribe",
    "sub_mch_id",
    "sub_openid",
    "sub_order_list",
    "success_time",
    "time_end",
    "total_fee",
    "trade_state",
    "trade_state_desc",
    "trade_type",
    "transaction_id",
    "user_appid",
    "user_openid",
    "wxappid",
];

/// The start of the fields of coupons, which are numbered: `coupon_fee`, `coupon_id_0`.
const COUPON: &str = "coupon_";

/// An APIv2 notification that has passed its checks: what [`Chain::notification_apiv2`](crate::Chain::notification_apiv2)
/// returns.
///
/// `Debug` shows only its merchant and whether it is signed.
#[derive(Clone)]
pub struct Apiv2Notification {
    data: Value,
    req_info: Option<Value>,
    mchid: String,
    is_signed: bool,
}

impl Apiv2Notification {
    /// Its fields, all of them texts. A refund notification, which is not signed, has only `return_code`, the ids of apps
    /// and merchants, and `nonce_str`; the rest is in [`req_info`](Apiv2Notification::req_info).
    ///
    /// Check its `result_code`: failed payments are notified, too.
    pub fn data(&self) -> &Value {
        &self.data
    }

    /// The content of `req_info` in a refund notification; `None` if there is none.
    ///
    /// That it could be decrypted shows that the platform wrote it for this merchant at some time, but the cipher does not
    /// protect it from being changed: **query the refund** before anything is booked.
    pub fn req_info(&self) -> Option<&Value> {
        self.req_info.as_ref()
    }

    /// Whether it has a valid `sign`.
    pub fn is_signed(&self) -> bool {
        self.is_signed
    }

    /// The merchant that it is for.
    pub fn mchid(&self) -> &str {
        &self.mchid
    }

    /// What to answer after processing it; if that fails, answer with [`Reply::failure_apiv2`](crate::Reply::failure_apiv2).
    pub fn reply(&self) -> Reply {
        Reply::success(Protocol::Apiv2)
    }
}

impl fmt::Debug for Apiv2Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apiv2Notification")
            .field("mchid", &self.mchid)
            .field("is_signed", &self.is_signed)
            .finish_non_exhaustive()
    }
}

/// The fields. Nothing has been checked yet, except that `return_code` is `SUCCESS`; a few notifications have none.
pub(super) fn read(body: &[u8]) -> Result<Map<String, Value>> {
    let data = match Transformer::to_array(within_limit(body)?) {
        Ok(Value::Object(data)) => data,
        Ok(_) => return Err(NotificationFailure::NotXml("it has no fields".into())),
        Err(Error::Xml(what)) => return Err(NotificationFailure::NotXml(what)),
        Err(error) => return Err(NotificationFailure::NotXml(error.to_string())),
    };
    if data.get("return_code").is_none_or(|code| code == "SUCCESS") {
        Ok(data)
    } else {
        Err(NotificationFailure::ReturnCode { message: data.get("return_msg").map(php_text).unwrap_or_default() })
    }
}

/// The merchant that it names.
pub(super) fn merchant(data: &Map<String, Value>) -> Option<String> {
    MERCHANT.into_iter().find_map(|name| data.get(name)).map(php_text)
}

/// Checks that the notification is for the merchant and comes from the platform.
pub(super) fn open(
    mut data: Map<String, Value>,
    identity: &Identity,
    secret: &SymmetricKey,
) -> Result<Apiv2Notification> {
    let mchid = check_merchant(merchant(&data), identity.id())?;
    let is_signed = data.contains_key("sign");
    if is_signed && !apiv2::is_signed(&data, secret) {
        return Err(NotificationFailure::Sign);
    }
    if let Some(field) = ambiguous_field(&data).filter(|_| is_signed) {
        return Err(NotificationFailure::AmbiguousSign { field });
    }
    let req_info = data.get("req_info").map(|sealed| unseal(sealed, secret)).transpose()?;
    match (is_signed, &req_info) {
        (true, _) => {}
        (false, Some(_)) => data = data.into_iter().filter(|(name, _)| UNSIGNED.contains(&name.as_str())).collect(),
        (false, None) => return Err(NotificationFailure::Sign),
    }
    Ok(Apiv2Notification { data: data.into(), req_info, mchid, is_signed })
}

/// A field whose value could be read as several fields. The signed text is `name=value&…` without any encoding, so the same
/// `sign` is valid for each way to split it, and whoever transmits the notification can choose: another order could come out
/// of `attach`, and the real one could hide in the value of the last field.
fn ambiguous_field(data: &Map<String, Value>) -> Option<String> {
    let is_field = |name: &str| data.contains_key(name) || SIGNED.contains(&name) || name.starts_with(COUPON);
    let is_ambiguous = |value: &Value| {
        let text = php_text(value);
        text.split('&').skip(1).filter_map(|piece| piece.split_once('=')).any(|(name, _)| is_field(name))
    };
    data.iter().find(|(_, value)| is_ambiguous(value)).map(|(name, _)| name.clone())
}

/// As for requests: the first of the fields that is present must contain the configured merchant's id.
fn check_merchant(named: Option<String>, configured: Option<&str>) -> Result<String> {
    match (named, configured) {
        (Some(named), Some(configured)) if named != configured => {
            Err(NotificationFailure::OtherMerchant { mchid: named })
        }
        (None, Some(_)) => Err(unnamed()),
        (named, _) => Ok(named.unwrap_or_default()),
    }
}

/// It does not name a merchant.
pub(super) fn unnamed() -> NotificationFailure {
    NotificationFailure::Malformed(format!("it has none of {}", MERCHANT.join(", ")))
}

/// AES-256-ECB with the lowercase hex of the APIv2 key's MD5 as the key.
fn unseal(req_info: &Value, secret: &SymmetricKey) -> Result<Value> {
    let key = Zeroizing::new(Hash::md5(&secret.0, "", false));
    let xml = AesEcb::decrypt(php_text(req_info), key.as_bytes()).map_err(|_| NotificationFailure::WrongApiv2Key)?;
    match Transformer::to_array(xml) {
        Ok(fields @ Value::Object(_)) => Ok(fields),
        _ => Err(NotificationFailure::Malformed("the content of its `req_info` is not XML with fields".into())),
    }
}
