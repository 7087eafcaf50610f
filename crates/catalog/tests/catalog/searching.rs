//! What a search finds, and in which order.

use wechatpay_catalog::{Hit, catalog};

fn search(words: &str) -> Vec<String> {
    let shown = |hit: &Hit| match hit {
        Hit::Operation(operation) => operation.to_string(),
        Hit::Notification(notification) => notification.to_string(),
        _ => unreachable!(),
    };
    catalog().search(words).iter().map(shown).collect()
}

#[test]
fn what_most_are_looking_for_comes_first() {
    for (words, first) in [
        ("申请退款", "POST v3/refund/domestic/refunds"),
        ("refund", "POST v3/refund/domestic/refunds"),
        ("退款查询", "GET v3/refund/domestic/refunds/{out_refund_no}"),
        ("请求分账", "POST v3/profitsharing/orders"),
        ("TRANSACTION.SUCCESS", "TRANSACTION.SUCCESS"),
        ("transaction.success", "TRANSACTION.SUCCESS"),
        ("payer_phone", "GET v3/merchant-service/complaints-v2"),
        ("投诉单列表", "GET v3/merchant-service/complaints-v2"),
        ("certificates", "GET v3/certificates"),
        ("pay unifiedorder", "POST v2/pay/unifiedorder"),
        ("发起转账 transfer-bills fund-app", "POST v3/fund-app/mch-transfer/transfer-bills"),
    ] {
        assert_eq!(
            search(words).first().map(String::as_str),
            Some(first),
            "{words}: {:?}",
            &search(words)[..5.min(search(words).len())]
        );
    }
}

#[test]
fn all_words_must_be_there() {
    let both = search("refund abnormal");
    assert_eq!(both.len(), 3, "{both:?}");
    let refunds = search("refund");
    assert!(both.iter().all(|hit| refunds.contains(hit)));
    assert!(search("refund nosuchword").is_empty());
    assert!(search("").is_empty() && search("  \n").is_empty());
}

#[test]
fn events_and_fields_are_searched_too() {
    assert!(search("MCHTRANSFER").contains(&"MCHTRANSFER.BILL.FINISHED".to_owned()));
    let hits = search("digest_alogrithm");
    assert_eq!(hits, ["POST v3/new-tax-control-fapiao/fapiao-applications/upload-fapiao-file"]);
}

#[test]
fn the_order_is_always_the_same() {
    assert_eq!(search("转账"), search("转账"));
    assert_eq!(search("JSAPI"), search("jsapi"));
}
