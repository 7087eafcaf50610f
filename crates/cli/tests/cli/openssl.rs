//! What the `openssl` command says: nothing of it is ours.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::runs::Home;

/// Runs the command in the folder of a home; returns what it has printed, if it ends with success.
pub fn openssl(home: &Home, arguments: &[&str], input: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    let mut command = Command::new("openssl");
    command.args(arguments).current_dir(home.folder.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    // Not all of them read it.
    let _ = child.stdin.take().unwrap().write_all(input.as_ref());
    let output = child.wait_with_output().unwrap();
    output.status.success().then_some(output.stdout)
}

/// The bytes of base64.
pub fn base64(home: &Home, text: &str) -> Vec<u8> {
    openssl(home, &["base64", "-d", "-A"], text.trim()).unwrap()
}

/// Bytes as base64.
pub fn to_base64(home: &Home, bytes: impl AsRef<[u8]>) -> String {
    String::from_utf8(openssl(home, &["base64", "-A"], bytes).unwrap()).unwrap()
}

/// Whether a signature of the message, in base64, is by the key of the home's `cert.pem`.
pub fn is_signed(home: &Home, message: impl AsRef<[u8]>, signature: &str) -> bool {
    let key = openssl(home, &["x509", "-in", "cert.pem", "-pubkey", "-noout"], "").unwrap();
    home.write("cert.pub", key);
    home.write("signature", base64(home, signature));
    openssl(home, &["dgst", "-sha256", "-verify", "cert.pub", "-signature", "signature"], message).is_some()
}

/// The signature of a message by a key in a file, in base64.
pub fn sign(home: &Home, key: &str, message: impl AsRef<[u8]>) -> String {
    to_base64(home, openssl(home, &["dgst", "-sha256", "-sign", key], message).unwrap())
}

/// Writes a new RSA key and its public half.
pub fn new_key(home: &Home, private: &str, public: &str) {
    openssl(home, &["genrsa", "-out", private, "2048"], "").unwrap();
    openssl(home, &["rsa", "-in", private, "-pubout", "-out", public], "").unwrap();
}

/// The digest of a text in capitals, of a kind and perhaps with a key: the arguments of `openssl dgst`.
pub fn digest(home: &Home, arguments: &[&str], text: &str) -> String {
    let printed = openssl(home, &[&["dgst", "-r"], arguments].concat(), text).unwrap();
    String::from_utf8(printed).unwrap().split(' ').next().unwrap().to_uppercase()
}
