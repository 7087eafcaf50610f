//! The name that was meant, for a message about one that is unknown.

/// Other names of settings and options, in the spelling of [`folded`], and what they are called here.
const SYNONYMS: [(&str, &str); 34] = [
    ("merchantid", "mchid"),
    ("serialno", "serial"),
    ("serialnumber", "serial"),
    ("merchantserial", "serial"),
    ("merchantserialno", "serial"),
    ("merchantserialnumber", "serial"),
    ("merchantcertificateserial", "serial"),
    ("mchserialno", "serial"),
    ("certserial", "serial"),
    ("certserialno", "serial"),
    ("merchantprivatekey", "privateKey"),
    ("merchantprivatekeyinstance", "privateKey"),
    ("merchantkey", "privateKey"),
    ("privatekeypath", "privateKey"),
    ("keypath", "privateKey"),
    ("cert", "certs"),
    ("certificate", "certs"),
    ("certificates", "certs"),
    ("platformcert", "certs"),
    ("platformcerts", "certs"),
    ("platformcertificate", "certs"),
    ("platformcertificates", "certs"),
    ("platformpublickey", "certs"),
    ("publickey", "certs"),
    ("publickeyid", "certs"),
    ("wechatpaycerts", "certs"),
    ("wechatpaypublickey", "certs"),
    ("apikey", "secret"),
    ("apiv2key", "secret"),
    ("v2key", "secret"),
    ("v3key", "apiv3Key"),
    ("baseurl", "base_uri"),
    ("form", "form_params"),
    ("saveto", "sink"),
];

/// `, did you mean …?` with the known name that this one was meant to be; nothing if it is not like any.
pub(crate) fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(name, known).map(|known| format!(", did you mean `{known}`?")).unwrap_or_default()
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer than any of the names, and short enough to be compared with all of them.
    const LONGEST: usize = 40;
    if name.len() > LONGEST {
        return None;
    }
    let name = folded(name);
    let meant = SYNONYMS.iter().find(|(other, _)| name.iter().copied().eq(other.chars())).map(|(_, meant)| *meant);
    let distances = known.map(|known| {
        let is_meant = meant == Some(known);
        (if is_meant { 0 } else { distance(&name, &folded(known)) }, known)
    });
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    // A letter in three may be wrong.
    (distance.saturating_mul(3) <= name.len()).then_some(nearest)
}

/// Without what differs between the ways to write several words as one.
fn folded(name: &str) -> Vec<char> {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters must be put in, left out, replaced or swapped with the next one.
#[expect(clippy::arithmetic_side_effects, reason = "far below the largest number: names are short")]
fn distance(from: &[char], to: &[char]) -> usize {
    let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
    let (mut row_before, mut row): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=to.len()).collect());
    let mut previous = None;
    for (index, letter) in from.iter().enumerate() {
        let mut next = vec![index + 1];
        let mut previous_to = None;
        for (column, other) in to.iter().enumerate() {
            let replaced = at(&row, column) + usize::from(letter != other);
            let left_out = at(&row, column + 1) + 1;
            let put_in = at(&next, column) + 1;
            let is_swapped = previous == Some(other) && previous_to == Some(letter);
            let swapped = if is_swapped { at(&row_before, column.saturating_sub(1)) + 1 } else { usize::MAX };
            next.push(replaced.min(left_out).min(put_in).min(swapped));
            previous_to = Some(other);
        }
        previous = Some(letter);
        row_before = std::mem::replace(&mut row, next);
    }
    at(&row, to.len())
}

#[cfg(test)]
mod tests {
    use super::{distance, folded};

    #[test]
    fn distances_are_those_of_the_literature() {
        for (from, to, steps) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("saturday", "sunday", 3),
            ("jsno", "json", 1),
            ("ca", "abc", 3),
            ("private_key", "privateKey", 0),
            ("API-v3 key", "apiv3Key", 0),
        ] {
            assert_eq!(distance(&folded(from), &folded(to)), steps, "{from} {to}");
        }
    }
}
