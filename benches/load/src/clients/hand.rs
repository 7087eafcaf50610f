//! What the two hand-made clients share: sign, verify, parse, and nothing else.

use openssl::pkey::{PKey, Private, Public};
use serde_json::Value;

use super::{Task, check};
use crate::keys;

/// In place of a signature: as long as one.
pub const CONSTANT: &str = match std::str::from_utf8(&[b'A'; 344]) {
    Ok(text) => text,
    Err(_) => "",
};

pub struct Hand {
    /// The merchant's and the platform's key; without them nothing is signed and verified.
    keys: Option<(PKey<Private>, PKey<Public>)>,
}

impl Hand {
    pub fn new(task: &Task) -> anyhow::Result<Hand> {
        Ok(Hand { keys: Some((keys::merchant(&task.folder)?, keys::platform_public(&task.folder)?)) })
    }

    /// Does all the same but RSA.
    pub fn without_rsa() -> Hand {
        Hand { keys: None }
    }

    /// The merchant's signature in base64.
    pub fn sign(&self, message: &[u8]) -> anyhow::Result<String> {
        match &self.keys {
            Some((merchant, _)) => keys::sign(message, merchant),
            None => Ok(CONSTANT.to_owned()),
        }
    }

    /// Whether the platform signed it.
    pub fn verify(&self, message: &[u8], signature: &str) -> anyhow::Result<bool> {
        match &self.keys {
            Some((_, platform)) => keys::verify(message, signature, platform),
            None => Ok(!message.is_empty()),
        }
    }

    /// The value of `Authorization`, with a new nonce and the time of now.
    pub fn authorization(&self, method: &str, target: &str, body: &str) -> anyhow::Result<String> {
        let (timestamp, mut random) = (keys::now(), [0; 16]);
        openssl::rand::rand_bytes(&mut random)?;
        let nonce = format!("{:032x}", u128::from_ne_bytes(random));
        let message = format!("{method}\n{target}\n{timestamp}\n{nonce}\n{body}\n");
        let signature = self.sign(message.as_bytes())?;
        let (mchid, serial) = (keys::MCHID, keys::MERCHANT_SERIAL);
        Ok(format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{mchid}\",serial_no=\"{serial}\",timestamp=\"{timestamp}\",\
             nonce_str=\"{nonce}\",signature=\"{signature}\""
        ))
    }

    /// Verifies an answer and parses it; `header` finds one by its name in lowercase.
    pub fn open<'a>(&self, header: impl Fn(&str) -> Option<&'a str>, body: &[u8]) -> anyhow::Result<()> {
        let header = |name| header(name).ok_or_else(|| anyhow::anyhow!("{name} is missing"));
        let timestamp = header("wechatpay-timestamp")?;
        anyhow::ensure!(keys::now().abs_diff(timestamp.parse()?) <= 300, "the answer is too old");
        anyhow::ensure!(header("wechatpay-serial")? == keys::PLATFORM_KEY_ID, "another key");
        let mut message = format!("{timestamp}\n{}\n", header("wechatpay-nonce")?).into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        anyhow::ensure!(self.verify(&message, header("wechatpay-signature")?)?, "it does not verify");
        check(&serde_json::from_slice::<Value>(body)?)
    }
}
