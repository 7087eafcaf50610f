//! Shopping mall: one cart, many shops -> combined order (sub orders per shop).
//! Service-provider orders for the pop-up stands use the partner endpoints.

use std::fs;
use std::sync::LazyLock;

use anyhow::Result;
use wechatpay::{Builder, Chain, Fields, Formatter, Map, Value, chain, json, merge};

use crate::env;

static SETTINGS: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "sp_mchid": "1900007291",
        "sp_appid": "wx5e6f7a8b9c0d1e2f",
        "notify": { "combine": "https://mall.example.cn/wx/combine", "partner": "https://mall.example.cn/wx/partner" },
    })
});

fn settings(path: &str) -> &'static Value {
    path.split('.').fold(&SETTINGS, |node, step| &node[step])
}

pub fn mall_client(overrides: Value) -> Result<Chain> {
    // 两种模式并存：公钥 + 平台证书
    let certs = json!({
        (env::var("WECHATPAY_PLATFORM_SERIAL")?): env::path("file:///path/to/wechatpay/certificate.pem"),
        (env::var("WECHATPAY_PUBLIC_KEY_ID")?): fs::read_to_string(env::var("WECHATPAY_PUBLIC_KEY")?)?,
    });
    let private_key = fs::read_to_string(env::var("WECHATPAY_PRIVATE_KEY")?)?;
    let config = json!({
        "mchid": settings("sp_mchid"),
        "serial": env::var("WECHATPAY_MCH_SERIAL")?,
        "privateKey": private_key,
        "certs": certs,
    });
    Ok(Builder::factory(merge(config, overrides)?)?)
}

fn combine_order(wx: &Chain, cart_no: &str, openid: &str, shops: &[(&str, &str, i64)]) -> Result<Option<String>> {
    let mut sub_orders = Vec::new();
    for (i, (mchid, title, fen)) in shops.iter().enumerate() {
        sub_orders.push(json!({
            "mchid": settings("sp_mchid"),
            "sub_mchid": mchid,
            "attach": format!("cart:{cart_no}"),
            "out_trade_no": format!("{cart_no}-{}", i + 1),
            "description": title,
            "amount": { "total_amount": fen, "currency": "CNY" },
            "settle_info": { "profit_sharing": *fen >= 10000 },
        }));
    }
    let resp = chain!(wx->v3->combineTransactions->jsapi).post(json!({ "json": {
        "combine_appid": settings("sp_appid"),
        "combine_mchid": settings("sp_mchid"),
        "combine_out_trade_no": cart_no,
        "combine_payer_info": { "openid": openid },
        "time_expire": Formatter::date_c(Formatter::timestamp() + 600),
        "sub_orders": sub_orders,
        "notify_url": settings("notify.combine"),
    } }))?;
    Ok(resp.find_text("/prepay_id")?)
}

fn combine_state(wx: &Chain, cart_no: &str) -> Result<Map<String, Value>> {
    let resp = chain!(wx->v3->{"combine-transactions"}->{"out-trade-no"}->{"{combine_out_trade_no}"})
        .get(json!({ "combine_out_trade_no": cart_no }))?;
    let subs = resp.list_at("/sub_orders")?;
    subs.iter().map(|sub| Ok((sub.text_at("/out_trade_no")?, sub.text_at("/trade_state")?.into()))).collect()
}

fn combine_close(wx: &Chain, cart_no: &str, shops: &[(&str, &str, i64)]) -> Result<u16> {
    let mut list = Vec::new();
    for (i, s) in shops.iter().enumerate() {
        let no = format!("{cart_no}-{}", i + 1);
        list.push(json!({ "mchid": settings("sp_mchid"), "sub_mchid": s.0, "out_trade_no": no }));
    }
    let resp = wx.chain("v3/combine-transactions/out-trade-no/{no}/close").post(json!({
        "no": cart_no,
        "json": { "combine_appid": settings("sp_appid"), "sub_orders": list },
    }))?;
    Ok(resp.status().as_u16())
}

/* ---------- 快闪摊位：服务商模式 ---------- */

fn stand_order(wx: &Chain, sub: &str, no: &str, fen: i64, opt: Value) -> Result<String> {
    let base = json!({ "sp_appid": settings("sp_appid"), "sp_mchid": settings("sp_mchid"), "sub_mchid": sub });
    let order = json!({
        "description": opt.find_text("/title")?.unwrap_or("快闪摊位".to_owned()),
        "out_trade_no": no,
        "notify_url": settings("notify.partner"),
        "support_fapiao": opt.find_boolean("/fapiao")?.unwrap_or(false),
        "amount": { "total": fen },
    });
    let resp = chain!(wx->v3->pay->partner->transactions->native).post(json!({ "json": merge(base, order)? }))?;
    Ok(resp.text_at("/code_url")?)
}

fn stand_query(wx: &Chain, sub: &str, no: &str) -> Result<String> {
    Ok(wx["v3/pay/partner/transactions/out-trade-no/{out_trade_no}"]
        .get_async(json!({
            "out_trade_no": no,
            "query": { "sp_mchid": settings("sp_mchid"), "sub_mchid": sub },
        }))
        .then(|r| Ok(r.text_at("/trade_state")?))
        .wait()?)
}

pub fn run(wx: &Chain) -> Result<Value> {
    let shops = [("1900000101", "运动鞋 x1", 45900), ("1900000102", "儿童绘本 x3", 8700)];
    let prepay = combine_order(wx, "cart90417", "oMall7Qw1ErT5yUi9OpA3sDf6GhJ", &shops)?;
    let states = combine_state(wx, "cart90417")?;
    let is_paid = states.values().any(|state| state == "SUCCESS");
    let closed = if is_paid { None } else { Some(combine_close(wx, "cart90417", &shops)?) };
    let qr = stand_order(wx, "1900000207", "stand-55", 2500, json!({ "title": "手作市集", "fapiao": true }))?;
    Ok(json!([prepay, states, closed, qr, stand_query(wx, "1900000207", "stand-55")?]))
}
