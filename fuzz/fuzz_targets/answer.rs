//! A whole answer, from its status line to its JSON: nothing panics, and nothing is handed out that the platform did
//! not sign, or whose status is not a success. Most answers are right at first, and then changed in a few places; some are
//! redirects, behind which something unsigned lies.
#![no_main]

mod support;

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};
use std::thread;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use openssl::rsa::Rsa as OpenSslRsa;
use wechatpay::{Builder, Chain, Credentials, Error, Formatter, PrivateKey, Rsa, Value, json};

const KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";

/// Whose answers are signed by way of their SHA-1.
const STATEMENT: &str = "v3/statements";

/// The path of APIv2 whose answers are signed.
const APIV2: &str = "v2/pay/orderquery";

/// What a compressed statement begins with: the SHA-1 is that of what is inside.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Paths whose answers are not signed, to which a redirect may lead.
const UNSIGNED: [&str; 4] =
    ["/v3/billdownload/file", "/v3/merchant-service/images/a", "/pay/downloadbill", "/mmpaymkttransfers/sendredpack"];

const STATUS_LINES: [&str; 17] = [
    "HTTP/1.1 200 OK",
    "HTTP/1.1 200 OK",
    "HTTP/1.1 200 OK",
    "HTTP/1.0 200 OK",
    "HTTP/1.1 201 Created",
    "HTTP/1.1 204 No Content",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK",
    "HTTP/1.1 302 Found\r\nLocation: /v3/b",
    "HTTP/1.1 304 Not Modified",
    "HTTP/1.1 401 Unauthorized",
    "HTTP/1.1 500 Internal Server Error",
    "HTTP/2 999",
    "HTTP/1.1 101 Switching Protocols",
    "HTTP/1.1 206 Partial Content",
    "HTTP/1.1 303 See Other",
    "HTTP/1.1 399 Odd\r\nLocation: /v3/billdownload/file",
    "HTTP/1.1 600 Odd\r\nLocation: /v3/billdownload/file",
];

const PIECES: [&str; 20] = [
    "\r\n",
    "\r\n\r\n",
    "\n",
    ":",
    " ",
    "0\r\n\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 18446744073709551615\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Content-Encoding: gzip\r\n",
    "Wechatpay-Signature: AAAA\r\n",
    "Wechatpay-Serial: PUB_KEY_ID_0\r\n",
    "Wechatpay-Timestamp: -1\r\n",
    "Wechatpay-Nonce: nonce\r\n",
    "Wechatpay-Statement-Sha1: da39a3ee5e6b4b0d3255bfef95601890afd80709\r\n",
    "HTTP/1.1 200 OK\r\n",
    "{\"code\":\"SIGN_ERROR\"}",
    "{\"data\":[1]}",
    "Connection: close\r\n",
    "FFFFFFFFFFFFFFFF\r\n",
];

static PLATFORM: LazyLock<(PrivateKey, Chain, u16)> = LazyLock::new(|| {
    let pem = OpenSslRsa::generate(1024).unwrap().private_key_to_pem().unwrap();
    let private = Rsa::from(String::from_utf8(pem).unwrap(), Rsa::KEY_TYPE_PRIVATE).unwrap();
    let credentials = Credentials::new()
        .mchid("1900000109")
        .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
        .signer(|_: &[u8]| Ok("AAAA".to_owned()))
        .cert(KEY_ID, private.public_key().unwrap())
        .secret("exposed_your_key_here_have_risks");
    let instance = Builder::new().credentials(credentials).defaults(json!({ "proxy": "" })).build().unwrap();
    (private, instance, serve())
});

/// What the next connections answer, and how many bytes at a time.
static ANSWERS: Mutex<(VecDeque<Vec<u8>>, usize)> = Mutex::new((VecDeque::new(), 1));

/// The other side: each connection answers one request with the next of the answers, or with nothing after the last one, and
/// ends. The port where it listens.
fn serve() -> u16 {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(answer(stream))));
    port
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        if request.read_line(&mut line)? == 0 {
            return Ok(());
        }
    }
    let (answer, at_a_time) = {
        let mut answers = ANSWERS.lock().unwrap();
        (answers.0.pop_front().unwrap_or_default(), answers.1)
    };
    answer.chunks(at_a_time).try_for_each(|piece| stream.write_all(piece))
}

fuzz_target!(|input: &[u8]| {
    made_up(input);
    let _ = redirected(&mut Unstructured::new(input));
    let _ = signed(&mut Unstructured::new(input));
});

/// The bytes as they are: nobody has signed them.
fn made_up(input: &[u8]) {
    for path in ["v3/a", STATEMENT, APIV2] {
        if let Ok(response) = call(path, [input.to_vec()], 7, json!({})) {
            panic!("{response:?} was not signed");
        }
    }
}

/// A redirect to something that nobody has signed, under a path whose answers need not be.
fn redirected(input: &mut Unstructured<'_>) -> Result<()> {
    let path = *input.choose(&["v3/a", STATEMENT, APIV2])?;
    let status = input.int_in_range(300..=399)?;
    let to = *input.choose(&UNSIGNED)?;
    let redirect = format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    let body = input.arbitrary::<Vec<u8>>()?;
    let unsigned = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let answers = [redirect.into_bytes(), [unsigned.as_bytes(), &body].concat()];
    if let Ok(response) = call(path, answers, 100, json!({})) {
        panic!("{status} to {to}: {response:?} was not signed");
    }
    Ok(())
}

/// An answer that is signed, and then changed.
fn signed(input: &mut Unstructured<'_>) -> Result<()> {
    let (private, ..) = &*PLATFORM;
    let path = *input.choose(&["v3/a", "v3/a", STATEMENT])?;
    let status = *input.choose(&STATUS_LINES)?;
    let plain = match input.arbitrary::<bool>()? {
        true => support::value(input, &PIECES, 3)?.to_string().into_bytes(),
        false => input.arbitrary::<Vec<u8>>()?,
    };
    let sha1: String = openssl::sha::sha1(&plain).iter().map(|byte| format!("{byte:02x}")).collect();
    let body = match path == STATEMENT && input.arbitrary::<bool>()? {
        true => compressed(&plain),
        false => plain,
    };
    // What only looks compressed has no plain text that could have been announced.
    let is_broken = path == STATEMENT && body.starts_with(&GZIP) && body != compressed(&unpacked(&body));
    let message = match path {
        STATEMENT => format!("{{\"sha1\":\"{sha1}\"}}").into_bytes(),
        _ => body.clone(),
    };
    let now = Formatter::timestamp();
    let signature = Rsa::sign(Formatter::response(now, "nonce", message), private).unwrap();
    let mut headers = vec![
        format!("Wechatpay-Nonce: nonce\r\nWechatpay-Serial: {KEY_ID}\r\n"),
        format!("Wechatpay-Signature: {signature}\r\nWechatpay-Timestamp: {now}\r\n"),
    ];
    if path == STATEMENT {
        headers.push(format!("Wechatpay-Statement-Sha1: {sha1}\r\n"));
    }
    let (framing, framed) = frame(input, &body)?;
    headers.push(framing);
    let first = input.choose_index(headers.len())?;
    headers.rotate_left(first);
    let mut answer = [format!("{status}\r\n{}\r\n", headers.concat()).as_bytes(), &framed].concat();
    let is_changed = change(input, &mut answer)?;
    let options = match input.arbitrary::<bool>()? {
        true => json!({}),
        false => json!({ "http_errors": false, "allow_redirects": false, "response_limit": 100_000 }),
    };
    let with_errors = options.get("http_errors").is_some();
    let at_a_time = input.int_in_range(1..=4096)?;
    let result = call(path, [answer.clone()], at_a_time, options);
    let shown = String::from_utf8_lossy(&answer);
    match result {
        // Errors and redirects are not signed, and handed out where that is asked for.
        Ok(response) if with_errors && !response.status().is_success() => {}
        Ok(response) => {
            assert!(response.status().is_success(), "{shown}\n{response:?} is not a success");
            let is_same = match path {
                STATEMENT => unpacked(response.body()) == unpacked(&body),
                _ => response.body() == body,
            };
            assert!(is_same, "{shown}\n{response:?} was not signed");
            // ureq reads no more of these, and neither does what follows.
            let _ = response.json().map(|json: Value| json.to_string());
            let _ = (response.decrypt(["/a/*/b"]).is_ok(), response.text().len(), response.request_id());
        }
        Err(error) => {
            let is_right = !is_changed && !is_broken && status.ends_with("1.1 200 OK");
            assert!(!is_right, "{shown}\n{error:?}, though it is right");
        }
    }
    Ok(())
}

/// The header that tells where the body ends, and the body as it is sent then.
fn frame(input: &mut Unstructured<'_>, body: &[u8]) -> Result<(String, Vec<u8>)> {
    Ok(match input.int_in_range(0..=2)? {
        0 => (format!("Content-Length: {}\r\n", body.len()), body.to_vec()),
        1 => {
            let mut chunks = Vec::new();
            let size = input.int_in_range(1..=64)?;
            for chunk in body.chunks(size) {
                chunks.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                chunks.extend_from_slice(chunk);
                chunks.extend_from_slice(b"\r\n");
            }
            chunks.extend_from_slice(b"0\r\n\r\n");
            ("Transfer-Encoding: chunked\r\n".to_owned(), chunks)
        }
        // To the end of the connection.
        _ => ("Connection: close\r\n".to_owned(), body.to_vec()),
    })
}

/// Changes a few places; whether anything was changed.
fn change(input: &mut Unstructured<'_>, answer: &mut Vec<u8>) -> Result<bool> {
    let before = answer.clone();
    for _ in 0..input.int_in_range(0..=3)? {
        let place = input.int_in_range(0..=answer.len())?;
        match input.int_in_range(0..=4)? {
            0 => answer.truncate(place),
            1 => drop(answer.splice(place..place, input.choose(&PIECES)?.bytes())),
            2 => drop(answer.splice(place..place, input.arbitrary::<[u8; 2]>()?)),
            3 if place < answer.len() => drop(answer.remove(place)),
            _ => {
                if let Some(byte) = answer.get_mut(place) {
                    *byte = input.arbitrary()?;
                }
            }
        }
    }
    Ok(*answer != before)
}

/// As gzip.
fn compressed(plain: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

/// What is inside of gzip; anything else as it is.
fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match body.starts_with(&GZIP) && MultiGzDecoder::new(body).read_to_end(&mut plain).is_ok() {
        true => plain,
        false => body.to_vec(),
    }
}

fn call(
    path: &str,
    answers: impl IntoIterator<Item = Vec<u8>>,
    at_a_time: usize,
    mut options: Value,
) -> Result<wechatpay::Response, Error> {
    // Another address of loopback each time, so that no call meets the connection of another one, which is being closed.
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let (_, instance, port) = &*PLATFORM;
    let [_, a, b, c] = CALLS.fetch_add(2, Ordering::Relaxed).to_be_bytes();
    options["base_uri"] = format!("http://127.{a}.{b}.{}:{port}/", c | 1).into();
    if path == APIV2 {
        options["xml"] = json!({ "mch_id": "1900000109" });
    }
    *ANSWERS.lock().unwrap() = (answers.into_iter().collect(), at_a_time);
    let result = instance.chain(path).get(options);
    let _ = match &result {
        Ok(response) => format!("{response:?}"),
        Err(error) => format!("{error} {error:?} {:?} {:?}", error.outcome(), error.reply()),
    };
    result
}
