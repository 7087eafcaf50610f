//! Which settings there are, and where they come from.

use super::hosts::{is_address, shown};
use super::report::Report;
use crate::settings::{Given, Settings, variable_name};

/// What has no key in it, and what is missing.
pub fn check(settings: &Settings, report: &mut Report<'_>) {
    if let Some(profile) = &settings.profile {
        report.ok("profile", profile);
    }
    party(settings, report);
    if !settings.is_apiv2_alone() {
        // A file of PKCS#12 says the serial of its certificate.
        let has_serial =
            settings.serial.is_some() || settings.private_key.as_ref().is_some_and(|key| key.value.is_pkcs12());
        if !has_serial {
            missing("serial", "--serial", "the serial of the API certificate", report);
        }
        if settings.private_key.is_none() {
            missing("private_key", "--private-key", "the private key, apiclient_key.pem", report);
        }
    }
    match &settings.base_uri {
        Some(Given { value, from }) if !is_address(value) => report.failed(
            "base_uri",
            format!("{:?}, from {from}, is not an address", shown(value)),
            &["such as https://api.mch.weixin.qq.com/".to_owned()],
        ),
        Some(Given { value, from }) => report.ok("base_uri", format!("{}, from {from}", shown(value))),
        None => {}
    }
    if let Some(Given { value, from }) = settings.proxy.as_ref().filter(|proxy| !proxy.value.is_empty()) {
        report.ok("proxy", format!("{}, from {from}", shown(value)));
    }
    if let Some(Given { value, from }) = &settings.verify {
        report.ok("verify", format!("{}, from {from}", value.display()));
    }
    if let Some(Given { value, from }) = &settings.timeout {
        report.ok("timeout", format!("{value} s, from {from}"));
    }
    permissions(settings, report);
}

fn party(settings: &Settings, report: &mut Report<'_>) {
    match (&settings.mchid, &settings.brand_id) {
        (Some(mchid), Some(brand_id)) => report.failed(
            "mchid",
            format!("a merchant ({}) and a brand ({}) are set, which have different keys", mchid.from, brand_id.from),
            &["leave one of them out; give each a profile of its own".to_owned()],
        ),
        (Some(Given { value, from }), None) if !value.bytes().all(|byte| byte.is_ascii_digit()) => report.failed(
            "mchid",
            format!("what {from} says is not a number"),
            &["the merchant's id has digits only, such as 1900000109".to_owned()],
        ),
        (Some(Given { value, from }), None) => report.ok("mchid", format!("{value}, from {from}")),
        (None, Some(Given { value, from })) => report.ok("brand_id", format!("{value}, from {from}")),
        (None, None) => {
            missing("mchid", "--mchid", "the merchant's id; with no account, try --profile sandbox", report)
        }
    }
}

/// Something without which no call can be made.
pub fn missing(name: &'static str, flag: &str, what: &str, report: &mut Report<'_>) {
    let fix = format!("give it by {flag}, by {} or by `{name}` in a profile", variable_name(name));
    report.failed(name, format!("missing: {what}"), &[fix]);
}

fn permissions(settings: &Settings, report: &mut Report<'_>) {
    for warning in &settings.warnings {
        let (what, fix) = warning.split_once(": ").unwrap_or((warning, ""));
        report.warning("permissions", what, &[fix.to_owned()]);
    }
    let secrets = [&settings.private_key, &settings.apiv3_key, &settings.secret];
    let has_files = secrets.into_iter().flatten().any(|given| given.value.path().is_some());
    if settings.warnings.is_empty() && has_files {
        report.ok("permissions", "only you can read the files with keys");
    }
}
