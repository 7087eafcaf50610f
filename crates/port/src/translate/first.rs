//! What has to be done before a value is made: before its statement, or in a block with it.

use crate::php::tree::Expression as Php;
use crate::rust::shapes::is_simple;
use crate::rust::tree::{Block, Expression, Statement, StatementKind};
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// What gives nothing, where a value is wanted: it is done first, and the value is null.
    pub(super) fn doing_first(&mut self, value: Typed, php: &Php) -> Result<Typed> {
        if value.ty != Type::Null || is_simple(&value.code) {
            return Ok(value);
        }
        if !self.scope().is_certain() {
            return Err(Cannot::new(php.span, "the value of what returns nothing: write it on a line of its own"));
        }
        self.can_come_first(php)?;
        self.scope().before.push(Statement::expression(value.code));
        self.has_come_first(php.span);
        Ok(Typed::null())
    }

    /// What is evaluated only at times, and the statements that have to come before it, in a block with it.
    pub(super) fn conditionally<T>(
        &mut self,
        translate: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<(Vec<Statement>, T)> {
        let scope = self.scope();
        let outer = std::mem::take(&mut scope.before);
        let done = std::mem::take(&mut scope.done);
        scope.conditional += 1;
        let opened = std::mem::replace(&mut scope.opened, scope.conditional);
        let translated = translate(self);
        let scope = self.scope();
        scope.conditional -= 1;
        scope.opened = opened;
        let before = std::mem::replace(&mut scope.before, outer);
        scope.done.splice(0..0, done);
        let (comments, statements): (Vec<_>, Vec<_>) =
            before.into_iter().partition(|statement| matches!(statement.kind, StatementKind::Comments));
        scope.before.extend(comments);
        Ok((statements, translated?))
    }

    /// A value that is made only at times: what has to be done first stands in a block with it.
    pub(super) fn at_times(&mut self, translate: impl FnOnce(&mut Self) -> Result<Typed>) -> Result<Typed> {
        let (mut statements, value) = self.conditionally(translate)?;
        if statements.is_empty() || value.is_unknown() {
            return Ok(value);
        }
        let ty = value.ty.clone();
        statements.push(Statement::new(StatementKind::Value(value.into_owned())));
        Ok(Typed::owned(Expression::Block(Block::new(statements)), ty))
    }
}
