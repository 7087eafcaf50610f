//! 2014 年的老系统，只用 APIv2；SDK 只当签名和发请求的工具

use std::sync::OnceLock;

use anyhow::{Context, Result};
use wechatpay::{Builder, Chain, Fields, Formatter, Hash, Response, Value, chain, json, merge, union};

use crate::env;

pub struct WxV2;

static INSTANCE: OnceLock<Chain> = OnceLock::new();

impl WxV2 {
    const APPID: &str = "wx0011223344556677";
    const MCHID: &str = "1900007291";

    pub fn instance(overrides: Value) -> Result<Chain> {
        if let Some(instance) = INSTANCE.get() {
            return Ok(instance.clone());
        }
        // serial、privateKey、certs 不用占位
        let config = json!({
            "mchid": Self::MCHID,
            "secret": env::var("WECHATPAY_APIV2_KEY")?,
        });
        let instance = Builder::factory(union(overrides, config)?)?;
        Ok(INSTANCE.get_or_init(|| instance).clone())
    }

    /// 公共参数 + 业务参数
    pub fn xml(params: Value, sign_type: &str) -> Result<Value> {
        let common = json!({
            "appid": Self::APPID,
            "mch_id": Self::MCHID,
            "sign_type": sign_type,
        });
        Ok(json!({ "xml": merge(common, params)? }))
    }
}

// 统一下单
fn unified_order(api: &Chain, trade_type: &str, no: &str, body: &str, fee: f64, mut more: Value) -> Result<Response> {
    let ip = more.find_text("/ip")?.unwrap_or("127.0.0.1".to_owned());
    more.as_object_mut().context("an object")?.retain(|name, _| name != "ip");
    let order = json!({
        "body": body,
        "out_trade_no": no,
        "total_fee": fee.to_string(),
        "spbill_create_ip": ip,
        "notify_url": env::var("WECHATPAY_NOTIFY_BASE")? + "/v2.php",
        "trade_type": trade_type,
    });
    Ok(chain!(api->v2->pay->unifiedorder).post(WxV2::xml(union(order, more)?, Hash::ALGO_MD5)?)?)
}

// 公众号支付参数，v2 的 paySign 用 MD5
fn jsapi_params(prepay_id: &str) -> Result<Value> {
    let mut p = json!({
        "appId": WxV2::APPID,
        "timeStamp": Formatter::timestamp().to_string(),
        "nonceStr": Formatter::nonce(32),
        "package": format!("prepay_id={prepay_id}"),
        "signType": "MD5",
    });
    let sorted = Formatter::ksort(p.as_object().context("an object")?.clone());
    let sign = Hash::sign(Hash::ALGO_MD5, Formatter::query_string_like(&sorted), env::var("WECHATPAY_APIV2_KEY")?);
    p["paySign"] = sign.context("an unknown algorithm")?.into();
    Ok(p)
}

// 查单要求 HMAC-SHA256
fn order_query(api: &Chain, no: &str) -> Result<String> {
    let xml = WxV2::xml(json!({ "out_trade_no": no }), Hash::ALGO_HMAC_SHA256)?;
    Ok(api
        .chain("v2/pay/orderquery")
        .post_async(xml)
        .then(|response| Ok(response.text_at("/trade_state")?))
        .otherwise(|e| {
            // result_code = FAIL 的应答会被拒绝，从错误里拿原文
            let Some(response) = e.response() else {
                return Ok("UNKNOWN".to_owned());
            };
            Ok(match response.find_text("/err_code")? {
                Some(err_code) => err_code,
                None => response.text_at("/return_msg")?,
            })
        })
        .wait()?)
}

fn close_order(api: &Chain, no: &str) -> Result<bool> {
    let response = api["v2/pay/closeorder"].post(WxV2::xml(json!({ "out_trade_no": no }), Hash::ALGO_MD5)?)?;
    Ok(response.text_at("/result_code")? == "SUCCESS")
}

pub fn run_legacy(api: &Chain) -> Result<Value> {
    let mut out = json!({});
    let mut closed = Vec::new();
    let more = json!({
        "openid": "oLegacy_mN8bV7cX6zA5sD4fG3h",
        "ip": "203.0.113.99",
        "attach": json!({ "shop": 3 }).to_string(),
        "detail": "",
    });
    let order = unified_order(api, "JSAPI", "L20190402001", "年货礼盒 A&B <限量>", 19900.0, more)?;
    out["jsapi"] = jsapi_params(&order.text_at("/prepay_id")?)?;
    let more = json!({ "product_id": "nut-500" });
    let native = unified_order(api, "NATIVE", "L20190402002", "散装坚果\n500g", 0.5 * 4600.0, more)?;
    out["native"] = native.text_at("/code_url")?.into();
    for no in ["L20190402001", "L20190402002", "L_MISSING"] {
        let state = order_query(api, no)?;
        out["state"][no] = state.as_str().into();
        if state == "NOTPAY" {
            closed.push(if close_order(api, no)? { json!(no) } else { json!(false) });
        }
    }
    out["closed"] = closed.into();
    // 短链接，不要随机串
    let short = WxV2::xml(json!({ "long_url": "weixin://wxpay/bizpayurl?pr=etxB4DY" }), Hash::ALGO_MD5)?;
    out["short"] = chain!(api->v2->tools->shorturl).post(union(short, json!({ "nonceless": true }))?)?.xml()?;
    out["short"].as_object_mut().context("an object")?.retain(|name, _| name != "sign");
    Ok(out)
}
