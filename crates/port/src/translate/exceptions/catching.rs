//! What a `catch` names, and how Rust recognizes it.

use crate::php::tree::Catch;
use crate::rust::build::{atom, call, method};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::exceptions::catches::{Catches, Target};
use crate::translate::exceptions::hierarchy::is_known;
use crate::translate::exceptions::thrown::{ErrorType, Thrown};
use crate::translate::types::Type;

/// How an arm recognizes an error, and what it gives to the body.
pub struct Recognized {
    /// Of `match`: with the error of a client or of PHP itself.
    pub pattern: String,
    pub guard: Option<Expression>,
    pub ty: Type,
}

impl Translator<'_> {
    /// What a `catch` catches.
    pub(super) fn targets(&self, catch: &Catch) -> Result<Vec<Target>> {
        catch.classes.iter().map(|class| self.target(class, catch.span)).collect()
    }

    pub(super) fn target(&self, written: &str, span: Span) -> Result<Target> {
        let class = self.program.class_name(written);
        if let Some(own) = self.program.class(written) {
            let made = self.program.concrete(&own.name);
            return Ok(Target::Own { class: own.name.clone(), made });
        }
        let lower = class.to_ascii_lowercase();
        Ok(match lower.rsplit('\\').next().unwrap_or_default() {
            "throwable" => Target::Everything,
            "exception" => Target::Exceptions,
            "guzzleexception" | "transferexception" | "requestexception" => Target::AnyCall,
            "connectexception"
            | "clientexception"
            | "serverexception"
            | "badresponseexception"
            | "toomanyredirectsexception"
            | "rejectionexception" => Target::Call(class),
            last if is_known(last) => Target::Builtin(class.rsplit('\\').next().unwrap_or_default().to_owned()),
            _ => {
                return Err(Cannot::new(
                    span,
                    format!("{written} is not known here: port its file as well, or catch what the calls fail with"),
                ));
            }
        })
    }

    /// What the targets catch of something.
    pub(super) fn caught(&self, thrown: &Thrown, targets: &[Target]) -> Catches {
        targets.iter().map(|target| thrown.is_caught(target, self.program)).max().unwrap_or(Catches::Never)
    }

    /// The arm of a `match` on the error itself; None if that error is never one of the targets. `name` is the variable, if
    /// the body needs one, and `whole` says whether it needs the error as it is.
    pub(super) fn recognized(
        &mut self,
        targets: &[Target],
        thrown: &[Thrown],
        error: ErrorType,
        name: Option<&str>,
        whole: bool,
    ) -> Option<Recognized> {
        let caught: Vec<Catches> = thrown.iter().map(|thrown| self.caught(thrown, targets)).collect();
        if caught.iter().all(|caught| *caught == Catches::Never) {
            return None;
        }
        let ty = if error == ErrorType::Php { Type::PhpError } else { Type::ClientError };
        let bound = name.unwrap_or("_").to_owned();
        if caught.iter().all(|caught| *caught == Catches::All) {
            return Some(Recognized { pattern: bound, guard: None, ty });
        }
        if error == ErrorType::Php {
            let guard = php_guard(targets, name.unwrap_or("e"))?;
            return Some(Recognized { pattern: name.unwrap_or("e").to_owned(), guard: Some(guard), ty });
        }
        self.import("wechatpay::Error");
        let kinds: Option<Vec<&str>> =
            targets.iter().map(Target::kinds).collect::<Option<Vec<_>>>().map(|kinds| kinds.concat());
        let Some(kinds) = kinds else {
            let name = name.unwrap_or("e");
            let guard = targets
                .iter()
                .filter_map(|target| sdk_condition(target, name))
                .reduce(|a, b| crate::rust::build::binary("||", a, b));
            return Some(Recognized { pattern: name.to_owned(), guard, ty });
        };
        let of_answers = kinds.iter().all(|kind| matches!(*kind, "Client" | "Server"));
        let inner = match kinds.as_slice() {
            [one] if of_answers => Type::StatusError(Some((*one).to_owned())),
            ["Apiv2"] => Type::Apiv2Error,
            _ if of_answers && !whole => Type::StatusError(None),
            _ => {
                let all: Vec<String> = kinds.iter().map(|kind| format!("Error::{kind}(_)")).collect();
                let alternatives = all.join(" | ");
                let pattern = match (name, all.len()) {
                    (None, _) => alternatives,
                    (Some(name), 1) => format!("{name} @ {alternatives}"),
                    (Some(name), _) => format!("{name} @ ({alternatives})"),
                };
                return Some(Recognized { pattern, guard: None, ty });
            }
        };
        let all: Vec<String> = kinds.iter().map(|kind| format!("Error::{kind}({bound})")).collect();
        Some(Recognized { pattern: all.join(" | "), guard: None, ty: inner })
    }

    /// Whether an `anyhow::Error` is one of the targets, as a condition; None for what is always one.
    pub(super) fn is_one_of(&mut self, targets: &[Target], error: &str) -> Option<Expression> {
        let mut conditions = Vec::new();
        for target in targets {
            conditions.extend(self.is_target(target, error)?);
        }
        conditions.into_iter().reduce(|a, b| crate::rust::build::binary("||", a, b))
    }

    fn is_target(&mut self, target: &Target, error: &str) -> Option<Vec<Expression>> {
        let is_a = |translator: &mut Self, class: &str| {
            let path = translator.php("is_a");
            call(&path, vec![crate::rust::build::reference(atom(error)), crate::rust::build::text(class)])
        };
        Some(match target {
            Target::Everything => return None,
            Target::Exceptions => vec![is_a(self, "Exception")],
            Target::Builtin(class) => {
                let mut all = vec![is_a(self, class)];
                all.extend(self.own_that_are(class).iter().map(|own| is(error, own)));
                all
            }
            Target::AnyCall => vec![method(atom(error), "is::<wechatpay::Error>", vec![])],
            Target::Call(_) => {
                let found = method(atom(error), "downcast_ref::<wechatpay::Error>", vec![]);
                match target.kinds() {
                    Some(kinds) => {
                        self.import("wechatpay::Error");
                        let kinds: Vec<String> = kinds.iter().map(|kind| format!("Error::{kind}(_)")).collect();
                        let found = method(atom(error), "downcast_ref", vec![]);
                        vec![crate::rust::build::macro_call(
                            "matches",
                            vec![found, atom(format!("Some({})", kinds.join(" | ")))],
                        )]
                    }
                    None => vec![method(found, "is_some_and", vec![atom("wechatpay::Error::is_connect")])],
                }
            }
            Target::Own { made, .. } => made.iter().map(|class| is(error, class)).collect(),
        })
    }

    /// The exceptions of the file that extend one of PHP's.
    pub(super) fn own_that_are(&self, class: &str) -> Vec<String> {
        self.program.concrete(class)
    }
}

fn is(error: &str, class: &str) -> Expression {
    method(atom(error), &format!("is::<{}>", crate::rust::words::camel(class)), vec![])
}

/// Whether a `php::Error` is one of the targets.
fn php_guard(targets: &[Target], name: &str) -> Option<Expression> {
    let is_a = |class: &str| method(atom(name), "is", vec![crate::rust::build::text(class)]);
    targets
        .iter()
        .filter_map(|target| match target {
            Target::Everything => Some(is_a("Throwable")),
            Target::Exceptions => Some(is_a("Exception")),
            Target::Builtin(class) => Some(is_a(class)),
            _ => None,
        })
        .reduce(|a, b| crate::rust::build::binary("||", a, b))
}

/// Whether a `wechatpay::Error` is the target, as a condition.
fn sdk_condition(target: &Target, name: &str) -> Option<Expression> {
    if let Some(kinds) = target.kinds() {
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("Error::{kind}(_)")).collect();
        return Some(crate::rust::build::macro_call("matches", vec![atom(name), atom(kinds.join(" | "))]));
    }
    match target {
        Target::Call(_) => Some(method(atom(name), "is_connect", vec![])),
        Target::Builtin(class) if class.eq_ignore_ascii_case("RuntimeException") => Some(crate::rust::build::unary(
            "!",
            crate::rust::build::macro_call("matches", vec![atom(name), atom("Error::Config(_) | Error::Options(_)")]),
        )),
        Target::AnyCall | Target::Everything | Target::Exceptions => Some(atom("true")),
        _ => None,
    }
}
