//! Functions, and classes with what is in them.

use php_ast as parsed;
use php_ast::{ClassMemberKind, EnumMemberKind, TypeHintKind};

use super::{Reader, Reading};
use crate::php::tree::{Class, ClassKind, Function, Hint, Member, MemberKind, Modifiers, Parameter, Visibility};
use crate::source::Span;

/// Said of what only some parameters of a constructor have.
const HOOKS: &str = "property hooks";
const ASYMMETRIC: &str = "a visibility for writing";

/// What a function and a method have in common.
struct Head<'a, 'arena, 'src> {
    span: parsed::Span,
    name: parsed::Ident<'src>,
    parameters: &'a [parsed::Param<'arena, 'src>],
    returns: Option<&'a parsed::TypeHint<'arena, 'src>>,
    returns_reference: bool,
    body: Option<&'a parsed::Block<'arena, 'src>>,
}

impl Reader<'_> {
    pub(super) fn function(
        &mut self,
        span: parsed::Span,
        function: &parsed::FunctionDecl<'_, '_>,
    ) -> Reading<Function> {
        self.any_function(Head {
            span,
            name: function.name,
            parameters: &function.params,
            returns: function.return_type.as_ref(),
            returns_reference: function.by_ref,
            body: Some(function.body),
        })
    }

    fn any_function(&mut self, head: Head<'_, '_, '_>) -> Reading<Function> {
        let name_span = head.name.span;
        let parameters = self.parameters(head.parameters)?;
        let (body, is_generator) = self.generator(|reader| head.body.map(|body| reader.block(body)).transpose())?;
        Ok(Function {
            span: self.span(head.span),
            name: head.name.or_error().to_owned(),
            name_span: Span { start: name_span.start as usize, end: name_span.end as usize },
            parameters,
            returns: head.returns.map(|hint| self.hint(hint)).transpose()?,
            returns_reference: head.returns_reference,
            body,
            is_generator,
        })
    }

    pub(super) fn parameters(&mut self, parameters: &[parsed::Param<'_, '_>]) -> Reading<Vec<Parameter>> {
        let parameter = |parameter: &parsed::Param<'_, '_>| {
            Ok(Parameter {
                span: self.span(parameter.span),
                name: parameter.name.or_error().to_owned(),
                hint: parameter.type_hint.as_ref().map(|hint| self.hint(hint)).transpose()?,
                default: self.optional(parameter.default.as_ref())?,
                by_reference: parameter.by_ref,
                variadic: parameter.variadic,
                promoted: (!parameter.modifiers.is_empty()).then(|| modifiers(&parameter.modifiers)),
            })
        };
        parameters.iter().map(parameter).collect()
    }

    pub(super) fn hint(&mut self, hint: &parsed::TypeHint<'_, '_>) -> Reading<Hint> {
        self.nested(hint.span, |reader| {
            let mut all = |hints: &[parsed::TypeHint<'_, '_>]| {
                hints.iter().map(|hint| reader.hint(hint)).collect::<Reading<Vec<_>>>()
            };
            Ok(match &hint.kind {
                TypeHintKind::Nullable(inner) => Hint::Nullable(Box::new(reader.hint(inner)?)),
                TypeHintKind::Union(hints) => Hint::Union(all(hints)?),
                TypeHintKind::Intersection(hints) => Hint::Intersection(all(hints)?),
                TypeHintKind::Named(name) => Hint::Named(reader.name(name)),
                _ => Hint::Named(reader.slice(hint.span).to_owned()),
            })
        })
    }

    pub(super) fn class(&mut self, span: parsed::Span, class: &parsed::ClassDecl<'_, '_>) -> Reading<Class> {
        let modifiers = Modifiers {
            is_abstract: class.modifiers.is_abstract,
            is_final: class.modifiers.is_final,
            is_readonly: class.modifiers.is_readonly,
            ..Modifiers::default()
        };
        Ok(Class {
            span: self.span(span),
            kind: ClassKind::Class,
            name: class.name.map_or("", |name| name.or_error()).to_owned(),
            modifiers,
            extends: class.extends.iter().map(|name| self.name(name)).collect(),
            implements: class.implements.iter().map(|name| self.name(name)).collect(),
            members: self.members(&class.body)?,
        })
    }

    pub(super) fn interface(
        &mut self,
        span: parsed::Span,
        interface: &parsed::InterfaceDecl<'_, '_>,
    ) -> Reading<Class> {
        Ok(Class {
            span: self.span(span),
            kind: ClassKind::Interface,
            name: interface.name.or_error().to_owned(),
            modifiers: Modifiers::default(),
            extends: interface.extends.iter().map(|name| self.name(name)).collect(),
            implements: Vec::new(),
            members: self.members(&interface.body)?,
        })
    }

    pub(super) fn declared_trait(
        &mut self,
        span: parsed::Span,
        declared: &parsed::TraitDecl<'_, '_>,
    ) -> Reading<Class> {
        Ok(Class {
            span: self.span(span),
            kind: ClassKind::Trait,
            name: declared.name.or_error().to_owned(),
            modifiers: Modifiers::default(),
            extends: Vec::new(),
            implements: Vec::new(),
            members: self.members(&declared.body)?,
        })
    }

    pub(super) fn declared_enum(&mut self, span: parsed::Span, declared: &parsed::EnumDecl<'_, '_>) -> Reading<Class> {
        let mut members = Vec::with_capacity(declared.body.members.len());
        for member in declared.body.members.iter() {
            let kind = match &member.kind {
                EnumMemberKind::Case(case) => MemberKind::Case {
                    name: case.name.or_error().to_owned(),
                    value: self.optional(case.value.as_ref())?,
                },
                EnumMemberKind::Method(method) => self.method(member.span, method)?,
                EnumMemberKind::ClassConst(constant) => self.constant(constant)?,
                EnumMemberKind::TraitUse(traits) => self.traits(traits),
                _ => MemberKind::Other("this member of an enum"),
            };
            members.push(Member { span: self.member_span(member.span), kind });
        }
        Ok(Class {
            span: self.span(span),
            kind: ClassKind::Enum(declared.scalar_type.as_ref().map(|name| Hint::Named(self.name(name)))),
            name: declared.name.or_error().to_owned(),
            modifiers: Modifiers::default(),
            extends: Vec::new(),
            implements: declared.implements.iter().map(|name| self.name(name)).collect(),
            members,
        })
    }

    fn members(&mut self, body: &parsed::ClassBody<'_, '_>) -> Reading<Vec<Member>> {
        let mut members = Vec::with_capacity(body.members.len());
        for member in body.members.iter() {
            let kind = match &member.kind {
                ClassMemberKind::Property(property) => self.property(property)?,
                ClassMemberKind::Method(method) => self.method(member.span, method)?,
                ClassMemberKind::ClassConst(constant) => self.constant(constant)?,
                ClassMemberKind::TraitUse(traits) => self.traits(traits),
                _ => MemberKind::Other("this member of a class"),
            };
            members.push(Member { span: self.member_span(member.span), kind });
        }
        Ok(members)
    }

    /// With its semicolon, as the parser has it for constants.
    fn member_span(&self, span: parsed::Span) -> Span {
        let span = self.span(span);
        let rest = self.text.get(span.end..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start().len();
        let ends = rest[blanks..].starts_with(';') && !self.text[..span.end].ends_with(['}', ';']);
        Span { end: if ends { span.end + blanks + 1 } else { span.end }, ..span }
    }

    fn property(&mut self, property: &parsed::PropertyDecl<'_, '_>) -> Reading<MemberKind> {
        if !property.hooks.is_empty() {
            return Ok(MemberKind::Other(HOOKS));
        }
        if property.modifiers.set_visibility.is_some() {
            return Ok(MemberKind::Other(ASYMMETRIC));
        }
        Ok(MemberKind::Property {
            modifiers: modifiers(&property.modifiers),
            hint: property.type_hint.as_ref().map(|hint| self.hint(hint)).transpose()?,
            name: property.name.or_error().to_owned(),
            default: self.optional(property.default.as_ref())?,
        })
    }

    fn method(&mut self, span: parsed::Span, method: &parsed::MethodDecl<'_, '_>) -> Reading<MemberKind> {
        if method.params.iter().any(|parameter| !parameter.hooks.is_empty()) {
            return Ok(MemberKind::Other(HOOKS));
        }
        if method.params.iter().any(|parameter| parameter.modifiers.set_visibility.is_some()) {
            return Ok(MemberKind::Other(ASYMMETRIC));
        }
        let function = self.any_function(Head {
            span,
            name: method.name,
            parameters: &method.params,
            returns: method.return_type.as_ref(),
            returns_reference: method.by_ref,
            body: method.body,
        })?;
        Ok(MemberKind::Method { modifiers: modifiers(&method.modifiers), function })
    }

    fn constant(&mut self, constant: &parsed::ClassConstDecl<'_, '_>) -> Reading<MemberKind> {
        Ok(MemberKind::Constant {
            modifiers: modifiers(&constant.modifiers),
            name: constant.name.or_error().to_owned(),
            value: self.expression(&constant.value)?,
        })
    }

    fn traits(&self, declaration: &parsed::TraitUseDecl<'_, '_>) -> MemberKind {
        if !declaration.adaptations.is_empty() {
            return MemberKind::Other("a use of traits with rules");
        }
        MemberKind::Traits(declaration.traits.iter().map(|name| self.name(name)).collect())
    }
}

fn modifiers(modifiers: &parsed::Modifiers) -> Modifiers {
    let visibility = match modifiers.visibility {
        Some(parsed::Visibility::Protected) => Visibility::Protected,
        Some(parsed::Visibility::Private) => Visibility::Private,
        _ => Visibility::Public,
    };
    Modifiers {
        visibility,
        is_static: modifiers.is_static,
        is_abstract: modifiers.is_abstract,
        is_final: modifiers.is_final,
        is_readonly: modifiers.is_readonly,
    }
}
