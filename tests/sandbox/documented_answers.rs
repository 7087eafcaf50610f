//! Operations of which the sandbox knows nothing but what is documented.

use wechatpay::{Builder, Chain, Response, Transformer, Value, json};
use wechatpay_catalog::{Answer, Fields, catalog};
use wechatpay_sandbox::Sandbox;

use crate::documents::compare;

fn start() -> (Sandbox, Chain) {
    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    (sandbox, instance)
}

/// The documented fields of an answer.
fn documented(method: &str, path: &str) -> Fields {
    match catalog().find(method, path).unwrap().operation().answer() {
        Answer::Fields(fields) => fields,
        other => panic!("{other:?}"),
    }
}

fn fields(answer: &Response) -> Value {
    answer.json().unwrap().clone()
}

#[test]
fn the_documented_fields_are_answered_and_the_same_request_is_answered_the_same() {
    let (_sandbox, instance) = start();
    let complaints = instance.chain("v3/merchant-service/complaints-v2");
    let ask = |begin: &str| {
        let query = json!({ "begin_date": begin, "end_date": "2026-01-02", "limit": 2, "offset": 0 });
        complaints.get(json!({ "query": query })).unwrap().decrypt("auto").unwrap()
    };
    let first = ask("2026-01-01");
    let count = compare(
        documented("GET", "v3/merchant-service/complaints-v2"),
        first.as_object().unwrap(),
        false,
        "complaints",
    );
    assert!(count > 20, "{first}");
    assert_eq!((&first["limit"], &first["offset"], &first["total_count"]), (&json!(2), &json!(0), &json!(2)));
    let phone = first["data"][0]["payer_phone"].as_str().unwrap();
    assert!(phone.len() == 11 && phone.bytes().all(|digit| digit.is_ascii_digit()), "{phone}");

    assert_eq!(ask("2026-01-01"), first);
    assert_ne!(ask("2025-12-31")["data"], first["data"]);
}

#[test]
fn a_list_has_an_end() {
    let (_sandbox, instance) = start();
    let page = |offset: u32| {
        let query = json!({ "begin_date": "2026-01-01", "end_date": "2026-01-02", "limit": 1, "offset": offset });
        let answer = instance.chain("v3/merchant-service/complaints-v2").get(json!({ "query": query })).unwrap();
        fields(&answer)["data"].as_array().unwrap().len()
    };
    assert_eq!([page(0), page(1), page(2), page(50)], [1, 1, 0, 0]);
}

#[test]
fn what_a_request_says_its_answer_says_again() {
    let (sandbox, instance) = start();
    let echo = |text: &str| {
        let body = json!({ "echo_message": "早", "encrypted_echo_message": text });
        let options = json!({ "json": body, "encrypt": "auto" });
        instance.chain("v3/security/echo").post(options).unwrap()
    };
    let answer = echo("张三");
    assert_eq!(fields(&answer)["echo_message"], "早");
    assert_ne!(fields(&answer)["encrypted_echo_message"], "张三");
    let opened = answer.decrypt("auto").unwrap();
    assert_eq!(opened["encrypted_echo_message"], "张三");
    compare(documented("POST", "v3/security/echo"), opened.as_object().unwrap(), false, "echo");

    // The ciphertexts differ each time; what they say decides.
    assert_ne!(sandbox.requests()[0].body(), {
        echo("张三");
        sandbox.requests()[1].body().to_vec()
    });
    assert_eq!(echo("张三").decrypt("auto").unwrap(), opened);

    let order = instance.chain("v3/ecommerce/applyments/out-request-no/{out_request_no}");
    let order = fields(&order.get(json!({ "out_request_no": "单号-1" })).unwrap());
    assert_eq!(order["out_request_no"], "单号-1");
}

#[test]
fn what_has_no_body_has_none_and_a_file_is_a_file() {
    let (_sandbox, instance) = start();
    let points = instance.chain("v3/businesscircle/users/{openid}/points/commit_status");
    let query = json!({ "brandid": 1, "appid": "wxd678efh567hg6787" });
    let answer = points.get(json!({ "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "query": query })).unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().len()), (204, 0));

    for path in ["v3/transferdownload/signfile", "v3/transferdownload/elecvoucherfile"] {
        let answer = instance.chain(path).get(json!({ "query": { "token": "abc", "source": "OFFLINE" } })).unwrap();
        assert!(answer.body().starts_with(b"%PDF-") && answer.body().ends_with(b"%%EOF\n"), "{path}");
        assert_eq!(answer.header("Wechatpay-Signature"), None);
    }
    let image = instance.chain("v3/global/merchant-service/images/{media_id}");
    let image = image.get(json!({ "media_id": "m1", "query": { "complaint_id": "1" } })).unwrap();
    assert!(image.body().starts_with(b"\x89PNG") && image.body().ends_with(b"IEND\xAEB`\x82"));
}

#[test]
fn apiv2_answers_the_documented_fields_once_and_signed() {
    let (sandbox, instance) = start();
    let ask = || {
        let data = json!({
            "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "transaction_id": "4208450740201411110007820472",
            "out_order_no": "P20150806125346", "sign_type": "HMAC-SHA256",
        });
        instance.chain("v2/pay/profitsharingquery").post(json!({ "xml": data })).unwrap()
    };
    let answer = ask();
    let xml = std::str::from_utf8(answer.body()).unwrap();
    for name in ["sign", "nonce_str", "appid", "mch_id", "return_code", "order_id"] {
        assert_eq!(xml.matches(&format!("<{name}>")).count(), 1, "{name}: {xml}");
    }
    let said = Transformer::to_array(answer.body()).unwrap();
    compare(documented("POST", "v2/pay/profitsharingquery"), said.as_object().unwrap(), true, "profitsharingquery");
    assert_eq!((&said["out_order_no"], &said["status"]), (&json!("P20150806125346"), &json!("FINISHED")));
    // What is new each time, a nonce, plays no part.
    let again = Transformer::to_array(ask().body()).unwrap();
    assert_eq!((&again["order_id"], &again["receivers"]), (&said["order_id"], &said["receivers"]));
}
