//! Which cells are run, as a variable of the environment says.

#[derive(Clone, Copy, Debug)]
pub enum Choice {
    /// A part of all.
    Part { number: usize, of: usize },
    /// Some of them, the same ones for the same seed.
    Seed(u64),
}

impl Choice {
    /// `all`, or a part of it such as `0/16`, or a seed.
    pub fn of_environment(variable: &str) -> Choice {
        let text = std::env::var(variable).unwrap_or("1".into());
        match text.split_once('/') {
            _ if text == "all" => Choice::Part { number: 0, of: 1 },
            Some((number, of)) => Choice::Part { number: number.parse().unwrap(), of: of.parse().unwrap() },
            None => Choice::Seed(text.parse().unwrap()),
        }
    }
}
