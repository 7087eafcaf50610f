//! What a test has counted and what it has found wrong, over all operations at once.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use wechatpay_catalog::{Operation, catalog};

/// How many operations are looked at at the same time: while one waits for an answer, another is at work.
const THREADS: usize = 6;

/// The most problems that are shown.
const SHOWN: usize = 60;

#[derive(Default)]
pub struct Report {
    counts: Mutex<BTreeMap<&'static str, usize>>,
    problems: Mutex<Vec<String>>,
}

impl Report {
    /// Looks at each operation of the catalog, on several threads.
    pub fn of_each(look: impl Fn(Operation, &Report) + Sync) -> Report {
        let (report, operations) = (Report::default(), catalog().operations().collect::<Vec<_>>());
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    while let Some(operation) = operations.get(next.fetch_add(1, Ordering::Relaxed)) {
                        look(*operation, &report);
                        report.count("operations");
                    }
                });
            }
        });
        report
    }

    pub fn count(&self, what: &'static str) {
        self.add(what, 1);
    }

    pub fn add(&self, what: &'static str, count: usize) {
        *self.counts.lock().unwrap().entry(what).or_default() += count;
    }

    pub fn problem(&self, operation: Operation, what: impl std::fmt::Display) {
        self.problems.lock().unwrap().push(format!("{operation}: {what}"));
    }

    /// Fails if anything was wrong, or less was looked at than this.
    pub fn end(self, least: &[(&'static str, usize)]) {
        let (counts, mut problems) = (self.counts.into_inner().unwrap(), self.problems.into_inner().unwrap());
        println!("{counts:#?}");
        problems.sort();
        let shown = problems.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
        assert!(problems.is_empty(), "{} problems:\n{shown}", problems.len());
        for (what, least) in least {
            let count = counts.get(what).copied().unwrap_or_default();
            assert!(count >= *least, "{what}: {count}, not {least}");
        }
    }
}
