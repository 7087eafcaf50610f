//! Comparisons: `===`, `==`, `<`, `<=>`.
use crate::php::tree::Binary;
use crate::rust::build::{atom, binary, call, method, unary};
use crate::rust::shapes::negated;
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::literals::is_no_number;
use crate::translate::operators::as_float;
use crate::translate::types::Type;
use crate::translate::value::argument;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// `===` and `!==`.
    pub(super) fn identical(&mut self, wanted: bool, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        if a.ty == Type::Boolean || b.ty == Type::Boolean {
            self.learn_doubted(&a);
            self.learn_doubted(&b);
        }
        let sign = if wanted { "==" } else { "!=" };
        let with = |is: Expression| Typed::boolean(if wanted { is } else { negated(is) });
        match (&a.ty, &b.ty) {
            (Type::OrFalse(_), _) | (_, Type::OrFalse(_)) => self.identical_or_false(wanted, a, b, span),
            (_, Type::Null) => {
                let is = self.is_null(a);
                Ok(with(is))
            }
            (Type::Null, _) => {
                let is = self.is_null(b);
                Ok(with(is))
            }
            (Type::Boolean, Type::Boolean) => Ok(Typed::boolean(compared_with_boolean(wanted, a, b))),
            (x, y) if x == y && (x.is_copy() || *x == Type::Text) => Ok(Typed::boolean(self.same(sign, a, b))),
            (Type::Optional(x), y) | (y, Type::Optional(x)) if **x == *y && (y.is_copy() || *y == Type::Text) => {
                Ok(Typed::boolean(self.same_optional(sign, a, b)))
            }
            (Type::Optional(x), Type::Optional(y)) if x == y => Ok(Typed::boolean(binary(sign, a.code, b.code))),
            // serde_json compares a value with what JSON has of scalars.
            (Type::Json, Type::Text | Type::Boolean | Type::Integer) => Ok(Typed::boolean(self.same(sign, a, b))),
            (Type::Text | Type::Boolean | Type::Integer, Type::Json) => Ok(Typed::boolean(self.same(sign, b, a))),
            (x, y) if x.is_json() && y.is_json() => {
                if disjoint(x, y) {
                    self.note(span, "the two have different types, so this is never identical");
                    return Ok(Typed::boolean(atom(if wanted { "false" } else { "true" })));
                }
                let path = self.php("identical");
                Ok(with(call(&path, vec![argument(a), argument(b)])))
            }
            (x, y) => Err(Cannot::new(span, format!("{x} and {y} cannot be compared: compare what identifies them"))),
        }
    }

    /// `a == b` of two whose types are the same, but for references.
    pub(super) fn same(&mut self, sign: &'static str, a: Typed, b: Typed) -> Expression {
        if a.ty == Type::Text && b.literal() == Some("") {
            let is_empty = method(a.code, "is_empty", vec![]);
            return if sign == "==" { is_empty } else { negated(is_empty) };
        }
        let is_reference = |value: &Typed| value.form == Form::Reference && value.literal().is_none();
        let (a_ref, b_ref) = (is_reference(&a), is_reference(&b));
        let dereferenced = |value: Typed| {
            if value.form == Form::Reference && value.literal().is_none() { unary("*", value.code) } else { value.code }
        };
        match (&a.ty, &b.ty) {
            _ if a.ty.is_copy() && b.ty.is_copy() => {
                crate::translate::sdk::status::compared(sign, a.operand(), b.operand())
            }
            (Type::Json, _) if b.ty.is_copy() => binary(sign, dereferenced(a), b.operand()),
            // `Value` and `String` compare with `str` and `&str`; two references compare as what they refer to.
            (Type::Json, _) if a_ref && b_ref => binary(sign, a.code, b.code),
            (Type::Json, _) if a_ref => binary(sign, unary("*", a.code), b.code),
            (Type::Text, _) if a_ref && b_ref => binary(sign, a.code, b.code),
            (Type::Text, _) if a_ref && b.literal().is_none() => binary(sign, a.code, b.code),
            _ => binary(sign, a.code, b.code),
        }
    }

    /// An `Option` and a value of the same type.
    pub(super) fn same_optional(&mut self, sign: &'static str, a: Typed, b: Typed) -> Expression {
        let (optional, value, swapped) =
            if matches!(a.ty, Type::Optional(_) | Type::OrFalse(_)) { (a, b, false) } else { (b, a, true) };
        let left = match (&value.ty, optional.form) {
            (Type::Text, Form::Reference) => optional.code,
            (Type::Text, _) => method(optional.code, "as_deref", vec![]),
            _ => optional.code,
        };
        let right = match value.ty {
            Type::Text => self.as_str(value),
            _ => value.operand(),
        };
        let right = crate::rust::build::some(right);
        if swapped { binary(sign, right, left) } else { binary(sign, left, right) }
    }

    /// `==` and `!=`: PHP converts before it compares.
    pub(super) fn equal(&mut self, wanted: bool, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        let sign = if wanted { "==" } else { "!=" };
        let same_kind = match (&a.ty, &b.ty) {
            (Type::Integer, Type::Integer) | (Type::Boolean, Type::Boolean) | (Type::Enum(_), Type::Enum(_)) => true,
            // Two texts are compared as numbers when both look like numbers: not so when one is a literal that does not.
            (Type::Text, Type::Text) => [&a, &b].iter().any(|value| value.literal().is_some_and(is_no_number)),
            (Type::Float, Type::Float) => true,
            _ => false,
        };
        if same_kind {
            return self.identical(wanted, a, b, span);
        }
        // A value of JSON and a text that is no number: equal if they are the same, unless the value is no text.
        match (&a.ty, &b.ty) {
            (Type::Integer, Type::Float) | (Type::Float, Type::Integer) => {
                let (a, b) = (self.to_float(a, span)?, self.to_float(b, span)?);
                return Ok(Typed::boolean(binary(sign, as_float(a.operand()), as_float(b.operand()))));
            }
            (Type::Boolean, _) => {
                let b = self.truth(b, span)?;
                return Ok(Typed::boolean(compared_with_boolean(wanted, a, Typed::boolean(b))));
            }
            (_, Type::Boolean) => {
                let a = self.truth(a, span)?;
                return Ok(Typed::boolean(compared_with_boolean(wanted, Typed::boolean(a), b)));
            }
            (x, y) if x.is_json() && y.is_json() => {}
            (x, Type::Null) | (Type::Null, x) if !matches!(x, Type::Conflict | Type::Tuple(_)) => {
                return self.identical(wanted, a, b, span);
            }
            (x, y) => {
                return Err(Cannot::new(span, format!("{x} and {y} cannot be compared: compare what identifies them")));
            }
        }
        let path = self.php("equals");
        let equals = call(&path, vec![argument(a), argument(b)]);
        Ok(Typed::boolean(if wanted { equals } else { negated(equals) }))
    }

    pub(super) fn less(&mut self, operator: Binary, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        let (sign, is) = match operator {
            Binary::Less => ("<", "is_lt"),
            Binary::LessOrEqual => ("<=", "is_le"),
            Binary::Greater => (">", "is_gt"),
            _ => (">=", "is_ge"),
        };
        match (&a.ty, &b.ty) {
            (Type::Integer, Type::Integer) | (Type::Float, Type::Float) => {
                Ok(Typed::boolean(crate::translate::sdk::status::compared(sign, a.operand(), b.operand())))
            }
            (Type::Integer, Type::Float) | (Type::Float, Type::Integer) => {
                let (a, b) = (self.to_float(a, span)?, self.to_float(b, span)?);
                Ok(Typed::boolean(binary(sign, as_float(a.operand()), as_float(b.operand()))))
            }
            (x, y) if x.is_json() && y.is_json() => {
                let path = self.php("compare");
                let order = call(&path, vec![argument(a), argument(b)]);
                Ok(Typed::boolean(method(order, is, vec![])))
            }
            (x, y) => Err(Cannot::new(span, format!("{x} and {y} have no order"))),
        }
    }

    pub(super) fn spaceship(&mut self, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        let order = match (&a.ty, &b.ty) {
            (Type::Integer, Type::Integer) => {
                method(a.operand(), "cmp", vec![crate::rust::build::reference(b.operand())])
            }
            (x, y) if x.is_json() && y.is_json() => {
                let path = self.php("compare");
                call(&path, vec![argument(a), argument(b)])
            }
            (x, y) => return Err(Cannot::new(span, format!("{x} and {y} have no order"))),
        };
        Ok(Typed::integer(Expression::Cast { operand: Box::new(order), ty: "i64".to_owned() }))
    }
}

/// `a`, `!a`, or `a == b` for a comparison with a boolean.
pub fn compared_with_boolean(wanted: bool, a: Typed, b: Typed) -> Expression {
    let is = |value: &Typed, word: &str| matches!(&value.code, Expression::Atom(text) if text == word);
    let (value, constant) = if is(&a, "true") || is(&a, "false") { (b, a) } else { (a, b) };
    if is(&constant, "true") || is(&constant, "false") {
        let positive = is(&constant, "true") == wanted;
        return if positive { value.operand() } else { negated(value.operand()) };
    }
    binary(if wanted { "==" } else { "!=" }, value.operand(), constant.operand())
}

/// Whether no value has both types.
pub fn disjoint(a: &Type, b: &Type) -> bool {
    let is_plain = |ty: &Type| matches!(ty, Type::Boolean | Type::Integer | Type::Float | Type::Text | Type::List(_));
    is_plain(a) && is_plain(b) && std::mem::discriminant(a) != std::mem::discriminant(b)
}
