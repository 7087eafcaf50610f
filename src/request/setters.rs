//! How options are given: by setters, or as JSON.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::request::content::Content;
use crate::request::failover::Failover;
use crate::request::multipart::Part;
use crate::request::options::{Options, limit};
use crate::request::payload::Body;
use crate::request::pointers::Pointers;
use crate::request::sink;
use crate::request::table;
use crate::text::value::kind;
use crate::wire::trust::Verify;

impl Options {
    /// Empty options.
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

    /// Adds a header. A call can have up to 100, in addition to 100 of the configuration.
    #[must_use]
    pub fn header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Options {
        self.with(|options| options.add_header(name.as_ref(), value.as_ref()))
    }

    /// Sets the body: bytes, text, or a [`MediaUtil`](crate::MediaUtil), which sets its content type.
    #[must_use]
    pub fn body(self, body: impl Into<Body>) -> Options {
        self.with(|options| options.set_content(Content::Body(body.into())))
    }

    /// Sets the data of an APIv2 call: a JSON object.
    #[must_use]
    pub fn xml(self, data: impl Into<Value>) -> Options {
        self.with(|options| options.set("xml", data.into()))
    }

    /// With `true`, no `nonce_str` is added to the data of an APIv2 call.
    #[must_use]
    pub fn nonceless(mut self, nonceless: bool) -> Options {
        self.nonceless = Some(nonceless);
        self
    }

    /// With `true`, an APIv2 call presents the merchant's certificate (mutual TLS).
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
    /// If one of them is called `meta`, only that part is signed, as the platform expects for uploads.
    #[must_use]
    pub fn multipart(self, parts: impl Into<Vec<Part>>) -> Options {
        self.with(|options| options.set_content(Content::Multipart(parts.into())))
    }

    /// Adds sensitive fields that are given as plain text and sent encrypted for the platform (RSA-OAEP); `Wechatpay-Serial` is
    /// set to the key that they are encrypted for. (PHP: `Rsa::encrypt`, and the header by hand.)
    ///
    /// `"auto"` stands for those that the platform documents as encrypted, by the method and the path of the call: the library
    /// knows 142 operations that have any. What is absent, null, empty or a ciphertext already stays as it is; so does
    /// everything in a call that sets the header `Wechatpay-Serial` itself, as that means that it is encrypted by hand.
    /// Operations that are not known are called as ever. `"auto"` can be a default of the configuration; a call overrides it with
    /// pointers, or with an empty list. APIv2 has keys of its own for this, so paths under `v2/` do nothing with the default.
    ///
    /// Anything else is a JSON pointer (RFC 6901) that begins with `/json/`, with `/query/` if that is an object, or with
    /// `/body/meta/` for an upload. `*` means every element of a list; in an object it is a field named `*`. In a name, `~` is
    /// written `~0` and `/` is written `~1`. A field that is meant twice is encrypted once. Each call encrypts once; further
    /// attempts and redirects send the same bytes.
    ///
    /// The key is the one that requests name anyway, see `wechatpay_serial` in [`Credentials`](crate::Credentials); if none
    /// is chosen, the header `Wechatpay-Serial` of the call or of the configuration chooses it.
    ///
    /// Nothing is sent when a pointer matches nothing, a field is something other than a string or too long (at most 214 bytes
    /// of UTF-8 for RSA-2048), the header names another key, it is not clear which key to encrypt for, or a custom verifier that
    /// cannot encrypt keeps the platform's keys. A call under `v2/` or a [`download`](crate::Chain::download) cannot have it as
    /// an option of its own.
    ///
    /// Without it, a documented field that is sent in plain text is warned of in the log, once for each operation.
    ///
    /// ```no_run
    /// use wechatpay::{Options, json};
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let receiver = json!({ "appid": "wx8888888888888888", "type": "PERSONAL_OPENID", "name": "张三",
    ///                        "account": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "relation_type": "USER" });
    /// let add = instance.chain("v3/profitsharing/receivers/add");
    /// add.post(Options::new().json(receiver.clone()).encrypt("auto"))?;
    /// add.post(Options::new().json(receiver).encrypt(["/json/name"]))?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn encrypt<Form>(mut self, pointers: impl Pointers<Form>) -> Options {
        self.encrypt.get_or_insert_default();
        self.with(|options| pointers.texts().try_for_each(|pointer| options.add_encrypted(pointer.as_ref())))
    }

    /// Sets the address that the path is resolved against, for this call only.
    #[must_use]
    pub fn base_uri(mut self, base_uri: impl Into<String>) -> Options {
        self.base_uri = Some(base_uri.into());
        self
    }

    /// Limits the whole call: look-up, proxy, connection, fetching the platform's certificates if need be, sending, answer,
    /// redirects, further attempts and the waits between them. Zero means no limit; the default is 30 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Options {
        self.timeout = Some(limit(timeout));
        self
    }

    /// Limits connecting to the host: look-up, connection and TLS handshake. Zero means no limit; the default is 5 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Options {
        self.connect_timeout = Some(limit(timeout));
        self
    }

    /// Limits each wait for more bytes of the answer. Zero means no limit, which is the default.
    #[must_use]
    pub fn read_timeout(mut self, timeout: Duration) -> Options {
        self.read_timeout = Some(limit(timeout));
        self
    }

    /// Sets how many further attempts may follow, at most 10; by default none, or with [`failover`](Options::failover) one
    /// for each other host.
    ///
    /// Only what cannot have had an effect is sent again: a call of any method that did not reach its host (DNS, connection,
    /// TLS) or was refused with 429, and a GET that was not answered, or was answered with 5xx. **A POST, PUT, PATCH or
    /// DELETE whose outcome is unknown is never sent again.** Each attempt is signed anew, and all share one `timeout`. The
    /// wait before the second attempt is 0.1 to 0.2 s and doubles before each further one, up to 5 s, unless the platform
    /// asks for another one in `Retry-After`; if that would exceed the `timeout` or is more than 60 s, the call fails
    /// instead.
    ///
    /// All calls of an instance, those of [`for_merchant`](crate::Chain::for_merchant) too, share a budget, so that retries do
    /// not multiply the load of an outage: 500 tokens, of which each further attempt takes 5, after a timeout 10. A call that
    /// succeeds at once gives one back; one that succeeds after a retry, what its last attempt took. When there are too few,
    /// there is no further attempt, and the failure stands. While nothing succeeds, an instance thus makes at most 100
    /// attempts more than calls. (The figures are those of the AWS SDKs.)
    #[must_use]
    pub fn retries(self, retries: u32) -> Options {
        self.with(|options| options.set("retries", retries.into()))
    }

    /// Sets where further attempts go: `true` for the platform's second host, a base address, or a list of them, tried in
    /// turn; `false` for no other host.
    ///
    /// | `base_uri` | second host | according to |
    /// | --- | --- | --- |
    /// | `https://api.mch.weixin.qq.com/` | `api2.mch.weixin.qq.com` | the platform's page about disaster recovery |
    /// | `https://api.wechatpay.cn/` | `api2.wechatpay.cn` | the platform's SDK for Java, which uses it for `api.mch.weixin.qq.com`, too |
    /// | `https://apihk.mch.weixin.qq.com/` | `api.mch.weixin.qq.com` | access points that the platform names side by side; it does not call the one a reserve of the other |
    ///
    /// Any other base has none, nor does any of these with a path; `true` changes nothing there.
    ///
    /// A host that could not be reached is remembered for 10 s by all calls of the instance: meanwhile, those that have
    /// another host begin with that one. Then one call tries it again.
    ///
    /// It belongs to a `base_uri`: a call with its own `base_uri` does not go to the other hosts of the configuration, and
    /// neither does a [`download`](crate::Chain::download).
    #[must_use]
    pub fn failover(mut self, failover: impl Into<Failover>) -> Options {
        self.failover = Some(failover.into());
        self
    }

    /// Writes the body of a successful answer to this file.
    ///
    /// The body is written to a temporary file beside it, which is renamed when it is complete and verified; an existing
    /// file is replaced and keeps its permissions. A pipe is written to directly, and waited for no longer than the call may
    /// take.
    #[must_use]
    pub fn sink(mut self, path: impl Into<PathBuf>) -> Options {
        self.sink = Some(sink::Destination::File(path.into()));
        self
    }

    /// Writes the body of a successful answer to this writer, as it comes.
    ///
    /// What turns out to be wrong at its end, such as a SHA-1 other than the announced one, is an error after the bytes have
    /// been written. The writer serves only one call.
    #[must_use]
    pub fn sink_to(mut self, writer: impl Write + Send + 'static) -> Options {
        self.sink = Some(sink::Destination::writer(writer));
        self
    }

    /// Requires that the plain text of the answer (unpacked if it is gzip) has this SHA-1, as announced by the platform for
    /// a bill. It is given in hex; case does not matter.
    #[must_use]
    pub fn expect_sha1(self, sha1: impl Into<String>) -> Options {
        self.with(|options| options.set_expected_sha1(&sha1.into()))
    }

    /// Sets the most bytes of an answer that are kept in memory. The default is 64 MiB.
    ///
    /// Files that go into a sink are not kept in memory. JSON is, even then: it is signed as a whole, and verified before it
    /// is written.
    #[must_use]
    pub fn response_limit(mut self, bytes: u64) -> Options {
        self.response_limit = Some(bytes);
        self
    }

    /// With `false`, 3xx answers are returned as they are, unverified.
    #[must_use]
    pub fn allow_redirects(mut self, allow: bool) -> Options {
        self.allow_redirects = Some(allow);
        self
    }

    /// With `false`, 4xx and 5xx answers are returned as ordinary responses, unverified. If a redirect has turned a POST
    /// into a GET, such an answer says nothing about the POST and is still an error.
    #[must_use]
    pub fn http_errors(mut self, errors: bool) -> Options {
        self.http_errors = Some(errors);
        self
    }

    /// With `true`, prints the dialogue to standard error, without signatures and ciphertexts.
    #[must_use]
    pub fn debug(mut self, debug: bool) -> Options {
        self.debug = Some(debug);
        self
    }

    /// Sets the address of a proxy (`http://`, `https://`, `socks4://`, `socks5://`), or `""` to use no proxy.
    #[must_use]
    pub fn proxy(self, proxy: impl Into<String>) -> Options {
        self.with(|options| options.set("proxy", Value::String(proxy.into())))
    }

    /// Sets which servers to trust: those with a certificate by one of the system's authorities (`true`), or by one in a PEM
    /// file of certificates (its path), or any server (`false`). With `false`, anyone on the way can read and change what is
    /// sent.
    #[must_use]
    pub fn verify(mut self, verify: impl Into<Verify>) -> Options {
        self.verify = Some(verify.into());
        self
    }

    /// Takes a setting whose value may be wrong; the first error is kept, and the call is refused with it.
    fn with(mut self, set: impl FnOnce(&mut Options) -> Result<(), String>) -> Options {
        if let Err(what) = set(&mut self) {
            self.refuse(what);
        }
        self
    }

    /// Takes one entry of a JSON object. An unknown name is kept as a variable; the template decides whether it is one.
    fn set(&mut self, name: &str, value: Value) -> Result<(), String> {
        match table::row(name) {
            Some(row) => row.take(self, value),
            None if value.is_null() => Ok(()),
            None => {
                self.variables.insert(name.to_owned(), value);
                Ok(())
            }
        }
    }
}

impl From<()> for Options {
    fn from((): ()) -> Options {
        Options::new()
    }
}

/// A JSON object; `null` and `[]` mean no options.
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
