//! The program of things that no tool can translate: each is reported where it stands, nothing else is, and the rest compiles.

use std::fmt::Write as _;

use support::program::Program;
use support::shared::shared;
use wechatpay_port::FindingKind;

use crate::session::as_module;

/// The lines, and what stands on them at the place that is reported.
const UNTRANSLATABLE: [(usize, &str); 25] = [
    // Guzzle's stack of handlers, and its middleware.
    (27, "HandlerStack::create()"),
    (29, "$stack->push("),
    (33, "$stack->push("),
    (37, "'handler' =>"),
    (42, "'on_stats'"),
    // A body is read once and put together again.
    (50, "$stream->read("),
    (51, "Psr7\\Utils::copyToString("),
    (52, "new Psr7\\AppendStream("),
    (54, "$response->withBody("),
    // A global variable that changes, and the SDK's own stack.
    (60, "global $history"),
    (63, "$instance->getDriver()"),
    (64, "$stack->remove("),
    (65, "$stack->before("),
    (68, "$stack->after("),
    (88, "global $history"),
    // What is known only when it runs.
    (93, "parse_ini_string("),
    (95, "array_reduce("),
    (97, "$$name"),
    (97, "call_user_func("),
    (98, "$$name"),
    // It holds whatever the loop has put into it.
    (100, "$out)"),
    (101, "get_class("),
    (106, "new \\ReflectionMethod("),
    (107, "$method->setAccessible("),
    (108, "$method->invoke("),
];

/// What could be translated, but for the values that come from the above: the place, and what is said there.
const FOLLOW_UPS: [(usize, &str, &str); 3] = [
    (101, "$settled", "it uses $settled of line 100, which is not translated"),
    (103, "peek(", "it uses the value of peek(), whose line 54 is not translated"),
    (104, "$response", "it uses $response of line 103, which is not translated"),
];

#[test]
fn what_cannot_be_translated_is_reported_where_it_stands() {
    let Some(php) = shared("php-samples/18_custom_stack_probe.php") else { return };
    let ported = wechatpay_port::port(php.as_bytes()).unwrap();
    let lines: Vec<&str> = php.lines().collect();
    let place = |line: usize, text: &str| {
        let at = lines[line - 1].find(text).unwrap_or_else(|| panic!("{text} is not on line {line}"));
        (line, lines[line - 1][..at].chars().count() + 1)
    };
    let mut expected: Vec<(usize, usize)> = UNTRANSLATABLE.iter().map(|(line, text)| place(*line, text)).collect();
    for (line, text, message) in FOLLOW_UPS {
        let place = place(line, text);
        let said = ported.findings.iter().find(|finding| (finding.position.line, finding.position.column) == place);
        assert_eq!(said.map(|finding| finding.message.as_str()), Some(message), "{}", shown(&lines, place));
        expected.push(place);
    }
    expected.sort_unstable();
    let todo = ported.findings.iter().filter(|finding| finding.kind == FindingKind::Todo);
    let mut found: Vec<(usize, usize)> =
        todo.clone().map(|finding| (finding.position.line, finding.position.column)).collect();
    found.sort_unstable();
    let mut report = String::new();
    for place in expected.iter().filter(|place| !found.contains(place)) {
        writeln!(report, "not reported: {}", shown(&lines, *place)).unwrap();
    }
    for finding in todo {
        let place = (finding.position.line, finding.position.column);
        if !expected.contains(&place) {
            writeln!(report, "reported for nothing: {}: {}", shown(&lines, place), finding.message).unwrap();
        }
    }
    assert!(report.is_empty(), "{report}");
    assert_eq!(found, expected, "something is reported twice");
}

fn shown(lines: &[&str], (line, column): (usize, usize)) -> String {
    let text: String = lines[line - 1].chars().skip(column - 1).take(40).collect();
    format!("{line}:{column} {text}")
}

#[test]
fn the_rest_compiles() {
    let Some(php) = shared("php-samples/18_custom_stack_probe.php") else { return };
    let ported = wechatpay_port::port(php.as_bytes()).unwrap();
    let (module, attributes) = as_module(&ported.rust);
    // Nothing calls it.
    let root = format!("{attributes}#![allow(dead_code, unreachable_code)]\n\nmod sample;\n\nfn main() {{}}\n");
    let sources = [("sample.rs", module), ("main.rs", root)];
    let program =
        Program::with_features(env!("CARGO_TARGET_TMPDIR"), "port_probe", &["php", "preserve-order"], &sources);
    let ended = program.cargo(&["check"]);
    assert!(ended.status.success(), "{}\n{}", ended.stderr, ported.rust);
}
