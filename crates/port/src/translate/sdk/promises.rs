//! Several promises at once: `Utils::all`, `settle`, `unwrap`, `any`.

use crate::php::tree::{Argument, ExpressionKind as E};
use crate::rust::build::{call, method, ok};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// A static method of `GuzzleHttp\Promise\Utils` or `Create`.
    pub(super) fn promises(&mut self, class: &str, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        self.import("wechatpay::Promise");
        if class.ends_with("Create") {
            return self.ready(name, arguments, span);
        }
        let [argument] = arguments else {
            return Err(Cannot::new(span, format!("Utils::{name} takes the promises, and nothing else")));
        };
        if let E::Array(elements) = &argument.value.bare().kind {
            for value in elements.iter().filter_map(|element| element.value.as_ref()) {
                let mark = self.mark();
                let element = self.expression(value)?;
                self.give_back(mark);
                if element.is_unknown() {
                    return Ok(Typed::unknown());
                }
            }
        }
        let promises = self.expression(&argument.value)?;
        match (name, &promises.ty) {
            (_, Type::Unknown) => Ok(Typed::unknown()),
            ("all" | "any" | "settle" | "unwrap", Type::List(of)) => {
                let of = promised(of);
                self.listed(name, promises, of, span)
            }
            ("all" | "any" | "settle" | "unwrap", Type::Map(of)) => {
                let of = promised(of);
                self.named_promises(name, promises, of, span)
            }
            ("all" | "any" | "settle" | "unwrap", ty) => Err(Cannot::by_type(
                argument.span,
                format!("{ty} stands where promises are wanted: put them into an array of their own"),
            )),
            _ => Err(Cannot::new(span, format!("Utils::{name}: use Promise::all, Promise::settle or Promise::any"))),
        }
    }

    fn listed(&mut self, name: &str, promises: Typed, of: Type, span: Span) -> Result<Typed> {
        let promises = moved(promises);
        Ok(match name {
            "unwrap" => {
                let all = method(call("Promise::all", vec![promises]), "wait", vec![]);
                Typed::owned(self.try_(span, all)?, Type::list(of))
            }
            "any" => {
                self.note(span, "all of them are waited for, and the first that succeeded is given: for what moves money use settle");
                Typed::owned(call("Promise::any", vec![promises]), Type::Promise(Box::new(of)))
            }
            "settle" => {
                let settled = Type::Settled(Box::new(of));
                Typed::owned(call("Promise::settle", vec![promises]), Type::Promise(Box::new(Type::list(settled))))
            }
            _ => Typed::owned(call("Promise::all", vec![promises]), Type::Promise(Box::new(Type::list(of)))),
        })
    }

    fn named_promises(&mut self, name: &str, promises: Typed, of: Type, span: Span) -> Result<Typed> {
        let keys = literal_keys(&promises.code);
        if !keys.is_some_and(|keys| keys.is_sorted()) {
            self.note(span, "the values come sorted by their names");
        }
        let promises = match moved(promises) {
            Expression::Call { callee, mut arguments } if is_map(&callee) && arguments.len() == 1 => {
                arguments.pop().unwrap_or(Expression::Array(vec![]))
            }
            code => code,
        };
        let all = call("Promise::unwrap", vec![promises]);
        let ty = Type::Map(Box::new(of));
        match name {
            "unwrap" => Ok(Typed::owned(self.try_(span, all)?, ty)),
            "settle" => match all {
                Expression::Call { mut arguments, .. } if arguments.len() == 1 => {
                    let promises = arguments.swap_remove(0);
                    let of = match ty {
                        Type::Map(of) => *of,
                        ty => ty,
                    };
                    self.settled_by_name(promises, of, span)
                }
                all => Ok(Typed::owned(all, ty)),
            },
            "all" => Ok(Typed::owned(all, Type::Promise(Box::new(ty)))),
            _ => Err(Cannot::new(
                span,
                format!("Utils::{name} of promises by name: give them as a list, and keep the names in another"),
            )),
        }
    }

    /// `Create::promiseFor($value)`
    fn ready(&mut self, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        match (name, arguments) {
            ("promisefor", [value]) => {
                let value = self.expression(&value.value)?;
                let ty = Type::Promise(Box::new(value.ty.clone()));
                Ok(Typed::owned(call("Promise::ready", vec![ok(value.into_owned())]), ty))
            }
            _ => {
                Err(Cannot::new(span, "a promise of an error: `Promise::ready(Err(error))`, of an error of this crate"))
            }
        }
    }
}

/// What a promise gives.
fn promised(ty: &Type) -> Type {
    match ty {
        Type::Promise(of) => (**of).clone(),
        _ => Type::Unknown,
    }
}

/// Promises are moved: there is but one of each.
fn moved(promises: Typed) -> Expression {
    match promises.form {
        Form::Reference => promises.into_owned(),
        _ => match promises.code {
            Expression::Macro { name, arguments } if name == "vec" => Expression::Array(arguments),
            code => code,
        },
    }
}

fn is_map(callee: &Expression) -> bool {
    matches!(callee, Expression::Atom(path) if path == "BTreeMap::from")
}

/// The names of a map, if they stand in the source.
fn literal_keys(code: &Expression) -> Option<Vec<&str>> {
    let Expression::Call { arguments, .. } = code else { return None };
    let [Expression::Array(pairs)] = arguments.as_slice() else { return None };
    pairs
        .iter()
        .map(|pair| match pair {
            Expression::Tuple(pair) => match pair.first() {
                Some(Expression::Method { receiver, .. }) => match &**receiver {
                    Expression::Text(key) => Some(key.as_str()),
                    _ => None,
                },
                Some(Expression::Text(key)) => Some(key.as_str()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}
