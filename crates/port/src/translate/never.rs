//! What is never translated, whatever the values are: a statement that is left as PHP reports each of these in it, and not only
//! what it failed at first.

use crate::php::tree::{Argument, Callee, ClassName, Expression as Php, ExpressionKind as E, Name, Statement};
use crate::php::walk::each_expression_in;
use crate::translate::Translator;
use crate::translate::cannot::Cannot;
use crate::translate::program::Program;

impl Translator<'_> {
    /// What else in a statement that is left as PHP has no counterpart, in the order of the source.
    pub(super) fn others_in(&self, php: &Statement, first: &Cannot) -> Vec<Cannot> {
        let mut others: Vec<Cannot> = Vec::new();
        each_expression_in(std::slice::from_ref(php), &mut |expression| {
            // An item of an array that is left out is reported by itself, and so is what stands in a statement of a body.
            let position = self.source.position(expression.span.start);
            let is_known = expression.span.start == first.span.start
                || self.findings.iter().any(|finding| finding.position == position);
            if let Some(message) = never(self.program, expression).filter(|_| !is_known) {
                others.push(Cannot::new(expression.span, message));
            }
        });
        others.sort_by_key(|cannot| cannot.span.start);
        others
    }

    /// A statement that fails only because a value has no known type, which comes from PHP that was not translated: that is
    /// what it says then.
    pub(super) fn as_follow_up(&self, php: &Statement, cannot: Cannot) -> Cannot {
        if !cannot.by_type {
            return cannot;
        }
        let mut follows = None;
        each_expression_in(std::slice::from_ref(php), &mut |expression| {
            if follows.is_none() {
                follows = self.left_before(expression).map(|message| Cannot::new(expression.span, message));
            }
        });
        follows.unwrap_or(cannot)
    }

    /// What says that an expression is the value of PHP that was not translated.
    fn left_before(&self, php: &Php) -> Option<String> {
        match &php.kind {
            E::Variable(name) => {
                let line = self.scopes.iter().rev().find_map(|scope| scope.untranslated.get(name))?;
                Some(format!("it uses ${name} of line {line}, which is not translated"))
            }
            E::Call { callee: Callee::Named(name), .. } => {
                let function = self.program.function(name)?;
                let line = self.facts.functions.get(&function.name)?.returns_untranslated?;
                Some(format!("it uses the value of {}(), whose line {line} is not translated", function.name))
            }
            _ => None,
        }
    }
}

/// Why an expression is never translated.
fn never(program: &Program<'_>, php: &Php) -> Option<String> {
    match &php.kind {
        E::VariableVariable(_) => Some(super::expressions::cannot(&php.kind)),
        E::New { class: ClassName::Named(class), .. } => {
            let class = program.class_name(class);
            class.starts_with("Reflection").then(|| super::sdk::instead_of(&class, "new"))
        }
        E::Call { callee: Callee::Named(name), arguments } if program.function(name).is_none() => {
            never_called(&program.function_name(name), arguments)
        }
        _ => None,
    }
}

fn never_called(name: &str, arguments: &[Argument]) -> Option<String> {
    let first = &arguments.first()?.value.bare().kind;
    match name {
        "eval" | "create_function" | "extract" => Some(super::builtins::names::instead_of(name)),
        "call_user_func" | "call_user_func_array" => {
            let is_computed = match first {
                E::Array(elements) => {
                    elements.last().is_some_and(|name| !matches!(&name.value, Some(Php { kind: E::Text(_), .. })))
                }
                E::Interpolated(_) | E::Binary { .. } => true,
                _ => false,
            };
            is_computed.then(|| format!("{name}(): the name of the method is a value: choose with match"))
        }
        "get_class" if !matches!(first, E::Variable(_)) => Some("the class of this: ask with instanceof".to_owned()),
        "array_reduce" => {
            let mut goes_down = false;
            arguments.get(1)?.value.each(&mut |php| {
                goes_down |= matches!(&php.kind, E::Property { name: Name::Computed(_), .. });
            });
            goes_down.then(|| {
                "array_reduce() down a chain: join the segments with `/`, and extend the chain once, by chain()"
                    .to_owned()
            })
        }
        _ => None,
    }
}
