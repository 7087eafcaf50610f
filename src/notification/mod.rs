//! Notifications (通知): what the platform sends to a merchant's own server.

mod apiv2;
mod apiv3;
mod changed;
mod failure;
mod registry;
mod reply;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use ureq::http::HeaderMap;

pub use self::apiv2::Apiv2Notification;
pub use self::failure::{BodyChange, NotificationError, NotificationFailure};
pub use self::registry::NotificationRegistry;
pub use self::reply::Reply;
use crate::chain::Chain;
use crate::client::Client;
use crate::error::Result;
use crate::middleware::Protocol;
use crate::promise::Promise;

/// A notification of APIv3 whose signature holds, decrypted: what [`Chain::notification`] returns.
///
/// The same one may come more than once, and at the same time: book by your own number
/// (`resource()["out_trade_no"]`), or remember its [`id`](Notification::id), and answer a second one as the first.
/// `Debug` shows no content but `id` and `event_type`.
#[derive(Clone)]
pub struct Notification {
    json: Value,
    resource: Value,
    mchid: String,
}

impl Notification {
    /// Its own number, the same each time it is sent; empty when the platform gave none.
    pub fn id(&self) -> &str {
        text(&self.json, "id")
    }

    /// When it was made, as the platform wrote it: `2018-06-08T10:34:56+08:00`.
    pub fn create_time(&self) -> &str {
        text(&self.json, "create_time")
    }

    /// What has happened: `TRANSACTION.SUCCESS`, `REFUND.SUCCESS`, …
    pub fn event_type(&self) -> &str {
        text(&self.json, "event_type")
    }

    /// `encrypt-resource`.
    pub fn resource_type(&self) -> &str {
        text(&self.json, "resource_type")
    }

    /// What has happened, in a few words for people.
    pub fn summary(&self) -> &str {
        text(&self.json, "summary")
    }

    /// What [`resource`](Notification::resource) is: `transaction`, `refund`, …
    pub fn original_type(&self) -> &str {
        self.json.get("resource").map_or("", |resource| text(resource, "original_type"))
    }

    /// What was encrypted: the order, the refund, the coupon.
    pub fn resource(&self) -> &Value {
        &self.resource
    }

    /// The whole of the body, with the part that is encrypted.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The merchant that it is for: whose APIv3 key has decrypted it.
    pub fn mchid(&self) -> &str {
        &self.mchid
    }

    /// What to answer with once it has been dealt with; otherwise answer with [`Reply::failure`].
    pub fn reply(&self) -> Reply {
        Reply::success(Protocol::Apiv3)
    }
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("id", &self.id())
            .field("event_type", &self.event_type())
            .field("mchid", &self.mchid)
            .finish_non_exhaustive()
    }
}

fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Notifications. The path of the chain plays no part.
impl Chain {
    /// Verifies a notification of APIv3 as an answer is verified, and decrypts it with `apiv3Key`.
    ///
    /// `headers` are those of the request, names in any case: an `&HeaderMap`, a `Vec<(String, String)>`, an array,
    /// a `&HashMap`. `body` is **the exact bytes of its body**: a body that was read as JSON and written anew is
    /// [`BodyChanged`](NotificationFailure::BodyChanged). Nothing of it is parsed before it is verified, and more than
    /// 1 MiB is [`TooLarge`](NotificationFailure::TooLarge). Nothing says that the notification is the first of its
    /// kind: see [`Notification`].
    ///
    /// # Errors
    /// [`Error::Notification`](crate::Error::Notification) when it cannot be trusted or read;
    /// [`Error::Config`](crate::Error::Config) without `apiv3Key`;
    /// [`Error::Certificates`](crate::Error::Certificates) when there is no key of the platform and its certificates
    /// cannot be fetched. Whatever it is, [`Error::reply`](crate::Error::reply) is what to answer with.
    ///
    /// ```no_run
    /// use wechatpay::http::HeaderMap;
    /// use wechatpay::{Chain, Reply};
    ///
    /// fn handle(instance: &Chain, headers: &HeaderMap, body: &[u8]) -> Reply {
    ///     let notification = match instance.notification(headers, body) {
    ///         Ok(notification) => notification,
    ///         Err(error) => {
    ///             eprintln!("{error}");
    ///             return error.reply();
    ///         }
    ///     };
    ///     println!("{} {}", notification.event_type(), notification.resource()["out_trade_no"]);
    ///     notification.reply()
    /// }
    /// ```
    pub fn notification<I, N, V>(&self, headers: I, body: impl AsRef<[u8]>) -> Result<Notification>
    where
        I: IntoIterator<Item = (N, V)>,
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        receive(self.client(), &apiv3::headers(headers), body.as_ref())
    }

    /// The same on the pool, for servers that must not wait: where `downloadCerts` is set, a notification that is
    /// signed with an unknown key may fetch certificates. Dropping the promise loses nothing but the notification,
    /// which comes again.
    ///
    /// ```no_run
    /// use wechatpay::http::HeaderMap;
    /// use wechatpay::{Chain, Reply};
    ///
    /// async fn handle(instance: &Chain, headers: &HeaderMap, body: &[u8]) -> Reply {
    ///     match instance.notification_async(headers, body).await {
    ///         Ok(notification) => notification.reply(),
    ///         Err(error) => error.reply(),
    ///     }
    /// }
    /// ```
    pub fn notification_async<I, N, V>(&self, headers: I, body: impl AsRef<[u8]>) -> Promise<Notification>
    where
        I: IntoIterator<Item = (N, V)>,
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        let (client, headers) = (Arc::clone(self.client()), apiv3::headers(headers));
        // What is too large is not copied either.
        let body = within_limit(body.as_ref()).map(<[u8]>::to_vec);
        Promise::start(move || receive(&client, &headers, &body.map_err(|failure| failure.of(Protocol::Apiv3))?))
    }

    /// Checks a notification of APIv2 with `secret`: its `sign`, or its `req_info` when it is that of a refund, and
    /// that it is for the configured merchant.
    ///
    /// What the `sign` covers does not tell where a value ends: one that could be fields of its own, such as an `attach`
    /// of `x&total_fee=1`, is refused as [`AmbiguousSign`](NotificationFailure::AmbiguousSign). Query the order before
    /// anything is booked.
    ///
    /// # Errors
    /// [`Error::Notification`](crate::Error::Notification) when it cannot be trusted or read;
    /// [`Error::Config`](crate::Error::Config) without `secret`.
    ///
    /// ```no_run
    /// use wechatpay::{Chain, Reply};
    ///
    /// fn handle(instance: &Chain, body: &[u8]) -> Reply {
    ///     match instance.notification_apiv2(body) {
    ///         Ok(notification) => {
    ///             println!("{} {}", notification.data()["result_code"], notification.data()["out_trade_no"]);
    ///             notification.reply()
    ///         }
    ///         Err(error) => error.reply(),
    ///     }
    /// }
    /// ```
    pub fn notification_apiv2(&self, body: impl AsRef<[u8]>) -> Result<Apiv2Notification> {
        let identity = self.client().keyring().current();
        let secret = identity.secret()?;
        apiv2::read(body.as_ref())
            .and_then(|data| apiv2::open(data, &identity, secret))
            .map_err(|failure| failure.of(Protocol::Apiv2))
    }
}

/// The largest body of a notification, in bytes. The platform's have some kilobytes, and anybody can send one.
const LARGEST: usize = 1 << 20;

/// The body, which is read no further when there is too much of it.
fn within_limit(body: &[u8]) -> Result<&[u8], NotificationFailure> {
    match body.len() <= LARGEST {
        true => Ok(body),
        false => Err(NotificationFailure::TooLarge { limit: LARGEST }),
    }
}

fn receive(client: &Arc<Client>, headers: &HeaderMap, body: &[u8]) -> Result<Notification> {
    let refused = |failure: NotificationFailure| failure.of(Protocol::Apiv3);
    let body = within_limit(body).map_err(refused)?;
    let identity = client.keyring().current();
    identity.apiv3()?;
    identity.apiv3_keys()?;
    let signature = apiv3::signature(headers).map_err(refused)?;
    let deadline = client.deadline();
    let identity = client.ready(deadline)?;
    apiv3::verify(&signature, client.verifier(&identity, deadline).as_ref(), body).map_err(refused)?;
    apiv3::open(body, &[identity]).map_err(refused)
}
