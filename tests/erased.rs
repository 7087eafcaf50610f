//! After an instance is dropped, nothing of its private key is left in the memory of the process, as far as it was there
//! in the form in which it came. Alone in its process, which looks through all of its own memory.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use openssl::base64::encode_block;
use support::folder::Folder;
use support::keys::rsa;
use support::platform::{KEY_ID, MCHID, MERCHANT_SERIAL};
use support::process::{child, run};
use wechatpay::{Builder, Outcome, Rsa, Value, json};

/// What `privateKey` is in the child, or a file that holds it.
const SETTING: &str = "WECHATPAY_TEST_SETTING";
const SETTING_IN: &str = "WECHATPAY_TEST_SETTING_IN";
/// The file of what to look for, and that of the platform's public key.
const NEEDLES: &str = "WECHATPAY_TEST_NEEDLES";
const PUBLIC_KEY: &str = "WECHATPAY_TEST_PUBLIC_KEY";

/// What is looked for must not be found where it is kept.
const MASK: u8 = 0xa5;

/// Pieces of so many bytes, at each eighth: whatever is left of 24 bytes holds one of them.
const PIECE: usize = 16;

// ---------------------------------------------------------------- the child

/// Makes an instance, signs, calls, and drops all of it.
fn use_key(setting: String) {
    let mut config = json!({
        "mchid": MCHID, "serial": MERCHANT_SERIAL, "base_uri": "http://127.0.0.1:1/", "proxy": "",
        "certs": { KEY_ID: format!("file://{}", std::env::var(PUBLIC_KEY).unwrap()) },
    });
    config["privateKey"] = Value::String(setting);
    let instance = Builder::factory(config).unwrap();
    instance.chain("v3/pay").jsapi_params("wx8888888888888888", "wx201410272009395522657a690389285100").unwrap();
    let error = instance.chain("v3/pay").post(json!({ "json": { "a": 1 } })).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
}

/// How often a piece of each of these is in the memory that this process can write.
fn found(needles: &[Vec<u8>]) -> Vec<usize> {
    let mut starts = vec![false; 1 << 16];
    let mut pieces = Vec::new();
    for (needle, bytes) in needles.iter().enumerate() {
        for piece in (0..bytes.len().saturating_sub(PIECE - 1)).step_by(8).map(|start| &bytes[start..start + PIECE]) {
            starts[usize::from(piece[0]) << 8 | usize::from(piece[1])] = true;
            pieces.push((needle, piece));
        }
    }
    let mut counts = vec![0; needles.len()];
    let mut memory = std::fs::File::open("/proc/self/mem").unwrap();
    let mut buffer = vec![0; 1 << 16];
    for line in std::fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let mut words = line.split_ascii_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        let (start, end) = range.split_once('-').unwrap();
        let (mut at, end) = (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
        while rights.starts_with("rw") && at + (PIECE as u64) < end {
            let most = buffer.len().min((end - at) as usize);
            memory.seek(SeekFrom::Start(at)).unwrap();
            let Ok(length) = memory.read(&mut buffer[..most]) else { break };
            for window in buffer[..length].windows(PIECE) {
                if starts[usize::from(window[0] ^ MASK) << 8 | usize::from(window[1] ^ MASK)] {
                    for (needle, piece) in &pieces {
                        if window.iter().zip(*piece).all(|(byte, masked)| byte ^ MASK == *masked) {
                            counts[*needle] += 1;
                        }
                    }
                }
            }
            at += (length - (PIECE - 1)) as u64;
        }
    }
    counts
}

/// Prints how often each needle was found; the last of them is there on purpose.
fn look(needles: &str) {
    let setting =
        std::env::var(SETTING).unwrap_or_else(|_| std::fs::read_to_string(std::env::var(SETTING_IN).unwrap()).unwrap());
    use_key(setting);
    let needles: Vec<Vec<u8>> = std::fs::read_to_string(needles).unwrap().lines().map(from_hex).collect();
    let there: Vec<u8> = needles.last().unwrap().iter().map(|byte| byte ^ MASK).collect();
    let counts = found(&needles);
    println!("FOUND {counts:?} beside {} bytes", there.len());
}

fn from_hex(line: &str) -> Vec<u8> {
    (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap()).collect()
}

// ---------------------------------------------------------------- the parent

struct Key {
    folder: Folder,
    pkcs8_pem: String,
    pkcs1_pem: String,
    pkcs8: Vec<u8>,
    pkcs1: Vec<u8>,
}

impl Key {
    fn new() -> Key {
        let (key, folder) = (rsa(), Folder::new("erased"));
        let numbers = key.rsa().unwrap();
        let text = |pem: Vec<u8>| String::from_utf8(pem).unwrap();
        let (pkcs8, pkcs1) = (key.private_key_to_pkcs8().unwrap(), numbers.private_key_to_der().unwrap());
        let secret = [numbers.d(), numbers.p().unwrap(), numbers.q().unwrap()];
        let secret = secret.into_iter().chain([numbers.dmp1(), numbers.dmq1(), numbers.iqmp()].map(Option::unwrap));
        let mut needles: Vec<Vec<u8>> = secret.map(|number| number.to_vec()).collect();
        needles.extend([&pkcs8, &pkcs1].map(|der| encode_block(der).into_bytes()));
        // In the end what must be found.
        needles.push(rsa().rsa().unwrap().n().to_vec());
        let masked: Vec<String> =
            needles.iter().map(|needle| needle.iter().map(|byte| format!("{:02x}", byte ^ MASK)).collect()).collect();
        std::fs::write(folder.file("needles"), masked.join("\n")).unwrap();
        std::fs::write(folder.file("public.pem"), rsa().public_key_to_pem().unwrap()).unwrap();
        let pkcs8_pem = text(key.private_key_to_pem_pkcs8().unwrap());
        let pkcs1_pem = text(numbers.private_key_to_pem().unwrap());
        Key { folder, pkcs8_pem, pkcs1_pem, pkcs8, pkcs1 }
    }

    fn write(&self, text: &str) -> std::path::PathBuf {
        let path = self.folder.file("setting");
        std::fs::write(&path, text).unwrap();
        path
    }

    /// What is left of the key after its use.
    fn assert_erased(&self, variable: &str, value: &Path) {
        let mut child = child(module_path!(), "nothing_of_a_private_key_is_left");
        child.env(NEEDLES, self.folder.file("needles")).env(PUBLIC_KEY, self.folder.file("public.pem"));
        let (printed, _) = run(child.env(variable, value));
        let counts = printed.lines().find_map(|line| line.split_once("FOUND [")).unwrap().1;
        let counts: Vec<usize> =
            counts.split(']').next().unwrap().split(", ").map(|count| count.parse().unwrap()).collect();
        let (there, left) = counts.split_last().unwrap();
        assert!(*there > 0, "what is there must be found: {printed}");
        assert!(left.iter().all(|count| *count == 0), "{variable} {}: {left:?}", value.display());
    }
}

#[test]
fn nothing_of_a_private_key_is_left() {
    if let Ok(needles) = std::env::var(NEEDLES) {
        return look(&needles);
    }
    let key = Key::new();
    for pem in [&key.pkcs8_pem, &key.pkcs1_pem] {
        // Only the library has ever had the key in its hands, or it came in the JSON.
        let path = key.write(pem);
        key.assert_erased(SETTING, Path::new(&format!("file://{}", path.display())));
        key.assert_erased(SETTING_IN, &path);
    }
    for text in [
        format!("private.pkcs8://{}", encode_block(&key.pkcs8)),
        format!("private.pkcs1://{}", encode_block(&key.pkcs1)),
        format!("private.pkcs8://{}", encode_block(&key.pkcs8).replace("MII", "MII \n")),
    ] {
        let path = key.write(&text);
        key.assert_erased(SETTING_IN, &path);
    }
}

#[test]
fn each_unusual_way_of_writing_a_key_is_still_read() {
    let key = Key::new();
    let load = |text: String| Rsa::from(text, Rsa::KEY_TYPE_PRIVATE).map(drop);
    let windows = key.pkcs8_pem.replace('\n', "\r\n");
    let described = format!("Bag Attributes\n    friendlyName: 商户\n{}", key.pkcs8_pem);
    let indented = key.pkcs1_pem.replace('\n', " \n");
    for text in [windows, described, indented, format!("{}\n\n", key.pkcs1_pem)] {
        load(text.clone()).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
    let mut latin = b"Schl\xfcssel\n".to_vec();
    latin.extend_from_slice(key.pkcs8_pem.as_bytes());
    let path = key.folder.file("latin.pem");
    std::fs::write(&path, latin).unwrap();
    load(format!("file://{}", path.display())).unwrap();

    let cut = &key.pkcs8_pem[..key.pkcs8_pem.len() - 40];
    let other_end = key.pkcs8_pem.replace("-----END PRIVATE", "-----END RSA PRIVATE");
    for text in [cut.to_owned(), other_end, key.pkcs8_pem.replace("MII", "MIJ")] {
        assert!(load(text.clone()).is_err(), "{text}");
    }
    let large = key.folder.file("large.pem");
    std::fs::write(&large, vec![b'x'; (1 << 20) + 1]).unwrap();
    let error = load(format!("file://{}", large.display())).unwrap_err().to_string();
    assert!(error.contains("1048576"), "{error}");
    let names: BTreeSet<_> = key.folder.names().into_iter().collect();
    assert!(names.contains("large.pem"));
}
