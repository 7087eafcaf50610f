//! The profile `sandbox`: a `wechatpay sandbox` that runs, or else a sandbox of this process.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use directories::ProjectDirs;
use serde_json::Value;
use wechatpay_sandbox::{KeyMode, Sandbox};

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::keys::PUBLIC_KEY_ID;
use crate::secret::Material;
use crate::settings::{Given, Origin, Settings};

/// With certificates, too, so that there is something to download.
const MODE: KeyMode = KeyMode::Mixed;

/// The serial of the merchant's certificate, whatever the merchant's id is.
pub const SERIAL: &str = "3775B6A45ACD588826D15E583A95F5DD12345678";

/// The name of the profile.
pub const NAME: &str = "sandbox";

/// Where a running `wechatpay sandbox` says where it is, if not in the user's folder.
pub const STATE_VARIABLE: &str = "WECHATPAY_SANDBOX_STATE";

/// The file in which a running `wechatpay sandbox` says where it is: an object of `address` (of its port), `base_uri`, `mchid`,
/// `serial`, `private_key`, `certs` (by id), `apiv3_key`, `secret`, `merchant_cert` and, over https, `verify`; keys as paths of
/// files.
pub fn state_file() -> Option<PathBuf> {
    match std::env::var_os(STATE_VARIABLE) {
        Some(path) if !path.is_empty() => Some(path.into()),
        _ => Some(ProjectDirs::from("", "", "wechatpay")?.data_local_dir().join("sandbox.json")),
    }
}

/// The settings by which a sandbox is called, and the sandbox, if it is one of this process.
pub fn settings() -> Result<(Settings, Option<Sandbox>)> {
    if let Some(settings) = running() {
        return Ok((settings, None));
    }
    let sandbox = own_sandbox()?;
    Ok((own(&sandbox), Some(sandbox)))
}

/// A sandbox of this process, with the keys that the user's sandboxes have from one time to the next: what one command signs, the
/// next one can verify. Where nothing can be kept, they are for this time.
pub fn own_sandbox() -> Result<Sandbox> {
    let builder = Sandbox::builder().mode(MODE);
    let builder = match kept_keys() {
        Some(keys) => builder.key_file(keys),
        None => builder,
    };
    builder.start().map_err(|error| Failure::new(Exit::Failed, format!("the sandbox cannot be started: {error}")))
}

/// The file of the keys, which is made if need be. Of commands that make it at the same time, as in a pipeline, the first counts.
fn kept_keys() -> Option<PathBuf> {
    let folder = folder()?;
    let keys = folder.join(KEYS);
    if !keys.exists() {
        fs::create_dir_all(&folder).ok()?;
        let draft = folder.join(format!("keys-{}.json", std::process::id()));
        drop(Sandbox::builder().mode(MODE).key_file(&draft).start().ok()?);
        // Unlike a rename, this does not replace what is there.
        let linked = fs::hard_link(&draft, &keys);
        fs::remove_file(&draft).ok()?;
        linked.ok().or_else(|| keys.exists().then_some(()))?;
    }
    Some(keys)
}

/// The folder of a sandbox that is given none: beside the state, so that where the state is of another place, the keys are, too.
pub fn folder() -> Option<PathBuf> {
    Some(state_file()?.parent()?.join("sandbox"))
}

/// The file of its folder in which a sandbox keeps its keys.
pub const KEYS: &str = "keys.json";

/// A sandbox with the keys of the one that runs, on a port of its own: it signs as that one does. `None` if none runs.
pub fn twin() -> Result<Option<Sandbox>> {
    let Some(settings) = running() else { return Ok(None) };
    let folder = settings.private_key.as_ref().and_then(|key| key.value.path()?.parent());
    let keys = folder.map(|folder| folder.join(KEYS)).filter(|keys| keys.exists());
    let (Some(keys), Some(mchid), Some(serial)) = (keys, &settings.mchid, &settings.serial) else {
        return Err(Failure::usage(format!("the sandbox that runs keeps no {KEYS} beside its keys")));
    };
    let is_public_key = settings.certs.keys().any(|id| id.starts_with(PUBLIC_KEY_ID));
    let mode = if is_public_key { KeyMode::PublicKey } else { KeyMode::Certificate };
    let builder = Sandbox::builder().merchant(&mchid.value, &serial.value).mode(mode).key_file(keys);
    builder
        .start()
        .map(Some)
        .map_err(|error| Failure::new(Exit::Failed, format!("the keys of the sandbox cannot be used: {error}")))
}

fn given<T>(setting: &str, value: T) -> Given<T> {
    Given { value, from: Origin::Profile { name: NAME.to_owned(), setting: setting.to_owned() } }
}

/// Those of a sandbox that runs; `None` if none does.
fn running() -> Option<Settings> {
    let state: Value = serde_json::from_str(&fs::read_to_string(state_file()?).ok()?).ok()?;
    let address: SocketAddr = state.get("address")?.as_str()?.parse().ok()?;
    // It may have been killed, and left the file behind.
    TcpStream::connect_timeout(&address, Duration::from_millis(500)).ok()?;
    let text = |name: &str| Some(given(name, state.get(name)?.as_str()?.to_owned()));
    let file = |name: &str| Some(given(name, Material::File(state.get(name)?.as_str()?.into())));
    let cert =
        |(id, path): (&String, &Value)| Some((id.clone(), given("certs", Material::File(path.as_str()?.into()))));
    Some(Settings {
        mchid: text("mchid"),
        serial: text("serial"),
        private_key: file("private_key"),
        certs: state.get("certs")?.as_object()?.iter().filter_map(cert).collect(),
        apiv3_key: file("apiv3_key"),
        secret: file("secret"),
        merchant_cert: file("merchant_cert"),
        base_uri: text("base_uri"),
        verify: text("verify").map(|Given { value, from }| Given { value: value.into(), from }),
        proxy: Some(given("proxy", String::new())),
        profile: Some(NAME.to_owned()),
        ..Settings::default()
    })
}

/// Those of a sandbox of this process.
fn own(sandbox: &Sandbox) -> Settings {
    let text = |text: &str| Material::Text(text.to_owned().into());
    // The one that it signs with: with several, calls that encrypt would have to name one.
    let serial = sandbox.platform_serial();
    let certificate = sandbox.platform_certificate_pem(serial);
    let key = certificate.unwrap_or_else(|| sandbox.platform_public_key_pem().to_owned());
    Settings {
        mchid: Some(given("mchid", sandbox.mchid().to_owned())),
        serial: Some(given("serial", sandbox.merchant_serial().to_owned())),
        private_key: Some(given("private_key", text(sandbox.merchant_private_key_pem()))),
        certs: [(serial.to_owned(), given("certs", text(&key)))].into(),
        apiv3_key: Some(given("apiv3_key", text(sandbox.apiv3_key()))),
        secret: Some(given("secret", text(sandbox.secret()))),
        merchant_cert: Some(given("merchant_cert", text(sandbox.merchant_certificate_pem()))),
        base_uri: Some(given("base_uri", sandbox.base_uri().to_owned())),
        proxy: Some(given("proxy", String::new())),
        profile: Some(NAME.to_owned()),
        ..Settings::default()
    }
}
