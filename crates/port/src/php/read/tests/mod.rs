//! What is read of PHP.

mod comments;
mod depth;
mod kinds;
mod places;
mod samples;
mod texts;
mod trees;

use super::{open, read};
use crate::php::tree::{Expression, ExpressionKind, File, MemberKind, Statement, StatementKind};
use crate::refusal::Refusal;
use crate::source::Source;

/// A source and what is read of it.
fn file(php: &str) -> (Source, File) {
    let source = open(php.as_bytes()).unwrap();
    match read(&source) {
        Ok(file) => (source, file),
        Err(refusal) => panic!("{refusal} at {:?}: {php}", refusal.position()),
    }
}

fn refused(php: &str) -> Refusal {
    read(&open(php.as_bytes()).unwrap()).expect_err(php)
}

/// The only statement.
fn statement(php: &str) -> StatementKind {
    let (_, mut file) = file(php);
    assert_eq!(file.statements.len(), 1, "{php}");
    file.statements.remove(0).kind
}

/// The only expression.
fn expression(php: &str) -> ExpressionKind {
    match statement(php) {
        StatementKind::Expression(expression) => expression.kind,
        other => panic!("{php}: {other:?}"),
    }
}

/// A tree in short: what derives `Debug`, without the spans.
fn shape(tree: &impl std::fmt::Debug) -> String {
    let mut text = format!("{tree:?}");
    while let Some(start) = text.find("span: Span {") {
        let end = text[start..].find('}').map_or(text.len(), |at| start + at + 1);
        let end = if text[end..].starts_with(", ") { end + 2 } else { end };
        text.replace_range(start..end, "");
    }
    text.replace("name_", "").replace("Expression { kind: ", "{ ")
}

/// All statements, those in others too, in order.
fn each(statements: &[Statement], seen: &mut impl FnMut(&Statement)) {
    for statement in statements {
        seen(statement);
        match &statement.kind {
            StatementKind::If { branches, otherwise } => {
                branches.iter().map(|(_, body)| body).chain(otherwise).for_each(|body| each(&body.statements, seen));
            }
            StatementKind::While { body, .. }
            | StatementKind::DoWhile { body, .. }
            | StatementKind::For { body, .. }
            | StatementKind::Foreach { body, .. }
            | StatementKind::Block(body) => each(&body.statements, seen),
            StatementKind::Switch { cases, .. } => cases.iter().for_each(|case| each(&case.body, seen)),
            StatementKind::Try { body, catches, finally } => {
                let caught = catches.iter().map(|catch| &catch.body);
                std::iter::once(body).chain(caught).chain(finally).for_each(|body| each(&body.statements, seen));
            }
            StatementKind::Function(function) => function.body.iter().for_each(|body| each(&body.statements, seen)),
            StatementKind::Class(class) => {
                for member in &class.members {
                    if let MemberKind::Method { function, .. } = &member.kind {
                        function.body.iter().for_each(|body| each(&body.statements, seen));
                    }
                }
            }
            _ => {}
        }
    }
}

/// How many expressions stand within each other on the way to the left.
fn depth_to_the_left(mut expression: &Expression) -> usize {
    let mut depth = 1;
    loop {
        expression = match &expression.kind {
            ExpressionKind::Binary { left, .. } => left,
            ExpressionKind::Property { object, .. } | ExpressionKind::MethodCall { object, .. } => object,
            _ => return depth,
        };
        depth += 1;
    }
}
