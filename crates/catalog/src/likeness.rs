//! Which documented path is most like one that is not documented.

use std::collections::HashMap;

use crate::distance::distance;
use crate::spelling::{Segment, without_capitals};

/// What it costs to take a segment for another that has nothing in common with it.
const NOTHING_ALIKE: usize = 30;

/// What it costs to leave a segment out, or to add one; little for the empty one of a slash at the end.
fn one_more(segment: Option<&str>) -> usize {
    if segment == Some("") { 1 } else { 20 }
}

/// The most segments of a path that is compared.
const MOST_SEGMENTS: usize = 24;

/// How unlike a path is to templates.
pub(crate) struct Likeness<'p> {
    /// `None` for a variable.
    given: Vec<Option<String>>,
    /// The costs of taking one of the segments for a literal, by its number and the literal.
    known: HashMap<(usize, &'p str), usize>,
}

impl Likeness<'static> {
    /// That of a path.
    pub(crate) fn of(path: &[Segment<'_>]) -> Likeness<'static> {
        let text = |segment: &Segment<'_>| match segment {
            Segment::Variable(_) => None,
            Segment::Text(text) => Some(without_capitals(text).unwrap_or_else(|| (*text).to_owned())),
        };
        Likeness { given: path.iter().take(MOST_SEGMENTS).map(text).collect(), known: HashMap::new() }
    }

    /// The least cost to make the template of the path.
    pub(crate) fn cost(&mut self, template: &'static str) -> Option<usize> {
        let left_out: Vec<usize> = self.given.iter().map(|given| one_more(given.as_deref())).collect();
        let mut before = vec![0_usize];
        for cost in &left_out {
            before.push(before.last()?.saturating_add(*cost));
        }
        for documented in template.split('/') {
            let added = one_more(Some(documented));
            let mut row = vec![before.first()?.saturating_add(added)];
            for (at, left_out) in left_out.iter().enumerate() {
                let changed = before.get(at)?.saturating_add(self.change(at, documented));
                let added = before.get(at.saturating_add(1))?.saturating_add(added);
                row.push(changed.min(added).min(row.last()?.saturating_add(*left_out)));
            }
            before = row;
        }
        before.pop()
    }

    /// Whether what has this cost is like the path at all.
    pub(crate) fn is_like(&self, cost: usize) -> bool {
        cost <= self.given.len().saturating_mul(NOTHING_ALIKE).saturating_mul(2) / 5
    }

    /// The cost to take a segment of the path for one of a template.
    fn change(&mut self, at: usize, documented: &'static str) -> usize {
        let is_variable = documented.starts_with('{');
        match self.given.get(at) {
            Some(Some(text)) if is_variable => {
                if text.is_empty() {
                    NOTHING_ALIKE
                } else {
                    2
                }
            }
            Some(Some(text)) => *self.known.entry((at, documented)).or_insert_with(|| {
                // A long text is a value: it is like nothing.
                let length = text.chars().count().max(documented.chars().count());
                if length > 64 || length == 0 {
                    return if text == documented { 0 } else { NOTHING_ALIKE };
                }
                let share = distance(text, documented).saturating_mul(NOTHING_ALIKE).checked_div(length);
                share.unwrap_or(NOTHING_ALIKE).min(NOTHING_ALIKE)
            }),
            _ if is_variable => 0,
            _ => NOTHING_ALIKE,
        }
    }
}
