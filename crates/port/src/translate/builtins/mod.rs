//! PHP's own functions, constants and variables.

mod arrays;
mod callbacks;
mod comparisons;
mod constants;
mod dates;
mod digests;
mod environment;
mod files;
mod json;
mod loops;
mod mapped;
mod moments;
pub(super) mod names;
mod numbers;
mod printing;
mod sorting;
mod sprintf;
mod statements;
mod table;
mod texts;
mod types;
mod unset;
mod writes;

use crate::php::tree::{Argument, Binary, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call, method};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::builtins::table::{Function, Take};
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::Typed;
use crate::translate::value::argument;

/// A call of one of PHP's functions, its arguments in the order of the parameters.
struct Call<'c> {
    name: &'c str,
    arguments: Vec<&'c Php>,
    span: Span,
}

impl<'c> Call<'c> {
    fn argument(&self, at: usize) -> Result<&'c Php> {
        self.arguments.get(at).copied().ok_or_else(|| self.cannot("an argument is missing"))
    }

    fn cannot(&self, why: &str) -> Cannot {
        Cannot::new(self.span, format!("{}(): {why}", self.name))
    }
}

/// What a rule makes of a call; the values of the arguments are given back where it says nothing.
type Attempt = Result<std::result::Result<Typed, Vec<Typed>>>;

impl Translator<'_> {
    /// A call of one of PHP's own functions; `name` is in lower case.
    pub(super) fn builtin(&mut self, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        if name == "getenv" {
            return self.getenv(arguments, span);
        }
        if name == "iterator_to_array" {
            return self.collected(arguments, span);
        }
        if names::is_foreign(name) {
            return Err(Cannot::new(span, names::instead_of(name)));
        }
        let takes_text = matches!(
            name,
            "strlen" | "strtoupper" | "strtolower" | "trim" | "ucfirst" | "substr" | "strrev" | "mb_strlen"
        );
        let is_number = |php: &Php| matches!(php.bare().kind, E::Integer(_) | E::Float(_));
        if self.strict && takes_text && arguments.first().is_some_and(|argument| is_number(&argument.value)) {
            return Err(Cannot::new(
                span,
                format!("{name}() of a number: a TypeError in PHP with strict types; give it a text"),
            ));
        }
        if let Some(found) = self.spread_call(name, arguments, span)? {
            return Ok(found);
        }
        let call = Call { name, arguments: names::positional(name, arguments)?, span };
        if let Some(found) = self.special_function(&call)? {
            return Ok(found);
        }
        let function = table::find(name);
        if let Some(function) = function.filter(|function| function.takes.first() == Some(&Take::Place)) {
            let whole = call.arguments.first().and_then(|php| self.static_of_part(php));
            return match whole {
                Some(whole) => self.call_on_static(&whole, &call.arguments, span, |translator| {
                    translator.changing_function(function, &call)
                }),
                None => self.changing_function(function, &call),
            };
        }
        let mut values = Vec::new();
        for php in &call.arguments {
            values.push(self.expression(php)?);
        }
        if values.iter().any(Typed::is_unknown) {
            let ty = function.map_or(Type::Unknown, |function| function.gives.ty());
            return Ok(Typed::owned(atom("unknown"), ty));
        }
        self.function_of_values(&call, values)
    }

    /// `array_merge(...$arrays)`, `sprintf($format, ...$values)`: what takes any number of arguments takes them as an array.
    fn spread_call(&mut self, name: &str, arguments: &[Argument], span: Span) -> Result<Option<Typed>> {
        let Some((last, first)) = arguments.split_last().filter(|(last, _)| last.spread) else { return Ok(None) };
        if first.iter().any(|argument| argument.spread || argument.name.is_some()) {
            return Ok(None);
        }
        let arguments: Vec<&Php> = first.iter().chain([last]).map(|argument| &argument.value).collect();
        if name == "sprintf" && first.len() == 1 {
            return self.function_of_values_at(&Call { name: "vsprintf", arguments, span }).map(Some);
        }
        let Some(function) = table::find(name)
            .filter(|function| function.takes.len() == first.len() + 1 && function.takes.last() == Some(&Take::Rest))
        else {
            return Ok(None);
        };
        let call_ = Call { name, arguments, span };
        let mut taken = Vec::new();
        if function.takes.first() == Some(&Take::Place) {
            match self.changed_array(call_.argument(0)?)? {
                Some(place) => taken.push(place),
                None => return Ok(Some(Typed::owned(atom("unknown"), function.gives.ty()))),
            }
        }
        for php in &call_.arguments[taken.len()..first.len()] {
            let value = self.expression(php)?;
            taken.push(self.any(value, php.span)?);
        }
        let value = self.expression(&last.value)?;
        if value.is_unknown() {
            return Ok(Some(Typed::owned(atom("unknown"), function.gives.ty())));
        }
        taken.push(match value.ty {
            Type::List(_) => value.borrowed(),
            _ => {
                let value = self.to_json(value, last.span)?;
                let values = self.php("values");
                let all = method(call(&values, vec![value.borrowed()]), "collect::<Vec<_>>", vec![]);
                crate::rust::build::reference(all)
            }
        });
        self.runtime(function, taken, span).map(Some)
    }

    fn function_of_values_at(&mut self, call: &Call<'_>) -> Result<Typed> {
        let mut values = Vec::new();
        for php in &call.arguments {
            values.push(self.expression(php)?);
        }
        if values.iter().any(Typed::is_unknown) {
            return Ok(Typed::owned(atom("unknown"), Type::Text));
        }
        self.function_of_values(call, values)
    }

    /// Functions for which more counts than the values of the arguments.
    fn special_function(&mut self, call: &Call<'_>) -> Result<Option<Typed>> {
        if let Some(found) = self.mapped(call)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.array_of_names(call)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.json_function(call)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.date_function(call)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.file_function(call)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.encoded_digest(call)? {
            return Ok(Some(found));
        }
        self.function_of_names(call)
    }

    /// A function whose arguments are evaluated: Rust's own where it means the same, else one of `wechatpay::php`.
    fn function_of_values(&mut self, call: &Call<'_>, values: Vec<Typed>) -> Result<Typed> {
        let values = match self.text_function(call, values)? {
            Ok(found) => return Ok(found),
            Err(values) => values,
        };
        let values = match self.number_function(call, values)? {
            Ok(found) => return Ok(found),
            Err(values) => values,
        };
        let values = match self.type_function(call, values)? {
            Ok(found) => return Ok(found),
            Err(values) => values,
        };
        let values = match self.array_function(call, values)? {
            Ok(found) => return Ok(found),
            Err(values) => values,
        };
        match table::find(call.name) {
            Some(function) => self.tabled(function, call, values),
            None => Err(Cannot::new(call.span, names::instead_of(call.name))),
        }
    }

    /// A call of a function of `wechatpay::php`.
    fn tabled(&mut self, function: &Function, call: &Call<'_>, values: Vec<Typed>) -> Result<Typed> {
        let arguments = self.taken(function.takes, call, values)?;
        self.runtime(function, arguments, call.span)
    }

    fn runtime(&mut self, function: &Function, arguments: Vec<Expression>, span: Span) -> Result<Typed> {
        let path = self.php(function.path);
        let code = call(&path, arguments);
        let code = if function.fails { self.try_(span, code)? } else { code };
        Ok(Typed::owned(code, function.gives.ty()))
    }

    /// Values as the parameters of a function of `wechatpay::php` take them.
    fn taken(&mut self, takes: &[Take], call: &Call<'_>, values: Vec<Typed>) -> Result<Vec<Expression>> {
        let mut arguments = Vec::new();
        let mut values = values.into_iter();
        for take in takes {
            let (take, default) = match take {
                Take::Or(take, default) => (*take, Some(*default)),
                take => (take, None),
            };
            if *take == Take::Rest {
                let rest: Vec<Typed> = values.by_ref().collect();
                arguments.push(self.slice_of(rest, call.span)?);
                continue;
            }
            let Some(value) = values.next() else {
                match default {
                    Some(default) => arguments.push(atom(default)),
                    None => return Err(call.cannot("an argument is missing")),
                }
                continue;
            };
            arguments.push(self.taken_as(take, value, call.span)?);
        }
        if values.next().is_some() {
            return Err(call.cannot("an argument more than there is a counterpart for: leave it out"));
        }
        Ok(arguments)
    }

    fn taken_as(&mut self, take: &Take, value: Typed, span: Span) -> Result<Expression> {
        Ok(match take {
            Take::Integer => self.to_integer(value, span)?.operand(),
            Take::Length if value.ty == Type::Null => atom("None"),
            Take::Length => self.to_integer(value, span)?.operand(),
            Take::Float => self.to_float(value, span)?.operand(),
            Take::Boolean => self.truth(value, span)?,
            Take::Bytes => match self.body_bytes(&value) {
                Some(bytes) => bytes,
                None => self.to_text(value, span)?.borrowed(),
            },
            _ => self.any(value, span)?,
        })
    }

    /// A value for `impl Operand`.
    fn any(&mut self, value: Typed, span: Span) -> Result<Expression> {
        if is_no_json_number(&value.code) {
            return Err(Cannot::new(span, "INF and NAN are no JSON: a value that holds one is its text"));
        }
        Ok(match &value.ty {
            ty if ty.is_json() => argument(value),
            Type::Body => self.body_text(value)?.borrowed(),
            _ => {
                let json = self.to_json(value, span)?;
                argument(json)
            }
        })
    }

    /// `&[&a, &b]`
    fn slice_of(&mut self, values: Vec<Typed>, span: Span) -> Result<Expression> {
        let mut elements = Vec::new();
        let same =
            values.iter().all(|value| value.ty == Type::Text) || values.iter().all(|value| value.ty == Type::Integer);
        let all_owned = values.iter().all(|value| value.form == crate::translate::value::Form::Owned);
        for value in values {
            let value = if same { value } else { self.to_json(value, span)? };
            elements.push(match value.ty {
                Type::Integer => value.operand(),
                Type::Text => self.as_str(value),
                _ if all_owned => value.code,
                _ => value.borrowed(),
            });
        }
        Ok(crate::rust::build::reference(Expression::Array(elements)))
    }

    /// A function that changes the array that is its first argument.
    fn changing_function(&mut self, function: &Function, call: &Call<'_>) -> Result<Typed> {
        let Some(place) = self.changed_array(call.argument(0)?)? else {
            return Ok(Typed::owned(atom("unknown"), function.gives.ty()));
        };
        let mut values = Vec::new();
        for php in &call.arguments[1..] {
            values.push(self.expression(php)?);
        }
        if values.iter().any(Typed::is_unknown) {
            return Ok(Typed::owned(atom("unknown"), function.gives.ty()));
        }
        let mut arguments = vec![place];
        arguments.extend(self.taken(&function.takes[1..], call, values)?);
        self.runtime(function, arguments, call.span)
    }

    /// `&mut array` of what is JSON; None where a later pass knows more.
    fn changed_array(&mut self, php: &Php) -> Result<Option<Expression>> {
        let php = php.bare();
        self.learn_any_keys(php);
        if let E::Variable(name) = &php.kind {
            self.learn_mutated(name);
            self.learn_type(name, &Type::Json);
            if let Some(learnt) = self.learn_of(name) {
                learnt.filled_by.other = true;
            }
        }
        let place = self.place_of(php)?;
        match (&place.ty, &php.kind) {
            (Type::Json, _) => Ok(Some(self.exclusive(place))),
            (Type::Unknown, _) | (Type::List(_) | Type::Null, E::Variable(_)) => Ok(None),
            (ty, _) => Err(Cannot::new(php.span, format!("{ty} is no array that could be changed here"))),
        }
    }
}

/// `INF`, `-INF`, `NAN`.
fn is_no_json_number(code: &Expression) -> bool {
    match code {
        Expression::Atom(path) => matches!(path.as_str(), "f64::INFINITY" | "f64::NEG_INFINITY" | "f64::NAN"),
        Expression::Unary { operator: "-", operand } => is_no_json_number(operand),
        _ => false,
    }
}

/// The constants that are put together as flags; what is none of them is an empty name.
fn flag_names(flags: &Php) -> Vec<&str> {
    let mut names = Vec::new();
    flags.each(&mut |part| match &part.kind {
        E::Constant(name) => names.push(name.trim_start_matches('\\')),
        E::Binary { operator: Binary::BitOr, .. } | E::Parenthesized(_) => {}
        _ => names.push(""),
    });
    names
}
