//! A server on 127.0.0.1 that speaks TLS, and the file that says whom to trust; made by OpenSSL alone.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

pub struct Trust {
    pub acceptor: SslAcceptor,
    /// The file of the authority, for the option `verify`.
    pub bundle: PathBuf,
}

impl Trust {
    /// The file goes into this folder.
    pub fn make(folder: &Path) -> Trust {
        let (authority_key, key) = (key(), key());
        let authority = certificate("Test authority", &authority_key, None);
        let certificate = certificate("Test server", &key, Some((&authority, &authority_key)));
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
        acceptor.set_private_key(&key).unwrap();
        acceptor.set_certificate(&certificate).unwrap();
        let bundle = folder.join("authority.pem");
        fs::write(&bundle, authority.to_pem().unwrap()).unwrap();
        Trust { acceptor: acceptor.build(), bundle }
    }
}

fn key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// An authority when it has no issuer, otherwise a server.
fn certificate(name: &str, key: &PKey<Private>, issuer: Option<(&X509, &PKey<Private>)>) -> X509 {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(if issuer.is_none() { 1 } else { 2 }).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&*subject, |(issuer, _)| issuer.subject_name())).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    let extension = match issuer {
        None => BasicConstraints::new().critical().ca().build().unwrap(),
        Some((issuer, _)) => SubjectAlternativeName::new()
            .ip(&Ipv4Addr::LOCALHOST.to_string())
            .build(&builder.x509v3_context(Some(issuer), None))
            .unwrap(),
    };
    builder.append_extension(extension).unwrap();
    builder.sign(issuer.map_or(key, |(_, key)| key), MessageDigest::sha256()).unwrap();
    builder.build()
}
