//! The tables beside what the catalog has of the platform's documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use wechatpay_catalog::{Answer, Field, Problem, catalog};

use super::row::{Effect, Question, Row, Source};
use super::{PLACES, find, rows};

fn documented(operation: &str) -> wechatpay_catalog::Operation {
    let (method, template) = operation.split_once(' ').unwrap();
    let found = catalog().find(method, template).unwrap_or_else(|| panic!("{operation} is not documented"));
    assert_eq!(found.operation().to_string(), operation);
    found.operation()
}

fn commands() -> impl Iterator<Item = (&'static str, &'static Row)> {
    rows().flat_map(|row| row.commands.iter().map(move |command| (*command, row)))
}

/// The questions, each once.
fn questions() -> Vec<&'static Question> {
    rows().map(|row| (row.question.operation, row.question)).collect::<BTreeMap<_, _>>().into_values().collect()
}

/// Whether a request has a field of this name.
fn takes(operation: wechatpay_catalog::Operation, name: &str) -> bool {
    operation.variables().any(|variable| variable == name)
        || PLACES.into_iter().any(|place| operation.parameters(place).get(name).is_some())
}

/// The field of an answer at a path of names.
fn answered(question: &Question, path: &str) -> Option<Field> {
    let Answer::Fields(mut fields) = documented(question.operation).answer() else { return None };
    let mut found = None;
    for name in question.list.into_iter().chain(path.split('.')).filter(|name| *name != "*") {
        let field: Field = fields.get(name)?;
        (found, fields) = (Some(field), field.fields());
    }
    found
}

/// A call of the question, as `question::ask` makes it.
fn call(question: &Question) -> Value {
    let (mut options, mut fields) = (Map::new(), Map::new());
    let operation = documented(question.operation);
    for parameter in question.parameters {
        let field = PLACES.into_iter().find_map(|place| operation.parameters(place).get(parameter.name));
        let value = match parameter.source {
            Source::Fixed(value) => value,
            _ => field.and_then(|field| field.allowed().iter().next()).unwrap_or("1217752501201407033233368018"),
        };
        let is_variable = operation.variables().any(|variable| variable == parameter.name);
        (if is_variable { &mut options } else { &mut fields }).insert(parameter.name.to_owned(), value.into());
    }
    options.insert(if operation.is_apiv2() { "xml" } else { "query" }.to_owned(), fields.into());
    options.insert("security".to_owned(), operation.needs_client_certificate().into());
    options.into()
}

#[test]
fn there_are_pairs_enough_and_none_is_there_twice() {
    let all: Vec<_> = commands().map(|(command, _)| command).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    assert_eq!((all.len(), questions().len()), (177, 86));
}

#[test]
fn commands_are_documented_and_have_their_number() {
    for (command, row) in commands() {
        let operation = documented(command);
        assert!(takes(operation, row.number), "{command} has no {}", row.number);
        let (method, template) = command.split_once(' ').unwrap();
        let found = find(method, template).unwrap();
        assert_eq!(found.template(), template);
        assert!(!found.only_asks(), "{command}");
        assert!(std::ptr::eq(found.question().unwrap().0, row.question), "{command}");
    }
}

#[test]
fn what_is_kept_is_documented_of_the_command() {
    for (command, row) in commands() {
        let operation = documented(command);
        for parameter in row.question.parameters {
            let (Source::Required(names) | Source::Optional(names)) = parameter.source else { continue };
            let is_optional = matches!(parameter.source, Source::Optional(_));
            let is_taken = names.iter().any(|name| takes(operation, name));
            assert!(is_taken || is_optional, "{command} has none of {names:?}");
            for name in names {
                let is_personal = ["openid", "name", "phone", "card", "id_"].iter().any(|word| name.contains(word));
                let is_sensitive = operation.sensitive().iter().any(|pointer| pointer.ends_with(&format!("/{name}")));
                assert!(!is_personal && !is_sensitive, "{command}: {name}");
            }
        }
    }
}

#[test]
fn an_optional_field_is_that_of_some_command() {
    for question in questions() {
        for parameter in question.parameters {
            let Source::Optional(names) = parameter.source else { continue };
            let of_question = commands().filter(|(_, row)| std::ptr::eq(row.question, question));
            let is_taken =
                of_question.into_iter().any(|(command, _)| names.iter().any(|name| takes(documented(command), name)));
            assert!(is_taken, "{}: {names:?}", question.operation);
        }
    }
}

#[test]
fn questions_ask_as_documented() {
    let mut missing: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for question in questions() {
        let operation = documented(question.operation);
        assert!(find(operation.method(), operation.template()).unwrap().only_asks(), "{}", question.operation);
        for finding in operation.check(&call(question)) {
            match finding.problem() {
                Problem::Deprecated | Problem::Host => {}
                // The facts are older than the page.
                Problem::Unknown
                    if finding.pointer() == "/query/sub_mchid" && question.page == "v3/partner/4014010920" => {}
                Problem::Missing => missing.entry(question.operation).or_default().push(finding.pointer().to_owned()),
                _ => panic!("{}: {finding}", question.operation),
            }
        }
    }
    let missing: Vec<_> = missing.into_iter().map(|(operation, fields)| (operation, fields.join(" "))).collect();
    let expected: Vec<_> = NOT_REQUIRED.iter().map(|(operation, fields)| (*operation, (*fields).to_owned())).collect();
    assert_eq!(missing, expected);
}

/// What the facts have as required although it is not: one of several numbers is enough for APIv2; and that of a batch is in
/// the path.
const NOT_REQUIRED: [(&str, &str); 13] = [
    ("GET v3/bank-transfer/batches/out-batch-no/{out_batch_no}", "/query/out_batch_no"),
    ("POST v2/deposit/orderquery", "/xml/transaction_id"),
    ("POST v2/deposit/refundquery", "/xml/transaction_id /xml/out_trade_no /xml/refund_id"),
    ("POST v2/pay/facepayquery", "/xml/transaction_id"),
    ("POST v2/pay/orderquery", "/xml/transaction_id"),
    ("POST v2/pay/paporderquery", "/xml/transaction_id"),
    ("POST v2/pay/partner/paporderquery", "/xml/transaction_id"),
    ("POST v2/pay/refundquery", "/xml/transaction_id /xml/out_trade_no /xml/refund_id"),
    ("POST v2/pay/refundqueryv2", "/xml/transaction_id /xml/out_trade_no /xml/refund_id"),
    ("POST v2/transit/partnerpay/queryorder", "/xml/transaction_id"),
    ("POST v2/transit/queryorder", "/xml/transaction_id"),
    ("POST v2/wxv/queryhotelbill", "/xml/return_query_id"),
    ("POST v2/wxv/queryrentbill", "/xml/return_query_id"),
];

#[test]
fn answers_have_the_number_and_the_state() {
    let mut slips = Vec::new();
    for question in questions() {
        let number = answered(question, question.number);
        assert!(number.is_some(), "{}: {}", question.operation, question.number);
        for state in question.states {
            assert!(answered(question, state).is_some(), "{}: {state}", question.operation);
        }
        let of_rows = rows().filter(|row| std::ptr::eq(row.question, question)).flat_map(|row| match row.effect {
            Effect::Makes => vec![],
            Effect::Changes { to, not } => [to, not].concat(),
        });
        let states: BTreeSet<_> =
            [question.succeeded, question.failed, question.again].concat().into_iter().chain(of_rows).collect();
        for (state, field) in states.iter().flat_map(|state| state.split('/').zip(question.states)) {
            let allowed = answered(question, field).unwrap().allowed();
            if !allowed.is_empty() && !allowed.contains(state) {
                slips.push(format!("{}: {state}", question.operation));
            }
        }
    }
    // The facts have the states of a receiver in the place of those of the sharing.
    assert_eq!(slips, ["GET v3/profitsharing/orders/{out_order_no}: FINISHED"]);
}

#[test]
fn pages_are_those_of_the_documents() {
    for question in questions() {
        let pages = documented(question.operation).pages();
        assert!(pages.contains(question.page) || pages.is_empty(), "{}: {pages:?}", question.operation);
    }
}

#[test]
fn each_question_can_be_answered_with_no() {
    for question in questions() {
        assert!(!question.absent.is_empty() && question.after.as_secs() >= 60, "{}", question.operation);
        assert!(question.until.is_none_or(|until| until > question.after), "{}", question.operation);
        let all = [question.succeeded, question.failed, question.again].concat();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{}", question.operation);
    }
    for row in rows() {
        let Effect::Changes { to, not } = row.effect else { continue };
        assert!(!to.is_empty() && to.iter().all(|state| !not.contains(state)), "{:?}", row.commands);
    }
}

#[test]
fn other_operations_go_by_the_names_of_their_fields() {
    let number = |method: &str, path: &str| find(method, path).unwrap().number;
    let own = [
        ("POST", "v3/marketing/favor/users/{openid}/coupons", "out_request_no"),
        ("POST", "v3/marketing/busifavor/coupons/send", "out_request_no"),
        ("POST", "v3/marketing/busifavor/coupons/use", "use_request_no"),
        ("POST", "v3/marketing/busifavor/subsidy/return-receipts", "out_subsidy_return_no"),
        ("POST", "v3/ecommerce/subsidies/return", "out_order_no"),
        ("POST", "v3/papay/pay/transactions/apply", "out_trade_no"),
        ("POST", "v3/papay/sign/contracts/pre-entrust-sign", "out_contract_code"),
        ("POST", "v2/mmpaymkttransfers/send_coupon", "partner_trade_no"),
    ];
    for (method, path, expected) in own {
        assert_eq!(number(method, path), Some(expected), "{path}");
        assert!(find(method, path).unwrap().question().is_none(), "{path}");
    }
    // They have the number of something else, may come again with other content, or only ask.
    let none = [
        ("POST", "v3/payscore/serviceorder/{out_order_no}/modify"),
        ("POST", "v3/payscore/serviceorder/{out_order_no}/sync"),
        ("POST", "v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund"),
        ("POST", "v3/global/customs/orders"),
        ("POST", "v3/catering/orders/sync-status"),
        ("POST", "v3/pay/transactions/exposure"),
        ("POST", "v3/transfer/bill-receipt"),
        ("POST", "v3/inspolicymgr/deduct/policies"),
        ("POST", "v3/industry-rebate/retail-industry/transactions"),
        ("POST", "v2/pay/orderquery"),
        ("GET", "v3/pay/transactions/out-trade-no/{out_trade_no}"),
    ];
    for (method, path) in none {
        assert_eq!(number(method, path), None, "{path}");
    }
    let others = catalog().operations().filter(|operation| {
        let found = find(operation.method(), operation.template()).unwrap();
        found.row.is_none() && found.number.is_some()
    });
    assert_eq!(others.count(), 117);
    assert!(find("POST", "v3/not/documented").is_none());
}

#[test]
fn a_command_is_found_in_any_spelling() {
    for path in [
        "v3/refund/domestic/refunds",
        "v3->refund->domestic->refunds",
        "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds",
    ] {
        assert_eq!(find("post", path).unwrap().template(), "v3/refund/domestic/refunds");
    }
}

#[test]
fn a_path_has_its_number() {
    for (value, number) in
        [("A1", "A1"), ("A%7C1", "A|1"), ("_A1_", "_A1_"), ("100%25", "100%"), ("%", "%"), ("a.b", "a.b")]
    {
        for path in ["v3/pay/transactions/out-trade-no", "/v3/pay/transactions/out-trade-no"] {
            let path = format!("{path}/{value}/close");
            assert_eq!(
                find("POST", &path).unwrap().variables(&path),
                fields(json!({ "out_trade_no": number })),
                "{value}"
            );
        }
    }
    let refunds = "/v3/refund/domestic/refunds";
    assert!(find("POST", refunds).unwrap().variables(refunds).is_empty());
}

#[test]
fn the_number_and_what_is_kept_are_those_of_the_request() {
    let refund = find("POST", "v3/refund/domestic/refunds").unwrap();
    let request = json!({ "json": {
        "sub_mchid": "1900000109", "transaction_id": "4200", "out_trade_no": "T1", "out_refund_no": "R1",
        "reason": "退货", "amount": { "refund": 1 },
    } });
    assert_eq!(refund.number(&fields(request.clone())).as_deref(), Some("R1"));
    assert_eq!(refund.kept(&fields(request)), fields(json!({ "sub_mchid": "1900000109" })));

    let close = find("POST", "v3/pay/transactions/out-trade-no/{out_trade_no}/close").unwrap();
    let request = json!({ "path": { "out_trade_no": "T1" }, "json": { "mchid": 1900000109 } });
    assert_eq!(close.number(&fields(request.clone())).as_deref(), Some("T1"));
    assert_eq!(close.kept(&fields(request)), fields(json!({ "mchid": "1900000109" })));

    // The question has other names for it.
    let red_packet = find("POST", "v2/mmpaymkttransfers/sendredpack").unwrap();
    let request = json!({ "xml": {
        "mch_billno": "B1", "mch_id": "1900000109", "wxappid": "wx8888888888888888", "re_openid": "o1", "send_name": "店",
    } });
    assert_eq!(red_packet.number(&fields(request.clone())).as_deref(), Some("B1"));
    let kept = json!({ "mch_id": "1900000109", "appid": "wx8888888888888888" });
    assert_eq!(red_packet.kept(&fields(request)), fields(kept));

    for nothing in [json!({}), json!({ "json": {} }), json!({ "json": { "out_refund_no": "" } }), json!({ "json": 1 })]
    {
        assert_eq!(refund.number(&fields(nothing)), None);
    }
}

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}
