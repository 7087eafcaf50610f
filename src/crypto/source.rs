//! Where a key comes from, and how it is encoded there.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};

use zeroize::Zeroizing;

use crate::crypto::key::{PrivateKey, PublicKey};
use crate::crypto::{SecretBytes, pkcs8};
use crate::error::{Error, Result};
use crate::redact;

/// Where a key comes from: what [`Rsa::from`](crate::Rsa::from) and [`Builder`](crate::Builder) accept.
#[derive(Clone)]
pub struct KeySource(Given);

#[derive(Clone)]
pub(super) enum Given {
    /// Overwritten when they are dropped.
    Text {
        text: Zeroizing<String>,
        passphrase: Option<Zeroizing<String>>,
    },
    Private(PrivateKey),
    Public(PublicKey),
}

impl KeySource {
    /// The source as it was given.
    pub(super) fn given(&self) -> &Given {
        &self.0
    }

    /// The source with this passphrase, if it is a text.
    pub(crate) fn with_passphrase(self, passphrase: String) -> KeySource {
        let passphrase = Some(Zeroizing::new(passphrase));
        match self.0 {
            Given::Text { text, .. } => KeySource(Given::Text { text, passphrase }),
            source => KeySource(source),
        }
    }

    /// Whether it is a word, which can be no key: PHP programs write `any` or `nop` where they need none.
    pub(crate) fn is_word(&self) -> bool {
        const LONGEST: usize = 16;
        match &self.0 {
            Given::Text { text, .. } => {
                (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
            _ => false,
        }
    }

    /// The same source, but with a bare path read as `file://` and a path, as PHP does for TLS.
    pub(crate) fn or_path(self) -> KeySource {
        match self.0 {
            Given::Text { mut text, passphrase } => {
                let text = or_path(std::mem::take(&mut *text)).into();
                KeySource(Given::Text { text, passphrase })
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
        KeySource(Given::Text { text: text.into(), passphrase: None })
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
        KeySource(Given::Text { text, passphrase })
    }
}

impl From<PrivateKey> for KeySource {
    fn from(key: PrivateKey) -> KeySource {
        KeySource(Given::Private(key))
    }
}

impl From<PublicKey> for KeySource {
    fn from(key: PublicKey) -> KeySource {
        KeySource(Given::Public(key))
    }
}

/// Shows the kind of source, never its content.
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Given::Text { text, passphrase } => {
                let kind = match file_path(text) {
                    Some(Ok(path)) => return write!(f, "KeySource({FILE}{})", redact::path(path)),
                    Some(Err(_)) => "text",
                    None if passphrase.is_some() => "encrypted text",
                    None => "text",
                };
                write!(f, "KeySource({kind})")
            }
            Given::Private(key) => key.fmt(f),
            Given::Public(key) => key.fmt(f),
        }
    }
}

pub(super) const CERTIFICATE: &str = "CERTIFICATE";
const FILE: &str = "file://";
pub(super) const PRIVATE_PKCS1: &str = "private.pkcs1://";
pub(super) const PRIVATE_PKCS8: &str = "private.pkcs8://";
pub(super) const PUBLIC_PKCS1: &str = "public.pkcs1://";
pub(super) const PUBLIC_SPKI: &str = "public.spki://";

/// How a key is encoded.
pub(super) enum Encoding<'a> {
    Der {
        scheme: &'static str,
        bytes: SecretBytes,
    },
    Pem {
        label: String,
        pem: SecretBytes,
    },
    /// Of the file at this path.
    Pkcs12 {
        path: &'a str,
        bytes: SecretBytes,
    },
}

impl Encoding<'_> {
    /// Reads the file, if the text names one; only once, as it may be a pipe.
    pub(super) fn of(text: &str) -> Result<Encoding<'_>> {
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
        if let Some(path) = path.filter(|_| is_pkcs12(&pem)) {
            return Ok(Encoding::Pkcs12 { path, bytes: pem });
        }
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

/// The path behind `file://` and the content of the file; `None` if the text is not `file://` and a path.
pub(crate) fn read_file(text: &str) -> Result<Option<(&str, Vec<u8>)>> {
    Ok(read_key_file(text)?.map(|(path, mut held)| (path, std::mem::take(&mut *held))))
}

/// Like [`read_file`], but for a file that may contain a private key: the content is overwritten after use.
pub(crate) fn read_key_file(text: &str) -> Result<Option<(&str, SecretBytes)>> {
    let Some(path) = file_path(text).transpose()? else { return Ok(None) };
    let failed = |error: io::Error| Error::Key(format!("the file {} cannot be read: {error}", redact::path(path)));
    let held = read_key(File::open(path).map_err(failed)?).map_err(failed)?;
    Ok(Some((path, held)))
}

/// Reads a whole file into memory that is overwritten before it is freed. It must not grow by itself, which would free it
/// without that.
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
            return Err(io::Error::other(format!("it has more than {LONGEST} bytes, more than any key")));
        }
        if held.capacity().saturating_sub(held.len()) < length {
            let mut larger = Zeroizing::new(Vec::with_capacity(held.capacity().saturating_mul(2)));
            larger.extend_from_slice(&held);
            held = larger;
        }
        held.extend_from_slice(piece.get(..length).unwrap_or_default());
    }
}

/// How many bytes of a file are read at a time; most keys are smaller.
const PIECE: usize = 8 * 1024;

/// A bare path as `file://`, anything else as it is.
pub(crate) fn or_path(text: String) -> String {
    if text.contains("-----BEGIN") || text.contains("://") { text } else { format!("{FILE}{text}") }
}

/// The path behind `file://`. A key that was put there by mistake is not a path, and must not be shown.
fn file_path(text: &str) -> Option<Result<&str>> {
    const LONGEST: usize = 1024;
    let path = text.strip_prefix(FILE)?;
    let is_path =
        path.len() <= LONGEST && !path.contains(['\r', '\n']) && !path.contains("://") && !redact::holds_key(path);
    Some(if is_path {
        Ok(path)
    } else {
        Err(Error::Key(format!("what follows {FILE} is not a path; is it the key itself?")))
    })
}

/// What is between `-----BEGIN ` and `-----`; `None` unless it is a few words in capitals.
fn pem_label(pem: &[u8]) -> Option<String> {
    const LONGEST: usize = 40;
    const BEGIN: &[u8] = b"-----BEGIN ";
    let start = pem.windows(BEGIN.len()).position(|window| window == BEGIN)?.saturating_add(BEGIN.len());
    let is_letter = |letter: &u8| matches!(letter, b'A'..=b'Z' | b'0'..=b'9' | b' ');
    let label: Vec<u8> = pem.iter().skip(start).take_while(|letter| is_letter(letter)).copied().collect();
    let is_ended = pem.get(start.saturating_add(label.len())..).is_some_and(|after| after.starts_with(b"-----"));
    String::from_utf8(label).ok().filter(|label| label.len() <= LONGEST && is_ended)
}

/// Whether this begins as PKCS#12 does: with its version, the only one that there is. PKCS#8 and PKCS#1 have others there.
pub(crate) fn is_pkcs12(der: &[u8]) -> bool {
    const SEQUENCE: u8 = 0x30;
    const VERSION: &[u8] = &[0x02, 0x01, 0x03];
    let [SEQUENCE, length, rest @ ..] = der else { return false };
    // How many bytes say how long it is.
    let further = length.checked_sub(0x80).map_or(0, usize::from);
    rest.get(further..).is_some_and(|rest| rest.starts_with(VERSION))
}

/// Refuses a public key or certificate in encrypted PEM: OpenSSL would ask for its passphrase on the terminal.
pub(crate) fn refuse_encrypted(pem: &[u8]) -> Result<()> {
    const MARK: &[u8] = b"Proc-Type:";
    if pem.windows(MARK.len()).any(|window| window == MARK) {
        Err(Error::Key("the PEM is encrypted; public keys and certificates never are".into()))
    } else {
        Ok(())
    }
}
