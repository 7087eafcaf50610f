//! The ways to write a path.

/// A segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment<'p> {
    /// A variable by its name: `{openid}`, `<openid>`, `_openid_`, `{+path}`.
    Variable(&'p str),
    /// A text as it is: a literal in one of its spellings, or a value.
    Text(&'p str),
}

/// The segments of a path that is written with slashes, arrows or dots, or as an address with a query.
pub(crate) fn segments(path: &str) -> Vec<Segment<'_>> {
    let path = path.trim();
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => path,
    };
    let path = without_query(path);
    let path = path.strip_prefix('/').unwrap_or(path);
    let mut segments = Vec::with_capacity(16);
    if path.contains('/') {
        segments.extend(path.split('/').map(segment));
    } else if path.contains("->") {
        segments.extend(path.split("->").map(segment));
    } else {
        segments.extend(path.split('.').map(segment));
    }
    segments
}

/// Whether a path is a whole address.
pub(crate) fn is_address(path: &str) -> bool {
    path.contains("://")
}

/// A path up to its query or its fragment, or to the variable that stands for one.
fn without_query(path: &str) -> &str {
    let (before, _) = path.split_once(['?', '#']).unwrap_or((path, ""));
    if before.len() < path.len() { before.strip_suffix('{').unwrap_or(before) } else { path }
}

fn segment(text: &str) -> Segment<'_> {
    let between = |begin: char, end: char| text.strip_prefix(begin)?.strip_suffix(end);
    match between('{', '}').or_else(|| between('<', '>')).or_else(|| between('_', '_')) {
        // An operator before the name, or a modifier after it, as of RFC 6570.
        Some(name) => Segment::Variable(name.trim_start_matches(['+', '/', '.', ';']).trim_end_matches('*')),
        None => Segment::Text(text),
    }
}

/// A segment with capitals as the chain sends it: `bankFavor` is `bank-favor`. `None` if it has none.
pub(crate) fn without_capitals(segment: &str) -> Option<String> {
    if !segment.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let mut normal = String::with_capacity(segment.len().saturating_add(8));
    for (index, letter) in segment.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            normal.push('-');
        }
        normal.push(letter.to_ascii_lowercase());
    }
    Some(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_have_the_same_segments() {
        let expected = vec![Segment::Text("v3"), Segment::Variable("openid"), Segment::Text("coupons")];
        for path in [
            "v3/{openid}/coupons",
            "/v3/<openid>/coupons?limit=1",
            "v3._openid_.coupons",
            "v3->_openid_->coupons",
            "https://api.mch.weixin.qq.com/v3/{openid}/coupons#top",
            "v3/{openid}/coupons{?limit,offset}",
            " v3/{+openid}/coupons\n",
        ] {
            assert_eq!(segments(path), expected, "{path}");
        }
        assert_eq!(segments("https://api.mch.weixin.qq.com"), [Segment::Text("")]);
        assert_eq!(segments("v3/a/"), [Segment::Text("v3"), Segment::Text("a"), Segment::Text("")]);
        assert_eq!(segments("_"), [Segment::Text("_")]);
    }

    #[test]
    fn capitals_are_written_as_the_chain_sends_them() {
        assert_eq!(without_capitals("bankFavor").as_deref(), Some("bank-favor"));
        assert_eq!(without_capitals("BankFavor").as_deref(), Some("bank-favor"));
        assert_eq!(without_capitals("bank-favor"), None);
    }
}
