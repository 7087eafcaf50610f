//! What a variable is that nothing says the type of: what is done with it may say it.

use crate::php::tree::{Argument, Callee, Element, Expression as Php, ExpressionKind as E, Name};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// A method of what no pass has learnt the type of yet: its name may say it.
    pub(in crate::translate) fn method_of_unknown(
        &mut self,
        object: &Php,
        name: &Name,
        arguments: &[Argument],
        _span: Span,
    ) -> Result<Typed> {
        let Name::Plain(name) = name else { return Ok(Typed::unknown()) };
        if let E::Variable(variable) = &object.bare().kind
            && let Some(learnt) = self.learn_of(variable)
            && matches!(learnt.ty, Type::Class(_) | Type::Object(_))
        {
            // It was just made: the next pass knows it.
            return Ok(Typed::unknown());
        }
        let lower = name.to_ascii_lowercase();
        // What a callback takes and gives is known when it is known whose it is.
        if !matches!(lower.as_str(), "then" | "otherwise") {
            for argument in arguments {
                self.expression(&argument.value)?;
            }
        }
        let is_text = |argument: &Argument| matches!(argument.value.bare().kind, E::Text(_) | E::Interpolated(_));
        let first_is_path = arguments.first().is_some_and(is_text);
        let ty = match lower.as_str() {
            "chain" if arguments.len() == 1 => Type::Chain,
            "getbody" | "getstatuscode" | "getreasonphrase" if arguments.is_empty() => Type::Response,
            "getheaderline" | "hasheader" | "getheader" if first_is_path => Type::Response,
            "getcontents" if arguments.is_empty() => Type::Body,
            "then" | "otherwise" => Type::Promise(Box::new(Type::Unknown)),
            "wait" if arguments.is_empty() => Type::Promise(Box::new(Type::Unknown)),
            _ if super::verbs::verb(name).is_some() && arguments.len() <= 1 && !first_is_path => Type::Chain,
            _ => return Ok(Typed::unknown()),
        };
        match ty {
            Type::Chain => self.learn_chain(object),
            ty => self.learn_as(object, &ty),
        }
        Ok(Typed::unknown())
    }

    /// `$a->v3`
    pub(in crate::translate) fn property_of_unknown(&mut self, object: &Php, name: &Name) -> Typed {
        let is_version = match name {
            Name::Plain(name) => matches!(name.as_str(), "v2" | "v3" | "V2" | "V3"),
            Name::Computed(name) => is_path(name),
        };
        if is_version {
            self.learn_as(object, &Type::Chain);
        }
        Typed::unknown()
    }

    /// `$a['v3/…']`
    pub(in crate::translate) fn element_of_unknown(&mut self, base: &Php, key: &Php) -> Typed {
        if is_path(key) {
            self.learn_as(base, &Type::Chain);
        }
        Typed::unknown()
    }

    /// What the chain begins with is one.
    fn learn_chain(&mut self, php: &Php) {
        match &php.bare().kind {
            E::Property { object, .. } if !Self::is_this(object) => self.learn_chain(object),
            E::Index { base, .. } => self.learn_chain(base),
            _ => self.learn_as(php, &Type::Chain),
        }
    }

    fn learn_as(&mut self, php: &Php, ty: &Type) {
        match &php.bare().kind {
            E::Variable(name) if name != "this" => self.learn_type(name, ty),
            E::Property { object, name: Name::Plain(name), .. } if Self::is_this(object) => {
                let Some(class) = self.scopes.iter().rev().find_map(|scope| scope.class.clone()) else { return };
                let learnt = self.learnt.properties.entry((class, name.clone())).or_default();
                learnt.ty = learnt.ty.join(ty);
            }
            _ => {}
        }
    }
}

/// Whether a text is a path of the platform.
fn is_path(php: &Php) -> bool {
    match &php.bare().kind {
        E::Text(text) => ["v2", "v3"]
            .iter()
            .any(|version| text.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))),
        _ => false,
    }
}

/// Whether an element of an array, as long as its type is unknown, may turn out to be a promise or a file.
pub fn may_be_no_json(element: &Element) -> bool {
    match element.value.as_ref().map(|value| &value.bare().kind) {
        Some(E::MethodCall { name: Name::Plain(name), .. }) => {
            let name = name.to_ascii_lowercase();
            name.ends_with("async") || matches!(name.as_str(), "then" | "otherwise" | "getstream")
        }
        Some(E::Call { callee: Callee::Computed(_), .. }) => true,
        _ => false,
    }
}
