//! What evaluating an expression does besides giving a value, and in which order PHP does it.

use std::collections::{BTreeMap, BTreeSet};

use crate::php::tree::{
    Callee, ClassKind, ClassName, ClosureBody, Expression as Php, ExpressionKind as E, MemberKind, Name,
    Statement as PhpStatement, StatementKind as S,
};
use crate::php::walk::each_expression_in;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
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

/// What a statement has evaluated so far, where it stands in the Rust.
#[derive(Debug)]
pub struct Done {
    span: Span,
    what: What,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    /// A variable was read, or a property: `->name`.
    Read(String),
    /// A function or a method was called that is none of PHP's own.
    Call,
}

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
                crate::translate::plan::targets(root(target), &mut |name| {
                    changed.insert(name.to_owned());
                });
                changed.extend(changed_name(root(target)));
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

/// The variable or the property that an element is taken of.
fn root(php: &Php) -> &Php {
    match &php.kind {
        E::Index { base, .. } => root(base),
        _ => php,
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
