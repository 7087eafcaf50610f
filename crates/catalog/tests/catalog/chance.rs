//! Paths and options made by chance.

use serde_json::{Map, Value, json};
use wechatpay_catalog::catalog;

/// A simple generator; its sequence is the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn value(&mut self, names: &[&str], depth: usize) -> Value {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1_000)),
            3 => json!(-1.5),
            4 => json!(*self.one(&["", "1", "张三", "{\"name\":1}", "[[[[", "SUCCESS", "auto", "/json/*"])),
            5 => json!("A".repeat(self.below(400))),
            6 => Value::Array((0..self.below(3)).map(|_| self.value(names, depth - 1)).collect()),
            _ => {
                let mut fields = Map::new();
                for _ in 0..self.below(5) {
                    fields.insert((*self.one(names)).to_owned(), self.value(names, depth - 1));
                }
                Value::Object(fields)
            }
        }
    }
}

const NAMES: [&str; 26] = [
    "json",
    "query",
    "headers",
    "xml",
    "multipart",
    "encrypt",
    "base_uri",
    "security",
    "body",
    "amount",
    "total",
    "payer",
    "openid",
    "receivers",
    "name",
    "account",
    "transfer_detail_list",
    "user_name",
    "out_trade_no",
    "contents",
    "meta",
    "sha256",
    "Wechatpay-Serial",
    "a/b~c",
    "",
    "订单",
];

#[test]
fn no_options_make_a_check_panic() {
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let operations: Vec<_> = catalog().operations().collect();
    let mut found = 0;
    for _ in 0..20_000 {
        let operation = chance.one(&operations);
        let mut options = chance.value(&NAMES, 6);
        if let Value::Object(fields) = &mut options {
            for place in ["json", "query", "xml", "multipart"] {
                fields.insert(place.to_owned(), chance.value(&NAMES, 5));
            }
        }
        let findings = operation.check(&options);
        assert!(findings.len() <= 100);
        for finding in &findings {
            let line = finding.to_string();
            assert!(!line.contains(['\n', '\r', '\u{1b}']), "{line:?}");
            assert!(!line.contains("张三") && !line.contains(&"A".repeat(24)), "{line}");
        }
        found += findings.len();
    }
    assert!(found > 20_000, "{found}");
}

#[test]
fn no_path_makes_a_look_up_panic_and_what_is_found_fits() {
    let mut chance = Chance(0x2545_F491_4F6C_DD1D);
    let operations: Vec<_> = catalog().operations().collect();
    let pieces = [
        "{", "}", "<", "_", "/", ".", "->", "?", "#", "://", "v2", "V3", "é", "id", "{+path}", "*", " ", "%2F",
        "openid",
    ];
    let mut hits = 0;
    for _ in 0..50_000 {
        let template = chance.one(&operations).template();
        let mut path: Vec<char> = template.chars().collect();
        for _ in 0..chance.below(4) {
            let at = chance.below(path.len() + 1);
            match chance.below(3) {
                0 if at < path.len() => drop(path.remove(at)),
                1 => path.truncate(at),
                _ => {
                    let piece: Vec<char> = chance.one(&pieces).chars().collect();
                    path.splice(at..at, piece);
                }
            }
        }
        let path: String = path.into_iter().collect();
        let method = *chance.one(&["GET", "POST", "get", "", "…"]);
        if let Some(found) = catalog().find(method, &path) {
            hits += 1;
            assert_eq!(found.operation().method(), method.to_uppercase());
            assert!(found.operation().template().split('/').count() >= found.variables().len());
        }
        for operation in catalog().operations_at(&path) {
            assert!(operation.template().contains('/'));
        }
    }
    assert!(hits > 1_000, "{hits}");
    for path in ["", "/", "//", ".", "://", "https://", "->", "{}", "<>", "__", "_", "{?a}", "?", "#"] {
        assert!(catalog().find("GET", path).is_none(), "{path}");
        assert!(catalog().operations_at(path).is_empty(), "{path}");
        let _ = catalog().nearest("GET", path);
    }
    let _ = catalog().nearest("GET", &"v3/".repeat(10_000));
    assert!(catalog().find("GET", &"{x}/".repeat(10_000)).is_none());
}
