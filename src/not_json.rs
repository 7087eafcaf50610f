//! What JSON cannot hold: if one of these is written into `json!`, the compiler says what to write instead.
//!
//! Each type has serde's `Serialize` under a condition that nothing meets. Without that, the compiler would list types of
//! serde. The condition is about every lifetime because the compiler refuses one that is false on its face.

use serde_core::ser::Error;
use serde_core::{Serialize, Serializer};

use crate::crypto::certificate::Certificate;
use crate::crypto::key::{PrivateKey, PublicKey};
use crate::crypto::source::KeySource;
use crate::keys::credentials::Credentials;
use crate::request::media::MediaUtil;
use crate::request::multipart::Part;
use crate::request::options::Options;
use crate::request::payload::Body;

macro_rules! not_json {
    ($($type:ident, $condition:ident: $message:literal, $instead:literal;)*) => {
        $(
            #[diagnostic::on_unimplemented(message = $message, label = "JSON cannot hold this", note = $instead)]
            pub trait $condition {}

            #[doc(hidden)]
            impl Serialize for $type
            where
                for<'a> &'a $type: $condition,
            {
                fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                    Err(Error::custom($message))
                }
            }
        )*
    };
}

not_json! {
    PrivateKey, PrivateKeyInJson:
        "a private key cannot be written into `json!`",
        "leave `privateKey` out and add the key: `Builder::from(json!({{ … }})).credentials(Credentials::new().private_key(key)).build()`";
    PublicKey, PublicKeyInJson:
        "a public key cannot be written into `json!`",
        "leave it out of `certs` and add it: `Builder::from(json!({{ … }})).credentials(Credentials::new().cert(id, key)).build()`";
    KeySource, KeySourceInJson:
        "a `KeySource` cannot be written into `json!`",
        "write the text itself, or add it: `Builder::from(json!({{ … }})).credentials(Credentials::new().private_key(source)).build()`";
    Certificate, CertificateInJson:
        "a certificate cannot be written into `json!`",
        "write its PEM: `certificate.to_pem()?`";
    Body, BodyInJson:
        "a `Body` cannot be written into `json!`",
        "use the setter: `Options::new().body(body)`; with other options `Options::from(json!({{ … }})).body(body)`";
    MediaUtil, MediaUtilInJson:
        "an upload cannot be written into `json!`",
        "use the setter: `Options::new().body(media)`; with other options `Options::from(json!({{ … }})).body(media)`";
    Part, PartInJson:
        "a `Part` cannot be written into `json!`",
        "use the setter: `Options::new().multipart([part])`";
    Options, OptionsInJson:
        "`Options` cannot be written into `json!`",
        "call setters after it: `Options::from(json!({{ … }})).timeout(…)`; defaults of all calls: `Builder::from(json!({{ … }})).defaults(options)`";
    Credentials, CredentialsInJson:
        "`Credentials` cannot be written into `json!`",
        "add them: `Builder::from(json!({{ … }})).credentials(credentials).build()`";
}
