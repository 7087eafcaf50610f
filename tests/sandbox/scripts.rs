//! Scripted answers: what a test makes the platform say, as a client of the crate gets it, and bare sockets where a request
//! is wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use support::bare::Bare;
use wechatpay::{Builder, Chain, Error, Transformer, Value, json};
use wechatpay_sandbox::{Effect, Fault, Sandbox, ScriptedAnswer};

const PATH: &str = "v3/any/path";

fn start() -> (Sandbox, Chain) {
    let sandbox = crate::lenient();
    let instance = Builder::factory(sandbox.config()).unwrap();
    (sandbox, instance)
}

fn post(instance: &Chain, path: &str) -> Value {
    instance.chain(path).post(json!({ "json": { "out_order_no": "P1" } })).unwrap().json().unwrap()
}

/// What it says as it panics.
fn panic_of(action: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(action)).unwrap_err();
    panic.downcast::<String>().map_or_else(|panic| (*panic.downcast::<&str>().unwrap()).to_owned(), |text| *text)
}

/// The operations with answers left, as they are written.
fn left(sandbox: &Sandbox) -> Vec<String> {
    sandbox.answers_left().iter().map(ToString::to_string).collect()
}

fn unscripted(sandbox: &Sandbox) -> Vec<String> {
    sandbox.unscripted_requests().iter().map(|request| format!("{} {}", request.method(), request.target())).collect()
}

// ---------------------------------------------------------------- which answer

#[test]
fn the_nth_call_gets_the_nth_answer_and_the_last_one_repeats() {
    let (sandbox, instance) = start();
    for number in 1..=3 {
        sandbox.answer("POST", PATH, 200, json!({ "number": number }));
    }
    assert_eq!(left(&sandbox), ["POST /v3/any/path: 3"]);
    let numbers: Vec<_> = (0..5).map(|_| post(&instance, PATH)["number"].clone()).collect();
    assert_eq!(numbers, [1, 2, 3, 3, 3]);
    assert_eq!(left(&sandbox), [""; 0]);
    sandbox.assert_no_answers_left();

    // One more is given next, however often the last one was repeated.
    sandbox.answer("POST", PATH, 200, json!({ "number": 4 }));
    assert_eq!(left(&sandbox), ["POST /v3/any/path: 1"]);
    assert_eq!(post(&instance, PATH)["number"], 4);
    assert_eq!(left(&sandbox), [""; 0]);
}

#[test]
fn an_operation_is_a_method_and_a_path_without_a_query() {
    let (sandbox, instance) = start();
    sandbox.answer("post", "/v3/any/path", 200, json!({ "answer": "slash" }));
    sandbox.answer("GET", "v3/any/path/{out_order_no}", 200, json!({ "answer": "braces" }));
    sandbox.answer("PATCH", "v3/a/<one>/b", 200, json!({ "answer": "brackets" }));
    sandbox.answer("GET", "v3/applyment4sub/applyment/", 200, json!({ "answer": "end" }));

    let get = |path: &str, options: Value| instance.chain(path).get(options).unwrap().json().unwrap();
    assert_eq!(post(&instance, PATH)["answer"], "slash");
    let query = json!({ "out_order_no": "P1", "query": { "transaction_id": "4" } });
    assert_eq!(get("v3/any/path/{out_order_no}", query)["answer"], "braces");
    let patched = instance.chain("v3/a/x/b").patch(json!({ "json": {} })).unwrap();
    assert_eq!(patched.json().unwrap()["answer"], "brackets");
    assert_eq!(get("v3/applyment4sub/applyment/", json!({}))["answer"], "end");
    sandbox.assert_no_answers_left();
    assert!(unscripted(&sandbox).is_empty());

    // Another method, more or fewer segments, or another end are other operations.
    assert_eq!(get(PATH, json!({})), json!({}));
    assert_eq!(get("v3/any/path/p1/more", json!({})), json!({}));
    assert_eq!(get("v3/applyment4sub/applyment", json!({ "query": { "a": 1 } })), json!({}));
    assert_eq!(
        unscripted(&sandbox),
        ["GET /v3/any/path", "GET /v3/any/path/p1/more", "GET /v3/applyment4sub/applyment?a=1"]
    );
}

#[test]
fn the_operation_that_was_scripted_first_counts() {
    let (sandbox, instance) = start();
    sandbox.answer("POST", "v3/a/1", 200, json!({ "answer": "that one" }));
    sandbox.answer("POST", "v3/a/{id}", 200, json!({ "answer": "first" }));
    sandbox.answer("POST", "v3/a/<no>", 200, json!({ "answer": "second" }));
    // Whatever the variable is called, the path is the same.
    assert_eq!(left(&sandbox), ["POST /v3/a/1: 1", "POST /v3/a/{id}: 2"]);
    let answers: Vec<_> = ["v3/a/2", "v3/a/1", "v3/a/3", "v3/a/1"].map(|path| post(&instance, path)).into();
    let answers: Vec<_> = answers.iter().map(|answer| answer["answer"].as_str().unwrap()).collect();
    assert_eq!(answers, ["first", "that one", "second", "that one"]);
}

#[test]
fn an_answer_is_given_once_among_many_threads() {
    const THREADS: i32 = 16;
    let (sandbox, instance) = start();
    for number in 0..THREADS {
        sandbox.answer("POST", PATH, 200, json!({ "number": number }));
    }
    let mut numbers: Vec<_> = thread::scope(|scope| {
        let calls: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| post(&instance, PATH))).collect();
        calls.into_iter().map(|call| call.join().unwrap()["number"].as_i64().unwrap()).collect()
    });
    numbers.sort();
    assert_eq!(numbers, (0..i64::from(THREADS)).collect::<Vec<_>>());
    sandbox.assert_no_answers_left();
}

// ---------------------------------------------------------------- in place of the platform

#[test]
fn it_stands_in_for_an_operation_of_the_sandbox_and_nothing_is_carried_out() {
    let (sandbox, instance) = start();
    let path = "v3/pay/transactions/out-trade-no/{out_trade_no}";
    let order = json!({ "out_trade_no": "order-1", "query": { "mchid": sandbox.mchid() } });
    sandbox.answer("POST", "v3/pay/transactions/native", 200, json!({ "code_url": "weixin://scripted" }));
    sandbox.answer(
        "POST",
        "v3/pay/transactions/native",
        403,
        json!({ "code": "RULE_LIMIT", "message": "业务规则限制" }),
    );

    // Not even the fields of an order are needed.
    assert_eq!(post(&instance, "v3/pay/transactions/native")["code_url"], "weixin://scripted");
    let error = instance.chain("v3/pay/transactions/native").post(json!({ "json": {} })).unwrap_err();
    assert_eq!(error.code(), Some("RULE_LIMIT"));
    assert_eq!(instance.chain(path).get(order).unwrap_err().code(), Some("ORDER_NOT_EXIST"));
    assert_eq!(sandbox.pay("order-1"), None);

    // A success counts as an effect, as nobody knows the number in it; a refusal does not, and neither does reading.
    sandbox.answer("GET", PATH, 200, json!({}));
    instance.chain(PATH).get(()).unwrap();
    let effects: Vec<_> = sandbox.ledger().iter().map(|entry| (entry.effect(), entry.name().to_owned())).collect();
    assert_eq!(effects, [(Effect::Other, "POST /v3/pay/transactions/native".to_owned())]);
}

#[test]
fn a_request_that_is_refused_takes_no_answer_away() {
    let (sandbox, instance) = start();
    sandbox.answer("POST", PATH, 200, json!({ "answer": 1 }));
    let (target, body) = ("/v3/any/path", "{}");
    let refused = |request: Bare| {
        let answer = request.send(&sandbox);
        (answer.status, answer.json(&sandbox)["code"].as_str().unwrap().to_owned())
    };
    let is = |status, code: &str| (status, code.to_owned());
    assert_eq!(refused(Bare::new("POST", target, body)), is(401, "SIGN_ERROR"));
    assert_eq!(refused(Bare::signed(&sandbox, "POST", target, body, b"{ }")), is(401, "SIGN_ERROR"));
    let unknown_key = Bare::signed(&sandbox, "POST", target, body, b"{}").with("Wechatpay-Serial", "PUB_KEY_ID_1");
    assert_eq!(refused(unknown_key), is(400, "PARAM_ERROR"));
    // The platform did not get to it: so says a fault without effect.
    sandbox.inject(Fault::Status(429).times(1));
    assert!(matches!(instance.chain(PATH).post(json!({ "json": {} })), Err(Error::Client(_))));
    assert_eq!(left(&sandbox), ["POST /v3/any/path: 1"]);
    assert_eq!(unscripted(&sandbox), ["POST /v3/any/path"; 4]);

    // It did, and what it said was lost: that was the answer.
    sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    assert!(instance.chain(PATH).post(json!({ "json": {} })).is_err());
    assert!(left(&sandbox).is_empty());
    assert_eq!(post(&instance, PATH)["answer"], 1);
}

// ---------------------------------------------------------------- what is said

#[test]
fn it_is_signed_whatever_it_says() {
    let (sandbox, instance) = start();
    let bytes = [0_u8, 159, 146, 150];
    sandbox.answer("POST", "v3/a/close", 204, ());
    sandbox.answer("GET", "v3/a", 200, "甲,乙\n");
    sandbox.answer("GET", "v3/a", 200, bytes.as_slice());
    sandbox.answer(
        "GET",
        "v3/a",
        200,
        ScriptedAnswer::from("<p>").header("Content-Type", "text/html").header("X-A", "1"),
    );
    sandbox.answer("GET", "v3/a", 500, json!({ "code": "SYSTEM_ERROR", "message": "系统异常" }));

    let closed = instance.chain("v3/a/close").post(json!({ "json": {} })).unwrap();
    assert_eq!((closed.status().as_u16(), closed.body()), (204, b"".as_slice()));
    let a = instance.chain("v3/a");
    assert_eq!(a.get(()).unwrap().text(), "甲,乙\n");
    let answer = a.get(()).unwrap();
    assert_eq!(
        (answer.body(), &answer.headers()["content-type"]),
        (bytes.as_slice(), &"application/octet-stream".parse().unwrap())
    );
    let answer = Bare::get(&sandbox, "/v3/a").send(&sandbox);
    assert!(answer.holds(&sandbox, b"<p>"));
    assert_eq!((answer.header("content-type"), answer.header("x-a")), (Some("text/html"), Some("1")));
    let error = a.get(()).unwrap_err();
    assert!(matches!(error, Error::Server(_)), "{error:?}");
    assert_eq!(error.code(), Some("SYSTEM_ERROR"));
    sandbox.assert_no_answers_left();

    // HEAD has no body, and that is what is signed.
    sandbox.answer("HEAD", "v3/a", 200, json!({ "a": 1 }));
    let answer = Bare::signed(&sandbox, "HEAD", "/v3/a", "", b"").send(&sandbox);
    assert!(answer.body.is_empty() && answer.holds(&sandbox, b""));
}

#[test]
fn unsigned_is_what_has_no_signature() {
    let (sandbox, instance) = start();
    sandbox.answer("POST", PATH, 200, ScriptedAnswer::from(json!({ "state": "FINISHED" })).unsigned());
    sandbox.answer("GET", "v3/billdownload/file", 200, ScriptedAnswer::from("a bill").unsigned());
    let error = instance.chain(PATH).post(json!({ "json": {} })).unwrap_err();
    assert!(matches!(error, Error::Verification(_)), "{error:?}");
    assert_eq!(instance.chain("v3/billdownload/file").get(()).unwrap().text(), "a bill");

    // Its headers are as they are written, then.
    sandbox.answer("GET", "v3/a", 200, ScriptedAnswer::from(()).unsigned().header("Wechatpay-Nonce", "n"));
    let answer = Bare::get(&sandbox, "/v3/a").send(&sandbox);
    assert_eq!((answer.header("wechatpay-nonce"), answer.header("wechatpay-signature")), (Some("n"), None));
    sandbox.answer("GET", "v3/b", 200, ScriptedAnswer::from(json!({})).header("Wechatpay-Nonce", "n"));
    assert!(Bare::get(&sandbox, "/v3/b").send(&sandbox).holds(&sandbox, b"{}"));
}

// ---------------------------------------------------------------- APIv2

/// Asks as APIv2 does; gives the fields of the answer, as they came.
fn ask(instance: &Chain, sandbox: &Sandbox, sign_type: &str) -> wechatpay::Result<Value> {
    let fields = json!({ "appid": "wx1", "mch_id": sandbox.mchid(), "out_trade_no": "1", "sign_type": sign_type });
    let answer = instance.chain("v2/pay/orderquery").post(json!({ "xml": fields }))?;
    Transformer::to_array(answer.body())
}

#[test]
fn fields_become_signed_xml_in_apiv2() {
    let (sandbox, instance) = start();
    let fields = json!({
        "return_code": "SUCCESS", "result_code": "SUCCESS", "trade_state": "SUCCESS", "attach": "<&>", "total_fee": 1,
    });
    sandbox.answer("POST", "v2/pay/orderquery", 200, fields.clone());
    sandbox.answer("POST", "pay/orderquery", 200, fields.clone());
    sandbox.answer("POST", "/pay/orderquery", 200, ScriptedAnswer::from(fields).unsigned());
    assert_eq!(left(&sandbox), ["POST /pay/orderquery: 3"]);

    // The client checks `sign`, by the way that the request was signed.
    for (sign_type, length) in [("MD5", 32), ("HMAC-SHA256", 64)] {
        let mut answer = ask(&instance, &sandbox, sign_type).unwrap();
        let sign = answer.as_object_mut().unwrap().remove("sign").unwrap();
        assert_eq!(sign.as_str().unwrap().len(), length);
        let expected = json!({
            "return_code": "SUCCESS", "result_code": "SUCCESS", "trade_state": "SUCCESS", "attach": "<&>", "total_fee": "1",
        });
        assert_eq!(answer, expected);
    }
    let error = ask(&instance, &sandbox, "MD5").unwrap_err();
    assert!(matches!(error, Error::Apiv2(_)), "{error:?}");
    assert_eq!(sandbox.requests().last().unwrap().header("content-type"), Some("text/xml; charset=utf-8"));
    sandbox.assert_no_answers_left();
    assert!(sandbox.ledger().is_empty());
}

#[test]
fn apiv2_signs_no_failure_and_no_text() {
    let (sandbox, instance) = start();
    let failure = json!({ "return_code": "FAIL", "return_msg": "系统繁忙" });
    sandbox.answer("POST", "v2/pay/orderquery", 200, failure);
    sandbox.answer("POST", "v2/pay/orderquery", 502, "busy");
    let fields = json!({ "return_code": "SUCCESS", "result_code": "FAIL", "err_code": "ORDERNOTEXIST" });
    sandbox.answer("POST", "v2/pay/orderquery", 200, fields);
    sandbox.answer("POST", "v2/pay/downloadbill", 200, "交易时间,公众账号ID");

    let Err(Error::Apiv2(error)) = ask(&instance, &sandbox, "MD5") else { panic!("it was no failure") };
    assert_eq!(error.response().text(), "<xml><return_code>FAIL</return_code><return_msg>系统繁忙</return_msg></xml>");
    let error = ask(&instance, &sandbox, "MD5").unwrap_err();
    assert!(matches!(error, Error::Server(_)), "{error:?}");
    assert_eq!(ask(&instance, &sandbox, "MD5").unwrap_err().code(), Some("ORDERNOTEXIST"));

    // A wrong `sign` is refused, and takes nothing away.
    let wrong = format!("<xml><mch_id>{}</mch_id><sign>0</sign></xml>", sandbox.mchid());
    let answer = Bare::new("POST", "/pay/downloadbill", wrong).with("Content-Type", "text/xml").send(&sandbox);
    assert!(answer.text().contains("签名错误"));
    assert_eq!(left(&sandbox), ["POST /pay/downloadbill: 1"]);
    let fields = json!({ "appid": "wx1", "mch_id": sandbox.mchid(), "bill_date": "20180130" });
    let bill = instance.chain("v2/pay/downloadbill").post(json!({ "xml": fields })).unwrap();
    assert_eq!(bill.text(), "交易时间,公众账号ID");
}

// ---------------------------------------------------------------- at the end, and mistakes

#[test]
fn what_was_not_given_is_named_with_what_was_asked_instead() {
    let (sandbox, instance) = start();
    sandbox.answer("POST", PATH, 200, json!({}));
    sandbox.answer("POST", PATH, 200, json!({}));
    sandbox.answer("POST", "v2/pay/orderquery", 200, json!({}));
    let said = "scripted answers that were not given:\n  POST /v3/any/path: 2\n  POST /pay/orderquery: 1\n\
                requests that got no scripted answer:\n  none";
    assert_eq!(panic_of(|| sandbox.assert_no_answers_left()), said);

    post(&instance, PATH);
    instance.chain("v3/any/pat").post(json!({ "query": { "openid": "o1" }, "json": {} })).unwrap();
    let said = "scripted answers that were not given:\n  POST /v3/any/path: 1\n  POST /pay/orderquery: 1\n\
                requests that got no scripted answer:\n  POST /v3/any/pat";
    assert_eq!(panic_of(|| sandbox.assert_no_answers_left()), said);
}

#[test]
fn what_no_platform_can_answer_is_refused_where_it_is_written() {
    let (sandbox, _) = start();
    let said = |method: &str, path: &str, status, answer: ScriptedAnswer| {
        panic_of(|| sandbox.answer(method, path, status, answer))
    };
    assert!(said("PO ST", PATH, 200, ().into()).starts_with("a method is a word"));
    assert_eq!(
        said("GET", "v3/a?b=1", 200, ().into()),
        "the path \"v3/a?b=1\" has a query; an answer is given whatever the query is"
    );
    assert_eq!(said("GET", "v3/a", 100, ().into()), "a status must be from 200 to 599, not 100");
    assert_eq!(said("GET", "v3/a", 204, json!({}).into()), "an answer with the status 204 has no body");
    assert_eq!(
        panic_of(|| drop(ScriptedAnswer::from(()).header("a b", "c"))),
        "HTTP does not allow the header \"a b\" with the value \"c\""
    );
    assert!(left(&sandbox).is_empty());
}
