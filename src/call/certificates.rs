//! The platform's certificates, which it sends encrypted with the APIv3 key, in a signed answer.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Response;
use crate::crypto::aes_gcm::AesGcm;
use crate::crypto::certificate::Certificate;
use crate::error::{CertificatesError, CertificatesFailure, Error};
use crate::keys::identity::{Identity, Platform};
use crate::keys::platform_keys::{PlatformKey, PlatformKeys};
use crate::middleware::apiv3;
use crate::text::formatter::Formatter;

/// The certificates of an answer, by their serials, without those that have expired.
///
/// The answer must be signed with a known key, or with one of those that it contains (PHP: `CertificateDownloader`): only
/// the platform can have encrypted them with the APIv3 key.
///
/// # Errors
/// What is wrong with the answer.
pub(crate) fn open(
    response: &Response,
    identity: &Identity,
) -> Result<BTreeMap<String, PlatformKey>, CertificatesError> {
    let malformed = |what: &str| CertificatesFailure::Malformed(what.to_owned());
    let answer: Value =
        serde_json::from_slice(response.body()).map_err(|error| malformed(&format!("it is not JSON: {error}")))?;
    let list = answer.get("data").and_then(Value::as_array).ok_or_else(|| malformed("`data` is not a list"))?;
    let now = Formatter::timestamp();
    let mut delivered = BTreeMap::new();
    for entry in list {
        let certificate = decrypt(&entry["encrypt_certificate"], identity)?;
        if entry["serial_no"].as_str() != Some(certificate.serial_no()) {
            return Err(malformed("the serial of a certificate is not its `serial_no`").into());
        }
        let key = certificate.public_key().map_err(unreadable)?;
        if now <= certificate.not_after() {
            let serial = certificate.serial_no().to_owned();
            delivered.insert(serial, PlatformKey { key, certificate: Some(certificate) });
        }
    }
    if delivered.is_empty() {
        return Err(malformed("it contains no valid certificate").into());
    }
    let mut keys = match identity.apiv3.as_ref().map(|apiv3| &apiv3.platform) {
        Some(Platform::Keys(keys)) => keys.clone(),
        _ => PlatformKeys::default(),
    };
    keys.downloaded.extend(delivered.clone());
    apiv3::verify(&keys, response.headers(), response.body()).map_err(CertificatesFailure::Unverified)?;
    Ok(delivered)
}

/// The plaintext must be a certificate, and nothing else: the same key encrypts notifications, and others can influence
/// their content.
fn decrypt(sealed: &Value, identity: &Identity) -> Result<Certificate, CertificatesFailure> {
    let text = |name: &str| sealed[name].as_str().unwrap_or_default();
    for (name, expected) in [("algorithm", ALGORITHM), ("associated_data", ASSOCIATED_DATA)] {
        if text(name) != expected {
            return Err(CertificatesFailure::Malformed(format!("`{name}` of a certificate is not {expected}")));
        }
    }
    let open = |key| AesGcm::decrypt(text("ciphertext"), key, text("nonce"), ASSOCIATED_DATA).ok();
    let pem = identity.apiv3_keys.iter().find_map(|key| open(&key.0)).ok_or(CertificatesFailure::Undecryptable)?;
    if !is_one_certificate(pem.trim()) {
        return Err(CertificatesFailure::Malformed("this is not a certificate in PEM and nothing else".into()));
    }
    Certificate::from_pem(pem.as_bytes()).map_err(unreadable)
}

/// Whether a text is the PEM of one certificate, with nothing before or after it.
fn is_one_certificate(pem: &str) -> bool {
    let inside =
        pem.strip_prefix("-----BEGIN CERTIFICATE-----").and_then(|pem| pem.strip_suffix("-----END CERTIFICATE-----"));
    inside.is_some_and(|base64| !base64.contains('-'))
}

/// The only algorithm that the platform uses.
const ALGORITHM: &str = "AEAD_AES_256_GCM";

/// The associated data of certificates; nothing else is encrypted with it.
const ASSOCIATED_DATA: &str = "certificate";

fn unreadable(error: Error) -> CertificatesFailure {
    CertificatesFailure::Malformed(match error {
        Error::Key(what) => what,
        other => other.to_string(),
    })
}

/// Why the request for the certificates failed.
pub(crate) fn refused(error: Error) -> CertificatesError {
    let failure = match error.code() {
        Some("RESOURCE_NOT_EXISTS") => CertificatesFailure::PublicKeyMode,
        _ => CertificatesFailure::Request,
    };
    CertificatesError { failure, source: Some(Box::new(error)) }
}
