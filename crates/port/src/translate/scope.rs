//! What is known where the porter stands: in which function, which variables there are, what is around.

use std::collections::{BTreeMap, BTreeSet};

use crate::rust::tree::Statement;
use crate::source::Span;
use crate::translate::done::Done;
use crate::translate::exceptions::attempt::Attempt;
use crate::translate::plan::Plan;
use crate::translate::types::Type;

/// The key of the statements of a script: as PHP names them, so that a function may be called `main`.
pub const SCRIPT: &str = "{main}";

/// Of a generator, while it is translated.
#[derive(Debug, Clone)]
pub struct Generator {
    /// What the closure is called that is handed what is yielded.
    pub each: String,
    /// Whether it yields keys.
    pub keyed: bool,
}

/// A function, a method, a closure or the statements of a script.
#[derive(Debug, Default)]
pub struct Scope {
    /// Its key among the facts.
    pub function: String,
    /// The class it is in, by its name in PHP.
    pub class: Option<String>,
    /// Whether `$this` is a struct that is being made: `self.a` is the local variable `a` then.
    pub constructs: bool,
    /// Variables that hold a new object which nothing else has until the function returns it.
    pub fresh: BTreeSet<String>,
    /// Where its variables are declared.
    pub plan: Plan,
    /// Variables whose type is known better where the porter stands: those that were compared with null.
    pub narrowed: BTreeMap<String, Type>,
    /// Properties that were compared with null, and are there.
    pub present: Vec<Present>,
    /// The names of its parameters in PHP.
    pub parameters: Vec<String>,
    /// Where the blocks begin that the porter is in, outermost first; each with where it was entered.
    pub blocks: Vec<usize>,
    /// Of a closure that is no arrow function: the variables around it that it sees.
    pub captures: Option<Vec<String>>,
    /// Whether nothing uses the value of the expression that comes next, and whether that is so of the one around.
    pub discards_next: bool,
    pub discards: bool,
    /// The variable that the statement assigns anew, so that its value may be moved.
    pub overwritten: Option<String>,
    /// Of a closure: whether it changes a variable around it.
    pub mutates: bool,
    /// Variables by their names in PHP.
    pub variables: BTreeMap<String, Variable>,
    /// Variables that a statement makes which is not translated: its line.
    pub untranslated: BTreeMap<String, usize>,
    /// What it returns, by its hint; None where anything goes.
    pub returns: Option<Type>,
    /// The types of what it has returned so far.
    pub returned: Type,
    /// Whether something in it has `?`.
    pub fails: bool,
    /// Whether `?` may be used: not in a closure that must not fail.
    pub may_fail: bool,
    /// The loops and `switch`es around, outermost first.
    pub loops: Vec<Loop>,
    /// Statements that have to come before the one that is being translated.
    pub before: Vec<Statement>,
    /// How many conditions decide whether what is being translated happens at all.
    pub conditional: usize,
    /// How many of these conditions the statements in `before` are behind: they stand in a block there.
    pub opened: usize,
    /// What the statement has evaluated so far.
    pub done: Vec<Done>,
    pub kind: ScopeKind,
    /// Of a generator.
    pub generator: Option<Generator>,
    /// The bodies of `try` around, outermost first.
    pub attempts: Vec<Attempt>,
    /// By variables that are a part of what was caught: the name of the whole.
    pub caught: BTreeMap<String, String>,
    /// By errors whose answer is known to be there: its name.
    pub answered: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScopeKind {
    /// The statements of a file: `fn main`.
    #[default]
    Script,
    /// Statements without a function.
    Snippet,
    Function,
    /// It sees the variables of the scope around it: all of an arrow function, the captured ones of others.
    Closure,
}

#[derive(Debug, Clone, Default)]
pub struct Variable {
    /// Its name in Rust.
    pub name: String,
    /// Counts from 0; see `VariableKey`.
    pub version: u32,
    /// Whether it is declared in Rust where the porter stands.
    pub declared: bool,
    /// Where it was declared, which tells which loops are around that.
    pub declared_at: usize,
    pub kind: VariableKind,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub enum VariableKind {
    /// It owns its value.
    #[default]
    Local,
    /// It is a reference: `&T`, `&str`, of a parameter or of a loop.
    Reference,
    /// `&mut T`: `$a` of `function f(&$a)`.
    Exclusive,
    /// What stands for it is this, as `&T`: a constant or a `static` of the file.
    Static(String),
    /// A function of the file without arguments gives its value.
    Made(String),
    /// A `thread_local!` of this name.
    ThreadLocal(String),
}

/// A property that is known to be there.
#[derive(Debug, Clone)]
pub struct Present {
    /// The variable of PHP that has the object, and the property.
    pub object: String,
    pub property: String,
    /// What it is called in Rust, and its type without null.
    pub rust: String,
    pub ty: Type,
}

#[derive(Debug, Clone)]
pub struct Loop {
    pub span: Span,
    pub label: Option<String>,
    /// A `switch` is left by `break`, as a loop is, but is none in Rust.
    pub is_switch: bool,
    /// Whether a jump from further inside needs the label.
    pub label_is_used: bool,
    /// What `continue` has to do first: the step of a `for`.
    pub step: Vec<Statement>,
}

impl Scope {
    /// Whether nothing decides about what is being translated but what also decides about the statements in `before`.
    pub fn is_certain(&self) -> bool {
        self.conditional <= self.opened
    }

    /// Whether the porter still is in the block in which something was declared, and in none inside of it.
    pub fn straight(&self, declared_at: usize) -> bool {
        self.blocks.last().is_none_or(|block| *block <= declared_at)
    }
}
