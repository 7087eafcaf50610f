//! The five operations of the example, in all six forms, against the embedded gateway.
//!
//! What must arrive stands in this file: the expectations come from the documentation of the PHP SDK,
//! not from the gateway.
#[path = "../../examples/coupons/operations/mod.rs"]
mod operations;

use std::collections::BTreeSet;

use operations::{FORMS, OPERATIONS, Operation};
use support::keys::rsa;
use wechatpay::{Builder, Chain, Credentials, Error, Outcome, Rsa, Value, json};
use wechatpay_sandbox::{Request, Sandbox};

const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
const ACCEPT: &str = "application/json, text/plain, application/x-gzip, application/pdf, image/png, image/*;q=0.5";
const PUB_KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";

/// Fields that arrive encrypted, each time as other bytes.
const ENCRYPTED: [&str; 2] = ["user_name", "id_card_number"];

fn start() -> (Sandbox, Chain) {
    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    (sandbox, instance)
}

fn operation(method: &str, path: &str) -> &'static Operation {
    let found = OPERATIONS.iter().find(|operation| operation.method == method && operation.path == path);
    found.unwrap_or_else(|| panic!("{method} {path} is none of the operations"))
}

/// Runs an operation in all six forms, and checks each request that arrived.
fn run(operation: &Operation, sandbox: &Sandbox, instance: &Chain, check: impl Fn(&Request)) -> Value {
    let mut answers = Vec::new();
    for (index, form) in FORMS.iter().enumerate() {
        let before = sandbox.requests().len();
        let response = operation
            .call(index, instance, sandbox.platform_public_key())
            .unwrap_or_else(|error| panic!("{}, {form}: {error:#}", operation.name));
        assert_eq!(response.status(), 200, "{}, {form}", operation.name);
        answers.push(response.json().unwrap());

        let requests = sandbox.requests();
        assert_eq!(requests.len(), before + 1, "{}, {form}: one call is one request", operation.name);
        check(&requests[before]);
    }
    let first = answers.swap_remove(0);
    for answer in &answers {
        assert_eq!(*answer, first, "{}: all forms have the same answer", operation.name);
    }
    first
}

/// A request with this JSON body; with `preserve-order` its bytes are compared, too.
fn check_post(request: &Request, target: &str, body: &Value) {
    assert_eq!(request.method(), "POST");
    assert_eq!(request.target(), target);
    assert_eq!(request.header("content-type"), Some("application/json"));
    check_headers(request);

    let mut arrived = request.json().unwrap();
    for name in ENCRYPTED {
        if let Some(sealed) = arrived.get(name) {
            // RSA-2048 in base64; that it can be decrypted, the gateway has checked.
            assert_eq!(sealed.as_str().unwrap().len(), 344, "{name}");
            arrived = without(arrived, name);
        }
    }
    assert_eq!(arrived, *body);
    if cfg!(feature = "preserve-order") {
        assert_eq!(arrived.to_string(), body.to_string(), "the order of the fields");
    }
}

fn check_headers(request: &Request) {
    assert_eq!(request.header("accept"), Some(ACCEPT));
    let agent = request.header("user-agent").unwrap();
    assert!(agent.starts_with("wechatpay-chain/"), "{agent}");
    let authorization = request.header("authorization").unwrap();
    assert!(authorization.starts_with("WECHATPAY2-SHA256-RSA2048 mchid=\"1900000109\","), "{authorization}");
}

/// An object without one of its fields; the others keep their order.
fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().retain(|key, _| key != name);
    object
}

/// The names of an answer's fields.
fn fields(answer: &Value) -> Vec<&str> {
    let mut names: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

#[test]
fn bank_multi_activity() {
    let (sandbox, instance) = start();
    let operation = operation("POST", "v3/marketing/bank-favor/users/{openid}/bank-multi-activity");
    let answer = run(operation, &sandbox, &instance, |request| {
        check_post(
            request,
            "/v3/marketing/bank-favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/bank-multi-activity",
            &json!({
                "stock_id": "100088",
                "activity_id": "186745560",
                "out_request_no": "1002600620019090123143254435",
                "appid": "wx1234567889999",
                "stock_creator_mchid": "9800064",
            }),
        );
        assert_eq!(request.header("wechatpay-serial"), Some(PUB_KEY_ID));
    });
    assert_eq!(fields(&answer), ["coupon_id"]);
    assert!(is_text(&answer["coupon_id"]), "{answer}");
}

#[test]
fn multiuse_coupons() {
    let (sandbox, instance) = start();
    // The calls name the key as their users would write it.
    assert_eq!(sandbox.platform_serial(), PUB_KEY_ID);
    let operation = operation("POST", "v3/multiuse/users/{openid}/coupons");
    let answer = run(operation, &sandbox, &instance, |request| {
        check_post(
            request,
            "/v3/multiuse/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons",
            &json!({
                "stock_id": "9856000",
                "out_request_no": "8956000202407191254642",
                "amount": 10000,
                "appid": "wx233544546545989",
                "card_type": "ID_CARD",
            }),
        );
        assert_eq!(request.header("wechatpay-serial"), Some(PUB_KEY_ID));
        let body = request.json().unwrap();
        for name in ENCRYPTED {
            assert!(body[name].is_string(), "{name} is missing");
        }
    });
    assert_eq!(fields(&answer), ["coupon_id"]);
    assert!(is_text(&answer["coupon_id"]), "{answer}");
}

#[test]
fn busifavor_coupons() {
    let (sandbox, instance) = start();
    let operation = operation("POST", "v3/marketing/busifavor/coupons/send");
    let answer = run(operation, &sandbox, &instance, |request| {
        check_post(
            request,
            "/v3/marketing/busifavor/coupons/send",
            &json!({
                "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
                "appid": "wx1234567889999",
                "stock_id": "100088",
                "out_request_no": "1002600620019090123143254435",
                "coupon_code": "sxxe34343434",
            }),
        );
        assert_eq!(request.header("wechatpay-serial"), Some(PUB_KEY_ID));
    });
    assert_eq!(
        answer,
        json!({
            "stock_id": "100088",
            "coupon_code": "sxxe34343434",
            "out_request_no": "1002600620019090123143254435",
        })
    );
}

#[test]
fn withdraw_favor_coupons() {
    let (sandbox, instance) = start();
    let operation = operation("POST", "v3/marketing/withdraw-favor/users/{openid}/coupons");
    let answer = run(operation, &sandbox, &instance, |request| {
        check_post(
            request,
            "/v3/marketing/withdraw-favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons",
            &json!({
                "mchid": "1230000109",
                "stock_id": "1304490000000059",
                "appid": "wxd678efh567hg6787",
                "send_request_no": "89560002019101000121",
            }),
        );
        assert_eq!(request.header("wechatpay-serial"), Some(PUB_KEY_ID));
    });
    assert_eq!(fields(&answer), ["coupon_id", "expire_time"]);
    assert!(is_text(&answer["coupon_id"]) && is_text(&answer["expire_time"]), "{answer}");
}

#[test]
fn withdraw_favor_coupons_list() {
    let (sandbox, instance) = start();
    let send = operation("POST", "v3/marketing/withdraw-favor/users/{openid}/coupons");
    let sent = run(send, &sandbox, &instance, |_| {});

    let list = operation("GET", "v3/marketing/withdraw-favor/users/{openid}/coupons");
    let answer = run(list, &sandbox, &instance, |request| {
        const PATH: &str = "/v3/marketing/withdraw-favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons";
        const QUERY: &str = "mchid=1230000109&stock_id=1304490000000059&appid=wxd678efh567hg6787&offset=0&limit=10";
        assert_eq!(request.method(), "GET");
        if cfg!(feature = "preserve-order") {
            assert_eq!(request.target(), format!("{PATH}?{QUERY}"));
        } else {
            let (path, query) = request.target().split_once('?').unwrap();
            assert_eq!(path, PATH);
            assert_eq!(query.len(), QUERY.len());
            assert_eq!(query.split('&').collect::<BTreeSet<_>>(), QUERY.split('&').collect::<BTreeSet<_>>());
        }
        assert_eq!(request.header("content-type"), Some("application/json; charset=utf-8"));
        check_headers(request);
        assert_eq!(request.header("wechatpay-serial"), Some(PUB_KEY_ID));
        assert_eq!(request.body(), b"");
    });

    // Six times the same number is one coupon.
    assert_eq!(fields(&answer), ["data", "limit", "offset", "total_count"]);
    assert_eq!((&answer["offset"], &answer["limit"], &answer["total_count"]), (&json!(0), &json!(10), &json!(1)));
    let coupons = answer["data"].as_array().unwrap();
    assert_eq!(coupons.len(), 1);
    assert_eq!(fields(&coupons[0]), ["coupon_id", "coupon_state", "send_quota", "send_time", "use_quota"]);
    assert_eq!(coupons[0]["coupon_id"], sent["coupon_id"]);
    assert!(is_text(&coupons[0]["send_time"]) && is_text(&coupons[0]["coupon_state"]), "{answer}");
    assert!(coupons[0]["send_quota"].is_u64() && coupons[0]["use_quota"].is_u64(), "{answer}");
}

/// Sends a withdrawal coupon under this number; gives its id.
fn send(instance: &Chain, send_request_no: &str) -> wechatpay::Result<String> {
    let answer = instance.chain("v3/marketing/withdraw-favor/users/{openid}/coupons").post(json!({
        "openid": OPENID,
        "json": {
            "mchid": "1230000109",
            "stock_id": "1304490000000059",
            "appid": "wxd678efh567hg6787",
            "send_request_no": send_request_no,
        },
    }))?;
    Ok(answer.json()?["coupon_id"].as_str().unwrap().to_owned())
}

fn list(instance: &Chain, offset: u64, limit: u64) -> Value {
    let answer = instance.chain("v3/marketing/withdraw-favor/users/{openid}/coupons").get(json!({
        "openid": OPENID,
        "query": {
            "mchid": "1230000109",
            "stock_id": "1304490000000059",
            "appid": "wxd678efh567hg6787",
            "offset": offset,
            "limit": limit,
        },
    }));
    answer.unwrap().json().unwrap()
}

#[test]
fn the_list_is_paged() {
    let (_sandbox, instance) = start();
    assert_eq!(list(&instance, 0, 10), json!({ "data": [], "offset": 0, "limit": 10, "total_count": 0 }));

    let sent: BTreeSet<_> = (1..=5).map(|number| send(&instance, &format!("8956000{number}")).unwrap()).collect();
    assert_eq!(sent.len(), 5, "another number is another coupon");
    send(&instance, "89560003").unwrap();

    let mut listed = Vec::new();
    for (offset, on_page) in [(0, 2), (1, 2), (2, 1), (3, 0)] {
        let page = list(&instance, offset, 2);
        assert_eq!(
            (&page["offset"], &page["limit"], &page["total_count"]),
            (&json!(offset), &json!(2), &json!(5)),
            "{page}"
        );
        let coupons = page["data"].as_array().unwrap();
        assert_eq!(coupons.len(), on_page, "{page}");
        listed.extend(coupons.iter().map(|coupon| coupon["coupon_id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(listed.len(), 5);
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), sent);
}

#[test]
fn the_same_number_gives_the_same_coupon() {
    let (_sandbox, instance) = start();
    let first = send(&instance, "89560001").unwrap();
    assert_ne!(send(&instance, "89560002").unwrap(), first);
    assert_eq!(send(&instance, "89560001").unwrap(), first);
    assert_eq!(list(&instance, 0, 10)["total_count"], 2);
}

/// The four operations that issue something: path, body, and the field that holds the caller's number.
fn issuing(sandbox: &Sandbox) -> [(&'static str, Value, &'static str); 4] {
    let sealed = |text| Rsa::encrypt(text, sandbox.platform_public_key()).unwrap();
    [
        (
            "v3/marketing/bank-favor/users/{openid}/bank-multi-activity",
            json!({
                "stock_id": "100088",
                "activity_id": "186745560",
                "out_request_no": "1002600620019090123143254435",
                "appid": "wx1234567889999",
                "stock_creator_mchid": "9800064",
            }),
            "out_request_no",
        ),
        (
            "v3/multiuse/users/{openid}/coupons",
            json!({
                "stock_id": "9856000",
                "out_request_no": "8956000202407191254642",
                "user_name": sealed("张三"),
                "id_card_number": sealed("11010519491231002X"),
                "amount": 10000,
                "appid": "wx233544546545989",
                "card_type": "ID_CARD",
            }),
            "out_request_no",
        ),
        (
            "v3/marketing/busifavor/coupons/send",
            json!({
                "openid": OPENID,
                "appid": "wx1234567889999",
                "stock_id": "100088",
                "out_request_no": "1002600620019090123143254435",
            }),
            "out_request_no",
        ),
        (
            "v3/marketing/withdraw-favor/users/{openid}/coupons",
            json!({
                "mchid": "1230000109",
                "stock_id": "1304490000000059",
                "appid": "wxd678efh567hg6787",
                "send_request_no": "89560002019101000121",
            }),
            "send_request_no",
        ),
    ]
}

fn issue(instance: &Chain, path: &str, body: &Value) -> wechatpay::Result<Value> {
    let mut options = json!({ "json": body });
    if path.contains("{openid}") {
        options["openid"] = json!(OPENID);
    }
    if path.contains("multiuse") {
        options["headers"] = json!({ "Wechatpay-Serial": PUB_KEY_ID });
    }
    instance.chain(path).post(options)?.json()
}

/// The answer is a refusal in the platform's form; gives its code and all of its words.
#[track_caller]
fn refused(answer: wechatpay::Result<Value>) -> (String, String) {
    let error = answer.expect_err("must be refused");
    assert_eq!(error.outcome(), Outcome::Rejected, "{error}");
    let Error::Client(status) = &error else { panic!("{error:?}") };
    let words = format!("{} {:?}", status.message().unwrap(), status.detail());
    (error.code().unwrap().to_owned(), words)
}

#[test]
fn a_missing_field_is_refused_by_its_name() {
    let (sandbox, instance) = start();
    for (path, body, _) in issuing(&sandbox) {
        for name in body.as_object().unwrap().keys().filter(|name| *name != "amount") {
            let (code, words) = refused(issue(&instance, path, &without(body.clone(), name)));
            assert_eq!(code, "PARAM_ERROR", "{path} without {name}: {words}");
            assert!(words.contains(name.as_str()), "{path} without {name}: {words}");
        }
        // Nothing was done: the number is still free.
        issue(&instance, path, &body).unwrap();
    }

    for name in ["mchid", "stock_id", "appid"] {
        let query = json!({ "mchid": "1230000109", "stock_id": "1304490000000059", "appid": "wxd678efh567hg6787" });
        let answer = instance
            .chain("v3/marketing/withdraw-favor/users/{openid}/coupons")
            .get(json!({ "openid": OPENID, "query": without(query, name) }));
        let (code, words) = refused(answer.and_then(|response| response.json()));
        assert_eq!(code, "PARAM_ERROR", "list without {name}: {words}");
        assert!(words.contains(name), "list without {name}: {words}");
    }
}

#[test]
fn the_same_number_with_other_content_is_refused() {
    let (sandbox, instance) = start();
    for (path, body, number) in issuing(&sandbox) {
        let first = issue(&instance, path, &body).unwrap();

        let mut other = body.clone();
        other["stock_id"] = json!("77777");
        refused(issue(&instance, path, &other));
        assert_eq!(issue(&instance, path, &body).unwrap(), first, "{path}: what was issued stays");

        other[number] = json!("10026006200190901231432549999");
        assert_ne!(issue(&instance, path, &other).unwrap(), first, "{path}: under a number of its own it is another");
    }
}

#[test]
fn a_field_encrypted_again_is_the_same_content() {
    let (sandbox, instance) = start();
    let [_, (path, first, _), ..] = issuing(&sandbox);
    let [_, (_, again, _), ..] = issuing(&sandbox);
    assert_ne!(first["user_name"], again["user_name"]);
    assert_eq!(issue(&instance, path, &first).unwrap(), issue(&instance, path, &again).unwrap());
}

#[test]
fn a_sensitive_field_must_be_encrypted_for_the_platform() {
    let (sandbox, instance) = start();
    let [_, (path, body, _), ..] = issuing(&sandbox);
    let stranger = rsa().public_key_to_pem().unwrap();
    let stranger = Rsa::from(String::from_utf8(stranger).unwrap(), Rsa::KEY_TYPE_PUBLIC).unwrap();

    for name in ENCRYPTED {
        for wrong in ["张三".to_owned(), Rsa::encrypt("张三", &stranger).unwrap()] {
            let mut with_wrong = body.clone();
            with_wrong[name] = json!(wrong);
            refused(issue(&instance, path, &with_wrong));
        }
    }
    // The header that names the key.
    let silent = sandbox.config().credentials(Credentials::new().wechatpay_serial(false)).build().unwrap();
    let without_header = silent.chain(path).post(json!({ "openid": OPENID, "json": body }));
    refused(without_header.and_then(|response| response.json()));

    issue(&instance, path, &body).unwrap();
}

#[test]
fn an_empty_openid_is_refused() {
    let (sandbox, instance) = start();
    let [_, (path, body, _), ..] = issuing(&sandbox);
    let answer = instance.chain(path).post(json!({
        "openid": "",
        "json": body,
        "headers": { "Wechatpay-Serial": PUB_KEY_ID },
    }));
    let error = answer.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Rejected, "{error}");
}
