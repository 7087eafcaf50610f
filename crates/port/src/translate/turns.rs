//! The order in which PHP evaluates, and what may be evaluated before its turn.

use std::collections::BTreeSet;

use crate::php::tree::{Callee, Expression as Php, ExpressionKind as E, Name};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::done::{Done, What};
use crate::translate::plan::targets;

impl Translator<'_> {
    /// Notes what is evaluated.
    pub(super) fn evaluates(&mut self, php: &Php) {
        if let Some(what) = self.done_by(php) {
            self.scope().done.push(Done { span: php.span, what });
        }
    }

    fn done_by(&self, php: &Php) -> Option<What> {
        match &php.kind {
            E::Variable(_) | E::Property { .. } | E::StaticProperty { .. } => changed_name(php).map(What::Read),
            E::MethodCall { .. } | E::StaticCall { .. } | E::New { .. } => Some(What::Call),
            E::Call { callee: Callee::Named(name), .. } => self.program.function(name).map(|_| What::Call),
            E::Call { .. } => Some(What::Call),
            _ => None,
        }
    }

    /// Whether an expression can be evaluated before the statement that it stands in: nothing that PHP evaluates before it
    /// reads what it changes, and it calls nothing out of turn.
    pub(super) fn can_come_first(&mut self, php: &Php) -> Result<()> {
        let mut changed = BTreeSet::new();
        let mut calls = false;
        php.each(&mut |part| {
            if let E::Assign { target, .. } | E::Step { target, .. } = &part.kind {
                targets(target.whole(), &mut |name| {
                    changed.insert(name.to_owned());
                });
                changed.extend(changed_name(target.whole()));
            }
            calls |= self.done_by(part) == Some(What::Call);
        });
        let of_object = changed.iter().any(|name| name.starts_with(['-', ':']));
        let conflicts = |done: &Done| match &done.what {
            What::Read(name) => changed.contains(name),
            What::Call => calls || of_object,
        };
        let scope = self.scope();
        if scope.done.iter().any(|done| done.span.end <= php.span.start && conflicts(done)) {
            return Err(Cannot::new(
                php.span,
                "this changes what stands before it in the same expression, or is called out of turn: write it on a line of \
                 its own, before",
            ));
        }
        Ok(())
    }

    /// Notes that an expression now comes before the statement; what it has given stays where it is.
    pub(super) fn has_come_first(&mut self, span: Span) {
        self.scope().done.retain(|done| done.span.end <= span.start || done.span.start >= span.end);
    }
}

fn changed_name(php: &Php) -> Option<String> {
    match &php.kind {
        E::Variable(name) => Some(name.clone()),
        E::Property { name: Name::Plain(name), .. } => Some(format!("->{name}")),
        E::StaticProperty { name: Name::Plain(name), .. } => Some(format!("::{name}")),
        _ => None,
    }
}
