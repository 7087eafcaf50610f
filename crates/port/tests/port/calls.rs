//! Writes a PHP function for each recorded call, in each of the six forms in which the chain can be written.

use serde_json::Value;
use support::ordered::Ordered;
use support::random::Random;
use support::records::{FORMS, Form, NONCE, Spelling};

use crate::writer::{Style, Writer};

/// A recorded call.
#[derive(Debug)]
pub struct Record {
    pub line: Value,
    /// In the order of PHP, and with what has to be in there for the call to be repeated.
    pub options: Ordered,
}

impl Record {
    pub fn of(line: &str) -> Record {
        let options = Ordered::of(line).unwrap().get("options").unwrap().clone();
        let mut record = Record { line: serde_json::from_str(line).unwrap(), options };
        if record.is_apiv2() {
            record.make_repeatable();
        }
        record
    }

    pub fn is_apiv2(&self) -> bool {
        self.text("path").starts_with("v2/")
    }

    pub fn text(&self, name: &str) -> &str {
        self.line[name].as_str().unwrap()
    }

    /// The recorded nonce goes into the data first, and so to the place where PHP puts it. The time that one of the calls
    /// was given is too short for a machine at work.
    fn make_repeatable(&mut self) {
        let has_nonce = self.line["options"].get("nonceless").is_none();
        let Ordered::Object(options) = &mut self.options else { return };
        for (name, value) in options {
            match value {
                Ordered::Object(fields) if has_nonce && name == "xml" => {
                    fields.retain(|(name, _)| name != "nonce_str");
                    fields.push(("nonce_str".to_owned(), Ordered::Text(NONCE.to_owned())));
                }
                Ordered::Number(number) if name == "timeout" => *number = 20.into(),
                _ => {}
            }
        }
    }
}

/// The name of the function, in PHP and in Rust.
pub fn name(record: usize, form: usize) -> String {
    format!("call_{record}_{form}")
}

/// PHP with a function for each of these records, which have numbers, and each form; and the texts of its comments.
pub fn file(records: &[(usize, &Record)]) -> (String, Vec<String>) {
    let mut comments = Vec::new();
    let mut php =
        String::from("<?php\n\nuse Psr\\Http\\Message\\ResponseInterface;\nuse WeChatPay\\BuilderChainable;\n");
    for (number, record) in records {
        for (at, form) in FORMS.iter().enumerate() {
            let mut random = Random::new((number * FORMS.len() + at) as u64);
            let style = Style::pick(&mut random);
            let mut writer = Writer { style, random, comments: &mut comments };
            php.push('\n');
            php += &function(&mut writer, &name(*number, at), record, *form);
        }
    }
    (php + "\n// the end\n", comments)
}

/// How the function goes on from the call.
#[derive(Clone, Copy, PartialEq)]
enum Ending {
    /// Nothing is done with the answer.
    Statement,
    /// The text of the answer is returned, in one expression or two.
    Returned,
    Assigned,
    /// In the callback of a promise.
    Then,
}

fn function(writer: &mut Writer, name: &str, record: &Record, form: Form) -> String {
    let endings = [Ending::Statement, Ending::Returned, Ending::Assigned, Ending::Then];
    let ending = writer.random.pick(&endings[..if form.is_async { 4 } else { 3 }]);
    let returns = if ending == Ending::Statement { "void" } else { "string" };
    let signature = match writer.random.chance(50) {
        true => format!("function {name}(BuilderChainable $instance): {returns}"),
        false => format!("function {name}($instance)"),
    };
    let mut php = writer.lines(0) + &signature;
    php += if writer.random.chance(50) { "\n{\n" } else { " {\n" };
    let (mut start, mut from, mut options) = ("$instance", 0, None);
    match writer.random.below(4) {
        // The options, or the first segments, in a variable of their own.
        0 => {
            php += &writer.lines(4);
            let written = writer.value(&record.options, 4);
            php += &format!("    $options = {written};{}\n", writer.behind());
            options = Some("$options".to_owned());
        }
        1 => {
            from = writer.random.below(record.line["chain"].as_array().unwrap().len() - 1) + 1;
            php += &writer.lines(4);
            let api = segments(writer, start, record, 0, from);
            php += &format!("    $api = {api};{}\n", writer.behind());
            start = "$api";
        }
        _ => {}
    }
    php += &writer.lines(4);
    let chain = chain(writer, start, record, form.spelling, from);
    let options = options.unwrap_or_else(|| written_options(writer, record));
    let verb = format!("{}{}", record.text("verb"), if form.is_async { "Async" } else { "" });
    let call = format!("{chain}->{verb}({options})");
    php += &ended(writer, &call, form, ending);
    php += &writer.lines(4);
    php + "}\n"
}

fn written_options(writer: &mut Writer, record: &Record) -> String {
    let is_empty = matches!(&record.options, Ordered::List(list) if list.is_empty());
    if is_empty && writer.random.chance(50) {
        return String::new();
    }
    writer.within() + &writer.value(&record.options, 4)
}

/// The statements that end the function, from the call.
fn ended(writer: &mut Writer, call: &str, form: Form, ending: Ending) -> String {
    let wait = if form.is_async { "->wait()" } else { "" };
    match ending {
        Ending::Statement => format!("    {call}{wait};{}\n", writer.behind()),
        Ending::Returned => format!("    return (string) {call}{wait}->getBody();{}\n", writer.behind()),
        Ending::Assigned => {
            let assigned = format!("    $response = {call}{wait};{}\n", writer.behind());
            let between = writer.lines(4);
            assigned + &between + "    return (string) $response->getBody();\n"
        }
        Ending::Then => {
            let callback = match writer.random.below(3) {
                0 => "static fn (ResponseInterface $r): string => (string) $r->getBody()".to_owned(),
                1 => "fn($r) => (string) $r->getBody()".to_owned(),
                _ => {
                    let comments = writer.lines(8);
                    format!("function ($response) {{\n{comments}        return (string) $response->getBody();\n    }}")
                }
            };
            format!("    return {call}->then({callback})->wait();{}\n", writer.behind())
        }
    }
}

/// The chain behind `start`, which has the first segments already.
fn chain(writer: &mut Writer, start: &str, record: &Record, spelling: Spelling, from: usize) -> String {
    let count = record.line["chain"].as_array().unwrap().len();
    match spelling {
        Spelling::Arrows => segments(writer, start, record, from, count),
        // Some of the segments before it, or behind it, or both.
        Spelling::Path | Spelling::Index => {
            let to_path = from + if writer.random.chance(40) { writer.random.below(count - from) } else { 0 };
            let behind = if writer.random.chance(20) { writer.random.below(count - to_path) } else { 0 };
            let path: Vec<&str> = record.text("path").split('/').collect();
            let path = path[to_path..count - behind].join("/");
            let quoted = writer.quoted(&path);
            let before = segments(writer, start, record, from, to_path);
            let chain = match spelling {
                Spelling::Index => format!("{before}[{quoted}]"),
                _ => format!("{before}->chain({quoted})"),
            };
            segments(writer, &chain, record, count - behind, count)
        }
    }
}

/// Segments as properties, on one line or on several, with comments between them.
fn segments(writer: &mut Writer, start: &str, record: &Record, from: usize, to: usize) -> String {
    let names = record.line["chain"].as_array().unwrap()[from..to].iter().map(|name| name.as_str().unwrap());
    let parts: Vec<&str> = record.text("path").split('/').collect();
    let on_lines = !writer.style.one_line && writer.random.chance(20);
    let mut chain = start.to_owned();
    for (name, part) in names.zip(&parts[from..to]) {
        if on_lines {
            chain += &writer.behind();
            chain += "\n        ";
        }
        chain += &match writer.random.below(10) {
            0 => format!("->{{{}}}", writer.quoted(part)),
            1 => format!("->{{{}}}", writer.quoted(name)),
            _ => format!("->{name}"),
        };
    }
    chain
}
