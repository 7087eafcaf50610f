//! What is encrypted in a notification of APIv3.

use serde_json::Value;
use wechatpay::AesGcm;

use crate::steps::Steps;

/// The only algorithm that the platform uses.
pub const ALGORITHM: &str = "AEAD_AES_256_GCM";

/// Checks that a body is that of a notification, and decrypts its `resource` with the APIv3 key.
pub fn open(body: &[u8], apiv3_key: &str, steps: &mut Steps) -> Option<Value> {
    let json: Value = match serde_json::from_slice(body) {
        Ok(json) => json,
        Err(error) => {
            steps.wrong(format!("its body is not JSON: {error}"), "take the body's very bytes");
            return None;
        }
    };
    let Some(resource) = json.get("resource").filter(|resource| resource.is_object()) else {
        steps.wrong("its body has no `resource`", "is it a notification of APIv3?");
        return None;
    };
    let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("algorithm") != ALGORITHM {
        steps.wrong(format!("its `resource.algorithm` is not {ALGORITHM}"), "is it a notification of APIv3?");
        return None;
    }
    let plain = AesGcm::decrypt(text("ciphertext"), apiv3_key, text("nonce"), text("associated_data"));
    let Ok(plain) = plain else {
        steps.wrong(
            "its `resource` cannot be decrypted with the configured APIv3 key",
            "compare it with the APIv3 key (APIv3密钥) that is set for this merchant: was it changed, is it that of APIv2, \
             or of another merchant? If the signature does not hold either, the body was changed",
        );
        return None;
    };
    match serde_json::from_str(&plain) {
        Ok(content) => {
            steps.right("its `resource` is decrypted with the APIv3 key");
            Some(content)
        }
        Err(error) => {
            steps.wrong(format!("its `resource` is decrypted, but is not JSON: {error}"), "ask the platform");
            None
        }
    }
}
