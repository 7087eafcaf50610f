//! Calls of a parent's constructor.

use crate::php::tree::{
    Argument, ClassName, Expression as Php, ExpressionKind as E, Name, Statement as PhpStatement, StatementKind as S,
};

/// The arguments of `parent::__construct(…)`, if that is the statement.
pub fn parent_arguments(statement: &PhpStatement) -> Option<&[Argument]> {
    match &statement.kind {
        S::Expression(php) => arguments_for_parent(php),
        _ => None,
    }
}

/// The same of an expression.
pub fn arguments_for_parent(php: &Php) -> Option<&[Argument]> {
    match &php.bare().kind {
        E::StaticCall { class: ClassName::Named(class), name: Name::Plain(name), arguments }
            if class.eq_ignore_ascii_case("parent") && name.eq_ignore_ascii_case("__construct") =>
        {
            Some(arguments)
        }
        _ => None,
    }
}
