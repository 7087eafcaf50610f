//! Short ways to make pieces of Rust.

use crate::rust::numbers;
use crate::rust::tree::{Arm, Block, Expression, Json, Lead, Statement, StatementKind};

pub fn atom(text: impl Into<String>) -> Expression {
    Expression::Atom(text.into())
}

pub fn text(text: impl Into<String>) -> Expression {
    Expression::Text(text.into())
}

/// `path(arguments)`
pub fn call(path: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call { callee: Box::new(atom(path)), arguments }
}

/// `receiver.name(arguments)`
pub fn method(receiver: Expression, name: &str, arguments: Vec<Expression>) -> Expression {
    let receiver = Box::new(numbers::typed(itself(receiver)));
    Expression::Method { receiver, name: name.to_owned(), arguments }
}

pub fn field(receiver: Expression, name: &str) -> Expression {
    Expression::Field { receiver: Box::new(itself(receiver)), name: name.to_owned() }
}

/// `name!(arguments)`
pub fn macro_call(name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Macro { name: name.to_owned(), arguments }
}

pub fn unary(operator: &'static str, operand: Expression) -> Expression {
    Expression::Unary { operator, operand: Box::new(operand) }
}

/// What stands for a `&*a` where Rust borrows by itself: `a`.
pub fn itself(expression: Expression) -> Expression {
    match expression {
        Expression::Unary { operator: "&*", operand } => *operand,
        expression => expression,
    }
}

/// `&expression`
pub fn reference(expression: Expression) -> Expression {
    unary("&", expression)
}

pub fn binary(operator: &'static str, left: Expression, right: Expression) -> Expression {
    Expression::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

pub fn assign(operator: &'static str, target: Expression, value: Expression) -> Expression {
    Expression::Assign { operator, target: Box::new(target), value: Box::new(value) }
}

pub fn index(base: Expression, index: Expression) -> Expression {
    Expression::Index { base: Box::new(itself(base)), index: Box::new(index) }
}

/// `json!(value)`
pub fn json(value: Json) -> Expression {
    Expression::Json(value)
}

/// `|parameters| body`
pub fn closure(parameters: &[&str], body: Expression) -> Expression {
    let parameters = parameters.iter().map(|name| (*name).to_owned()).collect();
    Expression::Closure { moves: false, parameters, returns: None, body: Box::new(body) }
}

pub fn if_else(condition: Expression, then: Block, otherwise: Block) -> Expression {
    Expression::If { condition: Box::new(condition), then, otherwise: Some(Box::new(Expression::Block(otherwise))) }
}

/// `pattern => body`
pub fn arm(pattern: impl Into<String>, body: Expression) -> Arm {
    Arm { lead: Lead::default(), pattern: pattern.into(), guard: None, body }
}

/// `Ok(expression)`
pub fn ok(expression: Expression) -> Expression {
    call("Ok", vec![expression])
}

/// `Some(expression)`
pub fn some(expression: Expression) -> Expression {
    call("Some", vec![expression])
}

impl Statement {
    pub fn new(kind: StatementKind) -> Statement {
        Statement { lead: Lead::default(), kind, trailing: None }
    }

    /// `expression;`
    pub fn expression(expression: Expression) -> Statement {
        Statement::new(StatementKind::Expression(expression))
    }

    /// `let pattern = value;`
    pub fn let_(pattern: impl Into<String>, value: Expression) -> Statement {
        Statement::new(StatementKind::Let { pattern: pattern.into(), ty: None, value: Some(value), otherwise: None })
    }
}

impl Block {
    /// The block of one value: `{ value }`.
    pub fn of(value: Expression) -> Block {
        if let Expression::Block(block) = value {
            return block;
        }
        Block::new(vec![Statement::new(StatementKind::Value(value))])
    }

    pub fn new(statements: Vec<Statement>) -> Block {
        Block { statements, end: Lead::default() }
    }
}
