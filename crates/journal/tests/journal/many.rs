//! Memory and time with many entries.
//!
//! ```text
//! WECHATPAY_JOURNAL_ENTRIES=1000000 cargo test --release --package wechatpay-journal --test journal many -- --nocapture
//! ```

use std::time::Instant;
use std::{env, fs};

use rusqlite::Connection;
use support::process::{child, is_child, run};
use wechatpay_journal::State;

use crate::shop::Shop;

/// How many entries there are, unless this variable says otherwise.
const ENTRIES: u64 = 20_000;
const VARIABLE: &str = "WECHATPAY_JOURNAL_ENTRIES";

/// How much more memory the process may have afterwards, in kB.
const MORE: u64 = 8 * 1024;

fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// In a process of its own, whose memory is nobody else's.
#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_entries() {
    if !is_child() {
        println!("{}", run(&mut child(module_path!(), "memory_does_not_grow_with_the_entries")).0);
        return;
    }
    let entries = env::var(VARIABLE).map_or(ENTRIES, |entries| entries.parse().unwrap());
    let shop = Shop::open("many");
    let orders =
        |from: u32| (from..from + 50).for_each(|number| drop(shop.order(&format!("order-{number}"), 1).unwrap()));
    orders(0);
    let few = memory();
    Connection::open(shop.database.path())
        .unwrap()
        .execute(
            "WITH RECURSIVE old (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM old WHERE n < ?1)
             INSERT INTO entry (merchant, operation, number, digest, kept, host, state, turn, doubt, began, ended, asked)
             SELECT '1900000109', 'POST v3/pay/transactions/native', hex(randomblob(16)), randomblob(32), '{}',
                    'https://api.mch.weixin.qq.com', 'answered', 0, 0, n, n, 0 FROM old",
            [i64::try_from(entries).unwrap()],
        )
        .unwrap();
    let began = Instant::now();
    let (instance, journal) = shop.beside();
    println!("{entries} entries: opened in {:?}", began.elapsed());
    drop((instance, journal));
    orders(1_000);
    let began = Instant::now();
    let figures = shop.journal.figures().unwrap();
    println!("counted in {:?}", began.elapsed());
    assert_eq!(figures.count(State::Answered), entries + 100);
    let began = Instant::now();
    assert_eq!(shop.journal.prune().unwrap(), entries);
    println!("pruned in {:?}", began.elapsed());
    orders(2_000);
    let many = memory();
    println!("{few} kB with few entries, {many} kB after all of them");
    assert!(many < few + MORE, "{few} kB, {many} kB");
}
