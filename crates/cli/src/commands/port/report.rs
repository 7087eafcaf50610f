//! What is left to do, and what differs.

use std::path::PathBuf;

use serde_json::{Value, json};
use wechatpay_port::{Finding, FindingKind, Kind, Position};

use super::check::{Complaint, Level};
use super::sources::Source;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{BAD, BOLD, DIM, Output, marked};

/// A line for each finding of a source.
pub fn findings(source: &Source, output: &Output) {
    for Finding { kind, position, message, .. } in &source.ported.findings {
        let (place, message) = (source.place(*position), marked(message));
        match kind {
            FindingKind::Todo => output.told(format_args!("{BOLD}{place}:{BOLD:#} {message}")),
            FindingKind::Note => output.told(format_args!("{BOLD}{place}:{BOLD:#} {DIM}note:{DIM:#} {message}")),
        }
    }
}

/// What the compiler has said, each with the line of Rust that it means.
fn complaints(source: &Source, complaints: &[Complaint], output: &Output) {
    for Complaint { level, line, message, rust } in complaints {
        let place = line.map_or_else(|| source.name.clone(), |line| format!("{}:{line}", source.name));
        let message = marked(message);
        match level {
            Level::Error => output.told(format_args!("{BOLD}{place}:{BOLD:#} {BAD}rustc:{BAD:#} {message}")),
            Level::Warning => output.told(format_args!("{BOLD}{place}:{BOLD:#} {DIM}rustc warns:{DIM:#} {message}")),
        }
        if let Some((line, text)) = rust {
            output.told(format_args!("  {DIM}{line} │{DIM:#} {}", marked(text)));
        }
    }
}

/// The report for machines, or the last line for people; and whether something is left to do.
pub fn end(
    sources: &[Source],
    places: &[PathBuf],
    compiled: Option<&[Vec<Complaint>]>,
    output: &Output,
) -> Result<Exit> {
    let mut counts = Counts::default();
    for (at, source) in sources.iter().enumerate() {
        let complained = compiled.and_then(|compiled| compiled.get(at)).map(Vec::as_slice);
        counts.add(source, complained.unwrap_or_default());
        if output.is_json() {
            output.json(&json(source, places.get(at), complained))?;
        } else {
            complaints(source, complained.unwrap_or_default(), output);
        }
    }
    let said = counts.said(sources.len(), compiled.is_some());
    if counts.todo == 0 && counts.errors == 0 {
        output.note(said);
        return Ok(Exit::Ok);
    }
    let failure = Failure::check(said);
    if counts.todo == 0 {
        return Err(failure);
    }
    Err(failure.next("look for `TODO(port)` in the Rust: each says what to do instead, above the PHP that it is about"))
}

#[derive(Debug, Default)]
struct Counts {
    todo: usize,
    notes: usize,
    errors: usize,
    warnings: usize,
}

impl Counts {
    fn add(&mut self, source: &Source, complaints: &[Complaint]) {
        let findings = &source.ported.findings;
        let todo = findings.iter().filter(|finding| finding.kind == FindingKind::Todo).count();
        let errors = complaints.iter().filter(|complaint| complaint.level == Level::Error).count();
        self.todo = self.todo.saturating_add(todo);
        self.notes = self.notes.saturating_add(findings.len().saturating_sub(todo));
        self.errors = self.errors.saturating_add(errors);
        self.warnings = self.warnings.saturating_add(complaints.len().saturating_sub(errors));
    }

    /// `2 files: 3 places are left to do, 1 note`
    fn said(&self, files: usize, is_compiled: bool) -> String {
        let mut parts = Vec::new();
        match (self.todo, self.errors) {
            (0, 0) => parts.push("nothing is left to do".to_owned()),
            (0, _) => {}
            (1, _) => parts.push("1 place is left to do".to_owned()),
            (todo, _) => parts.push(format!("{todo} places are left to do")),
        }
        match self.errors {
            0 if is_compiled => parts.push("it compiles".to_owned()),
            0 => {}
            errors => parts.push(format!("{} of the compiler", counted(errors, "error"))),
        }
        for (count, what) in [(self.notes, "note"), (self.warnings, "warning")] {
            if count > 0 {
                parts.push(counted(count, what));
            }
        }
        format!("{}: {}", counted(files, "file"), parts.join(", "))
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// All that there is to know of a source; its Rust, unless that is in a file.
fn json(source: &Source, place: Option<&PathBuf>, complaints: Option<&[Complaint]>) -> Value {
    let ported = &source.ported;
    let mut json = json!({
        "file": source.name,
        "kind": match ported.kind {
            Kind::File => "file",
            Kind::Snippet => "snippet",
            Kind::Pairs => "pairs",
        },
        "complete": ported.is_complete(),
        "has_main": ported.has_main,
        "findings": ported.findings.iter().map(finding).collect::<Value>(),
    });
    let Some(fields) = json.as_object_mut() else { return json };
    match place {
        Some(place) => fields.insert("written".to_owned(), place.display().to_string().into()),
        None => fields.insert("rust".to_owned(), ported.rust.clone().into()),
    };
    if let Some(complaints) = complaints {
        fields.insert("compiler".to_owned(), complaints.iter().map(complaint).collect());
    }
    json
}

fn finding(finding: &Finding) -> Value {
    let kind = match finding.kind {
        FindingKind::Todo => "todo",
        FindingKind::Note => "note",
    };
    let Position { line, column } = finding.position;
    json!({ "kind": kind, "line": line, "column": column, "message": finding.message })
}

fn complaint(complaint: &Complaint) -> Value {
    let level = match complaint.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let rust = complaint.rust.as_ref().map(|(line, text)| json!({ "line": line, "text": text }));
    json!({ "level": level, "line": complaint.line, "message": complaint.message, "rust": rust })
}
