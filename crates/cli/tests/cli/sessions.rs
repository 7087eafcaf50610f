//! The sessions of `docs/cli.md` and `docs/porting-from-php.md`: each block of `console` is run as it stands there, and must print
//! what stands there.
//!
//! Every `$` line is typed into bash, in one folder from the first to the last; its output is standard output and standard error as
//! they come, and no terminal. It fails if and only if it says `error:` or has a step with `✗`. On the page:
//!
//! - `N` is a number that is another one each time: those of `NUMBERS`, and no other.
//! - `…` is any text within a line, and on a line of its own any lines. It is put there by hand.
//! - The ports 8898 and 8080 are others here, which are free.
//!
//! `WECHATPAY_WRITE_SESSIONS=1` writes into the pages what is printed, in both languages, and keeps each `…` that still fits.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use regex::Regex;
use snapbox::filter::NormalizeToExpected;
use snapbox::{Assert, Data, Redactions};
use support::raw::{Reply, Server, answer};

use crate::listen::{PATIENCE, each_line};
use crate::port::page;
use crate::running::Running;
use crate::runs::{Home, Run};

/// Numbers that vary, by what stands around them.
const NUMBERS: &[&str] = &[
    "127[.]0[.]0[.]1:(?<redacted>[0-9]{5})",
    " (?<redacted>[0-9]+) ms",
    ": (?<redacted>[0-9]+) bytes",
    "timestamp\"?[:=] ?\"(?<redacted>[0-9]{10})\"",
    "(?<redacted>[0-9]{10})\\\\n  timestamp",
    "_amount\": (?<redacted>[0-9]+)",
];

/// What makes it be there.
type SetUp = fn(&mut Stage);

/// What has to be there before a command of `cli.md`, which begins like this. Nothing else is.
const BEFORE: &[(&str, SetUp)] = &[
    ("wechatpay --profile sandbox post v3/merchant/media/upload", |stage| stage.home.write("shop.jpg", [0xFF; 300])),
    ("wechatpay trigger TRANSACTION.SUCCESS --faults probe,", Stage::listen),
    ("wechatpay trigger TRANSACTION.SUCCESS --faults probe --to", Stage::serve),
    ("wechatpay --profile sandbox explain request.txt", Stage::sign_and_reformat),
    ("wechatpay bill check bills/1900000109-trade-ALL-2026-01-01.csv --orders orders.csv", Stage::keep_orders),
    ("wechatpay journal create", Stage::break_one_answer),
];

/// The same of `porting-from-php.md`.
const BEFORE_PORTING: &[(&str, SetUp)] =
    &[("wechatpay port --project shop pay.php", |stage| stage.home.write("pay.php", page::program()))];

/// A command that goes on for ever, and what happens to it.
const ENDLESS: (&str, fn(&Stage)) = ("wechatpay --profile sandbox listen", |stage| {
    for event in ["TRANSACTION.SUCCESS", "REFUND.SUCCESS"] {
        stage.home.run(&["trigger", event, "--to", &stage.here("http://127.0.0.1:8898/")]).ends(0);
    }
});

/// The folder in which the sessions are run, and who else runs meanwhile.
struct Stage {
    home: Home,
    /// The port of the page, and that which it is here.
    ports: Vec<(&'static str, String)>,
    children: Vec<Child>,
    running: Vec<Running>,
}

/// A page: text, and the commands of its sessions.
#[derive(Debug)]
struct Page {
    path: PathBuf,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Session(Vec<Typed>),
}

/// A command, and what is said to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed {
    command: String,
    output: String,
}

#[test]
fn the_sessions_of_the_page() {
    run_sessions("cli.md", BEFORE);
}

#[test]
fn the_sessions_of_the_page_about_porting() {
    run_sessions("porting-from-php.md", BEFORE_PORTING);
}

/// Runs those of a page, in both languages.
fn run_sessions(name: &str, before: &[(&str, SetUp)]) {
    let _alone = page::WRITING.lock();
    let [mut chinese, mut english] = [name, &format!("en/{name}")].map(Page::read);
    let commands = |page: &Page| page.typed().map(|typed| typed.command.clone()).collect::<Vec<_>>();
    assert_eq!(commands(&chinese), commands(&english), "the two languages have the same sessions");

    let mut stage = Stage {
        home: Home::new(&format!("sessions-{name}")),
        ports: Vec::new(),
        children: Vec::new(),
        running: Vec::new(),
    };
    let mut redactions = Redactions::new();
    NUMBERS.iter().for_each(|number| redactions.insert("[N]", Regex::new(number).unwrap()).unwrap());
    let mut before = before.to_vec();
    let printed: Vec<Typed> = chinese
        .typed()
        .map(|typed| {
            if let Some(at) = before.iter().position(|(begin, _)| typed.command.starts_with(begin)) {
                before.remove(at).1(&mut stage);
            }
            let pattern = Data::text(pattern(&typed.output));
            let output = Data::text(stage.run(typed));
            let output = NormalizeToExpected::new().redact_with(&redactions).normalize(output, &pattern);
            Typed { command: typed.command.clone(), output: marked(&output.to_string()) }
        })
        .collect();
    assert!(before.is_empty(), "nothing on the page begins like {:?}", before[0].0);

    let write = std::env::var_os("WECHATPAY_WRITE_SESSIONS").is_some();
    for page in [&mut chinese, &mut english] {
        if write {
            page.typed_mut().zip(&printed).for_each(|(typed, printed)| typed.clone_from(printed));
            fs::write(&page.path, page.text()).unwrap();
        }
        let compared = page.typed().zip(&printed).map(|(typed, printed)| {
            let name = format!("$ {}", typed.command);
            let assert = Assert::new().normalize_paths(false);
            assert.try_eq(Some(&name), Data::text(&printed.output), Data::text(&typed.output))
        });
        let differences: String = compared.filter_map(Result::err).map(|error| error.to_string()).collect();
        let path = page.path.display();
        assert!(
            differences.is_empty(),
            "{path} is not what is printed: run this test with WECHATPAY_WRITE_SESSIONS=1\n{differences}"
        );
    }
}

/// What snapbox matches with, for what stands on the page.
fn pattern(output: &str) -> String {
    let is_letter = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphabetic());
    let mut pattern = String::new();
    let mut letters = output.chars().peekable();
    let mut last = None;
    while let Some(letter) = letters.next() {
        match letter {
            'N' if !is_letter(last) && !is_letter(letters.peek().copied()) => pattern.push_str("[N]"),
            '…' => pattern.push_str("[..]"),
            letter => pattern.push(letter),
        }
        last = Some(letter);
    }
    let lines = pattern.split_inclusive('\n').map(|line| if line == "[..]\n" { "...\n" } else { line });
    lines.collect()
}

/// What stands on the page, for what snapbox has matched.
fn marked(pattern: &str) -> String {
    let lines = pattern.split_inclusive('\n').map(|line| if line == "...\n" { "…\n" } else { line });
    lines.collect::<String>().replace("[..]", "…").replace("[N]", "N")
}

impl Page {
    fn read(name: &str) -> Page {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
        let text = fs::read_to_string(&path).unwrap();
        let mut pieces = vec![Piece::Text(String::new())];
        for line in text.split_inclusive('\n') {
            let command = line.strip_prefix("$ ");
            match pieces.last_mut().unwrap() {
                Piece::Session(_) if line == "```\n" => pieces.push(Piece::Text(line.to_owned())),
                Piece::Session(typed) => match command {
                    Some(command) => {
                        typed.push(Typed { command: command.trim_end().to_owned(), output: String::new() });
                    }
                    None => typed.last_mut().expect("a session begins with `$ `").output.push_str(line),
                },
                Piece::Text(text) => {
                    text.push_str(line);
                    if line == "```console\n" {
                        pieces.push(Piece::Session(Vec::new()));
                    }
                }
            }
        }
        Page { path, pieces }
    }

    fn typed(&self) -> impl Iterator<Item = &Typed> {
        self.pieces.iter().flat_map(|piece| match piece {
            Piece::Text(_) => &[][..],
            Piece::Session(typed) => typed,
        })
    }

    fn typed_mut(&mut self) -> impl Iterator<Item = &mut Typed> {
        self.pieces.iter_mut().flat_map(|piece| match piece {
            Piece::Text(_) => &mut [][..],
            Piece::Session(typed) => typed,
        })
    }

    fn text(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Session(typed) => {
                typed.iter().map(|Typed { command, output }| format!("$ {command}\n{output}")).collect()
            }
        };
        self.pieces.iter().map(piece).collect()
    }
}

impl Stage {
    /// What a command prints, with the page's ports.
    fn run(&mut self, typed: &Typed) -> String {
        let is_endless = typed.command.starts_with(ENDLESS.0);
        let port = if is_endless { " --port 0" } else { "" };
        let mut child = self.bash(&format!("{}{port}", self.here(&typed.command)));
        let lines = each_line(BufReader::new(child.stdout.take().unwrap()));
        let mut printed = Vec::new();
        if is_endless {
            let first = lines.recv_timeout(PATIENCE).expect("it says where it listens");
            self.ports.push(("8898", port_of(&first)));
            printed.push(first);
            ENDLESS.1(self);
            let more = typed.output.lines().skip(1).map_while(|_| lines.recv_timeout(PATIENCE).ok());
            printed.extend(more);
            assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        }
        printed.extend(lines);
        let output: String = printed.iter().map(|line| format!("{line}\n")).collect();
        let fails = output.lines().any(|line| ["error:", "✗", "{\"error\""].iter().any(|sign| line.starts_with(sign)));
        let status = child.wait().unwrap();
        assert_eq!(output.is_empty(), typed.output.is_empty(), "$ {}\n{output}", typed.command);
        assert_eq!(status.success(), !fails, "$ {}: {status}\n{output}", typed.command);
        let address = |port: &str| format!("127.0.0.1:{port}/");
        self.ports.iter().fold(output, |output, (page, here)| output.replace(&address(here), &address(page)))
    }

    /// The text with the ports that are here what those of the page are there.
    fn here(&self, text: &str) -> String {
        let mut here = text.to_owned();
        // The last is that of who runs now.
        for (page, port) in self.ports.iter().rev() {
            here = here.replace(&format!("127.0.0.1:{page}/"), &format!("127.0.0.1:{port}/"));
        }
        here
    }

    /// Bash with a command, which is in its place; both streams are standard output.
    fn bash(&self, command: &str) -> Child {
        let wechatpay = Path::new(env!("CARGO_BIN_EXE_wechatpay")).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([wechatpay.to_owned()].into_iter().chain(std::env::split_paths(&path)));
        let environment = self.home.command(&[]);
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("exec 2>&1; set -o pipefail\n{command}")]).current_dir(self.home.folder.path());
        bash.env_clear().envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
        bash.env("PATH", path.unwrap()).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("there is a bash")
    }

    /// `wechatpay listen`, at the port that it has on the page.
    fn listen(&mut self) {
        let mut command = self.home.command(&["--profile", "sandbox", "listen", "--port", "0"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
        self.ports.push(("8898", port_of(&first)));
        self.children.push(child);
    }

    /// A merchant's server, which believes everything.
    fn serve(&mut self) {
        let server = Server::start(|_, _| Reply::Answer(answer("204", &[], b"")));
        self.ports.push(("8080", server.port.to_string()));
    }

    /// A request whose body was written again after it was signed.
    fn sign_and_reformat(&mut self) {
        let target = "/v3/pay/transactions/out-trade-no/order-1/close";
        let sign = ["--profile", "sandbox", "sign", "POST", target, "-d", r#"{"mchid":"1900000109"}"#];
        let Run { stdout: authorization, .. } = self.home.run(&sign).ends(0);
        let headers = "Accept: application/json\nContent-Type: application/json\nUser-Agent: shop";
        let body = "{\n  \"mchid\": \"1900000109\"\n}";
        self.home.write("request.txt", format!("POST {target} HTTP/1.1\n{headers}\n{authorization}\n{body}"));
    }

    /// The orders of a bill but for one; another has another amount, and one is new.
    fn keep_orders(&mut self) {
        let bill = fs::read_to_string(self.home.path("bills/1900000109-trade-ALL-2026-01-01.csv")).unwrap();
        let mut lines = bill.lines().map(|line| line.split(',').map(|cell| cell.trim_start_matches('`')));
        let columns: Vec<_> = lines.next().unwrap().collect();
        let column = |name| columns.iter().position(|column| *column == name).unwrap();
        let (number, amount) = (column("商户订单号"), column("订单金额"));
        let mut orders = "out_trade_no,amount\n".to_owned();
        for (at, line) in lines.enumerate() {
            let cells: Vec<_> = line.collect();
            // The totals have fewer.
            let (Some(number), Some(amount)) = (cells.get(number), cells.get(amount)) else { break };
            match at {
                3 => continue,
                5 => orders += &format!("{number},110\n"),
                _ => orders += &format!("{number},{}\n", amount.replace('.', "")),
            }
        }
        self.home.write("orders.csv", orders + "20260101-extra,500\n");
    }

    /// A sandbox that breaks off one answer.
    fn break_one_answer(&mut self) {
        let fault = r#"[{"fault": "close_before_answer", "on": "v3/pay/transactions/native", "times": 1}]"#;
        self.home.write("faults.json", fault);
        self.running.push(Running::start(&self.home, &["--page-port", "0", "--faults", "faults.json"]));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The port in the first line of a command that receives notifications.
fn port_of(line: &str) -> String {
    let (_, address) = line.split_once("http://127.0.0.1:").unwrap_or_else(|| panic!("no address: {line}"));
    address.split('/').next().unwrap().to_owned()
}
