//! URI Templates, RFC 6570, all four levels.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::redact;
use crate::text::query::{self, EXCEPT_UNRESERVED};
use crate::text::value::kind;
use crate::text::value::php_text;

/// "unreserved" and "reserved": what `{+name}` and `{#name}` leave as it is.
const EXCEPT_RESERVED: &AsciiSet = &EXCEPT_UNRESERVED
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'#')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// What a literal may contain: all of the above, and `%` if it begins a triplet.
const EXCEPT_LITERAL: &AsciiSet = &EXCEPT_RESERVED.remove(b'%');

/// A parsed URI Template (RFC 6570, level 4), as PHP's chain expands its paths.
///
/// It can have `{name}`, the operators `+ # . / ; ? &`, prefixes `{name:3}` and explosion `{name*}`.
///
/// ```
/// use wechatpay::{UriTemplate, json};
///
/// let template = UriTemplate::parse("v3/pay/transactions/out-trade-no/{out_trade_no}{?mchid}")?;
/// let variables = json!({ "out_trade_no": "a b/c", "mchid": "1900000109" });
/// assert_eq!(
///     template.expand(variables.as_object().unwrap())?,
///     "v3/pay/transactions/out-trade-no/a%20b%2Fc?mchid=1900000109",
/// );
/// # Ok::<_, wechatpay::Error>(())
/// ```
#[derive(Clone)]
pub struct UriTemplate<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
}

impl std::fmt::Debug for UriTemplate<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("UriTemplate").field(&redact::path(self.source)).finish()
    }
}

#[derive(Clone)]
enum Token<'a> {
    Literal(&'a str),
    Expression { operator: Operator, variables: Vec<Variable<'a>> },
}

#[derive(Clone)]
struct Variable<'a> {
    name: &'a str,
    modifier: Modifier,
}

#[derive(Clone, Copy)]
enum Modifier {
    None,
    Prefix(usize),
    Explode,
}

/// A row of the table in RFC 6570, appendix A.
#[derive(Clone, Copy)]
struct Operator {
    first: &'static str,
    separator: &'static str,
    /// `name=value` instead of `value`.
    named: bool,
    /// What follows the name if its value is empty.
    if_empty: &'static str,
    allow: &'static AsciiSet,
}

impl Operator {
    fn encode(&self, text: &str) -> String {
        utf8_percent_encode(text, self.allow).to_string()
    }

    fn push_named(&self, expanded: &mut String, name: &str, text: &str) {
        if self.named {
            expanded.push_str(name);
            expanded.push_str(if text.is_empty() { self.if_empty } else { "=" });
        }
        expanded.push_str(text);
    }

    fn of(expression: &str) -> (Operator, &str) {
        let simple = Operator { first: "", separator: ",", named: false, if_empty: "", allow: EXCEPT_UNRESERVED };
        let operator = match expression.bytes().next() {
            Some(b'+') => Operator { allow: EXCEPT_RESERVED, ..simple },
            Some(b'#') => Operator { first: "#", allow: EXCEPT_RESERVED, ..simple },
            Some(b'.') => Operator { first: ".", separator: ".", ..simple },
            Some(b'/') => Operator { first: "/", separator: "/", ..simple },
            Some(b';') => Operator { first: ";", separator: ";", named: true, ..simple },
            Some(b'?') => Operator { first: "?", separator: "&", named: true, if_empty: "=", ..simple },
            Some(b'&') => Operator { first: "&", separator: "&", named: true, if_empty: "=", ..simple },
            _ => return (simple, expression),
        };
        (operator, expression.get(1..).unwrap_or_default())
    }

    /// `{?…}` and `{&…}` are the optional parts of a query.
    fn is_query(&self) -> bool {
        self.separator == "&"
    }
}

impl<'a> UriTemplate<'a> {
    /// Parses a template.
    ///
    /// # Errors
    /// [`Error::Options`] names what RFC 6570 does not allow: an unclosed or stray brace, an unknown operator, or a
    /// malformed name or modifier.
    pub fn parse(source: &'a str) -> Result<UriTemplate<'a>> {
        let wrong = |what: &str| Error::Options(format!("`{}` is not a URI template: {what}", redact::path(source)));
        let mut tokens = Vec::new();
        let mut rest = source;
        loop {
            let end = rest.find(['{', '}']).unwrap_or(rest.len());
            let (literal, braces) = rest.split_at(end);
            if !literal.is_empty() {
                tokens.push(Token::Literal(literal));
            }
            if braces.is_empty() {
                return Ok(UriTemplate { source, tokens });
            }
            let Some((expression, after)) = braces.strip_prefix('{').and_then(|inside| inside.split_once('}')) else {
                return Err(wrong("a brace is not paired"));
            };
            let (operator, list) = Operator::of(expression);
            let variables = list.split(',').map(Variable::parse).collect::<Option<Vec<_>>>();
            let Some(variables) = variables else {
                let expression = redact::name(expression);
                return Err(wrong(&format!("`{{{expression}}}` is not an expression of RFC 6570")));
            };
            tokens.push(Token::Expression { operator, variables });
            rest = after;
        }
    }

    /// The names of all variables, in the order in which they first appear.
    pub fn variables(&self) -> Vec<&'a str> {
        self.names(|_| true)
    }

    /// The names of the variables that a path needs: all but those of `{?…}` and `{&…}`.
    pub fn required_variables(&self) -> Vec<&'a str> {
        self.names(|operator| !operator.is_query())
    }

    fn names(&self, wanted: impl Fn(&Operator) -> bool) -> Vec<&'a str> {
        let mut names = Vec::new();
        for token in &self.tokens {
            if let Token::Expression { operator, variables } = token {
                for variable in variables.iter().filter(|_| wanted(operator)) {
                    if !names.contains(&variable.name) {
                        names.push(variable.name);
                    }
                }
            }
        }
        names
    }

    /// Expands the template. A variable that is absent, `null` or an empty list or object is skipped.
    ///
    /// Numbers are written as they are, `true` as `1`. Unlike in RFC 6570, but like in PHP, `{+name}` and `{#name}` encode a
    /// `%` in the value.
    ///
    /// # Errors
    /// [`Error::Options`] names a variable whose value cannot be written as text: `false`, or a list or object where none is
    /// allowed.
    pub fn expand(&self, variables: &Map<String, Value>) -> Result<String> {
        let mut expanded = String::with_capacity(self.source.len().saturating_add(32));
        for token in &self.tokens {
            match token {
                Token::Literal(literal) => push_literal(&mut expanded, literal),
                Token::Expression { operator, variables: names } => {
                    let mut separator = operator.first;
                    for variable in names {
                        let Some(value) = variables.get(variable.name).filter(|value| is_defined(value)) else {
                            continue;
                        };
                        expanded.push_str(separator);
                        separator = operator.separator;
                        variable.push(&mut expanded, operator, value)?;
                    }
                }
            }
        }
        Ok(expanded)
    }
}

/// Whether a value counts as defined: in RFC 6570, empty lists and objects do not.
pub(crate) fn is_defined(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(list) => list.iter().any(|member| !member.is_null()),
        Value::Object(map) => map.values().any(|member| !member.is_null()),
        _ => true,
    }
}

impl<'a> Variable<'a> {
    fn parse(text: &'a str) -> Option<Variable<'a>> {
        let (name, modifier) = if let Some(name) = text.strip_suffix('*') {
            (name, Modifier::Explode)
        } else if let Some((name, length)) = text.split_once(':') {
            let digits = (1..=4).contains(&length.len()) && length.bytes().all(|b| b.is_ascii_digit());
            if !digits || length.starts_with('0') {
                return None;
            }
            (name, Modifier::Prefix(length.parse().ok()?))
        } else {
            (text, Modifier::None)
        };
        is_name(name).then_some(Variable { name, modifier })
    }

    fn push(&self, expanded: &mut String, operator: &Operator, value: &Value) -> Result<()> {
        let is_exploded = matches!(self.modifier, Modifier::Explode);
        if let (Modifier::Prefix(_), Value::Array(_) | Value::Object(_)) = (self.modifier, value) {
            return Err(Error::Options(format!(
                "the variable `{}` has a prefix length, its value must be a text",
                redact::name(self.name)
            )));
        }
        match value {
            Value::Array(list) => {
                let members = list.iter().filter(|member| !member.is_null());
                let texts = members.map(|member| self.scalar(operator, member)).collect::<Result<Vec<_>>>()?;
                if is_exploded {
                    for (index, text) in texts.iter().enumerate() {
                        expanded.push_str(if index == 0 { "" } else { operator.separator });
                        operator.push_named(expanded, self.name, text);
                    }
                } else {
                    operator.push_named(expanded, self.name, &texts.join(","));
                }
            }
            Value::Object(map) => {
                let members = map.iter().filter(|(_, member)| !member.is_null());
                let pairs = members.map(|(name, member)| self.pair(operator, name, member, is_exploded));
                let pairs = pairs.collect::<Result<Vec<_>>>()?;
                if is_exploded {
                    expanded.push_str(&pairs.join(operator.separator));
                } else {
                    operator.push_named(expanded, self.name, &pairs.join(","));
                }
            }
            Value::String(text) => {
                let text = match self.modifier {
                    Modifier::Prefix(length) => operator.encode(&text.chars().take(length).collect::<String>()).into(),
                    // This avoids a copy for nearly all variables.
                    _ => Cow::from(utf8_percent_encode(text, operator.allow)),
                };
                operator.push_named(expanded, self.name, &text);
            }
            _ => {
                let text = self.scalar(operator, value)?;
                let text = match self.modifier {
                    // What is not a text is ASCII that needs no encoding.
                    Modifier::Prefix(length) => text.chars().take(length).collect(),
                    _ => text,
                };
                operator.push_named(expanded, self.name, &text);
            }
        }
        Ok(())
    }

    /// A member of an object.
    fn pair(&self, operator: &Operator, name: &str, member: &Value, is_exploded: bool) -> Result<String> {
        Ok(match member {
            // As in PHP: deeper structures in an exploded object become `a%5Bb%5D=c`.
            Value::Array(_) | Value::Object(_) if is_exploded => query::nested(name, member),
            _ if is_exploded => {
                let text = self.scalar(operator, member)?;
                let equals = if operator.named && text.is_empty() { operator.if_empty } else { "=" };
                format!("{}{equals}{text}", operator.encode(name))
            }
            _ => format!("{},{}", operator.encode(name), self.scalar(operator, member)?),
        })
    }

    /// A value that is a single text, encoded.
    fn scalar(&self, operator: &Operator, value: &Value) -> Result<String> {
        match value {
            Value::Bool(false) | Value::Array(_) | Value::Object(_) => Err(Error::Options(format!(
                "the variable `{}` cannot be {} here: a path takes texts, numbers and `true`",
                redact::name(self.name),
                if *value == Value::Bool(false) { "`false`" } else { kind(value) }
            ))),
            _ => Ok(operator.encode(&php_text(value))),
        }
    }
}

/// RFC 6570 `varname`: letters, digits, `_` and percent-encoded triplets, joined by single dots.
fn is_name(name: &str) -> bool {
    name.split('.').all(|piece| {
        let mut bytes = piece.bytes();
        let mut empty = true;
        while let Some(byte) = bytes.next() {
            empty = false;
            let valid = match byte {
                b'%' => {
                    bytes.next().is_some_and(|b| b.is_ascii_hexdigit())
                        && bytes.next().is_some_and(|b| b.is_ascii_hexdigit())
                }
                _ => byte.is_ascii_alphanumeric() || byte == b'_',
            };
            if !valid {
                return false;
            }
        }
        !empty
    })
}

/// Encodes what may not appear in a URI, except triplets that are already encoded.
pub(crate) fn push_literal(expanded: &mut String, literal: &str) {
    for (index, piece) in literal.split('%').enumerate() {
        if index > 0 {
            let triplet = piece.len() >= 2 && piece.bytes().take(2).all(|b| b.is_ascii_hexdigit());
            expanded.push_str(if triplet { "%" } else { "%25" });
        }
        expanded.extend(utf8_percent_encode(piece, EXCEPT_LITERAL));
    }
}

/// A template up to its query. A `?` between braces is an operator of the template.
pub(crate) fn without_query(template: &str) -> &str {
    let mut is_inside = false;
    let end = template.find(|letter| {
        is_inside = (is_inside || letter == '{') && letter != '}';
        !is_inside && matches!(letter, '?' | '#')
    });
    end.and_then(|end| template.get(..end)).unwrap_or(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_ends_before_its_query() {
        for (template, shown) in [
            ("v3/x/{id}", "v3/x/{id}"),
            ("v3/x?mchid=1900000109", "v3/x"),
            ("v3/x/{id}?{&a}#b", "v3/x/{id}"),
            ("v3/x{?limit,offset}", "v3/x{?limit,offset}"),
            ("v3/x{?limit}#y", "v3/x{?limit}"),
            ("{+path}", "{+path}"),
            ("?", ""),
            ("", ""),
        ] {
            assert_eq!(without_query(template), shown);
        }
    }
}
