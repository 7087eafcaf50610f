//! How the data is laid out: what `crates/catalog-maker`, which writes it and compiles this file too, and `tables`, which reads
//! it, must agree on.
//!
//! The data is the length of what is inside (4 bytes, little-endian) and a deflate stream. Inside are the texts, each followed
//! by a line feed, after their length in bytes; and then columns of 16-bit numbers, each after its length: all low bytes, and
//! then all high bytes. In this order:
//!
//! | columns | of |
//! | --- | --- |
//! | name, shape, allowed values, fields | fields |
//! | length; members | lists of fields; a list comes after those that are inside its fields |
//! | length; members | sets of texts |
//! | method, template, name, pages, roles, groups, hosts, date, flags, one for each place, answer | operations |
//! | event, version, name, pages, headers, body, reply | notifications |
//!
//! What is alike is written once, and referred to by its number. References to lists and sets are 1 for the first, and 0 for
//! none.

/// What the low bits of a shape say: which of these kinds it is.
pub(crate) const KINDS: [&str; 6] = ["string", "integer", "number", "boolean", "object", "file"];
/// The low bits themselves.
pub(crate) const KIND: u16 = 0b111;
/// It is a list of these.
pub(crate) const LIST: u16 = 1 << 3;
// Its other bits.
pub(crate) const REQUIRED: u16 = 1 << 4;
pub(crate) const RSA: u16 = 1 << 5;
pub(crate) const AES_GCM: u16 = 1 << 6;
pub(crate) const JSON: u16 = 1 << 7;
pub(crate) const MEDIA_ID: u16 = 1 << 8;
pub(crate) const TIME: u16 = 1 << 9;
pub(crate) const MEDIA_URL: u16 = 1 << 10;

/// The places, as the facts call them.
pub(crate) const PLACES: [&str; 6] = ["path", "query", "headers", "json", "xml", "body"];

// The flags of an operation.
pub(crate) const CERTIFICATE: u16 = 1;
pub(crate) const DEPRECATED: u16 = 1 << 1;

// The answers that have no fields.
pub(crate) const ANSWER_NONE: u16 = 0;
pub(crate) const ANSWER_EMPTY: u16 = 1;
pub(crate) const ANSWER_FILE: u16 = 2;
pub(crate) const ANSWER_REDIRECT: u16 = 3;
/// What is added to the number of a list, 1 for the first, if the answer has fields.
pub(crate) const ANSWER_FIELDS: u16 = 3;
