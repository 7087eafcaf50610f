//! Names of files, taken apart.

use serde_json::{Map, Value};

use super::operand::Operand;
use super::text::text;

/// The last part of a path (PHP: `basename`, as it is where `/` parts paths).
///
/// ```
/// assert_eq!(wechatpay::php::basename("/certs/apiclient_key.pem"), "apiclient_key.pem");
/// ```
pub fn basename(path: impl Operand) -> String {
    last(&text(path)).to_owned()
}

/// The last part of a path without this at its end (PHP: `basename`, with a suffix).
///
/// ```
/// assert_eq!(wechatpay::php::basename_without("/certs/apiclient_key.pem", ".pem"), "apiclient_key");
/// ```
pub fn basename_without(path: impl Operand, suffix: impl Operand) -> String {
    let (path, suffix) = (text(path), text(suffix));
    let name = last(&path);
    match name.strip_suffix(&*suffix) {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => name.to_owned(),
    }
}

/// What is before the last part of a path, `.` if there is nothing (PHP: `dirname`, as it is where `/` parts paths).
///
/// ```
/// assert_eq!(wechatpay::php::dirname("/certs/apiclient_key.pem"), "/certs");
/// assert_eq!(wechatpay::php::dirname("apiclient_key.pem"), ".");
/// ```
pub fn dirname(path: impl Operand) -> String {
    directory(&text(path)).to_owned()
}

/// The parts of a path by their names: `dirname`, `basename`, `extension` if there is a point, and `filename`, which is without the
/// extension (PHP: `pathinfo`).
///
/// ```
/// use wechatpay::{json, php};
///
/// let parts = json!({ "dirname": "certs", "basename": "key.pem", "extension": "pem", "filename": "key" });
/// assert_eq!(php::pathinfo("certs/key.pem"), parts);
/// ```
pub fn pathinfo(path: impl Operand) -> Value {
    let path = text(path);
    let (directory, base) = (directory(&path), last(&path));
    let (name, extension) = match base.rsplit_once('.') {
        Some((name, extension)) => (name, Some(extension)),
        None => (base, None),
    };
    let mut parts = Map::new();
    if !directory.is_empty() {
        parts.insert("dirname".to_owned(), directory.into());
    }
    parts.insert("basename".to_owned(), base.into());
    if let Some(extension) = extension {
        parts.insert("extension".to_owned(), extension.into());
    }
    parts.insert("filename".to_owned(), name.into());
    Value::Object(parts)
}

fn last(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

fn directory(path: &str) -> &str {
    if path.is_empty() {
        return "";
    }
    match path.trim_end_matches('/').rsplit_once('/').map(|(before, _)| before.trim_end_matches('/')) {
        Some("") => "/",
        Some(directory) => directory,
        None if path.chars().all(|letter| letter == '/') => "/",
        None => ".",
    }
}
