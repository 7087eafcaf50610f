//! What is said on the command line.

use clap::{Args, Subcommand};

const JOURNAL: &str = "\
Examples:
  wechatpay journal create --db shop.journal
  wechatpay --profile sandbox post v3/pay/transactions/native --journal shop.journal \\
      appid=wx8888888888888888 mchid=1900000109 description=coffee out_trade_no=order-1 \\
      'amount[total]:=100' notify_url=https://shop.example/paid
  wechatpay journal list --all --db shop.journal
  wechatpay --profile sandbox journal settle --db shop.journal";

const LIST: &str = "\
Examples:
  wechatpay journal list --db shop.journal
  wechatpay journal list --all --json --db shop.journal";

const SHOW: &str = "\
Examples:
  wechatpay journal show order-1 --db shop.journal
  wechatpay --profile sandbox journal show 1 --db shop.journal";

const SETTLE: &str = "\
Exit codes: 0 all is known; 5 something is not known yet, and the message says when to ask again.

Examples:
  wechatpay --profile sandbox journal settle --db shop.journal
  wechatpay --profile sandbox journal settle --wait 600 --db shop.journal";

const WATCH: &str = "\
Examples:
  wechatpay --profile sandbox journal watch --db shop.journal
  wechatpay --profile sandbox journal watch --interval 10 --json --db shop.journal";

const MARK_DONE: &str = "\
Examples:
  wechatpay journal mark-done 17 'found by hand' --db shop.journal
  wechatpay journal mark-done 17 SUCCESS --yes --db shop.journal";

const MARK_NOT_DONE: &str = "\
Examples:
  wechatpay journal mark-not-done 18 --db shop.journal
  wechatpay journal mark-not-done 18 --yes --db shop.journal";

const CREATE: &str = "\
Examples:
  wechatpay journal create --db shop.journal
  WECHATPAY_JOURNAL=shop.journal wechatpay journal create";

const PRUNE: &str = "\
Examples:
  wechatpay journal prune --db shop.journal
  wechatpay journal prune --keep 365 --db shop.journal";

/// The journal of calls that move money: what is unsettled, and what became of it
#[derive(Args, Debug)]
#[command(after_help = JOURNAL)]
pub struct Journal {
    /// The journal: a file, or postgres://HOST/DATABASE; else WECHATPAY_JOURNAL, or `journal` of the profile. An address with a
    /// password is not for the command line, where others can see it
    #[arg(long, global = true, value_name = "FILE|URL")]
    pub db: Option<String>,
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, Subcommand)]
pub enum Action {
    /// List what is not settled
    #[command(after_help = LIST)]
    List(List),
    /// Show all that is kept of a call, and how to ask about it
    #[command(after_help = SHOW)]
    Show(Show),
    /// Ask the platform about what is not settled, and write down what it says
    #[command(after_help = SETTLE)]
    Settle(Settle),
    /// Settle again and again, and print what changes, until ctrl-c
    #[command(after_help = WATCH)]
    Watch(Watch),
    /// Settle by hand a call that was done, as people have found out
    #[command(after_help = MARK_DONE)]
    MarkDone(MarkDone),
    /// Settle by hand a call that was not done, as people have found out: its number is free then
    #[command(after_help = MARK_NOT_DONE)]
    MarkNotDone(MarkNotDone),
    /// Make a new journal, once, when a service is installed
    #[command(after_help = CREATE)]
    Create,
    /// Remove settled calls that are old
    #[command(after_help = PRUNE)]
    Prune(Prune),
}

#[derive(Args, Debug)]
pub struct List {
    /// List all that is kept, also what is settled
    #[arg(long)]
    pub all: bool,
}

#[derive(Args, Debug)]
pub struct Show {
    /// The id in the journal, or the number of one's own, such as the out_trade_no
    #[arg(value_name = "ID|NUMBER")]
    pub which: String,
}

#[derive(Args, Debug)]
pub struct Settle {
    /// Ask again when it is time, until all is known, for at most so long
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub wait: u64,
}

#[derive(Args, Debug)]
pub struct Watch {
    /// How long to wait between two rounds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub interval: u64,
}

#[derive(Args, Debug)]
pub struct MarkDone {
    /// The id in the journal
    pub id: u64,
    /// What it is now, such as SUCCESS; kept in the journal
    pub state: String,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct MarkNotDone {
    /// The id in the journal
    pub id: u64,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct Prune {
    /// How many days a settled call is kept
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub keep: u32,
}
