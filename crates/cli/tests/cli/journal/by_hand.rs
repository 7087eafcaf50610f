//! What people find out, and what is kept.

use serde_json::json;
use wechatpay_sandbox::Fault;

use super::{NATIVE, Shop, next, pasted};

const RECEIVERS: &str = "v3/profitsharing/receivers/add";

#[test]
fn all_that_is_kept_of_a_call() {
    let shop = Shop::open("show");
    shop.sandbox.inject(Fault::Status(500).on(NATIVE).times(1));
    shop.run(&shop.order("order-1", 100)).ends(5);
    let shown = shop.journal(&["show", "order-1"]).ends(0).stdout;
    assert_eq!(shown, shop.journal(&["show", "1"]).ends(0).stdout);
    for line in [
        "POST v3/pay/transactions/native\n",
        "  state          unknown\n",
        "  number         order-1\n",
        "  kept           mchid=1900000109\n",
    ] {
        assert!(shown.contains(line), "{line:?} is not in {shown}");
    }
    assert!(shown.contains("  platform said  500 ") && shown.contains("Z, ") && shown.contains(" ago\n"), "{shown}");
    let (_, question) = shown.split_once("→ ").unwrap();
    assert_eq!(question, "wechatpay get v3/pay/transactions/out-trade-no/order-1 -q mchid=1900000109\n");

    let told = &shop.told(&["show", "order-1"])[0];
    assert_eq!(told["kept"], json!({ "mchid": "1900000109" }));
    assert_eq!(told["question"]["template"], "v3/pay/transactions/out-trade-no/{out_trade_no}");
    assert_eq!(told["question"]["options"]["query"], json!({ "mchid": "1900000109" }));
    assert_eq!(told["question"]["command"], question.trim_end());
    // No body, and no secret.
    let all = shop.journal(&["show", "1", "--json"]).stdout;
    assert!(
        !all.contains("咖啡") && !all.contains("wx8888888888888888") && !all.contains(shop.sandbox.apiv3_key()),
        "{all}"
    );
    shop.journal(&["show", "order-9"]).ends(2).says("no call with the id or the number \"order-9\"").says("list --all");
    shop.journal(&["show", "99"]).ends(2);
}

#[test]
fn what_nobody_can_be_asked_about() {
    let shop = Shop::open("by-hand");
    shop.sandbox.inject(Fault::Status(500).on(RECEIVERS).times(2));
    let add = ["post", RECEIVERS, "--journal", "shop.journal", "-d", "{}"];
    shop.home.run(&add).ends(5);
    shop.home.run(&add).ends(5);
    let list = shop.journal(&["list"]).stdout;
    assert_eq!(list.matches("never: by hand").count(), 2, "{list}");
    let run = shop.journal(&["settle", "--json", "--wait", "60"]).ends(5);
    assert_eq!(next(&run)[0], "nothing can be asked about 1: wechatpay journal show 1 --db shop.journal");
    let shown = shop.journal(&["show", "1"]).stdout;
    assert!(shown.contains("wechatpay journal mark-not-done 1 --db shop.journal"), "{shown}");

    shop.journal(&["mark-done", "1", "SUCCESS"]).ends(2).says("nobody can be asked").says("--yes");
    shop.journal(&["mark-done", "1", " ", "--yes"]).ends(2).says("STATE must be a text");
    assert_eq!(shop.journal(&["mark-done", "1", "商户平台上已确认", "--yes"]).ends(0).stdout, "1 is done now\n");
    assert_eq!(
        pasted(&shop.home, "wechatpay journal mark-not-done 2 --yes --db shop.journal").ends(0).stdout,
        "2 is not done now\n"
    );
    shop.journal(&["mark-done", "1", "again", "--yes"]).ends(2).says("there is no unsettled entry 1");
    shop.journal(&["mark-not-done", "7", "--yes"]).ends(2);
    let told = shop.told(&["list", "--all"]);
    assert_eq!(
        (&told[0]["state"], &told[0]["known"], &told[1]["state"]),
        (&json!("done"), &json!("商户平台上已确认"), &json!("not_done"))
    );
    shop.journal(&["settle"]).ends(0);
}

#[test]
fn a_person_at_a_terminal_is_asked() {
    let shop = Shop::open("asked");
    shop.sandbox.inject(Fault::Status(500).on(RECEIVERS).times(1));
    shop.home.run(&["post", RECEIVERS, "--journal", "shop.journal", "-d", "{}"]).ends(5);
    let mark = ["journal", "--db", "shop.journal", "mark-not-done", "1"];
    let Some(run) = crate::runs::on_a_terminal(&shop.home, &mark, "n\n") else { return };
    let run = run.ends(2);
    assert!(run.stdout.contains("its number will be free") && run.stdout.contains(RECEIVERS), "{}", run.stdout);
    assert_eq!(shop.told(&["list"]).len(), 1);
    crate::runs::on_a_terminal(&shop.home, &mark, "y\n").unwrap().ends(0);
    assert!(shop.told(&["list"]).is_empty());
}

#[test]
fn what_is_old_is_removed() {
    let shop = Shop::open("prune");
    shop.run(&shop.order("order-1", 100)).ends(0);
    assert_eq!(shop.journal(&["prune"]).ends(0).stdout, "0 settled calls are removed\n");
    shop.wait_an_hour();
    assert_eq!(shop.told(&["prune", "--keep", "0"]), [json!({ "removed": 1 })]);
    assert!(shop.told(&["list", "--all"]).is_empty());
}
