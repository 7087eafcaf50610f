//! Values in a format: `sprintf` and `number_format`.

use serde_json::Value;

use super::argument::Argument;
use super::digits;
use super::error::Error;
use super::key;
use super::limit;
use super::operand::Operand;
use super::text;

/// The most digits behind the point.
const MOST_PLACES: usize = 53;

/// What PHP takes for the largest number in a format.
const LARGEST: usize = 2_147_483_647;

/// The values in a format (PHP: `sprintf`; `printf` prints the same).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::sprintf("%05.1f|%'*8s|%-4d|%+d", &[json!(3.14159), json!("a"), json!(7), json!(3)])?, "003.1|*******a|7   |+3");
/// assert_eq!(php::sprintf("%2$s %1$s", &["a", "b"])?, "b a");
/// # Ok::<_, php::Error>(())
/// ```
///
/// # Errors
/// An `ArgumentCountError` if there are too few values, a `ValueError` for what is no format; if a character is cut in two; and
/// if the text would be larger than PHP's default `memory_limit`.
pub fn sprintf(format: impl Operand, values: &[impl Operand]) -> Result<String, Error> {
    let values: Vec<Value> = values.iter().map(|value| value.operand().into_owned()).collect();
    let (made, needed) = formatted(&text::text(format), &values)?;
    if needed > values.len() {
        let (needed, given) = (needed.saturating_add(1), values.len().saturating_add(1));
        return Err(Error::new("ArgumentCountError", format!("{needed} arguments are required, {given} given")));
    }
    String::from_utf8(made).map_err(|_| Error::cut("sprintf"))
}

/// The values of an array in a format (PHP: `vsprintf`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::vsprintf("%04d-%02d", json!([2026, 1]))?, "2026-01");
/// # Ok::<_, php::Error>(())
/// ```
///
/// # Errors
/// As [`sprintf`], but too few values are a `ValueError`; a `TypeError` for what is no array.
pub fn vsprintf(format: impl Operand, values: impl Operand) -> Result<String, Error> {
    let values = Argument::new("vsprintf", 2, "values").array(&values)?;
    let values: Vec<Value> = key::into_values(values.into_owned());
    let (made, needed) = formatted(&text::text(format), &values)?;
    if needed > values.len() {
        let given = values.len();
        return Err(Error::of_value(format!("The arguments array must contain {needed} items, {given} given")));
    }
    String::from_utf8(made).map_err(|_| Error::cut("vsprintf"))
}

/// A number with so many places, a point and a separator of thousands (PHP: `number_format`, whose defaults are 0, `.` and `,`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::number_format(1234567.891, 2, ".", ",")?, "1,234,567.89");
/// assert_eq!(php::number_format("0.5", 0, ".", "")?, "1");
/// # Ok::<_, php::Error>(())
/// ```
///
/// # Errors
/// A `TypeError` for what is no number.
pub fn number_format(
    a: impl Operand,
    places: i64,
    point: impl Operand,
    thousands: impl Operand,
) -> Result<String, Error> {
    let number = Argument::new("number_format", 1, "num").float(&a.operand())?;
    if !number.is_finite() {
        // Without a sign, as PHP 8 does it.
        return Ok(if number.is_nan() { "nan" } else { "inf" }.to_owned());
    }
    // More than these are always zeros.
    let places = usize::try_from(places).unwrap_or(0).min(500);
    let number = digits::rounded(number, i32::try_from(places).unwrap_or(0));
    let fixed = format!("{:.places$}", number.abs());
    let (whole, fraction) = fixed.split_once('.').unwrap_or((&fixed, ""));
    let thousands = text::text(thousands);
    let mut made = String::from(if number < 0.0 { "-" } else { "" });
    for (at, digit) in whole.chars().enumerate() {
        let behind = whole.len().saturating_sub(at);
        if at > 0 && behind % 3 == 0 {
            made.push_str(&thousands);
        }
        made.push(digit);
    }
    if places > 0 {
        made.push_str(&text::text(point));
        made.push_str(fraction);
    }
    Ok(made)
}

/// What stands between a `%` and its letter.
#[derive(Debug, Clone, Copy)]
struct Directive {
    argument: Option<usize>,
    is_left: bool,
    has_plus: bool,
    padding: u8,
    width: usize,
    places: Option<usize>,
    /// `.*` with a negative value: as many digits as it takes.
    is_exact: bool,
}

/// The format, read from the left to the right.
struct Reader<'a> {
    rest: &'a [u8],
    values: &'a [Value],
    /// How many values have been taken that were not named by a number.
    taken: usize,
    needed: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    /// A number, if there is one here.
    fn number(&mut self) -> Option<usize> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest.split_at_checked(digits)?;
        let number = std::str::from_utf8(number).ok().filter(|number| !number.is_empty())?;
        self.rest = rest;
        Some(number.parse().unwrap_or(usize::MAX))
    }

    /// A number in front of `$`, if there is one here.
    fn argument(&mut self) -> Result<Option<usize>, Error> {
        let before = self.rest;
        let number = self.number();
        match (number, self.peek()) {
            (Some(number), Some(b'$')) => {
                if number == 0 || number >= LARGEST {
                    let message =
                        format!("Argument number specifier must be greater than zero and less than {LARGEST}");
                    return Err(Error::of_value(message));
                }
                self.skip();
                Ok(number.checked_sub(1))
            }
            _ => {
                self.rest = before;
                Ok(None)
            }
        }
    }

    /// The value of this number, or the next one. PHP goes on without those that are not there, to count them.
    fn value(&mut self, argument: Option<usize>) -> Option<&'a Value> {
        let at = argument.unwrap_or(self.taken);
        if argument.is_none() {
            self.taken = self.taken.saturating_add(1);
        }
        let value = self.values.get(at);
        if value.is_none() {
            self.needed = self.needed.max(at.saturating_add(1));
        }
        value
    }

    /// The value of a `*`, for the width or the places.
    fn star(&mut self, what: &str, least: i64) -> Result<Option<i64>, Error> {
        self.skip();
        let argument = self.argument()?;
        let Some(value) = self.value(argument) else { return Ok(None) };
        let Some(number) = value.as_i64() else { return Err(Error::of_value(format!("{what} must be an integer"))) };
        let most = i64::try_from(LARGEST).unwrap_or(i64::MAX);
        if (least..=most).contains(&number) {
            return Ok(Some(number));
        }
        let range = if least == 0 { "greater than zero and less than" } else { "between -1 and" };
        Err(Error::of_value(format!("{what} must be {range} {LARGEST}")))
    }

    fn directive(&mut self) -> Result<Directive, Error> {
        let mut directive = Directive {
            argument: self.argument()?,
            is_left: false,
            has_plus: false,
            padding: b' ',
            width: 0,
            places: None,
            is_exact: false,
        };
        while let Some(flag) = self.peek() {
            match flag {
                b'0' | b' ' => directive.padding = flag,
                b'-' => directive.is_left = true,
                b'+' => directive.has_plus = true,
                b'\'' => {
                    self.skip();
                    directive.padding = self.peek().ok_or_else(|| Error::of_value("Missing padding character"))?;
                }
                _ => break,
            }
            self.skip();
        }
        if self.peek() == Some(b'*') {
            let width = self.star("Width", 0)?.unwrap_or(0);
            directive.width = usize::try_from(width).unwrap_or(0);
        } else if let Some(width) = self.number() {
            let wrong = || Error::of_value(format!("Width must be greater than zero and less than {LARGEST}"));
            directive.width = Some(width).filter(|width| *width < LARGEST).ok_or_else(wrong)?;
        }
        if self.peek() == Some(b'.') {
            self.skip();
            if self.peek() == Some(b'*') {
                let places = self.star("Precision", -1)?.unwrap_or(0);
                directive.is_exact = places < 0;
                directive.places = Some(usize::try_from(places).unwrap_or(0));
            } else if let Some(places) = self.number() {
                let wrong = || Error::of_value(format!("Precision must be greater than zero and less than {LARGEST}"));
                directive.places = Some(Some(places).filter(|places| *places < LARGEST).ok_or_else(wrong)?);
            }
        }
        Ok(directive)
    }
}

/// The text, and how many values it needs if some are missing.
fn formatted(format: &str, values: &[Value]) -> Result<(Vec<u8>, usize), Error> {
    let mut reader = Reader { rest: format.as_bytes(), values, taken: 0, needed: 0 };
    let mut made: Vec<u8> = Vec::with_capacity(format.len());
    while let Some(byte) = reader.peek() {
        reader.skip();
        if byte != b'%' {
            made.push(byte);
            continue;
        }
        if reader.peek() == Some(b'%') {
            reader.skip();
            made.push(b'%');
            continue;
        }
        let directive = reader.directive()?;
        if reader.peek() == Some(b'l') {
            reader.skip();
        }
        // Without a value, PHP takes the letter for text.
        let Some(value) = reader.value(directive.argument) else { continue };
        let letter = reader.peek();
        reader.skip();
        limit::check(made.len().saturating_add(directive.width))?;
        directive.put(&mut made, letter, value)?;
    }
    Ok((made, reader.needed))
}

impl Directive {
    fn put(&self, made: &mut Vec<u8>, letter: Option<u8>, value: &Value) -> Result<(), Error> {
        if self.is_exact && !matches!(letter, Some(b'g' | b'G' | b'h' | b'H')) {
            return Err(Error::of_value("Precision -1 is only supported for %g, %G, %h and %H"));
        }
        let unsigned = || u64::from_ne_bytes(text::integer(value).to_ne_bytes());
        match letter {
            Some(b's') => self.text(made, &text::of(value)),
            Some(b'd') => {
                let number = text::integer(value);
                let sign = if number >= 0 && self.has_plus { "+" } else { "" };
                self.integer(made, &format!("{sign}{number}"), number < 0 || self.has_plus);
            }
            Some(b'u') => self.integer(made, &unsigned().to_string(), false),
            Some(b'x') => self.digits(made, &format!("{:x}", unsigned())),
            Some(b'X') => self.digits(made, &format!("{:X}", unsigned())),
            Some(b'o') => self.digits(made, &format!("{:o}", unsigned())),
            Some(b'b') => self.digits(made, &format!("{:b}", unsigned())),
            Some(b'%') => made.push(b'%'),
            Some(b'c') => made.push(unsigned().to_le_bytes()[0]),
            Some(letter @ (b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'h' | b'H')) => {
                self.float(made, letter, text::float(value));
            }
            Some(letter) if letter.is_ascii() => {
                return Err(Error::of_value(format!("Unknown format specifier \"{}\"", char::from(letter))));
            }
            // PHP repeats one byte of it, which is no text.
            Some(_) => return Err(Error::of_value("Unknown format specifier \"\u{fffd}\"")),
            None => return Err(Error::of_value("Missing format specifier at end of string")),
        }
        Ok(())
    }

    /// Filled up to the width. Zeros are put behind the sign.
    fn padded(&self, made: &mut Vec<u8>, text: &[u8], has_sign: bool, padding: u8) {
        let missing = self.width.saturating_sub(text.len());
        let filler = std::iter::repeat_n(padding, missing);
        if self.is_left {
            made.extend_from_slice(text);
            made.extend(filler);
        } else {
            let (sign, rest) = text.split_at_checked(usize::from(has_sign && padding == b'0')).unwrap_or((&[], text));
            made.extend_from_slice(sign);
            made.extend(filler);
            made.extend_from_slice(rest);
        }
    }

    fn text(&self, made: &mut Vec<u8>, text: &str) {
        let length = self.places.filter(|_| !self.is_exact).map_or(text.len(), |places| places.min(text.len()));
        self.padded(made, text.as_bytes().get(..length).unwrap_or_default(), false, self.padding);
    }

    fn integer(&self, made: &mut Vec<u8>, text: &str, has_sign: bool) {
        // Zeros behind it would make it another number.
        let padding = if self.is_left && self.padding == b'0' { b' ' } else { self.padding };
        self.padded(made, text.as_bytes(), has_sign, padding);
    }

    /// A number in another base than ten; if places are asked for, PHP prints none of it.
    fn digits(&self, made: &mut Vec<u8>, text: &str) {
        let text = if self.places.is_some() { "" } else { text };
        self.padded(made, text.as_bytes(), false, self.padding);
    }

    fn float(&self, made: &mut Vec<u8>, letter: u8, number: f64) {
        let places = self.places.unwrap_or(6).min(MOST_PLACES);
        if !number.is_finite() {
            // As PHP 8 does it: without a sign, whatever the width; and among zeros, with one in the place of the first letter.
            let name: &[u8] = if number.is_nan() { b"NaN" } else { b"INF" };
            let has_sign = (number < 0.0 || self.has_plus) && self.padding == b'0' && !self.is_left;
            let (sign, rest) = name.split_at_checked(usize::from(has_sign)).unwrap_or((&[], name));
            if !sign.is_empty() {
                made.push(if number < 0.0 { b'-' } else { b'+' });
            }
            made.extend_from_slice(rest);
            return;
        }
        let size = number.abs();
        let (text, is_negative) = match letter {
            b'f' | b'F' => (format!("{size:.places$}"), number < 0.0),
            b'e' | b'E' => {
                let text = format!("{size:.places$e}");
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let sign = if exponent.starts_with('-') { "" } else { "+" };
                (format!("{mantissa}{}{sign}{exponent}", char::from(letter)), number < 0.0)
            }
            _ => {
                let precision = if self.is_exact { None } else { Some(places.max(1)) };
                let exponent = if letter.is_ascii_uppercase() { 'E' } else { 'e' };
                (digits::general(size, precision, exponent), number.is_sign_negative())
            }
        };
        let sign = match (is_negative, self.has_plus) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        };
        self.padded(made, format!("{sign}{text}").as_bytes(), !sign.is_empty(), self.padding);
    }
}
