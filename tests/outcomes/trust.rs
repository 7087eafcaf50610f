//! Which servers are trusted: those with a root of the system, in its bundle or in its folder, or those of the option `verify`.
//!
//! The environment says where the system has its roots, so these tests are processes of their own.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use openssl::ssl::NameType;
use openssl::x509::X509;
use support::certificates::{Issue, Subject, forged};
use support::folder::Folder;
use support::keys::Keys;
use support::platform::Platform;
use support::process::{child, is_child, run};
use support::relay::Relay;
use wechatpay::{Chain, Error, Options, Outcome, Verify, json};
use wechatpay_sandbox::Sandbox;

/// Runs a test of this file in a process of its own, with a bundle and a folder that it may fill.
fn alone(test: &str) {
    let folder = Folder::new("trust");
    let folders = env::join_paths([folder.file("none"), folder.file("roots")]).unwrap();
    run(child(module_path!(), test).env("SSL_CERT_FILE", folder.file("bundle.pem")).env("SSL_CERT_DIR", folders));
}

/// A sandbox, and a system with or without its root.
struct System {
    sandbox: Sandbox,
    bundle: PathBuf,
    folder: PathBuf,
    /// Of the sandbox.
    root: String,
    /// The name by which OpenSSL finds it in a folder.
    link: String,
    other: String,
}

impl System {
    fn new() -> System {
        let sandbox = Sandbox::builder().lenient(true).tls(true).start().unwrap();
        let root = sandbox.ca_pem().unwrap().to_owned();
        let mut openssl = Command::new("openssl");
        openssl.args(["x509", "-noout", "-subject_hash", "-in"]).arg(sandbox.ca_file().unwrap());
        let hash = String::from_utf8(openssl.output().unwrap().stdout).unwrap();
        let variable = |name| env::var_os(name).unwrap();
        let (bundle, folders) = (PathBuf::from(variable("SSL_CERT_FILE")), variable("SSL_CERT_DIR"));
        let folder = env::split_paths(&folders).last().unwrap();
        let (subject, key) = (Subject::Other("Another authority"), support::keys::rsa());
        let other = Issue { subject, key: &key, serial: "1", valid: (0, 3600) }.pem();
        System { sandbox, bundle, folder, root, link: format!("{}.0", hash.trim()), other }
    }

    /// Neither a bundle nor a folder, until they are given.
    fn empty(&self) {
        let _ = fs::remove_file(&self.bundle);
        let _ = fs::remove_dir_all(&self.folder);
    }

    fn bundle(&self, text: &str) {
        fs::write(&self.bundle, text).unwrap();
    }

    /// A folder with a root that plays no part, and one more file.
    fn folder(&self, name: &str, text: &str) {
        fs::create_dir(&self.folder).unwrap();
        fs::write(self.folder.join("01234567.0"), &self.other).unwrap();
        fs::write(self.folder.join(name), text).unwrap();
    }

    fn relay(&self) -> Relay {
        Relay::to(self.address())
    }

    fn address(&self) -> &str {
        self.sandbox.base_uri().trim_start_matches("https://").trim_end_matches('/')
    }

    /// A client that trusts the system.
    fn client(&self, relay: &Relay, options: Options) -> Chain {
        let options = options.base_uri(format!("https://{}/", relay.address));
        let defaults = Options::new().verify(true).proxy("");
        self.sandbox.config().defaults(defaults).defaults(options).build().unwrap()
    }
}

/// As long as the bundles of systems are.
fn long(text: &str) -> String {
    format!("{}{text}", "# A comment, as there are in bundles.\n".repeat(5_000))
}

fn call(client: &Chain) -> wechatpay::Result<()> {
    client.chain("v3/any/path").get(()).map(drop)
}

fn is_distrusted(error: &Error) -> bool {
    error.outcome() == Outcome::NotSent && error.to_string().contains("the certificate of the server is not trusted")
}

#[test]
fn a_root_of_the_system_is_trusted_wherever_it_is() {
    if !is_child() {
        return alone("a_root_of_the_system_is_trusted_wherever_it_is");
    }
    let system = System::new();
    let root = X509::from_pem(system.root.as_bytes()).unwrap();
    let same_name = String::from_utf8(forged(&root, &support::keys::rsa()).to_pem().unwrap()).unwrap();
    let System { root, other, link, folder, .. } = &system;
    // What there is, and how many connections the first call may take: a second one where the folder is of no use.
    let cases: [(&str, &dyn Fn(), usize); 13] = [
        ("only in the folder", &|| system.folder(link, root), 1),
        (
            "in the folder, beside a long bundle without it",
            &|| {
                system.folder(link, root);
                system.bundle(&long(other));
            },
            1,
        ),
        (
            "in the folder, beside a bundle that is none",
            &|| {
                system.folder(link, root);
                system.bundle("no bundle");
            },
            1,
        ),
        ("only in a short bundle, without a folder", &|| system.bundle(root), 1),
        (
            "only in a short bundle, beside a folder without it",
            &|| {
                system.folder("12345678.0", other);
                system.bundle(&[&**other, root].concat());
            },
            1,
        ),
        ("only in a long bundle, without a folder", &|| system.bundle(&long(root)), 2),
        (
            "only in a long bundle, beside a folder without it",
            &|| {
                system.folder("12345678.0", other);
                system.bundle(&long(&[&**other, root].concat()));
            },
            2,
        ),
        (
            "beside an empty folder",
            &|| {
                fs::create_dir(folder).unwrap();
                system.bundle(&long(root));
            },
            2,
        ),
        (
            "in the folder, but under no hash",
            &|| {
                system.folder("root.pem", root);
                system.bundle(&long(root));
            },
            2,
        ),
        (
            "in the folder, but under the hash of another",
            &|| {
                system.folder("12345678.0", root);
                system.bundle(&long(root));
            },
            2,
        ),
        (
            "with nonsense in its place in the folder",
            &|| {
                system.folder(link, "-----BEGIN CERTIFICATE-----\n?\n");
                system.bundle(&long(root));
            },
            2,
        ),
        (
            "with another of the same name in its place in the folder",
            &|| {
                system.folder(link, &same_name);
                system.bundle(&long(root));
            },
            2,
        ),
        (
            "with a link to nothing, and what cannot be read, in its place in the folder",
            &|| {
                system.folder("root.pem", root);
                symlink("nowhere", folder.join(link)).unwrap();
                fs::create_dir(folder.join(link.replace(".0", ".1"))).unwrap();
                system.bundle(&long(root));
            },
            2,
        ),
    ];
    for (place, lay, most) in cases {
        system.empty();
        lay();
        let relay = system.relay();
        let client = system.client(&relay, Options::new());
        call(&client).unwrap_or_else(|error| panic!("{place}: {error:?}"));
        assert!(relay.connections() <= most, "{place}: {}", relay.connections());
    }
}

#[test]
fn a_root_that_the_system_does_not_have_is_not_trusted() {
    if !is_child() {
        return alone("a_root_that_the_system_does_not_have_is_not_trusted");
    }
    let system = System::new();
    let (root, other, link) = (&system.root, &system.other, &system.link);
    let untrusted = |place: &str, options: Options| {
        let relay = system.relay();
        let client = system.client(&relay, options);
        for number in 1..=2 {
            let error = call(&client).unwrap_err();
            assert!(is_distrusted(&error), "{place}: {error:?}");
            // The bundle is read once, and then there is nothing more to try.
            assert!(relay.connections() <= 1 + number, "{place}: {}", relay.connections());
        }
        relay.connections()
    };
    system.empty();
    untrusted("neither a bundle nor a folder", Options::new());
    system.folder("12345678.0", other);
    untrusted("no bundle", Options::new());
    system.bundle(other);
    untrusted("a short bundle", Options::new());
    system.bundle(&long(other));
    assert_eq!(untrusted("a long bundle", Options::new()), 3);

    // A file is trusted instead of the system.
    system.empty();
    system.folder(link, root);
    system.bundle(&long(root));
    let folder = Folder::new("trust-file");
    let file = folder.file("ca.pem");
    fs::write(&file, other).unwrap();
    assert_eq!(untrusted("a file", Options::new().verify(&*file)), 2);
    // And the system plays no part beside it.
    system.empty();
    fs::write(&file, root).unwrap();
    let relay = system.relay();
    call(&system.client(&relay, Options::new().verify(&*file))).unwrap();
    call(&system.client(&relay, Options::new().verify(false))).unwrap();
    assert_eq!(relay.connections(), 2);

    // Who was not trusted has been sent nothing.
    assert_eq!(system.sandbox.requests().len(), 2);
}

#[test]
fn the_bundle_is_read_when_it_is_needed_and_kept() {
    if !is_child() {
        return alone("the_bundle_is_read_when_it_is_needed_and_kept");
    }
    let system = System::new();
    system.folder("12345678.0", &system.other);
    let bundle = long(&system.root);

    // Many calls that find out at the same time.
    system.bundle(&bundle);
    let relay = system.relay();
    let client = system.client(&relay, Options::new());
    thread::scope(|scope| {
        let calls: Vec<_> = (0..8).map(|_| scope.spawn(|| call(&client))).collect();
        calls.into_iter().for_each(|call| call.join().unwrap().unwrap());
    });
    assert!(relay.connections() <= 16);

    // It is needed no more. What goes into a file has connections of its own.
    system.bundle("");
    let (before, file) = (relay.connections(), system.bundle.with_file_name("sink"));
    client.chain("v3/any/path").get(json!({ "sink": file })).unwrap();
    assert_eq!(relay.connections(), before + 1);

    // The second connection goes the same way as the first.
    system.bundle(&bundle);
    let proxy = Relay::beginning(system.address(), |mut stream| {
        let mut head = BufReader::with_capacity(1, stream).lines();
        while head.next().is_some_and(|line| !line.unwrap().is_empty()) {}
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    });
    let options = Options::new().proxy(format!("http://{}", proxy.address));
    let relay = system.relay();
    call(&system.client(&relay, options)).unwrap();
    assert_eq!((proxy.connections(), relay.connections()), (2, 0));

    // And both are made within one limit.
    let slow = Relay::beginning(system.address(), |_| thread::sleep(Duration::from_millis(400)));
    let client = system.client(&slow, Options::new().connect_timeout(Duration::from_millis(600)));
    let error = call(&client).unwrap_err();
    assert!(error.is_timeout() && error.outcome() == Outcome::NotSent, "{error:?}");
    call(&system.client(&slow, Options::new().connect_timeout(Duration::from_secs(20)))).unwrap();
}

/// What a server with a certificate for this host alone gets to see of a call to `url_host`: the name that is announced, and
/// whether a request comes.
fn seen(certificate_host: &str, url_host: &str, is_checked: bool) -> (Option<String>, bool) {
    let folder = Folder::new("trust-name");
    let keys = Keys::make(folder.path(), &[certificate_host]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{url_host}:{}/", listener.local_addr().unwrap().port());
    let verify = if is_checked { Verify::from(&*keys.authority) } else { Verify::Nobody };
    let server = thread::spawn(move || {
        let Ok(mut tls) = keys.acceptor.accept(listener.accept().unwrap().0) else { return (None, false) };
        let name = tls.ssl().servername(NameType::HOST_NAME).map(str::to_owned);
        (name, tls.read(&mut [0; 100]).is_ok_and(|length| length > 0))
    });
    let client = Platform::new().builder(&url).defaults(Options::new().verify(verify)).build().unwrap();
    let error = call(&client).unwrap_err();
    let seen = server.join().unwrap();
    assert_ne!(is_distrusted(&error), seen.1, "{error:?}");
    seen
}

#[test]
fn a_certificate_is_trusted_for_its_name_only() {
    let name = || Some("localhost".to_owned());
    assert_eq!(seen("localhost", "localhost", true), (name(), true));
    assert_eq!(seen("127.0.0.1", "127.0.0.1", true), (None, true));
    for (certificate_host, url_host) in
        [("localhost", "127.0.0.1"), ("127.0.0.1", "localhost"), ("local", "localhost"), ("127.0.0.2", "127.0.0.1")]
    {
        assert!(!seen(certificate_host, url_host, true).1, "{certificate_host} {url_host}");
        assert!(seen(certificate_host, url_host, false).1, "{certificate_host} {url_host}");
    }
}
