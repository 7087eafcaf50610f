//! Names.

use super::{KEYWORDS, camel, screaming, snake};

#[test]
fn words_are_told_apart_by_capitals_underscores_and_digits() {
    let names = [
        ("outTradeNo", "out_trade_no", "OutTradeNo", "OUT_TRADE_NO"),
        ("out_trade_no", "out_trade_no", "OutTradeNo", "OUT_TRADE_NO"),
        ("OUT_NO", "out_no", "OutNo", "OUT_NO"),
        ("HTTPCode", "http_code", "HttpCode", "HTTP_CODE"),
        ("getHTTP", "get_http", "GetHttp", "GET_HTTP"),
        ("SHA256RSA2048", "sha256_rsa2048", "Sha256Rsa2048", "SHA256_RSA2048"),
        ("apiV3Key", "api_v3_key", "ApiV3Key", "API_V3_KEY"),
        ("APIv3Key", "api_v3_key", "ApiV3Key", "API_V3_KEY"),
        ("WeChatPay", "we_chat_pay", "WeChatPay", "WE_CHAT_PAY"),
        ("a", "a", "A", "A"),
        ("A", "a", "A", "A"),
        ("_id", "_id", "Id", "_ID"),
        ("__construct", "__construct", "Construct", "__CONSTRUCT"),
        ("商户号", "商户号", "商户号", "商户号"),
        ("商户Id", "商户id", "商户id", "商户ID"),
    ];
    for (name, lower, upper, constant) in names {
        assert_eq!(
            (snake(name), camel(name), screaming(name)),
            (lower.to_owned(), upper.to_owned(), constant.to_owned())
        );
    }
}

#[test]
fn words_of_rust_get_an_underscore() {
    assert_eq!([snake("type"), snake("Match"), snake("self"), snake("yield")], ["type_", "match_", "self_", "yield_"]);
    assert_eq!([camel("self"), camel("type"), screaming("type")], ["Self_", "Type", "TYPE"]);
    assert!(KEYWORDS.is_sorted());
}

#[test]
fn what_is_no_name_in_rust_becomes_one() {
    assert_eq!([snake(""), snake("_"), camel("_"), screaming("_")], ["__", "__", "__", "__"]);
    assert_eq!([snake("2fa"), camel("2fa"), screaming("2fa")], ["_2fa", "_2fa", "_2FA"]);
    assert_eq!(snake("a😀"), "au1f600");
}
