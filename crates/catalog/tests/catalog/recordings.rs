//! The recorded calls of the PHP SDK: found in all spellings, and checked. The calls were made from the platform's pages, whose
//! examples are not always as the pages themselves ask for.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wechatpay_catalog::{Field, Finding, Found, Place, Problem, catalog};

use crate::shared::{lines, recordings, text};

/// The one recorded call that the facts do not have.
const NOT_DOCUMENTED: &str = "v3/ecommerce/subject-sub-merchants#get";

/// The facts' method and path of a recorded call, if they have it: that of its name, after the path of its base address.
fn expected(call: &Value) -> Option<(String, String)> {
    let (path, method) = text(call, "id").rsplit_once('#').unwrap();
    let before = match call["options"]["base_uri"].as_str() {
        Some("https://api.mch.weixin.qq.com/hk/") => "hk/",
        Some("https://apihk.mch.weixin.qq.com/global/") => "global/",
        _ => "",
    };
    // Paths that end in a slash are recorded under the name of a page.
    let path = path.strip_suffix("index").unwrap_or(path);
    (text(call, "id") != NOT_DOCUMENTED).then(|| (method.to_uppercase(), format!("{before}{path}")))
}

/// A template with values for its variables; `None` if one of them has none.
fn with_values(template: &str, options: &Value) -> Option<String> {
    let value = |segment: &str| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some("empty") => Some(String::new()),
        Some(name) => match &options[name] {
            Value::String(value) if !value.is_empty() => Some(value.clone()),
            Value::Number(value) => Some(value.to_string()),
            _ => None,
        },
        None => Some(segment.to_owned()),
    };
    Some(template.split('/').map(value).collect::<Option<Vec<_>>>()?.join("/"))
}

fn find<'p>(call: &'p Value, path: &'p str) -> Option<Found<'p>> {
    catalog().find_call(text(&call["request"], "method"), path, &call["options"])
}

#[test]
fn recorded_calls_are_found_in_all_spellings_and_no_other_is() {
    let Some(calls) = recordings() else { return };
    let (mut spellings, mut with_value, mut addresses) = (0, 0, 0);
    for call in &calls {
        let segments: Vec<&str> =
            call["chain"].as_array().unwrap().iter().map(|segment| segment.as_str().unwrap()).collect();
        let path = text(call, "path");
        let mut paths = vec![path.to_owned(), format!("/{path}"), path.replace('{', "<").replace('}', ">")];
        paths.extend(["/", ".", "->"].map(|between| segments.join(between)));
        let values = with_values(path, &call["options"]);
        with_value += usize::from(values.is_some());
        paths.extend(values.clone());
        for path in &paths {
            let found = find(call, path)
                .map(|found| (found.operation().method().to_owned(), found.operation().template().to_owned()));
            let expected = expected(call).map(|(method, path)| {
                // The chain writes no capitals: the value of this variable is the segment.
                let path = path.replace("{addinstitutionsub}", "addInstitutionsub");
                (method, path)
            });
            assert_eq!(found, expected, "{} by {path}", text(call, "id"));
            spellings += 1;
        }

        // What was sent. Where a variable had no value, nothing is called by that address.
        let request = &call["request"];
        let address = format!("https://{}{}", text(request, "host"), text(request, "target"));
        if values.is_some() {
            let found = catalog().find(text(request, "method"), &address).map(|found| found.operation());
            let by_path = find(call, path).map(|found| found.operation());
            assert_eq!(found, by_path, "{address}");
            addresses += 1;
        }
    }
    assert_eq!((calls.len(), spellings, with_value, addresses), (772, 5_367, 735, 735));
}

/// A method and a template of the facts, and the template's segments.
type Fact<'f> = (&'f str, &'f str, Vec<&'f str>);

/// The template that the facts have for a path of literals and values: where two differ first, the literal is meant, whatever
/// the methods.
fn by_the_facts<'f>(facts: &[Fact<'f>], method: &str, path: &str) -> Option<&'f str> {
    let given: Vec<&str> = path.split('/').collect();
    let is = |(segment, given): (&&str, &&str)| segment == given || segment.starts_with('{');
    let fits = |segments: &[&str]| segments.len() == given.len() && segments.iter().zip(&given).all(is);
    let variables = |(.., segments): &Fact<'_>| segments.iter().map(|part| part.starts_with('{')).collect::<Vec<_>>();
    let fitting: Vec<_> = facts.iter().filter(|(.., segments)| fits(segments)).collect();
    let meant = fitting.iter().map(|fact| variables(fact)).min()?;
    let mut meant = fitting.into_iter().filter(|fact| variables(fact) == meant && fact.0 == method);
    meant.next().map(|(_, template, _)| *template)
}

#[test]
fn a_recorded_path_with_something_changed_is_what_the_facts_say_or_nothing() {
    let (Some(calls), Some(facts)) = (recordings(), lines("catalog/operations.jsonl")) else { return };
    let facts = facts.iter().map(|fact| (text(fact, "m"), text(fact, "p")));
    let facts: Vec<Fact<'_>> = facts.map(|(method, path)| (method, path, path.split('/').collect())).collect();
    let (mut found, mut nothing) = (0, 0);
    for call in calls.iter().filter(|call| call["options"]["base_uri"].is_null()) {
        let Some(path) = with_values(text(call, "path"), &call["options"]) else { continue };
        let segments: Vec<&str> = path.split('/').collect();
        // What follows would be a query; a segment in capitals is another spelling of a literal.
        if path.contains(['?', '#']) || segments.iter().any(|segment| segment.is_empty()) {
            continue;
        }
        let (recorded, other) = (text(&call["request"], "method"), ["GET", "POST"]);
        for at in 1..segments.len() {
            let changed = |new: &[&str]| [&segments[..at], new, &segments[at + 1..]].concat().join("/");
            let longer = format!("{}x", segments[at]);
            for path in [changed(&[]), changed(&[&longer]), changed(&[segments[at], segments[at]]), changed(&["0"])] {
                for method in other.into_iter().chain([recorded]) {
                    let expected = by_the_facts(&facts, method, &path);
                    let answer = catalog().find(method, &path).map(|found| found.operation());
                    assert_eq!(answer.map(|operation| operation.template()), expected, "{method} {path}");
                    *(if expected.is_some() { &mut found } else { &mut nothing }) += 1;
                }
            }
        }
    }
    assert!(found > 1_900 && nothing > 30_000, "{found} and {nothing}");
}

#[test]
fn recorded_values_are_those_of_the_path() {
    let Some(calls) = recordings() else { return };
    let mut compared = 0;
    for call in &calls {
        let path = text(call, "path");
        let Some(filled) = with_values(path, &call["options"]) else { continue };
        let Some(found) = find(call, &filled) else { continue };
        for variable in found.variables() {
            let given = &call["options"][variable.name()];
            assert_eq!(
                variable.value().unwrap(),
                given.as_str().map_or_else(|| given.to_string(), str::to_owned),
                "{path}"
            );
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared}");
}

// ---------------------------------------------------------------- findings

/// The reason for findings: the call, what is the matter, where (or where it begins, before a `*`), how many, and why.
type Reason = (&'static str, Problem, &'static str, usize, &'static str);

const EXAMPLE: &str = "the example has another value than those that its page lists";
const NO_VALUE: &str =
    "the example gives no value to this variable of its path, or another name: a known slip, which the client refuses";
const EMPTY: &str = "the example leaves the variable empty";
const PARTIAL: &str = "the facts have only some of the fields of this object";
const HK: &str = "the page names the host in Hong Kong in its text alone";
const LEFT_OUT: &str = "the example leaves it out, though its page requires it";

const REASONS: [Reason; 34] = [
    (
        "*",
        Problem::PlainText,
        "*",
        189,
        "the pages' examples have stand-ins: no value is of the length of a ciphertext",
    ),
    ("*", Problem::Deprecated, "", 13, "the page says so"),
    ("v3/customs/orders#post", Problem::Host, "/base_uri", 1, HK),
    ("v3/customs/orders#get", Problem::Host, "/base_uri", 1, HK),
    ("v3/customs/orders#patch", Problem::Host, "/base_uri", 1, HK),
    ("v3/customs/redeclare#post", Problem::Host, "/base_uri", 1, HK),
    ("v3/global/papay/transactions/out-trade-no/{out_trade_no}#get", Problem::Missing, "/out_trade_no", 1, NO_VALUE),
    ("v3/global/merchants/{sub_mchid}#patch", Problem::Missing, "/sub_mchid", 1, NO_VALUE),
    ("v3/bank-transfer/batches/out-batch-no/{out_batch_no}#get", Problem::Missing, "/out_batch_no", 1, NO_VALUE),
    ("v3/payscore/users/{openid}/permissions/{service_id}/terminate#post", Problem::Missing, "/*", 2, NO_VALUE),
    ("v3/merchant/fund/withdraw/bill-type/{bill_type}#get", Problem::Missing, "/bill_type", 1, NO_VALUE),
    (
        "v3/offlinefacemch/organizations/{organization_id}/users/user-id/{user_id}/terminate-contract#post",
        Problem::Missing,
        "/user_id",
        1,
        NO_VALUE,
    ),
    ("v2/transit/queryorder#post", Problem::Missing, "/xml/out_trade_no", 1, LEFT_OUT),
    ("v2/transit/partnerpay/queryorder#post", Problem::Missing, "/xml/out_trade_no", 1, LEFT_OUT),
    ("v2/wxv/finishhotelbill#post", Problem::Missing, "/xml/other_fee_desc", 1, LEFT_OUT),
    ("v2/xdc/apiv2sandbox/pay/orderquery#post", Problem::Missing, "/xml/transaction_id", 1, "either number would do"),
    ("v2/vehicle/pay/querystate#post", Problem::Missing, "/xml/plate_number", 1, LEFT_OUT),
    ("v2/wxv/finishhotelbill#post", Problem::Type, "/xml/checked_in", 1, "the example has 1 for true"),
    (
        "v3/papay/insurance-sign/contracts/plan-id/{plan_id}/contract-id/{contract_id}/renew#post",
        Problem::Type,
        "/plan_id",
        1,
        EMPTY,
    ),
    ("v3/applyment4sub/applyment/applyment_id/{applyment_id}#get", Problem::Type, "/applyment_id", 1, EMPTY),
    ("v3/pay/transactions/h5#post", Problem::Unknown, "/json/scene_info/*", 3, PARTIAL),
    ("v3/marketing/favor/coupon-stocks#post", Problem::Unknown, "/json/coupon_use_rule/*", 11, PARTIAL),
    ("v3/marketing/favor/coupon-stocks#post", Problem::Unknown, "/json/pattern_info/*", 5, PARTIAL),
    ("v3/global/profit-sharing/receivers#post", Problem::Value, "/json/relation_type", 1, EXAMPLE),
    (
        "v3/global/merchant-service/complaints/{complaint_id}/negotiation-historys#get",
        Problem::Value,
        "/query/mch_language",
        1,
        EXAMPLE,
    ),
    (
        "v3/transaction-block/transaction-block-submissions/sub-mchid/{sub_mchid}#post",
        Problem::Value,
        "/json/submit_data/record_fields/0/type",
        1,
        EXAMPLE,
    ),
    ("v3/payscore/payafter-orders/{out_order_no}/complete#post", Problem::Value, "/json/finish_type", 1, EXAMPLE),
    (
        "v3/platsolution/ecommerce/settle/prepay-settle-orders#post",
        Problem::Value,
        "/json/receive_type_template_id",
        1,
        EXAMPLE,
    ),
    (
        "v3/marketing/partner/delivery-plan/delivery-plans/{brand_id}/delivery-plans#get",
        Problem::Value,
        "/query/audit_state",
        1,
        EXAMPLE,
    ),
    (
        "v3/apply4subject/applyment#post",
        Problem::Value,
        "/json/subject_info/special_operation_info/0/category_id",
        1,
        EXAMPLE,
    ),
    (
        "v3/mch-operation-manage/enhanced-due-diligence/{due_diligence_id}/submit#post",
        Problem::Value,
        "/json/submit_data/record_fields/0/type",
        1,
        EXAMPLE,
    ),
    ("v2/cgi-bin/mch/newcustoms/customdeclareredeclare#post", Problem::Value, "/xml/customs", 1, EXAMPLE),
    ("v2/cgi-bin/mch/customs/customdeclareorder#post", Problem::Value, "/xml/customs", 1, EXAMPLE),
    ("v2/cgi-bin/mch/customs/customdeclarequery#post", Problem::Value, "/xml/customs", 1, EXAMPLE),
];

fn is_reason(reason: &Reason, id: &str, finding: &Finding) -> bool {
    let (call, problem, pointer, ..) = reason;
    let is = |pattern: &str, text: &str| match pattern.strip_suffix('*') {
        Some(beginning) => text.starts_with(beginning),
        None => text == pattern,
    };
    *problem == finding.problem() && is(call, id) && is(pointer, finding.pointer())
}

fn findings(call: &Value) -> Vec<Finding> {
    find(call, text(call, "path")).map(|found| found.check(&call["options"])).unwrap_or_default()
}

#[test]
fn every_finding_in_a_recorded_call_has_a_reason() {
    let Some(calls) = recordings() else { return };
    let mut met: BTreeMap<usize, usize> = BTreeMap::new();
    let mut without = Vec::new();
    for call in &calls {
        for finding in findings(call) {
            let id = text(call, "id");
            match REASONS.iter().position(|reason| is_reason(reason, id, &finding)) {
                Some(reason) => *met.entry(reason).or_default() += 1,
                None => without.push(format!("{id}: {finding}")),
            }
        }
    }
    assert!(without.is_empty(), "{}", without.join("\n"));
    let expected = REASONS.iter().enumerate().map(|(at, (.., count, _))| (at, *count)).collect();
    assert_eq!(met, expected);
}

#[test]
fn plain_text_is_found_in_sensitive_fields_and_nowhere_else() {
    let (Some(calls), Some(facts)) = (recordings(), lines("catalog/operations.jsonl")) else { return };
    let sealed = format!("{}==", "A".repeat(342));
    let mut replaced_fields = 0;
    for call in &calls {
        let Some((method, path)) = expected(call) else { continue };
        let fact = facts.iter().find(|fact| fact["m"] == method.as_str() && fact["p"] == path.as_str());
        let mut replaced = call.clone();
        for finding in findings(call).iter().filter(|finding| finding.problem() == Problem::PlainText) {
            let names: Vec<&str> = finding
                .pointer()
                .split('/')
                .skip(1)
                .filter(|name| !name.bytes().all(|byte| byte.is_ascii_digit()))
                .collect();
            let mut fields = &fact.unwrap()["in"][names[0]];
            let mut flags = String::new();
            for name in &names[1..] {
                let field = fields.as_array().unwrap().iter().find(|field| field[0] == *name).unwrap();
                flags = field[2].as_str().unwrap().to_owned();
                fields = &field[3];
            }
            assert!(flags.contains('e'), "{path}: {finding}");
            *replaced["options"].pointer_mut(finding.pointer()).unwrap() = sealed.as_str().into();
            replaced_fields += 1;
        }
        let left = findings(&replaced);
        assert!(left.iter().all(|finding| finding.problem() != Problem::PlainText), "{path}: {left:?}");

        // Whoever has the client encrypt them need not, but for APIv2.
        let mut automatic = call.clone();
        automatic["options"]["encrypt"] = json!("auto");
        let is_plain = |finding: &Finding| finding.problem() == Problem::PlainText;
        assert!(findings(&automatic).iter().filter(|it| is_plain(it)).all(|it| it.place() == Some(Place::Xml)));
    }
    assert_eq!(replaced_fields, 189);
}

/// Whether the client adds what is not given.
fn is_of_client(place: Place, field: Field) -> bool {
    let is_signature = matches!(place, Place::Xml | Place::Query) && ["sign", "nonce_str"].contains(&field.name());
    is_signature || field.name() == "Wechatpay-Serial"
}

#[test]
fn whatever_required_field_is_left_out_of_a_recorded_call_is_missed() {
    let Some(calls) = recordings() else { return };
    let mut removed = 0;
    for call in &calls {
        let Some(found) = find(call, text(call, "path")) else { continue };
        for (place, fields) in found.operation().places() {
            for field in fields.into_iter().filter(|field| field.is_required()) {
                let mut changed = call["options"].clone();
                let there = changed.get_mut(place.name()).and_then(Value::as_object_mut);
                if there.and_then(|given| given.remove(field.name())).is_none() || is_of_client(place, field) {
                    continue;
                }
                let pointer = format!("/{}/{}", place.name(), field.name());
                let missed = found.check(&changed);
                let is_it = |finding: &Finding| finding.problem() == Problem::Missing && finding.pointer() == pointer;
                assert!(missed.iter().any(is_it), "{}: {pointer}: {missed:?}", text(call, "id"));
                removed += 1;
            }
        }
    }
    assert!(removed > 2_000, "{removed}");
}
