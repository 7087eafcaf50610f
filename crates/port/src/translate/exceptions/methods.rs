//! What a caught exception is asked: its message, its code, the answer it came with, its class.

use crate::php::tree::{Argument, Binary, ClassName, Expression as Php, ExpressionKind as E, Name};
use crate::rust::build::{arm, atom, call, closure, field, macro_call, method, text};
use crate::rust::tree::{Block, Expression};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result, method_in};
use crate::translate::conditions::variable_name;
use crate::translate::exceptions::catches::Target;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// `$e->getMessage()` and the like.
    pub(in crate::translate) fn error_call(
        &mut self,
        error: Typed,
        _object: &Php,
        name: &Name,
        _arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let name = method_in(name, span)?;
        match name.to_ascii_lowercase().as_str() {
            "getmessage" => Ok(self.message_of(error)),
            "getcode" => self.code_of(error, span),
            "getprevious" => self.previous_of(error, span),
            "getresponse" => self.response_of(error, span),
            "hasresponse" => Ok(Typed::boolean(match error.ty {
                Type::StatusError(_) | Type::Apiv2Error => atom("true"),
                Type::ClientError => method(method(error.code, "response", vec![]), "is_some", vec![]),
                _ => return Err(no_call(span)),
            })),
            "getreason" => match error.ty {
                Type::Apiv2Error => Ok(Typed::reference(method(error.code, "response", vec![]), Type::Response)),
                _ => Err(Cannot::new(span, "getReason(): catch RejectionException, then it is known what there is")),
            },
            "getline" | "getfile" | "gettrace" | "gettraceasstring" => Err(Cannot::new(
                span,
                format!(
                    "{name}(): an error does not know where it comes from; set RUST_BACKTRACE=1 and print it with {{:?}}"
                ),
            )),
            "getrequest" => Err(Cannot::new(
                span,
                "getRequest(): an error does not keep its request; `Builder::observe` sees each request",
            )),
            "gethandlercontext" => {
                Err(Cannot::new(span, "getHandlerContext(): `{error:#}` has all that is known of the cause"))
            }
            "__tostring" => Ok(self.message_of(error)),
            _ => Err(Cannot::new(span, format!("{name}() of an exception: it is not known here"))),
        }
    }

    /// Whether one of PHP's own methods of exceptions is meant: the class of the file has none of that name.
    pub(in crate::translate) fn is_method_of_errors(&self, class: &str, name: &Name) -> bool {
        let Name::Plain(name) = name else { return false };
        let inherited = matches!(
            name.to_ascii_lowercase().as_str(),
            "getmessage"
                | "getcode"
                | "getprevious"
                | "getline"
                | "getfile"
                | "gettrace"
                | "gettraceasstring"
                | "__tostring"
        );
        inherited && self.program.is_exception(class) && self.method_named(class, name).is_none()
    }

    fn message_of(&mut self, error: Typed) -> Typed {
        match &error.ty {
            Type::Class(_) => error.field("message", Type::Text),
            _ => Typed::owned(method(error.code, "to_string", vec![]), Type::Text),
        }
    }

    fn code_of(&mut self, error: Typed, span: Span) -> Result<Typed> {
        Ok(match &error.ty {
            Type::Class(class) if !self.has_property(class, "code") => Typed::integer(atom("0")),
            Type::Class(_) => error.field("code", Type::Integer),
            Type::StatusError(_) => status_number(method(error.code, "response", vec![])),
            Type::ClientError => {
                let number = method(atom("status"), "as_u16", vec![]);
                let number = closure(&["status"], call("i64::from", vec![number]));
                let status = method(error.code, "status", vec![]);
                Typed::integer(method(status, "map_or", vec![atom("0"), number]))
            }
            Type::PhpError => Typed::integer(method(error.code, "code", vec![])),
            Type::Apiv2Error => Typed::integer(atom("0")),
            Type::Error => {
                let path = self.php("code_of");
                let mut code = call(&path, vec![error.clone().borrowed()]);
                let thrown = self.program.thrown.iter().rev();
                for class in thrown.filter(|class| self.program.is_exception(class) && self.has_property(class, "code"))
                {
                    let found = format!("downcast_ref::<{}>", crate::rust::words::camel(class));
                    code = Expression::Match {
                        subject: Box::new(method(error.code.clone(), &found, vec![])),
                        arms: vec![arm("Some(own)", field(atom("own"), "code")), arm("None", code)],
                    };
                }
                Typed::integer(code)
            }
            _ => return Err(Cannot::new(span, "getCode() of this: catch an exception and ask that")),
        })
    }

    fn previous_of(&mut self, error: Typed, span: Span) -> Result<Typed> {
        match &error.ty {
            Type::Class(class) if !self.has_property(class, "previous") => Ok(Typed::null()),
            Type::Class(_) => {
                let of = Type::Error.optional();
                let previous = method(error.field("previous", of.clone()).code, "as_ref", vec![]);
                Ok(Typed::reference(previous, of))
            }
            Type::Error | Type::Source => {
                Ok(Typed::reference(method(error.code, "source", vec![]), Type::Source.optional()))
            }
            _ => Err(Cannot::new(span, "getPrevious() of what a call fails with: `{error:#}` shows all causes")),
        }
    }

    fn response_of(&mut self, error: Typed, span: Span) -> Result<Typed> {
        if let Some(name) = error.variable.as_ref().and_then(|name| self.scope().answered.get(name)).cloned() {
            return Ok(Typed::reference(atom(name), Type::Response));
        }
        let code = method(error.code.clone(), "response", vec![]);
        match &error.ty {
            Type::StatusError(_) | Type::Apiv2Error => Ok(Typed::reference(code, Type::Response)),
            Type::ClientError => Ok(Typed::reference(code, Type::Response.optional())),
            Type::Error => {
                let found = method(error.code, "downcast_ref::<wechatpay::Error>", vec![]);
                let code = method(found, "and_then", vec![atom("wechatpay::Error::response")]);
                Ok(Typed::reference(code, Type::Response.optional()))
            }
            _ => Err(no_call(span)),
        }
    }

    pub(in crate::translate) fn instance_of(&mut self, object: &Php, class: &ClassName, span: Span) -> Result<Typed> {
        let Some(class) = Self::named(class) else {
            return Err(Cannot::new(span, "a class whose name is a value: choose with match"));
        };
        let own = match class.to_ascii_lowercase().as_str() {
            "self" => self.declaring(span).or_else(|| self.around()),
            "static" => self.around(),
            "parent" => self.parent_at(span),
            _ => None,
        };
        let value = self.expression(object)?;
        Ok(Typed::boolean(self.is_instance(value, own.as_deref().unwrap_or(class), span)?))
    }

    fn is_instance(&mut self, value: Typed, class: &str, span: Span) -> Result<Expression> {
        let full = self.program.class_name(class);
        let known = |is: bool| atom(if is { "true" } else { "false" });
        Ok(match &value.ty {
            Type::Unknown => atom("unknown"),
            Type::Class(own) | Type::Enum(own) => known(self.program.is_a(own, class)),
            Type::Object(own) if self.program.is_a(own, class) => known(true),
            Type::Object(own) => {
                return Err(Cannot::new(span, format!("which class a {own} is of: give it a method that says so")));
            }
            Type::Response => known(full.ends_with("ResponseInterface") || full.ends_with("\\Response")),
            Type::Chain => known(full.ends_with("BuilderChainable")),
            Type::Closure(_) => known(full == "Closure"),
            Type::ClientError if full.ends_with("ResponseInterface") => {
                // In a promise, that is how APIv2 says no.
                self.import("wechatpay::Error");
                macro_call("matches", vec![value.code, atom("Error::Apiv2(_)")])
            }
            Type::ClientError => self.is_kind(value.code, class, span)?,
            Type::Error => {
                let Expression::Atom(name) = &value.code else {
                    return Err(Cannot::new(span, "instanceof of this: put it into a variable first"));
                };
                let target = self.target(class, span)?;
                self.is_one_of(&[target], name).unwrap_or_else(|| atom("true"))
            }
            Type::StatusError(kind) => is_status(kind.as_deref(), value.code.clone(), class),
            Type::PhpError => method(value.code, "is", vec![text(full)]),
            Type::Optional(of) => {
                let of = (**of).clone();
                let there = method(value.code.clone(), "is_some", vec![]);
                match self.is_instance(Typed::place(value.code, of), class, span)? {
                    Expression::Atom(is) if is == "true" => there,
                    Expression::Atom(is) if is == "false" => atom("false"),
                    _ => return Err(Cannot::new(span, "instanceof of what may be null: check that first")),
                }
            }
            Type::Json => {
                return Err(Cannot::new(span, format!("instanceof {class} of an array or a value: it is never one")));
            }
            _ => atom("false"),
        })
    }

    /// Whether an error of the client is of a class.
    fn is_kind(&mut self, error: Expression, class: &str, span: Span) -> Result<Expression> {
        Ok(match self.target(class, span)? {
            Target::Everything | Target::Exceptions | Target::AnyCall => atom("true"),
            Target::Own { .. } => atom("false"),
            target => match target.kinds() {
                Some(kinds) => {
                    self.import("wechatpay::Error");
                    let kinds: Vec<String> = kinds.iter().map(|kind| format!("Error::{kind}(_)")).collect();
                    macro_call("matches", vec![error, atom(kinds.join(" | "))])
                }
                None if matches!(target, Target::Call(_)) => method(error, "is_connect", vec![]),
                None => {
                    return Err(Cannot::new(span, format!("instanceof {class}: ask for a class that calls fail with")));
                }
            },
        })
    }

    /// `$e instanceof ClientException`, `$e->hasResponse()` as a condition: inside, it is known what there is. The pattern and the
    /// value of the `if let`, the variable, and its type inside.
    pub(in crate::translate) fn narrowing_of_error(
        &mut self,
        condition: &Php,
    ) -> Result<Option<(String, Expression, String, Type)>> {
        let E::InstanceOf { object, class } = &condition.bare().kind else { return Ok(None) };
        let (Some(name), Some(class)) = (variable_name(object), Self::named(class)) else { return Ok(None) };
        let Some((_, variable)) = self.find_variable(&name) else { return Ok(None) };
        let value = self.variable(&name, condition.span)?;
        let rust = variable.name;
        let full = self.program.class_name(class);
        let is_answer = full.ends_with("ResponseInterface");
        let found = match value.ty.clone() {
            Type::ClientError => {
                let kinds = if is_answer { Some(&["Apiv2"][..]) } else { self.target(class, condition.span)?.kinds() };
                let Some(kinds) = kinds else { return Ok(None) };
                let Some((pattern, ty)) = narrowed(kinds, &rust) else { return Ok(None) };
                self.import("wechatpay::Error");
                let value = value.staying();
                (pattern, value.borrowed(), ty)
            }
            Type::Error => match self.target(class, condition.span)? {
                Target::Own { made, .. } if made.len() == 1 => {
                    let path = format!("downcast_ref::<{}>", crate::rust::words::camel(&made[0]));
                    (format!("Some({rust})"), method(value.code, &path, vec![]), Type::Class(made[0].clone()))
                }
                Target::AnyCall => {
                    let code = method(value.code, "downcast_ref::<wechatpay::Error>", vec![]);
                    (format!("Some({rust})"), code, Type::ClientError)
                }
                target => {
                    let Some((pattern, ty)) = target.kinds().and_then(|kinds| narrowed(kinds, &rust)) else {
                        return Ok(None);
                    };
                    self.import("wechatpay::Error");
                    (format!("Some({pattern})"), method(value.code, "downcast_ref", vec![]), ty)
                }
            },
            _ => return Ok(None),
        };
        let (pattern, code, ty) = found;
        Ok(Some((pattern, code, name, ty)))
    }

    /// `$e->hasResponse()`: the name of the response inside, and what gives it.
    pub(in crate::translate) fn narrowing_of_answer(
        &mut self,
        condition: &Php,
    ) -> Result<Option<(String, Expression, String)>> {
        let condition = self.without_certain(condition)?;
        let E::MethodCall { object, name: Name::Plain(method_name), .. } = &condition.bare().kind else {
            return Ok(None);
        };
        let is_asked =
            method_name.eq_ignore_ascii_case("hasResponse") || method_name.eq_ignore_ascii_case("getResponse");
        let Some(name) = variable_name(object).filter(|_| is_asked) else { return Ok(None) };
        let value = self.variable(&name, condition.span)?;
        if !matches!(value.ty, Type::ClientError | Type::Error) {
            return Ok(None);
        }
        let code = self.response_of(Typed { variable: None, ..value }, condition.span)?.code;
        let rust = self.free_name("response");
        Ok(Some((rust, code, name)))
    }

    /// `$e instanceof RequestException && …` of what is one in any case: what is left to ask.
    fn without_certain<'p>(&mut self, condition: &'p Php) -> Result<&'p Php> {
        if let E::Binary { operator: Binary::And, left, right } = &condition.bare().kind
            && matches!(left.bare().kind, E::InstanceOf { .. })
            && matches!(self.condition(left)?, Expression::Atom(word) if word == "true")
        {
            return self.without_certain(right);
        }
        Ok(condition)
    }

    /// Translates where the response of an error is known to be there, by this name.
    pub(in crate::translate) fn with_answer<T>(
        &mut self,
        name: &str,
        rust: &str,
        translate: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.scope().answered.insert(name.to_owned(), rust.to_owned());
        let translated = translate(self);
        match before {
            Some(before) => self.scope().answered.insert(name.to_owned(), before),
            None => self.scope().answered.remove(name),
        };
        translated
    }

    /// `$e->hasResponse() && …`: `e.response().is_some_and(|response| …)`.
    pub(in crate::translate) fn answer_and(&mut self, left: &Php, right: &Php) -> Result<Option<Typed>> {
        let Some((rust, code, name)) = self.narrowing_of_answer(left)? else { return Ok(None) };
        self.scope().conditional += 1;
        let may_fail = std::mem::replace(&mut self.scope().may_fail, false);
        let attempts = std::mem::take(&mut self.scope().attempts);
        let right = self.with_answer(&name, &rust, |translator| translator.condition(right));
        self.scope().attempts = attempts;
        self.scope().may_fail = may_fail;
        self.scope().conditional -= 1;
        Ok(Some(Typed::boolean(method(code, "is_some_and", vec![closure(&[&rust], right?)]))))
    }

    /// `get_class($e)`, `$e::class`
    pub(in crate::translate) fn class_of(&mut self, object: &Php, span: Span) -> Result<Typed> {
        let value = self.expression(object)?;
        self.class_of_value(value, span)
    }

    fn class_of_value(&mut self, value: Typed, span: Span) -> Result<Typed> {
        Ok(match &value.ty {
            Type::Unknown => Typed::owned(atom("unknown"), Type::Text),
            Type::Class(class) | Type::Enum(class) => Typed::text(class.clone()),
            Type::PhpError => Typed::reference(method(value.code, "class", vec![]), Type::Text),
            Type::Error => {
                let path = self.php("class_of");
                let mut code = call(&path, vec![value.clone().borrowed()]);
                for class in self.program.thrown.iter().filter(|class| self.program.is_exception(class)).rev() {
                    let is = method(value.code.clone(), &format!("is::<{}>", crate::rust::words::camel(class)), vec![]);
                    code = crate::rust::build::if_else(is, Block::of(text(class.clone())), Block::of(code));
                }
                Typed::reference(code, Type::Text)
            }
            Type::Optional(of) => {
                let of = (**of).clone();
                let inner = self.coerce(value, &of, span)?;
                return self.class_of_value(inner, span);
            }
            Type::ClientError => {
                self.note(span, "the class of an error is its kind here: `client`, `server`, `connection`, …");
                Typed::reference(method(value.code, "kind", vec![]), Type::Text)
            }
            _ => return Err(Cannot::new(span, "the class of this: ask with instanceof")),
        })
    }

    /// An error as `anyhow::Error`.
    pub(in crate::translate) fn error_of(&mut self, value: Typed, span: Span) -> Result<Typed> {
        let whole = value.variable.as_ref().and_then(|name| self.scope().caught.get(name)).cloned();
        if let Some(whole) = whole {
            return Ok(Typed::owned(atom(whole), Type::Error));
        }
        if value.form == Form::Reference && value.ty != Type::Error {
            return Err(Cannot::new(
                span,
                "this is a part of an error that is looked at: throw it where it was caught",
            ));
        }
        let code = match &value.ty {
            Type::StatusError(Some(kind)) => {
                self.import("wechatpay::Error");
                call(&format!("Error::{kind}"), vec![value.into_owned()])
            }
            Type::Apiv2Error => {
                self.import("wechatpay::Error");
                call("Error::Apiv2", vec![value.into_owned()])
            }
            Type::StatusError(None) => {
                return Err(Cannot::new(
                    span,
                    "this is one of two exceptions: catch ClientException and ServerException one by one",
                ));
            }
            // No error can be copied: what is kept has to be the last use.
            _ => Typed { form: if value.form == Form::Place { Form::Last } else { value.form }, ..value }.into_owned(),
        };
        Ok(Typed::owned(method(code, "into", vec![]), Type::Error))
    }
}

/// Whether the error of an answer, of this kind if that is known, is of a class.
fn is_status(kind: Option<&str>, error: Expression, class: &str) -> Expression {
    let known = |is: bool| atom(if is { "true" } else { "false" });
    let wanted = match class.rsplit('\\').next().unwrap_or_default() {
        "ClientException" => "Client",
        "ServerException" => "Server",
        "ConnectException" | "RejectionException" => return known(false),
        _ => return known(true),
    };
    match kind {
        Some(kind) => known(kind == wanted),
        None => {
            let name = if wanted == "Client" { "is_client_error" } else { "is_server_error" };
            method(method(method(error, "response", vec![]), "status", vec![]), name, vec![])
        }
    }
}

fn status_number(response: Expression) -> Typed {
    let number = method(method(response, "status", vec![]), "as_u16", vec![]);
    Typed::integer(call("i64::from", vec![number]))
}

fn narrowed(kinds: &[&str], rust: &str) -> Option<(String, Type)> {
    let ty = match kinds {
        [one @ ("Client" | "Server")] => Type::StatusError(Some((*one).to_owned())),
        ["Client", "Server"] => Type::StatusError(None),
        ["Apiv2"] => Type::Apiv2Error,
        _ => return None,
    };
    let all: Vec<String> = kinds.iter().map(|kind| format!("Error::{kind}({rust})")).collect();
    Some((all.join(" | "), ty))
}

fn no_call(span: Span) -> Cannot {
    Cannot::new(span, "getResponse(): catch what calls fail with (RequestException), then there is an answer")
}
