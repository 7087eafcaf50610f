//! Where the porter stands, to go back to when it translates something a second time.

use crate::translate::Translator;
use crate::translate::comments::Mark;

#[derive(Debug)]
pub struct Standing {
    comments: Mark,
    left_out: usize,
}

impl Translator<'_> {
    pub(super) fn mark(&self) -> Standing {
        Standing { comments: self.comments.mark(), left_out: self.left_out.len() }
    }

    /// From here on there are no comments, until this is given back: for code that stands elsewhere in the source.
    pub(super) fn hush(&mut self) -> Standing {
        Standing { comments: self.comments.hush(), left_out: self.left_out.len() }
    }

    /// What was written since is not: its comments are still to be written, and what it left out is not left out.
    pub(super) fn give_back(&mut self, standing: Standing) {
        self.comments.give_back(standing.comments);
        self.left_out.truncate(standing.left_out);
    }
}
