//! What it takes to check a bill of a million lines: seconds, CPU and memory at its peak, of a process of its own (Linux alone).
//!
//! ```sh
//! cargo bench --package wechatpay-cli --bench bill             # a million lines
//! cargo bench --package wechatpay-cli --bench bill -- 100000
//! ```

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use support::folder::Folder;

const COLUMNS: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
                       货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,\
                       商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const TOTALS: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

fn main() -> io::Result<()> {
    // cargo gives `--bench`.
    let lines = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let folder = Folder::new("bill-bench");
    write(&folder, lines)?;
    let size = |name: &str| fs::metadata(folder.file(name)).map(|metadata| metadata.len() / 1_000_000);
    println!("{lines} lines, {} MB, as gzip {} MB", size("bill.csv")?, size("bill.csv.gz")?);
    println!("{:<40} {:>9} {:>9} {:>9}", "", "seconds", "CPU", "peak, MB");
    for arguments in [
        &["bill.csv"][..],
        &["bill.csv.gz"],
        &["bill.csv", "--orders", "orders.csv"],
        &["bill.csv", "--orders", "orders.jsonl"],
        &["bill.csv", "--orders", "others.csv"],
    ] {
        measure(&folder, arguments)?;
    }
    Ok(())
}

/// Writes a bill that is right, and orders: the same ones in two forms, and others, of which the bill has none.
fn write(folder: &Folder, lines: u64) -> io::Result<()> {
    let create = |name: &str| File::create(folder.file(name)).map(BufWriter::new);
    let (mut bill, mut csv, mut json, mut others) =
        (create("bill.csv")?, create("orders.csv")?, create("orders.jsonl")?, create("others.csv")?);
    write!(bill, "\u{feff}{COLUMNS}\r\n")?;
    writeln!(csv, "out_trade_no,total")?;
    writeln!(others, "out_trade_no,total")?;
    let (mut sum, mut fees) = (0, 0);
    for line in 0..lines {
        // In no order, and all different.
        let number = line.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (fen, second) = (number % 100_000 + 1, line % 86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let fee = fen * 6;
        (sum, fees) = (sum + fen, fees + fee);
        let (amount, fee) = (yuan(fen * 1000, 2), yuan(fee, 5));
        write!(
            bill,
            "`2026-01-01 {hour:02}:{minute:02}:{second:02},`wxd678efh567hg6787,`1900000109,`0,`,`42000000002026{line:014},\
             `20260101{number:020},`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`JSAPI,`SUCCESS,`OTHERS,`CNY,`{amount},`0.00,`0,`0,`0.00,\
             `0.00,`,`,`Image形象店-深圳腾大-QQ公仔,`,`{fee},`0.60%,`{amount},`0.00,`\r\n"
        )?;
        writeln!(csv, "20260101{number:020},{fen}")?;
        writeln!(json, r#"{{"out_trade_no":"20260101{number:020}","amount":{{"total":{fen},"currency":"CNY"}}}}"#)?;
        writeln!(others, "20260102{number:020},{fen}")?;
    }
    let (sum, fees) = (yuan(sum * 1000, 2), yuan(fees, 5));
    write!(bill, "{TOTALS}\r\n`{lines},`{sum},`0.00,`0.00,`{fees},`{sum},`0.00\r\n")?;
    bill.flush()?;
    let mut packed = GzEncoder::new(create("bill.csv.gz")?, Compression::default());
    io::copy(&mut File::open(folder.file("bill.csv"))?, &mut packed)?;
    packed.finish()?.flush()
}

/// An amount in units of 0.00001 yuan.
fn yuan(units: u64, decimals: usize) -> String {
    let (yuan, rest) = (units / 100_000, format!("{:05}", units % 100_000));
    format!("{yuan}.{}", &rest[..decimals])
}

/// Runs the check, and prints what it has taken. What the kernel says of a process is read until it ends.
fn measure(folder: &Folder, arguments: &[&str]) -> io::Result<()> {
    let began = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wechatpay"));
    command.args(["bill", "check"]).args(arguments).current_dir(folder.path());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let process = format!("/proc/{}", child.id());
    let (mut peak, mut ticks) = (0, 0);
    let status = loop {
        let memory = fs::read_to_string(format!("{process}/status")).unwrap_or_default();
        let kilobytes =
            memory.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(kilobytes.unwrap_or(0));
        let times = fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
        let spent = times.split(' ').skip(13).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        ticks = ticks.max(spent);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(2));
    };
    let seconds = began.elapsed().as_secs_f64();
    let (cpu, megabytes) = (ticks as f64 / 100.0, peak as f64 / 1000.0);
    let name = format!("{} (exit {})", arguments.join(" "), status.code().unwrap_or(-1));
    println!("{name:<40} {seconds:>9.2} {cpu:>9.2} {megabytes:>9.1}");
    Ok(())
}
