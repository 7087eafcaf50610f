//! Statements.

use php_ast as parsed;
use php_ast::{ExprKind, NamespaceBody, StmtKind, UseKind};

use super::{Reader, Reading};
use crate::php::tree::{Block, Case, Catch, Expression, Import, ImportKind, Statement, StatementKind};
use crate::source::Span;

impl Reader<'_> {
    pub(super) fn statements(&mut self, statements: &[parsed::Stmt<'_, '_>]) -> Reading<Vec<Statement>> {
        let mut read = Vec::with_capacity(statements.len());
        for statement in statements {
            self.statement_into(statement, &mut read)?;
        }
        Ok(read)
    }

    fn statement_into(&mut self, statement: &parsed::Stmt<'_, '_>, into: &mut Vec<Statement>) -> Reading<()> {
        let mut span = self.span(statement.span);
        if let StmtKind::HaltCompiler(_) = statement.kind {
            // With the data behind it.
            span.end = self.end;
        }
        if let StmtKind::Namespace(namespace) = &statement.kind {
            let name = namespace.name.as_ref().map(|name| self.name(name));
            let NamespaceBody::Braced(block) = &namespace.body else {
                into.push(Statement { span, kind: StatementKind::Namespace(name) });
                return Ok(());
            };
            let head = self.text.get(span.start..block.span.start as usize).unwrap_or_default().trim_end();
            // A comment may stand before the brace.
            let end = namespace.name.as_ref().map_or(span.start + head.len(), |name| name.span().end as usize);
            into.push(Statement { span: Span { start: span.start, end }, kind: StatementKind::Namespace(name) });
            into.extend(self.nested(statement.span, |reader| reader.statements(&block.stmts))?);
            return Ok(());
        }
        let kind = self.nested(statement.span, |reader| reader.statement_kind(statement))?;
        into.push(Statement { span, kind });
        Ok(())
    }

    fn statement_kind(&mut self, statement: &parsed::Stmt<'_, '_>) -> Reading<StatementKind> {
        Ok(match &statement.kind {
            StmtKind::Expression(expression) => StatementKind::Expression(self.expression(expression)?),
            StmtKind::Throw(thrown) => StatementKind::Expression(self.throw(statement.span, thrown)?),
            StmtKind::Echo(values) => StatementKind::Echo(self.expressions(values)?),
            StmtKind::Return(value) => StatementKind::Return(self.optional(*value)?),
            StmtKind::Break(levels) => StatementKind::Break(levels_of(*levels)),
            StmtKind::Continue(levels) => StatementKind::Continue(levels_of(*levels)),
            StmtKind::Unset(targets) => StatementKind::Unset(self.expressions(targets)?),
            StmtKind::Global(variables) => self.global(variables),
            StmtKind::StaticVar(variables) => {
                let mut read = Vec::with_capacity(variables.len());
                for variable in variables.iter() {
                    read.push((variable.name.or_error().to_owned(), self.optional(variable.default.as_ref())?));
                }
                StatementKind::Static(read)
            }
            StmtKind::Const(constants) => {
                let mut read = Vec::with_capacity(constants.len());
                for constant in constants.iter() {
                    read.push((constant.name.or_error().to_owned(), self.expression(&constant.value)?));
                }
                StatementKind::Constants(read)
            }
            StmtKind::Function(function) => StatementKind::Function(self.function(statement.span, function)?),
            StmtKind::Class(class) => StatementKind::Class(self.class(statement.span, class)?),
            StmtKind::Interface(interface) => StatementKind::Class(self.interface(statement.span, interface)?),
            StmtKind::Trait(declared) => StatementKind::Class(self.declared_trait(statement.span, declared)?),
            StmtKind::Enum(declared) => StatementKind::Class(self.declared_enum(statement.span, declared)?),
            StmtKind::Use(declaration) => StatementKind::Use(imports(declaration)),
            StmtKind::Declare(declare) => self.declare(statement.span, declare),
            StmtKind::InlineHtml(html) => StatementKind::InlineHtml((*html).to_owned()),
            StmtKind::Nop => StatementKind::Nothing,
            StmtKind::Block(block) => StatementKind::Block(self.block(block)?),
            StmtKind::Goto(_) => StatementKind::Other("goto"),
            StmtKind::Label(_) => StatementKind::Other("a label"),
            StmtKind::HaltCompiler(_) => StatementKind::Other("__halt_compiler"),
            _ => self.control(statement)?,
        })
    }

    /// Statements with others in them.
    fn control(&mut self, statement: &parsed::Stmt<'_, '_>) -> Reading<StatementKind> {
        Ok(match &statement.kind {
            StmtKind::If(statement) => self.branches(statement)?,
            StmtKind::While(statement) => StatementKind::While {
                condition: self.expression(&statement.condition)?,
                body: self.body(statement.body)?,
            },
            StmtKind::DoWhile(statement) => StatementKind::DoWhile {
                body: self.body(statement.body)?,
                condition: self.expression(&statement.condition)?,
            },
            StmtKind::For(statement) => StatementKind::For {
                start: self.expressions(&statement.init)?,
                conditions: self.expressions(&statement.condition)?,
                step: self.expressions(&statement.update)?,
                body: self.body(statement.body)?,
            },
            StmtKind::Foreach(statement) => StatementKind::Foreach {
                subject: self.expression(&statement.expr)?,
                key: self.optional(statement.key.as_ref())?,
                value: self.expression(&statement.value)?,
                by_reference: statement.by_ref,
                body: self.body(statement.body)?,
            },
            StmtKind::Switch(statement) => {
                let subject = self.expression(&statement.expr)?;
                let mut cases = Vec::with_capacity(statement.body.cases.len());
                for case in statement.body.cases.iter() {
                    let value = self.optional(case.value.as_ref())?;
                    let body = self.statements(&case.body)?;
                    cases.push(Case { span: self.span(case.span), value, body });
                }
                StatementKind::Switch { subject, cases }
            }
            StmtKind::TryCatch(statement) => self.attempt(statement)?,
            _ => StatementKind::Other("this statement"),
        })
    }

    /// `else if` is what `elseif` is. In Rust each branch stands in the one before it.
    fn branches(&mut self, statement: &parsed::IfStmt<'_, '_>) -> Reading<StatementKind> {
        let path = self.path;
        let branches = self.each_branch(statement);
        self.path = path;
        branches
    }

    fn each_branch(&mut self, statement: &parsed::IfStmt<'_, '_>) -> Reading<StatementKind> {
        let mut branches = Vec::with_capacity(1 + statement.elseif_branches.len());
        let mut statement = statement;
        loop {
            branches.push((self.expression(&statement.condition)?, self.body(statement.then_branch)?));
            for branch in statement.elseif_branches.iter() {
                self.path += 1;
                branches.push((self.expression(&branch.condition)?, self.body(&branch.body)?));
            }
            match statement.else_branch {
                Some(parsed::Stmt { kind: StmtKind::If(next), .. }) => {
                    self.path += 1;
                    statement = next;
                }
                Some(otherwise) => {
                    return Ok(StatementKind::If { branches, otherwise: Some(self.body(otherwise)?) });
                }
                None => return Ok(StatementKind::If { branches, otherwise: None }),
            }
        }
    }

    fn attempt(&mut self, statement: &parsed::TryCatchStmt<'_, '_>) -> Reading<StatementKind> {
        let body = self.block(statement.body)?;
        let mut catches = Vec::with_capacity(statement.catches.len());
        for catch in statement.catches.iter() {
            catches.push(Catch {
                span: self.span(catch.span),
                classes: catch.types.iter().map(|name| self.name(name)).collect(),
                variable: catch.var.map(|variable| variable.or_error().to_owned()),
                body: self.block(catch.body)?,
            });
        }
        let finally = statement.finally.map(|block| self.block(block)).transpose()?;
        Ok(StatementKind::Try { body, catches, finally })
    }

    /// Only what is named can be translated: `global $$a` cannot.
    fn global(&self, variables: &[parsed::Expr<'_, '_>]) -> StatementKind {
        let names = variables.iter().map(|variable| match &variable.kind {
            ExprKind::Variable(name) => Some(name.as_str().to_owned()),
            _ => None,
        });
        names.collect::<Option<_>>().map_or(StatementKind::Other("global with a computed name"), StatementKind::Global)
    }

    /// `declare(a=b)`; the one with statements, which only `ticks` has, is beyond us.
    fn declare(&self, span: parsed::Span, declare: &parsed::DeclareStmt<'_, '_>) -> StatementKind {
        if declare.body.is_some() {
            return StatementKind::Other("declare with statements");
        }
        let text = self.slice(span);
        let inside = text.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map_or("", |(inside, _)| inside);
        StatementKind::Declare(inside.trim().to_owned())
    }

    pub(super) fn block(&mut self, block: &parsed::Block<'_, '_>) -> Reading<Block> {
        Ok(Block { span: self.span(block.span), statements: self.statements(&block.stmts)? })
    }

    /// A statement in the place of a block.
    fn body(&mut self, statement: &parsed::Stmt<'_, '_>) -> Reading<Block> {
        if let StmtKind::Block(block) = &statement.kind {
            return self.block(block);
        }
        Ok(Block { span: self.span(statement.span), statements: self.statements(std::slice::from_ref(statement))? })
    }

    pub(super) fn expressions(&mut self, expressions: &[parsed::Expr<'_, '_>]) -> Reading<Vec<Expression>> {
        expressions.iter().map(|expression| self.expression(expression)).collect()
    }

    pub(super) fn optional(&mut self, expression: Option<&parsed::Expr<'_, '_>>) -> Reading<Option<Expression>> {
        expression.map(|expression| self.expression(expression)).transpose()
    }
}

/// `break 2;`
fn levels_of(levels: Option<&parsed::Expr<'_, '_>>) -> u32 {
    match levels.map(|levels| &levels.kind) {
        Some(ExprKind::Int(levels)) => u32::try_from(*levels).unwrap_or(1),
        // The parser only lets a number pass.
        Some(ExprKind::Parenthesized(inner)) => levels_of(Some(inner)),
        _ => 1,
    }
}

fn imports(declaration: &parsed::UseDecl<'_, '_>) -> Vec<Import> {
    let import = |item: &parsed::UseItem<'_, '_>| {
        let path = item.name.join_parts().into_owned();
        let last = path.rsplit('\\').next().unwrap_or_default();
        let name = item.alias.map_or(last, |alias| alias.or_error()).to_owned();
        let kind = match item.kind.unwrap_or(declaration.kind) {
            UseKind::Function => ImportKind::Function,
            UseKind::Const => ImportKind::Constant,
            _ => ImportKind::Class,
        };
        Import { kind, path, name }
    };
    declaration.uses.iter().map(import).collect()
}
