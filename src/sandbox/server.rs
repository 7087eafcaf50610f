//! HTTP: connections on one side, the platform on the other.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use ureq::http;

use super::platform::{BODY_LIMIT, Platform};
use super::request::Request;

/// An answer costs less than a millisecond of RSA, too little to be worth handing to a pool of its own.
/// With two threads one signs while the other reads, and a test machine keeps its other cores.
const THREADS: usize = 2;

/// A listener and the threads behind it; dropping it stops both.
pub(super) struct Server {
    address: SocketAddr,
    /// None only while it is dropped.
    runtime: Option<Runtime>,
}

impl Server {
    /// Listens on a free port of 127.0.0.1.
    pub(super) fn start(platform: Arc<Platform>) -> io::Result<Server> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("wechatpay-sandbox")
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let server = Server { address, runtime: Some(runtime) };
        let _inside = handle.enter();
        handle.spawn(accept(TcpListener::from_std(listener)?, platform));
        Ok(server)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
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

async fn accept(listener: TcpListener, platform: Arc<Platform>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, Arc::clone(&platform)));
            }
            // The connection was gone again, or there are too many open files: that needs a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Serves one connection, for as long as the client keeps it.
async fn serve(stream: TcpStream, platform: Arc<Platform>) {
    // Without it, a head and a body that leave one by one can wait for each other.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| exchange(&platform, request));
    // The client broke off, or it spoke no HTTP and was told so.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn exchange(
    platform: &Platform,
    request: http::Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let request = Request::new(head.method, target, head.headers, read(body).await?);
    Ok(platform.answer(&request).map(|body| Full::new(Bytes::from(body))))
}

/// The body, or none if it is too large. It is read to its end even then: a client that is still
/// sending when the connection closes would not see the answer.
async fn read(mut body: Incoming) -> Result<Option<Vec<u8>>, hyper::Error> {
    let mut kept = Some(Vec::new());
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            kept = kept.filter(|kept| kept.len() + data.len() <= BODY_LIMIT);
            if let Some(kept) = &mut kept {
                kept.extend_from_slice(&data);
            }
        }
    }
    Ok(kept)
}
