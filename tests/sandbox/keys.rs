//! The keys of the sandbox: modes, platform certificates, and who the merchants are. Signatures, ciphertexts
//! and certificates are checked by OpenSSL, the certificates by its own program.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use openssl::asn1::Asn1Time;
use openssl::base64::{decode_block, encode_block};
use openssl::pkey::{PKey, Public};
use openssl::rsa::Padding;
use openssl::symm::{Cipher, decrypt_aead};
use openssl::x509::X509;
use support::bare::{Answer, Bare, authorization_of};
use support::folder::Folder;
use wechatpay::{Builder, Credentials, Error, Formatter, PrivateKey, Transformer, Value, json};
use wechatpay_sandbox::{KeyMode, Merchant, Sandbox};

const PUB_KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";
const MULTIUSE: &str = "/v3/multiuse/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons";
const WRONG_SERIAL: &str = "商户证书序列号有误";
const WRONG_SIGNATURE: &str = "错误的签名，验签失败";

fn start(mode: KeyMode) -> Sandbox {
    Sandbox::builder().lenient(true).mode(mode).start().unwrap()
}

/// The key behind one of the platform's ids, out of its certificate or out of the public key's PEM.
fn key(sandbox: &Sandbox, id: &str) -> PKey<Public> {
    match sandbox.platform_certificate_pem(id) {
        Some(pem) => X509::from_pem(pem.as_bytes()).unwrap().public_key().unwrap(),
        None => {
            assert_eq!(sandbox.public_key_id(), Some(id));
            PKey::public_key_from_pem(sandbox.public_key_pem().unwrap().as_bytes()).unwrap()
        }
    }
}

/// Which of the platform's keys has signed the answer, whose signature must hold.
fn signer(sandbox: &Sandbox, answer: &Answer) -> String {
    let id = answer.header("wechatpay-serial").unwrap();
    assert!(answer.holds_for(&key(sandbox, id), &answer.body), "{id} {}", answer.text());
    id.to_owned()
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// The certificates of `v3/certificates`, decrypted, by their serials.
fn download(sandbox: &Sandbox, apiv3_key: &str, answer: &Answer) -> Vec<(String, X509)> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    signer(sandbox, answer);
    let listed = json_of(answer);
    let entries = listed["data"].as_array().unwrap().iter().map(|entry| {
        let sealed = &entry["encrypt_certificate"];
        assert_eq!(sealed["algorithm"], "AEAD_AES_256_GCM");
        assert_eq!(sealed["associated_data"], "certificate");
        let (nonce, ciphertext) = (sealed["nonce"].as_str().unwrap(), sealed["ciphertext"].as_str().unwrap());
        assert_eq!(nonce.len(), 12);
        let bytes = decode_block(ciphertext).unwrap();
        let (data, tag) = bytes.split_at(bytes.len() - 16);
        let (key, nonce) = (apiv3_key.as_bytes(), nonce.as_bytes());
        let pem = decrypt_aead(Cipher::aes_256_gcm(), key, Some(nonce), b"certificate", data, tag).unwrap();
        let (serial, certificate) = (entry["serial_no"].as_str().unwrap(), X509::from_pem(&pem).unwrap());
        assert_eq!(certificate.serial_number().to_bn().unwrap().to_hex_str().unwrap().to_string(), serial);
        assert_eq!(sandbox.platform_certificate_pem(serial).unwrap().as_bytes(), pem);
        for (name, moment) in [("effective_time", certificate.not_before()), ("expire_time", certificate.not_after())] {
            let digits: String = entry[name].as_str().unwrap().chars().take(19).filter(char::is_ascii_digit).collect();
            assert!(entry[name].as_str().unwrap().ends_with("+08:00"));
            let in_china = Asn1Time::from_str_x509(&format!("{digits}Z")).unwrap();
            let ahead = moment.diff(&in_china).unwrap();
            assert_eq!((ahead.days, ahead.secs), (0, 8 * 3600), "{name}");
        }
        (serial.to_owned(), certificate)
    });
    entries.collect()
}

/// Runs `openssl` in the folder.
fn openssl(folder: &Folder, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").args(arguments).current_dir(folder.path()).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A GET of the first merchant that names a key of the platform.
fn asking(sandbox: &Sandbox, target: &str, id: &str) -> Answer {
    Bare::get(sandbox, target).with("Wechatpay-Serial", id).send(sandbox)
}

// ---------------------------------------------------------------- the platform

#[test]
fn each_mode_has_its_keys() {
    let plain = crate::lenient();
    assert_eq!((plain.mode(), plain.platform_serial()), (KeyMode::PublicKey, PUB_KEY_ID));
    assert_eq!(crate::lenient_tls().mode(), KeyMode::PublicKey);
    for mode in [KeyMode::PublicKey, KeyMode::Certificate, KeyMode::Mixed] {
        for tls in [false, true] {
            let sandbox = Sandbox::builder().lenient(true).mode(mode).tls(tls).start().unwrap();
            assert_eq!((sandbox.mode(), sandbox.ca_pem().is_some()), (mode, tls));
            let certificates = sandbox.platform_certificates();
            match mode {
                KeyMode::PublicKey => assert_eq!(certificates.len(), 0),
                KeyMode::Certificate | KeyMode::Mixed => assert_eq!(certificates, [sandbox.platform_serial()]),
            }
            let has_public_key = mode != KeyMode::Certificate;
            assert_eq!(sandbox.public_key_id(), has_public_key.then_some(PUB_KEY_ID));
            assert_eq!(sandbox.public_key_pem().is_some(), has_public_key);
            assert_eq!(sandbox.public_key().is_some(), has_public_key);
            let current = PKey::public_key_from_pem(sandbox.platform_public_key_pem().as_bytes()).unwrap();
            assert!(current.public_eq(&key(&sandbox, sandbox.platform_serial())));
            if mode == KeyMode::Mixed {
                assert!(!current.public_eq(&key(&sandbox, PUB_KEY_ID)));
            }

            // The configuration is enough for the crate's client, whichever key answers.
            let instance = Builder::factory(sandbox.config()).unwrap();
            assert_eq!(instance.chain("v3/any/path").get(()).unwrap().text(), "{}");
            for id in certificates.iter().map(String::as_str).chain(sandbox.public_key_id()) {
                let headers = json!({ "headers": { "Wechatpay-Serial": id } });
                let answer = instance.chain("v3/any/path").get(headers).unwrap();
                assert_eq!(answer.header("wechatpay-serial"), Some(id));
            }
        }
    }
}

#[test]
fn the_openssl_program_agrees_with_the_certificates() {
    let sandbox = start(KeyMode::Certificate);
    let folder = Folder::new("sandbox-keys");
    let rotated = sandbox.rotate_platform_certificate();
    let write = |name: &str, pem: &str| std::fs::write(folder.file(name), pem).unwrap();
    write("authority.pem", sandbox.platform_ca_pem());
    write("merchant.pem", sandbox.merchant_certificate_pem());
    let other = sandbox.add_merchant("1900000110");
    write("other.pem", other.certificate().pem());
    write("other-key.pem", other.certificate().private_key_pem());
    let show = |file: &str, what: &str| {
        let (_, text) = openssl(&folder, &["x509", "-noout", what, "-nameopt", "utf8,sep_comma_plus", "-in", file]);
        text
    };
    for serial in sandbox.platform_certificates() {
        write("platform.pem", &sandbox.platform_certificate_pem(&serial).unwrap());
        assert_eq!(
            show("platform.pem", "-subject"),
            "subject=C=CN,O=Tenpay.com,OU=Tenpay.com CA Center,CN=Tenpay.com sign"
        );
        assert_eq!(
            show("platform.pem", "-issuer"),
            "issuer=C=CN,O=Tenpay.com,OU=Tenpay.com CA Center,CN=Tenpay.com Root CA"
        );
        assert_eq!(show("platform.pem", "-serial"), format!("serial={serial}"));
        assert!(serial.len() == 40 && serial.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F')), "{serial}");
        assert_eq!(openssl(&folder, &["verify", "-CAfile", "authority.pem", "platform.pem"]).1, "platform.pem: OK");
        let (_, text) = openssl(&folder, &["x509", "-noout", "-text", "-in", "platform.pem"]);
        assert!(text.contains("Public-Key: (2048 bit)"), "{text}");
    }
    assert_eq!(sandbox.platform_certificates()[1], rotated);
    assert!(!openssl(&folder, &["verify", "-CAfile", "authority.pem", "merchant.pem"]).0);

    assert_eq!(show("merchant.pem", "-subject"), "subject=C=CN,O=微信商户系统,CN=1900000109");
    assert_eq!(show("merchant.pem", "-serial"), format!("serial={}", sandbox.merchant_serial()));
    assert_eq!(show("other.pem", "-subject"), "subject=C=CN,O=微信商户系统,CN=1900000110");
    assert_eq!(show("other.pem", "-serial"), format!("serial={}", other.certificate().serial()));
    let (_, of_certificate) = openssl(&folder, &["x509", "-noout", "-pubkey", "-in", "other.pem"]);
    assert_eq!(of_certificate, openssl(&folder, &["pkey", "-pubout", "-in", "other-key.pem"]).1);
}

#[test]
fn certificates_are_listed_for_the_one_who_asks() {
    let sandbox = start(KeyMode::PublicKey);
    let answer = Bare::get(&sandbox, "/v3/certificates").send(&sandbox);
    assert_eq!((answer.status, &answer.json(&sandbox)["code"]), (404, &json!("RESOURCE_NOT_EXISTS")));

    for mode in [KeyMode::Certificate, KeyMode::Mixed] {
        let sandbox = start(mode);
        let other = sandbox.add_merchant("1900000110");
        let serials = |listed: Vec<(String, X509)>| listed.into_iter().map(|(serial, _)| serial).collect::<Vec<_>>();
        let list = || {
            let own = Bare::get(&sandbox, "/v3/certificates").send(&sandbox);
            let own = serials(download(&sandbox, sandbox.apiv3_key(), &own));
            let theirs = get_of(&sandbox, parts(&other), "/v3/certificates");
            assert_eq!(serials(download(&sandbox, other.apiv3_key(), &theirs)), own);
            assert_eq!(sandbox.platform_certificates(), own);
            own
        };
        let first = sandbox.platform_serial().to_owned();
        assert_eq!(list(), std::slice::from_ref(&first));
        let second = sandbox.rotate_platform_certificate();
        let third = sandbox.rotate_platform_certificate();
        assert_eq!(list(), [first.clone(), second.clone(), third.clone()]);
        assert!(sandbox.retire_platform_certificate(&second));
        assert!(!sandbox.retire_platform_certificate(&second));
        assert!(!sandbox.retire_platform_certificate(PUB_KEY_ID) && !sandbox.retire_platform_certificate("x"));
        assert_eq!(list(), [first.clone(), third.clone()]);
        // The newest one that is left signs.
        assert!(sandbox.retire_platform_certificate(&third));
        assert_eq!((list(), sandbox.platform_serial()), (vec![first.clone()], first.as_str()));
        // What was retired can still be looked at.
        assert!(sandbox.platform_certificate_pem(&second).is_some());
        assert_eq!(sandbox.platform_certificate_pem(PUB_KEY_ID), None);

        // Where there is a public key, the last certificate can go.
        assert_eq!(sandbox.retire_platform_certificate(&first), mode == KeyMode::Mixed);
        let answer = Bare::get(&sandbox, "/v3/certificates").send(&sandbox);
        match mode {
            KeyMode::Mixed => assert_eq!((answer.status, signer(&sandbox, &answer).as_str()), (404, PUB_KEY_ID)),
            _ => assert_eq!((answer.status, signer(&sandbox, &answer)), (200, first)),
        }
        let post = Bare::signed(&sandbox, "POST", "/v3/certificates", "{}", b"{}").send(&sandbox);
        assert_eq!((post.status, post.header("allow")), (405, Some("GET")));
    }
}

#[test]
fn the_key_that_a_request_names_answers() {
    let sandbox = start(KeyMode::Mixed);
    let (old, new) = (sandbox.platform_serial().to_owned(), sandbox.rotate_platform_certificate());
    let target = "/v3/any/path";
    assert_eq!(signer(&sandbox, &Bare::get(&sandbox, target).send(&sandbox)), new);
    for id in [&old, &new, PUB_KEY_ID] {
        for target in [target, "/v3/certificates", "/v3/bill/tradebill"] {
            assert_eq!(signer(&sandbox, &asking(&sandbox, target, id)), id);
        }
        // A refusal too, even where nobody is known to ask.
        let answer = Bare::new("GET", target, "").with("Wechatpay-Serial", id).send(&sandbox);
        assert_eq!((answer.status, signer(&sandbox, &answer).as_str()), (401, id));
    }

    sandbox.retire_platform_certificate(&old);
    let lowercase = new.to_lowercase();
    for id in [old.as_str(), "", "x", "号", &lowercase, sandbox.merchant_serial(), "PUB_KEY_ID_0"] {
        let answer = asking(&sandbox, target, id);
        assert_eq!((answer.status, signer(&sandbox, &answer).as_str()), (400, new.as_str()), "{id}");
        let refusal = json_of(&answer);
        assert_eq!(refusal["code"], "PARAM_ERROR");
        assert_eq!(
            (&refusal["detail"]["field"], &refusal["detail"]["location"]),
            (&json!("Wechatpay-Serial"), &json!("header"))
        );
    }
    let answer = Bare::new("GET", target, "").with("Wechatpay-Serial", &old).send(&sandbox);
    assert_eq!((answer.status, signer(&sandbox, &answer)), (401, new));
    assert_eq!(asking(&start(KeyMode::Certificate), target, PUB_KEY_ID).status, 400);
    assert_eq!(asking(&start(KeyMode::PublicKey), target, &old).status, 400);
}

#[test]
fn encrypted_fields_are_for_the_key_that_is_named() {
    let sandbox = start(KeyMode::Mixed);
    let (old, new) = (sandbox.platform_serial().to_owned(), sandbox.rotate_platform_certificate());
    let encrypt = |text: &str, id: &str| {
        let rsa = key(&sandbox, id).rsa().unwrap();
        let mut sealed = vec![0; 256];
        rsa.public_encrypt(text.as_bytes(), &mut sealed, Padding::PKCS1_OAEP).unwrap();
        encode_block(&sealed)
    };
    let send = |number: &str, named: &str, encrypted: &str| {
        let body = json!({
            "stock_id": "9856000", "out_request_no": number, "appid": "wx233544546545989", "card_type": "ID_CARD",
            "user_name": encrypt("张三", encrypted), "id_card_number": encrypt("11010519491231002X", encrypted),
        });
        let body = body.to_string();
        let request = Bare::signed(&sandbox, "POST", MULTIUSE, body.as_bytes(), body.as_bytes());
        request.with("Wechatpay-Serial", named).send(&sandbox)
    };
    let ids = [old.as_str(), new.as_str(), PUB_KEY_ID];
    for named in ids {
        for encrypted in ids {
            let answer = send("1", named, encrypted);
            let right = named == encrypted;
            assert_eq!(answer.status, if right { 200 } else { 400 }, "{named} {encrypted} {}", answer.text());
            assert_eq!(signer(&sandbox, &answer), named);
            if !right {
                assert_eq!(json_of(&answer)["detail"]["field"], "/body/user_name");
            }
        }
    }
    sandbox.retire_platform_certificate(&old);
    assert_eq!(json_of(&send("1", &old, &old))["detail"]["field"], "Wechatpay-Serial");
}

#[test]
fn a_thousand_rotations_are_quick() {
    let sandbox = start(KeyMode::Certificate);
    let began = Instant::now();
    let serials: BTreeSet<String> = (0..1000).map(|_| sandbox.rotate_platform_certificate()).collect();
    // A thousand new keys would take minutes.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert_eq!(serials.len(), 1000);
    assert_eq!(sandbox.platform_certificates().len(), 1001);
    let [.., last_but_one, last] = &sandbox.platform_certificates()[..] else { panic!() };
    assert!(!key(&sandbox, last_but_one).public_eq(&key(&sandbox, last)));
    let answer = Bare::get(&sandbox, "/v3/certificates").send(&sandbox);
    assert_eq!(download(&sandbox, sandbox.apiv3_key(), &answer).len(), 1001);
    for serial in sandbox.platform_certificates().iter().take(1000) {
        assert!(sandbox.retire_platform_certificate(serial));
    }
    assert_eq!(sandbox.platform_certificates(), [sandbox.platform_serial()]);
}

#[test]
fn answers_hold_while_certificates_change() {
    const ASKED: usize = 100;
    let sandbox = start(KeyMode::Certificate);
    // From here on no key has to be made any more.
    (0..8).for_each(|_| drop(sandbox.rotate_platform_certificate()));
    let (asked, signers) = (AtomicUsize::new(0), Mutex::new(BTreeSet::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while asked.load(Ordering::Relaxed) < ASKED {
                    let number = asked.fetch_add(1, Ordering::Relaxed);
                    let target = if number % 2 == 0 { "/v3/any/path" } else { "/v3/certificates" };
                    let answer = Bare::get(&sandbox, target).send(&sandbox);
                    assert_eq!(answer.status, 200);
                    signers.lock().unwrap().insert(signer(&sandbox, &answer));
                }
            });
        }
        while asked.load(Ordering::Relaxed) < ASKED {
            sandbox.rotate_platform_certificate();
            assert!(sandbox.retire_platform_certificate(&sandbox.platform_certificates()[0]));
        }
    });
    assert!(signers.lock().unwrap().len() > 1);
}

#[test]
fn a_certificate_can_be_out_of_its_time() {
    let now = Formatter::timestamp();
    let validity = |sandbox: &Sandbox, serial: &str| {
        let certificate = X509::from_pem(sandbox.platform_certificate_pem(serial).unwrap().as_bytes()).unwrap();
        let seconds = |moment: &openssl::asn1::Asn1TimeRef| {
            let since = Asn1Time::from_unix(0).unwrap().diff(moment).unwrap();
            i64::from(since.days) * 86_400 + i64::from(since.secs)
        };
        (seconds(certificate.not_before()) - now, seconds(certificate.not_after()) - now)
    };
    let near = |(begins, ends): (i64, i64), (begin, end): (i64, i64)| {
        assert!((begin..begin + 60).contains(&begins) && (end..end + 60).contains(&ends), "{begins} {ends}");
    };
    let usual = start(KeyMode::Certificate);
    near(validity(&usual, usual.platform_serial()), (-86_400, (5 * 365 - 1) * 86_400));

    let sandbox =
        Sandbox::builder().lenient(true).mode(KeyMode::Mixed).certificate_lifetime(-7200, 3600).start().unwrap();
    let expired = sandbox.platform_serial().to_owned();
    near(validity(&sandbox, &expired), (-7200, -3600));
    near(validity(&sandbox, &sandbox.rotate_platform_certificate()), (-7200, -3600));
    sandbox.set_certificate_lifetime(3600, 60);
    let future = sandbox.rotate_platform_certificate();
    near(validity(&sandbox, &future), (3600, 3660));
    // They are listed and sign all the same: to mind is the merchant's part.
    let answer = Bare::get(&sandbox, "/v3/certificates").send(&sandbox);
    assert_eq!(download(&sandbox, sandbox.apiv3_key(), &answer).len(), 3);
    assert_eq!(signer(&sandbox, &answer), future);
    assert_eq!(signer(&sandbox, &asking(&sandbox, "/v3/any/path", &expired)), expired);

    for (starts_in, seconds) in [(i64::MIN, u32::MAX), (i64::MAX, u32::MAX), (0, 0), (i64::MAX, 0)] {
        sandbox.set_certificate_lifetime(starts_in, seconds);
        sandbox.rotate_platform_certificate();
    }
    assert_eq!(Bare::get(&sandbox, "/v3/certificates").send(&sandbox).status, 200);
}

#[test]
#[should_panic(expected = "in mode PublicKey the platform has no certificates to rotate")]
fn there_is_nothing_to_rotate_without_certificates() {
    start(KeyMode::PublicKey).rotate_platform_certificate();
}

// ---------------------------------------------------------------- the merchants

type Party<'a> = (&'a str, &'a str, &'a PrivateKey);

fn parts(merchant: &Merchant) -> Party<'_> {
    (merchant.mchid(), merchant.certificate().serial(), merchant.certificate().private_key())
}

fn get_of(sandbox: &Sandbox, party: Party<'_>, target: &str) -> Answer {
    Bare::new("GET", target, "").with("Authorization", &authorization_of(party, "GET", target, b"")).send(sandbox)
}

/// What a GET of this merchant is answered: nothing, or why it is refused.
fn refusal(sandbox: &Sandbox, party: Party<'_>) -> Option<String> {
    let answer = get_of(sandbox, party, "/v3/any/path");
    signer(sandbox, &answer);
    if answer.status == 200 {
        return None;
    }
    let refusal = json_of(&answer);
    assert_eq!((answer.status, &refusal["code"]), (401, &json!("SIGN_ERROR")));
    Some(refusal["message"].as_str().unwrap().to_owned())
}

#[test]
fn a_merchant_changes_its_certificate() {
    let sandbox = start(KeyMode::PublicKey);
    let issued = sandbox.issue_merchant_certificate();
    let old = (sandbox.mchid(), sandbox.merchant_serial(), sandbox.merchant_private_key());
    let new = (sandbox.mchid(), issued.serial(), issued.private_key());
    assert!(issued.serial() != sandbox.merchant_serial() && issued.serial().len() == 40);
    assert_eq!((refusal(&sandbox, old), refusal(&sandbox, new)), (None, None));

    // Each key belongs to its serial.
    let wrong = Some(WRONG_SIGNATURE.to_owned());
    assert_eq!(refusal(&sandbox, (sandbox.mchid(), old.1, new.2)), wrong);
    assert_eq!(refusal(&sandbox, (sandbox.mchid(), new.1, old.2)), wrong);

    assert!(sandbox.revoke_merchant_certificate(old.1));
    assert!(!sandbox.revoke_merchant_certificate(old.1));
    assert!(!sandbox.revoke_merchant_certificate("x") && !sandbox.revoke_merchant_certificate(""));
    assert_eq!((refusal(&sandbox, old), refusal(&sandbox, new)), (Some(WRONG_SERIAL.to_owned()), None));
    assert_eq!(refusal(&sandbox, (sandbox.mchid(), old.1, new.2)), Some(WRONG_SERIAL.to_owned()));
    assert!(sandbox.revoke_merchant_certificate(new.1));
    assert_eq!(refusal(&sandbox, new), Some(WRONG_SERIAL.to_owned()));
}

#[test]
fn merchants_are_told_apart() {
    let sandbox = start(KeyMode::Certificate);
    let (one, two) = (sandbox.add_merchant("1900000110"), sandbox.add_merchant("1900000111"));
    let first = (sandbox.mchid(), sandbox.merchant_serial(), sandbox.merchant_private_key());
    let all = [first, parts(&one), parts(&two)];
    for (mchid, ..) in all {
        for (_, serial, _) in all {
            for (other, _, key) in all {
                let own_serial = all.iter().any(|party| (party.0, party.1) == (mchid, serial));
                let expected = match (own_serial, mchid == other) {
                    (true, true) => None,
                    (true, false) => Some(WRONG_SIGNATURE.to_owned()),
                    (false, _) => Some(WRONG_SERIAL.to_owned()),
                };
                assert_eq!(refusal(&sandbox, (mchid, serial, key)), expected, "{mchid} {serial} {other}");
            }
        }
    }
    let unknown = refusal(&sandbox, ("1900000112", first.1, first.2));
    assert_eq!(unknown.as_deref(), Some("Http头Authorization中的mchid有误"));

    let secrets = [sandbox.secret(), sandbox.apiv3_key(), one.secret(), one.apiv3_key(), two.secret(), two.apiv3_key()];
    assert_eq!(BTreeSet::from(secrets).len(), 6);
    assert!(secrets.iter().all(|secret| secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    // To add one again changes nothing.
    assert_eq!(sandbox.add_merchant("1900000110").secret(), one.secret());
    assert_eq!(sandbox.add_merchant(sandbox.mchid()).certificate().serial(), sandbox.merchant_serial());

    let shown = format!("{one:?} {:?} {:?}", one.certificate(), sandbox.config_of(&one));
    assert!(shown.contains("1900000110") && shown.contains(one.certificate().serial()));
    assert!(!shown.contains(one.secret()) && !shown.contains(one.apiv3_key()) && !shown.contains("BEGIN"), "{shown}");
}

#[test]
fn the_numbers_of_merchants_are_their_own() {
    let sandbox = crate::lenient_tls();
    let other = sandbox.add_merchant("1900000110");
    let own = Builder::factory(sandbox.config()).unwrap();
    let theirs = Builder::factory(sandbox.config_of(&other)).unwrap();
    let busifavor = |stock: &str| {
        json!({ "json": {
            "openid": "xsd3434454567676", "appid": "wx1234567889999", "stock_id": stock, "out_request_no": "1",
        } })
    };
    let path = "v3/marketing/busifavor/coupons/send";
    own.chain(path).post(busifavor("1")).unwrap();
    theirs.chain(path).post(busifavor("2")).unwrap();
    own.chain(path).post(busifavor("2")).unwrap_err();

    // APIv2: each signs with its own key, and is answered with it, or the client would refuse the answer.
    let order = |mchid: &str, fee: u32| {
        json!({ "xml": {
            "appid": "wxd678efh567hg6787", "mch_id": mchid, "body": "coffee", "out_trade_no": "1", "total_fee": fee,
            "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/", "trade_type": "NATIVE",
            "product_id": "1",
        } })
    };
    own.chain("v2/pay/unifiedorder").post(order(sandbox.mchid(), 100)).unwrap();
    theirs.chain("v2/pay/unifiedorder").post(order("1900000110", 200)).unwrap();
    let transaction = sandbox.pay("1").unwrap();
    let query =
        |mchid: &str, name: &str, value: &str| json!({ "xml": { "appid": "wx1", "mch_id": mchid, name: value } });
    let state = |chain: &wechatpay::Chain, query| {
        let answer = chain.chain("v2/pay/orderquery").post(query).map(|answer| answer.xml().unwrap());
        answer.map(|answer| (answer["trade_state"].clone(), answer["total_fee"].clone()))
    };
    assert_eq!(state(&own, query(sandbox.mchid(), "out_trade_no", "1")).unwrap(), (json!("SUCCESS"), json!("100")));
    assert_eq!(state(&theirs, query("1900000110", "out_trade_no", "1")).unwrap(), (json!("NOTPAY"), json!("200")));
    state(&own, query(sandbox.mchid(), "transaction_id", &transaction)).unwrap();
    let error = state(&theirs, query("1900000110", "transaction_id", &transaction)).unwrap_err();
    assert!(matches!(error, Error::Apiv2(_)) && error.to_string().contains("ORDERNOTEXIST"), "{error}");

    let packet = |mchid: &str, amount: u32| {
        json!({ "security": true, "xml": {
            "mch_billno": "1", "mch_id": mchid, "wxappid": "wx8888888888888888", "send_name": "x", "re_openid": "x",
            "total_amount": amount, "total_num": 1, "wishing": "x", "client_ip": "x", "act_name": "x", "remark": "x",
        } })
    };
    for (chain, mchid, amount) in [(&own, sandbox.mchid(), 100), (&theirs, "1900000110", 200)] {
        let sent = chain.chain("v2/mmpaymkttransfers/sendredpack").post(packet(mchid, amount)).unwrap().xml().unwrap();
        assert_eq!((&sent["result_code"], &sent["total_amount"]), (&json!("SUCCESS"), &json!(amount.to_string())));
    }

    // A statement is that of the one who signs.
    let statement = |chain: &wechatpay::Chain, mchid: &str| {
        chain.chain("v3/statements").get(json!({ "query": { "date": "20180130", "mchid": mchid } }))
    };
    statement(&theirs, "1900000110").unwrap();
    statement(&theirs, sandbox.mchid()).unwrap_err();
}

/// What moves money wants a certificate that is the merchant's own and holds.
#[test]
fn certificates_over_tls_belong_to_their_merchants() {
    let sandbox = crate::lenient_tls();
    let other = sandbox.add_merchant("1900000110");
    let issued = sandbox.issue_merchant_certificate();
    let transfer = |pem: &str, key: &PrivateKey| {
        let instance = sandbox.config().credentials(Credentials::new().merchant(pem, key.clone())).build().unwrap();
        let xml = json!({ "mch_id": sandbox.mchid(), "nonce_str": "x" });
        let answer = instance.chain("v2/mmpaymkttransfers/promotion/transfers");
        let answer = answer.post(json!({ "security": true, "xml": xml })).unwrap().xml().unwrap();
        assert!(sandbox.requests().last().unwrap().has_certificate());
        answer["return_code"].as_str().unwrap().to_owned() + answer["return_msg"].as_str().unwrap()
    };
    const REFUSED: &str = "FAIL证书不是该商户号的证书，或已作废";
    let own = || transfer(sandbox.merchant_certificate_pem(), sandbox.merchant_private_key());
    assert_eq!(own(), "SUCCESSOK");
    assert_eq!(transfer(issued.pem(), issued.private_key()), "SUCCESSOK");
    assert_eq!(transfer(other.certificate().pem(), other.certificate().private_key()), REFUSED);
    sandbox.revoke_merchant_certificate(sandbox.merchant_serial());
    assert_eq!(own(), REFUSED);
    assert_eq!(transfer(issued.pem(), issued.private_key()), "SUCCESSOK");
}

#[test]
fn many_merchants_are_added_quickly() {
    let sandbox = start(KeyMode::PublicKey);
    let began = Instant::now();
    let merchants: Vec<_> = (0..1500).map(|number| sandbox.add_merchant(&format!("19{number:08}"))).collect();
    // As many new keys would take minutes.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    let serials: BTreeSet<_> = merchants.iter().map(|merchant| merchant.certificate().serial()).collect();
    let by_secret: BTreeMap<_, _> = merchants.iter().map(|merchant| (merchant.secret(), merchant)).collect();
    assert_eq!((serials.len(), by_secret.len()), (1500, 1500));
    for merchant in merchants.iter().step_by(500) {
        assert_eq!(refusal(&sandbox, parts(merchant)), None);
    }
    let answer = Bare::new("POST", "/pay/orderquery", "<xml><mch_id>1900001600</mch_id></xml>").send(&sandbox);
    assert_eq!(Transformer::to_array(&answer.body).unwrap()["return_msg"], "商户号mch_id不存在");
}

#[test]
fn the_id_of_a_merchant_is_a_word() {
    let sandbox = start(KeyMode::PublicKey);
    for wrong in ["", "1900 000110", "19\"", "商户", &"1".repeat(33)] {
        let added = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sandbox.add_merchant(wrong)));
        assert!(added.is_err(), "{wrong}");
    }
    assert_eq!(sandbox.add_merchant(&"1".repeat(32)).mchid().len(), 32);
}

// ---------------------------------------------------------------- what a program has written into it

#[test]
fn its_ids_are_those_of_the_program() {
    let (mchid, serial, id) = ("1900007291", "5157F09EFDC096DE15EBE81A47057A7212345678", "PUB_KEY_ID_0119000072912024");
    let builder = Sandbox::builder().lenient(true).mode(KeyMode::Mixed).merchant(mchid, serial).public_key_id(id);
    let sandbox = builder.start().unwrap();
    assert_eq!((sandbox.mchid(), sandbox.merchant_serial(), sandbox.public_key_id()), (mchid, serial, Some(id)));
    let certificate = X509::from_pem(sandbox.merchant_certificate_pem().as_bytes()).unwrap();
    assert_eq!(certificate.serial_number().to_bn().unwrap().to_hex_str().unwrap().to_string(), serial);

    let instance = Builder::factory(sandbox.config()).unwrap();
    instance.chain("v3/any/path").get(json!({ "headers": { "Wechatpay-Serial": id } })).unwrap();
    let authorization = sandbox.requests()[0].header("authorization").unwrap().to_owned();
    assert!(authorization.contains(&format!("mchid=\"{mchid}\"")), "{authorization}");
    assert!(authorization.contains(&format!("serial_no=\"{serial}\"")), "{authorization}");
    // A certificate of the same merchant, as before.
    let renewed = sandbox.issue_merchant_certificate();
    assert!(renewed.pem().contains("BEGIN CERTIFICATE") && renewed.serial() != serial);

    let panics = |build: &dyn Fn() -> wechatpay_sandbox::SandboxBuilder| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(build()))).is_err()
    };
    assert!(panics(&|| Sandbox::builder().merchant("", serial)));
    assert!(panics(&|| Sandbox::builder().merchant(mchid, "0157")));
    assert!(panics(&|| Sandbox::builder().merchant(mchid, "5157f0")));
    assert!(panics(&|| Sandbox::builder().public_key_id("0119")));
    assert!(panics(&|| Sandbox::builder().public_key_id("PUB_KEY_ID_0\n")));
}

#[test]
fn it_reads_what_was_encrypted_for_a_key_in_use() {
    let sandbox = start(KeyMode::Mixed);
    let old = sandbox.platform_serial().to_owned();
    let encrypt = |key: &PKey<Public>| {
        let mut encrypter = openssl::encrypt::Encrypter::new(key).unwrap();
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
        let mut sealed = vec![0; encrypter.encrypt_len("张三".as_bytes()).unwrap()];
        let length = encrypter.encrypt("张三".as_bytes(), &mut sealed).unwrap();
        encode_block(&sealed[..length])
    };
    let for_old = encrypt(&key(&sandbox, &old));
    let for_new = encrypt(&key(&sandbox, &sandbox.rotate_platform_certificate()));
    let for_public_key = encrypt(&key(&sandbox, PUB_KEY_ID));
    for sealed in [&for_old, &for_new, &for_public_key] {
        assert_eq!(sandbox.decrypt(sealed).as_deref(), Some("张三"));
    }
    sandbox.retire_platform_certificate(&old);
    assert_eq!(sandbox.decrypt(&for_old), None);
    assert_eq!(sandbox.decrypt("张三"), None);
    assert_eq!(sandbox.decrypt(&start(KeyMode::PublicKey).merchant_serial().repeat(8)), None);
}
