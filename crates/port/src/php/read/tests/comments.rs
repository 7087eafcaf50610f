use super::file;
use crate::php::tree::CommentKind;

/// Each comment: its kind, whether it trails, its lines.
fn comments(php: &str) -> Vec<(CommentKind, bool, String)> {
    let (_, file) = file(php);
    file.comments.iter().map(|comment| (comment.kind, comment.trailing, comment.lines.join("|"))).collect()
}

#[track_caller]
fn is(php: &str, expected: &[(CommentKind, bool, &str)]) {
    let found = comments(php);
    let found = found.iter().map(|(kind, trailing, lines)| (*kind, *trailing, lines.as_str())).collect::<Vec<_>>();
    assert_eq!(found, expected, "{php}");
}

use CommentKind::{Block, Doc, Line};

#[test]
fn all_kinds_lose_their_marks() {
    is(
        "// a\n#b\n/* c */\n/** d */\n$a;",
        &[(Line, false, "a"), (Line, false, "b"), (Block, false, "c"), (Doc, false, "d")],
    );
    is("//   a  \n$a;", &[(Line, false, "  a")]);
    is("/**\n * a\n *\n *   b\n */\nfunction f() {}", &[(Doc, false, "a||  b")]);
    is("/*\n    a\n      * b\n  */ $a;", &[(Block, false, "a|  * b")]);
    is("/*\n * a\n * b\n */ $a;", &[(Block, false, "a|b")]);
    is("/**/ $a;", &[(Block, false, "")]);
}

#[test]
fn a_comment_trails_behind_code() {
    is("$a; // a", &[(Line, true, "a")]);
    is("$a = [ // a\n  // b\n  1, /* c */ 2];", &[(Line, true, "a"), (Line, false, "b"), (Block, true, "c")]);
    is("<?php // a\n$a;", &[(Line, false, "a")]);
    is("/* a */ /* b */ $a; // c", &[(Block, false, "a"), (Block, false, "b"), (Line, true, "c")]);
    is("$a = 'x\ny'; // a", &[(Line, true, "a")]);
    is("// a\n'b' => 1, // c", &[(Line, false, "a"), (Line, true, "c")]);
}

#[test]
fn a_comment_stands_anywhere() {
    is(
        "foo(/* a */ $b /* c */ , /** d */ fn (/* e */ $x) => /* f */ $x)/* g */; if (1) /* h */ {} else /* i */ {}",
        &[
            (Block, true, "a"),
            (Block, true, "c"),
            (Doc, true, "d"),
            (Block, true, "e"),
            (Block, true, "f"),
            (Block, true, "g"),
            (Block, true, "h"),
            (Block, true, "i"),
        ],
    );
    is(
        "class A {\n/** a */ const B = 1; // b\n/** c */\n#[D] function e() {} }",
        &[(Doc, false, "a"), (Line, true, "b"), (Doc, false, "c"), (Line, false, "#[D]")],
    );
}

#[test]
fn what_only_looks_like_one_is_none() {
    is("$a = '// a' . \"# b /* c */ $d\"; $e = <<<F\n// g\nF;", &[]);
    is("<?php $a; ?>\n// html\n<?php $b; // c ?> d", &[(Line, true, "c")]);
    is("<?php $a; __halt_compiler(); // data", &[]);
}

#[test]
fn a_comment_is_found_in_a_text() {
    is("$a = \"x {$b /* c */} // d {$e['{'] /* f */}\";", &[(Block, true, "c"), (Block, true, "f")]);
    is("$a = <<<A\n{$b[\"{$c /* d */}\"]}\nA;", &[(Block, true, "d")]);
}

#[test]
fn attributes_become_comments() {
    is(
        "#[A('x'), B] // c\nabstract class D { #[E(\n 1 /* in it */\n)] public $f; }",
        &[(Line, false, "#[A('x'), B]"), (Line, false, "c"), (Line, true, "#[E(| 1 /* in it */|)]")],
    );
}

#[test]
fn the_line_for_the_shell_is_a_comment() {
    is("#!/usr/bin/env php\n<?php $a;", &[(Line, false, "!/usr/bin/env php")]);
}
