//! Code as ported programs have it, made up.

use crate::rust::layout::tests::random::Random;
use crate::rust::tree::{Arm, Block, Entry, Expression, Json, Lead, Statement, StatementKind};

const NAMES: [&str; 24] = [
    "a",
    "id",
    "row",
    "cart",
    "order",
    "resp",
    "result",
    "amount",
    "instance",
    "merchant_id",
    "out_trade_no",
    "total_fee",
    "transaction_id",
    "notify_url",
    "platform_public_key",
    "merchant_private_key",
    "self",
    "item",
    "e",
    "config",
    "refund_amount_in_cents",
    "certificate_serial_number",
    "response_body",
    "payer",
];
const FUNCTIONS: [&str; 14] = [
    "Ok",
    "Some",
    "chain",
    "sign",
    "php::text",
    "php::is_true",
    "Rsa::from",
    "Builder::factory",
    "php::same",
    "Value::from",
    "verify_signature",
    "php::array_get_or_null",
    "Formatter::joined_by_line_feed",
    "calculate_total_amount",
];
const METHODS: [&str; 22] = [
    "get",
    "post",
    "len",
    "iter",
    "map",
    "clone",
    "unwrap",
    "to_owned",
    "to_string",
    "get_body",
    "as_str",
    "unwrap_or_default",
    "post_async",
    "and_then",
    "ok_or_else",
    "filter",
    "collect::<Vec<_>>",
    "parse::<i64>",
    "get_status_code",
    "contains",
    "then",
    "otherwise",
];
const FIELDS: [&str; 8] =
    ["id", "amount", "0", "out_trade_no", "private_key", "instance", "total", "merchant_configuration"];
const TEXTS: [&str; 20] = [
    "a text that takes most of the line, and is nearly as long as a line may be, but not quite, 12345",
    "a text that is longer than a line may be, as texts sometimes are: an address, a key, a query, an explanation of what is wrong",
    "",
    "id",
    "CNY",
    "amount",
    "out_trade_no",
    "v3/pay/transactions/native",
    "商户",
    "订单号不存在",
    "支付成功，请在手机上确认订单",
    "https://api.mch.weixin.qq.com/v3/certificates",
    "1230000109",
    "Image形象店-深圳腾大-QQ公仔",
    "a\nb",
    "say \"hi\"",
    "\\",
    "application/json; charset=utf-8",
    "WECHATPAY2-SHA256-RSA2048 mchid",
    "// no comment",
];
const COMMENTS: [&str; 6] = [
    "// 下单",
    "// TODO",
    "// The order's number, at most 32 characters",
    "// don't \"quote\"",
    "//",
    "// a comment that is rather long, so that it nearly reaches the end of the line, and perhaps more",
];
const TYPES: [&str; 7] = ["i64", "&str", "String", "Value", "Vec<Value>", "Option<String>", "HashMap<String, Value>"];
const OPERATORS: [&str; 14] = ["+", "-", "*", "/", "==", "!=", "<", ">=", "&&", "||", "&&", "||", "&", "%"];
const MACROS: [&str; 7] = ["format", "println", "vec", "bail", "eprintln", "assert_eq", "vec"];

pub struct Generator {
    pub random: Random,
    pub depth: usize,
}

impl Generator {
    pub fn body(&mut self) -> Block {
        self.block(self.depth, 4)
    }

    fn lead(&mut self, percent: usize) -> Lead {
        let comments = if self.random.chance(percent) {
            (0..1 + self.random.below(2)).map(|_| self.random.one(&COMMENTS).to_owned()).collect()
        } else {
            Vec::new()
        };
        Lead { blank: self.random.chance(15), comments, origin: Some(1 + self.random.below(100)) }
    }

    fn trailing(&mut self, percent: usize) -> Option<String> {
        self.random.chance(percent).then(|| self.random.one(&COMMENTS).to_owned())
    }

    fn block(&mut self, depth: usize, most: usize) -> Block {
        let mut statements: Vec<Statement> = (0..self.random.below(most + 1)).map(|_| self.statement(depth)).collect();
        if self.random.chance(40) {
            let kind = StatementKind::Value(self.expression(depth));
            statements.push(Statement { lead: self.lead(5), kind, trailing: self.trailing(3) });
        }
        let end = if self.random.chance(5) { self.lead(100) } else { Lead::default() };
        Block { statements, end }
    }

    fn statement(&mut self, depth: usize) -> Statement {
        let kind = match self.random.below(20) {
            0..8 => StatementKind::Let {
                pattern: self.pattern(),
                ty: self.random.chance(20).then(|| self.random.one(&TYPES).to_owned()),
                value: if self.random.chance(95) { Some(self.expression(depth)) } else { None },
                otherwise: None,
            },
            8 => StatementKind::Let {
                pattern: format!("Some({})", self.name()),
                ty: None,
                value: Some(self.expression(depth)),
                otherwise: Some(self.diverging(depth)),
            },
            9..13 => StatementKind::Expression(self.control(depth)),
            13 if self.random.chance(30) => StatementKind::Comments,
            14 => StatementKind::Expression(Expression::Return(self.random.chance(70).then(|| self.boxed(depth)))),
            15..17 => StatementKind::Expression(Expression::Assign {
                operator: self.random.one(&["=", "=", "+="]),
                target: Box::new(self.place()),
                value: self.boxed(depth),
            }),
            _ => StatementKind::Expression(self.expression(depth)),
        };
        let percent = if matches!(kind, StatementKind::Comments) { 100 } else { 8 };
        let trailing = if matches!(kind, StatementKind::Comments) { None } else { self.trailing(4) };
        Statement { lead: self.lead(percent), kind, trailing }
    }

    fn diverging(&mut self, depth: usize) -> Block {
        let jump = match self.random.below(3) {
            0 => Expression::Continue { label: None },
            1 => Expression::Return(None),
            _ => Expression::Return(Some(self.boxed(depth.min(1)))),
        };
        let jump = Statement { lead: Lead::default(), kind: StatementKind::Expression(jump), trailing: None };
        let mut statements = vec![jump];
        if self.random.chance(30) {
            statements.insert(0, self.statement(depth.saturating_sub(1)));
        }
        Block { statements, end: Lead::default() }
    }

    fn name(&mut self) -> String {
        self.random.one(&NAMES).to_owned()
    }

    fn pattern(&mut self) -> String {
        let name = self.name();
        match self.random.below(8) {
            0 => format!("mut {name}_"),
            1 => format!("({name}_, other)"),
            2 => "_".to_owned(),
            _ => format!("{name}_"),
        }
    }

    fn place(&mut self) -> Expression {
        let base = Box::new(Expression::Atom(self.name()));
        match self.random.below(3) {
            0 => Expression::Index { base, index: Box::new(self.text()) },
            1 => Expression::Field { receiver: base, name: self.random.one(&FIELDS).to_owned() },
            _ => *base,
        }
    }

    fn boxed(&mut self, depth: usize) -> Box<Expression> {
        Box::new(self.expression(depth))
    }

    fn several(&mut self, depth: usize, most: usize) -> Vec<Expression> {
        (0..self.random.below(most + 1)).map(|_| self.expression(depth)).collect()
    }

    fn text(&mut self) -> Expression {
        Expression::Text(self.random.one(&TEXTS).to_owned())
    }

    fn leaf(&mut self) -> Expression {
        match self.random.below(10) {
            0..4 => Expression::Atom(self.name()),
            4..7 => self.text(),
            7 => Expression::Atom(self.random.below(100_000).to_string()),
            8 => Expression::Atom(
                self.random.one(&["true", "Value::Null", "-1", "Rsa::KEY_TYPE_PUBLIC", "()"]).to_owned(),
            ),
            _ => Expression::Verbatim(
                self.random.one(&["chain!(instance->v3->pay->transactions->native)", "chain!(a->b)"]).to_owned(),
            ),
        }
    }

    pub fn expression(&mut self, depth: usize) -> Expression {
        if depth == 0 || self.random.chance(10) {
            return self.leaf();
        }
        let depth = depth - 1;
        match self.random.below(40) {
            0..5 => Expression::Call {
                callee: Box::new(Expression::Atom(self.random.one(&FUNCTIONS).to_owned())),
                arguments: self.several(depth, 4),
            },
            5..15 => self.chain(depth),
            15..17 => Expression::Index { base: self.boxed(depth.min(1)), index: self.boxed(depth.min(1)) },
            17..20 => self.macro_call(depth),
            20..23 => Expression::Json(self.json(depth, true)),
            23..25 => Expression::Unary {
                operator: self.random.one(&["&", "&", "&mut ", "!", "-", "*"]),
                operand: self.boxed(depth),
            },
            25..29 => Expression::Binary {
                operator: self.random.one(&OPERATORS),
                left: self.boxed(depth),
                right: self.boxed(depth),
            },
            29 => Expression::Cast {
                operand: self.boxed(depth),
                ty: self.random.one(&["i64", "f64", "usize"]).to_owned(),
            },
            30..32 => self.closure(depth),
            32 => Expression::Array(self.several(depth, 8)),
            33 => Expression::Tuple(self.tuple(depth)),
            34 => self.structure(depth),
            35 => Expression::Range {
                start: self.random.chance(80).then(|| self.boxed(depth.min(1))),
                end: Some(self.boxed(depth.min(1))),
                inclusive: self.random.chance(30),
            },
            36 => Expression::Block(self.block(depth, 2)),
            37..39 => self.if_else(depth),
            _ => self.matching(depth),
        }
    }

    fn tuple(&mut self, depth: usize) -> Vec<Expression> {
        (0..1 + self.random.below(4)).map(|_| self.expression(depth)).collect()
    }

    fn structure(&mut self, depth: usize) -> Expression {
        let fields = (0..self.random.below(4))
            .map(|_| {
                let value = if self.random.chance(80) { Some(self.expression(depth)) } else { None };
                (self.random.one(&["id", "amount", "out_trade_no", "private_key"]).to_owned(), value)
            })
            .collect();
        let base = self.random.chance(10).then(|| Box::new(Expression::Atom("other".to_owned())));
        Expression::Struct { path: self.random.one(&["Order", "Self", "payment::Request"]).to_owned(), fields, base }
    }

    fn chain(&mut self, depth: usize) -> Expression {
        let mut chain = match self.random.below(5) {
            0..2 => Expression::Atom(self.name()),
            2 => Expression::Verbatim("chain!(instance->v3->pay->transactions)".to_owned()),
            _ => self.expression(depth),
        };
        for _ in 0..1 + self.random.below(5) {
            let receiver = Box::new(chain);
            chain = match self.random.below(10) {
                0 => Expression::Field { receiver, name: self.random.one(&FIELDS).to_owned() },
                1..3 => Expression::Try(receiver),
                _ => {
                    let most = self.random.below(3);
                    let arguments = self.several(depth, most);
                    Expression::Method { receiver, name: self.random.one(&METHODS).to_owned(), arguments }
                }
            };
        }
        chain
    }

    fn macro_call(&mut self, depth: usize) -> Expression {
        let name = self.random.one(&MACROS);
        let mut arguments = self.several(depth, 4);
        if name != "vec" {
            let format = self.random.one(&[
                "{}",
                "{a}: {}",
                "商户号 {merchant_id} 的订单 {out_trade_no} 已支付",
                "{} {} {}, {:?}",
            ]);
            arguments.insert(0, Expression::Format(format.to_owned()));
        }
        Expression::Macro { name: name.to_owned(), arguments }
    }

    fn closure(&mut self, depth: usize) -> Expression {
        let body =
            if self.random.chance(40) { Expression::Block(self.block(depth, 2)) } else { self.expression(depth) };
        Expression::Closure {
            moves: self.random.chance(20),
            parameters: (0..self.random.below(3)).map(|_| self.name()).filter(|name| name != "self").collect(),
            returns: self.random.chance(10).then(|| "bool".to_owned()),
            body: Box::new(body),
        }
    }

    fn else_of(&mut self, depth: usize) -> Option<Box<Expression>> {
        match self.random.below(4) {
            0 => Some(Box::new(Expression::Block(self.block(depth, 2)))),
            1 if depth > 0 => Some(Box::new(self.if_else(depth - 1))),
            _ => None,
        }
    }

    fn condition(&mut self, depth: usize) -> Box<Expression> {
        Box::new(match self.random.below(6) {
            0 => Expression::Let { pattern: format!("Some({})", self.name()), value: self.boxed(depth) },
            1 => Expression::Binary {
                operator: "&&",
                left: self.boxed(depth.min(1)),
                right: Box::new(Expression::Let { pattern: "Ok(x)".to_owned(), value: self.boxed(depth.min(1)) }),
            },
            _ => self.expression(depth),
        })
    }

    fn if_else(&mut self, depth: usize) -> Expression {
        let short = self.random.chance(50);
        let (depth, most) = if short { (depth.min(1), 0) } else { (depth, 2) };
        let otherwise =
            if short { Some(Box::new(Expression::Block(self.block(depth, 0)))) } else { self.else_of(depth) };
        Expression::If { condition: self.condition(depth), then: self.block(depth, most), otherwise }
    }

    fn control(&mut self, depth: usize) -> Expression {
        let depth = depth.saturating_sub(1);
        let label = self.random.chance(10).then(|| "'outer".to_owned());
        match self.random.below(10) {
            0..5 => self.if_else(depth),
            5..8 => Expression::For {
                label,
                pattern: self.pattern(),
                iterator: self.boxed(depth.min(2)),
                body: self.block(depth, 3),
            },
            8 => Expression::While { label, condition: self.condition(depth.min(2)), body: self.block(depth, 3) },
            _ if self.random.chance(30) => Expression::Loop { label, body: self.block(depth, 3) },
            _ => self.matching(depth),
        }
    }

    fn matching(&mut self, depth: usize) -> Expression {
        let arms = (0..1 + self.random.below(3))
            .map(|_| Arm {
                lead: self.lead(6),
                pattern: self
                    .random
                    .one(&["Ok(x)", "Err(e)", "_", "\"SUCCESS\" | \"FAIL\"",
                        "\"SUCCESS\" | \"REFUND\" | \"NOTPAY\" | \"CLOSED\" | \"REVOKED\" | \"USERPAYING\" | \"PAYERROR\" | \"ACCEPT\"",
                        "\"TRANSACTION.SUCCESS\" | \"REFUND.SUCCESS\" | \"REFUND.ABNORMAL\" | \"REFUND.CLOSED OR NOT\" | \"X\"",
                        "Some(Event::Paid { id, .. }) | Some(Event::Refunded { id, .. }) | Some(Event::Closed { id, .. })", "Some(Event::Paid { id, .. })", "None"])
                    .to_owned(),
                guard: self.random.chance(10).then(|| self.expression(depth.min(1))),
                body: if self.random.chance(40) {
                    Expression::Block(self.block(depth, 2))
                } else {
                    self.expression(depth)
                },
            })
            .collect();
        Expression::Match { subject: self.boxed(depth.min(2)), arms }
    }

    fn json(&mut self, depth: usize, outer: bool) -> Json {
        match self.random.below(if outer { 8 } else { 12 }) {
            0..6 => {
                let tall = self.random.chance(60);
                Json::Object((0..self.random.below(5)).map(|_| self.entry(depth, true, tall)).collect())
            }
            6 => {
                let tall = self.random.chance(60);
                Json::Array((0..self.random.below(5)).map(|_| self.entry(depth, false, tall)).collect())
            }
            _ => Json::Value(self.boxed(depth)),
        }
    }

    fn entry(&mut self, depth: usize, object: bool, tall: bool) -> Entry {
        let key = if self.random.chance(95) { self.text() } else { Expression::Atom(self.name()) };
        let value = if depth > 0 { self.json(depth - 1, false) } else { Json::Value(Box::new(self.leaf())) };
        let lead = if object { self.lead(3) } else { Lead::default() };
        let trailing = if object { self.trailing(3) } else { None };
        Entry { lead, key: object.then_some(key), value, trailing, own_line: tall }
    }
}
