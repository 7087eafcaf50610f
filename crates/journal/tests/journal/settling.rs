//! What `settle` finds out, and what it leaves alone.

use std::time::{Duration, SystemTime};

use wechatpay::json;
use wechatpay_journal::{Error, State};
use wechatpay_sandbox::Fault;

use crate::shop::{NATIVE, Shop, content, refusal};

#[test]
fn what_was_done_and_what_was_not() {
    let shop = Shop::open("settle");
    // It has its effect, and the answer is lost.
    shop.sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    shop.order("was-done", 1).unwrap_err();
    // It fails before it has one.
    shop.sandbox.inject(Fault::Status(503).times(1));
    shop.order("was-not-done", 1).unwrap_err();
    let done: Vec<_> = shop.sandbox.ledger().iter().map(|entry| entry.name().to_owned()).collect();
    let is_done = |number: &str| done.iter().any(|name| name == number);
    assert!(is_done("was-done"));

    let report = shop.settle_later();
    let names = |entries: &[wechatpay_journal::Entry]| -> Vec<_> {
        entries.iter().map(|entry| entry.number().unwrap().to_owned()).collect()
    };
    let (expected_done, expected_not) = if is_done("was-not-done") {
        (vec!["was-done", "was-not-done"], vec![])
    } else {
        (vec!["was-done"], vec!["was-not-done"])
    };
    assert_eq!(names(report.done()), expected_done, "{report:?}");
    assert_eq!(names(report.not_done()), expected_not, "{report:?}");
    assert!(report.not_yet().is_empty() && report.left_alone() == 0 && report.unreachable().is_none(), "{report:?}");
    assert_eq!(report.done()[0].known(), shop.entry("was-done").known());
    assert!(shop.entry("was-done").known().is_some() && shop.entry("was-done").asked() == 1);
    assert_eq!(shop.state("was-done"), State::Done);
    assert_eq!(shop.journal.figures().unwrap().oldest_unsettled(), None);

    // What was done stays what it is; what was not may be sent again, with whatever content.
    assert!(matches!(refusal(shop.order("was-done", 2)), Error::Conflict(_)));
    shop.order("was-done", 1).unwrap();
    if !is_done("was-not-done") {
        shop.order("was-not-done", 2).unwrap();
    }
}

#[test]
fn what_does_not_exist_a_moment_after_it_was_sent_is_not_known_yet() {
    let shop = Shop::open("young");
    shop.sandbox.inject(Fault::Status(503).times(1));
    shop.instance.chain("v3/refund/domestic/refunds").post(refund("R1", 1)).unwrap_err();
    let report = shop.journal.settle(&shop.instance).unwrap();
    assert_eq!(report.not_yet().len(), 1, "{report:?}");
    assert_eq!(report.not_yet()[0].0.state(), State::Unknown);
    assert!(!report.not_yet()[0].1.is_empty());
    // It is not asked again at once.
    let asked = shop.arrived("/v3/refund");
    let report = shop.journal.settle(&shop.instance).unwrap();
    assert_eq!((report.left_alone(), shop.arrived("/v3/refund")), (1, asked));
    assert_eq!(shop.settle_later().not_done().len(), 1);
    assert_eq!(shop.entry("R1").asked(), 2);
}

fn refund(number: &str, amount: u32) -> wechatpay::Value {
    json!({ "json": {
        "out_trade_no": "order-1", "out_refund_no": number, "amount": { "refund": amount, "total": 100, "currency": "CNY" },
    } })
}

#[test]
fn a_platform_that_cannot_be_reached_is_asked_later() {
    let shop = Shop::open("unreachable");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.times(2));
    shop.order("order-1", 1).unwrap_err();
    shop.order("order-2", 1).unwrap_err();
    shop.sandbox.refuse_connections(true).unwrap();
    let report = shop.settle_later();
    assert!(report.unreachable().is_some() && report.not_yet().is_empty(), "{report:?}");
    shop.sandbox.refuse_connections(false).unwrap();
    assert_eq!(shop.settle_later().done().len(), 2);
}

#[test]
fn only_the_own_merchant_and_not_what_is_in_flight() {
    let shop = Shop::open("own");
    let another = shop.sandbox.add_merchant("1900000110");
    let other = shop.sandbox.config_of(&another).journal(shop.journal.clone()).build().unwrap();
    shop.sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    shop.order("order-1", 1).unwrap_err();
    assert!(shop.journal.settle(&other).unwrap().done().is_empty());

    shop.sandbox.inject(Fault::Delay(Duration::from_millis(500)).times(1));
    let slow = shop.instance.chain(NATIVE).post_async(json!({ "json": content("slow-order", 1) }));
    while shop.arrived("/v3/pay/transactions/native") < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Opened once more, as by another process.
    let (beside, journal) = shop.beside();
    let report = journal.settle_as_of(&beside, SystemTime::now() + Duration::from_secs(3600)).unwrap();
    assert_eq!((report.done().len(), report.left_alone()), (1, 1), "{report:?}");
    assert!(matches!(journal.mark_not_done(shop.entry("slow-order").id()), Err(Error::NotUnsettled(_))));
    slow.wait().unwrap();
    assert_eq!(shop.state("slow-order"), State::Answered);
}

#[test]
fn what_cannot_be_asked_about_is_settled_by_people() {
    let shop = Shop::open("people");
    for _ in 0..2 {
        shop.sandbox.inject(Fault::CloseBeforeAnswer.times(1));
        shop.instance.chain("v3/any/path").post(json!({ "json": {} })).unwrap_err();
    }
    let report = shop.settle_later();
    assert_eq!(report.not_yet().len(), 2);
    let ids: Vec<_> = shop.journal.unsettled(0).unwrap().iter().map(|entry| entry.id()).collect();
    shop.journal.mark_done(ids[0], "seen by the finance department").unwrap();
    shop.journal.mark_not_done(ids[1]).unwrap();
    let figures = shop.journal.figures().unwrap();
    assert_eq!((figures.count(State::Done), figures.count(State::NotDone)), (1, 1));
    for id in [0, ids[0], ids[1], 99] {
        assert!(matches!(shop.journal.mark_done(id, "again"), Err(Error::NotUnsettled(of)) if of == id));
    }
}
