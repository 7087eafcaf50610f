//! What every command is handed.

use std::fs;

use openssl::x509::X509;
use wechatpay::{Builder, Chain};
use wechatpay_sandbox::Sandbox;

use crate::failure::{Failure, Result};
use crate::global::{Global, Uses};
use crate::output::Output;
use crate::profile::Profile;
use crate::sandbox_profile;
use crate::settings::{Origin, Settings};

/// Where to print, and the flags that every command has.
#[derive(Debug)]
pub struct Context {
    pub output: Output,
    global: Global,
}

/// Settings, and the sandbox that they are of, which lives as long.
#[derive(Debug)]
pub struct Configured {
    pub settings: Settings,
    /// Of the profile `sandbox`, if this process has started it.
    pub sandbox: Option<Sandbox>,
}

/// An instance, and the sandbox that it calls, which lives as long.
#[derive(Debug)]
pub struct Connected {
    pub instance: Chain,
    pub configured: Configured,
}

impl Context {
    pub fn new(global: Global) -> Context {
        Context { output: Output::new(global.json), global }
    }

    /// The same with other flags, for a command that has some under other names.
    pub fn with(&self, change: impl FnOnce(&mut Global)) -> Context {
        let mut global = self.global.clone();
        change(&mut global);
        Context::new(global)
    }

    /// Refuses flags of settings that a command does not use.
    pub fn check(&self, uses: Uses) -> Result<()> {
        self.global.check(uses)
    }

    /// The settings of the flags, the environment and the profile; warns about files that others can read.
    pub fn configured(&self) -> Result<Configured> {
        let configured = self.read()?;
        configured.settings.warnings.iter().for_each(|warning| self.output.warn(warning));
        Ok(configured)
    }

    /// The same without a warning.
    pub fn read(&self) -> Result<Configured> {
        let variable = std::env::var("WECHATPAY_PROFILE").ok().filter(|name| !name.is_empty());
        let name = self.global.profile.clone().or(variable);
        let (settings, sandbox) = if name.as_deref() == Some(sandbox_profile::NAME) {
            let (settings, sandbox) = sandbox_profile::settings()?;
            (Settings::read(&self.global, None)?.or(settings), sandbox)
        } else {
            (Settings::read(&self.global, Profile::find(name.as_deref())?.as_ref())?, None)
        };
        Ok(Configured { settings, sandbox })
    }

    /// An instance of the settings.
    pub fn connect(&self) -> Result<Connected> {
        self.connect_with(|builder, _| Ok(builder))
    }

    /// An instance of the settings, of which some are changed, or to which a journal is added.
    pub fn connect_with(&self, change: impl FnOnce(Builder, &Settings) -> Result<Builder>) -> Result<Connected> {
        self.configured()?.connect_with(change)
    }
}

impl Configured {
    /// The certificates to trust of servers other than the platform, in PEM: those of `verify`, unless they are a sandbox's own,
    /// which no other server has. `None` if they are those of the system.
    pub fn roots(&self) -> Result<Option<Vec<u8>>> {
        let is_of_sandbox =
            |from: &Origin| matches!(from, Origin::Profile { name, .. } if name == sandbox_profile::NAME);
        let Some(given) = self.settings.verify.as_ref().filter(|given| !is_of_sandbox(&given.from)) else {
            return Ok(None);
        };
        let pem = fs::read(&given.value).map_err(|error| Failure::file(&given.value, error))?;
        match X509::stack_from_pem(&pem) {
            Ok(certificates) if !certificates.is_empty() => Ok(Some(pem)),
            _ => Err(Failure::file(&given.value, "there is no certificate in it")),
        }
    }

    /// An instance of these settings, of which some are changed.
    pub fn connect_with(self, change: impl FnOnce(Builder, &Settings) -> Result<Builder>) -> Result<Connected> {
        let builder = change(self.settings.builder()?, &self.settings)?;
        let instance = builder.build().map_err(|error| {
            Failure::call(&error)
                .next(
                    "give what is missing by a flag, by WECHATPAY_… or in a profile (`wechatpay --help` has them all)",
                )
                .next("or try it with no account: --profile sandbox")
        })?;
        Ok(Connected { instance, configured: self })
    }
}
