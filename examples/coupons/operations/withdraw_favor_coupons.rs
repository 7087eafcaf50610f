//! 为用户发银行提现免费券: `POST v3/marketing/withdraw-favor/users/{openid}/coupons`.

use wechatpay::{Chain, Response, chain, json};

pub fn sync_chain(instance: &Chain) -> anyhow::Result<Response> {
    let response = chain!(instance->v3->marketing->withdrawFavor->users->_openid_->coupons).post(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "mchid": "1230000109",
            "stock_id": "1304490000000059",
            "appid": "wxd678efh567hg6787",
            "send_request_no": "89560002019101000121",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn sync_declarative(instance: &Chain) -> anyhow::Result<Response> {
    let response = instance.chain("v3/marketing/withdraw-favor/users/{openid}/coupons").post(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "mchid": "1230000109",
            "stock_id": "1304490000000059",
            "appid": "wxd678efh567hg6787",
            "send_request_no": "89560002019101000121",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn sync_index(instance: &Chain) -> anyhow::Result<Response> {
    let response = instance["v3/marketing/withdraw-favor/users/{openid}/coupons"].post(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "mchid": "1230000109",
            "stock_id": "1304490000000059",
            "appid": "wxd678efh567hg6787",
            "send_request_no": "89560002019101000121",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn async_chain(instance: &Chain) -> anyhow::Result<Response> {
    let response = chain!(instance->v3->marketing->withdrawFavor->users->_openid_->coupons)
        .post_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "json": {
                "mchid": "1230000109",
                "stock_id": "1304490000000059",
                "appid": "wxd678efh567hg6787",
                "send_request_no": "89560002019101000121",
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
        .chain("v3/marketing/withdraw-favor/users/{openid}/coupons")
        .post_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "json": {
                "mchid": "1230000109",
                "stock_id": "1304490000000059",
                "appid": "wxd678efh567hg6787",
                "send_request_no": "89560002019101000121",
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
    let response = instance["v3/marketing/withdraw-favor/users/{openid}/coupons"]
        .post_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "json": {
                "mchid": "1230000109",
                "stock_id": "1304490000000059",
                "appid": "wxd678efh567hg6787",
                "send_request_no": "89560002019101000121",
            },
        }))
        .then(|response| {
            println!("{}", response.json()?);
            Ok(response)
        })
        .wait()?;
    Ok(response)
}
