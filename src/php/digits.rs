//! Floats as PHP prints them.

/// As `echo` prints it: 14 significant digits, as PHP's setting `precision` is by default.
pub(super) fn text(number: f64) -> String {
    general(number, Some(14), 'E')
}

/// As `var_export`, `var_dump` and `json_encode` print it: as many digits as tell it from all other floats.
pub(super) fn exact(number: f64) -> String {
    general(number, None, 'E')
}

/// The same, with `.0` behind a whole number.
pub(super) fn exact_with_point(number: f64) -> String {
    let text = exact(number);
    if text.contains('.') || !number.is_finite() { text } else { text + ".0" }
}

/// The significant digits of a number that is not negative, without zeros at the end, and how many of them stand before the
/// point, which may be none or fewer.
fn digits(number: f64, precision: Option<usize>) -> (String, i32) {
    let text = match precision {
        Some(precision) => format!("{:.*e}", precision.saturating_sub(1), number),
        None => shortest(number),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let kept = digits.trim_end_matches('0');
    let kept = if kept.is_empty() { "0" } else { kept };
    (kept.to_owned(), exponent.parse::<i32>().unwrap_or(0).saturating_add(1))
}

/// As few digits as tell a number from all others. Of two that are equally near, PHP takes the even one, and Rust does not.
fn shortest(number: f64) -> String {
    let text = format!("{number:e}");
    let places = text.split_once('e').map_or(0, |(mantissa, _)| mantissa.len().saturating_sub(2));
    let even = format!("{number:.places$e}");
    if even.parse() == Ok(number) { even } else { text }
}

/// C's `%G`, but with at least one digit after the point before an exponent; `letter` is that of the exponent.
pub(super) fn general(number: f64, precision: Option<usize>, letter: char) -> String {
    if number.is_nan() {
        return "NAN".into();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number.is_infinite() {
        return format!("{sign}INF");
    }
    let (digits, point) = digits(number.abs(), precision);
    let most = i32::try_from(precision.unwrap_or(17)).unwrap_or(i32::MAX);
    let before = usize::try_from(point).unwrap_or(0);
    if point < -3 || point > most {
        let exponent = point.saturating_sub(1);
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
        let rest = if rest.is_empty() { "0" } else { rest };
        return format!("{sign}{first}.{rest}{letter}{exponent:+}");
    }
    match digits.split_at_checked(before) {
        Some((whole, "")) => format!("{sign}{whole}"),
        Some(("", fraction)) => {
            let zeros = "0".repeat(usize::try_from(point.saturating_neg()).unwrap_or(0));
            format!("{sign}0.{zeros}{fraction}")
        }
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{digits:0<before$}"),
    }
}

/// As PHP's `round` does it: halves away from zero, of what the number is to 15 digits.
pub(super) fn rounded(number: f64, places: i32) -> f64 {
    if !number.is_finite() || number == 0.0 {
        return number;
    }
    let scaled_by = |number: f64, places: i32| {
        let factor = power_of_ten(places.saturating_abs());
        if places >= 0 { number * factor } else { number / factor }
    };
    // How many places a float of this size has.
    let own = 14_i32.saturating_sub(truncated(number.abs().log10().floor()));
    let scaled = if own > places && own.saturating_sub(15) < places {
        let own = own.max(-60);
        let exact = half_away(scaled_by(number, own));
        exact / power_of_ten(places.saturating_sub(own).max(-60).saturating_abs())
    } else {
        let scaled = scaled_by(number, places);
        if scaled.abs() >= 1e15 {
            return number;
        }
        scaled
    };
    let rounded = half_away(scaled);
    if places.saturating_abs() < 23 {
        return scaled_by(rounded, places.saturating_neg());
    }
    if rounded == 0.0 {
        return 0.0;
    }
    let rounded = format!("{rounded:.6}e{}", places.saturating_neg()).parse().unwrap_or(number);
    if rounded.is_finite() { rounded } else { number }
}

fn power_of_ten(power: i32) -> f64 {
    if (0..=22).contains(&power) { 10f64.powi(power) } else { 10f64.powf(power.into()) }
}

fn half_away(number: f64) -> f64 {
    if number >= 0.0 { (number + 0.5).floor() } else { (number - 0.5).ceil() }
}

#[expect(clippy::cast_possible_truncation, reason = "a logarithm, which is small")]
fn truncated(number: f64) -> i32 {
    number as i32
}
