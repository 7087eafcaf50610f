//! PHP: nothing panics; what is written is Rust's tokens, the same each time, and what is left to do is said in it.
#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;
use wechatpay_port::{FindingKind, Position, Refusal, port};

/// Pieces of programs, most of which fit together.
const PIECES: [&str; 96] = [
    "<?php\n",
    "?>",
    "<?= ",
    "// 注释\n",
    "# x\n",
    "/* a */ ",
    "/** @param array<string, int> $a */\n",
    "use WeChatPay\\Builder;\n",
    "use WeChatPay\\{Crypto\\Rsa, Formatter};\n",
    "namespace App;\n",
    "declare(strict_types=1);\n",
    "require_once __DIR__ . '/vendor/autoload.php';\n",
    "const A = 1;\n",
    "function f(int $a, ?string $b = null, ...$c): array\n{\n",
    "class A extends B implements C\n{\n",
    "abstract ",
    "final ",
    "enum E: string\n{\n    case A = 'a';\n",
    "trait T\n{\n",
    "interface I\n{\n",
    "private readonly ",
    "public static function g(): self\n{\n",
    "public function __construct(private string $a)\n{\n",
    "}\n",
    "{",
    "(",
    ")",
    "[",
    "]",
    ";\n",
    ", ",
    "$instance",
    "$this",
    "$a",
    "$b",
    "$$a",
    "${'a'}",
    "->v3",
    "->pay->transactions->native",
    "->_out_trade_no_",
    "->{'merchant-service'}",
    "->{$a}",
    "?->",
    "::",
    "['v3/pay/transactions/native']",
    "->chain('v3/{+path}')",
    "->post(",
    "->getAsync(",
    "->then(static function ($r) use (&$a) {\n",
    "->otherwise(fn ($e) => ",
    "->wait()",
    "Builder::factory(",
    "Rsa::from(",
    "Formatter::nonce()",
    "'json' => [",
    "'a' => 1, ",
    "\"k$a[0]\" => \"{$a->b['c']} \\u{1f600} \\x41\", ",
    "<<<'X'\n  咖啡\n  X",
    "<<<X\n$a {$b}\nX\n",
    "1 + 0x1F - 017 ** 2 . ' '",
    "PHP_INT_MAX + 1",
    "1e1000",
    "'10' == '1e1'",
    "$a === null ? 1 : 2",
    "$a ?: $b ?? $c",
    "(int) ",
    "!",
    "-",
    "&",
    "@",
    " = ",
    " .= ",
    " += ",
    " <=> ",
    " instanceof ",
    "isset($a['b']->c[0])",
    "empty($a)",
    "list('a' => $a, , $b) = ",
    "if (",
    "else",
    "elseif (",
    "endif;\n",
    "foreach ($a as $k => &$v) {\n",
    "for ($i = 0; $i < 3; $i++) {\n",
    "while (true) {\nbreak 2;\n",
    "do {\n",
    "switch ($a) {\ncase 1:\ndefault:\n",
    "match (true) {\n$a, 1 => 2, default => throw new \\E(),\n",
    "try {\n",
    "} catch (\\Throwable $e) {\n",
    "finally {\n",
    "return ",
    "yield ",
    "static $n = 0;\n",
    "global $g;\n",
    "goto end;\nend:\n",
];

fuzz_target!(|input: &[u8]| {
    ported(input);
    if let Ok(php) = pieces(&mut Unstructured::new(input)) {
        ported(php.as_bytes());
    }
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = mutated(text, &mut Unstructured::new(input)).map(|php| ported(php.as_bytes()));
    }
});

fn ported(php: &[u8]) {
    let ported = match port(php) {
        Ok(ported) => ported,
        Err(Refusal::Lost { position, what }) => panic!("{position:?}: {what} is lost"),
        Err(refusal) => {
            assert!(refusal.position().line >= 1 && refusal.position().column >= 1);
            assert!(!refusal.to_string().contains('\n'), "{refusal}");
            return;
        }
    };
    let lines = ported.rust.lines().count();
    assert!(ported.rust.parse::<TokenStream>().is_ok(), "{}", ported.rust);
    assert!(
        ported.origins.is_sorted() && ported.origins.iter().all(|(rust, php)| (1..=lines).contains(rust) && *php >= 1)
    );
    for finding in ported.findings.iter().filter(|finding| finding.kind == FindingKind::Todo) {
        let Position { line, column } = finding.position;
        assert!(ported.rust.contains(&format!("TODO(port) {line}:{column}")), "{finding}\n{}", ported.rust);
    }
    assert!(ported.findings.iter().all(|finding| !finding.message.contains('\n')), "{:?}", ported.findings);

    let again = port(php).expect("the same is ported again");
    assert_eq!((again.rust, again.findings, again.origins), (ported.rust, ported.findings, ported.origins));
}

/// A program of pieces.
fn pieces(input: &mut Unstructured<'_>) -> Result<String> {
    let mut php = String::new();
    for _ in 0..input.int_in_range(1..=48)? {
        php.push_str(if input.ratio(7, 8)? { input.choose(&PIECES)? } else { input.arbitrary()? });
    }
    Ok(php)
}

/// A text of which a few lines are taken away, given twice, or have a piece in their middle.
fn mutated(text: &str, input: &mut Unstructured<'_>) -> Result<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..input.int_in_range(1..=4)? {
        if lines.is_empty() {
            break;
        }
        let at = input.choose_index(lines.len())?;
        match input.int_in_range(0..=2)? {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            _ => {
                let middle =
                    (0..=lines[at].len() / 2).rev().find(|byte| lines[at].is_char_boundary(*byte)).unwrap_or(0);
                lines[at].insert_str(middle, input.choose(&PIECES)?);
            }
        }
    }
    Ok(lines.join("\n"))
}
