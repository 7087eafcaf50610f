//! What is embedded is what the facts say, but for their slips.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wechatpay_catalog::{Answer, Encryption, Field, Fields, Notification, Operation, Place, Texts, catalog};

use crate::shared::lines;

/// Types that are examples, or more than a type: how many fields have them, and what they are.
const TYPES: [(&str, &str, usize); 8] = [
    ("uint64", "integer", 2),
    ("20150806125346", "string", 2),
    ("stringde", "string", 2),
    ("粤b888888", "string", 2),
    ("ee088059bbc9141264f8d14293ad6c4bb94cea8c08aa98fbf93e262d445f8ff5", "string", 1),
    ("oyobu0dmn6tdodznfwkoekqorbi8", "string", 1),
    ("oupf8umuajo_m2pxb1q9znjwes6o", "string", 1),
    ("早餐2份，每份50元", "string", 1),
];

/// How many sets of allowed values are of fields that are not documented.
const VALUES_OF_NOTHING: usize = 23;

// ---------------------------------------------------------------- what the catalog says, written as the facts are

fn of_texts(texts: Texts) -> Value {
    texts.iter().collect::<Vec<_>>().into()
}

fn of_field(field: Field) -> Value {
    let mut flags = BTreeSet::new();
    flags.extend(field.is_required().then_some('r'));
    flags.extend(field.is_json_text().then_some('j'));
    flags.extend(field.is_media_id().then_some('m'));
    flags.extend(field.is_time().then_some('t'));
    flags.extend(field.is_media_url().then_some('u'));
    flags.extend(field.encryption().map(|encryption| if encryption == Encryption::Rsa { 'e' } else { 'g' }));
    json!({
        "name": field.name(),
        "type": field.type_name(),
        "flags": flags.into_iter().collect::<String>(),
        "allowed": of_texts(field.allowed()),
        "fields": of_fields(field.fields()),
    })
}

fn of_fields(fields: Fields) -> Value {
    assert_eq!(fields.len(), fields.iter().count());
    fields.iter().map(of_field).collect::<Vec<_>>().into()
}

fn of_operation(operation: Operation) -> Value {
    let places = Place::ALL.map(|place| of_fields(operation.parameters(place)));
    json!({
        "method": operation.method(),
        "template": operation.template(),
        "name": operation.name(),
        "pages": of_texts(operation.pages()),
        "roles": of_texts(operation.roles()),
        "groups": of_texts(operation.groups()),
        "hosts": of_texts(operation.hosts()),
        "changed": operation.changed(),
        "certificate": operation.needs_client_certificate(),
        "deprecated": operation.is_deprecated(),
        "places": places.to_vec(),
        "answer": match operation.answer() {
            Answer::Fields(fields) => of_fields(fields),
            Answer::Empty => "empty".into(),
            Answer::File => "stream".into(),
            Answer::Redirect => "redirect".into(),
            other => { assert!(matches!(other, Answer::None)); "none".into() }
        },
    })
}

fn of_notification(notification: Notification) -> Value {
    json!({
        "event": notification.event(),
        "version": if notification.is_apiv2() { "v2" } else { "v3" },
        "name": notification.name(),
        "pages": of_texts(notification.pages()),
        "headers": of_fields(notification.headers()),
        "body": of_fields(notification.body()),
        "reply": of_fields(notification.reply()),
    })
}

// ---------------------------------------------------------------- what the facts say, without their slips

/// The allowed values that are still to be met, by place and name.
#[derive(Default)]
struct Rest(Vec<(String, Value)>);

impl Rest {
    fn of(values: &Value) -> Rest {
        let entry = |(name, values): (&String, &Value)| {
            let mut once: Vec<&Value> = Vec::new();
            for value in values.as_array().unwrap() {
                if !once.contains(&value) {
                    once.push(value);
                }
            }
            // Two are of a variable of the path, without saying so.
            let name = if name == "account_type" { "path.account_type" } else { name.as_str() };
            (name.to_owned(), json!(once))
        };
        Rest(values.as_object().into_iter().flatten().map(entry).collect())
    }

    fn take(&mut self, name: &str) -> Value {
        let at = self.0.iter().position(|(known, _)| known == name);
        at.map_or_else(|| json!([]), |at| self.0.swap_remove(at).1)
    }
}

fn fact_of_fields(fields: &Value, before: &str, values: &mut Rest) -> Value {
    let one = |field: &Value| {
        let (name, kind) = (field[0].as_str().unwrap(), field[1].as_str().unwrap());
        let kind = TYPES.iter().find(|(slip, ..)| *slip == kind).map_or(kind, |(_, kind, _)| kind);
        let path = format!("{before}{name}");
        let flags: BTreeSet<char> = field[2].as_str().unwrap().chars().collect();
        json!({
            "name": name,
            "type": kind,
            "flags": flags.into_iter().collect::<String>(),
            "allowed": values.take(&path),
            "fields": fact_of_fields(&field[3], &format!("{path}."), values),
        })
    };
    fields.as_array().into_iter().flatten().map(one).collect::<Vec<_>>().into()
}

fn fact_of_operation(fact: &Value, of_nothing: &mut usize) -> Value {
    let or_none = |value: &Value| if value.is_null() { json!([]) } else { value.clone() };
    let mut values = Rest::of(&fact["enum"]);
    let places = ["path", "query", "headers", "json", "xml", "body"];
    let places = places.map(|place| fact_of_fields(&fact["in"][place], &format!("{place}."), &mut values));
    let answer =
        if fact["out"].is_string() { fact["out"].clone() } else { fact_of_fields(&fact["out"], "=", &mut values) };
    *of_nothing += values.0.len();
    json!({
        "method": fact["m"],
        "template": fact["p"],
        "name": fact["t"],
        "pages": fact["d"],
        "roles": or_none(&fact["role"]),
        "groups": or_none(&fact["g"]),
        "hosts": or_none(&fact["h"]),
        "changed": fact["at"].as_str().unwrap_or_default(),
        "certificate": fact["mtls"] == 1,
        "deprecated": fact["s"] == "deprecated",
        "places": places.to_vec(),
        "answer": answer,
    })
}

fn fact_of_notification(fact: &Value) -> Value {
    let fields = |fields: &Value| fact_of_fields(fields, "", &mut Rest::default());
    json!({
        "event": fact["event"],
        "version": fact["v"],
        "name": fact["t"],
        "pages": fact["d"],
        "headers": fields(&fact["in"]["headers"]),
        "body": fields(&fact["in"]["body"]),
        "reply": fields(&fact["out"]),
    })
}

#[test]
fn every_operation_is_as_the_facts_have_it() {
    let Some(facts) = lines("catalog/operations.jsonl") else { return };
    let mut of_nothing = 0;
    for fact in &facts {
        let (method, path) = (fact["m"].as_str().unwrap(), fact["p"].as_str().unwrap());
        let found = catalog().find(method, path).unwrap_or_else(|| panic!("{method} {path}"));
        assert_eq!(of_operation(found.operation()), fact_of_operation(fact, &mut of_nothing), "{method} {path}");
    }
    assert_eq!((facts.len(), of_nothing), (1_154, VALUES_OF_NOTHING));
    let in_order: Vec<_> = catalog().operations().map(|operation| operation.to_string()).collect();
    assert_eq!(in_order.iter().collect::<BTreeSet<_>>().len(), facts.len());
}

#[test]
fn every_notification_is_as_the_facts_have_it() {
    let Some(facts) = lines("catalog/notifications.jsonl") else { return };
    for fact in &facts {
        let same = |known: &Notification| known.event() == fact["event"] && known.is_apiv2() == (fact["v"] == "v2");
        let known = catalog().notifications().find(same).unwrap();
        assert_eq!(of_notification(known), fact_of_notification(fact));
    }
    assert_eq!((catalog().notifications().count(), facts.len()), (112, 112));
    // On one page, pieces of a field are given as places.
    let more: Vec<_> = facts.iter().filter(|fact| fact["in"].as_object().unwrap().len() > 2).collect();
    assert_eq!(more.iter().map(|fact| &fact["event"]).collect::<Vec<_>>(), ["RECHARGE.CLOSED"]);
}

#[test]
fn the_slips_are_as_many_as_known() {
    let Some(facts) = lines("catalog/operations.jsonl") else { return };
    fn count(fields: &Value, slip: &str) -> usize {
        let one = |field: &Value| usize::from(field[1] == slip) + count(&field[3], slip);
        fields.as_array().into_iter().flatten().map(one).sum()
    }
    let in_fact = |fact: &Value, slip: &str| {
        count(&fact["out"], slip)
            + fact["in"].as_object().unwrap().values().map(|fields| count(fields, slip)).sum::<usize>()
    };
    for (slip, _, times) in TYPES {
        assert_eq!(facts.iter().map(|fact| in_fact(fact, slip)).sum::<usize>(), times, "{slip}");
    }
}

#[test]
fn sensitive_fields_are_all_that_can_be_pointed_at() {
    let Some(facts) = lines("catalog/operations.jsonl") else { return };
    fn count(fields: &Value) -> usize {
        let one = |field: &Value| usize::from(field[2].as_str().unwrap().contains('e')) + count(&field[3]);
        fields.as_array().into_iter().flatten().map(one).sum()
    }
    let (mut operations, mut requests, mut answers) = (0, 0, 0);
    for fact in &facts {
        let operation = catalog().find(fact["m"].as_str().unwrap(), fact["p"].as_str().unwrap()).unwrap().operation();
        let (sensitive, of_answer) = (operation.sensitive(), operation.sensitive_answer());
        let there: usize = ["json", "query", "xml", "body"].iter().map(|place| count(&fact["in"][place])).sum();
        assert_eq!((sensitive.len(), of_answer.len()), (there, count(&fact["out"])), "{operation}: {sensitive:?}");
        operations += usize::from(there + of_answer.len() > 0);
        requests += there;
        answers += of_answer.len();
    }
    assert_eq!((operations, requests, answers), (142, 290, 69));
}

#[test]
fn sensitive_pointers_lead_through_lists() {
    let pointers = |method: &str, path: &str| catalog().find(method, path).unwrap().operation().sensitive();
    assert_eq!(
        pointers("POST", "v3/transfer/batches"),
        ["/json/transfer_detail_list/*/user_name", "/json/transfer_detail_list/*/user_id_card"],
    );
    assert_eq!(pointers("GET", "v3/smartguide/guides"), ["/query/mobile"]);
    assert_eq!(pointers("POST", "v2/mmpaysptrans/pay_bank"), ["/xml/enc_bank_no", "/xml/enc_true_name"]);
    assert_eq!(
        pointers("POST", "v3/marketing/shopping-receipt/shoppingreceipts"),
        ["/body/meta/merchant_contact_information/consultation_phone_number"],
    );
    assert_eq!(pointers("POST", "v3/pay/transactions/native").len(), 2);
}

#[test]
fn the_resource_of_a_notification_is_found() {
    let without: Vec<_> = catalog().notifications().filter(|it| it.resource().is_none()).map(|it| it.event()).collect();
    // Those of APIv2 that are not encrypted.
    assert_eq!(
        without,
        [
            "combined-transactions-success",
            "pap-contract-state-changed",
            "transaction-success",
            "transactions-risk-occurred",
            "vehicle-state-changed-for-parking"
        ],
    );
    let refund = catalog().notification("refund-processed").unwrap();
    assert_eq!(refund.resource().unwrap().0, "/req_info");
}
