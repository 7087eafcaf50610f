//! PHP as the porter sees it: the parser's tree without what has no meaning, each node with its place in the source.

use crate::source::Span;

/// A whole file.
#[derive(Debug, Clone)]
pub struct File {
    pub statements: Vec<Statement>,
    /// All comments of the file, in order.
    pub comments: Vec<Comment>,
}

/// A comment as it stands in the source.
#[derive(Debug, Clone)]
pub struct Comment {
    pub span: Span,
    pub kind: CommentKind,
    /// Its lines, without the marks of a comment, the asterisks at the beginnings of lines, and blanks at the ends.
    pub lines: Vec<String>,
    /// Whether code stands before it on its first line.
    pub trailing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentKind {
    /// `//` or `#`.
    Line,
    /// `/* */`.
    Block,
    /// `/** */`.
    Doc,
}

#[derive(Debug, Clone)]
pub struct Statement {
    pub span: Span,
    pub kind: StatementKind,
}

#[derive(Debug, Clone)]
pub enum StatementKind {
    Expression(Expression),
    Echo(Vec<Expression>),
    Return(Option<Expression>),
    If {
        /// `if` and each `elseif`.
        branches: Vec<(Expression, Block)>,
        otherwise: Option<Block>,
    },
    While {
        condition: Expression,
        body: Block,
    },
    DoWhile {
        body: Block,
        condition: Expression,
    },
    For {
        start: Vec<Expression>,
        /// The last of them decides.
        conditions: Vec<Expression>,
        step: Vec<Expression>,
        body: Block,
    },
    Foreach {
        subject: Expression,
        key: Option<Expression>,
        /// A variable, or an `Array` that takes apart.
        value: Expression,
        by_reference: bool,
        body: Block,
    },
    Switch {
        subject: Expression,
        cases: Vec<Case>,
    },
    Break(u32),
    Continue(u32),
    Try {
        body: Block,
        catches: Vec<Catch>,
        finally: Option<Block>,
    },
    Global(Vec<String>),
    /// `static $a = 1;` in a function.
    Static(Vec<(String, Option<Expression>)>),
    Unset(Vec<Expression>),
    Function(Function),
    Class(Class),
    Constants(Vec<(String, Expression)>),
    /// `namespace A\B;`; the statements of one in braces follow it.
    Namespace(Option<String>),
    Use(Vec<Import>),
    Declare(String),
    InlineHtml(String),
    Block(Block),
    /// A lone `;`.
    Nothing,
    /// What the porter has no words for, by its name in PHP.
    Other(&'static str),
}

/// Statements in braces, or the one that stands in their place.
#[derive(Debug, Clone)]
pub struct Block {
    pub span: Span,
    pub statements: Vec<Statement>,
}

#[derive(Debug, Clone)]
pub struct Case {
    pub span: Span,
    /// None for `default`.
    pub value: Option<Expression>,
    pub body: Vec<Statement>,
}

#[derive(Debug, Clone)]
pub struct Catch {
    pub span: Span,
    /// As written: `\GuzzleHttp\Exception\ClientException`, `RefundFailed`.
    pub classes: Vec<String>,
    pub variable: Option<String>,
    pub body: Block,
}

#[derive(Debug, Clone)]
pub struct Import {
    pub kind: ImportKind,
    /// Without a leading backslash.
    pub path: String,
    /// The name in this file.
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    Class,
    Function,
    Constant,
}

/// A function or a method.
#[derive(Debug, Clone)]
pub struct Function {
    pub span: Span,
    pub name: String,
    pub name_span: Span,
    pub parameters: Vec<Parameter>,
    pub returns: Option<Hint>,
    pub returns_reference: bool,
    /// None for an abstract method or one of an interface.
    pub body: Option<Block>,
    /// Whether `yield` is in the body.
    pub is_generator: bool,
}

#[derive(Debug, Clone)]
pub struct Parameter {
    pub span: Span,
    pub name: String,
    pub hint: Option<Hint>,
    pub default: Option<Expression>,
    pub by_reference: bool,
    pub variadic: bool,
    /// A property is made of it: `private readonly string $a`.
    pub promoted: Option<Modifiers>,
}

/// A type in PHP's words.
#[derive(Debug, Clone, PartialEq)]
pub enum Hint {
    /// `int`, `array`, `self`, or a class as written.
    Named(String),
    Nullable(Box<Hint>),
    Union(Vec<Hint>),
    Intersection(Vec<Hint>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modifiers {
    pub visibility: Visibility,
    pub is_static: bool,
    pub is_abstract: bool,
    pub is_final: bool,
    pub is_readonly: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Visibility {
    #[default]
    Public,
    Protected,
    Private,
}

#[derive(Debug, Clone)]
pub struct Class {
    pub span: Span,
    pub kind: ClassKind,
    pub name: String,
    pub modifiers: Modifiers,
    pub extends: Vec<String>,
    pub implements: Vec<String>,
    pub members: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ClassKind {
    Class,
    Interface,
    Trait,
    /// With the type behind it: `enum A: string`.
    Enum(Option<Hint>),
}

#[derive(Debug, Clone)]
pub struct Member {
    pub span: Span,
    pub kind: MemberKind,
}

#[derive(Debug, Clone)]
pub enum MemberKind {
    Property {
        modifiers: Modifiers,
        hint: Option<Hint>,
        name: String,
        default: Option<Expression>,
    },
    Constant {
        modifiers: Modifiers,
        name: String,
        value: Expression,
    },
    Method {
        modifiers: Modifiers,
        function: Function,
    },
    /// `use A, B;` of traits.
    Traits(Vec<String>),
    /// A case of an enum.
    Case {
        name: String,
        value: Option<Expression>,
    },
    Other(&'static str),
}

#[derive(Debug, Clone)]
pub struct Expression {
    pub span: Span,
    pub kind: ExpressionKind,
}

#[derive(Debug, Clone)]
pub enum ExpressionKind {
    /// Without `$`.
    Variable(String),
    /// `$$a`, `${…}`.
    VariableVariable(Box<Expression>),
    Integer(i64),
    Float(f64),
    /// Single or double quotes, heredoc or nowdoc, its escapes resolved. PHP's texts are bytes: one that is not UTF-8
    /// is `Bytes`.
    Text(String),
    Bytes(Vec<u8>),
    /// A text with values in it.
    Interpolated(Vec<Part>),
    /// `[…]`, `array(…)`, `list(…)`.
    Array(Vec<Element>),
    /// `$a[0]`; None for `$a[]`.
    Index {
        base: Box<Expression>,
        index: Option<Box<Expression>>,
    },
    Property {
        object: Box<Expression>,
        name: Name,
        nullsafe: bool,
    },
    StaticProperty {
        class: ClassName,
        name: Name,
    },
    ClassConstant {
        class: ClassName,
        name: String,
    },
    /// `true`, `null`, `M_PI`, `\A\B`, `__DIR__`: as written.
    Constant(String),
    Call {
        callee: Callee,
        arguments: Vec<Argument>,
    },
    MethodCall {
        object: Box<Expression>,
        name: Name,
        arguments: Vec<Argument>,
        nullsafe: bool,
    },
    StaticCall {
        class: ClassName,
        name: Name,
        arguments: Vec<Argument>,
    },
    New {
        class: ClassName,
        arguments: Vec<Argument>,
    },
    /// `strlen(...)`, `$a->b(...)`, `A::b(...)`: what would be called, with no arguments.
    FirstClassCallable(Box<Expression>),
    Closure(Box<Closure>),
    Unary {
        operator: Unary,
        operand: Box<Expression>,
    },
    Binary {
        operator: Binary,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// `=`, or with an operator, `.=`.
    Assign {
        target: Box<Expression>,
        operator: Option<Binary>,
        value: Box<Expression>,
        by_reference: bool,
    },
    /// `++$a`: `by` is 1 or -1.
    Step {
        target: Box<Expression>,
        by: i8,
        before: bool,
    },
    /// `a ? b : c`; `then` is None for `a ?: c`.
    Ternary {
        condition: Box<Expression>,
        then: Option<Box<Expression>>,
        otherwise: Box<Expression>,
    },
    Cast {
        to: Cast,
        operand: Box<Expression>,
    },
    Isset(Vec<Expression>),
    Empty(Box<Expression>),
    InstanceOf {
        object: Box<Expression>,
        class: ClassName,
    },
    Match {
        subject: Box<Expression>,
        arms: Vec<Arm>,
    },
    Throw(Box<Expression>),
    Print(Box<Expression>),
    Exit(Option<Box<Expression>>),
    /// `require_once` and the like.
    Include(Box<Expression>),
    Clone(Box<Expression>),
    /// `yield`, `yield $key => $value`.
    Yield {
        key: Option<Box<Expression>>,
        value: Option<Box<Expression>>,
    },
    YieldFrom(Box<Expression>),
    /// `@…`.
    Silenced(Box<Expression>),
    /// `(…)`, kept where the source has it.
    Parenthesized(Box<Expression>),
    /// What the porter has no words for, by its name in PHP.
    Other(&'static str),
}

/// A piece of a text with values in it.
#[derive(Debug, Clone)]
pub enum Part {
    Text(String),
    Value(Expression),
}

#[derive(Debug, Clone)]
pub struct Element {
    pub span: Span,
    pub key: Option<Expression>,
    /// None for a gap in what takes apart: `[, $b]`.
    pub value: Option<Expression>,
    pub by_reference: bool,
    /// `...$a`.
    pub spread: bool,
}

/// The name of a property or a method.
#[derive(Debug, Clone)]
pub enum Name {
    /// `->a`
    Plain(String),
    /// `->{…}`, `->$a`
    Computed(Box<Expression>),
}

#[derive(Debug, Clone)]
pub enum ClassName {
    /// As written; also `self`, `static`, `parent`.
    Named(String),
    Computed(Box<Expression>),
    /// `new class { … }`
    Anonymous,
}

#[derive(Debug, Clone)]
pub enum Callee {
    /// A function as written.
    Named(String),
    Computed(Box<Expression>),
}

#[derive(Debug, Clone)]
pub struct Argument {
    pub span: Span,
    /// `name: value`
    pub name: Option<String>,
    pub value: Expression,
    pub spread: bool,
}

/// `function () use (…) { … }` or `fn () => …`.
#[derive(Debug, Clone)]
pub struct Closure {
    pub parameters: Vec<Parameter>,
    pub captures: Vec<Capture>,
    pub returns: Option<Hint>,
    pub body: ClosureBody,
    pub is_generator: bool,
}

#[derive(Debug, Clone)]
pub struct Capture {
    pub name: String,
    pub by_reference: bool,
}

#[derive(Debug, Clone)]
pub enum ClosureBody {
    Block(Block),
    Arrow(Expression),
}

/// An arm of `match`.
#[derive(Debug, Clone)]
pub struct Arm {
    pub span: Span,
    /// None for `default`.
    pub conditions: Option<Vec<Expression>>,
    pub value: Expression,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    Not,
    Minus,
    Plus,
    BitNot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Concat,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    /// `&&`, `and`
    And,
    /// `||`, `or`
    Or,
    Xor,
    /// `==`
    Equal,
    NotEqual,
    /// `===`
    Identical,
    NotIdentical,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `<=>`
    Compare,
    /// `??`
    Coalesce,
    /// `|>` of PHP 8.5.
    Pipe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    Integer,
    Float,
    Text,
    Boolean,
    Array,
    Object,
    Unset,
}
