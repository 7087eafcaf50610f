//! The parts of statements and expressions, in the order in which they stand in the source.

use crate::php::tree::{
    Arm, Block, Callee, ClassName, Closure, ClosureBody, Element, Expression, ExpressionKind, Name, Part, Statement,
    StatementKind,
};

impl Expression {
    /// What an element is taken of, at any depth; itself of what is no element.
    pub fn whole(&self) -> &Expression {
        match &self.kind {
            ExpressionKind::Index { base, .. } => base.whole(),
            _ => self,
        }
    }

    /// Calls `f` with each expression that is directly in this one; not with those in the body of a closure that is no arrow
    /// function.
    pub fn each_child<'a>(&'a self, f: &mut dyn FnMut(&'a Expression)) {
        use ExpressionKind as E;
        match &self.kind {
            E::Variable(_)
            | E::Integer(_)
            | E::Float(_)
            | E::Text(_)
            | E::Bytes(_)
            | E::Constant(_)
            | E::Other(_)
            | E::Exit(None) => {}
            E::VariableVariable(of)
            | E::FirstClassCallable(of)
            | E::Unary { operand: of, .. }
            | E::Step { target: of, .. }
            | E::Cast { operand: of, .. }
            | E::Empty(of)
            | E::Throw(of)
            | E::Print(of)
            | E::Exit(Some(of))
            | E::Include(of)
            | E::Clone(of)
            | E::YieldFrom(of)
            | E::Silenced(of)
            | E::Parenthesized(of) => f(of),
            E::Interpolated(parts) => each_part(parts, f),
            E::Array(elements) => each_element(elements, f),
            E::Index { base, index } => {
                f(base);
                index.iter().for_each(|index| f(index));
            }
            E::Property { .. }
            | E::StaticProperty { .. }
            | E::ClassConstant { .. }
            | E::InstanceOf { .. }
            | E::Call { .. }
            | E::MethodCall { .. }
            | E::StaticCall { .. }
            | E::New { .. } => self.each_of_object(f),
            E::Closure(closure) => each_of_closure(closure, f),
            E::Binary { left: first, right: second, .. } | E::Assign { target: first, value: second, .. } => {
                f(first);
                f(second);
            }
            E::Ternary { condition, then, otherwise } => {
                f(condition);
                then.iter().for_each(|then| f(then));
                f(otherwise);
            }
            E::Isset(of) => of.iter().for_each(f),
            E::Match { subject, arms } => {
                f(subject);
                arms.iter().for_each(|arm| each_of_arm(arm, f));
            }
            E::Yield { key, value } => {
                key.iter().for_each(|key| f(key));
                value.iter().for_each(|value| f(value));
            }
        }
    }

    /// The same, of what is taken from an object or a class, and of calls.
    fn each_of_object<'a>(&'a self, f: &mut dyn FnMut(&'a Expression)) {
        use ExpressionKind as E;
        match &self.kind {
            E::Property { object, name, .. } => {
                f(object);
                each_name(name, f);
            }
            E::StaticProperty { class, name } => {
                each_class(class, f);
                each_name(name, f);
            }
            E::ClassConstant { class, .. } => each_class(class, f),
            E::Call { callee, arguments } => {
                if let Callee::Computed(callee) = callee {
                    f(callee);
                }
                arguments.iter().for_each(|argument| f(&argument.value));
            }
            E::MethodCall { object, name, arguments, .. } => {
                f(object);
                each_name(name, f);
                arguments.iter().for_each(|argument| f(&argument.value));
            }
            E::StaticCall { class, name, arguments } => {
                each_class(class, f);
                each_name(name, f);
                arguments.iter().for_each(|argument| f(&argument.value));
            }
            E::New { class, arguments } => {
                each_class(class, f);
                arguments.iter().for_each(|argument| f(&argument.value));
            }
            E::InstanceOf { object, class } => {
                f(object);
                each_class(class, f);
            }
            _ => {}
        }
    }

    /// Calls `f` with this expression and all below it, whatever is outside first.
    pub fn each<'a>(&'a self, f: &mut dyn FnMut(&'a Expression)) {
        f(self);
        self.each_child(&mut |child| child.each(f));
    }

    /// What stands in parentheses, if they are all that is around it.
    pub fn bare(&self) -> &Expression {
        match &self.kind {
            ExpressionKind::Parenthesized(of) => of.bare(),
            _ => self,
        }
    }
}

fn each_part<'a>(parts: &'a [Part], f: &mut dyn FnMut(&'a Expression)) {
    for part in parts {
        if let Part::Value(value) = part {
            f(value);
        }
    }
}

fn each_of_arm<'a>(arm: &'a Arm, f: &mut dyn FnMut(&'a Expression)) {
    arm.conditions.iter().flatten().for_each(&mut *f);
    f(&arm.value);
}

fn each_element<'a>(elements: &'a [Element], f: &mut dyn FnMut(&'a Expression)) {
    for element in elements {
        element.key.iter().for_each(&mut *f);
        element.value.iter().for_each(&mut *f);
    }
}

fn each_name<'a>(name: &'a Name, f: &mut dyn FnMut(&'a Expression)) {
    if let Name::Computed(of) = name {
        f(of);
    }
}

fn each_class<'a>(class: &'a ClassName, f: &mut dyn FnMut(&'a Expression)) {
    if let ClassName::Computed(of) = class {
        f(of);
    }
}

fn each_of_closure<'a>(closure: &'a Closure, f: &mut dyn FnMut(&'a Expression)) {
    for parameter in &closure.parameters {
        parameter.default.iter().for_each(&mut *f);
    }
    if let ClosureBody::Arrow(value) = &closure.body {
        f(value);
    }
}

impl Statement {
    /// Calls `f` with each expression that is directly in this statement, not with those of the statements in it.
    pub fn each_expression<'a>(&'a self, f: &mut dyn FnMut(&'a Expression)) {
        use StatementKind as S;
        match &self.kind {
            S::Expression(of) => f(of),
            S::Echo(values) | S::Unset(values) => values.iter().for_each(f),
            S::Return(value) => value.iter().for_each(f),
            S::If { branches, .. } => branches.iter().for_each(|(condition, _)| f(condition)),
            S::While { condition, .. } | S::DoWhile { condition, .. } => f(condition),
            S::For { start, conditions, step, .. } => start.iter().chain(conditions).chain(step).for_each(f),
            S::Foreach { subject, key, value, .. } => {
                f(subject);
                key.iter().for_each(&mut *f);
                f(value);
            }
            S::Switch { subject, cases } => {
                f(subject);
                cases.iter().flat_map(|case| &case.value).for_each(f);
            }
            S::Static(variables) => variables.iter().flat_map(|(_, value)| value).for_each(f),
            S::Constants(constants) => constants.iter().for_each(|(_, value)| f(value)),
            _ => {}
        }
    }

    /// The lists of statements in this one, in order; none of functions and classes.
    pub fn bodies(&self) -> Vec<&[Statement]> {
        use StatementKind as S;
        fn of(block: &Block) -> &[Statement] {
            &block.statements
        }
        match &self.kind {
            S::If { branches, otherwise } => {
                branches.iter().map(|(_, block)| of(block)).chain(otherwise.iter().map(of)).collect()
            }
            S::While { body, .. } | S::DoWhile { body, .. } | S::For { body, .. } | S::Foreach { body, .. } => {
                vec![of(body)]
            }
            S::Switch { cases, .. } => cases.iter().map(|case| case.body.as_slice()).collect(),
            S::Try { body, catches, finally } => [of(body)]
                .into_iter()
                .chain(catches.iter().map(|catch| of(&catch.body)))
                .chain(finally.iter().map(of))
                .collect(),
            S::Block(block) => vec![of(block)],
            _ => vec![],
        }
    }
}

/// Calls `f` with each expression below these statements, whatever is outside first; not with those of functions, classes and
/// the bodies of closures that are no arrow functions.
pub fn each_expression_in<'a>(statements: &'a [Statement], f: &mut dyn FnMut(&'a Expression)) {
    for statement in statements {
        statement.each_expression(&mut |expression| expression.each(f));
        for body in statement.bodies() {
            each_expression_in(body, f);
        }
    }
}
