//! ureq and OpenSSL, put together by hand; with calls in flight on the `blocking` pool.

use std::io::Read;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, SendBody};

use super::hand::Hand;
use super::{Task, order};
use crate::{keys, measure, server};

/// What an agent is made with.
pub enum Buffers {
    /// ureq's own, 128 KiB.
    Default,
    /// 8 KiB, which is enough for API calls.
    Small,
}

pub fn agent(task: &Task, buffers: &Buffers) -> anyhow::Result<Agent> {
    let certificate = Certificate::from_pem(&std::fs::read(task.folder.join(keys::SERVER_CERTIFICATE))?)?;
    let tls = TlsConfig::builder()
        .provider(TlsProvider::NativeTls)
        .root_certs(RootCerts::new_with_certs(&[certificate]))
        .build();
    let config = Agent::config_builder()
        .proxy(None)
        .tls_config(tls)
        .max_idle_connections(500)
        .max_idle_connections_per_host(500);
    let config = match buffers {
        Buffers::Default => config,
        Buffers::Small => config.input_buffer_size(8 * 1024).output_buffer_size(8 * 1024),
    };
    Ok(config.build().into())
}

/// With the limits of time that the crate has, which cost system calls, and like it without a look-up for each call.
pub fn agent_with_limits(task: &Task) -> anyhow::Result<Agent> {
    let address = task.base.trim_start_matches("http://").trim_end_matches('/').parse()?;
    let config = Agent::config_builder().proxy(None).input_buffer_size(8 * 1024).output_buffer_size(8 * 1024);
    let config = config.timeout_global(Some(Duration::from_secs(30))).timeout_connect(Some(Duration::from_secs(5)));
    Ok(Agent::with_parts(config.build(), DefaultConnector::default(), Known(address)))
}

/// The address that is there already.
#[derive(Debug)]
struct Known(SocketAddr);

impl Resolver for Known {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}

/// One call: signed, verified and parsed.
pub fn call(agent: &Agent, hand: &Hand, base: &str, path: &str, order: &Value) -> anyhow::Result<()> {
    let body = order.to_string();
    let authorization = hand.authorization("POST", &format!("/{path}"), &body)?;
    let mut response = agent
        .post(format!("{base}{path}"))
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header("authorization", authorization)
        .send(body)?;
    let body = response.body_mut().read_to_vec()?;
    hand.open(|name| response.headers().get(name)?.to_str().ok(), &body)
}

pub fn one_at_a_time(task: &Task) -> anyhow::Result<Value> {
    let (agent, hand, path) = (agent(task, &Buffers::Small)?, Hand::new(task)?, task.path());
    measure::one_at_a_time(task.calls, || call(&agent, &hand, &task.base, &path, &order()))
}

pub async fn in_flight(task: &Task) -> anyhow::Result<Value> {
    let shared = Arc::new((agent(task, &Buffers::Small)?, Hand::new(task)?, task.base.clone(), task.path()));
    measure::in_flight(task.in_flight, task.calls, move || {
        // What is to be sent comes from the caller, as it does with the crate.
        let (shared, order) = (Arc::clone(&shared), order());
        blocking::unblock(move || call(&shared.0, &shared.1, &shared.2, &shared.3, &order))
    })
    .await
}

pub fn cold(task: &Task) -> anyhow::Result<Value> {
    call(&agent(task, &Buffers::Small)?, &Hand::new(task)?, &task.base, &task.path(), &order())?;
    Ok(json!({ "cpu_ms": measure::micros(measure::process_cpu()) / 1e3 }))
}

/// Large bodies received, by ureq alone; `hashed` with the SHA-1 that a bill is held against.
pub fn download(task: &Task, hashed: bool) -> anyhow::Result<Value> {
    let agent = agent(task, &Buffers::Default)?;
    let url = format!("{}{}?size={}", task.base, &server::DOWNLOAD[1..], task.size);
    measure::large(task.size, || {
        let mut response = agent.get(&url).call()?;
        let (mut reader, mut buffer) = (response.body_mut().as_reader(), vec![0; 64 * 1024]);
        let (mut hash, mut length) = (openssl::sha::Sha1::new(), 0);
        loop {
            let read = reader.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            length += read;
            if hashed {
                hash.update(&buffer[..read]);
            }
        }
        anyhow::ensure!(length == task.size, "{length} bytes came");
        Ok(())
    })
}

/// Large bodies sent, by ureq alone.
pub fn upload(task: &Task) -> anyhow::Result<Value> {
    let agent = agent(task, &Buffers::Default)?;
    let url = format!("{}{}", task.base, &server::UPLOAD[1..]);
    measure::large(task.size, || {
        let bytes = SendBody::from_owned_reader(super::chain::Pattern::new(task.size));
        let mut response = agent.post(&url).header("content-length", task.size.to_string()).send(bytes)?;
        response.body_mut().read_to_vec()?;
        Ok(())
    })
}
