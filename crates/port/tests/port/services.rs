//! PHP as shops have it, not written for this: a service of a framework, a cron script with a bill, gateways with a
//! parent, a class of the time of APIv2. All of it is ported, and compiles without a warning.

use support::program::Program;

use crate::session::as_module;

const SERVICES: [(&str, &str); 4] = [
    ("gateways", include_str!("services/gateways.php")),
    ("laravel_service", include_str!("services/laravel_service.php")),
    ("legacy_v2", include_str!("services/legacy_v2.php")),
    ("reconcile", include_str!("services/reconcile.php")),
];

#[test]
fn services_are_ported_as_a_whole_and_compile_without_a_warning() {
    let mut root = "#![deny(warnings)]\n#![allow(dead_code)]\n\n".to_owned();
    let mut sources = Vec::new();
    for (name, php) in SERVICES {
        let ported = wechatpay_port::port(php.as_bytes()).unwrap();
        assert!(ported.is_complete(), "{name}: {:?}", ported.findings);
        root.push_str(&format!("mod {name};\n"));
        sources.push((format!("{name}.rs"), as_module(&ported.rust).0));
    }
    sources.push(("main.rs".to_owned(), format!("{root}\nfn main() {{}}\n")));
    let sources: Vec<(&str, String)> = sources.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let program =
        Program::with_features(env!("CARGO_TARGET_TMPDIR"), "port_services", &["php", "preserve-order"], &sources);
    let ended = program.cargo(&["check"]);
    assert!(ended.status.success(), "{}", ended.stderr);
}
