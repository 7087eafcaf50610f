//! From a seed to a sequence.

use std::time::Duration;

use support::random::Random;

use super::step::{Act, At, Call, Change, Forgery, Host, Keys, Limit, List, Say, Sequence, Step, To};
use super::vault::MERCHANTS;

/// Numbers of harmless calls begin here.
const HARMLESS: usize = 100;

const ODD: [u16; 7] = [300, 304, 305, 306, 399, 600, 999];

pub fn sequence(seed: u64) -> Sequence {
    let mut random = Random::new(seed);
    let keys = match random.below(4) {
        0 | 1 => Keys::PublicKey,
        2 => Keys::Fetched { always: false },
        _ => Keys::Fetched { always: true },
    };
    let mut generator = Generator { random, keys, calls: 0, steps: Vec::new() };
    for _ in 0..3 + generator.random.below(5) {
        generator.add();
    }
    generator.add_harmless();
    Sequence { keys, steps: generator.steps }
}

struct Generator {
    random: Random,
    keys: Keys,
    calls: usize,
    steps: Vec<Step>,
}

impl Generator {
    fn add(&mut self) {
        let is_fetched = self.keys != Keys::PublicKey;
        match self.random.below(100) {
            0..60 => {
                let call = self.call(true);
                self.steps.push(Step::Call(call));
                if self.random.chance(40) {
                    self.add_harmless();
                }
            }
            60..67 => {
                let call = Call { is_async: true, has_sink: false, ..self.call(false) };
                let after = Duration::from_millis(self.random.pick(&[0, 0, 1, 3, 20]));
                self.steps.push(Step::Cancel(call, after));
            }
            67..77 => {
                let calls = (0..2 + self.random.below(3)).map(|_| self.call(false)).collect();
                self.steps.push(Step::Together(calls));
                self.add_harmless();
            }
            77..82 => {
                let time = self.random.pick(&[1, 5, 30]);
                self.steps.push(Step::Idle(Duration::from_millis(time)));
            }
            82..87 => {
                let key = self.random.below(MERCHANTS);
                self.steps.push(Step::Rotate(key));
            }
            _ if !is_fetched => self.add(),
            87..91 => self.steps.push(Step::Fetch),
            91..94 => self.steps.push(Step::Platform(Change::Add)),
            94..96 => self.steps.push(Step::Platform(Change::Retire)),
            _ => {
                let lists: Vec<_> = (0..1 + self.random.below(2)).map(|_| self.list()).collect();
                let stalls = lists.contains(&List::Stall);
                self.steps.push(Step::Platform(Change::Lists(lists)));
                if stalls {
                    let call = Call { limit: Limit::Short, ..self.call(true) };
                    self.steps.push(Step::Call(call));
                }
            }
        }
    }

    fn add_harmless(&mut self) {
        let number = HARMLESS + self.steps.len();
        self.steps.push(Step::Call(Call::harmless(number)));
    }

    fn list(&mut self) -> List {
        match self.random.below(40) {
            0..4 => List::Stall,
            4..20 => List::Old,
            20..26 => List::Forged,
            26..33 => List::Status(self.random.pick(&[404, 429, 500, 503])),
            _ => List::Close,
        }
    }

    /// Where it is not alone, nothing is said after an answer: what comes meanwhile for another call's request would be
    /// the answer to that, and nobody could tell. A cancelled call may go on for the rest of the sequence.
    fn call(&mut self, is_alone: bool) -> Call {
        let is_alone = is_alone && !self.steps.iter().any(|step| matches!(step, Step::Cancel(..)));
        self.calls += 1;
        let random = &mut self.random;
        let method = random.pick(&["POST", "POST", "POST", "POST", "GET", "GET", "GET", "PUT", "DELETE"]);
        let is_apiv2 = matches!(method, "GET" | "POST") && random.chance(25);
        let may_be_unsigned = method == if is_apiv2 { "POST" } else { "GET" };
        let is_unsigned = may_be_unsigned && random.chance(10);
        let hosts = match random.below(20) {
            0 => vec![Host::Dead],
            1 | 2 => vec![Host::Dead, Host::A],
            3..7 => vec![Host::A, Host::B],
            7 => vec![Host::A, Host::Dead],
            8 => vec![Host::B],
            9 | 10 => vec![Host::Brief],
            11 => vec![Host::Brief, Host::A],
            _ => vec![Host::A],
        };
        // What is handed back and what comes of another host meet seldom enough.
        let errors = if hosts.len() > 1 { 30 } else { 12 };
        let mut call = Call {
            number: self.calls,
            method,
            is_apiv2,
            is_unsigned,
            is_async: random.chance(40),
            retries: random.chance(40).then(|| 1 + random.below(2) as u32),
            hosts,
            hands_errors_back: random.chance(errors),
            follows: !random.chance(8),
            has_sink: random.chance(8),
            is_encrypted: !is_apiv2 && matches!(method, "POST" | "PUT") && random.chance(20),
            limit: Limit::Ample,
            script: Vec::new(),
        };
        call.script = self.script(&call, is_alone);
        let has_wait =
            call.script.iter().any(|act| matches!(act.say, Say::Late | Say::Dripping | Say::Odd { status: 101, .. }));
        call.limit = match has_wait || self.random.chance(3) {
            true => self.random.pick(&[Limit::Short, Limit::Read]),
            false => Limit::Ample,
        };
        call
    }

    fn script(&mut self, call: &Call, is_alone: bool) -> Vec<Act> {
        let mut script = Vec::new();
        let most = self.random.pick(&[0, 1, 1, 1, 1, 2, 2, 3]);
        while script.len() < most {
            let say = self.say(call, is_alone);
            let has_effect = self.has_effect(call, say);
            let act = Act { has_effect, say };
            let is_loop = matches!(say, Say::Redirect { to: To::Itself, .. }) && self.random.chance(50);
            let times = if is_loop { 7 } else { 1 };
            script.extend(std::iter::repeat_n(act, times));
            // What a redirect leads to is where it becomes interesting.
            if matches!(say, Say::Redirect { .. }) && !is_loop && self.random.chance(60) {
                let say = self.say(call, is_alone);
                script.push(Act { has_effect: self.has_effect(call, say), say });
            }
        }
        script
    }

    /// What is said to be done is done, a refusal with 4xx is one, and what 307 and 308 lead to is done there.
    fn has_effect(&mut self, call: &Call, say: Say) -> bool {
        match say {
            say if call.takes_for_success(say) => true,
            Say::Refuse(status) => status >= 500 && self.random.chance(60),
            Say::Fail | Say::Redirect { status: 307 | 308, .. } => false,
            _ => self.random.chance(65),
        }
    }

    fn say(&mut self, call: &Call, is_alone: bool) -> Say {
        let random = &mut self.random;
        match random.below(100) {
            0..12 => Say::Right,
            12..14 => Say::Chunked,
            14..32 => Say::Refuse(random.pick(&[400, 403, 404, 429, 429, 429, 500, 502, 503])),
            32..46 => {
                let status = random.pick(&[301, 302, 303, 303, 307, 308]);
                let to = random.pick(&[To::Signed, To::Signed, To::Signed, To::Unsigned, To::Elsewhere, To::Itself]);
                let closes = random.chance(if call.hosts.contains(&Host::Brief) { 70 } else { 20 });
                Say::Redirect { status, to, closes }
            }
            46..57 => {
                let status = if random.chance(7) { 101 } else { random.pick(&ODD) };
                Say::Odd { status, is_located: random.chance(50), is_signed: random.chance(50) }
            }
            57..67 => {
                let kinds = [Forgery::Missing, Forgery::Other, Forgery::Expired, Forgery::Stranger];
                Say::Forged(random.pick(&kinds))
            }
            67..82 => {
                let at = random.pick(&[At::Start, At::Start, At::Head, At::Body, At::End]);
                Say::Hang { at, resets: random.chance(40) }
            }
            82..91 => Say::Smuggled { is_late: is_alone && random.chance(50), is_filled: random.chance(30) },
            91..95 if !call.is_unsigned => Say::Length(random.pick(&[10, -1])),
            95..97 if call.is_apiv2 => Say::Fail,
            97..99 => Say::Late,
            99 => Say::Dripping,
            _ => Say::Right,
        }
    }
}
