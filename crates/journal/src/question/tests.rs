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

    /// A command as the journal sees it: what is sent, and what is asked about it later.
    fn verdict(&self, method: &str, path: &str, options: &Value, age: Duration) -> Verdict {
        let operation = operations::find(method, path).unwrap();
        let mut request = options.as_object().unwrap().clone();
        request.insert("path".into(), operations::variables(method, path, &request).into());
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
    fn all() -> Vec<Command> {
        let all = operations::rows().flat_map(|row| row.commands).map(|command| {
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
        if let Effect::Changes { not, .. } = command.effect {
            absent.extend(not.iter().map(|state| (200, command.found(NUMBER, state))));
        }
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
