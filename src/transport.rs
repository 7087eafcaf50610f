//! The HTTP client underneath: one ureq agent, and the answer to whether a request had begun to leave.

use std::cell::Cell;
use std::time::Duration;

use ureq::tls::{ClientCert, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport};
use ureq::{Agent, Timeout};

use crate::error::{ConnectionError, Error, FileError, Result, TimeoutError};
use crate::middleware::Signing;
use crate::options::{self, Options, Verify};

/// Below the 8 s after which the platform closes an idle connection.
const MAX_IDLE_AGE: Duration = Duration::from_secs(7);

/// For N calls in flight N connections are worth keeping; the pool of the async verbs has 500 threads.
const MAX_IDLE_CONNECTIONS: usize = 500;

/// Enough for API calls; ureq's default of 128 KiB is per connection.
const BUFFER_SIZE: usize = 8 * 1024;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// The agent of an instance, or of its calls that show the merchant's certificate; its defaults are the
/// configuration's.
pub(crate) fn agent(defaults: &Options, certificate: Option<&ClientCert>) -> Result<Agent> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_age(MAX_IDLE_AGE)
        .max_idle_connections(MAX_IDLE_CONNECTIONS)
        .max_idle_connections_per_host(MAX_IDLE_CONNECTIONS)
        .input_buffer_size(BUFFER_SIZE)
        .output_buffer_size(BUFFER_SIZE)
        .middleware(Signing);
    let connect = defaults.connect_timeout.unwrap_or(Some(CONNECT_TIMEOUT));
    let config = config
        .timeout_global(defaults.timeout.unwrap_or(Some(TIMEOUT)))
        .timeout_resolve(connect)
        .timeout_connect(connect)
        .timeout_per_read(defaults.read_timeout.flatten())
        .tls_config(tls(defaults.verify.as_ref().unwrap_or(&Verify::System), certificate)?);
    let config = match &defaults.proxy {
        Some(proxy) => config.proxy(proxy.clone()),
        None => config,
    };
    Ok(Agent::with_parts(config.build(), Tracking(DefaultConnector::new()), DefaultResolver::default()))
}

/// TLS by the system's OpenSSL.
pub(crate) fn tls(verify: &Verify, certificate: Option<&ClientCert>) -> Result<TlsConfig> {
    let config = TlsConfig::builder()
        .provider(TlsProvider::NativeTls)
        .root_certs(RootCerts::PlatformVerifier)
        .client_cert(certificate.cloned());
    Ok(match verify {
        Verify::System => config.build(),
        Verify::Nobody => config.disable_verification(true).build(),
        Verify::Bundle(path) => config.root_certs(RootCerts::new_with_certs(&options::read_bundle(path)?)).build(),
    })
}

/// Runs one exchange and tells whether any byte of its request was handed to the connection. Another exchange
/// may run inside of it: certificates are fetched while an answer is verified.
pub(crate) fn track<T>(exchange: impl FnOnce() -> T) -> (T, bool) {
    let outer = SENT.replace(false);
    let result = exchange();
    (result, SENT.replace(outer))
}

/// What ureq says, in this crate's words.
pub(crate) fn error(error: ureq::Error, host: &str, sent: bool) -> Error {
    let limit = match &error {
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => Some("connect_timeout"),
        ureq::Error::Timeout(Timeout::PerRead) => Some("read_timeout"),
        ureq::Error::Timeout(_) => Some("timeout"),
        _ => None,
    };
    if let Some(limit) = limit {
        return Error::Timeout(Box::new(TimeoutError { host: host.to_owned(), sent, limit }));
    }
    let connection = |source| Error::Connection(Box::new(ConnectionError { host: host.to_owned(), sent, source }));
    match error {
        // An error of this crate that came through ureq: from the middleware, or from reading a file.
        ureq::Error::Other(inner) => match inner.downcast::<Error>() {
            Ok(own) => *own,
            Err(inner) => connection(inner),
        },
        ureq::Error::Io(inner) => match inner.downcast::<Error>() {
            Ok(Error::Upload(file)) => Error::Upload(Box::new(FileError { sent, ..*file })),
            Ok(own) => own,
            Err(inner) => match inner.downcast::<ureq::Error>() {
                Ok(inner) => self::error(inner, host, sent),
                Err(inner) => connection(Box::new(inner)),
            },
        },
        other => connection(Box::new(other)),
    }
}

thread_local! {
    /// Whether the exchange that runs on this thread has handed a byte of its request to a connection.
    static SENT: Cell<bool> = const { Cell::new(false) };
    /// How many connectors are at work on this thread: a proxy's connection is made inside the target's.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// ureq's own connectors, whose connections are watched.
#[derive(Debug)]
struct Tracking(DefaultConnector);

impl Connector for Tracking {
    type Out = Tracked;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<()>,
    ) -> std::result::Result<Option<Tracked>, ureq::Error> {
        #[cfg(fuzzing)]
        if let Some(transport) = crate::fuzzing::connection() {
            return Ok(Some(Tracked { transport, to_target: true }));
        }
        let depth = DEPTH.get();
        DEPTH.set(depth.saturating_add(1));
        let connected = self.0.connect(details, chained);
        DEPTH.set(depth);
        // What goes to a proxy to reach the target is not part of the request.
        let to_target = depth == 0;
        Ok(connected?.map(|transport| Tracked { transport, to_target }))
    }
}

#[derive(Debug)]
struct Tracked {
    transport: Box<dyn Transport>,
    to_target: bool,
}

impl Transport for Tracked {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> std::result::Result<(), ureq::Error> {
        if self.to_target && amount > 0 {
            SENT.set(true);
        }
        self.transport.transmit_output(amount, timeout)
    }

    fn maybe_await_input(&mut self, timeout: NextTimeout) -> std::result::Result<bool, ureq::Error> {
        self.transport.maybe_await_input(timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> std::result::Result<bool, ureq::Error> {
        self.transport.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}
