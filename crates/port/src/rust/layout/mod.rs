//! From the tree to text, as rustfmt would lay it out with its defaults.
//!
//! Each rule says in which space an expression is tried and which of the results is chosen, as rustfmt does it: that is the
//! only way to agree with it where lines are nearly full.

mod arms;
mod block;
mod brackets;
mod chain;
mod closure;
mod column;
mod comments;
mod control;
mod empty;
mod item;
mod json;
mod kinds;
mod laid;
mod least;
mod list;
mod literal;
mod operator;
mod parentheses;
mod printer;
mod space;
#[cfg(test)]
mod tests;
mod uses;

use crate::rust::layout::column::Column;
use crate::rust::layout::laid::Laid;
use crate::rust::layout::printer::Printer;
use crate::rust::layout::space::STEP;
use crate::rust::tree::{Block, File, Lead};

/// Text, and where its lines come from.
#[derive(Debug)]
pub struct Written {
    pub text: String,
    /// For lines of Rust, counted from 1, the line of PHP that they come from, in order.
    pub origins: Vec<(usize, usize)>,
}

pub fn file(file: &File) -> Written {
    let mut items = file.items.clone();
    parentheses::items(&mut items);
    let mut column = Column::new(0);
    let uses = uses::lines(&file.uses);
    for part in [&file.header, &file.attributes, &uses] {
        column.blank();
        column.lead(&Lead { comments: part.clone(), ..Lead::default() });
    }
    for (at, item) in items.iter().enumerate() {
        if at == 0 {
            column.blank();
        }
        let printer = Printer::default();
        printer.items(std::slice::from_ref(item), 0, &mut column);
    }
    written(&column.finish(), 0)
}

/// The statements of a snippet: laid out as in a function, without its indentation.
pub fn snippet(block: &Block) -> Written {
    let mut block = block.clone();
    parentheses::block(&mut block);
    written(&Printer::default().statements(&block, STEP), STEP)
}

/// No literal has several lines, and so each line begins with its indentation.
fn written(laid: &Laid, indent: usize) -> Written {
    let mut text = String::with_capacity(laid.len());
    for line in laid.text().split('\n').filter(|_| !laid.is_empty()) {
        text.push_str(line.get(indent..).unwrap_or_default());
        text.push('\n');
    }
    let mut origins: Vec<(usize, usize)> = laid.marks().iter().map(|(line, origin)| (line + 1, *origin)).collect();
    origins.dedup_by_key(|(line, _)| *line);
    Written { text, origins }
}
