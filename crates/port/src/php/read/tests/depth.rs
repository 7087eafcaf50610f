use super::{depth_to_the_left, file, refused};
use crate::php::read::{PATH, open, read};
use crate::php::tree::StatementKind;
use crate::refusal::Refusal;
use crate::source::Position;

/// What can stand within itself: before, in the middle, behind.
const NESTED: [(&str, &str, &str); 24] = [
    ("(", "1", ")"),
    ("[", "1", "]"),
    ("array(", "1", ")"),
    ("!", "1", ""),
    ("- ", "1", ""),
    ("@", "$a", ""),
    ("(int)", "1", ""),
    ("1 ? 1 : (", "2", ")"),
    ("1 ? ", "2", " : 3"),
    ("$a ?? ", "1", ""),
    ("$a = ", "1", ""),
    ("2 ** ", "1", ""),
    ("f(", "1", ")"),
    ("$a[", "1", "]"),
    ("$a->{", "'b'", "}"),
    ("function () { return ", "1", "; }"),
    ("fn () => ", "1", ""),
    ("match (1) { 1 => ", "1", " }"),
    ("new class { function f() { return ", "1", "; } }"),
    ("\"{$a[", "1", "]}\""),
    ("print ", "1", ""),
    ("isset($a[", "1", "])"),
    ("throw ", "$a", ""),
    ("clone ", "$a", ""),
];

fn nested((before, middle, behind): (&str, &str, &str), times: usize) -> String {
    format!("<?php $x = {}{middle}{};", before.repeat(times), behind.repeat(times))
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    for shape in NESTED {
        for times in [250, 5_000, 100_000] {
            let refusal = refused(&nested(shape, times));
            assert!(matches!(refusal, Refusal::TooDeep { .. }), "{shape:?} {times} {refusal:?}");
            assert!(refusal.position().line == 1 && refusal.position().column > 1, "{refusal:?}");
        }
    }
}

#[test]
fn what_people_write_is_not_too_deep() {
    for shape in NESTED {
        let times = if shape.0.starts_with('"') { 6 } else { 40 };
        file(&nested(shape, times));
    }
}

#[test]
fn statements_are_refused_too() {
    let refusal = refused(&format!("<?php {}{}", "if (1) {\n".repeat(300), "}".repeat(300)));
    assert_eq!(refusal, Refusal::TooDeep { position: Position { line: 200, column: 4 } });
    for unit in ["if (1) ", "foreach ($a as $b) ", "if (1) {} else ", "{", "while (1) {", "function f() {", "try {"] {
        let source = format!("<?php {}", unit.repeat(100_000));
        let outcome = read(&open(source.as_bytes()).unwrap());
        assert!(matches!(outcome, Err(Refusal::TooDeep { .. })), "{unit} {outcome:?}");
    }
    for branch in ["elseif ($a > 2) { echo 2; }", "else if ($a > 2) { echo 2; }"] {
        let times = |times: usize| format!("<?php if (1) {{}} {}", branch.repeat(times));
        assert!(crate::port(times(500).as_bytes()).is_ok());
        assert!(matches!(crate::port(times(2_000).as_bytes()), Err(Refusal::TooDeep { .. })), "{branch}");
    }
}

/// What is long to the left, in which the parser's own checks go down.
const CHECKED: [(&str, &str, &str); 7] = [
    ("", "const A = ", "1 . "),
    ("", "function f($a = ", "1 + "),
    ("(void) g(); ", "$a = ", "$a . "),
    ("$a[] = 1; ", "$a = ", "$a && "),
    ("", "#[A(", "'a' . "),
    ("A::b(); ", "$a = ", "$a->b . "),
    ("", "class A { const B = ", "1 + "),
];

#[test]
fn what_the_parser_goes_down_into_does_not_end_the_program() {
    for (before, start, unit) in CHECKED {
        for times in [1_000, 3_000, 100_000] {
            let source = format!("<?php {before}{start}{}", unit.repeat(times));
            assert!(read(&open(source.as_bytes()).unwrap()).is_err(), "{start} {times}");
        }
    }
}

#[test]
fn a_long_row_is_no_nesting() {
    for operator in [".", "&&", "||"] {
        let php = format!("$x = {}$z;", format!("$a {operator} ").repeat(4_999));
        let (_, file) = file(&php);
        let StatementKind::Expression(expression) = &file.statements[0].kind else { panic!() };
        let crate::php::tree::ExpressionKind::Assign { value, .. } = &expression.kind else { panic!() };
        assert_eq!(depth_to_the_left(value), 14);
        assert_eq!((value.span.start, value.span.end), (11, php.len() + 5));
        let mut texts = Vec::new();
        operands(value, &mut texts);
        assert_eq!(texts.len(), 5_000);
        assert_eq!((texts[0].as_str(), texts[4_999].as_str()), ("a", "z"));
    }
}

fn operands(expression: &crate::php::tree::Expression, into: &mut Vec<String>) {
    use crate::php::tree::ExpressionKind;
    match &expression.kind {
        ExpressionKind::Binary { left, right, .. } => {
            operands(left, into);
            operands(right, into);
        }
        ExpressionKind::Variable(name) => into.push(name.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_long_row_may_stand_within_another() {
    file(&format!("$x = ({}1) . 'a' == ({}1);", "$a . ".repeat(500), "$a || ".repeat(500)));
    file(&format!("$x = {}1 + 1 == 2 ? 3 : 4;", "$a . ".repeat(500)));
}

#[test]
fn a_chain_is_as_long_as_its_path() {
    let (_, file) = file(&format!("$a{};", "->b".repeat(300)));
    let StatementKind::Expression(expression) = &file.statements[0].kind else { panic!() };
    assert_eq!(depth_to_the_left(expression), 301);
    let refusal = refused(&format!("$a{};", "->b()".repeat(PATH)));
    assert!(matches!(refusal, Refusal::TooDeep { .. }), "{refusal:?}");
    refused(&format!("$a{};", "[0]".repeat(100_000)));
}

#[test]
fn heredocs_that_do_not_end_are_not_looked_for_again_and_again() {
    for unit in ["<<<A\n", "<<<'A'\n", "$a .= <<<B\nx {$b} y\n"] {
        let source = format!("<?php {}", unit.repeat(200_000));
        assert!(matches!(refused(&source), Refusal::Syntax { .. }), "{unit}");
    }
}
