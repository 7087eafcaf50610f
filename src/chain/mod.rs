//! The chain: a path under construction, and the methods that call it.

mod arrows;
pub(crate) mod literal;

use std::fmt;
use std::ops::Index;
use std::sync::Arc;

use elsa::sync::FrozenMap;

use crate::blocking;
use crate::call::client::Client;
use crate::call::prepare::Target;
use crate::chain::literal::LiteralSegment;
use crate::error::Result;
use crate::promise::Promise;
use crate::redact;
use crate::request::options::Options;
use crate::response::Response;

/// A path of the platform, ready to be extended or called (PHP: `BuilderChainable`).
///
/// [`Builder`](crate::Builder) makes the empty one, the instance. There are three ways to extend it, which can be mixed;
/// these are the same path:
///
/// ```no_run
/// use wechatpay::chain;
/// # fn main() -> anyhow::Result<()> {
/// # let instance = wechatpay::Builder::new().build()?;
/// let a = chain!(instance->v3->marketing->bankFavor->users->_openid_->bankMultiActivity);
/// let b = instance.chain("v3/marketing/bank-favor/users/{openid}/bank-multi-activity");
/// let c = &instance["v3/marketing/bank-favor/users/{openid}/bank-multi-activity"];
/// assert_eq!(a.pathname(), b.pathname());
/// assert_eq!(b.pathname(), c.pathname());
/// # Ok(()) }
/// ```
///
/// Each string that is added to a chain is normalised as in PHP: a leading capital becomes lowercase, each other capital a
/// `-` and its lowercase (`bankFavor` is `bank-favor`), and a whole string of the form `_name_` becomes the variable
/// `{name}`. `<name>` is another way to write `{name}`. What is inside `{…}` is never rewritten.
///
/// **A real id in a path would be rewritten too** (`oUpF8uM` is `o-up-f8u-m`): give it as a variable,
/// `chain("…/users/{openid}/coupons").get(json!({ "openid": id }))`, or a whole path as one variable,
/// `chain("{+path}").get(json!({ "path": path }))`.
///
/// A chain is cheap to clone, and all chains of an instance share its connections. It can be used from
/// many threads at once.
#[derive(Clone)]
pub struct Chain(Arc<Node>);

struct Node {
    client: Arc<Client>,
    pathname: String,
    /// What `chain["…"]` has returned; there are no more of these than literals in the program.
    children: FrozenMap<&'static str, Box<Chain>>,
}

impl Chain {
    pub(crate) fn root(client: Client) -> Chain {
        Chain::at(Arc::new(client), String::new())
    }

    fn at(client: Arc<Client>, pathname: String) -> Chain {
        Chain(Arc::new(Node { client, pathname, children: FrozenMap::new() }))
    }

    pub(crate) fn client(&self) -> &Arc<Client> {
        &self.0.client
    }

    /// The chain extended by a segment or a whole path (PHP: `$chain->chain('…')`).
    pub fn chain(&self, segment: impl AsRef<str>) -> Chain {
        self.extended(&[segment.as_ref()])
    }

    /// The chain extended by several segments at once.
    pub(crate) fn extended(&self, segments: &[&str]) -> Chain {
        let mut pathname = self.0.pathname.clone();
        for segment in segments {
            if !pathname.is_empty() {
                pathname.push('/');
            }
            push_normalized(&mut pathname, segment);
        }
        Chain::at(Arc::clone(&self.0.client), pathname)
    }

    /// The segments so far, joined by `/`: a URI Template.
    pub fn pathname(&self) -> &str {
        &self.0.pathname
    }

    /// Sends a GET request and waits for its answer.
    ///
    /// It blocks this thread, as do all methods without `_async`: in async code, use [`get_async`](Chain::get_async), or
    /// the executor's other tasks stand still.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); check its [`outcome`](crate::Error::outcome) before repeating a call that moves money.
    /// The same holds for all methods.
    #[track_caller]
    pub fn get(&self, options: impl Into<Options>) -> Result<Response> {
        self.request("GET", options)
    }

    /// Sends a PUT request and waits for its answer.
    ///
    /// # Errors
    /// As [`get`](Chain::get).
    #[track_caller]
    pub fn put(&self, options: impl Into<Options>) -> Result<Response> {
        self.request("PUT", options)
    }

    /// Sends a POST request and waits for its answer.
    ///
    /// # Errors
    /// As [`get`](Chain::get).
    #[track_caller]
    pub fn post(&self, options: impl Into<Options>) -> Result<Response> {
        self.request("POST", options)
    }

    /// Sends a PATCH request and waits for its answer.
    ///
    /// # Errors
    /// As [`get`](Chain::get).
    #[track_caller]
    pub fn patch(&self, options: impl Into<Options>) -> Result<Response> {
        self.request("PATCH", options)
    }

    /// Sends a DELETE request and waits for its answer.
    ///
    /// # Errors
    /// As [`get`](Chain::get).
    #[track_caller]
    pub fn delete(&self, options: impl Into<Options>) -> Result<Response> {
        self.request("DELETE", options)
    }

    /// Like [`get`](Chain::get), but runs on a background thread and returns a [`Promise`].
    pub fn get_async(&self, options: impl Into<Options>) -> Promise<Response> {
        self.request_async("GET", options)
    }

    /// Like [`put`](Chain::put), but runs on a background thread and returns a [`Promise`].
    pub fn put_async(&self, options: impl Into<Options>) -> Promise<Response> {
        self.request_async("PUT", options)
    }

    /// Like [`post`](Chain::post), but runs on a background thread and returns a [`Promise`].
    pub fn post_async(&self, options: impl Into<Options>) -> Promise<Response> {
        self.request_async("POST", options)
    }

    /// Like [`patch`](Chain::patch), but runs on a background thread and returns a [`Promise`].
    pub fn patch_async(&self, options: impl Into<Options>) -> Promise<Response> {
        self.request_async("PATCH", options)
    }

    /// Like [`delete`](Chain::delete), but runs on a background thread and returns a [`Promise`].
    pub fn delete_async(&self, options: impl Into<Options>) -> Promise<Response> {
        self.request_async("DELETE", options)
    }

    /// Sends a request with this method (case does not matter) and waits for its answer.
    ///
    /// # Errors
    /// As [`get`](Chain::get).
    #[track_caller]
    pub fn request(&self, method: impl AsRef<str>, options: impl Into<Options>) -> Result<Response> {
        blocking::METHOD.check();
        self.0.client.request(Target::Template(&self.0.pathname), method.as_ref(), &mut options.into())
    }

    /// Like [`request`](Chain::request), but runs on a background thread and returns a [`Promise`]. It returns before
    /// anything is signed; only a JSON body is serialised first, unless part of it is or should be encrypted.
    pub fn request_async(&self, method: impl AsRef<str>, options: impl Into<Options>) -> Promise<Response> {
        // In a box, as what a closure owns is on the stack of the thread that runs it.
        let (chain, method, mut options) = (self.clone(), method.as_ref().to_owned(), Box::new(options.into()));
        options.write_json(&method, &self.0.pathname);
        Promise::start(move || chain.0.client.request(Target::Template(&chain.0.pathname), &method, &mut options))
    }
}

/// `instance["v3/…"]` (PHP: `$instance['v3/…']`).
///
/// The result is remembered, so that using the same literal again costs nothing. A string made at run time does not compile;
/// use [`chain`](Chain::chain):
///
/// ```compile_fail,E0277
/// fn call(instance: &wechatpay::Chain, path: String) {
///     let _ = instance[path].get(()); // use instance.chain(path)
/// }
/// ```
///
/// ```compile_fail,E0521
/// fn call(instance: &wechatpay::Chain, path: &str) {
///     let _ = instance[path].get(()); // use instance.chain(path)
/// }
/// ```
impl<S: LiteralSegment> Index<S> for Chain {
    type Output = Chain;

    fn index(&self, segment: S) -> &Chain {
        self.child(segment.literal())
    }
}

impl Chain {
    fn child(&self, segment: &'static str) -> &Chain {
        match self.0.children.get(segment) {
            Some(child) => child,
            None => self.0.children.insert(segment, Box::new(self.chain(segment))),
        }
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identity = self.client().keyring().current();
        f.debug_struct("Chain")
            .field(identity.setting(), &redact::name(identity.id().unwrap_or_default()))
            .field("pathname", &redact::path(&self.0.pathname))
            .finish()
    }
}

/// PHP's rules for a string that is added to a chain; `{…}` and `<…>` are left as they are.
fn push_normalized(pathname: &mut String, segment: &str) {
    if let Some(name) = segment.strip_prefix('_').and_then(|rest| rest.strip_suffix('_')) {
        pathname.push('{');
        pathname.push_str(name);
        pathname.push('}');
        return;
    }
    let mut inside = false;
    for (index, letter) in segment.char_indices() {
        match letter {
            '{' | '<' => {
                inside = true;
                pathname.push('{');
            }
            '}' | '>' => {
                inside = false;
                pathname.push('}');
            }
            'A'..='Z' if !inside => {
                if index > 0 {
                    pathname.push('-');
                }
                pathname.push(letter.to_ascii_lowercase());
            }
            _ => pathname.push(letter),
        }
    }
}
