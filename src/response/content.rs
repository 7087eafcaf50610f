//! What an answer says: JSON, with its sensitive fields decrypted, or the XML of APIv2.

use serde_json::Value;

use crate::error::{DecryptionError, Error, JsonError, Result};
use crate::protocol::Protocol;
use crate::request::pointers::{AUTO, Pointers};
use crate::request::sensitive::{self, Pointer};
use crate::response::Response;
use crate::text::transformer::Transformer;

impl Response {
    pub(crate) fn is_apiv2(&self) -> bool {
        self.protocol == Protocol::Apiv2
    }

    /// The body as JSON (PHP: `json_decode((string) $response->getBody(), true)`).
    ///
    /// An empty body, as in a 204, is `Value::Null`.
    ///
    /// # Errors
    /// [`Error::Json`] if the body is something else. By then the platform has answered: see
    /// [`Outcome::Unknown`](crate::Outcome::Unknown).
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let answer = instance.chain("v3/certificates").get(())?.json()?;
    /// println!("{answer}");
    /// # Ok(()) }
    /// ```
    pub fn json(&self) -> Result<Value> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        if let (Protocol::Apiv3, Some(fields)) = (self.protocol, self.fields.get()) {
            return Ok(Value::clone(fields));
        }
        serde_json::from_slice(&self.body)
            .map_err(|source| Error::Json(Box::new(JsonError { source, response: self.clone() })))
    }

    /// The body as JSON, with sensitive fields decrypted with the private key that the call was signed with (PHP:
    /// `Rsa::decrypt` for each field).
    ///
    /// `"auto"` stands for the fields that the platform documents as encrypted in the answer to this call; there are none for an
    /// operation that the library does not know. Anything else is a JSON pointer (RFC 6901): `*` in it means every element of a
    /// list; in an object it is a field named `*`. In a name, `~` is written `~0` and `/` is written `~1`. Fields that are
    /// absent, null or empty stay as they are, as many are optional in the platform's answers; a misspelt pointer therefore
    /// decrypts nothing and is not an error.
    ///
    /// # Errors
    /// [`Error::Json`], as for [`json`](Response::json). [`Error::Decryption`] names the pointer if it is malformed, or if
    /// the field is not a string, was encrypted for another key (such as that of an older certificate of the merchant), or
    /// the private key is kept by a custom signer that cannot decrypt. By then the platform has answered: see
    /// [`Outcome::Unknown`](crate::Outcome::Unknown).
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// use wechatpay::Fields;
    ///
    /// let complaints = instance.chain("v3/merchant-service/complaints-v2").get(wechatpay::json!({
    ///     "query": { "begin_date": "2026-01-01", "end_date": "2026-01-03" },
    /// }))?.decrypt("auto")?;
    /// println!("{}", complaints.text_at("/data/0/payer_phone")?);
    /// # Ok(()) }
    /// ```
    pub fn decrypt<Form>(&self, pointers: impl Pointers<Form>) -> Result<Value> {
        let mut json = self.json()?;
        let failed = |pointer: &str, what: &str| {
            let (pointer, what) = (pointer.to_owned(), what.to_owned());
            Error::Decryption(Box::new(DecryptionError { pointer, what, response: self.clone() }))
        };
        let mut parsed = Vec::new();
        for text in pointers.texts() {
            let text = text.as_ref();
            if self.decrypt.is_none() {
                return Err(failed(text, "cannot be decrypted: the answer is not verified"));
            }
            if text == AUTO {
                parsed.extend(self.sensitive.iter().copied().map(Pointer::documented));
            } else {
                parsed.push(Pointer::parse(text).map_err(|what| failed(text, what))?);
            }
        }
        let Some(keys) = &self.decrypt else { return Ok(json) };
        sensitive::decrypt(&mut json, &parsed, |sealed| keys.decrypt(sealed))
            .map_err(|unfit| failed(&unfit.place, &unfit.what))?;
        Ok(json)
    }

    /// The body of an APIv2 answer as JSON (PHP: `Transformer::toArray((string) $response->getBody())`).
    ///
    /// # Errors
    /// [`Error::Xml`] if the body is something else.
    pub fn xml(&self) -> Result<Value> {
        match (self.protocol, self.fields.get()) {
            (Protocol::Apiv2, Some(fields)) => Ok(Value::clone(fields)),
            _ => Transformer::to_array(&self.body),
        }
    }
}
