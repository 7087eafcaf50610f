//! JSON pointers to sensitive fields, which are encrypted in requests and decrypted in answers.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::crypto::decode_base64;
use crate::redact;
use crate::request::pointers::AUTO;
use crate::text::value::kind;

/// A JSON pointer (RFC 6901) in which `*` means every element of a list. In an object it is the name of a field like any
/// other.
#[derive(Clone)]
pub(crate) struct Pointer(Cow<'static, str>);

impl fmt::Debug for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        redact::path(&self.0).fmt(f)
    }
}

impl Pointer {
    /// # Errors
    /// Says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Pointer, &'static str> {
        Pointer::check(text).map(|()| Pointer(text.to_owned().into()))
    }

    /// One that the platform documents.
    pub(crate) fn documented(text: &'static str) -> Pointer {
        Pointer(text.into())
    }

    #[cfg(feature = "check")]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// # Errors
    /// Says why this is not a JSON pointer.
    pub(crate) fn check(text: &str) -> Result<(), &'static str> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err("is not a JSON pointer: it must begin with /");
        }
        let is_escape = |rest: &str| rest.starts_with(['0', '1']);
        if text.split('~').skip(1).all(is_escape) {
            Ok(())
        } else {
            Err("is not a JSON pointer: ~ is written ~0 in it, and / in a name is written ~1")
        }
    }

    /// Its first name, as written.
    pub(crate) fn root(&self) -> &str {
        self.names().next().unwrap_or_default()
    }

    /// The places that it matches, each as a pointer without `*`.
    fn places(&self, value: &Value) -> Vec<String> {
        let mut met = vec![(String::new(), value)];
        for name in self.names() {
            let mut next = Vec::new();
            for (place, value) in met {
                match (name, value) {
                    ("*", Value::Array(list)) => {
                        next.extend(
                            list.iter().enumerate().map(|(index, member)| (format!("{place}/{index}"), member)),
                        );
                    }
                    _ => {
                        let step = format!("/{name}");
                        next.extend(value.pointer(&step).map(|field| (place + &step, field)));
                    }
                }
            }
            met = next;
        }
        met.into_iter().map(|(place, _)| place).collect()
    }

    /// Its names from the outside in, as written.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').skip(1)
    }
}

/// The option `encrypt`: which fields are encrypted.
#[derive(Clone, Default)]
pub(crate) struct Encrypted {
    pub(crate) pointers: Vec<Pointer>,
    /// Those that the platform documents, too.
    pub(crate) is_auto: bool,
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.is_auto.then_some(AUTO)).entries(&self.pointers).finish()
    }
}

/// A place that cannot be encrypted or decrypted.
pub(crate) struct Unfit {
    /// A pointer.
    pub(crate) place: String,
    /// What is wrong there.
    pub(crate) what: String,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", redact::path(&self.place), self.what)
    }
}

/// The places, each as a pointer without `*`, where one of the pointers matches something that is not encrypted yet: neither
/// null nor empty, nor a text that is `sealed`.
pub(crate) fn unsealed(value: &Value, pointers: &[Pointer], sealed: impl Fn(&str) -> bool) -> Vec<String> {
    let is_unsealed = |place: &String| match value.pointer(place) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty() && !sealed(text),
        Some(_) => true,
    };
    pointers.iter().flat_map(|pointer| pointer.places(value)).filter(is_unsealed).collect()
}

/// Whether a text is base64 of as many bytes as RSA makes with a key of this length; if the length is not known, with one of
/// 1024 bits or more. No text that is as long as that can be encrypted with the same key.
pub(crate) fn is_ciphertext(text: &str, length: Option<usize>) -> bool {
    const SHORTEST: usize = 128;
    let is_long = text.len() > length.unwrap_or(SHORTEST);
    is_long && decode_base64(text).is_some_and(|bytes| length.map_or(bytes.len() >= SHORTEST, |n| bytes.len() == n))
}

/// Encrypts the string at each of the places and each that the pointers match, only once even if several match it; `seal`
/// returns the ciphertext of a string.
///
/// # Errors
/// If a pointer matches nothing, or something other than a string, or the string is too long for the key.
pub(crate) fn encrypt(
    value: &mut Value,
    places: Vec<String>,
    pointers: &[Pointer],
    seal: impl Fn(&str) -> anyhow::Result<String>,
) -> Result<(), Unfit> {
    let mut met = BTreeSet::from_iter(places);
    for pointer in pointers {
        let places = pointer.places(value);
        if places.is_empty() {
            return Err(Unfit { place: pointer.0.to_string(), what: "matches nothing that is given".into() });
        }
        met.extend(places);
    }
    for place in met {
        let sealed = match value.pointer(&place) {
            Some(Value::String(plain)) => seal(plain).map_err(|error| format!("cannot be encrypted: {error}")),
            other => Err(format!("is {}, and only strings can be encrypted", other.map_or("nothing", kind))),
        };
        put(value, place, sealed)?;
    }
    Ok(())
}

/// Decrypts each string that the pointers match; `open` returns the plain text of a string. What is absent, null or empty
/// stays as it is.
///
/// # Errors
/// If a place is not a string, or was not encrypted for this key.
pub(crate) fn decrypt(
    value: &mut Value,
    pointers: &[Pointer],
    open: impl Fn(&str) -> anyhow::Result<String>,
) -> Result<(), Unfit> {
    let met: BTreeSet<String> = pointers.iter().flat_map(|pointer| pointer.places(value)).collect();
    for place in met {
        let plain = match value.pointer(&place) {
            None | Some(Value::Null) => continue,
            Some(Value::String(sealed)) if sealed.is_empty() => continue,
            Some(Value::String(sealed)) => open(sealed).map_err(|error| format!("cannot be decrypted: {error}")),
            Some(other) => Err(format!("is {}, and only strings can be decrypted", kind(other))),
        };
        put(value, place, plain)?;
    }
    Ok(())
}

/// Replaces a text by another.
fn put(value: &mut Value, place: String, text: Result<String, String>) -> Result<(), Unfit> {
    match (text, value.pointer_mut(&place)) {
        (Ok(text), Some(field)) => {
            *field = Value::String(text);
            Ok(())
        }
        (Ok(_), None) => Ok(()),
        (Err(what), _) => Err(Unfit { place, what }),
    }
}
