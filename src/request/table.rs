//! All options, one row each: what its value may be, where it may be set, and how it is read from JSON.
//!
//! A new option is a row here, a field of [`Options`], and its effect.

use std::time::Duration;

use serde_json::Value;

use crate::deadline::Limit;
use crate::protocol::Protocol;
use crate::redact;
use crate::request::content::{Content, Query};
use crate::request::failover::Failover;
use crate::request::multipart::Part;
use crate::request::options::{MOST_RETRIES, Options, limit};
use crate::request::pointers::AUTO;
use crate::request::sink;
use crate::text::value::{kind, php_text};
use crate::wire::proxy::Proxy;
use crate::wire::trust::Verify;

/// The result of taking a value: what is wrong with it, if anything.
type Taken = Result<(), String>;

/// One option of a call.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Its value, as in the documentation.
    #[cfg_attr(not(test), expect(dead_code, reason = "the documentation is compared with it"))]
    value: &'static str,
    /// The protocol that it belongs to; `None` for both.
    pub(crate) protocol: Option<Protocol>,
    /// Whether it changes what is requested, and not only how.
    pub(crate) is_asked: bool,
    /// Takes it from JSON other than null.
    take: fn(&mut Options, Value) -> Taken,
    pub(crate) is_set: fn(&Options) -> bool,
    /// Takes it from the configuration's defaults if it is not set; `None` if it can only be set for a single call.
    pub(crate) inherit: Option<fn(&mut Options, &Options)>,
}

/// The row of an option; `None` for a name that is not one.
pub(crate) fn row(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

/// The names of all options, for a message.
pub(crate) fn names<'a>() -> impl Iterator<Item = &'a str> {
    ROWS.iter().map(|row| row.name)
}

/// The names of the options that may be defaults of the configuration, for a message.
pub(crate) fn names_of_defaults() -> impl Iterator<Item = &'static str> {
    ROWS.iter().filter(|row| row.inherit.is_some()).map(|row| row.name)
}

impl Row {
    /// Takes the option from JSON; null leaves it unset.
    pub(crate) fn take(&self, options: &mut Options, value: Value) -> Taken {
        if value.is_null() { Ok(()) } else { (self.take)(options, value) }
    }
}

const BOTH: Option<Protocol> = None;

/// In the order of the documentation.
pub(crate) static ROWS: [Row; 24] = [
    Row {
        name: "json",
        value: "any JSON: the body, `Content-Type: application/json`",
        protocol: BOTH,
        is_asked: true,
        take: |options, json| options.set_content(Content::Json(json)),
        is_set: |options| options.has_content("json"),
        inherit: None,
    },
    Row {
        name: "query",
        value: "object, or a ready string; replaces a query in the path",
        protocol: BOTH,
        is_asked: true,
        take: |options, value| {
            options.query = Some(Query::of(value)?);
            Ok(())
        },
        is_set: |options| options.query.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.query, &defaults.query)),
    },
    Row {
        name: "headers",
        value: "object of name and text, or list of texts, 100 lines at most; they override the defaults, but the Content-Type of `multipart` and uploads is refused",
        protocol: BOTH,
        is_asked: false,
        take: headers,
        is_set: |options| !options.headers().is_empty(),
        // They are merged elsewhere: the content type of the body comes between them.
        inherit: Some(|_, _| {}),
    },
    Row {
        name: "body",
        value: "text; bytes and uploads by [`Options::body`]",
        protocol: BOTH,
        is_asked: true,
        take: |options, value| match value {
            Value::String(text) => options.set_content(Content::Body(text.into())),
            other => wrong("body", "a string (bytes and uploads are given by `Options::body`)", &other),
        },
        is_set: |options| options.has_content("body"),
        inherit: None,
    },
    Row {
        name: "form_params",
        value: "object: the body as `application/x-www-form-urlencoded`",
        protocol: BOTH,
        is_asked: true,
        take: |options, value| match value {
            Value::Object(fields) => options.set_content(Content::Form(fields)),
            other => wrong("form_params", "an object", &other),
        },
        is_set: |options| options.has_content("form_params"),
        inherit: None,
    },
    Row {
        name: "multipart",
        value: "list of `{\"name\", \"contents\", \"filename\"?, \"headers\"?}`",
        protocol: BOTH,
        is_asked: true,
        take: |options, value| match value {
            Value::Array(list) => {
                let parts = list.into_iter().map(Part::from_json).collect::<Result<Vec<_>, _>>()?;
                options.set_content(Content::Multipart(parts))
            }
            other => wrong("multipart", "a list", &other),
        },
        is_set: |options| options.has_content("multipart"),
        inherit: None,
    },
    Row {
        name: "encrypt",
        value: "`\"auto\"`, or a list of JSON pointers such as `/json/user_name`: the fields that are encrypted for the \
                platform, see [`Options::encrypt`]",
        protocol: Some(Protocol::Apiv3),
        is_asked: true,
        take: encrypt,
        is_set: Options::is_sensitive,
        // Pointers belong to one call, so that this is "auto".
        inherit: Some(|options, defaults| or_clone(&mut options.encrypt, &defaults.encrypt)),
    },
    Row {
        name: "xml",
        value: "APIv2: object, the data that is signed and sent as XML (on GET as the query)",
        protocol: Some(Protocol::Apiv2),
        is_asked: true,
        take: |options, value| match value {
            Value::Object(data) => options.set_content(Content::Xml(data)),
            other => wrong("xml", "an object", &other),
        },
        is_set: |options| options.has_content("xml"),
        inherit: None,
    },
    Row {
        name: "nonceless",
        value: "APIv2: `true`: no `nonce_str` is added",
        protocol: Some(Protocol::Apiv2),
        is_asked: false,
        take: |options, value| switch(&mut options.nonceless, "nonceless", &value),
        is_set: |options| options.nonceless.is_some(),
        inherit: None,
    },
    Row {
        name: "security",
        value: "APIv2: `true`: the merchant's certificate is presented (mutual TLS)",
        protocol: Some(Protocol::Apiv2),
        is_asked: false,
        take: |options, value| switch(&mut options.security, "security", &value),
        is_set: |options| options.security.is_some(),
        inherit: None,
    },
    Row {
        name: "base_uri",
        value: "for this call only, such as `https://apihk.mch.weixin.qq.com/`",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| match value {
            Value::String(text) => {
                options.base_uri = Some(text);
                Ok(())
            }
            other => wrong("base_uri", "a string", &other),
        },
        is_set: |options| options.base_uri.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.base_uri, &defaults.base_uri)),
    },
    Row {
        name: "timeout",
        value: "seconds for the whole call, fractions allowed, 0 for no limit; 30 by default",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| seconds(&mut options.timeout, "timeout", &value),
        is_set: |options| options.timeout.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.timeout, &defaults.timeout)),
    },
    Row {
        name: "connect_timeout",
        value: "seconds for the connection, 0 for no limit; 5 by default",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| seconds(&mut options.connect_timeout, "connect_timeout", &value),
        is_set: |options| options.connect_timeout.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.connect_timeout, &defaults.connect_timeout)),
    },
    Row {
        name: "read_timeout",
        value: "seconds for each wait for more of the answer, 0 for no limit, which is the default",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| seconds(&mut options.read_timeout, "read_timeout", &value),
        is_set: |options| options.read_timeout.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.read_timeout, &defaults.read_timeout)),
    },
    Row {
        name: "retries",
        value: "how many attempts may follow one that failed, 0 to 10; see [`Options::retries`]",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| match value.as_u64().and_then(|retries| u32::try_from(retries).ok()) {
            Some(retries) if retries <= MOST_RETRIES => {
                options.retries = Some(retries);
                Ok(())
            }
            _ => Err(format!("`retries` must be a number from 0 to {MOST_RETRIES}")),
        },
        is_set: |options| options.retries.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.retries, &defaults.retries)),
    },
    Row {
        name: "failover",
        value: "`true`, a base address or a list of them: where further attempts go; see [`Options::failover`]",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| {
            options.failover = Some(failover(value)?);
            Ok(())
        },
        is_set: |options| options.failover.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.failover, &defaults.failover)),
    },
    Row {
        name: "sink",
        value: "path of a file that the answer's body is written to",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| match value {
            Value::String(path) => {
                options.sink = Some(sink::Destination::File(path.into()));
                Ok(())
            }
            other => wrong("sink", "the path of a file (a writer is given by `Options::sink_to`)", &other),
        },
        is_set: |options| options.sink.is_some(),
        inherit: None,
    },
    Row {
        name: "expect",
        value: "object of `hash_type` (`SHA1`) and `hash_value`, as of a bill: what the plain text of the answer must \
                have",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| match (value.get("hash_type"), value.get("hash_value")) {
            (Some(Value::String(kind)), Some(Value::String(sha1))) if kind == "SHA1" => options.set_expected_sha1(sha1),
            _ => Err("`expect` must be an object with the `hash_type` SHA1 and a `hash_value`".into()),
        },
        is_set: |options| options.expected_sha1.is_some(),
        inherit: None,
    },
    Row {
        name: "response_limit",
        value: "the most bytes of an answer that are kept in memory, 64 MiB by default; files that go into a `sink` have \
                no limit",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| match value.as_u64() {
            Some(bytes) => {
                options.response_limit = Some(bytes);
                Ok(())
            }
            None => wrong("response_limit", "a number of bytes", &value),
        },
        is_set: |options| options.response_limit.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.response_limit, &defaults.response_limit)),
    },
    Row {
        name: "allow_redirects",
        value: "`false`: return 3xx as it is; default: follow up to 5, on the same host, each signed anew",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| switch(&mut options.allow_redirects, "allow_redirects", &value),
        is_set: |options| options.allow_redirects.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.allow_redirects, &defaults.allow_redirects)),
    },
    Row {
        name: "http_errors",
        value: "`false`: return 4xx and 5xx as ordinary responses",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| switch(&mut options.http_errors, "http_errors", &value),
        is_set: |options| options.http_errors.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.http_errors, &defaults.http_errors)),
    },
    Row {
        name: "debug",
        value: "`true`: print the dialogue to standard error, without signatures and ciphertexts",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| switch(&mut options.debug, "debug", &value),
        is_set: |options| options.debug.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.debug, &defaults.debug)),
    },
    Row {
        name: "proxy",
        value: "address of a proxy, or `\"\"` to use no proxy; default: as the environment says",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| {
            options.proxy = Some(proxy(value)?);
            Ok(())
        },
        is_set: |options| options.proxy.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.proxy, &defaults.proxy)),
    },
    Row {
        name: "verify",
        value: "path of a file of trusted certificates (PEM), or `false` to accept any certificate",
        protocol: BOTH,
        is_asked: false,
        take: |options, value| {
            options.verify = Some(verify(value)?);
            Ok(())
        },
        is_set: |options| options.verify.is_some(),
        inherit: Some(|options, defaults| or_clone(&mut options.verify, &defaults.verify)),
    },
];

/// Fills in the default if there is no value.
fn or_clone<T: Clone>(own: &mut Option<T>, default: &Option<T>) {
    if own.is_none() {
        own.clone_from(default);
    }
}

fn wrong<T>(name: &str, wanted: &str, value: &Value) -> Result<T, String> {
    Err(format!("`{name}` must be {wanted}, not {}", kind(value)))
}

fn switch(place: &mut Option<bool>, name: &str, value: &Value) -> Taken {
    match value {
        Value::Bool(switch) => {
            *place = Some(*switch);
            Ok(())
        }
        other => wrong(name, "true or false", other),
    }
}

fn seconds(place: &mut Option<Limit>, name: &str, value: &Value) -> Taken {
    match value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(duration) => {
            *place = Some(limit(duration));
            Ok(())
        }
        None => wrong(name, "a number of seconds, 0 or more", value),
    }
}

fn headers(options: &mut Options, value: Value) -> Taken {
    let headers = match value {
        Value::Object(headers) => headers,
        // What an empty array of PHP becomes.
        Value::Array(list) if list.is_empty() => return Ok(()),
        other => return wrong("headers", "an object", &other),
    };
    for (name, value) in headers {
        let values = match value {
            Value::Array(list) => list,
            value => vec![value],
        };
        for value in values {
            if !matches!(value, Value::String(_) | Value::Number(_)) {
                return Err(format!(
                    "`headers`: the value of {} must be a string or a list of strings, not {}",
                    redact::name(&name),
                    kind(&value)
                ));
            }
            options.add_header(&name, &php_text(&value))?;
        }
    }
    Ok(())
}

fn encrypt(options: &mut Options, value: Value) -> Taken {
    const WANTED: &str = "\"auto\" or a list of JSON pointers";
    // An empty list is a choice, too: nothing is encrypted, whatever the configuration says.
    options.encrypt.get_or_insert_default();
    match value {
        Value::String(word) if word == AUTO => options.add_encrypted(AUTO),
        Value::Array(pointers) => pointers.iter().try_for_each(|pointer| match pointer {
            Value::String(pointer) => options.add_encrypted(pointer),
            other => wrong("encrypt", WANTED, other),
        }),
        other => wrong("encrypt", WANTED, &other),
    }
}

fn failover(value: Value) -> Result<Failover, String> {
    let base = |value: Value| match value {
        Value::String(base) => Ok(base),
        other => wrong("failover", "true, a base address or a list of them", &other),
    };
    Ok(match value {
        Value::Bool(fails_over) => fails_over.into(),
        Value::Array(list) => Failover::Bases(list.into_iter().map(base).collect::<Result<_, _>>()?),
        value => base(value)?.into(),
    })
}

fn proxy(value: Value) -> Result<Option<Proxy>, String> {
    match value {
        Value::String(address) if address.is_empty() => Ok(None),
        // The address is not shown: it may contain a password.
        Value::String(address) => match Proxy::parse(&address) {
            Some(proxy) => Ok(Some(proxy)),
            None => Err("`proxy` must be an address such as http://127.0.0.1:3128".into()),
        },
        other => wrong("proxy", "a string", &other),
    }
}

fn verify(value: Value) -> Result<Verify, String> {
    match value {
        Value::Bool(verifies) => Ok(verifies.into()),
        // A certificate, a key or an address by mistake: it is not shown.
        Value::String(path) if is_no_path(&path) => {
            Err("`verify` must be the path of a file of certificates, not its content".into())
        }
        Value::String(path) => Ok(Verify::Bundle(path.into())),
        other => wrong("verify", "true, false or the path of a file of certificates", &other),
    }
}

/// Whether a text is a key or an address rather than a path; what looks like a key may be the name of a file in a folder.
fn is_no_path(text: &str) -> bool {
    let is_bare = !text.contains(['/', '.']);
    text.contains("://") || redact::holds_key(text) || (is_bare && redact::holds_symmetric_key(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first cells of the tables' rows, and the rest.
    fn cells<'a>(page: &'a str, before: &str) -> Vec<(&'a str, &'a str)> {
        let lines = page.lines().filter_map(|line| line.strip_prefix(before)?.strip_prefix("| `"));
        let cells = lines.filter_map(|line| line.strip_suffix(" |")?.split_once("` | "));
        cells.filter(|(name, _)| row(name).is_some()).collect()
    }

    #[test]
    fn the_documentation_has_the_rows_of_the_table() {
        let rows: Vec<_> = ROWS.iter().map(|row| (row.name, row.value)).collect();
        assert_eq!(cells(include_str!("options.rs"), "/// "), rows);
        let chinese: Vec<_> =
            cells(include_str!("../../docs/README.zh-CN.md"), "").into_iter().map(|(name, _)| name).collect();
        assert_eq!(chinese, ROWS.iter().map(|row| row.name).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_inherited_is_what_may_be_a_default() {
        let all = Options::from(serde_json::json!({
            "query": { "a": 1 }, "base_uri": "https://example.com/", "timeout": 1, "connect_timeout": 1, "read_timeout": 1,
            "retries": 1, "failover": true, "response_limit": 1, "allow_redirects": false, "http_errors": false,
            "debug": true, "proxy": "", "verify": false, "encrypt": "auto",
        }));
        let heir = Options::new().or(&all);
        for row in &ROWS {
            let is_default = row.inherit.is_some() && row.name != "headers";
            assert_eq!(((row.is_set)(&all), (row.is_set)(&heir)), (is_default, is_default), "{}", row.name);
        }
    }
}
