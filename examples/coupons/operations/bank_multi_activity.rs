//! 给指定用户报名多笔立减活动: `POST v3/marketing/bank-favor/users/{openid}/bank-multi-activity`.

use wechatpay::{Chain, Response, chain, json};

pub fn sync_chain(instance: &Chain) -> anyhow::Result<Response> {
    let response = chain!(instance->v3->marketing->bankFavor->users->_openid_->bankMultiActivity).post(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "stock_id": "100088",
            "activity_id": "186745560",
            "out_request_no": "1002600620019090123143254435",
            "appid": "wx1234567889999",
            "stock_creator_mchid": "9800064",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn sync_declarative(instance: &Chain) -> anyhow::Result<Response> {
    let response = instance.chain("v3/marketing/bank-favor/users/{openid}/bank-multi-activity").post(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "stock_id": "100088",
            "activity_id": "186745560",
            "out_request_no": "1002600620019090123143254435",
            "appid": "wx1234567889999",
            "stock_creator_mchid": "9800064",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn sync_index(instance: &Chain) -> anyhow::Result<Response> {
    let response = instance["v3/marketing/bank-favor/users/{openid}/bank-multi-activity"].post(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "stock_id": "100088",
            "activity_id": "186745560",
            "out_request_no": "1002600620019090123143254435",
            "appid": "wx1234567889999",
            "stock_creator_mchid": "9800064",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn async_chain(instance: &Chain) -> anyhow::Result<Response> {
    let response = chain!(instance->v3->marketing->bankFavor->users->_openid_->bankMultiActivity)
        .post_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "json": {
                "stock_id": "100088",
                "activity_id": "186745560",
                "out_request_no": "1002600620019090123143254435",
                "appid": "wx1234567889999",
                "stock_creator_mchid": "9800064",
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
        .chain("v3/marketing/bank-favor/users/{openid}/bank-multi-activity")
        .post_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "json": {
                "stock_id": "100088",
                "activity_id": "186745560",
                "out_request_no": "1002600620019090123143254435",
                "appid": "wx1234567889999",
                "stock_creator_mchid": "9800064",
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
    let response = instance["v3/marketing/bank-favor/users/{openid}/bank-multi-activity"]
        .post_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "json": {
                "stock_id": "100088",
                "activity_id": "186745560",
                "out_request_no": "1002600620019090123143254435",
                "appid": "wx1234567889999",
                "stock_creator_mchid": "9800064",
            },
        }))
        .then(|response| {
            println!("{}", response.json()?);
            Ok(response)
        })
        .wait()?;
    Ok(response)
}
