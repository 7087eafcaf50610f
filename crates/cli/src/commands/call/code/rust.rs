//! `--rust`: a program that makes the call with the library.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::{Presented, Setup, Source, options, somewhere};
use crate::commands::call::request::Request;
use crate::commands::call::upload::Upload;
use crate::settings::Settings;

/// The program.
pub fn write(request: &Request, settings: &Settings) -> String {
    let options = options(request, &[]);
    let nodes = nodes(&Value::Object(options.clone()));
    // `json!` goes through an object entry by entry, within 128 steps unless a program says otherwise.
    let limit = if nodes > 24 {
        format!("#![recursion_limit = \"{}\"]\n\n", nodes.saturating_mul(8).next_power_of_two())
    } else {
        String::new()
    };
    let Argument { more, before, text } = match &request.upload {
        Some(upload) => form(upload, options),
        None if options.is_empty() => Argument::of("()".to_owned()),
        None => Argument::of(format!("json!({})", json(&Value::Object(options), 1))),
    };
    let mut names = [&["Builder", "chain", "json"], more].concat();
    names.sort_unstable_by_key(|name| name.to_lowercase());
    let printed = if request.options.contains_key("sink") { "status" } else { "text" };
    format!(
        "{limit}use wechatpay::{{{}}};\n\n\
         fn main() -> Result<(), Box<dyn std::error::Error>> {{\n\
         {}{before}    let response = {}.{}({text})?;\n    println!(\"{{}}\", response.{printed}());\n    Ok(())\n}}\n",
        names.join(", "),
        factory(&Setup::of(request, settings), request.is_apiv2),
        chain(&request.template),
        request.method.to_lowercase(),
    )
}

/// What the method takes.
struct Argument {
    /// Names of the library beside the usual ones.
    more: &'static [&'static str],
    /// Lines before the call.
    before: String,
    text: String,
}

impl Argument {
    fn of(text: String) -> Argument {
        Argument { more: &[], before: String::new(), text }
    }
}

/// An upload, and the options beside it.
fn form(upload: &Upload, options: Map<String, Value>) -> Argument {
    let (path, name) = (literal(&super::absolute(&upload.path)), literal(&upload.file_name));
    let others = if options.is_empty() {
        "Options::new()".to_owned()
    } else {
        format!("Options::from(json!({}))", json(&Value::Object(options), 1))
    };
    if upload.is_media() {
        let before = if upload.is_usual {
            format!("    let media = MediaUtil::new({path})?;\n")
        } else {
            let meta = json(&Value::Object(upload.meta.clone()), 1);
            format!(
                "    let mut media = MediaUtil::from_reader({name}, std::fs::File::open({path})?)?;\n    \
                 media.set_meta(json!({meta}))?;\n"
            )
        };
        return Argument { more: &["MediaUtil", "Options"], before, text: format!("{others}.body(media)") };
    }
    let part = |(name, contents): (String, String)| {
        let kind = if name == "meta" { ".header(\"Content-Type\", \"application/json\")" } else { "" };
        format!("        Part::new({}, {}){kind},\n", literal(&name), literal(&contents))
    };
    let parts: String = upload.parts().into_iter().map(part).collect();
    let file = format!("        Part::file({}, {path})?.file_name({name}),\n", literal(upload.part()));
    let text = format!("{others}.multipart(vec![\n{parts}{file}    ])");
    Argument { more: &["Options", "Part"], before: String::new(), text }
}

fn factory(setup: &Setup, is_apiv2: bool) -> String {
    let mut lines = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(lines, "        {}: {value},", literal(name));
    };
    let key_file = |file: &str| Source::KeyFile(somewhere(file));
    match &setup.party {
        Some((name, id)) => line(name, literal(id)),
        None => line("mchid", literal("1900000109")),
    }
    if is_apiv2 {
        line("secret", expression(setup.secret.as_ref().unwrap_or(&Source::SecretFile(somewhere("apiv2.key")))));
        match &setup.merchant {
            Some(Presented::Pem(cert, key)) => {
                line("merchant", format!("{{ \"cert\": {}, \"key\": {} }}", literal(cert), expression(key)));
            }
            Some(Presented::P12(path)) => line("merchant", format!("{{ \"p12\": {} }}", literal(path))),
            None => {}
        }
    } else {
        line("serial", setup.serial.as_ref().map_or_else(|| literal("the serial of apiclient_cert.pem"), expression));
        line("privateKey", expression(setup.private_key.as_ref().unwrap_or(&key_file("apiclient_key.pem"))));
        match (setup.certs.as_slice(), &setup.apiv3_key) {
            ([], Some(key)) => {
                line("apiv3Key", expression(key));
                line("downloadCerts", "true".to_owned());
            }
            ([], None) => line("certs", format!("{{ \"PUB_KEY_ID_…\": {} }}", expression(&key_file("publickey.pem")))),
            (certs, _) => {
                let certs: Vec<_> =
                    certs.iter().map(|(id, key)| format!("{}: {}", literal(id), expression(key))).collect();
                line("certs", format!("{{ {} }}", certs.join(", ")));
            }
        }
    }
    if let Some(id) = setup.wechatpay_serial.as_ref().filter(|_| !is_apiv2) {
        line("wechatpay_serial", literal(id));
    }
    for (name, value) in &setup.defaults {
        line(name, expression(value));
    }
    format!("    let instance = Builder::factory(json!({{\n{lines}    }}))?;\n\n")
}

fn expression(source: &Source) -> String {
    match source {
        Source::Text(text) => literal(text),
        Source::Number(number) => format!("{number:?}"),
        Source::KeyFile(path) => literal(&format!("file://{path}")),
        Source::SecretFile(path) => format!("std::fs::read_to_string({})?.trim_end()", literal(path)),
        Source::Variable(name) => format!("std::env::var({})?", literal(name)),
    }
}

/// The path as PHP's arrows.
fn chain(template: &str) -> String {
    let segments = template.split('/').map(|segment| {
        let variable = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match variable {
            Some(name) if is_name(name) => format!("->_{name}_"),
            _ if is_name(segment) => format!("->{segment}"),
            _ => match hyphenless(segment) {
                Some(name) => format!("->{name}"),
                None => format!("->{{{}}}", literal(segment)),
            },
        }
    });
    format!("chain!(instance{})", segments.collect::<String>())
}

/// A name of Rust that the chain does not change.
fn is_name(text: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    text.starts_with(|letter: char| letter.is_ascii_lowercase()) && text.chars().all(is_word)
}

/// `out-trade-no` as `outTradeNo`, if the chain makes the same of it.
fn hyphenless(segment: &str) -> Option<String> {
    let mut pieces = segment.split('-');
    let first = pieces.next().filter(|first| is_name(first))?;
    let mut name = first.to_owned();
    for piece in pieces {
        let mut letters = piece.chars();
        let letter = letters.next().filter(char::is_ascii_lowercase)?;
        is_name(piece).then_some(())?;
        name.push(letter.to_ascii_uppercase());
        name.push_str(letters.as_str());
    }
    Some(name)
}

/// A value as `json!` takes it.
fn json(value: &Value, depth: usize) -> String {
    let (outer, inner) = ("    ".repeat(depth), "    ".repeat(depth.saturating_add(1)));
    match value {
        Value::Null | Value::Bool(_) => value.to_string(),
        // Without a type, a literal of Rust has 32 bits.
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(small), _) if i32::try_from(small).is_ok() => number.to_string(),
            (Some(_), _) => format!("{number}_i64"),
            (None, Some(_)) => format!("{number}_u64"),
            (None, None) => number.to_string(),
        },
        Value::String(text) => literal(text),
        Value::Array(list) if list.is_empty() => "[]".to_owned(),
        Value::Array(list) => {
            let lines = list.iter().map(|member| format!("{inner}{},\n", json(member, depth.saturating_add(1))));
            format!("[\n{}{outer}]", lines.collect::<String>())
        }
        Value::Object(fields) => object(fields, &outer, &inner, depth),
    }
}

fn object(fields: &Map<String, Value>, outer: &str, inner: &str, depth: usize) -> String {
    if fields.is_empty() {
        return "{}".to_owned();
    }
    let line = |(name, value): (&String, &Value)| {
        format!("{inner}{}: {},\n", literal(name), json(value, depth.saturating_add(1)))
    };
    format!("{{\n{}{outer}}}", fields.iter().map(line).collect::<String>())
}

fn literal(text: &str) -> String {
    format!("{text:?}")
}

fn nodes(value: &Value) -> usize {
    let inner = match value {
        Value::Array(list) => list.iter().map(nodes).sum(),
        Value::Object(fields) => fields.values().map(nodes).sum(),
        _ => 0,
    };
    inner.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_makes_the_template_of_it() {
        for (template, expected) in [
            ("v3/pay/transactions/native", "v3->pay->transactions->native"),
            (
                "v3/pay/transactions/out-trade-no/{out_trade_no}/close",
                "v3->pay->transactions->outTradeNo->_out_trade_no_->close",
            ),
            ("v3/merchant-service/complaints-v2", "v3->merchantService->complaintsV2"),
            ("v3/new/{+part_1}{part_2}", r#"v3->new->{"{+part_1}{part_2}"}"#),
            ("v3/a-1b/", r#"v3->{"a-1b"}->{""}"#),
        ] {
            assert_eq!(chain(template), format!("chain!(instance->{expected})"));
        }
    }

    #[test]
    fn numbers_are_as_large_as_they_are() {
        assert_eq!(
            json(&serde_json::json!([1, 3_000_000_000_i64, u64::MAX, -1, 1.5]), 0),
            "[\n    1,\n    3000000000_i64,\n    18446744073709551615_u64,\n    -1,\n    1.5,\n]"
        );
    }
}
