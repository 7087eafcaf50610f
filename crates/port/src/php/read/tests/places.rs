use super::{each, file};
use crate::php::tree::{MemberKind, StatementKind};

#[track_caller]
fn statements(php: &str) -> Vec<String> {
    let (source, file) = file(php);
    let mut found = Vec::new();
    each(&file.statements, &mut |statement| found.push(source.slice(statement.span).to_owned()));
    found
}

#[test]
fn a_statement_is_all_of_it() {
    assert_eq!(statements("  $a = 1 ; // b\n/** c */ echo 2;"), ["$a = 1 ;", "echo 2;"]);
    assert_eq!(
        statements("if ($a) { b(); } else if ($c) d();"),
        ["if ($a) { b(); } else if ($c) d();", "b();", "d();"]
    );
    assert_eq!(statements("if ($a): b(); else: c(); endif;"), ["if ($a): b(); else: c(); endif;", "b();", "c();"]);
    assert_eq!(statements("<?php $a = 1 ?>\nx <?= $b ?> y"), ["$a = 1", "x ", "<?= $b", " y"]);
    assert_eq!(statements("do { a(); } while (1) ;"), ["do { a(); } while (1) ;", "a();"]);
}

#[test]
fn a_class_begins_with_its_modifiers_and_not_with_its_attributes() {
    assert_eq!(statements("/** a */ #[B] #[C(1)] abstract class D {}"), ["abstract class D {}"]);
    assert_eq!(statements("final readonly class A {}"), ["final readonly class A {}"]);
    assert_eq!(statements("#[A]\n// b\nfunction c() {}"), ["function c() {}"]);
}

#[test]
fn a_namespace_in_braces_is_its_head_and_what_follows() {
    let (source, file) = file("<?php namespace A\\B /* c */ { $d; } namespace { $e; }");
    let found = file.statements.iter().map(|statement| source.slice(statement.span)).collect::<Vec<_>>();
    assert_eq!(found, ["namespace A\\B", "$d;", "namespace", "$e;"]);
    assert!(matches!(&file.statements[0].kind, StatementKind::Namespace(Some(name)) if name == "A\\B"));
    assert!(matches!(&file.statements[2].kind, StatementKind::Namespace(None)));
}

#[test]
fn each_member_has_its_place() {
    let (source, file) = file(
        "class A { use B, C; protected $d, $e = 1; public $j ; const F = 1, G = 2; #[H] public static function i(): int { return 1; } }",
    );
    let StatementKind::Class(class) = &file.statements[0].kind else { panic!("{file:?}") };
    let members = class.members.iter().map(|member| source.slice(member.span)).collect::<Vec<_>>();
    assert_eq!(
        members,
        [
            "use B, C;",
            "protected $d",
            "$e = 1;",
            "public $j ;",
            "const F = 1",
            "G = 2;",
            "public static function i(): int { return 1; }"
        ]
    );
    assert!(matches!(&class.members[2].kind, MemberKind::Property { name, .. } if name == "e"));
}
