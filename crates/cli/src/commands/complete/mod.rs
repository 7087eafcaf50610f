//! `wechatpay complete`: what a shell asks for when the tabulator is pressed. It says what may be next, or nothing.

mod fields;
mod paths;
mod position;
mod words;

use std::collections::BTreeSet;

use clap::{Arg, Args, Command};
use wechatpay_catalog::{Answer, Operation, Place, catalog};

use self::position::{Here, Position, is_method};
use crate::commands::completions::Shell;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Result;
use crate::{profile, sandbox_profile};

/// Of bash: the line up to the cursor, and how much of its last word bash itself takes for one. Of the others: the words up to
/// the cursor, of which the last one may be empty.
#[derive(Args, Debug)]
pub struct Complete {
    #[arg(long)]
    pub shell: Shell,
    #[arg(last = true)]
    pub words: Vec<String>,
}

/// What may be next, and something about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub value: String,
    pub about: String,
}

impl Candidate {
    pub fn new(value: impl Into<String>, about: impl Into<String>) -> Candidate {
        Candidate { value: value.into(), about: about.into() }
    }
}

pub fn run(complete: &Complete, mut command: Command, context: &Context) -> Result<Exit> {
    let (words, kept) = match (complete.shell, &complete.words[..]) {
        (Shell::Bash, [line, last]) => {
            let words = words::split(line);
            let whole = words.last().map(String::as_str).unwrap_or_default();
            let kept = whole.strip_suffix(&**last).unwrap_or_default().to_owned();
            (words, kept)
        }
        (Shell::Bash, _) | (_, []) => return Ok(Exit::Ok),
        (_, [before @ .., last]) => {
            let last = words::split(last).pop().unwrap_or_default();
            (before.iter().cloned().chain([last]).collect(), String::new())
        }
    };
    command.build();
    for Candidate { value, about } in candidates(&command, &words) {
        // Bash goes on from where it takes the last word to begin, and shows nothing else.
        let value = value.strip_prefix(&kept).unwrap_or(&value);
        match complete.shell {
            Shell::Bash => context.output.line(value)?,
            Shell::Zsh | Shell::Fish => context.output.line(format_args!("{value}\t{about}"))?,
        }
    }
    Ok(Exit::Ok)
}

/// What the last word may become.
fn candidates(command: &Command, words: &[String]) -> Vec<Candidate> {
    let Some(position) = Position::of(command, words) else { return Vec::new() };
    let Position { here, typed, .. } = &position;
    match here {
        Here::Command => begin_with(typed, commands(position.command)),
        Here::Flag => begin_with(typed, flags(position.command)),
        Here::Value { argument, before } => {
            let mut found = of_argument(argument, &position);
            found.iter_mut().for_each(|candidate| candidate.value.insert_str(0, before));
            found
        }
    }
}

fn begin_with(typed: &str, all: impl IntoIterator<Item = Candidate>) -> Vec<Candidate> {
    all.into_iter().filter(|candidate| candidate.value.starts_with(typed)).collect()
}

fn commands(command: &Command) -> impl Iterator<Item = Candidate> {
    let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
    shown.map(|command| {
        Candidate::new(command.get_name(), command.get_about().map(ToString::to_string).unwrap_or_default())
    })
}

fn flags(command: &Command) -> impl Iterator<Item = Candidate> {
    let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
    shown.filter_map(|argument| {
        let about = argument.get_help().map(ToString::to_string).unwrap_or_default();
        Some(Candidate::new(format!("--{}", argument.get_long()?), about.lines().next().unwrap_or_default()))
    })
}

/// The values of an argument: those that clap knows, or else what the catalog has.
fn of_argument(argument: &Arg, position: &Position<'_>) -> Vec<Candidate> {
    let typed = position.typed.as_str();
    let possible = argument.get_possible_values();
    if !possible.is_empty() {
        let about =
            |value: &clap::builder::PossibleValue| value.get_help().map(ToString::to_string).unwrap_or_default();
        return begin_with(typed, possible.iter().map(|value| Candidate::new(value.get_name(), about(value))));
    }
    let is_named =
        |name: &str| argument.get_value_names().is_some_and(|names| names.iter().any(|known| known.as_str() == name));
    let operation = || position.operation();
    match (position.command.get_name(), argument.get_id().as_str()) {
        (_, "profile") => begin_with(typed, profiles()),
        ("show", _) => paths::next(None, typed).into_iter().chain(begin_with(typed, events())).collect(),
        ("search", _) => begin_with(typed, products().chain(events())),
        (command, "path") if is_method(command) => paths::next(Some(&command.to_uppercase()), typed),
        (command, "fields") if is_method(command) => {
            operation().map_or_else(Vec::new, |operation| fields::next(operation, position))
        }
        (command, "variables") if is_method(command) => named(operation(), Place::Path, typed),
        (command, "query") if is_method(command) => named(operation(), Place::Query, typed),
        (command, "encrypt") if is_method(command) => begin_with(typed, encrypted(operation())),
        (command, "get") if is_method(command) => begin_with(typed, answered(operation())),
        _ if is_named("EVENT") || is_named("EVENTS") => begin_with(typed, events()),
        _ => Vec::new(),
    }
}

fn profiles() -> impl Iterator<Item = Candidate> {
    let configured = profile::names().into_iter().map(|name| Candidate::new(name, ""));
    configured.chain([Candidate::new(sandbox_profile::NAME, "a sandbox, for which no account is needed")])
}

fn events() -> impl Iterator<Item = Candidate> {
    catalog().notifications().map(|notification| Candidate::new(notification.event(), notification.name()))
}

fn products() -> impl Iterator<Item = Candidate> {
    let products: BTreeSet<&str> = catalog().operations().flat_map(|operation| operation.groups()).collect();
    products.into_iter().map(|product| Candidate::new(product, "a product"))
}

/// The names of parameters, each before its value.
fn named(operation: Option<Operation>, place: Place, typed: &str) -> Vec<Candidate> {
    let of_place = operation.into_iter().flat_map(|operation| operation.parameters(place));
    of_place.flat_map(|field| fields::names_or_values(field, typed, true)).collect()
}

fn encrypted(operation: Option<Operation>) -> Vec<Candidate> {
    let pointers = operation.map(|operation| operation.sensitive()).unwrap_or_default();
    let all = Candidate::new("auto", "all that are documented so");
    [all].into_iter().chain(pointers.into_iter().map(|pointer| Candidate::new(pointer, ""))).collect()
}

fn answered(operation: Option<Operation>) -> Vec<Candidate> {
    match operation.map(|operation| operation.answer()) {
        Some(Answer::Fields(fields)) => {
            fields.iter().map(|field| Candidate::new(format!("/{}", field.name()), field.type_name())).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction};

    use super::*;

    /// What may follow on a line, of commands that take fields and parameters.
    fn after(line: &str) -> Vec<String> {
        let repeated = |id: &'static str, short: char| Arg::new(id).short(short).long(id).action(ArgAction::Append);
        let method = |name: &'static str| {
            let fields = Arg::new("fields").num_args(0..);
            let flags = [
                repeated("query", 'q'),
                repeated("variables", 'v'),
                repeated("encrypt", 'e'),
                Arg::new("get").long("get"),
            ];
            Command::new(name).arg(Arg::new("path").required(true)).arg(fields).args(flags)
        };
        let trigger = Command::new("trigger").arg(Arg::new("event").value_name("EVENT"));
        let mut command = Command::new("wechatpay").subcommands([method("get"), method("post"), trigger]);
        command.build();
        let found = candidates(&command, &words::split(line));
        found.into_iter().map(|candidate| candidate.value).collect()
    }

    #[test]
    fn fields_of_the_operation_on_the_line() {
        let post = "wechatpay post v3/pay/transactions/native ";
        let all = after(post);
        assert_eq!(
            &all[..5],
            ["appid=", "mchid=", "description=", "out_trade_no=", "amount["],
            "what is required comes first"
        );
        assert!(all.contains(&"attach=".to_owned()) && all.contains(&"limit_pay[]=".to_owned()), "{all:?}");
        assert!(all.contains(&"support_fapiao:=".to_owned()), "{all:?}");
        assert_eq!(after(&format!("{post}-q x=1 mchid=1 mch")), [""; 0]);
        assert_eq!(after(&format!("{post}amount[")), ["amount[total]:=", "amount[currency]="]);
        assert_eq!(after(&format!("{post}amount[total]:=1 amount[c")), ["amount[currency]="]);
        assert_eq!(after(&format!("{post}'detail[goods_detail][0][unit")), ["detail[goods_detail][0][unit_price]:="]);
        assert_eq!(after(&format!("{post}detail[go")), ["detail[goods_detail][0]["]);
        assert_eq!(after(&format!("{post}none[")), [""; 0]);
        assert_eq!(after("wechatpay post v3.pay.transactions.native mch"), ["mchid="]);
        assert_eq!(after("wechatpay get v3/pay/transactions/id/1 mch"), ["mchid="]);
        assert_eq!(after("wechatpay post v3/merchant/media/upload sha"), ["sha256="]);
        assert_eq!(after("wechatpay post v2/pay/unifiedorder spb"), ["spbill_create_ip="]);
        assert_eq!(after("wechatpay post v3/nothing "), [""; 0]);
    }

    #[test]
    fn documented_values() {
        let add = "wechatpay post v3/profitsharing/receivers/add ";
        assert_eq!(after(&format!("{add}type=PERSONAL_S")), ["type=PERSONAL_SUB_OPENID"]);
        assert_eq!(
            after("wechatpay post v3/pay/transactions/native support_fapiao:="),
            ["support_fapiao:=true", "support_fapiao:=false"]
        );
        assert_eq!(after(&format!("{add}--encrypt ")), ["auto", "/json/name"]);
        assert_eq!(after(&format!("{add}--encrypt=/")), ["--encrypt=/json/name"]);
        assert_eq!(after("wechatpay post v3/pay/transactions/native --get /"), ["/code_url"]);
    }

    #[test]
    fn parameters_of_the_path_and_the_query() {
        let get = "wechatpay get v3/pay/transactions/out-trade-no/{out_trade_no} ";
        assert_eq!(after(&format!("{get}-v ")), ["out_trade_no="]);
        assert_eq!(after(&format!("{get}-q m")), ["mchid="]);
        assert_eq!(after(&format!("{get}--query m")), ["mchid="]);
        assert_eq!(after("wechatpay -- get"), [""; 0]);
    }

    #[test]
    fn events_where_one_is_named() {
        assert_eq!(after("wechatpay trigger REFUND.A"), ["REFUND.ABNORMAL"]);
    }
}
