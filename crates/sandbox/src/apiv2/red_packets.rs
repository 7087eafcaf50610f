//! The red packets of APIv2.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};

use crate::apiv2::data::{Data, Failure};
use crate::ledger::{Effect, Ledger};
use crate::lock::lock;

/// Red packets by the merchant and its number.
pub(crate) struct RedPackets {
    sent: Mutex<BTreeMap<(String, String), RedPacket>>,
    ledger: Arc<Ledger>,
}

struct RedPacket {
    /// What was requested.
    content: Map<String, Value>,
    /// The platform's number.
    id: String,
}

impl RedPackets {
    /// An empty book, which records its effects in the ledger.
    pub(crate) fn new(ledger: Arc<Ledger>) -> RedPackets {
        RedPackets { sent: Mutex::default(), ledger }
    }

    /// Sends a red packet (发放普通红包); the same request again gives the same.
    pub(crate) fn send(&self, data: &Data) -> Result<Map<String, Value>, Failure> {
        let (mchid, number, total) = (data.mchid(), data.text("mch_billno")?, data.amount("total_amount")?);
        if data.amount("total_num")? != 1 {
            return Err(Failure::result("PARAM_ERROR", "参数total_num须为1"));
        }
        let mut sent = lock(&self.sent);
        let id = format!("1000{:024}", sent.len());
        let packet = sent.entry((mchid.clone(), number.clone())).or_insert_with(|| {
            self.ledger.record(Effect::RedPacketSent, &mchid, &number, Some(total));
            RedPacket { content: data.content(), id }
        });
        if packet.content != data.content() {
            return Err(Failure::result("FATAL_ERROR", "商户订单号已被使用，且请求参数与原请求不一致"));
        }
        let mut fields = Map::new();
        fields.insert("mch_billno".into(), number.into());
        fields.insert("re_openid".into(), data.get("re_openid").into());
        fields.insert("total_amount".into(), total.into());
        fields.insert("send_listid".into(), packet.id.as_str().into());
        Ok(fields)
    }
}
