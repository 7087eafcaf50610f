//! The argument of every verb.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};
use ureq::Proxy;
use ureq::http::header::CONTENT_TYPE;
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use crate::crypto::rsa::PublicKey;
use crate::error::{Error, Result};
use crate::formatter::php_text;
use crate::multipart::{Multipart, Part};
use crate::payload::{Body, Payload};
use crate::query;
use crate::redact;
use crate::retry;
use crate::sensitive::{self, Pointer};
use crate::sink;
use crate::uri_template::{self, UriTemplate};
use crate::wire::trust::Verify;

/// All options, in the order of the documentation.
const NAMES: [&str; 24] = [
    "json",
    "query",
    "headers",
    "body",
    "form_params",
    "multipart",
    "encrypt",
    "xml",
    "nonceless",
    "security",
    "base_uri",
    "timeout",
    "connect_timeout",
    "read_timeout",
    "retries",
    "failover",
    "sink",
    "expect",
    "response_limit",
    "allow_redirects",
    "http_errors",
    "debug",
    "proxy",
    "verify",
];

/// The most of an answer that is kept in memory unless `response_limit` says otherwise, in bytes.
const RESPONSE_LIMIT: u64 = 64 * 1024 * 1024;

/// Lines of `headers` that a call may have, and the configuration's defaults: servers refuse more, and the map that holds
/// them panics at 32,768.
pub(crate) const MOST_HEADERS: usize = 100;

/// Headers that the crate sets itself.
const OWN_HEADERS: [&str; 5] = ["authorization", "content-length", "host", "transfer-encoding", "connection"];

/// The argument of every verb (PHP: the `$options` array): variables of the path and options by name.
///
/// A JSON object, or `()` for none, becomes `Options` by itself; the setters are for what JSON cannot
/// hold, and for those who like their compiler to check. Nothing is sent when a name is unknown, a
/// value has the wrong type or a variable of the path is missing.
///
/// | option | value |
/// | --- | --- |
/// | `json` | any JSON: the body, `Content-Type: application/json` |
/// | `query` | object, or a ready string; replaces a query in the path |
/// | `headers` | object of name and text, or list of texts, 100 lines at most; they win over the defaults |
/// | `body` | text; bytes and uploads by [`Options::body`] |
/// | `form_params` | object: the body as `application/x-www-form-urlencoded` |
/// | `multipart` | list of `{"name", "contents", "filename"?, "headers"?}` |
/// | `encrypt` | list of JSON pointers into `json` and `query`, such as `/json/user_name`: the fields that are encrypted for the platform, see [`Options::encrypt`] |
/// | `xml` | APIv2: object, the data that is signed and sent as XML (on GET as the query) |
/// | `nonceless` | APIv2: `true`: no `nonce_str` is added |
/// | `security` | APIv2: `true`: the merchant's certificate is shown (mutual TLS) |
/// | `base_uri` | for this call only, such as `https://apihk.mch.weixin.qq.com/` |
/// | `timeout`, `connect_timeout`, `read_timeout` | seconds, fractions allowed, 0 = none; by default 30, 5 and none |
/// | `retries` | how many attempts may follow one that failed, 0 to 10; see [`Options::retries`] |
/// | `failover` | `true`, a base address or a list of them: where further attempts go; see [`Options::failover`] |
/// | `sink` | path of a file that the answer's body is written to |
/// | `expect` | object of `hash_type` (`SHA1`) and `hash_value`, as of a bill: what the plain text of the answer must have |
/// | `response_limit` | bytes of an answer that are kept in memory at most, 64 MiB by default; files that go into a `sink` have no limit |
/// | `allow_redirects` | `false`: hand 3xx back; default: up to 5, on the same host, each hop signed anew |
/// | `http_errors` | `false`: 4xx and 5xx come back as ordinary responses |
/// | `debug` | `true`: print the dialogue to standard error, without signatures and ciphertexts |
/// | `proxy` | address of a proxy, `""` for none; default: as the environment says |
/// | `verify` | path of a file of trusted certificates (PEM), or `false` to trust anyone |
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
    variables: Map<String, Value>,
    query: Option<Query>,
    headers: HeaderMap,
    /// How many header lines were given; no more of them are kept than are allowed.
    header_lines: usize,
    content: Option<Content>,
    /// What of `json` and `query` is encrypted.
    encrypt: Vec<Pointer>,
    nonceless: Option<bool>,
    security: Option<bool>,
    pub(crate) base_uri: Option<String>,
    pub(crate) timeout: Option<Limit>,
    pub(crate) connect_timeout: Option<Limit>,
    pub(crate) read_timeout: Option<Limit>,
    pub(crate) retries: Option<u32>,
    pub(crate) failover: Option<Failover>,
    pub(crate) sink: Option<sink::Target>,
    pub(crate) expected_sha1: Option<String>,
    response_limit: Option<u64>,
    pub(crate) allow_redirects: Option<bool>,
    pub(crate) http_errors: Option<bool>,
    pub(crate) debug: Option<bool>,
    pub(crate) proxy: Option<Option<Proxy>>,
    pub(crate) verify: Option<Verify>,
    /// The first thing that was wrong; the call refuses with it.
    wrong: Option<String>,
}

/// A time limit; `None` is none.
pub(crate) type Limit = Option<Duration>;

/// Where further attempts go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failover {
    /// To the platform's second host, where it has one.
    Second,
    /// To these bases, one after the other; to none where there are none.
    Bases(Vec<String>),
}

impl Failover {
    /// The other bases of a base.
    pub(crate) fn hosts(&self, base_uri: &str) -> Vec<&str> {
        match self {
            Failover::Second if base_uri.trim_end_matches('/') == FIRST_HOST => vec![SECOND_HOST],
            Failover::Second => Vec::new(),
            Failover::Bases(bases) => bases.iter().map(String::as_str).collect(),
        }
    }
}

/// The platform's host, and the one that stands in for it.
const FIRST_HOST: &str = "https://api.mch.weixin.qq.com";
const SECOND_HOST: &str = "https://api2.mch.weixin.qq.com/";

#[derive(Clone)]
enum Query {
    Pairs(Map<String, Value>),
    /// Encoded already.
    Text(String),
}

#[derive(Clone)]
enum Content {
    Json(Value),
    /// JSON that is written already.
    Written(Payload),
    Xml(Map<String, Value>),
    Body(Body),
    Form(Map<String, Value>),
    Multipart(Vec<Part>),
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn write_json(json: &Value) -> Result<Payload> {
    let mut bytes = Vec::with_capacity(1024);
    serde_json::to_writer(&mut bytes, json)
        .map_err(|error| Error::Options(format!("`json` cannot be written: {error}")))?;
    Ok(Payload::bytes(bytes))
}

impl Content {
    fn option(&self) -> &'static str {
        match self {
            Content::Json(_) | Content::Written(_) => "json",
            Content::Xml(_) => "xml",
            Content::Body(_) => "body",
            Content::Form(_) => "form_params",
            Content::Multipart(_) => "multipart",
        }
    }
}

impl Options {
    /// No options.
    pub fn new() -> Options {
        Options::default()
    }

    /// Sets a variable of the path.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<Value>) -> Options {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Sets the JSON body.
    #[must_use]
    pub fn json(self, json: impl Into<Value>) -> Options {
        self.with(|options| options.set_content(Content::Json(json.into())))
    }

    /// Sets the query: a JSON object, or a ready string.
    #[must_use]
    pub fn query(self, query: impl Into<Value>) -> Options {
        self.with(|options| options.set("query", query.into()))
    }

    /// Adds a header. A call has 100 at most, beside as many of the configuration.
    #[must_use]
    pub fn header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Options {
        self.with(|options| options.add_header(name.as_ref(), value.as_ref()))
    }

    /// Sets the body: bytes, text, or a [`MediaUtil`](crate::MediaUtil), which brings its content type.
    #[must_use]
    pub fn body(self, body: impl Into<Body>) -> Options {
        self.with(|options| options.set_content(Content::Body(body.into())))
    }

    /// Sets the data of an APIv2 call: a JSON object.
    #[must_use]
    pub fn xml(self, data: impl Into<Value>) -> Options {
        self.with(|options| options.set("xml", data.into()))
    }

    /// `true`: no `nonce_str` is added to the data of an APIv2 call.
    #[must_use]
    pub fn nonceless(mut self, nonceless: bool) -> Options {
        self.nonceless = Some(nonceless);
        self
    }

    /// `true`: an APIv2 call shows the merchant's certificate.
    #[must_use]
    pub fn security(mut self, security: bool) -> Options {
        self.security = Some(security);
        self
    }

    /// Sets the fields of a form, sent as `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn form_params(self, fields: impl Into<Value>) -> Options {
        self.with(|options| options.set("form_params", fields.into()))
    }

    /// Sets the parts of a form, sent as `multipart/form-data`.
    ///
    /// When one of them is called `meta`, it alone is signed, as the platform wants of uploads.
    #[must_use]
    pub fn multipart(self, parts: impl Into<Vec<Part>>) -> Options {
        self.with(|options| options.set_content(Content::Multipart(parts.into())))
    }

    /// Adds JSON pointers (RFC 6901) to the sensitive fields of `json` and of `query`, as an object: these are given
    /// as they are, and sent encrypted for the platform (RSA-OAEP). In the same step `Wechatpay-Serial` is set to the
    /// key that they are encrypted for. (PHP: `Rsa::encrypt`, and the header by hand.)
    ///
    /// A pointer begins with `/json/` or `/query/`. `*` stands for every element of a list; of an object it is the
    /// name of a field. In a name, `~` is written `~0` and `/` is written `~1`. A field that several pointers meet is
    /// encrypted once. Each call encrypts anew, once: a redirect repeats the same bytes.
    ///
    /// The key is the one that requests name anyway, see `wechatpay_serial` in [`Credentials`](crate::Credentials);
    /// where none stands out, the header `Wechatpay-Serial` of the call chooses it.
    ///
    /// Nothing is sent when a pointer meets nothing at all or something else than a string, when a text is too long
    /// (214 bytes of UTF-8 are the most for RSA-2048), when the header names another key, when there is no one key to
    /// encrypt for, or when a verifier of your own keeps the platform's keys. Paths under `v2/` and
    /// [`download`](crate::Chain::download) do not take it.
    ///
    /// ```no_run
    /// use wechatpay::{Options, json};
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let receiver = json!({ "appid": "wx8888888888888888", "type": "PERSONAL_OPENID", "name": "张三",
    ///                        "account": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "relation_type": "USER" });
    /// instance.chain("v3/profitsharing/receivers/add").post(Options::new().json(receiver).encrypt(["/json/name"]))?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn encrypt<P: AsRef<str>>(self, pointers: impl IntoIterator<Item = P>) -> Options {
        self.with(|options| pointers.into_iter().try_for_each(|pointer| options.add_encrypted(pointer.as_ref())))
    }

    /// Sets the address that the path is resolved against, for this call only.
    #[must_use]
    pub fn base_uri(mut self, base_uri: impl Into<String>) -> Options {
        self.base_uri = Some(base_uri.into());
        self
    }

    /// Limits the whole call: look-up, proxy, connection, the platform's certificates where they are fetched, sending,
    /// answer, redirects, further attempts and the waits between them; zero is no limit. The default is 30 s. A call that
    /// waits for the other side may end later than that by a sixty-fourth, half a second of 30.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Options {
        self.timeout = Some(limit(timeout));
        self
    }

    /// Limits finding, connecting to and shaking hands with the host; zero is no limit. The default is 5 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Options {
        self.connect_timeout = Some(limit(timeout));
        self
    }

    /// Limits each wait for more bytes of the answer; zero is no limit, which is the default.
    #[must_use]
    pub fn read_timeout(mut self, timeout: Duration) -> Options {
        self.read_timeout = Some(limit(timeout));
        self
    }

    /// Allows so many further attempts after one that failed; 10 at most. The default is none, with
    /// [`failover`](Options::failover) one for each other host.
    ///
    /// Made again is what cannot have had an effect, and nothing else: a call of any verb that did not reach its host
    /// (DNS, connection, TLS) or was refused with 429, and a GET that was not answered, or with 5xx. **A POST, PUT,
    /// PATCH or DELETE whose outcome is unknown is never made again.** Each attempt is signed anew, all of them share
    /// one `timeout`. Between them is a wait of 0.1 to 0.2 s, twice that for each further one and 5 s at most, or what the
    /// platform asks for in `Retry-After`; where that is later than the `timeout`, or more than 60 s, the failure stands.
    #[must_use]
    pub fn retries(self, retries: u32) -> Options {
        self.with(|options| options.set("retries", retries.into()))
    }

    /// Sets where further attempts go: `true` for the platform's second host (`api2.mch.weixin.qq.com` for
    /// `api.mch.weixin.qq.com`), a base address, or a list of them, tried in turn; `false` for none.
    ///
    /// It belongs to a `base_uri`: a call with a `base_uri` of its own does not go to the other hosts of the
    /// configuration. Addresses of [`download`](crate::Chain::download) have no other host.
    #[must_use]
    pub fn failover(self, failover: impl Into<Value>) -> Options {
        self.with(|options| options.set("failover", failover.into()))
    }

    /// Writes the body of a successful answer to this file.
    ///
    /// It is written beside it under a temporary name, and renamed when it is complete and verified; one that is there
    /// keeps its permissions. A pipe is written into, and waited for no longer than the call may take.
    #[must_use]
    pub fn sink(mut self, path: impl Into<PathBuf>) -> Options {
        self.sink = Some(sink::Target::File(path.into()));
        self
    }

    /// Writes the body of a successful answer to this writer, as it comes.
    ///
    /// What is found wrong at its end, such as another SHA-1 than announced, is an error of the call after
    /// the bytes were written. The writer serves one call.
    #[must_use]
    pub fn sink_to(mut self, writer: impl Write + Send + 'static) -> Options {
        self.sink = Some(sink::Target::writer(writer));
        self
    }

    /// Demands that the plain text of the answer, unpacked when it is gzip, has this SHA-1, as the platform
    /// announces it of a bill. Hex, in any case.
    #[must_use]
    pub fn expect_sha1(self, sha1: impl Into<String>) -> Options {
        self.with(|options| options.set_expected_sha1(&sha1.into()))
    }

    /// Limits what of an answer is kept in memory, in bytes. The default is 64 MiB.
    ///
    /// Files that go into a sink are not kept. JSON is, even then: it is signed as a whole, and verified before
    /// it is written.
    #[must_use]
    pub fn response_limit(mut self, bytes: u64) -> Options {
        self.response_limit = Some(bytes);
        self
    }

    /// `false`: 3xx answers are handed back, unverified.
    #[must_use]
    pub fn allow_redirects(mut self, allow: bool) -> Options {
        self.allow_redirects = Some(allow);
        self
    }

    /// `false`: 4xx and 5xx answers are handed back as ordinary responses, unverified. Not so where a redirect has made a
    /// GET of a POST: what is answered to that says nothing of the POST, and is an error.
    #[must_use]
    pub fn http_errors(mut self, errors: bool) -> Options {
        self.http_errors = Some(errors);
        self
    }

    /// `true`: prints the dialogue to standard error, without signatures and ciphertexts.
    #[must_use]
    pub fn debug(mut self, debug: bool) -> Options {
        self.debug = Some(debug);
        self
    }

    /// Sets the address of a proxy (`http://`, `https://`, `socks4://`, `socks5://`), or `""` for none.
    #[must_use]
    pub fn proxy(self, proxy: impl Into<String>) -> Options {
        self.with(|options| options.set("proxy", Value::String(proxy.into())))
    }

    /// Sets whom to trust: the path of a file of certificates (PEM), `true` for those of the system,
    /// `false` for anyone. `false` lets anybody on the way read and change what is sent.
    #[must_use]
    pub fn verify(self, verify: impl Into<Value>) -> Options {
        self.with(|options| options.set("verify", verify.into()))
    }

    /// Takes a setting whose value may be wrong; the first wrong one is kept for the call to refuse.
    fn with(mut self, set: impl FnOnce(&mut Options) -> std::result::Result<(), String>) -> Options {
        if let Err(what) = set(&mut self) {
            self.refuse(what);
        }
        self
    }

    fn refuse(&mut self, what: String) {
        self.wrong.get_or_insert(what);
    }

    fn set_content(&mut self, content: Content) -> std::result::Result<(), String> {
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

    fn set_expected_sha1(&mut self, sha1: &str) -> std::result::Result<(), String> {
        if sha1.len() != 40 || !sha1.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("`expect`: {:?} is not a SHA-1 of 40 hex digits", redact::name(sha1)));
        }
        self.expected_sha1 = Some(sha1.to_owned());
        Ok(())
    }

    fn add_encrypted(&mut self, text: &str) -> std::result::Result<(), String> {
        if !text.contains('/') {
            // What is no pointer at all may be the value itself, and is not repeated.
            return Err(
                "`encrypt` must be a list of JSON pointers such as /json/user_name, and one has no / in it".into()
            );
        }
        let pointer = Pointer::parse(text).map_err(|what| format!("`encrypt`: {:?} {what}", redact::path(text)))?;
        if !matches!(pointer.root(), "json" | "query") {
            return Err(format!("`encrypt`: {:?} must begin with /json/ or /query/", redact::path(text)));
        }
        self.encrypt.push(pointer);
        Ok(())
    }

    fn add_header(&mut self, name: &str, value: &str) -> std::result::Result<(), String> {
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

    /// Counts a header line, and keeps it if there may be so many; [`check`](Options::check) refuses if not.
    fn push_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.header_lines = self.header_lines.saturating_add(1);
        if self.header_lines <= MOST_HEADERS {
            self.headers.append(name, value);
        }
    }

    /// Takes one entry of a JSON object. An unknown name is kept as a variable; the template decides.
    fn set(&mut self, name: &str, value: Value) -> std::result::Result<(), String> {
        if value.is_null() {
            return Ok(());
        }
        let wrong = |wanted: &str, value: &Value| Err(format!("`{name}` must be {wanted}, not {}", kind(value)));
        match name {
            "json" => self.set_content(Content::Json(value))?,
            "query" => match value {
                Value::Object(pairs) => self.query = Some(Query::Pairs(pairs)),
                Value::String(text) => {
                    let mut query = String::with_capacity(text.len());
                    uri_template::push_literal(&mut query, text.strip_prefix('?').unwrap_or(&text));
                    self.query = Some(Query::Text(query.replace('#', "%23")));
                }
                // An empty array of PHP.
                Value::Array(list) if list.is_empty() => self.query = Some(Query::Text(String::new())),
                other => return wrong("an object or a string", &other),
            },
            "headers" => match value {
                Value::Object(headers) => {
                    for (name, value) in headers {
                        let values = match value {
                            Value::Array(list) => list,
                            value => vec![value],
                        };
                        for value in values {
                            match value {
                                Value::String(_) | Value::Number(_) => self.add_header(&name, &php_text(&value))?,
                                other => {
                                    return Err(format!(
                                        "`headers`: the value of {} must be a string or a list of strings, not {}",
                                        redact::name(&name),
                                        kind(&other)
                                    ));
                                }
                            }
                        }
                    }
                }
                Value::Array(list) if list.is_empty() => {}
                other => return wrong("an object", &other),
            },
            "body" => match value {
                Value::String(text) => self.set_content(Content::Body(text.into()))?,
                other => return wrong("a string (bytes and uploads are given by `Options::body`)", &other),
            },
            "form_params" => match value {
                Value::Object(fields) => self.set_content(Content::Form(fields))?,
                other => return wrong("an object", &other),
            },
            "multipart" => match value {
                Value::Array(list) => {
                    let parts = list.into_iter().map(part).collect::<std::result::Result<Vec<_>, _>>()?;
                    self.set_content(Content::Multipart(parts))?;
                }
                other => return wrong("a list", &other),
            },
            "encrypt" => match value {
                Value::Array(pointers) => {
                    for pointer in pointers {
                        match pointer {
                            Value::String(pointer) => self.add_encrypted(&pointer)?,
                            other => return wrong("a list of JSON pointers", &other),
                        }
                    }
                }
                other => return wrong("a list of JSON pointers", &other),
            },
            "base_uri" => match value {
                Value::String(text) => self.base_uri = Some(text),
                other => return wrong("a string", &other),
            },
            "timeout" | "connect_timeout" | "read_timeout" => {
                let seconds = value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                let Some(seconds) = seconds else {
                    return Err(format!("`{name}` must be a number of seconds, 0 or more, not {}", kind(&value)));
                };
                let place = match name {
                    "timeout" => &mut self.timeout,
                    "connect_timeout" => &mut self.connect_timeout,
                    _ => &mut self.read_timeout,
                };
                *place = Some(limit(seconds));
            }
            "retries" => match value.as_u64().and_then(|retries| u32::try_from(retries).ok()) {
                Some(retries) if retries <= retry::MOST => self.retries = Some(retries),
                _ => return Err(format!("`retries` must be a number from 0 to {}", retry::MOST)),
            },
            "failover" => {
                let wanted = "true, a base address or a list of them";
                let base = |value: Value| match value {
                    Value::String(base) => Ok(base),
                    other => Err(format!("`failover` must be {wanted}, not {}", kind(&other))),
                };
                self.failover = Some(match value {
                    Value::Bool(true) => Failover::Second,
                    Value::Bool(false) => Failover::Bases(Vec::new()),
                    Value::Array(list) => {
                        Failover::Bases(list.into_iter().map(base).collect::<std::result::Result<_, _>>()?)
                    }
                    value => Failover::Bases(vec![base(value)?]),
                });
            }
            "sink" => match value {
                Value::String(path) => self.sink = Some(sink::Target::File(path.into())),
                other => return wrong("the path of a file (a writer is given by `Options::sink_to`)", &other),
            },
            "xml" => match value {
                Value::Object(data) => self.set_content(Content::Xml(data))?,
                other => return wrong("an object", &other),
            },
            "expect" => match (value.get("hash_type"), value.get("hash_value")) {
                (Some(Value::String(kind)), Some(Value::String(sha1))) if kind == "SHA1" => {
                    self.set_expected_sha1(sha1)?
                }
                _ => {
                    return Err("`expect` must be an object with the `hash_type` SHA1 and a `hash_value`".into());
                }
            },
            "response_limit" => match value.as_u64() {
                Some(bytes) => self.response_limit = Some(bytes),
                None => return wrong("a number of bytes", &value),
            },
            "allow_redirects" | "http_errors" | "debug" | "nonceless" | "security" => {
                let Value::Bool(switch) = value else {
                    return wrong("true or false", &value);
                };
                let place = match name {
                    "allow_redirects" => &mut self.allow_redirects,
                    "http_errors" => &mut self.http_errors,
                    "nonceless" => &mut self.nonceless,
                    "security" => &mut self.security,
                    _ => &mut self.debug,
                };
                *place = Some(switch);
            }
            "proxy" => match value {
                Value::String(address) if address.is_empty() => self.proxy = Some(None),
                // The address is not repeated: it may hold a password.
                Value::String(address) => match Proxy::new(&address) {
                    Ok(proxy) => self.proxy = Some(Some(proxy)),
                    Err(_) => return Err("`proxy` must be an address such as http://127.0.0.1:3128".into()),
                },
                other => return wrong("a string", &other),
            },
            "verify" => match value {
                Value::Bool(true) => self.verify = Some(Verify::System),
                Value::Bool(false) => self.verify = Some(Verify::Nobody),
                // A certificate, a key or an address by mistake: it is not repeated.
                Value::String(path) if is_no_path(&path) => {
                    return Err("`verify` must be the path of a file of certificates, not what is in it".into());
                }
                Value::String(path) => self.verify = Some(Verify::Bundle(path.into())),
                other => return wrong("true, false or the path of a file of certificates", &other),
            },
            _ => {
                self.variables.insert(name.to_owned(), value);
            }
        }
        Ok(())
    }

    /// What was wrong with them, if anything.
    pub(crate) fn check(&self) -> Result<()> {
        match (&self.wrong, self.header_lines) {
            (Some(what), _) => Err(Error::Options(what.clone())),
            (None, count) if count > MOST_HEADERS => {
                Err(Error::Options(format!("`headers` has {count} lines, of which at most {MOST_HEADERS} can be sent")))
            }
            (None, _) => Ok(()),
        }
    }

    /// The options that cannot be defaults of all calls, by name.
    pub(crate) fn belonging_to_one_call(&self) -> Option<&'static str> {
        let content = self.content.as_ref().map(Content::option);
        content
            .or(self.encrypt_option())
            .or(self.nonceless.map(|_| "nonceless"))
            .or(self.security.map(|_| "security"))
            .or(self.sink.as_ref().map(|_| "sink"))
            .or(self.expected_sha1.as_ref().map(|_| "expect"))
    }

    /// `encrypt`, when there is anything to encrypt.
    fn encrypt_option(&self) -> Option<&'static str> {
        self.encrypt.first().map(|_| "encrypt")
    }

    /// Names that are no options.
    pub(crate) fn unknown_names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// Fills what is not set with the defaults of the configuration; headers are merged by the client.
    pub(crate) fn or(self, defaults: &Options) -> Options {
        Options {
            query: self.query.or_else(|| defaults.query.clone()),
            base_uri: self.base_uri.or_else(|| defaults.base_uri.clone()),
            response_limit: self.response_limit.or(defaults.response_limit),
            timeout: self.timeout.or(defaults.timeout),
            connect_timeout: self.connect_timeout.or(defaults.connect_timeout),
            read_timeout: self.read_timeout.or(defaults.read_timeout),
            retries: self.retries.or(defaults.retries),
            failover: self.failover.or_else(|| defaults.failover.clone()),
            allow_redirects: self.allow_redirects.or(defaults.allow_redirects),
            http_errors: self.http_errors.or(defaults.http_errors),
            debug: self.debug.or(defaults.debug),
            proxy: self.proxy.or_else(|| defaults.proxy.clone()),
            verify: self.verify.or_else(|| defaults.verify.clone()),
            // What was wrong with them stays wrong.
            wrong: self.wrong.or_else(|| defaults.wrong.clone()),
            header_lines: match defaults.header_lines {
                count if count > MOST_HEADERS => count.max(self.header_lines),
                _ => self.header_lines,
            },
            ..self
        }
    }

    /// Expands the template with the variables; each must have its value, and each value its place.
    pub(crate) fn expand(&self, template: &str) -> Result<String> {
        let parsed = UriTemplate::parse(template)?;
        let known = parsed.variables();
        if self.variables.contains_key("handler") && !known.contains(&"handler") {
            return Err(Error::Options(
                "`handler` is Guzzle's; give `Builder` a `signer` or a `verifier` instead".into(),
            ));
        }
        let mut problems = Vec::new();
        let mut with_empty = None;
        for name in parsed.required_variables() {
            match self.variables.get(name) {
                Some(value) if name == "empty" && *value != "" => {
                    problems.push(format!("the variable `empty` is always empty, it cannot be {}", kind(value)));
                }
                Some(value) if uri_template::is_defined(value) => {}
                _ if name == "empty" => {
                    with_empty.get_or_insert_with(|| self.variables.clone()).insert(name.into(), "".into());
                }
                _ => problems.push(format!("the variable `{}` has no value", redact::name(name))),
            }
        }
        for name in self.unknown_names().filter(|name| !known.contains(name)) {
            problems.push(format!("`{}` is neither an option nor a variable", redact::name(name)));
        }
        if !problems.is_empty() {
            let known = known.iter().map(|name| redact::name(name)).collect::<Vec<_>>();
            let variables = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Error::Options(format!(
                "`{}`: {}; variables: {variables}; options: {}",
                redact::path(template),
                problems.join(", "),
                NAMES.join(", ")
            )));
        }
        parsed.expand(with_empty.as_ref().unwrap_or(&self.variables))
    }

    /// Takes over headers that are not set here.
    pub(crate) fn inherit_headers(&mut self, from: &HeaderMap) {
        for name in from.keys().filter(|name| !self.headers.contains_key(*name)).cloned().collect::<Vec<_>>() {
            for value in from.get_all(&name) {
                self.push_header(name.clone(), value.clone());
            }
        }
    }

    /// The query that replaces the path's, encoded.
    pub(crate) fn query_string(&self) -> Option<String> {
        self.query.as_ref().map(|query| match query {
            Query::Pairs(pairs) => query::build(pairs),
            Query::Text(text) => text.clone(),
        })
    }

    pub(crate) fn memory_limit(&self) -> u64 {
        self.response_limit.unwrap_or(RESPONSE_LIMIT)
    }

    pub(crate) fn is_nonceless(&self) -> bool {
        self.nonceless == Some(true)
    }

    pub(crate) fn is_secured(&self) -> bool {
        self.security == Some(true)
    }

    /// The data of an APIv2 call: `xml`, on GET the query where there is none.
    ///
    /// # Errors
    /// When there is none, or a body that is not XML.
    pub(crate) fn take_apiv2_data(&mut self, is_get: bool) -> Result<Map<String, Value>> {
        match (self.content.take(), &self.query) {
            (Some(Content::Xml(_)), Some(_)) if is_get => Err(Error::Options(
                "on GET the data of `xml` becomes the query, so `query` cannot be given beside it".into(),
            )),
            (Some(Content::Xml(data)), _) => Ok(data),
            (Some(other), _) => Err(Error::Options(format!("a path under v2/ takes `xml`, not `{}`", other.option()))),
            (None, Some(Query::Pairs(pairs))) if is_get => Ok(pairs.clone()),
            (None, _) if is_get => Err(Error::Options("a path under v2/ needs `xml`, or `query` as an object".into())),
            (None, _) => Err(Error::Options("a path under v2/ needs `xml`".into())),
        }
    }

    /// For an address that is called exactly as it stands: nothing may change it or travel with it.
    ///
    /// # Errors
    /// Names an option that would.
    pub(crate) fn check_bare(&self) -> Result<()> {
        let variable = self.variables.keys().next().map(String::as_str);
        let query = self.query.as_ref().map(|_| "query");
        match variable.or(query).or(self.content.as_ref().map(Content::option)).or(self.encrypt_option()) {
            Some(name) => {
                let name = redact::name(name);
                Err(Error::Options(format!("`{name}` cannot be given: the address is called as it stands")))
            }
            None => Ok(()),
        }
    }

    /// # Errors
    /// Names an option that belongs to APIv2.
    pub(crate) fn check_apiv3(&self) -> Result<()> {
        let xml = self.content.as_ref().map(Content::option).filter(|name| *name == "xml");
        let name = xml.or(self.nonceless.map(|_| "nonceless")).or(self.security.map(|_| "security"));
        match name {
            Some(name) => Err(Error::Options(format!("`{name}` belongs to APIv2, to paths under v2/"))),
            None => Ok(()),
        }
    }

    /// # Errors
    /// Names an option that belongs to APIv3.
    pub(crate) fn check_apiv2(&self) -> Result<()> {
        match self.encrypt_option() {
            Some(name) => Err(Error::Options(format!("`{name}` belongs to APIv3, not to paths under v2/"))),
            None => Ok(()),
        }
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Sets a header in place of all of that name.
    pub(crate) fn set_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    /// Whether there is anything to encrypt.
    pub(crate) fn is_sensitive(&self) -> bool {
        !self.encrypt.is_empty()
    }

    /// Encrypts what `encrypt` points at.
    ///
    /// # Errors
    /// Names a pointer that meets nothing, or what cannot be encrypted.
    pub(crate) fn seal(&mut self, key: &PublicKey) -> Result<()> {
        let mut given = Map::new();
        if let Some(Content::Json(json)) = &mut self.content {
            given.insert("json".to_owned(), json.take());
        }
        if let Some(Query::Pairs(pairs)) = &mut self.query {
            given.insert("query".to_owned(), Value::Object(std::mem::take(pairs)));
        }
        let mut given = Value::Object(given);
        sensitive::encrypt(&mut given, &self.encrypt, key)
            .map_err(|unfit| Error::Options(format!("`encrypt`: {unfit}")))?;
        let mut take = |name: &str| given.get_mut(name).map(Value::take);
        if let (Some(Content::Json(json)), Some(sealed)) = (&mut self.content, take("json")) {
            *json = sealed;
        }
        if let (Some(Query::Pairs(pairs)), Some(Value::Object(sealed))) = (&mut self.query, take("query")) {
            *pairs = sealed;
        }
        Ok(())
    }

    /// Writes the JSON already, unless something in it is to be encrypted first: for a call that may wait for its turn,
    /// as its tree takes much more memory.
    pub(crate) fn write_json(&mut self) {
        let Some(Content::Json(json)) = self.content.as_ref().filter(|_| !self.is_sensitive()) else {
            return;
        };
        // What cannot be written is reported by the call.
        if let Ok(payload) = write_json(json) {
            self.content = Some(Content::Written(payload));
        }
    }

    /// The body, serialised once, and the content type that goes with it.
    ///
    /// # Errors
    /// A content type beside a form, whose boundary only the form knows; a file that cannot be read.
    pub(crate) fn take_payload(&mut self) -> Result<(Payload, Option<HeaderValue>)> {
        let header = |text: String| HeaderValue::try_from(text).ok();
        let has_content_type = self.headers.contains_key(CONTENT_TYPE);
        let content = self.content.take();
        let is_form = match &content {
            Some(Content::Multipart(_)) => true,
            Some(Content::Body(body)) => body.is_form(),
            _ => false,
        };
        if is_form && has_content_type {
            return Err(Error::Options(
                "`headers`: the Content-Type of a form or an upload follows from it, leave it out".into(),
            ));
        }
        Ok(match content {
            // APIv2 takes its data by itself.
            None | Some(Content::Xml(_)) => (Payload::Empty, None),
            Some(Content::Json(json)) => (write_json(&json)?, Some(JSON)),
            Some(Content::Written(payload)) => (payload, Some(JSON)),
            Some(Content::Form(fields)) => (
                Payload::bytes(query::build_form(&fields).into_bytes()),
                Some(HeaderValue::from_static("application/x-www-form-urlencoded")),
            ),
            Some(Content::Multipart(parts)) => {
                let form = Multipart::new(parts)?;
                let content_type = header(form.content_type());
                (Payload::form(form)?, content_type)
            }
            Some(Content::Body(body)) => {
                let payload = body.into_payload()?;
                let content_type = match &payload {
                    Payload::Form(form) => header(form.content_type()),
                    _ => None,
                };
                (payload, content_type)
            }
        })
    }
}

impl From<()> for Options {
    fn from((): ()) -> Options {
        Options::new()
    }
}

/// A JSON object; `null` and `[]` are no options at all.
impl From<Value> for Options {
    fn from(value: Value) -> Options {
        match value {
            Value::Object(entries) => Options::from(entries),
            Value::Null => Options::new(),
            Value::Array(list) if list.is_empty() => Options::new(),
            other => {
                let mut options = Options::new();
                options.refuse(format!("the options must be an object, not {}", kind(&other)));
                options
            }
        }
    }
}

impl From<Map<String, Value>> for Options {
    fn from(entries: Map<String, Value>) -> Options {
        let mut options = Options::new();
        for (name, value) in entries {
            if let Err(what) = options.set(&name, value) {
                options.refuse(what);
            }
        }
        options
    }
}

/// Says what is set, not to what: the values may be anyone's personal data.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("variables", &self.variables.keys().map(|name| redact::name(name)).collect::<Vec<_>>())
            .field("headers", &self.headers.keys().map(|name| redact::name(name.as_str())).collect::<Vec<_>>())
            .field("content", &self.content.as_ref().map(Content::option))
            .field("encrypt", &self.encrypt)
            .field("base_uri", &self.base_uri.as_deref().map(redact::address))
            .field("sink", &self.sink)
            .finish_non_exhaustive()
    }
}

/// One element of Guzzle's `multipart` list.
fn part(value: Value) -> std::result::Result<Part, String> {
    const FORM: &str =
        "`multipart`: each part must be an object of `name`, `contents` and, if wanted, `filename` and `headers`";
    let Value::Object(mut entries) = value else {
        return Err(format!("{FORM}, not {}", kind(&value)));
    };
    let mut text = |name: &str| match entries.remove(name) {
        Some(Value::String(text)) => Ok(Some(text)),
        None | Some(Value::Null) => Ok(None),
        Some(other) => Err(format!("{FORM}; `{name}` must be a string, not {}", kind(&other))),
    };
    let (Some(name), Some(contents)) = (text("name")?, text("contents")?) else {
        return Err(FORM.into());
    };
    let mut part = Part::new(name, contents);
    if let Some(file_name) = text("filename")? {
        part = part.file_name(file_name);
    }
    if let Some(headers) = entries.remove("headers") {
        let Value::Object(headers) = headers else {
            return Err(format!("{FORM}; `headers` must be an object, not {}", kind(&headers)));
        };
        for (name, value) in &headers {
            part = part.header(name, php_text(value));
        }
    }
    match entries.keys().next() {
        Some(unknown) => Err(format!("{FORM}; `{}` is none of them", redact::name(unknown))),
        None => Ok(part),
    }
}

/// Whether a text is a key or an address rather than a path; a name like a key may be that of a file in a folder.
fn is_no_path(text: &str) -> bool {
    let is_bare = !text.contains(['/', '.']);
    text.contains("://") || redact::holds_key(text) || (is_bare && redact::holds_symmetric_key(text))
}

/// Zero is no limit; ten years are as good as none, and no clock overflows on them.
fn limit(duration: Duration) -> Limit {
    const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    Some(duration.min(LONGEST)).filter(|duration| !duration.is_zero())
}

/// The kind of a JSON value, as it is called in a message that must not repeat the value.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.as_f64().is_some_and(|number| number < 0.0) => "a negative number",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
