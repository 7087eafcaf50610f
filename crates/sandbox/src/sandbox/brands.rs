//! The brand.

use serde_json::Value;
use wechatpay::{Builder, Credentials};

use crate::brands::Brand;
use crate::notifications::SignedNotification;
use crate::sandbox::Sandbox;

/// A brand, which calls paths under `brand/`.
impl Sandbox {
    /// The brand that the platform knows, with keys of its own. They are made when this is called for the first time.
    ///
    /// # Panics
    /// If OpenSSL cannot make the keys.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.brand().brand_id(), "1004");
    /// assert_ne!(sandbox.brand().public_key_id(), sandbox.platform_serial());
    /// # Ok::<_, std::io::Error>(())
    /// ```
    #[expect(clippy::expect_used, reason = "documented as a panic: of a sandbox, in a test")]
    pub fn brand(&self) -> &Brand {
        let generate = || Brand::generate().expect("OpenSSL can make keys");
        self.platform.keys().brand.get_or_init(generate)
    }

    /// The configuration of the brand for [`Builder::factory`]. Calls go directly to the sandbox, even if the environment
    /// sets a proxy.
    ///
    /// # Panics
    /// As [`brand`](Sandbox::brand).
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.brand_config())?;
    /// let coupons = instance.chain("brand/marketing/product-coupon/product-coupons");
    /// coupons.post(json!({ "json": { "out_request_no": "1" } }))?;
    /// assert_eq!(sandbox.requests()[0].target(), "/brand/marketing/product-coupon/product-coupons");
    /// # Ok(()) }
    /// ```
    pub fn brand_config(&self) -> Builder {
        let brand = self.brand();
        let credentials = Credentials::new()
            .brand_id(brand.brand_id())
            .serial(brand.serial())
            .private_key(brand.private_key().clone())
            .apiv3_key(brand.apiv3_key())
            .cert(brand.public_key_id(), brand.public_key().clone());
        Builder::new().credentials(credentials).defaults(self.defaults())
    }

    /// Like [`notification`](Sandbox::notification), for the brand: encrypted with its API key, and signed with the
    /// platform's public key for it.
    ///
    /// # Panics
    /// As [`brand`](Sandbox::brand) and [`notification`](Sandbox::notification).
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.brand_config())?;
    /// let sent = sandbox.brand_notification("PRODUCT_COUPON.SEND", json!({ "product_coupon_id": "1" }));
    ///
    /// let notification = instance.notification(sent.headers(), sent.body())?;
    /// assert_eq!((notification.mchid(), &notification.resource()["product_coupon_id"]), ("1004", &json!("1")));
    /// # Ok(()) }
    /// ```
    pub fn brand_notification(&self, event_type: &str, resource: Value) -> SignedNotification {
        SignedNotification::for_brand(self.platform.keys(), self.brand(), event_type, &resource)
    }
}
