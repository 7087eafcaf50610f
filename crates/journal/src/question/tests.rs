//! Questions to the sandbox: to its own operations, and to scripted answers for all rows.

use std::time::Duration;

use serde_json::{Map, Value, json};
use wechatpay::{Builder, Chain, Error};
use wechatpay_sandbox::{Fault, Sandbox};

use super::{Progress, Verdict, ask};
use crate::operations::{self, Effect, Operation, Question, Source};

const NUMBER: &str = "P20150806125346";
const OLD: Duration = Duration::from_secs(3600);

struct Platform {
    sandbox: Sandbox,
    instance: Chain,
}

impl Platform {
    fn start() -> Platform {
        let sandbox = Sandbox::start_tls().unwrap();
        let instance = Builder::factory(sandbox.config()).unwrap();
        Platform { sandbox, instance }
    }

    /// What is asked about a command later, knowing what the journal knows of it.
    fn verdict(&self, method: &str, path: &str, options: &Value, age: Duration) -> Verdict {
        let operation = operations::find(method, path).unwrap();
        let mut request = options.as_object().unwrap().clone();
        request.insert("path".into(), options.clone());
        let number = operation.number(&request).unwrap();
        ask(&self.instance, operation, &number, &operation.kept(&request), age).unwrap()
    }

    fn send(&self, path: &str, options: &Value) {
        self.instance.chain(path).post(options.clone()).unwrap();
    }

    fn ask(&self, row: &Command, age: Duration) -> Result<Verdict, Error> {
        ask(&self.instance, row.operation, NUMBER, &row.kept(self.sandbox.mchid()), age)
    }

    fn answer(&self, question: &Question, (status, answer): (u16, Value)) {
        let (method, path) = question.operation.split_once(' ').unwrap();
        self.sandbox.answer(method, path, status, answer);
    }
}

fn done(state: &str, progress: Progress) -> Verdict {
    Verdict::Done { state: state.into(), progress }
}

fn is_not_done(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::NotDone { .. })
}

fn is_not_yet(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::NotYet { .. })
}

// ---------------------------------------------------------------- all rows

struct Command {
    operation: &'static Operation,
    question: &'static Question,
    effect: Effect,
}

impl Command {
    /// One of each row: all commands of a row are asked about in the same way.
    fn all() -> Vec<Command> {
        let all = operations::rows().filter_map(|row| row.commands.first()).map(|command| {
            let (method, path) = command.split_once(' ').unwrap();
            let operation = operations::find(method, path).unwrap();
            let (question, effect) = operation.question().unwrap();
            Command { operation, question, effect }
        });
        all.collect()
    }

    /// As if the command had all fields.
    fn kept(&self, mchid: &str) -> Map<String, Value> {
        let value = |name: &str| if name.ends_with("mch_id") { mchid } else { "1217752501201407" };
        let parameters = self.question.parameters.iter();
        let kept = parameters.filter(|it| matches!(it.source, Source::Required(_) | Source::Optional(_)));
        let kept = kept.map(|it| match it.name {
            "sign_type" => (it.name.to_owned(), json!("HMAC-SHA256")),
            name => (name.to_owned(), json!(value(name))),
        });
        kept.collect()
    }

    fn is_apiv2(&self) -> bool {
        self.question.operation.contains(" v2/")
    }

    /// Whether its answers are signed, so that the client refuses what is not a success.
    fn is_checked(&self) -> bool {
        !self.is_apiv2()
            || !["/mmpaymkttransfers/g", "/mmpaysptrans/", "querywws"]
                .iter()
                .any(|it| self.question.operation.contains(it))
    }

    /// The answer about a number in this state.
    fn found(&self, number: &str, state: &str) -> Value {
        let mut fields = json!({});
        put(&mut fields, self.question.number, number);
        for (field, state) in self.question.states.iter().zip(state.split('/')) {
            put(&mut fields, field, state);
        }
        if let Some(list) = self.question.list {
            fields = json!({ list: [fields] });
        }
        if self.is_apiv2() {
            fields["return_code"] = "SUCCESS".into();
            fields["result_code"] = "SUCCESS".into();
        }
        fields
    }

    fn refused(&self, status: u16, code: &str) -> (u16, Value) {
        if self.is_apiv2() {
            (200, json!({ "return_code": "SUCCESS", "result_code": "FAIL", "err_code": code }))
        } else {
            (status, json!({ "code": code, "message": "" }))
        }
    }
}

/// Puts a text at a path of names, where `*` stands for the only element of a list.
fn put(value: &mut Value, path: &str, text: &str) {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let rest_of_list = rest.strip_prefix("*.");
    let inside = &mut value[name];
    match (rest_of_list, rest) {
        (Some(rest), _) => {
            *inside = json!([{}]);
            put(&mut inside[0], rest, text);
        }
        (None, "") => *inside = text.into(),
        (None, rest) => put(inside, rest, text),
    }
}

#[test]
fn each_row_says_done() {
    let platform = Platform::start();
    for command in Command::all() {
        let question = command.question;
        let mut expected = Vec::new();
        match command.effect {
            Effect::Makes => {
                expected.extend(question.succeeded.iter().map(|state| (*state, Progress::Succeeded)));
                expected.extend(question.failed.iter().map(|state| (*state, Progress::Failed)));
                // As in progress, or as new as the platform likes.
                expected.push(("SOMETHING_ELSE", Progress::Open));
            }
            Effect::Changes { to, .. } => expected.extend(to.iter().map(|state| {
                let is = |known: &[&str]| known.contains(state);
                let ended = if is(question.failed) { Progress::Failed } else { Progress::Open };
                (*state, if is(question.succeeded) { Progress::Succeeded } else { ended })
            })),
        }
        for (state, progress) in expected {
            platform.answer(question, (200, command.found(NUMBER, state)));
            let verdict = platform.ask(&command, Duration::ZERO).unwrap();
            assert_eq!(verdict, done(state, progress), "{}", command.operation.template());
        }
        let sent = platform.sandbox.requests().pop().unwrap();
        let body = String::from_utf8_lossy(sent.body()).into_owned();
        assert!(sent.target().contains(NUMBER) || body.contains(NUMBER), "{}", question.operation);
    }
    platform.sandbox.assert_no_answers_left();
}

#[test]
fn each_row_says_not_done_only_of_what_is_old_enough() {
    let platform = Platform::start();
    for command in Command::all() {
        let (question, name) = (command.question, command.operation.template());
        let mut absent: Vec<_> = question.absent.iter().map(|code| command.refused(404, code)).collect();
        absent.extend(question.list.map(|list| (200, json!({ list: [] }))));
        let undone = match command.effect {
            Effect::Makes => question.again,
            Effect::Changes { not, .. } => not,
        };
        absent.extend(undone.iter().map(|state| (200, command.found(NUMBER, state))));
        for answer in absent {
            let verdict = |age| {
                platform.answer(question, answer.clone());
                platform.ask(&command, age).unwrap()
            };
            assert!(is_not_yet(&verdict(Duration::ZERO)), "{name}");
            assert!(is_not_yet(&verdict(question.after - Duration::from_secs(1))), "{name}");
            assert!(is_not_done(&verdict(question.after)), "{name}");
        }
        if let Some(until) = question.until {
            platform.answer(question, command.refused(404, question.absent[0]));
            assert!(is_not_done(&platform.ask(&command, until).unwrap()), "{name}");
            platform.answer(question, command.refused(404, question.absent[0]));
            assert!(is_not_yet(&platform.ask(&command, until + Duration::from_secs(1)).unwrap()), "{name}");
        }
    }
    platform.sandbox.assert_no_answers_left();
}

#[test]
fn no_row_concludes_anything_from_another_answer() {
    let platform = Platform::start();
    for command in Command::all() {
        let (question, name) = (command.question, command.operation.template());
        let state = question.succeeded.first().copied().unwrap_or("SUCCESS");
        let mut odd =
            vec![command.found("P20150806125347", state), command.found(NUMBER, "两个 词"), command.found(NUMBER, "")];
        let mut stateless = command.found(NUMBER, state);
        match question.list {
            Some(list) => stateless[list][0] = json!({ question.number: NUMBER }),
            None => drop(stateless.as_object_mut().unwrap().remove(question.states[0].split('.').next().unwrap())),
        }
        odd.push(stateless);
        odd.push(if command.is_apiv2() {
            json!({ "return_code": "SUCCESS", "result_code": "SUCCESS" })
        } else {
            json!({})
        });
        if let Effect::Changes { .. } = command.effect {
            odd.push(command.found(NUMBER, "SOMETHING_ELSE"));
        }
        for odd in odd {
            platform.answer(question, (200, odd.clone()));
            let verdict = platform.ask(&command, OLD).unwrap();
            assert!(is_not_yet(&verdict), "{name}: {odd}: {verdict:?}");
        }
        // Refused for another reason, and not even that.
        for (status, code) in [
            (404, "MCH_NOT_EXISTS"),
            (400, "PARAM_ERROR"),
            (403, "NO_AUTH"),
            (429, "FREQUENCY_LIMITED"),
            (500, "SYSTEMERROR"),
        ] {
            platform.answer(question, command.refused(status, code));
            let verdict = platform.ask(&command, OLD);
            assert!(verdict.as_ref().map_or(command.is_checked(), is_not_yet), "{name}: {code}: {verdict:?}");
        }
        platform.answer(question, (502, json!({ "code": question.absent[0] })));
        assert!(platform.ask(&command, OLD).is_err(), "{name}");
        if !command.is_apiv2() {
            // The code alone is not enough.
            platform.answer(question, command.refused(400, question.absent[0]));
            assert!(platform.ask(&command, OLD).is_err(), "{name}");
        }
    }
    platform.sandbox.assert_no_answers_left();
}

#[test]
fn what_was_not_kept_is_not_asked_for() {
    let platform = Platform::start();
    for command in Command::all() {
        let before = platform.sandbox.requests().len();
        for parameter in command.question.parameters {
            let Source::Required(_) = parameter.source else { continue };
            let mut kept = command.kept(platform.sandbox.mchid());
            kept.remove(parameter.name);
            let verdict = ask(&platform.instance, command.operation, NUMBER, &kept, OLD).unwrap();
            let why = format!("the command had no `{}`, which the question needs", parameter.name);
            assert_eq!(verdict, Verdict::NotYet { why });
        }
        assert_eq!(platform.sandbox.requests().len(), before);
    }
}

#[test]
fn without_a_documented_question_nothing_is_asked() {
    let platform = Platform::start();
    let send = operations::find("POST", "v3/marketing/favor/users/{openid}/coupons").unwrap();
    let verdict = ask(&platform.instance, send, NUMBER, &Map::new(), OLD).unwrap();
    let why = "the platform documents no question about this operation".to_owned();
    assert_eq!(verdict, Verdict::NotYet { why });
    assert!(platform.sandbox.requests().is_empty());
}

#[test]
fn a_question_that_fails_says_nothing() {
    let platform = Platform::start();
    for command in Command::all() {
        platform.sandbox.inject(Fault::CloseInAnswer.times(1));
        assert!(platform.ask(&command, OLD).is_err(), "{}", command.operation.template());
    }
}

// ---------------------------------------------------------------- what the sandbox does itself

const PLACE: &str = "v3/pay/transactions/native";
const CLOSE: &str = "v3/pay/transactions/out-trade-no/{out_trade_no}/close";

fn order(platform: &Platform, number: &str) -> Value {
    json!({ "json": {
        "appid": "wxd678efh567hg6787", "mchid": platform.sandbox.mchid(), "description": "coffee", "out_trade_no": number,
        "notify_url": "https://example.com/", "amount": { "total": 100 }, "settle_info": { "profit_sharing": true },
    } })
}

#[test]
fn an_order_is_done_when_it_is_placed() {
    let platform = Platform::start();
    let order = order(&platform, "order-1");
    let close = json!({ "out_trade_no": "order-1", "json": { "mchid": platform.sandbox.mchid() } });
    let place = |age| platform.verdict("POST", PLACE, &order, age);
    let closing = |age| platform.verdict("POST", CLOSE, &close, age);

    let said = "GET v3/pay/transactions/out-trade-no/{out_trade_no} (page v3/merchant/4013070356) says ORDER_NOT_EXIST";
    let why = format!("{said}, which counts after 60 seconds");
    assert_eq!(place(Duration::ZERO), Verdict::NotYet { why });
    assert_eq!(place(OLD), Verdict::NotDone { why: said.into() });
    assert!(is_not_done(&closing(OLD)));
    platform.send(PLACE, &order);
    assert_eq!(place(Duration::ZERO), done("NOTPAY", Progress::Open));
    assert!(is_not_yet(&closing(Duration::ZERO)) && is_not_done(&closing(OLD)));
    platform.send(CLOSE, &close);
    assert_eq!(closing(Duration::ZERO), done("CLOSED", Progress::Failed));
    assert_eq!(place(Duration::ZERO), done("CLOSED", Progress::Failed));
}

#[test]
fn a_payment_is_refunded_once() {
    let platform = Platform::start();
    platform.send(PLACE, &order(&platform, "order-1"));
    platform.sandbox.pay("order-1").unwrap();
    assert_eq!(
        platform.verdict("POST", PLACE, &order(&platform, "order-1"), OLD),
        done("SUCCESS", Progress::Succeeded)
    );
    let close = json!({ "out_trade_no": "order-1", "json": { "mchid": platform.sandbox.mchid() } });
    assert!(is_not_done(&platform.verdict("POST", CLOSE, &close, OLD)));

    let refunds = "v3/refund/domestic/refunds";
    let refund = json!({ "json": {
        "out_trade_no": "order-1", "out_refund_no": "Refund*1", "amount": { "refund": 30, "total": 100, "currency": "CNY" },
    } });
    let asked = |age| platform.verdict("POST", refunds, &refund, age);
    assert!(is_not_yet(&asked(Duration::from_secs(60))) && is_not_done(&asked(OLD)));
    platform.send(refunds, &refund);
    assert!(matches!(asked(Duration::ZERO), Verdict::Done { .. }));
}

#[test]
fn a_transfer_is_done_when_it_waits_for_its_user() {
    let platform = Platform::start();
    let transfers = "v3/fund-app/mch-transfer/transfer-bills";
    let cancels = "v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}/cancel";
    let transfer = |number: &str| {
        json!({ "json": {
            "appid": "wxd678efh567hg6787", "out_bill_no": number, "transfer_scene_id": "1000", "openid": "o1",
            "transfer_amount": 100, "transfer_remark": "thanks", "transfer_scene_report_infos": [
                { "info_type": "活动名称", "info_content": "新会员" },
            ],
        } })
    };
    let cancel = json!({ "out_bill_no": "B1" });
    let asked = |number: &str, age| platform.verdict("POST", transfers, &transfer(number), age);
    let cancelled = |age| platform.verdict("POST", cancels, &cancel, age);

    assert!(is_not_yet(&asked("B1", Duration::from_secs(300))) && is_not_done(&asked("B1", OLD)));
    assert!(is_not_yet(&asked("B1", Duration::from_secs(40 * 24 * 3600))));
    platform.send(transfers, &transfer("B1"));
    platform.send(transfers, &transfer("B2"));
    platform.send(transfers, &transfer("B3"));
    assert_eq!(asked("B1", Duration::ZERO), done("WAIT_USER_CONFIRM", Progress::Open));
    assert!(is_not_yet(&cancelled(Duration::ZERO)) && is_not_done(&cancelled(OLD)));

    platform.send(cancels, &cancel);
    assert_eq!(cancelled(Duration::ZERO), done("CANCELLED", Progress::Failed));
    platform.sandbox.confirm_transfer("B2").unwrap();
    assert_eq!(asked("B2", Duration::ZERO), done("SUCCESS", Progress::Succeeded));
    platform.sandbox.fail_transfer("B3", "NAME_NOT_CORRECT").unwrap();
    assert_eq!(asked("B3", Duration::ZERO), done("FAIL", Progress::Failed));
}

#[test]
fn a_payment_is_shared_and_given_back() {
    let platform = Platform::start();
    platform.send(PLACE, &order(&platform, "order-1"));
    let transaction_id = platform.sandbox.pay("order-1").unwrap();
    let receiver = json!({ "json": {
        "appid": "wxd678efh567hg6787", "type": "MERCHANT_ID", "account": "1900000110", "name": "Example",
        "relation_type": "STORE",
    }, "encrypt": "auto" });
    platform.send("v3/profitsharing/receivers/add", &receiver);
    let shares = "v3/profitsharing/orders";
    let share = json!({ "json": {
        "appid": "wxd678efh567hg6787", "transaction_id": transaction_id, "out_order_no": "S1", "unfreeze_unsplit": false,
        "receivers": [{ "type": "MERCHANT_ID", "account": "1900000110", "amount": 10, "description": "share" }],
    } });
    let asked = |age| platform.verdict("POST", shares, &share, age);
    assert!(is_not_yet(&asked(Duration::ZERO)) && is_not_done(&asked(OLD)));
    platform.send(shares, &share);
    assert_eq!(asked(Duration::ZERO), done("FINISHED", Progress::Succeeded));

    let returns = "v3/profitsharing/return-orders";
    let back = json!({ "json": {
        "out_order_no": "S1", "out_return_no": "R1", "return_mchid": "1900000110", "amount": 5, "description": "back",
    } });
    let asked = |age| platform.verdict("POST", returns, &back, age);
    assert!(is_not_yet(&asked(Duration::ZERO)) && is_not_done(&asked(OLD)));
    platform.send(returns, &back);
    assert!(matches!(asked(Duration::ZERO), Verdict::Done { .. }));
}

#[test]
fn an_order_of_apiv2_is_asked_for_by_apiv2() {
    let platform = Platform::start();
    let mchid = platform.sandbox.mchid();
    let order = json!({ "xml": {
        "appid": "wxd678efh567hg6787", "mch_id": mchid, "body": "coffee", "out_trade_no": "1", "total_fee": 100,
        "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/", "trade_type": "NATIVE", "product_id": "1",
    } });
    let close = json!({ "xml": { "appid": "wxd678efh567hg6787", "mch_id": mchid, "out_trade_no": "1" } });
    let asked = |path: &str, options: &Value, age| platform.verdict("POST", path, options, age);
    assert!(is_not_yet(&asked("v2/pay/unifiedorder", &order, Duration::ZERO)));
    assert!(is_not_done(&asked("v2/pay/unifiedorder", &order, OLD)));
    platform.send("v2/pay/unifiedorder", &order);
    assert_eq!(asked("v2/pay/unifiedorder", &order, Duration::ZERO), done("NOTPAY", Progress::Open));
    assert!(is_not_done(&asked("v2/pay/closeorder", &close, OLD)));
    platform.send("v2/pay/closeorder", &close);
    assert_eq!(asked("v2/pay/closeorder", &close, Duration::ZERO), done("CLOSED", Progress::Failed));
}

#[test]
fn an_unsigned_refusal_of_a_signed_question_says_nothing() {
    let platform = Platform::start();
    let order = operations::find("POST", "v2/pay/unifiedorder").unwrap();
    let unsigned = "<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code><err_code>ORDERNOTEXIST</err_code></xml>";
    platform.sandbox.answer("POST", "v2/pay/orderquery", 200, unsigned);
    let kept = json!({ "appid": "wxd678efh567hg6787", "mch_id": platform.sandbox.mchid() });
    let asked = ask(&platform.instance, order, "1", kept.as_object().unwrap(), OLD);
    assert!(matches!(asked, Err(Error::Apiv2(_))), "{asked:?}");
}
