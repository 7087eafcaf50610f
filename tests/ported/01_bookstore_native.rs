//! 城南旧书店：扫码付。下单、轮询付款结果，到点没付就关单。

use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use wechatpay::{Builder, Chain, Fields, Formatter, Value, chain, json, union};

use crate::env;

const SHOP_APPID: &str = "wx2c1a9be07f4d83e5";
const NOTIFY_HOST: &str = "https://pay.oldbooks.example.com";
const ORDER_TTL: i64 = 15 * 60;
const POLL_MAX: usize = 3;

pub fn wechatpay(overrides: Value) -> Result<Chain> {
    let public_key_id = env::var("WECHATPAY_PUBLIC_KEY_ID")?;

    let config = json!({
        "mchid": env::var("WECHATPAY_MCHID")?,
        "serial": env::var("WECHATPAY_MCH_SERIAL")?,
        "privateKey": format!("file://{}", env::var("WECHATPAY_PRIVATE_KEY")?),
        "certs": {
            public_key_id: format!("file://{}", env::var("WECHATPAY_PUBLIC_KEY")?),
        },
        "timeout": 8.0,
    });
    Ok(Builder::factory(union(overrides, config)?)?)
}

/// 把购物车拼成商品描述，太长就截断
fn describe(cart: &[Value]) -> Result<String> {
    let titles: Vec<String> = cart.iter().map(|line| line.text_at("/title")).collect::<Result<_, _>>()?;
    let text = format!("旧书店-{}", titles.join("、"));

    Ok(if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text })
}

fn create_native_order(client: &Chain, trade_no: &str, cart: &[Value], coupon: Option<&str>) -> Result<String> {
    let mut total = 0;
    for line in cart {
        total += line.integer_at("/price")? * line.find_integer("/qty")?.unwrap_or(1);
    }

    let resp = chain!(client->v3->pay->transactions->native).post(json!({
        "json": {
            "mchid": env::var("WECHATPAY_MCHID")?,
            "appid": SHOP_APPID,
            "out_trade_no": trade_no,
            "description": describe(cart)?,
            "time_expire": Formatter::date_c(Formatter::timestamp() + ORDER_TTL),
            "notify_url": format!("{NOTIFY_HOST}/notify/{trade_no}"),
            "goods_tag": coupon.unwrap_or("NONE"),
            "amount": {
                "total": total,
                "currency": "CNY",
            },
        },
    }))?;

    Ok(resp.text_at("/code_url")?)
}

fn query_order(client: &Chain, trade_no: &str) -> Result<Value> {
    let resp = client.chain("v3/pay/transactions/out-trade-no/{out_trade_no}").get(json!({
        "query": { "mchid": env::var("WECHATPAY_MCHID")? },
        "out_trade_no": trade_no,
    }))?;

    Ok(resp.json()?)
}

/// 轮询，返回最后一次看到的状态
fn wait_for_payment(client: &Chain, trade_no: &str) -> Result<String> {
    let mut state = "NOTPAY".to_owned();
    for _ in 0..POLL_MAX {
        state = query_order(client, trade_no)?.text_at("/trade_state")?;
        if state == "SUCCESS" {
            break;
        }
        sleep(Duration::from_millis(50));
    }

    Ok(state)
}

fn close_order(client: &Chain, trade_no: &str) -> Result<bool> {
    let resp = chain!(client->v3->pay->transactions->outTradeNo->_out_trade_no_->close).post(json!({
        "json": { "mchid": env::var("WECHATPAY_MCHID")? },
        "out_trade_no": trade_no,
    }))?;

    Ok(resp.status() == 204)
}

pub fn run(client: &Chain) -> Result<Value> {
    let baskets = [
        (
            "BK20190402-0001",
            vec![
                json!({ "title": "《边城》1981年版", "price": 3800 }),
                json!({ "title": "明信片", "price": 200, "qty": 3 }),
            ],
        ),
        ("BK20190402-0002", vec![json!({ "title": "《现代汉语词典》& 补编 <旧>", "price": 6650 })]),
    ];
    let mut report = Vec::new();
    for (no, cart) in baskets {
        let url = create_native_order(client, no, &cart, (cart.len() > 1).then_some("BUNDLE"))?;
        let mut state = wait_for_payment(client, no)?;
        if state != "SUCCESS" {
            state = if close_order(client, no)? { "CLOSED".to_owned() } else { state };
        }
        report.push(json!({ "no": no, "url": url, "state": state }));
    }

    Ok(report.into())
}
