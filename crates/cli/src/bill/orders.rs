//! A merchant's own orders and refunds: CSV with a header, a JSON array, or JSON with one object a line.
//!
//! What is in which column is known by its name, that of the platform's fields. A row with an `out_refund_no` is a refund, of the
//! amount of `refund`, `refund_fee` or `amount`; any other is a payment with an `out_trade_no`, of the amount of `total`,
//! `total_fee` or `amount`. In JSON, `amount` may be the platform's object, with `total` and `refund` in it; in CSV, these are
//! called `amount.total` and `amount.refund`.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_core::Deserializer;
use serde_core::de::{SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::bill::amount::Amount;
use crate::bill::format::BOM;

const PAYMENT_NUMBER: &str = "out_trade_no";
const REFUND_NUMBER: &str = "out_refund_no";
const PAYMENT_AMOUNTS: [&str; 4] = ["total", "amount.total", "total_fee", "amount"];
const REFUND_AMOUNTS: [&str; 4] = ["refund", "amount.refund", "refund_fee", "amount"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Payment,
    Refund,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Payment => "payment",
            Kind::Refund => "refund",
        }
    }

    /// The fields that the amount can be in, the first that is there counts.
    fn amounts(self) -> [&'static str; 4] {
        match self {
            Kind::Payment => PAYMENT_AMOUNTS,
            Kind::Refund => REFUND_AMOUNTS,
        }
    }
}

/// What the amounts of a file are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Fen,
    Yuan,
}

/// A payment or a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    pub kind: Kind,
    /// The `out_trade_no` of a payment, the `out_refund_no` of a refund.
    pub number: &'a [u8],
    pub fen: i64,
    /// The number of its line, or in a JSON array of its item, from 1.
    pub place: u32,
}

/// What a file has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub payments: u64,
    pub refunds: u64,
    /// Whether there is a column for the numbers of refunds, even if no row has one.
    pub tells_refunds: bool,
}

/// A file of orders. It is read as often as is asked for, and never as a whole.
#[derive(Debug)]
pub struct Orders {
    path: PathBuf,
    form: Form,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    JsonArray,
    JsonLines,
}

/// Why orders cannot be read.
#[derive(Debug)]
pub enum OrdersError {
    File(io::Error),
    /// It is a pipe, which can be read only once.
    NotAFile,
    Csv(csv::Error),
    Json(serde_json::Error),
    /// The header has neither number.
    NoNumber,
    /// The header has no column for the amount of these.
    NoAmount(Kind),
    /// What is wrong in this line or item.
    Row(u32, String),
}

impl fmt::Display for OrdersError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OrdersError::File(error) => error.fmt(formatter),
            OrdersError::NotAFile => formatter.write_str("not a file; it is read twice, which a pipe cannot be"),
            OrdersError::Csv(error) => error.fmt(formatter),
            OrdersError::Json(error) => error.fmt(formatter),
            OrdersError::NoNumber => {
                write!(formatter, "there is no column `{PAYMENT_NUMBER}` or `{REFUND_NUMBER}`")
            }
            OrdersError::NoAmount(kind) => {
                write!(formatter, "there is no column for the amount of a {}: {}", kind.name(), choices(*kind))
            }
            OrdersError::Row(place, what) => write!(formatter, "row {place}: {what}"),
        }
    }
}

impl std::error::Error for OrdersError {}

fn choices(kind: Kind) -> String {
    kind.amounts().map(|name| format!("`{name}`")).join(", ")
}

type Each<'a> = &'a mut dyn FnMut(Order<'_>);

impl Orders {
    /// Finds out what form a file has.
    pub fn open(path: &Path, unit: Unit) -> Result<Orders, OrdersError> {
        let file = File::open(path).map_err(OrdersError::File)?;
        if !file.metadata().map_err(OrdersError::File)?.is_file() {
            return Err(OrdersError::NotAFile);
        }
        let mut begin = Vec::new();
        file.take(1024).read_to_end(&mut begin).map_err(OrdersError::File)?;
        let begin = begin.strip_prefix(BOM).unwrap_or(&begin);
        let form = match begin.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'[') => Form::JsonArray,
            Some(b'{') => Form::JsonLines,
            _ => Form::Csv,
        };
        Ok(Orders { path: path.to_owned(), form, unit })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads all orders, in the order of the file.
    pub fn read(&self, each: Each<'_>) -> Result<Content, OrdersError> {
        let file = File::open(&self.path).map_err(OrdersError::File)?;
        let mut file = BufReader::with_capacity(64 * 1024, file);
        let mut reading = Reading { unit: self.unit, content: Content::default(), each };
        match self.form {
            Form::Csv => reading.csv(file)?,
            Form::JsonLines => reading.lines(without_bom(&mut file)?)?,
            Form::JsonArray => reading.array(without_bom(&mut file)?)?,
        }
        Ok(reading.content)
    }
}

fn without_bom(file: &mut BufReader<File>) -> Result<&mut BufReader<File>, OrdersError> {
    if file.fill_buf().map_err(OrdersError::File)?.starts_with(BOM) {
        file.consume(BOM.len());
    }
    Ok(file)
}

struct Reading<'a> {
    unit: Unit,
    content: Content,
    each: Each<'a>,
}

impl Reading<'_> {
    fn csv(&mut self, file: impl Read) -> Result<(), OrdersError> {
        let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(file);
        let header = reader.byte_headers().map_err(OrdersError::Csv)?.clone();
        let column = |name: &str| header.iter().position(|column| column.trim_ascii() == name.as_bytes());
        let amount = |kind: Kind| kind.amounts().into_iter().find_map(|name| Some((name, column(name)?)));
        let (payment, refund) = (column(PAYMENT_NUMBER), column(REFUND_NUMBER));
        let (total, refunded) = (amount(Kind::Payment), amount(Kind::Refund));
        if header.is_empty() {
            return Ok(());
        }
        if payment.is_none() && refund.is_none() {
            return Err(OrdersError::NoNumber);
        }
        if total.is_none() && refunded.is_none() {
            return Err(OrdersError::NoAmount(if payment.is_some() { Kind::Payment } else { Kind::Refund }));
        }
        self.content.tells_refunds = refund.is_some();
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(OrdersError::Csv)? {
            let place = record.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
            let value = |column: Option<usize>| clean(column.and_then(|column| record.get(column)).unwrap_or_default());
            let (kind, number, amount) = match value(refund) {
                b"" => (Kind::Payment, value(payment), total),
                number => (Kind::Refund, number, refunded),
            };
            let (name, column) = amount.ok_or(OrdersError::NoAmount(kind))?;
            self.row(kind, number, name, value(Some(column)), place)?;
        }
        Ok(())
    }

    fn lines(&mut self, file: &mut impl BufRead) -> Result<(), OrdersError> {
        let (mut line, mut place) = (Vec::new(), 0_u32);
        loop {
            line.clear();
            if file.read_until(b'\n', &mut line).map_err(OrdersError::File)? == 0 {
                return Ok(());
            }
            place = place.saturating_add(1);
            if !line.trim_ascii().is_empty() {
                let object: Value =
                    serde_json::from_slice(&line).map_err(|error| OrdersError::Row(place, error.to_string()))?;
                self.object(&object, place)?;
            }
        }
    }

    fn array(&mut self, file: &mut impl BufRead) -> Result<(), OrdersError> {
        let mut items = Items { reading: self, failed: None };
        let mut json = serde_json::Deserializer::from_reader(file);
        let read = json.deserialize_seq(&mut items).and_then(|()| json.end());
        match items.failed {
            Some(error) => Err(error),
            None => read.map_err(OrdersError::Json),
        }
    }

    fn object(&mut self, value: &Value, place: u32) -> Result<(), OrdersError> {
        let Value::Object(object) = value else {
            return Err(OrdersError::Row(place, "not a JSON object".to_owned()));
        };
        self.content.tells_refunds |= object.contains_key(REFUND_NUMBER);
        let refund = text(object.get(REFUND_NUMBER));
        let (kind, number) = match clean(refund.as_bytes()) {
            b"" => (Kind::Payment, text(object.get(PAYMENT_NUMBER))),
            _ => (Kind::Refund, refund),
        };
        let amount = kind.amounts().into_iter().find_map(|name| Some((name, member(object, name)?)));
        let (name, amount) =
            amount.ok_or_else(|| OrdersError::Row(place, format!("it has none of {}", choices(kind))))?;
        self.row(kind, clean(number.as_bytes()), name, clean(text(Some(amount)).as_bytes()), place)
    }

    fn row(&mut self, kind: Kind, number: &[u8], name: &str, amount: &[u8], place: u32) -> Result<(), OrdersError> {
        if number.is_empty() {
            return Err(OrdersError::Row(
                place,
                format!("neither `{PAYMENT_NUMBER}` nor `{REFUND_NUMBER}` has a value"),
            ));
        }
        let fen = self.fen(kind, amount).ok_or_else(|| {
            let what = match self.unit {
                Unit::Fen => "a whole number of fen (if it is in yuan, give --yuan)",
                Unit::Yuan => "an amount in yuan with at most two decimals",
            };
            OrdersError::Row(place, format!("`{name}` is {:?}, not {what}", shown(amount)))
        })?;
        let count = match kind {
            Kind::Payment => &mut self.content.payments,
            Kind::Refund => &mut self.content.refunds,
        };
        *count = count.saturating_add(1);
        (self.each)(Order { kind, number, fen, place });
        Ok(())
    }

    /// Refunds may be written as negative amounts.
    fn fen(&self, kind: Kind, amount: &[u8]) -> Option<i64> {
        if kind == Kind::Payment && amount.starts_with(b"-") {
            return None;
        }
        match self.unit {
            Unit::Yuan => Amount::parse(amount)?.absolute_fen(),
            Unit::Fen => std::str::from_utf8(amount).ok()?.parse::<i64>().ok()?.checked_abs(),
        }
    }
}

/// Reads the items of an array one after the other.
struct Items<'a, 'b> {
    reading: &'a mut Reading<'b>,
    failed: Option<OrdersError>,
}

impl<'de> Visitor<'de> for &mut Items<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of orders")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        let mut place = 0_u32;
        while let Some(item) = sequence.next_element::<Value>()? {
            place = place.saturating_add(1);
            if self.failed.is_none() {
                self.failed = self.reading.object(&item, place).err();
            }
        }
        Ok(())
    }
}

/// The member of an object; after a point that of the object in it.
fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    match name.split_once('.') {
        Some((outer, inner)) => object.get(outer)?.get(inner),
        None => object.get(name).filter(|value| !value.is_object()),
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Without what is put before numbers so that a spreadsheet does not round them.
fn clean(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    value.strip_prefix(b"`").unwrap_or(value)
}

/// A value of a file, for a message: no longer than needed, and without what could steer a terminal.
pub fn shown(value: &[u8]) -> String {
    const MOST: usize = 64;
    let text = String::from_utf8_lossy(value);
    let is_plain = |letter: char| !letter.is_control();
    text.chars().take(MOST).map(|letter| if is_plain(letter) { letter } else { '\u{fffd}' }).collect()
}
