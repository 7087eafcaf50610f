//! What is said on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

// A line is no longer than the help is wide.
const GET: &str = "\
Examples:
  wechatpay --profile sandbox get v3/merchant/fund/balance/BASIC --get /available_amount
  wechatpay --profile sandbox get 'v3/bill/tradebill?bill_date=2026-01-02' -o answer.json
  wechatpay --profile sandbox get v3.pay.transactions.outTradeNo._no_ -v no=A1 \\
      mchid=1900000109 --dry-run
  wechatpay --profile sandbox get v3/bill/tradebill bill_date=2026-01-02 --include";

const POST: &str = "\
Examples:
  wechatpay --profile sandbox post v3/pay/transactions/native appid=wx8888888888888888 \\
      mchid=1900000109 description=coffee out_trade_no=order-1 'amount[total]:=100' \\
      notify_url=https://shop.example/paid
  wechatpay --profile sandbox post v3/merchant/media/upload --upload shop.jpg --get /media_id
  wechatpay --profile sandbox post v2/pay/orderquery mch_id=1900000109 out_trade_no=A1 --curl
  wechatpay --profile sandbox post v3/profitsharing/receivers/add -d @receiver.json \\
      --encrypt auto --php";

const PUT: &str = "\
Examples:
  wechatpay --profile sandbox put v3/merchant-service/complaint-notifications \\
      url=https://shop.example/complaints
  wechatpay --profile sandbox put v3.merchantService.complaintNotifications -d '{}' --strict";

const PATCH: &str = "\
Examples:
  wechatpay --profile sandbox patch v3/goldplan/merchants/open-advertising-show \\
      sub_mchid=1900000100 'advertising_industry_filters[]=E_COMMERCE'
  wechatpay --profile sandbox patch v3/marketing/membercard-open/callback -d '{}' --dry-run";

const DELETE: &str = "\
Examples:
  wechatpay --profile sandbox delete v3/merchant-service/complaint-notifications
  wechatpay --profile sandbox delete v3/edu-papay/contracts/{contract_id} -v contract_id=Ab1 \\
      --rust";

#[derive(Debug, Subcommand)]
pub enum Method {
    /// Call with GET
    #[command(after_help = GET)]
    Get(Call),
    /// Call with POST
    #[command(after_help = POST)]
    Post(Call),
    /// Call with PUT
    #[command(after_help = PUT)]
    Put(Call),
    /// Call with PATCH
    #[command(after_help = PATCH)]
    Patch(Call),
    /// Call with DELETE
    #[command(after_help = DELETE)]
    Delete(Call),
}

impl Method {
    /// The method as HTTP writes it, and what is called.
    pub fn parts(&self) -> (&'static str, &Call) {
        match self {
            Method::Get(call) => ("GET", call),
            Method::Post(call) => ("POST", call),
            Method::Put(call) => ("PUT", call),
            Method::Patch(call) => ("PATCH", call),
            Method::Delete(call) => ("DELETE", call),
        }
    }
}

#[derive(Args, Debug)]
pub struct Call {
    /// The path in any spelling: v3/pay/transactions/id/4200001, v3/pay/transactions/id/{id},
    /// v3.pay.transactions.outTradeNo._no_, or an address out of the documentation
    pub path: String,
    /// Fields of the body, of the query on GET, of `meta` with --upload: name=text, name:=JSON, name=@FILE, name:=@FILE,
    /// 'amount[total]:=100', 'list[]=text'; name==text is always of the query
    #[arg(value_name = "FIELD")]
    pub fields: Vec<String>,
    /// The value of a variable of the path; can be repeated
    #[arg(short = 'v', long = "var", value_name = "NAME=VALUE")]
    pub variables: Vec<String>,
    /// A parameter of the query; can be repeated
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub query: Vec<String>,
    /// A header; can be repeated
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// The body: JSON, @FILE, or - for standard input; fields are put into it
    #[arg(short, long, value_name = "JSON")]
    pub data: Option<String>,
    /// It is a call of APIv2, as every path under v2/ is
    #[arg(long, conflicts_with = "upload")]
    pub xml: bool,
    /// Encrypt fields for the platform: auto for all that are documented so, or one by its pointer, such as /json/name; can be
    /// repeated
    #[arg(long, value_name = "auto|POINTER")]
    pub encrypt: Vec<String>,
    /// Present the merchant's certificate (APIv2), also where that is not documented
    #[arg(long)]
    pub security: bool,
    /// Upload a file, with its SHA-256 and the fields as `meta`
    #[arg(long, value_name = "FILE")]
    pub upload: Option<PathBuf>,
    /// Write the answer to a file, which appears when it is complete and verified
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The SHA-1 that a bill must have
    #[arg(long, value_name = "SHA1")]
    pub expect: Option<String>,
    /// How many attempts may follow one that failed without an effect
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// Print one value of the answer, such as /code_url
    #[arg(long, value_name = "POINTER", conflicts_with_all = ["output", "include"])]
    pub get: Option<String>,
    /// Print the status and the Request-ID, too
    #[arg(short, long)]
    pub include: bool,
    /// Send nothing if the call is not as documented
    #[arg(long)]
    pub strict: bool,
    /// Do not ask before a call that moves money
    #[arg(short, long)]
    pub yes: bool,
    /// Make the call through this journal, if it can have an effect; without this flag through that of WECHATPAY_JOURNAL or of the
    /// profile, if there is one
    #[arg(long, value_name = "FILE|URL")]
    pub journal: Option<String>,
    /// Print the request and the message that is signed, and send nothing
    #[arg(long, group = "instead")]
    pub dry_run: bool,
    /// Print the call as a command of curl, signed for the next five minutes, and send nothing
    #[arg(long, group = "instead")]
    pub curl: bool,
    /// Print the call as a program in Rust, and send nothing
    #[arg(long, group = "instead")]
    pub rust: bool,
    /// Print the call as a program in PHP, for the official SDK, and send nothing
    #[arg(long, group = "instead")]
    pub php: bool,
}
