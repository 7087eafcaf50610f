//! The platform as a whole: a request comes in, a signed answer goes out.

use std::sync::Arc;

use hyper::body::Bytes;
use serde_json::{Value, json};
use ureq::http::Response;

use crate::answer::{Answer, Refusal};
use crate::apiv2::Apiv2;
use crate::apiv2::orders as apiv2_orders;
use crate::apiv2::red_packets::RedPackets;
use crate::apiv2::transfers::Transfers as Apiv2Transfers;
use crate::arrivals::Arrivals;
use crate::brands;
use crate::broken;
use crate::call::{Call, Opened};
use crate::certificates;
use crate::content::Content;
use crate::coupons::Coupons;
use crate::crypto;
use crate::documents::answer::answer;
use crate::documents::check;
use crate::documents::lookup;
use crate::downloads::Downloads;
use crate::events::{Event, Watchers};
use crate::faults::{Faults, Second, Strike};
use crate::gate::Gate;
use crate::ledger::{Effect, Entry, Ledger};
use crate::merchants::Merchant;
use crate::orders::{Number, Orders, Protocol, TradeType};
use crate::parties::Keys;
use crate::platform_keys::{self, PlatformKey};
use crate::postman::Postman;
use crate::profit_sharing::{Notice, ProfitSharing};
use crate::refunds;
use crate::request::{self, Request};
use crate::routing::{is_apiv2, is_apiv3, is_for_brands, variables};
use crate::scripts::{Scripted, Scripts};
use crate::transactions;
use crate::transfers::{State, Transfer, Transfers};
use crate::uploads::Uploads;

/// The most bytes of a body that are read.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// The operations that have state, and those that others belong to; of all others it is known what is documented.
static ROUTES: [Route; 37] = [
    Route {
        method: "GET",
        path: "/v3/certificates",
        operation: |platform, call| {
            certificates::list(&platform.keys.platform, call.merchant.apiv3_key()).map(Answer::ok)
        },
    },
    Route {
        method: "POST",
        path: "/v3/pay/transactions/native",
        operation: |platform, call| transactions::place(&platform.orders, call, TradeType::Native).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/pay/transactions/jsapi",
        operation: |platform, call| transactions::place(&platform.orders, call, TradeType::Jsapi).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/pay/transactions/h5",
        operation: |platform, call| transactions::place(&platform.orders, call, TradeType::H5).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/pay/transactions/app",
        operation: |platform, call| transactions::place(&platform.orders, call, TradeType::App).map(Answer::ok),
    },
    Route {
        method: "GET",
        path: "/v3/pay/transactions/out-trade-no/{out_trade_no}",
        operation: |platform, call| transactions::query_by_number(&platform.orders, call).map(Answer::ok),
    },
    Route {
        method: "GET",
        path: "/v3/pay/transactions/id/{transaction_id}",
        operation: |platform, call| transactions::query_by_id(&platform.orders, call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/pay/transactions/out-trade-no/{out_trade_no}/close",
        operation: |platform, call| transactions::close(&platform.orders, call),
    },
    Route {
        method: "POST",
        path: "/v3/refund/domestic/refunds",
        operation: |platform, call| {
            let applied = refunds::apply(&platform.orders, call)?;
            if applied.is_first_time {
                let matter = refunds::notice(&applied.refund, call.mchid());
                platform.postman.notify(&platform.keys, call.merchant, applied.notify_url, matter);
            }
            Ok(Answer::ok(applied.refund.resource()))
        },
    },
    Route {
        method: "GET",
        path: "/v3/refund/domestic/refunds/{out_refund_no}",
        operation: |platform, call| refunds::query(&platform.orders, call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/fund-app/mch-transfer/transfer-bills",
        operation: |platform, call| platform.transfers.create(call).map(Answer::ok),
    },
    Route {
        method: "GET",
        path: "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}",
        operation: |platform, call| platform.transfers.query_by_number(call).map(Answer::ok),
    },
    Route {
        method: "GET",
        path: "/v3/fund-app/mch-transfer/transfer-bills/transfer-bill-no/{transfer_bill_no}",
        operation: |platform, call| platform.transfers.query_by_id(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}/cancel",
        operation: |platform, call| {
            let (answer, ended) = platform.transfers.cancel(call)?;
            if let Some(bill) = ended {
                platform.notify_of_transfer(call.merchant, &bill);
            }
            Ok(Answer::ok(answer))
        },
    },
    Route {
        method: "POST",
        path: "/v3/profitsharing/receivers/add",
        operation: |platform, call| platform.profit_sharing.add_receiver(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/profitsharing/receivers/delete",
        operation: |platform, call| platform.profit_sharing.delete_receiver(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/profitsharing/orders",
        operation: |platform, call| {
            let (answer, notices) = platform.profit_sharing.share(&platform.orders, call)?;
            platform.notify_receivers(notices);
            Ok(Answer::ok(answer))
        },
    },
    Route {
        method: "GET",
        path: "/v3/profitsharing/orders/{out_order_no}",
        operation: |platform, call| platform.profit_sharing.query(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/profitsharing/orders/unfreeze",
        operation: |platform, call| platform.profit_sharing.unfreeze(&platform.orders, call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/profitsharing/return-orders",
        operation: |platform, call| {
            let (answer, notice) = platform.profit_sharing.give_back(call)?;
            platform.notify_receivers(notice);
            Ok(Answer::ok(answer))
        },
    },
    Route {
        method: "GET",
        path: "/v3/profitsharing/return-orders/{out_return_no}",
        operation: |platform, call| platform.profit_sharing.query_return(call).map(Answer::ok),
    },
    Route {
        method: "GET",
        path: "/v3/profitsharing/transactions/{transaction_id}/amounts",
        operation: |platform, call| platform.profit_sharing.amounts(&platform.orders, call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/marketing/bank-favor/users/{openid}/bank-multi-activity",
        operation: |platform, call| platform.coupons.sign_up(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/multiuse/users/{openid}/coupons",
        operation: |platform, call| platform.coupons.send_multiuse(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/marketing/busifavor/coupons/send",
        operation: |platform, call| platform.coupons.send_busifavor(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/marketing/withdraw-favor/users/{openid}/coupons",
        operation: |platform, call| platform.coupons.send_withdrawal(call).map(Answer::ok),
    },
    Route {
        method: "GET",
        path: "/v3/marketing/withdraw-favor/users/{openid}/coupons",
        operation: |platform, call| platform.coupons.list_withdrawals(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/merchant/media/upload",
        operation: |platform, call| platform.uploads.take_media(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/merchant/media/video_upload",
        operation: |platform, call| platform.uploads.take_media(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/marketing/favor/media/image-upload",
        operation: |platform, call| platform.uploads.take_marketing_image(call).map(Answer::ok),
    },
    Route {
        method: "POST",
        path: "/v3/merchant-service/images/upload",
        operation: |platform, call| platform.uploads.take_complaint_image(call).map(Answer::ok),
    },
    Route {
        method: "GET",
        path: "/v3/merchant-service/images/{media_id}",
        operation: |platform, call| platform.uploads.complaint_image(call),
    },
    Route {
        method: "GET",
        path: "/v3/bill/tradebill",
        operation: |platform, call| platform.downloads.apply_for_bill(call).map(Answer::ok),
    },
    Route {
        method: "GET",
        path: "/v3/billdownload/file",
        operation: |platform, call| platform.downloads.bill_file(call),
    },
    Route {
        method: "GET",
        path: "/v3/global/statements",
        operation: |platform, call| platform.downloads.statement(call),
    },
    Route { method: "GET", path: "/hk/v3/statements", operation: |platform, call| platform.downloads.statement(call) },
    Route { method: "GET", path: "/v3/statements", operation: |platform, call| platform.downloads.statement(call) },
];

/// The platform's side, with everything it remembers. Each thing has its own lock, so that requests block each other only
/// briefly; signatures are made and checked without holding a lock.
pub(crate) struct Platform {
    keys: Arc<Keys>,
    gate: Gate,
    base_uri: String,
    coupons: Coupons,
    uploads: Uploads,
    downloads: Downloads,
    orders: Orders,
    transfers: Transfers,
    profit_sharing: ProfitSharing,
    red_packets: RedPackets,
    apiv2_transfers: Apiv2Transfers,
    ledger: Arc<Ledger>,
    postman: Postman,
    faults: Faults,
    scripts: Scripts,
    arrivals: Arrivals,
    watchers: Arc<Watchers>,
    /// Whether nothing is compared with the documents.
    is_lenient: bool,
}

impl Platform {
    /// A platform at `base_uri`, which ends with a slash.
    pub(crate) fn new(
        keys: Keys,
        base_uri: String,
        arrivals: Arrivals,
        sends_elsewhere: bool,
        is_lenient: bool,
    ) -> Platform {
        let watchers = Arc::<Watchers>::default();
        let told = Arc::clone(&watchers);
        let ledger = Arc::new(Ledger::new(move |entry| told.tell(|| Event::Ledger(entry.clone()))));
        let told = Arc::clone(&watchers);
        let postman = Postman::new(sends_elsewhere, move |sent| {
            told.tell(|| Event::Notification(Box::new(sent.clone())));
        });
        Platform {
            keys: Arc::new(keys),
            gate: Gate::default(),
            base_uri,
            coupons: Coupons::new(Arc::clone(&ledger)),
            uploads: Uploads::new(Arc::clone(&ledger)),
            downloads: Downloads::default(),
            orders: Orders::new(Arc::clone(&ledger)),
            transfers: Transfers::new(Arc::clone(&ledger)),
            profit_sharing: ProfitSharing::new(Arc::clone(&ledger)),
            red_packets: RedPackets::new(Arc::clone(&ledger)),
            apiv2_transfers: Apiv2Transfers::new(Arc::clone(&ledger)),
            ledger,
            postman,
            faults: Faults::default(),
            scripts: Scripts::default(),
            arrivals,
            watchers,
            is_lenient,
        }
    }

    pub(crate) fn watchers(&self) -> &Watchers {
        &self.watchers
    }

    pub(crate) fn base_uri(&self) -> &str {
        &self.base_uri
    }

    pub(crate) fn downloads(&self) -> &Downloads {
        &self.downloads
    }

    pub(crate) fn postman(&self) -> &Postman {
        &self.postman
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    pub(crate) fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    pub(crate) fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    pub(crate) fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }

    /// Pays an order of a merchant now, as its payer would, and notifies the merchant; returns the transaction id.
    pub(crate) fn pay(&self, merchant: &Merchant, out_trade_no: &str) -> Option<String> {
        let payment = self.orders.pay(&Number::new(merchant.mchid(), out_trade_no), crypto::now())?;
        if let Some(order) = payment.first_time {
            let matter = match order.terms.protocol {
                Protocol::Apiv3 => transactions::notice(&order),
                Protocol::Apiv2 => apiv2_orders::notice(&order),
            };
            self.postman.notify(&self.keys, merchant, order.terms.said("notify_url"), matter);
        }
        Some(payment.transaction_id)
    }

    /// Confirms a transfer of a merchant, as its user would, and notifies the merchant; returns the platform's number of it.
    pub(crate) fn confirm_transfer(&self, merchant: &Merchant, out_bill_no: &str) -> Option<String> {
        self.end_transfer(merchant, out_bill_no, State::Success)
    }

    /// Lets a transfer of a merchant fail, and notifies the merchant; returns the platform's number of it.
    pub(crate) fn fail_transfer(&self, merchant: &Merchant, out_bill_no: &str, reason: &str) -> Option<String> {
        self.end_transfer(merchant, out_bill_no, State::Fail(reason.to_owned()))
    }

    fn end_transfer(&self, merchant: &Merchant, out_bill_no: &str, state: State) -> Option<String> {
        let (bill, is_first_time) = self.transfers.end(&Number::new(merchant.mchid(), out_bill_no), state).ok()?;
        if is_first_time {
            self.notify_of_transfer(merchant, &bill);
        }
        Some(bill.id)
    }

    pub(crate) fn orders(&self) -> &Orders {
        &self.orders
    }

    pub(crate) fn transfers(&self) -> &Transfers {
        &self.transfers
    }

    pub(crate) fn profit_sharing(&self) -> &ProfitSharing {
        &self.profit_sharing
    }

    fn notify_of_transfer(&self, merchant: &Merchant, bill: &Transfer) {
        let (url, matter) = bill.notice();
        self.postman.notify(&self.keys, merchant, url, matter);
    }

    /// Notifies the receivers of profit that are merchants of the sandbox.
    fn notify_receivers(&self, notices: impl IntoIterator<Item = Notice>) {
        for notice in notices {
            if let Some(merchant) = self.keys.merchants.get(&notice.mchid) {
                self.postman.notify(&self.keys, merchant, Some(notice.url), notice.matter);
            }
        }
    }

    pub(crate) fn ledger(&self) -> Vec<Entry> {
        self.ledger.entries()
    }

    /// Records a request and answers it; a fault may affect it. `file` is that of an upload, if it was kept.
    pub(crate) fn answer(&self, request: &Request, file: Option<&Bytes>, strike: Option<&Strike>) -> Response<Content> {
        self.arrivals.note(request.clone());
        // The signing key is chosen first: a certificate that is issued meanwhile would not be in the list that it signs.
        let seal = Seal { key: self.keys.platform_for(request).asked_for(request), strike };
        let mut response = match strike.and_then(|strike| strike.instead(request)) {
            Some(answer) => self.sign(answer, request, &seal),
            None => {
                let response = self.serve(request, file, &seal);
                let own = strike.and_then(|strike| strike.own_answer(request));
                own.map_or(response, |answer| self.sign(answer, request, &seal))
            }
        };
        if let Some(strike) = strike {
            strike.spoil(&mut response);
            if let Some(second) = strike.second_answer() {
                let second = broken::bytes(self.sign(second, request, &seal));
                response.extensions_mut().insert(Second(second));
            }
        }
        response
    }

    /// Carries out the request.
    fn serve(&self, request: &Request, file: Option<&Bytes>, seal: &Seal<'_>) -> Response<Content> {
        if is_apiv2(request) {
            return self.apiv2().answer(request);
        }
        let answer = self.decide(request, seal.key, file).unwrap_or_else(Answer::from);
        self.sign(answer, request, seal)
    }

    fn sign(&self, answer: Answer, request: &Request, seal: &Seal<'_>) -> Response<Content> {
        let keys = self.keys.platform_for(request);
        let is_rotated = seal.strike.is_some_and(|strike| strike.is_rotation() && keys.rotate().is_ok());
        let key = seal.key.filter(|_| !is_rotated).unwrap_or_else(|| keys.current());
        let answer = if request.method() == "HEAD" { answer.without_body() } else { answer };
        let clock_off = seal.strike.map_or(0, Strike::clock_off);
        answer.sign(key, crypto::now().saturating_add(clock_off))
    }

    fn apiv2(&self) -> Apiv2<'_> {
        Apiv2 {
            keys: &self.keys,
            postman: &self.postman,
            orders: &self.orders,
            red_packets: &self.red_packets,
            transfers: &self.apiv2_transfers,
            downloads: &self.downloads,
            scripts: &self.scripts,
            is_lenient: self.is_lenient,
        }
    }

    /// Carries out an APIv3 request, or refuses it; `key` is the one that it asks for, if there is one.
    fn decide(&self, request: &Request, key: Option<&PlatformKey>, file: Option<&Bytes>) -> Result<Answer, Refusal> {
        match request.content() {
            request::Received::TooLarge => return Err(Refusal::too_large(BODY_LIMIT)),
            request::Received::Malformed(problem) => return Err(Refusal::malformed_form(problem)),
            request::Received::Bytes(_) | request::Received::Form(_) => {}
        }
        if is_for_brands(request) {
            return self.decide_for_brand(request, key);
        }
        let find = |mchid: &str, serial: &str| self.keys.merchants.signer(mchid, serial);
        let (merchant, merchant_key) = self.gate.check(request, find, crypto::now())?;
        let key = key.ok_or_else(Refusal::unknown_key)?;
        if let Some(scripted) = self.scripts.next(request) {
            if scripted.is_success() {
                self.record_other(request, merchant.mchid());
            }
            return Ok(scripted.into_answer());
        }
        let path = lookup::path(request);
        let found = if self.is_lenient { None } else { lookup::find(request.method(), &path) };
        let is_route =
            |route: &&Route| route.method == request.method() && variables(route.path, request.path()).is_some();
        let route = ROUTES.iter().find(is_route);
        let template = route.map(|route| route.path).or(found.as_ref().map(|found| found.operation().template()));
        let variables = template.and_then(|template| variables(template, request.path())).unwrap_or_default();
        let opened = Opened::by(key);
        let call = Call { request, variables, merchant, merchant_key, opened, file, base_uri: &self.base_uri };
        if let Some(found) = &found {
            check::request(found, &call)?;
        }
        let answer = match (route, &found) {
            (Some(route), _) => return (route.operation)(self, &call),
            (None, Some(found)) => answer(found, &call, &self.downloads)?,
            (None, None) => {
                let methods = self.methods(request, &path);
                if !methods.is_empty() {
                    return Ok(Answer::method_not_allowed(&methods));
                }
                if !self.is_lenient || !is_apiv3(request) {
                    return Err(Refusal::not_found(lookup::unknown(request.method(), &path)));
                }
                Answer::ok(json!({}))
            }
        };
        self.record_other(request, merchant.mchid());
        Ok(answer)
    }

    /// The methods of a request's path.
    fn methods(&self, request: &Request, path: &str) -> Vec<&'static str> {
        let routes = ROUTES.iter().filter(|route| variables(route.path, request.path()).is_some());
        let mut methods: Vec<_> = routes.map(|route| route.method).collect();
        if !self.is_lenient {
            methods.extend(lookup::methods(path));
        }
        methods.sort_unstable();
        methods.dedup();
        methods
    }

    /// Carries out a request of the brand. Of these operations nothing is known but who may call them, and what must be
    /// named.
    fn decide_for_brand(&self, request: &Request, key: Option<&PlatformKey>) -> Result<Answer, Refusal> {
        let find = |brand_id: &str, serial: &str| {
            let brand = self.keys.brand.get().ok_or(brands::UNKNOWN)?;
            Ok((brand, brand.signer(brand_id, serial)?))
        };
        let (brand, _) = self.gate.check(request, find, crypto::now())?;
        if key.is_none() || !request.headers().contains_key(platform_keys::HEADER) {
            let message = "Http头Wechatpay-Serial缺失，或不是该品牌的微信支付公钥ID";
            return Err(Refusal::invalid_request(message, Value::Null));
        }
        let scripted = self.scripts.next(request);
        if scripted.as_ref().is_none_or(Scripted::is_success) {
            self.record_other(request, brand.brand_id());
        }
        Ok(scripted.map_or_else(|| Answer::ok(json!({})), Scripted::into_answer))
    }

    /// Records that a request of which nothing is known has had an effect, unless it only reads.
    fn record_other(&self, request: &Request, id: &str) {
        if !["GET", "HEAD"].contains(&request.method()) {
            let name = format!("{} {}", request.method(), request.path());
            self.ledger.record_content(Effect::Other, id, name, request.body_sha256());
        }
    }
}

/// How the answer to a request is signed.
struct Seal<'a> {
    /// The key that the request asks for; the current one signs if there is none.
    key: Option<&'a PlatformKey>,
    /// A fault that may change it.
    strike: Option<&'a Strike>,
}

/// One operation, and its path.
struct Route {
    method: &'static str,
    /// A segment in braces is a variable.
    path: &'static str,
    operation: fn(&Platform, &Call<'_>) -> Result<Answer, Refusal>,
}
