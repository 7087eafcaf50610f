//! What the error of several promises says of the whole: whether it may be repeated.

use support::logger::log_to_standard_error;
use support::platform::Platform;
use support::process::{child, is_child, run};
use support::raw::{Reply, Server, answer};
use wechatpay::{Chain, Error, Outcome, Promise, Response, json};

/// A call of each end: executed, refused by the platform, broken off, and never sent.
struct Calls {
    _servers: [Server; 3],
    chains: [Chain; 4],
}

impl Calls {
    fn new() -> Calls {
        let platform = Platform::new();
        let servers = [
            platform.server(),
            Server::start(|_, _| Reply::Answer(answer("400 Bad Request", &[], br#"{"code":"PARAM_ERROR"}"#))),
            Server::start(|_, _| Reply::Break(Vec::new())),
        ];
        let [done, rejected, broken] = servers.each_ref().map(|server| platform.instance(&server.url()));
        Calls { _servers: servers, chains: [done, rejected, broken, platform.instance("http://127.0.0.1:1/")] }
    }

    /// Written as letters: `D`one, `R`ejected, `U`nknown, `N`ot sent.
    fn of<'a>(&'a self, ends: &'a str) -> impl Iterator<Item = Promise<Response>> + 'a {
        ends.chars().map(|end| {
            let chain = &self.chains["DRUN".find(end).unwrap()];
            chain.chain("v3/transfer/batches").post_async(json!({ "json": { "out_batch_no": "b" } }))
        })
    }

    fn one(&self, end: &str) -> Promise<Response> {
        self.of(end).next().unwrap()
    }
}

#[test]
fn the_whole_may_be_repeated_only_if_no_part_may_have_had_an_effect() {
    let calls = Calls::new();
    for (ends, outcome) in [
        ("NN", Outcome::NotSent),
        ("RR", Outcome::Rejected),
        ("NR", Outcome::Rejected),
        ("RN", Outcome::Rejected),
        ("DN", Outcome::Unknown),
        ("ND", Outcome::Unknown),
        ("RD", Outcome::Unknown),
        ("UN", Outcome::Unknown),
        ("RU", Outcome::Unknown),
        ("DRUN", Outcome::Unknown),
        ("DDDDDN", Outcome::Unknown),
    ] {
        let keys = (0..ends.len()).map(|number| format!("batch-{number}"));
        let errors = [
            (Promise::all(calls.of(ends)).wait().unwrap_err(), ""),
            (Promise::unwrap(keys.zip(calls.of(ends))).unwrap_err(), "batch-"),
        ];
        for (error, before) in errors {
            assert_eq!(error.outcome(), outcome, "{ends}: {error:?}");
            let Error::Several(several) = &error else { panic!("{ends}: {error:?}") };
            assert_eq!(several.succeeded(), ends.matches('D').count());
            // Every failure is there, and says which one it is.
            let failed: Vec<_> = several.errors().map(|(key, error)| (key.to_owned(), error.outcome())).collect();
            let wanted = ends.chars().enumerate().filter(|(_, end)| *end != 'D').map(|(number, end)| {
                let outcome = match end {
                    'N' => Outcome::NotSent,
                    'R' => Outcome::Rejected,
                    _ => Outcome::Unknown,
                };
                (format!("{before}{number}"), outcome)
            });
            assert_eq!(failed, wanted.collect::<Vec<_>>(), "{ends}");
            let is_alone = failed.len() == 1;
            assert_eq!(error.code() == Some("PARAM_ERROR"), is_alone && ends.contains('R'), "{ends}");
            assert_eq!(error.response().is_some(), is_alone && ends.contains('R'), "{ends}");
        }
    }
}

#[test]
fn a_single_promise_fails_as_it_is() {
    let calls = Calls::new();
    let errors = [
        Promise::all(calls.of("R")).wait().unwrap_err(),
        Promise::any(calls.of("R")).wait().unwrap_err(),
        Promise::unwrap([("only", calls.one("R"))]).unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Client(_)), "{error:?}");
    }
}

#[test]
fn any_fails_when_all_have_failed() {
    let calls = Calls::new();
    assert!(Promise::any(calls.of("NRUD")).wait().is_ok());
    for (ends, outcome) in [("NN", Outcome::NotSent), ("NR", Outcome::Rejected), ("NRU", Outcome::Unknown)] {
        let error = Promise::any(calls.of(ends)).wait().unwrap_err();
        assert_eq!(error.outcome(), outcome, "{ends}: {error:?}");
        let Error::Several(several) = error else { panic!("{ends}: {error:?}") };
        let keys: Vec<_> = several.errors().map(|(key, _)| key.to_owned()).collect();
        assert_eq!(keys, (0..ends.len()).map(|number| number.to_string()).collect::<Vec<_>>());
        assert_eq!(several.succeeded(), 0);
    }
}

#[test]
fn any_has_the_log_keep_what_may_have_had_an_effect() {
    if is_child() {
        log_to_standard_error();
        assert!(Promise::any(Calls::new().of("NUD")).wait().is_ok());
        return;
    }
    let (_, shown) = run(&mut child(module_path!(), "any_has_the_log_keep_what_may_have_had_an_effect"));
    let about: Vec<_> = shown.lines().filter(|line| line.contains("`Promise::any`")).collect();
    let [line] = about[..] else { panic!("{about:?}") };
    assert!(line.contains("the outcome of promise 1 is unknown"), "{line}");
}

#[test]
fn what_follows_a_success_does_not_undo_it() {
    let calls = Calls::new();
    for end in ["N", "R"] {
        let next = calls.one(end);
        let error = calls.one("D").and_then(move |_| next).wait().unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{end}: {error:?}");
        let Error::Callback(cause) = &error else { panic!("{error:?}") };
        assert_ne!(cause.downcast_ref::<Error>().unwrap().outcome(), Outcome::Unknown);
    }
    let next = calls.one("U");
    let error = calls.one("D").and_then(move |_| next).wait().unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "what is unknown anyway is as it was: {error:?}");
    // A first call that has failed is all that there was.
    let next = calls.one("D");
    assert_eq!(calls.one("N").and_then(move |_| next).wait().unwrap_err().outcome(), Outcome::NotSent);
    // Nor does what follows several of them.
    let (two, next) = (calls.of("NN").collect::<Vec<_>>(), calls.one("N"));
    let error = next.or_else(|_| Promise::all(two).then(|mut two| Ok(two.remove(0)))).wait().unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
    let (two, done) = (calls.of("NN").collect::<Vec<_>>(), calls.one("D"));
    let error = done.and_then(|_| Promise::all(two)).wait().unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
}

#[test]
fn a_query_that_fails_leaves_the_unknown_unknown() {
    let calls = Calls::new();
    for query in ["N", "R"] {
        let query = calls.one(query);
        let error = calls.one("U").or_else(move |_| query).wait().unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
        assert!(matches!(error, Error::Callback(_)), "{error:?}");
    }
    let query = calls.one("D");
    assert!(calls.one("U").or_else(move |_| query).wait().is_ok());
    // But what has not left may be tried elsewhere.
    let elsewhere = calls.one("R");
    assert_eq!(calls.one("N").or_else(move |_| elsewhere).wait().unwrap_err().outcome(), Outcome::Rejected);
    // What fails in the handler may be anything.
    let error = calls.one("R").otherwise(|_| Err(anyhow::anyhow!("no database"))).wait().unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
}

#[test]
fn a_key_that_occurs_twice_loses_nothing_silently() {
    let twice = [("a", Promise::ready(Ok(1))), ("a", Promise::ready(Ok(2)))];
    let error = Promise::unwrap(twice).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "two promises have the key `a`");
}

#[test]
fn a_message_lists_no_more_than_can_be_read() {
    let calls = Calls::new();
    let error = Promise::all(calls.of(&"N".repeat(30))).wait().unwrap_err().to_string();
    assert!(error.starts_with("30 of 30 promises failed: 0: ") && error.ends_with("; and 22 more"), "{error}");
    assert_eq!(error.matches("; ").count(), 8, "{error}");
}
