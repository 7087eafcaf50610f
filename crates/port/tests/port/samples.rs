//! The recorded programs: ported without anything left to do, compiled, and run against the answers that the PHP program got
//! when it was recorded. They must send the same requests in the same order and return the same.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::path::Path;

use serde_json::{Value, json};
use support::nature;
use support::ordered::Ordered;
use support::shared::shared;
use support::world::World;
use wechatpay_port::Ported;

use crate::left::nothing_is_left;
use crate::names::snake;
use crate::session::{MAIN, Session, as_module};
use crate::signature::Signature;

#[test]
fn bookstore_native() {
    check("01_bookstore_native");
}

#[test]
fn tea_jsapi_cashier() {
    check("02_TeaJsapiCashier");
}

#[test]
fn travel_refund_service() {
    check("04_TravelRefundService");
}

#[test]
fn mall_combine_partner() {
    check("05_mall_combine_partner");
}

#[test]
fn busifavor_coupons() {
    check("07_busifavor_coupons");
}

#[test]
fn reward_transfer() {
    check("09_RewardTransfer");
}

#[test]
fn complaint_desk() {
    check("10_ComplaintDesk");
}

#[test]
fn sub_merchant_apply() {
    check("12_sub_merchant_apply");
}

#[test]
fn legacy_v2_orders() {
    check("14_legacy_v2_orders");
}

fn check(sample: &str) {
    let Some(world) = World::start(sample) else { return };
    let php = shared(&format!("php-samples/{sample}.php")).unwrap();
    let overrides = json!({ "overrides": world.overrides() });
    let returned = run(sample, &php, world.folder(), &world.variables(), &["overrides"], &overrides);
    let mut result: Value = returned.to_string().parse().unwrap();
    nature::replace(sample, &world, &mut result);
    assert_eq!(result, world.recorded.result);
    assert_eq!(shape(returned), shape(world.recorded.ordered_result.clone()), "the order is another");
    world.check_requests(true);
}

/// A value without its texts: names in their order, numbers, lists.
pub fn shape(value: Ordered) -> Ordered {
    let mut value = value.each_text(&|_| Ordered::Text(String::new()));
    if let Ordered::Object(fields) = &mut value {
        // An answer as it came, in the order of the sandbox.
        for (_, short) in fields.iter_mut().filter(|(name, _)| name == "short") {
            *short = std::mem::replace(short, Ordered::Null).sorted();
        }
    }
    value
}

/// Ports a program, compiles it, and calls its entry with these of the inputs: what it returns.
pub fn run(
    sample: &str,
    php: &str,
    folder: &Path,
    variables: &BTreeMap<String, String>,
    names: &[&str],
    inputs: &impl fmt::Display,
) -> Ordered {
    let php = php.replace("/path/to", folder.to_str().unwrap());
    let ported = wechatpay_port::port(php.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    nothing_is_left(sample, &php, &ported);
    let name = format!("port_{}", sample.to_lowercase());
    let mut session = Session::start(&name, &sources(&php, &ported, names), folder, variables);
    session.ask(inputs).unwrap_or_else(|error| panic!("{sample} has failed: {error}"))
}

/// The ported file as a module, with a function at its end that calls its entry; and the root.
fn sources(php: &str, ported: &Ported, inputs: &[&str]) -> [(&'static str, String); 2] {
    assert!(!ported.has_main, "it is no script");
    let (mut module, attributes) = as_module(&ported.rust);
    let entry = header(php, "entry").expect("the file names its entry");
    let mut steps = String::new();
    for input in inputs {
        writeln!(steps, "    let {input} = asked[{input:?}].clone();").unwrap();
    }
    let arguments = match header(php, "client") {
        None => inputs,
        Some(client) => {
            let client = Signature::of(&module, &client).call(inputs);
            writeln!(steps, "    let client = {client}?;").unwrap();
            &["client"]
        }
    };
    let call = Signature::of(&module, &entry).call(arguments);
    write!(
        module,
        "\npub fn enter(asked: &::wechatpay::Value) -> std::result::Result<::wechatpay::Value, String> {{\n\
         {steps}    let returned = {call}?;\n    Ok(::wechatpay::json!(returned))\n}}\n"
    )
    .unwrap();
    let root = "fn run(asked: &wechatpay::Value) -> Result<wechatpay::Value, String> {\n    sample::enter(asked)\n}\n";
    [("sample.rs", module), ("main.rs", format!("{attributes}#![deny(warnings)]\n\nmod sample;\n{MAIN}\n{root}"))]
}

/// A function that the comments of the file name, as it is called in Rust: `A\B::makeOrder` is `B::make_order`.
pub fn header(php: &str, name: &str) -> Option<String> {
    let mark = format!("// {name}: ");
    let named = php.lines().find_map(|line| line.strip_prefix(&mark))?;
    let path = named.trim().rsplit('\\').next().unwrap();
    Some(match path.split_once("::") {
        Some((class, method)) => format!("{class}::{}", snake(method)),
        None => snake(path),
    })
}
