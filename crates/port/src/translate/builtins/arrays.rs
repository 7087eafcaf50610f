//! Functions of arrays for which Rust's own lists have a method, or which PHP has for several kinds of arguments.

use crate::php::tree::{Element, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call, method};
use crate::rust::tree::Expression;
use crate::translate::Translator;
use crate::translate::builtins::{Attempt, Call};
use crate::translate::cannot::Result;
use crate::translate::literals::is_no_number;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    pub(super) fn array_function(&mut self, of: &Call<'_>, values: Vec<Typed>) -> Attempt {
        let span = of.span;
        let found = match (of.name, values.as_slice()) {
            ("count" | "sizeof", [value]) => self.length(value.clone(), span)?,
            ("count" | "sizeof", [value, _]) if is_recursive(of.argument(1)?) => {
                let value = self.any(value.clone(), span)?;
                let path = self.php("count_recursive");
                Typed::integer(self.try_(span, call(&path, vec![value]))?)
            }
            ("in_array", [needle, _, ..]) => match self.one_of(of, needle)? {
                Some(found) => found,
                None => return Ok(Err(values)),
            },
            ("array_key_exists" | "key_exists", [key, array]) => {
                let array = self.to_json(array.clone(), span)?;
                let key = self.any(key.clone(), span)?;
                let path = self.php("has");
                Typed::boolean(call(&path, vec![array.borrowed(), key]))
            }
            ("implode" | "join", [pieces]) => self.joined(Typed::text(""), pieces.clone(), of)?,
            ("implode" | "join", [a, b]) => match (&a.ty, &b.ty) {
                // PHP before 8 took them the other way round, too.
                (Type::Text, _) => self.joined(a.clone(), b.clone(), of)?,
                (_, Type::Text) => self.joined(b.clone(), a.clone(), of)?,
                _ => self.joined(a.clone(), b.clone(), of)?,
            },
            ("current" | "key", [_]) if self.moves_pointers() => return Ok(Err(values)),
            ("reset" | "current" | "end" | "key", [array]) => {
                let name = match of.name {
                    "key" => "array_key_first",
                    "end" => "end",
                    _ => "reset",
                };
                let array = self.any(array.clone(), span)?;
                self.fallible_php(name, vec![array], of)?
            }
            ("array_merge", [_]) => {
                let Some(one) = values.into_iter().next() else { return Err(of.cannot("of nothing")) };
                let one = self.any(one, span)?;
                let slice = crate::rust::build::reference(Expression::Array(vec![one]));
                self.fallible_php("array_merge", vec![slice], of)?
            }
            ("array_merge", [_, _]) if of.arguments.iter().all(|php| has_only_names(php)) => {
                let mut values = values.into_iter();
                let (Some(a), Some(b)) = (values.next(), values.next()) else { return Err(of.cannot("of nothing")) };
                self.merged("merge", a, b, span)?
            }
            _ => return self.array_with_choices(of, values),
        };
        Ok(Ok(found))
    }

    /// Functions whose further arguments choose what they do.
    fn array_with_choices(&mut self, of: &Call<'_>, values: Vec<Typed>) -> Attempt {
        let span = of.span;
        let found = match (of.name, values.as_slice()) {
            ("array_keys", [array, value, rest @ ..]) => {
                let strict = match rest {
                    [strict] => self.truth(strict.clone(), span)?,
                    _ => atom("false"),
                };
                let arguments = vec![self.any(array.clone(), span)?, self.any(value.clone(), span)?, strict];
                self.fallible_php("array_keys_of", arguments, of)?
            }
            ("array_unique", [array, _]) => {
                let flag = of.arguments.get(1).map(|php| &php.bare().kind);
                if !matches!(flag, Some(E::Constant(name)) if name.trim_start_matches('\\') == "SORT_STRING") {
                    return Err(of.cannot("with a flag: write a loop"));
                }
                let array = self.any(array.clone(), span)?;
                self.fallible_php("array_unique", vec![array], of)?
            }
            ("array_change_key_case", [array, _]) => {
                let upper = match of.arguments.get(1).map(|php| &php.bare().kind) {
                    Some(E::Constant(name)) => name.trim_start_matches('\\') == "CASE_UPPER",
                    Some(E::Integer(number)) => *number == 1,
                    _ => return Err(of.cannot("name the case by its constant")),
                };
                let array = self.any(array.clone(), span)?;
                self.fallible_php("array_change_key_case", vec![array, atom(if upper { "true" } else { "false" })], of)?
            }
            _ => return Ok(Err(values)),
        };
        Ok(Ok(found))
    }

    /// `name(arguments)?` of `wechatpay::php`, which gives a value.
    fn fallible_php(&mut self, name: &str, arguments: Vec<Expression>, of: &Call<'_>) -> Result<Typed> {
        let path = self.php(name);
        Ok(Typed::json(self.try_(of.span, call(&path, arguments))?))
    }

    fn joined(&mut self, glue: Typed, pieces: Typed, of: &Call<'_>) -> Result<Typed> {
        if let Type::List(element) = &pieces.ty
            && **element == Type::Text
            && glue.ty == Type::Text
        {
            let code = method(pieces.code, "join", vec![glue.borrowed()]);
            return Ok(Typed::owned(code, Type::Text));
        }
        let arguments = vec![self.any(glue, of.span)?, self.any(pieces, of.span)?];
        let path = self.php("implode");
        Ok(Typed::owned(self.try_(of.span, call(&path, arguments))?, Type::Text))
    }

    /// Whether the program moves the pointer that PHP keeps in an array.
    fn moves_pointers(&self) -> bool {
        let text = self.source.text();
        ["next(", "prev(", "each(", "end("].iter().any(|call| {
            text.match_indices(call).any(|(at, _)| {
                let before = text.get(..at).unwrap_or_default();
                !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '>' | ':' | '$'))
            })
        })
    }

    /// `in_array` of texts or numbers that stand in the source: `matches!`.
    fn one_of(&mut self, of: &Call<'_>, needle: &Typed) -> Result<Option<Typed>> {
        let E::Array(elements) = &of.argument(1)?.bare().kind else { return Ok(None) };
        let strict = match of.arguments.get(2).map(|php| &php.bare().kind) {
            Some(E::Constant(name)) => name.trim_start_matches('\\').eq_ignore_ascii_case("true"),
            None => false,
            Some(_) => return Ok(None),
        };
        let patterns: Option<Vec<String>> =
            elements.iter().map(|element| literal(element, &needle.ty, strict)).collect();
        let Some(patterns) = patterns.filter(|patterns| !patterns.is_empty()) else { return Ok(None) };
        let alternatives = patterns.join(" | ");
        let is_text = elements
            .first()
            .and_then(|element| element.value.as_ref())
            .is_some_and(|php| matches!(php.bare().kind, E::Text(_)));
        let (subject, pattern) = match &needle.ty {
            Type::Text => (self.as_subject(needle.clone()), alternatives),
            Type::Integer => (needle.clone().operand(), alternatives),
            Type::Json if strict && is_text => {
                (method(needle.code.clone(), "as_str", vec![]), format!("Some({alternatives})"))
            }
            Type::Json if strict => (method(needle.code.clone(), "as_i64", vec![]), format!("Some({alternatives})")),
            _ => return Ok(None),
        };
        Ok(Some(Typed::boolean(self.matches(subject, &pattern))))
    }
}

/// A literal as a pattern for `matches!`, where that means what PHP's comparison does.
fn literal(element: &Element, needle: &Type, strict: bool) -> Option<String> {
    let value = element.value.as_ref().filter(|_| !element.spread)?;
    match (&value.bare().kind, needle) {
        (E::Text(text), Type::Text | Type::Json) if strict || is_no_number(text) => Some(format!("{text:?}")),
        (E::Integer(number), Type::Integer | Type::Json) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether all keys of an array are names, as far as can be seen: then it is merged as an object.
fn has_only_names(php: &Php) -> bool {
    match &php.bare().kind {
        E::Array(elements) => {
            !elements.is_empty()
                && elements.iter().all(|element| {
                    matches!(element.key.as_ref().map(|key| &key.bare().kind), Some(E::Text(name)) if is_no_number(name))
                })
        }
        E::Call { callee: crate::php::tree::Callee::Named(name), .. } => name.eq_ignore_ascii_case("compact"),
        _ => false,
    }
}

/// Whether `count` counts on in the arrays inside.
fn is_recursive(mode: &Php) -> bool {
    match &mode.bare().kind {
        E::Constant(name) => name.trim_start_matches('\\') == "COUNT_RECURSIVE",
        E::Integer(mode) => *mode == 1,
        _ => false,
    }
}
