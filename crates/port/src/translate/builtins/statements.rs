//! Calls that are statements.

use crate::php::tree::{
    Binary, Callee, Cast, ClosureBody, Expression as Php, ExpressionKind as E, Statement as PhpStatement,
    StatementKind as S,
};
use crate::rust::build::{atom, call};
use crate::rust::tree::{Expression, Statement};
use crate::translate::Translator;
use crate::translate::builtins::{Call, names};
use crate::translate::cannot::Result;
use crate::translate::loops::changes_in;
use crate::translate::types::Type;

impl Translator<'_> {
    /// A call that is a statement and whose translation is more than an expression: `sort($a)`, `var_dump(…)`, `array_push`.
    pub(in crate::translate) fn special_statement(&mut self, php: &Php) -> Result<Option<Vec<Statement>>> {
        let (call, is_silenced) = match &php.bare().kind {
            E::Silenced(of) => (of.bare(), true),
            _ => (php.bare(), false),
        };
        let E::Call { callee: Callee::Named(name), arguments } = &call.kind else { return Ok(None) };
        if self.program.function(name).is_some() {
            return Ok(None);
        }
        let name = self.program.function_name(name);
        if arguments.iter().any(|argument| argument.spread) {
            return Ok(None);
        }
        let of = Call { name: &name, arguments: names::positional(&name, arguments)?, span: call.span };
        if is_silenced {
            return self.silent_file_statement(&of);
        }
        if let Some(found) = self.printing(&of)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.sorting(&of)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.file_statement(&of)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.setting(&of)? {
            return Ok(Some(found));
        }
        self.array_statement(&of)
    }

    fn array_statement(&mut self, of: &Call<'_>) -> Result<Option<Vec<Statement>>> {
        match (of.name, of.arguments.as_slice()) {
            ("array_push", [array, values @ ..]) => {
                let mut statements = Vec::new();
                for value in values {
                    statements.extend(self.assignment(&pushed(array, value))?);
                }
                Ok(Some(statements))
            }
            ("array_walk", [array, function, rest @ ..]) => {
                self.walk(array, function, rest.first().copied(), of).map(Some)
            }
            ("settype", [variable, ty]) => {
                let to = match &ty.bare().kind {
                    E::Text(name) => cast_to(name),
                    _ => None,
                };
                let to = to.ok_or_else(|| of.cannot("to a type that is decided when the program runs"))?;
                let span = of.span;
                let value = Php { span, kind: E::Cast { to, operand: Box::new((*variable).clone()) } };
                self.assignment(&assigned(variable, value)).map(Some)
            }
            ("parse_str", [text, target]) => {
                let value = self.expression(text)?;
                if value.is_unknown() {
                    return self.assign_value(target, crate::translate::value::Typed::unknown()).map(Some);
                }
                let value = self.any(value, text.span)?;
                let path = self.php("parse_str");
                let code = self.try_(of.span, call(&path, vec![value]))?;
                self.assign_value(target, crate::translate::value::Typed::json(code)).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// `array_walk`: a loop.
    fn walk(&mut self, array: &Php, function: &Php, extra: Option<&Php>, of: &Call<'_>) -> Result<Vec<Statement>> {
        let E::Closure(closure) = &function.bare().kind else { return Err(of.cannot("write a loop")) };
        let [value, rest @ ..] = closure.parameters.as_slice() else { return Err(of.cannot("write a loop")) };
        let body = match &closure.body {
            ClosureBody::Block(block) => block.clone(),
            ClosureBody::Arrow(value) => crate::php::tree::Block {
                span: value.span,
                statements: vec![PhpStatement { span: value.span, kind: S::Expression(value.clone()) }],
            },
        };
        let copies =
            closure.captures.iter().any(|capture| !capture.by_reference && changes_in(&body.statements, &capture.name));
        let hides = closure.parameters.iter().any(|parameter| self.find_variable(&parameter.name).is_some());
        if copies || hides || returns(&body.statements) || rest.len() > 2 {
            return Err(of.cannot("write a loop"));
        }
        let span = of.span;
        let variable = |name: &str| Php { span: value.span, kind: E::Variable(name.to_owned()) };
        let mut statements = Vec::new();
        if let (Some(extra), Some(parameter)) = (extra, rest.get(1)) {
            statements.extend(self.assignment(&assigned(&variable(&parameter.name), extra.clone()))?);
        }
        let key = rest.first().map(|key| variable(&key.name));
        statements.extend(self.foreach(
            array,
            key.as_ref(),
            &variable(&value.name),
            value.by_reference,
            &body,
            span,
        )?);
        Ok(statements)
    }

    /// What tells PHP how to run.
    fn setting(&mut self, of: &Call<'_>) -> Result<Option<Vec<Statement>>> {
        match (of.name, of.arguments.as_slice()) {
            ("date_default_timezone_set", [zone]) => match &zone.bare().kind {
                E::Text(name) if is_china(name) => {
                    self.note(of.span, "dates are those of +08:00 already: left out");
                    Ok(Some(vec![]))
                }
                _ => Err(of.cannot("dates are those of +08:00 here")),
            },
            (
                "ini_set"
                | "error_reporting"
                | "set_time_limit"
                | "mb_internal_encoding"
                | "setlocale"
                | "ignore_user_abort"
                | "gc_collect_cycles"
                | "gc_enable"
                | "clearstatcache"
                | "opcache_reset"
                | "ob_implicit_flush"
                | "flush"
                | "libxml_use_internal_errors"
                | "libxml_disable_entity_loader"
                | "mt_srand"
                | "srand"
                | "spl_autoload_register"
                | "bcscale",
                _,
            ) => {
                self.note(of.span, format!("{}() has nothing to set here: left out", of.name));
                Ok(Some(vec![]))
            }
            ("sleep" | "usleep", [time]) => self.sleep(time, of.name == "usleep", of).map(Some),
            ("define", _) => {
                Err(of.cannot("a constant that begins to be inside of a function: move it to the top of the file"))
            }
            _ => Ok(None),
        }
    }

    fn sleep(&mut self, time: &Php, micro: bool, of: &Call<'_>) -> Result<Vec<Statement>> {
        let (name, value) = match (folded(time), micro) {
            (Some(micros), true) if micros % 1_000_000 == 0 => ("from_secs", atom((micros / 1_000_000).to_string())),
            (Some(micros), true) if micros % 1000 == 0 => ("from_millis", atom((micros / 1000).to_string())),
            (Some(number), _) => (if micro { "from_micros" } else { "from_secs" }, atom(number.to_string())),
            (None, _) => {
                let value = self.expression(time)?;
                if value.is_unknown() {
                    return Ok(vec![]);
                }
                let value = self.to_integer(value, time.span)?.operand();
                let value = self.try_(of.span, call("u64::try_from", vec![value]))?;
                (if micro { "from_micros" } else { "from_secs" }, value)
            }
        };
        self.import("std::time::Duration");
        let duration = call(&format!("Duration::{name}"), vec![value]);
        Ok(vec![Statement::expression(call("std::thread::sleep", vec![duration]))])
    }

    /// `vsprintf`, of arguments that are evaluated.
    pub(super) fn vsprintf(
        &mut self,
        values: Vec<crate::translate::value::Typed>,
        of: &Call<'_>,
    ) -> Result<crate::translate::value::Typed> {
        let mut arguments = Vec::new();
        for value in values {
            arguments.push(self.any(value, of.span)?);
        }
        let path = self.php("vsprintf");
        let code: Expression = self.try_(of.span, call(&path, arguments))?;
        Ok(crate::translate::value::Typed::owned(code, Type::Text))
    }
}

/// `$array[] = value`
fn pushed(array: &Php, value: &Php) -> Php {
    let target = Php { span: value.span, kind: E::Index { base: Box::new(array.clone()), index: None } };
    assigned(&target, value.clone())
}

fn assigned(target: &Php, value: Php) -> Php {
    let span = value.span;
    let (target, value) = (Box::new(target.clone()), Box::new(value));
    Php { span, kind: E::Assign { target, operator: None, value, by_reference: false } }
}

fn cast_to(name: &str) -> Option<Cast> {
    Some(match name.to_ascii_lowercase().as_str() {
        "int" | "integer" => Cast::Integer,
        "float" | "double" => Cast::Float,
        "string" => Cast::Text,
        "bool" | "boolean" => Cast::Boolean,
        "array" => Cast::Array,
        _ => return None,
    })
}

fn is_china(zone: &str) -> bool {
    [
        "Asia/Shanghai",
        "PRC",
        "Asia/Chongqing",
        "Asia/Harbin",
        "Asia/Hong_Kong",
        "Asia/Taipei",
        "Asia/Macau",
        "Etc/GMT-8",
    ]
    .iter()
    .any(|known| known.eq_ignore_ascii_case(zone))
}

/// The value of integers that are multiplied and added.
fn folded(php: &Php) -> Option<i64> {
    match &php.bare().kind {
        E::Integer(number) => Some(*number).filter(|number| *number >= 0),
        E::Binary { operator, left, right } => {
            let (a, b) = (folded(left)?, folded(right)?);
            match operator {
                Binary::Multiply => a.checked_mul(b),
                Binary::Add => a.checked_add(b),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a `return` is in these statements.
fn returns(statements: &[PhpStatement]) -> bool {
    statements
        .iter()
        .any(|statement| matches!(statement.kind, S::Return(_)) || statement.bodies().into_iter().any(returns))
}
