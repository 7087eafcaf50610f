//! The book of profit sharing: the receivers, what they got, what they gave back, and what is left.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::answer::Refusal;
use crate::call::Call;
use crate::clock;
use crate::crypto;
use crate::orders::{Number, Order};

#[derive(Default)]
pub(super) struct Book {
    /// What was said about each receiver when it was added.
    pub(super) receivers: BTreeMap<(Party, Receiver), Value>,
    /// What was shared or unfrozen, by the merchants' numbers.
    pub(super) sharings: BTreeMap<Number, Sharing>,
    /// What was given back, by the merchants' numbers.
    pub(super) returns: BTreeMap<Number, Return>,
    /// How much of each transaction was shared, in fen.
    shared: BTreeMap<String, u64>,
    /// The transactions of which nothing can be shared any more.
    pub(super) unfrozen: BTreeSet<String>,
}

impl Book {
    /// How much of a payment can still be shared, in fen: what was refunded cannot.
    pub(super) fn unsplit(&self, order: &Order, transaction_id: &str) -> u64 {
        if self.unfrozen.contains(transaction_id) {
            return 0;
        }
        let shared = self.shared.get(transaction_id).copied().unwrap_or_default();
        order.terms.total.saturating_sub(order.refunded).saturating_sub(shared)
    }

    pub(super) fn note_shared(&mut self, transaction_id: &str, amount: u64) {
        let shared = self.shared.entry(transaction_id.to_owned()).or_default();
        *shared = shared.saturating_add(amount);
    }

    /// What was shared of a payment of this party: by the platform's number, by the merchant's, or by both if they agree.
    pub(super) fn find(
        &mut self,
        party: &Party,
        order_id: Option<&str>,
        out_order_no: Option<&str>,
    ) -> Option<&mut Sharing> {
        self.sharings.values_mut().find(|sharing| {
            sharing.party == *party
                && order_id.is_none_or(|id| id == sharing.id)
                && out_order_no.is_none_or(|number| number == sharing.number.text)
        })
    }
}

/// Whose payment is shared: that of the merchant who calls, or of one for which it acts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Party {
    mchid: String,
    sub_mchid: Option<String>,
}

impl Party {
    pub(super) fn of(call: &Call<'_>, sub_mchid: Option<String>) -> Party {
        Party { mchid: call.mchid().to_owned(), sub_mchid }
    }

    /// The merchant whose money it is.
    pub(super) fn payer(&self) -> &str {
        self.sub_mchid.as_deref().unwrap_or(&self.mchid)
    }

    /// The fields that name it in an answer.
    pub(super) fn content(&self) -> Map<String, Value> {
        self.sub_mchid.iter().map(|sub_mchid| ("sub_mchid".to_owned(), sub_mchid.as_str().into())).collect()
    }

    /// The fields that name it in a notification.
    fn notified(&self) -> Map<String, Value> {
        let mut fields = self.content();
        let name = if self.sub_mchid.is_some() { "sp_mchid" } else { "mchid" };
        fields.insert(name.to_owned(), self.mchid.as_str().into());
        fields
    }
}

/// Who receives a part of a payment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Receiver {
    pub(super) kind: String,
    pub(super) account: String,
}

impl Receiver {
    /// The fields of an answer that name it.
    pub(super) fn resource(&self, party: &Party) -> Map<String, Value> {
        let mut resource = party.content();
        resource.insert("type".to_owned(), self.kind.as_str().into());
        resource.insert("account".to_owned(), self.account.as_str().into());
        resource
    }
}

/// What one request has shared or unfrozen.
pub(super) struct Sharing {
    pub(super) number: Number,
    /// The platform's number.
    pub(super) id: String,
    pub(super) party: Party,
    pub(super) transaction_id: String,
    /// What was requested, decrypted, without the number.
    content: Value,
    pub(super) shares: Vec<Share>,
    /// Unix seconds.
    pub(super) time: i64,
}

impl Sharing {
    /// A new one, made now.
    pub(super) fn new(
        number: Number,
        party: Party,
        transaction_id: String,
        content: Value,
        shares: Vec<Share>,
    ) -> Sharing {
        let id = format!("300{}", crypto::digits(25));
        Sharing { number, id, party, transaction_id, content, shares, time: crypto::now() }
    }

    /// The answer to a request with the number of this one.
    ///
    /// # Errors
    /// If it is not the same request.
    pub(super) fn again(&self, content: &Value) -> Result<Value, Refusal> {
        if self.content == *content { Ok(self.resource(true)) } else { Err(used("分账")) }
    }

    /// As the platform describes it: at first under way, then finished.
    #[expect(clippy::indexing_slicing, reason = "any field of an object can be assigned")]
    pub(super) fn resource(&self, is_finished: bool) -> Value {
        let (state, result) = if is_finished { ("FINISHED", "SUCCESS") } else { ("PROCESSING", "PENDING") };
        let time = clock::rfc3339(self.time);
        let receivers = self.shares.iter().map(|share| {
            let mut receiver = Value::Object(share.content());
            receiver["result"] = result.into();
            receiver["detail_id"] = share.id.as_str().into();
            receiver["create_time"] = time.as_str().into();
            receiver["finish_time"] = time.as_str().into();
            receiver
        });
        let receivers = receivers.collect::<Vec<_>>();
        let mut resource = Value::Object(self.party.content());
        resource["transaction_id"] = self.transaction_id.as_str().into();
        resource["out_order_no"] = self.number.text.as_str().into();
        resource["order_id"] = self.id.as_str().into();
        resource["state"] = state.into();
        resource["receivers"] = receivers.into();
        resource
    }

    /// What a receiver is notified of when it has got or given back something.
    pub(super) fn moved(&self, receiver: &Receiver, amount: u64, description: &str, time: i64) -> Value {
        let mut moved = self.party.notified();
        for (name, value) in [
            ("transaction_id", json!(self.transaction_id)),
            ("order_id", json!(self.id)),
            ("out_order_no", json!(self.number.text)),
            ("receiver", Value::Object(share_content(receiver, amount, description))),
            ("success_time", json!(clock::rfc3339(time))),
        ] {
            moved.insert(name.to_owned(), value);
        }
        moved.into()
    }

    /// Whether it has given something to a receiver.
    pub(super) fn gives_to(&self, receiver: &Receiver) -> bool {
        self.shares.iter().any(|share| share.receiver == *receiver)
    }

    /// How much a receiver can still give back, in fen.
    pub(super) fn returnable(&self, receiver: &Receiver) -> u64 {
        let shares = self.shares.iter().filter(|share| share.receiver == *receiver);
        shares.fold(0, |sum, share| sum.saturating_add(share.amount.saturating_sub(share.returned)))
    }

    /// Notes that a receiver gives back as much as this, in fen.
    pub(super) fn give_back(&mut self, receiver: &Receiver, amount: u64) {
        let mut rest = amount;
        for share in self.shares.iter_mut().filter(|share| share.receiver == *receiver) {
            let part = rest.min(share.amount.saturating_sub(share.returned));
            share.returned = share.returned.saturating_add(part);
            rest = rest.saturating_sub(part);
        }
    }
}

/// A part of a payment, and who receives it.
pub(super) struct Share {
    pub(super) receiver: Receiver,
    /// In fen.
    pub(super) amount: u64,
    pub(super) description: String,
    /// The platform's number.
    id: String,
    /// How much of it was given back, in fen.
    returned: u64,
}

impl Share {
    pub(super) fn new(receiver: Receiver, amount: u64, description: String) -> Share {
        let id = format!("360{}", crypto::digits(25));
        Share { receiver, amount, description, id, returned: 0 }
    }

    /// The fields that were requested.
    pub(super) fn content(&self) -> Map<String, Value> {
        share_content(&self.receiver, self.amount, &self.description)
    }
}

fn share_content(receiver: &Receiver, amount: u64, description: &str) -> Map<String, Value> {
    let fields = [
        ("type", json!(receiver.kind)),
        ("account", json!(receiver.account)),
        ("amount", json!(amount)),
        ("description", json!(description)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What was given back.
pub(super) struct Return {
    /// What was requested, without the number.
    pub(super) content: Value,
    pub(super) party: Party,
    /// The merchant's number of the sharing.
    pub(super) out_order_no: String,
    pub(super) answer: Value,
}

/// The refusal of a number that was used for other content.
pub(super) fn used(what: &str) -> Refusal {
    Refusal::invalid_request(format!("商户{what}单号已被使用，且请求参数与原请求不一致"), Value::Null)
}
