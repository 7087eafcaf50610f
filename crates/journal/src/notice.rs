//! What a notification says, as far as the journal keeps it.

use serde_json::{Map, Value};
use wechatpay::{Apiv2Notification, Notification};

use crate::content::{self, Key};
use crate::entry::{Entry, State};
use crate::matters::{MATTERS, Matter};
use crate::operations::Effect;
use crate::question;
use crate::rules::{self, News};

/// What is kept of a notification, and its content to compare it with.
#[derive(Debug)]
pub(crate) struct Notice<'a> {
    pub(crate) merchant: &'a str,
    /// The platform's id of it, or a digest of its content if it has none.
    pub(crate) event: String,
    /// What has happened.
    pub(crate) kind: String,
    /// What it is about, if that is known.
    pub(crate) about: Option<About>,
    content: &'a Value,
}

/// What a notification is about.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) matter: &'static Matter,
    /// The merchant's number.
    pub(crate) number: String,
    /// The platform's own number.
    pub(crate) reference: Option<String>,
    pub(crate) state: String,
}

impl<'a> Notice<'a> {
    pub(crate) fn of_apiv3(notification: &'a Notification, key: &Key) -> Notice<'a> {
        let content = notification.resource();
        let kind = notification.event_type();
        let about = About::of(content, &[kind]);
        let event = id(notification.id()).unwrap_or_else(|| digest(key, &[&Value::from(kind), content]));
        Notice { merchant: notification.mchid(), event, kind: word(kind), about, content }
    }

    pub(crate) fn of_apiv2(notification: &'a Apiv2Notification, key: &Key) -> Notice<'a> {
        let data = notification.data();
        let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
        // Of what is not signed, only the refund counts.
        let (content, events) = match notification.req_info() {
            Some(refund) => (refund, &["refund-processed"][..]),
            None => (data, &["combined-transactions-success", "transaction-success"][..]),
        };
        let about = About::of(content, events);
        let named = about.as_ref().and_then(|about| about.matter.events.first()).copied();
        let kind = named.unwrap_or(text("event_type"));
        let event =
            id(text("event_id")).unwrap_or_else(|| digest(key, &[&without_fresh(data), &without_fresh(content)]));
        Notice { merchant: notification.mchid(), event, kind: word(kind), about, content }
    }

    /// Those of the entries under this number that the notification settles, each with the state that is known of it then.
    pub(crate) fn settles<'e>(&self, entries: &'e [Entry]) -> Vec<(&'e Entry, &str)> {
        let Some(about) = &self.about else { return Vec::new() };
        let spoken_of = entries.iter().filter_map(|entry| Some((entry, self.effect(about, entry)?)));
        let spoken_of: Vec<_> = spoken_of.collect();
        let has_made = |(entry, effect): &(&Entry, Effect)| {
            matches!(effect, Effect::Makes)
                && !matches!(entry.state(), State::Rejected | State::NotSent | State::NotDone)
        };
        let is_made = spoken_of.iter().any(has_made);
        let settled = spoken_of.into_iter().filter(|(entry, effect)| match (effect, entry.state()) {
            // What was refused or never sent has not made it: another call has, of which this journal does not know.
            (_, State::Rejected | State::NotSent) => false,
            // The platform has said that there is no such number, and now says that there is.
            (Effect::Makes, State::NotDone) => !is_made,
            (Effect::Makes, State::Sending | State::Unknown | State::Answered) => true,
            (Effect::Makes, State::Done) => match (about.matter.order, entry.known()) {
                (Some(order), Some(known)) => rules::news(order, &[known], &about.state) == News::More,
                _ => false,
            },
            (Effect::Changes { to, .. }, State::Sending | State::Unknown) => to.contains(&about.state.as_str()),
            (Effect::Changes { .. }, _) => false,
        });
        settled.map(|(entry, _)| (entry, about.state.as_str())).collect()
    }

    /// What the call of an entry under this number has done to what the notification is about; `None` if it is about something
    /// else: what the call had, and the notification has, too, must be the same.
    fn effect(&self, about: &About, entry: &Entry) -> Option<Effect> {
        let differs = |(name, kept): (&String, &Value)| self.content.get(name).is_some_and(|said| said != kept);
        if entry.merchant() != self.merchant || entry.kept.iter().any(differs) {
            return None;
        }
        about.matter.effect(entry.method(), entry.template())
    }
}

impl About {
    /// What a content is about, if it is that of one of these events.
    fn of(content: &Value, events: &[&str]) -> Option<About> {
        let of_events = MATTERS.iter().filter(|matter| matter.events.iter().any(|event| events.contains(event)));
        of_events.into_iter().find_map(|matter| {
            let one = |path: &str| match question::texts(content, path)?[..] {
                [text] => id(text),
                _ => None,
            };
            let state = match matter.states {
                [] => events.first().map(|event| word(event))?,
                states => question::states(content, states)?.join(","),
            };
            Some(About { matter, number: one(matter.number)?, reference: matter.reference.and_then(one), state })
        })
    }
}

/// A number or an id that can be kept.
fn id(text: &str) -> Option<String> {
    let is_short = !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_short.then(|| text.to_owned())
}

/// The name of an event, or nothing if it is none.
fn word(text: &str) -> String {
    let is_word = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if is_word { text.to_owned() } else { String::new() }
}

/// What stands for the id of a notification that has none: the same content is the same notification.
fn digest(key: &Key, content: &[&Value]) -> String {
    let digest = content::digest(key, content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The fields without those that are new each time it is sent.
fn without_fresh(data: &Value) -> Value {
    let fields = data.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, _)| !content::FRESH.contains(&name.as_str()));
    fields.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into()
}
