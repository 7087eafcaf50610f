//! A local stand-in for the platform: an HTTP server inside your program that checks each request as the platform
//! does and signs each answer. It is meant for tests, examples and first steps without a merchant account.
//!
//! ```
//! use wechatpay_sandbox::Sandbox;
//! use wechatpay::{Builder, json};
//! # fn main() -> anyhow::Result<()> {
//! let sandbox = Sandbox::start()?;
//! let instance = Builder::factory(sandbox.config())?;
//!
//! let answer = instance.chain("v3/marketing/withdraw-favor/users/{openid}/coupons").post(json!({
//!     "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
//!     "json": {
//!         "mchid": "1230000109",
//!         "stock_id": "1304490000000059",
//!         "appid": "wxd678efh567hg6787",
//!         "send_request_no": "89560002019101000121",
//!     },
//! }))?;
//! assert!(!answer.text_at("/coupon_id")?.is_empty());
//! # Ok(()) }
//! ```
//!
//! # What it answers
//!
//! | path | answer |
//! | --- | --- |
//! | POST `v3/pay/transactions/native`, `…/jsapi`, `…/h5`, `…/app` | `code_url`, `prepay_id`, `h5_url`, `prepay_id` |
//! | GET `v3/pay/transactions/out-trade-no/{out_trade_no}`, `v3/pay/transactions/id/{transaction_id}` | the order |
//! | POST `v3/pay/transactions/out-trade-no/{out_trade_no}/close` | 204, no body |
//! | POST `v3/refund/domestic/refunds` | the refund of an order that was [paid](Sandbox::pay) |
//! | GET `v3/refund/domestic/refunds/{out_refund_no}` | the refund |
//! | POST `v3/fund-app/mch-transfer/transfer-bills` | `out_bill_no`, `transfer_bill_no`, `state`, `package_info`, … |
//! | GET `…/transfer-bills/out-bill-no/{out_bill_no}`, `…/transfer-bill-no/{transfer_bill_no}` | the bill |
//! | POST `…/transfer-bills/out-bill-no/{out_bill_no}/cancel` | `state`, … |
//! | POST `v3/profitsharing/receivers/add`, `…/receivers/delete` | the receiver |
//! | POST `v3/profitsharing/orders`, `…/orders/unfreeze` | `order_id`, `state`, `receivers`, … |
//! | GET `v3/profitsharing/orders/{out_order_no}` | the same |
//! | POST `v3/profitsharing/return-orders`, GET `…/return-orders/{out_return_no}` | `return_id`, `result`, … |
//! | GET `v3/profitsharing/transactions/{transaction_id}/amounts` | `unsplit_amount` |
//! | POST `v3/marketing/bank-favor/users/{openid}/bank-multi-activity` | `coupon_id` |
//! | POST `v3/multiuse/users/{openid}/coupons` | `coupon_id`; the encrypted fields are decrypted |
//! | POST `v3/marketing/busifavor/coupons/send` | `stock_id`, `coupon_code`, `out_request_no` |
//! | POST `v3/marketing/withdraw-favor/users/{openid}/coupons` | `coupon_id`, `expire_time` |
//! | GET `v3/marketing/withdraw-favor/users/{openid}/coupons` | a page of what the POST has sent |
//! | POST `v3/merchant/media/upload`, `v3/merchant/media/video_upload` | `media_id` |
//! | POST `v3/marketing/favor/media/image-upload` | `media_url` |
//! | POST `v3/merchant-service/images/upload` | `media_id`; up to 2 MiB |
//! | GET `v3/merchant-service/images/{media_id}` | that image, unsigned |
//! | GET `v3/bill/tradebill` | `hash_type`, `hash_value`, `download_url` |
//! | GET `v3/billdownload/file` | the bill, unsigned |
//! | GET `v3/global/statements`, `v3/statements`, `hk/v3/statements` | a bill, of which the SHA-1 is signed |
//! | GET `v3/certificates` | the platform's certificates, encrypted with the APIv3 key |
//! | any under `brand/`, for the [brand](#brands) | 200, `{}`, or what was [scripted](#scripted-answers) |
//! | any other that the platform documents | the documented fields |
//! | XML by POST, or GET without `Authorization`, to another path | APIv2, below |
//! | anything else | 404, `NOT_FOUND`, with the nearest documented operation |
//!
//! What is documented, some 1,150 operations, is in `wechatpay-catalog`. A [lenient](SandboxBuilder::lenient) sandbox does without:
//! it answers `{}` to whatever has no state, and refuses only what the operations above refuse by themselves.
//!
//! A merchant's own number (`out_request_no`, `send_request_no`) names one coupon. The same request again returns the
//! same coupon; a different request with that number is refused with `INVALID_REQUEST`.
//!
//! A list has pages: `offset` is the number of a page, from 0, and `limit` its size.
//!
//! [Orders and refunds](#orders-and-refunds), [transfers](#transfers) and [profit sharing](#profit-sharing) are explained
//! below.
//!
//! For an upload, only the part `meta` has to be signed, and what it says about the part `file` must be true. Uploads
//! and bills can have any size, because they are read and written piece by piece. The size of the bills can be
//! [set](Sandbox::set_bill_size).
//!
//! What a documented answer says can be downloaded (`download_url`, or `url` beside `hash_value`) is there: a bill, or a PDF for a
//! receipt and its like. `hash_value` is its digest, of the documented `hash_type`. A bill for which the
//! answer has an `encrypt_key` is compressed first, if that is wanted, and then encrypted: AES-256-GCM with the `nonce`, without
//! associated data, the tag at the end; the key is encrypted for the merchant (RSA-OAEP). `hash_value` is that of the plain bill.
//!
//! # What it refuses
//!
//! | status, code | when |
//! | --- | --- |
//! | 400 `INVALID_REQUEST` | `Accept` or `User-Agent` is missing; a number was used for another request; under `brand/`, `Wechatpay-Serial` does not name the key of the brand |
//! | 400 `PARAM_ERROR` | a required field is missing, or a field is not of its documented type or none of its allowed values; `detail` names it, as `/body/receivers/0/amount`, and where it is |
//! | 400 `PARAM_ERROR` | a documented sensitive field is in plain text, or cannot be decrypted with the key that `Wechatpay-Serial` names; or that header is missing where there are ciphertexts |
//! | 400 `PARAM_ERROR` | a field of an operation that has state is empty or wrong about a file, or `mchid` is not that of the `Authorization`. Also if a form cannot be read |
//! | 400 `PARAM_ERROR` | `Wechatpay-Serial` does not name a key of the platform, or names a retired one |
//! | 400 `ORDERPAID`, 400 `ORDER_CLOSED` | an order that was to be placed or closed is already paid, or closed |
//! | 400 `INVALID_REQUEST` | less than 0.1 yuan is to be transferred, a transfer that has ended is to be cancelled, or an order is to be shared that is not paid or was not placed for it |
//! | 401 `SIGN_ERROR` | `Authorization` is missing or malformed, its merchant is unknown, its serial is not the merchant's or is revoked, it is more than 300 seconds old or ahead, was used before, or its signature does not match this request |
//! | 403 `OUT_TRADE_NO_USED` | the number belongs to an order with other content |
//! | 403 `NOT_ENOUGH` | more is to be shared, or unfrozen, than is left of a payment |
//! | 404 `ORDER_NOT_EXIST` | there is no such order |
//! | 404 `NOT_FOUND` | there is no such transfer |
//! | 404 `RESOURCE_NOT_EXISTS` | there is no such image, certificate, refund or sharing of profit, or no paid order to refund |
//! | 404 `NOT_FOUND` | the path is not documented; the message names the nearest operation that is |
//! | 405, no body | the path has other methods; `Allow` names them |
//! | 413 `INVALID_REQUEST` | the body is larger than 16 MiB, and is not an upload |
//!
//! ```
//! use wechatpay_sandbox::Sandbox;
//! use wechatpay::{Builder, json};
//! # fn main() -> anyhow::Result<()> {
//! # let sandbox = Sandbox::start()?;
//! # let instance = Builder::factory(sandbox.config())?;
//! let parkings = instance.chain("v3/vehicle/parking/parkings");
//! let error = parkings.post(json!({ "json": { "sub_mchid": "1900000109" } })).unwrap_err();
//! assert_eq!(error.code(), Some("PARAM_ERROR"));
//! assert!(error.to_string().contains("/body/out_parking_no"));
//! let error = instance.chain("v3/vehicle/parking/parking").post(()).unwrap_err();
//! assert!(error.to_string().contains("v3/vehicle/parking/parkings"));
//! # Ok(()) }
//! ```
//!
//! A field that is not documented is never refused, as some objects are documented only in part. Of operations under `brand/`
//! nothing is documented here: they are refused only for their signature and `Wechatpay-Serial`.
//!
//! A refund is refused with `INVALID_REQUEST` if its amounts are not those of the order, if they exceed what is left
//! of it, or if its number was used for another refund.
//!
//! Unlike the platform, the sandbox signs refusals, too. Input that is not HTTP is answered by the underlying server and
//! does not appear among the [`requests`](Sandbox::requests).
//!
//! # Orders and refunds
//!
//! ```
//! use wechatpay_sandbox::{Effect, Sandbox};
//! use wechatpay::{Builder, chain, json};
//! # fn main() -> anyhow::Result<()> {
//! let sandbox = Sandbox::start()?;
//! let instance = Builder::factory(sandbox.config())?;
//!
//! let placed = chain!(instance->v3->pay->transactions->native).post(json!({ "json": {
//!     "appid": "wxd678efh567hg6787", "mchid": sandbox.mchid(), "description": "coffee", "out_trade_no": "order-1",
//!     "notify_url": "https://example.com/", "amount": { "total": 100 },
//! } }))?;
//! assert!(placed.text_at("/code_url")?.starts_with("weixin://"));
//!
//! sandbox.pay("order-1");
//! let order = instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}");
//! let order = order.get(json!({ "out_trade_no": "order-1", "query": { "mchid": sandbox.mchid() } }))?;
//! assert_eq!(order.text_at("/trade_state")?, "SUCCESS");
//!
//! chain!(instance->v3->refund->domestic->refunds).post(json!({ "json": {
//!     "out_trade_no": "order-1", "out_refund_no": "refund-1",
//!     "amount": { "refund": 30, "total": 100, "currency": "CNY" },
//! } }))?;
//! let effects: Vec<_> = sandbox.ledger().iter().map(|entry| entry.effect()).collect();
//! assert_eq!(effects, [Effect::OrderPlaced, Effect::OrderPaid, Effect::OrderRefunded]);
//! # Ok(()) }
//! ```
//!
//! A merchant's number names one order, whichever protocol placed it, and each protocol sees what the other has done. The
//! same request again gives the same answer for as long as the order is neither paid nor closed. A different request with
//! that number is refused, even if only the way to pay or the protocol differs. In APIv3, `out_trade_no` must have 6 to 32
//! characters, as on the platform.
//!
//! An order with a `time_expire` cannot be paid after that time, but is not closed by it. The sandbox accepts any time, so
//! that a test can place an order that has already expired; the platform would move it a minute ahead.
//!
//! A refund is made at once. Its number names one refund of the merchant: a request for the same order with the same amounts
//! returns the same refund, in either protocol.
//!
//! # Transfers
//!
//! A transfer waits for its user from the start (`WAIT_USER_CONFIRM`, with `package_info`). [`confirm_transfer`] ends it with
//! `SUCCESS`, [`fail_transfer`] with `FAIL`, and the merchant may cancel it before: the answer is `CANCELING`, the next query
//! says `CANCELLED`. `ACCEPTED`, `PROCESSING` and `TRANSFERING` pass at once; [script](#scripted-answers) them to see them.
//!
//! `user_name` must be encrypted for the platform, and is required from 2,000 yuan on. In the answer to a query it is
//! encrypted for the merchant. The same request with the same `out_bill_no` returns the same transfer, as it is then. Which
//! scenes a merchant has (`transfer_scene_id`), what must be reported for them and the highest amount are not known here: any
//! text and any amount from 0.1 yuan on is accepted.
//!
//! [`confirm_transfer`]: Sandbox::confirm_transfer
//! [`fail_transfer`]: Sandbox::fail_transfer
//!
//! # Profit sharing
//!
//! The payment of an order that was placed with `settle_info.profit_sharing` (`profit_sharing` `Y` in APIv2) can be shared with
//! receivers who were added before, and with the merchant itself. What was shared, refunded or unfrozen cannot be shared
//! again. The first answer is `PROCESSING`, each later one `FINISHED`. What a receiver gives back goes to the merchant and does
//! not add to what can be shared.
//!
//! A receiver who is a merchant of the sandbox is notified at [its address](Sandbox::set_profit_sharing_url). With a `sub_mchid`,
//! receivers and numbers are those of that merchant; the order is one of the caller all the same. There is no highest
//! proportion here, while the platform has one for each merchant.
//!
//! # The ledger
//!
//! The [ledger](Sandbox::ledger) lists what the platform believes has happened, each effect once. A repetition whose
//! effect has already happened adds nothing, and neither does a request that is refused. Each call of an unknown path
//! under `v3/` or `hk/v3/` adds an effect, unless it is GET or HEAD: without knowing the number in it, the sandbox
//! cannot recognise a repetition, and the platform might have acted twice. For APIv2, the ledger has only the
//! operations in the table below.
//!
//! # Scripted answers
//!
//! [`answer`](Sandbox::answer) says what any path answers, in either protocol, in place of what is in these tables: signed
//! JSON, text, bytes or nothing, with any status. The n-th call gets the n-th answer, and the last one repeats.
//! [`answers_left`](Sandbox::answers_left) lists what was not asked for, and
//! [`assert_no_answers_left`](Sandbox::assert_no_answers_left) ends a test.
//!
//! # When things go wrong
//!
//! Everything that can go wrong between a merchant and the platform is available on demand: see [`Fault`], and
//! [`inject`](Sandbox::inject) for all calls, some paths or the next few calls. [Connections can be
//! refused](Sandbox::refuse_connections), and there is [another host](Sandbox::other_base_uri). The ledger shows what
//! the platform believes meanwhile.
//!
//! # Watching it
//!
//! [`events`](Sandbox::events) tells what happens: each request with its answer, what it has brought about and the fault that it
//! met, each entry of the ledger, and each notification with the merchant's reply. [`Request::gate`] says of each check of a
//! signature whether it was passed, and [`orders`](Sandbox::orders), [`transfers`](Sandbox::transfers) and
//! [`faults`](Sandbox::faults) what there is now. A sandbox that runs as a server has a fixed [port](SandboxBuilder::port) and
//! [keys in a file](SandboxBuilder::key_file).
//!
//! # Keys and merchants
//!
//! The [mode](KeyMode) decides what the platform signs with: the public key, certificates, or both. A request's
//! header `Wechatpay-Serial` says which key signs the answer, and for which key its encrypted fields are meant;
//! without it, the [current](Sandbox::platform_serial) key signs.
//!
//! ```
//! use wechatpay::Builder;
//! use wechatpay_sandbox::{KeyMode, Sandbox};
//! # fn main() -> anyhow::Result<()> {
//! let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
//! let instance = Builder::factory(sandbox.config())?;
//! let old = sandbox.platform_serial().to_owned();
//! let new = sandbox.rotate_platform_certificate();
//!
//! // The instance knows the old one, and names it.
//! assert_eq!(instance.key_status().wechatpay_serial(), Some(old.as_str()));
//! let listed = instance.chain("v3/certificates").get(())?.json()?;
//! assert_eq!(listed["data"][1]["serial_no"], new);
//! sandbox.retire_platform_certificate(&old);
//! assert!(instance.chain("v3/marketing/partnerships").get(()).is_err());
//! # Ok(()) }
//! ```
//!
//! There is one merchant at first. You can [add others](Sandbox::add_merchant), each with its own keys, and the first
//! merchant can have [several certificates](Sandbox::issue_merchant_certificate).
//!
//! # Brands
//!
//! The sandbox knows one [brand](Sandbox::brand), with keys of its own, for which the platform has a public key of its own.
//! Paths under `brand/` take the scheme `WECHATPAY-BRAND-SHA256-RSA2048` with `brand_id` and no other, and
//! `Wechatpay-Serial` must name that key. It knows no operation there: the answer is `{}` or what was scripted.
//!
//! ```
//! use wechatpay::{Builder, json};
//! use wechatpay_sandbox::Sandbox;
//! # fn main() -> anyhow::Result<()> {
//! let sandbox = Sandbox::start()?;
//! let brand = Builder::factory(sandbox.brand_config())?;
//! sandbox.answer("POST", "brand/store/brandstores", 200, json!({ "store_id": "100000" }));
//! let opened = brand.chain("brand/store/brandstores").post(json!({ "json": { "store_name": "一店" } }))?;
//! assert_eq!(opened.text_at("/store_id")?, "100000");
//! # Ok(()) }
//! ```
//!
//! # Notifications
//!
//! [`notification`](Sandbox::notification), [`notification_apiv2`](Sandbox::notification_apiv2) and
//! [`refund_notification_apiv2`](Sandbox::refund_notification_apiv2) make what the platform would send, and
//! [`brand_notification`](Sandbox::brand_notification) what it would send to the brand;
//! [`send`](SignedNotification::send) sends it. [`trigger`](Sandbox::trigger) makes and sends any of the 112 that the platform
//! documents, in their documented shape.
//!
//! After a [payment](Sandbox::pay), after a refund and at the end of a transfer, the sandbox itself sends a notification to the
//! `notify_url` of each, if that is on this machine. It keeps [those that it has
//! sent](Sandbox::sent_notifications), and [faults can be injected](Sandbox::inject_notification_fault) into the next
//! ones.
//!
//! # APIv2
//!
//! ```
//! use wechatpay_sandbox::Sandbox;
//! use wechatpay::{Builder, json};
//! # fn main() -> anyhow::Result<()> {
//! let sandbox = Sandbox::start_tls()?;
//! let instance = Builder::factory(sandbox.config())?;
//!
//! let placed = instance.chain("v2/pay/unifiedorder").post(json!({ "xml": {
//!     "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "body": "coffee", "out_trade_no": "1",
//!     "total_fee": 100, "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/",
//!     "trade_type": "NATIVE", "product_id": "1",
//! } }))?;
//! assert!(placed.text_at("/code_url")?.starts_with("weixin://"));
//!
//! sandbox.pay("1");
//! let refunded = instance.chain("v2/secapi/pay/refund").post(json!({ "security": true, "xml": {
//!     "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "out_trade_no": "1", "out_refund_no": "1",
//!     "total_fee": 100, "refund_fee": 100,
//! } }))?;
//! assert!(!refunded.text_at("/refund_id")?.is_empty());
//! # Ok(()) }
//! ```
//!
//! | path | answer |
//! | --- | --- |
//! | `pay/unifiedorder` | `prepay_id`, `trade_type`, and `code_url` or `mweb_url` if there is one |
//! | `pay/orderquery`, `pay/closeorder` | the state of the order |
//! | `secapi/pay/refund` | `refund_id` of an order that was [paid](Sandbox::pay) |
//! | `pay/refundquery` | the refund, or those of the order, ten at a time; `REFUNDNOTEXIST` |
//! | `mmpaymkttransfers/sendredpack`, `mmpaymkttransfers/sendgroupredpack` | `send_listid` |
//! | `mmpaymkttransfers/gethbinfo` | the red packet, which is `SENT`; `NOT_FOUND` |
//! | `mmpaymkttransfers/promotion/transfers` | `payment_no`, `payment_time` |
//! | `mmpaymkttransfers/gettransferinfo` | the transfer, which is a `SUCCESS`; `NOT_FOUND` |
//! | `pay/downloadbill` | the bill |
//! | any other that the platform documents | the documented fields |
//!
//! Refunds are those of both protocols. Red packets share the numbers of one book (`mch_billno`), and transfers to users have one of
//! their own (`partner_trade_no`), which is not that of `v3/fund-app/…`: the same request again gives the same, and another one with
//! that number is a `FATAL_ERROR`. Such a transfer is with its user at once. Other states, as `PROCESSING` and `FAILED` of a transfer
//! or `RECEIVED` of a red packet, can be [scripted](#scripted-answers).
//!
//! The status is always 200. `return_code` is FAIL, and nothing is signed, if the XML is malformed, the merchant (`mch_id`,
//! `mchid`, `combine_mch_id`) is unknown, or `sign` is wrong (`签名错误`); also if the operation requires a merchant
//! certificate, which is documented of 56, and the client has presented none, or a revoked one (certificates can only be presented
//! over [TLS](Sandbox::start_tls)); and if the path is not documented, with the nearest operation in `return_msg`. `result_code`
//! is FAIL, with `err_code` and `err_code_des`, if a documented field is missing (`LACK_PARAMS`) or wrong (`PARAM_ERROR`), or the
//! request cannot be carried out. Answers that the platform does not sign are not signed here.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
// No input makes it panic. Where one of these is used anyway, the reason is given there.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unreachable,
        clippy::unwrap_used,
    )
)]

mod answer;
mod apiv2;
mod arrivals;
mod authority;
mod bill;
mod brands;
mod broken;
mod call;
mod certificates;
mod clock;
mod content;
mod coupons;
mod crypto;
mod documents;
mod downloads;
mod events;
mod exchange;
mod faults;
mod form;
mod gate;
mod key_file;
mod keys;
mod ledger;
mod lock;
mod merchants;
mod notifications;
mod orders;
mod parties;
mod passage;
mod platform;
mod platform_keys;
mod postman;
mod profit_sharing;
mod refunds;
mod request;
mod routing;
mod sandbox;
mod scripts;
mod server;
mod text;
mod tls;
mod transactions;
mod transfers;
mod uploads;
mod xml;

pub use self::brands::Brand;
pub use self::documents::example::example;
pub use self::events::{Event, Events};
pub use self::exchange::Exchange;
pub use self::faults::json::FaultError;
pub use self::faults::{Fault, FaultRule};
pub use self::ledger::{Effect, Entry};
pub use self::merchants::{Merchant, MerchantCertificate};
pub use self::notifications::{Delivery, SignedNotification};
pub use self::orders::Order;
pub use self::passage::{GateResult, GateStep};
pub use self::platform_keys::KeyMode;
pub use self::postman::{NotificationFault, SentNotification};
pub use self::request::Request;
pub use self::sandbox::Sandbox;
pub use self::sandbox::builder::SandboxBuilder;
pub use self::scripts::{AnswersLeft, ScriptedAnswer};
pub use self::transfers::Transfer;

/// The gate, for `fuzz`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub fn gate_lets_pass(
    target: &str,
    headers: ureq::http::HeaderMap,
    body: &[u8],
    merchant: &openssl::pkey::PKey<openssl::pkey::Public>,
    now: i64,
) -> bool {
    let body = request::Body {
        length: body.len() as u64,
        sha256: openssl::sha::sha256(body),
        content: request::Received::Bytes(body.to_vec()),
    };
    let request = Request::new(ureq::http::Method::POST, target.to_owned(), headers, body, None);
    gate::lets_pass(&request, merchant, now)
}

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
