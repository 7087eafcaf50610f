//! What a file asks of exceptions.

use crate::php::tree::{
    Argument, Callee, Catch, ClassName, ClosureBody, Expression as Php, ExpressionKind as E, Member, MemberKind, Name,
    Statement as PhpStatement, StatementKind as S,
};
use crate::translate::classes::parent_calls::parent_arguments;
use crate::translate::exceptions::hierarchy::is_known;
use crate::translate::program::Program;

/// What a file asks of exceptions.
#[derive(Debug, Default)]
pub struct Asked {
    /// Whether `getCode()` is asked of what is not known to be of a class.
    pub codes: bool,
    /// The classes that are caught and asked for their codes, as written.
    pub code_classes: Vec<String>,
    /// Whether anything is asked for what was before it.
    pub previous: bool,
    /// The classes that have another exception before them, as written.
    pub previous_classes: Vec<String>,
    /// Something depends on which of PHP's own classes an exception is of.
    pub classes: bool,
    /// How many `catch`es there are of what calls fail with.
    pub call_catches: usize,
    /// The classes that are made, as written, and whether with a third argument.
    pub made: Vec<(String, bool)>,
}

/// Looks through a file for what it asks of exceptions.
pub fn asked(statements: &[PhpStatement], program: &Program<'_>) -> Asked {
    let mut asked = Asked::default();
    let mut catches = Vec::new();
    deep(statements, &mut |php| expression_asks(php, &mut asked), &mut |catch| {
        catches.extend(catch.classes.iter().cloned());
    });
    let mut all = 0;
    let mut of_caught = 0;
    deep(statements, &mut |php| all += usize::from(asks(php, None, "getCode")), &mut |catch| {
        let name = catch.variable.as_deref();
        let mut here = 0;
        deep(&catch.body.statements, &mut |php| here += usize::from(asks(php, name, "getCode")), &mut |_| {});
        if here > 0 {
            asked.code_classes.extend(catch.classes.iter().cloned());
        }
        of_caught += here;
        let mut previous = false;
        deep(&catch.body.statements, &mut |php| previous |= asks(php, name, "getPrevious"), &mut |_| {});
        if previous {
            asked.previous_classes.extend(catch.classes.iter().cloned());
        }
    });
    asked.codes = all > of_caught;
    let made = asked.made.iter().filter(|(class, has_previous)| {
        *has_previous && program.is_exception(class) && !has_constructor(program, class)
    });
    asked.previous_classes.extend(made.map(|(class, _)| class.clone()));
    for class in program.classes.values() {
        let mut previous = false;
        let member = |member: &Member| matches!(&member.kind, MemberKind::Method { .. });
        for own in class.members.iter().filter(|one| member(one)) {
            if let MemberKind::Method { function, .. } = &own.kind {
                let body = function.body.iter().flat_map(|body| &body.statements);
                previous |= body.filter_map(parent_arguments).any(has_previous);
            }
        }
        if previous {
            asked.previous_classes.push(class.name.clone());
        }
    }
    for class in catches {
        let last = class.rsplit('\\').next().unwrap_or_default().to_ascii_lowercase();
        match last.as_str() {
            "throwable" | "exception" => {}
            "guzzleexception"
            | "transferexception"
            | "requestexception"
            | "connectexception"
            | "clientexception"
            | "serverexception"
            | "badresponseexception"
            | "toomanyredirectsexception"
            | "rejectionexception" => {
                asked.call_catches += 1;
            }
            _ => asked.classes |= is_known(&last),
        }
    }
    asked
}

fn expression_asks(php: &Php, asked: &mut Asked) {
    match &php.kind {
        E::MethodCall { name: Name::Plain(name), .. } => match name.to_ascii_lowercase().as_str() {
            "getcode" => asked.classes = true,
            "getprevious" => {
                asked.classes = true;
                asked.previous = true;
            }
            _ => {}
        },
        E::InstanceOf { class: ClassName::Named(class), .. } => {
            let last = class.rsplit('\\').next().unwrap_or_default();
            let general = matches!(last.to_ascii_lowercase().as_str(), "throwable" | "exception");
            asked.classes |= is_known(last) && !general && !last.to_ascii_lowercase().contains("guzzle");
        }
        E::Call { callee: Callee::Named(name), .. } => {
            asked.classes |= name.trim_start_matches('\\').eq_ignore_ascii_case("get_class");
        }
        E::ClassConstant { class: ClassName::Computed(_), name } => asked.classes |= name == "class",
        E::New { class: ClassName::Named(class), arguments } => {
            asked.made.push((class.clone(), has_previous(arguments)));
        }
        _ => {}
    }
}

/// Whether it calls a method of the variable; of any value, without one.
fn asks(php: &Php, variable: Option<&str>, wanted: &str) -> bool {
    let E::MethodCall { object, name: Name::Plain(name), .. } = &php.kind else { return false };
    let is_it = match (variable, &object.kind) {
        (None, _) => true,
        (Some(variable), E::Variable(name)) => name == variable,
        _ => false,
    };
    is_it && name.eq_ignore_ascii_case(wanted)
}

/// Whether the class or one that it extends has a constructor that PHP's exceptions have not.
fn has_constructor(program: &Program<'_>, class: &str) -> bool {
    program.method(class, "__construct").is_some_and(|(_, _, function)| function.span.start != function.span.end)
}

impl Asked {
    /// Whether the code of this exception is asked for.
    pub fn keeps_code(&self, class: &str, program: &Program<'_>) -> bool {
        self.codes
            || self.code_classes.iter().any(|caught| program.class(caught).is_some() && program.is_a(class, caught))
    }

    /// Whether this exception has one before it.
    pub fn keeps_previous(&self, class: &str, program: &Program<'_>) -> bool {
        self.previous_classes.iter().any(|caught| program.class(caught).is_some() && program.is_a(class, caught))
    }
}

fn has_previous(arguments: &[Argument]) -> bool {
    arguments.len() >= 3 || arguments.iter().any(|argument| argument.name.as_deref() == Some("previous"))
}

/// Calls `f` with each expression of the statements, also of functions, classes and closures among them, and `g` with each
/// `catch`.
fn deep(statements: &[PhpStatement], f: &mut dyn FnMut(&Php), g: &mut dyn FnMut(&Catch)) {
    for statement in statements {
        statement.each_expression(&mut |php| deep_in(php, f, g));
        match &statement.kind {
            S::Function(function) => function.body.iter().for_each(|body| deep(&body.statements, f, g)),
            S::Class(class) => {
                for member in &class.members {
                    match &member.kind {
                        MemberKind::Method { function, .. } => {
                            function.body.iter().for_each(|body| deep(&body.statements, f, g));
                        }
                        MemberKind::Property { default: Some(value), .. } | MemberKind::Constant { value, .. } => {
                            deep_in(value, f, g);
                        }
                        _ => {}
                    }
                }
            }
            S::Try { catches, .. } => catches.iter().for_each(&mut *g),
            _ => {}
        }
        statement.bodies().into_iter().for_each(|body| deep(body, f, g));
    }
}

fn deep_in(php: &Php, f: &mut dyn FnMut(&Php), g: &mut dyn FnMut(&Catch)) {
    f(php);
    if let E::Closure(closure) = &php.kind
        && let ClosureBody::Block(block) = &closure.body
    {
        deep(&block.statements, f, g);
    }
    php.each_child(&mut |child| deep_in(child, f, g));
}

impl Program<'_> {
    /// Notes what the file asks of exceptions.
    pub(in crate::translate) fn ask(&mut self, statements: &[PhpStatement]) {
        let asked = asked(statements, self);
        self.asks_for_classes = asked.classes;
        self.asks_for_previous = asked.previous;
        self.call_catches = asked.call_catches;
        let thrown = asked.made.iter().filter(|(class, _)| self.is_a(class, "Throwable"));
        self.thrown = thrown.map(|(class, _)| self.class_name(class)).collect();
        self.thrown.sort();
        self.thrown.dedup();
    }
}
