//! The chain: a path under construction, and the methods that call it.

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
    /// anything is signed; only a JSON body is serialised first, unless part of it is to be encrypted.
    pub fn request_async(&self, method: impl AsRef<str>, options: impl Into<Options>) -> Promise<Response> {
        let (chain, method, mut options) = (self.clone(), method.as_ref().to_owned(), options.into());
        options.write_json();
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

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain")
            .field("mchid", &redact::name(self.client().keyring().current().mchid.as_deref().unwrap_or_default()))
            .field("pathname", &redact::path(&self.0.pathname))
            .finish()
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

/// What can be written as a literal. Nobody else can have these traits, which are there for their messages.
pub(crate) mod literal {
    /// What can be an index: a text that is there as long as the program runs, as the chains made of it are kept as long.
    #[diagnostic::on_unimplemented(
        message = "in brackets there can only be a literal, as in `instance[\"v3/pay/transactions/native\"]`",
        label = "this is a `{Self}`: use `chain()` instead, as in `instance.chain(path)`"
    )]
    pub trait LiteralSegment {
        fn literal(self) -> &'static str;
    }

    impl LiteralSegment for &'static str {
        fn literal(self) -> &'static str {
            self
        }
    }

    /// What can be written in braces in [`chain!`] as a literal.
    #[diagnostic::on_unimplemented(
        message = "a segment is a text: write it in double quotes, as in `->{{\"complete\"}}`",
        label = "this is a `{Self}`"
    )]
    pub trait TextLiteral {
        fn text(self) -> &'static str;
    }

    impl TextLiteral for &'static str {
        fn text(self) -> &'static str {
            self
        }
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

/// PHP's arrow chain, written as in PHP: `chain!(instance->v3->pay->transactions->native)`.
///
/// After the instance, which can be any expression, there can be, in any number and order:
/// * `->name`: any identifier, including keywords such as `return`, `try`, `use` and `type`;
/// * `->{"merchant-service"}`: any expression that gives a string;
/// * `["{openid}/coupons/{coupon_code}"]`: likewise any expression that gives a string.
///
/// The result is a [`Chain`]. The instance is only borrowed.
///
/// ```no_run
/// use wechatpay::{chain, json};
/// # fn main() -> anyhow::Result<()> {
/// # let instance = wechatpay::Builder::new().build()?;
/// let response = chain!(instance->v3->payscore->serviceorder->_out_order_no_->{"complete"}).post(json!({
///     "out_order_no": "1234323JKHDFE1243252",
///     "json": { "appid": "wxd678efh567hg6787" },
/// }))?;
/// # let _ = response;
/// # Ok(()) }
/// ```
#[macro_export]
macro_rules! chain {
    // `[the instance] [the segments so far, each as an expression of type &str] (the same as they were written) the rest`.
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*)) => {
        $crate::__private::extended(&($($root)+), &[$($segments),*])
    };
    // A method in PHP's place for it.
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) -> $method:ident ($($argument:tt)*) $($rest:tt)*) => {
        $crate::chain!(@method [$($root)+] ($($written)*) $method ($($argument)*) $($rest)*)
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) -> $name:ident - $($rest:tt)*) => {
        $crate::chain!(@hyphens ($($written)*) (::core::stringify!($name),) - $($rest)*)
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) -> $name:ident $($rest:tt)*) => {
        $crate::chain!(
            @segments [$($root)+]
            [$($segments,)* $crate::__private::identifier(::core::stringify!($name)),]
            ($($written)* "->", ::core::stringify!($name),)
            $($rest)*
        )
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) -> { $text:literal } $($rest:tt)*) => {
        $crate::chain!(
            @segments [$($root)+]
            [$($segments,)* $crate::__private::literal($text),]
            ($($written)* "->{", ::core::stringify!($text), "}",)
            $($rest)*
        )
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) -> { $segment:expr } $($rest:tt)*) => {
        $crate::chain!(
            @segments [$($root)+]
            [$($segments,)* ::core::convert::AsRef::<str>::as_ref(&$segment),]
            ($($written)* "->{", ::core::stringify!($segment), "}",)
            $($rest)*
        )
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) [$text:literal] $($rest:tt)*) => {
        $crate::chain!(
            @segments [$($root)+]
            [$($segments,)* $crate::__private::literal($text),]
            ($($written)* "[", ::core::stringify!($text), "]",)
            $($rest)*
        )
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) [$segment:expr] $($rest:tt)*) => {
        $crate::chain!(
            @segments [$($root)+]
            [$($segments,)* ::core::convert::AsRef::<str>::as_ref(&$segment),]
            ($($written)* "[", ::core::stringify!($segment), "]",)
            $($rest)*
        )
    };

    // What else is written at this place: a message with what was meant. Signs come before literals, as `-` may begin one.
    (@segments [$($root:tt)+] $segments:tt ($($written:tt)*) . $method:ident ($($argument:tt)*) $($rest:tt)*) => {
        $crate::chain!(@method [$($root)+] ($($written)*) $method ($($argument)*) $($rest)*)
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) ->) => {
        $crate::chain!(@message "nothing follows the last `->` of `", $($written)* "->`")
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) -> ($($segment:tt)*) $($rest:tt)*) => {
        $crate::chain!(
            @message "a segment made by an expression goes into braces: write `",
            $($written)* "->{", ::core::stringify!($($segment)*), "}`"
        )
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) -> $sign:tt $name:ident $($rest:tt)*) => {
        $crate::chain!(
            @message "`", ::core::stringify!($sign), "` cannot begin a segment: write `",
            $($written)* "->", ::core::stringify!($name), "` if that is its name, or `",
            $($written)* "->{", ::core::stringify!($name), "}` if it is a variable of your program"
        )
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) -> $text:literal $($rest:tt)*) => {
        $crate::chain!(
            @message "after `->`, what is not a name goes into braces: write `", $($written)* "->{\"", $text, "\"}`"
        )
    };
    (@segments [$($root:tt)+] $segments:tt ($($written:tt)*) , $($options:tt)*) => {
        $crate::chain!(
            @message "options are given to the method, after the macro: write `chain!(",
            $($written)* ").post(", ::core::stringify!($($options)*), ")`"
        )
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) { $($segment:tt)* } $($rest:tt)*) => {
        $crate::chain!(
            @message "an arrow is missing: write `", $($written)* "->{", ::core::stringify!($($segment)*), "}`"
        )
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) $name:ident $($rest:tt)*) => {
        $crate::chain!(@message "an arrow is missing: write `", $($written)* "->", ::core::stringify!($name), "`")
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) $sign:tt $name:ident $($rest:tt)*) => {
        $crate::chain!(
            @message "segments are separated by `->`, not by `", ::core::stringify!($sign), "`: write `",
            $($written)* "->", ::core::stringify!($name), "`"
        )
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) $text:literal $($rest:tt)*) => {
        $crate::chain!(@message "an arrow is missing: write `", $($written)* "->{\"", $text, "\"}`")
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) $($rest:tt)+) => {
        $crate::chain!(
            @message "`", ::core::stringify!($($rest)+), "` cannot follow `", $($written)*
            "`: a segment is `->name`, `->_variable_`, `->{\"any text\"}` or `[\"any/text\"]`"
        )
    };
    (@method $root:tt ($($written:tt)*) $method:ident ($($argument:tt)*) $($rest:tt)*) => {
        $crate::chain!(
            @message "methods come after the macro: write `chain!(", $($written)*
            ").", ::core::stringify!($method), "(", ::core::stringify!($($argument)*), ")", ::core::stringify!($($rest)*), "`"
        )
    };
    // A name with hyphens, up to where it ends.
    (@hyphens ($($written:tt)*) ($($name:tt)*) - $part:ident $($rest:tt)*) => {
        $crate::chain!(@hyphens ($($written)*) ($($name)* "-", ::core::stringify!($part),) $($rest)*)
    };
    (@hyphens ($($written:tt)*) ($($name:tt)*) - $part:literal $($rest:tt)*) => {
        $crate::chain!(@hyphens ($($written)*) ($($name)* "-", $part,) $($rest)*)
    };
    (@hyphens ($($written:tt)*) ($($name:tt)*) $($rest:tt)*) => {
        $crate::chain!(
            @message "a name with hyphens goes into braces: write `", $($written)* "->{\"", $($name)*
            "\"}`, or a capital for each hyphen and the letter after it, as in PHP"
        )
    };
    (@message $($part:tt)*) => {
        ::core::compile_error!(::core::concat!($($part)*))
    };

    // The instance: everything before the first arrow.
    (@root [$($root:tt)+] -> $($rest:tt)*) => {
        $crate::chain!(@segments [$($root)+] [] (::core::stringify!($($root)+),) -> $($rest)*)
    };
    (@root [$($root:tt)+] => $($rest:tt)*) => {
        $crate::chain!(@message "the arrow is `->`, as in PHP: write `", ::core::stringify!($($root)+), "->…`")
    };
    (@root [$($root:tt)*] $next:tt $($rest:tt)*) => {
        $crate::chain!(@root [$($root)* $next] $($rest)*)
    };
    (@root [$($root:tt)+]) => {
        $crate::Chain::clone(&($($root)+))
    };

    () => {
        $crate::chain!(@message "the instance and the path are missing: write `chain!(instance->v3->…)`")
    };
    (-> $($rest:tt)*) => {
        $crate::chain!(@message "the instance is missing: write `chain!(instance->", ::core::stringify!($($rest)*), ")`")
    };
    (& $($rest:tt)+) => {
        $crate::chain!(@root [&] $($rest)+)
    };
    (* $($rest:tt)+) => {
        $crate::chain!(@root [*] $($rest)+)
    };
    // `$instance->…`: a dollar cannot be matched by itself.
    ($dollar:tt $instance:ident -> $($rest:tt)*) => {
        $crate::chain!(
            @message "variables have no `", ::core::stringify!($dollar), "` in Rust: write `chain!(",
            ::core::stringify!($instance), "->", ::core::stringify!($($rest)*), ")`"
        )
    };
    ($first:tt $($rest:tt)*) => {
        $crate::chain!(@root [$first] $($rest)*)
    };
}
