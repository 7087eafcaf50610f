//! Spans and metrics of the calls to WeChat Pay, made of one callback.
//!
//! ```text
//! cargo run --package observing
//! ```

mod metrics;
mod spans;

use std::io;
use std::sync::Arc;

use metrics::Metrics;
use tracing::{info_span, warn};
use wechatpay::{Builder, Chain, Outcome, json};
use wechatpay_sandbox::{Fault, Sandbox};

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_ansi(false).without_time().with_target(false).with_writer(io::stderr).init();
    let sandbox = Sandbox::start()?;
    let metrics = Arc::new(Metrics::default());
    let instance = observed(sandbox.config(), &metrics)?;

    for number in 1..=3 {
        pay(&instance, &sandbox, &format!("order-{number}"))?;
    }
    // The platform is busy for a moment.
    sandbox.inject(Fault::Busy(0).times(1));
    pay(&instance, &sandbox, "order-4")?;
    // Then one of its hosts is gone, and a retry goes to the other.
    sandbox.refuse_connections(true)?;
    pay(&instance, &sandbox, "order-5")?;
    sandbox.refuse_connections(false)?;
    // An answer does not come: nobody knows whether there is an order.
    sandbox.inject(Fault::CloseBeforeAnswer.on("v3/pay/transactions/native").times(1));
    pay(&instance, &sandbox, "order-6")?;

    // What Prometheus fetches from `/metrics`.
    print!("{}", metrics.text()?);
    Ok(())
}

/// An instance of which each attempt becomes a span and is counted.
fn observed(config: impl Into<Builder>, metrics: &Arc<Metrics>) -> wechatpay::Result<Chain> {
    let metrics = Arc::clone(metrics);
    config
        .into()
        .observe(move |attempt| {
            spans::record(attempt);
            metrics.count(attempt);
        })
        .build()
}

/// An order, and what became of it if that is unknown.
fn pay(instance: &Chain, sandbox: &Sandbox, number: &str) -> anyhow::Result<()> {
    // The span of our own work; those of the attempts are inside it.
    let _order = info_span!("order", number).entered();
    let order = instance.chain("v3/pay/transactions/native").post(json!({
        "json": {
            "mchid": sandbox.mchid(), "appid": "wxd678efh567hg6787", "description": "coffee", "out_trade_no": number,
            "notify_url": "https://example.com/notify", "amount": { "total": 100 },
        },
        "retries": 2,
        "failover": sandbox.other_base_uri(),
    }));
    match order {
        Err(error) if error.outcome() == Outcome::Unknown => {
            warn!("{error}; asking for it by its number");
            let query = instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}");
            query.get(json!({ "out_trade_no": number, "query": { "mchid": sandbox.mchid() } }))?;
        }
        order => drop(order?),
    }
    Ok(())
}
