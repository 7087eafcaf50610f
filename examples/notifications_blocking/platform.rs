//! The platform's side, so that the examples can run alone: a notification of a payment, sent twice as the platform
//! does when it is in doubt, and a probe with a wrong signature.

use std::net::SocketAddr;

use openssl::rsa::Rsa as OpenSslRsa;
use wechatpay::{AesGcm, Formatter, PrivateKey, Rsa, Value, json};

const APIV3_KEY: &str = "0123456789abcdef0123456789abcdef";
const KEY_ID: &str = "PUB_KEY_ID_0119000001092026010100000000";
const PROBE: &str = "WECHATPAY/SIGNTEST/AAAA";

pub struct Platform {
    key: PrivateKey,
    public_key: String,
}

impl Platform {
    pub fn new() -> anyhow::Result<Platform> {
        let (key, public_key) = new_key()?;
        Ok(Platform { key: Rsa::from(key, Rsa::KEY_TYPE_PRIVATE)?, public_key })
    }

    /// The configuration of a merchant that knows this platform.
    pub fn config(&self) -> anyhow::Result<Value> {
        let (private_key, _) = new_key()?;
        Ok(json!({
            "mchid": "1900000109",
            "serial": "3775B6A45ACD588826D15E583A95F5DD12345678",
            "privateKey": private_key,
            "certs": { KEY_ID: self.public_key },
            "apiv3Key": APIV3_KEY,
        }))
    }

    /// Sends the notifications to this address and prints the answers.
    pub fn send_all(&self, address: SocketAddr) -> anyhow::Result<()> {
        let (body, nonce, timestamp) = (notification()?, Formatter::nonce(32), Formatter::timestamp());
        let signature = Rsa::sign(Formatter::response(timestamp, &nonce, &body), &self.key)?;
        for (what, signature, expected) in
            [("payment", signature.as_str(), 200), ("payment, again", &signature, 200), ("probe", PROBE, 401)]
        {
            let agent = ureq::Agent::config_builder().proxy(None).http_status_as_error(false).build().new_agent();
            let mut answer = agent
                .post(format!("http://{address}/notify"))
                .header("Content-Type", "application/json")
                .header("Wechatpay-Nonce", &nonce)
                .header("Wechatpay-Serial", KEY_ID)
                .header("Wechatpay-Signature", signature)
                .header("Wechatpay-Timestamp", timestamp.to_string())
                .send(&body)?;
            println!("{what:<15} {} {}", answer.status(), answer.body_mut().read_to_string()?);
            anyhow::ensure!(answer.status() == expected, "{what} is to be answered with {expected}");
        }
        Ok(())
    }
}

/// The body of a notification, as it is sent.
fn notification() -> anyhow::Result<String> {
    let order = json!({
        "mchid": "1900000109",
        "out_trade_no": "1217752501201407033233368018",
        "trade_state": "SUCCESS",
        "amount": { "total": 100, "currency": "CNY" },
    });
    let nonce = Formatter::nonce(12);
    let ciphertext = AesGcm::encrypt(format!("{order}"), APIV3_KEY, &nonce, "transaction")?;
    let notification = json!({
        "id": "EV-2018022511223320873",
        "create_time": "2015-05-20T13:29:35+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": ciphertext,
            "associated_data": "transaction",
            "nonce": nonce,
        },
    });
    Ok(format!("{notification}"))
}

/// A new key pair, in PEM.
fn new_key() -> anyhow::Result<(String, String)> {
    let key = OpenSslRsa::generate(2048)?;
    Ok((String::from_utf8(key.private_key_to_pem()?)?, String::from_utf8(key.public_key_to_pem()?)?))
}
