//! Notifications of both protocols: nothing panics, and none is accepted that was not signed, or is said to be for a
//! merchant that it is not for.
#![no_main]

mod support;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use openssl::rsa::Rsa as OpenSslRsa;
use wechatpay::{
    AesEcb, AesGcm, Apiv2Notification, Builder, Chain, Credentials, Error, Formatter, Hash, Notification,
    NotificationRegistry, PrivateKey, Rsa, Transformer, Value, json,
};

const KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";
const APIV3_KEYS: [&str; 2] = ["0123456789abcdef0123456789abcdef", "another0123456789another01234567"];
const SECRETS: [&str; 2] = ["exposed_your_key_here_have_risks", "another_key_that_is_exposed_here"];
const MCHIDS: [&str; 2] = ["1900000109", "1900000110"];
const HEADERS: [&str; 4] = ["Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature", "Wechatpay-Timestamp"];

const WORDS: [&str; 40] = [
    "id",
    "event_type",
    "resource",
    "algorithm",
    "AEAD_AES_256_GCM",
    "ciphertext",
    "associated_data",
    "nonce",
    "original_type",
    "transaction",
    "mchid",
    "sp_mchid",
    "combine_mchid",
    "mch_id",
    "1900000109",
    "1900000110",
    "return_code",
    "SUCCESS",
    "result_code",
    "sign",
    "sign_type",
    "HMAC-SHA256",
    "MD5",
    "req_info",
    "out_trade_no",
    "<xml>",
    "</xml>",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "{",
    "}",
    "\"",
    ",",
    "WECHATPAY/SIGNTEST/",
    "PUB_KEY_ID_0",
    "1700000000",
    " ",
    "",
    "中",
];

struct Parties {
    platform: PrivateKey,
    first: Chain,
    registry: NotificationRegistry,
}

/// One platform, and two merchants who know the same key of it.
static PARTIES: LazyLock<Parties> = LazyLock::new(|| {
    let pem = OpenSslRsa::generate(1024).unwrap().private_key_to_pem().unwrap();
    let platform = Rsa::from(String::from_utf8(pem).unwrap(), Rsa::KEY_TYPE_PRIVATE).unwrap();
    let merchant = |number: usize| {
        let credentials = Credentials::new()
            .mchid(MCHIDS[number])
            .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
            .signer(|_: &[u8]| anyhow::bail!("nothing leaves"))
            .cert(KEY_ID, platform.public_key().unwrap())
            .apiv3_key(APIV3_KEYS[number])
            .secret(SECRETS[number]);
        Builder::new().credentials(credentials).build().unwrap()
    };
    let (first, second, registry) = (merchant(0), merchant(1), NotificationRegistry::new());
    registry.insert(first.clone()).unwrap();
    registry.insert(second).unwrap();
    Parties { platform, first, registry }
});

fuzz_target!(|input: &[u8]| {
    made_up(input);
    let mut input = Unstructured::new(input);
    let _ = apiv3(&mut input);
    let _ = apiv2(&mut input);
});

/// The bytes as they are: nobody has signed them.
fn made_up(input: &[u8]) {
    let headers: Vec<_> = HEADERS.iter().zip(input.split(|byte| *byte == b'\n')).collect();
    assert!(read(&headers, input).iter().all(Option::is_none));
    for notification in read_apiv2(input).into_iter().flatten() {
        assert!(!notification.is_signed(), "{:?}", notification.data());
    }
}

/// Both readers, of which each error can be shown and answered.
fn read(headers: &[(&&str, &[u8])], body: &[u8]) -> [Option<Notification>; 2] {
    let headers = || headers.iter().copied();
    [PARTIES.first.notification(headers(), body), PARTIES.registry.notification(headers(), body)].map(told)
}

fn read_apiv2(body: &[u8]) -> [Option<Apiv2Notification>; 2] {
    [PARTIES.first.notification_apiv2(body), PARTIES.registry.notification_apiv2(body)].map(told)
}

fn told<T: std::fmt::Debug>(result: Result<T, Error>) -> Option<T> {
    let _ = match &result {
        Ok(notification) => format!("{notification:?}"),
        Err(error) => format!("{error} {error:?} {:?} {:?}", error.outcome(), error.reply()),
    };
    result.ok()
}

/// One that is encrypted and signed, of which something may be changed before or after it is signed.
fn apiv3(input: &mut Unstructured<'_>) -> Result<()> {
    let merchant = input.choose_index(MCHIDS.len())?;
    let plain = support::value(input, &WORDS, 3)?.to_string();
    // As it is read: the last digit of a number of many may be another one.
    let resource: Value = plain.parse().unwrap();
    let sealed = AesGcm::encrypt(plain, APIV3_KEYS[merchant], "0123456789ab", "transaction").unwrap();
    let mut envelope = json!({
        "id": "EV-2018022511223320873",
        "event_type": "TRANSACTION.SUCCESS",
        "resource": {
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": sealed,
            "associated_data": "transaction",
            "nonce": "0123456789ab",
        },
    });
    // The platform may sign anything.
    let is_whole = !input.ratio(1, 4)?;
    if !is_whole {
        let (name, value) = (support::text(input, &WORDS)?, support::value(input, &WORDS, 2)?);
        match input.int_in_range(0..=2)? {
            0 => envelope[&name] = value,
            1 => envelope["resource"][&name] = value,
            _ => envelope = value,
        }
    }
    let body = envelope.to_string().into_bytes();
    let (now, offset) = (Formatter::timestamp(), input.int_in_range(-400..=400)?);
    let timestamp = now + offset;
    let signature = Rsa::sign(Formatter::response(timestamp, "nonce", &body), &PARTIES.platform).unwrap();
    let values = ["nonce".to_owned(), KEY_ID.to_owned(), signature, timestamp.to_string()];
    let mut headers: Vec<(&&str, Vec<u8>)> =
        HEADERS.iter().zip(values.iter().map(|value| value.clone().into_bytes())).collect();

    let mut sent = body.clone();
    let mut is_right = offset.abs() < 300;
    if input.arbitrary::<bool>()? {
        let index = input.choose_index(headers.len())?;
        match input.int_in_range(0..=3)? {
            0 => drop(headers.remove(index)),
            1 => headers.push((&HEADERS[index], support::text(input, &WORDS)?.into_bytes())),
            2 => change(input, &mut headers[index].1)?,
            _ => change(input, &mut sent)?,
        }
        let same = |(header, value): (&(&&str, Vec<u8>), &String)| header.1 == value.as_bytes();
        is_right &= sent == body && headers.len() == values.len() && headers.iter().zip(&values).all(same);
    }
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_slice())).collect();
    for (reader, notification) in read(&headers, &sent).into_iter().enumerate() {
        match notification {
            Some(notification) => {
                assert!(
                    is_right || (300..=301).contains(&offset.abs()),
                    "{headers:?} {}",
                    String::from_utf8_lossy(&sent)
                );
                assert_eq!((notification.resource(), notification.mchid()), (&resource, MCHIDS[merchant]));
            }
            // The first reader is the first merchant.
            None => assert!(!is_right || !is_whole || (reader == 0 && merchant != 0), "{headers:?} {resource}"),
        }
    }
    Ok(())
}

/// One of a payment, signed, or of a refund, encrypted; of which something may be changed.
fn apiv2(input: &mut Unstructured<'_>) -> Result<()> {
    let merchant = input.choose_index(MCHIDS.len())?;
    let mut fields = json!({ "return_code": "SUCCESS", "mch_id": MCHIDS[merchant], "nonce_str": "nonce" });
    for _ in 0..input.int_in_range(0..=4)? {
        fields[support::text(input, &["total_fee", "attach", "result_code", "a"])?] =
            json!(support::text(input, &WORDS)?);
    }
    let is_refund = input.ratio(1, 4)?;
    if is_refund {
        let info = Transformer::to_xml(&json!({ "out_refund_no": support::text(input, &WORDS)? })).unwrap();
        let key = Hash::md5(SECRETS[merchant], "", false);
        fields["req_info"] = json!(AesEcb::encrypt(info, key).unwrap());
    } else {
        let kind = *input.choose(&[Hash::ALGO_MD5, Hash::ALGO_HMAC_SHA256])?;
        fields["sign_type"] = json!(kind);
        fields["sign"] = json!(Hash::sign(kind, signed_text(&fields), SECRETS[merchant]));
    }
    let Ok(xml) = Transformer::to_xml(&fields) else { return Ok(()) };
    let mut sent = xml.clone().into_bytes();
    if input.arbitrary::<bool>()? {
        change(input, &mut sent)?;
    }
    for notification in read_apiv2(&sent).into_iter().flatten() {
        if notification.is_signed() {
            assert!(!is_refund, "{}", String::from_utf8_lossy(&sent));
            assert_eq!(signed_text(notification.data()), signed_text(&fields), "{}", String::from_utf8_lossy(&sent));
            assert_eq!(notification.mchid(), MCHIDS[merchant]);
        } else {
            assert!(is_refund && notification.req_info().is_some(), "{}", String::from_utf8_lossy(&sent));
        }
    }
    Ok(())
}

/// What of the fields is signed: all that are not empty, in the order of their names.
fn signed_text(fields: &Value) -> String {
    let fields: BTreeMap<_, _> = fields.as_object().into_iter().flatten().collect();
    let texts = fields.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
    let signed = texts.filter(|(name, value)| name.as_str() != "sign" && !value.is_empty());
    signed.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Changes one place.
fn change(input: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Result<()> {
    let place = input.int_in_range(0..=bytes.len())?;
    match input.int_in_range(0..=3)? {
        0 => bytes.truncate(place),
        1 => drop(bytes.splice(place..place, input.choose(&WORDS)?.bytes())),
        2 if place < bytes.len() => drop(bytes.remove(place)),
        _ => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte = input.arbitrary()?;
            }
        }
    }
    Ok(())
}
