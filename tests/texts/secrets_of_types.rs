//! Nothing secret in `Debug` and `Display` of any public type. The list of types is read from the source, so that a new
//! one is either shown here, filled with all that it can hold, or excluded with a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as StdError;
use std::fmt::{Debug, Display};
use std::path::Path;
use std::sync::{Arc, Mutex};

use openssl::base64::encode_block;
use openssl::pkey::{PKey, Private};
use openssl::symm::Cipher;
use support::keys::{private_pem as pem, public_pem, rsa};
use support::platform::{APIV2_KEY, KEY_ID, MCHID, MERCHANT_SERIAL, Platform};
use support::raw::{Reply as RawReply, Server, answer};
use wechatpay::catalog::Severity;
use wechatpay::{
    AesGcm, Body, Builder, Certificate, CertificateSource, Chain, Check, Conclusion, Credentials, DownloadCerts, Error,
    Failover, Hash, Intent, KeySource, MediaUtil, NotificationRegistry, Options, Part, PrivateKey, Promise, PublicKey,
    Recorder, Reply, Response, Rsa, Transformer, Value, Verify, WechatpaySerial, json, union,
};
use wechatpay_sandbox::{Event, KeyMode, Sandbox, ScriptedAnswer};

const NAME: &str = "张三丰的真实姓名";
const ID_CARD: &str = "11010519491231002X";
const PASSPHRASE: &str = "the passphrase of the key";
const PROXY_PASSWORD: &str = "the-password-of-the-proxy";
const APIV3_KEYS: [&str; 2] = ["0123456789abcdef0123456789abcdef", "another0123456789another01234567"];

/// What holds nothing that is secret, and why.
const EXCLUDED: [(&str, &str); 36] = [
    ("AesEcb", "a name for functions, without a value"),
    ("AesGcm", "a name for functions, without a value"),
    ("BodyChange", "one of two words"),
    ("Check", "one of two words, with a severity"),
    ("Effect", "one of a few words"),
    ("Fault", "one of a few words, with a number or the name of a header"),
    ("FaultError", "the names and the numbers of a fault"),
    ("FaultRule", "a fault, a path and two numbers"),
    ("Fields", "a trait of functions that take values out of JSON"),
    ("Formatter", "a name for functions, without a value"),
    ("GateResult", "one of three words, with a message that the platform always says"),
    ("GateStep", "one of a few words"),
    ("Hash", "a name for functions, without a value"),
    ("KeyMode", "one of three words"),
    ("KeyType", "a trait that nobody else can have"),
    ("KeyTypePrivate", "a name for a kind of key"),
    ("KeyTypePublic", "a name for a kind of key"),
    ("LiteralSegment", "a trait of literals"),
    ("NotificationFault", "one of a few words"),
    ("Operand", "a trait of values and of plain types"),
    ("Outcome", "one of three words"),
    ("Pad", "one of three words"),
    ("PemUtil", "a name for functions, without a value"),
    ("Piece", "a trait of texts and numbers"),
    ("Pointers", "a trait of texts and lists of them"),
    ("Recorder", "a trait of the caller's own types"),
    ("Rsa", "a name for functions, without a value"),
    ("Scheme", "two words of the program"),
    ("Signer", "a trait of the caller's own types"),
    ("SignErrorCause", "one of a few words"),
    ("Sort", "one of a few words"),
    ("TextLiteral", "a trait of literals"),
    ("Transformer", "a name for functions, without a value"),
    ("UriTemplate", "the template alone: its values are handed to a function"),
    ("Verifier", "a trait of the caller's own types"),
    ("XmlOptions", "how XML is written: two names and two flags"),
];

/// The enums of which each variant is to be shown, for they carry what others have said.
const EACH_VARIANT: [&str; 5] =
    ["Error", "CertificatesFailure", "VerificationFailure", "NotificationFailure", "Apiv2Failure"];

// ---------------------------------------------------------------- what there is

/// The names of all public types of the source, and the variants of the enums.
fn declared() -> (BTreeSet<String>, BTreeMap<String, BTreeSet<String>>) {
    let (mut types, mut variants) = (BTreeSet::new(), BTreeMap::new());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("crates/sandbox/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // Only there for the fuzz targets.
            if path.ends_with("fuzzing.rs") {
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let mut lines = source.lines();
            while let Some(line) = lines.next() {
                // Types of a private module are indented, and no part of the API.
                let Some(rest) = line.strip_prefix("pub ") else { continue };
                let mut words = rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
                let kind = words.next().unwrap_or_default();
                if !["struct", "enum", "trait", "union", "type"].contains(&kind) {
                    continue;
                }
                let name = words.next().unwrap().to_owned();
                if kind == "enum" {
                    let inside = lines.by_ref().take_while(|line| *line != "}");
                    let starts = inside.filter_map(|line| line.strip_prefix("    "));
                    let starts = starts.filter(|line| line.starts_with(|letter: char| letter.is_ascii_uppercase()));
                    let names = starts.map(|line| line.split(['(', ',', ' ']).next().unwrap().to_owned());
                    variants.insert(name.clone(), names.collect());
                }
                types.insert(name);
            }
        }
    }
    // An alias of one that is shown.
    assert!(types.remove("Result"));
    (types, variants)
}

// ---------------------------------------------------------------- what is shown

/// All that was shown, by the type that has shown it.
#[derive(Default)]
struct Walk(Vec<(String, String)>);

impl Walk {
    fn debug<T: Debug>(&mut self, value: &T) {
        let name = std::any::type_name::<T>().split('<').next().unwrap().rsplit("::").next().unwrap();
        for text in [format!("{value:?}"), format!("{value:#?}")] {
            self.0.push((name.to_owned(), text));
        }
    }

    fn display<T: Debug + Display>(&mut self, value: &T) {
        self.debug(value);
        let name = self.0.last().unwrap().0.clone();
        for text in [format!("{value}"), format!("{value:#}")] {
            self.0.push((name.clone(), text));
        }
    }

    /// An error, its parts, and the causes behind it.
    fn error(&mut self, error: Error) {
        self.display(&error);
        match &error {
            Error::Signing(inner) => self.display(&**inner),
            Error::Certificates(inner) => {
                self.display(&**inner);
                self.debug(inner.failure());
            }
            Error::Check(inner) => self.display(&**inner),
            Error::Upload(inner) | Error::Sink(inner) => self.display(&**inner),
            Error::Journal(inner) => self.display(&**inner),
            Error::Connection(inner) => self.display(&**inner),
            Error::Timeout(inner) => self.display(&**inner),
            Error::TooManyRedirects(inner) | Error::RedirectRefused(inner) => self.display(&**inner),
            Error::Client(inner) | Error::Server(inner) => {
                self.display(&**inner);
                if let Some(explained) = inner.sign_error() {
                    self.display(explained);
                }
            }
            Error::Verification(inner) => {
                self.debug(&**inner);
                self.display(inner.failure());
            }
            Error::Apiv2(inner) => {
                self.display(&**inner);
                self.debug(inner.failure());
            }
            Error::Notification(inner) => {
                self.display(&**inner);
                self.display(inner.failure());
                self.debug(&inner.reply());
            }
            Error::TooLarge(inner) => self.display(&**inner),
            Error::Several(inner) => self.display(&**inner),
            Error::Json(inner) => self.display(&**inner),
            Error::Field(inner) => self.display(&**inner),
            Error::Decryption(inner) => self.display(&**inner),
            _ => {}
        }
        if let Some(response) = error.response() {
            self.debug(response);
        }
        self.debug(&error.reply());
        let mut cause = error.source();
        while let Some(source) = cause {
            self.0.push(("a cause".to_owned(), format!("{source} {source:?} {source:#?}")));
            cause = source.source();
        }
        let (variant, kind) = (format!("{error:?}"), error.kind());
        let letters = variant.split('(').next().unwrap().chars().enumerate();
        let snake = letters.flat_map(|(at, letter)| {
            let underscore = (at > 0 && letter.is_ascii_uppercase()).then_some('_');
            underscore.into_iter().chain([letter.to_ascii_lowercase()])
        });
        assert_eq!(kind, snake.collect::<String>());
        let whole = anyhow::Error::from(error);
        // Whoever prints the chain says nothing twice.
        let chain: Vec<_> = whole.chain().map(|link| link.to_string()).collect();
        assert!(chain.windows(2).all(|links| !links[0].contains(&links[1])), "{chain:#?}");
        self.0.push(("anyhow".to_owned(), format!("{whole:#} {whole:?}")));
    }

    /// The types, and the variants of enums as their `Debug` begins.
    fn names(&self) -> BTreeSet<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn variants(&self, of: &str) -> BTreeSet<String> {
        let shown = self.0.iter().filter(|(name, _)| name == of);
        let word = |text: &str| text.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap().to_owned();
        shown.map(|(_, text)| word(text)).collect()
    }
}

// ---------------------------------------------------------------- what must not be shown

/// Each secret as it may be written.
#[derive(Default)]
struct Secrets(BTreeSet<String>);

impl Secrets {
    fn text(&mut self, text: &str) {
        assert!(text.len() >= 16, "{text}");
        self.0.insert(text.to_owned());
        self.bytes(text.as_bytes());
    }

    /// As hex, as base64, and as `Debug` writes bytes.
    fn bytes(&mut self, bytes: &[u8]) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{bytes:?}");
        self.0.extend([hex.to_uppercase(), hex, encode_block(bytes).trim_end_matches('=').to_owned()]);
        self.0.insert(list.trim_matches(['[', ']']).to_owned());
    }

    fn key(&mut self, key: &PKey<Private>) {
        let rsa = key.rsa().unwrap();
        for number in [rsa.d(), rsa.p().unwrap(), rsa.q().unwrap()] {
            self.bytes(&number.to_vec());
            self.0.insert(number.to_dec_str().unwrap().to_string());
        }
        self.bytes(&key.private_key_to_der().unwrap());
        self.bytes(&key.private_key_to_pkcs8().unwrap());
        for pem in [key.private_key_to_pem_pkcs8().unwrap(), rsa.private_key_to_pem().unwrap()] {
            self.pem(std::str::from_utf8(&pem).unwrap());
        }
    }

    fn pem(&mut self, pem: &str) {
        self.0.extend(pem.lines().filter(|line| line.len() == 64).map(str::to_owned));
    }

    /// Where it stands in a text, also a long part of it, and as an address has it.
    fn find<'a>(&'a self, text: &str) -> Option<&'a str> {
        let is_there = |part: &str| {
            let encoded = part.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
            text.contains(part) || text.contains(&encoded)
        };
        let is_shown = |secret: &&String| {
            let (start, end) = (secret.get(..40), secret.get(secret.len().saturating_sub(40)..));
            is_there(secret) || [start, end].into_iter().flatten().any(is_there)
        };
        self.0.iter().find(is_shown).map(String::as_str)
    }
}

// ---------------------------------------------------------------- the walk

#[test]
fn no_public_type_shows_a_secret() {
    let (mut walk, mut secrets) = (Walk::default(), Secrets::default());
    for text in [NAME, ID_CARD, PASSPHRASE, PROXY_PASSWORD, APIV2_KEY, APIV3_KEYS[0], APIV3_KEYS[1]] {
        secrets.text(text);
    }
    keys_and_settings(&mut walk, &mut secrets);
    calls(&mut walk, &mut secrets);
    answers_that_are_wrong(&mut walk, &mut secrets);
    notifications(&mut walk, &mut secrets);
    the_sandbox(&mut walk, &mut secrets);

    let (types, variants) = declared();
    assert!(types.len() > 60, "{types:?}");
    let shown = walk.names();
    let excluded: BTreeSet<&str> = EXCLUDED.iter().map(|(name, _)| *name).collect();
    for name in &types {
        let (is_shown, is_excluded) = (shown.contains(name.as_str()), excluded.contains(name.as_str()));
        assert!(is_shown || is_excluded, "{name} is neither shown here nor excluded with a reason");
        assert!(!is_shown || !is_excluded, "{name} is shown, and excluded");
    }
    assert!(excluded.iter().all(|name| types.contains(*name)), "there is more excluded than there is");
    for name in EACH_VARIANT {
        let missing: Vec<_> = variants[name].difference(&walk.variants(name)).cloned().collect();
        assert!(missing.is_empty(), "of {name} these are not shown: {missing:?}");
    }
    assert!(secrets.0.len() > 100);
    let mut leaks = BTreeMap::new();
    for (name, text) in &walk.0 {
        if let Some(secret) = secrets.find(text) {
            leaks.entry(name).or_insert_with(|| format!("{secret} in\n{text}"));
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// Keys, and the settings that hold them, rightly or by mistake.
fn keys_and_settings(walk: &mut Walk, secrets: &mut Secrets) {
    let key = rsa();
    secrets.key(&key);
    let text = pem(&key);
    let encrypted = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_128_cbc(), PASSPHRASE.as_bytes()).unwrap();
    let encrypted = String::from_utf8(encrypted).unwrap();
    secrets.pem(&encrypted);
    let base64 = encode_block(&key.private_key_to_pkcs8().unwrap()).replace('\n', "");
    let private: PrivateKey = Rsa::from(text.as_str(), Rsa::KEY_TYPE_PRIVATE).unwrap();
    let public: PublicKey = private.public_key().unwrap();
    walk.debug(&private);
    walk.debug(&public);
    for source in [
        KeySource::from(text.as_str()),
        KeySource::from((encrypted.as_str(), PASSPHRASE)),
        KeySource::from(format!("private.pkcs8://{base64}")),
        KeySource::from(base64.as_str()),
        KeySource::from(format!("file://{base64}")),
        KeySource::from(private.clone()),
        KeySource::from(public.clone()),
    ] {
        walk.debug(&source);
        for error in [
            Rsa::from(source.clone(), Rsa::KEY_TYPE_PUBLIC).map(drop),
            Rsa::from(source, Rsa::KEY_TYPE_PRIVATE).map(drop),
        ] {
            if let Err(error) = error {
                walk.error(error);
            }
        }
    }
    walk.debug(&CertificateSource::from(text.as_str()));
    walk.debug(&CertificateSource::from(format!("file://{base64}")));

    // Where each belongs, and each where another one belongs.
    let right = json!({
        "mchid": MCHID, "serial": MERCHANT_SERIAL, "privateKey": [encrypted, PASSPHRASE],
        "certs": { KEY_ID: public_pem(&rsa()) }, "secret": APIV2_KEY, "apiv3Key": APIV3_KEYS,
    });
    let mut settings = vec![right.clone()];
    let values =
        [json!(text), json!(encrypted), json!(base64), json!(APIV2_KEY), json!([text, PASSPHRASE]), json!(PASSPHRASE)];
    for name in ["mchid", "serial", "privateKey", "certs", "wechatpay_serial", "apiv3Key", "secret", "merchant"] {
        for value in &values {
            // A word of letters and digits is a name like any other.
            let is_short = value.as_str().is_some_and(|value| value.len() <= 32);
            if is_short && ["mchid", "serial", "wechatpay_serial"].contains(&name) {
                continue;
            }
            let mut wrong = right.clone();
            wrong[name] = value.clone();
            settings.push(wrong);
        }
    }
    for value in [&text, &encrypted, &base64] {
        walk.debug(&WechatpaySerial::from(value.as_str()));
        walk.debug(&DownloadCerts::new().path(value));
        walk.debug(&Verify::from(value.as_str()));
        walk.debug(&Failover::from([value, &format!("http://user:{PROXY_PASSWORD}@127.0.0.1:1")].map(String::as_str)));
        let mut wrong = right.clone();
        wrong["certs"] = json!({ value: KEY_ID });
        settings.push(wrong.clone());
        wrong["certs"] = json!({ KEY_ID: value });
        settings.push(wrong.clone());
        wrong["merchant"] = json!({ "cert": value, "key": [encrypted, PASSPHRASE] });
        settings.push(wrong.clone());
        wrong["merchant"] = json!({ "p12": value, "passphrase": PASSPHRASE });
        settings.push(wrong);
    }
    for setting in settings {
        walk.debug(&Credentials::from(setting.clone()));
        walk.debug(&Builder::from(setting.clone()));
        match Builder::factory(setting.clone()) {
            Ok(instance) => {
                walk.debug(&instance);
                walk.debug(&instance.key_status());
            }
            Err(error) => walk.error(error),
        }
        let instance = Builder::factory(right.clone()).unwrap();
        if let Err(error) = instance.rotate(setting) {
            walk.error(error);
        }
    }
}

/// What an observer is told of calls, also of those whose path is a key or a ciphertext by mistake.
fn observations(walk: &mut Walk, platform: &Platform, sealed: &str) {
    let observed = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&observed);
    let instance = platform
        .builder("http://127.0.0.1:1/")
        .observe(move |attempt| told.lock().unwrap().push(attempt.clone()))
        .build()
        .unwrap();
    let key = encode_block(&platform.merchant.private_key_to_pkcs8().unwrap()).replace('\n', "");
    for path in ["v3/{name}", &key, &format!("v3/{key}"), &format!("v3/a/{sealed}?sealed={sealed}")] {
        let options = json!({ "name": NAME, "json": { "name": NAME }, "query": { "id": ID_CARD } });
        let options = if path.contains("{name}") { options } else { json!({ "json": { "name": NAME } }) };
        walk.error(instance.chain(path).post(options).unwrap_err());
    }
    let observed = observed.lock().unwrap();
    assert_eq!((observed.len(), observed[0].template()), (4, "v3/{name}"));
    for attempt in observed.iter() {
        walk.debug(attempt);
        walk.0.push(("Observation".to_owned(), format!("{} {}", attempt.mchid(), attempt.template())));
    }
}

/// What a journal is told of calls.
struct Shown(Mutex<Walk>);

impl Recorder for Shown {
    fn intend(&self, intent: &Intent<'_>) -> anyhow::Result<u64> {
        let mut walk = self.0.lock().unwrap();
        walk.debug(intent);
        anyhow::ensure!(intent.template() != "v3/refused", "there is no room for another");
        Ok(walk.0.len() as u64)
    }

    fn conclude(&self, _: u64, conclusion: &Conclusion<'_>) {
        self.0.lock().unwrap().debug(conclusion);
    }
}

fn intents(walk: &mut Walk, platform: &Platform, sealed: &str) {
    let refusal = json!({ "code": "PARAM_ERROR", "message": "in words" }).to_string();
    let server = Server::start(move |_, _| RawReply::Answer(answer("400 Bad Request", &[], refusal.as_bytes())));
    let shown = Arc::new(Shown(Mutex::default()));
    let instance = platform.builder(&server.url()).journal(Arc::clone(&shown)).build().unwrap();
    for path in ["v3/{name}", "v3/refused", &format!("v3/a/{sealed}?sealed={sealed}")] {
        let options = json!({ "json": { "name": NAME, "sealed": sealed }, "query": { "id": ID_CARD } });
        let options = if path.contains('{') { union(options, json!({ "name": NAME })).unwrap() } else { options };
        walk.error(instance.chain(path).post(options).unwrap_err());
    }
    walk.0.append(&mut shown.0.lock().unwrap().0);
}

/// What a call takes, and what it gives when all is well.
fn calls(walk: &mut Walk, secrets: &mut Secrets) {
    let platform = Platform::new();
    secrets.key(&platform.merchant);
    let sealed = sealed(&platform, secrets);
    let proxy = format!("http://user:{PROXY_PASSWORD}@127.0.0.1:1");
    let part = Part::new("file", ID_CARD).file_name(ID_CARD).header("X-Secret", &sealed);
    let media = MediaUtil::from_bytes(NAME, ID_CARD);
    let body = || json!({ "name": NAME, "sealed": sealed, "list": [{ "id": ID_CARD }] });
    let headers = json!({ "X-Name": sealed, "Authorization-Two": sealed });
    let all = [
        Options::from(json!({ "json": body(), "query": body(), "headers": headers, "name": NAME, "proxy": proxy })),
        Options::from(json!({ "json": body(), "encrypt": ["/json/name", "/json/list/*/id"], "a": sealed })),
        Options::from(json!({ "xml": body(), "form_params": body(), "security": true })),
        Options::from(json!({ "form_params": body() })),
        Options::from(json!({ "multipart": [{ "name": NAME, "contents": ID_CARD }] })),
        Options::from(
            json!({ "json": body(), "encrypt": [ID_CARD], "timeout": NAME, "query": NAME, "sealed": [sealed] }),
        ),
        Options::new().body(media.clone()),
        Options::new().body(NAME),
    ];
    for options in all {
        walk.debug(&options);
        for path in ["v3/a", "v3/{name}", "v2/a"] {
            let instance = platform
                .builder("http://127.0.0.1:1/")
                .credentials(Credentials::new().secret(APIV2_KEY))
                .build()
                .unwrap();
            walk.error(instance.chain(path).post(options.clone()).unwrap_err());
        }
    }
    observations(walk, &platform, &sealed);
    intents(walk, &platform, &sealed);
    let mut wrong = media.clone();
    walk.error(wrong.set_meta(json!([NAME, ID_CARD])).unwrap_err());
    walk.debug(&Body::from(NAME));
    walk.debug(&Body::from(media.clone()));
    walk.debug(&media);
    walk.debug(&part);

    let signed = signed(&platform, secrets, &json!({ "name": sealed, "plain": NAME }));
    let server = Server::start(move |_, _| RawReply::Answer(signed.clone()));
    let instance = platform.instance(&server.url());
    let response: Response = instance.chain("v3/a").get(()).unwrap();
    walk.debug(&response);
    assert_eq!(response.decrypt(["/name"]).unwrap()["name"], NAME);
    let refused = |key: &str| (key.to_owned(), instance.chain("v3/{name}").get_async(json!({ (key): body() })));
    walk.error(Promise::unwrap([refused(&sealed), refused(&pem(&platform.merchant))]).unwrap_err());
    let promise: Promise<Response> = instance.chain("v3/a").get_async(json!({ "json": body() }));
    walk.debug(&promise);
    promise.wait().unwrap();
    walk.debug::<Chain>(&instance);
    for request in server.arrived() {
        let authorization = request.header("authorization").unwrap();
        secrets.text(authorization.split("signature=\"").nth(1).unwrap().trim_end_matches('"'));
    }
    let error = instance.chain("v3/a").get(()).unwrap().decrypt(["/plain"]).unwrap_err();
    walk.error(error);
    for pointer in ["/plain", "/name", &sealed, &format!("/{sealed}")] {
        walk.error(instance.chain("v3/a").get(()).unwrap().integer_at(pointer).unwrap_err());
    }
}

/// A name as a merchant's own key can decrypt it.
fn sealed(platform: &Platform, secrets: &mut Secrets) -> String {
    let key = Rsa::from(public_pem(&platform.merchant), Rsa::KEY_TYPE_PUBLIC).unwrap();
    let sealed = Rsa::encrypt(NAME, &key).unwrap();
    secrets.text(&sealed);
    sealed
}

/// An answer that holds, whose signature is a secret from now on.
fn signed(platform: &Platform, secrets: &mut Secrets, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let headers = platform.headers(body.as_bytes());
    for (name, value) in &headers {
        if *name == "Wechatpay-Signature" {
            secrets.text(value);
        }
    }
    answer("200 OK", &headers, body.as_bytes())
}

/// Answers, and failures in place of them, that repeat what they should not.
fn answers_that_are_wrong(walk: &mut Walk, secrets: &mut Secrets) {
    let platform = Platform::new();
    let sealed = sealed(&platform, secrets);
    let refusal = json!({
        "code": "PARAM_ERROR", "message": format!("{sealed} is wrong"),
        "detail": { "field": "/body/name", "value": sealed, "issue": "x" },
    });
    let sign_error = json!({
        "code": "SIGN_ERROR", "message": "x",
        "detail": { "sign_information": {
            "method": "GET", "url": format!("/v3/a?name={sealed}"), "sign_message_length": 900,
            "truncated_sign_message": format!("GET\n/v3/a?name={sealed}\n1\n2\n{sealed}\n"),
        } },
    });
    let good = platform.headers(b"{}");
    for (name, value) in &good {
        if *name == "Wechatpay-Signature" {
            secrets.text(value);
        }
    }
    let with = |name: &'static str, value: &str| {
        let mut headers = good.clone();
        headers.retain(|header| header.0 != name);
        headers.push((name, value.to_owned()));
        headers
    };
    let doubled = [good.clone(), good.clone()].concat();
    let location =
        |host: &str| vec![("Location", format!("{host}/v3/a?name={}&sign={APIV2_KEY}", sealed.replace('+', "%2B")))];
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("/v3/a", answer("400 Bad Request", &good, refusal.to_string().as_bytes())),
        ("/v3/a", answer("401 Unauthorized", &good, sign_error.to_string().as_bytes())),
        ("/v3/a", answer("500 Internal Server Error", &good, refusal.to_string().as_bytes())),
        ("/v3/a", answer("399 Odd", &good, refusal.to_string().as_bytes())),
        ("/v3/billdownload/file", b"HTTP/1.1 200 OK\r\n\r\n1900000109".to_vec()),
        ("/v3/a", answer("302 Found", &location("http://elsewhere.example"), b"")),
        ("/v3/a", answer("302 Found", &location(""), b"")),
        ("/v3/a", answer("200 OK", &[], b"{}")),
        ("/v3/a", answer("200 OK", &doubled, b"{}")),
        ("/v3/a", answer("200 OK", &with("Wechatpay-Timestamp", "yesterday"), b"{}")),
        ("/v3/a", answer("200 OK", &with("Wechatpay-Timestamp", "1"), b"{}")),
        ("/v3/a", answer("200 OK", &with("Wechatpay-Serial", "PUB_KEY_ID_0"), b"{}")),
        ("/v3/a", answer("200 OK", &with("Wechatpay-Signature", &format!("{sealed}!")), b"{}")),
        ("/v3/a", answer("200 OK", &good, sealed.as_bytes())),
        ("/v3/a", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".to_vec()),
    ];
    for (path, bytes) in cases {
        // Where the connection is kept, a redirect is followed over it.
        let is_cut = !bytes.starts_with(b"HTTP/1.1 302");
        let server = Server::start(move |_, _| match is_cut {
            true => RawReply::Break(bytes.clone()),
            false => RawReply::Answer(bytes.clone()),
        });
        let instance = platform.instance(&server.url());
        walk.error(instance.chain(path).get(json!({ "query": { "name": sealed } })).unwrap_err());
    }
    // Limits, files, and what callers of the crate do themselves.
    let stalled = Server::start(|_, _| RawReply::Stall(Vec::new(), std::time::Duration::from_secs(2)));
    let get =
        |server: &Server, options: Value| platform.instance(&server.url()).chain("v3/a").get(options).unwrap_err();
    walk.error(get(&stalled, json!({ "timeout": 0.2, "query": { "name": NAME } })));
    let body = json!({ "name": sealed });
    let bytes = signed(&platform, secrets, &body);
    let server = Server::start(move |_, _| RawReply::Answer(bytes.clone()));
    walk.error(get(&server, json!({ "response_limit": 10 })));
    walk.error(get(&server, json!({ "sink": "/dev/full" })));
    let announced = json!({ "hash_type": "SHA1", "hash_value": "da39a3ee5e6b4b0d3255bfef95601890afd80709" });
    walk.error(get(&server, json!({ "expect": announced })));
    walk.error(Error::Thread(std::io::Error::other("there is no room for another")));
    walk.error(MediaUtil::new("/no/such/file.jpg").unwrap_err());
    let failing = platform.builder(&server.url()).build().unwrap().chain("v3/a").get_async(());
    walk.error(failing.then(|_| Err::<(), _>(anyhow::anyhow!("a failure of the caller's own"))).wait().unwrap_err());
    let signer = Builder::new()
        .credentials(Credentials::new().mchid(MCHID).serial(MERCHANT_SERIAL).cert(KEY_ID, public_pem(&platform.key)));
    let signer = signer
        .credentials(Credentials::new().signer(|_: &[u8]| anyhow::bail!("no signature")))
        .defaults(Options::new().base_uri(server.url()))
        .build()
        .unwrap();
    walk.error(signer.chain("v3/a").get(json!({ "query": { "name": sealed } })).unwrap_err());
    let verifier = Builder::new()
        .credentials(Credentials::new().mchid(MCHID).serial(MERCHANT_SERIAL).private_key(pem(&platform.merchant)));
    let verifier =
        verifier.credentials(Credentials::new().verifier(|_: &str, _: &[u8], _: &str| anyhow::bail!("no answer")));
    let defaults = json!({ "base_uri": server.url(), "proxy": "" });
    walk.error(verifier.defaults(defaults).build().unwrap().chain("v3/a").get(()).unwrap_err());
    let wrong = platform.builder("http://127.0.0.1:1/").defaults(json!({
        "base_uri": "http://127.0.0.1:1/", "proxy": format!("http://user:{PROXY_PASSWORD}@127.0.0.1:1"),
    }));
    walk.error(wrong.build().unwrap().chain("v3/a").get(()).unwrap_err());
    let text = answer("200 OK", &platform.headers(NAME.as_bytes()), NAME.as_bytes());
    let server = Server::start(move |_, _| RawReply::Answer(text.clone()));
    walk.error(platform.instance(&server.url()).chain("v3/a").get(()).unwrap().json().unwrap_err());
    walk.error(AesGcm::decrypt(&sealed, APIV3_KEYS[0], "0123456789ab", "").unwrap_err());
    walk.error(Transformer::to_array(format!("<xml><a>{NAME}</b><{ID_CARD}/></xml>")).unwrap_err());
    refused_call(walk);
    apiv2_answers(walk, secrets, &platform, &sealed);
    certificates(walk, secrets, &platform);
}

fn apiv2_answers(walk: &mut Walk, secrets: &mut Secrets, platform: &Platform, sealed: &str) {
    let mut fields = json!({
        "return_code": "SUCCESS", "result_code": "FAIL", "err_code": "X", "err_code_des": "Y", "mch_id": MCHID,
        "name": NAME, "sealed": sealed,
    });
    let sorted = wechatpay::Formatter::ksort(fields.as_object().unwrap().clone());
    let text = wechatpay::Formatter::query_string_like(&sorted);
    let sign = Hash::sign(Hash::ALGO_MD5, text, APIV2_KEY).unwrap();
    secrets.text(&sign);
    fields["sign"] = json!(sign);
    let xml = |fields: &Value| Transformer::to_xml(fields).unwrap();
    let mut unsigned = fields.clone();
    unsigned["result_code"] = json!("SUCCESS");
    for body in [
        xml(&fields),
        xml(&unsigned),
        format!("<xml><return_code>FAIL</return_code><name>{NAME}</name><sign>{sign}</sign></xml>"),
        format!("{NAME} {ID_CARD}"),
    ] {
        let bytes = answer("200 OK", &[], body.as_bytes());
        let server = Server::start(move |_, _| RawReply::Answer(bytes.clone()));
        let instance =
            platform.builder(&server.url()).credentials(Credentials::new().secret(APIV2_KEY)).build().unwrap();
        let order = json!({ "xml": { "appid": "wx1", "mch_id": MCHID, "name": NAME } });
        walk.error(instance.chain("v2/pay/unifiedorder").post(order).unwrap_err());
    }
}

fn certificates(walk: &mut Walk, secrets: &mut Secrets, platform: &Platform) {
    use support::certificates::{list, platform as certificate};
    let pem = certificate(&platform.certificate_key, "1111D72A03E93CDDF8C03BBD1F37EEDF12345678");
    let listed = |key: &str| list(&[("1111D72A03E93CDDF8C03BBD1F37EEDF12345678", &pem)], key);
    let ciphertext = serde_json::from_slice::<Value>(&listed(APIV3_KEYS[0])).unwrap();
    secrets.text(ciphertext["data"][0]["encrypt_certificate"]["ciphertext"].as_str().unwrap());
    let refused = |code: &str| answer("404 Not Found", &[], json!({ "code": code }).to_string().as_bytes());
    for bytes in [
        refused("RESOURCE_NOT_EXISTS"),
        refused("SIGN_ERROR"),
        answer("200 OK", &platform.headers(b""), &listed(APIV3_KEYS[1])),
        answer("200 OK", &platform.headers(b""), &listed(APIV3_KEYS[0])),
        answer("200 OK", &platform.headers(b""), NAME.as_bytes()),
    ] {
        let server = Server::start(move |_, _| RawReply::Answer(bytes.clone()));
        let instance = Builder::new()
            .credentials(
                Credentials::new()
                    .mchid(MCHID)
                    .serial(MERCHANT_SERIAL)
                    .private_key(self::pem(&platform.merchant))
                    .apiv3_key(APIV3_KEYS[0])
                    .download_certs(true),
            )
            .defaults(json!({ "base_uri": server.url(), "proxy": "" }))
            .build()
            .unwrap();
        walk.error(instance.chain("v3/a").get(()).unwrap_err());
        walk.debug(&instance.key_status());
    }
}

/// A call that is not as documented, with what is secret in each place.
fn refused_call(walk: &mut Walk) {
    let platform = Platform::new();
    let builder = platform.builder("http://127.0.0.1:1/").check(Check::Refuse(Severity::Warning));
    let instance = builder.build().unwrap();
    let receiver =
        json!({ "type": NAME, "name": NAME, "relation_type": ID_CARD, NAME: 1, APIV3_KEYS[1]: 1, "id": ID_CARD });
    let add = instance.chain("v3/profitsharing/receivers/add");
    let query = json!({ ID_CARD: NAME, PASSPHRASE: 1 });
    walk.error(add.post(json!({ "json": receiver, "query": query, "headers": { "X-Name": APIV2_KEY } })).unwrap_err());
    let users = instance.chain("v3/marketing/favor/users/{openid}/coupons/{coupon_id}");
    walk.error(users.get(json!({ "openid": ID_CARD, "coupon_id": NAME, "query": query })).unwrap_err());
}

/// Notifications that are read, and those that are refused.
fn notifications(walk: &mut Walk, secrets: &mut Secrets) {
    let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    for text in [sandbox.secret(), sandbox.apiv3_key()] {
        secrets.text(text);
    }
    let registry = NotificationRegistry::new();
    registry.insert(instance.clone()).unwrap();
    walk.debug(&registry);
    walk.debug::<Certificate>(&instance.key_status().certificates()[0]);
    let resource = json!({ "name": NAME, "id": ID_CARD });
    let paid = sandbox.notification("TRANSACTION.SUCCESS", resource.clone());
    secrets.text(paid.headers()["wechatpay-signature"].to_str().unwrap());
    let envelope: Value = serde_json::from_slice(paid.body()).unwrap();
    secrets.text(envelope["resource"]["ciphertext"].as_str().unwrap());
    walk.debug(&instance.notification(paid.headers(), paid.body()).unwrap());
    let paid_by_apiv2 = sandbox.notification_apiv2(resource.clone());
    let fields = Transformer::to_array(paid_by_apiv2.body()).unwrap();
    secrets.text(fields["sign"].as_str().unwrap());
    walk.debug(&instance.notification_apiv2(paid_by_apiv2.body()).unwrap());
    let refunded = sandbox.refund_notification_apiv2(resource.clone());
    secrets.text(Transformer::to_array(refunded.body()).unwrap()["req_info"].as_str().unwrap());
    walk.debug(&instance.notification_apiv2(refunded.body()).unwrap());
    walk.debug::<Reply>(&Reply::failure("a failure of the caller's own"));

    let mut refuse = |result: Result<(), Error>| walk.error(result.unwrap_err());
    let read = |headers: &wechatpay::http::HeaderMap, body: &[u8]| instance.notification(headers, body).map(drop);
    let read_apiv2 = |body: &[u8]| instance.notification_apiv2(body).map(drop);
    let probe = paid.probe();
    refuse(read(probe.headers(), probe.body()));
    let mut changed = paid.body().to_vec();
    changed.insert(1, b' ');
    refuse(read(paid.headers(), &changed));
    refuse(read(paid.headers(), NAME.as_bytes()));
    let other = sandbox.add_merchant("1900000110");
    let foreign = paid.for_merchant(&other);
    refuse(read(foreign.headers(), foreign.body()));
    let foreign = paid_by_apiv2.for_merchant(&other);
    refuse(read_apiv2(foreign.body()));
    let body = String::from_utf8(paid_by_apiv2.body().to_vec()).unwrap();
    refuse(read_apiv2(body.replace(ID_CARD, NAME).as_bytes()));
    refuse(read_apiv2(body.replace("SUCCESS", NAME).as_bytes()));
    refuse(read_apiv2(format!("{body}<{NAME}>").as_bytes()));
    refuse(read(paid.headers(), &vec![b'0'; 2 << 20]));
    let ambiguous = json!({ "attach": format!("{NAME}&total_fee={ID_CARD}") });
    refuse(read_apiv2(sandbox.notification_apiv2(ambiguous).body()));
    instance.rotate(json!({ "secret": APIV2_KEY })).unwrap();
    refuse(instance.notification_apiv2(refunded.body()).map(drop));
    // Two with one key, of whom the notification names neither.
    let shared = |mchid: &str| {
        let credentials = Credentials::new().mchid(mchid).serial(MERCHANT_SERIAL).private_key(pem(&rsa()));
        let credentials = credentials.apiv3_key(sandbox.apiv3_key());
        let id = sandbox.platform_serial();
        instance.for_merchant(credentials.cert(id, sandbox.platform_public_key_pem())).unwrap()
    };
    let registry = NotificationRegistry::new();
    registry.insert(shared("1900000111")).unwrap();
    registry.insert(shared("1900000112")).unwrap();
    refuse(registry.notification(paid.headers(), paid.body()).map(drop));
    // What the platform signs is what it should be, but for its own mistakes.
    let platform = Platform::new();
    let instance = platform
        .builder("http://127.0.0.1:1/")
        .credentials(Credentials::new().apiv3_key(APIV3_KEYS[0]))
        .build()
        .unwrap();
    for body in [NAME.to_owned(), json!({ "resource": NAME }).to_string()] {
        let headers = platform.headers(body.as_bytes());
        let headers: Vec<(&str, String)> = headers.into_iter().collect();
        refuse(instance.notification(headers, body).map(drop));
    }
}

/// The other side, which has keys of its own.
fn the_sandbox(walk: &mut Walk, secrets: &mut Secrets) {
    let builder = Sandbox::builder().mode(KeyMode::Certificate).tls(true);
    walk.debug(&builder);
    let sandbox = builder.start().unwrap();
    let events = sandbox.events();
    walk.debug(&events);
    let (merchant, certificate) = (sandbox.add_merchant("1900000110"), sandbox.issue_merchant_certificate());
    let brand = sandbox.brand();
    for text in [sandbox.secret(), sandbox.apiv3_key(), merchant.secret(), merchant.apiv3_key(), brand.apiv3_key()] {
        secrets.text(text);
    }
    let keys = [merchant.certificate().private_key_pem(), certificate.private_key_pem(), brand.private_key_pem()];
    for pem in keys.into_iter().chain([sandbox.merchant_private_key_pem()]) {
        secrets.key(&PKey::private_key_from_pem(pem.as_bytes()).unwrap());
    }
    walk.debug(&merchant);
    walk.debug(&certificate);
    walk.debug(&sandbox.config_of(&merchant));
    walk.debug(brand);
    walk.debug(&sandbox.brand_config());
    walk.debug(&Builder::factory(sandbox.brand_config()).unwrap());
    let instance = Builder::factory(sandbox.config()).unwrap();
    let coupon = json!({
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "json": {
            "stock_id": "9856000", "out_request_no": "1", "appid": "wx1", "card_type": "ID_CARD", "user_name": NAME,
            "id_card_number": ID_CARD,
        },
        "encrypt": ["/json/user_name", "/json/id_card_number"],
    });
    walk.debug(&instance.chain("v3/multiuse/users/{openid}/coupons").post(coupon).unwrap());
    let request = sandbox.requests().remove(0);
    let sent = request.json().unwrap();
    let signature = request.header("authorization").unwrap().split("signature=\"").nth(1).unwrap();
    let ciphertexts = [&sent["user_name"], &sent["id_card_number"]].map(|sealed| sealed.as_str().unwrap());
    for text in ciphertexts.into_iter().chain([signature.trim_end_matches('"')]) {
        secrets.text(text);
    }
    walk.debug(&request);
    walk.debug(&sandbox.ledger()[0]);
    let scripted = ScriptedAnswer::from(json!({ "name": NAME })).header("Wechatpay-Signature", APIV2_KEY);
    walk.debug(&scripted);
    sandbox.answer("GET", "v3/any/path", 200, scripted);
    walk.debug(&sandbox.answers_left()[0]);
    walk.debug(&sandbox);
    let server = Server::start(|_, _| RawReply::Answer(answer("200 OK", &[], NAME.as_bytes())));
    for notification in [
        sandbox.notification("TRANSACTION.SUCCESS", json!({ "name": NAME })),
        sandbox.notification_apiv2(json!({ "name": NAME })),
        sandbox.refund_notification_apiv2(json!({ "name": NAME })),
    ] {
        walk.debug(&notification);
        walk.debug(&notification.send(&server.url()).unwrap());
        if let Some(signature) = notification.headers().get("wechatpay-signature") {
            secrets.text(signature.to_str().unwrap());
        }
    }
    let order = json!({
        "appid": "wx1", "mchid": sandbox.mchid(), "description": NAME, "out_trade_no": "order-1", "attach": NAME,
        "notify_url": server.url(), "amount": { "total": 1 },
    });
    instance.chain("v3/pay/transactions/native").post(json!({ "json": order })).unwrap();
    sandbox.pay("order-1").unwrap();
    assert!(sandbox.wait_for_notifications(std::time::Duration::from_secs(60)));
    walk.debug(&sandbox.sent_notifications()[0]);
    walk.debug(&sandbox.orders()[0]);
    let transfer = json!({
        "appid": "wx1", "out_bill_no": "1", "transfer_scene_id": "1000", "openid": "o-MYE42l80oelYMDE34nYD456Xoy",
        "transfer_amount": 888, "transfer_remark": NAME, "user_name": NAME,
        "transfer_scene_report_infos": [{ "info_type": NAME, "info_content": NAME }],
    });
    let transfer = json!({ "json": transfer, "encrypt": ["/json/user_name"] });
    instance.chain("v3/fund-app/mch-transfer/transfer-bills").post(transfer).unwrap();
    walk.debug(&sandbox.transfers()[0]);
    while let Some(event) = events.try_next() {
        walk.debug(&event);
        if let Event::Exchange(exchange) = &event {
            walk.debug(&**exchange);
        }
    }
}
