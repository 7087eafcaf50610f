//! What a row of the table says.

use std::time::Duration;

/// Commands that are asked about in the same way.
#[derive(Debug)]
pub(crate) struct Row {
    /// The commands, as `POST v3/refund/domestic/refunds`.
    pub(crate) commands: &'static [&'static str],
    /// The field of a command that has its own number.
    pub(crate) number: &'static str,
    /// What the platform is asked.
    pub(crate) question: &'static Question,
    /// What the commands do.
    pub(crate) effect: Effect,
}

/// What a command does to that which the question is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effect {
    /// It makes it: the command has taken effect as soon as the platform knows the number.
    Makes,
    /// It changes it.
    Changes {
        /// The states that only this command, or one to the same end, leads to.
        to: &'static [&'static str],
        /// The states in which the command has not taken effect.
        not: &'static [&'static str],
    },
}

/// How the platform documents to ask about a command.
#[derive(Debug)]
pub(crate) struct Question {
    /// Method and template, as `GET v3/refund/domestic/refunds/{out_refund_no}`.
    pub(crate) operation: &'static str,
    /// Its page, a path below those of the platform's documentation; empty if the facts have none.
    pub(crate) page: &'static str,
    /// What is asked with.
    pub(crate) parameters: &'static [Parameter],
    /// The list of the answer that has what was asked for, if it is one.
    pub(crate) list: Option<&'static str>,
    /// The field of the answer that repeats the number, as `transfer_batch.out_batch_no`.
    pub(crate) number: &'static str,
    /// The fields with the state, the second one refining the first. `sub_orders.*.trade_state` is one of each sub order.
    pub(crate) states: &'static [&'static str],
    /// The final states of what has succeeded, as far as they are documented.
    pub(crate) succeeded: &'static [&'static str],
    /// The final states of what has failed.
    pub(crate) failed: &'static [&'static str],
    /// The states in which the number is known, but the same command has to be sent again.
    pub(crate) again: &'static [&'static str],
    /// The codes of "there is no such number".
    pub(crate) absent: &'static [&'static str],
    /// How old a command must be before "there is no such number" says anything.
    pub(crate) after: Duration,
    /// How old a command may be for "there is no such number" to say anything.
    pub(crate) until: Option<Duration>,
}

/// What is asked with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    /// Its name in the question.
    pub(crate) name: &'static str,
    pub(crate) source: Source,
}

/// Where a parameter is from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// The command's own number.
    Number,
    /// The first of these fields that the command has; it must have one.
    Required(&'static [&'static str]),
    /// The first of these fields that the command has, if it has one.
    Optional(&'static [&'static str]),
    /// Always this.
    Fixed(&'static str),
}

/// The own number.
pub(super) const fn own(name: &'static str) -> Parameter {
    Parameter { name, source: Source::Number }
}

/// A field of the command, whose first name is that of the question.
pub(super) const fn need(names: &'static [&'static str]) -> Parameter {
    Parameter { name: first(names), source: Source::Required(names) }
}

/// A field that the command may have.
pub(super) const fn may(names: &'static [&'static str]) -> Parameter {
    Parameter { name: first(names), source: Source::Optional(names) }
}

/// A value that is always the same.
pub(super) const fn fixed(name: &'static str, value: &'static str) -> Parameter {
    Parameter { name, source: Source::Fixed(value) }
}

const fn first(names: &'static [&'static str]) -> &'static str {
    match names.first() {
        Some(name) => name,
        None => "",
    }
}

/// What a command has made is known as soon as it has been answered; a minute is for one that is still on its way.
pub(super) const A_MINUTE: Duration = Duration::from_secs(60);

/// "Ask again after a few minutes, it may still be in progress", say the pages about transfers and red packets. The same for
/// refunds, of which a query may lag behind.
pub(super) const MINUTES: Duration = Duration::from_secs(10 * 60);

/// "Only those of the last 30 days can be asked for", say the pages about transfers and red packets; less a day for
/// clocks and time zones.
pub(super) const A_MONTH: Duration = Duration::from_secs(29 * 24 * 60 * 60);

/// "Within 90 days", or three months, say the pages about withdrawals and reservations; less a day or two.
pub(super) const THREE_MONTHS: Duration = Duration::from_secs(88 * 24 * 60 * 60);

/// "Under the same number within two calendar days", says the page about transfers to bank cards; one day at least.
pub(super) const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Question {
    /// One whose answer has the number in a field of the same name.
    pub(super) const fn new(operation: &'static str, page: &'static str, parameters: &'static [Parameter]) -> Question {
        Question {
            operation,
            page,
            parameters,
            list: None,
            number: own_name(parameters),
            states: &[],
            succeeded: &[],
            failed: &[],
            again: &[],
            absent: &[],
            after: A_MINUTE,
            until: None,
        }
    }

    /// The state, and the final ones.
    pub(super) const fn state(
        mut self,
        states: &'static [&'static str],
        succeeded: &'static [&'static str],
        failed: &'static [&'static str],
    ) -> Question {
        self.states = states;
        self.succeeded = succeeded;
        self.failed = failed;
        self
    }

    /// The states in which the same command has to be sent again.
    pub(super) const fn again(mut self, states: &'static [&'static str]) -> Question {
        self.again = states;
        self
    }

    /// Where the answer repeats the number.
    pub(super) const fn repeated(mut self, number: &'static str) -> Question {
        self.number = number;
        self
    }

    /// Where the answer has a list; the other fields are those of its elements.
    pub(super) const fn within(mut self, list: &'static str) -> Question {
        self.list = Some(list);
        self
    }

    /// The codes of "there is no such number", and from when on they count.
    pub(super) const fn absent(mut self, codes: &'static [&'static str], after: Duration) -> Question {
        self.absent = codes;
        self.after = after;
        self
    }

    /// "There is no such number" says nothing about what is older.
    pub(super) const fn until(mut self, age: Duration) -> Question {
        self.until = Some(age);
        self
    }
}

/// The name of the own number in the question.
const fn own_name(parameters: &'static [Parameter]) -> &'static str {
    let mut rest = parameters;
    while let Some((parameter, after)) = rest.split_first() {
        if matches!(parameter.source, Source::Number) {
            return parameter.name;
        }
        rest = after;
    }
    ""
}

/// Commands that make what the question is about.
pub(super) const fn makes(commands: &'static [&'static str], number: &'static str, question: &'static Question) -> Row {
    Row { commands, number, question, effect: Effect::Makes }
}

/// Commands that change what the question is about.
pub(super) const fn changes(
    commands: &'static [&'static str],
    number: &'static str,
    question: &'static Question,
    to: &'static [&'static str],
    not: &'static [&'static str],
) -> Row {
    Row { commands, number, question, effect: Effect::Changes { to, not } }
}
