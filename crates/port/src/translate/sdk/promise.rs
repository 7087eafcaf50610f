//! Promises: `then`, `otherwise`, `wait`.

use crate::php::tree::{Argument, ClosureBody, Expression as Php, ExpressionKind as E, Name};
use crate::rust::build::{atom, call, closure, method, ok, some};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result, method_in};
use crate::translate::sdk::callback::key_of;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    pub(in crate::translate) fn promise_call(
        &mut self,
        promise: Typed,
        of: &Type,
        object: &Php,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let name = method_in(name, span)?;
        if is_waited(&promise.code) && !name.eq_ignore_ascii_case("wait") {
            return Err(Cannot::new(
                span,
                "promises by name are waited for at once: call wait() here, and go on with the values",
            ));
        }
        if let Type::Map(settled) = of
            && matches!(**settled, Type::Settled(_))
        {
            let at_once = name.eq_ignore_ascii_case("wait") && !matches!(promise.code, Expression::Atom(_));
            return match at_once {
                true => Ok(Typed::owned(promise.code, of.clone())),
                false => {
                    Err(Cannot::new(span, "promises by name are settled at once: call wait() where Utils::settle is"))
                }
            };
        }
        match name.to_ascii_lowercase().as_str() {
            "then" => self.then(promise, of, arguments, span),
            "otherwise" => {
                let found = self.plain_arguments(arguments, &["onRejected"], span)?;
                let callback = self.required(found[0], "onRejected", span)?;
                self.otherwise(promise, of, previous(object), &callback.value)
            }
            "wait" if arguments.is_empty() => self.wait(promise, of, span),
            "wait" => Err(Cannot::new(span, "wait(false): call wait(), and use or discard its result")),
            "cancel" => Ok(Typed::owned(call("drop", vec![promise.code]), Type::Null)),
            _ => Err(Cannot::new(span, format!("{name}() of a promise: a promise has then, otherwise and wait"))),
        }
    }

    fn wait(&mut self, promise: Typed, of: &Type, span: Span) -> Result<Typed> {
        let code = if is_waited(&promise.code) { promise.code } else { method(promise.code, "wait", vec![]) };
        Ok(Typed::owned(self.try_(span, code)?, of.clone()))
    }

    /// `$promise->wait()` where a value of this type is wanted: the last callback gives it.
    pub(in crate::translate) fn waited_as(&mut self, php: &Php, ty: &Type) -> Result<Typed> {
        let waits =
            matches!(&php.kind, E::MethodCall { name: Name::Plain(name), .. } if name.eq_ignore_ascii_case("wait"));
        let scalar = matches!(ty.present(), Type::Text | Type::Integer | Type::Boolean);
        self.sdk.wanted = (waits && scalar).then(|| ty.clone());
        let value = self.expression(php);
        self.sdk.wanted = None;
        value
    }

    fn then(&mut self, promise: Typed, of: &Type, arguments: &[Argument], span: Span) -> Result<Typed> {
        let found = self.plain_arguments(arguments, &["onFulfilled", "onRejected"], span)?;
        let (fulfilled, rejected) = (given(found[0]), given(found[1]));
        let (mut promise, mut of, mut key) = (promise, of.clone(), None);
        if let Some(callback) = fulfilled {
            promise = self.fulfilled(promise, &of, &callback.value)?;
            of = match &promise.ty {
                Type::Promise(of) => (**of).clone(),
                _ => Type::Unknown,
            };
            key = Some(key_of(&callback.value));
        }
        if let Some(callback) = rejected {
            if fulfilled.is_some() {
                self.note(
                    callback.span,
                    "this also handles an error of the function before it, which PHP would pass on",
                );
            }
            promise = self.otherwise(promise, &of, key, &callback.value)?;
        }
        Ok(promise)
    }

    /// `promise.then(|value| Ok(…))`
    fn fulfilled(&mut self, promise: Typed, of: &Type, php: &Php) -> Result<Typed> {
        if *of == Type::Response
            && let Some(how) = self.decodes(php)
        {
            self.comments.skip(php.span.end);
            if let E::Closure(closure) = &php.bare().kind
                && let ClosureBody::Block(block) = &closure.body
            {
                self.written_as_one(&block.statements);
            }
            return Ok(Typed::owned(method(promise.code, how, vec![]), Type::Promise(Box::new(Type::Json))));
        }
        let callback = self.promised_callback(php, of)?;
        let ty = |of: Type| Type::Promise(Box::new(of));
        Ok(match callback.returns {
            Type::Promise(next) if callback.fails => {
                let then = method(promise.code, "then", vec![callback.code]);
                Typed::owned(method(then, "and_then", vec![closure(&["next"], atom("next"))]), ty(*next))
            }
            Type::Promise(next) => Typed::owned(method(promise.code, "and_then", vec![callback.code]), ty(*next)),
            returns => Typed::owned(method(promise.code, "then", vec![callback.code]), ty(returns)),
        })
    }

    /// `promise.otherwise(|error| …)`: both give the same type.
    fn otherwise(&mut self, promise: Typed, of: &Type, previous: Option<String>, php: &Php) -> Result<Typed> {
        let own = key_of(php);
        let callback = self.promised_callback(php, &Type::ClientError)?;
        let (returns, follows) = match &callback.returns {
            Type::Promise(of) => ((**of).clone(), true),
            ty => (ty.clone(), false),
        };
        let joined = of.join(&returns);
        if joined == Type::Conflict {
            return Err(Cannot::new(
                php.span,
                format!(
                    "the promise gives {of}, and this {returns}: have the function before it make the same of the answer"
                ),
            ));
        }
        if !follows {
            self.learn_returns(&own, &joined);
        }
        let mut promise = promise.code;
        match previous {
            Some(key) => self.learn_returns(&key, &joined),
            None if joined != *of && *of != Type::Unknown && joined == of.clone().optional() => {
                let present = closure(&["response"], ok(some(atom("response"))));
                promise = method(promise, "then", vec![present]);
            }
            None => {}
        }
        let code = match (follows, callback.fails) {
            (true, false) => method(promise, "or_else", vec![callback.code]),
            (true, true) => {
                return Err(Cannot::new(
                    php.span,
                    "a handler of errors that can fail and gives a promise: call wait() in it",
                ));
            }
            (false, _) => method(promise, "otherwise", vec![callback.code]),
        };
        Ok(Typed::owned(code, Type::Promise(Box::new(joined))))
    }

    fn learn_returns(&mut self, key: &str, ty: &Type) {
        let learnt = self.learnt.functions.entry(key.to_owned()).or_default();
        learnt.returns = learnt.returns.join(ty);
    }

    /// A statement whose promise nobody waits for.
    pub(in crate::translate) fn dropped_promise(&self, value: &Typed, span: Span) -> Result<()> {
        match value.ty {
            Type::Promise(_) => {
                Err(Cannot::new(span, "nothing waits for this promise: call wait(), or keep it in a variable"))
            }
            _ => Ok(()),
        }
    }
}

/// The callback of the promise before, by its key among the facts.
fn previous(object: &Php) -> Option<String> {
    match &object.bare().kind {
        E::MethodCall { name: Name::Plain(name), arguments, .. }
            if name.eq_ignore_ascii_case("then") || name.eq_ignore_ascii_case("otherwise") =>
        {
            arguments.first().map(|argument| key_of(&argument.value))
        }
        _ => None,
    }
}

/// Promises by name are waited for where they are put together.
fn is_waited(code: &Expression) -> bool {
    matches!(code, Expression::Call { callee, .. } if matches!(&**callee, Expression::Atom(path) if path == "Promise::unwrap"))
}

/// An argument that is not null.
fn given(argument: Option<&Argument>) -> Option<&Argument> {
    argument.filter(
        |argument| !matches!(&argument.value.bare().kind, E::Constant(name) if name.eq_ignore_ascii_case("null")),
    )
}
