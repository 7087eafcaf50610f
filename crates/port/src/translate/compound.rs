//! Assignments that change what is there: `+=`, `.=`, `??=`, `++`.
use crate::php::tree::{Binary, Expression as Php, ExpressionKind as E};
use crate::rust::build::{assign, atom, call, method, unary};
use crate::rust::tree::{Expression, Statement};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::argument;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// `$a += 1`, `$a .= 'x'`
    pub(super) fn assign_with(
        &mut self,
        target: &Php,
        operator: Binary,
        value: &Php,
        span: Span,
    ) -> Result<Vec<Statement>> {
        let arithmetic = matches!(operator, Binary::Add | Binary::Subtract | Binary::Multiply);
        let right = match self.wanted_of(target) {
            Some(ty) if arithmetic => self.expression_as(value, &ty)?,
            _ => self.expression(value)?,
        };
        if let E::Variable(name) = &target.kind
            && self.find_variable(name).is_none()
        {
            return Err(Cannot::new(span, format!("${name} is changed before it is assigned: begin with a value")));
        }
        let left = self.expression(target)?;
        if left.is_unknown() || right.is_unknown() {
            return Ok(vec![]);
        }
        let is_static = self.static_of_part(target).is_some();
        if let E::Variable(name) = &target.kind
            && let Some(learnt) = self.learn_of(name)
        {
            learnt.mutated = true;
        }
        let sign = match (operator, &left.ty, &right.ty) {
            _ if is_static => None,
            (Binary::Concat, Type::Text, _) if matches!(target.kind, E::Variable(_) | E::Property { .. }) => {
                return self.append(target, right, span);
            }
            (Binary::Add, Type::Integer, Type::Integer) => Some("+="),
            (Binary::Subtract, Type::Integer, Type::Integer) => Some("-="),
            (Binary::Multiply, Type::Integer, Type::Integer) if !self.may_overflow(&left, &right, operator) => {
                Some("*=")
            }
            (Binary::Add, Type::Float, Type::Float | Type::Integer) => Some("+="),
            (Binary::Subtract, Type::Float, Type::Float | Type::Integer) => Some("-="),
            (Binary::Multiply, Type::Float, Type::Float | Type::Integer) => Some("*="),
            _ => None,
        };
        if let (Some(sign), E::Variable(_) | E::Property { .. }) = (sign, &target.kind) {
            let ty = left.ty.clone();
            let place = self.place_of(target)?;
            let right = if ty == Type::Float { self.to_float(right, span)? } else { right };
            let code = if place.form == Form::Reference { unary("*", place.code) } else { place.code };
            return Ok(vec![Statement::expression(assign(sign, code, right.operand()))]);
        }
        let value = self.operate(operator, left, right, span)?;
        self.assign_held(target, value)
    }

    /// `target = value`, of a value that is made of what is there: it is made first.
    fn assign_held(&mut self, target: &Php, value: Typed) -> Result<Vec<Statement>> {
        let (held, value) = self.held_before(target, target, value);
        let mut statements: Vec<Statement> = held.into_iter().collect();
        statements.extend(self.assign_value(target, value)?);
        Ok(statements)
    }

    /// `$text .= …`
    pub(super) fn append(&mut self, target: &Php, value: Typed, span: Span) -> Result<Vec<Statement>> {
        let value = self.to_text(value, span)?;
        let place = self.place_of(target)?;
        let code = place.code;
        if let Some(literal) = value.literal() {
            let mut characters = literal.chars();
            if let (Some(one), None) = (characters.next(), characters.next()) {
                let push = method(code, "push", vec![atom(format!("{one:?}"))]);
                return Ok(vec![Statement::expression(push)]);
            }
        }
        Ok(vec![Statement::expression(method(code, "push_str", vec![value.borrowed()]))])
    }

    /// `$a ??= b`
    pub(super) fn assign_if_null(&mut self, target: &Php, value: &Php) -> Result<Vec<Statement>> {
        let left = self.expression(target)?;
        if left.is_unknown() {
            let value = self.expression(value)?;
            return self.assign_value(target, value);
        }
        let condition = self.is_null(left);
        self.scope().conditional += 1;
        let value = self.expression(value);
        let inner = value.and_then(|value| self.assign_value(target, value));
        self.scope().conditional -= 1;
        let then = crate::rust::tree::Block::new(inner?);
        let code = Expression::If { condition: Box::new(condition), then, otherwise: None };
        Ok(vec![Statement::expression(code)])
    }

    /// `$a++` as a statement.
    pub(super) fn step(&mut self, target: &Php, by: i8, span: Span) -> Result<Vec<Statement>> {
        let value = self.expression(target)?;
        if value.is_unknown() {
            return Ok(vec![]);
        }
        if let E::Variable(name) = &target.kind {
            self.learn_mutated(name);
        }
        self.learn_computed(&value);
        let is_static = self.static_of_part(target).is_some();
        match value.ty {
            Type::Integer if !is_static && matches!(target.kind, E::Variable(_) | E::Property { .. }) => {
                let place = self.place_of(target)?;
                let code = if place.form == Form::Reference { unary("*", place.code) } else { place.code };
                Ok(vec![Statement::expression(assign(if by > 0 { "+=" } else { "-=" }, code, atom("1")))])
            }
            Type::Float if !is_static && matches!(target.kind, E::Variable(_) | E::Property { .. }) => {
                let place = self.place_of(target)?;
                let code = if place.form == Form::Reference { unary("*", place.code) } else { place.code };
                Ok(vec![Statement::expression(assign(if by > 0 { "+=" } else { "-=" }, code, atom("1.0")))])
            }
            Type::Integer | Type::Float => {
                let operator = if by > 0 { Binary::Add } else { Binary::Subtract };
                let value = self.operate(operator, value, Typed::integer(atom("1")), span)?;
                self.assign_held(target, value)
            }
            ref ty if ty.is_json() => {
                let path = self.php(if by > 0 { "increment" } else { "decrement" });
                let code = self.try_(span, call(&path, vec![argument(value)]))?;
                self.assign_held(target, Typed::json(code))
            }
            ty => Err(Cannot::new(span, format!("{ty} is no number"))),
        }
    }
}
