//! Certificates, and who issues them.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, BigNumRef};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameRef};

use crate::crypto;

/// How long certificates are valid by default, in seconds: 3,650 days.
const LIFETIME: u32 = 3650 * 24 * 60 * 60;

/// The last second that a certificate can express, less a day for time zones: 9999-12-30.
const LAST: i64 = 253_402_214_400;

/// Certificates are valid since so many seconds ago, as a clock may be set back.
const EARLIER: i64 = 60 * 60;

/// The parts of a name, in their order.
pub(crate) type Name<'a> = [(Nid, &'a str)];

/// From when until when a certificate is valid, in Unix seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Validity {
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
}

impl Validity {
    /// This many seconds, from `starts_in` seconds from now on.
    pub(crate) fn from_now(starts_in: i64, seconds: u32) -> Validity {
        Validity::new(crypto::now().saturating_add(starts_in), seconds)
    }

    /// This many seconds, from this one on.
    pub(crate) fn new(not_before: i64, seconds: u32) -> Validity {
        let not_before = not_before.clamp(0, LAST);
        Validity { not_before, not_after: not_before.saturating_add(seconds.into()).min(LAST) }
    }
}

/// An issuer of certificates. Its key is an elliptic-curve key, which takes no time to make and to sign with.
pub(crate) struct Authority {
    key: PKey<Private>,
    certificate: X509,
}

impl Authority {
    pub(crate) fn make(name: &Name<'_>) -> Result<Authority, ErrorStack> {
        let (key, name) = (key()?, self::name(name)?);
        let mut builder =
            certificate(&name, &name, &key, &*BigNum::from_u32(1)?, Validity::from_now(-EARLIER, LIFETIME))?;
        builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        builder.sign(&key, MessageDigest::sha256())?;
        Ok(Authority { key, certificate: builder.build() })
    }

    /// The authority with this key and this certificate, both in PEM, if they belong together.
    pub(crate) fn read(key: &str, certificate: &str) -> Option<Authority> {
        let key = PKey::private_key_from_pem(key.as_bytes()).ok()?;
        let certificate = X509::from_pem(certificate.as_bytes()).ok()?;
        certificate.verify(&key).is_ok_and(|belongs| belongs).then_some(Authority { key, certificate })
    }

    pub(crate) fn certificate(&self) -> &X509 {
        &self.certificate
    }

    /// Its private key, in PEM.
    pub(crate) fn key_pem(&self) -> Result<String, ErrorStack> {
        // PEM is ASCII.
        Ok(String::from_utf8_lossy(&self.key.private_key_to_pem_pkcs8()?).into_owned())
    }

    pub(crate) fn pem(&self) -> Result<String, ErrorStack> {
        pem(&self.certificate)
    }

    /// A certificate for the owner of a key, in PEM. The serial is hex.
    pub(crate) fn issue<T: HasPublic>(
        &self,
        name: &Name<'_>,
        key: &PKeyRef<T>,
        serial: &str,
        validity: Option<Validity>,
    ) -> Result<String, ErrorStack> {
        let (name, serial) = (self::name(name)?, BigNum::from_hex_str(serial)?);
        let validity = validity.unwrap_or_else(|| Validity::from_now(-EARLIER, LIFETIME));
        let mut builder = certificate(&name, self.certificate.subject_name(), key, &serial, validity)?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        pem(&builder.build())
    }

    /// A server's key, and its certificate for this machine.
    pub(crate) fn issue_server(&self) -> Result<(PKey<Private>, X509), ErrorStack> {
        let (key, name) = (key()?, name(&[(Nid::COMMONNAME, "localhost")])?);
        let issuer = self.certificate.subject_name();
        let mut builder =
            certificate(&name, issuer, &key, &*BigNum::from_u32(2)?, Validity::from_now(-EARLIER, LIFETIME))?;
        let names = SubjectAlternativeName::new()
            .dns("localhost")
            .ip("127.0.0.1")
            .build(&builder.x509v3_context(Some(&self.certificate), None))?;
        builder.append_extension(names)?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok((key, builder.build()))
    }
}

fn key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_ec_key(EcKey::generate(&*EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?)?)
}

fn name(parts: &Name<'_>) -> Result<X509Name, ErrorStack> {
    let mut builder = X509Name::builder()?;
    for (kind, text) in parts {
        builder.append_entry_by_nid(*kind, text)?;
    }
    Ok(builder.build())
}

/// A certificate that lacks only its extensions and its signature.
fn certificate<T: HasPublic>(
    subject: &X509NameRef,
    issuer: &X509NameRef,
    key: &PKeyRef<T>,
    serial: &BigNumRef,
    validity: Validity,
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_not_before(&*Asn1Time::from_unix(validity.not_before)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(validity.not_after)?)?;
    builder.set_pubkey(key)?;
    Ok(builder)
}

fn pem(certificate: &X509) -> Result<String, ErrorStack> {
    // PEM is ASCII.
    Ok(String::from_utf8_lossy(&certificate.to_pem()?).into_owned())
}
