//! PKCS#12: the file `apiclient_cert.p12`, a merchant's certificate and its key under a passphrase.
//!
//! OpenSSL leaves copies of the key and of the passphrase in memory when it opens one. Whoever minds uses the PEM files
//! that are beside it.

use openssl::error::ErrorStack;
use openssl::pkcs12::{ParsedPkcs12_2, Pkcs12 as OpenSslPkcs12};
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use crate::crypto::certificate::Certificate;
use crate::crypto::source::{Encoding, Given, KeySource};
use crate::error::{Error, Result};
use crate::redact;

/// An opened file.
pub(crate) struct Pkcs12 {
    /// Of any kind, as it is in the file.
    pub(crate) key: PKey<Private>,
    pub(crate) certificate: Certificate,
    /// The certificate, followed by those of its issuers.
    pub(crate) chain: Vec<X509>,
}

impl Pkcs12 {
    /// Opens the file; `None` if the source is something else. The merchant's number is the passphrase if none is given.
    ///
    /// # Errors
    /// [`Error::Key`] says why it cannot be read.
    pub(crate) fn of(source: &KeySource, mchid: Option<&str>) -> Result<Option<Pkcs12>> {
        let Given::Text { text, passphrase } = source.given() else { return Ok(None) };
        match Encoding::of(text)? {
            Encoding::Pkcs12 { path, bytes } => {
                Pkcs12::open(path, &bytes, passphrase.as_ref().map(|text| text.as_str()), mchid).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Opens what was read from the file at this path.
    ///
    /// # Errors
    /// As [`of`](Pkcs12::of).
    pub(super) fn open(path: &str, bytes: &[u8], passphrase: Option<&str>, mchid: Option<&str>) -> Result<Pkcs12> {
        let path = redact::path(path);
        let file = |what: &str| Error::Key(format!("the PKCS#12 file {path} {what}"));
        let Some(text) = passphrase.or(mchid) else {
            return Err(file(
                "needs its passphrase beside the path; it is the merchant's number unless it was changed",
            ));
        };
        if text.contains('\0') {
            return Err(file("cannot be opened: there is a zero byte in the passphrase"));
        }
        let opened = OpenSslPkcs12::from_der(bytes).map_err(|_| file("cannot be read; is it complete?"))?;
        let ParsedPkcs12_2 { pkey, cert, ca } = opened.parse2(text).map_err(|error| match refusal(&error) {
            Refusal::Passphrase if passphrase.is_none() => {
                file("does not open with the merchant's number as its passphrase; give the passphrase beside the path")
            }
            Refusal::Passphrase => {
                file("cannot be opened, the passphrase is wrong; it is the merchant's number unless it was changed")
            }
            Refusal::Cipher => file(&format!(
                "is encrypted with an old cipher (RC2) that OpenSSL 3 refuses. Use apiclient_key.pem and \
                 apiclient_cert.pem of the same download, or take them out of it: \
                 `openssl pkcs12 -legacy -in '{path}' -nocerts -nodes -out apiclient_key.pem` and \
                 `openssl pkcs12 -legacy -in '{path}' -clcerts -nokeys -out apiclient_cert.pem`"
            )),
            Refusal::Other => file("cannot be read; is it complete?"),
        })?;
        let key = pkey.ok_or_else(|| file("holds no private key"))?;
        let x509 = cert.ok_or_else(|| file("holds no certificate of its key"))?;
        let issuers = ca.map(|ca| ca.into_iter().collect::<Vec<_>>()).unwrap_or_default();
        let chain = std::iter::once(x509.clone()).chain(issuers).collect();
        Ok(Pkcs12 { key, certificate: Certificate::new(x509)?, chain })
    }
}

/// Why OpenSSL does not open one.
enum Refusal {
    Passphrase,
    Cipher,
    Other,
}

fn refusal(error: &ErrorStack) -> Refusal {
    let says =
        |words: &str| error.errors().iter().filter_map(|error| error.reason()).any(|reason| reason.contains(words));
    if says("mac verify failure") {
        Refusal::Passphrase
    } else if says("unsupported") {
        Refusal::Cipher
    } else {
        Refusal::Other
    }
}
