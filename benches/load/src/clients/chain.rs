//! This crate.

use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wechatpay::{Builder, Chain, Credentials, MediaUtil, Options, Promise, Response};

use super::hand::{CONSTANT, Hand};
use super::{Task, check, order};
use crate::measure::{self, Spread, memory, micros, process_cpu, thread_cpu};
use crate::{keys, server};

fn instance(task: &Task) -> anyhow::Result<Chain> {
    Ok(builder(task).build()?)
}

pub fn builder(task: &Task) -> Builder {
    let (private_key, public_key) = keys::urls(&task.folder);
    let verify = task.base.starts_with("https").then(|| task.folder.join(keys::SERVER_CERTIFICATE));
    Builder::from(json!({
        "mchid": keys::MCHID,
        "serial": keys::MERCHANT_SERIAL,
        "privateKey": private_key,
        "certs": { keys::PLATFORM_KEY_ID: public_key },
        "base_uri": task.base,
        "verify": verify,
        "proxy": "",
    }))
}

fn options() -> Value {
    json!({ "json": order() })
}

pub fn one_at_a_time(task: &Task) -> anyhow::Result<Value> {
    let native = instance(task)?.chain(task.path());
    measure::one_at_a_time(task.calls, || check(&native.post(options())?.json()?))
}

pub async fn in_flight(task: &Task) -> anyhow::Result<Value> {
    let native = instance(task)?.chain(task.path());
    measure::in_flight(task.in_flight, task.calls, move || {
        let promise = native.post_async(options());
        async move { check(&promise.await?.json()?) }
    })
    .await
}

/// What a new process costs that makes one call.
pub fn cold(task: &Task) -> anyhow::Result<Value> {
    one_call(task, builder(task))
}

/// The same over https if the system's roots are trusted.
pub fn cold_with_system_roots(task: &Task) -> anyhow::Result<Value> {
    one_call(task, builder(task).defaults(Options::new().verify(true)))
}

fn one_call(task: &Task, builder: Builder) -> anyhow::Result<Value> {
    check(&builder.build()?.chain(task.path()).post(options())?.json()?)?;
    Ok(json!({ "cpu_ms": micros(process_cpu()) / 1e3 }))
}

/// Memory after few and after many calls, one after the other.
pub fn flat(task: &Task) -> anyhow::Result<Value> {
    let native = instance(task)?.chain(task.path());
    let mut early = 0;
    for number in 0..task.calls {
        check(&native.post(options())?.json()?)?;
        if number == task.calls / 100 {
            early = memory("VmRSS")?;
        }
    }
    Ok(json!({ "early_kb": early, "late_kb": memory("VmRSS")?, "peak_mb": memory("VmHWM")? as f64 / 1024.0 }))
}

/// How long an async verb, and each poll of its promise, keeps its caller.
pub async fn verb(task: &Task) -> anyhow::Result<Value> {
    let native = instance(task)?.chain(task.path());
    let times = Arc::new(Mutex::new([Vec::new(), Vec::new(), Vec::new(), Vec::new()]));
    let shared = Arc::clone(&times);
    measure::in_flight(task.in_flight, task.calls, move || {
        let (options, shared) = (options(), Arc::clone(&shared));
        let (promise, time, cpu) = timed(|| native.post_async(options));
        note(&shared, 0, time, cpu);
        async move { check(&Timed { promise, times: shared }.await?.json()?) }
    })
    .await?;
    let times = times.lock().unwrap_or_else(PoisonError::into_inner);
    let [verb, verb_cpu, poll, poll_cpu] = times.each_ref().map(|times| Spread::of(times.iter().copied()));
    Ok(json!({
        "verb_median_us": verb.median, "verb_longest_us": verb.most, "verb_longest_cpu_us": verb_cpu.most,
        "poll_median_us": poll.median, "poll_longest_us": poll.most, "poll_longest_cpu_us": poll_cpu.most,
    }))
}

type Times = Arc<Mutex<[Vec<f64>; 4]>>;

fn note(times: &Times, first: usize, time: Duration, cpu: Duration) {
    let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
    times[first].push(micros(time));
    times[first + 1].push(micros(cpu));
}

fn timed<T>(what: impl FnOnce() -> T) -> (T, Duration, Duration) {
    let (cpu, began) = (thread_cpu(), Instant::now());
    let result = what();
    (result, began.elapsed(), thread_cpu() - cpu)
}

struct Timed {
    promise: Promise<Response>,
    times: Times,
}

impl Future for Timed {
    type Output = wechatpay::Result<Response>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (result, time, cpu) = timed(|| Pin::new(&mut self.promise).poll(context));
        note(&self.times, 2, time, cpu);
        result
    }
}

/// What the chain adds to a client made by hand, without RSA: calls through an instance whose signer and verifier give
/// constants, and the same ones by hand, in turns, over ureq agents with the same settings.
pub fn added(task: &Task) -> anyhow::Result<Value> {
    const BATCH: usize = 100;
    let instance = Builder::new()
        .credentials(
            Credentials::new()
                .mchid(keys::MCHID)
                .serial(keys::MERCHANT_SERIAL)
                .signer(|_: &[u8]| Ok(CONSTANT.to_owned()))
                .verifier(|_: &str, message: &[u8], _: &str| Ok(!message.is_empty())),
        )
        .defaults(Options::new().base_uri(&task.base))
        .defaults(json!({ "proxy": "" }))
        .build()?;
    let native = instance.chain("v3/wait/0/pay/{kind}/native");
    let (agent, hand, path) = (super::ureq::agent_with_limits(task)?, Hand::without_rsa(), task.path());
    let (mut ours, mut by_hand) = (Vec::new(), Vec::new());
    for _ in 0..task.calls.div_ceil(BATCH) {
        let before = process_cpu();
        for _ in 0..BATCH {
            check(&native.post(json!({ "kind": "transactions", "json": order() }))?.json()?)?;
        }
        let between = process_cpu();
        for _ in 0..BATCH {
            super::ureq::call(&agent, &hand, &task.base, &path, &order())?;
        }
        ours.push(micros(between - before) / BATCH as f64);
        by_hand.push(micros(process_cpu() - between) / BATCH as f64);
    }
    let (ours, by_hand) = (Spread::of(ours).median, Spread::of(by_hand).median);
    Ok(json!({ "ours_us": ours, "by_hand_us": by_hand, "added_us": ours - by_hand }))
}

/// Large bodies received, with or without `expect`.
pub fn download(task: &Task, checked: bool) -> anyhow::Result<Value> {
    let instance = instance(task)?;
    let url = format!("{}{}?size={}", task.base, &server::DOWNLOAD[1..], task.size);
    let sha1 = if checked { sha1(task.size) } else { String::new() };
    measure::large(task.size, || {
        let options = Options::new().timeout(Duration::from_secs(600)).sink_to(Nowhere);
        instance.download(&url, if checked { options.expect_sha1(&sha1) } else { options })?;
        Ok(())
    })
}

/// Large bodies sent; the time of the verb, without the first reading for the SHA-256.
pub fn upload(task: &Task) -> anyhow::Result<Value> {
    let instance = instance(task)?;
    let media = MediaUtil::from_reader("video.mp4", Pattern::new(task.size))?;
    measure::large(task.size, || {
        let options = Options::new().timeout(Duration::from_secs(600)).body(media.clone());
        instance.chain("v3/merchant/media/video_upload").post(options)?;
        Ok(())
    })
}

/// Of what the server sends.
fn sha1(size: usize) -> String {
    let (block, mut hash, mut left) = (server::block(), openssl::sha::Sha1::new(), size);
    while left > 0 {
        let length = left.min(block.len());
        hash.update(&block[..length]);
        left -= length;
    }
    hash.finish().iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// So many bytes of [`server::block`], again and again.
pub struct Pattern {
    block: Vec<u8>,
    size: usize,
    at: usize,
}

impl Pattern {
    pub fn new(size: usize) -> Pattern {
        Pattern { block: server::block(), size, at: 0 }
    }
}

impl Read for Pattern {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = self.at % self.block.len();
        let length = buffer.len().min(self.size - self.at).min(self.block.len() - start);
        buffer[..length].copy_from_slice(&self.block[start..start + length]);
        self.at += length;
        Ok(length)
    }
}

impl Seek for Pattern {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Start(at) => self.at = usize::try_from(at).unwrap_or(usize::MAX).min(self.size),
            _ => return Err(io::ErrorKind::Unsupported.into()),
        }
        Ok(self.at as u64)
    }
}
