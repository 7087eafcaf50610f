//! The keys of both sides and the server's certificate: made once for a run, in a folder of its own.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};

pub const MCHID: &str = "1900000109";
pub const MERCHANT_SERIAL: &str = "3775B6A45ACD588826D15E583A95F5DD12345678";
pub const PLATFORM_KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";

const MERCHANT: &str = "merchant.pem";
const PLATFORM: &str = "platform.pem";
const PLATFORM_PUBLIC: &str = "platform-public.pem";
const SERVER_KEY: &str = "server-key.pem";
pub const SERVER_CERTIFICATE: &str = "server-certificate.pem";
/// A folder of roots as OpenSSL wants it, with the server's certificate in it.
pub const ROOTS: &str = "roots";

/// Writes all of them into the folder.
pub fn make(folder: &Path) -> anyhow::Result<()> {
    let merchant = PKey::from_rsa(Rsa::generate(2048)?)?;
    let platform = PKey::from_rsa(Rsa::generate(2048)?)?;
    let server = PKey::from_rsa(Rsa::generate(2048)?)?;
    fs::write(folder.join(MERCHANT), merchant.private_key_to_pem_pkcs8()?)?;
    fs::write(folder.join(PLATFORM), platform.private_key_to_pem_pkcs8()?)?;
    fs::write(folder.join(PLATFORM_PUBLIC), platform.public_key_to_pem()?)?;
    fs::write(folder.join(SERVER_KEY), server.private_key_to_pem_pkcs8()?)?;
    let certificate = certificate(&server)?;
    fs::write(folder.join(SERVER_CERTIFICATE), certificate.to_pem()?)?;
    fs::create_dir_all(folder.join(ROOTS))?;
    fs::write(folder.join(ROOTS).join(format!("{:08x}.0", certificate.subject_name_hash())), certificate.to_pem()?)?;
    Ok(())
}

/// For 127.0.0.1, signed by itself.
fn certificate(key: &PKey<Private>) -> anyhow::Result<X509> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("CN", "127.0.0.1")?;
    let name = name.build();
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(BigNum::from_u32(1)?.to_asn1_integer()?.as_ref())?;
    builder.set_subject_name(&name)?;
    builder.set_issuer_name(&name)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(Asn1Time::days_from_now(0)?.as_ref())?;
    builder.set_not_after(Asn1Time::days_from_now(2)?.as_ref())?;
    let address = SubjectAlternativeName::new().ip("127.0.0.1").build(&builder.x509v3_context(None, None))?;
    builder.append_extension(address)?;
    builder.sign(key, MessageDigest::sha256())?;
    Ok(builder.build())
}

pub fn merchant(folder: &Path) -> anyhow::Result<PKey<Private>> {
    Ok(PKey::private_key_from_pem(&fs::read(folder.join(MERCHANT))?)?)
}

pub fn platform(folder: &Path) -> anyhow::Result<PKey<Private>> {
    Ok(PKey::private_key_from_pem(&fs::read(folder.join(PLATFORM))?)?)
}

pub fn platform_public(folder: &Path) -> anyhow::Result<PKey<Public>> {
    Ok(PKey::public_key_from_pem(&fs::read(folder.join(PLATFORM_PUBLIC))?)?)
}

/// The paths of the merchant's private and the platform's public key, as `file://…`.
pub fn urls(folder: &Path) -> (String, String) {
    let url = |name| format!("file://{}", folder.join(name).display());
    (url(MERCHANT), url(PLATFORM_PUBLIC))
}

pub fn server(folder: &Path) -> anyhow::Result<(PKey<Private>, X509)> {
    let key = PKey::private_key_from_pem(&fs::read(folder.join(SERVER_KEY))?)?;
    Ok((key, X509::from_pem(&fs::read(folder.join(SERVER_CERTIFICATE))?)?))
}

/// SHA256-RSA2048 in base64.
pub fn sign(message: &[u8], key: &PKey<Private>) -> anyhow::Result<String> {
    use base64::Engine;
    let signature = Signer::new(MessageDigest::sha256(), key)?.sign_oneshot_to_vec(message)?;
    Ok(base64::engine::general_purpose::STANDARD.encode(signature))
}

pub fn verify(message: &[u8], signature: &str, key: &PKey<Public>) -> anyhow::Result<bool> {
    use base64::Engine;
    let signature = base64::engine::general_purpose::STANDARD.decode(signature)?;
    Ok(Verifier::new(MessageDigest::sha256(), key)?.verify_oneshot(&signature, message)?)
}

/// Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
