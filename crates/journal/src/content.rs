//! What a call says: its fields by place, and a digest by which the same content is known again.

use openssl::sha::Sha256;
use serde_json::map::Entry;
use serde_json::{Map, Value};
use wechatpay::Intent;

use crate::operations::{self, Operation};

/// The key of the digests, made with the journal.
pub(crate) type Key = [u8; 32];

/// How many bytes a ciphertext of RSA has, by the length of its key.
const CIPHERTEXTS: [usize; 4] = [128, 256, 384, 512];

/// Fields of APIv2 that are new in each call.
pub(crate) const FRESH: [&str; 2] = ["nonce_str", "sign"];

/// What is sent, as far as it can be read.
pub(crate) struct Content {
    /// The fields by place: `path`, `query`, and `json` or `xml`.
    fields: Map<String, Value>,
    /// A body that is not JSON.
    other: Vec<u8>,
}

impl Content {
    /// The operation gives the values in the path their names.
    pub(crate) fn of(intent: &Intent<'_>, operation: Option<&Operation>) -> Content {
        let mut fields = Map::new();
        let path = operation.map(|operation| operation.variables(intent.path())).unwrap_or_default();
        fields.insert("path".to_owned(), path.into());
        fields.insert("query".to_owned(), query(intent.query()).into());
        let mut other = Vec::new();
        match (intent.data(), serde_json::from_slice(intent.body())) {
            (Some(data), _) => drop(fields.insert("xml".to_owned(), data.clone().into())),
            (None, Ok(json)) => drop(fields.insert("json".to_owned(), json)),
            (None, Err(_)) => other = intent.body().to_vec(),
        }
        Content { fields, other }
    }

    /// The fields by place.
    pub(crate) fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// The digest of method, path and content. It is the same for the same content, in whatever order its fields are: without
    /// what is new in each call, which are the nonce and the signature of APIv2, and ciphertexts.
    pub(crate) fn digest(&self, key: &Key, intent: &Intent<'_>) -> [u8; 32] {
        let mut message = format!("{} {}\n", intent.method(), intent.path()).into_bytes();
        // Not in the order of the map, which depends on how the program was built.
        for place in ["json", "path", "query", "xml"] {
            message.extend_from_slice(place.as_bytes());
            match self.fields.get(place) {
                Some(Value::Object(fields)) if place == "xml" => write_object(fields, &FRESH, &mut message),
                Some(fields) => write(fields, &mut message),
                None => {}
            }
        }
        message.extend_from_slice(&self.other);
        hmac(key, &message)
    }
}

/// The digest of what is not a call. The order of fields makes no difference.
pub(crate) fn digest(key: &Key, values: &[&Value]) -> [u8; 32] {
    let mut message = Vec::new();
    for value in values {
        write(value, &mut message);
        message.push(b'\n');
    }
    hmac(key, &message)
}

/// HMAC with SHA-256. OpenSSL's own takes ten times as long for a short message.
fn hmac(key: &Key, message: &[u8]) -> [u8; 32] {
    let keyed = |pad: u8, message: &[u8]| {
        let mut block = [pad; 64];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        let mut hash = Sha256::new();
        hash.update(&block);
        hash.update(message);
        hash.finish()
    };
    keyed(0x5C, &keyed(0x36, message))
}

/// The fields of a query. Of a name that occurs several times, all values.
fn query(query: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = Value::from(operations::decoded(value));
        match fields.entry(operations::decoded(name)) {
            Entry::Vacant(entry) => drop(entry.insert(value)),
            Entry::Occupied(mut entry) => match entry.get_mut() {
                Value::Array(values) => values.push(value),
                first => *first = Value::Array(vec![first.take(), value]),
            },
        }
    }
    fields
}

/// Writes JSON with the names of objects in order.
fn write(value: &Value, to: &mut Vec<u8>) {
    match value {
        Value::Object(fields) => write_object(fields, &[], to),
        Value::Array(list) => {
            to.push(b'[');
            for member in list {
                write(member, to);
                to.push(b',');
            }
            to.push(b']');
        }
        // A text in its place would have quotes.
        Value::String(text) if is_ciphertext(text) => to.extend_from_slice(b"ciphertext"),
        // Writing to memory does not fail.
        other => drop(serde_json::to_writer(to, other)),
    }
}

fn write_object(fields: &Map<String, Value>, without: &[&str], to: &mut Vec<u8>) {
    let mut fields: Vec<_> = fields.iter().filter(|(name, _)| !without.contains(&name.as_str())).collect();
    fields.sort_unstable_by_key(|(name, _)| name.as_str());
    to.push(b'{');
    for (name, value) in fields {
        drop(serde_json::to_writer(&mut *to, name));
        to.push(b':');
        write(value, to);
        to.push(b',');
    }
    to.push(b'}');
}

/// Whether a text is base64 of as many bytes as RSA makes. Encrypted again it is another text.
fn is_ciphertext(text: &str) -> bool {
    let length = |bytes: &usize| bytes.div_ceil(3).saturating_mul(4) == text.len();
    CIPHERTEXTS.iter().any(length)
        && openssl::base64::decode_block(text).is_ok_and(|bytes| CIPHERTEXTS.contains(&bytes.len()))
}

/// A path as it was written, with `{}` for each segment that may be a value: what is not in lowercase letters.
pub(crate) fn without_values(template: &str) -> String {
    let is_fixed = |segment: &str| {
        let is_version = matches!(segment, "v2" | "v3" | "v4");
        let is_word = segment.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'-' | b'_' | b'.'));
        let is_variable = segment.starts_with('{') && segment.ends_with('}');
        is_version || is_word || is_variable
    };
    let segments = template.split('/').map(|segment| if is_fixed(segment) { segment } else { "{}" });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::base64::encode_block;
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::sign::Signer;
    use serde_json::json;

    fn written(value: &Value) -> String {
        let mut bytes = Vec::new();
        write(value, &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_order_of_fields_makes_no_difference_and_all_else_does() {
        let same: Value = serde_json::from_str(r#"{ "b": [1, "x"], "a": { "d": null, "c": "1" } }"#).unwrap();
        let text = written(&json!({ "a": { "c": "1", "d": null }, "b": [1, "x"] }));
        assert_eq!(written(&same), text);
        for other in [
            json!({ "a": { "c": 1, "d": null }, "b": [1, "x"] }),
            json!({ "a": { "c": "1" }, "b": [1, "x"] }),
            json!({ "a": { "c": "1", "d": null }, "b": ["x", 1] }),
            json!({ "a": { "c": "1", "d": null, "b": [1, "x"] } }),
        ] {
            assert_ne!(written(&other), text);
        }
    }

    #[test]
    fn a_query_is_read_as_it_is_sent() {
        let fields = query("mchid=1900000109&name=%E5%BC%A0&a=1&a=2&a=3&flag&");
        let expected = json!({ "mchid": "1900000109", "name": "张", "a": ["1", "2", "3"], "flag": "" });
        assert_eq!(Value::from(fields), expected);
        assert_eq!(query(""), Map::new());
    }

    #[test]
    fn the_digest_is_the_hmac_of_openssl() {
        for length in [0, 1, 63, 64, 65, 1000] {
            let (key, message) = ([0xA7; 32], vec![0x5A; length]);
            let signing = PKey::hmac(&key).unwrap();
            let mut signer = Signer::new(MessageDigest::sha256(), &signing).unwrap();
            assert_eq!(hmac(&key, &message).to_vec(), signer.sign_oneshot_to_vec(&message).unwrap());
        }
    }

    #[test]
    fn ciphertexts_are_all_alike() {
        let sealed = |byte: u8, length| json!({ "name": encode_block(&vec![byte; length]) });
        for length in CIPHERTEXTS {
            assert_eq!(written(&sealed(1, length)), written(&sealed(2, length)));
        }
        assert_eq!(written(&sealed(1, 256)), r#"{"name":ciphertext,}"#);
        assert_ne!(written(&sealed(1, 256)), written(&json!({ "name": "ciphertext" })));
        for length in [32, 127, 255, 257, 300] {
            assert_ne!(written(&sealed(1, length)), written(&sealed(2, length)));
        }
        assert_ne!(written(&json!("é".repeat(172))), written(&json!("è".repeat(172))));
    }

    #[test]
    fn values_in_a_path_are_not_kept() {
        for (template, kept) in [
            ("v3/any/orders", "v3/any/orders"),
            ("v3/any/{id}/close", "v3/any/{id}/close"),
            ("v3/any/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/close", "v3/any/{}/close"),
            ("v3/any/13800138000", "v3/any/{}"),
            ("v3/any/张三", "v3/any/{}"),
        ] {
            assert_eq!(without_values(template), kept);
        }
    }
}
