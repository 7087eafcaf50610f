//! A notification of the platform.

use std::fmt;

use crate::field::{Encryption, Field, Fields, Texts};
use crate::operation::token;
use crate::tables::{NotificationRow, tables};

/// A notification: what the platform sends by itself when something has happened. Cheap to copy.
///
/// ```
/// # use wechatpay_catalog::catalog;
/// let paid = catalog().notification("TRANSACTION.SUCCESS").unwrap();
/// assert!(!paid.is_apiv2());
/// let (pointer, resource) = paid.resource().unwrap();
/// assert_eq!(pointer, "/resource/ciphertext");
/// assert!(resource.get("out_trade_no").is_some());
/// ```
#[derive(Clone, Copy)]
pub struct Notification(NotificationRow);

impl Notification {
    /// All of them: those of APIv3 and then those of APIv2, each ordered by event.
    pub(crate) fn all() -> impl Iterator<Item = Notification> {
        tables().notifications.iter().map(|row| Notification(*row))
    }

    /// What has happened: `TRANSACTION.SUCCESS`. Some of APIv2 have no event in what is sent; theirs is a name in small
    /// letters, such as `refund-processed`.
    pub fn event(&self) -> &'static str {
        tables().text(self.0.event)
    }

    /// Whether it is of APIv2, and therefore XML.
    pub fn is_apiv2(&self) -> bool {
        self.0.version == 2
    }

    /// Its name at the platform, in Chinese.
    pub fn name(&self) -> &'static str {
        tables().text(self.0.name)
    }

    /// The pages about it, as paths below those of the platform's documentation.
    pub fn pages(&self) -> Texts {
        Texts::of(self.0.pages)
    }

    /// Its headers.
    pub fn headers(&self) -> Fields {
        Fields::of(self.0.headers)
    }

    /// The fields of its body. Those of its [resource](Self::resource) are inside the field that is encrypted.
    pub fn body(&self) -> Fields {
        Fields::of(self.0.body)
    }

    /// What is encrypted in the body: a JSON pointer to the ciphertext, and the fields that it has when it is decrypted.
    pub fn resource(&self) -> Option<(String, Fields)> {
        sealed("", self.body())
    }

    /// What the merchant answers: `status`, `body` and, for a few, `headers`, each with its fields.
    pub fn reply(&self) -> Fields {
        Fields::of(self.0.reply)
    }

    /// The list of the body's fields in the tables.
    pub(crate) fn body_reference(&self) -> u16 {
        self.0.body
    }
}

/// Two are equal if they are of the same event and the same protocol.
impl PartialEq for Notification {
    fn eq(&self, other: &Notification) -> bool {
        (self.0.event, self.0.version) == (other.0.event, other.0.version)
    }
}

impl Eq for Notification {}

/// The field that is a ciphertext.
fn sealed(before: &str, fields: Fields) -> Option<(String, Fields)> {
    fields.iter().find_map(|field| {
        let pointer = format!("{before}/{}", token(field.name()));
        if is_sealed(&field) { Some((pointer, field.fields())) } else { sealed(&pointer, field.fields()) }
    })
}

fn is_sealed(field: &Field) -> bool {
    // The ciphertext of a refund in APIv2 is by AES-256-ECB, which the facts have no flag for.
    field.encryption() == Some(Encryption::AesGcm) || field.name() == "req_info"
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notification({} {})", self.event(), self.name())
    }
}

/// The event.
impl fmt::Display for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.event())
    }
}
