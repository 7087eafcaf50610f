//! The platform's cryptography. It uses only OpenSSL, not the client's code, so that a mistake there is not hidden by the
//! same mistake here.

use std::time::{SystemTime, UNIX_EPOCH};

use openssl::base64::{decode_block, encode_block};
use openssl::encrypt::{Decrypter, Encrypter};
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, PKeyRef, Private, Public};
use openssl::rand::rand_bytes;
use openssl::rsa::Padding;
use openssl::sign::{Signer, Verifier};
use openssl::symm::{Cipher, Crypter, Mode, encrypt, encrypt_aead};

/// Bytes of the tag at the end of an AES-GCM ciphertext.
pub(crate) const TAG: usize = 16;

/// The letters of a nonce.
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// SHA256-RSA2048, in base64.
pub(crate) fn sign(message: &[u8], key: &PKeyRef<Private>) -> Result<String, ErrorStack> {
    Ok(encode_block(&Signer::new(MessageDigest::sha256(), key)?.sign_oneshot_to_vec(message)?))
}

/// Whether a signature in base64 is valid; one that is not base64 is not.
pub(crate) fn verify(message: &[u8], signature: &str, key: &PKeyRef<Public>) -> bool {
    let verified = decode_block(signature)
        .and_then(|signature| Verifier::new(MessageDigest::sha256(), key)?.verify_oneshot(&signature, message));
    verified.unwrap_or_else(|_| {
        // OpenSSL's queue of errors must be cleared, or the next operation would take them for its own.
        drop(ErrorStack::get());
        false
    })
}

/// The text of a sensitive field: RSA-OAEP with SHA-1, in base64. `None` if it cannot be decrypted.
pub(crate) fn open(sealed: &str, key: &PKeyRef<Private>) -> Option<String> {
    let opened = decode_block(sealed).and_then(|sealed| {
        let mut decrypter = Decrypter::new(key)?;
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
        let mut text = vec![0; decrypter.decrypt_len(&sealed)?];
        let length = decrypter.decrypt(&sealed, &mut text)?;
        text.truncate(length);
        Ok(text)
    });
    opened.ok().and_then(|text| String::from_utf8(text).ok())
}

/// A sensitive field for the owner of this key, as [`open`] decrypts it.
pub(crate) fn seal_for(text: &str, key: &PKeyRef<Public>) -> Result<String, ErrorStack> {
    let mut encrypter = Encrypter::new(key)?;
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
    let mut sealed = vec![0; encrypter.encrypt_len(text.as_bytes())?];
    let length = encrypter.encrypt(text.as_bytes(), &mut sealed)?;
    sealed.truncate(length);
    Ok(encode_block(&sealed))
}

/// AES-256-GCM, in base64 with the tag at its end.
pub(crate) fn seal(text: &str, key: &str, nonce: &str, associated_data: &str) -> Result<String, ErrorStack> {
    let mut tag = [0; TAG];
    let mut sealed = encrypt_aead(
        Cipher::aes_256_gcm(),
        key.as_bytes(),
        Some(nonce.as_bytes()),
        associated_data.as_bytes(),
        text.as_bytes(),
        &mut tag,
    )?;
    sealed.extend_from_slice(&tag);
    Ok(encode_block(&sealed))
}

/// The key and the nonce of a file that is encrypted with AES-256-GCM, without associated data.
#[derive(Clone)]
pub(crate) struct FileKey {
    pub(crate) key: String,
    pub(crate) nonce: String,
}

impl FileKey {
    /// As long as those in the platform's examples.
    pub(crate) fn new() -> FileKey {
        FileKey { key: nonce(32), nonce: nonce(16) }
    }
}

/// Encrypts a file piece by piece.
pub(crate) struct FileSealer(Crypter);

impl FileSealer {
    pub(crate) fn new(file: &FileKey) -> Result<FileSealer, ErrorStack> {
        let (key, nonce) = (file.key.as_bytes(), file.nonce.as_bytes());
        Crypter::new(Cipher::aes_256_gcm(), Mode::Encrypt, key, Some(nonce)).map(FileSealer)
    }

    pub(crate) fn seal(&mut self, piece: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let mut sealed = vec![0; piece.len().saturating_add(Cipher::aes_256_gcm().block_size())];
        let length = self.0.update(piece, &mut sealed)?;
        sealed.truncate(length);
        Ok(sealed)
    }

    /// The tag, which is the end of the file.
    pub(crate) fn end(mut self) -> Result<Vec<u8>, ErrorStack> {
        let mut tag = vec![0; TAG];
        // In this mode nothing is left to be written.
        self.0.finalize(&mut [0; TAG])?;
        self.0.get_tag(&mut tag)?;
        Ok(tag)
    }
}

/// AES-256-ECB with the MD5 of an APIv2 key as the key, in base64.
pub(crate) fn seal_apiv2(text: &str, secret: &str) -> Result<String, ErrorStack> {
    let key = hex(&hash(MessageDigest::md5(), secret.as_bytes())?);
    Ok(encode_block(&encrypt(Cipher::aes_256_ecb(), key.as_bytes(), None, text.as_bytes())?))
}

/// The ways in which APIv2 signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SignType {
    #[default]
    Md5,
    HmacSha256,
}

impl SignType {
    /// The one with this name in the field `sign_type`; an empty name means the default.
    pub(crate) fn of(name: &str) -> Option<SignType> {
        match name {
            "" | "MD5" => Some(SignType::Md5),
            "HMAC-SHA256" => Some(SignType::HmacSha256),
            _ => None,
        }
    }

    /// The signature of a text that ends with `&key=` and the key, in uppercase hex.
    pub(crate) fn sign(self, text: &str, secret: &str) -> Result<String, ErrorStack> {
        let digest = match self {
            SignType::Md5 => hash(MessageDigest::md5(), text.as_bytes())?.to_vec(),
            SignType::HmacSha256 => {
                let key = PKey::hmac(secret.as_bytes())?;
                Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(text.as_bytes())?
            }
        };
        Ok(hex(&digest).to_uppercase())
    }
}

/// This many random letters and digits.
pub(crate) fn nonce(length: usize) -> String {
    let mut letters = String::with_capacity(length);
    while letters.len() < length {
        // A few of the 64 values are not the index of a letter: they are drawn again, so that all letters are equally
        // likely.
        let drawn = random::<64>().into_iter().filter_map(|byte| LETTERS.get(usize::from(byte & 63)));
        letters.extend(drawn.map(|letter| char::from(*letter)).take(length.saturating_sub(letters.len())));
    }
    letters
}

/// A number with this many digits that cannot be guessed.
pub(crate) fn digits(count: usize) -> String {
    nonce(count).bytes().map(|byte| char::from(b'0'.saturating_add(byte % 10))).collect()
}

/// Zeros if OpenSSL has no random bytes, which no test needs to survive.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = rand_bytes(&mut bytes);
    bytes
}

/// Lowercase hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The platform's clock, in Unix seconds.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
