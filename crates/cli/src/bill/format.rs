//! The file of a bill, line by line: a header, a row for each payment, refund or movement, and the totals.
//!
//! Each value of a row begins with a backtick, so that a comma inside a value, as in the name of what was sold, does not separate.
//! Columns are found by their names, of which the platform has changed some over the years.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// No line of a bill is nearly as long.
const LONGEST_LINE: u64 = 64 * 1024;

/// How much is read at once.
const BUFFER: usize = 64 * 1024;

/// What begins a file of UTF-8 of some editors.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// What a bill lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Payments and refunds (交易账单).
    Trade,
    /// Movements of an account (资金账单).
    FundFlow,
}

impl Kind {
    /// The column that every bill of this kind has.
    fn mark(self) -> &'static str {
        match self {
            Kind::Trade => "交易时间",
            Kind::FundFlow => "记账时间",
        }
    }

    /// The total that every bill of this kind begins its totals with.
    pub fn count(self) -> &'static str {
        match self {
            Kind::Trade => "总交易单数",
            Kind::FundFlow => "资金流水总笔数",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Kind::Trade => "trade",
            Kind::FundFlow => "fundflow",
        }
    }
}

/// Why a file cannot be read as a bill at all.
#[derive(Debug)]
pub enum FormatError {
    /// It has no bytes.
    Empty,
    /// Its first line is not the header of a bill.
    NotABill,
    /// This line is too long to be one of a bill.
    LineTooLong(u32),
    /// It cannot be read on, or unpacked, after this line.
    Read(u32, io::Error),
}

impl fmt::Display for FormatError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormatError::Empty => formatter.write_str("it is empty"),
            FormatError::NotABill => {
                let marks = [Kind::Trade.mark(), Kind::FundFlow.mark()].join(" or ");
                write!(formatter, "not a bill: the first line has no column {marks}")
            }
            FormatError::LineTooLong(line) => {
                write!(formatter, "not a bill: line {line} has more than {LONGEST_LINE} bytes")
            }
            FormatError::Read(line, error) => write!(formatter, "cannot be read on after line {line}: {error}"),
        }
    }
}

impl std::error::Error for FormatError {}

/// A bill that is being read.
pub struct Bill<'a> {
    lines: Lines<'a>,
    kind: Kind,
    columns: Vec<String>,
    fields: Fields,
    /// The totals have been read.
    is_over: bool,
}

/// The next thing in a bill.
pub enum Record<'a> {
    /// A row, and its values in the order of the columns.
    Row(&'a Fields),
    /// The totals, by name; empty where there is none. The last thing of a bill.
    Totals(Vec<(String, String)>),
    /// A line that is none of a bill, or follows the totals: its number, from 1.
    Stray(u32),
}

impl<'a> Bill<'a> {
    /// Reads the header of a bill, which may be gzip.
    pub fn open(source: impl Read + 'a) -> Result<Bill<'a>, FormatError> {
        let mut source = BufReader::with_capacity(BUFFER, source);
        let begin = source.fill_buf().map_err(|error| FormatError::Read(0, error))?;
        let reader: Box<dyn BufRead + 'a> = if begin.starts_with(b"\x1f\x8b") {
            Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(source)))
        } else {
            Box::new(source)
        };
        let mut lines = Lines { reader, line: Vec::new(), number: 0 };
        if !lines.advance()? {
            return Err(FormatError::Empty);
        }
        let header = lines.line.strip_prefix(BOM).unwrap_or(&lines.line);
        let columns = texts(header);
        let is_of = |kind: &Kind| columns.iter().any(|column| column == kind.mark());
        let kind = [Kind::Trade, Kind::FundFlow].into_iter().find(is_of).ok_or(FormatError::NotABill)?;
        Ok(Bill { lines, kind, columns, fields: Fields::default(), is_over: false })
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The names of the columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What comes next; `None` at the end. Empty lines are passed over.
    pub fn next(&mut self) -> Result<Option<Record<'_>>, FormatError> {
        while self.lines.advance()? {
            let line = &mut self.lines.line;
            if line.is_empty() {
                continue;
            }
            let (is_row, value) = match line.strip_prefix(b"`") {
                Some(value) => (true, value),
                None => (false, line.as_slice()),
            };
            let is_totals = value.starts_with(self.kind.count().as_bytes());
            if self.is_over || !is_row && !is_totals {
                return Ok(Some(Record::Stray(self.lines.number)));
            }
            if !is_totals {
                self.fields.split(line, self.lines.number);
                return Ok(Some(Record::Row(&self.fields)));
            }
            self.is_over = true;
            let names = texts(line);
            let values = if self.lines.advance()? { texts(&self.lines.line) } else { Vec::new() };
            let values = values.into_iter().chain(std::iter::repeat(String::new()));
            return Ok(Some(Record::Totals(names.into_iter().zip(values).collect())));
        }
        Ok(None)
    }
}

/// The lines of a file, without what ends them.
struct Lines<'a> {
    reader: Box<dyn BufRead + 'a>,
    line: Vec<u8>,
    number: u32,
}

impl Lines<'_> {
    /// Reads the next line; says whether there is one.
    fn advance(&mut self) -> Result<bool, FormatError> {
        self.line.clear();
        let read = (&mut self.reader).take(LONGEST_LINE).read_until(b'\n', &mut self.line);
        let read = read.map_err(|error| FormatError::Read(self.number, error))?;
        if read == 0 {
            return Ok(false);
        }
        self.number = self.number.saturating_add(1);
        match self.line.strip_suffix(b"\n") {
            Some(line) => {
                let length = line.strip_suffix(b"\r").unwrap_or(line).len();
                self.line.truncate(length);
            }
            None if read as u64 == LONGEST_LINE => return Err(FormatError::LineTooLong(self.number)),
            None => {}
        }
        Ok(true)
    }
}

/// The values of a line whose values are known to have no comma.
fn texts(line: &[u8]) -> Vec<String> {
    let text = |value: &[u8]| {
        let value = value.strip_prefix(b"`").unwrap_or(value);
        String::from_utf8_lossy(value).trim().to_owned()
    };
    line.split(|byte| *byte == b',').map(text).collect()
}

/// The values of a row.
#[derive(Debug, Default)]
pub struct Fields {
    line: Vec<u8>,
    number: u32,
    /// Where each value begins, after its backtick.
    starts: Vec<usize>,
}

impl Fields {
    /// Takes a line in, and leaves its room to the next one.
    fn split(&mut self, line: &mut Vec<u8>, number: u32) {
        std::mem::swap(&mut self.line, line);
        self.number = number;
        self.starts.clear();
        let mut last = b',';
        for (place, &byte) in self.line.iter().enumerate() {
            if byte == b'`' && last == b',' {
                self.starts.push(place.saturating_add(1));
            }
            last = byte;
        }
    }

    /// The number of the line, from 1.
    pub fn line(&self) -> u32 {
        self.number
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// The value of a column; empty if there is none.
    pub fn get(&self, column: usize) -> &[u8] {
        let Some(&start) = self.starts.get(column) else { return &[] };
        // Before the next value there are a comma and a backtick.
        let next = column.checked_add(1).and_then(|next| self.starts.get(next));
        let end = next.map_or(self.line.len(), |next| next.saturating_sub(2));
        self.line.get(start..end).unwrap_or_default()
    }
}
