//! The rows of a bill, added up and compared with its totals.

use std::fmt;

use crate::bill::amount::Amount;
use crate::bill::format::{Fields, Kind};

/// The totals of trade bills and the columns that they add up: the names of today, and those of years before.
const SUMS: [(&str, &str); 10] = [
    ("应结订单总金额", "应结订单金额"),
    ("退款总金额", "退款金额"),
    ("充值券退款总金额", "充值券退款金额"),
    ("手续费总金额", "手续费"),
    ("订单总金额", "订单金额"),
    ("申请退款总金额", "申请退款金额"),
    ("总交易额", "总金额"),
    ("总退款金额", "退款金额"),
    ("总代金券或立减优惠退款金额", "代金券或立减优惠退款金额"),
    ("总企业红包退款金额", "企业红包退款金额"),
];

/// The directions of movements: the word in the row, and the totals of their number and of their amounts.
const DIRECTIONS: [(&str, &str, &str); 2] = [("收入", "收入笔数", "收入金额"), ("支出", "支出笔数", "支出金额")];
const DIRECTION: &str = "收支类型";
const MOVED: &str = "收支金额(元)";

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowProblem {
    /// It has another number of values than there are columns.
    Columns { found: usize, expected: usize },
    /// The value of this column is not an amount.
    Amount { column: &'static str },
    /// The movement is neither 收入 nor 支出.
    Direction,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RowProblem::Columns { found, expected } => {
                write!(formatter, "it has {found} values, and there are {expected} columns")
            }
            RowProblem::Amount { column } => write!(formatter, "{column} is not an amount"),
            RowProblem::Direction => write!(formatter, "{DIRECTION} is neither 收入 nor 支出"),
        }
    }
}

/// A total of the bill, and what its rows give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    pub name: String,
    /// As the bill has it.
    pub announced: String,
    /// What the rows give; `None` if this total is not known.
    pub counted: Option<String>,
    /// Whether these are the same.
    pub matches: bool,
}

/// Adds up the rows of one bill.
#[derive(Debug)]
pub struct Tally {
    kind: Kind,
    columns: usize,
    rows: u64,
    /// The columns of amounts, and their sums.
    sums: Vec<(&'static str, usize, Amount)>,
    direction: Option<usize>,
    moved: Option<usize>,
    /// In the order of `DIRECTIONS`.
    directions: [(u64, Amount); 2],
}

impl Tally {
    pub fn new(kind: Kind, columns: &[String]) -> Tally {
        let place = |name: &str| columns.iter().position(|column| column == name);
        let mut sums: Vec<(&'static str, usize, Amount)> = Vec::new();
        if kind == Kind::Trade {
            for (_, column) in SUMS {
                if let Some(place) = place(column).filter(|_| sums.iter().all(|(known, ..)| *known != column)) {
                    sums.push((column, place, Amount::default()));
                }
            }
        }
        let is_flow = kind == Kind::FundFlow;
        Tally {
            kind,
            columns: columns.len(),
            rows: 0,
            sums,
            direction: place(DIRECTION).filter(|_| is_flow),
            moved: place(MOVED).filter(|_| is_flow),
            directions: Default::default(),
        }
    }

    /// How many rows there were.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a row. One that is wrong counts as a row, and is in the sums as far as it could be read.
    pub fn add(&mut self, row: &Fields) -> Result<(), RowProblem> {
        self.rows = self.rows.saturating_add(1);
        if row.len() != self.columns {
            return Err(RowProblem::Columns { found: row.len(), expected: self.columns });
        }
        for (column, place, sum) in &mut self.sums {
            let amount = amount(row.get(*place)).ok_or(RowProblem::Amount { column })?;
            *sum = sum.plus(amount);
        }
        if let (Some(direction), Some(moved)) = (self.direction, self.moved) {
            let word = row.get(direction);
            let known = DIRECTIONS.iter().zip(&mut self.directions).find(|((name, ..), _)| name.as_bytes() == word);
            let (_, (count, sum)) = known.ok_or(RowProblem::Direction)?;
            *count = count.saturating_add(1);
            *sum = sum.plus(amount(row.get(moved)).ok_or(RowProblem::Amount { column: MOVED })?);
        }
        Ok(())
    }

    /// Compares with the totals of the bill.
    pub fn compare(&self, totals: Vec<(String, String)>) -> Vec<Total> {
        totals.into_iter().map(|(name, announced)| self.total(name, announced)).collect()
    }

    fn total(&self, name: String, announced: String) -> Total {
        let count = if name == self.kind.count() {
            Some(self.rows)
        } else {
            let mut directions = DIRECTIONS.iter().zip(&self.directions).filter(|_| self.kind == Kind::FundFlow);
            directions.find(|((_, count, _), _)| *count == name).map(|(_, (count, _))| *count)
        };
        if let Some(count) = count {
            return Total {
                matches: announced.parse() == Ok(count),
                counted: Some(count.to_string()),
                name,
                announced,
            };
        }
        let sum = self.sum(&name);
        let matches = sum.is_none_or(|sum| Amount::parse(announced.as_bytes()) == Some(sum));
        Total { name, announced, counted: sum.map(|sum| sum.to_string()), matches }
    }

    /// The sum that a total should have. A column that is not there adds up to nothing: bills of payments have no refunds.
    fn sum(&self, total: &str) -> Option<Amount> {
        if self.kind == Kind::FundFlow {
            let mut directions = DIRECTIONS.iter().zip(&self.directions);
            return directions.find(|((_, _, sum), _)| *sum == total).map(|(_, (_, sum))| *sum);
        }
        let (_, column) = SUMS.iter().find(|(name, _)| *name == total)?;
        let sum = self.sums.iter().find(|(name, ..)| name == column).map(|(_, _, sum)| *sum);
        Some(sum.unwrap_or_default())
    }
}

/// The amount of a value; where there is none, bills of years before have nothing.
fn amount(value: &[u8]) -> Option<Amount> {
    if value.is_empty() { Some(Amount::default()) } else { Amount::parse(value) }
}
