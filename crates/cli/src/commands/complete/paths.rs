//! Paths, a segment at a time, as far as there is only one way to go on.

use std::collections::BTreeMap;
use std::str::Split;

use wechatpay_catalog::{Operation, catalog};

use super::Candidate;

/// What may follow in a path of this method, or of any: the path to its end, or up to the next segment.
pub fn next(method: Option<&str>, typed: &str) -> Vec<Candidate> {
    let is_called = |operation: &Operation| method.is_none_or(|method| operation.method() == method);
    let operations: Vec<Operation> = catalog().operations().filter(is_called).collect();
    let separator = if typed.contains('.') && !typed.contains('/') { '.' } else { '/' };
    // A path may begin with a slash.
    let (before, typed) = typed.strip_prefix('/').map_or(("", typed), |rest| ("/", rest));
    let mut typed = typed.to_owned();
    loop {
        let mut found = step(&operations, &typed, separator);
        match &mut found[..] {
            [only] if only.value.ends_with(separator) && only.value != typed => typed.clone_from(&only.value),
            _ => {
                found.iter_mut().for_each(|candidate| candidate.value.insert_str(0, before));
                return found;
            }
        }
    }
}

/// One segment more.
fn step(operations: &[Operation], typed: &str, separator: char) -> Vec<Candidate> {
    let (done, partial) = typed.rsplit_once(separator).map_or(("", typed), |(done, partial)| (done, partial));
    let done: Vec<&str> = if typed.len() == partial.len() { Vec::new() } else { done.split(separator).collect() };
    let mut left: Vec<_> = operations.iter().map(|operation| (operation, operation.template().split('/'))).collect();
    for given in done.iter().copied() {
        left = taken(left, |segment| spelled(segment, separator) == given || segment == given, given);
    }
    left = taken(left, |segment| spelled(segment, separator).starts_with(partial), partial);
    // Those that end there by name, and how many go on.
    let (mut ends, mut further) = (BTreeMap::new(), BTreeMap::<String, usize>::new());
    for (operation, mut rest) in left {
        let here = operation.template().split('/').nth(done.len()).map(|segment| spelled(segment, separator));
        // A value in the place of a variable stays.
        let next = here.filter(|here| here.starts_with(partial)).unwrap_or_else(|| partial.to_owned());
        let path = [&done[..], &[next.as_str()]].concat().join(&separator.to_string());
        if next.is_empty() {
            continue;
        }
        if rest.next().is_some() {
            let count = further.entry(format!("{path}{separator}")).or_default();
            *count = count.saturating_add(1);
        } else {
            ends.insert(path, operation.name());
        }
    }
    let ends = ends.into_iter().map(|(path, name)| Candidate::new(path, name));
    let further = further.into_iter().map(|(path, count)| match count {
        1 => Candidate::new(path, "1 operation"),
        count => Candidate::new(path, format!("{count} operations")),
    });
    ends.chain(further).collect()
}

/// An operation, and the segments of its template that follow.
type Left<'o> = (&'o Operation, Split<'static, char>);

/// Those whose next segment is the one that is written, or else those in which it is a variable, for which that is a value.
fn taken<'o>(left: Vec<Left<'o>>, is_it: impl Fn(&str) -> bool, written: &str) -> Vec<Left<'o>> {
    let next = left.into_iter().filter_map(|(operation, mut rest)| Some((rest.next()?, (operation, rest))));
    let (those, others): (Vec<_>, Vec<_>) = next.partition(|(segment, _)| is_it(segment));
    let is_value = |segment: &str| segment.starts_with('{') && !written.is_empty();
    let found =
        if those.is_empty() { others.into_iter().filter(|(segment, _)| is_value(segment)).collect() } else { those };
    found.into_iter().map(|(_, left)| left).collect()
}

/// A segment as it is written between dots, or between slashes.
fn spelled(segment: &str, separator: char) -> String {
    if separator == '/' {
        return segment.to_owned();
    }
    match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => format!("_{name}_"),
        None => without_dashes(segment),
    }
}

/// `bank-favor` as `bankFavor`; a dash that no letter follows stays.
fn without_dashes(segment: &str) -> String {
    let mut spelled = String::with_capacity(segment.len());
    let mut letters = segment.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek().filter(|next| letter == '-' && next.is_ascii_lowercase()) {
            Some(next) => {
                spelled.push(next.to_ascii_uppercase());
                letters.next();
            }
            None => spelled.push(letter),
        }
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(method: &str, typed: &str) -> Vec<String> {
        next(Some(method), typed).into_iter().map(|candidate| candidate.value).collect()
    }

    #[test]
    fn only_operations_of_the_method() {
        let native = |method| values(method, "v3/pay/transactions/nat");
        assert_eq!(native("POST"), ["v3/pay/transactions/native"]);
        assert!(native("GET").is_empty());
    }

    #[test]
    fn as_far_as_there_is_one_way() {
        assert_eq!(values("POST", "v3/refund/dom"), ["v3/refund/domestic/refunds", "v3/refund/domestic/refunds/"]);
        assert_eq!(
            values("POST", "v3.pay.transactions.outTradeNo._no_.c"),
            ["v3.pay.transactions.outTradeNo._no_.close"]
        );
        assert_eq!(
            values("POST", "/v3/refund/domestic/refunds/"),
            ["/v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund"]
        );
    }

    #[test]
    fn values_stand_for_variables() {
        assert_eq!(values("GET", "v3/pay/transactions/id/42"), ["v3/pay/transactions/id/42"]);
        // A segment that is documented is none.
        assert_eq!(
            values("POST", "v3/ecommerce/refunds/{refund_id}/a"),
            ["v3/ecommerce/refunds/{refund_id}/apply-abnormal-refund"]
        );
        assert_eq!(values("GET", "v3.ecommerce.refunds.outRe"), ["v3.ecommerce.refunds.outRefundNo._out_refund_no_"]);
        assert_eq!(values("GET", "v3/ecommerce/refunds/out-refund-no/A1"), ["v3/ecommerce/refunds/out-refund-no/A1"]);
        assert_eq!(
            values("POST", "v3/pay/transactions/out-trade-no/A1/c"),
            ["v3/pay/transactions/out-trade-no/A1/close"]
        );
    }

    /// Each path is found by what is completed, in both spellings.
    #[test]
    fn whatever_is_completed_is_documented() {
        for operation in catalog().operations() {
            for separator in ['/', '.'] {
                let segments = operation.template().split('/').map(|segment| spelled(segment, separator));
                let path = segments.collect::<Vec<_>>().join(&separator.to_string());
                // What has another separator in it can only be written between slashes.
                if separator == '.' && path.split('.').count() != operation.template().split('/').count() {
                    continue;
                }
                let found = catalog().find(operation.method(), &path).unwrap_or_else(|| panic!("{path}")).operation();
                assert_eq!(found.template(), operation.template(), "{path}");
                if !path.ends_with(separator) {
                    let completed = values(operation.method(), &path);
                    assert!(completed.contains(&path), "{path}: {completed:?}");
                }
            }
        }
    }
}
