//! Which servers to trust, and the certificate that is presented to them.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use openssl::x509::store::{X509Store, X509StoreBuilder};

use super::roots::SystemRoots;
use crate::error::{Error, Result};
use crate::redact;
use crate::sync::{Mutex, lock};

/// The ciphers of TLS 1.2: OpenSSL's default, without what is weak or nobody has keys for.
const CIPHERS: &str = "DEFAULT:!aNULL:!eNULL:!MD5:!3DES:!DES:!RC4:!IDEA:!SEED:!aDSS:!SRP:!PSK";

/// Which servers to trust over TLS: the option `verify`, see [`Options::verify`](crate::Options::verify).
///
/// `true` can be passed for [`System`](Verify::System), `false` for [`Nobody`](Verify::Nobody), and the path of a file for
/// [`Bundle`](Verify::Bundle).
///
/// ```
/// use wechatpay::{Options, Verify};
///
/// let options = Options::new().verify("/path/to/ca.pem");
/// assert_eq!(Verify::from(true), Verify::System);
/// # let _ = options;
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verify {
    /// Servers with a certificate by one of the system's authorities: those in its bundle and those in its
    /// folder. In the environment, `SSL_CERT_FILE` names another bundle and `SSL_CERT_DIR` another folder. A long bundle is
    /// only read if a server is not trusted by what is in the folder; then it is connected to once more, as nothing of the
    /// request has been sent.
    System,
    /// Servers with a certificate by one of the authorities in this PEM file.
    Bundle(PathBuf),
    /// Any server, without verification: anyone on the way can read and change what is sent.
    Nobody,
}

/// Shows the path, unless it is a key by mistake.
impl fmt::Debug for Verify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verify::System => f.write_str("System"),
            Verify::Bundle(path) => f.debug_tuple("Bundle").field(&redact::file(path)).finish(),
            Verify::Nobody => f.write_str("Nobody"),
        }
    }
}

impl From<bool> for Verify {
    fn from(verifies: bool) -> Verify {
        if verifies { Verify::System } else { Verify::Nobody }
    }
}

impl From<&str> for Verify {
    fn from(path: &str) -> Verify {
        Verify::Bundle(path.into())
    }
}

impl From<String> for Verify {
    fn from(path: String) -> Verify {
        Verify::Bundle(path.into())
    }
}

impl From<&Path> for Verify {
    fn from(path: &Path) -> Verify {
        Verify::Bundle(path.into())
    }
}

impl From<PathBuf> for Verify {
    fn from(path: PathBuf) -> Verify {
        Verify::Bundle(path)
    }
}

/// The merchant's certificate with its intermediate certificates, and its key.
pub(crate) struct ClientCertificate {
    pub(crate) chain: Vec<X509>,
    pub(crate) key: PKey<Private>,
}

/// Whom to trust over TLS and what to present. What connections need of it is made for the first one, as that may read the
/// system's bundle.
pub(crate) struct Trust {
    roots: Roots,
    certificate: Option<Arc<ClientCertificate>>,
    /// Only a success is kept: if there were no file descriptors left, the next connection tries again.
    built: Mutex<Option<Settings>>,
}

enum Roots {
    System,
    These(Vec<X509>),
    /// Any server is trusted.
    Unchecked,
}

/// The settings of a TLS connection.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) context: SslContext,
    /// Whether the certificate of a server must be trusted, and be for its name.
    pub(super) is_checked: bool,
    /// Whether there are more roots, in the system's bundle.
    is_without_bundle: bool,
}

impl Trust {
    /// # Errors
    /// [`Error::Options`] if the bundle cannot be read.
    pub(crate) fn new(verify: &Verify, certificate: Option<Arc<ClientCertificate>>) -> Result<Trust> {
        let roots = match verify {
            Verify::System => Roots::System,
            Verify::Nobody => Roots::Unchecked,
            Verify::Bundle(path) => Roots::These(read_bundle(path)?),
        };
        Ok(Trust { roots, certificate, built: Mutex::default() })
    }

    /// The settings of TLS; while one thread makes them, others wait.
    ///
    /// # Errors
    /// If the system's certificates cannot be read at the moment.
    #[inline(never)]
    pub(super) fn settings(&self) -> io::Result<Settings> {
        let mut built = lock(&self.built);
        if let Some(settings) = &*built {
            return Ok(settings.clone());
        }
        let settings = match &self.roots {
            Roots::System => {
                let system = SystemRoots::find();
                match system.may_do_without_bundles() {
                    true => Settings { is_without_bundle: true, ..self.trusting(system.in_folders()?)? },
                    false => self.trusting(system.all()?)?,
                }
            }
            Roots::These(roots) => self.trusting(store(roots)?)?,
            Roots::Unchecked => self.unchecked()?,
        };
        Ok(built.insert(settings).clone())
    }

    /// The settings with all roots, if these ones, by which a server was not trusted, are without the system's bundle. It is
    /// read once, and all further connections use it.
    ///
    /// # Errors
    /// If it cannot be read at the moment.
    #[inline(never)]
    pub(super) fn with_bundle(&self, settings: &Settings) -> io::Result<Option<Settings>> {
        if !settings.is_without_bundle {
            return Ok(None);
        }
        let mut built = lock(&self.built);
        if let Some(settings) = built.as_ref().filter(|settings| !settings.is_without_bundle) {
            return Ok(Some(settings.clone()));
        }
        let settings = self.trusting(SystemRoots::find().all()?)?;
        Ok(Some(built.insert(settings).clone()))
    }

    fn trusting(&self, store: X509Store) -> io::Result<Settings> {
        let mut builder = self.builder()?;
        builder.set_cert_store(store);
        builder.set_verify(SslVerifyMode::PEER);
        Ok(Settings { context: builder.build(), is_checked: true, is_without_bundle: false })
    }

    fn unchecked(&self) -> io::Result<Settings> {
        let mut builder = self.builder()?;
        builder.set_verify(SslVerifyMode::NONE);
        Ok(Settings { context: builder.build(), is_checked: false, is_without_bundle: false })
    }

    /// Neither trusts anyone nor checks that yet. `SslConnector` would read the system's bundle, whoever is to be trusted.
    fn builder(&self) -> Result<SslContextBuilder, ErrorStack> {
        let mut builder = SslContext::builder(SslMethod::tls_client())?;
        builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
        builder.set_options(SslOptions::ALL | SslOptions::NO_COMPRESSION);
        builder.set_cipher_list(CIPHERS)?;
        builder.set_mode(
            SslMode::AUTO_RETRY
                | SslMode::ACCEPT_MOVING_WRITE_BUFFER
                | SslMode::ENABLE_PARTIAL_WRITE
                | SslMode::RELEASE_BUFFERS,
        );
        if let Some(ClientCertificate { chain, key }) = self.certificate.as_deref() {
            let mut chain = chain.iter();
            if let Some(own) = chain.next() {
                builder.set_certificate(own)?;
                builder.set_private_key(key)?;
            }
            chain.try_for_each(|other| builder.add_extra_chain_cert(other.clone()))?;
        }
        Ok(builder)
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}

fn store(roots: &[X509]) -> Result<X509Store, ErrorStack> {
    let mut store = X509StoreBuilder::new()?;
    roots.iter().try_for_each(|root| store.add_cert(root.clone()))?;
    Ok(store.build())
}

fn read_bundle(path: &Path) -> Result<Vec<X509>> {
    let wrong = |what: String| Error::Options(format!("`verify`: the file {} {what}", redact::file(path)));
    let pem = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    match X509::stack_from_pem(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(wrong("contains no certificate in PEM".into())),
    }
}
