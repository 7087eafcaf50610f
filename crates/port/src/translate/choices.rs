//! A choice between values, where PHP chooses between assignments.

use crate::rust::shapes::lone_value;
use crate::rust::tree::{Arm, Block, Expression, Statement, StatementKind};

/// `let x; if … { x = 1; } else { x = 2; }` becomes `let x = if … { 1 } else { 2 };`.
pub fn inline_choice(statements: &mut Vec<Statement>, _name: &str, rust: String) {
    let [declaration, choice] = statements.as_mut_slice() else { return };
    let StatementKind::Let { pattern, ty: None, value: None, otherwise: None } = &declaration.kind else { return };
    if *pattern != rust {
        return;
    }
    let StatementKind::Expression(code) = &choice.kind else { return };
    let Some(value) = chosen(code, &rust) else {
        // It is assigned several times on some way.
        return;
    };
    let kind = StatementKind::Let { pattern: rust, ty: None, value: Some(value), otherwise: None };
    let mut lead = declaration.lead.clone();
    lead.comments.extend(choice.lead.comments.iter().cloned());
    lead.origin = lead.origin.or(choice.lead.origin);
    *statements = vec![Statement { lead, kind, trailing: choice.trailing.clone() }];
}

/// The expression whose value is what each of its ends assigns.
fn chosen(code: &Expression, name: &str) -> Option<Expression> {
    match code {
        Expression::Assign { operator: "=", target, value } => {
            matches!(&**target, Expression::Atom(target) if target == name).then(|| (**value).clone())
        }
        Expression::If { condition, then, otherwise: Some(otherwise) } => Some(Expression::If {
            condition: condition.clone(),
            then: chosen_in(then, name)?,
            otherwise: Some(Box::new(chosen(otherwise, name)?)),
        }),
        Expression::Block(block) => Some(Expression::Block(chosen_in(block, name)?)),
        Expression::Match { subject, arms } => {
            let arms = arms
                .iter()
                .map(|arm| {
                    let body = match chosen(&arm.body, name)? {
                        Expression::Block(block) => single_value(block),
                        body => body,
                    };
                    Some(Arm { body, ..arm.clone() })
                })
                .collect::<Option<Vec<_>>>()?;
            Some(Expression::Match { subject: subject.clone(), arms })
        }
        Expression::Return(_) | Expression::Continue { .. } | Expression::Break { .. } => Some(code.clone()),
        Expression::Macro { name, .. } if name == "bail" => Some(code.clone()),
        _ => None,
    }
}

fn single_value(block: Block) -> Expression {
    lone_value(&block).cloned().unwrap_or(Expression::Block(block))
}

fn chosen_in(block: &Block, name: &str) -> Option<Block> {
    let mut block = block.clone();
    let last = block.statements.pop()?;
    let StatementKind::Expression(code) = &last.kind else { return None };
    let value = chosen(code, name)?;
    let diverges = matches!(value, Expression::Return(_) | Expression::Continue { .. } | Expression::Break { .. });
    let kind = if diverges { StatementKind::Expression(value) } else { StatementKind::Value(value) };
    block.statements.push(Statement { kind, ..last });
    // Assigned before the end, too: then it is no choice.
    let earlier = block.statements[..block.statements.len() - 1].iter().any(|statement| assigns(statement, name));
    (!earlier).then_some(block)
}

fn assigns(statement: &Statement, name: &str) -> bool {
    matches!(&statement.kind, StatementKind::Expression(Expression::Assign { target, .. })
        if matches!(&**target, Expression::Atom(target) if target == name))
}
