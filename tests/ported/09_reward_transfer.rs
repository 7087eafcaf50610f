//! Rewards for users and pay for riders, transferred to their wallets.

use anyhow::Result;
use wechatpay::{Builder, Chain, Error, PublicKey, Rsa, Value, chain, json, merge};

use crate::env;

/// Which transfer scene, and what has to be reported for it.
#[derive(Clone, Copy, PartialEq)]
pub enum Scene {
    Marketing = 1000,
    Salary = 1005,
}

impl Scene {
    pub fn report_infos(self, what: &str) -> Value {
        match self {
            Scene::Marketing => json!([
                { "info_type": "活动名称", "info_content": what },
                { "info_type": "奖励说明", "info_content": "活动奖励" },
            ]),
            Scene::Salary => json!([
                { "info_type": "岗位类型", "info_content": "骑手" },
                { "info_type": "报酬说明", "info_content": what },
            ]),
        }
    }
}

pub struct Payout {
    pub bill_no: &'static str,
    pub openid: &'static str,
    pub fen: i64,
    pub remark: &'static str,
    pub scene: Scene,
    pub real_name: Option<&'static str>,
}

impl Payout {
    pub fn new(bill_no: &'static str, openid: &'static str, fen: i64, remark: &'static str) -> Payout {
        Payout { bill_no, openid, fen, remark, scene: Scene::Marketing, real_name: None }
    }
}

pub struct TransferGateway<E> {
    bills: Chain,
    encryptor: E,
    serial: String,
    appid: &'static str,
}

impl<E: Fn(&str) -> wechatpay::Result<String>> TransferGateway<E> {
    /// From this amount on the real name is mandatory.
    const NAME_LIMIT: i64 = 200_000;

    pub fn new(client: &Chain, encryptor: E, serial: String) -> TransferGateway<E> {
        let bills = chain!(client->v3->fundApp->mchTransfer->transferBills);
        TransferGateway { bills, encryptor, serial, appid: "wxf0e1d2c3b4a59687" }
    }

    pub fn send(&self, p: Payout) -> Result<Value> {
        if p.fen >= Self::NAME_LIMIT && p.real_name.is_none() {
            return Ok(json!({ "bill": p.bill_no, "state": "REJECTED", "why": "real name missing" }));
        }

        let base = env::var("WECHATPAY_NOTIFY_BASE").unwrap_or("https://pay.example.com".to_owned());
        let mut json = json!({
            "appid": self.appid,
            "out_bill_no": p.bill_no,
            "transfer_scene_id": (p.scene as u32).to_string(),
            "openid": p.openid,
            "transfer_amount": p.fen,
            "transfer_remark": p.remark,
            "notify_url": format!("{base}/transfer"),
            "user_recv_perception": if p.scene == Scene::Salary { "劳务报酬" } else { "现金奖励" },
            "transfer_scene_report_infos": p.scene.report_infos(p.remark),
        });
        if let Some(real_name) = p.real_name {
            json["user_name"] = (self.encryptor)(real_name)?.into();
        }

        let data = match self.bills.post(json!({
            "json": json,
            "headers": { "Wechatpay-Serial": self.serial },
        })) {
            Ok(data) => data,
            Err(Error::Client(e) | Error::Server(e)) => {
                let why = format!("{}/{}", e.code().unwrap_or_default(), e.response().status().as_u16());

                return Ok(json!({ "bill": p.bill_no, "state": "ERROR", "why": why }));
            }
            Err(e) => return Err(e.into()),
        };

        let (state, package) = (data.text_at("/state")?, data.find_text("/package_info")?);
        Ok(json!({ "bill": p.bill_no, "state": state, "package": package }))
    }

    pub fn state(&self, bill_no: &str) -> Result<String> {
        let state = chain!(self.bills->outBillNo->_out_bill_no_).get(json!({ "out_bill_no": bill_no }))?;
        Ok(state.text_at("/state")?)
    }

    pub fn state_by_wx_no(&self, no: &str) -> Result<String> {
        let state = self.bills["transfer-bill-no/{transfer_bill_no}"].get(json!({ "transfer_bill_no": no }))?;
        Ok(state.text_at("/state")?)
    }

    pub fn cancel(&self, bill_no: &str) -> Result<String> {
        let cancelled = self.bills.chain("out-bill-no/{out_bill_no}/cancel");
        let cancelled = cancelled.post_async(json!({ "out_bill_no": bill_no }));
        Ok(cancelled.then(|r| Ok(r.text_at("/state")?)).wait()?)
    }
}

pub fn client(overrides: Value) -> Result<Chain> {
    let config = json!({
        "mchid": env::var("WECHATPAY_MCHID")?,
        "serial": env::var("WECHATPAY_MCH_SERIAL")?,
        "privateKey": format!("file://{}", env::var("WECHATPAY_PRIVATE_KEY")?),
        "certs": { (env::var("WECHATPAY_PUBLIC_KEY_ID")?): format!("file://{}", env::var("WECHATPAY_PUBLIC_KEY")?) },
    });
    Ok(Builder::factory(merge(config, overrides)?)?)
}

pub fn run_batch(client: &Chain) -> Result<Value> {
    let public_key: PublicKey =
        Rsa::from(format!("file://{}", env::var("WECHATPAY_PUBLIC_KEY")?), Rsa::KEY_TYPE_PUBLIC)?;
    let gateway = TransferGateway::new(client, |s| Rsa::encrypt(s, &public_key), env::var("WECHATPAY_PUBLIC_KEY_ID")?);

    let results: Vec<Value> = [
        Payout::new("rw240001", "oRwd_1qaz2WSX3edc4RFV5tgb6YHN", 888, "拉新有礼"),
        Payout {
            bill_no: "rw240002",
            openid: "oRwd_7ujm8IK9ol0P1qaz2WSX3ed",
            fen: 350000,
            remark: "4月配送",
            scene: Scene::Salary,
            real_name: Some("赵铁柱"),
        },
        Payout::new("rw240003", "oRwd_0okm9IJN8uhb7YGV6tfc5RDX", 260000, "抽奖一等奖"),
        Payout::new("rw240004", "oRwd_overLimitUser00000000000", 100, "测试"),
    ]
    .into_iter()
    .map(|payout| gateway.send(payout))
    .collect::<Result<_>>()?;

    Ok(json!({
        "sent": results,
        "states": {
            "rw240001": gateway.state("rw240001")?,
            "wx": gateway.state_by_wx_no("1330000071100999991182019040200019480001")?,
        },
        "cancelled": gateway.cancel("rw240001")?,
    }))
}
