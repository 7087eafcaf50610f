//! `wechatpay man`: the help of all commands as manual pages, or as one page of Markdown.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man as Page;
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// Columns of the help in Markdown.
const WIDTH: usize = 100;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  wechatpay man | man -l -
  wechatpay man -o ~/.local/share/man/man1
  wechatpay man --markdown")]
pub struct Man {
    /// Write a page for each command into this folder
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// All commands as one page of Markdown
    #[arg(long, conflicts_with = "output")]
    pub markdown: bool,
}

pub fn run(man: &Man, root: Command, context: &Context) -> Result<Exit> {
    let output = &context.output;
    match &man.output {
        Some(folder) => {
            let pages = write(folder, root)?;
            if output.is_json() {
                output.json(&json!(pages.iter().map(|page| page.display().to_string()).collect::<Vec<_>>()))?;
            } else {
                output.note(format_args!("{} pages are in {}", pages.len(), folder.display()));
            }
        }
        None if man.markdown => output.text(&markdown(root))?,
        None => output.text(&roff(page(root))?)?,
    }
    Ok(Exit::Ok)
}

/// The page of a command, which says of which program.
fn page(command: Command) -> Page {
    Page::new(command).source(concat!("wechatpay ", env!("CARGO_PKG_VERSION"))).manual("WeChat Pay")
}

fn roff(page: Page) -> Result<String> {
    let mut roff = Vec::new();
    page.render(&mut roff).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    Ok(String::from_utf8_lossy(&roff).into_owned())
}

/// Writes a page for each command; returns where they are.
fn write(folder: &Path, mut root: Command) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    root.build();
    let pages = commands(&root).into_iter().map(|command| {
        let page = page(command.clone());
        let path = folder.join(page.get_filename());
        fs::write(&path, roff(page)?).map_err(|error| Failure::file(&path, error))?;
        Ok(path)
    });
    pages.collect()
}

/// A command and those below it, without those that are not shown.
fn commands(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().filter(|command| !command.is_hide_set());
    [command].into_iter().chain(below.flat_map(commands)).collect()
}

fn markdown(root: Command) -> String {
    let mut root = root.term_width(WIDTH);
    root.build();
    let mut page = "# `wechatpay`: all commands\n\n\
        What `--help` of each command says, made by `wechatpay man --markdown`. Settings are said once, at the beginning; a\n\
        command refuses those that it would ignore.\n"
        .to_owned();
    for (number, command) in commands(&root).into_iter().enumerate() {
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
        let help = if number == 0 { help(command.clone()) } else { help(without_settings(command)) };
        page.push_str(&format!("\n## {name}\n\n```text\n{help}\n```\n"));
    }
    page
}

fn help(mut command: Command) -> String {
    let help = command.render_long_help().to_string();
    help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// A command without the settings that all have.
fn without_settings(command: &Command) -> Command {
    command.clone().mut_args(|argument| if argument.is_global_set() { argument.hide(true) } else { argument })
}
