//! Sequences of calls, faults, rotations, redirects, cancellations and reused connections, made by chance, against a
//! model of what may be true. Whatever happens:
//!
//! - `Ok` of a call that is not a GET: it took effect exactly once, and the answer is the one that was made for it.
//! - `NotSent`: nothing of it arrived. `Rejected`: it did not take effect, and a 4xx that is handed back says the same.
//!   No call takes effect twice.
//! - Once a redirect has turned a call into a GET, an error of it is `Unknown`, and it is not made again.
//! - `Ok` is a verified 2xx, an unsigned one of a path whose answers are not signed, or what was asked for. The path that
//!   was called decides, wherever redirects lead. Any other status is an error, and `Unknown`.
//! - Nothing follows a redirect to another host. Each request is signed by the key that it names.
//! - No certificate is announced, or encrypted for, that was retired before the call began, whoever lists it again.
//! - A call ends within its limit, and a harmless one after it works.
//!
//! A sequence is made of a seed, which a failure shows beside the steps.
//!
//! ```text
//! WECHATPAY_SEQUENCES=100000 cargo test --release --test proofs sequences -- --nocapture
//! WECHATPAY_SEQUENCE_SEED=1234 cargo test --test proofs sequences -- --nocapture
//! ```

mod book;
mod generate;
mod judge;
mod report;
mod server;
mod shorten;
mod step;
mod vault;
mod wire;
mod world;

use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use support::folder::Folder;
use support::random::Random;

use book::{Wrong, lock};
use report::Report;
use server::Server;
use vault::Vault;

/// How many sequences are run, if not [`SEQUENCES`].
const SEQUENCES_VARIABLE: &str = "WECHATPAY_SEQUENCES";
const SEQUENCES: usize = 2_000;

/// The seed of the one sequence that is run.
const SEED_VARIABLE: &str = "WECHATPAY_SEQUENCE_SEED";

/// Much of the time is spent waiting.
const WORKERS: usize = 16;

/// How often a sequence is run again that has only exceeded a limit, which may be the machine's fault.
const AGAIN: usize = 2;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|number| number.parse().unwrap())
}

/// Runs the sequence of a seed; gives the rules that it broke.
fn run(seed: u64, server: &Server, folder: &Folder) -> Vec<Wrong> {
    let sequence = generate::sequence(seed);
    let mut wrongs = world::run(&sequence, server, folder);
    for _ in 0..AGAIN {
        if wrongs.is_empty() || wrongs.iter().any(|wrong| wrong.rule != judge::LIMIT) {
            break;
        }
        wrongs = world::run(&sequence, server, folder);
    }
    wrongs
}

#[test]
fn whatever_happens_what_is_said_is_true() {
    let _turn = crate::turn();
    let vault = Arc::new(Vault::new());
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (first, count) = match number(SEED_VARIABLE) {
        Some(seed) => (seed, 1),
        None => (time.as_nanos() as u64, number(SEQUENCES_VARIABLE).map_or(SEQUENCES, |count| count as usize)),
    };
    let mut random = Random::new(first);
    let seeds: Vec<u64> = if count == 1 { vec![first] } else { (0..count).map(|_| random.number()).collect() };
    let (next, report, start) = (Mutex::new(seeds.iter()), Mutex::new(Report::default()), Instant::now());
    println!("{count} sequences of the seed {first}");
    if count == 1 {
        println!("{}", generate::sequence(first));
    }
    thread::scope(|scope| {
        for _ in 0..WORKERS.min(count) {
            scope.spawn(|| {
                let (server, folder) = (Server::start(Arc::clone(&vault)), Folder::new("sequences"));
                loop {
                    let Some(seed) = lock(&next).next().copied() else { break };
                    let wrongs = run(seed, &server, &folder);
                    lock(&report).note(seed, wrongs);
                }
            });
        }
    });
    let report = report.into_inner().unwrap();
    println!("{} of {count} broke a rule, in {:.0} s", report.failures(), start.elapsed().as_secs_f64());
    let shown = report.show(&Server::start(vault), &Folder::new("sequences"));
    assert!(report.failures() == 0, "{shown}");
}
