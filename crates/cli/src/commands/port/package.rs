//! Manifests of what is compiled: of the scratch packages, and of a project.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// What all manifests say of the language.
pub const EDITION: &str = "edition = \"2024\"\n";

/// Where `wechatpay-chain` comes from.
#[derive(Debug)]
pub struct Chain {
    /// A checkout, or else it is the published one of this version.
    checkout: Option<PathBuf>,
}

impl Chain {
    pub fn new(checkout: Option<&Path>) -> Result<Chain> {
        let Some(path) = checkout else { return Ok(Chain { checkout: None }) };
        let checkout = std::fs::canonicalize(path).map_err(|error| Failure::file(path, error))?;
        let manifest = std::fs::read_to_string(checkout.join("Cargo.toml")).unwrap_or_default();
        let is_chain = manifest
            .parse::<toml::Table>()
            .is_ok_and(|manifest| name(&manifest).is_some_and(|name| name == "wechatpay-chain"));
        if !is_chain {
            return Err(Failure::file(path, "this is not a checkout of wechatpay-chain"));
        }
        Ok(Chain { checkout: Some(checkout) })
    }

    /// The lines of a manifest that depend on it.
    pub fn dependencies(&self) -> String {
        format!(
            "[dependencies]\nanyhow = \"1\"\n\
             # `php`: what PHP's functions and operators mean; keys of JSON keep their order.\n\
             wechatpay-chain = {{ {}, features = [\"php\"] }}\n",
            self.source(Path::new(""))
        )
    }

    /// Those that depend on the sandbox, for tests.
    pub fn test_dependencies(&self) -> String {
        format!(
            "[dev-dependencies]\n# A stand-in of the platform.\nwechatpay-sandbox = {{ {} }}\n",
            self.source(Path::new("crates/sandbox"))
        )
    }

    /// The versions that the checkout was tested with.
    pub fn lock(&self) -> Option<PathBuf> {
        let lock = self.checkout.as_ref()?.join("Cargo.lock");
        lock.is_file().then_some(lock)
    }

    pub fn is_published(&self) -> bool {
        self.checkout.is_none()
    }

    /// A package of the checkout, or the published one.
    fn source(&self, inside: &Path) -> String {
        match &self.checkout {
            Some(checkout) => format!("path = {}", quoted(&checkout.join(inside).display().to_string())),
            None => format!("version = \"{}\"", env!("CARGO_PKG_VERSION")),
        }
    }
}

fn name(manifest: &toml::Table) -> Option<&str> {
    manifest.get("package")?.get("name")?.as_str()
}

/// A text of TOML: what JSON's quotes mean, they mean there, too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text.trim_end_matches('/')).to_string()
}
