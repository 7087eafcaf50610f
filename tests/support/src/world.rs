//! The world around a ported program: the sandbox, scripted with the recorded answers, the variables and the files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use openssl::base64::{decode_block, encode_block};
use openssl::rsa::{Padding, Rsa};
use openssl::x509::X509;
use wechatpay::{Formatter, Value, json};
use wechatpay_sandbox::{KeyMode, Sandbox, ScriptedAnswer};

use crate::folder::Folder;
use crate::recording::Recording;
use crate::sameness::{Comparison, NONCE};

pub struct World {
    pub recorded: Recording,
    pub sandbox: Sandbox,
    folder: Folder,
    started: i64,
}

impl World {
    /// None when there is no reference folder.
    pub fn start(sample: &str) -> Option<World> {
        let recorded = Recording::of(sample)?;
        let id = |name: &str| recorded.env[name].as_str().unwrap();
        // The ids are written into some of the programs; the keys are the sandbox's own.
        let sandbox = Sandbox::builder()
            .mode(if recorded.has_certificate { KeyMode::Mixed } else { KeyMode::PublicKey })
            .merchant(id("WECHATPAY_MCHID"), id("WECHATPAY_MCH_SERIAL"))
            .public_key_id(id("WECHATPAY_PUBLIC_KEY_ID"))
            .start()
            .unwrap();
        let folder = Folder::new("ported");
        let world = World { recorded, sandbox, folder, started: Formatter::timestamp() };
        world.write_files();
        world.script();
        Some(world)
    }

    /// The settings with which a program is run as it would be run in production, but for the address.
    pub fn overrides(&self) -> Value {
        json!({ "base_uri": self.sandbox.base_uri(), "proxy": "" })
    }

    /// What `/path/to` stands for.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the program has sent must be what was recorded. `in_order` is whether it was built with `preserve-order`.
    pub fn check_requests(&self, in_order: bool) {
        let requests = self.sandbox.requests();
        let ran = self.started..=Formatter::timestamp();
        let comparison = Comparison::new(&self.sandbox, self.recorded.clock, ran, in_order);
        for (number, (sent, recorded)) in requests.iter().zip(&self.recorded.requests).enumerate() {
            comparison.check(sent, recorded).unwrap_or_else(|problem| panic!("request {number}: {problem}"));
        }
        assert_eq!(requests.len(), self.recorded.requests.len());
        self.sandbox.assert_no_answers_left();
        assert!(self.sandbox.unscripted_requests().is_empty());
    }

    /// The text of a recorded file or variable: keys are the sandbox's own.
    fn key(&self, name: &str) -> Option<String> {
        Some(match name.trim_start_matches("{keys}/") {
            "merchant.pkcs8.key" => self.sandbox.merchant_private_key_pem().to_owned(),
            "merchant.crt.pem" => self.sandbox.merchant_certificate_pem().to_owned(),
            "platform.spki.pem" => self.sandbox.public_key_pem().unwrap().to_owned(),
            "platform.crt.pem" => self.sandbox.platform_certificate_pem(self.sandbox.platform_serial())?,
            _ => return None,
        })
    }

    fn write_files(&self) {
        for (path, content) in &self.recorded.files {
            let path = self.folder.file(path.strip_prefix("/path/to/").unwrap());
            let bytes = match content {
                Value::String(name) => self.key(name).unwrap_or_default().into_bytes(),
                content => decode_block(content["base64"].as_str().unwrap()).unwrap(),
            };
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// The environment.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let value = |name: &str, recorded: &str| {
            let one_line = recorded.strip_prefix("{pem-body:").and_then(|key| key.strip_suffix('}'));
            match (name, one_line) {
                ("WECHATPAY_APIV2_KEY", _) => self.sandbox.secret().to_owned(),
                ("WECHATPAY_APIV3_KEY", _) => self.sandbox.apiv3_key().to_owned(),
                ("WECHATPAY_PLATFORM_SERIAL", _) => self.sandbox.platform_serial().to_owned(),
                (_, Some(key)) => {
                    let pem = self.key(key).unwrap();
                    pem.lines().filter(|line| !line.starts_with("-----")).collect()
                }
                (_, None) => recorded.replace("/path/to", self.folder.path().to_str().unwrap()),
            }
        };
        let variables = self.recorded.env.iter().map(|(name, text)| (name, text.as_str().unwrap()));
        variables.map(|(name, text)| (name.clone(), value(name, text))).collect()
    }

    /// The recorded answers. A rule's path is a regular expression of whole segments.
    fn script(&self) {
        for rule in &self.recorded.answers {
            let method = rule["method"].as_str().unwrap();
            let path = rule["path"].as_str().unwrap().replace("[^/]+", "{any}").replace(r"\d+", "{digits}");
            for answer in rule["answers"].as_array().unwrap() {
                let status = answer["status"].as_u64().map_or(200, |status| u16::try_from(status).unwrap());
                self.sandbox.answer(method, &path, status, self.answer(answer));
            }
        }
    }

    fn answer(&self, answer: &Value) -> ScriptedAnswer {
        let fields = match &answer["xml"] {
            Value::Null => match answer["body"].as_str().unwrap() {
                "" => return ().into(),
                body => serde_json::from_str(body).unwrap(),
            },
            fields => fields.clone(),
        };
        assert!(answer.get("unsigned").is_none(), "no recorded answer is unsigned");
        self.for_merchant(fields).into()
    }

    /// With the payer's phone encrypted for the merchant of the sandbox: what it is, is in the recorded result alone.
    fn for_merchant(&self, mut fields: Value) -> Value {
        if fields.get("payer_phone").is_some() {
            let complaint = fields["complaint_id"].as_str().unwrap();
            let phone = self.recorded.result[complaint]["phone"].as_str().unwrap();
            let key = Rsa::private_key_from_pem(self.sandbox.merchant_private_key_pem().as_bytes()).unwrap();
            let mut sealed = vec![0; key.size() as usize];
            key.public_encrypt(phone.as_bytes(), &mut sealed, Padding::PKCS1_OAEP).unwrap();
            fields["payer_phone"] = encode_block(&sealed).into();
        }
        fields
    }

    /// Checks the time and the nonce of the parameters that a page is called up with, and replaces them with the recorded ones.
    pub fn replace_moment(&self, params: &mut Value) {
        let seconds: i64 = params["timeStamp"].as_str().unwrap().parse().unwrap();
        assert!((self.started..=Formatter::timestamp()).contains(&seconds), "{seconds}");
        params["timeStamp"] = self.recorded.clock.to_string().into();
        assert_eq!(params["nonceStr"].as_str().unwrap().len(), NONCE.len());
        params["nonceStr"] = NONCE.into();
    }

    /// Whether the merchant has signed this, according to OpenSSL and to the certificate.
    pub fn has_signed(&self, message: &str, signature: &str) -> bool {
        let certificate = X509::from_pem(self.sandbox.merchant_certificate_pem().as_bytes()).unwrap();
        crate::keys::verify(message.as_bytes(), signature, &certificate.public_key().unwrap())
    }
}
