//! Types as PHP writes them, and as Rust does.
use crate::php::tree::Hint;
use crate::rust::words::camel;
use crate::translate::Translator;
use crate::translate::scope::{Scope, VariableKind};
use crate::translate::types::{Signature, Type};

impl Translator<'_> {
    /// A type hint.
    pub(super) fn hint(&mut self, hint: &Hint) -> Type {
        match hint {
            Hint::Nullable(of) => self.hint(of).optional(),
            Hint::Union(of) => of.iter().fold(Type::Unknown, |ty, hint| {
                let other = self.hint(hint);
                ty.join(&other)
            }),
            Hint::Intersection(_) => Type::Unknown,
            Hint::Named(name) => self.named_type(name),
        }
    }

    /// A type hint of a function: `self` is the class of a method.
    pub(super) fn hint_of(&mut self, key: &str, hint: &Hint) -> Type {
        let Some((class, _)) = key.rsplit_once("::") else { return self.hint(hint) };
        self.scopes.push(Scope { class: Some(class.to_owned()), ..Scope::default() });
        let ty = self.hint(hint);
        self.scopes.pop();
        ty
    }

    pub(super) fn named_type(&mut self, name: &str) -> Type {
        match name.trim_start_matches('\\').to_ascii_lowercase().as_str() {
            "int" | "integer" => return Type::Integer,
            "float" | "double" => return Type::Float,
            "bool" | "boolean" | "false" | "true" => return Type::Boolean,
            "string" => return Type::Text,
            "null" | "void" => return Type::Null,
            "never" => return Type::Never,
            "array" | "iterable" | "mixed" | "object" | "scalar" => return Type::Json,
            "callable" | "closure" => return Type::Closure(Box::default()),
            "self" | "static" | "$this" => {
                let class = self.scopes.iter().rev().find_map(|scope| scope.class.clone());
                let class = class.map(|class| (self.program.class(&class), class));
                return match class {
                    Some((Some(class), _)) => self.object_type(class),
                    Some((None, name)) => Type::Class(name),
                    None => Type::Unknown,
                };
            }
            _ => {}
        }
        if let Some(class) = self.program.class(name) {
            return match class.kind {
                crate::php::tree::ClassKind::Enum(_) => Type::Enum(class.name.clone()),
                _ if self.is_many_exceptions(&class.name) => Type::Error,
                _ => self.object_type(class),
            };
        }
        self.known_type(&self.program.class_name(name))
    }

    /// The types of the SDK and of what it uses.
    pub(super) fn known_type(&self, class: &str) -> Type {
        match class {
            "WeChatPay\\BuilderChainable" | "WeChatPay\\BuilderTrait" => Type::Chain,
            "Psr\\Http\\Message\\ResponseInterface" | "GuzzleHttp\\Psr7\\Response" => Type::Response,
            "GuzzleHttp\\Promise\\PromiseInterface" | "GuzzleHttp\\Promise\\Promise" => {
                Type::Promise(Box::new(Type::Unknown))
            }
            "WeChatPay\\Util\\MediaUtil" => Type::Media,
            "Psr\\Http\\Message\\StreamInterface" => Type::Body,
            name if name.ends_with("Exception") || name.ends_with("Error") || name == "Throwable" => Type::Error,
            _ => Type::Unknown,
        }
    }

    /// A type as a value of its own has it: of a field, of what is returned.
    pub(super) fn type_text(&mut self, ty: &Type) -> String {
        match ty {
            Type::Unknown | Type::Json | Type::Conflict => {
                self.import("wechatpay::Value");
                "Value".to_owned()
            }
            Type::Never => "!".to_owned(),
            Type::Null => "()".to_owned(),
            Type::Boolean => "bool".to_owned(),
            Type::Integer => "i64".to_owned(),
            Type::Float => "f64".to_owned(),
            Type::Text => "String".to_owned(),
            Type::List(of) => format!("Vec<{}>", self.type_text(of)),
            Type::Map(of) => {
                self.import("std::collections::BTreeMap");
                format!("BTreeMap<String, {}>", self.type_text(of))
            }
            Type::Tuple(of) => {
                let of: Vec<String> = of.iter().map(|ty| self.type_text(ty)).collect();
                format!("({})", of.join(", "))
            }
            Type::Optional(of) | Type::OrFalse(of) => format!("Option<{}>", self.type_text(of)),
            Type::Chain => self.imported("Chain"),
            Type::Response => self.imported("Response"),
            Type::Promise(of) => {
                self.import("wechatpay::Promise");
                format!("Promise<{}>", self.type_text(of))
            }
            Type::PublicKey => self.imported("PublicKey"),
            Type::PrivateKey => self.imported("PrivateKey"),
            Type::Media | Type::MediaPart => self.imported("MediaUtil"),
            Type::Body => self.imported("Response"),
            Type::Options => self.imported("Options"),
            Type::Bytes => "Vec<u8>".to_owned(),
            Type::Settled(of) => format!("wechatpay::Result<{}>", self.type_text(of)),
            Type::Class(name) | Type::Enum(name) => camel(name),
            Type::Object(name) => format!("Box<dyn {}>", camel(name)),
            Type::Closure(signature) => format!("Box<dyn {}>", self.callable_text(signature)),
            Type::Error => "anyhow::Error".to_owned(),
            Type::ClientError => "wechatpay::Error".to_owned(),
            Type::StatusError(_) => "Box<wechatpay::StatusError>".to_owned(),
            Type::Apiv2Error => "Box<wechatpay::Apiv2Error>".to_owned(),
            Type::PhpError => self.php("Error").to_string(),
            Type::Source => "dyn std::error::Error".to_owned(),
        }
    }

    pub(super) fn imported(&mut self, name: &str) -> String {
        self.import(&format!("wechatpay::{name}"));
        name.to_owned()
    }

    /// The type of what holds objects of several classes, where the first of them would decide it.
    pub(super) fn dyn_text(&mut self, ty: &Type) -> Option<String> {
        ty.has_dyn().then(|| self.type_text(ty))
    }

    /// `Fn(&str) -> Result<String>`
    pub(super) fn callable_text(&mut self, signature: &Signature) -> String {
        let parameters: Vec<String> =
            signature.parameters.iter().map(|ty| self.parameter_text(ty, &VariableKind::Reference)).collect();
        let returns = self.type_text(&signature.returns);
        let returns = match (signature.fails, signature.returns == Type::Null) {
            (true, _) => {
                self.import("anyhow::Result");
                format!(" -> Result<{returns}>")
            }
            (false, true) => String::new(),
            (false, false) => format!(" -> {returns}"),
        };
        let kind = if signature.mutates { "FnMut" } else { "Fn" };
        format!("{kind}({}){returns}", parameters.join(", "))
    }

    /// A type as a parameter has it.
    pub(super) fn parameter_text(&mut self, ty: &Type, kind: &VariableKind) -> String {
        let own = self.type_text(ty);
        match (ty, kind) {
            (Type::Closure(signature), _) => format!("impl {}", self.callable_text(signature)),
            (Type::Object(name), VariableKind::Exclusive) => format!("&mut dyn {}", camel(name)),
            (Type::Object(name), VariableKind::Reference) => format!("&dyn {}", camel(name)),
            (_, VariableKind::Exclusive) => format!("&mut {own}"),
            (ty, _) if ty.is_copy() => own,
            (_, VariableKind::Local) => own,
            (Type::Text, _) => "&str".to_owned(),
            (Type::Optional(of) | Type::OrFalse(of), _) => match &**of {
                Type::Text => "Option<&str>".to_owned(),
                Type::Object(name) => format!("Option<&dyn {}>", camel(name)),
                of => format!("Option<&{}>", self.type_text(of)),
            },
            (Type::List(of), _) => format!("&[{}]", self.type_text(of)),
            (Type::Promise(_), _) => own,
            _ => format!("&{own}"),
        }
    }
}
