//! Peak memory of a process that uploads, or downloads, 200 MB:
//!
//! ```text
//! cargo bench --bench memory
//! ```
//!
//! The sandbox runs in a process of its own; each transfer is a new process, whose peak (`VmHWM` of
//! `/proc/self/status`, so Linux alone) is printed beside that of one that makes a single small call.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use wechatpay::{Builder, Chain, MediaUtil, Options, Value, json};
use wechatpay_sandbox::Sandbox;

/// Bytes that are transferred.
const SIZE: u64 = 200_000_000;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server"] => server(),
        ["client", transfer, config] => client(transfer, &serde_json::from_str(config)?),
        // cargo gives `--bench`.
        _ => compare(),
    }
}

/// Serves until its standard input ends; says on its standard output how to reach it.
fn server() -> anyhow::Result<()> {
    let sandbox = Sandbox::start()?;
    sandbox.set_bill_size(SIZE);
    let config = json!({
        "mchid": sandbox.mchid(),
        "serial": sandbox.merchant_serial(),
        "privateKey": sandbox.merchant_private_key_pem(),
        "certs": { sandbox.platform_serial(): sandbox.platform_public_key_pem() },
        "base_uri": sandbox.base_uri(),
        "proxy": "",
        "timeout": 0,
    });
    println!("{config}");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// One transfer; prints its time in seconds and the peak of this process in kB.
fn client(transfer: &str, config: &Value) -> anyhow::Result<()> {
    let instance = Builder::factory(config.clone())?;
    let began = Instant::now();
    match transfer {
        "small call" => drop(instance.chain("v3/marketing/partnerships").get(())?),
        "upload" => upload(&instance)?,
        "download" => download(&instance)?,
        other => anyhow::bail!("{other} is no transfer"),
    }
    println!("{} {}", began.elapsed().as_secs_f64(), peak()?);
    Ok(())
}

fn upload(instance: &Chain) -> anyhow::Result<()> {
    let media = MediaUtil::from_reader("video.mp4", Pattern { at: 0 })?;
    let response = instance.chain("v3/merchant/media/video_upload").post(Options::new().body(media))?;
    anyhow::ensure!(response.json()?["media_id"].is_string(), "{}", response.text());
    Ok(())
}

fn download(instance: &Chain) -> anyhow::Result<()> {
    let bill = instance.chain("v3/bill/tradebill").get(json!({ "query": { "bill_date": "2026-01-02" } }))?.json()?;
    let url = bill["download_url"].as_str().context("there is no download_url")?.to_owned();
    let counter = Counter(0);
    let file = std::env::temp_dir().join(format!("wechatpay-memory-{}.csv", std::process::id()));
    instance.download(&url, json!({ "sink": file, "expect": bill }))?;
    let size = std::fs::metadata(&file)?.len();
    std::fs::remove_file(&file)?;
    anyhow::ensure!(size >= SIZE, "{size} bytes came");
    // And once more into a writer.
    instance.download(&url, Options::new().sink_to(counter))?;
    Ok(())
}

/// Bytes that follow from their place; nothing of it is in memory.
struct Pattern {
    at: u64,
}

impl Read for Pattern {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(usize::try_from(SIZE - self.at).unwrap_or(usize::MAX));
        for byte in &mut buffer[..length] {
            *byte = (self.at >> 7) as u8 ^ self.at as u8;
            self.at += 1;
        }
        Ok(length)
    }
}

impl Seek for Pattern {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match to {
            SeekFrom::Start(at) => self.at = at.min(SIZE),
            _ => return Err(std::io::ErrorKind::Unsupported.into()),
        }
        Ok(self.at)
    }
}

struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Peak resident memory of this process in kB.
fn peak() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// All transfers, each in a process of its own.
fn compare() -> anyhow::Result<()> {
    let mut server = spawn(&["server"])?;
    let mut config = String::new();
    BufReader::new(server.stdout.take().context("no output")?).read_line(&mut config)?;
    println!("{:<12} {:>10} {:>12}", "transfer", "seconds", "peak, MB");
    for transfer in ["small call", "upload", "download"] {
        let output = spawn(&["client", transfer, config.trim()])?.wait_with_output()?;
        let text = String::from_utf8(output.stdout)?;
        anyhow::ensure!(output.status.success(), "{transfer} failed");
        let (seconds, peak) = text.trim().split_once(' ').context("no figures")?;
        let (seconds, peak) = (Duration::from_secs_f64(seconds.parse()?), peak.parse::<f64>()? / 1024.0);
        println!("{transfer:<12} {:>10.2} {peak:>12.1}", seconds.as_secs_f64());
        anyhow::ensure!(peak < 30.0, "{transfer} took {peak:.1} MB, 30 are allowed");
    }
    drop(server.stdin.take());
    server.wait()?;
    Ok(())
}

fn spawn(arguments: &[&str]) -> anyhow::Result<Child> {
    let program = std::env::current_exe()?;
    Ok(Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?)
}
