//! What the SDK has, and what it uses of Guzzle and PSR-7.

mod builder;
mod callback;
mod chain;
mod crypto;
mod discovery;
mod formatter;
mod media;
mod options;
mod path;
mod promise;
mod promises;
mod rejection;
mod response;
mod settled;
pub mod status;
mod verbs;

use std::collections::BTreeMap;

pub use discovery::may_be_no_json;
pub use response::read_only;

use crate::php::tree::Argument;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::Typed;

/// What the porter has to remember of the SDK in a pass.
#[derive(Debug, Default)]
pub struct State {
    /// Of the call whose path is being translated: what becomes variables of the template.
    template: Option<path::Template>,
    /// Of the call whose options come next.
    variables: Vec<(String, Typed)>,
    /// Whether what is being translated goes into a configuration: a key is its text there.
    configuring: bool,
    /// The arrays that are options of a call or a configuration, as far as they stand in it.
    options: Vec<Span>,
    /// Lines in place of entries that were left out.
    left_out: Vec<String>,
    /// The text from which a key was loaded, by the function and the name of the key's variable.
    key_sources: BTreeMap<(String, String), Typed>,
    /// The type that a promise is to give in the end.
    wanted: Option<Type>,
    /// Whether a signature was verified: what is decrypted afterwards is a notification.
    verifies: bool,
}

impl Translator<'_> {
    /// A static method of a class that is not of this file.
    pub(super) fn sdk_static(&mut self, class: &str, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        let lower = name.to_ascii_lowercase();
        match class {
            "WeChatPay\\Builder" if lower == "factory" => self.factory(arguments, span),
            "WeChatPay\\Crypto\\Rsa" => self.rsa(&lower, arguments, span),
            "WeChatPay\\Crypto\\AesGcm" | "WeChatPay\\Crypto\\AesEcb" => self.aes(class, &lower, arguments, span),
            "WeChatPay\\Crypto\\Hash" => self.hash(&lower, arguments, span),
            "WeChatPay\\Formatter" => self.formatter(&lower, arguments, span),
            "WeChatPay\\Transformer" => self.transformer(&lower, arguments, span),
            "WeChatPay\\Util\\PemUtil" => self.pem_util(&lower, arguments, span),
            "GuzzleHttp\\Promise\\Utils" | "GuzzleHttp\\Promise\\Create" => {
                self.promises(class, &lower, arguments, span)
            }
            _ => Err(Cannot::new(span, instead_of(class, name))),
        }
    }

    /// `new` of a class that is not of this file.
    pub(super) fn sdk_new(&mut self, class: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        match class {
            "WeChatPay\\Util\\MediaUtil" => self.new_media(arguments, span),
            _ => Err(Cannot::new(span, instead_of(class, "new"))),
        }
    }

    /// A constant of a class that is not of this file.
    pub(super) fn sdk_constant(&mut self, class: &str, name: &str, span: Span) -> Result<Typed> {
        let own = |translator: &mut Self, class: &str, ty: Type| {
            translator.import(&format!("wechatpay::{class}"));
            Ok(Typed::reference(crate::rust::build::atom(format!("{class}::{name}")), ty))
        };
        if let Some(state) = Self::state_of_promise(name).filter(|_| class.ends_with("PromiseInterface")) {
            return Ok(state);
        }
        match (class, name) {
            ("WeChatPay\\Crypto\\Hash", "ALGO_MD5" | "ALGO_HMAC_SHA256") => own(self, "Hash", Type::Text),
            ("WeChatPay\\Crypto\\Rsa", "KEY_TYPE_PUBLIC") => Ok(Typed::text("public")),
            ("WeChatPay\\Crypto\\Rsa", "KEY_TYPE_PRIVATE") => Ok(Typed::text("private")),
            (
                "WeChatPay\\Crypto\\AesInterface" | "WeChatPay\\Crypto\\AesGcm" | "WeChatPay\\Crypto\\AesEcb",
                "BLOCK_SIZE",
            ) => Ok(Typed::integer(crate::rust::build::atom("16"))),
            (
                "WeChatPay\\Crypto\\AesInterface" | "WeChatPay\\Crypto\\AesGcm" | "WeChatPay\\Crypto\\AesEcb",
                "KEY_LENGTH_BYTE",
            ) => Ok(Typed::integer(crate::rust::build::atom("32"))),
            _ => {
                Err(Cannot::new(span, format!("the constant {name} of {}: {}", short(class), instead_of(class, name))))
            }
        }
    }

    /// The arguments of a call that takes this many at most, in order.
    pub(super) fn plain_arguments<'p>(
        &self,
        arguments: &'p [Argument],
        names: &[&str],
        span: Span,
    ) -> Result<Vec<Option<&'p Argument>>> {
        let mut found: Vec<Option<&Argument>> = vec![None; names.len()];
        for (at, argument) in arguments.iter().enumerate() {
            if argument.spread {
                return Err(Cannot::new(argument.span, "arguments from an array (...$a): write them out"));
            }
            let place = match &argument.name {
                None => Some(at),
                Some(name) => names.iter().position(|known| known.eq_ignore_ascii_case(name)),
            };
            match place.and_then(|place| found.get_mut(place)) {
                Some(place) => *place = Some(argument),
                None => return Err(Cannot::new(span, "more arguments than this takes")),
            }
        }
        Ok(found)
    }

    /// An argument that has to be there.
    pub(super) fn required<'p>(&self, argument: Option<&'p Argument>, name: &str, span: Span) -> Result<&'p Argument> {
        argument.ok_or_else(|| Cannot::new(span, format!("the argument ${name} is missing")))
    }
}

/// What there is for a method of an object that has no counterpart: a stack of handlers, a reflection.
pub fn instead_of_method(name: &str, arguments: &[Argument]) -> Option<String> {
    use crate::php::tree::{ClassName, ExpressionKind as E};
    let mut of_middleware = false;
    for argument in arguments {
        argument.value.each(&mut |part| {
            of_middleware |= matches!(&part.kind,
                E::StaticCall { class: ClassName::Named(class), .. } if class.ends_with("Middleware"));
        });
    }
    let is_name = |argument: &Argument| matches!(argument.value.bare().kind, E::Text(_));
    let of_stack = match name {
        "push()" | "unshift()" => of_middleware,
        "before()" | "after()" => of_middleware || (arguments.len() >= 2 && arguments.first().is_some_and(is_name)),
        "remove()" => arguments.len() == 1 && arguments.iter().all(is_name),
        "getConfig()" | "setHandler()" => true,
        _ => false,
    };
    if of_stack {
        return Some(format!("{name}: {}", instead_of("GuzzleHttp\\HandlerStack", "")));
    }
    matches!(name, "setAccessible()" | "invoke()" | "invokeArgs()")
        .then(|| format!("{name}: {}", instead_of("Reflection", "")))
}

fn short(class: &str) -> &str {
    class.rsplit('\\').next().unwrap_or(class)
}

/// What there is for a class that has no counterpart.
pub(super) fn instead_of(class: &str, name: &str) -> String {
    let what = short(class);
    if class.starts_with("Reflection") {
        return format!(
            "{what}: there is no reflection; what is public of the crate is in its documentation, as `pathname()` of a chain"
        );
    }
    match class {
        "GuzzleHttp\\HandlerStack" | "GuzzleHttp\\Middleware" => format!(
            "{what}: there is no stack of handlers; for retries there is the option `retries`, for logs and traces \
             `Builder::observe`, for other signatures `signer` and `verifier` of `Credentials`"
        ),
        "GuzzleHttp\\Client" => {
            format!(
                "{what}: the crate only calls the platform; for other servers use an HTTP client such as ureq or reqwest"
            )
        }
        "GuzzleHttp\\Psr7\\LazyOpenStream" | "GuzzleHttp\\Psr7\\Stream" | "GuzzleHttp\\Psr7\\AppendStream" => format!(
            "{what}: bodies are no streams here; to send a file use `MediaUtil::new(path)?`, to keep an answer in a file the option \
             `sink`"
        ),
        "GuzzleHttp\\Psr7\\MultipartStream" => {
            format!(
                "{what}: give the parts as the option `multipart`, or use `MediaUtil::new(path)?` as the option `body`"
            )
        }
        "GuzzleHttp\\Psr7\\Utils" => {
            format!(
                "{what}::{name}: bodies are no streams here; `response.body()` has all bytes, `response.text()` the text"
            )
        }
        "WeChatPay\\ClientDecorator" | "WeChatPay\\ClientDecoratorInterface" => {
            format!("{what}: there is only the chain; the path decides between APIv2 and APIv3")
        }
        "GuzzleHttp\\Psr7\\Request" | "GuzzleHttp\\Psr7\\Uri" => {
            format!("{what}: the chain makes the request; give its path to `chain()` and the rest as options")
        }
        _ if name == "new" => format!("new {what}: this class is not known here; port its file as well"),
        _ => format!("{what}::{name}: this class is not known here; port its file as well"),
    }
}
