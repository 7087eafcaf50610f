//! Notifications: each matter once, together with the program's own tables, whatever happens in between.

use std::env;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use support::process::{child, is_child, run};
use support::raw::{Reply as Sent, Server, answer};
use wechatpay::http::{HeaderMap, HeaderName, HeaderValue};
use wechatpay::{Chain, Notification, Outcome, Reply, Value, json};
use wechatpay_catalog::catalog;
use wechatpay_journal::{Error, Journal, Received, State, Transaction};
use wechatpay_sandbox::{Fault, NotificationFault, Sandbox, SignedNotification};

use crate::crashes::{of_child, until, with_shop};
use crate::{NATIVE, Shop, content};

/// A shop whose own table is in the file of the journal.
fn shop(name: &str) -> Shop {
    let shop = Shop::open(name);
    let tables = Connection::open(shop.path()).unwrap();
    tables.execute_batch("CREATE TABLE booked (number TEXT NOT NULL, state TEXT NOT NULL)").unwrap();
    shop
}

impl Shop {
    /// What is in its table, as `number state`.
    fn booked(&self) -> Vec<String> {
        self.rows("SELECT number || ' ' || state FROM booked ORDER BY rowid")
    }

    fn read(&self, sent: &SignedNotification) -> Notification {
        self.instance.notification(sent.headers(), sent.body()).unwrap()
    }

    fn receive(&self, sent: &SignedNotification) -> Received<()> {
        let notification = self.read(sent);
        self.journal.receive(&notification, |transaction| book(transaction, notification.resource())).unwrap()
    }

    fn receive_apiv2(&self, sent: &SignedNotification) -> Received<()> {
        let notification = self.instance.notification_apiv2(sent.body()).unwrap();
        let said = notification.req_info().unwrap_or(notification.data());
        self.journal.receive(&notification, |transaction| book(transaction, said)).unwrap()
    }
}

fn book(transaction: &mut Transaction<'_>, said: &Value) -> anyhow::Result<()> {
    let first = |names: &[&str]| names.iter().find_map(|name| said[*name].as_str()).unwrap_or("none").to_owned();
    let number = first(&["combine_out_trade_no", "out_refund_no", "out_bill_no", "out_order_no", "out_trade_no"]);
    let state = first(&["trade_state", "refund_status", "state", "result_code"]);
    transaction.sqlite()?.execute("INSERT INTO booked VALUES (?1, ?2)", (number, state))?;
    Ok(())
}

fn payment(sandbox: &Sandbox, number: &str, state: &str) -> SignedNotification {
    let resource = json!({
        "mchid": sandbox.mchid(), "out_trade_no": number, "trade_state": state, "transaction_id": format!("4200-{number}"),
        "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" }, "attach": "table seven",
    });
    sandbox.notification("TRANSACTION.SUCCESS", resource)
}

#[test]
fn each_matter_once_by_its_event_and_by_its_number_and_state() {
    let shop = shop("once");
    let paid = payment(&shop.sandbox, "order-1", "SUCCESS");
    assert_eq!(shop.receive(&paid), Received::First(()));
    // It comes again, and the same comes under another event id.
    assert_eq!(shop.receive(&paid), Received::Duplicate);
    let again = payment(&shop.sandbox, "order-1", "SUCCESS");
    assert_ne!(shop.read(&again).id(), shop.read(&paid).id());
    assert_eq!(shop.receive(&again), Received::Duplicate);
    // What was so before comes late.
    assert_eq!(shop.receive(&payment(&shop.sandbox, "order-1", "USERPAYING")), Received::Late);
    assert_eq!(shop.receive(&payment(&shop.sandbox, "order-1", "REFUND")), Received::First(()));
    assert_eq!(shop.receive(&payment(&shop.sandbox, "order-1", "SUCCESS")), Received::Duplicate);
    // What nobody knows yet is news, once.
    assert_eq!(shop.receive(&payment(&shop.sandbox, "order-1", "NEW_STATE")), Received::First(()));
    assert_eq!(shop.receive(&payment(&shop.sandbox, "order-1", "NEW_STATE")), Received::Duplicate);
    assert_eq!(shop.receive(&payment(&shop.sandbox, "order-2", "SUCCESS")), Received::First(()));
    assert_eq!(shop.booked(), ["order-1 SUCCESS", "order-1 REFUND", "order-1 NEW_STATE", "order-2 SUCCESS"]);
    assert_eq!(shop.rows::<i64>("SELECT count(*) FROM notification"), [4]);
}

#[test]
fn the_same_number_of_another_merchant_or_of_another_payment_is_another_matter() {
    let shop = shop("others");
    let paid = payment(&shop.sandbox, "order-1", "SUCCESS");
    shop.receive(&paid);
    let another = shop.sandbox.add_merchant("1900000110");
    let instance = shop.sandbox.config_of(&another).build().unwrap();
    let sent = paid.for_merchant(&another);
    let notification = instance.notification(sent.headers(), sent.body()).unwrap();
    let received = shop.journal.receive(&notification, |_| Ok::<_, Error>("done")).unwrap();
    assert_eq!(received.first(), Some("done"));

    let resource = json!({ "out_trade_no": "order-1", "trade_state": "SUCCESS", "transaction_id": "another" });
    assert_eq!(shop.receive(&shop.sandbox.notification("TRANSACTION.SUCCESS", resource)), Received::First(()));
    // Without the platform's number, that of the merchant counts.
    let resource = json!({ "out_trade_no": "order-1", "trade_state": "SUCCESS" });
    assert_eq!(shop.receive(&shop.sandbox.notification("TRANSACTION.SUCCESS", resource)), Received::Duplicate);
}

#[test]
fn a_sharing_is_news_for_each_receiver() {
    let shop = shop("sharing");
    let shared = |account: &str| {
        let receiver = json!({ "type": "MERCHANT_ID", "account": account, "amount": 1, "description": "share" });
        let fields = json!({ "out_order_no": "share-1", "receiver": receiver });
        shop.sandbox.documented_notification("PROFITSHARING.SUCCESS", fields).unwrap()
    };
    let first = shared("1900000110");
    assert_eq!(shop.receive(&first), Received::First(()));
    assert_eq!(shop.receive(&shared("1900000111")), Received::First(()));
    assert_eq!(shop.receive(&first), Received::Duplicate);
}

#[test]
fn refunds_and_transfers_have_their_own_states() {
    let shop = shop("states");
    let refund = |state: &str| {
        let fields = json!({ "out_refund_no": "R1", "refund_status": state, "refund_id": "50" });
        shop.receive(&shop.sandbox.notification("REFUND.SUCCESS", fields))
    };
    assert_eq!(refund("ABNORMAL"), Received::First(()));
    assert_eq!(refund("PROCESSING"), Received::Late);
    assert_eq!(refund("SUCCESS"), Received::First(()));
    assert_eq!(refund("ABNORMAL"), Received::Duplicate);
    // Both are final: whoever has booked one must hear of the other.
    assert_eq!(refund("CLOSED"), Received::First(()));
    let transfer = |state: &str| {
        let fields = json!({ "out_bill_no": "B1", "state": state, "transfer_bill_no": "13" });
        shop.receive(&shop.sandbox.notification("MCHTRANSFER.BILL.FINISHED", fields))
    };
    assert_eq!(transfer("CANCELLED"), Received::First(()));
    assert_eq!(transfer("CANCELING"), Received::Late);
    assert_eq!(transfer("CANCELLED"), Received::Duplicate);
}

#[test]
fn apiv2_has_no_ids_and_is_known_again() {
    let shop = shop("apiv2");
    let paid = |number: &str, result: &str| {
        shop.sandbox
            .notification_apiv2(json!({ "out_trade_no": number, "result_code": result, "transaction_id": "4200" }))
    };
    assert_eq!(shop.receive_apiv2(&paid("T1", "FAIL")), Received::First(()));
    assert_eq!(shop.receive_apiv2(&paid("T1", "SUCCESS")), Received::First(()));
    assert_eq!(shop.receive_apiv2(&paid("T1", "SUCCESS")), Received::Duplicate);
    assert_eq!(shop.receive_apiv2(&paid("T2", "SUCCESS")), Received::First(()));
    assert_eq!(shop.receive_apiv2(&paid("T2", "FAIL")), Received::Late);
    let refunded = |state: &str| {
        let fields = json!({ "out_refund_no": "R1", "refund_status": state, "refund_id": "50" });
        shop.receive_apiv2(&shop.sandbox.refund_notification_apiv2(fields))
    };
    assert_eq!(refunded("CHANGE"), Received::First(()));
    assert_eq!(refunded("SUCCESS"), Received::First(()));
    assert_eq!(refunded("SUCCESS"), Received::Duplicate);
    assert_eq!(refunded("CHANGE"), Received::Duplicate);
    // Of a contract, the content is all that there is; the nonce is new.
    let signed =
        |state: &str| shop.sandbox.notification_apiv2(json!({ "contract_code": "C1", "contract_state": state }));
    let [first, second] = [signed("0"), signed("0")];
    assert_ne!(first.body(), second.body());
    assert_eq!(shop.receive_apiv2(&first), Received::First(()));
    assert_eq!(shop.receive_apiv2(&second), Received::Duplicate);
    assert_eq!(shop.receive_apiv2(&signed("1")), Received::First(()));
}

/// Handles what arrives as a web server does.
fn handle(instance: &Chain, journal: &Journal, headers: &HeaderMap, body: &[u8]) -> Reply {
    if !headers.contains_key("wechatpay-signature") {
        let notification = match instance.notification_apiv2(body) {
            Ok(notification) => notification,
            Err(error) => return error.reply(),
        };
        let said = notification.req_info().unwrap_or(notification.data());
        return match journal.receive(&notification, |transaction| book(transaction, said)) {
            Ok(_) => notification.reply(),
            Err(_) => Reply::failure_apiv2("again"),
        };
    }
    let notification = match instance.notification(headers, body) {
        Ok(notification) => notification,
        Err(error) => return error.reply(),
    };
    match journal.receive(&notification, |transaction| book(transaction, notification.resource())) {
        Ok(_) => notification.reply(),
        Err(_) => Reply::failure("again"),
    }
}

fn serve(shop: &Shop) -> Server {
    let (instance, journal) = (shop.instance.clone(), shop.journal.clone());
    Server::start(move |_, request| {
        let headers = request.headers.iter().map(|(name, value)| {
            (HeaderName::try_from(name.as_str()).unwrap(), HeaderValue::try_from(value.as_str()).unwrap())
        });
        let reply = handle(&instance, &journal, &headers.collect(), &request.body);
        Sent::Answer(answer(&reply.status().to_string(), &[], reply.body().as_ref()))
    })
}

#[test]
fn what_the_platform_sends_with_faults_is_booked_once() {
    let shop = shop("faults");
    let server = serve(&shop);
    let place = |number: &str| {
        let mut order = content(number, 100);
        order["notify_url"] = format!("{}notify", server.url()).into();
        shop.instance.chain(NATIVE).post(json!({ "json": order })).unwrap();
    };
    use NotificationFault::{Duplicate, OutOfOrder, Probe, Tampered};
    for (number, fault) in [Duplicate, Probe, Tampered, OutOfOrder].into_iter().enumerate() {
        place(&format!("order-{number}"));
        shop.sandbox.inject_notification_fault(fault);
        shop.sandbox.pay(&format!("order-{number}")).unwrap();
    }
    place("order-4");
    shop.sandbox.pay("order-4").unwrap();
    assert!(shop.sandbox.wait_for_notifications(Duration::from_secs(30)));
    let mut booked = shop.booked();
    booked.sort();
    let expected: Vec<_> = (0..5).map(|number| format!("order-{number} SUCCESS")).collect();
    assert_eq!(booked, expected);
    // The true ones are acknowledged, also those that came again: five, and the duplicate.
    let sent = shop.sandbox.sent_notifications();
    assert_eq!(sent.iter().filter(|sent| sent.is_acknowledged()).count(), 6);
    for number in 0..5 {
        let entry = shop.entry(&format!("order-{number}"));
        assert_eq!((entry.state(), entry.known()), (State::Done, Some("SUCCESS")));
    }
    // The platform sends them all again.
    for sent in &sent {
        sent.notification().send(sent.url()).unwrap();
    }
    assert_eq!(shop.booked().len(), 5);
    // And any other one that is documented.
    let url = format!("{}notify", server.url());
    let complaint = json!({ "complaint_id": "200201820200101080076610000" });
    assert!(shop.sandbox.trigger(&url, "COMPLAINT.CREATE", complaint.clone()).unwrap().is_acknowledged());
    assert!(shop.sandbox.trigger(&url, "refund-processed", json!({})).unwrap().is_acknowledged());
    assert_eq!(shop.booked().len(), 7);
}

#[test]
fn what_the_closure_did_is_undone_if_it_fails() {
    let shop = shop("undone");
    shop.order("order-1", 1).unwrap();
    let paid = payment(&shop.sandbox, "order-1", "SUCCESS");
    let notification = shop.read(&paid);
    for fails in ["error", "panic", "commit", "rollback"] {
        let done = catch_unwind(AssertUnwindSafe(|| {
            shop.journal.receive(&notification, |transaction| {
                book(transaction, notification.resource())?;
                match fails {
                    "error" => anyhow::bail!("out of stock"),
                    "panic" => panic!("on purpose"),
                    // A program that swallows the error of a COMMIT, or gives up on its own.
                    "commit" => drop(transaction.sqlite()?.execute_batch("COMMIT")),
                    _ => transaction.sqlite()?.execute_batch("ROLLBACK")?,
                }
                Ok(())
            })
        }));
        match (fails, done) {
            ("panic", done) => drop(done.unwrap_err()),
            ("error", done) => assert_eq!(done.unwrap().unwrap_err().to_string(), "out of stock"),
            (_, done) => {
                let error = done.unwrap().unwrap_err();
                assert!(matches!(error.downcast_ref(), Some(Error::Storage(_))), "{fails}: {error:#}");
            }
        }
        assert!(shop.booked().is_empty(), "{fails}");
        assert_eq!(shop.rows::<i64>("SELECT count(*) FROM notification"), [0], "{fails}");
        assert_eq!(shop.state("order-1"), State::Answered, "{fails}");
    }
    // The journal is as good as before.
    shop.order("order-2", 1).unwrap();
    assert_eq!(shop.receive(&paid), Received::First(()));
    assert_eq!((shop.booked().len(), shop.state("order-1")), (1, State::Done));
}

/// A notification for a child.
fn hand_over<'a>(command: &'a mut Command, sent: &SignedNotification) -> &'a mut Command {
    let headers = sent.headers().iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()));
    let text = headers.collect::<String>() + "\n" + std::str::from_utf8(sent.body()).unwrap();
    command.env("SHOP_NOTIFICATION", text)
}

fn handed_over(instance: &Chain) -> Notification {
    let text = env::var("SHOP_NOTIFICATION").unwrap();
    let (head, body) = text.split_once("\n\n").unwrap();
    let headers: Vec<_> = head.lines().map(|line| line.split_once(": ").unwrap()).collect();
    instance.notification(headers, body).unwrap()
}

#[test]
fn killed_in_the_middle_of_the_closure_it_was_never_received() {
    let test = "killed_in_the_middle_of_the_closure_it_was_never_received";
    if is_child() {
        let (instance, journal) = of_child();
        let notification = handed_over(&instance);
        let _ = journal.receive(&notification, |transaction| {
            book(transaction, notification.resource())?;
            fs::write(env::var("SHOP_JOURNAL").unwrap() + "-inside", "")?;
            thread::sleep(Duration::from_secs(60));
            anyhow::Ok(())
        });
        return;
    }
    let shop = shop("inside");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    shop.order("order-1", 1).unwrap_err();
    let paid = payment(&shop.sandbox, "order-1", "SUCCESS");
    let mut command = child(module_path!(), test);
    hand_over(with_shop(&mut command, &shop), &paid);
    let mut killed = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("the child is not inside", || shop.folder.file("payments.journal-inside").exists());
    killed.kill().unwrap();
    killed.wait().unwrap();

    assert!(shop.booked().is_empty());
    assert_eq!(shop.state("order-1"), State::Unknown);
    assert_eq!(shop.receive(&paid), Received::First(()));
    assert_eq!(shop.receive(&paid), Received::Duplicate);
    assert_eq!((shop.booked().len(), shop.state("order-1")), (1, State::Done));
}

#[test]
fn at_once_in_two_processes_it_is_done_by_one() {
    if is_child() {
        let (instance, journal) = of_child();
        let notification = handed_over(&instance);
        let received = journal.receive(&notification, |transaction| {
            book(transaction, notification.resource())?;
            thread::sleep(Duration::from_millis(300));
            anyhow::Ok(())
        });
        println!("{:?}", received.unwrap());
        return;
    }
    let shop = shop("two");
    let paid = payment(&shop.sandbox, "order-1", "SUCCESS");
    let outputs: Vec<String> = thread::scope(|scope| {
        let (shop, paid) = (&shop, &paid);
        let children = [(); 2].map(|()| {
            scope.spawn(move || {
                let mut child = child(module_path!(), "at_once_in_two_processes_it_is_done_by_one");
                run(hand_over(with_shop(&mut child, shop), paid)).0
            })
        });
        children.into_iter().map(|child| child.join().unwrap()).collect()
    });
    let said = |what: &str| outputs.iter().filter(|output| output.contains(what)).count();
    assert_eq!((said("First"), said("Duplicate")), (1, 1), "{outputs:?}");
    assert_eq!(shop.booked(), ["order-1 SUCCESS"]);
}

#[test]
fn at_once_in_many_threads_it_is_done_by_one_while_calls_go_on() {
    let shop = shop("threads");
    let paid = payment(&shop.sandbox, "order-1", "SUCCESS");
    let (_, beside) = shop.beside();
    let done = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..8 {
            let (shop, paid, done) = (&shop, &paid, &done);
            let journal = if number % 2 == 0 { &shop.journal } else { &beside };
            scope.spawn(move || {
                let notification = shop.read(paid);
                let received = journal.receive(&notification, |transaction| {
                    done.fetch_add(1, Ordering::SeqCst);
                    book(transaction, notification.resource())
                });
                received.unwrap();
            });
            scope.spawn(move || shop.order(&format!("call-{number}"), 1).unwrap());
        }
    });
    assert_eq!((done.into_inner(), shop.booked().len()), (1, 1));
}

#[test]
fn what_is_said_settles_the_calls_that_it_is_about() {
    let shop = shop("settles");
    let known = |number: &str| {
        let entry = shop.entry(number);
        (entry.state(), entry.known().map(str::to_owned))
    };
    let is_done = |number: &str, state: &str| assert_eq!(known(number), (State::Done, Some(state.to_owned())));
    // Answered, and with its answer lost.
    shop.order("order-1", 1).unwrap();
    shop.sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    shop.order("order-2", 1).unwrap_err();
    for number in ["order-1", "order-2"] {
        shop.receive(&payment(&shop.sandbox, number, "SUCCESS"));
        is_done(number, "SUCCESS");
    }
    assert_eq!(shop.journal.figures().unwrap().oldest_unsettled(), None);
    // What came before does not go back, what comes after is known.
    shop.receive(&payment(&shop.sandbox, "order-1", "REFUND"));
    shop.receive(&payment(&shop.sandbox, "order-1", "USERPAYING"));
    is_done("order-1", "REFUND");

    let refund = json!({ "out_trade_no": "order-1", "out_refund_no": "R1", "amount": { "refund": 1, "total": 1, "currency": "CNY" } });
    let transfer = json!({
        "appid": "wx8888888888888888", "out_bill_no": "B1", "transfer_scene_id": "1000", "openid": "o-MYE42l80oelYMDE34nYD456Xoy",
        "transfer_amount": 100, "transfer_remark": "thanks",
        "transfer_scene_report_infos": [{ "info_type": "a", "info_content": "b" }],
    });
    let share = json!({
        "appid": "wx8888888888888888", "transaction_id": "4200-1", "out_order_no": "S1", "unfreeze_unsplit": true,
        "receivers": [{ "type": "MERCHANT_ID", "account": "1900000110", "amount": 1, "description": "share" }],
    });
    for (path, body) in [
        ("v3/refund/domestic/refunds", refund),
        ("v3/fund-app/mch-transfer/transfer-bills", transfer),
        ("v3/profitsharing/orders", share),
    ] {
        shop.sandbox.inject(Fault::Status(503).times(1));
        shop.instance.chain(path).post(json!({ "json": body })).unwrap_err();
    }
    for number in ["R1", "B1", "S1"] {
        assert_eq!(shop.state(number), State::Unknown);
    }
    let closed = json!({ "out_refund_no": "R1", "refund_status": "CLOSED" });
    shop.receive(&shop.sandbox.notification("REFUND.CLOSED", closed));
    is_done("R1", "CLOSED");
    let finished = json!({ "out_bill_no": "B1", "state": "FAIL" });
    shop.receive(&shop.sandbox.notification("MCHTRANSFER.BILL.FINISHED", finished));
    is_done("B1", "FAIL");
    // About another payment: it is not that sharing.
    let other = json!({ "out_order_no": "S1", "transaction_id": "4200-2", "order_id": "3008" });
    shop.receive(&shop.sandbox.notification("PROFITSHARING.SUCCESS", other));
    assert_eq!(shop.state("S1"), State::Unknown);
    let shared = json!({ "out_order_no": "S1", "transaction_id": "4200-1", "order_id": "3008" });
    shop.receive(&shop.sandbox.notification("PROFITSHARING.SUCCESS", shared));
    is_done("S1", "PROFITSHARING.SUCCESS");
}

#[test]
fn what_the_platform_did_not_know_it_knows_now() {
    let shop = shop("contradiction");
    shop.sandbox.inject(Fault::Status(503).times(1));
    shop.order("order-1", 1).unwrap_err();
    shop.journal.mark_not_done(shop.entry("order-1").id()).unwrap();
    shop.receive(&payment(&shop.sandbox, "order-1", "SUCCESS"));
    // The number is not free.
    assert_eq!(shop.state("order-1"), State::Done);
    assert!(matches!(crate::refusal(shop.order("order-1", 2)), Error::Conflict(_)));
    // One that was refused has not been done by anyone here.
    shop.sandbox.inject(Fault::Status(400).times(1));
    shop.order("order-2", 1).unwrap_err();
    assert_eq!(shop.state("order-2"), State::Rejected);
    shop.receive(&payment(&shop.sandbox, "order-2", "SUCCESS"));
    assert_eq!(shop.state("order-2"), State::Rejected);
}

#[test]
fn it_may_come_before_the_answer() {
    let shop = shop("before");
    shop.sandbox.inject(Fault::Delay(Duration::from_millis(500)).times(1));
    let slow = shop.instance.chain(NATIVE).post_async(json!({ "json": content("order-1", 1) }));
    until("the order has not arrived", || shop.arrived("/v3/pay/transactions/native") == 1);
    assert_eq!(shop.state("order-1"), State::Sending);
    shop.receive(&payment(&shop.sandbox, "order-1", "SUCCESS"));
    slow.wait().unwrap();
    let entry = shop.entry("order-1");
    assert_eq!((entry.state(), entry.known()), (State::Done, Some("SUCCESS")));
    shop.order("order-1", 1).unwrap();
}

#[test]
fn payments_of_apiv2_settle_and_refunds_that_nobody_has_signed_do_not() {
    let sandbox = Sandbox::start_tls().unwrap();
    let folder = support::folder::Folder::new("settles-apiv2");
    let journal = Journal::create(folder.file("payments.journal")).unwrap();
    let instance = sandbox.config().journal(journal.clone()).build().unwrap();
    let order = json!({
        "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "body": "coffee", "out_trade_no": "T1", "total_fee": 100,
        "spbill_create_ip": "127.0.0.1", "notify_url": "https://shop.example/", "trade_type": "NATIVE", "product_id": "1",
    });
    sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    instance.chain("v2/pay/unifiedorder").post(json!({ "xml": order })).unwrap_err();
    let refund = json!({
        "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "out_trade_no": "T1", "out_refund_no": "R1",
        "total_fee": 100, "refund_fee": 100,
    });
    sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    instance.chain("v2/secapi/pay/refund").post(json!({ "security": true, "xml": refund })).unwrap_err();

    let paid = sandbox.notification_apiv2(json!({ "out_trade_no": "T1" }));
    let refunded = sandbox.refund_notification_apiv2(json!({ "out_refund_no": "R1", "refund_status": "SUCCESS" }));
    for sent in [paid, refunded] {
        let notification = instance.notification_apiv2(sent.body()).unwrap();
        let received = journal.receive(&notification, |_| Ok::<_, Error>(())).unwrap();
        assert_eq!(received, Received::First(()));
    }
    let state = |number: &str| journal.under(number).unwrap()[0].state();
    assert_eq!((state("T1"), state("R1")), (State::Done, State::Unknown));
}

#[test]
fn inside_of_the_closure_nothing_waits_for_it_for_ever() {
    let shop = shop("reentrant");
    let notification = shop.read(&payment(&shop.sandbox, "order-1", "SUCCESS"));
    let received = shop.journal.receive(&notification, |transaction| {
        assert!(matches!(crate::refusal(shop.order("call-1", 1)), Error::InsideReceive));
        assert!(matches!(shop.journal.figures().unwrap_err(), Error::InsideReceive));
        let nested = shop.journal.receive(&notification, |_| Ok::<_, Error>(()));
        assert!(matches!(nested.unwrap_err(), Error::InsideReceive));
        // On another thread it has its time, and then it is refused.
        let call = shop.instance.chain(NATIVE).post_async(json!({ "json": content("call-2", 1) })).wait();
        assert_eq!(call.unwrap_err().outcome(), Outcome::NotSent);
        book(transaction, notification.resource())
    });
    assert_eq!(received.unwrap(), Received::First(()));
    assert_eq!((shop.booked().len(), shop.arrived("/v3/pay")), (1, 0));
    shop.order("call-1", 1).unwrap();
}

/// All texts in an object, but for numbers, identifiers and states.
fn texts(value: &Value, all: &mut Vec<String>) {
    let kept = ["_no", "_id", "mchid", "state", "status", "number", "event_type"];
    match value {
        Value::String(text) => all.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, all)),
        Value::Object(fields) => {
            let others = fields.iter().filter(|(name, _)| !kept.iter().any(|kept| name.ends_with(kept)));
            others.for_each(|(_, value)| texts(value, all));
        }
        _ => {}
    }
}

#[test]
fn all_that_are_documented_and_nothing_of_their_content_is_in_the_file() {
    let shop = shop("documented");
    let (mut said, mut count) = (Vec::new(), 0);
    for documented in catalog().notifications() {
        let event =
            if documented.is_apiv2() { format!("v2/{}", documented.event()) } else { documented.event().to_owned() };
        let sent = shop.sandbox.documented_notification(&event, json!({})).unwrap();
        let received = if documented.is_apiv2() {
            let Ok(notification) = shop.instance.notification_apiv2(sent.body()) else { continue };
            let nothing = |_: &mut Transaction<'_>| Ok::<_, Error>(());
            let received = shop.journal.receive(&notification, nothing).unwrap();
            assert_eq!(shop.journal.receive(&notification, nothing).unwrap(), Received::Duplicate, "{event}");
            received
        } else {
            let notification = shop.read(&sent);
            let nothing = |_: &mut Transaction<'_>| Ok::<_, Error>(());
            let received = shop.journal.receive(&notification, nothing).unwrap();
            assert_eq!(shop.journal.receive(&notification, nothing).unwrap(), Received::Duplicate, "{event}");
            texts(notification.resource(), &mut said);
            received
        };
        count += usize::from(received == Received::First(()));
    }
    // Some have the same number and state in what is made up for them.
    assert!(count > 90, "{count}");
    let kept = fs::read(shop.path()).unwrap().into_iter();
    let kept: Vec<u8> = kept.chain(fs::read(shop.folder.file("payments.journal-wal")).unwrap()).collect();
    let is_kept = |text: &str| kept.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(is_kept("TRANSACTION.SUCCESS"));
    // Words of the platform aside, which are in its events and states, too.
    said.retain(|text| text.len() >= 6 && !text.bytes().all(|byte| byte.is_ascii_uppercase() || b"_.".contains(&byte)));
    said.sort();
    said.dedup();
    assert!(said.len() > 50, "{}", said.len());
    for text in said {
        assert!(!is_kept(&text), "{text}");
    }
}

#[test]
fn notifications_are_forgotten_after_their_time_and_not_before_the_platform_gives_up() {
    let shop = shop("forgotten");
    for number in ["order-1", "order-2"] {
        shop.receive(&payment(&shop.sandbox, number, "SUCCESS"));
    }
    let day = 24 * 60 * 60 * 1000;
    let age = |number: &str, days: i64| {
        let tables = Connection::open(shop.path()).unwrap();
        let aged = "UPDATE notification SET received = received - ?2 WHERE number = ?1";
        assert_eq!(tables.execute(aged, (number, days * day)).unwrap(), 1);
    };
    let left = || shop.rows::<String>("SELECT number FROM notification ORDER BY number");
    age("order-1", 6);
    age("order-2", 8);
    let journal = shop.journal.clone();
    journal.prune().unwrap();
    assert_eq!(left(), ["order-1", "order-2"]);
    journal.keep_for(Duration::ZERO).prune().unwrap();
    assert_eq!(left(), ["order-1"]);
}
