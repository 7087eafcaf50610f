//! A merchant's own orders compared with the rows of bills.
//!
//! Only the orders are kept, in 32 bytes each: of a number, its keyed 128-bit hash. That two numbers of ten million have the
//! same one is less likely than one in 10²⁴.

use std::hash::{BuildHasher, RandomState};

use crate::bill::amount::Amount;
use crate::bill::check::RowProblem;
use crate::bill::format::Fields;
use crate::bill::orders::{Kind, Order};

/// A payment or a refund of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    pub kind: Kind,
    pub number: &'a [u8],
    pub fen: i64,
}

/// Where in a trade bill is what orders are compared with.
#[derive(Debug)]
pub struct Entries {
    state: usize,
    number: usize,
    total: Option<(&'static str, usize)>,
    refund_number: Option<usize>,
    refund: Option<(&'static str, usize)>,
    has_payments: bool,
}

/// What was ordered, by the names of the years; what was to be refunded.
const TOTALS: [&str; 3] = ["订单金额", "总金额", "应结订单金额"];
const REFUNDS: [&str; 2] = ["申请退款金额", "退款金额"];

/// Only bills of refunds alone have this column.
const REFUNDS_ALONE: &str = "退款申请时间";

/// What a row of a bill is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    Entry(Entry<'a>),
    /// A payment that was reversed, without a number of a refund: the payment itself is another row.
    Reversed,
    /// The state is none of those that are known.
    UnknownState,
}

impl Entries {
    /// Finds the columns; `None` if those are missing without which nothing can be compared.
    pub fn of(columns: &[String]) -> Option<Entries> {
        let place = |name: &str| columns.iter().position(|column| column == name);
        let first = |names: &[&'static str]| names.iter().find_map(|name| Some((*name, place(name)?)));
        Some(Entries {
            state: place("交易状态")?,
            number: place("商户订单号")?,
            total: first(&TOTALS),
            refund_number: place("商户退款单号"),
            refund: first(&REFUNDS),
            has_payments: place(REFUNDS_ALONE).is_none(),
        })
    }

    /// Whether bills of this kind have payments, or refunds.
    pub fn has(&self, kind: Kind) -> bool {
        match kind {
            Kind::Payment => self.has_payments && self.total.is_some(),
            Kind::Refund => self.refund_number.is_some() && self.refund.is_some(),
        }
    }

    /// What a row is.
    pub fn read<'a>(&self, row: &'a Fields) -> Result<Found<'a>, RowProblem> {
        let refund_number =
            self.refund_number.map(|column| row.get(column)).filter(|number| !matches!(*number, b"" | b"0"));
        let (kind, number, amount) = match row.get(self.state) {
            b"SUCCESS" => (Kind::Payment, row.get(self.number), self.total),
            b"REFUND" => (Kind::Refund, refund_number.unwrap_or_default(), self.refund),
            b"REVOKED" => match refund_number {
                Some(number) => (Kind::Refund, number, self.refund),
                None => return Ok(Found::Reversed),
            },
            _ => return Ok(Found::UnknownState),
        };
        // No bill has rows for whose amount it has no column.
        let Some((name, column)) = amount else { return Ok(Found::UnknownState) };
        let fen = Amount::parse(row.get(column)).and_then(Amount::absolute_fen);
        let fen = fen.ok_or(RowProblem::Amount { column: name })?;
        Ok(Found::Entry(Entry { kind, number, fen }))
    }
}

/// Orders as they are read.
#[derive(Debug, Default)]
pub struct Gathered {
    records: Vec<Record>,
    keys: Keys,
}

/// All orders, by number.
#[derive(Debug)]
pub struct Ledger {
    records: Vec<Record>,
    keys: Keys,
}

/// How numbers are hashed, new each time: nobody can choose numbers that meet.
#[derive(Debug, Default)]
struct Keys([RandomState; 2]);

impl Keys {
    fn of(&self, kind: Kind, number: &[u8]) -> [u64; 2] {
        self.0.each_ref().map(|hasher| hasher.hash_one((kind, number)))
    }
}

#[derive(Clone, Copy, Debug)]
struct Record {
    key: [u64; 2],
    fen: i64,
    place: u32,
    /// The first row of the bills with this number, from 1; 0 if there was none.
    met: u32,
}

/// What a row of a bill is to the orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    Same,
    /// No order has this number.
    Missing,
    /// The order has another amount.
    Differs {
        fen: i64,
        place: u32,
    },
    /// An earlier row has the same number.
    Double {
        first: u32,
    },
}

impl Gathered {
    pub fn add(&mut self, order: Order<'_>) {
        let key = self.keys.of(order.kind, order.number);
        self.records.push(Record { key, fen: order.fen, place: order.place, met: 0 });
    }

    /// The ledger of all that was added, without doubles; and of each double its place and that of the first with the same
    /// number, by place.
    pub fn sorted(mut self) -> (Ledger, Vec<(u32, u32)>) {
        self.records.sort_unstable_by_key(|record| (record.key, record.place));
        let mut doubles = Vec::new();
        self.records.dedup_by(|record, first| {
            let is_double = record.key == first.key;
            if is_double {
                doubles.push((record.place, first.place));
            }
            is_double
        });
        doubles.sort_unstable();
        (Ledger { records: self.records, keys: self.keys }, doubles)
    }
}

impl Ledger {
    /// Compares a row of a bill, whose number among all rows, from 1, is `row`.
    pub fn meet(&mut self, entry: Entry<'_>, row: u32) -> Meeting {
        let key = self.keys.of(entry.kind, entry.number);
        let found = self.records.binary_search_by_key(&key, |record| record.key).ok();
        let Some(record) = found.and_then(|place| self.records.get_mut(place)) else { return Meeting::Missing };
        if record.met != 0 {
            return Meeting::Double { first: record.met };
        }
        record.met = row;
        if record.fen == entry.fen { Meeting::Same } else { Meeting::Differs { fen: record.fen, place: record.place } }
    }

    /// The places of the orders that no row of a bill has met, in order.
    pub fn unmet(&self) -> Vec<u32> {
        let mut places: Vec<_> =
            self.records.iter().filter(|record| record.met == 0).map(|record| record.place).collect();
        places.sort_unstable();
        places
    }
}
