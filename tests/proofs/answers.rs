//! What the platform answers, byte by byte; signed by OpenSSL alone, once for each body, as long as that is fresh.

use std::collections::HashMap;
use std::sync::Mutex;

use openssl::hash::{MessageDigest, hash};

use support::platform::{APIV2_KEY, KEY_ID, Platform, now, signed_headers};

/// Seconds for which a signature is used again; it holds for 300.
const FRESH: i64 = 60;

type Headers = Vec<(&'static str, String)>;

/// The platform's pen.
pub struct Pen {
    pub platform: Platform,
    signed: Mutex<HashMap<Vec<u8>, (i64, Headers)>>,
}

impl Pen {
    pub fn new() -> Pen {
        Pen { platform: Platform::new(), signed: Mutex::default() }
    }

    /// The four headers for a text.
    pub fn sign(&self, text: &[u8]) -> Headers {
        let now = now();
        let mut all = self.signed.lock().unwrap();
        match all.get(text) {
            Some((made, headers)) if now - made < FRESH => headers.clone(),
            _ => {
                let headers = signed_headers(&self.platform.key, KEY_ID, now, text);
                all.insert(text.to_vec(), (now, headers.clone()));
                headers
            }
        }
    }
}

/// An answer of APIv2 with this number in it; its `sign` is MD5 over the sorted fields.
pub fn xml(number: u8) -> Vec<u8> {
    let fields = format!("nonce_str=abc&number={number}&result_code=SUCCESS&return_code=SUCCESS&key={APIV2_KEY}");
    let sign = hash(MessageDigest::md5(), fields.as_bytes()).unwrap();
    let sign: String = sign.iter().map(|byte| format!("{byte:02X}")).collect();
    format!(
        "<xml><return_code><![CDATA[SUCCESS]]></return_code><result_code><![CDATA[SUCCESS]]></result_code>\
         <nonce_str>abc</nonce_str><number>{number}</number><sign>{sign}</sign></xml>"
    )
    .into_bytes()
}

/// An answer of APIv3 with this number in it.
pub fn json(number: u8) -> Vec<u8> {
    format!("{{\"number\":{number},\"code_url\":\"weixin://wxpay/bizpayurl?pr=NwY5Mz9\"}}").into_bytes()
}

/// A bill with this number in it.
pub fn bill(number: u8) -> Vec<u8> {
    format!("trade time,merchant,order\r\n`2026-01-02 12:00:00,`1900000109,`{number}\r\n").into_bytes()
}

/// The SHA-1 in lowercase hex.
pub fn sha1(bytes: &[u8]) -> String {
    openssl::sha::sha1(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
