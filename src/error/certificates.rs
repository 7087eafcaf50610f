//! Failures to fetch the platform's certificates.

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
    /// The request failed; the cause says why.
    Request,
    /// The platform has no certificates for this merchant (`RESOURCE_NOT_EXISTS`), who uses its public key instead.
    PublicKeyMode,
    /// They cannot be decrypted with the APIv3 key.
    Undecryptable,
    /// The signature of the answer is invalid.
    Unverified(VerificationFailure),
    /// The answer is malformed, for this reason.
    Malformed(String),
}

impl CertificatesError {
    /// Why they could not be fetched.
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
            CertificatesFailure::Unverified(failure) => write!(f, "the answer is not verified: {failure}"),
            CertificatesFailure::Malformed(what) => {
                write!(f, "the answer is malformed: {}", redact::line(what))
            }
        }
    }
}

impl StdError for CertificatesError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (&self.failure, &self.source) {
            (CertificatesFailure::Unverified(failure), _) => failure.source(),
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
