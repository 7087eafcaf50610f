//! The unit test of a program that uses this crate, as its author would write it: one answer of the platform, made up with
//! `mockito`, where the sandbox with its keys and its memory would be more than it takes.

use mockito::{Matcher, Server};
use wechatpay::{Builder, Chain, Credentials, json};

/// What both sides sign with, as nobody looks into it.
const SIGNATURE: &str = "c2lnbmVk";

/// The program.
fn is_paid(instance: &Chain, number: &str) -> wechatpay::Result<bool> {
    let path = "v3/pay/transactions/out-trade-no/{out_trade_no}";
    let order = instance.chain(path).get(json!({ "out_trade_no": number, "query": { "mchid": "1900000109" } }))?;
    Ok(order.json()?["trade_state"] == "SUCCESS")
}

#[test]
fn an_order_is_paid_when_the_platform_says_so() {
    let mut server = Server::new();
    let instance = Builder::new()
        .credentials(
            Credentials::new()
                .mchid("1900000109")
                .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
                .signer(|_: &[u8]| Ok(SIGNATURE.to_owned()))
                .verifier(|_: &str, _: &[u8], signature: &str| Ok(signature == SIGNATURE)),
        )
        .defaults(json!({ "base_uri": server.url(), "proxy": "" }))
        .build()
        .unwrap();
    for (state, paid) in [("SUCCESS", true), ("USERPAYING", false)] {
        let order = server
            .mock("GET", "/v3/pay/transactions/out-trade-no/1217752501")
            .match_query(Matcher::UrlEncoded("mchid".into(), "1900000109".into()))
            .match_header("authorization", Matcher::Regex(format!("signature=\"{SIGNATURE}\"")))
            .with_header("Wechatpay-Nonce", "nonce")
            .with_header("Wechatpay-Serial", "PUB_KEY_ID_0114232134912410000000000000")
            .with_header("Wechatpay-Signature", SIGNATURE)
            .with_header("Wechatpay-Timestamp", &wechatpay::Formatter::timestamp().to_string())
            .with_body(json!({ "trade_state": state }).to_string())
            .create();
        assert_eq!(is_paid(&instance, "1217752501").unwrap(), paid, "{state}");
        order.assert();
        order.remove();
    }
}
