//! Chains: `$i->v3->a->_x_` is `chain!(i->v3->a->_x_)`, and a method of HTTP calls it.

use crate::php::tree::{Argument, Binary, Expression as Php, ExpressionKind as E, Name, Part};
use crate::rust::build::{atom, index, method, text};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::sdk::path::{Segment, in_braces, is_identifier, quoted, root};
use crate::translate::sdk::verbs::verb;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

/// How a chain is extended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Arrow,
    Brackets,
}

impl Translator<'_> {
    /// `$chain['…']`
    pub(in crate::translate) fn chain_index(&mut self, chain: Typed, key: &Php, _span: Span) -> Result<Typed> {
        let segment = self.segment(key)?;
        Ok(self.extended(chain, segment, Way::Brackets))
    }

    /// `$chain->name`, `$chain->{'…'}`
    pub(in crate::translate) fn chain_property(
        &mut self,
        chain: Typed,
        _object: &Php,
        name: &Name,
        _span: Span,
    ) -> Result<Typed> {
        if let (Name::Plain(name), Some(path)) = (name, root(&chain.code))
            && is_identifier(name)
        {
            return Ok(self.arrows(format!("{path}->{name}")));
        }
        let segment = match name {
            Name::Plain(name) => Segment::Text(name.clone()),
            Name::Computed(name) => self.segment(name)?,
        };
        Ok(self.extended(chain, segment, Way::Arrow))
    }

    fn arrows(&mut self, path: String) -> Typed {
        self.import("wechatpay::chain");
        Typed::owned(Expression::Verbatim(format!("chain!({path})")), Type::Chain)
    }

    fn extended(&mut self, chain: Typed, segment: Segment, way: Way) -> Typed {
        let path = root(&chain.code);
        let is_macro = matches!(chain.code, Expression::Verbatim(_));
        match segment {
            Segment::Unknown => Typed::owned(atom("unknown"), Type::Chain),
            Segment::Text(literal) => match (way, path, quoted(&literal)) {
                (Way::Arrow, Some(path), Some(literal)) => self.arrows(format!("{path}->{{{literal}}}")),
                (Way::Brackets, Some(path), Some(literal)) if is_macro => self.arrows(format!("{path}[{literal}]")),
                (Way::Brackets, Some(_), Some(_))
                    if matches!(chain.code, Expression::Atom(_) | Expression::Field { .. }) =>
                {
                    Typed::place(index(chain.code, text(literal)), Type::Chain)
                }
                _ => Typed::owned(method(chain.code, "chain", vec![text(literal)]), Type::Chain),
            },
            Segment::Made(value) => match (way, path, in_braces(&value)) {
                (Way::Arrow, Some(path), Some(value)) => self.arrows(format!("{path}->{{{value}}}")),
                _ => {
                    let path = if value.form == Form::Owned { value.code } else { value.borrowed() };
                    Typed::owned(method(chain.code, "chain", vec![path]), Type::Chain)
                }
            },
        }
    }

    /// `$chain->chain('…')`, `$chain->post([…])`
    pub(in crate::translate) fn chain_call(
        &mut self,
        chain: Typed,
        object: &Php,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let name = match name {
            Name::Plain(name) => name,
            Name::Computed(name) => match &name.bare().kind {
                E::Text(name) => name,
                _ => return self.computed_call(chain, name, arguments, span),
            },
        };
        if let Some((rust, promises)) = verb(name) {
            let options = self.options(arguments, span)?;
            return self.called_by(chain, rust, vec![options], promises, span);
        }
        match (name.to_ascii_lowercase().as_str(), arguments) {
            ("chain", [segment]) if !segment.spread => match self.segment(&segment.value)? {
                Segment::Text(path) => Ok(Typed::owned(method(chain.code, "chain", vec![text(path)]), Type::Chain)),
                segment => Ok(self.extended(chain, segment, Way::Brackets)),
            },
            ("offsetget", [segment]) => self.chain_index(chain, &segment.value, span),
            ("getdriver", _) => Err(Cannot::new(
                span,
                "getDriver(): there is no client below the chain; what it could do is done by `signer` and `verifier` of \
                 `Credentials`, `Builder::observe` and the options of a call",
            )),
            _ => Err(Cannot::new(
                object.span,
                format!("{name}() of a chain: a chain has get, post, put, patch, delete and chain"),
            )),
        }
    }

    /// `$chain->{$verb}(…)`, `$chain->{"{$verb}Async"}(…)`
    fn computed_call(&mut self, chain: Typed, name: &Php, arguments: &[Argument], span: Span) -> Result<Typed> {
        let (name, promises) = match &name.bare().kind {
            E::Interpolated(parts) => match parts.as_slice() {
                [Part::Value(name), Part::Text(text)] if text == "Async" => (name, true),
                _ => return Err(Cannot::new(span, "a method whose name is a value: choose with match")),
            },
            E::Binary { operator: Binary::Concat, left, right } => match &right.bare().kind {
                E::Text(text) if text == "Async" => (&**left, true),
                _ => return Err(Cannot::new(span, "a method whose name is a value: choose with match")),
            },
            _ => (name, false),
        };
        let verb = self.expression_as(name, &Type::Text)?;
        if !promises {
            self.note(span, "the name of the method is one of HTTP here: for those with Async, call `request_async`");
        }
        let options = self.options(arguments, span)?;
        let rust = if promises { "request_async" } else { "request" };
        self.called_by(chain, rust, vec![verb.borrowed(), options], promises, span)
    }

    fn called_by(
        &mut self,
        chain: Typed,
        name: &str,
        arguments: Vec<Expression>,
        promises: bool,
        span: Span,
    ) -> Result<Typed> {
        let code = method(chain.code, name, arguments);
        if promises {
            return Ok(Typed::owned(code, Type::Promise(Box::new(Type::Response))));
        }
        Ok(Typed::owned(self.try_(span, code)?, Type::Response))
    }
}
