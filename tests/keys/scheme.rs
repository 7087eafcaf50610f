//! The seam for schemes: another one than the platform's, made up for this test in this file alone. It signs by ECDSA,
//! encrypts by AES, and calls whoever signs `partner_id`.

use std::sync::Arc;

use openssl::base64::{decode_block, encode_block};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::symm::{Cipher, decrypt, encrypt};
use support::platform::now;
use support::raw::{Reply, Server, answer};
use wechatpay::{Builder, Chain, Credentials, Error, Options, Scheme, Signer, Value, Verifier, json};

/// A side of the scheme: its own pair of keys, and what both sides share.
struct Side {
    key: PKey<Private>,
    shared: [u8; 32],
}

const IV: [u8; 16] = [7; 16];

impl Side {
    fn new() -> Arc<Side> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        Arc::new(Side { key, shared: [42; 32] })
    }

    fn sign(&self, message: &[u8]) -> String {
        let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), &self.key).unwrap();
        encode_block(&signer.sign_oneshot_to_vec(message).unwrap())
    }

    fn verify(&self, message: &[u8], signature: &str) -> bool {
        let mut verifier = openssl::sign::Verifier::new(MessageDigest::sha256(), &self.key).unwrap();
        decode_block(signature).is_ok_and(|signature| verifier.verify_oneshot(&signature, message).unwrap_or(false))
    }

    fn seal(&self, plain: &str) -> String {
        encode_block(&encrypt(Cipher::aes_256_cbc(), &self.shared, Some(&IV), plain.as_bytes()).unwrap())
    }

    fn open(&self, sealed: &str) -> Option<String> {
        let plain = decrypt(Cipher::aes_256_cbc(), &self.shared, Some(&IV), &decode_block(sealed).ok()?).ok()?;
        String::from_utf8(plain).ok()
    }
}

struct Ours(Arc<Side>);

impl Signer for Ours {
    fn sign(&self, message: &[u8]) -> anyhow::Result<String> {
        Ok(self.0.sign(message))
    }

    fn scheme(&self) -> Option<Scheme> {
        Some(Scheme::new("EXAMPLE-ECDSA-SHA256", "partner_id"))
    }

    fn decrypt(&self, ciphertext: &str) -> anyhow::Result<String> {
        self.0.open(ciphertext).ok_or_else(|| anyhow::anyhow!("this is not for us"))
    }
}

struct Theirs(Arc<Side>);

impl Verifier for Theirs {
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool> {
        Ok(serial == KEY && self.0.verify(message, signature))
    }

    fn encrypt(&self, serial: &str, plaintext: &str) -> anyhow::Result<String> {
        anyhow::ensure!(serial == KEY, "there is no such key");
        Ok(self.0.seal(plaintext))
    }
}

const PARTNER: &str = "5500000001";
const CERTIFICATE: &str = "1111D72A03E93CDDF8C03BBD1F37EEDF12345678";
const KEY: &str = "EXAMPLE_KEY_1";

fn instance(ours: &Arc<Side>, theirs: &Arc<Side>, base_uri: &str) -> Chain {
    let credentials = Credentials::new()
        .mchid(PARTNER)
        .serial(CERTIFICATE)
        .signer(Ours(Arc::clone(ours)))
        .verifier(Theirs(Arc::clone(theirs)))
        .wechatpay_serial(KEY);
    let defaults = json!({ "base_uri": base_uri, "proxy": "" });
    Builder::new().credentials(credentials).defaults(defaults).build().unwrap()
}

/// Answers with the name that it was sent, or another one when the last path segment says so.
fn server(ours: &Arc<Side>, theirs: &Arc<Side>) -> Server {
    let (ours, theirs) = (Arc::clone(ours), Arc::clone(theirs));
    Server::start(move |_, request| {
        let authorization = request.header("authorization").unwrap();
        let (scheme, pairs) = authorization.split_once(' ').unwrap();
        assert_eq!(scheme, "EXAMPLE-ECDSA-SHA256");
        let value = |name: &str| {
            let start = pairs.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
            pairs[start..].split('"').next().unwrap().to_owned()
        };
        assert_eq!((value("partner_id"), value("serial_no")), (PARTNER.to_owned(), CERTIFICATE.to_owned()));
        let mut signed = format!("POST\n{}\n{}\n{}\n", request.target, value("timestamp"), value("nonce_str"));
        signed.push_str(std::str::from_utf8(&request.body).unwrap());
        signed.push('\n');
        assert!(ours.verify(signed.as_bytes(), &value("signature")));
        assert_eq!(request.header("wechatpay-serial"), Some(KEY));
        let sent: Value = serde_json::from_slice(&request.body).unwrap();
        let name = theirs.open(sent["name"].as_str().unwrap()).unwrap();
        let body = json!({ "name": ours.seal(&name) }).to_string();
        let (timestamp, nonce) = (now().to_string(), "593BEC0C930BF1AFEB40B4A08C8FB242");
        let forged = if request.target.ends_with("/forged") { " " } else { "" };
        let signature = theirs.sign(format!("{timestamp}\n{nonce}\n{body}{forged}\n").as_bytes());
        let headers = [
            ("Wechatpay-Timestamp", timestamp),
            ("Wechatpay-Nonce", nonce.to_owned()),
            ("Wechatpay-Serial", KEY.to_owned()),
            ("Wechatpay-Signature", signature),
        ];
        Reply::Answer(answer("200 OK", &headers, body.as_bytes()))
    })
}

#[test]
fn another_scheme_signs_verifies_encrypts_and_decrypts() {
    let (ours, theirs) = (Side::new(), Side::new());
    let server = server(&ours, &theirs);
    let instance = instance(&ours, &theirs, &server.url());
    let options = || Options::new().json(json!({ "name": "张三" })).encrypt(["/json/name"]);
    let response = instance.chain("v3/x").post(options()).unwrap();
    assert_eq!(response.decrypt(["/name"]).unwrap(), json!({ "name": "张三" }));
    assert!(!String::from_utf8_lossy(&server.arrived()[0].body).contains("张三"));
    let error = instance.chain("v3/x/forged").post(options()).unwrap_err();
    assert!(matches!(error, Error::Verification(_)), "{error:?}");
    // Another key is asked for than there is.
    let error = instance.chain("v3/x").post(options().header("Wechatpay-Serial", "EXAMPLE_KEY_2")).unwrap_err();
    assert!(matches!(&error, Error::Options(what) if what.contains("there is no such key")), "{error:?}");
    assert_eq!(server.arrived().len(), 2);
}
