//! How far apart two names are.

/// The least number of letters to insert, to leave out, to change or to swap with the next.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut two_before: Vec<usize> = Vec::new();
    let mut before: Vec<usize> = (0..=b.len()).collect();
    let mut last = None;
    for letter in a.chars() {
        let first = before.first().copied().unwrap_or_default().saturating_add(1);
        let mut row = vec![first];
        let mut left = first;
        let mut last_other = None;
        for (at, other) in b.iter().enumerate() {
            let of = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX);
            let changed = of(&before, at).saturating_add(usize::from(letter != *other));
            let above = of(&before, at.saturating_add(1)).saturating_add(1);
            let mut least = changed.min(above).min(left.saturating_add(1));
            if last == Some(*other) && last_other == Some(letter) {
                least = least.min(at.checked_sub(1).map_or(usize::MAX, |at| of(&two_before, at)).saturating_add(1));
            }
            row.push(least);
            left = least;
            last_other = Some(*other);
        }
        two_before = std::mem::replace(&mut before, row);
        last = Some(letter);
    }
    before.last().copied().unwrap_or_default()
}

/// The name that is nearest to a wrong one, if it is near: the first of those at the same distance. For names of any kind.
///
/// ```
/// use wechatpay_catalog::nearest;
///
/// assert_eq!(nearest("opneid", ["appid", "openid"]), Some("openid"));
/// assert_eq!(nearest("colour", ["appid", "openid"]), None);
/// ```
pub fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let length = wrong.chars().count();
    // Longer ones are no slips of the pen.
    if length > 100 {
        return None;
    }
    let most = (length / 3).max(1);
    let near = names.into_iter().map(|name| (distance(wrong, name), name));
    near.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_single_slips() {
        for (a, b, expected) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("", "abc", 3),
            ("openid", "opneid", 1),
            ("total", "totals", 1),
            ("退款", "退货", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!((distance(a, b), distance(b, a)), (expected, expected), "{a} {b}");
        }
    }

    #[test]
    fn only_what_is_near_is_nearest() {
        assert_eq!(nearest("opneid", ["appid", "openid"]), Some("openid"));
        assert_eq!(nearest("colour", ["appid", "openid"]), None);
    }
}
