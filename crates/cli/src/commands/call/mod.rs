//! `wechatpay get|post|put|patch|delete PATH`: any call.

mod answer;
mod args;
mod asking;
mod code;
mod dry_run;
mod fields;
mod findings;
mod path;
mod progress;
mod query;
mod recording;
mod request;
mod upload;

pub use args::Method;

use serde_json::{Value, json};
use wechatpay::Error;

use self::args::Call;
use self::progress::Progress;
use self::recording::Recording;
use self::request::Request;
use crate::context::{Configured, Context};
use crate::exit::Exit;
use crate::failure::{Failure, Result, shown};
use crate::journal::Place;
use crate::output::visible;
use crate::query_first;
use crate::settings::Settings;

pub fn run(method: &Method, context: &Context) -> Result<Exit> {
    let (method, call) = method.parts();
    if let Some(pointer) = call.get.as_deref().filter(|pointer| !pointer.starts_with('/')) {
        return Err(Failure::usage(format!("--get {} is not a JSON pointer", shown(pointer)))
            .next("it begins with /, such as /amount/total"));
    }
    let configured = context.configured()?;
    let request = Request::read(method, call, &configured.settings)?;
    findings::show(&request, call.strict, &context.output)?;
    if call.dry_run {
        dry_run::show(&Recording::of(&request, configured)?, &context.output)?;
    } else if call.curl {
        if configured.sandbox.is_some() {
            context.output.note("this sandbox ends with this command; for one that stays, run `wechatpay sandbox`");
        }
        let settings = configured.settings.clone();
        let recording = Recording::of(&request, configured)?;
        print_code("sh", &code::curl::write(&request, &recording, &settings), context)?;
    } else if call.rust {
        print_code("rust", &code::rust::write(&request, &lasting(configured)), context)?;
    } else if call.php {
        print_code("php", &code::php::write(&request, &lasting(configured))?, context)?;
    } else {
        send(&request, call, configured, context)?;
    }
    Ok(Exit::Ok)
}

/// The settings for a program. A sandbox of this command is gone when that runs.
fn lasting(configured: Configured) -> Settings {
    match configured.sandbox {
        Some(_) => Settings { base_uri: None, proxy: None, ..configured.settings },
        None => configured.settings,
    }
}

fn print_code(language: &str, code: &str, context: &Context) -> Result<()> {
    if context.output.is_json() {
        return context.output.json(&json!({ "language": language, "code": code }));
    }
    context.output.line(code.trim_end())
}

fn send(request: &Request, call: &Call, configured: Configured, context: &Context) -> Result<()> {
    let output = &context.output;
    if !call.yes {
        asking::ask(request, &configured.settings, output)?;
    }
    let journal = Place::find(call.journal.as_deref().map(|place| ("--journal", place)), &configured.settings)?;
    let journal = journal.filter(|_| request.is_recorded());
    let words = configured.settings.words();
    let connected = configured.connect_with(|builder, _| match &journal {
        Some(place) => Ok(builder.journal(place.open()?)),
        None => Ok(builder),
    })?;
    let options = request.library_options(|_| ())?;
    let progress = Progress::start(request, output);
    let called = connected.instance.chain(&request.template).request(request.method, options);
    drop(progress);
    let response = called.map_err(|error| failed(&error, request, &words, journal.as_ref()))?;
    let shown = answer::show(request, &response, call.include, call.get.as_deref(), output);
    shown.map_err(|failure| {
        Failure::new(failure.exit(), format!("the call has succeeded, but {}", failure.message()))
            .with_steps(failure.steps())
    })
}

/// Why it has failed, and what to do: above all, how to ask whether it has.
fn failed(error: &Error, request: &Request, settings: &[String], journal: Option<&Place>) -> Failure {
    if let (Error::Journal(refused), Some(place)) = (error, journal)
        && let Some(reason) = refused.reason::<wechatpay_journal::Error>()
    {
        let failure = place.failure(reason);
        let message = format!("it was not sent: {}", failure.message());
        return Failure::new(Exit::NotSent, message).with_steps(failure.steps());
    }
    let mut failure = Failure::call(error);
    if let Error::Client(refusal) | Error::Server(refusal) | Error::Status(refusal) = error {
        let field = |name: &str| refusal.detail()?.get(name).and_then(Value::as_str);
        if let (Some(place), Some(issue)) = (field("field"), field("issue")) {
            failure = failure.next(format!("{}: {}", visible(place), visible(issue)));
        }
    }
    if failure.exit() != Exit::Unknown {
        return failure;
    }
    if request.method == "GET" {
        return failure.with_steps(&[]).next("it only asks, so it can be repeated");
    }
    let question = request.operation.and_then(|operation| query_first::command(operation, &request.options, settings));
    if let Some(command) = question {
        failure = failure.next(command);
    }
    match journal {
        Some(place) => failure.next(place.command(&["settle"])),
        None => failure,
    }
}
