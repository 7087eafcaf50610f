//! Arrays as they are written: `json!`, or a `Vec` of what is no JSON.

use crate::php::tree::{Cast, ClassName, Element, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, json, macro_call};
use crate::rust::tree::{Entry, Expression, Json, Lead, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::comments::Style;
use crate::translate::facts::Keys;
use crate::translate::keys::keys_of;
use crate::translate::literals::literal_of;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// `[…]` as a value.
    pub(super) fn array(&mut self, elements: &[Element], span: Span) -> Result<Typed> {
        if elements.iter().any(|element| element.spread) {
            return self.spread(elements, span);
        }
        let mut translated = Vec::new();
        for element in elements {
            if !self.leaves_out(element, span) {
                translated.push(self.array_entry(element)?);
            }
        }
        self.put_left_out(&mut translated);
        if let Some(at) = translated.iter().position(|(_, value, _)| value.ty == Type::MediaPart) {
            let (key, body, around) = translated.remove(at);
            return self.upload(key, body, around, translated, span);
        }
        let unknown = translated.iter().any(|(_, value, _)| value.is_unknown());
        if unknown && elements.iter().any(super::sdk::may_be_no_json) {
            return Ok(Typed::unknown());
        }
        if translated.iter().all(|(_, value, _)| value.ty.is_json()) {
            let value = self.json_array(translated, span)?;
            return Ok(self.with_last_comments(value, span));
        }
        if unknown {
            return Ok(Typed::unknown());
        }
        self.object_array(translated, span)
    }

    /// A key and a value, and what stands around them in the source.
    fn array_entry(&mut self, element: &Element) -> Result<(Option<Typed>, Typed, Surroundings)> {
        let mut lead = self.comments.lead(element.span.start, Style::Plain);
        lead.comments.splice(0..0, self.take_left_out());
        if element.by_reference {
            return Err(Cannot::new(element.span, "a reference in an array: write to the array itself"));
        }
        let key = element.key.as_ref().map(|key| self.expression(key)).transpose()?;
        let Some(value) = &element.value else {
            return Err(Cannot::new(element.span, "a gap in an array"));
        };
        let value = self.json_value(value)?;
        let value = if matches!(value.ty, Type::OrFalse(_)) { self.to_json(value, element.span)? } else { value };
        let trailing = self.comments.trailing(element.span.end);
        let own_line = self.begins_line(element.span.start);
        Ok((key, value, Surroundings { lead, trailing, own_line }))
    }

    /// A value in an array or for `json_encode`, where `new stdClass` and `(object) […]` are objects of JSON and nothing more.
    pub(super) fn json_value(&mut self, php: &Php) -> Result<Typed> {
        match &php.bare().kind {
            E::New { class: ClassName::Named(class), arguments }
                if arguments.is_empty() && self.program.class_name(class).eq_ignore_ascii_case("stdClass") =>
            {
                self.import("wechatpay::json");
                Ok(Typed::json(json(Json::Object(vec![]))))
            }
            E::Cast { to: Cast::Object, operand } if matches!(operand.bare().kind, E::Array(_)) => {
                let value = self.expression(operand)?;
                Ok(match value.code {
                    Expression::Json(Json::Array(entries)) if entries.is_empty() => {
                        Typed { code: json(Json::Object(entries)), ..value }
                    }
                    // A list would stay one.
                    Expression::Json(Json::Array(_)) => {
                        return Err(Cannot::new(php.span, "a list as an object: give its elements names"));
                    }
                    code => Typed { code, ..value },
                })
            }
            _ => self.expression(php),
        }
    }

    /// The lines of entries that were left out at the end of an array: they go to its beginning, or before the statement.
    fn put_left_out(&mut self, elements: &mut [(Option<Typed>, Typed, Surroundings)]) {
        let lines = self.take_left_out();
        if lines.is_empty() {
            return;
        }
        match elements.first_mut() {
            Some((_, _, around)) => around.lead.comments.splice(0..0, lines).for_each(drop),
            None => {
                let lead = Lead { comments: lines, ..Lead::default() };
                let statement = Statement { lead, kind: StatementKind::Comments, trailing: None };
                self.scope().before.push(statement);
            }
        }
    }

    /// The comments around an element that cannot stand there in Rust stand before the statement.
    fn show_before(&mut self, around: &Surroundings) {
        let comments: Vec<String> = around.lead.comments.iter().chain(&around.trailing).cloned().collect();
        if !comments.is_empty() {
            let lead = Lead { comments, ..Lead::default() };
            self.scope().before.push(Statement { lead, kind: StatementKind::Comments, trailing: None });
        }
    }

    /// The comments behind the last element.
    fn with_last_comments(&mut self, value: Typed, span: Span) -> Typed {
        let comments = self.comments.lines_before(span.end);
        if comments.is_empty() {
            return value;
        }
        match value.code {
            Expression::Json(Json::Object(mut entries)) => {
                entries.push(Entry::comments(comments));
                Typed { code: json(Json::Object(entries)), ..value }
            }
            Expression::Json(Json::Array(mut entries)) => {
                entries.push(Entry::comments(comments));
                Typed { code: json(Json::Array(entries)), ..value }
            }
            code => Typed { code, ..value },
        }
    }

    /// Options with the stream of a `MediaUtil` as their body.
    fn upload(
        &mut self,
        key: Option<Typed>,
        body: Typed,
        around: Surroundings,
        rest: Vec<(Option<Typed>, Typed, Surroundings)>,
        span: Span,
    ) -> Result<Typed> {
        if key.as_ref().and_then(Typed::literal) != Some("body") {
            return Err(Cannot::new(span, "a file to upload goes into the option `body`"));
        }
        let comments: Vec<String> = around.lead.comments.into_iter().chain(around.trailing).collect();
        if !comments.is_empty() {
            let lead = Lead { comments, ..Lead::default() };
            self.scope().before.push(Statement { lead, kind: StatementKind::Comments, trailing: None });
        }
        // Headers of which nothing is left.
        let is_empty = |value: &Typed| matches!(&value.code, Expression::Json(Json::Object(entries) | Json::Array(entries)) if entries.is_empty());
        let rest = rest
            .into_iter()
            .filter(|(key, value, _)| key.as_ref().and_then(Typed::literal) != Some("headers") || !is_empty(value));
        let rest = self.json_array(rest.collect(), span)?;
        Ok(self.options_with_body(rest, body))
    }

    /// Whether nothing but blanks stands before that on its line.
    fn begins_line(&self, at: usize) -> bool {
        let before = self.source.text().get(..at).unwrap_or_default();
        before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty() && before.contains('\n'))
    }

    fn json_array(&mut self, elements: Vec<(Option<Typed>, Typed, Surroundings)>, span: Span) -> Result<Typed> {
        self.import("wechatpay::json");
        let has_keys = elements.iter().any(|(key, ..)| key.is_some()) && !is_list(&elements);
        let mut entries = Vec::new();
        let mut next = NextKey::default();
        for (key, value, around) in elements {
            let key = match (has_keys, key) {
                (false, _) => None,
                (true, Some(key)) => {
                    next.follow(&key);
                    Some(self.json_key(key, span)?)
                }
                (true, None) => match next.take() {
                    Some(number) => Some(Expression::Text(number.to_string())),
                    None => {
                        return Err(Cannot::new(
                            span,
                            "an element without a key behind one whose key is computed: write its key",
                        ));
                    }
                },
            };
            let value = Json::from(value);
            let Surroundings { lead, trailing, own_line } = around;
            entries.push(Entry { lead: Lead { origin: None, ..lead }, key, value, trailing, own_line });
        }
        let size = entries.len();
        if size > 64 {
            self.deep_json = true;
        }
        let value = if has_keys { Json::Object(entries) } else { Json::Array(entries) };
        Ok(Typed::json(json(value)))
    }

    /// A key as `json!` takes it.
    fn json_key(&mut self, key: Typed, span: Span) -> Result<Expression> {
        Ok(match (&key.code, &key.ty) {
            (Expression::Text(_), _) => key.code,
            (_, Type::Text) => key.operand(),
            (_, Type::Float) => {
                let whole = self.to_integer(key, span)?;
                self.to_text(whole, span)?.code
            }
            (Expression::Atom(word), Type::Boolean) if word == "true" => Expression::Text("1".to_owned()),
            (Expression::Atom(word), Type::Boolean) if word == "false" => Expression::Text("0".to_owned()),
            (_, Type::Boolean) => {
                let number = self.to_integer(key, span)?;
                self.to_text(number, span)?.code
            }
            (Expression::Atom(number), Type::Integer) if number.parse::<i64>().is_ok() => {
                Expression::Text(number.clone())
            }
            (_, Type::Integer | Type::Json | Type::Unknown | Type::Null) => {
                let key = self.to_text(key, span)?;
                key.operand()
            }
            (_, Type::Optional(of)) if of.is_json() => self.to_text(key, span)?.code,
            (_, ty) => return Err(Cannot::new(span, format!("{ty} is no key of an array"))),
        })
    }

    /// An array of what is no JSON: a list of one type, a map by name, or a fixed number of several types.
    fn object_array(&mut self, elements: Vec<(Option<Typed>, Typed, Surroundings)>, span: Span) -> Result<Typed> {
        for (_, _, around) in &elements {
            self.show_before(around);
        }
        let mut of = elements.iter().fold(Type::Unknown, |ty, (_, value, _)| ty.join(&value.ty));
        if of == Type::Conflict {
            let types: Vec<Type> = elements.iter().map(|(_, value, _)| value.ty.clone()).collect();
            of = self.common_interface(&types).unwrap_or(of);
        }
        let has_keys = elements.iter().any(|(key, ..)| key.is_some());
        if elements.iter().any(|(_, value, _)| matches!(value.ty, Type::Closure(_))) {
            return Err(Cannot::new(span, "functions in an array: choose with match over their names"));
        }
        if of == Type::Conflict {
            if has_keys {
                return Err(Cannot::new(
                    span,
                    "an array of values of several types, not all of which are JSON: write a class",
                ));
            }
            let types = elements.iter().map(|(_, value, _)| value.ty.clone()).collect();
            let values = elements.into_iter().map(|(_, value, _)| value.into_owned()).collect();
            return Ok(Typed::owned(Expression::Tuple(values), Type::Tuple(types)));
        }
        let mut values = Vec::new();
        let (keys, elements): (Vec<_>, Vec<_>) = elements.into_iter().map(|(key, value, _)| (key, value)).unzip();
        for (key, value) in keys.into_iter().zip(self.dyn_elements(elements, &of, span)?) {
            values.push(match key {
                None if has_keys => {
                    return Err(Cannot::new(span, "some elements of this array have keys, and some have none"));
                }
                None => value,
                Some(key) => {
                    let key = self.to_text(key, span)?.into_owned();
                    Expression::Tuple(vec![key, value])
                }
            });
        }
        if has_keys {
            self.import("std::collections::BTreeMap");
            let code = crate::rust::build::call("BTreeMap::from", vec![Expression::Array(values)]);
            return Ok(Typed::owned(code, Type::Map(Box::new(of))));
        }
        Ok(Typed::owned(macro_call("vec", values), Type::list(of)))
    }

    /// `[...$a, 'b' => 1, ...$c]`: each part is merged into those before.
    fn spread(&mut self, elements: &[Element], span: Span) -> Result<Typed> {
        let mut parts: Vec<Typed> = Vec::new();
        let mut plain: Vec<(Option<Typed>, Typed, Surroundings)> = Vec::new();
        for element in elements {
            if !element.spread {
                plain.push(self.array_entry(element)?);
                continue;
            }
            if !plain.is_empty() {
                let array = self.json_array(std::mem::take(&mut plain), span)?;
                parts.push(array);
            }
            let Some(value) = &element.value else { continue };
            let value = self.expression(value)?;
            parts.push(self.to_json(value, element.span)?);
        }
        if !plain.is_empty() {
            let array = self.json_array(plain, span)?;
            parts.push(array);
        }
        let mut parts = parts.into_iter();
        let Some(mut whole) = parts.next() else {
            return self.json_array(Vec::new(), span);
        };
        let rest: Vec<Typed> = parts.collect();
        // With numbers among the keys, PHP numbers anew.
        let named = |value: &Typed| keys_of(&value.code) == Keys::Texts;
        if !rest.iter().chain([&whole]).any(named) {
            let all = std::iter::once(whole).chain(rest).map(argument_reference).collect();
            let path = self.php("array_merge");
            let list = crate::rust::build::reference(Expression::Array(all));
            return Ok(Typed::json(self.try_(span, crate::rust::build::call(&path, vec![list]))?));
        }
        for part in rest {
            whole = self.merged("merge", whole, part, span)?;
        }
        Ok(whole)
    }

    /// `union(a, b)?` or `merge(a, b)?`
    pub(super) fn merged(&mut self, name: &str, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        self.import(&format!("wechatpay::{name}"));
        self.wants_owned(&a);
        self.wants_owned(&b);
        let (a, b) = (self.to_json(a, span)?, self.to_json(b, span)?);
        let call = crate::rust::build::call(name, vec![a.into_owned(), b.into_owned()]);
        Ok(Typed::json(self.try_(span, call)?))
    }

    /// `$a + $b` of arrays.
    pub(super) fn union(&mut self, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        self.merged("union", a, b, span)
    }

    /// Whether an expression is an array as far as can be seen: then `+` unites.
    pub(super) fn is_array_expression(&self, php: &Php) -> bool {
        match &php.bare().kind {
            E::Array(_) => true,
            E::Binary { operator: crate::php::tree::Binary::Add, left, right } => {
                self.is_array_expression(left) || self.is_array_expression(right)
            }
            _ => false,
        }
    }

    /// Whether `+` puts two arrays together: one of them is written there, or they are a configuration.
    pub(super) fn unites(&self, left: &Php, right: &Php) -> bool {
        self.is_configuring() || self.is_array_expression(left) || self.is_array_expression(right)
    }

    /// An empty array that keys are written to.
    pub(super) fn empty_object(&mut self) -> Typed {
        self.import("wechatpay::json");
        Typed::json(json(Json::Array(Vec::new())))
    }

    pub(super) fn null_value(&mut self) -> Expression {
        self.import("wechatpay::Value");
        atom("Value::Null")
    }
}

/// What stands around an element in the source.
struct Surroundings {
    lead: Lead,
    trailing: Option<String>,
    own_line: bool,
}

impl From<Typed> for Json {
    /// An object or array in another is part of it.
    fn from(value: Typed) -> Json {
        match value.code {
            Expression::Json(json) => json,
            _ if value.ty == Type::Null => Json::Value(Box::new(atom("null"))),
            code => Json::Value(Box::new(super::sdk::read_only(code))),
        }
    }
}

/// Whether the keys are those that a list has: 0, 1, 2, …
fn is_list(elements: &[(Option<Typed>, Typed, Surroundings)]) -> bool {
    elements.iter().enumerate().all(|(at, (key, ..))| match key {
        None => true,
        Some(key) => key_number(key) == Some(i64::try_from(at).unwrap_or_default()),
    })
}

/// The key that PHP gives to the next element without one: it goes on from the largest number so far.
#[derive(Debug, Default)]
struct NextKey {
    largest: Option<i64>,
    is_unknown: bool,
}

impl NextKey {
    fn follow(&mut self, key: &Typed) {
        match key_number(key) {
            Some(number) => self.largest = self.largest.max(Some(number)),
            None => self.is_unknown |= key.literal().is_none() && key.ty != Type::Null,
        }
    }

    fn take(&mut self) -> Option<i64> {
        let next = self.largest.map_or(0, |largest| largest.saturating_add(1));
        self.largest = Some(next);
        // PHP 8.2 goes on from 0 behind negative numbers, later ones do not.
        (!self.is_unknown && next >= 0).then_some(next)
    }
}

/// The number that PHP makes of a key in the source; none of texts that are no integers.
fn key_number(key: &Typed) -> Option<i64> {
    if let Some(literal) = key.literal() {
        return literal.parse().ok().filter(|number: &i64| number.to_string() == literal);
    }
    let Expression::Atom(word) = &key.code else {
        return literal_of(&key.code);
    };
    match (&key.ty, word.as_str()) {
        (Type::Integer, _) => literal_of(&key.code),
        (Type::Boolean, "true") => Some(1),
        (Type::Boolean, "false") => Some(0),
        #[expect(clippy::cast_possible_truncation, reason = "as PHP does")]
        (Type::Float, number) => number.parse::<f64>().ok().map(|number| number as i64),
        _ => None,
    }
}

/// `&value`, of whatever is one.
fn argument_reference(value: Typed) -> Expression {
    value.borrowed()
}
