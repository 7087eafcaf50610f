//! Static properties and variables: values of the thread, as a PHP process has them for each request.

use crate::php::tree::{
    Binary, Class, ClassKind, ClassName, Expression as Php, ExpressionKind as E, MemberKind, Name,
    Statement as PhpStatement, StatementKind as S,
};
use crate::rust::build::{atom, closure, method, unary};
use crate::rust::tree::{Block, Expression, Item, ItemKind, Lead, Statement, StatementKind};
use crate::rust::words::screaming;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::items::item;
use crate::translate::scope::{ScopeKind, VariableKind};
use crate::translate::types::Type;
use crate::translate::value::{SHARED, Typed};

impl Translator<'_> {
    /// A `thread_local!` for a static property.
    pub(super) fn static_item(&mut self, class: &Class, name: &str, default: Option<&Php>) -> Result<Item> {
        let value = match default {
            Some(default) => self.expression(default)?,
            None => Typed::null(),
        };
        self.learn_property(&class.name, &format!("::{name}"), &value.ty);
        let ty = self.static_type(&class.name, name);
        let value = self.coerce(value, &ty, class.span)?.into_owned();
        Ok(self.thread_local(&screaming(name), &ty, value))
    }

    /// `thread_local! { static NAME: RefCell<T> = … }`
    fn thread_local(&mut self, name: &str, ty: &Type, value: Expression) -> Item {
        self.import("std::cell::RefCell");
        let ty = self.type_text(ty);
        let constant = match &value {
            Expression::Atom(_) => true,
            Expression::Call { callee, arguments } => {
                arguments.is_empty() && matches!(&**callee, Expression::Atom(path) if path.ends_with("::new"))
            }
            _ => false,
        };
        item(ItemKind::ThreadLocal { name: name.to_owned(), ty, value, constant })
    }

    fn static_type(&self, class: &str, name: &str) -> Type {
        let key = (class.to_owned(), format!("::{name}"));
        self.facts.properties.get(&key).map(|facts| facts.ty.clone()).unwrap_or_default()
    }

    /// The class that has a static property, and the property's name.
    fn static_of(&mut self, class: &ClassName, name: &Name, span: Span) -> Result<(String, String)> {
        let (Some(written), Name::Plain(name)) = (Self::named(class), name) else {
            return Err(Cannot::new(span, "a static property whose name is a value"));
        };
        let target = match written.to_ascii_lowercase().as_str() {
            "self" | "static" | "parent" => self.around(),
            _ => self.program.class(written).map(|class| class.name.clone()),
        };
        let declared = target.as_deref().and_then(|target| self.program.class(target)).and_then(|class| {
            self.lineage(class).into_iter().find(|class| {
                class.members.iter().any(|member| {
                    matches!(&member.kind, MemberKind::Property { name: known, modifiers, .. } if known == name && modifiers.is_static)
                })
            })
        });
        match declared {
            Some(class) if class.kind == ClassKind::Trait || class.modifiers.is_abstract => Err(Cannot::new(
                span,
                format!(
                    "${name} is static in {}, which is no class in Rust: declare it in a class that is",
                    class.name
                ),
            )),
            Some(class) => Ok((class.name.clone(), name.clone())),
            None => Err(Cannot::new(span, format!("{written} has no static property ${name} in this file"))),
        }
    }

    /// `self::$name`, read: a copy.
    pub(in crate::translate) fn static_property(
        &mut self,
        class: &ClassName,
        name: &Name,
        span: Span,
    ) -> Result<Typed> {
        let (class, name) = self.static_of(class, name, span)?;
        let ty = self.static_type(&class, &name);
        let copy = closure(&["value"], copied(atom("value"), &ty));
        Ok(Typed::owned(method(atom(screaming(&name)), "with_borrow", vec![copy]), ty))
    }

    /// `self::$name = value`
    pub(in crate::translate) fn assign_static(
        &mut self,
        class: &ClassName,
        name: &Name,
        value: Typed,
        span: Span,
    ) -> Result<Vec<Statement>> {
        let (class, name) = self.static_of(class, name, span)?;
        self.learn_property(&class, &format!("::{name}"), &value.ty);
        let ty = self.static_type(&class, &name);
        let value = self.coerce(value, &ty, span)?.into_owned();
        Ok(vec![Statement::expression(method(atom(screaming(&name)), "set", vec![value]))])
    }

    /// A part of it is changed in place.
    pub(in crate::translate) fn static_place(&mut self, class: &ClassName, name: &Name, span: Span) -> Result<Typed> {
        let (_, name) = self.static_of(class, name, span)?;
        Err(Cannot::new(
            span,
            format!("a part of ${name}, which is static, is changed: read it, change it, assign it back"),
        ))
    }

    /// `if (self::$a === null) { self::$a = …; } return self::$a;`: made once, and given out.
    pub(in crate::translate) fn made_once(&mut self, php: &[PhpStatement], span: Span) -> Result<Option<Block>> {
        let Some((class, name, value)) = lazily(php) else { return Ok(None) };
        let (declaring, property) = self.static_of(class, name, span)?;
        let mut above = self.comments.lines_before(value.span.start);
        let value = self.expression(value)?;
        let ty = value.ty.clone();
        if ty.is_json() {
            // No `Option` tells whether it is there.
            return Ok(None);
        }
        self.written_as_one(php);
        self.learn_property(&declaring, &format!("::{property}"), &ty.clone().optional());
        let scope = self.scope();
        scope.returned = scope.returned.join(&ty);
        let cell = screaming(&property);
        let rust = self.fresh(&property);
        let copy = closure(&["value"], copied(atom("value"), &ty));
        let known = method(atom(cell.clone()), "with_borrow", vec![copy]);
        let give = |translator: &mut Self| {
            let given = Typed::owned(atom(rust.clone()), ty.clone());
            translator.wrapped(given).unwrap_or_else(|| atom("()"))
        };
        let first = give(self);
        let last = give(self);
        let condition = Expression::Let { pattern: format!("Some({rust})"), value: Box::new(known) };
        let then = Block::new(vec![Statement::expression(Expression::Return(Some(Box::new(first))))]);
        let mut statements = vec![
            Statement::expression(Expression::If { condition: Box::new(condition), then, otherwise: None }),
            Statement::let_(rust.clone(), value.into_owned()),
            Statement::expression(method(
                atom(cell),
                "set",
                vec![crate::rust::build::some(copied(atom(rust.clone()), &ty))],
            )),
            Statement::new(StatementKind::Value(last)),
        ];
        statements = self.unshared(statements, span)?;
        let written = Span { start: span.start, end: php.last().map_or(span.end, |last| last.span.end) };
        above.extend(self.comments.lines_before(written.end));
        self.keep_order(written, false, &mut statements, &mut above);
        statements[0].lead = Lead { comments: above, origin: Some(self.line(span)), ..Lead::default() };
        if let Some(last) = statements.last_mut() {
            last.trailing = self.comments.trailing(written.end);
        }
        let end = Lead { comments: self.comments.lines_before(span.end), ..Lead::default() };
        Ok(Some(Block { statements, end }))
    }

    /// `static $a = 1;` in a function.
    pub(in crate::translate) fn static_variables(
        &mut self,
        variables: &[(String, Option<Php>)],
        span: Span,
    ) -> Result<Vec<Statement>> {
        let is_made_once = self.scopes.len() == 2
            && self.scopes[0].kind == ScopeKind::Script
            && !self.scopes[0].loops.iter().any(|around| !around.is_switch);
        if self.scope().kind == ScopeKind::Closure && !is_made_once {
            return Err(Cannot::new(
                span,
                "a static variable of a closure, which each closure that is made here has for itself: count in a variable \
                 that it captures by reference",
            ));
        }
        let mut statements = Vec::new();
        for (name, value) in variables {
            let value = match value {
                Some(value) => self.expression(value)?,
                None => Typed::null(),
            };
            let kind = VariableKind::ThreadLocal(screaming(name));
            self.declare(name, &value.ty, kind, span);
            let ty = self.facts_of(name).ty;
            let value = self.coerce(value, &ty, span)?.into_owned();
            let declaration = self.thread_local(&screaming(name), &ty, value);
            statements.push(Statement::new(StatementKind::Item(declaration)));
        }
        Ok(statements)
    }
}

/// A copy of a static value that is lent; of an object, as one that is in two places.
pub fn copied(value: Expression, ty: &Type) -> Expression {
    match ty.object() {
        _ if ty.is_copy() => unary("*", value),
        Some(class) => method(value, &format!("{SHARED}{class}"), vec![]),
        None => method(value, "clone", vec![]),
    }
}

/// The static property that is made when it is first asked for, and what it is made of.
fn lazily(php: &[PhpStatement]) -> Option<(&ClassName, &Name, &Php)> {
    let [first, last] = php else { return None };
    let S::If { branches, otherwise: None } = &first.kind else { return None };
    let [(condition, body)] = branches.as_slice() else { return None };
    let [made] = body.statements.as_slice() else { return None };
    let S::Expression(assignment) = &made.kind else { return None };
    let E::Assign { target, operator: None, value, by_reference: false } = &assignment.kind else { return None };
    let E::StaticProperty { class, name } = &target.kind else { return None };
    let S::Return(Some(returned)) = &last.kind else { return None };
    let same = |php: &Php| is_static(php, name);
    let is_null = |php: &Php| matches!(&php.bare().kind, E::Constant(word) if word.eq_ignore_ascii_case("null"));
    let absent = match &condition.bare().kind {
        E::Binary { operator: Binary::Identical | Binary::Equal, left, right } => {
            (same(left) && is_null(right)) || (is_null(left) && same(right))
        }
        E::Unary { operator: crate::php::tree::Unary::Not, operand } => match &operand.bare().kind {
            E::Isset(of) => matches!(of.as_slice(), [one] if same(one)),
            _ => same(operand),
        },
        _ => false,
    };
    (absent && same(returned)).then_some((class, name, value))
}

fn is_static(php: &Php, wanted: &Name) -> bool {
    match (&php.bare().kind, wanted) {
        (E::StaticProperty { name: Name::Plain(name), .. }, Name::Plain(wanted)) => name == wanted,
        _ => false,
    }
}
