//! The roots that the system trusts.
//!
//! Many systems have each of them twice: in one bundle, and in a folder under the hash of its name. OpenSSL parses a bundle
//! as a whole, which takes tens of milliseconds; of a folder it reads what it needs.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use log::warn;
use openssl::ssl::SslFiletype;
use openssl::version;
use openssl::x509::X509;
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder, X509StoreBuilderRef};
use openssl_probe::{ENV_CERT_DIR, ENV_CERT_FILE};

/// Up to so many bytes in the bundles, reading them costs less than a second connection: about ten roots.
const LITTLE: u64 = 16 * 1024;

/// Where the system keeps its roots.
pub(super) struct SystemRoots {
    bundles: Vec<PathBuf>,
    /// Each may be several, with colons between them.
    folders: Vec<PathBuf>,
}

impl SystemRoots {
    /// Where OpenSSL looks by itself, and where other systems than the one that it was built for have them.
    pub(super) fn find() -> SystemRoots {
        let found = openssl_probe::probe();
        let mut roots = SystemRoots { bundles: found.cert_file.into_iter().collect(), folders: found.cert_dir };
        let built_in = built_in();
        let named = env::var_os(ENV_CERT_DIR).map(PathBuf::from);
        roots.folders.extend(named.or_else(|| Some(built_in?.join("certs"))));
        // What the variable names has been found above.
        if let (None, Some(folder)) = (env::var_os(ENV_CERT_FILE), built_in) {
            let bundle = folder.join("cert.pem");
            if bundle.exists() && !roots.bundles.iter().any(|other| is_same(other, &bundle)) {
                roots.bundles.push(bundle);
            }
        }
        roots
    }

    /// Whether the folders should be tried without the bundles: there is something in them, and the bundles are long.
    pub(super) fn may_do_without_bundles(&self) -> bool {
        let length = |bundle: &PathBuf| fs::metadata(bundle).map_or(0, |metadata| metadata.len());
        self.bundles.iter().map(length).fold(0, u64::saturating_add) > LITTLE
            && self.folders.iter().flat_map(env::split_paths).any(|folder| has_links(&folder))
    }

    /// The roots in the folders, none of which has been read yet.
    ///
    /// # Errors
    /// If there is no memory.
    pub(super) fn in_folders(&self) -> io::Result<X509Store> {
        let mut store = X509StoreBuilder::new()?;
        self.add_folders(&mut store)?;
        Ok(store.build())
    }

    /// The roots in the bundles and in the folders.
    ///
    /// # Errors
    /// If a bundle exists but cannot be opened for lack of memory or file descriptors: without it no server would be trusted,
    /// and that would not change later.
    pub(super) fn all(&self) -> io::Result<X509Store> {
        let mut store = X509StoreBuilder::new()?;
        self.bundles.iter().try_for_each(|bundle| add_bundle(&mut store, bundle))?;
        self.add_folders(&mut store)?;
        Ok(store.build())
    }

    fn add_folders(&self, store: &mut X509StoreBuilderRef) -> io::Result<()> {
        let lookup = store.add_lookup(X509Lookup::hash_dir())?;
        for folder in &self.folders {
            let added = match folder.to_str() {
                Some(folder) => lookup.add_dir(folder, SslFiletype::PEM).map_err(|error| error.to_string()),
                None => Err("its name is not UTF-8".into()),
            };
            if let Err(reason) = added {
                warn!("the trusted certificates in {} cannot be used: {reason}", folder.display());
            }
        }
        Ok(())
    }
}

fn add_bundle(store: &mut X509StoreBuilderRef, bundle: &Path) -> io::Result<()> {
    match fs::read(bundle) {
        Ok(pem) => match X509::stack_from_pem(&pem) {
            Ok(roots) => {
                for root in roots {
                    // A certificate that occurs twice is not an error.
                    let _ = store.add_cert(root);
                }
            }
            Err(error) => warn!("the trusted certificates in {} are not PEM: {error}", bundle.display()),
        },
        Err(error) if is_exhausted(&error) => return Err(error),
        Err(error) => warn!("the trusted certificates in {} cannot be read: {error}", bundle.display()),
    }
    Ok(())
}

/// Whether the system has no file descriptors or memory left at the moment.
fn is_exhausted(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM))
}

/// The folder that OpenSSL was built to look in, which it tells as `OPENSSLDIR: "/usr/lib/ssl"`.
fn built_in() -> Option<&'static Path> {
    version::dir().split('"').nth(1).map(Path::new)
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Whether a certificate can be found in this folder: by the hash of its name and a number, such as `5ed36f99.0`.
fn has_links(folder: &Path) -> bool {
    let is_link = |name: &OsStr| {
        let parts = name.to_str().and_then(|name| name.split_once('.'));
        parts.is_some_and(|(hash, number)| {
            hash.len() == 8
                && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| is_link(&entry.file_name())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a system without any links does; most have some, in folders that are always looked at.
    #[test]
    fn folders_are_tried_alone_if_there_are_links_and_the_bundle_is_long() {
        let place = env::temp_dir().join(format!("wechatpay-roots-{}", std::process::id()));
        let [empty, folder] = ["empty", "folder"].map(|name| place.join(name));
        fs::create_dir_all(&empty).unwrap();
        fs::create_dir_all(&folder).unwrap();
        let bundle = place.join("bundle.pem");
        let may = |folders: &[&PathBuf]| {
            let folders = env::join_paths(folders).unwrap();
            SystemRoots { bundles: vec![bundle.clone()], folders: vec![place.join("none"), folders.into()] }
                .may_do_without_bundles()
        };
        fs::write(&bundle, [b'#'; LITTLE as usize + 1]).unwrap();
        for name in ["root.pem", "5ed36f9.0", "5ed36f99.", "5ed36f99.r0", "5ed36f99.0.old", "5ed36g99.0", "5ed36f99"] {
            fs::write(folder.join(name), "").unwrap();
        }
        assert!(!may(&[&empty, &folder]));
        fs::write(folder.join("5ed36f99.10"), "").unwrap();
        assert!(may(&[&empty, &folder]));
        assert!(!may(&[&empty]));
        fs::write(&bundle, [b'#'; LITTLE as usize]).unwrap();
        assert!(!may(&[&empty, &folder]));
        fs::remove_file(&bundle).unwrap();
        assert!(!may(&[&empty, &folder]));
        fs::remove_dir_all(&place).unwrap();
    }
}
