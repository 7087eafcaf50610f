//! RSA keys in every form the platform and its users hand around, and what is done with them.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Private, Public};
use openssl::rsa::{Padding, Rsa as OpenSslRsa};
use openssl::sign::{Signer, Verifier};
use openssl::x509::X509;
use zeroize::Zeroizing;

use super::copies::Copies;
use super::{SecretBytes, decode_base64, encode_base64, pkcs8, utf8};
use crate::error::{Error, Result};
use crate::pem::Certificate;
use crate::redact;

/// Bytes that OAEP with SHA-1 takes from the size of the key.
const OAEP_OVERHEAD: usize = 42;

/// RSA as the platform uses it (PHP: `WeChatPay\Crypto\Rsa`): SHA256-RSA2048 signatures (PKCS#1 v1.5)
/// and OAEP with SHA-1 for sensitive fields, everything in base64.
///
/// ```
/// use wechatpay::Rsa;
/// # fn main() -> anyhow::Result<()> {
/// # let dir = std::env::temp_dir().join(format!("wechatpay-rsa-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let pem = openssl::rsa::Rsa::generate(2048)?.private_key_to_pem()?;
/// # let path = dir.join("apiclient_key.pem");
/// # std::fs::write(&path, &pem)?;
/// # let public = String::from_utf8(openssl::rsa::Rsa::private_key_from_pem(&pem)?.public_key_to_pem()?)?;
/// let private_key = Rsa::from(format!("file://{}", path.display()), Rsa::KEY_TYPE_PRIVATE)?;
/// let public_key = Rsa::from(public, Rsa::KEY_TYPE_PUBLIC)?;
///
/// let signature = Rsa::sign("message", &private_key)?;
/// assert!(Rsa::verify("message", &signature, &public_key));
///
/// let hidden = Rsa::encrypt("张三", &public_key)?;
/// assert_eq!(Rsa::decrypt(&hidden, &private_key)?, "张三");
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Rsa;

impl Rsa {
    /// Asks [`Rsa::from`] for a [`PublicKey`].
    pub const KEY_TYPE_PUBLIC: KeyTypePublic = KeyTypePublic;

    /// Asks [`Rsa::from`] for a [`PrivateKey`].
    pub const KEY_TYPE_PRIVATE: KeyTypePrivate = KeyTypePrivate;

    /// Loads a key; `key_type` chooses at compile time which kind it gives.
    ///
    /// `thing` is one of:
    /// * `file://` and a path to a PEM file (PKCS#1, PKCS#8, SPKI or X.509),
    /// * the text of such a PEM file,
    /// * `private.pkcs1://`, `private.pkcs8://`, `public.pkcs1://` or `public.spki://` and bare base64 (DER),
    /// * `(thing, passphrase)` for an encrypted private key,
    /// * a key that is loaded already.
    ///
    /// A certificate serves as a public key.
    ///
    /// # Errors
    /// [`Error::Key`] says what was found instead.
    pub fn from<K: KeyType>(thing: impl Into<KeySource>, key_type: K) -> Result<K::Key> {
        let _ = key_type;
        K::load(&thing.into())
    }

    /// Loads a key from bare base64 of PKCS#1 (`BEGIN RSA PRIVATE KEY`, `BEGIN RSA PUBLIC KEY`).
    ///
    /// # Errors
    /// [`Error::Key`] when it is something else.
    pub fn from_pkcs1<K: KeyType>(base64: impl AsRef<str>, key_type: K) -> Result<K::Key> {
        Rsa::from(format!("{}{}", K::PKCS1, base64.as_ref()), key_type)
    }

    /// Loads a private key from bare base64 of PKCS#8 (`BEGIN PRIVATE KEY`).
    ///
    /// # Errors
    /// [`Error::Key`] when it is something else.
    pub fn from_pkcs8(base64: impl AsRef<str>) -> Result<PrivateKey> {
        Rsa::from(format!("{PRIVATE_PKCS8}{}", base64.as_ref()), Rsa::KEY_TYPE_PRIVATE)
    }

    /// Loads a public key from bare base64 of SPKI (`BEGIN PUBLIC KEY`).
    ///
    /// # Errors
    /// [`Error::Key`] when it is something else.
    pub fn from_spki(base64: impl AsRef<str>) -> Result<PublicKey> {
        Rsa::from(format!("{PUBLIC_SPKI}{}", base64.as_ref()), Rsa::KEY_TYPE_PUBLIC)
    }

    /// Converts bare base64 of a PKCS#1 public key into bare base64 of SPKI.
    ///
    /// # Errors
    /// [`Error::Key`] when it is something else.
    pub fn pkcs1_to_spki(base64: impl AsRef<str>) -> Result<String> {
        let key = Rsa::from_pkcs1(base64, Rsa::KEY_TYPE_PUBLIC)?;
        let der = key.0.public_key_to_der().map_err(|error| Error::Key(error.to_string()))?;
        Ok(encode_base64(&der))
    }

    /// Signs with SHA256-RSA2048 (PKCS#1 v1.5); gives base64.
    ///
    /// # Errors
    /// [`Error::Crypto`] when the key is too short for it.
    pub fn sign(message: impl AsRef<[u8]>, private_key: &PrivateKey) -> Result<String> {
        Signer::new(MessageDigest::sha256(), private_key.0.of_this_thread())
            .and_then(|mut signer| signer.sign_oneshot_to_vec(message.as_ref()))
            .map(|signature| encode_base64(&signature))
            .map_err(|error| Error::Crypto(format!("RSA signing failed: {error}")))
    }

    /// Whether `signature`, in base64, is that of the key's owner over `message`.
    pub fn verify(message: impl AsRef<[u8]>, signature: impl AsRef<str>, public_key: &PublicKey) -> bool {
        decode_base64(signature.as_ref())
            .is_some_and(|signature| verify_bytes(message.as_ref(), &signature, &public_key.0))
    }

    /// Encrypts a sensitive field with OAEP and SHA-1; gives base64.
    ///
    /// # Errors
    /// [`Error::Crypto`] when the text is longer than the key can hold (214 bytes for RSA-2048).
    pub fn encrypt(plaintext: impl AsRef<[u8]>, public_key: &PublicKey) -> Result<String> {
        let (plaintext, size) = (plaintext.as_ref(), public_key.0.size());
        let most = size.saturating_sub(OAEP_OVERHEAD);
        if plaintext.len() > most {
            return Err(Error::Crypto(format!(
                "{} bytes are too many to encrypt: this key of {} bits holds {most}",
                plaintext.len(),
                size.saturating_mul(8)
            )));
        }
        let mut sealed = vec![0; size];
        public_key
            .0
            .rsa()
            .and_then(|rsa| rsa.public_encrypt(plaintext, &mut sealed, Padding::PKCS1_OAEP))
            .map_err(|error| Error::Crypto(format!("RSA encryption failed: {error}")))?;
        Ok(encode_base64(&sealed))
    }

    /// Decrypts base64 that was encrypted for this key with OAEP and SHA-1; gives the plain text.
    ///
    /// # Errors
    /// [`Error::Crypto`] when it is not base64, or was encrypted for another key.
    pub fn decrypt(ciphertext: impl AsRef<str>, private_key: &PrivateKey) -> Result<String> {
        let sealed = decode_base64(ciphertext.as_ref())
            .ok_or_else(|| Error::Crypto("the RSA ciphertext is not base64".into()))?;
        let key = private_key.0.of_this_thread();
        let mut plaintext = vec![0; key.size()];
        let length = key
            .rsa()
            .and_then(|rsa| rsa.private_decrypt(&sealed, &mut plaintext, Padding::PKCS1_OAEP))
            .map_err(|_| {
                Error::Crypto("RSA decryption failed: it was encrypted for another key, or with another padding".into())
            })?;
        plaintext.truncate(length);
        utf8(plaintext)
    }
}

pub(crate) fn verify_bytes<T: HasPublic>(message: &[u8], signature: &[u8], key: &PKeyRef<T>) -> bool {
    Verifier::new(MessageDigest::sha256(), key)
        .and_then(|mut verifier| verifier.verify_oneshot(signature, message))
        .unwrap_or(false)
}

/// An RSA private key, parsed once; cheap to clone. `Debug` shows its size only.
#[derive(Clone)]
pub struct PrivateKey(Arc<Copies>);

impl PrivateKey {
    pub(crate) fn new(key: PKey<Private>) -> PrivateKey {
        PrivateKey(Arc::new(Copies::new(key)))
    }

    pub(crate) fn key(&self) -> &PKeyRef<Private> {
        self.0.original()
    }

    /// The public half.
    ///
    /// # Errors
    /// [`Error::Key`] when OpenSSL cannot derive it.
    pub fn public_key(&self) -> Result<PublicKey> {
        self.key()
            .public_key_to_der()
            .and_then(|der| PKey::public_key_from_der(&der))
            .map(PublicKey)
            .map_err(|error| Error::Key(error.to_string()))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey(RSA-{})", self.key().bits())
    }
}

/// An RSA public key, parsed once; cheap to clone.
#[derive(Clone)]
pub struct PublicKey(pub(crate) PKey<Public>);

impl PublicKey {
    pub(crate) fn checked(key: PKey<Public>) -> Result<PublicKey> {
        check_rsa(&key)?;
        Ok(PublicKey(key))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey(RSA-{})", self.0.bits())
    }
}

/// Where a key comes from: what [`Rsa::from`] and [`Builder`](crate::Builder) accept.
#[derive(Clone)]
pub struct KeySource(Source);

#[derive(Clone)]
enum Source {
    /// Overwritten when they are dropped.
    Text {
        text: Zeroizing<String>,
        passphrase: Option<Zeroizing<String>>,
    },
    Private(PrivateKey),
    Public(PublicKey),
}

impl KeySource {
    /// The certificate, when it is one that can be read.
    ///
    /// # Errors
    /// [`Error::Key`] when the file cannot be read, or it is no key in any form.
    pub(crate) fn certificate(&self) -> Result<Option<Certificate>> {
        let Source::Text { text, .. } = &self.0 else { return Ok(None) };
        Ok(match Encoding::of(text)? {
            Encoding::Pem { label, pem } if label == CERTIFICATE => Certificate::from_pem(&pem).ok(),
            _ => None,
        })
    }

    /// The same, where a bare path is taken for one, as PHP does for TLS.
    pub(crate) fn or_path(self) -> KeySource {
        match self.0 {
            Source::Text { mut text, passphrase } => {
                let text = or_path(std::mem::take(&mut *text)).into();
                KeySource(Source::Text { text, passphrase })
            }
            source => KeySource(source),
        }
    }
}

impl From<&str> for KeySource {
    fn from(thing: &str) -> KeySource {
        KeySource::from(thing.to_owned())
    }
}

impl From<String> for KeySource {
    fn from(text: String) -> KeySource {
        KeySource(Source::Text { text: text.into(), passphrase: None })
    }
}

impl From<&String> for KeySource {
    fn from(thing: &String) -> KeySource {
        KeySource::from(thing.clone())
    }
}

/// An encrypted private key and its passphrase (PHP: `[$thing, $passphrase]`).
impl<T: Into<String>, P: Into<String>> From<(T, P)> for KeySource {
    fn from((text, passphrase): (T, P)) -> KeySource {
        let (text, passphrase) = (text.into().into(), Some(passphrase.into().into()));
        KeySource(Source::Text { text, passphrase })
    }
}

impl From<PrivateKey> for KeySource {
    fn from(key: PrivateKey) -> KeySource {
        KeySource(Source::Private(key))
    }
}

impl From<PublicKey> for KeySource {
    fn from(key: PublicKey) -> KeySource {
        KeySource(Source::Public(key))
    }
}

/// Says what kind of source it is, never its content.
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Text { text, passphrase } => {
                let kind = match file_path(text) {
                    Some(Ok(path)) => return write!(f, "KeySource({FILE}{})", redact::path(path)),
                    Some(Err(_)) => "text",
                    None if passphrase.is_some() => "encrypted text",
                    None => "text",
                };
                write!(f, "KeySource({kind})")
            }
            Source::Private(key) => key.fmt(f),
            Source::Public(key) => key.fmt(f),
        }
    }
}

/// See [`Rsa::KEY_TYPE_PRIVATE`].
#[derive(Clone, Copy, Debug)]
pub struct KeyTypePrivate;

/// See [`Rsa::KEY_TYPE_PUBLIC`].
#[derive(Clone, Copy, Debug)]
pub struct KeyTypePublic;

/// What [`Rsa::from`] can be asked for: [`Rsa::KEY_TYPE_PRIVATE`] or [`Rsa::KEY_TYPE_PUBLIC`].
pub trait KeyType: private::Sealed {
    /// The kind of key it gives.
    type Key;

    #[doc(hidden)]
    const PKCS1: &'static str;

    #[doc(hidden)]
    fn load(source: &KeySource) -> Result<Self::Key>;
}

mod private {
    pub trait Sealed {}
    impl Sealed for super::KeyTypePrivate {}
    impl Sealed for super::KeyTypePublic {}
}

const CERTIFICATE: &str = "CERTIFICATE";
const FILE: &str = "file://";
const PRIVATE_PKCS1: &str = "private.pkcs1://";
const PRIVATE_PKCS8: &str = "private.pkcs8://";
const PUBLIC_PKCS1: &str = "public.pkcs1://";
const PUBLIC_SPKI: &str = "public.spki://";

impl KeyType for KeyTypePrivate {
    type Key = PrivateKey;
    const PKCS1: &'static str = PRIVATE_PKCS1;

    fn load(source: &KeySource) -> Result<PrivateKey> {
        let (text, passphrase) = match &source.0 {
            Source::Private(key) => return Ok(key.clone()),
            Source::Public(_) => return Err(Error::Key("a private key is needed, this is a public key".into())),
            Source::Text { text, passphrase } => (text, passphrase),
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
                private_key_from_pem(&label, &pem, passphrase.as_ref().map(|passphrase| passphrase.as_str()))?
            }
            Encoding::Pem { label, .. } => {
                return Err(Error::Key(format!("a private key is needed, the PEM holds a {label}")));
            }
        };
        check_rsa(&key)?;
        Ok(PrivateKey::new(key))
    }
}

impl KeyType for KeyTypePublic {
    type Key = PublicKey;
    const PKCS1: &'static str = PUBLIC_PKCS1;

    fn load(source: &KeySource) -> Result<PublicKey> {
        let text = match &source.0 {
            Source::Public(key) => return Ok(key.clone()),
            Source::Private(_) => return Err(Error::Key("a public key is needed, this is a private key".into())),
            Source::Text { text, .. } => text,
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
        };
        PublicKey::checked(key)
    }
}

/// How a key is written.
enum Encoding {
    Der { scheme: &'static str, bytes: SecretBytes },
    Pem { label: String, pem: SecretBytes },
}

impl Encoding {
    fn of(text: &str) -> Result<Encoding> {
        for scheme in [PRIVATE_PKCS1, PRIVATE_PKCS8, PUBLIC_PKCS1, PUBLIC_SPKI] {
            if let Some(base64) = text.strip_prefix(scheme) {
                let bytes = pkcs8::from_base64(base64)
                    .ok_or_else(|| Error::Key(format!("what follows {scheme} is not base64")))?;
                return Ok(Encoding::Der { scheme, bytes });
            }
        }
        let (path, pem) = match read_key_file(text)? {
            Some((path, pem)) => (Some(path), pem),
            None => (None, Zeroizing::new(text.as_bytes().to_vec())),
        };
        match pem_label(&pem) {
            Some(label) => Ok(Encoding::Pem { label, pem }),
            None => Err(Error::Key(match path {
                Some(path) => {
                    format!("the file {} is not PEM: it has no line `-----BEGIN …-----`", redact::path(path))
                }
                None => format!(
                    "this is neither PEM nor one of {FILE}, {PRIVATE_PKCS1}, {PRIVATE_PKCS8}, {PUBLIC_PKCS1}, \
                     {PUBLIC_SPKI}; a path needs {FILE} before it"
                ),
            })),
        }
    }
}

/// The path behind `file://` and what the file holds; none when it is not a path.
pub(crate) fn read_file(text: &str) -> Result<Option<(&str, Vec<u8>)>> {
    Ok(read_key_file(text)?.map(|(path, mut held)| (path, std::mem::take(&mut *held))))
}

/// The same of a file that may hold a private key, which is overwritten after its use.
pub(crate) fn read_key_file(text: &str) -> Result<Option<(&str, SecretBytes)>> {
    let Some(path) = file_path(text).transpose()? else { return Ok(None) };
    let failed = |error: io::Error| Error::Key(format!("the file {} cannot be read: {error}", redact::path(path)));
    let held = read_key(File::open(path).map_err(failed)?).map_err(failed)?;
    Ok(Some((path, held)))
}

/// All of a file, into memory that is not given back before it is overwritten, so that it must not grow by itself.
fn read_key(mut file: File) -> io::Result<SecretBytes> {
    const LONGEST: usize = 1 << 20;
    let mut held = Zeroizing::new(Vec::with_capacity(PIECE));
    let mut piece = Zeroizing::new([0; PIECE]);
    loop {
        let length = match file.read(&mut *piece) {
            Ok(0) => return Ok(held),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if held.len().saturating_add(length) > LONGEST {
            return Err(io::Error::other(format!("it has more than {LONGEST} bytes, as no key has")));
        }
        if held.capacity().saturating_sub(held.len()) < length {
            let mut larger = Zeroizing::new(Vec::with_capacity(held.capacity().saturating_mul(2)));
            larger.extend_from_slice(&held);
            held = larger;
        }
        held.extend_from_slice(piece.get(..length).unwrap_or_default());
    }
}

/// How much of a file is read at a time, more than most keys have.
const PIECE: usize = 8 * 1024;

/// A bare path as `file://`, anything else as it is.
pub(crate) fn or_path(text: String) -> String {
    if text.contains("-----BEGIN") || text.contains("://") { text } else { format!("{FILE}{text}") }
}

/// The path behind `file://`. A key that was put there by mistake is no path, and must not be repeated.
fn file_path(text: &str) -> Option<Result<&str>> {
    const LONGEST: usize = 1024;
    let path = text.strip_prefix(FILE)?;
    let is_path =
        path.len() <= LONGEST && !path.contains(['\r', '\n']) && !path.contains("://") && !redact::holds_key(path);
    Some(match is_path {
        true => Ok(path),
        false => Err(Error::Key(format!("what follows {FILE} is no path; is it the key itself?"))),
    })
}

/// What stands between `-----BEGIN ` and `-----`: a few words in capitals, or it is something else.
fn pem_label(pem: &[u8]) -> Option<String> {
    const LONGEST: usize = 40;
    const BEGIN: &[u8] = b"-----BEGIN ";
    let start = pem.windows(BEGIN.len()).position(|window| window == BEGIN)?.saturating_add(BEGIN.len());
    let is_letter = |letter: &u8| matches!(letter, b'A'..=b'Z' | b'0'..=b'9' | b' ');
    let label: Vec<u8> = pem.iter().skip(start).take_while(|letter| is_letter(letter)).copied().collect();
    let is_ended = pem.get(start.saturating_add(label.len())..).is_some_and(|after| after.starts_with(b"-----"));
    String::from_utf8(label).ok().filter(|label| label.len() <= LONGEST && is_ended)
}

fn public_key_from_pem(label: &str, pem: &[u8]) -> Result<PKey<Public>> {
    let parse: fn(&[u8]) -> std::result::Result<PKey<Public>, ErrorStack> = match label {
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

/// The first block of the PEM alone: where that is broken, OpenSSL goes on to the next one, and when it
/// is an encrypted private key, asks for its passphrase on the terminal.
fn first_block(pem: &[u8], label: &str) -> Option<String> {
    let text = String::from_utf8_lossy(pem);
    let (_, after) = text.split_once("-----BEGIN ")?;
    let (inside, _) = after.split_once(&format!("-----END {label}-----"))?;
    let is_one = !inside.contains("-----BEGIN ");
    is_one.then(|| format!("-----BEGIN {inside}-----END {label}-----\n"))
}

/// Refuses PEM of something public that is encrypted, for which OpenSSL would ask on the terminal.
pub(crate) fn refuse_encrypted(pem: &[u8]) -> Result<()> {
    const MARK: &[u8] = b"Proc-Type:";
    match pem.windows(MARK.len()).any(|window| window == MARK) {
        true => Err(Error::Key("the PEM is encrypted, which a public key or a certificate never is".into())),
        false => Ok(()),
    }
}

fn private_key_from_pkcs1(der: &[u8]) -> std::result::Result<PKey<Private>, ErrorStack> {
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

/// OpenSSL asks on the terminal when it is given no callback, so there is always one.
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
                (true, Some(_)) => "the private key cannot be decrypted, the passphrase is another one",
                (false, _) => "the PEM says it is a private key but cannot be read as one; is it complete?",
            }
            .into(),
        )
    })
}

fn not_that(scheme: &str) -> Error {
    Error::Key(format!("what follows {scheme} is base64 but not such a key"))
}

fn check_rsa<T>(key: &PKeyRef<T>) -> Result<()> {
    match key.id() {
        Id::RSA => Ok(()),
        other => Err(Error::Key(format!(
            "an RSA key is needed, this one is of another kind (OpenSSL id {})",
            other.as_raw()
        ))),
    }
}
