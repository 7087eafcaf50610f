//! The platform's two languages.

/// Which of the platform's two languages a call speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// XML; the data was signed when it was serialised.
    Apiv2,
    /// JSON; each attempt is signed.
    Apiv3,
}
