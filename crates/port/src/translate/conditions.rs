//! `if`, and what a condition says of the variables in it.

use crate::php::tree::{Binary, Block as PhpBlock, Expression as Php, ExpressionKind as E};
use crate::rust::build::arm;
use crate::rust::tree::{Block, Expression, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::objects::lent;
use crate::translate::plan::leaves;
use crate::translate::scope::VariableKind;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// `$a === null ? b : f($a)`: `match a { None => b, Some(a) => f(a) }`.
    pub(super) fn choice_by_presence(
        &mut self,
        condition: &Php,
        then: &Php,
        otherwise: &Php,
        span: Span,
    ) -> Result<Option<Typed>> {
        let (name, present, absent) = match (present_variable(condition), absent_variable(condition)) {
            (Some(name), _) if !matches!(condition.bare().kind, E::Variable(_)) => (name, then, otherwise),
            (_, Some(name)) => (name, otherwise, then),
            _ => {
                return match self.choice_by_answer(condition, then, otherwise, span)? {
                    Some(choice) => Ok(Some(choice)),
                    None => self.choice_by_present_property(condition, then, otherwise, span),
                };
            }
        };
        let Type::Optional(of) = self.facts_of(&name).ty else { return Ok(None) };
        let value = self.variable(&name, condition.span)?;
        let Expression::Atom(rust) = value.code.clone() else { return Ok(None) };
        let subject = match value.form {
            crate::translate::value::Form::Reference => value.code,
            _ if of.is_copy() => value.code,
            _ => lent(value.code, &of, self.is_changing_object(&name)),
        };
        self.scope().conditional += 1;
        let absent = self.expression(absent);
        let present = self.with_narrowed(&name, *of, |translator| translator.expression(present));
        self.scope().conditional -= 1;
        let (absent, present) = (absent?, present?);
        if absent.is_unknown() || present.is_unknown() {
            return Ok(Some(Typed::owned(crate::rust::build::atom("unknown"), absent.ty.join(&present.ty))));
        }
        let (absent, present, ty, form) = self.same_type(absent, present, span)?;
        let arms = vec![arm("None", absent), arm(format!("Some({rust})"), present)];
        let code = Expression::Match { subject: Box::new(subject), arms };
        Ok(Some(Typed::new(code, ty, form)))
    }

    /// `$e->hasResponse() ? f($e->getResponse()) : b`: `if let Some(response) = e.response() { f(response) } else { b }`.
    fn choice_by_answer(&mut self, condition: &Php, then: &Php, otherwise: &Php, span: Span) -> Result<Option<Typed>> {
        let Some((rust, code, name)) = self.narrowing_of_answer(condition)? else { return Ok(None) };
        self.scope().conditional += 1;
        let then = self.with_answer(&name, &rust, |translator| translator.expression(then));
        let otherwise = self.expression(otherwise);
        self.scope().conditional -= 1;
        let condition = Expression::Let { pattern: format!("Some({rust})"), value: Box::new(code) };
        self.chosen(condition, then?, otherwise?, span).map(Some)
    }

    pub(super) fn if_statement(
        &mut self,
        branches: &[(Php, PhpBlock)],
        otherwise: Option<&PhpBlock>,
        span: Span,
    ) -> Result<Vec<Statement>> {
        if let Some(statements) = self.rejection(branches, otherwise)? {
            return Ok(statements);
        }
        if let Some(statements) = self.settled_choice(branches, otherwise)? {
            return Ok(statements);
        }
        if let ([(condition, body)], None) = (branches, otherwise)
            && let Some(statements) = self.guard(condition, body)?
        {
            return Ok(statements);
        }
        let code = self.branches(branches, otherwise, span)?;
        Ok(vec![Statement::expression(code)])
    }

    fn branches(
        &mut self,
        branches: &[(Php, PhpBlock)],
        otherwise: Option<&PhpBlock>,
        span: Span,
    ) -> Result<Expression> {
        let Some(((condition, body), rest)) = branches.split_first() else {
            return Err(Cannot::new(span, "an if without a condition"));
        };
        let before = self.scope().before.len();
        let narrowing = match self.narrowing_of_error(condition)? {
            Some(narrowing) => Some(narrowing),
            None => self.narrowing(condition)?,
        };
        let answer = if narrowing.is_none() { self.narrowing_of_answer(condition)? } else { None };
        if let Some((rust, code, name)) = answer {
            return self.answered((rust, code, name), body, rest, otherwise, span);
        }
        let present = if narrowing.is_none() { self.present_in(condition, body)? } else { None };
        let (condition, narrowed, present) = match (narrowing, present) {
            (Some((pattern, value, name, ty)), _) => {
                (Expression::Let { pattern, value: Box::new(value) }, Some((name, ty)), None)
            }
            (None, Some((condition, present))) => (condition, None, Some(present)),
            (None, None) => (self.condition(condition)?, None, None),
        };
        if self.scope().before.len() > before && !self.scope().is_certain() {
            return Err(Cannot::new(
                span,
                "an assignment in the condition of elseif: write it on a line of its own, before",
            ));
        }
        let then = match (narrowed, present) {
            (Some((name, ty)), _) => self.with_narrowed(&name, ty, |translator| translator.block(body)),
            (None, Some(present)) => self.with_present(present, |translator| translator.block(body)),
            (None, None) => self.block(body),
        };
        let otherwise = if rest.is_empty() {
            otherwise.map(|block| Box::new(Expression::Block(self.block(block))))
        } else {
            let (mut first, code) = self.conditionally(|translator| translator.branches(rest, otherwise, span))?;
            if first.is_empty() {
                Some(Box::new(code))
            } else {
                first.push(Statement::expression(code));
                Some(Box::new(Expression::Block(Block::new(first))))
            }
        };
        Ok(Expression::If { condition: Box::new(condition), then, otherwise })
    }

    /// `if ($e->hasResponse()) { … }`: `if let Some(response) = e.response() { … }`.
    fn answered(
        &mut self,
        (rust, code, name): (String, Expression, String),
        body: &PhpBlock,
        rest: &[(Php, PhpBlock)],
        otherwise: Option<&PhpBlock>,
        span: Span,
    ) -> Result<Expression> {
        let then = self.with_answer(&name, &rust, |translator| translator.block(body));
        let otherwise = match rest {
            [] => otherwise.map(|block| Box::new(Expression::Block(self.block(block)))),
            rest => Some(Box::new(self.branches(rest, otherwise, span)?)),
        };
        let condition = Box::new(Expression::Let { pattern: format!("Some({rust})"), value: Box::new(code) });
        Ok(Expression::If { condition, then, otherwise })
    }

    /// `$a !== null`, `isset($a)`, `$a` of a variable that may be null: inside, it is not. The pattern and the value of the
    /// `if let`, the variable, and its type inside.
    pub(super) fn narrowing(&mut self, condition: &Php) -> Result<Option<(String, Expression, String, Type)>> {
        let found = match compared_with_false(condition, Binary::NotIdentical) {
            Some(name) => Some((self.facts_of(&name).ty, name)).filter(|(ty, _)| matches!(ty, Type::OrFalse(_))),
            None => present_variable(condition).map(|name| (self.facts_of(&name).ty, name)),
        };
        let Some((Type::Optional(of) | Type::OrFalse(of), name)) = found else { return Ok(None) };
        let truthy_is_present =
            !matches!(*of, Type::Boolean | Type::Integer | Type::Float | Type::Text | Type::List(_));
        let compares = matches!(condition.bare().kind, E::Binary { .. } | E::Isset(_));
        if !compares && !truthy_is_present {
            return Ok(None);
        }
        let value = self.variable(&name, condition.span)?;
        let rust = match &value.code {
            Expression::Atom(rust) => rust.clone(),
            _ => return Ok(None),
        };
        let form = value.form;
        let value = match form {
            crate::translate::value::Form::Reference => value.code,
            _ if of.is_copy() => value.code,
            _ => lent(value.code, &of, self.is_changing_object(&name)),
        };
        Ok(Some((format!("Some({rust})"), value, name, *of)))
    }

    /// Translates with a variable that is known not to be null, and is borrowed.
    pub(super) fn with_narrowed<T>(&mut self, name: &str, ty: Type, translate: impl FnOnce(&mut Self) -> T) -> T {
        let old_kind = self.scope().variables.get(name).map(|variable| variable.kind.clone());
        let copied = ty.is_copy();
        let before = self.scope().narrowed.insert(name.to_owned(), ty);
        if let Some(variable) = self.scope().variables.get_mut(name)
            && !copied
            && variable.kind == VariableKind::Local
        {
            variable.kind = VariableKind::Reference;
        }
        let translated = translate(self);
        match before {
            Some(before) => self.scope().narrowed.insert(name.to_owned(), before),
            None => self.scope().narrowed.remove(name),
        };
        if let (Some(variable), Some(kind)) = (self.scope().variables.get_mut(name), old_kind) {
            variable.kind = kind;
        }
        translated
    }

    /// `if ($a === null) { return …; }`: `let Some(a) = a else { return …; };`
    fn guard(&mut self, condition: &Php, body: &PhpBlock) -> Result<Option<Vec<Statement>>> {
        let found = match compared_with_false(condition, Binary::Identical) {
            Some(name) => Some((self.facts_of(&name).ty, name)).filter(|(ty, _)| matches!(ty, Type::OrFalse(_))),
            None => absent_variable(condition).map(|name| (self.facts_of(&name).ty, name)),
        };
        let Some((Type::Optional(of) | Type::OrFalse(of), name)) = found else { return Ok(None) };
        if !body.statements.iter().any(leaves) || self.facts_of(&name).writes > 1 {
            return Ok(None);
        }
        let value = self.variable(&name, condition.span)?;
        let Expression::Atom(rust) = value.code.clone() else { return Ok(None) };
        let otherwise = self.block(body);
        let code = value.code;
        // From here on the variable is another, of the type without null.
        let scope = self.scope();
        scope.narrowed.insert(name.clone(), *of);
        Ok(Some(vec![Statement::new(StatementKind::Let {
            pattern: format!("Some({rust})"),
            ty: None,
            value: Some(code),
            otherwise: Some(otherwise),
        })]))
    }
}

/// The variable that a condition says is there.
fn present_variable(condition: &Php) -> Option<String> {
    match &condition.bare().kind {
        E::Variable(name) => Some(name.clone()),
        E::Isset(of) => match of.as_slice() {
            [one] => variable_name(one),
            _ => None,
        },
        E::Binary { operator: Binary::NotIdentical | Binary::NotEqual, left, right } => {
            compared_with_null(left, right).and_then(variable_name)
        }
        _ => None,
    }
}

/// The variable that a condition says is null.
fn absent_variable(condition: &Php) -> Option<String> {
    match &condition.bare().kind {
        E::Binary { operator: Binary::Identical | Binary::Equal, left, right } => {
            compared_with_null(left, right).and_then(variable_name)
        }
        E::Unary { operator: crate::php::tree::Unary::Not, operand } => match &operand.bare().kind {
            E::Isset(of) => match of.as_slice() {
                [one] => variable_name(one),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The variable that is compared with `false` by this operator.
fn compared_with_false(condition: &Php, wanted: Binary) -> Option<String> {
    let is_false = |php: &Php| matches!(&php.bare().kind, E::Constant(name) if name.eq_ignore_ascii_case("false"));
    match &condition.bare().kind {
        E::Binary { operator, left, right } if *operator == wanted => match (is_false(left), is_false(right)) {
            (false, true) => variable_name(left),
            (true, false) => variable_name(right),
            _ => None,
        },
        _ => None,
    }
}

/// What is compared with null.
pub fn compared_with_null<'a>(left: &'a Php, right: &'a Php) -> Option<&'a Php> {
    let is_null = |php: &Php| matches!(&php.bare().kind, E::Constant(name) if name.eq_ignore_ascii_case("null"));
    match (is_null(left), is_null(right)) {
        (false, true) => Some(left),
        (true, false) => Some(right),
        _ => None,
    }
}

pub fn variable_name(php: &Php) -> Option<String> {
    match &php.bare().kind {
        E::Variable(name) if name != "this" => Some(name.clone()),
        _ => None,
    }
}
