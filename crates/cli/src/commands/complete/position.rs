//! Where on the line the cursor is, by the tree of commands that clap has.

use clap::{Arg, Command};
use wechatpay_catalog::{Operation, catalog};

/// Where the cursor is.
#[derive(Debug)]
pub struct Position<'a> {
    /// The command whose arguments are being written.
    pub command: &'a Command,
    pub here: Here<'a>,
    /// What there is of the word, or of a flag's value.
    pub typed: String,
    /// What is before it and neither a command, a flag nor a flag's value.
    pub positionals: Vec<&'a str>,
}

/// What is being written.
#[derive(Debug)]
pub enum Here<'a> {
    Command,
    Flag,
    /// The value of an argument, and what is before it in the same word: `--profile=`.
    Value {
        argument: &'a Arg,
        before: String,
    },
}

impl<'a> Position<'a> {
    /// `None` if nothing can be there. The first word is the name of the program.
    pub fn of(root: &'a Command, words: &'a [String]) -> Option<Position<'a>> {
        let (last, before) = words.split_last()?;
        let (mut command, mut positionals, mut open, mut only_positionals) = (root, Vec::new(), None, false);
        for word in before.get(1..)? {
            if open.take().is_some() {
                continue;
            }
            if word == "--" && !only_positionals {
                only_positionals = true;
            } else if let Some(flag) = word.strip_prefix("--").filter(|_| !only_positionals) {
                open = long(command, flag).filter(|argument| takes_value(argument));
            } else if let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty() && !only_positionals) {
                open = short(command, letters);
            } else if let Some(inner) = command.find_subcommand(word).filter(|_| positionals.is_empty()) {
                command = inner;
            } else {
                positionals.push(word.as_str());
            }
        }
        let at =
            |here, typed: &str| Position { command, here, typed: typed.to_owned(), positionals: positionals.clone() };
        let value =
            |argument, before: &str, typed: &str| at(Here::Value { argument, before: before.to_owned() }, typed);
        if let Some(argument) = open {
            return Some(value(argument, "", last));
        }
        if let Some(flag) = last.strip_prefix("--").filter(|_| !only_positionals) {
            return match flag.split_once('=') {
                Some((name, typed)) => Some(value(long(command, name)?, &format!("--{name}="), typed)),
                None => Some(at(Here::Flag, last)),
            };
        }
        if last.starts_with('-') && !only_positionals {
            return Some(at(Here::Flag, last));
        }
        if command.has_subcommands() && positionals.is_empty() && !only_positionals {
            return Some(at(Here::Command, last));
        }
        // The last one takes all that follow.
        let mut arguments = command.get_positionals();
        let argument = arguments
            .nth(positionals.len())
            .or_else(|| command.get_positionals().last().filter(|argument| takes_several(argument)));
        Some(value(argument?, "", last))
    }

    /// The operation that the line calls.
    pub fn operation(&self) -> Option<Operation> {
        let method = Some(self.command.get_name()).filter(|name| is_method(name))?;
        catalog().find(method, self.positionals.first()?).map(|found| found.operation())
    }
}

fn takes_value(argument: &Arg) -> bool {
    argument.get_action().takes_values()
}

fn takes_several(argument: &Arg) -> bool {
    argument.get_num_args().is_some_and(|range| range.max_values() > 1)
}

fn long<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    // One whose value is there already has `=` in it.
    command.get_arguments().find(|argument| argument.get_long() == Some(name))
}

/// The argument of the last of some letters, if its value is the next word.
fn short<'a>(command: &'a Command, letters: &str) -> Option<&'a Arg> {
    let by = |letter| command.get_arguments().find(move |argument| argument.get_short() == Some(letter));
    let (at, argument) = letters.char_indices().find_map(|(at, letter)| {
        let argument = by(letter).filter(|argument| takes_value(argument))?;
        Some((at.saturating_add(letter.len_utf8()), argument))
    })?;
    (at == letters.len()).then_some(argument)
}

/// Whether a command makes a call by the method of its name.
pub fn is_method(command: &str) -> bool {
    matches!(command, "get" | "post" | "put" | "patch" | "delete")
}
