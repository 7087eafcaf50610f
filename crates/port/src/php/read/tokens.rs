//! What the tokens alone tell: comments, attributes, and how deep the tree can become.

use php_lexer::lexer::interpolation_end;
use php_lexer::{Lexer, Token, TokenKind};

use super::NESTING;
use super::brackets::Brackets;
use super::comments::lines;
use crate::php::tree::{Comment, CommentKind};
use crate::refusal::Refusal;
use crate::source::{Source, Span};

/// A source above this size with a heredoc that does not end is refused for that, and not parsed to find an error before it:
/// the end of each heredoc is looked for up to the end of the source.
const LARGE: usize = 4 << 10;
/// What is said of a heredoc that does not end; the parser sees `<<` and `<`.
pub(super) const ENDLESS: &str = "the heredoc that begins here does not end";

/// `#[…]`, which is a comment to us.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) span: Span,
    /// Where the code behind it begins.
    pub(super) next: usize,
}

/// What the tokens tell.
#[derive(Debug)]
pub(super) struct Scan {
    /// With the attributes.
    pub(super) comments: Vec<Comment>,
    pub(super) attributes: Vec<Attribute>,
    /// Where `class` stands behind `abstract`, `final` or `readonly`, and where those begin.
    pub(super) modified: Vec<(usize, usize)>,
    /// Where the code ends: behind `__halt_compiler();`, or with the source.
    pub(super) end: usize,
    /// Where a heredoc begins that does not end.
    pub(super) endless: Option<usize>,
    /// No path from the root of the tree to a leaf has more nodes.
    pub(super) depth: usize,
    /// Where it is that deep.
    pub(super) deepest: usize,
}

impl Scan {
    /// # Errors
    ///
    /// [`Refusal::TooDeep`], and [`Refusal::Syntax`] for a large source with a text that does not end.
    pub(super) fn new(source: &Source) -> Result<Scan, Refusal> {
        let given = source.given();
        let text = source.parsed();
        let mut scanner = Scanner::new(text, given.start);
        if let Some(line) = text.strip_prefix("#!") {
            scanner.comment(CommentKind::Line, Span { start: 0, end: 2 + line.find('\n').unwrap_or(line.len()) });
        }
        let mut lexer = Lexer::new(text);
        loop {
            let token = lexer.next_token();
            if token.kind == TokenKind::Eof {
                break;
            }
            if scanner.is_halted(&token) {
                scanner.end = token.span.end as usize;
                break;
            }
            scanner.token(&token).map_err(|offset| Refusal::TooDeep { position: source.position(offset) })?;
            if let Some(start) = scanner.endless.filter(|_| text.len() > LARGE) {
                return Err(Refusal::Syntax { position: source.position(start), message: ENDLESS.to_owned() });
            }
        }
        scanner.finish().map_err(|offset| Refusal::TooDeep { position: source.position(offset) })
    }
}

struct Scanner<'s> {
    text: &'s str,
    /// Where what was given begins.
    given: usize,
    comments: Vec<Comment>,
    attributes: Vec<Attribute>,
    /// Where the attribute begins that is open, and how many brackets are open around it.
    attribute: Option<(usize, usize)>,
    /// Where the words begin that stand before `class`.
    modifiers: Option<usize>,
    modified: Vec<(usize, usize)>,
    brackets: Brackets,
    /// Where the line begins on which the last comment stands, and where that begins.
    line: (usize, usize),
    /// Where the last token ended that is code.
    code_end: usize,
    /// The last token that is code, and where it ends.
    last: (TokenKind, usize),
    /// Where the first heredoc begins that does not end.
    endless: Option<usize>,
    /// How much of `__halt_compiler();` there has been.
    halting: usize,
    end: usize,
}

impl<'s> Scanner<'s> {
    fn new(text: &'s str, given: usize) -> Scanner<'s> {
        Scanner {
            text,
            given,
            comments: Vec::new(),
            attributes: Vec::new(),
            attribute: None,
            modifiers: None,
            modified: Vec::new(),
            brackets: Brackets::new(),
            line: (0, 0),
            code_end: 0,
            last: (TokenKind::OpenTag, 0),
            endless: None,
            halting: 0,
            end: text.len(),
        }
    }

    /// Behind `__halt_compiler();` comes no PHP.
    fn is_halted(&mut self, token: &Token) -> bool {
        use TokenKind::{Arrow, Backslash, DoubleColon, NullsafeArrow};
        let member = matches!(self.last.0, Arrow | NullsafeArrow | DoubleColon | Backslash);
        self.halting = match (self.halting, token.kind) {
            (_, TokenKind::HaltCompiler) if !member => 1,
            (halting, kind) if kind.is_comment() => halting,
            (1, TokenKind::LeftParen) => 2,
            (2, TokenKind::RightParen) => 3,
            (3, TokenKind::Semicolon | TokenKind::CloseTag) => return true,
            _ => 0,
        };
        false
    }

    /// # Errors
    ///
    /// The place where it is too deep.
    fn token(&mut self, token: &Token) -> Result<(), usize> {
        let span = Span { start: token.span.start as usize, end: token.span.end as usize };
        let kind = match token.kind {
            TokenKind::LineComment | TokenKind::HashComment => CommentKind::Line,
            TokenKind::BlockComment => CommentKind::Block,
            TokenKind::DocComment => CommentKind::Doc,
            _ => return self.code(token.kind, span),
        };
        if self.attribute.is_none() {
            self.comment(kind, span);
        }
        Ok(())
    }

    fn code(&mut self, kind: TokenKind, span: Span) -> Result<(), usize> {
        if let Some(attribute) = self.attributes.last_mut().filter(|attribute| attribute.next == attribute.span.end) {
            attribute.next = span.start;
        }
        if kind == TokenKind::HashBracket && self.attribute.is_none() {
            self.attribute = Some((span.start, self.brackets.depth()));
        }
        match (kind, self.modifiers) {
            (TokenKind::Abstract | TokenKind::Final | TokenKind::Readonly, modifiers) => {
                self.modifiers = modifiers.or(Some(span.start));
            }
            (kind, Some(start)) => {
                if kind == TokenKind::Class {
                    self.modified.push((span.start, start));
                }
                self.modifiers = None;
            }
            _ => {}
        }
        self.brackets.token(kind, span.start)?;
        match self.attribute {
            Some((start, open)) if open == self.brackets.depth() => {
                self.attribute = None;
                self.attribute(Span { start, end: span.end });
            }
            Some(_) => {}
            None if span.start >= self.given && kind != TokenKind::OpenTag => self.code_end = span.end,
            None => {}
        }
        if matches!(kind, TokenKind::DoubleQuotedString | TokenKind::BacktickString | TokenKind::Heredoc) {
            for inside in interpolations(self.text, span) {
                self.brackets.within(inside.end - inside.start, span.start)?;
                self.comments_within(inside, NESTING);
            }
        }
        self.heredoc(self.last, (kind, span));
        self.last = (kind, span.end);
        Ok(())
    }

    fn attribute(&mut self, span: Span) {
        let lines = self.text[span.start..span.end].lines().map(|line| line.trim_end().to_owned()).collect();
        let trailing = self.is_trailing(span.start);
        self.comments.push(Comment { span, kind: CommentKind::Line, lines, trailing });
        self.attributes.push(Attribute { span, next: span.end });
    }

    fn comment(&mut self, kind: CommentKind, span: Span) {
        let lines = lines(kind, &self.text[span.start..span.end]);
        let trailing = self.is_trailing(span.start);
        self.comments.push(Comment { span, kind, lines, trailing });
    }

    fn is_trailing(&mut self, start: usize) -> bool {
        let seen = self.line.1;
        let begun = self.text.get(seen..start).and_then(|skipped| skipped.rfind('\n')).map(|at| seen + at + 1);
        self.line = (begun.unwrap_or(self.line.0), start.max(seen));
        self.code_end > self.line.0
    }

    /// `<<<` is only ever two tokens where no heredoc could be read.
    fn heredoc(&mut self, last: (TokenKind, usize), (kind, span): (TokenKind, Span)) {
        if last == (TokenKind::ShiftLeft, span.start) && kind == TokenKind::LessThan && self.endless.is_none() {
            self.endless = Some(span.start - 2);
        }
    }

    /// The comments in `{$…}` of a text, which is one token to the lexer.
    fn comments_within(&mut self, inside: Span, levels: usize) {
        let code = &self.text[inside.start..inside.end];
        if levels == 0 || !["/*", "//", "#", "<<<"].iter().any(|mark| code.contains(mark)) {
            return;
        }
        let mut last = (TokenKind::OpenTag, 0);
        let mut lexer = Lexer::new_at(&self.text[..inside.end], inside.start);
        while self.endless.is_none() {
            let token = lexer.next_token();
            let span = Span { start: token.span.start as usize, end: token.span.end as usize };
            match token.kind {
                TokenKind::Eof => return,
                TokenKind::LineComment | TokenKind::HashComment => self.comment(CommentKind::Line, span),
                TokenKind::BlockComment => self.comment(CommentKind::Block, span),
                TokenKind::DocComment => self.comment(CommentKind::Doc, span),
                TokenKind::DoubleQuotedString | TokenKind::BacktickString | TokenKind::Heredoc => {
                    for inside in interpolations(self.text, span) {
                        self.comments_within(inside, levels - 1);
                    }
                }
                kind => self.heredoc(last, (kind, span)),
            }
            last = (token.kind, span.end);
        }
    }

    fn finish(mut self) -> Result<Scan, usize> {
        self.brackets.finish(self.code_end)?;
        let Scanner { comments, attributes, modified, brackets, endless, end, .. } = self;
        let Brackets { longest: depth, deepest, .. } = brackets;
        Ok(Scan { comments, attributes, modified, depth, deepest, end, endless })
    }
}

/// The pieces of code in a text, `{$…}` and `${…}`, without their braces.
pub(super) fn interpolations(text: &str, span: Span) -> Vec<Span> {
    let bytes = &text.as_bytes()[..span.end];
    let mut found = Vec::new();
    let mut at = span.start;
    while at + 1 < bytes.len() {
        let brace = match (bytes[at], bytes[at + 1]) {
            (b'\\', _) => {
                at += 2;
                continue;
            }
            (b'{', b'$') => at,
            (b'$', b'{') => at + 1,
            _ => {
                at += 1;
                continue;
            }
        };
        // What does not end is read up to the end all the same.
        let after = interpolation_end(bytes, brace, true).unwrap_or(bytes.len() + 1);
        found.push(Span { start: brace + 1, end: after - 1 });
        at = after;
    }
    found
}
