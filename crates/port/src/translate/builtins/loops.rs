//! Loops over what PHP's functions give, without making an array of it.

use crate::php::tree::{Callee, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call, method};
use crate::rust::tree::Expression;
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::foreach::Iterated;
use crate::translate::types::Type;
use crate::translate::value::Form;

impl Translator<'_> {
    /// `foreach (explode(…) as …)` and its like.
    pub(in crate::translate) fn known_loop(&mut self, subject: &Php, with_keys: bool) -> Result<Option<Iterated>> {
        if let Some((start, end)) = self.whole_range(subject)? {
            let range = Expression::Range { start: Some(Box::new(start)), end: Some(Box::new(end)), inclusive: true };
            let range = if with_keys { Expression::Paren(Box::new(range)) } else { range };
            return Ok(Some(numbered(range, with_keys, Type::Integer, Form::Owned)));
        }
        let E::Call { callee: Callee::Named(name), arguments } = &subject.bare().kind else { return Ok(None) };
        if self.program.function(name).is_some() || arguments.iter().any(|a| a.spread || a.name.is_some()) {
            return Ok(None);
        }
        let name = self.program.function_name(name);
        match (name.as_str(), arguments.as_slice()) {
            ("explode", [separator, text]) => {
                let E::Text(literal) = &separator.value.bare().kind else { return Ok(None) };
                if literal.is_empty() || self.may_change(&text.value) {
                    return Ok(None);
                }
                let value = self.expression(&text.value)?;
                let value = self.to_text(value, text.span)?;
                let iterator = method(value.operand(), "split", vec![Expression::Text(literal.clone())]);
                Ok(Some(numbered(iterator, with_keys, Type::Text, Form::Reference)))
            }
            ("mb_str_split", [text]) if !self.may_change(&text.value) => {
                let value = self.expression(&text.value)?;
                let value = self.to_text(value, text.span)?;
                let characters = method(value.operand(), "chars", vec![]);
                let iterator = method(characters, "map", vec![atom("String::from")]);
                Ok(Some(numbered(iterator, with_keys, Type::Text, Form::Owned)))
            }
            ("array_keys", [array]) if !with_keys && !self.may_change(&array.value) => {
                let value = self.expression(&array.value)?;
                if value.ty != Type::Json {
                    return Ok(None);
                }
                let path = self.php("keys");
                let iterator = call(&path, vec![value.borrowed()]);
                Ok(Some(numbered(iterator, false, Type::Json, Form::Owned)))
            }
            _ => Ok(None),
        }
    }

    /// Whether the program changes what the expression is a part of: a loop works on a copy then.
    fn may_change(&self, php: &Php) -> bool {
        let mut changes = false;
        php.each(&mut |part| {
            if let E::Variable(name) = &part.kind {
                let facts = self.facts_of(name);
                changes |= name == "this" || facts.mutated || facts.writes > 1;
            }
        });
        changes
    }
}

/// With the numbers of the elements, where the loop has keys.
fn numbered(iterator: Expression, with_keys: bool, value: Type, form: Form) -> Iterated {
    if !with_keys {
        return Iterated { iterator, key: Type::Unknown, value, form };
    }
    let numbers = Expression::Range { start: Some(Box::new(atom("0_i64"))), end: None, inclusive: false };
    let iterator = method(Expression::Paren(Box::new(numbers)), "zip", vec![iterator]);
    Iterated { iterator, key: Type::Integer, value, form }
}
