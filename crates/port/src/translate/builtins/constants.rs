//! Constants: PHP's own, and those of the file.

use crate::rust::build::{atom, text, unary};
use crate::rust::words::screaming;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::builtins::{dates, json};
use crate::translate::cannot::{Cannot, Result};
use crate::translate::scope::SCRIPT;
use crate::translate::types::Type;
use crate::translate::value::Typed;

/// Integers that PHP has names for.
const INTEGERS: [(&str, i64); 36] = [
    ("ARRAY_FILTER_USE_BOTH", 1),
    ("ARRAY_FILTER_USE_KEY", 2),
    ("CASE_LOWER", 0),
    ("CASE_UPPER", 1),
    ("COUNT_RECURSIVE", 1),
    ("ENT_QUOTES", 3),
    ("E_ALL", 32767),
    ("E_DEPRECATED", 8192),
    ("E_ERROR", 1),
    ("E_NOTICE", 8),
    ("E_STRICT", 2048),
    ("E_USER_DEPRECATED", 16384),
    ("E_USER_ERROR", 256),
    ("E_USER_NOTICE", 1024),
    ("E_USER_WARNING", 512),
    ("E_WARNING", 2),
    ("FILE_APPEND", 8),
    ("JSON_ERROR_CTRL_CHAR", 3),
    ("JSON_ERROR_DEPTH", 1),
    ("JSON_ERROR_NONE", 0),
    ("JSON_ERROR_STATE_MISMATCH", 2),
    ("JSON_ERROR_SYNTAX", 4),
    ("JSON_ERROR_UTF8", 5),
    ("LOCK_EX", 2),
    ("PHP_FLOAT_DIG", 15),
    ("PHP_INT_SIZE", 8),
    ("SORT_ASC", 4),
    ("SORT_DESC", 3),
    ("SORT_FLAG_CASE", 8),
    ("SORT_NATURAL", 6),
    ("SORT_NUMERIC", 1),
    ("SORT_REGULAR", 0),
    ("SORT_STRING", 2),
    ("STR_PAD_BOTH", 2),
    ("STR_PAD_LEFT", 0),
    ("STR_PAD_RIGHT", 1),
];

/// Floats that Rust has names for.
const FLOATS: [(&str, &str); 12] = [
    ("INF", "f64::INFINITY"),
    ("M_E", "std::f64::consts::E"),
    ("M_LN10", "std::f64::consts::LN_10"),
    ("M_LN2", "std::f64::consts::LN_2"),
    ("M_PI", "std::f64::consts::PI"),
    ("M_PI_2", "std::f64::consts::FRAC_PI_2"),
    ("M_PI_4", "std::f64::consts::FRAC_PI_4"),
    ("M_SQRT2", "std::f64::consts::SQRT_2"),
    ("NAN", "f64::NAN"),
    ("PHP_FLOAT_EPSILON", "f64::EPSILON"),
    ("PHP_FLOAT_MAX", "f64::MAX"),
    ("PHP_FLOAT_MIN", "f64::MIN_POSITIVE"),
];

impl Translator<'_> {
    /// `true`, `PHP_EOL`, `E_ALL`, a constant of the file.
    pub(in crate::translate) fn constant(&mut self, written: &str, span: Span) -> Result<Typed> {
        let name = written.rsplit('\\').next().unwrap_or(written);
        match name.to_ascii_lowercase().as_str() {
            "true" => return Ok(Typed::boolean(atom("true"))),
            "false" => return Ok(Typed::boolean(atom("false"))),
            "null" => return Ok(Typed::null()),
            _ => {}
        }
        if self.program.constants.contains_key(name) {
            return Ok(self.own_constant(name));
        }
        if let Some((_, value)) = INTEGERS.iter().find(|(known, _)| *known == name) {
            return Ok(Typed::integer(atom(value.to_string())));
        }
        if let Some((_, path)) = FLOATS.iter().find(|(known, _)| *known == name) {
            return Ok(Typed::owned(atom(*path), Type::Float));
        }
        if let Some(format) = dates::constant_format(name) {
            return Ok(Typed::text(format));
        }
        if json::FLAGS.contains(&name) {
            return Ok(Typed::integer(atom(self.php(name))));
        }
        if let Some(found) = self.magic_constant(name, span)? {
            return Ok(found);
        }
        Ok(match name {
            "PHP_INT_MAX" => Typed::integer(atom("i64::MAX")),
            "PHP_INT_MIN" => Typed::integer(atom("i64::MIN")),
            "PHP_EOL" => Typed::text("\n"),
            "PHP_QUERY_RFC1738" => Typed::integer(atom("1")),
            "PHP_QUERY_RFC3986" => Typed::integer(atom("2")),
            "DIRECTORY_SEPARATOR" => Typed::text("/"),
            "PATH_SEPARATOR" => Typed::text(":"),
            "PHP_OS" | "PHP_OS_FAMILY" => Typed::text("Linux"),
            "PHP_VERSION" | "PHP_VERSION_ID" | "PHP_MAJOR_VERSION" | "PHP_SAPI" => {
                return Err(Cannot::new(span, format!("{name}: there is no PHP here")));
            }
            _ => return Err(Cannot::new(span, format!("the constant {name} is not known here"))),
        })
    }

    fn own_constant(&mut self, name: &str) -> Typed {
        let ty = self.facts.constants.get(name).cloned().unwrap_or_default();
        let code = atom(screaming(name));
        match ty {
            Type::Text => Typed::reference(code, Type::Text),
            ty if ty.is_copy() || ty == Type::Unknown => Typed::place(code, ty),
            // A `LazyLock`.
            ty => Typed::place(unary("*", code), ty),
        }
    }

    /// `__LINE__` and its like.
    fn magic_constant(&mut self, name: &str, span: Span) -> Result<Option<Typed>> {
        let function = || {
            let scope = self.scopes.iter().rev().find(|scope| !scope.function.contains('@'));
            scope
                .map(|scope| scope.function.clone())
                .filter(|name| name != SCRIPT && name != "snippet")
                .unwrap_or_default()
        };
        let class = || self.scopes.iter().rev().find_map(|scope| scope.class.clone()).unwrap_or_default();
        Ok(Some(match name {
            "__LINE__" => Typed::integer(atom(self.line(span).to_string())),
            "__FUNCTION__" => Typed::text(function().rsplit("::").next().unwrap_or_default()),
            "__METHOD__" => Typed::text(function()),
            "__CLASS__" => Typed::text(class()),
            "__NAMESPACE__" => return Err(Cannot::new(span, "__NAMESPACE__: write the name out")),
            "__DIR__" => {
                self.note(span, "__DIR__ is the directory of the Rust package here");
                let code = crate::rust::build::macro_call("env", vec![text("CARGO_MANIFEST_DIR")]);
                Typed::reference(code, Type::Text)
            }
            "__FILE__" => {
                let code = crate::rust::build::macro_call("file", vec![]);
                Typed::reference(code, Type::Text)
            }
            _ => return Ok(None),
        }))
    }
}
