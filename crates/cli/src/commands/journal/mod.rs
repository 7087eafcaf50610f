//! `wechatpay journal …`: what became of calls that move money.

mod args;
mod list;
mod mark;
mod settle;
mod show;
mod upkeep;
mod view;
mod watch;

pub use args::Journal;

use self::args::Action;
use crate::context::{Configured, Context};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::journal::Place;

pub fn run(command: &Journal, context: &Context) -> Result<Exit> {
    let configured = context.configured()?;
    let place = Place::find(command.db.as_deref().map(|place| ("--db", place)), &configured.settings)?;
    let place = place.ok_or_else(|| {
        Failure::usage("it is not said which journal")
            .next("give it by --db FILE, by WECHATPAY_JOURNAL or in the profile as `journal`")
    })?;
    let open = || Ok(Opened { journal: place.open()?, place: place.clone(), configured, context });
    match &command.action {
        Action::Create => upkeep::create(&place, context),
        Action::List(list) => list::run(list, &open()?),
        Action::Show(show) => show::run(show, &open()?),
        Action::Settle(settle) => settle::run(settle, open()?),
        Action::Watch(watch) => watch::run(watch, open()?),
        Action::MarkDone(mark) => mark::done(mark, &open()?),
        Action::MarkNotDone(mark) => mark::not_done(mark, &open()?),
        Action::Prune(prune) => upkeep::prune(prune, open()?),
    }
}

/// A journal, and what is needed to ask about what is in it.
struct Opened<'a> {
    journal: wechatpay_journal::Journal,
    place: Place,
    configured: Configured,
    context: &'a Context,
}

impl Opened<'_> {
    /// What the journal has said, or what is wrong with it.
    fn heard<T>(&self, said: wechatpay_journal::Result<T>) -> Result<T> {
        said.map_err(|error| self.place.failure(&error))
    }
}
