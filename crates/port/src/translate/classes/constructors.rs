//! Constructors: `fn new`, which makes the struct from what PHP's constructor assigns to the properties.

use crate::php::tree::{
    Class, Expression as Php, ExpressionKind as E, Function as PhpFunction, Name, Statement as PhpStatement,
    StatementKind as S,
};
use crate::php::walk::each_expression_in;
use crate::rust::build::{atom, call, ok};
use crate::rust::tree::{Block, Expression, Function, Lead, Statement, StatementKind};
use crate::rust::words::snake;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::classes::parent_calls::arguments_for_parent;
use crate::translate::classes::properties::pseudo;
use crate::translate::plan::Plan;
use crate::translate::scope::{Scope, ScopeKind, VariableKind};
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// `new` of a class; None where it has no properties and no constructor, and nothing makes one.
    pub(super) fn constructor(&mut self, class: &Class) -> Result<Option<Function>> {
        let key = format!("{}::__construct", class.name);
        let made = self.constructor_as(class, &key);
        self.learnt.functions.entry(key).or_default().is_untranslated = made.is_err();
        made
    }

    fn constructor_as(&mut self, class: &Class, key: &str) -> Result<Option<Function>> {
        let php = self.method_named(&class.name, "__construct").map(|method| method.function);
        if php.is_none() && !self.facts.functions.get(key).is_some_and(|facts| facts.called) {
            return Ok(None);
        }
        let known = php.map_or_else(Vec::new, |php| php.parameters.iter().map(|one| one.name.clone()).collect());
        let body = php.and_then(|php| php.body.as_ref());
        self.scopes.push(Scope {
            function: key.to_owned(),
            class: Some(class.name.clone()),
            constructs: true,
            plan: body.map(|body| Plan::new(&body.statements, &known)).unwrap_or_default(),
            may_fail: true,
            kind: ScopeKind::Function,
            parameters: known,
            ..Scope::default()
        });
        let translated = self.constructed(class, php);
        let scope = self.scopes.pop().unwrap_or_default();
        let (parameters, block) = translated?;
        let mut types = Vec::new();
        for name in &scope.parameters {
            let key = crate::translate::facts::VariableKey { function: key.to_owned(), name: name.clone(), version: 0 };
            types.push(self.learnt.variables.get(&key).map(|facts| facts.ty.clone()).unwrap_or_default());
        }
        let learnt = self.learnt.functions.entry(key.to_owned()).or_default();
        learnt.fails |= scope.fails;
        learnt.returns = Type::Class(class.name.clone());
        for (at, ty) in types.into_iter().enumerate() {
            let parameter = learnt.parameter(at);
            parameter.ty = parameter.ty.join(&ty);
        }
        let fails = self.facts.functions.get(key).is_some_and(|facts| facts.fails);
        let returns = if fails {
            self.import("anyhow::Result");
            "Result<Self>"
        } else {
            "Self"
        };
        Ok(Some(Function {
            public: true,
            name: "new".to_owned(),
            generics: String::new(),
            parameters,
            returns: Some(returns.to_owned()),
            body: Some(block),
        }))
    }

    fn constructed(&mut self, class: &Class, php: Option<&PhpFunction>) -> Result<(Vec<String>, Block)> {
        let span = php.map_or(class.span, |php| php.span);
        let doc = self.doc_of(span.start);
        let (parameters, mut statements) = match php {
            Some(php) => self.signature(php, &doc)?,
            None => (vec![], vec![]),
        };
        let body: &[PhpStatement] = php.and_then(|php| php.body.as_ref()).map_or(&[], |body| &body.statements);
        self.without_parent(body)?;
        let mut made = Vec::new();
        statements.extend(self.promoted(class, php, body, &mut made)?);
        statements.extend(self.early_properties(class, body, &made)?);
        // The last statements, if all they do is to give properties their values, become the fields of the struct.
        let plain = body.iter().rev().take_while(|statement| gives_property(statement).is_some()).count();
        let (first, last) = body.split_at(body.len() - plain);
        self.scope().blocks.push(span.start);
        statements.extend(self.statements(first));
        let mut comments = Vec::new();
        for (at, statement) in last.iter().enumerate() {
            let read_later = gives_property(statement).is_some_and(|(name, _)| reads_property(&last[at + 1..], name));
            let declared =
                gives_property(statement).is_some_and(|(name, _)| self.find_variable(&pseudo(name)).is_some());
            if read_later || declared {
                self.push_statement(statement, &mut statements);
                continue;
            }
            comments.extend(self.comments.lines_before(statement.span.start));
            self.field_value(class, statement, &mut made)?;
            comments.extend(self.comments.lines_before(statement.span.end));
            comments.extend(self.comments.trailing(statement.span.end));
        }
        self.scope().blocks.pop();
        statements.append(&mut self.scope().before);
        comments.extend(self.comments.lines_before(span.end));
        let made = self.struct_literal(class, made, span)?;
        let code = if self.returns_result() { ok(made) } else { made };
        let lead = Lead { blank: !statements.is_empty(), comments, origin: None };
        statements.push(Statement { lead, kind: StatementKind::Value(code), trailing: None });
        let statements = self.unshared(statements, span)?;
        Ok((parameters, Block::new(statements)))
    }

    /// What a parent's constructor does stands in place of its call by now, where that is possible.
    fn without_parent(&self, body: &[PhpStatement]) -> Result<()> {
        let mut call = None;
        each_expression_in(body, &mut |php| {
            if arguments_for_parent(php).is_some() {
                call = Some(php.span);
            }
        });
        match call {
            Some(span) => Err(Cannot::new(
                span,
                "parent::__construct(): it returns, or its variables are not those of here: do here what it does",
            )),
            None => Ok(()),
        }
    }

    /// Parameters that are properties. Those that the constructor changes begin as variables.
    fn promoted(
        &mut self,
        class: &Class,
        php: Option<&PhpFunction>,
        body: &[PhpStatement],
        made: &mut Made,
    ) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        for parameter in php.iter().flat_map(|php| &php.parameters) {
            if parameter.promoted.is_none() {
                continue;
            }
            let name = &parameter.name;
            if is_replaced(body, name) {
                continue;
            }
            let facts = self.facts_of(name);
            let mut uses = 0_usize;
            each_expression_in(body, &mut |php| uses += usize::from(is_property(php, name)));
            let value = self.variable(name, parameter.span)?;
            if uses > 0 || facts.mutated || facts.writes > 1 {
                statements.extend(self.assign_in_constructor(name, value.staying(), parameter.span)?);
                continue;
            }
            self.learn_property(&class.name, name, &value.ty);
            let code = self.own(value);
            made.push((name.clone(), code));
        }
        Ok(statements)
    }

    /// Properties that begin with a value and are changed in the constructor, or are assigned on some ways through it alone.
    fn early_properties(&mut self, class: &Class, body: &[PhpStatement], made: &Made) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        for property in self.program.class(&class.name).map(|class| self.properties(class)).unwrap_or_default() {
            let known = made.iter().any(|(name, _)| name == property.name)
                || self.find_variable(&pseudo(property.name)).is_some();
            if property.modifiers.is_static || known || !is_partly_assigned(body, property.name) {
                continue;
            }
            let ty = self.property_type(&class.name, &property);
            let value = match property.default {
                Some(default) => self.expression_as(default, &ty)?,
                None => self.coerce(Typed::null(), &ty.clone().optional(), class.span)?,
            };
            self.learn_property(&class.name, property.name, &value.ty);
            let name = pseudo(property.name);
            self.declare(&name, &ty, VariableKind::Local, class.span);
            self.scope().variables.entry(name.clone()).and_modify(|variable| variable.name = snake(property.name));
            if let Some(learnt) = self.learn_of(&name) {
                learnt.writes += 1;
            }
            let mutability = self.mutability(&name);
            statements.push(Statement::let_(format!("{mutability}{}", snake(property.name)), value.into_owned()));
        }
        Ok(statements)
    }

    fn field_value(&mut self, class: &Class, statement: &PhpStatement, made: &mut Made) -> Result<()> {
        let Some((name, php)) = gives_property(statement) else { return Ok(()) };
        self.fate(statement.span, true);
        let Some(property) = self.property_named(&class.name, name) else {
            return Err(Cannot::new(
                statement.span,
                format!("{} declares no property ${name}: declare it", class.name),
            ));
        };
        let ty = self.property_type(&class.name, &property);
        let value = self.expression_wanting(php, &ty)?;
        self.learn_property(&class.name, name, &value.ty);
        let value = self.coerce(value, &ty, php.span)?;
        let code = self.own(value);
        made.push((name.to_owned(), code));
        Ok(())
    }

    /// `Self { … }`, with the defaults of what the constructor leaves alone.
    fn struct_literal(&mut self, class: &Class, mut made: Made, span: Span) -> Result<Expression> {
        let mut fields = Vec::new();
        for property in self.program.class(&class.name).map(|class| self.properties(class)).unwrap_or_default() {
            if property.modifiers.is_static {
                continue;
            }
            let rust = snake(property.name);
            let value = match made.iter().position(|(name, _)| name == property.name) {
                Some(at) => made.remove(at).1,
                None => match self.find_variable(&pseudo(property.name)) {
                    Some((_, variable)) => atom(variable.name),
                    None => self.default_of(class, &property, span)?,
                },
            };
            let short = matches!(&value, Expression::Atom(name) if *name == rust);
            fields.push((rust, (!short).then_some(value)));
        }
        Ok(Expression::Struct { path: "Self".to_owned(), fields, base: None })
    }

    fn default_of(
        &mut self,
        class: &Class,
        property: &super::inheritance::Property<'_>,
        span: Span,
    ) -> Result<Expression> {
        let ty = self.property_type(&class.name, property);
        let value = match property.default {
            Some(default) => {
                let mark = self.mark();
                let value = self.expression(default);
                self.give_back(mark);
                value?
            }
            // PHP has no value here at all, and says so when it is read.
            None if property.hint.is_some() && !matches!(ty, Type::Optional(_) | Type::Json | Type::Unknown) => {
                return Err(Cannot::new(
                    span,
                    format!("the constructor gives ${} no value: give it a default", property.name),
                ));
            }
            None => Typed::null(),
        };
        let empty_list = matches!(&ty, Type::List(_)) && matches!(&value.code, Expression::Json(_));
        if empty_list {
            return Ok(call("Vec::new", vec![]));
        }
        self.learn_property(&class.name, property.name, &value.ty);
        Ok(self.coerce(value, &ty, span)?.into_owned())
    }
}

/// Properties with their values.
type Made = Vec<(String, Expression)>;

/// `$this->name = value;` as a whole statement.
fn gives_property(statement: &PhpStatement) -> Option<(&str, &Php)> {
    let S::Expression(php) = &statement.kind else { return None };
    let E::Assign { target, operator: None, value, by_reference: false } = &php.kind else { return None };
    let E::Property { object, name: Name::Plain(name), .. } = &target.kind else { return None };
    matches!(&object.kind, E::Variable(this) if this == "this").then_some((name, value))
}

fn is_property(php: &Php, wanted: &str) -> bool {
    match &php.kind {
        E::Property { object, name: Name::Plain(name), .. } => {
            name == wanted && matches!(&object.kind, E::Variable(this) if this == "this")
        }
        _ => false,
    }
}

/// Whether a property is given a value before anything reads the one that it has.
pub(super) fn is_replaced(body: &[PhpStatement], name: &str) -> bool {
    for statement in body {
        let mut uses = 0_usize;
        each_expression_in(std::slice::from_ref(statement), &mut |php| uses += usize::from(is_property(php, name)));
        if uses > 0 {
            return uses == 1 && gives_property(statement).is_some_and(|(given, _)| given == name);
        }
    }
    false
}

fn reads_property(statements: &[PhpStatement], name: &str) -> bool {
    let mut uses = 0_usize;
    each_expression_in(statements, &mut |php| uses += usize::from(is_property(php, name)));
    let gives = statements.iter().filter(|one| gives_property(one).is_some_and(|(given, _)| given == name)).count();
    uses > gives || gives > 0
}

/// Whether the property is assigned inside of another statement, or a part of it is changed.
fn is_partly_assigned(body: &[PhpStatement], name: &str) -> bool {
    let mut uses = 0_usize;
    let mut whole = 0_usize;
    let mut first = true;
    let mut read_first = false;
    for statement in body {
        let mut here = 0_usize;
        each_expression_in(std::slice::from_ref(statement), &mut |php| here += usize::from(is_property(php, name)));
        let gives = gives_property(statement).is_some_and(|(given, _)| given == name);
        if first && here > usize::from(gives) {
            read_first = true;
        }
        first &= here == 0;
        uses += here;
        whole += usize::from(gives);
    }
    uses > 0 && (whole == 0 || read_first)
}
