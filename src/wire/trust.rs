//! Whom to trust as the server, and the certificate that is shown to it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use log::warn;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use openssl::x509::store::{X509Store, X509StoreBuilder};

use crate::error::{Error, Result};
use crate::redact;

/// Whom to trust.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verify {
    System,
    Bundle(PathBuf),
    Nobody,
}

/// The merchant's certificate with those between it and its root, and its key.
pub(crate) struct ClientCertificate {
    pub(crate) chain: Vec<X509>,
    pub(crate) key: PKey<Private>,
}

/// The settings of TLS, which are built for the first connection that needs them, as all of the system's certificates are
/// read for it.
pub(crate) struct Trust {
    roots: Roots,
    certificate: Option<Arc<ClientCertificate>>,
    /// Only what has succeeded is kept: where there were no file descriptors left, the next connection tries again.
    built: Mutex<Option<SslConnector>>,
}

enum Roots {
    System,
    These(Vec<X509>),
    /// Anyone is trusted.
    Unchecked,
}

impl Trust {
    /// # Errors
    /// [`Error::Options`] when the bundle cannot be read.
    pub(crate) fn new(verify: &Verify, certificate: Option<Arc<ClientCertificate>>) -> Result<Trust> {
        let roots = match verify {
            Verify::System => Roots::System,
            Verify::Nobody => Roots::Unchecked,
            Verify::Bundle(path) => Roots::These(read_bundle(path)?),
        };
        Ok(Trust { roots, certificate, built: Mutex::default() })
    }

    /// Whether the name of the host must be that of its certificate.
    pub(super) fn is_checked(&self) -> bool {
        !matches!(self.roots, Roots::Unchecked)
    }

    /// What connects; others wait while one builds it.
    ///
    /// # Errors
    /// When the system's certificates cannot be read now.
    pub(super) fn connector(&self) -> io::Result<SslConnector> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
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

fn store(roots: &[X509]) -> std::result::Result<X509Store, ErrorStack> {
    let mut store = X509StoreBuilder::new()?;
    roots.iter().try_for_each(|root| store.add_cert(root.clone()))?;
    Ok(store.build())
}

/// The certificates of the system: those of its bundle, and of its folder, which OpenSSL looks into when it needs one.
///
/// # Errors
/// When the bundle is there and cannot be opened for want of memory or file descriptors: without it nobody would be
/// trusted, and that would stay so.
fn trust_system(builder: &mut SslConnectorBuilder) -> io::Result<()> {
    let system = openssl_probe::probe();
    if let Some(file) = &system.cert_file {
        match std::fs::read(file) {
            Ok(pem) => match X509::stack_from_pem(&pem) {
                Ok(roots) => {
                    for root in roots {
                        // One that is there twice is no error to anybody.
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

/// Whether the system has no file descriptors or no memory left at this moment.
fn is_exhausted(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM))
}

fn read_bundle(path: &Path) -> Result<Vec<X509>> {
    let wrong = |what: String| Error::Options(format!("`verify`: the file {} {what}", redact::file(path)));
    let pem = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    match X509::stack_from_pem(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(wrong("holds no certificate in PEM".into())),
    }
}
