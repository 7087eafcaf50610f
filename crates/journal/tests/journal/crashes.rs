//! Processes that are killed, and several that share a journal.

use std::env;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use support::process::{child, is_child, run};
use wechatpay::{Builder, Chain, Credentials, json};
use wechatpay_journal::{Error, Journal, State};
use wechatpay_sandbox::Fault;

use crate::{Shop, order, refusal};

/// Tells a child where the sandbox and the journal are, and what its keys are.
pub(crate) fn with_shop<'a>(command: &'a mut Command, shop: &Shop) -> &'a mut Command {
    command
        .env("SHOP_BASE_URI", shop.sandbox.base_uri())
        .env("SHOP_SERIAL", shop.sandbox.merchant_serial())
        .env("SHOP_KEY", shop.sandbox.merchant_private_key_pem())
        .env("SHOP_PLATFORM_ID", shop.sandbox.platform_serial())
        .env("SHOP_PLATFORM_KEY", shop.sandbox.platform_public_key_pem())
        .env("SHOP_APIV3_KEY", shop.sandbox.apiv3_key())
        .env("SHOP_JOURNAL", shop.path())
}

/// The instance and the journal of a child.
pub(crate) fn of_child() -> (Chain, Journal) {
    let told = |name: &str| env::var(name).unwrap();
    let journal = Journal::open(PathBuf::from(told("SHOP_JOURNAL"))).unwrap();
    let credentials = Credentials::new()
        .mchid("1900000109")
        .serial(told("SHOP_SERIAL"))
        .private_key(told("SHOP_KEY"))
        .apiv3_key(told("SHOP_APIV3_KEY"))
        .cert(told("SHOP_PLATFORM_ID"), told("SHOP_PLATFORM_KEY"));
    let defaults = json!({ "base_uri": told("SHOP_BASE_URI"), "proxy": "" });
    let builder = Builder::new().credentials(credentials).defaults(defaults).journal(journal.clone());
    (builder.build().unwrap(), journal)
}

pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < patience, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn spawn(shop: &Shop, test: &str) -> Child {
    with_shop(&mut child(module_path!(), test), shop).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn killed_between_intent_and_answer_it_is_settled_by_the_next() {
    if is_child() {
        let _ = order(&of_child().0, "order-1", 1);
        return;
    }
    let shop = Shop::open("killed");
    shop.sandbox.inject(Fault::Delay(Duration::from_secs(5)).times(1));
    let mut killed = spawn(&shop, "killed_between_intent_and_answer_it_is_settled_by_the_next");
    until("the order has not arrived", || shop.arrived("/v3/pay") == 1);
    // It is there, and so nobody touches what is its own: neither by asking, nor by sending the same.
    assert_eq!(shop.settle_later().left_alone(), 1);
    let impatient = shop.sandbox.config().defaults(json!({ "timeout": 0.2 })).journal(shop.journal.clone());
    let impatient = impatient.build().unwrap();
    assert!(matches!(refusal(order(&impatient, "order-1", 1)), Error::InFlight(_)));
    killed.kill().unwrap();
    killed.wait().unwrap();

    assert_eq!(shop.state("order-1"), State::Sending);
    assert!(matches!(refusal(shop.order("order-1", 2)), Error::Conflict(_)));
    let report = shop.settle_later();
    assert_eq!(report.done().len() + report.not_done().len(), 1, "{report:?}");
    let is_in_the_ledger = shop.sandbox.ledger().iter().any(|entry| entry.name() == "order-1");
    assert_eq!(shop.state("order-1"), if is_in_the_ledger { State::Done } else { State::NotDone });
    // The lock of the dead is gone.
    let owners = shop.folder.names().into_iter().filter(|name| name.contains("-owner-"));
    assert_eq!(owners.count(), 1);
    shop.order("order-1", 1).unwrap();
}

#[test]
fn stopped_is_not_dead() {
    if is_child() {
        let _ = order(&of_child().0, "order-1", 1);
        return;
    }
    let shop = Shop::open("stopped");
    shop.sandbox.inject(Fault::Delay(Duration::from_millis(300)).times(1));
    let mut stopped = spawn(&shop, "stopped_is_not_dead");
    until("the order has not arrived", || shop.arrived("/v3/pay") == 1);
    let signal = |name: &str| {
        let id = stopped.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    };
    signal("-STOP");
    thread::sleep(Duration::from_millis(600));
    assert_eq!(shop.settle_later().left_alone(), 1);
    signal("-CONT");
    assert!(stopped.wait().unwrap().success());
    assert_eq!(shop.state("order-1"), State::Answered);
}

#[test]
fn two_processes_and_one_number() {
    if is_child() {
        let (instance, _) = of_child();
        let total = env::var("SHOP_TOTAL").unwrap().parse().unwrap();
        for number in 0..20 {
            match order(&instance, &format!("order-{number}"), total) {
                Ok(_) => println!("won order-{number}"),
                refused => drop(refusal(refused)),
            }
        }
        return;
    }
    // The same content: all are answered. Different ones: of each number only one.
    for (totals, most) in [([1, 1], 40), ([2, 3], 20)] {
        let shop = if most == 20 { Shop::open("two-contents") } else { Shop::open("two-alike") };
        let outputs: Vec<String> = thread::scope(|scope| {
            let shop = &shop;
            let children = totals.map(|total| {
                scope.spawn(move || {
                    let mut child = child(module_path!(), "two_processes_and_one_number");
                    run(with_shop(&mut child, shop).env("SHOP_TOTAL", total.to_string())).0
                })
            });
            children.into_iter().map(|child| child.join().unwrap()).collect()
        });
        let won = outputs.iter().map(|output| output.matches("won ").count()).sum::<usize>();
        assert_eq!((won, shop.sandbox.ledger().len()), (most, 20), "{outputs:?}");
        assert_eq!(shop.journal.figures().unwrap().count(State::Answered), 20);
    }
}
