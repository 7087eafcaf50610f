//! Keys that are made when tests run. Made and used by OpenSSL alone, so that they prove something about the crate.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use openssl::base64::{decode_block, encode_block};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, PKeyRef, Private, Public};
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};
use openssl::ssl::{SslAcceptor, SslVerifyMode};

use crate::certificates::{Issue, Subject, acceptor};

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
        let merchant_public = public_key(&merchant);
        let certificate =
            Issue { subject: Subject::Other("Test merchant"), key: &merchant, serial: "7", valid: (0, 3600) };
        let merchant_certificate = certificate.pem();
        let (mut acceptor, authority) = acceptor(folder, hosts);
        // Asks for a certificate, and takes any or none: the tests look at what came.
        acceptor.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
        let acceptor = acceptor.build();
        Keys { merchant, merchant_public, platform: rsa(), acceptor, merchant_certificate, authority }
    }

    pub fn merchant_pem(&self) -> String {
        private_pem(&self.merchant)
    }

    pub fn platform_public_pem(&self) -> String {
        public_pem(&self.platform)
    }
}

/// The key in PEM.
pub fn private_pem(key: &PKeyRef<Private>) -> String {
    String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap()
}

/// Its public half in PEM.
pub fn public_pem(key: &PKeyRef<Private>) -> String {
    String::from_utf8(key.public_key_to_pem().unwrap()).unwrap()
}

/// Its public half.
pub fn public_key(key: &PKeyRef<Private>) -> PKey<Public> {
    PKey::public_key_from_der(&key.public_key_to_der().unwrap()).unwrap()
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

/// An RSA key that this test has not had yet. Another test may get it too: to make one takes longer than most tests.
pub fn rsa() -> PKey<Private> {
    static MADE: [OnceLock<PKey<Private>>; 16] = [const { OnceLock::new() }; 16];
    thread_local! {
        static NEXT: Cell<usize> = const { Cell::new(0) };
    }
    // Each test has a thread, which bears its name; one that has none is another thread of some test.
    let made = thread::current().name().and_then(|_| MADE.get(NEXT.replace(NEXT.get() + 1)));
    made.map_or_else(new_rsa, |made| made.get_or_init(new_rsa).clone())
}

/// An RSA key that nobody else gets.
fn new_rsa() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()
}
