//! `json!` with fields of objects: rustfmt does not read it, and leaves it as it is.

use crate::rust::layout::column::{Column, trailing};
use crate::rust::layout::comments::in_lead;
use crate::rust::layout::laid::Laid;
use crate::rust::layout::literal;
use crate::rust::layout::printer::{Mode, Printer};
use crate::rust::layout::space::{COLUMNS, STEP, Space};
use crate::rust::tree::{Entry, Expression, Json};

/// Wider than anything: for what is on one line in any case.
const ENDLESS: usize = usize::MAX / 4;

impl Printer {
    pub fn json(&self, json: &Json, space: Space) -> Laid {
        let line = if self.is_tall(json) { None } else { self.json_on_line(json) };
        let inside = line.unwrap_or_else(|| self.tall_json(json, space.indent));
        Laid::of("json!(").then(&inside).with(")")
    }

    /// None where PHP has several lines, or a comment.
    fn json_on_line(&self, json: &Json) -> Option<Laid> {
        let (entries, open, close) = match json {
            Json::Object(entries) => (entries, "{ ", " }"),
            Json::Array(entries) => (entries, "[", "]"),
            Json::Value(value) => return self.value_on_line(value),
        };
        if entries.is_empty() {
            return Some(Laid::of(open.trim()).with(close.trim()));
        }
        let mut line = Laid::of(open);
        for (at, entry) in entries.iter().enumerate() {
            if entry.own_line || in_lead(&entry.lead) || entry.trailing.is_some() {
                return None;
            }
            if at > 0 {
                line.push(", ");
            }
            line.append(&self.key(entry, Space { indent: 0, offset: 0, width: ENDLESS })?);
            line.append(&self.json_on_line(&entry.value)?);
        }
        Some(line.with(close))
    }

    fn value_on_line(&self, value: &Expression) -> Option<Laid> {
        let space = Space { indent: 0, offset: 0, width: ENDLESS };
        let laid = self.within(Mode::default(), || self.expression(value, space))?;
        (!laid.is_tall()).then(|| (*laid).clone())
    }

    fn key(&self, entry: &Entry, space: Space) -> Option<Laid> {
        Some(match &entry.key {
            None => Laid::default(),
            Some(Expression::Text(text)) => Laid::of(&literal::text(text)).with(": "),
            Some(Expression::Paren(inner)) => Laid::of("(").then(&*self.loose(inner, space)?).with("): "),
            Some(key) => Laid::of("(").then(&*self.loose(key, space)?).with("): "),
        })
    }

    /// In the space if it fits, and else as it is.
    fn loose(&self, expression: &Expression, space: Space) -> Option<std::rc::Rc<Laid>> {
        self.within(Mode::default(), || self.expression(expression, space))
            .or_else(|| self.within(Mode { lenient: true, ..Mode::default() }, || self.expression(expression, space)))
    }

    fn tall_json(&self, json: &Json, indent: usize) -> Laid {
        let (entries, open, close) = match json {
            Json::Object(entries) => (entries, "{", "}"),
            Json::Array(entries) => (entries, "[", "]"),
            Json::Value(value) => {
                return self.loose(value, Space::line(indent)).map(|laid| (*laid).clone()).unwrap_or_default();
            }
        };
        let mut column = Column::new(indent + STEP);
        for entry in entries {
            column.lead(&entry.lead);
            if entry.is_comments() {
                continue;
            }
            column.code(entry.lead.origin, &self.entry(entry, indent + STEP));
            column.push(",");
            column.push(&trailing(entry.trailing.as_ref()));
        }
        let mut laid = Laid::of(open);
        if !column.is_empty() {
            laid.line(0);
            laid.append(&column.finish());
            laid.line(indent);
        }
        laid.with(close)
    }

    fn entry(&self, entry: &Entry, indent: usize) -> Laid {
        let space = Space { width: COLUMNS.saturating_sub(indent + 1), ..Space::line(indent) };
        let key = self.key(entry, space).unwrap_or_default();
        let behind = space.behind(key.last_width()).unwrap_or(Space { width: 0, ..space });
        let value = match &entry.value {
            Json::Value(value) => self.loose(value, behind).map(|laid| (*laid).clone()).unwrap_or_default(),
            nested => self
                .json_on_line(nested)
                .filter(|line| line.first_width() <= behind.width)
                .unwrap_or_else(|| self.tall_json(nested, indent)),
        };
        key.then(&value)
    }
}
