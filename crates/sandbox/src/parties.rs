//! All parties and their keys.

use std::io;
use std::sync::OnceLock;

use crate::brands::Brand;
use crate::key_file::KeyFile;
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
    /// Keys out of this file, and new ones for what it does not have.
    pub(crate) fn of(ids: &Ids, mode: KeyMode, lifetime: Lifetime, file: &mut KeyFile) -> io::Result<Keys> {
        let platform = PlatformKeys::of(&ids.public_key_id, mode, lifetime, Scheme::MERCHANTS.name, file)?;
        let merchants = Merchants::of(&ids.mchid, &ids.merchant_serial, file)?;
        Ok(Keys { merchants, platform, brand: OnceLock::new() })
    }

    /// The platform's keys for whoever calls the path of this request.
    pub(crate) fn platform_for(&self, request: &Request) -> &PlatformKeys {
        let brand = self.brand.get().filter(|_| is_for_brands(request));
        brand.map_or(&self.platform, Brand::platform)
    }
}
