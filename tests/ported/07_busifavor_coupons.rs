//! 咖啡连锁 · 商家券
//! stock: create / patch budget / upload codes;  coupon: send sign, query, use, return

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use wechatpay::{Builder, Chain, Fields, Formatter, Hash, Map, Value, chain, json, union};

use crate::env;

const MCHID: &str = "1900007291";
const APPID: &str = "wx3344aa55bb66cc77";

pub fn coffee_pay(overrides: Value) -> Result<Chain> {
    let config = json!({
        "mchid": MCHID, "serial": env::var("WECHATPAY_MCH_SERIAL")?,
        "privateKey": env::path("file:///path/to/merchant/apiclient_key.pem"),
        "certs": { (env::var("WECHATPAY_PUBLIC_KEY_ID")?): env::path("file:///path/to/wechatpay/publickey.pem") },
        "secret": env::var("WECHATPAY_APIV2_KEY")?, // only for the send-coupon sign below
    });
    Ok(Builder::factory(union(overrides, config)?)?)
}

fn create_stock(i: &Chain, name: &str, off: f64, threshold: i64, days: i64) -> Result<String> {
    let now = Formatter::timestamp();
    let kinds = BTreeMap::from([
        ("NORMAL", "fixed_normal_coupon"),
        ("DISCOUNT", "discount_coupon"),
        ("EXCHANGE", "exchange_coupon"),
    ]);
    let stock_type = if off < 1.0 { "DISCOUNT" } else { "NORMAL" };
    let rule = if stock_type == "DISCOUNT" {
        json!({ "discount_percent": ((1.0 - off) * 100.0).round() as i64, "transaction_minimum": threshold })
    } else {
        json!({ "discount_amount": off as i64, "transaction_minimum": threshold })
    };

    // 20190402203420
    let moment = Formatter::date_c(now).replace(['-', 'T', ':'], "")[..14].to_owned();
    let stock = chain!(i->v3->marketing->busifavor->stocks).post(json!({ "json": {
        "stock_name": name,
        "belong_merchant": MCHID,
        "comment": format!("活动编号#{}", Formatter::date_ymd(now)),
        "goods_name": "全场饮品",
        "stock_type": stock_type,
        "coupon_use_rule": {
            "coupon_available_time": {
                "available_begin_time": Formatter::date_c(now),
                "available_end_time": Formatter::date_c(now + days * 86400),
                "available_day_after_receive": 7,
            },
            (kinds[stock_type]): rule,
            "use_method": "MINI_PROGRAMS",
            "mini_programs_appid": APPID,
            "mini_programs_path": "/pages/order/index?from=coupon",
        },
        "stock_send_rule": { "max_coupons": 10000, "max_coupons_per_user": 5, "natural_person_limit": false },
        "out_request_no": format!("{MCHID}{moment}{:04}", off as i64),
        "coupon_code_mode": "MERCHANT_UPLOAD",
    } }))?;
    Ok(stock.text_at("/stock_id")?)
}

/// 小程序发券插件的签名：数组拍平后按 APIv2 规则算 HMAC-SHA256
fn send_coupon_sign(coupons: &[[(&str, &str); 2]]) -> Result<String> {
    let mut flat = Map::from_iter([("send_coupon_merchant".to_owned(), MCHID.into())]);
    for (idx, one) in coupons.iter().enumerate() {
        flat.extend(one.iter().map(|(k, v)| (format!("{k}{idx}"), (*v).into())));
    }
    let data = Formatter::query_string_like(&Formatter::ksort(flat));
    Hash::sign(Hash::ALGO_HMAC_SHA256, data, env::var("WECHATPAY_APIV2_KEY")?).context("an unknown algorithm")
}

fn user_coupon(i: &Chain, openid: &str, code: &str) -> Result<String> {
    // mixed chain on purpose: index access in the middle of property access
    let chain = chain!(i->v3->marketing->busifavor->users["{openid}/coupons/{coupon_code}"]->appids["{appid}"]);
    let r = chain.get(json!({ "openid": openid, "coupon_code": code, "appid": APPID }))?;
    Ok(format!("{}={}", r.text_at("/coupon_code")?, r.text_at("/coupon_state")?))
}

fn user_coupons(i: &Chain, openid: &str, filter: Value) -> Result<Vec<String>> {
    let mut query = union(filter, json!({ "appid": APPID, "offset": 0, "limit": 20, "coupon_state": null }))?;
    query.as_object_mut().context("an object")?.retain(|_, v| !v.is_null());
    let r = chain!(i->v3->marketing->busifavor->users->_openid_->coupons).get(json!({
        "openid": openid,
        "query": query,
    }))?;
    r.list_at("/data")?.iter().map(|coupon| Ok(coupon.text_at("/coupon_code")?)).collect()
}

fn use_and_regret(i: &Chain, stock_id: &str, code: &str, openid: &str) -> Result<String> {
    i["v3/marketing/busifavor/coupons/use"].post(json!({ "json": {
        "coupon_code": code, "stock_id": stock_id, "appid": APPID, "openid": openid,
        "use_time": Formatter::date_c(Formatter::timestamp()), "use_request_no": format!("use-{code}"),
    } }))?;
    let returned = i.chain("v3/marketing/busifavor/coupons/return").post_async(json!({ "json": {
        "coupon_code": code, "stock_id": stock_id, "return_request_no": format!("ret-{code}"),
    } }));
    Ok(returned.then(|r| Ok(r.text_at("/wechatpay_return_time")?)).wait()?)
}

pub fn run(i: &Chain) -> Result<Value> {
    let stock_id = create_stock(i, "立减券 满25减5", 500.0, 2500, 30)?;
    let stock2 = create_stock(i, "八五折", 0.15, 1, 14)?;
    let mut out = json!({ "stock": stock_id, "stock2": stock2 });
    let codes: Vec<String> = (1..=4).map(|n| format!("CF{:06}", n * 37)).collect();
    let uploaded = chain!(i->v3->marketing->busifavor->stocks->_stock_id_->couponcodes).post(json!({
        "stock_id": stock_id,
        "json": { "coupon_code_list": codes, "upload_request_no": format!("up{stock_id}") },
    }))?;
    out["codes"] = uploaded.integer_at("/success_count")?.into();
    let budget_no = format!("mb1{stock_id}");
    chain!(i->v3->marketing->busifavor->stocks["{stock_id}"]->budget).patch(json!({
        "stock_id": stock_id,
        "json": { "target_max_coupons": 20000, "current_max_coupons": 10000, "modify_budget_request_no": budget_no },
    }))?;
    let callback = json!({ "mchid": MCHID, "notify_url": env::var("WECHATPAY_NOTIFY_BASE")? + "/coupon" });
    chain!(i->v3->marketing->busifavor->callbacks).post(json!({ "json": callback }))?;
    let first = [("stock_id", &*stock_id), ("out_request_no", "o1")];
    let second = [("stock_id", &*stock2), ("out_request_no", "o2")];
    out["sign"] = send_coupon_sign(&[first, second])?.into();
    let openid = "oCof_Zx9Cv8Bn7Mq6We5Rt4Yu3I";
    out["one"] = user_coupon(i, openid, "CF000037")?.into();
    out["list"] = user_coupons(i, openid, json!({ "coupon_state": "SENDED", "creator_mchid": MCHID }))?.into();
    out["back"] = use_and_regret(i, &stock_id, "CF000037", openid)?.into();
    chain!(i->v3->marketing->busifavor->coupons->deactivate).post(json!({ "json": {
        "coupon_code": "CF000074", "stock_id": stock_id, "deactivate_request_no": "de-1", "deactivate_reason": "录错了",
    } }))?;
    Ok(out)
}
