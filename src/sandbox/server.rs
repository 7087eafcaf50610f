//! HTTP: connections on one side, the platform on the other.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as Listener};
use std::pin::Pin;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use openssl::sha::Sha256;
use openssl::ssl::{Ssl, SslAcceptor};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_openssl::SslStream;
use ureq::http;
use ureq::http::header::CONTENT_TYPE;

use super::content;
use super::form::{self, FormReader};
use super::platform::{BODY_LIMIT, Platform};
use super::request::{Body, Content, Request};
use super::tls;

/// An answer costs less than a millisecond of RSA, too little to be worth handing to a pool of its own.
/// With two threads one signs while the other reads, and a test machine keeps its other cores.
const THREADS: usize = 2;

/// A free port of 127.0.0.1.
pub(super) fn listen() -> io::Result<(Listener, SocketAddr)> {
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// The threads behind a listener; dropping it stops both.
pub(super) struct Server {
    /// None only while it is dropped.
    runtime: Option<Runtime>,
}

impl Server {
    /// Begins to answer; over TLS if there is an acceptor.
    pub(super) fn start(
        listener: Listener,
        acceptor: Option<SslAcceptor>,
        platform: Arc<Platform>,
    ) -> io::Result<Server> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("wechatpay-sandbox")
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let server = Server { runtime: Some(runtime) };
        let _inside = handle.enter();
        handle.spawn(accept(TcpListener::from_std(listener)?, acceptor, platform));
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else {
            return;
        };
        // Dropping a runtime closes its connections and waits for its threads. tokio forbids that on a
        // thread that runs async code, as the one of an async test does; so another thread does it.
        if let Ok(stopping) = thread::Builder::new().spawn(move || drop(runtime)) {
            let _ = stopping.join();
        }
    }
}

async fn accept(listener: TcpListener, acceptor: Option<SslAcceptor>, platform: Arc<Platform>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connect(stream, acceptor.clone(), Arc::clone(&platform)));
            }
            // The connection was gone again, or there are too many open files: that needs a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Serves one connection, after the TLS handshake where there is one.
async fn connect(stream: TcpStream, acceptor: Option<SslAcceptor>, platform: Arc<Platform>) {
    // Without it, a head and a body that leave one by one can wait for each other.
    let _ = stream.set_nodelay(true);
    let Some(acceptor) = acceptor else {
        return serve(stream, None, &platform).await;
    };
    let Ok(mut stream) = Ssl::new(acceptor.context()).and_then(|ssl| SslStream::new(ssl, stream)) else {
        return;
    };
    // The client speaks no TLS, or does not trust this server.
    if Pin::new(&mut stream).accept().await.is_ok() {
        let certificate = tls::shown_certificate(stream.ssl()).map(Arc::from);
        serve(stream, certificate, &platform).await;
    }
}

/// Answers what comes, for as long as the client keeps the connection. The certificate that it has shown
/// is known by its serial.
async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, certificate: Option<Arc<str>>, platform: &Platform) {
    let service = service_fn(|request| exchange(platform, certificate.clone(), request));
    // The client broke off, or it spoke no HTTP and was told so.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn exchange(
    platform: &Platform,
    certificate: Option<Arc<str>>,
    request: http::Request<Incoming>,
) -> Result<http::Response<content::Content>, hyper::Error> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let form = content_type.filter(|content_type| form::is_form(content_type)).map(FormReader::new);
    let (body, file) = read(body, form).await?;
    let request = Request::new(head.method, target, head.headers, body, certificate);
    Ok(platform.answer(&request, file.as_ref()))
}

/// The body, and the file of an upload if it is small. A body is read to its end even when it is too
/// large: a client that is still sending when the connection closes would not see the answer.
async fn read(mut body: Incoming, mut form: Option<FormReader>) -> Result<(Body, Option<Bytes>), hyper::Error> {
    let (mut length, mut hash, mut kept) = (0_u64, Sha256::new(), Some(Vec::new()));
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len() as u64);
        hash.update(&data);
        if let Some(form) = &mut form {
            form.read(&data);
        }
        let is_upload = form.as_ref().is_some_and(FormReader::has_meta);
        kept = kept.filter(|kept| !is_upload && kept.len().saturating_add(data.len()) <= BODY_LIMIT);
        if let Some(kept) = &mut kept {
            kept.extend_from_slice(&data);
        }
    }
    let (content, file) = match (form.map(FormReader::finish), kept) {
        (Some(Ok((form, file))), _) if form.meta.is_some() => (Content::Form(form), file),
        (Some(Err(problem)), _) => (Content::Malformed(problem), None),
        (_, Some(kept)) => (Content::Bytes(kept), None),
        (_, None) => (Content::TooLarge, None),
    };
    Ok((Body { length, sha256: hash.finish(), content }, file))
}
