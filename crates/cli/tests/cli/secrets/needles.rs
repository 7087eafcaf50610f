//! Looks for what must not be there: whole, in pieces, or in another notation.

use std::collections::HashMap;

/// How long a piece must be to count.
const PIECE: usize = 12;

/// Secrets, or what concerns a person, in all notations.
#[derive(Default)]
pub struct Needles {
    /// Each piece of a long one, and what it is of.
    pieces: HashMap<[u8; PIECE], String>,
    /// Short ones as a whole.
    whole: Vec<(Vec<u8>, String)>,
}

impl Needles {
    /// Adds a text.
    pub fn add(&mut self, name: &str, text: &str) {
        for (notation, form) in notations(text.as_bytes()) {
            let name = format!("{name} ({notation})");
            if form.len() < PIECE {
                self.whole.push((form, name));
            } else {
                self.pieces.extend(pieces(&form).map(|piece| (piece, name.clone())));
            }
        }
    }

    /// Adds a key in PEM: its base64, and what that stands for.
    pub fn add_pem(&mut self, name: &str, pem: &str) {
        let base64 = body(pem);
        self.add(name, &base64);
        for form in of_der(&base64) {
            self.pieces.extend(pieces(&form).map(|piece| (piece, format!("{name} (its bytes)"))));
        }
    }

    /// Takes away what is in a public key or a certificate, too: a private key has its public one in it.
    pub fn without_pem(&mut self, pem: &str) {
        let base64 = body(pem);
        let forms = notations(base64.as_bytes()).into_iter().map(|(_, form)| form).chain(of_der(&base64));
        forms.for_each(|form| pieces(&form).for_each(|piece| drop(self.pieces.remove(&piece))));
    }

    /// What is in a text, if there is something; never itself.
    pub fn find(&self, text: &str) -> Option<&str> {
        let piece = pieces(text.as_bytes()).find_map(|piece| self.pieces.get(&piece));
        let whole = || {
            let is_in = |form: &[u8]| text.as_bytes().windows(form.len()).any(|window| window == form);
            self.whole.iter().find(|(form, _)| is_in(form)).map(|(_, name)| name)
        };
        piece.or_else(whole).map(String::as_str)
    }
}

fn pieces(text: &[u8]) -> impl Iterator<Item = [u8; PIECE]> {
    text.windows(PIECE).map(|window| window.try_into().unwrap())
}

/// The base64 of a PEM, on one line.
fn body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

/// The bytes of base64, in other notations.
fn of_der(base64: &str) -> Vec<Vec<u8>> {
    let der = openssl::base64::decode_block(base64).unwrap();
    vec![hex(&der).into_bytes(), hex(&der).to_uppercase().into_bytes()]
}

fn notations(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let percent = |keep: &dyn Fn(u8) -> bool| -> Vec<u8> {
        let encoded = |byte: &u8| if keep(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
        bytes.iter().map(encoded).collect::<String>().into_bytes()
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let mut forms = vec![
        ("as it is", bytes.to_vec()),
        ("hex", hex(bytes).into_bytes()),
        ("hex in capitals", hex(bytes).to_uppercase().into_bytes()),
        ("percent-encoded", percent(&is_plain)),
        ("percent-encoded throughout", percent(&|_| false)),
    ];
    if let Ok(text) = std::str::from_utf8(bytes) {
        let escaped = text.chars().map(|letter| if letter.is_ascii() { letter.into() } else { escape(letter) });
        forms.push(("escaped in JSON", escaped.collect::<String>().into_bytes()));
    }
    // In the middle of something longer, it begins at any of three places of a group.
    for before in 0..3 {
        let base64 = openssl::base64::encode_block(&[&vec![0; before], bytes].concat());
        let (begin, end) = ([0, 2, 3][before], (before + bytes.len()) * 8 / 6);
        let inner = base64[begin..end].to_owned();
        forms.push(("base64 for URLs", inner.replace('+', "-").replace('/', "_").into_bytes()));
        forms.push(("base64", inner.into_bytes()));
    }
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn escape(letter: char) -> String {
    letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

#[test]
fn what_is_there_is_found() {
    const SECRET: &str = "Tr0ub4dor&3-and-more";
    let mut needles = Needles::default();
    needles.add("secret", SECRET);
    needles.add("name", "张三丰");
    for leak in [
        "key: Tr0ub4dor&3-and-more.",
        "a piece: ub4dor&3-and",
        "\"54723075623464\"54723075623464",
        "Tr0ub4dor%263-and-more",
        "%54%72%30%75",
        "dear 张三丰,",
        "\\u5f20\\u4e09\\u4e30",
        "%E5%BC%A0%E4%B8%89%E4%B8%B0",
        &openssl::base64::encode_block(b"Basic user:Tr0ub4dor&3-and-more@"),
        &openssl::base64::encode_block(b"\0Tr0ub4dor&3-and-more"),
        &openssl::base64::encode_block(b"Tr0ub4dor&3-and-more"),
    ] {
        assert!(needles.find(leak).is_some(), "{leak}");
    }
    for harmless in ["", "key: Tr0ub4dor…", "four-and-more", "张三"] {
        assert_eq!(needles.find(harmless), None, "{harmless}");
    }
    let key = openssl::rsa::Rsa::generate(2048).unwrap();
    let text = |pem: Vec<u8>| String::from_utf8(pem).unwrap();
    let (private, public) = (text(key.private_key_to_pem().unwrap()), text(key.public_key_to_pem().unwrap()));
    needles.add_pem("key", &private);
    needles.without_pem(&public);
    assert_eq!(needles.find(&public), None);
    let line = private.lines().nth(20).unwrap();
    assert!(needles.find(&line[10..40]).is_some());
    assert!(needles.find(&hex(&key.d().to_vec())[..20]).is_some());
}
