//! Objects that a program has in two places. In PHP both are one; a Rust value that is copied is two.

use crate::php::tree::MemberKind;
use crate::rust::tree::{Expression, Statement};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::value::SHARED;

impl Translator<'_> {
    /// Copies of objects that nothing changes are as good as the object; others are reported.
    pub(super) fn unshared(&mut self, statements: Vec<Statement>, span: Span) -> Result<Vec<Statement>> {
        if self.program.classes.is_empty() {
            return Ok(statements);
        }
        let mut statements = self.made_before(statements);
        let mut classes = Vec::new();
        for statement in &mut statements {
            statement.each_expression(&mut |code| {
                code.each(&mut |code| {
                    if let Expression::Method { name, .. } = code
                        && let Some(class) = name.strip_prefix(SHARED)
                    {
                        classes.push(class.to_owned());
                        *name = "clone".to_owned();
                    }
                });
            });
        }
        for class in classes {
            if self.facts.interfaces.contains(&class) {
                return Err(Cannot::new(
                    span,
                    format!("a {class} that is in two places, and may be of any class: use Rc<dyn {class}>"),
                ));
            }
            if self.is_changed(&class) {
                return Err(Cannot::new(
                    span,
                    format!("a {class} that is in two places and changes: PHP shares it; use Rc<RefCell<{class}>>"),
                ));
            }
            self.learnt.functions.entry(format!("{class}::clone")).or_default().called = true;
        }
        Ok(statements)
    }

    /// Whether anything changes an object of the class once it is made.
    fn is_changed(&self, class: &str) -> bool {
        let Some(declared) = self.program.class(class) else { return false };
        let method = self.methods(declared).iter().any(|method| {
            let key = format!("{class}::{}", method.function.name);
            self.facts.functions.get(&key).is_some_and(|facts| facts.mutates_self)
        });
        let property = self.facts.properties.iter().any(|((of, _), facts)| of == class && facts.mutated);
        let public = declared.members.iter().any(|member| matches!(member.kind, MemberKind::Traits(_)));
        method || property || public
    }

    /// Whether an object of JSON that a variable has may be changed where it is: nothing else stands for it.
    pub(super) fn has_its_own(&mut self, name: &str, span: Span) -> Result<()> {
        let first = self.handed.first.get(name).copied();
        let declared = self.find_variable(name).map(|(_, variable)| variable.declared_at).unwrap_or_default();
        let scope = self.scope();
        let again = scope.loops.iter().any(|around| !around.is_switch && declared < around.span.start);
        let is_shared = match first {
            Some(first) => first < span.start || again,
            None => false,
        };
        if is_shared || scope.parameters.iter().any(|parameter| parameter == name) {
            return Err(Cannot::new(
                span,
                format!(
                    "the object in ${name} may be in two places, and changes in both in PHP: build an array, and assign it back"
                ),
            ));
        }
        Ok(())
    }
}
