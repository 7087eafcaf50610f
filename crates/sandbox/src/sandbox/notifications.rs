//! Notifications: those that a test makes, and those that the sandbox sends by itself.

use std::io;
use std::time::Duration;

use serde_json::Value;

use crate::documents::notice::Notice;
use crate::notifications::{Delivery, Matter, SignedNotification};
use crate::postman::{NotificationFault, SentNotification};
use crate::sandbox::Sandbox;

/// Notifications for the [first merchant](Sandbox::mchid), or for [another](SignedNotification::for_merchant).
impl Sandbox {
    /// An APIv3 notification of an event such as `TRANSACTION.SUCCESS` or `REFUND.SUCCESS`. Its `resource` is
    /// encrypted with the [APIv3 key](Sandbox::apiv3_key), and it is signed now with the [current
    /// key](Sandbox::platform_serial). `original_type` and `associated_data` are the first word of the event type in
    /// lowercase, or `mch_payment` for `MCHTRANSFER.…`.
    ///
    /// # Panics
    /// If OpenSSL cannot encrypt or sign it.
    ///
    /// ```
    /// use wechatpay::{AesGcm, Fields, Value, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let refunded = sandbox.notification("REFUND.SUCCESS", json!({ "out_refund_no": "1" }));
    ///
    /// let envelope: Value = serde_json::from_slice(refunded.body())?;
    /// let text = |name: &str| envelope.text_at(&format!("/resource/{name}"));
    /// let (nonce, aad) = (text("nonce")?, text("associated_data")?);
    /// let plain = AesGcm::decrypt(text("ciphertext")?, sandbox.apiv3_key(), nonce, aad)?;
    /// assert_eq!(plain, r#"{"out_refund_no":"1"}"#);
    /// # Ok(()) }
    /// ```
    pub fn notification(&self, event_type: &str, resource: Value) -> SignedNotification {
        let event_type = event_type.to_owned();
        self.notify(Matter::Apiv3 { event_type, resource })
    }

    /// An APIv2 notification with these fields, for example of a payment. `return_code`, `result_code`, `appid`,
    /// `mch_id` and `nonce_str` are filled in if they are missing, and `sign` is added, with MD5 or as `sign_type`
    /// says.
    ///
    /// # Panics
    /// If the fields are not an object or are deeply nested, or if `sign_type` is neither `MD5` nor `HMAC-SHA256`.
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

    /// An APIv2 notification of a refund. It is not signed; its content is in `req_info`, as XML with the root
    /// `root`, encrypted with the lowercase MD5 of the [APIv2 key](Sandbox::secret).
    ///
    /// # Panics
    /// If `req_info` is not an object or is deeply nested.
    ///
    /// ```
    /// use wechatpay::{AesEcb, Fields, Hash, Transformer, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let refunded = sandbox.refund_notification_apiv2(json!({ "out_refund_no": "1" }));
    /// let fields = Transformer::to_array(refunded.body())?;
    /// let key = Hash::md5(sandbox.secret(), "", false);
    /// let req_info = AesEcb::decrypt(fields.text_at("/req_info")?, key)?;
    /// assert_eq!(req_info, "<root><out_refund_no>1</out_refund_no></root>");
    /// # Ok(()) }
    /// ```
    pub fn refund_notification_apiv2(&self, req_info: Value) -> SignedNotification {
        self.notify(Matter::Apiv2Refund(req_info))
    }

    /// A notification that the platform documents, of APIv3 or APIv2: all documented fields, with values that look real and are
    /// the same each time. `event` is that of the documents, such as `COMPLAINT.CREATE`, or for APIv2 a name in small letters,
    /// such as `refund-processed`. Two events, `TRANSACTION.SUCCESS` and `TRANSACTION.FAIL`, are of both protocols: `v2/` before
    /// them means APIv2.
    ///
    /// `overrides` is what shall be said instead: of APIv3 in the resource, of APIv2 in the fields or in what is encrypted among
    /// them. Objects are merged field by field, anything else replaces what is there, and `null` takes a field away. What they say
    /// is also said by fields that follow from it: an amount by the total, a number wherever the notification repeats it.
    ///
    /// The [first merchant](Sandbox::mchid) gets it, or [another](SignedNotification::for_merchant).
    ///
    /// # Errors
    /// If no such event is documented, or if `overrides` has a name that the platform uses nowhere: it is misspelt, and a test
    /// would not check what it means to. Names that it does use are sent, even if the pages of this event do not have them: they
    /// do not name all that is sent, such as the `amount.total` of a payment. [`notification`](Sandbox::notification) sends anything.
    ///
    /// # Panics
    /// If OpenSSL cannot encrypt or sign it.
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// # let instance = Builder::factory(sandbox.config())?;
    /// let paid = sandbox.documented_notification("TRANSACTION.SUCCESS", json!({ "amount": { "total": 100 } }))?;
    /// let read = instance.notification(paid.headers(), paid.body())?;
    /// assert_eq!(read.resource()["amount"]["total"], 100);
    /// assert_eq!(read.resource()["trade_state"], "SUCCESS");
    ///
    /// let error = sandbox.documented_notification("TRANSACTION.SUCESS", json!({})).unwrap_err();
    /// assert!(error.to_string().contains("the nearest is \"TRANSACTION.SUCCESS\""), "{error}");
    /// # Ok(()) }
    /// ```
    pub fn documented_notification(&self, event: &str, overrides: Value) -> io::Result<SignedNotification> {
        let notice = Notice::of(event, overrides).map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        Ok(self.notify(Matter::Documented(notice)))
    }

    /// Makes a [documented notification](Sandbox::documented_notification) for the first merchant and
    /// [sends](SignedNotification::send) it.
    ///
    /// # Errors
    /// Those of both.
    ///
    /// # Panics
    /// As for [`documented_notification`](Sandbox::documented_notification).
    ///
    /// ```no_run
    /// use wechatpay::json;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let url = "http://127.0.0.1:8080/notify";
    /// assert!(sandbox.trigger(url, "COMPLAINT.CREATE", json!({ "complaint_id": "1" }))?.is_acknowledged());
    /// # Ok(()) }
    /// ```
    pub fn trigger(&self, url: &str, event: &str, overrides: Value) -> io::Result<Delivery> {
        self.documented_notification(event, overrides)?.send(url)
    }

    fn notify(&self, matter: Matter) -> SignedNotification {
        SignedNotification::new(self.platform.keys(), matter, self.merchants().first())
    }
}

/// Notifications that the sandbox sends by itself, once each and one after the other: of a payment to the
/// `notify_url` of its order, of a refund or a transfer to its own, of profit sharing to the receivers' addresses.
impl Sandbox {
    /// The notifications sent so far, in order, including those that were not sent because their host is another
    /// machine.
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

    /// Waits until no notification is being sent; returns false if that takes longer than this. It does not wait for
    /// one that is [held back](NotificationFault::OutOfOrder).
    ///
    /// This blocks the thread. If the same thread has to answer the notification, as in an async test, await the
    /// merchant's side instead, or call this through `spawn_blocking`.
    pub fn wait_for_notifications(&self, timeout: Duration) -> bool {
        self.platform.postman().wait(timeout)
    }

    /// Injects a fault into the next notification that the sandbox sends by itself; further faults apply to those
    /// that follow.
    ///
    /// ```
    /// use wechatpay_sandbox::NotificationFault;
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// // That of the refund comes before that of the payment.
    /// sandbox.inject_notification_fault(NotificationFault::OutOfOrder);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn inject_notification_fault(&self, fault: NotificationFault) {
        self.platform.postman().suffer(fault);
    }
}
