//! How options are given: by setters, or as JSON.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::request::content::Content;
use crate::request::multipart::Part;
use crate::request::options::{Options, limit};
use crate::request::payload::Body;
use crate::request::sink;
use crate::request::table;
use crate::text::value::kind;

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

    /// Takes one entry of a JSON object. An unknown name is kept as a variable; the template decides.
    fn set(&mut self, name: &str, value: Value) -> std::result::Result<(), String> {
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
