//! Functions, types, implementations, constants.

use crate::rust::layout::column::Column;
use crate::rust::layout::empty::Empty;
use crate::rust::layout::laid::{self, Laid};
use crate::rust::layout::printer::Printer;
use crate::rust::layout::space::{COLUMNS, STEP, Space};
use crate::rust::tree::{Field, Function, Item, ItemKind, Variant};

impl Printer {
    pub fn items(&self, items: &[Item], indent: usize, column: &mut Column) {
        for item in items {
            column.lead(&item.lead);
            if !matches!(item.kind, ItemKind::Comments) {
                column.code(item.lead.origin, &self.item(item, indent));
            }
        }
    }

    /// Without its lead.
    pub fn item(&self, item: &Item, indent: usize) -> Laid {
        let mut laid = Laid::default();
        for attribute in &item.attributes {
            laid.push(attribute.trim());
            laid.line(indent);
        }
        laid.then(&self.bare_item(&item.kind, indent))
    }

    fn bare_item(&self, kind: &ItemKind, indent: usize) -> Laid {
        match kind {
            ItemKind::Function(function) => self.function(function, indent),
            ItemKind::Struct { public, name, generics, fields } => {
                let head = format!("{}struct {name}{generics}", visibility(*public));
                if fields.is_empty() {
                    return Laid::of(&head).with(";");
                }
                braces(&head, fields_of(fields, indent + STEP), indent)
            }
            ItemKind::Enum { public, name, variants } => {
                braces(&format!("{}enum {name}", visibility(*public)), variants_of(variants, indent + STEP), indent)
            }
            ItemKind::Impl { header, items } => {
                let wants_space = if header.starts_with('<') { "" } else { " " };
                self.body(&format!("impl{wants_space}{header}"), items, indent)
            }
            ItemKind::Trait { head, items } => self.body(&format!("pub trait {head}"), items, indent),
            ItemKind::Constant { public, keyword, name, ty, value } => {
                let head = format!("{}{keyword} {name}: {ty} =", visibility(*public));
                self.robust(value, |printer| {
                    let space = printer.less(Space::line(indent), 1)?;
                    Some(printer.assigned(Laid::of(&head), value, space)?.with(";"))
                })
            }
            ItemKind::ThreadLocal { name, ty, value, constant } => {
                let (open, close) = if *constant { ("const { ", " }") } else { ("", "") };
                let head = format!("static {name}: RefCell<{ty}> = {open}RefCell::new(");
                let mut laid = Laid::of("thread_local! {");
                laid.line(indent + STEP);
                let value = self.robust(value, |printer| {
                    printer.expression(value, Space::line(indent + STEP)).map(|laid| (*laid).clone())
                });
                laid.append(&Laid::of(&head).then(&value).with(&format!("){close};")));
                laid.line(indent);
                laid.with("}")
            }
            ItemKind::Comments => Laid::default(),
        }
    }

    fn body(&self, head: &str, items: &[Item], indent: usize) -> Laid {
        let mut column = Column::new(indent + STEP);
        self.items(items, indent + STEP, &mut column);
        braces(head, column, indent)
    }

    fn function(&self, function: &Function, indent: usize) -> Laid {
        let Function { public, name, generics, parameters, returns, body } = function;
        let head = format!("{}fn {name}{generics}", visibility(*public));
        let returns = returns.as_ref().map(|returns| format!(" -> {returns}")).unwrap_or_default();
        let joined = parameters.join(", ");
        let end = if body.is_some() { 2 } else { 1 };
        let room = COLUMNS.saturating_sub(indent + head.len() + 2 + returns.len() + end);
        let mut laid = Laid::of(&head).with("(");
        // Here rustfmt counts bytes.
        let tall = joined.len() > room && !parameters.is_empty();
        if tall && laid::width(&joined) <= room {
            laid.line(indent + STEP);
            laid.push(&joined);
            laid.line(indent);
        } else if tall {
            for parameter in parameters {
                laid.line(indent + STEP);
                laid.push(parameter);
                laid.push(",");
            }
            laid.line(indent);
        } else {
            laid.push(&joined);
        }
        laid.push(")");
        laid.push(&returns);
        let Some(body) = body else {
            return laid.with(";");
        };
        let brace_below = laid.last_width() + 2 > COLUMNS - indent.min(COLUMNS);
        if brace_below {
            laid.line(indent);
        } else {
            laid.push(" ");
        }
        let empty = if tall || brace_below { Empty::Tall } else { Empty::Short };
        laid.then(&self.tall_block(body, indent, empty))
    }
}

fn visibility(public: bool) -> &'static str {
    if public { "pub " } else { "" }
}

fn braces(head: &str, column: Column, indent: usize) -> Laid {
    let mut laid = Laid::of(head).with(" {");
    if !column.is_empty() {
        laid.line(0);
        laid.append(&column.finish());
        laid.line(indent);
    }
    laid.with("}")
}

fn fields_of(fields: &[Field], indent: usize) -> Column {
    let mut column = Column::new(indent);
    for Field { lead, public, name, ty } in fields {
        column.lead(lead);
        column.code(lead.origin, &Laid::of(&format!("{}{name}: {ty},", visibility(*public))));
    }
    column
}

fn variants_of(variants: &[Variant], indent: usize) -> Column {
    let mut column = Column::new(indent);
    for Variant { lead, name, fields } in variants {
        column.lead(lead);
        let fields = if fields.is_empty() { String::new() } else { format!("({})", fields.join(", ")) };
        column.code(lead.origin, &Laid::of(&format!("{name}{fields},")));
    }
    column
}
