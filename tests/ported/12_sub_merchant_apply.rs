//! 服务商进件：传图 -> 传视频 -> 提交申请单 -> 查状态

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use wechatpay::{Builder, Chain, Fields, MediaUtil, Options, PublicKey, Rsa, Value, chain, json, union};

use crate::env;

fn platform_public_key_id() -> Result<String> {
    Ok(env::var("WECHATPAY_PUBLIC_KEY_ID")?)
}

fn platform_public_key() -> Result<PublicKey> {
    Ok(Rsa::from(format!("file://{}", env::var("WECHATPAY_PUBLIC_KEY")?), Rsa::KEY_TYPE_PUBLIC)?)
}

pub fn sp_client(overrides: Value) -> Result<Chain> {
    let mut base = json!({
        "mchid": env::var("WECHATPAY_MCHID")?,
        "serial": env::var("WECHATPAY_MCH_SERIAL")?,
        "privateKey": format!("file://{}", env::var("WECHATPAY_PRIVATE_KEY")?),
        "certs": {},
    });
    base["certs"][platform_public_key_id()?] = format!("file://{}", env::var("WECHATPAY_PUBLIC_KEY")?).into();

    Ok(Builder::factory(union(base, overrides)?)?)
}

fn upload_media(client: &Chain, path: &str) -> Result<String> {
    let extension = Path::new(path).extension().unwrap_or_default().to_ascii_lowercase();
    let is_video = ["mp4", "mov", "avi"].iter().any(|video| extension == *video);
    let media = MediaUtil::new(path)?;
    let options = Options::new()
        .body(media)
        .header("Accept", "application/json")
        .timeout(Duration::from_secs(if is_video { 60 } else { 20 }));
    // 视频接口名带下划线，只能用 chain 或者 {""}
    let resp = if is_video {
        client.chain("v3/merchant/media/video_upload").post(options)?
    } else {
        chain!(client->v3->merchant->media->upload).post(options)?
    };

    Ok(resp.text_at("/media_id")?)
}

pub fn apply(client: &Chain) -> Result<Value> {
    let public_key = platform_public_key()?;
    let encryptor = |msg: Option<String>| msg.map(|msg| Rsa::encrypt(msg, &public_key)).transpose();

    let form = json!({
        "code": "nb-2019-0042",
        "person": "周大福来",
        "id": "330106198808080011",
        "phone": "13800001111",
        "mail": "boss@noodle.example.cn",
        "bank": { "no": "6222020000001111222", "name": "工商银行", "area": "330100" },
    });
    let license = upload_media(client, &env::path("/path/to/uploads/license.jpg"))?;
    let video = upload_media(client, &env::path("/path/to/uploads/shop-tour.mp4"))?;

    let mut contact = json!({});
    for (wx_key, our_key) in [
        ("contact_name", "/person"),
        ("contact_id_number", "/id"),
        ("mobile_phone", "/phone"),
        ("contact_email", "/mail"),
    ] {
        contact[wx_key] = encryptor(form.find_text(our_key)?)?.into();
    }

    let resp = client.chain("v3/applyment4sub/applyment/").post(json!({
        "json": {
            "business_code": form.text_at("/code")?.to_uppercase(),
            "contact_info": union(json!({ "contact_type": "LEGAL" }), contact)?,
            "subject_info": {
                "subject_type": "SUBJECT_TYPE_INDIVIDUAL",
                "business_license_info": {
                    "license_copy": license,
                    "license_number": "92330106MA2ABCDE1X",
                    "merchant_name": "西湖区老周面馆",
                    "legal_person": form["person"],
                },
                "identity_info": {
                    "id_doc_type": "IDENTIFICATION_TYPE_IDCARD",
                    "id_card_info": {
                        "id_card_name": encryptor(form.find_text("/person")?)?,
                        "id_card_number": encryptor(form.find_text("/id")?)?,
                        "card_period_begin": "2018-06-06", "card_period_end": "长期",
                    },
                },
            },
            "bank_account_info": {
                "bank_account_type": "BANK_ACCOUNT_TYPE_PERSONAL",
                "account_name": encryptor(form.find_text("/person")?)?,
                "account_bank": form["bank"]["name"],
                "bank_address_code": form["bank"]["area"],
                "account_number": encryptor(form.find_text("/bank/no")?)?,
            },
            "addition_info": { "business_addition_pics": [license], "legal_person_video": video },
        },
        "headers": { "Wechatpay-Serial": platform_public_key_id()? },
    }))?;
    let applyment_id = resp.integer_at("/applyment_id")?;

    let state = chain!(client->v3->applyment4sub->applyment->applyment_id->_applyment_id_)
        .get_async(json!({ "applyment_id": applyment_id }))
        .json()
        .then(|data| {
            let link = data.find_text("/sign_url")?.unwrap_or_default();
            Ok(json!({ "state": data.text_at("/applyment_state")?, "link": link }))
        })
        .wait()?;

    let by_code = chain!(client->v3->applyment4sub->applyment->{"business_code"}->{"{business_code}"})
        .get(json!({ "business_code": "NB-2019-0042" }))?;

    Ok(json!([applyment_id.to_string(), state, by_code.status().as_u16(), !license.is_empty()]))
}
