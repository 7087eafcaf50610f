//! Values out of answers: what is taken out, and what is said of a field that is absent or of another type.

use support::logger::log_to_standard_error;
use support::platform::{APIV2_BODY, APIV2_KEY, KEY_ID, MCHID, Platform, now, signed_headers};
use support::process::{child, is_child, run};
use support::raw::{Reply, Server, answer};
use wechatpay::{Builder, Credentials, Error, FieldError, Fields, Outcome, Response, Result, Value, json};
use wechatpay_sandbox::Sandbox;

const BODY: &str = r#"{
    "prepay_id": "wx201410272009395522657a690389285100",
    "amount": { "total": 100, "rate": 1.5, "whole": 1.0, "large": 9223372036854775808, "refund": -5 },
    "no_cash": false, "nothing": null, "a/b~c": "odd",
    "data": [{ "serial_no": "5157F09E" }, { "serial_no": "50062CE5" }]
}"#;

/// An answer of APIv3 with this body.
fn apiv3(body: &'static str) -> Response {
    let platform = Platform::new();
    let mut headers = signed_headers(&platform.key, KEY_ID, now(), body.as_bytes());
    headers.push(("Request-ID", "08F78BB5AF0610D302".to_owned()));
    let server = Server::start(move |_, _| Reply::Answer(answer("200 OK", &headers, body.as_bytes())));
    platform.instance(&server.url()).chain("v3/a").get(()).unwrap()
}

/// An answer of APIv2 with this body, from this path.
fn apiv2(path: &str, body: String) -> Response {
    let server = Server::start(move |_, _| Reply::Answer(answer("200 OK", &[], body.as_bytes())));
    let setting = json!({ "mchid": MCHID, "secret": APIV2_KEY, "base_uri": server.url(), "proxy": "" });
    let call = Builder::factory(setting).unwrap().chain(path);
    call.post(json!({ "xml": { "mch_id": MCHID } })).unwrap()
}

fn field_error<T: std::fmt::Debug>(result: Result<T>) -> Box<FieldError> {
    match result.unwrap_err() {
        Error::Field(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_gives_each_value_as_its_type() {
    let answer = apiv3(BODY);
    assert_eq!(answer.text_at("/prepay_id").unwrap(), "wx201410272009395522657a690389285100");
    assert_eq!(answer.text_at("/data/1/serial_no").unwrap(), "50062CE5");
    assert_eq!(answer.text_at("/a~1b~0c").unwrap(), "odd");
    assert_eq!(answer.integer_at("/amount/total").unwrap(), 100);
    assert_eq!(answer.integer_at("/amount/refund").unwrap(), -5);
    assert!(!answer.boolean_at("/no_cash").unwrap());
    let serials = answer.list_at("/data").unwrap();
    let serials: Vec<_> = serials.iter().map(|one| one.text_at("/serial_no").unwrap()).collect();
    assert_eq!(serials, ["5157F09E", "50062CE5"]);
}

#[test]
fn what_may_be_absent_is_none_and_only_then() {
    let answer = apiv3(BODY);
    for absent in ["/attach", "/nothing", "/nothing/x", "/data/2/serial_no", "/prepay_id/x"] {
        assert_eq!(answer.find_text(absent).unwrap(), None, "{absent}");
        assert_eq!(answer.find_integer(absent).unwrap(), None, "{absent}");
        assert_eq!(answer.find_boolean(absent).unwrap(), None, "{absent}");
        assert_eq!(answer.find_list(absent).unwrap(), None, "{absent}");
    }
    assert_eq!(answer.find_text("/prepay_id").unwrap().unwrap().len(), 36);
    assert_eq!(answer.find_integer("/amount/total").unwrap(), Some(100));
    assert_eq!(answer.find_boolean("/no_cash").unwrap(), Some(false));
    assert_eq!(answer.find_list("/data").unwrap().unwrap().len(), 2);
    let error = answer.find_text("/amount/total").unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"answer 200 OK: "/amount/total" is a number, not a text: use find_integer (Request-ID 08F78BB5AF0610D302)"#
    );
}

#[test]
fn what_is_absent_or_of_another_type_is_named_with_the_request_id() {
    let answer = apiv3(BODY);
    let shown = |result: Result<String>| {
        let error = result.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(error.request_id(), Some("08F78BB5AF0610D302"));
        assert!(error.response().is_some_and(|response| response.status() == 200));
        let text = error.to_string();
        let text = text.strip_prefix("answer 200 OK: ").unwrap_or_else(|| panic!("{text}"));
        text.strip_suffix(" (Request-ID 08F78BB5AF0610D302)").unwrap_or_else(|| panic!("{text}")).to_owned()
    };
    for (pointer, said) in [
        ("/attach", r#""/attach" is absent, where a text was expected"#),
        ("/nothing", r#""/nothing" is null, not a text"#),
        ("/amount/total", r#""/amount/total" is a number, not a text: use integer_at"#),
        ("/amount/rate", r#""/amount/rate" is a number with decimals, not a text"#),
        ("/no_cash", r#""/no_cash" is a boolean, not a text: use boolean_at"#),
        ("/data", r#""/data" is a list, not a text: use list_at"#),
        ("/amount", r#""/amount" is an object, not a text"#),
        ("", r#""" is an object, not a text"#),
        ("prepay_id", r#""prepay_id" is not a JSON pointer: write "/prepay_id""#),
        ("/a~b", r#""/a~b" is not a JSON pointer: ~ is written ~0 in it, and / in a name is written ~1"#),
    ] {
        assert_eq!(shown(answer.text_at(pointer)), said);
    }
    let integer = |pointer: &str| shown(answer.integer_at(pointer).map(|found| found.to_string()));
    assert_eq!(integer("/prepay_id"), r#""/prepay_id" is a text, not an integer: use text_at"#);
    assert_eq!(integer("/amount/rate"), r#""/amount/rate" is a number with decimals, not an integer"#);
    assert_eq!(integer("/amount/whole"), r#""/amount/whole" is a number with decimals, not an integer"#);
    assert_eq!(integer("/amount/large"), r#""/amount/large" is a number of more than 63 bits, not an integer"#);
    let boolean = |pointer: &str| shown(answer.boolean_at(pointer).map(|found| found.to_string()));
    assert_eq!(boolean("/amount/total"), r#""/amount/total" is a number, not a boolean: use integer_at"#);
    let list = |pointer: &str| shown(answer.list_at(pointer).map(|found| format!("{found:?}")));
    assert_eq!(list("/amount"), r#""/amount" is an object, not a list"#);
}

#[test]
fn the_parts_of_the_error_can_be_read() {
    let error = field_error(apiv3(BODY).integer_at("/prepay_id"));
    assert_eq!((error.pointer(), error.expected(), error.found()), ("/prepay_id", "an integer", "a text"));
    let value: Value = serde_json::from_str(BODY).unwrap();
    let error = field_error(value.text_at("/attach"));
    assert_eq!((error.pointer(), error.expected(), error.found()), ("/attach", "a text", "absent"));
    assert!(error.response().is_none());
    // Neither shows a value.
    let error = value.integer_at("/prepay_id").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("wx2014"), "{error:?}");
    assert_eq!(error.request_id(), None);
}

#[test]
fn a_body_that_is_not_json_is_said_to_be_none() {
    assert!(matches!(apiv3("<html/>").text_at("/a"), Err(Error::Json(_))));
    // A 204 has no fields.
    let error = field_error(apiv3("").text_at("/a"));
    assert_eq!(error.found(), "absent");
}

#[test]
fn the_fields_of_apiv2_are_texts_and_integers_are_read_from_digits() {
    let answer = apiv2("v2/pay/closeorder", APIV2_BODY.to_owned());
    assert_eq!(answer.text_at("/result_code").unwrap(), "SUCCESS");
    assert_eq!(answer.find_text("/err_code").unwrap(), None);
    let error = answer.integer_at("/result_code").unwrap_err();
    assert_eq!(error.to_string(), r#"answer 200 OK: "/result_code" is a text, not an integer: use text_at"#);

    // An answer that the platform does not sign, so that nobody has read it before.
    let fields = [("total_fee", "100"), ("refund_fee", "-5"), ("zero", "007"), ("large", "9223372036854775808")];
    let others = [("decimals", "1.5"), ("signed", "+5"), ("blank", " 5"), ("none", ""), ("minus", "-"), ("yes", "Y")];
    let xml = fields.iter().chain(&others).map(|(name, text)| format!("<{name}>{text}</{name}>")).collect::<String>();
    let answer = apiv2("v2/mmpaymkttransfers/sendredpack", format!("<xml>{xml}</xml>"));
    assert_eq!(answer.integer_at("/total_fee").unwrap(), 100);
    assert_eq!(answer.find_integer("/refund_fee").unwrap(), Some(-5));
    assert_eq!(answer.integer_at("/zero").unwrap(), 7);
    assert_eq!(answer.text_at("/total_fee").unwrap(), "100");
    for other in ["/large", "/decimals", "/signed", "/blank", "/none", "/minus", "/yes"] {
        assert_eq!(field_error(answer.integer_at(other)).found(), "a text", "{other}");
    }
    assert_eq!(field_error(answer.boolean_at("/yes")).found(), "a text");
    // Out of a tree of fields, a text is a text.
    assert_eq!(field_error(answer.xml().unwrap().integer_at("/total_fee")).found(), "a text");
}

#[test]
fn a_refusal_of_apiv2_can_be_asked_for_its_fields() {
    let platform = Platform::new();
    let xml = "<xml><return_code>FAIL</return_code><return_msg>bad sign</return_msg></xml>";
    let server = Server::start(move |_, _| Reply::Answer(answer("200 OK", &[], xml.as_bytes())));
    let builder = platform.builder(&server.url()).credentials(Credentials::new().secret(APIV2_KEY));
    let call = builder.build().unwrap().chain("v2/pay/closeorder");
    let error = call.post(json!({ "xml": { "mch_id": MCHID } })).unwrap_err();
    assert_eq!(error.response().unwrap().text_at("/return_msg").unwrap(), "bad sign");
}

/// The query that is prescribed after `Unknown`, with a number that has kept the quotes of its JSON: the platform knows no
/// such order, and only the log says why.
#[test]
fn a_path_variable_in_quotes_is_warned_of_in_the_log() {
    if is_child() {
        log_to_standard_error();
        let sandbox = Sandbox::start().unwrap();
        let instance = Builder::factory(sandbox.config()).unwrap();
        let order = json!({
            "appid": "wxd678efh567hg6787", "mchid": sandbox.mchid(), "description": "coffee", "out_trade_no": "order-1",
            "notify_url": "https://example.com/", "amount": { "total": 100 },
        });
        instance.chain("v3/pay/transactions/native").post(json!({ "json": order })).unwrap();
        let query = instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}");
        let of = |number: String| query.get(json!({ "out_trade_no": number, "query": { "mchid": sandbox.mchid() } }));
        assert_eq!(of(order.text_at("/out_trade_no").unwrap()).unwrap().text_at("/trade_state").unwrap(), "NOTPAY");
        assert_eq!(of(order["out_trade_no"].to_string()).unwrap_err().status().unwrap(), 404);
        return;
    }
    let (_, logged) = run(&mut child(module_path!(), "a_path_variable_in_quotes_is_warned_of_in_the_log"));
    let warned: Vec<_> = logged.lines().filter(|line| line.contains("quote")).collect();
    let [warned] = warned[..] else { panic!("{logged}") };
    assert!(warned.contains("the path variable `out_trade_no` begins or ends with a quote"), "{warned}");
    assert!(warned.contains("take it out with `text_at`"), "{warned}");
    assert!(!warned.contains("order-1"), "{warned}");
}
