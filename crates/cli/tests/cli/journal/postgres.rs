//! A journal in PostgreSQL itself, where it is installed.

use support::postgres::Server;
use wechatpay_sandbox::{Fault, Sandbox};

use super::{NATIVE, next, pasted};
use crate::runs::Home;

#[test]
fn a_journal_for_several_machines() {
    let Some(server) = Server::start("") else { return };
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("postgres", &sandbox);
    let url = server.database("cli");
    home.run(&["journal", "list", "--db", &url])
        .ends(2)
        .says("there is no journal at postgres://")
        .says("journal create");
    home.run(&["journal", "create", "--db", &url]).ends(0);
    home.run(&["journal", "create", "--db", &url]).ends(2).says("there is something at");
    sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    let order = r#"{"appid":"wx8888888888888888","mchid":"1900000109","description":"咖啡","out_trade_no":"order-1",
        "notify_url":"https://shop.example/paid","amount":{"total":100,"currency":"CNY"}}"#;
    let run = home.run(&["--json", "post", NATIVE, "--journal", &url, "-d", order]).ends(5);
    let list = home.run(&["journal", "list", "--db", &url]).ends(0).stdout;
    assert!(list.contains("order-1") && list.contains("1 unsettled"), "{list}");
    let settled = pasted(&home, next(&run).last().unwrap()).ends(0);
    assert!(settled.stdout.contains("NOTPAY"), "{}", settled.stdout);
    let told = home.run(&["journal", "list", "--all", "--json", "--db", &url]).ends(0).json();
    assert_eq!((&told["state"], &told["id"]), (&"done".into(), &1.into()));
    assert_eq!(home.run(&["journal", "show", "1", "--json", "--db", &url]).ends(0).json()["number"], "order-1");
    server.tell("stop");
    home.run(&["journal", "list", "--db", &url]).ends(1).says("the journal cannot be read or written");
}
