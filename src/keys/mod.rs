//! Who speaks: a merchant's keys and the platform's, checked, and while they change.

mod check;
pub(crate) mod credentials;
pub(crate) mod identity;
pub(crate) mod keyring;
pub(crate) mod platform_keys;
pub(crate) mod signature;
