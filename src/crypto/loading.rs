//! Loads keys from their sources, in every form in which the platform and its users pass them around.

use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey, PKeyRef, Private, Public};
use openssl::rsa::Rsa as OpenSslRsa;
use openssl::x509::X509;

use crate::crypto::certificate::Certificate;
use crate::crypto::key::{PrivateKey, PublicKey};
use crate::crypto::pkcs8;
use crate::crypto::pkcs12::Pkcs12;
use crate::crypto::source::{
    CERTIFICATE, Encoding, Given, KeySource, PRIVATE_PKCS1, PRIVATE_PKCS8, PUBLIC_PKCS1, PUBLIC_SPKI, refuse_encrypted,
};
use crate::error::{Error, Result};

impl PrivateKey {
    /// Loads a private key, in any form of [`Rsa::from`](crate::Rsa::from); an encrypted one as `(key, passphrase)`, and so
    /// a PKCS#12 file, such as `apiclient_cert.p12`, whose passphrase is the merchant's number unless it was changed.
    ///
    /// ```no_run
    /// use wechatpay::PrivateKey;
    /// # fn main() -> anyhow::Result<()> {
    /// let plain = PrivateKey::load("file:///path/to/apiclient_key.pem")?;
    /// let encrypted = PrivateKey::load(("file:///path/to/encrypted_key.pem", "passphrase"))?;
    /// # let _ = (plain, encrypted);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::Key`] says what was found instead.
    pub fn load(source: impl Into<KeySource>) -> Result<PrivateKey> {
        PrivateKey::load_with_certificate(source).map(|(key, _)| key)
    }

    /// Like [`load`](PrivateKey::load), with the certificate that is beside the key in a PKCS#12 file; `None` for any other form.
    ///
    /// ```no_run
    /// use wechatpay::PrivateKey;
    /// # fn main() -> anyhow::Result<()> {
    /// let p12 = ("file:///path/to/apiclient_cert.p12", "1900000109");
    /// let (key, certificate) = PrivateKey::load_with_certificate(p12)?;
    /// println!("the serial is {}", certificate.expect("it is PKCS#12").serial_no());
    /// # let _ = key;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`load`](PrivateKey::load).
    pub fn load_with_certificate(source: impl Into<KeySource>) -> Result<(PrivateKey, Option<Certificate>)> {
        PrivateKey::load_of_merchant(&source.into(), None)
    }

    /// The same, of a merchant, whose number is the passphrase of a PKCS#12 file if none is given.
    ///
    /// # Errors
    /// As [`load`](PrivateKey::load).
    pub(crate) fn load_of_merchant(
        source: &KeySource,
        mchid: Option<&str>,
    ) -> Result<(PrivateKey, Option<Certificate>)> {
        let (text, passphrase) = match source.given() {
            Given::Private(key) => return Ok((key.clone(), None)),
            Given::Public(_) => return Err(Error::Key("a private key is needed, this is a public key".into())),
            Given::Text { text, passphrase } => (text, passphrase.as_ref().map(|passphrase| passphrase.as_str())),
        };
        let key = match Encoding::of(text)? {
            Encoding::Der { scheme: PRIVATE_PKCS1, bytes } => {
                private_key_from_pkcs1(&bytes).map_err(|_| not_that(PRIVATE_PKCS1))?
            }
            Encoding::Der { scheme: PRIVATE_PKCS8, bytes } => match pkcs8::pkcs1(&bytes) {
                Some(bytes) => private_key_from_pkcs1(bytes),
                None => PKey::private_key_from_pkcs8(&bytes),
            }
            .map_err(|_| not_that(PRIVATE_PKCS8))?,
            Encoding::Der { scheme, .. } => {
                return Err(Error::Key(format!("a private key is needed, {scheme} holds a public key")));
            }
            Encoding::Pem { label, pem } if label.ends_with("PRIVATE KEY") => {
                private_key_from_pem(&label, &pem, passphrase)?
            }
            Encoding::Pem { label, .. } => {
                return Err(Error::Key(format!("a private key is needed, the PEM holds a {label}")));
            }
            Encoding::Pkcs12 { path, bytes } => {
                let opened = Pkcs12::open(path, &bytes, passphrase, mchid)?;
                return Ok((PrivateKey::checked(opened.key)?, Some(opened.certificate)));
            }
        };
        Ok((PrivateKey::checked(key)?, None))
    }

    /// # Errors
    /// [`Error::Key`] if it is not an RSA key.
    pub(crate) fn checked(key: PKey<Private>) -> Result<PrivateKey> {
        check_rsa(&key)?;
        Ok(PrivateKey::new(key))
    }

    /// The public key that belongs to it.
    ///
    /// # Errors
    /// [`Error::Key`] if OpenSSL cannot derive it.
    pub fn public_key(&self) -> Result<PublicKey> {
        self.key()
            .public_key_to_der()
            .and_then(|der| PKey::public_key_from_der(&der))
            .map(PublicKey)
            .map_err(|error| Error::Key(error.to_string()))
    }
}

impl PublicKey {
    /// Loads a public key, in any form of [`Rsa::from`](crate::Rsa::from); a certificate serves as one.
    ///
    /// ```no_run
    /// use wechatpay::PublicKey;
    /// # fn main() -> anyhow::Result<()> {
    /// let key = PublicKey::load("file:///path/to/wechatpay/publickey.pem")?;
    /// # let _ = key;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::Key`] says what was found instead.
    pub fn load(source: impl Into<KeySource>) -> Result<PublicKey> {
        let source = source.into();
        let text = match source.given() {
            Given::Public(key) => return Ok(key.clone()),
            Given::Private(_) => return Err(Error::Key("a public key is needed, this is a private key".into())),
            Given::Text { text, .. } => text,
        };
        let key = match Encoding::of(text)? {
            Encoding::Der { scheme: PUBLIC_PKCS1, bytes } => OpenSslRsa::public_key_from_der_pkcs1(&bytes)
                .and_then(PKey::from_rsa)
                .map_err(|_| not_that(PUBLIC_PKCS1))?,
            Encoding::Der { scheme: PUBLIC_SPKI, bytes } => {
                PKey::public_key_from_der(&bytes).map_err(|_| not_that(PUBLIC_SPKI))?
            }
            Encoding::Der { scheme, .. } => {
                return Err(Error::Key(format!("a public key is needed, {scheme} holds a private key")));
            }
            Encoding::Pem { label, pem } => public_key_from_pem(&label, &pem)?,
            Encoding::Pkcs12 { .. } => {
                return Err(Error::Key(
                    "a public key or a certificate in PEM is needed, PKCS#12 holds a merchant's private key".into(),
                ));
            }
        };
        PublicKey::checked(key)
    }

    /// # Errors
    /// [`Error::Key`] if it is not an RSA key.
    pub(crate) fn checked(key: PKey<Public>) -> Result<PublicKey> {
        check_rsa(&key)?;
        Ok(PublicKey(key))
    }
}

/// See [`Rsa::KEY_TYPE_PRIVATE`](crate::Rsa::KEY_TYPE_PRIVATE).
#[derive(Clone, Copy, Debug)]
pub struct KeyTypePrivate;

/// See [`Rsa::KEY_TYPE_PUBLIC`](crate::Rsa::KEY_TYPE_PUBLIC).
#[derive(Clone, Copy, Debug)]
pub struct KeyTypePublic;

/// What [`Rsa::from`](crate::Rsa::from) can be asked for: [`Rsa::KEY_TYPE_PRIVATE`](crate::Rsa::KEY_TYPE_PRIVATE) or [`Rsa::KEY_TYPE_PUBLIC`](crate::Rsa::KEY_TYPE_PUBLIC).
pub trait KeyType: private::Sealed {
    /// The type of the loaded key.
    type Key;

    #[doc(hidden)]
    const PKCS1: &'static str;

    #[doc(hidden)]
    fn load(source: KeySource) -> Result<Self::Key>;
}

mod private {
    pub trait Sealed {}
    impl Sealed for super::KeyTypePrivate {}
    impl Sealed for super::KeyTypePublic {}
}

impl KeyType for KeyTypePrivate {
    type Key = PrivateKey;
    const PKCS1: &'static str = PRIVATE_PKCS1;

    fn load(source: KeySource) -> Result<PrivateKey> {
        PrivateKey::load(source)
    }
}

impl KeyType for KeyTypePublic {
    type Key = PublicKey;
    const PKCS1: &'static str = PUBLIC_PKCS1;

    fn load(source: KeySource) -> Result<PublicKey> {
        PublicKey::load(source)
    }
}

fn public_key_from_pem(label: &str, pem: &[u8]) -> Result<PKey<Public>> {
    let parse: fn(&[u8]) -> Result<PKey<Public>, ErrorStack> = match label {
        CERTIFICATE => |pem| X509::from_pem(pem).and_then(|certificate| certificate.public_key()),
        "RSA PUBLIC KEY" => |pem| OpenSslRsa::public_key_from_pem_pkcs1(pem).and_then(PKey::from_rsa),
        "PUBLIC KEY" => PKey::public_key_from_pem,
        _ => {
            return Err(Error::Key(format!("a public key or a certificate is needed, the PEM holds a {label}")));
        }
    };
    refuse_encrypted(pem)?;
    first_block(pem, label)
        .and_then(|block| parse(block.as_bytes()).ok())
        .ok_or_else(|| Error::Key(format!("the PEM says {label} but cannot be read as one; is it complete?")))
}

/// Only the first block of the PEM: if it is broken, OpenSSL would go on to the next one, and ask for a passphrase on the
/// terminal if that is an encrypted private key.
fn first_block(pem: &[u8], label: &str) -> Option<String> {
    let text = String::from_utf8_lossy(pem);
    let (_, after) = text.split_once("-----BEGIN ")?;
    let (inside, _) = after.split_once(&format!("-----END {label}-----"))?;
    let is_one = !inside.contains("-----BEGIN ");
    is_one.then(|| format!("-----BEGIN {inside}-----END {label}-----\n"))
}

fn private_key_from_pkcs1(der: &[u8]) -> Result<PKey<Private>, ErrorStack> {
    OpenSslRsa::private_key_from_der(der).and_then(PKey::from_rsa)
}

/// A key that is not encrypted, in one of the two usual forms.
fn plain_key_from_pem(label: &str, pem: &[u8]) -> Option<PKey<Private>> {
    let der = pkcs8::der_of_pem(pem, label)?;
    let pkcs1 = match label {
        "RSA PRIVATE KEY" => &der,
        "PRIVATE KEY" => pkcs8::pkcs1(&der)?,
        _ => return None,
    };
    private_key_from_pkcs1(pkcs1).ok()
}

/// Without a callback, OpenSSL would ask on the terminal, so there is always one.
fn private_key_from_pem(label: &str, pem: &[u8], passphrase: Option<&str>) -> Result<PKey<Private>> {
    if let Some(key) = plain_key_from_pem(label, pem) {
        return Ok(key);
    }
    let (mut asked, mut too_long) = (false, false);
    let key = PKey::private_key_from_pem_callback(pem, |buffer| {
        asked = true;
        let passphrase = passphrase.unwrap_or_default().as_bytes();
        match buffer.get_mut(..passphrase.len()) {
            Some(place) => {
                place.copy_from_slice(passphrase);
                Ok(passphrase.len())
            }
            None => {
                too_long = true;
                Ok(0)
            }
        }
    });
    if too_long {
        return Err(Error::Key("the passphrase is longer than the 1,024 bytes that OpenSSL takes".into()));
    }
    key.map_err(|_| {
        Error::Key(
            match (asked, passphrase) {
                (true, None) => "the private key is encrypted, give its passphrase as well: [key, passphrase]",
                (true, Some(_)) => "the private key cannot be decrypted, the passphrase is wrong",
                (false, _) => "the PEM says it is a private key but cannot be read as one; is it complete?",
            }
            .into(),
        )
    })
}

fn not_that(scheme: &str) -> Error {
    Error::Key(format!("what follows {scheme} is base64, but not such a key"))
}

fn check_rsa<T>(key: &PKeyRef<T>) -> Result<()> {
    match key.id() {
        Id::RSA => Ok(()),
        other => Err(Error::Key(format!(
            "an RSA key is needed, this is another kind of key (OpenSSL id {})",
            other.as_raw()
        ))),
    }
}
