//! Fields as a tree.

use anstyle::Style;
use serde_json::{Value, json};
use wechatpay_catalog::{Encryption, Field, Fields};

use crate::output::{BOLD, DIM, GOOD, NAME, WARN};
use crate::table::{self, Cell};

/// The fields as lines, each with those inside below it.
pub fn lines(fields: Fields) -> Vec<String> {
    let mut rows = Vec::new();
    add(fields, "  ", &mut rows);
    table::lines(&rows)
}

fn add(fields: Fields, before: &str, rows: &mut Vec<Vec<Cell>>) {
    let count = fields.len();
    for (number, field) in (1..).zip(fields) {
        // The first level has no branches.
        let (branch, below) = match (before.trim().is_empty() && before.len() == 2, number == count) {
            (true, _) => ("", "  "),
            (false, false) => ("├─ ", "│  "),
            (false, true) => ("└─ ", "   "),
        };
        rows.push(row(field, format!("{before}{branch}")));
        add(field.fields(), &format!("{before}{below}"), rows);
    }
}

fn row(field: Field, before: String) -> Vec<Cell> {
    let name = Cell::new(format!("{before}{}", field.name()), if field.is_required() { BOLD } else { Style::new() });
    let required = Cell::new(if field.is_required() { "required" } else { "" }, GOOD);
    let encrypted = Cell::new(
        match field.encryption() {
            Some(Encryption::AesGcm) => "encrypted with the APIv3 key",
            Some(_) => "encrypted",
            None => "",
        },
        WARN,
    );
    let allowed = field.allowed().iter().collect::<Vec<_>>().join(" | ");
    vec![
        name,
        Cell::new(field.type_name(), NAME),
        required,
        encrypted,
        Cell::new(format(field).unwrap_or_default(), DIM),
        allowed.into(),
    ]
}

/// What a text is, beyond that.
fn format(field: Field) -> Option<&'static str> {
    let formats = [
        (field.is_time(), "time"),
        (field.is_json_text(), "JSON as a text"),
        (field.is_media_id(), "media id"),
        (field.is_media_url(), "media address"),
    ];
    formats.into_iter().find_map(|(is_it, name)| is_it.then_some(name))
}

/// The fields for machines.
pub fn value(fields: Fields) -> Value {
    fields.iter().map(of_field).collect()
}

fn of_field(field: Field) -> Value {
    let mut value = json!({ "name": field.name(), "type": field.type_name(), "required": field.is_required() });
    let encryption = field.encryption().map(|encryption| match encryption {
        Encryption::AesGcm => "AEAD_AES_256_GCM",
        _ => "RSA-OAEP",
    });
    let more = [
        ("encryption", encryption.map(Value::from)),
        ("format", format(field).map(Value::from)),
        ("allowed", (!field.allowed().is_empty()).then(|| field.allowed().iter().collect())),
        ("fields", (!field.fields().is_empty()).then(|| self::value(field.fields()))),
    ];
    if let Value::Object(value) = &mut value {
        value.extend(more.into_iter().filter_map(|(name, more)| Some((name.to_owned(), more?))));
    }
    value
}
