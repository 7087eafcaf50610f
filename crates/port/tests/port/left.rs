//! What the porter has left to do, so that a failing test shows it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use wechatpay_port::{FindingKind, Ported};

/// Fails if something is left: with each message, how often it is given, and the line of the first one.
pub fn nothing_is_left(name: &str, php: &str, ported: &Ported) {
    let mut left: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    for finding in ported.findings.iter().filter(|finding| finding.kind == FindingKind::Todo) {
        left.entry(&finding.message).or_default().push((finding.position.line, finding.position.column));
    }
    let lines: Vec<&str> = php.lines().collect();
    let mut shown = String::new();
    for (message, places) in &left {
        let (line, column) = places[0];
        writeln!(shown, "{} of: {message}\n  {line}:{column} {}", places.len(), lines[line - 1].trim()).unwrap();
    }
    assert!(left.is_empty() && ported.is_complete(), "{name} is not ported as a whole:\n{shown}");
}
