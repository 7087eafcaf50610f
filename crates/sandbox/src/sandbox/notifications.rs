//! Notifications: made to order, and sent by themselves.

use std::time::Duration;

use serde_json::Value;

use crate::notifications::{Matter, SignedNotification};
use crate::postman::{NotificationFault, SentNotification};
use crate::sandbox::Sandbox;

/// Notifications for the [first merchant](Sandbox::mchid), or [another](SignedNotification::for_merchant).
impl Sandbox {
    /// A notification of APIv3 about an event, such as `TRANSACTION.SUCCESS` or `REFUND.SUCCESS`, whose
    /// `resource` is encrypted with the [key of APIv3](Sandbox::apiv3_key). It is signed at this moment by
    /// the [current key](Sandbox::platform_serial). Its `original_type` and `associated_data` are the first
    /// word of the event type in lowercase.
    ///
    /// # Panics
    /// When OpenSSL cannot encrypt or sign it.
    ///
    /// ```
    /// use wechatpay::{AesGcm, Value, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let refunded = sandbox.notification("REFUND.SUCCESS", json!({ "out_refund_no": "1" }));
    ///
    /// let envelope: Value = serde_json::from_slice(refunded.body())?;
    /// let text = |name: &str| envelope["resource"][name].as_str().unwrap_or_default();
    /// let plain = AesGcm::decrypt(text("ciphertext"), sandbox.apiv3_key(), text("nonce"), text("associated_data"))?;
    /// assert_eq!(plain, r#"{"out_refund_no":"1"}"#);
    /// # Ok(()) }
    /// ```
    pub fn notification(&self, event_type: &str, resource: Value) -> SignedNotification {
        let event_type = event_type.to_owned();
        self.notify(Matter::Apiv3 { event_type, resource })
    }

    /// A notification of APIv2 with these fields, such as that of a payment. Where they are missing,
    /// `return_code`, `result_code`, `appid`, `mch_id` and `nonce_str` are filled in; `sign` is added, by
    /// MD5 or as `sign_type` says.
    ///
    /// # Panics
    /// When the fields are no object or deeply nested, or `sign_type` is neither `MD5` nor `HMAC-SHA256`.
    ///
    /// ```
    /// use wechatpay::{Transformer, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let paid = sandbox.notification_apiv2(json!({ "out_trade_no": "1", "total_fee": 100 }));
    /// let fields = Transformer::to_array(paid.body())?;
    /// assert_eq!((&fields["total_fee"], &fields["result_code"]), (&json!("100"), &json!("SUCCESS")));
    /// # Ok(()) }
    /// ```
    pub fn notification_apiv2(&self, fields: Value) -> SignedNotification {
        self.notify(Matter::Apiv2(fields))
    }

    /// A notification of a refund of APIv2: it is not signed, and what it tells is in `req_info`, encrypted
    /// under the lowercase MD5 of the [key of APIv2](Sandbox::secret) as XML with the root `root`.
    ///
    /// # Panics
    /// When `req_info` is no object or deeply nested.
    ///
    /// ```
    /// use wechatpay::{AesEcb, Hash, Transformer, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let refunded = sandbox.refund_notification_apiv2(json!({ "out_refund_no": "1" }));
    /// let fields = Transformer::to_array(refunded.body())?;
    /// let key = Hash::md5(sandbox.secret(), "", false);
    /// let req_info = AesEcb::decrypt(fields["req_info"].as_str().unwrap_or_default(), key)?;
    /// assert_eq!(req_info, "<root><out_refund_no>1</out_refund_no></root>");
    /// # Ok(()) }
    /// ```
    pub fn refund_notification_apiv2(&self, req_info: Value) -> SignedNotification {
        self.notify(Matter::Apiv2Refund(req_info))
    }

    fn notify(&self, matter: Matter) -> SignedNotification {
        SignedNotification::new(self.platform.keys(), matter, self.merchants().first())
    }
}

/// Notifications that are sent by themselves: of a payment to the `notify_url` of its order, of a refund to that of the
/// refund, one after the other and once each.
impl Sandbox {
    /// Those that were sent so far, in that order, and those that were not because their host is another machine.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wechatpay_sandbox::Sandbox;
    /// use wechatpay::{Builder, chain, json};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// chain!(instance->v3->pay->transactions->native).post(json!({ "json": {
    ///     "appid": "wxd678efh567hg6787", "mchid": sandbox.mchid(), "description": "coffee",
    ///     "out_trade_no": "order-1", "notify_url": "http://127.0.0.1:1/notify", "amount": { "total": 100 },
    /// } }))?;
    /// sandbox.pay("order-1");
    ///
    /// assert!(sandbox.wait_for_notifications(Duration::from_secs(10)));
    /// let sent = sandbox.sent_notifications();
    /// assert_eq!(sent[0].url(), "http://127.0.0.1:1/notify");
    /// assert!(sent[0].delivery().is_err(), "nobody listens there");
    /// # Ok(()) }
    /// ```
    pub fn sent_notifications(&self) -> Vec<SentNotification> {
        self.platform.postman().sent()
    }

    /// Waits until no notification is under way any more; false when that takes longer. One that is
    /// [held back](NotificationFault::OutOfOrder) is not waited for.
    ///
    /// It blocks the thread: where the same thread is to answer the notification, as in an async test, await the
    /// merchant's side instead, or call this by `spawn_blocking`.
    pub fn wait_for_notifications(&self, timeout: Duration) -> bool {
        self.platform.postman().wait(timeout)
    }

    /// The next notification that is sent by itself suffers this; further faults are for those that follow it.
    ///
    /// ```
    /// use wechatpay_sandbox::NotificationFault;
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// // The refund's comes before the payment's.
    /// sandbox.inject_notification_fault(NotificationFault::OutOfOrder);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn inject_notification_fault(&self, fault: NotificationFault) {
        self.platform.postman().suffer(fault);
    }
}
