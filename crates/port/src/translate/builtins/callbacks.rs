//! Functions that are handed to functions.

use crate::php::tree::{
    Argument, Callee, Cast, ClassName, Closure, ClosureBody, Expression as Php, ExpressionKind as E, Name, Parameter,
    Statement as PhpStatement, StatementKind as S,
};
use crate::rust::build::{atom, call, closure};
use crate::rust::tree::{Block, Expression, Statement, StatementKind};
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::closures::Purpose;
use crate::translate::types::Type;

/// A closure for a function of `wechatpay::php` or of an iterator.
pub struct Callback {
    pub code: Expression,
    pub returns: Type,
    pub fails: bool,
}

impl Translator<'_> {
    /// What is called with values of these types; those that are not copied are references.
    pub(super) fn callback(&mut self, php: &Php, parameters: &[Type]) -> Result<Callback> {
        let purpose = Purpose { parameters: parameters.to_vec(), ..Purpose::default() };
        let translated = match &php.bare().kind {
            E::Closure(_) => self.callable_for(php, &purpose)?,
            _ => {
                let arrow = arrow(php, parameters.len());
                self.callable_for(&arrow, &purpose)?
            }
        };
        let Type::Closure(signature) = &translated.ty else {
            return Ok(Callback { code: atom("unknown"), returns: Type::Unknown, fails: false });
        };
        let (returns, fails) = (signature.returns.clone(), signature.fails);
        let code = if fails { self.fallible(translated.code) } else { generic(translated.code, parameters.len()) };
        let code = with_all_parameters(code, parameters.len());
        Ok(Callback { code, returns, fails })
    }

    /// The same, of what is taken for true or false.
    pub(super) fn predicate(&mut self, php: &Php, parameters: &[Type]) -> Result<Callback> {
        let mut closure = match &php.bare().kind {
            E::Closure(_) => php.bare().clone(),
            _ => arrow(php, parameters.len()),
        };
        if let E::Closure(closure) = &mut closure.kind {
            closure.returns = None;
            match &mut closure.body {
                ClosureBody::Arrow(value) => cast(value),
                ClosureBody::Block(block) => cast_returns(&mut block.statements),
            }
        }
        self.callback(&closure, parameters)
    }

    /// A closure that gives a `Result`, whose error the compiler cannot work out.
    fn fallible(&mut self, code: Expression) -> Expression {
        match code {
            Expression::Closure { moves, parameters, body, .. } => {
                self.import("anyhow::Result");
                let body = match *body {
                    Expression::Block(block) => block,
                    value => Block::new(vec![Statement::new(StatementKind::Value(value))]),
                };
                let returns = Some("Result<_>".to_owned());
                Expression::Closure { moves, parameters, returns, body: Box::new(Expression::Block(body)) }
            }
            code => code,
        }
    }
}

/// A function with an `impl` parameter is none that takes a reference of any lifetime: it has to be called in a closure.
fn generic(code: Expression, parameters: usize) -> Expression {
    match (&code, parameters) {
        (Expression::Atom(path), 1) if path.starts_with("php::") => closure(&["item"], call(path, vec![atom("item")])),
        _ => code,
    }
}

/// PHP passes more arguments than a closure declares.
fn with_all_parameters(code: Expression, wanted: usize) -> Expression {
    match code {
        Expression::Closure { moves, mut parameters, returns, body } => {
            while parameters.len() < wanted {
                parameters.push("_".to_owned());
            }
            Expression::Closure { moves, parameters, returns, body }
        }
        code => code,
    }
}

/// `fn ($item, $other) => callee($item, $other)`
fn arrow(php: &Php, parameters: usize) -> Php {
    let span = php.span;
    let names = ["item", "other", "third"];
    let variable = |name: &&str| Php { span, kind: E::Variable((*name).to_owned()) };
    let names = &names[..parameters.min(names.len())];
    let arguments =
        names.iter().map(|name| Argument { span, name: None, value: variable(name), spread: false }).collect();
    let kind = match &php.bare().kind {
        E::Text(name) if name.contains("::") => {
            let (class, method) = name.split_once("::").unwrap_or_default();
            let (class, name) = (ClassName::Named(class.to_owned()), Name::Plain(method.to_owned()));
            E::StaticCall { class, name, arguments }
        }
        E::Text(name) => E::Call { callee: Callee::Named(name.clone()), arguments },
        E::FirstClassCallable(of) => match of.kind.clone() {
            E::Call { callee, .. } => E::Call { callee, arguments },
            E::MethodCall { object, name, nullsafe, .. } => E::MethodCall { object, name, nullsafe, arguments },
            E::StaticCall { class, name, .. } => E::StaticCall { class, name, arguments },
            other => other,
        },
        E::Array(elements) => match elements.as_slice() {
            [object, name] => by_names(object.value.as_ref(), name.value.as_ref(), arguments)
                .unwrap_or_else(|arguments| E::Call { callee: Callee::Computed(Box::new(php.clone())), arguments }),
            _ => E::Call { callee: Callee::Computed(Box::new(php.clone())), arguments },
        },
        _ => E::Call { callee: Callee::Computed(Box::new(php.clone())), arguments },
    };
    let parameter = |name: &&str| Parameter {
        span,
        name: (*name).to_owned(),
        hint: None,
        default: None,
        by_reference: false,
        variadic: false,
        promoted: None,
    };
    let closure = Closure {
        parameters: names.iter().map(parameter).collect(),
        captures: vec![],
        returns: None,
        body: ClosureBody::Arrow(Php { span, kind }),
        is_generator: false,
    };
    Php { span, kind: E::Closure(Box::new(closure)) }
}

/// `[$object, 'method']` and `['Class', 'method']`
fn by_names(
    object: Option<&Php>,
    name: Option<&Php>,
    arguments: Vec<Argument>,
) -> std::result::Result<E, Vec<Argument>> {
    let (Some(object), Some(Php { kind: E::Text(name), .. })) = (object, name) else { return Err(arguments) };
    let name = crate::php::tree::Name::Plain(name.clone());
    Ok(match &object.kind {
        E::Text(class) => {
            let class = crate::php::tree::ClassName::Named(class.clone());
            E::StaticCall { class, name, arguments }
        }
        _ => E::MethodCall { object: Box::new(object.clone()), name, arguments, nullsafe: false },
    })
}

fn cast(value: &mut Php) {
    let span = value.span;
    let operand = std::mem::replace(value, Php { span, kind: E::Other("") });
    value.kind = E::Cast { to: Cast::Boolean, operand: Box::new(operand) };
}

/// Makes each `return` give a boolean.
fn cast_returns(statements: &mut [PhpStatement]) {
    for statement in statements {
        match &mut statement.kind {
            S::Return(Some(value)) => cast(value),
            S::If { branches, otherwise } => {
                branches.iter_mut().for_each(|(_, body)| cast_returns(&mut body.statements));
                otherwise.iter_mut().for_each(|body| cast_returns(&mut body.statements));
            }
            S::While { body, .. } | S::DoWhile { body, .. } | S::For { body, .. } | S::Foreach { body, .. } => {
                cast_returns(&mut body.statements);
            }
            S::Block(body) => cast_returns(&mut body.statements),
            S::Switch { cases, .. } => cases.iter_mut().for_each(|case| cast_returns(&mut case.body)),
            S::Try { body, catches, finally } => {
                cast_returns(&mut body.statements);
                catches.iter_mut().for_each(|catch| cast_returns(&mut catch.body.statements));
                finally.iter_mut().for_each(|body| cast_returns(&mut body.statements));
            }
            _ => {}
        }
    }
}
