//! Calls with a journal beside the same ones without, in turns in one process.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
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
    file: PathBuf,
}

impl Pair {
    fn new(task: &Task) -> anyhow::Result<Pair> {
        let file = task.folder.join(format!("journal-{}", std::process::id()));
        let journal = Journal::create(&file)?;
        let instance = |builder: wechatpay::Builder| anyhow::Ok(builder.build()?.chain(NATIVE));
        Ok(Pair {
            plain: instance(chain::builder(task))?,
            journaled: instance(chain::builder(task).journal(journal))?,
            numbers: AtomicU64::new(0),
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

/// All of them, and what they differ by turn by turn.
fn figures(plain: &Costs, journaled: &Costs) -> Value {
    json!({
        "plain_cpu_us": middle(plain.cpu.iter().copied()),
        "journal_cpu_us": middle(journaled.cpu.iter().copied()),
        "plain_per_second": 1e6 / middle(plain.time.iter().copied()),
        "journal_per_second": 1e6 / middle(journaled.time.iter().copied()),
        "calls_ratio": middle(plain.time.iter().zip(&journaled.time).map(|(plain, journaled)| plain / journaled)),
    })
}

fn middle(figures: impl Iterator<Item = f64>) -> f64 {
    Spread::of(figures).median
}

/// A file beside the journal, in which the same is written as SQLite writes to its log for a call, by the same system calls: a
/// few pages, each behind a head, and one `fsync`. Of 1,268 calls, 1,021 wrote three pages, most others six, as rows did not fit
/// on a page any more; 3.58 in the mean, as strace counts them. So here every fifth write is one of six.
struct Disk {
    file: File,
    path: PathBuf,
    page: u64,
    writes: u64,
}

impl Disk {
    const PAGES: u64 = 1_000;
    const FEW: u64 = 3;
    const MANY: u64 = 6;
    const HEAD: usize = 24;
    const PAGE: usize = 4096;
    const FRAME: u64 = (Disk::HEAD + Disk::PAGE) as u64;

    fn new(task: &Task) -> anyhow::Result<Disk> {
        let path = task.folder.join(format!("disk-{}", std::process::id()));
        let mut file = File::create(&path)?;
        for _ in 0..Disk::PAGES {
            file.write_all(&[1; Disk::FRAME as usize])?;
        }
        file.sync_all()?;
        Ok(Disk { file, path, page: 0, writes: 0 })
    }

    /// Writes, and says how long that has taken.
    fn write(&mut self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        self.writes += 1;
        let pages = if self.writes % 5 == 0 { Disk::MANY } else { Disk::FEW };
        for page in self.page..self.page + pages {
            let at = page * Disk::FRAME;
            self.file.write_all_at(&[page as u8; Disk::HEAD], at)?;
            self.file.write_all_at(&[page as u8; Disk::PAGE], at + Disk::HEAD as u64)?;
        }
        self.file.sync_all()?;
        self.page = (self.page + pages) % (Disk::PAGES - Disk::MANY);
        Ok(began.elapsed())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Beside both, a third: without a journal, and with a bare durable write before each call. What that adds to the CPU time is
/// the disk's part, which no journal can do without.
pub fn one_at_a_time(task: &Task) -> anyhow::Result<Value> {
    let (pair, mut disk) = (Pair::new(task)?, Disk::new(task)?);
    let (mut plain, mut written, mut journaled, mut waits) =
        (Costs::default(), Costs::default(), Costs::default(), Vec::new());
    let batch = task.calls.min(BATCH);
    let mut run = |instance: &Chain, costs: &mut Costs, writes: bool| {
        let (cpu, began) = (process_cpu(), Instant::now());
        for _ in 0..batch {
            if writes {
                waits.push(micros(disk.write()?));
            }
            check(&instance.post(pair.options())?.json()?)?;
        }
        costs.note(process_cpu() - cpu, began.elapsed(), batch);
        anyhow::Ok(())
    };
    for turn in 0..=task.calls.div_ceil(batch) {
        // The first turn is not counted.
        if turn == 1 {
            (plain, written, journaled) = Default::default();
        }
        run(&pair.plain, &mut plain, false)?;
        run(&pair.journaled, &mut journaled, false)?;
        run(&pair.plain, &mut written, true)?;
    }
    let turns = plain.cpu.iter().zip(&written.cpu).zip(&journaled.cpu);
    let mut figures = figures(&plain, &journaled);
    figures["written_cpu_us"] = middle(written.cpu.iter().copied()).into();
    figures["durable_write_us"] = middle(waits.into_iter()).into();
    figures["cpu_ratio"] =
        middle(turns.map(|((plain, written), journaled)| (journaled - (written - plain).max(0.0)) / plain)).into();
    Ok(figures)
}

pub async fn in_flight(task: &Task) -> anyhow::Result<Value> {
    let (pair, mut disk) = (Arc::new(Pair::new(task)?), Disk::new(task)?);
    let (mut plain, mut journaled, mut waits) = (Costs::default(), Costs::default(), Vec::new());
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
        waits.push(micros(disk.write()?));
    }
    let mut figures = figures(&plain, &journaled);
    figures["durable_write_us"] = middle(waits.into_iter()).into();
    figures["cpu_ratio"] = middle(plain.cpu.iter().zip(&journaled.cpu).map(|(plain, with)| with / plain)).into();
    Ok(figures)
}
