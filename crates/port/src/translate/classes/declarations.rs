//! Classes as items: a struct and its `impl`.

use std::collections::BTreeMap;

use crate::php::tree::{
    Class, ClassKind, Expression as Php, Member, MemberKind, Modifiers, Statement as PhpStatement, StatementKind as S,
    Visibility,
};
use crate::rust::tree::{Expression, Field, Item, ItemKind, Lead};
use crate::rust::words::{camel, screaming, snake};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::classes::inheritance::Method;
use crate::translate::comments::Style;
use crate::translate::items::{is_made, item};
use crate::translate::scope::{Scope, ScopeKind};
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl<'a> Translator<'a> {
    /// A class, an interface, a trait or an enum as items.
    pub(in crate::translate) fn class_items(&mut self, class: &Class, span: Span) -> Result<Vec<Item>> {
        let Some(class) = self.program.class(&class.name) else { return Ok(vec![]) };
        match &class.kind {
            ClassKind::Enum(backing) => self.enum_items(class, backing.as_ref()),
            ClassKind::Trait => self.vanished(class),
            ClassKind::Interface if self.is_trait(&class.name) => self.trait_items(class),
            ClassKind::Interface => {
                self.note(class.span, "an interface: its methods are those of the classes that have them");
                for member in &class.members {
                    self.note(member.span, "declared here, and written in the classes that have it");
                }
                self.vanished(class)
            }
            ClassKind::Class if class.modifiers.is_abstract && self.is_trait(&class.name) => {
                self.vanished.push(class.span);
                self.trait_items(class)
            }
            ClassKind::Class if class.modifiers.is_abstract => self.vanished(class),
            ClassKind::Class => self.struct_items(class, span),
        }
    }

    /// What is in the classes that use it: only its comments and its constants stay here.
    fn vanished(&mut self, class: &Class) -> Result<Vec<Item>> {
        self.vanished.push(class.span);
        let mut all = Vec::new();
        let mut constants = Vec::new();
        for member in &class.members {
            let MemberKind::Constant { name, value, modifiers } = &member.kind else { continue };
            let mark = self.mark();
            let constant = self.class_constant_item(class, name, value, *modifiers);
            self.give_back(mark);
            match constant? {
                made if is_made(&made) => all.push(made),
                constant => constants.push(constant),
            }
        }
        if !constants.is_empty() {
            let name = camel(&class.name);
            all.push(item(ItemKind::Enum { public: true, name: name.clone(), variants: vec![] }));
            let lead = Lead { blank: true, ..Lead::default() };
            all.push(Item { lead, attributes: vec![], kind: ItemKind::Impl { header: name, items: constants } });
        }
        let mut comments = self.comments.lines_before(class.span.end);
        if !comments.is_empty() {
            comments.insert(0, format!("// {}", class.name));
            let lead = Lead { blank: true, comments, origin: None };
            all.insert(0, Item { lead, attributes: vec![], kind: ItemKind::Comments });
        }
        Ok(all)
    }

    /// Traits and abstract classes of which something is written nowhere, as no class here that has them is: they stay PHP.
    pub(in crate::translate) fn unused_items(&mut self, classes: &[PhpStatement]) -> Vec<Item> {
        let vanished = std::mem::take(&mut self.vanished);
        let mut items = Vec::new();
        for statement in classes {
            let S::Class(class) = &statement.kind else { continue };
            let written = class.members.iter().all(|member| match &member.kind {
                MemberKind::Method { function, .. } => function
                    .body
                    .iter()
                    .all(|body| body.statements.iter().all(|statement| self.fates.contains_key(&statement.span.start))),
                _ => true,
            });
            if !vanished.contains(&class.span) || written {
                continue;
            }
            let cannot = Cannot::new(
                class.span,
                format!("no class that has {} is translated here: write its members with that class", class.name),
            );
            let lead = Lead { blank: true, comments: self.todo_lines(class.span, &cannot), origin: None };
            items.push(Item { lead, attributes: vec![], kind: ItemKind::Comments });
        }
        items
    }

    fn struct_items(&mut self, class: &'a Class, span: Span) -> Result<Vec<Item>> {
        if let Some(parent) = class.extends.first()
            && self.program.class(parent).is_none()
        {
            return Err(Cannot::new(
                span,
                format!("{} extends {parent}, which is not in this file: port both together", class.name),
            ));
        }
        let fields = self.fields(class)?;
        let mut parts = Parts::default();
        for member in &class.members {
            self.push_member(class, member, &mut parts)?;
        }
        for method in self.methods(class).into_iter().filter(|method| !method.is_own) {
            self.push_inherited(class, method, &mut parts)?;
        }
        let parents = self.parent_methods(class)?;
        parts.items.extend(parents);
        if !parts.has_new
            && let Some(function) = self.constructor(class)?
        {
            let lead = Lead { blank: true, ..Lead::default() };
            // Behind the constants that come first.
            let is_constant = |item: &Item| matches!(item.kind, ItemKind::Constant { .. });
            let at = parts.items.iter().take_while(|item| is_constant(item)).count();
            if let Some(next) = parts.items.get_mut(at) {
                next.lead.blank = true;
            }
            parts.items.insert(at, Item { lead, attributes: vec![], kind: ItemKind::Function(function) });
        }
        let name = camel(&class.name);
        let derives = self.derives(class);
        let declaration = ItemKind::Struct { public: true, name: name.clone(), generics: String::new(), fields };
        let mut all = vec![Item { lead: Lead::default(), attributes: derives, kind: declaration }];
        for mut item in parts.statics {
            item.lead.blank = true;
            all.push(item);
        }
        let lead = Lead { blank: true, ..Lead::default() };
        if !parts.items.is_empty() {
            let kind = ItemKind::Impl { header: name.clone(), items: parts.items };
            all.push(Item { lead: lead.clone(), attributes: vec![], kind });
        }
        for of in self.traits_of(&class.name) {
            let items = parts.traits.remove(&of).unwrap_or_default();
            let kind = ItemKind::Impl { header: format!("{} for {name}", camel(&of)), items };
            all.push(Item { lead: lead.clone(), attributes: vec![], kind });
        }
        if self.program.is_exception(&class.name) {
            all.extend(self.error_items(class));
        }
        Ok(all)
    }

    /// `#[derive(Clone)]` where objects are cloned.
    fn derives(&mut self, class: &Class) -> Vec<String> {
        let key = format!("{}::clone", class.name);
        let cloned = self.facts.functions.get(&key).is_some_and(|facts| facts.called);
        match (self.program.is_exception(&class.name), cloned) {
            (true, _) if !self.has_property(&class.name, "previous") => vec!["#[derive(Clone, Debug)]".to_owned()],
            (true, _) => vec!["#[derive(Debug)]".to_owned()],
            (false, true) => vec!["#[derive(Clone)]".to_owned()],
            (false, false) => vec![],
        }
    }

    fn fields(&mut self, class: &'a Class) -> Result<Vec<Field>> {
        let mut fields = Vec::new();
        self.scopes.push(Scope { class: Some(class.name.clone()), kind: ScopeKind::Function, ..Scope::default() });
        for property in self.properties(class) {
            if property.modifiers.is_static {
                continue;
            }
            let ty = self.property_type(&class.name, &property);
            let own = property.at.filter(|at| class.span.start <= *at && *at < class.span.end);
            let lead = own.map(|at| self.comments.early_lead(before_member(class, at), at)).unwrap_or_default();
            if matches!(ty.present(), Type::Class(name) if *name == class.name) {
                self.scopes.pop();
                return Err(Cannot::new(
                    class.span,
                    "a class that contains itself: keep the objects in a list, and their numbers",
                ));
            }
            let ty = self.type_text(&ty);
            let public = property.modifiers.visibility == Visibility::Public;
            fields.push(Field { lead, public, name: snake(property.name), ty });
        }
        self.scopes.pop();
        Ok(fields)
    }

    fn push_member(&mut self, class: &'a Class, member: &'a Member, parts: &mut Parts) -> Result<()> {
        let is_static = matches!(&member.kind, MemberKind::Property { modifiers, .. } if modifiers.is_static);
        if matches!(member.kind, MemberKind::Property { .. }) && !is_static {
            // Its field stands in the struct, with its comments unless those come later.
            let late = self.comments.lines_before(member.span.start);
            if !late.is_empty() {
                let lead = Lead { blank: true, comments: late, origin: None };
                parts.items.push(Item { lead, attributes: vec![], kind: ItemKind::Comments });
            }
            return Ok(());
        }
        let mut lead = self.comments.lead(member.span.start, Style::Doc);
        lead.blank = lead.blank || matches!(member.kind, MemberKind::Method { .. });
        let mark = self.mark();
        let found = (self.findings.len(), self.uses.len());
        match self.member(class, member, &mut parts.has_new) {
            Ok(Some(mut item)) => {
                lead.comments.extend(self.comments.lines_before(member.span.end));
                lead.comments.extend(self.comments.trailing(member.span.end));
                item.lead = lead;
                if is_static || is_made(&item) {
                    parts.statics.push(item);
                } else {
                    self.push_method(class, member, item, parts);
                }
            }
            Ok(None) => {
                lead.comments.extend(self.comments.lines_before(member.span.end));
                if !lead.comments.is_empty() {
                    parts.items.push(Item { lead, attributes: vec![], kind: ItemKind::Comments });
                }
            }
            Err(cannot) => {
                self.forget_since(found);
                self.give_back(mark);
                self.comments.skip(member.span.end);
                let plain = lead.comments.iter().map(|line| line.replacen("///", "//", 1));
                let mut comments: Vec<String> = plain.collect();
                comments.extend(self.todo_lines(member.span, &cannot));
                let lead = Lead { blank: true, comments, origin: lead.origin };
                parts.items.push(Item { lead, attributes: vec![], kind: ItemKind::Comments });
            }
        }
        Ok(())
    }

    /// What stands in an `impl`: a method of a trait in that of the trait.
    fn push_method(&self, class: &Class, member: &Member, mut item: Item, parts: &mut Parts) {
        let of = match &member.kind {
            MemberKind::Method { function, .. } => self.trait_of(&class.name, &function.name),
            _ => None,
        };
        match (of, &mut item.kind) {
            (Some(of), ItemKind::Function(function)) => {
                function.public = false;
                parts.traits.entry(of).or_default().push(item);
            }
            _ => parts.items.push(item),
        }
    }

    /// A constant of a class or an enum.
    pub(super) fn class_constant_item(
        &mut self,
        class: &Class,
        name: &str,
        value: &Php,
        modifiers: Modifiers,
    ) -> Result<Item> {
        self.scopes.push(Scope {
            function: class.name.clone(),
            class: Some(class.name.clone()),
            kind: ScopeKind::Function,
            ..Scope::default()
        });
        let translated = self.expression(value);
        self.scopes.pop();
        // What uses it is not translated, either.
        let key = format!("const {}::{name}", class.name);
        self.learnt.functions.entry(key).or_default().is_untranslated = translated.is_err();
        let translated = translated?;
        self.learnt.constants.insert(format!("{}::{name}", class.name), translated.ty.clone());
        let plain = translated.ty == Type::Text || translated.ty.is_copy();
        let (rust, translated) = if plain || translated.is_unknown() {
            (screaming(name), translated)
        } else {
            // It is made when it is first read, and so stands beside the class.
            let ty = translated.ty.clone();
            let mut code = translated.into_owned();
            code.each(&mut |code| outside(code, &class.name));
            (static_name(&class.name, name), Typed::owned(code, ty))
        };
        let mut item = self.constant_of(&rust, translated, value.span)?;
        if let ItemKind::Constant { public, .. } = &mut item.kind {
            *public = modifiers.visibility == Visibility::Public;
        }
        Ok(item)
    }

    fn member(&mut self, class: &'a Class, member: &'a Member, has_new: &mut bool) -> Result<Option<Item>> {
        match &member.kind {
            MemberKind::Constant { name, value, modifiers } => {
                self.class_constant_item(class, name, value, *modifiers).map(Some)
            }
            MemberKind::Method { function, .. } if function.name.eq_ignore_ascii_case("__construct") => {
                *has_new = true;
                Ok(self.constructor(class)?.map(|function| item(ItemKind::Function(function))))
            }
            MemberKind::Method { function, modifiers } => {
                if function.body.is_none() {
                    return Ok(None);
                }
                let method = Method { function, modifiers: *modifiers, member, is_own: true };
                self.method_item(class, method).map(Some)
            }
            MemberKind::Property { name, default, .. } => self.static_item(class, name, default.as_ref()).map(Some),
            MemberKind::Traits(_) | MemberKind::Case { .. } => Ok(None),
            MemberKind::Other(what) => Err(Cannot::new(member.span, format!("{what}: there is no counterpart"))),
        }
    }

    /// A method that the class has from another: it is written again, for this class.
    fn push_inherited(&mut self, class: &'a Class, method: Method<'a>, parts: &mut Parts) -> Result<()> {
        let mark = self.mark();
        let translated = if method.function.name.eq_ignore_ascii_case("__construct") {
            parts.has_new = true;
            self.constructor(class).map(|function| function.map(|function| item(ItemKind::Function(function))))
        } else {
            self.method_item(class, method).map(Some)
        };
        self.give_back(mark);
        if let Some(mut item) = translated? {
            item.lead.blank = true;
            self.push_method(class, method.member, item, parts);
        }
        Ok(())
    }
}

/// What a class becomes.
#[derive(Default)]
struct Parts {
    /// What stands in its `impl`.
    items: Vec<Item>,
    /// What stands beside it.
    statics: Vec<Item>,
    /// By trait: its methods.
    traits: BTreeMap<String, Vec<Item>>,
    has_new: bool,
}

/// `Self::NAME`, as it is called outside of the class.
fn outside(code: &mut Expression, class: &str) {
    if let Expression::Atom(path) = code
        && let Some(name) = path.strip_prefix("Self::")
    {
        *path = format!("{}::{name}", camel(class));
    }
}

/// What an array that is a constant of a class is called, as it stands beside the class.
pub fn static_name(class: &str, name: &str) -> String {
    format!("{}_{}", screaming(class), screaming(name))
}

/// Where the member before the one at `at` ends, or the class begins.
fn before_member(class: &Class, at: usize) -> usize {
    let before = class.members.iter().take_while(|member| member.span.start < at).last();
    before.map_or(class.span.start, |member| member.span.end)
}
