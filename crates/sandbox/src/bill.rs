//! A bill: a CSV of any size that is written while it is sent, the same each time.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use openssl::error::ErrorStack;
use openssl::hash::{Hasher, MessageDigest};

use crate::crypto::{self, FileKey, FileSealer, hex};
use crate::keys::MCHID;

const HEAD: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
                    货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,\
                    商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n";

const TOTAL_HEAD: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n";

const FLOW_HEAD: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,\
                         备注,业务凭证号\r\n";

const FLOW_TOTAL_HEAD: &str = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n";

/// The largest size of a bill in bytes, for which its columns have room.
pub(crate) const LARGEST: u64 = 1 << 40;

/// How much is written at once, in bytes.
const PIECE: usize = 64 * 1024;

/// What a bill lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Payments (交易账单).
    Trade,
    /// Movements of an account (资金账单).
    FundFlow,
}

/// The bill of a day.
#[derive(Clone, Debug)]
pub(crate) struct Bill {
    kind: Kind,
    /// Eight digits.
    date: String,
    rows: u64,
}

impl Bill {
    /// The bill of a day that begins with `YYYY-MM-DD` or `YYYYMMDD`, with as few rows as make `size` bytes, at most [`LARGEST`].
    pub(crate) fn new(kind: Kind, date: &str, size: u64) -> Bill {
        let date = date.chars().filter(char::is_ascii_digit).collect();
        let empty = Bill { kind, date, rows: 0 };
        let (frame, row) = (empty.size(), empty.row(0).len() as u64);
        Bill { rows: size.min(LARGEST).saturating_sub(frame).div_ceil(row), ..empty }
    }

    /// The length in bytes.
    pub(crate) fn size(&self) -> u64 {
        let rows = self.rows.saturating_mul(self.row(0).len() as u64);
        let (head, total_head) = self.heads();
        let rest = [head, total_head, &self.total()].map(|part| part.len() as u64);
        rest.into_iter().fold(rows, u64::saturating_add)
    }

    /// The digest in lowercase hex, which takes as long as writing the bill.
    pub(crate) fn digest(&self, kind: MessageDigest) -> Result<String, ErrorStack> {
        let (mut hash, mut writer) = (Hasher::new(kind)?, BillWriter::new(self.clone(), false));
        while let Some(piece) = writer.next() {
            hash.update(&piece)?;
        }
        Ok(hex(&hash.finish()?))
    }

    /// The columns of the rows, and those of the totals.
    fn heads(&self) -> (&'static str, &'static str) {
        match self.kind {
            Kind::Trade => (HEAD, TOTAL_HEAD),
            Kind::FundFlow => (FLOW_HEAD, FLOW_TOTAL_HEAD),
        }
    }

    /// Each row has the same length.
    fn row(&self, number: u64) -> String {
        let (date, second) = (&self.date, number % 86_400);
        let (year, month_day) = date.split_at_checked(4).unwrap_or((date, ""));
        let (month, day) = month_day.split_at_checked(2).unwrap_or((month_day, ""));
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let time = format!("`{year}-{month}-{day} {hour:02}:{minute:02}:{second:02}");
        match self.kind {
            Kind::Trade => format!(
                "{time},`wxd678efh567hg6787,`{MCHID},`0,`,\
                 `4200000000{date}{number:010},`{date}{number:020},`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`NATIVE,`SUCCESS,`OTHERS,\
                 `CNY,`1.00,`0.00,`0,`0,`0.00,`0.00,`,`,`Image形象店,`,`0.01000,`1.00%,`1.00,`0.00,`\r\n"
            ),
            Kind::FundFlow => format!(
                "{time},`4200000000{date}{number:010},`1000000000{date}{number:010},`交易,`交易,`收入,`1.00,\
                 `{balance:012}.00,`system,`结算总金额1.00元;含手续费0.00元,`{date}{number:020}\r\n",
                balance = number.saturating_add(1),
            ),
        }
    }

    fn total(&self) -> String {
        let (count, cents) = (self.rows, self.rows);
        if self.kind == Kind::FundFlow {
            return format!("`{count:012},`{count:012},`{count:012}.00,`0,`0.00\r\n");
        }
        let (yuan, fen) = (cents / 100, cents % 100);
        format!("`{count:012},`{count:012}.00,`0.00,`0.00,`{yuan:012}.{fen:02},`{count:012}.00,`0.00\r\n")
    }
}

/// Writes a bill piece by piece.
pub(crate) struct BillWriter {
    bill: Bill,
    next: Line,
    /// Compresses what is written, if that is wanted.
    packer: Option<GzEncoder<Vec<u8>>>,
    /// Encrypts what is written, compressed or not, if that is wanted.
    sealer: Option<FileSealer>,
}

enum Line {
    Head,
    Row(u64),
    Total,
    End,
}

impl BillWriter {
    pub(crate) fn new(bill: Bill, packed: bool) -> BillWriter {
        let packer = packed.then(|| GzEncoder::new(Vec::new(), Compression::fast()));
        BillWriter { bill, next: Line::Head, packer, sealer: None }
    }

    /// The same, encrypted.
    pub(crate) fn sealed(self, file: &FileKey) -> Result<BillWriter, ErrorStack> {
        Ok(BillWriter { sealer: Some(FileSealer::new(file)?), ..self })
    }

    /// How long it will be, if that is known in advance.
    pub(crate) fn size(&self) -> Option<u64> {
        let tag = if self.sealer.is_some() { crypto::TAG as u64 } else { 0 };
        self.packer.is_none().then(|| self.bill.size().saturating_add(tag))
    }

    /// The next bytes; none at the end.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        let piece = self.next_packed();
        let Some(sealer) = &mut self.sealer else { return piece };
        match piece {
            Some(piece) => sealer.seal(&piece).ok(),
            None => self.sealer.take().and_then(|sealer| sealer.end().ok()),
        }
    }

    fn next_packed(&mut self) -> Option<Vec<u8>> {
        loop {
            let plain = self.next_plain();
            let is_end = plain.is_empty();
            let Some(packer) = &mut self.packer else {
                return Some(plain).filter(|_| !is_end);
            };
            // Writing to a vector cannot fail.
            let _ = packer.write_all(&plain);
            if is_end {
                return self.packer.take().and_then(|packer| packer.finish().ok());
            }
            let packed = std::mem::take(packer.get_mut());
            if !packed.is_empty() {
                return Some(packed);
            }
        }
    }

    /// The next lines, about a piece of them; empty at the end.
    fn next_plain(&mut self) -> Vec<u8> {
        let mut plain = Vec::with_capacity(PIECE + 1024);
        while plain.len() < PIECE {
            self.next = match self.next {
                Line::Head => {
                    plain.extend_from_slice(self.bill.heads().0.as_bytes());
                    Line::Row(0)
                }
                Line::Row(number) if number < self.bill.rows => {
                    plain.extend_from_slice(self.bill.row(number).as_bytes());
                    Line::Row(number.saturating_add(1))
                }
                Line::Row(_) => {
                    plain.extend_from_slice(self.bill.heads().1.as_bytes());
                    Line::Total
                }
                Line::Total => {
                    plain.extend_from_slice(self.bill.total().as_bytes());
                    Line::End
                }
                Line::End => break,
            };
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use openssl::hash::{MessageDigest, hash};

    use super::{Bill, BillWriter, Kind, LARGEST};

    fn written(bill: &Bill, packed: bool) -> Vec<u8> {
        let mut writer = BillWriter::new(bill.clone(), packed);
        let pieces: Vec<_> = std::iter::from_fn(|| writer.next()).collect();
        assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() < 100_000));
        assert_eq!(writer.next(), None);
        pieces.concat()
    }

    #[test]
    fn a_bill_is_as_long_as_asked_for_and_known_before() {
        let sizes = [0, 1, 1000, 65_536, 65_537, 1_000_000];
        for (kind, size) in [Kind::Trade, Kind::FundFlow].into_iter().flat_map(|kind| sizes.map(|size| (kind, size))) {
            let bill = Bill::new(kind, "2018-01-30", size);
            let csv = written(&bill, false);
            assert_eq!(csv.len() as u64, bill.size());
            let row = bill.row(0).len() as u64;
            let is_just_enough = csv.len() as u64 >= size && (bill.rows == 0 || (csv.len() as u64) < size + row);
            assert!(is_just_enough, "{} for {size}", csv.len());
            for kind in [MessageDigest::sha1(), MessageDigest::sha256()] {
                let digest = hash(kind, &csv).unwrap();
                let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(bill.digest(kind).unwrap(), hex);
            }

            let mut unpacked = Vec::new();
            GzDecoder::new(written(&bill, true).as_slice()).read_to_end(&mut unpacked).unwrap();
            assert!(unpacked == csv);
        }
    }

    #[test]
    fn each_row_has_all_columns_and_the_same_length() {
        for kind in [Kind::Trade, Kind::FundFlow] {
            let bill = Bill::new(kind, "20180130", LARGEST);
            let length = bill.row(0).len();
            for number in [0, 1, 86_399, 86_400, bill.rows] {
                assert_eq!(bill.row(number).len(), length, "{number}");
            }
            assert!(bill.row(3661).starts_with("`2018-01-30 01:01:01,`"));
            assert_eq!(bill.total().len(), Bill::new(kind, "20180130", 0).total().len());
            assert_eq!(Bill::new(kind, "x", u64::MAX).rows, Bill::new(kind, "x", LARGEST).rows);

            let csv = String::from_utf8(written(&Bill::new(kind, "2018-01-30", 3000), false)).unwrap();
            let lines: Vec<_> = csv.split_terminator("\r\n").collect();
            let [head, rows @ .., total_head, total] = &lines[..] else { panic!("{csv}") };
            let columns = head.split(',').count();
            assert!(rows.len() > 2 && rows.iter().all(|row| row.split(',').count() == columns), "{csv}");
            assert_eq!(total.split(',').count(), total_head.split(',').count());
            assert!(total.starts_with(&format!("`{:012},", rows.len())), "{total}");
        }
    }
}
