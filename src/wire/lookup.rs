//! Looks up the addresses of hosts when a connection is made.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::wire::address;

/// Asks the system; if there is a time limit, on a separate thread, as the system's look-up has none.
#[derive(Debug)]
pub(super) struct Lookup;

impl Resolver for Lookup {
    fn resolve(&self, uri: &Uri, _: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut found = self.empty();
        fill(&mut found, uri, timeout)?;
        Ok(found)
    }
}

/// Adds the addresses of a host.
///
/// # Errors
/// If no thread can be started, the time is up, or the host is unknown.
pub(super) fn fill(found: &mut ResolvedSocketAddrs, uri: &Uri, timeout: NextTimeout) -> Result<(), Error> {
    let host = address::bare_host(uri);
    let port = address::port(uri);
    match host.parse::<IpAddr>() {
        // An IP address needs no look-up.
        Ok(address) => found.push(SocketAddr::new(address, port)),
        Err(_) => ask(host, port, timeout)?.into_iter().take(MOST).for_each(|address| found.push(address)),
    }
    if found.is_empty() { Err(Error::HostNotFound) } else { Ok(()) }
}

/// The capacity of [`ResolvedSocketAddrs`].
const MOST: usize = 16;

/// Asks the system. Its stack is not small, and is not needed for an address.
#[inline(never)]
fn ask(host: &str, port: u16, timeout: NextTimeout) -> Result<Vec<SocketAddr>, Error> {
    if timeout.after.is_not_happening() {
        return Ok(look_up(host, port)?);
    }
    let (tell, told) = mpsc::sync_channel(1);
    let host = host.to_owned();
    thread::Builder::new().spawn(move || tell.send(look_up(&host, port)))?;
    match told.recv_timeout(*timeout.after) {
        Ok(addresses) => Ok(addresses?),
        Err(RecvTimeoutError::Timeout) => Err(Error::Timeout(timeout.reason)),
        Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("the look-up ended without an answer").into()),
    }
}

fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.collect())
}

/// Looks nothing up: ureq asks before each request, even if there is already a connection. The connector asks [`Lookup`]
/// when a connection is made.
#[derive(Debug)]
pub(super) struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}
