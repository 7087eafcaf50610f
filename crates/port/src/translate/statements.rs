//! Statements: which rule translates which, and what becomes of those that none does.

use std::collections::BTreeMap;

use crate::finding::FindingKind;
use crate::php::tree::{
    Block as PhpBlock, Expression as Php, ExpressionKind as E, Statement as PhpStatement, StatementKind as S,
};
use crate::php::walk::each_expression_in;
use crate::rust::build::{atom, macro_call, ok};
use crate::rust::shapes::negated;
use crate::rust::tree::{Block, Expression, Lead, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::assign::has_effect;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::coerce::format_of;
use crate::translate::comments::{QUOTE, Style};
use crate::translate::exceptions::attempt::Attempt;
use crate::translate::plan::{Early, leaves, targets};
use crate::translate::scope::{ScopeKind, Variable, VariableKind};
use crate::translate::types::Type;
use crate::translate::value::{Typed, is_placeholder};

impl Translator<'_> {
    /// A block, with the comments at its end.
    pub(super) fn block(&mut self, php: &PhpBlock) -> Block {
        self.scope().blocks.push(php.span.start);
        let before = self.scope().variables.clone();
        let statements = self.statements(&php.statements);
        self.forget_inner(before);
        self.scope().blocks.pop();
        let end = self.comments.lead(php.span.end.saturating_sub(1), Style::Plain);
        let end = if end.comments.is_empty() { Lead::default() } else { Lead { origin: None, ..end } };
        Block { statements, end: without_last_blank(end) }
    }

    /// Variables that were declared in a block are not there behind it.
    pub(super) fn forget_inner(&mut self, before: BTreeMap<String, Variable>) {
        let scope = self.scope();
        let versions: Vec<(String, u32)> =
            scope.variables.iter().map(|(name, variable)| (name.clone(), variable.version)).collect();
        scope.variables = before;
        // A version is not used twice.
        for (name, version) in versions {
            let variable = scope.variables.entry(name).or_default();
            if !variable.declared {
                variable.version = version + 1;
            }
        }
    }

    pub(super) fn statements(&mut self, php: &[PhpStatement]) -> Vec<Statement> {
        let mut translated = Vec::new();
        for statement in php {
            self.push_statement(statement, &mut translated);
        }
        translated
    }

    /// One statement, with its comments; or its PHP as a comment.
    pub(super) fn push_statement(&mut self, php: &PhpStatement, translated: &mut Vec<Statement>) {
        let mut lead = self.comments.lead(php.span.start, Style::Plain);
        let mark = self.mark();
        let found = (self.findings.len(), self.uses.len());
        let early = match php.kind {
            // It decides by itself where what begins.
            S::Try { .. } => vec![],
            _ => self.scope().plan.before.get(&php.span.start).cloned().unwrap_or_default(),
        };
        let variables = self.scope().variables.clone();
        let outer = std::mem::take(&mut self.scope().before);
        let done = std::mem::take(&mut self.scope().done);
        let declared = self.declare_early(&early, php.span);
        let result = self.statement(php);
        let before = std::mem::replace(&mut self.scope().before, outer);
        self.scope().done = done;
        let result = result.and_then(|statements| {
            let all = declared.into_iter().chain(before).chain(statements);
            let all = self.unshared(all.collect(), php.span)?;
            self.without_placeholders(all, php)
        });
        let mut statements = match result {
            Ok(all) => {
                self.fate(php.span, !all.is_empty());
                all
            }
            Err(cannot) => {
                self.forget_since(found);
                self.give_back(mark);
                self.comments.skip(php.span.end);
                self.scope().variables = variables;
                self.learn_mentioned(php);
                let cannot = self.as_follow_up(php, cannot);
                self.untranslated(php, &cannot, &mut lead)
            }
        };
        // Comments in the middle of an expression come before it.
        let mut above = self.comments.lines_before(php.span.end);
        self.keep_order(php.span, !php.bodies().is_empty(), &mut statements, &mut above);
        lead.comments.extend(above);
        let trailing = self.comments.trailing(php.span.end);
        if let [only] = early.as_slice() {
            super::choices::inline_choice(&mut statements, &only.name, self.rust_name(&only.name));
        }
        if statements.is_empty() {
            if lead.comments.is_empty() && trailing.is_none() {
                return;
            }
            lead.comments.extend(trailing);
            translated.push(Statement {
                lead: without_last_blank(lead),
                kind: StatementKind::Comments,
                trailing: None,
            });
            return;
        }
        with_comments(&mut statements, lead, trailing);
        translated.extend(statements);
    }

    /// Whoever translates the statement will read what is mentioned in it.
    fn learn_mentioned(&mut self, php: &PhpStatement) {
        let mut names = Vec::new();
        each_expression_in(std::slice::from_ref(php), &mut |part| {
            if let E::Variable(name) = &part.kind {
                names.push(name.as_str());
            }
        });
        for name in names {
            if let Some(learnt) = self.learn_of(name) {
                learnt.mentioned = true;
            }
        }
    }

    /// Statements that nothing is missing from, once nothing more will be learnt.
    fn without_placeholders(&self, mut statements: Vec<Statement>, php: &PhpStatement) -> Result<Vec<Statement>> {
        let mut is_open = false;
        let span = php.span;
        if self.facts.are_final {
            let assigns = matches!(&php.kind, S::Expression(code) if matches!(code.bare().kind, E::Assign { .. } | E::Step { .. }));
            is_open = assigns && statements.is_empty() && self.fates.get(&span.start) != Some(&true);
            let mut look = |code: &mut Expression| is_open |= is_placeholder(code);
            statements.iter_mut().for_each(|statement| statement.each_expression(&mut |code| code.each(&mut look)));
        }
        if is_open {
            return Err(Cannot::new(span, "the type of a value in this is not known: declare it, or write it out"));
        }
        Ok(statements)
    }

    /// Variables that have to be declared before the statement in which they are assigned first.
    pub(super) fn declare_early(&mut self, early: &[Early], span: Span) -> Vec<Statement> {
        let mut statements = Vec::new();
        for Early { name, definite } in early {
            if self.find_variable(name).is_some() {
                continue;
            }
            if !*definite && let Some(given) = self.command_line(name, span) {
                statements.push(given);
                continue;
            }
            let ty = if *definite { Type::Unknown } else { Type::Null };
            let rust = self.declare(name, &ty, VariableKind::Local, span);
            let facts = self.facts_of(name);
            let value = match (&facts.ty, definite) {
                (_, true) => None,
                (Type::Json, false) => Some(self.null_value()),
                (_, false) => Some(atom("None")),
            };
            if !definite && let Some(learnt) = self.learn_of(name) {
                learnt.writes += 1;
            }
            let mutability = if *definite { "" } else { self.mutability(name) };
            let pattern = format!("{mutability}{rust}");
            let ty = self.dyn_text(&facts.ty);
            statements.push(Statement::new(StatementKind::Let { pattern, ty, value, otherwise: None }));
        }
        statements
    }

    /// A statement that no rule translates: its PHP as a comment, and a value for the variables that are read later.
    fn untranslated(&mut self, php: &PhpStatement, cannot: &Cannot, lead: &mut Lead) -> Vec<Statement> {
        let others = self.others_in(php, cannot);
        let mut lines = self.todo_lines(php.span, cannot);
        let more: Vec<String> = others.iter().map(|other| self.todo_line(other)).collect();
        lines.splice(1..1, more);
        lead.comments.extend(lines);
        let line = self.line(php.span);
        let mut assigned = Vec::new();
        if let S::Global(names) = &php.kind {
            assigned.extend(names.iter().cloned());
        }
        if let S::Expression(expression) = &php.kind {
            assigned_in(expression, &mut |name| assigned.push(name.to_owned()));
        }
        let mut statements = Vec::new();
        for name in assigned {
            if name == "this" || self.find_variable(&name).is_some() {
                continue;
            }
            // What it is, its uses tell: another pass may translate this.
            let rust = self.declare(&name, &Type::Unknown, VariableKind::Local, php.span);
            self.scope().untranslated.insert(name.clone(), line);
            let facts = self.facts_of(&name);
            let mutability = self.mutability(&name);
            if !facts.read {
                continue;
            }
            let ty = self.type_text(&facts.ty);
            statements.push(Statement::new(StatementKind::Let {
                pattern: format!("{mutability}{rust}"),
                ty: Some(ty),
                value: Some(macro_call("todo", vec![Expression::Text(format!("line {line}"))])),
                otherwise: None,
            }));
        }
        if let S::Return(Some(_)) = &php.kind {
            let function = self.scope().function.clone();
            self.learnt.functions.entry(function).or_default().returns_untranslated = Some(line);
        }
        if leaves(php) {
            statements.push(Statement::expression(macro_call("todo", vec![Expression::Text(format!("line {line}"))])));
        }
        statements
    }

    /// `// TODO(port) LINE:COLUMN: why`, and the PHP as comments. It is reported, too.
    pub(super) fn todo_lines(&mut self, span: Span, cannot: &Cannot) -> Vec<String> {
        self.left_out.push(span);
        let mut lines = vec![self.todo_line(cannot)];
        lines.extend(self.quoted(span));
        lines
    }

    /// PHP as comments.
    fn quoted(&self, span: Span) -> Vec<String> {
        let mut lines = Vec::new();
        let text = self.source.slice(span);
        // The first line begins where the statement does; the others have their indentation.
        let indentation =
            text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or(0);
        for (number, line) in text.lines().enumerate() {
            let line =
                if number == 0 { line } else { line.get(indentation.min(self::indentation(line))..).unwrap_or(line) };
            lines.push(format!("{QUOTE}{}", line.trim_end()).trim_end().to_owned());
        }
        lines
    }

    /// What needs no Rust: its PHP stays as a comment, with the reason.
    pub(super) fn leave_out(&mut self, span: Span, why: &str) {
        self.note(span, why);
        self.left_out.push(span);
        // The comments in it are in its PHP.
        self.comments.early_lead(span.start, span.end);
        let mut comments = vec![format!("// {why}:")];
        comments.extend(self.quoted(span));
        let lead = Lead { comments, ..Lead::default() };
        self.scope().before.push(Statement { lead, kind: StatementKind::Comments, trailing: None });
    }

    /// `// TODO(port) LINE:COLUMN: why`, which is reported, too.
    fn todo_line(&mut self, cannot: &Cannot) -> String {
        self.report(FindingKind::Todo, cannot.span, cannot.message.clone());
        let position = self.source.position(cannot.span.start);
        format!("// TODO(port) {}:{}: {}", position.line, position.column, cannot.message)
    }

    fn statement(&mut self, php: &PhpStatement) -> Result<Vec<Statement>> {
        let span = php.span;
        match &php.kind {
            S::Expression(expression) => self.expression_statement(expression),
            S::Echo(values) => self.echo(values, span),
            S::Return(value) => self.return_statement(value.as_ref(), span),
            S::If { branches, otherwise } => self.if_statement(branches, otherwise.as_ref(), span),
            S::While { condition, body } => self.while_statement(condition, body, span),
            S::DoWhile { body, condition } => self.do_while(body, condition, span),
            S::For { start, conditions, step, body } => self.for_statement(start, conditions, step, body, span),
            S::Foreach { subject, key, value, by_reference, body } => {
                self.foreach(subject, key.as_ref(), value, *by_reference, body, span)
            }
            S::Switch { subject, cases } => self.switch(subject, cases, span),
            S::Break(levels) => self.break_statement(*levels, span),
            S::Continue(levels) => self.continue_statement(*levels, span),
            S::Try { body, catches, finally } => self.try_statement(body, catches, finally.as_ref(), span),
            S::Global(names) => self.global(names, span),
            S::Static(variables) => self.static_variables(variables, span),
            S::Unset(of) => self.unset(of, span),
            S::Function(_) | S::Class(_) | S::Constants(_) => self.inner_item(php),
            S::Declare(text) if text.starts_with("ticks") => {
                Err(Cannot::new(span, "declare(ticks): there are no ticks here; look at the clock where it matters"))
            }
            S::Namespace(_) | S::Use(_) | S::Declare(_) | S::Nothing => Ok(vec![]),
            S::InlineHtml(html) => self.printed(vec![crate::translate::coerce::Shown::Text(html.clone())]),
            S::Block(block) => Ok(self.statements(&block.statements)),
            S::Other(what) => Err(Cannot::new(span, format!("{what}: there is no counterpart"))),
        }
    }

    fn expression_statement(&mut self, php: &Php) -> Result<Vec<Statement>> {
        match &php.bare().kind {
            E::Assign { .. } | E::Step { .. } => self.assignment(php.bare()),
            E::Yield { .. } | E::YieldFrom(_) => self.yielded(php.bare()),
            E::Print(of) => self.echo(std::slice::from_ref(of), php.span),
            E::Include(_) => self.included(php),
            E::Throw(of) => {
                let thrown = self.throw(of, php.span)?;
                Ok(vec![Statement::expression(thrown.code)])
            }
            E::Exit(Some(with)) if !matches!(with.bare().kind, E::Integer(_)) => self.die(with, php.span),
            E::Binary { operator, left, right } => self.conditional_statement(*operator, left, right, php),
            E::Ternary { condition, then: Some(then), otherwise } => self.choice_statement(condition, then, otherwise),
            E::Text(_) | E::Integer(_) | E::Constant(_) => Ok(vec![]),
            E::Array(_) if self.source.kind() != crate::source::Kind::File => {
                let value = self.expression(php)?;
                Ok(vec![Statement::new(StatementKind::Value(value.code))])
            }
            _ => {
                if let Some(statements) = self.special_statement(php)? {
                    return Ok(statements);
                }
                let value = self.discarded_expression(php)?;
                if value.is_unknown() {
                    return Ok(vec![]);
                }
                self.dropped_promise(&value, php.span)?;
                Ok(vec![Statement::expression(value.code)])
            }
        }
    }

    /// `a() and b();`, `a() or b();`: an `if`.
    fn conditional_statement(
        &mut self,
        operator: crate::php::tree::Binary,
        left: &Php,
        right: &Php,
        whole: &Php,
    ) -> Result<Vec<Statement>> {
        use crate::php::tree::Binary;
        let negate = match operator {
            Binary::And => false,
            Binary::Or => true,
            _ => {
                let value = self.expression(whole)?;
                return Ok(vec![Statement::new(StatementKind::Let {
                    pattern: "_".to_owned(),
                    ty: None,
                    value: Some(value.code),
                    otherwise: None,
                })]);
            }
        };
        let condition = self.condition(left)?;
        let condition = if negate { negated(condition) } else { condition };
        self.scope().conditional += 1;
        let then = self.expression_statement(right);
        self.scope().conditional -= 1;
        let code = Expression::If { condition: Box::new(condition), then: Block::new(then?), otherwise: None };
        Ok(vec![Statement::expression(code)])
    }

    /// `a ? b() : c();`
    fn choice_statement(&mut self, condition: &Php, then: &Php, otherwise: &Php) -> Result<Vec<Statement>> {
        let condition = self.condition(condition)?;
        self.scope().conditional += 1;
        let then = self.expression_statement(then);
        let otherwise = self.expression_statement(otherwise);
        self.scope().conditional -= 1;
        let code = crate::rust::build::if_else(condition, Block::new(then?), Block::new(otherwise?));
        Ok(vec![Statement::expression(code)])
    }

    fn echo(&mut self, values: &[Php], _span: Span) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        let mut shown = Vec::new();
        for php in values {
            // What is evaluated later may print, fail, or change what was printed before.
            if self.effects.of(php) || has_effect(php) {
                statements.extend(self.printed(std::mem::take(&mut shown))?);
            }
            self.scope().done.clear();
            let outer = std::mem::take(&mut self.scope().before);
            let parts = self.echoed(std::slice::from_ref(php));
            let before = std::mem::replace(&mut self.scope().before, outer);
            if statements.is_empty() && shown.is_empty() {
                self.scope().before.extend(before);
            } else {
                statements.extend(before);
            }
            shown.extend(parts?);
        }
        statements.extend(self.printed(shown)?);
        Ok(statements)
    }

    /// `print!`, or `println!` for what ends a line.
    pub(super) fn printed(&mut self, shown: Vec<crate::translate::coerce::Shown>) -> Result<Vec<Statement>> {
        let (format, arguments, _) = format_of(&shown);
        if format.is_empty() {
            return Ok(vec![]);
        }
        let (name, format) = match format.strip_suffix('\n') {
            Some(line) => ("println", line.to_owned()),
            None => ("print", format),
        };
        let mut all = Vec::new();
        if !(format.is_empty() && arguments.is_empty()) {
            all.push(Expression::Format(format));
        }
        all.extend(arguments);
        Ok(vec![Statement::expression(macro_call(name, all))])
    }

    fn return_statement(&mut self, value: Option<&Php>, span: Span) -> Result<Vec<Statement>> {
        if self.scope().kind == ScopeKind::Script
            && self.scopes.len() == 1
            && let Some(value) = value
        {
            return Err(Cannot::new(value.span, "a script that returns a value: make it a function"));
        }
        if self.scope().generator.is_some() {
            if let Some(value) = value {
                return Err(Cannot::new(value.span, "a generator that returns a value: write it where it is wanted"));
            }
            if self.scope().attempts.iter().any(Attempt::is_round) {
                return Err(Cannot::new(span, "return in a loop over another generator: use break"));
            }
        }
        if self.scope().kind == ScopeKind::Function && self.constructs() {
            let span = value.map_or(span, |value| value.span);
            return Err(Cannot::new(span, "return in a constructor: put what comes behind it into an else"));
        }
        let wanted = self.scope().returns.clone();
        let value = match value {
            None => Typed::owned(atom("()"), Type::Null),
            Some(php) if self.returns_itself() => return self.returned_object(php),
            Some(php) if Self::is_this(php) && !self.is_in_enum() => {
                return Err(Cannot::new(
                    php.span,
                    "the object itself, where something else is returned, too: return it on each way, or on none",
                ));
            }
            Some(php) => {
                let value = match &wanted {
                    Some(ty) => {
                        let value = self.expression_wanting(php, ty)?;
                        let value = self.weak(value, ty, php.span)?;
                        self.coerce(value, ty, php.span)?
                    }
                    None => self.expression(php)?,
                };
                let scope = self.scope();
                scope.returned = scope.returned.join(&value.ty);
                let returns = self.returned_type();
                if returns == Type::Unknown { value } else { self.coerce(value, &returns, php.span)? }
            }
        };
        if value.ty == Type::Never {
            return Ok(vec![Statement::expression(value.code)]);
        }
        let value = if value.ty == Type::Null && self.returned_type() == Type::Null {
            Typed { code: atom("()"), ..value }
        } else {
            value
        };
        let code = self.wrapped(boxed(value));
        Ok(vec![Statement::expression(Expression::Return(code.map(Box::new)))])
    }

    /// What the function returns as far as the pass before has learnt.
    pub(super) fn returned_type(&mut self) -> Type {
        let function = self.scope().function.clone();
        self.facts.functions.get(&function).map(|facts| facts.returns.clone()).unwrap_or_default()
    }

    /// Whether the function around returns a `Result`.
    pub(super) fn returns_result(&mut self) -> bool {
        let function = self.scope().function.clone();
        self.facts.functions.get(&function).is_some_and(|facts| facts.fails)
    }

    /// A value as the function around returns it: in `Ok`, if it can fail.
    pub(super) fn wrapped(&mut self, value: Typed) -> Option<Expression> {
        if let Some(run) = self.run() {
            return Some(self.returned_from_run(run, value));
        }
        if self.scope().generator.is_some() {
            return Some(self.ran_out());
        }
        let fails = self.returns_result();
        let nothing = matches!(&value.code, Expression::Atom(text) if text == "()");
        match (fails, nothing) {
            (false, true) => None,
            (true, true) => Some(ok(atom("()"))),
            (false, false) => Some(value.into_owned()),
            (true, false) => match value {
                Typed { code: Expression::Try(inner), passes_on: true, .. } if !self.is_attempted() => Some(*inner),
                value => Some(ok(value.into_owned())),
            },
        }
    }
}

/// A closure that is returned takes what it uses with it.
fn boxed(value: Typed) -> Typed {
    match (value.code, &value.ty) {
        (Expression::Closure { parameters, returns, body, .. }, Type::Closure(_)) => {
            let code = Expression::Closure { moves: true, parameters, returns, body };
            Typed { code: crate::rust::build::call("Box::new", vec![code]), ..value }
        }
        (code, _) => Typed { code, ..value },
    }
}

/// The variables that an expression that is a statement assigns.
fn assigned_in(expression: &Php, note: &mut dyn FnMut(&str)) {
    if let E::Assign { target, value, .. } = &expression.bare().kind {
        assigned_in(value, note);
        if matches!(target.kind, E::Variable(_) | E::Array(_)) {
            targets(target, note);
        }
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

pub fn without_last_blank(mut lead: Lead) -> Lead {
    while lead.comments.last().is_some_and(String::is_empty) {
        lead.comments.pop();
    }
    lead
}

/// Puts the comments before a statement on the first of those that it has become, and those behind it on the last.
fn with_comments(statements: &mut [Statement], lead: Lead, trailing: Option<String>) {
    if let Some(first) = statements.first_mut() {
        // What was left out of an expression stands before the statement already.
        let left_out = std::mem::replace(&mut first.lead, lead).comments;
        first.lead.comments.extend(left_out);
    }
    match (statements.last_mut(), trailing) {
        (Some(Statement { lead, kind: StatementKind::Comments, .. }), Some(trailing)) => lead.comments.push(trailing),
        (Some(last), Some(trailing)) => last.trailing = Some(trailing),
        _ => {}
    }
}
