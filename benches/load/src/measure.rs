//! Clocks, memory, and what many rounds come to.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// CPU time of this process, user and system, since it began.
pub fn process_cpu() -> Duration {
    cpu(ClockId::ProcessCPUTime)
}

/// CPU time of this thread.
pub fn thread_cpu() -> Duration {
    cpu(ClockId::ThreadCPUTime)
}

fn cpu(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// `VmHWM` or `VmRSS` of this process, in kB.
pub fn memory(name: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
    Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?)
}

pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// Calls one after the other; the first ones are not counted.
pub fn one_at_a_time(calls: usize, mut call: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Value> {
    for _ in 0..calls.min(50) {
        call()?;
    }
    let window = Window::open();
    for _ in 0..calls {
        call()?;
    }
    window.close(calls)
}

/// How fast large bodies are transferred: the middle one of a few transfers, the first of which is not counted.
pub fn large(bytes: usize, mut transfer: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Value> {
    const COUNTED: usize = 5;
    let mut speeds = Vec::new();
    for number in 0..=COUNTED {
        let began = Instant::now();
        transfer()?;
        if number > 0 {
            speeds.push(bytes as f64 / 1e6 / began.elapsed().as_secs_f64());
        }
    }
    Ok(json!({ "mb_per_second": Spread::of(speeds).median, "peak_mb": memory("VmHWM")? as f64 / 1024.0 }))
}

/// So many tasks, each of which makes one call after the other; a first wave is not counted.
pub async fn in_flight<F, Fut>(tasks: usize, calls: usize, call: F) -> anyhow::Result<Value>
where
    F: Fn() -> Fut + Clone + Send + 'static,
    Fut: Future<Output = anyhow::Result<()>> + Send,
{
    wave(tasks, tasks, call.clone()).await?;
    let window = Window::open();
    wave(tasks, calls, call).await?;
    window.close(calls)
}

pub async fn wave<F, Fut>(tasks: usize, calls: usize, call: F) -> anyhow::Result<()>
where
    F: Fn() -> Fut + Clone + Send + 'static,
    Fut: Future<Output = anyhow::Result<()>> + Send,
{
    let begun = Arc::new(AtomicUsize::new(0));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..tasks {
        let (begun, call) = (Arc::clone(&begun), call.clone());
        running.spawn(async move {
            while begun.fetch_add(1, Ordering::Relaxed) < calls {
                call().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(task) = running.join_next().await {
        task??;
    }
    Ok(())
}

struct Window {
    began: Instant,
    cpu: Duration,
}

impl Window {
    fn open() -> Window {
        Window { cpu: process_cpu(), began: Instant::now() }
    }

    /// Calls a second, CPU time per call, and the peak of the memory until now.
    fn close(self, calls: usize) -> anyhow::Result<Value> {
        let (time, cpu) = (self.began.elapsed(), process_cpu() - self.cpu);
        Ok(json!({
            "calls_per_second": calls as f64 / time.as_secs_f64(),
            "cpu_us": micros(cpu) / calls as f64,
            "peak_mb": memory("VmHWM")? as f64 / 1024.0,
        }))
    }
}

/// The middle one of some figures, and the smallest and the largest.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Spread {
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Spread {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let at = |index: usize| figures.get(index).copied().unwrap_or(f64::NAN);
        let half = figures.len() / 2;
        let median = if figures.len() % 2 == 0 { (at(half.wrapping_sub(1)) + at(half)) / 2.0 } else { at(half) };
        Spread { median, least: at(0), most: at(figures.len().wrapping_sub(1)) }
    }
}
