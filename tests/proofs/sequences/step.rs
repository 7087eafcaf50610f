//! What a sequence is made of: the steps of the client, and what the other side does in each of them.

use std::fmt;
use std::time::Duration;

/// A sequence, which its seed makes.
#[derive(Clone, Debug)]
pub struct Sequence {
    pub keys: Keys,
    pub steps: Vec<Step>,
}

/// How the client knows the platform's keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keys {
    /// A public key, by its id.
    PublicKey,
    /// Certificates that it fetches: when it needs one, and if this is true with every call.
    Fetched { always: bool },
}

#[derive(Clone, Debug)]
pub enum Step {
    Call(Call),
    /// The promise of the call is dropped after this time.
    Cancel(Call, Duration),
    /// From a thread each.
    Together(Vec<Call>),
    /// Nothing, for this long.
    Idle(Duration),
    /// The merchant signs with this key from now on.
    Rotate(usize),
    /// The client fetches certificates.
    Fetch,
    Platform(Change),
}

/// What changes at the platform.
#[derive(Clone, Debug)]
pub enum Change {
    /// It lists one more certificate, and signs with that.
    Add,
    /// It no longer lists the oldest.
    Retire,
    /// What it does when it is asked for certificates next, before it does so rightly again.
    Lists(Vec<List>),
}

/// What happens to a request for certificates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum List {
    /// A list of a time when the now retired certificate was the newest, signed by that one.
    Old,
    Forged,
    Status(u16),
    Close,
    /// Nothing is said, for longer than any limit that a sequence sets.
    Stall,
}

/// One call of the client, and what becomes of each request that arrives of it.
#[derive(Clone, Debug)]
pub struct Call {
    pub number: usize,
    pub method: &'static str,
    pub is_apiv2: bool,
    /// Whether the path that is called is one whose answers are not signed.
    pub is_unsigned: bool,
    pub is_async: bool,
    pub retries: Option<u32>,
    pub hosts: Vec<Host>,
    pub hands_errors_back: bool,
    pub follows: bool,
    pub has_sink: bool,
    pub is_encrypted: bool,
    pub limit: Limit,
    /// In the order in which requests arrive; what arrives after these is answered rightly.
    pub script: Vec<Act>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Host {
    A,
    B,
    /// Refuses connections.
    Dead,
    /// Takes one connection, and refuses all others.
    Brief,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// `timeout`, larger than anything that a script waits for.
    Ample,
    /// `timeout`, smaller than what a late answer takes.
    Short,
    /// `read_timeout`, smaller than that too.
    Read,
}

impl Limit {
    /// What the whole call may take.
    pub fn timeout(self) -> Duration {
        match self {
            Limit::Ample | Limit::Read => Duration::from_secs(10),
            Limit::Short => Duration::from_millis(300),
        }
    }
}

/// What the platform does with one request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Act {
    /// Whether a request that is not a GET takes effect before anything is said.
    pub has_effect: bool,
    pub say: Say,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Say {
    Right,
    Chunked,
    /// 4xx or 5xx.
    Refuse(u16),
    /// APIv2: a signed answer that says `FAIL`.
    Fail,
    /// Neither 2xx, 4xx, 5xx nor a redirect that is followed, with a body that would be right.
    Odd {
        status: u16,
        is_located: bool,
        is_signed: bool,
    },
    /// The connection is closed after it, or not.
    Redirect {
        status: u16,
        to: To,
        closes: bool,
    },
    Forged(Forgery),
    Hang {
        at: At,
        resets: bool,
    },
    /// A second answer, signed as well, behind the first: in the same piece, or a moment later.
    Smuggled {
        is_late: bool,
        is_filled: bool,
    },
    /// The announced length is so many bytes off.
    Length(i8),
    Late,
    /// Piece by piece, none of them late.
    Dripping,
}

/// Where a redirect leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum To {
    /// To another path of the same host, whose answers are signed.
    Signed,
    /// To another path of the same host, whose answers are not.
    Unsigned,
    /// To the other port.
    Elsewhere,
    /// To where the request went.
    Itself,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Forgery {
    Missing,
    /// The signature is that of another body.
    Other,
    Expired,
    /// A key that the platform does not have.
    Stranger,
}

/// Where the connection ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum At {
    Start,
    Head,
    Body,
    /// After the whole answer.
    End,
}

impl Act {
    pub fn of(say: Say) -> Act {
        Act { has_effect: true, say }
    }

    pub fn without_effect(say: Say) -> Act {
        Act { has_effect: false, say }
    }
}

impl Call {
    /// A call of which nothing goes wrong.
    pub fn harmless(number: usize) -> Call {
        Call {
            number,
            method: "GET",
            is_apiv2: false,
            is_unsigned: false,
            is_async: false,
            // A connection that was closed after its last answer may seem to be open for a moment.
            retries: Some(2),
            hosts: vec![Host::A],
            hands_errors_back: false,
            follows: true,
            has_sink: false,
            is_encrypted: false,
            limit: Limit::Ample,
            script: Vec::new(),
        }
    }

    /// Whether this answer says that all went well, and may be believed.
    pub fn takes_for_success(&self, say: Say) -> bool {
        match say {
            Say::Right
            | Say::Chunked
            | Say::Smuggled { .. }
            | Say::Late
            | Say::Dripping
            | Say::Hang { at: At::End, .. } => true,
            // There is nothing to be forged.
            Say::Forged(_) | Say::Fail => self.is_unsigned,
            _ => false,
        }
    }

    pub fn is_safe(&self) -> bool {
        self.method == "GET"
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call { number, method, hosts, limit, .. } = self;
        write!(f, "{number}: {method} {}", if self.is_apiv2 { "APIv2" } else { "APIv3" })?;
        let traits = [
            (self.is_unsigned, "of an unsigned path"),
            (self.is_async, "async"),
            (self.hands_errors_back, "http_errors false"),
            (!self.follows, "allow_redirects false"),
            (self.has_sink, "sink"),
            (self.is_encrypted, "encrypt"),
        ];
        traits.into_iter().filter(|(holds, _)| *holds).try_for_each(|(_, name)| write!(f, ", {name}"))?;
        if let Some(retries) = self.retries {
            write!(f, ", retries {retries}")?;
        }
        if *limit != Limit::Ample {
            write!(f, ", limit {limit:?}")?;
        }
        if *hosts != [Host::A] {
            write!(f, ", hosts {hosts:?}")?;
        }
        for act in &self.script {
            write!(f, "; {:?} {}", act.say, if act.has_effect { "with effect" } else { "without effect" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Call(call) => write!(f, "call {call}"),
            Step::Cancel(call, after) => write!(f, "cancelled after {after:?}: call {call}"),
            Step::Together(calls) => {
                f.write_str("together:")?;
                calls.iter().try_for_each(|call| write!(f, "\n      call {call}"))
            }
            Step::Idle(time) => write!(f, "idle for {time:?}"),
            Step::Rotate(key) => write!(f, "rotate to the merchant's key {key}"),
            Step::Fetch => f.write_str("download_certificates"),
            Step::Platform(Change::Add) => f.write_str("the platform lists one more certificate"),
            Step::Platform(Change::Retire) => f.write_str("the platform retires its oldest certificate"),
            Step::Platform(Change::Lists(lists)) => write!(f, "the next requests for certificates: {lists:?}"),
        }
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "    keys: {:?}", self.keys)?;
        self.steps.iter().enumerate().try_for_each(|(at, step)| write!(f, "\n    {}. {step}", at + 1))
    }
}
