//! How deep the tree can become, by its brackets.

use php_lexer::TokenKind;

use super::NESTING;

/// The longest statement, in tokens and with all that it stands in. Some of what the parser checks goes as deep as a row of
/// operands is long, and the stack must hold that.
pub(super) const LONGEST: usize = 16_000;

/// One pair of brackets that is open, or the source around all.
#[derive(Debug, Default)]
struct Level {
    /// Tokens since the last comma or semicolon on this level.
    tokens: usize,
    /// The deepest of the brackets that have been closed since then.
    inside: usize,
    /// The deepest of all up to then.
    longest: usize,
}

/// A bound for the depth of the tree: on the way from the root to a leaf there is at most one node for each token that stands
/// in the same piece, between commas or semicolons, as the leaf or as brackets around it.
#[derive(Debug)]
pub(super) struct Brackets {
    open: Vec<Level>,
    pub(super) longest: usize,
    /// Where it is that deep.
    pub(super) deepest: usize,
    after_brace: bool,
}

impl Brackets {
    pub(super) fn new() -> Brackets {
        Brackets { open: vec![Level::default()], longest: 0, deepest: 0, after_brace: false }
    }

    /// # Errors
    ///
    /// The place where it is too deep.
    pub(super) fn token(&mut self, kind: TokenKind, at: usize) -> Result<(), usize> {
        if std::mem::take(&mut self.after_brace) && begins_statement(kind) {
            self.separate(at)?;
        }
        self.level().tokens += 1;
        if self.level().tokens > LONGEST {
            return Err(at);
        }
        match kind {
            TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace | TokenKind::HashBracket => {
                self.open.push(Level::default());
                if self.open.len() > NESTING { Err(at) } else { Ok(()) }
            }
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace if self.open.len() > 1 => {
                let Level { tokens, inside, longest } = self.open.pop().unwrap_or_default();
                let around = self.level();
                around.inside = around.inside.max(longest).max(tokens + inside);
                self.after_brace = kind == TokenKind::RightBrace;
                Ok(())
            }
            TokenKind::Semicolon | TokenKind::Comma | TokenKind::CloseTag => self.separate(at),
            _ => Ok(()),
        }
    }

    /// How many are open, with the source itself.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// A piece of code of so many bytes in a text.
    pub(super) fn within(&mut self, bytes: usize, at: usize) -> Result<(), usize> {
        let level = self.level();
        level.inside = level.inside.max(bytes);
        if bytes > LONGEST { Err(at) } else { Ok(()) }
    }

    /// Closes what is still open.
    pub(super) fn finish(&mut self, at: usize) -> Result<(), usize> {
        let rest = self.open.drain(..).map(|level| level.longest.max(level.tokens + level.inside)).sum();
        self.open.push(Level { longest: rest, ..Level::default() });
        self.separate(at)
    }

    /// A new piece begins.
    fn separate(&mut self, at: usize) -> Result<(), usize> {
        let level = self.level();
        level.longest = level.longest.max(level.tokens + level.inside);
        (level.tokens, level.inside) = (0, 0);
        let total = level.longest;
        if total > self.longest {
            (self.longest, self.deepest) = (total, at);
        }
        if total > LONGEST { Err(at) } else { Ok(()) }
    }

    fn level(&mut self) -> &mut Level {
        if self.open.is_empty() {
            self.open.push(Level::default());
        }
        let last = self.open.len() - 1;
        &mut self.open[last]
    }
}

/// Whether no expression goes on with this behind a brace, so that the brace has ended a statement or a member.
fn begins_statement(kind: TokenKind) -> bool {
    use TokenKind::*;
    matches!(
        kind,
        Variable
            | Identifier
            | Function
            | Return
            | Echo
            | If
            | For
            | Foreach
            | Switch
            | Try
            | Throw
            | Public
            | Protected
            | Private
            | Static
            | Abstract
            | Final
            | Readonly
            | Class
            | Interface
            | Trait
            | Enum_
            | Const
            | Use
            | Case
            | Default
            | Break
            | Continue
            | Unset
            | Namespace
            | CloseTag
    )
}
