//! The red packets of APIv2.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};

use crate::apiv2::data::{Data, Failure};
use crate::clock;
use crate::crypto;
use crate::ledger::{Effect, Ledger};
use crate::lock::lock;
use crate::orders::Number;

/// The book of red packets. Those of all kinds share the merchant's numbers.
pub(crate) struct RedPackets {
    sent: Mutex<BTreeMap<Number, RedPacket>>,
    ledger: Arc<Ledger>,
}

struct RedPacket {
    kind: Kind,
    /// What was requested.
    content: Map<String, Value>,
    /// The platform's number.
    id: String,
    /// In fen.
    total: u64,
    /// Unix seconds.
    time: i64,
}

/// Who gets a red packet.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// One user.
    Normal,
    /// A user and those with whom it is shared.
    Group,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Normal => "NORMAL",
            Kind::Group => "GROUP",
        }
    }

    /// How many may get it.
    fn people(self) -> RangeInclusive<u64> {
        match self {
            Kind::Normal => 1..=1,
            Kind::Group => 3..=20,
        }
    }
}

impl RedPackets {
    /// An empty book, which records its effects in the ledger.
    pub(crate) fn new(ledger: Arc<Ledger>) -> RedPackets {
        RedPackets { sent: Mutex::default(), ledger }
    }

    /// Sends a red packet (发放普通红包、发放裂变红包); the same request again gives the same.
    pub(crate) fn send(&self, data: &Data, kind: Kind) -> Result<Map<String, Value>, Failure> {
        let (number, total) = (data.text("mch_billno")?, data.amount("total_amount")?);
        let people = kind.people();
        if !people.contains(&data.amount("total_num")?) {
            let description = format!("参数total_num须在{}和{}之间", people.start(), people.end());
            return Err(Failure::result("PARAM_ERROR", description));
        }
        let number = Number::new(data.mchid(), number);
        let mut sent = lock(&self.sent);
        let id = format!("1000{:024}", sent.len());
        let packet = sent.entry(number.clone()).or_insert_with(|| {
            self.ledger.record(Effect::RedPacketSent, &number.mchid, &number.text, Some(total));
            RedPacket { kind, content: data.content(), id, total, time: crypto::now() }
        });
        if packet.kind != kind || packet.content != data.content() {
            return Err(Failure::used());
        }
        Ok(Map::from_iter([
            ("mch_billno".to_owned(), number.text.into()),
            ("re_openid".to_owned(), data.get("re_openid").into()),
            ("total_amount".to_owned(), total.into()),
            ("send_listid".to_owned(), packet.id.as_str().into()),
        ]))
    }

    /// Returns the state of a red packet (查询红包记录): it waits for its users.
    pub(crate) fn query(&self, data: &Data) -> Result<Map<String, Value>, Failure> {
        let number = Number::new(data.mchid(), data.text("mch_billno")?);
        let sent = lock(&self.sent);
        let packet = sent.get(&number).ok_or_else(Failure::not_found)?;
        let mut fields = Map::from_iter([
            ("mch_billno".to_owned(), number.text.into()),
            ("detail_id".to_owned(), packet.id.as_str().into()),
            ("status".to_owned(), "SENT".into()),
            ("send_type".to_owned(), "API".into()),
            ("hb_type".to_owned(), packet.kind.as_str().into()),
            ("total_amount".to_owned(), packet.total.into()),
            ("send_time".to_owned(), clock::date_and_time(packet.time).into()),
        ]);
        for name in ["total_num", "wishing", "remark", "act_name"] {
            fields.extend(packet.content.get(name).map(|said| (name.to_owned(), said.clone())));
        }
        Ok(fields)
    }
}
