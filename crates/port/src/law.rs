//! Nothing is lost silently: the porter's check of itself, at each run.
//!
//! Each statement has to be written, reported, or of a kind that writes nothing; and each line of each comment has to stand
//! among the comments of the output, as often as in the source, and in its order.

mod order;

use std::collections::HashMap;

use crate::law::order::Parts;
use crate::php::tree::{ClosureBody, Expression, ExpressionKind as E, File, MemberKind, Statement, StatementKind as S};
use crate::refusal::Refusal;
use crate::rust::layout::Written;
use crate::source::{Position, Source, Span};
use crate::translate::Translated;

/// The first statement that is neither written nor reported.
pub fn lost_statement(php: &File, translated: &Translated) -> Option<Span> {
    let mut law = Law { translated, lost: None };
    law.statements(&php.statements, false);
    law.lost
}

pub fn check(source: &Source, php: &File, translated: &Translated, written: &Written) -> Result<(), Refusal> {
    if let Some(span) = lost_statement(php, translated) {
        let line = source.slice(span).lines().next().unwrap_or_default().trim().to_owned();
        return Err(Refusal::Lost { position: source.position(span.start), what: format!("the statement `{line}`") });
    }
    let comments = comments_of(&written.text);
    if let Some((span, line)) = lost_comment(php, &written.text, &comments) {
        return Err(Refusal::Lost { position: source.position(span.start), what: format!("the comment `{line}`") });
    }
    let parts = Parts::of(php, translated);
    if let Some((span, line)) = parts.misplaced_comment(php, translated, &comments) {
        let what = format!("the place of the comment `{line}`");
        return Err(Refusal::Lost { position: source.position(span.start), what });
    }
    if let Some(line) = parts.misplaced_line(source, &written.origins) {
        let what = "the place of a statement".to_owned();
        return Err(Refusal::Lost { position: Position { line, column: 1 }, what });
    }
    Ok(())
}

/// Goes through the statements of a file.
struct Law<'a> {
    translated: &'a Translated,
    /// The first that is neither written nor reported.
    lost: Option<Span>,
}

impl Law<'_> {
    fn statements(&mut self, statements: &[Statement], in_switch: bool) {
        for statement in statements {
            if self.lost.is_some() {
                return;
            }
            self.statement(statement, in_switch);
        }
    }

    fn statement(&mut self, statement: &Statement, in_switch: bool) {
        if self.translated.is_left_out(statement.span) || self.translated.is_answered(statement.span) {
            return;
        }
        let fate = self.translated.fates.get(&statement.span.start);
        let is_kept = match fate {
            Some(true) => true,
            Some(false) => may_write_nothing(statement) || self.is_answered(statement),
            // The end of a case.
            None if in_switch && matches!(statement.kind, S::Break(_)) => true,
            None => needs_no_fate(statement),
        };
        if !is_kept {
            self.lost = Some(statement.span);
            return;
        }
        statement.each_expression(&mut |php| self.expression(php));
        match &statement.kind {
            S::Function(function) => function.body.iter().for_each(|body| self.statements(&body.statements, false)),
            S::Class(class) => {
                for member in &class.members {
                    if let MemberKind::Method { function, .. } = &member.kind
                        && !self.translated.is_left_out(member.span)
                    {
                        function.body.iter().for_each(|body| self.statements(&body.statements, false));
                    }
                }
            }
            S::Try { body, catches, finally } => {
                self.statements(&body.statements, false);
                for catch in catches.iter().filter(|catch| !self.translated.is_left_out(catch.span)).collect::<Vec<_>>()
                {
                    self.statements(&catch.body.statements, false);
                }
                finally.iter().for_each(|finally| self.statements(&finally.statements, false));
            }
            kind => {
                let is_switch = matches!(kind, S::Switch { .. });
                statement.bodies().into_iter().for_each(|body| self.statements(body, is_switch));
            }
        }
    }

    /// The statements of closures.
    fn expression(&mut self, php: &Expression) {
        if let E::Closure(closure) = &php.kind
            && let ClosureBody::Block(block) = &closure.body
        {
            self.statements(&block.statements, false);
        }
        php.each_child(&mut |child| self.expression(child));
    }

    /// Whether what it does is done where its value is asked for.
    fn is_answered(&self, statement: &Statement) -> bool {
        match &statement.kind {
            S::If { branches, otherwise: None } => {
                branches.iter().all(|(_, body)| self.translated.is_answered(body.span))
            }
            _ => false,
        }
    }
}

/// What Rust does not need.
fn needs_no_fate(statement: &Statement) -> bool {
    matches!(&statement.kind, S::Namespace(_) | S::Use(_) | S::Declare(_) | S::Nothing | S::Block(_))
}

/// What is known to a function, or does nothing.
fn may_write_nothing(statement: &Statement) -> bool {
    match &statement.kind {
        S::Global(_) | S::Static(_) | S::Echo(_) | S::InlineHtml(_) | S::Block(_) | S::Unset(_) | S::Return(None) => {
            true
        }
        S::Namespace(_) | S::Use(_) | S::Declare(_) | S::Nothing | S::Constants(_) => true,
        // It says itself what it leaves out.
        S::Try { .. } => true,
        S::Expression(php) => matches!(
            &php.bare().kind,
            E::Include(_)
                | E::Text(_)
                | E::Integer(_)
                | E::Constant(_)
                | E::Variable(_)
                | E::Call { .. }
                | E::StaticCall { .. }
                | E::Silenced(_)
        ),
        _ => false,
    }
}

/// What is said in comments of Rust, with the numbers of the lines on which it is, counted from 1, in order.
fn comments_of(rust: &str) -> HashMap<&str, Vec<usize>> {
    let mut written: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, line) in rust.lines().enumerate() {
        for text in comment_texts(line) {
            written.entry(text).or_default().push(at + 1);
        }
    }
    written
}

/// The first line of a comment that is not among the comments of the output, or not as often.
fn lost_comment(php: &File, rust: &str, written: &HashMap<&str, Vec<usize>>) -> Option<(Span, String)> {
    let mut found: HashMap<&str, usize> = HashMap::new();
    for comment in &php.comments {
        for line in comment.lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()) {
            let found = found.entry(line).or_default();
            match written.get(line) {
                Some(places) if *found < places.len() => *found += 1,
                _ if rust.contains(line) && is_quoted(rust, line) => {}
                _ => return Some((comment.span, line.to_owned())),
            }
        }
    }
    None
}

/// What may be comments in a line of Rust: what stands behind each `//` in it.
fn comment_texts(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("//").filter_map(move |(at, _)| {
        if line[..at].ends_with('/') {
            return None;
        }
        let text = line[at + 2..].trim_start_matches(['/', '!']).trim();
        (!text.is_empty()).then_some(text)
    })
}

/// Whether the text stands in PHP that is left as a comment.
fn is_quoted(rust: &str, text: &str) -> bool {
    rust.lines().any(|line| line.trim_start().starts_with("//     ") && line.contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of Rust that is not what became of the PHP.
    fn checked(php: &str, change: impl FnOnce(&mut Translated, &mut Written)) -> Result<(), Refusal> {
        let source = crate::php::read::open(php.as_bytes()).unwrap();
        let file = crate::php::read::read(&source).unwrap();
        let mut translated = crate::translate::translate(&source, &file, |_| false).unwrap();
        let mut written = crate::rust::layout::file(&translated.file);
        change(&mut translated, &mut written);
        check(&source, &file, &translated, &written)
    }

    const PHP: &str = "<?php\n// first\nfunction f(int $a): int\n{\n    // twice\n    return 2 * $a; // behind\n}\n/* last */\necho f(1);\n";

    #[test]
    fn what_the_porter_writes_is_kept() {
        assert_eq!(checked(PHP, |_, _| {}), Ok(()));
    }

    #[test]
    fn a_comment_that_is_missing_is_lost() {
        for text in ["first", "twice", "behind", "last"] {
            let lost = checked(PHP, |_, written| written.text = written.text.replace(text, ""));
            assert!(matches!(&lost, Err(Refusal::Lost { what, .. }) if what.contains(text)), "{text}: {lost:?}");
        }
    }

    #[test]
    fn a_comment_that_stands_there_twice_is_wanted_twice() {
        let php = PHP.replace("twice", "first");
        assert_eq!(checked(&php, |_, _| {}), Ok(()));
        let lost = checked(&php, |_, written| written.text = written.text.replacen("// first", "", 1));
        assert!(matches!(lost, Err(Refusal::Lost { .. })), "{lost:?}");
    }

    #[test]
    fn comments_are_wanted_in_their_order() {
        let php = PHP.replace("    // twice", "    // twice\n    $b = [/* in */ 1];");
        assert_eq!(checked(&php, |_, _| {}), Ok(()));
        let lost = checked(&php, |_, written| {
            written.text =
                written.text.replace("// in", "// other").replace("// twice", "// in").replace("other", "twice");
        });
        assert!(matches!(&lost, Err(Refusal::Lost { what, .. }) if what.contains("the comment `in`")), "{lost:?}");
        // Those of the script follow those of functions, wherever they stand.
        let php = "<?php\necho /* b */ 1;\nfunction f()\n{\n    // a\n    echo 2;\n}\necho /* c */ 3;\n";
        assert_eq!(checked(php, |_, _| {}), Ok(()));
        let lost = checked(php, |_, written| {
            written.text = written.text.replace("// b", "// x").replace("// c", "// b").replace("// x", "// c");
        });
        assert!(matches!(&lost, Err(Refusal::Lost { what, .. }) if what.contains("the comment `c`")), "{lost:?}");
    }

    #[test]
    fn lines_are_wanted_in_their_order() {
        let php = "<?php\nfunction f(int $a): int\n{\n    $b = g($a);\n    $c = g($b);\n    return g($c);\n}\n\
                   function g(int $a): int\n{\n    return 2 * $a;\n}\necho f(1);\necho g(2);\n";
        let swap = |one: usize, other: usize| {
            move |_: &mut Translated, written: &mut Written| {
                for (_, line) in &mut written.origins {
                    *line = if *line == one {
                        other
                    } else if *line == other {
                        one
                    } else {
                        *line
                    };
                }
            }
        };
        assert_eq!(checked(php, |_, _| {}), Ok(()));
        for (one, other, late) in [(4, 5, 4), (5, 6, 5), (12, 13, 12)] {
            let lost = checked(php, swap(one, other));
            assert!(matches!(&lost, Err(Refusal::Lost { position, .. }) if position.line == late), "{lost:?}");
        }
        // What several classes share stands in each.
        let php = "<?php\ntrait T\n{\n    function f()\n    {\n        // a\n        echo 1;\n        // b\n        echo 2;\n    \
                   }\n}\nclass A\n{\n    use T;\n}\nclass B\n{\n    use T;\n}\n";
        assert_eq!(checked(php, |_, _| {}), Ok(()));
    }

    #[test]
    fn a_statement_without_a_fate_is_lost() {
        let place = PHP.find("return").unwrap();
        let lost = checked(PHP, |translated, _| {
            translated.fates.remove(&place);
        });
        assert!(matches!(&lost, Err(Refusal::Lost { position, .. }) if position.line == 6), "{lost:?}");
    }

    #[test]
    fn a_statement_for_which_nothing_is_written_is_lost() {
        let place = PHP.find("return").unwrap();
        let lost = checked(PHP, |translated, _| {
            translated.fates.insert(place, false);
        });
        assert!(matches!(&lost, Err(Refusal::Lost { position, .. }) if position.line == 6), "{lost:?}");
    }
}
