//! `wechatpay sandbox` and programs that we did not write: the real client of Node calls it, a real browser shows its
//! page, and the compilers and interpreters of other languages read the programs that it writes.
//!
//! They need node, Chromium and two packages of npm, in `target/node`: see `.ci/run`, which puts them there. On CI they must be
//! there, unless npm could not be reached; elsewhere a test without them says that it was skipped.

#[path = "../cli/running.rs"]
#[allow(dead_code, reason = "the other test program uses the rest")]
mod running;
#[path = "../cli/runs.rs"]
#[allow(dead_code, reason = "the other test program uses the rest")]
mod runs;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::raw::{Reply, Server, answer};
use support::shared::shared_file;

use crate::running::Running;
use crate::runs::Home;

/// Where npm has put the packages.
fn packages() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("node").join("node_modules");
    if folder.is_dir() {
        return Some(folder);
    }
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let missing = format!("there is no {}; .ci/run says how it is made", folder.display());
    let is_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false")
        && std::env::var_os("WITHOUT_NPM").is_none();
    assert!(!is_ci, "{missing}: on CI it must be there");
    let _ = std::io::stderr().write_all(format!("skipped: {test} ({missing})\n").as_bytes());
    None
}

/// Runs a script of this folder to its end, which must be a good one.
fn node(script: &str, packages: &Path, running: &Running, arguments: &[&str]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside");
    let mut node = Command::new("node");
    node.arg(folder.join(script)).args(arguments).env("NODE_PATH", packages);
    node.env("GATEWAY", &running.base_uri).env("PAGE", &running.page).env("FOLDER", &running.folder);
    let authority = Path::new(&running.folder).join("authority.pem");
    if authority.exists() {
        // For a call with a client certificate the plugin has an agent of its own.
        node.env("NODE_EXTRA_CA_CERTS", authority);
    }
    let output = node.output().expect("node is there");
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{wrong}");
    said.into_owned()
}

/// Ten calls of both protocols by `wechatpay-axios-plugin`, with a client certificate where one is needed.
#[test]
fn the_client_of_node_is_understood() {
    let Some(packages) = packages() else { return };
    let home = Home::new("node");
    let running = Running::start(&home, &["--tls"]);
    let said = node("calls.js", &packages, &running, &[]);
    assert_eq!(said.lines().count(), 10, "{said}");
}

/// Each documented call, made by the client of Node as PHP's was made for the recordings: each is let in, and each answer that the
/// platform signs is verified by the client.
#[test]
fn all_documented_calls_by_the_client_of_node() {
    let Some(packages) = packages() else { return };
    let files = ["conformance/requests.v3.jsonl", "conformance/requests.v2.jsonl"].map(shared_file);
    let [Some(v3), Some(v2)] = files else { return };
    let home = Home::new("node-recorded");
    let running = Running::start(&home, &["--tls", "--lenient"]);
    let said = node("recorded.js", &packages, &running, &[v3.to_str().unwrap(), v2.to_str().unwrap()]);
    let told: Vec<Value> = said.lines().map(|line| line.parse().unwrap()).collect();
    let unverified = told.iter().filter(|call| call["is_verified"] != true).map(|call| call["id"].as_str().unwrap());
    // A refusal that is not signed, as that of the platform.
    assert_eq!(unverified.collect::<Vec<_>>(), ["v2/mmpaymkttransfers/gethbinfo#post"], "{said}");
    let (lines, _) = running.end();
    let seen: Vec<_> = lines.iter().filter(|line| line["method"].is_string()).collect();
    let refused: Vec<_> = seen.iter().filter(|it| it["is_checked"] != true || !it["refused"].is_null()).collect();
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(seen.len(), told.len());
    assert!(seen.len() >= 772, "{}", seen.len());
}

/// The program that is written to the folder, as it is.
#[test]
fn the_program_for_node_places_an_order() {
    let Some(packages) = packages() else { return };
    let home = Home::new("program");
    for arguments in [&[][..], &["--tls", "--mode", "certificate"]] {
        let running = Running::start(&home, arguments);
        let program = format!("{}/node/native.js", running.folder);
        let output = Command::new("node").arg(program).env("NODE_PATH", &packages).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("\"code_url\":\"weixin://"), "{said} {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// From an order to the reply of its merchant, a fault, and the keyboard alone; at a desk and on a phone, light and dark.
#[test]
fn the_page_in_a_browser() {
    let Some(packages) = packages() else { return };
    let merchant = Server::start(|_, _| Reply::Answer(answer("204 No Content", &[], b"")));
    let home = Home::new("browser");
    let running = Running::start(&home, &[]);
    let wechatpay = env!("CARGO_BIN_EXE_wechatpay");
    let state = home.path("sandbox.json");
    node("page.js", &packages, &running, &[&merchant.url(), wechatpay, &state]);
    assert_eq!(merchant.arrived().len(), 3, "two payments, and the first once more");
}
