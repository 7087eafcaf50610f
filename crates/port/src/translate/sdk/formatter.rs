//! `Formatter` and `Transformer`.

use crate::php::tree::{Argument, Callee, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call, closure, json, method, reference, text};
use crate::rust::tree::{Expression, Json};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::sdk::crypto::plain_text;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// A static method of `Formatter`.
    pub(super) fn formatter(&mut self, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        self.import("wechatpay::Formatter");
        match name {
            "nonce" => {
                let found = self.plain_arguments(arguments, &["size"], span)?;
                let size = match found[0] {
                    None => atom("32"),
                    Some(size) => {
                        let size = self.expression_as(&size.value, &Type::Integer)?.operand();
                        match size {
                            Expression::Atom(number) if number.parse::<u32>().is_ok() => atom(number),
                            size => Expression::Cast { operand: Box::new(size), ty: "usize".to_owned() },
                        }
                    }
                };
                Ok(Typed::owned(call("Formatter::nonce", vec![size]), Type::Text))
            }
            "timestamp" => Ok(Typed::integer(call("Formatter::timestamp", vec![]))),
            "authorization" => {
                let names = ["mchid", "nonce", "signature", "timestamp", "serial"];
                let passed = self.displayed(arguments, &names, span)?;
                Ok(Typed::owned(call("Formatter::authorization", passed), Type::Text))
            }
            "request" => self.signed("Formatter::request", &["method", "uri", "timestamp", "nonce"], arguments, span),
            "response" => self.signed("Formatter::response", &["timestamp", "nonce"], arguments, span),
            "joinedbylinefeed" => self.joined_by_line_feed(arguments, span),
            "ksort" => {
                let map = self.ksorted(arguments, span)?;
                self.import("wechatpay::Value");
                Ok(Typed::json(call("Value::from", vec![map])))
            }
            "querystringlike" => self.query_string_like(arguments, span),
            _ => Err(Cannot::new(span, format!("Formatter::{name}: it is not known here"))),
        }
    }

    /// Arguments that are printed: texts and numbers.
    fn displayed(&mut self, arguments: &[Argument], names: &[&str], span: Span) -> Result<Vec<Expression>> {
        let found = self.plain_arguments(arguments, names, span)?;
        let mut passed = Vec::new();
        for (argument, name) in found.into_iter().zip(names) {
            let argument = self.required(argument, name, span)?;
            let value = self.expression(&argument.value)?;
            let value = match value.ty {
                Type::Integer | Type::Text | Type::Unknown => value,
                _ => self.to_text(value, argument.span)?,
            };
            passed.push(if value.ty == Type::Integer { value.operand() } else { plain_text(value) });
        }
        Ok(passed)
    }

    /// `Formatter::request(…)`: what is signed, which ends with the bytes of a body.
    fn signed(&mut self, path: &str, names: &[&str], arguments: &[Argument], span: Span) -> Result<Typed> {
        let mut all = names.to_vec();
        all.push("body");
        let found = self.plain_arguments(arguments, &all, span)?;
        let body = found.last().copied().flatten();
        let without: Vec<Argument> =
            arguments.iter().filter(|argument| body.is_none_or(|body| body.span != argument.span)).cloned().collect();
        let mut passed = self.displayed(&without, names, span)?;
        passed.push(match body {
            Some(body) => self.as_bytes(Some(body), "body", span)?,
            None => text(""),
        });
        Ok(Typed::owned(call(path, passed), Type::Bytes))
    }

    /// `Formatter::joinedByLineFeed($a, $b)`, `(...array_values($params))`, `(...$list)`.
    fn joined_by_line_feed(&mut self, arguments: &[Argument], span: Span) -> Result<Typed> {
        if let [Argument { spread: true, value, .. }] = arguments {
            return self.joined_spread(value, span);
        }
        let mut pieces = Vec::new();
        for argument in arguments {
            if argument.spread {
                return Err(Cannot::new(argument.span, "arguments from an array (...$a): write them out"));
            }
            let value = self.expression(&argument.value)?;
            if value.is_unknown() {
                return Ok(Typed::owned(atom("unknown"), Type::Text));
            }
            let value = if value.ty == Type::Text { value } else { self.to_text(value, argument.span)? };
            pieces.push(value);
        }
        // All of one type: `String` where all are made, else `&str`.
        let made = pieces.iter().all(|piece| piece.form == Form::Owned);
        let mut lines = Vec::new();
        for piece in pieces {
            lines.push(match piece.form {
                Form::Owned if made => piece.code,
                Form::Owned => method(piece.code, "as_str", vec![]),
                _ => self.as_str(piece),
            });
        }
        let pieces = lines;
        Ok(Typed::owned(call("Formatter::joined_by_line_feed", vec![Expression::Array(pieces)]), Type::Text))
    }

    fn joined_spread(&mut self, php: &Php, _span: Span) -> Result<Typed> {
        let inner = match &php.bare().kind {
            E::Call { callee: Callee::Named(name), arguments }
                if self.program.function_name(name) == "array_values" =>
            {
                arguments.first().map(|argument| &argument.value)
            }
            _ => None,
        };
        let value = self.expression(inner.unwrap_or(php))?;
        if value.is_unknown() {
            return Ok(Typed::owned(atom("unknown"), Type::Text));
        }
        let pieces = match &value.ty {
            Type::List(of) if **of == Type::Text => value.borrowed(),
            _ => {
                let value = self.to_json(value, php.span)?;
                let (values, texts) = (self.php("values"), self.php("text"));
                method(call(&values, vec![value.borrowed()]), "map", vec![atom(texts)])
            }
        };
        Ok(Typed::owned(call("Formatter::joined_by_line_feed", vec![pieces]), Type::Text))
    }

    /// `Formatter::queryStringLike($a)`
    fn query_string_like(&mut self, arguments: &[Argument], span: Span) -> Result<Typed> {
        let [argument] = arguments else {
            return Err(Cannot::new(span, "the argument $thing is missing"));
        };
        let map = match &argument.value.bare().kind {
            E::StaticCall { name: crate::php::tree::Name::Plain(name), arguments, class }
                if name.eq_ignore_ascii_case("ksort") =>
            {
                let class = Self::named(class).map(|class| self.program.class_name(class));
                if class.as_deref() == Some("WeChatPay\\Formatter") {
                    Some(self.ksorted(arguments, span)?)
                } else {
                    None
                }
            }
            _ => None,
        };
        let map = match map {
            Some(map) => map,
            None => self.object_of(argument)?,
        };
        Ok(Typed::owned(call("Formatter::query_string_like", vec![reference(map)]), Type::Text))
    }

    /// `Formatter::ksort(map)`
    fn ksorted(&mut self, arguments: &[Argument], span: Span) -> Result<Expression> {
        let [argument] = arguments else {
            return Err(Cannot::new(span, "the argument $thing is missing"));
        };
        let map = self.object_of(argument)?;
        Ok(call("Formatter::ksort", vec![map]))
    }

    /// An array as a `Map`.
    fn object_of(&mut self, argument: &Argument) -> Result<Expression> {
        let value = self.expression(&argument.value)?;
        let value = self.to_json(value, argument.span)?;
        let path = self.php("object");
        Ok(call(&path, vec![value.borrowed()]))
    }

    /// A static method of `Transformer`.
    pub(super) fn transformer(&mut self, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        match name {
            "toarray" => {
                let found = self.plain_arguments(arguments, &["xml"], span)?;
                let xml = self.required(found[0], "xml", span)?;
                let value = self.expression(&xml.value)?;
                if let Some(parsed) = self.parsed_body(&value, span)? {
                    return Ok(parsed);
                }
                let value = self.coerce(value, &Type::Text, xml.span)?;
                self.import("wechatpay::Transformer");
                // In PHP what is no XML is an empty array.
                self.import("wechatpay::json");
                let code = call("Transformer::to_array", vec![plain_text(value)]);
                let nothing = closure(&["_"], json(Json::Array(vec![])));
                Ok(Typed::json(method(code, "unwrap_or_else", vec![nothing])))
            }
            "toxml" => self.written_as_xml(arguments, span),
            "sanitize" => {
                let found = self.plain_arguments(arguments, &["xml"], span)?;
                let xml = self.as_text_reference(found[0], "xml", span)?;
                self.import("wechatpay::Transformer");
                let code = method(call("Transformer::sanitize", vec![xml]), "into_owned", vec![]);
                Ok(Typed::owned(code, Type::Text))
            }
            _ => Err(Cannot::new(
                span,
                format!("Transformer::{name}: it is internal to the crate; use to_xml and to_array"),
            )),
        }
    }

    /// `Transformer::toXml($data, $headless, $indent, $root, $item)`
    fn written_as_xml(&mut self, arguments: &[Argument], span: Span) -> Result<Typed> {
        let found = self.plain_arguments(arguments, &["data", "headless", "indent", "root", "item"], span)?;
        let data = self.required(found[0], "data", span)?;
        let value = self.expression(&data.value)?;
        let value = self.to_json(value, data.span)?.borrowed();
        self.import("wechatpay::Transformer");
        let mut options = call("XmlOptions::new", vec![]);
        let mut plain = true;
        for (at, name) in ["headless", "indent", "root", "item"].into_iter().enumerate() {
            let Some(argument) = found[at + 1] else { continue };
            plain = false;
            let value = if at < 2 {
                let value = self.expression(&argument.value)?;
                self.truth(value, argument.span)?
            } else {
                self.as_text(Some(argument), name, span)?
            };
            options = method(options, name, vec![value]);
        }
        let code = if plain {
            call("Transformer::to_xml", vec![value])
        } else {
            self.import("wechatpay::XmlOptions");
            call("Transformer::to_xml_with", vec![value, reference(options)])
        };
        Ok(Typed::owned(self.try_(span, code)?, Type::Text))
    }
}
