//! The help of all commands, as pages.

use std::path::Path;

use serde_json::Value;

use crate::runs::Home;

/// The page of the repository is what the commands say; `WECHATPAY_WRITE_HELP=1` writes it.
#[test]
fn the_page_of_the_repository() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli-reference.md");
    let made = Home::new("markdown").run(&["man", "--markdown"]).ends(0).stdout;
    if std::env::var_os("WECHATPAY_WRITE_HELP").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(made == there, "docs/cli-reference.md is not what --help says: run this test with WECHATPAY_WRITE_HELP=1");
}

/// The commands that the help lists.
fn commands(home: &Home) -> Vec<String> {
    let help = home.run(&["--help"]).ends(0).stdout;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let lines = list.lines().take_while(|line| !line.is_empty());
    // The description may go on in the next line.
    let names = lines.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    names.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn a_page_for_each_command() {
    let home = Home::new("pages");
    home.run(&["man", "-o", "share/man1"]).ends(0).says(" pages are in share/man1");
    let folder = home.folder.file("share/man1");
    let root = std::fs::read_to_string(folder.join("wechatpay.1")).unwrap();
    assert!(root.starts_with(".ie") && root.contains(".TH wechatpay 1"), "{root}");
    for command in commands(&home) {
        let page = std::fs::read_to_string(folder.join(format!("wechatpay-{command}.1"))).unwrap();
        assert!(page.contains(&format!(".TH wechatpay-{command} 1  \"wechatpay ")), "{page}");
    }
    assert!(!folder.join("wechatpay-complete.1").exists());
    let json = home.run(&["--json", "man", "-o", "again"]).ends(0).json();
    assert!(json.as_array().unwrap().contains(&Value::from("again/wechatpay-doctor.1")));
}

#[test]
fn the_page_of_the_program_on_standard_output() {
    let home = Home::new("roff");
    let roff = home.run(&["man"]).ends(0).stdout;
    assert!(roff.contains(".SH SUBCOMMANDS"), "{roff}");
    assert!(home.run(&["--json", "man"]).ends(0).json().is_string());
    home.write("file", "");
    home.run(&["man", "-o", "file/below"]).ends(2).says("file/below");
    home.write("taken/wechatpay.1/x", "");
    home.run(&["man", "-o", "taken"]).ends(2).says("taken/wechatpay.1: ");
    home.run(&["man", "--markdown", "-o", "x"]).ends(2);
}
