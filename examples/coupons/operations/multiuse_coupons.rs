//! 发放指定批次的消费金: `POST v3/multiuse/users/{openid}/coupons`.
//!
//! The name and the id card number are encrypted for the platform; `Wechatpay-Serial` names the key.

use wechatpay::{Chain, PublicKey, Response, Rsa, chain, json};

pub fn sync_chain(instance: &Chain, platform_public_key: &PublicKey) -> anyhow::Result<Response> {
    let response = chain!(instance->v3->multiuse->users->_openid_->coupons).post(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "stock_id": "9856000",
            "out_request_no": "8956000202407191254642",
            "user_name": Rsa::encrypt("张三", platform_public_key)?,
            "id_card_number": Rsa::encrypt("11010519491231002X", platform_public_key)?,
            "amount": 10000,
            "appid": "wx233544546545989",
            "card_type": "ID_CARD",
        },
        "headers": {
            "Wechatpay-Serial": "PUB_KEY_ID_0114232134912410000000000000",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn sync_declarative(instance: &Chain, platform_public_key: &PublicKey) -> anyhow::Result<Response> {
    let response = instance.chain("v3/multiuse/users/{openid}/coupons").post(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "stock_id": "9856000",
            "out_request_no": "8956000202407191254642",
            "user_name": Rsa::encrypt("张三", platform_public_key)?,
            "id_card_number": Rsa::encrypt("11010519491231002X", platform_public_key)?,
            "amount": 10000,
            "appid": "wx233544546545989",
            "card_type": "ID_CARD",
        },
        "headers": {
            "Wechatpay-Serial": "PUB_KEY_ID_0114232134912410000000000000",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn sync_index(instance: &Chain, platform_public_key: &PublicKey) -> anyhow::Result<Response> {
    let response = instance["v3/multiuse/users/{openid}/coupons"].post(json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "stock_id": "9856000",
            "out_request_no": "8956000202407191254642",
            "user_name": Rsa::encrypt("张三", platform_public_key)?,
            "id_card_number": Rsa::encrypt("11010519491231002X", platform_public_key)?,
            "amount": 10000,
            "appid": "wx233544546545989",
            "card_type": "ID_CARD",
        },
        "headers": {
            "Wechatpay-Serial": "PUB_KEY_ID_0114232134912410000000000000",
        },
    }))?;
    println!("{}", response.json()?);
    Ok(response)
}

pub fn async_chain(instance: &Chain, platform_public_key: &PublicKey) -> anyhow::Result<Response> {
    let response = chain!(instance->v3->multiuse->users->_openid_->coupons)
        .post_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "json": {
                "stock_id": "9856000",
                "out_request_no": "8956000202407191254642",
                "user_name": Rsa::encrypt("张三", platform_public_key)?,
                "id_card_number": Rsa::encrypt("11010519491231002X", platform_public_key)?,
                "amount": 10000,
                "appid": "wx233544546545989",
                "card_type": "ID_CARD",
            },
            "headers": {
                "Wechatpay-Serial": "PUB_KEY_ID_0114232134912410000000000000",
            },
        }))
        .then(|response| {
            println!("{}", response.json()?);
            Ok(response)
        })
        .wait()?;
    Ok(response)
}

pub fn async_declarative(instance: &Chain, platform_public_key: &PublicKey) -> anyhow::Result<Response> {
    let response = instance
        .chain("v3/multiuse/users/{openid}/coupons")
        .post_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "json": {
                "stock_id": "9856000",
                "out_request_no": "8956000202407191254642",
                "user_name": Rsa::encrypt("张三", platform_public_key)?,
                "id_card_number": Rsa::encrypt("11010519491231002X", platform_public_key)?,
                "amount": 10000,
                "appid": "wx233544546545989",
                "card_type": "ID_CARD",
            },
            "headers": {
                "Wechatpay-Serial": "PUB_KEY_ID_0114232134912410000000000000",
            },
        }))
        .then(|response| {
            println!("{}", response.json()?);
            Ok(response)
        })
        .wait()?;
    Ok(response)
}

pub fn async_index(instance: &Chain, platform_public_key: &PublicKey) -> anyhow::Result<Response> {
    let response = instance["v3/multiuse/users/{openid}/coupons"]
        .post_async(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "json": {
                "stock_id": "9856000",
                "out_request_no": "8956000202407191254642",
                "user_name": Rsa::encrypt("张三", platform_public_key)?,
                "id_card_number": Rsa::encrypt("11010519491231002X", platform_public_key)?,
                "amount": 10000,
                "appid": "wx233544546545989",
                "card_type": "ID_CARD",
            },
            "headers": {
                "Wechatpay-Serial": "PUB_KEY_ID_0114232134912410000000000000",
            },
        }))
        .then(|response| {
            println!("{}", response.json()?);
            Ok(response)
        })
        .wait()?;
    Ok(response)
}
