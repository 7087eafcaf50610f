//! TLS by OpenSSL over any connection.
//!
//! ureq's own ignores what it has already received or decrypted when a connection is asked whether it can still be used;
//! that could be taken for the answer to the next call.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::IpAddr;

use openssl::error::ErrorStack;
use openssl::ssl::{self, ErrorCode, HandshakeError, Ssl, SslStream};
use openssl::x509::X509VerifyResult;
use openssl::x509::verify::X509CheckFlags;
use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, NextTimeout, Transport, TransportAdapter};

use super::buffers::Growing;
use super::trust::Settings;
use crate::wire::address;

pub(super) struct Tls {
    stream: SslStream<TransportAdapter>,
    buffers: Growing,
}

impl Tls {
    /// Performs the TLS handshake with the host.
    pub(super) fn connect(
        settings: &Settings,
        connection: Box<dyn Transport>,
        details: &ConnectionDetails,
    ) -> Result<Tls, Error> {
        let ssl = ssl(settings, address::bare_host(details.uri)).map_err(io::Error::from)?;
        let mut adapter = TransportAdapter::new(connection, details.current_time.clone());
        adapter.set_timeout(details.timeout);
        let stream = ssl.connect(adapter).map_err(handshake_error)?;
        let buffers = Growing::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Tls { stream, buffers })
    }
}

/// A connection to this host, whose name is announced, and must be that of its certificate.
fn ssl(settings: &Settings, host: &str) -> Result<Ssl, ErrorStack> {
    let mut ssl = Ssl::new(&settings.context)?;
    let ip: Option<IpAddr> = host.parse().ok();
    if ip.is_none() {
        ssl.set_hostname(host)?;
    }
    if settings.is_checked {
        let wanted = ssl.param_mut();
        wanted.set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS);
        match ip {
            Some(ip) => wanted.set_ip(ip)?,
            None => wanted.set_host(host)?,
        }
    }
    Ok(ssl)
}

impl Transport for Tls {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.get_mut().set_timeout(timeout);
        let mut rest = self.buffers.output().get(..amount).unwrap_or_default();
        while !rest.is_empty() {
            let written = self.stream.ssl_write(rest).map_err(error)?;
            rest = rest.get(written..).unwrap_or_default();
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let room = self.buffers.input_append_buf();
        if room.is_empty() {
            return Err(io::Error::other("the head of the answer is too long").into());
        }
        let amount = match self.stream.ssl_read(room) {
            Ok(amount) => amount,
            // The other side has announced the end.
            Err(error) if error.code() == ErrorCode::ZERO_RETURN => 0,
            Err(error) => return Err(self::error(error)),
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Whether nothing unrequested has come, whether decrypted, received, or still in the system.
    fn is_open(&mut self) -> bool {
        if self.stream.ssl().pending() > 0 {
            return false;
        }
        let connection = self.stream.get_mut().get_mut();
        connection.buffers().input().is_empty() && connection.is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// The error of the connection underneath, or of TLS itself.
fn error(error: ssl::Error) -> Error {
    match error.into_io_error() {
        Ok(error) => match error.downcast::<Error>() {
            Ok(error) => error,
            Err(error) => Error::Io(error),
        },
        // There is no cause: the connection was cut.
        Err(error) if error.code() == ErrorCode::SYSCALL || is_cut(&error) => {
            io::Error::new(ErrorKind::UnexpectedEof, "the connection was closed without ending TLS").into()
        }
        Err(error) => io::Error::other(error).into(),
    }
}

/// Whether OpenSSL 3 reports that the connection was closed without ending TLS.
fn is_cut(error: &ssl::Error) -> bool {
    let reasons = error.ssl_error().into_iter().flat_map(|stack| stack.errors());
    reasons.into_iter().any(|error| error.reason() == Some("unexpected eof while reading"))
}

fn handshake_error(error: HandshakeError<TransportAdapter>) -> Error {
    match error {
        HandshakeError::SetupFailure(error) => io::Error::from(error).into(),
        HandshakeError::Failure(stream) | HandshakeError::WouldBlock(stream) => {
            let verified = stream.ssl().verify_result();
            match verified {
                X509VerifyResult::OK => self::error(stream.into_error()),
                wrong => io::Error::other(Untrusted(wrong)).into(),
            }
        }
    }
}

/// Whether the handshake has failed because the server is not trusted.
pub(super) fn is_untrusted(error: &Error) -> bool {
    matches!(error, Error::Io(error) if error.get_ref().is_some_and(|cause| cause.is::<Untrusted>()))
}

/// The certificate of the server is not trusted for its name.
#[derive(Debug)]
struct Untrusted(X509VerifyResult);

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the certificate of the server is not trusted: {}", self.0.error_string())
    }
}

impl std::error::Error for Untrusted {}
