//! How far a request came among the checks before any operation.

use std::fmt;

/// A check that a request must pass before any operation is looked up, in the order of each protocol; see
/// [`Request::gate`](crate::Request::gate). `Display` says in English what is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GateStep {
    /// APIv3: `Accept` and `User-Agent` are there.
    Headers,
    /// APIv3: `Authorization` is there, of the right scheme and form.
    Authorization,
    /// APIv3: its timestamp is at most 300 seconds from the platform's clock.
    Clock,
    /// APIv2: the client presents a certificate, if the operation needs one.
    ClientCertificate,
    /// APIv2: the fields can be read.
    Fields,
    /// The merchant or the brand is known; in APIv3 also the serial of its certificate.
    Signer,
    /// APIv2: `sign_type` is one that there is.
    SignType,
    /// The signature is that of this request.
    Signature,
    /// APIv3: the nonce was not used before.
    Nonce,
    /// APIv2: the client's certificate, if one is needed, is the merchant's own, and not revoked.
    CertificateOwner,
}

impl GateStep {
    /// Those of APIv3, in order.
    pub(crate) const APIV3: [GateStep; 6] = [
        GateStep::Headers,
        GateStep::Authorization,
        GateStep::Clock,
        GateStep::Signer,
        GateStep::Signature,
        GateStep::Nonce,
    ];

    /// Those of APIv2, in order.
    pub(crate) const APIV2: [GateStep; 6] = [
        GateStep::ClientCertificate,
        GateStep::Fields,
        GateStep::Signer,
        GateStep::SignType,
        GateStep::Signature,
        GateStep::CertificateOwner,
    ];

    /// Its name as one word: `authorization`, `client_certificate`.
    pub fn name(self) -> &'static str {
        match self {
            GateStep::Headers => "headers",
            GateStep::Authorization => "authorization",
            GateStep::Clock => "clock",
            GateStep::ClientCertificate => "client_certificate",
            GateStep::Fields => "fields",
            GateStep::Signer => "signer",
            GateStep::SignType => "sign_type",
            GateStep::Signature => "signature",
            GateStep::Nonce => "nonce",
            GateStep::CertificateOwner => "certificate_owner",
        }
    }
}

impl fmt::Display for GateStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GateStep::Headers => "Accept and User-Agent are there",
            GateStep::Authorization => "Authorization has the right scheme and form",
            GateStep::Clock => "the timestamp is at most 5 minutes off",
            GateStep::ClientCertificate => "a client certificate is presented, if one is needed",
            GateStep::Fields => "the fields can be read",
            GateStep::Signer => "the signer and its serial are known",
            GateStep::SignType => "the sign_type is known",
            GateStep::Signature => "the signature is that of this request",
            GateStep::Nonce => "the nonce is new",
            GateStep::CertificateOwner => "the client certificate is the merchant's",
        })
    }
}

/// What became of a [`GateStep`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateResult {
    /// It is right.
    Passed,
    /// It is wrong; the platform's message, in Chinese.
    Failed(String),
    /// One before it has failed.
    NotReached,
}

/// All steps of a request, and the one that has failed.
pub(crate) struct Passage {
    steps: &'static [GateStep],
    failed: Option<(GateStep, String)>,
}

impl Passage {
    /// Each of these steps is passed.
    pub(crate) fn through(steps: &'static [GateStep]) -> Passage {
        Passage { steps, failed: None }
    }

    /// This one of the steps has failed, with this message.
    pub(crate) fn stopped(steps: &'static [GateStep], at: GateStep, why: &str) -> Passage {
        Passage { steps, failed: Some((at, why.to_owned())) }
    }

    /// What became of each step.
    pub(crate) fn results(&self) -> Vec<(GateStep, GateResult)> {
        let mut is_over = false;
        let result = |step: &GateStep| match &self.failed {
            Some((at, why)) if at == step => {
                is_over = true;
                (*step, GateResult::Failed(why.clone()))
            }
            _ if is_over => (*step, GateResult::NotReached),
            _ => (*step, GateResult::Passed),
        };
        self.steps.iter().map(result).collect()
    }
}
