use super::{expression, file, shape, statement};
use crate::php::tree::{
    ClassKind, ClosureBody, ExpressionKind, Function, Hint, ImportKind, MemberKind, Modifiers, StatementKind,
    Visibility,
};

#[track_caller]
fn is(php: &str, expected: &str) {
    assert_eq!(shape(&expression(php)), expected, "{php}");
}

#[test]
fn arrays_of_all_spellings_are_arrays() {
    let one = r#"Array([Element { key: Some({ Text("a") }), value: Some({ Integer(1) }), by_reference: false, spread: false }])"#;
    is("['a' => 1];", one);
    is("array('a' => 1,);", one);
    let ExpressionKind::Assign { target, .. } = expression("list(, $a, list($b)) = $c;") else { panic!() };
    let ExpressionKind::Array(elements) = target.kind else { panic!() };
    assert!(elements[0].value.is_none() && elements[1].value.is_some());
    assert!(matches!(&elements[2].value.as_ref().unwrap().kind, ExpressionKind::Array(inner) if inner.len() == 1));
    let ExpressionKind::Array(elements) = expression("[...$a, &$b];") else { panic!() };
    assert!(elements[0].spread && !elements[0].by_reference && elements[1].by_reference && !elements[1].spread);
}

#[test]
fn names_stay_as_they_are_written() {
    is("\\strlen();", r#"Call { callee: Named("\\strlen"), arguments: [] }"#);
    is("A\\b();", r#"Call { callee: Named("A\\b"), arguments: [] }"#);
    is("TRUE;", r#"Constant("TRUE")"#);
    is("\\A\\B;", r#"Constant("\\A\\B")"#);
    is("__DIR__;", r#"Constant("__DIR__")"#);
    is("\\A\\B::C;", r#"ClassConstant { class: Named("\\A\\B"), name: "C" }"#);
    is("new \\A;", r#"New { class: Named("\\A"), arguments: [] }"#);
    is("$a instanceof \\B;", r#"InstanceOf { object: { Variable("a") }, class: Named("\\B") }"#);
}

#[test]
fn members_are_plain_or_computed() {
    let property = |name: &str| format!(r#"Property {{ object: {{ Variable("a") }}, name: {name}, nullsafe: false }}"#);
    is("$a->b;", &property(r#"Plain("b")"#));
    is("$a->class;", &property(r#"Plain("class")"#));
    is("$a->{'a-b'};", &property(r#"Computed({ Text("a-b") })"#));
    is("$a->$b;", &property(r#"Computed({ Variable("b") })"#));
    is("A::$b;", r#"StaticProperty { class: Named("A"), name: Plain("b") }"#);
    is("A::$$b;", r#"StaticProperty { class: Named("A"), name: Computed({ Variable("b") }) }"#);
    is("A::$b();", r#"StaticCall { class: Named("A"), name: Computed({ Variable("b") }), arguments: [] }"#);
    is("$a::b();", r#"StaticCall { class: Computed({ Variable("a") }), name: Plain("b"), arguments: [] }"#);
    is("$a?->b();", r#"MethodCall { object: { Variable("a") }, name: Plain("b"), arguments: [], nullsafe: true }"#);
    is(
        "f(...$a, b: 1);",
        r#"Call { callee: Named("f"), arguments: [Argument { name: None, value: { Variable("a") }, spread: true }, Argument { name: Some("b"), value: { Integer(1) }, spread: false }] }"#,
    );
}

#[test]
fn operators_bind_as_in_php() {
    let binary = |operator: &str, left: &str, right: &str| {
        format!("Binary {{ operator: {operator}, left: {{ {left} }}, right: {{ {right} }} }}")
    };
    let (one, two, three) = ("Integer(1)", "Integer(2)", "Integer(3)");
    is("1 . 2 . 3;", &binary("Concat", &binary("Concat", one, two), three));
    is("1 ** 2 ** 3;", &binary("Power", one, &binary("Power", two, three)));
    is("1 ?? 2 ?? 3;", &binary("Coalesce", one, &binary("Coalesce", two, three)));
    is("1 + 2 . 3;", &binary("Concat", &binary("Add", one, two), three));
    is("1 <> 2;", &binary("NotEqual", one, two));
    is("1 or 2;", &binary("Or", one, two));
    is(
        "$a = 1 and 2;",
        &binary(
            "And",
            r#"Assign { target: { Variable("a") }, operator: None, value: { Integer(1) }, by_reference: false }"#,
            two,
        ),
    );
    is(
        "!$a instanceof B;",
        r#"Unary { operator: Not, operand: { InstanceOf { object: { Variable("a") }, class: Named("B") } } }"#,
    );
    is(
        "$a .= 1;",
        r#"Assign { target: { Variable("a") }, operator: Some(Concat), value: { Integer(1) }, by_reference: false }"#,
    );
    is(
        "$a = &$b;",
        r#"Assign { target: { Variable("a") }, operator: None, value: { Variable("b") }, by_reference: true }"#,
    );
    is("$a--;", r#"Step { target: { Variable("a") }, by: -1, before: false }"#);
    is("++$a;", r#"Step { target: { Variable("a") }, by: 1, before: true }"#);
    is("(1);", "Parenthesized({ Integer(1) })");
    is("1 ?: 2;", "Ternary { condition: { Integer(1) }, then: None, otherwise: { Integer(2) } }");
    is("(string) 1;", "Cast { to: Text, operand: { Integer(1) } }");
    is("strlen(...);", r#"FirstClassCallable({ Call { callee: Named("strlen"), arguments: [] } })"#);
    is("$$a;", r#"VariableVariable({ Variable("a") })"#);
    is(
        "$a[] = 1;",
        r#"Assign { target: { Index { base: { Variable("a") }, index: None } }, operator: None, value: { Integer(1) }, by_reference: false }"#,
    );
}

#[test]
fn imports_name_what_they_bring() {
    let StatementKind::Use(imports) = statement("use A\\{B, C as D, function e, const F};") else { panic!() };
    let found =
        imports.iter().map(|import| (import.kind, import.path.as_str(), import.name.as_str())).collect::<Vec<_>>();
    assert_eq!(
        found,
        [
            (ImportKind::Class, "A\\B", "B"),
            (ImportKind::Class, "A\\C", "D"),
            (ImportKind::Function, "A\\e", "e"),
            (ImportKind::Constant, "A\\F", "F"),
        ]
    );
    let StatementKind::Use(imports) = statement("use function \\A\\b as c;") else { panic!() };
    assert_eq!(
        (imports[0].kind, imports[0].path.as_str(), imports[0].name.as_str()),
        (ImportKind::Function, "A\\b", "c")
    );
}

#[test]
fn control_of_both_spellings_is_the_same() {
    for (braces, alternative) in [
        ("if ($a) { b(); } elseif ($c) { d(); } else { e(); }", "if ($a): b(); elseif ($c): d(); else: e(); endif;"),
        ("while ($a) { b(); }", "while ($a): b(); endwhile;"),
        ("for (;;) { b(); }", "for (;;): b(); endfor;"),
        ("foreach ($a as $k => &$v) { b(); }", "foreach ($a as $k => &$v): b(); endforeach;"),
        ("switch ($a) { case 1: b(); default: }", "switch ($a): case 1: b(); default: endswitch;"),
    ] {
        assert_eq!(shape(&statement(braces)), shape(&statement(alternative)));
    }
    assert_eq!(
        shape(&statement("if ($a) b(); else if ($c) d();")),
        shape(&statement("if ($a) { b(); } elseif ($c) { d(); }"))
    );
}

#[test]
fn what_has_no_words_says_its_name() {
    assert!(matches!(statement("declare(ticks=1) {}"), StatementKind::Other("declare with statements")));
    let (_, goto) = file("a: goto a;");
    assert!(matches!(goto.statements[0].kind, StatementKind::Other("a label")));
    assert!(matches!(goto.statements[1].kind, StatementKind::Other("goto")));
    assert!(matches!(statement("declare(strict_types=1);"), StatementKind::Declare(text) if text == "strict_types=1"));
    let (source, halted) = file("<?php $a; __halt_compiler(); // data (((");
    assert!(matches!(halted.statements[1].kind, StatementKind::Other("__halt_compiler")));
    assert_eq!(source.slice(halted.statements[1].span), "__halt_compiler(); // data (((");
    is("eval('1');", r#"Other("eval")"#);
    is("`ls`;", r#"Other("a command in backticks")"#);
}

fn function(php: &str) -> Function {
    match statement(php) {
        StatementKind::Function(function) => function,
        other => panic!("{other:?}"),
    }
}

#[test]
fn generators_are_found() {
    assert!(function("function f() { foreach ($a as $b) { $c = yield $b; } }").is_generator);
    assert!(function("function f() { yield from g(); }").is_generator);
    assert!(!function("function f() { return function () { yield 1; }; }").is_generator);
    assert!(!function("function f() { return fn () => yield 1; }").is_generator);
    assert!(function("function f() { $a = fn () => 1; yield; }").is_generator);
    let ExpressionKind::Closure(closure) = expression("fn () => yield 1;") else { panic!() };
    assert!(closure.is_generator && matches!(closure.body, ClosureBody::Arrow(_)));
}

#[test]
fn functions_have_parameters_and_hints() {
    let read = function("function &f(?int $a, A|\\B|null $b = null, array &$c = [], string ...$d): int {}");
    assert!(read.returns_reference);
    assert_eq!(read.returns, Some(Hint::Named("int".to_owned())));
    let hints = read.parameters.iter().map(|parameter| parameter.hint.clone().unwrap()).collect::<Vec<_>>();
    let named = |name: &str| Hint::Named(name.to_owned());
    assert_eq!(hints[0], Hint::Nullable(Box::new(named("int"))));
    assert_eq!(hints[1], Hint::Union(vec![named("A"), named("\\B"), named("null")]));
    assert!(read.parameters[1].default.is_some() && read.parameters[2].by_reference && read.parameters[3].variadic);
    let ExpressionKind::Closure(closure) = expression("static function () use ($a, &$b) {};") else { panic!() };
    assert!(!closure.captures[0].by_reference && closure.captures[1].by_reference);
}

#[test]
fn classes_have_members_of_all_kinds() {
    let StatementKind::Class(class) = statement(
        "abstract class A extends \\B implements C, D { use E; private static ?int $f = 1; final const G = 2;
        function __construct(private readonly string $h, int $i) {} abstract protected function j();
        public private(set) int $k; public $l { get => 1; } }",
    ) else {
        panic!()
    };
    assert_eq!((class.kind, class.name.as_str()), (ClassKind::Class, "A"));
    assert!(class.modifiers.is_abstract && !class.modifiers.is_final);
    assert_eq!((class.extends, class.implements), (vec!["\\B".to_owned()], vec!["C".to_owned(), "D".to_owned()]));
    let mut members = class.members.into_iter().map(|member| member.kind);
    assert!(matches!(members.next(), Some(MemberKind::Traits(names)) if names == ["E"]));
    let private_static = Modifiers { visibility: Visibility::Private, is_static: true, ..Modifiers::default() };
    assert!(matches!(members.next(), Some(MemberKind::Property { modifiers, .. }) if modifiers == private_static));
    assert!(matches!(members.next(), Some(MemberKind::Constant { modifiers, .. }) if modifiers.is_final));
    let Some(MemberKind::Method { function, .. }) = members.next() else { panic!() };
    let promoted = Modifiers { visibility: Visibility::Private, is_readonly: true, ..Modifiers::default() };
    assert_eq!(function.parameters[0].promoted, Some(promoted));
    assert_eq!(function.parameters[1].promoted, None);
    assert!(
        matches!(members.next(), Some(MemberKind::Method { modifiers, function }) if modifiers.is_abstract && function.body.is_none())
    );
    assert!(matches!(members.next(), Some(MemberKind::Other("a visibility for writing"))));
    assert!(matches!(members.next(), Some(MemberKind::Other("property hooks"))));
}

#[test]
fn enums_have_cases() {
    let StatementKind::Class(class) = statement("enum A: string implements B { case C = 'c'; const D = self::C; }")
    else {
        panic!()
    };
    assert_eq!(class.kind, ClassKind::Enum(Some(Hint::Named("string".to_owned()))));
    assert_eq!(class.implements, ["B"]);
    assert!(matches!(&class.members[0].kind, MemberKind::Case { name, value: Some(_) } if name == "C"));
    assert!(matches!(&class.members[1].kind, MemberKind::Constant { name, .. } if name == "D"));
}
