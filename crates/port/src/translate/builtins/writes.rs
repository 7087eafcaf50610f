//! Functions that change files: as a statement, what fails is an error; as a value, it is false as in PHP.

use crate::php::tree::{Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, binary, call, closure, method, unary};
use crate::rust::shapes::is_simple;
use crate::rust::tree::{Expression, Statement, StatementKind};
use crate::translate::Translator;
use crate::translate::builtins::{Call, flag_names};
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    pub(super) fn file_statement(&mut self, of: &Call<'_>) -> Result<Option<Vec<Statement>>> {
        let code = if of.name == "file_put_contents" {
            let Some(Written { opened, written, .. }) = self.contents_of(of, false)? else { return Ok(Some(vec![])) };
            match opened {
                None => written,
                Some(open) => {
                    let file = self.try_(of.span, open)?;
                    write_all(file, written)
                }
            }
        } else {
            match self.change_of_file(of)? {
                None => return Ok(None),
                Some(None) => return Ok(Some(vec![])),
                Some(Some(code)) => code,
            }
        };
        Ok(Some(vec![Statement::expression(self.try_(of.span, code)?)]))
    }

    /// `@unlink($path);`: whether it was done is nobody's concern.
    pub(super) fn silent_file_statement(&mut self, of: &Call<'_>) -> Result<Option<Vec<Statement>>> {
        let code = if of.name == "file_put_contents" {
            let Some(parts) = self.contents_of(of, false)? else { return Ok(Some(vec![])) };
            parts.at_once()
        } else {
            match self.change_of_file(of)? {
                None => return Ok(None),
                Some(None) => return Ok(Some(vec![])),
                Some(Some(code)) => code,
            }
        };
        let kind = StatementKind::Let { pattern: "_".to_owned(), ty: None, value: Some(code), otherwise: None };
        Ok(Some(vec![Statement::new(kind)]))
    }

    /// What such a function gives: whether it was done, or how many bytes were written.
    pub(super) fn changed_file(&mut self, of: &Call<'_>) -> Result<Option<Typed>> {
        if of.name != "file_put_contents" {
            let Some(code) = self.change_of_file(of)? else { return Ok(None) };
            return match code {
                None => Ok(Some(Typed::owned(atom("unknown"), Type::Boolean))),
                Some(code) => self.is_done(code, of).map(|code| Some(Typed::boolean(code))),
            };
        }
        let ty = Type::OrFalse(Box::new(Type::Integer));
        let Some(mut parts) = self.contents_of(of, true)? else {
            return Ok(Some(Typed::owned(atom("unknown"), ty)));
        };
        let Some(length) = parts.length.take() else {
            return Ok(Some(Typed::owned(atom("unknown"), ty)));
        };
        let length = Expression::Cast { operand: Box::new(length), ty: "i64".to_owned() };
        let code = method(method(parts.at_once(), "ok", vec![]), "map", vec![closure(&["()"], length)]);
        Ok(Some(Typed::owned(code, ty)))
    }

    /// Whether a change of a file is made.
    fn is_done(&mut self, code: Expression, of: &Call<'_>) -> Result<Expression> {
        let Expression::Call { callee, arguments } = &code else { return Ok(method(code, "is_ok", vec![])) };
        match (&**callee, arguments.as_slice()) {
            // What is there already is not made again.
            (Expression::Atom(name), [path]) if name == "fs::create_dir_all" => {
                if !is_simple(path) && !matches!(path, Expression::Unary { operand, .. } if is_simple(operand)) {
                    return Err(of.cannot("its value is used: put the path into a variable before"));
                }
                self.import("std::path::Path");
                let exists = method(call("Path::new", vec![path.clone()]), "exists", vec![]);
                Ok(binary("&&", unary("!", exists), method(code, "is_ok", vec![])))
            }
            _ => Ok(method(code, "is_ok", vec![])),
        }
    }

    /// `fs::remove_file(path)` and its like; the inner None stands for what a later pass knows.
    fn change_of_file(&mut self, of: &Call<'_>) -> Result<Option<Option<Expression>>> {
        let name = match of.name {
            "unlink" => "remove_file",
            "rmdir" => "remove_dir",
            "rename" => "rename",
            "copy" => "copy",
            "mkdir" => {
                let recursive = of.arguments.get(2).is_some_and(
                    |php| matches!(&php.bare().kind, E::Constant(name) if name.eq_ignore_ascii_case("true")),
                );
                if recursive { "create_dir_all" } else { "create_dir" }
            }
            _ => return Ok(None),
        };
        let count = if matches!(name, "rename" | "copy") { 2 } else { 1 };
        let mut paths = Vec::new();
        for php in of.arguments.iter().take(count) {
            let Some(path) = self.path(php)? else { return Ok(Some(None)) };
            paths.push(path);
        }
        self.import("std::fs");
        Ok(Some(Some(call(&format!("fs::{name}"), paths))))
    }

    /// `file_put_contents`; None where a later pass knows more.
    fn contents_of(&mut self, of: &Call<'_>, is_counted: bool) -> Result<Option<Written>> {
        let (path, data) = (of.argument(0)?, of.argument(1)?);
        let value = self.expression(data)?;
        let target = self.path(path)?;
        let (Some(target), false) = (target, value.is_unknown()) else { return Ok(None) };
        let bytes = match self.body_bytes(&value) {
            Some(bytes) => Typed::reference(bytes, Type::Bytes),
            None if value.ty == Type::Json => {
                return Err(Cannot::new(
                    data.span,
                    "an array is written as its values, one after the other: implode it first",
                ));
            }
            None => self.to_text(value, data.span)?,
        };
        let bytes = if is_counted { self.held_first(bytes, data)? } else { bytes };
        let length = is_counted.then(|| method(bytes.code.clone(), "len", vec![]));
        let is_text = bytes.ty == Type::Text;
        let plain = bytes.code.clone();
        let bytes = if bytes.form == Form::Owned { bytes.code } else { bytes.borrowed() };
        self.import("std::fs");
        if !appends(of) {
            return Ok(Some(Written { opened: None, written: call("fs::write", vec![target, bytes]), length }));
        }
        self.import("std::io::Write");
        let options = method(call("fs::OpenOptions::new", vec![]), "create", vec![atom("true")]);
        let open = method(method(options, "append", vec![atom("true")]), "open", vec![target]);
        let bytes = if is_text { method(plain, "as_bytes", vec![]) } else { bytes };
        Ok(Some(Written { opened: Some(open), written: bytes, length }))
    }

    /// A text that is used twice: made before the statement, unless that costs nothing.
    fn held_first(&mut self, value: Typed, php: &Php) -> Result<Typed> {
        if is_simple(&value.code) {
            return Ok(value);
        }
        if !self.scope().is_certain() {
            return Err(Cannot::new(php.span, "put what is written into a variable before"));
        }
        self.can_come_first(php)?;
        let (name, ty) = (self.fresh("data"), value.ty.clone());
        let held = Statement::let_(name.clone(), value.into_owned());
        self.scope().before.push(held);
        self.has_come_first(php.span);
        Ok(Typed::place(atom(name), ty))
    }
}

/// The parts of `file_put_contents`.
struct Written {
    /// Opens the file, where it is appended to.
    opened: Option<Expression>,
    /// Writes the file; or the bytes that are appended.
    written: Expression,
    /// Of what is written.
    length: Option<Expression>,
}

impl Written {
    /// All of it as one `io::Result`.
    fn at_once(self) -> Expression {
        match self.opened {
            None => self.written,
            Some(open) => method(open, "and_then", vec![closure(&["mut file"], write_all(atom("file"), self.written))]),
        }
    }
}

fn write_all(file: Expression, bytes: Expression) -> Expression {
    method(file, "write_all", vec![bytes])
}

fn appends(of: &Call<'_>) -> bool {
    of.arguments.get(2).is_some_and(|flags| flag_names(flags).contains(&"FILE_APPEND"))
}
