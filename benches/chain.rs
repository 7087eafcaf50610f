//! What a call costs beside RSA and the network, piece by piece:
//!
//! ```text
//! cargo bench --bench chain
//! ```
//!
//! What all of it adds to a client made by hand, measured whole, is a line of `docs/performance.md`.

use divan::{Bencher, black_box};
use wechatpay::{Builder, Chain, Credentials, Formatter, Observation, Options, UriTemplate, Value, chain, json};

fn main() {
    divan::main();
}

/// An instance that never calls anyone.
fn instance() -> Chain {
    builder().build().expect("this configuration is complete")
}

fn builder() -> Builder {
    Builder::new().credentials(
        Credentials::new()
            .mchid("1900000109")
            .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
            .signer(|_: &[u8]| Ok("A".repeat(344)))
            .verifier(|_: &str, _: &[u8], _: &str| Ok(true)),
    )
}

fn order() -> Value {
    json!({
        "mchid": "1900000109",
        "appid": "wxd678efh567hg6787",
        "description": "Image形象店-深圳腾大-QQ公仔",
        "out_trade_no": "1217752501201407033233368018",
        "notify_url": "https://example.com/notify",
        "amount": { "total": 100, "currency": "CNY" },
    })
}

#[divan::bench]
fn path_by_arrows(bencher: Bencher) {
    let instance = instance();
    bencher.bench_local(|| chain!(instance->v3->pay->transactions->outTradeNo->_out_trade_no_));
}

#[divan::bench]
fn path_by_string(bencher: Bencher) {
    let instance = instance();
    bencher.bench_local(|| instance.chain(black_box("v3/pay/transactions/out-trade-no/{out_trade_no}")));
}

#[divan::bench]
fn path_by_index(bencher: Bencher) {
    let instance = instance();
    bencher.bench_local(|| black_box(&instance)["v3/pay/transactions/out-trade-no/{out_trade_no}"].pathname().len());
}

#[divan::bench]
fn template() -> wechatpay::Result<String> {
    let variables = json!({ "out_trade_no": "1217752501201407033233368018" });
    let template = UriTemplate::parse(black_box("v3/pay/transactions/out-trade-no/{out_trade_no}"))?;
    template.expand(variables.as_object().expect("it is an object"))
}

#[divan::bench]
fn options(bencher: Bencher) {
    let given = || json!({ "out_trade_no": "1217752501201407033233368018", "json": order() });
    bencher.with_inputs(given).bench_local_values(Options::from);
}

#[divan::bench]
fn message_and_authorization() -> (Vec<u8>, String) {
    let (timestamp, nonce) = (Formatter::timestamp(), Formatter::nonce(32));
    let message = Formatter::request("POST", "/v3/pay/transactions/native", timestamp, &nonce, black_box([b'x'; 300]));
    let serial = "3775B6A45ACD588826D15E583A95F5DD12345678";
    (message, Formatter::authorization("1900000109", &nonce, "A".repeat(344), timestamp, serial))
}

/// All that is done before anything is sent: the template, the options, the body and the address. The address is a port
/// at which nobody listens, so a refused connection is part of it.
#[divan::bench]
fn refused_call(bencher: Bencher) {
    refuse(bencher, instance());
}

/// The same, observed by someone who looks at everything: what is more than above is the cost of that.
#[divan::bench]
fn refused_call_observed(bencher: Bencher) {
    refuse(bencher, builder().observe(look).build().expect("this configuration is complete"));
}

fn refuse(bencher: Bencher, instance: Chain) {
    let native = instance.chain("v3/pay/transactions/{kind}");
    let given = || json!({ "kind": "native", "base_uri": "http://127.0.0.1:1/", "proxy": "", "json": order() });
    bencher.with_inputs(given).bench_local_values(|options| native.post(options).is_err());
}

fn look(attempt: &Observation) {
    black_box((attempt.mchid(), attempt.host(), attempt.method(), attempt.template(), attempt.attempt()));
    black_box((attempt.status(), attempt.request_id(), attempt.outcome(), attempt.kind(), attempt.redirects()));
    black_box((attempt.request_bytes(), attempt.answer_bytes()));
    black_box((attempt.connection(), attempt.sending(), attempt.answer(), attempt.total()));
}
