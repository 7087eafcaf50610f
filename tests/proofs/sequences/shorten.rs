//! A shorter sequence in which the same thing goes wrong.

use std::time::{Duration, Instant};

use support::folder::Folder;

use super::book::Wrong;
use super::server::Server;
use super::step::{Act, Call, Host, Keys, Limit, Sequence, Step};
use super::world;

/// How long is spent on it.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often a sequence may be run until the same is seen.
const TRIES: usize = 3;

/// None when it is not seen again.
pub fn shorten(sequence: Sequence, wrong: &Wrong, server: &Server, folder: &Folder) -> Option<Sequence> {
    let breaks =
        |sequence: &Sequence, tries: usize| (0..tries).any(|_| world::run(sequence, server, folder).contains(wrong));
    let (start, mut shortest) = (Instant::now(), sequence);
    breaks(&shortest, TRIES).then_some(())?;
    while start.elapsed() < PATIENCE {
        let Some(shorter) = candidates(&shortest).find(|shorter| start.elapsed() < PATIENCE && breaks(shorter, 1))
        else {
            break;
        };
        shortest = shorter;
    }
    Some(shortest)
}

/// One step alone, or everything that is one thing less.
fn candidates(sequence: &Sequence) -> impl Iterator<Item = Sequence> {
    let Sequence { keys, steps } = sequence.clone();
    let with = move |steps| Sequence { keys, steps };
    let one_step = {
        let steps = steps.clone();
        let many = if steps.len() > 1 { steps } else { Vec::new() };
        many.into_iter().rev().map(|step| vec![step])
    };
    let without_step = {
        let steps = steps.clone();
        (0..steps.len()).rev().map(move |at| {
            let mut steps = steps.clone();
            steps.remove(at);
            steps
        })
    };
    let with_simpler_step = (0..steps.len()).flat_map(move |at| {
        let steps = steps.clone();
        simpler_steps(&steps[at]).into_iter().map(move |step| {
            let mut steps = steps.clone();
            steps[at] = step;
            steps
        })
    });
    let simplest_keys = Sequence { keys: Keys::PublicKey, steps: sequence.steps.clone() };
    let simplest_keys = (keys != Keys::PublicKey).then_some(simplest_keys);
    one_step.chain(without_step).chain(with_simpler_step).map(with).chain(simplest_keys)
}

fn simpler_steps(step: &Step) -> Vec<Step> {
    match step {
        Step::Call(call) => simpler_calls(call).into_iter().map(Step::Call).collect(),
        Step::Cancel(call, after) => simpler_calls(call).into_iter().map(|call| Step::Cancel(call, *after)).collect(),
        Step::Together(calls) => calls.iter().cloned().map(Step::Call).collect(),
        _ => Vec::new(),
    }
}

fn simpler_calls(call: &Call) -> Vec<Call> {
    let mut simpler = Vec::new();
    for at in 0..call.script.len() {
        let mut script: Vec<Act> = call.script.clone();
        script.remove(at);
        simpler.push(Call { script, ..call.clone() });
    }
    let mut add = |is_less: bool, less: Call| simpler.extend(is_less.then_some(less));
    add(call.is_async, Call { is_async: false, ..call.clone() });
    add(call.has_sink, Call { has_sink: false, ..call.clone() });
    add(call.is_encrypted, Call { is_encrypted: false, ..call.clone() });
    add(call.hands_errors_back, Call { hands_errors_back: false, ..call.clone() });
    add(!call.follows, Call { follows: true, ..call.clone() });
    add(call.hosts != [Host::A], Call { hosts: vec![Host::A], ..call.clone() });
    add(call.retries.is_some(), Call { retries: None, ..call.clone() });
    add(call.limit != Limit::Ample, Call { limit: Limit::Ample, ..call.clone() });
    simpler
}
