//! Lists in brackets, before they are laid out.

use crate::rust::layout::laid::Laid;

/// Whether there is a comma behind the last element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comma {
    /// When the list is broken.
    Tall,
    Always,
    Never,
}

#[derive(Debug)]
pub struct List<'a> {
    /// What stands before the bracket: the name of a function.
    pub head: &'a Laid,
    pub brackets: (&'static str, &'static str),
    pub comma: Comma,
    pub of_macro: bool,
}

impl<'a> List<'a> {
    pub fn call(head: &'a Laid, comma: Comma) -> List<'a> {
        List { head, brackets: ("(", ")"), comma, of_macro: false }
    }

    pub fn array(head: &'a Laid, comma: Comma) -> List<'a> {
        List { head, brackets: ("[", "]"), comma, of_macro: false }
    }

    pub fn of_macro(self) -> List<'a> {
        List { of_macro: true, ..self }
    }
}
