//! The client against the sandbox where both sides are whole: APIv2 with and without the certificate, an upload
//! and a bill, over http and over TLS.

use serde_json::json;
use support::folder::Folder;
use wechatpay::{Apiv2Failure, Builder, Chain, Credentials, Error, MediaUtil, Options, Outcome};
use wechatpay_sandbox::Sandbox;

fn both() -> [(Sandbox, Chain, bool); 2] {
    [(Sandbox::start().unwrap(), false), (Sandbox::start_tls().unwrap(), true)].map(|(sandbox, is_tls)| {
        let instance = Builder::factory(sandbox.config()).unwrap();
        (sandbox, instance, is_tls)
    })
}

#[test]
fn an_order_of_apiv2_is_placed_paid_and_refunded_where_the_certificate_is_shown() {
    for (sandbox, instance, is_tls) in both() {
        for sign_type in ["MD5", "HMAC-SHA256"] {
            let number = format!("1217752501{sign_type}");
            let order = json!({ "xml": {
                "appid": "wx8888888888888888", "mch_id": sandbox.mchid(), "body": "咖啡 & <茶>", "out_trade_no": number,
                "total_fee": 888, "spbill_create_ip": "123.12.12.123", "notify_url": "https://example.com/",
                "trade_type": "NATIVE", "product_id": "1", "sign_type": sign_type,
            } });
            let answer = instance.chain("v2/pay/unifiedorder").post(order).unwrap().xml().unwrap();
            assert!(answer["prepay_id"].is_string() && answer["code_url"].is_string(), "{answer}");

            assert!(sandbox.pay(&number).is_some());
            let refund = |secured: bool| {
                instance.chain("v2/secapi/pay/refund").post(json!({
                    "security": secured,
                    "xml": {
                        "appid": "wx8888888888888888", "mch_id": sandbox.mchid(), "out_trade_no": number,
                        "out_refund_no": format!("{number}-1"), "total_fee": 888, "refund_fee": 888,
                        "sign_type": sign_type,
                    },
                }))
            };
            let error = refund(false).unwrap_err();
            assert!(
                matches!(&error, Error::Apiv2(failed) if *failed.failure() == Apiv2Failure::ReturnCode),
                "{error:?}"
            );
            match refund(true) {
                Ok(response) => {
                    assert!(is_tls && response.xml().unwrap()["refund_id"].is_string(), "{}", response.text());
                }
                // Without TLS there is no certificate to be shown.
                Err(error) => assert!(!is_tls && matches!(error, Error::Apiv2(_)), "{error:?}"),
            }
        }
        // Another key than the merchant's is found out on the other side, and here.
        let other = sandbox
            .config()
            .credentials(Credentials::new().secret("exposed_your_key_here_have_risks"))
            .build()
            .unwrap();
        let query = json!({ "xml": { "appid": "wx8888888888888888", "mch_id": sandbox.mchid(), "out_trade_no": "1" } });
        let error = other.chain("v2/pay/orderquery").post(query.clone()).unwrap_err();
        assert!(matches!(&error, Error::Apiv2(failed) if *failed.failure() == Apiv2Failure::ReturnCode), "{error:?}");
        // What the platform refuses under its signature is a refusal.
        let error = instance.chain("v2/pay/orderquery").post(query).unwrap_err();
        assert_eq!((error.code(), error.outcome()), (Some("ORDERNOTEXIST"), Outcome::Rejected), "{error:?}");
    }
}

#[test]
fn an_upload_and_a_bill_go_both_ways() {
    for (sandbox, instance, _) in both() {
        let media = MediaUtil::from_bytes("图片.png", (0..100_000u32).map(|n| n as u8).collect::<Vec<_>>());
        let response = instance.chain("v3/merchant/media/upload").post(Options::new().body(media)).unwrap();
        assert!(response.json().unwrap()["media_id"].is_string());
        let mut other = MediaUtil::from_bytes("a.png", "content");
        other.set_meta(json!({ "filename": "a.png", "sha256": "0".repeat(64) })).unwrap();
        let error = instance.chain("v3/merchant/media/upload").post(Options::new().body(other)).unwrap_err();
        assert_eq!((error.code(), error.outcome()), (Some("PARAM_ERROR"), Outcome::Rejected), "{error:?}");

        sandbox.set_bill_size(1_000_000);
        let folder = Folder::new("round-trip");
        for tar_type in [None, Some("GZIP")] {
            let query = json!({ "bill_date": "2026-01-02", "tar_type": tar_type });
            let bill = instance.chain("v3/bill/tradebill").get(json!({ "query": query })).unwrap().json().unwrap();
            let url = bill["download_url"].as_str().unwrap().to_owned();
            let file = folder.file("bill");
            instance.download(&url, json!({ "sink": file, "expect": bill })).unwrap();
            let size = std::fs::metadata(&file).unwrap().len();
            assert!(if tar_type.is_none() { size >= 1_000_000 } else { size < 1_000_000 && size > 1_000 }, "{size}");
        }
        let statement = folder.file("statement");
        let query = json!({ "date": "20260102", "mchid": sandbox.mchid() });
        for encoding in ["identity", "gzip"] {
            let headers = json!({ "Accept-Encoding": encoding });
            let options = json!({ "query": query, "headers": headers, "sink": statement });
            instance.chain("v3/global/statements").get(options).unwrap();
            let is_packed = std::fs::read(&statement).unwrap().starts_with(&[0x1f, 0x8b]);
            assert_eq!(is_packed, encoding == "gzip");
        }
        assert_eq!(folder.names(), ["bill", "statement"]);
    }
}
