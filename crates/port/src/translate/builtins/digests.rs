//! Digests as bytes, which are no text: those that are encoded where they are made.

use crate::php::tree::{Argument, Callee, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call};
use crate::rust::tree::Expression;
use crate::translate::Translator;
use crate::translate::builtins::{Call, argument, table};
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// `base64_encode(hash_hmac('sha256', $text, $key, true))`
    pub(super) fn encoded_digest(&mut self, of: &Call<'_>) -> Result<Option<Typed>> {
        let ("base64_encode" | "bin2hex", [bytes]) = (of.name, of.arguments.as_slice()) else { return Ok(None) };
        let Some((function, algorithm, given)) = raw_digest(bytes).filter(|_| !self.is_own_call(bytes)) else {
            return Ok(None);
        };
        let mut arguments: Vec<Expression> = Vec::new();
        match algorithm {
            Algorithm::Named(name) => arguments.push(crate::rust::build::text(name)),
            Algorithm::Given(php) => {
                let value = self.expression(php)?;
                if value.is_unknown() {
                    return Ok(Some(Typed::owned(atom("unknown"), Type::Text)));
                }
                arguments.push(argument(value));
            }
        }
        for php in given {
            let value = self.expression(php)?;
            if value.is_unknown() {
                return Ok(Some(Typed::owned(atom("unknown"), Type::Text)));
            }
            arguments.push(self.taken_as(&table::Take::Bytes, value, php.span)?);
        }
        let digest = self.php(function);
        let digest = self.try_(bytes.span, call(&digest, arguments))?;
        let encode = self.php(of.name);
        Ok(Some(Typed::owned(call(&encode, vec![digest]), Type::Text)))
    }

    /// Whether it is a call of a function of the file.
    fn is_own_call(&self, php: &Php) -> bool {
        match &php.bare().kind {
            E::Call { callee: Callee::Named(name), .. } => self.program.function(name).is_some(),
            _ => false,
        }
    }
}

/// Where the name of a digest is.
enum Algorithm<'p> {
    /// It is that of the function.
    Named(&'static str),
    Given(&'p Php),
}

/// The function of `wechatpay::php` for a digest as bytes, the digest, and what it is taken of.
fn raw_digest(php: &Php) -> Option<(&'static str, Algorithm<'_>, Vec<&Php>)> {
    let E::Call { callee: Callee::Named(name), arguments } = &php.bare().kind else { return None };
    let is_plain = |argument: &Argument| argument.name.is_none() && !argument.spread;
    let is_true = |php: &Php| matches!(&php.bare().kind, E::Constant(word) if word.eq_ignore_ascii_case("true"));
    let (raw, given) = arguments.split_last()?;
    if !arguments.iter().all(is_plain) || !is_true(&raw.value) {
        return None;
    }
    let given: Vec<&Php> = given.iter().map(|argument| &argument.value).collect();
    match (name.trim_start_matches('\\').to_ascii_lowercase().as_str(), given.as_slice()) {
        ("md5", [_]) => Some(("hash_bytes", Algorithm::Named("md5"), given)),
        ("sha1", [_]) => Some(("hash_bytes", Algorithm::Named("sha1"), given)),
        ("hash", [algorithm, data]) => Some(("hash_bytes", Algorithm::Given(algorithm), vec![data])),
        ("hash_hmac", [algorithm, data, key]) => {
            Some(("hash_hmac_bytes", Algorithm::Given(algorithm), vec![data, key]))
        }
        _ => None,
    }
}
