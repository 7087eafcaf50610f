//! A connection in use: it sends the head of a request together with its body, knows whether any of the request has been
//! sent, and serves only the process that made it.

use std::cell::Cell;
use std::process;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::trace;

thread_local! {
    /// Whether the exchange that runs on this thread has passed any byte of its request to a connection. This cannot be
    /// passed as an argument: a connection comes from ureq's pool, and ureq tells it nothing about the request that it is
    /// used for.
    static SENT: Cell<bool> = const { Cell::new(false) };
}

/// Tells whether any byte of a request was passed to the connection, from now until it is dropped. Another exchange may run
/// inside it: certificates may be fetched while an answer is verified. The state of the outer one is restored afterwards, even
/// if a callback panics.
pub(crate) struct Tracking {
    outer: bool,
}

impl Tracking {
    pub(crate) fn begin() -> Tracking {
        trace::begins();
        Tracking { outer: SENT.replace(false) }
    }

    pub(crate) fn has_sent(&self) -> bool {
        SENT.get()
    }
}

impl Drop for Tracking {
    fn drop(&mut self) {
        SENT.set(self.outer);
    }
}

/// The room, in bytes, that must be left behind the head of a request for it to wait: enough for any framing of the body.
const LEAST_ROOM: usize = 512;

/// A connection that sends the head of a request together with the beginning of its body, in one system call and one TLS
/// record, and that notes when any of it is sent.
#[derive(Debug)]
pub(crate) struct Tracked {
    transport: Box<dyn Transport>,
    /// The process that made it: after a fork, two processes could read each other's answers.
    process: u32,
    /// Whether nothing was sent since the last answer: what comes next is a head.
    is_at_head: bool,
    /// The bytes of a head that wait for the body, at the beginning of the buffer.
    waiting: usize,
}

impl Tracked {
    pub(crate) fn new(transport: Box<dyn Transport>) -> Tracked {
        Tracked { transport, process: process::id(), is_at_head: true, waiting: 0 }
    }

    /// Whether the first bytes of the output are a complete head, with room behind it.
    fn is_head_with_room(&mut self, amount: usize) -> bool {
        let (head, room) = self.transport.buffers().output().split_at_checked(amount).unwrap_or_default();
        head.ends_with(b"\r\n\r\n") && room.len() >= LEAST_ROOM
    }

    fn send(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if amount > 0 {
            SENT.set(true);
            trace::sends();
        }
        let result = self.transport.transmit_output(amount, timeout);
        trace::sent();
        result
    }

    /// Sends a waiting head, as an answer is awaited and there was no body. This connection has nothing else to send, so
    /// sending takes no time from that of the answer.
    fn release_head(&mut self, timeout: NextTimeout) -> Result<(), Error> {
        self.is_at_head = true;
        match std::mem::take(&mut self.waiting) {
            0 => Ok(()),
            head => self.send(head, timeout),
        }
    }
}

impl Transport for Tracked {
    fn buffers(&mut self) -> &mut dyn Buffers {
        match self.waiting {
            0 => self.transport.buffers(),
            _ => self,
        }
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let is_at_head = std::mem::replace(&mut self.is_at_head, false);
        if is_at_head && self.is_head_with_room(amount) {
            self.waiting = amount;
            return Ok(());
        }
        let head = std::mem::take(&mut self.waiting);
        self.send(head.saturating_add(amount), timeout)
    }

    fn maybe_await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.release_head(timeout)?;
        self.transport.maybe_await_input(timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.release_head(timeout)?;
        self.transport.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.process == process::id() && self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}

/// The connection's buffers while a head waits in the send buffer. The receive buffer is empty, as ureq reuses a connection
/// only if nothing is left of the last answer.
impl Buffers for Tracked {
    fn output(&mut self) -> &mut [u8] {
        self.transport.buffers().output().get_mut(self.waiting..).unwrap_or_default()
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        let (tmp, output) = self.transport.buffers().tmp_and_output();
        (tmp, output.get_mut(self.waiting..).unwrap_or_default())
    }

    fn input(&self) -> &[u8] {
        &[]
    }

    fn can_use_input(&self) -> bool {
        false
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.transport.buffers().input_append_buf()
    }

    fn input_appended(&mut self, amount: usize) {
        self.transport.buffers().input_appended(amount);
    }

    fn input_consume(&mut self, amount: usize) {
        self.transport.buffers().input_consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use ureq::Error;
    use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};

    use super::{SENT, Tracked, Tracking};

    const HEAD: &[u8] = b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n";

    /// Keeps each piece that it is told to send.
    #[derive(Debug)]
    struct Recorder {
        buffers: LazyBuffers,
        pieces: Arc<Mutex<Vec<Vec<u8>>>>,
    }

    impl Transport for Recorder {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
            self.pieces.lock().unwrap().push(self.buffers.output()[..amount].to_vec());
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            self.buffers.input_append_buf()[..2].copy_from_slice(b"ok");
            self.buffers.input_appended(2);
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    /// A connection with a send buffer of this many bytes, and what it sends.
    fn connection(output: usize) -> (Tracked, Arc<Mutex<Vec<Vec<u8>>>>) {
        let pieces = Arc::default();
        let recorder = Recorder { buffers: LazyBuffers::new(64, output), pieces: Arc::clone(&pieces) };
        (Tracked::new(Box::new(recorder)), pieces)
    }

    fn write(connection: &mut Tracked, piece: &[u8]) {
        connection.buffers().tmp_and_output().1[..piece.len()].copy_from_slice(piece);
        connection.transmit_output(piece.len(), NextTimeout::default()).unwrap();
    }

    fn receive(connection: &mut Tracked) {
        assert!(connection.maybe_await_input(NextTimeout::default()).unwrap());
        assert_eq!(connection.buffers().input(), b"ok");
        connection.buffers().input_consume(2);
    }

    #[test]
    fn a_head_leaves_with_the_beginning_of_its_body_and_counts_as_sent_then() {
        let (mut connection, pieces) = connection(1024);
        for _ in 0..2 {
            let tracking = Tracking::begin();
            write(&mut connection, HEAD);
            assert!(!tracking.has_sent() && pieces.lock().unwrap().is_empty());
            assert_eq!(connection.buffers().output().len(), 1024 - HEAD.len());
            write(&mut connection, b"{}\n");
            assert!(tracking.has_sent());
            // The rest of a body is sent as it comes, whatever it ends with.
            write(&mut connection, b"\r\n\r\n");
            receive(&mut connection);
            let pieces = std::mem::take(&mut *pieces.lock().unwrap());
            assert_eq!(pieces, [[HEAD, b"{}\n"].concat(), b"\r\n\r\n".to_vec()]);
        }
    }

    #[test]
    fn a_head_without_a_body_leaves_when_the_answer_is_awaited() {
        let (mut connection, pieces) = connection(1024);
        for _ in 0..2 {
            write(&mut connection, HEAD);
            let tracking = Tracking::begin();
            receive(&mut connection);
            assert!(tracking.has_sent());
            assert_eq!(std::mem::take(&mut *pieces.lock().unwrap()), [HEAD]);
        }
    }

    #[test]
    fn an_exchange_that_panics_leaves_nothing_behind_for_the_one_around_it() {
        let outer = Tracking::begin();
        let inner = std::panic::catch_unwind(|| {
            let _inner = Tracking::begin();
            SENT.set(true);
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(inner.is_err() && !outer.has_sent());
    }

    #[test]
    fn what_is_no_whole_head_or_leaves_no_room_leaves_at_once() {
        let pieces_of = |output, piece: &[u8]| {
            let (mut connection, pieces) = connection(output);
            write(&mut connection, piece);
            pieces.lock().unwrap().len()
        };
        assert_eq!(pieces_of(1024, HEAD), 0);
        assert_eq!(pieces_of(1024, &HEAD[..HEAD.len() - 2]), 1);
        assert_eq!(pieces_of(HEAD.len() + 511, HEAD), 1);
    }
}
