//! Operators: Rust's own where both sides have types for which it means the same, else those of `wechatpay::php`.

use crate::php::tree::{Binary, Expression as Php, ExpressionKind as E, Unary};
use crate::rust::build::{arm, atom, binary, call, method, unary};
use crate::rust::shapes::{contains_try, copies, is_nonzero, is_simple, negated};
use crate::rust::tree::{Block, Expression};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::literals::{is_large, literal_of};
use crate::translate::types::Type;
use crate::translate::value::argument;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    pub(super) fn unary(&mut self, operator: Unary, operand: &Php, span: Span) -> Result<Typed> {
        if operator == Unary::Not {
            let condition = self.condition(operand)?;
            return Ok(Typed::boolean(negated(condition)));
        }
        let value = self.expression(operand)?;
        match (operator, &value.ty) {
            (_, Type::Unknown) => Ok(Typed::unknown()),
            (Unary::Minus, Type::Integer) if matches!(&value.code, Expression::Atom(text) if text.contains("i64::M")) => {
                self.php_arithmetic("multiply", value, Typed::integer(atom("-1")), span)
            }
            (Unary::Minus, Type::Integer | Type::Float) => {
                let ty = value.ty.clone();
                Ok(Typed::owned(unary("-", value.operand()), ty))
            }
            (Unary::Plus, Type::Integer | Type::Float) => Ok(value),
            (Unary::BitNot, Type::Integer) => Ok(Typed::integer(unary("!", value.operand()))),
            (Unary::Minus, ty) if ty.is_json() => {
                self.php_arithmetic("multiply", value, Typed::integer(atom("-1")), span)
            }
            (Unary::Plus, ty) if ty.is_json() => {
                self.php_arithmetic("multiply", value, Typed::integer(atom("1")), span)
            }
            (_, ty) => Err(Cannot::new(span, format!("{ty} is no number: convert it first"))),
        }
    }

    pub(super) fn binary(&mut self, operator: Binary, left: &Php, right: &Php, span: Span) -> Result<Typed> {
        match operator {
            Binary::And | Binary::Or => self.logical(operator, left, right),
            Binary::Coalesce => self.coalesce(left, right, span),
            Binary::Concat => self.concat(left, right, span),
            Binary::Add if self.unites(left, right) => {
                let (a, b) = (self.expression(left)?, self.expression(right)?);
                if a.is_unknown() || b.is_unknown() {
                    return Ok(Typed::owned(atom("unknown"), Type::Json));
                }
                if is_scalar(&a.ty) || is_scalar(&b.ty) {
                    // A `TypeError`.
                    return self.php_arithmetic("add", a, b, span);
                }
                self.union(a, b, span)
            }
            Binary::Pipe => Err(Cannot::new(span, "the pipe operator: call the function")),
            _ => {
                if let Some(found) = self.settled_comparison(operator, left, right)? {
                    return Ok(found);
                }
                if let Some(found) = self.comparison_of_environment(operator, left, right)? {
                    return Ok(found);
                }
                if let Some(found) = self.known_comparison(operator, left, right)? {
                    return Ok(found);
                }
                let (a, b) = (self.expression(left)?, self.expression(right)?);
                if a.is_unknown() || b.is_unknown() {
                    let ty = match operator {
                        Binary::Add
                        | Binary::Subtract
                        | Binary::Multiply
                        | Binary::Divide
                        | Binary::Remainder
                        | Binary::Power => Type::Unknown,
                        Binary::Compare | Binary::BitAnd | Binary::BitOr | Binary::BitXor => Type::Integer,
                        Binary::ShiftLeft | Binary::ShiftRight => Type::Integer,
                        _ => Type::Boolean,
                    };
                    return Ok(Typed::owned(atom("unknown"), ty));
                }
                self.operate(operator, a, b, span)
            }
        }
    }

    /// An operator whose sides are both evaluated.
    pub(super) fn operate(&mut self, operator: Binary, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        let (a, b) = (self.operand_of(operator, a, span)?, self.operand_of(operator, b, span)?);
        match operator {
            Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder | Binary::Power => {
                self.arithmetic(operator, a, b, span)
            }
            Binary::BitAnd | Binary::BitOr | Binary::BitXor | Binary::ShiftLeft | Binary::ShiftRight => {
                self.bits(operator, a, b, span)
            }
            Binary::Identical | Binary::NotIdentical => self.identical(operator == Binary::Identical, a, b, span),
            Binary::Equal | Binary::NotEqual => self.equal(operator == Binary::Equal, a, b, span),
            Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
                self.less(operator, a, b, span)
            }
            Binary::Compare => self.spaceship(a, b, span),
            Binary::Xor => {
                let (a, b) = (self.truth(a, span)?, self.truth(b, span)?);
                Ok(Typed::boolean(binary("!=", a, b)))
            }
            Binary::Concat => {
                let (a, b) = (self.shown(a, span)?, self.shown(b, span)?);
                Ok(self.format(vec![a, b]))
            }
            Binary::And | Binary::Or | Binary::Coalesce | Binary::Pipe => {
                Err(Cannot::new(span, "an assignment with this operator: write it out"))
            }
        }
    }

    pub(super) fn logical(&mut self, operator: Binary, left: &Php, right: &Php) -> Result<Typed> {
        if operator == Binary::And
            && let Some(asked) = self.answer_and(left, right)?
        {
            return Ok(asked);
        }
        let a = self.condition(left)?;
        let b = self.at_times(|translator| translator.condition(right).map(Typed::boolean))?;
        let decides_nothing = if operator == Binary::And { "true" } else { "false" };
        if matches!(&a, Expression::Atom(word) if word == decides_nothing) {
            return Ok(b);
        }
        Ok(Typed::boolean(binary(if operator == Binary::And { "&&" } else { "||" }, a, b.code)))
    }

    pub(super) fn arithmetic(&mut self, operator: Binary, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        let sign = match operator {
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::Divide => "/",
            _ => "%",
        };
        match (&a.ty, &b.ty) {
            (Type::Integer, Type::Integer)
                if !matches!(operator, Binary::Divide | Binary::Power | Binary::Remainder) =>
            {
                if self.may_overflow(&a, &b, operator) {
                    return self.php_arithmetic(name_of(operator), a, b, span);
                }
                self.learn_computed(&a);
                self.learn_computed(&b);
                Ok(Typed::integer(binary(sign, wide(a.operand(), &b.code, operator), b.operand())))
            }
            (Type::Integer, Type::Integer) if operator == Binary::Remainder && is_nonzero(&b.code) => {
                Ok(Typed::integer(binary("%", a.operand(), b.operand())))
            }
            (Type::Integer | Type::Float, Type::Integer | Type::Float)
                if (a.ty == Type::Float || b.ty == Type::Float)
                    && (matches!(operator, Binary::Add | Binary::Subtract | Binary::Multiply)
                        || (operator == Binary::Divide && is_nonzero(&b.code))) =>
            {
                let (a, b) = (self.to_float(a, span)?, self.to_float(b, span)?);
                Ok(Typed::owned(binary(sign, as_float(a.operand()), as_float(b.operand())), Type::Float))
            }
            (a_ty, b_ty)
                if operator == Binary::Add
                    && (self.is_array(a_ty) || self.is_array(b_ty))
                    && !is_scalar(a_ty)
                    && !is_scalar(b_ty) =>
            {
                self.union(a, b, span)
            }
            (a_ty, b_ty) if a_ty.is_json() && b_ty.is_json() => self.php_arithmetic(name_of(operator), a, b, span),
            (a_ty, b_ty) => Err(Cannot::new(span, format!("{a_ty} and {b_ty} are no numbers"))),
        }
    }

    /// Whether a result may be beyond 64 bits as far as can be seen: one side is a constant near the limit, or a product that
    /// grows in a loop.
    pub(super) fn may_overflow(&self, a: &Typed, b: &Typed, operator: Binary) -> bool {
        let is_large = |value: &Typed| is_large(&value.code);
        let is_literal = |value: &Typed| literal_of(&value.code).is_some();
        let in_loop = self.scopes.last().is_some_and(|scope| scope.loops.iter().any(|around| !around.is_switch));
        let product = operator == Binary::Multiply && !is_literal(a) && !is_literal(b) && in_loop;
        is_large(a) || is_large(b) || product
    }

    /// Numbers whose kind PHP decides when it runs.
    pub(super) fn php_arithmetic(&mut self, name: &str, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        let path = self.php(name);
        let arguments = vec![argument(a), argument(b)];
        Ok(Typed::json(self.try_(span, call(&path, arguments))?))
    }

    pub(super) fn bits(&mut self, operator: Binary, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        let sign = match operator {
            Binary::BitAnd => "&",
            Binary::BitOr => "|",
            Binary::BitXor => "^",
            Binary::ShiftLeft => "<<",
            _ => ">>",
        };
        match (&a.ty, &b.ty) {
            (Type::Integer, Type::Integer) => {
                Ok(Typed::integer(binary(sign, crate::rust::numbers::typed(a.operand()), b.operand())))
            }
            (Type::Text, Type::Text) => Err(Cannot::new(span, "bits of two texts: go over their bytes")),
            _ => {
                let (a, b) = (self.to_integer(a, span)?, self.to_integer(b, span)?);
                Ok(Typed::integer(binary(sign, a.operand(), b.operand())))
            }
        }
    }

    /// `a ?: b`
    pub(super) fn elvis(&mut self, left: &Php, right: &Php, span: Span) -> Result<Typed> {
        if let Some(found) = self.elvis_of_environment(left, right)? {
            return Ok(found);
        }
        let a = self.expression(left)?;
        let b = self.at_times(|translator| translator.expression(right))?;
        if a.is_unknown() || b.is_unknown() {
            return Ok(Typed::owned(atom("unknown"), a.ty.present().join(&b.ty)));
        }
        if a.ty.is_json() && b.ty.is_json() && is_simple(&b.code) && a.ty == Type::Json {
            let path = self.php("elvis");
            return Ok(Typed::json(call(&path, vec![argument(a), argument(b)])));
        }
        let ty = a.ty.present().join(&b.ty);
        let a = match a.form {
            Form::Owned => Typed { code: a.code, ..Typed::owned(atom("_"), a.ty) },
            _ => a,
        };
        // Evaluated once.
        let held = self.fresh("value");
        let bind = a.form == Form::Owned && !is_simple(&a.code);
        // What is bound ends with the block: its value is moved out.
        let bound = Typed::new(atom(held.clone()), a.ty.clone(), Form::Last);
        let value = if bind { bound } else { a.clone() };
        let condition = self.truth(value.clone(), span)?;
        let then = self.coerce(value, &ty, span)?;
        let (then, otherwise, ty, form) = self.same_type(then, b, span)?;
        let choice = crate::rust::build::if_else(condition, Block::of(then), Block::of(otherwise));
        if !bind {
            return Ok(Typed::new(choice, ty, form));
        }
        let block = Block::new(vec![
            crate::rust::tree::Statement::let_(held, a.code),
            crate::rust::tree::Statement::new(crate::rust::tree::StatementKind::Value(choice)),
        ]);
        Ok(Typed::new(Expression::Block(block), ty, form))
    }

    /// `a ?? b`
    pub(super) fn coalesce(&mut self, left: &Php, right: &Php, span: Span) -> Result<Typed> {
        if let Some(found) = self.coalesce_of_environment(left, right)? {
            return Ok(found);
        }
        if self.is_undeclared(left) {
            return self.expression(right);
        }
        if let Some(a) = self.element_or_none(left)? {
            let b = self.at_times(|translator| translator.expression(right))?;
            return self.coalesced(a, b, span);
        }
        let a = self.expression(left)?;
        self.learn_null_checked(&a);
        let b = self.at_times(|translator| translator.expression(right))?;
        self.coalesced(a, b, span)
    }

    /// An element of a list or of a text that may not be there; None of anything else.
    pub(super) fn element_or_none(&mut self, php: &Php) -> Result<Option<Typed>> {
        match &php.bare().kind {
            E::Index { base, index: Some(key) } => match self.list_element(base, key)? {
                None => self.text_offset(base, key, php.span),
                found => Ok(found),
            },
            _ => Ok(None),
        }
    }

    pub(super) fn coalesced(&mut self, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        if a.is_unknown() || b.is_unknown() {
            return Ok(Typed::owned(atom("unknown"), a.ty.present().join(&b.ty)));
        }
        let ty = a.ty.present().join(&b.ty);
        match a.ty.clone() {
            Type::Null => Ok(b),
            Type::Json if b.ty == Type::Null => Ok(a),
            Type::Json if b.ty == Type::Never => {
                let path = self.php("present");
                let is = call(&path, vec![a.borrowed()]);
                Ok(Typed::reference(self.or_thrown(is, b.code, span)?, Type::Json))
            }
            Type::Optional(of) if b.ty == Type::Never => {
                let is_text = *of == Type::Text && a.form != Form::Owned;
                let (optional, form) = match a.form {
                    Form::Place if is_text => (method(a.code, "as_deref", vec![]), Form::Reference),
                    Form::Reference => (a.code, Form::Reference),
                    _ => (a.into_owned(), Form::Owned),
                };
                Ok(Typed::new(self.or_thrown(optional, b.code, span)?, *of, form))
            }
            Type::Json if b.ty.is_json() && is_simple(&b.code) => {
                let path = self.php("coalesce");
                Ok(Typed::json(call(&path, vec![argument(a), argument(b)])))
            }
            Type::Json if b.ty.is_json() => self.coalesced_later(a, b, span),
            Type::Optional(of) => self.unwrapped(a, b, &of, &ty, span),
            // Never null.
            _ => Ok(a),
        }
    }

    /// The right side costs something, or can fail: it is evaluated when it is needed.
    pub(super) fn coalesced_later(&mut self, a: Typed, b: Typed, span: Span) -> Result<Typed> {
        let b = self.coerce(b, &Type::Json, span)?;
        let value = a.clone().operand();
        let condition = method(value, "is_null", vec![]);
        let both_borrowed = a.form != Form::Owned && b.form != Form::Owned;
        let (form, then, otherwise) = if both_borrowed {
            (Form::Reference, b.borrowed(), a.borrowed())
        } else {
            (Form::Owned, b.into_owned(), a.into_owned())
        };
        let code = crate::rust::build::if_else(condition, Block::of(then), Block::of(otherwise));
        Ok(Typed::new(code, Type::Json, form))
    }

    pub(super) fn unwrapped(&mut self, a: Typed, b: Typed, of: &Type, ty: &Type, span: Span) -> Result<Typed> {
        if let Type::Optional(_) = &b.ty {
            let (a, b) = (a.into_owned(), b.into_owned());
            let code = if matches!(&b, Expression::Atom(none) if none == "None") {
                a
            } else if is_simple(&b) {
                method(a, "or", vec![b])
            } else if contains_try(&b) {
                some_or(a, crate::rust::build::some(atom("value")), b)
            } else {
                method(a, "or_else", vec![crate::rust::build::closure(&[], b)])
            };
            return Ok(Typed::owned(code, ty.clone()));
        }
        if b.ty == Type::Null {
            return Ok(a);
        }
        if of.join(&b.ty) != *of {
            let a = self.coerce(a, &Type::Json, span)?;
            return self.coalesced(a, b, span);
        }
        let is_text = *of == Type::Text;
        let stays = b.form != Form::Owned && a.form != Form::Owned;
        let (optional, default, form) = if is_text && stays {
            let optional = if a.form == Form::Reference { a.code } else { method(a.code, "as_deref", vec![]) };
            (optional, self.as_str(b), Form::Reference)
        } else {
            (a.into_owned(), b.into_owned(), Form::Owned)
        };
        let code = match &default {
            default if is_empty_text(default) => method(optional, "unwrap_or_default", vec![]),
            _ if is_simple(&default) && !copies(&default) => method(optional, "unwrap_or", vec![default]),
            // What can fail returns from the function, which a closure cannot.
            _ if contains_try(&default) => some_or(optional, atom("value"), default),
            _ => method(optional, "unwrap_or_else", vec![crate::rust::build::closure(&[], default)]),
        };
        Ok(Typed::new(code, ty.clone(), form))
    }

    pub(super) fn is_array(&self, ty: &Type) -> bool {
        matches!(ty, Type::List(_) | Type::Map(_))
    }
}

/// `""`, also as a `String`.
fn is_empty_text(code: &Expression) -> bool {
    match code {
        Expression::Text(text) => text.is_empty(),
        Expression::Method { receiver, name, .. } => name == "to_owned" && is_empty_text(receiver),
        _ => false,
    }
}

fn is_scalar(ty: &Type) -> bool {
    matches!(ty, Type::Boolean | Type::Integer | Type::Float | Type::Text)
}

/// `match optional { Some(value) => …, None => default }`
pub fn some_or(optional: Expression, some: Expression, default: Expression) -> Expression {
    let arms = vec![arm("Some(value)", some), arm("None", default)];
    Expression::Match { subject: Box::new(optional), arms }
}

/// `1 as f64` is `1.0`.
pub fn as_float(code: Expression) -> Expression {
    match code {
        Expression::Cast { operand, ty } => match *operand {
            Expression::Atom(text) if text.parse::<i64>().is_ok() => atom(format!("{text}.0")),
            operand => Expression::Cast { operand: Box::new(operand), ty },
        },
        code => code,
    }
}

pub fn name_of(operator: Binary) -> &'static str {
    match operator {
        Binary::Add => "add",
        Binary::Subtract => "subtract",
        Binary::Multiply => "multiply",
        Binary::Divide => "divide",
        Binary::Remainder => "remainder",
        _ => "power",
    }
}

/// The left of two literals, as an `i64` where the result is none of Rust's default integers.
pub fn wide(left: Expression, right: &Expression, operator: Binary) -> Expression {
    let (Some(a), Some(b)) = (literal_of(&left), literal_of(right)) else { return left };
    let result = match operator {
        Binary::Add => a.checked_add(b),
        Binary::Subtract => a.checked_sub(b),
        _ => a.checked_mul(b),
    };
    let fits = result.is_some_and(|result| i32::try_from(result).is_ok());
    match left {
        Expression::Atom(text) if !fits && !text.ends_with("_i64") => atom(format!("{text}_i64")),
        left => left,
    }
}

/// Whether one of the two is a constant near the end of 64 bits.
pub fn near_the_end(a: &Typed, b: &Typed) -> bool {
    is_large(&a.code) || is_large(&b.code)
}
