//! The HTTP client underneath: ureq agents, their settings, and their errors in this crate's words.

use std::time::Duration;

use ureq::tls::{ClientCert, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Timeout};

use crate::connector::{NoLookup, Tracking};
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
    let tls = tls(defaults.verify.as_ref().unwrap_or(&Verify::System), certificate)?;
    let tracking = Tracking::new(&tls);
    let config = config
        .timeout_global(defaults.timeout.unwrap_or(Some(TIMEOUT)))
        .timeout_connect(connect)
        .timeout_per_read(defaults.read_timeout.flatten())
        .tls_config(tls);
    let config = match &defaults.proxy {
        Some(proxy) => config.proxy(proxy.clone()),
        None => config,
    };
    Ok(Agent::with_parts(config.build(), tracking, NoLookup))
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
