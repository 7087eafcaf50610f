//! PHP that becomes Rust.

mod compiled;
pub mod page;

use crate::runs::{Home, on_a_terminal};

/// A script: nothing is left to do.
const SCRIPT: &str = "<?php

use WeChatPay\\Builder;

// 平台证书
$instance = Builder::factory(['mchid' => '1900000109', 'serial' => '3775B6A4', 'privateKey' => 'file:///key.pem', 'certs' => []]);
$instance->v3->certificates->get();
";

/// A file without a script.
const FUNCTION: &str = "<?php

use WeChatPay\\BuilderChainable;

/** 退款 */
function refund(BuilderChainable $client, string $number): void
{
    $client->v3->refund->domestic->refunds->post(['json' => ['out_refund_no' => $number]]);
}
";

/// Something is left to do, on its line 3.
const DYNAMIC: &str = "<?php
// 变量的变量
$$name = 1;
";

const SNIPPET: &str = "$instance->v3->certificates->get();\n";
const CERTIFICATES: &str = "chain!(instance->v3->certificates).get(())?;";

fn home(name: &str) -> Home {
    let home = Home::new(name);
    let files = [("script.php", SCRIPT), ("RefundDesk.php", FUNCTION), ("dynamic.php", DYNAMIC), ("part.php", SNIPPET)];
    files.iter().for_each(|(name, php)| home.write(name, php));
    home
}

#[test]
fn one_file_on_standard_output() {
    let home = home("port");
    let run = home.run(&["port", "script.php"]).ends(0).says("note: 1 file: nothing is left to do");
    for text in ["// 平台证书\n", "fn main() -> ", CERTIFICATES] {
        assert!(run.stdout.contains(text), "{text} is not in {}", run.stdout);
    }
    assert_eq!(home.run_with(&["port", "-"], SCRIPT).ends(0).stdout, run.stdout);
    assert_eq!(home.run_with(&["port", "-"], SNIPPET).ends(0).stdout, format!("{CERTIFICATES}\n"));
    // With the mark that editors on Windows write.
    assert_eq!(home.run_with(&["port", "-"], format!("\u{feff}{SCRIPT}")).ends(0).stdout, run.stdout);
}

#[test]
fn what_is_left_to_do() {
    let home = home("port-todo");
    let run =
        home.run(&["port", "dynamic.php"]).ends(6).says("dynamic.php:3:1: ").says("1 file: 1 place is left to do");
    let is_php = |line: &str| line.trim_start().starts_with("// ") && line.ends_with("$$name = 1;");
    assert!(run.stdout.contains("// TODO(port) 3:1: ") && run.stdout.lines().any(is_php), "{}", run.stdout);
    home.run_with(&["port", "-"], DYNAMIC).ends(6).says("standard input:3:1: ");
    let run = home.run(&["port", "--json", "dynamic.php"]).ends(6).says("check_failed");
    let report = run.json();
    let finding = &report["findings"][0];
    assert_eq!((&finding["kind"], &finding["line"], &finding["column"]), (&"todo".into(), &3.into(), &1.into()));
    assert!(!finding["message"].as_str().unwrap().is_empty());
    assert_eq!((&report["complete"], &report["kind"]), (&false.into(), &"file".into()));
    assert!(report["rust"].as_str().unwrap().contains("TODO(port)"));
    // Machines read it there alone.
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
}

#[test]
fn a_line_for_machines_for_each_file() {
    let run = home("port-json").run(&["port", "--json", "script.php", "RefundDesk.php", "part.php"]).ends(0);
    let reports: Vec<serde_json::Value> = run.stdout.lines().map(|line| line.parse().unwrap()).collect();
    let told: Vec<_> =
        reports.iter().map(|report| (report["file"].as_str().unwrap(), report["has_main"] == true)).collect();
    assert_eq!(told, [("script.php", true), ("RefundDesk.php", false), ("part.php", false)]);
    assert_eq!((&reports[0]["kind"], &reports[2]["kind"]), (&"file".into(), &"snippet".into()));
    assert_eq!(reports[2]["rust"], format!("{CERTIFICATES}\n"));
}

#[test]
fn what_is_refused_has_its_place_and_no_output() {
    let home = home("port-refused");
    home.write("broken.php", "<?php\n$a = ;\n");
    home.write("gbk.php", b"<?php\n// \xcd\xcb\xbf\xee\n");
    let run = home.run(&["port", "broken.php"]).ends(2).says("error: broken.php:2:").says("not PHP");
    assert_eq!(run.stdout, "");
    assert_eq!(home.run(&["port", "gbk.php"]).ends(2).says("gbk.php:2:4: not UTF-8").stdout, "");
    // Nor have the others.
    let all = ["port", "-o", "out", "script.php", "broken.php", "gbk.php"];
    home.run(&all)
        .ends(2)
        .says("broken.php:2:")
        .says("gbk.php:2:4: ")
        .says("nothing is written, as 2 of 3 files are refused");
    assert!(!home.folder.file("out").exists());
    let run = home.run(&["port", "--json", "gbk.php"]).ends(2);
    assert_eq!((&run.json()["refused"]["line"], &run.json()["refused"]["column"]), (&2.into(), &4.into()));
    home.run(&["port", "none.php"]).ends(2).says("none.php: ");
    home.run_with(&["port", "-", "-"], SNIPPET).ends(2);
}

#[test]
fn a_file_for_each() {
    let home = home("port-files");
    let read = |name: &str| std::fs::read_to_string(home.path(name)).unwrap();
    let all = ["port", "-o", "out/src", "script.php", "RefundDesk.php"];
    assert_eq!(home.run(&all).ends(0).says("2 files: nothing is left to do").stdout, "");
    assert_eq!(read("out/src/script.rs"), home.run(&["port", "script.php"]).stdout);
    assert!(read("out/src/refund_desk.rs").contains("退款"));
    // The same again is nothing new; what a person has changed is kept.
    home.run(&all).ends(0);
    home.write("out/src/refund_desk.rs", "// mine\n");
    home.run(&all).ends(2).says("out/src/refund_desk.rs: ").says("--force");
    home.write("script.php", SCRIPT.replace("平台证书", "证书"));
    home.run(&all).ends(2).says("out/src/script.rs: ");
    assert_eq!(read("out/src/refund_desk.rs"), "// mine\n");
    assert!(read("out/src/script.rs").contains("平台证书"), "none is written");
    let written = home.run(&[&all[..], &["--force", "--json"]].concat()).ends(0).stdout;
    assert!(written.contains(r#""written":"out/src/refund_desk.rs""#) && !written.contains("\"rust\""), "{written}");
    assert!(read("out/src/refund_desk.rs").contains("退款") && !read("out/src/script.rs").contains("平台证书"));
    let names = support::folder::Folder::names;
    assert!(!names(&home.folder).iter().any(|name| name.contains("part-")), "{:?}", names(&home.folder));
    // Two that would have one name.
    home.write("old/script.php", SCRIPT);
    home.run(&["port", "-o", "two", "script.php", "old/script.php"]).ends(2).says("would both be two/script.rs");
    home.run(&["port", "-o", "script.php", "script.php"]).ends(2).says("script.php");
}

#[test]
fn both_languages_side_by_side() {
    let home = home("port-diff");
    let shown = home.run(&["port", "--diff", "script.php", "RefundDesk.php"]).ends(0).stdout;
    assert!(shown.starts_with("script.php → script.rs\n") && shown.contains("\n\nRefundDesk.php → refund_desk.rs\n"));
    let line = |text: &str| shown.lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("{text}: {shown}"));
    // A line is beside what it has become.
    let (php, rust) = line("7 $instance->v3->certificates->get();").split_once(" │ ").unwrap();
    assert!(rust.contains(CERTIFICATES) && !php.contains("chain!"), "{php}|{rust}");
    assert!(line("// 平台证书").matches("// 平台证书").count() == 2, "{shown}");
    // What is too long is cut, and the columns stay.
    assert!(line("Builder::factory([").contains("… │ "), "{shown}");
    let width = |line: &str| unicode_width::UnicodeWidthStr::width(line.split('│').next().unwrap());
    let separated: Vec<_> = shown.lines().filter(|line| line.contains('│')).map(width).collect();
    let script = SCRIPT.lines().count();
    assert!(separated[..script].iter().all(|width| *width == separated[0]), "{shown}");
    assert!(shown.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 160), "{shown}");
    home.run(&["port", "--diff", "--json", "script.php"]).ends(2).says("--diff is for people");
    home.run(&["port", "--diff", "dynamic.php"]).ends(6).says("dynamic.php:3:1: ");
}

#[test]
fn colours_are_for_terminals() {
    let home = home("port-colours");
    assert!(!home.run(&["port", "--diff", "dynamic.php"]).ends(6).stdout.contains('\u{1b}'));
    let Some(run) = on_a_terminal(&home, &["port", "--diff", "dynamic.php"], "") else { return };
    assert!(run.ends(6).stdout.contains("\u{1b}["));
    // The Rust itself has none.
    let run = on_a_terminal(&home, &["port", "part.php"], "").unwrap().ends(0);
    assert!(run.stdout.starts_with(CERTIFICATES), "{}", run.stdout);
}

#[test]
fn what_does_not_belong_together() {
    let home = home("port-usage");
    home.run(&["port"]).ends(2).says("FILE.php");
    home.run(&["port", "script.php", "RefundDesk.php"]).ends(2).says("several files").says("-o DIR");
    home.run(&["port", "-o", "a", "--project", "b", "script.php"]).ends(2);
    home.run(&["port", "--force", "script.php"]).ends(2);
    home.run(&["port", "--chain", ".", "script.php"]).ends(2).says("--chain is of no use");
    home.run(&["port", "--check", "--chain", ".", "script.php"]).ends(2).says("not a checkout of wechatpay-chain");
    home.run(&["port", "--check", "--chain", "none", "script.php"]).ends(2).says("none: ");
    home.run(&["port", "--mchid", "1900000109", "script.php"]).ends(2).says("of no use to this command: --mchid");
}
