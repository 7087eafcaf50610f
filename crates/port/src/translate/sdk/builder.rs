//! `Builder::factory`, and the keys in its configuration: what stands for a key there is its text, not a loaded key.

use crate::php::tree::{Argument, ClassName, Expression as Php, ExpressionKind as E, Name};
use crate::rust::build::{atom, call};
use crate::rust::tree::Statement;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::scope::VariableKind;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// `Builder::factory([…])`
    pub(super) fn factory(&mut self, arguments: &[Argument], span: Span) -> Result<Typed> {
        let found = self.plain_arguments(arguments, &["config"], span)?;
        let config = self.required(found[0], "config", span)?;
        let outer = std::mem::take(&mut self.sdk.options);
        super::options::arrays_of(&config.value, &mut self.sdk.options);
        let value = self.configured(|translator| {
            let value = translator.expression(&config.value)?;
            translator.wants_owned(&value);
            translator.to_json(value, config.span)
        });
        self.sdk.options = outer;
        self.import("wechatpay::Builder");
        let code = call("Builder::factory", vec![value?.into_owned()]);
        Ok(Typed::owned(self.try_(span, code)?, Type::Chain))
    }

    /// Translates what goes into a configuration.
    fn configured<T>(&mut self, translate: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.sdk.configuring, true);
        let translated = translate(self);
        self.sdk.configuring = outer;
        translated
    }

    pub(in crate::translate) fn is_configuring(&self) -> bool {
        self.sdk.configuring
    }

    /// The value of an assignment. What is assigned to a variable that ends in a configuration is translated as a part of one.
    pub(in crate::translate) fn assigned_expression(&mut self, target: &Php, value: &Php) -> Result<Typed> {
        let Some(name) = root_variable(target) else { return self.expression(value) };
        let facts = if self.find_variable(name).is_some() { self.facts_of(name) } else { self.upcoming_facts(name) };
        if !facts.configures {
            let translated = self.expression(value)?;
            // Whether a key is one or is its text, its uses tell, which the first pass has not seen.
            let open = !facts.used && loads_key(value);
            return Ok(if open { Typed::unknown() } else { translated });
        }
        if facts.used && is_key(value) && matches!(target.kind, E::Variable(_)) {
            return self.key_with_source(name, value);
        }
        if facts.used
            && !matches!(value.bare().kind, E::Array(_) | E::Binary { .. } | E::Call { .. } | E::StaticCall { .. })
        {
            return self.expression(value);
        }
        self.configured(|translator| translator.expression(value))
    }

    /// A key that is used as one, and is in the configuration as well: there it is the text that it is loaded from.
    fn key_with_source(&mut self, name: &str, value: &Php) -> Result<Typed> {
        let source = self.configured(|translator| translator.expression(value))?;
        if source.is_unknown() {
            return Ok(Typed::unknown());
        }
        let rust = self.fresh(&format!("{name}_source"));
        let is_literal = source.literal().is_some();
        let held = Statement::let_(rust.clone(), if is_literal { source.code } else { source.into_owned() });
        let held_value = Typed {
            form: if is_literal {
                crate::translate::value::Form::Reference
            } else {
                crate::translate::value::Form::Place
            },
            ..Typed::place(atom(rust), Type::Text)
        };
        let function = self.scope().function.clone();
        self.sdk.key_sources.insert((function, name.to_owned()), held_value.clone());
        let mark = self.mark();
        let ty = match self.expression(value) {
            Ok(key) => key.ty,
            Err(cannot) => return Err(cannot),
        };
        self.give_back(mark);
        self.scope().before.push(held);
        let (kind, ty) = match ty {
            Type::PublicKey => ("Rsa::KEY_TYPE_PUBLIC", Type::PublicKey),
            _ => ("Rsa::KEY_TYPE_PRIVATE", Type::PrivateKey),
        };
        self.import("wechatpay::Rsa");
        let code = call("Rsa::from", vec![held_value.borrowed(), atom(kind)]);
        Ok(Typed::owned(self.try_(value.span, code)?, ty))
    }

    /// A variable that is read: whether it goes into a configuration, where a key is its text.
    pub(in crate::translate) fn configuration_variable(
        &mut self,
        name: &str,
        kind: &VariableKind,
        ty: &Type,
        span: Span,
    ) -> Result<Option<Typed>> {
        let configuring = self.sdk.configuring;
        if let Some(learnt) = self.learn_of(name) {
            learnt.configures |= configuring;
            learnt.used |= !configuring;
        }
        if !configuring || !matches!(ty, Type::PublicKey | Type::PrivateKey) {
            return Ok(None);
        }
        if matches!(kind, VariableKind::Made(_))
            && let Some(Some(value)) = self.program.globals.get(name).copied()
        {
            let mark = self.mark();
            let text = self.expression(value);
            self.give_back(mark);
            return text.map(Some);
        }
        let function = self.scope().function.clone();
        if let Some(source) = self.sdk.key_sources.get(&(function, name.to_owned())) {
            return Ok(Some(source.clone()));
        }
        // The pass that knows what it is used for has not come yet.
        if self.facts_of(name).configures
            && self.find_variable(name).is_some_and(|(_, found)| found.kind == VariableKind::Local)
        {
            return Ok(Some(Typed::owned(atom("unknown"), Type::Text)));
        }
        Err(Cannot::new(span, loaded_key()))
    }

    /// The text of a key, as the configuration takes it.
    pub(super) fn key_text(&mut self, prefix: &str, thing: &Php) -> Result<Typed> {
        let thing = self.expression_as(thing, &Type::Text)?;
        if prefix.is_empty() {
            return Ok(thing);
        }
        let shown = self.shown(thing, Span::default())?;
        Ok(self.format(vec![crate::translate::coerce::Shown::Text(prefix.to_owned()), shown]))
    }
}

/// What to do with a key that is loaded already.
pub(super) fn loaded_key() -> &'static str {
    "a loaded key is no JSON: put the path or the text of the key into the configuration, or give it to \
     `Credentials::new().private_key(key)` and that to `Builder::from(json!({…})).credentials(…).build()?`"
}

/// The variable that is assigned, or of which a part is.
fn root_variable(target: &Php) -> Option<&str> {
    match &target.kind {
        E::Variable(name) if name != "this" => Some(name),
        E::Index { base, .. } => root_variable(base),
        _ => None,
    }
}

/// Whether an expression loads a key.
pub(super) fn is_key(php: &Php) -> bool {
    match &php.bare().kind {
        E::StaticCall { class: ClassName::Named(class), name: Name::Plain(name), .. } => {
            let class = class.rsplit('\\').next().unwrap_or(class);
            let name = name.to_ascii_lowercase();
            (class.eq_ignore_ascii_case("Rsa") && name.starts_with("from"))
                || (class.eq_ignore_ascii_case("PemUtil") && name.starts_with("load"))
        }
        _ => false,
    }
}

/// Whether a key is loaded somewhere in an expression.
fn loads_key(php: &Php) -> bool {
    let mut loads = false;
    php.each(&mut |part| loads |= is_key(part));
    loads
}

/// `Rsa::KEY_TYPE_PUBLIC`, or `'public'`.
pub(super) fn is_public(key_type: Option<&Php>) -> Option<bool> {
    let Some(key_type) = key_type else { return Some(false) };
    match &key_type.bare().kind {
        E::Text(name) => Some(name == "public"),
        E::ClassConstant { name, .. } => Some(name == "KEY_TYPE_PUBLIC"),
        _ => None,
    }
}
