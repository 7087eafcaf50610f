//! What the shop is told: `config.json` in its folder.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use wechatpay::{Fields, Value};

/// ```json
/// {
///     "listen": "127.0.0.1:8080",
///     "appid": "wxd678efh567hg6787",
///     "wechatpay": {
///         "mchid": "1900000109",
///         "serial": "3775B6A45ACD588826D15E583A95F5DD12345678",
///         "privateKey": "file:///path/to/merchant/apiclient_key.pem",
///         "certs": { "PUB_KEY_ID_0114232134912410000000000000": "file:///path/to/wechatpay/publickey.pem" },
///         "apiv3Key": "…"
///     }
/// }
/// ```
pub struct Config {
    /// Where the shop listens.
    pub listen: SocketAddr,
    pub appid: String,
    /// What `Builder` takes: the merchant, its keys, those of the platform.
    pub wechatpay: Value,
    /// The journal, which the shop's own table is in, too.
    pub journal: PathBuf,
}

impl Config {
    pub fn read(folder: &Path) -> anyhow::Result<Config> {
        let path = folder.join("config.json");
        let text = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut config: Value = serde_json::from_slice(&text)?;
        Ok(Config {
            listen: config.text_at("/listen")?.parse()?,
            appid: config.text_at("/appid")?,
            wechatpay: config["wechatpay"].take(),
            journal: journal(folder),
        })
    }
}

/// The journal of a shop in this folder.
pub fn journal(folder: &Path) -> PathBuf {
    folder.join("shop.journal")
}
