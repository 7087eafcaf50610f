//! The platform's certificates that could not be fetched.

use std::error::Error as StdError;
use std::fmt;

use crate::error::verification::VerificationFailure;
use crate::redact;

/// The platform's certificates could not be fetched.
#[derive(Debug)]
pub struct CertificatesError {
    pub(crate) failure: CertificatesFailure,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Why the platform's certificates could not be fetched.
#[derive(Debug)]
#[non_exhaustive]
pub enum CertificatesFailure {
    /// The request failed; the cause says how.
    Request,
    /// The platform has none for this merchant (`RESOURCE_NOT_EXISTS`), who uses its public key instead.
    PublicKeyMode,
    /// They cannot be decrypted with the APIv3 key.
    Undecryptable,
    /// The signature of the answer does not hold.
    Unverified(VerificationFailure),
    /// The answer is not what it should be; says why.
    Malformed(String),
}

impl CertificatesError {
    /// Why.
    pub fn failure(&self) -> &CertificatesFailure {
        &self.failure
    }
}

impl fmt::Display for CertificatesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the platform's certificates could not be fetched: ")?;
        match &self.failure {
            CertificatesFailure::Request => f.write_str("the request failed"),
            CertificatesFailure::PublicKeyMode => f.write_str(
                "this merchant uses the platform's public key and has no certificates (RESOURCE_NOT_EXISTS); \
                 give the public key in `certs` under its PUB_KEY_ID_… and leave `downloadCerts` out",
            ),
            CertificatesFailure::Undecryptable => f.write_str(
                "they cannot be decrypted with `apiv3Key`; compare it with the APIv3 key that is set for this merchant",
            ),
            CertificatesFailure::Unverified(reason) => write!(f, "the answer is not verified: {reason}"),
            CertificatesFailure::Malformed(what) => {
                write!(f, "the answer is not as it should be: {}", redact::line(what))
            }
        }
    }
}

impl StdError for CertificatesError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (&self.failure, &self.source) {
            (CertificatesFailure::Unverified(reason), _) => reason.source(),
            (_, Some(error)) => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl From<CertificatesFailure> for CertificatesError {
    fn from(failure: CertificatesFailure) -> CertificatesError {
        CertificatesError { failure, source: None }
    }
}
