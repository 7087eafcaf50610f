//! The sandbox over TLS, seen by OpenSSL.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use openssl::pkey::PKey;
use openssl::x509::X509;
use support::bare::{Bare, Identity, connect};
use support::certificates::forged;
use support::folder::Folder;
use wechatpay::{Builder, json};
use wechatpay_sandbox::Sandbox;

fn merchant(sandbox: &Sandbox) -> Identity {
    let key = PKey::private_key_from_pem(sandbox.merchant_private_key_pem().as_bytes()).unwrap();
    (key, X509::from_pem(sandbox.merchant_certificate_pem().as_bytes()).unwrap())
}

#[test]
fn the_configuration_is_enough_for_the_crates_client() {
    let sandbox = crate::lenient_tls();
    assert!(sandbox.base_uri().starts_with("https://127.0.0.1:"));
    let instance = Builder::factory(sandbox.config()).unwrap();
    assert_eq!(instance.chain("v3/any/path").get(()).unwrap().text(), "{}");
    let applied = instance.chain("v3/bill/tradebill").get(json!({ "query": { "bill_date": "2018-01-30" } })).unwrap();
    let applied = applied.json().unwrap();
    assert!(applied["download_url"].as_str().unwrap().starts_with(sandbox.base_uri()), "{applied}");

    // Without the authority's certificate, it is nobody that one can trust.
    let other = crate::lenient_tls();
    let distrusting = sandbox.config().defaults(json!({ "verify": other.ca_file().unwrap() }));
    distrusting.build().unwrap().chain("v3/any/path").get(()).unwrap_err();
    assert_eq!(sandbox.requests().len(), 2);
}

#[test]
fn who_shows_the_merchants_certificate_is_known() {
    let sandbox = crate::lenient_tls();
    let other = crate::lenient_tls();
    let (_, foreign) = merchant(&other);
    let self_issued = {
        let key = support::keys::rsa();
        let certificate = forged(&merchant(&sandbox).1, &key);
        (key, certificate)
    };
    let cases = [
        (None, false),
        (Some(merchant(&sandbox)), true),
        (Some((merchant(&other).0, foreign)), false),
        (Some(self_issued), false),
        (Some(merchant(&sandbox)), true),
    ];
    for (identity, known) in cases {
        let answer = Bare::get(&sandbox, "/v3/any/path").send_as(&sandbox, identity.as_ref());
        assert_eq!(answer.json(&sandbox), json!({}));
        assert_eq!(sandbox.requests().pop().unwrap().has_certificate(), known);
    }
}

/// A session that is resumed belongs to whom it was made for.
#[test]
fn resumed_sessions_keep_their_certificate() {
    let sandbox = crate::lenient_tls();
    let folder = Folder::new("sandbox-tls");
    std::fs::write(folder.file("key.pem"), sandbox.merchant_private_key_pem()).unwrap();
    std::fs::write(folder.file("certificate.pem"), sandbox.merchant_certificate_pem()).unwrap();
    let address = sandbox.base_uri().trim_start_matches("https://").trim_end_matches('/');
    for version in ["-tls1_2", "-tls1_3"] {
        for identity in [&[][..], &["-cert", "certificate.pem", "-key", "key.pem"]] {
            for session in [["-sess_out", "session"], ["-sess_in", "session"]] {
                let mut client = Command::new("openssl")
                    .args(["s_client", "-connect", address, "-ign_eof", version])
                    .args(identity)
                    .args(session)
                    .current_dir(folder.path())
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap();
                let request = Bare::get(&sandbox, "/v3/any/path").head(0);
                client.stdin.take().unwrap().write_all(&request).unwrap();
                let output = client.wait_with_output().unwrap();
                let text = String::from_utf8_lossy(&output.stdout);
                assert_eq!(text.contains("Reused, TLSv1"), session[0] == "-sess_in", "{version} {text}");
                assert!(text.contains("HTTP/1.1 200"), "{text}");
                assert_eq!(sandbox.requests().pop().unwrap().has_certificate(), !identity.is_empty());
            }
        }
    }
}

#[test]
fn the_openssl_program_agrees_with_the_certificates() {
    let sandbox = crate::lenient_tls();
    let address = sandbox.base_uri().trim_start_matches("https://").trim_end_matches('/');
    for name in ["-verify_hostname", "-verify_ip"] {
        let host = if name == "-verify_ip" { "127.0.0.1" } else { "localhost" };
        let output = Command::new("openssl")
            .args(["s_client", "-connect", address, "-verify_return_error", name, host, "-CAfile"])
            .arg(sandbox.ca_file().unwrap())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("Verify return code: 0 (ok)"), "{text}");
        assert!(text.contains("CN = wechatpay sandbox merchants") || text.contains("CN=wechatpay sandbox merchants"));
    }
    let certificate = merchant(&sandbox).1;
    let serial = certificate.serial_number().to_bn().unwrap().to_hex_str().unwrap();
    assert_eq!(serial.to_string(), sandbox.merchant_serial());
    assert!(certificate.public_key().unwrap().public_eq(&merchant(&sandbox).0));
}

#[test]
fn the_authoritys_file_goes_with_the_sandbox() {
    let sandbox = crate::lenient_tls();
    let file = sandbox.ca_file().unwrap().to_owned();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), sandbox.ca_pem().unwrap());
    drop(sandbox);
    assert!(!file.exists());

    let plain = crate::lenient();
    assert_eq!((plain.ca_file(), plain.ca_pem()), (None, None));
    assert!(plain.merchant_certificate_pem().starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn what_is_no_tls_does_no_harm() {
    let sandbox = crate::lenient_tls();
    let address = sandbox.base_uri().trim_start_matches("https://").trim_end_matches('/');
    for bytes in [&b""[..], b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", &[0xff; 100_000]] {
        let mut stream = TcpStream::connect(address).unwrap();
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let silent = TcpStream::connect(address).unwrap();
    let half = connect(&sandbox, None);
    assert_eq!(Bare::get(&sandbox, "/v3/any/path").send(&sandbox).status, 200);
    drop(sandbox);
    drop((silent, half));
}
