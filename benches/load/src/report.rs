//! The figures as the Markdown of `docs/performance.md`, in Chinese like the page.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::measure::Spread;
use crate::rounds::{LOADS, Results};

/// The page holds the figures between these two lines.
const BEGIN: &str = "<!-- figures: begin -->";
const END: &str = "<!-- figures: end -->";

/// Puts the text between the two marks of the page.
pub fn insert(page: &Path, text: &str) -> anyhow::Result<()> {
    let whole = std::fs::read_to_string(page)?;
    let (before, rest) = whole.split_once(BEGIN).context("the page has no mark for the begin")?;
    let (_, after) = rest.split_once(END).context("the page has no mark for the end")?;
    Ok(std::fs::write(page, format!("{before}{BEGIN}\n\n{text}\n{END}{after}"))?)
}

/// Processor, cores, system, OpenSSL and date.
pub fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches(['\t', ' ', ':']);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let openssl = openssl::version::version().split(' ').take(2).collect::<Vec<_>>().join(" ");
    format!("{model}, {cores} cores, Linux {}, {openssl}, {}", kernel.trim(), date())
}

fn date() -> String {
    let date = Command::new("date").arg("+%F").output().ok().and_then(|output| String::from_utf8(output.stdout).ok());
    date.unwrap_or_default().trim().to_owned()
}

/// Machine, tables and goals.
pub fn markdown(results: &Results) -> anyhow::Result<String> {
    let mut text = String::new();
    writeln!(text, "机器与日期：{}。{}，各行是中位数（最小–最大）。\n", machine(), results.settings)?;
    journal(&mut text, results)?;
    if results.figures.keys().all(|key| key.starts_with("journal")) {
        return Ok(text);
    }
    for scheme in ["http", "https"] {
        table(&mut text, results, scheme)?;
    }
    beyond(&mut text, results)?;
    large(&mut text, results)?;
    goals(&mut text, results)?;
    Ok(text)
}

fn name(subject: &str) -> &str {
    match subject {
        "pair" => "只有 RSA 一签一验",
        "chain" => "**wechatpay-chain**，同步",
        "chain async" => "**wechatpay-chain**，异步",
        "ureq" | "ureq async" => "手写 ureq + openssl",
        _ => "手写 hyper + openssl",
    }
}

fn table(text: &mut String, results: &Results, scheme: &str) -> anyhow::Result<()> {
    writeln!(text, "### {scheme}\n")?;
    writeln!(text, "| 情形 | 谁 | 次/秒 | 与手写 ureq 之比 | 每次 CPU（µs） | 与 RSA 之比 | 内存峰值（MB） |")?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for (load, ..) in LOADS {
        let (title, ureq) = match load {
            "one" => ("逐个", "ureq"),
            "64" => ("64 个在途", "ureq async"),
            _ => ("1,000 个在途，100 ms 后应答", "ureq async"),
        };
        for subject in ["pair", "chain", "chain async", "ureq", "ureq async", "hyper", "hyper async"] {
            let key = format!("{subject}, {load}, {scheme}");
            if !results.figures.contains_key(&key) {
                continue;
            }
            let (pair, ureq) = (format!("pair, {load}, {scheme}"), format!("{ureq}, {load}, {scheme}"));
            let against = match subject {
                "pair" => "–".to_owned(),
                _ => spread(&results.ratio("calls_per_second", &key, &ureq), 2),
            };
            writeln!(
                text,
                "| {title} | {} | {} | {against} | {} | {} | {} |",
                name(subject),
                spread(&results.of(&key, "calls_per_second"), 0),
                spread(&results.of(&key, "cpu_us"), 0),
                spread(&results.ratio("cpu_us", &key, &pair), 2),
                spread(&results.of(&key, "peak_mb"), 1),
            )?;
        }
    }
    writeln!(text)?;
    Ok(())
}

fn journal(text: &mut String, results: &Results) -> anyhow::Result<()> {
    writeln!(text, "### 流水（http）\n")?;
    writeln!(
        text,
        "| 情形 | 没有流水，每次 CPU（µs） | 没有流水，另落盘一次 | 有流水，每次 CPU（µs） | CPU 之比 | 没有流水，次/秒 | 有流水，次/秒 | 次/秒之比 | 一次落盘（µs） |"
    )?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
    for (key, title) in [("journal", "逐个"), ("journal async", "64 个在途")] {
        let of = |figure, digits| spread(&results.of(key, figure), digits);
        writeln!(
            text,
            "| {title} | {} | {} | {} | {} | {} | {} | {} | {} |",
            of("plain_cpu_us", 0),
            of("written_cpu_us", 0),
            of("journal_cpu_us", 0),
            of("cpu_ratio", 2),
            of("plain_per_second", 0),
            of("journal_per_second", 0),
            of("calls_ratio", 2),
            of("durable_write_us", 0),
        )?;
    }
    writeln!(text)?;
    Ok(())
}

fn beyond(text: &mut String, results: &Results) -> anyhow::Result<()> {
    writeln!(text, "### 2,000 个在途，100 ms 后应答（http）\n")?;
    writeln!(text, "| 谁 | 次/秒 | 每次 CPU（µs） | 内存峰值（MB） |\n| --- | --- | --- | --- |")?;
    for (key, name) in [
        ("chain async, 2000", "**wechatpay-chain**，异步，500 个线程（默认）"),
        ("chain async, 2000, more threads", "**wechatpay-chain**，异步，`BLOCKING_MAX_THREADS=2000`"),
        ("hyper async, 2000", "手写 hyper + openssl"),
    ] {
        let of = |figure, digits| spread(&results.of(key, figure), digits);
        writeln!(text, "| {name} | {} | {} | {} |", of("calls_per_second", 0), of("cpu_us", 0), of("peak_mb", 1))?;
    }
    writeln!(text)?;
    Ok(())
}

fn large(text: &mut String, results: &Results) -> anyhow::Result<()> {
    writeln!(text, "### 大文件（http）\n")?;
    writeln!(text, "| 谁 | MB/秒 | 内存峰值（MB） |\n| --- | --- | --- |")?;
    for (key, name) in [
        ("chain download", "下载，**wechatpay-chain**，不写 `expect`"),
        ("ureq download", "下载，只有 ureq，默认缓冲"),
        ("chain download checked", "下载，**wechatpay-chain**，`expect` 核对 SHA-1"),
        ("ureq download checked", "下载，只有 ureq，也算 SHA-1"),
        ("chain upload", "上传，**wechatpay-chain**，边发边核对"),
        ("ureq upload", "上传，只有 ureq，默认缓冲"),
    ] {
        let (speed, peak) = (results.of(key, "mb_per_second"), results.of(key, "peak_mb"));
        writeln!(text, "| {name} | {} | {} |", spread(&speed, 0), spread(&peak, 1))?;
    }
    writeln!(text)?;
    Ok(())
}

/// What a figure must not exceed, or not fall below.
enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

fn goals(text: &mut String, results: &Results) -> anyhow::Result<()> {
    use Limit::{AtLeast, AtMost};
    let mut goals: Vec<(String, Vec<f64>, Limit)> = Vec::new();
    for scheme in ["http", "https"] {
        let mut goal = |what: &str, figures, limit| goals.push((format!("{what}（{scheme}）"), figures, limit));
        let key = |subject: &str, load: &str| format!("{subject}, {load}, {scheme}");
        let ratio = |figure: &str, subject: &str, by: &str, load: &str| {
            results.ratio(figure, &key(subject, load), &key(by, load))
        };
        goal("逐个，CPU 与 RSA 之比", ratio("cpu_us", "chain", "pair", "one"), AtMost(1.22));
        goal(
            "64 个在途，次/秒与手写 ureq 之比",
            ratio("calls_per_second", "chain async", "ureq async", "64"),
            AtLeast(0.97),
        );
        goal(
            "1,000 个在途，次/秒与手写 ureq 之比",
            ratio("calls_per_second", "chain async", "ureq async", "1000"),
            AtLeast(0.97),
        );
        goal("1,000 个在途，CPU 与 RSA 之比", ratio("cpu_us", "chain async", "pair", "1000"), AtMost(1.5));
        // What OpenSSL keeps for TLS has no goal of its own.
        let plain = |most| AtMost(if scheme == "http" { most } else { f64::INFINITY });
        goal("1,000 个在途，内存峰值，MB", results.of(&key("chain async", "1000"), "peak_mb"), plain(42.0));
        let memory = results.ratio("peak_mb", &key("chain async", "1000"), &key("ureq async", "1000"));
        goal("1,000 个在途，内存峰值与手写 ureq 之比", memory, AtMost(f64::INFINITY));
        let most = if scheme == "http" { 8.0 } else { 15.0 };
        goal("新进程发一次，CPU，ms", results.of(&format!("chain cold, {scheme}"), "cpu_ms"), AtMost(most));
        let cold = results.ratio("cpu_ms", &format!("chain cold, {scheme}"), &format!("ureq cold, {scheme}"));
        goal("新进程发一次，CPU 与手写 ureq 之比", cold, AtMost(f64::INFINITY));
        goal("同步调用的进程，内存峰值，MB", results.of(&key("chain", "one"), "peak_mb"), plain(9.0));
    }
    let of = |key: &str, figure: &str| results.of(key, figure);
    let ratio = |key, by| results.ratio("mb_per_second", key, by);
    let flat =
        of("chain flat", "late_kb").into_iter().zip(of("chain flat", "early_kb")).map(|(late, early)| late - early);
    for (what, figures, limit) in [
        ("新进程发一次，信任系统的根证书，CPU，ms（https）", of("chain cold, system roots", "cpu_ms"), AtMost(15.0)),
        ("链本身每次增加的，µs", of("chain added", "added_us"), AtMost(5.0)),
        ("异步动词返回前，中位，µs", of("chain verb", "verb_median_us"), AtMost(50.0)),
        (
            "异步动词返回前，最长的一次的 CPU，µs（一次签名约为 RSA 一行）",
            of("chain verb", "verb_longest_cpu_us"),
            AtMost(f64::INFINITY),
        ),
        ("异步动词返回前，最长，µs", of("chain verb", "verb_longest_us"), AtMost(f64::INFINITY)),
        ("`poll` 一次，中位，µs", of("chain verb", "poll_median_us"), AtMost(50.0)),
        ("`poll` 一次，最长的一次的 CPU，µs", of("chain verb", "poll_longest_cpu_us"), AtMost(f64::INFINITY)),
        ("`poll` 一次，最长，µs", of("chain verb", "poll_longest_us"), AtMost(f64::INFINITY)),
        ("下载，与 ureq 之比", ratio("chain download", "ureq download"), AtLeast(0.9)),
        (
            "下载并核对，与也算 SHA-1 的 ureq 之比",
            ratio("chain download checked", "ureq download checked"),
            AtLeast(0.9),
        ),
        ("下载并核对，与不核对的 ureq 之比", ratio("chain download checked", "ureq download"), AtLeast(0.0)),
        ("上传，与 ureq 之比", ratio("chain upload", "ureq upload"), AtLeast(0.9)),
        ("上千次 https 调用用的连接，个", of("connections", "connections"), AtMost(1.0)),
        ("长跑前后内存之差，kB", flat.collect(), AtMost(512.0)),
    ] {
        goals.push((what.to_owned(), figures, limit));
    }
    writeln!(text, "### 目标\n\n| 什么 | 量得 | 目标 | |\n| --- | --- | --- | --- |")?;
    for (what, figures, limit) in goals {
        let (wanted, verdict) = judge(&figures, &limit);
        writeln!(text, "| {what} | {} | {wanted} | {verdict} |", spread(&figures, 2))?;
    }
    Ok(())
}

/// The goal in words, and whether it is met: in all rounds, by the median, or not. What has no goal is only told.
fn judge(figures: &[f64], limit: &Limit) -> (String, &'static str) {
    let meets = |figure: f64| match limit {
        Limit::AtMost(most) => figure <= *most,
        Limit::AtLeast(least) => figure >= *least,
    };
    let wanted = match limit {
        Limit::AtMost(most) if most.is_infinite() => return ("–".into(), ""),
        Limit::AtLeast(least) if *least == 0.0 => return ("–".into(), ""),
        Limit::AtMost(most) => format!("≤ {most}"),
        Limit::AtLeast(least) => format!("≥ {least}"),
    };
    let verdict = match (figures.iter().all(|figure| meets(*figure)), meets(Spread::of(figures.iter().copied()).median))
    {
        (true, _) => "达到",
        (false, true) => "中位数达到，不是每次",
        (false, false) => "**未达到**",
    };
    (wanted, verdict)
}

/// `median (least–most)`, or the one figure.
fn spread(figures: &[f64], digits: usize) -> String {
    let Spread { median, least, most } = Spread::of(figures.iter().copied());
    match figures.len() {
        0 => "–".into(),
        1 => format!("{median:.digits$}"),
        _ => format!("{median:.digits$}（{least:.digits$}–{most:.digits$}）"),
    }
}
