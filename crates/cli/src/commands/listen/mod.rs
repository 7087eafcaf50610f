//! `wechatpay listen`: a local endpoint for notifications.
//!
//! `endpoint` receives; `receive` verifies, and `forward` hands on; what happened comes here, and is printed.

mod endpoint;
mod forward;
mod handled;
mod receive;

use std::sync::mpsc;
use std::time::Duration;

use clap::Args;

use self::endpoint::Endpoint;
use self::forward::Forward;
use self::handled::News;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::signals;

/// The port, if none is given: that before the sandbox's.
const PORT: u16 = 8898;

/// How long the platform waits for an answer, in seconds.
const PATIENCE: f64 = 5.0;

/// Receive notifications, show them, and hand them on to your server
///
/// Each is verified and decrypted with the configured keys, and goes to the server with the bytes and headers that came; what the
/// server answers is the answer. What cannot be verified goes there, too, as the server must refuse it; without a server it is refused
/// here. If the server does not answer within --timeout (5 seconds), the answer is 504, so that the platform sends it again.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  wechatpay --profile sandbox listen
  wechatpay --profile sandbox listen --forward-to http://127.0.0.1:8080/notify
  wechatpay --profile sandbox listen --forward-to http://127.0.0.1:8080/notify --events TRANSACTION.SUCCESS,REFUND.SUCCESS
  wechatpay --profile sandbox listen --print-json

Ctrl-c ends it. Notifications that --events leaves out are answered with success, and not handed on.")]
pub struct Listen {
    /// Your server
    #[arg(long, value_name = "URL")]
    pub forward_to: Option<String>,
    /// Hand on these events only; payment and refund are those of APIv2
    #[arg(long, value_name = "EVENTS", value_delimiter = ',', requires = "forward_to")]
    pub events: Vec<String>,
    /// The port on 127.0.0.1; 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = PORT)]
    pub port: u16,
    /// Print what is in each notification
    #[arg(long)]
    pub print_json: bool,
}

pub fn run(command: &Listen, context: &Context) -> Result<Exit> {
    let connected = context.connect()?;
    let settings = &connected.configured.settings;
    let seconds = settings.timeout.as_ref().map_or(PATIENCE, |timeout| timeout.value);
    let timeout = Duration::try_from_secs_f64(seconds)
        .map_err(|error| Failure::usage(format!("--timeout {seconds}: {error}")))?;
    let roots = connected.configured.roots()?;
    let forward = command.forward_to.as_deref().map(|url| Forward::to(url, timeout, roots.as_deref())).transpose()?;
    let failed = |error: std::io::Error| Failure::new(Exit::Failed, format!("the endpoint cannot be started: {error}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(failed)?;
    let (tell, news) = mpsc::channel();
    let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", command.port))).map_err(|error| {
        Failure::usage(format!("port {}: {error}", command.port)).next("--port chooses another, and 0 any that is free")
    })?;
    let address = listener.local_addr().map_err(failed)?;
    let endpoint = Endpoint::new(connected.instance.clone(), forward, command.events.clone(), tell.clone());
    runtime.spawn(endpoint.serve(listener));
    let ending = runtime.block_on(async { signals::ending() }).map_err(failed)?;
    runtime.spawn(async move {
        ending.await;
        let _ = tell.send(News::Stop);
    });
    let output = &context.output;
    match &command.forward_to {
        Some(url) => output.note(format_args!("http://{address}/ hands on to {url}")),
        None => output.note(format_args!("http://{address}/ receives notifications")),
    }
    for news in news {
        match news {
            News::Received(handled) => handled.print(command.print_json, output)?,
            News::Stop => break,
        }
        if output.is_closed() {
            break;
        }
    }
    runtime.shutdown_background();
    Ok(Exit::Ok)
}
