//! Asks the platform whether a command has taken effect.

use std::time::Duration;

use serde_json::{Map, Value};
use wechatpay::{Chain, Error, Outcome};

use crate::command::{self, Unasked};
use crate::operations::{Effect, Operation, Question};

/// What the platform says about a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It has taken effect.
    Done {
        /// The state of what it has made or changed, as the platform calls it.
        state: String,
        progress: Progress,
    },
    /// It has not, and may be sent again under the same number.
    NotDone { why: String },
    /// It is not known yet, and has to be asked again.
    NotYet { why: String },
}

/// How far that is which a command has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It is not in a final state, or in one that is not documented.
    Open,
    /// It is in a final state, and good. What comes after it is another matter: a payment may be refunded, and a bank may send a
    /// withdrawal back.
    Succeeded,
    /// It is in a final state, and not good.
    Failed,
}

/// Asks about a command: by its number, by what was kept of it, and knowing how long ago it was sent last.
///
/// # Errors
/// That of the question, which says nothing about the command.
pub(crate) fn ask(
    instance: &Chain,
    operation: &Operation,
    number: &str,
    kept: &Map<String, Value>,
    age: Duration,
) -> Result<Verdict, Error> {
    let Some((question, effect)) = operation.question() else { return Ok(undocumented()) };
    let asked = match command::Question::of(operation, number, kept) {
        Ok(asked) => asked,
        Err(Unasked::Undocumented) => return Ok(undocumented()),
        Err(Unasked::Missing(field)) => {
            return Ok(not_yet(format!("the command had no `{field}`, which the question needs")));
        }
    };
    let answered = instance.chain(asked.template()).request(asked.method(), asked.options().clone());
    let verdict = match answer(question, answered)? {
        Answer::Absent(code) => absent(question, &code, age),
        Answer::Unclear(why) => not_yet(why),
        Answer::Fields(fields) => match subject(question, &fields, number) {
            Subject::Absent => absent(question, "an empty list", age),
            Subject::Another => not_yet("the answer is about another number".to_owned()),
            Subject::Found(subject) => match States::of(question, subject) {
                Some(states) => states.verdict(question, effect, age),
                None => not_yet("the answer has no state".to_owned()),
            },
        },
    };
    Ok(verdict)
}

fn undocumented() -> Verdict {
    not_yet("the platform documents no question about this operation".to_owned())
}

fn not_yet(why: String) -> Verdict {
    Verdict::NotYet { why }
}

/// What the question was answered with.
enum Answer {
    /// These fields.
    Fields(Value),
    /// This code of "there is no such number".
    Absent(String),
    /// Nothing that says anything about the number.
    Unclear(String),
}

fn answer(question: &Question, answer: Result<wechatpay::Response, Error>) -> Result<Answer, Error> {
    let is_apiv2 = question.operation.contains(" v2/");
    match answer {
        Ok(response) if is_apiv2 => Ok(of_apiv2(question, response.xml()?)),
        Ok(response) => response.json().map(Answer::Fields),
        Err(error) => match absent_code(question, &error) {
            Some(code) => Ok(Answer::Absent(code)),
            None => Err(error),
        },
    }
}

/// An answer of APIv2. Some are not signed, and therefore passed on by the client whatever they say.
fn of_apiv2(question: &Question, fields: Value) -> Answer {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("return_code") != "SUCCESS" {
        return Answer::Unclear("the question was not understood".to_owned());
    }
    if matches!(text("result_code"), "" | "SUCCESS") {
        return Answer::Fields(fields);
    }
    match question.absent.iter().find(|code| **code == text("err_code")) {
        Some(code) => Answer::Absent((*code).to_owned()),
        None => Answer::Unclear("the question was refused".to_owned()),
    }
}

/// The code of an error that says that there is no such number: that of a 404 to the question itself, or a signed one of
/// APIv2.
fn absent_code(question: &Question, error: &Error) -> Option<String> {
    let is_said = match error {
        Error::Client(_) => error.status().is_some_and(|status| status == 404),
        Error::Apiv2(_) => true,
        _ => false,
    };
    let says_so = is_said && error.outcome() == Outcome::Rejected;
    let code = error.code().filter(|code| says_so && question.absent.contains(code))?;
    Some(code.to_owned())
}

/// What becomes of a command whose number the platform does not know.
fn absent(question: &Question, said: &str, age: Duration) -> Verdict {
    let said = format!("{} says {said}", name(question));
    if age < question.after {
        return not_yet(too_early(&said, question));
    }
    if question.until.is_some_and(|until| age > until) {
        return not_yet(format!("{said}, which does not count for a command that is so old"));
    }
    Verdict::NotDone { why: said }
}

fn too_early(said: &str, question: &Question) -> String {
    format!("{said}, which counts after {} seconds", question.after.as_secs())
}

/// The question as it is shown: its operation and its page.
fn name(question: &Question) -> String {
    match question.page {
        "" => question.operation.to_owned(),
        page => format!("{} (page {page})", question.operation),
    }
}

/// What an answer is about.
enum Subject<'a> {
    Found(&'a Value),
    /// None of the list has the number.
    Absent,
    /// There is no number, or another one.
    Another,
}

fn subject<'a>(question: &Question, fields: &'a Value, number: &str) -> Subject<'a> {
    let has_number = |subject: &Value| texts(subject, question.number).is_some_and(|texts| texts == [number]);
    let Some(list) = question.list else {
        return if has_number(fields) { Subject::Found(fields) } else { Subject::Another };
    };
    let Some(list) = fields.get(list).and_then(Value::as_array) else {
        return Subject::Another;
    };
    match list.iter().find(|subject| has_number(subject)) {
        Some(subject) => Subject::Found(subject),
        None if list.is_empty() => Subject::Absent,
        None => Subject::Another,
    }
}

/// The texts at a path of names, where `*` stands for all elements of a list. `None` if one is missing.
pub(crate) fn texts<'a>(value: &'a Value, path: &str) -> Option<Vec<&'a str>> {
    let mut values = vec![value];
    for name in path.split('.') {
        values = match name {
            "*" => values.into_iter().map(Value::as_array).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect(),
            name => values.into_iter().map(|value| value.get(name)).collect::<Option<_>>()?,
        };
    }
    values.into_iter().map(Value::as_str).collect()
}

/// The states that an answer has: one, or one of each part.
struct States(Vec<String>);

impl States {
    fn of(question: &Question, subject: &Value) -> Option<States> {
        states(subject, question.states).map(States)
    }

    fn verdict(self, question: &Question, effect: Effect, age: Duration) -> Verdict {
        let is_all = |known: &[&str]| self.0.iter().all(|state| known.contains(&state.as_str()));
        let progress = if is_all(question.succeeded) {
            Progress::Succeeded
        } else if is_all(question.failed) {
            Progress::Failed
        } else {
            Progress::Open
        };
        let is_undone = match effect {
            Effect::Makes => is_all(question.again),
            Effect::Changes { not, .. } => is_all(not),
        };
        let is_done = match effect {
            Effect::Makes => true,
            Effect::Changes { to, .. } => is_all(to),
        };
        let state = self.0.join(",");
        let said = format!("{} says {state}", name(question));
        match (is_undone, is_done) {
            (true, _) if age >= question.after => Verdict::NotDone { why: said },
            (true, _) => not_yet(too_early(&said, question)),
            (false, true) => Verdict::Done { state, progress },
            (false, false) => not_yet(said),
        }
    }
}

/// The states at these paths, the second one refining the first: one, or one of each part.
pub(crate) fn states(subject: &Value, fields: &[&str]) -> Option<Vec<String>> {
    let (first, refining) = fields.split_first()?;
    let mut states: Vec<String> = texts(subject, first)?.into_iter().map(str::to_owned).collect();
    if let [state] = &mut states[..] {
        for refined in refining.iter().filter_map(|field| texts(subject, field)).flatten() {
            state.push('/');
            state.push_str(refined);
        }
    }
    states.sort();
    states.dedup();
    let are_words = states.iter().all(|state| is_word(state));
    (are_words && !states.is_empty()).then_some(states)
}

/// Whether a state is one that may be shown and stored: a word.
fn is_word(state: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/');
    !state.is_empty() && state.len() <= 64 && state.bytes().all(is_part)
}

#[cfg(test)]
mod tests;
