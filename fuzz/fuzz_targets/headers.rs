//! The headers that carry signatures: nothing panics, and nothing passes that was not signed.
#![no_main]

mod support;

use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Rsa as OpenSslRsa;
use wechatpay::http::{HeaderMap, HeaderName, HeaderValue};
use wechatpay::{Formatter, PrivateKey, PublicKey, Rsa, fuzzing};

const MCHID: &str = "1900000109";
const SERIAL: &str = "3775B6A45ACD588826D15E583A95F5DD12345678";
const KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";

const WORDS: [&str; 22] = [
    "WECHATPAY2-SHA256-RSA2048 ",
    "mchid=\"",
    "serial_no=\"",
    "timestamp=\"",
    "nonce_str=\"",
    "signature=\"",
    "\"",
    ",",
    "\",",
    "=",
    MCHID,
    SERIAL,
    KEY_ID,
    "1700000000",
    "-",
    "9223372036854775807",
    "99999999999999999999",
    "AAAA",
    "AAAA==",
    " ",
    "",
    "中",
];

const WECHATPAY: [&str; 4] = ["wechatpay-nonce", "wechatpay-serial", "wechatpay-signature", "wechatpay-timestamp"];

/// One key: as the client has it, and as the gate does.
struct Key {
    private: PrivateKey,
    public: PublicKey,
    gates: PKey<Public>,
}

static KEY: LazyLock<Key> = LazyLock::new(|| {
    let key = OpenSslRsa::generate(1024).unwrap();
    let pem = String::from_utf8(key.private_key_to_pem().unwrap()).unwrap();
    let private = Rsa::from(pem, Rsa::KEY_TYPE_PRIVATE).unwrap();
    let gates = PKey::public_key_from_pem(&key.public_key_to_pem().unwrap()).unwrap();
    Key { public: private.public_key().unwrap(), private, gates }
});

fuzz_target!(|input: &[u8]| {
    let mut input = Unstructured::new(input);
    let _ = gate(&mut input);
    let _ = answer(&mut input);
});

fn gate(input: &mut Unstructured<'_>) -> Result<()> {
    let Key { private, gates, .. } = &*KEY;
    let target = support::text(input, &["/v3/a", "?", "\n"])?;
    let body: Vec<u8> = input.arbitrary()?;
    // What the merchant really signs: it passes if its pieces are right, and not if one is changed.
    let (offset, nonce): (i64, u32) = (input.int_in_range(-400..=400)?, input.arbitrary()?);
    let now = 1_700_000_000;
    let mchid = *input.choose(&[MCHID, MCHID, "1900000100", ""])?;
    let serial = *input.choose(&[SERIAL, SERIAL, KEY_ID])?;
    let message = Formatter::request("POST", &target, now + offset, nonce, &body);
    let signature = Rsa::sign(message, private).unwrap();
    let authorization = Formatter::authorization(mchid, nonce, signature, now + offset, serial);
    let passes = wechatpay_sandbox::gate_lets_pass(&target, headers(&authorization), &body, gates, now);
    let right = mchid == MCHID && serial == SERIAL && offset.abs() <= 300;
    assert_eq!(passes, right, "{authorization} at {now}");
    let changed = [&body[..], b"!"].concat();
    assert!(!wechatpay_sandbox::gate_lets_pass(&target, headers(&authorization), &changed, gates, now));

    // What is made up never passes.
    let mut made_up = String::new();
    for _ in 0..input.int_in_range(0..=16)? {
        made_up.push_str(&support::text(input, &WORDS)?);
    }
    let now = input.arbitrary::<i64>()?.clamp(-(1 << 60), 1 << 60);
    assert!(!wechatpay_sandbox::gate_lets_pass(&target, headers(&made_up), &body, gates, now), "{made_up}");
    Ok(())
}

fn headers(authorization: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("accept", HeaderValue::from_static("*/*"));
    headers.insert("user-agent", HeaderValue::from_static("fuzz"));
    if let Ok(value) = HeaderValue::from_bytes(authorization.as_bytes()) {
        headers.insert("authorization", value);
    }
    headers
}

fn answer(input: &mut Unstructured<'_>) -> Result<()> {
    let Key { private, public, .. } = &*KEY;
    let body: Vec<u8> = input.arbitrary()?;
    let now = Formatter::timestamp();
    let signature = Rsa::sign(Formatter::response(now, "nonce", &body), private).unwrap();
    let right = ["nonce".to_owned(), KEY_ID.to_owned(), signature, now.to_string()];
    let verify = |values: &[(&str, Vec<u8>)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.append(HeaderName::try_from(*name).unwrap(), value);
            }
        }
        let result = fuzzing::verify(KEY_ID, public, &headers, &body);
        if let Err(failure) = &result {
            let _ = format!("{failure} {failure:?}");
        }
        result.is_ok()
    };
    let mut values: Vec<_> = WECHATPAY.into_iter().zip(right.iter().map(|value| value.clone().into_bytes())).collect();
    assert!(verify(&values), "{values:?}");
    // One of them changed, doubled or away.
    let index = input.choose_index(WECHATPAY.len())?;
    let other = match input.arbitrary::<bool>()? {
        true => support::text(input, &WORDS)?.into_bytes(),
        false => input.arbitrary::<Vec<u8>>()?,
    };
    match input.int_in_range(0..=2)? {
        0 => drop(values.remove(index)),
        1 if HeaderValue::from_bytes(&other).is_ok() => values.push((WECHATPAY[index], other)),
        _ if other != right[index].as_bytes() => values[index].1 = other,
        _ => return Ok(()),
    }
    assert!(!verify(&values), "{values:?}");
    Ok(())
}
