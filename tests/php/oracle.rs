//! PHP itself, asked what it makes of each case.

use std::cmp::Ordering;
use std::io::Write;
use std::process::{Command, Stdio};

use wechatpay::{Value, php};

/// What a script begins with: values as texts that tell everything apart, and exceptions as values.
const HEAD: &str = r#"<?php
function show($v) {
    if ($v === null) return 'null';
    if (is_bool($v)) return $v ? 'true' : 'false';
    if (is_int($v)) return "int $v";
    if (is_float($v)) return is_finite($v) ? 'float ' . bin2hex(pack('E', $v)) : 'not finite';
    if (is_string($v)) return 'text ' . bin2hex($v);
    $all = [];
    foreach ($v as $k => $e) $all[] = show($k) . ': ' . show($e);
    return '[' . implode(', ', $all) . ']';
}
function c($f) {
    try { echo show($f()), "\n"; } catch (Throwable $t) { echo '! ', get_class($t), ': ', $t->getMessage(), "\n"; }
}
"#;

/// What is compared: PHP's code, and what it should give.
#[derive(Default)]
pub struct Cases {
    cases: Vec<(String, String)>,
}

impl Cases {
    /// An expression of PHP, and what Rust makes of it.
    pub fn expression(&mut self, php: impl Into<String>, rust: impl Shown) {
        self.cases.push((format!("fn() => {}", php.into()), rust.shown()));
    }

    /// Statements of PHP that end with a `return`.
    pub fn statements(&mut self, php: impl Into<String>, rust: impl Shown) {
        self.cases.push((format!("function() {{ {} }}", php.into()), rust.shown()));
    }

    /// Runs PHP once and compares each line. Without PHP, says so.
    pub fn check(self, least: usize) {
        assert!(self.cases.len() >= least, "only {} cases", self.cases.len());
        let settings = ["-derror_reporting=0", "-ddisplay_errors=0", "-dprecision=14", "-dserialize_precision=-1"];
        let mut command = Command::new("php");
        command.args(settings).arg("-ddate.timezone=Asia/Shanghai");
        let Ok(mut php) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
            eprintln!("skipped: there is no php");
            return;
        };
        let script: String = self.cases.iter().map(|(php, _)| format!("c({php});\n")).collect();
        let mut input = php.stdin.take().unwrap();
        // PHP reads a script to its end before it runs it.
        input.write_all(HEAD.as_bytes()).unwrap();
        input.write_all(script.as_bytes()).unwrap();
        drop(input);
        let output = php.wait_with_output().unwrap();
        let output = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<&str> = output.lines().collect();
        let differs = self.cases.iter().zip(&lines).filter(|((_, rust), php)| !agree(rust, php));
        let differs: Vec<_> = differs
            .map(|((code, rust), php)| {
                let short = |text: &str| text.chars().take(400).collect::<String>();
                format!("{}\n  php:  {}\n  rust: {}", short(code), short(&readable(php)), short(&readable(rust)))
            })
            .collect();
        let shown = differs.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
        assert!(differs.is_empty(), "{} of {} differ:\n{shown}", differs.len(), self.cases.len());
        assert_eq!(lines.len(), self.cases.len(), "PHP stopped: {:?}", lines.last());
    }
}

/// The same; or a text that is broken in PHP, and refused here.
fn agree(rust: &str, php: &str) -> bool {
    let is_refused = rust.contains("() cuts a character in two") || rust.ends_with("() gives bytes that are not UTF-8");
    rust == php || (is_refused && texts(php).iter().any(|text| std::str::from_utf8(text).is_err()))
}

/// The texts in a line.
fn texts(line: &str) -> Vec<Vec<u8>> {
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_hexdigit).map(char::from).collect::<String>();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    line.split("text ").skip(1).map(|part| digits(part).as_bytes().chunks(2).map(byte).collect()).collect()
}

/// Texts in hex as texts, for a message.
fn readable(line: &str) -> String {
    let mut parts = line.split("text ");
    let mut readable = parts.next().unwrap_or_default().to_owned();
    for (part, text) in parts.zip(texts(line)) {
        readable += &format!("{:?}{}", String::from_utf8_lossy(&text), &part[2 * text.len()..]);
    }
    readable
}

/// A value as a literal of PHP.
pub fn literal(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) => value.to_string(),
        Value::Number(number) if number.as_i64() == Some(i64::MIN) => "PHP_INT_MIN".into(),
        Value::Number(number) if number.is_i64() => number.to_string(),
        Value::Number(number) => format!("{:?}", number.as_f64().unwrap()),
        Value::String(text) => quoted(text),
        Value::Array(list) => format!("[{}]", list.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entry = |(name, value): (&String, &Value)| format!("{} => {}", quoted(name), literal(value));
            format!("[{}]", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A text as a literal of PHP, on one line.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' | '$' => quoted.extend(['\\', letter]),
            ' '..='~' => quoted.push(letter),
            _ => quoted += &format!("\\u{{{:x}}}", u32::from(letter)),
        }
    }
    quoted + "\""
}

/// What PHP's `show` prints of the same.
pub trait Shown {
    fn shown(&self) -> String;
}

impl<T: Shown + ?Sized> Shown for &T {
    fn shown(&self) -> String {
        (**self).shown()
    }
}

impl Shown for Value {
    fn shown(&self) -> String {
        match self {
            Value::Null | Value::Bool(_) => self.to_string(),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => integer.shown(),
                None => number.as_f64().unwrap().shown(),
            },
            Value::String(text) => text.shown(),
            Value::Array(_) | Value::Object(_) => {
                let entries = php::each(self).map(|(key, value)| format!("{}: {}", key.shown(), value.shown()));
                format!("[{}]", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Shown for str {
    fn shown(&self) -> String {
        format!("text {}", self.bytes().map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

impl Shown for String {
    fn shown(&self) -> String {
        self.as_str().shown()
    }
}

impl Shown for i64 {
    fn shown(&self) -> String {
        format!("int {self}")
    }
}

impl Shown for f64 {
    fn shown(&self) -> String {
        if self.is_finite() { format!("float {:016x}", self.to_bits()) } else { "not finite".into() }
    }
}

impl Shown for bool {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for () {
    fn shown(&self) -> String {
        "null".into()
    }
}

impl Shown for Ordering {
    fn shown(&self) -> String {
        (*self as i64).shown()
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(&self) -> String {
        let entries = self.iter().enumerate().map(|(at, value)| format!("int {at}: {}", value.shown()));
        format!("[{}]", entries.collect::<Vec<_>>().join(", "))
    }
}

/// PHP's `false` for what was not found.
impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> String {
        self.as_ref().map_or("false".into(), T::shown)
    }
}

impl<T: Shown> Shown for Result<T, php::Error> {
    fn shown(&self) -> String {
        match self {
            Ok(value) => value.shown(),
            Err(error) if error.message().ends_with("which no value of JSON can be") => "not finite".into(),
            Err(error) => format!("! {}: {error}", error.class()),
        }
    }
}
