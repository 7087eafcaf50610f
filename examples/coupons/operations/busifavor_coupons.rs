//! 向用户发券: `POST v3/marketing/busifavor/coupons/send`.

use wechatpay::{Chain, Response, chain, json};

pub fn sync_chain(instance: &Chain) -> anyhow::Result<Response> {
    let response = chain!(instance->v3->marketing->busifavor->coupons->send).post(json!({
        "json": {
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "appid": "wx1234567889999",
            "stock_id": "100088",
            "out_request_no": "1002600620019090123143254435",
            "coupon_code": "sxxe34343434",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn sync_declarative(instance: &Chain) -> anyhow::Result<Response> {
    let response = instance.chain("v3/marketing/busifavor/coupons/send").post(json!({
        "json": {
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "appid": "wx1234567889999",
            "stock_id": "100088",
            "out_request_no": "1002600620019090123143254435",
            "coupon_code": "sxxe34343434",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn sync_index(instance: &Chain) -> anyhow::Result<Response> {
    let response = instance["v3/marketing/busifavor/coupons/send"].post(json!({
        "json": {
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "appid": "wx1234567889999",
            "stock_id": "100088",
            "out_request_no": "1002600620019090123143254435",
            "coupon_code": "sxxe34343434",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn async_chain(instance: &Chain) -> anyhow::Result<Response> {
    let response = chain!(instance->v3->marketing->busifavor->coupons->send)
        .post_async(json!({
            "json": {
                "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
                "appid": "wx1234567889999",
                "stock_id": "100088",
                "out_request_no": "1002600620019090123143254435",
                "coupon_code": "sxxe34343434",
            },
        }))
        .then(|response| {
            println!("{}", response.json()?);
            Ok(response)
        })
        .wait()?;
    Ok(response)
}

pub fn async_declarative(instance: &Chain) -> anyhow::Result<Response> {
    let response = instance
        .chain("v3/marketing/busifavor/coupons/send")
        .post_async(json!({
            "json": {
                "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
                "appid": "wx1234567889999",
                "stock_id": "100088",
                "out_request_no": "1002600620019090123143254435",
                "coupon_code": "sxxe34343434",
            },
        }))
        .then(|response| {
            println!("{}", response.json()?);
            Ok(response)
        })
        .wait()?;
    Ok(response)
}

pub fn async_index(instance: &Chain) -> anyhow::Result<Response> {
    let response = instance["v3/marketing/busifavor/coupons/send"]
        .post_async(json!({
            "json": {
                "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
                "appid": "wx1234567889999",
                "stock_id": "100088",
                "out_request_no": "1002600620019090123143254435",
                "coupon_code": "sxxe34343434",
            },
        }))
        .then(|response| {
            println!("{}", response.json()?);
            Ok(response)
        })
        .wait()?;
    Ok(response)
}
