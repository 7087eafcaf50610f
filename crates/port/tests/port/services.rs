//! PHP as shops have it, not written for this: a service of a framework, a cron script with a bill, gateways with a
//! parent, a class of the time of APIv2. All of it is ported, and compiles without a warning.

use crate::session::assert_compile;

const SERVICES: [(&str, &str); 4] = [
    ("gateways", include_str!("services/gateways.php")),
    ("laravel_service", include_str!("services/laravel_service.php")),
    ("legacy_v2", include_str!("services/legacy_v2.php")),
    ("reconcile", include_str!("services/reconcile.php")),
];

#[test]
fn services_are_ported_as_a_whole_and_compile_without_a_warning() {
    let port = |(name, php): (&'static str, &str)| (name, wechatpay_port::port(php.as_bytes()).unwrap());
    let ported = SERVICES.map(port);
    for (name, ported) in &ported {
        assert!(ported.is_complete(), "{name}: {:?}", ported.findings);
    }
    let modules: Vec<(&str, &str)> = ported.iter().map(|(name, ported)| (*name, ported.rust.as_str())).collect();
    assert_compile("port_services", "#![deny(warnings)]\n#![allow(dead_code)]", &modules);
}
