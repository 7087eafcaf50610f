//! `throw`: returns an error.

use crate::php::tree::{Argument, Expression as Php, ExpressionKind as E};
use crate::rust::build::{arm, atom, call, macro_call, method, text};
use crate::rust::tree::{Expression, Statement};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::coerce::{Shown, format_of};
use crate::translate::exceptions::hierarchy::is_known;
use crate::translate::exceptions::thrown::{Point, Thrown};
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    pub(in crate::translate) fn throw(&mut self, of: &Php, span: Span) -> Result<Typed> {
        if let E::New { class, arguments } = &of.bare().kind {
            let written = Self::named(class).unwrap_or_default();
            let known = self.program.class_name(written);
            if self.program.class(written).is_none() && is_known(&known) && !known.contains('\\') {
                return self.throw_builtin(&known, arguments, span);
            }
        }
        let error = self.expression(of)?.alone();
        let thrown = match &error.ty {
            Type::Unknown => return Ok(Typed::owned(error.code, Type::Never)),
            Type::Class(class) => vec![Thrown::Class(class.clone())],
            Type::ClientError | Type::StatusError(_) | Type::Apiv2Error => vec![Thrown::Call],
            Type::PhpError => vec![Thrown::Php],
            _ => self.anything(),
        };
        self.fails_at(span, Point::of(thrown))?;
        let own = matches!(&error.ty, Type::Class(_));
        if own && error.form == Form::Owned {
            self.import("anyhow::bail");
            return Ok(never(macro_call("bail", vec![error.code])));
        }
        let error = self.coerce(error, &Type::Error, span)?.into_owned();
        Ok(never(Expression::Return(Some(Box::new(call("Err", vec![error]))))))
    }

    /// `throw new \RuntimeException('…')`: a message, or PHP's class with it where the program looks at that.
    fn throw_builtin(&mut self, class: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        let given = by_name(arguments, span)?;
        self.fails_at(span, Point::of(vec![Thrown::Class(class.to_owned())]))?;
        self.import("anyhow::bail");
        let plain = given[2].is_none() || self.program.call_catches <= 1;
        if !self.program.asks_for_classes && plain {
            let shown = match given[0] {
                Some(message) => self.echoed(std::slice::from_ref(message))?,
                None => vec![Shown::Text(class.to_owned())],
            };
            if let Some(previous) = given[2] {
                return self.throw_with_context(shown, previous, span);
            }
            let (format, arguments, _) = format_of(&shown);
            let mut all = vec![Expression::Format(format)];
            all.extend(arguments);
            return Ok(never(macro_call("bail", all)));
        }
        let error = self.php_error(class, given)?;
        Ok(never(macro_call("bail", vec![error])))
    }

    /// `optional ?? throw …`
    pub(in crate::translate) fn or_thrown(
        &mut self,
        optional: Expression,
        thrown: Expression,
        span: Span,
    ) -> Result<Expression> {
        let error = match thrown {
            Expression::Macro { name, mut arguments } if name == "bail" => match arguments.as_slice() {
                [Expression::Format(_) | Expression::Text(_), ..] => {
                    self.import("anyhow::anyhow");
                    macro_call("anyhow", arguments)
                }
                _ => arguments.swap_remove(0),
            },
            Expression::Return(Some(result)) => match *result {
                Expression::Call { mut arguments, .. } if arguments.len() == 1 => arguments.swap_remove(0),
                code => return Ok(method(optional, "unwrap_or_else", vec![crate::rust::build::closure(&[], code)])),
            },
            // It ends the program.
            code => return Ok(method(optional, "unwrap_or_else", vec![crate::rust::build::closure(&[], code)])),
        };
        let code = method(optional, "ok_or_else", vec![crate::rust::build::closure(&[], error)]);
        self.fails_at(span, Point { code: Some(code.clone()), ..Point::of(vec![]) })?;
        Ok(Expression::Try(Box::new(code)))
    }

    /// `return Err(previous.context("…"))`
    fn throw_with_context(&mut self, shown: Vec<Shown>, previous: &Php, span: Span) -> Result<Typed> {
        let previous = self.expression(previous)?;
        let message = self.format(shown);
        let code = if previous.ty == Type::Null {
            return Ok(never(macro_call("bail", vec![Expression::Format("{}".to_owned()), message.code])));
        } else {
            let previous = self.coerce(previous, &Type::Error, span)?.into_owned();
            // The type has to be known before `context` is.
            let previous = match previous {
                Expression::Method { receiver, name, .. } if name == "into" => {
                    call("anyhow::Error::from", vec![*receiver])
                }
                code => code,
            };
            method(previous, "context", vec![message.into_owned()])
        };
        Ok(never(Expression::Return(Some(Box::new(call("Err", vec![code]))))))
    }

    /// `php::Error::new("RuntimeException", "…").with_code(1)`
    fn php_error(&mut self, class: &str, given: [Option<&Php>; 3]) -> Result<Expression> {
        let path = self.php("Error::new");
        let message = match given[0] {
            Some(message) => self.expression_as(message, &Type::Text)?,
            None => Typed::text(""),
        };
        let message = match message.form {
            Form::Reference => message.code,
            _ => message.into_owned(),
        };
        let mut error = call(&path, vec![text(class), message]);
        if let Some(code) = given[1].filter(|code| !matches!(code.bare().kind, E::Integer(0))) {
            let code = self.expression_as(code, &Type::Integer)?;
            error = method(error, "with_code", vec![code.operand()]);
        }
        if let Some(previous) = given[2] {
            let value = self.expression(previous)?;
            match value.ty.clone() {
                Type::Null => {}
                Type::Optional(_) => {
                    let Expression::Atom(name) = value.code else {
                        return Err(Cannot::new(
                            previous.span,
                            "an exception before this one that may be null: throw two ways",
                        ));
                    };
                    error = self.because_of_optional(error, name);
                }
                _ => {
                    let value = self.coerce(value, &Type::Error, previous.span)?.into_owned();
                    let value = match value {
                        Expression::Method { receiver, name, .. } if name == "into" => *receiver,
                        code => code,
                    };
                    error = method(error, "because", vec![value]);
                }
            }
        }
        Ok(error)
    }

    /// `match last { Some(last) => error.because(last), None => error }`
    fn because_of_optional(&mut self, error: Expression, name: String) -> Expression {
        let made = self.free_name("error");
        self.scope().before.push(Statement::let_(made.clone(), error));
        let because = method(atom(made.clone()), "because", vec![atom(name.clone())]);
        let arms = vec![arm(format!("Some({name})"), because), arm("None", atom(made))];
        Expression::Match { subject: Box::new(atom(name)), arms }
    }

    /// `new` of one of PHP's own exceptions that is not thrown at once.
    pub(in crate::translate) fn new_builtin(
        &mut self,
        class: &str,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let given = by_name(arguments, span)?;
        let error = self.php_error(class, given)?;
        Ok(Typed::owned(error, Type::PhpError))
    }

    /// `new` of an exception of the file: without what nothing in the file asks for.
    pub(in crate::translate) fn kept_arguments(&self, class: &str, arguments: &[Argument]) -> Vec<Argument> {
        let own = self.method_named(class, "__construct").is_some_and(|found| {
            !found.function.parameters.iter().all(|parameter| parameter.span.start == parameter.span.end)
        });
        if own {
            return arguments.to_vec();
        }
        let mut kept = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let name = match (&argument.name, at) {
                (Some(name), _) => name.as_str(),
                (None, 0) => "message",
                (None, 1) => "code",
                (None, 2) => "previous",
                _ => "",
            };
            let keeps = match name {
                "code" | "previous" => self.has_property(class, name),
                _ => true,
            };
            if keeps {
                let named = (name == "previous" && !self.has_property(class, "code")).then(|| name.to_owned());
                kept.push(Argument { name: argument.name.clone().or(named), ..argument.clone() });
            }
        }
        kept
    }
}

/// The message, the code and the previous exception.
fn by_name(arguments: &[Argument], span: Span) -> Result<[Option<&Php>; 3]> {
    let mut given = [None; 3];
    for (at, argument) in arguments.iter().enumerate() {
        let place = match argument.name.as_deref() {
            None => Some(at),
            Some("message") => Some(0),
            Some("code") => Some(1),
            Some("previous") => Some(2),
            Some(_) => None,
        };
        match place.and_then(|place| given.get_mut(place)) {
            Some(place) if !argument.spread => *place = Some(&argument.value),
            _ => return Err(Cannot::new(span, "an exception has a message, a code and a previous exception")),
        }
    }
    Ok(given)
}

fn never(code: Expression) -> Typed {
    Typed::owned(code, Type::Never)
}
