//! X.509 certificates.

use std::cmp::Ordering;
use std::fmt;

use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::x509::{X509, X509NameRef};
use zeroize::Zeroizing;

use crate::crypto::key::PublicKey;
use crate::crypto::source::{self, CERTIFICATE, Encoding, Given, KeySource};
use crate::error::{Error, Result};

/// An X.509 certificate, parsed once; cheap to clone. Neither its issuer nor its validity is checked.
#[derive(Clone)]
pub struct Certificate {
    x509: X509,
    serial_no: String,
    not_before: i64,
    not_after: i64,
}

impl Certificate {
    /// The serial number, in uppercase hex as the platform writes it.
    pub fn serial_no(&self) -> &str {
        &self.serial_no
    }

    /// When it becomes valid, in Unix seconds.
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// The last moment at which it is valid, in Unix seconds.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// The certificate as PEM.
    ///
    /// # Errors
    /// [`Error::Key`] if OpenSSL cannot write it.
    pub fn to_pem(&self) -> Result<String> {
        let pem = self.x509.to_pem().map_err(|error| Error::Key(error.to_string()))?;
        // PEM is ASCII.
        Ok(String::from_utf8_lossy(&pem).into_owned())
    }

    /// The public key.
    ///
    /// # Errors
    /// [`Error::Key`] if it is not an RSA key.
    pub fn public_key(&self) -> Result<PublicKey> {
        let key = self.x509.public_key().map_err(|_| Error::Key("the key of the certificate cannot be read".into()))?;
        PublicKey::checked(key)
    }

    /// The certificate that a key was given as; `None` if it is something else, or cannot be parsed.
    ///
    /// # Errors
    /// [`Error::Key`] if the file cannot be read, or is not a key in any form.
    pub(crate) fn of(source: &KeySource) -> Result<Option<Certificate>> {
        let Given::Text { text, .. } = source.given() else { return Ok(None) };
        Ok(match Encoding::of(text)? {
            Encoding::Pem { label, pem } if label == CERTIFICATE => Certificate::from_pem(&pem).ok(),
            _ => None,
        })
    }

    pub(super) fn load(given: CertificateSource) -> Result<Certificate> {
        let text = match given.0 {
            GivenCertificate::Loaded(certificate) => return Ok(certificate),
            GivenCertificate::Text(text) => text,
        };
        // It may be a private key by mistake.
        let text = Zeroizing::new(text);
        let pem = match source::read_key_file(&text)? {
            Some((_, pem)) => pem,
            None => Zeroizing::new(text.as_bytes().to_vec()),
        };
        Certificate::from_pem(&pem)
    }

    /// # Errors
    /// [`Error::Key`] if it is not a certificate in PEM.
    pub(crate) fn from_pem(pem: &[u8]) -> Result<Certificate> {
        source::refuse_encrypted(pem)?;
        match X509::from_pem(pem) {
            Ok(x509) => Certificate::new(x509),
            Err(_) => Err(Error::Key("this is not a certificate in PEM".into())),
        }
    }

    /// # Errors
    /// [`Error::Key`] if its serial or its times cannot be read.
    pub(crate) fn new(x509: X509) -> Result<Certificate> {
        let read = || {
            let serial_no = x509.serial_number().to_bn()?.to_hex_str()?.to_string();
            Ok((serial_no, unix_seconds(x509.not_before())?, unix_seconds(x509.not_after())?))
        };
        match read() {
            Ok((serial_no, not_before, not_after)) => Ok(Certificate { x509, serial_no, not_before, not_after }),
            Err::<_, ErrorStack>(_) => Err(Error::Key("serial or times of the certificate cannot be read".into())),
        }
    }

    /// Whether it has the same subject and issuer as the other one.
    pub(crate) fn has_names_of(&self, other: &Certificate) -> bool {
        let is_same = |a: &X509NameRef, b: &X509NameRef| a.try_cmp(b).is_ok_and(Ordering::is_eq);
        is_same(self.x509.subject_name(), other.x509.subject_name())
            && is_same(self.x509.issuer_name(), other.x509.issuer_name())
    }

    /// Whether its subject is that of a merchant's API certificate: the merchant's id, or the organization that
    /// the platform writes into all of them.
    pub(crate) fn is_merchants(&self, mchid: &str) -> bool {
        const ORGANIZATION: &str = "微信商户系统";
        let says = |name, expected: &str| {
            let mut entries = self.x509.subject_name().entries_by_nid(name);
            entries.any(|entry| entry.data().to_string().is_ok_and(|text| &*text == expected))
        };
        says(Nid::COMMONNAME, mchid) || says(Nid::ORGANIZATIONNAME, ORGANIZATION)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.serial_no)
    }
}

/// Where a certificate comes from: the text of a PEM file, `file://` and the path of one, or a [`Certificate`] that is
/// already loaded.
#[derive(Clone, Debug)]
pub struct CertificateSource(GivenCertificate);

#[derive(Clone)]
enum GivenCertificate {
    Text(String),
    Loaded(Certificate),
}

/// Says what kind of source it is; the text may be a key by mistake.
impl fmt::Debug for GivenCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GivenCertificate::Text(_) => f.write_str("text"),
            GivenCertificate::Loaded(certificate) => certificate.fmt(f),
        }
    }
}

impl From<&str> for CertificateSource {
    fn from(text: &str) -> CertificateSource {
        CertificateSource::from(text.to_owned())
    }
}

impl From<String> for CertificateSource {
    fn from(text: String) -> CertificateSource {
        CertificateSource(GivenCertificate::Text(text))
    }
}

impl From<&String> for CertificateSource {
    fn from(text: &String) -> CertificateSource {
        CertificateSource::from(text.clone())
    }
}

impl From<Certificate> for CertificateSource {
    fn from(certificate: Certificate) -> CertificateSource {
        CertificateSource(GivenCertificate::Loaded(certificate))
    }
}

impl From<&Certificate> for CertificateSource {
    fn from(certificate: &Certificate) -> CertificateSource {
        CertificateSource::from(certificate.clone())
    }
}

fn unix_seconds(time: &Asn1TimeRef) -> Result<i64, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(i64::from(since.days).saturating_mul(86_400).saturating_add(since.secs.into()))
}
