//! Any JSON as the options of a call and as a configuration. The signer always fails, so that nothing leaves: whatever
//! goes wrong, nothing was sent.
#![no_main]

mod support;

use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use wechatpay::{Builder, Chain, Credentials, Options, Outcome, Value, fuzzing};

/// The names of all options, and other words.
static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let others = [
        "handler",
        "mchid",
        "serial",
        "privateKey",
        "certs",
        "secret",
        "merchant",
        "allow_http",
        "name",
        "contents",
        "filename",
        "meta",
        "Content-Type",
        "Accept",
        "Authorization",
        "https://api.mch.weixin.qq.com/hk/",
        "http://127.0.0.1:1/",
        "http://",
        "socks5://u:p@127.0.0.1:1",
        "{",
        "}",
        "{+a}",
        "{?b*}",
        "{empty}",
        "a",
        "b",
        "v3/",
        "v2/",
        "..",
        "/",
        "?",
        "#",
        "%",
        "\r\n",
        "\0",
        "中",
        "\"",
        "/json/a",
        "/query/*/b",
        "/body/meta/a",
        "auto",
        "v3/security/echo",
        "encrypted_echo_message",
        "~0",
        "private.pkcs8://AAAA",
        "public.spki://",
    ];
    fuzzing::option_names().chain(others).collect()
});

const METHODS: [&str; 6] = ["GET", "post", "PUT", "PATCH", "DELETE", "TRACE"];

/// In a folder of its own, where files may be made. It has a key of the platform, so that fields are encrypted.
static INSTANCE: LazyLock<Chain> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("wechatpay-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::env::set_current_dir(folder).unwrap();
    let key = openssl::rsa::Rsa::generate(2048).unwrap().public_key_to_pem().unwrap();
    let credentials = signing().cert("PUB_KEY_ID_0", String::from_utf8(key).unwrap());
    Builder::new().credentials(credentials).build().unwrap()
});

fn verifying() -> Credentials {
    signing().verifier(|_: &str, _: &[u8], _: &str| Ok(true))
}

fn signing() -> Credentials {
    Credentials::new()
        .mchid("1900000109")
        .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
        .signer(|_: &[u8]| anyhow::bail!("nothing leaves"))
}

fuzz_target!(|input: &[u8]| {
    let _ = call(&INSTANCE, &mut Unstructured::new(input));
});

fn call(instance: &Chain, input: &mut Unstructured<'_>) -> Result<()> {
    let options = support::object(input, &WORDS, 3)?;
    let method = *input.choose(&METHODS)?;
    let mut path = String::new();
    for _ in 0..input.int_in_range(0..=4)? {
        path.push_str(&support::text(input, &WORDS)?);
    }
    if names_files(&options) {
        return Ok(());
    }
    assert_not_sent(&instance.chain(&path), method, options);

    let config = support::value(input, &WORDS, 3)?;
    if names_files(&config) {
        return Ok(());
    }
    let _ = format!("{:?}", Builder::from(config.clone()));
    if let Err(error) = Builder::factory(config.clone()) {
        assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
    }
    // The same settings under the signer that fails, and as defaults.
    let settings = Builder::from(config.clone()).credentials(verifying());
    for settings in [settings, Builder::new().credentials(verifying()).defaults(config)] {
        match settings.build() {
            Ok(instance) => assert_not_sent(&instance.chain(&path), method, support::object(input, &WORDS, 1)?),
            Err(error) => assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}"),
        }
    }
    Ok(())
}

fn assert_not_sent(chain: &Chain, method: &str, options: Value) {
    if names_files(&options) {
        return;
    }
    let _ = format!("{chain:?}");
    let options = Options::from(options);
    let _ = format!("{options:?}");
    match chain.request(method, options) {
        Ok(response) => panic!("answered: {response:?}"),
        Err(error) => {
            assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
            let _ = format!("{error} {error:?}");
        }
    }
}

/// Files of this machine are no matter of ours: some never end, others must not be written.
fn names_files(value: &Value) -> bool {
    let elsewhere = |name: &str| match &value[name] {
        Value::String(path) => path.contains('/') || path.contains(".."),
        _ => false,
    };
    elsewhere("sink") || elsewhere("verify") || value.to_string().contains("file://")
}
