//! What can be read off a certificate.

use openssl::x509::X509;

use crate::error::{Error, Result};

/// Reads certificates (PHP: `WeChatPay\Util\PemUtil`).
#[derive(Debug)]
pub struct PemUtil;

impl PemUtil {
    /// The serial number of a certificate, in uppercase hex as the platform writes it.
    ///
    /// `certificate` is the text of a PEM file, or `file://` and a path to one.
    ///
    /// # Errors
    /// [`Error::Key`] when it is no certificate or the file cannot be read.
    ///
    /// ```no_run
    /// let serial = wechatpay::PemUtil::parse_certificate_serial_no("file:///path/to/merchant/apiclient_cert.pem")?;
    /// assert_eq!(serial, "3775B6A45ACD588826D15E583A95F5DD12345678");
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn parse_certificate_serial_no(certificate: impl AsRef<str>) -> Result<String> {
        let certificate = certificate.as_ref();
        let pem = match certificate.strip_prefix("file://") {
            Some(path) => {
                std::fs::read(path).map_err(|error| Error::Key(format!("the file {path} cannot be read: {error}")))?
            }
            None => certificate.as_bytes().to_vec(),
        };
        X509::from_pem(&pem)
            .and_then(|certificate| certificate.serial_number().to_bn())
            .and_then(|serial| serial.to_hex_str())
            .map(|serial| serial.to_string())
            .map_err(|_| Error::Key("this is not a certificate in PEM".into()))
    }
}
