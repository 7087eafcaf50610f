//! What becomes of a body between who signs it and who verifies it.

use serde_json::{Map, Value};

use crate::dump::BOM;

/// A body as it may have been, and how it differs from the one that is there.
pub struct Other {
    /// It goes behind "for the body".
    pub how: &'static str,
    pub body: Vec<u8>,
}

impl Other {
    /// What else it may be: whoever writes a body into a file often adds a line end.
    pub fn doubt(&self) -> &'static str {
        if self.how == WITHOUT_LINE_END { "; or has only the file this line end, and not the body?" } else { "" }
    }
}

const WITHOUT_LINE_END: &str = "without the line end at its end";

/// How JSON is written.
#[derive(Clone, Copy)]
struct Style {
    how: &'static str,
    /// Between items, and behind a name.
    separators: (&'static str, &'static str),
    indent: Option<usize>,
    /// `\/` for `/`, as PHP writes it.
    escapes_slash: bool,
    /// `\u5f20` for what is not ASCII.
    escapes_unicode: bool,
    is_sorted: bool,
}

const PLAIN: Style = Style {
    how: "as it is when parsed and written again without white space",
    separators: (",", ":"),
    indent: None,
    escapes_slash: false,
    escapes_unicode: false,
    is_sorted: false,
};

/// The ways of widespread libraries.
const STYLES: [Style; 8] = [
    PLAIN,
    Style {
        how: r"written as PHP's json_encode writes it, with \/ and \u",
        escapes_slash: true,
        escapes_unicode: true,
        ..PLAIN
    },
    Style { how: r"written as PHP does with JSON_UNESCAPED_UNICODE, with \/", escapes_slash: true, ..PLAIN },
    Style { how: r"written with \u for what is not ASCII", escapes_unicode: true, ..PLAIN },
    Style {
        how: r"written as Python's json.dumps writes it, with blanks and \u",
        separators: (", ", ": "),
        escapes_unicode: true,
        ..PLAIN
    },
    Style { how: "written as Python does with ensure_ascii=False, with blanks", separators: (", ", ": "), ..PLAIN },
    Style { how: "indented by two blanks", separators: (",", ": "), indent: Some(2), ..PLAIN },
    Style { how: "indented by four blanks", separators: (",", ": "), indent: Some(4), ..PLAIN },
];

/// The platform's order of the fields of a notification.
const ORDER: [&str; 11] = [
    "id",
    "create_time",
    "resource_type",
    "event_type",
    "summary",
    "resource",
    "original_type",
    "algorithm",
    "ciphertext",
    "associated_data",
    "nonce",
];

/// What the body may have been, the likeliest first.
pub fn others(body: &[u8]) -> Vec<Other> {
    let mut others: Vec<Other> = Vec::new();
    let mut add = |how, other: Vec<u8>| {
        if other != body && !others.iter().any(|known| known.body == other) {
            others.push(Other { how, body: other });
        }
    };
    let trimmed = body.trim_ascii_end();
    add(WITHOUT_LINE_END, trimmed.to_vec());
    add("with a line feed at its end", [trimmed, b"\n"].concat());
    add("with CRLF at its end", [trimmed, b"\r\n"].concat());
    match body.strip_prefix(BOM) {
        Some(rest) => {
            add("without the byte order mark before it", rest.to_vec());
            add("without the byte order mark before it and the line end after it", rest.trim_ascii_end().to_vec());
        }
        None => add("with a byte order mark before it", [BOM, body].concat()),
    }
    if let Ok(text) = std::str::from_utf8(body) {
        let unix = text.replace("\r\n", "\n");
        add("with the line ends of Unix in place of CRLF", unix.clone().into_bytes());
        add("with the line ends of Unix, and none at its end", unix.trim_end().as_bytes().to_vec());
        add("with CRLF in place of the line ends of Unix", unix.replace('\n', "\r\n").into_bytes());
    }
    if let Ok(json) = serde_json::from_slice::<Value>(body.strip_prefix(BOM).unwrap_or(body)) {
        for style in STYLES {
            add(style.how, style.write(&json).into_bytes());
        }
        for style in STYLES {
            let how = "with its fields sorted by name";
            add(how, Style { is_sorted: true, ..style }.write(&json).into_bytes());
        }
        add("with its fields in the platform's order", PLAIN.write(&ordered(&json)).into_bytes());
    }
    add("that is empty", Vec::new());
    others
}

impl Style {
    fn write(self, json: &Value) -> String {
        let mut text = String::new();
        self.push(&mut text, json, 0);
        text
    }

    fn push(self, text: &mut String, json: &Value, depth: usize) {
        let inside = depth.saturating_add(1);
        match json {
            Value::Object(fields) if !fields.is_empty() => {
                let mut fields: Vec<_> = fields.iter().collect();
                if self.is_sorted {
                    fields.sort_by_key(|(name, _)| *name);
                }
                self.list(text, "{", fields, depth, |text, (name, value)| {
                    self.push_text(text, name);
                    text.push_str(self.separators.1);
                    self.push(text, value, inside);
                });
                text.push('}');
            }
            Value::Array(items) if !items.is_empty() => {
                self.list(text, "[", items, depth, |text, item| self.push(text, item, inside));
                text.push(']');
            }
            Value::String(string) => self.push_text(text, string),
            other => text.push_str(&other.to_string()),
        }
    }

    fn list<T>(
        self,
        text: &mut String,
        open: &str,
        items: impl IntoIterator<Item = T>,
        depth: usize,
        push: impl Fn(&mut String, T),
    ) {
        let line = |text: &mut String, depth: usize| {
            if let Some(indent) = self.indent {
                text.push('\n');
                text.extend(std::iter::repeat_n(' ', indent.saturating_mul(depth)));
            }
        };
        text.push_str(open);
        for (number, item) in items.into_iter().enumerate() {
            if number > 0 {
                text.push_str(self.separators.0);
            }
            line(text, depth.saturating_add(1));
            push(text, item);
        }
        line(text, depth);
    }

    fn push_text(self, text: &mut String, string: &str) {
        for letter in Value::from(string).to_string().chars() {
            match letter {
                '/' if self.escapes_slash => text.push_str("\\/"),
                letter if self.escapes_unicode && !letter.is_ascii() => {
                    let mut units = [0; 2];
                    letter.encode_utf16(&mut units).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
                }
                letter => text.push(letter),
            }
        }
    }
}

/// The fields that the platform's notifications have, in its order, then the others.
fn ordered(json: &Value) -> Value {
    let Value::Object(fields) = json else { return json.clone() };
    let place = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(name, _)| place(name));
    Value::Object(fields.into_iter().map(|(name, value)| (name.clone(), ordered(value))).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::others;

    fn how(body: &str, signed: &str) -> Option<&'static str> {
        others(body.as_bytes()).into_iter().find(|other| other.body == signed.as_bytes()).map(|other| other.how)
    }

    #[test]
    fn what_widespread_libraries_write() {
        // As printed by `php -r`, `python3 -c` and `node -e`.
        let json = r#"{"b":"张/三","a":[1,2.50]}"#;
        let cases = [
            (r#"{"b":"\u5f20\/\u4e09","a":[1,2.50]}"#, "PHP's json_encode"),
            (r#"{"b":"张\/三","a":[1,2.50]}"#, "JSON_UNESCAPED_UNICODE"),
            (r#"{"b": "\u5f20/\u4e09", "a": [1, 2.50]}"#, "json.dumps"),
            (r#"{"b": "张/三", "a": [1, 2.50]}"#, "ensure_ascii=False"),
            ("{\n  \"b\": \"张/三\",\n  \"a\": [\n    1,\n    2.50\n  ]\n}", "two blanks"),
            (r#"{"a":[1,2.50],"b":"张/三"}"#, "sorted"),
        ];
        for (signed, expected) in cases {
            // What the numbers were written like is lost when a document is read.
            let (json, signed) = (json.replace("2.50", "2.5"), signed.replace("2.50", "2.5"));
            let found = how(&json, &signed).unwrap_or_else(|| panic!("{signed}"));
            assert!(found.contains(expected), "{found}");
        }
        assert!(how("{}\n", "{}").unwrap().contains("without the line end"));
        assert!(how("{\r\n}", "{\n}").unwrap().contains("Unix"));
        assert!(how("\u{feff}{}", "{}").unwrap().contains("byte order mark"));
        assert_eq!(how("{}", "[]"), None);
    }
}
