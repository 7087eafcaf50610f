//! Reads the facts, and puts right what is a slip in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::layout::{KINDS, PLACES};

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// One of [`KINDS`].
    pub(crate) kind: usize,
    pub(crate) is_list: bool,
    pub(crate) flags: String,
    pub(crate) allowed: Vec<String>,
    pub(crate) fields: Option<Vec<Field>>,
}

/// What a successful answer is.
#[derive(Debug)]
pub(crate) enum Answer {
    Fields(Vec<Field>),
    /// By one of the words for it.
    Other(String),
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) template: String,
    pub(crate) name: String,
    pub(crate) pages: Vec<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) hosts: Vec<String>,
    pub(crate) changed: String,
    pub(crate) needs_certificate: bool,
    pub(crate) is_deprecated: bool,
    /// In the order of [`PLACES`].
    pub(crate) places: [Option<Vec<Field>>; PLACES.len()],
    pub(crate) answer: Answer,
}

/// One notification.
#[derive(Debug)]
pub(crate) struct Notification {
    pub(crate) event: String,
    pub(crate) version: u16,
    pub(crate) name: String,
    pub(crate) pages: Vec<String>,
    pub(crate) headers: Vec<Field>,
    pub(crate) body: Vec<Field>,
    pub(crate) reply: Vec<Field>,
}

/// The operations, ordered by the segments of their paths and by method.
pub(crate) fn operations(folder: &Path) -> Result<Vec<Operation>> {
    let mut operations = lines(&folder.join("operations.jsonl"), operation)?;
    operations.sort_by(|a, b| {
        let key = |operation: &Operation| (operation.template.replace('/', "\0"), operation.method.clone());
        key(a).cmp(&key(b))
    });
    Ok(operations)
}

/// The notifications: APIv3, then APIv2, each ordered by event.
pub(crate) fn notifications(folder: &Path) -> Result<Vec<Notification>> {
    let mut notifications = lines(&folder.join("notifications.jsonl"), notification)?;
    notifications.sort_by(|a, b| (b.version, &a.event).cmp(&(a.version, &b.event)));
    Ok(notifications)
}

fn lines<T>(file: &Path, read: fn(&Value) -> Result<T>) -> Result<Vec<T>> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let one = |(number, line): (usize, &str)| {
        let value = serde_json::from_str(line)?;
        read(&value).with_context(|| format!("{}:{}", file.display(), number + 1))
    };
    text.lines().enumerate().map(one).collect()
}

fn operation(fact: &Value) -> Result<Operation> {
    let allowed = Allowed::of(&fact["enum"])?;
    let place = |place: &str| match &fact["in"][place] {
        Value::Null => Ok(None),
        given => fields(given, &format!("{place}."), &allowed).map(Some),
    };
    let [path, query, headers, json, xml, body] = PLACES;
    for name in fact["in"].as_object().context("`in`")?.keys() {
        ensure!(PLACES.contains(&name.as_str()), "an unknown place: {name}");
    }
    Ok(Operation {
        method: text(&fact["m"])?,
        template: text(&fact["p"])?,
        name: text(&fact["t"])?,
        pages: texts(&fact["d"])?,
        roles: texts(&fact["role"])?,
        groups: texts(&fact["g"])?,
        hosts: texts(&fact["h"])?,
        changed: fact["at"].as_str().unwrap_or_default().to_owned(),
        needs_certificate: !fact["mtls"].is_null(),
        is_deprecated: match fact["s"].as_str() {
            None => false,
            Some("deprecated") => true,
            Some(other) => anyhow::bail!("an unknown state: {other}"),
        },
        places: [place(path)?, place(query)?, place(headers)?, place(json)?, place(xml)?, place(body)?],
        answer: match &fact["out"] {
            Value::String(word) => Answer::Other(word.clone()),
            list => Answer::Fields(fields(list, "=", &allowed)?),
        },
    })
}

fn notification(fact: &Value) -> Result<Notification> {
    let none = Allowed::default();
    // One has places beside these two, which are pieces of a field on another page.
    let place = |place: &str| fields(&fact["in"][place], "", &none);
    Ok(Notification {
        event: text(&fact["event"])?,
        version: match fact["v"].as_str() {
            Some("v3") => 3,
            Some("v2") => 2,
            other => anyhow::bail!("an unknown version: {other:?}"),
        },
        name: text(&fact["t"])?,
        pages: texts(&fact["d"])?,
        headers: place("headers")?,
        body: place("body")?,
        reply: fields(&fact["out"], "", &none)?,
    })
}

/// Allowed values by place and dotted name. Names that are of no field are not looked for, so what is there is left out.
#[derive(Default)]
struct Allowed(BTreeMap<String, Vec<String>>);

impl Allowed {
    fn of(fact: &Value) -> Result<Allowed> {
        let entry = |(name, values): (&String, &Value)| {
            // Two lack the place: they are variables of the path.
            let is_placed = name.contains('.') || name.starts_with('=');
            let name = if is_placed { name.clone() } else { format!("path.{name}") };
            let mut distinct = Vec::new();
            for value in texts(values)? {
                if !distinct.contains(&value) {
                    distinct.push(value);
                }
            }
            Ok((name, distinct))
        };
        fact.as_object().into_iter().flatten().map(entry).collect::<Result<_>>().map(Allowed)
    }
}

fn fields(list: &Value, before: &str, allowed: &Allowed) -> Result<Vec<Field>> {
    list.as_array().context("a list of fields")?.iter().map(|fact| field(fact, before, allowed)).collect()
}

fn field(fact: &Value, before: &str, allowed: &Allowed) -> Result<Field> {
    let name = text(&fact[0])?;
    let kind = text(&fact[1])?;
    let (single, is_list) = kind.strip_suffix("[]").map_or((kind.as_str(), false), |single| (single, true));
    let path = format!("{before}{name}");
    Ok(Field {
        // Some pages have an example where the type should be, or more than its name.
        kind: match single {
            "uint64" => 1,
            _ => KINDS.iter().position(|known| *known == single).unwrap_or(0),
        },
        is_list,
        flags: text(&fact[2])?,
        allowed: allowed.0.get(&path).cloned().unwrap_or_default(),
        fields: fact.get(3).map(|inside| fields(inside, &format!("{path}."), allowed)).transpose()?,
        name,
    })
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("a text, not {value}"))
}

fn texts(value: &Value) -> Result<Vec<String>> {
    value.as_array().into_iter().flatten().map(text).collect()
}
