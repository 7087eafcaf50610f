//! What the catalog costs: its size, the first use in a process, look-ups, searches and checks:
//!
//! ```text
//! cargo bench --bench catalog
//! ```

use std::process::Command;
use std::time::Instant;

use divan::{Bencher, black_box};
use serde_json::{Value, json};
use wechatpay_catalog::catalog;

/// What is embedded in a program.
const EMBEDDED: &[u8] = include_bytes!("../crates/catalog/data/catalog.bin");

/// The argument of a process that measures its first use.
const FIRST_USE: &str = "first-use";

/// Of how many processes the median is printed.
const PROCESSES: usize = 21;

fn main() {
    if std::env::args().nth(1).as_deref() == Some(FIRST_USE) {
        let began = Instant::now();
        assert!(black_box(catalog()).find("GET", "v3/certificates").is_some());
        println!("{}", began.elapsed().as_micros());
        return;
    }
    println!("embedded: {} bytes", EMBEDDED.len());
    println!("first use: {} µs, the median of {PROCESSES} processes", first_use());
    divan::main();
}

fn first_use() -> u64 {
    let program = std::env::current_exe().expect("a running program has a path");
    let one = |_| {
        let output = Command::new(&program).arg(FIRST_USE).output().expect("this program can be run again");
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("it prints a number")
    };
    let mut times: Vec<u64> = (0..PROCESSES).map(one).collect();
    times.sort_unstable();
    times[PROCESSES / 2]
}

#[divan::bench(args = [
    "v3/pay/transactions/out-trade-no/{out_trade_no}",
    "v3.pay.transactions.outTradeNo._out_trade_no_",
    "v3/pay/transactions/out-trade-no/1217752501201407033233368018",
    "https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/1217752501201407033233368018?mchid=1900000109",
])]
fn find(path: &str) -> bool {
    catalog().find(black_box("GET"), black_box(path)).is_some()
}

#[divan::bench]
fn find_nothing() -> bool {
    catalog().find(black_box("GET"), black_box("v3/pay/transactions/out-trade-no/A1/no/such/path")).is_none()
}

#[divan::bench]
fn nearest() -> bool {
    catalog().nearest(black_box("POST"), black_box("v3/pay/transaction/natvie")).is_some()
}

#[divan::bench(args = ["退款", "refund", "refund abnormal"])]
fn search(words: &str) -> usize {
    catalog().search(black_box(words)).len()
}

fn order() -> Value {
    json!({ "json": {
        "mchid": "1900000109",
        "appid": "wxd678efh567hg6787",
        "description": "Image形象店-深圳腾大-QQ公仔",
        "out_trade_no": "1217752501201407033233368018",
        "notify_url": "https://example.com/notify",
        "amount": { "total": 100, "currency": "CNY" },
    } })
}

#[divan::bench]
fn check(bencher: Bencher) {
    let operation = catalog().find("POST", "v3/pay/transactions/native").expect("it is documented").operation();
    let options = order();
    bencher.bench_local(|| operation.check(black_box(&options)).len());
}

#[divan::bench]
fn sensitive_pointers(bencher: Bencher) {
    let operation = catalog().find("POST", "v3/applyment4sub/applyment/").expect("it is documented").operation();
    bencher.bench_local(|| black_box(operation).sensitive().len());
}
