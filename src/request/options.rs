//! The argument of every method.

use std::fmt;
use std::time::Duration;

use crate::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::deadline::Limit;
use crate::redact;
use crate::request::MOST_HEADERS;
use crate::request::content::{Content, Query};
use crate::request::failover::Failover;
use crate::request::pointers::AUTO;
use crate::request::sensitive::{Encrypted, Pointer};
use crate::request::sink;
use crate::wire::proxy::Proxy;
use crate::wire::trust::Verify;

/// The default of `response_limit`, in bytes.
pub(super) const RESPONSE_LIMIT: u64 = 64 * 1024 * 1024;

/// The most attempts that may be added to the first.
pub(crate) const MOST_RETRIES: u32 = 10;

/// Headers that the crate sets itself.
const OWN_HEADERS: [&str; 5] = ["authorization", "content-length", "host", "transfer-encoding", "connection"];

/// The argument of every method (PHP: the `$options` array): options, and variables of the path, by name.
///
/// A JSON object can be passed in their place, or `()` for none; the setters are for what JSON cannot express, and for
/// checks at compile time. Nothing is sent if a name is unknown, a value has the wrong type or a variable of the path is
/// missing.
///
/// | option | value |
/// | --- | --- |
/// | `json` | any JSON: the body, `Content-Type: application/json` |
/// | `query` | object, or a ready string; replaces a query in the path |
/// | `headers` | object of name and text, or list of texts, 100 lines at most; they override the defaults, but the Content-Type of `multipart` and uploads is refused |
/// | `body` | text; bytes and uploads by [`Options::body`] |
/// | `form_params` | object: the body as `application/x-www-form-urlencoded` |
/// | `multipart` | list of `{"name", "contents", "filename"?, "headers"?}` |
/// | `encrypt` | `"auto"`, or a list of JSON pointers such as `/json/user_name`: the fields that are encrypted for the platform, see [`Options::encrypt`] |
/// | `xml` | APIv2: object, the data that is signed and sent as XML (on GET as the query) |
/// | `nonceless` | APIv2: `true`: no `nonce_str` is added |
/// | `security` | APIv2: `true`: the merchant's certificate is presented (mutual TLS) |
/// | `base_uri` | for this call only, such as `https://apihk.mch.weixin.qq.com/` |
/// | `timeout` | seconds for the whole call, fractions allowed, 0 for no limit; 30 by default |
/// | `connect_timeout` | seconds for the connection, 0 for no limit; 5 by default |
/// | `read_timeout` | seconds for each wait for more of the answer, 0 for no limit, which is the default |
/// | `retries` | how many attempts may follow one that failed, 0 to 10; see [`Options::retries`] |
/// | `failover` | `true`, a base address or a list of them: where further attempts go; see [`Options::failover`] |
/// | `sink` | path of a file that the answer's body is written to |
/// | `expect` | object of `hash_type` (`SHA1`) and `hash_value`, as of a bill: what the plain text of the answer must have |
/// | `response_limit` | the most bytes of an answer that are kept in memory, 64 MiB by default; files that go into a `sink` have no limit |
/// | `allow_redirects` | `false`: return 3xx as it is; default: follow up to 5, on the same host, each signed anew |
/// | `http_errors` | `false`: return 4xx and 5xx as ordinary responses |
/// | `debug` | `true`: print the dialogue to standard error, without signatures and ciphertexts |
/// | `proxy` | address of a proxy, or `""` to use no proxy; default: as the environment says |
/// | `verify` | path of a file of trusted certificates (PEM), or `false` to accept any certificate |
///
/// `null` is the same as leaving an option out.
///
/// ```
/// use wechatpay::{Options, json};
/// use std::time::Duration;
///
/// let from_json = Options::from(json!({ "out_trade_no": "1217752501", "query": { "mchid": "1900000109" }, "timeout": 2.5 }));
/// let by_setters = Options::new()
///     .variable("out_trade_no", "1217752501")
///     .query(json!({ "mchid": "1900000109" }))
///     .timeout(Duration::from_millis(2_500));
/// # let _ = (from_json, by_setters);
/// ```
#[derive(Clone, Default)]
pub struct Options {
    pub(super) variables: Map<String, Value>,
    pub(super) query: Option<Query>,
    pub(super) headers: HeaderMap,
    /// How many header lines were given; those beyond the limit are not kept.
    pub(super) header_lines: usize,
    pub(super) content: Option<Content>,
    pub(super) encrypt: Option<Encrypted>,
    pub(super) nonceless: Option<bool>,
    pub(super) security: Option<bool>,
    pub(crate) base_uri: Option<String>,
    pub(crate) timeout: Option<Limit>,
    pub(crate) connect_timeout: Option<Limit>,
    pub(crate) read_timeout: Option<Limit>,
    pub(crate) retries: Option<u32>,
    pub(crate) failover: Option<Failover>,
    pub(crate) sink: Option<sink::Destination>,
    pub(crate) expected_sha1: Option<String>,
    pub(super) response_limit: Option<u64>,
    pub(crate) allow_redirects: Option<bool>,
    pub(crate) http_errors: Option<bool>,
    pub(crate) debug: Option<bool>,
    pub(crate) proxy: Option<Option<Proxy>>,
    pub(crate) verify: Option<Verify>,
    /// The first thing that was wrong; the call is refused with it.
    pub(super) wrong: Option<String>,
}

impl Options {
    /// Remembers what is wrong, unless something was wrong before; the call is refused with it.
    pub(super) fn refuse(&mut self, what: String) {
        self.wrong.get_or_insert(what);
    }

    pub(super) fn set_content(&mut self, content: Content) -> Result<(), String> {
        match &self.content {
            Some(other) if other.option() != content.option() => {
                Err(format!("`{}` and `{}` are both a body, give one of them", other.option(), content.option()))
            }
            _ => {
                self.content = Some(content);
                Ok(())
            }
        }
    }

    pub(super) fn set_expected_sha1(&mut self, sha1: &str) -> Result<(), String> {
        if sha1.len() != 40 || !sha1.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("`expect`: {:?} is not a SHA-1 of 40 hex digits", redact::name(sha1)));
        }
        self.expected_sha1 = Some(sha1.to_owned());
        Ok(())
    }

    /// Adds fields that are encrypted: those at a pointer, or those that are documented.
    pub(super) fn add_encrypted(&mut self, text: &str) -> Result<(), String> {
        let encrypted = self.encrypt.get_or_insert_default();
        if text == AUTO {
            encrypted.is_auto = true;
            return Ok(());
        }
        if !text.contains('/') {
            // What is not a pointer may be the value itself, so it is not shown.
            return Err(
                "`encrypt` must be \"auto\" or a list of JSON pointers such as /json/user_name, but one has no / in it"
                    .into(),
            );
        }
        let pointer = Pointer::parse(text).map_err(|what| format!("`encrypt`: {:?} {what}", redact::path(text)))?;
        if !matches!(pointer.root(), "json" | "query" | "body") {
            return Err(format!(
                "`encrypt`: {:?} must begin with /json/ or /query/, or with /body/meta/ for an upload",
                redact::path(text)
            ));
        }
        encrypted.pointers.push(pointer);
        Ok(())
    }

    pub(super) fn add_header(&mut self, name: &str, value: &str) -> Result<(), String> {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("`headers`: {:?} is not the name of a header", redact::name(name)))?;
        if OWN_HEADERS.contains(&header.as_str()) {
            return Err(format!("`headers`: {name} cannot be set, it follows from the request"));
        }
        let value = HeaderValue::from_str(value).ok().filter(|value| value.to_str().is_ok());
        let Some(value) = value else {
            return Err(format!("`headers`: the value of {} must be one line of visible ASCII", redact::name(name)));
        };
        self.push_header(header, value);
        Ok(())
    }

    /// Counts a header line, and keeps it unless there are too many, which [`check`](Options::check) refuses.
    pub(super) fn push_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.header_lines = self.header_lines.saturating_add(1);
        if self.header_lines <= MOST_HEADERS {
            self.headers.append(name, value);
        }
    }
}

/// Shows which options are set, but not their values, which may be personal data.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("variables", &self.variables.keys().map(|name| redact::name(name)).collect::<Vec<_>>())
            .field("headers", &self.headers.keys().map(|name| redact::name(name.as_str())).collect::<Vec<_>>())
            .field("content", &self.content.as_ref().map(Content::option))
            .field("encrypt", self.encrypt.as_ref().unwrap_or(&Encrypted::default()))
            .field("base_uri", &self.base_uri.as_deref().map(redact::address))
            .field("sink", &self.sink)
            .finish_non_exhaustive()
    }
}

/// Zero means no limit. Longer limits than ten years are cut to that, so that no clock overflows.
pub(super) fn limit(duration: Duration) -> Limit {
    const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    Some(duration.min(LONGEST)).filter(|duration| !duration.is_zero())
}
