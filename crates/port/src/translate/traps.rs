//! `foreach ($a as &$v)` whose `$v` is used behind the loop: it still is the last element there.

use std::collections::BTreeSet;

use crate::php::tree::{ExpressionKind as E, Statement, StatementKind as S};
use crate::source::Span;
use crate::translate::plan::{each_variable, targets};

/// What happens to a variable, and where.
struct Event<'a> {
    at: usize,
    name: &'a str,
    what: What,
}

#[derive(PartialEq, Eq)]
enum What {
    Used,
    /// It stands for something else from here on: `unset($v)`, another loop by reference.
    Parted,
}

/// The loops of a function by reference whose variable is used behind them, by where they begin.
pub fn traps(statements: &[Statement]) -> BTreeSet<usize> {
    let mut seen = Seen::default();
    seen.statements(statements, &mut Vec::new());
    if seen.bound.is_empty() {
        return BTreeSet::new();
    }
    let mut used: Vec<(usize, String)> = Vec::new();
    uses(statements, &mut used);
    let mut events: Vec<Event<'_>> =
        seen.parted.iter().map(|(at, name)| Event { at: *at, name, what: What::Parted }).collect();
    events.extend(used.iter().map(|(at, name)| Event { at: *at, name, what: What::Used }));
    events.sort_by_key(|event| (event.at, event.what == What::Used));
    let trapped = seen.bound.iter().filter(|bound| bound.is_used_behind(&events));
    trapped.map(|bound| bound.span.start).collect()
}

#[derive(Default)]
struct Seen {
    bound: Vec<Bound>,
    parted: Vec<(usize, String)>,
}

/// A loop by reference.
struct Bound {
    name: String,
    span: Span,
    /// The loops around it, outermost first.
    around: Vec<Span>,
}

impl Bound {
    fn is_used_behind(&self, events: &[Event<'_>]) -> bool {
        let mut end = self.span.end;
        for around in self.around.iter().rev() {
            let mut of_it = events.iter().filter(|event| event.name == self.name);
            if let Some(next) = of_it.clone().find(|event| event.at >= end && event.at < around.end) {
                return next.what == What::Used;
            }
            // The next round begins.
            if let Some(first) = of_it.find(|event| event.at >= around.start && event.at < self.span.start)
                && first.what == What::Used
            {
                return true;
            }
            end = around.end;
        }
        let next = events.iter().find(|event| event.name == self.name && event.at >= end);
        next.is_some_and(|next| next.what == What::Used)
    }
}

impl Seen {
    fn statements(&mut self, statements: &[Statement], around: &mut Vec<Span>) {
        for statement in statements {
            let span = statement.span;
            match &statement.kind {
                S::Foreach { value, by_reference: true, .. } => {
                    if let E::Variable(name) = &value.kind {
                        self.parted.push((span.start, name.clone()));
                        self.bound.push(Bound { name: name.clone(), span, around: around.clone() });
                    }
                }
                S::Unset(of) => {
                    for php in of {
                        if let E::Variable(name) = &php.kind {
                            self.parted.push((span.start, name.clone()));
                        }
                    }
                }
                _ => {}
            }
            let is_loop =
                matches!(statement.kind, S::While { .. } | S::DoWhile { .. } | S::For { .. } | S::Foreach { .. });
            if is_loop {
                around.push(span);
            }
            statement.bodies().into_iter().for_each(|body| self.statements(body, around));
            if is_loop {
                around.pop();
            }
        }
    }
}

/// Where variables are used, but for loops by reference and `unset`, which part them from what they were.
fn uses(statements: &[Statement], used: &mut Vec<(usize, String)>) {
    for statement in statements {
        let mut note = |at: usize, name: &str| used.push((at, name.to_owned()));
        match &statement.kind {
            S::Foreach { subject, key, value, by_reference, .. } => {
                each_variable(subject, &mut |name| note(statement.span.start, name));
                for target in key.iter().chain((!by_reference).then_some(value)) {
                    targets(target, &mut |name| note(statement.span.start, name));
                }
            }
            _ => statement.each_expression(&mut |php| {
                let parted = matches!((&statement.kind, &php.kind), (S::Unset(_), E::Variable(_)));
                if !parted {
                    each_variable(php, &mut |name| note(php.span.start, name));
                }
            }),
        }
        statement.bodies().into_iter().for_each(|body| uses(body, used));
    }
}
