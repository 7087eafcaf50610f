//! What reads better and means the same: finished Rust, said the way it is usually said.
//!
//! Nothing here knows types: each rule sees by the names of methods, which only one type has, or by literals, what it is about.

use crate::rust::build::{assign, atom, binary, call, method, some};
use crate::rust::shapes::{lone_value, negated};
use crate::rust::tree::{Block, Expression, Item, ItemKind, Statement, StatementKind};

/// All that is in these items.
pub fn items(items: &mut [Item]) {
    items.iter_mut().for_each(item);
}

fn item(item: &mut Item) {
    match &mut item.kind {
        ItemKind::Function(function) => function.body.iter_mut().for_each(block),
        ItemKind::Impl { items, .. } | ItemKind::Trait { items, .. } => self::items(items),
        ItemKind::Constant { value, .. } | ItemKind::ThreadLocal { value, .. } => expression(value),
        ItemKind::Struct { .. } | ItemKind::Enum { .. } | ItemKind::Comments => {}
    }
}

/// All that is in this block.
pub fn block(block: &mut Block) {
    for statement in &mut block.statements {
        match &mut statement.kind {
            StatementKind::Item(inner) => item(inner),
            StatementKind::Expression(code) => {
                expression(code);
                if let Some(plain) = kept_or_assigned(code) {
                    *code = plain;
                }
            }
            StatementKind::Value(code) => expression(code),
            StatementKind::Let { value, otherwise, .. } => {
                value.iter_mut().for_each(expression);
                otherwise.iter_mut().for_each(self::block);
            }
            StatementKind::Comments => {}
        }
    }
}

/// From the inside out.
fn expression(code: &mut Expression) {
    match code {
        Expression::Block(inner) => block(inner),
        Expression::If { condition, then, otherwise } => {
            expression(condition);
            block(then);
            otherwise.iter_mut().for_each(|otherwise| expression(otherwise));
        }
        Expression::While { condition: head, body, .. } | Expression::For { iterator: head, body, .. } => {
            expression(head);
            block(body);
        }
        Expression::Loop { body, .. } => block(body),
        Expression::Call { arguments, .. } | Expression::Method { arguments, .. } => {
            arguments.iter_mut().for_each(lent_default);
            code.each_child(&mut expression);
        }
        _ => code.each_child(&mut expression),
    }
    if let Some(better) = better(code) {
        *code = better;
    }
}

fn better(code: &Expression) -> Option<Expression> {
    match code {
        Expression::Method { receiver, name, arguments } if arguments.is_empty() => match name.as_str() {
            "as_deref" => borrowed_choice(receiver),
            "to_owned" if matches!(&**receiver, Expression::Text(text) if text.is_empty()) => {
                Some(call("String::new", vec![]))
            }
            "is_some" | "is_none" => match &**receiver {
                // Nobody has to be copied to be there.
                Expression::Method { receiver: optional, name: copies, .. }
                    if copies == "cloned" || copies == "copied" =>
                {
                    Some(method((**optional).clone(), name, vec![]))
                }
                _ => None,
            },
            "iter" => match &**receiver {
                Expression::Macro { name, arguments } if name == "vec" && !arguments.is_empty() => {
                    Some(method(Expression::Array(arguments.clone()), "iter", vec![]))
                }
                _ => None,
            },
            _ => None,
        },
        Expression::Binary { operator: operator @ ("==" | "!=" | "<" | "<=" | ">" | ">="), left, right } => {
            compared_length(operator, left, right)
        }
        Expression::Macro { name, arguments } if name == "format" => shown_alone(arguments),
        _ => None,
    }
}

/// An argument `&a.unwrap_or_else(|| "b".to_owned())`: `a.as_deref().unwrap_or("b")`.
fn lent_default(argument: &mut Expression) {
    let Expression::Unary { operator: "&", operand } = argument else { return };
    let Expression::Method { receiver, name, arguments } = &**operand else { return };
    let [Expression::Closure { parameters, body, .. }] = arguments.as_slice() else { return };
    if name != "unwrap_or_else" || !parameters.is_empty() {
        return;
    }
    let Expression::Method { receiver: default, name, .. } = &**body else { return };
    if name == "to_owned" && matches!(**default, Expression::Text(_)) {
        let optional = method((**receiver).clone(), "as_deref", vec![]);
        *argument = method(optional, "unwrap_or", vec![(**default).clone()]);
    }
}

/// `if a { Some("b".to_owned()) } else { None }.as_deref()`: nothing has to be copied.
fn borrowed_choice(choice: &Expression) -> Option<Expression> {
    if !matches!(choice, Expression::If { otherwise: Some(_), .. }) {
        return None;
    }
    with_ends(choice, &|end| match end {
        Expression::Atom(none) if none == "None" => Some(end.clone()),
        Expression::Call { callee, arguments } if matches!(&**callee, Expression::Atom(some) if some == "Some") => {
            match arguments.as_slice() {
                [Expression::Method { receiver, name, .. }] if name == "to_owned" => Some(some((**receiver).clone())),
                _ => None,
            }
        }
        _ => None,
    })
}

/// The same choice, with another value at each of its ends.
fn with_ends(choice: &Expression, end: &dyn Fn(&Expression) -> Option<Expression>) -> Option<Expression> {
    Some(match choice {
        Expression::If { condition, then, otherwise: Some(otherwise) } => Expression::If {
            condition: condition.clone(),
            then: with_end(then, end)?,
            otherwise: Some(Box::new(with_ends(otherwise, end)?)),
        },
        Expression::Block(block) => Expression::Block(with_end(block, end)?),
        value => end(value)?,
    })
}

fn with_end(block: &Block, end: &dyn Fn(&Expression) -> Option<Expression>) -> Option<Block> {
    let mut block = block.clone();
    let StatementKind::Value(value) = &mut block.statements.last_mut()?.kind else { return None };
    *value = with_ends(value, end)?;
    Some(block)
}

/// `a.len() as i64 == 2`: `a.len() == 2`, and `a.is_empty()` for none.
fn compared_length(operator: &'static str, left: &Expression, right: &Expression) -> Option<Expression> {
    let length = |side: &Expression| match side {
        Expression::Cast { operand, ty } if ty == "i64" => match &**operand {
            Expression::Method { name, arguments, .. } if matches!(name.as_str(), "len" | "count") => {
                arguments.is_empty().then(|| (**operand).clone())
            }
            _ => None,
        },
        _ => None,
    };
    let left = length(left)?;
    if let Some(right) = length(right) {
        return Some(binary(operator, left, right));
    }
    let Expression::Atom(number) = right else { return None };
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let is_none = match (operator, number.as_str()) {
        ("==", "0") | ("<", "1") => true,
        ("!=" | ">", "0") | (">=", "1") => false,
        // What is always so: the compiler would say that it is.
        ("<" | ">=", "0") => return None,
        _ => return Some(binary(operator, left, right.clone())),
    };
    match left {
        Expression::Method { receiver, name, .. } if name == "len" && is_collection(&receiver) => {
            let is_empty = method(*receiver, "is_empty", vec![]);
            Some(if is_none { is_empty } else { negated(is_empty) })
        }
        left => Some(binary(operator, left, right.clone())),
    }
}

/// Whether what has a `len` can also say that it is empty, as iterators and ranges cannot.
fn is_collection(code: &Expression) -> bool {
    match code {
        Expression::Method { name, .. } => {
            !name.contains("iter") && !matches!(name.as_str(), "chars" | "bytes" | "keys")
        }
        Expression::Paren(_) | Expression::Range { .. } => false,
        _ => true,
    }
}

/// `format!("{}", a)`: `a.to_string()`.
fn shown_alone(arguments: &[Expression]) -> Option<Expression> {
    match arguments {
        [Expression::Format(format), value] if format == "{}" => Some(method(value.clone(), "to_string", vec![])),
        [Expression::Format(format)] => {
            let name = format.strip_prefix('{')?.strip_suffix('}')?;
            let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.is_empty();
            is_name.then(|| method(atom(name), "to_string", vec![]))
        }
        _ => None,
    }
}

/// `a = if b { c } else { a }`: `if b { a = c }`.
fn kept_or_assigned(code: &Expression) -> Option<Expression> {
    let Expression::Assign { operator: "=", target, value } = code else { return None };
    let Expression::Atom(name) = &**target else { return None };
    let (choice, is_copied) = match &**value {
        Expression::Method { receiver, name, arguments } if name == "to_owned" && arguments.is_empty() => {
            (&**receiver, true)
        }
        value => (value, false),
    };
    let Expression::If { condition, then, otherwise: Some(otherwise) } = choice else { return None };
    if matches!(&**condition, Expression::Let { .. }) {
        return None;
    }
    let Expression::Block(otherwise) = &**otherwise else { return None };
    let (then, otherwise) = (lone_value(then)?, lone_value(otherwise)?);
    let (condition, new) = match (is_itself(then, name), is_itself(otherwise, name)) {
        (false, true) => ((**condition).clone(), then.clone()),
        (true, false) => match negated((**condition).clone()) {
            // `!(a > b)` says less than the choice did.
            Expression::Unary { operand, .. } if matches!(*operand, Expression::Binary { .. }) => return None,
            negated => (negated, otherwise.clone()),
        },
        _ => return None,
    };
    let new = if is_copied { method(new, "to_owned", vec![]) } else { new };
    let assigned = Statement::expression(assign("=", (**target).clone(), new));
    Some(Expression::If { condition: Box::new(condition), then: Block::new(vec![assigned]), otherwise: None })
}

/// Whether it is this variable, lent or copied.
fn is_itself(code: &Expression, name: &str) -> bool {
    match code {
        Expression::Atom(atom) => atom == name,
        Expression::Method { receiver, name: method, arguments } => {
            arguments.is_empty() && matches!(method.as_str(), "as_str" | "clone") && is_itself(receiver, name)
        }
        _ => false,
    }
}
