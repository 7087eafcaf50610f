//! What recorded programs return anew each time: signatures with the keys of the test, the time, nonces. Checked here by OpenSSL
//! alone, and replaced with what was recorded, so that the rest can be compared.

use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::Value;

use crate::world::World;

/// Checks it in what this program has returned, and replaces it.
pub fn replace(sample: &str, world: &World, result: &mut Value) {
    let recorded = &world.recorded.result;
    match sample {
        "02_TeaJsapiCashier" => {
            let line = |name: &str| format!("{}\n", result["client"][name].as_str().unwrap());
            let signed = ["appId", "timeStamp", "nonceStr", "package"].map(line).concat();
            assert!(world.has_signed(&signed, result["client"]["paySign"].as_str().unwrap()));
            world.replace_moment(&mut result["client"]);
            result["client"]["paySign"] = recorded["client"]["paySign"].clone();
        }
        "07_busifavor_coupons" => {
            // The text that PHP has signed, as the recorded signature shows, with the sandbox's key in place of the recorded one.
            let signed = "out_request_no0=o1&out_request_no1=o2&send_coupon_merchant=1900007291\
                          &stock_id0=98065001&stock_id1=98065002";
            assert_eq!(hmac(signed, world.recorded.env["WECHATPAY_APIV2_KEY"].as_str().unwrap()), recorded["sign"]);
            assert_eq!(hmac(signed, world.sandbox.secret()), result["sign"]);
            result["sign"] = recorded["sign"].clone();
        }
        "14_legacy_v2_orders" => {
            let pair = |name: &str| format!("{name}={}&", result["jsapi"][name].as_str().unwrap());
            let signed = ["appId", "nonceStr", "package", "signType", "timeStamp"].map(pair).concat();
            assert_eq!(md5(&signed, world.sandbox.secret()), result["jsapi"]["paySign"]);
            world.replace_moment(&mut result["jsapi"]);
            result["jsapi"]["paySign"] = recorded["jsapi"]["paySign"].clone();
        }
        _ => {}
    }
}

/// One of the two signatures of APIv2, of pairs with or without `&` at their end.
pub fn md5(pairs: &str, key: &str) -> String {
    upper_hex(&hash(MessageDigest::md5(), keyed(pairs, key).as_bytes()).unwrap())
}

/// The other.
pub fn hmac(pairs: &str, key: &str) -> String {
    let hmac = PKey::hmac(key.as_bytes()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &hmac).unwrap();
    upper_hex(&signer.sign_oneshot_to_vec(keyed(pairs, key).as_bytes()).unwrap())
}

fn keyed(pairs: &str, key: &str) -> String {
    format!("{}&key={key}", pairs.trim_end_matches('&'))
}

fn upper_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
