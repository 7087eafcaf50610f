//! `DateTime` where it is made and asked in one go: `(new DateTime('+30 minutes'))->format('c')`.

use crate::php::tree::{Argument, Callee, ClassName, Expression as Php, ExpressionKind as E, Name};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::builtins::dates::constant_format;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::value::Typed;

impl Translator<'_> {
    /// `->format(…)` and `->getTimestamp()` of a moment that no variable holds; None for anything else.
    pub(in crate::translate) fn asked_moment(
        &mut self,
        object: &Php,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Option<Typed>> {
        let Name::Plain(name) = name else { return Ok(None) };
        let is_own = |name: &str| self.program.function(name).is_some();
        let Some(moment) = self.moment(object).filter(|_| !["date", "strtotime", "time"].into_iter().any(is_own))
        else {
            return Ok(None);
        };
        match (name.to_ascii_lowercase().as_str(), arguments) {
            ("format", [format]) => {
                let literal = match &format.value.bare().kind {
                    E::Text(text) => Some(text.as_str()),
                    E::Constant(name) => constant_format(name.trim_start_matches('\\')),
                    E::ClassConstant { name, .. } => constant_format(&format!("DATE_{name}")),
                    _ => None,
                };
                if literal.is_none_or(has_more) {
                    return Err(Cannot::new(
                        span,
                        "a format of fractions of seconds or of the zone's name: use date()",
                    ));
                }
                self.expression(&called("date", vec![format.value.clone(), moment], span)).map(Some)
            }
            ("gettimestamp", []) => {
                let value = self.expression(&moment)?;
                if value.is_unknown() { Ok(Some(value)) } else { self.to_integer_or_false(value, &moment).map(Some) }
            }
            _ => Ok(None),
        }
    }

    /// The seconds of a moment, as a call of `time` or `strtotime`.
    fn moment(&self, php: &Php) -> Option<Php> {
        let span = php.span;
        match &php.bare().kind {
            E::New { class: ClassName::Named(class), arguments } if self.is_moment(class) => match arguments.as_slice()
            {
                [] => Some(called("time", vec![], span)),
                [text] => told(&text.value).then(|| called("strtotime", vec![text.value.clone()], span)),
                [text, zone] => (told(&text.value) && self.is_here(&zone.value))
                    .then(|| called("strtotime", vec![text.value.clone()], span)),
                _ => None,
            },
            E::MethodCall { object, name: Name::Plain(name), arguments, nullsafe: false } => {
                let before = self.moment(object)?;
                match (name.to_ascii_lowercase().as_str(), arguments.as_slice()) {
                    ("modify", [by]) if told(&by.value) => {
                        Some(called("strtotime", vec![by.value.clone(), before], span))
                    }
                    ("settimezone", [zone]) if self.is_here(&zone.value) => Some(before),
                    ("settimestamp", [seconds]) => Some(seconds.value.clone()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_moment(&self, class: &str) -> bool {
        let name = self.program.class_name(class);
        self.program.class(class).is_none() && matches!(&*name, "DateTime" | "DateTimeImmutable")
    }

    /// `new DateTimeZone('Asia/Shanghai')`
    fn is_here(&self, php: &Php) -> bool {
        match &php.bare().kind {
            E::New { class: ClassName::Named(class), arguments } => {
                let is_zone = self.program.class_name(class) == "DateTimeZone";
                let named = |php: &Php| matches!(&php.bare().kind, E::Text(name) if matches!(name.as_str(), "Asia/Shanghai" | "PRC" | "+08:00"));
                is_zone && matches!(arguments.as_slice(), [name] if named(&name.value))
            }
            _ => false,
        }
    }
}

/// Whether a format asks for what `date` does not know: fractions of seconds, and the name of the zone.
fn has_more(format: &str) -> bool {
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            'u' | 'v' | 'e' | 'T' | 'I' => return true,
            _ => {}
        }
    }
    false
}

/// Whether a date in the source names no zone: words and numbers of which `strtotime` makes the same.
fn told(php: &Php) -> bool {
    let E::Text(text) = &php.bare().kind else { return false };
    let is_known = |word: &str| {
        let unit = word.trim_end_matches('s');
        let number = word.trim_start_matches(['+', '-']);
        matches!(word, "now" | "today" | "midnight" | "noon" | "tomorrow" | "yesterday")
            || matches!(unit, "second" | "sec" | "minute" | "min" | "hour" | "day" | "week" | "month" | "year")
            || (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && number.len() < word.len())
    };
    text.split(' ').all(|word| is_known(word) || is_date(word) || is_time(word))
}

/// `2026-01-31`
fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    matches!(parts.as_slice(), [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
}

/// `23:59` or `23:59:59`
fn is_time(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    matches!(parts.len(), 2 | 3) && parts.iter().all(|part| digits(part, 2))
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}

fn called(name: &str, arguments: Vec<Php>, span: Span) -> Php {
    let arguments =
        arguments.into_iter().map(|value| Argument { span: value.span, name: None, value, spread: false }).collect();
    Php { span, kind: E::Call { callee: Callee::Named(format!("\\{name}")), arguments } }
}
