//! The end of a function: its value stands there as it is, without `return`.

use crate::rust::shapes::lone_value;
use crate::rust::tree::{Block, Expression, StatementKind};

/// Makes the last statement the value of the block, where it returns one.
pub fn with_value(block: &mut Block) {
    // Comments at the end stand behind a statement, and cannot stand behind a value.
    let Some(last) = block.statements.last_mut() else { return };
    let kind = std::mem::replace(&mut last.kind, StatementKind::Comments);
    last.kind = match kind {
        StatementKind::Expression(Expression::Return(Some(value))) => StatementKind::Value(*value),
        StatementKind::Expression(Expression::Return(None)) => {
            last.lead.comments.extend(last.trailing.take());
            if last.lead.comments.is_empty() {
                block.statements.pop();
                return;
            }
            StatementKind::Comments
        }
        StatementKind::Expression(code) => valued(code),
        StatementKind::Value(code) => StatementKind::Value(tail(code)),
        kind => kind,
    };
}

/// An `if` or a `match` whose branches all return: then it is the value itself.
fn valued(code: Expression) -> StatementKind {
    if !always_returns(&code) {
        return StatementKind::Expression(code);
    }
    StatementKind::Value(tail(code))
}

fn tail(code: Expression) -> Expression {
    match code {
        Expression::Return(Some(value)) => *value,
        Expression::If { condition, mut then, otherwise: Some(otherwise) } => {
            with_value(&mut then);
            Expression::If { condition, then, otherwise: Some(Box::new(tail(*otherwise))) }
        }
        Expression::Block(mut block) => {
            with_value(&mut block);
            match lone_value(&block) {
                // Only where a block need not be one: an arm of `match`.
                Some(value) => Expression::Block(Block::of(value.clone())),
                None => Expression::Block(block),
            }
        }
        Expression::Match { subject, arms } => {
            let arms = arms
                .into_iter()
                .map(|mut arm| {
                    arm.body = match tail(arm.body) {
                        Expression::Block(block) => unblocked(block),
                        body => body,
                    };
                    arm
                })
                .collect();
            Expression::Match { subject, arms }
        }
        code => code,
    }
}

fn unblocked(block: Block) -> Expression {
    let is_apart = block.statements.first().is_some_and(|first| first.lead.blank);
    lone_value(&block).filter(|_| !is_apart).cloned().unwrap_or(Expression::Block(block))
}

/// Whether each way through ends in `return` of a value, or does not end.
fn always_returns(code: &Expression) -> bool {
    match code {
        Expression::Return(Some(_)) => true,
        Expression::Macro { name, .. } => matches!(name.as_str(), "bail" | "todo" | "unreachable"),
        Expression::If { then, otherwise: Some(otherwise), .. } => block_returns(then) && always_returns(otherwise),
        Expression::Block(block) => block_returns(block),
        Expression::Match { arms, .. } => arms.iter().all(|arm| always_returns(&arm.body)),
        _ => false,
    }
}

fn block_returns(block: &Block) -> bool {
    block.statements.last().is_some_and(|statement| match &statement.kind {
        StatementKind::Expression(code) => always_returns(code),
        StatementKind::Value(_) => true,
        _ => false,
    })
}
