//! Search for operations and notifications by words.

use std::cmp::Reverse;

use crate::catalog::Catalog;
use crate::field::Texts;
use crate::notification::Notification;
use crate::operation::{Answer, Operation, Place};
use crate::tables::tables;

/// What a search has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hit {
    /// An operation.
    Operation(Operation),
    /// A notification.
    Notification(Notification),
}

impl Catalog {
    /// The operations and notifications in which all of these words are, the best first.
    ///
    /// The words are separated by spaces, and searched in names, products, paths, fields and events, in small letters or
    /// capitals. A word of four or more Chinese characters that is nowhere as a whole is taken for words of two characters.
    /// What has a word in its name or as a segment of its path comes before what only has a field with it; APIv3 before
    /// APIv2, operations in China before others, and what is deprecated later. The order is always the same.
    ///
    /// ```
    /// use wechatpay_catalog::{Hit, catalog};
    /// let Some(Hit::Operation(first)) = catalog().search("申请退款").into_iter().next() else { panic!() };
    /// assert_eq!(first.template(), "v3/refund/domestic/refunds");
    /// assert!(catalog().search("refund abnormal").len() < catalog().search("refund").len());
    /// ```
    pub fn search(&self, words: &str) -> Vec<Hit> {
        let mut words: Vec<Word> = words.split_whitespace().map(Word::of).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let found = |words: &[Word]| {
            let operations = Operation::all().map(Hit::Operation).chain(Notification::all().map(Hit::Notification));
            let scored = operations.filter_map(|hit| Some((score(&hit, words)?, hit)));
            scored.collect::<Vec<_>>()
        };
        let mut hits = found(&words);
        if hits.is_empty() {
            words = words.iter().flat_map(Word::halves).collect();
            hits = found(&words);
        }
        // Shorter paths are of more common use than longer ones.
        let length = |hit: &Hit| match hit {
            Hit::Operation(operation) => operation.template().split('/').count(),
            Hit::Notification(_) => 0,
        };
        hits.sort_by_key(|(score, hit)| (Reverse(score.saturating_add(preferred(hit))), length(hit)));
        hits.into_iter().map(|(_, hit)| hit).collect()
    }
}

/// What most are looking for comes first: the present protocol, at the usual host, and not what is deprecated.
fn preferred(hit: &Hit) -> u32 {
    let (is_present, is_usual) = match hit {
        Hit::Operation(operation) => {
            let template = operation.template();
            (!operation.is_deprecated(), template.starts_with("v3/") && !template.starts_with("v3/global/"))
        }
        Hit::Notification(notification) => (true, !notification.is_apiv2()),
    };
    u32::from(is_present).saturating_add(u32::from(is_usual)).saturating_mul(15)
}

/// A word, and where it is among the names of fields.
struct Word {
    text: String,
    /// How well each list of fields matches, at best; by reference.
    lists: Vec<u32>,
}

impl Word {
    fn of(text: &str) -> Word {
        let text = text.to_lowercase();
        // Each name is compared once.
        let mut names: Vec<Option<u32>> = vec![None; tables().count_of_texts()];
        let mut lists = vec![0];
        for (_, fields) in tables().lists() {
            let mut best = 0;
            for field in fields {
                let field = tables().field(*field);
                let score = names.get_mut(usize::from(field.name)).map_or(0, |known| {
                    *known.get_or_insert_with(|| in_name_of_field(&text, tables().text(field.name)))
                });
                // Those inside are done already.
                let inside = lists.get(usize::from(field.fields)).copied().unwrap_or_default();
                best = best.max(score).max(inside);
            }
            lists.push(best);
        }
        Word { text, lists }
    }

    /// A longer Chinese word in pieces of two characters; any other word as it is.
    fn halves(&self) -> Vec<Word> {
        let letters: Vec<char> = self.text.chars().collect();
        if letters.len() < 4 || letters.iter().any(char::is_ascii) {
            return vec![Word { text: self.text.clone(), lists: self.lists.clone() }];
        }
        letters.chunks(2).map(|two| Word::of(&two.iter().collect::<String>())).collect()
    }

    fn in_list(&self, reference: u16) -> u32 {
        self.lists.get(usize::from(reference)).copied().unwrap_or_default()
    }
}

/// How good a hit is; `None` if one of the words is not in it.
fn score(hit: &Hit, words: &[Word]) -> Option<u32> {
    words.iter().try_fold(0_u32, |sum, word| {
        let score = match hit {
            Hit::Operation(operation) => of_operation(operation, word),
            Hit::Notification(notification) => of_notification(notification, word),
        };
        (score > 0).then(|| sum.saturating_add(score))
    })
}

fn of_operation(operation: &Operation, word: &Word) -> u32 {
    let mut fields = Place::ALL.iter().map(|place| operation.reference(*place)).collect::<Vec<_>>();
    if let Answer::Fields(_) = operation.answer() {
        fields.push(operation.answer_reference());
    }
    let field = fields.into_iter().map(|reference| word.in_list(reference)).max().unwrap_or_default();
    in_name(&word.text, operation.name().trim_end_matches("API"))
        .saturating_add(in_path(&word.text, operation.template()))
        .saturating_add(in_groups(&word.text, operation.groups()))
        .saturating_add(field)
}

fn of_notification(notification: &Notification, word: &Word) -> u32 {
    // Its event is in the name, too, in brackets.
    let name = notification.name();
    in_name(&word.text, name.split_once('(').map_or(name, |(name, _)| name))
        .saturating_add(in_event(&word.text, notification.event()))
        .saturating_add(word.in_list(notification.body_reference()))
}

fn in_name(word: &str, name: &str) -> u32 {
    let name = name.to_lowercase();
    if !name.contains(word) {
        return 0;
    }
    // The more of the name it is, the better.
    let share = word.chars().count().saturating_mul(40).checked_div(name.chars().count()).unwrap_or_default();
    u32::try_from(share).unwrap_or_default().saturating_add(60)
}

fn in_groups(word: &str, groups: Texts) -> u32 {
    if groups.iter().any(|group| group.to_lowercase().contains(word)) { 15 } else { 0 }
}

fn in_path(word: &str, template: &str) -> u32 {
    let scores: Vec<u32> = template.split('/').map(|segment| in_segment(word, segment)).collect();
    let count = scores.iter().filter(|score| **score > 0).count();
    let share = count.saturating_mul(20).checked_div(scores.len()).unwrap_or_default();
    scores.into_iter().max().unwrap_or_default().saturating_add(u32::try_from(share).unwrap_or_default())
}

fn in_segment(word: &str, segment: &str) -> u32 {
    if segment.starts_with('{') {
        // A variable is a field, too.
        return 0;
    }
    let segment = segment.to_lowercase();
    if is_word(word, &segment) {
        50
    } else if segment.split(['-', '_', '.']).any(|part| is_word(word, part)) {
        40
    } else if segment.contains(word) {
        20
    } else {
        0
    }
}

fn in_event(word: &str, event: &str) -> u32 {
    let event = event.to_lowercase();
    if event == word {
        200
    } else if event.split(['.', '-', '_']).any(|part| is_word(word, part)) {
        50
    } else if event.contains(word) {
        20
    } else {
        0
    }
}

fn in_name_of_field(word: &str, name: &str) -> u32 {
    let name = name.to_lowercase();
    if name == word {
        12
    } else if name.split('_').any(|part| part == word) {
        8
    } else if name.contains(word) {
        4
    } else {
        0
    }
}

/// Whether it is this word, perhaps as a plural.
fn is_word(word: &str, text: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| matches!(rest, "" | "s" | "es"))
}
