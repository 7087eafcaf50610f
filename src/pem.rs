//! Certificates and private keys out of PEM.

use std::cmp::Ordering;
use std::fmt;

use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::x509::{X509, X509NameRef};
use zeroize::Zeroizing;

use crate::crypto::rsa::{self, KeySource, PrivateKey, PublicKey, Rsa};
use crate::error::{Error, Result};

const FILE: &str = "file://";

/// Reads certificates and private keys (PHP: `WeChatPay\Util\PemUtil`).
#[derive(Debug)]
pub struct PemUtil;

impl PemUtil {
    /// The private key in a PEM file; [`Rsa::from`] does this and more.
    ///
    /// # Errors
    /// [`Error::Key`] when the file cannot be read or holds something else.
    ///
    /// ```no_run
    /// let private_key = wechatpay::PemUtil::load_private_key("/path/to/merchant/apiclient_key.pem")?;
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn load_private_key(path: impl AsRef<str>) -> Result<PrivateKey> {
        Rsa::from(file_url(path.as_ref()), Rsa::KEY_TYPE_PRIVATE)
    }

    /// The private key in the text of a PEM file; [`Rsa::from`] itself, under PHP's other name.
    ///
    /// # Errors
    /// [`Error::Key`] when it is something else.
    pub fn load_private_key_from_string(content: impl Into<KeySource>) -> Result<PrivateKey> {
        Rsa::from(content, Rsa::KEY_TYPE_PRIVATE)
    }

    /// The certificate in a PEM file.
    ///
    /// # Errors
    /// [`Error::Key`] when the file cannot be read or holds something else.
    ///
    /// ```no_run
    /// let certificate = wechatpay::PemUtil::load_certificate("/path/to/merchant/apiclient_cert.pem")?;
    /// assert_eq!(certificate.serial_no(), "3775B6A45ACD588826D15E583A95F5DD12345678");
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn load_certificate(path: impl AsRef<str>) -> Result<Certificate> {
        Certificate::load(CertificateSource::from(file_url(path.as_ref())))
    }

    /// The certificate in the text of a PEM file.
    ///
    /// # Errors
    /// [`Error::Key`] when it is something else.
    pub fn load_certificate_from_string(content: impl Into<CertificateSource>) -> Result<Certificate> {
        Certificate::load(content.into())
    }

    /// The serial number of a certificate, in uppercase hex as the platform writes it.
    ///
    /// `certificate` is the text of a PEM file, `file://` and a path to one, or a [`Certificate`].
    ///
    /// # Errors
    /// [`Error::Key`] when it is no certificate or the file cannot be read.
    ///
    /// ```no_run
    /// let serial = wechatpay::PemUtil::parse_certificate_serial_no("file:///path/to/merchant/apiclient_cert.pem")?;
    /// assert_eq!(serial, "3775B6A45ACD588826D15E583A95F5DD12345678");
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn parse_certificate_serial_no(certificate: impl Into<CertificateSource>) -> Result<String> {
        Ok(Certificate::load(certificate.into())?.serial_no)
    }
}

/// An X.509 certificate, parsed once; cheap to clone. What it says is not checked: neither who issued
/// it nor whether it is still valid.
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
    /// [`Error::Key`] when OpenSSL cannot write it.
    pub fn to_pem(&self) -> Result<String> {
        let pem = self.x509.to_pem().map_err(|error| Error::Key(error.to_string()))?;
        // PEM is ASCII.
        Ok(String::from_utf8_lossy(&pem).into_owned())
    }

    /// The public key.
    ///
    /// # Errors
    /// [`Error::Key`] when it is not an RSA key.
    pub fn public_key(&self) -> Result<PublicKey> {
        let key = self.x509.public_key().map_err(|_| Error::Key("the key of the certificate cannot be read".into()))?;
        PublicKey::checked(key)
    }

    fn load(source: CertificateSource) -> Result<Certificate> {
        let text = match source.0 {
            Source::Loaded(certificate) => return Ok(certificate),
            Source::Text(text) => text,
        };
        // It may be a private key by mistake.
        let text = Zeroizing::new(text);
        let pem = match rsa::read_key_file(&text)? {
            Some((_, pem)) => pem,
            None => Zeroizing::new(text.as_bytes().to_vec()),
        };
        Certificate::from_pem(&pem)
    }

    /// # Errors
    /// [`Error::Key`] when it is no certificate in PEM.
    pub(crate) fn from_pem(pem: &[u8]) -> Result<Certificate> {
        rsa::refuse_encrypted(pem)?;
        match X509::from_pem(pem) {
            Ok(x509) => Certificate::new(x509),
            Err(_) => Err(Error::Key("this is not a certificate in PEM".into())),
        }
    }

    /// # Errors
    /// [`Error::Key`] when its serial or its times cannot be read.
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

    /// Whether it has the subject and the issuer of the other one.
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

/// Where a certificate comes from: the text of a PEM file, `file://` and a path to one, or a
/// [`Certificate`] that is loaded already.
#[derive(Clone, Debug)]
pub struct CertificateSource(Source);

#[derive(Clone)]
enum Source {
    Text(String),
    Loaded(Certificate),
}

/// Says what kind of source it is; the text may be a key by mistake.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Text(_) => f.write_str("text"),
            Source::Loaded(certificate) => certificate.fmt(f),
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
        CertificateSource(Source::Text(text))
    }
}

impl From<&String> for CertificateSource {
    fn from(text: &String) -> CertificateSource {
        CertificateSource::from(text.clone())
    }
}

impl From<Certificate> for CertificateSource {
    fn from(certificate: Certificate) -> CertificateSource {
        CertificateSource(Source::Loaded(certificate))
    }
}

impl From<&Certificate> for CertificateSource {
    fn from(certificate: &Certificate) -> CertificateSource {
        CertificateSource::from(certificate.clone())
    }
}

fn file_url(path: &str) -> String {
    if path.starts_with(FILE) { path.to_owned() } else { format!("{FILE}{path}") }
}

fn unix_seconds(time: &Asn1TimeRef) -> std::result::Result<i64, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(i64::from(since.days).saturating_mul(86_400).saturating_add(since.secs.into()))
}
