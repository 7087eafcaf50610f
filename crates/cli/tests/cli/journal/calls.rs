//! Which calls go through the journal, and which journal.

use std::time::Duration;

use support::raw::{Reply, Server};
use wechatpay_journal::rusqlite::Connection;
use wechatpay_sandbox::Fault;

use super::{NATIVE, REFUNDS, Shop, next, pasted};

#[test]
fn what_only_asks_is_not_recorded() {
    let shop = Shop::open("asks");
    let journal = ["--journal", "missing.journal"];
    // It is not even opened for them.
    shop.home.run(&[&["get", "v3/merchant/fund/balance/BASIC"], &journal[..]].concat()).ends(0);
    let query = ["post", "v2/pay/orderquery", "mch_id=1900000109", "appid=wx8888888888888888", "out_trade_no=A"];
    shop.home.run(&[&query, &journal[..]].concat()).ends(4);
    let run = shop.home.run(&[&["post", "v3/new"], &journal[..]].concat()).ends(2);
    let run = run.says("there is no journal at ").says("wechatpay journal create --db missing.journal");
    assert!(run.stderr.contains("look for it"));
    assert!(!shop.sandbox.requests().iter().any(|request| request.target().contains("v3/new")));
    // Nor is anything sent by a dry run.
    let order = shop.order("order-1", 100);
    shop.run(&[&order[..], &["--dry-run".to_owned()]].concat()).ends(0);
    assert!(shop.told(&["list", "--all"]).is_empty());
}

#[test]
fn the_journal_of_the_environment_and_of_the_profile() {
    let mut shop = Shop::open("settings");
    let without = ["post", REFUNDS, "out_trade_no=none", "out_refund_no=R1", "amount[refund]:=1", "amount[total]:=1"];
    let refund = [&without[..], &["amount[currency]=CNY"]].concat();
    shop.home.run(&refund).ends(4);
    assert!(shop.told(&["list", "--all"]).is_empty());

    shop.home.set("WECHATPAY_JOURNAL", "shop.journal");
    shop.home.run(&refund).ends(4);
    let told = shop.home.run(&["journal", "list", "--all", "--json"]).ends(0).json();
    assert_eq!(told["state"], "rejected");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    let mut order = shop.order("order-1", 100);
    order.retain(|word| !word.contains("journal"));
    let run = shop.run(&order).ends(5);
    // It is found in the environment again.
    assert_eq!(next(&run).last().unwrap(), "wechatpay journal settle");
    pasted(&shop.home, "wechatpay journal settle").ends(0);

    shop.home.set("WECHATPAY_JOURNAL", "");
    let config = "[profiles.shop]\njournal = \"../../shop.journal\"\n[profiles.bad]\njournal = 1\n";
    shop.home.write(".config/wechatpay/config.toml", config);
    assert!(
        shop.home.run(&["--profile", "shop", "journal", "list"]).ends(0).stdout.starts_with("0 unsettled; 2 settled")
    );
    shop.home.run(&["--profile", "bad", "journal", "list"]).ends(2).says("`journal` must be the path of a file or the");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    let order: Vec<_> = order.iter().map(|word| word.replace("order-1", "order-2")).collect();
    let run = shop.run(&[&["--profile".to_owned(), "shop".to_owned()], &order[..]].concat()).ends(5);
    assert_eq!(next(&run).last().unwrap(), "wechatpay --profile shop journal settle");
    pasted(&shop.home, next(&run).last().unwrap()).ends(0);
}

#[test]
fn a_question_of_apiv2_is_ready_to_paste() {
    let shop = Shop::open("apiv2");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.on("v2/pay/unifiedorder").times(1));
    let order = [
        "--json",
        "post",
        "v2/pay/unifiedorder",
        "--journal",
        "shop.journal",
        "appid=wx8888888888888888",
        "mch_id=1900000109",
        "body=coffee",
        "out_trade_no=order-1",
        "total_fee=100",
        "spbill_create_ip=127.0.0.1",
        "notify_url=https://shop.example/paid",
        "trade_type=NATIVE",
        "product_id=coffee",
    ];
    let run = shop.home.run(&order).ends(5);
    let steps = next(&run);
    let question = &steps[steps.len() - 2];
    assert!(question.starts_with("wechatpay post v2/pay/orderquery "), "{question}");
    assert!(question.contains(" out_trade_no=order-1 ") && question.contains(" mch_id=1900000109"), "{question}");
    assert_eq!(pasted(&shop.home, question).ends(0).json()["trade_state"], "NOTPAY");
    shop.journal(&["settle"]).ends(0);
}

#[test]
fn money_that_the_platform_did_not_hear_of() {
    let shop = Shop::open("not-sent");
    shop.sandbox.refuse_connections(true).unwrap();
    shop.run(&shop.order("order-1", 100)).ends(3);
    assert_eq!(shop.told(&["list", "--all"])[0]["state"], "not_sent");
    shop.sandbox.refuse_connections(false).unwrap();
    shop.sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    shop.run(&shop.order("order-2", 100)).ends(5);
    shop.sandbox.refuse_connections(true).unwrap();
    shop.journal(&["settle"]).ends(5).says("the platform cannot be reached");
    shop.sandbox.refuse_connections(false).unwrap();
    shop.journal(&["settle"]).ends(0);
}

#[test]
fn the_journal_of_another_merchant_is_told_apart() {
    let shop = Shop::open("merchants");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    shop.run(&shop.order("order-1", 100)).ends(5);
    shop.home
        .run(&["journal", "settle", "--db", "shop.journal", "--mchid", "1900000110"])
        .ends(0)
        .says("1 unsettled calls are of other");
}

#[test]
fn a_stand_in_is_not_asked_about_what_the_platform_was_sent() {
    let mut shop = Shop::open("stand-in");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    shop.run(&shop.order("order-1", 100)).ends(5);
    // As if it had been sent to the platform.
    let connection = Connection::open(shop.home.folder.file("shop.journal")).unwrap();
    connection.execute("UPDATE entry SET host = 'https://api.mch.weixin.qq.com'", ()).unwrap();
    let run =
        shop.journal(&["settle"]).ends(2).says("1 was sent to https://api.mch.weixin.qq.com, and nothing is known");
    assert!(run.stderr.contains("wechatpay journal show 1"), "{}", run.stderr);
    shop.journal(&["watch"]).ends(2);
    assert_eq!(shop.told(&["list"])[0]["asked"], 0);
    // Nor the platform about what a stand-in was sent.
    connection.execute("UPDATE entry SET host = 'http://127.0.0.1:1'", ()).unwrap();
    shop.home.set("WECHATPAY_BASE_URI", "");
    shop.journal(&["settle"]).ends(2).says("1 was sent to http://127.0.0.1:1");
}

/// The same call once more, while the first one waits for its answer.
#[test]
fn one_that_is_in_flight() {
    let mut shop = Shop::open("in-flight");
    let silent = Server::start(|_, _| Reply::Stall(Vec::new(), Duration::from_secs(600)));
    shop.home.set("WECHATPAY_BASE_URI", &silent.url());
    let words = shop.order("order-1", 100);
    let words: Vec<_> = words.iter().map(String::as_str).filter(|word| *word != "--json").collect();
    let mut first = shop.home.command(&words).spawn().unwrap();
    super::until("the first call is on its way", || !silent.arrived().is_empty());
    let second = shop.home.run(&[&words[..], &["--timeout", "0.2"]].concat());
    first.kill().unwrap();
    first.wait().unwrap();
    let second = second.ends(3).says("is still in flight").says("wait for its end");
    assert!(second.stderr.contains("wechatpay journal show order-1 --db shop.journal"), "{}", second.stderr);
}
