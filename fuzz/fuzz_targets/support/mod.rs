//! JSON and texts out of the bytes of the fuzzer.
// Each target is a crate of its own and uses a part of this.
#![allow(dead_code)]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use wechatpay::{Value, json};

/// A JSON value of at most a few levels; texts and names are often taken from `words`.
pub fn value(input: &mut Unstructured<'_>, words: &[&str], depth: usize) -> Result<Value> {
    let kinds = if depth == 0 { 6 } else { 9 };
    Ok(match input.int_in_range(0..=kinds)? {
        0 => Value::Null,
        1 => json!(input.arbitrary::<bool>()?),
        2 => json!(input.arbitrary::<i64>()?),
        3 => json!(input.arbitrary::<f64>()?),
        4..=6 => json!(text(input, words)?),
        7 => {
            let length = input.int_in_range(0..=4)?;
            (0..length).map(|_| value(input, words, depth - 1)).collect::<Result<Value>>()?
        }
        _ => object(input, words, depth - 1)?,
    })
}

/// A JSON object.
pub fn object(input: &mut Unstructured<'_>, words: &[&str], depth: usize) -> Result<Value> {
    let length = input.int_in_range(0..=6)?;
    let entries = (0..length).map(|_| Ok((text(input, words)?, value(input, words, depth)?)));
    Ok(Value::Object(entries.collect::<Result<_>>()?))
}

/// A few pieces: words, and texts of the fuzzer's own.
pub fn text(input: &mut Unstructured<'_>, words: &[&str]) -> Result<String> {
    let mut text = String::new();
    for _ in 0..input.int_in_range(1..=3)? {
        match input.arbitrary::<bool>()? {
            true => text.push_str(input.choose(words)?),
            false => text.push_str(input.arbitrary()?),
        }
        if input.arbitrary::<bool>()? {
            break;
        }
    }
    Ok(text)
}
