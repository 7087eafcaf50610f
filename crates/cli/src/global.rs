//! The flags that every command has.

use std::path::PathBuf;

use clap::Args;

use crate::failure::{Failure, Result};

/// What settings are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Profile,
    /// Who calls.
    Party,
    /// What requests are signed with.
    Signing,
    /// What answers are verified with, and fields encrypted for.
    Platform,
    /// The keys of APIv3 and APIv2.
    Symmetric,
    /// Where calls go, and how.
    Network,
    /// Whose certificates are trusted.
    Trust,
}

/// The settings that a command uses.
#[derive(Clone, Copy, Debug)]
pub struct Uses {
    pub groups: &'static [Group],
    /// What to do about others.
    pub instead: &'static str,
}

impl Uses {
    pub const ALL: Uses = Uses {
        groups: &[
            Group::Profile,
            Group::Party,
            Group::Signing,
            Group::Platform,
            Group::Symmetric,
            Group::Network,
            Group::Trust,
        ],
        instead: "",
    };

    pub const NONE: Uses = Uses { groups: &[], instead: "leave it out: this command uses no settings" };
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
    /// Which of several keys of the platform requests name in Wechatpay-Serial, and fields are encrypted for
    #[arg(long, global = true, value_name = "ID")]
    pub wechatpay_serial: Option<String>,
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

impl Global {
    /// The flags of settings that were given, and what each is about. What is printed is not a setting: every command prints.
    fn given(&self) -> Vec<(&'static str, Group)> {
        let Global {
            mchid,
            brand_id,
            serial,
            private_key,
            cert,
            wechatpay_serial,
            apiv3_key,
            secret,
            merchant_cert,
            base_uri,
            timeout,
            verify,
            proxy,
            profile,
            json: _,
            debug: _,
        } = self;
        let flags = [
            (mchid.is_some(), "--mchid", Group::Party),
            (brand_id.is_some(), "--brand-id", Group::Party),
            (serial.is_some(), "--serial", Group::Signing),
            (private_key.is_some(), "--private-key", Group::Signing),
            (!cert.is_empty(), "--cert", Group::Platform),
            (wechatpay_serial.is_some(), "--wechatpay-serial", Group::Platform),
            (apiv3_key.is_some(), "--apiv3-key", Group::Symmetric),
            (secret.is_some(), "--secret", Group::Symmetric),
            (merchant_cert.is_some(), "--merchant-cert", Group::Signing),
            (base_uri.is_some(), "--base-uri", Group::Network),
            (timeout.is_some(), "--timeout", Group::Network),
            (verify.is_some(), "--verify", Group::Trust),
            (proxy.is_some(), "--proxy", Group::Network),
            (profile.is_some(), "--profile", Group::Profile),
        ];
        flags.into_iter().filter(|(is_given, ..)| *is_given).map(|(_, flag, group)| (flag, group)).collect()
    }

    /// Refuses flags of settings that a command would ignore.
    pub fn check(&self, uses: Uses) -> Result<()> {
        let given = self.given().into_iter().filter(|(_, group)| !uses.groups.contains(group));
        match given.map(|(flag, _)| flag).collect::<Vec<_>>().join(", ") {
            ignored if ignored.is_empty() => Ok(()),
            ignored => Err(Failure::usage(format!("of no use to this command: {ignored}")).next(uses.instead)),
        }
    }
}
