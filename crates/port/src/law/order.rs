//! What comes first in the PHP comes first in the Rust.
//!
//! In one function or method, and in what the script does, statements stand in the order of the source, and so do the lines of
//! comments. Nothing else is promised: what becomes a `use` is sorted; functions, classes, constants and globals stand before
//! what the script does, and fields before methods; the members of a trait or an abstract class stand in each class that has
//! them. PHP that stays as a comment has its own comments in it. What has no line of its own in PHP, as the step of a `for` or
//! the declaration of a variable, stands where Rust needs it.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::php::tree::{ClosureBody, Expression, ExpressionKind as E, File, MemberKind, Statement, StatementKind as S};
use crate::source::{Source, Span};
use crate::translate::Translated;

/// The first and the last place of a piece of the source: in bytes, or in lines.
type Piece = (usize, usize);

/// What of a file keeps its order. Pieces are sorted: those that enclose others first.
pub struct Parts {
    /// Functions and methods.
    functions: Vec<Piece>,
    /// The statements of the script.
    script: Vec<Piece>,
    /// Those that became items.
    items: Vec<Piece>,
}

impl Parts {
    pub fn of(php: &File, translated: &Translated) -> Parts {
        let mut parts = Parts { functions: Vec::new(), script: Vec::new(), items: Vec::new() };
        parts.script(&php.statements, translated);
        for pieces in [&mut parts.functions, &mut parts.script, &mut parts.items] {
            pieces.sort_unstable_by_key(|(from, to)| (*from, Reverse(*to)));
        }
        parts
    }

    /// The first comment that comes before one that it should follow, and its line. `written` is where in the Rust is what
    /// comments say.
    pub fn misplaced_comment<'p>(
        &self,
        php: &'p File,
        translated: &Translated,
        written: &HashMap<&str, Vec<usize>>,
    ) -> Option<(Span, &'p str)> {
        let mut last: HashMap<Option<usize>, usize> = HashMap::new();
        for comment in php.comments.iter().filter(|comment| !translated.is_left_out(comment.span)) {
            let at = comment.span.start;
            let function = innermost(&self.functions, at);
            if function.is_none() && innermost(&self.script, at).is_none() {
                continue;
            }
            let last = last.entry(function).or_default();
            for line in comment.lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()) {
                // One that is nowhere stands in PHP that is left as a comment.
                let Some(places) = written.get(line) else { continue };
                match places.get(places.partition_point(|place| place <= last)) {
                    Some(place) => *last = *place,
                    None => return Some((comment.span, line)),
                }
            }
        }
        None
    }

    /// The first line of PHP whose Rust comes behind that of a later one. `origins` is, for lines of Rust, where they come
    /// from.
    pub fn misplaced_line(&self, source: &Source, origins: &[(usize, usize)]) -> Option<usize> {
        let line_of = |at: usize| source.position(at).line;
        let lines = |pieces: &[Piece]| -> Vec<Piece> {
            pieces.iter().map(|(from, to)| (line_of(*from), line_of(*to))).collect()
        };
        let (functions, script, items) = (lines(&self.functions), lines(&self.script), lines(&self.items));
        // On a line where one ends, another may begin.
        let edges: HashSet<usize> = functions.iter().flat_map(|(from, to)| [*from, *to]).collect();
        let (mut last_part, mut last) = (None, 0);
        for (_, line) in origins {
            let in_script = || innermost(&script, *line).is_some() && innermost(&items, *line).is_none();
            let part = match innermost(&functions, *line) {
                _ if edges.contains(line) => None,
                None if !in_script() => None,
                function => Some(function),
            };
            // The same function again, behind something else, is the same member in another class.
            if part.is_some() && part == last_part && *line < last {
                return Some(*line);
            }
            (last_part, last) = (part, *line);
        }
        None
    }

    fn script(&mut self, statements: &[Statement], translated: &Translated) {
        for statement in statements {
            match &statement.kind {
                S::Block(block) => {
                    self.script(&block.statements, translated);
                    continue;
                }
                _ if translated.items.contains(&statement.span.start) => self.items.push(piece(statement.span)),
                _ => self.script.push(piece(statement.span)),
            }
            self.statement(statement);
        }
    }

    /// The functions in a statement.
    fn statement(&mut self, statement: &Statement) {
        statement.each_expression(&mut |php| self.expression(php));
        match &statement.kind {
            S::Function(function) => {
                self.functions.push(piece(function.span));
                function.body.iter().flat_map(|body| &body.statements).for_each(|inner| self.statement(inner));
            }
            S::Class(class) => {
                for member in &class.members {
                    if let MemberKind::Method { function, .. } = &member.kind {
                        self.functions.push(piece(function.span));
                        function.body.iter().flat_map(|body| &body.statements).for_each(|inner| self.statement(inner));
                    }
                }
            }
            _ => statement.bodies().into_iter().flatten().for_each(|inner| self.statement(inner)),
        }
    }

    fn expression(&mut self, php: &Expression) {
        if let E::Closure(closure) = &php.kind
            && let ClosureBody::Block(block) = &closure.body
        {
            block.statements.iter().for_each(|inner| self.statement(inner));
        }
        php.each_child(&mut |child| self.expression(child));
    }
}

fn piece(span: Span) -> Piece {
    (span.start, span.end.max(span.start + 1) - 1)
}

/// The number of the innermost piece in which this place is.
fn innermost(sorted: &[Piece], at: usize) -> Option<usize> {
    let before = sorted.partition_point(|(from, _)| *from <= at);
    sorted[..before].iter().rposition(|(_, to)| at <= *to)
}
