//! `watch`, and `settle --wait`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;
use wechatpay_sandbox::Fault;

use super::{NATIVE, Shop};

#[test]
fn what_changes_is_printed() {
    let shop = Shop::open("watch");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(2));
    shop.run(&shop.order("order-1", 100)).ends(5);
    let watch = ["journal", "watch", "--db", "shop.journal", "--interval", "1", "--json"];
    let mut child = shop.home.command(&watch).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut line = || lines.next().unwrap().unwrap().parse::<Value>().unwrap();
    let (first, second, third) = (line(), line(), line());
    assert_eq!((first["state"].as_str(), first["number"].as_str()), (Some("unknown"), Some("order-1")));
    assert_eq!((second["state"].as_str(), second["known"].as_str()), (Some("done"), Some("NOTPAY")));
    assert!(third["at"].is_string() && third["oldest_unsettled_seconds"].is_null(), "{third}");
    // One that comes while it watches; it is settled by the same round, or printed before.
    shop.run(&shop.order("order-2", 100)).ends(5);
    super::until("it is settled", || shop.told(&["list"]).is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    shop.journal(&["watch", "--interval", "0"]).ends(2);
    // It ends when nobody reads it any more.
    let mut child = shop.home.command(&watch).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_journal_that_is_away_is_waited_for_but_one_that_is_none_is_not() {
    let shop = Shop::open("away");
    let watch = ["journal", "watch", "--db", "shop.journal", "--interval", "1", "--json"];
    let mut child = shop.home.command(&watch).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut tell = || told.next().unwrap().unwrap();
    assert!(lines.next().unwrap().unwrap().contains("oldest_unsettled_seconds"));
    let (here, away) = (shop.home.folder.file("shop.journal"), shop.home.folder.file("away.journal"));
    fs::rename(&here, &away).unwrap();
    let warning = tell();
    assert!(warning.contains("was moved or deleted") && warning.contains("tried again every 1 s"), "{warning}");
    fs::rename(&away, &here).unwrap();
    // Said once, however long it took.
    assert_eq!(tell(), r#"{"note":"the journal is there again"}"#);
    shop.sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    shop.run(&shop.order("order-1", 100)).ends(5);
    super::until("it is settled", || shop.told(&["list"]).is_empty());
    fs::rename(&here, &away).unwrap();
    // Nor is there anything of the old one beside it.
    for beside in ["shop.journal-wal", "shop.journal-shm"] {
        let _ = fs::remove_file(shop.home.folder.file(beside));
    }
    fs::write(&here, "something else").unwrap();
    assert!(tell().contains("was moved or deleted"));
    let error = tell();
    assert!(error.contains("shop.journal") && error.contains(r#""outcome":"usage""#), "{error}");
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

#[test]
fn it_waits_for_the_next_question() {
    let shop = Shop::open("wait");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    shop.run(&shop.order("order-1", 100)).ends(5);
    // Its first question is not answered.
    shop.sandbox.inject(Fault::Status(500).times(1));
    let run = shop.journal(&["settle", "--wait", "60", "--json"]).ends(0);
    let results: Vec<Value> = run.stdout.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!((&results[0]["result"], &results[1]["result"]), (&"not_yet".into(), &"done".into()), "{}", run.stdout);
    assert!(results[0]["due"].is_string() && results[0]["why"].is_string(), "{}", run.stdout);
}
