//! A journal in PostgreSQL, which is restarted, crashed, full or cut off.

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use support::postgres::{Server, cut, owners, rows, run};
use support::random::Random;
use wechatpay_journal::Journal;
use wechatpay_journal::postgres;

use crate::database::{Database, Trouble};
use crate::relay::Relay;

const DATABASE: &str = "kills";

/// The size of a disk that is filled.
const DISK: &str = "160m";

pub struct Postgres {
    server: Server,
    address: String,
    /// Between the server and whoever has the journal open.
    relay: Relay,
    /// Whether its disk can be filled.
    is_limited: bool,
}

impl Postgres {
    /// `None`, which is said, if PostgreSQL is not installed.
    pub fn create() -> Option<Postgres> {
        let is_limited = Server::can_be_limited();
        if !is_limited {
            eprintln!("left out: only root can make a disk that is full");
        }
        let server = Server::start(if is_limited { DISK } else { "" })?;
        let address = server.database(DATABASE);
        drop(Journal::create_postgres(&address).unwrap());
        rows(&address, "CREATE TABLE public.booked (number text NOT NULL)");
        let relay = Relay::start(&server.socket());
        Some(Postgres { server, address, relay, is_limited })
    }

    /// Cuts all connections or some of them, a few times. What the server has said before, arrives.
    fn cut(&self, share: f64, pauses: &[Duration]) {
        for pause in pauses {
            cut(&self.address, share);
            thread::sleep(*pause);
        }
    }

    /// Cuts all connections on the way, some as the server says that it has committed, which does not arrive. It may take those who
    /// are gone for still there.
    fn lose(&self, [losing, again, pause]: [Duration; 3], long: Duration) {
        // They cannot connect again at once; then they can.
        self.relay.cut(losing, long, long);
        thread::sleep(pause);
        self.relay.cut(again, Duration::ZERO, long);
    }

    fn restart(&self, stop: &str, pause: Duration) {
        self.server.tell(stop);
        thread::sleep(pause);
        self.server.tell("start");
    }

    /// There is no room on the disk for a while: some of what is written has room where it is written. If it has no room for its log
    /// either, the server ends.
    fn fill(&self, even_log: bool, pause: Duration) {
        self.server.fill();
        if even_log {
            let message = "SELECT pg_logical_emit_message(true, 'kills', repeat('x', 16000000))";
            while run("psql", &["-qc", message, "-d"], &self.address).is_ok() {}
        }
        thread::sleep(pause);
        self.server.make_room();
        self.server.tell("revive");
    }
}

impl Database for Postgres {
    fn address(&self) -> String {
        format!("postgres://shop@127.0.0.1:{}/{DATABASE}", self.relay.port())
    }

    /// The connection of one that was killed ends a moment after it.
    fn is_left(&self) {
        let latest = Instant::now() + Duration::from_secs(20);
        while owners(&self.address) > 0 {
            assert!(Instant::now() < latest, "the lock of a journal is held by nobody");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn booked(&self) -> BTreeMap<String, u64> {
        let rows = rows(&self.address, "SELECT number, count(*) FROM public.booked GROUP BY number");
        let counts = rows.iter().map(|row| row.split_once('|').unwrap());
        counts.map(|(number, count)| (number.to_owned(), count.parse().unwrap())).collect()
    }

    fn trouble(&self, chance: &mut Random) -> Option<Trouble<'_>> {
        let mut pause = |most| Duration::from_millis(chance.below(most) as u64);
        let (long, short) = (pause(400), [pause(100), pause(100), pause(100)]);
        let (share, times) = (chance.pick(&[0.5, 1.0]), chance.below(short.len()) + 1);
        let (name, befall): (_, Box<dyn FnOnce() + Send>) = match chance.below(if self.is_limited { 10 } else { 8 }) {
            0 => return None,
            1 => ("cut", Box::new(move || self.cut(share, &short[..times]))),
            2..=4 => ("lost", Box::new(move || self.lose(short, long))),
            5 => ("restarted", Box::new(move || self.restart("stop", long))),
            6 | 7 => ("crashed", Box::new(move || self.restart("crash", long))),
            8 => ("full", Box::new(move || self.fill(false, long))),
            _ => ("full with its log", Box::new(move || self.fill(true, long))),
        };
        Some(Trouble { name, befall })
    }
}

/// Whether a database that is restarted, crashed, full or cut off may say so.
pub fn is_trouble(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<postgres::Error>() {
        // The classes of: no connection, no room, ended by an operator or by a crash, and the system.
        let classes = ["08", "53", "57", "58"];
        return match error.code() {
            Some(code) => classes.iter().any(|class| code.code().starts_with(class)),
            None => error.is_closed() || error.source().is_some_and(|source| source.is::<io::Error>()),
        };
    }
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}
