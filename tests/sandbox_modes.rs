//! Keys and notifications against the sandbox, in each mode that the platform has: with its public key, with
//! certificates, and with both. Signatures and ciphertexts of the merchant's side are held against OpenSSL alone.
#![cfg(feature = "sandbox")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use openssl::base64::{decode_block, encode_block};
use openssl::pkey::{PKey, Public};
use openssl::rsa::Padding;
use openssl::x509::X509;
use support::keys::verify;
use support::raw::{Arrived, Reply as RawReply, Server, answer};
use wechatpay::sandbox::{KeyMode, Merchant, MerchantCertificate, Request, Sandbox};
use wechatpay::{
    Builder, CertificatesFailure, Chain, Credentials, Error, NotificationFailure, NotificationRegistry, Outcome, Reply,
    Value, VerificationFailure, json,
};

const PUB_KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";
const ANOTHER_APIV3_KEY: &str = "another0123456789another01234567";
const NAME: &str = "张三";
const ID_CARD: &str = "11010519491231002X";

fn for_each_mode(test: impl Fn(&Sandbox)) {
    for mode in [KeyMode::PublicKey, KeyMode::Certificate, KeyMode::Mixed] {
        // Shown when the test fails.
        println!("in mode {mode:?}");
        test(&start(mode));
    }
}

/// The modes in which the platform has certificates.
fn with_certificates(test: impl Fn(&Sandbox)) {
    for_each_mode(|sandbox| {
        if sandbox.mode() != KeyMode::PublicKey {
            test(sandbox);
        }
    });
}

fn start(mode: KeyMode) -> Sandbox {
    Sandbox::builder().mode(mode).start().unwrap()
}

/// All ids that the platform has keys for now.
fn ids(sandbox: &Sandbox) -> Vec<String> {
    sandbox.public_key_id().map(str::to_owned).into_iter().chain(sandbox.platform_certificates()).collect()
}

/// The first merchant's credentials but for the platform's keys.
fn credentials(sandbox: &Sandbox) -> Credentials {
    Credentials::new()
        .mchid(sandbox.mchid())
        .serial(sandbox.merchant_serial())
        .private_key(sandbox.merchant_private_key_pem())
        .apiv3_key(sandbox.apiv3_key())
}

fn build(sandbox: &Sandbox, credentials: Credentials) -> wechatpay::Result<Chain> {
    let defaults = json!({ "base_uri": sandbox.base_uri(), "proxy": "" });
    Builder::new().credentials(credentials).defaults(defaults).build()
}

/// An instance that is given no key of the platform and fetches certificates.
fn fetching(sandbox: &Sandbox, downloads: Value) -> Chain {
    build(sandbox, credentials(sandbox).download_certs(downloads)).unwrap()
}

/// The key of this id beside those that are given already.
fn with_key(sandbox: &Sandbox, credentials: Credentials, id: &str) -> Credentials {
    let pem = sandbox.platform_certificate_pem(id).unwrap_or_else(|| sandbox.public_key_pem().unwrap().to_owned());
    credentials.cert(id, pem)
}

fn pair(certificate: &MerchantCertificate) -> Credentials {
    Credentials::new().serial(certificate.serial()).private_key(certificate.private_key_pem())
}

fn public_key(certificate: &str) -> PKey<Public> {
    X509::from_pem(certificate.as_bytes()).unwrap().public_key().unwrap()
}

/// A field of `Authorization`.
fn field<'a>(request: &'a Request, name: &str) -> &'a str {
    let value = request.header("authorization").unwrap();
    value.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap()
}

fn is_signed_by(request: &Request, key: &PKey<Public>) -> bool {
    let (timestamp, nonce) = (field(request, "timestamp"), field(request, "nonce_str"));
    let mut message = format!("{}\n{}\n{timestamp}\n{nonce}\n", request.method(), request.target()).into_bytes();
    message.extend_from_slice(request.body());
    message.push(b'\n');
    verify(&message, field(request, "signature"), key)
}

/// What the last request names in `Wechatpay-Serial`.
fn named(sandbox: &Sandbox) -> Option<String> {
    sandbox.requests().last().unwrap().header("wechatpay-serial").map(str::to_owned)
}

/// The id of the key that signed the answer to a GET.
fn answered_by(chain: &Chain, options: Value) -> wechatpay::Result<String> {
    let answer = chain.chain("v3/any/path").get(options)?;
    Ok(answer.header("wechatpay-serial").unwrap().to_owned())
}

fn naming(id: &str) -> Value {
    json!({ "headers": { "Wechatpay-Serial": id } })
}

// ---------------------------------------------------------------- rotation under load

const THREADS: usize = 64;
const ROTATIONS: usize = 1000;

/// Between the calls of one thread.
const PAUSE: Duration = Duration::from_millis(100);

/// Which generation of keys each thread's call began with, so that what none of them can use is known.
struct Flights {
    generation: AtomicUsize,
    began: Vec<AtomicUsize>,
}

impl Flights {
    const NONE: usize = usize::MAX;

    fn new() -> Flights {
        let began = (0..THREADS).map(|_| AtomicUsize::new(Flights::NONE)).collect();
        Flights { generation: AtomicUsize::new(0), began }
    }

    fn call<T>(&self, thread: usize, call: impl FnOnce() -> T) -> T {
        self.began[thread].store(self.generation.load(Ordering::SeqCst), Ordering::SeqCst);
        let result = call();
        self.began[thread].store(Flights::NONE, Ordering::SeqCst);
        result
    }

    /// No call in flight, and none to come, uses anything older.
    fn oldest(&self) -> usize {
        let began = self.began.iter().map(|began| began.load(Ordering::SeqCst)).min();
        began.unwrap_or(Flights::NONE).min(self.generation.load(Ordering::SeqCst))
    }
}

/// Calls from all threads while a thousand generations of keys come and go: `change` brings the generation of this
/// number, `retire` takes it away when nothing can use it any more.
fn under_load(instance: &Chain, mut change: impl FnMut(usize), mut retire: impl FnMut(usize)) {
    let began = Instant::now();
    let (flights, stop, calls, failures) =
        (Flights::new(), AtomicBool::new(false), AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let instance = instance.clone();
            let (flights, stop, calls, failures) = (&flights, &stop, &calls, &failures);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let body = json!({ "json": { "thread": thread } });
                    match flights.call(thread, || instance.chain("v3/rotated").post(body)) {
                        Ok(_) => drop(calls.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => failures.lock().unwrap().push(format!("{error:#?}")),
                    }
                    // Two cores are shared with whoever rotates.
                    thread::sleep(PAUSE);
                }
            });
        }
        let mut retired = 0;
        for number in 1..=ROTATIONS {
            change(number);
            flights.generation.store(number, Ordering::SeqCst);
            while retired < flights.oldest() {
                retire(retired);
                retired += 1;
            }
        }
        stop.store(true, Ordering::Relaxed);
        println!("{retired} generations were retired under load");
        assert!(retired > ROTATIONS / 10, "{retired}");
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} calls failed, the first: {}", failures.len(), failures[0]);
    let calls = calls.into_inner();
    println!("{calls} calls in {:?}", began.elapsed());
    assert!(calls > 2 * THREADS, "{calls} calls");
}

/// The certificates that a merchant had, by their serials, as OpenSSL reads them.
#[derive(Default)]
struct Pairs {
    generations: Vec<MerchantCertificate>,
    keys: BTreeMap<String, PKey<Public>>,
}

impl Pairs {
    fn issue(&mut self, sandbox: &Sandbox) -> Credentials {
        let certificate = sandbox.issue_merchant_certificate();
        self.keys.insert(certificate.serial().to_owned(), public_key(certificate.pem()));
        self.generations.push(certificate);
        pair(self.generations.last().unwrap())
    }

    /// That what arrived was signed by the owner of the serial that it names; the sandbox has checked each.
    fn check(&self, sandbox: &Sandbox) {
        let requests = sandbox.requests();
        let mut serials = BTreeSet::new();
        for request in requests.iter().filter(|request| request.target() == "/v3/rotated") {
            let serial = field(request, "serial_no");
            if serials.insert(serial) {
                assert!(is_signed_by(request, &self.keys[serial]), "a mixed pair under {serial}");
            }
        }
        println!("{} of the merchant's certificates were used", serials.len());
        assert!(serials.len() > 8, "{serials:?}");
    }
}

#[test]
fn both_sides_keys_rotate_a_thousand_times_under_load() {
    for_each_mode(|sandbox| {
        let pairs = Mutex::new(Pairs::default());
        let platform = Mutex::new(vec![sandbox.platform_serial().to_owned()]);
        let first = pairs.lock().unwrap().issue(sandbox);
        let instance = Builder::from(sandbox.config()).build().unwrap();
        instance.rotate(first.wechatpay_serial(sandbox.platform_serial())).unwrap();
        let change = |number: usize| {
            let mut next = pairs.lock().unwrap().issue(sandbox);
            if sandbox.mode() != KeyMode::PublicKey {
                let (old, new) = (sandbox.platform_serial().to_owned(), sandbox.rotate_platform_certificate());
                platform.lock().unwrap().push(new.clone());
                next = with_key(sandbox, with_key(sandbox, next, &old), &new).wechatpay_serial(new);
            }
            if sandbox.mode() == KeyMode::Mixed {
                next = with_key(sandbox, next, PUB_KEY_ID);
                next = if number % 2 == 0 { next } else { next.wechatpay_serial(PUB_KEY_ID) };
            }
            instance.rotate(next).unwrap();
        };
        let retire = |number: usize| {
            let old = pairs.lock().unwrap().generations[number].serial().to_owned();
            assert!(sandbox.revoke_merchant_certificate(&old));
            if sandbox.mode() != KeyMode::PublicKey {
                assert!(sandbox.retire_platform_certificate(&platform.lock().unwrap()[number]));
            }
        };
        under_load(&instance, change, retire);
        let pairs = pairs.into_inner().unwrap();
        pairs.check(sandbox);
        let answerers: BTreeSet<_> =
            sandbox.requests().iter().filter_map(|request| request.header("wechatpay-serial").map(str::to_owned)).collect();
        assert_eq!(answerers.len() > 8, sandbox.mode() != KeyMode::PublicKey, "{}", answerers.len());
        assert_eq!(answerers.contains(PUB_KEY_ID), sandbox.mode() != KeyMode::Certificate);
        // What was retired is refused by the other side.
        instance.rotate(pair(&pairs.generations[0])).unwrap();
        assert_eq!(instance.chain("v3/rotated").get(()).unwrap_err().code(), Some("SIGN_ERROR"));
    });
}

/// The certificates of the sandbox become valid one after the other, as the platform's do.
fn next_certificate(sandbox: &Sandbox, number: usize) -> String {
    sandbox.set_certificate_lifetime(i64::try_from(number).unwrap() - 100_000, 1_000_000);
    sandbox.rotate_platform_certificate()
}

#[test]
fn certificates_are_fetched_a_thousand_times_under_load() {
    // With requests that name the newest one known; and with those that name none, so that the answer to any of them
    // may be signed by a certificate which is yet to be fetched.
    for is_named in [true, false] {
        with_certificates(|sandbox| {
            let pairs = Mutex::new(Pairs::default());
            let platform = Mutex::new(vec![next_certificate(sandbox, 0)]);
            assert!(sandbox.retire_platform_certificate(&sandbox.platform_certificates()[0]));
            let instance = build(
                sandbox,
                credentials(sandbox)
                    .download_certs(json!({ "every": 3600, "floor": 0 }))
                    .wechatpay_serial(is_named),
            );
            let instance = instance.unwrap();
            instance.rotate(pairs.lock().unwrap().issue(sandbox)).unwrap();
            instance.download_certificates().unwrap();
            let change = |number: usize| {
                let next = pairs.lock().unwrap().issue(sandbox);
                platform.lock().unwrap().push(next_certificate(sandbox, number));
                if is_named {
                    instance.download_certificates().unwrap();
                }
                instance.rotate(next).unwrap();
            };
            let retire = |number: usize| {
                assert!(sandbox.retire_platform_certificate(&platform.lock().unwrap()[number]));
            };
            under_load(&instance, change, retire);
            pairs.lock().unwrap().check(sandbox);
            let requests = sandbox.requests();
            let fetches = requests.iter().filter(|request| request.target() == "/v3/certificates").count();
            println!("{fetches} fetches");
            assert!(fetches > 8);
        });
    }
}
