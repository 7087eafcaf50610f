//! Downloads: where they go, what they are held against, and what is left when they fail.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use support::folder::Folder;
use support::platform::Platform;
use support::raw::{Reply, Server, answer};
use wechatpay::{Error, MediaUtil, Options, Outcome, VerificationFailure};

const BILL: &str = "v3/billdownload/file?token=6XIv5TUPto7pByrTQKhd6kwvyKLG2uY2wMMR8cNXqaA_Cv_isgaUtBzp4QtiozLO%2B";

/// Gives the bill at its address, whole or as the cases want it.
fn bill_server(csv: Vec<u8>) -> Server {
    Server::start(move |_, request| match request.target.as_str() {
        "/cut" | "/v3/billdownload/file?token=cut" => {
            let bytes = answer("200 OK", &[], &csv);
            Reply::Break(bytes[..bytes.len() / 2].to_vec())
        }
        _ => Reply::Answer(answer("200 OK", &[], &csv)),
    })
}

fn csv() -> Vec<u8> {
    (0..40_000)
        .flat_map(|n| format!("`2026-01-02 12:00:{:02},`wx8888888888888888,`{n:010}\r\n", n % 60).into_bytes())
        .collect()
}

fn sha1(bytes: &[u8]) -> String {
    openssl::sha::sha1(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A writer that others can look into.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A disk that is full after so many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(left) => {
                self.0 = left;
                Ok(bytes.len())
            }
            None => Err(io::Error::from(io::ErrorKind::StorageFull)),
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_address_of_the_platform_is_called_exactly_as_it_stands() {
    let platform = Platform::new();
    let server = bill_server(csv());
    let instance = platform.instance(&server.url());
    let url = format!("{}{BILL}", server.url());
    for response in [instance.download(&url, ()), instance.chain("v3/pay").download_async(&url, ()).wait()] {
        assert!(response.unwrap().body() == csv());
        assert_eq!(server.arrived().pop().unwrap().target, format!("/{BILL}"));
    }
    let count = server.arrived().len();
    for (url, named) in [
        ("https://evil.example/v3/billdownload/file", "not the platform's"),
        ("https://weixin.qq.com.evil.example/x", "not the platform's"),
        ("https://evilweixin.qq.com/x", "not the platform's"),
        ("http://api.mch.weixin.qq.com/x", "not the platform's"),
        ("https://user@api.mch.weixin.qq.com/x", "not the platform's"),
        ("https://api.mch.weixin.qq.com:8443/x", "not the platform's"),
        ("/v3/billdownload/file", "has no host"),
        ("no address", "is not an address"),
    ] {
        let error = instance.download(url, ()).unwrap_err();
        assert!(error.to_string().contains(named), "{url}: {error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    for options in [json!({ "query": { "a": 1 } }), json!({ "token": "x" }), json!({ "json": {} })] {
        let error = instance.download(&url, options).unwrap_err();
        assert!(error.to_string().contains("as it is"), "{error}");
    }
    assert_eq!(server.arrived().len(), count);
    // Other hosts of the platform are called; here nobody can.
    let error =
        instance.download("https://api2.mch.weixin.qq.com/x", json!({ "proxy": "http://127.0.0.1:1" })).unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
}

#[test]
fn a_bill_is_held_against_what_was_announced() {
    let platform = Platform::new();
    let csv = csv();
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(csv.as_slice(), flate2::Compression::fast()).read_to_end(&mut packed).unwrap();
    for bytes in [csv.clone(), packed] {
        let server = bill_server(bytes.clone());
        let instance = platform.instance(&server.url());
        let url = format!("{}{BILL}", server.url());
        let folder = Folder::new("bill");
        let file = folder.file("bill.csv");
        // As the platform announces it, the address beside it.
        let bill = json!({ "hash_type": "SHA1", "hash_value": sha1(&csv).to_uppercase(), "download_url": url });
        instance.download(&url, json!({ "sink": file, "expect": bill })).unwrap();
        assert!(std::fs::read(&file).unwrap() == bytes && folder.names() == ["bill.csv"]);

        std::fs::remove_file(&file).unwrap();
        let other = Options::new().sink(&file).expect_sha1("7ac06d1ed1a8ae2d7a0ee7aa27dcd3fbb9e2ef4c");
        let error = instance.download(&url, other).unwrap_err();
        let Error::Verification(failed) = &error else { panic!("{error:?}") };
        let VerificationFailure::DigestMismatch { announced, actual } = failed.failure() else { panic!("{error:?}") };
        assert_eq!(
            (announced.as_str(), actual.as_deref()),
            ("7ac06d1ed1a8ae2d7a0ee7aa27dcd3fbb9e2ef4c", Some(sha1(&csv).as_str()))
        );
        assert!(folder.names().is_empty(), "nothing is left of it");
        // The same without a sink.
        let error = instance
            .download(&url, Options::new().expect_sha1("7ac06d1ed1a8ae2d7a0ee7aa27dcd3fbb9e2ef4c"))
            .unwrap_err();
        assert!(matches!(error, Error::Verification(_)), "{error:?}");
    }
}

#[test]
fn each_fault_has_its_own_error_and_leaves_no_partial_file() {
    let platform = Platform::new();
    let server = bill_server(csv());
    let instance = platform.instance(&server.url());
    let folder = Folder::new("faults");
    let (whole, cut) = (format!("{}{BILL}", server.url()), format!("{}v3/billdownload/file?token=cut", server.url()));

    let error = instance.download(&cut, Options::new().sink(folder.file("bill.csv"))).unwrap_err();
    assert!(matches!(&error, Error::Connection(broken) if broken.sent()), "{error:?}");
    let error = instance.download(&cut, Options::new().sink_to(Shared::default())).unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
    let error = instance.download(&whole, Options::new().sink_to(Full(100_000))).unwrap_err();
    assert!(matches!(&error, Error::Sink(full) if full.sent() && full.path().is_none()), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(format!("{:#}", anyhow::Error::new(error)).contains("storage"));

    let count = server.arrived().len();
    for path in [folder.file("absent/bill.csv"), folder.path().to_owned().join("..")] {
        let error = instance.download(&whole, Options::new().sink(&path)).unwrap_err();
        assert!(
            matches!(&error, Error::Sink(file) if !file.sent() && file.path() == Some(path.as_path())),
            "{error:?}"
        );
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    let options = Options::new().sink_to(Shared::default());
    instance.download(&whole, options.clone()).unwrap();
    let error = instance.download(&whole, options).unwrap_err();
    assert!(error.to_string().contains("another call before"), "{error}");
    assert_eq!(server.arrived().len(), count + 1);
    assert!(folder.names().is_empty());
}

#[test]
fn any_writer_takes_the_answer() {
    let platform = Platform::new();
    let server = bill_server(csv());
    let writer = Shared::default();
    let url = format!("{}{BILL}", server.url());
    let response = platform.instance(&server.url()).download(&url, Options::new().sink_to(writer.clone())).unwrap();
    assert!(response.body().is_empty() && *writer.0.lock().unwrap() == csv());
}

#[test]
fn what_is_kept_in_memory_has_a_limit() {
    let platform = Platform::new();
    let body = vec![b' '; 10_000];
    let headers = platform.headers(&body);
    let server = Server::start(move |_, request| match request.target.as_str() {
        "/v3/error" => Reply::Answer(answer("400 Bad Request", &[], &body)),
        _ => Reply::Answer(answer("200 OK", &headers, &body)),
    });
    let instance = platform.instance(&server.url());
    for path in ["v3/x", "v3/billdownload/file"] {
        instance.chain(path).get(json!({ "response_limit": 10_000 })).unwrap();
        let error = instance.chain(path).get(json!({ "response_limit": 9_999 })).unwrap_err();
        assert!(matches!(&error, Error::TooLarge(large) if large.limit() == 9_999), "{path}: {error:?}");
        assert!(
            error.to_string().contains("9999 bytes; raise `response_limit`, or give a `sink` if it is a file"),
            "{error}"
        );
    }
    let limited = platform.builder(&server.url()).defaults(json!({ "response_limit": 9_999 })).build().unwrap();
    assert!(matches!(limited.chain("v3/x").get(()), Err(Error::TooLarge(_))));
    limited.chain("v3/x").get(Options::new().response_limit(1 << 20)).unwrap();
    limited.chain("v3/billdownload/file").get(Options::new().sink_to(io::sink())).unwrap();
    // The status of an error counts, however long its body is.
    assert!(matches!(limited.chain("v3/error").get(()), Err(Error::Client(_))));
}

#[test]
fn uploads_from_a_reader_and_a_connection_that_is_cut() {
    let platform = Platform::new();
    let server = platform.server();
    let bytes: Vec<u8> = (0..200_000u32).map(|n| (n >> 3) as u8).collect();
    let chain = platform.instance(&server.url()).chain("v3/merchant/media/video_upload");
    let media = MediaUtil::from_reader("视频.mp4", io::Cursor::new(bytes.clone())).unwrap();
    assert_eq!(media.meta()["filename"], "视频.mp4");
    // It is read from its beginning each time.
    for _ in 0..2 {
        chain.post(Options::new().body(media.clone())).unwrap();
        let arrived = server.arrived().pop().unwrap();
        assert!(arrived.body.windows(bytes.len()).any(|window| window == bytes));
    }
    struct Failing(u32);
    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            match self.0 {
                1..=3 => Ok(buffer.len().min(1000)),
                4 => Ok(0),
                _ => Err(io::Error::other("the disk is gone")),
            }
        }
    }
    impl io::Seek for Failing {
        fn seek(&mut self, _: io::SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
    let media = MediaUtil::from_reader("a.mp4", Failing(0)).unwrap();
    let error = chain.post(Options::new().body(media)).unwrap_err();
    assert!(matches!(&error, Error::Upload(file) if file.path().is_none() && file.sent()), "{error:?}");
    assert!(format!("{:#}", anyhow::Error::new(error)).contains("the disk is gone"));

    // The server hangs up before it has read the whole.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut first = [0; 1000];
            let _ = stream.unwrap().read(&mut first);
        }
    });
    let media = MediaUtil::from_bytes("a.mp4", vec![7; 20_000_000]);
    let error =
        platform.instance(&url).chain("v3/merchant/media/video_upload").post(Options::new().body(media)).unwrap_err();
    assert!(matches!(&error, Error::Connection(broken) if broken.sent()), "{error:?}");
}

#[test]
fn a_pipe_is_written_into_and_stays_what_it_is() {
    use std::os::unix::fs::FileTypeExt;
    let platform = Platform::new();
    let server = bill_server(csv());
    let folder = Folder::new("pipe");
    let pipe = folder.file("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::read(pipe).unwrap())
    };
    let options = json!({ "sink": pipe, "proxy": "" });
    platform.instance(&server.url()).chain("v3/billdownload/file").get(options).unwrap();
    assert!(reader.join().unwrap() == csv());
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(folder.names(), ["pipe"]);
}

/// The partial file of a call that is under way, as soon as it is there.
fn partial(folder: &Folder) -> std::path::PathBuf {
    for _ in 0..1000 {
        if let Some(name) = folder.names().into_iter().find(|name| name.ends_with(".wechatpay-part")) {
            return folder.file(&name);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("there is no partial file in {:?}", folder.names());
}

#[test]
fn a_file_keeps_its_permissions_from_the_first_byte_on() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let platform = Platform::new();
    let half = answer("200 OK", &[], &csv());
    let half = half[..half.len() / 2].to_vec();
    let slow = Server::start(move |_, _| Reply::Stall(half.clone(), Duration::from_millis(700)));
    let whole = bill_server(csv());
    for expected in [0o600, 0o640, 0o400, 0o666, 0o604] {
        let folder = Folder::new("permissions");
        let file = folder.file("bill.csv");
        std::fs::write(&file, "the old one").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(expected)).unwrap();
        let options = Options::new().sink(&file);
        let promise = platform.instance(&slow.url()).chain("v3/billdownload/file").get_async(options.clone());
        let partial = partial(&folder);
        assert_eq!(mode(&partial) | expected, expected, "{:o} beside {expected:o}", mode(&partial));
        assert!(promise.wait().is_err());
        assert_eq!((mode(&file), folder.names()), (expected, vec!["bill.csv".to_owned()]));
        assert_eq!(std::fs::read(&file).unwrap(), b"the old one");

        platform.instance(&whole.url()).chain("v3/billdownload/file").get(options).unwrap();
        assert!(mode(&file) == expected && std::fs::read(&file).unwrap() == csv(), "{:o}", mode(&file));
    }
}

#[test]
fn what_cannot_be_a_file_is_refused_before_anything_is_sent() {
    let platform = Platform::new();
    let server = bill_server(csv());
    let instance = platform.instance(&server.url());
    let folder = Folder::new("no-file");
    std::fs::create_dir(folder.file("folder")).unwrap();
    std::os::unix::fs::symlink(folder.file("folder"), folder.file("link")).unwrap();
    std::fs::write(folder.file("file"), "").unwrap();
    let slashed = |name: &str| folder.file(&format!("{name}/"));
    let refused = [
        folder.file("folder"),
        folder.file("link"),
        slashed("folder"),
        slashed("absent"),
        slashed("file"),
        folder.file("file").join("below"),
        folder.file(&"x".repeat(256)),
        folder.file(&"长".repeat(86)),
        folder.file("a\0b"),
        "/".into(),
        ".".into(),
        "".into(),
        folder.file("absent").join("bill.csv"),
    ];
    for path in refused {
        let error = instance.chain("v3/billdownload/file").get(Options::new().sink(&path)).unwrap_err();
        assert!(matches!(&error, Error::Sink(file) if !file.sent()), "{path:?}: {error:?}");
        assert_eq!(error.outcome(), Outcome::NotSent, "{path:?}");
    }
    assert!(server.arrived().is_empty());
    assert_eq!(folder.names(), ["file", "folder", "link"]);
    // As long as a name may be.
    for name in ["x".repeat(255), "长".repeat(85)] {
        instance.chain("v3/billdownload/file").get(Options::new().sink(folder.file(&name))).unwrap();
        assert!(std::fs::read(folder.file(&name)).unwrap() == csv());
        std::fs::remove_file(folder.file(&name)).unwrap();
    }
    assert_eq!(folder.names(), ["file", "folder", "link"]);
}

fn pipe(folder: &Folder) -> std::path::PathBuf {
    let pipe = folder.file("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    pipe
}

#[test]
fn a_pipe_without_a_reader_is_waited_for_no_longer_than_the_call_may_take() {
    let platform = Platform::new();
    let server = bill_server(csv());
    let instance = platform.instance(&server.url());
    let folder = Folder::new("unread");
    let pipe = pipe(&folder);
    let begun = Instant::now();
    let options = json!({ "sink": pipe, "timeout": 0.5 });
    let error = instance.chain("v3/billdownload/file").get(options).unwrap_err();
    assert!(matches!(&error, Error::Sink(file) if !file.sent()), "{error:?}");
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(format!("{:#}", anyhow::Error::new(error)).contains("`timeout`"));
    assert!((Duration::from_millis(400)..Duration::from_secs(5)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    assert!(server.arrived().is_empty());

    // One that comes late is waited for, and one that reads slowly gets the whole.
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || {
            std::thread::sleep(Duration::from_millis(200));
            let (mut file, mut read) = (std::fs::File::open(pipe).unwrap(), Vec::new());
            let mut piece = vec![0; 100_000];
            while let length @ 1.. = file.read(&mut piece).unwrap() {
                read.extend_from_slice(&piece[..length]);
                std::thread::sleep(Duration::from_millis(5));
            }
            read
        }
    });
    instance.chain("v3/billdownload/file").get(json!({ "sink": pipe, "timeout": 20 })).unwrap();
    assert!(reader.join().unwrap() == csv());

    // One that stops reading.
    let begun = Instant::now();
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || {
            let file = std::fs::File::open(pipe).unwrap();
            std::thread::sleep(Duration::from_secs(3));
            drop(file);
        }
    });
    let error = instance.chain("v3/billdownload/file").get(json!({ "sink": pipe, "timeout": 1 })).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(begun.elapsed() < Duration::from_millis(2500), "{:?}: {error:?}", begun.elapsed());
    reader.join().unwrap();
}
