//! Keys and secrets: from files, the environment and standard input, never from arguments, which every user of the machine can see.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use wechatpay::KeySource;
use zeroize::Zeroizing;

use crate::failure::{Failure, Result, is_like_key};
use crate::input;

/// A key or a secret, or the file that has it. `Debug` shows no more than the path.
#[derive(Clone)]
pub enum Material {
    File(PathBuf),
    Text(Zeroizing<String>),
}

impl Material {
    /// A file. A key in its place is refused, and not repeated.
    pub fn file(path: impl Into<PathBuf>) -> Result<Material> {
        let path = path.into();
        if is_key_itself(&path) { Err(misplaced()) } else { Ok(Material::File(path)) }
    }

    /// The file of an argument, or for `-` what standard input has.
    pub fn at(path: &Path) -> Result<Material> {
        if is_key_itself(path) {
            return Err(misplaced()
                .next("everyone on this machine can see arguments, and it may be in the history of the shell now: if others can \
                       read that, set a new key in the merchant portal"));
        }
        if path != Path::new("-") {
            return Ok(Material::File(path.to_owned()));
        }
        let text = input::read_text(path, "a key")?;
        if text.trim().is_empty() {
            return Err(Failure::usage("standard input is empty, and was to have a key"));
        }
        Ok(Material::Text(text))
    }

    /// What a variable of the environment has: the text itself, or after `file://` the path of a file.
    pub fn of_variable(value: String) -> Result<Material> {
        match value.strip_prefix("file://") {
            Some(path) => Material::file(path),
            None => Ok(Material::Text(value.into())),
        }
    }

    /// As the library takes a key of RSA.
    pub fn key(&self) -> KeySource {
        match self {
            Material::File(path) => KeySource::from(format!("file://{}", path.display())),
            Material::Text(text) => KeySource::from(text.as_str()),
        }
    }

    /// The text itself; the line end after it is not part of it.
    pub fn text(&self) -> Result<Zeroizing<String>> {
        let text = match self {
            Material::File(path) => {
                fs::read_to_string(path).map(Zeroizing::new).map_err(|error| Failure::file(path, error))?
            }
            Material::Text(text) => text.clone(),
        };
        Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// Whether it is a file of PKCS#12, which begins as DER does.
    pub fn is_pkcs12(&self) -> bool {
        const SEQUENCE: u8 = 0x30;
        let begins = |path: &Path| -> io::Result<bool> {
            let mut first = [0];
            fs::File::open(path)?.read_exact(&mut first)?;
            Ok(first == [SEQUENCE])
        };
        self.path().is_some_and(|path| begins(path).unwrap_or(false))
    }

    pub fn path(&self) -> Option<&Path> {
        match self {
            Material::File(path) => Some(path),
            Material::Text(_) => None,
        }
    }

    /// Whether others can read the file: what to do about it.
    pub fn is_open_to_others(&self) -> Option<String> {
        is_open_to_others(self.path()?)
    }
}

/// Whether a key is where the file that has it was to be given.
fn is_key_itself(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    (is_like_key(&name) || is_like_key(&path.to_string_lossy())) && !path.exists()
}

fn misplaced() -> Failure {
    Failure::usage("this looks like a key, and not like the file that has it")
        .next("put it into a file that you alone can read, and give that file: (umask 077; cat > apiv3.key)")
        .next("or give - and write it to standard input, or set WECHATPAY_APIV3_KEY, WECHATPAY_SECRET or WECHATPAY_PRIVATE_KEY")
}

/// Whether an address has a password.
pub fn has_password(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || query.split('&').any(|parameter| parameter.starts_with("password="))
}

/// Whether others than its owner can read a file: what to do about it.
#[cfg(unix)]
pub fn is_open_to_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let path = path.display();
    (mode & 0o077 != 0).then(|| format!("{path} can be read by others (mode {mode:03o}): chmod 600 {path}"))
}

#[cfg(not(unix))]
pub fn is_open_to_others(_: &Path) -> Option<String> {
    None
}

impl fmt::Debug for Material {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Material::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Material::Text(_) => formatter.write_str("Text(…)"),
        }
    }
}
