//! Exceptions of the file: plain classes with what PHP's own exceptions have, as far as the file asks for it.

use crate::php::tree::{
    Block, Class, ClassKind, Expression as Php, ExpressionKind as E, File, Function, Hint, Member, MemberKind,
    Modifiers, Name, Parameter, Statement as PhpStatement, StatementKind as S, Visibility,
};
use crate::rust::build::{atom, call, field, method, reference};
use crate::rust::tree::{Block as RustBlock, Expression, Function as RustFunction, Item, ItemKind, Lead};
use crate::rust::words::camel;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::classes::parent_calls::parent_arguments;
use crate::translate::exceptions::asked::{Asked, asked};
use crate::translate::items::item;
use crate::translate::program::Program;

/// The file with its exceptions as plain classes; None if it has none.
pub fn lowered(file: &File) -> Option<File> {
    let program = Program::new(file);
    if !program.classes.keys().any(|name| program.is_exception(name)) {
        return None;
    }
    let asked = asked(&file.statements, &program);
    let mut file = file.clone();
    lower_in(&mut file.statements, &program, &asked);
    Some(file)
}

fn lower_in(statements: &mut [PhpStatement], program: &Program<'_>, asked: &Asked) {
    for statement in statements {
        match &mut statement.kind {
            S::Class(class) if program.is_exception(&class.name) && class.kind == ClassKind::Class => {
                lower(class, program, asked);
            }
            S::Block(block) => lower_in(&mut block.statements, program, asked),
            _ => {}
        }
    }
}

/// The properties of PHP's exceptions that are kept, with their types and defaults.
fn kept(asked: &Asked, class: &str, program: &Program<'_>) -> Vec<(&'static str, Hint, E)> {
    let mut kept = vec![("message", Hint::Named("string".to_owned()), E::Text(String::new()))];
    if asked.keeps_code(class, program) {
        kept.push(("code", Hint::Named("int".to_owned()), E::Integer(0)));
    }
    if asked.keeps_previous(class, program) {
        let hint = Hint::Nullable(Box::new(Hint::Named("\\Throwable".to_owned())));
        kept.push(("previous", hint, E::Constant("null".to_owned())));
    }
    kept
}

fn lower(class: &mut Class, program: &Program<'_>, asked: &Asked) {
    let parent = class.extends.first().filter(|parent| program.class(parent).is_some()).cloned();
    let inherits_constructor = parent.as_ref().is_some_and(|parent| program.method(parent, "__construct").is_some());
    let mut all = kept(asked, &class.name, program);
    let at = Span { start: class.span.start, end: class.span.start };
    if !inherits_constructor {
        for member in &mut class.members {
            if let MemberKind::Method { function, .. } = &mut member.kind
                && function.name.eq_ignore_ascii_case("__construct")
            {
                function.body.iter_mut().for_each(|body| assign_for_parent(&mut body.statements, &all));
            }
        }
    }
    let parameters = all.clone();
    match parent {
        Some(parent) => {
            let inherited = kept(asked, &parent, program);
            all.retain(|(name, ..)| inherited.iter().all(|(known, ..)| known != name));
            if all.is_empty() {
                return;
            }
        }
        // What it extends says what it is.
        None => class.implements.append(&mut class.extends),
    }
    let own_constructor = program.method(&class.name, "__construct").is_some();
    let mut members = Vec::new();
    for (name, hint, default) in all {
        let declared = class
            .members
            .iter()
            .any(|member| matches!(&member.kind, MemberKind::Property { name: own, .. } if own == name));
        if declared {
            continue;
        }
        let modifiers = Modifiers { visibility: Visibility::Protected, ..Modifiers::default() };
        let default = Some(Php { span: at, kind: default });
        let kind = MemberKind::Property { modifiers, hint: Some(hint), name: name.to_owned(), default };
        members.push(Member { span: at, kind });
    }
    let rest = class.members.iter().position(|member| !matches!(member.kind, MemberKind::Property { .. }));
    let mut own = class.members.drain(..).collect::<Vec<_>>();
    let methods = own.split_off(rest.unwrap_or(own.len()));
    members.append(&mut own);
    if !own_constructor {
        members.push(constructor(parameters, at));
    }
    members.extend(methods);
    class.members = members;
}

/// `__construct($message = '', $code = 0, $previous = null)`, as far as that is kept.
fn constructor(kept: Vec<(&'static str, Hint, E)>, at: Span) -> Member {
    let mut parameters = Vec::new();
    let mut statements = Vec::new();
    for (name, hint, default) in kept {
        parameters.push(Parameter {
            span: at,
            name: name.to_owned(),
            hint: Some(hint),
            default: Some(Php { span: at, kind: default }),
            by_reference: false,
            variadic: false,
            promoted: None,
        });
        statements.push(property_assigned(name, Php { span: at, kind: E::Variable(name.to_owned()) }, at));
    }
    let function = Function {
        span: at,
        name: "__construct".to_owned(),
        name_span: at,
        parameters,
        returns: None,
        returns_reference: false,
        body: Some(Block { span: at, statements }),
        is_generator: false,
    };
    Member { span: at, kind: MemberKind::Method { modifiers: Modifiers::default(), function } }
}

/// `$this->name = value;`
fn property_assigned(name: &str, value: Php, span: Span) -> PhpStatement {
    let this = Php { span, kind: E::Variable("this".to_owned()) };
    let target =
        Php { span, kind: E::Property { object: Box::new(this), name: Name::Plain(name.to_owned()), nullsafe: false } };
    let kind = E::Assign { target: Box::new(target), operator: None, value: Box::new(value), by_reference: false };
    PhpStatement { span, kind: S::Expression(Php { span, kind }) }
}

/// `parent::__construct($message, $code, $previous)` of an exception assigns its properties.
fn assign_for_parent(statements: &mut Vec<PhpStatement>, kept: &[(&'static str, Hint, E)]) {
    let mut all = Vec::new();
    for statement in statements.drain(..) {
        match parent_arguments(&statement) {
            None => all.push(statement),
            Some(arguments) => {
                for (at, argument) in arguments.iter().enumerate() {
                    let place = ["message", "code", "previous"].get(at).copied();
                    let name = argument.name.as_deref().or(place).unwrap_or_default();
                    if kept.iter().any(|(kept, ..)| *kept == name) {
                        all.push(property_assigned(name, argument.value.clone(), statement.span));
                    }
                }
            }
        }
    }
    *statements = all;
}

impl Translator<'_> {
    /// What makes a struct an error: it can be shown, and tells what was before it.
    pub(in crate::translate) fn error_items(&mut self, class: &Class) -> Vec<Item> {
        self.import("std::fmt");
        let name = camel(&class.name);
        let this = || atom("self");
        let show = method(atom("f"), "write_str", vec![reference(field(this(), "message"))]);
        let show = RustFunction {
            public: false,
            name: "fmt".to_owned(),
            generics: String::new(),
            parameters: vec!["&self".to_owned(), "f: &mut fmt::Formatter<'_>".to_owned()],
            returns: Some("fmt::Result".to_owned()),
            body: Some(RustBlock::of(show)),
        };
        let mut of_error = Vec::new();
        if self.has_property(&class.name, "previous") {
            let previous = method(field(this(), "previous"), "as_ref", vec![]);
            let inner = method(atom("previous"), "as_ref", vec![]);
            let source = method(
                previous,
                "map",
                vec![crate::rust::build::closure(
                    &["previous"],
                    Expression::Cast { operand: Box::new(inner), ty: "_".to_owned() },
                )],
            );
            of_error.push(item(ItemKind::Function(RustFunction {
                public: false,
                name: "source".to_owned(),
                generics: String::new(),
                parameters: vec!["&self".to_owned()],
                returns: Some("Option<&(dyn std::error::Error + 'static)>".to_owned()),
                body: Some(RustBlock::of(source)),
            })));
        }
        let shown = vec![item(ItemKind::Function(show))];
        let blank = || Lead { blank: true, ..Lead::default() };
        let of =
            |header: String, items| Item { lead: blank(), attributes: vec![], kind: ItemKind::Impl { header, items } };
        vec![of(format!("fmt::Display for {name}"), shown), of(format!("std::error::Error for {name}"), of_error)]
    }

    /// Whether an exception of the file has the message, the code or the exception before it.
    pub(in crate::translate) fn has_property(&self, class: &str, name: &str) -> bool {
        self.property_named(class, name).is_some()
    }

    /// `Err(error)`
    pub(super) fn returned_error(&self, error: Expression) -> Expression {
        Expression::Return(Some(Box::new(call("Err", vec![error]))))
    }
}
