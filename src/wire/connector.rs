//! How connections are made: within one time limit, over a proxy if there is one, and without a look-up if there is already
//! a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, Either, NextTimeout, SocksConnector, Transport,
};
use ureq::{Agent, Error, Proxy, ProxyProtocol};

use super::connection::Tracked;
use super::lookup::{self, Lookup};
use super::socket::{self, Socket};
use super::tls::{self, Tls};
use super::trace;
use super::trust::{Settings, Trust};
use crate::deadline::Deadline;

/// Makes the connections of an agent.
#[derive(Debug)]
pub(super) struct Dialer {
    trust: Arc<Trust>,
}

impl Dialer {
    pub(super) fn new(trust: &Arc<Trust>) -> Dialer {
        Dialer { trust: Arc::clone(trust) }
    }
}

impl Connector for Dialer {
    type Out = Tracked;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Tracked>, Error> {
        trace::connecting();
        let time = Time { deadline: Deadline::after(socket::limit(details.timeout)), timeout: details.timeout };
        let addrs = look_up(details, time)?;
        let is_connected = Arc::new(AtomicBool::new(false));
        let connection = open(&self.trust, details, &addrs, time, &is_connected)?;
        is_connected.store(true, Ordering::Relaxed);
        trace::connected();
        Ok(Some(Tracked::new(connection)))
    }
}

// A stack is deepest where its thread connects, below all frames of ureq, and a copy of the details is large. Therefore
// connecting directly needs none, and all that does need one has a frame of its own.

/// A copy of the details, to be changed in places.
fn parts<'a>(details: &ConnectionDetails<'a>) -> ConnectionDetails<'a> {
    ConnectionDetails {
        uri: details.uri,
        addrs: details.resolver.empty(),
        resolver: details.resolver,
        config: details.config,
        request_level: details.request_level,
        now: details.now,
        timeout: details.timeout,
        current_time: details.current_time.clone(),
        run_connector: details.run_connector.clone(),
        register_shutdown: details.register_shutdown.clone(),
    }
}

/// A connection to a host, whether the platform's or a proxy's: over a proxy or directly, and over TLS if its address says
/// so. `is_connected` becomes true when all of that is done.
fn open(
    trust: &Arc<Trust>,
    details: &ConnectionDetails,
    addrs: &ResolvedSocketAddrs,
    time: Time,
    is_connected: &Arc<AtomicBool>,
) -> Result<Box<dyn Transport>, Error> {
    // Before there is a socket: reading the trusted certificates takes a file descriptor, too.
    let settings = details.needs_tls().then(|| trust.settings()).transpose()?;
    let connection = reach(trust, details, addrs, time, is_connected)?;
    let Some(settings) = settings else { return Ok(connection) };
    match over_tls(&settings, connection, details, time) {
        Err(error) if tls::is_untrusted(&error) => match trust.with_bundle(&settings)? {
            Some(settings) => again(trust, &settings, details, addrs, time, is_connected),
            None => Err(error),
        },
        result => result,
    }
}

/// A second connection, as the first has carried nothing of a request.
#[inline(never)]
fn again(
    trust: &Arc<Trust>,
    settings: &Settings,
    details: &ConnectionDetails,
    addrs: &ResolvedSocketAddrs,
    time: Time,
    is_connected: &Arc<AtomicBool>,
) -> Result<Box<dyn Transport>, Error> {
    over_tls(settings, reach(trust, details, addrs, time, is_connected)?, details, time)
}

/// A connection that may come to carry TLS: over a proxy or directly. It needs no frame of its own.
#[inline(always)]
fn reach(
    trust: &Arc<Trust>,
    details: &ConnectionDetails,
    addrs: &ResolvedSocketAddrs,
    time: Time,
    is_connected: &Arc<AtomicBool>,
) -> Result<Box<dyn Transport>, Error> {
    let over_proxy = match details.config.proxy() {
        Some(_) => over_proxy(trust, details, addrs, time, is_connected)?,
        None => None,
    };
    match over_proxy {
        Some(connection) => Ok(connection),
        None => Ok(Box::new(Socket::connect(addrs, time.left()?, details.config)?)),
    }
}

/// TLS over a connection that has been made.
#[inline(never)]
fn over_tls(
    settings: &Settings,
    connection: Box<dyn Transport>,
    details: &ConnectionDetails,
    time: Time,
) -> Result<Box<dyn Transport>, Error> {
    let details = ConnectionDetails { timeout: time.left()?, ..parts(details) };
    Ok(Box::new(Tls::connect(settings, connection, &details)?))
}

/// A connection over the proxy, unless the host is one that needs none.
#[inline(never)]
fn over_proxy(
    trust: &Arc<Trust>,
    details: &ConnectionDetails,
    addrs: &ResolvedSocketAddrs,
    time: Time,
    is_connected: &Arc<AtomicBool>,
) -> Result<Option<Box<dyn Transport>>, Error> {
    let (trust, is_over) = (Arc::clone(trust), Arc::clone(is_connected));
    let to_proxy = move |details: &ConnectionDetails| -> Result<Box<dyn Transport>, Error> {
        let connection = open(&trust, details, &details.addrs, time, &is_over)?;
        Ok(Box::new(Unfinished { connection, time, is_over: Arc::clone(&is_over) }))
    };
    let details = ConnectionDetails {
        addrs: addrs.clone(),
        resolver: &Lookup,
        timeout: time.left()?,
        run_connector: Arc::new(to_proxy),
        // Agents are never shut down, and ureq would go through all handles twice for each call.
        register_shutdown: Arc::new(|_| Ok(())),
        ..parts(details)
    };
    if let Some(connection) = over_socks(&details)? {
        return Ok(Some(connection));
    }
    Ok(match ConnectProxyConnector::default().connect(&details, None::<()>)? {
        Some(Either::B(connection)) => Some(connection),
        _ => None,
    })
}

/// A connection over a SOCKS proxy, if there is one.
///
/// It uses ureq's own socket, whose time limit starts again with each part of a write that the other side accepts. Under TLS
/// it therefore writes little at a time, which the system accepts completely or not at all.
fn over_socks(details: &ConnectionDetails) -> Result<Option<Box<dyn Transport>>, Error> {
    const LITTLE: usize = 2048;
    let is_http = |proxy: &Proxy| matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https);
    if details.config.proxy().is_none_or(is_http) {
        return Ok(None);
    }
    let output = details.config.output_buffer_size();
    let config = Agent::config_builder()
        .proxy(details.config.proxy().cloned())
        .input_buffer_size(details.config.input_buffer_size())
        .output_buffer_size(if details.needs_tls() { output.min(LITTLE) } else { output })
        .build();
    let details = ConnectionDetails { config: &config, addrs: details.addrs.clone(), ..parts(details) };
    Ok(match SocksConnector::default().connect(&details, None::<()>)? {
        Some(Either::B(connection)) => Some(Box::new(connection)),
        _ => None,
    })
}

/// The addresses of the target, unless the proxy looks them up.
#[inline(never)]
fn look_up(details: &ConnectionDetails, time: Time) -> Result<Box<ResolvedSocketAddrs>, Error> {
    let is_ours = |proxy: &Proxy| proxy.resolve_target() || proxy.is_no_proxy(details.uri);
    let mut found = Box::new(details.resolver.empty());
    if details.config.proxy().is_none_or(is_ours) {
        lookup::fill(&mut found, details.uri, time.left()?)?;
    }
    Ok(found)
}

/// The time for making a connection, all steps together.
#[derive(Clone, Copy, Debug)]
struct Time {
    deadline: Deadline,
    /// The time as ureq gives it.
    timeout: NextTimeout,
}

impl Time {
    /// The time that is left.
    ///
    /// # Errors
    /// If none is left.
    fn left(self) -> Result<NextTimeout, Error> {
        match self.deadline.left() {
            Some(left) if left.is_zero() => Err(Error::Timeout(self.timeout.reason)),
            Some(left) => Ok(NextTimeout { after: left.into(), ..self.timeout }),
            None => Ok(self.timeout),
        }
    }

    /// This limit or the time that is left, whichever is shorter.
    fn within(self, timeout: NextTimeout) -> Result<NextTimeout, Error> {
        let left = self.left()?;
        Ok(if left.after < timeout.after { left } else { timeout })
    }
}

/// A connection to a proxy whose answer to CONNECT is still to come. It counts that in the time for connecting; ureq would
/// start the limit again with each piece of the answer.
#[derive(Debug)]
struct Unfinished {
    connection: Box<dyn Transport>,
    time: Time,
    /// Whether the proxy is connected to the target.
    is_over: Arc<AtomicBool>,
}

impl Unfinished {
    fn limited(&self, timeout: NextTimeout) -> Result<NextTimeout, Error> {
        if self.is_over.load(Ordering::Relaxed) { Ok(timeout) } else { self.time.within(timeout) }
    }
}

impl Transport for Unfinished {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.connection.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = self.limited(timeout)?;
        self.connection.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = self.limited(timeout)?;
        self.connection.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.connection.is_open()
    }

    fn is_tls(&self) -> bool {
        self.connection.is_tls()
    }
}
