//! RSA keys in all their forms, made by the `openssl` command, and its word against ours.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use openssl::base64::{decode_block, encode_block};
use support::folder::Folder;
use wechatpay::{Builder, Credentials, Error, Formatter, KeySource, PemUtil, PrivateKey, PublicKey, Rsa};

const PASSPHRASE: &str = "correct horse 电池";
const MESSAGE: &str = "POST\n/v3/pay/transactions/native\n1554208460\n593BEC\n{\"description\":\"测试\"}\n";

/// Runs the command in the folder; gives what it prints.
fn openssl(folder: &Folder, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("the `openssl` command is needed for this test");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {}: {error}", arguments.join(" "));
    output.stdout
}

/// A folder with the forms of one key, and more keys that will not do.
fn keys() -> Folder {
    let folder = Folder::new("rsa");
    let pass = format!("pass:{PASSPHRASE}");
    let run = |arguments: &[&str]| openssl(&folder, arguments);
    run(&["genrsa", "-traditional", "-out", "pkcs1.pem", "2048"]);
    run(&["pkey", "-in", "pkcs1.pem", "-out", "pkcs8.pem"]);
    run(&["pkey", "-in", "pkcs1.pem", "-aes256", "-passout", &pass, "-out", "pkcs8.aes.pem"]);
    run(&["rsa", "-in", "pkcs1.pem", "-traditional", "-aes256", "-passout", &pass, "-out", "pkcs1.aes.pem"]);
    run(&["rsa", "-in", "pkcs1.pem", "-outform", "DER", "-traditional", "-out", "pkcs1.der"]);
    run(&["pkcs8", "-topk8", "-nocrypt", "-in", "pkcs1.pem", "-outform", "DER", "-out", "pkcs8.der"]);
    run(&["req", "-x509", "-new", "-key", "pkcs1.pem", "-subj", "/CN=test", "-days", "2", "-out", "x509.pem"]);
    run(&["pkey", "-in", "pkcs1.pem", "-pubout", "-out", "spki.pem"]);
    run(&["pkey", "-in", "pkcs1.pem", "-pubout", "-outform", "DER", "-out", "spki.der"]);
    run(&["rsa", "-in", "pkcs1.pem", "-RSAPublicKey_out", "-out", "rsapublickey.pem"]);
    run(&["rsa", "-in", "pkcs1.pem", "-RSAPublicKey_out", "-outform", "DER", "-out", "rsapublickey.der"]);

    run(&["ecparam", "-genkey", "-noout", "-name", "prime256v1", "-out", "ec.pem"]);
    run(&["pkey", "-in", "ec.pem", "-pubout", "-out", "ec.public.pem"]);
    run(&["dsaparam", "-genkey", "-noout", "-out", "dsa.pem", "1024"]);
    run(&["pkey", "-in", "dsa.pem", "-pubout", "-out", "dsa.public.pem"]);
    // The labels that the forms are told apart by.
    for (file, label) in [
        ("pkcs1.pem", "RSA PRIVATE KEY"),
        ("pkcs1.aes.pem", "RSA PRIVATE KEY"),
        ("pkcs8.pem", "PRIVATE KEY"),
        ("pkcs8.aes.pem", "ENCRYPTED PRIVATE KEY"),
        ("x509.pem", "CERTIFICATE"),
        ("spki.pem", "PUBLIC KEY"),
        ("rsapublickey.pem", "RSA PUBLIC KEY"),
    ] {
        assert!(read(&folder, file).starts_with(&format!("-----BEGIN {label}-----\n")), "{file}");
    }
    folder
}

fn read(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.file(name)).unwrap()
}

fn url(folder: &Folder, name: &str) -> String {
    format!("file://{}", folder.file(name).display())
}

/// Bare base64 of a DER file.
fn base64(folder: &Folder, name: &str) -> String {
    encode_block(&fs::read(folder.file(name)).unwrap())
}

/// Lines of 64, as people copy them out of PEM files.
fn in_lines(base64: &str) -> String {
    let lines = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap());
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn with_crlf(pem: &str) -> String {
    pem.replace('\n', "\r\n")
}

/// Every form of the private key that must be understood.
fn private_sources(folder: &Folder) -> Vec<(&'static str, KeySource)> {
    let pem = |name| read(folder, name);
    let crlf = folder.file("pkcs8.crlf.pem");
    fs::write(&crlf, with_crlf(&pem("pkcs8.pem"))).unwrap();
    let pkcs1 = base64(folder, "pkcs1.der");
    let pkcs8 = base64(folder, "pkcs8.der");
    vec![
        ("file of PKCS#1", url(folder, "pkcs1.pem").into()),
        ("file of PKCS#8", url(folder, "pkcs8.pem").into()),
        ("file with CRLF", url(folder, "pkcs8.crlf.pem").into()),
        ("file of encrypted PKCS#1", (url(folder, "pkcs1.aes.pem"), PASSPHRASE).into()),
        ("file of encrypted PKCS#8", (url(folder, "pkcs8.aes.pem"), PASSPHRASE).into()),
        ("PKCS#1", pem("pkcs1.pem").into()),
        ("PKCS#8", pem("pkcs8.pem").into()),
        ("PKCS#1 with CRLF", with_crlf(&pem("pkcs1.pem")).into()),
        ("PKCS#8 with CRLF", with_crlf(&pem("pkcs8.pem")).into()),
        ("encrypted PKCS#1", (pem("pkcs1.aes.pem"), PASSPHRASE).into()),
        ("encrypted PKCS#8", (pem("pkcs8.aes.pem"), PASSPHRASE).into()),
        ("encrypted PKCS#1 with CRLF", (with_crlf(&pem("pkcs1.aes.pem")), PASSPHRASE).into()),
        ("encrypted PKCS#8 with CRLF", (with_crlf(&pem("pkcs8.aes.pem")), PASSPHRASE).into()),
        ("a passphrase that is not needed", (pem("pkcs8.pem"), PASSPHRASE).into()),
        ("text before the key", format!("Bag Attributes\n    localKeyID: 01\n{}", pem("pkcs8.pem")).into()),
        ("base64 of PKCS#1", format!("private.pkcs1://{pkcs1}").into()),
        ("base64 of PKCS#8", format!("private.pkcs8://{pkcs8}").into()),
        ("base64 of PKCS#1 in lines", format!("private.pkcs1://{}", in_lines(&pkcs1)).into()),
        ("base64 of PKCS#8 in lines", format!("private.pkcs8://{}", in_lines(&pkcs8)).into()),
        ("from_pkcs1", Rsa::from_pkcs1(&pkcs1, Rsa::KEY_TYPE_PRIVATE).unwrap().into()),
        ("from_pkcs8", Rsa::from_pkcs8(&pkcs8).unwrap().into()),
    ]
}

/// Every form of the public key that must be understood.
fn public_sources(folder: &Folder) -> Vec<(&'static str, KeySource)> {
    let pem = |name| read(folder, name);
    let pkcs1 = base64(folder, "rsapublickey.der");
    let spki = base64(folder, "spki.der");
    vec![
        ("file of SPKI", url(folder, "spki.pem").into()),
        ("file of PKCS#1", url(folder, "rsapublickey.pem").into()),
        ("file of a certificate", url(folder, "x509.pem").into()),
        ("SPKI", pem("spki.pem").into()),
        ("PKCS#1", pem("rsapublickey.pem").into()),
        ("certificate", pem("x509.pem").into()),
        ("SPKI with CRLF", with_crlf(&pem("spki.pem")).into()),
        ("PKCS#1 with CRLF", with_crlf(&pem("rsapublickey.pem")).into()),
        ("certificate with CRLF", with_crlf(&pem("x509.pem")).into()),
        ("base64 of SPKI", format!("public.spki://{spki}").into()),
        ("base64 of PKCS#1", format!("public.pkcs1://{pkcs1}").into()),
        ("base64 of SPKI in lines", format!("public.spki://{}", in_lines(&spki)).into()),
        ("base64 of PKCS#1 in lines", format!("public.pkcs1://{}", in_lines(&pkcs1)).into()),
        ("from_spki", Rsa::from_spki(&spki).unwrap().into()),
        ("from_pkcs1", Rsa::from_pkcs1(&pkcs1, Rsa::KEY_TYPE_PUBLIC).unwrap().into()),
        ("pkcs1_to_spki", Rsa::from_spki(Rsa::pkcs1_to_spki(&pkcs1).unwrap()).unwrap().into()),
        ("public half", Rsa::from(pem("pkcs1.pem"), Rsa::KEY_TYPE_PRIVATE).unwrap().public_key().unwrap().into()),
    ]
}

fn private(what: &str, source: KeySource) -> PrivateKey {
    Rsa::from(source, Rsa::KEY_TYPE_PRIVATE).unwrap_or_else(|error| panic!("{what}: {error}"))
}

fn public(what: &str, source: KeySource) -> PublicKey {
    Rsa::from(source, Rsa::KEY_TYPE_PUBLIC).unwrap_or_else(|error| panic!("{what}: {error}"))
}

#[test]
fn what_we_sign_the_command_verifies() {
    let folder = keys();
    fs::write(folder.file("message"), MESSAGE).unwrap();
    for (what, source) in private_sources(&folder) {
        let signature = Rsa::sign(MESSAGE, &private(what, source)).unwrap();
        fs::write(folder.file("signature"), decode_block(&signature).unwrap()).unwrap();
        let word = openssl(&folder, &["dgst", "-sha256", "-verify", "spki.pem", "-signature", "signature", "message"]);
        assert_eq!(String::from_utf8(word).unwrap(), "Verified OK\n", "{what}");
    }
}

#[test]
fn what_the_command_signs_we_verify() {
    let folder = keys();
    fs::write(folder.file("message"), MESSAGE).unwrap();
    let signature = encode_block(&openssl(&folder, &["dgst", "-sha256", "-sign", "pkcs8.pem", "message"]));
    for (what, source) in public_sources(&folder) {
        let key = public(what, source);
        assert!(Rsa::verify(MESSAGE, &signature, &key), "{what}");
        assert!(!Rsa::verify(format!("{MESSAGE}x"), &signature, &key), "{what}");
        assert!(!Rsa::verify(MESSAGE, &signature[4..], &key), "{what}");
        assert!(!Rsa::verify(MESSAGE, "", &key), "{what}");
        assert!(!Rsa::verify(MESSAGE, "not base64", &key), "{what}");
    }
}

#[test]
fn sensitive_fields_go_both_ways() {
    let folder = keys();
    let oaep = ["-pkeyopt", "rsa_padding_mode:oaep"];
    for plaintext in ["张三", "", &"x".repeat(214)] {
        // The command encrypts.
        fs::write(folder.file("plain"), plaintext).unwrap();
        let sealed = openssl(
            &folder,
            &["pkeyutl", "-encrypt", "-pubin", "-inkey", "spki.pem", oaep[0], oaep[1], "-in", "plain"],
        );
        for (what, source) in private_sources(&folder) {
            assert_eq!(Rsa::decrypt(encode_block(&sealed), &private(what, source)).unwrap(), plaintext, "{what}");
        }
        // The command decrypts; with the SHA-1 that is its default, and no other.
        for (what, source) in public_sources(&folder) {
            let sealed = Rsa::encrypt(plaintext, &public(what, source)).unwrap();
            fs::write(folder.file("sealed"), decode_block(&sealed).unwrap()).unwrap();
            let plain =
                openssl(&folder, &["pkeyutl", "-decrypt", "-inkey", "pkcs8.pem", oaep[0], oaep[1], "-in", "sealed"]);
            assert_eq!(String::from_utf8(plain).unwrap(), plaintext, "{what}");
        }
    }
}

#[test]
fn a_field_of_214_bytes_is_the_longest() {
    let folder = keys();
    let key = public("SPKI", read(&folder, "spki.pem").into());
    Rsa::encrypt([b'x'; 214], &key).unwrap();
    for length in [215, 256, 5000] {
        let error = Rsa::encrypt(vec![b'x'; length], &key).unwrap_err();
        assert!(matches!(error, Error::Crypto(_)), "{error:?}");
        assert!(error.to_string().contains("214"), "{error}");
        assert!(error.to_string().contains(&length.to_string()), "{error}");
    }
}

#[test]
fn a_field_for_another_key_is_refused() {
    let folder = keys();
    let key = private("PKCS#8", read(&folder, "pkcs8.pem").into());
    let other = PrivateKey::public_key(&{
        openssl(&folder, &["genrsa", "-out", "other.pem", "2048"]);
        private("other", url(&folder, "other.pem").into())
    })
    .unwrap();
    let sealed = Rsa::encrypt("张三", &other).unwrap();
    for ciphertext in [sealed.as_str(), &sealed[4..], "", "not base64"] {
        let error = Rsa::decrypt(ciphertext, &key).unwrap_err();
        assert!(matches!(error, Error::Crypto(_)), "{error:?}");
    }
}

/// Loads it on another thread, so that a prompt is a failure and not a test that hangs; the error is
/// `Error::Key` and says one of the words, and nothing of the key.
fn assert_refused<K: Send + 'static>(
    what: &str,
    source: impl Into<KeySource>,
    load: fn(KeySource) -> wechatpay::Result<K>,
    words: &[&str],
) {
    let source = source.into();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(load(source)));
    let result =
        receiver.recv_timeout(Duration::from_secs(20)).unwrap_or_else(|_| panic!("{what}: it hangs, or panicked"));
    let Err(error) = result else { panic!("{what} was taken for a key") };
    assert!(matches!(error, Error::Key(_)), "{what}: {error:?}");
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "{what}: no {word:?} in: {message}");
    }
    assert!(message.len() < 400 && message.lines().count() == 1, "{what}: {message}");
    assert!(!message.contains(PASSPHRASE), "{what}: {message}");
    assert!(!message.contains("MII"), "{what}: {message}");
}

fn load_private(source: KeySource) -> wechatpay::Result<PrivateKey> {
    Rsa::from(source, Rsa::KEY_TYPE_PRIVATE)
}

fn load_public(source: KeySource) -> wechatpay::Result<PublicKey> {
    Rsa::from(source, Rsa::KEY_TYPE_PUBLIC)
}

#[test]
fn a_passphrase_that_does_not_fit_is_refused_without_asking() {
    let folder = keys();
    let long = "x".repeat(2_000);
    for name in ["pkcs1.aes.pem", "pkcs8.aes.pem"] {
        for thing in [read(&folder, name), url(&folder, name), with_crlf(&read(&folder, name))] {
            assert_refused(name, thing.as_str(), load_private, &["encrypted", "passphrase"]);
            for wrong in ["another", "", "with\0nul", &format!("{PASSPHRASE}\0x"), &format!("{PASSPHRASE} "), &long] {
                assert_refused(name, (thing.as_str(), wrong), load_private, &["passphrase"]);
            }
        }
    }
}

/// A passphrase that is too long for OpenSSL must not be taken for an empty one.
#[test]
fn a_passphrase_of_2000_characters_is_not_an_empty_one() {
    let folder = keys();
    let key = openssl::rsa::Rsa::private_key_from_pem(read(&folder, "pkcs1.pem").as_bytes()).unwrap();
    let key = openssl::pkey::PKey::from_rsa(key).unwrap();
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    let pem = key.private_key_to_pem_pkcs8_passphrase(cipher, b"").unwrap();
    let pem = String::from_utf8(pem).unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    private("an empty passphrase", (pem.as_str(), "").into());
    assert_refused("2,000 characters", (pem.as_str(), "x".repeat(2_000)), load_private, &["passphrase"]);
}

#[test]
fn what_is_no_private_key_is_refused_by_name() {
    let folder = keys();
    let pem = |name| read(&folder, name);
    let file = |name| url(&folder, name);
    let refused = |what: &str, thing: String, words: &[&str]| assert_refused(what, thing, load_private, words);

    for name in ["spki.pem", "rsapublickey.pem", "ec.public.pem"] {
        refused(name, pem(name), &["a private key is needed", "PUBLIC KEY"]);
        refused(name, file(name), &["a private key is needed", "PUBLIC KEY"]);
    }
    refused("certificate", pem("x509.pem"), &["a private key is needed", "CERTIFICATE"]);
    refused("certificate", file("x509.pem"), &["a private key is needed", "CERTIFICATE"]);
    for name in ["ec.pem", "dsa.pem"] {
        refused(name, pem(name), &["RSA key is needed"]);
        refused(name, file(name), &["RSA key is needed"]);
        openssl(&folder, &["pkcs8", "-topk8", "-nocrypt", "-in", name, "-outform", "DER", "-out", "other.der"]);
        refused(name, format!("private.pkcs8://{}", base64(&folder, "other.der")), &["RSA key is needed"]);
    }
    refused("SPKI", format!("public.spki://{}", base64(&folder, "spki.der")), &["a private key is needed"]);
    refused("PKCS#1", format!("public.pkcs1://{}", base64(&folder, "rsapublickey.der")), &["a private key is needed"]);
    for (scheme, der) in [
        ("private.pkcs8://", "pkcs1.der"),
        ("private.pkcs1://", "spki.der"),
        ("private.pkcs8://", "spki.der"),
        ("private.pkcs1://", "rsapublickey.der"),
    ] {
        refused(&format!("{der} as {scheme}"), format!("{scheme}{}", base64(&folder, der)), &[scheme]);
    }
    let key = public("SPKI", pem("spki.pem").into());
    assert_refused("a loaded public key", key, load_private, &["a private key is needed", "public key"]);
}

#[test]
fn what_is_no_public_key_is_refused_by_name() {
    let folder = keys();
    let pem = |name| read(&folder, name);
    let file = |name| url(&folder, name);
    let refused = |what: &str, thing: String, words: &[&str]| assert_refused(what, thing, load_public, words);

    for name in ["pkcs1.pem", "pkcs8.pem", "pkcs1.aes.pem", "pkcs8.aes.pem"] {
        refused(name, pem(name), &["a public key or a certificate is needed", "PRIVATE KEY"]);
        refused(name, file(name), &["a public key or a certificate is needed", "PRIVATE KEY"]);
    }
    for name in ["ec.public.pem", "dsa.public.pem"] {
        refused(name, pem(name), &["RSA key is needed"]);
        openssl(&folder, &["pkey", "-pubin", "-in", name, "-outform", "DER", "-out", "other.der"]);
        refused(name, format!("public.spki://{}", base64(&folder, "other.der")), &["RSA key is needed"]);
    }
    openssl(&folder, &["req", "-x509", "-new", "-key", "ec.pem", "-subj", "/CN=test", "-out", "ec.x509.pem"]);
    refused("certificate of an EC key", pem("ec.x509.pem"), &["RSA key is needed"]);
    refused("PKCS#1", format!("private.pkcs1://{}", base64(&folder, "pkcs1.der")), &["a public key is needed"]);
    refused("PKCS#8", format!("private.pkcs8://{}", base64(&folder, "pkcs8.der")), &["a public key is needed"]);
    for (scheme, der) in [("public.spki://", "rsapublickey.der"), ("public.pkcs1://", "spki.der")] {
        refused(&format!("{der} as {scheme}"), format!("{scheme}{}", base64(&folder, der)), &[scheme]);
    }
    let key = private("PKCS#8", pem("pkcs8.pem").into());
    assert_refused("a loaded private key", key, load_public, &["a public key is needed", "private key"]);
}

#[test]
fn what_is_no_key_at_all_is_refused_as_private_and_as_public() {
    fn both(what: &str, thing: &str, words: &[&str]) {
        assert_refused(what, thing, load_private, words);
        assert_refused(what, thing, load_public, words);
    }
    let folder = keys();
    both("nothing", "", &["neither PEM nor"]);
    both("blank", " \n", &["neither PEM nor"]);
    both("a word", "privateKey", &["neither PEM nor"]);
    both("a path", &folder.file("pkcs8.pem").display().to_string(), &["a path needs file://"]);
    both("a missing file", &url(&folder, "missing.pem"), &["missing.pem", "cannot be read"]);
    both("a folder", &format!("file://{}", folder.path().display()), &["cannot be read"]);
    both("no path", "file://", &["cannot be read"]);
    fs::write(folder.file("empty.pem"), "").unwrap();
    both("an empty file", &url(&folder, "empty.pem"), &["empty.pem", "not PEM"]);
    both("a binary file", &url(&folder, "pkcs8.der"), &["pkcs8.der", "not PEM"]);
    both("bare base64", &base64(&folder, "spki.der"), &["neither PEM nor"]);
    for scheme in ["private.pkcs1://", "private.pkcs8://"] {
        assert_refused(scheme, format!("{scheme}!garbage!"), load_private, &[scheme, "not base64"]);
        assert_refused(scheme, format!("{scheme}Z2FyYmFnZQ=="), load_private, &[scheme]);
        assert_refused(scheme, scheme, load_private, &[scheme]);
    }
    for scheme in ["public.pkcs1://", "public.spki://"] {
        assert_refused(scheme, format!("{scheme}!garbage!"), load_public, &[scheme, "not base64"]);
        assert_refused(scheme, format!("{scheme}Z2FyYmFnZQ=="), load_public, &[scheme]);
        assert_refused(scheme, scheme, load_public, &[scheme]);
    }
}

#[test]
fn a_truncated_pem_is_refused() {
    let folder = keys();
    let halves = |name: &str| {
        let pem = read(&folder, name);
        let lines: Vec<_> = pem.lines().collect();
        let without_end = lines[..lines.len() - 1].join("\n");
        let without_a_line = [&lines[..3], &lines[4..]].concat().join("\n");
        [pem[..pem.len() / 2].to_owned(), without_end, without_a_line, lines[0].to_owned()]
    };
    for name in ["pkcs1.pem", "pkcs8.pem"] {
        for half in halves(name) {
            assert_refused(name, half, load_private, &["complete"]);
        }
    }
    for name in ["pkcs1.aes.pem", "pkcs8.aes.pem"] {
        for half in halves(name) {
            assert_refused(name, (half.clone(), PASSPHRASE), load_private, &[]);
            assert_refused(name, half, load_private, &[]);
        }
    }
    for name in ["spki.pem", "rsapublickey.pem", "x509.pem"] {
        for half in halves(name) {
            assert_refused(name, half, load_public, &["complete"]);
        }
    }
}

/// `file://` before the key itself is an easy mistake; the message must not hand the key on to a log.
#[test]
fn a_key_in_place_of_a_path_is_not_repeated() {
    let folder = keys();
    let things = [read(&folder, "pkcs1.pem"), read(&folder, "pkcs8.pem"), base64(&folder, "pkcs8.der")];
    for thing in things {
        let source = KeySource::from(format!("file://{thing}"));
        assert_refused("a key after file://", source.clone(), load_private, &["file"]);
        assert_no_key_material("a key after file://", &format!("{source:?}"), &folder);
    }
}

/// No ten characters of a line of any of the private forms.
fn assert_no_key_material(what: &str, shown: &str, folder: &Folder) {
    assert!(!shown.contains(PASSPHRASE), "{what}: {shown}");
    for name in ["pkcs1.pem", "pkcs8.pem", "pkcs1.aes.pem", "pkcs8.aes.pem"] {
        for line in read(folder, name).lines().filter(|line| !line.starts_with("-----") && line.len() >= 10) {
            let piece = &line[line.len() - 10..];
            assert!(!shown.contains(piece) && !shown.contains(&line[..10]), "{what}: {shown}");
        }
    }
}

#[test]
fn debug_shows_no_key() {
    let folder = keys();
    for (what, source) in private_sources(&folder) {
        assert_no_key_material(what, &format!("{source:?}"), &folder);
        assert_no_key_material(what, &format!("{source:#?}"), &folder);
        let builder = Builder::new()
            .credentials(Credentials::new().private_key(source.clone()).cert("PUB_KEY_ID_1", source.clone()));
        assert_no_key_material(what, &format!("{builder:#?}"), &folder);
        let key = private(what, source);
        assert_eq!(format!("{key:?}"), "PrivateKey(RSA-2048)");
        assert_eq!(format!("{:?}", KeySource::from(key)), "PrivateKey(RSA-2048)");
    }
    let (_, source) = public_sources(&folder).swap_remove(0);
    assert_eq!(format!("{:?}", public("SPKI", source)), "PublicKey(RSA-2048)");
}

/// As PHP's `serialNumberHex`: whole bytes in uppercase hex, and what the command prints. Leading zero
/// bytes are not part of a serial; the half of a byte is padded.
#[test]
fn serials_read_as_the_command_prints_them() {
    let folder = keys();
    for (serial, expected) in [
        ("0x1", "01"),
        ("0xabc", "0ABC"),
        ("0x00000abcdef1", "0ABCDEF1"),
        ("0xff00000000000000000000000000000000000001", "FF00000000000000000000000000000000000001"),
        ("0x3775B6A45ACD588826D15E583A95F5DD12345678", "3775B6A45ACD588826D15E583A95F5DD12345678"),
        ("0x0775B6A45ACD588826D15E583A95F5DD12345678", "0775B6A45ACD588826D15E583A95F5DD12345678"),
        ("0x0075B6A45ACD588826D15E583A95F5DD12345678", "75B6A45ACD588826D15E583A95F5DD12345678"),
    ] {
        let request = ["req", "-x509", "-new", "-key", "pkcs1.pem", "-subj", "/CN=test", "-out", "serial.pem"];
        openssl(&folder, &[&request[..], &["-set_serial", serial]].concat());
        let printed = openssl(&folder, &["x509", "-in", "serial.pem", "-serial", "-noout"]);
        assert_eq!(String::from_utf8(printed).unwrap().trim(), format!("serial={expected}"));
        assert_eq!(PemUtil::parse_certificate_serial_no(url(&folder, "serial.pem")).unwrap(), expected);
        assert_eq!(PemUtil::parse_certificate_serial_no(with_crlf(&read(&folder, "serial.pem"))).unwrap(), expected);
    }
    for wrong in [read(&folder, "spki.pem"), read(&folder, "pkcs8.pem"), String::new(), url(&folder, "missing.pem")] {
        let error = PemUtil::parse_certificate_serial_no(&wrong).unwrap_err();
        assert!(matches!(error, Error::Key(_)), "{error:?}");
    }
}

/// What OpenSSL would ask a passphrase for on the terminal is refused.
#[test]
fn encrypted_public_pem_is_refused() {
    let folder = keys();
    let header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n";
    for name in ["spki.pem", "rsapublickey.pem", "x509.pem"] {
        let pem = read(&folder, name);
        let (first, rest) = pem.split_once('\n').unwrap();
        let encrypted = format!("{first}\n{header}{rest}");
        fs::write(folder.file("encrypted.pem"), &encrypted).unwrap();
        for source in [encrypted, url(&folder, "encrypted.pem")] {
            assert_refused(name, source.clone(), load_public, &["encrypted"]);
            let load = |source: String| PemUtil::load_certificate_from_string(source);
            assert!(load(source).unwrap_err().to_string().contains("encrypted"), "{name}");
        }
    }
}

/// Behind a public block that is broken, OpenSSL finds the private one, and would ask for its passphrase.
#[test]
fn an_encrypted_key_behind_a_broken_block_is_not_asked_for() {
    let folder = keys();
    let encrypted = read(&folder, "pkcs8.aes.pem");
    for label in ["PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE"] {
        for broken in
            [format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n"), format!("-----BEGIN {label}-----\n")]
        {
            assert_refused(label, format!("{broken}{encrypted}"), load_public, &["complete"]);
            let both = format!("{broken}{encrypted}{}", read(&folder, "spki.pem"));
            assert_refused(label, both, load_public, &["complete"]);
        }
    }
    // Behind a whole one it does not matter.
    for name in ["spki.pem", "rsapublickey.pem", "x509.pem"] {
        load_public(format!("{}{encrypted}", read(&folder, name)).into()).unwrap();
    }
}

/// Labels are repeated in messages, so they must be labels.
#[test]
fn a_key_in_place_of_a_label_is_not_repeated() {
    let folder = keys();
    let key = base64(&folder, "pkcs8.der");
    for thing in [format!("-----BEGIN {key}-----"), format!("-----BEGIN \n{}-----", &key[..30])] {
        assert_refused("a key as label", thing.clone(), load_private, &["PEM"]);
        assert_refused("a key as label", thing, load_public, &["PEM"]);
    }
    // A short key behind `file://` is not the name of a file either.
    let short = format!("file://{}", key.replace(['/', '+'], "x").get(..800).unwrap());
    assert_refused("a key as path", short.clone(), load_private, &["path"]);
    for before in ["private.pkcs8://", "/etc/wechatpay/", "./", " "] {
        let thing = short.replace("file://", &format!("file://{before}"));
        assert_no_key_material("a key as path", &format!("{:?}", KeySource::from(thing.as_str())), &folder);
        assert_refused("a key as path", thing, load_private, &["path"]);
    }
    let error = PemUtil::load_private_key(short.strip_prefix("file://").unwrap()).unwrap_err();
    assert!(!error.to_string().contains(&key[..10]), "{error}");
    let error = PemUtil::load_certificate(read(&folder, "pkcs8.pem")).unwrap_err();
    assert_no_key_material("a key as path", &error.to_string(), &folder);
}

#[test]
fn pem_util_loads_keys_and_certificates() {
    let folder = keys();
    let path = |name: &str| folder.file(name).display().to_string();
    let expected = private("PKCS#8", read(&folder, "pkcs8.pem").into());
    let signature = Rsa::sign(MESSAGE, &expected).unwrap();
    for key in [
        PemUtil::load_private_key(path("pkcs8.pem")),
        PemUtil::load_private_key(url(&folder, "pkcs1.pem")),
        PemUtil::load_private_key_from_string(read(&folder, "pkcs8.pem")),
        PemUtil::load_private_key_from_string((read(&folder, "pkcs8.aes.pem"), PASSPHRASE)),
    ] {
        assert_eq!(Rsa::sign(MESSAGE, &key.unwrap()).unwrap(), signature);
    }
    let request = ["req", "-x509", "-new", "-key", "pkcs1.pem", "-subj", "/CN=test", "-days", "2", "-out", "dated.pem"];
    let now = Formatter::timestamp();
    openssl(&folder, &[&request[..], &["-set_serial", "0xabc"]].concat());
    for certificate in [
        PemUtil::load_certificate(path("dated.pem")),
        PemUtil::load_certificate(url(&folder, "dated.pem")),
        PemUtil::load_certificate_from_string(read(&folder, "dated.pem")),
        PemUtil::load_certificate_from_string(url(&folder, "dated.pem")),
    ] {
        let certificate = certificate.unwrap();
        assert_eq!(certificate.serial_no(), "0ABC");
        assert_eq!(PemUtil::parse_certificate_serial_no(&certificate).unwrap(), "0ABC");
        assert_eq!(certificate.not_after() - certificate.not_before(), 2 * 86_400);
        assert!((0..60).contains(&(certificate.not_before() - now)), "{} {now}", certificate.not_before());
        assert!(Rsa::verify(MESSAGE, &signature, &certificate.public_key().unwrap()));
        assert_eq!(format!("{certificate:?}"), "Certificate(0ABC)");
    }
    let with_ec = ["req", "-x509", "-new", "-key", "ec.pem", "-subj", "/CN=test", "-out", "ec.x509.pem"];
    openssl(&folder, &with_ec);
    let error = PemUtil::load_certificate(path("ec.x509.pem")).unwrap().public_key().unwrap_err();
    assert!(error.to_string().contains("RSA"), "{error}");
    for missing in [path("missing.pem"), path("spki.pem"), String::new()] {
        assert!(matches!(PemUtil::load_certificate(&missing), Err(Error::Key(_))), "{missing}");
        assert!(matches!(PemUtil::load_private_key(&missing), Err(Error::Key(_))), "{missing}");
    }
}
