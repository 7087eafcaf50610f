//! `unset`, and `die` with a text.

use crate::php::tree::{Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call, method};
use crate::rust::tree::Statement;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::scope::VariableKind;
use crate::translate::superglobals::superglobal;
use crate::translate::types::Type;
use crate::translate::value::Typed;
use crate::translate::value::argument;

impl Translator<'_> {
    /// `unset($a['b'])`
    pub(in crate::translate) fn unset(&mut self, of: &[Php], span: Span) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        for php in of {
            match &php.bare().kind {
                E::Variable(name) => statements.extend(self.unset_variable(name, php.span)?),
                E::Index { base, index: Some(key) } => {
                    let unset = |translator: &mut Self| translator.unset_element(base, key, php.span);
                    statements.extend(match self.static_of_part(base) {
                        Some(whole) => self.change_static(&whole, php.bare(), unset)?,
                        None => unset(self)?,
                    });
                }
                _ => return Err(Cannot::new(span, "only variables and elements can be unset: assign null")),
            }
        }
        Ok(statements)
    }

    fn unset_element(&mut self, base: &Php, key: &Php, span: Span) -> Result<Vec<Statement>> {
        if superglobal(base).is_some() {
            return Err(Cannot::new(span, "what a web server passes cannot be changed here"));
        }
        self.learn_any_keys(base);
        if let E::Variable(name) = &base.bare().kind
            && let Some(learnt) = self.learn_of(name)
        {
            learnt.filled_by.other = true;
        }
        let mut root = base;
        while let E::Index { base, .. } = &root.kind {
            root = base;
        }
        if let E::Variable(name) = &root.kind {
            self.learn_mutated(name);
            if let Some(learnt) = self.learn_of(name) {
                learnt.unset = true;
                learnt.inspected = true;
            }
        }
        let place = self.place_of(base)?;
        match place.ty.clone() {
            Type::Unknown => Ok(vec![]),
            Type::Json => {
                if let E::Variable(name) = &base.bare().kind
                    && self.facts_of(name).filled_by.pushes
                    && !matches!(key.bare().kind, E::Text(_))
                {
                    self.note(
                            span,
                            format!("${name}[] goes on from the largest key that is left, in PHP from the largest that there ever was"),
                        );
                }
                let key = self.expression(key)?;
                let path = self.php("unset");
                let target = self.exclusive(place);
                Ok(vec![Statement::expression(call(&path, vec![target, argument(key)]))])
            }
            Type::Map(_) => {
                let key = self.expression_as(key, &Type::Text)?;
                Ok(vec![Statement::expression(method(place.code, "remove", vec![key.borrowed()]))])
            }
            Type::List(_) => {
                // A list with a gap is none: the array is JSON.
                match &base.bare().kind {
                    E::Variable(name) => self.learn_type(name, &Type::Json),
                    _ => {
                        return Err(Cannot::new(span, "an element of a list is taken out: make it an array with keys"));
                    }
                }
                Ok(vec![])
            }
            ty => Err(Cannot::new(span, format!("nothing can be taken out of {ty}"))),
        }
    }

    /// A variable is gone; what reads it afterwards reads null.
    fn unset_variable(&mut self, name: &str, span: Span) -> Result<Vec<Statement>> {
        let Some((_, variable)) = self.find_variable(name) else { return Ok(vec![]) };
        let facts = self.facts_of(name);
        // What reads it afterwards may read a new variable of the same name.
        let function = self.scope().function.clone();
        let last_read = self.facts.variables.iter().filter(|(key, _)| key.function == function && key.name == name);
        let last_read = last_read.map(|(_, facts)| facts.last_read).max().unwrap_or_default();
        let in_loop = self.scope().loops.iter().any(|around| !around.is_switch);
        if last_read > span.end || in_loop {
            return Ok(vec![self.assign_variable(name, Typed::null(), span)?]);
        }
        if variable.kind == VariableKind::Local && !facts.ty.is_copy() && !facts.ty.is_open() && facts.ty != Type::Null
        {
            return Ok(vec![Statement::expression(call("drop", vec![atom(variable.name)]))]);
        }
        self.note(span, format!("unset(${name}) frees nothing: it is left out"));
        Ok(vec![])
    }

    /// `die('text')`: prints, then ends the program.
    pub(in crate::translate) fn die(&mut self, with: &Php, _span: Span) -> Result<Vec<Statement>> {
        let value = self.expression(with)?;
        if value.ty == Type::Integer {
            let code = crate::rust::tree::Expression::Cast { operand: Box::new(value.operand()), ty: "i32".to_owned() };
            return Ok(vec![Statement::expression(call("std::process::exit", vec![code]))]);
        }
        let shown = self.echoed(std::slice::from_ref(with))?;
        let mut statements = self.printed(shown)?;
        statements.push(Statement::expression(call("std::process::exit", vec![atom("0")])));
        Ok(statements)
    }
}
