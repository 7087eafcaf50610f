//! What is documented of an operation.

use serde_json::{Value, json};
use wechatpay_catalog::{Answer, Operation, Place};

use super::example::Example;
use super::{addresses, fields, page_rows};
use crate::output::{BOLD, DIM, NAME, WARN};
use crate::table::{self, Cell};

/// The host of operations for which no other is documented.
const HOST: &str = "https://api.mch.weixin.qq.com/";

pub fn lines(operation: Operation, all: bool) -> Vec<String> {
    let deprecated = if operation.is_deprecated() { format!("  {WARN}deprecated{WARN:#}") } else { String::new() };
    let mut lines = vec![format!(
        "{NAME}{}{NAME:#} {BOLD}{}{BOLD:#}  {}{deprecated}",
        operation.method(),
        operation.template(),
        operation.name()
    )];
    lines.extend(table::lines(&about(operation)));
    for (place, of) in operation.places() {
        lines.extend([String::new(), format!("{BOLD}{}{BOLD:#}", title(place))]);
        lines.extend(fields::lines(of));
    }
    lines.extend([String::new(), format!("{BOLD}answer{BOLD:#}")]);
    match operation.answer() {
        Answer::Fields(of) => lines.extend(fields::lines(of)),
        answer => lines.push(format!("  {DIM}{}{DIM:#}", kind(answer).1)),
    }
    let example = Example::of(operation, all);
    lines.extend([String::new(), format!("{BOLD}example{BOLD:#}")]);
    if let Some(body) = example.body() {
        lines.extend(format!("{body:#}").lines().map(|line| format!("  {line}")));
    }
    lines.extend([String::new(), format!("  {}", example.command())]);
    lines
}

fn about(operation: Operation) -> Vec<Vec<Cell>> {
    let certificate = operation.needs_client_certificate().then_some("the merchant's certificate has to be presented");
    let facts = [
        ("products", operation.groups().iter().collect::<Vec<_>>().join(", ")),
        ("callers", operation.roles().iter().collect::<Vec<_>>().join(", ")),
        ("hosts", hosts(operation).join(" ")),
        ("certificate", certificate.unwrap_or_default().to_owned()),
        ("changed", operation.changed().to_owned()),
    ];
    let facts = facts.into_iter().filter(|(_, text)| !text.is_empty());
    let facts = facts.map(|(name, text)| vec![Cell::new(format!("  {name}"), DIM), text.into()]);
    facts.chain(page_rows(operation.pages())).collect()
}

fn hosts(operation: Operation) -> Vec<&'static str> {
    let hosts: Vec<_> = operation.hosts().iter().collect();
    if hosts.is_empty() { vec![HOST] } else { hosts }
}

fn title(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Headers => "headers",
        Place::Json => "body, JSON",
        Place::Xml => "body, XML",
        Place::Multipart => "body, a form",
    }
}

/// What a successful call is answered with: for machines, and in words.
fn kind(answer: Answer) -> (&'static str, &'static str) {
    match answer {
        Answer::Fields(_) => ("fields", "fields"),
        Answer::Empty => ("empty", "204, no body"),
        Answer::File => ("file", "a file"),
        Answer::Redirect => ("redirect", "a redirect"),
        _ => ("unknown", "not documented"),
    }
}

pub fn value(operation: Operation, all: bool) -> Value {
    let parameters = operation.places().map(|(place, of)| (place.name().to_owned(), fields::value(of)));
    let mut answer = json!({ "kind": kind(operation.answer()).0 });
    if let (Answer::Fields(of), Value::Object(answer)) = (operation.answer(), &mut answer) {
        answer.insert("fields".to_owned(), fields::value(of));
    }
    json!({
        "kind": "operation",
        "method": operation.method(),
        "path": operation.template(),
        "name": operation.name(),
        "products": operation.groups().iter().collect::<Vec<_>>(),
        "callers": operation.roles().iter().collect::<Vec<_>>(),
        "hosts": hosts(operation),
        "certificate": operation.needs_client_certificate(),
        "deprecated": operation.is_deprecated(),
        "changed": operation.changed(),
        "pages": addresses(operation.pages()),
        "parameters": Value::Object(parameters.collect()),
        "encrypted": operation.sensitive(),
        "answer": answer,
        "encrypted_in_answer": operation.sensitive_answer(),
        "example": Example::of(operation, all).value(),
    })
}
