//! Rust as the porter writes it: what `layout` turns into text.

/// A file, or the statements of a snippet.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// Comments of the whole file, each line complete: `//! …`.
    pub header: Vec<String>,
    /// `#![…]`
    pub attributes: Vec<String>,
    /// What follows `use` and stands before the semicolon, one path each: `std::env`, `wechatpay::json`. Layout groups and
    /// sorts them.
    pub uses: Vec<String>,
    pub items: Vec<Item>,
}

/// What stands before a line of code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lead {
    /// Whether an empty line comes first. At the beginning of a block there is none.
    pub blank: bool,
    /// Complete lines: `// …`, `/// …`; an empty one is an empty line.
    pub comments: Vec<String>,
    /// The line of PHP, counted from 1, that the code comes from.
    pub origin: Option<usize>,
}

#[derive(Debug, Clone)]
pub struct Item {
    pub lead: Lead,
    /// `#[…]`
    pub attributes: Vec<String>,
    pub kind: ItemKind,
}

#[derive(Debug, Clone)]
pub enum ItemKind {
    Function(Function),
    Struct {
        public: bool,
        name: String,
        /// With its brackets: `<'a>`.
        generics: String,
        fields: Vec<Field>,
    },
    Enum {
        public: bool,
        name: String,
        variants: Vec<Variant>,
    },
    /// `header` is what stands between `impl` and the brace: `Scene`, `fmt::Display for Scene`, `<E> Error for X<E>`.
    Impl {
        header: String,
        items: Vec<Item>,
    },
    /// `head` is what stands between `trait` and the brace: `Notifier`, `Notifier: Named`.
    Trait {
        head: String,
        items: Vec<Item>,
    },
    /// `keyword` is `const` or `static`.
    Constant {
        public: bool,
        keyword: &'static str,
        name: String,
        ty: String,
        value: Expression,
    },
    /// `thread_local! { static NAME: RefCell<T> = …; }`; `constant` where the compiler can work out the value.
    ThreadLocal {
        name: String,
        ty: String,
        value: Expression,
        constant: bool,
    },
    /// Nothing but the comments in the lead.
    Comments,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub lead: Lead,
    pub public: bool,
    pub name: String,
    pub ty: String,
}

#[derive(Debug, Clone)]
pub struct Variant {
    pub lead: Lead,
    pub name: String,
    /// `Failed(String)`
    pub fields: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Function {
    pub public: bool,
    pub name: String,
    /// With its brackets: `<E: Fn(&str) -> String>`.
    pub generics: String,
    /// Each complete: `&self`, `mut cart: Value`.
    pub parameters: Vec<String>,
    pub returns: Option<String>,
    /// None in a trait.
    pub body: Option<Block>,
}

#[derive(Debug, Clone, Default)]
pub struct Block {
    pub statements: Vec<Statement>,
    /// Comments behind the last statement.
    pub end: Lead,
}

#[derive(Debug, Clone)]
pub struct Statement {
    pub lead: Lead,
    pub kind: StatementKind,
    /// A comment behind the code on its last line: `// …`.
    pub trailing: Option<String>,
}

#[derive(Debug, Clone)]
pub enum StatementKind {
    Let {
        pattern: String,
        ty: Option<String>,
        value: Option<Expression>,
        /// `let … else { … }`
        otherwise: Option<Block>,
    },
    /// With a semicolon where Rust wants one: not behind `if`, `match`, a loop or a block.
    Expression(Expression),
    /// The value of the block: without a semicolon.
    Value(Expression),
    Item(Item),
    /// Nothing but the comments in the lead.
    Comments,
}

#[derive(Debug, Clone)]
pub enum Expression {
    /// What is never broken: a name, a path, a number, `true`, a byte string.
    Atom(String),
    /// A text, unescaped.
    Text(String),
    /// A text with braces in it that mean something: the first argument of `format!`. Unescaped but for braces, which
    /// are doubled where they are meant.
    Format(String),
    Call {
        callee: Box<Expression>,
        arguments: Vec<Expression>,
    },
    /// `name` may have a turbofish: `parse::<i64>`.
    Method {
        receiver: Box<Expression>,
        name: String,
        arguments: Vec<Expression>,
    },
    Field {
        receiver: Box<Expression>,
        name: String,
    },
    /// `…?`
    Try(Box<Expression>),
    Index {
        base: Box<Expression>,
        index: Box<Expression>,
    },
    /// A macro whose arguments are expressions: `format`, `println`, `vec` (with brackets), `bail`, `matches`.
    Macro {
        name: String,
        arguments: Vec<Expression>,
    },
    Json(Json),
    /// A macro with what Rust would not read as expressions, without breaks: `chain!(instance->v3->pay)`.
    Verbatim(String),
    /// `&`, `&mut `, `*`, `-`, `!`
    Unary {
        operator: &'static str,
        operand: Box<Expression>,
    },
    Binary {
        operator: &'static str,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// `=`, `+=`
    Assign {
        operator: &'static str,
        target: Box<Expression>,
        value: Box<Expression>,
    },
    Cast {
        operand: Box<Expression>,
        ty: String,
    },
    Closure {
        moves: bool,
        parameters: Vec<String>,
        returns: Option<String>,
        body: Box<Expression>,
    },
    Block(Block),
    If {
        condition: Box<Expression>,
        then: Block,
        /// A `Block` or an `If`.
        otherwise: Option<Box<Expression>>,
    },
    /// `let pattern = value`, in a condition.
    Let {
        pattern: String,
        value: Box<Expression>,
    },
    Match {
        subject: Box<Expression>,
        arms: Vec<Arm>,
    },
    While {
        label: Option<String>,
        condition: Box<Expression>,
        body: Block,
    },
    Loop {
        label: Option<String>,
        body: Block,
    },
    For {
        label: Option<String>,
        pattern: String,
        iterator: Box<Expression>,
        body: Block,
    },
    Return(Option<Box<Expression>>),
    Break {
        label: Option<String>,
        value: Option<Box<Expression>>,
    },
    Continue {
        label: Option<String>,
    },
    Array(Vec<Expression>),
    Tuple(Vec<Expression>),
    /// A field without a value has that of the variable of its name.
    Struct {
        path: String,
        fields: Vec<(String, Option<Expression>)>,
        base: Option<Box<Expression>>,
    },
    Range {
        start: Option<Box<Expression>>,
        end: Option<Box<Expression>>,
        inclusive: bool,
    },
    Paren(Box<Expression>),
}

#[derive(Debug, Clone)]
pub struct Arm {
    pub lead: Lead,
    pub pattern: String,
    pub guard: Option<Expression>,
    pub body: Expression,
}

/// What stands in `json!(…)`.
#[derive(Debug, Clone)]
pub enum Json {
    Object(Vec<Entry>),
    Array(Vec<Entry>),
    Value(Box<Expression>),
}

/// A field of an object or an element of an array.
#[derive(Debug, Clone)]
pub struct Entry {
    pub lead: Lead,
    /// None in an array. A `Text` stands as it is, all else in parentheses.
    pub key: Option<Expression>,
    pub value: Json,
    /// `// …`
    pub trailing: Option<String>,
    /// Whether it began a new line in PHP; entries of an array or object that all share one line may stay on one.
    pub own_line: bool,
}

impl Entry {
    /// Comments behind the last entry: an entry without a value.
    pub fn comments(comments: Vec<String>) -> Entry {
        let lead = Lead { comments, ..Lead::default() };
        let value = Json::Value(Box::new(Expression::Atom(String::new())));
        Entry { lead, key: None, value, trailing: None, own_line: true }
    }

    /// Whether it is nothing but the comments in its lead.
    pub fn is_comments(&self) -> bool {
        matches!(&self.value, Json::Value(value) if matches!(&**value, Expression::Atom(text) if text.is_empty()))
    }
}
