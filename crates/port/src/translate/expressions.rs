//! Expressions: which rule translates which.

use crate::php::tree::{Cast, ClassName, Expression as Php, ExpressionKind as E, Name};
use crate::rust::build::{atom, call, index, itself, macro_call, method, reference, text};
use crate::rust::shapes::negated;
use crate::rust::tree::{Block, Expression};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::facts::Keys;
use crate::translate::keys::keys_of;
use crate::translate::literals::{float_literal, integer_literal};
use crate::translate::superglobals::superglobal;
use crate::translate::types::Type;
use crate::translate::value::{Form, Pointed, Typed, argument};

impl Translator<'_> {
    pub(super) fn expression(&mut self, php: &Php) -> Result<Typed> {
        let scope = self.scope();
        let next = std::mem::take(&mut scope.discards_next);
        let outer = std::mem::replace(&mut scope.discards, next);
        let value = self.any_expression(php);
        self.scope().discards = outer;
        if next { value } else { self.doing_first(value?, php) }
    }

    /// A value that nothing uses.
    pub(super) fn discarded_expression(&mut self, php: &Php) -> Result<Typed> {
        self.scope().discards_next = true;
        self.expression(php)
    }

    pub(super) fn any_expression(&mut self, php: &Php) -> Result<Typed> {
        let span = php.span;
        self.evaluates(php);
        match &php.kind {
            E::Parenthesized(of) => self.expression(of),
            E::Variable(name) => self.variable(name, span),
            E::Integer(number) => Ok(Typed::integer(atom(integer_literal(*number)))),
            E::Float(number) => Ok(Typed::owned(atom(float_literal(*number)), Type::Float)),
            E::Text(text) => Ok(Typed::text(text.clone())),
            E::Interpolated(parts) => self.interpolated(parts, span),
            E::Array(elements) => self.array(elements, span),
            E::Index { base, index: Some(key) } => self.element(base, key, span),
            E::Property { object, name, nullsafe } => self.property(object, name, *nullsafe, span),
            E::StaticProperty { class, name } => self.static_property(class, name, span),
            E::ClassConstant { class: ClassName::Computed(of), name } if name == "class" => self.class_of(of, span),
            E::ClassConstant { class, name } => self.class_constant(class, name, span),
            E::Constant(name) => self.constant(name, span),
            E::Call { callee, arguments } => self.call(callee, arguments, span),
            E::MethodCall { object, name, arguments, nullsafe } => {
                self.method_call(object, name, arguments, *nullsafe, span)
            }
            E::StaticCall { class, name, arguments } => self.static_call(class, name, arguments, span),
            E::New { class, arguments } => self.new_object(class, arguments, span),
            E::FirstClassCallable(of) => self.callable(of, span),
            E::Closure(closure) => self.closure(closure, span),
            E::Unary { operator, operand } => self.unary(*operator, operand, span),
            E::Binary { operator, left, right } => self.binary(*operator, left, right, span),
            E::Assign { .. } | E::Step { .. } => self.assigned(php),
            E::Ternary { condition, then, otherwise } => self.ternary(condition, then.as_deref(), otherwise, span),
            E::Cast { to, operand } => self.cast(*to, operand, span),
            E::Isset(of) => self.isset(of, span),
            E::Empty(of) => self.empty(of, span),
            E::InstanceOf { object, class } => self.instance_of(object, class, span),
            E::Match { subject, arms } => self.match_expression(subject, arms, span),
            E::Throw(of) => self.throw(of, span),
            E::Exit(with) => self.exit(with.as_deref(), span),
            E::Clone(of) => self.clone_of(of, span),
            E::Silenced(of) => self.expression(of),
            E::Print(of) => self.print(of, span),
            other => Err(Cannot::new(span, cannot(other))),
        }
    }

    /// An expression as a condition.
    pub(super) fn condition(&mut self, php: &Php) -> Result<Expression> {
        if let Some(found) = self.truth_of_environment(php)? {
            return Ok(found);
        }
        let value = self.expression(php)?;
        self.truth(value, php.span)
    }

    /// `$base[key]`, read.
    pub(super) fn element(&mut self, base: &Php, key: &Php, span: Span) -> Result<Typed> {
        if let Some(name) = superglobal(base) {
            return self.superglobal(name, key, span);
        }
        if let Some(header) = self.header_element(base, key)? {
            return Ok(header);
        }
        if let Some(copy) = self.element_of_static(base, key, span)? {
            return Ok(copy);
        }
        let base_value = self.expression(base)?;
        let base_value = match base_value.ty {
            Type::OrFalse(_) => self.to_json(base_value, span)?,
            _ => base_value,
        };
        match base_value.ty.clone() {
            Type::Unknown => {
                self.expression(key)?;
                Ok(self.element_of_unknown(base, key))
            }
            Type::Chain => self.chain_index(base_value, key, span),
            Type::Json => {
                let key = self.expression(key)?;
                self.json_element(base_value, key, span)
            }
            Type::Response => {
                let json = self.to_json(base_value, span)?;
                let key = self.expression(key)?;
                self.json_element(json, key, span)
            }
            Type::List(of) => self.element_of_list(base, base_value, *of, key, span),
            Type::Map(of) => self.map_element(base_value, &of, key, span),
            Type::Settled(of) => self.settled_element(base_value, &of, base, key, span),
            Type::Tuple(of) => match &key.bare().kind {
                E::Integer(at) if usize::try_from(*at).is_ok_and(|at| at < of.len()) => {
                    let at = usize::try_from(*at).unwrap_or_default();
                    Ok(base_value.field(&at.to_string(), of[at].clone()))
                }
                _ => Err(Cannot::new(
                    span,
                    "which element this is has to be a number in the source, as they are of several types",
                )),
            },
            Type::Text => self.text_element(base_value, key, span),
            Type::Optional(of) if *of == Type::Chain => {
                Err(Cannot::new(span, "the chain may be null here: check that first"))
            }
            ty => Err(Cannot::new(span, format!("{ty} has no elements"))),
        }
    }

    /// An element of a JSON value. What is absent is null, as in PHP.
    pub(super) fn json_element(&mut self, base: Typed, key: Typed, span: Span) -> Result<Typed> {
        let place = match (key.literal(), &key.code) {
            (Some(name), _) => Some(name.replace('~', "~0").replace('/', "~1")),
            (None, Expression::Atom(number)) if number.bytes().all(|b| b.is_ascii_digit()) => Some(number.clone()),
            _ => None,
        };
        let pointed = place.map(|step| match &base.place {
            Some(place) => Pointed { pointer: format!("{}/{step}", place.pointer), ..place.clone() },
            None => Pointed { base: base.code.clone(), pointer: format!("/{step}"), of_response: false },
        });
        let is_name = key.literal().is_some_and(|name| name.parse::<i64>().is_err());
        // With a number as its key, an element is found only where the array is known to be a list.
        let is_small = matches!(&key.code, Expression::Atom(number) if number.bytes().all(|b| b.is_ascii_digit()))
            && self.is_list(&base);
        if is_name || is_small {
            let code = index(base.code, key.code);
            return Ok(Typed { place: pointed, ..Typed::place(code, Type::Json) });
        }
        let key = match key.ty {
            Type::OrFalse(_) => self.to_json(key, span)?,
            _ => key,
        };
        let key = match &key.ty {
            Type::Unknown => return Ok(Typed::unknown()),
            ty if !ty.is_json() => return Err(Cannot::new(span, format!("{ty} is no key of an array"))),
            _ => argument(key),
        };
        let at = self.php("at");
        Ok(Typed::reference(call(&at, vec![itself(base.borrowed()), key]), Type::Json))
    }

    /// Whether a JSON value is known to be a list.
    pub(super) fn is_list(&self, value: &Typed) -> bool {
        let known = value.variable.as_ref().map(|name| self.facts_of(name).keys);
        known.unwrap_or_else(|| keys_of(&value.code)) == Keys::List
    }

    fn element_of_list(&mut self, base: &Php, list: Typed, of: Type, key: &Php, span: Span) -> Result<Typed> {
        let key_value = self.expression(key)?;
        let key_value = self.coerce(key_value, &Type::Integer, key.span)?;
        let at = as_index(key_value.operand());
        if matches!(&base.bare().kind, E::Variable(name) if name == "argv") {
            // How many there are is for whoever calls the program.
            let get = method(list.code, "get", vec![at]);
            return self.element_that_is_there(get, of, span);
        }
        Ok(Typed::place(index(list.code, at), of))
    }

    /// An element of what is an array of values that are no JSON.
    pub(super) fn map_element(&mut self, base: Typed, of: &Type, key: &Php, span: Span) -> Result<Typed> {
        let key = self.expression_as(key, &Type::Text)?;
        let get = method(base.code, "get", vec![key.borrowed()]);
        self.element_that_is_there(get, of.clone(), span)
    }

    /// `get` gives an `Option` of a reference: the program fails where there is none.
    fn element_that_is_there(&mut self, get: Expression, of: Type, span: Span) -> Result<Typed> {
        self.import("anyhow::Context");
        let message = format!("line {}: no such element", self.line(span));
        let found = self.try_(span, method(get, "context", vec![text(message)]))?;
        Ok(Typed::reference(found, of))
    }

    /// `$text[0]`: a byte in PHP.
    pub(super) fn text_element(&mut self, base: Typed, key: &Php, span: Span) -> Result<Typed> {
        let at = self.expression_as(key, &Type::Integer)?;
        let char_at = self.php("char_at");
        let code = call(&char_at, vec![base.borrowed(), at.operand()]);
        Ok(Typed::owned(self.try_(span, code)?, Type::Text))
    }

    /// A byte of a text that may not be there; None if it is no text.
    pub(super) fn text_offset(&mut self, base: &Php, key: &Php, span: Span) -> Result<Option<Typed>> {
        let E::Variable(name) = &base.bare().kind else { return Ok(None) };
        if self.facts_of(name).ty != Type::Text {
            return Ok(None);
        }
        let text = self.expression(base)?;
        let found = self.text_element(text, key, span)?;
        let is_there = negated(method(atom("found"), "is_empty", vec![]));
        let filter = crate::rust::build::closure(&["found"], is_there);
        let code = method(crate::rust::build::some(found.code), "filter", vec![filter]);
        Ok(Some(Typed::owned(code, Type::Text.optional())))
    }

    /// `$object->name`, read.
    pub(super) fn property(&mut self, object: &Php, name: &Name, nullsafe: bool, span: Span) -> Result<Typed> {
        if let Some(present) = self.present_property(object, name) {
            return Ok(present);
        }
        if let E::Variable(this) = &object.bare().kind
            && this == "this"
        {
            return self.own_property(name, span);
        }
        let value = self.expression(object)?;
        match (value.ty.clone(), name) {
            (Type::Unknown, _) => Ok(self.property_of_unknown(object, name)),
            (Type::Chain, _) => self.chain_property(value, object, name, span),
            (Type::Json, Name::Plain(name)) => self.json_element(value, Typed::text(name.clone()), span),
            (Type::Json, Name::Computed(name)) => {
                let name = self.expression(name)?;
                self.json_element(value, name, span)
            }
            (Type::Class(class), Name::Plain(name)) => self.field_of(value, &class, name, span),
            (Type::Enum(class), Name::Plain(name)) => self.case_property(value, &class, name, span),
            (Type::Optional(of), Name::Plain(name)) if nullsafe => self.nullsafe_property(value, &of, name, span),
            (Type::Optional(of), _) => {
                let inner = self.coerce(value, &of, span)?;
                match (&*of, name) {
                    (Type::Class(class), Name::Plain(name)) => self.field_of(inner, class, name, span),
                    _ => Err(Cannot::new(span, format!("{of} has no properties that are known here"))),
                }
            }
            (ty, _) => Err(Cannot::new(span, format!("{ty} has no properties that are known here"))),
        }
    }

    pub(super) fn cast(&mut self, to: Cast, operand: &Php, span: Span) -> Result<Typed> {
        let value = self.expression(operand)?;
        if value.is_unknown() && to != Cast::Array {
            let ty = match to {
                Cast::Integer => Type::Integer,
                Cast::Float => Type::Float,
                Cast::Text => Type::Text,
                Cast::Boolean => Type::Boolean,
                _ => Type::Unknown,
            };
            return Ok(Typed::owned(value.code, ty));
        }
        match to {
            Cast::Integer => self.to_integer(value, span),
            Cast::Float => self.to_float(value, span),
            Cast::Text => self.to_text(value, span),
            Cast::Boolean => Ok(Typed::boolean(self.truth(value, span)?)),
            Cast::Array => self.to_array(value, span),
            Cast::Object => match value.ty {
                Type::Json => Ok(value),
                _ => Err(Cannot::new(span, "an object made by a cast has no counterpart: use an array")),
            },
            Cast::Unset => Ok(Typed::null()),
        }
    }

    pub(super) fn to_integer(&mut self, value: Typed, span: Span) -> Result<Typed> {
        Ok(match &value.ty {
            Type::Integer => value,
            Type::Boolean => Typed::integer(call("i64::from", vec![value.operand()])),
            Type::Null => Typed::integer(atom("0")),
            ty if ty.is_json() => {
                let path = self.php("integer");
                let argument = if ty.is_copy() { value.operand() } else { value.borrowed() };
                Typed::integer(call(&path, vec![argument]))
            }
            Type::Body => {
                let text = self.body_text(value)?;
                return self.to_integer(text, span);
            }
            ty => return Err(Cannot::new(span, format!("{ty} is no number"))),
        })
    }

    pub(super) fn to_float(&mut self, value: Typed, span: Span) -> Result<Typed> {
        Ok(match &value.ty {
            Type::Float => value,
            Type::Integer => {
                Typed::owned(Expression::Cast { operand: Box::new(value.operand()), ty: "f64".to_owned() }, Type::Float)
            }
            ty if ty.is_json() => {
                let path = self.php("float");
                let argument = if ty.is_copy() { value.operand() } else { value.borrowed() };
                Typed::owned(call(&path, vec![argument]), Type::Float)
            }
            ty => return Err(Cannot::new(span, format!("{ty} is no number"))),
        })
    }

    /// `(array)`: an array stays one, null is an empty one, anything else becomes its only element.
    pub(super) fn to_array(&mut self, value: Typed, span: Span) -> Result<Typed> {
        match &value.ty {
            Type::Unknown => Ok(Typed::owned(value.code, Type::Json)),
            Type::List(_) => Ok(value),
            Type::Null => Ok(self.empty_object()),
            ty if ty.is_json() => {
                // An answer that was just decoded: what is no array is an error further on.
                let path = self.php("array");
                Ok(Typed::json(call(&path, vec![argument(value)])))
            }
            ty => Err(Cannot::new(span, format!("{ty} does not become an array"))),
        }
    }

    /// `isset(…)`: there, and not null.
    pub(super) fn isset(&mut self, of: &[Php], span: Span) -> Result<Typed> {
        let mut all: Option<Expression> = None;
        for php in of {
            let one = self.is_set(php, span)?;
            all = Some(match all {
                None => one,
                Some(before) => crate::rust::build::binary("&&", before, one),
            });
        }
        Ok(Typed::boolean(all.unwrap_or_else(|| atom("true"))))
    }

    /// Whether one thing is there, and not null.
    pub(super) fn is_set(&mut self, php: &Php, span: Span) -> Result<Expression> {
        if self.is_undeclared(php) {
            return Ok(atom("false"));
        }
        if let E::Index { base, index: Some(key) } = &php.kind {
            if let Some(name) = superglobal(base) {
                return self.superglobal_is_set(name, key, span);
            }
            if let Some(found) = self.map_has(base, key)? {
                return Ok(found);
            }
            if let Some(found) = self.list_element(base, key)? {
                return Ok(method(found.code, "is_some", vec![]));
            }
            if let E::Variable(name) = &base.bare().kind
                && self.facts_of(name).ty == Type::Text
            {
                let text = self.expression(base)?;
                let found = self.text_element(text, key, span)?;
                return Ok(negated(method(found.code, "is_empty", vec![])));
            }
        }
        let value = self.expression(php)?;
        let is_null = self.is_null(value);
        Ok(negated(is_null))
    }

    /// An element of a list that may not be there; None if it is no list.
    pub(super) fn list_element(&mut self, base: &Php, key: &Php) -> Result<Option<Typed>> {
        let E::Variable(name) = &base.bare().kind else { return Ok(None) };
        let Type::List(of) = self.facts_of(name).ty else { return Ok(None) };
        if of.is_open() || matches!(*of, Type::Optional(_) | Type::Json) {
            // What is absent and what is null are the same in JSON.
            self.learn_type(name, &Type::Json);
            return Ok(None);
        }
        let list = self.expression(base)?;
        let key = self.expression_as(key, &Type::Integer)?;
        let found = method(list.code, "get", vec![as_index(key.operand())]);
        let kept = if of.is_copy() { "copied" } else { "cloned" };
        Ok(Some(Typed::owned(method(found, kept, vec![]), of.optional())))
    }

    /// Whether an array of values that are no JSON has a key; None if it is none.
    pub(super) fn map_has(&mut self, base: &Php, key: &Php) -> Result<Option<Expression>> {
        let mark = self.mark();
        let base = self.expression(base)?;
        match base.ty {
            Type::Map(_) => {
                let key = self.expression_as(key, &Type::Text)?;
                Ok(Some(method(base.code, "contains_key", vec![key.borrowed()])))
            }
            _ => {
                self.give_back(mark);
                Ok(None)
            }
        }
    }

    /// `empty(…)`: not there, or what PHP takes for false.
    pub(super) fn empty(&mut self, of: &Php, span: Span) -> Result<Typed> {
        if self.is_undeclared(of) {
            return Ok(Typed::boolean(atom("true")));
        }
        if let Some(truth) = self.truth_of_environment(of)? {
            return Ok(Typed::boolean(negated(truth)));
        }
        let value = self.expression(of)?;
        let truth = self.truth(value, span)?;
        Ok(Typed::boolean(negated(truth)))
    }

    /// `a ? b : c` and `a ?: c`.
    pub(super) fn ternary(
        &mut self,
        condition: &Php,
        then: Option<&Php>,
        otherwise: &Php,
        span: Span,
    ) -> Result<Typed> {
        let Some(then) = then else { return self.elvis(condition, otherwise, span) };
        if let Some(choice) = self.settled_ternary(condition, then, otherwise, span)? {
            return Ok(choice);
        }
        if let Some(choice) = self.choice_by_presence(condition, then, otherwise, span)? {
            return Ok(choice);
        }
        let condition = self.condition(condition)?;
        let then = self.at_times(|translator| translator.expression(then))?;
        let otherwise = self.at_times(|translator| translator.expression(otherwise))?;
        self.chosen(condition, then, otherwise, span)
    }

    /// `if condition { then } else { otherwise }`
    pub(super) fn chosen(&mut self, condition: Expression, then: Typed, otherwise: Typed, span: Span) -> Result<Typed> {
        let (then, otherwise, ty, form) = self.same_type(then, otherwise, span)?;
        Ok(Typed::new(crate::rust::build::if_else(condition, Block::of(then), Block::of(otherwise)), ty, form))
    }

    /// Two values of one type, in one form: both borrowed, or both owned.
    pub(super) fn same_type(&mut self, a: Typed, b: Typed, span: Span) -> Result<(Expression, Expression, Type, Form)> {
        let mut ty = a.ty.join(&b.ty);
        if ty == Type::Conflict {
            ty = self.common_interface(&[a.ty.clone(), b.ty.clone()]).unwrap_or(ty);
        }
        if ty.has_dyn() && (a.ty != ty || b.ty != ty) && a.ty != Type::Never && b.ty != Type::Never {
            let (a, b) = (self.coerce(a, &ty, span)?.into_owned(), self.coerce(b, &ty, span)?.into_owned());
            let a = match self.dyn_text(&ty) {
                Some(ty) => Expression::Cast { operand: Box::new(a), ty },
                None => a,
            };
            return Ok((a, b, ty, Form::Owned));
        }
        if ty == Type::Conflict {
            return Err(Cannot::new(span, format!("this is {} or {}: no Rust type holds both", a.ty, b.ty)));
        }
        let (a, b) = (self.coerce_both(a, &ty, span)?, self.coerce_both(b, &ty, span)?);
        let borrows = |value: &Typed| value.form == Form::Reference;
        if borrows(&a) && borrows(&b) {
            return Ok((a.code, b.code, ty, Form::Reference));
        }
        // A text that is kept somewhere else need not be copied to be read.
        let is_text = matches!(ty, Type::Text);
        let stays = |value: &Typed| matches!(value.form, Form::Reference | Form::Place);
        if is_text && stays(&a) && stays(&b) {
            let (a, b) = (self.as_str(a), self.as_str(b));
            return Ok((a, b, ty, Form::Reference));
        }
        Ok((a.into_owned(), b.into_owned(), ty, Form::Owned))
    }

    /// A text that is compared with patterns.
    pub(super) fn as_subject(&mut self, value: Typed) -> Expression {
        match value.form {
            Form::Reference => value.code,
            _ => method(value.code, "as_str", vec![]),
        }
    }

    /// `&str`
    pub(super) fn as_str(&mut self, value: Typed) -> Expression {
        match value.form {
            Form::Reference => value.code,
            _ => match &value.code {
                Expression::Atom(_) | Expression::Field { .. } => method(value.code, "as_str", vec![]),
                _ => reference(value.code),
            },
        }
    }

    pub(super) fn coerce_both(&mut self, value: Typed, ty: &Type, span: Span) -> Result<Typed> {
        if value.ty == Type::Never {
            return Ok(value);
        }
        self.coerce(value, ty, span)
    }

    pub(super) fn match_expression(
        &mut self,
        subject: &Php,
        arms: &[crate::php::tree::Arm],
        span: Span,
    ) -> Result<Typed> {
        self.match_arms(subject, arms, span)
    }

    /// `print`: the value is always 1.
    pub(super) fn print(&mut self, of: &Php, span: Span) -> Result<Typed> {
        Err(Cannot::new(
            Span { start: span.start, ..of.span },
            "the value of print is used: write print on a line of its own",
        ))
    }

    pub(super) fn exit(&mut self, with: Option<&Php>, span: Span) -> Result<Typed> {
        let code = match with {
            None => atom("0"),
            Some(with) => match self.expression(with)? {
                value if value.ty == Type::Integer => {
                    Expression::Cast { operand: Box::new(value.operand()), ty: "i32".to_owned() }
                }
                _ => return Err(Cannot::new(span, "exit prints here: use echo, then exit without a text")),
            },
        };
        let code = match code {
            Expression::Cast { operand, .. } if matches!(&*operand, Expression::Atom(_)) => *operand,
            code => code,
        };
        Ok(Typed::owned(call("std::process::exit", vec![code]), Type::Never))
    }

    pub(super) fn clone_of(&mut self, of: &Php, span: Span) -> Result<Typed> {
        let value = self.expression(of)?;
        match &value.ty {
            Type::Class(class) => {
                self.learnt.functions.entry(format!("{class}::clone")).or_default().called = true;
                let ty = value.ty.clone();
                Ok(Typed::owned(method(value.code, "clone", vec![]), ty))
            }
            _ => Err(Cannot::new(span, "only objects of classes of this file can be cloned")),
        }
    }

    /// `name`, `Class::X` and the like that a `matches!` needs.
    pub(super) fn matches(&mut self, value: Expression, pattern: &str) -> Expression {
        macro_call("matches", vec![value, atom(pattern)])
    }

    pub(super) fn named(class: &ClassName) -> Option<&str> {
        match class {
            ClassName::Named(name) => Some(name),
            _ => None,
        }
    }
}

/// An `i64` as an index.
pub fn as_index(value: Expression) -> Expression {
    match value {
        Expression::Atom(number) if number.bytes().all(|b| b.is_ascii_digit()) => atom(number),
        value => Expression::Cast { operand: Box::new(value), ty: "usize".to_owned() },
    }
}

/// What there are no words for, and what to do instead.
pub fn cannot(kind: &E) -> String {
    match kind {
        E::VariableVariable(_) => {
            "a variable whose name is a value ($$name): keep the values in an array, by name".to_owned()
        }
        E::Bytes(bytes) => {
            format!("a text of {} bytes that is not UTF-8: read it from a file, or write it as base64", bytes.len())
        }
        E::Index { .. } => "an element without a key can only be written to".to_owned(),
        E::Include(_) => "an included file: port it as well, as a module of its own".to_owned(),
        E::Yield { .. } | E::YieldFrom(_) => {
            "the value of yield, which is what send() gives or the generator returns: pass it on in another way"
                .to_owned()
        }
        E::Other(what) => format!("{what}: there is no counterpart"),
        _ => "this has no counterpart here: take it apart into statements".to_owned(),
    }
}
