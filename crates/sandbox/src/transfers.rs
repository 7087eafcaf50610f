//! Transfers to users (商家转账): the operations, and the book of the bills.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use ureq::http::StatusCode;

use crate::answer::Refusal;
use crate::call::Call;
use crate::clock;
use crate::crypto;
use crate::ledger::{Effect, Ledger};
use crate::lock::lock;
use crate::notifications::Matter;
use crate::orders::Number;
use crate::text::as_text;

/// The least that can be transferred, in fen.
const LEAST: u64 = 10;

/// From this amount on, in fen, the user's name is required.
const NAMED_FROM: u64 = 200_000;

pub(crate) struct Transfers {
    book: Mutex<Book>,
    ledger: Arc<Ledger>,
}

#[derive(Default)]
struct Book {
    bills: BTreeMap<Number, Transfer>,
    /// The merchants' numbers, by the platform's.
    numbers: BTreeMap<String, Number>,
}

impl Transfers {
    /// An empty book, which records its effects in the ledger.
    pub(crate) fn new(ledger: Arc<Ledger>) -> Transfers {
        Transfers { book: Mutex::default(), ledger }
    }

    /// Creates a bill, which waits for its user (发起转账); the same request again gives the same bill, as it is now.
    pub(crate) fn create(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let (number, terms) = terms(call)?;
        let mut book = lock(&self.book);
        if let Some(bill) = book.bills.get(&number) {
            return if bill.terms == terms { Ok(bill.as_created()) } else { Err(used()) };
        }
        let id = format!("13300000711{}", crypto::digits(29));
        let now = crypto::now();
        let bill = Transfer {
            number: number.clone(),
            id: id.clone(),
            terms,
            package_info: format!("{}==", crypto::nonce(62)),
            state: State::WaitUserConfirm,
            created: now,
            updated: now,
        };
        let answer = bill.as_created();
        self.ledger.record(Effect::TransferCreated, &number.mchid, &number.text, Some(bill.terms.amount));
        book.numbers.insert(id, number.clone());
        book.bills.insert(number, bill);
        Ok(answer)
    }

    /// All bills of all merchants, in the order in which they were made.
    pub(crate) fn all(&self) -> Vec<Transfer> {
        let mut all: Vec<_> = lock(&self.book).bills.values().cloned().collect();
        all.sort_by_key(|bill| bill.created);
        all
    }

    /// Returns the state of a bill (商户单号查询转账单).
    pub(crate) fn query_by_number(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let number = Number::new(call.mchid(), call.variable("out_bill_no")?);
        let bill = lock(&self.book).bills.get(&number).cloned();
        bill.ok_or_else(unknown)?.described(call)
    }

    /// Returns the state of a bill (微信转账单号查询转账单).
    pub(crate) fn query_by_id(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let id = call.variable("transfer_bill_no")?;
        let bill = {
            let book = lock(&self.book);
            let bill = book.numbers.get(&id).and_then(|number| book.bills.get(number));
            bill.filter(|bill| bill.number.mchid == call.mchid()).cloned()
        };
        bill.ok_or_else(unknown)?.described(call)
    }

    /// Cancels a bill that still waits for its user (撤销转账), and tells what has changed. The platform takes a moment for
    /// that: the answer is that it is being cancelled, and the next one that it is.
    pub(crate) fn cancel(&self, call: &Call<'_>) -> Result<(Value, Option<Transfer>), Refusal> {
        let number = Number::new(call.mchid(), call.variable("out_bill_no")?);
        let (bill, is_first_time) = self.end(&number, State::Cancelled)?;
        let answer = json!({
            "out_bill_no": bill.number.text,
            "transfer_bill_no": bill.id,
            "state": if is_first_time { "CANCELING" } else { bill.state.as_str() },
            "update_time": clock::rfc3339(bill.updated),
        });
        Ok((answer, is_first_time.then_some(bill)))
    }

    /// Ends a bill that waits for its user, and tells whether that is new; ended in the same way before, it stays as it is.
    pub(crate) fn end(&self, number: &Number, state: State) -> Result<(Transfer, bool), Problem> {
        let mut book = lock(&self.book);
        let bill = book.bills.get_mut(number).ok_or(Problem::Unknown)?;
        if bill.state == state {
            return Ok((bill.clone(), false));
        }
        let effect = match (&bill.state, &state) {
            (State::WaitUserConfirm, State::Success) => Effect::TransferSucceeded,
            (State::WaitUserConfirm, State::Fail(_)) => Effect::TransferFailed,
            (State::WaitUserConfirm, State::Cancelled) => Effect::TransferCancelled,
            _ => return Err(Problem::Ended),
        };
        bill.state = state;
        bill.updated = crypto::now();
        self.ledger.record(effect, &number.mchid, &number.text, Some(bill.terms.amount));
        Ok((bill.clone(), true))
    }
}

/// A transfer to a user (商家转账), and what became of it, from [`Sandbox::transfers`](crate::Sandbox::transfers). `Debug` shows its
/// number and its state.
#[derive(Clone)]
pub struct Transfer {
    number: Number,
    /// The platform's number.
    pub(crate) id: String,
    terms: Terms,
    /// With it, a phone shows the bill to its user.
    package_info: String,
    state: State,
    /// Unix seconds.
    created: i64,
    /// Unix seconds.
    updated: i64,
}

/// The terms of a transfer. For one number they must be the same each time.
#[derive(Clone, PartialEq)]
struct Terms {
    /// All that was requested, except the name of the user.
    content: Map<String, Value>,
    /// In fen.
    amount: u64,
    user_name: Option<String>,
}

/// The states in which a bill stays until something happens to it.
#[derive(Clone, PartialEq)]
pub(crate) enum State {
    WaitUserConfirm,
    Success,
    /// With the platform's reason, such as `OVERDUE_CLOSE`.
    Fail(String),
    Cancelled,
}

impl State {
    fn as_str(&self) -> &'static str {
        match self {
            State::WaitUserConfirm => "WAIT_USER_CONFIRM",
            State::Success => "SUCCESS",
            State::Fail(_) => "FAIL",
            State::Cancelled => "CANCELLED",
        }
    }
}

impl Transfer {
    /// The merchant's number.
    pub fn out_bill_no(&self) -> &str {
        &self.number.text
    }

    /// The platform's number.
    pub fn transfer_bill_no(&self) -> &str {
        &self.id
    }

    /// The id of the merchant who made it.
    pub fn mchid(&self) -> &str {
        &self.number.mchid
    }

    /// The amount in fen.
    pub fn amount(&self) -> u64 {
        self.terms.amount
    }

    /// What it is for: `transfer_remark`.
    pub fn remark(&self) -> Option<String> {
        self.said("transfer_remark")
    }

    /// Its `state`: `WAIT_USER_CONFIRM`, `SUCCESS`, `FAIL` or `CANCELLED`.
    pub fn state(&self) -> &'static str {
        self.state.as_str()
    }

    /// When it was made, in Unix seconds.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// The answer to the request that creates it.
    #[expect(clippy::indexing_slicing, reason = "any field of an object can be assigned")]
    fn as_created(&self) -> Value {
        let mut answer = self.resource();
        answer["create_time"] = clock::rfc3339(self.created).into();
        if self.state == State::WaitUserConfirm {
            answer["package_info"] = self.package_info.as_str().into();
        }
        answer
    }

    /// The answer to a query.
    #[expect(clippy::indexing_slicing, reason = "any field of an object can be assigned")]
    fn described(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let mut answer = self.result();
        for name in ["appid", "transfer_remark"] {
            answer[name] = self.said(name).into();
        }
        if let Some(user_name) = &self.terms.user_name {
            answer["user_name"] = call.encrypt(user_name)?.into();
        }
        Ok(answer)
    }

    /// What a merchant is notified of when it has ended, and where.
    pub(crate) fn notice(&self) -> (Option<String>, Matter) {
        let matter = Matter::Apiv3 { event_type: "MCHTRANSFER.BILL.FINISHED".to_owned(), resource: self.result() };
        (self.said("notify_url"), matter)
    }

    /// What a query and a notification have in common.
    #[expect(clippy::indexing_slicing, reason = "any field of an object can be assigned")]
    fn result(&self) -> Value {
        let mut result = self.resource();
        result["mch_id"] = self.number.mchid.as_str().into();
        result["transfer_amount"] = self.terms.amount.into();
        result["openid"] = self.said("openid").into();
        result["create_time"] = clock::rfc3339(self.created).into();
        result["update_time"] = clock::rfc3339(self.updated).into();
        result
    }

    #[expect(clippy::indexing_slicing, reason = "any field of an object can be assigned")]
    fn resource(&self) -> Value {
        let mut resource = json!({
            "out_bill_no": self.number.text,
            "transfer_bill_no": self.id,
            "state": self.state.as_str(),
        });
        if let State::Fail(reason) = &self.state {
            resource["fail_reason"] = reason.as_str().into();
        }
        resource
    }

    /// A text of the request.
    fn said(&self, name: &str) -> Option<String> {
        self.terms.content.get(name).filter(|value| !value.is_null()).map(as_text)
    }
}

impl fmt::Debug for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transfer({}, {})", self.number.text, self.state())
    }
}

/// Why a bill does not end in a certain way.
pub(crate) enum Problem {
    Unknown,
    /// It has already ended in another way.
    Ended,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        match problem {
            Problem::Unknown => unknown(),
            Problem::Ended => Refusal::invalid_request("当前转账单状态不支持撤销", Value::Null),
        }
    }
}

/// What is requested, and the merchant's number of it.
fn terms(call: &Call<'_>) -> Result<(Number, Terms), Refusal> {
    let body = call.body()?;
    body.text("appid")?;
    let number = body.number("out_bill_no", 1..=32, "")?;
    body.text("transfer_scene_id")?;
    body.text("openid")?;
    let amount = body.amount("transfer_amount")?;
    body.short_text("transfer_remark", 32)?;
    body.optional_text("notify_url")?;
    body.optional_text("user_recv_perception")?;
    for report in body.entries("transfer_scene_report_infos", 1..=usize::MAX)? {
        body.text(&format!("{report}/info_type"))?;
        body.text(&format!("{report}/info_content"))?;
    }
    let user_name =
        if amount >= NAMED_FROM || body.has("user_name") { Some(body.encrypted_text("user_name")?) } else { None };
    if amount < LEAST {
        return Err(Refusal::invalid_request("超过单笔转账上下限，核实产品设置是否准确", Value::Null));
    }
    let mut content = body.into_fields();
    content.remove("user_name");
    Ok((Number::new(call.mchid(), number), Terms { content, amount, user_name }))
}

fn unknown() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "记录不存在")
}

fn used() -> Refusal {
    Refusal::invalid_request("单号已存在但信息不一致，请查单后比较确认", Value::Null)
}
