//! From the parser's tree to ours. Nothing outside of this directory knows the parser.

mod brackets;
mod classes;
mod comments;
mod expressions;
mod kinds;
mod operators;
mod statements;
#[cfg(test)]
mod tests;
mod texts;
mod tokens;

use php_ast as parsed;
use php_rs_parser::bumpalo::Bump;
use php_rs_parser::diagnostics::ParseError;
use php_rs_parser::{ArenaParseResult, ParseOptions, parse_arena_with};

use crate::php::tree::File;
use crate::refusal::Refusal;
use crate::source::{Kind, Source, Span};
use tokens::{Attribute, Scan};

pub use kinds::open;

/// How many expressions and statements may stand within each other.
const NESTING: usize = 200;
/// How many nodes there may be from the root of the tree to a leaf. Without nesting, `$a->b->c` is as many as it has arrows.
const PATH: usize = 600;
/// Above this many nodes from root to leaf, as the tokens bound it, the parser and we run on a stack of our own.
const SHALLOW: usize = 80;
/// It holds what [`brackets::LONGEST`] allows, also without optimization. The system only gives what is used of it.
const STACK: usize = 64 << 20;

/// Reads the whole source, and makes something of it: on a stack that holds what is as deep as it may be.
///
/// # Errors
///
/// [`Refusal::Syntax`] where PHP would not compile it, [`Refusal::TooDeep`], and those of `make`.
pub fn with_file<T: Send>(source: &Source, make: impl FnOnce(File) -> Result<T, Refusal> + Send) -> Result<T, Refusal> {
    let scan = Scan::new(source)?;
    let (depth, deepest) = (scan.depth, scan.deepest);
    let run = || read_here(source, scan).and_then(make);
    if depth <= SHALLOW {
        return run();
    }
    std::thread::scope(|scope| {
        let runner = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        match runner.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // There is no memory for the stack.
            Err(_) => Err(Refusal::TooDeep { position: source.position(deepest) }),
        }
    })
}

#[cfg(test)]
pub fn read(source: &Source) -> Result<File, Refusal> {
    with_file(source, Ok)
}

fn read_here(source: &Source, scan: Scan) -> Result<File, Refusal> {
    let arena = Bump::new();
    let options = ParseOptions::default().source_map(false);
    let code = &source.parsed()[..scan.end];
    let mut program = parse_arena_with(&arena, code, &options);
    if !program.errors.is_empty() && source.kind() == Kind::Snippet && code.len() == source.parsed().len() {
        let ended = parse_arena_with(&arena, source.text(), &options);
        if ended.errors.is_empty() && wants_semicolon(&ended, source) {
            program = ended;
        }
    }
    if let Some(refusal) = refusal(source, &scan, &program.errors) {
        return Err(refusal);
    }
    let mut reader = Reader {
        text: source.text(),
        end: source.given().end,
        attributes: &scan.attributes,
        modified: &scan.modified,
        nesting: 0,
        path: 0,
        yields: false,
    };
    match reader.statements(&program.program.stmts) {
        Ok(statements) => Ok(File { statements, comments: scan.comments }),
        Err(TooDeep(offset)) => Err(Refusal::TooDeep { position: source.position(offset) }),
    }
}

/// Whether the semicolon behind the source ended a simple statement: it must not be the body of an `if`.
fn wants_semicolon(parsed: &ArenaParseResult<'_, '_>, source: &Source) -> bool {
    use parsed::StmtKind;
    parsed.program.stmts.last().is_some_and(|last| {
        let simple = matches!(
            last.kind,
            StmtKind::Expression(_)
                | StmtKind::Echo(_)
                | StmtKind::Return(_)
                | StmtKind::Throw(_)
                | StmtKind::Break(_)
                | StmtKind::Continue(_)
                | StmtKind::DoWhile(_)
                | StmtKind::Unset(_)
                | StmtKind::Global(_)
                | StmtKind::StaticVar(_)
                | StmtKind::Const(_)
                | StmtKind::Use(_)
                | StmtKind::Goto(_)
        );
        simple && last.span.end as usize > source.given().end
    })
}

/// The first error in the source, whatever the order is in which the parser has found them.
fn refusal(source: &Source, scan: &Scan, errors: &[ParseError]) -> Option<Refusal> {
    let first = errors.iter().min_by_key(|error| error.span().start)?;
    let deep = errors.iter().find(|error| matches!(error, ParseError::NestingTooDeep { .. }));
    let position = source.position(deep.unwrap_or(first).span().start as usize);
    Some(match deep {
        Some(_) => Refusal::TooDeep { position },
        None if scan.endless == Some(first.span().start as usize) => {
            Refusal::Syntax { position, message: tokens::ENDLESS.to_owned() }
        }
        None => Refusal::Syntax { position, message: first.to_string() },
    })
}

/// Where it becomes too deep.
struct TooDeep(usize);

type Reading<T> = Result<T, TooDeep>;

/// Goes through the parser's tree.
struct Reader<'s> {
    text: &'s str,
    /// Where what was given ends.
    end: usize,
    attributes: &'s [Attribute],
    modified: &'s [(usize, usize)],
    nesting: usize,
    path: usize,
    /// Whether there has been a `yield` in this function.
    yields: bool,
}

impl<'s> Reader<'s> {
    /// Where a node stands: without the attributes before it, which are comments to us, and with the words before `class`.
    fn span(&self, span: parsed::Span) -> Span {
        let (mut start, end) = (span.start as usize, span.end as usize);
        while self.text.as_bytes().get(start) == Some(&b'#') {
            match self.attributes.binary_search_by_key(&start, |attribute| attribute.span.start) {
                Ok(at) if self.attributes[at].next > start => start = self.attributes[at].next,
                _ => break,
            }
        }
        if let Ok(at) = self.modified.binary_search_by_key(&start, |(class, _)| *class) {
            start = self.modified[at].1;
        }
        Span { start: start.min(end), end }
    }

    fn slice(&self, span: parsed::Span) -> &'s str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// A name as it is written.
    fn name(&self, name: &parsed::Name<'_, '_>) -> String {
        self.slice(name.span()).to_owned()
    }

    /// What stands within something else.
    fn nested<T>(&mut self, span: parsed::Span, read: impl FnOnce(&mut Self) -> Reading<T>) -> Reading<T> {
        if self.nesting >= NESTING || self.path >= PATH {
            return Err(TooDeep(span.start as usize));
        }
        self.nesting += 1;
        self.path += 1;
        let outcome = read(self);
        self.nesting -= 1;
        self.path -= 1;
        outcome
    }

    /// What is read, and whether there is a `yield` in it that belongs to this function.
    fn generator<T>(&mut self, read: impl FnOnce(&mut Self) -> Reading<T>) -> Reading<(T, bool)> {
        let outside = std::mem::take(&mut self.yields);
        let outcome = read(self);
        let yields = std::mem::replace(&mut self.yields, outside);
        Ok((outcome?, yields))
    }
}
