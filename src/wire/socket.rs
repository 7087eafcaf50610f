//! A TCP connection whose every wait is limited, even if the other side reads or sends only a little at a time.
//!
//! ureq's own starts its time limit again with each part of a write, and ignores what it has already received when it is
//! asked whether it can still be used.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ureq::Error;
use ureq::config::Config;
use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::Growing;
use crate::deadline::Deadline;

/// The least time for each of several addresses of a host.
const LEAST_PER_ADDRESS: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    buffers: Growing,
}

impl Socket {
    /// Tries the addresses one after the other, each for half of the time that is left, the last one for all of it.
    pub(super) fn connect(addrs: &ResolvedSocketAddrs, timeout: NextTimeout, config: &Config) -> Result<Socket, Error> {
        let stream = connect(addrs, timeout)?;
        stream.set_nodelay(config.no_delay())?;
        let buffers = Growing::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Socket { stream, buffers })
    }

    fn write(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let deadline = Deadline::after(limit(timeout));
        let mut rest = self.buffers.output().get(..amount).unwrap_or_default();
        while !rest.is_empty() {
            let left = some_left(deadline, timeout)?;
            self.stream.set_write_timeout(left)?;
            match (&self.stream).write(rest) {
                Ok(0) => return Err(io::Error::from(ErrorKind::WriteZero).into()),
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                // The next try finds out whether there is time left.
                Err(error) if is_interrupted(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Returns how many bytes were received; 0 at the end.
    fn read(&mut self, timeout: NextTimeout) -> Result<usize, Error> {
        let deadline = Deadline::after(limit(timeout));
        loop {
            let left = some_left(deadline, timeout)?;
            self.stream.set_read_timeout(left)?;
            let room = self.buffers.input_append_buf();
            if room.is_empty() {
                return Err(io::Error::other("the head of the answer is too long").into());
            }
            match (&self.stream).read(room) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    return Ok(amount);
                }
                Err(error) if is_interrupted(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether the other side has neither closed it nor sent anything unrequested.
    fn is_quiet(&self) -> io::Result<bool> {
        self.stream.set_nonblocking(true)?;
        let is_quiet = matches!((&self.stream).read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock);
        self.stream.set_nonblocking(false)?;
        Ok(is_quiet)
    }
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.write(amount, timeout.for_write())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        Ok(self.read(timeout.for_read())? > 0)
    }

    fn is_open(&mut self) -> bool {
        self.buffers.input().is_empty() && self.is_quiet().unwrap_or(false)
    }
}

fn connect(addresses: &ResolvedSocketAddrs, timeout: NextTimeout) -> Result<TcpStream, Error> {
    let deadline = Deadline::after(limit(timeout));
    let mut failure = Error::HostNotFound;
    let mut others = addresses.len();
    for address in addresses {
        others = others.saturating_sub(1);
        let connected = match some_left(deadline, timeout)? {
            None => TcpStream::connect(address),
            Some(left) if others == 0 => TcpStream::connect_timeout(address, left),
            Some(left) => {
                TcpStream::connect_timeout(address, left.checked_div(2).unwrap_or_default().max(LEAST_PER_ADDRESS))
            }
        };
        match connected {
            Ok(stream) => return Ok(stream),
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                failure = Error::Timeout(timeout.reason);
            }
            Err(error) => failure = error.into(),
        }
    }
    Err(failure)
}

/// The limit for the standard library; `None` means no limit.
pub(super) fn limit(timeout: NextTimeout) -> Option<Duration> {
    (!timeout.after.is_not_happening()).then(|| *timeout.after)
}

/// The time that is left; `None` if there is no limit.
///
/// # Errors
/// If none is left.
fn some_left(deadline: Deadline, timeout: NextTimeout) -> Result<Option<Duration>, Error> {
    match deadline.left() {
        Some(left) if left.is_zero() => Err(Error::Timeout(timeout.reason)),
        left => Ok(left),
    }
}

/// Whether to check the clock and try again: a signal arrived, or the limit set in the system has expired, which may be
/// shorter than the time that is left.
fn is_interrupted(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::WouldBlock)
}
