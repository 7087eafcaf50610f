//! The schemes of the header `Authorization`.

use std::fmt::{Display, Write};

/// Bytes that are enough for the header `Authorization` with an RSA-2048 signature. A text that grows is moved, and glibc
/// keeps up to seven pieces of each size that it had for each thread.
const AUTHORIZATION: usize = 640;

/// A scheme of APIv3's header `Authorization`: its name, and what it calls the id of the signing party.
///
/// A [`Signer`](crate::Signer) names the one that it uses.
///
/// ```
/// use wechatpay::Scheme;
///
/// let scheme = Scheme::new("EXAMPLE-SHA256-RSA2048", "partner_id");
/// assert_eq!(
///     scheme.authorization("1900009191", "593BEC", "sig==", 1554208460, "1DDE55AD"),
///     r#"EXAMPLE-SHA256-RSA2048 partner_id="1900009191",serial_no="1DDE55AD",timestamp="1554208460",nonce_str="593BEC",signature="sig==""#,
/// );
/// assert_eq!(Scheme::default(), Scheme::WECHATPAY2_SHA256_RSA2048);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    name: &'static str,
    party: &'static str,
}

impl Scheme {
    /// The scheme of merchants: RSA-2048 with SHA-256, and `mchid`.
    pub const WECHATPAY2_SHA256_RSA2048: Scheme = Scheme::new("WECHATPAY2-SHA256-RSA2048", "mchid");

    /// The scheme of brands: that of merchants, with `brand_id`.
    pub const WECHATPAY_BRAND_SHA256_RSA2048: Scheme = Scheme::new("WECHATPAY-BRAND-SHA256-RSA2048", "brand_id");

    /// A scheme with this name, which calls the id of the signing party `party`.
    pub const fn new(name: &'static str, party: &'static str) -> Scheme {
        Scheme { name, party }
    }

    /// The name, which is the first word of the header.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The value of the header. `id` is the id of the signing party, `signature` is in base64, `timestamp` in Unix seconds,
    /// and `serial` is the serial of the signing party's certificate.
    pub fn authorization(
        &self,
        id: impl Display,
        nonce: impl Display,
        signature: impl Display,
        timestamp: impl Display,
        serial: impl Display,
    ) -> String {
        let Scheme { name, party } = self;
        let mut value = String::with_capacity(AUTHORIZATION);
        // Writing to memory cannot fail.
        let _ = write!(
            value,
            "{name} {party}=\"{id}\",serial_no=\"{serial}\",timestamp=\"{timestamp}\",nonce_str=\"{nonce}\",\
             signature=\"{signature}\""
        );
        value
    }
}

/// The scheme of merchants.
impl Default for Scheme {
    fn default() -> Scheme {
        Scheme::WECHATPAY2_SHA256_RSA2048
    }
}
