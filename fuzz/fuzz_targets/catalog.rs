//! Paths and options against the catalog: nothing panics, what is found fits the path, and no value is in a finding.
#![no_main]

mod support;

use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use wechatpay::{Value, json};
use wechatpay_catalog::{Found, Operation, Place, catalog};

const WORDS: [&str; 44] = [
    "json",
    "query",
    "headers",
    "xml",
    "multipart",
    "encrypt",
    "base_uri",
    "security",
    "body",
    "auto",
    "/json/*",
    "/",
    ".",
    "->",
    "{",
    "}",
    "<",
    ">",
    "_",
    "?",
    "#",
    "://",
    "https://api.mch.weixin.qq.com/",
    "https://apihk.mch.weixin.qq.com/global/",
    "v3",
    "v2",
    "{+path}",
    "{empty}",
    "path",
    "name",
    "contents",
    "meta",
    "file",
    "amount",
    "total",
    "payer",
    "openid",
    "user_name",
    "transfer_detail_list",
    "Wechatpay-Serial",
    "SUCCESS",
    "退款",
    "\u{1b}[2J",
    SECRET,
];

/// What must not be shown: it is not like anything that is documented.
const SECRET: &str = "机密";

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| catalog().operations().collect());

fuzz_target!(|input: &[u8]| {
    let _ = look(&mut Unstructured::new(input));
});

fn look(input: &mut Unstructured<'_>) -> Result<()> {
    let operation = input.choose(&OPERATIONS)?;
    let options = call(input, operation)?;
    show(operation.check(&options));

    let method = *input.choose(&["GET", "post", "PATCH", "DELETE", "…"])?;
    let mut path = if input.arbitrary()? { operation.template().to_owned() } else { String::new() };
    for _ in 0..input.int_in_range(0..=4)? {
        let at = input.int_in_range(0..=path.len())?;
        if path.is_char_boundary(at) {
            path.insert_str(at, &support::text(input, &WORDS)?);
        }
    }
    for found in [catalog().find(method, &path), catalog().find_call(method, &path, &options)].into_iter().flatten() {
        assert!(found.operation().method().eq_ignore_ascii_case(method));
        show(found.check(&options));
    }
    if let Some(found) = catalog().find(method, &path) {
        assert_fits(&found, &path);
    }
    let _ = (catalog().operations_at(&path), catalog().nearest_notification(&path));
    // These take milliseconds.
    if input.ratio(1, 32)? {
        let _ = catalog().nearest(method, &path);
        let _ = catalog().search(&support::text(input, &WORDS)?);
    }
    Ok(())
}

/// Options with the names of an operation's fields and others.
fn call(input: &mut Unstructured<'_>, operation: &Operation) -> Result<Value> {
    let mut words = WORDS.to_vec();
    let mut fields: Vec<_> = operation.places().flat_map(|(_, fields)| fields).collect();
    while let Some(field) = fields.pop() {
        words.push(field.name());
        words.extend(field.allowed());
        fields.extend(field.fields());
    }
    let mut options = support::object(input, &words, 1)?;
    for place in Place::ALL {
        if input.arbitrary()? {
            options[place.name()] = support::value(input, &words, 4)?;
        }
    }
    if input.arbitrary()? {
        options["encrypt"] = json!("auto");
    }
    Ok(options)
}

fn show(findings: Vec<wechatpay_catalog::Finding>) {
    assert!(findings.len() <= 100);
    for finding in findings {
        let line = finding.to_string();
        assert!(!line.contains(SECRET) && !line.contains(char::is_control), "{line:?}");
    }
}

/// Each literal segment of the template is somewhere in the path.
fn assert_fits(found: &Found<'_>, path: &str) {
    let plain = |text: &str| text.replace('-', "").to_lowercase();
    let path = plain(path);
    for segment in found.operation().template().split('/').filter(|segment| !segment.starts_with('{')) {
        assert!(path.contains(&plain(segment)) || segment == "v2", "{:?} by {path:?}", found.operation());
    }
}
