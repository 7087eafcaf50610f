//! Profit sharing: where its receivers are notified.

use crate::merchants::Merchant;
use crate::sandbox::Sandbox;

/// Profit sharing (分账).
impl Sandbox {
    /// Sets where a merchant is notified of what it receives (`PROFITSHARING.SUCCESS`) and gives back
    /// (`PROFITSHARING.RETURN`), as receivers do on the merchant platform: requests for profit sharing have no `notify_url`.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let receiver = sandbox.add_merchant("86693852");
    /// sandbox.set_profit_sharing_url(&receiver, "http://127.0.0.1:8080/notify");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn set_profit_sharing_url(&self, merchant: &Merchant, url: &str) {
        self.platform.profit_sharing().set_address(merchant.mchid(), url);
    }
}
