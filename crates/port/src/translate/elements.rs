//! Elements of arrays: written to, and changed in place.
use crate::php::tree::{Expression as Php, ExpressionKind as E};
use crate::rust::build::{assign, atom, call, index, method, unary};
use crate::rust::tree::{Expression, Statement};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::facts::Keys;
use crate::translate::literals::is_no_number;
use crate::translate::scope::VariableKind;
use crate::translate::types::Type;
use crate::translate::value::argument;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// `$base[key] = value` and `$base[] = value`.
    pub(super) fn assign_element(
        &mut self,
        base: &Php,
        key: Option<&Php>,
        value: Typed,
        span: Span,
    ) -> Result<Vec<Statement>> {
        if let (E::Variable(name), None) = (&base.kind, key) {
            if let Some(learnt) = self.learn_of(name) {
                learnt.filled_by.pushes = true;
            }
        } else {
            self.learn_other(base);
        }
        self.learn_key(base, key);
        if let E::Variable(name) = &base.kind
            && self.facts_of(name).plain == Type::Text
        {
            return Err(Cannot::new(span, "a byte of a text is changed: make a new text, with substr_replace()"));
        }
        let root = self.root_of(base);
        if let Some(name) = &root {
            if self.find_variable(name).is_none() {
                // PHP makes an array of it.
                let begun = self.empty_object();
                let first = self.assign_variable(name, begun, base.span)?;
                let mut statements = vec![first];
                statements.extend(self.assign_element(base, key, value, span)?);
                return Ok(statements);
            }
            self.learn_mutated(name);
        }
        self.learn_named(base, key, &value.ty);
        if matches!(value.ty, Type::Closure(_)) {
            return Err(Cannot::new(span, "functions in an array: choose with match over their names"));
        }
        let place = self.place_of(base)?;
        match (&place.ty, key) {
            // A later pass knows what it is; what can fail in the value can fail now.
            (Type::Unknown, _) if value.is_unknown() => Ok(vec![]),
            (Type::Unknown, _) => Ok(vec![Statement::expression(call("unknown", vec![value.code]))]),
            (Type::List(of), None) => {
                let of = (**of).clone();
                if let E::Variable(name) = &base.kind {
                    self.learn_type(name, &Type::list(value.ty.clone()));
                }
                let value = if of == Type::Unknown { value } else { self.coerce(value, &of, span)? };
                let value = self.kept(value);
                Ok(vec![Statement::expression(method(place.code, "push", vec![value]))])
            }
            (Type::Json, None) if self.counts_on(base) => Err(Cannot::new(
                span,
                "PHP numbers on from the largest key that there ever was, also behind unset: write the key",
            )),
            (Type::Json, None) => {
                let push = self.php("push");
                let value = self.into_value(value, span)?;
                let target = self.exclusive(place);
                Ok(vec![Statement::expression(call(&push, vec![target, value]))])
            }
            (Type::Json, Some(key)) => {
                let key = self.expression(key)?;
                let value = self.into_value(value, span)?;
                let set = self.php("set");
                let target = self.exclusive(place);
                Ok(vec![Statement::expression(call(&set, vec![target, argument(key), value]))])
            }
            (Type::Map(of), Some(key)) => {
                let of = (**of).clone();
                let key = self.expression(key)?;
                let key = match key.ty {
                    // PHP's keys may be numbers as well.
                    Type::Json => self.to_text(key, span)?,
                    _ => self.coerce(key, &Type::Text, span)?,
                };
                let key = key.into_owned();
                let value = self.coerce(value, &of, span)?.into_owned();
                Ok(vec![Statement::expression(method(place.code, "insert", vec![key, value]))])
            }
            (Type::List(_), Some(key)) => {
                let key = self.expression_as(key, &Type::Integer)?;
                let at = Expression::Cast { operand: Box::new(key.operand()), ty: "usize".to_owned() };
                Ok(vec![Statement::expression(assign("=", index(place.code, at), value.into_owned()))])
            }
            (ty, _) => Err(Cannot::new(span, format!("{ty} has no elements that could be assigned"))),
        }
    }

    /// Notes that a promise is kept by a name, or that it is not known yet what is.
    fn learn_named(&mut self, base: &Php, key: Option<&Php>, ty: &Type) {
        let (E::Variable(name), Some(_)) = (&base.kind, key) else { return };
        let is_begun = matches!(self.facts_of(name).ty, Type::Unknown | Type::Map(_));
        if matches!(ty, Type::Promise(_)) && is_begun {
            self.learn_type(name, &Type::Map(Box::new(ty.clone())));
        }
        if *ty == Type::Unknown
            && let Some(learnt) = self.learn_of(name)
        {
            learnt.filled_by.open = true;
        }
    }

    /// Whether elements are taken out of the variable somewhere.
    pub(super) fn counts_on(&self, base: &Php) -> bool {
        matches!(&base.kind, E::Variable(name) if self.facts_of(name).unset)
    }

    /// `impl Into<Value>`: scalars as they are.
    pub(super) fn into_value(&mut self, value: Typed, span: Span) -> Result<Expression> {
        match &value.ty {
            Type::Boolean | Type::Integer | Type::Float => Ok(value.operand()),
            Type::Text => Ok(value.into_owned_or_literal()),
            _ => Ok(self.to_json(value, span)?.into_owned()),
        }
    }

    /// `&mut place`
    pub(super) fn exclusive(&mut self, place: Typed) -> Expression {
        match place.form {
            Form::Reference => place.code,
            _ => unary("&mut ", place.code),
        }
    }

    /// The place in which a part of a variable or property is changed; of JSON, what is missing on the way is made.
    pub(super) fn place_of(&mut self, php: &Php) -> Result<Typed> {
        match &php.kind {
            E::Index { base, index } => {
                self.learn_other(base);
                self.learn_key(base, index.as_deref());
                let base = self.place_of(base)?;
                match (&base.ty, index) {
                    (Type::Unknown, _) => Ok(Typed::unknown()),
                    (Type::Json, Some(key)) => {
                        let key = self.expression(key)?;
                        let entry = self.php("entry");
                        let target = self.exclusive(base);
                        Ok(Typed::reference(call(&entry, vec![target, argument(key)]), Type::Json))
                    }
                    (Type::Json, None) => {
                        let entry = self.php("next_entry");
                        let target = self.exclusive(base);
                        Ok(Typed::reference(call(&entry, vec![target]), Type::Json))
                    }
                    (ty, _) => {
                        Err(Cannot::new(php.span, format!("{ty} has no elements that could be changed in place")))
                    }
                }
            }
            E::Variable(name) if name != "this" => {
                let Some((depth, variable)) = self.find_variable(name) else {
                    return Err(Cannot::new(php.span, format!("${name} is changed before it is assigned")));
                };
                self.learn_outer_change(depth);
                let ty = self.facts_of(name).ty;
                let code = atom(variable.name);
                match variable.kind {
                    VariableKind::Exclusive => Ok(Typed::reference(code, ty)),
                    VariableKind::Local => Ok(Typed::place(code, ty)),
                    VariableKind::Reference => {
                        // It has to be owned to be changed.
                        self.learn_owned(name);
                        Ok(Typed::place(code, ty))
                    }
                    VariableKind::ThreadLocal(_) => Err(Cannot::new(
                        php.span,
                        format!("${name} is static and changes in place: change a copy, and assign it back"),
                    )),
                    _ => {
                        Err(Cannot::new(php.span, format!("${name} is global and changes: pass it on as an argument")))
                    }
                }
            }
            E::Property { object, name, .. } => self.property_place(object, name, php.span),
            E::StaticProperty { class, name } => self.static_place(class, name, php.span),
            _ => Err(Cannot::new(php.span, "a part of this cannot be changed: put it into a variable first")),
        }
    }

    /// Notes that a closure changes a variable around it.
    pub(super) fn learn_outer_change(&mut self, depth: usize) {
        for scope in self.scopes.iter_mut().skip(depth + 1) {
            scope.mutates = true;
        }
    }

    /// The variable that an element is a part of.
    pub(super) fn root_of(&self, php: &Php) -> Option<String> {
        match &php.kind {
            E::Index { base, .. } => self.root_of(base),
            E::Variable(name) if name != "this" => Some(name.clone()),
            _ => None,
        }
    }

    /// Notes that the variable is more than a list that is filled.
    pub(super) fn learn_other(&mut self, php: &Php) {
        if let E::Variable(name) = &php.kind
            && let Some(learnt) = self.learn_of(name)
        {
            learnt.filled_by.other = true;
            learnt.inspected = true;
        }
    }

    /// Notes that a parameter has to be taken by value.
    pub(super) fn learn_owned(&mut self, name: &str) {
        let Some((depth, _)) = self.find_variable(name) else { return };
        let function = self.scopes[depth].function.clone();
        let at = self.scopes[depth].parameters.iter().position(|parameter| parameter == name);
        if let Some(at) = at {
            self.learnt.functions.entry(function).or_default().parameter(at).owned = true;
        }
    }

    /// Notes that a key is written: a text that is no number leaves an array of texts what it is.
    pub(super) fn learn_key(&mut self, base: &Php, key: Option<&Php>) {
        let E::Variable(name) = &base.kind else { return };
        let keys = match key.map(|key| &key.bare().kind) {
            None => Keys::List,
            Some(E::Text(text)) if is_no_number(text) => Keys::Texts,
            Some(_) => Keys::Any,
        };
        if let Some(learnt) = self.learn_of(name) {
            learnt.keys = learnt.keys.join(keys);
        }
    }
}
