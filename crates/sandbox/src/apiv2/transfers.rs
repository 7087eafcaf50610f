//! The transfers to users of APIv2 (企业付款). The money is there at once, so that no phone has to confirm it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};

use crate::apiv2::data::{Data, Failure};
use crate::clock;
use crate::crypto;
use crate::ledger::{Effect, Ledger};
use crate::lock::lock;
use crate::orders::Number;

/// The book of these transfers.
pub(crate) struct Transfers {
    made: Mutex<BTreeMap<Number, Transfer>>,
    ledger: Arc<Ledger>,
}

struct Transfer {
    /// What was requested.
    content: Map<String, Value>,
    /// The platform's number.
    id: String,
    /// In fen.
    amount: u64,
    /// Unix seconds.
    time: i64,
}

impl Transfers {
    /// An empty book, which records its effects in the ledger.
    pub(crate) fn new(ledger: Arc<Ledger>) -> Transfers {
        Transfers { made: Mutex::default(), ledger }
    }

    /// Transfers to a user (向微信用户个人付款); the same request again gives the same.
    pub(crate) fn make(&self, data: &Data) -> Result<Map<String, Value>, Failure> {
        let (number, amount) = (data.text("partner_trade_no")?, data.amount("amount")?);
        data.text("openid")?;
        if data.get("check_name") == "FORCE_CHECK" {
            data.text("re_user_name")?;
        }
        let number = Number::new(data.mchid(), number);
        let mut made = lock(&self.made);
        let transfer = made.entry(number.clone()).or_insert_with(|| {
            for effect in [Effect::TransferCreated, Effect::TransferSucceeded] {
                self.ledger.record(effect, &number.mchid, &number.text, Some(amount));
            }
            let id = format!("1010{}", crypto::digits(28));
            Transfer { content: data.content(), id, amount, time: crypto::now() }
        });
        if transfer.content != data.content() {
            return Err(Failure::used());
        }
        let mut fields = Map::from_iter([
            ("partner_trade_no".to_owned(), number.text.into()),
            ("payment_no".to_owned(), transfer.id.as_str().into()),
            ("payment_time".to_owned(), clock::date_and_time(transfer.time).into()),
        ]);
        fields.extend(transfer.said("device_info", "device_info"));
        Ok(fields)
    }

    /// Returns the state of a transfer (查询企业付款).
    pub(crate) fn query(&self, data: &Data) -> Result<Map<String, Value>, Failure> {
        let number = Number::new(data.mchid(), data.text("partner_trade_no")?);
        let made = lock(&self.made);
        let transfer = made.get(&number).ok_or_else(Failure::not_found)?;
        let time = clock::date_and_time(transfer.time);
        let mut fields = Map::from_iter([
            ("partner_trade_no".to_owned(), number.text.into()),
            ("detail_id".to_owned(), transfer.id.as_str().into()),
            ("status".to_owned(), "SUCCESS".into()),
            ("payment_amount".to_owned(), transfer.amount.into()),
            ("transfer_time".to_owned(), time.as_str().into()),
            ("payment_time".to_owned(), time.into()),
        ]);
        for (said, name) in [("openid", "openid"), ("re_user_name", "transfer_name"), ("desc", "desc")] {
            fields.extend(transfer.said(said, name));
        }
        Ok(fields)
    }
}

impl Transfer {
    /// What was said in the request, under the name that the answer has for it.
    fn said(&self, said: &str, name: &str) -> Option<(String, Value)> {
        self.content.get(said).map(|value| (name.to_owned(), value.clone()))
    }
}
