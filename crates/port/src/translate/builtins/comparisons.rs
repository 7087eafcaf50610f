//! Comparisons of what PHP's functions give that Rust has a word for.

use crate::php::tree::{Binary, Callee, Expression as Php, ExpressionKind as E};
use crate::rust::build::{binary, call, method};
use crate::rust::shapes::negated;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// `strpos($a, $b) !== false`, `strpos($a, $b) === 0`, `strcmp($a, $b) === 0`.
    pub(in crate::translate) fn known_comparison(
        &mut self,
        operator: Binary,
        left: &Php,
        right: &Php,
    ) -> Result<Option<Typed>> {
        let (positive, exact) = match operator {
            Binary::Identical => (true, true),
            Binary::NotIdentical => (false, true),
            Binary::Equal => (true, false),
            Binary::NotEqual => (false, false),
            _ => return Ok(None),
        };
        let Some((name, one, two)) = self.call_of_two(left) else { return Ok(None) };
        let is_false = matches!(&right.bare().kind, E::Constant(word) if word.eq_ignore_ascii_case("false"));
        let is_zero = matches!(right.bare().kind, E::Integer(0));
        let search = matches!(name.as_str(), "strpos" | "mb_strpos");
        let (method_name, wanted) = match (search, exact) {
            (true, true) if is_false => ("contains", !positive),
            (true, true) if is_zero => ("starts_with", positive),
            (false, _) if is_zero && name == "strcmp" => {
                return self.same_texts(one, two, positive, left.span).map(Some);
            }
            _ => return Ok(None),
        };
        let (haystack, needle) = (self.expression(one)?, self.expression(two)?);
        if haystack.is_unknown() || needle.is_unknown() {
            return Ok(Some(Typed::owned(crate::rust::build::atom("unknown"), Type::Boolean)));
        }
        let found = self.text_has(haystack, method_name, needle, left.span)?;
        Ok(Some(if wanted { found } else { Typed::boolean(negated(found.code)) }))
    }

    fn same_texts(&mut self, one: &Php, two: &Php, wanted: bool, span: Span) -> Result<Typed> {
        let (a, b) = (self.expression(one)?, self.expression(two)?);
        let (a, b) = (self.to_text(a, span)?, self.to_text(b, span)?);
        self.identical(wanted, a, b, span)
    }

    /// A call of one of PHP's functions of two arguments.
    fn call_of_two<'p>(&self, php: &'p Php) -> Option<(String, &'p Php, &'p Php)> {
        let E::Call { callee: Callee::Named(name), arguments } = &php.bare().kind else { return None };
        let [one, two] = arguments.as_slice() else { return None };
        let plain = [one, two].iter().all(|argument| argument.name.is_none() && !argument.spread);
        if !plain || self.program.function(name).is_some() {
            return None;
        }
        Some((self.program.function_name(name), &one.value, &two.value))
    }

    /// `===` of what is false where it is missing.
    pub(in crate::translate) fn identical_or_false(
        &mut self,
        wanted: bool,
        a: Typed,
        b: Typed,
        span: Span,
    ) -> Result<Typed> {
        let (value, other) = if matches!(a.ty, Type::OrFalse(_)) { (a, b) } else { (b, a) };
        let Type::OrFalse(of) = value.ty.clone() else { return Ok(Typed::unknown()) };
        if other.ty == Type::Boolean {
            return Ok(match &other.code {
                crate::rust::tree::Expression::Atom(word) if word == "false" => {
                    Typed::boolean(method(value.code, if wanted { "is_none" } else { "is_some" }, vec![]))
                }
                crate::rust::tree::Expression::Atom(_) => {
                    Typed::boolean(crate::rust::build::atom(if wanted { "false" } else { "true" }))
                }
                _ => {
                    let absent = method(value.code, "is_none", vec![]);
                    let same = binary("&&", absent, crate::rust::build::unary("!", other.operand()));
                    Typed::boolean(if wanted {
                        same
                    } else {
                        negated(crate::rust::tree::Expression::Paren(Box::new(same)))
                    })
                }
            });
        }
        if *of == other.ty && (of.is_copy() || *of == Type::Text) {
            return Ok(Typed::boolean(self.same_optional(if wanted { "==" } else { "!=" }, value, other)));
        }
        let value = self.to_json(value, span)?;
        let other = self.any(other, span)?;
        let path = self.php("identical");
        let same = call(&path, vec![value.code, other]);
        Ok(Typed::boolean(if wanted { same } else { negated(same) }))
    }

    /// What is false where it is missing, as an operand.
    pub(in crate::translate) fn operand_of(&mut self, operator: Binary, value: Typed, span: Span) -> Result<Typed> {
        let Type::OrFalse(of) = &value.ty else { return Ok(value) };
        match operator {
            Binary::Identical | Binary::NotIdentical | Binary::Concat | Binary::And | Binary::Or | Binary::Xor => {
                Ok(value)
            }
            Binary::Equal | Binary::NotEqual => self.to_json(value, span),
            // As a number, false is 0.
            _ if matches!(**of, Type::Integer | Type::Float) => self.or_nothing(value, span),
            _ => self.to_json(value, span),
        }
    }

    /// The value, or what PHP takes false for where the value's type is wanted: 0, or an empty text.
    pub(in crate::translate) fn or_nothing(&mut self, value: Typed, span: Span) -> Result<Typed> {
        let Type::OrFalse(of) = value.ty.clone() else { return Ok(value) };
        // A file that cannot be read: the error says why.
        if let crate::rust::tree::Expression::Method { receiver, name, .. } = &value.code
            && name == "ok"
        {
            let code = self.try_(span, (**receiver).clone())?;
            return Ok(Typed::owned(code, *of));
        }
        if *of == Type::Json {
            return self.to_json(value, span);
        }
        let is_copy = of.is_copy();
        let code = if is_copy { value.operand() } else { value.into_owned() };
        Ok(Typed::owned(method(code, "unwrap_or_default", vec![]), *of))
    }
}
