//! A file as a whole: its functions, classes and constants, and `main` of what is left.

use crate::php::tree::{
    Class, Expression as Php, ExpressionKind as E, File as PhpFile, Statement as PhpStatement, StatementKind as S,
};
use crate::rust::build::{atom, call, closure};
use crate::rust::tree::{Block, Expression, File, Function, Item, ItemKind, Lead, Statement, StatementKind};
use crate::rust::words::{screaming, snake};
use crate::source::Span;
use crate::translate::Translated;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::comments::Style;
use crate::translate::plan::Plan;
use crate::translate::program::defined;
use crate::translate::scope::{SCRIPT, Scope, ScopeKind, VariableKind};
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// A file with `<?php`.
    pub(super) fn file(&mut self, php: &PhpFile) -> Translated {
        let mut file = File { header: self.header(php), ..File::default() };
        let script = Scope {
            function: SCRIPT.to_owned(),
            plan: Plan::new(&php.statements, &[]),
            may_fail: true,
            kind: ScopeKind::Script,
            ..Scope::default()
        };
        self.scopes.push(script);
        let mut main = Vec::new();
        for statement in &php.statements {
            self.top_level(statement, &mut file.items, &mut main);
        }
        let unused = self.unused_items(&php.statements);
        file.items.extend(unused);
        let end = self.comments.lines_before(usize::MAX);
        let scope = self.scopes.pop().unwrap_or_default();
        self.learnt.functions.entry(SCRIPT.to_owned()).or_default().fails |= scope.fails;
        let has_main = main.iter().any(|statement| !matches!(statement.kind, StatementKind::Comments));
        if has_main {
            let lead = Lead { comments: end, ..Lead::default() };
            file.items.push(self.main(Block { statements: main, end: lead }));
        } else {
            let comments: Vec<String> =
                main.into_iter().flat_map(|statement| statement.lead.comments).chain(end).collect();
            if !comments.is_empty() {
                let lead = Lead { blank: true, comments, origin: None };
                file.items.push(Item { lead, attributes: vec![], kind: ItemKind::Comments });
            }
        }
        if self.deep_json {
            file.attributes.push("#![recursion_limit = \"512\"]".to_owned());
        }
        file.uses = std::mem::take(&mut self.uses);
        file.uses.sort();
        let (left_out, fates) = (std::mem::take(&mut self.left_out), std::mem::take(&mut self.fates));
        let findings = self.sorted_findings();
        let (answered, items) = (std::mem::take(&mut self.answered), std::mem::take(&mut self.items));
        Translated { file, snippet: Block::default(), has_main, findings, left_out, answered, fates, items }
    }

    /// Statements without `<?php`.
    pub(super) fn snippet(&mut self, php: &PhpFile) -> Translated {
        let scope = Scope {
            function: "snippet".to_owned(),
            plan: Plan::new(&php.statements, &crate::translate::plan::free_variables(&php.statements)),
            may_fail: true,
            kind: ScopeKind::Snippet,
            ..Scope::default()
        };
        self.scopes.push(scope);
        let mut items = Vec::new();
        let mut statements = Vec::new();
        for statement in &php.statements {
            self.top_level(statement, &mut items, &mut statements);
        }
        self.scopes.pop();
        let comments = self.comments.lines_before(usize::MAX);
        let items = items.into_iter().map(|mut item| {
            let lead = std::mem::take(&mut item.lead);
            let kind = match item.kind {
                ItemKind::Comments => StatementKind::Comments,
                _ => StatementKind::Item(item),
            };
            Statement { lead, kind, trailing: None }
        });
        let statements = items.chain(statements).collect();
        let end = Lead { comments, ..Lead::default() };
        Translated {
            file: File::default(),
            snippet: Block { statements, end },
            has_main: false,
            findings: self.sorted_findings(),
            left_out: std::mem::take(&mut self.left_out),
            answered: std::mem::take(&mut self.answered),
            fates: std::mem::take(&mut self.fates),
            items: std::mem::take(&mut self.items),
        }
    }

    fn sorted_findings(&mut self) -> Vec<crate::finding::Finding> {
        let mut findings = std::mem::take(&mut self.findings);
        findings.sort_by_key(|finding| finding.position);
        findings
    }

    /// Comments at the beginning, before what PHP needs and Rust does not: they are about the whole file.
    fn header(&mut self, php: &PhpFile) -> Vec<String> {
        let first = php.statements.iter().find(|statement| !matches!(statement.kind, S::Declare(_)));
        let Some(first) = first else { return vec![] };
        let is_prelude = match &first.kind {
            S::Namespace(_) | S::Use(_) => true,
            S::Expression(php) => matches!(php.bare().kind, E::Include(_)),
            _ => false,
        };
        if !is_prelude {
            return vec![];
        }
        let lead = self.comments.lead(first.span.start, Style::Plain);
        let lines = lead.comments.into_iter().map(|line| match line.strip_prefix("//") {
            Some(rest) => format!("//!{rest}"),
            None => "//!".to_owned(),
        });
        let mut lines: Vec<String> = lines.collect();
        while lines.last().is_some_and(|line| line == "//!") {
            lines.pop();
        }
        lines
    }

    fn top_level(&mut self, php: &PhpStatement, items: &mut Vec<Item>, main: &mut Vec<Statement>) {
        match &php.kind {
            S::Namespace(Some(name)) if self.is_second_namespace(name) => {
                self.note(php.span, "a second namespace: its names stand beside those of the first; give each a file");
            }
            S::Namespace(_) | S::Use(_) | S::Nothing => {}
            S::Declare(text) if !text.starts_with("ticks") => {}
            S::Function(_) | S::Class(_) | S::Constants(_) => self.push_items(php, items),
            S::Expression(expression) if defined(expression).is_some() => self.push_items(php, items),
            S::Expression(expression) if self.global_of(expression).is_some() => self.push_items(php, items),
            S::Block(block) => block.statements.iter().for_each(|statement| self.top_level(statement, items, main)),
            _ => self.push_statement(php, main),
        }
    }

    /// A declaration, with the comments before it; or its PHP as a comment.
    fn push_items(&mut self, php: &PhpStatement, items: &mut Vec<Item>) {
        self.items.insert(php.span.start);
        let mut lead = self.comments.lead(php.span.start, Style::Doc);
        lead.blank = true;
        let mark = self.mark();
        let found = (self.findings.len(), self.uses.len());
        // What a class that stays PHP has made of its traits stands nowhere.
        let fates = matches!(php.kind, S::Class(_)).then(|| self.fates.clone());
        let translated = match &php.kind {
            S::Function(function) if self.is_another(&function.name, function.span) => {
                Err(Cannot::new(function.name_span, format!("{}() is there twice: keep one", function.name)))
            }
            S::Class(class) if self.is_another_class(class) => {
                Err(Cannot::new(class.span, format!("{} is there twice: keep one", class.name)))
            }
            S::Function(function) => self.function(function).map(|function| vec![item(ItemKind::Function(function))]),
            S::Class(class) => self.class_items(class, php.span),
            S::Constants(constants) => constants.iter().map(|(name, value)| self.constant_item(name, value)).collect(),
            S::Expression(expression) => match (defined(expression), self.global_of(expression)) {
                (Some((name, value)), _) => self.constant_item(name, value).map(|item| vec![item]),
                (None, Some((name, value))) => self.global_item(&name, value).map(|item| vec![item]),
                (None, None) => Ok(vec![]),
            },
            _ => Ok(vec![]),
        };
        match translated {
            Ok(mut translated) => {
                self.fate(php.span, true);
                let inner = self.comments.lines_before(php.span.end);
                lead.comments.extend(inner);
                let trailing = self.comments.trailing(php.span.end);
                lead.comments.extend(trailing);
                if translated.is_empty() && !lead.comments.is_empty() {
                    translated.push(item(ItemKind::Comments));
                }
                if let Some(first) = translated.first_mut() {
                    // A constant below another needs no empty line between them.
                    let constants = |item: &Item| matches!(item.kind, ItemKind::Constant { .. });
                    if constants(first)
                        && items.last().is_some_and(constants)
                        && !self.comments.blank_before(php.span.start)
                    {
                        lead.blank = false;
                    }
                    let own = std::mem::take(&mut first.lead.comments);
                    first.lead = lead;
                    first.lead.comments.extend(own);
                }
                items.extend(translated);
            }
            Err(cannot) => {
                self.fates = fates.unwrap_or_else(|| std::mem::take(&mut self.fates));
                self.forget_since(found);
                self.give_back(mark);
                self.comments.skip(php.span.end);
                items.push(self.left_item(php, &cannot, lead));
            }
        }
    }

    /// A declaration that stays PHP, as a comment.
    fn left_item(&mut self, php: &PhpStatement, cannot: &Cannot, lead: Lead) -> Item {
        let undocumented = lead.comments.iter().map(|line| match line.strip_prefix("///") {
            Some(rest) => format!("//{rest}"),
            None => line.clone(),
        });
        let mut comments: Vec<String> = undocumented.collect();
        comments.extend(self.todo_lines(php.span, cannot));
        let lead = Lead { blank: true, comments, origin: lead.origin };
        Item { lead, attributes: vec![], kind: ItemKind::Comments }
    }

    /// Whether the file began with another namespace.
    fn is_second_namespace(&mut self, name: &str) -> bool {
        match &self.namespace {
            Some(first) => first != name,
            None => {
                self.namespace = Some(name.to_owned());
                false
            }
        }
    }

    /// Whether the file has another function of that name, which is the one that is called.
    fn is_another(&self, name: &str, span: Span) -> bool {
        self.program.function(name).is_some_and(|function| function.span != span)
    }

    fn is_another_class(&self, class: &Class) -> bool {
        self.program.classes.get(&class.name.to_lowercase()).is_some_and(|known| known.span != class.span)
    }

    /// A constant of the file.
    fn constant_item(&mut self, name: &str, php: &Php) -> Result<Item> {
        let value = self.expression(php)?;
        self.learnt.constants.insert(name.to_owned(), value.ty.clone());
        let item = self.constant_of(&screaming(name), value, php.span)?;
        if is_made(&item) {
            self.learnt.made_constants.insert(name.to_owned());
        }
        Ok(item)
    }

    /// `const NAME: T = value;`, or a `static` for what has to be made when the program runs.
    pub(super) fn constant_of(&mut self, name: &str, value: Typed, span: Span) -> Result<Item> {
        let ty = match &value.ty {
            Type::Text => "&str".to_owned(),
            ty => self.type_text(&ty.clone()),
        };
        let name = name.to_owned();
        if is_constant(&value.code) {
            return Ok(item(ItemKind::Constant { public: true, keyword: "const", name, ty, value: value.code }));
        }
        if !value.ty.is_json() {
            return Err(Cannot::new(span, "a constant that has to be made when the program runs: write a function"));
        }
        self.import("std::sync::LazyLock");
        let own = self.type_text(&value.ty.clone());
        let value = call("LazyLock::new", vec![closure(&[], value.into_owned())]);
        Ok(item(ItemKind::Constant { public: true, keyword: "static", name, ty: format!("LazyLock<{own}>"), value }))
    }

    /// A variable of the script that functions use and nothing changes, and its value.
    fn global_of<'p>(&self, php: &'p Php) -> Option<(String, &'p Php)> {
        let E::Assign { target, operator: None, value, .. } = &php.kind else { return None };
        let E::Variable(name) = &target.kind else { return None };
        let known = self.program.globals.get(name)?;
        known.is_some().then(|| (name.clone(), &**value))
    }

    /// A global: a `static`, or a function where making it can fail or its type is no JSON.
    fn global_item(&mut self, name: &str, php: &Php) -> Result<Item> {
        let key = format!("global {}", snake(name));
        self.scopes.push(Scope {
            function: key.clone(),
            may_fail: true,
            kind: ScopeKind::Function,
            ..Scope::default()
        });
        let value = self.expression(php);
        let scope = self.scopes.pop().unwrap_or_default();
        let value = value?;
        let learnt = self.learnt.functions.entry(key.clone()).or_default();
        learnt.fails |= scope.fails;
        learnt.returns = learnt.returns.join(&value.ty);
        let fails = self.facts.functions.get(&key).is_some_and(|facts| facts.fails);
        if !fails && value.ty.is_json() {
            return self.constant_of(&screaming(name), value, php.span);
        }
        let returns = self.type_text(&value.ty.clone());
        let returns = if fails {
            self.import("anyhow::Result");
            format!("Result<{returns}>")
        } else {
            returns
        };
        let code = if fails { crate::rust::build::ok(value.into_owned()) } else { value.into_owned() };
        let statements = self.unshared(vec![Statement::new(StatementKind::Value(code))], php.span)?;
        Ok(item(ItemKind::Function(Function {
            public: false,
            name: snake(name),
            generics: String::new(),
            parameters: vec![],
            returns: Some(returns),
            body: Some(Block::new(statements)),
        })))
    }

    /// `global $a;`
    pub(super) fn global(&mut self, names: &[String], span: Span) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        for name in names {
            if let Some(given) = self.global_command_line(name, span) {
                statements.push(given);
                continue;
            }
            if !matches!(self.program.globals.get(name), Some(Some(_))) {
                return Err(Cannot::new(
                    span,
                    format!("${name} is global and changes: pass it on as an argument (&mut)"),
                ));
            }
            let key = format!("global {}", snake(name));
            let facts = self.facts.functions.get(&key).cloned().unwrap_or_default();
            let kind = if !facts.fails && facts.returns.is_json() {
                VariableKind::Static(screaming(name))
            } else {
                VariableKind::Made(snake(name))
            };
            self.declare(name, &facts.returns, kind, span);
        }
        Ok(statements)
    }

    fn main(&mut self, mut block: Block) -> Item {
        let fails = self.facts.functions.get(SCRIPT).is_some_and(|facts| facts.fails);
        let returns = fails.then(|| {
            self.import("anyhow::Result");
            if !super::functions::ends_never(&block) {
                block.statements.push(Statement::new(StatementKind::Value(call("Ok", vec![atom("()")]))));
            }
            "Result<()>".to_owned()
        });
        let function = Function {
            public: false,
            name: "main".to_owned(),
            generics: String::new(),
            parameters: vec![],
            returns,
            body: Some(block),
        };
        Item { lead: Lead { blank: true, ..Lead::default() }, attributes: vec![], kind: ItemKind::Function(function) }
    }

    /// A function or a class inside of a function.
    pub(super) fn inner_item(&mut self, php: &PhpStatement) -> Result<Vec<Statement>> {
        match &php.kind {
            S::Constants(constants) => {
                let mut statements = Vec::new();
                for (name, value) in constants {
                    let constant = self.constant_item(name, value)?;
                    statements.push(Statement::new(StatementKind::Item(constant)));
                }
                Ok(statements)
            }
            _ => Err(Cannot::new(php.span, "a declaration inside of another: move it to the top of the file")),
        }
    }

    /// `require __DIR__ . '/vendor/autoload.php';` has nothing to do here.
    pub(super) fn included(&mut self, php: &Php) -> Result<Vec<Statement>> {
        let mut autoload = false;
        php.each(&mut |part| {
            if let E::Text(text) = &part.kind {
                autoload |= text.ends_with("autoload.php");
            }
            if let E::Interpolated(parts) = &part.kind {
                autoload |= parts
                    .iter()
                    .any(|part| matches!(part, crate::php::tree::Part::Text(text) if text.ends_with("autoload.php")));
            }
        });
        if autoload {
            return Ok(vec![]);
        }
        Err(Cannot::new(php.span, "an included file: port it as well, as a module of its own"))
    }

    /// Whether what is caught by this name may be of several classes of the file.
    pub(super) fn is_many_exceptions(&self, class: &str) -> bool {
        self.program.is_exception(class) && self.program.concrete(class).len() != 1
    }
}

/// Whether a constant is made when it is first read.
pub fn is_made(item: &Item) -> bool {
    matches!(item.kind, ItemKind::Constant { keyword: "static", .. })
}

pub fn item(kind: ItemKind) -> Item {
    Item { lead: Lead::default(), attributes: vec![], kind }
}

/// Whether the compiler can work it out.
fn is_constant(code: &Expression) -> bool {
    match code {
        Expression::Atom(_) | Expression::Text(_) => true,
        Expression::Unary { operand, .. } => is_constant(operand),
        Expression::Binary { left, right, .. } => is_constant(left) && is_constant(right),
        Expression::Cast { operand, .. } => is_constant(operand),
        _ => false,
    }
}
