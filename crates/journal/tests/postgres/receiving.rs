//! Notifications in PostgreSQL: each matter once, together with the program's own tables.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

use support::postgres::cut;
use wechatpay::{Notification, json};
use wechatpay_journal::{Error, Journal, Received, State, Transaction, postgres};
use wechatpay_sandbox::SignedNotification;

use crate::database::Database;
use crate::shop::Shop;

/// A shop whose own table is in the database of the journal.
fn shop(name: &str) -> Shop {
    let shop = Shop::open(name);
    shop.database.rows("CREATE TABLE public.booked (id serial, number text NOT NULL, state text NOT NULL)");
    shop
}

impl Shop {
    fn booked(&self) -> Vec<String> {
        self.database.rows("SELECT number || ' ' || state FROM public.booked ORDER BY id")
    }

    fn notifications(&self) -> Vec<String> {
        self.database.rows("SELECT count(*) FROM wechatpay_journal.notification")
    }

    fn payment(&self, number: &str, state: &str) -> SignedNotification {
        let resource = json!({
            "mchid": self.sandbox.mchid(), "out_trade_no": number, "trade_state": state,
            "transaction_id": format!("4200-{number}"),
        });
        self.sandbox.notification("TRANSACTION.SUCCESS", resource)
    }

    fn read(&self, sent: &SignedNotification) -> Notification {
        self.instance.notification(sent.headers(), sent.body()).unwrap()
    }

    fn receive(&self, sent: &SignedNotification) -> Received<()> {
        receive(&self.journal, &self.read(sent)).unwrap()
    }
}

fn receive(journal: &Journal, notification: &Notification) -> anyhow::Result<Received<()>> {
    journal.receive(notification, |transaction| book(transaction, notification))
}

fn book(transaction: &mut Transaction<'_>, notification: &Notification) -> anyhow::Result<()> {
    let said = |name: &str| notification.resource()[name].as_str().unwrap();
    let sql = "INSERT INTO booked (number, state) VALUES ($1, $2)";
    transaction.postgres()?.execute(sql, &[&said("out_trade_no"), &said("trade_state")])?;
    Ok(())
}

#[test]
fn each_matter_once_by_its_event_and_by_its_number_and_state() {
    let shop = shop("once");
    let paid = shop.payment("order-1", "SUCCESS");
    assert_eq!(shop.receive(&paid), Received::First(()));
    assert_eq!(shop.receive(&paid), Received::Duplicate);
    assert_eq!(shop.receive(&shop.payment("order-1", "SUCCESS")), Received::Duplicate);
    assert_eq!(shop.receive(&shop.payment("order-1", "USERPAYING")), Received::Late);
    assert_eq!(shop.receive(&shop.payment("order-1", "REFUND")), Received::First(()));
    assert_eq!(shop.receive(&shop.payment("order-2", "SUCCESS")), Received::First(()));
    assert_eq!(shop.booked(), ["order-1 SUCCESS", "order-1 REFUND", "order-2 SUCCESS"]);
    assert_eq!(shop.notifications(), ["3"]);
    // Another process knows the same.
    let (_, other) = shop.beside();
    assert_eq!(receive(&other, &shop.read(&paid)).unwrap(), Received::Duplicate);
}

#[test]
fn a_notification_settles_the_call_that_it_speaks_of() {
    let shop = shop("settles");
    shop.order("order-1", 1).unwrap();
    assert_eq!(shop.state("order-1"), State::Answered);
    assert_eq!(shop.receive(&shop.payment("order-1", "SUCCESS")), Received::First(()));
    let entry = shop.entry("order-1");
    assert_eq!((entry.state(), entry.known()), (State::Done, Some("SUCCESS")));
}

#[test]
fn what_fails_leaves_nothing_behind_and_the_next_delivery_is_news() {
    let shop = shop("fails");
    shop.order("order-1", 1).unwrap();
    let paid = shop.read(&shop.payment("order-1", "SUCCESS"));
    let failing = |what: &'static str| {
        move |transaction: &mut Transaction<'_>| -> anyhow::Result<()> {
            transaction.postgres()?.execute("INSERT INTO booked (number, state) VALUES ('half', 'done')", &[])?;
            match what {
                "error" => anyhow::bail!("no"),
                "panic" => panic!("a panic that is asked for"),
                // What the database says of it is not told.
                sql => drop(transaction.postgres()?.batch_execute(sql)),
            }
            Ok(())
        }
    };
    for what in ["error", "COMMIT", "ROLLBACK", "ROLLBACK; BEGIN", "SELECT 1/0"] {
        assert!(shop.journal.receive(&paid, failing(what)).is_err(), "{what}");
        assert_eq!((shop.booked(), shop.notifications()), (vec![], vec!["0".to_owned()]), "{what}");
    }
    let panicked = catch_unwind(AssertUnwindSafe(|| shop.journal.receive(&paid, failing("panic"))));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"a panic that is asked for"));
    assert_eq!(shop.state("order-1"), State::Answered);

    assert_eq!(receive(&shop.journal, &paid).unwrap(), Received::First(()));
    assert_eq!(shop.booked(), ["order-1 SUCCESS"]);
}

#[test]
fn whoever_has_ended_the_transaction_is_named() {
    let shop = shop("ended");
    let paid = shop.read(&shop.payment("order-1", "SUCCESS"));
    let error = |end: &(dyn Fn(&mut Transaction<'_>) + Sync)| {
        let work = |transaction: &mut Transaction<'_>| {
            book(transaction, &paid)?;
            end(transaction);
            anyhow::Ok(())
        };
        format!("{:#}", shop.journal.receive(&paid, work).unwrap_err())
    };
    let error_of_work = error(&|transaction| transaction.postgres().unwrap().batch_execute("ROLLBACK").unwrap());
    assert!(error_of_work.contains("ended from inside"), "{error_of_work}");
    // Not the program, if the connection was cut while it worked.
    let error_of_cut = error(&|_| cut(&shop.database.address(), 1.0));
    assert!(!error_of_cut.contains("inside"), "{error_of_cut}");
    assert!(shop.booked().is_empty());
    assert_eq!(shop.receive(&shop.payment("order-1", "SUCCESS")), Received::First(()));
}

#[test]
fn at_the_same_time_it_is_received_once() {
    let shop = shop("together");
    let others: Vec<_> = (0..3).map(|_| Database::open(&shop.database.address())).collect();
    for round in 0..10 {
        // The same matter under another event id each.
        let number = format!("order-{round}");
        let sent: Vec<_> = (0..6).map(|_| shop.read(&shop.payment(&number, "SUCCESS"))).collect();
        let start = Barrier::new(sent.len());
        let received: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = sent
                .iter()
                .enumerate()
                .map(|(nth, paid)| {
                    let (journal, start) = (&others[nth % others.len()], &start);
                    scope.spawn(move || {
                        start.wait();
                        receive(journal, paid).unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(received.iter().filter(|received| **received == Received::First(())).count(), 1, "{received:?}");
    }
    assert_eq!(shop.booked().len(), 10);
}

#[test]
fn calls_are_recorded_while_a_program_works_and_none_from_inside() {
    let shop = shop("inside");
    let paid = shop.read(&shop.payment("order-1", "SUCCESS"));
    let received = shop.journal.receive(&paid, |transaction| {
        assert!(matches!(transaction.sqlite(), Err(Error::OtherDatabase)));
        assert!(matches!(shop.journal.under("order-1"), Err(Error::InsideReceive)));
        thread::scope(|scope| scope.spawn(|| shop.order("order-2", 1)).join().unwrap()).unwrap();
        book(transaction, &paid)
    });
    assert_eq!(received.unwrap(), Received::First(()));
    assert_eq!((shop.booked(), shop.state("order-2")), (vec!["order-1 SUCCESS".to_owned()], State::Answered));
}

#[test]
fn a_connection_that_was_cut_is_made_anew() {
    let shop = shop("cut");
    assert_eq!(shop.receive(&shop.payment("order-1", "SUCCESS")), Received::First(()));
    let mut admin = postgres::Client::connect(&shop.database.address(), postgres::NoTls).unwrap();
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()", &[]).unwrap();
    assert_eq!(shop.receive(&shop.payment("order-2", "SUCCESS")), Received::First(()));
    assert_eq!(shop.booked(), ["order-1 SUCCESS", "order-2 SUCCESS"]);
}

#[test]
fn it_can_be_called_and_closed_in_an_async_runtime() {
    let shop = shop("async");
    let paid = shop.read(&shop.payment("order-1", "SUCCESS"));
    let address = shop.database.address();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let journal = Journal::open_postgres(&address).unwrap();
        assert_eq!(receive(&journal, &paid).unwrap(), Received::First(()));
    });
    assert_eq!(shop.booked(), ["order-1 SUCCESS"]);
}

#[test]
fn notifications_are_pruned_after_their_time() {
    let shop = shop("pruned");
    assert_eq!(shop.receive(&shop.payment("order-1", "SUCCESS")), Received::First(()));
    let age = |days: u32| {
        let sql = format!("UPDATE wechatpay_journal.notification SET received = now() - interval '{days} days'");
        shop.database.rows(&sql);
        shop.journal.prune().unwrap();
        shop.notifications()
    };
    assert_eq!(age(6), ["1"]);
    assert_eq!(age(100), ["0"]);
}
