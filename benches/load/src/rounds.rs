//! Who is measured when: in rounds, each subject in turn and in a process of its own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use serde_json::Value;

use crate::clients::Task;
use crate::measure::Spread;
use crate::{keys, server};

/// How long and how often.
pub struct Settings {
    pub rounds: usize,
    /// All numbers of calls are multiplied by it.
    scale: f64,
    /// Bytes of a large body.
    pub size: usize,
    /// Calls in flight, for the drawings.
    points: Vec<usize>,
    /// Calls one after the other, for the memory.
    pub flat: usize,
    /// Whether the figures go into the docs.
    pub write: bool,
    /// Whether only the journal is measured.
    pub only_journal: bool,
}

impl Settings {
    pub fn parse(arguments: &[&str]) -> anyhow::Result<Settings> {
        let mut settings = Settings {
            rounds: 5,
            scale: 1.0,
            size: 1 << 30,
            points: vec![1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
            flat: 1_000_000,
            write: false,
            only_journal: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match *argument {
                "--rounds" => settings.rounds = arguments.next().context("how many rounds?")?.parse()?,
                "--write" => settings.write = true,
                "--journal" => settings.only_journal = true,
                // About a minute.
                "--quick" => {
                    let points = vec![1, 64, 500];
                    settings = Settings { rounds: 1, scale: 0.2, size: 1 << 28, points, flat: 10_000, ..settings };
                }
                // Whether everything runs; its figures mean nothing.
                "--smoke" => {
                    let points = vec![1, 4];
                    settings = Settings { rounds: 1, scale: 0.002, size: 1 << 20, points, flat: 100, ..settings };
                }
                other => anyhow::bail!(
                    "{other} is no setting; there are --rounds N, --journal, --quick, --smoke and --write"
                ),
            }
        }
        anyhow::ensure!(settings.rounds > 0, "there must be a round");
        Ok(settings)
    }

    fn calls(&self, calls: usize) -> usize {
        ((calls as f64 * self.scale) as usize).max(10)
    }

    /// So many in flight, but not more than there are calls.
    fn in_flight(&self, in_flight: usize) -> usize {
        ((in_flight as f64 * (self.scale * 50.0).min(1.0)) as usize).max(1)
    }
}

/// All figures: of each subject under each load, those of every round.
#[derive(Default)]
pub struct Results {
    pub figures: BTreeMap<String, Vec<Value>>,
    pub settings: String,
}

impl Results {
    /// One figure of a subject, of every round.
    pub fn of(&self, key: &str, name: &str) -> Vec<f64> {
        let rounds = self.figures.get(key).map(Vec::as_slice).unwrap_or_default();
        rounds.iter().filter_map(|figures| figures[name].as_f64()).collect()
    }

    /// The same figure of two subjects, divided round by round.
    pub fn ratio(&self, name: &str, key: &str, by: &str) -> Vec<f64> {
        self.of(key, name).iter().zip(self.of(by, name)).map(|(a, b)| a / b).collect()
    }

    fn add(&mut self, key: String, figures: Value) {
        eprintln!("{key}: {figures}");
        self.figures.entry(key).or_default().push(figures);
    }
}

/// How often each subject has its turn in a round. The speed of a processor changes within seconds: short turns stay
/// comparable.
const TURNS: usize = 4;

/// Calls in flight and how long the server waits: the three rows of the table.
pub const LOADS: [(&str, usize, u64, usize); 3] =
    [("one", 1, 0, 750), ("64", 64, 0, 6_000), ("1000", 1_000, 100, 8_000)];

pub fn run(settings: &Settings) -> anyhow::Result<Results> {
    let bench = Bench::new()?;
    let mut results = Results { settings: format!("{} 轮", settings.rounds), ..Results::default() };
    for _ in 0..settings.rounds {
        journal(&bench, settings, &mut results)?;
    }
    if settings.only_journal {
        return Ok(results);
    }
    for round in 0..settings.rounds {
        for scheme in ["http", "https"] {
            for (load, in_flight, wait, calls) in LOADS {
                let mut subjects = match load {
                    "one" => vec!["pair", "chain", "chain async", "ureq", "hyper"],
                    _ => vec!["pair", "chain async", "ureq async", "hyper async"],
                };
                rotate(&mut subjects, round);
                let task = Task {
                    wait,
                    in_flight: settings.in_flight(in_flight),
                    calls: settings.calls(calls),
                    ..bench.task(scheme)
                };
                for subject in subjects.repeat(TURNS) {
                    results.add(format!("{subject}, {load}, {scheme}"), bench.run(subject, &task, &[])?);
                }
            }
            for subject in ["chain cold", "ureq cold"] {
                results.add(format!("{subject}, {scheme}"), bench.cold(subject, scheme, &[])?);
            }
        }
        // The system's own bundle, and a folder for the root of the server.
        let (subject, roots) = ("chain cold, system roots", bench.folder.join(keys::ROOTS));
        let roots = [("SSL_CERT_DIR", roots.to_str().context("the folder is not UTF-8")?)];
        results.add(subject.into(), bench.cold(subject, "https", &roots)?);
        single(&bench, settings, round, &mut results)?;
    }
    for in_flight in &settings.points {
        let task = Task {
            wait: 100,
            in_flight: *in_flight,
            calls: settings.calls(in_flight * 8).max(20),
            ..bench.task("http")
        };
        for subject in ["chain async", "ureq async", "hyper async"] {
            results.add(format!("{subject}, curve {in_flight}"), bench.run(subject, &task, &[])?);
        }
    }
    let task = Task { calls: settings.flat, ..bench.task("https") };
    results.add("chain flat".into(), bench.run("chain flat", &task, &[])?);
    Ok(results)
}

/// With a journal beside without one, in turns in one process.
fn journal(bench: &Bench, settings: &Settings, results: &mut Results) -> anyhow::Result<()> {
    let task = Task { calls: settings.calls(5_000), ..bench.task("http") };
    results.add("journal".into(), bench.run("journal", &task, &[])?);
    let task = Task { in_flight: settings.in_flight(64), calls: settings.calls(20_000), ..bench.task("http") };
    results.add("journal async".into(), bench.run("journal async", &task, &[])?);
    Ok(())
}

/// Not always the same one first.
fn rotate(subjects: &mut [&str], round: usize) {
    let length = subjects.len();
    subjects.rotate_left(round % length);
}

/// What is measured under one load only.
fn single(bench: &Bench, settings: &Settings, round: usize, results: &mut Results) -> anyhow::Result<()> {
    let task = Task { in_flight: settings.in_flight(64), calls: settings.calls(6_000), ..bench.task("http") };
    results.add("chain verb".into(), bench.run("chain verb", &task, &[])?);
    let task = Task { calls: settings.calls(10_000), ..bench.task("http") };
    results.add("chain added".into(), bench.run("chain added", &task, &[])?);

    let task =
        Task { wait: 100, in_flight: settings.in_flight(2_000), calls: settings.calls(12_000), ..bench.task("http") };
    results.add("chain async, 2000".into(), bench.run("chain async", &task, &[])?);
    let more = [("BLOCKING_MAX_THREADS", "2000")];
    results.add("chain async, 2000, more threads".into(), bench.run("chain async", &task, &more)?);
    results.add("hyper async, 2000".into(), bench.run("hyper async", &task, &[])?);

    let task = Task { size: settings.size, ..bench.task("http") };
    let mut subjects = [
        "chain download",
        "ureq download",
        "chain download checked",
        "ureq download checked",
        "chain upload",
        "ureq upload",
    ];
    rotate(&mut subjects, round);
    for subject in subjects {
        results.add(subject.into(), bench.run(subject, &task, &[])?);
    }

    let task = Task { calls: settings.calls(1_000), ..bench.task("https") };
    let before = bench.connections()?;
    bench.run("chain", &task, &[])?;
    let after = bench.connections()?;
    // This very question was a connection too, without TLS.
    let figures = serde_json::json!({ "connections": after[0] - before[0] - 1, "handshakes": after[1] + after[2] - before[1] - before[2] });
    results.add("connections".into(), figures);
    Ok(())
}

/// A server, and the folder of the keys.
struct Bench {
    folder: PathBuf,
    server: Child,
    http: u16,
    https: u16,
}

impl Bench {
    fn new() -> anyhow::Result<Bench> {
        let folder = std::env::temp_dir().join(format!("wechatpay-load-keys-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        keys::make(&folder)?;
        let mut server = program()?.arg("server").arg(&folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut ports = String::new();
        BufReader::new(server.stdout.take().context("no output")?).read_line(&mut ports)?;
        let (http, https) = ports.trim().split_once(' ').context("the server did not start")?;
        Ok(Bench { folder, server, http: http.parse()?, https: https.parse()? })
    }

    fn task(&self, scheme: &str) -> Task {
        let port = if scheme == "https" { self.https } else { self.http };
        Task {
            folder: self.folder.clone(),
            base: format!("{scheme}://127.0.0.1:{port}/"),
            wait: 0,
            in_flight: 1,
            calls: 1,
            size: 0,
        }
    }

    /// The figures of one subject, in a process of its own.
    fn run(&self, subject: &str, task: &Task, variables: &[(&str, &str)]) -> anyhow::Result<Value> {
        let mut program = program()?;
        program.args(["client", subject, &task.to_json().to_string()]).envs(variables.iter().copied());
        let output = program.stderr(Stdio::inherit()).output()?;
        anyhow::ensure!(output.status.success(), "{subject} failed");
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The middle one of a few processes, as each makes one call only.
    fn cold(&self, subject: &str, scheme: &str, variables: &[(&str, &str)]) -> anyhow::Result<Value> {
        let cpu = |_| Ok(self.run(subject, &self.task(scheme), variables)?["cpu_ms"].as_f64().unwrap_or(f64::NAN));
        let processes = (0..7).map(cpu).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(serde_json::json!({ "cpu_ms": Spread::of(processes).median }))
    }

    /// Connections, TLS handshakes and resumed ones until now.
    fn connections(&self) -> anyhow::Result<[i64; 3]> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.http))?;
        write!(stream, "GET {} HTTP/1.1\r\nHost: x\r\n\r\n", server::CONNECTIONS)?;
        stream.shutdown(std::net::Shutdown::Write)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let counts = answer.rsplit("\r\n").next().unwrap_or_default().split(' ').map(str::parse);
        let counts: Vec<i64> = counts.collect::<Result<_, _>>()?;
        counts.try_into().map_err(|_| anyhow::anyhow!("three counts are expected"))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Its standard input ends, and so does it.
        drop(self.server.stdin.take());
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn program() -> anyhow::Result<Command> {
    let path: PathBuf = std::env::current_exe()?;
    Ok(Command::new(Path::new(&path)))
}
