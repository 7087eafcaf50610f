//! The options of a call, and the entries of a configuration.

use crate::php::tree::{Argument, Binary, Callee, Element, Expression as Php, ExpressionKind as E, Name};
use crate::rust::build::{atom, call, json, method, text};
use crate::rust::tree::{Entry, Expression, Json, Lead};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::scope::ScopeKind;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// What a method of HTTP takes: `json!({…})`, or `()`.
    pub(super) fn options(&mut self, arguments: &[Argument], span: Span) -> Result<Expression> {
        let variables = std::mem::take(&mut self.sdk.variables);
        self.sdk.wanted = None;
        let options = match arguments {
            [] => None,
            [argument] if argument.spread => {
                return Err(Cannot::new(argument.span, "arguments from an array (...$a): write them out"));
            }
            [argument] => match &argument.value.bare().kind {
                E::Array(elements) if elements.is_empty() => None,
                _ => Some(self.options_of(&argument.value)?),
            },
            _ => return Err(Cannot::new(span, "more arguments than the options")),
        };
        if variables.is_empty() {
            return Ok(match options {
                None => atom("()"),
                Some(options) => options.code,
            });
        }
        self.with_variables(options, variables, span)
    }

    /// The value of the argument, to be moved.
    fn options_of(&mut self, php: &Php) -> Result<Typed> {
        let outer = std::mem::take(&mut self.sdk.options);
        arrays_of(php, &mut self.sdk.options);
        let value = self.expression(php);
        self.sdk.options = outer;
        let value = value?;
        Ok(match &value.ty {
            Type::Unknown => value,
            Type::Null => Typed::owned(atom("()"), Type::Null),
            Type::Options => {
                self.wants_owned(&value);
                Typed::owned(value.code, Type::Options)
            }
            _ => {
                self.wants_owned(&value);
                let value = self.to_json(value, php.span)?;
                Typed::json(value.into_owned())
            }
        })
    }

    /// Has a parameter taken by value: it is handed on as a whole.
    pub(in crate::translate) fn wants_owned(&mut self, value: &Typed) {
        let Some(name) = value.variable.clone().filter(|_| value.form == Form::Reference) else { return };
        if self.scopes.last().is_some_and(|scope| scope.kind == ScopeKind::Function && scope.parameters.contains(&name))
        {
            self.learn_owned(&name);
        }
    }

    /// The options with the variables that were interpolated into the path.
    fn with_variables(
        &mut self,
        options: Option<Typed>,
        variables: Vec<(String, Typed)>,
        span: Span,
    ) -> Result<Expression> {
        let mut entries = Vec::new();
        for (name, value) in variables {
            let value = match value.ty {
                Type::Unknown => value,
                _ => self.to_text_or_number(value, span)?,
            };
            entries.push(Entry {
                lead: Lead::default(),
                key: Some(text(name)),
                value: value.into(),
                trailing: None,
                own_line: false,
            });
        }
        self.import("wechatpay::json");
        let Some(options) = options.filter(|options| options.ty != Type::Null) else {
            return Ok(json(Json::Object(entries)));
        };
        match options.code {
            Expression::Json(Json::Object(mut given)) => {
                let own_line = given.first().is_some_and(|first| first.own_line);
                given.splice(0..0, entries.into_iter().map(|entry| Entry { own_line, ..entry }));
                Ok(json(Json::Object(given)))
            }
            code if options.ty == Type::Options => {
                Ok(entries.into_iter().fold(code, |code, entry| match (entry.key, entry.value) {
                    (Some(name), Json::Value(value)) => method(code, "variable", vec![name, *value]),
                    _ => code,
                }))
            }
            code => {
                let merged = self.merged("merge", Typed::json(code), Typed::json(json(Json::Object(entries))), span)?;
                Ok(merged.code)
            }
        }
    }

    /// A value of a path: a number stays one.
    fn to_text_or_number(&mut self, value: Typed, span: Span) -> Result<Typed> {
        match value.ty {
            Type::Integer | Type::Text | Type::Json => Ok(value),
            _ => self.to_text(value, span),
        }
    }

    /// Whether an entry of an array has no place in Rust: it is noted or reported, and left out.
    pub(in crate::translate) fn leaves_out(&mut self, element: &Element, array: Span) -> bool {
        let Some(E::Text(key)) = element.key.as_ref().map(|key| &key.bare().kind) else { return false };
        let Some(value) = &element.value else { return false };
        if key.eq_ignore_ascii_case("content-type") && self.is_media_type(value) {
            self.skip_entry(element);
            return true;
        }
        if self.sdk.configuring && is_placeholder(key, value) {
            self.note(element.span, format!("`{key}` is a placeholder, and not needed for APIv2 alone"));
            self.skip_entry(element);
            return true;
        }
        if !self.sdk.options.contains(&array) {
            return false;
        }
        let Some(instead) = instead_of_option(key) else { return false };
        let lead = self.comments.lines_before(element.span.start);
        let cannot = Cannot::new(element.span, format!("`{key}` is an option of Guzzle: {instead}"));
        let todo = self.todo_lines(element.span, &cannot);
        self.comments.skip(element.span.end);
        self.sdk.left_out.extend(lead);
        self.sdk.left_out.extend(todo);
        true
    }

    /// Keeps the comments of an entry that is left out.
    fn skip_entry(&mut self, element: &Element) {
        let lines = self.comments.lines_before(element.span.end);
        self.sdk.left_out.extend(lines);
        let trailing = self.comments.trailing(element.span.end);
        self.sdk.left_out.extend(trailing);
    }

    /// The lines of entries that were left out, for what comes next.
    pub(in crate::translate) fn take_left_out(&mut self) -> Vec<String> {
        std::mem::take(&mut self.sdk.left_out)
    }

    /// `$media->getContentType()`
    fn is_media_type(&mut self, php: &Php) -> bool {
        match &php.bare().kind {
            E::MethodCall { name: Name::Plain(name), object, .. } if name.eq_ignore_ascii_case("getContentType") => {
                let mark = self.mark();
                // It is left out, and so reads nothing.
                let learnt = self.learnt.variables.clone();
                let media = self.expression(object);
                self.learnt.variables = learnt;
                self.give_back(mark);
                media.is_ok_and(|media| matches!(media.ty, Type::Media | Type::Unknown))
            }
            _ => false,
        }
    }

    /// An array with the stream of a `MediaUtil`: `Options::from(json!({…})).body(media)`.
    pub(in crate::translate) fn options_with_body(&mut self, rest: Typed, body: Typed) -> Typed {
        self.import("wechatpay::Options");
        let is_empty = match &rest.code {
            Expression::Json(Json::Object(entries) | Json::Array(entries)) => entries.is_empty(),
            _ => false,
        };
        let options = if is_empty {
            call("Options::new", vec![])
        } else {
            self.import("wechatpay::json");
            call("Options::from", vec![rest.into_owned()])
        };
        Typed::owned(method(options, "body", vec![body.code]), Type::Options)
    }
}

/// The arrays that an argument consists of.
pub(super) fn arrays_of(php: &Php, spans: &mut Vec<Span>) {
    match &php.bare().kind {
        E::Array(elements) => {
            spans.push(php.bare().span);
            for element in elements.iter().filter(|element| element.spread) {
                element.value.iter().for_each(|value| arrays_of(value, spans));
            }
        }
        E::Binary { operator: Binary::Add | Binary::Coalesce, left, right } => {
            arrays_of(left, spans);
            arrays_of(right, spans);
        }
        E::Ternary { then, otherwise, .. } => {
            then.iter().for_each(|then| arrays_of(then, spans));
            arrays_of(otherwise, spans);
        }
        E::Call { callee: Callee::Named(name), arguments } => {
            if matches!(name.trim_start_matches('\\'), "array_merge" | "array_replace" | "array_filter") {
                arguments.iter().for_each(|argument| arrays_of(&argument.value, spans));
            }
        }
        _ => {}
    }
}

/// What PHP has to write for APIv2 alone: `'serial' => 'nop'`, `'privateKey' => 'any'`, `'certs' => ['any' => null]`.
fn is_placeholder(key: &str, value: &Php) -> bool {
    let is_null = |php: &Php| matches!(&php.bare().kind, E::Constant(name) if name.eq_ignore_ascii_case("null"));
    let is_word = |php: &Php| matches!(&php.bare().kind, E::Text(text) if matches!(text.as_str(), "nop" | "any" | ""));
    match key {
        "serial" | "privateKey" => is_null(value) || is_word(value),
        "certs" => match &value.bare().kind {
            E::Array(elements) => {
                !elements.is_empty() && elements.iter().all(|element| element.value.as_ref().is_some_and(is_null))
            }
            _ => false,
        },
        _ => false,
    }
}

/// What to do in place of an option of Guzzle that there is none for.
fn instead_of_option(key: &str) -> Option<&'static str> {
    Some(match key {
        "handler" => {
            "there is no stack of handlers; for retries there is `retries`, for logs `Builder::observe`, for other signatures \
             `signer` and `verifier` of `Credentials`"
        }
        "on_stats" | "on_headers" | "progress" => "to see each call and how long it took, use `Builder::observe`",
        "cert" | "ssl_key" => "the certificate of the merchant is the setting `merchant`",
        "auth" => "requests are signed; there is no other authorization",
        "cookies" => "the platform has no cookies",
        "stream" => "to keep an answer in a file use the option `sink`, or `sink_to` of `Options`",
        "delay" => "wait before the call, with std::thread::sleep",
        "synchronous" | "curl" | "stream_context" | "version" | "force_ip_resolve" | "decode_content"
        | "idn_conversion" => "the crate decides that itself; leave it out",
        _ => return None,
    })
}
