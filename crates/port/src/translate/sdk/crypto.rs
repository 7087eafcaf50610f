//! Keys, signatures, encryption and hashes.

use crate::php::tree::{Argument, Element, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::sdk::builder::is_public;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

const PRIVATE: &str = "Rsa::KEY_TYPE_PRIVATE";
const PUBLIC: &str = "Rsa::KEY_TYPE_PUBLIC";

impl Translator<'_> {
    /// A static method of `Rsa`.
    pub(super) fn rsa(&mut self, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        match name {
            "from" | "frompkcs1" | "frompkcs8" | "fromspki" => self.load_key(name, arguments, span),
            "pkcs1tospki" => {
                let found = self.plain_arguments(arguments, &["thing"], span)?;
                let thing = self.as_text(found[0], "thing", span)?;
                self.rsa_call("Rsa::pkcs1_to_spki", vec![thing], Type::Text, true, span)
            }
            "sign" => {
                let found = self.plain_arguments(arguments, &["message", "privateKey"], span)?;
                let message = self.as_bytes(found[0], "message", span)?;
                let key = self.key_argument(found[1], "privateKey", Type::PrivateKey, span)?;
                self.rsa_call("Rsa::sign", vec![message, key], Type::Text, true, span)
            }
            "verify" => {
                let found = self.plain_arguments(arguments, &["message", "signature", "publicKey"], span)?;
                let message = self.as_bytes(found[0], "message", span)?;
                let signature = self.as_text(found[1], "signature", span)?;
                let key = self.key_argument(found[2], "publicKey", Type::PublicKey, span)?;
                self.sdk.verifies = true;
                self.rsa_call("Rsa::verify", vec![message, signature, key], Type::Boolean, false, span)
            }
            "encrypt" => {
                let found = self.plain_arguments(arguments, &["plaintext", "publicKey", "padding"], span)?;
                self.no_padding(found[2])?;
                let plaintext = self.as_bytes(found[0], "plaintext", span)?;
                let key = self.key_argument(found[1], "publicKey", Type::PublicKey, span)?;
                self.note(span, "the option `\"encrypt\": \"auto\"` encrypts the fields of a call and sets Wechatpay-Serial, both at once");
                self.rsa_call("Rsa::encrypt", vec![plaintext, key], Type::Text, true, span)
            }
            "decrypt" => {
                let found = self.plain_arguments(arguments, &["ciphertext", "privateKey", "padding"], span)?;
                self.no_padding(found[2])?;
                let ciphertext = self.as_text(found[0], "ciphertext", span)?;
                let key = self.key_argument(found[1], "privateKey", Type::PrivateKey, span)?;
                self.rsa_call("Rsa::decrypt", vec![ciphertext, key], Type::Text, true, span)
            }
            _ => Err(Cannot::new(span, format!("Rsa::{name}: it is not known here"))),
        }
    }

    fn no_padding(&self, padding: Option<&Argument>) -> Result<()> {
        let Some(padding) = padding else { return Ok(()) };
        match &padding.value.bare().kind {
            E::Constant(name) if name.ends_with("OPENSSL_PKCS1_OAEP_PADDING") => Ok(()),
            _ => Err(Cannot::new(
                padding.span,
                "a padding other than OAEP: decrypting PKCS1 padding leaks what it decrypts",
            )),
        }
    }

    fn rsa_call(&mut self, path: &str, arguments: Vec<Expression>, ty: Type, fails: bool, span: Span) -> Result<Typed> {
        self.import("wechatpay::Rsa");
        let code = call(path, arguments);
        let code = if fails { self.try_(span, code)? } else { code };
        Ok(Typed::owned(code, ty))
    }

    /// A key; in a configuration, its text.
    fn load_key(&mut self, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        let found = self.plain_arguments(arguments, &["thing", "type"], span)?;
        let thing = self.required(found[0], "thing", span)?;
        let public = match name {
            "frompkcs8" => false,
            "fromspki" => true,
            _ => is_public(found[1].map(|argument| &argument.value)).ok_or_else(|| {
                Cannot::new(span, "whether the key is private or public has to stand in the source: choose with if")
            })?,
        };
        if self.is_configuring() {
            let prefix = match (name, public) {
                ("frompkcs1", false) => "private.pkcs1://",
                ("frompkcs1", true) => "public.pkcs1://",
                ("frompkcs8", _) => "private.pkcs8://",
                ("fromspki", _) => "public.spki://",
                _ => "",
            };
            if matches!(thing.value.bare().kind, E::Array(_)) {
                return Err(Cannot::new(
                    thing.span,
                    "a key with a passphrase: give it to `Credentials::new().private_key((path, passphrase))` and that to \
                     `Builder::from(json!({…})).credentials(…).build()?`",
                ));
            }
            return self.key_text(prefix, &thing.value);
        }
        let kind = if public { PUBLIC } else { PRIVATE };
        let ty = if public { Type::PublicKey } else { Type::PrivateKey };
        match name {
            "from" => {
                let thing = match &thing.value.bare().kind {
                    E::Array(elements) => self.with_passphrase(elements, thing.span)?,
                    _ => self.as_text(Some(thing), "thing", span)?,
                };
                self.rsa_call("Rsa::from", vec![thing, atom(kind)], ty, true, span)
            }
            "frompkcs1" => {
                let thing = self.as_text(Some(thing), "thing", span)?;
                self.rsa_call("Rsa::from_pkcs1", vec![thing, atom(kind)], ty, true, span)
            }
            _ => {
                let thing = self.as_text(Some(thing), "thing", span)?;
                let path = if public { "Rsa::from_spki" } else { "Rsa::from_pkcs8" };
                self.rsa_call(path, vec![thing], ty, true, span)
            }
        }
    }

    /// `[$thing, $passphrase]`
    fn with_passphrase(&mut self, elements: &[Element], span: Span) -> Result<Expression> {
        let [Element { value: Some(thing), .. }, Element { value: Some(passphrase), .. }] = elements else {
            return Err(Cannot::new(span, "a key is a text, or a text and its passphrase"));
        };
        let thing = self.expression_as(thing, &Type::Text)?;
        let passphrase = self.expression_as(passphrase, &Type::Text)?;
        Ok(Expression::Tuple(vec![plain_text(thing), plain_text(passphrase)]))
    }

    /// `&key`; a text is loaded first.
    fn key_argument(&mut self, argument: Option<&Argument>, name: &str, ty: Type, span: Span) -> Result<Expression> {
        let argument = self.required(argument, name, span)?;
        let value = self.expression(&argument.value)?;
        match &value.ty {
            known if *known == ty => Ok(value.borrowed()),
            Type::Unknown => {
                self.learn_key_type(&argument.value, &ty);
                Ok(value.code)
            }
            Type::Optional(of) if **of == ty => Ok(self.coerce(value, &ty, argument.span)?.borrowed()),
            Type::Text | Type::Json => {
                let value = self.coerce(value, &Type::Text, argument.span)?;
                let kind = if ty == Type::PublicKey { PUBLIC } else { PRIVATE };
                let key = self.rsa_call("Rsa::from", vec![plain_text(value), atom(kind)], ty, true, span)?;
                Ok(key.borrowed())
            }
            other => Err(Cannot::new(argument.span, format!("{other} stands where {ty} is wanted"))),
        }
    }

    fn learn_key_type(&mut self, php: &Php, ty: &Type) {
        if let E::Variable(name) = &php.bare().kind {
            self.learn_type(name, ty);
        }
    }

    /// A static method of `AesGcm` or `AesEcb`.
    pub(super) fn aes(&mut self, class: &str, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        let gcm = class.ends_with("Gcm");
        let class = if gcm { "AesGcm" } else { "AesEcb" };
        let first = match name {
            "encrypt" => "plaintext",
            "decrypt" => "ciphertext",
            _ => return Err(Cannot::new(span, format!("{class}::{name}: it is not known here"))),
        };
        let found = self.plain_arguments(arguments, &[first, "key", "iv", "aad"], span)?;
        let mut passed = vec![self.as_text(found[0], first, span)?, self.as_bytes(found[1], "key", span)?];
        if gcm {
            passed.push(self.optional_text(found[2])?);
            passed.push(self.optional_text(found[3])?);
        }
        if name == "decrypt" {
            self.note_notification(gcm, span);
        }
        self.import(&format!("wechatpay::{class}"));
        let code = call(&format!("{class}::{name}"), passed);
        Ok(Typed::owned(self.try_(span, code)?, Type::Text))
    }

    /// What does all the steps of a notification: its instance and the headers as a whole are not among them.
    fn note_notification(&mut self, is_apiv3: bool, span: Span) {
        match is_apiv3 {
            true if self.sdk.verifies => self.note(
                span,
                "`instance.notification(headers, body)` verifies, checks the time and decrypts, with the keys of the instance",
            ),
            true => {}
            false => self.note(
                span,
                "`instance.notification_apiv2(body)` checks the sign and decrypts `req_info`, with the key of the instance",
            ),
        }
    }

    /// A static method of `Hash`.
    pub(super) fn hash(&mut self, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        self.import("wechatpay::Hash");
        match name {
            "md5" => {
                let found = self.plain_arguments(arguments, &["thing", "key", "agency"], span)?;
                let agency = match found[2] {
                    Some(agency) => {
                        let agency = self.expression(&agency.value)?;
                        self.truth(agency, span)?
                    }
                    None => atom("false"),
                };
                let passed = vec![self.as_bytes(found[0], "thing", span)?, self.optional_text(found[1])?, agency];
                Ok(Typed::owned(call("Hash::md5", passed), Type::Text))
            }
            "hmac" => {
                let found = self.plain_arguments(arguments, &["thing", "key", "algorithm"], span)?;
                let algorithm = match found[2] {
                    Some(algorithm) => self.as_text(Some(algorithm), "algorithm", span)?,
                    None => crate::rust::build::text("sha256"),
                };
                let passed =
                    vec![self.as_bytes(found[0], "thing", span)?, self.as_bytes(found[1], "key", span)?, algorithm];
                let code = call("Hash::hmac", passed);
                Ok(Typed::owned(self.try_(span, code)?, Type::Text))
            }
            "sign" => {
                let found = self.plain_arguments(arguments, &["type", "data", "key"], span)?;
                let passed = vec![
                    self.as_text(found[0], "type", span)?,
                    self.as_bytes(found[1], "data", span)?,
                    self.as_bytes(found[2], "key", span)?,
                ];
                Ok(Typed::owned(call("Hash::sign", passed), Type::Text.optional()))
            }
            "equals" => {
                let found = self.plain_arguments(arguments, &["known_string", "user_string"], span)?;
                let known = self.as_text_reference(found[0], "known_string", span)?;
                let user = self.required(found[1], "user_string", span)?;
                let value = self.expression(&user.value)?;
                let user = self.passed(value, &Type::Text.optional(), false, user.span)?;
                Ok(Typed::boolean(call("Hash::equals", vec![known, user])))
            }
            _ => Err(Cannot::new(span, format!("Hash::{name}: it is not known here"))),
        }
    }

    /// A static method of `PemUtil`.
    pub(super) fn pem_util(&mut self, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        let found = self.plain_arguments(arguments, &["thing"], span)?;
        let thing = self.required(found[0], "thing", span)?;
        if self.is_configuring() {
            match name {
                "loadprivatekey" | "loadcertificate" => return self.key_text("file://", &thing.value),
                "loadprivatekeyfromstring" | "loadcertificatefromstring" => return self.key_text("", &thing.value),
                _ => {}
            }
        }
        let value = self.as_text(Some(thing), "thing", span)?;
        let (path, ty) = match name {
            "loadprivatekey" => ("load_private_key", Type::PrivateKey),
            "loadprivatekeyfromstring" => ("load_private_key_from_string", Type::PrivateKey),
            "parsecertificateserialno" => ("parse_certificate_serial_no", Type::Text),
            "loadcertificate" | "loadcertificatefromstring" => {
                return Err(Cannot::new(
                    span,
                    "a certificate by itself: `PemUtil::load_certificate(path)?` has its serial_no(), not_after() and \
                     public_key()?; for verifying, give it to Rsa::from",
                ));
            }
            _ => return Err(Cannot::new(span, format!("PemUtil::{name}: it is not known here"))),
        };
        self.import("wechatpay::PemUtil");
        let code = call(&format!("PemUtil::{path}"), vec![value]);
        Ok(Typed::owned(self.try_(span, code)?, ty))
    }

    /// An argument that is a text: `impl AsRef<str>`, `impl Into<KeySource>`.
    pub(super) fn as_text(&mut self, argument: Option<&Argument>, name: &str, span: Span) -> Result<Expression> {
        let argument = self.required(argument, name, span)?;
        let value = self.expression_as(&argument.value, &Type::Text)?;
        Ok(plain_text(value))
    }

    /// `&str`
    pub(super) fn as_text_reference(
        &mut self,
        argument: Option<&Argument>,
        name: &str,
        span: Span,
    ) -> Result<Expression> {
        let argument = self.required(argument, name, span)?;
        let value = self.expression_as(&argument.value, &Type::Text)?;
        Ok(value.borrowed())
    }

    /// An argument of bytes: a text, or the body of an answer.
    pub(super) fn as_bytes(&mut self, argument: Option<&Argument>, name: &str, span: Span) -> Result<Expression> {
        let argument = self.required(argument, name, span)?;
        let value = self.expression(&argument.value)?;
        if let Some(bytes) = self.body_bytes(&value) {
            return Ok(bytes);
        }
        if value.ty == Type::Bytes {
            return Ok(if value.form == Form::Place { value.borrowed() } else { value.code });
        }
        let value = self.coerce(value, &Type::Text, argument.span)?;
        Ok(plain_text(value))
    }

    /// A text that may be left out.
    pub(super) fn optional_text(&mut self, argument: Option<&Argument>) -> Result<Expression> {
        match argument {
            Some(argument) => self.as_text(Some(argument), "", argument.span),
            None => Ok(crate::rust::build::text("")),
        }
    }
}

/// A text where a value and a reference both will do.
pub(super) fn plain_text(value: Typed) -> Expression {
    match value.form {
        Form::Place | Form::Last if !matches!(value.code, Expression::Text(_)) => value.borrowed(),
        _ => value.code,
    }
}
