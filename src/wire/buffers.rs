//! The buffers of a connection.

use ureq::unversioned::transport::{Buffers, LazyBuffers};

/// The most bytes that the head of an answer may have; ureq refuses longer ones.
const LONGEST_HEAD: usize = 64 * 1024;

/// ureq's buffers, but the receive buffer grows as long as the head of an answer does not fit.
#[derive(Debug)]
pub(super) struct Growing {
    buffers: LazyBuffers,
    /// The usual sizes, in bytes.
    input: usize,
    output: usize,
    /// The current size.
    grown: usize,
}

impl Growing {
    /// Buffers for receiving and sending of these sizes, in bytes.
    pub(super) fn new(input: usize, output: usize) -> Growing {
        Growing { buffers: LazyBuffers::new(input, output), input, output, grown: input }
    }

    fn grow(&mut self) {
        self.grown = self.grown.saturating_mul(2);
        let mut larger = LazyBuffers::new(self.grown, self.output);
        let received = self.buffers.input();
        for (place, byte) in larger.input_append_buf().iter_mut().zip(received) {
            *place = *byte;
        }
        larger.input_appended(received.len());
        self.buffers = larger;
    }
}

impl Buffers for Growing {
    fn output(&mut self) -> &mut [u8] {
        self.buffers.output()
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.buffers.tmp_and_output()
    }

    fn input(&self) -> &[u8] {
        self.buffers.input()
    }

    fn can_use_input(&self) -> bool {
        self.buffers.can_use_input()
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        if self.buffers.input_append_buf().is_empty() && self.grown <= LONGEST_HEAD {
            self.grow();
        }
        self.buffers.input_append_buf()
    }

    fn input_appended(&mut self, amount: usize) {
        self.buffers.input_appended(amount);
    }

    fn input_consume(&mut self, amount: usize) {
        self.buffers.input_consume(amount);
        // Back to the usual size, so that an idle connection does not keep more.
        if self.grown > self.input && self.buffers.input().is_empty() {
            *self = Growing::new(self.input, self.output);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(buffers: &mut Growing, bytes: &[u8]) {
        for piece in bytes.chunks(7) {
            buffers.input_append_buf()[..piece.len()].copy_from_slice(piece);
            buffers.input_appended(piece.len());
        }
    }

    #[test]
    fn what_is_received_is_kept_while_they_grow_and_they_shrink_again() {
        let mut buffers = Growing::new(28, 16);
        let head: Vec<u8> = (0..1_000_u32).map(|number| number as u8).collect();
        receive(&mut buffers, &head);
        assert_eq!(buffers.input(), head);
        buffers.input_consume(990);
        assert_eq!(buffers.input(), &head[990..]);
        buffers.input_consume(10);
        assert_eq!(buffers.input_append_buf().len(), 28);
        assert_eq!(buffers.output().len(), 16);
    }

    #[test]
    fn they_do_not_grow_without_end() {
        let mut buffers = Growing::new(64, 16);
        while !buffers.input_append_buf().is_empty() {
            let room = buffers.input_append_buf().len();
            buffers.input_appended(room);
        }
        assert!((LONGEST_HEAD + 1..=2 * LONGEST_HEAD).contains(&buffers.input().len()), "{}", buffers.input().len());
    }
}
