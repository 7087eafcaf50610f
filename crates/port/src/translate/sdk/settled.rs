//! What `Utils::settle` gives: of each promise its state, and its value or why it was rejected. Here each is a `Result`.

use crate::php::tree::{
    Binary, Block as PhpBlock, ClassName, Expression as Php, ExpressionKind as E, StatementKind as S,
};
use crate::rust::build::{arm, atom, call, if_else, method, reference, text};
use crate::rust::tree::{Arm, Block, Expression, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::conditions::variable_name;
use crate::translate::plan::leaves;
use crate::translate::scope::VariableKind;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

/// One of the two things that may have become of a promise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Value,
    Reason,
}

impl Side {
    fn other(self) -> Side {
        match self {
            Side::Value => Side::Reason,
            Side::Reason => Side::Value,
        }
    }

    /// Its key in PHP.
    fn key(self) -> &'static str {
        match self {
            Side::Value => "value",
            Side::Reason => "reason",
        }
    }

    fn pattern(self, name: &str) -> String {
        match self {
            Side::Value => format!("Ok({name})"),
            Side::Reason => format!("Err({name})"),
        }
    }
}

/// `$row['state'] === 'fulfilled'`: the row, and which side is there if the condition holds.
struct Asked<'p> {
    row: &'p Php,
    side: Side,
}

impl Translator<'_> {
    /// `$row['value']` and its like.
    pub(in crate::translate) fn settled_element(
        &mut self,
        row: Typed,
        of: &Type,
        base: &Php,
        key: &Php,
        span: Span,
    ) -> Result<Typed> {
        let bound = |side: Side| variable_name(base).map(|name| bound_name(&name, side));
        let known = |translator: &Self, side: Side| bound(side).filter(|name| translator.find_variable(name).is_some());
        let side = match &key.bare().kind {
            E::Text(key) if key == "state" => {
                let is_ok = method(row.code, "is_ok", vec![]);
                let code = if_else(is_ok, Block::of(text("fulfilled")), Block::of(text("rejected")));
                return Ok(Typed::reference(code, Type::Text));
            }
            E::Text(key) if key == "value" => Side::Value,
            E::Text(key) if key == "reason" => Side::Reason,
            _ => return Err(Cannot::new(span, "what became of a promise has a state, and a value or a reason")),
        };
        if let Some(name) = known(self, side) {
            return self.variable(&name, span);
        }
        let there = method(row.code, "as_ref", vec![]);
        let (name, ty) = match side {
            Side::Value => ("ok", of.clone()),
            Side::Reason => ("err", Type::ClientError),
        };
        Ok(Typed::new(method(there, name, vec![]), ty.optional(), Form::Reference))
    }

    /// `$row['state'] === 'fulfilled'` as a value.
    pub(in crate::translate) fn settled_comparison(
        &mut self,
        operator: Binary,
        left: &Php,
        right: &Php,
    ) -> Result<Option<Typed>> {
        let Some(asked) = asked(operator, left, right) else { return Ok(None) };
        let mark = self.mark();
        let before = self.scope().before.len();
        let row = self.expression(asked.row)?;
        if row.is_unknown() {
            return Ok(Some(Typed::boolean(atom("unknown"))));
        }
        if !matches!(row.ty, Type::Settled(_)) {
            self.scope().before.truncate(before);
            self.give_back(mark);
            return Ok(None);
        }
        let name = if asked.side == Side::Value { "is_ok" } else { "is_err" };
        Ok(Some(Typed::boolean(method(row.code, name, vec![]))))
    }

    /// `if ($row['state'] === 'fulfilled') { … } else { … }`: a `match`, with the value and the reason in its arms.
    pub(in crate::translate) fn settled_choice(
        &mut self,
        branches: &[(Php, PhpBlock)],
        otherwise: Option<&PhpBlock>,
    ) -> Result<Option<Vec<Statement>>> {
        let (condition, then, otherwise) = match (branches, otherwise) {
            ([(condition, then)], otherwise) => (condition, then, otherwise),
            // `elseif` with what is the only other state.
            ([(condition, then), (other, otherwise)], None) if opposite(condition, other) => {
                (condition, then, Some(otherwise))
            }
            _ => return Ok(None),
        };
        let Some((name, side, of)) = self.settled_variable(condition) else { return Ok(None) };
        let row = self.variable(&name, condition.span)?;
        let subject = if row.form == Form::Reference { row.code } else { reference(row.code) };
        if let Some(otherwise) = otherwise {
            let arms =
                vec![self.settled_arm(&name, side, &of, then), self.settled_arm(&name, side.other(), &of, otherwise)];
            let code = Expression::Match { subject: Box::new(subject), arms };
            return Ok(Some(vec![Statement::expression(code)]));
        }
        let Arm { pattern, body, .. } = self.settled_arm(&name, side, &of, then);
        let goes_on = self.goes_on_with(&name, side.other(), &of, then);
        let Some(rest) = goes_on else {
            let condition = Box::new(Expression::Let { pattern, value: Box::new(subject) });
            let Expression::Block(then) = body else { return Ok(None) };
            let code = Expression::If { condition, then, otherwise: None };
            return Ok(Some(vec![Statement::expression(code)]));
        };
        let arms = vec![arm(side.other().pattern(&rest), atom(rest.clone())), arm(pattern, body)];
        let code = Expression::Match { subject: Box::new(subject), arms };
        Ok(Some(vec![Statement::let_(rest, code)]))
    }

    /// `$row['state'] === 'fulfilled' ? … : …`
    pub(in crate::translate) fn settled_ternary(
        &mut self,
        condition: &Php,
        then: &Php,
        otherwise: &Php,
        span: Span,
    ) -> Result<Option<Typed>> {
        let Some((name, side, of)) = self.settled_variable(condition) else { return Ok(None) };
        let row = self.variable(&name, condition.span)?;
        let subject = if row.form == Form::Reference { row.code } else { reference(row.code) };
        self.scope().conditional += 1;
        let mut values = Vec::new();
        for (side, php) in [(side, then), (side.other(), otherwise)] {
            let variables = self.scope().variables.clone();
            let rust = self.bind_side(&name, side, &of, php.span);
            let value = self.expression(php);
            let pattern = self.side_pattern(&name, side, &rust);
            self.forget_inner(variables);
            values.push((pattern, value));
        }
        self.scope().conditional -= 1;
        let mut values = values.into_iter();
        let (Some((first, then)), Some((second, otherwise))) = (values.next(), values.next()) else { return Ok(None) };
        let (then, otherwise) = (then?, otherwise?);
        if then.is_unknown() || otherwise.is_unknown() {
            return Ok(Some(Typed::owned(atom("unknown"), then.ty.join(&otherwise.ty))));
        }
        let (then, otherwise, ty, form) = self.same_type(then, otherwise, span)?;
        let arms = vec![arm(first, then), arm(second, otherwise)];
        Ok(Some(Typed::new(Expression::Match { subject: Box::new(subject), arms }, ty, form)))
    }

    /// A condition about the state of a row that is a variable.
    fn settled_variable(&self, condition: &Php) -> Option<(String, Side, Type)> {
        let E::Binary { operator, left, right } = &condition.bare().kind else { return None };
        let asked = asked(*operator, left, right)?;
        let name = variable_name(asked.row)?;
        match self.facts_of(&name).ty {
            Type::Settled(of) => Some((name, asked.side, *of)),
            _ => None,
        }
    }

    fn settled_arm(&mut self, row: &str, side: Side, of: &Type, body: &PhpBlock) -> Arm {
        let variables = self.scope().variables.clone();
        let rust = self.bind_side(row, side, of, body.span);
        let block = self.block(body);
        let pattern = self.side_pattern(row, side, &rust);
        self.forget_inner(variables);
        arm(pattern, Expression::Block(block))
    }

    /// Makes `$row['value']` a variable of its own. Returns its name in Rust.
    fn bind_side(&mut self, row: &str, side: Side, of: &Type, span: Span) -> String {
        let (wanted, ty) = match side {
            Side::Value if *of == Type::Response => ("response", of.clone()),
            Side::Value => ("value", of.clone()),
            Side::Reason => ("error", Type::ClientError),
        };
        let kind = if ty.is_copy() { VariableKind::Local } else { VariableKind::Reference };
        let rust = self.free_name(wanted);
        let name = bound_name(row, side);
        self.declare(&name, &ty, kind, span);
        if let Some(variable) = self.scope().variables.get_mut(&name) {
            variable.name.clone_from(&rust);
        }
        rust
    }

    fn side_pattern(&self, row: &str, side: Side, rust: &str) -> String {
        let read = self.facts_of(&bound_name(row, side)).read;
        side.pattern(if read { rust } else { "_" })
    }

    /// Behind an `if` that leaves, the other side is there: its name, if something reads it.
    fn goes_on_with(&mut self, row: &str, side: Side, of: &Type, then: &PhpBlock) -> Option<String> {
        let breaks = matches!(then.statements.last().map(|last| &last.kind), Some(S::Break(_)));
        if !breaks && !then.statements.iter().any(leaves) {
            return None;
        }
        let rust = self.bind_side(row, side, of, then.span);
        let name = bound_name(row, side);
        let read = self.facts_of(&name).read;
        if !read {
            // What stands behind tells, in the next pass.
            return None;
        }
        Some(rust)
    }

    /// `Utils::settle(['a' => …, 'b' => …])->wait()`: by their names.
    pub(super) fn settled_by_name(&mut self, promises: Expression, of: Type, span: Span) -> Result<Typed> {
        let ty = Type::Promise(Box::new(Type::Map(Box::new(Type::Settled(Box::new(of))))));
        let wait = |promises: Expression| method(call("Promise::settle", vec![promises]), "wait", vec![]);
        let pairs = match promises {
            Expression::Array(pairs) => named_pairs(pairs),
            promises => Err(Box::new(promises)),
        };
        let (names, promises) = match pairs {
            Ok((names, promises)) => (Expression::Array(names), Expression::Array(promises)),
            Err(promises) => {
                if self.scope().conditional > 0 {
                    return Err(Cannot::new(
                        span,
                        "Utils::settle where it may not be called: write it on a line before",
                    ));
                }
                let (names, apart) = (self.fresh("names"), self.fresh("unnamed"));
                let kind = StatementKind::Let {
                    pattern: format!("({names}, {apart})"),
                    ty: Some("(Vec<_>, Vec<_>)".to_owned()),
                    value: Some(method(method(*promises, "into_iter", vec![]), "unzip", vec![])),
                    otherwise: None,
                };
                self.scope().before.push(Statement::new(kind));
                (atom(names), atom(apart))
            }
        };
        self.import("std::collections::BTreeMap");
        let settled = self.try_(span, wait(promises))?;
        let zipped = method(method(names, "into_iter", vec![]), "zip", vec![settled]);
        Ok(Typed::owned(method(zipped, "collect::<BTreeMap<_, _>>", vec![]), ty))
    }

    /// `PromiseInterface::FULFILLED`
    pub(super) fn state_of_promise(name: &str) -> Option<Typed> {
        match name {
            "FULFILLED" => Some(Typed::text("fulfilled")),
            "REJECTED" => Some(Typed::text("rejected")),
            _ => None,
        }
    }
}

/// The names and the promises of `("a".to_owned(), a)`, …; or the pairs as they are.
fn named_pairs(pairs: Vec<Expression>) -> std::result::Result<(Vec<Expression>, Vec<Expression>), Box<Expression>> {
    let is_pair = |pair: &Expression| matches!(pair, Expression::Tuple(of) if of.len() == 2);
    if !pairs.iter().all(is_pair) {
        return Err(Box::new(Expression::Array(pairs)));
    }
    let of = |pair: Expression| match pair {
        Expression::Tuple(mut of) => of.pop().and_then(|promise| Some((of.pop()?, promise))),
        _ => None,
    };
    Ok(pairs.into_iter().filter_map(of).unzip())
}

/// What stands for `$row['value']` among the variables.
fn bound_name(row: &str, side: Side) -> String {
    format!("{row}[{}]", side.key())
}

fn asked<'p>(operator: Binary, left: &'p Php, right: &'p Php) -> Option<Asked<'p>> {
    let wanted = match operator {
        Binary::Identical | Binary::Equal => true,
        Binary::NotIdentical | Binary::NotEqual => false,
        _ => return None,
    };
    let (row, side) = match (row_of_state(left), state(right), row_of_state(right), state(left)) {
        (Some(row), Some(side), ..) | (_, _, Some(row), Some(side)) => (row, side),
        _ => return None,
    };
    Some(Asked { row, side: if wanted { side } else { side.other() } })
}

/// `$row` of `$row['state']`.
fn row_of_state(php: &Php) -> Option<&Php> {
    match &php.bare().kind {
        E::Index { base, index: Some(key) } => {
            matches!(&key.bare().kind, E::Text(key) if key == "state").then_some(&**base)
        }
        _ => None,
    }
}

fn state(php: &Php) -> Option<Side> {
    let name = match &php.bare().kind {
        E::Text(state) => state.as_str(),
        E::ClassConstant { class: ClassName::Named(class), name } if class.ends_with("PromiseInterface") => name,
        _ => return None,
    };
    match name {
        "fulfilled" | "FULFILLED" => Some(Side::Value),
        "rejected" | "REJECTED" => Some(Side::Reason),
        _ => None,
    }
}

/// Whether two conditions ask one row for the two states.
fn opposite(one: &Php, other: &Php) -> bool {
    let of = |php: &Php| {
        let E::Binary { operator, left, right } = &php.bare().kind else { return None };
        let asked = asked(*operator, left, right)?;
        Some((variable_name(asked.row)?, asked.side))
    };
    match (of(one), of(other)) {
        (Some((row, side)), Some((other, opposite))) => row == other && side != opposite,
        _ => false,
    }
}
