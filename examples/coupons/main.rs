//! Five coupon operations in the six forms of the PHP SDK, which makes thirty calls to the sandbox:
//!
//! ```text
//! cargo run --example coupons
//! cargo run --example coupons -- --answers    # prints each answer in full
//! ```
//!
//! All six forms of an operation use the same request number, so they all name the same coupon.

mod operations;

use anyhow::Context;
use operations::{FORMS, OPERATIONS};
use wechatpay::{Builder, Error, Response, Value};
use wechatpay_sandbox::Sandbox;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let with_answers = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--answers"] => true,
        _ => anyhow::bail!("the only argument is --answers, not {}", arguments.join(" ")),
    };
    let sandbox = Sandbox::start().context("the sandbox does not start")?;
    let instance = Builder::factory(sandbox.config())?;
    println!("sandbox {}, merchant {}", sandbox.base_uri(), sandbox.mchid());

    let (mut calls, mut failed) = (0, 0);
    for operation in &OPERATIONS {
        println!("\n{}\n{} {}", operation.name, operation.method, operation.path);
        println!("  {:<18} {:<7} result", "form", "status");
        for (index, form) in FORMS.iter().enumerate() {
            calls += 1;
            match operation.call(index, &instance, sandbox.platform_public_key()) {
                Ok(response) => {
                    println!("  {form:<18} {:<7} {}", response.status().as_u16(), summary(&response)?);
                    if with_answers {
                        println!("  {:<18} {:<7} {}", "", "", response.text());
                    }
                }
                Err(error) => {
                    failed += 1;
                    println!("  {form:<18} {:<7} {error:#}{}", status(&error), outcome(&error));
                }
            }
        }
    }
    println!();
    anyhow::ensure!(failed == 0, "{failed} of {calls} calls failed");
    println!("{calls} calls, each answer verified");
    Ok(())
}

/// The answer in one line: `coupon_id=…`, or the length of a list.
fn summary(response: &Response) -> wechatpay::Result<String> {
    let answer = response.json()?;
    let Value::Object(fields) = answer else {
        return Ok(format!("{answer}"));
    };
    let fields = fields.iter().map(|(name, value)| match value {
        Value::Array(list) => format!("{name}.len()={}", list.len()),
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    });
    Ok(fields.collect::<Vec<_>>().join("  "))
}

/// The status of the answer in an error, if there was an answer.
fn status(error: &anyhow::Error) -> String {
    let response = error.downcast_ref::<Error>().and_then(Error::response);
    response.map_or_else(|| "-".into(), |response| response.status().as_u16().to_string())
}

/// What the caller needs to know after a failure.
fn outcome(error: &anyhow::Error) -> String {
    error.downcast_ref::<Error>().map(|error| format!(" [{:?}]", error.outcome())).unwrap_or_default()
}
