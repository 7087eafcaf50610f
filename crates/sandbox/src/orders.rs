//! The book of orders: what was placed, paid, closed and refunded, in either protocol.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};

use crate::crypto;
use crate::ledger::{Effect, Ledger};
use crate::lock::lock;
use crate::text::as_text;

/// One book for both protocols, so that each sees what the other has done.
pub(crate) struct Orders {
    book: Mutex<Book>,
    ledger: Arc<Ledger>,
}

#[derive(Default)]
struct Book {
    orders: BTreeMap<Number, Order>,
    refunds: BTreeMap<Number, Refund>,
    /// The orders that were paid, by the id of the transaction.
    paid: BTreeMap<String, Number>,
}

impl Book {
    fn find(&self, mchid: &str, which: Which<'_>) -> Option<&Order> {
        let order = match which {
            Which::Number(number) => self.orders.get(&Number::new(mchid, number)),
            Which::Transaction(id) => self.paid.get(id).and_then(|number| self.orders.get(number)),
        };
        order.filter(|order| order.number.mchid == mchid)
    }
}

impl Orders {
    /// An empty book, which records its effects in the ledger.
    pub(crate) fn new(ledger: Arc<Ledger>) -> Orders {
        Orders { book: Mutex::default(), ledger }
    }

    /// Places an order and returns the id with which it can be paid; the same order again gives the same.
    pub(crate) fn place(&self, number: Number, terms: Terms) -> Result<String, Problem> {
        let mut book = lock(&self.book);
        if let Some(order) = book.orders.get(&number) {
            return match order.state {
                _ if order.terms != terms => Err(Problem::Used),
                State::Unpaid => Ok(order.prepay_id.clone()),
                State::Closed => Err(Problem::Closed),
                State::Paid(_) => Err(Problem::Paid),
            };
        }
        self.ledger.record(Effect::OrderPlaced, &number.mchid, &number.text, Some(terms.total));
        let prepay_id = format!("wx{}", crypto::nonce(34));
        let order = Order {
            number: number.clone(),
            terms,
            prepay_id: prepay_id.clone(),
            state: State::Unpaid,
            created: crypto::now(),
            refunded: 0,
            refunds: Vec::new(),
        };
        book.orders.insert(number, order);
        Ok(prepay_id)
    }

    /// All orders of all merchants, in the order in which they were placed.
    pub(crate) fn all(&self) -> Vec<Order> {
        let mut all: Vec<_> = lock(&self.book).orders.values().cloned().collect();
        all.sort_by_key(|order| order.created);
        all
    }

    /// The current state of an order.
    pub(crate) fn find(&self, mchid: &str, which: Which<'_>) -> Result<Order, Problem> {
        lock(&self.book).find(mchid, which).cloned().ok_or(Problem::Unknown)
    }

    /// Closes an order that is not paid.
    ///
    /// # Errors
    /// Even if it was already closed: the protocols differ in what that means.
    pub(crate) fn close(&self, number: &Number) -> Result<(), Problem> {
        let mut book = lock(&self.book);
        let order = book.orders.get_mut(number).ok_or(Problem::Unknown)?;
        match order.state {
            State::Paid(_) => return Err(Problem::Paid),
            State::Closed => return Err(Problem::Closed),
            State::Unpaid => order.state = State::Closed,
        }
        self.ledger.record(Effect::OrderClosed, &number.mchid, &number.text, None);
        Ok(())
    }

    /// Pays an order as its payer would at `now`, in Unix seconds, and tells whether it was already paid. `None` if it
    /// cannot be paid.
    pub(crate) fn pay(&self, number: &Number, now: i64) -> Option<Paid> {
        let mut book = lock(&self.book);
        let order = book.orders.get_mut(number)?;
        match &order.state {
            State::Paid(payment) => {
                return Some(Paid { transaction_id: payment.transaction_id.clone(), first_time: None });
            }
            State::Closed => return None,
            State::Unpaid if order.terms.expires.is_some_and(|expires| now > expires) => return None,
            State::Unpaid => {}
        }
        let transaction_id = format!("420000{}", crypto::digits(22));
        order.state = State::Paid(Payment { transaction_id: transaction_id.clone(), time: now });
        self.ledger.record(Effect::OrderPaid, &number.mchid, &number.text, Some(order.terms.total));
        let first_time = Some(order.clone());
        book.paid.insert(transaction_id.clone(), number.clone());
        Some(Paid { transaction_id, first_time })
    }

    /// Refunds `fee` of the `total` of an order, in fen, and tells whether that is new. The same refund again (same order
    /// and amounts) gives the same.
    pub(crate) fn refund(
        &self,
        order: &Number,
        out_refund_no: &str,
        total: u64,
        fee: u64,
    ) -> Result<(Refund, bool), RefundProblem> {
        let mut book = lock(&self.book);
        let Book { orders, refunds, .. } = &mut *book;
        let order = orders.get_mut(order).ok_or(RefundProblem::Unknown)?;
        let State::Paid(payment) = &order.state else {
            return Err(RefundProblem::Unpaid);
        };
        let number = Number::new(&order.number.mchid, out_refund_no);
        if let Some(before) = refunds.get(&number) {
            let is_same = before.out_trade_no == order.number.text && before.total == total && before.fee == fee;
            return if is_same { Ok((before.clone(), false)) } else { Err(RefundProblem::Mismatch) };
        }
        if total != order.terms.total {
            return Err(RefundProblem::Mismatch);
        }
        if fee > total.saturating_sub(order.refunded) {
            return Err(RefundProblem::TooMuch);
        }
        let refund = Refund {
            id: format!("503{}", crypto::digits(26)),
            out_refund_no: out_refund_no.to_owned(),
            out_trade_no: order.number.text.clone(),
            transaction_id: payment.transaction_id.clone(),
            total,
            fee,
            time: crypto::now(),
        };
        order.refunded = order.refunded.saturating_add(fee);
        order.refunds.push(number.clone());
        self.ledger.record(Effect::OrderRefunded, &number.mchid, &number.text, Some(fee));
        refunds.insert(number, refund.clone());
        Ok((refund, true))
    }

    /// A refund by the merchant's number.
    pub(crate) fn find_refund(&self, number: &Number) -> Option<Refund> {
        lock(&self.book).refunds.get(number).cloned()
    }

    /// A refund of a merchant by the platform's number.
    pub(crate) fn find_refund_by_id(&self, mchid: &str, id: &str) -> Option<Refund> {
        let book = lock(&self.book);
        let mut refunds = book.refunds.iter().filter(|(number, _)| number.mchid == mchid);
        refunds.find(|(_, refund)| refund.id == id).map(|(_, refund)| refund.clone())
    }

    /// The refunds of an order, in the order in which they were made; none if there is no such order.
    pub(crate) fn refunds_of(&self, mchid: &str, which: Which<'_>) -> Vec<Refund> {
        let book = lock(&self.book);
        let numbers = book.find(mchid, which).map_or(&[][..], |order| &order.refunds);
        numbers.iter().filter_map(|number| book.refunds.get(number).cloned()).collect()
    }
}

/// An order that is paid.
pub(crate) struct Paid {
    pub(crate) transaction_id: String,
    /// The order, unless it was already paid.
    pub(crate) first_time: Option<Order>,
}

/// A merchant's own number of an order, a refund or the like; each of these has its own for a merchant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number {
    pub(crate) mchid: String,
    pub(crate) text: String,
}

impl Number {
    pub(crate) fn new(mchid: impl Into<String>, text: impl Into<String>) -> Number {
        Number { mchid: mchid.into(), text: text.into() }
    }
}

/// How an order of a merchant is identified.
#[derive(Clone, Copy)]
pub(crate) enum Which<'a> {
    /// By the merchant's number.
    Number(&'a str),
    /// By the transaction that paid it.
    Transaction(&'a str),
}

/// An order and what became of it, from [`Sandbox::orders`](crate::Sandbox::orders). `Debug` shows its number and its state.
///
/// ```
/// use wechatpay::{Builder, json};
/// use wechatpay_sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let instance = Builder::factory(sandbox.config())?;
/// let placed = instance.chain("v3/pay/transactions/native").post(json!({ "json": {
///     "appid": "wxd678efh567hg6787", "mchid": sandbox.mchid(), "description": "coffee", "out_trade_no": "order-1",
///     "notify_url": "https://example.com/", "amount": { "total": 100 },
/// } }))?;
///
/// let order = &sandbox.orders()[0];
/// assert_eq!((order.out_trade_no(), order.total(), order.state()), ("order-1", 100, "NOTPAY"));
/// assert_eq!(order.address(), Some(placed.text_at("/code_url")?));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Order {
    pub(crate) number: Number,
    pub(crate) terms: Terms,
    pub(crate) prepay_id: String,
    pub(crate) state: State,
    /// When it was placed, in Unix seconds.
    created: i64,
    /// How much was refunded so far, in fen.
    pub(crate) refunded: u64,
    /// The numbers of its refunds.
    refunds: Vec<Number>,
}

impl Order {
    /// The merchant's number.
    pub fn out_trade_no(&self) -> &str {
        &self.number.text
    }

    /// The id of the merchant who placed it.
    pub fn mchid(&self) -> &str {
        &self.number.mchid
    }

    /// How it is paid: `NATIVE`, `JSAPI`, `APP`, or `MWEB` for H5.
    pub fn trade_type(&self) -> &'static str {
        self.terms.trade_type.as_str()
    }

    /// What it is for: `description`, in APIv2 `body`.
    pub fn description(&self) -> Option<String> {
        self.terms.said(match self.terms.protocol {
            Protocol::Apiv3 => "description",
            Protocol::Apiv2 => "body",
        })
    }

    /// What is to be paid, in fen.
    pub fn total(&self) -> u64 {
        self.terms.total
    }

    /// What was refunded so far, in fen.
    pub fn refunded(&self) -> u64 {
        self.refunded
    }

    /// Its `trade_state`: `NOTPAY`, `SUCCESS`, `CLOSED`, or `REFUND` once something was refunded.
    pub fn state(&self) -> &'static str {
        self.trade_state().0
    }

    /// The session that a mini program, a page or an app pays in.
    pub fn prepay_id(&self) -> &str {
        &self.prepay_id
    }

    /// Where it is paid: `code_url` or `h5_url`; `None` if it is paid in an app.
    pub fn address(&self) -> Option<String> {
        self.terms.trade_type.address(&self.prepay_id)
    }

    /// Where the merchant is notified.
    pub fn notify_url(&self) -> Option<String> {
        self.terms.said("notify_url")
    }

    /// When it was placed, in Unix seconds.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// When it was paid, in Unix seconds.
    pub fn paid(&self) -> Option<i64> {
        self.payment().map(|payment| payment.time)
    }

    /// The platform's number of the payment.
    pub fn transaction_id(&self) -> Option<&str> {
        self.payment().map(|payment| payment.transaction_id.as_str())
    }

    fn payment(&self) -> Option<&Payment> {
        match &self.state {
            State::Paid(payment) => Some(payment),
            State::Unpaid | State::Closed => None,
        }
    }

    /// The state as both protocols call it, and its description.
    pub(crate) fn trade_state(&self) -> (&'static str, &'static str) {
        match self.state {
            State::Unpaid => ("NOTPAY", "订单未支付"),
            State::Closed => ("CLOSED", "订单已关闭"),
            State::Paid(_) if self.refunded > 0 => ("REFUND", "订单发生过退款，退款详情请查询退款单"),
            State::Paid(_) => ("SUCCESS", "支付成功"),
        }
    }

    /// Who has paid, or is to pay.
    pub(crate) fn openid(&self) -> &str {
        self.terms.openid.as_deref().unwrap_or("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
    }
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Order({}, {})", self.number.text, self.state())
    }
}

/// The terms of an order. For one number they must be the same each time.
#[derive(Clone, PartialEq)]
pub(crate) struct Terms {
    pub(crate) protocol: Protocol,
    /// All that was requested, including `notify_url` and `attach`.
    pub(crate) content: Map<String, Value>,
    pub(crate) trade_type: TradeType,
    /// In fen.
    pub(crate) total: u64,
    /// Who is to pay, if the order says so.
    pub(crate) openid: Option<String>,
    /// Until when it can be paid, in Unix seconds.
    pub(crate) expires: Option<i64>,
    /// Whether the payment is kept apart until it is [shared](crate::profit_sharing).
    pub(crate) shares_profit: bool,
}

impl Terms {
    /// A text of the request, if it is not empty.
    pub(crate) fn said(&self, name: &str) -> Option<String> {
        self.content.get(name).map(as_text).filter(|text| !text.is_empty())
    }
}

/// The protocol in which an order was placed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Protocol {
    Apiv2,
    Apiv3,
}

/// How an order is paid.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum TradeType {
    Native,
    Jsapi,
    App,
    H5,
}

impl TradeType {
    pub(crate) fn parse(name: &str) -> Option<TradeType> {
        let all = [TradeType::Native, TradeType::Jsapi, TradeType::App, TradeType::H5];
        all.into_iter().find(|trade_type| trade_type.as_str() == name)
    }

    /// Its name in both protocols.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            TradeType::Native => "NATIVE",
            TradeType::Jsapi => "JSAPI",
            TradeType::App => "APP",
            TradeType::H5 => "MWEB",
        }
    }

    /// The address at which the payer pays an order, if there is one.
    pub(crate) fn address(self, prepay_id: &str) -> Option<String> {
        match self {
            TradeType::Native => Some(format!("weixin://wxpay/bizpayurl?pr={prepay_id}")),
            TradeType::H5 => {
                Some(format!("https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={prepay_id}"))
            }
            TradeType::Jsapi | TradeType::App => None,
        }
    }
}

#[derive(Clone)]
pub(crate) enum State {
    Unpaid,
    Closed,
    Paid(Payment),
}

#[derive(Clone)]
pub(crate) struct Payment {
    pub(crate) transaction_id: String,
    /// Unix seconds.
    pub(crate) time: i64,
}

/// A refund.
#[derive(Clone)]
pub(crate) struct Refund {
    /// The platform's number.
    pub(crate) id: String,
    pub(crate) out_refund_no: String,
    pub(crate) out_trade_no: String,
    pub(crate) transaction_id: String,
    /// The total of the order, in fen.
    pub(crate) total: u64,
    /// What was refunded, in fen.
    pub(crate) fee: u64,
    /// Unix seconds.
    pub(crate) time: i64,
}

/// Why an order is not placed, found or closed.
pub(crate) enum Problem {
    Unknown,
    Paid,
    Closed,
    /// The number belongs to an order with other content.
    Used,
}

/// Why nothing is refunded.
pub(crate) enum RefundProblem {
    /// There is no such order.
    Unknown,
    Unpaid,
    /// The amounts are not those of the order, or not those that this number was used for.
    Mismatch,
    /// It is more than what is left.
    TooMuch,
}
