//! Functions of texts for which Rust's own texts have a method.

use crate::php::tree::{Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call, method};
use crate::rust::tree::{Block, Expression};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::builtins::{Attempt, Call, flag_names};
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::argument;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    pub(super) fn text_function(&mut self, call_: &Call<'_>, values: Vec<Typed>) -> Attempt {
        if let Some(found) = self.trimmed(call_, &values)? {
            return Ok(Ok(found));
        }
        if let Some(found) = self.searched(call_, &values)? {
            return Ok(Ok(found));
        }
        let span = call_.span;
        let plain = values.first().is_some_and(|value| value.ty == Type::Text);
        let found = match (call_.name, values.as_slice()) {
            ("strlen", [_]) if plain => as_integer(method(text(&values[0]), "len", vec![])),
            ("mb_strlen", [_]) if plain => {
                let characters = method(text(&values[0]), "chars", vec![]);
                as_integer(method(characters, "count", vec![]))
            }
            ("strtoupper", [value]) => self.method_of_text(value, "to_ascii_uppercase", vec![], span)?,
            ("strtolower", [value]) => self.method_of_text(value, "to_ascii_lowercase", vec![], span)?,
            ("mb_strtoupper", [value] | [value, _]) => self.method_of_text(value, "to_uppercase", vec![], span)?,
            ("mb_strtolower", [value] | [value, _]) => self.method_of_text(value, "to_lowercase", vec![], span)?,
            ("str_repeat", [value, times]) => {
                let times = self.count_of(times.clone(), span)?;
                self.method_of_text(value, "repeat", vec![times], span)?
            }
            ("str_replace", [search, by, subject])
                if subject.ty == Type::Text
                    && by.ty == Type::Text
                    && search.literal().is_some_and(|search| !search.is_empty()) =>
            {
                let arguments = vec![search.code.clone(), by.clone().borrowed()];
                self.method_of_text(subject, "replace", arguments, span)?
            }
            ("mb_substr", [value, start, rest @ ..]) if plain => match characters(value, start, rest) {
                Some(code) => Typed::owned(code, Type::Text),
                None => return Ok(Err(values)),
            },
            ("md5" | "sha1", [_, _]) | ("hash", [_, _, _]) | ("hash_hmac", [_, _, _, _]) if !matches!(values.last().map(|value| &value.code), Some(Expression::Atom(word)) if word == "false") =>
            {
                return Err(call_.cannot("as bytes: texts are no bytes here; use php::hash_bytes"));
            }
            ("md5", [value]) => {
                self.import("wechatpay::Hash");
                let bytes = self.to_text(value.clone(), span)?.borrowed();
                let none = Expression::Text(String::new());
                Typed::owned(call("Hash::md5", vec![bytes, none, atom("false")]), Type::Text)
            }
            ("hash_equals", [known, given]) => {
                self.import("wechatpay::Hash");
                let (known, given) = (self.to_text(known.clone(), span)?, self.to_text(given.clone(), span)?);
                let given = crate::rust::build::some(self.as_str(given));
                Typed::boolean(call("Hash::equals", vec![known.borrowed(), given]))
            }
            _ => return self.text_with_choices(call_, values),
        };
        Ok(Ok(found))
    }

    /// Functions of `wechatpay::php` that PHP has under one name.
    fn text_with_choices(&mut self, of: &Call<'_>, values: Vec<Typed>) -> Attempt {
        let gives_false = |ty: Type| Type::OrFalse(Box::new(ty));
        let (name, ty, fails) = match (of.name, values.as_slice()) {
            ("strpos", [_, _, _]) => ("strpos_from", gives_false(Type::Integer), true),
            ("strtr", [_, _]) => ("strtr_pairs", Type::Text, true),
            ("ucwords", [_, _]) => ("ucwords_with", Type::Text, false),
            ("sprintf", [_, ..]) => return self.sprintf(values, of.span).map(Ok),
            ("vsprintf", [_, _]) => return self.vsprintf(values, of).map(Ok),
            ("print_r" | "var_export", [_, _]) => (of.name, Type::Text, false),
            ("str_pad", [_, _, ..]) => return self.padded(of, values).map(Ok),
            ("uniqid", _) => {
                self.import("wechatpay::Formatter");
                self.note(of.span, "uniqid() is the time in PHP, and chance here: letters and digits");
                let code = call("Formatter::nonce", vec![atom("13")]);
                return Ok(Ok(Typed::owned(code, Type::Text)));
            }
            ("http_build_query", [_, _, ..]) => {
                let last = of.arguments.get(3).map(|php| &php.bare().kind);
                let plain = of
                    .arguments
                    .get(1)
                    .is_none_or(|php| matches!(&php.bare().kind, E::Text(text) if text.is_empty()))
                    && of.arguments.get(2).is_none_or(|php| matches!(&php.bare().kind, E::Text(text) if text == "&"));
                let rfc3986 =
                    matches!(last, Some(E::Constant(name)) if name.trim_start_matches('\\') == "PHP_QUERY_RFC3986");
                if !plain {
                    return Err(of.cannot("with a prefix or another separator: implode the pairs"));
                }
                (if rfc3986 { "http_build_query_rfc3986" } else { "http_build_query" }, Type::Text, true)
            }
            ("htmlspecialchars", [_]) => (of.name, Type::Text, false),
            ("htmlspecialchars", [_, _] | [_, _, _]) => {
                if !quotes_both(of.argument(1)?) {
                    return Err(
                        of.cannot("with other flags than ENT_QUOTES, which are the default: write what it does")
                    );
                }
                (of.name, Type::Text, false)
            }
            ("htmlentities", _) => {
                return Err(of.cannot("it has names for letters outside of ASCII, too: use htmlspecialchars"));
            }
            ("basename", [_, _]) => ("basename_without", Type::Text, false),
            _ => return Ok(Err(values)),
        };
        let keep = if of.name.starts_with("ht") || name == of.name { 1 } else { values.len() };
        let mut arguments = Vec::new();
        for (at, value) in values.into_iter().take(keep).enumerate() {
            let is_number = matches!((of.name, at), ("strpos", 2));
            arguments.push(if is_number {
                self.to_integer(value, of.span)?.operand()
            } else {
                self.any(value, of.span)?
            });
        }
        let path = self.php(name);
        let code = call(&path, arguments);
        let code = if fails { self.try_(of.span, code)? } else { code };
        Ok(Ok(Typed::owned(code, ty)))
    }

    /// `value.name(arguments)`, of a text.
    fn method_of_text(&mut self, value: &Typed, name: &str, arguments: Vec<Expression>, span: Span) -> Result<Typed> {
        let value = self.to_text(value.clone(), span)?;
        Ok(Typed::owned(method(value.operand(), name, arguments), Type::Text))
    }

    /// An `i64` as a number of repetitions: a negative one is an error, as in PHP.
    fn count_of(&mut self, value: Typed, span: Span) -> Result<Expression> {
        let value = self.to_integer(value, span)?;
        if is_number(&value.code) {
            return Ok(value.code);
        }
        let converted = call("usize::try_from", vec![value.operand()]);
        self.try_(span, converted)
    }

    /// `trim` and its like.
    fn trimmed(&mut self, of: &Call<'_>, values: &[Typed]) -> Result<Option<Typed>> {
        let (name, characters) = match (of.name, values) {
            ("trim", [_, characters]) => ("trim_matches", characters),
            ("ltrim", [_, characters]) => ("trim_start_matches", characters),
            ("rtrim" | "chop", [_, characters]) => ("trim_end_matches", characters),
            _ => return Ok(None),
        };
        let simple = characters.literal().filter(|set| set.is_ascii() && !set.contains("..") && !set.is_empty());
        let Some(set) = simple.filter(|_| values[0].ty == Type::Text) else {
            let path = self.php(match of.name {
                "trim" => "trim_with",
                "ltrim" => "ltrim_with",
                _ => "rtrim_with",
            });
            let arguments = vec![self.any(values[0].clone(), of.span)?, self.any(characters.clone(), of.span)?];
            let code = self.try_(of.span, call(&path, arguments))?;
            return Ok(Some(Typed::owned(code, Type::Text)));
        };
        let mut set: Vec<Expression> = set.chars().map(|c| atom(format!("{c:?}"))).collect();
        let pattern = if set.len() == 1 { set.remove(0) } else { Expression::Array(set) };
        let is_literal = values[0].literal().is_some();
        let borrows = values[0].form == Form::Reference;
        let code = method(text(&values[0]), name, vec![pattern]);
        if borrows || is_literal {
            return Ok(Some(Typed::reference(code, Type::Text)));
        }
        Ok(Some(Typed::owned(method(code, "to_owned", vec![]), Type::Text)))
    }

    /// Whether a text is in another one.
    fn searched(&mut self, of: &Call<'_>, values: &[Typed]) -> Result<Option<Typed>> {
        let name = match of.name {
            "str_contains" => "contains",
            "str_starts_with" => "starts_with",
            "str_ends_with" => "ends_with",
            _ => return Ok(None),
        };
        let [haystack, needle] = values else { return Err(of.cannot("takes two texts")) };
        self.text_has(haystack.clone(), name, needle.clone(), of.span).map(Some)
    }

    /// `haystack.contains(needle)`
    pub(super) fn text_has(&mut self, haystack: Typed, name: &str, needle: Typed, span: Span) -> Result<Typed> {
        let (haystack, needle) = (self.to_text(haystack, span)?, self.to_text(needle, span)?);
        Ok(Typed::boolean(method(haystack.operand(), name, vec![needle.borrowed()])))
    }

    /// `STR_PAD_LEFT` and its like, or a choice of them.
    fn side(&mut self, php: &Php, of: &Call<'_>) -> Result<Expression> {
        match &php.bare().kind {
            E::Constant(name) => Ok(atom(match name.trim_start_matches('\\') {
                "STR_PAD_RIGHT" => "php::Pad::Right",
                "STR_PAD_LEFT" => "php::Pad::Left",
                "STR_PAD_BOTH" => "php::Pad::Both",
                _ => return Err(of.cannot("name the side by its constant")),
            })),
            E::Ternary { condition, then: Some(then), otherwise } => {
                let condition = self.condition(condition)?;
                let (then, otherwise) = (self.side(then, of)?, self.side(otherwise, of)?);
                Ok(crate::rust::build::if_else(condition, Block::of(then), Block::of(otherwise)))
            }
            _ => Err(of.cannot("name the side by its constant")),
        }
    }

    fn padded(&mut self, of: &Call<'_>, values: Vec<Typed>) -> Result<Typed> {
        let side = match of.arguments.get(3) {
            Some(php) => self.side(php, of)?,
            None => atom("php::Pad::Right"),
        };
        let mut values = values.into_iter();
        let (Some(value), Some(length)) = (values.next(), values.next()) else {
            return Err(of.cannot("an argument is missing"));
        };
        let pad = values.next().unwrap_or_else(|| Typed::text(" "));
        let value = self.any(value, of.span)?;
        let length = self.to_integer(length, of.span)?.operand();
        let path = self.php("str_pad");
        let code = call(&path, vec![value, length, argument(pad), side]);
        Ok(Typed::owned(self.try_(of.span, code)?, Type::Text))
    }
}

/// A text as the receiver of a method.
fn text(value: &Typed) -> Expression {
    value.code.clone()
}

pub fn as_integer(code: Expression) -> Typed {
    Typed::integer(Expression::Cast { operand: Box::new(code), ty: "i64".to_owned() })
}

pub fn is_number(code: &Expression) -> bool {
    matches!(code, Expression::Atom(number) if number.bytes().all(|b| b.is_ascii_digit()))
}

/// `mb_substr` of an offset and a length that are numbers in the source: `text.chars().skip(1).take(2).collect::<String>()`.
fn characters(value: &Typed, start: &Typed, length: &[Typed]) -> Option<Expression> {
    let mut code = method(text(value), "chars", vec![]);
    if !is_number(&start.code) || length.iter().any(|length| !is_number(&length.code) && length.ty != Type::Null) {
        return None;
    }
    if !matches!(&start.code, Expression::Atom(zero) if zero == "0") {
        code = method(code, "skip", vec![start.code.clone()]);
    }
    if let [length] = length
        && length.ty != Type::Null
    {
        code = method(code, "take", vec![length.code.clone()]);
    }
    Some(method(code, "collect::<String>", vec![]))
}

/// Whether the flags of `htmlspecialchars` are those of its default.
fn quotes_both(flags: &Php) -> bool {
    let names = flag_names(flags);
    names.contains(&"ENT_QUOTES")
        && names.iter().all(|name| matches!(*name, "ENT_QUOTES" | "ENT_SUBSTITUTE" | "ENT_HTML401"))
}
