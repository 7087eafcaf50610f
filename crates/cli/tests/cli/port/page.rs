//! The program on the pages about porting: its Rust is what is written, and what it prints is what it prints in the sandbox.
//!
//! `WECHATPAY_WRITE_SESSIONS=1` writes the Rust into the pages.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use regex::Regex;

use super::compiled::{cargo, checkout, workshop};
use crate::running::Running;
use crate::runs::Home;

const CHINESE: &str = "porting-from-php.md";
const ENGLISH: &str = "en/porting-from-php.md";

/// Held from reading pages to writing them: two tests write these.
pub static WRITING: Mutex<()> = Mutex::new(());

/// The program of the Chinese page.
pub fn program() -> String {
    Page::read(CHINESE).block("php").to_owned()
}

struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    fn read(name: &str) -> Page {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
        Page { text: fs::read_to_string(&path).unwrap(), path }
    }

    /// The first block in a language.
    fn block(&self, language: &str) -> &str {
        let (_, block) = self.text.split_once(&format!("\n```{language}\n")).expect(language);
        let end = block.find("\n```\n").expect("a block ends");
        &block[..=end]
    }
}

#[test]
fn the_rust_of_the_pages_is_what_is_written() {
    // A test that has failed with it is no reason to fail.
    let _alone = WRITING.lock();
    for page in [CHINESE, ENGLISH].map(Page::read) {
        let written = Home::new("port-pages").run_with(&["port", "-"], page.block("php")).ends(0).stdout;
        let shown = page.block("rust,ignore");
        if std::env::var_os("WECHATPAY_WRITE_SESSIONS").is_some() {
            fs::write(&page.path, page.text.replace(shown, &written)).unwrap();
        } else {
            let path = page.path.display();
            assert_eq!(shown, written, "{path}: run this test with WECHATPAY_WRITE_SESSIONS=1");
        }
    }
}

#[test]
fn the_program_of_the_page_runs() {
    let home = workshop("port-page");
    home.write("pay.php", program());
    let checked = home.run(&["port", "--project", "shop", "--check", "--chain", checkout(), "pay.php"]).ends(0);
    let page = Page::read(CHINESE);
    assert!(page.text.contains(&format!("```text\n{}```", last_line(&checked.stderr))), "{}", checked.stderr);
    cargo(&home.path("shop"), &["build", "--quiet"]).ends(0);

    let sandbox = Running::start(&home, &["--page-port", "0", "--folder", &home.path("keys")]);
    let mut shop = Command::new("bash");
    shop.args(["-c", "set -a; . \"$1/wechatpay.env\"; exec \"$2\"", "bash", &sandbox.folder]);
    shop.arg(concat!(env!("CARGO_TARGET_TMPDIR"), "/ported/debug/shop"));
    let mut shop = shop.stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(shop.stdout.take().unwrap());
    let mut printed = String::new();
    stdout.read_line(&mut printed).unwrap();
    let number = printed.split(' ').next().unwrap();
    assert_eq!(sandbox.page("POST", &format!("/api/orders/{number}/pay"), "").status, 200);
    stdout.read_to_string(&mut printed).unwrap();
    assert!(shop.wait().unwrap().success());
    for page in [page, Page::read(ENGLISH)] {
        assert_eq!(without_chance(&printed), without_chance(page.block("text")));
    }
}

fn last_line(text: &str) -> &str {
    text.split_inclusive('\n').next_back().unwrap_or_default()
}

/// What a program prints, without the day and what is made by chance.
fn without_chance(printed: &str) -> String {
    let chance = Regex::new("coffee-[0-9]{8}-[0-9A-Za-z]{8} |pr=[0-9A-Za-z]+").unwrap();
    chance.replace_all(printed, "…").into_owned()
}
