//! Profit sharing (分账): the operations. A merchant whose order was placed with `profit_sharing` gives parts of its payment to
//! receivers, and gets the rest when it is unfrozen.

mod book;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use ureq::http::StatusCode;

use crate::answer::{Place, Refusal};
use crate::call::{Body, Call};
use crate::clock;
use crate::crypto;
use crate::ledger::{Effect, Ledger};
use crate::lock::lock;
use crate::notifications::Matter;
use crate::orders::{Number, Order, Orders, Which};
use crate::profit_sharing::book::{Book, Party, Receiver, Return, Share, Sharing, used};

/// The kinds of receivers.
const MERCHANT: &str = "MERCHANT_ID";
const OPENID: &str = "PERSONAL_OPENID";
const SUB_OPENID: &str = "PERSONAL_SUB_OPENID";

const CUSTOM: &str = "CUSTOM";

/// The most receivers of one request.
const RECEIVERS: usize = 50;

/// The most characters of a description.
const DESCRIPTION: usize = 80;

/// What the merchants' numbers may contain besides letters and digits.
const OTHERS: &str = "_-|*@";

pub(crate) struct ProfitSharing {
    book: Mutex<Book>,
    ledger: Arc<Ledger>,
    /// Where merchants are notified as receivers, by their ids.
    addresses: Mutex<BTreeMap<String, String>>,
}

/// What a receiver is notified of.
pub(crate) struct Notice {
    pub(crate) mchid: String,
    pub(crate) url: String,
    pub(crate) matter: Matter,
}

impl ProfitSharing {
    /// An empty book, which records its effects in the ledger.
    pub(crate) fn new(ledger: Arc<Ledger>) -> ProfitSharing {
        ProfitSharing { book: Mutex::default(), ledger, addresses: Mutex::default() }
    }

    /// Sets where a merchant is notified as a receiver.
    pub(crate) fn set_address(&self, mchid: &str, url: &str) {
        lock(&self.addresses).insert(mchid.to_owned(), url.to_owned());
    }

    /// Adds a receiver (添加分账接收方), or changes one.
    pub(crate) fn add_receiver(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let body = call.body()?;
        let (party, receiver) = receiver(call, &body)?;
        let name = match receiver.kind.as_str() {
            // The name of a merchant is required; that of a person may be left out.
            MERCHANT => Some(body.encrypted_text("name")?),
            _ if body.has("name") => Some(body.encrypted_text("name")?),
            _ => None,
        };
        let relation = body.text("relation_type")?;
        let custom = match relation.as_str() {
            CUSTOM => Some(body.short_text("custom_relation", 10)?),
            _ => body.optional_text("custom_relation")?,
        };
        let mut answer = receiver.resource(&party);
        answer.insert("relation_type".into(), relation.into());
        if let Some(custom) = custom {
            answer.insert("custom_relation".into(), custom.into());
        }
        let content = json!([answer, name]);
        if let Some(name) = name {
            answer.insert("name".into(), call.encrypt(&name)?.into());
        }
        let account = receiver.account.clone();
        let mut book = lock(&self.book);
        if book.receivers.insert((party, receiver), content.clone()).as_ref() != Some(&content) {
            self.ledger.record(Effect::ReceiverAdded, call.mchid(), &account, None);
        }
        Ok(answer.into())
    }

    /// Deletes a receiver (删除分账接收方); doing so again changes nothing.
    pub(crate) fn delete_receiver(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let (party, receiver) = receiver(call, &call.body()?)?;
        let answer = receiver.resource(&party);
        let account = receiver.account.clone();
        let mut book = lock(&self.book);
        if book.receivers.remove(&(party, receiver)).is_some() {
            self.ledger.record(Effect::ReceiverDeleted, call.mchid(), &account, None);
        }
        Ok(answer.into())
    }

    /// Shares a payment (请求分账), and tells which receivers are notified; the same request again gives the same, as it is
    /// then. The platform takes a moment: the answer is that it is being done, and the next one that it is.
    pub(crate) fn share(&self, orders: &Orders, call: &Call<'_>) -> Result<(Value, Vec<Notice>), Refusal> {
        let body = call.body()?;
        let party = Party::of(call, body.optional_text("sub_mchid")?);
        let number = Number::new(call.mchid(), body.number("out_order_no", 1..=64, OTHERS)?);
        let transaction_id = body.text("transaction_id")?;
        let unfreezes = body.flag("unfreeze_unsplit")?;
        let mut names = Vec::new();
        let mut shares = Vec::new();
        // Without receivers, only the rest can be unfrozen.
        for entry in body.entries("receivers", usize::from(!unfreezes)..=RECEIVERS)? {
            let field = |name: &str| format!("{entry}/{name}");
            let kind = body.text(&field("type"))?;
            check_appid(&body, &kind)?;
            let receiver = Receiver { kind, account: body.text(&field("account"))? };
            let amount = body.amount(&field("amount"))?;
            let description = body.short_text(&field("description"), DESCRIPTION)?;
            let name = body.has(&field("name")).then(|| body.encrypted_text(&field("name"))).transpose()?;
            names.push(name);
            shares.push(Share::new(receiver, amount, description));
        }
        let content = json!([party.content(), transaction_id, shares_content(&shares), names, unfreezes]);
        let order = order(orders, call, &transaction_id)?;
        let mut book = lock(&self.book);
        if let Some(before) = book.sharings.get(&number) {
            return before.again(&content).map(|answer| (answer, Vec::new()));
        }
        for (index, share) in shares.iter().enumerate() {
            let is_own = share.receiver.kind == MERCHANT && share.receiver.account == party.payer();
            if !is_own && !book.receivers.contains_key(&(party.clone(), share.receiver.clone())) {
                return Err(Refusal::param(
                    Place::Body,
                    &format!("receivers/{index}/account"),
                    "分账接收方关系不存在，请检查参数中每个接收方的关系",
                    "must be the account of a receiver that was added",
                ));
            }
        }
        let shared = shares.iter().fold(0_u64, |sum, share| sum.saturating_add(share.amount));
        let left = book.unsplit(&order, &transaction_id).checked_sub(shared).ok_or_else(not_enough)?;
        if shares.is_empty() && left == 0 {
            return Err(not_enough());
        }
        let sharing = Sharing::new(number.clone(), party, transaction_id.clone(), content, shares);
        if shared > 0 {
            self.ledger.record(Effect::ProfitShared, &number.mchid, &number.text, Some(shared));
            book.note_shared(&transaction_id, shared);
        }
        if unfreezes && left > 0 {
            self.unfreeze_rest(&mut book, &number, &transaction_id, left);
        }
        let answer = sharing.resource(false);
        let notices = sharing.shares.iter().filter_map(|share| {
            self.notice(&share.receiver, "PROFITSHARING.SUCCESS", || {
                sharing.moved(&share.receiver, share.amount, &share.description, sharing.time)
            })
        });
        let notices = notices.collect();
        book.sharings.insert(number, sharing);
        Ok((answer, notices))
    }

    /// Releases what is left of a payment to the merchant (解冻剩余资金).
    pub(crate) fn unfreeze(&self, orders: &Orders, call: &Call<'_>) -> Result<Value, Refusal> {
        let body = call.body()?;
        let party = Party::of(call, body.optional_text("sub_mchid")?);
        let number = Number::new(call.mchid(), body.number("out_order_no", 1..=64, OTHERS)?);
        let transaction_id = body.text("transaction_id")?;
        let description = body.short_text("description", DESCRIPTION)?;
        let content = json!([party.content(), transaction_id, description]);
        let order = order(orders, call, &transaction_id)?;
        let mut book = lock(&self.book);
        if let Some(before) = book.sharings.get(&number) {
            return before.again(&content);
        }
        let left = book.unsplit(&order, &transaction_id);
        if left == 0 {
            return Err(not_enough());
        }
        let own = Receiver { kind: MERCHANT.to_owned(), account: party.payer().to_owned() };
        let shares = vec![Share::new(own, left, description)];
        let sharing = Sharing::new(number.clone(), party, transaction_id.clone(), content, shares);
        self.unfreeze_rest(&mut book, &number, &transaction_id, left);
        let answer = sharing.resource(false);
        book.sharings.insert(number, sharing);
        Ok(answer)
    }

    /// Returns the result of sharing or of unfreezing (查询分账结果).
    pub(crate) fn query(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let query = call.query()?;
        let party = Party::of(call, query.optional_text("sub_mchid")?.map(str::to_owned));
        let transaction_id = query.text("transaction_id")?;
        let number = Number::new(call.mchid(), call.variable("out_order_no")?);
        let book = lock(&self.book);
        let is_asked_for = |found: &&Sharing| found.party == party && found.transaction_id == transaction_id;
        let found = book.sharings.get(&number).filter(is_asked_for);
        found.map(|found| found.resource(true)).ok_or_else(unknown)
    }

    /// Gives back what a merchant has received (请求分账回退), and tells whom to notify; the same request again gives the same.
    pub(crate) fn give_back(&self, call: &Call<'_>) -> Result<(Value, Option<Notice>), Refusal> {
        let body = call.body()?;
        let party = Party::of(call, body.optional_text("sub_mchid")?);
        let order_id = body.optional_text("order_id")?;
        let out_order_no = match (&order_id, body.optional_text("out_order_no")?) {
            // One of the two must be there.
            (None, None) => Some(body.text("out_order_no")?),
            (_, number) => number,
        };
        let number = Number::new(call.mchid(), body.number("out_return_no", 1..=64, OTHERS)?);
        let receiver = Receiver { kind: MERCHANT.to_owned(), account: body.text("return_mchid")? };
        let amount = body.amount("amount")?;
        let description = body.short_text("description", DESCRIPTION)?;
        let content = json!([party.content(), order_id, out_order_no, receiver.account, amount, description]);
        let mut book = lock(&self.book);
        if let Some(before) = book.returns.get(&number) {
            return if before.content == content { Ok((before.answer.clone(), None)) } else { Err(used("回退")) };
        }
        let sharing = book.find(&party, order_id.as_deref(), out_order_no.as_deref()).ok_or_else(unknown)?;
        if receiver.account == party.payer() || !sharing.gives_to(&receiver) {
            return Err(Refusal::param(
                Place::Body,
                "return_mchid",
                "不是该分账单的接收方",
                "must be a merchant who has received a part",
            ));
        }
        if amount > sharing.returnable(&receiver) {
            return Err(Refusal::invalid_request("回退金额超过分账金额", Value::Null));
        }
        sharing.give_back(&receiver, amount);
        let now = crypto::now();
        let mut answer = party.content();
        for (name, value) in [
            ("order_id", json!(sharing.id)),
            ("out_order_no", json!(sharing.number.text)),
            ("out_return_no", json!(number.text)),
            ("return_id", json!(format!("300{}", crypto::digits(25)))),
            ("return_mchid", json!(receiver.account)),
            ("amount", json!(amount)),
            ("description", json!(description)),
            ("result", json!("SUCCESS")),
            ("create_time", json!(clock::rfc3339(now))),
            ("finish_time", json!(clock::rfc3339(now))),
        ] {
            answer.insert(name.to_owned(), value);
        }
        let answer = Value::Object(answer);
        let notice =
            self.notice(&receiver, "PROFITSHARING.RETURN", || sharing.moved(&receiver, amount, &description, now));
        self.ledger.record(Effect::ProfitReturned, &number.mchid, &number.text, Some(amount));
        let out_order_no = sharing.number.text.clone();
        book.returns.insert(number, Return { content, party, out_order_no, answer: answer.clone() });
        Ok((answer, notice))
    }

    /// Returns the result of giving back (查询分账回退结果).
    pub(crate) fn query_return(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let query = call.query()?;
        let party = Party::of(call, query.optional_text("sub_mchid")?.map(str::to_owned));
        let out_order_no = query.text("out_order_no")?;
        let number = Number::new(call.mchid(), call.variable("out_return_no")?);
        let book = lock(&self.book);
        let is_asked_for = |found: &&Return| found.party == party && found.out_order_no == out_order_no;
        let found = book.returns.get(&number).filter(is_asked_for);
        found.map(|found| found.answer.clone()).ok_or_else(unknown)
    }

    /// Returns how much of a payment can still be shared (查询剩余待分金额).
    pub(crate) fn amounts(&self, orders: &Orders, call: &Call<'_>) -> Result<Value, Refusal> {
        let transaction_id = call.variable("transaction_id")?;
        let order = order(orders, call, &transaction_id)?;
        let unsplit = lock(&self.book).unsplit(&order, &transaction_id);
        Ok(json!({ "transaction_id": transaction_id, "unsplit_amount": unsplit }))
    }

    fn unfreeze_rest(&self, book: &mut Book, number: &Number, transaction_id: &str, left: u64) {
        self.ledger.record(Effect::ProfitUnfrozen, &number.mchid, &number.text, Some(left));
        book.unfrozen.insert(transaction_id.to_owned());
    }

    /// What a receiver is notified of, if it is a merchant with an address for that.
    fn notice(&self, receiver: &Receiver, event: &str, resource: impl FnOnce() -> Value) -> Option<Notice> {
        let url = lock(&self.addresses).get(&receiver.account).filter(|_| receiver.kind == MERCHANT)?.clone();
        let matter = Matter::Apiv3 { event_type: event.to_owned(), resource: resource() };
        Some(Notice { mchid: receiver.account.clone(), url, matter })
    }
}

/// The receiver that a request names, and whose it is.
fn receiver(call: &Call<'_>, body: &Body<'_>) -> Result<(Party, Receiver), Refusal> {
    let party = Party::of(call, body.optional_text("sub_mchid")?);
    body.text("appid")?;
    let kind = body.text("type")?;
    check_appid(body, &kind)?;
    Ok((party, Receiver { kind, account: body.text("account")? }))
}

/// Checks that the request says to which appid an openid belongs.
fn check_appid(body: &Body<'_>, kind: &str) -> Result<(), Refusal> {
    for (name, needed_by) in [("appid", OPENID), ("sub_appid", SUB_OPENID)] {
        if kind == needed_by {
            body.text(name)?;
        } else {
            body.optional_text(name)?;
        }
    }
    Ok(())
}

/// The order of a payment that can be shared.
fn order(orders: &Orders, call: &Call<'_>, transaction_id: &str) -> Result<Order, Refusal> {
    match orders.find(call.mchid(), Which::Transaction(transaction_id)) {
        Ok(order) if order.terms.shares_profit => Ok(order),
        _ => Err(Refusal::invalid_request("非分账订单不支持分账", Value::Null)),
    }
}

/// What is compared of the parts of a payment when a number is used again.
fn shares_content(shares: &[Share]) -> Vec<Map<String, Value>> {
    shares.iter().map(Share::content).collect()
}

fn not_enough() -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "NOT_ENOUGH", "分账金额不足")
}

fn unknown() -> Refusal {
    Refusal::resource_not_exists("记录不存在")
}
