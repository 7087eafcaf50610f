//! Methods that do nothing with their object: functions of the class, so that callbacks that run on their own can call them.

use crate::php::tree::{
    ClassKind, ClosureBody, Expression as Php, ExpressionKind as E, MemberKind, Name, Statement as PhpStatement,
    Visibility,
};
use crate::php::walk::each_expression_in;
use crate::translate::Translator;
use crate::translate::classes::inheritance::Method;

impl Translator<'_> {
    /// Whether a method needs no object: it is static, or it is hidden, does nothing with `$this`, and is the only one of its name.
    pub(in crate::translate) fn needs_no_object(&self, class: &str, method: &Method<'_>) -> bool {
        if method.modifiers.is_static {
            return true;
        }
        let is_class = self.program.class(class).is_some_and(|class| matches!(class.kind, ClassKind::Class));
        is_class
            && method.modifiers.visibility != Visibility::Public
            && method.function.body.as_ref().is_some_and(|body| !mentions_this(&body.statements))
            && self.is_only_one(&method.function.name)
    }

    fn is_only_one(&self, name: &str) -> bool {
        let members = self.program.classes.values().flat_map(|class| &class.members);
        let same = members.filter(|member| {
            matches!(&member.kind, MemberKind::Method { function, .. } if function.name.eq_ignore_ascii_case(name))
        });
        same.count() == 1
    }

    /// Whether it asks `$this` for something else than such a method.
    pub(in crate::translate) fn asks_object(&self, php: &Php) -> bool {
        match &php.kind {
            E::Variable(name) => name == "this",
            E::MethodCall { object, name: Name::Plain(name), arguments, .. } if is_this(object) => {
                let class = self.around();
                let found = class.as_ref().and_then(|class| Some((class, self.method_named(class, name)?)));
                let is_free = found.is_some_and(|(class, method)| self.needs_no_object(class, &method));
                !is_free || arguments.iter().any(|argument| self.asks_object(&argument.value))
            }
            E::Closure(closure) if matches!(closure.body, ClosureBody::Block(_)) => {
                self.closure_asks_object(&closure.body)
            }
            _ => {
                let mut asks = false;
                php.each_child(&mut |child| asks |= self.asks_object(child));
                asks
            }
        }
    }

    /// The same of a closure.
    pub(in crate::translate) fn closure_asks_object(&self, body: &ClosureBody) -> bool {
        match body {
            ClosureBody::Arrow(value) => self.asks_object(value),
            ClosureBody::Block(block) => self.statements_ask_object(&block.statements),
        }
    }

    fn statements_ask_object(&self, statements: &[PhpStatement]) -> bool {
        statements.iter().any(|statement| {
            let mut asks = false;
            statement.each_expression(&mut |php| asks |= self.asks_object(php));
            asks || statement.bodies().into_iter().any(|body| self.statements_ask_object(body))
        })
    }
}

fn is_this(php: &Php) -> bool {
    matches!(&php.bare().kind, E::Variable(name) if name == "this")
}

/// Whether `$this` is somewhere in it, also in its closures.
fn mentions_this(statements: &[PhpStatement]) -> bool {
    let mut mentions = false;
    each_expression_in(statements, &mut |php| {
        mentions |= match &php.kind {
            E::Closure(closure) => match &closure.body {
                ClosureBody::Block(block) => mentions_this(&block.statements),
                ClosureBody::Arrow(_) => false,
            },
            _ => is_this(php),
        };
    });
    mentions
}
