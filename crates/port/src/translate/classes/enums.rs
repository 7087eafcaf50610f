//! Enums.

use crate::php::tree::{Argument, Class, Expression as Php, ExpressionKind as E, Hint, MemberKind, Name};
use crate::rust::build::{arm, atom, call, method, text, unary};
use crate::rust::tree::{Arm, Block, Expression, Function, Item, ItemKind, Lead, Variant};
use crate::rust::words::{camel, screaming};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result, method_in};
use crate::translate::classes::declarations::static_name;
use crate::translate::classes::inheritance::Method;
use crate::translate::comments::Style;
use crate::translate::items::{is_made, item};
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl<'a> Translator<'a> {
    pub(super) fn enum_items(&mut self, class: &'a Class, backing: Option<&Hint>) -> Result<Vec<Item>> {
        let mut variants = Vec::new();
        let mut items = Vec::new();
        let mut statics = Vec::new();
        for member in &class.members {
            let mut lead = self.comments.lead(member.span.start, Style::Doc);
            match &member.kind {
                MemberKind::Case { name, .. } => {
                    lead.blank = false;
                    variants.push(Variant { lead, name: camel(name), fields: vec![] });
                }
                MemberKind::Constant { name, value, modifiers } => {
                    let mut constant = self.class_constant_item(class, name, value, *modifiers)?;
                    constant.lead = lead;
                    if is_made(&constant) { statics.push(constant) } else { items.push(constant) }
                }
                MemberKind::Method { function, modifiers } => {
                    let own = Method { function, modifiers: *modifiers, member, is_own: true };
                    let mut translated = self.method_item(class, own)?;
                    lead.blank = true;
                    lead.comments.extend(self.comments.lines_before(member.span.end));
                    translated.lead = lead;
                    items.push(translated);
                }
                _ => return Err(Cannot::new(member.span, "an enum that uses a trait: write its methods out")),
            }
        }
        let generated = self.generated(class, backing)?;
        let generated = generated.into_iter().map(|mut function| {
            function.lead.blank = true;
            function
        });
        items.extend(generated);
        let name = camel(&class.name);
        let derives = vec!["#[derive(Clone, Copy, Debug, PartialEq, Eq)]".to_owned()];
        let kind = ItemKind::Enum { public: true, name: name.clone(), variants };
        let mut all = vec![Item { lead: Lead::default(), attributes: derives, kind }];
        all.extend(statics);
        if !items.is_empty() {
            let lead = Lead { blank: true, ..Lead::default() };
            all.push(Item { lead, attributes: vec![], kind: ItemKind::Impl { header: name, items } });
        }
        Ok(all)
    }

    /// What PHP gives each enum, as far as the file uses it.
    fn generated(&mut self, class: &Class, backing: Option<&Hint>) -> Result<Vec<Item>> {
        let uses = |translator: &Self, what: &str| {
            translator.facts.functions.get(&format!("{}::{what}", class.name)).is_some_and(|facts| facts.called)
        };
        let mut functions = Vec::new();
        let mut cases = Vec::new();
        for member in &class.members {
            let MemberKind::Case { name, value } = &member.kind else { continue };
            let value = value.as_ref().map(|value| self.expression(value)).transpose()?;
            cases.push((name.clone(), value.map(|value| value.code)));
        }
        let ty = match backing {
            Some(Hint::Named(name)) if name.eq_ignore_ascii_case("int") => "i64",
            _ => "&'static str",
        };
        if uses(self, "->value") && backing.is_some() {
            let arms =
                cases.iter().filter_map(|(name, value)| Some(arm(format!("Self::{}", camel(name)), value.clone()?)));
            functions.push(self.small("value", vec!["self"], ty, match_of(atom("self"), arms.collect())));
        }
        if uses(self, "->name") {
            let arms = cases.iter().map(|(name, _)| arm(format!("Self::{}", camel(name)), text(name.clone())));
            functions.push(self.small("name", vec!["self"], "&'static str", match_of(atom("self"), arms.collect())));
        }
        if uses(self, "::cases") {
            let all = cases.iter().map(|(name, _)| atom(format!("Self::{}", camel(name)))).collect();
            functions.push(self.small("cases", vec![], "Vec<Self>", crate::rust::build::macro_call("vec", all)));
        }
        if uses(self, "::tryFrom") || uses(self, "::from") {
            let parameter = if ty == "i64" { "value: i64" } else { "value: &str" };
            let mut arms: Vec<Arm> = cases
                .iter()
                .filter_map(|(name, value)| {
                    let pattern = match value.clone()? {
                        Expression::Text(text) => format!("{text:?}"),
                        Expression::Atom(number) => number,
                        _ => return None,
                    };
                    Some(arm(pattern, crate::rust::build::some(atom(format!("Self::{}", camel(name))))))
                })
                .collect();
            arms.push(arm("_".to_owned(), atom("None")));
            functions.push(self.small("try_from", vec![parameter], "Option<Self>", match_of(atom("value"), arms)));
        }
        Ok(functions)
    }

    fn small(&mut self, name: &str, parameters: Vec<&str>, returns: &str, body: Expression) -> Item {
        item(ItemKind::Function(Function {
            public: true,
            name: name.to_owned(),
            generics: String::new(),
            parameters: parameters.into_iter().map(str::to_owned).collect(),
            returns: Some(returns.to_owned()),
            body: Some(Block::of(body)),
        }))
    }

    fn uses_of_enum(&mut self, class: &str, what: &str) {
        self.learnt.functions.entry(format!("{class}::{what}")).or_default().called = true;
    }

    /// `$case->value`, `$case->name`.
    pub(in crate::translate) fn case_property(
        &mut self,
        case: Typed,
        class: &str,
        name: &str,
        span: Span,
    ) -> Result<Typed> {
        let Some(declaration) = self.program.class(class) else { return Ok(Typed::unknown()) };
        match (name, &declaration.kind) {
            ("name", _) => {
                self.uses_of_enum(class, "->name");
                Ok(Typed::reference(method(case.code, "name", vec![]), Type::Text))
            }
            ("value", crate::php::tree::ClassKind::Enum(Some(Hint::Named(backing)))) => {
                self.uses_of_enum(class, "->value");
                let code = method(case.code, "value", vec![]);
                if backing.eq_ignore_ascii_case("int") {
                    return Ok(Typed::integer(code));
                }
                Ok(Typed::reference(code, Type::Text))
            }
            _ => Err(Cannot::new(span, format!("the cases of {class} have no ${name}"))),
        }
    }

    pub(in crate::translate) fn case_call(
        &mut self,
        case: Typed,
        class: &str,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let name = method_in(name, span)?;
        let Some(found) = self.method_named(class, name) else {
            return Err(Cannot::new(span, format!("{class} has no method {name}()")));
        };
        let key = format!("{class}::{}", found.function.name);
        let arguments = self.arguments(&key, &found.function.parameters, arguments, span)?;
        let code = method(case.code, &super::methods::method_name(&found.function.name), arguments);
        self.called(&key, code, found.function.returns.as_ref(), span)
    }

    /// `cases`, `from` and `tryFrom`; None for a method of the file.
    pub(super) fn enum_static(
        &mut self,
        class: &str,
        name: &str,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Option<Typed>> {
        let path = self.class_path(class);
        let ty = Type::Enum(class.to_owned());
        let is_integer = matches!(
            self.program.class(class).map(|class| &class.kind),
            Some(crate::php::tree::ClassKind::Enum(Some(Hint::Named(backing)))) if backing.eq_ignore_ascii_case("int")
        );
        Ok(match (name.to_ascii_lowercase().as_str(), arguments) {
            ("cases", []) => {
                self.uses_of_enum(class, "::cases");
                Some(Typed::owned(call(&format!("{path}::cases"), vec![]), Type::list(ty)))
            }
            ("from" | "tryfrom", [argument]) => {
                self.uses_of_enum(class, "::tryFrom");
                let wanted = if is_integer { Type::Integer } else { Type::Text };
                let value = self.expression_as(&argument.value, &wanted)?;
                let value = if is_integer { value.operand() } else { value.borrowed() };
                let found = call(&format!("{path}::try_from"), vec![value]);
                if name.eq_ignore_ascii_case("tryFrom") {
                    return Ok(Some(Typed::owned(found, ty.optional())));
                }
                self.import("anyhow::Context");
                let message = text(format!("line {}: no case of {class} has this value", self.line(span)));
                Some(Typed::owned(self.try_(span, method(found, "context", vec![message]))?, ty))
            }
            _ => None,
        })
    }

    /// `A::B`, also of enums and of the SDK.
    pub(in crate::translate) fn class_constant(
        &mut self,
        class: &crate::php::tree::ClassName,
        name: &str,
        span: Span,
    ) -> Result<Typed> {
        let Some(written) = Self::named(class) else {
            return Err(Cannot::new(span, "a constant of a class whose name is a value: choose with match"));
        };
        let target = match written.to_ascii_lowercase().as_str() {
            // What a method that is inherited says of itself is about the class that declares it.
            "self" if name != "class" => self.declaring(span).or_else(|| self.around()),
            "parent" => self.parent_at(span),
            "self" | "static" => self.around(),
            _ => self.program.class(written).map(|class| class.name.clone()),
        };
        let Some(target) = target else {
            let class = self.program.class_name(written);
            if name == "class" {
                return Ok(Typed::text(class));
            }
            return self.sdk_constant(&class, name, span);
        };
        if name == "class" {
            return Ok(Typed::text(target));
        }
        let is_case = self.program.class(&target).is_some_and(|class| {
            class
                .members
                .iter()
                .any(|member| matches!(&member.kind, MemberKind::Case { name: case, .. } if case == name))
        });
        if is_case {
            let path = self.class_path(&target);
            return Ok(Typed::owned(atom(format!("{path}::{}", camel(name))), Type::Enum(target)));
        }
        let Some((declaring, _)) = self.constant_named(&target, name) else {
            return Err(Cannot::new(span, format!("{target} has no constant {name} in this file")));
        };
        let ty = self.facts.constants.get(&format!("{}::{name}", declaring.name)).cloned().unwrap_or_default();
        let declaring = declaring.name.clone();
        let facts = self.facts.functions.get(&format!("const {declaring}::{name}"));
        if facts.is_some_and(|facts| facts.is_untranslated) {
            return Err(Cannot::new(span, format!("it uses {declaring}::{name}, which is not translated")));
        }
        let is_plain = matches!(ty, Type::Text | Type::Unknown) || ty.is_copy();
        let path = if !is_plain {
            static_name(&declaring, name)
        } else if self.is_trait(&declaring) {
            format!("<dyn {}>::{}", camel(&declaring), screaming(name))
        } else {
            format!("{}::{}", self.class_path(&declaring), screaming(name))
        };
        Ok(match ty {
            Type::Text => Typed::reference(atom(path), ty),
            ty if ty.is_copy() => Typed::owned(atom(path), ty),
            Type::Unknown => Typed::unknown(),
            // A `LazyLock`.
            ty => Typed::place(unary("*", atom(path)), ty),
        })
    }

    /// What a case of an enum is as a pattern.
    pub(in crate::translate) fn case_of(&mut self, php: &Php) -> Option<String> {
        let E::ClassConstant { class, name } = &php.bare().kind else { return None };
        let value = self.class_constant(class, name, php.span).ok()?;
        match (value.ty, value.code) {
            (Type::Enum(_), Expression::Atom(path)) => Some(path),
            _ => None,
        }
    }
}

fn match_of(subject: Expression, arms: Vec<Arm>) -> Expression {
    Expression::Match { subject: Box::new(subject), arms }
}
