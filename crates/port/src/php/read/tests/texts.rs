use super::{expression, shape};

#[track_caller]
fn is(php: &str, expected: &str) {
    assert_eq!(shape(&expression(php)), expected, "{php}");
}

#[test]
fn quotes_resolve_their_escapes() {
    is(r"'a\'b\\c\n$d';", r#"Text("a'b\\c\\n$d")"#);
    is(r#""a\"b\\c\n\t\$d\q";"#, r#"Text("a\"b\\c\n\t$d\\q")"#);
    is(r#""\x41\101\u{4e2d}\e\v\f\0";"#, r#"Text("AA中\u{1b}\u{b}\u{c}\0")"#);
    is(r#""\xe4\xb8\xad";"#, r#"Text("中")"#);
    is("'';", r#"Text("")"#);
}

#[test]
fn what_is_not_utf8_is_bytes() {
    is(r#""a\xff";"#, "Bytes([97, 255])");
    is(r#""\xff$a";"#, r#"Interpolated([Value({ Bytes([255]) }), Value({ Variable("a") })])"#);
}

#[test]
fn values_stand_in_texts() {
    let index = |inside: &str| {
        format!(
            r#"Interpolated([Text("x"), Value({{ Index {{ base: {{ Variable("a") }}, index: Some({{ {inside} }}) }} }})])"#
        )
    };
    is(r#""x$a[0]";"#, &index("Integer(0)"));
    is(r#""x$a[-1]";"#, &index("Integer(-1)"));
    is(r#""x$a[key]";"#, &index(r#"Text("key")"#));
    is(r#""x$a[$b]";"#, &index(r#"Variable("b")"#));
    is(r#""x{$a['k']}";"#, &index(r#"Text("k")"#));
    is(r#""x${a['k']}";"#, &index(r#"Text("k")"#));
    is(r#""${a}$";"#, r#"Interpolated([Value({ Variable("a") }), Text("$")])"#);
    is(
        r#""$a->b->c";"#,
        r#"Interpolated([Value({ Property { object: { Variable("a") }, name: Plain("b"), nullsafe: false } }), Text("->c")])"#,
    );
    is(
        r#""{$a->b()}";"#,
        r#"Interpolated([Value({ MethodCall { object: { Variable("a") }, name: Plain("b"), arguments: [], nullsafe: false } })])"#,
    );
}

#[test]
fn heredocs_lose_their_indentation() {
    is("<<<A\n    a\n      b\n    A;", r#"Text("a\n  b")"#);
    is("<<<A\n  a $b\n   c\\n\n  A;", r#"Interpolated([Text("a "), Value({ Variable("b") }), Text("\n c\n")])"#);
    is("<<<\"A\"\nA;", r#"Text("")"#);
    is("<<<'A'\n  $a\\n\n  A;", r#"Text("$a\\n")"#);
    is("<<<A\r\n a\r\n b\r\n A;", r#"Text("a\r\nb")"#);
}

#[test]
fn numbers_are_read_as_php_reads_them() {
    for (php, expected) in [
        ("1_000", "Integer(1000)"),
        ("0x1F", "Integer(31)"),
        ("0b101", "Integer(5)"),
        ("0o17", "Integer(15)"),
        ("017", "Integer(15)"),
        ("9223372036854775807", "Integer(9223372036854775807)"),
        ("9223372036854775808", "Float(9.223372036854776e18)"),
        ("0xffffffffffffffff", "Float(1.8446744073709552e19)"),
        ("1.5e3", "Float(1500.0)"),
        (".5", "Float(0.5)"),
        ("1e400", "Float(inf)"),
    ] {
        is(&format!("{php};"), expected);
    }
}
