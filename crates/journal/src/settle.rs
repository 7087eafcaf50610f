//! Asks the platform about what is not settled.

use std::time::{Duration, SystemTime};

use wechatpay::Chain;

use crate::entry::{Entry, State};
use crate::error::Result;
use crate::operations;
use crate::question::{self, Verdict};
use crate::store::{Finding, Store};

/// How many entries are read at once.
const PAGE: u32 = 100;

/// The longest pause after the first question, and after any: it doubles from one to the next.
const PAUSES: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60 * 60));

/// What a [`settle`](crate::Journal::settle) has found out.
#[derive(Debug, Default)]
pub struct Report {
    done: Vec<Entry>,
    not_done: Vec<Entry>,
    not_yet: Vec<(Entry, String)>,
    left_alone: usize,
    unreachable: Option<wechatpay::Error>,
}

impl Report {
    /// What was done; [`known`](Entry::known) is the state in the platform's words.
    pub fn done(&self) -> &[Entry] {
        &self.done
    }

    /// What the platform has not done. It may be sent again, under the same number.
    pub fn not_done(&self) -> &[Entry] {
        &self.not_done
    }

    /// What is not known yet, each with the reason. It is asked again, but for what cannot be asked about.
    pub fn not_yet(&self) -> &[(Entry, String)] {
        &self.not_yet
    }

    /// How many entries were left alone: those in flight, and those that were asked about a short time ago.
    pub fn left_alone(&self) -> usize {
        self.left_alone
    }

    /// Why the platform could not be asked about the rest, if it could not be reached.
    pub fn unreachable(&self) -> Option<&wechatpay::Error> {
        self.unreachable.as_ref()
    }
}

/// Settles what can be settled, as of this moment.
pub(crate) fn settle(store: &dyn Store, instance: &Chain, now: SystemTime) -> Result<Report> {
    let merchant = instance.mchid();
    let (mut report, mut after) = (Report::default(), 0);
    loop {
        let page = store.unsettled(Some(&merchant), after, PAGE)?;
        let Some(last) = page.last() else { return Ok(report) };
        after = last.id();
        for entry in page {
            if store.is_in_flight(&entry) || entry.due.is_some_and(|due| due > now) {
                report.left_alone = report.left_alone.saturating_add(1);
                continue;
            }
            match ask(instance, &entry, now) {
                Ok(verdict) => write(store, &mut report, entry, verdict, now)?,
                Err(error) if error.is_connect() => {
                    report.unreachable = Some(error);
                    return Ok(report);
                }
                Err(error) => write(store, &mut report, entry, Verdict::NotYet { why: error.to_string() }, now)?,
            }
        }
    }
}

fn ask(instance: &Chain, entry: &Entry, now: SystemTime) -> std::result::Result<Verdict, wechatpay::Error> {
    let operation = operations::find(entry.method(), entry.template());
    let (Some(operation), Some(number)) = (operation, entry.number()) else {
        return Ok(Verdict::NotYet { why: "it has no number that the platform can be asked for".to_owned() });
    };
    // Whoever has died may have sent until a moment ago.
    let ended = entry.ended().unwrap_or_else(SystemTime::now).max(entry.until.unwrap_or(SystemTime::UNIX_EPOCH));
    question::ask(instance, operation, number, &entry.kept, now.duration_since(ended).unwrap_or_default())
}

/// Writes a verdict down, unless the entry has changed meanwhile.
fn write(store: &dyn Store, report: &mut Report, entry: Entry, verdict: Verdict, now: SystemTime) -> Result<()> {
    let due = now.checked_add(pause(entry.asked())).unwrap_or(now);
    let finding = match &verdict {
        Verdict::Done { state, .. } => Finding::Done(state.clone()),
        Verdict::NotDone { .. } => Finding::NotDone,
        Verdict::NotYet { .. } => Finding::Later(due),
    };
    if !store.find_out(&entry, &finding)? {
        report.left_alone = report.left_alone.saturating_add(1);
        return Ok(());
    }
    let asked = entry.asked().saturating_add(1);
    let now_in = |state, known, due| Entry { state, known, asked, due, owner: None, ..entry.clone() };
    match verdict {
        Verdict::Done { state, .. } => report.done.push(now_in(State::Done, Some(state), None)),
        Verdict::NotDone { .. } => report.not_done.push(now_in(State::NotDone, None, None)),
        Verdict::NotYet { why } => report.not_yet.push((now_in(State::Unknown, None, Some(due)), why)),
    }
    Ok(())
}

/// How long until the next question, after so many: by chance between half and all of what is due, so that entries of one
/// outage are not all asked about at the same moment again.
fn pause(asked: u32) -> Duration {
    let (first, longest) = PAUSES;
    let most = first.saturating_mul(2_u32.saturating_pow(asked)).min(longest);
    let mut chance = [0; 1];
    // Without chance, it is three quarters.
    let share = openssl::rand::rand_bytes(&mut chance).map_or(0.75, |()| 0.5 + f64::from(chance[0]) / 510.0);
    most.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_and_vary() {
        for (asked, most) in [(0, 10), (1, 20), (5, 320), (9, 3600), (u32::MAX, 3600)] {
            let most = Duration::from_secs(most);
            let pauses: Vec<_> = (0..50).map(|_| pause(asked)).collect();
            assert!(pauses.iter().all(|pause| (most / 2..=most).contains(pause)), "{asked}: {pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{asked}");
        }
    }
}
