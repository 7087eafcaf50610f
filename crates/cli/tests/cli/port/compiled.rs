//! What the compiler has to say: of `--check`, and of a project.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{SNIPPET, home};
use crate::runs::{Home, Run};

/// Where this crate is.
pub fn checkout() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../..")
}

/// What cargo needs to be found and to find what is downloaded.
fn variables() -> Vec<(&'static str, String)> {
    let user = std::env::var("HOME").unwrap_or_default();
    let or_at_home = |name: &str, folder: &str| std::env::var(name).unwrap_or_else(|_| format!("{user}/{folder}"));
    let mut variables = vec![
        ("CARGO", env!("CARGO").to_owned()),
        ("CARGO_HOME", or_at_home("CARGO_HOME", ".cargo")),
        ("RUSTUP_HOME", or_at_home("RUSTUP_HOME", ".rustup")),
        ("CARGO_NET_OFFLINE", "true".to_owned()),
        ("CARGO_PROFILE_DEV_DEBUG", "none".to_owned()),
        ("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/ported").to_owned()),
    ];
    variables.extend(std::env::var("RUSTUP_TOOLCHAIN").ok().map(|toolchain| ("RUSTUP_TOOLCHAIN", toolchain)));
    variables
}

/// A home in which cargo can be called.
pub fn workshop(name: &str) -> Home {
    let mut home = home(name);
    variables().iter().for_each(|(name, value)| home.set(name, value));
    home.set("TMPDIR", &home.path("tmp"));
    std::fs::create_dir(home.path("tmp")).unwrap();
    home
}

/// What is left of the scratch projects.
fn left(home: &Home) -> usize {
    std::fs::read_dir(home.path("tmp")).unwrap().count()
}

/// A library that accepts no chain.
fn write_refusing_library(home: &Home) {
    home.write(
        "library/Cargo.toml",
        "[package]\nname = \"wechatpay-chain\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\nname = \"wechatpay\"\n\n\
         [features]\nphp = []\n\n[workspace]\n",
    );
    home.write(
        "library/src/lib.rs",
        "pub struct Builder;\npub struct Chain;\npub struct Value;\n\
         impl Builder {\n    pub fn factory<T>(_: T) -> std::io::Result<Builder> {\n        Ok(Builder)\n    }\n}\n\
         #[macro_export]\nmacro_rules! json {\n    ($($given:tt)*) => {\n        ()\n    };\n}\n\
         #[macro_export]\nmacro_rules! chain {\n    ($($given:tt)*) => {\n        compile_error!(\"no chain is accepted\")\n    };\n}\n",
    );
}

#[test]
fn the_compiler_complains_of_lines_of_php() {
    let home = workshop("port-complaints");
    write_refusing_library(&home);
    let check = ["port", "--check", "--chain", "library"];
    let run = home.run(&[&check[..], &["script.php"]].concat()).ends(6);
    let run = run.says("script.php:7: rustc: no chain is accepted\n").says("│ chain!(instance->v3->certificates)");
    let run = run.says("error: 1 file: 1 error of the compiler");
    assert!(run.stdout.contains("fn main()"));
    let json = home.run(&[&check[..], &["--json", "script.php"]].concat()).ends(6).json();
    let complaint = &json["compiler"][0];
    assert_eq!((&complaint["level"], &complaint["line"]), (&"error".into(), &7.into()), "{json}");
    assert!(complaint["rust"]["text"].as_str().unwrap().starts_with("chain!("), "{json}");
    // Of several, each its own.
    let run = home.run(&[&check[..], &["RefundDesk.php", "script.php"]].concat()).ends(6);
    run.says("RefundDesk.php:8: rustc: no chain").says("script.php:7: rustc: no chain").says("error: 2 files: ");
    assert_eq!(left(&home), 0);
}

#[test]
fn a_part_of_a_program_is_checked_if_it_is_whole_in_itself() {
    let home = workshop("port-parts");
    let check = ["port", "--check", "--chain", checkout(), "-"];
    let run = home.run_with(&check, SNIPPET).ends(2);
    run.says("standard input:1: --check needs all of a program, and this is a part").says("`instance`").says("<?php");
    home.run_with(&check, "'appid' => 'wx8888888888888888',\n'amount' => ['total' => 1],\n")
        .ends(0)
        .says("it compiles");
    assert_eq!(left(&home), 0);
}

#[test]
fn what_keeps_cargo_from_compiling() {
    let mut home = workshop("port-no-cargo");
    // It is not published, or there is no network.
    home.set("CARGO_HOME", &home.path("empty"));
    home.run(&["port", "--check", "script.php"]).ends(1).says("cargo has failed").says("--chain PATH");
    // What it depends on does not compile.
    write_refusing_library(&home);
    home.write("library/src/lib.rs", "compile_error!(\"not today\");\n");
    variables().iter().for_each(|(name, value)| home.set(name, value));
    let check = ["port", "--check", "--chain", "library", "script.php"];
    home.run(&check).ends(1).says("cargo has failed").says("not today");
    home.set("CARGO", &home.path("no-cargo"));
    home.run(&check).ends(2).says("--check needs cargo").says("no-cargo");
    assert_eq!(left(&home), 0);
}

/// Runs cargo in a project.
pub fn cargo(project: &str, arguments: &[&str]) -> Run {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).current_dir(project).envs(variables());
    Run::of(cargo.output().unwrap())
}

#[test]
fn a_project_compiles_and_its_test_calls_the_sandbox() {
    let home = workshop("port-project");
    let read = |name: &str| std::fs::read_to_string(home.path(name)).unwrap();
    let project = ["port", "--check", "--chain", checkout(), "--project", "My Shop"];
    let all = [&project[..], &["script.php", "RefundDesk.php"]].concat();
    home.run(&all).ends(0).says("2 files: nothing is left to do, it compiles");
    let manifest: toml::Table = read("My Shop/Cargo.toml").parse().unwrap();
    assert_eq!(manifest["package"]["name"].as_str(), Some("my-shop"));
    assert_eq!(manifest["profile"]["release"]["overflow-checks"].as_bool(), Some(true));
    assert_eq!(manifest["dependencies"]["wechatpay-chain"]["features"][0].as_str(), Some("php"));
    assert!(read("My Shop/src/lib.rs").ends_with("pub mod refund_desk;\n"));
    assert_eq!(read("My Shop/src/bin/script.rs"), home.run(&["port", "script.php"]).stdout);
    let page = read("My Shop/README.md");
    assert!(
        page.contains("| `RefundDesk.php` | `src/refund_desk.rs` |") && page.contains("cargo run --bin script"),
        "{page}"
    );
    let replay = read("My Shop/tests/replay.rs");
    assert!(replay.contains("(\"POST\", chain!(instance->v3->refund->domestic->refunds)),"), "{replay}");

    let ended = cargo(&home.path("My Shop"), &["test", "--quiet"]).ends(0);
    assert_eq!(ended.stdout.matches("test result: ok. 1 passed").count(), 1, "{}", ended.stdout);
    if cargo(".", &["fmt", "--version"]).code == 0 {
        cargo(&home.path("My Shop"), &["fmt", "--check"]).ends(0);
    }

    home.run(&all).ends(2).says("My Shop: is not empty");
    assert_eq!(left(&home), 0);
}

#[test]
fn projects_of_a_script_and_of_what_is_not_finished() {
    let home = home("port-projects");
    let read = |name: &str| std::fs::read_to_string(home.path(name)).unwrap();
    home.run(&["port", "--project", "script", "script.php"]).ends(0);
    assert_eq!(read("script/src/main.rs"), home.run(&["port", "script.php"]).stdout);
    assert!(!home.folder.file("script/src/lib.rs").exists() && !home.folder.file("script/Cargo.lock").exists());
    let published =
        format!("wechatpay-chain = {{ version = \"{}\", features = [\"php\"] }}", env!("CARGO_PKG_VERSION"));
    assert!(read("script/Cargo.toml").contains(&published), "{}", read("script/Cargo.toml"));
    home.run(&["port", "--project", "dynamic", "dynamic.php"]).ends(6);
    assert!(
        read("dynamic/README.md").contains("## Left to do\n\n- `dynamic.php:3:1`: "),
        "{}",
        read("dynamic/README.md")
    );
    // What makes no call is tested with one that every merchant can make.
    assert!(read("dynamic/tests/replay.rs").contains("instance.chain(\"v3/certificates\")"));
    home.run(&["port", "--project", "part", "part.php"]).ends(2).says("part.php has no `<?php`");
    home.run(&["port", "--project", "script.php", "script.php"]).ends(2).says("script.php: ");
    home.write("old/RefundDesk.php", super::FUNCTION);
    let twice = ["port", "--project", "twice", "RefundDesk.php", "old/RefundDesk.php"];
    home.run(&twice).ends(2).says("would both be twice/src/refund_desk.rs");
    assert!(!home.folder.file("part").exists() && !home.folder.file("twice").exists());
}

#[cfg(unix)]
#[test]
fn what_is_interrupted_leaves_nothing_behind() {
    let mut home = workshop("port-interrupted");
    // As long as it has something to compile.
    home.write(
        "cargo",
        "#!/bin/sh\necho compiling >started\nmv started ../../started\nwhile [ -e Cargo.toml ]; do sleep 0.05; done\n",
    );
    let cargo = home.path("cargo");
    std::fs::set_permissions(&cargo, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    home.set("CARGO", &cargo);
    let child =
        home.command(&["port", "--check", "script.php"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while !home.folder.file("started").exists() {
        assert!(Instant::now() < patience);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(left(&home), 1);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    Run::of(child.wait_with_output().unwrap()).ends(130);
    assert_eq!(left(&home), 0);
}
