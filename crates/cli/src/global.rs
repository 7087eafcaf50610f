//! The flags that every command has.

use std::path::PathBuf;

use clap::Args;

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
