//! The keys of both sides and what the platform signs, by OpenSSL alone. Keys are small and signatures are kept: there
//! are millions of them to make.

use std::collections::HashMap;
use std::sync::Mutex;

use openssl::encrypt::Decrypter;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::{Padding, Rsa};
use support::certificates::{Issue, Subject, list};
use support::keys::{sign, verify};
use support::platform::{APIV3_KEY, KEY_ID, now};

pub const MERCHANTS: usize = 3;

/// How many certificates the platform comes to have, one after the other.
pub const CERTIFICATES: usize = 5;

/// The APIv2 key.
pub const SECRET: &str = "abcdef0123456789abcdef0123456789";

const NONCE: &str = "c5ac7061fccab6bf3e254dcf98995b8c";

/// Signatures that are kept at most.
const MOST: usize = 20_000;

/// Whoever signs, under this id.
pub struct Party {
    pub id: String,
    /// What the other side needs: a private key of the merchant, a public key or a certificate of the platform.
    pub pem: String,
    key: PKey<Private>,
    public: PKey<Public>,
}

impl Party {
    fn new(id: String, pem: impl FnOnce(&PKey<Private>) -> String) -> Party {
        let key = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
        let public = PKey::public_key_from_der(&key.public_key_to_der().unwrap()).unwrap();
        Party { id, pem: pem(&key), key, public }
    }

    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        verify(message, signature, &self.public)
    }

    /// What was encrypted for this party.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let mut decrypter = Decrypter::new(&self.key).ok()?;
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP).ok()?;
        let mut plaintext = vec![0; decrypter.decrypt_len(ciphertext).ok()?];
        let length = decrypter.decrypt(ciphertext, &mut plaintext).ok()?;
        plaintext.truncate(length);
        Some(plaintext)
    }
}

/// Which key of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seal {
    PublicKey,
    Certificate(usize),
    /// A key that the platform does not have.
    Stranger,
}

/// The key, the time and the body of a signature.
type Signed = (Seal, i64, Vec<u8>);

pub struct Vault {
    pub merchants: Vec<Party>,
    public_key: Party,
    certificates: Vec<Party>,
    stranger: Party,
    signatures: Mutex<HashMap<Signed, String>>,
    lists: Mutex<HashMap<(usize, usize), Vec<u8>>>,
}

impl Vault {
    pub fn new() -> Vault {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let private = |key: &PKey<Private>| text(key.private_key_to_pem_pkcs8().unwrap());
        let public = |key: &PKey<Private>| text(key.public_key_to_pem().unwrap());
        let certificate = |number: usize| {
            let serial = format!("{:040X}", 0x7132_D72A_u64 + number as u64);
            // Each is an hour younger than the one before it.
            let began = (number as i64 - 100) * 3600;
            let pem = |key: &PKey<Private>| {
                Issue { subject: Subject::Platform, key, serial: &serial, valid: (began, 86_400) }.pem()
            };
            // A serial has no zeros before it.
            Party::new(serial.trim_start_matches('0').to_owned(), pem)
        };
        Vault {
            merchants: (0..MERCHANTS).map(|number| Party::new(format!("37{number}5B6A4"), private)).collect(),
            public_key: Party::new(KEY_ID.to_owned(), public),
            certificates: (0..CERTIFICATES).map(certificate).collect(),
            stranger: Party::new("PUB_KEY_ID_0000000000000000000000000000".to_owned(), public),
            signatures: Mutex::default(),
            lists: Mutex::default(),
        }
    }

    pub fn party(&self, seal: Seal) -> &Party {
        match seal {
            Seal::PublicKey => &self.public_key,
            Seal::Certificate(number) => &self.certificates[number],
            Seal::Stranger => &self.stranger,
        }
    }

    /// The certificate of this serial.
    pub fn certificate(&self, serial: &str) -> Option<usize> {
        self.certificates.iter().position(|party| party.id == serial)
    }

    /// The four headers that sign a body at a time, so many seconds from now.
    pub fn headers(&self, seal: Seal, off: i64, body: &[u8]) -> Vec<(&'static str, String)> {
        // The same for a minute, so that few signatures are made.
        let timestamp = now() / 60 * 60 + off;
        let (party, key) = (self.party(seal), (seal, timestamp, body.to_vec()));
        let kept = self.signatures.lock().unwrap().get(&key).cloned();
        let signature = kept.unwrap_or_else(|| {
            let message = [format!("{timestamp}\n{NONCE}\n").as_bytes(), body, b"\n"].concat();
            let signature = sign(&message, &party.key);
            let mut signatures = self.signatures.lock().unwrap();
            if signatures.len() >= MOST {
                signatures.clear();
            }
            signatures.insert(key, signature.clone());
            signature
        });
        vec![
            ("Wechatpay-Nonce", NONCE.to_owned()),
            ("Wechatpay-Serial", party.id.clone()),
            ("Wechatpay-Signature", signature),
            ("Wechatpay-Timestamp", timestamp.to_string()),
        ]
    }

    /// The list of the certificates from one to another.
    pub fn list(&self, oldest: usize, newest: usize) -> Vec<u8> {
        let make = || {
            let certificates = self.certificates[oldest..=newest].iter();
            let certificates: Vec<_> = certificates.map(|party| (party.id.as_str(), party.pem.as_str())).collect();
            list(&certificates, APIV3_KEY)
        };
        self.lists.lock().unwrap().entry((oldest, newest)).or_insert_with(make).clone()
    }
}

/// An answer of APIv2 with these fields, which are in the order of their names; a wrong `sign` where it is spoilt.
pub fn xml(fields: &[(&str, &str)], is_spoilt: bool) -> Vec<u8> {
    let mut signed: String = fields.iter().map(|(name, value)| format!("{name}={value}&")).collect();
    signed += &format!("key={SECRET}");
    let digest = hash(MessageDigest::md5(), signed.as_bytes()).unwrap();
    let mut sign: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    if is_spoilt {
        sign = sign.chars().rev().collect();
    }
    let mut text = "<xml>".to_owned();
    for (name, value) in fields.iter().copied().chain([("sign", sign.as_str())]) {
        text += &format!("<{name}><![CDATA[{value}]]></{name}>");
    }
    (text + "</xml>").into_bytes()
}
