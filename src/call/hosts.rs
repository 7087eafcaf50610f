//! Hosts that could not be reached a moment ago: meanwhile, calls that have another host begin there.

use std::time::{Duration, Instant};

use crate::http::Uri;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Mutex, lock};
use crate::wire::address;

/// How long a host is avoided after it could not be reached.
const AVOIDED: Duration = Duration::from_secs(10);

/// What is known of the hosts that the calls of an instance go to.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    down: Mutex<Vec<Down>>,
    /// Whether there are any, so that in good times nobody waits for the lock.
    is_any_down: AtomicBool,
}

/// A host that could not be reached.
#[derive(Debug)]
struct Down {
    host: String,
    port: u16,
    until: Instant,
}

impl Down {
    fn is_at(&self, address: &Uri) -> bool {
        self.port == address::port(address) && self.host.eq_ignore_ascii_case(address::bare_host(address))
    }
}

impl Hosts {
    /// Which of these addresses a call is to begin with: the first whose host is not avoided, or else the first.
    ///
    /// When the time of a host is over, one call tries it, and the others avoid it until that has reached it.
    pub(super) fn first(&self, addresses: &[Uri]) -> usize {
        let is_choice = addresses.len() > 1 && self.is_any_down.load(Ordering::Relaxed);
        if is_choice { self.first_at(addresses, Instant::now()) } else { 0 }
    }

    fn first_at(&self, addresses: &[Uri], now: Instant) -> usize {
        let mut down = lock(&self.down);
        let may_be_tried = |address: &Uri| match down.iter_mut().find(|host| host.is_at(address)) {
            None => true,
            Some(host) if now < host.until => false,
            Some(host) => {
                host.until = until(now);
                true
            }
        };
        addresses.iter().position(may_be_tried).unwrap_or_default()
    }

    /// The host of this address could not be reached.
    pub(super) fn failed(&self, address: &Uri, now: Instant) {
        let mut down = lock(&self.down);
        down.retain(|host| now < host.until && !host.is_at(address));
        let host = address::bare_host(address).to_owned();
        down.push(Down { host, port: address::port(address), until: until(now) });
        self.is_any_down.store(true, Ordering::Relaxed);
    }

    /// The host of this address has answered.
    pub(super) fn answered(&self, address: &Uri) {
        if self.is_any_down.load(Ordering::Relaxed) {
            let mut down = lock(&self.down);
            down.retain(|host| !host.is_at(address));
            self.is_any_down.store(!down.is_empty(), Ordering::Relaxed);
        }
    }
}

fn until(now: Instant) -> Instant {
    now.checked_add(AVOIDED).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> [Uri; 3] {
        ["https://api.mch.weixin.qq.com/v3/x", "https://api2.mch.weixin.qq.com/v3/x", "https://api3.mch.weixin.qq.com/"]
            .map(Uri::from_static)
    }

    #[test]
    fn a_host_that_failed_is_avoided_until_its_time_is_over_and_one_call_has_reached_it() {
        let (hosts, addresses, start) = (Hosts::default(), addresses(), Instant::now());
        let at = |seconds| start.checked_add(Duration::from_secs(seconds)).unwrap();
        assert_eq!(hosts.first(&addresses), 0);
        let first = |now| hosts.first_at(&addresses, now);
        assert_eq!(first(start), 0);
        hosts.failed(&Uri::from_static("https://API.mch.weixin.qq.com:443/v3/another?path=1"), start);
        assert_eq!((first(start), first(at(9))), (1, 1));
        // One call tries it, the others wait for what becomes of that.
        assert_eq!((first(at(10)), first(at(10)), first(at(19))), (0, 1, 1));
        assert_eq!((first(at(20)), first(at(20))), (0, 1));
        hosts.answered(&addresses[0]);
        assert_eq!((first(at(20)), first(at(20))), (0, 0));
    }

    #[test]
    fn if_all_have_failed_the_first_is_the_first_again() {
        let (hosts, addresses, now) = (Hosts::default(), addresses(), Instant::now());
        addresses.iter().take(2).for_each(|address| hosts.failed(address, now));
        assert_eq!((hosts.first(&addresses), hosts.first_at(&addresses, now)), (2, 2));
        hosts.failed(&addresses[2], now);
        assert_eq!(hosts.first_at(&addresses, now), 0);
        // Another port is another host.
        assert_eq!(hosts.first(&[Uri::from_static("https://api.mch.weixin.qq.com:8443/"), addresses[1].clone()]), 0);
        // Where there is no choice, nothing is avoided.
        assert_eq!(hosts.first(&addresses[..1]), 0);
    }
}
