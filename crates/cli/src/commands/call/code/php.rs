//! `--php`: a program that makes the call with the platform's official SDK for PHP.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::{Presented, Setup, Source, options, somewhere};
use crate::commands::call::request::Request;
use crate::commands::call::upload::Upload;
use crate::failure::{Failure, Result};
use crate::settings::Settings;

/// Options that the SDK has not, or by which it means something else.
const OTHERS: [&str; 3] = ["encrypt", "expect", "retries"];

/// The program.
pub fn write(request: &Request, settings: &Settings) -> Result<String> {
    if settings.brand_id.is_some() {
        return Err(Failure::usage("the SDK for PHP makes no calls of brands").next("--rust and --curl show this call"));
    }
    let setup = Setup::of(request, settings);
    let mut options = options(request, &OTHERS);
    let sealed = Sealed::of(request);
    let is_chosen = |(id, _): &&(String, Source)| Some(id) == setup.wechatpay_serial.as_ref();
    let key = setup.certs.iter().find(is_chosen).or(setup.certs.first());
    let key = key.cloned().unwrap_or_else(|| ("PUB_KEY_ID_…".to_owned(), Source::KeyFile(somewhere("publickey.pem"))));
    let mut program =
        "<?php\n\nrequire_once 'vendor/autoload.php';\n\nuse WeChatPay\\Builder;\nuse WeChatPay\\Crypto\\Rsa;\n"
            .to_owned();
    if request.upload.is_some() {
        program.push_str("use WeChatPay\\Util\\MediaUtil;\n");
    }
    let _ = write!(program, "\n{}", factory(&setup, request.is_apiv2, &key));
    if !sealed.0.is_empty() {
        let _ = write!(
            program,
            "$platformKey = {};\n$encrypt = static fn(string $text): string => Rsa::encrypt($text, $platformKey);\n\n",
            rsa(&key.1, "PUBLIC")
        );
    }
    let is_named = setup.wechatpay_serial.is_some() && !request.is_apiv2;
    if !sealed.0.is_empty() || is_named {
        let headers = options.entry("headers").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(headers) = headers {
            headers.insert("Wechatpay-Serial".to_owned(), key.0.clone().into());
        }
    }
    let mut fields: Vec<_> = options
        .iter()
        .map(|(name, value)| format!("    {} => {},\n", text(name), sealed.array(value, &format!("/{name}"), 1)))
        .collect();
    if let Some(upload) = &request.upload {
        program.push_str(&media(upload, &sealed)?);
        fields.push("    'body' => $media->getStream(),\n".to_owned());
        let headers = "    'headers' => ['Content-Type' => $media->getContentType()],\n";
        fields.push(headers.to_owned());
    }
    let ignored: Vec<_> =
        ["expect", "retries"].into_iter().filter(|name| request.options.contains_key(*name)).collect();
    if !ignored.is_empty() {
        let _ = writeln!(program, "// The SDK does not have: {}.", ignored.join(", "));
    }
    let argument = if fields.is_empty() { String::new() } else { format!("[\n{}]", fields.concat()) };
    let method = request.method.to_lowercase();
    let _ = write!(
        program,
        "$response = $instance->chain({})->{method}({argument});\necho $response->getBody(), PHP_EOL;\n",
        text(&request.template)
    );
    Ok(program)
}

/// `$media`, the form of an upload.
fn media(upload: &Upload, sealed: &Sealed) -> Result<String> {
    if !upload.is_media() {
        return Err(
            Failure::usage("the SDK for PHP has no class for the form of this upload").next("--curl shows the form")
        );
    }
    let path = text(&super::absolute(&upload.path));
    if upload.is_usual {
        return Ok(format!("$media = new MediaUtil({path});\n\n"));
    }
    let name = text(&upload.file_name);
    let meta = sealed.array(&Value::Object(upload.meta.clone()), "/body/meta", 0);
    Ok(format!(
        "$media = new MediaUtil({name}, \\GuzzleHttp\\Psr7\\Utils::streamFor(fopen({path}, 'rb')));\n\
         $media->setMeta(json_encode({meta}));\n\n"
    ))
}

fn factory(setup: &Setup, is_apiv2: bool, key: &(String, Source)) -> String {
    let mut lines = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(lines, "    {} => {value},", text(name));
    };
    let (_, id) = setup.party.clone().unwrap_or(("mchid", "1900000109".to_owned()));
    line("mchid", text(&id));
    if is_apiv2 {
        // What the SDK wants to be there, and does not use.
        line("serial", text("nop"));
        line("privateKey", text("any"));
        line("certs", "['any' => null]".to_owned());
        line("secret", expression(setup.secret.as_ref().unwrap_or(&Source::SecretFile(somewhere("apiv2.key")))));
        match &setup.merchant {
            Some(Presented::Pem(cert, key)) => {
                line("merchant", format!("['cert' => {}, 'key' => {}]", text(cert), path(key)));
            }
            // Guzzle takes both out of one file if it is PEM.
            Some(Presented::P12(path)) => {
                line("merchant", format!("['cert' => {}]", text(&path.replace(".p12", ".pem"))))
            }
            None => {}
        }
    } else {
        line("serial", setup.serial.as_ref().map_or_else(|| text("the serial of apiclient_cert.pem"), expression));
        line(
            "privateKey",
            rsa(setup.private_key.as_ref().unwrap_or(&Source::KeyFile(somewhere("apiclient_key.pem"))), "PRIVATE"),
        );
        let certs = if setup.certs.is_empty() { std::slice::from_ref(key) } else { &setup.certs };
        let certs: Vec<_> = certs.iter().map(|(id, key)| format!("{} => {}", text(id), rsa(key, "PUBLIC"))).collect();
        line("certs", format!("[{}]", certs.join(", ")));
    }
    for (name, value) in &setup.defaults {
        line(name, expression(value));
    }
    format!("$instance = Builder::factory([\n{lines}]);\n\n")
}

fn rsa(source: &Source, kind: &str) -> String {
    format!("Rsa::from({}, Rsa::KEY_TYPE_{kind})", expression(source))
}

fn path(source: &Source) -> String {
    match source {
        Source::KeyFile(path) => text(path),
        other => expression(other),
    }
}

fn expression(source: &Source) -> String {
    match source {
        Source::Text(given) => text(given),
        Source::Number(number) => format!("{number:?}"),
        Source::KeyFile(path) => text(&format!("file://{path}")),
        Source::SecretFile(path) => format!("trim(file_get_contents({}))", text(path)),
        Source::Variable(name) => format!("getenv({})", text(name)),
    }
}

fn text(given: &str) -> String {
    format!("'{}'", given.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The fields that are encrypted, by their pointers.
struct Sealed(Vec<String>);

impl Sealed {
    fn of(request: &Request) -> Sealed {
        Sealed(match request.options.get("encrypt") {
            Some(Value::Array(pointers)) => {
                pointers.iter().filter_map(|pointer| Some(pointer.as_str()?.to_owned())).collect()
            }
            Some(_) => request.operation.map(|operation| operation.sensitive()).unwrap_or_default(),
            None => Vec::new(),
        })
    }

    fn has(&self, pointer: &str) -> bool {
        let is = |pattern: &str| {
            let (mut pattern, mut pointer) = (pattern.split('/'), pointer.split('/'));
            loop {
                match (pattern.next(), pointer.next()) {
                    (None, None) => return true,
                    (Some("*"), Some(at)) if at.bytes().all(|digit| digit.is_ascii_digit()) => {}
                    (Some(known), Some(name)) if known == name => {}
                    _ => return false,
                }
            }
        };
        self.0.iter().any(|pattern| is(pattern))
    }

    /// A value as an array of PHP.
    fn array(&self, value: &Value, pointer: &str, depth: usize) -> String {
        let (outer, inner) = ("    ".repeat(depth), "    ".repeat(depth.saturating_add(1)));
        let member = |name: &str, value: &Value| {
            let name = name.replace('~', "~0").replace('/', "~1");
            self.array(value, &format!("{pointer}/{name}"), depth.saturating_add(1))
        };
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::String(plain) if !plain.is_empty() && self.has(pointer) => format!("$encrypt({})", text(plain)),
            Value::String(plain) => text(plain),
            Value::Array(list) if list.is_empty() => "[]".to_owned(),
            Value::Array(list) => {
                let line = |(at, value): (usize, &Value)| format!("{inner}{},\n", member(&at.to_string(), value));
                format!("[\n{}{outer}]", list.iter().enumerate().map(line).collect::<String>())
            }
            Value::Object(fields) => {
                let line =
                    |(name, value): (&String, &Value)| format!("{inner}{} => {},\n", text(name), member(name, value));
                // An array of PHP with such names, or with none, would become a list.
                let is_list_like = fields.keys().all(|name| name.bytes().all(|digit| digit.is_ascii_digit()));
                let cast = if is_list_like { "(object) " } else { "" };
                if fields.is_empty() {
                    return format!("{cast}[]");
                }
                format!("{cast}[\n{}{outer}]", fields.iter().map(line).collect::<String>())
            }
        }
    }
}
