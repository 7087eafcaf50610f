//! The platform's keys: the public key, certificates, and which of them are good now.

use std::sync::Mutex;

use elsa::sync::FrozenMap;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use serde_json::{Value, json};

use crate::crypto::aes_gcm::AesGcm;
use crate::crypto::rsa::{KeySource, PublicKey};
use crate::formatter::Formatter;

use super::answer::Refusal;
use super::authority::{Authority, Name, Validity};
use super::keys::{KeyPair, KeyPool, Lifetime, PUBLIC_KEY_ID, serial};
use super::request::Request;
use super::{Sandbox, clock, lock};

/// The header that names one of the platform's keys.
pub(super) const HEADER: &str = "Wechatpay-Serial";

/// Characters of the nonce of an encrypted certificate.
const NONCE: usize = 12;

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

/// With what the platform signs: merchants of today have its public key, those of before its
/// certificates, and those who are changing from one to the other both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyMode {
    /// With one key that does not change, known by its id, `PUB_KEY_ID_…`.
    #[default]
    PublicKey,
    /// With the key of a certificate, known by its serial, that gives way to another from time to time.
    Certificate,
    /// With the newest certificate, or with the public key where a request asks for it.
    Mixed,
}

/// One of the platform's keys.
pub(super) struct PlatformKey {
    /// The id of the public key, or the serial of the certificate.
    pub(super) id: String,
    pub(super) pair: KeyPair,
    /// None of the public key.
    certificate: Option<Issued>,
}

struct Issued {
    pem: String,
    validity: Validity,
}

/// All of the platform's keys. None is ever removed, so that references to them can be handed out.
pub(super) struct PlatformKeys {
    mode: KeyMode,
    /// The public key where there is one, else the first certificate.
    first: PlatformKey,
    /// All certificates but that by their serials, also those that are retired.
    others: FrozenMap<String, Box<PlatformKey>>,
    /// The serials of the certificates that are not retired, oldest first. In mode Certificate there is
    /// always one.
    valid: Mutex<Vec<String>>,
    issuer: Issuer,
}

impl PlatformKeys {
    pub(super) fn generate(mode: KeyMode, lifetime: Lifetime) -> Result<PlatformKeys, ErrorStack> {
        let issuer = Issuer::make(lifetime)?;
        let first = match mode {
            KeyMode::PublicKey | KeyMode::Mixed => {
                PlatformKey { id: PUBLIC_KEY_ID.to_owned(), pair: KeyPair::generate()?, certificate: None }
            }
            KeyMode::Certificate => issuer.issue()?,
        };
        let valid = if mode == KeyMode::Certificate { vec![first.id.clone()] } else { Vec::new() };
        let keys = PlatformKeys { mode, first, others: FrozenMap::new(), valid: Mutex::new(valid), issuer };
        if mode == KeyMode::Mixed {
            keys.rotate()?;
        }
        Ok(keys)
    }

    /// The one that signs where nobody asks for another: the newest certificate, or the public key.
    pub(super) fn current(&self) -> &PlatformKey {
        let newest = lock(&self.valid).last().cloned();
        newest.and_then(|serial| self.known(&serial)).unwrap_or(&self.first)
    }

    pub(super) fn public_key(&self) -> Option<&PlatformKey> {
        (self.mode != KeyMode::Certificate).then_some(&self.first)
    }

    /// Any that there is or was.
    pub(super) fn known(&self, id: &str) -> Option<&PlatformKey> {
        if self.first.id == id { Some(&self.first) } else { self.others.get(id) }
    }

    /// All that are good now, by their ids: the public key, and the certificates in PEM, oldest first.
    pub(super) fn good(&self) -> Vec<(&str, KeySource)> {
        let public_key = self.public_key().map(|key| (key.id.as_str(), key.pair.public.clone().into()));
        let certificates = self.certificates().into_iter().map(|(serial, issued)| (serial, issued.pem.as_str().into()));
        public_key.into_iter().chain(certificates).collect()
    }

    /// The certificates that are not retired, oldest first.
    fn certificates(&self) -> Vec<(&str, &Issued)> {
        let valid = lock(&self.valid).clone();
        let keys = valid.iter().filter_map(|serial| self.known(serial));
        keys.filter_map(|key| Some((key.id.as_str(), key.certificate.as_ref()?))).collect()
    }

    /// The one that the request names, or the current one where it names none; none if there is no such
    /// key, or it is retired.
    pub(super) fn asked_for(&self, request: &Request) -> Option<&PlatformKey> {
        let Some(value) = request.headers().get(HEADER) else {
            return Some(self.current());
        };
        let key = self.known(value.to_str().ok()?)?;
        (key.certificate.is_none() || lock(&self.valid).contains(&key.id)).then_some(key)
    }

    pub(super) fn rotate(&self) -> Result<String, ErrorStack> {
        let key = self.issuer.issue()?;
        let serial = key.id.clone();
        self.others.insert(serial.clone(), Box::new(key));
        lock(&self.valid).push(serial.clone());
        Ok(serial)
    }

    fn retire(&self, serial: &str) -> bool {
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

    /// Gives out the certificates (下载平台证书), encrypted for a merchant.
    pub(super) fn list(&self, apiv3_key: &str) -> Result<Value, Refusal> {
        let certificates = self.certificates();
        if certificates.is_empty() {
            return Err(Refusal::resource_not_exists(
                "没有可用的平台证书，该商户使用微信支付公钥，请在商户平台的“API安全”中查看公钥和公钥ID",
            ));
        }
        let entries = certificates.into_iter().map(|(serial, issued)| issued.entry(serial, apiv3_key));
        Ok(json!({ "data": entries.collect::<Result<Vec<_>, _>>()? }))
    }
}

impl Issued {
    fn entry(&self, serial: &str, apiv3_key: &str) -> Result<Value, Refusal> {
        let (nonce, associated_data) = (Formatter::nonce(NONCE), "certificate");
        let ciphertext = AesGcm::encrypt(&self.pem, apiv3_key, &nonce, associated_data)
            .map_err(|error| Refusal::system(&error.to_string()))?;
        Ok(json!({
            "serial_no": serial,
            "effective_time": clock::rfc3339(self.validity.not_before),
            "expire_time": clock::rfc3339(self.validity.not_after),
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": nonce,
                "associated_data": associated_data,
                "ciphertext": ciphertext,
            },
        }))
    }
}

/// Who issues the platform's certificates.
struct Issuer {
    authority: Authority,
    pem: String,
    pool: KeyPool,
    course: Mutex<Course>,
}

/// How long certificates hold, and when the last of them has begun.
#[derive(Clone, Copy)]
struct Course {
    lifetime: Lifetime,
    last: Option<i64>,
}

impl Issuer {
    fn make(lifetime: Lifetime) -> Result<Issuer, ErrorStack> {
        let authority = Authority::make(AUTHORITY)?;
        let pem = authority.pem()?;
        Ok(Issuer { authority, pem, pool: KeyPool::default(), course: Mutex::new(Course { lifetime, last: None }) })
    }

    fn issue(&self) -> Result<PlatformKey, ErrorStack> {
        let (id, pair) = (serial(), self.pool.next()?);
        let validity = {
            let mut course = lock(&self.course);
            let validity = course.lifetime.validity(Formatter::timestamp(), course.last);
            course.last = Some(validity.not_before);
            validity
        };
        let pem = self.authority.issue(SUBJECT, &pair.public.0, &id, Some(validity))?;
        Ok(PlatformKey { id, pair, certificate: Some(Issued { pem, validity }) })
    }
}

/// The platform's keys and certificates.
impl Sandbox {
    /// With what the platform signs.
    ///
    /// ```
    /// use wechatpay::sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::start()?;
    /// assert_eq!(sandbox.mode(), KeyMode::PublicKey);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn mode(&self) -> KeyMode {
        self.platform_keys().mode
    }

    /// The id of the platform's public key, also where certificates sign unless a request names it; none
    /// in mode [`Certificate`](KeyMode::Certificate).
    ///
    /// ```
    /// use wechatpay::sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start()?;
    /// assert_eq!(sandbox.public_key_id(), Some("PUB_KEY_ID_0114232134912410000000000000"));
    /// assert_ne!(sandbox.public_key_id(), Some(sandbox.platform_serial()));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn public_key_id(&self) -> Option<&str> {
        self.platform_keys().public_key().map(|key| key.id.as_str())
    }

    /// That public key itself.
    ///
    /// ```
    /// use wechatpay::Rsa;
    /// use wechatpay::sandbox::{KeyMode, Sandbox};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start()?;
    /// let user_name = Rsa::encrypt("张三", sandbox.public_key().unwrap())?;
    /// # assert_eq!(user_name.len(), 344);
    /// # Ok(()) }
    /// ```
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.platform_keys().public_key().map(|key| &key.pair.public)
    }

    /// The same key as PEM (SPKI).
    ///
    /// ```
    /// use wechatpay::sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start()?;
    /// assert!(sandbox.public_key_pem().is_some_and(|pem| pem.starts_with("-----BEGIN PUBLIC KEY-----")));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn public_key_pem(&self) -> Option<&str> {
        self.platform_keys().public_key().map(|key| &*key.pair.public_pem)
    }

    /// The serials of the platform's certificates that are not retired, oldest first; none in mode
    /// [`PublicKey`](KeyMode::PublicKey).
    ///
    /// ```
    /// use wechatpay::sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// assert_eq!(sandbox.platform_certificates(), [sandbox.platform_serial()]);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn platform_certificates(&self) -> Vec<String> {
        lock(&self.platform_keys().valid).clone()
    }

    /// A certificate of the platform as PEM, also one that is retired; none if there never was one with
    /// this serial.
    ///
    /// ```
    /// use wechatpay::PemUtil;
    /// use wechatpay::sandbox::{KeyMode, Sandbox};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// let pem = sandbox.platform_certificate_pem(sandbox.platform_serial()).unwrap();
    /// assert_eq!(PemUtil::parse_certificate_serial_no(pem)?, sandbox.platform_serial());
    /// # Ok(()) }
    /// ```
    pub fn platform_certificate_pem(&self, serial: &str) -> Option<String> {
        let issued = self.platform_keys().known(serial)?.certificate.as_ref()?;
        Some(issued.pem.clone())
    }

    /// The certificate of the authority that issues the platform's, as PEM.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert!(sandbox.platform_ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn platform_ca_pem(&self) -> &str {
        &self.platform_keys().issuer.pem
    }

    /// Issues one more certificate, which signs from now on where a request names no other, and gives its
    /// serial. Those before it stay good until they are [retired](Sandbox::retire_platform_certificate).
    ///
    /// The first eight certificates have a key each, which takes a tenth of a second to make; after them
    /// the same keys come again in turn, and a thousand rotations take well below a second.
    ///
    /// # Panics
    /// In mode [`PublicKey`](KeyMode::PublicKey), where the platform has no certificates, and when OpenSSL
    /// cannot issue one.
    ///
    /// ```
    /// use wechatpay::sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// let serial = sandbox.rotate_platform_certificate();
    /// assert_eq!(sandbox.platform_serial(), serial);
    /// assert_eq!(sandbox.platform_certificates().len(), 2);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    #[expect(clippy::expect_used, reason = "documented as a panic: of a sandbox, in a test")]
    pub fn rotate_platform_certificate(&self) -> String {
        let keys = self.platform_keys();
        assert!(keys.mode != KeyMode::PublicKey, "in mode PublicKey the platform has no certificates to rotate");
        keys.rotate().expect("OpenSSL issues a certificate")
    }

    /// Retires a certificate: it is listed no more, and a request that names it is refused. False if there
    /// is no such certificate, if it is retired already, or if in mode
    /// [`Certificate`](KeyMode::Certificate) it is the last.
    ///
    /// ```
    /// use wechatpay::sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// let old = sandbox.platform_serial().to_owned();
    /// assert!(!sandbox.retire_platform_certificate(&old));
    /// let new = sandbox.rotate_platform_certificate();
    /// assert!(sandbox.retire_platform_certificate(&old));
    /// assert_eq!(sandbox.platform_certificates(), [new]);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn retire_platform_certificate(&self, serial: &str) -> bool {
        self.platform_keys().retire(serial)
    }

    /// Sets the validity of the platform's certificates that are issued from now on, as
    /// [`certificate_lifetime`](super::SandboxBuilder::certificate_lifetime) does for the first.
    ///
    /// ```
    /// use wechatpay::PemUtil;
    /// use wechatpay::sandbox::{KeyMode, Sandbox};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// sandbox.set_certificate_lifetime(-3600, 60);
    /// let serial = sandbox.rotate_platform_certificate();
    /// let expired = PemUtil::load_certificate_from_string(sandbox.platform_certificate_pem(&serial).unwrap())?;
    /// assert!(expired.not_after() < wechatpay::Formatter::timestamp());
    /// # Ok(()) }
    /// ```
    pub fn set_certificate_lifetime(&self, starts_in: i64, seconds: u32) {
        *lock(&self.platform_keys().issuer.course) = Course { lifetime: Lifetime { starts_in, seconds }, last: None };
    }

    pub(super) fn platform_keys(&self) -> &PlatformKeys {
        &self.platform.keys().platform
    }
}
