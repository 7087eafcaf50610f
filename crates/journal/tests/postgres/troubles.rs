//! The database is restarted, full, slow or gone in the middle of calls, and processes are killed.

use std::env;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use support::postgres::{Server, cut};
use support::process::{child, is_child};
use wechatpay::{Chain, Outcome, Promise, Response, json};
use wechatpay_journal::{Error, State, postgres};
use wechatpay_sandbox::Fault;

use crate::crashes::{of_child, until, with_shop};
use crate::database::{Database, own_server};
use crate::shop::{NATIVE, Shop, content, order, refusal};

/// A shop with a server of PostgreSQL of its own.
fn own_shop(name: &str) -> Shop {
    Shop::with(Database::of(own_server(""), name))
}

/// An order that is on its way for so long, and has arrived.
fn slow_order(shop: &Shop, number: &str, delay: Duration) -> Promise<Response> {
    let arrived = shop.arrived("/v3/pay");
    shop.sandbox.inject(Fault::Delay(delay).times(1));
    let promise = shop.instance.chain(NATIVE).post_async(json!({ "json": content(number, 1) }));
    until("the order has not arrived", || shop.arrived("/v3/pay") > arrived);
    promise
}

#[test]
fn restarted_in_the_middle_it_has_the_end_of_each_call() {
    let shop = own_shop("restarted");
    let numbers: Vec<_> = (0..5).map(|number| format!("order-{number}")).collect();
    let promises: Vec<_> =
        numbers.iter().map(|number| slow_order(&shop, number, Duration::from_millis(1500))).collect();
    let server = &shop.database.server;
    server.tell("crash");
    for _ in 0..2 {
        let error = refusal(shop.order("while-down", 1));
        assert!(matches!(error, Error::Storage(_)), "{error:?}");
    }
    let arrived = shop.arrived("/v3/pay");
    promises.into_iter().for_each(|promise| drop(promise.wait().unwrap()));
    server.tell("start");
    until("no order is taken", || shop.order("afterwards", 1).is_ok());
    assert_eq!(shop.arrived("/v3/pay"), arrived + 1);
    numbers.iter().for_each(|number| assert_eq!(shop.state(number), State::Answered));
    assert!(shop.journal.under("while-down").unwrap().is_empty());
    assert_eq!(shop.database.owners(), 1);
}

#[test]
fn cut_off_in_the_middle_nobody_takes_a_call_for_not_made() {
    let shop = Shop::open("cut");
    let (beside, journal) = shop.beside();
    let slow = slow_order(&shop, "order-1", Duration::from_millis(1500));
    cut(&shop.database.address(), 1.0);
    // The other connection was cut, too, and is there again. Not the one of the slow call: it seems to be abandoned.
    for later in [0, 20] {
        let report = journal.settle_as_of(&beside, SystemTime::now() + Duration::from_secs(later)).unwrap();
        assert!(report.not_done().is_empty(), "{report:?}");
    }
    assert!(matches!(refusal(order(&beside, "order-1", 2)), Error::Conflict(_)));
    // Neither does a call notice.
    shop.order("order-2", 1).unwrap();
    assert_eq!(shop.database.owners(), 2);
    slow.wait().unwrap();
    assert!(matches!(shop.state("order-1"), State::Answered | State::Done), "{:?}", shop.entry("order-1"));
    assert!(matches!(refusal(order(&beside, "order-1", 2)), Error::Conflict(_)));
    assert_eq!(shop.journal.figures().unwrap().oldest_unsettled(), None);
}

#[test]
fn cut_off_it_takes_back_what_is_in_flight() {
    let shop = Shop::open("taken-back");
    let (beside, journal) = shop.beside();
    let slow = slow_order(&shop, "order-1", Duration::from_millis(1500));
    let before = shop.database.rows("SELECT owner FROM entry");
    // As if it were cut off: another has asked about it since.
    shop.database.rows("UPDATE entry SET state = 'unknown', owner = NULL, ended = now(), asked = 1");
    // What was recorded on the lost connection, and is in flight nowhere, was never sent.
    shop.database.rows(&format!(
        "INSERT INTO entry (merchant, operation, number, digest, kept, host, state, owner, turn, doubt, began, until, asked)
         SELECT merchant, operation, 'phantom-' || of.doubt, digest, kept, host, 'sending', {}, 3, of.doubt, began, until, 0
         FROM entry, (VALUES (true), (false)) AS of (doubt)",
        before[0]
    ));
    cut(&shop.database.address(), 1.0);
    shop.order("order-2", 1).unwrap();
    let after = shop.database.rows("SELECT state, owner FROM entry WHERE number = 'order-1'");
    assert!(after[0].starts_with("sending|") && !after[0].ends_with(&before[0]), "{before:?} {after:?}");
    assert_eq!((shop.state("phantom-false"), shop.state("phantom-true")), (State::NotSent, State::Unknown));
    assert!(journal.mark_not_done(shop.entry("order-1").id()).is_err());
    slow.wait().unwrap();
    assert_eq!(shop.state("order-1"), State::Answered);
    drop(beside);
}

#[test]
fn a_database_that_does_not_answer_costs_no_more_than_the_time_of_the_call() {
    let shop = Shop::open("slow");
    shop.order("order-1", 1).unwrap();
    let address = shop.database.address();
    let locked = thread::spawn(move || {
        Database::durable_rows(&address, "BEGIN; LOCK TABLE entry; SELECT pg_sleep(2); COMMIT");
    });
    until("the table is not locked", || {
        // Not those of other tests, in other databases.
        let sql = "SELECT count(*) FROM pg_locks WHERE relation = 'entry'::regclass AND mode = 'AccessExclusiveLock' AND granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        shop.database.rows(sql)[0] != "0"
    });
    let impatient = shop.sandbox.config().defaults(json!({ "timeout": 0.3 })).journal(shop.journal.clone());
    let (impatient, began) = (impatient.build().unwrap(), Instant::now());
    let error = order(&impatient, "order-2", 1).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
    assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
    locked.join().unwrap();
    // It was recorded afterwards, and it is known that it was not made.
    until("it is not known", || {
        shop.journal.under("order-2").unwrap().iter().all(|entry| entry.state() == State::NotSent)
    });
    assert_eq!(shop.arrived("/v3/pay"), 1);
    shop.order("order-2", 2).unwrap();
}

#[test]
fn an_entry_that_another_writes_keeps_no_other_call_waiting() {
    let shop = Shop::open("busy");
    shop.order("order-1", 1).unwrap();
    let mut another = postgres::Client::connect(&shop.database.address(), postgres::NoTls).unwrap();
    let mut writing = another.transaction().unwrap();
    writing.execute("UPDATE wechatpay_journal.entry SET asked = asked + 1", &[]).unwrap();
    let impatient = shop.sandbox.config().defaults(json!({ "timeout": 5 })).journal(shop.journal.clone());
    let impatient = impatient.build().unwrap();
    let order = |instance: &Chain, number| instance.chain(NATIVE).post_async(json!({ "json": content(number, 1) }));
    let (busy, other) = (order(&impatient, "order-1"), order(&shop.instance, "order-2"));
    // While the first one is still being written.
    other.wait().unwrap();
    assert!(matches!(refusal(busy.wait()), Error::InFlight(_)));
    writing.commit().unwrap();
    shop.order("order-1", 1).unwrap();
}

#[test]
fn the_end_of_a_call_that_another_writes_waits_alone() {
    let shop = Shop::open("ending");
    let slow = slow_order(&shop, "order-1", Duration::from_millis(300));
    let mut another = postgres::Client::connect(&shop.database.address(), postgres::NoTls).unwrap();
    let mut writing = another.transaction().unwrap();
    writing.execute("UPDATE wechatpay_journal.entry SET asked = asked + 1", &[]).unwrap();
    slow.wait().unwrap();
    // While the first one is still being written.
    for number in 2..5 {
        shop.order(&format!("order-{number}"), 1).unwrap();
    }
    assert_eq!(shop.state("order-1"), State::Sending);
    writing.commit().unwrap();
    until("its end is not written", || shop.state("order-1") == State::Answered);
}

#[test]
fn what_the_database_does_not_take_harms_no_other_call() {
    let shop = Shop::open("odd");
    let numbers = ["order-1", "order\0-2", "order-3"];
    let orders = numbers.map(|number| shop.instance.chain(NATIVE).post_async(json!({ "json": content(number, 1) })));
    let [one, odd, three] = orders.map(Promise::wait);
    assert!(matches!(refusal(odd), Error::Storage(_)));
    one.unwrap();
    three.unwrap();
}

#[test]
fn a_full_disk_stops_the_calls_until_there_is_room() {
    if !Server::can_be_limited() {
        eprintln!("skipped: only root can make a disk that is full");
        return;
    }
    let shop = Shop::with(Database::of(own_server("160m"), "full"));
    shop.order("before", 1).unwrap();
    let server = &shop.database.server;
    server.fill();
    let mut taken = 0;
    let error = loop {
        match shop.order(&format!("{taken}-{}", "x".repeat(27 - taken.to_string().len())), 1) {
            Ok(_) => taken += 1,
            refused => break refusal(refused),
        }
        assert!(taken < 5000, "there is no limit");
    };
    assert!(matches!(error, Error::Storage(_)), "{error:?}");
    assert_eq!(shop.arrived("/v3/pay"), taken + 1);
    server.make_room();
    // Without room for its log, PostgreSQL has ended.
    server.tell("revive");
    until("no order is taken", || shop.order("afterwards", 1).is_ok());
    assert_eq!(shop.journal.figures().unwrap().count(State::Answered), taken as u64 + 2);
}

/// How many orders each of three processes places.
const ORDERS: usize = 40;

#[test]
fn three_processes_one_killed_and_the_database_restarted() {
    if is_child() {
        let (instance, _journal) = of_child();
        let name = env::var("SHOP_NAME").unwrap();
        for number in 0..ORDERS {
            // Its own orders, and those that all three place.
            for number in [format!("own-{name}-{number}"), format!("shared-{number}")] {
                until("the order is not placed", || {
                    let placed = order(&instance, &number, 1);
                    thread::sleep(Duration::from_millis(5));
                    placed.is_ok()
                });
            }
        }
        return;
    }
    let shop = own_shop("three");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.times(5));
    let test = "three_processes_one_killed_and_the_database_restarted";
    let spawn = |name: &str| -> Child {
        let mut command = child(module_path!(), test);
        let command = with_shop(&mut command, &shop).env("SHOP_NAME", name);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let [mut killed, mut second, mut third] = ["a", "b", "c"].map(spawn);
    until("there are no orders", || shop.arrived("/v3/pay") > 20);
    killed.kill().unwrap();
    killed.wait().unwrap();
    until("there are no more orders", || shop.arrived("/v3/pay") > 40);
    cut(&shop.database.address(), 1.0);
    until("there are no more orders after the cut", || shop.arrived("/v3/pay") > 60);
    shop.database.server.tell("crash");
    thread::sleep(Duration::from_millis(200));
    shop.database.server.tell("start");
    assert!(second.wait().unwrap().success() && third.wait().unwrap().success());

    until("it is not connected", || shop.journal.figures().is_ok());
    let report = shop.settle_later();
    assert!(report.not_yet().is_empty() && report.left_alone() == 0, "{report:?}");
    let mut ledger: Vec<_> = shop.sandbox.ledger().iter().map(|entry| entry.name().to_owned()).collect();
    ledger.sort();
    let mut done = shop.database.rows("SELECT number FROM entry WHERE state IN ('answered', 'done')");
    done.sort();
    // On every number they agree, and each is there once.
    assert_eq!(ledger, done);
    for name in ["own-b", "own-c", "shared"] {
        let of_name = ledger.iter().filter(|number| number.starts_with(name));
        assert_eq!(of_name.count(), ORDERS, "{name}: {ledger:?}");
    }
    assert_eq!(shop.journal.unsettled(0).unwrap().len(), 0);
}
