//! URI Templates: nothing panics, and what they expand to can stand in an address.
#![no_main]

mod support;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use wechatpay::{Error, UriTemplate};

const WORDS: [&str; 24] = [
    "{", "}", "{+", "{#", "{.", "{/", "{;", "{?", "{&", "*", "*}", ":3}", ":10000}", ",", "a", "b", "openid", "/", "%",
    "%2F", "中", "a*", "{a,b*}", "v3/",
];

fuzz_target!(|input: &[u8]| {
    let _ = expand(&mut Unstructured::new(input));
});

fn expand(input: &mut Unstructured<'_>) -> Result<()> {
    let variables = support::object(input, &WORDS, 2)?;
    let variables = variables.as_object().expect("it is an object");
    let mut source = String::new();
    for _ in 0..input.int_in_range(1..=8)? {
        source.push_str(&support::text(input, &WORDS)?);
    }
    let template = match UriTemplate::parse(&source) {
        Ok(template) => template,
        Err(error) => {
            assert!(matches!(error, Error::Options(_)), "{error:?}");
            return Ok(());
        }
    };
    let names = template.variables();
    assert!(template.required_variables().iter().all(|name| names.contains(name)));
    match template.expand(variables) {
        Ok(expanded) => {
            let allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
            assert!(expanded.bytes().all(allowed), "{source:?} gives {expanded:?}");
            // Each `%` begins a triplet.
            let triplet = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
            assert!(expanded.split('%').skip(1).all(triplet), "{source:?} gives {expanded:?}");
        }
        Err(error) => assert!(matches!(error, Error::Options(_)), "{error:?}"),
    }
    Ok(())
}
