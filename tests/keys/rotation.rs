//! Keys that change while calls are in flight, certificates that are fetched, and other merchants beside.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::pkey::{PKey, Private, Public};
use openssl::x509::X509;
use support::certificates::{Issue, Subject, list, platform, sealed_list};
use support::keys::{private_pem as private, public_key, public_pem as public, rsa, verify};
use support::platform::{APIV3_KEY, KEY_ID, MCHID, MERCHANT_SERIAL, now, signed_headers};
use support::process::{child, is_child, run};
use support::raw::{Arrived, Reply, Server, answer};
use wechatpay::{Builder, CertificatesFailure, Chain, Credentials, Error, Options, Outcome, VerificationFailure, json};

const FIRST: &str = "1111D72A03E93CDDF8C03BBD1F37EEDF12345678";
const SECOND: &str = "2222D72A03E93CDDF8C03BBD1F37EEDF12345678";
const THIRD: &str = "3333D72A03E93CDDF8C03BBD1F37EEDF12345678";

/// A field of `Authorization`.
fn field<'a>(request: &'a Arrived, name: &str) -> &'a str {
    let value = request.header("authorization").unwrap();
    value.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap()
}

/// Whether the request is signed by this key.
fn is_signed_by(request: &Arrived, key: &PKey<Public>) -> bool {
    let (timestamp, nonce) = (field(request, "timestamp"), field(request, "nonce_str"));
    let mut message = format!("{}\n{}\n{timestamp}\n{nonce}\n", request.method, request.target).into_bytes();
    message.extend_from_slice(&request.body);
    message.push(b'\n');
    verify(&message, field(request, "signature"), key)
}

fn signed(key: &PKey<Private>, id: &str, body: &[u8]) -> Reply {
    Reply::Answer(answer("200 OK", &signed_headers(key, id, now(), body), body))
}

fn builder(url: &str, merchant: &PKey<Private>) -> Builder {
    Builder::new()
        .credentials(Credentials::new().mchid(MCHID).serial(MERCHANT_SERIAL).private_key(private(merchant)))
        .defaults(json!({ "base_uri": url, "proxy": "" }))
}

#[test]
fn sixty_four_threads_call_while_keys_rotate_a_thousand_times() {
    const ROTATIONS: usize = 1000;
    // Each merchant key has its serial, each platform key its id; the platform answers with the key that it is
    // told to, and checks the pair.
    let merchants: Arc<Vec<(String, PKey<Private>)>> =
        Arc::new((0..4).map(|number| (format!("37{number}5B6A45ACD588826D15E583A95F5DD12345678"), rsa())).collect());
    let platforms: Arc<Vec<(String, PKey<Private>)>> =
        Arc::new((0..4).map(|number| (format!("PUB_KEY_ID_{number}"), rsa())).collect());
    let mixed = Arc::new(AtomicUsize::new(0));
    let server = {
        let (merchants, platforms, mixed) = (Arc::clone(&merchants), Arc::clone(&platforms), Arc::clone(&mixed));
        let publics: Vec<_> = merchants.iter().map(|(serial, key)| (serial.clone(), public_key(key))).collect();
        Server::start(move |_, request| {
            let serial = field(request, "serial_no");
            let pair = publics.iter().find(|(known, _)| known == serial);
            if !pair.is_some_and(|(_, key)| is_signed_by(request, key)) {
                mixed.fetch_add(1, Ordering::Relaxed);
            }
            let wanted = request.header("wechatpay-serial").unwrap();
            let (id, key) = platforms.iter().find(|(id, _)| id == wanted).unwrap();
            signed(key, id, b"{}")
        })
    };
    let pair = |number: usize| {
        let (serial, key) = &merchants[number % 4];
        Credentials::new().serial(serial).private_key(private(key))
    };
    let with_platform = |credentials: Credentials, number: usize| {
        // The old key stays beside the new one until the next rotation.
        let (old, new) = (&platforms[(number + 3) % 4], &platforms[number % 4]);
        credentials.cert(&old.0, public(&old.1)).cert(&new.0, public(&new.1)).wechatpay_serial(new.0.as_str())
    };
    let first = with_platform(pair(0).mchid(MCHID), 0);
    let config = json!({ "base_uri": server.url(), "proxy": "" });
    let instance = Builder::new().credentials(first).defaults(config).build().unwrap();

    let (stop, calls, failures) = (AtomicBool::new(false), AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..64 {
            let instance = instance.clone();
            let (stop, calls, failures) = (&stop, &calls, &failures);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    match instance.chain("v3/rotated").post(json!({ "json": { "a": 1 } })) {
                        Ok(_) => drop(calls.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => failures.lock().unwrap().push(format!("{error:#?}")),
                    }
                }
            });
        }
        for number in 1..=ROTATIONS {
            instance.rotate(with_platform(pair(number), number)).unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} calls failed, the first: {}", failures.len(), failures[0]);
    assert_eq!(mixed.load(Ordering::Relaxed), 0, "a call was signed by another key than its serial names");
    assert!(calls.load(Ordering::Relaxed) > 64);
    // All four pairs were used.
    let serials: std::collections::BTreeSet<String> =
        server.arrived().iter().map(|request| field(request, "serial_no").to_owned()).collect();
    assert_eq!(serials.len(), 4);
}

#[test]
fn a_call_in_flight_ends_with_the_keys_that_it_began_with() {
    let (merchant, old, new) = (rsa(), rsa(), rsa());
    let slot: Arc<RwLock<Option<Chain>>> = Arc::default();
    let (old_key, new_pem, inner) = (old.clone(), public(&new), Arc::clone(&slot));
    // While the request is with the platform, its key is taken away.
    let server = Server::start(move |number, _| {
        if number == 0 {
            let instance = inner.read().unwrap().clone().unwrap();
            instance.rotate(json!({ "certs": { "PUB_KEY_ID_2": new_pem } })).unwrap();
        }
        signed(&old_key, "PUB_KEY_ID_1", b"{}")
    });
    let instance = builder(&server.url(), &merchant)
        .credentials(Credentials::new().cert("PUB_KEY_ID_1", public(&old)))
        .build()
        .unwrap();
    *slot.write().unwrap() = Some(instance.clone());
    instance.chain("v3/x").get(()).unwrap();
    // The next one no longer honours it.
    let error = instance.chain("v3/x").get(()).unwrap_err();
    let Error::Verification(error) = &error else { panic!("{error:?}") };
    assert!(matches!(error.failure(), VerificationFailure::SerialUnknown { known, .. } if known == &["PUB_KEY_ID_2"]));
}

#[test]
fn an_answer_may_be_signed_by_a_key_that_came_in_the_meantime() {
    let (merchant, old, new) = (rsa(), rsa(), rsa());
    let slot: Arc<RwLock<Option<Chain>>> = Arc::default();
    let (new_key, inner, pems) = (new.clone(), Arc::clone(&slot), (public(&old), public(&new)));
    let server = Server::start(move |_, _| {
        let instance = inner.read().unwrap().clone().unwrap();
        instance.rotate(json!({ "certs": { "PUB_KEY_ID_1": pems.0, "PUB_KEY_ID_2": pems.1 } })).unwrap();
        signed(&new_key, "PUB_KEY_ID_2", b"{}")
    });
    let instance = builder(&server.url(), &merchant)
        .credentials(Credentials::new().cert("PUB_KEY_ID_1", public(&old)))
        .build()
        .unwrap();
    *slot.write().unwrap() = Some(instance.clone());
    instance.chain("v3/x").get(()).unwrap();
}

#[test]
fn a_rotation_is_checked_before_it_takes_effect() {
    let (merchant, key) = (rsa(), rsa());
    let signer = key.clone();
    let server = Server::start(move |_, _| signed(&signer, KEY_ID, b"{}"));
    let instance =
        builder(&server.url(), &merchant).credentials(Credentials::new().cert(KEY_ID, public(&key))).build().unwrap();
    let wrong = [
        (json!({ "serial": FIRST }), "a pair"),
        (json!({ "privateKey": private(&rsa()) }), "a pair"),
        (json!({ "serial": FIRST, "privateKey": "file:///no/such/key.pem" }), "/no/such/key.pem"),
        (json!({ "mchid": "1900000110" }), "for_merchant"),
        (json!({ "certs": { FIRST: public(&merchant) } }), "the merchant's own"),
        (json!({ "secret": "short" }), "32 bytes"),
        (json!({ "timeout": 1 }), "not a credential"),
        (json!([]), "an object"),
    ];
    for (credentials, word) in wrong {
        let error = instance.rotate(credentials.clone()).unwrap_err();
        assert!(matches!(error, Error::Config(_)), "{error:?}");
        assert!(error.to_string().contains(word), "{error}");
        instance.chain("v3/x").get(()).unwrap();
    }
    // The pair itself changes as one, for the clones too.
    let (clone, new) = (instance.chain("v3/x"), rsa());
    instance.rotate(json!({ "serial": FIRST, "privateKey": private(&new) })).unwrap();
    clone.get(()).unwrap();
    let arrived = server.arrived();
    let last = arrived.last().unwrap();
    assert_eq!(field(last, "serial_no"), FIRST);
    assert!(is_signed_by(last, &public_key(&new)));
}

#[test]
fn requests_name_the_key_that_is_to_answer() {
    let (merchant, key) = (rsa(), rsa());
    let named = |builder: Builder, headers: wechatpay::Value| {
        let server = Server::start(|_, _| Reply::Break(Vec::new()));
        let instance =
            builder.defaults(Options::new().base_uri(server.url())).defaults(json!({ "proxy": "" })).build().unwrap();
        for verb in ["GET", "POST", "DELETE"] {
            instance.chain("v3/x").request(verb, json!({ "headers": headers })).unwrap_err();
        }
        let mut named: Vec<_> =
            server.arrived().iter().map(|request| request.header("wechatpay-serial").map(str::to_owned)).collect();
        named.dedup();
        assert_eq!(named.len(), 1, "{named:?}");
        named.remove(0)
    };
    let one = || builder("http://127.0.0.1:1/", &merchant).credentials(Credentials::new().cert(KEY_ID, public(&key)));
    let two = || one().credentials(Credentials::new().cert(FIRST, platform(&rsa(), FIRST)));
    let none = || json!({});
    assert_eq!(named(one(), none()).as_deref(), Some(KEY_ID));
    assert_eq!(named(one(), json!({ "wechatpay-serial": "another" })).as_deref(), Some("another"));
    assert_eq!(named(one().credentials(Credentials::new().wechatpay_serial(false)), none()), None);
    assert_eq!(named(two(), none()), None);
    assert_eq!(named(two().credentials(Credentials::new().wechatpay_serial(FIRST)), none()).as_deref(), Some(FIRST));
    let defaults = one().defaults(json!({ "headers": { "Wechatpay-Serial": "default" } }));
    assert_eq!(named(defaults, none()).as_deref(), Some("default"));
}

/// The platform in certificate mode: its certificates, of which the last one signs.
struct Issuer {
    certificates: Mutex<Vec<(String, PKey<Private>, String)>>,
    /// What `v3/certificates` answers instead.
    instead: Mutex<Option<Vec<u8>>>,
    fetches: AtomicUsize,
    key: Mutex<String>,
}

impl Issuer {
    fn start() -> (Arc<Issuer>, Server) {
        let issuer = Arc::new(Issuer {
            certificates: Mutex::default(),
            instead: Mutex::default(),
            fetches: AtomicUsize::new(0),
            key: Mutex::new(APIV3_KEY.to_owned()),
        });
        issuer.issue(FIRST);
        let inner = Arc::clone(&issuer);
        (issuer, Server::start(move |_, request| inner.reply(request)))
    }

    fn issue(&self, serial: &str) {
        let key = rsa();
        let pem = platform(&key, serial);
        self.certificates.lock().unwrap().push((serial.to_owned(), key, pem));
    }

    fn reply(&self, request: &Arrived) -> Reply {
        let certificates = self.certificates.lock().unwrap().clone();
        let (serial, key, _) = certificates.last().unwrap();
        if request.target != "/v3/certificates" {
            return signed(key, serial, b"{}");
        }
        self.fetches.fetch_add(1, Ordering::Relaxed);
        if let Some(instead) = &*self.instead.lock().unwrap() {
            return Reply::Answer(instead.clone());
        }
        let entries: Vec<_> = certificates.iter().map(|(serial, _, pem)| (serial.as_str(), pem.as_str())).collect();
        signed(key, serial, &list(&entries, &self.key.lock().unwrap()))
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::Relaxed)
    }
}

fn certificate_mode(url: &str, downloads: wechatpay::Value) -> Chain {
    builder(url, &rsa()).credentials(json!({ "apiv3Key": APIV3_KEY, "downloadCerts": downloads })).build().unwrap()
}

#[test]
fn certificates_are_fetched_at_first_contact_and_at_once_on_an_unknown_serial() {
    let (issuer, server) = Issuer::start();
    let instance = certificate_mode(&server.url(), json!({ "floor": 0 }));
    assert_eq!(instance.key_status().wechatpay_serial(), None);
    instance.chain("v3/x").post(json!({ "json": {} })).unwrap();
    instance.chain("v3/x").post(json!({ "json": {} })).unwrap();
    assert_eq!(issuer.fetches(), 1);
    let targets: Vec<_> = server.arrived().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/v3/certificates", "/v3/x", "/v3/x"]);
    // From then on requests name the newest.
    assert_eq!(server.arrived()[0].header("wechatpay-serial"), None);
    assert_eq!(server.arrived()[1].header("wechatpay-serial"), Some(FIRST));

    issuer.issue(SECOND);
    instance.chain("v3/x").post(json!({ "json": {} })).unwrap();
    assert_eq!(issuer.fetches(), 2);
    let status = instance.key_status();
    assert_eq!(status.platform_keys(), [FIRST, SECOND]);
    assert!(status.fetched_at().is_some_and(|at| (now() - at).abs() < 60));
    assert!(status.failure().is_none());
    // The call itself was made once.
    assert_eq!(server.arrived().iter().filter(|request| request.target == "/v3/x").count(), 3);
}

#[test]
fn there_is_one_fetch_at_a_time_and_a_floor_between_them() {
    let (issuer, server) = Issuer::start();
    let instance = certificate_mode(&server.url(), json!({ "floor": 3600 }));
    thread::scope(|scope| {
        for _ in 0..32 {
            let instance = instance.clone();
            scope.spawn(move || instance.chain("v3/x").get(()).unwrap());
        }
    });
    assert_eq!(issuer.fetches(), 1);
    // The platform signs with a key that is unknown, again and again.
    issuer.issue(SECOND);
    for _ in 0..10 {
        let error = instance.chain("v3/x").get(()).unwrap_err();
        assert!(matches!(error, Error::Verification(_)), "{error:?}");
    }
    assert_eq!(issuer.fetches(), 1);
    // Whoever asks for it gets it.
    let serials: Vec<_> =
        instance.download_certificates().unwrap().iter().map(|one| one.serial_no().to_owned()).collect();
    assert_eq!(serials, [FIRST, SECOND]);
    instance.chain("v3/x").get(()).unwrap();
}

#[test]
fn certificates_are_refreshed_on_a_schedule_and_a_failure_keeps_the_old_ones() {
    let (issuer, server) = Issuer::start();
    let instance = certificate_mode(&server.url(), json!({ "every": 0.05, "floor": 0 }));
    instance.chain("v3/x").get(()).unwrap();
    thread::sleep(Duration::from_millis(60));
    instance.chain("v3/x").get(()).unwrap();
    assert_eq!(issuer.fetches(), 2);

    *issuer.instead.lock().unwrap() = Some(answer("500 Internal Server Error", &[], b""));
    thread::sleep(Duration::from_millis(60));
    instance.chain("v3/x").get(()).unwrap();
    // It is asked for twice, as a kept connection may have been closed a moment ago.
    assert_eq!(issuer.fetches(), 4);
    let status = instance.key_status();
    assert!(matches!(status.failure().unwrap().failure(), CertificatesFailure::Request));
    assert_eq!(status.platform_keys(), [FIRST]);

    *issuer.instead.lock().unwrap() = None;
    thread::sleep(Duration::from_millis(60));
    instance.chain("v3/x").get(()).unwrap();
    assert!(instance.key_status().failure().is_none());
}

#[test]
fn expired_certificates_go_and_the_others_stay() {
    let (issuer, server) = Issuer::start();
    let key = rsa();
    let short = Issue { subject: Subject::Platform, key: &key, serial: SECOND, valid: (-60, 2) }.pem();
    issuer.certificates.lock().unwrap().insert(0, (SECOND.to_owned(), key, short));
    let instance = certificate_mode(&server.url(), json!({ "floor": 0 }));
    instance.chain("v3/x").get(()).unwrap();
    assert_eq!(instance.key_status().platform_keys(), [FIRST, SECOND]);
    // The platform no longer lists it, but it stays until it expires.
    issuer.certificates.lock().unwrap().remove(0);
    instance.download_certificates().unwrap();
    assert_eq!(instance.key_status().platform_keys(), [FIRST, SECOND]);
    thread::sleep(Duration::from_secs(3));
    assert_eq!(instance.key_status().platform_keys(), [FIRST]);
}

/// The answer to `v3/certificates` that is wrong in one way, and what must be said of it.
#[test]
fn what_is_wrong_with_certificates_is_told() {
    let (issuer, server) = Issuer::start();
    let (serial, key, pem) = issuer.certificates.lock().unwrap()[0].clone();
    let body = list(&[(&serial, &pem)], APIV3_KEY);
    let answered =
        |key: &PKey<Private>, id: &str, body: &[u8]| answer("200 OK", &signed_headers(key, id, now(), body), body);
    let refusal = |code: &str| {
        let body = json!({ "code": code, "message": "x" }).to_string();
        answer("404 Not Found", &[], body.as_bytes())
    };
    let expired = Issue { subject: Subject::Platform, key: &key, serial: FIRST, valid: (-7200, -3600) }.pem();
    let mut changed = body.clone();
    changed.push(b' ');
    let changed = answer("200 OK", &signed_headers(&key, &serial, now(), &body), &changed);
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (refusal("RESOURCE_NOT_EXISTS"), "PublicKeyMode"),
        (refusal("SIGN_ERROR"), "Request"),
        (answered(&key, &serial, &list(&[(&serial, &pem)], "another0123456789another01234567")), "Undecryptable"),
        (answered(&rsa(), &serial, &body), "Unverified(SignatureMismatch"),
        (answered(&key, SECOND, &body), "Unverified(SerialUnknown"),
        (changed, "Unverified(SignatureMismatch"),
        (answer("200 OK", &[], &body), "Unverified(HeaderMissing"),
        (answered(&key, &serial, b"<html>"), "Malformed(\"it is not JSON"),
        (answered(&key, &serial, b"{}"), "Malformed(\"`data` is not a list"),
        (answered(&key, &serial, &list(&[], APIV3_KEY)), "Malformed(\"it contains no valid certificate"),
        (answered(&key, &serial, &list(&[(SECOND, &pem)], APIV3_KEY)), "Malformed(\"the serial of a certificate"),
        (
            answered(&key, &serial, &list(&[(&serial, &expired)], APIV3_KEY)),
            "Malformed(\"it contains no valid certificate",
        ),
        (answered(&key, &serial, &list(&[(&serial, "no PEM")], APIV3_KEY)), "Malformed(\"this is not a certificate"),
        // What others have a say in, such as a notification, is sealed with the same key.
        (
            answered(&key, &serial, &sealed_list(&[(&serial, &pem)], APIV3_KEY, "transaction")),
            "Malformed(\"`associated_data`",
        ),
        (
            answered(&key, &serial, &list(&[(&serial, &format!("{{\"attach\":\"{pem}\"}}"))], APIV3_KEY)),
            "Malformed(\"this is not a certificate",
        ),
        (
            answered(&key, &serial, &list(&[(&serial, &format!("{pem}{pem}"))], APIV3_KEY)),
            "Malformed(\"this is not a certificate",
        ),
    ];
    for (instead, expected) in cases {
        *issuer.instead.lock().unwrap() = Some(instead);
        let instance = certificate_mode(&server.url(), json!({ "floor": 0 }));
        let error = instance.chain("v3/x").post(json!({ "json": {} })).unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotSent);
        let Error::Certificates(inner) = &error else { panic!("{error:?}") };
        assert!(format!("{:?}", inner.failure()).starts_with(expected), "{expected}: {error:?}");
        assert!(!error.to_string().contains(APIV3_KEY));
        if expected == "PublicKeyMode" {
            assert!(error.to_string().contains("PUB_KEY_ID_"), "{error}");
        }
    }
    // Nothing but fetches has arrived.
    assert!(server.arrived().iter().all(|request| request.target == "/v3/certificates"));
}

#[test]
fn the_new_apiv3_key_may_stand_beside_the_old_one() {
    let (issuer, server) = Issuer::start();
    *issuer.key.lock().unwrap() = "another0123456789another01234567".to_owned();
    let instance = certificate_mode(&server.url(), json!({ "floor": 0 }));
    instance.chain("v3/x").get(()).unwrap_err();
    instance.rotate(json!({ "apiv3Key": [APIV3_KEY, "another0123456789another01234567"] })).unwrap();
    thread::sleep(Duration::from_millis(5));
    instance.chain("v3/x").get(()).unwrap();
}

#[test]
fn no_thread_outlives_the_last_clone() {
    // Tests run side by side in one process, so the threads are counted in one of its own.
    let threads = |when: &str| {
        let count = std::fs::read_dir("/proc/self/task").map(Iterator::count);
        count.unwrap_or_else(|_| panic!("{when}: threads can only be counted on Linux"))
    };
    if !is_child() {
        run(child(module_path!(), "no_thread_outlives_the_last_clone").arg("--test-threads=1"));
        return;
    }
    let (issuer, server) = Issuer::start();
    let before = threads("before");
    let instance = certificate_mode(&server.url(), json!({ "every": 0.01, "floor": 0 }));
    for _ in 0..5 {
        instance.chain("v3/x").get(()).unwrap();
        thread::sleep(Duration::from_millis(15));
    }
    assert!(issuer.fetches() >= 5);
    // The server has one thread for the connection; the instance has none.
    assert_eq!(threads("during"), before + server.connections());
    let fetches = issuer.fetches();
    drop(instance);
    thread::sleep(Duration::from_millis(200));
    assert_eq!(threads("after"), before);
    assert_eq!(issuer.fetches(), fetches);
}

#[test]
fn many_merchants_share_the_connections() {
    const MERCHANTS: usize = 1500;
    // So that the memory that is measured is of nothing else.
    if !is_child() {
        let (printed, _) = run(&mut child(module_path!(), "many_merchants_share_the_connections"));
        println!("{printed}");
        return;
    }
    let key = rsa();
    let signer = key.clone();
    let server = Server::start(move |_, _| signed(&signer, KEY_ID, b"{}"));
    let merchant = rsa();
    let root =
        builder(&server.url(), &merchant).credentials(Credentials::new().cert(KEY_ID, public(&key))).build().unwrap();
    let (private, public) = (private(&merchant), public(&key));
    let memory = resident();
    let merchants: Vec<Chain> = (0..MERCHANTS)
        .map(|number| {
            let credentials = Credentials::new()
                .mchid(format!("19{number:08}"))
                .serial(format!("{number:040X}"))
                .private_key(private.as_str())
                .cert(KEY_ID, public.as_str());
            root.for_merchant(credentials).unwrap()
        })
        .collect();
    let each = resident().saturating_sub(memory) / MERCHANTS as u64;
    println!("{each} bytes for each merchant");
    assert!(each < 32 * 1024, "{each} bytes for each merchant");
    for merchant in &merchants {
        merchant.chain("v3/x").get(()).unwrap();
    }
    assert_eq!(server.connections(), 1);
    let mchids: std::collections::BTreeSet<_> =
        server.arrived().iter().map(|request| field(request, "mchid").to_owned()).collect();
    assert_eq!(mchids.len(), MERCHANTS);

    // A rotation of one is none of the others.
    merchants[0].rotate(json!({ "serial": FIRST, "privateKey": private })).unwrap();
    assert_eq!(merchants[0].key_status().merchant_serial(), Some(FIRST));
    assert_ne!(merchants[1].key_status().merchant_serial(), Some(FIRST));
    assert_eq!(root.key_status().merchant_serial(), Some(MERCHANT_SERIAL));

    let error = root.for_merchant(json!({ "mchid": "1900000110" })).unwrap_err();
    assert!(error.to_string().contains("`serial`"), "{error}");
}

/// Bytes of memory that this process holds.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_ascii_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or_default() * 1024
}

/// When a certificate begins, in Unix seconds.
fn begins(pem: &str) -> i64 {
    let since = Asn1Time::from_unix(0).unwrap().diff(X509::from_pem(pem.as_bytes()).unwrap().not_before()).unwrap();
    i64::from(since.days) * 86_400 + i64::from(since.secs)
}

#[test]
fn a_retired_certificate_cannot_be_brought_back() {
    let (issuer, server) = Issuer::start();
    let instance = certificate_mode(&server.url(), json!({ "floor": 0 }));
    instance.chain("v3/x").get(()).unwrap();
    issuer.issue(SECOND);
    instance.download_certificates().unwrap();
    let (first, second) = {
        let mut certificates = issuer.certificates.lock().unwrap();
        let first = certificates.remove(0);
        (first, certificates[0].clone())
    };
    instance.download_certificates().unwrap();
    let announced = || instance.key_status().wechatpay_serial().map(str::to_owned);
    assert_eq!(announced().as_deref(), Some(SECOND));
    // Whoever has the retired key, which verifies until it expires, answers as of that time.
    let forged = |entries: &[&(String, PKey<Private>, String)]| {
        let entries: Vec<_> = entries.iter().map(|(serial, _, pem)| (serial.as_str(), pem.as_str())).collect();
        let body = list(&entries, APIV3_KEY);
        answer("200 OK", &signed_headers(&first.1, FIRST, now(), &body), &body)
    };
    for entries in [vec![&first], vec![&first, &second]] {
        *issuer.instead.lock().unwrap() = Some(forged(&entries));
        instance.download_certificates().unwrap();
        assert_eq!(announced().as_deref(), Some(SECOND));
        instance.chain("v3/secret").post(json!({ "json": { "name": "张三" }, "encrypt": ["/json/name"] })).unwrap();
        let sent = server.arrived().pop().unwrap();
        assert_eq!(sent.header("wechatpay-serial"), Some(SECOND));
    }
    // Nor is one taken that is as old as the newest.
    let key = rsa();
    let pem = loop {
        let valid = (begins(&second.2) - now(), 3600);
        let pem = Issue { subject: Subject::Platform, key: &key, serial: THIRD, valid }.pem();
        if begins(&pem) == begins(&second.2) {
            break pem;
        }
    };
    *issuer.instead.lock().unwrap() = Some(forged(&[&(THIRD.to_owned(), key, pem), &second]));
    instance.download_certificates().unwrap();
    assert_eq!(instance.key_status().platform_keys(), [FIRST, SECOND]);
    // What is newer is taken as before.
    *issuer.instead.lock().unwrap() = None;
    issuer.issue(THIRD);
    instance.download_certificates().unwrap();
    assert_eq!(announced().as_deref(), Some(THIRD));
}

#[test]
fn a_refusal_of_the_key_that_a_call_names_makes_certificates_be_fetched_once() {
    let (issuer, server) = Issuer::start();
    let instance = certificate_mode(&server.url(), json!({ "floor": 0 }));
    instance.chain("v3/x").get(()).unwrap();
    assert_eq!(issuer.fetches(), 1);
    // The platform retires the first, and knows nothing of it any more.
    issuer.issue(SECOND);
    issuer.certificates.lock().unwrap().remove(0);
    let inner = Arc::clone(&issuer);
    let strict = Server::start(move |_, request| match request.header("wechatpay-serial") {
        Some(FIRST) => {
            let detail = json!({ "code": "PARAM_ERROR", "message": "请确认平台证书序列号是否正确", "detail": {
                "location": "header", "field": "Wechatpay-Serial", "value": FIRST } });
            Reply::Answer(answer("400 Bad Request", &[], detail.to_string().as_bytes()))
        }
        _ => inner.reply(request),
    });
    let call = || instance.chain("v3/x").post(json!({ "json": {}, "base_uri": strict.url() }));
    let error = call().unwrap_err();
    assert_eq!((error.outcome(), error.code(), issuer.fetches()), (Outcome::Rejected, Some("PARAM_ERROR"), 2));
    call().unwrap();
    assert_eq!(issuer.fetches(), 2);
    assert_eq!(strict.arrived().iter().filter(|request| request.target == "/v3/x").count(), 2);
}
