//! The HTTP client underneath: ureq agents, their settings, and their errors in this crate's words.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ureq::middleware::MiddlewareNext;
use ureq::{Agent, Body, SendBody, Timeout, http};

use super::connector::Dialer;
use super::lookup::NoLookup;
use super::proxy::Proxy;
use super::trust::{ClientCertificate, Trust, Verify};
use crate::deadline::Limit;
use crate::error::{ConnectionError, Error, FileError, Result, TimeoutError};
use crate::pool;

/// Below the 8 s after which the platform closes an idle connection.
const MAX_IDLE_AGE: Duration = Duration::from_secs(7);

/// The size in bytes of the receive buffer of a connection for API calls, of which there can be one for each call in flight.
/// It grows for an answer with a longer head.
const SMALL_INPUT: usize = 8 * 1024;

/// The size in bytes of its send buffer.
const SMALL_OUTPUT: usize = 3 * 1024;

/// The bytes in the head of a request besides the address and the headers of the call, mostly `Authorization`.
const REST_OF_HEAD: usize = 1024;

/// The most bytes of address and headers that fit into the small buffers.
pub(crate) const SMALL_HEAD: usize = SMALL_OUTPUT - REST_OF_HEAD;

/// The size in bytes of both buffers of a connection for large bodies: twice ureq's default, which makes up for the cost of
/// the checks.
const LARGE_BUFFERS: usize = 256 * 1024;

/// The most bytes of address and headers that fit into the large buffers.
pub(crate) const LARGE_HEAD: usize = LARGE_BUFFERS - REST_OF_HEAD;

/// The least number of idle connections that may be kept.
const LEAST_KEPT: usize = 500;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// The settings of connections; what is not set has its default.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) verify: Option<Verify>,
    pub(crate) timeout: Option<Limit>,
    pub(crate) connect_timeout: Option<Limit>,
    pub(crate) read_timeout: Option<Limit>,
    pub(crate) proxy: Option<Option<Proxy>>,
}

/// What all requests and answers pass through.
pub(crate) type Handle = fn(http::Request<SendBody>, MiddlewareNext) -> Result<http::Response<Body>, ureq::Error>;

/// The agents of an instance, or of its calls that present the merchant's certificate, with the defaults of the
/// configuration.
pub(crate) struct Agents {
    settings: Settings,
    trust: Arc<Trust>,
    middleware: Handle,
    small: Agent,
    /// Made for the first call that needs it.
    large: OnceLock<Agent>,
}

impl Agents {
    /// # Errors
    /// [`Error::Options`] if the bundle of `verify` cannot be read.
    pub(crate) fn new(
        settings: Settings,
        certificate: Option<&Arc<ClientCertificate>>,
        middleware: Handle,
    ) -> Result<Agents> {
        let verify = settings.verify.as_ref().unwrap_or(&Verify::System);
        let trust = Arc::new(Trust::new(verify, certificate.cloned())?);
        let small = agent(&settings, &trust, middleware, SMALL_INPUT, SMALL_OUTPUT);
        Ok(Agents { settings, trust, middleware, small, large: OnceLock::new() })
    }

    /// The agent with small buffers, for API calls.
    pub(crate) fn small(&self) -> &Agent {
        &self.small
    }

    /// The agent with large buffers and its own connections, for what would be slow with small buffers or would not fit into
    /// them.
    pub(crate) fn large(&self) -> &Agent {
        self.large.get_or_init(|| agent(&self.settings, &self.trust, self.middleware, LARGE_BUFFERS, LARGE_BUFFERS))
    }
}

impl fmt::Debug for Agents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Agents")
    }
}

/// An agent with buffers of this many bytes.
fn agent(settings: &Settings, trust: &Arc<Trust>, middleware: Handle, input: usize, output: usize) -> Agent {
    // N calls in flight need N connections, so it is worth keeping as many as there are threads for async calls, or more.
    let most = pool::most_threads().max(LEAST_KEPT);
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_age(MAX_IDLE_AGE)
        .max_idle_connections(most)
        .max_idle_connections_per_host(most)
        .input_buffer_size(input)
        .output_buffer_size(output)
        .timeout_global(settings.timeout.unwrap_or(Some(TIMEOUT)))
        .timeout_connect(settings.connect_timeout.unwrap_or(Some(CONNECT_TIMEOUT)))
        .timeout_per_read(settings.read_timeout.flatten())
        .middleware(middleware);
    let config = match &settings.proxy {
        Some(proxy) => config.proxy(proxy.as_ref().map(Proxy::as_ureq)),
        None => config,
    };
    Agent::with_parts(config.build(), Dialer::new(trust), NoLookup)
}

/// Turns an error of ureq into one of this crate.
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
    let connection = |cause| Error::Connection(Box::new(ConnectionError { host: host.to_owned(), sent, cause }));
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
