//! Code in code in code.

use std::time::{Duration, Instant};

use crate::rust::layout::snippet;
use crate::rust::layout::tests::{atom, value};
use crate::rust::tree::{Arm, Entry, Expression, Json, Lead};

/// A closure in a call of a method counts as one, so that this is three times as many in the tree.
const LEVELS: usize = 50;
/// It takes a fraction of it; what grows with the power of the levels would take years.
const MOST: Duration = Duration::from_secs(60);

/// Code in code, each kind so many levels deep.
fn deep(levels: usize) -> Vec<(&'static str, Expression)> {
    type Wrap = fn(Box<Expression>) -> Expression;
    let kinds: [(&str, Wrap); 12] = [
        ("call", |inner| Expression::Call { callee: atom("php::text"), arguments: vec![*inner] }),
        ("call of two", |inner| Expression::Call { callee: atom("php::same"), arguments: vec![*atom("a"), *inner] }),
        ("argument of a chain", |inner| {
            let first =
                Expression::Method { receiver: atom("instance"), name: "get".to_owned(), arguments: vec![*inner] };
            let tried = Expression::Try(Box::new(first));
            Expression::Method { receiver: Box::new(tried), name: "get_body".to_owned(), arguments: Vec::new() }
        }),
        ("root of a chain", |inner| Expression::Method {
            receiver: inner,
            name: "get".to_owned(),
            arguments: vec![*atom("a")],
        }),
        ("closure", |inner| {
            let body =
                Expression::Closure { moves: false, parameters: vec!["x".to_owned()], returns: None, body: inner };
            Expression::Method { receiver: atom("items"), name: "map".to_owned(), arguments: vec![body] }
        }),
        ("json", |inner| {
            let entry = Entry {
                lead: Lead::default(),
                key: Some(Expression::Text("key".to_owned())),
                value: Json::Value(inner),
                trailing: None,
                own_line: false,
            };
            Expression::Json(Json::Object(vec![entry]))
        }),
        ("array", |inner| Expression::Array(vec![*atom("1"), *inner])),
        ("operator", |inner| Expression::Binary {
            operator: "*",
            left: atom("a"),
            right: Box::new(Expression::Paren(inner)),
        }),
        ("sum", |inner| Expression::Binary { operator: "+", left: inner, right: atom("a") }),
        ("if", |inner| Expression::If {
            condition: atom("a"),
            then: value(*inner),
            otherwise: Some(Box::new(Expression::Block(value(*atom("b"))))),
        }),
        ("match", |inner| {
            let arm = Arm { lead: Lead::default(), pattern: "_".to_owned(), guard: None, body: *inner };
            Expression::Match { subject: atom("a"), arms: vec![arm] }
        }),
        ("format", |inner| Expression::Macro {
            name: "format".to_owned(),
            arguments: vec![Expression::Format("{}".to_owned()), *inner],
        }),
    ];
    kinds.iter().map(|(name, wrap)| (*name, (0..levels).fold(*atom("x"), |inner, _| wrap(Box::new(inner))))).collect()
}

#[test]
fn deep_code_takes_neither_long_nor_much_of_the_stack() {
    let small = std::thread::Builder::new().stack_size(2 << 20);
    let laid_out = small.spawn(|| {
        for (name, expression) in deep(LEVELS) {
            let begun = Instant::now();
            let written = snippet(&value(expression));
            assert!(written.text.contains('x'), "{name}: the innermost is missing");
            assert!(begun.elapsed() < MOST, "{name} took {:?}", begun.elapsed());
        }
    });
    laid_out.expect("a thread").join().expect("all is laid out");
}
