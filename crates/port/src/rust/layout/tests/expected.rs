//! Code, and how it is written.

use crate::rust::layout::snippet;
use crate::rust::layout::tests::atom;
use crate::rust::tree::{Arm, Block, Entry, Expression, Json, Lead, Statement, StatementKind};

fn text(text: &str) -> Expression {
    Expression::Text(text.to_owned())
}

fn name(name: &str) -> Expression {
    *atom(name)
}

fn method(receiver: Expression, name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Method { receiver: Box::new(receiver), name: name.to_owned(), arguments }
}

fn binary(left: Expression, operator: &'static str, right: Expression) -> Expression {
    Expression::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

fn unary(operator: &'static str, operand: Expression) -> Expression {
    Expression::Unary { operator, operand: Box::new(operand) }
}

fn cast(operand: Expression) -> Expression {
    Expression::Cast { operand: Box::new(operand), ty: "i64".to_owned() }
}

fn closure(body: Expression) -> Expression {
    Expression::Closure { moves: false, parameters: vec!["x".to_owned()], returns: None, body: Box::new(body) }
}

fn range(start: Expression, end: Expression) -> Expression {
    Expression::Range { start: Some(Box::new(start)), end: Some(Box::new(end)), inclusive: false }
}

fn literal() -> Expression {
    Expression::Struct { path: "S".to_owned(), fields: vec![("a".to_owned(), Some(name("1")))], base: None }
}

fn statement(kind: StatementKind) -> Statement {
    Statement { lead: Lead::default(), kind, trailing: None }
}

fn block(kinds: Vec<StatementKind>) -> Block {
    Block { statements: kinds.into_iter().map(statement).collect(), end: Lead::default() }
}

fn if_else(condition: Expression) -> Expression {
    let otherwise = Expression::Block(block(vec![StatementKind::Value(name("2"))]));
    Expression::If {
        condition: Box::new(condition),
        then: block(vec![StatementKind::Value(name("1"))]),
        otherwise: Some(Box::new(otherwise)),
    }
}

fn entry(key: &str, value: Json, own_line: bool) -> Entry {
    Entry { lead: Lead::default(), key: Some(text(key)), value, trailing: None, own_line }
}

fn plain(value: Expression) -> Json {
    Json::Value(Box::new(value))
}

/// As the value of a block.
fn written(expression: Expression) -> String {
    snippet(&block(vec![StatementKind::Value(expression)])).text
}

#[test]
fn parentheses_are_where_precedence_wants_them() {
    let (a, b, c) = (|| name("a"), || name("b"), || name("c"));
    let cases = [
        (binary(binary(a(), "+", b()), "*", c()), "(a + b) * c"),
        (binary(a(), "-", binary(b(), "-", c())), "a - (b - c)"),
        (binary(binary(a(), "-", b()), "-", c()), "a - b - c"),
        (binary(binary(a(), "==", b()), "==", c()), "(a == b) == c"),
        (binary(binary(a(), "||", b()), "&&", c()), "(a || b) && c"),
        (binary(cast(a()), "<", b()), "(a as i64) < b"),
        (binary(binary(a(), "+", cast(b())), "<", c()), "(a + b as i64) < c"),
        (binary(a(), "<", cast(b())), "a < b as i64"),
        (method(cast(a()), "abs", vec![]), "(a as i64).abs()"),
        (method(unary("-", a()), "abs", vec![]), "(-a).abs()"),
        (method(name("-1"), "abs", vec![]), "(-1).abs()"),
        (unary("-", method(name("1"), "abs", vec![])), "-1.abs()"),
        (unary("-", name("-1")), "-(-1)"),
        (unary("&", binary(a(), "+", b())), "&(a + b)"),
        (unary("!", method(a(), "is_empty", vec![])), "!a.is_empty()"),
        (method(range(a(), b()), "rev", vec![]), "(a..b).rev()"),
        (range(binary(a(), "+", b()), c()), "a + b..c"),
        (method(closure(a()), "call", vec![]), "(|x| a).call()"),
        (binary(a(), "||", Expression::Return(None)), "a || (return)"),
        (
            Expression::Call {
                callee: Box::new(Expression::Field { receiver: atom("a"), name: "f".to_owned() }),
                arguments: vec![],
            },
            "(a.f)()",
        ),
        (binary(if_else(a()), "+", b()), "(if a { 1 } else { 2 }) + b"),
        (if_else(binary(literal(), "==", a())), "if (S { a: 1 }) == a { 1 } else { 2 }"),
        (
            if_else(Expression::Let { pattern: "Some(x)".to_owned(), value: Box::new(binary(a(), "||", b())) }),
            "if let Some(x) = (a || b) { 1 } else { 2 }",
        ),
        (method(literal(), "get", vec![]), "S { a: 1 }.get()"),
        (Expression::Paren(atom("a")), "(a)"),
    ];
    for (expression, expected) in cases {
        assert_eq!(written(expression), format!("{expected}\n"));
    }
}

#[test]
fn literals_are_escaped_and_have_one_line() {
    let escaped = "\"a\\\"b\\\\c\\nd\\re\\tf\\0g\\u{1b}h\\u{202e}商户\"\n";
    assert_eq!(written(text("a\"b\\c\nd\re\tf\0g\u{1b}h\u{202e}商户")), escaped);
    assert_eq!(written(Expression::Format("{a} {{}}".to_owned())), "\"{a} {{}}\"\n");
}

#[test]
fn chains_are_broken_when_they_are_wide() {
    let root = || Expression::Verbatim("chain!(instance->v3->pay->transactions->native)".to_owned());
    let body = || Expression::Json(Json::Object(vec![entry("out_trade_no", plain(name("out_trade_no")), true)]));
    let short = Expression::Try(Box::new(method(root(), "get", vec![Expression::Tuple(Vec::new())])));
    assert_eq!(written(short), "chain!(instance->v3->pay->transactions->native).get(())?\n");
    let posted = method(root(), "post", vec![body()]);
    assert_eq!(
        written(posted.clone()),
        "chain!(instance->v3->pay->transactions->native).post(json!({\n    \"out_trade_no\": out_trade_no,\n}))\n"
    );
    let answer = Expression::Try(Box::new(method(Expression::Try(Box::new(posted)), "get_body", vec![])));
    let expected = [
        "chain!(instance->v3->pay->transactions->native)",
        "    .post(json!({",
        "        \"out_trade_no\": out_trade_no,",
        "    }))?",
        "    .get_body()?",
        "",
    ];
    assert_eq!(written(answer), expected.join("\n"));
}

#[test]
fn json_stays_on_one_line_where_php_had_one_and_it_fits() {
    let inner = |own_line| {
        Json::Object(vec![entry("total", plain(name("1")), own_line), entry("currency", plain(text("CNY")), own_line)])
    };
    let outer = |own_line| Expression::Json(Json::Object(vec![entry("amount", inner(false), own_line)]));
    assert_eq!(written(outer(false)), "json!({ \"amount\": { \"total\": 1, \"currency\": \"CNY\" } })\n");
    assert_eq!(written(outer(true)), "json!({\n    \"amount\": { \"total\": 1, \"currency\": \"CNY\" },\n})\n");
    let computed = Entry { key: Some(name("key")), ..entry("", Json::Array(Vec::new()), false) };
    assert_eq!(written(Expression::Json(Json::Object(vec![computed]))), "json!({ (key): [] })\n");
    let wide = (0..6).map(|at| entry(&format!("out_trade_no_{at}"), plain(text("商户")), false)).collect();
    assert_eq!(written(Expression::Json(Json::Object(wide))).lines().count(), 8);
}

#[test]
fn comments_of_json_are_kept() {
    let mut first = entry("a", plain(name("1")), true);
    first.lead = Lead {
        blank: true,
        comments: vec!["// first".to_owned(), String::new(), "// second".to_owned()],
        origin: Some(3),
    };
    first.trailing = Some("// behind".to_owned());
    let mut list = Entry { key: None, lead: Lead::default(), ..first.clone() };
    list.trailing = None;
    let json = Json::Object(vec![first, entry("b", Json::Array(vec![list]), true)]);
    let written = snippet(&block(vec![StatementKind::Expression(Expression::Json(json))]));
    let expected = [
        "json!({",
        "    // first",
        "",
        "    // second",
        "    \"a\": 1, // behind",
        "    \"b\": [",
        "        1,",
        "    ],",
        "});",
        "",
    ];
    assert_eq!(written.text, expected.join("\n"));
    assert_eq!(written.origins, [(5, 3)]);
}

#[test]
fn statements_keep_their_comments_and_empty_lines() {
    let lead = |blank, comments: &[&str], origin| Lead {
        blank,
        comments: comments.iter().map(|&comment| comment.to_owned()).collect(),
        origin: Some(origin),
    };
    let bind = |pattern: &str| StatementKind::Let {
        pattern: pattern.to_owned(),
        ty: None,
        value: Some(text("x")),
        otherwise: None,
    };
    let statements = vec![
        Statement { lead: lead(true, &["// 下单  "], 2), kind: bind("a"), trailing: Some("// behind".to_owned()) },
        Statement { lead: lead(true, &[], 5), kind: bind("b"), trailing: None },
        Statement {
            lead: lead(false, &["", "", "// c"], 9),
            kind: StatementKind::Expression(if_else(name("b"))),
            trailing: None,
        },
        Statement { lead: lead(false, &["// alone"], 9), kind: StatementKind::Comments, trailing: None },
    ];
    let end = Lead { blank: true, comments: vec!["// end".to_owned(), String::new()], origin: None };
    let written = snippet(&Block { statements, end });
    let expected = [
        "// 下单",
        "let a = \"x\"; // behind",
        "",
        "let b = \"x\";",
        "",
        "// c",
        "if b { 1 } else { 2 }",
        "// alone",
        "",
        "// end",
        "",
    ];
    assert_eq!(written.text, expected.join("\n"));
    assert_eq!(written.origins, [(2, 2), (4, 5), (7, 9)]);
    assert_eq!(snippet(&Block::default()).text, "");
}

#[test]
fn jumps_stand_on_the_line_of_their_else() {
    let jump = |value: Option<Expression>| StatementKind::Expression(Expression::Return(value.map(Box::new)));
    let bind = |jump| StatementKind::Let {
        pattern: "Some(a)".to_owned(),
        ty: None,
        value: Some(name("b")),
        otherwise: Some(block(vec![jump])),
    };
    let text = snippet(&block(vec![bind(jump(None)), bind(jump(Some(text("a text, and a longer one"))))])).text;
    let expected = [
        "let Some(a) = b else { return };",
        "let Some(a) = b else {",
        "    return \"a text, and a longer one\";",
        "};",
        "",
    ];
    assert_eq!(text, expected.join("\n"));
}

#[test]
fn arms_have_braces_when_they_need_them() {
    let arm = |pattern: &str, body| Arm { lead: Lead::default(), pattern: pattern.to_owned(), guard: None, body };
    let assign = Expression::Assign { operator: "=", target: atom("a"), value: atom("b") };
    let arms = vec![
        arm("\"SUCCESS\" | \"FAIL\"", name("1")),
        arm("Ok(x)", Expression::Block(block(vec![StatementKind::Expression(assign)]))),
        arm("Err(e)", Expression::Block(block(vec![StatementKind::Value(name("e"))]))),
        arm("_", Expression::Block(Block::default())),
    ];
    let expected = [
        "match a {",
        "    \"SUCCESS\" | \"FAIL\" => 1,",
        "    Ok(x) => {",
        "        a = b;",
        "    }",
        "    Err(e) => e,",
        "    _ => {}",
        "}",
        "",
    ];
    assert_eq!(written(Expression::Match { subject: atom("a"), arms }), expected.join("\n"));
}

#[test]
fn what_fits_nowhere_is_written_all_the_same() {
    let long = "x".repeat(120);
    let call = Expression::Call { callee: atom("f"), arguments: vec![name(&long), name("a")] };
    assert_eq!(written(method(call, "get", vec![])), format!("f(\n    {long},\n    a,\n)\n.get()\n"));
}
