//! 客服台：拉取投诉 -> 读详情 -> 回复 -> 处理完成；手机号是密文，用商户私钥解

use anyhow::Result;
use wechatpay::{Builder, Chain, Credentials, Fields, MediaUtil, Options, PrivateKey, Rsa, Value, chain, json, union};

use crate::env;

struct ComplaintDesk {
    service: Chain,
    mchid: String,
    private_key: PrivateKey,
}

impl ComplaintDesk {
    fn new(instance: &Chain, mchid: String, private_key: PrivateKey) -> ComplaintDesk {
        ComplaintDesk { service: chain!(instance->v3->{"merchant-service"}), mchid, private_key }
    }

    /// 翻页取完
    fn between(&self, from: &str, to: &str, size: i64) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        let mut offset = 0;
        loop {
            let page = chain!(self.service->complaintsV2).get(json!({ "query": {
                "limit": size,
                "offset": offset,
                "begin_date": from,
                "end_date": to,
                "complainted_mchid": self.mchid,
            } }))?;
            all.extend(page.list_at("/data")?);
            offset += size;
            if offset >= page.integer_at("/total_count")? {
                return Ok(all);
            }
        }
    }

    fn detail(&self, id: &str) -> Result<Value> {
        let complaint = chain!(self.service->{"complaints-v2"}->{"{complaint_id}"});
        let mut info = complaint.get(json!({ "complaint_id": id }))?.json()?;
        if let Some(payer_phone) = info.find_text("/payer_phone")? {
            info["payer_phone"] = Rsa::decrypt(payer_phone, &self.private_key)?.into();
        }
        Ok(info)
    }

    fn history(&self, id: &str, limit: i64) -> Result<usize> {
        let r = self.service["complaints-v2/{complaint_id}/negotiation-historys"]
            .get(json!({ "complaint_id": id, "query": { "limit": limit } }))?;
        Ok(r.list_at("/data")?.len())
    }

    fn upload(&self, file: &str) -> Result<String> {
        let media = MediaUtil::new(file)?;
        let r = chain!(self.service->images->upload).post(Options::new().body(media))?;
        Ok(r.text_at("/media_id")?)
    }

    fn reply(&self, id: &str, text: &str, images: &[String], url: Option<&str>) -> Result<u16> {
        let mut json = json!({ "complainted_mchid": self.mchid, "response_content": text });
        if !images.is_empty() {
            json["response_images"] = images.into();
        }
        if let Some(url) = url {
            json = union(json, json!({ "jump_url": url, "jump_url_text": "查看订单" }))?;
        }
        let response = chain!(self.service->complaintsV2->_complaint_id_->response);
        Ok(response.post(json!({ "complaint_id": id, "json": json }))?.status().as_u16())
    }

    fn finish(&self, id: &str) -> Result<u16> {
        Ok(chain!(self.service->complaintsV2->_complaint_id_->complete)
            .post_async(json!({ "complaint_id": id, "json": { "complainted_mchid": self.mchid } }))
            .then(|r| Ok(r.status().as_u16()))
            .otherwise(|_| Ok(0))
            .wait()?)
    }

    /// The callback address: create, read, change, drop.
    fn notifications(&self, url: &str) -> Result<Value> {
        let n = chain!(self.service->ComplaintNotifications);
        n.post(json!({ "json": { "url": url } }))?;
        let seen = n.get(())?.text_at("/url")?;
        n.put(json!({ "json": { "url": format!("{url}?v=2") } }))?;
        Ok(json!([seen, n.delete(())?.status().as_u16()]))
    }
}

pub fn run(overrides: Value) -> Result<Value> {
    let key = Rsa::from(format!("file://{}", env::var("WECHATPAY_PRIVATE_KEY")?), Rsa::KEY_TYPE_PRIVATE)?;
    let config = json!({
        "mchid": env::var("WECHATPAY_MCHID")?,
        "serial": env::var("WECHATPAY_MCH_SERIAL")?,
        "certs": { (env::var("WECHATPAY_PUBLIC_KEY_ID")?): format!("file://{}", env::var("WECHATPAY_PUBLIC_KEY")?) },
    });
    let private_key = Credentials::new().private_key(key.clone());
    let instance = Builder::from(union(overrides, config)?).credentials(private_key).build()?;
    let desk = ComplaintDesk::new(&instance, env::var("WECHATPAY_MCHID")?, key);
    let mut out = json!({ "callback": desk.notifications("https://cs.example.com/complaints")? });
    for c in desk.between("2019-04-01", "2019-04-02", 2)? {
        let id = c.text_at("/complaint_id")?;
        let phone = desk.detail(&id)?.find_text("/payer_phone")?.unwrap_or("-".to_owned());
        let mut row = json!({ "phone": phone, "talks": desk.history(&id, 50)? });
        match c.text_at("/complaint_state")?.as_str() {
            "PENDING" => {
                let proof = desk.upload(&env::path("/path/to/uploads/evidence.png"))?;
                let text = "您好，订单已核实，退款会原路退回。\n给您添麻烦了";
                let url = format!("https://m.example.com/o/{id}");
                row["reply"] = desk.reply(&id, text, &[proof], Some(&url))?.into();
            }
            "PROCESSING" => row["done"] = desk.finish(&id)?.into(),
            _ => row["skip"] = true.into(),
        }
        out[id] = row;
    }
    Ok(out)
}
