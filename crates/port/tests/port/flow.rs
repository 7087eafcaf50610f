//! Who goes on and who stops: generators, settled promises, static variables and the command line; and what is said of those
//! that are no loops.

use wechatpay_port::{FindingKind, Ported};

use crate::session::assert_compile;

/// Programs with the SDK, of which nothing is left.
const WHOLE: [(&str, &str); 5] = [
    (
        "settled_by_name",
        "function f(BuilderChainable $instance): void
{
    $results = Utils::settle([
        'a' => $instance->v3->a->getAsync(),
        'b' => $instance->v3->b->getAsync(),
    ])->wait();
    foreach ($results as $name => $r) {
        if ($r['state'] === PromiseInterface::FULFILLED) {
            echo $name, $r['value']->getStatusCode(), \"\\n\";
        } else {
            echo $name, $r['reason']->getMessage(), \"\\n\";
        }
    }
    if ($results['a']['state'] === 'fulfilled') {
        echo $results['a']['value']->getStatusCode();
    }
}",
    ),
    (
        "settled_in_a_list",
        "function f(BuilderChainable $instance): array
{
    $results = Utils::settle([$instance->v3->a->getAsync(), $instance->v3->b->getAsync()])->wait();
    $out = [];
    foreach ($results as $i => $r) {
        if ($r['state'] === 'rejected') {
            $out[] = $i . $r['reason']->getMessage();
            continue;
        }
        $out[] = $i . $r['value']->getStatusCode();
    }
    foreach ($results as $r) {
        if ($r['state'] == 'fulfilled') {
            $out[] = 'there';
        } elseif ($r['state'] == 'rejected') {
            $out[] = $r['reason']->getMessage();
        }
        $out[] = $r['state'] === 'fulfilled' ? $r['value']->getStatusCode() : $r['reason']->getMessage();
        $out[] = $r['state'];
        $out[] = $r['state'] !== 'rejected';
    }
    return $out;
}",
    ),
    (
        "kept_by_name",
        "function f(BuilderChainable $instance, array $ids): void
{
    $promises = [];
    foreach ($ids as $id) {
        $promises[$id] = $instance->v3->orders->_id_->getAsync(['id' => $id]);
    }
    foreach (Utils::settle($promises)->wait() as $id => $result) {
        if ($result['state'] === 'fulfilled') {
            echo $id, json_decode((string) $result['value']->getBody(), true)['trade_state'], \"\\n\";
        }
    }
}",
    ),
    (
        "unwrapped",
        "function f(BuilderChainable $instance): int
{
    $map = Utils::unwrap(['a' => $instance->v3->a->getAsync(), 'b' => $instance->v3->b->getAsync()]);
    $all = Utils::all([$instance->v3->a->getAsync(), $instance->v3->b->getAsync()])->wait();
    foreach ($all as $one) {
        echo $one->getStatusCode();
    }
    $first = Utils::any([$instance->v3->a->getAsync(), $instance->v3->b->getAsync()])->wait();
    return $map['a']->getStatusCode() + $first->getStatusCode();
}",
    ),
    (
        "pages",
        "function pages(BuilderChainable $instance, int $limit)
{
    $offset = 0;
    do {
        $query = ['limit' => $limit, 'offset' => $offset];
        $page = json_decode((string) $instance->v3->complaints->get(['query' => $query])->getBody(), true);
        foreach ($page['data'] as $row) {
            yield $row;
        }
        $offset += $limit;
    } while ($offset < $page['total_count']);
}
function f(BuilderChainable $instance, string $wanted): ?string
{
    foreach (pages($instance, 10) as $row) {
        if ($row['complaint_id'] === $wanted) {
            return $row['state'];
        }
    }
    return null;
}",
    ),
];

const USES: &str =
    "use GuzzleHttp\\Promise\\PromiseInterface;\nuse GuzzleHttp\\Promise\\Utils;\nuse WeChatPay\\BuilderChainable;\n";

fn port(php: &str) -> Ported {
    wechatpay_port::port(format!("<?php\n{USES}{php}\n").as_bytes()).unwrap()
}

/// What is left to do.
fn left(php: &str) -> Vec<String> {
    let findings = port(php).findings;
    findings.into_iter().filter(|finding| finding.kind == FindingKind::Todo).map(|finding| finding.message).collect()
}

#[test]
fn programs_with_promises_are_ported_as_a_whole_and_compile() {
    let ported: Vec<_> = WHOLE.iter().map(|(name, php)| (*name, port(php))).collect();
    for (name, ported) in &ported {
        assert!(ported.is_complete(), "{name}: {:?}", ported.findings);
    }
    let modules: Vec<(&str, &str)> = ported.iter().map(|(name, ported)| (*name, ported.rust.as_str())).collect();
    assert_compile("port_flow", "#![allow(dead_code)]", &modules);
}

#[test]
fn the_state_of_a_promise_decides_by_match() {
    let rust = port(WHOLE[0].1).rust;
    assert!(rust.contains("match r {\n            Ok(response) => {\n"), "{rust}");
    assert!(rust.contains("Err(error) => {\n                println!(\"{name}{error}\");\n"), "{rust}");
    let rust = port(WHOLE[1].1).rust;
    assert!(rust.contains("let response = match r {\n            Ok(response) => response,\n"), "{rust}");
}

#[test]
fn a_generator_asks_its_loop_whether_to_go_on() {
    let rust = port(WHOLE[4].1).rust;
    assert!(rust.contains("mut each: impl FnMut(&Value) -> Result<ControlFlow<B>>,"), "{rust}");
    assert!(rust.contains("if let ControlFlow::Break(value) = each(row)? {"), "{rust}");
    assert!(rust.contains("if let ControlFlow::Break(value) = pages(instance, 10, |row| {"), "{rust}");
}

#[test]
fn generators_that_are_no_loops_are_reported() {
    let numbers = "function numbers() { yield 1; yield 2; }\n";
    let kept = "a generator that is kept, passed on or advanced by hand: call it in the foreach that goes over it, or write an \
                iterator with std::iter::from_fn";
    assert_eq!(left(&format!("{numbers}$g = numbers();"))[0], kept);
    assert_eq!(left(&format!("{numbers}function f() {{ return numbers(); }}"))[0], kept);
    let of = |body: &str| left(&format!("function f(array $list) {{ {body} }}"));
    assert_eq!(
        of("$x = yield 1;"),
        ["the value of yield, which is what send() gives or the generator returns: pass it on in another way"]
    );
    assert_eq!(of("yield 1; return 2;"), ["a generator that returns a value: write it where it is wanted"]);
    assert_eq!(
        of("try { yield 1; } catch (\\Exception $e) { echo 1; }")[..1],
        ["yield in a try: in PHP it does not catch what the loop over the generator throws; move it out of the try"]
    );
    assert_eq!(
        of("try { yield 1; } finally { echo 1; }"),
        ["finally in a generator: in PHP it also runs when a loop stops before its end; do it behind the loop"]
    );
    assert_eq!(
        of("yield 1; yield 'a' => 2;"),
        ["a generator that yields some values without a key: give each one a key"]
    );
    assert_eq!(
        left("function walk(array $t) { foreach ($t as $c) { yield $c; yield from walk($c); } }"),
        ["a generator that goes over itself: collect the values in a list, and return that"]
    );
    assert_eq!(
        left(
            "function each_of(array $list) { foreach ($list as $one) { yield $one; } }
            function f(array $list) { foreach (each_of($list) as $one) { $list[] = $one; } return $list; }"
        ),
        ["the loop changes $list, which its generator goes on with: give the generator a copy"]
    );
    assert_eq!(
        left(
            "function both() { yield 1; yield from [2]; }
            foreach (both() as $key => $value) { echo $key, $value; }"
        ),
        ["the keys of a generator with yield from repeat: count by yourself"]
    );
}

#[test]
fn what_is_never_assigned_is_said_to_be() {
    assert_eq!(
        left("function f() { return $instance->v3->certificates->get()->getStatusCode(); }"),
        ["$instance is never assigned in this function: take it as an argument"]
    );
    assert_eq!(
        left("$a = 1;\n$f = function () { return $a + 1; };\necho $f();")[0],
        "$a is never assigned in this closure: name it behind `use`, or take it as an argument"
    );
    assert_eq!(left("function f() { return isset($a) || empty($b['x']) ? $c ?? 1 : 2; }"), [""; 0]);
}

#[test]
fn static_variables_that_cannot_be_borrowed_are_reported() {
    assert_eq!(
        left("function f(int $n): array { static $a = []; $a[f($n)[0]] = 1; return $a; }"),
        ["$a is static: put what it is changed by into variables first, on lines before"]
    );
    let said = left("function f() { $g = function () { static $n = 0; return ++$n; }; return $g(); }");
    assert!(said[0].starts_with("a static variable of a closure, which each closure that is made here has for itself"));
}
