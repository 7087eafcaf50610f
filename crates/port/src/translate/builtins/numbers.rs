//! Functions of numbers.

use crate::rust::build::{atom, binary, call, method};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::builtins::texts::is_number;
use crate::translate::builtins::{Attempt, Call};
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    pub(super) fn number_function(&mut self, of: &Call<'_>, values: Vec<Typed>) -> Attempt {
        let span = of.span;
        let found = match (of.name, values.as_slice()) {
            ("intval", [value]) => self.to_integer(value.clone(), span)?,
            ("floatval" | "doubleval", [value]) => self.to_float(value.clone(), span)?,
            ("strval", [value]) => self.to_text(value.clone(), span)?,
            ("boolval", [value]) => Typed::boolean(self.truth(value.clone(), span)?),
            ("abs", [value]) => self.absolute(value, span)?,
            ("floor" | "ceil", [value]) if !value.ty.is_number() => {
                let path = self.php(of.name);
                let value = self.any(value.clone(), span)?;
                Typed::owned(self.try_(span, call(&path, vec![value]))?, Type::Float)
            }
            ("floor" | "ceil" | "sqrt", [value]) => self.method_of_float(value, of.name, span)?,
            ("log", [value]) => self.method_of_float(value, "ln", span)?,
            ("log10" | "sin" | "cos" | "tan" | "exp", [value]) => self.method_of_float(value, of.name, span)?,
            ("is_nan" | "is_infinite" | "is_finite", [value]) => {
                let value = self.to_float(value.clone(), span)?;
                Typed::boolean(self.method_of_number(value, of.name))
            }
            ("pi", []) => Typed::owned(atom("std::f64::consts::PI"), Type::Float),
            ("pow", [base, exponent]) => {
                return self.operate(crate::php::tree::Binary::Power, base.clone(), exponent.clone(), span).map(Ok);
            }
            ("intdiv", [a, b])
                if a.ty == Type::Integer
                    && is_number(&b.code)
                    && !matches!(&b.code, Expression::Atom(zero) if zero == "0") =>
            {
                Typed::integer(binary("/", a.clone().operand(), b.clone().operand()))
            }
            ("max" | "min", [_, _, ..]) => self.extreme(of.name, &values, span)?,
            ("max" | "min", [value]) => {
                let path = self.php(of.name);
                let value = self.any(value.clone(), span)?;
                Typed::json(self.try_(span, call(&path, vec![value]))?)
            }
            ("mt_rand" | "rand", []) => {
                let path = self.php("random_int");
                Typed::integer(self.try_(span, call(&path, vec![atom("0"), atom("2147483647")]))?)
            }
            ("mt_getrandmax" | "getrandmax", []) => Typed::integer(atom("2147483647")),
            ("mt_rand" | "rand", [low, high]) => {
                let (low, high) = (self.to_integer(low.clone(), span)?, self.to_integer(high.clone(), span)?);
                let path = self.php("random_int");
                Typed::integer(self.try_(span, call(&path, vec![low.operand(), high.operand()]))?)
            }
            ("round", [value] | [value, _]) if value.ty == Type::Integer && values.len() == 1 => {
                self.to_float(value.clone(), span)?
            }
            _ => return Ok(Err(values)),
        };
        Ok(Ok(found))
    }

    fn absolute(&mut self, value: &Typed, span: Span) -> Result<Typed> {
        match value.ty {
            Type::Integer | Type::Float => {
                let ty = value.ty.clone();
                Ok(Typed::owned(self.method_of_number(value.clone(), "abs"), ty))
            }
            _ => {
                let path = self.php("abs");
                let value = self.any(value.clone(), span)?;
                Ok(Typed::json(self.try_(span, call(&path, vec![value]))?))
            }
        }
    }

    fn method_of_float(&mut self, value: &Typed, name: &str, span: Span) -> Result<Typed> {
        let value = self.to_float(value.clone(), span)?;
        Ok(Typed::owned(self.method_of_number(value, name), Type::Float))
    }

    /// `number.name()`. A method has to know which kind of number it is: a literal says so, a variable that begins as one may not.
    fn method_of_number(&mut self, value: Typed, name: &str) -> Expression {
        let kind = if value.ty == Type::Float { "f64" } else { "i64" };
        let parameter = value.variable.as_ref().is_some_and(|name| self.scope().parameters.contains(name));
        let is_variable = value.variable.is_some() && !parameter && matches!(value.code, Expression::Atom(_));
        let of_literals = matches!(value.code, Expression::Binary { .. }) && is_ambiguous(&value.code);
        if is_variable || of_literals {
            return call(&format!("{kind}::{name}"), vec![value.operand()]);
        }
        let receiver = match value.operand() {
            Expression::Atom(number)
                if number.ends_with(|c: char| c.is_ascii_digit())
                    && number.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                atom(format!("{number}_{kind}"))
            }
            Expression::Unary { operator: "-", operand } => match *operand {
                Expression::Atom(number) => {
                    Expression::Paren(Box::new(crate::rust::build::unary("-", atom(format!("{number}_{kind}")))))
                }
                operand => Expression::Paren(Box::new(crate::rust::build::unary("-", operand))),
            },
            code @ (Expression::Cast { .. } | Expression::Binary { .. } | Expression::Unary { .. }) => {
                Expression::Paren(Box::new(code))
            }
            code => code,
        };
        method(receiver, name, vec![])
    }

    /// `max($a, $b, …)`
    fn extreme(&mut self, name: &str, values: &[Typed], span: Span) -> Result<Typed> {
        if values.iter().all(|value| value.ty == Type::Integer) {
            let mut values = values.iter().cloned();
            let Some(first) = values.next() else { return Ok(Typed::unknown()) };
            // `max` of a lone number is no method: numbers come last.
            let (receiver, mut rest): (Typed, Vec<Typed>) = match is_number(&first.code) {
                true => match values.next() {
                    Some(second) => (second, std::iter::once(first).chain(values).collect()),
                    None => (first, vec![]),
                },
                false => (first, values.collect()),
            };
            let mut code = match receiver.code {
                Expression::Atom(number) if number.bytes().all(|b| b.is_ascii_digit()) => atom(format!("{number}_i64")),
                Expression::Binary { .. } | Expression::Cast { .. } | Expression::Unary { .. } => {
                    Expression::Paren(Box::new(receiver.code))
                }
                _ => receiver.operand(),
            };
            for value in rest.drain(..) {
                code = method(code, name, vec![value.operand()]);
            }
            return Ok(Typed::integer(code));
        }
        if let [a, b] = values {
            let path = self.php(if name == "max" { "larger" } else { "smaller" });
            let (a, b) = (self.any(a.clone(), span)?, self.any(b.clone(), span)?);
            return Ok(Typed::json(call(&path, vec![a, b])));
        }
        let mut elements = Vec::new();
        for value in values {
            elements.push(self.to_json(value.clone(), span)?.borrowed());
        }
        let path = self.php(name);
        Ok(Typed::json(self.try_(span, call(&path, vec![Expression::Array(elements)]))?))
    }
}

/// Whether nothing in it says which kind of number it is, as far as can be seen.
fn is_ambiguous(code: &Expression) -> bool {
    match code {
        Expression::Atom(_) => true,
        Expression::Binary { left, right, .. } => is_ambiguous(left) && is_ambiguous(right),
        Expression::Unary { operand, .. } | Expression::Paren(operand) => is_ambiguous(operand),
        _ => false,
    }
}
