//! The arguments of calls.
use crate::php::tree::{Argument, Expression as Php, ExpressionKind as E, Parameter};
use crate::rust::build::{atom, method, unary};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::closures::Purpose;
use crate::translate::functions::is_null;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// The arguments of a call, in the order of the parameters, with the defaults of those that are left out.
    pub(super) fn arguments(
        &mut self,
        key: &str,
        parameters: &[Parameter],
        arguments: &[Argument],
        span: Span,
    ) -> Result<Vec<Expression>> {
        let mut passed = Vec::new();
        self.distinct(parameters, arguments)?;
        for (at, parameter) in parameters.iter().enumerate() {
            if parameter.variadic {
                let of = parameter.hint.as_ref().map(|hint| self.hint_of(key, hint));
                passed.push(self.variadic(key, at, &arguments[at.min(arguments.len())..], of.as_ref(), span)?);
                return Ok(passed);
            }
            let named = arguments.iter().find(|argument| argument.name.as_deref() == Some(&parameter.name));
            let positional = arguments.get(at).filter(|argument| argument.name.is_none());
            let code = match named.or(positional) {
                Some(argument) if argument.spread => {
                    return Err(Cannot::new(argument.span, "arguments from an array (...$a): write them out"));
                }
                Some(argument) => self.argument_for(key, at, parameter, &argument.value)?,
                None => match &parameter.default {
                    Some(default) => {
                        // What is written at the parameter is not written here.
                        let mark = self.hush();
                        let code = self.argument_for(key, at, parameter, default);
                        self.give_back(mark);
                        code?
                    }
                    None => return Err(Cannot::new(span, format!("the argument ${} is missing", parameter.name))),
                },
            };
            passed.push(code);
        }
        if let Some(extra) = arguments.get(parameters.len()) {
            return Err(Cannot::new(extra.span, "an argument that the function does not take: leave it out"));
        }
        Ok(passed)
    }

    /// Two parts of one array cannot both be passed by reference.
    pub(super) fn distinct(&self, parameters: &[Parameter], arguments: &[Argument]) -> Result<()> {
        let mut roots: Vec<String> = Vec::new();
        for (parameter, argument) in parameters.iter().zip(arguments) {
            let Some(root) = self.root_of(&argument.value).filter(|_| parameter.by_reference) else { continue };
            if roots.contains(&root) {
                return Err(Cannot::new(
                    argument.span,
                    format!("${root} is passed by reference twice: pass the whole of it once"),
                ));
            }
            roots.push(root);
        }
        Ok(())
    }

    fn variadic(
        &mut self,
        key: &str,
        at: usize,
        arguments: &[Argument],
        hint: Option<&Type>,
        span: Span,
    ) -> Result<Expression> {
        if let [Argument { spread: true, value, .. }] = arguments {
            let value = self.expression(value)?;
            let value = self.to_json(value, span)?;
            return Ok(value.borrowed());
        }
        let mut values = Vec::new();
        let mut of = Type::Unknown;
        for argument in arguments {
            if argument.spread || argument.name.is_some() {
                return Err(Cannot::new(argument.span, "arguments from an array (...$a): write them out"));
            }
            let value = self.expression(&argument.value)?;
            let value = match hint {
                Some(ty @ Type::Object(_)) => self.coerce(value, ty, argument.span)?,
                _ => value,
            };
            of = of.join(&value.ty);
            values.push(value);
        }
        let learnt = self.learnt.functions.entry(key.to_owned()).or_default().parameter(at);
        learnt.ty = learnt.ty.join(&if of.is_json() { Type::Json } else { Type::list(of.clone()) });
        if of.is_json() {
            self.import("wechatpay::json");
            let entries = values.into_iter().map(|value| crate::rust::tree::Entry {
                lead: Default::default(),
                key: None,
                value: value.into(),
                trailing: None,
                own_line: false,
            });
            let array = Expression::Json(crate::rust::tree::Json::Array(entries.collect()));
            return Ok(crate::rust::build::reference(array));
        }
        let values = values.into_iter().map(Typed::into_owned).collect();
        Ok(crate::rust::build::reference(Expression::Array(values)))
    }

    pub(super) fn argument_for(
        &mut self,
        key: &str,
        at: usize,
        parameter: &Parameter,
        php: &Php,
    ) -> Result<Expression> {
        let hinted = parameter.hint.as_ref().map(|hint| self.hint_of(key, hint));
        let facts =
            self.facts.functions.get(key).and_then(|facts| facts.parameters.get(at)).cloned().unwrap_or_default();
        if parameter.by_reference {
            return self.by_reference(key, at, php);
        }
        if facts.exclusive && !facts.owned {
            return self.object_by_reference(php);
        }
        let open = hinted.as_ref().is_none_or(|ty| *ty == Type::Json || ty.is_open());
        let wanted = match hinted {
            Some(ty) if !open => {
                if parameter.default.as_ref().is_some_and(is_null) {
                    ty.optional()
                } else {
                    ty
                }
            }
            _ => facts.ty.clone(),
        };
        let value = match &php.bare().kind {
            // It is kept longer than what it captures.
            E::Closure(closure) if facts.owned => {
                let purpose = Purpose { annotated: true, moves: true, ..Purpose::default() };
                self.closure_for(closure, php.bare().span, &purpose)?
            }
            _ if open => self.expression(php)?,
            _ => self.expression_wanting(php, &wanted)?,
        };
        if open {
            let learnt = self.learnt.functions.entry(key.to_owned()).or_default().parameter(at);
            // Which objects a list is of, its declaration says.
            if !learnt.ty.has_dyn() {
                learnt.ty = learnt.ty.join(&value.ty);
            }
        }
        self.passed(value, &wanted, facts.owned, php.span)
    }

    /// An object that the function changes.
    fn object_by_reference(&mut self, php: &Php) -> Result<Expression> {
        if let E::Variable(name) = &php.bare().kind {
            self.learn_mutated(name);
        }
        let object = self.place_of_object(php)?;
        self.learn_object_changed(&object);
        Ok(match object.form {
            Form::Reference => object.code,
            // What is in the `Box`.
            _ if matches!(object.ty, Type::Object(_)) => unary("&mut ", unary("*", object.code)),
            _ => unary("&mut ", object.code),
        })
    }

    /// A value as a parameter of this type takes it.
    pub(super) fn passed(&mut self, value: Typed, wanted: &Type, owned: bool, span: Span) -> Result<Expression> {
        if value.is_unknown() || *wanted == Type::Unknown {
            return Ok(value.code);
        }
        if let Type::Optional(of) = wanted
            && !of.is_copy()
            && !owned
        {
            return self.passed_optional(value, of, wanted, span);
        }
        if !owned && self.is_object_of(&value.ty, wanted) {
            return Ok(value.borrowed());
        }
        let value = self.weak(value, wanted, span)?;
        let value = self.coerce(value, wanted, span)?;
        Ok(match wanted {
            ty if ty.is_copy() => value.operand(),
            Type::Closure(_) if value.form == Form::Place => crate::rust::build::reference(value.code),
            Type::Closure(_) | Type::Promise(_) => value.into_owned(),
            _ if owned => {
                // What is only handed on need not be copied.
                if value.ty == Type::Json
                    && value.variable.as_ref().is_some_and(|name| self.facts_of(name).uses.len() == 1)
                {
                    self.wants_owned(&value);
                }
                value.into_owned()
            }
            _ => value.borrowed(),
        })
    }

    /// `Option<&str>`, `Option<&T>`
    pub(super) fn passed_optional(&mut self, value: Typed, of: &Type, wanted: &Type, span: Span) -> Result<Expression> {
        if matches!(value.ty, Type::Null) {
            return Ok(atom("None"));
        }
        if let Type::Optional(_) = value.ty {
            if value.form == Form::Reference {
                return Ok(value.code);
            }
            let name = if matches!(of, Type::Text | Type::Object(_)) { "as_deref" } else { "as_ref" };
            return Ok(method(value.code, name, vec![]));
        }
        if value.ty == Type::Json && *of == Type::Text {
            let value = self.coerce(value, wanted, span)?;
            return Ok(method(value.code, "as_deref", vec![]));
        }
        let value = if self.is_object_of(&value.ty, of) { value } else { self.coerce(value, of, span)? };
        Ok(crate::rust::build::some(value.borrowed()))
    }

    /// Whether it is an object of a class that has the interface: a reference to it is one to `dyn`.
    fn is_object_of(&self, ty: &Type, wanted: &Type) -> bool {
        match (ty, wanted) {
            (Type::Class(class), Type::Object(interface)) => self.program.is_a(class, interface),
            _ => false,
        }
    }

    /// `&mut place`
    pub(super) fn by_reference(&mut self, key: &str, at: usize, php: &Php) -> Result<Expression> {
        if let E::Variable(name) = &php.kind {
            if self.find_variable(name).is_none() {
                return Err(Cannot::new(
                    php.span,
                    format!("${name} is given its first value by reference: assign it before"),
                ));
            }
            self.learn_mutated(name);
            if let Some(learnt) = self.learn_of(name) {
                learnt.filled_by.other = true;
            }
        }
        if let Some(name) = self.root_of(php) {
            self.learn_mutated(&name);
            self.learn_inspected(&name);
        }
        let place = self.place_of(php)?;
        let known =
            self.facts.functions.get(key).and_then(|facts| facts.parameters.get(at)).map(|facts| facts.ty.clone());
        if let (E::Variable(name), Some(ty)) = (&php.kind, known.filter(|ty| *ty != Type::Unknown)) {
            // Both are the same variable.
            self.learn_type(name, &ty);
        }
        let learnt = self.learnt.functions.entry(key.to_owned()).or_default().parameter(at);
        learnt.ty = learnt.ty.join(&place.ty);
        Ok(match place.form {
            Form::Reference => place.code,
            _ => unary("&mut ", place.code),
        })
    }
}
