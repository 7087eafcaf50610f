//! Counts of cells, by what they have in common, and the rules that some of them break.

use std::collections::BTreeMap;
use std::sync::Mutex;

use wechatpay::{Error, Outcome};

/// How a call ended.
#[derive(Clone, Copy)]
pub enum End {
    Done,
    Failed(Outcome),
}

impl End {
    pub fn of<T>(result: &Result<T, Error>) -> End {
        match result {
            Ok(_) => End::Done,
            Err(error) => End::Failed(error.outcome()),
        }
    }

    fn column(self) -> usize {
        match self {
            End::Done => 1,
            End::Failed(Outcome::NotSent) => 2,
            End::Failed(Outcome::Rejected) => 3,
            End::Failed(Outcome::Unknown) => 4,
        }
    }
}

/// A value of a dimension, such as ("method", "POST").
pub type Label = (&'static str, String);

#[derive(Default)]
struct Counts {
    cells: BTreeMap<Label, [usize; 5]>,
    /// Of each rule and kind of cell, how often it was broken, and the first example.
    broken: BTreeMap<(String, String), (usize, String)>,
}

/// May be shared by threads.
#[derive(Default)]
pub struct Tally(Mutex<Counts>);

impl Tally {
    pub fn count(&self, labels: Vec<Label>, end: End) {
        let mut counts = self.0.lock().unwrap();
        for label in labels.into_iter().chain([("all", String::new())]) {
            let row = counts.cells.entry(label).or_default();
            row[0] += 1;
            row[end.column()] += 1;
        }
    }

    /// Cells of this kind break a rule.
    pub fn breaks(&self, rule: &str, kind: &str, example: impl FnOnce() -> String) {
        let mut counts = self.0.lock().unwrap();
        let entry = counts.broken.entry((rule.to_owned(), kind.to_owned())).or_insert_with(|| (0, example()));
        entry.0 += 1;
    }

    /// Prints the counts, and fails when a rule was broken.
    pub fn conclude(&self) {
        let counts = self.0.lock().unwrap();
        println!("| dimension | value | cells | Ok | NotSent | Rejected | Unknown |");
        println!("| --- | --- | --- | --- | --- | --- | --- |");
        for ((dimension, value), row) in &counts.cells {
            let row: Vec<_> = row.iter().map(usize::to_string).collect();
            println!("| {dimension} | {value} | {} |", row.join(" | "));
        }
        let broken: Vec<_> = counts
            .broken
            .iter()
            .map(|((rule, kind), (count, example))| format!("{count} × {rule}\n    {kind}\n    first: {example}"))
            .collect();
        assert!(broken.is_empty(), "rules are broken:\n{}", broken.join("\n"));
    }
}
