//! Calls through a journal, and what became of them.

mod by_hand;
mod calls;
mod opening;
#[cfg(feature = "postgres")]
mod postgres;
mod watching;

use std::time::{Duration, Instant};

use serde_json::Value;
use wechatpay_journal::rusqlite::Connection;
use wechatpay_sandbox::{Fault, Sandbox};

use crate::runs::{Home, Run};

const NATIVE: &str = "v3/pay/transactions/native";
const REFUNDS: &str = "v3/refund/domestic/refunds";

/// A merchant of a sandbox with a journal.
struct Shop {
    sandbox: Sandbox,
    home: Home,
}

impl Shop {
    fn open(name: &str) -> Shop {
        let sandbox = Sandbox::start().unwrap();
        let home = Home::of(name, &sandbox);
        home.run(&["journal", "create", "--db", "shop.journal"]).ends(0);
        Shop { sandbox, home }
    }

    fn order(&self, number: &str, total: u32) -> Vec<String> {
        let order = format!(
            r#"{{"appid":"wx8888888888888888","mchid":"1900000109","description":"咖啡","out_trade_no":"{number}",
                "notify_url":"https://shop.example/paid","amount":{{"total":{total},"currency":"CNY"}}}}"#
        );
        ["--json", "post", NATIVE, "--journal", "shop.journal", "-d", &order].map(str::to_owned).to_vec()
    }

    fn run(&self, words: &[String]) -> Run {
        self.home.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A command about the journal.
    fn journal(&self, words: &[&str]) -> Run {
        self.home.run(&[&["journal", "--db", "shop.journal"], words].concat())
    }

    /// The entries that a command prints as JSON.
    fn told(&self, words: &[&str]) -> Vec<Value> {
        let run = self.journal(&[words, &["--json"]].concat());
        run.stdout.lines().map(|line| line.parse().unwrap()).collect()
    }

    /// Whether the sandbox has done something under this number.
    fn has_done(&self, number: &str) -> bool {
        self.sandbox.ledger().iter().any(|entry| entry.name() == number)
    }

    /// Lets an hour pass for the journal.
    fn wait_an_hour(&self) {
        let connection = Connection::open(self.home.folder.file("shop.journal")).unwrap();
        let earlier = "UPDATE entry SET began = began - 3600000, ended = ended - 3600000, due = due - 3600000";
        connection.execute(earlier, ()).unwrap();
    }
}

/// What to do next, of a run with `--json`.
fn next(run: &Run) -> Vec<String> {
    let told: Value = run.stderr.lines().last().unwrap().parse().unwrap();
    told["error"]["next"].as_array().unwrap().iter().map(|step| step.as_str().unwrap().to_owned()).collect()
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < patience, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_answer_that_was_cut_off() {
    let shop = Shop::open("cut-off");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    let run = shop.run(&shop.order("order_1", 100)).ends(5);
    assert!(shop.has_done("order_1"));
    let steps = next(&run);
    let settle = steps.last().unwrap();
    assert_eq!(settle, "wechatpay journal settle --db shop.journal");
    // What could be taken for a variable is given as the value of one.
    let question =
        "wechatpay get v3/pay/transactions/out-trade-no/{out_trade_no} -v out_trade_no=order_1 -q mchid=1900000109";
    assert_eq!(steps[steps.len() - 2].replace('\'', ""), question);
    assert_eq!(pasted(&shop.home, &steps[steps.len() - 2]).ends(0).json()["out_trade_no"], "order_1");

    // Another order fails before it has an effect.
    shop.sandbox.inject(Fault::Status(500).on(NATIVE).times(1).without_effect());
    shop.run(&shop.order("order-2", 100)).ends(5);
    assert!(!shop.has_done("order-2"));

    let list = shop.journal(&["list"]).ends(0).stdout;
    let lines: Vec<_> = list.lines().collect();
    assert_eq!(lines.len(), 4, "{list}");
    assert!(lines[0].starts_with("ID  STATE    SINCE"), "{list}");
    assert!(lines[1].starts_with("1   unknown"), "{list}");
    assert!(lines[2].starts_with("2   unknown") && lines[2].contains("500"), "{list}");
    assert!(lines[1].contains(" 1900000109  POST v3/pay/transactions/native  order_1  –"), "{list}");
    assert!(lines[3].starts_with("2 unsettled, the oldest for ") && lines[3].ends_with("; 0 settled"), "{list}");

    // The platform has the first one. That it has not the second counts after a minute.
    let run = pasted(&shop.home, settle).ends(5);
    assert!(run.stdout.contains("done     1  POST v3/pay/transactions/native  order_1  NOTPAY"), "{}", run.stdout);
    let second = run.stdout.lines().last().unwrap();
    assert!(second.starts_with("unknown  2  POST v3/pay/transactions/native  order-2  "), "{second}");
    assert!(second.contains("counts after 60 seconds"), "{second}");
    run.says("1 call is not known yet").says("the next question is due in ");
    shop.wait_an_hour();
    let run = pasted(&shop.home, settle).ends(0);
    assert!(run.stdout.starts_with("not done  2  POST v3/pay/transactions/native  order-2  the platform has nothing"));
    assert_eq!(shop.journal(&["settle"]).ends(0).stdout, "");

    // The first number stands for what was done, the second one is free.
    let run = shop.run(&shop.order("order_1", 200)).ends(3);
    assert!(run.stderr.contains("was sent with another content, or may have been"), "{}", run.stderr);
    assert_eq!(next(&run)[0], "wechatpay journal show order_1 --db shop.journal");
    shop.run(&shop.order("order_1", 100)).ends(0);
    shop.run(&shop.order("order-2", 200)).ends(0);
    let states: Vec<_> = shop.told(&["list", "--all"]).iter().map(|entry| entry["state"].clone()).collect();
    assert_eq!(states, ["done", "answered"]);
    assert!(shop.told(&["list"]).is_empty());
}

/// Runs a command that was printed to be pasted.
fn pasted(home: &Home, line: &str) -> Run {
    let mut shell = std::process::Command::new("sh");
    let script = line.replacen("wechatpay", env!("CARGO_BIN_EXE_wechatpay"), 1);
    shell.args(["-c", &script]).current_dir(home.folder.path()).env_clear();
    let command = home.command(&[]);
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Run::of(shell.output().unwrap())
}

#[cfg(unix)]
#[test]
fn a_command_that_was_killed_in_the_middle() {
    let shop = Shop::open("killed");
    shop.sandbox.inject(Fault::Delay(Duration::from_secs(60)).on(NATIVE).times(1));
    let words = shop.order("order-1", 100);
    let mut command = shop.home.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let mut child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    until("it arrives", || shop.has_done("order-1"));
    // It is left alone while its process is there, and the same number with another content is refused.
    let entry = &shop.told(&["list"])[0];
    assert_eq!((entry["state"].as_str(), entry["in_flight"].as_bool()), (Some("sending"), Some(true)));
    shop.journal(&["settle"]).ends(5).says("1 call is not known yet, 1 of them in flight");
    shop.run(&shop.order("order-1", 200)).ends(3);
    shop.journal(&["mark-not-done", "1", "--yes"]).ends(2).says("there is no unsettled entry 1");
    child.kill().unwrap();
    child.wait().unwrap();

    let list = shop.journal(&["list"]).ends(0).stdout;
    assert!(list.contains("1   abandoned") && list.contains("order-1") && list.contains("  now\n"), "{list}");
    let told = &shop.told(&["settle"])[0];
    assert_eq!((&told["result"], &told["known"], &told["state"]), (&"done".into(), &"NOTPAY".into(), &"done".into()));
    assert_eq!(told["number"], "order-1");
    shop.journal(&["settle"]).ends(0);
}

#[test]
fn the_examples_of_the_help() {
    let home = Home::new("examples-of-the-journal");
    let subcommands =
        ["list", "show", "settle", "watch", "mark-done", "mark-not-done", "create", "prune"].map(|name| vec![name]);
    for words in [vec![]].into_iter().chain(subcommands) {
        let help = home.run(&[&["journal"], &words[..], &["--help"]].concat()).ends(0).stdout;
        let (_, examples) = help.split_once("Examples:\n").unwrap();
        let examples: Vec<_> = examples.replace("\\\n", "").lines().map(str::to_owned).collect();
        assert!((2..=4).contains(&examples.len()), "{examples:?}");
        // What never ends, and what is about an entry that is not there.
        if matches!(words.as_slice(), ["watch" | "mark-done" | "mark-not-done"]) {
            continue;
        }
        for example in &examples {
            let _ = std::fs::remove_file(home.folder.file("shop.journal"));
            let makes = example.contains("journal create");
            if !makes {
                home.run(&["journal", "create", "--db", "shop.journal"]).ends(0);
            }
            let run = pasted(&home, example.trim_start());
            // There is nothing in it yet.
            let expected = if words == ["show"] { 2 } else { 0 };
            run.ends(expected);
        }
    }
}
