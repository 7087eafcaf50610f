//! Interfaces and abstract classes that are types of values: traits. What stands for each other has one signature.

use std::collections::BTreeSet;

use crate::php::tree::{Argument, Class, ClassKind, Function as PhpFunction, Member, MemberKind, Name, Visibility};
use crate::rust::build::method;
use crate::rust::tree::{Function, Item, ItemKind, Lead};
use crate::rust::words::camel;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result, method_in};
use crate::translate::classes::inheritance::Method;
use crate::translate::classes::methods::method_name;
use crate::translate::comments::Style;
use crate::translate::facts::FunctionFacts;
use crate::translate::items::item;
use crate::translate::scope::{Scope, ScopeKind};
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl<'a> Translator<'a> {
    /// What a value of a class is: of an interface or an abstract class, an object of one of those that have it.
    pub(in crate::translate) fn object_type(&mut self, class: &Class) -> Type {
        let is_abstract = class.kind == ClassKind::Class && class.modifiers.is_abstract;
        let name = class.name.clone();
        if let ClassKind::Enum(_) = class.kind {
            return Type::Enum(name);
        }
        let thrown = self.program.is_exception(&name)
            || self.program.concrete(&name).iter().any(|class| self.program.is_exception(class));
        if thrown || !(is_abstract || class.kind == ClassKind::Interface) {
            return Type::Class(name);
        }
        self.learnt.interfaces.insert(name.clone());
        Type::Object(name)
    }

    /// Whether an interface or an abstract class is written as a trait.
    pub(super) fn is_trait(&self, class: &str) -> bool {
        self.facts.interfaces.contains(class)
    }

    /// What an interface or a class extends and implements, with the traits that it uses.
    fn above(&self, class: &'a Class) -> Vec<&'a Class> {
        let traits = class.members.iter().flat_map(|member| match &member.kind {
            MemberKind::Traits(names) => names.as_slice(),
            _ => &[],
        });
        let names = traits.chain(&class.extends).chain(&class.implements);
        names.filter_map(|name| self.program.class(name)).collect()
    }

    /// What a trait has its methods of: itself, and what it extends unless that is a trait, too. Those come second.
    fn trait_sources(&self, name: &str) -> (Vec<&'a Class>, Vec<String>) {
        let mut supertraits = Vec::new();
        let mut open: Vec<&'a Class> = self.program.class(name).into_iter().collect();
        let mut at = 0;
        while let Some(class) = open.get(at).copied() {
            at += 1;
            for above in self.above(class) {
                if self.is_trait(&above.name) {
                    supertraits.push(above.name.clone());
                } else if open.iter().all(|known| known.name != above.name) {
                    open.push(above);
                }
            }
        }
        supertraits.dedup();
        (open, supertraits)
    }

    /// The methods of a trait.
    fn trait_methods(&self, name: &str) -> Vec<Method<'a>> {
        let mut known = BTreeSet::new();
        let sources = self.trait_sources(name).0;
        let methods = sources.into_iter().flat_map(|class| class.members.iter().map(move |member| (class, member)));
        let methods = methods.filter_map(|(class, member)| called_method(member, class.name == name));
        methods.filter(|method| known.insert(method.function.name.to_lowercase())).collect()
    }

    /// A method of a trait by its name.
    fn trait_method_named(&self, of: &str, name: &str) -> Option<Method<'a>> {
        self.trait_sources(of).0.into_iter().find_map(|class| {
            class.members.iter().find_map(|member| {
                called_method(member, class.name == of).filter(|method| method.function.name.eq_ignore_ascii_case(name))
            })
        })
    }

    /// The trait that has a method of a class, as far as the types go.
    fn owner_of(&self, class: &str, name: &str) -> Option<String> {
        let of_class = self.facts.interfaces.iter().filter(|of| self.program.is_a(class, of));
        of_class.into_iter().find(|of| self.trait_method_named(of, name).is_some()).cloned()
    }

    /// The trait in whose `impl` a method of a class stands.
    pub(super) fn trait_of(&self, class: &str, name: &str) -> Option<String> {
        self.owner_of(class, name).filter(|of| !self.is_unlike(of, name))
    }

    /// Whether the classes that have a method of an interface declare it in ways that no trait can hold.
    fn is_unlike(&self, of: &str, name: &str) -> bool {
        self.trait_method_named(of, name).is_none_or(|method| {
            let key = format!("{of}::{}", method.function.name);
            self.facts.functions.get(&key).is_none_or(|facts| facts.is_unlike)
        })
    }

    /// The traits that a class implements.
    pub(super) fn traits_of(&self, class: &str) -> Vec<String> {
        self.facts.interfaces.iter().filter(|of| self.program.is_a(class, of)).cloned().collect()
    }

    /// Notes the types of a method's parameters and result, which have to be those of the others that stand for it.
    pub(super) fn learn_signature(&mut self, key: &str, function: &Function) {
        let types = function.parameters.iter().map(|one| one.split_once(": ").map_or(one.as_str(), |(_, ty)| ty));
        let types: Vec<&str> = types.collect();
        let written = format!("({}) -> {:?}", types.join(", "), function.returns);
        self.signatures.insert(key.to_owned(), written);
    }

    /// At the end of a pass: what is learnt of a method of a trait is so of all that stand for it.
    pub(in crate::translate) fn agree(&mut self) {
        for name in self.facts.interfaces.clone() {
            for found in self.trait_methods(&name) {
                let php = &found.function.name;
                let own = format!("{name}::{php}");
                let mut keys = vec![own.clone()];
                let mut is_unlike = found.function.returns_reference || found.function.is_generator;
                for class in self.program.concrete(&name) {
                    match self.method_named(&class, php) {
                        Some(method) if self.owner_of(&class, php).as_ref() == Some(&name) => {
                            keys.push(format!("{class}::{}", method.function.name));
                        }
                        _ => is_unlike = true,
                    }
                }
                is_unlike |= self.agree_on(&keys);
                self.learnt.functions.entry(own).or_default().is_unlike = is_unlike;
            }
        }
    }

    /// Returns whether they do not, as far as can be seen in this pass.
    fn agree_on(&mut self, keys: &[String]) -> bool {
        let mut joined = FunctionFacts::default();
        let mut is_unlike = false;
        for facts in keys.iter().filter_map(|key| self.learnt.functions.get(key)) {
            is_unlike |= facts.is_fluent || facts.is_untranslated;
            joined.add(facts);
        }
        let written: BTreeSet<Option<&String>> = keys.iter().map(|key| self.signatures.get(key)).collect();
        is_unlike |= written.len() != 1 || written.iter().any(|one| one.is_none_or(|one| one.contains("impl ")));
        for key in keys {
            self.learnt.functions.entry(key.clone()).or_default().add(&joined);
        }
        is_unlike
    }

    /// An interface or an abstract class as a trait.
    pub(super) fn trait_items(&mut self, class: &'a Class) -> Result<Vec<Item>> {
        let (methods, supertraits) = (self.trait_methods(&class.name), self.trait_sources(&class.name).1);
        let mut items = Vec::new();
        let mut constants = Vec::new();
        for member in &class.members {
            let mut lead = self.comments.lead(member.span.start, Style::Doc);
            let own = methods.iter().find(|method| std::ptr::eq(method.member, member));
            let translated = match (&member.kind, own) {
                (_, Some(method)) => self.trait_method(class, *method)?,
                (MemberKind::Constant { name, value, modifiers }, None) => {
                    Some(self.class_constant_item(class, name, value, *modifiers)?)
                }
                _ => None,
            };
            lead.comments.extend(self.comments.lines_before(member.span.end));
            lead.comments.extend(self.comments.trailing(member.span.end));
            let target = if matches!(member.kind, MemberKind::Constant { .. }) { &mut constants } else { &mut items };
            match translated {
                Some(translated) => target.push(Item { lead, ..translated }),
                None if lead.comments.is_empty() => {}
                None => target.push(Item { lead, attributes: vec![], kind: ItemKind::Comments }),
            }
        }
        for method in methods.iter().filter(|method| !method.is_own) {
            let mark = self.mark();
            let translated = self.trait_method(class, *method);
            self.give_back(mark);
            items.extend(translated?);
        }
        let above: Vec<String> = supertraits.iter().map(|name| camel(name)).collect();
        let above = if above.is_empty() { String::new() } else { format!(": {}", above.join(" + ")) };
        let name = camel(&class.name);
        let mut all = vec![item(ItemKind::Trait { head: format!("{name}{above}"), items })];
        if !constants.is_empty() {
            let lead = Lead { blank: true, ..Lead::default() };
            let kind = ItemKind::Impl { header: format!("dyn {name}"), items: constants };
            all.push(Item { lead, attributes: vec![], kind });
        }
        Ok(all)
    }

    /// A method of a trait, without a body; None if no trait can have it.
    fn trait_method(&mut self, class: &Class, method: Method<'a>) -> Result<Option<Item>> {
        let php = method.function;
        let key = format!("{}::{}", class.name, php.name);
        let doc = self.doc_of(method.member.span.start);
        let hint = php.returns.as_ref().map(|hint| self.hint_of(&key, hint)).or_else(|| doc.returns.clone());
        let hint = match (hint, &doc.returns) {
            (Some(Type::Json), Some(list @ Type::List(_))) => Some(list.clone()),
            (hint, _) => hint,
        };
        self.scopes.push(Scope {
            function: key.clone(),
            class: Some(class.name.clone()),
            may_fail: true,
            kind: ScopeKind::Function,
            parameters: php.parameters.iter().map(|parameter| parameter.name.clone()).collect(),
            ..Scope::default()
        });
        let signature = self.signature(php, &doc);
        let scope = self.scopes.pop().unwrap_or_default();
        let (declared, _) = signature?;
        self.learn_function(&key, &scope, hint.as_ref());
        let facts = self.facts.functions.get(&key).cloned().unwrap_or_default();
        let own = if facts.mutates_self { "&mut self" } else { "&self" };
        let declared = declared.into_iter().map(|one| one.strip_prefix("mut ").map(str::to_owned).unwrap_or(one));
        let function = Function {
            public: false,
            name: method_name(&php.name),
            generics: String::new(),
            parameters: std::iter::once(own.to_owned()).chain(declared).collect(),
            returns: self.return_type(&facts, hint.as_ref()),
            body: None,
        };
        self.learn_signature(&key, &function);
        if facts.is_unlike {
            self.note(method.member.span, "declared here, and written in the classes that have it");
            return Ok(None);
        }
        Ok(Some(item(ItemKind::Function(function))))
    }

    /// `$object->name(…)` of an object of which an interface or an abstract class is known.
    pub(in crate::translate) fn interface_call(
        &mut self,
        object: Typed,
        interface: &str,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let name = method_in(name, span)?;
        let Some((key, php)) = self.method_of_trait(interface, name) else {
            return Err(Cannot::new(span, format!("{interface} declares no method {name}(): declare it there")));
        };
        let facts = self.facts.functions.get(&key).cloned().unwrap_or_default();
        if facts.is_unlike {
            let why = "its classes take or give different types there, return themselves, or are not ported";
            return Err(Cannot::new(span, format!("{}() of any {interface}: {why}", php.name)));
        }
        if facts.mutates_self {
            self.learn_object_changed(&object);
        }
        let arguments = self.arguments(&key, &php.parameters, arguments, span)?;
        let code = method(object.code, &method_name(&php.name), arguments);
        self.called(&key, code, php.returns.as_ref(), span)
    }

    /// A method of a trait or of one that it extends, with its key.
    fn method_of_trait(&self, interface: &str, name: &str) -> Option<(String, &'a PhpFunction)> {
        let mut open = vec![interface.to_owned()];
        let mut at = 0;
        while let Some(of) = open.get(at).cloned() {
            at += 1;
            if let Some(found) = self.trait_method_named(&of, name) {
                return Some((format!("{of}::{}", found.function.name), found.function));
            }
            let supertraits = self.trait_sources(&of).1;
            open.extend(supertraits.into_iter().filter(|name| !open.contains(name)).collect::<Vec<_>>());
        }
        None
    }

    /// The key of a method of an object of which an interface is known.
    pub(super) fn declared_method(&self, ty: &Type, name: &str) -> Option<String> {
        let Type::Object(interface) = ty else { return None };
        self.method_of_trait(interface, name).map(|(key, _)| key)
    }

    /// What objects of several classes have in common: an interface or an abstract class of the file, if there is one.
    pub(in crate::translate) fn common_interface(&mut self, types: &[Type]) -> Option<Type> {
        let mut classes = Vec::new();
        for ty in types {
            match ty {
                Type::Class(class) | Type::Object(class) => classes.push(class.as_str()),
                _ => return None,
            }
        }
        let is_open = |class: &&&Class| {
            class.kind == ClassKind::Interface || class.kind == ClassKind::Class && class.modifiers.is_abstract
        };
        let holds = |class: &&&Class| classes.iter().all(|one| self.program.is_a(one, &class.name));
        let found: Vec<&'a Class> = self.program.classes.values().filter(is_open).filter(holds).copied().collect();
        let has_no_other = |class: &&&Class| {
            found.iter().all(|other| other.name == class.name || !self.program.is_a(&class.name, &other.name))
        };
        // The same in each pass, whatever else is known by then.
        let most_general: Vec<&'a Class> = found.iter().filter(has_no_other).copied().collect();
        match most_general.as_slice() {
            [only] => Some(self.object_type(only)).filter(|ty| matches!(ty, Type::Object(_))),
            _ => None,
        }
    }
}

/// A method that is called on an object: it is public, not static, and none of those that PHP calls by itself.
fn called_method(member: &Member, is_own: bool) -> Option<Method<'_>> {
    let MemberKind::Method { modifiers, function } = &member.kind else { return None };
    let is_called = modifiers.visibility == Visibility::Public && !modifiers.is_static;
    (is_called && !function.name.starts_with("__")).then_some(Method {
        function,
        modifiers: *modifiers,
        member,
        is_own,
    })
}
