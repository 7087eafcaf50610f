//! How many snippets of documentation are ported in a second, on one core, and a whole file:
//!
//! ```text
//! cargo bench --package wechatpay-port
//! ```

#[path = "../tests/port/snippets.rs"]
mod snippets;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// The items are snippets.
#[divan::bench]
fn pages(bencher: Bencher) {
    let mut snippets = snippets::of_pages();
    // One of them is a piece of an expression.
    snippets.retain(|(_, php)| wechatpay_port::port(php.as_bytes()).is_ok());
    let count = snippets.len();
    bencher.counter(ItemsCount::new(count)).bench(|| {
        for (_, php) in &snippets {
            let _ = black_box(wechatpay_port::port(black_box(php.as_bytes())));
        }
    });
}

/// Those that can be the bodies of functions, in one file.
#[divan::bench]
fn one_file(bencher: Bencher) {
    let functions = snippets::of_pages().into_iter().enumerate();
    let functions = functions.map(|(number, (_, php))| format!("function snippet{number}($instance)\n{{\n{php}}}\n\n"));
    let functions: String =
        functions.filter(|php| wechatpay_port::port(format!("<?php\n{php}").as_bytes()).is_ok()).collect();
    let php = format!("<?php\n\n{functions}");
    bencher
        .counter(BytesCount::of_str(&php))
        .bench(|| wechatpay_port::port(black_box(php.as_bytes())).unwrap_or_else(|refusal| panic!("{refusal}\n{php}")));
}
