//! A translated expression, with what is known of it.

use crate::rust::build::{atom, field, method, reference, text};
use crate::rust::tree::Expression;
use crate::translate::types::Type;

/// Rust for a PHP expression.
#[derive(Debug, Clone)]
pub struct Typed {
    pub code: Expression,
    pub ty: Type,
    pub form: Form,
    /// Of a value in JSON: where it is, which is what `text_at` and its like want to know.
    pub place: Option<Pointed>,
    /// Whether `code` is `…?` of a result that a function of the file can return as it is.
    pub passes_on: bool,
    /// The variable that it is, by its name in PHP.
    pub variable: Option<String>,
}

/// What `code` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A value of its own: a call's result, a literal number.
    Owned,
    /// A variable, a field, an element: `&code` borrows, `code` moves.
    Place,
    /// A variable that may be moved: nothing reads it afterwards.
    Last,
    /// A reference: `&str` for texts, `&T` for others. Of a `Copy` type, `*code` is the value.
    Reference,
}

/// A place in a JSON value: `base` and an RFC 6901 pointer.
#[derive(Debug, Clone)]
pub struct Pointed {
    pub base: Expression,
    pub pointer: String,
    /// Whether `base` is the `Response` that the value is the body of.
    pub of_response: bool,
}

impl Typed {
    pub fn new(code: Expression, ty: Type, form: Form) -> Typed {
        Typed { code, ty, form, place: None, passes_on: false, variable: None }
    }

    pub fn owned(code: Expression, ty: Type) -> Typed {
        Typed::new(code, ty, Form::Owned)
    }

    pub fn place(code: Expression, ty: Type) -> Typed {
        Typed::new(code, ty, Form::Place)
    }

    pub fn reference(code: Expression, ty: Type) -> Typed {
        Typed::new(code, ty, Form::Reference)
    }

    /// Stands for what is not known yet: a later pass will know it.
    pub fn unknown() -> Typed {
        Typed::owned(atom("unknown"), Type::Unknown)
    }

    pub fn text(literal: impl Into<String>) -> Typed {
        Typed::reference(text(literal), Type::Text)
    }

    pub fn null() -> Typed {
        Typed::owned(atom("None"), Type::Null)
    }

    pub fn boolean(code: Expression) -> Typed {
        Typed::owned(code, Type::Boolean)
    }

    pub fn integer(code: Expression) -> Typed {
        Typed::owned(code, Type::Integer)
    }

    pub fn json(code: Expression) -> Typed {
        Typed::owned(code, Type::Json)
    }

    pub fn is_unknown(&self) -> bool {
        self.ty == Type::Unknown
    }

    /// The text, if it is a literal.
    pub fn literal(&self) -> Option<&str> {
        match &self.code {
            Expression::Text(text) => Some(text),
            _ => None,
        }
    }

    /// `&T`, or `&str` of a text.
    pub fn borrowed(self) -> Expression {
        match self.form {
            Form::Reference => self.code,
            Form::Owned | Form::Place | Form::Last => reference(self.code),
        }
    }

    /// The value itself: cloned when it has to stay where it is.
    pub fn into_owned(self) -> Expression {
        let copied = self.ty.is_copy();
        match (self.form, &self.ty) {
            (Form::Owned | Form::Last, _) => self.code,
            // No error can be cloned.
            (Form::Place, ty) if ty.is_error() => self.code,
            (Form::Place, _) if copied => self.code,
            (Form::Reference, Type::Text) => method(self.code, "to_owned", vec![]),
            (Form::Reference, Type::Optional(of)) if **of == Type::Text && is_some(&self.code) => {
                let Expression::Call { callee, arguments } = self.code else { return self.code };
                let arguments = arguments.into_iter().map(|text| method(text, "to_owned", vec![])).collect();
                Expression::Call { callee, arguments }
            }
            (Form::Reference, Type::Optional(of)) if **of == Type::Text => {
                method(self.code, "map", vec![atom("str::to_owned")])
            }
            (Form::Reference, _) if copied => crate::rust::build::unary("*", self.code),
            (Form::Place | Form::Reference, _) => {
                let code = match self.code {
                    Expression::Unary { operator: "&", operand } => *operand,
                    code => code,
                };
                match &self.ty {
                    Type::Class(class) => method(code, &format!("{SHARED}{class}"), vec![]),
                    _ => method(code, "clone", vec![]),
                }
            }
        }
    }

    /// What an operator, a comparison or a method call takes: neither borrowed nor cloned.
    pub fn operand(self) -> Expression {
        match self.form {
            Form::Reference if self.ty.is_copy() => crate::rust::build::unary("*", self.code),
            _ => self.code,
        }
    }

    /// A field of a struct.
    pub fn field(self, name: &str, ty: Type) -> Typed {
        Typed::place(field(self.code, name), ty)
    }
}

fn is_some(code: &Expression) -> bool {
    matches!(code, Expression::Call { callee, .. } if matches!(&**callee, Expression::Atom(name) if name == "Some"))
}

/// What a function of `wechatpay::php` takes: by value where that costs nothing, else by reference.
pub fn argument(value: Typed) -> Expression {
    match value.ty {
        Type::Null => atom("()"),
        _ if value.ty.is_copy() => value.operand(),
        _ if matches!(value.form, Form::Owned) => value.code,
        _ => value.borrowed(),
    }
}

/// What stands in place of `clone` where an object would be copied that PHP shares, before the class.
pub const SHARED: &str = "shared ";
