//! `parent::__construct(…)`: what the constructor of the parent does is done in place of the call, as a struct is made at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::php::tree::{
    Argument, Class, ClassKind, Expression as Php, ExpressionKind as E, File, Function, MemberKind, Name, Parameter,
    Statement as PhpStatement, StatementKind as S,
};
use crate::php::walk::each_expression_in;
use crate::source::Span;
use crate::translate::classes::constructors::is_replaced;
use crate::translate::classes::parent_calls::parent_arguments;
use crate::translate::plan::{each_variable, targets};
use crate::translate::program::Program;

/// The file with the constructors of parents in place of their calls; None where there are none.
pub fn lowered(file: &File) -> Option<File> {
    let program = Program::new(file);
    let mut calls = false;
    for class in program.classes.values() {
        calls |= constructor_of(class).is_some_and(|function| {
            function
                .body
                .iter()
                .any(|body| body.statements.iter().any(|statement| parent_arguments(statement).is_some()))
        });
    }
    if !calls {
        return None;
    }
    let mut file = file.clone();
    lower_in(&mut file.statements, &program, &mut BTreeMap::new());
    Some(file)
}

/// The constructors of the classes so far, their own or inherited, by the classes' names in lower case.
type Constructors = BTreeMap<String, Function>;

fn lower_in(statements: &mut [PhpStatement], program: &Program<'_>, known: &mut Constructors) {
    for statement in statements {
        match &mut statement.kind {
            S::Class(class) if class.kind == ClassKind::Class && !program.is_exception(&class.name) => {
                let parent = class.extends.first().and_then(|name| program.class(name));
                let inherited = parent.and_then(|parent| known.get(&parent.name.to_lowercase())).cloned();
                lower(class, inherited.as_ref());
                if let Some(constructor) = constructor_of(class).cloned().or(inherited) {
                    known.insert(class.name.to_lowercase(), constructor);
                }
            }
            S::Block(block) => lower_in(&mut block.statements, program, known),
            _ => {}
        }
    }
}

fn constructor_of(class: &Class) -> Option<&Function> {
    class.members.iter().find_map(|member| match &member.kind {
        MemberKind::Method { function, .. } if function.name.eq_ignore_ascii_case("__construct") => Some(function),
        _ => None,
    })
}

fn lower(class: &mut Class, parent: Option<&Function>) {
    let Some(parent) = parent else { return };
    for member in &mut class.members {
        let MemberKind::Method { function, .. } = &mut member.kind else { continue };
        if !function.name.eq_ignore_ascii_case("__construct") {
            continue;
        }
        let Some(body) = &mut function.body else { continue };
        let calls = body.statements.iter().filter(|statement| parent_arguments(statement).is_some()).count();
        let Some(at) = body.statements.iter().position(|statement| parent_arguments(statement).is_some()) else {
            continue;
        };
        let Some(done) = in_place(&function.parameters, &body.statements, at, parent).filter(|_| calls == 1) else {
            continue;
        };
        body.statements.splice(at..=at, done);
    }
}

/// What the parent's constructor does, with the arguments of the call in its parameters. None where a variable would mean
/// something else there.
fn in_place(
    parameters: &[Parameter],
    around: &[PhpStatement],
    at: usize,
    parent: &Function,
) -> Option<Vec<PhpStatement>> {
    let call = around.get(at)?;
    let arguments = parent_arguments(call)?;
    let body = &parent.body.as_ref()?.statements;
    if !is_plain(body) || arguments.len() > parent.parameters.len() {
        return None;
    }
    let mut kept: BTreeSet<String> = parameters.iter().filter(|one| one.promoted.is_some()).map(named).collect();
    kept.extend(variables(&around[at + 1..]));
    let changed = assigned(body);
    let mut statements = Vec::new();
    let mut given = BTreeSet::new();
    for (number, parameter) in parent.parameters.iter().enumerate() {
        if parameter.by_reference || parameter.variadic {
            return None;
        }
        let value = argument(arguments, number, parameter)?;
        let is_itself = matches!(&value.bare().kind, E::Variable(name) if *name == parameter.name);
        let mut reads = BTreeSet::new();
        each_variable(value, &mut |name| reads.extend([name.to_owned()]));
        let overwrites = (!is_itself || changed.contains(&parameter.name)) && kept.contains(&parameter.name);
        if overwrites || reads.iter().any(|name| given.contains(name)) {
            return None;
        }
        if !is_itself {
            given.insert(parameter.name.clone());
            statements.push(assignment(variable(&parameter.name, call.span), value.clone(), call.span));
        }
    }
    let own = variables(body);
    let is_parameter = |name: &String| parent.parameters.iter().any(|parameter| parameter.name == *name);
    let mut others = own.iter().filter(|name| !is_parameter(name) && *name != "this");
    if others.any(|name| kept.contains(name) || parameters.iter().any(|parameter| parameter.name == *name)) {
        return None;
    }
    let is_promoted = |parameter: &&Parameter| parameter.promoted.is_some() && !is_replaced(body, &parameter.name);
    for parameter in parent.parameters.iter().filter(is_promoted) {
        let value = variable(&parameter.name, call.span);
        statements.push(assignment(property(&parameter.name, call.span), value, call.span));
    }
    if statements.is_empty() {
        // Something stands for the call.
        let nothing = Php { span: call.span, kind: E::Constant("null".to_owned()) };
        statements.push(PhpStatement { span: call.span, kind: S::Expression(nothing) });
    }
    statements.extend(body.iter().cloned());
    Some(statements)
}

fn named(parameter: &Parameter) -> String {
    parameter.name.clone()
}

/// What is passed for a parameter.
fn argument<'p>(arguments: &'p [Argument], number: usize, parameter: &'p Parameter) -> Option<&'p Php> {
    if arguments.iter().any(|argument| argument.spread) {
        return None;
    }
    let by_name = arguments.iter().find(|argument| argument.name.as_ref() == Some(&parameter.name));
    let by_place = arguments.get(number).filter(|argument| argument.name.is_none());
    by_name.or(by_place).map(|argument| &argument.value).or(parameter.default.as_ref())
}

/// Whether statements can stand in another function: none leaves it, or is about its variables as such.
fn is_plain(body: &[PhpStatement]) -> bool {
    body.iter().all(|statement| {
        let is_simple = matches!(
            statement.kind,
            S::Expression(_) | S::If { .. } | S::Foreach { .. } | S::Echo(_) | S::Block(_) | S::Nothing
        );
        is_simple && parent_arguments(statement).is_none() && statement.bodies().into_iter().all(is_plain)
    })
}

fn variables(statements: &[PhpStatement]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    each_expression_in(statements, &mut |php| each_variable(php, &mut |name| names.extend([name.to_owned()])));
    names
}

/// The variables that statements assign.
fn assigned(statements: &[PhpStatement]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut note = |php: &Php| {
        let mut root = php;
        while let E::Index { base, .. } = &root.kind {
            root = base;
        }
        targets(root, &mut |name| names.extend([name.to_owned()]));
    };
    each_expression_in(statements, &mut |php| match &php.kind {
        E::Assign { target, .. } | E::Step { target, .. } => note(target),
        _ => {}
    });
    fn loops(statements: &[PhpStatement], note: &mut dyn FnMut(&Php)) {
        for statement in statements {
            if let S::Foreach { key, value, .. } = &statement.kind {
                key.iter().for_each(&mut *note);
                note(value);
            }
            statement.bodies().into_iter().for_each(|body| loops(body, note));
        }
    }
    loops(statements, &mut note);
    names
}

fn variable(name: &str, span: Span) -> Php {
    Php { span, kind: E::Variable(name.to_owned()) }
}

fn property(name: &str, span: Span) -> Php {
    let object = Box::new(variable("this", span));
    Php { span, kind: E::Property { object, name: Name::Plain(name.to_owned()), nullsafe: false } }
}

fn assignment(target: Php, value: Php, span: Span) -> PhpStatement {
    let kind = E::Assign { target: Box::new(target), operator: None, value: Box::new(value), by_reference: false };
    PhpStatement { span, kind: S::Expression(Php { span, kind }) }
}
