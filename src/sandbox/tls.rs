//! TLS on the platform's side: a server that can prove who it is, and asks who the client is.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, BigNumRef};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private};
use openssl::ssl::{SslAcceptor, SslMethod, SslRef, SslVerifyMode};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameRef, X509VerifyResult};

use crate::formatter::Formatter;

/// How long certificates hold, in days.
const LIFETIME: u32 = 3650;

/// Who issues certificates.
pub(super) struct Authority {
    key: PKey<Private>,
    certificate: X509,
}

impl Authority {
    pub(super) fn make(name: &str) -> Result<Authority, ErrorStack> {
        let (key, name) = (key()?, common_name(name)?);
        let serial = BigNum::from_u32(1)?;
        let mut builder = certificate(&name, &name, &key, &serial)?;
        builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        builder.sign(&key, MessageDigest::sha256())?;
        Ok(Authority { key, certificate: builder.build() })
    }

    pub(super) fn pem(&self) -> Result<String, ErrorStack> {
        pem(&self.certificate)
    }

    /// A certificate for the owner of a key, in PEM. The serial is hex.
    pub(super) fn issue<T: HasPublic>(&self, name: &str, key: &PKeyRef<T>, serial: &str) -> Result<String, ErrorStack> {
        let (name, serial) = (common_name(name)?, BigNum::from_hex_str(serial)?);
        let mut builder = certificate(&name, self.certificate.subject_name(), key, &serial)?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        pem(&builder.build())
    }

    /// A server's key, and its certificate for this machine.
    fn issue_server(&self) -> Result<(PKey<Private>, X509), ErrorStack> {
        let (key, name, serial) = (key()?, common_name("localhost")?, BigNum::from_u32(2)?);
        let mut builder = certificate(&name, self.certificate.subject_name(), &key, &serial)?;
        let names = SubjectAlternativeName::new()
            .dns("localhost")
            .ip("127.0.0.1")
            .build(&builder.x509v3_context(Some(&self.certificate), None))?;
        builder.append_extension(names)?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok((key, builder.build()))
    }
}

/// What speaks TLS with clients, and the PEM of the authority behind it.
pub(super) fn acceptor(merchants: &Authority) -> Result<(SslAcceptor, String), ErrorStack> {
    let authority = Authority::make("wechatpay sandbox servers")?;
    let (key, certificate) = authority.issue_server()?;
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    acceptor.set_private_key(&key)?;
    acceptor.set_certificate(&certificate)?;
    acceptor.add_client_ca(&merchants.certificate)?;
    acceptor.cert_store_mut().add_cert(merchants.certificate.clone())?;
    // A stranger's certificate counts as none: the answer tells more than a broken handshake would.
    // What OpenSSL has noted about it must go, or the next read would take it for its own failure.
    acceptor.set_verify_callback(SslVerifyMode::PEER, |_, _| {
        drop(ErrorStack::get());
        true
    });
    // Sessions of clients with certificates are resumed only where they are told apart by this.
    acceptor.set_session_id_context(b"wechatpay-sandbox")?;
    Ok((acceptor.build(), authority.pem()?))
}

/// Whether the client has shown a certificate of the merchants' authority.
pub(super) fn is_certified(connection: &SslRef) -> bool {
    connection.peer_certificate().is_some() && connection.verify_result() == X509VerifyResult::OK
}

/// A file in the folder for temporary files; dropping it removes it.
pub(super) struct TemporaryFile(PathBuf);

impl TemporaryFile {
    pub(super) fn write(content: &str) -> io::Result<TemporaryFile> {
        let name = format!("wechatpay-sandbox-{}-{}.pem", std::process::id(), Formatter::nonce(16));
        let file = TemporaryFile(std::env::temp_dir().join(name));
        // Never through a link that somebody else has put there.
        OpenOptions::new().write(true).create_new(true).open(&file.0)?.write_all(content.as_bytes())?;
        Ok(file)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_ec_key(EcKey::generate(&*EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?)?)
}

fn common_name(name: &str) -> Result<X509Name, ErrorStack> {
    let mut builder = X509Name::builder()?;
    builder.append_entry_by_nid(Nid::COMMONNAME, name)?;
    Ok(builder.build())
}

/// A certificate that only lacks its extensions and its signature.
fn certificate<T: HasPublic>(
    subject: &X509NameRef,
    issuer: &X509NameRef,
    key: &PKeyRef<T>,
    serial: &BigNumRef,
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_not_before(&*Asn1Time::days_from_now(0)?)?;
    builder.set_not_after(&*Asn1Time::days_from_now(LIFETIME)?)?;
    builder.set_pubkey(key)?;
    Ok(builder)
}

fn pem(certificate: &X509) -> Result<String, ErrorStack> {
    // PEM is ASCII.
    Ok(String::from_utf8_lossy(&certificate.to_pem()?).into_owned())
}
