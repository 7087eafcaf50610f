//! Where a running sandbox is, for `--profile sandbox`: the file that `sandbox_profile` reads.

use std::path::PathBuf;

use serde_json::{Value, json};
use wechatpay_sandbox::{KeyMode, Sandbox};

use super::folder::{self, Folder};
use crate::failure::{Failure, Result};
use crate::files::Readers;
use crate::sandbox_profile;

/// The file, for as long as the sandbox runs.
pub struct State {
    path: PathBuf,
    written: String,
}

impl State {
    pub fn write(sandbox: &Sandbox, folder: &Folder) -> Result<State> {
        let path = sandbox_profile::state_file()
            .ok_or_else(|| Failure::usage("there is no folder of the user's: set WECHATPAY_SANDBOX_STATE"))?;
        let file = |name: &str| folder.file(name).display().to_string();
        let platform = match sandbox.mode() {
            KeyMode::Certificate => folder::PLATFORM_CERTIFICATE,
            KeyMode::PublicKey | KeyMode::Mixed => folder::PLATFORM_KEY,
        };
        let address = sandbox.base_uri().split_once("://").map_or("", |(_, address)| address.trim_end_matches('/'));
        let mut state = json!({
            "address": address,
            "base_uri": sandbox.base_uri(),
            "mchid": sandbox.mchid(),
            "serial": sandbox.merchant_serial(),
            "private_key": file(folder::PRIVATE_KEY),
            "certs": { sandbox.platform_serial(): file(platform) },
            "apiv3_key": file(folder::APIV3_KEY),
            "secret": file(folder::SECRET),
            "merchant_cert": file(folder::CERTIFICATE),
        });
        if sandbox.ca_pem().is_some() {
            state.as_object_mut().map(|state| state.insert("verify".to_owned(), Value::from(file(folder::AUTHORITY))));
        }
        let written = format!("{state:#}\n");
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| Failure::file(parent, error))?;
        }
        folder::write(&path, &written, Readers::Owner)?;
        Ok(State { path, written })
    }
}

/// Removes the file, unless another sandbox has written its own meanwhile.
impl Drop for State {
    fn drop(&mut self) {
        if std::fs::read_to_string(&self.path).is_ok_and(|text| text == self.written) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
