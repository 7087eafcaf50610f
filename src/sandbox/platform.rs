//! The platform as a whole: a request comes in, a signed answer goes out.

use std::sync::{Arc, Mutex};

use hyper::body::Bytes;
use serde_json::json;
use ureq::http::Response;

use crate::formatter::Formatter;

use super::answer::{Answer, Refusal};
use super::apiv2::{self, Apiv2};
use super::call::Call;
use super::content::Content;
use super::coupons::Coupons;
use super::downloads::Downloads;
use super::gate::Gate;
use super::keys::{Keys, MCHID};
use super::ledger::{Effect, Entry, Ledger};
use super::lock;
use super::orders::{Number, Orders, TradeType};
use super::platform_keys::PlatformKey;
use super::red_packets::RedPackets;
use super::refunds;
use super::request::{self, Request};
use super::transactions;
use super::uploads::Uploads;

/// The most of a body that is read, in bytes.
pub(super) const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// What the platform knows how to do; whatever else begins as [`PREFIXES`] is answered with `{}`.
const ROUTES: [Route; 25] = [
    Route {
        method: "GET",
        path: "/v3/certificates",
        operation: |platform, call| platform.keys.platform.list(call.merchant.apiv3_key()).map(Answer::ok),
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
        operation: |platform, call| refunds::apply(&platform.orders, call).map(Answer::ok),
    },
    Route {
        method: "GET",
        path: "/v3/refund/domestic/refunds/{out_refund_no}",
        operation: |platform, call| refunds::query(&platform.orders, call).map(Answer::ok),
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

const PREFIXES: [&str; 2] = ["/v3/", "/hk/v3/"];

/// The platform's side. Everything it remembers is in here, each thing behind its own lock, so that
/// requests meet for moments only; signatures are made and checked outside of them.
pub(super) struct Platform {
    keys: Keys,
    gate: Gate,
    base_uri: String,
    coupons: Coupons,
    uploads: Uploads,
    downloads: Downloads,
    orders: Orders,
    red_packets: RedPackets,
    ledger: Arc<Ledger>,
    arrived: Mutex<Vec<Request>>,
}

impl Platform {
    /// It is reached at `base_uri`, which ends with a slash.
    pub(super) fn new(keys: Keys, base_uri: String) -> Platform {
        let ledger = Arc::<Ledger>::default();
        Platform {
            keys,
            gate: Gate::default(),
            base_uri,
            coupons: Coupons::new(Arc::clone(&ledger)),
            uploads: Uploads::new(Arc::clone(&ledger)),
            downloads: Downloads::default(),
            orders: Orders::new(Arc::clone(&ledger)),
            red_packets: RedPackets::new(Arc::clone(&ledger)),
            ledger,
            arrived: Mutex::default(),
        }
    }

    pub(super) fn base_uri(&self) -> &str {
        &self.base_uri
    }

    pub(super) fn downloads(&self) -> &Downloads {
        &self.downloads
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        lock(&self.arrived).clone()
    }

    /// Pays an order of the first merchant now, as its payer would; gives the id of the transaction.
    pub(super) fn pay(&self, out_trade_no: &str) -> Option<String> {
        self.orders.pay(&Number::new(MCHID, out_trade_no), Formatter::timestamp())
    }

    pub(super) fn ledger(&self) -> Vec<Entry> {
        self.ledger.entries()
    }

    /// Takes note of a request and answers it. `file` is that of an upload, if it was kept.
    pub(super) fn answer(&self, request: &Request, file: Option<&Bytes>) -> Response<Content> {
        lock(&self.arrived).push(request.clone());
        if !is_apiv3(request) && apiv2::is_apiv2(request) {
            return self.apiv2().answer(request);
        }
        let key = self.keys.platform.asked_for(request);
        let answer = self.decide(request, key, file).unwrap_or_else(Answer::from);
        let answer = if request.method() == "HEAD" { answer.without_body() } else { answer };
        answer.sign(key.unwrap_or_else(|| self.keys.platform.current()))
    }

    fn apiv2(&self) -> Apiv2<'_> {
        Apiv2 {
            merchants: &self.keys.merchants,
            orders: &self.orders,
            red_packets: &self.red_packets,
            downloads: &self.downloads,
        }
    }

    /// `key` is the one that the request asks for, if there is such.
    fn decide(&self, request: &Request, key: Option<&PlatformKey>, file: Option<&Bytes>) -> Result<Answer, Refusal> {
        match request.content() {
            request::Content::TooLarge => return Err(Refusal::too_large(BODY_LIMIT)),
            request::Content::Malformed(problem) => return Err(Refusal::malformed_form(problem)),
            request::Content::Bytes(_) | request::Content::Form(_) => {}
        }
        let find = |mchid: &str, serial: &str| self.keys.merchants.signer(mchid, serial);
        let merchant = self.gate.check(request, find, Formatter::timestamp())?;
        let key = key.ok_or_else(Refusal::unknown_key)?;
        let mut other_methods = Vec::new();
        for route in &ROUTES {
            match route.variables(request.path()) {
                Some(variables) if route.method == request.method() => {
                    let base_uri = self.base_uri.as_str();
                    return (route.operation)(self, &Call { request, variables, merchant, key, file, base_uri });
                }
                Some(_) => other_methods.push(route.method),
                None => {}
            }
        }
        if !other_methods.is_empty() {
            return Ok(Answer::method_not_allowed(&other_methods));
        }
        if !is_apiv3(request) {
            return Err(Refusal::not_found());
        }
        if !["GET", "HEAD"].contains(&request.method()) {
            let name = format!("{} {}", request.method(), request.path());
            self.ledger.record_content(Effect::Other, merchant.mchid(), name, request.body_sha256());
        }
        Ok(Answer::ok(json!({})))
    }
}

fn is_apiv3(request: &Request) -> bool {
    PREFIXES.iter().any(|prefix| request.path().starts_with(prefix))
}

/// One operation, and where it is found.
struct Route {
    method: &'static str,
    /// A segment in braces is a variable.
    path: &'static str,
    operation: fn(&Platform, &Call<'_>) -> Result<Answer, Refusal>,
}

impl Route {
    /// The variables of the path if it is this route's, as they arrived.
    fn variables<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut variables = Vec::new();
        let mut segments = path.split('/');
        for expected in self.path.split('/') {
            let segment = segments.next()?;
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => variables.push((name, segment)),
                None if expected == segment => {}
                None => return None,
            }
        }
        segments.next().is_none().then_some(variables)
    }
}
