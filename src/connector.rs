//! How connections are made: no address is looked up while there is a connection, and the settings of TLS are built once.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport};

use crate::address;
use crate::connection::Tracked;

thread_local! {
    /// How many connectors are at work on this thread: a proxy's connection is made inside the target's.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Looks nothing up: ureq asks before each request, even when there is a connection already, and would start a thread
/// for the question. [`Tracking`] asks when a connection is made.
#[derive(Debug)]
pub(crate) struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// ureq's own connectors, whose connections are watched.
#[derive(Debug)]
pub(crate) struct Tracking {
    connectors: DefaultConnector,
    resolver: DefaultResolver,
    /// The agent's settings of TLS, as a hash.
    tls: u64,
    first: First,
}

impl Tracking {
    /// For an agent with these settings of TLS.
    pub(crate) fn new(tls: &TlsConfig) -> Tracking {
        Tracking {
            connectors: DefaultConnector::new(),
            resolver: DefaultResolver::default(),
            tls: hash(tls),
            first: First::default(),
        }
    }

    /// To the target itself, whose address is looked up now; both have the time that ureq gives for the connection.
    fn connect_to_target(&self, details: &ConnectionDetails) -> Result<Option<Box<dyn Transport>>, Error> {
        // ureq keeps the settings of TLS that it has built, but not for a request that has any setting of its own.
        let request_level = details.request_level && hash(details.config.tls_config()) != self.tls;
        let is_first = details.needs_tls() && !request_level;
        let turn = is_first.then(|| self.first.turn(details.timeout)).flatten();
        let mut own = ConnectionDetails {
            uri: details.uri,
            addrs: self.resolver.empty(),
            config: details.config,
            request_level,
            resolver: &self.resolver,
            timeout: details.timeout,
            now: details.now,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            // Agents are never shut down, and ureq would go through all handles twice a call.
            register_shutdown: Arc::new(|_| Ok(())),
        };
        if is_looked_up_here(details) {
            self.look_up(details, &mut own.addrs)?;
        }
        own.timeout = left(details)?;
        own.now = (details.current_time)();
        let connected = self.connectors.connect(&own, None)?;
        if let Some(turn) = turn {
            turn.succeed();
        }
        Ok(connected)
    }

    /// The addresses of the target's host; one that is written out needs no question, and no thread to wait for it.
    // Not part of the connection, below which its stack would stay.
    #[inline(never)]
    fn look_up(&self, details: &ConnectionDetails, addrs: &mut ResolvedSocketAddrs) -> Result<(), Error> {
        let host = details.uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        match host.parse::<IpAddr>() {
            Ok(address) => addrs.push(SocketAddr::new(address, address::port(details.uri))),
            Err(_) => *addrs = self.resolver.resolve(details.uri, details.config, left(details)?)?,
        }
        Ok(())
    }
}

impl Connector for Tracking {
    type Out = Tracked;

    fn connect(&self, details: &ConnectionDetails, chained: Option<()>) -> Result<Option<Tracked>, Error> {
        #[cfg(fuzzing)]
        if let Some(transport) = crate::fuzzing::connection() {
            return Ok(Some(Tracked::new(transport, true)));
        }
        let depth = DEPTH.get();
        // What goes to a proxy to reach the target is not part of the request.
        let to_target = depth == 0;
        DEPTH.set(depth.saturating_add(1));
        let connected = match to_target {
            true => self.connect_to_target(details),
            false => self.connectors.connect(details, chained),
        };
        DEPTH.set(depth);
        Ok(connected?.map(|transport| Tracked::new(transport, to_target)))
    }
}

/// Whether the target's address is ours to look up, and not a proxy's.
fn is_looked_up_here(details: &ConnectionDetails) -> bool {
    details.config.proxy().is_none_or(|proxy| proxy.resolve_target() || proxy.is_no_proxy(details.uri))
}

/// What is left of the time for a connection.
fn left(details: &ConnectionDetails) -> Result<NextTimeout, Error> {
    let mut timeout = details.timeout;
    if let (Duration::Exact(limit), Instant::Exact(began)) = (timeout.after, details.now) {
        let left = limit.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(Error::Timeout(timeout.reason));
        }
        timeout.after = left.into();
    }
    Ok(timeout)
}

fn hash(tls: &TlsConfig) -> u64 {
    let mut hasher = DefaultHasher::new();
    tls.hash(&mut hasher);
    hasher.finish()
}

/// Lets one connection over TLS be made alone, until one has succeeded. It builds the settings of TLS, for which all
/// certificates of the system are read, and ureq keeps them; connections that are made meanwhile would each build
/// their own.
#[derive(Debug, Default)]
struct First {
    progress: Mutex<Progress>,
    ended: Condvar,
}

#[derive(Debug, Default, PartialEq)]
enum Progress {
    #[default]
    Untried,
    Trying,
    Succeeded,
}

impl First {
    /// The turn of the first one; the others wait for its end, but no longer than they may.
    fn turn(&self, timeout: NextTimeout) -> Option<Turn<'_>> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        match *progress {
            Progress::Succeeded => None,
            Progress::Untried => {
                *progress = Progress::Trying;
                Some(Turn { first: self, end: Progress::Untried })
            }
            Progress::Trying => {
                let is_trying = |progress: &mut Progress| *progress == Progress::Trying;
                // Whether it ended or the time is up makes no difference here: the next step looks at the clock.
                drop(self.ended.wait_timeout_while(progress, *timeout.after, is_trying));
                None
            }
        }
    }
}

struct Turn<'a> {
    first: &'a First,
    end: Progress,
}

impl Turn<'_> {
    fn succeed(mut self) {
        self.end = Progress::Succeeded;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut progress = self.first.progress.lock().unwrap_or_else(PoisonError::into_inner);
        *progress = std::mem::take(&mut self.end);
        self.first.ended.notify_all();
    }
}
