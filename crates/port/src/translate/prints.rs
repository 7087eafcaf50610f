//! Which functions of the file print, or may not come back: what `echo` has printed before it calls them stands before that.

use std::collections::{BTreeMap, BTreeSet};

use crate::php::tree::{
    Callee, ClosureBody, Expression, ExpressionKind as E, Function, Name, Statement, StatementKind as S,
};
use crate::php::walk::each_expression_in;

/// PHP's own functions that print.
const PRINTING: [&str; 8] = ["fputs", "fwrite", "passthru", "print_r", "printf", "var_dump", "var_export", "vprintf"];

/// The functions and methods of a file that print, by name in lower case.
#[derive(Debug, Default)]
pub struct Printing {
    names: BTreeSet<String>,
    /// Whether a closure does.
    closures: bool,
}

impl Printing {
    /// Of functions and methods, and of the bodies of closures.
    pub fn new<'a>(functions: impl Iterator<Item = &'a Function>, closures: &[&'a ClosureBody]) -> Printing {
        let mut bodies: BTreeMap<String, Vec<&[Statement]>> = BTreeMap::new();
        for function in functions {
            let body = function.body.iter().map(|body| body.statements.as_slice());
            bodies.entry(function.name.to_lowercase()).or_default().extend(body);
        }
        let mut printing = Printing::default();
        loop {
            let found: Vec<String> = bodies
                .iter()
                .filter(|(name, bodies)| {
                    !printing.names.contains(*name) && bodies.iter().any(|body| printing.prints(body))
                })
                .map(|(name, _)| name.clone())
                .collect();
            let closures = closures.iter().any(|body| match body {
                ClosureBody::Arrow(value) => printing.prints_in(value),
                ClosureBody::Block(block) => printing.prints(&block.statements),
            });
            if found.is_empty() && closures == printing.closures {
                return printing;
            }
            printing.names.extend(found);
            printing.closures |= closures;
        }
    }

    fn prints(&self, statements: &[Statement]) -> bool {
        let mut found = statements.iter().any(echoes);
        each_expression_in(statements, &mut |expression| found |= self.is_printing(expression));
        found
    }

    /// Whether evaluating an expression may print, or not come back.
    pub fn prints_in(&self, expression: &Expression) -> bool {
        let mut found = false;
        expression.each(&mut |part| found |= self.is_printing(part));
        found
    }

    fn is_printing(&self, expression: &Expression) -> bool {
        match &expression.kind {
            E::Print(_) | E::Exit(_) | E::Throw(_) => true,
            E::Call { callee: Callee::Named(name), .. } => {
                let name = name.rsplit('\\').next().unwrap_or(name).to_lowercase();
                PRINTING.contains(&name.as_str()) || self.names.contains(&name)
            }
            E::Call { .. } => self.closures,
            E::MethodCall { name: Name::Plain(name), .. } | E::StaticCall { name: Name::Plain(name), .. } => {
                self.names.contains(&name.to_lowercase())
            }
            E::New { .. } => self.names.contains("__construct"),
            _ => false,
        }
    }
}

fn echoes(statement: &Statement) -> bool {
    matches!(statement.kind, S::Echo(_) | S::InlineHtml(_)) || statement.bodies().into_iter().flatten().any(echoes)
}
