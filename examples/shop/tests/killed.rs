//! The demo, run for real: its shop is a process that is killed by SIGKILL and started again.

use std::path::Path;

use shop::demo;
use wechatpay_sandbox::Effect;

#[test]
fn killed_in_the_middle_of_a_payment_it_comes_back() {
    let outcome = demo::run(Path::new(env!("CARGO_BIN_EXE_shop"))).unwrap();

    // Each order was placed once and paid once, in whatever order the payments were.
    let effects = outcome.ledger.iter().map(|entry| (entry.name(), format!("{:?}", entry.effect()), entry.amount()));
    let mut effects: Vec<_> = effects.collect();
    effects.sort();
    let (placed, paid) = (format!("{:?}", Effect::OrderPlaced), format!("{:?}", Effect::OrderPaid));
    let expected = [
        ("order-1", paid.clone(), Some(2900)),
        ("order-1", placed.clone(), Some(2900)),
        ("order-2", paid, Some(100)),
        ("order-2", placed, Some(100)),
    ];
    assert_eq!(effects, expected);

    // The shop's own table says the same.
    let orders: Vec<_> =
        outcome.orders.iter().map(|order| (order.number.as_str(), order.total, order.state.as_str())).collect();
    assert_eq!(orders, [("order-1", 2900, "paid"), ("order-2", 100, "paid")]);
    assert!(outcome.orders.iter().all(|order| order.code_url.is_some()), "{:?}", outcome.orders);

    // One of the payments was notified twice, and none was booked twice.
    assert_eq!(outcome.parcels, ["order-1", "order-2"]);
}
