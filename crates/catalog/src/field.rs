//! A field of a request, an answer or a notification.

use std::fmt;
use std::slice;

use crate::layout;
use crate::tables::{FieldRow, tables};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An object with fields of its own, as far as they are documented.
    Object,
    /// A file: a part of an upload.
    File,
}

impl Kind {
    /// Its name at the platform: `string`, `integer`, `number`, `boolean`, `object` or `file`.
    pub fn name(self) -> &'static str {
        // They are in the same order.
        layout::KINDS.get(self as usize).copied().unwrap_or_default()
    }
}

/// How the platform wants a field to be encrypted, or has encrypted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encryption {
    /// RSA-OAEP: in a request for the platform's public key, in an answer for the merchant's.
    Rsa,
    /// AEAD_AES_256_GCM under the APIv3 key: the resource of a notification.
    AesGcm,
}

/// A field of a request, an answer or a notification. It is cheap to copy.
///
/// ```
/// use wechatpay_catalog::{Kind, Place, catalog};
/// let order = catalog().find("POST", "v3/pay/transactions/jsapi").unwrap().operation();
/// let amount = order.parameters(Place::Json).get("amount").unwrap();
/// assert!(amount.is_required() && amount.kind() == Kind::Object && !amount.is_list());
/// let currency = amount.fields().get("currency").unwrap();
/// assert!(!currency.is_required() && currency.kind() == Kind::String);
/// ```
#[derive(Clone, Copy)]
pub struct Field(FieldRow);

impl Field {
    /// Its name. In APIv2, `$n` and `$m` in it stand for numbers: `coupon_id_$n` for `coupon_id_0` and so on.
    pub fn name(&self) -> &'static str {
        tables().text(self.0.name)
    }

    /// What it holds, or what each element holds if it [is a list](Self::is_list).
    pub fn kind(&self) -> Kind {
        match self.0.shape & layout::KIND {
            1 => Kind::Integer,
            2 => Kind::Number,
            3 => Kind::Boolean,
            4 => Kind::Object,
            5 => Kind::File,
            _ => Kind::String,
        }
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        self.has(layout::LIST)
    }

    /// Its type as the platform writes it: `string`, `object[]`.
    pub fn type_name(&self) -> String {
        format!("{}{}", self.kind().name(), if self.is_list() { "[]" } else { "" })
    }

    /// Whether it must be there. What is required only together with something else is not required here.
    pub fn is_required(&self) -> bool {
        self.has(layout::REQUIRED)
    }

    /// How it is encrypted, if it is.
    pub fn encryption(&self) -> Option<Encryption> {
        if self.has(layout::RSA) {
            Some(Encryption::Rsa)
        } else if self.has(layout::AES_GCM) {
            Some(Encryption::AesGcm)
        } else {
            None
        }
    }

    /// Whether it is a text that holds a JSON document, which has the [fields](Self::fields).
    pub fn is_json_text(&self) -> bool {
        self.has(layout::JSON)
    }

    /// Whether it is a media id, which an upload has given.
    pub fn is_media_id(&self) -> bool {
        self.has(layout::MEDIA_ID)
    }

    /// Whether it is the address of a medium.
    pub fn is_media_url(&self) -> bool {
        self.has(layout::MEDIA_URL)
    }

    /// Whether it is a time as of RFC 3339, such as `2026-01-02T03:04:05+08:00`.
    pub fn is_time(&self) -> bool {
        self.has(layout::TIME)
    }

    /// The documented values; none if it may have any. Numbers are written as texts.
    pub fn allowed(&self) -> Texts {
        Texts::of(self.0.allowed)
    }

    /// The fields inside: of the object, of each object of a list, of the JSON document in a text, of what is decrypted.
    pub fn fields(&self) -> Fields {
        Fields::of(self.0.fields)
    }

    fn has(&self, flag: u16) -> bool {
        self.0.shape & flag != 0
    }

    /// Whether this is the field's name, with numbers in the place of `$n` and `$m`.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let own = self.name();
        own == name || (own.contains('$') && is_numbered(own, name))
    }
}

/// Whether a name is a numbered one: `coupon_id_$n_$m`, `coupon_id_0_12`.
fn is_numbered(pattern: &str, name: &str) -> bool {
    let (mut words, mut given) = (pattern.split('_'), name.split('_'));
    loop {
        match (words.next(), given.next()) {
            (None, None) => return true,
            (Some("$n" | "$m"), Some(number)) if !number.is_empty() => {
                if !number.bytes().all(|digit| digit.is_ascii_digit()) {
                    return false;
                }
            }
            (Some(word), Some(other)) if word == other => {}
            _ => return false,
        }
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Field");
        shown.field("name", &self.name()).field("type", &self.type_name()).field("required", &self.is_required());
        shown.field("encryption", &self.encryption()).field("allowed", &self.allowed()).field("fields", &self.fields());
        shown.finish()
    }
}

/// Fields that belong together, in the order of the platform's page. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Fields(&'static [u16]);

impl Fields {
    /// Those of a list of the tables, or none.
    pub(crate) fn of(reference: u16) -> Fields {
        Fields(tables().list(reference))
    }

    /// The field of this name.
    pub fn get(&self, name: &str) -> Option<Field> {
        self.iter().find(|field| field.is_called(name))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> FieldsIter {
        FieldsIter(self.0.iter())
    }
}

impl IntoIterator for Fields {
    type Item = Field;
    type IntoIter = FieldsIter;

    fn into_iter(self) -> FieldsIter {
        self.iter()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The iterator over [`Fields`].
#[derive(Clone, Debug)]
pub struct FieldsIter(slice::Iter<'static, u16>);

impl Iterator for FieldsIter {
    type Item = Field;

    fn next(&mut self) -> Option<Field> {
        self.0.next().map(|number| Field(tables().field(*number)))
    }
}

/// Texts that belong together: documented values, roles, pages. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Texts(&'static [u16]);

impl Texts {
    /// Those of a set of the tables, or none.
    pub(crate) fn of(reference: u16) -> Texts {
        Texts(tables().set(reference))
    }

    /// Whether this is one of them.
    pub fn contains(&self, text: &str) -> bool {
        self.iter().any(|known| known == text)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> TextsIter {
        TextsIter(self.0.iter())
    }
}

impl IntoIterator for Texts {
    type Item = &'static str;
    type IntoIter = TextsIter;

    fn into_iter(self) -> TextsIter {
        self.iter()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The iterator over [`Texts`].
#[derive(Clone, Debug)]
pub struct TextsIter(slice::Iter<'static, u16>);

impl Iterator for TextsIter {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        self.0.next().map(|number| tables().text(*number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_stand_where_the_pattern_has_them() {
        assert!(is_numbered("coupon_id_$n", "coupon_id_0"));
        assert!(is_numbered("coupon_refund_id_$n_$m", "coupon_refund_id_0_12"));
        for name in ["coupon_id_", "coupon_id_x", "coupon_id", "coupon_id_0_1", "coupon_fee_0"] {
            assert!(!is_numbered("coupon_id_$n", name), "{name}");
        }
    }
}
