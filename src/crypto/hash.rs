//! MD5 and HMAC, the signatures of APIv2.

use openssl::hash::{MessageDigest, hash};
use openssl::memcmp;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use zeroize::Zeroizing;

use super::hex;
use crate::error::{Error, Result};
use crate::redact;

/// The signatures of APIv2 (PHP: `WeChatPay\Crypto\Hash`), over the text that
/// [`Formatter::query_string_like`](crate::Formatter::query_string_like) makes of sorted data.
///
/// ```
/// use wechatpay::{Formatter, Hash, json};
///
/// let data = json!({ "mch_id": "10000100", "body": "test", "nonce_str": "ibuaiVcKdpRxkhJA" });
/// let text = Formatter::query_string_like(&Formatter::ksort(data.as_object().unwrap().clone()));
/// let sign = Hash::sign(Hash::ALGO_MD5, text, "192006250b4c09247ec02edce69f6a2d");
/// assert_eq!(sign.as_deref(), Some("DDCE6B7CD8A777D679B1F28A1B7745E2"));
/// assert!(Hash::equals("DDCE6B7CD8A777D679B1F28A1B7745E2", sign.as_deref()));
/// ```
#[derive(Debug)]
pub struct Hash;

impl Hash {
    /// The `sign_type` of MD5.
    pub const ALGO_MD5: &'static str = "MD5";

    /// The `sign_type` of HMAC with SHA-256.
    pub const ALGO_HMAC_SHA256: &'static str = "HMAC-SHA256";

    /// MD5 of `thing`, `&key=` and the key, in lowercase hex; with `agency`, the key is one of WeCom (企业微信) and is
    /// preceded by `&secret=` instead. Without a key, MD5 of `thing` alone.
    ///
    /// # Panics
    /// If OpenSSL has no MD5, as in its FIPS mode.
    ///
    /// ```
    /// assert_eq!(wechatpay::Hash::md5("a=1", "", false), "3872c9ae3f427af0be0ead09d07ae2cf");
    /// assert_eq!(wechatpay::Hash::md5("a=1&key=k", "", false), wechatpay::Hash::md5("a=1", "k", false));
    /// ```
    pub fn md5(thing: impl AsRef<[u8]>, key: impl AsRef<[u8]>, agency: bool) -> String {
        let key = key.as_ref();
        // It holds the key.
        let message = Zeroizing::new(match (key, agency) {
            ([], _) => thing.as_ref().to_vec(),
            (key, false) => [thing.as_ref(), b"&key=", key].concat(),
            (key, true) => [thing.as_ref(), b"&secret=", key].concat(),
        });
        #[expect(
            clippy::expect_used,
            reason = "an OpenSSL without MD5 signs nothing of APIv2, and a wrong digest is worse"
        )]
        let digest = hash(MessageDigest::md5(), &message).expect("OpenSSL has MD5");
        hex(&digest)
    }

    /// HMAC with `key` of `thing`, `&key=` and the key, in lowercase hex.
    ///
    /// `algo` is the hash function as OpenSSL calls it: `sha256`, `sha512`, …
    ///
    /// # Errors
    /// [`Error::Crypto`] if OpenSSL has no such function, or HMAC cannot use it.
    ///
    /// ```
    /// let hmac = wechatpay::Hash::hmac("", "k", "sha256")?;
    /// assert_eq!(hmac, "1d6c11de3c88adbacbcfc3667a10734e6fd4d70c2d6f6e191d86785ef1f30255");
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn hmac(thing: impl AsRef<[u8]>, key: impl AsRef<[u8]>, algo: impl AsRef<str>) -> Result<String> {
        let (key, algo) = (key.as_ref(), algo.as_ref());
        let digest = MessageDigest::from_name(algo)
            .ok_or_else(|| Error::Crypto(format!("there is no hash function {:?}", redact::name(algo))))?;
        // HMAC pads the key with zeros, so an empty key and a zero byte are the same; OpenSSL accepts only the latter.
        let filled = if key.is_empty() { &[0] } else { key };
        PKey::hmac(filled)
            .and_then(|secret| {
                let mut signer = Signer::new(digest, &secret)?;
                signer.update(thing.as_ref())?;
                signer.update(b"&key=")?;
                signer.update(key)?;
                signer.sign_to_vec()
            })
            .map(|code| hex(&code))
            .map_err(|_| Error::Crypto(format!("HMAC with {:?} failed", redact::name(algo))))
    }

    /// The signature of `data` in uppercase hex; `kind` is [`ALGO_MD5`](Hash::ALGO_MD5) or
    /// [`ALGO_HMAC_SHA256`](Hash::ALGO_HMAC_SHA256). `None` for anything else.
    ///
    /// # Panics
    /// With MD5, like [`md5`](Hash::md5).
    pub fn sign(kind: impl AsRef<str>, data: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Option<String> {
        match kind.as_ref() {
            Hash::ALGO_MD5 => Some(Hash::md5(data, key, false).to_uppercase()),
            Hash::ALGO_HMAC_SHA256 => Hash::hmac(data, key, "sha256").ok().map(|hmac| hmac.to_uppercase()),
            _ => None,
        }
    }

    /// Whether both texts are the same, compared in a time that does not reveal where they differ.
    ///
    /// ```
    /// assert!(!wechatpay::Hash::equals("DDCE6B7C", Some("DDCE6B7CD8A777D6")));
    /// assert!(!wechatpay::Hash::equals("", None));
    /// ```
    pub fn equals(known: &str, user: Option<&str>) -> bool {
        user.is_some_and(|user| known.len() == user.len() && memcmp::eq(known.as_bytes(), user.as_bytes()))
    }
}
