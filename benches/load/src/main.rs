//! Speed and weight of the crate beside clients made by hand, on this machine: `docs/performance.md` says how to read it.
//!
//! ```text
//! cargo run --profile load --package wechatpay-chain-load -- [--rounds 5] [--quick | --smoke] [--write]
//! ```
//!
//! Each subject runs in a process of its own, against a server in one more process; all of them are this program.
//! Everything is on loopback, and bounded in count.

mod chart;
mod clients;
mod keys;
mod measure;
mod report;
mod rounds;
mod server;

use std::path::Path;

use anyhow::Context;
use clients::Task;
use serde_json::Value;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server", folder] => server::run(Path::new(folder)),
        ["client", subject, task] => {
            // The server has one thread, which hundreds of others must not keep from its processor.
            rustix::process::nice(10)?;
            println!("{}", client(subject, &Task::parse(task)?).with_context(|| subject.to_owned())?);
            Ok(())
        }
        ref settings => compare(&rounds::Settings::parse(settings)?),
    }
}

/// One subject, in this process; gives its figures.
fn client(subject: &str, task: &Task) -> anyhow::Result<Value> {
    let one_thread = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    let threads = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match subject {
        "pair" => clients::pair::run(task),
        "chain" => clients::chain::one_at_a_time(task),
        "chain async" => one_thread()?.block_on(clients::chain::in_flight(task)),
        "chain verb" => one_thread()?.block_on(clients::chain::verb(task)),
        "chain cold" => clients::chain::cold(task),
        "chain cold, system roots" => clients::chain::cold_with_system_roots(task),
        "chain flat" => clients::chain::flat(task),
        "chain added" => clients::chain::added(task),
        "chain download" => clients::chain::download(task, false),
        "chain download checked" => clients::chain::download(task, true),
        "chain upload" => clients::chain::upload(task),
        "journal" => clients::journal::one_at_a_time(task),
        "journal async" => one_thread()?.block_on(clients::journal::in_flight(task)),
        "ureq" => clients::ureq::one_at_a_time(task),
        "ureq async" => one_thread()?.block_on(clients::ureq::in_flight(task)),
        "ureq cold" => clients::ureq::cold(task),
        "ureq download" => clients::ureq::download(task, false),
        "ureq download checked" => clients::ureq::download(task, true),
        "ureq upload" => clients::ureq::upload(task),
        "hyper" => one_thread()?.block_on(clients::hyper::one_at_a_time(task)),
        "hyper async" => threads()?.block_on(clients::hyper::in_flight(task)),
        other => anyhow::bail!("{other} is no subject"),
    }
}

fn compare(settings: &rounds::Settings) -> anyhow::Result<()> {
    let results = rounds::run(settings)?;
    let text = report::markdown(&results)?;
    println!("{text}");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    match settings.write {
        true if !settings.only_journal => {
            report::insert(&docs.join("performance.md"), &text)?;
            chart::draw(&results, &docs.join("performance"))
        }
        // Drawn all the same, so that a drawing that fails is seen.
        _ if settings.only_journal => Ok(()),
        _ => chart::draw(&results, &std::env::temp_dir().join(format!("wechatpay-load-{}", std::process::id()))),
    }
}
