//! Parentheses where Rust wants them, and a few other things that must be so before code is laid out.

use std::mem;

use crate::rust::tree::{Block, Entry, Expression, Item, ItemKind, Json, Statement, StatementKind};

/// How strongly an expression holds together; from loose to tight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grip {
    Jump,
    Assign,
    Range,
    Or,
    And,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Cast,
    Prefix,
    Postfix,
}

/// Whether the brace of a block follows, as behind `if`: a struct literal must then be in parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Free,
    Condition,
}

pub fn items(items: &mut [Item]) {
    for item in items {
        match &mut item.kind {
            ItemKind::Function(function) => function.body.iter_mut().for_each(block),
            ItemKind::Impl { items: inner, .. } | ItemKind::Trait { items: inner, .. } => self::items(inner),
            ItemKind::Constant { value, .. } | ItemKind::ThreadLocal { value, .. } => expression(value, Place::Free),
            ItemKind::Struct { .. } | ItemKind::Enum { .. } | ItemKind::Comments => {}
        }
    }
}

pub fn block(block: &mut Block) {
    for statement in &mut block.statements {
        self::statement(statement);
    }
}

fn statement(statement: &mut Statement) {
    match &mut statement.kind {
        StatementKind::Let { value, otherwise, .. } => {
            let before_else = otherwise.is_some();
            if let Some(value) = value {
                let wants = before_else && (ends_with_brace(value) || matches!(grip(value), Grip::And | Grip::Or));
                operand(value, wants, Place::Free);
            }
            if let Some(otherwise) = otherwise {
                let jumps_only = is_jump_only(otherwise);
                block(otherwise);
                if jumps_only {
                    without_semicolon(otherwise);
                }
            }
        }
        StatementKind::Expression(inner) | StatementKind::Value(inner) => expression(inner, Place::Free),
        StatementKind::Item(item) => items(std::slice::from_mut(item)),
        StatementKind::Comments => {}
    }
    // rustfmt adds the semicolon.
    if let StatementKind::Value(value) = &mut statement.kind
        && is_jump(value)
    {
        let value = mem::replace(value, nothing());
        statement.kind = StatementKind::Expression(value);
    }
}

/// `return`, `continue` or `break`, alone and without comments: may stand on the line of its `else`.
fn is_jump_only(block: &Block) -> bool {
    let [only] = block.statements.as_slice() else {
        return false;
    };
    let (StatementKind::Expression(inner) | StatementKind::Value(inner)) = &only.kind else {
        return false;
    };
    only.lead.comments.is_empty() && only.trailing.is_none() && block.end.comments.is_empty() && is_jump(inner)
}

fn without_semicolon(block: &mut Block) {
    for statement in &mut block.statements {
        if let StatementKind::Expression(inner) = &mut statement.kind {
            statement.kind = StatementKind::Value(mem::replace(inner, nothing()));
        }
    }
}

pub fn is_jump(expression: &Expression) -> bool {
    matches!(expression, Expression::Return(_) | Expression::Break { .. } | Expression::Continue { .. })
}

pub fn is_block_like(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::If { .. }
            | Expression::Match { .. }
            | Expression::Block(_)
            | Expression::While { .. }
            | Expression::Loop { .. }
            | Expression::For { .. }
    )
}

fn nothing() -> Expression {
    Expression::Atom(String::new())
}

fn wrap(expression: &mut Expression) {
    let inner = mem::replace(expression, nothing());
    *expression = Expression::Paren(Box::new(inner));
}

fn operand(expression: &mut Expression, wants_parentheses: bool, place: Place) {
    if wants_parentheses {
        self::expression(expression, Place::Free);
        wrap(expression);
    } else {
        self::expression(expression, place);
    }
}

fn expression(expression: &mut Expression, place: Place) {
    match expression {
        Expression::Atom(_) | Expression::Text(_) | Expression::Format(_) | Expression::Verbatim(_) => {}
        Expression::Continue { .. } => {}
        Expression::Call { callee, arguments } => {
            let wants =
                grip(callee) < Grip::Postfix || is_block_like(callee) || matches!(**callee, Expression::Field { .. });
            operand(callee, wants, place);
            free(arguments);
        }
        Expression::Method { receiver, arguments, .. } => {
            let wants = grip(receiver) < Grip::Postfix;
            operand(receiver, wants, place);
            free(arguments);
        }
        Expression::Field { receiver: inner, .. } | Expression::Try(inner) => {
            let wants = grip(inner) < Grip::Postfix;
            operand(inner, wants, place);
        }
        Expression::Index { base, index } => {
            let wants = grip(base) < Grip::Postfix || is_block_like(base);
            operand(base, wants, place);
            self::expression(index, Place::Free);
        }
        Expression::Macro { arguments, .. } | Expression::Array(arguments) | Expression::Tuple(arguments) => {
            free(arguments);
        }
        Expression::Json(json) => {
            self::json(json);
            if let Some(plain) = without_objects(json) {
                *expression = Expression::Macro { name: "json".to_owned(), arguments: vec![plain] };
            } else if !has_fields(json) {
                with_comments_above(json);
            }
        }
        Expression::Paren(inner) => self::expression(inner, Place::Free),
        Expression::Struct { fields, base, .. } => {
            fields
                .iter_mut()
                .filter_map(|(_, value)| value.as_mut())
                .for_each(|value| self::expression(value, Place::Free));
            base.iter_mut().for_each(|base| self::expression(base, Place::Free));
            condition_wraps(expression, place);
        }
        Expression::Block(inner) => block(inner),
        Expression::Closure { returns, body, .. } => {
            closure_body(returns.is_some(), body);
            condition_wraps(expression, place);
        }
        operators => operator(operators, place),
    }
}

fn free(expressions: &mut [Expression]) {
    expressions.iter_mut().for_each(|inner| expression(inner, Place::Free));
}

/// The brace of a literal, or of what is the body of a closure, would be taken for the block behind the condition.
fn condition_wraps(expression: &mut Expression, place: Place) {
    if place == Place::Condition {
        wrap(expression);
    }
}

fn closure_body(returns: bool, body: &mut Expression) {
    expression(body, Place::Free);
    if returns && !matches!(body, Expression::Block(_)) {
        let value = mem::replace(body, nothing());
        let only = Statement { lead: Default::default(), kind: StatementKind::Value(value), trailing: None };
        *body = Expression::Block(Block { statements: vec![only], end: Default::default() });
    }
}

fn operator(expression: &mut Expression, place: Place) {
    match expression {
        Expression::Unary { operator, operand: inner } => {
            let wants = grip(inner) < Grip::Prefix || (*operator == "-" && is_negative(inner));
            operand(inner, wants, place);
        }
        Expression::Binary { operator, left, right } => binary(operator, left, right, place),
        Expression::Assign { target, value, .. } => {
            let wants = grip(target) <= Grip::Range || is_block_like(target);
            operand(target, wants, place);
            self::expression(value, place);
        }
        Expression::Cast { operand: inner, .. } => {
            let wants = grip(inner) < Grip::Cast || is_block_like(inner);
            operand(inner, wants, place);
        }
        Expression::Range { start, end, .. } => {
            for edge in start.iter_mut().chain(end.iter_mut()) {
                let wants = grip(edge) <= Grip::Range || is_block_like(edge);
                operand(edge, wants, place);
            }
        }
        Expression::Let { value, .. } => {
            let wants = grip(value) <= Grip::And;
            operand(value, wants, Place::Condition);
        }
        Expression::Return(value) | Expression::Break { value, .. } => {
            value.iter_mut().for_each(|value| self::expression(value, place));
        }
        control => self::control(control),
    }
}

fn control(expression: &mut Expression) {
    match expression {
        Expression::If { condition, then, otherwise } => {
            self::expression(condition, Place::Condition);
            block(then);
            otherwise.iter_mut().for_each(|otherwise| self::expression(otherwise, Place::Free));
        }
        Expression::Match { subject, arms } => {
            self::expression(subject, Place::Condition);
            for arm in arms {
                arm.guard.iter_mut().for_each(|guard| self::expression(guard, Place::Free));
                self::expression(&mut arm.body, Place::Free);
            }
        }
        Expression::While { condition, body, .. } => {
            self::expression(condition, Place::Condition);
            block(body);
        }
        Expression::For { iterator, body, .. } => {
            self::expression(iterator, Place::Condition);
            block(body);
        }
        Expression::Loop { body, .. } => block(body),
        _ => {}
    }
}

fn binary(operator: &str, left: &mut Expression, right: &mut Expression, place: Place) {
    let own = operator_grip(operator);
    let left_grip = grip(left);
    // `a as i64 < b` would begin the arguments of a generic type.
    let ambiguous = matches!(operator, "<" | "<<") && ends_with_type(left);
    let wants_left = left_grip < own || (left_grip == own && own == Grip::Compare) || is_block_like(left) || ambiguous;
    let is_let = |inner: &Expression| matches!(inner, Expression::Let { .. });
    operand(left, wants_left && !(own == Grip::And && is_let(left)), place);
    let wants_right = grip(right) <= own || is_block_like(right);
    operand(right, wants_right && !(own == Grip::And && is_let(right)), place);
}

fn ends_with_type(expression: &Expression) -> bool {
    match expression {
        Expression::Cast { .. } => true,
        Expression::Binary { right, .. } => ends_with_type(right),
        Expression::Unary { operand, .. } => ends_with_type(operand),
        _ => false,
    }
}

fn ends_with_brace(expression: &Expression) -> bool {
    match expression {
        // Braces may be put around the body of a closure.
        Expression::Struct { .. } | Expression::Closure { .. } => true,
        Expression::Binary { right: last, .. }
        | Expression::Unary { operand: last, .. }
        | Expression::Assign { value: last, .. }
        | Expression::Return(Some(last))
        | Expression::Range { end: Some(last), .. } => ends_with_brace(last),
        other => is_block_like(other),
    }
}

fn is_negative(expression: &Expression) -> bool {
    match expression {
        Expression::Atom(atom) => atom.starts_with('-'),
        Expression::Unary { operator, .. } => *operator == "-",
        _ => false,
    }
}

fn grip(expression: &Expression) -> Grip {
    match expression {
        Expression::Closure { .. } | Expression::Return(_) | Expression::Break { .. } => Grip::Jump,
        Expression::Assign { .. } => Grip::Assign,
        Expression::Range { .. } => Grip::Range,
        Expression::Let { .. } => Grip::And,
        Expression::Binary { operator, .. } => operator_grip(operator),
        Expression::Cast { .. } => Grip::Cast,
        Expression::Unary { .. } => Grip::Prefix,
        Expression::Atom(_) if is_negative(expression) => Grip::Prefix,
        _ => Grip::Postfix,
    }
}

fn operator_grip(operator: &str) -> Grip {
    match operator {
        "||" => Grip::Or,
        "&&" => Grip::And,
        "|" => Grip::BitOr,
        "^" => Grip::BitXor,
        "&" => Grip::BitAnd,
        "<<" | ">>" => Grip::Shift,
        "+" | "-" => Grip::Sum,
        "*" | "/" | "%" => Grip::Product,
        _ => Grip::Compare,
    }
}

fn json(json: &mut Json) {
    match json {
        Json::Object(entries) | Json::Array(entries) => {
            for entry in entries {
                entry.key.iter_mut().for_each(|key| expression(key, Place::Free));
                self::json(&mut entry.value);
            }
        }
        Json::Value(value) => expression(value, Place::Free),
    }
}

/// What rustfmt can read as an expression, as there is neither a field of an object in it nor a comment.
fn without_objects(json: &Json) -> Option<Expression> {
    match json {
        Json::Object(entries) => entries.is_empty().then(|| Expression::Block(Block::default())),
        Json::Array(entries) => entries
            .iter()
            .map(|entry| if is_plain(entry) { without_objects(&entry.value) } else { None })
            .collect::<Option<Vec<_>>>()
            .map(Expression::Array),
        Json::Value(value) => Some((**value).clone()),
    }
}

fn has_fields(json: &Json) -> bool {
    match json {
        Json::Object(entries) => !entries.is_empty(),
        Json::Array(entries) => entries.iter().any(|entry| has_fields(&entry.value)),
        Json::Value(_) => false,
    }
}

/// In a list that it can read, rustfmt takes away empty lines and aligns what is behind the elements: there is none.
fn with_comments_above(json: &mut Json) {
    if let Some(plain) = without_objects(json) {
        *json = Json::Value(Box::new(plain));
    } else if let Json::Array(entries) = json {
        for entry in entries {
            entry.lead.blank = false;
            entry.lead.comments.retain(|comment| !comment.trim().is_empty());
            entry.lead.comments.extend(entry.trailing.take());
            with_comments_above(&mut entry.value);
        }
    }
}

fn is_plain(entry: &Entry) -> bool {
    entry.key.is_none() && entry.trailing.is_none() && entry.lead.comments.is_empty()
}
