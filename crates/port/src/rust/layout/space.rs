//! The room that there is for a piece of code.

use crate::rust::layout::laid::{self, Laid};

/// The columns of a line.
pub const COLUMNS: usize = 100;
/// An indentation.
pub const STEP: usize = 4;

/// Where a piece of code begins, and how far it may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Space {
    /// Of the lines that follow the first.
    pub indent: usize,
    /// What stands on the first line already, behind the indentation.
    pub offset: usize,
    /// The columns left.
    pub width: usize,
}

impl Space {
    /// A line of its own.
    pub fn line(indent: usize) -> Space {
        Space { indent, offset: 0, width: COLUMNS.saturating_sub(indent) }
    }

    /// Without the columns at the end.
    pub fn less(self, columns: usize) -> Option<Space> {
        Some(Space { width: self.width.checked_sub(columns)?, ..self })
    }

    /// Behind something of that width.
    pub fn behind(self, columns: usize) -> Option<Space> {
        Some(Space { width: self.width.checked_sub(columns)?, offset: self.offset + columns, ..self })
    }

    /// The lines below, one step to the right.
    pub fn inner(self) -> Space {
        Space::line(self.indent + STEP)
    }

    pub fn used(self) -> usize {
        self.indent + self.offset
    }

    /// The columns kept free behind the code.
    pub fn reserved(self) -> usize {
        COLUMNS.saturating_sub(self.used() + self.width)
    }

    /// All that is left of the line, whatever is to follow.
    pub fn unreserved(self) -> Space {
        Space { width: COLUMNS.saturating_sub(self.used()), ..self }
    }

    /// Whether rustfmt would accept the code here. Lines that end with comments are not measured.
    pub fn holds(self, code: &Laid) -> bool {
        if !code.is_tall() && !code.text().contains("//") {
            return code.first_width() <= self.width;
        }
        let measured: Vec<usize> =
            code.text().split('\n').filter(|line| !laid::ends_with_comment(line)).map(laid::width).collect();
        let (Some(first), Some(last)) = (measured.first(), measured.last()) else {
            return true;
        };
        *first <= self.width
            && (measured.len() == 1
                || (measured[1..].iter().all(|width| *width <= COLUMNS) && *last <= self.used() + self.width))
    }
}
