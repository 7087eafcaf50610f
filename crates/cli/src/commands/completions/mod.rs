//! `wechatpay completions SHELL`: the script by which a shell completes commands, paths, fields and events.

use clap::{Args, ValueEnum};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Result;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  source <(wechatpay completions bash)      # in ~/.bashrc
  source <(wechatpay completions zsh)       # in ~/.zshrc, after compinit
  wechatpay completions fish > ~/.config/fish/completions/wechatpay.fish

Then:
  wechatpay post v3/pay/transactions/<TAB>
  wechatpay post v3/pay/transactions/native <TAB>")]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

pub fn run(completions: &Completions, context: &Context) -> Result<Exit> {
    let script = match completions.shell {
        Shell::Bash => include_str!("scripts/wechatpay.bash"),
        Shell::Zsh => include_str!("scripts/wechatpay.zsh"),
        Shell::Fish => include_str!("scripts/wechatpay.fish"),
    };
    context.output.text(script)?;
    Ok(Exit::Ok)
}
