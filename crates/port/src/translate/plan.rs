//! Where variables are declared. PHP's begin to be when they are assigned, and live until the function ends; Rust's have to be
//! declared in a block around all that uses them.

use std::collections::{BTreeMap, BTreeSet};

use crate::php::tree::{ClosureBody, Expression, ExpressionKind, Statement, StatementKind};
use crate::translate::superglobals::is_superglobal;

/// For the statements of one function: the variables to declare before a statement, by where that begins.
#[derive(Debug, Default)]
pub struct Plan {
    pub before: BTreeMap<usize, Vec<Early>>,
    /// Variables that a `for` begins and that are read behind it, by where the `for` begins.
    pub kept: BTreeSet<(usize, String)>,
    /// Variables that are used, and that nothing can have given a value.
    pub unassigned: BTreeSet<String>,
}

/// A variable that is declared before the statement that assigns it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Early {
    pub name: String,
    /// Whether each way through that statement assigns it, so that it needs no value before.
    pub definite: bool,
}

/// Where a variable is used.
struct Occurrence {
    /// The statements around it, outermost first: where each begins, and which of its bodies is meant.
    path: Vec<(usize, usize)>,
    /// The statement that it is directly in.
    statement: usize,
    /// Whether that statement assigns it before anything else happens.
    assigns: bool,
}

/// What PHP itself gives a value in a script.
const GIVEN: [&str; 2] = ["argc", "argv"];

/// The number of the body that the head of a `for` stands for, which is around its body.
const HEAD: usize = usize::MAX;

impl Plan {
    /// `known` are parameters and what else is declared before the statements.
    pub fn new(statements: &[Statement], known: &[String]) -> Plan {
        let mut occurrences = BTreeMap::new();
        collect(statements, &mut Vec::new(), &mut occurrences);
        let mut loops = BTreeSet::new();
        collect_loops(statements, &mut loops);
        let mut plan = Plan::default();
        let written = written(statements);
        for (name, occurrences) in occurrences {
            let is_written = written.as_ref().is_none_or(|written| written.contains(&name));
            if !is_written && occurrences.iter().all(|occurrence| !occurrence.assigns) && !known.contains(&name) {
                plan.unassigned.insert(name);
                continue;
            }
            if !known.contains(&name) && name != "this" && !is_superglobal(&name) {
                plan.add(statements, name, &occurrences, &loops);
            }
        }
        plan
    }

    fn add(&mut self, statements: &[Statement], name: String, occurrences: &[Occurrence], loops: &BTreeSet<usize>) {
        // Each use comes behind an assignment in a block around it: each such assignment can declare a variable.
        let dominated = |at: usize| {
            let path = &occurrences[at].path;
            occurrences[at].assigns
                || occurrences[..at].iter().any(|earlier| earlier.assigns && path.starts_with(&earlier.path))
        };
        if (0..occurrences.len()).all(dominated) {
            return;
        }
        let Some(first) = occurrences.first() else { return };
        let mut common = first.path.clone();
        for occurrence in occurrences {
            let shared = common.iter().zip(&occurrence.path).take_while(|(a, b)| a == b).count();
            common.truncate(shared);
        }
        let at = first.path.get(common.len()).map_or(first.statement, |(statement, _)| *statement);
        if first.assigns && first.path.len() == common.len() + 1 && first.path.last() == Some(&(at, HEAD)) {
            self.kept.insert((at, name));
            return;
        }
        let definite = find(statements, at).is_some_and(|statement| assigns_always(statement, &name));
        // What is not assigned in each round of a loop has its value from the round before.
        let around = common.iter().map(|(statement, _)| *statement).find(|statement| loops.contains(statement));
        let at = if definite { at } else { around.unwrap_or(at) };
        self.before.entry(at).or_default().push(Early { name, definite });
    }
}

/// The variables that something in the statements may write to; None where anything may be written.
fn written(statements: &[Statement]) -> Option<BTreeSet<String>> {
    let mut written: BTreeSet<String> = GIVEN.iter().map(|name| (*name).to_owned()).collect();
    let mut anything = false;
    crate::php::walk::each_expression_in(statements, &mut |expression| match &expression.kind {
        ExpressionKind::Assign { target, value, by_reference, .. } => {
            targets(root(target), &mut |name| {
                written.insert(name.to_owned());
            });
            if *by_reference {
                each_variable(value, &mut |name| {
                    written.insert(name.to_owned());
                });
            }
        }
        ExpressionKind::Step { target, .. } => {
            each_variable(root(target), &mut |name| {
                written.insert(name.to_owned());
            });
        }
        ExpressionKind::Closure(closure) => {
            written.extend(closure.captures.iter().filter(|one| one.by_reference).map(|one| one.name.clone()));
        }
        ExpressionKind::Call { arguments, .. }
        | ExpressionKind::MethodCall { arguments, .. }
        | ExpressionKind::StaticCall { arguments, .. }
        | ExpressionKind::New { arguments, .. } => {
            // It may be taken by reference.
            for argument in arguments {
                if let ExpressionKind::Variable(name) = &root(&argument.value).kind {
                    written.insert(name.clone());
                }
            }
            anything |= matches!(&expression.kind,
                ExpressionKind::Call { callee: crate::php::tree::Callee::Named(name), .. }
                    if matches!(name.trim_start_matches('\\').to_ascii_lowercase().as_str(), "extract" | "parse_str"));
        }
        ExpressionKind::Include(_) | ExpressionKind::VariableVariable(_) => anything = true,
        _ => {}
    });
    (!anything).then_some(written)
}

fn root(expression: &Expression) -> &Expression {
    match &expression.kind {
        ExpressionKind::Index { base, .. } => root(base),
        ExpressionKind::Property { object, .. } => root(object),
        _ => expression,
    }
}

/// The variables of a snippet that nothing in it gives a value: they come from around it.
pub fn free_variables(statements: &[Statement]) -> Vec<String> {
    let mut occurrences = BTreeMap::new();
    collect(statements, &mut Vec::new(), &mut occurrences);
    let mut changed = BTreeSet::new();
    crate::php::walk::each_expression_in(statements, &mut |expression| {
        if let ExpressionKind::Assign { target, .. } | ExpressionKind::Step { target, .. } = &expression.kind {
            let mut root = target;
            while let ExpressionKind::Index { base, .. } = &root.kind {
                root = base;
            }
            if let ExpressionKind::Variable(name) = &root.kind {
                changed.insert(name.clone());
            }
        }
    });
    let is_free = |(name, found): &(String, Vec<Occurrence>)| {
        found.iter().all(|occurrence| !occurrence.assigns) && !changed.contains(name)
    };
    occurrences.into_iter().filter(is_free).map(|(name, _)| name).collect()
}

fn collect_loops(statements: &[Statement], loops: &mut BTreeSet<usize>) {
    for statement in statements {
        if matches!(
            statement.kind,
            StatementKind::While { .. }
                | StatementKind::DoWhile { .. }
                | StatementKind::For { .. }
                | StatementKind::Foreach { .. }
        ) {
            loops.insert(statement.span.start);
        }
        statement.bodies().into_iter().for_each(|body| collect_loops(body, loops));
    }
}

fn collect(statements: &[Statement], path: &mut Vec<(usize, usize)>, found: &mut BTreeMap<String, Vec<Occurrence>>) {
    for statement in statements {
        let begin = statement.span.start;
        let mut note = |name: &str, path: &[(usize, usize)], assigns: bool| {
            found.entry(name.to_owned()).or_default().push(Occurrence {
                path: path.to_vec(),
                statement: begin,
                assigns,
            });
        };
        match &statement.kind {
            StatementKind::Expression(expression) => {
                in_assignment(expression, &mut |name, assigns| note(name, path, assigns))
            }
            StatementKind::Foreach { subject, key, value, .. } => {
                each_variable(subject, &mut |name| note(name, path, false));
                // They belong to the body.
                path.push((begin, 0));
                for target in key.iter().chain([value]) {
                    targets(target, &mut |name| note(name, path, true));
                }
                path.pop();
            }
            StatementKind::For { start, conditions, step, .. } => {
                path.push((begin, HEAD));
                for expression in start {
                    in_assignment(expression, &mut |name, assigns| note(name, path, assigns));
                }
                for expression in conditions.iter().chain(step) {
                    each_variable(expression, &mut |name| note(name, path, false));
                }
                path.pop();
            }
            // Its condition comes behind its body, and in it.
            StatementKind::DoWhile { .. } => {}
            // What is unset need not be there.
            StatementKind::Unset(of) => of
                .iter()
                .filter(|php| !matches!(php.kind, ExpressionKind::Variable(_)))
                .for_each(|php| each_variable(php, &mut |name| note(name, path, false))),
            StatementKind::Global(names) => names.iter().for_each(|name| note(name, path, true)),
            StatementKind::Static(variables) => variables.iter().for_each(|(name, _)| note(name, path, true)),
            _ => statement
                .each_expression(&mut |expression| each_variable(expression, &mut |name| note(name, path, false))),
        }
        collect_bodies(statement, path, found);
    }
}

fn collect_bodies(
    statement: &Statement,
    path: &mut Vec<(usize, usize)>,
    found: &mut BTreeMap<String, Vec<Occurrence>>,
) {
    let begin = statement.span.start;
    // The head of a `for` is around its body.
    let is_for = matches!(statement.kind, StatementKind::For { .. });
    if is_for {
        path.push((begin, HEAD));
    }
    // A block is left out of the path: it declares nothing of its own.
    let is_block = matches!(statement.kind, StatementKind::Block(_));
    for (number, body) in statement.bodies().into_iter().enumerate() {
        if !is_block {
            path.push((begin, number));
        }
        if let StatementKind::Try { catches, .. } = &statement.kind
            && let Some(name) =
                number.checked_sub(1).and_then(|at| catches.get(at)).and_then(|catch| catch.variable.as_ref())
        {
            let occurrence = Occurrence { path: path.clone(), statement: begin, assigns: true };
            found.entry(name.clone()).or_default().push(occurrence);
        }
        collect(body, path, found);
        if let StatementKind::DoWhile { condition, .. } = &statement.kind {
            each_variable(condition, &mut |name| {
                let occurrence = Occurrence { path: path.clone(), statement: begin, assigns: false };
                found.entry(name.to_owned()).or_default().push(occurrence);
            });
        }
        if !is_block {
            path.pop();
        }
    }
    if is_for {
        path.pop();
    }
}

/// The variables of an expression that is a statement; those that it assigns before all else, `$a = $b = …`, as assigned.
fn in_assignment(expression: &Expression, note: &mut dyn FnMut(&str, bool)) {
    match &expression.kind {
        ExpressionKind::Assign { target, operator: None, value, .. } => {
            in_assignment(value.bare(), note);
            match &target.kind {
                ExpressionKind::Variable(name) => note(name, true),
                ExpressionKind::Array(_) => targets(target, &mut |name| note(name, true)),
                _ => each_variable(target, &mut |name| note(name, false)),
            }
        }
        _ => each_variable(expression, &mut |name| note(name, false)),
    }
}

/// The variables that a target assigns: itself, or those that an array takes apart.
pub fn targets(target: &Expression, note: &mut dyn FnMut(&str)) {
    match &target.kind {
        ExpressionKind::Variable(name) => note(name),
        ExpressionKind::Array(elements) => {
            for element in elements {
                element.key.iter().for_each(|key| each_variable(key, note));
                element.value.iter().for_each(|value| targets(value, note));
            }
        }
        _ => each_variable(target, note),
    }
}

/// Whether a variable is among those of [`each_variable`].
pub fn has_variable(expression: &Expression, name: &str) -> bool {
    let mut found = false;
    each_variable(expression, &mut |variable| found |= variable == name);
    found
}

/// The variables in an expression, also those that closures in it capture.
pub fn each_variable(expression: &Expression, note: &mut dyn FnMut(&str)) {
    match &expression.kind {
        ExpressionKind::Variable(name) => note(name),
        ExpressionKind::Closure(closure) => {
            closure.captures.iter().for_each(|capture| note(&capture.name));
            if let ClosureBody::Arrow(value) = &closure.body {
                each_variable(value, &mut |name| {
                    if closure.parameters.iter().all(|parameter| parameter.name != name) {
                        note(name);
                    }
                });
            }
        }
        ExpressionKind::Call { .. } => {
            compacted(expression, note);
            expression.each_child(&mut |child| each_variable(child, note));
        }
        _ => expression.each_child(&mut |child| each_variable(child, note)),
    }
}

/// The variables that `compact('a', 'b')` reads.
fn compacted(expression: &Expression, note: &mut dyn FnMut(&str)) {
    use crate::php::tree::Callee;
    if let ExpressionKind::Call { callee: Callee::Named(name), arguments } = &expression.kind
        && name.trim_start_matches('\\').eq_ignore_ascii_case("compact")
    {
        for argument in arguments {
            argument.value.each(&mut |value| {
                if let ExpressionKind::Text(name) = &value.kind {
                    note(name);
                }
            });
        }
    }
}

fn find(statements: &[Statement], begin: usize) -> Option<&Statement> {
    statements.iter().find_map(|statement| {
        if statement.span.start == begin {
            return Some(statement);
        }
        statement.bodies().into_iter().find_map(|body| find(body, begin))
    })
}

/// Whether each way through a statement that goes on behind it assigns the variable.
fn assigns_always(statement: &Statement, name: &str) -> bool {
    match &statement.kind {
        StatementKind::Expression(expression) => {
            let mut assigns = false;
            in_assignment(expression, &mut |assigned, first| assigns |= first && assigned == name);
            assigns
        }
        StatementKind::If { branches, otherwise } => {
            otherwise.is_some()
                && branches
                    .iter()
                    .map(|(_, body)| body)
                    .chain(otherwise)
                    .all(|body| body_assigns(&body.statements, name))
        }
        StatementKind::Block(body) => body_assigns(&body.statements, name),
        StatementKind::Try { body, catches, finally } => {
            let after = finally.as_ref().is_some_and(|finally| body_assigns(&finally.statements, name));
            let all =
                catches.iter().map(|catch| &catch.body).chain([body]).all(|body| body_assigns(&body.statements, name));
            after || all
        }
        StatementKind::Switch { cases, .. } => {
            cases.iter().any(|case| case.value.is_none())
                && cases.iter().all(|case| case.body.is_empty() || body_assigns(&case.body, name))
        }
        _ => false,
    }
}

fn body_assigns(body: &[Statement], name: &str) -> bool {
    body.iter().any(|statement| assigns_always(statement, name) || leaves(statement))
}

/// Whether nothing behind the statement is reached.
pub fn leaves(statement: &Statement) -> bool {
    match &statement.kind {
        StatementKind::Return(_) | StatementKind::Continue(_) => true,
        StatementKind::Expression(expression) => {
            matches!(expression.bare().kind, ExpressionKind::Throw(_) | ExpressionKind::Exit(_))
        }
        StatementKind::Block(block) => block.statements.iter().any(leaves),
        StatementKind::Try { body, catches, finally } => {
            let after = finally.as_ref().is_some_and(|finally| finally.statements.iter().any(leaves));
            let bodies = catches.iter().map(|catch| &catch.body).chain([body]);
            after || bodies.into_iter().all(|body| body.statements.iter().any(leaves))
        }
        StatementKind::If { branches, otherwise: Some(otherwise) } => {
            branches.iter().map(|(_, body)| body).chain([otherwise]).all(|body| body.statements.iter().any(leaves))
        }
        _ => false,
    }
}
