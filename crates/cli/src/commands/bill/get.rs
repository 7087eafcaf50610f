//! `wechatpay bill get DATE…`: the bills of days, each verified by its digest.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use openssl::hash::{Hasher, MessageDigest};
use openssl::symm::{Cipher, decrypt_aead};
use serde_json::{Map, Value, json};
use wechatpay::{Error, Fields, Options, Rsa, VerificationFailure};
use zeroize::Zeroizing;

use crate::commands::bill::days::{Day, days};
use crate::context::{Connected, Context};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::files::{self, Readers};
use crate::keys;
use crate::output::{BAD, DIM, GOOD, Output};

/// Download the bills of days
///
/// Each bill is compared with the SHA-1 that the platform has signed, and is there as a whole or not at all. A day whose file is
/// there and has the right digest is not downloaded again, so that the same command goes on where it was interrupted. A day without
/// a bill is no error. The platform makes the bills of a day on the next one, from 9 to 10 in the morning, and gives them for three
/// months.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  wechatpay --profile sandbox bill get 2026-01-01
  wechatpay --profile sandbox bill get 2026-01-01..2026-01-31 --gzip -o bills
  wechatpay bill get 2026-01-01 --bill-type REFUND
  wechatpay bill get 2026-01-01 --type fundflow --account-type OPERATION")]
pub struct Get {
    /// Days, and ranges of them: 2026-01-01, 20260101, 2026-01-01..2026-01-31
    #[arg(required = true, value_name = "DATE")]
    pub dates: Vec<String>,
    /// Which bill
    #[arg(long = "type", value_enum, value_name = "TYPE", default_value_t = Kind::Trade)]
    pub kind: Kind,
    /// Which trades [default: ALL]
    #[arg(long, value_enum, ignore_case = true, value_name = "TYPE")]
    pub bill_type: Option<BillType>,
    /// Whose movements, of a fund flow bill [default: BASIC]
    #[arg(long, value_enum, ignore_case = true, value_name = "TYPE")]
    pub account_type: Option<AccountType>,
    /// Only what concerns this sub-merchant
    #[arg(long, value_name = "ID")]
    pub sub_mchid: Option<String>,
    /// Have the bills compressed
    #[arg(long)]
    pub gzip: bool,
    /// The folder to put the files into
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub output: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Payments and refunds (交易账单)
    Trade,
    /// Movements of your account (资金账单)
    Fundflow,
    /// Movements of the account of a sub-merchant (单个子商户资金账单), which are decrypted
    SubMerchantFundflow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BillType {
    All,
    Success,
    Refund,
    RechargeRefund,
    AllSpecial,
    SucSpecial,
    RefSpecial,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountType {
    Basic,
    Operation,
    Fees,
    Deposit,
}

/// What a value is called by the platform.
fn name_of(value: &impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

impl Kind {
    fn path(self) -> &'static str {
        match self {
            Kind::Trade => "v3/bill/tradebill",
            Kind::Fundflow => "v3/bill/fundflowbill",
            Kind::SubMerchantFundflow => "v3/bill/sub-merchant-fundflowbill",
        }
    }
}

impl Get {
    /// Refuses what does not belong together.
    fn check(&self) -> Result<()> {
        let wrong = |what: &str| Err(Failure::usage(what));
        if self.bill_type.is_some() && self.kind != Kind::Trade {
            return wrong("--bill-type is for trade bills; a fund flow bill has --account-type");
        }
        if self.account_type.is_some() && self.kind == Kind::Trade {
            return wrong("--account-type is for fund flow bills; a trade bill has --bill-type");
        }
        if self.account_type == Some(AccountType::Deposit) && self.kind != Kind::SubMerchantFundflow {
            return wrong("--account-type DEPOSIT is for --type sub-merchant-fundflow alone");
        }
        if self.sub_mchid.is_none() && self.kind == Kind::SubMerchantFundflow {
            return wrong("--type sub-merchant-fundflow needs --sub-mchid");
        }
        let is_name = |id: &String| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if self.sub_mchid.as_ref().is_some_and(|id| !is_name(id)) {
            return wrong("--sub-mchid is not the id of a merchant");
        }
        Ok(())
    }

    /// Which of the bills of a type it is, as the platform calls it.
    fn variant(&self) -> String {
        match self.kind {
            Kind::Trade => name_of(&self.bill_type.unwrap_or(BillType::All)),
            _ => name_of(&self.account_type.unwrap_or(AccountType::Basic)),
        }
    }

    fn query(&self, day: Day) -> Value {
        let mut query = Map::new();
        let variant = if self.kind == Kind::Trade { "bill_type" } else { "account_type" };
        query.insert("bill_date".to_owned(), day.to_string().into());
        query.insert(variant.to_owned(), self.variant().into());
        if let Some(id) = &self.sub_mchid {
            query.insert("sub_mchid".to_owned(), id.clone().into());
        }
        if self.gzip {
            query.insert("tar_type".to_owned(), "GZIP".into());
        }
        if self.kind == Kind::SubMerchantFundflow {
            query.insert("algorithm".to_owned(), "AEAD_AES_256_GCM".into());
        }
        Value::Object(query)
    }

    /// The file of a day, or of one of several parts of its bill.
    fn file(&self, mchid: &str, day: Day, sequence: Option<u64>) -> PathBuf {
        let mut name = format!("{mchid}-{}-{}", name_of(&self.kind), self.variant());
        if let Some(id) = &self.sub_mchid {
            name = format!("{name}-{id}");
        }
        name = format!("{name}-{day}");
        if let Some(sequence) = sequence {
            name = format!("{name}-{sequence}");
        }
        self.output.join(name + if self.gzip { ".csv.gz" } else { ".csv" })
    }
}

/// How many of what.
#[derive(Default)]
struct Counts {
    saved: u32,
    complete: u32,
    none: u32,
    failed: u32,
}

pub fn run(get: &Get, context: &Context) -> Result<Exit> {
    get.check()?;
    let today = Day::today().ok_or_else(|| Failure::new(Exit::Failed, "the clock of this machine says no date"))?;
    let days = days(&get.dates, today).map_err(Failure::usage)?;
    let output = &context.output;
    let earliest = today.three_months_before();
    if days.first().is_some_and(|day| *day < earliest) {
        output.note(format_args!(
            "the platform gives bills for three months, since {earliest}; it may refuse those before"
        ));
    }
    let connected = context.connect()?;
    fs::create_dir_all(&get.output).map_err(|error| Failure::file(&get.output, error))?;

    let bar = bar(output, days.len());
    let (mut counts, mut exit) = (Counts::default(), Exit::Ok);
    let office = Office::new(get, &connected);
    let gone = days.into_iter().try_for_each(|day| {
        bar.set_message(day.to_string());
        let told = office.day(day);
        bar.suspend(|| tell(output, get, day, told, &mut counts, &mut exit))?;
        bar.inc(1);
        Ok(())
    });
    bar.finish_and_clear();
    gone?;
    if !output.is_json() {
        let Counts { saved, complete, none, failed } = counts;
        let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
        output.line(format_args!("{saved} saved, {complete} already complete, {none} without a bill{failed}"))?;
    }
    Ok(exit)
}

/// A bar of days, on a terminal alone.
fn bar(output: &Output, days: usize) -> ProgressBar {
    let target = if output.is_json() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(days as u64), target);
    let style = ProgressStyle::with_template("{spinner} {msg}  {wide_bar} {pos}/{len} days  {eta}");
    let bar = style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style));
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(120));
    }
    bar
}

/// What has become of a bill.
struct Told {
    file: PathBuf,
    sha1: String,
    is_new: bool,
}

/// Says what has become of a day; fails if there is no point in going on.
fn tell(
    output: &Output,
    get: &Get,
    day: Day,
    told: Result<Vec<Told>>,
    counts: &mut Counts,
    exit: &mut Exit,
) -> Result<()> {
    let kind = name_of(&get.kind);
    let line = |status: &str| json!({ "date": day.to_string(), "type": kind, "status": status });
    let count = |count: &mut u32| *count = count.saturating_add(1);
    match told {
        Ok(bills) if bills.is_empty() => {
            count(&mut counts.none);
            if output.is_json() {
                output.json(&line("none"))
            } else {
                output.line(format_args!("{day}  {DIM}no bill{DIM:#}"))
            }
        }
        Ok(bills) => {
            let is_new = bills.iter().any(|bill| bill.is_new);
            count(if is_new { &mut counts.saved } else { &mut counts.complete });
            for bill in bills {
                let status = if bill.is_new { "saved" } else { "complete" };
                let bytes = fs::metadata(&bill.file).map_or(0, |metadata| metadata.len());
                if output.is_json() {
                    let mut line = line(status);
                    if let Value::Object(line) = &mut line {
                        line.insert("file".to_owned(), bill.file.display().to_string().into());
                        line.insert("bytes".to_owned(), bytes.into());
                        line.insert("sha1".to_owned(), bill.sha1.into());
                    }
                    output.json(&line)?;
                } else {
                    let file = bill.file.display();
                    output.line(format_args!("{day}  {GOOD}{status:8}{GOOD:#}  {file}  {DIM}{bytes} bytes{DIM:#}"))?;
                }
            }
            Ok(())
        }
        Err(failure) => {
            let is_of_this_day = matches!(failure.exit(), Exit::Refused | Exit::Unknown | Exit::CheckFailed);
            if !is_of_this_day {
                return Err(failure);
            }
            count(&mut counts.failed);
            // What weighs more has the higher code.
            if failure.exit() as u8 > *exit as u8 {
                *exit = failure.exit();
            }
            if output.is_json() {
                output.json(&line("failed"))
            } else {
                output.line(format_args!("{day}  {BAD}failed{BAD:#}"))
            }?;
            output.failure(&failure);
            Ok(())
        }
    }
}

/// Where bills are applied for and fetched.
struct Office<'a> {
    get: &'a Get,
    connected: &'a Connected,
    mchid: String,
}

/// A bill as the platform announces it.
struct Announced {
    content: Value,
    url: String,
    sha1: String,
}

impl Announced {
    fn of(content: Value) -> std::result::Result<Announced, Error> {
        let (url, sha1) = (content.text_at("/download_url")?, content.text_at("/hash_value")?);
        Ok(Announced { url, sha1, content })
    }
}

impl<'a> Office<'a> {
    fn new(get: &'a Get, connected: &'a Connected) -> Office<'a> {
        Office { get, connected, mchid: connected.instance.mchid() }
    }

    /// Applies for the bills of a day, and fetches those that are not there yet; none if there is no bill.
    fn day(&self, day: Day) -> Result<Vec<Told>> {
        let chain = self.connected.instance.chain(self.get.kind.path());
        let applied = match chain.get(json!({ "query": self.get.query(day), "retries": RETRIES })) {
            Err(Error::Client(refused)) if refused.code() == Some("NO_STATEMENT_EXIST") => return Ok(Vec::new()),
            applied => applied.and_then(|answer| answer.json()).map_err(|error| failed(day, &error))?,
        };
        if self.get.kind != Kind::SubMerchantFundflow {
            let bill = Announced::of(applied).map_err(|error| failed(day, &error))?;
            return Ok(vec![self.bill(day, None, &bill)?]);
        }
        // The answer has no list if there are no bills.
        let bills = applied.find_list("/download_bill_list").map_err(|error| failed(day, &error))?.unwrap_or_default();
        let is_several = bills.len() > 1;
        let mut told = Vec::with_capacity(bills.len());
        for (position, bill) in (1..).zip(bills) {
            let sequence = bill.get("bill_sequence").and_then(Value::as_u64).unwrap_or(position);
            let bill = Announced::of(bill).map_err(|error| failed(day, &error))?;
            told.push(self.bill(day, Some(sequence).filter(|_| is_several), &bill)?);
        }
        Ok(told)
    }

    fn bill(&self, day: Day, sequence: Option<u64>, bill: &Announced) -> Result<Told> {
        let file = self.get.file(&self.mchid, day, sequence);
        let there = File::open(&file).and_then(sha1_of_plain);
        let is_new = !there.is_ok_and(|there| there.eq_ignore_ascii_case(&bill.sha1));
        if is_new && self.get.kind == Kind::SubMerchantFundflow {
            let bytes = self.decrypted(day, bill)?;
            files::write_atomically(&file, &bytes, Readers::Anyone).map_err(|error| files::unwritten(&file, &error))?;
        } else if is_new {
            let options = Options::from(json!({ "expect": bill.content })).sink(&file);
            let options = self.patient(options);
            self.connected.instance.download(&bill.url, options).map_err(|error| failed(day, &error))?;
        }
        Ok(Told { file, sha1: bill.sha1.to_ascii_lowercase(), is_new })
    }

    /// Large bills take longer than the usual limit: each wait is limited instead, unless a limit was asked for.
    fn patient(&self, options: Options) -> Options {
        let options = options.retries(RETRIES);
        match self.connected.configured.settings.timeout {
            Some(_) => options,
            None => options.timeout(Duration::ZERO).read_timeout(Duration::from_secs(30)),
        }
    }

    /// A bill that was encrypted for the merchant, in memory: its digest is known only when all of it is decrypted.
    fn decrypted(&self, day: Day, bill: &Announced) -> Result<Vec<u8>> {
        let key = keys::private(&self.connected.configured.settings)?;
        let texts = (bill.content.text_at("/encrypt_key"), bill.content.text_at("/nonce"));
        let (Ok(encrypted_key), Ok(nonce)) = texts else {
            return Err(Failure::check(format!("{day}: the platform says no key for the bill")));
        };
        let wrong = || {
            Failure::check(format!("{day}: the bill cannot be decrypted"))
                .next("its key is encrypted for the current API certificate: is --private-key that of --serial?")
        };
        let bill_key = Zeroizing::new(Rsa::decrypt(encrypted_key, &key).map_err(|_| wrong())?);
        let answer = self.connected.instance.download(&bill.url, self.patient(Options::new()));
        let answer = answer.map_err(|error| failed(day, &error))?;
        let (sealed, tag) = answer.body().split_last_chunk::<16>().ok_or_else(wrong)?;
        let cipher = Cipher::aes_256_gcm();
        // The nonces of the platform's examples have 16 bytes, which is not the usual length.
        if bill_key.len() != cipher.key_len() || nonce.is_empty() {
            return Err(wrong());
        }
        let plain = decrypt_aead(cipher, bill_key.as_bytes(), Some(nonce.as_bytes()), &[], sealed, tag);
        let plain = plain.map_err(|_| wrong())?;
        match sha1_of_plain(plain.as_slice()) {
            Ok(sha1) if sha1.eq_ignore_ascii_case(&bill.sha1) => Ok(plain),
            _ => Err(Failure::check(format!("{day}: the bill does not have the SHA-1 that the platform announces"))
                .next(AGAIN)),
        }
    }
}

/// The platform allows three of these calls a second; whoever is refused for that waits and asks again.
const RETRIES: u32 = 3;

const AGAIN: &str = "run the same command again: what is complete is not downloaded twice, and nothing was moved";

/// Why there is no bill of a day.
fn failed(day: Day, error: &Error) -> Failure {
    let call = Failure::call(error);
    let is_other_content = matches!(error, Error::Verification(failed)
        if matches!(failed.failure(), VerificationFailure::DigestMismatch { .. }));
    let exit = match error {
        _ if is_other_content => Exit::CheckFailed,
        // The folder, or the disk.
        Error::Sink(_) => Exit::Failed,
        _ => call.exit(),
    };
    let failure = Failure::new(exit, format!("{day}: {}", call.message()));
    match error {
        Error::Client(refused) if refused.code() == Some("STATEMENT_CREATING") => {
            failure.next("the platform is making it, from 9 to 10 in the morning: run the same command again later")
        }
        _ if matches!(exit, Exit::Unknown | Exit::CheckFailed | Exit::NotSent) => failure.next(AGAIN),
        _ => failure,
    }
}

/// The SHA-1 in lowercase hex of a bill, which may be gzip: the platform announces that of what is inside.
fn sha1_of_plain(source: impl Read) -> io::Result<String> {
    let mut source = BufReader::with_capacity(64 * 1024, source);
    let mut hasher = Hasher::new(MessageDigest::sha1())?;
    if source.fill_buf()?.starts_with(b"\x1f\x8b") {
        io::copy(&mut MultiGzDecoder::new(source), &mut hasher)?;
    } else {
        io::copy(&mut source, &mut hasher)?;
    }
    Ok(hasher.finish()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::sha1_of_plain;

    #[test]
    fn the_digest_is_that_of_what_is_inside() {
        // `printf abc | sha1sum`, and the same after `gzip`.
        let abc = "a9993e364706816aba3e25717850c26c9cd0d89d";
        assert_eq!(sha1_of_plain(b"abc".as_slice()).unwrap(), abc);
        let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c\x4a\x06\x00\xc2\x41\x24\x35\x03\x00\x00\x00";
        assert_eq!(sha1_of_plain(packed.as_slice()).unwrap(), abc);
        assert!(sha1_of_plain(&packed[..packed.len() - 4]).is_err());
    }
}
