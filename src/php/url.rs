//! Addresses in their parts.

use serde_json::{Map, Value};

use super::operand::Operand;
use super::text::text;

/// The parts of an address that are there: `scheme`, `host`, `port`, `user`, `pass`, `path`, `query`, `fragment`; `None` if it
/// is no address (PHP: `parse_url`, whose `false` is `None` here).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(
///     php::parse_url("https://example.com:8080/notify?id=1"),
///     Some(json!({ "scheme": "https", "host": "example.com", "port": 8080, "path": "/notify", "query": "id=1" })),
/// );
/// assert_eq!(php::parse_url("http:///x"), None);
/// ```
pub fn parse_url(a: impl Operand) -> Option<Value> {
    let url = text(a);
    let mut parts = Parts::default();
    let rest = match beginning(&url, &mut parts)? {
        Beginning::Host(rest) => {
            let rest = parts.authority(rest)?;
            if rest.is_empty() {
                return Some(parts.value());
            }
            rest
        }
        Beginning::Path(rest) => rest,
        Beginning::Nothing => return Some(parts.value()),
    };
    let (rest, fragment) = cut(rest, '#');
    let (path, query) = cut(rest, '?');
    (parts.query, parts.fragment) = (query, fragment);
    // An empty address has an empty path.
    let is_empty = path.is_empty() && (query.is_some() || fragment.is_some());
    parts.path = Some(path).filter(|_| !is_empty);
    Some(parts.value())
}

/// What comes behind the scheme.
enum Beginning<'a> {
    Host(&'a str),
    Path(&'a str),
    Nothing,
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(head, tail)| (head, Some(tail)))
}

/// Reads the scheme, or the port of an address without one; `None` if it is no address.
fn beginning<'a>(url: &'a str, parts: &mut Parts<'a>) -> Option<Beginning<'a>> {
    let without_scheme = || url.strip_prefix("//").map_or(Beginning::Path(url), Beginning::Host);
    let Some((scheme, behind)) = url.split_once(':') else { return Some(without_scheme()) };
    if scheme.is_empty() {
        return with_port(url, behind, parts);
    }
    let is_scheme = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.');
    if !scheme.chars().all(is_scheme) {
        let is_before_query = url.find(['?', '#']).is_none_or(|at| scheme.len() < at);
        if !behind.is_empty() && is_before_query {
            return with_port(url, behind, parts);
        }
        return Some(without_scheme());
    }
    if behind.is_empty() {
        parts.scheme = Some(scheme);
        return Some(Beginning::Nothing);
    }
    let Some(path) = behind.strip_prefix('/') else {
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        if digits < 6 && behind.get(digits..).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return with_port(url, behind, parts);
        }
        parts.scheme = Some(scheme);
        return Some(Beginning::Path(behind));
    };
    parts.scheme = Some(scheme);
    let Some(host) = path.strip_prefix('/') else { return Some(Beginning::Path(behind)) };
    if scheme.eq_ignore_ascii_case("file") && host.starts_with('/') {
        // A drive, as in `file:///c:/x`.
        let drive = host.strip_prefix('/').filter(|drive| drive.as_bytes().get(1) == Some(&b':'));
        return Some(Beginning::Path(drive.unwrap_or(host)));
    }
    Some(Beginning::Host(host))
}

/// An address without a scheme whose first colon may stand before a port.
fn with_port<'a>(url: &'a str, behind: &'a str, parts: &mut Parts<'a>) -> Option<Beginning<'a>> {
    let digits = behind.bytes().take(5).take_while(u8::is_ascii_digit).count();
    let (port, rest) = behind.split_at_checked(digits)?;
    let host = url.strip_prefix("//");
    if digits > 0 && (rest.is_empty() || rest.starts_with('/')) {
        parts.port = Some(port.parse::<u16>().ok()?);
        return Some(Beginning::Host(host.unwrap_or(url)));
    }
    if digits == 0 && rest.is_empty() {
        return None;
    }
    Some(host.map_or(Beginning::Path(url), Beginning::Host))
}

#[derive(Debug, Default)]
struct Parts<'a> {
    scheme: Option<&'a str>,
    host: Option<&'a str>,
    port: Option<u16>,
    user: Option<&'a str>,
    pass: Option<&'a str>,
    path: Option<&'a str>,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Reads user, host and port; gives what is behind them, or `None` if it is no address.
    fn authority(&mut self, rest: &'a str) -> Option<&'a str> {
        let (mut host, rest) = rest.split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len()))?;
        if let Some((user, behind)) = host.rsplit_once('@') {
            let (user, pass) = cut(user, ':');
            (self.user, self.pass) = (Some(user), pass);
            host = behind;
        }
        let is_ipv6 = host.starts_with('[') && host.ends_with(']');
        if let Some((before, port)) = host.rsplit_once(':').filter(|_| !is_ipv6) {
            if self.port.is_none() {
                if port.len() > 5 {
                    return None;
                }
                // What is no digit ends it.
                let digits = port.bytes().take_while(u8::is_ascii_digit).count();
                if !port.is_empty() {
                    self.port = Some(port.get(..digits)?.parse().ok()?);
                }
            }
            host = before;
        }
        self.host = Some(host).filter(|host| !host.is_empty());
        self.host.map(|_| rest)
    }

    fn value(self) -> Value {
        let text = |text: &str| {
            let shown = |letter: char| if letter.is_ascii_control() { '_' } else { letter };
            Value::from(text.chars().map(shown).collect::<String>())
        };
        let parts = [
            ("scheme", self.scheme.map(text)),
            ("host", self.host.map(text)),
            ("port", self.port.map(Value::from)),
            ("user", self.user.map(text)),
            ("pass", self.pass.map(text)),
            ("path", self.path.map(text)),
            ("query", self.query.map(text)),
            ("fragment", self.fragment.map(text)),
        ];
        let parts = parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?)));
        Value::Object(parts.collect::<Map<_, _>>())
    }
}
