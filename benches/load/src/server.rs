//! The platform's side: as little work as an answer can be, so that it is never what is measured.
//!
//! It reads a request to its end, checks nothing, and writes an answer that was signed once and is used again
//! while its timestamp is fresh.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{Ssl, SslAcceptor, SslMethod};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio_openssl::SslStream;

use crate::keys;

/// How long an answer is used again, in seconds; clients allow 300.
const FRESH: u64 = 60;

/// The bytes of a download are this block again and again.
pub const BLOCK: usize = 1 << 20;

/// What it is told by the path: `/v3/wait/{ms}/…` answers after that long.
pub const WAIT: &str = "/v3/wait/";
pub const UPLOAD: &str = "/v3/merchant/media/video_upload";
pub const DOWNLOAD: &str = "/v3/billdownload/file";
/// Not signed: how many connections were made, full TLS handshakes and resumed ones.
pub const CONNECTIONS: &str = "/connections";

struct Platform {
    key: PKey<Private>,
    tls: SslAcceptor,
    block: Vec<u8>,
    signed: RefCell<(u64, Rc<[u8]>)>,
    connections: Cell<u64>,
    handshakes: Cell<u64>,
    resumed: Cell<u64>,
}

/// Serves until its standard input ends; says the ports for http and https on its standard output.
pub fn run(folder: &Path) -> anyhow::Result<()> {
    let (key, certificate) = keys::server(folder)?;
    let mut tls = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    tls.set_private_key(&key)?;
    tls.set_certificate(&certificate)?;
    let platform = Rc::new(Platform {
        key: keys::platform(folder)?,
        tls: tls.build(),
        block: block(),
        signed: RefCell::new((0, Rc::new([]))),
        connections: Cell::new(0),
        handshakes: Cell::new(0),
        resumed: Cell::new(0),
    });
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let (http, https) = (listen()?, listen()?);
        println!("{} {}", http.local_addr()?.port(), https.local_addr()?.port());
        std::io::stdout().flush()?;
        let plain = Rc::clone(&platform);
        spawn_local(async move {
            while let Ok((stream, _)) = http.accept().await {
                let platform = Rc::clone(&plain);
                spawn_local(async move { platform.plain(stream).await });
            }
        });
        loop {
            let (stream, _) = https.accept().await?;
            let platform = Rc::clone(&platform);
            spawn_local(async move { platform.encrypted(stream).await });
        }
    })
}

/// With room for all who come at once.
fn listen() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    socket.listen(4096)
}

/// Bytes that do not look like gzip.
pub fn block() -> Vec<u8> {
    (0..BLOCK).map(|at| (at >> 7) as u8 ^ at as u8).collect()
}

impl Platform {
    /// A connection that breaks off is the client's affair, which says so.
    async fn plain(&self, stream: TcpStream) -> anyhow::Result<()> {
        self.connections.set(self.connections.get() + 1);
        stream.set_nodelay(true)?;
        self.serve(stream).await
    }

    async fn encrypted(&self, stream: TcpStream) -> anyhow::Result<()> {
        self.connections.set(self.connections.get() + 1);
        stream.set_nodelay(true)?;
        let mut stream = SslStream::new(Ssl::new(self.tls.context())?, stream)?;
        Pin::new(&mut stream).accept().await?;
        let count = if stream.ssl().session_reused() { &self.resumed } else { &self.handshakes };
        count.set(count.get() + 1);
        self.serve(stream).await
    }

    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> anyhow::Result<()> {
        let (mut buffer, mut filled) = (vec![0; 8 * 1024], 0);
        loop {
            let Some(end) = find(&buffer[..filled], b"\r\n\r\n").map(|at| at + 4) else {
                anyhow::ensure!(filled < buffer.len(), "the head is too long");
                let read = stream.read(&mut buffer[filled..]).await?;
                if read == 0 {
                    return Ok(());
                }
                filled += read;
                continue;
            };
            let head = std::str::from_utf8(&buffer[..end])?;
            let length = header(head, "content-length").map_or(Ok(0), str::parse)?;
            let target = head.split(' ').nth(1).context("no target")?.to_owned();
            let here = length.min(filled - end);
            buffer.copy_within(end + here..filled, 0);
            filled -= end + here;
            discard(&mut stream, length - here).await?;
            self.answer(&mut stream, &target).await?;
        }
    }

    async fn answer(&self, stream: &mut (impl AsyncWrite + Unpin), target: &str) -> anyhow::Result<()> {
        let path = target.split('?').next().unwrap_or_default();
        if path == DOWNLOAD {
            let size = target.split_once("size=").context("no size")?.1.parse()?;
            return self.download(stream, size).await;
        }
        if path == CONNECTIONS {
            let text = format!("{} {} {}", self.connections.get(), self.handshakes.get(), self.resumed.get());
            return Ok(stream.write_all(&plain(text.as_bytes())).await?);
        }
        let wait = path.strip_prefix(WAIT).and_then(|rest| rest.split('/').next());
        let wait = wait.map_or(Ok(0), str::parse)?;
        if wait > 0 {
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        let answer = self.signed()?;
        Ok(stream.write_all(&answer).await?)
    }

    async fn download(&self, stream: &mut (impl AsyncWrite + Unpin), size: usize) -> anyhow::Result<()> {
        stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n").as_bytes()).await?;
        let mut left = size;
        while left > 0 {
            let piece = &self.block[..left.min(BLOCK)];
            stream.write_all(piece).await?;
            left -= piece.len();
        }
        Ok(())
    }

    /// A whole answer, signed at most [`FRESH`] seconds ago.
    fn signed(&self) -> anyhow::Result<Rc<[u8]>> {
        const BODY: &str = r#"{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz","media_id":"-"}"#;
        const NONCE: &str = "d824f2e086d3c1df967785d13fcd22ef";
        let now = keys::now();
        let (at, answer) = self.signed.borrow().clone();
        if now < at + FRESH {
            return Ok(answer);
        }
        let signature = keys::sign(format!("{now}\n{NONCE}\n{BODY}\n").as_bytes(), &self.key)?;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\
             Request-ID: 08F78BB5AF0610D302189DA1B4012094EC02CC8A\r\nWechatpay-Nonce: {NONCE}\r\n\
             Wechatpay-Signature: {signature}\r\nWechatpay-Timestamp: {now}\r\nWechatpay-Serial: {}\r\n\
             Wechatpay-Signature-Type: WECHATPAY2-SHA256-RSA2048\r\nCache-Control: no-cache, must-revalidate\r\n\
             X-Content-Type-Options: nosniff\r\n\r\n{BODY}",
            BODY.len(),
            keys::PLATFORM_KEY_ID,
        );
        let answer: Rc<[u8]> = answer.into_bytes().into();
        self.signed.replace((now, Rc::clone(&answer)));
        Ok(answer)
    }
}

fn plain(body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

/// Reads the rest of a body.
async fn discard(stream: &mut (impl AsyncRead + Unpin), mut left: usize) -> anyhow::Result<()> {
    if left == 0 {
        return Ok(());
    }
    let mut buffer = vec![0; left.min(256 * 1024)];
    while left > 0 {
        let most = left.min(buffer.len());
        let read = stream.read(&mut buffer[..most]).await?;
        anyhow::ensure!(read > 0, "the body broke off");
        left -= read;
    }
    Ok(())
}
