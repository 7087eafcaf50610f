//! Transfers to users, and what their phones do.

use crate::merchants::Merchant;
use crate::sandbox::Sandbox;
use crate::transfers::Transfer;

/// Transfers (商家转账). A bill that was created waits for its user; nothing else ends it here, unless the merchant cancels it.
impl Sandbox {
    /// All transfers of all merchants as they are now, in the order in which they were made. Those of APIv2 are not among them:
    /// they are with their users at once.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// for transfer in sandbox.transfers() {
    ///     println!("{} {} fen {}", transfer.out_bill_no(), transfer.amount(), transfer.state());
    /// }
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn transfers(&self) -> Vec<Transfer> {
        self.platform.transfers().all()
    }

    /// Confirms a transfer of the first merchant as its user would on the phone, and returns the platform's number of it,
    /// even if it was already confirmed. `None` if there is no such transfer, or if it was cancelled or has failed.
    ///
    /// The first time, the merchant is notified: while this method returns, `MCHTRANSFER.BILL.FINISHED` is
    /// [sent](Sandbox::sent_notifications) to the transfer's `notify_url`, if it has one.
    ///
    /// ```
    /// use wechatpay_sandbox::Sandbox;
    /// use wechatpay::{Builder, chain, json};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// let created = chain!(instance->v3->fundApp->mchTransfer->transferBills).post(json!({ "json": {
    ///     "appid": "wxf636efh567hg4356", "out_bill_no": "plfk2020042013", "transfer_scene_id": "1000",
    ///     "openid": "o-MYE42l80oelYMDE34nYD456Xoy", "transfer_amount": 888, "transfer_remark": "reward",
    ///     "transfer_scene_report_infos": [{ "info_type": "活动名称", "info_content": "新会员有礼" }],
    /// } }))?;
    /// assert_eq!(created.text_at("/state")?, "WAIT_USER_CONFIRM");
    ///
    /// let number = sandbox.confirm_transfer("plfk2020042013").unwrap();
    /// let bill = instance.chain("v3/fund-app/mch-transfer/transfer-bills/transfer-bill-no/{transfer_bill_no}");
    /// assert_eq!(bill.get(json!({ "transfer_bill_no": number }))?.text_at("/state")?, "SUCCESS");
    /// # Ok(()) }
    /// ```
    pub fn confirm_transfer(&self, out_bill_no: &str) -> Option<String> {
        self.confirm_transfer_of(self.merchants().first(), out_bill_no)
    }

    /// Like [`confirm_transfer`](Sandbox::confirm_transfer), for a transfer of this merchant.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let merchant = sandbox.add_merchant("1900000110");
    /// assert_eq!(sandbox.confirm_transfer_of(&merchant, "a transfer that was never created"), None);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn confirm_transfer_of(&self, merchant: &Merchant, out_bill_no: &str) -> Option<String> {
        self.platform.confirm_transfer(merchant, out_bill_no)
    }

    /// Lets a transfer of the first merchant fail with one of the [platform's
    /// reasons](https://pay.weixin.qq.com/doc/v3/merchant/4013774966), and returns the platform's number of it: with
    /// `OVERDUE_CLOSE` as if its user had not confirmed it for 24 hours, with `NAME_NOT_CORRECT` as if the name was not that
    /// of the user. The merchant is notified, as of a [confirmation](Sandbox::confirm_transfer). `None` if there is no such
    /// transfer, or if it has ended differently.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.fail_transfer("a transfer that was never created", "OVERDUE_CLOSE"), None);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn fail_transfer(&self, out_bill_no: &str, fail_reason: &str) -> Option<String> {
        self.fail_transfer_of(self.merchants().first(), out_bill_no, fail_reason)
    }

    /// Like [`fail_transfer`](Sandbox::fail_transfer), for a transfer of this merchant.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let merchant = sandbox.add_merchant("1900000110");
    /// assert_eq!(sandbox.fail_transfer_of(&merchant, "a transfer that was never created", "OVERDUE_CLOSE"), None);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn fail_transfer_of(&self, merchant: &Merchant, out_bill_no: &str, fail_reason: &str) -> Option<String> {
        self.platform.fail_transfer(merchant, out_bill_no, fail_reason)
    }
}
