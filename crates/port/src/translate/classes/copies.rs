//! Objects that are made, told what they are, and returned: `$new = clone $this; $new->name = …; return $new;`. Nothing else has
//! them until then, so nothing sees a change of them.

use std::collections::BTreeSet;

use crate::php::tree::{ExpressionKind as E, Name, Statement as PhpStatement, StatementKind as S};
use crate::translate::plan::has_variable;

/// The variable of such an object, if a function ends in this way.
pub fn fresh_objects(body: &[PhpStatement]) -> BTreeSet<String> {
    let Some((S::Return(Some(returned)), before)) = body.split_last().map(|(last, before)| (&last.kind, before)) else {
        return BTreeSet::new();
    };
    let E::Variable(name) = &returned.bare().kind else { return BTreeSet::new() };
    let made = before.iter().rev().find(|statement| !is_told(statement, name));
    match made {
        Some(statement) if makes(statement, name) => BTreeSet::from([name.clone()]),
        _ => BTreeSet::new(),
    }
}

/// `$name->property = value;`, of a value that has nothing to do with it.
fn is_told(statement: &PhpStatement, name: &str) -> bool {
    let S::Expression(php) = &statement.kind else { return false };
    let E::Assign { target, value, by_reference: false, .. } = &php.kind else { return false };
    let mut root = target;
    while let E::Index { base, index } = &root.kind {
        if index.as_ref().is_some_and(|index| has_variable(index, name)) {
            return false;
        }
        root = base;
    }
    let is_property = match &root.kind {
        E::Property { object, name: Name::Plain(_), .. } => {
            matches!(&object.kind, E::Variable(variable) if variable == name && name != "this")
        }
        _ => false,
    };
    is_property && !has_variable(value, name)
}

/// `$name = clone …;`, `$name = new …;`
fn makes(statement: &PhpStatement, name: &str) -> bool {
    let S::Expression(php) = &statement.kind else { return false };
    let E::Assign { target, operator: None, value, by_reference: false } = &php.kind else { return false };
    let is_it = matches!(&target.kind, E::Variable(variable) if variable == name);
    is_it && matches!(&value.bare().kind, E::Clone(_) | E::New { .. })
}
