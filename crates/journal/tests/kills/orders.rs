//! What the parent and a child tell each other, in lines.

use wechatpay::{Value, json};

use crate::job::Job;

/// What a child prints when it waits for its orders.
pub const READY: &str = "READY";

/// What it prints when it has answered a notification, before the place of that.
pub const ANSWERED: &str = "ANSWERED ";

/// What it prints at its end, before how often it has met a database that was in trouble.
pub const REFUSED: &str = "REFUSED ";

/// What a child is told, in one line.
#[derive(Clone)]
pub struct Orders {
    /// The address of the journal.
    pub journal: String,
    pub seed: u64,
    /// Which of how many children it is.
    pub child: u64,
    pub children: u64,
    pub threads: u64,
    pub jobs: Vec<Job>,
    /// Those that come, each with the place where it is in the list of the platform.
    pub notices: Vec<(usize, Value)>,
}

impl Orders {
    pub fn written(&self) -> String {
        let Orders { journal, seed, child, children, threads, jobs, notices } = self;
        let jobs: Vec<_> = jobs.iter().map(|job| job.0).collect();
        json!([journal, seed, child, children, threads, jobs, notices]).to_string()
    }

    pub fn read(line: &str) -> Orders {
        let told: Value = line.parse().unwrap();
        let number = |at: usize| told[at].as_u64().unwrap();
        let list = |at: usize| told[at].as_array().unwrap().iter();
        Orders {
            journal: told[0].as_str().unwrap().into(),
            seed: number(1),
            child: number(2),
            children: number(3),
            threads: number(4),
            jobs: list(5).map(|job| Job(job.as_u64().unwrap())).collect(),
            notices: list(6).map(|notice| (notice[0].as_u64().unwrap() as usize, notice[1].clone())).collect(),
        }
    }

    /// Whether each child settles while it works: sometimes, what one that was killed has left is found by calls alone.
    pub fn to_settle(&self) -> bool {
        self.threads > 1 && self.seed % 2 == 0
    }

    /// Whether this job is for this thread. The even ones are for one alone: whether a number is free is looked up before the
    /// next one is used, in between which another could use the free one.
    pub fn are_for(&self, thread: u64, job: Job) -> bool {
        let workers = self.threads * self.children;
        !job.takes_new_numbers() || job.0 / 2 % workers == self.child * self.threads + thread
    }
}
