//! The environment: `getenv`, `$_ENV`, `$_SERVER`; and the variables that PHP fills from a request.

use crate::php::tree::{Argument, Binary, Callee, Cast, Expression as Php, ExpressionKind as E};
use crate::rust::build::{arm, atom, binary, call, closure, json, method, ok, reference, text};
use crate::rust::shapes::{contains_try, copies, is_simple};
use crate::rust::tree::{Expression, Json, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::builtins::Call;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::scope::{ScopeKind, VariableKind};
use crate::translate::superglobals::superglobal;
use crate::translate::types::Type;
use crate::translate::value::Typed;

/// What the web server puts into `$_SERVER`, besides the headers, `HTTP_…`.
const OF_A_REQUEST: [&str; 14] = [
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "DOCUMENT_ROOT",
    "HTTPS",
    "PATH_INFO",
    "PHP_SELF",
    "QUERY_STRING",
    "REMOTE_ADDR",
    "REMOTE_PORT",
    "REQUEST_METHOD",
    "REQUEST_SCHEME",
    "REQUEST_URI",
    "SERVER_NAME",
    "SERVER_PORT",
];

impl Translator<'_> {
    /// `getenv('A')`
    pub(in crate::translate) fn getenv(&mut self, arguments: &[Argument], span: Span) -> Result<Typed> {
        let Some(name) = arguments.first() else {
            return Err(Cannot::new(span, "all variables of the environment at once: see std::env::vars()"));
        };
        let call = Call { name: "getenv", arguments: vec![&name.value], span };
        let is_checked = self.is_checked(&call);
        let name = self.expression_as(&name.value, &Type::Text)?;
        if is_checked {
            let found = method(self.lookup(name), "ok", vec![]);
            return Ok(Typed::owned(found, Type::OrFalse(Box::new(Type::Text))));
        }
        self.environment_variable(name, span)
    }

    /// `env::var(name)?`
    fn environment_variable(&mut self, name: Typed, span: Span) -> Result<Typed> {
        let lookup = self.lookup(name);
        Ok(Typed::owned(self.try_(span, lookup)?, Type::Text))
    }

    fn lookup(&mut self, name: Typed) -> Expression {
        self.import("std::env");
        call("env::var", vec![name.borrowed()])
    }

    /// `$_ENV['A']`, read.
    pub(in crate::translate) fn superglobal(&mut self, name: &str, key: &Php, span: Span) -> Result<Typed> {
        match of_command_line(name, key) {
            Some("argc") => return Ok(self.count_of_arguments()),
            Some(_) => return Ok(self.arguments_as_json()),
            None => {}
        }
        let key = self.environment_key(name, key, span)?;
        self.environment_variable(key, span)
    }

    /// `isset($_ENV['A'])`
    pub(in crate::translate) fn superglobal_is_set(&mut self, name: &str, key: &Php, span: Span) -> Result<Expression> {
        if of_command_line(name, key).is_some() {
            return Ok(atom("true"));
        }
        let key = self.environment_key(name, key, span)?;
        let lookup = self.lookup(key);
        Ok(method(lookup, "is_ok", vec![]))
    }

    /// The name of a variable of the environment; an error for what is no such thing.
    fn environment_key(&mut self, name: &str, key: &Php, span: Span) -> Result<Typed> {
        let of_the_environment = match (name, &key.bare().kind) {
            ("_ENV", _) => true,
            ("_SERVER", E::Text(key)) => !key.starts_with("HTTP_") && !OF_A_REQUEST.contains(&key.as_str()),
            _ => false,
        };
        if !of_the_environment {
            return Err(Cannot::new(span, instead_of(name)));
        }
        self.expression_as(key, &Type::Text)
    }

    /// What is looked up, if this is a look-up of the environment.
    fn environment_lookup(&mut self, php: &Php) -> Result<Option<Expression>> {
        let key = match &php.bare().kind {
            E::Cast { to: Cast::Text, operand } => return self.environment_lookup(operand),
            E::Index { base, index: Some(key) } => match superglobal(base) {
                Some(name) if of_command_line(name, key).is_some() => return Ok(None),
                Some(name) => self.environment_key(name, key, php.span)?,
                None => return Ok(None),
            },
            E::Call { callee: Callee::Named(name), arguments } if self.program.function_name(name) == "getenv" => {
                match arguments.first() {
                    Some(name) if self.program.function("getenv").is_none() => {
                        self.expression_as(&name.value, &Type::Text)?
                    }
                    _ => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(self.lookup(key)))
    }

    /// `getenv('A')` and `$_ENV['A']` as a condition: what is not set is false.
    pub(in crate::translate) fn truth_of_environment(&mut self, php: &Php) -> Result<Option<Expression>> {
        let Some(found) = self.environment_lookup(php.bare())? else { return Ok(None) };
        let path = self.php("is_true");
        let value = call(&path, vec![reference(atom("value"))]);
        Ok(Some(method(found, "is_ok_and", vec![closure(&["value"], value)])))
    }

    /// `getenv('A') === false`, `getenv('A') !== 'production'`: what is not set is no error.
    pub(in crate::translate) fn comparison_of_environment(
        &mut self,
        operator: Binary,
        left: &Php,
        right: &Php,
    ) -> Result<Option<Typed>> {
        let (strict, wanted) = match operator {
            Binary::Identical => (true, true),
            Binary::NotIdentical => (true, false),
            Binary::Equal => (false, true),
            Binary::NotEqual => (false, false),
            _ => return Ok(None),
        };
        let (lookup, other) = match (&left.bare().kind, &right.bare().kind) {
            (_, E::Text(_) | E::Constant(_)) => (left, right.bare()),
            (E::Text(_) | E::Constant(_), _) => (right, left.bare()),
            _ => return Ok(None),
        };
        let is_call = matches!(&lookup.bare().kind, E::Call { .. });
        let compared = match &other.kind {
            E::Constant(name) => match (name.trim_start_matches('\\').to_ascii_lowercase().as_str(), strict) {
                // An element of `$_ENV` that is not there is null.
                ("false", true) if is_call => None,
                ("null", true) if !is_call => None,
                _ => return Ok(None),
            },
            // With `==`, false equals an empty text, and a number may be written in several ways.
            E::Text(text) if strict || !(text.is_empty() || looks_numeric(text)) => Some(text.clone()),
            _ => return Ok(None),
        };
        let Some(found) = self.environment_lookup(lookup.bare())? else { return Ok(None) };
        Ok(Some(Typed::boolean(match compared {
            None => method(found, if wanted { "is_err" } else { "is_ok" }, vec![]),
            Some(literal) => {
                let value = method(found, "as_deref", vec![]);
                binary(if wanted { "==" } else { "!=" }, value, ok(text(literal)))
            }
        })))
    }

    /// `$a = getenv('A')` of an `$a` of which the program asks whether it is false.
    pub(in crate::translate) fn doubted_environment(&mut self, target: &Php, value: &Php) -> Result<Option<Typed>> {
        let E::Variable(name) = &target.kind else { return Ok(None) };
        if !matches!(&value.bare().kind, E::Call { .. }) {
            return Ok(None);
        }
        let facts = if self.find_variable(name).is_some() { self.facts_of(name) } else { self.upcoming_facts(name) };
        if !facts.doubted {
            return Ok(None);
        }
        let Some(found) = self.environment_lookup(value.bare())? else { return Ok(None) };
        Ok(Some(Typed::owned(method(found, "ok", vec![]), Type::OrFalse(Box::new(Type::Text)))))
    }

    /// `$argv` and `$argc` in a script: declared where they are used first.
    pub(in crate::translate) fn command_line(&mut self, name: &str, span: Span) -> Option<Statement> {
        let is_script = self.scopes.len() == 1 && self.scope().kind == ScopeKind::Script;
        if is_script { self.given_arguments(name, span) } else { None }
    }

    /// `global $argv;`
    pub(in crate::translate) fn global_command_line(&mut self, name: &str, span: Span) -> Option<Statement> {
        if self.program.changed_globals.contains(name) { None } else { self.given_arguments(name, span) }
    }

    fn given_arguments(&mut self, name: &str, span: Span) -> Option<Statement> {
        let facts = self.upcoming_facts(name);
        let changes = facts.filled_by.other || facts.mutated || facts.writes > 1 || facts.ty == Type::Json;
        let (value, ty) = match name {
            "argc" => (self.count_of_arguments(), None),
            "argv" if changes => (self.arguments_as_json(), None),
            "argv" => {
                self.import("std::env");
                let all = method(call("env::args", vec![]), "collect", vec![]);
                (Typed::owned(all, Type::list(Type::Text)), Some("Vec<String>".to_owned()))
            }
            _ => return None,
        };
        let rust = self.declare(name, &value.ty, VariableKind::Local, span);
        if let Some(learnt) = self.learn_of(name) {
            learnt.writes += 1;
        }
        let pattern = format!("{}{rust}", self.mutability(name));
        let value = Some(value.code);
        Some(Statement::new(StatementKind::Let { pattern, ty, value, otherwise: None }))
    }

    fn count_of_arguments(&mut self) -> Typed {
        self.import("std::env");
        let count = method(call("env::args", vec![]), "count", vec![]);
        Typed::integer(Expression::Cast { operand: Box::new(count), ty: "i64".to_owned() })
    }

    fn arguments_as_json(&mut self) -> Typed {
        self.import("std::env");
        self.import("wechatpay::json");
        let all = method(call("env::args", vec![]), "collect::<Vec<_>>", vec![]);
        Typed::json(json(Json::Value(Box::new(all))))
    }

    /// `getenv('A') ?: b`: `b` also stands for a variable that is empty, or `0`.
    pub(in crate::translate) fn elvis_of_environment(&mut self, left: &Php, right: &Php) -> Result<Option<Typed>> {
        let Some(found) = self.environment_lookup(left)? else { return Ok(None) };
        let right = self.later(right)?;
        if right.literal() == Some("") {
            return Ok(Some(Typed::owned(method(found, "unwrap_or_default", vec![]), Type::Text)));
        }
        let path = self.php("is_true");
        let test = crate::rust::build::closure(&["value"], call(&path, vec![atom("value")]));
        let found = method(method(found, "ok", vec![]), "filter", vec![test]);
        self.or(found, right).map(Some)
    }

    /// `$_ENV['A'] ?? b`
    pub(in crate::translate) fn coalesce_of_environment(&mut self, left: &Php, right: &Php) -> Result<Option<Typed>> {
        // What `getenv` gives is never null: false is a value.
        if matches!(left.bare().kind, E::Call { .. }) {
            return Ok(None);
        }
        let Some(found) = self.environment_lookup(left)? else { return Ok(None) };
        let right = self.later(right)?;
        if right.literal() == Some("") {
            return Ok(Some(Typed::owned(method(found, "unwrap_or_default", vec![]), Type::Text)));
        }
        let found =
            if matches!(right.ty, Type::Null | Type::Optional(_)) { method(found, "ok", vec![]) } else { found };
        self.or(found, right).map(Some)
    }

    /// The other value, which is evaluated only if it is needed.
    fn later(&mut self, php: &Php) -> Result<Typed> {
        self.scope().conditional += 1;
        let value = self.expression(php);
        self.scope().conditional -= 1;
        value
    }

    /// `found.unwrap_or(b)`, where `found` is a `Result` or an `Option` of a text.
    fn or(&mut self, found: Expression, other: Typed) -> Result<Typed> {
        let optional = Type::Text.optional();
        let ty = match &other.ty {
            Type::Unknown => return Ok(Typed::owned(atom("unknown"), Type::Text)),
            Type::Null => return Ok(Typed::owned(found, optional)),
            ty if *ty == optional => {
                let other = other.into_owned();
                let code = if is_simple(&other) {
                    method(found, "or", vec![other])
                } else {
                    method(found, "or_else", vec![crate::rust::build::closure(&[], other)])
                };
                return Ok(Typed::owned(code, optional));
            }
            ty => ty.clone(),
        };
        let json = !matches!(ty, Type::Text | Type::Never);
        let is_ok = matches!(&found, Expression::Call { .. });
        let found = if json {
            self.import("wechatpay::Value");
            method(found, "map", vec![atom("Value::from")])
        } else {
            found
        };
        let wanted = if json { Type::Json } else { Type::Text };
        let never = ty == Type::Never;
        let other = if never { other } else { self.coerce(other, &wanted, Span::default())? };
        let other = other.into_owned();
        let code = if is_simple(&other) && !copies(&other) {
            method(found, "unwrap_or", vec![other])
        } else if contains_try(&other) || never {
            let parameter = if is_ok { "Err(_)" } else { "None" };
            let present = if is_ok { "Ok(value)" } else { "Some(value)" };
            let arms = vec![arm(present, atom("value")), arm(parameter, other)];
            Expression::Match { subject: Box::new(found), arms }
        } else {
            let parameters: &[&str] = if is_ok { &["_"] } else { &[] };
            method(found, "unwrap_or_else", vec![crate::rust::build::closure(parameters, other)])
        };
        Ok(Typed::owned(code, wanted))
    }
}

/// `$_SERVER['argv']`, `$_SERVER['argc']`
fn of_command_line<'p>(name: &str, key: &'p Php) -> Option<&'p str> {
    match &key.bare().kind {
        E::Text(key) if name == "_SERVER" && matches!(key.as_str(), "argv" | "argc") => Some(key),
        _ => None,
    }
}

/// Whether PHP may take a text for a number.
fn looks_numeric(text: &str) -> bool {
    text.trim().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
}

/// What takes the place of a variable that PHP fills from a request.
fn instead_of(name: &str) -> String {
    let what = match name {
        "_GET" => "the query of the request",
        "_POST" => "the form of the request",
        "_REQUEST" => "the query and the form of the request",
        "_COOKIE" => "the cookies of the request",
        "_FILES" => "the uploaded files of the request",
        "_SESSION" => "the session",
        "GLOBALS" => return "global variables by name: pass them on as arguments".to_owned(),
        _ => "the headers and the address of the request",
    };
    format!("${name}: {what}, which your framework hands to its handler: take it as an argument")
}
