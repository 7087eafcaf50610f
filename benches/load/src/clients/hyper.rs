//! hyper and OpenSSL on tokio, put together by hand, with a pool of connections that is a list.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use openssl::ssl::{SslConnector, SslMethod};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use super::hand::Hand;
use super::{Task, order};
use crate::{keys, measure};

struct Client {
    hand: Hand,
    tls: Option<SslConnector>,
    address: SocketAddr,
    host: String,
    target: String,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
}

impl Client {
    fn new(task: &Task) -> anyhow::Result<Client> {
        let mut tls = SslConnector::builder(SslMethod::tls_client())?;
        tls.set_ca_file(task.folder.join(keys::SERVER_CERTIFICATE))?;
        let host = task.base.split('/').nth(2).unwrap_or_default().to_owned();
        Ok(Client {
            hand: Hand::new(task)?,
            tls: task.base.starts_with("https").then(|| tls.build()),
            address: host.parse()?,
            host,
            target: format!("/{}", task.path()),
            idle: Mutex::default(),
        })
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            return Ok(sender);
        };
        let mut stream = SslStream::new(tls.configure()?.into_ssl("127.0.0.1")?, stream)?;
        Pin::new(&mut stream).connect().await?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    fn idle(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|sender| sender.is_ready())
    }

    /// One call: signed, verified and parsed.
    async fn call(&self) -> anyhow::Result<()> {
        let body = order().to_string();
        let authorization = self.hand.authorization("POST", &self.target, &body)?;
        let request = Request::post(&self.target)
            .header("host", &self.host)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("authorization", authorization)
            .body(Full::new(Bytes::from(body)))?;
        let mut sender = match self.idle() {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        let (head, body): (_, Incoming) = sender.send_request(request).await?.into_parts();
        anyhow::ensure!(head.status.is_success(), "{}", head.status);
        let body = body.collect().await?.to_bytes();
        sender.ready().await?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        self.hand.open(|name| head.headers.get(name)?.to_str().ok(), &body)
    }
}

pub async fn in_flight(task: &Task) -> anyhow::Result<Value> {
    let client = Arc::new(Client::new(task)?);
    measure::in_flight(task.in_flight, task.calls, move || {
        let client = Arc::clone(&client);
        async move { client.call().await }
    })
    .await
}

pub async fn one_at_a_time(task: &Task) -> anyhow::Result<Value> {
    in_flight(&Task { in_flight: 1, folder: task.folder.clone(), base: task.base.clone(), ..*task }).await
}
