//! `sprintf` and `printf`: the formats of PHP as those of Rust.

use crate::rust::build::call;
use crate::rust::shapes::is_simple;
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::coerce::{Shown, is_name};
use crate::translate::types::Type;
use crate::translate::value::Typed;
use crate::translate::value::argument;

/// A piece of a format.
enum Piece {
    Text(String),
    Conversion { argument: usize, flags: Flags, kind: char },
}

#[derive(Default)]
struct Flags {
    left: bool,
    plus: bool,
    zero: bool,
    width: String,
    precision: Option<String>,
}

impl Translator<'_> {
    /// `sprintf`, of arguments that are evaluated.
    pub(super) fn sprintf(&mut self, values: Vec<Typed>, span: Span) -> Result<Typed> {
        match self.formatted(&values, span)? {
            Some(shown) => Ok(self.format(shown)),
            None => {
                let mut values = values.into_iter();
                let Some(format) = values.next() else {
                    return Err(Cannot::new(span, "sprintf(): a format is missing"));
                };
                let mut elements = Vec::new();
                for value in values {
                    elements.push(self.to_json(value, span)?.borrowed());
                }
                let path = self.php("sprintf");
                let values = crate::rust::build::reference(Expression::Array(elements));
                let format = argument(format);
                Ok(Typed::owned(self.try_(span, call(&path, vec![format, values]))?, Type::Text))
            }
        }
    }

    /// The pieces of a `format!` that means the same; None where there is none.
    pub(super) fn formatted(&mut self, values: &[Typed], span: Span) -> Result<Option<Vec<Shown>>> {
        let Some((format, values)) = values.split_first() else { return Ok(None) };
        let Some(pieces) = format.literal().and_then(parse) else { return Ok(None) };
        let mut uses = vec![0; values.len()];
        for piece in &pieces {
            if let Piece::Conversion { argument, flags, kind } = piece {
                let Some(count) = uses.get_mut(*argument) else {
                    return Err(Cannot::new(span, "the format wants more arguments than there are"));
                };
                *count += 1;
                if !translates(flags, *kind, &values[*argument]) {
                    return Ok(None);
                }
            }
        }
        let all_once = uses.iter().zip(values).all(|(count, value)| *count == 1 || is_simple(&value.code));
        let in_order = pieces.iter().filter_map(|piece| match piece {
            Piece::Conversion { argument, .. } => Some(*argument),
            Piece::Text(_) => None,
        });
        let in_order = in_order.collect::<Vec<_>>();
        if !all_once || (!in_order.is_sorted() && !values.iter().all(|value| is_simple(&value.code))) {
            return Ok(None);
        }
        let mut shown = Vec::new();
        for piece in pieces {
            shown.push(match piece {
                Piece::Text(text) => Shown::Text(text),
                Piece::Conversion { argument, flags, kind } => {
                    self.conversion(values[argument].clone(), &flags, kind, span)?
                }
            });
        }
        Ok(Some(shown))
    }

    fn conversion(&mut self, value: Typed, flags: &Flags, kind: char, span: Span) -> Result<Shown> {
        let spec = spec(flags, kind);
        let value = match kind {
            's' => return self.shown(value, span),
            'f' | 'F' => self.to_float(value, span)?,
            _ => self.to_integer(value, span)?,
        };
        if spec.is_empty() {
            return self.shown(value, span);
        }
        Ok(match value.operand() {
            Expression::Atom(name) if is_name(&name) => Shown::Name(format!("{name}:{spec}")),
            code => Shown::Formatted(code, spec),
        })
    }
}

/// Whether Rust formats a value as this conversion does.
fn translates(flags: &Flags, kind: char, value: &Typed) -> bool {
    match kind {
        // PHP pads to a number of bytes.
        's' => flags.width.is_empty() && flags.precision.is_none(),
        'f' | 'F' => !(flags.zero && flags.left) && (value.ty.is_json() || matches!(value.ty, Type::OrFalse(_))),
        'd' | 'x' | 'X' | 'o' | 'b' => {
            flags.precision.is_none()
                && !(flags.zero && flags.left)
                && (kind == 'd' || !flags.plus)
                && (value.ty.is_json() || matches!(value.ty, Type::OrFalse(_)))
        }
        _ => false,
    }
}

/// What stands behind the colon.
fn spec(flags: &Flags, kind: char) -> String {
    let mut spec = String::new();
    if !flags.width.is_empty() {
        if flags.left {
            spec.push('<');
        } else if !flags.zero {
            spec.push('>');
        }
    }
    if flags.plus {
        spec.push('+');
    }
    if flags.zero && !flags.width.is_empty() {
        spec.push('0');
    }
    spec.push_str(&flags.width);
    match kind {
        'f' | 'F' => {
            spec.push('.');
            spec.push_str(flags.precision.as_deref().unwrap_or("6"));
        }
        'x' | 'X' | 'o' | 'b' => spec.push(kind),
        _ => {}
    }
    spec
}

/// The pieces of a format; None for what is not understood here.
fn parse(format: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut next = 0;
    let mut characters = format.chars().peekable();
    while let Some(c) = characters.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        if characters.peek() == Some(&'%') {
            characters.next();
            text.push('%');
            continue;
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        let mut flags = Flags::default();
        let mut digits = String::new();
        let mut position = None;
        loop {
            match characters.next()? {
                '-' if digits.is_empty() => flags.left = true,
                '+' if digits.is_empty() => flags.plus = true,
                '0' if digits.is_empty() => flags.zero = true,
                '$' => position = Some(std::mem::take(&mut digits).parse::<usize>().ok()?.checked_sub(1)?),
                digit if digit.is_ascii_digit() => digits.push(digit),
                '.' => {
                    let mut precision = String::new();
                    while let Some(digit) = characters.next_if(char::is_ascii_digit) {
                        precision.push(digit);
                    }
                    flags.precision =
                        Some(precision).filter(|precision| !precision.is_empty()).or(Some("0".to_owned()));
                }
                kind if kind.is_ascii_alphabetic() && kind != 'l' => {
                    flags.width = digits;
                    let argument = position.unwrap_or_else(|| {
                        next += 1;
                        next - 1
                    });
                    pieces.push(Piece::Conversion { argument, flags, kind });
                    break;
                }
                _ => return None,
            }
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Some(pieces)
}
