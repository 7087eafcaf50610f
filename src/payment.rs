//! Paying from the phone: the signed parameters with which a page, a mini program or an app starts the payment.

use serde_json::{Value, json};

use crate::chain::Chain;
use crate::error::{Error, Result};
use crate::keys::identity::Apiv3;
use crate::text::formatter::Formatter;

/// Characters of a nonce.
const NONCE: usize = 32;

/// Paying from the phone. These methods concern the whole instance; the path of the chain is ignored, and nothing is sent.
impl Chain {
    /// The parameters with which a page inside WeChat starts the payment (JSAPI): an object of `appId`, `timeStamp` (Unix
    /// seconds, a string), `nonceStr`, `package`, `signType` and `paySign`, for the order that the platform gave this
    /// `prepay_id`.
    ///
    /// Make them on the server and pass them to the page. They are signed with the merchant's private key, or by the signer.
    ///
    /// # Errors
    /// [`Error::Options`] if one of the two is empty, is the text `null`, or contains a quote, a blank or a control character,
    /// or if the `prepay_id` is given with `prepay_id=` before it; [`Error::Signing`] if the signer fails; [`Error::Config`]
    /// in an instance for APIv2 only, or for a brand.
    ///
    /// ```no_run
    /// use wechatpay::json;
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let order = instance.chain("v3/pay/transactions/jsapi").post(json!({ "json": {
    ///     "mchid": "1900000109", "appid": "wxd678efh567hg6787", "description": "Image形象店",
    ///     "out_trade_no": "1217752501201407033233368018", "notify_url": "https://example.com/notify",
    ///     "amount": { "total": 100, "currency": "CNY" }, "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
    /// }}))?;
    /// let for_the_page = instance.jsapi_params("wxd678efh567hg6787", order.text_at("/prepay_id")?)?;
    /// println!("{for_the_page}");
    /// # Ok(()) }
    /// ```
    pub fn jsapi_params(&self, appid: impl AsRef<str>, prepay_id: impl AsRef<str>) -> Result<Value> {
        let (appid, prepay_id) = (appid.as_ref(), prepay_id.as_ref());
        let package = format!("prepay_id={prepay_id}");
        self.signed(appid, prepay_id, &package, |_, time, nonce, sign| {
            json!({
                "appId": appid,
                "timeStamp": time,
                "nonceStr": nonce,
                "package": package,
                "signType": "RSA",
                "paySign": sign,
            })
        })
    }

    /// The parameters with which a mini program starts the payment, the same as [`jsapi_params`](Chain::jsapi_params). The
    /// phone takes the `appId` from the program itself, so it must be the program's own.
    ///
    /// # Errors
    /// As [`jsapi_params`](Chain::jsapi_params).
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let params = instance.mini_program_params("wxd678efh567hg6787", "wx201410272009395522657a690389285100")?;
    /// assert_eq!(params["signType"], "RSA");
    /// # Ok(()) }
    /// ```
    pub fn mini_program_params(&self, appid: impl AsRef<str>, prepay_id: impl AsRef<str>) -> Result<Value> {
        self.jsapi_params(appid, prepay_id)
    }

    /// The parameters with which an app starts the payment: an object of `appid`, `partnerid` (the configured `mchid`),
    /// `prepayid`, `package` (`Sign=WXPay`), `noncestr`, `timestamp` (Unix seconds, a string) and `sign`.
    ///
    /// # Errors
    /// As [`jsapi_params`](Chain::jsapi_params).
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let params = instance.app_params("wxd678efh567hg6787", "wx201410272009395522657a690389285100")?;
    /// assert_eq!(params["package"], "Sign=WXPay");
    /// # Ok(()) }
    /// ```
    pub fn app_params(&self, appid: impl AsRef<str>, prepay_id: impl AsRef<str>) -> Result<Value> {
        let (appid, prepay_id) = (appid.as_ref(), prepay_id.as_ref());
        self.signed(appid, prepay_id, prepay_id, |apiv3, time, nonce, sign| {
            json!({
                "appid": appid,
                "partnerid": apiv3.party.id(),
                "prepayid": prepay_id,
                "package": "Sign=WXPay",
                "noncestr": nonce,
                "timestamp": time,
                "sign": sign,
            })
        })
    }

    /// Signs appid, time, nonce and `order`, each followed by a line feed; `params` gets the keys, the time, the nonce and
    /// the signature.
    fn signed(
        &self,
        appid: &str,
        prepay_id: &str,
        order: &str,
        params: impl FnOnce(&Apiv3, &str, &str, &str) -> Value,
    ) -> Result<Value> {
        check("appid", appid)?;
        check("prepay_id", prepay_id)?;
        if prepay_id.starts_with("prepay_id=") {
            return Err(Error::Options("`prepay_id` must be given without `prepay_id=` before it".into()));
        }
        let identity = self.client().keyring().current();
        identity.check_not_brand("only merchants are paid; make an instance with `mchid` for these parameters")?;
        let apiv3 = identity.apiv3.as_ref().ok_or_else(|| {
            Error::Config("the configuration is for APIv2 only; these parameters are signed with `privateKey`".into())
        })?;
        let (time, nonce) = (Formatter::timestamp().to_string(), Formatter::nonce(NONCE));
        let sign = apiv3.sign(Formatter::joined_by_line_feed([appid, &time, &nonce, order]).as_bytes())?;
        Ok(params(apiv3, &time, &nonce, &sign))
    }
}

/// Checks that a text can be a line of the signed message. It is not shown: it may come from anywhere.
fn check(name: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::Options(format!("`{name}` is empty")));
    }
    let problem = if text.contains(char::is_control) {
        "contains a line feed or another control character".to_owned()
    } else if text.contains(['"', '\'']) {
        format!(
            "contains a quote: a JSON value printed as a text keeps its quotes; take it out with text_at(\"/{name}\")"
        )
    } else if text == "null" {
        format!("is `null`: the JSON that it was taken from has no such field; take it out with text_at(\"/{name}\")")
    } else if text.contains(char::is_whitespace) {
        "contains a blank; it must be exactly as the platform gave it".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::Options(format!("`{name}` {problem}")))
}
