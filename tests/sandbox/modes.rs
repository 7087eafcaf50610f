//! Keys and notifications against the sandbox, in each mode that the platform has: with its public key, with
//! certificates, and with both. Signatures and ciphertexts of the merchant's side are held against OpenSSL alone.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;
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
use support::relay::Relay;
use wechatpay::{
    Builder, CertificatesFailure, Chain, Credentials, DownloadCerts, Error, NotificationFailure, NotificationRegistry,
    Options, Outcome, Reply, Value, VerificationFailure, json,
};
use wechatpay_sandbox::{KeyMode, Merchant, MerchantCertificate, Request, Sandbox};

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
    Sandbox::builder().lenient(true).mode(mode).start().unwrap()
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
fn fetching(sandbox: &Sandbox, downloads: impl Into<DownloadCerts>) -> Chain {
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

/// Rotations where each fetches certificates, which takes a call.
const FETCHES: usize = 250;

/// Between the calls of one thread.
const PAUSE: Duration = Duration::from_millis(200);

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

/// Calls from all threads while generations of keys come and go: `change` brings the generation of this
/// number, `retire` takes it away when nothing can use it any more.
fn under_load(instance: &Chain, rotations: usize, mut change: impl FnMut(usize), mut retire: impl FnMut(usize)) {
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
        for number in 1..=rotations {
            change(number);
            flights.generation.store(number, Ordering::SeqCst);
            while retired < flights.oldest() {
                retire(retired);
                retired += 1;
            }
        }
        stop.store(true, Ordering::Relaxed);
        println!("{retired} generations were retired under load");
        assert!(retired > rotations / 10, "{retired}");
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
        let instance = sandbox.config().build().unwrap();
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
        under_load(&instance, ROTATIONS, change, retire);
        let pairs = pairs.into_inner().unwrap();
        pairs.check(sandbox);
        let answerers: BTreeSet<_> = sandbox
            .requests()
            .iter()
            .filter_map(|request| request.header("wechatpay-serial").map(str::to_owned))
            .collect();
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

/// Rotations of an instance that fetches; gives how often it did. `is_named`: requests name the newest
/// certificate that is known. Otherwise the answer to any of them may be signed by one that is yet to be fetched.
fn fetch_under_load(is_named: bool) -> usize {
    let sandbox = &start(KeyMode::Certificate);
    let pairs = Mutex::new(Pairs::default());
    let platform = Mutex::new(vec![next_certificate(sandbox, 0)]);
    assert!(sandbox.retire_platform_certificate(&sandbox.platform_certificates()[0]));
    let downloads = DownloadCerts::new().every(Duration::from_secs(3600)).floor(Duration::ZERO);
    let instance = build(sandbox, credentials(sandbox).download_certs(downloads).wechatpay_serial(is_named)).unwrap();
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
    under_load(&instance, FETCHES, change, retire);
    pairs.lock().unwrap().check(sandbox);
    sandbox.requests().iter().filter(|request| request.target() == "/v3/certificates").count()
}

#[test]
fn certificates_are_fetched_under_load_after_each_rotation() {
    assert!(fetch_under_load(true) > FETCHES);
}

#[test]
fn certificates_are_fetched_under_load_when_an_answer_needs_them() {
    let fetches = fetch_under_load(false);
    assert!((9..=FETCHES).contains(&fetches), "{fetches} fetches");
}

#[test]
fn old_keys_are_honoured_until_they_are_taken_away() {
    with_certificates(|sandbox| {
        let (old, new) = (sandbox.platform_serial().to_owned(), sandbox.rotate_platform_certificate());
        let both = with_key(sandbox, with_key(sandbox, credentials(sandbox), &old), &new);
        let instance = build(sandbox, both).unwrap();
        let notification = sandbox.notification("TRANSACTION.SUCCESS", json!({ "out_trade_no": "1" }));
        for id in [&old, &new] {
            assert_eq!(&answered_by(&instance, naming(id)).unwrap(), id);
            let notification = notification.signed_by(id).unwrap();
            instance.notification(notification.headers(), notification.body()).unwrap();
        }

        // The merchant takes it away first: the platform still signs with it where it is asked to.
        instance.rotate(with_key(sandbox, Credentials::new(), &new)).unwrap();
        let error = answered_by(&instance, naming(&old)).unwrap_err();
        let Error::Verification(refused) = &error else { panic!("{error:?}") };
        let VerificationFailure::SerialUnknown { serial, known } = refused.failure() else { panic!("{error:?}") };
        assert_eq!((serial, known), (&old, &vec![new.clone()]));
        assert_eq!(error.outcome(), Outcome::Unknown);
        let late = notification.signed_by(&old).unwrap();
        instance.notification(late.headers(), late.body()).unwrap_err();
        assert_eq!(answered_by(&instance, json!({})).unwrap(), new);

        // Then the platform.
        assert!(sandbox.retire_platform_certificate(&old));
        let error = answered_by(&instance, naming(&old)).unwrap_err();
        assert_eq!((error.code(), error.outcome()), (Some("PARAM_ERROR"), Outcome::Rejected));
    });
}

// ---------------------------------------------------------------- the certificate download

#[test]
fn in_public_key_mode_there_is_nothing_to_fetch_and_it_is_said_why() {
    let sandbox = start(KeyMode::PublicKey);
    let instance = fetching(&sandbox, DownloadCerts::new().floor(Duration::ZERO));
    let configured = Builder::factory(sandbox.config()).unwrap();
    let errors = [
        instance.chain("v3/any/path").get(()).unwrap_err(),
        instance.download_certificates().unwrap_err(),
        configured.download_certificates().unwrap_err(),
    ];
    for error in errors {
        let Error::Certificates(refused) = &error else { panic!("{error:?}") };
        assert!(matches!(refused.failure(), CertificatesFailure::PublicKeyMode), "{error:?}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        for word in ["public key", "PUB_KEY_ID_", "RESOURCE_NOT_EXISTS", "downloadCerts"] {
            assert!(error.to_string().contains(word), "{error}");
        }
    }
    assert!(sandbox.requests().iter().all(|request| request.target() == "/v3/certificates"));
    let status = instance.key_status();
    assert!(matches!(status.failure().unwrap().failure(), CertificatesFailure::PublicKeyMode));
    assert_eq!((status.fetched_at(), status.wechatpay_serial(), status.platform_keys().len()), (None, None, 0));

    // Who is given the public key beside goes on with it, and a health check tells of the rest.
    let both = with_key(&sandbox, credentials(&sandbox).download_certs(true), PUB_KEY_ID);
    let instance = build(&sandbox, both).unwrap();
    assert_eq!(answered_by(&instance, json!({})).unwrap(), PUB_KEY_ID);
    assert!(instance.key_status().failure().is_some());
    assert_eq!(instance.key_status().platform_keys(), [PUB_KEY_ID]);
}

#[test]
fn certificates_are_fetched_at_first_contact_and_when_they_change() {
    with_certificates(|sandbox| {
        let instance = fetching(sandbox, DownloadCerts::new().floor(Duration::ZERO));
        let first = sandbox.platform_serial().to_owned();
        assert_eq!(answered_by(&instance, json!({})).unwrap(), first);
        let targets: Vec<_> = sandbox.requests().iter().map(|request| request.target().to_owned()).collect();
        assert_eq!(targets, ["/v3/certificates", "/v3/any/path"]);
        let status = instance.key_status();
        assert_eq!((status.wechatpay_serial(), status.platform_keys()), (Some(first.as_str()), &[first.clone()][..]));
        assert_eq!(status.certificates()[0].to_pem().ok(), sandbox.platform_certificate_pem(&first));
        assert!(status.fetched_at().is_some() && status.failure().is_none());

        // Another one signs, of whose existence the instance does not know: it is fetched in the middle of a call.
        sandbox.set_certificate_lifetime(3600 - 100, 1_000_000);
        let future = sandbox.rotate_platform_certificate();
        sandbox.set_certificate_lifetime(0, 1_000_000);
        thread::sleep(Duration::from_millis(1100));
        let second = next_certificate(sandbox, 100_000);
        let fetches = || sandbox.requests().iter().filter(|request| request.target() == "/v3/certificates").count();
        assert_eq!(answered_by(&instance, naming(&second)).unwrap(), second);
        assert_eq!(fetches(), 2);
        let known = |instance: &Chain| instance.key_status().platform_keys().iter().cloned().collect::<BTreeSet<_>>();
        // One that is not valid yet is listed, and not used.
        assert!(sandbox.platform_certificates().contains(&future));
        assert_eq!(known(&instance), BTreeSet::from([first.clone(), second.clone()]));
        assert_eq!(answered_by(&instance, json!({})).unwrap(), second);

        // Those that are retired verify until they expire, but requests name what the platform has now.
        assert!(sandbox.retire_platform_certificate(&future) && sandbox.retire_platform_certificate(&second));
        let late = sandbox.notification("REFUND.SUCCESS", json!({})).signed_by(&second).unwrap();
        let listed: Vec<_> = instance.download_certificates().unwrap();
        let listed: BTreeSet<_> = listed.iter().map(|certificate| certificate.serial_no().to_owned()).collect();
        assert_eq!(listed, BTreeSet::from([first.clone()]));
        assert_eq!(known(&instance), BTreeSet::from([first.clone(), second.clone()]));
        instance.notification(late.headers(), late.body()).unwrap();
        assert_eq!(instance.key_status().wechatpay_serial(), Some(first.as_str()));
        assert_eq!(answered_by(&instance, json!({})).unwrap(), first);
    });
}

#[test]
fn a_public_key_and_fetched_certificates_verify_side_by_side() {
    let sandbox = start(KeyMode::Mixed);
    let both = with_key(
        &sandbox,
        credentials(&sandbox).download_certs(DownloadCerts::new().floor(Duration::ZERO)),
        PUB_KEY_ID,
    );
    let instance = build(&sandbox, both).unwrap();
    // The one that is configured is named.
    assert_eq!(answered_by(&instance, json!({})).unwrap(), PUB_KEY_ID);
    for _ in 0..2 {
        let serial = sandbox.platform_serial().to_owned();
        assert_eq!(answered_by(&instance, naming(&serial)).unwrap(), serial);
        sandbox.rotate_platform_certificate();
    }
    assert_eq!(instance.key_status().platform_keys().len(), 3);

    // When the last certificate is gone, the merchant has the public key alone.
    for serial in sandbox.platform_certificates() {
        assert!(sandbox.retire_platform_certificate(&serial));
    }
    let error = instance.download_certificates().unwrap_err();
    let Error::Certificates(refused) = &error else { panic!("{error:?}") };
    assert!(matches!(refused.failure(), CertificatesFailure::PublicKeyMode), "{error:?}");
    assert_eq!(answered_by(&instance, json!({})).unwrap(), PUB_KEY_ID);
}

// ---------------------------------------------------------------- sensitive fields

/// What the sandbox decrypts with the key that the request names.
fn coupon(number: &str, name: &str) -> Value {
    json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "stock_id": "9856000", "out_request_no": number, "appid": "wx233544546545989", "card_type": "ID_CARD",
            "user_name": name, "id_card_number": ID_CARD,
        },
        "encrypt": ["/json/user_name", "/json/id_card_number"],
    })
}

const MULTIUSE: &str = "v3/multiuse/users/{openid}/coupons";

/// Sends it, and gives the key that its fields are encrypted for. The sandbox compares them with those of an earlier
/// request of the same number, and so tells what it has decrypted.
fn send(sandbox: &Sandbox, instance: &Chain, number: &str) -> String {
    let sent = |name: &str| instance.chain(MULTIUSE).post(coupon(number, name));
    let first = sent(NAME).unwrap().json().unwrap();
    assert_eq!(sent(NAME).unwrap().json().unwrap(), first);
    let error = sent("李四").unwrap_err();
    assert_eq!(error.code(), Some("INVALID_REQUEST"), "{error:?}");
    let requests = sandbox.requests();
    let [.., one, two, _] = &requests[..] else { panic!() };
    for request in [one, two] {
        let body = request.json().unwrap();
        assert_eq!(decode_block(body["user_name"].as_str().unwrap()).unwrap().len(), 256);
        assert!(!String::from_utf8_lossy(request.body()).contains(ID_CARD));
    }
    // Each time anew.
    assert_ne!(one.json().unwrap()["user_name"], two.json().unwrap()["user_name"]);
    named(sandbox).unwrap()
}

#[test]
fn fields_are_encrypted_for_configured_keys() {
    for_each_mode(|sandbox| {
        for id in ids(sandbox) {
            let instance = build(sandbox, with_key(sandbox, credentials(sandbox), &id)).unwrap();
            assert_eq!(send(sandbox, &instance, &id), id);
        }
        // Where there are several, one is chosen, for it is not the crate's to guess.
        let all = Builder::factory(sandbox.config()).unwrap();
        match ids(sandbox).len() {
            1 => drop(send(sandbox, &all, "all")),
            _ => {
                let before = sandbox.requests().len();
                let error = all.chain(MULTIUSE).post(coupon("all", NAME)).unwrap_err();
                assert!(
                    error.to_string().contains("wechatpay_serial") && error.outcome() == Outcome::NotSent,
                    "{error}"
                );
                assert_eq!(sandbox.requests().len(), before);
            }
        }
        for id in ids(sandbox) {
            all.rotate(Credentials::new().wechatpay_serial(id.as_str())).unwrap();
            assert_eq!(send(sandbox, &all, &format!("chosen {id}")), id);
        }
    });
}

#[test]
fn fields_are_encrypted_for_fetched_certificates() {
    with_certificates(|sandbox| {
        let old = next_certificate(sandbox, 0);
        assert!(sandbox.retire_platform_certificate(&sandbox.platform_certificates()[0]));
        let instance = fetching(sandbox, DownloadCerts::new().floor(Duration::ZERO));
        // The very first call needs one.
        assert_eq!(send(sandbox, &instance, "1"), old);

        // After a rotation it is the new one, from the next fetch on.
        let new = next_certificate(sandbox, 1);
        assert_eq!(send(sandbox, &instance, "2"), old);
        instance.download_certificates().unwrap();
        assert_eq!(send(sandbox, &instance, "3"), new);
        assert!(sandbox.retire_platform_certificate(&old));
        assert_eq!(send(sandbox, &instance, "4"), new);

        // A certificate that is gone is none to encrypt for, though it still verifies.
        let last = next_certificate(sandbox, 2);
        instance.download_certificates().unwrap();
        assert!(sandbox.retire_platform_certificate(&last));
        instance.download_certificates().unwrap();
        assert_eq!(send(sandbox, &instance, "5"), new);
    });
}

#[test]
fn fields_of_answers_are_decrypted() {
    for_each_mode(|sandbox| {
        let seal = |certificate: &str| {
            let mut sealed = vec![0; 256];
            let key = public_key(certificate).rsa().unwrap();
            key.public_encrypt(NAME.as_bytes(), &mut sealed, Padding::PKCS1_OAEP).unwrap();
            encode_block(&sealed)
        };
        // The sandbox gives this field back as it was.
        let answer = |chain: &Chain, number: &str, sealed: &str| {
            let coupon = json!({
                "openid": "xsd3434454567676", "appid": "wx1234567889999", "stock_id": "1", "out_request_no": number,
                "coupon_code": sealed,
            });
            chain.chain("v3/marketing/busifavor/coupons/send").post(json!({ "json": coupon })).unwrap()
        };
        let certificate = sandbox.issue_merchant_certificate();
        let (for_old, for_new) = (seal(sandbox.merchant_certificate_pem()), seal(certificate.pem()));
        let mut instances = vec![Builder::factory(sandbox.config()).unwrap()];
        if sandbox.mode() != KeyMode::PublicKey {
            instances.push(fetching(sandbox, true));
        }
        for (number, instance) in instances.iter().enumerate() {
            let number = |text: &str| format!("{text}{number}");
            let old = answer(instance, &number("old"), &for_old);
            assert_eq!(old.decrypt(["/coupon_code"]).unwrap()["coupon_code"], NAME);
            instance.rotate(pair(&certificate)).unwrap();
            // What came before is read with the key of before, what comes now with that of now.
            assert_eq!(old.decrypt(["/coupon_code"]).unwrap()["coupon_code"], NAME);
            let new = answer(instance, &number("new"), &for_new);
            assert_eq!(new.decrypt(["/coupon_code"]).unwrap()["coupon_code"], NAME);
            let late = answer(instance, &number("late"), &for_old);
            let error = late.decrypt(["/coupon_code"]).unwrap_err();
            assert!(matches!(error, Error::Decryption(_)), "{error:?}");
        }
    });
}

// ---------------------------------------------------------------- notifications

/// Reads what arrives and answers what is to be answered, as a merchant's server does.
fn merchant(handle: impl Fn(&Arrived) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |_, request| {
        let reply = handle(request);
        let content_type = [("Content-Type", reply.content_type().to_owned())];
        RawReply::Answer(answer(&reply.status().to_string(), &content_type, reply.body().as_bytes()))
    })
}

/// What a merchant's server has read: the resource or the data, or else the error.
type Read = Arc<Mutex<Vec<Result<Value, Error>>>>;

/// Those of APIv3 at its address, those of APIv2 under `v2`.
fn reader(instance: &Chain) -> (Server, Read) {
    let (instance, read) = (instance.clone(), Read::default());
    let kept = Arc::clone(&read);
    let server = merchant(move |request| {
        let (result, reply) = match request.target.as_str() {
            "/v2" => match instance.notification_apiv2(&request.body) {
                Ok(notification) => {
                    let content = notification.req_info().unwrap_or(notification.data());
                    (Ok(content.clone()), notification.reply())
                }
                Err(error) => (Err(error), Reply::failure("")),
            },
            _ => match instance.notification(request.headers.clone(), &request.body) {
                Ok(notification) => (Ok(notification.resource().clone()), notification.reply()),
                Err(error) => (Err(error), Reply::failure("")),
            },
        };
        let reply = result.as_ref().err().map_or(reply, Error::reply);
        kept.lock().unwrap().push(result);
        reply
    });
    (server, read)
}

fn take(read: &Read) -> Result<Value, Error> {
    read.lock().unwrap().pop().unwrap()
}

/// Why a notification was refused.
fn failure(error: &Error) -> &NotificationFailure {
    let Error::Notification(error) = error else { panic!("{error:?}") };
    error.failure()
}

fn order() -> Value {
    json!({ "out_trade_no": "1217752501201407033233368018", "trade_state": "SUCCESS", "amount": { "total": 100 } })
}

/// The statuses that a notification and its probe are answered with, twice each as the platform may send them.
fn deliver(server: &Server, read: &Read, notification: &wechatpay_sandbox::SignedNotification) {
    for _ in 0..2 {
        let delivery = notification.send(&server.url()).unwrap();
        assert!(delivery.is_acknowledged(), "{delivery:?}");
        assert_eq!(take(read).unwrap(), order());
        let delivery = notification.probe().send(&server.url()).unwrap();
        assert_eq!((delivery.status().as_u16(), delivery.is_acknowledged()), (401, false));
        assert!(matches!(failure(&take(read).unwrap_err()), NotificationFailure::Probe));
    }
}

#[test]
fn notifications_are_accepted_by_each_key_and_probes_are_not() {
    for_each_mode(|sandbox| {
        let instance = Builder::factory(sandbox.config()).unwrap();
        let (server, read) = reader(&instance);
        let notification = sandbox.notification("TRANSACTION.SUCCESS", order());
        deliver(&server, &read, &notification);
        for id in ids(sandbox) {
            let signed = notification.signed_by(&id).unwrap();
            assert_eq!(signed.headers()["wechatpay-serial"], id);
            deliver(&server, &read, &signed);
        }

        // For another merchant: the platform's signature holds, but it cannot be read.
        let other = notification.for_merchant(&sandbox.add_merchant("1900000110"));
        assert_eq!(other.send(&server.url()).unwrap().status(), 500);
        assert!(matches!(failure(&take(&read).unwrap_err()), NotificationFailure::WrongApiv3Key));

        // While the APIv3 key is changed, both are set, in either order; with the new one alone the old one is gone.
        for keys in [[ANOTHER_APIV3_KEY, sandbox.apiv3_key()], [sandbox.apiv3_key(), ANOTHER_APIV3_KEY]] {
            instance.rotate(json!({ "apiv3Key": keys })).unwrap();
            deliver(&server, &read, &notification);
        }
        instance.rotate(json!({ "apiv3Key": ANOTHER_APIV3_KEY })).unwrap();
        assert_eq!(notification.send(&server.url()).unwrap().status(), 500);
        assert!(matches!(failure(&take(&read).unwrap_err()), NotificationFailure::WrongApiv3Key));
    });
}

#[test]
fn a_notification_by_an_unknown_certificate_fetches_it() {
    with_certificates(|sandbox| {
        let instance = fetching(sandbox, DownloadCerts::new().floor(Duration::ZERO));
        let (server, read) = reader(&instance);
        // At first contact, and after a rotation.
        let first = sandbox.notification("TRANSACTION.SUCCESS", order());
        deliver(&server, &read, &first);
        let second = sandbox.rotate_platform_certificate();
        let notification = sandbox.notification("TRANSACTION.SUCCESS", order());
        assert_eq!(notification.headers()["wechatpay-serial"], second);
        deliver(&server, &read, &notification);
        let fetches = sandbox.requests().len();
        assert_eq!(fetches, 2);
        // What is known is not fetched again.
        deliver(&server, &read, &first);
        assert_eq!(sandbox.requests().len(), fetches);

        // Where they are not fetched, it is our own fault and to be sent again.
        let configured = build(sandbox, with_key(sandbox, credentials(sandbox), &second)).unwrap();
        let (server, read) = reader(&configured);
        assert_eq!(first.send(&server.url()).unwrap().status(), 500);
        let error = take(&read).unwrap_err();
        let NotificationFailure::Unverified(VerificationFailure::SerialUnknown { .. }) = failure(&error) else {
            panic!("{error:?}")
        };
    });
}

#[test]
fn notifications_of_apiv2_are_accepted_whatever_the_mode() {
    for_each_mode(|sandbox| {
        let instance = Builder::factory(sandbox.config()).unwrap();
        let (server, read) = reader(&instance);
        let url = format!("{}v2", server.url());
        let other = sandbox.add_merchant("1900000110");
        let paid = |kind: &str| {
            sandbox.notification_apiv2(json!({ "out_trade_no": "1", "total_fee": 100, "sign_type": kind }))
        };
        for notification in [paid("MD5"), paid("HMAC-SHA256")] {
            for _ in 0..2 {
                assert!(notification.send(&url).unwrap().is_acknowledged());
                assert_eq!(take(&read).unwrap()["out_trade_no"], "1");
            }
            let delivery = notification.for_merchant(&other).send(&url).unwrap();
            assert!(!delivery.is_acknowledged() && delivery.body().starts_with(b"<xml>"));
            assert!(matches!(failure(&take(&read).unwrap_err()), NotificationFailure::OtherMerchant { .. }));
        }
        let refunded = sandbox.refund_notification_apiv2(json!({ "out_refund_no": "甲", "refund_fee": 1 }));
        for _ in 0..2 {
            assert!(refunded.send(&url).unwrap().is_acknowledged());
            assert_eq!(take(&read).unwrap()["out_refund_no"], "甲");
        }

        // With another key nothing of it is believed.
        instance.rotate(json!({ "secret": "exposed_your_key_here_have_risks" })).unwrap();
        let delivery = paid("MD5").send(&url).unwrap();
        assert_eq!((delivery.status().as_u16(), delivery.is_acknowledged()), (401, false));
        assert!(matches!(failure(&take(&read).unwrap_err()), NotificationFailure::Sign));
        assert_eq!(refunded.send(&url).unwrap().status(), 500);
        assert!(matches!(failure(&take(&read).unwrap_err()), NotificationFailure::WrongApiv2Key));
    });
}

// ---------------------------------------------------------------- many merchants

#[test]
fn many_merchants_share_a_connection_and_nothing_else() {
    for_each_mode(|sandbox| {
        let relay = Relay::to(sandbox.base_uri().trim_start_matches("http://").trim_end_matches('/'));
        let url = format!("http://{}/", relay.address);
        let root = sandbox.config().defaults(Options::new().base_uri(url)).build().unwrap();
        let registry = NotificationRegistry::new();
        registry.insert(root.clone()).unwrap();
        let merchants: Vec<Merchant> =
            (0..50).map(|number| sandbox.add_merchant(&format!("19000002{number:02}"))).collect();
        let mut instances = Vec::new();
        for merchant in &merchants {
            let mut credentials = pair(merchant.certificate())
                .mchid(merchant.mchid())
                .apiv3_key(merchant.apiv3_key())
                .secret(merchant.secret());
            for id in ids(sandbox) {
                credentials = with_key(sandbox, credentials, &id);
            }
            let instance = root.for_merchant(credentials).unwrap();
            registry.insert(instance.clone()).unwrap();
            instances.push(instance);
        }
        for (instance, merchant) in instances.iter().zip(&merchants) {
            instance.chain("v3/any/path").post(json!({ "json": { "mchid": merchant.mchid() } })).unwrap();
            let requests = sandbox.requests();
            let last = requests.last().unwrap();
            let certificate = merchant.certificate();
            assert_eq!((field(last, "mchid"), field(last, "serial_no")), (merchant.mchid(), certificate.serial()));
            assert!(is_signed_by(last, &public_key(certificate.pem())));
        }
        assert_eq!(relay.connections(), 1);
        // Another merchant's number is refused by the sandbox, as the platform does.
        let wrong = json!({ "json": { "mchid": "1900000109", "description": "x", "out_trade_no": "order-1" } });
        instances[0].chain("v3/pay/transactions/native").post(wrong).unwrap_err();

        let server = {
            let registry = registry.clone();
            merchant(move |request| match request.target.as_str() {
                "/v2" => match registry.notification_apiv2(&request.body) {
                    Ok(notification) => {
                        assert_eq!(notification.data()["attach"], notification.data()["mch_id"]);
                        notification.reply()
                    }
                    Err(error) => error.reply(),
                },
                _ => match registry.notification(request.headers.clone(), &request.body) {
                    Ok(notification) => {
                        assert_eq!(notification.resource()["attach"], notification.mchid());
                        notification.reply()
                    }
                    Err(error) => error.reply(),
                },
            })
        };
        let v2 = format!("{}v2", server.url());
        for (number, merchant) in merchants.iter().enumerate() {
            let attach = json!({ "attach": merchant.mchid() });
            let notification = sandbox.notification("TRANSACTION.SUCCESS", attach.clone()).for_merchant(merchant);
            let ids = ids(sandbox);
            let signed = notification.signed_by(&ids[number % ids.len()]).unwrap();
            assert!(signed.send(&server.url()).unwrap().is_acknowledged());
            assert_eq!(signed.probe().send(&server.url()).unwrap().status(), 401);
            let apiv2 = sandbox.notification_apiv2(attach).for_merchant(merchant);
            assert!(apiv2.send(&v2).unwrap().is_acknowledged());
        }
        // One who is removed is no longer known, and those beside it still are.
        registry.remove(merchants[0].mchid()).unwrap();
        let send = |merchant: &Merchant| {
            let attach = json!({ "attach": merchant.mchid() });
            let apiv2 = sandbox.notification_apiv2(attach.clone()).for_merchant(merchant);
            let apiv3 = sandbox.notification("TRANSACTION.SUCCESS", attach).for_merchant(merchant);
            let is_acknowledged = apiv3.send(&server.url()).unwrap().is_acknowledged();
            assert_eq!(apiv2.send(&v2).unwrap().is_acknowledged(), is_acknowledged);
            is_acknowledged
        };
        assert_eq!((send(&merchants[0]), send(&merchants[1])), (false, true));
    });
}

// ---------------------------------------------------------------- which key answers

#[test]
fn requests_name_the_key_that_is_to_answer() {
    for_each_mode(|sandbox| {
        // One alone is named, whichever kind it is.
        for id in ids(sandbox) {
            let instance = build(sandbox, with_key(sandbox, credentials(sandbox), &id)).unwrap();
            assert_eq!(answered_by(&instance, json!({})).unwrap(), id);
            assert_eq!((named(sandbox), instance.key_status().wechatpay_serial()), (Some(id.clone()), Some(&*id)));
        }
        // Of several none, unless one is preferred; then the platform chooses.
        let all = || sandbox.config();
        let instance = all().build().unwrap();
        let is_single = ids(sandbox).len() == 1;
        assert_eq!(answered_by(&instance, json!({})).unwrap(), sandbox.platform_serial());
        assert_eq!(named(sandbox).is_some(), is_single);
        for id in ids(sandbox) {
            let instance = all().credentials(Credentials::new().wechatpay_serial(id.as_str())).build().unwrap();
            assert_eq!(answered_by(&instance, json!({})).unwrap(), id);
            assert_eq!(named(sandbox), Some(id));
            // The caller's own header counts more.
            for other in ids(sandbox) {
                assert_eq!(answered_by(&instance, naming(&other)).unwrap(), other);
                assert_eq!(named(sandbox), Some(other));
            }
        }
        // The setting that turns it off.
        let instance = all().credentials(Credentials::new().wechatpay_serial(false)).build().unwrap();
        assert_eq!(answered_by(&instance, json!({})).unwrap(), sandbox.platform_serial());
        assert_eq!((named(sandbox), instance.key_status().wechatpay_serial()), (None, None));
        // A key that the platform does not have.
        let error = answered_by(&instance, naming("PUB_KEY_ID_0")).unwrap_err();
        assert_eq!(error.code(), Some("PARAM_ERROR"));
        let error = all().credentials(Credentials::new().wechatpay_serial("PUB_KEY_ID_0")).build().unwrap_err();
        assert!(error.to_string().contains("not in `certs`"), "{error}");
    });
}

// ---------------------------------------------------------------- keys in the wrong place

#[test]
fn keys_in_the_wrong_place_are_refused() {
    for_each_mode(|sandbox| {
        let (id, other) = (sandbox.platform_serial(), sandbox.issue_merchant_certificate());
        let stranger = sandbox.add_merchant("1900000110");
        let key = sandbox.platform_public_key_pem();
        let right = || with_key(sandbox, credentials(sandbox), id);
        let (own, own_pem) = (sandbox.merchant_serial(), sandbox.merchant_certificate_pem());
        let cases = [
            // The merchant's own certificate in the platform's place, this one or another one of its own.
            (right().cert(own, own_pem), "the merchant's own certificate"),
            (right().cert(own, key), "the serial of the merchant's own certificate"),
            (right().cert(other.serial(), other.pem()), "by its subject the merchant's own certificate"),
            (right().cert(stranger.certificate().serial(), stranger.certificate().pem()), "by its subject"),
            // A key that is not that of the certificate beside it.
            (right().merchant(own_pem, other.private_key_pem()), "`merchant.key` is not the key of `merchant.cert`"),
            (
                right().merchant(other.pem(), other.private_key_pem()).serial(other.serial()),
                "`privateKey` is not the key",
            ),
            (
                right().merchant(own_pem, sandbox.merchant_private_key_pem()).serial(other.serial()),
                "set `serial` to that",
            ),
            // One name for another.
            (right().serial(PUB_KEY_ID), "belongs into `certs`"),
            (right().cert("7132D72A03E93CDDF8C03BBD1F37EEDF12345678", own_pem), "the merchant's own certificate"),
            (right().private_key(key), "`privateKey`"),
            (right().private_key(own_pem), "`privateKey`"),
            (right().cert(format!("{PUB_KEY_ID}1"), sandbox.merchant_private_key_pem()), "`certs."),
        ];
        for (credentials, word) in cases {
            let error = build(sandbox, credentials).unwrap_err();
            assert!(matches!(error, Error::Config(_)) && error.to_string().contains(word), "{word}: {error}");
        }
        // A rotation to the same is refused too, and what was there stays.
        let instance = build(sandbox, right()).unwrap();
        let error = instance.rotate(Credentials::new().cert(other.serial(), other.pem())).unwrap_err();
        assert!(error.to_string().contains("the merchant's own certificate"), "{error}");
        assert_eq!(answered_by(&instance, json!({})).unwrap(), id);
        assert!(sandbox.requests().iter().all(|request| request.target() == "/v3/any/path"));

        // A private key that belongs to none of the merchant's certificates is told by the platform's refusal.
        let mixed = build(sandbox, right().private_key(other.private_key_pem())).unwrap();
        assert_eq!(answered_by(&mixed, json!({})).unwrap_err().code(), Some("SIGN_ERROR"));
    });
}

#[test]
fn certificates_out_of_their_time_are_named() {
    with_certificates(|sandbox| {
        let good = sandbox.platform_serial().to_owned();
        sandbox.set_certificate_lifetime(-7200, 3600);
        let expired = sandbox.rotate_platform_certificate();
        sandbox.set_certificate_lifetime(3600, 3600);
        let early = sandbox.rotate_platform_certificate();
        for (serial, word) in [(&expired, "has expired"), (&early, "is not yet valid")] {
            let error = build(sandbox, with_key(sandbox, credentials(sandbox), serial)).unwrap_err();
            assert!(error.to_string().contains(word) && error.to_string().contains(serial.as_str()), "{error}");
            // Beside a good one it is left out, and what it signs is not believed.
            let both = with_key(sandbox, with_key(sandbox, credentials(sandbox), serial), &good);
            let instance = build(sandbox, both).unwrap();
            assert_eq!(instance.key_status().platform_keys(), slice::from_ref(&good));
            assert_eq!(answered_by(&instance, json!({})).unwrap(), good);
            let error = answered_by(&instance, naming(serial)).unwrap_err();
            assert!(matches!(error, Error::Verification(_)), "{error:?}");
            // One may not be put under the name of another.
            let renamed = credentials(sandbox).cert(serial, sandbox.platform_certificate_pem(&good).unwrap());
            let error = build(sandbox, renamed).unwrap_err();
            assert!(error.to_string().contains("another serial") && error.to_string().contains(&good), "{error}");
            let renamed = credentials(sandbox).cert(PUB_KEY_ID, sandbox.platform_certificate_pem(&good).unwrap());
            assert!(build(sandbox, renamed).unwrap_err().to_string().contains("named as a public key"));
        }
        // Those that are fetched are the same: the newest, which signs, is not valid yet.
        let instance = fetching(sandbox, DownloadCerts::new().floor(Duration::ZERO));
        let error = instance.chain("v3/any/path").get(()).unwrap_err();
        let Error::Certificates(refused) = &error else { panic!("{error:?}") };
        assert!(matches!(refused.failure(), CertificatesFailure::Unverified(_)), "{error:?}");
        assert!(sandbox.retire_platform_certificate(&early) && sandbox.retire_platform_certificate(&expired));
        thread::sleep(Duration::from_millis(1100));
        assert_eq!(answered_by(&instance, json!({})).unwrap(), good);
        assert_eq!(instance.key_status().platform_keys(), slice::from_ref(&good));
    });
}
