//! Which servers to trust, and the certificate that is presented to them.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use log::warn;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use openssl::x509::store::{X509Store, X509StoreBuilder};

use crate::error::{Error, Result};
use crate::redact;
use crate::sync::{Mutex, lock};

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
    /// Servers with a certificate by one of the system's authorities.
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

/// The settings of TLS. They are built for the first connection that needs them, as that reads all of the system's
/// certificates.
pub(crate) struct Trust {
    roots: Roots,
    certificate: Option<Arc<ClientCertificate>>,
    /// Only a success is kept: if there were no file descriptors left, the next connection tries again.
    built: Mutex<Option<SslConnector>>,
}

enum Roots {
    System,
    These(Vec<X509>),
    /// Any server is trusted.
    Unchecked,
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

    /// Whether the name of the host must match its certificate.
    pub(super) fn is_checked(&self) -> bool {
        !matches!(self.roots, Roots::Unchecked)
    }

    /// The TLS connector; while one thread builds it, others wait.
    ///
    /// # Errors
    /// If the system's certificates cannot be read at the moment.
    pub(super) fn connector(&self) -> io::Result<SslConnector> {
        let mut built = lock(&self.built);
        if let Some(connector) = &*built {
            return Ok(connector.clone());
        }
        let connector = self.build()?;
        Ok(built.insert(connector).clone())
    }

    fn build(&self) -> io::Result<SslConnector> {
        let mut builder = SslConnector::builder(SslMethod::tls_client())?;
        builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
        match &self.roots {
            Roots::System => trust_system(&mut builder)?,
            Roots::These(roots) => builder.set_cert_store(store(roots)?),
            Roots::Unchecked => builder.set_verify(SslVerifyMode::NONE),
        }
        if let Some(ClientCertificate { chain, key }) = self.certificate.as_deref() {
            let mut chain = chain.iter();
            if let Some(own) = chain.next() {
                builder.set_certificate(own)?;
                builder.set_private_key(key)?;
            }
            chain.try_for_each(|other| builder.add_extra_chain_cert(other.clone()))?;
        }
        Ok(builder.build())
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

/// Trusts the certificates of the system: those in its bundle, and those in its folder, which OpenSSL searches when it needs
/// one.
///
/// # Errors
/// If the bundle exists but cannot be opened for lack of memory or file descriptors: without it no server would be trusted,
/// and that would not change later.
fn trust_system(builder: &mut SslConnectorBuilder) -> io::Result<()> {
    let system = openssl_probe::probe();
    if let Some(file) = &system.cert_file {
        match std::fs::read(file) {
            Ok(pem) => match X509::stack_from_pem(&pem) {
                Ok(roots) => {
                    for root in roots {
                        // A certificate that occurs twice is not an error.
                        let _ = builder.cert_store_mut().add_cert(root);
                    }
                }
                Err(error) => warn!("the trusted certificates in {} are not PEM: {error}", file.display()),
            },
            Err(error) if is_exhausted(&error) => return Err(error),
            Err(error) => warn!("the trusted certificates in {} cannot be read: {error}", file.display()),
        }
    }
    for folder in system.cert_dir.iter().filter(|folder| folder.to_str().is_some()) {
        if let Err(error) = builder.load_verify_locations(None, Some(folder)) {
            warn!("the trusted certificates in {} cannot be used: {error}", folder.display());
        }
    }
    Ok(())
}

/// Whether the system has no file descriptors or memory left at the moment.
fn is_exhausted(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM))
}

fn read_bundle(path: &Path) -> Result<Vec<X509>> {
    let wrong = |what: String| Error::Options(format!("`verify`: the file {} {what}", redact::file(path)));
    let pem = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    match X509::stack_from_pem(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(wrong("contains no certificate in PEM".into())),
    }
}
