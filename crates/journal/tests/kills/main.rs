//! Processes that are killed by SIGKILL at any moment, and what the platform and the journal know of their money afterwards.
//!
//! A child works through a list of jobs, each of which must be done once: orders, refunds, transfers and red packets of both
//! protocols, by several threads, receives notifications, and settles, against a sandbox in this process that answers, refuses,
//! breaks off and delays. It is killed. Then what is not settled is settled, and it is compared, number by number: what has arrived
//! at the platform, what has taken effect there, what the journal says. The next child goes on with the same journal and what is
//! left of the jobs; the last one is not killed, and leaves nothing undone.
//!
//! In PostgreSQL, three children share the journal, and while one of them is killed, the server is restarted or crashes, its disk
//! is full or its connections are cut. The others wait until it is there again.
//!
//! ```text
//! WECHATPAY_KILLS=2000 cargo test --release --package wechatpay-journal --features postgres --test kills -- --nocapture
//! WECHATPAY_KILLS_SEED=1234 cargo test --package wechatpay-journal --features postgres --test kills -- --nocapture
//! ```

mod child;
mod database;
mod job;
mod moment;
mod orders;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod relay;
mod sqlite;
mod worker;
mod world;

use std::env;
use std::process::{Command, Stdio};
use std::sync::mpsc::{TryRecvError, channel};
use std::thread;
use std::time::SystemTime;

use support::process::is_child;
use support::random::Random;

use crate::child::{Ended, Ready};
use crate::database::Database;
use crate::moment::Moment;
use crate::orders::Orders;
use crate::sqlite::Sqlite;
use crate::worker::work;
use crate::world::{Counts, World};

/// How often a child is killed, unless this variable says otherwise.
const KILLS: usize = 40;
#[cfg(feature = "postgres")]
const POSTGRES_KILLS: usize = 20;
const KILLS_VARIABLE: &str = "WECHATPAY_KILLS";

/// From so many kills on, a child is killed at each step.
const STEPWISE_FROM: usize = 1_000;

/// What the moments, the jobs and the faults are drawn from.
const SEED_VARIABLE: &str = "WECHATPAY_KILLS_SEED";

/// How often children are killed with one journal and one sandbox, before nothing may be left undone.
const KILLS_OF_ONE_JOURNAL: usize = 20;

/// How many jobs are open at a time, for each child.
const JOBS: u64 = 12;

/// How many new notifications come at a time.
const NOTICES: u64 = 4;

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|number| number.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

fn seed() -> u64 {
    number(SEED_VARIABLE).unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        u64::from(since.subsec_nanos()) ^ since.as_secs()
    })
}

/// How often a child is killed: so often, if nothing else is said.
fn kills(usually: usize) -> usize {
    number(KILLS_VARIABLE).map_or(usually, |kills| kills as usize)
}

/// Kills one process after the other, of this many at a time, which share the journals in these databases.
fn kill(test: &str, children: u64, kills: usize, database: impl Fn() -> Option<Box<dyn Database>>) {
    let seed = seed();
    println!("{SEED_VARIABLE}={seed}");
    let (mut chance, mut counts) = (Random::new(seed), Counts::default());
    while counts.killed < kills {
        let Some(database) = database() else { return };
        let mut world = World::new(chance.number(), database);
        let spawn =
            |world: &World| -> Vec<_> { (0..children).filter_map(|_| Ready::spawn(world.child(test))).collect() };
        let mut ready = spawn(&world);
        for cycle in 0..KILLS_OF_ONE_JOURNAL.min(kills - counts.killed) {
            let what = format!("seed {seed}, journal {}, process {cycle}", world.seed);
            world.disturb(&mut chance);
            let before = world.sandbox.requests().len();
            let orders = world.orders(JOBS * children, NOTICES, &mut chance);
            for (child, told) in ready.iter_mut().zip(0..) {
                child.tell(&Orders { child: told, children, ..orders.clone() });
            }
            let (ended, befallen) = run(&world, before, ready, &what, &mut chance);
            ready = spawn(&world);
            *counts.troubles.entry(befallen).or_default() += 1;
            ended.into_iter().for_each(|ended| world.ended(ended, &mut counts));
            world.settle(&mut chance, &mut counts);
            world.agrees(&what);
        }
        world.finish(ready, &mut chance, &mut counts);
    }
    println!("{counts:?}");
}

/// Lets the children run and kills one of them, while something may befall the database. What they have left, and what has
/// befallen it.
fn run(
    world: &World,
    before: usize,
    mut children: Vec<Ready>,
    what: &str,
    chance: &mut Random,
) -> (Vec<Ended>, &'static str) {
    let (trouble, begins) = (world.database.trouble(chance), Moment::draw(chance));
    // Often in the middle of it.
    let is_killed = match &trouble {
        Some(_) if chance.chance(50) => begins.draw_soon_after(chance),
        _ => Moment::draw(chance),
    };
    let (running, is_running) = channel::<()>();
    let sandbox = &world.sandbox;
    let befall = move || {
        let trouble = trouble?;
        let is_over = || is_running.try_recv() == Err(TryRecvError::Disconnected);
        begins.wait(sandbox, before, is_over).then(|| {
            (trouble.befall)();
            trouble.name
        })
    };
    thread::scope(|scope| {
        // Dropped when all have ended, and also if something is wrong with them.
        let running = running;
        let befallen = scope.spawn(befall);
        is_killed.wait(sandbox, before, || children[0].has_ended());
        // One of them; the others go on to their end.
        children[0].kill();
        let ended = children.into_iter().map(|child| child.ends(what)).collect();
        drop(running);
        (ended, befallen.join().unwrap().unwrap_or("nothing"))
    })
}

#[test]
fn one_process_after_another() {
    if is_child() {
        return work();
    }
    kill("one_process_after_another", 1, kills(KILLS), || Some(Box::new(Sqlite::create())));
}

#[test]
fn two_processes_with_one_journal() {
    if is_child() {
        return work();
    }
    kill("two_processes_with_one_journal", 2, kills(KILLS), || Some(Box::new(Sqlite::create())));
}

#[cfg(feature = "postgres")]
#[test]
fn three_processes_with_one_postgres() {
    if is_child() {
        return work();
    }
    kill("three_processes_with_one_postgres", 3, kills(POSTGRES_KILLS), || {
        Some(Box::new(postgres::Postgres::create()?))
    });
}

/// What counts as a step: writing, locking and syncing files, and sending to and receiving from sockets; answering, too.
const STEPS: &str = "pwrite64,fsync,fdatasync,ftruncate,unlink,fcntl,connect,sendto,recvfrom,write";

/// A child is killed as it takes its first step, another one as it takes its second, and so on, until one lives; `strace` counts
/// and kills. By default, not at each of them.
#[test]
fn at_each_step() {
    if is_child() {
        return work();
    }
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        assert!(env::var_os("CI").is_none(), "strace is missing: on CI it must be there");
        return eprintln!("skipped: at_each_step (there is no strace)");
    }
    let (seed, stride) = (seed(), if kills(KILLS) >= STEPWISE_FROM { 1 } else { 7 });
    println!("{SEED_VARIABLE}={seed}");
    let (mut chance, mut counts) = (Random::new(seed), Counts::default());
    let mut world = World::new(seed, Box::new(Sqlite::create()));
    let mut step = 1 + chance.below(stride);
    loop {
        let what = format!("seed {seed}, step {step}");
        let inject = format!("inject={STEPS}:signal=SIGKILL:when={step}");
        let child = world.child("at_each_step");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={STEPS}"), "-e", &inject]);
        strace.arg(child.get_program()).args(child.get_args());
        strace.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
        world.disturb(&mut chance);
        step += stride;
        let Some(mut ready) = Ready::spawn(strace) else { continue };
        let orders = Orders { threads: 1, ..world.orders(4, 1, &mut chance) };
        ready.tell(&orders);
        let ended = ready.ends(&what);
        let is_killed = ended.is_killed;
        world.ended(ended, &mut counts);
        world.settle(&mut chance, &mut counts);
        world.agrees(&what);
        if !is_killed {
            break;
        }
    }
    let last = Ready::spawn(world.child("at_each_step")).into_iter().collect();
    world.finish(last, &mut chance, &mut counts);
    println!("{step} steps: {counts:?}");
}
