//! 查询批次下用户银行提现免费券列表: `GET v3/marketing/withdraw-favor/users/{openid}/coupons`.

use wechatpay::{Chain, Response, chain, json};

pub fn sync_chain(instance: &Chain) -> anyhow::Result<Response> {
    let response = chain!(instance->v3->marketing->withdrawFavor->users->_openid_->coupons).get(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "query": {
            "mchid": "1230000109",
            "stock_id": "1304490000000059",
            "appid": "wxd678efh567hg6787",
            "offset": 0,
            "limit": 10,
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn sync_declarative(instance: &Chain) -> anyhow::Result<Response> {
    let response = instance.chain("v3/marketing/withdraw-favor/users/{openid}/coupons").get(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "query": {
            "mchid": "1230000109",
            "stock_id": "1304490000000059",
            "appid": "wxd678efh567hg6787",
            "offset": 0,
            "limit": 10,
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn sync_index(instance: &Chain) -> anyhow::Result<Response> {
    let response = instance["v3/marketing/withdraw-favor/users/{openid}/coupons"].get(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "query": {
            "mchid": "1230000109",
            "stock_id": "1304490000000059",
            "appid": "wxd678efh567hg6787",
            "offset": 0,
            "limit": 10,
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn async_chain(instance: &Chain) -> anyhow::Result<Response> {
    let response = chain!(instance->v3->marketing->withdrawFavor->users->_openid_->coupons)
        .get_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "query": {
                "mchid": "1230000109",
                "stock_id": "1304490000000059",
                "appid": "wxd678efh567hg6787",
                "offset": 0,
                "limit": 10,
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
        .get_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "query": {
                "mchid": "1230000109",
                "stock_id": "1304490000000059",
                "appid": "wxd678efh567hg6787",
                "offset": 0,
                "limit": 10,
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
        .get_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "query": {
                "mchid": "1230000109",
                "stock_id": "1304490000000059",
                "appid": "wxd678efh567hg6787",
                "offset": 0,
                "limit": 10,
            },
        }))
        .then(|response| {
            println!("{}", response.json()?);
            Ok(response)
        })
        .wait()?;
    Ok(response)
}
