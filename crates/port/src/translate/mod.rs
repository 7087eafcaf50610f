//! From PHP's tree to Rust's.
//!
//! The porter goes over the file again and again. A pass translates everything by what the pass before has learnt ([`Facts`]),
//! and learns the types of what it sees; when there is nothing new, its Rust stands. So there is one set of rules, and not one
//! for types and one for code.
#![expect(clippy::wrong_self_convention, reason = "`self` is the translator, and not what is converted")]

mod arguments;
mod arrays;
mod assign;
mod builtins;
mod calls;
mod cannot;
mod choices;
mod classes;
mod closures;
mod coerce;
mod comments;
mod comparisons;
mod compound;
mod conditions;
mod destructuring;
mod doc;
mod done;
mod effects;
mod elements;
mod exceptions;
mod expressions;
mod facts;
mod first;
mod foreach;
mod functions;
mod generators;
mod handed;
mod items;
mod keys;
mod literals;
mod loops;
mod matches;
mod never;
mod objects;
mod operators;
mod order;
mod plan;
mod presence;
mod program;
mod rounds;
mod scope;
mod sdk;
mod shared;
mod standing;
mod statements;
mod superglobals;
mod switches;
mod tails;
mod texts;
mod thread_locals;
mod traps;
mod turns;
mod types;
mod value;
mod variables;
mod wanted;
mod weak;
mod written_types;

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, FindingKind};
use crate::php;
use crate::refusal::Refusal;
use crate::rust::tree::{Block, Expression, File};
use crate::source::{Kind, Source, Span};
use crate::translate::cannot::Result;
use crate::translate::comments::Comments;
use crate::translate::effects::Effects;
use crate::translate::exceptions::thrown::{ErrorType, Point, anything};
use crate::translate::facts::Facts;
use crate::translate::handed::Handed;
use crate::translate::program::Program;
use crate::translate::scope::Scope;

/// What a file has become.
#[derive(Debug)]
pub struct Translated {
    pub file: File,
    /// In place of `file`, for what has no `<?php`.
    pub snippet: Block,
    pub has_main: bool,
    pub findings: Vec<Finding>,
    /// What stays PHP, as comments, for a reason that is said among the findings.
    pub left_out: Vec<Span>,
    /// What is not written as what it does is done where its value is asked for.
    pub answered: Vec<Span>,
    /// By where a statement begins: whether anything is written for it.
    pub fates: BTreeMap<usize, bool>,
    /// Where the statements of the script begin that have become items.
    pub items: BTreeSet<usize>,
}

impl Translated {
    /// Whether this is in what stays PHP.
    pub fn is_left_out(&self, span: Span) -> bool {
        self.left_out.iter().any(|out| out.encloses(span))
    }

    pub fn is_answered(&self, span: Span) -> bool {
        self.answered.iter().any(|out| out.encloses(span))
    }
}

/// More passes than any program needs: types only grow, and each can grow only a few times.
const PASSES: usize = 24;

/// `loses` says whether a statement is neither written nor reported: then it is reported, for want of a type that is known.
pub fn translate(
    source: &Source,
    file: &php::tree::File,
    loses: impl Fn(&Translated) -> bool,
) -> std::result::Result<Translated, Refusal> {
    let lowered = exceptions::own::lowered(file);
    let file = lowered.as_ref().unwrap_or(file);
    let lowered = classes::parent_constructors::lowered(file);
    let file = lowered.as_ref().unwrap_or(file);
    let program = Program::new(file);
    let effects = Effects::new(&program);
    let handed = Handed::new(file, &program);
    let pass = |facts: &Facts| pass(source, file, (&program, &effects, &handed), facts);
    let mut facts = Facts::default();
    let (mut given, mut settled) = (false, false);
    let mut stands = None;
    for _ in 0..PASSES {
        let (translated, learnt) = pass(&facts);
        if learnt.says_the_same_as(&facts) {
            if !given && facts.settle_given() {
                given = true;
                continue;
            }
            if settled || !facts.settle() {
                stands = Some(translated);
                break;
            }
            settled = true;
            continue;
        }
        facts = learnt;
    }
    let translated = stands.unwrap_or_else(|| pass(&facts).0);
    let is_lost = loses(&translated);
    Ok(complete(translated, is_lost, facts, |facts| pass(facts).0))
}

/// What still stands for something unknown when no pass learns more is not translated: the last one reports where.
fn complete(
    mut translated: Translated,
    is_lost: bool,
    mut facts: Facts,
    last: impl FnOnce(&Facts) -> Translated,
) -> Translated {
    let mut is_open = is_lost;
    let mut look = |code: &mut Expression| is_open |= value::is_placeholder(code);
    translated.file.items.iter_mut().for_each(|item| item.each(&mut look));
    translated.snippet.each(&mut look);
    if !is_open {
        return translated;
    }
    facts.are_final = true;
    last(&facts)
}

fn pass(
    source: &Source,
    file: &php::tree::File,
    (program, effects, handed): (&Program<'_>, &Effects, &Handed),
    facts: &Facts,
) -> (Translated, Facts) {
    let mut translator = Translator {
        source,
        program,
        effects,
        handed,
        facts,
        learnt: Facts::default(),
        findings: Vec::new(),
        left_out: Vec::new(),
        answered: Vec::new(),
        fates: BTreeMap::new(),
        items: BTreeSet::new(),
        uses: Vec::new(),
        scopes: Vec::new(),
        comments: Comments::new(source, &file.comments),
        strict: file.statements.iter().any(|statement| {
            matches!(&statement.kind, php::tree::StatementKind::Declare(text) if text.contains("strict_types=1"))
        }),
        vanished: Vec::new(),
        signatures: BTreeMap::new(),
        namespace: None,
        deep_json: false,
        gone_over: None,
        sdk: sdk::State::default(),
    };
    let translated = match source.kind() {
        Kind::File => translator.file(file),
        Kind::Snippet | Kind::Pairs => translator.snippet(file),
    };
    translator.agree();
    let mut learnt = translator.learnt;
    learnt.keep(facts);
    (translated, learnt)
}

/// One pass over a file.
struct Translator<'a> {
    source: &'a Source,
    program: &'a Program<'a>,
    effects: &'a Effects,
    handed: &'a Handed,
    /// What the pass before has learnt.
    facts: &'a Facts,
    /// What this one learns.
    learnt: Facts,
    findings: Vec<Finding>,
    left_out: Vec<Span>,
    answered: Vec<Span>,
    fates: BTreeMap<usize, bool>,
    items: BTreeSet<usize>,
    /// What the file has to `use`.
    uses: Vec<String>,
    /// Innermost last.
    scopes: Vec<Scope>,
    comments: Comments<'a>,
    /// Whether the file has `declare(strict_types=1)`.
    strict: bool,
    /// Traits and abstract classes, whose members are written with the classes that have them.
    vanished: Vec<Span>,
    /// The types in the signatures of methods, by their keys.
    signatures: BTreeMap<String, String>,
    /// The namespace that the file begins with.
    namespace: Option<String>,
    /// Whether a `json!` is so large that the compiler has to be told.
    deep_json: bool,
    /// The call of a generator that a loop goes over.
    gone_over: Option<Span>,
    sdk: sdk::State,
}

impl<'a> Translator<'a> {
    fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::default());
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    /// Makes a name known: `std::env`, `wechatpay::json`.
    fn import(&mut self, path: &str) {
        if !self.uses.iter().any(|known| known == path) {
            self.uses.push(path.to_owned());
        }
    }

    /// Forgets what was said, and what was used, since there were so many of both: it is translated in another way.
    fn forget_since(&mut self, (findings, uses): (usize, usize)) {
        self.findings.truncate(findings);
        self.uses.truncate(uses);
    }

    /// The path of a function of `wechatpay::php`.
    fn php(&mut self, name: &str) -> String {
        self.import("wechatpay::php");
        format!("php::{name}")
    }

    /// `expression?`: the function around it returns a `Result`.
    fn try_(&mut self, span: Span, expression: Expression) -> Result<Expression> {
        let mut point = Point::before(&expression);
        if point.error == ErrorType::Any && point.thrown == anything() {
            point.thrown = self.anything();
        }
        self.fails_at(span, point)?;
        Ok(Expression::Try(Box::new(expression)))
    }

    /// Says something about what was translated.
    fn note(&mut self, span: Span, message: impl Into<String>) {
        self.report(FindingKind::Note, span, message.into());
    }

    /// Notes what became of a statement.
    fn fate(&mut self, span: Span, is_written: bool) {
        *self.fates.entry(span.start).or_default() |= is_written;
    }

    /// Notes that statements are written as a whole, in another form.
    fn written_as_one(&mut self, statements: &[php::tree::Statement]) {
        for statement in statements {
            self.fate(statement.span, true);
            statement.bodies().into_iter().for_each(|body| self.written_as_one(body));
        }
    }

    fn report(&mut self, kind: FindingKind, span: Span, message: String) {
        let position = self.source.position(span.start);
        let finding = Finding { kind, position, message };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// The line of PHP on which a piece of the source begins.
    fn line(&self, span: Span) -> usize {
        self.source.position(span.start).line
    }
}
