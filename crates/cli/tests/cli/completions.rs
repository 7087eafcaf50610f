//! What the shells complete, asked of the shells themselves.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::runs::{Home, Run};

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// Whether there is such a shell on this machine. CI has them all.
fn has(shell: &str) -> bool {
    let has = Command::new(shell).args(["-c", "exit"]).output().is_ok_and(|output| output.status.success());
    if !has {
        assert!(std::env::var_os("CI").is_none(), "{shell} is missing");
        eprintln!("skipped: there is no {shell}");
    }
    has
}

/// A shell whose first command of this name is ours, with the script written to a file.
fn shell(home: &Home, program: &str, shell: &str) -> Command {
    let script = home.run(&["completions", shell]).ends(0);
    home.write(&format!("script.{shell}"), script.stdout);
    let ours = home.command(&[]);
    let mut command = Command::new(program);
    command.current_dir(home.folder.path()).env_clear();
    command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_wechatpay")).parent().unwrap().display().to_string();
    command.env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap()));
    command.env("TERM", "dumb").env("LC_ALL", "C.UTF-8");
    command
}

/// What is on the screen after all this has been typed into an interactive shell.
fn typed(home: &Home, name: &str, interactive: &str, keys: &str) -> String {
    let mut command = shell(home, "script", name);
    command.args(["-qec", interactive, "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(keys.as_bytes()).unwrap();
    String::from_utf8_lossy(&child.wait_with_output().unwrap().stdout).into_owned()
}

/// What each shell makes of a line and the tabulator: the command runs, and is shown.
fn completed(home: &Home, name: &str, line: &str) -> String {
    match name {
        "bash" => typed(home, name, "bash --norc --noprofile -i", &format!("source ./script.bash\n{line}\t\nexit\n")),
        "zsh" => {
            let begin = "autoload -U compinit && compinit -u -d ./dump\nsource ./script.zsh\n";
            typed(home, name, "zsh -f -i", &format!("{begin}{line}\t\nexit\n"))
        }
        _ => {
            let script = format!("source ./script.fish; complete -C '{line}'");
            Run::of(shell(home, "fish", name).args(["--no-config", "-c", &script]).output().unwrap()).stdout
        }
    }
}

#[test]
fn a_path_is_completed_and_shown() {
    for name in SHELLS.into_iter().filter(|shell| has(shell)) {
        let screen = completed(&Home::new("path"), name, "wechatpay show v3/pay/transactions/nat");
        assert!(screen.contains("v3/pay/transactions/native") && screen.contains("Native下单API"), "{name}: {screen}");
        let screen = completed(&Home::new("dots"), name, "wechatpay show v3.ecommerce.refunds.outRe");
        assert!(screen.contains("v3.ecommerce.refunds.outRefundNo._out_refund_no_"), "{name}: {screen}");
    }
}

#[test]
fn an_event_and_a_profile() {
    for name in SHELLS.into_iter().filter(|shell| has(shell)) {
        let screen = completed(&Home::new("event"), name, "wechatpay show REFUND.AB");
        assert!(screen.contains("REFUND.ABNORMAL") && screen.contains("退款异常"), "{name}: {screen}");
        let home = Home::new("profiles");
        home.write(".config/wechatpay/config.toml", "[profiles.shop]\nmchid = \"1900000109\"\n");
        // The equals sign ends a word of bash.
        let screen = completed(&home, name, "wechatpay doctor --offline --profile=sh");
        assert!(screen.contains("--profile=shop"), "{name}: {screen}");
    }
}

#[test]
fn a_file_where_nothing_else_can_be() {
    for name in SHELLS.into_iter().filter(|shell| has(shell)) {
        let home = Home::new("files");
        home.write("unusual_name.pem", "");
        let screen = completed(&home, name, "wechatpay doctor --offline --private-key unus");
        assert!(screen.contains("unusual_name.pem"), "{name}: {screen}");
    }
}

/// The lines that a shell is given.
fn candidates(home: &Home, words: &[&str]) -> Vec<String> {
    let run = home.run(&[&["complete", "--shell", "fish", "--", "wechatpay"], words].concat()).ends(0);
    run.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn commands_flags_and_values() {
    let home = Home::new("words");
    let commands = candidates(&home, &[""]);
    assert!(commands.contains(&"doctor".to_owned()) && !commands.contains(&"complete".to_owned()), "{commands:?}");
    assert_eq!(candidates(&home, &["sea"]), ["search"]);
    assert_eq!(candidates(&home, &["doctor", "--off"]), ["--offline"]);
    assert_eq!(candidates(&home, &["show", "--mch"]), ["--mchid"]);
    assert_eq!(candidates(&home, &["completions", ""]), SHELLS);
    assert_eq!(candidates(&home, &["--profile", ""]), ["sandbox"]);
    assert_eq!(candidates(&home, &["search", "基础支付∙退"]), ["基础支付∙退款"]);
    assert_eq!(candidates(&home, &["--mchid", "1", "--json", "put", "v3/marketing/favor/st"]), [""; 0]);
    assert_eq!(
        candidates(&home, &["--mchid", "1", "--json", "get", "v3/marketing/favor/stocks/1/use-flow-b"]),
        ["v3/marketing/favor/stocks/1/use-flow-by-day"]
    );
    assert_eq!(candidates(&home, &["nothing", ""]), [""; 0]);
}

#[test]
fn what_cannot_be_completed_is_no_error() {
    let home = Home::new("broken");
    home.write(".config/wechatpay/config.toml", "this is no TOML");
    assert_eq!(candidates(&home, &["--profile", ""]), ["sandbox"]);
    home.run(&["complete", "--shell", "bash", "--"]).ends(0);
    home.run(&["complete", "--shell", "zsh"]).ends(0);
    home.run(&["completions", "tcsh"]).ends(2).says("[possible values: bash, zsh, fish]");
}
