//! The comments in Rust, in the order in which they stand in its text.

use crate::rust::tree::{
    Arm, Block, Entry, Expression, Item, ItemKind, Json, Lead, Statement, StatementKind as S, StatementKind,
};

/// Is given the lines of each place for comments, and may take some away.
pub type Visit<'f> = dyn FnMut(&mut Vec<String>) + 'f;

impl Statement {
    /// Calls `f` with the comments before, in and behind this statement.
    pub fn each_comment(&mut self, f: &mut Visit<'_>) {
        self.lead.visit(f);
        match &mut self.kind {
            S::Let { value, otherwise, .. } => {
                value.iter_mut().for_each(|value| value.each_comment(f));
                otherwise.iter_mut().for_each(|block| block.each_comment(f));
            }
            S::Expression(inner) | S::Value(inner) => inner.each_comment(f),
            S::Item(item) => item.each_comment(f),
            S::Comments => {}
        }
        behind(&mut self.trailing, f);
    }

    /// Whether it was nothing but comments, and none is left.
    pub fn is_void(&self) -> bool {
        matches!(self.kind, StatementKind::Comments) && self.lead.comments.is_empty() && self.trailing.is_none()
    }
}

impl Item {
    /// Calls `f` with the comments before and in this item.
    pub fn each_comment(&mut self, f: &mut Visit<'_>) {
        self.lead.visit(f);
        match &mut self.kind {
            ItemKind::Function(function) => function.body.iter_mut().for_each(|body| body.each_comment(f)),
            ItemKind::Struct { fields, .. } => fields.iter_mut().for_each(|field| field.lead.visit(f)),
            ItemKind::Enum { variants, .. } => variants.iter_mut().for_each(|variant| variant.lead.visit(f)),
            ItemKind::Impl { items, .. } | ItemKind::Trait { items, .. } => {
                items.iter_mut().for_each(|item| item.each_comment(f))
            }
            ItemKind::Constant { value, .. } | ItemKind::ThreadLocal { value, .. } => value.each_comment(f),
            ItemKind::Comments => {}
        }
    }
}

impl Block {
    pub fn each_comment(&mut self, f: &mut Visit<'_>) {
        self.statements.iter_mut().for_each(|statement| statement.each_comment(f));
        self.statements.retain(|statement| !statement.is_void());
        self.end.visit(f);
    }
}

impl Expression {
    pub fn each_comment(&mut self, f: &mut Visit<'_>) {
        match self {
            Expression::Block(block) | Expression::Loop { body: block, .. } => block.each_comment(f),
            Expression::Json(json) => json.each_comment(f),
            Expression::If { condition, then, otherwise } => {
                condition.each_comment(f);
                then.each_comment(f);
                otherwise.iter_mut().for_each(|otherwise| otherwise.each_comment(f));
            }
            Expression::While { condition: of, body, .. } | Expression::For { iterator: of, body, .. } => {
                of.each_comment(f);
                body.each_comment(f);
            }
            Expression::Match { subject, arms } => {
                subject.each_comment(f);
                arms.iter_mut().for_each(|arm| arm.each_comment(f));
            }
            // What is assigned is evaluated first, and stands behind.
            Expression::Assign { target, value, .. } => {
                target.each_comment(f);
                value.each_comment(f);
            }
            _ => self.each_child(&mut |child| child.each_comment(f)),
        }
    }
}

impl Arm {
    fn each_comment(&mut self, f: &mut Visit<'_>) {
        self.lead.visit(f);
        self.guard.iter_mut().for_each(|guard| guard.each_comment(f));
        self.body.each_comment(f);
    }
}

impl Json {
    fn each_comment(&mut self, f: &mut Visit<'_>) {
        match self {
            Json::Object(entries) | Json::Array(entries) => {
                entries.iter_mut().for_each(|entry| entry.each_comment(f));
                entries.retain(|entry| !(entry.is_comments() && entry.lead.comments.is_empty()));
            }
            Json::Value(value) => value.each_comment(f),
        }
    }
}

impl Entry {
    fn each_comment(&mut self, f: &mut Visit<'_>) {
        self.lead.visit(f);
        self.key.iter_mut().for_each(|key| key.each_comment(f));
        self.value.each_comment(f);
        behind(&mut self.trailing, f);
    }
}

impl Lead {
    fn visit(&mut self, f: &mut Visit<'_>) {
        if !self.comments.is_empty() {
            f(&mut self.comments);
        }
    }
}

/// A comment behind the code.
fn behind(trailing: &mut Option<String>, f: &mut Visit<'_>) {
    if trailing.is_some() {
        let mut lines: Vec<String> = trailing.take().into_iter().collect();
        f(&mut lines);
        *trailing = lines.pop();
    }
}
