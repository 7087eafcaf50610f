//! Files: what stands around the statements.

use crate::rust::layout::file;
use crate::rust::layout::tests::random::Random;
use crate::rust::layout::tests::{atom, rustfmt, value};
use crate::rust::tree::{Expression, Field, File, Function, Item, ItemKind, Lead, Variant};

fn lead(blank: bool, comments: &[&str]) -> Lead {
    Lead { blank, comments: comments.iter().map(|&comment| comment.to_owned()).collect(), origin: Some(7) }
}

fn item(kind: ItemKind) -> Item {
    Item { lead: lead(true, &["/// What it is."]), attributes: vec!["#[derive(Debug, Clone)]".to_owned()], kind }
}

fn function(name: &str, parameters: &[&str], returns: Option<&str>, empty: bool) -> Item {
    let function = Function {
        public: name.len().is_multiple_of(2),
        name: name.to_owned(),
        generics: if name.len().is_multiple_of(3) { "<E: Fn(&str) -> String>".to_owned() } else { String::new() },
        parameters: parameters.iter().map(|&parameter| parameter.to_owned()).collect(),
        returns: returns.map(str::to_owned),
        body: Some(if empty { Default::default() } else { value(*atom("x")) }),
    };
    Item { lead: lead(true, &[]), attributes: Vec::new(), kind: ItemKind::Function(function) }
}

fn field(name: &str, ty: &str, comments: &[&str]) -> Field {
    Field { lead: lead(false, comments), public: true, name: name.to_owned(), ty: ty.to_owned() }
}

fn constants() -> Vec<Item> {
    let constant = |name: &str, ty: &str, value: Expression| {
        let kind =
            ItemKind::Constant { public: true, keyword: "const", name: name.to_owned(), ty: ty.to_owned(), value };
        Item { attributes: Vec::new(), ..item(kind) }
    };
    let texts = |count: usize| {
        let texts = (0..count).map(|at| Expression::Text(format!("v3/pay/{at}"))).collect();
        Expression::Unary { operator: "&", operand: Box::new(Expression::Array(texts)) }
    };
    vec![
        constant("SHORT", "&[&str]", texts(2)),
        constant("LONG", "&[&str]", texts(9)),
        constant("A_NAME_THAT_IS_RATHER_LONG_FOR_A_CONSTANT_OF_THIS_KIND_I_WOULD_SAY", "&str", texts(1)),
        Item { lead: lead(true, &["// Nothing but this."]), attributes: Vec::new(), kind: ItemKind::Comments },
    ]
}

fn implementations() -> Vec<Item> {
    let bare = |blank: bool, kind: ItemKind| Item { lead: lead(blank, &[]), attributes: Vec::new(), kind };
    let declared = [
        function("name", &["&self"], Some("String"), true),
        function("rename", &["&mut self", "to: &str"], None, true),
    ];
    let declared = declared.map(|mut method| {
        if let ItemKind::Function(function) = &mut method.kind {
            function.public = false;
            function.body = None;
        }
        method
    });
    let declared = declared.to_vec();
    let methods =
        vec![function("new", &["amount: i64"], Some("Self"), false), function("drop", &["&mut self"], None, true)];
    vec![
        bare(true, ItemKind::Impl { header: "<'a> Order<'a>".to_owned(), items: methods }),
        bare(false, ItemKind::Impl { header: "Error for Failure".to_owned(), items: Vec::new() }),
        bare(true, ItemKind::Trait { head: "Named: Error".to_owned(), items: declared }),
        bare(true, ItemKind::Trait { head: "Marker".to_owned(), items: Vec::new() }),
    ]
}

fn types() -> Vec<Item> {
    let variant = |name: &str, fields: &[&str]| Variant {
        lead: lead(false, &["/// One of them."]),
        name: name.to_owned(),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
    };
    vec![
        item(ItemKind::Struct {
            public: true,
            name: "Order".to_owned(),
            generics: "<'a>".to_owned(),
            fields: vec![
                field("id", "&'a str", &["/// 商户订单号"]),
                field("amount", "HashMap<String, Value>", &["// a", "", "// b"]),
            ],
        }),
        item(ItemKind::Struct { public: false, name: "Unit".to_owned(), generics: String::new(), fields: Vec::new() }),
        item(ItemKind::Enum {
            public: true,
            name: "Failure".to_owned(),
            variants: vec![variant("Sent", &[]), variant("Failed", &["String", "i64"])],
        }),
        item(ItemKind::Enum { public: false, name: "Never".to_owned(), variants: Vec::new() }),
    ]
}

/// Signatures of all lengths around the end of the line.
fn signatures(random: &mut Random) -> Vec<Item> {
    let parameters = [
        "amount: i64",
        "mut cart: Value",
        "&self",
        "out_trade_no: &str",
        "配置: &HashMap<String, Value>",
        "f: impl Fn()",
    ];
    (0..300)
        .map(|at| {
            let name = format!("f{}{at}", "x".repeat(random.below(40)));
            let some: Vec<&str> =
                (0..random.below(5)).map(|_| random.one(&parameters)).filter(|one| *one != "&self").collect();
            let returns = random.chance(60).then(|| random.one(&["Value", "Result<Value, anyhow::Error>", "i64"]));
            function(&name, &some, returns, random.chance(30))
        })
        .collect()
}

fn uses(random: &mut Random) -> Vec<String> {
    let paths = [
        "std::env",
        "std::fs",
        "std::fmt",
        "std::fmt::Write",
        "std::collections::HashMap",
        "wechatpay::json",
        "wechatpay::chain",
        "wechatpay::Builder",
        "wechatpay::Chain",
        "wechatpay::Value",
        "wechatpay::php",
        "wechatpay::php::Text",
        "anyhow::anyhow",
        "anyhow::Context",
        "anyhow::bail",
        "wechatpay::crypto::Rsa",
        "wechatpay::crypto::aes_gcm",
        "crate::orders",
        "self::a",
        "serde_json",
        "wechatpay::a_rather_long_name",
        "wechatpay::an_even_longer_name",
        "wechatpay::one_more_of_these_names",
        "wechatpay::v2",
        "wechatpay::v10",
        "wechatpay::transformer",
        "super::b",
        "wechatpay::Formatter",
        "std::io::Read as _",
        "std::io::{self}",
        "wechatpay::prelude::*",
        "wechatpay::Hash",
    ];
    paths.iter().filter(|_| random.chance(50)).map(|&path| path.to_owned()).filter(|path| !path.contains('{')).collect()
}

#[test]
fn rustfmt_changes_nothing_in_files() {
    let mut random = Random::new(11);
    for round in 0..12 {
        let mut items = [types(), constants(), implementations()].concat();
        if round == 0 {
            items.extend(signatures(&mut random));
        }
        let uses = if round == 1 { Vec::new() } else { uses(&mut random) };
        let header =
            if round < 6 { vec!["//! 下单".to_owned(), "//!".to_owned(), "//! End.".to_owned()] } else { Vec::new() };
        let attributes = if round % 2 == 0 { vec!["#![allow(dead_code)]".to_owned()] } else { Vec::new() };
        let written = file(&File { header, attributes, uses, items });
        let Some(formatted) = rustfmt::formatted(&written.text) else {
            return;
        };
        assert_eq!(written.text, formatted);
    }
}

#[test]
fn an_empty_file_is_empty() {
    assert_eq!(file(&File::default()).text, "");
}

#[test]
fn origins_are_those_of_the_lines_where_code_begins() {
    let items = vec![Item {
        lead: lead(false, &["// 1", "// 2"]),
        attributes: Vec::new(),
        kind: ItemKind::Struct {
            public: false,
            name: "A".to_owned(),
            generics: String::new(),
            fields: vec![field("b", "i64", &["// 4"]), field("c", "i64", &[])],
        },
    }];
    let written = file(&File { items, ..File::default() });
    assert_eq!(written.text, "// 1\n// 2\nstruct A {\n    // 4\n    pub b: i64,\n    pub c: i64,\n}\n");
    assert_eq!(written.origins, [(3, 7), (5, 7), (6, 7)]);
}
