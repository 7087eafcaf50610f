//! Calls with a journal beside the same ones without, in turns in one process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wechatpay::Chain;
use wechatpay_journal::Journal;

use super::{Task, chain, check, order};
use crate::measure::{self, Spread, micros, process_cpu};

/// Calls in one turn.
const BATCH: usize = 250;

/// A path that the journal knows, and with it the number of the call.
const NATIVE: &str = "v3/pay/transactions/native";

/// A journal on the disk, and instances with and without it. No number occurs twice.
struct Pair {
    plain: Chain,
    journaled: Chain,
    numbers: AtomicU64,
    journal: Journal,
    file: std::path::PathBuf,
}

impl Pair {
    fn new(task: &Task) -> anyhow::Result<Pair> {
        let file = task.folder.join(format!("journal-{}", std::process::id()));
        let journal = Journal::create(&file)?;
        let instance = |builder: wechatpay::Builder| anyhow::Ok(builder.build()?.chain(NATIVE));
        Ok(Pair {
            plain: instance(chain::builder(task))?,
            journaled: instance(chain::builder(task).journal(journal.clone()))?,
            numbers: AtomicU64::new(0),
            journal,
            file,
        })
    }

    fn options(&self) -> Value {
        let mut order = order();
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        order["out_trade_no"] = json!(format!("20260101{number:020}"));
        json!({ "json": order })
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.file.display()));
        }
    }
}

/// What a turn has cost.
#[derive(Default)]
struct Costs {
    cpu: Vec<f64>,
    time: Vec<f64>,
}

impl Costs {
    fn note(&mut self, cpu: Duration, time: Duration, calls: usize) {
        self.cpu.push(micros(cpu) / calls as f64);
        self.time.push(micros(time) / calls as f64);
    }
}

/// Both, and what they differ by turn by turn.
fn figures(plain: &Costs, journaled: &Costs, probe: f64) -> Value {
    let middle = |figures: &[f64]| Spread::of(figures.iter().copied()).median;
    let ratios = |of: &[f64], by: &[f64]| Spread::of(of.iter().zip(by).map(|(of, by)| of / by)).median;
    json!({
        "plain_cpu_us": middle(&plain.cpu),
        "journal_cpu_us": middle(&journaled.cpu),
        "cpu_ratio": ratios(&journaled.cpu, &plain.cpu),
        "plain_per_second": 1e6 / middle(&plain.time),
        "journal_per_second": 1e6 / middle(&journaled.time),
        "calls_ratio": ratios(&plain.time, &journaled.time),
        "durable_write_us": probe,
    })
}

/// How long a durable write of one page takes beside the journal.
fn durable_write(task: &Task) -> anyhow::Result<f64> {
    use std::io::{Seek, SeekFrom, Write};
    let path = task.folder.join(format!("probe-{}", std::process::id()));
    let mut file = std::fs::File::create(&path)?;
    file.write_all(&[1; 1 << 20])?;
    file.sync_all()?;
    let mut times = Vec::new();
    for number in 0..100_u8 {
        let began = Instant::now();
        file.seek(SeekFrom::Start(u64::from(number) * 4096))?;
        file.write_all(&[number; 4096])?;
        file.sync_data()?;
        times.push(micros(began.elapsed()));
    }
    std::fs::remove_file(path)?;
    Ok(Spread::of(times).median)
}

pub fn one_at_a_time(task: &Task) -> anyhow::Result<Value> {
    let pair = Pair::new(task)?;
    let (mut plain, mut journaled) = (Costs::default(), Costs::default());
    let probe = durable_write(task)?;
    let batch = task.calls.min(BATCH);
    for turn in 0..=task.calls.div_ceil(batch) {
        for (instance, costs) in [(&pair.plain, &mut plain), (&pair.journaled, &mut journaled)] {
            let (cpu, began) = (process_cpu(), Instant::now());
            for _ in 0..batch {
                check(&instance.post(pair.options())?.json()?)?;
            }
            // Whatever is still to be written is a part of it.
            pair.journal.figures()?;
            if turn > 0 {
                costs.note(process_cpu() - cpu, began.elapsed(), batch);
            }
        }
    }
    Ok(figures(&plain, &journaled, probe))
}

pub async fn in_flight(task: &Task) -> anyhow::Result<Value> {
    let pair = Arc::new(Pair::new(task)?);
    let (mut plain, mut journaled) = (Costs::default(), Costs::default());
    let probe = durable_write(task)?;
    let batch = task.calls.min(BATCH * 8);
    for turn in 0..=task.calls.div_ceil(batch) {
        for (instance, costs) in [(pair.plain.clone(), &mut plain), (pair.journaled.clone(), &mut journaled)] {
            let (cpu, began, shared) = (process_cpu(), Instant::now(), Arc::clone(&pair));
            measure::wave(task.in_flight, batch, move || {
                let promise = instance.post_async(shared.options());
                async move { check(&promise.await?.json()?) }
            })
            .await?;
            if turn > 0 {
                costs.note(process_cpu() - cpu, began.elapsed(), batch);
            }
        }
    }
    Ok(figures(&plain, &journaled, probe))
}
