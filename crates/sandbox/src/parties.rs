//! The two parties and their keys.

use openssl::error::ErrorStack;

use crate::keys::{Ids, Lifetime};
use crate::merchants::Merchants;
use crate::platform_keys::{KeyMode, PlatformKeys};

/// The keys of both sides; only here are they together.
pub(crate) struct Keys {
    pub(crate) merchants: Merchants,
    pub(crate) platform: PlatformKeys,
}

impl Keys {
    pub(crate) fn generate(ids: &Ids, mode: KeyMode, lifetime: Lifetime) -> Result<Keys, ErrorStack> {
        let platform = PlatformKeys::generate(&ids.public_key_id, mode, lifetime)?;
        Ok(Keys { merchants: Merchants::generate(&ids.mchid, &ids.merchant_serial)?, platform })
    }
}
