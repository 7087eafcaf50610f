//! What was found, by what went wrong: how often, and the shortest sequence that shows it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use support::folder::Folder;

use super::book::Wrong;
use super::generate;
use super::server::Server;
use super::shorten::shorten;

/// How many kinds of failures are shown with their steps, and how long is spent on shortening them.
const MOST: usize = 30;
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Default)]
pub struct Report {
    failures: usize,
    /// How often each thing went wrong, and in which sequence first.
    wrongs: BTreeMap<Wrong, (usize, u64)>,
}

impl Report {
    pub fn note(&mut self, seed: u64, wrongs: Vec<Wrong>) {
        self.failures += usize::from(!wrongs.is_empty());
        for wrong in wrongs {
            self.wrongs.entry(wrong).or_insert((0, seed)).0 += 1;
        }
    }

    /// How many sequences broke a rule.
    pub fn failures(&self) -> usize {
        self.failures
    }

    pub fn show(&self, server: &Server, folder: &Folder) -> String {
        let mut text = String::new();
        for (wrong, (count, seed)) in &self.wrongs {
            writeln!(text, "{count:6} times, rule {:?}: {}; seed {seed}", wrong.rule, wrong.how).unwrap();
        }
        let start = Instant::now();
        for (wrong, (_, seed)) in self.wrongs.iter().take(MOST) {
            if start.elapsed() > PATIENCE {
                text += "\nthe others are not shown with their steps; give their seeds\n";
                break;
            }
            let shortest = shorten(generate::sequence(*seed), wrong, server, folder);
            writeln!(text, "\nrule {:?}: {}; seed {seed}", wrong.rule, wrong.how).unwrap();
            match shortest {
                Some(shortest) => writeln!(text, "  shortened:\n{shortest}").unwrap(),
                None => writeln!(text, "  not seen again; the whole:\n{}", generate::sequence(*seed)).unwrap(),
            }
        }
        text
    }
}
