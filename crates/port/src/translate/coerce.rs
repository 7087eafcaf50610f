//! From one type to another: what PHP does by itself where a text, a condition or a value of a declared type is wanted.

use crate::rust::build::{atom, binary, call, json, macro_call, method, text, unary};
use crate::rust::tree::{Expression, Json};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed, argument};

impl Translator<'_> {
    /// A condition: what PHP takes for true.
    pub(super) fn truth(&mut self, value: Typed, span: Span) -> Result<Expression> {
        self.learn_doubted(&value);
        Ok(match &value.ty {
            Type::Boolean => value.operand(),
            Type::Unknown => atom("unknown"),
            Type::Null => atom("false"),
            Type::Integer => binary("!=", value.operand(), atom("0")),
            Type::Float => binary("!=", value.operand(), atom("0.0")),
            Type::List(_) | Type::Map(_) => unary("!", method(value.code, "is_empty", vec![])),
            Type::Optional(of)
                if !matches!(**of, Type::Boolean | Type::Integer | Type::Float | Type::Text | Type::List(_)) =>
            {
                method(value.code, "is_some", vec![])
            }
            Type::Text | Type::Json | Type::Optional(_) if value.ty.is_json() => {
                let path = self.php("is_true");
                call(&path, vec![value.borrowed()])
            }
            Type::OrFalse(_) => {
                let path = self.php("is_true");
                call(&path, vec![value.borrowed()])
            }
            Type::Conflict | Type::Tuple(_) | Type::Never => {
                return Err(Cannot::new(
                    span,
                    "what is true of this depends on its type, which is not known: compare it",
                ));
            }
            // An object is true.
            _ => atom("true"),
        })
    }

    /// The text that PHP prints for a value: `(string)`, `.`, `{$a}`.
    pub(super) fn to_text(&mut self, value: Typed, span: Span) -> Result<Typed> {
        Ok(match &value.ty {
            Type::Text => value,
            Type::Unknown => Typed::owned(value.code, Type::Text),
            Type::Integer => Typed::owned(method(value.operand(), "to_string", vec![]), Type::Text),
            Type::Null => Typed::text(""),
            Type::Float | Type::Boolean | Type::Json | Type::Optional(_) if value.ty.is_json() => {
                let path = self.php("text");
                Typed::owned(call(&path, vec![argument(value)]), Type::Text)
            }
            Type::OrFalse(_) => {
                let path = self.php("text");
                Typed::owned(call(&path, vec![argument(value)]), Type::Text)
            }
            Type::Body => self.body_text(value)?,
            Type::Bytes => {
                let lossy = call("String::from_utf8_lossy", vec![value.borrowed()]);
                Typed::owned(method(lossy, "into_owned", vec![]), Type::Text)
            }
            Type::Class(class)
                if self.program.is_exception(class) && self.method_named(class, "__toString").is_none() =>
            {
                Typed::owned(method(value.code, "to_string", vec![]), Type::Text)
            }
            Type::Class(class) => {
                let class = class.clone();
                self.object_text(value, &class, span)?
            }
            ty if ty.is_error() => Typed::owned(method(value.code, "to_string", vec![]), Type::Text),
            ty => return Err(Cannot::new(span, format!("{ty} is no text: take what you want to print out of it"))),
        })
    }

    /// What `json!` and `impl Into<Value>` take: any type that JSON has.
    pub(super) fn to_json(&mut self, value: Typed, span: Span) -> Result<Typed> {
        match &value.ty {
            Type::Json => Ok(value),
            Type::Unknown => Ok(Typed::owned(value.code, Type::Json)),
            Type::Null => Ok(Typed::json(atom("Value::Null"))).inspect(|_| self.import("wechatpay::Value")),
            Type::List(of) if **of == Type::Json => {
                self.import("wechatpay::Value");
                Ok(Typed::json(call("Value::Array", vec![value.into_owned()])))
            }
            ty if ty.is_json() => {
                self.import("wechatpay::json");
                Ok(Typed::json(json(Json::Value(Box::new(value.code)))))
            }
            Type::Map(of) if of.is_json() => {
                self.import("wechatpay::json");
                Ok(Typed::json(json(Json::Value(Box::new(value.code)))))
            }
            Type::OrFalse(_) => {
                let path = self.php("or_false");
                Ok(Typed::json(call(&path, vec![value.into_owned()])))
            }
            Type::Response => {
                let code = method(value.code, "json", vec![]);
                Ok(Typed::json(self.try_(span, code)?))
            }
            ty => Err(Cannot::new(span, format!("{ty} is no JSON: put what you need of it into the array"))),
        }
    }

    /// A value where PHP declares a type, as its strict types do: what does not fit is an error, and so is it here.
    pub(super) fn coerce(&mut self, value: Typed, to: &Type, span: Span) -> Result<Typed> {
        if matches!(value.ty, Type::Json | Type::Text | Type::Integer | Type::Boolean | Type::Optional(_)) {
            self.learn_wanted(&value, to);
        }
        if value.ty == *to || value.is_unknown() || *to == Type::Unknown || value.ty == Type::Never {
            return Ok(Typed { ty: if value.is_unknown() { to.clone() } else { value.ty.clone() }, ..value });
        }
        let value = match self.as_object(value, to, span)? {
            Ok(object) => return Ok(object),
            Err(value) => value,
        };
        Ok(match (&value.ty, to) {
            (_, Type::Json) => self.to_json(value, span)?,
            (Type::Json, Type::Text) => self.strict(value, "text", Type::Text, span)?,
            (Type::Json, Type::Integer) => self.strict(value, "integer", Type::Integer, span)?,
            (Type::Json, Type::Boolean) => self.strict(value, "boolean", Type::Boolean, span)?,
            (Type::Json, Type::Float) => {
                let path = self.php("float");
                Typed::owned(call(&path, vec![value.borrowed()]), Type::Float)
            }
            (Type::Json, Type::Optional(of)) => match **of {
                Type::Text => self.find(value, "text", Type::Text, span)?,
                Type::Integer => self.find(value, "integer", Type::Integer, span)?,
                Type::Boolean => self.find(value, "boolean", Type::Boolean, span)?,
                _ => return Err(mismatch(&value.ty, to, span)),
            },
            (Type::Null, Type::Optional(_)) => Typed::owned(atom("None"), to.clone()),
            (Type::Optional(from), Type::Optional(into)) if from == into => value,
            (_, Type::Optional(into)) => self.into_optional(value, into, span)?,
            (from, Type::OrFalse(into)) if *from == **into => {
                Typed::owned(crate::rust::build::some(value.into_owned()), to.clone())
            }
            (Type::Boolean, Type::OrFalse(_)) if matches!(&value.code, Expression::Atom(word) if word == "false") => {
                Typed::owned(atom("None"), to.clone())
            }
            (Type::OrFalse(from), _) if **from == *to => self.or_nothing(value, span)?,
            (Type::Optional(from), _) if from.join(to) == *to => self.present(value, to, span)?,
            (Type::Integer, Type::Float) => {
                Typed::owned(Expression::Cast { operand: Box::new(value.operand()), ty: "f64".to_owned() }, Type::Float)
            }
            (Type::List(from), Type::List(into)) if **from == Type::Unknown || **into == Type::Unknown => {
                Typed { ty: to.clone(), ..value }
            }
            (Type::Closure(_), Type::Closure(_)) => value,
            (Type::Integer | Type::Float | Type::Boolean, Type::Text) => self.to_text(value, span)?,
            (Type::Body, Type::Text) => self.body_text(value)?,
            (Type::Bytes, Type::Text) => self.to_text(value, span)?,
            (Type::Body, Type::Response) => Typed { ty: Type::Response, ..value },
            (from, Type::Error) if from.is_error() || matches!(from, Type::Class(_)) => self.error_of(value, span)?,
            _ => return Err(mismatch(&value.ty, to, span)),
        })
    }

    /// `Some(value)`
    fn into_optional(&mut self, value: Typed, into: &Type, span: Span) -> Result<Typed> {
        let inner = self.coerce(value, into, span)?;
        // An object is in the `Option`, and not a reference to it.
        let form = if matches!(inner.ty, Type::Class(_) | Type::Object(_)) { Form::Place } else { inner.form };
        let code = match form {
            Form::Place if inner.form != Form::Place => inner.into_owned(),
            Form::Reference => inner.code,
            Form::Place if !into.is_copy() => inner.clone().into_owned(),
            _ => inner.code,
        };
        let form = if form == Form::Reference { Form::Reference } else { Form::Owned };
        Ok(Typed::new(crate::rust::build::some(code), into.clone().optional(), form))
    }

    /// `base.text_at("/a/b")?`
    fn strict(&mut self, value: Typed, what: &str, ty: Type, span: Span) -> Result<Typed> {
        let (base, pointer) = self.pointed(value);
        let code = method(base, &format!("{what}_at"), vec![text(pointer)]);
        Ok(Typed::owned(self.try_(span, code)?, ty))
    }

    /// `base.find_text("/a/b")?`
    pub(super) fn find(&mut self, value: Typed, what: &str, ty: Type, span: Span) -> Result<Typed> {
        let (base, pointer) = self.pointed(value);
        let code = method(base, &format!("find_{what}"), vec![text(pointer)]);
        Ok(Typed::owned(self.try_(span, code)?, ty.optional()))
    }

    /// The value that `text_at` is called on, and where in it. A `Response` has these methods itself.
    fn pointed(&mut self, value: Typed) -> (Expression, String) {
        let of_response = value.place.as_ref().is_some_and(|place| place.of_response);
        if !of_response {
            self.import("wechatpay::Fields");
        }
        match value.place {
            Some(place) => (place.base, place.pointer),
            None => (value.code, String::new()),
        }
    }

    /// The value of an `Option` that PHP takes to be there, as its strict types do.
    fn present(&mut self, value: Typed, to: &Type, span: Span) -> Result<Typed> {
        self.import("anyhow::Context");
        let form = if value.form == Form::Reference { Form::Reference } else { Form::Owned };
        let is_borrowed = matches!(value.form, Form::Place) && !value.ty.is_copy();
        let inner = value.ty.present().clone();
        let optional = match (is_borrowed, &inner) {
            (true, Type::Text | Type::Object(_)) => method(value.code, "as_deref", vec![]),
            (true, _) => method(value.code, "as_ref", vec![]),
            (false, _) => value.code,
        };
        let message = format!("line {}: this is null", self.line(span));
        let code = self.try_(span, method(optional, "context", vec![text(message)]))?;
        let present = Typed::new(code, inner, if is_borrowed { Form::Reference } else { form });
        self.coerce(present, to, span)
    }

    /// `$a === null`
    pub(super) fn is_null(&mut self, value: Typed) -> Expression {
        self.learn_null_checked(&value);
        match &value.ty {
            Type::Null => atom("true"),
            Type::Unknown => atom("unknown"),
            Type::Json => method(value.code, "is_null", vec![]),
            Type::Optional(_) => method(value.code, "is_none", vec![]),
            _ => atom("false"),
        }
    }

    /// `count($a)`
    pub(super) fn length(&mut self, value: Typed, span: Span) -> Result<Typed> {
        let length = match &value.ty {
            Type::Unknown => value.code,
            Type::Json => {
                let path = self.php("count");
                return Ok(Typed::integer(self.try_(span, call(&path, vec![value.borrowed()]))?));
            }
            Type::Response => {
                let json = self.to_json(value, span)?;
                return self.length(json, span);
            }
            Type::Tuple(of) => return Ok(Typed::integer(atom(of.len().to_string()))),
            Type::List(_) | Type::Map(_) => method(value.code, "len", vec![]),
            ty => return Err(Cannot::new(span, format!("{ty} cannot be counted"))),
        };
        Ok(Typed::integer(Expression::Cast { operand: Box::new(length), ty: "i64".to_owned() }))
    }

    /// A part of a `format!`, with its argument: `{name}` or `{}`.
    pub(super) fn shown(&mut self, value: Typed, span: Span) -> Result<Shown> {
        let value = match value.ty {
            Type::Integer | Type::Text => value,
            _ => self.to_text(value, span)?,
        };
        let value = match value.code {
            // What is printed anyway.
            Expression::Method { receiver, name, arguments } if name == "to_string" && arguments.is_empty() => {
                Typed { code: *receiver, ..value }
            }
            code => Typed { code, ..value },
        };
        Ok(match (&value.code, value.literal()) {
            (_, Some(literal)) => Shown::Text(literal.to_owned()),
            (Expression::Atom(name), _) if is_name(name) || is_constant(name) => Shown::Name(name.clone()),
            (Expression::Atom(number), _)
                if value.ty == Type::Integer && number.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Shown::Text(number.clone())
            }
            (Expression::Unary { operator: "*" | "&", operand }, _) => match &**operand {
                Expression::Atom(name) if is_name(name) => Shown::Name(name.clone()),
                _ => Shown::Argument(value.code),
            },
            _ => Shown::Argument(super::sdk::read_only(value.code)),
        })
    }

    /// `format!` of parts; one that needs none of it is a literal.
    pub(super) fn format(&mut self, parts: Vec<Shown>) -> Typed {
        let (format, arguments, plain) = format_of(&parts);
        if plain {
            let whole: String =
                parts.iter().map(|part| if let Shown::Text(text) = part { text.as_str() } else { "" }).collect();
            return Typed::text(whole);
        }
        let mut all = vec![Expression::Format(format)];
        all.extend(arguments);
        Typed::owned(macro_call("format", all), Type::Text)
    }
}

/// A piece of a `format!`.
#[derive(Debug, Clone)]
pub enum Shown {
    Text(String),
    /// A variable, which stands in the braces.
    Name(String),
    Argument(Expression),
    /// With what stands behind the colon.
    Formatted(Expression, String),
}

/// The text of a `format!`, its arguments, and whether it has nothing but text.
pub fn format_of(parts: &[Shown]) -> (String, Vec<Expression>, bool) {
    let mut format = String::new();
    let mut arguments = Vec::new();
    let mut plain = true;
    for part in parts {
        match part {
            Shown::Text(text) => format.push_str(&text.replace('{', "{{").replace('}', "}}")),
            Shown::Name(name) => {
                format.push_str(&format!("{{{name}}}"));
                plain = false;
            }
            Shown::Formatted(argument, spec) => {
                format.push_str(&format!("{{:{spec}}}"));
                arguments.push(argument.clone());
                plain = false;
            }
            Shown::Argument(argument) => {
                format.push_str("{}");
                arguments.push(argument.clone());
                plain = false;
            }
        }
    }
    (format, arguments, plain)
}

/// Whether it is the name of a variable: no path, no keyword, no number.
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !matches!(text, "true" | "false" | "self" | "unknown")
}

/// Whether it is the name of a constant: `ORDER_TTL`.
fn is_constant(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

pub fn mismatch(from: &Type, to: &Type, span: Span) -> Cannot {
    Cannot::by_type(span, format!("{from} stands where {to} is wanted: convert it in PHP first"))
}
