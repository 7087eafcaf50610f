//! Values as PHP prints them for people.

use serde_json::Value;

use super::digits;
use super::key::{self, Key};
use super::numeric::{self, Number};
use super::operand::Operand;
use super::text;

/// What `print_r` prints (PHP: `print_r($a, true)`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::print_r(json!({ "a": 1 })), "Array\n(\n    [a] => 1\n)\n");
/// ```
pub fn print_r(a: impl Operand) -> String {
    let mut printed = String::new();
    readable(&mut printed, &a.operand(), 0);
    printed
}

fn readable(printed: &mut String, value: &Value, indent: usize) {
    if !key::is_array(value) {
        printed.push_str(&text::of(value));
        return;
    }
    let spaces = " ".repeat(indent);
    printed.extend(["Array\n", &spaces, "(\n"]);
    for (key, value) in key::entries(value) {
        printed.extend([&spaces, "    [", &key.to_string(), "] => "]);
        readable(printed, value, indent.saturating_add(8));
        printed.push('\n');
    }
    printed.extend([&spaces, ")\n"]);
}

/// What `var_dump` prints: with types, and with all digits of floats (PHP: `var_dump($a)`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::var_dump(json!([1.0, "茶"])), "array(2) {\n  [0]=>\n  float(1)\n  [1]=>\n  string(3) \"茶\"\n}\n");
/// ```
pub fn var_dump(a: impl Operand) -> String {
    let mut printed = String::new();
    dump(&mut printed, &a.operand(), 0);
    printed
}

fn dump(printed: &mut String, value: &Value, indent: usize) {
    let spaces = " ".repeat(indent);
    printed.push_str(&spaces);
    match value {
        Value::Null => printed.push_str("NULL"),
        Value::Bool(value) => printed.push_str(&format!("bool({value})")),
        Value::Number(number) => printed.push_str(&match numeric::number(number) {
            Number::Int(integer) => format!("int({integer})"),
            Number::Float(float) => format!("float({})", digits::exact(float)),
        }),
        Value::String(text) => printed.push_str(&format!("string({}) \"{text}\"", text.len())),
        array => {
            printed.push_str(&format!("array({}) {{\n", key::len(array)));
            for (key, value) in key::entries(array) {
                match key {
                    Key::Int(integer) => printed.push_str(&format!("{spaces}  [{integer}]=>\n")),
                    Key::Text(name) => printed.push_str(&format!("{spaces}  [\"{name}\"]=>\n")),
                }
                dump(printed, value, indent.saturating_add(2));
            }
            printed.extend([&spaces, "}"]);
        }
    }
    printed.push('\n');
}

/// What `var_export` prints: code of PHP (PHP: `var_export($a, true)`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::var_export(json!({ "a": [1.0, null] })), "array (\n  'a' => \n  array (\n    0 => 1.0,\n    1 => NULL,\n  ),\n)");
/// ```
pub fn var_export(a: impl Operand) -> String {
    let mut printed = String::new();
    export(&mut printed, &a.operand(), 0);
    printed
}

fn export(printed: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Null => printed.push_str("NULL"),
        Value::Bool(value) => printed.push_str(&value.to_string()),
        Value::Number(number) => printed.push_str(&match numeric::number(number) {
            // The number itself would be a float to PHP.
            Number::Int(i64::MIN) => "-9223372036854775807-1".to_owned(),
            Number::Int(integer) => integer.to_string(),
            Number::Float(float) => digits::exact_with_point(float),
        }),
        Value::String(text) => printed.push_str(&exported(text)),
        array => {
            let spaces = " ".repeat(indent);
            if indent > 0 {
                printed.extend(["\n", &spaces]);
            }
            printed.push_str("array (\n");
            for (key, value) in key::entries(array) {
                let key = match key {
                    Key::Int(integer) => integer.to_string(),
                    Key::Text(name) => exported(&name),
                };
                printed.extend([&spaces, "  ", &key, " => "]);
                export(printed, value, indent.saturating_add(2));
                printed.push_str(",\n");
            }
            printed.extend([&spaces, ")"]);
        }
    }
}

fn exported(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{}'", text.replace('\0', "' . \"\\0\" . '"))
}
