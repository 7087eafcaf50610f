//! Amounts of money as bills write them.

use std::fmt;

/// Decimals that an amount can have: bills write amounts with two, and fees with five.
const DECIMALS: usize = 5;

/// Units of a fen.
const OF_FEN: i128 = 1000;

/// An amount in units of 0.00001 yuan, exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount(i128);

impl Amount {
    /// The amount of a text such as `1`, `-1.00` or `0.01234`; `None` for all else, also for more than five decimals, unless
    /// they are zeros.
    pub fn parse(text: &[u8]) -> Option<Amount> {
        let (is_negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let mut units: i64 = 0;
        // How many digits have followed the point.
        let mut decimals = None;
        let mut has_digits = false;
        for &byte in digits {
            match byte {
                b'0'..=b'9' => {
                    has_digits = true;
                    if decimals == Some(DECIMALS) {
                        if byte == b'0' {
                            continue;
                        }
                        return None;
                    }
                    units = units.checked_mul(10)?.checked_add(i64::from(byte.wrapping_sub(b'0')))?;
                    decimals = decimals.map(|count: usize| count.saturating_add(1));
                }
                b'.' if decimals.is_none() && has_digits => decimals = Some(0),
                _ => return None,
            }
        }
        if !has_digits || digits.ends_with(b".") {
            return None;
        }
        for _ in decimals.unwrap_or(0)..DECIMALS {
            units = units.checked_mul(10)?;
        }
        let units = i128::from(units);
        Some(Amount(if is_negative { units.saturating_neg() } else { units }))
    }

    /// The amount of a number of fen.
    pub fn of_fen(fen: i64) -> Amount {
        Amount(i128::from(fen).saturating_mul(OF_FEN))
    }

    /// The sum of two; a sum of all amounts of 2³² lines has room.
    pub fn plus(self, other: Amount) -> Amount {
        Amount(self.0.saturating_add(other.0))
    }

    /// In fen, without a sign; `None` if it is not a whole number of them.
    pub fn absolute_fen(self) -> Option<i64> {
        let units = self.0.checked_abs()?;
        let is_whole = units.checked_rem(OF_FEN)? == 0;
        units.checked_div(OF_FEN).filter(|_| is_whole).and_then(|fen| fen.try_into().ok())
    }
}

/// In yuan, with two decimals or as many as it takes.
impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:06}", self.0.unsigned_abs());
        let (yuan, decimals) = digits.split_at(digits.len().saturating_sub(DECIMALS));
        let needed = decimals.trim_end_matches('0').len().max(2);
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(formatter, "{sign}{yuan}.{}", decimals.get(..needed).unwrap_or(decimals))
    }
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn what_is_an_amount_and_how_it_is_shown() {
        for (text, shown) in [
            ("0", "0.00"),
            ("1", "1.00"),
            ("0.1", "0.10"),
            ("-0.01", "-0.01"),
            ("+2.50", "2.50"),
            ("0.01234", "0.01234"),
            ("12.3450000", "12.345"),
            ("90000000000.12", "90000000000.12"),
        ] {
            assert_eq!(Amount::parse(text.as_bytes()).unwrap().to_string(), shown);
        }
        for text in ["", "-", ".", "1.", ".5", "1.2.3", "1e3", "1,000", "0.000001", "¥1", " 1", "99999999999999999999"]
        {
            assert_eq!(Amount::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn sums_are_exact() {
        // In binary floating point, ten times 0.1 is not 1.
        let tenth = Amount::parse(b"0.1").unwrap();
        let sum = (0..10).fold(Amount::default(), |sum, _| sum.plus(tenth));
        assert_eq!(sum, Amount::parse(b"1").unwrap());
        assert_eq!(sum.absolute_fen(), Some(100));
        assert_eq!(Amount::parse(b"-0.29").unwrap().absolute_fen(), Some(29));
        assert_eq!(Amount::parse(b"0.001").unwrap().absolute_fen(), None);
        assert_eq!(Amount::of_fen(29).to_string(), "0.29");
    }
}
