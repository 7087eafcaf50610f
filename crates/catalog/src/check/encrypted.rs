//! What the option `encrypt` covers.

use serde_json::Value;

/// The word that stands for all sensitive fields.
const AUTO: &str = "auto";

/// What the client will encrypt.
pub(super) enum Encrypted<'a> {
    /// All sensitive fields but those of APIv2, be it that pointers are given as well.
    Auto,
    /// What these pointers match.
    Pointers(Vec<&'a str>),
}

impl<'a> Encrypted<'a> {
    pub(super) fn of(option: Option<&'a Value>) -> Encrypted<'a> {
        match option {
            Some(Value::String(text)) if text == AUTO => Encrypted::Auto,
            Some(Value::Array(texts)) if texts.iter().any(|text| text == AUTO) => Encrypted::Auto,
            Some(Value::Array(texts)) => Encrypted::Pointers(texts.iter().filter_map(Value::as_str).collect()),
            _ => Encrypted::Pointers(Vec::new()),
        }
    }

    /// Whether it covers nothing.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Encrypted::Pointers(pointers) if pointers.is_empty())
    }

    /// Whether it covers a place, which is a pointer without `*`.
    pub(super) fn covers(&self, place: &str) -> bool {
        // What the client calls it, whether the upload is a list of parts or its own kind of body.
        let upload = place.strip_prefix("/multipart/").map(|rest| format!("/body/{rest}"));
        let place = upload.as_deref().unwrap_or(place);
        match self {
            Encrypted::Auto => !place.starts_with("/xml/"),
            Encrypted::Pointers(pointers) => pointers.iter().any(|pointer| matches(pointer, place)),
        }
    }
}

fn matches(pointer: &str, place: &str) -> bool {
    let (mut names, mut place) = (pointer.split('/'), place.split('/'));
    loop {
        match (names.next(), place.next()) {
            (None, None) => return true,
            (Some("*"), Some(index)) if index.bytes().all(|digit| digit.is_ascii_digit()) => {}
            (Some(name), Some(other)) if name == other => {}
            _ => return false,
        }
    }
}

/// Whether a text may be a ciphertext of RSA-2048: base64 of 256 bytes.
pub(super) fn is_ciphertext(text: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    text.strip_suffix("==").is_some_and(|rest| rest.len() == 342 && rest.bytes().all(is_base64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_is_every_element() {
        assert!(matches("/json/list/*/name", "/json/list/12/name"));
        assert!(matches("/json/list/0", "/json/list/0"));
        for place in ["/json/list/x/name", "/json/list/0", "/json/list/0/name/0", "/json/other/0/name"] {
            assert!(!matches("/json/list/*/name", place), "{place}");
        }
    }

    #[test]
    fn auto_is_all_but_apiv2() {
        let of = |option: Value| Encrypted::of(Some(&option)).covers("/json/name");
        assert!(of(json!("auto")) && of(json!(["/json/other", "auto"])) && of(json!(["/json/name"])));
        assert!(!of(json!([])) && !of(json!(["/json/other"])) && !of(json!(true)));
        assert!(!Encrypted::Auto.covers("/xml/enc_true_name"));
        assert!(Encrypted::Pointers(vec!["/body/meta/phone"]).covers("/multipart/meta/phone"));
    }

    #[test]
    fn a_ciphertext_is_base64_of_256_bytes() {
        assert!(is_ciphertext(&format!("{}==", "aZ+/".repeat(86).split_at(342).0)));
        assert!(!is_ciphertext("AOZdYGISxo4y44/UgZ69b0zZXkw=="));
        assert!(!is_ciphertext(&format!("{}==", "-".repeat(342))));
    }
}
