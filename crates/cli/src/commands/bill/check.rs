//! `wechatpay bill check FILE…`: whether a bill is complete, and whether it has what one's own orders have.

use std::fmt::Display;
use std::fs::File;
use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::bill::amount::Amount;
use crate::bill::check::{Tally, Total};
use crate::bill::format::{Bill, Fields, FormatError, Kind, Record};
use crate::bill::orders::{self, Order, Orders, OrdersError, Unit};
use crate::bill::reconcile::{Entries, Entry, Found, Gathered, Ledger, Meeting};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{BAD, BOLD, DIM, GOOD, Output};

/// Check bills: their rows against their totals, and against your own orders
///
/// Trade bills of all types and fund flow bills, plain or gzip, as the platform gives them. All amounts are added up exactly. With
/// --orders, each payment and each refund is compared with yours: which of them only one side has, which are there twice, which
/// have another amount. Give the orders of the same days as the bills.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  wechatpay --profile sandbox bill get 2026-01-01
  wechatpay bill check 1900000109-trade-ALL-2026-01-01.csv
  wechatpay bill check *.csv.gz --orders orders.csv
  wechatpay bill check bill.csv --orders orders.jsonl --yuan --json | jq 'select(.problem)'")]
pub struct Check {
    /// Bills, plain or gzip
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Your own orders: CSV with a header, JSON, or JSON lines, with out_trade_no and total or amount;
    /// refunds with out_refund_no and refund or amount
    #[arg(long, value_name = "FILE")]
    pub orders: Option<PathBuf>,
    /// The amounts of the orders are in yuan, not in fen
    #[arg(long, requires = "orders")]
    pub yuan: bool,
    /// Print at most this many problems, 0 for all of them; the rest are counted
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub limit: u64,
}

pub fn run(check: &Check, context: &Context) -> Result<Exit> {
    let mut report = Report { output: &context.output, limit: check.limit, problems: 0, differences: 0 };
    let mut orders = match &check.orders {
        Some(path) => Some(Compared::read(path, if check.yuan { Unit::Yuan } else { Unit::Fen }, &mut report)?),
        None => None,
    };
    let mut rows = 0_u64;
    for file in &check.files {
        rows = rows.saturating_add(bill(file, orders.as_mut(), &mut report)?);
    }
    if let Some(orders) = &orders {
        orders.missing_there(&mut report)?;
        orders.notes(&context.output);
    }
    summary(check, rows, orders.as_ref(), &report)
}

fn summary(check: &Check, rows: u64, orders: Option<&Compared>, report: &Report<'_>) -> Result<Exit> {
    let output = report.output;
    if output.is_json() {
        let orders = orders.map(|orders| {
            let content = orders.content;
            json!({
                "payments": content.payments, "refunds": content.refunds,
                "same": orders.same, "differences": report.differences,
            })
        });
        output.json(&json!({
            "summary": { "bills": check.files.len(), "rows": rows, "orders": orders, "problems": report.problems },
        }))?;
    } else if let Some(orders) = orders {
        let (payments, refunds) = (orders.content.payments, orders.content.refunds);
        output.line(format_args!(
            "{BOLD}orders{BOLD:#}  {}: {} and {}, {} the same in the bills, {}",
            orders.orders.path().display(),
            count(payments, "payment"),
            count(refunds, "refund"),
            orders.same,
            count(report.differences, "difference")
        ))?;
    }
    let hidden = report.problems.saturating_sub(if report.limit == 0 { u64::MAX } else { report.limit });
    if hidden > 0 {
        output.note(format_args!("{} not shown; --limit 0 shows all", count(hidden, "more problem")));
    }
    if report.problems == 0 {
        return Ok(Exit::Ok);
    }
    Err(Failure::check(format!("{} found", count(report.problems, "problem"))))
}

/// `1 row`, `2 rows`.
fn count(count: u64, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Checks one bill, and says how many rows it has.
fn bill(path: &Path, mut orders: Option<&mut Compared>, report: &mut Report<'_>) -> Result<u64> {
    let wrong = |error: FormatError| match error {
        // Gzip that ends too early, or has been changed.
        FormatError::Read(_, ref cause) if matches!(cause.kind(), UnexpectedEof | InvalidInput | InvalidData) => {
            Failure::check(format!("{}: {error}", path.display()))
                .next("the file is damaged or not complete: get it again, `wechatpay bill get DATE`")
        }
        error => Failure::file(path, error),
    };
    let file = File::open(path).map_err(|error| Failure::file(path, error))?;
    let mut bill = Bill::open(file).map_err(wrong)?;
    let kind = bill.kind();
    let mut tally = Tally::new(kind, bill.columns());
    if let Some(orders) = &mut orders {
        orders.begin(path, &bill)?;
    }
    let mut totals = None;
    let before = report.own();
    while let Some(record) = bill.next().map_err(wrong)? {
        match record {
            Record::Row(row) => match (tally.add(row), &mut orders) {
                (Err(problem), _) => report.row(path, row.line(), &problem)?,
                (Ok(()), Some(orders)) => orders.row(path, row, report)?,
                (Ok(()), None) => {}
            },
            Record::Totals(found) => totals = Some(tally.compare(found)),
            Record::Stray(line) => {
                report.row(path, line, &"neither a row nor the totals, which are the last two lines")?
            }
        }
    }
    result(path, kind, tally.rows(), totals.as_deref(), before, report)?;
    Ok(tally.rows())
}

/// Says how a bill's totals are, and whether something was wrong with it.
fn result(
    path: &Path,
    kind: Kind,
    rows: u64,
    totals: Option<&[Total]>,
    before: u64,
    report: &mut Report<'_>,
) -> Result<()> {
    for total in totals.unwrap_or_default().iter().filter(|total| !total.matches) {
        let (name, announced) = (orders::shown(total.name.as_bytes()), orders::shown(total.announced.as_bytes()));
        let counted = total.counted.as_deref().unwrap_or_default();
        report.problem(
            || {
                let bill = json!({ "file": shown(path) });
                json!({ "problem": "total", "bill": bill, "name": name, "announced": announced, "counted": counted })
            },
            || format!("{}: {name} is {announced}, and the rows give {counted}", path.display()),
        )?;
    }
    if totals.is_none() {
        report.problem(
            || json!({ "problem": "incomplete", "bill": { "file": shown(path) } }),
            || format!("{}: there are no totals at its end, so that it may have been cut off", path.display()),
        )?;
    }
    let output = report.output;
    let found = report.own().saturating_sub(before);
    let totals = totals.unwrap_or_default();
    if output.is_json() {
        let value = |total: &Total| total.counted.clone().unwrap_or_else(|| total.announced.clone());
        let totals = Value::Object(totals.iter().map(|total| (total.name.clone(), value(total).into())).collect());
        return output.json(&json!({
            "bill": { "file": shown(path), "type": kind.name(), "rows": rows, "totals": totals, "problems": found },
        }));
    }
    let (style, word) = if found == 0 { (GOOD, "ok") } else { (BAD, "wrong") };
    output.line(format_args!(
        "{style}{word}{style:#}  {}: {} bill, {}",
        path.display(),
        kind.name(),
        count(rows, "row")
    ))?;
    for total in totals.iter().filter(|total| total.matches) {
        let note = if total.counted.is_some() { "" } else { "  (not known, not checked)" };
        let value = total.counted.as_ref().unwrap_or(&total.announced);
        let (name, value) = (orders::shown(total.name.as_bytes()), orders::shown(value.as_bytes()));
        output.line(format_args!("    {name}  {value}{DIM}{note}{DIM:#}"))?;
    }
    Ok(())
}

/// One's own orders, and what has become of them so far.
struct Compared {
    orders: Orders,
    content: orders::Content,
    ledger: Ledger,
    /// How many are the same in the bills.
    same: u64,
    /// Rows of the bills that the orders say nothing about: those of refunds, if there is no column for them, or reversals.
    left_out: u64,
    /// The bills so far; rows are counted through all of them, beginning with the number beside each.
    bills: Vec<(u32, PathBuf)>,
    /// The number of the last row.
    last: u32,
    /// Where things are in the bill that is being read.
    entries: Option<Entries>,
    /// Whether there was a bill with payments, and one with refunds.
    bills_have: [bool; 2],
}

const KINDS: [orders::Kind; 2] = [orders::Kind::Payment, orders::Kind::Refund];

impl Compared {
    fn read(path: &Path, unit: Unit, report: &mut Report<'_>) -> Result<Compared> {
        let orders = Orders::open(path, unit).map_err(|error| unreadable(path, &error))?;
        let mut gathered = Gathered::default();
        let content = orders.read(&mut |order| gathered.add(order)).map_err(|error| unreadable(path, &error))?;
        let (ledger, doubles) = gathered.sorted();
        for (place, first) in doubles {
            report.difference(
                || json!({ "problem": "double_here", "orders": { "file": shown(path), "line": place, "first": first } }),
                || format!("{}:{place}: the same number as line {first}", path.display()),
            )?;
        }
        Ok(Compared {
            orders,
            content,
            ledger,
            same: 0,
            left_out: 0,
            bills: Vec::new(),
            last: 0,
            entries: None,
            bills_have: [false; 2],
        })
    }

    /// Whether the orders say anything about payments, or refunds.
    fn tells(&self, kind: orders::Kind) -> bool {
        match kind {
            orders::Kind::Payment => self.content.payments > 0 || self.content.refunds == 0,
            orders::Kind::Refund => self.content.tells_refunds,
        }
    }

    /// Begins with a bill.
    fn begin(&mut self, path: &Path, bill: &Bill<'_>) -> Result<()> {
        let entries = Entries::of(bill.columns()).filter(|_| bill.kind() == Kind::Trade).ok_or_else(|| {
            Failure::usage(format!("{}: orders can be compared with trade bills alone", path.display()))
                .next("leave --orders out for this bill, or get the trade bill: wechatpay bill get DATE")
        })?;
        for (kind, has) in KINDS.into_iter().zip(&mut self.bills_have) {
            *has |= entries.has(kind);
        }
        self.entries = Some(entries);
        self.bills.push((self.last, path.to_owned()));
        Ok(())
    }

    /// Compares a row of the bill.
    fn row(&mut self, path: &Path, row: &Fields, report: &mut Report<'_>) -> Result<()> {
        let Some(entries) = &self.entries else { return Ok(()) };
        let line = row.line();
        let begin = self.bills.last().map_or(0, |(begin, _)| *begin);
        self.last = begin.saturating_add(line);
        match entries.read(row) {
            Ok(Found::Entry(entry)) if self.tells(entry.kind) => {
                let meeting = self.ledger.meet(entry, self.last);
                self.told(meeting, entry, path, line, report)
            }
            Ok(Found::Entry(_) | Found::Reversed) => {
                self.left_out = self.left_out.saturating_add(1);
                Ok(())
            }
            Ok(Found::UnknownState) => report.row(path, line, &"交易状态 is none of SUCCESS, REFUND and REVOKED"),
            Err(problem) => report.row(path, line, &problem),
        }
    }

    fn told(
        &mut self,
        meeting: Meeting,
        entry: Entry<'_>,
        path: &Path,
        line: u32,
        report: &mut Report<'_>,
    ) -> Result<()> {
        let orders = self.orders.path();
        let (kind, number) = (entry.kind.name(), || orders::shown(entry.number));
        let row = || json!({ "file": shown(path), "line": line, "amount": entry.fen });
        let begin = || format!("{}:{line}: {kind} {} of {}", path.display(), number(), Amount::of_fen(entry.fen));
        match meeting {
            Meeting::Same => {
                self.same = self.same.saturating_add(1);
                Ok(())
            }
            Meeting::Missing => report.difference(
                || json!({ "problem": "missing_here", "kind": kind, "number": number(), "bill": row() }),
                || format!("{} is not in {}", begin(), orders.display()),
            ),
            Meeting::Differs { fen, place } => report.difference(
                || {
                    let order = json!({ "file": shown(orders), "line": place, "amount": fen });
                    json!({ "problem": "amount", "kind": kind, "number": number(), "bill": row(), "orders": order })
                },
                || format!("{}, and {}:{place} has {}", begin(), orders.display(), Amount::of_fen(fen)),
            ),
            Meeting::Double { first } => {
                let (first_path, first_line) = self.place(first);
                report.difference(
                    || {
                        let first = json!({ "file": shown(first_path), "line": first_line });
                        json!({ "problem": "double_there", "kind": kind, "number": number(), "bill": row(), "first": first })
                    },
                    || format!("{} is also at {}:{first_line}", begin(), first_path.display()),
                )
            }
        }
    }

    /// The bill and the line of a row, by its number through all bills.
    fn place(&self, row: u32) -> (&Path, u32) {
        let bill = self.bills.iter().rev().find(|(begin, _)| *begin < row);
        bill.map_or((Path::new(""), row), |(begin, path)| (path, row.saturating_sub(*begin)))
    }

    /// Says which orders no bill has. What their numbers are is read again, as only these are needed.
    fn missing_there(&self, report: &mut Report<'_>) -> Result<()> {
        let unmet = self.ledger.unmet();
        let mut unmet = unmet.iter().peekable();
        if unmet.peek().is_none() {
            return Ok(());
        }
        let path = self.orders.path();
        let has = |kind| KINDS.iter().zip(&self.bills_have).any(|(known, has)| *known == kind && *has);
        let mut told = Ok(());
        let mut each = |order: Order<'_>| {
            if unmet.next_if(|place| **place == order.place).is_none() || !has(order.kind) || told.is_err() {
                return;
            }
            let (kind, number) = (order.kind.name(), || orders::shown(order.number));
            let (place, fen) = (order.place, order.fen);
            told = report.difference(
                || {
                    let order = json!({ "file": shown(path), "line": place, "amount": fen });
                    json!({ "problem": "missing_there", "kind": kind, "number": number(), "orders": order })
                },
                || format!("{}:{place}: {kind} {} of {} is in no bill", path.display(), number(), Amount::of_fen(fen)),
            );
        };
        let read = self.orders.read(&mut each);
        read.map_err(|error| unreadable(path, &error))?;
        told
    }

    /// What was not compared, and why.
    fn notes(&self, output: &Output) {
        if self.left_out > 0 {
            output.note(format_args!(
                "not compared: {} of the bills with refunds or reversals, about which the orders say nothing (a column \
                 out_refund_no would)",
                count(self.left_out, "row")
            ));
        }
        let counts = [self.content.payments, self.content.refunds];
        for ((kind, has), number) in KINDS.iter().zip(self.bills_have).zip(counts) {
            if !has && number > 0 {
                let orders = count(number, kind.name());
                output.note(format_args!("not compared: {orders} of the orders, as these bills have none"));
            }
        }
    }
}

fn unreadable(path: &Path, error: &OrdersError) -> Failure {
    Failure::file(path, error)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Says what is wrong, and counts it.
struct Report<'a> {
    output: &'a Output,
    /// How many problems are printed; 0 for all.
    limit: u64,
    problems: u64,
    /// Those of them that are between the bills and the orders, and not of a bill itself.
    differences: u64,
}

impl Report<'_> {
    /// A problem, for machines and for people.
    fn problem(&mut self, json: impl FnOnce() -> Value, text: impl FnOnce() -> String) -> Result<()> {
        self.problems = self.problems.saturating_add(1);
        if self.limit != 0 && self.problems > self.limit {
            return Ok(());
        }
        if self.output.is_json() { self.output.json(&json()) } else { self.output.line(text()) }
    }

    /// What is wrong with a bill itself, whatever the orders say.
    fn own(&self) -> u64 {
        self.problems.saturating_sub(self.differences)
    }

    /// A problem between the bills and the orders.
    fn difference(&mut self, json: impl FnOnce() -> Value, text: impl FnOnce() -> String) -> Result<()> {
        self.differences = self.differences.saturating_add(1);
        self.problem(json, text)
    }

    /// A row that cannot be read as one.
    fn row(&mut self, path: &Path, line: u32, problem: &impl Display) -> Result<()> {
        self.problem(
            || json!({ "problem": "row", "bill": { "file": shown(path), "line": line }, "message": problem.to_string() }),
            || format!("{}:{line}: {problem}", path.display()),
        )
    }
}
