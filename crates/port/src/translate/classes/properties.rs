//! Properties: fields of structs.

use crate::php::tree::{ClassKind, Expression as Php, ExpressionKind as E, Name};
use crate::rust::build::{assign, atom, field, method};
use crate::rust::tree::{Expression, Statement};
use crate::rust::words::{camel, snake};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result, property_in};
use crate::translate::classes::inheritance::Property;
use crate::translate::facts::VariableFacts;
use crate::translate::scope::{ScopeKind, VariableKind};
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// The class around, by its name in PHP.
    pub(in crate::translate) fn around(&self) -> Option<String> {
        self.scopes.iter().rev().find_map(|scope| scope.class.clone())
    }

    /// The key of the method around, also from inside a closure.
    pub(in crate::translate) fn method_around(&self) -> Option<String> {
        self.scopes.iter().rev().find(|scope| scope.kind == ScopeKind::Function).map(|scope| scope.function.clone())
    }

    /// Whether the porter stands in the constructor of a struct that is not made yet.
    pub(in crate::translate) fn constructs(&self) -> bool {
        self.scopes.iter().rev().find(|scope| scope.kind == ScopeKind::Function).is_some_and(|scope| scope.constructs)
    }

    /// Whether the class around is an enum.
    pub(in crate::translate) fn is_in_enum(&self) -> bool {
        let class = self.around().and_then(|class| self.program.class(&class));
        class.is_some_and(|class| matches!(class.kind, ClassKind::Enum(_)))
    }

    /// `$this` as a value.
    pub(in crate::translate) fn this(&mut self, span: Span) -> Result<Typed> {
        let Some(class) = self.around() else {
            return Err(Cannot::new(span, "$this outside of a class"));
        };
        if self.constructs() {
            return Err(Cannot::new(
                span,
                "$this is used before all properties have their values: do it behind the constructor",
            ));
        }
        let is_enum = self.program.class(&class).is_some_and(|class| matches!(class.kind, ClassKind::Enum(_)));
        if is_enum {
            return Ok(Typed::place(atom("self"), Type::Enum(class)));
        }
        Ok(Typed::reference(atom("self"), Type::Class(class)))
    }

    /// The type of a property: by its hint or doc-block, or by what is assigned to it.
    pub(in crate::translate) fn property_type(&mut self, class: &str, property: &Property<'_>) -> Type {
        let known = self.facts.properties.get(&(class.to_owned(), property.name.to_owned()));
        let known = known.map(|facts| facts.ty.clone()).unwrap_or_default();
        let documented = property.at.map(|at| self.doc_of(at)).and_then(|doc| doc.var);
        // `self` is the class of the property.
        let key = format!("{class}::{}", property.name);
        let hinted = match (property.hint.map(|hint| self.hint_of(&key, hint)), documented) {
            (None | Some(Type::Json), Some(list @ Type::List(_))) => Some(list),
            (hinted, documented) => hinted.or(documented),
        };
        match hinted {
            Some(Type::Json) if known.is_json() && known != Type::Unknown => Type::Json,
            Some(Type::Json) => known,
            Some(ty) if ty.is_open() => ty.join(&known),
            Some(ty) if is_open_closure(&ty) => known,
            Some(ty) => ty,
            None => known,
        }
    }

    /// Notes what is assigned to a property.
    pub(in crate::translate) fn learn_property(&mut self, class: &str, name: &str, ty: &Type) {
        let learnt = self.learnt.properties.entry((class.to_owned(), name.to_owned())).or_default();
        learnt.ty = learnt.ty.join(ty);
    }

    /// `$this->name`, read.
    pub(in crate::translate) fn own_property(&mut self, name: &Name, span: Span) -> Result<Typed> {
        let name = property_in(name, span)?;
        let Some(class) = self.around() else {
            return Err(Cannot::new(span, "$this outside of a class"));
        };
        if self.constructs() {
            return self.variable(&pseudo(name), span).map(Typed::staying);
        }
        if let Some(ClassKind::Enum(_)) = self.program.class(&class).map(|class| class.kind.clone()) {
            return self.case_property(Typed::place(atom("self"), Type::Enum(class.clone())), &class, name, span);
        }
        let this = Typed::reference(atom("self"), Type::Class(class.clone()));
        self.field_of(this, &class, name, span)
    }

    /// `$object->name` of a class of this file, read.
    pub(in crate::translate) fn field_of(
        &mut self,
        object: Typed,
        class: &str,
        name: &str,
        span: Span,
    ) -> Result<Typed> {
        let Some(property) = self.property_named(class, name) else {
            return Err(Cannot::new(span, format!("{class} declares no property ${name}: declare it")));
        };
        self.learnt.properties.entry((class.to_owned(), name.to_owned())).or_default().read = true;
        let ty = self.property_type(class, &property);
        Ok(object.field(&snake(name), ty))
    }

    /// `$object?->name`
    pub(in crate::translate) fn nullsafe_property(
        &mut self,
        object: Typed,
        of: &Type,
        name: &str,
        span: Span,
    ) -> Result<Typed> {
        if let Type::Enum(class) = of {
            let value = self.case_property(Typed::place(atom("case"), of.clone()), class, name, span)?;
            let body = crate::rust::build::closure(&["case"], value.code);
            return Ok(Typed::new(method(object.code, "map", vec![body]), value.ty.optional(), value.form));
        }
        let Type::Class(class) = of else {
            return Err(Cannot::new(span, format!("{of} has no properties that are known here")));
        };
        let inner = Typed::reference(atom("object"), of.clone());
        let value = self.field_of(inner, class, name, span)?;
        let ty = value.ty.clone();
        let code = if object.form == Form::Reference { object.code } else { method(object.code, "as_ref", vec![]) };
        let body = crate::rust::build::closure(&["object"], value.into_owned());
        let combine = if matches!(ty, Type::Optional(_)) { "and_then" } else { "map" };
        Ok(Typed::owned(method(code, combine, vec![body]), ty.optional()))
    }

    /// `$this->name = value`, `$object->name = value`
    pub(in crate::translate) fn assign_property(
        &mut self,
        object: &Php,
        name: &Name,
        value: Typed,
        span: Span,
    ) -> Result<Vec<Statement>> {
        let name = property_in(name, span)?;
        let is_this = matches!(&object.bare().kind, E::Variable(this) if this == "this");
        if is_this && self.constructs() {
            return self.assign_in_constructor(name, value, span);
        }
        let (target, class) = self.changed_object(object, span)?;
        if target.ty == Type::Json {
            let set = self.php("set");
            let value = self.into_value(value, span)?;
            let place = self.exclusive(target);
            let key = crate::rust::build::text(name.clone());
            return Ok(vec![Statement::expression(crate::rust::build::call(&set, vec![place, key, value]))]);
        }
        let Some(class) = class else { return Ok(vec![]) };
        let Some(property) = self.property_named(&class, name) else {
            return Err(Cannot::new(span, format!("{class} declares no property ${name}: declare it")));
        };
        self.learn_property(&class, name, &value.ty);
        let is_fresh = matches!(&object.bare().kind, E::Variable(of) if self.scope().fresh.contains(of));
        self.learnt.properties.entry((class.clone(), name.clone())).or_default().mutated |= !is_fresh;
        let ty = self.property_type(&class, &property);
        let value = self.coerce(value, &ty, span)?;
        let value = self.kept(value);
        Ok(vec![Statement::expression(assign("=", field(target.code, &snake(name)), value))])
    }

    /// The object that a part of is changed, and its class.
    fn changed_object(&mut self, object: &Php, span: Span) -> Result<(Typed, Option<String>)> {
        if matches!(&object.bare().kind, E::Variable(this) if this == "this") {
            let class = self.around();
            if class.is_none() {
                return Err(Cannot::new(span, "$this outside of a class"));
            }
            self.learn_mutates_self();
            let code = atom("self");
            return Ok((Typed::reference(code, Type::Class(class.clone().unwrap_or_default())), class));
        }
        if let E::Variable(name) = &object.bare().kind {
            self.learn_mutated(name);
        }
        let target = self.place_of_object(object)?;
        if let (Type::Json, E::Variable(name)) = (&target.ty, &object.bare().kind) {
            self.has_its_own(name, span)?;
        }
        let class = match &target.ty {
            Type::Class(class) => Some(class.clone()),
            Type::Unknown | Type::Json | Type::Error => None,
            ty => return Err(Cannot::new(span, format!("{ty} has no properties that could be assigned"))),
        };
        Ok((target, class))
    }

    /// An object that is changed where it is: a variable, or a property of one.
    pub(in crate::translate) fn place_of_object(&mut self, object: &Php) -> Result<Typed> {
        match &object.bare().kind {
            E::Property { object: outer, name: Name::Plain(name), .. } => {
                self.property_place(outer, &Name::Plain(name.clone()), object.span)
            }
            E::Variable(name) if name != "this" => {
                let value = self.variable(name, object.span)?;
                // What may be changed is handed on as that, and not to be read alone.
                let value = match value.code {
                    Expression::Unary { operator: "&*", operand } => Typed { code: *operand, ..value },
                    code => Typed { code, ..value },
                };
                Ok(value.staying())
            }
            _ => self.expression(object),
        }
    }

    /// The place of a property of which a part is changed.
    pub(in crate::translate) fn property_place(&mut self, object: &Php, name: &Name, span: Span) -> Result<Typed> {
        let name = property_in(name, span)?;
        let is_this = matches!(&object.bare().kind, E::Variable(this) if this == "this");
        if is_this && self.constructs() {
            let name = pseudo(name);
            self.learn_mutated(&name);
            let value = self.variable(&name, span)?;
            return Ok(Typed { form: Form::Place, ..value });
        }
        let (target, class) = self.changed_object(object, span)?;
        let Some(class) = class else { return Ok(Typed { form: Form::Reference, ..target }) };
        let is_fresh = matches!(&object.bare().kind, E::Variable(of) if self.scope().fresh.contains(of));
        let learnt = self.learnt.properties.entry((class.clone(), name.clone())).or_default();
        learnt.mutated |= !is_fresh;
        let Some(property) = self.property_named(&class, name) else {
            return Err(Cannot::new(span, format!("{class} declares no property ${name}: declare it")));
        };
        let ty = self.property_type(&class, &property);
        Ok(Typed::place(field(target.code, &snake(name)), ty))
    }

    /// Notes that the method around needs `&mut self`.
    pub(in crate::translate) fn learn_mutates_self(&mut self) {
        if let Some(key) = self.method_around() {
            self.learnt.functions.entry(key).or_default().mutates_self = true;
        }
        for scope in self.scopes.iter_mut().filter(|scope| scope.kind == ScopeKind::Closure) {
            scope.mutates = true;
        }
    }

    /// A property in the constructor: a variable until the struct is made.
    pub(super) fn assign_in_constructor(&mut self, name: &str, value: Typed, span: Span) -> Result<Vec<Statement>> {
        let Some(class) = self.around() else { return Ok(vec![]) };
        let Some(property) = self.property_named(&class, name) else {
            return Err(Cannot::new(span, format!("{class} declares no property ${name}: declare it")));
        };
        self.learn_property(&class, name, &value.ty);
        let ty = self.property_type(&class, &property);
        if self.keeps_parameter(name, &value, &ty, span) {
            self.fate(span, true);
            return Ok(vec![]);
        }
        let value = self.coerce(value, &ty, span)?;
        let value = Typed { ty: if ty == Type::Unknown { value.ty.clone() } else { ty }, ..value };
        let owned = Typed::owned(self.own(value.clone()), value.ty);
        Ok(vec![self.assign_variable(&pseudo(name), owned, span)?])
    }

    /// Whether a property is a parameter from here on: it is one as it was passed, and neither of them changes.
    fn keeps_parameter(&mut self, property: &str, value: &Typed, ty: &Type, span: Span) -> bool {
        let Some(parameter) = &value.variable else { return false };
        let Some((depth, variable)) = self.find_variable(parameter) else { return false };
        let name = pseudo(property);
        let changes = |facts: &VariableFacts, writes: u32| facts.mutated || facts.writes > writes;
        let is_parameter = depth + 1 == self.scopes.len() && self.scopes[depth].parameters.contains(parameter);
        if !is_parameter
            || value.ty != *ty
            || !matches!(
                ty.present(),
                Type::Json | Type::List(_) | Type::Map(_) | Type::Class(_) | Type::PrivateKey | Type::PublicKey
            )
            || self.scopes[depth].blocks.len() > 1
            || self.find_variable(&name).is_some()
            || changes(&self.facts_of(parameter), 1)
            || changes(&self.upcoming_facts(&name), 1)
        {
            return false;
        }
        let parameter = parameter.clone();
        self.learn_owned(&parameter);
        if let Some(learnt) = self.learn_of(&parameter) {
            // The struct takes it in the end.
            learnt.last_read = usize::MAX;
        }
        self.declare(&name, ty, VariableKind::Local, span);
        self.scope().variables.entry(name.clone()).and_modify(|kept| kept.name = variable.name);
        if let Some(learnt) = self.learn_of(&name) {
            learnt.writes += 1;
        }
        true
    }

    /// A value that is put somewhere: an object that comes as a parameter is taken by value.
    pub(in crate::translate) fn kept(&mut self, value: Typed) -> crate::rust::tree::Expression {
        match value.ty.present() {
            Type::Class(_) | Type::Object(_) => self.own(value),
            _ => value.into_owned(),
        }
    }

    /// A value for good: a parameter that is only kept is taken by value.
    pub(in crate::translate) fn own(&mut self, value: Typed) -> crate::rust::tree::Expression {
        if let (Form::Reference, Some(name)) = (value.form, &value.variable) {
            let is_parameter = self.find_variable(name).is_some_and(|(depth, variable)| {
                depth + 1 == self.scopes.len()
                    && variable.kind == VariableKind::Reference
                    && self.scopes[depth].parameters.contains(name)
            });
            if is_parameter && !matches!(value.ty.present(), Type::Text | Type::Chain) && !value.ty.is_copy() {
                let name = name.clone();
                self.learn_owned(&name);
            }
        }
        if let Type::Closure(_) = value.ty {
            if let Some(name) = value.variable.clone() {
                self.learn_owned(&name);
            }
            return crate::rust::build::call("Box::new", vec![value.code]);
        }
        value.into_owned()
    }

    /// What a class is called in Rust.
    pub(in crate::translate) fn class_path(&self, class: &str) -> String {
        if self.around().as_deref() == Some(class) { "Self".to_owned() } else { camel(class) }
    }
}

/// The name under which a property is a variable in the constructor: none that PHP allows.
pub fn pseudo(name: &str) -> String {
    format!("->{name}")
}

/// `callable` and `Closure` say nothing of what is taken and given.
fn is_open_closure(ty: &Type) -> bool {
    matches!(ty, Type::Closure(signature) if signature.key.is_none() && signature.parameters.is_empty())
}
