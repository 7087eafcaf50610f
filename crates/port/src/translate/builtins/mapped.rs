//! Functions of arrays and functions: `array_map`, `array_filter`, `array_reduce`.

use crate::php::tree::{Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call, method};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::builtins::Call;
use crate::translate::builtins::callbacks::Callback;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::Typed;
use crate::translate::value::argument;

impl Translator<'_> {
    pub(super) fn mapped(&mut self, call: &Call<'_>) -> Result<Option<Typed>> {
        match call.name {
            "array_map" => match call.arguments.as_slice() {
                [function, array] => self.map(function, array, call.span),
                [function, one, two] if is_null(function) => self.zipped(one, two, call.span),
                [function, one, two] => self.map_two(function, one, two, call.span),
                _ => Err(call.cannot("of more than two arrays: write a loop")),
            },
            "array_filter" => self.filter(call),
            "array_reduce" => self.reduce(call),
            _ => return Ok(None),
        }
        .map(Some)
    }

    fn map(&mut self, function: &Php, array: &Php, span: Span) -> Result<Typed> {
        let Some((iterator, of)) = self.iterator(array)? else {
            return self.map_json(function, array, span);
        };
        if of == Type::Unknown {
            self.callback(function, &[Type::Unknown])?;
            return Ok(Typed::unknown());
        }
        let Callback { code, returns, fails } = self.callback(function, &[of])?;
        let mapped = method(iterator, "map", vec![code]);
        self.collect(mapped, &returns, fails, span)
    }

    /// A list of what an iterator gives.
    fn collect(&mut self, iterator: Expression, of: &Type, fails: bool, span: Span) -> Result<Typed> {
        let code = if fails {
            let code = method(iterator, "collect::<Result<Vec<_>>>", vec![]);
            self.try_(span, code)?
        } else {
            method(iterator, "collect::<Vec<_>>", vec![])
        };
        Ok(Typed::owned(code, Type::list(of.clone())))
    }

    /// An iterator over what is no JSON, and the type of what it gives.
    pub(super) fn iterator(&mut self, array: &Php) -> Result<Option<(Expression, Type)>> {
        if let Some((start, end)) = self.whole_range(array)? {
            let range = Expression::Range { start: Some(Box::new(start)), end: Some(Box::new(end)), inclusive: true };
            return Ok(Some((Expression::Paren(Box::new(range)), Type::Integer)));
        }
        let mark = self.mark();
        let value = self.expression(array)?;
        match value.ty.clone() {
            Type::Unknown => Ok(Some((atom("unknown"), Type::Unknown))),
            Type::List(of) if of.is_copy() => {
                Ok(Some((method(method(value.code, "iter", vec![]), "copied", vec![]), *of)))
            }
            Type::List(of) => Ok(Some((method(value.code, "iter", vec![]), *of))),
            _ => {
                self.give_back(mark);
                Ok(None)
            }
        }
    }

    /// `range(a, b)` of two integers, the first of which is not the larger one.
    pub(super) fn whole_range(&mut self, php: &Php) -> Result<Option<(Expression, Expression)>> {
        let E::Call { callee: crate::php::tree::Callee::Named(name), arguments } = &php.bare().kind else {
            return Ok(None);
        };
        let [start, end] = arguments.as_slice() else { return Ok(None) };
        let is_range =
            name.trim_start_matches('\\').eq_ignore_ascii_case("range") && self.program.function(name).is_none();
        match (&start.value.kind, &end.value.kind) {
            (E::Integer(from), E::Integer(to)) if is_range && from <= to => {
                Ok(Some((atom(from.to_string()), atom(to.to_string()))))
            }
            _ => Ok(None),
        }
    }

    fn map_json(&mut self, function: &Php, array: &Php, span: Span) -> Result<Typed> {
        let value = self.expression(array)?;
        let value = self.to_json(value, array.span)?;
        let Callback { code, returns, fails } = self.callback(function, &[Type::Json])?;
        if returns == Type::Unknown {
            return Ok(Typed::unknown());
        }
        if !returns.is_json() {
            let values = self.php("values");
            let mapped = method(call(&values, vec![value.borrowed()]), "map", vec![code]);
            return self.collect(mapped, &returns, fails, span);
        }
        let path = self.php(if fails { "try_array_map" } else { "array_map" });
        let code = self.try_(span, call(&path, vec![code, argument(value)]))?;
        Ok(Typed { passes_on: fails, ..Typed::json(code) })
    }

    fn map_two(&mut self, function: &Php, one: &Php, two: &Php, span: Span) -> Result<Typed> {
        let (a, b) = (self.expression(one)?, self.expression(two)?);
        let Callback { code, returns, fails } = self.callback(function, &[Type::Json, Type::Json])?;
        if a.is_unknown() || b.is_unknown() || returns == Type::Unknown {
            return Ok(Typed::owned(atom("unknown"), Type::Json));
        }
        if !returns.is_json() {
            return Err(Cannot::new(span, format!("array_map() of two arrays that gives {returns}: write a loop")));
        }
        let (a, b) = (self.any(a, one.span)?, self.any(b, two.span)?);
        let path = self.php(if fails { "try_array_map_two" } else { "array_map_two" });
        let code = self.try_(span, call(&path, vec![code, a, b]))?;
        Ok(Typed { passes_on: fails, ..Typed::json(code) })
    }

    /// `array_map(null, $a, $b)`: pairs.
    fn zipped(&mut self, one: &Php, two: &Php, span: Span) -> Result<Typed> {
        let (a, b) = (self.expression(one)?, self.expression(two)?);
        if a.is_unknown() || b.is_unknown() {
            return Ok(Typed::owned(atom("unknown"), Type::Json));
        }
        let (a, b) = (self.any(a, one.span)?, self.any(b, two.span)?);
        self.import("wechatpay::json");
        let entry = |name: &str| crate::rust::tree::Entry {
            lead: Default::default(),
            key: None,
            value: crate::rust::tree::Json::Value(Box::new(atom(name))),
            trailing: None,
            own_line: false,
        };
        let pair = crate::rust::build::json(crate::rust::tree::Json::Array(vec![entry("a"), entry("b")]));
        let path = self.php("array_map_two");
        let code = call(&path, vec![crate::rust::build::closure(&["a", "b"], pair), a, b]);
        Ok(Typed::json(self.try_(span, code)?))
    }

    fn filter(&mut self, call_: &Call<'_>) -> Result<Typed> {
        let array = call_.argument(0)?;
        let value = self.expression(array)?;
        let mode = call_.arguments.get(2).map(|php| match &php.bare().kind {
            E::Constant(name) => name.trim_start_matches('\\').to_owned(),
            _ => String::new(),
        });
        let (name, takes): (&str, &[Type]) = match (call_.arguments.get(1), mode.as_deref()) {
            (None, _) => ("array_filter_true", &[]),
            (Some(php), _) if is_null(php) => ("array_filter_true", &[]),
            (Some(_), None) => ("array_filter", &[Type::Json]),
            (Some(_), Some("ARRAY_FILTER_USE_KEY")) => ("array_filter_key", &[Type::Json]),
            (Some(_), Some("ARRAY_FILTER_USE_BOTH")) => ("array_filter_both", &[Type::Json, Type::Json]),
            _ => return Err(call_.cannot("write the mode as a constant")),
        };
        let predicate = match takes {
            [] => None,
            takes => Some(self.predicate(call_.argument(1)?, takes)?),
        };
        if value.is_unknown() || predicate.as_ref().is_some_and(|predicate| predicate.returns == Type::Unknown) {
            return Ok(Typed::owned(atom("unknown"), Type::Json));
        }
        let fails = predicate.as_ref().is_some_and(|predicate| predicate.fails);
        let mut arguments = vec![self.any(value, array.span)?];
        arguments.extend(predicate.map(|predicate| predicate.code));
        let path = self.php(&if fails { format!("try_{name}") } else { name.to_owned() });
        Ok(Typed::json(self.try_(call_.span, call(&path, arguments))?))
    }

    fn reduce(&mut self, of: &Call<'_>) -> Result<Typed> {
        let (array, function) = (of.argument(0)?, of.argument(1)?);
        let value = self.expression(array)?;
        let initial = match of.arguments.get(2) {
            Some(php) => self.expression(php)?,
            None => Typed::null(),
        };
        let key = format!("closure@{}", function.bare().span.start);
        let returned = self.facts.functions.get(&key).map(|facts| facts.returns.clone()).unwrap_or_default();
        let ty = initial.ty.join(&returned);
        let item = match &value.ty {
            Type::List(of) => (**of).clone(),
            _ => Type::Json,
        };
        let folds = matches!(ty, Type::Integer | Type::Float | Type::Boolean);
        let carry = if folds || ty == Type::Unknown { ty.clone() } else { Type::Json };
        let Callback { code, returns, fails } = self.callback(function, &[carry.clone(), item])?;
        if value.is_unknown() || initial.is_unknown() || returns == Type::Unknown || ty == Type::Unknown {
            return Ok(Typed::owned(atom("unknown"), ty));
        }
        if !ty.is_json() {
            return Err(of.cannot("write a loop that changes a variable"));
        }
        if folds && returns == ty {
            let iterator = match &value.ty {
                Type::List(_) => method(value.code, "iter", vec![]),
                _ => {
                    let values = self.php("values");
                    call(&values, vec![value.borrowed()])
                }
            };
            let name = if fails { "try_fold" } else { "fold" };
            let folded = method(iterator, name, vec![initial.operand(), code]);
            let folded = if fails { self.try_(of.span, folded)? } else { folded };
            return Ok(Typed::owned(folded, ty));
        }
        let array = self.any(value, array.span)?;
        let initial = self.any(initial, of.span)?;
        let path = self.php(if fails { "try_array_reduce" } else { "array_reduce" });
        Ok(Typed::json(self.try_(of.span, call(&path, vec![array, code, initial]))?))
    }
}

pub fn is_null(php: &Php) -> bool {
    matches!(&php.bare().kind, E::Constant(name) if name.trim_start_matches('\\').eq_ignore_ascii_case("null"))
}
