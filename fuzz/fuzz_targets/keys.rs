//! Keys and certificates out of any text: nothing panics, nothing asks on the terminal (run it with a standard
//! input that never ends, see the README), and no message holds a piece of a private key.
#![no_main]

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hasher};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa as OpenSslRsa;
use openssl::symm::Cipher;
use openssl::x509::X509;
use wechatpay::{KeySource, PemUtil, Rsa};

/// Characters of a private key that no message may hold in a row.
const PIECE: usize = 16;

/// Characters at its beginning that are no secret.
const HEAD: usize = 64;

const PASSPHRASE: &str = "open sesame";

struct Keys {
    /// What stands for the bytes 0x80 and up in the input.
    pieces: Vec<String>,
    /// The hashes of all pieces of private keys, without line feeds: libFuzzer watches comparisons, and would learn the
    /// pieces themselves.
    secret: HashSet<u64>,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let text = |pem: Vec<u8>| String::from_utf8(pem).unwrap();
    let rsa = OpenSslRsa::generate(2048).unwrap();
    let small = PKey::from_rsa(OpenSslRsa::generate(512).unwrap()).unwrap();
    let key = PKey::from_rsa(rsa.clone()).unwrap();
    let cipher = Cipher::aes_256_cbc();
    let mut certificate = X509::builder().unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();

    let private = [
        text(rsa.private_key_to_pem().unwrap()),
        text(key.private_key_to_pem_pkcs8().unwrap()),
        text(rsa.private_key_to_pem_passphrase(cipher, PASSPHRASE.as_bytes()).unwrap()),
        text(key.private_key_to_pem_pkcs8_passphrase(cipher, PASSPHRASE.as_bytes()).unwrap()),
        text(small.private_key_to_pem_pkcs8().unwrap()),
    ];
    let public = [
        text(key.public_key_to_pem().unwrap()),
        text(rsa.public_key_to_pem_pkcs1().unwrap()),
        text(certificate.build().to_pem().unwrap()),
    ];
    let base64 = |pem: &String| pem.lines().filter(|line| !line.contains([':', '-'])).collect::<String>();
    let windows = |pem: &String| base64(pem).as_bytes().windows(PIECE).map(hash).collect::<Vec<_>>();
    // A private key begins with its kind, the same for all, and holds the numbers of its public key: no secrets.
    let known: HashSet<_> = public.iter().flat_map(windows).collect();
    let behind_head = |pem| windows(pem).into_iter().skip(HEAD);
    let secret = private.iter().flat_map(behind_head).filter(|piece| !known.contains(piece)).collect();
    // Each PEM as a whole, each line of its frame and its base64, so that they can be put together anew.
    let mut pieces: Vec<String> = [
        "file://",
        "private.pkcs1://",
        "private.pkcs8://",
        "public.pkcs1://",
        "public.spki://",
        "-----BEGIN ",
        "-----END ",
        "-----",
        "-----\n",
        "\n",
        "PRIVATE KEY",
        "RSA ",
        "PUBLIC KEY",
        "CERTIFICATE",
        "ENCRYPTED ",
        "TRUSTED ",
        "EC ",
        "X509 CRL",
        "Proc-Type: 4,ENCRYPTED\n",
        "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n",
        "Proc-Type: 4,MIC-CLEAR\n",
        PASSPHRASE,
    ]
    .map(String::from)
    .to_vec();
    for pem in private.iter().chain(&public) {
        pieces.push(pem.clone());
        pieces.push(base64(pem));
        pieces.extend(pem.split_once('\n').map(|(first, _)| format!("{first}\n")));
        pieces.extend(pem.trim_end().rsplit_once('\n').map(|(_, last)| format!("{last}\n")));
    }
    Keys { pieces, secret }
});

fn hash(piece: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(piece);
    hasher.finish()
}

fuzz_target!(|input: &[u8]| {
    let mut text = String::new();
    for byte in input {
        match byte {
            0..0x80 => text.push(char::from(*byte)),
            _ => text.push_str(&KEYS.pieces[usize::from(*byte - 0x80) % KEYS.pieces.len()]),
        }
    }
    // Files of this machine are no matter of ours, and some of them never end.
    if text.strip_prefix("file://").is_some_and(|path| path.starts_with('/') || path.contains("..")) {
        return;
    }
    let encrypted = KeySource::from((text.as_str(), PASSPHRASE));
    for source in [KeySource::from(text.as_str()), encrypted] {
        assert_discreet(&source);
        assert_discreet(&Rsa::from(source.clone(), Rsa::KEY_TYPE_PRIVATE));
        assert_discreet(&Rsa::from(source, Rsa::KEY_TYPE_PUBLIC));
    }
    assert_discreet(&PemUtil::load_certificate_from_string(text.as_str()).map(|certificate| certificate.public_key()));
});

/// An error's message is part of its `Debug`.
fn assert_discreet(shown: &dyn Debug) {
    let shown = format!("{shown:?}");
    let leak = shown.as_bytes().windows(PIECE).any(|piece| KEYS.secret.contains(&hash(piece)));
    assert!(!leak, "a piece of a private key: {shown}");
    assert!(
        !shown.contains(PASSPHRASE) || shown.contains("file://") || shown.contains("the file "),
        "the passphrase: {shown}"
    );
}
