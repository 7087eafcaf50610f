//! Notifications (通知): what the platform sends to a merchant's own server.

mod apiv2;
mod apiv3;
mod changed;
mod limit;
mod registry;
mod reply;

use std::sync::Arc;

use crate::http::HeaderMap;

pub use self::apiv2::Apiv2Notification;
pub use self::apiv3::Notification;
use self::limit::within_limit;
pub use self::registry::NotificationRegistry;
pub use self::reply::Reply;
use crate::call::client::Client;
use crate::chain::Chain;
use crate::error::{Error, NotificationFailure, Result};
use crate::promise::Promise;
use crate::protocol::Protocol;
use crate::text::formatter::Formatter;

/// Notifications. The path of the chain is ignored.
impl Chain {
    /// Verifies an APIv3 notification like an answer, and decrypts it with `apiv3Key`.
    ///
    /// `headers` are those of the request (case does not matter): an `&HeaderMap`, a `Vec<(String, String)>`, an array, a
    /// `&HashMap`. `body` is **the exact bytes of its body**: one that was parsed as JSON and serialised again is refused as
    /// [`BodyChanged`](NotificationFailure::BodyChanged). It is not parsed before it is verified, and more than 1 MiB is
    /// refused as [`TooLarge`](NotificationFailure::TooLarge). The same notification may come more than once: see
    /// [`Notification`].
    ///
    /// # Errors
    /// [`Error::Notification`](crate::Error::Notification) if it cannot be trusted or read;
    /// [`Error::Config`](crate::Error::Config) without `apiv3Key`; [`Error::Certificates`](crate::Error::Certificates) if no
    /// key of the platform is known and its certificates cannot be fetched. For every error,
    /// [`Error::reply`](crate::Error::reply) is what to answer.
    ///
    /// ```no_run
    /// use wechatpay::http::HeaderMap;
    /// use wechatpay::{Chain, Fields, Reply, Result};
    ///
    /// fn handle(instance: &Chain, headers: &HeaderMap, body: &[u8]) -> Reply {
    ///     receive(instance, headers, body).unwrap_or_else(|error| {
    ///         eprintln!("{error}");
    ///         error.reply()
    ///     })
    /// }
    ///
    /// fn receive(instance: &Chain, headers: &HeaderMap, body: &[u8]) -> Result<Reply> {
    ///     let notification = instance.notification(headers, body)?;
    ///     println!("{} {}", notification.event_type(), notification.resource().text_at("/out_trade_no")?);
    ///     Ok(notification.reply())
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

    /// Like [`notification`](Chain::notification), but runs on a background thread and returns a [`Promise`], for servers
    /// that must not block: with `downloadCerts`, a notification that is signed with an unknown key may fetch certificates.
    /// If the promise is dropped, only this notification is lost, and the platform sends it again.
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
        // A body that is too large is not copied.
        let body = within_limit(body.as_ref()).map(<[u8]>::to_vec);
        Promise::start(move || {
            receive(&client, &headers, &body.map_err(|failure| Error::notification(failure, Protocol::Apiv3))?)
        })
    }

    /// Checks an APIv2 notification with `secret`: its `sign`, or its `req_info` if it is about a refund, and that it is for
    /// the configured merchant.
    ///
    /// `sign` does not show where a value ends, so a value that could be read as further fields, such as an `attach` of
    /// `x&total_fee=1`, is refused as [`AmbiguousSign`](NotificationFailure::AmbiguousSign). If that happens, query the
    /// order.
    ///
    /// # Errors
    /// [`Error::Notification`](crate::Error::Notification) if it cannot be trusted or read;
    /// [`Error::Config`](crate::Error::Config) without `secret`.
    ///
    /// ```no_run
    /// use wechatpay::{Chain, Fields, Reply, Result};
    ///
    /// fn handle(instance: &Chain, body: &[u8]) -> Reply {
    ///     receive(instance, body).unwrap_or_else(|error| error.reply())
    /// }
    ///
    /// fn receive(instance: &Chain, body: &[u8]) -> Result<Reply> {
    ///     let notification = instance.notification_apiv2(body)?;
    ///     let fields = notification.data();
    ///     println!("{} {}", fields.text_at("/result_code")?, fields.text_at("/out_trade_no")?);
    ///     Ok(notification.reply())
    /// }
    /// ```
    pub fn notification_apiv2(&self, body: impl AsRef<[u8]>) -> Result<Apiv2Notification> {
        let identity = self.client().keyring().current();
        let secret = identity.secret()?;
        apiv2::read(body.as_ref())
            .and_then(|data| apiv2::open(data, &identity, secret))
            .map_err(|failure| Error::notification(failure, Protocol::Apiv2))
    }
}

fn receive(client: &Arc<Client>, headers: &HeaderMap, body: &[u8]) -> Result<Notification> {
    let refused = |failure: NotificationFailure| Error::notification(failure, Protocol::Apiv3);
    let body = within_limit(body).map_err(refused)?;
    let identity = client.keyring().current();
    identity.apiv3()?;
    identity.apiv3_keys()?;
    let signature = apiv3::signature(headers).map_err(refused)?;
    let deadline = client.deadline();
    let identity = client.ready(deadline)?;
    apiv3::verify(&signature, client.verifier(&identity, deadline, Formatter::timestamp()).as_ref(), body)
        .map_err(refused)?;
    apiv3::open(body, &[identity]).map_err(refused)
}
