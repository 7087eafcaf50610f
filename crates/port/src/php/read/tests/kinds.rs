use super::{file, refused, shape};
use crate::source::{Kind, Position};

#[track_caller]
fn is(php: &str, kind: Kind) {
    assert_eq!(file(php).0.kind(), kind, "{php}");
}

#[test]
fn pairs_are_told_from_statements() {
    for pairs in [
        "'a' => 1",
        "'a' => 1,\n'b' => ['c' => 2],\n",
        "// one\n'a' => 1,",
        "/* one */ # two\n\"a\" => $b->c",
        "...$base,\n'a' => 1",
        "...$base,",
        "A::B => 1, C => 2",
        "1 => 'a'",
        "'a'\n  =>\n  1",
        "'a' . $b => 1",
        "'a' => fn () => 1,",
        "'a' => 1, // last",
        "$key => $value",
    ] {
        is(pairs, Kind::Pairs);
    }
    for snippet in [
        "$a = ['b' => 1];",
        "['a' => 1]",
        "['a' => 1];",
        "$f = fn ($a) => $a;",
        "fn () => fn () => 1",
        "foreach ($a as $b => $c) {}",
        "echo match ($a) { 1 => 'b' };",
        "// => \n$a;",
        "",
        "use A\\B;\nclass C {}\nfunction d() {}",
    ] {
        is(snippet, Kind::Snippet);
    }
}

#[test]
fn a_tag_in_a_text_makes_no_file() {
    is("<?php $a;", Kind::File);
    is("\u{feff}<?PHP $a;", Kind::File);
    is("<p><?= $a ?></p>", Kind::File);
    is("hello <?php $a;", Kind::File);
    is("$a = '<?php $b;';", Kind::Snippet);
    is("// <?php\n$a;", Kind::Snippet);
    is("'a' => '<?= $b ?>'", Kind::Pairs);
}

#[test]
fn pairs_are_one_array() {
    let (source, file) = file("'a' => 1, // x\n...$b");
    assert_eq!(file.statements.len(), 1);
    assert_eq!(source.slice(file.statements[0].span), "'a' => 1, // x\n...$b");
    assert!(shape(&file.statements[0].kind).starts_with("Expression({ Array([Element"), "{file:?}");
}

#[test]
fn a_snippet_does_without_its_last_semicolon() {
    for php in
        ["$a->b()", "$a = 1; $b = function () {}", "return $a // b", "['a' => 1]", "echo 1 ", "throw $a", "use A\\B"]
    {
        let (source, file) = file(php);
        let last = file.statements.last().unwrap();
        assert!(!php.contains("\n;") && source.slice(last.span).len() <= php.len(), "{php}");
    }
    assert_eq!(file("if ($a) {}").1.statements.len(), 1);
    assert_eq!(file("$a;").1.statements.len(), 1);
}

#[test]
fn a_snippet_that_ends_in_the_middle_is_refused() {
    for php in ["if ($a)", "$a = ", "foo(", "while (1)", "'a", "function f() {", "$a->"] {
        refused(php);
    }
    refused("<?php $a->b()");
}

#[test]
fn an_error_has_its_place() {
    let refusal = refused("<?php\n$中 = 1;\n  $a = = 2;");
    assert_eq!(refusal.position(), Position { line: 3, column: 8 });
    assert!(refusal.to_string().starts_with("not PHP: "), "{refusal}");
    assert_eq!(refused("$a = ) 1;").position(), Position { line: 1, column: 6 });
    let refusal = refused("$a = <<<X\n text\n");
    assert_eq!(refusal.position(), Position { line: 1, column: 6 });
    assert_eq!(refusal.to_string(), "not PHP: the heredoc that begins here does not end");
    // As `php -l` does.
    for php in
        ["break;", "class A extends A2 { function f() {} function f() {} }", "$this = 1;", "function f($a, $a) {}"]
    {
        refused(php);
    }
}
