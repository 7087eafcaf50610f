//! The operations that issue coupons, and the book of what they issued.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::call::Call;
use crate::clock;
use crate::crypto;
use crate::ledger::{Effect, Ledger};
use crate::lock::lock;

/// How long a withdrawal coupon is valid, in seconds.
const LIFETIME: i64 = 30 * 24 * 60 * 60;

/// The value of a withdrawal coupon, in fen.
const QUOTA: u64 = 10_000;

pub(crate) struct Coupons {
    book: Mutex<Book>,
    ledger: Arc<Ledger>,
}

impl Coupons {
    /// An empty book, which records its effects in the ledger.
    pub(crate) fn new(ledger: Arc<Ledger>) -> Coupons {
        Coupons { book: Mutex::default(), ledger }
    }

    /// Signs a user up for a bank's activity (给指定用户报名多笔立减活动).
    pub(crate) fn sign_up(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let (openid, body) = (call.variable("openid")?, call.body()?);
        let stock_id = body.text("stock_id")?;
        let activity_id = body.text("activity_id")?;
        let number = Number::new(call, Kind::BankFavor, body.text("out_request_no")?);
        let appid = body.text("appid")?;
        let creator = body.text("stock_creator_mchid")?;
        let content = json!([openid, stock_id, activity_id, appid, creator]);
        self.give(number, None, content, |_, coupon_id| json!({ "coupon_id": coupon_id }))
    }

    /// Sends consumption money to a user identified by name (发放指定批次的消费金).
    pub(crate) fn send_multiuse(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let (openid, body) = (call.variable("openid")?, call.body()?);
        let stock_id = body.text("stock_id")?;
        let number = Number::new(call, Kind::Multiuse, body.text("out_request_no")?);
        let user_name = body.encrypted_text("user_name")?;
        let id_card_number = body.encrypted_text("id_card_number")?;
        let amount = body.optional_amount("amount")?;
        let appid = body.text("appid")?;
        let card_type = body.only("card_type", "ID_CARD")?;
        let content = json!([openid, stock_id, user_name, id_card_number, amount, appid, card_type]);
        self.give(number, amount, content, |_, coupon_id| json!({ "coupon_id": coupon_id }))
    }

    /// Sends a merchant's own coupon (向用户发券).
    pub(crate) fn send_busifavor(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let body = call.body()?;
        let openid = body.text("openid")?;
        let appid = body.text("appid")?;
        let stock_id = body.text("stock_id")?;
        let out_request_no = body.text("out_request_no")?;
        let coupon_code = body.optional_text("coupon_code")?;
        let content = json!([openid, appid, stock_id, coupon_code]);
        let number = Number::new(call, Kind::BusiFavor, out_request_no.clone());
        self.give(number, None, content, |_, generated| {
            json!({
                "stock_id": stock_id,
                "coupon_code": coupon_code.unwrap_or(generated),
                "out_request_no": out_request_no,
            })
        })
    }

    /// Sends a coupon for free withdrawals (为用户发银行提现免费券).
    pub(crate) fn send_withdrawal(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let (openid, body) = (call.variable("openid")?, call.body()?);
        let shelf =
            Shelf { openid, mchid: body.text("mchid")?, stock_id: body.text("stock_id")?, appid: body.text("appid")? };
        let number = Number::new(call, Kind::Withdrawal, body.text("send_request_no")?);
        let content = json!([shelf.openid, shelf.mchid, shelf.stock_id, shelf.appid]);
        let sent = crypto::now();
        self.give(number, Some(QUOTA), content, |book, coupon_id| {
            let withdrawal = Withdrawal { coupon_id: coupon_id.clone(), sent };
            book.withdrawals.entry(shelf).or_default().push(withdrawal);
            json!({ "coupon_id": coupon_id, "expire_time": clock::rfc3339(sent.saturating_add(LIFETIME)) })
        })
    }

    /// A page of a user's coupons for free withdrawals (查询批次下用户银行提现免费券列表).
    pub(crate) fn list_withdrawals(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let (openid, query) = (call.variable("openid")?, call.query()?);
        let shelf = Shelf {
            openid,
            mchid: query.text("mchid")?,
            stock_id: query.text("stock_id")?,
            appid: query.text("appid")?,
        };
        // It is the number of a page (分页页码).
        let offset = query.integer("offset", 0, 0..=usize::MAX)?;
        let limit = query.integer("limit", 10, 1..=100)?;
        let book = lock(&self.book);
        let sent = book.withdrawals.get(&shelf).map(Vec::as_slice).unwrap_or_default();
        let page =
            sent.iter().skip(offset.saturating_mul(limit)).take(limit).map(Withdrawal::entry).collect::<Vec<_>>();
        Ok(json!({ "data": page, "offset": offset, "limit": limit, "total_count": sent.len() }))
    }

    /// The coupon with this number: a new one, made by `coupon` from its id, or the one that the same request got before.
    /// Its value is in fen.
    ///
    /// # Errors
    /// If the number was used for other content.
    fn give(
        &self,
        number: Number,
        worth: Option<u64>,
        content: Value,
        coupon: impl FnOnce(&mut Book, String) -> Value,
    ) -> Result<Value, Refusal> {
        let mut book = lock(&self.book);
        if let Some(before) = book.given.get(&number) {
            return if before.content == content { Ok(before.answer.clone()) } else { Err(number.used_for_another()) };
        }
        book.count = book.count.saturating_add(1);
        let coupon_id = format!("9{:015}", book.count);
        let answer = coupon(&mut book, coupon_id);
        self.ledger.record(Effect::CouponSent, &number.mchid, &number.text, worth);
        book.given.insert(number, Given { content, answer: answer.clone() });
        Ok(answer)
    }
}

/// What was issued.
#[derive(Default)]
struct Book {
    given: BTreeMap<Number, Given>,
    /// In the order of sending.
    withdrawals: BTreeMap<Shelf, Vec<Withdrawal>>,
    /// How many coupons there are.
    count: u64,
}

struct Given {
    /// What was requested, decrypted, without the number.
    content: Value,
    answer: Value,
}

/// A merchant's own number of a request; each kind of coupon has its own.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Number {
    /// Who called.
    mchid: String,
    kind: Kind,
    text: String,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    BankFavor,
    Multiuse,
    BusiFavor,
    Withdrawal,
}

impl Number {
    fn new(call: &Call<'_>, kind: Kind, text: String) -> Number {
        Number { mchid: call.mchid().to_owned(), kind, text }
    }

    fn used_for_another(&self) -> Refusal {
        let name = match self.kind {
            Kind::Withdrawal => "send_request_no",
            Kind::BankFavor | Kind::Multiuse | Kind::BusiFavor => "out_request_no",
        };
        Refusal::invalid_request(
            format!("商户单据号{name}“{}”已被使用，且请求参数与原请求不一致", self.text),
            json!({
                "field": format!("/body/{name}"),
                "issue": "was already used for a request with other content",
                "location": "body",
            }),
        )
    }
}

/// What the list of withdrawal coupons is filtered by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Shelf {
    openid: String,
    mchid: String,
    stock_id: String,
    appid: String,
}

struct Withdrawal {
    coupon_id: String,
    /// Unix seconds.
    sent: i64,
}

impl Withdrawal {
    fn entry(&self) -> Value {
        json!({
            "send_time": clock::rfc3339(self.sent),
            "send_quota": QUOTA,
            "coupon_id": self.coupon_id,
            "use_quota": 0,
            "coupon_state": "SENDED",
        })
    }
}
