//! What a reviewer would have asked for: PHP, and the line of Rust that it becomes.

/// The function `f` that takes `$a` and so on, as Rust: its body, without the outer indentation.
fn body(parameters: &str, php: &str) -> String {
    let source = format!("<?php\ndeclare(strict_types=1);\nfunction f({parameters})\n{{\n{php}\n}}\n");
    let ported = wechatpay_port::port(source.as_bytes()).unwrap();
    assert!(ported.is_complete(), "{php}: {:?}", ported.findings);
    let (_, function) = ported.rust.split_once("pub fn f(").unwrap();
    let (_, rest) = function.split_once("{\n").unwrap();
    let (body, _) = rest.split_once("\n}\n").unwrap();
    body.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn assert_becomes(parameters: &str, php: &str, rust: &str) {
    assert_eq!(body(parameters, php), rust, "{php}");
}

#[test]
fn lengths_are_compared_as_lengths() {
    assert_becomes("string $a", "return strlen($a) > 0;", "!a.is_empty()");
    assert_becomes("string $a", "return strlen($a) === 0;", "a.is_empty()");
    assert_becomes("string $a", "return strlen($a) == 64;", "a.len() == 64");
    assert_becomes("string $a", "return mb_strlen($a) > 40;", "a.chars().count() > 40");
    assert_becomes("string $a", "return mb_strlen($a) > 0;", "a.chars().count() > 0");
    assert_becomes("string $a, string $b", "return strlen($a) < strlen($b);", "a.len() < b.len()");
    // What is always so stays as it was written.
    assert_becomes("string $a", "return strlen($a) >= 0;", "a.len() as i64 >= 0");
    // Below zero there is a difference.
    assert_becomes("string $a, int $b", "return strlen($a) > $b;", "a.len() as i64 > b");
    assert_becomes("string $a", "return strlen($a) - 1 < 2;", "a.len() as i64 - 1 < 2");
}

#[test]
fn what_stays_is_not_assigned_again() {
    assert_becomes(
        "string $a, bool $b",
        "$a = $b ? 'new' : $a; return $a;",
        "let mut a = a.to_owned();\nif b {\n    a = \"new\".to_owned();\n}\na",
    );
    assert_becomes(
        "string $a, bool $b",
        "$a = $b ? $a : 'new'; return $a;",
        "let mut a = a.to_owned();\nif !b {\n    a = \"new\".to_owned();\n}\na",
    );
    assert_becomes("int $a, int $b", "$a = $a > $b ? $a : 7; return $a;", "a = if a > b { a } else { 7 };\na");
}

#[test]
fn a_constant_stands_in_its_text() {
    let source =
        "<?php\nconst HOST = 'https://a.example';\nfunction f(string $a): string\n{\n    return HOST . '/' . $a;\n}\n";
    let ported = wechatpay_port::port(source.as_bytes()).unwrap();
    assert!(ported.rust.contains("    format!(\"{HOST}/{a}\")\n"), "{}", ported.rust);
}

#[test]
fn a_number_alone_is_to_string() {
    assert_becomes("int $a", "return '' . $a;", "a.to_string()");
    assert_becomes("int $a", "return \"$a\";", "a.to_string()");
    assert_becomes("int $a", "return \"$a \";", "format!(\"{a} \")");
}

#[test]
fn no_default_is_made_that_is_not_needed() {
    assert_becomes("?string $a, string $b", "return $a ?? $b;", "a.unwrap_or(b).to_owned()");
    assert_becomes("?string $a", "return $a ?? null;", "a.map(str::to_owned)");
}

/// What stands elsewhere in the source has its comments there.
#[test]
fn a_default_brings_no_comments() {
    let source = "<?php\nfunction f(): int\n{\n    // before\n    $a = g(1);\n    // behind\n    return $a;\n}\n// of g\nfunction g(int $a, array $b = [/* none */]): int\n{\n    return $a + count($b);\n}\n";
    let ported = wechatpay_port::port(source.as_bytes()).unwrap();
    for comment in ["// before", "// behind", "// of g", "// none"] {
        assert_eq!(ported.rust.matches(comment).count(), 1, "{comment}: {}", ported.rust);
    }
}

/// A snippet may have functions, too.
#[test]
fn a_snippet_keeps_the_comments_of_its_functions() {
    let ported =
        wechatpay_port::port(b"// twice\nfunction f(int $a): int\n{\n    return 2 * $a;\n}\necho f(1);\n").unwrap();
    assert_eq!(ported.rust, "// twice\npub fn f(a: i64) -> i64 {\n    2 * a\n}\nprint!(\"{}\", f(1));\n");
}
