//! The mini program cashier of a milk-tea chain.

use anyhow::Result;
use wechatpay::{Builder, Chain, Credentials, Fields, Formatter, PrivateKey, Rsa, Value, chain, json, union};

use crate::env;

pub struct JsapiCashier {
    /// Everything below /v3/pay/transactions.
    transactions: Chain,
    /// The merchant's private key.
    private_key: PrivateKey,
    app_id: String,
    mch_id: String,
}

impl JsapiCashier {
    const CURRENCY: &str = "CNY";

    pub fn new(client: &Chain, private_key: PrivateKey, mch_id: &str, app_id: &str) -> JsapiCashier {
        JsapiCashier {
            transactions: client.chain("v3/pay/transactions"),
            private_key,
            mch_id: mch_id.to_owned(),
            app_id: app_id.to_owned(),
        }
    }

    /// Create the order, hand the prepay id back.
    pub fn prepay(&self, order_no: &str, open_id: &str, cents: i64, extra: Value) -> Result<String> {
        let payload = json!({
            "appid": self.app_id,
            "mchid": self.mch_id,
            "description": format!("茶饮订单 {order_no}"),
            "out_trade_no": order_no,
            "notify_url": format!("{}/{}/{}", env::var("WECHATPAY_NOTIFY_BASE")?, "jsapi", self.mch_id),
            "amount": { "total": cents, "currency": Self::CURRENCY },
            "payer": { "openid": open_id },
        });

        let response = chain!(self.transactions->jsapi).post(json!({ "json": union(payload, extra)? }))?;

        Ok(response.text_at("/prepay_id")?)
    }

    /// What wx.requestPayment() wants.
    pub fn pay_sign(&self, prepay_id: &str) -> Result<Value> {
        let mut params = json!({
            "appId": self.app_id,
            "timeStamp": Formatter::timestamp().to_string(),
            "nonceStr": Formatter::nonce(32),
            "package": format!("prepay_id={prepay_id}"),
        });
        let lines = Formatter::fields_joined_by_line_feed(&params, ["appId", "timeStamp", "nonceStr", "package"])?;
        params["paySign"] = Rsa::sign(lines, &self.private_key)?.into();
        params["signType"] = "RSA".into();

        Ok(params)
    }

    pub fn find(&self, order_no: &str) -> Result<Value> {
        let response = self.transactions["out-trade-no/{out_trade_no}"].get(json!({
            "out_trade_no": order_no,
            "query": { "mchid": self.mch_id },
        }))?;
        let (state, total) = (response.text_at("/trade_state")?, response.integer_at("/amount/total")?);

        Ok(json!({ "paid": state == "SUCCESS", "state": state, "total": total }))
    }

    pub fn find_by_transaction_id(&self, transaction_id: &str) -> Result<Value> {
        let response = chain!(self.transactions->id->_transaction_id_).get(json!({
            "transaction_id": transaction_id,
            "query": { "mchid": self.mch_id },
        }))?;

        Ok(response.json()?)
    }

    pub fn close(&self, order_no: &str) -> Result<()> {
        chain!(self.transactions->outTradeNo->_out_trade_no_->close).post(json!({
            "out_trade_no": order_no,
            "json": { "mchid": self.mch_id },
        }))?;

        Ok(())
    }

    pub fn boot(overrides: Value) -> Result<JsapiCashier> {
        let key = Rsa::from(env::path("file:///path/to/merchant/apiclient_key.pem"), Rsa::KEY_TYPE_PRIVATE)?;
        let config = json!({
            "mchid": "1900007291",
            "serial": "3775B6A45ACD588826D15E583A95F5DD12345678",
            "certs": {
                "PUB_KEY_ID_0119000072912024110600000000000001": env::path("file:///path/to/wechatpay/publickey.pem"),
            },
        });
        let private_key = Credentials::new().private_key(key.clone());
        let client = Builder::from(union(overrides, config)?).credentials(private_key).build()?;

        Ok(JsapiCashier::new(&client, key, "1900007291", "wx7d3b5a90c2e61f48"))
    }

    pub fn demo(overrides: Value) -> Result<Value> {
        let cashier = Self::boot(overrides)?;
        let extra = json!({
            "attach": json!({ "store": "SZ-017", "cups": 2 }).to_string(),
            "detail": { "goods_detail": [
                { "merchant_goods_id": "T01", "goods_name": "桂花乌龙", "quantity": 2, "unit_price": 940 },
            ] },
        });
        let prepay_id = cashier.prepay("TEA-8801", "oTea_5fJq2kWcR8mVx01bYzNd3Ls", 1880, extra)?;
        let client = cashier.pay_sign(&prepay_id)?;
        let first = cashier.find("TEA-8801")?;
        if !first.boolean_at("/paid")? {
            cashier.close("TEA-8801")?;
        }
        let other = cashier.find_by_transaction_id("4200000301201904021234567890")?;

        Ok(json!({ "client": client, "first": first, "other": other.find_text("/out_trade_no")? }))
    }
}
