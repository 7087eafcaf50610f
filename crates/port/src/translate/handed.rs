//! Variables that another name stands for as well: with an object in it, PHP changes both at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::php::tree::{
    Argument, Callee, ClosureBody, Expression as Php, ExpressionKind as E, File, MemberKind, Statement as PhpStatement,
    StatementKind as S,
};
use crate::translate::program::Program;
use crate::translate::traps::traps;

/// PHP's own functions that keep what they are given in an array.
const KEEPING: [&str; 6] = ["array_fill", "array_fill_keys", "array_merge", "array_pad", "array_push", "array_unshift"];

/// By variable: where the file first hands on its value as it is, in whichever function.
#[derive(Debug, Default)]
pub struct Handed {
    pub first: BTreeMap<String, usize>,
    /// The functions of the file.
    functions: BTreeSet<String>,
    /// The loops by reference whose variable is used behind them, by where they begin.
    pub traps: BTreeSet<usize>,
}

impl Handed {
    pub fn new(file: &File, program: &Program<'_>) -> Handed {
        let functions = program.functions.keys().cloned().collect();
        let mut handed = Handed { functions, ..Handed::default() };
        handed.body(&file.statements);
        handed
    }

    /// The statements of a function, or of the script.
    fn body(&mut self, statements: &[PhpStatement]) {
        self.traps.extend(traps(statements));
        self.statements(statements);
    }

    fn statements(&mut self, statements: &[PhpStatement]) {
        for statement in statements {
            statement.each_expression(&mut |php| self.expressions(php));
            match &statement.kind {
                S::Foreach { value, .. } => {
                    crate::translate::plan::targets(value, &mut |name| self.note(name, statement.span.start));
                }
                S::Function(function) => function.body.iter().for_each(|body| self.body(&body.statements)),
                S::Class(class) => {
                    for member in &class.members {
                        if let MemberKind::Method { function, .. } = &member.kind {
                            function.body.iter().for_each(|body| self.body(&body.statements));
                        }
                    }
                }
                _ => {}
            }
            for body in statement.bodies() {
                self.statements(body);
            }
        }
    }

    fn expressions(&mut self, php: &Php) {
        let mut closures = Vec::new();
        php.each(&mut |part| {
            if let E::Closure(closure) = &part.kind {
                closures.push(closure);
            }
            self.expression(part);
        });
        for closure in closures {
            for capture in &closure.captures {
                self.note(&capture.name, php.span.start);
            }
            if let ClosureBody::Block(block) = &closure.body {
                self.body(&block.statements);
            }
        }
    }

    fn expression(&mut self, php: &Php) {
        match &php.kind {
            E::Assign { target, operator: None, value, .. } => {
                self.variable(value);
                // The same object, or a part of one that is an object itself.
                if let (E::Variable(name), E::Variable(_) | E::Property { .. } | E::Index { .. }) =
                    (&target.kind, &value.bare().kind)
                {
                    self.note(name, php.span.start);
                }
            }
            E::Array(elements) => {
                elements.iter().filter_map(|element| element.value.as_ref()).for_each(|v| self.variable(v))
            }
            E::Call { callee: Callee::Named(name), arguments } => {
                let name = name.trim_start_matches('\\').to_ascii_lowercase();
                if self.functions.contains(&name) || KEEPING.contains(&&*name) {
                    self.arguments(arguments);
                }
            }
            E::Call { arguments, .. }
            | E::MethodCall { arguments, .. }
            | E::StaticCall { arguments, .. }
            | E::New { arguments, .. } => self.arguments(arguments),
            _ => {}
        }
    }

    fn arguments(&mut self, arguments: &[Argument]) {
        arguments.iter().for_each(|argument| self.variable(&argument.value));
    }

    fn variable(&mut self, php: &Php) {
        if let E::Variable(name) = &php.bare().kind {
            self.note(name, php.span.start);
        }
    }

    fn note(&mut self, name: &str, at: usize) {
        let first = self.first.entry(name.to_owned()).or_insert(at);
        *first = at.min(*first);
    }
}
