//! Comments on their way from PHP to Rust: each is written once, in order, at what follows it.

use std::collections::BTreeSet;

use crate::php::tree::{Comment, CommentKind};
use crate::rust::tree::Lead;
use crate::source::{Source, Span};

/// The comments of a file, and how many of them are written.
#[derive(Debug)]
pub struct Comments<'a> {
    source: &'a Source,
    all: &'a [Comment],
    taken: Mark,
}

/// Which comments are written.
#[derive(Debug, Clone, Default)]
pub struct Mark {
    /// All before this one.
    next: usize,
    /// Of those behind it, those that were written early, with what they belong to.
    early: BTreeSet<usize>,
}

/// How comments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `// …`
    Plain,
    /// `/// …` where PHP has a doc-block, at the end.
    Doc,
}

impl<'a> Comments<'a> {
    pub fn new(source: &'a Source, all: &'a [Comment]) -> Comments<'a> {
        Comments { source, all, taken: Mark::default() }
    }

    /// Where the porter stands among the comments, to go back to.
    pub fn mark(&self) -> Mark {
        self.taken.clone()
    }

    /// From here on there are no comments, until the mark is given back: for code that stands elsewhere in the source.
    pub fn hush(&mut self) -> Mark {
        std::mem::replace(&mut self.taken, Mark { next: self.all.len(), early: BTreeSet::new() })
    }

    pub fn give_back(&mut self, mark: Mark) {
        self.taken = mark;
    }

    /// The next comment that is not written, if it begins before `at`.
    fn next_before(&mut self, at: usize) -> Option<&'a Comment> {
        while self.taken.early.remove(&self.taken.next) {
            self.taken.next += 1;
        }
        self.all.get(self.taken.next).filter(|comment| comment.span.start < at)
    }

    /// What stands before a field that is written before its turn: the comments between `after` and `at`.
    pub fn early_lead(&mut self, after: usize, at: usize) -> Lead {
        let mut lead = Lead { origin: Some(self.source.position(at).line), ..Lead::default() };
        let first = self.all.partition_point(|comment| comment.span.start < after);
        for (number, comment) in self.all.iter().enumerate().skip(first).take_while(|(_, one)| one.span.start < at) {
            if number < self.taken.next || !self.taken.early.insert(number) {
                continue;
            }
            let is_last = self.all.get(number + 1).is_none_or(|next| next.span.start >= at);
            let doc = is_last && comment.kind == CommentKind::Doc;
            lead.comments.extend(lines(comment, if doc { "///" } else { "//" }));
        }
        lead
    }

    /// What stands before the code at `at`: comments that are not written yet, and whether there is an empty line.
    pub fn lead(&mut self, at: usize, style: Style) -> Lead {
        let mut lead = Lead { origin: Some(self.source.position(at).line), ..Lead::default() };
        let mut end = None;
        while let Some(comment) = self.next_before(at) {
            let blank = self.blank_before(comment.span.start);
            if end.is_none() {
                lead.blank = blank;
            } else if blank {
                lead.comments.push(String::new());
            }
            let is_last = self.all.get(self.taken.next + 1).is_none_or(|next| next.span.start >= at);
            let doc = style == Style::Doc && is_last && comment.kind == CommentKind::Doc;
            lead.comments.extend(lines(comment, if doc { "///" } else { "//" }));
            end = Some(comment.span.end);
            self.taken.next += 1;
        }
        match end {
            None => lead.blank = self.blank_before(at),
            Some(_) if self.blank_before(at) && style == Style::Plain => lead.comments.push(String::new()),
            Some(_) => {}
        }
        lead
    }

    /// All comments before `at` that are not written yet, as lines.
    pub fn lines_before(&mut self, at: usize) -> Vec<String> {
        let mut written = Vec::new();
        while let Some(comment) = self.next_before(at) {
            written.extend(lines(comment, "//"));
            self.taken.next += 1;
        }
        written
    }

    /// Leaves out the comments before `at`: they are written in another way.
    pub fn skip(&mut self, at: usize) {
        while self.next_before(at).is_some() {
            self.taken.next += 1;
        }
    }

    /// A comment of one line that stands behind the code that ends at `end`, on the same line.
    pub fn trailing(&mut self, end: usize) -> Option<String> {
        let comment = self.next_before(usize::MAX)?;
        let between = self.source.text().get(end..comment.span.start)?;
        let fits = comment.lines.len() == 1
            && comment.trailing
            && between.chars().all(|c| matches!(c, ' ' | '\t' | ',' | ';' | ')'));
        // Nothing but the comment may stand on the rest of the line.
        let rest = self.source.text()[comment.span.end..].lines().next().unwrap_or_default();
        if !fits || !rest.trim().is_empty() {
            return None;
        }
        self.taken.next += 1;
        lines(comment, "//").pop()
    }

    /// The doc-block that is next, without taking it: for the types in it.
    pub fn doc_before(&self, at: usize) -> Option<&'a Comment> {
        let before = self.all.partition_point(|comment| comment.span.end <= at);
        self.all[..before]
            .last()
            .filter(|comment| comment.kind == CommentKind::Doc)
            .filter(|comment| self.source.text()[comment.span.end..at].trim().is_empty())
    }

    /// The comments inside a piece of the source.
    pub fn within(&self, span: Span) -> impl Iterator<Item = &'a Comment> {
        let first = self.all.partition_point(|comment| comment.span.start < span.start);
        self.all[first..].iter().take_while(move |comment| comment.span.end <= span.end)
    }

    /// Whether an empty line comes before what begins at `at`.
    pub fn blank_before(&self, at: usize) -> bool {
        let before = self.source.text()[..at].trim_end_matches([' ', '\t']);
        let Some(before) = before.strip_suffix('\n') else { return false };
        let before = before.strip_suffix('\r').unwrap_or(before).trim_end_matches([' ', '\t']);
        before.ends_with('\n')
    }
}

/// What stands before each line of PHP that stays as a comment.
pub const QUOTE: &str = "//     ";

/// A comment as lines of Rust.
pub fn lines(comment: &Comment, mark: &str) -> Vec<String> {
    let line = |text: &String| if text.is_empty() { mark.to_owned() } else { format!("{mark} {text}") };
    comment.lines.iter().map(line).collect()
}
