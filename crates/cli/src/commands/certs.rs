//! `wechatpay certs`: the platform's certificates as files, PHP's `CertificateDownloader`.

use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use wechatpay::{Certificate, CertificatesFailure, Error, Formatter};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::files::{self, Readers};
use crate::output::{BOLD, DIM};
use crate::shell;

/// Download the platform's certificates
///
/// They are decrypted with the APIv3 key, verified, and written to wechatpay_SERIAL.pem. The short options are those of PHP's
/// CertificateDownloader, but the APIv3 key is given as a file. A merchant who uses the public key of WeChat Pay has no certificates.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  wechatpay --profile sandbox certs
  wechatpay certs -m 1900000109 -s 3775B6A45ACD588826D15E583A95F5DD12345678 -f apiclient_key.pem -k apiv3.key -o certs
  wechatpay certs --json | jq -r .file")]
pub struct Certs {
    /// The same as --mchid
    #[arg(short = 'm', value_name = "ID", conflicts_with_all = ["mchid", "brand_id"])]
    pub m: Option<String>,
    /// The same as --serial
    #[arg(short = 's', value_name = "HEX", conflicts_with = "serial")]
    pub s: Option<String>,
    /// The same as --private-key
    #[arg(short = 'f', value_name = "FILE", conflicts_with = "private_key", allow_hyphen_values = true)]
    pub f: Option<PathBuf>,
    /// The same as --apiv3-key: a file, or - for standard input
    #[arg(short = 'k', value_name = "FILE", conflicts_with = "apiv3_key")]
    pub k: Option<PathBuf>,
    /// The same as --base-uri
    #[arg(short = 'u', value_name = "URL", conflicts_with = "base_uri")]
    pub u: Option<String>,
    /// The folder to put the files into
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub output: PathBuf,
}

pub fn run(certs: &Certs, context: &Context) -> Result<Exit> {
    let context = context.with(|global| {
        global.mchid = certs.m.clone().or_else(|| global.mchid.take());
        global.serial = certs.s.clone().or_else(|| global.serial.take());
        global.private_key = certs.f.clone().or_else(|| global.private_key.take());
        global.apiv3_key = certs.k.clone().or_else(|| global.apiv3_key.take());
        global.base_uri = certs.u.clone().or_else(|| global.base_uri.take());
    });
    let connected = context.connect()?;
    let certificates = connected.instance.download_certificates().map_err(|error| refused(&error))?;
    fs::create_dir_all(&certs.output).map_err(|error| Failure::file(&certs.output, error))?;
    for certificate in &certificates {
        let path = certs.output.join(format!("wechatpay_{}.pem", certificate.serial_no()));
        let pem = certificate.to_pem().map_err(|error| Failure::call(&error))?;
        files::write_atomically(&path, pem.as_bytes(), Readers::Anyone)
            .map_err(|error| files::unwritten(&path, &error))?;
        tell(&context, certificate, &path)?;
    }
    Ok(Exit::Ok)
}

fn tell(context: &Context, certificate: &Certificate, path: &Path) -> Result<()> {
    let output = &context.output;
    let file = path.display().to_string();
    let (serial, check) = (certificate.serial_no(), check(&file));
    let (from, to) = (Formatter::date_c(certificate.not_before()), Formatter::date_c(certificate.not_after()));
    if output.is_json() {
        let told = json!({ "serial": serial, "not_before": from, "not_after": to, "file": file, "check": check });
        return output.json(&told);
    }
    output.line(format_args!("{BOLD}{serial}{BOLD:#}"))?;
    output.line(format_args!("  valid  {from} – {to}"))?;
    output.line(format_args!("  file   {file}"))?;
    output.line(format_args!("  check  {DIM}{check}{DIM:#}"))
}

/// The command that shows the serial and the validity of a file.
fn check(file: &str) -> String {
    shell::line(["openssl", "x509", "-in", file, "-noout", "-serial", "-dates"])
}

fn refused(error: &Error) -> Failure {
    let failure = Failure::call(error);
    let Error::Certificates(certificates) = error else { return failure };
    match certificates.failure() {
        CertificatesFailure::PublicKeyMode => Failure::new(
            Exit::Refused,
            "the platform has no certificates for this merchant, who uses its public key instead",
        )
        .next("download the public key in the merchant portal (账户中心 → API安全 → 微信支付公钥)")
        .next("and give it where a certificate would be: --cert PUB_KEY_ID_…=pub_key.pem; it does not expire"),
        CertificatesFailure::Undecryptable => Failure::check(failure.message())
            .next("the APIv3 key is set in the merchant portal (账户中心 → API安全); a new one takes effect at once"),
        CertificatesFailure::Unverified(_) => Failure::check(failure.message()),
        // To whoever calls something else, nothing was sent; here, this was what was to be sent.
        _ => {
            let mut cause = certificates.source();
            while let Some(error) = cause {
                if let Some(error) = error.downcast_ref::<Error>() {
                    return Failure::new(error.outcome().into(), failure.message());
                }
                cause = error.source();
            }
            failure
        }
    }
}
