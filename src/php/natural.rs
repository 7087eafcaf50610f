//! The order of people: `img12` comes after `img10`, and that after `img2`.

use std::cmp::Ordering;

/// The order of two texts with their numbers taken as numbers.
pub(super) fn compare(a: &[u8], b: &[u8], ignores_case: bool) -> Ordering {
    if a.is_empty() || b.is_empty() {
        return a.len().cmp(&b.len());
    }
    let (mut a, mut b) = (without_zeros(a), without_zeros(b));
    loop {
        let (first, second) = (skipped(a), skipped(b));
        let is_number = |text: &[u8]| text.first().is_some_and(u8::is_ascii_digit);
        if is_number(first) && is_number(second) {
            let is_fraction = first.starts_with(b"0") || second.starts_with(b"0");
            let order = if is_fraction { fractions(first, second) } else { whole_numbers(first, second) };
            if order.is_ne() {
                return order;
            }
            let behind = |text: &'_ [u8]| text.iter().take_while(|digit| digit.is_ascii_digit()).count();
            (a, b) = (from(first, behind(first)), from(second, behind(second)));
            match (a.is_empty(), b.is_empty()) {
                (true, true) => return Ordering::Equal,
                (true, false) => return Ordering::Less,
                (false, true) => return Ordering::Greater,
                (false, false) => {
                    // Spaces behind a number count.
                    let order = letters(a, b, ignores_case);
                    if order.is_ne() {
                        return order;
                    }
                }
            }
            (a, b) = (from(a, 1), from(b, 1));
        } else {
            let order = letters(first, second, ignores_case);
            if order.is_ne() {
                return order;
            }
            (a, b) = (from(first, 1), from(second, 1));
        }
        match (a.is_empty(), b.is_empty()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
    }
}

fn from(text: &[u8], at: usize) -> &[u8] {
    text.get(at..).unwrap_or_default()
}

/// Without the zeros before the first number.
fn without_zeros(mut text: &[u8]) -> &[u8] {
    while let [b'0', second, ..] = text {
        if !second.is_ascii_digit() {
            break;
        }
        text = from(text, 1);
    }
    text
}

fn skipped(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|letter| letter.is_ascii_whitespace() || **letter == 0x0b).count();
    from(text, spaces)
}

fn letters(a: &[u8], b: &[u8], ignores_case: bool) -> Ordering {
    let letter = |text: &[u8]| {
        let letter = text.first().copied().unwrap_or(0);
        if ignores_case { letter.to_ascii_uppercase() } else { letter }
    };
    letter(a).cmp(&letter(b))
}

/// The longer number is the larger one; otherwise their first difference counts.
fn whole_numbers(a: &[u8], b: &[u8]) -> Ordering {
    let digits = |text: &[u8]| text.iter().take_while(|digit| digit.is_ascii_digit()).count();
    digits(a).cmp(&digits(b)).then_with(|| a.get(..digits(a)).cmp(&b.get(..digits(b))))
}

/// The first difference counts.
fn fractions(a: &[u8], b: &[u8]) -> Ordering {
    let digits = |text: &[u8]| text.iter().take_while(|digit| digit.is_ascii_digit()).count();
    a.get(..digits(a)).cmp(&b.get(..digits(b)))
}
