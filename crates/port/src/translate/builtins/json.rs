//! `json_encode` and `json_decode`.

use crate::php::tree::{Binary, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, binary, call};
use crate::rust::tree::Expression;
use crate::translate::Translator;
use crate::translate::builtins::Call;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::Typed;

/// The flags that `wechatpay::php` has, as constants of the same names.
pub const FLAGS: [&str; 12] = [
    "JSON_FORCE_OBJECT",
    "JSON_HEX_AMP",
    "JSON_HEX_APOS",
    "JSON_HEX_QUOT",
    "JSON_HEX_TAG",
    "JSON_NUMERIC_CHECK",
    "JSON_PRESERVE_ZERO_FRACTION",
    "JSON_PRETTY_PRINT",
    "JSON_THROW_ON_ERROR",
    "JSON_UNESCAPED_LINE_TERMINATORS",
    "JSON_UNESCAPED_SLASHES",
    "JSON_UNESCAPED_UNICODE",
];

impl Translator<'_> {
    pub(super) fn json_function(&mut self, of: &Call<'_>) -> Result<Option<Typed>> {
        match of.name {
            "json_encode" => self.json_encode(of).map(Some),
            "json_decode" => self.json_decode(of).map(Some),
            "json_last_error" => {
                let path = self.php("json_last_error");
                Ok(Some(Typed::integer(call(&path, vec![]))))
            }
            "json_last_error_msg" => {
                let path = self.php("json_last_error_msg");
                Ok(Some(Typed::reference(call(&path, vec![]), Type::Text)))
            }
            _ => Ok(None),
        }
    }

    fn json_encode(&mut self, of: &Call<'_>) -> Result<Typed> {
        let php = of.argument(0)?;
        let value = self.json_value(php)?;
        if value.is_unknown() {
            return Ok(Typed::owned(atom("unknown"), Type::Text));
        }
        let flags = match of.arguments.get(1) {
            Some(flags) => self.flags(flags)?,
            None => atom("0"),
        };
        let value = self.any(value, php.span)?;
        let path = self.php("json_encode");
        Ok(Typed::owned(call(&path, vec![value, flags]), Type::Text))
    }

    /// Flags, joined by `|`.
    fn flags(&mut self, php: &Php) -> Result<Expression> {
        match &php.bare().kind {
            E::Integer(0) => Ok(atom("0")),
            E::Binary { operator: Binary::BitOr, left, right } => {
                // What changes nothing is left out.
                let (a, b) = (self.flags(left)?, self.flags(right)?);
                let is_none = |flag: &Expression| matches!(flag, Expression::Atom(zero) if zero == "0");
                Ok(match (is_none(&a), is_none(&b)) {
                    (true, _) => b,
                    (_, true) => a,
                    _ => binary("|", a, b),
                })
            }
            E::Constant(name) => {
                let name = name.trim_start_matches('\\');
                match name {
                    // No text that a value has can fail.
                    "JSON_THROW_ON_ERROR" | "JSON_PARTIAL_OUTPUT_ON_ERROR" | "JSON_INVALID_UTF8_SUBSTITUTE" => {
                        Ok(atom("0"))
                    }
                    name if FLAGS.contains(&name) => Ok(atom(self.php(name))),
                    _ => {
                        let value = self.expression(php)?;
                        Ok(self.to_integer(value, php.span)?.operand())
                    }
                }
            }
            _ => {
                let value = self.expression(php)?;
                if value.is_unknown() {
                    return Ok(value.code);
                }
                Ok(self.to_integer(value, php.span)?.operand())
            }
        }
    }

    fn json_decode(&mut self, of: &Call<'_>) -> Result<Typed> {
        let php = of.argument(0)?;
        let value = self.expression(php)?;
        if value.is_unknown() {
            return Ok(Typed::owned(atom("unknown"), Type::Json));
        }
        // `response.json()?` ends where PHP goes on and asks what was wrong.
        if !self.source.text().contains("json_last_error")
            && let Some(found) = self.decoded_body(&value, of.span)?
        {
            return Ok(found);
        }
        let has = |at: usize, wanted: &str| {
            of.arguments.get(at).is_some_and(|php| {
                let mut found = false;
                php.each(&mut |part| {
                    if let E::Constant(name) = &part.kind {
                        found |= name.trim_start_matches('\\').eq_ignore_ascii_case(wanted);
                    }
                });
                found
            })
        };
        if has(3, "JSON_BIGINT_AS_STRING") {
            return Err(Cannot::new(
                of.span,
                "json_decode() with JSON_BIGINT_AS_STRING: integers are 64 bits wide here",
            ));
        }
        let as_array = has(1, "true") || has(3, "JSON_OBJECT_AS_ARRAY");
        let throws = has(3, "JSON_THROW_ON_ERROR");
        let text = self.any(value, php.span)?;
        let path = self.php(match (throws, as_array) {
            (true, _) => "json_decode_strict",
            (false, true) => "json_decode",
            (false, false) => "json_decode_object",
        });
        let code = call(&path, vec![text]);
        Ok(Typed::json(if throws { self.try_(of.span, code)? } else { code }))
    }
}
