//! What an answer says: JSON, with its sensitive fields decrypted, or the XML of APIv2.

use serde_json::Value;

use crate::error::{DecryptionError, Error, JsonError, Result};
use crate::request::sensitive::{self, Pointer};
use crate::response::Response;
use crate::text::transformer::Transformer;

impl Response {
    /// The body as JSON (PHP: `json_decode((string) $response->getBody(), true)`).
    ///
    /// An empty body, as of a 204, is `Value::Null`.
    ///
    /// # Errors
    /// [`Error::Json`] when the body is something else. The platform had answered by then: see
    /// [`Outcome::Unknown`](crate::Outcome::Unknown).
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let answer = instance.chain("v3/certificates").get(())?.json()?;
    /// println!("{}", answer["data"][0]["serial_no"]);
    /// # Ok(()) }
    /// ```
    pub fn json(&self) -> Result<Value> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
            .map_err(|source| Error::Json(Box::new(JsonError { source, response: self.clone() })))
    }

    /// The body as JSON, with the sensitive fields under these JSON pointers (RFC 6901) decrypted, by the private key
    /// that the call was signed with (PHP: `Rsa::decrypt` for each field).
    ///
    /// `*` in a pointer stands for every element of a list; of an object it is the name of a field. In a name, `~` is
    /// written `~0` and `/` is written `~1`. Fields that are absent, null or empty stay as they are, as many are
    /// optional in the platform's answers; so a pointer with a slip of the pen decrypts nothing and is no error.
    ///
    /// # Errors
    /// [`Error::Json`] as [`json`](Response::json); [`Error::Decryption`] names the pointer when it is malformed, or
    /// when the field is no string or was encrypted for another key, such as that of an older certificate of the
    /// merchant, and when a signer of your own keeps the private key. The platform had answered by then: see
    /// [`Outcome::Unknown`](crate::Outcome::Unknown).
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let complaints = instance.chain("v3/merchant-service/complaints-v2").get(wechatpay::json!({
    ///     "query": { "begin_date": "2026-01-01", "end_date": "2026-01-03" },
    /// }))?.decrypt(["/data/*/payer_phone"])?;
    /// println!("{}", complaints["data"][0]["payer_phone"]);
    /// # Ok(()) }
    /// ```
    pub fn decrypt<P: AsRef<str>>(&self, pointers: impl IntoIterator<Item = P>) -> Result<Value> {
        let mut json = self.json()?;
        let failed = |pointer: &str, what: &str| {
            let (pointer, what) = (pointer.to_owned(), what.to_owned());
            Error::Decryption(Box::new(DecryptionError { pointer, what, response: self.clone() }))
        };
        let mut parsed = Vec::new();
        for text in pointers {
            parsed.push(Pointer::parse(text.as_ref()).map_err(|what| failed(text.as_ref(), what))?);
        }
        let Some(first) = parsed.first() else { return Ok(json) };
        let Some(key) = &self.key else {
            return Err(failed(
                first.as_str(),
                "cannot be decrypted: there is no private key with this answer, because a signer of your own keeps it, \
                 or because the answer is not verified",
            ));
        };
        sensitive::decrypt(&mut json, &parsed, key).map_err(|unfit| failed(&unfit.place, &unfit.what))?;
        Ok(json)
    }

    /// The body of an answer of APIv2 as JSON (PHP: `Transformer::toArray((string) $response->getBody())`).
    ///
    /// # Errors
    /// [`Error::Xml`] when the body is something else.
    pub fn xml(&self) -> Result<Value> {
        Transformer::to_array(&self.body)
    }
}
