//! Certificates as the platform issues them, and its answer that hands them out; those of servers; made by OpenSSL alone.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use openssl::asn1::{Asn1IntegerRef, Asn1Time, Asn1TimeRef};
use openssl::base64::encode_block;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, PKeyRef, Private};
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslMethod};
use openssl::symm::{Cipher, encrypt_aead};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Extension, X509Name, X509NameBuilder, X509NameRef, X509Ref};
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

impl Subject<'_> {
    fn name(self) -> X509Name {
        let mut name = X509NameBuilder::new().unwrap();
        let fields = match self {
            Subject::Platform => vec![("C", "CN"), ("O", "Tenpay.com"), ("CN", "Tenpay.com sign")],
            Subject::Merchant(mchid) => vec![("C", "CN"), ("O", "微信商户系统"), ("CN", mchid)],
            Subject::Other(text) => vec![("CN", text)],
        };
        fields.into_iter().for_each(|(field, text)| name.append_entry_by_text(field, text).unwrap());
        name.build()
    }
}

impl Issue<'_> {
    /// Signed by its own key: who has signed it plays no part here.
    pub fn pem(&self) -> String {
        let certificate = self.issue(&Subject::Other("Tenpay.com Root CA").name(), self.key, None);
        String::from_utf8(certificate.to_pem().unwrap()).unwrap()
    }

    /// Of this issuer, signed by this key.
    fn issue(&self, issuer: &X509NameRef, signer: &PKeyRef<Private>, extension: Option<X509Extension>) -> X509 {
        let serial = BigNum::from_hex_str(self.serial).unwrap().to_asn1_integer().unwrap();
        let [begins, ends] = [self.valid.0, self.valid.1].map(|seconds| Asn1Time::from_unix(now() + seconds).unwrap());
        build((&self.subject.name(), issuer), &serial, (&begins, &ends), (self.key, signer), extension)
    }
}

/// The builder of all certificates: for a subject by an issuer, for a key and signed by another.
fn build(
    (subject, issuer): (&X509NameRef, &X509NameRef),
    serial: &Asn1IntegerRef,
    (begins, ends): (&Asn1TimeRef, &Asn1TimeRef),
    (key, signer): (&PKeyRef<Private>, &PKeyRef<Private>),
    extension: Option<X509Extension>,
) -> X509 {
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(serial).unwrap();
    builder.set_subject_name(subject).unwrap();
    builder.set_issuer_name(issuer).unwrap();
    builder.set_not_before(begins).unwrap();
    builder.set_not_after(ends).unwrap();
    builder.set_pubkey(key).unwrap();
    extension.into_iter().for_each(|extension| builder.append_extension(extension).unwrap());
    builder.sign(signer, MessageDigest::sha256()).unwrap();
    builder.build()
}

/// A certificate that says what another one says, but of this key, which has signed it.
pub fn forged(certificate: &X509Ref, key: &PKeyRef<Private>) -> X509 {
    let names = (certificate.subject_name(), certificate.issuer_name());
    let valid = (certificate.not_before(), certificate.not_after());
    build(names, certificate.serial_number(), valid, (key, key), None)
}

/// What a server needs to speak TLS under these names and addresses, and the file of the authority to be trusted, which
/// goes into this folder.
pub fn acceptor(folder: &Path, hosts: &[&str]) -> (SslAcceptorBuilder, PathBuf) {
    let (authority_key, key) = (ec(), ec());
    let (subject, valid) = (Subject::Other("Test authority"), (0, 2 * 86_400));
    let extension = BasicConstraints::new().critical().ca().build().unwrap();
    let authority = Issue { subject, key: &authority_key, serial: "1", valid };
    let authority = authority.issue(&subject.name(), &authority_key, Some(extension));
    let server = Issue { subject: Subject::Other("Test server"), key: &key, serial: "2", valid };
    let server = server.issue(authority.subject_name(), &authority_key, Some(names(hosts)));

    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_private_key(&key).unwrap();
    acceptor.set_certificate(&server).unwrap();
    acceptor.check_private_key().unwrap();
    let file = folder.join("authority.pem");
    fs::write(&file, authority.to_pem().unwrap()).unwrap();
    (acceptor, file)
}

fn names(hosts: &[&str]) -> X509Extension {
    let mut names = SubjectAlternativeName::new();
    for host in hosts {
        if host.parse::<IpAddr>().is_ok() {
            names.ip(host)
        } else {
            names.dns(host)
        };
    }
    names.build(&X509::builder().unwrap().x509v3_context(None, None)).unwrap()
}

fn ec() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
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
