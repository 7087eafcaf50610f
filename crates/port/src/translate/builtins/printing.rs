//! `print_r`, `var_dump` and `printf`.

use crate::php::tree::{Expression as Php, ExpressionKind as E};
use crate::rust::build::{call, macro_call};
use crate::rust::tree::{Expression, Statement};
use crate::translate::Translator;
use crate::translate::builtins::Call;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::coerce::Shown;

impl Translator<'_> {
    pub(super) fn printing(&mut self, of: &Call<'_>) -> Result<Option<Vec<Statement>>> {
        match (of.name, of.arguments.as_slice()) {
            ("print_r" | "var_export", [value]) => self.dumped(of.name, value).map(Some),
            ("var_dump", values) => {
                // All are evaluated before the first is shown.
                if let Some(php) = values.iter().skip(1).find(|php| self.effects.of(php)) {
                    return Err(Cannot::new(
                        php.span,
                        "this may print or fail before what var_dump shows first: call it before",
                    ));
                }
                let mut statements = Vec::new();
                for value in values {
                    statements.extend(self.dumped("var_dump", value)?);
                }
                Ok(Some(statements))
            }
            ("printf" | "vprintf", [_, ..]) => self.print_formatted(of).map(Some),
            ("fprintf", [stream, ..]) => {
                let inner = Call { name: "printf", arguments: of.arguments[1..].to_vec(), span: of.span };
                let printed = self.print_formatted(&inner)?;
                Ok(Some(to_stream(printed, stream)))
            }
            ("fwrite" | "fputs", [stream, text]) if is_standard(stream) => {
                let shown = self.echoed(std::slice::from_ref(*text))?;
                let printed = self.printed(shown)?;
                Ok(Some(to_stream(printed, stream)))
            }
            ("error_log", [text, ..]) => {
                let shown = self.echoed(std::slice::from_ref(*text))?;
                let shown = shown.into_iter().chain([Shown::Text("\n".to_owned())]).collect();
                Ok(Some(on_error(self.printed(shown)?)))
            }
            ("trigger_error" | "user_error", [text, ..]) => {
                self.note(of.span, "the message goes to standard error, and the program goes on");
                let shown = self.echoed(std::slice::from_ref(*text))?;
                let shown = shown.into_iter().chain([Shown::Text("\n".to_owned())]).collect();
                Ok(Some(on_error(self.printed(shown)?)))
            }
            _ => Ok(None),
        }
    }

    /// `print!("{}", php::print_r(&value))`
    fn dumped(&mut self, name: &str, php: &Php) -> Result<Vec<Statement>> {
        let value = self.expression(php)?;
        if value.is_unknown() {
            return Ok(vec![]);
        }
        if let Some(variable) = &value.variable {
            self.learn_inspected(variable);
        }
        let value = self.any(value, php.span)?;
        let path = self.php(name);
        let shown = Shown::Argument(call(&path, vec![value]));
        self.printed(vec![shown])
    }

    fn print_formatted(&mut self, of: &Call<'_>) -> Result<Vec<Statement>> {
        let mut values = Vec::new();
        for php in &of.arguments {
            values.push(self.expression(php)?);
        }
        if values.iter().any(|value| value.is_unknown()) {
            return Ok(vec![]);
        }
        if of.name == "vprintf" {
            let text = self.vsprintf(values, of)?;
            return self.printed(vec![Shown::Argument(text.code)]);
        }
        let shown = match self.formatted(&values, of.span)? {
            Some(shown) => shown,
            None => {
                let text = self.sprintf(values, of.span)?;
                vec![Shown::Argument(text.code)]
            }
        };
        self.printed(shown)
    }
}

/// Whether it is `STDOUT` or `STDERR`.
fn is_standard(php: &Php) -> bool {
    matches!(&php.bare().kind, E::Constant(name) if matches!(name.trim_start_matches('\\'), "STDOUT" | "STDERR"))
}

fn to_stream(statements: Vec<Statement>, stream: &Php) -> Vec<Statement> {
    let to_error = matches!(&stream.bare().kind, E::Constant(name) if name.trim_start_matches('\\') == "STDERR");
    if to_error { on_error(statements) } else { statements }
}

/// `eprintln!` in place of `println!`.
fn on_error(statements: Vec<Statement>) -> Vec<Statement> {
    let changed = |statement: Statement| match statement.kind {
        crate::rust::tree::StatementKind::Expression(Expression::Macro { name, arguments }) => {
            Statement::expression(macro_call(&format!("e{name}"), arguments))
        }
        kind => Statement { kind, ..statement },
    };
    statements.into_iter().map(changed).collect()
}
