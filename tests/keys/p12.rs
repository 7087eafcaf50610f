//! `apiclient_cert.p12`: the merchant's certificate and key in one file, made by the program `openssl`.

use std::path::PathBuf;
use std::process::Command;

use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Verifier;
use support::certificates::{Issue, Subject};
use support::folder::Folder;
use support::keys::{private_pem, public_pem, rsa};
use support::platform::{APIV2_KEY, KEY_ID, MCHID, MERCHANT_SERIAL, Platform};
use wechatpay::{Builder, Credentials, Error, PrivateKey, PublicKey, Rsa, Value, json};
use wechatpay_sandbox::Sandbox;

/// As OpenSSL 3 makes them; as all were made before; and with a cipher of those times that it still reads.
const MODERN: &[&str] = &[];
const LEGACY: &[&str] = &["-legacy"];
const TRIPLE_DES: &[&str] = &["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"];

struct Merchant {
    folder: Folder,
}

impl Merchant {
    fn new() -> Merchant {
        let key = rsa();
        let certificate =
            Issue { subject: Subject::Merchant(MCHID), key: &key, serial: MERCHANT_SERIAL, valid: (-60, 60) };
        Merchant::with(&private_pem(&key), &certificate.pem())
    }

    fn with(key: &str, certificate: &str) -> Merchant {
        let folder = Folder::new("p12");
        std::fs::write(folder.file("key.pem"), key).unwrap();
        std::fs::write(folder.file("cert.pem"), certificate).unwrap();
        Merchant { folder }
    }

    fn key(&self) -> PKey<Private> {
        PKey::private_key_from_pem(&std::fs::read(self.folder.file("key.pem")).unwrap()).unwrap()
    }

    /// A file under this passphrase.
    fn p12(&self, passphrase: &str, how: &[&str]) -> PathBuf {
        let path = self.folder.file("apiclient_cert.p12");
        let mut openssl = Command::new("openssl");
        openssl.args(["pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "apiclient_cert.p12"]);
        let output = openssl.arg("-passout").arg(format!("pass:{passphrase}")).args(how);
        let output = output.current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        path
    }

    fn url(&self) -> String {
        format!("file://{}", self.folder.file("apiclient_cert.p12").display())
    }

    fn config(&self, platform: &Platform) -> Value {
        json!({ "mchid": MCHID, "privateKey": self.url(), "certs": { KEY_ID: public_pem(&platform.key) }, "proxy": "" })
    }
}

fn refused(config: impl Into<Builder>) -> String {
    let error = Builder::factory(config).unwrap_err();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    error.to_string()
}

#[test]
fn the_file_is_enough_to_sign() {
    let platform = Platform::new();
    let server = platform.server();
    for how in [MODERN, TRIPLE_DES] {
        let merchant = Merchant::new();
        merchant.p12(MCHID, how);
        let mut config = merchant.config(&platform);
        config["base_uri"] = json!(server.url());
        let instance = Builder::factory(config.clone()).unwrap();
        assert_eq!(instance.key_status().merchant_serial(), Some(MERCHANT_SERIAL));
        instance.chain("v3/x").post(json!({ "json": {} })).unwrap();
        let authorization = server.arrived().pop().unwrap().header("authorization").unwrap().to_owned();
        assert!(authorization.contains(&format!("serial_no=\"{MERCHANT_SERIAL}\"")), "{authorization}");

        // With the serial beside it, which must be that of the file.
        config["serial"] = json!(MERCHANT_SERIAL);
        Builder::factory(config.clone()).unwrap();
        config["serial"] = json!("7132D72A03E93CDDF8C03BBD1F37EEDF12345678");
        let message = refused(config);
        assert!(message.contains("leave `serial` out") && message.contains(MERCHANT_SERIAL), "{message}");
    }
}

#[test]
fn keys_are_rotated_to_a_file() {
    let (platform, merchant) = (Platform::new(), Merchant::new());
    let instance = platform.instance("https://api.mch.weixin.qq.com/");
    merchant.p12(MCHID, MODERN);
    instance.rotate(json!({ "privateKey": merchant.url() })).unwrap();
    assert_eq!(instance.key_status().merchant_serial(), Some(MERCHANT_SERIAL));
}

#[test]
fn a_passphrase_of_its_own_is_given_beside_it() {
    let (platform, merchant) = (Platform::new(), Merchant::new());
    merchant.p12("of its own", MODERN);
    let mut config = merchant.config(&platform);
    let message = refused(config.clone());
    assert!(
        message.contains("`privateKey`") && message.contains("does not open with the merchant's number"),
        "{message}"
    );

    config["privateKey"] = json!([merchant.url(), "mistaken"]);
    let message = refused(config.clone());
    assert!(message.contains("the passphrase is wrong") && !message.contains("mistaken"), "{message}");
    config["privateKey"] = json!([merchant.url(), "zero\0byte"]);
    assert!(refused(config.clone()).contains("a zero byte in the passphrase"));

    config["privateKey"] = json!([merchant.url(), "of its own"]);
    Builder::factory(config).unwrap();

    // Alone, where there is no merchant's number.
    let key = PrivateKey::load((merchant.url(), "of its own")).unwrap();
    let signature = openssl::base64::decode_block(&Rsa::sign("x", &key).unwrap()).unwrap();
    let key = merchant.key();
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
    assert!(verifier.verify_oneshot(&signature, b"x").unwrap());
    let message = PrivateKey::load(merchant.url()).unwrap_err().to_string();
    assert!(message.contains("needs its passphrase beside the path"), "{message}");
}

/// The commands in the message are run as they are, but for the passphrase, which they would ask for.
#[test]
fn an_old_file_is_refused_with_the_commands_that_convert_it() {
    let (platform, merchant) = (Platform::new(), Merchant::new());
    let path = merchant.p12(MCHID, LEGACY);
    let message = refused(merchant.config(&platform));
    assert!(message.contains("OpenSSL 3 refuses"), "{message}");
    let commands: Vec<&str> = message.split('`').filter(|piece| piece.starts_with("openssl ")).collect();
    assert_eq!(commands.len(), 2, "{message}");
    for command in commands {
        let arguments: Vec<&str> = command.split(' ').skip(1).map(|word| word.trim_matches('\'')).collect();
        assert!(arguments.contains(&path.to_str().unwrap()), "{command}");
        let passphrase = format!("pass:{MCHID}");
        let mut openssl = Command::new("openssl");
        let output =
            openssl.args(arguments).args(["-passin", &passphrase]).current_dir(merchant.folder.path()).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let file = |name: &str| format!("file://{}", merchant.folder.file(name).display());
    let mut config = merchant.config(&platform);
    config["serial"] = json!(MERCHANT_SERIAL);
    config["privateKey"] = json!(file("apiclient_key.pem"));
    config["merchant"] = json!({ "cert": file("apiclient_cert.pem"), "key": file("apiclient_key.pem") });
    Builder::factory(config).unwrap();

    // Its passphrase is checked first.
    let mut config = merchant.config(&platform);
    config["privateKey"] = json!([merchant.url(), "mistaken"]);
    assert!(refused(config).contains("the passphrase is wrong"));
}

#[test]
fn the_merchants_certificate_comes_from_it() {
    let (platform, merchant) = (Platform::new(), Merchant::new());
    let path = merchant.p12(MCHID, MODERN);
    let path = path.to_str().unwrap();
    let apiv2 = |value: Value| json!({ "mchid": MCHID, "secret": APIV2_KEY, "merchant": value });
    for file in [path.to_owned(), merchant.url()] {
        Builder::factory(apiv2(json!({ "p12": file }))).unwrap();
        Builder::factory(apiv2(json!({ "p12": file, "passphrase": MCHID }))).unwrap();
        Builder::from(apiv2(Value::Null)).credentials(Credentials::new().merchant_p12(file, None)).build().unwrap();
    }
    let mut both = merchant.config(&platform);
    both["merchant"] = json!({ "p12": path });
    Builder::factory(both).unwrap();

    let cases = [
        (json!({ "p12": path, "passphrase": "mistaken" }), "`merchant.p12`: the PKCS#12 file"),
        (json!({ "p12": path, "cert": path }), "`merchant.p12` holds both"),
        (json!({ "p12": 1 }), "`merchant.p12` must be a string"),
        (json!({ "cert": path, "key": "x", "passphrase": "x" }), "the one of a key is given as [key, passphrase]"),
        (json!({ "p12": "/no/such.p12" }), "/no/such.p12 cannot be read"),
        (json!({ "p12": merchant.folder.file("key.pem").display().to_string() }), "is not a PKCS#12 file"),
        (json!({ "cert": path, "key": path }), "it is a PKCS#12 file, which is given as `p12`"),
    ];
    for (value, words) in cases {
        let message = refused(apiv2(value.clone()));
        assert!(message.contains(words) && !message.contains("mistaken"), "{value}: {message}");
    }
    let other = Builder::from(apiv2(Value::Null)).credentials(Credentials::new().merchant_p12(path, Some("other")));
    assert!(refused(other).contains("the passphrase is wrong"));
    // Without a number, there is no passphrase to begin with.
    let anonymous = json!({ "secret": APIV2_KEY, "merchant": { "p12": path } });
    assert!(refused(anonymous).contains("needs its passphrase"));
}

#[test]
fn it_is_shown_over_tls() {
    let sandbox = Sandbox::builder().lenient(true).tls(true).start().unwrap();
    let merchant = Merchant::with(sandbox.merchant_private_key_pem(), sandbox.merchant_certificate_pem());
    let path = merchant.p12(sandbox.mchid(), MODERN).display().to_string();
    let instance = sandbox.config().credentials(Credentials::new().merchant_p12(path, None)).build().unwrap();
    let transfers = instance.chain("v2/mmpaymkttransfers/promotion/transfers");
    let xml = json!({ "mch_id": sandbox.mchid(), "nonce_str": "x" });
    let answer = transfers.post(json!({ "security": true, "xml": xml })).unwrap();
    assert_eq!(answer.xml().unwrap()["return_code"], "SUCCESS");
    assert!(sandbox.requests().last().unwrap().has_certificate());
}

#[test]
fn files_in_other_places_or_cut_short_are_named() {
    let (platform, merchant) = (Platform::new(), Merchant::new());
    let path = merchant.p12(MCHID, MODERN);
    let mut config = merchant.config(&platform);
    config["certs"] = json!({ KEY_ID: merchant.url() });
    let message = refused(config);
    assert!(message.contains(KEY_ID) && message.contains("PKCS#12") && message.contains("private key"), "{message}");
    assert!(PublicKey::load(merchant.url()).unwrap_err().to_string().contains("PKCS#12"));

    let bytes = std::fs::read(&path).unwrap();
    for length in [bytes.len() - 1, bytes.len() / 2, 8] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let message = refused(merchant.config(&platform));
        assert!(message.contains("PKCS#12") && message.contains("is it complete?"), "{length}: {message}");
    }
}
