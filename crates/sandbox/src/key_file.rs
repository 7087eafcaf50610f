//! The keys of a sandbox in a file, so that they survive a restart.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use serde_json::{Map, Value};

use crate::authority::{Authority, Name};
use crate::crypto;
use crate::keys::KeyPair;

/// What the file says of itself.
const NOTE: &str = "Keys of wechatpay-sandbox. They are good for nothing else: the platform does not know them.";

/// Keys by their names. What is not there is made, and is there from then on.
#[derive(Default)]
pub(crate) struct KeyFile {
    /// `None` if the keys are only for this time.
    path: Option<PathBuf>,
    entries: Map<String, Value>,
    /// Whether something was made that is not in the file yet.
    is_new: bool,
}

impl KeyFile {
    /// Reads a file, which need not exist yet.
    ///
    /// # Errors
    /// If it cannot be read, or is no JSON object.
    pub(crate) fn open(path: &Path) -> io::Result<KeyFile> {
        let entries = match fs::read(path) {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(Value::Object(entries)) => entries,
                _ => return Err(invalid(path, "it is no JSON object")),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Map::new(),
            Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
        };
        Ok(KeyFile { path: Some(path.to_owned()), entries, is_new: false })
    }

    /// An RSA key.
    pub(crate) fn pair(&mut self, name: &str) -> io::Result<KeyPair> {
        if let Some(pem) = self.text(name)? {
            let key = PKey::private_key_from_pem(pem.as_bytes()).ok();
            return match key.filter(|key| key.rsa().is_ok_and(|rsa| rsa.size() == 256)) {
                Some(key) => Ok(KeyPair::of(key)?),
                None => {
                    // OpenSSL's queue of errors must be cleared, or the next operation would take them for its own.
                    drop(ErrorStack::get());
                    Err(self.wrong(name, "is not a private RSA key of 2048 bits in PEM"))
                }
            };
        }
        let pair = KeyPair::generate()?;
        self.put(name, pair.private_pem.as_ref().into());
        Ok(pair)
    }

    /// A text of this length; `make` makes one.
    pub(crate) fn secret(&mut self, name: &str, length: usize, make: impl FnOnce() -> String) -> io::Result<String> {
        if let Some(text) = self.text(name)? {
            let is_right = text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            return if is_right {
                Ok(text.to_owned())
            } else {
                Err(self.wrong(name, &format!("does not have {length} letters and digits")))
            };
        }
        let text = make();
        self.put(name, text.as_str().into());
        Ok(text)
    }

    /// An issuer of certificates, which is called `subject` if it is made.
    pub(crate) fn authority(&mut self, name: &str, subject: &Name<'_>) -> io::Result<Authority> {
        let names = [format!("{name}_key"), format!("{name}_certificate")];
        if let (Some(key), Some(certificate)) = (self.text(&names[0])?, self.text(&names[1])?) {
            return Authority::read(key, certificate).ok_or_else(|| {
                drop(ErrorStack::get());
                self.wrong(&names[0], "and its certificate do not belong together, or are no PEM")
            });
        }
        let authority = Authority::make(subject)?;
        let [key, certificate] = names;
        self.put(&key, authority.key_pem()?.into());
        self.put(&certificate, authority.pem()?.into());
        Ok(authority)
    }

    /// Writes down what was made, if it is to be kept: whole or not at all, and for nobody else to read.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn save(&self) -> io::Result<()> {
        let Some(path) = self.path.as_deref().filter(|_| self.is_new) else {
            return Ok(());
        };
        let entries = self.entries.iter().filter(|(name, _)| *name != "note");
        let entries = entries.map(|(name, value)| (name.clone(), value.clone()));
        let all: Map<String, Value> = [("note".to_owned(), Value::from(NOTE))].into_iter().chain(entries).collect();
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(format!(".{}", crypto::nonce(16)));
        let temporary = PathBuf::from(temporary);
        let written =
            write(&temporary, &format!("{:#}\n", Value::Object(all))).and_then(|()| fs::rename(&temporary, path));
        written.map_err(|error| {
            let _ = fs::remove_file(&temporary);
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })
    }

    fn text(&self, name: &str) -> io::Result<Option<&str>> {
        match self.entries.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "is not a text")),
        }
    }

    fn put(&mut self, name: &str, value: Value) {
        self.entries.insert(name.to_owned(), value);
        self.is_new = true;
    }

    fn wrong(&self, name: &str, what: &str) -> io::Error {
        invalid(self.path.as_deref().unwrap_or(Path::new("")), &format!("{name} {what}"))
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn invalid(path: &Path, why: &str) -> io::Error {
    let message = format!("{}: {why}; remove the file, and new keys are made", path.display());
    io::Error::new(io::ErrorKind::InvalidData, message)
}
