//! What the porter has learnt of a file so far. A pass over the file reads the facts of the pass before and collects new ones;
//! when two passes agree, the last one's Rust stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::translate::exceptions::attempt::AttemptFacts;
use crate::translate::exceptions::thrown::Thrown;
use crate::translate::types::Type;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// By the function's key, the variable's name and its version; see `scope`.
    pub variables: BTreeMap<VariableKey, VariableFacts>,
    /// By key: `name`, `Class::name`, or the place of a closure.
    pub functions: BTreeMap<String, FunctionFacts>,
    /// By class and property.
    pub properties: BTreeMap<(String, String), PropertyFacts>,
    /// By name; `Class::NAME` for those of classes.
    pub constants: BTreeMap<String, Type>,
    /// Of these, those that are made when the program runs: a `LazyLock` each.
    pub made_constants: BTreeSet<String>,
    /// Interfaces and abstract classes that are types of values, by their names in PHP.
    pub interfaces: BTreeSet<String>,
    /// By where a `try` or its body begins.
    pub attempts: BTreeMap<usize, AttemptFacts>,
    /// Whether nothing more will be learnt: what is unknown is reported.
    pub are_final: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VariableKey {
    pub function: String,
    pub name: String,
    /// PHP lets a variable change its type; Rust begins a new one of the same name.
    pub version: u32,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct VariableFacts {
    pub ty: Type,
    /// How often a value is assigned to the whole of it.
    pub writes: u32,
    /// Whether a part of it is changed, or something is handed a `&mut` of it.
    pub mutated: bool,
    /// Whether its value is read anywhere.
    pub read: bool,
    /// Whether it stands in PHP that is not translated.
    pub mentioned: bool,
    /// Where it is read last.
    pub last_read: usize,
    /// For an array: how it is filled, which decides between `Vec` and `Value`.
    pub filled_by: Filling,
    /// Whether it goes into the configuration of a client.
    pub configures: bool,
    /// Whether it is read for anything else.
    pub used: bool,
    /// Of JSON: what is known of its keys.
    pub keys: Keys,
    /// The type that a declaration wants of it: as an argument, as what is returned.
    pub wanted: Type,
    /// The type of what is assigned and is not JSON.
    pub plain: Type,
    /// Whether it is calculated with.
    pub computed: bool,
    /// Whether an element is taken out of it.
    pub unset: bool,
    /// Where it is used.
    pub uses: BTreeSet<usize>,
    /// Whether it is compared with null.
    pub null_checked: bool,
    /// Whether it is compared with false, or decides as a condition.
    pub doubted: bool,
    /// Whether the program asks for its type, or writes to a part of it.
    pub inspected: bool,
}

impl VariableFacts {
    /// With the type that its value has in Rust: JSON that each declaration wants to be a text is a text from the start, so
    /// that what is none is an error where it is read.
    pub fn effective(mut self) -> VariableFacts {
        let wants = matches!(self.wanted.present(), Type::Text | Type::Integer | Type::Boolean);
        if self.ty == Type::Json && wants && !self.inspected {
            let wanted = self.wanted.present().clone();
            let may_be_null = self.null_checked || matches!(self.plain, Type::Null | Type::Optional(_));
            let fits = match &self.plain {
                Type::Unknown | Type::Null => true,
                ty => *ty.present() == wanted,
            };
            if fits {
                self.ty = if may_be_null { wanted.optional() } else { wanted };
            }
        }
        self
    }
}

/// What a program does with an array that begins empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filling {
    /// `$a[] = …`
    pub pushes: bool,
    /// Anything that a `Vec` cannot do: a key is written, it is merged, searched, passed by reference.
    pub other: bool,
    /// Whether something is assigned to a key of which this pass does not know what it is.
    pub open: bool,
}

/// What is known of the keys of an array.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keys {
    /// Nothing is assigned yet.
    #[default]
    Unseen,
    /// Texts, none of which PHP takes for a number.
    Texts,
    /// 0, 1, 2, …
    List,
    Any,
}

impl Keys {
    pub fn join(self, other: Keys) -> Keys {
        match (self, other) {
            (Keys::Unseen, keys) | (keys, Keys::Unseen) => keys,
            (a, b) if a == b => a,
            _ => Keys::Any,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct FunctionFacts {
    pub parameters: Vec<ParameterFacts>,
    pub returns: Type,
    /// Of a generator: what it yields.
    pub yielded: Type,
    pub yielded_keys: Type,
    /// Whether it returns a `Result`.
    pub fails: bool,
    /// What it may fail with.
    pub throws: BTreeSet<Thrown>,
    /// Of a method: whether it needs `&mut self`.
    pub mutates_self: bool,
    /// Of a method: whether it returns its own object.
    pub is_fluent: bool,
    /// Of a method of an interface: whether its classes have it in ways that no trait can hold.
    pub is_unlike: bool,
    /// Whether something in the file calls it.
    pub called: bool,
    /// Whether it is left as PHP, as a whole.
    pub is_untranslated: bool,
    /// The line of a `return` in it that is not translated.
    pub returns_untranslated: Option<usize>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParameterFacts {
    /// What hints, callers and the body say.
    pub ty: Type,
    /// Whether it is taken by value although it could be borrowed: it is changed, or moved on.
    pub owned: bool,
    /// Whether it is an object that the function changes: `&mut T`.
    pub exclusive: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct PropertyFacts {
    pub ty: Type,
    /// Whether it is written outside of the constructor.
    pub mutated: bool,
    pub read: bool,
}

impl Facts {
    /// Whether a further pass would see anything that this one has not.
    pub fn says_the_same_as(&self, other: &Facts) -> bool {
        self == other
    }

    /// Parameters, and variables from around a snippet, of which no pass has learnt anything, or that they may be null and
    /// nothing else, become JSON: what is made of them may then be known. Returns whether there were any.
    pub fn settle_given(&mut self) -> bool {
        let mut open = false;
        let given = self.variables.values_mut().filter(|facts| facts.writes == 0).map(|facts| &mut facts.ty);
        let parameters =
            self.functions.values_mut().flat_map(|facts| &mut facts.parameters).map(|parameter| &mut parameter.ty);
        for ty in given.chain(parameters).filter(|ty| matches!(ty, Type::Unknown | Type::Null)) {
            open = true;
            *ty = Type::Json;
        }
        open
    }

    /// What no pass has learnt becomes JSON. Returns whether anything was open.
    pub fn settle(&mut self) -> bool {
        let mut open = false;
        let functions = self.functions.values_mut().flat_map(|facts| {
            let yielded = [&mut facts.returns, &mut facts.yielded, &mut facts.yielded_keys];
            facts.parameters.iter_mut().map(|parameter| &mut parameter.ty).chain(yielded)
        });
        let properties = self.properties.values_mut().map(|facts| &mut facts.ty);
        // What is only ever null is a value that may be anything.
        for facts in self.variables.values_mut().filter(|facts| facts.ty == Type::Null) {
            facts.ty = Type::Json;
            open = true;
        }
        let variables = self.variables.values_mut().map(|facts| &mut facts.ty);
        for ty in variables.chain(functions).chain(properties).chain(self.constants.values_mut()) {
            if ty.is_open() {
                open = true;
                *ty = ty.settled();
            }
        }
        open
    }

    /// Types and needs only grow from pass to pass: so the passes come to an end.
    pub fn keep(&mut self, before: &Facts) {
        for (key, old) in &before.variables {
            if let Some(new) = self.variables.get_mut(key) {
                new.ty = old.ty.join(&new.ty);
                new.keys = old.keys.join(new.keys);
                new.wanted = old.wanted.join(&new.wanted);
                new.plain = old.plain.join(&new.plain);
                new.computed |= old.computed;
                new.unset |= old.unset;
                new.null_checked |= old.null_checked;
                new.doubted |= old.doubted;
                new.inspected |= old.inspected;
                new.mutated |= old.mutated;
                new.configures |= old.configures;
                new.used |= old.used;
                new.filled_by.pushes |= old.filled_by.pushes;
                new.filled_by.other |= old.filled_by.other;
            }
        }
        for (key, old) in &before.functions {
            let new = self.functions.entry(key.clone()).or_default();
            new.add(old);
            new.is_fluent |= old.is_fluent;
        }
        self.interfaces.extend(before.interfaces.iter().cloned());
        for (key, old) in &before.properties {
            let new = self.properties.entry(key.clone()).or_default();
            new.ty = old.ty.join(&new.ty);
            new.mutated |= old.mutated;
            new.read |= old.read;
        }
        for (at, old) in &before.attempts {
            let new = self.attempts.entry(*at).or_default();
            new.runs |= old.runs;
            new.fails |= old.fails;
        }
        for (key, old) in &before.constants {
            let new = self.constants.entry(key.clone()).or_default();
            *new = old.join(new);
        }
    }
}

impl FunctionFacts {
    /// Also has what is known of another.
    pub fn add(&mut self, other: &FunctionFacts) {
        self.returns = other.returns.join(&self.returns);
        self.yielded = other.yielded.join(&self.yielded);
        self.yielded_keys = other.yielded_keys.join(&self.yielded_keys);
        self.fails |= other.fails;
        self.throws.extend(other.throws.iter().cloned());
        self.mutates_self |= other.mutates_self;
        self.called |= other.called;
        for (at, other) in other.parameters.iter().enumerate() {
            let parameter = self.parameter(at);
            parameter.ty = other.ty.join(&parameter.ty);
            parameter.owned |= other.owned;
            parameter.exclusive |= other.exclusive;
        }
    }

    pub fn parameter(&mut self, at: usize) -> &mut ParameterFacts {
        if self.parameters.len() <= at {
            self.parameters.resize_with(at + 1, ParameterFacts::default);
        }
        &mut self.parameters[at]
    }
}
