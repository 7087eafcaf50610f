//! Columns that are aligned, whatever the script: a Chinese character is as wide as two letters.

use std::fmt::Write;

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

/// A text of a column, and how it looks.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub fn new(text: impl Into<String>, style: Style) -> Cell {
        Cell { text: text.into(), style }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::new(text, Style::new())
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::from(text.to_owned())
    }
}

/// The rows as lines, with two spaces between columns, and none at the end of a line.
pub fn lines(rows: &[Vec<Cell>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest =
        |column: usize| rows.iter().filter_map(|row| Some(row.get(column)?.text.width())).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    let (mut line, mut spaces) = (String::new(), 0_usize);
    for (Cell { text, style }, width) in row.iter().zip(widths) {
        if !text.is_empty() {
            // A text takes anything.
            let _ = write!(line, "{:spaces$}{style}{text}{style:#}", "");
            spaces = 0;
        }
        // A column that is empty in all rows is not there.
        if *width > 0 {
            spaces = spaces.saturating_add(width.saturating_sub(text.width())).saturating_add(2);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_twice() {
        let rows = [vec![Cell::from("退款"), "".into(), "a".into()], vec!["refund".into(), "".into(), "b".into()]];
        assert_eq!(lines(&rows), ["退款    a", "refund  b"]);
    }

    #[test]
    fn no_line_ends_in_spaces() {
        let rows = [vec![Cell::from("a"), "".into()], vec!["long".into(), "b".into()], vec![]];
        assert_eq!(lines(&rows), ["a", "long  b", ""]);
    }
}
