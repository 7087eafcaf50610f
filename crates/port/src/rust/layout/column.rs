//! Lines below each other: statements, arms, fields, items.

use crate::rust::layout::laid::Laid;
use crate::rust::layout::space::STEP;
use crate::rust::tree::Lead;

/// Lines of one indentation, with at most one empty line between two of them, and none at the beginning or the end.
#[derive(Debug)]
pub struct Column {
    lines: Laid,
    indent: usize,
    blank: bool,
}

impl Column {
    pub fn new(indent: usize) -> Column {
        Column { lines: Laid::default(), indent, blank: false }
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn blank(&mut self) {
        self.blank = true;
    }

    pub fn lead(&mut self, lead: &Lead) {
        self.blank |= lead.blank;
        for comment in lead.comments.iter().flat_map(|comment| comment.split('\n')) {
            if comment.trim().is_empty() {
                self.blank = true;
            } else {
                self.begin();
                self.lines.push(comment.trim_end());
            }
        }
    }

    /// Code, whose lines but the first are indented already.
    pub fn code(&mut self, origin: Option<usize>, code: &Laid) {
        self.begin();
        self.lines.mark(origin);
        self.lines.append(code);
    }

    /// What follows is one step to the left.
    pub fn dedent(&mut self) {
        self.indent = self.indent.saturating_sub(STEP);
    }

    /// Behind what is on the last line.
    pub fn push(&mut self, text: &str) {
        self.lines.push(text);
    }

    fn begin(&mut self) {
        if !self.lines.is_empty() {
            self.lines.line(0);
            if self.blank {
                self.lines.line(0);
            }
        }
        self.blank = false;
        self.lines.push(&" ".repeat(self.indent));
    }

    pub fn finish(self) -> Laid {
        self.lines
    }
}

/// A comment behind code.
pub fn trailing(comment: Option<&String>) -> String {
    comment.map(|comment| format!(" {}", comment.replace('\n', " ").trim())).unwrap_or_default()
}
