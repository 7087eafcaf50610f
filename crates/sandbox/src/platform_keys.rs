//! The platform's keys: the public key, certificates, and which of them are in use now.

use std::io;
use std::sync::Mutex;

use elsa::sync::FrozenMap;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use wechatpay::KeySource;

use crate::authority::{Authority, Name, Validity};
use crate::crypto;
use crate::key_file::KeyFile;
use crate::keys::{KeyPair, KeyPool, Lifetime, SERIAL, serial};
use crate::lock::lock;
use crate::request::Request;

/// The header that names one of the platform's keys.
pub(crate) const HEADER: &str = "Wechatpay-Serial";

const AUTHORITY: &Name<'_> = &[
    (Nid::COUNTRYNAME, "CN"),
    (Nid::ORGANIZATIONNAME, "Tenpay.com"),
    (Nid::ORGANIZATIONALUNITNAME, "Tenpay.com CA Center"),
    (Nid::COMMONNAME, "Tenpay.com Root CA"),
];

const SUBJECT: &Name<'_> = &[
    (Nid::COUNTRYNAME, "CN"),
    (Nid::ORGANIZATIONNAME, "Tenpay.com"),
    (Nid::ORGANIZATIONALUNITNAME, "Tenpay.com CA Center"),
    (Nid::COMMONNAME, "Tenpay.com sign"),
];

/// What the platform signs with. Today's merchants use its public key and older ones its certificates; those who are
/// changing from one to the other use both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyMode {
    /// One public key that does not change, known by its id `PUB_KEY_ID_…`.
    #[default]
    PublicKey,
    /// Certificates, known by their serials, each replaced by a newer one from time to time.
    Certificate,
    /// The newest certificate, or the public key if a request asks for it.
    Mixed,
}

/// One of the platform's keys.
pub(crate) struct PlatformKey {
    /// The id of the public key, or the serial of the certificate.
    pub(crate) id: String,
    pub(crate) pair: KeyPair,
    /// The name of the scheme that it signs by.
    pub(crate) scheme: &'static str,
    /// `None` for the public key.
    certificate: Option<Issued>,
}

impl PlatformKey {
    /// `None` for the public key.
    pub(crate) fn certificate(&self) -> Option<&Issued> {
        self.certificate.as_ref()
    }
}

pub(crate) struct Issued {
    pub(crate) pem: String,
    pub(crate) validity: Validity,
}

/// All of the platform's keys for one kind of callers. None is ever removed, so that references to them stay valid.
pub(crate) struct PlatformKeys {
    pub(crate) mode: KeyMode,
    /// The public key if there is one, otherwise the first certificate.
    first: PlatformKey,
    /// All other certificates by their serials, including retired ones.
    others: FrozenMap<String, Box<PlatformKey>>,
    /// The serials of the certificates that are not retired, oldest first. In mode Certificate there is
    /// always one.
    valid: Mutex<Vec<String>>,
    issuer: Issuer,
}

impl PlatformKeys {
    /// Keys in this mode, for signatures by the scheme of this name.
    pub(crate) fn of(
        public_key_id: &str,
        mode: KeyMode,
        lifetime: Lifetime,
        scheme: &'static str,
        file: &mut KeyFile,
    ) -> io::Result<PlatformKeys> {
        let issuer = Issuer::of(lifetime, scheme, file)?;
        let public_key = match mode {
            KeyMode::PublicKey | KeyMode::Mixed => {
                let pair = file.pair("platform_key")?;
                Some(PlatformKey { id: public_key_id.to_owned(), pair, scheme, certificate: None })
            }
            KeyMode::Certificate => None,
        };
        let certificate = match mode {
            KeyMode::Mixed | KeyMode::Certificate => {
                let id = file.secret("platform_certificate_serial", SERIAL, serial)?;
                Some(issuer.issue(id, file.pair("platform_certificate_key")?)?)
            }
            KeyMode::PublicKey => None,
        };
        let valid: Vec<String> = certificate.iter().map(|key| key.id.clone()).collect();
        let mut keys = public_key.into_iter().chain(certificate);
        let (first, others) = (keys.next(), FrozenMap::new());
        for key in keys {
            others.insert(key.id.clone(), Box::new(key));
        }
        // Each mode has one of the two.
        let first = first.ok_or_else(|| io::Error::other("the platform has no key"))?;
        Ok(PlatformKeys { mode, first, others, valid: Mutex::new(valid), issuer })
    }

    /// The key that signs unless a request names another: the newest certificate, or the public key.
    pub(crate) fn current(&self) -> &PlatformKey {
        let newest = lock(&self.valid).last().cloned();
        newest.and_then(|serial| self.known(&serial)).unwrap_or(&self.first)
    }

    pub(crate) fn public_key(&self) -> Option<&PlatformKey> {
        (self.mode != KeyMode::Certificate).then_some(&self.first)
    }

    /// A current or retired key.
    pub(crate) fn known(&self, id: &str) -> Option<&PlatformKey> {
        if self.first.id == id { Some(&self.first) } else { self.others.get(id) }
    }

    /// All keys in use, by their ids: the public key, and the certificates in PEM, oldest first.
    pub(crate) fn good(&self) -> Vec<(&str, KeySource)> {
        let public_key = self.public_key().map(|key| (key.id.as_str(), key.pair.public.clone().into()));
        let certificates = self.certificates().into_iter().map(|(serial, issued)| (serial, issued.pem.as_str().into()));
        public_key.into_iter().chain(certificates).collect()
    }

    /// The certificates that are not retired, oldest first.
    pub(crate) fn certificates(&self) -> Vec<(&str, &Issued)> {
        let valid = lock(&self.valid).clone();
        let keys = valid.iter().filter_map(|serial| self.known(serial));
        keys.filter_map(|key| Some((key.id.as_str(), key.certificate.as_ref()?))).collect()
    }

    /// The key that the request names, or the current one if it names none; `None` if there is no such key, or it is
    /// retired.
    pub(crate) fn asked_for(&self, request: &Request) -> Option<&PlatformKey> {
        let Some(value) = request.headers().get(HEADER) else {
            return Some(self.current());
        };
        let key = self.known(value.to_str().ok()?)?;
        (key.certificate.is_none() || lock(&self.valid).contains(&key.id)).then_some(key)
    }

    /// The text of a sensitive field that is encrypted for one of the keys in use.
    pub(crate) fn open(&self, sealed: &str) -> Option<String> {
        let certificates = self.serials();
        let certificates = certificates.iter().filter_map(|serial| self.known(serial));
        self.public_key().into_iter().chain(certificates).find_map(|key| crypto::open(sealed, &key.pair.key))
    }

    /// The serials of the certificates that are not retired, oldest first.
    pub(crate) fn serials(&self) -> Vec<String> {
        lock(&self.valid).clone()
    }

    /// The certificate of their issuer, in PEM.
    pub(crate) fn issuer_pem(&self) -> &str {
        &self.issuer.pem
    }

    /// Sets the validity of the certificates that are issued from now on.
    pub(crate) fn set_lifetime(&self, lifetime: Lifetime) {
        *lock(&self.issuer.course) = Course { lifetime, last: None };
    }

    pub(crate) fn rotate(&self) -> Result<String, ErrorStack> {
        let key = self.issuer.issue(serial(), self.issuer.pool.next()?)?;
        let serial = key.id.clone();
        self.others.insert(serial.clone(), Box::new(key));
        lock(&self.valid).push(serial.clone());
        Ok(serial)
    }

    pub(crate) fn retire(&self, serial: &str) -> bool {
        let mut valid = lock(&self.valid);
        let Some(place) = valid.iter().position(|known| known == serial) else {
            return false;
        };
        if self.mode == KeyMode::Certificate && valid.len() == 1 {
            return false;
        }
        valid.remove(place);
        true
    }
}

/// The issuer of the platform's certificates.
struct Issuer {
    authority: Authority,
    pem: String,
    pool: KeyPool,
    course: Mutex<Course>,
    scheme: &'static str,
}

/// How long certificates are valid, and when the validity of the last one began.
#[derive(Clone, Copy)]
struct Course {
    lifetime: Lifetime,
    last: Option<i64>,
}

impl Issuer {
    fn of(lifetime: Lifetime, scheme: &'static str, file: &mut KeyFile) -> io::Result<Issuer> {
        let authority = file.authority("platform_authority", AUTHORITY)?;
        let pem = authority.pem()?;
        let course = Mutex::new(Course { lifetime, last: None });
        Ok(Issuer { authority, pem, pool: KeyPool::default(), course, scheme })
    }

    fn issue(&self, id: String, pair: KeyPair) -> Result<PlatformKey, ErrorStack> {
        let validity = {
            let mut course = lock(&self.course);
            let validity = course.lifetime.validity(crypto::now(), course.last);
            course.last = Some(validity.not_before);
            validity
        };
        let pem = self.authority.issue(SUBJECT, &pair.key, &id, Some(validity))?;
        Ok(PlatformKey { id, pair, scheme: self.scheme, certificate: Some(Issued { pem, validity }) })
    }
}
