//! What the other side knows of one sequence: the calls that are expected, what arrived of them and what it did.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use openssl::base64::decode_block;
use serde_json::Value;
use support::http::Arrived;

use super::step::{Act, Call, Keys, List};
use super::vault::{Seal, Vault};
use super::wire::ticket_of;

/// What is encrypted.
pub const NAME: &str = "诸葛孔明";

/// A rule that was broken, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    pub rule: &'static str,
    /// The same text whenever the same thing goes wrong.
    pub how: String,
}

pub fn wrong(rule: &'static str, how: impl Into<String>) -> Wrong {
    Wrong { rule, how: how.into() }
}

pub struct Book {
    /// Part of every address, so that what is left of an earlier sequence is not taken for one of this.
    pub id: u64,
    pub calls: Mutex<BTreeMap<usize, Entry>>,
    pub platform: Mutex<Platform>,
    /// The merchant's keys, one after the other; the last is the one of now.
    pub merchants: Mutex<Vec<usize>>,
    /// Bytes that are still to come behind an answer, in pieces.
    pub to_come: AtomicUsize,
}

/// How it stands with the platform's keys.
pub struct Platform {
    pub keys: Keys,
    /// The oldest that the client was told of when it was last told.
    pub told: usize,
    /// The certificates that it lists.
    pub oldest: usize,
    pub newest: usize,
    pub lists: VecDeque<List>,
}

impl Platform {
    /// The key that signs an answer to a request which names this one.
    pub fn seal(&self, named: Option<usize>) -> Seal {
        match (self.keys, named) {
            (Keys::PublicKey, _) => Seal::PublicKey,
            (_, Some(named)) if (self.oldest..=self.newest).contains(&named) => Seal::Certificate(named),
            _ => Seal::Certificate(self.newest),
        }
    }
}

/// One call, and what became of it.
pub struct Entry {
    pub call: Call,
    pub script: VecDeque<Act>,
    /// How many keys the merchant had had before when it began.
    merchants_before: usize,
    /// The newest certificate that the client knew when it began.
    known: Option<usize>,
    /// The ports that it may go to, in this order.
    pub ports: Vec<u16>,
    pub effects: usize,
    /// Whether a redirect has made another request of it.
    pub is_turned: bool,
    /// What was answered to each request that arrived.
    pub said: Vec<Said>,
    /// Whether the beginning of a request arrived without its end.
    pub has_fragment: bool,
    pub wrongs: Vec<Wrong>,
}

/// An answer, as it was given.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// 0 where no whole answer was.
    pub status: u16,
    pub body: Vec<u8>,
    /// Whether the signature holds.
    pub is_signed: bool,
}

impl Entry {
    pub fn new(call: Call, merchants_before: usize, known: Option<usize>, ports: Vec<u16>) -> Entry {
        Entry {
            script: call.script.iter().copied().collect(),
            call,
            merchants_before,
            known,
            ports,
            effects: 0,
            is_turned: false,
            said: Vec::new(),
            has_fragment: false,
            wrongs: Vec::new(),
        }
    }

    /// Whether anything of it arrived.
    pub fn has_arrived(&self) -> bool {
        self.has_fragment || !self.said.is_empty()
    }

    /// Holds a request that arrived against what may.
    pub fn watch(&mut self, request: &Arrived, port: u16, book: &Book, vault: &Vault) {
        if !self.ports.contains(&port) || request.target.starts_with("/elsewhere") {
            self.wrongs.push(wrong("elsewhere", "a redirect to another host was followed"));
        }
        let is_safe = request.method == "GET";
        if self.is_turned && !is_safe {
            self.wrongs.push(wrong("turned", "the call was made again after a redirect had turned it into a GET"));
        }
        if !is_safe && self.effects > 0 {
            self.wrongs.push(wrong("effects", "the call was made again after it had taken effect"));
        }
        self.wrongs.extend(self.other_request(request, book));
        if !self.call.is_apiv2 {
            let problems = [self.signature(request, book, vault), self.announced(request, vault)];
            self.wrongs.extend(problems.into_iter().flatten());
            if self.call.is_encrypted && !is_safe {
                self.wrongs.extend(encryption(request, vault));
            }
        }
    }

    /// Whether it is what the call is, or the GET that a redirect has made of it.
    fn other_request(&self, request: &Arrived, book: &Book) -> Option<Wrong> {
        let method = if self.is_turned { "GET" } else { self.call.method };
        let has_body = matches!(method, "POST" | "PUT");
        let ticket = ticket_of(book.id, self.call.number);
        let is_whole = match has_body {
            true => String::from_utf8_lossy(&request.body).contains(&ticket),
            false => request.body.is_empty(),
        };
        let is_it = request.method == method && is_whole;
        (!is_it).then(|| wrong("request", "what arrived is not the request of the call"))
    }

    /// Whether what arrived is signed, by a key that the merchant has had since the call began. An async one takes its
    /// key when its turn comes.
    fn signature(&self, request: &Arrived, book: &Book, vault: &Vault) -> Option<Wrong> {
        let authorization = request.header("authorization").unwrap_or_default();
        let part = |name: &str| {
            let value = authorization.split_once(&format!("{name}=\""))?.1;
            Some(value.split_once('"')?.0)
        };
        let Arrived { method, target, body, .. } = request;
        let (timestamp, nonce) = (part("timestamp").unwrap_or_default(), part("nonce_str").unwrap_or_default());
        let head = format!("{method}\n{target}\n{timestamp}\n{nonce}\n");
        let message = [head.as_bytes(), body, b"\n"].concat();
        let holds = lock(&book.merchants)[self.merchants_before..].iter().any(|merchant| {
            let merchant = &vault.merchants[*merchant];
            part("serial_no") == Some(&merchant.id)
                && part("signature").is_some_and(|signature| merchant.verifies(&message, signature))
        });
        (!holds).then(|| wrong("signed", "a request is not signed by a key of the merchant that it names"))
    }

    /// Whether the certificate that is named is at least as new as what was known when the call began.
    fn announced(&self, request: &Arrived, vault: &Vault) -> Option<Wrong> {
        let named = vault.certificate(request.header("wechatpay-serial")?)?;
        let is_back = self.known.is_some_and(|known| named < known);
        is_back.then(|| wrong("announced", "a certificate is announced that was retired before the call began"))
    }
}

/// Whether the encrypted field is what it was, for the key that is named; [`Entry::announced`] looks at which one it is.
fn encryption(request: &Arrived, vault: &Vault) -> Option<Wrong> {
    let named = request.header("wechatpay-serial").unwrap_or_default();
    let seal = vault.certificate(named).map_or(Seal::PublicKey, Seal::Certificate);
    let party = vault.party(seal);
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let sealed = decode_block(body["name"].as_str().unwrap_or_default()).unwrap_or_default();
    let holds = party.id == named && party.decrypt(&sealed).as_deref() == Some(NAME.as_bytes());
    (!holds).then(|| wrong("encrypted", "a field is not encrypted for the key that the request names"))
}

/// Locks, also after a panic elsewhere.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
