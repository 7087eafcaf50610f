//! Expressions of which a declaration wants a type.
use crate::php::tree::{Binary, Expression as Php, ExpressionKind as E};
use crate::rust::build::atom;
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// An expression whose value has to be of this type: what it is made of is asked for in that type, too.
    pub(super) fn expression_as(&mut self, php: &Php, ty: &Type) -> Result<Typed> {
        let value = self.expression_wanting(php, ty)?;
        self.coerce(value, ty, php.span)
    }

    pub(super) fn expression_wanting(&mut self, php: &Php, ty: &Type) -> Result<Typed> {
        let wants = matches!(ty.present(), Type::Text | Type::Integer | Type::Boolean);
        match &php.kind {
            E::Parenthesized(of) => self.expression_wanting(of, ty),
            E::Binary { operator: operator @ (Binary::Add | Binary::Subtract | Binary::Multiply), left, right }
                if *ty == Type::Integer =>
            {
                let (a, b) = (self.operand_as(left, ty)?, self.operand_as(right, ty)?);
                if a.is_unknown() || b.is_unknown() {
                    return Ok(Typed::owned(atom("unknown"), Type::Integer));
                }
                if a.ty == Type::Integer && b.ty == Type::Integer && !super::operators::near_the_end(&a, &b) {
                    // What is beyond an integer would be a TypeError in PHP.
                    let sign = match operator {
                        Binary::Add => "+",
                        Binary::Subtract => "-",
                        _ => "*",
                    };
                    return Ok(Typed::integer(crate::rust::build::binary(sign, a.operand(), b.operand())));
                }
                self.operate(*operator, a, b, php.span)
            }
            E::Binary { operator: Binary::Coalesce, left, right } if wants => self.coalesce_as(left, right, ty, php),
            E::Ternary { condition, then: Some(then), otherwise } if wants => {
                if let Some(choice) = self.choice_by_presence(condition, then, otherwise, php.span)? {
                    return Ok(choice);
                }
                let condition = self.condition(condition)?;
                let then = self.at_times(|translator| translator.expression_as(then, ty))?;
                let otherwise = self.at_times(|translator| translator.expression_as(otherwise, ty))?;
                self.chosen(condition, then, otherwise, php.span)
            }
            E::MethodCall { .. } => self.waited_as(php, ty),
            _ => self.expression(php),
        }
    }

    /// An operand of arithmetic whose result has to be an integer: JSON has to be one, too; a float stays one.
    pub(super) fn operand_as(&mut self, php: &Php, ty: &Type) -> Result<Typed> {
        let value = self.expression_wanting(php, ty)?;
        if value.ty == Type::Json { self.coerce(value, ty, php.span) } else { Ok(value) }
    }

    /// `$a['b'] ?? c` where a text or a number is wanted.
    pub(super) fn coalesce_as(&mut self, left: &Php, right: &Php, ty: &Type, whole: &Php) -> Result<Typed> {
        if let Some(found) = self.coalesce_of_environment(left, right)? {
            return Ok(found);
        }
        if let E::Variable(name) = &left.bare().kind
            && name != "this"
            && self.find_variable(name).is_none()
        {
            return self.expression_as(right, ty);
        }
        let a = match self.element_or_none(left)? {
            Some(element) => element,
            None => self.expression(left)?,
        };
        self.learn_null_checked(&a);
        let a = match &a.ty {
            Type::Json => self.coerce(a, &ty.present().clone().optional(), left.span)?,
            _ => a,
        };
        let b = self.at_times(|translator| translator.expression_as(right, ty))?;
        self.coalesced(a, b, whole.span)
    }
}
