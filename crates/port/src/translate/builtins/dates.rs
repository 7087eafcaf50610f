//! Functions of dates and times; dates are those of +08:00.

use crate::php::tree::{Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call, method};
use crate::rust::tree::Expression;
use crate::translate::Translator;
use crate::translate::builtins::Call;
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::Typed;
use crate::translate::value::argument;

impl Translator<'_> {
    pub(super) fn date_function(&mut self, of: &Call<'_>) -> Result<Option<Typed>> {
        Ok(Some(match (of.name, of.arguments.as_slice()) {
            ("time", []) => Typed::integer(self.timestamp()),
            ("date", [format, rest @ ..]) => self.date(format, rest.first().copied())?,
            ("strtotime", [text, rest @ ..]) => {
                let text = self.expression(text)?;
                let now = self.seconds(rest.first().copied())?;
                let path = self.php("strtotime");
                let ty = Type::OrFalse(Box::new(Type::Integer));
                if text.is_unknown() {
                    return Ok(Some(Typed::owned(atom("unknown"), ty)));
                }
                Typed::owned(method(call(&path, vec![argument(text), now]), "ok", vec![]), ty)
            }
            ("microtime", [php]) if is_true(php) => {
                let path = self.php("microtime");
                Typed::owned(call(&path, vec![]), Type::Float)
            }
            ("microtime", _) => return Err(of.cannot("call it with true")),
            ("hrtime", _) => return Err(of.cannot("measure with std::time::Instant")),
            ("gmdate", [format, rest @ ..]) => self.utc_date(format, rest.first().copied(), of)?,
            ("idate" | "getdate" | "localtime" | "date_create" | "strftime", _) => {
                return Err(of.cannot("dates are those of +08:00: use date()"));
            }
            ("date_default_timezone_get", []) => Typed::text("Asia/Shanghai"),
            _ => return Ok(None),
        }))
    }

    fn timestamp(&mut self) -> Expression {
        self.import("wechatpay::Formatter");
        call("Formatter::timestamp", vec![])
    }

    /// A time that may be left out: then it is now.
    fn seconds(&mut self, php: Option<&Php>) -> Result<Expression> {
        match php {
            Some(php) if !super::mapped::is_null(php) => {
                let value = self.expression(php)?;
                Ok(self.to_integer_or_false(value, php)?.operand())
            }
            _ => Ok(self.timestamp()),
        }
    }

    pub(super) fn to_integer_or_false(&mut self, value: Typed, php: &Php) -> Result<Typed> {
        match value.ty {
            Type::OrFalse(_) => self.or_nothing(value, php.span),
            Type::Unknown => Ok(Typed::integer(value.code)),
            _ => self.to_integer(value, php.span),
        }
    }

    /// `gmdate`: eight hours before, where the format does not name the zone.
    fn utc_date(&mut self, format: &Php, time: Option<&Php>, of: &Call<'_>) -> Result<Typed> {
        let E::Text(literal) = &format.bare().kind else {
            return Err(of.cannot("dates are those of +08:00: use date()"));
        };
        if literal.contains(['e', 'T', 'P', 'p', 'O', 'Z', 'c', 'r', 'U', 'I', '\\']) {
            return Err(of.cannot("dates are those of +08:00: use date()"));
        }
        let seconds = self.seconds(time)?;
        let path = self.php("date");
        let seconds = crate::rust::build::binary("-", seconds, atom("8 * 3600"));
        Ok(Typed::owned(call(&path, vec![Expression::Text(literal.clone()), seconds]), Type::Text))
    }

    fn date(&mut self, format: &Php, time: Option<&Php>) -> Result<Typed> {
        let literal = match &format.bare().kind {
            E::Text(text) => Some(text.as_str()),
            E::Constant(name) => constant_format(name.trim_start_matches('\\')),
            E::ClassConstant { name, .. } => constant_format(&format!("DATE_{name}")),
            _ => None,
        };
        let own = match literal {
            Some("c" | "Y-m-d\\TH:i:sP") => Some("Formatter::date_c"),
            Some("Ymd") => Some("Formatter::date_ymd"),
            _ => None,
        };
        if let Some(path) = own {
            let time = self.seconds(time)?;
            self.import("wechatpay::Formatter");
            return Ok(Typed::owned(call(path, vec![time]), Type::Text));
        }
        let format = match literal {
            Some(literal) => Expression::Text(literal.to_owned()),
            None => {
                let value = self.expression(format)?;
                argument(value)
            }
        };
        let time = self.seconds(time)?;
        let path = self.php("date");
        Ok(Typed::owned(call(&path, vec![format, time]), Type::Text))
    }
}

/// The format that a constant of PHP stands for.
pub fn constant_format(name: &str) -> Option<&'static str> {
    Some(match name {
        "DATE_ATOM" | "DATE_RFC3339" | "DATE_W3C" => "c",
        "DATE_COOKIE" => "l, d-M-Y H:i:s T",
        "DATE_ISO8601" => "Y-m-d\\TH:i:sO",
        "DATE_RFC822" | "DATE_RFC1036" => "D, d M y H:i:s O",
        "DATE_RFC2822" | "DATE_RFC1123" | "DATE_RSS" => "D, d M Y H:i:s O",
        "DATE_RFC3339_EXTENDED" => "Y-m-d\\TH:i:s.vP",
        _ => return None,
    })
}

fn is_true(php: &Php) -> bool {
    matches!(&php.bare().kind, E::Constant(name) if name.eq_ignore_ascii_case("true"))
}
