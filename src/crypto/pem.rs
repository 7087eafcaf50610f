//! Certificates and private keys from PEM, under PHP's names.

use crate::crypto::certificate::{Certificate, CertificateSource};
use crate::crypto::key::PrivateKey;
use crate::crypto::source::KeySource;
use crate::error::Result;

const FILE: &str = "file://";

/// Reads certificates and private keys (PHP: `WeChatPay\Util\PemUtil`).
#[derive(Debug)]
pub struct PemUtil;

impl PemUtil {
    /// The private key in a PEM file; [`Rsa::from`](crate::Rsa::from) does this and more.
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) if the file cannot be read or holds something else.
    ///
    /// ```no_run
    /// let private_key = wechatpay::PemUtil::load_private_key("/path/to/merchant/apiclient_key.pem")?;
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn load_private_key(path: impl AsRef<str>) -> Result<PrivateKey> {
        PrivateKey::load(file_url(path.as_ref()))
    }

    /// The private key in the text of a PEM file; the same as [`Rsa::from`](crate::Rsa::from), under PHP's other name.
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) if it is something else.
    pub fn load_private_key_from_string(content: impl Into<KeySource>) -> Result<PrivateKey> {
        PrivateKey::load(content)
    }

    /// The certificate in a PEM file.
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) if the file cannot be read or holds something else.
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
    /// [`Error::Key`](crate::Error::Key) if it is something else.
    pub fn load_certificate_from_string(content: impl Into<CertificateSource>) -> Result<Certificate> {
        Certificate::load(content.into())
    }

    /// The serial number of a certificate, in uppercase hex as the platform writes it.
    ///
    /// `certificate` is the text of a PEM file, `file://` and the path of one, or a [`Certificate`].
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) if it is not a certificate or the file cannot be read.
    ///
    /// ```no_run
    /// let serial = wechatpay::PemUtil::parse_certificate_serial_no("file:///path/to/merchant/apiclient_cert.pem")?;
    /// assert_eq!(serial, "3775B6A45ACD588826D15E583A95F5DD12345678");
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn parse_certificate_serial_no(certificate: impl Into<CertificateSource>) -> Result<String> {
        Ok(Certificate::load(certificate.into())?.serial_no().to_owned())
    }
}

fn file_url(path: &str) -> String {
    if path.starts_with(FILE) { path.to_owned() } else { format!("{FILE}{path}") }
}
