//! `wechatpay doctor`: whether the settings, the keys, the clock and the network are such that calls succeed.

mod clock;
mod echo;
mod hosts;
mod keys;
mod platform_keys;
mod report;
mod settings;

use clap::Args;
use wechatpay::Chain;

use self::report::Report;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::settings::Settings;

#[derive(Args, Debug)]
#[command(after_help = "\
Nothing of it moves money: it reads, and calls v3/security/echo, which repeats what it is sent.

Examples:
  wechatpay doctor
  wechatpay doctor --offline
  wechatpay doctor --profile sandbox
  wechatpay doctor --json | jq '.[] | select(.state == \"failed\")'")]
pub struct Doctor {
    /// Look at the settings and the keys only, and connect to nothing
    #[arg(long)]
    pub offline: bool,
}

pub fn run(doctor: &Doctor, context: &Context) -> Result<Exit> {
    // The permissions, of which others are warned, are a check here.
    let configured = context.read()?;
    let settings = &configured.settings;
    let mut report = Report::new(&context.output);
    settings::check(settings, &mut report);
    let own = keys::check(settings, &mut report);
    platform_keys::check(settings, &own, &mut report);
    keys::check_symmetric(settings, &mut report);
    let instance = instance(settings, &mut report);
    if !doctor.offline {
        hosts::check(settings, &mut report);
        match instance {
            Some(instance) => echo::check(settings, &instance, &mut report),
            None => report.open("echo", "no call is made: the settings are not complete"),
        }
    }
    report.end()
}

/// What the client itself says about all settings together. What the other checks have found, it need not say again.
fn instance(settings: &Settings, report: &mut Report<'_>) -> Option<Chain> {
    let built = settings.builder().and_then(|builder| builder.build().map_err(|error| Failure::call(&error)));
    match built {
        Ok(instance) => Some(instance),
        Err(_) if report.has_failed() => None,
        Err(failure) => {
            let fix = "give what it names otherwise: by its flag, by WECHATPAY_… or in a profile; `wechatpay --help` has them all";
            report.failed("settings", failure.message(), &[fix.to_owned()]);
            None
        }
    }
}
