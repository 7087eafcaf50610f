//! What kind of source it is.

use php_lexer::{Lexer, TokenKind};

use crate::refusal::Refusal;
use crate::source::{Kind, Source, decoded};

/// The source that was given, as a file, a snippet or pairs.
///
/// # Errors
///
/// [`Refusal::NotUtf8`], with the place.
pub fn open(bytes: &[u8]) -> Result<Source, Refusal> {
    let given = decoded(bytes)?;
    Ok(Source::new(given, kind_of(given)))
}

/// A file has an open tag, and not only in one of its texts; pairs are `'key' => value, …`; all else is a snippet.
fn kind_of(text: &str) -> Kind {
    let tag = text.match_indices("<?").map(|(at, _)| at).find(|at| is_open_tag(&text[*at..]));
    match tag {
        Some(at) if text[..at].trim().is_empty() || !tag_is_in_text(text, at) => Kind::File,
        _ if holds_pairs(text) => Kind::Pairs,
        _ => Kind::Snippet,
    }
}

fn is_open_tag(text: &str) -> bool {
    text.starts_with("<?=") || text.get(..5).is_some_and(|tag| tag.eq_ignore_ascii_case("<?php"))
}

/// Whether a source without `<?php` is `'key' => value, …`.
fn holds_pairs(text: &str) -> bool {
    let opened = format!("<?php {text}");
    let mut lexer = Lexer::new(&opened);
    let mut open = 0_usize;
    let mut arrows = 0_usize;
    let mut first = None;
    while lexer.errors().is_empty() {
        let kind = lexer.next_token().kind;
        if kind.is_comment() || kind == TokenKind::OpenTag {
            continue;
        }
        let begins = first.get_or_insert(kind);
        match kind {
            TokenKind::Eof => return *begins == TokenKind::Ellipsis,
            TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace | TokenKind::HashBracket => open += 1,
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => open = open.saturating_sub(1),
            _ if open > 0 => {}
            TokenKind::Semicolon | TokenKind::CloseTag => return false,
            TokenKind::Yield_ => return false,
            TokenKind::Fn_ => arrows += 1,
            TokenKind::FatArrow if arrows > 0 => arrows -= 1,
            TokenKind::FatArrow => return true,
            _ => {}
        }
    }
    false
}

/// Whether what stands there is within a text or a comment of PHP without `<?php`.
fn tag_is_in_text(text: &str, tag: usize) -> bool {
    const OPEN: &str = "<?php ";
    let opened = format!("{OPEN}{text}");
    let mut lexer = Lexer::new(&opened);
    while lexer.errors().is_empty() {
        let token = lexer.next_token();
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        if token.kind == TokenKind::Eof || start > tag + OPEN.len() {
            return false;
        }
        if start < tag + OPEN.len() && tag + OPEN.len() < end {
            use TokenKind::*;
            return token.kind.is_comment()
                || matches!(token.kind, SingleQuotedString | DoubleQuotedString | BacktickString | Heredoc | Nowdoc);
        }
    }
    false
}
