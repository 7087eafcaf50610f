//! A translated expression, with what is known of it.

use crate::rust::build::{atom, field, method, reference, text, unary};
use crate::rust::tree::{Block, Expression, Statement, StatementKind};
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
    /// Of an object that its own methods have returned: which they are.
    pub chained: Option<Chained>,
}

/// `$query->a()->b()`, of methods that return their own object.
#[derive(Debug, Clone)]
pub struct Chained {
    /// By their keys, in the order in which they are called.
    pub methods: Vec<String>,
    /// The form of what the first one is called on.
    pub root: Form,
    /// Whether any of them changes the object.
    pub mutates: bool,
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
        Typed { code, ty, form, place: None, passes_on: false, variable: None, chained: None }
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

    /// What is read again later: it is not moved.
    pub fn staying(self) -> Typed {
        match self.form {
            Form::Last => Typed { form: Form::Place, ..self },
            _ => self,
        }
    }

    /// `&T`, or `&str` of a text.
    pub fn borrowed(self) -> Expression {
        match self.form {
            Form::Reference => self.code,
            // What is in the `Box`.
            _ if matches!(self.ty, Type::Object(_)) => reference(unary("*", self.code)),
            Form::Owned | Form::Place | Form::Last => reference(self.code),
        }
    }

    /// The value itself: cloned when it has to stay where it is.
    pub fn into_owned(self) -> Expression {
        let copied = self.ty.is_copy();
        if let (Some(chained), Type::Class(class)) = (&self.chained, &self.ty)
            && matches!(chained.root, Form::Owned | Form::Last)
        {
            return kept(self.code, chained, class);
        }
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
            (Form::Reference, Type::Optional(of)) if matches!(**of, Type::Class(_) | Type::Object(_)) => {
                let inner = Typed::reference(atom("object"), (**of).clone()).into_owned();
                method(self.code, "map", vec![crate::rust::build::closure(&["object"], inner)])
            }
            (Form::Place | Form::Reference, ty) => {
                let code = match self.code {
                    Expression::Unary { operator: "&", operand } => *operand,
                    code => code,
                };
                match ty.object() {
                    Some(class) => method(code, &format!("{SHARED}{class}"), vec![]),
                    None => method(code, "clone", vec![]),
                }
            }
        }
    }

    /// An object that its own methods have returned, where nothing else has it.
    pub fn alone(self) -> Typed {
        match &self.chained {
            Some(Chained { root: Form::Owned | Form::Last, .. }) => {
                let (ty, variable) = (self.ty.clone(), self.variable.clone());
                Typed { variable, ..Typed::owned(self.into_owned(), ty) }
            }
            _ => self,
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

/// Whether it stands for what is not known yet; nothing else has that name.
pub fn is_placeholder(code: &Expression) -> bool {
    matches!(code, Expression::Atom(name) if name == "unknown")
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

/// An object that nothing else has: what is called on it, and then itself.
fn kept(code: Expression, chained: &Chained, class: &str) -> Expression {
    let mut calls = code;
    let mut root = &mut calls;
    for _ in &chained.methods {
        if let Expression::Try(call) = root {
            root = call;
        }
        let Expression::Method { receiver, .. } = root else { return calls };
        root = receiver;
    }
    let (first, last) = match (chained.root, &*root) {
        (Form::Last, Expression::Atom(name)) => (None, atom(format!("{MOVED}{name}"))),
        _ => {
            let name = format!("{MADE}{class}");
            let mutability = if chained.mutates { "mut " } else { "" };
            let made = std::mem::replace(root, atom(name.clone()));
            (Some(Statement::let_(format!("{mutability}{name}"), made)), atom(name))
        }
    };
    let mut statements: Vec<Statement> = first.into_iter().collect();
    statements.push(Statement::expression(calls));
    statements.push(Statement::new(StatementKind::Value(last)));
    Expression::Block(Block::new(statements))
}

/// What stands in place of the name of an object that a statement makes for itself, before its class.
pub const MADE: &str = "made ";

/// What stands before the name of a variable that is moved behind the calls on it.
pub const MOVED: &str = "moved ";

/// What stands in place of `clone` where an object would be copied that PHP shares, before the class.
pub const SHARED: &str = "shared ";
