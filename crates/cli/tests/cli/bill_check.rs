//! Bills, checked against their own totals and against a merchant's own orders.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use wechatpay_sandbox::Sandbox;

use crate::runs::{Home, Run};

/// The columns of a bill of all trades, of the payments alone and of the refunds alone, as the platform names them.
const ALL: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,\
                   应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,\
                   手续费,费率,订单金额,申请退款金额,费率备注";
const SUCCESS: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
                       货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注";
const REFUND: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
                      货币种类,应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,\
                      退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const TOTALS: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
/// The same of years before.
const ALL_BEFORE: &str = "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
                          货币种类,总金额,企业红包金额,微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,\
                          商品名称,商户数据包,手续费,费率";
const TOTALS_BEFORE: &str = "总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额";
const FLOW: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,\
                    备注,业务凭证号";
const FLOW_TOTALS: &str = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";

/// A bill of these columns and rows: a row gives the values that matter, by the names of their columns.
fn bill(columns: &str, rows: &[&[(&str, &str)]], totals: &str, announced: &[&str]) -> String {
    let columns: Vec<_> = columns.split(',').collect();
    let row = |given: &&[(&str, &str)]| {
        assert!(given.iter().all(|(name, _)| columns.contains(name)));
        let value = |name: &&str| given.iter().find(|(known, _)| known == name).map_or("", |(_, value)| *value);
        columns.iter().map(|name| format!("`{}", value(name))).collect::<Vec<_>>().join(",")
    };
    let announced: Vec<_> = announced.iter().map(|value| format!("`{value}")).collect();
    let lines = [vec![columns.join(",")], rows.iter().map(row).collect(), vec![totals.to_owned(), announced.join(",")]];
    format!("\u{feff}{}\r\n", lines.concat().join("\r\n"))
}

const PAID: [(&str, &str); 6] = [
    ("交易状态", "SUCCESS"),
    ("商户订单号", "order-1"),
    ("商品名称", "咖啡, 大杯"),
    ("手续费", "0.00600"),
    ("应结订单金额", "0.90"),
    ("订单金额", "1.00"),
];
const PAID_TOO: [(&str, &str); 5] = [
    ("交易状态", "SUCCESS"),
    ("商户订单号", "order-2"),
    ("手续费", "0.00060"),
    ("应结订单金额", "0.1"),
    ("订单金额", "0.10"),
];
const REFUNDED: [(&str, &str); 7] = [
    ("交易状态", "REFUND"),
    ("商户订单号", "order-1"),
    ("商户退款单号", "refund-1"),
    ("手续费", "-0.00300"),
    ("应结订单金额", "0.00"),
    ("退款金额", "0.45"),
    ("申请退款金额", "0.50"),
];

/// Two payments and a refund.
fn all() -> String {
    bill(ALL, &[&PAID, &PAID_TOO, &REFUNDED], TOTALS, &["3", "1.00", "0.45", "0.00", "0.00360", "1.10", "0.50"])
}

fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| line.parse().unwrap()).collect()
}

/// The problems of a run, as they are named.
fn problems(run: &Run) -> Vec<String> {
    lines(run).iter().filter_map(|line| Some(line["problem"].as_str()?.to_owned())).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn bills_of_all_kinds_and_years_that_are_right() {
    let home = Home::new("right");
    let time = ("交易时间", "2026-01-02 03:04:05");
    let success: Vec<_> = PAID_TOO.into_iter().chain([time]).collect();
    let refund: Vec<_> = REFUNDED.into_iter().chain([time]).collect();
    let before = [time, ("交易状态", "SUCCESS"), ("总金额", "0.01"), ("退款金额", "0"), ("手续费", "0.00000")];
    let income = [("记账时间", "2021-02-01 13:54:01"), ("收支类型", "收入"), ("收支金额(元)", "0.01")];
    let expense = [("记账时间", "2021-02-01 14:00:45"), ("收支类型", "支出"), ("收支金额(元)", "12.30")];
    let bills = [
        all(),
        bill(SUCCESS, &[&success], TOTALS, &["1", "0.10", "0.00", "0.00", "0.00060", "0.10", "0.00"]),
        bill(REFUND, &[&refund], TOTALS, &["1", "0.00", "0.45", "0.00", "-0.00300", "0.00", "0.50"]),
        bill(ALL_BEFORE, &[&before, &before], TOTALS_BEFORE, &["2", "0.02", "0.0", "0.0", "0"]),
        bill(FLOW, &[&income, &expense, &expense], FLOW_TOTALS, &["3", "1", "0.01", "2", "24.60"]),
        bill(ALL, &[], TOTALS, &["0", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00"]),
    ];
    let names: Vec<_> = (0..bills.len()).map(|number| format!("{number}.csv")).collect();
    names.iter().zip(&bills).for_each(|(name, bill)| home.write(name, bill));
    // As some programs write it.
    home.write("8.csv", bills[4].replace("资金流水总笔数,收入", "`资金流水总笔数,`收入"));
    home.write("6.csv.gz", gzip(bills[0].as_bytes()));
    // As in an editor of another system, and with an empty line at the end.
    home.write("7.csv", bills[0].replace("\r\n", "\n").replace('\u{feff}', "") + "\n");
    let mut arguments = vec!["bill", "check", "6.csv.gz", "7.csv", "8.csv"];
    arguments.extend(names.iter().map(String::as_str));
    let run = home.run(&arguments).ends(0);
    assert_eq!(run.stderr, "");
    assert!(
        run.stdout.contains("ok  0.csv: trade bill, 3 rows\n    总交易单数  3\n    应结订单总金额  1.00\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("    手续费总金额  0.0036\n"), "{}", run.stdout);
    assert!(run.stdout.contains("ok  4.csv: fundflow bill, 3 rows\n"), "{}", run.stdout);
    let told = lines(&home.run(&["bill", "check", "4.csv", "--json"]).ends(0));
    let totals =
        json!({ "资金流水总笔数": "3", "收入笔数": "1", "收入金额": "0.01", "支出笔数": "2", "支出金额": "24.60" });
    let bill = json!({ "file": "4.csv", "type": "fundflow", "rows": 3, "totals": totals, "problems": 0 });
    assert_eq!(
        told,
        [json!({ "bill": bill }), json!({ "summary": { "bills": 1, "rows": 3, "orders": null, "problems": 0 } }),]
    );
}

#[test]
fn a_fen_too_much_a_row_too_few_and_a_bill_that_is_cut_off() {
    let home = Home::new("wrong");
    let check = |text: &str, problem: &str| {
        home.write("bill.csv", text);
        let run = home.run(&["bill", "check", "bill.csv"]).ends(6);
        assert!(run.stdout.contains(problem), "{problem:?} is not in: {}", run.stdout);
        assert!(run.stdout.contains("wrong  bill.csv: trade bill"), "{}", run.stdout);
    };
    let right = all();
    // The totals.
    check(&right.replace("`1.10,`0.50\r", "`1.11,`0.50\r"), "bill.csv: 订单总金额 is 1.11, and the rows give 1.10\n");
    check(&right.replace("`3,`1.00", "`4,`1.00"), "bill.csv: 总交易单数 is 4, and the rows give 3\n");
    check(&right.replace("`0.00360", "`0.00361"), "手续费总金额 is 0.00361, and the rows give 0.0036\n");
    check(&right.replace(",`1.10,`0.50\r\n", "\r\n"), "申请退款总金额 is , and the rows give 0.50\n");
    // A row is missing, twice there, or damaged.
    let parts: Vec<_> = right.split_inclusive("\r\n").collect();
    check(&[&parts[..1], &parts[2..]].concat().concat(), "总交易单数 is 3, and the rows give 2\n");
    check(&[&parts[..2], &parts[1..]].concat().concat(), "总交易单数 is 3, and the rows give 4\n");
    check(&right.replace(",`0.00600", ""), "bill.csv:2: it has 26 values, and there are 27 columns\n");
    check(&right.replace("`0.00600", "`O.00600"), "bill.csv:2: 手续费 is not an amount\n");
    check(&right.replace("`0.45,", "`0,45,"), "bill.csv:4: 退款金额 is not an amount\n");
    check(&parts[..4].concat(), "bill.csv: there are no totals at its end");
    check(&parts[..5].concat(), "bill.csv: 总交易单数 is , and the rows give 3\n");
    check(&format!("{right}{}", parts[1]), "bill.csv:7: neither a row nor the totals");
    check(&right.replacen("`", "", 1), "bill.csv:2: neither a row nor the totals");
    // A movement that is neither.
    let moved = [("收支类型", "转账"), ("收支金额(元)", "1.00")];
    home.write("flow.csv", bill(FLOW, &[&moved], FLOW_TOTALS, &["1", "0", "0.00", "0", "0.00"]));
    let run = home.run(&["bill", "check", "flow.csv"]).ends(6);
    assert!(run.stdout.contains("flow.csv:2: 收支类型 is neither 收入 nor 支出\n"), "{}", run.stdout);
    // Gzip that ends too early.
    let packed = gzip(right.as_bytes());
    home.write("cut.csv.gz", &packed[..packed.len() - 9]);
    home.run(&["bill", "check", "cut.csv.gz"]).ends(6).says("damaged or not complete");
    home.write("bill.csv", right.replace("`3,`1.00", "`4,`1.01"));
    let run = home.run(&["bill", "check", "bill.csv", "--json"]).ends(6);
    let file = json!({ "file": "bill.csv" });
    assert_eq!(
        lines(&run)[..2],
        [
            json!({ "problem": "total", "bill": file, "name": "总交易单数", "announced": "4", "counted": "3" }),
            json!({ "problem": "total", "bill": file, "name": "应结订单总金额", "announced": "1.01", "counted": "1.00" }),
        ]
    );
    assert_eq!(run.stderr.parse::<Value>().unwrap()["error"]["message"], "2 problems found");
}

#[test]
fn what_is_not_a_bill() {
    let home = Home::new("not");
    let refused = |name: &str, why: &str| {
        home.run(&["bill", "check", name]).ends(2).says(why);
    };
    home.write("empty.csv", "");
    home.write("error.xml", "<xml><return_code><![CDATA[FAIL]]></return_code></xml>");
    home.write("endless", vec![b'a'; 100_000]);
    refused(".", "cannot be read on after line 0: Is a directory");
    refused("none.csv", "none.csv: No such file");
    refused("empty.csv", "empty.csv: it is empty");
    refused("error.xml", "not a bill: the first line has no column 交易时间 or 记账时间");
    refused("endless", "line 1 has more than 65536 bytes");
    home.run(&["bill", "check"]).ends(2).says("<FILE>");
    home.run(&["bill", "check", "empty.csv", "--yuan"]).ends(2).says("--orders");
}

#[test]
fn orders_in_any_form_that_are_all_in_the_bill() {
    let home = Home::new("same");
    home.write("bill.csv", all());
    home.write(
        "fen.csv",
        "id,out_trade_no,amount,out_refund_no,refund\n1,order-1,100,,\n2,\"order-2\",10,,\n3,order-1,,refund-1,50\n",
    );
    home.write("yuan.csv", "\u{feff}out_trade_no,total,out_refund_no\r\n\torder-1,1,\r\n`order-2,0.1,\r\n");
    home.write(
        "lines.jsonl",
        "{\"out_trade_no\":\"order-1\",\"amount\":{\"total\":100,\"currency\":\"CNY\"}}\n\n\
         {\"out_trade_no\":\"order-2\",\"total_fee\":\"10\"}\n\
         {\"out_trade_no\":\"order-1\",\"out_refund_no\":\"refund-1\",\"amount\":{\"refund\":50,\"total\":100}}\n",
    );
    let array = json!([
        { "out_trade_no": "order-1", "amount": 1 }, { "out_trade_no": "order-2", "amount": 0.1 },
        { "out_refund_no": "refund-1", "amount": "-0.50" },
    ]);
    home.write("array.json", format!("{array:#}"));
    let run = home.run(&["bill", "check", "bill.csv", "--orders", "fen.csv"]).ends(0);
    assert_eq!(run.stderr, "");
    assert!(
        run.stdout.ends_with("orders  fen.csv: 2 payments and 1 refund, 3 the same in the bills, 0 differences\n"),
        "{}",
        run.stdout
    );
    for (name, yuan) in [("lines.jsonl", false), ("array.json", true)] {
        let flags = if yuan { &["--yuan"][..] } else { &[] };
        let run = home.run(&[&["bill", "check", "bill.csv", "--json", "--orders", name], flags].concat()).ends(0);
        let same = json!({ "payments": 2, "refunds": 1, "same": 3, "differences": 0 });
        assert_eq!(lines(&run)[1], json!({ "summary": { "bills": 1, "rows": 3, "orders": same, "problems": 0 } }));
    }
    // There is a column for refunds, and none in it.
    let run = home.run(&["bill", "check", "bill.csv", "--orders", "yuan.csv", "--yuan"]).ends(6);
    assert!(run.stdout.contains("bill.csv:4: refund refund-1 of 0.50 is not in yuan.csv\n"), "{}", run.stdout);
}

#[test]
fn what_only_one_side_has_what_is_there_twice_and_what_differs() {
    let home = Home::new("differs");
    // Line 2 of each of two bills has order-1; the second has a line more.
    home.write("one.csv", all());
    let third = [("交易状态", "SUCCESS"), ("商户订单号", "order-3"), ("订单金额", "3.00"), ("应结订单金额", "3.00")];
    let again = [("交易状态", "SUCCESS"), ("商户订单号", "order-1"), ("订单金额", "1.00"), ("应结订单金额", "1.00")];
    let two = bill(ALL, &[&again, &third], TOTALS, &["2", "4.00", "0.00", "0.00", "0.00", "4.00", "0.00"]);
    home.write("two.csv", two);
    home.write(
        "orders.csv",
        "out_trade_no,out_refund_no,amount\norder-1,,100\norder-2,,11\norder-4,,400\norder-2,,11\n,refund-9,9\n",
    );
    let arguments = ["bill", "check", "one.csv", "two.csv", "--orders", "orders.csv"];
    let run = home.run(&arguments).ends(6).says("7 problems found");
    let found: Vec<_> = run
        .stdout
        .lines()
        .filter(|line| line.contains(".csv:") && !line.contains("bill, ") && !line.starts_with("orders  "))
        .collect();
    assert_eq!(
        found,
        [
            "orders.csv:5: the same number as line 3",
            "one.csv:3: payment order-2 of 0.10, and orders.csv:3 has 0.11",
            "one.csv:4: refund refund-1 of 0.50 is not in orders.csv",
            "two.csv:2: payment order-1 of 1.00 is also at one.csv:2",
            "two.csv:3: payment order-3 of 3.00 is not in orders.csv",
            "orders.csv:4: payment order-4 of 4.00 is in no bill",
            "orders.csv:6: refund refund-9 of 0.09 is in no bill",
        ]
    );
    let run = home.run(&[&arguments[..], &["--json"]].concat()).ends(6);
    let names =
        ["double_here", "amount", "missing_here", "double_there", "missing_here", "missing_there", "missing_there"];
    assert_eq!(problems(&run), names);
    let told = lines(&run);
    assert_eq!(
        told[1],
        json!({
            "problem": "amount", "kind": "payment", "number": "order-2",
            "bill": { "file": "one.csv", "line": 3, "amount": 10 },
            "orders": { "file": "orders.csv", "line": 3, "amount": 11 },
        })
    );
    // Fewer are shown, and all are counted.
    let run = home.run(&[&arguments[..], &["--limit", "2"]].concat()).ends(6).says("5 more problems not shown");
    assert!(run.stderr.contains("7 problems found") && run.stdout.contains("ok  one.csv"), "{}", run.stdout);
    assert!(run.stdout.ends_with("1 the same in the bills, 7 differences\n"), "{}", run.stdout);
    assert_eq!(problems(&home.run(&[&arguments[..], &["--json", "--limit", "1"]].concat()).ends(6)), ["double_here"]);
    assert_eq!(problems(&home.run(&[&arguments[..], &["--json", "--limit", "0"]].concat()).ends(6)).len(), 7);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let home = Home::new("left-out");
    home.write("all.csv", all());
    home.write("success.csv", bill(SUCCESS, &[&PAID_TOO], TOTALS, &["1", "0.1", "0", "0", "0.0006", "0.1", "0"]));
    home.write("refund.csv", bill(REFUND, &[&REFUNDED], TOTALS, &["1", "0", "0.45", "0", "-0.003", "0", "0.5"]));
    home.write("payments.csv", "out_trade_no,total\norder-1,100\norder-2,10\n");
    home.write("both.csv", "out_trade_no,out_refund_no,amount\norder-2,,10\norder-1,refund-1,50\n");
    home.write("refunds.csv", "out_refund_no,refund\nrefund-1,50\n");
    let check = |bill: &str, orders: &str| home.run(&["bill", "check", bill, "--orders", orders]).ends(0);
    // Orders that say nothing about refunds.
    check("all.csv", "payments.csv").says("not compared: 1 row of the bills with refunds or reversals");
    check("all.csv", "refunds.csv").says("not compared");
    // Bills that have only one kind.
    check("success.csv", "both.csv").says("not compared: 1 refund of the orders");
    check("refund.csv", "both.csv").says("not compared: 1 payment of the orders");
    home.run(&["bill", "check", "success.csv", "refund.csv", "--orders", "both.csv"]).ends(0);
    // A reversal is not a second payment.
    let reversed = [("交易状态", "REVOKED"), ("商户订单号", "order-2")];
    let text = bill(ALL, &[&PAID_TOO, &reversed], TOTALS, &["2", "0.1", "0", "0", "0.0006", "0.1", "0"]);
    home.write("reversed.csv", text);
    home.write("two.csv", "out_trade_no,total\norder-2,10\n");
    check("reversed.csv", "two.csv").says("1 row of the bills");
    // Unless it has a number of its own.
    let numbered = [("交易状态", "REVOKED"), ("商户退款单号", "refund-1"), ("申请退款金额", "0.5")];
    home.write(
        "numbered.csv",
        bill(ALL, &[&PAID_TOO, &numbered], TOTALS, &["2", "0.1", "0", "0", "0.0006", "0.1", "0.5"]),
    );
    let run = check("numbered.csv", "both.csv");
    assert!(run.stdout.ends_with("2 the same in the bills, 0 differences\n"), "{}", run.stdout);
    let unknown = [("交易状态", "PAYING"), ("商户订单号", "order-2")];
    home.write("unknown.csv", bill(ALL, &[&unknown], TOTALS, &["1", "0", "0", "0", "0", "0", "0"]));
    let run = home.run(&["bill", "check", "unknown.csv", "--orders", "both.csv"]).ends(6);
    assert!(run.stdout.contains("unknown.csv:2: 交易状态 is none of SUCCESS, REFUND and REVOKED"), "{}", run.stdout);
}

#[test]
fn orders_that_cannot_be_read() {
    let home = Home::new("orders");
    home.write("bill.csv", all());
    let refused = |orders: &str, flags: &[&str], why: &str| {
        home.write("orders", orders);
        home.run(&[&["bill", "check", "bill.csv", "--orders", "orders"], flags].concat()).ends(2).says(why);
    };
    refused("number,total\n1,2\n", &[], "there is no column `out_trade_no` or `out_refund_no`");
    refused("out_trade_no,price\n1,2\n", &[], "no column for the amount of a payment: `total`");
    refused("out_refund_no,total\n1,2\n", &[], "no column for the amount of a refund: `refund`");
    refused(
        "out_trade_no,total\n1,1.00\n",
        &[],
        "row 2: `total` is \"1.00\", not a whole number of fen (if it is in yuan, give --yuan)",
    );
    refused("out_trade_no,total\n1,1\n2,0.001\n", &["--yuan"], "row 3: `total` is \"0.001\", not an amount in yuan");
    refused("out_trade_no,total\n1,-1\n", &[], "row 2: `total` is \"-1\"");
    refused("out_trade_no,total\n,1\n", &[], "row 2: neither `out_trade_no` nor `out_refund_no` has a value");
    refused("out_trade_no,total\n1\n", &[], "line: 2");
    refused("{\"out_trade_no\":\"1\"}\n", &[], "row 1: it has none of `total`");
    refused("{\"out_trade_no\":\"1\",\"total\":1}\n{\"out\n", &[], "row 2: control character");
    refused("[{\"out_trade_no\":\"1\",\"total\":1},2]", &[], "row 2: not a JSON object");
    refused("[{\"out_trade_no\":\"1\",\"total\":1},", &[], "EOF while parsing");
    refused("[{\"out_trade_no\":\"1\",\"total\":1.5}]", &[], "row 1: `total` is \"1.5\"");
    home.run(&["bill", "check", "bill.csv", "--orders", "none"]).ends(2).says("none: No such file");
    home.run(&["bill", "check", "bill.csv", "--orders", "."]).ends(2).says("not a file");
    // A fund flow bill has no numbers of orders.
    home.write("orders", "out_trade_no,total\n");
    home.write("flow.csv", bill(FLOW, &[], FLOW_TOTALS, &["0", "0", "0", "0", "0"]));
    home.run(&["bill", "check", "flow.csv", "--orders", "orders"]).ends(2).says("with trade bills alone");
    // No orders at all: then all that is in the bill is missing.
    let run = home.run(&["bill", "check", "bill.csv", "--orders", "orders", "--json"]).ends(6);
    assert_eq!(problems(&run), ["missing_here"; 2]);
}

#[test]
fn what_the_sandbox_gives_is_right() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_bill_size(1_000_000);
    let home = Home::of("fetched", &sandbox);
    home.run(&["bill", "get", "2020-01-01..2020-01-02", "--gzip", "-o", "bills"]).ends(0);
    let files = ["bills/1900000109-trade-ALL-2020-01-01.csv.gz", "bills/1900000109-trade-ALL-2020-01-02.csv.gz"];
    home.run(&[&["bill", "check"], &files[..]].concat()).ends(0);
    home.run(&["bill", "get", "2020-01-01", "--type", "fundflow"]).ends(0);
    let run = home.run(&["bill", "check", "1900000109-fundflow-BASIC-2020-01-01.csv"]).ends(0);
    assert!(run.stdout.starts_with("ok  1900000109-fundflow-BASIC-2020-01-01.csv: fundflow bill, "), "{}", run.stdout);
}

#[test]
fn nothing_in_a_file_steers_the_terminal() {
    let home = Home::new("steers");
    let odd =
        [("交易状态", "SUCCESS"), ("商户订单号", "\u{1b}[31mred"), ("订单金额", "1.00"), ("应结订单金额", "1.00")];
    let totals = format!("{TOTALS},\u{1b}[0m新");
    home.write("bill.csv", bill(ALL, &[&odd], &totals, &["1", "1", "0", "0", "0", "\u{1b}[2J", "0", "\u{1b}[1m9"]));
    home.write("orders.csv", "out_trade_no,total\n");
    let run = home.run(&["bill", "check", "bill.csv", "--orders", "orders.csv"]).ends(6);
    assert!(!run.stdout.contains('\u{1b}') && run.stdout.contains("[31mred"), "{}", run.stdout);
    assert!(run.stdout.contains("[0m新  \u{fffd}[1m9  (not known, not checked)\n"), "{}", run.stdout);
}
