//! TLS on the platform's side: a server with a certificate, which asks the client for its own.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::ssl::{SslAcceptor, SslMethod, SslRef, SslVerifyMode};
use openssl::x509::X509VerifyResult;

use crate::authority::Authority;
use crate::crypto;
use crate::key_file::KeyFile;

/// The authority behind the certificate of the server.
pub(crate) fn authority(file: &mut KeyFile) -> io::Result<Authority> {
    file.authority("servers_authority", &[(Nid::COMMONNAME, "wechatpay sandbox servers")])
}

/// The TLS acceptor, with a certificate of this authority.
pub(crate) fn acceptor(authority: &Authority, merchants: &Authority) -> Result<SslAcceptor, ErrorStack> {
    let (key, certificate) = authority.issue_server()?;
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    acceptor.set_private_key(&key)?;
    acceptor.set_certificate(&certificate)?;
    acceptor.add_client_ca(merchants.certificate())?;
    acceptor.cert_store_mut().add_cert(merchants.certificate().to_owned())?;
    // A certificate of another authority counts as none: an answer says more than a failed handshake. OpenSSL's queue of
    // errors must be cleared, or the next read would take them for its own.
    acceptor.set_verify_callback(SslVerifyMode::PEER, |_, _| {
        drop(ErrorStack::get());
        true
    });
    // OpenSSL resumes sessions of clients with certificates only if this is set.
    acceptor.set_session_id_context(b"wechatpay-sandbox")?;
    Ok(acceptor.build())
}

/// The serial, in uppercase hex, of the certificate that the client presented, if it is one of the merchants' authority;
/// `None` otherwise.
pub(crate) fn shown_certificate(connection: &SslRef) -> Option<String> {
    let certificate = connection.peer_certificate()?;
    if connection.verify_result() != X509VerifyResult::OK {
        return None;
    }
    let serial = certificate.serial_number().to_bn().and_then(|serial| serial.to_hex_str()).ok()?;
    Some(serial.to_string())
}

/// A file in the folder for temporary files; dropping it removes it.
pub(crate) struct TemporaryFile(PathBuf);

impl TemporaryFile {
    pub(crate) fn write(content: &str) -> io::Result<TemporaryFile> {
        let name = format!("wechatpay-sandbox-{}-{}.pem", std::process::id(), crypto::nonce(16));
        let file = TemporaryFile(std::env::temp_dir().join(name));
        // Never through a link that someone else has put there.
        OpenOptions::new().write(true).create_new(true).open(&file.0)?.write_all(content.as_bytes())?;
        Ok(file)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
