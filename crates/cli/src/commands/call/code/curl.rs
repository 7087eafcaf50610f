//! `--curl`: a command of curl with the signature that the library has made.

use crate::commands::call::recording::Recording;
use crate::commands::call::request::Request;
use crate::secret::Material;
use crate::settings::{Given, Settings};
use crate::shell::quoted;

/// Headers that curl sets itself, or should not have.
const OWN: [&str; 4] = ["host", "content-length", "accept-encoding", "connection"];

/// The command.
pub fn write(request: &Request, recording: &Recording, settings: &Settings) -> String {
    let mut words = vec![format!("curl --globoff --path-as-is -X {} {}", request.method, quoted(&recording.url()))];
    let is_form = request.upload.is_some();
    for (name, value) in &recording.headers {
        // The boundary is that of curl's own form.
        let is_own = OWN.contains(&name.as_str()) || (is_form && name == "content-type");
        if !is_own {
            words.push(format!("-H {}", quoted(&format!("{name}: {value}"))));
        }
    }
    match (&request.upload, std::str::from_utf8(&recording.body)) {
        (Some(upload), _) => {
            for (name, contents) in upload.parts() {
                // What is signed, byte for byte.
                let signed = std::str::from_utf8(recording.signed_body()).unwrap_or_default();
                let (contents, kind) =
                    if name == "meta" { (signed, ";type=application/json") } else { (contents.as_str(), "") };
                words.push(format!("-F {}", quoted(&format!("{name}={}{kind}", in_form(contents)))));
            }
            let path = in_form(&super::absolute(&upload.path));
            let name = in_form(&upload.file_name);
            words.push(format!("-F {}", quoted(&format!("{}=@{path};filename={name}", upload.part()))));
        }
        (None, Ok("")) => {}
        (None, Ok(text)) => words.push(format!("--data-binary {}", quoted(text))),
        (None, Err(_)) => {}
    }
    if request.options.contains_key("security") {
        let file = |given: &Option<Given<Material>>, name: &str| {
            let path = given.as_ref().and_then(|given| given.value.path());
            quoted(&path.map_or_else(|| super::somewhere(name), super::absolute))
        };
        let certificate = file(&settings.merchant_cert, "apiclient_cert.pem");
        words.push(format!("--cert {certificate} --key {}", file(&settings.private_key, "apiclient_key.pem")));
    }
    match settings.proxy.as_ref().map(|given| given.value.as_str()) {
        Some("") => words.push("--noproxy '*'".to_owned()),
        // One with a password is a secret.
        Some(proxy) if !proxy.contains('@') => words.push(format!("--proxy {}", quoted(proxy))),
        _ => {}
    }
    if let Some(verify) = &settings.verify {
        words.push(format!("--cacert {}", quoted(&super::absolute(&verify.value))));
    }
    if let Some(timeout) = &settings.timeout {
        words.push(format!("--max-time {}", timeout.value));
    }
    if let Some(path) = request.options.get("sink").and_then(|path| path.as_str()) {
        words.push(format!("-o {}", quoted(path)));
    }
    let note = if recording.header("authorization").is_some() {
        "# The signature is valid for five minutes. curl does not verify the answer's.\n"
    } else {
        "# curl does not verify the answer's signature.\n"
    };
    format!("{note}{}\n", words.join(" \\\n  "))
}

/// A value of `-F` in its own quotes, in which nothing has a meaning.
fn in_form(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
