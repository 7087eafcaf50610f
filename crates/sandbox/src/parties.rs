//! The two parties and their keys.

use openssl::error::ErrorStack;

use crate::keys::Lifetime;
use crate::merchants::Merchants;
use crate::platform_keys::{KeyMode, PlatformKeys};

/// The keys of both sides; only here are they together.
pub(crate) struct Keys {
    pub(crate) merchants: Merchants,
    pub(crate) platform: PlatformKeys,
}

impl Keys {
    pub(crate) fn generate(mode: KeyMode, lifetime: Lifetime) -> Result<Keys, ErrorStack> {
        Ok(Keys { merchants: Merchants::generate()?, platform: PlatformKeys::generate(mode, lifetime)? })
    }
}
