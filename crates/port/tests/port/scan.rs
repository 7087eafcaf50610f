//! Where statements and comments stand in PHP, found by looking at brackets, quotes and semicolons alone. It knows no grammar: what
//! is made with its help may turn out not to be PHP.

use std::ops::Range;

/// What a bracket encloses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Enclosed {
    /// The body of a function or of a closure.
    Function,
    /// The body of a class, an interface, an enum.
    Class,
    /// Statements of an `if`, a loop, and so on.
    Statements,
    /// Anything else: arguments, an array, the arms of a `match`.
    Other,
}

struct Frame {
    enclosed: Enclosed,
    /// The code since the last statement ended.
    code: String,
    /// The number of the function or method that it is in.
    function: Option<usize>,
}

/// The end of a line.
#[derive(Clone, Debug)]
pub struct LineEnd {
    /// Behind the line break.
    pub at: usize,
    pub depth: usize,
    pub enclosed: Enclosed,
    /// Whether a statement may begin here.
    pub between: bool,
    /// Whether it is within a text or a comment of several lines.
    pub inside: bool,
    /// Whether the line ends in a comment.
    pub commented: bool,
}

#[derive(Debug, Default)]
pub struct Scan {
    pub lines: Vec<LineEnd>,
    pub comments: Vec<Range<usize>>,
    /// Where a comment may stand within a line.
    pub gaps: Vec<usize>,
    /// For offsets from here on, the number of the function or method.
    functions: Vec<(usize, Option<usize>)>,
}

impl Scan {
    pub fn of(php: &str) -> Scan {
        let root = Frame { enclosed: Enclosed::Statements, code: String::new(), function: None };
        let mut scanner = Scanner { php, at: 0, frames: vec![root], count: 0, scan: Scan::default() };
        scanner.at = php.find("<?php").map_or(0, |at| at + 5);
        scanner.run();
        scanner.scan
    }

    /// The number of the function or method in which this is.
    pub fn function(&self, offset: usize) -> Option<usize> {
        let before = self.functions.partition_point(|(from, _)| *from <= offset);
        before.checked_sub(1).and_then(|at| self.functions[at].1)
    }

    /// Statements, and members of classes, that begin and end with a line.
    pub fn statements(&self) -> Vec<Range<usize>> {
        let mut statements = Vec::new();
        for (at, start) in self.lines.iter().enumerate().filter(|(_, line)| line.between) {
            for end in &self.lines[at + 1..] {
                if end.depth < start.depth {
                    break;
                }
                if end.depth == start.depth && end.between {
                    statements.push(start.at..end.at);
                    break;
                }
            }
        }
        statements
    }

    /// Where statements may be put: between the lines of functions.
    pub fn places(&self) -> Vec<usize> {
        let is_place = |line: &&LineEnd| {
            line.between
                && matches!(line.enclosed, Enclosed::Function | Enclosed::Statements)
                && self.function(line.at).is_some()
        };
        self.lines.iter().filter(is_place).map(|line| line.at).collect()
    }
}

struct Scanner<'a> {
    php: &'a str,
    at: usize,
    frames: Vec<Frame>,
    count: usize,
    scan: Scan,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some(c) = self.php[self.at..].chars().next() {
            let rest = &self.php[self.at..];
            let start = self.at;
            if rest.starts_with("//") || (c == '#' && !rest.starts_with("#[")) {
                self.at += rest.find('\n').unwrap_or(rest.len());
                self.scan.comments.push(start..self.at);
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
                self.lines_within(start, self.at);
                self.scan.comments.push(start..self.at);
            } else if c == '\'' || c == '"' {
                self.at = self.end_of_text(c);
                self.lines_within(start, self.at);
                self.code('"');
            } else if let Some(length) = here_document(rest) {
                self.at += length;
                self.lines_within(start, self.at);
                self.code('"');
            } else {
                self.at += c.len_utf8();
                self.character(c, start);
            }
        }
    }

    fn end_of_text(&self, quote: char) -> usize {
        let mut escaped = false;
        for (at, c) in self.php[self.at..].char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => return self.at + at + 1,
                _ => {}
            }
        }
        self.php.len()
    }

    /// Lines that end within a text or a comment.
    fn lines_within(&mut self, start: usize, end: usize) {
        for (at, _) in self.php[start..end].match_indices('\n') {
            self.line_end(start + at + 1, true);
        }
    }

    fn line_end(&mut self, at: usize, inside: bool) {
        let frame = self.frames.last().unwrap();
        self.scan.lines.push(LineEnd {
            at,
            depth: self.frames.len(),
            enclosed: frame.enclosed,
            between: !inside && frame.code.trim().is_empty() && frame.enclosed != Enclosed::Other,
            inside,
            commented: self.scan.comments.last().is_some_and(|comment| comment.end + 1 == at),
        });
    }

    fn code(&mut self, c: char) {
        self.frames.last_mut().unwrap().code.push(c);
    }

    fn character(&mut self, c: char, start: usize) {
        match c {
            '\n' => {
                self.code(' ');
                self.line_end(self.at, false);
            }
            '(' | '[' | '{' => {
                let enclosed = if c == '{' { self.enclosed() } else { Enclosed::Other };
                let mut function = self.frames.last().unwrap().function;
                // A closure is part of the function that it stands in.
                if enclosed == Enclosed::Function && function.is_none() {
                    function = Some(self.count);
                    self.count += 1;
                }
                self.frames.push(Frame { enclosed, code: String::new(), function });
                self.scan.functions.push((start, function));
                self.scan.gaps.push(self.at);
            }
            ')' | ']' | '}' => {
                let closed = (self.frames.len() > 1).then(|| self.frames.pop()).flatten();
                let frame = self.frames.last_mut().unwrap();
                self.scan.functions.push((self.at, frame.function));
                // The end of a block is the end of a statement; that of a closure is not.
                let ends = c == '}' && closed.is_some_and(|closed| closed.enclosed != Enclosed::Other);
                match ends && frame.enclosed != Enclosed::Other && !is_expression(&frame.code) {
                    true => frame.code.clear(),
                    false => frame.code.push('x'),
                }
            }
            ';' => {
                self.frames.last_mut().unwrap().code.clear();
                self.scan.gaps.push(self.at);
            }
            ',' => {
                self.code(c);
                self.scan.gaps.push(self.at);
            }
            c => self.code(c),
        }
    }

    /// What the brace encloses that comes now.
    fn enclosed(&self) -> Enclosed {
        let code = self.frames.last().unwrap().code.trim_end();
        if code.ends_with("->") || code.ends_with('\\') || code.ends_with('$') {
            return Enclosed::Other;
        }
        let has = |word: &str| words(code).any(|other| other == word);
        if has("match") {
            Enclosed::Other
        } else if has("function") {
            Enclosed::Function
        } else if ["class", "interface", "enum", "trait"].into_iter().any(has) {
            Enclosed::Class
        } else {
            Enclosed::Statements
        }
    }
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').filter(|word| !word.is_empty())
}

/// Whether this code goes on behind the brace of a closure: it is assigned or returned.
fn is_expression(code: &str) -> bool {
    code.contains('=') || words(code).next() == Some("return")
}

/// How long a heredoc or nowdoc is that begins here.
fn here_document(rest: &str) -> Option<usize> {
    let name = rest.strip_prefix("<<<")?.split('\n').next()?.trim().trim_matches(['"', '\'']);
    let end = rest.match_indices('\n').find(|(at, _)| rest[at + 1..].trim_start().starts_with(name))?.0;
    let indent = rest[end + 1..].len() - rest[end + 1..].trim_start().len();
    Some(end + 1 + indent + name.len())
}
