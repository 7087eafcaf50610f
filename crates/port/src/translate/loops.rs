//! Loops, and what leaves them.

use crate::php::tree::{
    Binary, Block as PhpBlock, Expression as Php, ExpressionKind as E, Statement as PhpStatement, StatementKind as S,
};
use crate::php::walk::each_expression_in;
use crate::rust::build::{atom, method};
use crate::rust::shapes::negated;
use crate::rust::tree::{Block, Expression, Statement};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::conditions::variable_name;
use crate::translate::scope::{Loop, VariableKind};
use crate::translate::types::Type;

impl Translator<'_> {
    pub(super) fn while_statement(&mut self, condition: &Php, body: &PhpBlock, span: Span) -> Result<Vec<Statement>> {
        if let E::Constant(name) = &condition.bare().kind
            && name.eq_ignore_ascii_case("true")
        {
            let (label, body) = self.loop_body(body, span, vec![])?;
            return Ok(vec![Statement::expression(Expression::Loop { label, body })]);
        }
        self.enter(span, vec![]);
        let condition_code = self.looped(|translator| translator.condition(condition));
        let before = std::mem::take(&mut self.scope().before);
        let block = self.block(body);
        let label = self.leave();
        let condition_code = condition_code?;
        Ok(vec![Statement::expression(while_loop(label, before, condition_code, block))])
    }

    /// Translates the condition of a loop: it may assign, in each round.
    pub(super) fn looped<T>(&mut self, translate: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let conditional = std::mem::take(&mut self.scope().conditional);
        let result = translate(self);
        self.scope().conditional = conditional;
        result
    }

    pub(super) fn do_while(&mut self, body: &PhpBlock, condition: &Php, span: Span) -> Result<Vec<Statement>> {
        let step = match continued(&body.statements, 1, false) {
            Continued::Never => vec![],
            Continued::Directly => self.asked_at_once(condition)?,
            Continued::FromInside => {
                return Err(Cannot::new(span, "continue 2 in do … while: write the loop with while (true) and break"));
            }
        };
        self.enter(span, step);
        // What the body declares is read by the condition.
        self.scope().blocks.push(body.span.start);
        let variables = self.scope().variables.clone();
        let mut statements = self.statements(&body.statements);
        let condition = self.condition(condition);
        let before = std::mem::take(&mut self.scope().before);
        self.forget_inner(variables);
        self.scope().blocks.pop();
        let label = self.leave();
        let condition = condition?;
        statements.extend(before);
        let mut leave = leave_unless(condition);
        let end = self.comments.lines_before(body.span.end);
        leave.lead.comments.extend(end);
        statements.push(leave);
        Ok(vec![Statement::expression(Expression::Loop { label, body: Block::new(statements) })])
    }

    /// What `continue` does in a `do … while` before it goes on: it asks the condition, whose variables are there already.
    fn asked_at_once(&mut self, condition: &Php) -> Result<Vec<Statement>> {
        let mut missing = false;
        crate::translate::plan::each_variable(condition, &mut |name| {
            missing |= name != "this" && self.find_variable(name).is_none();
        });
        if missing {
            return Err(Cannot::new(
                condition.span,
                "continue in a do … while whose condition has variables of its body: assign them before it",
            ));
        }
        let outer = std::mem::take(&mut self.scope().before);
        let condition = self.looped(|translator| translator.condition(condition));
        let mut statements = std::mem::replace(&mut self.scope().before, outer);
        statements.push(leave_unless(condition?));
        Ok(statements)
    }

    pub(super) fn for_statement(
        &mut self,
        start: &[Php],
        conditions: &[Php],
        step: &[Php],
        body: &PhpBlock,
        span: Span,
    ) -> Result<Vec<Statement>> {
        if let Some(code) = self.counted(start, conditions, step, body, span)? {
            return Ok(vec![Statement::expression(code)]);
        }
        let outside = self.scope().variables.clone();
        let mut statements = Vec::new();
        for php in start {
            statements.extend(self.for_part(php)?);
        }
        // What its head declares is declared before it.
        let begin = conditions.iter().chain(step).map(|php| php.span.start).chain([body.span.start]).min();
        self.enter(Span { start: begin.unwrap_or(span.start), end: span.end }, vec![]);
        let mut steps = Vec::new();
        let step_result: Result<()> = step.iter().try_for_each(|php| {
            steps.extend(self.for_part(php)?);
            Ok(())
        });
        if let Some(around) = self.scope().loops.last_mut() {
            around.step = steps.clone();
        }
        let mut condition = None;
        let mut heads = Vec::new();
        let outer = std::mem::take(&mut self.scope().before);
        for (at, php) in conditions.iter().enumerate() {
            if at + 1 == conditions.len() {
                condition = Some(self.looped(|translator| translator.condition(php)));
            } else {
                heads.extend(self.for_part(php)?);
            }
        }
        let before = std::mem::replace(&mut self.scope().before, outer);
        let mut block = self.block(body);
        let label = self.leave();
        step_result?;
        block.statements.extend(steps);
        let body = block;
        let code = match condition {
            Some(condition) if heads.is_empty() => while_loop(label, before, condition?, body),
            Some(_) => return Err(Cannot::new(span, "several conditions in for: keep the last")),
            None => Expression::Loop { label, body },
        };
        statements.push(Statement::expression(code));
        if !self.keeps(start, span) {
            self.forget_inner(outside);
        }
        Ok(statements)
    }

    /// Whether a variable that the `for` begins is read behind it.
    pub(super) fn keeps(&mut self, start: &[Php], span: Span) -> bool {
        let kept = &self.scope().plan.kept;
        start.iter().any(|php| match &php.kind {
            E::Assign { target, .. } => {
                matches!(&target.kind, E::Variable(name) if kept.contains(&(span.start, name.clone())))
            }
            _ => false,
        })
    }

    pub(super) fn for_part(&mut self, php: &Php) -> Result<Vec<Statement>> {
        match &php.bare().kind {
            E::Assign { .. } | E::Step { .. } => self.assignment(php.bare()),
            _ => {
                let value = self.expression(php)?;
                Ok(vec![Statement::expression(value.code)])
            }
        }
    }

    /// `for ($i = a; $i < b; $i++)` of an `$i` and a `b` that nothing else changes: a range.
    pub(super) fn counted(
        &mut self,
        start: &[Php],
        conditions: &[Php],
        step: &[Php],
        body: &PhpBlock,
        span: Span,
    ) -> Result<Option<Expression>> {
        let Some(count) = Counted::new(start, conditions, step) else { return Ok(None) };
        if changes_in(&body.statements, count.name)
            || self.keeps(start, span)
            || self.find_variable(count.name).is_some()
        {
            return Ok(None);
        }
        let mut fixed = true;
        count.end.each(&mut |php| match &php.kind {
            E::Variable(name) => fixed &= !changes_in(&body.statements, name),
            E::Integer(_) | E::Constant(_) | E::ClassConstant { .. } | E::Parenthesized(_) => {}
            E::Binary { .. } => {}
            E::Call { callee: crate::php::tree::Callee::Named(name), .. } => {
                fixed &= matches!(
                    name.trim_start_matches('\\'),
                    "count" | "strlen" | "mb_strlen" | "min" | "max" | "intdiv"
                );
            }
            _ => fixed = false,
        });
        if !fixed {
            return Ok(None);
        }
        let from = self.expression(count.start)?;
        let to = self.expression(count.end)?;
        if from.is_unknown() || to.is_unknown() {
            // A later pass knows.
        } else if from.ty != Type::Integer || to.ty != Type::Integer {
            return Ok(None);
        }
        let variables = self.scope().variables.clone();
        self.enter(span, vec![]);
        self.scope().blocks.push(span.start);
        let pattern = self.declare(count.name, &Type::Integer, VariableKind::Local, count.start.span);
        let block = self.block(body);
        self.scope().blocks.pop();
        self.forget_inner(variables);
        let label = self.leave();
        let read = self.facts.variables.iter().any(|(key, facts)| {
            key.name == count.name
                && key.function == self.scopes.last().map_or("", |scope| &scope.function)
                && facts.read
        });
        let pattern = if read { pattern } else { "_".to_owned() };
        let (start, end) = (Box::new(from.operand()), Box::new(to.operand()));
        let range = if count.up {
            Expression::Range { start: Some(start), end: Some(end), inclusive: count.inclusive }
        } else {
            let low = if count.inclusive { end } else { Box::new(crate::rust::build::binary("+", *end, atom("1"))) };
            let range = Expression::Range { start: Some(low), end: Some(start), inclusive: true };
            method(Expression::Paren(Box::new(range)), "rev", vec![])
        };
        Ok(Some(Expression::For { label, pattern, iterator: Box::new(range), body: block }))
    }

    /// The body of a loop, and its label if something needs one.
    pub(super) fn loop_body(
        &mut self,
        body: &PhpBlock,
        span: Span,
        step: Vec<Statement>,
    ) -> Result<(Option<String>, Block)> {
        self.enter(span, step);
        let block = self.block(body);
        Ok((self.leave(), block))
    }

    pub(super) fn enter(&mut self, span: Span, step: Vec<Statement>) {
        let number = self.scope().loops.len();
        let label = if number == 0 { "'outer".to_owned() } else { format!("'inner_{number}") };
        let around = Loop { span, label: Some(label), is_switch: false, label_is_used: false, step };
        self.scope().loops.push(around);
    }

    pub(super) fn leave(&mut self) -> Option<String> {
        let around = self.scope().loops.pop()?;
        around.label.filter(|_| around.label_is_used)
    }

    pub(super) fn break_statement(&mut self, levels: u32, span: Span) -> Result<Vec<Statement>> {
        let levels = levels.max(1) as usize;
        if let Some(jump) = self.round_left(levels, true, span)? {
            return Ok(vec![jump]);
        }
        if let Some(jump) = self.jump_out(levels) {
            return Ok(vec![jump]);
        }
        let scope = self.scope();
        let count = scope.loops.len();
        let Some(target) = count.checked_sub(levels) else {
            return Err(Cannot::new(span, "break outside of a loop"));
        };
        if scope.loops[target].is_switch {
            return Err(Cannot::new(span, "a break in the middle of a case: use if and else"));
        }
        let label = label_of(&mut scope.loops, target);
        Ok(vec![Statement::expression(Expression::Break { label, value: None })])
    }

    pub(super) fn continue_statement(&mut self, levels: u32, span: Span) -> Result<Vec<Statement>> {
        let levels = levels.max(1) as usize;
        if let Some(jump) = self.round_left(levels, false, span)? {
            return Ok(vec![jump]);
        }
        if let Some(jump) = self.jump_out(levels) {
            return Ok(vec![jump]);
        }
        let scope = self.scope();
        let count = scope.loops.len();
        let Some(target) = count.checked_sub(levels) else {
            return Err(Cannot::new(span, "continue outside of a loop"));
        };
        if scope.loops[target].is_switch {
            if levels > 1 {
                return Err(Cannot::new(span, "continue of a switch: use break"));
            }
            // PHP leaves the switch; in a loop that is hardly meant.
            if target == 0 {
                return Err(Cannot::new(span, "continue of a switch: use break"));
            }
            return Err(Cannot::new(span, "continue of a switch does what break does: write break, or continue 2"));
        }
        let label = label_of(&mut scope.loops, target);
        let mut statements = scope.loops[target].step.clone();
        statements.push(Statement::expression(Expression::Continue { label }));
        Ok(statements)
    }
}

/// `while condition { … }`; what the condition does first is done in each round.
fn while_loop(label: Option<String>, before: Vec<Statement>, condition: Expression, body: Block) -> Expression {
    if before.is_empty() {
        return Expression::While { label, condition: Box::new(condition), body };
    }
    let mut statements = before;
    statements.push(leave_unless(condition));
    statements.extend(body.statements);
    Expression::Loop { label, body: Block { statements, ..body } }
}

/// `if !condition { break; }`
fn leave_unless(condition: Expression) -> Statement {
    Statement::expression(Expression::If {
        condition: Box::new(negated(condition)),
        then: Block::new(vec![Statement::expression(Expression::Break { label: None, value: None })]),
        otherwise: None,
    })
}

/// The label that a jump to a loop needs: none if only switches, which are no loops in Rust, are between the two.
fn label_of(loops: &mut [Loop], target: usize) -> Option<String> {
    if loops[target + 1..].iter().all(|around| around.is_switch) {
        return None;
    }
    loops[target].label_is_used = true;
    loops[target].label.clone()
}

/// Whether the statements assign the variable or change a part of it.
pub fn changes_in(statements: &[PhpStatement], name: &str) -> bool {
    let mut changes = statements.iter().any(|statement| unsets(statement, name));
    each_expression_in(statements, &mut |php| {
        let target = match &php.kind {
            E::Assign { target, .. } | E::Step { target, .. } => target,
            E::Closure(closure) => {
                changes |= closure.captures.iter().any(|capture| capture.by_reference && capture.name == name);
                return;
            }
            // Passed on, it may be by reference.
            E::Call { arguments, callee: crate::php::tree::Callee::Named(function) }
                if matches!(
                    function.as_str(),
                    "sort" | "usort" | "ksort" | "array_push" | "array_pop" | "array_shift" | "array_splice"
                ) =>
            {
                changes |=
                    arguments.first().is_some_and(|argument| variable_name(&argument.value).as_deref() == Some(name));
                return;
            }
            _ => return,
        };
        let mut of = target;
        while let E::Index { base, .. } = &of.kind {
            of = base;
        }
        crate::translate::plan::targets(of, &mut |target| changes |= target == name);
    });
    changes
}

/// Whether the statement takes an element out of the variable.
pub fn unsets(statement: &PhpStatement, name: &str) -> bool {
    let here = match &statement.kind {
        S::Unset(of) => of.iter().any(|php| {
            let mut of = php;
            while let E::Index { base, .. } = &of.kind {
                of = base;
            }
            variable_name(of).as_deref() == Some(name)
        }),
        _ => false,
    };
    here || statement.bodies().into_iter().flatten().any(|inner| unsets(inner, name))
}

/// From where a loop is continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Continued {
    Never,
    Directly,
    /// From a loop in it.
    FromInside,
}

/// From where a loop is continued that `levels` lead to from these statements.
fn continued(statements: &[PhpStatement], levels: u32, is_inside: bool) -> Continued {
    let each = statements.iter().map(|statement| {
        let (levels, is_inside) = match &statement.kind {
            S::Continue(by) if (*by).max(1) == levels && is_inside => return Continued::FromInside,
            S::Continue(by) if (*by).max(1) == levels => return Continued::Directly,
            S::While { .. } | S::DoWhile { .. } | S::For { .. } | S::Foreach { .. } => (levels + 1, true),
            S::Switch { .. } => (levels + 1, is_inside),
            _ => (levels, is_inside),
        };
        let inner = statement.bodies().into_iter().map(|body| continued(body, levels, is_inside));
        inner.max().unwrap_or(Continued::Never)
    });
    each.max().unwrap_or(Continued::Never)
}

/// The parts of a loop that counts.
pub struct Counted<'a> {
    name: &'a str,
    start: &'a Php,
    end: &'a Php,
    inclusive: bool,
    up: bool,
}

impl<'a> Counted<'a> {
    pub(super) fn new(start: &'a [Php], conditions: &'a [Php], step: &'a [Php]) -> Option<Counted<'a>> {
        let ([start], [condition], [step]) = (start, conditions, step) else { return None };
        let E::Assign { target, operator: None, value, .. } = &start.kind else { return None };
        let E::Variable(name) = &target.kind else { return None };
        let is_it = |php: &Php| matches!(&php.bare().kind, E::Variable(other) if other == name);
        let up = match &step.kind {
            E::Step { target, by, .. } if is_it(target) => *by > 0,
            E::Assign { target, operator: Some(Binary::Add), value, .. } if is_it(target) => {
                matches!(value.kind, E::Integer(1)).then_some(true)?
            }
            _ => return None,
        };
        let E::Binary { operator, left, right } = &condition.bare().kind else { return None };
        let inclusive = match (operator, up) {
            (Binary::Less, true) | (Binary::Greater, false) => false,
            (Binary::LessOrEqual, true) | (Binary::GreaterOrEqual, false) => true,
            _ => return None,
        };
        is_it(left).then_some(Counted { name, start: value, end: right, inclusive, up })
    }
}
