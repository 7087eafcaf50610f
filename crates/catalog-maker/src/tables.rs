//! Writes the facts as tables, in which what is alike is there once; see `layout`.

use std::collections::HashMap;
use std::hash::Hash;

use anyhow::{Context, Result, bail, ensure};

use crate::facts::{Answer, Field, Notification, Operation};
use crate::layout::{self, CERTIFICATE, DEPRECATED, KIND, LIST, PLACES};

/// Things that are there once each, by their numbers.
struct Once<T> {
    numbers: HashMap<T, u16>,
    things: Vec<T>,
}

impl<T: Hash + Eq + Clone> Once<T> {
    fn new() -> Once<T> {
        Once { numbers: HashMap::new(), things: Vec::new() }
    }

    fn number(&mut self, thing: T) -> Result<u16> {
        if let Some(number) = self.numbers.get(&thing) {
            return Ok(*number);
        }
        let number = u16::try_from(self.things.len()).context("the numbers are used up")?;
        self.things.push(thing.clone());
        self.numbers.insert(thing, number);
        Ok(number)
    }
}

/// Name, shape, allowed values and fields.
type Node = [u16; 4];

/// The tables.
pub(crate) struct Tables {
    texts: Once<String>,
    nodes: Once<Node>,
    lists: Once<Vec<u16>>,
    sets: Once<Vec<u16>>,
    operations: Vec<[u16; 10 + PLACES.len()]>,
    notifications: Vec<[u16; 7]>,
}

impl Tables {
    pub(crate) fn of(operations: &[Operation], notifications: &[Notification]) -> Result<Tables> {
        let mut tables = Tables {
            texts: Once::new(),
            nodes: Once::new(),
            lists: Once::new(),
            sets: Once::new(),
            operations: Vec::new(),
            notifications: Vec::new(),
        };
        // Texts of a kind stand together, which compresses better.
        for operation in operations {
            tables.text(&operation.template)?;
        }
        for operation in operations {
            tables.text(&operation.name)?;
        }
        for operation in operations {
            tables.set(&operation.pages)?;
        }
        for operation in operations {
            let row = tables.operation(operation).with_context(|| operation.template.clone())?;
            tables.operations.push(row);
        }
        for notification in notifications {
            let row = tables.notification(notification).with_context(|| notification.event.clone())?;
            tables.notifications.push(row);
        }
        Ok(tables)
    }

    fn operation(&mut self, operation: &Operation) -> Result<[u16; 10 + PLACES.len()]> {
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        let mut places = [0; PLACES.len()];
        for (number, fields) in places.iter_mut().zip(&operation.places) {
            *number = self.list(fields.as_deref())?;
        }
        let [path, query, headers, json, xml, body] = places;
        Ok([
            self.text(&operation.method)?,
            self.text(&operation.template)?,
            self.text(&operation.name)?,
            self.set(&operation.pages)?,
            self.set(&operation.roles)?,
            self.set(&operation.groups)?,
            self.set(&operation.hosts)?,
            self.text(&operation.changed)?,
            flag(operation.needs_certificate, CERTIFICATE) | flag(operation.is_deprecated, DEPRECATED),
            path,
            query,
            headers,
            json,
            xml,
            body,
            match &operation.answer {
                Answer::Fields(fields) => self.list(Some(fields))? + layout::ANSWER_FIELDS,
                Answer::Other(word) => match word.as_str() {
                    "none" => layout::ANSWER_NONE,
                    "empty" => layout::ANSWER_EMPTY,
                    "stream" => layout::ANSWER_FILE,
                    "redirect" => layout::ANSWER_REDIRECT,
                    other => bail!("an unknown answer: {other}"),
                },
            },
        ])
    }

    fn notification(&mut self, notification: &Notification) -> Result<[u16; 7]> {
        Ok([
            self.text(&notification.event)?,
            notification.version,
            self.text(&notification.name)?,
            self.set(&notification.pages)?,
            self.list(Some(&notification.headers))?,
            self.list(Some(&notification.body))?,
            self.list(Some(&notification.reply))?,
        ])
    }

    fn text(&mut self, text: &str) -> Result<u16> {
        ensure!(!text.contains('\n'), "a text of several lines");
        self.texts.number(text.to_owned())
    }

    /// The number of a set after 0, which is the empty one.
    fn set(&mut self, texts: &[String]) -> Result<u16> {
        if texts.is_empty() {
            return Ok(0);
        }
        let members = texts.iter().map(|text| self.text(text)).collect::<Result<_>>()?;
        Ok(self.sets.number(members)? + 1)
    }

    /// The number of a list after 0, which is none.
    fn list(&mut self, fields: Option<&[Field]>) -> Result<u16> {
        let Some(fields) = fields else { return Ok(0) };
        let mut members = Vec::new();
        for field in fields {
            let mut shape = u16::try_from(field.kind)? & KIND;
            if field.is_list {
                shape |= LIST;
            }
            for letter in field.flags.chars() {
                shape |= match letter {
                    'r' => layout::REQUIRED,
                    'e' => layout::RSA,
                    'g' => layout::AES_GCM,
                    'j' => layout::JSON,
                    'm' => layout::MEDIA_ID,
                    't' => layout::TIME,
                    'u' => layout::MEDIA_URL,
                    other => bail!("an unknown flag: {other}"),
                };
            }
            let node = [self.text(&field.name)?, shape, self.set(&field.allowed)?, self.list(field.fields.as_deref())?];
            members.push(self.nodes.number(node)?);
        }
        Ok(self.lists.number(members)? + 1)
    }

    /// As it is laid out, before it is compressed.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let texts: String = self.texts.things.iter().flat_map(|text| [text, "\n"]).collect();
        push_length(&mut bytes, texts.len());
        bytes.extend_from_slice(texts.as_bytes());
        push_rows(&mut bytes, &self.nodes.things);
        push_lists(&mut bytes, &self.lists.things);
        push_lists(&mut bytes, &self.sets.things);
        push_rows(&mut bytes, &self.operations);
        push_rows(&mut bytes, &self.notifications);
        bytes
    }
}

fn push_length(bytes: &mut Vec<u8>, length: usize) {
    let length = u32::try_from(length).expect("there are fewer than 65,536 of each, of at most a few megabytes");
    bytes.extend_from_slice(&length.to_le_bytes());
}

fn push_column(bytes: &mut Vec<u8>, column: &[u16]) {
    push_length(bytes, column.len());
    bytes.extend(column.iter().map(|number| number.to_le_bytes()[0]));
    bytes.extend(column.iter().map(|number| number.to_le_bytes()[1]));
}

fn push_rows<const N: usize>(bytes: &mut Vec<u8>, rows: &[[u16; N]]) {
    for at in 0..N {
        push_column(bytes, &rows.iter().map(|row| row[at]).collect::<Vec<_>>());
    }
}

fn push_lists(bytes: &mut Vec<u8>, lists: &[Vec<u16>]) {
    let length = |list: &Vec<u16>| u16::try_from(list.len()).expect("a list is shorter than all that is in lists");
    push_column(bytes, &lists.iter().map(length).collect::<Vec<_>>());
    push_column(bytes, &lists.concat());
}
