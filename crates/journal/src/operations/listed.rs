//! The list of the README: which operations can be asked about.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use super::row::{Question, Row};
use super::{accounts, apiv2, marketing, orders, refunds, rows, score, sharing, transfers};

/// The tables, each with its heading.
const FAMILIES: [(&str, &[Row]); 8] = [
    ("Orders and deductions", orders::ROWS),
    ("Refunds", refunds::ROWS),
    ("Transfers", transfers::ROWS),
    ("Profit sharing", sharing::ROWS),
    ("支付分 and other credit", score::ROWS),
    ("Withdrawals and accounts", accounts::ROWS),
    ("Coupons", marketing::ROWS),
    ("APIv2", apiv2::ROWS),
];

/// What is around it there.
const MARKS: (&str, &str) = ("<!-- operations: begin -->\n", "<!-- operations: end -->\n");

/// The list, as it has to be.
fn list() -> String {
    let mut list = String::new();
    for (heading, rows) in FAMILIES {
        write!(list, "\n### {heading}\n\n| calls | number | asked about by |\n| --- | --- | --- |\n").unwrap();
        for (question, number, commands) in by_question(rows) {
            writeln!(list, "| {} | `{number}` | `{}` |", short(&commands), question.operation).unwrap();
        }
    }
    list.push('\n');
    list
}

/// The commands that have the same number and the same question, in the order of the table.
fn by_question(rows: &'static [Row]) -> Vec<(&'static Question, &'static str, Vec<&'static str>)> {
    let mut groups: Vec<(&Question, &str, Vec<&str>)> = Vec::new();
    for row in rows {
        let same = groups
            .iter_mut()
            .find(|(question, number, _)| question.operation == row.question.operation && *number == row.number);
        match same {
            Some((.., commands)) => commands.extend(row.commands),
            None => groups.push((row.question, row.number, row.commands.to_vec())),
        }
    }
    groups
}

/// Commands: the first in full, and those in the same folder without it, `…/close`.
fn short(commands: &[&str]) -> String {
    let (first, others) = commands.split_first().unwrap();
    let (folder, _) = first.rsplit_once('/').unwrap();
    let others = others.iter().map(|command| match command.strip_prefix(folder) {
        Some(rest) if rest.starts_with('/') => format!("`…{rest}`"),
        _ => format!("`{command}`"),
    });
    std::iter::once(format!("`{first}`")).chain(others).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_readme_lists_what_can_be_asked_about() {
    assert_eq!(FAMILIES.iter().map(|(_, rows)| rows.len()).sum::<usize>(), rows().count(), "a table has no heading");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(MARKS.0).unwrap();
    let (there, after) = rest.split_once(MARKS.1).unwrap();
    let list = list();
    if env::var_os("WECHATPAY_WRITE_LIST").is_some() {
        fs::write(&path, format!("{before}{}{list}{}{after}", MARKS.0, MARKS.1)).unwrap();
        return;
    }
    let differing = there.lines().zip(list.lines()).find(|(there, line)| there != line);
    assert!(
        there == list,
        "written anew by WECHATPAY_WRITE_LIST=1 and this test; the first difference: {differing:#?}"
    );
}
