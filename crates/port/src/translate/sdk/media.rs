//! Uploads: `MediaUtil`.

use crate::php::tree::{Argument, Callee, Expression as Php, ExpressionKind as E, Name};
use crate::rust::build::{call, method};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result, method_in};
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// `new MediaUtil($path)`
    pub(super) fn new_media(&mut self, arguments: &[Argument], span: Span) -> Result<Typed> {
        let found = self.plain_arguments(arguments, &["filepath", "fileStream"], span)?;
        let path = self.required(found[0], "filepath", span)?;
        if let Some(stream) = found[1] {
            return Err(Cannot::new(
                stream.span,
                "a stream for MediaUtil: use `MediaUtil::from_bytes(name, bytes)` or `MediaUtil::from_reader(name, reader)?`",
            ));
        }
        let path = self.expression_as(&path.value, &Type::Text)?;
        self.import("wechatpay::MediaUtil");
        let path = match path.form {
            // A path is taken by value or by reference.
            crate::translate::value::Form::Place => path.borrowed(),
            _ => path.code,
        };
        Ok(Typed::owned(self.try_(span, call("MediaUtil::new", vec![path]))?, Type::Media))
    }

    pub(in crate::translate) fn media_call(
        &mut self,
        media: Typed,
        object: &Php,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let name = method_in(name, span)?;
        match (name.to_ascii_lowercase().as_str(), arguments) {
            ("getstream", []) => Ok(Typed::owned(media.into_owned(), Type::MediaPart)),
            ("getcontenttype", []) => Err(Cannot::new(
                span,
                "getContentType(): the request sets it itself; leave it out, and give the media as the option `body`",
            )),
            ("getmeta", []) => {
                let meta = method(media.code, "meta", vec![]);
                Ok(Typed::owned(method(meta, "to_string", vec![]), Type::Text))
            }
            ("setmeta", [meta]) => {
                if let E::Variable(name) = &object.bare().kind {
                    self.learn_mutated(name);
                }
                let meta = self.meta(&meta.value)?;
                let code = method(media.code, "set_meta", vec![meta]);
                Ok(Typed::owned(self.try_(span, code)?, Type::Null))
            }
            _ => Err(Cannot::new(span, format!("{name}() of a MediaUtil: it is not known here"))),
        }
    }

    /// `$media->setMeta(json_encode([…]))`: the array itself.
    fn meta(&mut self, php: &Php) -> Result<crate::rust::tree::Expression> {
        if let E::Call { callee: Callee::Named(name), arguments } = &php.bare().kind
            && self.program.function_name(name) == "json_encode"
            && let [array, ..] = arguments.as_slice()
        {
            let value = self.expression(&array.value)?;
            return Ok(self.to_json(value, array.span)?.into_owned());
        }
        let text = self.expression_as(php, &Type::Text)?;
        let path = self.php("json_decode");
        Ok(call(&path, vec![text.borrowed()]))
    }
}
