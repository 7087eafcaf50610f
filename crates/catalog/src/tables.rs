//! The embedded data, read once; see `layout`.

use std::ops::Range;
use std::sync::OnceLock;

use flate2::{Decompress, FlushDecompress};

use crate::layout::PLACES;

/// All that is known, in tables whose rows refer to each other by number.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    texts: String,
    /// Where each text ends; a line feed follows.
    text_ends: Vec<u32>,
    fields: Vec<FieldRow>,
    lists: Lists,
    sets: Lists,
    pub(crate) operations: Vec<OperationRow>,
    pub(crate) notifications: Vec<NotificationRow>,
}

/// A field.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FieldRow {
    pub(crate) name: u16,
    pub(crate) shape: u16,
    /// A set of texts, or 0.
    pub(crate) allowed: u16,
    /// A list of fields, or 0.
    pub(crate) fields: u16,
}

/// An operation. Its sets and lists are 0 if there are none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OperationRow {
    pub(crate) method: u16,
    pub(crate) template: u16,
    pub(crate) name: u16,
    pub(crate) pages: u16,
    pub(crate) roles: u16,
    pub(crate) groups: u16,
    pub(crate) hosts: u16,
    pub(crate) changed: u16,
    pub(crate) flags: u16,
    pub(crate) places: [u16; PLACES.len()],
    pub(crate) answer: u16,
}

/// A notification.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NotificationRow {
    pub(crate) event: u16,
    pub(crate) version: u16,
    pub(crate) name: u16,
    pub(crate) pages: u16,
    pub(crate) headers: u16,
    pub(crate) body: u16,
    pub(crate) reply: u16,
}

/// Lists of numbers, one after the other.
#[derive(Debug, Default)]
struct Lists {
    /// Where each list ends.
    ends: Vec<u32>,
    members: Vec<u16>,
}

/// The tables of the embedded data.
pub(crate) fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    // A test makes sure that the embedded data can be read.
    TABLES.get_or_init(|| read(include_bytes!("../data/catalog.bin")).unwrap_or_default())
}

impl Tables {
    /// A text by its number.
    pub(crate) fn text(&self, number: u16) -> &str {
        self.texts.get(span(&self.text_ends, number, 1)).unwrap_or_default()
    }

    /// A field by its number.
    pub(crate) fn field(&self, number: u16) -> FieldRow {
        self.fields.get(usize::from(number)).copied().unwrap_or_default()
    }

    /// The fields of a list.
    pub(crate) fn list(&self, reference: u16) -> &[u16] {
        self.lists.get(reference)
    }

    /// The lists of fields, each after those that are inside its fields: their references, and their fields.
    pub(crate) fn lists(&self) -> impl Iterator<Item = (u16, &[u16])> {
        (1..=u16::MAX).take(self.lists.ends.len()).map(|reference| (reference, self.lists.get(reference)))
    }

    /// The texts of a set.
    pub(crate) fn set(&self, reference: u16) -> &[u16] {
        self.sets.get(reference)
    }

    /// How many texts there are.
    pub(crate) fn count_of_texts(&self) -> usize {
        self.text_ends.len()
    }
}

impl Lists {
    /// A list, or nothing for 0.
    fn get(&self, reference: u16) -> &[u16] {
        let list = reference.checked_sub(1).and_then(|number| self.members.get(span(&self.ends, number, 0)));
        list.unwrap_or_default()
    }
}

/// From the end of the one before, and what is between them, to its own.
fn span(ends: &[u32], number: u16, between: u32) -> Range<usize> {
    let number = usize::from(number);
    let before = number.checked_sub(1).and_then(|before| ends.get(before));
    let begin = before.map_or(0, |end| end.saturating_add(between));
    let end = ends.get(number).copied().unwrap_or(begin);
    begin as usize..end as usize
}

// ---------------------------------------------------------------- reading

/// The tables in the data; `None` if it is not laid out as it should be.
fn read(data: &[u8]) -> Option<Tables> {
    let (length, compressed) = data.split_first_chunk()?;
    let mut inside = Vec::with_capacity(usize::try_from(u32::from_le_bytes(*length)).ok()?);
    Decompress::new(false).decompress_vec(compressed, &mut inside, FlushDecompress::Finish).ok()?;

    let mut rest = Rest(&inside);
    let length = rest.length()?;
    let texts = std::str::from_utf8(rest.take(length)?).ok()?.to_owned();
    let mut tables = Tables {
        text_ends: texts.match_indices('\n').filter_map(|(at, _)| u32::try_from(at).ok()).collect(),
        texts,
        fields: rest.rows(|[name, shape, allowed, fields]| FieldRow { name, shape, allowed, fields })?,
        lists: rest.lists()?,
        sets: rest.lists()?,
        ..Tables::default()
    };
    tables.operations = rest.rows(
        |[
            method,
            template,
            name,
            pages,
            roles,
            groups,
            hosts,
            changed,
            flags,
            path,
            query,
            headers,
            json,
            xml,
            body,
            answer,
        ]| {
            let places = [path, query, headers, json, xml, body];
            OperationRow { method, template, name, pages, roles, groups, hosts, changed, flags, places, answer }
        },
    )?;
    tables.notifications = rest.rows(|[event, version, name, pages, headers, body, reply]| NotificationRow {
        event,
        version,
        name,
        pages,
        headers,
        body,
        reply,
    })?;
    rest.0.is_empty().then_some(tables)
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn length(&mut self) -> Option<usize> {
        let (length, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        usize::try_from(u32::from_le_bytes(*length)).ok()
    }

    fn column(&mut self) -> Option<Vec<u16>> {
        let length = self.length()?;
        let (low, high) = (self.take(length)?, self.take(length)?);
        Some(low.iter().zip(high).map(|(low, high)| u16::from_le_bytes([*low, *high])).collect())
    }

    /// Rows of N columns.
    fn rows<const N: usize, T>(&mut self, row: impl Fn([u16; N]) -> T) -> Option<Vec<T>> {
        let mut cells: Vec<[u16; N]> = Vec::new();
        for at in 0..N {
            let column = self.column()?;
            if at == 0 {
                cells.extend(column.iter().map(|number| [*number; N]));
            } else {
                for (row, number) in cells.iter_mut().zip(column) {
                    *row.get_mut(at)? = number;
                }
            }
        }
        Some(cells.into_iter().map(row).collect())
    }

    fn lists(&mut self) -> Option<Lists> {
        let ends = self.column()?.into_iter().scan(0_u32, |end, length| {
            *end = end.saturating_add(u32::from(length));
            Some(*end)
        });
        Some(Lists { ends: ends.collect(), members: self.column()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_data_can_be_read() {
        let tables = read(include_bytes!("../data/catalog.bin")).unwrap();
        assert!(tables.operations.len() > 1_000 && tables.notifications.len() > 100);
        for (reference, list) in tables.lists() {
            for field in list {
                assert!(tables.field(*field).fields < reference, "a list comes after those that are inside its fields");
            }
        }
    }

    #[test]
    fn data_that_is_cut_off_or_changed_is_refused_or_read_without_panic() {
        let data = include_bytes!("../data/catalog.bin");
        for length in (0..data.len()).step_by(997) {
            assert!(read(&data[..length]).is_none(), "{length}");
        }
        let mut changed = data.to_vec();
        for at in (0..data.len()).step_by(4_999) {
            changed[at] ^= 0x55;
            // Whether it is refused depends on the byte.
            drop(read(&changed));
        }
    }
}
