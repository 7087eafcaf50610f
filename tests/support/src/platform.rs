//! The two sides of a test: a merchant's instance and a platform whose answers are signed by the
//! `openssl` crate alone, so that our verifier is not checked with our own signer.

use openssl::pkey::{PKey, Private};
use wechatpay::{Builder, Chain, Credentials};

use crate::keys::{private_pem, public_pem, rsa, sign};
use crate::raw::{Reply, Server, answer};

pub const MCHID: &str = "1900000109";
pub const MERCHANT_SERIAL: &str = "3775B6A45ACD588826D15E583A95F5DD12345678";
pub const KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";
pub const CERTIFICATE_SERIAL: &str = "7132D72A03E93CDDF8C03BBD1F37EEDF12345678";
pub const APIV3_KEY: &str = "0123456789abcdef0123456789abcdef";
/// As of the recordings.
pub const APIV2_KEY: &str = "exposed_your_key_here_have_risks";

/// An answer of APIv2. The sign is what
/// `printf 'nonce_str=abc&result_code=SUCCESS&return_code=SUCCESS&key=exposed_your_key_here_have_risks' | md5sum`
/// prints, in uppercase.
pub const APIV2_BODY: &str = concat!(
    "<xml><return_code><![CDATA[SUCCESS]]></return_code><result_code><![CDATA[SUCCESS]]></result_code>",
    "<nonce_str>abc</nonce_str><sign>A9F8813FB604AB956ABF13FC95BDDB74</sign></xml>",
);

/// The keys of both sides.
pub struct Platform {
    pub merchant: PKey<Private>,
    pub key: PKey<Private>,
    pub certificate_key: PKey<Private>,
}

impl Platform {
    pub fn new() -> Platform {
        Platform { merchant: rsa(), key: rsa(), certificate_key: rsa() }
    }

    /// A merchant who knows both keys of the platform.
    pub fn builder(&self, base_uri: &str) -> Builder {
        Builder::new()
            .credentials(
                Credentials::new()
                    .mchid(MCHID)
                    .serial(MERCHANT_SERIAL)
                    .private_key(private_pem(&self.merchant))
                    .cert(KEY_ID, public_pem(&self.key))
                    .cert(CERTIFICATE_SERIAL, public_pem(&self.certificate_key)),
            )
            .defaults(wechatpay::json!({ "base_uri": base_uri, "proxy": "" }))
    }

    pub fn instance(&self, base_uri: &str) -> Chain {
        self.builder(base_uri).build().unwrap()
    }

    /// A server that answers everything with `{}`, signed.
    pub fn server(&self) -> Server {
        let headers = self.headers(b"{}");
        Server::start(move |_, _| Reply::Answer(answer("200 OK", &headers, b"{}")))
    }

    /// The four headers of an answer signed now with the public-key-mode key.
    pub fn headers(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        signed_headers(&self.key, KEY_ID, now(), body)
    }
}

/// The four headers of an answer.
pub fn signed_headers(
    key: &PKey<Private>,
    serial: &str,
    timestamp: impl std::fmt::Display,
    body: &[u8],
) -> Vec<(&'static str, String)> {
    let nonce = "c5ac7061fccab6bf3e254dcf98995b8c";
    let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    vec![
        ("Wechatpay-Nonce", nonce.to_owned()),
        ("Wechatpay-Serial", serial.to_owned()),
        ("Wechatpay-Signature", sign(&message, key)),
        ("Wechatpay-Timestamp", timestamp.to_string()),
    ]
}

pub fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}
