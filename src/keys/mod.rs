//! The keys of a merchant and of the platform: checked, used, and replaced.

mod check;
pub(crate) mod credentials;
pub(crate) mod downloads;
pub(crate) mod identity;
pub(crate) mod keyring;
pub(crate) mod platform_keys;
pub(crate) mod signature;
