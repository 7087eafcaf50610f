//! What a comment says, without its marks.

use crate::php::tree::CommentKind;

/// The lines of a comment.
pub(super) fn lines(kind: CommentKind, text: &str) -> Vec<String> {
    match kind {
        CommentKind::Line => {
            let inside = text.strip_prefix("//").or_else(|| text.strip_prefix('#')).unwrap_or(text);
            vec![without_one_blank(inside).trim_end().to_owned()]
        }
        CommentKind::Block => block(text, "/*"),
        CommentKind::Doc => block(text, "/**"),
    }
}

fn block(text: &str, opening: &str) -> Vec<String> {
    let inside = text.strip_prefix(opening).unwrap_or(text);
    let inside = inside.strip_suffix("*/").unwrap_or(inside);
    let mut rows = inside.lines();
    let first = rows.next().unwrap_or_default();
    let rest = rows.collect::<Vec<_>>();
    let mut lines = vec![without_one_blank(first).trim_end().to_owned()];
    // A block may be a piece of code in which lines begin with an asterisk.
    let starred = opening == "/**" || rest.iter().all(|row| row.trim().is_empty() || row.trim_start().starts_with('*'));
    let indentation = rest.iter().filter(|row| !row.trim().is_empty()).map(|row| blanks(row)).min().unwrap_or(0);
    for row in rest {
        let line = match row.trim_start().strip_prefix('*') {
            Some(line) if starred => without_one_blank(line),
            _ if starred => row.trim_start(),
            _ => row.get(indentation..).unwrap_or_default(),
        };
        lines.push(line.trim_end().to_owned());
    }
    while lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    if lines.len() > 1 && lines[0].is_empty() {
        lines.remove(0);
    }
    lines
}

/// How many bytes of blanks a line begins with.
fn blanks(row: &str) -> usize {
    row.len() - row.trim_start_matches([' ', '\t']).len()
}

fn without_one_blank(line: &str) -> &str {
    line.strip_prefix([' ', '\t']).unwrap_or(line)
}
