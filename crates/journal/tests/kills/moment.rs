//! When something happens.

use std::thread;
use std::time::Duration;

use support::random::Random;
use wechatpay_sandbox::Sandbox;

/// So long after so many requests have arrived since the children were told to begin.
pub struct Moment {
    arrived: usize,
    after: Duration,
}

impl Moment {
    pub fn draw(chance: &mut Random) -> Moment {
        match chance.below(4) {
            // Before anything was sent, or while it is.
            0 => Moment { arrived: 0, after: Duration::from_micros(chance.below(40_000) as u64) },
            // About when one sends, waits, reads and writes down.
            _ => Moment { arrived: 1 + chance.below(25), after: Duration::from_micros(chance.below(3_000) as u64) },
        }
    }

    /// One within the next half second.
    pub fn draw_soon_after(&self, chance: &mut Random) -> Moment {
        Moment { arrived: self.arrived, after: self.after + Duration::from_millis(chance.below(500) as u64) }
    }

    /// Waits for it, unless what is waited for is over before; returns whether it has come.
    pub fn wait(&self, sandbox: &Sandbox, before: usize, mut is_over: impl FnMut() -> bool) -> bool {
        while sandbox.requests().len() < before + self.arrived {
            if is_over() {
                return false;
            }
            thread::sleep(Duration::from_micros(100));
        }
        thread::sleep(self.after);
        true
    }
}
