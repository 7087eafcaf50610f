//! HTTP: connections on one side, the platform on the other.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as Listener};
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use futures_lite::future;
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use openssl::sha::Sha256;
use openssl::ssl::{Ssl, SslAcceptor};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_openssl::SslStream;
use ureq::http;
use ureq::http::header::CONTENT_TYPE;

use crate::broken::Broken;
use crate::content;
use crate::events::Event;
use crate::form::{self, FormReader};
use crate::ledger;
use crate::lock::lock;
use crate::platform::{BODY_LIMIT, Platform};
use crate::request::{Body, Received, Request};
use crate::tls;

/// An answer costs less than a millisecond of RSA, too little to be worth a separate pool.
/// With two threads one signs while the other reads, and a test machine keeps its other cores.
const THREADS: usize = 2;

/// The threads behind the listeners; dropping it stops them all.
pub(crate) struct Server {
    /// `None` only while it is being dropped.
    runtime: Option<Runtime>,
    doors: Vec<Door>,
}

/// A port at which the platform can be reached.
struct Door {
    address: SocketAddr,
    state: Mutex<DoorState>,
    acceptor: Option<SslAcceptor>,
    platform: Arc<Platform>,
}

enum DoorState {
    /// Dropping the sender closes the door; the receiver is notified when nothing is open any more.
    Open { close: oneshot::Sender<()>, closed: mpsc::Receiver<()> },
    /// Holds the port, so that no other process gets it, without listening.
    Closed(TcpSocket),
    /// The port was lost while it was opened or closed.
    Lost,
}

/// This port of 127.0.0.1; 0 is any that is free.
pub(crate) fn listen(port: u16) -> io::Result<(Listener, SocketAddr)> {
    let bound = Listener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = bound.map_err(|error| io::Error::new(error.kind(), format!("port {port} of 127.0.0.1: {error}")))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

impl Server {
    /// Begins to answer at each of the listeners; over TLS if there is an acceptor.
    pub(crate) fn start(
        listeners: impl IntoIterator<Item = (Listener, SocketAddr)>,
        acceptor: Option<SslAcceptor>,
        platform: &Arc<Platform>,
    ) -> io::Result<Server> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("wechatpay-sandbox")
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let mut server = Server { runtime: Some(runtime), doors: Vec::new() };
        let _inside = handle.enter();
        for (listener, address) in listeners {
            let door = Door {
                address,
                state: Mutex::new(DoorState::Lost),
                acceptor: acceptor.clone(),
                platform: Arc::clone(platform),
            };
            *lock(&door.state) = door.open(TcpListener::from_std(listener)?);
            server.doors.push(door);
        }
        Ok(server)
    }

    /// Closes the first door, with all connections that are open there, or opens it again.
    pub(crate) fn set_refusing(&self, refuses: bool) -> io::Result<()> {
        let (Some(runtime), Some(door)) = (&self.runtime, self.doors.first()) else {
            return Ok(());
        };
        let _inside = runtime.enter();
        let mut state = lock(&door.state);
        *state = match (std::mem::replace(&mut *state, DoorState::Lost), refuses) {
            (DoorState::Open { close, closed }, true) => {
                drop(close);
                // It also ends if the task that would notify it is gone.
                let _ = closed.recv();
                DoorState::Closed(door.hold()?)
            }
            (DoorState::Closed(socket), false) => door.open(socket.listen(BACKLOG)?),
            (DoorState::Lost, false) => door.open(door.hold()?.listen(BACKLOG)?),
            (state, _) => state,
        };
        Ok(())
    }
}

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

impl Door {
    /// Begins to accept; needs a runtime around it.
    fn open(&self, listener: TcpListener) -> DoorState {
        let ((close, closes), (tell, closed)) = (oneshot::channel(), mpsc::channel());
        let accept = accept(listener, self.acceptor.clone(), Arc::clone(&self.platform), closes);
        tokio::spawn(async move {
            accept.await;
            let _ = tell.send(());
        });
        DoorState::Open { close, closed }
    }

    /// Takes the port without listening there.
    fn hold(&self) -> io::Result<TcpSocket> {
        let socket = TcpSocket::new_v4()?;
        // Connections that were closed a moment ago still occupy it.
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        Ok(socket)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else {
            return;
        };
        // Dropping a runtime closes its connections and waits for its threads. tokio forbids that on a thread that runs
        // async code, as the one of an async test does; so this is left to another thread.
        if let Ok(stopping) = thread::Builder::new().spawn(move || drop(runtime)) {
            let _ = stopping.join();
        }
    }
}

/// Accepts connections until it is to close, which ends all of them.
async fn accept(
    listener: TcpListener,
    acceptor: Option<SslAcceptor>,
    platform: Arc<Platform>,
    mut closes: oneshot::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        let next = async { Some(listener.accept().await) };
        let accepted = future::or(
            async {
                let _ = (&mut closes).await;
                None
            },
            next,
        );
        match accepted.await {
            None => break,
            Some(Ok((stream, _))) => {
                connections.spawn(connect(stream, acceptor.clone(), Arc::clone(&platform)));
            }
            // The connection has gone again, or there are too many open files, which passes after a moment.
            Some(Err(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        // Drops those that have ended.
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    connections.shutdown().await;
}

/// Serves one connection, after the TLS handshake if it uses TLS.
async fn connect(stream: TcpStream, acceptor: Option<SslAcceptor>, platform: Arc<Platform>) {
    // Otherwise a head and a body that are sent separately could be delayed.
    let _ = stream.set_nodelay(true);
    let Some(acceptor) = acceptor else {
        return serve(stream, None, &platform).await;
    };
    let Ok(mut stream) = Ssl::new(acceptor.context()).and_then(|ssl| SslStream::new(ssl, stream)) else {
        return;
    };
    // If this fails, the client does not use TLS, or does not trust this server.
    if Pin::new(&mut stream).accept().await.is_ok() {
        let certificate = tls::shown_certificate(stream.ssl()).map(Arc::from);
        serve(stream, certificate, &platform).await;
    }
}

/// Answers what comes, for as long as the client keeps the connection. `certificate` is the serial of the one that it
/// presented.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, certificate: Option<Arc<str>>, platform: &Platform) {
    loop {
        let service = service_fn(|request| exchange(platform, certificate.clone(), request));
        let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let result = (&mut connection).await;
        // Otherwise the connection has ended, or the client broke off or did not speak HTTP, and was told so.
        let Some(broken) = result.as_ref().err().and_then(|error| error.source()?.downcast_ref::<Broken>()) else {
            return;
        };
        stream = connection.into_parts().io.into_inner();
        if broken.write(&mut stream).await.is_err() || !broken.goes_on {
            return;
        }
    }
}

async fn exchange(
    platform: &Platform,
    certificate: Option<Arc<str>>,
    request: http::Request<Incoming>,
) -> Result<http::Response<content::Content>, Box<dyn Error + Send + Sync>> {
    let watchers = platform.watchers();
    let begun = watchers.begin();
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let form = content_type.filter(|content_type| form::is_form(content_type)).map(FormReader::new);
    let (body, file) = read(body, form).await?;
    let request = Request::new(head.method, target, head.headers, body, certificate);
    let strike = platform.faults().strike(&request);
    let answer = || platform.answer(&request, file.as_ref(), strike.as_ref());
    let (response, answered) = match begun {
        None => (answer(), None),
        Some(begun) => {
            let (response, effects) = ledger::caused_by(answer);
            let answered = begun.answered(&request, &response, strike.as_ref(), effects);
            (response, Some(answered))
        }
    };
    let delivered = match strike {
        Some(strike) => strike.deliver(response).await,
        None => Ok(response),
    };
    if let Some(answered) = answered {
        watchers.tell(|| Event::Exchange(Box::new(answered.sent())));
    }
    Ok(delivered?)
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
        (Some(Ok((form, file))), _) if form.meta.is_some() => (Received::Form(form), file),
        (Some(Err(problem)), _) => (Received::Malformed(problem), None),
        (_, Some(kept)) => (Received::Bytes(kept), None),
        (_, None) => (Received::TooLarge, None),
    };
    Ok((Body { length, sha256: hash.finish(), content }, file))
}
