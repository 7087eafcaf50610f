//! From a path as it is written to the template that the chain takes, and the values in it.
//!
//! The chain respells capitals of a literal, as PHP's does: an order number would be sent wrongly. So what is documented is sent as
//! its template with variables, and of what is not, everything that would be respelled is the value of a variable.

use serde_json::{Map, Value};
use wechatpay_catalog::{Found, Operation, catalog};

use crate::failure::{Failure, Result, shown};
use crate::percent;
use crate::platform::{is_of_platform, is_same_origin, origin};

/// How the paths of APIv2 begin.
const APIV2: &str = "v2";

/// A path that was read.
#[derive(Debug)]
pub struct Target {
    /// As the chain takes it.
    pub template: String,
    /// Whether it is a call of APIv2: the template begins with `v2/`, as for the chain.
    pub is_apiv2: bool,
    /// The values that the path has, by the names of the template's variables.
    pub values: Map<String, Value>,
    /// The variables that need a value.
    pub missing: Vec<Missing>,
    /// The names of all variables as they were written.
    pub names: Vec<String>,
    /// The names in `{?…}`.
    pub parameters: Vec<String>,
    /// What follows the question mark.
    pub query: String,
    /// The base of a whole address.
    pub base_uri: Option<String>,
    /// What is documented of it.
    pub operation: Option<Operation>,
}

/// A variable of the template without a value.
#[derive(Debug, PartialEq)]
pub struct Missing {
    /// Its name in the template.
    pub name: String,
    /// Its name as it was written.
    pub written: String,
}

/// What a segment is.
enum Segment<'p> {
    Text(&'p str),
    Variable(&'p str),
    /// Something else of RFC 6570.
    Expression(&'p str),
}

impl Target {
    /// Reads a path. The values of variables are those of the command line, the base is that of the settings.
    pub fn read(
        method: &str,
        path: &str,
        is_xml: bool,
        variables: &Map<String, Value>,
        base_uri: Option<&str>,
    ) -> Result<Target> {
        let given = path.trim();
        let (base, given) = address(given, base_uri)?;
        let (given, query, parameters) = without_query(given)?;
        let given = given.strip_prefix('/').unwrap_or(given);
        if given.is_empty() {
            return Err(Failure::usage(format!("{} has no path", shown(path))).next("wechatpay search WORD finds one"));
        }
        let is_slashed = given.contains('/');
        let separator = if is_slashed {
            "/"
        } else if given.contains("->") {
            "->"
        } else {
            "."
        };
        let mut segments: Vec<_> = given.split(separator).map(segment).collect();
        match segments.first_mut() {
            Some(Segment::Text(first)) if first.eq_ignore_ascii_case(APIV2) => *first = APIV2,
            _ => {}
        }
        let is_xml_without = is_xml && !matches!(segments.first(), Some(Segment::Text(APIV2)));
        // As the catalog reads it.
        let looked_up = match (&base, is_xml_without) {
            (Some(base), false) => format!("{base}{given}"),
            (_, true) => format!("{APIV2}{separator}{given}"),
            (None, false) => given.to_owned(),
        };
        let mut options = variables.clone();
        if let Some(base_uri) = base_uri {
            options.insert("base_uri".into(), base_uri.into());
        }
        let options = Value::Object(options);
        let found = catalog().find_call(method, &looked_up, &options);
        let operation = found.as_ref().map(Found::operation);
        let before = Before {
            // What the base has of it is not part of the path.
            base: base_uri.filter(|_| base.is_none()).map_or(0, depth),
            // It is not written in an address.
            is_apiv2: (base.is_some() || is_xml_without) && operation.is_some_and(|operation| operation.is_apiv2()),
        };
        let written = match operation.and_then(|operation| documented(operation, &segments, &before)) {
            Some(written) => written?,
            None => {
                let mut written = Written::default();
                if is_xml_without {
                    written.segments.push(APIV2.to_owned());
                }
                segments.iter().try_for_each(|segment| written.push(segment, is_slashed))?;
                written
            }
        };
        let Written { segments: template, values, missing } = written;
        let is_apiv2 = template.first().is_some_and(|first| first == APIV2);
        let template = template.join("/");
        let names = segments.iter().filter_map(|segment| match segment {
            Segment::Variable(name) => Some((*name).to_owned()),
            _ => None,
        });
        let (query, names) =
            (query.to_owned(), names.chain(missing.iter().map(|missing| missing.name.clone())).collect());
        Ok(Target { template, is_apiv2, values, missing, names, parameters, query, base_uri: base, operation })
    }
}

/// The base and the path of a whole address, if it is one of the platform's, or of that which stands in for it.
fn address<'p>(given: &'p str, base_uri: Option<&str>) -> Result<(Option<String>, &'p str)> {
    let Some(base) = origin(given) else { return Ok((None, given)) };
    let path = given.get(base.len().saturating_sub(1)..).unwrap_or_default();
    if is_of_platform(&base) || base_uri.is_some_and(|set| is_same_origin(set, &base)) {
        return Ok((Some(base), path));
    }
    let what = format!("{base} is not an address that the platform documents, so nothing is signed for it");
    Err(Failure::usage(what).next(format!("if it is meant, say so: --base-uri {base}")))
}

/// A path, its query as it is written, and the names in `{?…}`.
fn without_query(path: &str) -> Result<(&str, &str, Vec<String>)> {
    let path = match path.split_once('#') {
        Some((before, _)) if !before.ends_with('{') => before,
        _ => path,
    };
    let Some((before, after)) = path.split_once('?') else { return Ok((path, "", Vec::new())) };
    let Some(before) = before.strip_suffix('{') else { return Ok((before, after, Vec::new())) };
    let mut names = Vec::new();
    for list in after.split("{&") {
        let list = list.strip_suffix('}').filter(|list| !list.contains(['{', '}']));
        let list =
            list.ok_or_else(|| Failure::usage(format!("{}: nothing can follow {{?…}} but {{&…}}", shown(path))))?;
        names.extend(list.split(',').map(|name| name.trim_end_matches('*').to_owned()));
    }
    Ok((before, "", names))
}

fn segment(text: &str) -> Segment<'_> {
    let between = |begin: char, end: char| text.strip_prefix(begin)?.strip_suffix(end);
    let name = between('{', '}').or_else(|| between('<', '>')).or_else(|| between('_', '_'));
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    match name {
        Some(name) if is_name(name) => Segment::Variable(name),
        _ if text.contains('{') => Segment::Expression(text),
        _ => Segment::Text(text),
    }
}

/// How many segments the path of a base has.
fn depth(base_uri: &str) -> usize {
    let path = base_uri.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    path.split('/').filter(|segment| !segment.is_empty()).count()
}

/// What a documented template has before the segments that were written.
struct Before {
    /// How many segments of the base, which are not sent.
    base: usize,
    /// Whether it is `v2`, which is.
    is_apiv2: bool,
}

/// The template of an operation, with what was written for its variables. `None` if it is not written segment by segment.
fn documented(operation: Operation, segments: &[Segment<'_>], before: &Before) -> Option<Result<Written>> {
    let template: Vec<_> = operation.template().split('/').collect();
    let more = template.len().checked_sub(segments.len())?;
    let sent = match more {
        0 => &template[..],
        1 if before.is_apiv2 => &template[..],
        _ if more == before.base => template.get(more..)?,
        _ => return None,
    };
    let mut written =
        Written { segments: sent.iter().map(|&segment| segment.to_owned()).collect(), ..Written::default() };
    for (documented, segment) in template.iter().skip(more).zip(segments) {
        let variable = documented.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match (variable, segment) {
            (_, Segment::Expression(_)) => return None,
            (None, _) => {}
            (Some(name), Segment::Variable(given)) => {
                written.missing.push(Missing { name: name.to_owned(), written: (*given).to_owned() });
            }
            (Some(name), Segment::Text(value)) => match percent::decode(value) {
                Ok(value) => {
                    written.values.insert(name.to_owned(), value.into());
                }
                Err(failure) => return Some(Err(failure)),
            },
        }
    }
    Some(Ok(written))
}

/// A template in the making.
#[derive(Default)]
struct Written {
    segments: Vec<String>,
    values: Map<String, Value>,
    missing: Vec<Missing>,
}

impl Written {
    fn push(&mut self, segment: &Segment<'_>, is_slashed: bool) -> Result<()> {
        let segment = match segment {
            Segment::Variable(name) => {
                self.missing.push(Missing { name: (*name).to_owned(), written: (*name).to_owned() });
                format!("{{{name}}}")
            }
            Segment::Expression(text) => {
                let names = wechatpay::UriTemplate::parse(text).map_err(|error| Failure::call(&error))?;
                for name in names.required_variables() {
                    self.missing.push(Missing { name: name.to_owned(), written: name.to_owned() });
                }
                (*text).to_owned()
            }
            // Written with dots, it is a name by the rules of the chain.
            Segment::Text(text) if !is_slashed || !is_respelled(text) => (*text).to_owned(),
            Segment::Text(text) => self.exact(text)?,
        };
        self.segments.push(segment);
        Ok(())
    }

    /// A segment that is sent as it is: what is encoded in it as values that are encoded again, all else as values that are not.
    fn exact(&mut self, text: &str) -> Result<String> {
        let mut template = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let is_encoded = is_triplet(rest);
            let (piece, after) = split_while(rest, |rest| is_triplet(rest) == is_encoded);
            let name = format!("part_{}", self.values.len().saturating_add(1));
            let (operator, value) = if is_encoded { ("", percent::decode(piece)?) } else { ("+", piece.to_owned()) };
            template.push_str(&format!("{{{operator}{name}}}"));
            self.values.insert(name, value.into());
            rest = after;
        }
        Ok(template)
    }
}

/// Whether a byte in percent-encoding is at the beginning.
fn is_triplet(text: &str) -> bool {
    let digits = text.strip_prefix('%').and_then(|rest| rest.as_bytes().get(..2));
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// The beginning of a text, as long as this holds of what follows; a triplet is one step.
fn split_while(text: &str, holds: impl Fn(&str) -> bool) -> (&str, &str) {
    let mut rest = text;
    while !rest.is_empty() && holds(rest) {
        let step = if is_triplet(rest) { 3 } else { rest.chars().next().map_or(0, char::len_utf8) };
        rest = rest.get(step..).unwrap_or_default();
    }
    text.split_at_checked(text.len().saturating_sub(rest.len())).unwrap_or((text, ""))
}

/// Whether the chain sends something else than is written.
fn is_respelled(text: &str) -> bool {
    text.contains(|letter: char| letter.is_ascii_uppercase() || matches!(letter, '<' | '>' | '}'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(method: &str, path: &str) -> (String, Value, String) {
        let target = Target::read(method, path, false, &Map::new(), None).unwrap();
        (target.template, target.values.into(), target.query)
    }

    #[test]
    fn what_is_documented_is_its_template() {
        let order = "v3/pay/transactions/out-trade-no/{out_trade_no}";
        for path in [
            "v3/pay/transactions/out-trade-no/Ab%2F%E5%8D%95?mchid=19",
            "/v3/pay/transactions/outTradeNo/Ab%2F单?mchid=19#top",
            "https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/Ab%2F单?mchid=19",
            " v3/pay/transactions/out-trade-no/Ab%2f单?mchid=19\n",
        ] {
            assert_eq!(
                read("GET", path),
                (order.into(), json!({ "out_trade_no": "Ab/单" }), "mchid=19".into()),
                "{path}"
            );
        }
        assert_eq!(
            read("GET", "v3/merchant/fund/balance/BASIC"),
            ("v3/merchant/fund/balance/{account_type}".into(), json!({ "account_type": "BASIC" }), String::new())
        );
        assert_eq!(read("GET", "v3.merchant.fund.balance.BASIC").1, json!({ "account_type": "BASIC" }));
        assert_eq!(read("POST", "https://api.mch.weixin.qq.com/pay/unifiedorder").0, "v2/pay/unifiedorder");
    }

    #[test]
    fn variables_have_two_names() {
        for path in [
            "v3.pay.transactions.outTradeNo._no_",
            "v3->pay->transactions->outTradeNo->_no_",
            "v3/pay/transactions/out-trade-no/<no>{?mchid}",
        ] {
            let target = Target::read("GET", path, false, &Map::new(), None).unwrap();
            assert_eq!(target.template, "v3/pay/transactions/out-trade-no/{out_trade_no}");
            assert_eq!(target.missing, [Missing { name: "out_trade_no".into(), written: "no".into() }]);
        }
    }

    #[test]
    fn what_is_not_documented_is_sent_as_it_is_written() {
        let values = |values: &[&str]| {
            let values = values.iter().enumerate();
            Value::Object(values.map(|(at, value)| (format!("part_{}", at + 1), (*value).into())).collect())
        };
        for (path, template, expected) in [
            ("v3/new/thing", "v3/new/thing", values(&[])),
            ("v3/new/BASIC", "v3/new/{+part_1}", values(&["BASIC"])),
            ("v3/new/bankFavor/a", "v3/new/{+part_1}/a", values(&["bankFavor"])),
            ("v3/new/A%2FB:c/单", "v3/new/{+part_1}{part_2}{+part_3}/单", values(&["A", "/", "B:c"])),
            ("v3/new/%E5%8D%95", "v3/new/{part_1}", values(&["单"])),
            ("v3/new/100%A", "v3/new/{+part_1}", values(&["100%A"])),
            ("v3/new/a%2fb/", "v3/new/a%2fb/", values(&[])),
            ("v3.new.bankFavor", "v3/new/bankFavor", values(&[])),
        ] {
            assert_eq!(read("GET", path), (template.into(), expected, String::new()), "{path}");
        }
    }

    #[test]
    fn words_of_the_path_can_have_variables_of_their_own() {
        let given = json!({ "kind": "native", "a": "pay", "b": "10%25" });
        let read =
            |method: &str, path: &str| Target::read(method, path, false, given.as_object().unwrap(), None).unwrap();
        assert_eq!(read("POST", "v3/pay/transactions/{kind}").template, "v3/pay/transactions/native");
        let target = read("GET", "v3/{a}/transactions/id/{b}");
        assert_eq!((target.template.as_str(), target.values.len()), ("v3/pay/transactions/id/{transaction_id}", 0));
        assert_eq!(target.missing, [Missing { name: "transaction_id".into(), written: "b".into() }]);
        // One that is a whole path is sent as it is.
        assert_eq!(read("POST", "{+path}").template, "{+path}");
    }

    #[test]
    fn a_base_with_a_path_has_the_beginning() {
        let target =
            Target::read("POST", "v3/transactions/app", false, &Map::new(), Some("https://api.mch.weixin.qq.com/hk/"));
        let target = target.unwrap();
        assert_eq!(
            (target.template.as_str(), target.operation.unwrap().template()),
            ("v3/transactions/app", "hk/v3/transactions/app")
        );
    }

    #[test]
    fn an_address_of_others_is_refused() {
        for path in [
            "https://pay.example/v3/x",
            "http://api.mch.weixin.qq.com/v3/x",
            "https://api.mch.weixin.qq.com.evil.example/v3/x",
            "https://u@api.mch.weixin.qq.com/v3/x",
            "https://api.mch.weixin.qq.com:8443/v3/x",
        ] {
            assert!(Target::read("GET", path, false, &Map::new(), None).is_err(), "{path}");
        }
    }
}
