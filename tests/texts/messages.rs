//! What the compiler says about what PHP's habits make of a program: our own words in it, as the rest differs from one
//! compiler to the next.

use std::fmt::Write;

use serde_json::Value;
use support::program::Program;

/// Near misses of `chain!`, and the message about each.
const MACRO: &[(&str, &[&str])] = &[
    // The method inside, as in PHP.
    (
        "chain!(i->v3->certificates->get(()))",
        &["methods come after the macro: write `chain!(i->v3->certificates).get(())`"],
    ),
    (
        r#"chain!(i->v3->bill->{"tradebill"}["x"]->post(options)?)"#,
        &[r#"methods come after the macro: write `chain!(i->v3->bill->{"tradebill"}["x"]).post(options)?`"#],
    ),
    ("chain!(self.client->get(()))", &["methods come after the macro: write `chain!(self.client).get(())`"]),
    ("chain!(i->v3->x.get(()))", &["methods come after the macro: write `chain!(i->v3->x).get(())`"]),
    (
        "chain!(i->v3->x, json!({}))",
        &["options are given to the method, after the macro: write `chain!(i->v3->x).post(json!({}))`"],
    ),
    // Names that are none in Rust.
    (
        "chain!(i->v3->merchant-service->complaints)",
        &[
            r#"a name with hyphens goes into braces: write `i->v3->{"merchant-service"}`"#,
            "or a capital for each hyphen and the letter after it, as in PHP",
        ],
    ),
    ("chain!(i->v3->out-trade-no-2->{text})", &[r#"write `i->v3->{"out-trade-no-2"}`"#]),
    ("chain!(i->v3->123)", &[r#"after `->`, what is not a name goes into braces: write `i->v3->{"123"}`"#]),
    ("chain!(i->\"v3/pay\")", &[r#"after `->`, what is not a name goes into braces: write `i->{"v3/pay"}`"#]),
    ("chain!(i->v3->'a')", &[r#"write `i->v3->{"a"}`"#]),
    // Variables.
    ("chain!($i->v3->x)", &["variables have no `$` in Rust: write `chain!(i->v3->x)`"]),
    ("chain!($this->client->v3)", &["variables have no `$` in Rust: write `chain!(this->client->v3)`"]),
    ("chain!(i->v3->$text)", &["`$` cannot begin a segment", "or `i->v3->{text}` if it is a variable of your program"]),
    ("chain!(i->v3->(text))", &["a segment made by an expression goes into braces: write `i->v3->{text}`"]),
    // Arrows.
    ("chain!(i->v3.pay)", &["segments are separated by `->`, not by `.`: write `i->v3->pay`"]),
    ("chain!(i->v3::pay)", &["segments are separated by `->`, not by `::`: write `i->v3->pay`"]),
    ("chain!(i->v3/pay)", &["segments are separated by `->`, not by `/`: write `i->v3->pay`"]),
    ("chain!(i=>v3->pay)", &["the arrow is `->`, as in PHP: write `i->…`"]),
    ("chain!(i->v3 pay)", &["an arrow is missing: write `i->v3->pay`"]),
    ("chain!(i->v3 \"pay\")", &[r#"an arrow is missing: write `i->v3->{"pay"}`"#]),
    ("chain!(i->v3{\"pay\"})", &[r#"an arrow is missing: write `i->v3->{"pay"}`"#]),
    ("chain!(i->v3->)", &["nothing follows the last `->` of `i->v3->`"]),
    // What is left out.
    ("chain!(->v3->x)", &["the instance is missing: write `chain!(instance->v3->x)`"]),
    ("chain!()", &["the instance and the path are missing: write `chain!(instance->v3->…)`"]),
    // Anything else.
    (
        "chain!(i->v3;)",
        &["`;` cannot follow `i->v3`", r#"`->name`, `->_variable_`, `->{"any text"}` or `["any/text"]`"#],
    ),
    ("chain!(i->v3->[\"pay\"])", &[r#"`->["pay"]` cannot follow `i->v3`"#]),
];

/// What has the wrong type for its place.
const TYPES: &[(&str, &[&str])] = &[
    (
        "Formatter::joined_by_line_feed(json!({}).as_object().unwrap().values())",
        &[
            "`Value` cannot be a line of what is signed: only texts, numbers and booleans can",
            "`Formatter::fields_joined_by_line_feed(&params, [\"appId\", \"timeStamp\", …])?`",
        ],
    ),
    ("chain!(i->v3->{'a'})", &["a segment is a text: write it in double quotes", r#"`->{"complete"}`"#, "a `char`"]),
    ("chain!(i->v3->{2})", &["a segment is a text: write it in double quotes"]),
    (
        "i[String::from(text)].get(())",
        &["in brackets there can only be a literal", "String`: use `chain()` instead, as in `instance.chain(path)`"],
    ),
    ("i[&String::from(text)].get(())", &["String`: use `chain()` instead"]),
    ("i[format!(\"v3/{text}\")].get(())", &["String`: use `chain()` instead"]),
    (
        "json!({ \"privateKey\": Rsa::from(text, Rsa::KEY_TYPE_PRIVATE).unwrap() })",
        &[
            "a private key cannot be written into `json!`",
            "leave `privateKey` out and add the key: \
             `Builder::from(json!({ … })).credentials(Credentials::new().private_key(key)).build()`",
        ],
    ),
    (
        "json!({ \"certs\": { text: Rsa::from(text, Rsa::KEY_TYPE_PUBLIC).unwrap() } })",
        &[
            "a public key cannot be written into `json!`",
            "`Builder::from(json!({ … })).credentials(Credentials::new().cert(id, key)).build()`",
        ],
    ),
    (
        "json!({ \"certs\": { text: PemUtil::load_certificate_from_string(text).unwrap() } })",
        &["a certificate cannot be written into `json!`", "write its PEM: `certificate.to_pem()?`"],
    ),
    ("json!({ \"privateKey\": KeySource::from(text) })", &["a `KeySource` cannot be written into `json!`"]),
    (
        "json!({ \"body\": MediaUtil::new(text).unwrap() })",
        &["an upload cannot be written into `json!`", "use the setter: `Options::new().body(media)`"],
    ),
    (
        "json!({ \"body\": Body::from(text) })",
        &["a `Body` cannot be written into `json!`", "`Options::new().body(body)`"],
    ),
    (
        "json!({ \"multipart\": [Part::new(text, text)] })",
        &["a `Part` cannot be written into `json!`", "`Options::new().multipart([part])`"],
    ),
    ("json!({ \"headers\": Options::new() })", &["`Options` cannot be written into `json!`"]),
    (
        "json!([Credentials::new()])",
        &[
            "`Credentials` cannot be written into `json!`",
            "`Builder::from(json!({ … })).credentials(credentials).build()`",
        ],
    ),
];

#[test]
fn the_compiler_says_what_to_write() {
    let programs = [("macro", MACRO), ("types", TYPES)];
    let sources = programs.map(|(name, cases)| (format!("bin/{name}.rs"), source(cases)));
    let sources = sources.each_ref().map(|(path, source)| (path.as_str(), source.clone()));
    let program = Program::write(env!("CARGO_TARGET_TMPDIR"), "messages", &sources);
    let ended = program.cargo(&["build", "--keep-going", "--message-format=json"]);
    for (name, cases) in programs {
        let said = said(&ended.stdout, name, cases.len());
        for ((code, words), said) in cases.iter().zip(&said) {
            assert_eq!(said.len(), 1, "{code} has one error: {said:#?}\n{}", ended.stderr);
            for word in *words {
                assert!(said[0].contains(word), "{code}: {word:?} is not in:\n{}", said[0]);
            }
        }
    }
}

const HEAD: &str = "#![allow(unused)]
use wechatpay::{Body, Chain, Credentials, Formatter, KeySource, MediaUtil, Options, Part, PemUtil, Rsa, chain, json};
fn main() {}
";

/// One function for each case, on a line of its own.
fn source(cases: &[(&str, &[&str])]) -> String {
    let mut source = HEAD.to_owned();
    for (index, (code, _)) in cases.iter().enumerate() {
        writeln!(source, "fn case{index}(i: &Chain, text: &'static str) {{ {code}; }}").unwrap();
    }
    source
}

/// The errors about each case, as they are shown.
fn said(messages: &str, program: &str, cases: usize) -> Vec<Vec<String>> {
    let mut said = vec![Vec::new(); cases];
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let shown = &message["message"];
        if message["target"]["name"] == program && shown["level"] == "error" {
            // The last error only counts the others, and has no place.
            if let Some(line) = shown["spans"].as_array().unwrap().iter().find_map(line) {
                said[line - HEAD.lines().count() - 1].push(shown["rendered"].as_str().unwrap().to_owned());
            }
        }
    }
    said
}

/// The line in the program; within a macro of the library, that of its call.
fn line(span: &Value) -> Option<usize> {
    let is_primary = span["is_primary"] == true;
    let outermost =
        std::iter::successors(Some(span), |span| Some(&span["expansion"]["span"]).filter(|span| span.is_object()));
    let outermost = outermost.last().filter(|_| is_primary)?;
    Some(outermost["line_start"].as_u64().unwrap() as usize)
}
