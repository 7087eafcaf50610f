//! The path, in any spelling.

use super::{arrived, sandbox};

const ORDERS: &str = "/v3/pay/transactions/out-trade-no";

#[test]
fn what_is_documented() {
    let (sandbox, home) = sandbox("documented");
    let base = sandbox.base_uri();
    let address = format!("{base}v3/pay/transactions/out-trade-no/Ab1?mchid=1900000109");
    let cases: &[(&[&str], &str)] = &[
        (&["v3/merchant/fund/balance/BASIC"], "GET /v3/merchant/fund/balance/BASIC"),
        (&["/v3/merchant/fund/balance/BASIC"], "GET /v3/merchant/fund/balance/BASIC"),
        (&["v3.merchant.fund.balance.BASIC"], "GET /v3/merchant/fund/balance/BASIC"),
        (&["v3.merchant.fund.balance._type_", "-v", "type=BASIC"], "GET /v3/merchant/fund/balance/BASIC"),
        (
            &["v3->merchant->fund->balance->{account_type}", "-v", "account_type=BASIC"],
            "GET /v3/merchant/fund/balance/BASIC",
        ),
        (&["v3/merchant/fund/balance/<type>", "account_type=BASIC"], "GET /v3/merchant/fund/balance/BASIC"),
        (&["v3/pay/transactions/out-trade-no/Order-A?mchid=1900000109"], "GET {}/Order-A?mchid=1900000109"),
        (&["v3/pay/transactions/outTradeNo/A%2FB", "-q", "mchid=1900000109"], "GET {}/A%2FB?mchid=1900000109"),
        (
            &["v3/pay/transactions/out-trade-no/单号A", "mchid=1900000109"],
            "GET {}/%E5%8D%95%E5%8F%B7A?mchid=1900000109",
        ),
        (
            &["v3.pay.transactions.outTradeNo._no_", "-v", "no=A/B C", "mchid==1900000109"],
            "GET {}/A%2FB%20C?mchid=1900000109",
        ),
        (
            &["v3/pay/transactions/out-trade-no/{no}{?mchid}", "-v", "no=A", "-v", "mchid=1900000109"],
            "GET {}/A?mchid=1900000109",
        ),
        (
            &["https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/Ab1?mchid=1900000109#top"],
            "GET {}/Ab1?mchid=1900000109",
        ),
        (&[&address], "GET {}/Ab1?mchid=1900000109"),
        (
            &["v3/pay/transactions/out-trade-no/A?mchid=1&mchid=2", "-q", "mchid=3&4"],
            "GET {}/A?mchid=1&mchid=2&mchid=3%264",
        ),
        (&["v3/pay/transactions/out-trade-no/A?openId=oUp%2B", "-q", "mchid=B"], "GET {}/A?openId=oUp%2B&mchid=B"),
    ];
    for (arguments, expected) in cases {
        home.run(&[&["get"], *arguments].concat());
        assert_eq!(arrived(&sandbox), expected.replace("{}", ORDERS), "{arguments:?}");
    }
}

#[test]
fn what_is_not_documented_is_sent_as_it_is_written() {
    let (sandbox, home) = sandbox("undocumented");
    for (path, expected) in [
        ("v3/new/BASIC", "/v3/new/BASIC"),
        ("v3/new/bankFavor/oUpF8uM", "/v3/new/bankFavor/oUpF8uM"),
        ("v3/new/A%2FB:c@d/x", "/v3/new/A%2FB:c@d/x"),
        ("v3/new/单A", "/v3/new/%E5%8D%95A"),
        ("v3/new/Things?openId=A%20b", "/v3/new/Things?openId=A%20b"),
        ("v3/new/Things?A", "/v3/new/Things?A"),
        // By the rules of the chain.
        ("v3.new.bankFavor", "/v3/new/bank-favor"),
    ] {
        home.run(&["get", path]).ends(4).says("is not documented");
        assert_eq!(arrived(&sandbox), format!("GET {expected}"), "{path}");
    }
    home.run(&["get", "v3/new/{userId}/{+rest}", "-v", "userId=A", "-v", "rest=B/C"]).ends(4);
    assert_eq!(arrived(&sandbox), "GET /v3/new/A/B/C");
    // A whole path in a variable is found all the same.
    assert_eq!(home.run(&["get", "{+path}", "-v", "path=v3/merchant/fund/balance/BASIC"]).ends(0).stderr, "");
}

#[test]
fn what_stands_in_for_a_word_of_the_path() {
    let (sandbox, home) = sandbox("word");
    home.run(&["post", "v3/pay/transactions/{kind}", "-v", "kind=native", "-d", super::ORDER]).ends(0);
    assert_eq!(arrived(&sandbox), "POST /v3/pay/transactions/native");
}

#[test]
fn a_host_of_the_platform_out_of_its_documents() {
    let (sandbox, mut home) = sandbox("hosts");
    home.set("WECHATPAY_BASE_URI", "");
    let dry = |path: &str, more: &[&str]| {
        home.run(&[&["get", path, "--dry-run", "--json"], more].concat()).ends(0).json()["url"].clone()
    };
    assert_eq!(
        dry("https://apihk.mch.weixin.qq.com/v3/global/certificates", &[]),
        "https://apihk.mch.weixin.qq.com/v3/global/certificates"
    );
    assert_eq!(dry("v3/certificates", &[]), "https://api.mch.weixin.qq.com/v3/certificates");
    assert_eq!(
        dry("v3/certificates", &["--base-uri", "https://api.mch.weixin.qq.com/hk/"]),
        "https://api.mch.weixin.qq.com/hk/v3/certificates"
    );
    for other in ["https://pay.example/v3/certificates", "http://api.mch.weixin.qq.com/v3/certificates"] {
        home.run(&["get", other]).ends(2).says("is not an address that the platform documents").says("--base-uri");
    }
    assert_eq!(arrived(&sandbox), "nothing");
}

#[test]
fn variables_that_are_wrong() {
    let (sandbox, home) = sandbox("variables");
    let order = "v3/pay/transactions/out-trade-no/{no}";
    home.run(&["get", order, "mchid=1"]).ends(2).says("needs a value for no").says("add -v no=…");
    home.run(&["get", order, "-v", "n=1"]).ends(2).says("has no variable n").says("its variables: no, out_trade_no");
    home.run(&["get", "v3/certificates", "-v", "n=1"]).ends(2).says("-q n=…");
    home.run(&["get", order, "-v", "no"]).ends(2).says("-v: \"no\" is not NAME=VALUE");
    home.run(&["get", "v3/pay/transactions/out-trade-no/%ff"]).ends(2).says("is not UTF-8");
    home.run(&["get", "v3/pay/transactions/out-trade-no/{no", "-v", "no=1"]).ends(2);
    home.run(&["get", "v3/x{?a}/b"]).ends(2).says("nothing can follow {?…}");
    home.run(&["get", ""]).ends(2).says("has no path");
    home.run(&["get", order, "-v", "no=.."]).ends(2).says("`.` or `..`");
    assert_eq!(arrived(&sandbox), "nothing");
}
