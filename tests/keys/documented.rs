//! The table of sensitive fields that is part of the library, compared with the facts that it is made of.
//!
//! `WRITE_DOCUMENTED=1 cargo test --test keys the_table_is_that_of_the_facts` makes it.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use support::shared::shared;
use wechatpay::Value;

/// An operation, and the pointers of its sensitive fields: of the request by the option that they are in, and of the answer.
pub struct Operation {
    pub method: String,
    pub template: String,
    pub request: Vec<String>,
    pub answer: Vec<String>,
}

impl Operation {
    fn of(fact: &Value) -> Operation {
        let text = |name: &str| fact[name].as_str().unwrap().to_owned();
        let mut operation = Operation { method: text("m"), template: text("p"), request: vec![], answer: vec![] };
        for (place, fields) in fact["in"].as_object().into_iter().flatten() {
            sensitive(fields, &format!("/{place}"), &mut operation.request);
        }
        sensitive(&fact["out"], "", &mut operation.answer);
        operation
    }

    pub fn is_sensitive(&self) -> bool {
        !self.request.is_empty() || !self.answer.is_empty()
    }

    /// From `v3` on, as what comes before may be in the `base_uri`.
    fn segments(&self) -> Vec<&str> {
        let segments: Vec<_> = self.template.trim_matches('/').split('/').collect();
        let start = segments.iter().position(|segment| *segment == "v3").unwrap_or_default();
        segments[start..].to_vec()
    }

    /// Whether a call of the other one could be taken for one of this.
    fn covers(&self, other: &Operation) -> bool {
        let (own, others) = (self.segments(), other.segments());
        let is_like = |(own, other): (&&str, &&str)| own.starts_with('{') || own == other;
        self.method == other.method && own.len() == others.len() && own.iter().zip(&others).all(is_like)
    }

    fn line(&self) -> String {
        let mut words = vec![self.method.as_str(), &self.template];
        words.extend(self.request.iter().map(String::as_str));
        words.extend((!self.answer.is_empty()).then_some("="));
        words.extend(self.answer.iter().map(String::as_str));
        words.join(" ") + "\n"
    }
}

/// Collects the pointers of the encrypted ones among these fields.
fn sensitive(fields: &Value, before: &str, pointers: &mut Vec<String>) {
    for field in fields.as_array().into_iter().flatten() {
        let part = |index: usize| field[index].as_str().unwrap();
        let mut pointer = format!("{before}/{}", part(0));
        if part(1).ends_with("[]") {
            pointer += "/*";
        }
        if part(2).contains('e') {
            pointers.push(pointer.clone());
        }
        sensitive(&field[3], &pointer, pointers);
    }
}

/// All operations of the facts.
pub fn operations() -> Option<Vec<Operation>> {
    let facts = shared("catalog/operations.jsonl")?;
    Some(facts.lines().map(|line| Operation::of(&line.parse().unwrap())).collect())
}

/// The table: the operations with sensitive fields, and those without that would be taken for one of them.
fn table(operations: &[Operation]) -> String {
    let known: Vec<_> = operations.iter().filter(|operation| operation.is_sensitive()).collect();
    let is_listed =
        |operation: &&Operation| operation.is_sensitive() || known.iter().any(|known| known.covers(operation));
    operations.iter().filter(is_listed).map(Operation::line).collect()
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

#[test]
fn the_table_is_that_of_the_facts() {
    let Some(operations) = operations() else { return };
    let table = table(&operations);
    assert_eq!(operations.iter().filter(|operation| operation.is_sensitive()).count(), 142);
    if std::env::var_os("WRITE_DOCUMENTED").is_some() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(table.as_bytes()).unwrap();
        fs::write(file("documented.txt"), &table).unwrap();
        fs::write(file("documented.txt.gz"), packed.finish().unwrap()).unwrap();
    }
    assert!(fs::read_to_string(file("documented.txt")).unwrap() == table, "run it with WRITE_DOCUMENTED=1");
}

#[test]
fn what_is_part_of_the_library_is_the_table_packed() {
    let packed = fs::read(file("documented.txt.gz")).unwrap();
    let mut unpacked = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut unpacked).unwrap();
    assert!(unpacked == fs::read_to_string(file("documented.txt")).unwrap());
    assert!(packed.len() < 3 * 1024, "{}", packed.len());
}
