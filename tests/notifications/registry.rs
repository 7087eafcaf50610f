//! The notifications of many merchants at one address.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use openssl::pkey::{PKey, Private};
use support::keys::{private_pem, public_pem, rsa};
use support::platform::{APIV2_KEY, APIV3_KEY, CERTIFICATE_SERIAL, KEY_ID, MERCHANT_SERIAL, now};
use support::raw::{Arrived, Reply as Answer, Server, answer};
use wechatpay::{
    BodyChange, Builder, Chain, Credentials, DownloadCerts, Error, Notification, NotificationFailure as Failure,
    NotificationRegistry, Result, Value, VerificationFailure, json,
};

use crate::made::{Sent, job, made, with};

const OTHER_ID: &str = "PUB_KEY_ID_0119000001102026010100000000";
const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1/";

/// What merchants are made of.
struct Merchants {
    root: Chain,
    private: String,
}

impl Merchants {
    fn new(base_uri: &str) -> Merchants {
        let private = private_pem(&rsa());
        let root = Builder::new()
            .credentials(Credentials::new().secret(APIV2_KEY))
            .defaults(json!({ "base_uri": base_uri, "proxy": "" }));
        Merchants { root: root.build().unwrap(), private }
    }

    fn credentials(&self, number: usize) -> Credentials {
        let credentials = Credentials::new().mchid(mchid(number)).serial(MERCHANT_SERIAL);
        credentials.private_key(self.private.clone()).apiv3_key(apiv3_key(number))
    }

    /// One who knows a key of the platform.
    fn knowing(&self, number: usize, id: &str, key: &PKey<Private>) -> Chain {
        self.make(self.credentials(number).cert(id, public_pem(key)))
    }

    /// One who fetches certificates.
    fn fetching(&self, number: usize, floor: f64) -> Chain {
        self.make(
            self.credentials(number)
                .download_certs(DownloadCerts::new().floor(std::time::Duration::from_secs_f64(floor))),
        )
    }

    fn make(&self, credentials: Credentials) -> Chain {
        self.root.for_merchant(credentials).unwrap()
    }
}

fn mchid(number: usize) -> String {
    format!("19{number:08}")
}

fn apiv3_key(number: usize) -> String {
    format!("{number:032}")
}

fn registry(instances: impl IntoIterator<Item = Chain>) -> NotificationRegistry {
    let registry = NotificationRegistry::new();
    for instance in instances {
        assert!(registry.insert(instance).unwrap().is_none());
    }
    registry
}

fn receive(registry: &NotificationRegistry, sent: &Sent) -> Result<Notification> {
    registry.notification(sent.headers.clone(), &sent.body)
}

fn failure(result: Result<Notification>, expected: impl Fn(&Failure) -> bool, status: u16) -> String {
    let error = result.unwrap_err();
    let Error::Notification(inner) = &error else { panic!("{error:?}") };
    assert!(expected(inner.failure()), "{error:?}");
    assert_eq!(error.reply().status().as_u16(), status);
    error.to_string()
}

fn is_unknown(failure: &Failure, name: &str) -> bool {
    matches!(failure, Failure::Unverified(VerificationFailure::SerialUnknown { serial, .. }) if serial == name)
}

#[test]
fn merchants_come_and_go_by_their_ids() {
    let key = rsa();
    let merchants = Merchants::new(NOWHERE);
    let registry = NotificationRegistry::new();
    assert!(registry.insert(merchants.knowing(1, KEY_ID, &key)).unwrap().is_none());
    assert!(registry.insert(merchants.knowing(2, KEY_ID, &key)).unwrap().is_none());
    assert!(registry.insert(merchants.knowing(1, OTHER_ID, &key)).unwrap().is_some());
    assert!(format!("{registry:?}").contains('2'));
    assert_eq!(registry.get(mchid(1)).unwrap().key_status().platform_keys(), [OTHER_ID]);
    assert!(registry.get(mchid(3)).is_none());
    assert!(registry.remove(mchid(1)).is_some() && registry.remove(mchid(1)).is_none());
    assert!(registry.get(mchid(1)).is_none() && registry.clone().get(mchid(2)).is_some());
    let error = registry.insert(merchants.root.clone()).unwrap_err();
    assert!(matches!(&error, Error::Config(what) if what.contains("`mchid`")), "{error}");
}

#[test]
fn the_key_that_has_signed_tells_whose_it_is() {
    let (one, other) = (rsa(), rsa());
    let Some(made) = made(&[
        job(&one, KEY_ID, &apiv3_key(1)),
        job(&other, OTHER_ID, &apiv3_key(2)),
        // Two who call different keys by one name.
        job(&other, KEY_ID, &apiv3_key(3)),
        job(&rsa(), KEY_ID, &apiv3_key(1)),
        job(&one, KEY_ID, &apiv3_key(2)),
        job(&one, SERIAL, &apiv3_key(1)),
    ]) else {
        return;
    };
    let merchants = Merchants::new(NOWHERE);
    let registry = registry([
        merchants.knowing(1, KEY_ID, &one),
        merchants.knowing(2, OTHER_ID, &other),
        merchants.knowing(3, KEY_ID, &other),
    ]);
    for (number, result) in [1, 2, 3].into_iter().zip(&made) {
        let sent = Sent::of(result);
        assert_eq!(receive(&registry, &sent).unwrap().mchid(), mchid(number));
        let promised = registry.notification_async(sent.headers.clone(), &sent.body).wait();
        assert_eq!(promised.unwrap().mchid(), mchid(number));
    }
    let is_mismatch = |f: &Failure| matches!(f, Failure::Unverified(VerificationFailure::SignatureMismatch { .. }));
    failure(receive(&registry, &Sent::of(&made[3])), is_mismatch, 401);
    // Signed for one and encrypted for another, who does not know that key.
    failure(receive(&registry, &Sent::of(&made[4])), |f| matches!(f, Failure::WrongApiv3Key), 500);
    let message = failure(receive(&registry, &Sent::of(&made[5])), |f| is_unknown(f, SERIAL), 500);
    assert!(message.contains(SERIAL) && message.contains(KEY_ID) && message.contains(OTHER_ID), "{message}");

    let mut sent = Sent::of(&made[0]);
    sent.body = sent.body.replace(',', ", ");
    failure(receive(&registry, &sent), |f| matches!(f, Failure::BodyChanged { how: BodyChange::Whitespace, .. }), 401);
    sent.headers[2].1 = "WECHATPAY/SIGNTEST/AAAA".into();
    failure(receive(&registry, &sent), |f| matches!(f, Failure::Probe), 401);

    // What changes in an instance, and who goes, counts at once.
    registry.get(mchid(1)).unwrap().rotate(json!({ "certs": { OTHER_ID: public_pem(&one) } })).unwrap();
    failure(receive(&registry, &Sent::of(&made[0])), is_mismatch, 401);
    assert!(registry.remove(mchid(2)).is_some());
    failure(receive(&registry, &Sent::of(&made[1])), is_mismatch, 401);
    failure(receive(&NotificationRegistry::new(), &Sent::of(&made[0])), |f| is_unknown(f, KEY_ID), 500);
}

#[test]
fn of_many_who_share_a_certificate_the_apiv3_key_tells() {
    let key = rsa();
    let numbers = [0, 1, 749, 1499];
    let mut jobs: Vec<_> = numbers.iter().map(|number| job(&key, CERTIFICATE_SERIAL, &apiv3_key(*number))).collect();
    jobs.push(job(&key, CERTIFICATE_SERIAL, APIV3_KEY));
    let Some(made) = made(&jobs) else { return };
    let merchants = Merchants::new(NOWHERE);
    let pem = public_pem(&key);
    let registry = registry(
        (0..1500).map(|number| merchants.make(merchants.credentials(number).cert(CERTIFICATE_SERIAL, pem.clone()))),
    );
    for (number, result) in numbers.into_iter().zip(&made) {
        assert_eq!(receive(&registry, &Sent::of(result)).unwrap().mchid(), mchid(number));
    }
    failure(receive(&registry, &Sent::of(&made[4])), |f| matches!(f, Failure::WrongApiv3Key), 500);
}

#[test]
fn those_who_share_an_apiv3_key_too_are_told_apart_by_what_is_inside() {
    let key = rsa();
    let plain = |plain: Value| with(&job(&key, CERTIFICATE_SERIAL, &apiv3_key(1)), json!({ "plain": plain }));
    let Some(made) = made(&[
        plain(json!({ "mchid": mchid(2) })),
        plain(json!({ "sp_mchid": mchid(1), "sub_mchid": mchid(2) })),
        plain(json!({ "combine_mchid": mchid(2), "mchid": "1900000109" })),
        plain(json!({ "mchid": mchid(3) })),
        plain(json!({})),
    ]) else {
        return;
    };
    let merchants = Merchants::new(NOWHERE);
    let with_key = |number, apiv3_keys: &[usize]| {
        let mut credentials = Credentials::new().mchid(mchid(number)).serial(MERCHANT_SERIAL);
        credentials = credentials.private_key(merchants.private.clone()).cert(CERTIFICATE_SERIAL, public_pem(&key));
        merchants.make(apiv3_keys.iter().fold(credentials, |made, number| made.apiv3_key(apiv3_key(*number))))
    };
    let registry = registry([with_key(1, &[1]), with_key(2, &[2, 1]), with_key(3, &[3])]);
    for (expected, result) in [2, 1, 2].into_iter().zip(&made) {
        assert_eq!(receive(&registry, &Sent::of(result)).unwrap().mchid(), mchid(expected));
    }
    for result in &made[3..] {
        let expected = [mchid(1), mchid(2)];
        failure(
            receive(&registry, &Sent::of(result)),
            |f| matches!(f, Failure::Ambiguous { mchids } if *mchids == expected),
            500,
        );
    }
}

#[test]
fn a_verifier_of_a_merchants_own_is_asked_for_its_own_keys() {
    let key = rsa();
    let Some(made) = made(&[job(&key, KEY_ID, &apiv3_key(1)), job(&key, OTHER_ID, &apiv3_key(2))]) else { return };
    let merchants = Merchants::new(NOWHERE);
    let asked: [Arc<AtomicUsize>; 2] = Default::default();
    let own = |number: usize, asked: &Arc<AtomicUsize>, id: Option<&str>| {
        let asked = Arc::clone(asked);
        let credentials = merchants.credentials(number).verifier(move |_: &str, _: &[u8], _: &str| {
            asked.fetch_add(1, Ordering::Relaxed);
            Ok(true)
        });
        merchants.make(match id {
            Some(id) => credentials.wechatpay_serial(id),
            None => credentials,
        })
    };
    let registry = registry([own(1, &asked[0], Some(KEY_ID)), own(2, &asked[1], None)]);
    assert_eq!(receive(&registry, &Sent::of(&made[1])).unwrap().mchid(), mchid(2));
    assert_eq!(asked.each_ref().map(|asked| asked.load(Ordering::Relaxed)), [0, 1]);
    assert_eq!(receive(&registry, &Sent::of(&made[0])).unwrap().mchid(), mchid(1));
    assert_eq!(asked.each_ref().map(|asked| asked.load(Ordering::Relaxed)), [1, 2]);
}

/// Who calls, by the header `Authorization`.
fn caller(arrived: &Arrived) -> String {
    let authorization = arrived.header("authorization").unwrap();
    authorization.split("mchid=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// A server that hands a certificate to these merchants, and nothing to others.
fn certificates(numbers: &[usize]) -> Option<(Server, Value)> {
    let keys: Value = numbers.iter().map(|number| (mchid(*number), json!(apiv3_key(*number)))).collect();
    let job = json!({ "job": "certificates", "serial": SERIAL, "timestamp": now(), "apiv3_keys": keys });
    let made = made(&[job])?.remove(0);
    let answers = made["answers"].clone();
    let server = Server::start(move |_, arrived| match answers.get(caller(arrived)) {
        Some(result) => {
            let sent = Sent::of(result);
            let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            Answer::Answer(answer("200 OK", &headers, sent.body.as_bytes()))
        }
        None => Answer::Answer(answer("404 Not Found", &[], br#"{"code":"RESOURCE_NOT_EXISTS","message":"none"}"#)),
    });
    Some((server, made))
}

#[test]
fn forged_serials_cause_one_fetch_and_no_more() {
    let Some((server, _)) = certificates(&[]) else { return };
    let key = rsa();
    let forged: Vec<_> = (0..8).map(|number| job(&key, &format!("{number:040X}"), APIV3_KEY)).collect();
    let forged: Vec<_> = made(&forged).unwrap().iter().map(Sent::of).collect();
    let merchants = Merchants::new(&server.url());
    let registry = registry((0..300).map(|number| merchants.fetching(number, 3600.0)));
    thread::scope(|scope| {
        for sent in &forged {
            let registry = &registry;
            scope.spawn(move || {
                for _ in 0..5 {
                    failure(receive(registry, sent), |f| is_unknown(f, &sent.headers[1].1), 500);
                }
            });
        }
    });
    assert_eq!(server.arrived().len(), 1);
}

#[test]
fn those_whose_fetches_fail_take_turns() {
    let Some((server, _)) = certificates(&[]) else { return };
    let key = rsa();
    let forged: Vec<_> = (0..5).map(|number| job(&key, &format!("{number:040X}"), APIV3_KEY)).collect();
    let merchants = Merchants::new(&server.url());
    let registry = registry((1..=3).map(|number| merchants.fetching(number, 0.0)));
    for made in made(&forged).unwrap() {
        let sent = Sent::of(&made);
        failure(receive(&registry, &sent), |f| is_unknown(f, &sent.headers[1].1), 500);
    }
    let asked: Vec<_> = server.arrived().iter().map(caller).collect();
    assert_eq!(asked, [1, 2, 3, 1, 2].map(mchid));
}

#[test]
fn a_certificate_that_one_merchant_fetches_serves_all_who_fetch() {
    // The first one asked has none, as is told of merchants who use the public key.
    let Some((server, certificate)) = certificates(&[2, 3]) else { return };
    let signed = |number: usize| with(&job(&rsa(), SERIAL, &apiv3_key(number)), json!({ "key": certificate["key"] }));
    let made = made(&[signed(1), signed(2), signed(3), signed(4)]).unwrap();
    let merchants = Merchants::new(&server.url());
    let registry = registry([
        merchants.fetching(1, 2.0),
        merchants.fetching(2, 2.0),
        merchants.fetching(3, 2.0),
        // This one fetches nothing, and has another key.
        merchants.knowing(4, KEY_ID, &rsa()),
    ]);
    let third = Sent::of(&made[2]);
    failure(receive(&registry, &third), |f| is_unknown(f, SERIAL), 500);
    failure(receive(&registry, &third), |f| is_unknown(f, SERIAL), 500);
    assert_eq!(server.arrived().iter().map(caller).collect::<Vec<_>>(), [mchid(1)]);
    thread::sleep(std::time::Duration::from_millis(2200));
    assert_eq!(receive(&registry, &third).unwrap().mchid(), mchid(3));
    assert_eq!(server.arrived().iter().map(caller).collect::<Vec<_>>(), [mchid(1), mchid(2)]);
    for number in [1, 2, 3] {
        assert_eq!(receive(&registry, &Sent::of(&made[number - 1])).unwrap().mchid(), mchid(number));
    }
    failure(receive(&registry, &Sent::of(&made[3])), |f| matches!(f, Failure::WrongApiv3Key), 500);
    assert_eq!(server.arrived().len(), 2);
}

#[test]
fn one_without_an_apiv3_key_says_so() {
    let key = rsa();
    let Some(made) = made(&[job(&key, KEY_ID, APIV3_KEY)]) else { return };
    let merchants = Merchants::new(NOWHERE);
    let credentials = Credentials::new().mchid(mchid(1)).serial(MERCHANT_SERIAL).private_key(merchants.private.clone());
    let registry = registry([merchants.make(credentials.cert(KEY_ID, public_pem(&key)))]);
    let error = receive(&registry, &Sent::of(&made[0])).unwrap_err();
    assert!(matches!(&error, Error::Config(what) if what.contains("`apiv3Key`")), "{error:?}");
}

#[test]
fn many_threads_read_while_merchants_change() {
    let key = rsa();
    let Some(made) = made(&[job(&key, CERTIFICATE_SERIAL, &apiv3_key(0))]) else { return };
    let sent = Sent::of(&made[0]);
    let merchants = Merchants::new(NOWHERE);
    let registry = registry((0..20).map(|number| merchants.knowing(number, CERTIFICATE_SERIAL, &key)));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(receive(&registry, &sent).unwrap().mchid(), mchid(0));
                }
            });
        }
        scope.spawn(|| {
            for round in 0..50 {
                let number = 1 + round % 19;
                let removed = registry.remove(mchid(number)).unwrap();
                assert!(registry.insert(removed).unwrap().is_none());
            }
        });
    });
}

#[test]
fn one_of_apiv2_goes_to_the_merchant_that_it_names() {
    const SECRET: &str = "192006250b4c09247ec02edce69f6a2d";
    let job = |number: usize, secret: &str| {
        json!({
            "job": "apiv2", "secret": secret, "algorithm": "MD5",
            "fields": { "return_code": "SUCCESS", "result_code": "SUCCESS", "mch_id": mchid(number) },
        })
    };
    let nobody = json!({ "job": "apiv2", "secret": SECRET, "fields": { "return_code": "SUCCESS" } });
    let Some(made) = made(&[job(1, APIV2_KEY), job(2, SECRET), job(3, SECRET), job(1, SECRET), nobody, job(4, SECRET)])
    else {
        return;
    };
    let merchants = Merchants::new(NOWHERE);
    let key = rsa();
    let registry = registry([
        merchants.make(Credentials::new().mchid(mchid(1)).secret(APIV2_KEY)),
        merchants.make(merchants.credentials(2).cert(KEY_ID, public_pem(&key)).secret(SECRET)),
        merchants.knowing(4, KEY_ID, &key),
    ]);
    let receive = |index: usize| registry.notification_apiv2(made[index]["body"].as_str().unwrap());
    assert_eq!(receive(0).unwrap().mchid(), mchid(1));
    assert_eq!(receive(1).unwrap().mchid(), mchid(2));
    let refused = |index: usize, expected: fn(&Failure) -> bool| {
        let error = receive(index).unwrap_err();
        let Error::Notification(inner) = &error else { panic!("{error:?}") };
        assert!(expected(inner.failure()), "{error:?}");
        assert_eq!(error.reply().content_type(), "text/xml; charset=utf-8");
    };
    refused(2, |f| matches!(f, Failure::OtherMerchant { mchid } if mchid == "1900000003"));
    refused(3, |f| matches!(f, Failure::Sign));
    refused(4, |f| matches!(f, Failure::Malformed(_)));
    assert!(matches!(receive(5).unwrap_err(), Error::Config(what) if what.contains("`secret`")));
    assert!(matches!(registry.notification_apiv2("<xml>").unwrap_err(), Error::Notification(_)));
}
