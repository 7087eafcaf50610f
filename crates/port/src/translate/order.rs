//! The comments in a statement keep their order, even where its parts do not.
//!
//! Parts of a statement are moved, written twice or written in another way. A comment that cannot stand at its part without
//! coming before or behind another that it follows or precedes in the source stands before the statement; so do those before it.

use std::ops::Range;

use crate::php::tree::Comment;
use crate::rust::tree::Statement;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::comments::{QUOTE, lines};

impl Translator<'_> {
    /// Sees to the comments in `span`, which has become `statements`. `before` are those that have no place among them, and
    /// become all that have to stand before them. A comment without any place is forgotten unless it may stand `elsewhere`.
    pub(super) fn keep_order(
        &self,
        span: Span,
        elsewhere: bool,
        statements: &mut Vec<Statement>,
        before: &mut Vec<String>,
    ) {
        let comments: Vec<Remark> = self.comments.within(span).map(|comment| self.remark(comment)).collect();
        if comments.is_empty() {
            return;
        }
        let mut written = before.clone();
        for statement in statements.iter_mut() {
            statement.each_comment(&mut |lines| written.extend(lines.iter().cloned()));
        }
        let Order { misplaced, taken } = Order::of(&comments, &written, elsewhere);
        if misplaced == 0 {
            return;
        }
        let mut at = 0;
        let mut take = |lines: &mut Vec<String>| {
            let count = lines.len();
            lines.retain(|_| {
                at += 1;
                !taken[at - 1]
            });
            if lines.len() < count {
                let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
                lines.drain(..first);
            }
        };
        take(before);
        statements.iter_mut().for_each(|statement| statement.each_comment(&mut take));
        statements.retain(|statement| !statement.is_void());
        let moved = comments.into_iter().take(misplaced).filter(|comment| !comment.quoted);
        before.splice(0..0, moved.flat_map(|comment| comment.lines));
    }

    fn remark(&self, comment: &Comment) -> Remark {
        let quoted = self.left_out.iter().any(|out| out.encloses(comment.span));
        Remark { lines: lines(comment, "//"), quoted }
    }
}

/// A comment of the source.
struct Remark {
    lines: Vec<String>,
    /// Whether it stands in PHP that stays as a comment.
    quoted: bool,
}

impl Remark {
    /// Where it stands among lines.
    fn places(&self, written: &[String]) -> impl DoubleEndedIterator<Item = Range<usize>> {
        let count = self.lines.len();
        let is_here = |lines: &[String]| lines.iter().zip(&self.lines).all(|(written, line)| self.is_in(written, line));
        let found = written.windows(count.max(1)).enumerate().filter(move |(_, lines)| is_here(lines));
        found.map(move |(at, _)| at..at + count)
    }

    fn is_in(&self, written: &str, line: &str) -> bool {
        if self.quoted {
            return written.starts_with(QUOTE) && written.contains(text(line));
        }
        // An empty line between comments is less than an empty comment.
        !written.is_empty() && text(written) == text(line)
    }
}

/// What is wrong with an order, and how it is mended.
struct Order {
    /// How many comments, from the first, have to be moved to the front.
    misplaced: usize,
    /// Of each line that is written: whether it is of one of those.
    taken: Vec<bool>,
}

impl Order {
    /// Looks for comments among the lines that are written.
    fn of(comments: &[Remark], written: &[String], elsewhere: bool) -> Order {
        let mut kept = vec![false; written.len()];
        let mut misplaced = 0;
        let mut end = written.len();
        for (number, comment) in comments.iter().enumerate().rev() {
            match comment.places(&written[..end]).next_back() {
                // Of PHP that stays as a comment, several comments may be on one line.
                Some(place) if comment.quoted => end = place.end,
                Some(place) => {
                    end = place.start;
                    kept[place].fill(true);
                }
                None if (elsewhere || comment.quoted) && comment.places(written).next().is_none() => {}
                None => {
                    misplaced = number + 1;
                    break;
                }
            }
        }
        let mut taken = vec![false; written.len()];
        for comment in comments[..misplaced].iter().filter(|comment| !comment.quoted) {
            for place in comment.places(written).filter(|place| !kept[place.clone()].contains(&true)) {
                taken[place].fill(true);
            }
        }
        Order { misplaced, taken }
    }
}

/// What a line of a comment says.
fn text(line: &str) -> &str {
    line.trim_start_matches(['/', '!']).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comments(numbers: &[usize]) -> Vec<Remark> {
        numbers.iter().map(|number| Remark { lines: vec![format!("// {number}")], quoted: false }).collect()
    }

    fn written(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    /// How many are moved, and what stays where it is.
    fn mended(comments: &[Remark], written: &[String], elsewhere: bool) -> (usize, Vec<String>) {
        let Order { misplaced, taken } = Order::of(comments, written, elsewhere);
        let kept = written.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(line, _)| line.clone());
        (misplaced, kept.collect())
    }

    #[test]
    fn what_is_in_order_stays() {
        let lines = written(&["// 1", "// of ours", "", "// 2", "// 3"]);
        assert_eq!(mended(&comments(&[1, 2, 3]), &lines, false), (0, lines));
    }

    #[test]
    fn all_up_to_the_last_that_is_out_of_order_are_moved() {
        let lines = written(&["// 1", "// 3", "// 2", "// 4"]);
        assert_eq!(mended(&comments(&[1, 2, 3, 4]), &lines, false), (2, written(&["// 3", "// 4"])));
    }

    #[test]
    fn one_without_a_place_is_forgotten_or_elsewhere() {
        let lines = written(&["// 1", "// 3"]);
        assert_eq!(mended(&comments(&[1, 2, 3]), &lines, false), (2, written(&["// 3"])));
        assert_eq!(mended(&comments(&[1, 2, 3]), &lines, true), (0, lines));
    }

    #[test]
    fn two_that_say_the_same_are_two() {
        let lines = written(&["// 1", "// 2", "// 1"]);
        assert_eq!(mended(&comments(&[1, 1, 2]), &lines, false), (1, written(&["// 1", "// 2"])));
        assert_eq!(mended(&comments(&[1, 2, 1]), &lines, false), (0, lines));
    }

    #[test]
    fn the_lines_of_one_comment_stay_together() {
        let mut all = comments(&[1, 2]);
        all[0].lines.push("// more".to_owned());
        let lines = written(&["// 1", "// 2", "// more"]);
        assert_eq!(mended(&all, &lines, false), (1, lines));
    }

    #[test]
    fn what_is_in_php_that_stays_is_not_moved() {
        let mut all = comments(&[1, 2, 3]);
        all[1].quoted = true;
        let lines = written(&["//     f(); // 2", "// 1", "// 3"]);
        assert_eq!(mended(&all, &lines, false), (1, written(&["//     f(); // 2", "// 3"])));
    }

    /// PHP, and its Rust from the first comment to the last.
    #[test]
    fn comments_keep_their_order_where_parts_of_a_statement_do_not() {
        let rows = [
            // The body of `try` comes behind what is said of a `catch`.
            (
                "try { /* a */\n} catch (Exception $e) {\n    // b\n    echo 1;\n}",
                "// a\n    // nothing in this `try` fails with this in Rust, so the `catch` is left out:\n    \
                 //     catch (Exception $e) {\n    //         // b",
            ),
            (
                "$a = array_map(function ($x) {\n    // a\n    return $x;\n}, [/* b */ 1]); // c",
                "// a\n            // b\n            1,\n        ]),\n    )?; // c",
            ),
        ];
        for (php, rust) in rows {
            let php = format!("<?php\nfunction g()\n{{\n    {php}\n}}\n");
            let ported = crate::port(php.as_bytes()).unwrap();
            assert!(ported.rust.contains(rust), "{php}\n{}", ported.rust);
        }
    }

    /// What is said in comments, in their order.
    fn said(php: &str) -> String {
        let ported = crate::port(php.as_bytes()).unwrap();
        let comments = ported.rust.lines().filter_map(|line| line.split_once("// ").map(|(_, text)| text));
        comments.filter(|text| text.len() == 1).collect()
    }

    #[test]
    fn what_is_tried_and_given_up_keeps_its_comments() {
        let php = "<?php\nclass A\n{\n    public static function get(/* a */ $b)\n    {\n        \
                   if (self::$a === null) {\n            // b\n            self::$a = f($b); // c\n        }\n        \
                   return self::$a; // d\n    }\n}\n";
        let ported = crate::port(php.as_bytes()).unwrap();
        assert!(ported.rust.contains("// a\n"), "{}", ported.rust);
    }

    #[test]
    fn a_return_that_is_not_needed_leaves_the_comment_behind_it() {
        let php = "<?php\nclass A\n{\n    private static $a = null;\n    public static function get()\n    {\n        \
                   self::$a = f(); // a\n        return self::$a; // b\n    }\n}\n";
        assert_eq!(said(php), "ab");
    }

    #[test]
    fn what_the_error_answers_keeps_its_comments() {
        let php = "<?php\nfunction f(WeChatPay\\BuilderChainable $api)\n{\n    \
                   return $api->chain('v2/pay/orderquery')->postAsync(['xml' => ['a' => 'b']])\n        \
                   ->then(function ($response) {\n            return '1';\n        })\n        ->otherwise(function ($e) {\n            // a\n            \
                   if ($e instanceof \\GuzzleHttp\\Promise\\RejectionException) { // b\n                \
                   $e = $e->getReason();\n            }\n            \
                   if ($e instanceof \\Psr\\Http\\Message\\ResponseInterface) {\n                return '2';\n            }\n            \
                   return 'x';\n        })\n        \
                   ->wait(/* c */);\n}\n";
        assert_eq!(said(php), "abc");
    }

    #[test]
    fn what_is_made_once_has_its_comments_around_it() {
        let php = "<?php\nclass A\n{\n    private static $a = null;\n    public static function get($b)\n    {\n        \
                   // a\n        if (self::$a === null) {\n            // b\n            \
                   self::$a = WeChatPay\\Builder::factory($b + ['mchid' => 1, // c\n            \
                   'secret' => 'x']); // d\n        }\n        return self::$a; // e\n        // f\n    }\n}\n";
        let ported = crate::port(php.as_bytes()).unwrap();
        assert_eq!(said(php), "abcdef");
        assert!(ported.rust.contains("Ok(a) // e\n        // f\n    }"), "{}", ported.rust);
    }
}
