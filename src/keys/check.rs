//! From settings to an [`Identity`]: each key in its place, or a message that says which one is not.

use std::collections::BTreeMap;
use std::sync::Arc;

use log::warn;
use openssl::x509::X509;
use zeroize::Zeroizing;

use crate::crypto::certificate::Certificate;
use crate::crypto::key::{PrivateKey, PublicKey};
use crate::crypto::pkcs12::Pkcs12;
use crate::crypto::source::{self, KeySource};
use crate::error::{Error, Result};
use crate::keys::credentials::{Credentials, Merchant};
use crate::keys::identity::{
    Apiv3, BRANDS_HAVE_PUBLIC_KEYS, Identity, MerchantCertificate, Party, Platform, SymmetricKey,
};
use crate::keys::platform_keys::{PUBLIC_KEY_ID, PlatformKey, PlatformKeys, WechatpaySerial};
use crate::keys::signature::{Foreign, Signer};
use crate::redact;
use crate::text::formatter::Formatter;
use crate::wire::trust::ClientCertificate;

/// The most APIv3 keys at a time: the old and the new one.
const APIV3_KEYS: usize = 2;

impl Credentials {
    /// Reads and checks all settings, once. What is not set is taken from the current identity, if there is one.
    ///
    /// # Errors
    /// [`Error::Config`] names the first of `mchid` (or `brand_id`), `serial`, `privateKey` and `certs` that is missing, a
    /// key that cannot be read, or settings that contradict each other.
    pub(crate) fn check(self, current: Option<&Identity>) -> Result<Identity> {
        match self.wrong {
            Some(what) => Err(Error::Config(what)),
            None => identity(self, current),
        }
    }
}

/// What is not set is taken from the current identity, if there is one.
fn identity(mut given: Credentials, current: Option<&Identity>) -> Result<Identity> {
    let speaks_apiv3 = given.brand_id.is_some()
        || given.serial.is_some()
        || given.private_key.is_some()
        || given.signer.is_some()
        || !given.certs.is_empty()
        || given.verifier.is_some()
        || given.downloads.is_some()
        || current.is_some_and(|current| current.apiv3.is_some());
    let has_secret = given.secret.is_some() || current.is_some_and(|current| current.secret.is_some());
    let apiv2_alone = has_secret && !speaks_apiv3;
    let party = party(&mut given, current, apiv2_alone)?;
    if let Some(Party::Brand(_)) = &party {
        check_fits_brand(&given)?;
    }
    let apiv3_keys = match (std::mem::take(&mut given.apiv3_keys), current) {
        (keys, Some(current)) if keys.is_empty() => current.apiv3_keys.clone(),
        (keys, _) => apiv3_keys(keys)?,
    };
    let apiv3 = match &party {
        Some(party) if !apiv2_alone => {
            let current = current.and_then(|current| current.apiv3.as_ref());
            Some(apiv3(party, &mut given, current, !apiv3_keys.is_empty())?)
        }
        _ => None,
    };
    let secret = match (given.secret, current) {
        (Some(secret), _) => Some(key_of_32_bytes("secret", "the APIv2 key", secret)?),
        (None, Some(current)) => current.secret.clone(),
        (None, None) => None,
    };
    let certificate = match given.merchant {
        None => current.and_then(|current| current.certificate.clone()),
        Some(merchant) => Some(Arc::new(client_certificate(merchant, party.as_ref().map(Party::id))?)),
    };
    if let (Some(apiv3), Some(shown)) = (&apiv3, &certificate) {
        check_pair(apiv3, &shown.certificate)?;
    }
    if let Some(apiv3) = &apiv3 {
        check_platform(apiv3, certificate.as_deref())?;
        check_named_for_brand(apiv3)?;
    }
    Ok(Identity { party, apiv3, secret, apiv3_keys, certificate })
}

/// Who speaks. With APIv2 only, the merchant's id may be left out, or be empty as in PHP.
fn party(given: &mut Credentials, current: Option<&Identity>, may_be_absent: bool) -> Result<Option<Party>> {
    let named = match (given.mchid.take(), given.brand_id.take()) {
        (Some(_), Some(_)) => {
            return Err(Error::Config(
                "`mchid` and `brand_id` are both set; a merchant and a brand have different keys, make an instance for each"
                    .into(),
            ));
        }
        (mchid, brand_id) => mchid.map(Party::Merchant).or(brand_id.map(Party::Brand)),
    };
    match (named, current) {
        (None, Some(current)) => Ok(current.party.clone()),
        (Some(party), Some(current)) if current.party.as_ref() != Some(&party) => Err(Error::Config(format!(
            "`{}` is {:?}, but these are the credentials of {:?}; for another {} use for_merchant",
            party.setting(),
            redact::name(party.id()),
            redact::name(current.id().unwrap_or_default()),
            party.kind()
        ))),
        (Some(Party::Merchant(mchid)), _) if mchid.is_empty() && may_be_absent => Ok(None),
        (None, _) if may_be_absent => Ok(None),
        (None, _) => Err(missing("`mchid`, the merchant's id,")),
        (Some(party), _) => {
            check_id(party.setting(), party.id())?;
            Ok(Some(party))
        }
    }
}

/// Refuses what only merchants have.
fn check_fits_brand(given: &Credentials) -> Result<()> {
    let refused = |what: &str| Err(Error::Config(format!("{what}; leave it out beside `brand_id`")));
    if given.secret.is_some() {
        return refused("`secret` is the APIv2 key of a merchant, and brands have no APIv2");
    }
    if given.merchant.is_some() {
        return refused("`merchant` is the certificate that a merchant shows in calls of APIv2, which brands have not");
    }
    if given.downloads.clone().is_some_and(|downloads| downloads.refresh().is_some()) {
        return refused(&format!("`downloadCerts`: {BRANDS_HAVE_PUBLIC_KEYS}"));
    }
    Ok(())
}

/// Each request of a brand must name the platform's public key.
fn check_named_for_brand(apiv3: &Apiv3) -> Result<()> {
    let Party::Brand(_) = apiv3.party else { return Ok(()) };
    let wrong = |what: &str| {
        Err(Error::Config(format!(
            "{what}; each request of a brand must name one of the platform's public keys in Wechatpay-Serial"
        )))
    };
    match (apiv3.platform.announced(Formatter::timestamp()), &apiv3.platform) {
        (Some(id), _) if id.starts_with(PUBLIC_KEY_ID) => Ok(()),
        (Some(id), _) => wrong(&format!("`wechatpay_serial` is {:?}, not an id PUB_KEY_ID_…", redact::name(id))),
        (None, Platform::Custom(..)) => wrong("`wechatpay_serial` must name a key beside a verifier"),
        (None, Platform::Keys(keys)) if keys.named == WechatpaySerial::Omitted => {
            wrong("`wechatpay_serial` must not be false")
        }
        (None, Platform::Keys(_)) => {
            wrong("`certs` holds several keys, and `wechatpay_serial` must choose one of them")
        }
    }
}

/// What APIv3 needs, each part checked in PHP's order.
fn apiv3(party: &Party, given: &mut Credentials, current: Option<&Apiv3>, has_apiv3_key: bool) -> Result<Apiv3> {
    check_placeholder(given)?;
    let key = load_key(given, party)?;
    let has_key = key.is_some() || given.signer.is_some();
    if current.is_some() && given.serial.is_some() != has_key {
        return Err(Error::Config(
            "`serial` and `privateKey` are a pair: the platform looks up the key by the serial, so give both".into(),
        ));
    }
    let serial = match (given.serial.take(), current) {
        (Some(serial), _) => serial,
        (None, Some(current)) => current.serial.clone(),
        (None, None) => {
            let what = format!("`serial`, the serial of the {}'s API certificate,", party.kind());
            return Err(missing_for_apiv3(&what, given));
        }
    };
    check_id("serial", &serial)?;
    if serial.starts_with(PUBLIC_KEY_ID) {
        return Err(Error::Config(format!(
            "`serial` is {}, which is the id of the platform's public key and belongs into `certs`; \
             `serial` is that of the {}'s own API certificate, in hex",
            redact::name(&serial),
            party.kind()
        )));
    }
    let (signer, private_key) = match (key, given.signer.take(), current) {
        (Some(_), Some(_), _) => {
            return Err(Error::Config("`privateKey` and a signer are both set, give one of them".into()));
        }
        (Some(key), None, _) => (Arc::new(key.clone()) as Arc<dyn Signer>, Some(key)),
        (None, Some(signer), _) => (Arc::new(Foreign(signer)) as Arc<dyn Signer>, None),
        (None, None, Some(current)) => (Arc::clone(&current.signer), current.private_key.clone()),
        (None, None, None) => {
            let what = format!("`privateKey`, the {}'s private key,", party.kind());
            return Err(missing_for_apiv3(&what, given));
        }
    };
    let refresh = match given.downloads.take() {
        Some(downloads) => downloads.refresh(),
        None => current.and_then(|current| current.refresh.clone()),
    };
    if refresh.is_some() && !has_apiv3_key {
        return Err(Error::Config(
            "`downloadCerts` needs `apiv3Key`: the platform encrypts its certificates with the APIv3 key".into(),
        ));
    }
    let platform = platform(given, current.map(|current| &current.platform), refresh.is_some())?;
    Ok(Apiv3 { party: party.clone(), serial, signer, private_key, platform, refresh })
}

/// What a PHP program for APIv2 has in place of the keys of APIv3, because there they cannot be left out.
fn check_placeholder(given: &Credentials) -> Result<()> {
    let is_placeholder = given.secret.is_some() && given.private_key.as_ref().is_some_and(KeySource::is_word);
    if is_placeholder {
        Err(Error::Config(format!("`privateKey` is a placeholder and not a key: PHP needs one, but {APIV2_ALONE}")))
    } else {
        Ok(())
    }
}

/// What to do without the keys of APIv3.
const APIV2_ALONE: &str = "for APIv2 only, with `secret` alone, leave `serial`, `privateKey` and `certs` out";

/// Loads the private key. From PKCS#12 it comes with its certificate, whose serial need not be given then.
fn load_key(given: &mut Credentials, party: &Party) -> Result<Option<PrivateKey>> {
    let Some(source) = given.private_key.take() else { return Ok(None) };
    // The platform has chosen the number of a merchant as the passphrase; what it chooses for brands is not documented.
    let mchid = match party {
        Party::Merchant(mchid) => Some(mchid.as_str()),
        Party::Brand(_) => None,
    };
    let loaded = PrivateKey::load_of_merchant(&source, mchid);
    let (key, certificate) = loaded.map_err(|error| within("privateKey", &error))?;
    if let Some(certificate) = certificate {
        let serial = given.serial.get_or_insert_with(|| certificate.serial_no().to_owned());
        if !serial.eq_ignore_ascii_case(certificate.serial_no()) {
            return Err(Error::Config(format!(
                "`serial` is {}, but `privateKey` is the key of the certificate {} in the same file; leave `serial` out",
                redact::name(serial),
                certificate.serial_no()
            )));
        }
    }
    Ok(Some(key))
}

/// The verifier or the platform's keys; what is given replaces all that was configured before.
fn platform(given: &mut Credentials, current: Option<&Platform>, refresh: bool) -> Result<Platform> {
    let certs = std::mem::take(&mut given.certs);
    let named = given.named_key.take();
    match (certs.is_empty(), given.verifier.take(), current) {
        (false, Some(_), _) => Err(Error::Config("`certs` and a verifier are both set, give one of them".into())),
        (true, Some(_), _) if refresh => {
            Err(Error::Config("`downloadCerts` and a verifier are both set, give one of them".into()))
        }
        (true, Some(verifier), _) => {
            let id = match named {
                Some(WechatpaySerial::Named(id)) => Some(id),
                _ => None,
            };
            Ok(Platform::Custom(verifier, id))
        }
        (true, None, Some(current)) => Ok(match (current.clone(), named) {
            (Platform::Keys(keys), Some(named)) => Platform::Keys(PlatformKeys { named, ..keys }),
            (Platform::Custom(verifier, _), Some(WechatpaySerial::Named(id))) => Platform::Custom(verifier, Some(id)),
            (Platform::Custom(verifier, _), Some(WechatpaySerial::Omitted)) => Platform::Custom(verifier, None),
            (current, _) => current,
        }),
        (true, None, None) if !refresh => Err(missing_for_apiv3(
            "`certs`, the platform's public keys or certificates by their ids or serials,",
            given,
        )),
        (_, None, current) => {
            let mut keys = match current {
                Some(Platform::Keys(keys)) => keys.clone(),
                _ => PlatformKeys::default(),
            };
            keys.configured = BTreeMap::new();
            for (id, source) in certs {
                let Some(source) = source else {
                    return Err(Error::Config(format!(
                        "`certs.{}` is null, it must be a key{}",
                        redact::name(&id),
                        unless_apiv2(given)
                    )));
                };
                let key = platform_key(&id, source)?;
                keys.configured.insert(id, key);
            }
            keys.named = named.unwrap_or(keys.named);
            Ok(Platform::Keys(keys))
        }
    }
}

fn platform_key(id: &str, source: KeySource) -> Result<PlatformKey> {
    let name = format!("certs.{}", redact::name(id));
    let failed = |error: Error| within(&name, &error);
    check_id(&name, id)?;
    let Some(certificate) = Certificate::of(&source).map_err(failed)? else {
        let key = PublicKey::load(source).map_err(failed)?;
        return Ok(PlatformKey { key, certificate: None });
    };
    let key = certificate.public_key().map_err(failed)?;
    Ok(PlatformKey { key, certificate: Some(certificate) })
}

fn apiv3_keys(keys: Vec<Zeroizing<String>>) -> Result<Vec<SymmetricKey>> {
    if keys.len() > APIV3_KEYS {
        return Err(Error::Config(format!(
            "`apiv3Key` holds {} keys; there can be two at most, the old and the new one while it is being changed",
            keys.len()
        )));
    }
    keys.into_iter().map(|key| key_of_32_bytes("apiv3Key", "the APIv3 key", key)).collect()
}

fn key_of_32_bytes(name: &str, what: &str, key: Zeroizing<String>) -> Result<SymmetricKey> {
    match key.len() {
        32 => Ok(SymmetricKey(key)),
        length => Err(Error::Config(format!("`{name}`, {what}, must have 32 bytes, this one has {length}"))),
    }
}

/// The merchant's certificate for TLS.
fn client_certificate(merchant: Merchant, mchid: Option<&str>) -> Result<MerchantCertificate> {
    let (name, certificate, chain, key) = match merchant {
        Merchant::Pem { cert, key } => {
            let (certificate, chain) = certificate_from_pem(cert)?;
            let key = PrivateKey::load(key.or_path()).map_err(|error| within("merchant.key", &error))?;
            ("merchant.cert", certificate, chain, key)
        }
        Merchant::P12(source) => {
            let opened = Pkcs12::of(&source, mchid).map_err(|error| within("merchant.p12", &error))?;
            let Pkcs12 { key, certificate, chain } = opened.ok_or_else(|| {
                Error::Config("`merchant.p12` is not a PKCS#12 file; PEM files are given as `cert` and `key`".into())
            })?;
            let key = PrivateKey::checked(key).map_err(|error| within("merchant.p12", &error))?;
            ("merchant.p12", certificate, chain, key)
        }
    };
    if !belongs(&key, &certificate) {
        return Err(Error::Config("`merchant.key` is not the key of `merchant.cert`".into()));
    }
    if let Some(when) = outside_of_validity(&certificate) {
        return Err(Error::Config(format!(
            "`{name}`: the merchant's certificate {} {when}; apply for a new one",
            certificate.serial_no()
        )));
    }
    Ok(MerchantCertificate { certificate, shown: Arc::new(ClientCertificate { chain, key: key.key().to_owned() }) })
}

/// The first certificate in the file, and all of them.
fn certificate_from_pem(cert: String) -> Result<(Certificate, Vec<X509>)> {
    let wrong = |what: String| Error::Config(format!("`merchant.cert`: {what}"));
    let cert = source::or_path(cert);
    let pem = match source::read_file(&cert).map_err(|error| within("merchant.cert", &error))? {
        Some((_, pem)) => pem,
        None => cert.into_bytes(),
    };
    if source::is_pkcs12(&pem) {
        return Err(wrong("it is a PKCS#12 file, which is given as `p12`".into()));
    }
    source::refuse_encrypted(&pem).map_err(|error| within("merchant.cert", &error))?;
    let chain = X509::stack_from_pem(&pem).map_err(|_| wrong("it is not a certificate in PEM".into()))?;
    let Some(first) = chain.first() else {
        return Err(wrong("it contains no certificate in PEM".into()));
    };
    let certificate = Certificate::new(first.clone()).map_err(|error| within("merchant.cert", &error))?;
    Ok((certificate, chain))
}

/// Whether the certificate belongs to this key.
fn belongs(key: &PrivateKey, certificate: &Certificate) -> bool {
    certificate.public_key().is_ok_and(|public| public.0.public_eq(key.key()))
}

/// Checks that `serial` and `privateKey` fit the merchant's certificate, if it is the same one.
fn check_pair(apiv3: &Apiv3, certificate: &Certificate) -> Result<()> {
    let Some(key) = &apiv3.private_key else { return Ok(()) };
    let is_named = apiv3.serial.eq_ignore_ascii_case(certificate.serial_no());
    match (is_named, belongs(key, certificate)) {
        // It may be a different certificate than the one that signs: two are valid while they are being changed.
        (true, true) | (false, false) => Ok(()),
        (true, false) => Err(Error::Config(format!(
            "`privateKey` is not the key of the certificate {} that `serial` and `merchant.cert` name; \
             both come from the same download: apiclient_key.pem and apiclient_cert.pem",
            certificate.serial_no()
        ))),
        (false, true) => Err(Error::Config(format!(
            "`serial` is {}, but `privateKey` is the key of the certificate {} in `merchant.cert`; set `serial` to that",
            redact::name(&apiv3.serial),
            certificate.serial_no()
        ))),
    }
}

/// Checks that `certs` contains keys of the platform, under their own ids, at least one of them valid.
fn check_platform(apiv3: &Apiv3, merchants: Option<&MerchantCertificate>) -> Result<()> {
    let Platform::Keys(keys) = &apiv3.platform else { return Ok(()) };
    let mut expired = Vec::new();
    for (id, key) in &keys.configured {
        check_not_own(apiv3, merchants, id, key)?;
        if let Party::Brand(_) = apiv3.party {
            if key.certificate.is_some() || !id.starts_with(PUBLIC_KEY_ID) {
                let id = redact::name(id);
                return Err(Error::Config(format!("`certs.{id}`: {BRANDS_HAVE_PUBLIC_KEYS}")));
            }
        }
        let Some(certificate) = &key.certificate else { continue };
        if id.starts_with(PUBLIC_KEY_ID) {
            return Err(Error::Config(format!(
                "`certs.{}` is named as a public key, but holds the certificate {}; \
                 name it by that serial, or give the file of the public key",
                redact::name(id),
                certificate.serial_no()
            )));
        }
        if id != certificate.serial_no() {
            return Err(Error::Config(format!(
                "`certs.{}` holds a certificate with another serial; name it {}",
                redact::name(id),
                certificate.serial_no()
            )));
        }
        if let Some(when) = outside_of_validity(certificate) {
            expired.push(format!("the platform's certificate {id} {when}"));
        }
    }
    if let WechatpaySerial::Named(id) = &keys.named {
        // A certificate that is to be fetched cannot be known yet.
        if !keys.configured.contains_key(id) && apiv3.refresh.is_none() {
            let known = keys.configured.keys().map(|id| redact::name(id)).collect::<Vec<_>>().join(", ");
            return Err(Error::Config(format!(
                "`wechatpay_serial` is {:?}, which is not in `certs` ({known})",
                redact::name(id)
            )));
        }
    }
    if apiv3.refresh.is_none() && keys.configured.is_empty() {
        return Err(missing("`certs`, the platform's public keys or certificates by their ids or serials,"));
    }
    if apiv3.refresh.is_none() && expired.len() == keys.configured.len() {
        let what = expired.join(", ");
        return Err(Error::Config(format!(
            "`certs`: {what}; give a certificate that is valid, or the platform's public key"
        )));
    }
    // A leftover beside a valid key must not keep a service from starting.
    expired.iter().for_each(|what| warn!("{what} and is not used; remove it from `certs`"));
    Ok(())
}

/// The most common mistake: the party's own certificate among those of the platform.
fn check_not_own(apiv3: &Apiv3, merchants: Option<&MerchantCertificate>, id: &str, key: &PlatformKey) -> Result<()> {
    let own = |what: &str| {
        Err(Error::Config(format!(
            "`certs` holds {}, which is {what} the {}'s own certificate; \
             it must hold the platform's certificates or public keys",
            redact::name(id),
            apiv3.party.kind()
        )))
    };
    if id.eq_ignore_ascii_case(&apiv3.serial) {
        return own("the serial of");
    }
    let is_own_key = apiv3.private_key.as_ref().is_some_and(|private| key.key.0.public_eq(private.key()));
    if is_own_key {
        return own("the key of");
    }
    let Some(certificate) = &key.certificate else { return Ok(()) };
    let shown = merchants.map(|shown| &shown.certificate);
    let is_shown = shown.is_some_and(|shown| shown.has_names_of(certificate));
    if is_shown || certificate.is_merchants(apiv3.party.id()) { own("by its subject") } else { Ok(()) }
}

/// Why a certificate is not valid at this moment; `None` if it is.
fn outside_of_validity(certificate: &Certificate) -> Option<String> {
    let now = Formatter::timestamp();
    if now > certificate.not_after() {
        return Some(format!("has expired (valid until {} in Unix seconds)", certificate.not_after()));
    }
    (now < certificate.not_before())
        .then(|| format!("is not yet valid (from {} in Unix seconds; check the clock)", certificate.not_before()))
}

/// Checks an id that is sent in quotes within a header, or as the value of one.
fn check_id(name: &str, id: &str) -> Result<()> {
    let is_letter = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b',');
    if (1..=redact::LONGEST_NAME).contains(&id.len()) && id.bytes().all(is_letter) {
        Ok(())
    } else {
        Err(Error::Config(format!(
            "`{name}` is {:?}, it must be a word of letters and digits, {} at most",
            redact::name(id),
            redact::LONGEST_NAME
        )))
    }
}

fn missing(what: &str) -> Error {
    Error::Config(format!("{what} is missing"))
}

fn missing_for_apiv3(what: &str, given: &Credentials) -> Error {
    Error::Config(format!("{what} is missing{}", unless_apiv2(given)))
}

/// A hint for who may want APIv2 alone.
fn unless_apiv2(given: &Credentials) -> String {
    if given.secret.is_some() { format!("; {APIV2_ALONE}") } else { String::new() }
}

fn within(name: &str, error: &Error) -> Error {
    match error {
        Error::Key(what) => Error::Config(format!("`{name}`: {what}")),
        other => Error::Config(format!("`{name}`: {other}")),
    }
}
