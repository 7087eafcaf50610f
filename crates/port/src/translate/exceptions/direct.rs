//! A `try` in whose body one thing can fail: a `match` on that.

use crate::rust::build::{atom, method};
use crate::rust::tree::{Arm, Block, Expression, Lead, Statement, StatementKind};
use crate::rust::walk::signature;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::exceptions::catches::{Catches, Target};
use crate::translate::exceptions::thrown::{ErrorType, Point};
use crate::translate::exceptions::trying::{Handler, flattened};
use crate::translate::scope::VariableKind;
use crate::translate::types::Type;

/// What a search for the thing that fails has found.
#[derive(PartialEq, Eq)]
enum Search {
    Found,
    /// It is not here, and nothing here matters.
    Pure,
    /// Something else happens before it.
    Blocked,
}

/// What comes of a call that succeeds.
pub struct Success {
    /// Of the value: a name, a pattern of `let`, or `_`.
    pub pattern: String,
    pub body: Vec<Statement>,
}

impl Translator<'_> {
    /// The body with a `match` on the one thing in it that fails; None if it has to become a closure.
    pub(super) fn direct(
        &mut self,
        block: Block,
        point: &Point,
        handlers: &[Handler<'_>],
        span: Span,
    ) -> Result<Option<Vec<Statement>>> {
        let Some(code) = &point.code else { return Ok(None) };
        let wanted = signature(code);
        let mut statements = flattened(block);
        let Some(at) = statements.iter_mut().position(|statement| mentions(statement, &wanted)) else {
            return Ok(None);
        };
        let rest = statements.split_off(at + 1);
        let Some(mut failing) = statements.pop() else { return Ok(None) };
        let name =
            self.variable_name(if point.error == ErrorType::Sdk && is_call(code) { "response" } else { "value" });
        let lead = std::mem::take(&mut failing.lead);
        let Some(mut success) = taken(failing, &wanted, &name) else { return Ok(None) };
        if rest.is_empty() && success.body.is_empty() {
            success.pattern = "_".to_owned();
        }
        success.body.extend(rest);
        let arms = self.caught_arms(point, handlers, span)?;
        let mut code = self.met(code.clone(), success, arms);
        code.lead = lead;
        statements.push(code);
        Ok(Some(statements))
    }

    /// `match code { Ok(…) => …, Err(…) => … }`, or `if let Err(e) = code { … }`.
    pub(super) fn met(&mut self, code: Expression, success: Success, mut arms: Vec<Arm>) -> Statement {
        let only = matches!(arms.as_slice(), [Arm { guard: None, .. }]);
        if success.body.is_empty()
            && only
            && let Some(Arm { pattern, body, lead, .. }) = arms.pop()
        {
            let then = match body {
                Expression::Block(block) => block,
                body => Block::new(vec![Statement::expression(body)]),
            };
            let condition = Box::new(match pattern.as_str() {
                "Err(_)" => method(code, "is_err", vec![]),
                _ => Expression::Let { pattern, value: Box::new(code) },
            });
            let code = Expression::If { condition, then, otherwise: None };
            return Statement { lead, ..Statement::expression(code) };
        }
        let pattern = format!("Ok({})", success.pattern);
        let arm = Arm { lead: Lead::default(), pattern, guard: None, body: arm_body(success.body) };
        arms.insert(0, arm);
        Statement::expression(Expression::Match { subject: Box::new(code), arms })
    }

    /// The arms for what is caught, and one for what is not.
    pub(super) fn caught_arms(&mut self, point: &Point, handlers: &[Handler<'_>], span: Span) -> Result<Vec<Arm>> {
        if point.error == ErrorType::Any {
            return self.arms_of_any(point, handlers, span);
        }
        let mut arms = Vec::new();
        for handler in handlers {
            let name = self.bound_name(handler);
            let recognized =
                self.recognized(&handler.targets, &point.thrown, point.error, name.as_deref(), handler.uses.whole);
            let Some(recognized) = recognized else {
                self.leave_out(
                    handler.catch.span,
                    "nothing in this `try` fails with this in Rust, so the `catch` is left out",
                );
                continue;
            };
            let bound = Some((recognized.ty, VariableKind::Local));
            let body = self.caught_body(handler, bound, name.as_deref(), None);
            let lead = Lead { origin: Some(self.line(handler.catch.span)), ..Lead::default() };
            let pattern = format!("Err({})", recognized.pattern);
            arms.push(Arm { lead, pattern, guard: recognized.guard, body: block_body(body) });
        }
        let uncaught = self.uncaught(&point.thrown, handlers);
        if !uncaught.is_empty() {
            self.fails_at(span, Point::of(uncaught))?;
            let error = method(atom("e"), "into", vec![]);
            let body = self.returned_error(error);
            arms.push(Arm { lead: Lead::default(), pattern: "Err(e)".to_owned(), guard: None, body });
        }
        Ok(arms)
    }

    /// The arms for an `anyhow::Error`: it is asked for what it is.
    fn arms_of_any(&mut self, point: &Point, handlers: &[Handler<'_>], span: Span) -> Result<Vec<Arm>> {
        let uncaught = self.uncaught(&point.thrown, handlers);
        if let [handler] = handlers
            && let Some(arms) = self.arm_of_one(point, handler, !uncaught.is_empty(), span)?
        {
            return Ok(arms);
        }
        let name = self.free_name("error");
        let mut chain = Vec::new();
        for handler in handlers {
            let caught: Vec<Catches> =
                point.thrown.iter().map(|thrown| self.caught(thrown, &handler.targets)).collect();
            if caught.iter().all(|caught| *caught == Catches::Never) {
                self.leave_out(
                    handler.catch.span,
                    "nothing in this `try` fails with this in Rust, so the `catch` is left out",
                );
                continue;
            }
            let is_own = matches!(handler.targets.as_slice(), [Target::Own { .. }]) && handler.uses.any;
            let all = !is_own && caught.iter().all(|caught| *caught == Catches::All);
            let (condition, bound) = if all { (None, None) } else { self.question(handler, &name) };
            let body = match bound {
                Some(ty) => {
                    let rust = self.bound_name(handler);
                    let rust = rust.map(|rust| if rust == name { format!("{rust}_2") } else { rust });
                    self.caught_body(handler, Some((ty, VariableKind::Reference)), rust.as_deref(), Some(&name))
                }
                None => self.caught_body(handler, Some((Type::Error, VariableKind::Local)), Some(&name), None),
            };
            chain.push((condition, body));
        }
        let ends = chain.last().is_some_and(|(condition, _)| condition.is_some());
        if ends || !uncaught.is_empty() && chain.last().is_none_or(|(condition, _)| condition.is_some()) {
            self.fails_at(span, Point::of(uncaught))?;
            let error = self.returned_error(atom(name.clone()));
            chain.push((None, Block::new(vec![Statement::expression(error)])));
        }
        let uses = chain.len() > 1 || handlers.iter().any(|handler| handler.uses.any);
        let pattern = if uses { format!("Err({name})") } else { "Err(_)".to_owned() };
        Ok(vec![Arm { lead: Lead::default(), pattern, guard: None, body: chained(chain) }])
    }

    /// What one `catch` alone becomes: `Err(e) => { let e = e.downcast::<RefundFailed>()?; … }`.
    fn arm_of_one(
        &mut self,
        point: &Point,
        handler: &Handler<'_>,
        passes: bool,
        span: Span,
    ) -> Result<Option<Vec<Arm>>> {
        let name = self.bound_name(handler);
        let lead = Lead { origin: Some(self.line(handler.catch.span)), ..Lead::default() };
        let is_own =
            matches!(handler.targets.as_slice(), [Target::Own { made, .. }] if made.len() == 1) && name.is_some();
        if !is_own && point.thrown.iter().all(|thrown| self.caught(thrown, &handler.targets) == Catches::All) {
            let body = self.caught_body(handler, Some((Type::Error, VariableKind::Local)), name.as_deref(), None);
            let pattern = format!("Err({})", name.as_deref().unwrap_or("_"));
            return Ok(Some(vec![Arm { lead, pattern, guard: None, body: block_body(body) }]));
        }
        let (Some(name), true) = (name, passes || is_own) else { return Ok(None) };
        let (path, ty) = match handler.targets.as_slice() {
            [Target::Own { made, .. }] => match made.as_slice() {
                [class] => (crate::rust::words::camel(class), Type::Class(class.clone())),
                _ => return Ok(None),
            },
            [Target::AnyCall] => ("wechatpay::Error".to_owned(), Type::ClientError),
            _ => return Ok(None),
        };
        let uncaught = point.thrown.iter().filter(|thrown| self.caught(thrown, &handler.targets) != Catches::All);
        let uncaught = uncaught.cloned().collect();
        self.fails_at(span, Point::of(uncaught))?;
        let found = Expression::Try(Box::new(method(atom(name.clone()), &format!("downcast::<{path}>"), vec![])));
        let mut body = self.caught_body(handler, Some((ty.clone(), VariableKind::Local)), Some(&name), None);
        let mutability =
            handler.catch.variable.as_ref().map_or("", |variable| self.caught_mutability(variable, handler));
        body.statements.insert(0, Statement::let_(format!("{mutability}{name}"), found));
        let pattern = format!("Err({name})");
        Ok(Some(vec![Arm { lead, pattern, guard: None, body: Expression::Block(body) }]))
    }

    fn caught_mutability(&self, variable: &str, handler: &Handler<'_>) -> &'static str {
        if crate::translate::loops::changes_in(&handler.catch.body.statements, variable) { "mut " } else { "" }
    }

    /// Whether an `anyhow::Error` of this name is what is caught; with the type of what that gives, if it gives a part of it.
    fn question(&mut self, handler: &Handler<'_>, error: &str) -> (Option<Expression>, Option<Type>) {
        let rust = self.bound_name(handler).map(|rust| if rust == error { format!("{rust}_2") } else { rust });
        let found = |path: &str, pattern: String| Expression::Let {
            pattern,
            value: Box::new(method(atom(error), &format!("downcast_ref{path}"), vec![])),
        };
        if let (Some(rust), [target]) = (rust, handler.targets.as_slice()) {
            match target {
                Target::Own { made, .. } if made.len() == 1 => {
                    let path = format!("::<{}>", crate::rust::words::camel(&made[0]));
                    return (Some(found(&path, format!("Some({rust})"))), Some(Type::Class(made[0].clone())));
                }
                Target::AnyCall => {
                    return (Some(found("::<wechatpay::Error>", format!("Some({rust})"))), Some(Type::ClientError));
                }
                Target::Call(_) => {
                    if let Some(kinds) = target.kinds()
                        && let Some(ty) = inner_type(kinds)
                    {
                        self.import("wechatpay::Error");
                        let all: Vec<String> = kinds.iter().map(|kind| format!("Error::{kind}({rust})")).collect();
                        return (Some(found("", format!("Some({})", all.join(" | ")))), Some(ty));
                    }
                }
                _ => {}
            }
        }
        (self.is_one_of(&handler.targets, error), None)
    }
}

fn inner_type(kinds: &[&str]) -> Option<Type> {
    match kinds {
        ["Client" | "Server"] => Some(Type::StatusError(Some(kinds[0].to_owned()))),
        ["Client", "Server"] => Some(Type::StatusError(None)),
        ["Apiv2"] => Some(Type::Apiv2Error),
        _ => None,
    }
}

/// `if a { … } else if b { … } else { … }`
fn chained(chain: Vec<(Option<Expression>, Block)>) -> Expression {
    let mut code: Option<Expression> = None;
    for (condition, body) in chain.into_iter().rev() {
        code = Some(match condition {
            None => Expression::Block(body),
            Some(condition) => {
                Expression::If { condition: Box::new(condition), then: body, otherwise: code.map(Box::new) }
            }
        });
    }
    match code {
        Some(Expression::Block(block)) => block_body(block),
        Some(code) => Expression::Block(Block::new(vec![Statement::new(StatementKind::Expression(code))])),
        None => Expression::Block(Block::default()),
    }
}

/// The body of an arm: a lone value or jump needs no braces.
pub fn block_body(block: Block) -> Expression {
    match block.statements.as_slice() {
        [
            Statement {
                kind:
                    StatementKind::Expression(
                        code @ (Expression::Return(_) | Expression::Break { .. } | Expression::Continue { .. }),
                    ),
                lead,
                trailing: None,
            },
        ] if lead.comments.is_empty() && block.end.comments.is_empty() => code.clone(),
        _ => Expression::Block(block),
    }
}

fn arm_body(statements: Vec<Statement>) -> Expression {
    match statements.as_slice() {
        [Statement { kind: StatementKind::Expression(code), lead, trailing: None }]
            if lead.comments.is_empty() && is_small(code) =>
        {
            code.clone()
        }
        _ => Expression::Block(Block::new(statements)),
    }
}

fn is_small(code: &Expression) -> bool {
    matches!(code, Expression::Return(_) | Expression::Assign { .. } | Expression::Macro { .. })
}

fn is_call(code: &Expression) -> bool {
    matches!(code, Expression::Method { name, .. } if matches!(name.as_str(), "get" | "post" | "put" | "patch" | "delete" | "request"))
}

fn mentions(statement: &mut Statement, wanted: &str) -> bool {
    let mut found = false;
    statement.each_expression(&mut |of| {
        of.each(&mut |code| {
            if let Expression::Try(inner) = code {
                found |= signature(inner) == wanted;
            }
        });
    });
    found
}

/// The statement with the name in place of what fails.
fn taken(mut statement: Statement, wanted: &str, name: &str) -> Option<Success> {
    if let StatementKind::Let { pattern, ty: None, value: Some(Expression::Try(inner)), otherwise: None } =
        &statement.kind
        && signature(inner) == wanted
        && statement.trailing.is_none()
    {
        return Some(Success { pattern: pattern.clone(), body: vec![] });
    }
    if let StatementKind::Expression(Expression::Try(inner)) = &statement.kind
        && signature(inner) == wanted
        && statement.trailing.is_none()
    {
        return Some(Success { pattern: "_".to_owned(), body: vec![] });
    }
    let mut search = Search::Pure;
    statement.each_expression(&mut |code| {
        if search == Search::Pure {
            search = take(code, wanted, name);
        }
    });
    (search == Search::Found).then(|| Success { pattern: name.to_owned(), body: vec![statement] })
}

/// Looks for what fails, in the order in which things happen, and puts the name in its place.
fn take(code: &mut Expression, wanted: &str, name: &str) -> Search {
    if let Expression::Try(inner) = code
        && signature(inner) == wanted
    {
        *code = atom(name);
        return Search::Found;
    }
    let only_first = match code {
        Expression::Closure { .. } => return Search::Pure,
        Expression::Block(_) | Expression::While { .. } | Expression::Loop { .. } => return Search::Blocked,
        Expression::If { .. } | Expression::Match { .. } | Expression::For { .. } => true,
        Expression::Binary { operator: "&&" | "||", .. } => true,
        _ => false,
    };
    let mut search = Search::Pure;
    let mut number = 0;
    code.each_child(&mut |child| {
        number += 1;
        if search == Search::Pure {
            search = if only_first && number > 1 { Search::Blocked } else { take(child, wanted, name) };
        }
    });
    if search == Search::Found {
        shorten(code, name);
    }
    match (search, &*code) {
        (Search::Pure, Expression::Call { callee, .. }) if matches!(&**callee, Expression::Atom(path) if matches!(path.as_str(), "Some" | "Ok")) => {
            Search::Pure
        }
        (Search::Pure, Expression::Method { name, arguments, .. })
            if arguments.is_empty()
                && matches!(name.as_str(), "clone" | "as_str" | "to_owned" | "to_string" | "as_deref" | "as_ref") =>
        {
            Search::Pure
        }
        (Search::Pure, Expression::Macro { name, .. }) if matches!(name.as_str(), "format" | "json" | "vec") => {
            Search::Pure
        }
        (
            Search::Pure,
            Expression::Call { .. }
            | Expression::Method { .. }
            | Expression::Macro { .. }
            | Expression::Try(_)
            | Expression::Assign { .. },
        ) => Search::Blocked,
        (search, _) => search,
    }
}

/// `println!("{}", name)` is `println!("{name}")`.
fn shorten(code: &mut Expression, name: &str) {
    let Expression::Macro { arguments, .. } = code else { return };
    let Some(place) =
        arguments.iter().skip(1).position(|argument| matches!(argument, Expression::Atom(own) if own == name))
    else {
        return;
    };
    let Some(Expression::Format(format)) = arguments.first_mut() else { return };
    let Some((at, _)) = format.match_indices("{}").filter(|(at, _)| !format[..*at].ends_with('{')).nth(place) else {
        return;
    };
    format.replace_range(at..at + 2, &format!("{{{name}}}"));
    arguments.remove(place + 1);
}
