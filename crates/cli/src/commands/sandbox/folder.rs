//! What is written to the folder: keys, and a program in each language that is ready to run.

use std::fs;
use std::path::{Path, PathBuf};

use directories::BaseDirs;
use serde_json::Value;
use wechatpay_sandbox::{KeyMode, Sandbox};

use crate::failure::{Failure, Result};
use crate::files::{self, Readers};
use crate::sandbox_profile;

pub const PRIVATE_KEY: &str = "apiclient_key.pem";
pub const CERTIFICATE: &str = "apiclient_cert.pem";
pub const PLATFORM_KEY: &str = "pub_key.pem";
pub const PLATFORM_CERTIFICATE: &str = "platform_cert.pem";
pub const APIV3_KEY: &str = "apiv3.key";
pub const SECRET: &str = "apiv2.key";
pub const AUTHORITY: &str = "authority.pem";

/// How a text is written in the language of a file.
#[derive(Clone, Copy)]
enum Quotes {
    /// As in JSON, JavaScript, Go, Java and Rust.
    Double,
    Php,
    Shell,
    None,
}

/// The programs: where they go, what is in them, and how a text is written there. In a template `{{name}}` is a value, and a line
/// that begins with `{{#name}}` is left out if that is not so.
const PROGRAMS: [(&str, &str, Quotes); 9] = [
    ("php/native.php", include_str!("samples/native.php"), Quotes::Php),
    ("node/native.js", include_str!("samples/native.js"), Quotes::Double),
    ("go/native.go", include_str!("samples/native.go"), Quotes::Double),
    ("java/Native.java", include_str!("samples/Native.java"), Quotes::Double),
    ("java/pom.xml", include_str!("samples/pom.xml"), Quotes::None),
    ("rust/native.rs", include_str!("samples/native.rs.txt"), Quotes::Double),
    ("rust/Cargo.toml", include_str!("samples/Cargo.toml.txt"), Quotes::None),
    ("wechatpay.env", include_str!("samples/env.txt"), Quotes::Shell),
    ("README.md", include_str!("samples/README.md"), Quotes::None),
];

/// A folder that is there.
pub struct Folder(PathBuf);

impl Folder {
    /// This folder, or else one of the user's; it is made if need be, for nobody else to look into.
    pub fn open(given: Option<PathBuf>) -> Result<Folder> {
        let path = given
            .or_else(sandbox_profile::folder)
            .ok_or_else(|| Failure::usage("there is no folder of the user's: give --folder"))?;
        let made = make(&path).and_then(|()| path.canonicalize());
        Ok(Folder(made.map_err(|error| Failure::file(&path, error))?))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The path as people write it: from the user's home on, if it is there.
    pub fn shown(&self) -> String {
        let home = BaseDirs::new().and_then(|dirs| dirs.home_dir().canonicalize().ok());
        match home.and_then(|home| self.0.strip_prefix(home).map(Path::to_owned).ok()) {
            Some(rest) => format!("~/{}", rest.display()),
            None => self.0.display().to_string(),
        }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes everything, over what is there from the last time.
    pub fn write(&self, sandbox: &Sandbox) -> Result<()> {
        let serial = sandbox.platform_serial();
        let (platform_name, platform) = match sandbox.mode() {
            KeyMode::Certificate => {
                (PLATFORM_CERTIFICATE, sandbox.platform_certificate_pem(serial).unwrap_or_default())
            }
            KeyMode::PublicKey | KeyMode::Mixed => (PLATFORM_KEY, sandbox.platform_public_key_pem().to_owned()),
        };
        for (name, text, readers) in [
            (PRIVATE_KEY, sandbox.merchant_private_key_pem(), Readers::Owner),
            (CERTIFICATE, sandbox.merchant_certificate_pem(), Readers::Anyone),
            (platform_name, &platform, Readers::Anyone),
            (APIV3_KEY, sandbox.apiv3_key(), Readers::Owner),
            (SECRET, sandbox.secret(), Readers::Owner),
        ] {
            write(&self.file(name), text, readers)?;
        }
        if let Some(authority) = sandbox.ca_pem() {
            write(&self.file(AUTHORITY), authority, Readers::Anyone)?;
        }
        let facts = Facts { sandbox, folder: self, platform_name };
        for (name, template, quotes) in PROGRAMS {
            let path = self.file(name);
            if let Some(parent) = path.parent() {
                make(parent).map_err(|error| Failure::file(parent, error))?;
            }
            write(&path, &facts.fill(template, quotes), Readers::Anyone)?;
        }
        Ok(())
    }
}

/// What the templates ask for.
struct Facts<'a> {
    sandbox: &'a Sandbox,
    folder: &'a Folder,
    platform_name: &'a str,
}

impl Facts<'_> {
    fn fill(&self, template: &str, quotes: Quotes) -> String {
        let (mut filled, mut left) = (String::new(), template);
        while let Some((before, rest)) = left.split_once("{{") {
            filled.push_str(before);
            let (name, rest) = rest.split_once("}}").unwrap_or((rest, ""));
            left = rest;
            match name.strip_prefix('#') {
                Some(condition) if self.holds(condition) => {}
                Some(_) => left = rest.split_once('\n').map_or("", |(_, rest)| rest),
                None => filled.push_str(&quoted(&self.value(name), quotes)),
            }
        }
        filled + left
    }

    fn holds(&self, condition: &str) -> bool {
        let is_certificate = self.sandbox.mode() == KeyMode::Certificate;
        match condition {
            "tls" => self.sandbox.ca_pem().is_some(),
            "certificate" => is_certificate,
            "public_key" => !is_certificate,
            _ => false,
        }
    }

    fn value(&self, name: &str) -> String {
        let file = |name: &str| self.folder.file(name).display().to_string();
        let url = |name: &str| format!("file://{}", file(name));
        match name {
            "base" | "base_uri" => self.sandbox.base_uri().to_owned(),
            "mchid" => self.sandbox.mchid().to_owned(),
            "serial" => self.sandbox.merchant_serial().to_owned(),
            "platform" | "platform_id" => self.sandbox.platform_serial().to_owned(),
            "platform_name" => self.platform_name.to_owned(),
            "platform_file" => file(self.platform_name),
            "private_key" => file(PRIVATE_KEY),
            "private_key_url" => url(PRIVATE_KEY),
            "certificate" => file(CERTIFICATE),
            "certificate_url" => file(CERTIFICATE),
            "apiv3_key_file" => file(APIV3_KEY),
            "apiv3_key_url" => url(APIV3_KEY),
            "secret_file" => file(SECRET),
            "secret_url" => url(SECRET),
            "authority" => file(AUTHORITY),
            "certs" => format!("{}={}", self.sandbox.platform_serial(), file(self.platform_name)),
            _ => String::new(),
        }
    }
}

fn quoted(text: &str, quotes: Quotes) -> String {
    match quotes {
        Quotes::Double => Value::from(text).to_string(),
        Quotes::Php => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        Quotes::Shell => format!("'{}'", text.replace('\'', "'\\''")),
        Quotes::None => text.to_owned(),
    }
}

/// Makes a folder for nobody else to look into.
fn make(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Writes a file, whole or not at all.
pub fn write(path: &Path, text: &str, readers: Readers) -> Result<()> {
    files::write_atomically(path, text.as_bytes(), readers).map_err(|error| Failure::file(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_as_each_language_reads_it() {
        let text = r#"it's "C:\$HOME""#;
        let written = [Quotes::Double, Quotes::Php, Quotes::Shell, Quotes::None].map(|quotes| quoted(text, quotes));
        let expected = [r#""it's \"C:\\$HOME\"""#, r#"'it\'s "C:\\$HOME"'"#, r#"'it'\''s "C:\$HOME"'"#, text];
        assert_eq!(written, expected);
    }
}
