//! Functions of files, and of bytes that are no text.

use crate::php::tree::{Callee, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call, method, text};
use crate::rust::tree::Expression;
use crate::translate::Translator;
use crate::translate::builtins::{Call, flag_names};
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed, is_placeholder};

impl Translator<'_> {
    pub(super) fn file_function(&mut self, of: &Call<'_>) -> Result<Option<Typed>> {
        Ok(Some(match (of.name, of.arguments.as_slice()) {
            ("file_get_contents", [path, ..]) => self.read(path, of)?,
            ("file_exists" | "is_file" | "is_dir", [path]) => {
                let Some(path) = self.path(path)? else {
                    return Ok(Some(Typed::owned(atom("unknown"), Type::Boolean)));
                };
                self.import("std::path::Path");
                let name = if of.name == "file_exists" { "exists" } else { of.name };
                let path = match path {
                    path @ (Expression::Text(_) | Expression::Unary { .. } | Expression::Atom(_)) => path,
                    path => crate::rust::build::reference(path),
                };
                Typed::boolean(method(call("Path::new", vec![path]), name, vec![]))
            }
            ("filesize", [path]) => self.size(path, of)?,
            ("sys_get_temp_dir", []) => {
                let directory = method(call("std::env::temp_dir", vec![]), "display", vec![]);
                Typed::owned(method(directory, "to_string", vec![]), Type::Text)
            }
            ("parse_url", [url, part]) => self.url_part(url, part, of)?,
            ("pathinfo", [path, part]) => self.path_part(path, part, of)?,
            ("bin2hex", [bytes]) => match random(bytes) {
                Some(count) => self.nonce(count, of)?,
                None => return Ok(None),
            },
            ("random_bytes" | "openssl_random_pseudo_bytes", _) => {
                return Err(of.cannot("texts are no bytes here: Formatter::nonce gives random letters and digits"));
            }
            ("base64_decode" | "hex2bin", [encoded, ..]) => self.decoded(encoded, of)?,
            (
                "fopen"
                | "fclose"
                | "fgets"
                | "feof"
                | "fread"
                | "fgetcsv"
                | "fputcsv"
                | "rewind"
                | "fseek"
                | "ftell"
                | "stream_get_contents"
                | "flock"
                | "fflush"
                | "tmpfile",
                _,
            ) => return Err(of.cannot("read a whole file with file_get_contents, or use std::fs::File")),
            ("file", [path, flags @ ..]) => self.lines_of(path, flags.first().copied(), of)?,
            ("touch" | "chmod", _) => {
                return Err(of.cannot("its value is used: write it on a line of its own; what fails is an error here"));
            }
            _ => return self.changed_file(of),
        }))
    }

    fn size(&mut self, path: &Php, of: &Call<'_>) -> Result<Typed> {
        let Some(path) = self.path(path)? else {
            return Ok(Typed::owned(atom("unknown"), Type::Integer));
        };
        self.import("std::fs");
        let metadata = self.try_(of.span, call("fs::metadata", vec![path]))?;
        Ok(super::texts::as_integer(method(metadata, "len", vec![])))
    }

    /// A path as the functions of `std::fs` take it; None where it is not known yet.
    pub(super) fn path(&mut self, php: &Php) -> Result<Option<Expression>> {
        let value = self.expression(php)?;
        if value.is_unknown() {
            return Ok(None);
        }
        let value = self.to_text(value, php.span)?;
        if let Some(literal) = value.literal() {
            let path = literal.strip_prefix("file://").unwrap_or(literal);
            return Ok(Some(text(path)));
        }
        Ok(Some(if value.form == Form::Owned { value.code } else { value.borrowed() }))
    }

    /// `file_get_contents`: a text, or false where the program asks for that.
    fn read(&mut self, php: &Php, of: &Call<'_>) -> Result<Typed> {
        if let E::Text(path) = &php.bare().kind {
            if path.eq_ignore_ascii_case("php://stdin") {
                self.import("std::io");
                let code = call("io::read_to_string", vec![call("io::stdin", vec![])]);
                return Ok(Typed::owned(self.try_(of.span, code)?, Type::Text));
            }
            if path.eq_ignore_ascii_case("php://input") {
                return Err(of.cannot("the framework of the web server has the body of a request"));
            }
            if path.contains("://") && !path.starts_with("file://") {
                return Err(of.cannot("of an address: send a request with the client, or use download()"));
            }
        }
        let checked = self.is_checked(of);
        let ty = if checked { Type::OrFalse(Box::new(Type::Text)) } else { Type::Text };
        let Some(path) = self.path(php)? else {
            return Ok(Typed::owned(atom("unknown"), ty));
        };
        self.import("std::fs");
        let code = call("fs::read_to_string", vec![path]);
        if checked {
            return Ok(Typed::owned(method(code, "ok", vec![]), ty));
        }
        Ok(Typed::owned(self.try_(of.span, code)?, Type::Text))
    }

    /// `file($path, FILE_IGNORE_NEW_LINES)`: the lines of a file.
    fn lines_of(&mut self, path: &Php, flags: Option<&Php>, of: &Call<'_>) -> Result<Typed> {
        let names = flags.map(flag_names).unwrap_or_default();
        let (bare, filled) = ("FILE_IGNORE_NEW_LINES", "FILE_SKIP_EMPTY_LINES");
        if names.iter().any(|name| *name != bare && *name != filled) {
            return Err(of.cannot("with other flags than FILE_IGNORE_NEW_LINES and FILE_SKIP_EMPTY_LINES"));
        }
        if self.is_checked(of) {
            return Err(of.cannot("its false is asked for: read the file with file_get_contents, and split the text"));
        }
        let text = self.read(path, of)?;
        if text.is_unknown() || is_placeholder(&text.code) {
            return Ok(Typed::owned(atom("unknown"), Type::Json));
        }
        let flag = |name: &str| atom(names.contains(&name).to_string());
        let path = self.php("lines");
        Ok(Typed::json(call(&path, vec![text.borrowed(), flag(bare), flag(filled)])))
    }

    /// Whether the program asks what a call gives for false: by comparing it, or the variable that it is assigned to.
    pub(super) fn is_checked(&self, of: &Call<'_>) -> bool {
        let text = self.source.text();
        let before = text.get(..of.span.start).unwrap_or_default().trim_end();
        // What is silenced may fail.
        if before.ends_with('@') || before.ends_with("false ===") || before.ends_with("false !==") {
            return true;
        }
        let after = text.get(of.span.end..).unwrap_or_default().trim_start_matches([')', ' ']);
        if after.starts_with("===") || after.starts_with("!==") {
            return true;
        }
        let before = text.get(..of.span.start).unwrap_or_default().trim_end_matches(['@', ' ', '(']);
        let Some(name) =
            before.strip_suffix('=').map(|before| before.trim_end().rsplit(['$', '\n']).next().unwrap_or_default())
        else {
            return false;
        };
        !name.is_empty()
            && [" === false", " !== false"].iter().any(|comparison| text.contains(&format!("${name}{comparison}")))
            || (!name.is_empty()
                && ["(!$", "false === $", "false !== $"].iter().any(|begin| {
                    text.match_indices(&format!("{begin}{name}")).any(|(at, found)| {
                        !text[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
                    })
                }))
    }

    /// `parse_url($url, PHP_URL_PATH)`: null where the URL has none, false where it is none.
    fn url_part(&mut self, url: &Php, part: &Php, of: &Call<'_>) -> Result<Typed> {
        let field = match &part.bare().kind {
            E::Constant(name) => match name.trim_start_matches('\\') {
                "PHP_URL_SCHEME" => "scheme",
                "PHP_URL_HOST" => "host",
                "PHP_URL_PORT" => "port",
                "PHP_URL_USER" => "user",
                "PHP_URL_PASS" => "pass",
                "PHP_URL_PATH" => "path",
                "PHP_URL_QUERY" => "query",
                "PHP_URL_FRAGMENT" => "fragment",
                _ => return Err(of.cannot("name the part by its constant")),
            },
            _ => return Err(of.cannot("name the part by its constant")),
        };
        let value = self.expression(url)?;
        if value.is_unknown() {
            return Ok(Typed::owned(atom("unknown"), Type::Json));
        }
        let value = self.any(value, url.span)?;
        let path = self.php("parse_url");
        let or_false = self.php("or_false");
        let parts = call(&or_false, vec![call(&path, vec![value])]);
        let part = crate::rust::build::index(parts, text(field));
        Ok(Typed::json(method(part, "clone", vec![])))
    }

    /// `pathinfo($path, PATHINFO_EXTENSION)`
    fn path_part(&mut self, path: &Php, part: &Php, of: &Call<'_>) -> Result<Typed> {
        let field = match &part.bare().kind {
            E::Constant(name) => match name.trim_start_matches('\\') {
                "PATHINFO_EXTENSION" => "extension",
                "PATHINFO_FILENAME" => "filename",
                "PATHINFO_BASENAME" => "basename",
                "PATHINFO_DIRNAME" => "dirname",
                _ => return Err(of.cannot("name the part by its constant")),
            },
            _ => return Err(of.cannot("name the part by its constant")),
        };
        let value = self.expression(path)?;
        if value.is_unknown() {
            return Ok(Typed::owned(atom("unknown"), Type::Text));
        }
        let value = self.any(value, path.span)?;
        let pathinfo = self.php("pathinfo");
        let found = crate::rust::build::index(call(&pathinfo, vec![value]), text(field));
        let as_text = self.php("text");
        Ok(Typed::owned(call(&as_text, vec![crate::rust::build::reference(found)]), Type::Text))
    }

    /// `bin2hex(random_bytes($n))`
    fn nonce(&mut self, count: &Php, of: &Call<'_>) -> Result<Typed> {
        self.import("wechatpay::Formatter");
        self.note(of.span, "Formatter::nonce gives letters and digits, where bin2hex has only 0-9 and a-f");
        let size = match &count.bare().kind {
            E::Integer(count) => atom(count.saturating_mul(2).to_string()),
            _ => return Err(of.cannot("of a number of bytes that is not in the source: use Formatter::nonce")),
        };
        Ok(Typed::owned(call("Formatter::nonce", vec![size]), Type::Text))
    }

    /// `base64_decode` and `hex2bin` of what is a text.
    fn decoded(&mut self, encoded: &Php, of: &Call<'_>) -> Result<Typed> {
        let value = self.expression(encoded)?;
        if value.is_unknown() {
            return Ok(Typed::owned(atom("unknown"), Type::Text));
        }
        let value = self.any(value, encoded.span)?;
        let path = self.php(of.name);
        let mut arguments = vec![value];
        if of.name == "base64_decode" {
            arguments.push(match of.arguments.get(1) {
                Some(strict) => self.condition(strict)?,
                None => atom("false"),
            });
        }
        self.import("anyhow::Context");
        let message = format!("line {}: {}() of something else", self.line(of.span), of.name);
        let bytes = self.try_(of.span, method(call(&path, arguments), "context", vec![text(message)]))?;
        let code = self.try_(of.span, call("String::from_utf8", vec![bytes]))?;
        Ok(Typed::owned(code, Type::Text))
    }
}

/// The number of bytes in `random_bytes($n)`.
fn random(php: &Php) -> Option<&Php> {
    match &php.bare().kind {
        E::Call { callee: Callee::Named(name), arguments } => match arguments.as_slice() {
            [count] if matches!(name.trim_start_matches('\\'), "random_bytes" | "openssl_random_pseudo_bytes") => {
                Some(&count.value)
            }
            _ => None,
        },
        _ => None,
    }
}
