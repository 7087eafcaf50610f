//! Closures.

use std::rc::Rc;

use crate::rust::layout::kinds;
use crate::rust::layout::kinds::value_of;
use crate::rust::layout::laid::{self, Laid};
use crate::rust::layout::printer::Printer;
use crate::rust::layout::space::{COLUMNS, Space};
use crate::rust::tree::{Block, Expression};

impl Printer {
    /// What stands before the body.
    pub fn closure_head(
        &self,
        moves: bool,
        parameters: &[String],
        returns: Option<&str>,
        space: Space,
    ) -> Option<Laid> {
        let mover = if moves { "move " } else { "" };
        // The brace of a body, which rustfmt keeps free even if there is none.
        let inner = self.less(self.behind(space, mover.len())?, 4)?;
        let returns = returns.map(|returns| format!("-> {returns}")).unwrap_or_default();
        let line = parameters.join(", ");
        let fits = parameters.is_empty() || laid::width(&line) + returns.len() < inner.width;
        // Broken into lines, a single one still has one line.
        if !fits && parameters.len() > 1 && !self.mode().lenient {
            return None;
        }
        self.less(inner, if fits { 2 + returns.len() } else { 1 })?;
        let mut head = Laid::of(mover).with("|").with(&line).with("|");
        if !returns.is_empty() {
            head = head.with(" ").with(&returns);
        }
        Some(head)
    }

    pub fn any_closure(&self, closure: &Expression, space: Space) -> Option<Laid> {
        let Expression::Closure { moves, parameters, returns, body } = closure else {
            return None;
        };
        let head = self.closure_head(*moves, parameters, returns.as_deref(), space)?;
        self.closure(&head, returns.is_some(), body, space)
    }

    fn closure(&self, head: &Laid, returns: bool, body: &Expression, space: Space) -> Option<Laid> {
        let behind = self.behind(space, head.last_width() + 1)?;
        let Expression::Block(block) = body else {
            return self.bare_body(body, head, behind).or_else(|| self.braced_body(body, head, behind));
        };
        if block.statements.is_empty() && !self.has_comment(block) {
            return Some(head.clone().with(" ").then(&*self.expression(body, space)?));
        }
        let bare = if returns || self.mode().in_macro { None } else { self.without_braces(body, head, space, behind) };
        bare.or_else(|| Some(head.clone().with(" ").then(&*self.block(block, behind)?)))
    }

    fn without_braces(&self, body: &Expression, head: &Laid, space: Space, behind: Space) -> Option<Laid> {
        let mut inner = body;
        while let Expression::Block(block) = inner {
            match self.only_value(block) {
                Some(value) => inner = value,
                None => break,
            }
        }
        if kinds::wants_braces(inner) && !self.mode().in_macro {
            self.braced_body(inner, head, space)
        } else {
            self.bare_body(inner, head, behind)
        }
    }

    /// The value of a block that has nothing else.
    pub fn only_value<'a>(&self, block: &'a Block) -> Option<&'a Expression> {
        match block.statements.as_slice() {
            [only] if !self.has_comment(block) => value_of(only),
            _ => None,
        }
    }

    fn bare_body(&self, body: &Expression, head: &Laid, space: Space) -> Option<Laid> {
        let one_line = !kinds::may_be_bare(body) && !self.mode().in_macro;
        let checked = matches!(body, Expression::Call { .. } | Expression::Method { .. });
        let room = if self.mode().lenient { space.width.max(COLUMNS) } else { space.width };
        if one_line && checked && self.least(body) > room {
            return None;
        }
        let laid = self.expression(body, space)?;
        (!one_line || !laid.is_tall()).then(|| head.clone().with(" ").then(&laid))
    }

    fn braced_body(&self, body: &Expression, head: &Laid, space: Space) -> Option<Laid> {
        if kinds::refuses_braces(body) {
            return None;
        }
        Some(head.clone().with(" ").then(&self.braced(body, space.indent)))
    }

    /// A closure that is the last argument of a call. None if it looks bad beside the others.
    pub fn last_closure(
        &self,
        closure: &Expression,
        head: &Laid,
        returns: bool,
        body: &Expression,
        space: Space,
    ) -> Option<Rc<Laid>> {
        let body = match body {
            Expression::Block(block) if !self.mode().in_macro => self.only_value(block).unwrap_or(body),
            _ => body,
        };
        let behind = self.behind(space, head.last_width() + 1)?;
        if kinds::wants_braces(body) && !self.mode().in_macro {
            let braced = self.braced_body(body, head, behind)?;
            if returns || braced.breaks() >= 7 {
                return Some(Rc::new(braced));
            }
            let bare = self.bare_body(body, head, space).filter(|bare| !bare.is_tall());
            return Some(Rc::new(bare.unwrap_or(braced)));
        }
        let condition = self.condition_of(body, behind);
        if condition.is_some_and(|condition| condition.is_tall() || condition.len() > behind.width) {
            return self.braced_body(body, head, behind).map(Rc::new);
        }
        self.expression(closure, space)
    }
}
