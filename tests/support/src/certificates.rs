//! Certificates as the platform issues them, and its answer that hands them out; made by OpenSSL alone.

use std::sync::atomic::{AtomicI64, Ordering};

use openssl::asn1::Asn1Time;
use openssl::base64::encode_block;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::symm::{Cipher, encrypt_aead};
use openssl::x509::{X509, X509NameBuilder};
use serde_json::{Value, json};

use crate::platform::now;

/// Whose certificate it is.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    Platform,
    Merchant(&'a str),
    /// Only a common name.
    Other(&'a str),
}

pub struct Issue<'a> {
    pub subject: Subject<'a>,
    pub key: &'a PKey<Private>,
    pub serial: &'a str,
    /// Seconds from now.
    pub valid: (i64, i64),
}

impl Issue<'_> {
    /// Signed by its own key: who has signed it plays no part here.
    pub fn pem(&self) -> String {
        let mut subject = X509NameBuilder::new().unwrap();
        let mut name = |field, text| subject.append_entry_by_text(field, text).unwrap();
        match self.subject {
            Subject::Platform => [("C", "CN"), ("O", "Tenpay.com"), ("CN", "Tenpay.com sign")]
                .into_iter()
                .for_each(|(field, text)| name(field, text)),
            Subject::Merchant(mchid) => {
                name("C", "CN");
                name("O", "微信商户系统");
                name("CN", mchid);
            }
            Subject::Other(text) => name("CN", text),
        }
        let mut issuer = X509NameBuilder::new().unwrap();
        issuer.append_entry_by_text("CN", "Tenpay.com Root CA").unwrap();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        let serial = BigNum::from_hex_str(self.serial).unwrap();
        builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&subject.build()).unwrap();
        builder.set_issuer_name(&issuer.build()).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(now() + self.valid.0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix(now() + self.valid.1).unwrap()).unwrap();
        builder.set_pubkey(self.key).unwrap();
        builder.sign(self.key, MessageDigest::sha256()).unwrap();
        String::from_utf8(builder.build().to_pem().unwrap()).unwrap()
    }
}

/// A certificate of the platform that is valid today, and newer than those before.
pub fn platform(key: &PKey<Private>, serial: &str) -> String {
    static COUNT: AtomicI64 = AtomicI64::new(-3600);
    Issue { subject: Subject::Platform, key, serial, valid: (COUNT.fetch_add(1, Ordering::Relaxed), 3600) }.pem()
}

/// The body of the answer to `v3/certificates`.
pub fn list(certificates: &[(&str, &str)], apiv3_key: &str) -> Vec<u8> {
    sealed_list(certificates, apiv3_key, "certificate")
}

/// The same, sealed with other associated data.
pub fn sealed_list(certificates: &[(&str, &str)], apiv3_key: &str, associated: &str) -> Vec<u8> {
    let entries: Vec<Value> = certificates
        .iter()
        .map(|(serial, pem)| {
            let mut tag = [0; 16];
            let nonce = "61f9c719728a";
            let mut sealed = encrypt_aead(
                Cipher::aes_256_gcm(),
                apiv3_key.as_bytes(),
                Some(nonce.as_bytes()),
                associated.as_bytes(),
                pem.as_bytes(),
                &mut tag,
            )
            .unwrap();
            sealed.extend_from_slice(&tag);
            json!({
                "serial_no": serial,
                "effective_time": "2026-01-01T00:00:00+08:00",
                "expire_time": "2031-01-01T00:00:00+08:00",
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM",
                    "nonce": nonce,
                    "associated_data": associated,
                    "ciphertext": encode_block(&sealed),
                },
            })
        })
        .collect();
    json!({ "data": entries }).to_string().into_bytes()
}
