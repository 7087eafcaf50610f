//! All parties and their keys.

use std::sync::OnceLock;

use openssl::error::ErrorStack;

use crate::brands::Brand;
use crate::keys::{Ids, Lifetime};
use crate::merchants::Merchants;
use crate::platform_keys::{KeyMode, PlatformKeys};
use crate::request::Request;
use crate::routing::{Scheme, is_for_brands};

/// The keys of all sides; only here are they together.
pub(crate) struct Keys {
    pub(crate) merchants: Merchants,
    /// Those of the platform for merchants.
    pub(crate) platform: PlatformKeys,
    /// Made when a test first asks for it.
    pub(crate) brand: OnceLock<Brand>,
}

impl Keys {
    pub(crate) fn generate(ids: &Ids, mode: KeyMode, lifetime: Lifetime) -> Result<Keys, ErrorStack> {
        let platform = PlatformKeys::generate(&ids.public_key_id, mode, lifetime, Scheme::MERCHANTS.name)?;
        let merchants = Merchants::generate(&ids.mchid, &ids.merchant_serial)?;
        Ok(Keys { merchants, platform, brand: OnceLock::new() })
    }

    /// The platform's keys for whoever calls the path of this request.
    pub(crate) fn platform_for(&self, request: &Request) -> &PlatformKeys {
        let brand = self.brand.get().filter(|_| is_for_brands(request));
        brand.map_or(&self.platform, Brand::platform)
    }
}
