//! The brand that the platform knows, with keys of its own.

use std::fmt;
use std::io;

use openssl::pkey::{PKey, Public};
use wechatpay::{PrivateKey, PublicKey};

use crate::crypto;
use crate::key_file::KeyFile;
use crate::keys::{KeyPair, Lifetime, serial};
use crate::platform_keys::{KeyMode, PlatformKeys};
use crate::routing::Scheme;

const BRAND_ID: &str = "1004";
const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0110040000002026010100000000";

/// Characters of an API key.
const API_KEY: usize = 32;

/// The [brand](crate::Sandbox::brand) of a sandbox. `Debug` shows only its id.
///
/// ```
/// use wechatpay::Builder;
/// use wechatpay_sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let instance = Builder::factory(sandbox.brand_config())?;
/// assert_eq!(instance.chain("brand/store/brandstores").get(())?.text(), "{}");
/// assert_eq!(instance.key_status().wechatpay_serial(), Some(sandbox.brand().public_key_id()));
/// # Ok(()) }
/// ```
pub struct Brand {
    api_key: String,
    serial: String,
    pair: KeyPair,
    /// The platform's public key for the brand.
    platform: PlatformKeys,
}

impl Brand {
    pub(crate) fn generate() -> io::Result<Brand> {
        let (mode, file) = (KeyMode::PublicKey, &mut KeyFile::default());
        let platform = PlatformKeys::of(PUBLIC_KEY_ID, mode, Lifetime::default(), Scheme::BRANDS.name, file)?;
        Ok(Brand { api_key: crypto::nonce(API_KEY), serial: serial(), pair: KeyPair::generate()?, platform })
    }

    /// Its id.
    pub fn brand_id(&self) -> &str {
        BRAND_ID
    }

    /// The serial of its API certificate, 40 uppercase hex digits.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The key that signs its requests.
    pub fn private_key(&self) -> &PrivateKey {
        &self.pair.private
    }

    /// The private key as PEM (PKCS#8), like a brand's file `apiclient_key.pem`.
    pub fn private_key_pem(&self) -> &str {
        &self.pair.private_pem
    }

    /// The API key, 32 characters: the platform encrypts notifications with it.
    pub fn apiv3_key(&self) -> &str {
        &self.api_key
    }

    /// The id of the platform's public key for the brand; there is no other.
    pub fn public_key_id(&self) -> &str {
        &self.platform.current().id
    }

    /// That public key itself.
    pub fn public_key(&self) -> &PublicKey {
        &self.platform.current().pair.public
    }

    /// That public key as PEM (SPKI).
    pub fn public_key_pem(&self) -> &str {
        &self.platform.current().pair.public_pem
    }

    /// The platform's keys for the brand.
    pub(crate) fn platform(&self) -> &PlatformKeys {
        &self.platform
    }

    /// The key to verify with, if this is its id and its serial.
    ///
    /// # Errors
    /// The platform's message.
    pub(crate) fn signer(&self, brand_id: &str, serial: &str) -> Result<PKey<Public>, &'static str> {
        match (brand_id == BRAND_ID, serial == self.serial) {
            (true, true) => Ok(self.pair.public_key.clone()),
            (true, false) => Err("品牌API证书序列号有误"),
            (false, _) => Err(UNKNOWN),
        }
    }
}

/// The platform's message about a brand that it does not know.
pub(crate) const UNKNOWN: &str = "Http头Authorization中的brand_id有误";

impl fmt::Debug for Brand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Brand({})", self.brand_id())
    }
}
