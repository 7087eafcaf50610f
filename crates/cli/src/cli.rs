//! The command line: flags that every command has, and the commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    bill, call, certs, complete, completions, decrypt, doctor, encrypt, explain, journal, listen, man, notification,
    qr, sandbox, search, show, sign, trigger, verify,
};

/// WeChat Pay (微信支付) on the command line.
///
/// Exit codes: 0 ok; 1 the system failed here; 2 wrong use or configuration; 3 not sent; 4 refused by the platform; 5 unknown:
/// query before you send it again; 6 the check that was asked for has failed.
#[derive(Debug, Parser)]
#[command(name = "wechatpay", version, max_term_width = 100, arg_required_else_help = true)]
#[command(disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Call(call::Method),
    /// Find operations and notifications by words
    Search(search::Search),
    /// Show what is documented of a path or an event: fields, an example, links
    Show(show::Show),
    /// Check settings, keys, clock and network, a line each, with what to do
    Doctor(doctor::Doctor),
    Explain(explain::Explain),
    Listen(listen::Listen),
    Trigger(trigger::Trigger),
    Sandbox(sandbox::Arguments),
    Certs(certs::Certs),
    /// Download and check bills
    #[command(subcommand)]
    Bill(bill::Bill),
    Sign(sign::Sign),
    Verify(verify::Verify),
    Encrypt(encrypt::Encrypt),
    Decrypt(decrypt::Decrypt),
    Notification(notification::Notification),
    Qr(qr::Qr),
    Journal(journal::Journal),
    /// Print the script by which a shell completes paths, fields and events
    Completions(completions::Completions),
    /// Print or write the manual pages
    Man(man::Man),
    #[command(hide = true)]
    Complete(complete::Complete),
}

/// Who calls, and how. Each also comes from `WECHATPAY_…` in the environment, or else from the profile.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct Global {
    /// The merchant's id
    #[arg(long, global = true, value_name = "ID")]
    pub mchid: Option<String>,
    /// A brand's id, in place of a merchant's
    #[arg(long, global = true, value_name = "ID", conflicts_with = "mchid")]
    pub brand_id: Option<String>,
    /// The serial of the merchant's API certificate
    #[arg(long, global = true, value_name = "HEX")]
    pub serial: Option<String>,
    /// The merchant's private key: a file, or - for standard input
    // A key itself, which begins with a hyphen, is refused without being shown.
    #[arg(long, global = true, value_name = "FILE", allow_hyphen_values = true)]
    pub private_key: Option<PathBuf>,
    /// A key or a certificate of the platform, by its id; can be repeated
    #[arg(long, global = true, value_name = "ID=FILE")]
    pub cert: Vec<String>,
    /// The APIv3 key: a file, or - for standard input
    #[arg(long, global = true, value_name = "FILE")]
    pub apiv3_key: Option<PathBuf>,
    /// The APIv2 key: a file, or - for standard input
    #[arg(long, global = true, value_name = "FILE")]
    pub secret: Option<PathBuf>,
    /// The merchant's API certificate, which some calls of APIv2 present: PEM, or PKCS#12
    #[arg(long, global = true, value_name = "FILE")]
    pub merchant_cert: Option<PathBuf>,
    /// Where calls go, if not to https://api.mch.weixin.qq.com/
    #[arg(long, global = true, value_name = "URL")]
    pub base_uri: Option<String>,
    /// How long a call may take, in seconds
    #[arg(long, global = true, value_name = "SECONDS")]
    pub timeout: Option<f64>,
    /// A file of certificates to trust, in place of the system's
    #[arg(long, global = true, value_name = "FILE")]
    pub verify: Option<PathBuf>,
    /// A proxy, or an empty text for none
    #[arg(long, global = true, value_name = "URL")]
    pub proxy: Option<String>,
    /// A profile of the configuration file; `sandbox` needs no file
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Print JSON, one value a line, for machines
    #[arg(long, global = true)]
    pub json: bool,
    /// Print each request and each answer to standard error, without secrets
    #[arg(long, global = true)]
    pub debug: bool,
}
