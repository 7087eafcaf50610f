//! What evaluating an expression does besides giving a value.

use std::collections::{BTreeMap, BTreeSet};

use crate::php::tree::{
    Callee, ClassKind, ClassName, ClosureBody, Expression as Php, ExpressionKind as E, MemberKind, Name,
    Statement as PhpStatement, StatementKind as S,
};
use crate::php::walk::each_expression_in;
use crate::translate::program::Program;

/// PHP's own functions that print.
const PRINTING: [&str; 8] = ["fprintf", "fputs", "fwrite", "print_r", "printf", "readfile", "var_dump", "vprintf"];

/// Methods of the client and of promises, which send and wait.
const SENDING: [&str; 12] = [
    "delete",
    "deleteasync",
    "get",
    "getasync",
    "patch",
    "patchasync",
    "post",
    "postasync",
    "put",
    "putasync",
    "upload",
    "wait",
];

/// The functions and methods of a file that print, throw or end the program, by name in lower case. Methods of one name count as
/// one, whichever class they are of; a constructor is `new` and the class.
#[derive(Debug, Default)]
pub struct Effects {
    names: BTreeSet<String>,
    /// All that the file has, also those that do nothing.
    known: BTreeSet<String>,
    enums: BTreeSet<String>,
}

impl Effects {
    pub fn new(program: &Program<'_>) -> Effects {
        let mut bodies: BTreeMap<String, Vec<&[PhpStatement]>> = BTreeMap::new();
        for (name, function) in &program.functions {
            bodies.entry(name.clone()).or_default().extend(function.body.iter().map(|body| &*body.statements));
        }
        let mut effects = Effects::default();
        for (class, declared) in &program.classes {
            if matches!(declared.kind, ClassKind::Enum(_)) {
                effects.enums.insert(class.clone());
            }
            for member in &declared.members {
                let MemberKind::Method { function, .. } = &member.kind else { continue };
                let name = function.name.to_lowercase();
                let name = if name == "__construct" { format!("new {class}") } else { name };
                bodies.entry(name).or_default().extend(function.body.iter().map(|body| &*body.statements));
            }
        }
        effects.known.extend(bodies.keys().cloned());
        loop {
            let before = effects.names.len();
            for (name, bodies) in &bodies {
                if bodies.iter().any(|body| effects.of_statements(body)) {
                    effects.names.insert(name.clone());
                }
            }
            if effects.names.len() == before {
                return effects;
            }
        }
    }

    /// Whether evaluating the expression may print, throw or end the program.
    pub fn of(&self, php: &Php) -> bool {
        let mut found = false;
        php.each(&mut |part| found |= self.of_one(part));
        found
    }

    fn of_one(&self, php: &Php) -> bool {
        match &php.kind {
            E::Print(_) | E::Throw(_) | E::Exit(_) | E::Include(_) | E::Yield { .. } | E::YieldFrom(_) => true,
            E::Call { callee: Callee::Named(name), .. } => {
                let name = name.trim_start_matches('\\').to_lowercase();
                if self.known.contains(&name) { self.names.contains(&name) } else { PRINTING.contains(&&*name) }
            }
            E::Call { .. } => true,
            E::MethodCall { name: Name::Plain(name), .. } => {
                let name = name.to_lowercase();
                self.names.contains(&name) || (!self.known.contains(&name) && SENDING.contains(&&*name))
            }
            E::MethodCall { .. } => true,
            E::StaticCall { class, name: Name::Plain(name), .. } => self.of_static(class, &name.to_lowercase()),
            E::StaticCall { .. } => true,
            E::New { class: ClassName::Named(class), .. } => {
                self.names.contains(&format!("new {}", class.to_lowercase()))
            }
            // It may be called where it is.
            E::Closure(closure) => match &closure.body {
                ClosureBody::Block(block) => self.of_statements(&block.statements),
                ClosureBody::Arrow(_) => false,
            },
            _ => false,
        }
    }

    fn of_static(&self, class: &ClassName, name: &str) -> bool {
        let class = match class {
            ClassName::Named(class) => class.to_lowercase(),
            ClassName::Computed(_) | ClassName::Anonymous => return true,
        };
        match name {
            "from" if self.enums.contains(&class) => true,
            "cases" | "tryfrom" => false,
            _ if self.known.contains(name) => self.names.contains(name),
            _ => !class.ends_with("formatter"),
        }
    }

    fn of_statements(&self, statements: &[PhpStatement]) -> bool {
        let mut found = statements.iter().any(prints);
        each_expression_in(statements, &mut |php| found |= self.of_one(php));
        found
    }
}

fn prints(statement: &PhpStatement) -> bool {
    matches!(statement.kind, S::Echo(_) | S::InlineHtml(_)) || statement.bodies().into_iter().flatten().any(prints)
}
