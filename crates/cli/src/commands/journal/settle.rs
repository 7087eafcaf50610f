//! `wechatpay journal settle`.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use wechatpay::Chain;
use wechatpay_journal::{Entry, Report};

use super::args::Settle;
use super::{Opened, list, view};
use crate::exit::Exit;
use crate::failure::{Failure, Result, with_causes};
use crate::moment::{span, utc};
use crate::output::{Output, visible};
use crate::platform::{PLATFORM, is_of_platform};
use crate::table::{self, Cell};

/// How long to wait at least before asking again.
const SHORTEST: Duration = Duration::from_secs(1);

pub fn run(settle: &Settle, opened: Opened<'_>) -> Result<Exit> {
    let (opened, instance) = opened.connected()?;
    let output = &opened.context.output;
    let began = Instant::now();
    loop {
        let report = opened.settle(&instance)?;
        print(&report, output)?;
        let left = Left::of(&opened, &instance.mchid())?;
        if left.entries.is_empty() {
            if left.of_others > 0 {
                output.note(format_args!("{} unsettled calls are of other merchants", left.of_others));
            }
            return Ok(Exit::Ok);
        }
        let pause = left.pause().filter(|pause| began.elapsed().saturating_add(*pause).as_secs() < settle.wait);
        match pause {
            Some(pause) => thread::sleep(pause),
            None => return Err(left.failure(&report, &opened)),
        }
    }
}

impl<'a> Opened<'a> {
    /// The same with an instance of its settings. A sandbox of this process lives as long.
    pub fn connected(self) -> Result<(Opened<'a>, Chain)> {
        let connected = self.configured.connect_with(|builder, _| Ok(builder))?;
        Ok((Opened { configured: connected.configured, ..self }, connected.instance))
    }
}

impl Opened<'_> {
    /// One round. A stand-in of the platform is not asked about what the platform was sent: it would say that there is no such number,
    /// and the number would be free.
    pub fn settle(&self, instance: &Chain) -> Result<Report> {
        let called = self.configured.settings.base_uri.as_ref().map_or(PLATFORM, |given| given.value.as_str());
        let is_real = is_of_platform(called);
        list::pages(self, false, |entry| {
            if entry.merchant() != instance.mchid() || is_of_platform(entry.host()) == is_real {
                return Ok(());
            }
            let (id, host) = (entry.id(), visible(entry.host()));
            Err(Failure::usage(format!("{id} was sent to {host}, and nothing is known of it at {called}"))
                .next("ask with the settings by which it was sent: --profile, WECHATPAY_BASE_URI or --base-uri")
                .next(self.place.command(&["show", &id.to_string()])))
        })?;
        self.heard(self.journal.settle(instance))
    }
}

/// What one round has found out.
fn print(report: &Report, output: &Output) -> Result<()> {
    let done = report.done().iter().map(|entry| ("done", entry, entry.known()));
    let not_done = report.not_done().iter().map(|entry| ("not_done", entry, None));
    let not_yet = report.not_yet().iter().map(|(entry, why)| ("not_yet", entry, Some(why.as_str())));
    let all = done.chain(not_done).chain(not_yet);
    if output.is_json() {
        for (result, entry, why) in all {
            let mut told = view::json(entry, false);
            told.insert("result".to_owned(), result.into());
            told.insert("why".to_owned(), why.filter(|_| result == "not_yet").into());
            output.json(&Value::Object(told))?;
        }
        return Ok(());
    }
    let rows: Vec<_> = all.map(|(result, entry, why)| row(result, entry, why)).collect();
    table::lines(&rows).iter().try_for_each(|line| output.line(line))
}

fn row(result: &str, entry: &Entry, why: Option<&str>) -> Vec<Cell> {
    let what = match (result, why) {
        ("not_done", _) => "the platform has nothing under the number: it may be sent again".to_owned(),
        (_, Some(why)) => visible(why),
        (_, None) => String::new(),
    };
    vec![
        view::state(entry, false),
        entry.id().to_string().into(),
        view::operation(entry).into(),
        view::number(entry).into(),
        what.into(),
    ]
}

/// What is not settled after a round.
struct Left {
    /// Those of the merchant who has asked, and whether each is in flight.
    entries: Vec<(Entry, bool)>,
    /// How many are of others.
    of_others: u64,
}

impl Left {
    fn of(opened: &Opened<'_>, merchant: &str) -> Result<Left> {
        let mut left = Left { entries: Vec::new(), of_others: 0 };
        list::pages(opened, false, |entry| {
            if entry.merchant() == merchant {
                let is_in_flight = opened.heard(opened.journal.is_in_flight(entry))?;
                left.entries.push((entry.clone(), is_in_flight));
            } else {
                left.of_others = left.of_others.saturating_add(1);
            }
            Ok(())
        })?;
        Ok(left)
    }

    /// When one of them can be asked about, or has perhaps ended; `None` if none ever will.
    fn next(&self) -> Option<SystemTime> {
        let now = SystemTime::now();
        let next = |(entry, is_in_flight): &(Entry, bool)| match is_in_flight {
            true => Some(now),
            false => entry.question().map(|_| entry.due().unwrap_or(now)),
        };
        self.entries.iter().filter_map(next).min()
    }

    fn pause(&self) -> Option<Duration> {
        Some(self.next()?.duration_since(SystemTime::now()).unwrap_or_default().max(SHORTEST))
    }

    fn failure(&self, report: &Report, opened: &Opened<'_>) -> Failure {
        let (count, in_flight) = (self.entries.len(), self.entries.iter().filter(|(_, is)| *is).count());
        let calls = if count == 1 { "1 call is" } else { &format!("{count} calls are") };
        let mut message = format!("{calls} not known yet");
        if in_flight > 0 {
            message.push_str(&format!(", {in_flight} of them in flight"));
        }
        if let Some(error) = report.unreachable() {
            message.push_str(&format!("; the platform cannot be reached: {}", with_causes(error)));
        }
        let mut failure = Failure::new(Exit::Unknown, message);
        if let Some(next) = self.next() {
            let pause = next.duration_since(SystemTime::now()).unwrap_or_default();
            failure = failure
                .next(format!("the next question is due in {}, at {}", span(pause), utc(next)))
                .next(opened.place.command(&["settle"]));
        }
        let by_hand = self.entries.iter().filter(|(entry, is_in_flight)| !is_in_flight && entry.question().is_none());
        for (entry, _) in by_hand.take(3) {
            let id = entry.id().to_string();
            failure =
                failure.next(format!("nothing can be asked about {id}: {}", opened.place.command(&["show", &id])));
        }
        failure
    }
}
