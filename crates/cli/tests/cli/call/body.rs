//! Bodies, queries, headers and uploads.

use serde_json::json;

use super::{NATIVE, ORDER, arrived, arrived_json, sandbox};

#[test]
fn a_body_in_all_the_ways_to_give_one() {
    let (sandbox, home) = sandbox("bodies");
    home.write("order.json", ORDER);
    home.write("name.txt", "咖啡");
    let order: serde_json::Value = ORDER.parse().unwrap();
    let fields = [
        "appid=wx8888888888888888",
        "mchid=1900000109",
        "description=@name.txt",
        "out_trade_no=order-1",
        "notify_url=https://shop.example/paid",
        "amount[total]:=100",
        "amount[currency]=CNY",
    ];
    home.run(&["post", NATIVE, "-d", ORDER]).ends(0);
    assert_eq!(arrived_json(&sandbox), order);
    home.run(&["post", NATIVE, "-d", "@order.json"]).ends(0);
    assert_eq!(arrived_json(&sandbox), order);
    home.run_with(&["post", NATIVE, "--data", "-"], ORDER).ends(0);
    assert_eq!(arrived_json(&sandbox), order);
    home.run(&[&["post", NATIVE], &fields[..]].concat()).ends(0);
    assert_eq!(arrived_json(&sandbox), order);
    // In the order in which they were given.
    let sent = String::from_utf8(sandbox.requests().last().unwrap().body().to_vec()).unwrap();
    assert!(sent.starts_with(r#"{"appid":"wx8888888888888888","mchid":"1900000109","description":"咖啡","#), "{sent}");
    home.run(&["post", NATIVE, "-d", "@order.json", "amount[total]:=200", "goods:=@order.json", "tags[]=a"]);
    let sent = arrived_json(&sandbox);
    assert_eq!(
        (&sent["amount"], &sent["goods"]["mchid"], &sent["tags"]),
        (&json!({ "total": 200, "currency": "CNY" }), &json!("1900000109"), &json!(["a"]))
    );
}

#[test]
fn where_fields_go() {
    let (sandbox, home) = sandbox("places");
    home.run(&["get", "v3/bill/tradebill", "bill_date=2026-01-02", "-d", r#"{"bill_type":"ALL"}"#]).ends(0);
    assert_eq!(arrived(&sandbox), "GET /v3/bill/tradebill?bill_type=ALL&bill_date=2026-01-02");
    // As documented of this operation.
    home.run(&["delete", "v3/brand/partner/card-member/cards/Card1", "brand_id=40001"]).ends(0);
    assert_eq!(arrived(&sandbox), "DELETE /v3/brand/partner/card-member/cards/Card1?brand_id=40001");
    home.run(&["delete", "v3/brand/partner/store/brandstores/Store1", "brand_id=40001"]).ends(0);
    assert_eq!(arrived_json(&sandbox), json!({ "brand_id": "40001" }));
    // Also a field of the body, and so in both.
    home.run(&["post", "v3/marketing/busifavor/coupons/{coupon_code}/x", "coupon_code=A", "b=c"]);
    assert_eq!(arrived(&sandbox), "POST /v3/marketing/busifavor/coupons/A/x");
    assert_eq!(arrived_json(&sandbox), json!({ "b": "c" }));
    home.run(&["post", NATIVE, "-d", ORDER, "-q", "a=1", "b==2", "-H", "X-One: 1", "-H", "x-two:2", "-H", "X-One: 3"])
        .ends(0);
    assert_eq!(arrived(&sandbox), format!("POST /{NATIVE}?a=1&b=2"));
    let requests = sandbox.requests();
    let ones: Vec<_> =
        requests.last().unwrap().headers().get_all("x-one").iter().map(|line| line.to_str().unwrap()).collect();
    assert_eq!((ones, requests.last().unwrap().header("x-two")), (vec!["1", "3"], Some("2")));
}

#[test]
fn data_of_apiv2() {
    let (sandbox, home) = sandbox("xml");
    let order = [
        "appid=wx8888888888888888",
        "mch_id=1900000109",
        "body=咖啡",
        "out_trade_no=order-2",
        "total_fee=1",
        "spbill_create_ip=127.0.0.1",
        "notify_url=https://shop.example/paid",
        "trade_type=NATIVE",
        "product_id=1",
    ];
    let run = home.run(&[&["post", "v2/pay/unifiedorder"], &order[..]].concat()).ends(0);
    assert_eq!(run.json()["result_code"], "SUCCESS");
    assert_eq!(arrived(&sandbox), "POST /pay/unifiedorder");
    // The same by other spellings.
    let query = ["appid=wx8888888888888888", "mch_id=1900000109", "out_trade_no=order-2"];
    for path in [
        &["https://api.mch.weixin.qq.com/pay/orderquery"][..],
        &["pay/orderquery", "--xml"],
        &["v2/pay/orderquery", "--xml"],
        &["V2/pay/orderquery", "--xml"],
        &["V2/pay/orderquery"],
        &["v2.pay.orderquery"],
    ] {
        let run = home.run(&[&["post"], path, &query[..]].concat()).ends(0);
        assert_eq!(run.json()["trade_state"], "NOTPAY");
        assert_eq!(arrived(&sandbox), "POST /pay/orderquery");
    }
    let xml = "<xml><appid>wx8888888888888888</appid><mch_id>1900000109</mch_id></xml>";
    home.run(&["post", "v2/pay/orderquery", "-d", xml, "out_trade_no=order-2"]).ends(0);
    home.run(&["post", "v2/pay/orderquery", "-d", "<xml>"]).ends(2).says("-d: ");
    home.run(&["post", "v2/pay/orderquery", "-d", "[1]"]).ends(2).says("must be an object");
    home.run(&["get", "v2/pay/new", "mch_id=1900000109", "-q", "a=B"]);
    let target = arrived(&sandbox);
    assert!(
        target.starts_with("GET /pay/new?") && target.contains("mch_id=1900000109") && target.contains("sign="),
        "{target}"
    );
}

#[test]
fn the_certificate_of_calls_that_present_one() {
    let sandbox = wechatpay_sandbox::Sandbox::start_tls().unwrap();
    let home = crate::runs::Home::of("certificate", &sandbox);
    let refund = [
        "mch_id=1900000109",
        "appid=wx8888888888888888",
        "out_trade_no=none",
        "out_refund_no=r1",
        "total_fee=1",
        "refund_fee=1",
    ];
    home.run(&[&["post", "v2/secapi/pay/refund"], &refund[..]].concat());
    assert!(sandbox.requests().last().unwrap().has_certificate());
    home.run(&["post", "v2/pay/new", "mch_id=1900000109"]);
    assert!(!sandbox.requests().last().unwrap().has_certificate());
    home.run(&["post", "v2/pay/new", "mch_id=1900000109", "--security"]);
    assert!(sandbox.requests().last().unwrap().has_certificate());
}

#[test]
fn fields_that_are_encrypted() {
    let (sandbox, home) = sandbox("encrypt");
    let receiver = r#"{"appid":"wx8888888888888888","type":"PERSONAL_OPENID","account":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o","relation_type":"USER","name":"张三"}"#;
    let add = ["post", "v3/profitsharing/receivers/add", "-d", receiver];
    home.run(&add).says("/json/name is in plain text, documented: encrypted for the platform (--encrypt auto)");
    for how in ["auto", "/json/name"] {
        let run = home.run(&[&add[..], &["--encrypt", how]].concat()).ends(0);
        assert_eq!(run.stderr, "");
        let sent = arrived_json(&sandbox);
        assert_eq!(sandbox.decrypt(sent["name"].as_str().unwrap()).as_deref(), Some("张三"));
    }
    home.run(&[&add[..], &["--encrypt", "auto", "--encrypt", "/json/name"]].concat()).ends(2).says("not both");
    home.run(&[&add[..], &["--encrypt", "/json/nam"]].concat()).ends(2).says("/json/nam");
}

#[test]
fn uploads() {
    let (sandbox, home) = sandbox("uploads");
    let bytes = [&b"\x89PNG \r\n\0\xff"[..], &[7; 5000]].concat();
    home.write("shop \"A\".png", &bytes);
    let run = home.run(&["post", "v3/merchant/media/upload", "--upload", "shop \"A\".png"]).ends(0);
    assert!(run.json()["media_id"].is_string() && run.stderr.is_empty(), "{run:?}");
    // Other names in `meta`, and another name of the file's part.
    let path = "v3/ecommerce/account/cancel-applications/media";
    home.run(&["post", path, "--upload", "shop \"A\".png"]).ends(0);
    let meta = sandbox.requests().last().unwrap().json().unwrap();
    assert_eq!(meta["file_name"], "shop \"A\".png");
    assert!(meta["file_digest"].is_string() && meta.get("sha256").is_none(), "{meta}");
    let path = "v3/mch-manage/submission-files/sub-mchid/1900000100/upload";
    let call = ["post", path, "--upload", "shop \"A\".png", "item_id:=7", "manage_record_id=R1"];
    let run = home.run(&call).ends(0);
    assert_eq!(run.stderr, "");
    let form = home.run(&[&call[..], &["--dry-run"]].concat()).ends(0).stdout.replace('\r', "");
    assert!(form.contains("name=\"submission_file\"") && form.contains("name=\"item_id\"\n\n7\n"), "{form}");
    // Fields that are documented, and some that are not.
    home.run(&["post", "v3/merchant/media/upload", "--upload", "shop \"A\".png", "filename=b.png"]).ends(0);
    home.run(&["post", "v3/merchant/media/upload", "--upload", "none.png"]).ends(2).says("none.png");
    home.run(&["post", "v3/merchant/media/upload", "--upload", "."]).ends(2).says(".: it is a folder");
    home.run(&["post", "v2/secapi/mch/uploadmedia", "--upload", "shop \"A\".png"]).ends(2).says("for APIv3");
}

#[test]
fn what_is_wrong_is_said_without_what_it_is() {
    let (sandbox, home) = sandbox("wrong");
    home.run(&["post", NATIVE, "-d", "{'a'"]).ends(2).says("-d is not JSON");
    home.run(&["post", NATIVE, "-d", "@none.json"]).ends(2).says("none.json");
    home.run(&["post", NATIVE, "a:=b"]).ends(2).says("a:= is not followed by JSON").says("a text is a=…");
    home.run(&["post", NATIVE, "a:b"]).ends(2).says("\"a:b\" is not a field").says("headers are given by -H");
    let run = home.run(&["post", NATIVE, "name:张三13900000000"]).ends(2).says("a text of 18 characters");
    assert!(!run.stderr.contains("张三") && !run.stderr.contains("139"));
    home.run(&["post", NATIVE, "-d", "[]", "a=b"]).ends(2).says("not an object");
    home.run(&["post", NATIVE, "a[b=1"])
        .ends(2)
        .says("\"a[b\" is not the name of a field")
        .says("such as amount[total]");
    home.run(&["post", NATIVE, "a=1", "a[]=2"]).ends(2).says("something that is not a list");
    home.run(&["post", NATIVE, "a[10000]=1"]).ends(2).says("[10000] makes the list too long");
    home.run(&["get", "v3/bill/tradebill", "a:={}"]).ends(2).says("texts and numbers alone");
    home.run(&["post", NATIVE, "-H", "X-One"]).ends(2).says("is not 'Name: value'");
    home.run(&["post", NATIVE, "-H", "Authorization: x"]).ends(2).says("Authorization cannot be set");
    home.run(&["post", NATIVE, "--retries", "11", "-d", "{}"]).ends(2).says("retries");
    let key = ["post", NATIVE, "-d", "-", "--private-key", "-"];
    home.run_with(&key, sandbox.merchant_private_key_pem()).ends(2).says("standard input can be read once");
    home.run(&["post", NATIVE, "--rust", "--php"]).ends(2).says("cannot be used with");
    assert_eq!(arrived(&sandbox), "nothing");
}

/// It can be opened, but not be read.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_uploaded() {
    let (sandbox, home) = sandbox("unreadable");
    home.run(&["post", "v3/merchant/media/upload", "--upload", "/proc/self/mem"]).ends(3).says("cannot be read");
    assert_eq!(arrived(&sandbox), "nothing");
}
