//! `wechatpay sandbox`: the platform's stand-in as a server, with a log, files for programs in five languages, and a page.
//!
//! Data goes one way: `start` makes the sandbox, `feed` makes JSON of what happens (`view`) and remembers it (`history`); `log`
//! prints it, and `page` serves it to browsers and does what their buttons say.

mod feed;
mod folder;
mod history;
mod log;
mod page;
mod prepared;
mod state;
mod view;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;

use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use wechatpay_sandbox::{KeyMode, Sandbox};

use self::feed::News;
use self::folder::Folder;
use self::history::History;
use self::log::Log;
use self::page::Desk;
use self::state::State;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::global::Uses;
use crate::{sandbox_profile, signals};

/// The port of the gateway, and the next one that of the page: no usual server of a developer has them.
const PORT: u16 = 8899;

/// How many requests, entries of the ledger and notifications are remembered, for the page.
const REMEMBERED: usize = 500;

/// Run a local stand-in of the platform, with a page in the browser
///
/// It checks the signature of each request, and signs each answer. Its keys stay the same from one start to the next; they are
/// good for nothing else. Programs in PHP, Node, Go, Java and Rust that call it are written to its folder, ready to run. While it
/// runs, `--profile sandbox` means this one. Nothing leaves this machine, except notifications with --notify-elsewhere.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    wechatpay sandbox\n  \
    wechatpay sandbox --port 9100 --tls --mode certificate\n  \
    wechatpay sandbox --answers answers.json --faults faults.json\n\n\
    answers.json: [{\"method\": \"GET\", \"path\": \"v3/certificates\", \"status\": 503, \"body\": {\"code\": \"SYSTEM_ERROR\"}}]\n\
    faults.json:  [{\"fault\": \"close_before_answer\", \"on\": \"v3/refund/domestic/refunds\", \"times\": 1}]")]
pub struct Arguments {
    /// The port of the gateway on 127.0.0.1; 0 for any that is free
    #[arg(long, default_value_t = PORT, value_name = "PORT")]
    port: u16,
    /// The port of the page; the next one, if not given
    #[arg(long, value_name = "PORT")]
    page_port: Option<u16>,
    /// Serve https, by a certificate of its own authority
    #[arg(long)]
    tls: bool,
    /// Where keys and programs are written, if not to the user's folder
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// What the platform signs with
    #[arg(long, value_enum, default_value_t = Mode::PublicKey)]
    mode: Mode,
    /// The merchant's id
    #[arg(long, value_name = "MCHID", default_value = "1900000109", value_parser = merchant)]
    merchant: String,
    /// Answers in place of the platform's: a JSON array, see the examples
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Faults from the beginning: a JSON array, see the examples
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Compare nothing with the documents: any path and any body is accepted
    #[arg(long)]
    lenient: bool,
    /// Send notifications to other machines, too
    #[arg(long)]
    notify_elsewhere: bool,
}

/// It has settings of its own.
pub const USES: Uses = Uses {
    groups: &[],
    instead: "the sandbox has a merchant and keys of its own: --merchant says its id, --folder where they are written",
};

/// What the platform signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// A public key, as for all merchants of today
    PublicKey,
    /// A certificate, as for older ones
    Certificate,
}

fn merchant(id: &str) -> std::result::Result<String, String> {
    let is_id = (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_id { Ok(id.to_owned()) } else { Err("a merchant's id has 1 to 32 letters and digits".to_owned()) }
}

/// Runs until ctrl-c, SIGTERM, or until nobody reads the log any more.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit> {
    let answers = arguments.answers.as_deref().map(prepared::answers).transpose()?.unwrap_or_default();
    let faults = arguments.faults.as_deref().map(prepared::faults).transpose()?.unwrap_or_default();
    let folder = Folder::open(arguments.folder.clone())?;
    let sandbox = Arc::new(start(arguments, &folder)?);
    for answer in answers {
        answer.give(&sandbox).map_err(|error| prepared::failure(arguments.answers.as_deref(), &error))?;
    }
    for fault in faults {
        let injected = sandbox.try_inject(fault.rule);
        injected
            .map_err(|error| prepared::failure(arguments.faults.as_deref(), &format!("{}: {error}", fault.place)))?;
    }
    folder.write(&sandbox)?;

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(failed)?;
    let (tell, news) = mpsc::channel();
    let history = Arc::new(History::new(REMEMBERED));
    let inside = runtime.enter();
    let listener = page::listen(arguments.page_port, arguments.port)?;
    let address = listener.local_addr().map_err(failed)?;
    let listener = TcpListener::from_std(listener).map_err(failed)?;
    let desk = Desk::new(&sandbox, &history, folder.shown(), tell.clone());
    runtime.spawn(page::serve(listener, address, Arc::new(desk)));
    let stop = tell.clone();
    let signals = signals::ending().map_err(failed)?;
    runtime.spawn(async move {
        signals.await;
        let _ = stop.send(News::Stop);
    });
    drop(inside);
    feed::start(&sandbox, history, tell).map_err(failed)?;
    let state = State::write(&sandbox, &folder)?;

    let log = Log { output: &context.output };
    log.begin(&sandbox, &folder, address)?;
    for news in news {
        let is_over = matches!(news, News::Stop);
        log.tell(news)?;
        if is_over || context.output.is_closed() {
            break;
        }
    }
    // Whoever looks for it must not find it any more, before it goes.
    drop(state);
    runtime.shutdown_background();
    Ok(Exit::Ok)
}

fn start(arguments: &Arguments, folder: &Folder) -> Result<Sandbox> {
    let mode = match arguments.mode {
        Mode::PublicKey => KeyMode::PublicKey,
        Mode::Certificate => KeyMode::Certificate,
    };
    let builder = Sandbox::builder()
        .merchant(&arguments.merchant, sandbox_profile::SERIAL)
        .mode(mode)
        .tls(arguments.tls)
        .port(arguments.port)
        .key_file(folder.file(sandbox_profile::KEYS))
        .lenient(arguments.lenient)
        .notify_elsewhere(arguments.notify_elsewhere)
        // The history has them.
        .keep_requests(0);
    builder.start().map_err(|error| {
        let failure = Failure::usage(error.to_string());
        if error.kind() == std::io::ErrorKind::AddrInUse {
            return failure.next("another one may be running; --port chooses another port, and 0 any that is free");
        }
        failure
    })
}

/// The system has failed here.
fn failed(error: std::io::Error) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}
