//! What a check finds.

use serde_json::{Value, json};
use wechatpay_catalog::{Place, Problem, Severity, catalog};

fn check(method: &str, path: &str, options: Value) -> Vec<String> {
    catalog().find(method, path).unwrap().check(&options).iter().map(ToString::to_string).collect()
}

fn order() -> Value {
    json!({
        "appid": "wxd678efh567hg6787",
        "mchid": "1900000109",
        "description": "Image形象店",
        "out_trade_no": "1217752501201407033233368018",
        "notify_url": "https://example.com/notify",
        "amount": { "total": 100, "currency": "CNY" },
    })
}

/// The findings in an order in which this pointer has this value; null to leave it out.
fn in_order(pointer: &str, value: Value) -> Vec<String> {
    let mut order = order();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    order.pointer_mut(parent).unwrap()[name] = value;
    check("POST", "v3/pay/transactions/native", json!({ "json": order }))
}

#[test]
fn a_call_as_documented_has_no_findings() {
    assert_eq!(check("POST", "v3/pay/transactions/native", json!({ "json": order() })), [""; 0]);
    // As it is sent, and with what is no parameter.
    let body = order().to_string();
    assert_eq!(
        check("POST", "v3/pay/transactions/native", json!({ "body": body, "timeout": 3, "retries": 1 })),
        [""; 0]
    );
}

#[test]
fn json_has_the_documented_types() {
    assert_eq!(
        in_order("/amount/total", json!("100")),
        ["error: /json/amount/total is a number as a text, documented: integer"]
    );
    assert_eq!(
        in_order("/amount/total", json!(1.5)),
        ["error: /json/amount/total is a number with a fraction, documented: integer"]
    );
    assert_eq!(in_order("/amount/total", json!("a")), ["error: /json/amount/total is a text, documented: integer"]);
    assert_eq!(
        in_order("/out_trade_no", json!(12177525012014_u64)),
        ["error: /json/out_trade_no is a number, documented: string"]
    );
    assert_eq!(in_order("/amount", json!([1])), ["error: /json/amount is a list, documented: object"]);
    assert_eq!(
        in_order("/support_fapiao", json!("true")),
        ["error: /json/support_fapiao is a text, documented: boolean"]
    );
    assert_eq!(in_order("/limit_pay", json!("no_credit")), ["error: /json/limit_pay is a text, documented: string[]"]);
    // An empty array of PHP is an empty object.
    assert_eq!(in_order("/amount", json!([])), ["error: /json/amount/total is missing, documented: integer"]);
    assert_eq!(in_order("/amount/total", Value::Null), ["error: /json/amount/total is missing, documented: integer"]);
    assert_eq!(
        check("POST", "v3/pay/transactions/native", json!({ "json": "{}" })),
        ["error: /json is a text, documented: object"]
    );
}

#[test]
fn an_unknown_name_comes_with_the_nearest_or_the_right_place() {
    assert_eq!(in_order("/descriptoin", json!("x")), ["warning: /json/descriptoin is unknown"]);
    assert_eq!(in_order("/atach", json!("x")), ["warning: /json/atach is unknown, documented: attach"]);
    assert_eq!(in_order("/total", json!(1)), ["warning: /json/total is unknown, documented: /json/amount/total"]);
    assert_eq!(in_order("/zzz", json!(1)), ["warning: /json/zzz is unknown"]);
    let misplaced = json!({ "out_trade_no": "A1", "json": { "mchid": "1900000109" } });
    assert_eq!(
        check("GET", "v3/pay/transactions/out-trade-no/{out_trade_no}", misplaced),
        [
            "error: /query/mchid is missing, documented: string",
            "warning: /json/mchid is unknown, documented: /query/mchid"
        ],
    );
}

#[test]
fn only_documented_values_are_expected() {
    let list = json!(["no_balance", "no_crdit"]);
    assert_eq!(
        in_order("/limit_pay", list),
        ["warning: /json/limit_pay/1 is \"no_crdit\", documented: no_balance, no_credit, no_debit, balance_only"],
    );
}

#[test]
fn texts_are_numbers_where_everything_is_sent_as_text() {
    let query = |limit: Value| {
        let query = json!({ "begin_date": "2026-01-01", "end_date": "2026-01-03", "limit": limit });
        check("GET", "v3/merchant-service/complaints-v2", json!({ "query": query }))
    };
    assert_eq!(query(json!(10)), [""; 0]);
    assert_eq!(query(json!("10")), [""; 0]);
    assert_eq!(query(json!("ten")), ["error: /query/limit is a text, documented: integer"]);
    let ready = json!({ "query": "begin_date=2026-01-01&end_dat=x&limit=%31%30" });
    assert_eq!(
        check("GET", "v3/merchant-service/complaints-v2", ready),
        [
            "error: /query/end_date is missing, documented: string",
            "warning: /query/end_dat is unknown, documented: end_date"
        ],
    );
}

#[test]
fn variables_go_by_the_names_in_the_path() {
    let query = json!({ "mchid": "1900000109" });
    let path = "v3/pay/transactions/out-trade-no/{no}";
    assert_eq!(check("GET", path, json!({ "no": "A1", "query": query })), [""; 0]);
    assert_eq!(check("GET", path, json!({ "query": query })), ["error: /no is missing, documented: string"]);
    assert_eq!(check("GET", "v3/pay/transactions/out-trade-no/A1", json!({ "query": query })), [""; 0]);
    let operation = catalog().find("GET", path).unwrap().operation();
    let findings = operation.check(&json!({ "query": query }));
    assert_eq!((findings[0].pointer(), findings[0].place()), ("/out_trade_no", Some(Place::Path)));
    assert_eq!(
        check("GET", "v3/merchant/fund/balance/BASIK", json!({})),
        ["warning: /account_type is \"BASIK\", documented: BASIC, OPERATION, FEES"],
    );
}

#[test]
fn sensitive_values_must_be_encrypted_and_are_never_shown() {
    let path = "v3/transfer/batches";
    let batch = |names: [&str; 2]| {
        let details: Vec<Value> = names
            .iter()
            .map(|name| {
                json!({
                    "out_detail_no": "x23zy545Bd5436", "transfer_amount": 200_000, "transfer_remark": "2020年4月报销",
                    "openid": "o-MYE42l80oelYMDE34nYD456Xoy", "user_name": name,
                })
            })
            .collect();
        json!({
            "appid": "wxf636efh567hg4356", "out_batch_no": "plfk2020042013", "batch_name": "2019年1月深圳分部报销单",
            "batch_remark": "2019年1月深圳分部报销单", "total_amount": 400_000, "total_num": 2, "transfer_scene_id": "1000", "transfer_detail_list": details,
        })
    };
    let plain = |index: usize| {
        format!(
            "error: /json/transfer_detail_list/{index}/user_name is in plain text, documented: encrypted for the platform"
        )
    };
    let sealed = format!("{}==", "A".repeat(342));
    let mixed = batch(["张三", &sealed]);
    let serial = json!({ "wechatpay-serial": "PUB_KEY_ID_0114232134912410000000000000" });

    assert_eq!(check("POST", path, json!({ "json": batch(["张三", "李四"]) })), [plain(0), plain(1)]);
    let all = json!(["/json/transfer_detail_list/*/user_name"]);
    assert_eq!(check("POST", path, json!({ "json": batch(["张三", "李四"]), "encrypt": all })), [""; 0]);
    let first = json!(["/json/transfer_detail_list/0/user_name"]);
    assert_eq!(check("POST", path, json!({ "json": batch(["张三", "李四"]), "encrypt": first })), [plain(1)]);
    assert_eq!(check("POST", path, json!({ "json": batch(["张三", "李四"]), "encrypt": "auto" })), [""; 0]);
    assert_eq!(check("POST", path, json!({ "json": mixed, "headers": serial })), [plain(0)]);
    assert_eq!(
        check("POST", path, json!({ "json": batch([&sealed, &sealed]) })),
        [
            "warning: /headers/Wechatpay-Serial is missing, documented: the number of the key that the values are encrypted with"
        ],
    );
    assert_eq!(check("POST", path, json!({ "json": batch([&sealed, &sealed]), "headers": serial })), [""; 0]);
}

#[test]
fn hosts_certificates_and_headers_are_compared() {
    let operation = |host: &str| {
        catalog()
            .operations()
            .find(|operation| operation.hosts().contains(host) && operation.places().next().is_some())
            .unwrap()
    };
    let abroad = operation("https://apihk.mch.weixin.qq.com/");
    let of_host = |base: Value| {
        let findings = abroad.check(&json!({ "base_uri": base }));
        findings
            .iter()
            .filter(|finding| finding.problem() == Problem::Host)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(of_host(Value::Null), ["warning: /base_uri is missing, documented: https://apihk.mch.weixin.qq.com/"]);
    assert_eq!(of_host(json!("https://apihk.mch.weixin.qq.com/")), [""; 0]);
    assert_eq!(of_host(json!("http://127.0.0.1:8080/")), [""; 0]);
    assert_eq!(
        of_host(json!("https://api.mch.weixin.qq.com/")),
        ["warning: /base_uri is at api.mch.weixin.qq.com, documented: https://apihk.mch.weixin.qq.com/"],
    );
    let order = json!({ "json": order(), "base_uri": "https://api2.mch.weixin.qq.com/" });
    assert_eq!(check("POST", "v3/pay/transactions/native", order), [""; 0]);

    let refund = catalog().find("POST", "v2/secapi/pay/refund").unwrap().operation();
    assert!(refund.needs_client_certificate());
    let is_certificate =
        |options: Value| refund.check(&options).iter().any(|finding| finding.problem() == Problem::Certificate);
    assert!(is_certificate(json!({ "xml": {} })) && is_certificate(json!({ "xml": {}, "security": false })));
    assert!(!is_certificate(json!({ "xml": {}, "security": true })));
    // What the client adds is not missed.
    assert!(
        refund
            .check(&json!({ "xml": {} }))
            .iter()
            .all(|finding| !["/xml/sign", "/xml/nonce_str"].contains(&finding.pointer()))
    );
    // On GET it takes the data of APIv2 as the query, too, and signs it.
    let page = catalog().find("GET", "v2/papay/h5entrustweb").unwrap().operation();
    assert!(page.parameters(Place::Query).get("sign").unwrap().is_required());
    assert!(page.check(&json!({ "query": {} })).iter().all(|finding| finding.pointer() != "/query/sign"));

    let with_key = catalog().operations().find(|operation| {
        operation.parameters(Place::Headers).get("Idempotency-Key").is_some_and(|field| field.is_required())
    });
    let missing = |options: Value| {
        with_key.unwrap().check(&options).iter().any(|finding| finding.pointer() == "/headers/Idempotency-Key")
    };
    assert!(missing(json!({})) && !missing(json!({ "headers": { "idempotency-key": "A1" } })));
}

#[test]
fn parts_of_a_form_and_documents_in_texts_are_looked_into() {
    let upload = |meta: &str| {
        let parts =
            json!([{ "name": "meta", "contents": meta }, { "name": "file", "contents": "…", "filename": "a.pdf" }]);
        check("POST", "v3/new-tax-control-fapiao/fapiao-applications/upload-fapiao-file", json!({ "multipart": parts }))
    };
    assert_eq!(upload("{\"file_type\":\"PDF\",\"digest_alogrithm\":\"SM3\",\"digest\":\"x\"}"), [""; 0]);
    assert_eq!(
        upload("{\"file_type\":\"DOC\",\"digest_alogrithm\":\"SM3\"}"),
        [
            "warning: /multipart/meta/file_type is \"DOC\", documented: PDF, OFD",
            "error: /multipart/meta/digest is missing, documented: string"
        ],
    );
    assert_eq!(upload("x"), ["error: /multipart/meta is a text but not JSON, documented: a JSON document as a text"]);
    assert_eq!(check("POST", "v3/merchant/media/upload", json!({})).len(), 2);
    // An upload of the client, which is not JSON.
    assert_eq!(check("POST", "v3/merchant/media/upload", json!({ "body": "--boundary" })), [""; 0]);

    let receiver = |receiver: &str| {
        let xml = json!({ "mch_id": "1", "appid": "wx1", "receiver": receiver });
        check("POST", "v2/pay/profitsharingaddreceiver", json!({ "xml": xml }))
            .into_iter()
            .filter(|line| line.contains("receiver"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        receiver("{\"type\":\"MERCHANT_ID\",\"account\":\"1\",\"relation_type\":\"STORE\",\"name\":\"x\"}"),
        [""; 0]
    );
    assert_eq!(
        receiver("{\"type\":\"MERCHANT_ID\",\"relation_type\":\"STORE\"}"),
        ["error: /xml/receiver/account is missing, documented: string"]
    );
}

#[test]
fn numbered_names_of_apiv2_are_known() {
    let operation = catalog()
        .operations()
        .find(|operation| operation.parameters(Place::Xml).iter().any(|field| field.name().ends_with("_$n")));
    if let Some(operation) = operation {
        let field = operation.parameters(Place::Xml).iter().find(|field| field.name().ends_with("_$n")).unwrap();
        let name = field.name().replace("$n", "0");
        assert_eq!(operation.parameters(Place::Xml).get(&name).map(|field| field.name()), Some(field.name()));
    }
}

#[test]
fn severities_are_ordered() {
    assert!(Severity::Note < Severity::Warning && Severity::Warning < Severity::Error);
    let deprecated = catalog().operations().find(|operation| operation.is_deprecated()).unwrap();
    let first = deprecated.check(&json!({})).into_iter().next().unwrap();
    assert_eq!((first.severity(), first.to_string().as_str()), (Severity::Note, "note: the operation is deprecated"));
}
