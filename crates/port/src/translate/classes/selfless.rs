//! Methods that do nothing with their object: functions of the class, so that callbacks that run on their own can call them.

use crate::php::tree::{
    ClassKind, ClosureBody, Expression as Php, ExpressionKind as E, Name, Statement as PhpStatement,
};
use crate::translate::Translator;
use crate::translate::classes::inheritance::Method;

impl Translator<'_> {
    /// Whether a method needs no object: it is static, or one that does nothing with it.
    pub(in crate::translate) fn needs_no_object(&self, class: &str, method: &Method<'_>) -> bool {
        let is_class = || self.program.class(class).is_some_and(|class| matches!(class.kind, ClassKind::Class));
        method.modifiers.is_static || (self.program.objectless.contains(&method.function.span.start) && is_class())
    }

    /// Whether it asks `$this` for something else than such a method.
    pub(in crate::translate) fn asks_object(&self, php: &Php) -> bool {
        match &php.kind {
            E::Variable(name) => name == "this",
            E::MethodCall { object, name: Name::Plain(name), arguments, .. } if Self::is_this(object) => {
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
