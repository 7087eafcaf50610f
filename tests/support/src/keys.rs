//! Keys and certificates that are made when a test starts. Made and used by OpenSSL alone, so that they
//! prove something about the crate.

use std::fs;
use std::path::{Path, PathBuf};

use openssl::asn1::Asn1Time;
use openssl::base64::{decode_block, encode_block};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, PKeyRef, Private, Public};
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};
use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};

/// The merchant's, the platform's, and those of the platform's TLS server.
pub struct Keys {
    pub merchant: PKey<Private>,
    pub merchant_public: PKey<Public>,
    pub platform: PKey<Private>,
    pub acceptor: SslAcceptor,
    /// The merchant's certificate for APIv2, in PEM; its serial is 7.
    pub merchant_certificate: String,
    /// The file of the authority that issued the server's certificate.
    pub authority: PathBuf,
}

impl Keys {
    /// The server's certificate is for these hosts; the file goes into this folder.
    pub fn make(folder: &Path, hosts: &[&str]) -> Keys {
        let merchant = rsa();
        let merchant_public = PKey::public_key_from_der(&merchant.public_key_to_der().unwrap()).unwrap();
        let (authority_key, server_key) = (ec(), ec());
        let authority = certificate("Test authority", &authority_key, None, &[], 1);
        let server = certificate("Test gateway", &server_key, Some((&authority, &authority_key)), hosts, 2);

        let merchant_certificate = certificate("Test merchant", &merchant, None, &[], 7).to_pem().unwrap();
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
        acceptor.set_private_key(&server_key).unwrap();
        acceptor.set_certificate(&server).unwrap();
        acceptor.check_private_key().unwrap();
        // Asks for a certificate, and takes any or none: the tests look at what came.
        acceptor.set_verify_callback(SslVerifyMode::PEER, |_, _| true);

        let path = folder.join("authority.pem");
        fs::write(&path, authority.to_pem().unwrap()).unwrap();
        Keys {
            merchant,
            merchant_public,
            platform: rsa(),
            acceptor: acceptor.build(),
            merchant_certificate: String::from_utf8(merchant_certificate).unwrap(),
            authority: path,
        }
    }

    pub fn merchant_pem(&self) -> String {
        String::from_utf8(self.merchant.private_key_to_pem_pkcs8().unwrap()).unwrap()
    }

    pub fn platform_public_pem(&self) -> String {
        String::from_utf8(self.platform.public_key_to_pem().unwrap()).unwrap()
    }
}

/// SHA256-RSA2048 in base64.
pub fn sign(message: &[u8], key: &PKeyRef<Private>) -> String {
    let mut signer = Signer::new(MessageDigest::sha256(), key).unwrap();
    encode_block(&signer.sign_oneshot_to_vec(message).unwrap())
}

/// Whether a signature in base64 holds.
pub fn verify(message: &[u8], signature: &str, key: &PKeyRef<Public>) -> bool {
    let mut verifier = Verifier::new(MessageDigest::sha256(), key).unwrap();
    decode_block(signature).is_ok_and(|signature| verifier.verify_oneshot(&signature, message).unwrap_or(false))
}

pub fn rsa() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()
}

fn ec() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// An authority when it has no issuer, otherwise a server.
fn certificate(
    name: &str,
    key: &PKey<Private>,
    issuer: Option<(&X509, &PKey<Private>)>,
    hosts: &[&str],
    serial: u32,
) -> X509 {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder: X509Builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(serial).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&*subject, |(issuer, _)| issuer.subject_name())).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    match issuer {
        None => builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap(),
        Some((issuer, _)) => {
            let mut names = SubjectAlternativeName::new();
            for host in hosts {
                names.dns(host);
            }
            let names = names.build(&builder.x509v3_context(Some(issuer), None)).unwrap();
            builder.append_extension(names).unwrap();
        }
    }
    builder.sign(issuer.map_or(key, |(_, key)| key), MessageDigest::sha256()).unwrap();
    builder.build()
}
