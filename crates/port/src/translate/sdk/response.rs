//! Answers: their status, their headers and their body.

use crate::php::tree::{Argument, Expression as Php, ExpressionKind as E, Name};
use crate::rust::build::{atom, closure, method};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result, method_in};
use crate::translate::types::Type;
use crate::translate::value::{Form, Pointed, Typed};

impl Translator<'_> {
    pub(in crate::translate) fn response_call(
        &mut self,
        response: Typed,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let name = method_in(name, span)?;
        let header = |translator: &mut Self| match arguments {
            [argument] => Ok(translator.expression_as(&argument.value, &Type::Text)?.borrowed()),
            _ => Err(Cannot::new(span, "the name of the header is missing")),
        };
        let is_kept = response.form != Form::Owned;
        match name.to_ascii_lowercase().as_str() {
            "getbody" => Ok(Typed { ty: Type::Body, ..response }),
            "getstatuscode" => Ok(super::status::status(response.code)),
            "getreasonphrase" => {
                let phrase = method(method(response.code, "status", vec![]), "canonical_reason", vec![]);
                Ok(Typed::reference(method(phrase, "unwrap_or_default", vec![]), Type::Text))
            }
            "getheaderline" => {
                let name = header(self)?;
                let line = method(method(response.code, "header", vec![name]), "unwrap_or_default", vec![]);
                Ok(if is_kept {
                    Typed::reference(line, Type::Text)
                } else {
                    Typed::owned(method(line, "to_owned", vec![]), Type::Text)
                })
            }
            "getheader" => {
                let name = header(self)?;
                let all =
                    method(method(method(response.code, "headers", vec![]), "get_all", vec![name]), "iter", vec![]);
                let texts = method(
                    all,
                    "filter_map",
                    vec![closure(&["value"], method(method(atom("value"), "to_str", vec![]), "ok", vec![]))],
                );
                let texts = method(texts, "map", vec![atom("str::to_owned")]);
                Ok(Typed::owned(method(texts, "collect::<Vec<_>>", vec![]), Type::list(Type::Text)))
            }
            "hasheader" => {
                let name = header(self)?;
                Ok(Typed::boolean(method(method(response.code, "headers", vec![]), "contains_key", vec![name])))
            }
            "getheaders" => Err(Cannot::new(span, "getHeaders(): response.headers() has all of them, by name")),
            "getprotocolversion" => Err(Cannot::new(span, "getProtocolVersion(): the crate speaks HTTP/1.1")),
            other if other.starts_with("with") => Err(Cannot::new(
                span,
                format!("{name}(): an answer does not change; keep what you make of it in a variable of its own"),
            )),
            _ => Err(Cannot::new(span, format!("{name}() of a response: it is not known here"))),
        }
    }

    pub(in crate::translate) fn body_call(
        &mut self,
        body: Typed,
        name: &Name,
        _arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let name = method_in(name, span)?;
        match name.to_ascii_lowercase().as_str() {
            "getcontents" | "__tostring" => self.body_text(body),
            "getsize" => {
                let length = method(method(body.code, "body", vec![]), "len", vec![]);
                Ok(Typed::integer(Expression::Cast { operand: Box::new(length), ty: "i64".to_owned() }))
            }
            "rewind" | "seek" | "close" => Err(Cannot::new(
                span,
                format!("{name}(): the whole body is in memory and can be read again and again, so leave this out"),
            )),
            "read" | "eof" | "tell" | "detach" | "getmetadata" | "isreadable" | "isseekable" => Err(Cannot::new(
                span,
                format!(
                    "{name}(): a body is no stream here; `response.body()` has all its bytes, `response.text()` its text"
                ),
            )),
            _ => Err(Cannot::new(
                span,
                format!("{name}() of a body: `response.body()` has its bytes, `response.text()` its text"),
            )),
        }
    }

    /// `response.text()`, as a `String`.
    pub(in crate::translate) fn body_text(&mut self, body: Typed) -> Result<Typed> {
        Ok(Typed::owned(method(method(body.code, "text", vec![]), "into_owned", vec![]), Type::Text))
    }

    /// The bytes of a body: `&[u8]`. None for what is neither a body nor its text.
    pub(in crate::translate) fn body_bytes(&mut self, value: &Typed) -> Option<Expression> {
        Some(method(answer(value)?, "body", vec![]))
    }

    /// `json_decode` of a body, or of its text: the answer's fields. None for what is no body.
    pub(in crate::translate) fn decoded_body(&mut self, value: &Typed, span: Span) -> Result<Option<Typed>> {
        let Some(response) = answer(value) else { return Ok(None) };
        self.fields_of(response, "json", span).map(Some)
    }

    /// `Transformer::toArray` of a body.
    pub(super) fn parsed_body(&mut self, value: &Typed, span: Span) -> Result<Option<Typed>> {
        let Some(response) = answer(value) else { return Ok(None) };
        self.fields_of(response, "xml", span).map(Some)
    }

    /// `response.json()?`, of which a field may be taken from the response itself.
    fn fields_of(&mut self, response: Expression, how: &str, span: Span) -> Result<Typed> {
        let place = Pointed { base: response.clone(), pointer: String::new(), of_response: true };
        let code = self.try_(span, method(response, how, vec![]))?;
        Ok(Typed { place: Some(place), ..Typed::json(code) })
    }

    /// `$response->getHeader('A')[0]`: the header, or null.
    pub(in crate::translate) fn header_element(&mut self, base: &Php, key: &Php) -> Result<Option<Typed>> {
        let E::MethodCall { object, name: Name::Plain(name), arguments, .. } = &base.bare().kind else {
            return Ok(None);
        };
        let is_first = matches!(key.bare().kind, E::Integer(0));
        if !name.eq_ignore_ascii_case("getHeader") || !is_first {
            return Ok(None);
        }
        let mark = self.mark();
        let response = self.expression(object)?;
        let [argument] = arguments.as_slice() else { return Ok(None) };
        if response.ty != Type::Response {
            self.give_back(mark);
            return Ok(None);
        }
        let name = self.expression_as(&argument.value, &Type::Text)?.borrowed();
        let is_kept = response.form != Form::Owned;
        let header = method(response.code, "header", vec![name]);
        let ty = Type::Text.optional();
        Ok(Some(if is_kept {
            Typed::reference(header, ty)
        } else {
            Typed::owned(method(header, "map", vec![atom("str::to_owned")]), ty)
        }))
    }
}

/// The response that this is the body of, or the body's text.
fn answer(value: &Typed) -> Option<Expression> {
    match (&value.ty, &value.code) {
        (Type::Body, code) => Some(code.clone()),
        (Type::Text, Expression::Method { receiver, name, .. }) if name == "into_owned" => match &**receiver {
            Expression::Method { receiver, name, arguments } if name == "text" && arguments.is_empty() => {
                Some((**receiver).clone())
            }
            _ => None,
        },
        _ => None,
    }
}

/// A value that is only read: the text of an answer need not be copied for that, nor its status be an `i64`.
pub fn read_only(code: Expression) -> Expression {
    match super::status::number(code) {
        Expression::Method { receiver, name, .. } if name == "into_owned" && is_text(&receiver) => *receiver,
        code => code,
    }
}

fn is_text(code: &Expression) -> bool {
    matches!(code, Expression::Method { name, arguments, .. } if name == "text" && arguments.is_empty())
}
