//! What a class has: its own members, those of the class that it extends, and those of its traits.

use crate::php::tree::{Class, ClassKind, Expression, Function, Hint, Member, MemberKind, Modifiers};
use crate::source::Span;
use crate::translate::Translator;

/// A property, wherever it is declared.
#[derive(Debug, Clone, Copy)]
pub struct Property<'a> {
    pub name: &'a str,
    pub modifiers: Modifiers,
    pub hint: Option<&'a Hint>,
    pub default: Option<&'a Expression>,
    /// Where its declaration begins; None of a parameter of the constructor.
    pub at: Option<usize>,
}

/// A method of a class, and whether the class itself declares it.
#[derive(Debug, Clone, Copy)]
pub struct Method<'a> {
    pub function: &'a Function,
    pub modifiers: Modifiers,
    pub member: &'a Member,
    pub is_own: bool,
}

impl<'a> Translator<'a> {
    /// The class, and those that it extends, as far as they are in this file; with traits behind the class that uses them.
    pub(in crate::translate) fn lineage(&self, class: &'a Class) -> Vec<&'a Class> {
        let mut lineage = Vec::new();
        let mut next = Some(class);
        while let Some(class) = next {
            if lineage.len() > 32 || lineage.iter().any(|known: &&Class| known.name == class.name) {
                break;
            }
            lineage.push(class);
            for member in &class.members {
                if let MemberKind::Traits(traits) = &member.kind {
                    let known = traits.iter().filter_map(|name| self.program.class(name));
                    lineage.extend(known.filter(|class| class.kind == ClassKind::Trait));
                }
            }
            next = class.extends.first().and_then(|name| self.program.class(name));
        }
        lineage
    }

    /// The class in whose source something stands; None in a trait, which is a part of the classes that use it.
    pub(in crate::translate) fn declaring(&self, span: Span) -> Option<String> {
        let found =
            self.program.classes.values().find(|class| class.kind != ClassKind::Trait && class.span.encloses(span));
        found.map(|class| class.name.clone())
    }

    /// What `parent` is at a place: what the class extends that is written there.
    pub(in crate::translate) fn parent_at(&self, span: Span) -> Option<String> {
        let class = self.declaring(span).or_else(|| self.around())?;
        let parent = self.program.class(&class)?.extends.first()?;
        self.program.class(parent).map(|class| class.name.clone())
    }

    /// All properties, those of the class itself first.
    pub(in crate::translate) fn properties(&self, class: &'a Class) -> Vec<Property<'a>> {
        let mut properties: Vec<Property<'a>> = Vec::new();
        let mut add = |property: Property<'a>| {
            if properties.iter().all(|known| known.name != property.name) {
                properties.push(property);
            }
        };
        for class in self.lineage(class) {
            for member in &class.members {
                match &member.kind {
                    MemberKind::Property { modifiers, hint, name, default } => add(Property {
                        name,
                        modifiers: *modifiers,
                        hint: hint.as_ref(),
                        default: default.as_ref(),
                        at: Some(member.span.start),
                    }),
                    MemberKind::Method { function, .. } if function.name.eq_ignore_ascii_case("__construct") => {
                        for parameter in &function.parameters {
                            let Some(modifiers) = parameter.promoted else { continue };
                            let (name, hint) = (parameter.name.as_str(), parameter.hint.as_ref());
                            add(Property { name, modifiers, hint, default: None, at: None });
                        }
                    }
                    _ => {}
                }
            }
        }
        properties
    }

    /// All methods that have a body; one that is overridden is not among them.
    pub(in crate::translate) fn methods(&self, class: &'a Class) -> Vec<Method<'a>> {
        let mut methods: Vec<Method<'a>> = Vec::new();
        for declaring in self.lineage(class) {
            for member in &declaring.members {
                let MemberKind::Method { modifiers, function } = &member.kind else { continue };
                let known = methods.iter().any(|known| known.function.name.eq_ignore_ascii_case(&function.name));
                if !known && function.body.is_some() {
                    let is_own = declaring.name == class.name;
                    methods.push(Method { function, modifiers: *modifiers, member, is_own });
                }
            }
        }
        methods
    }

    /// A method by its name, which PHP looks up without regard to case.
    pub(in crate::translate) fn method_named(&self, class: &str, name: &str) -> Option<Method<'a>> {
        let class = self.program.class(class)?;
        self.lineage(class).into_iter().find_map(|declaring| {
            declaring.members.iter().find_map(|member| match &member.kind {
                MemberKind::Method { modifiers, function }
                    if function.body.is_some() && function.name.eq_ignore_ascii_case(name) =>
                {
                    let is_own = declaring.name == class.name;
                    Some(Method { function, modifiers: *modifiers, member, is_own })
                }
                _ => None,
            })
        })
    }

    /// A property by its name.
    pub(in crate::translate) fn property_named(&self, class: &str, name: &str) -> Option<Property<'a>> {
        let class = self.program.class(class)?;
        self.properties(class).into_iter().find(|property| property.name == name)
    }

    /// The value of a constant, with the class that declares it.
    pub(in crate::translate) fn constant_named(&self, class: &str, name: &str) -> Option<(&'a Class, &'a Expression)> {
        let class = self.program.class(class)?;
        let mut declaring = self.lineage(class);
        let interfaces: Vec<&Class> =
            declaring.iter().flat_map(|class| &class.implements).filter_map(|name| self.program.class(name)).collect();
        declaring.extend(interfaces);
        declaring.into_iter().find_map(|declaring| {
            declaring.members.iter().find_map(|member| match &member.kind {
                MemberKind::Constant { name: known, value, .. } if known == name => Some((declaring, value)),
                _ => None,
            })
        })
    }
}
