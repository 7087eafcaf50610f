//! What follows from what is known: whether a call may be made, and what its end says. The same for each database.

use wechatpay::Outcome;

use crate::entry::State;

/// Codes of refusals after which the number is not free: the platform knows it, or is still at work under it. Others than
/// the library's own, after which the outcome is unknown anyway.
const TAKEN: [&str; 16] = [
    "ALREADY_EXISTS",
    "BANKERROR",
    "BANK_ERROR",
    "DUPLICATE_REQUEST",
    "DUPLICATION_REQUEST",
    "ORDERCLOSED",
    "ORDERPAID",
    "ORDERREVERSED",
    "ORDER_CLOSED",
    "ORDER_PAID",
    "ORDER_REVERSED",
    "OUT_TRADE_NO_USED",
    "RESOURCE_ALREADY_EXISTS",
    "TRADE_STATE_ERROR",
    "USERPAYING",
    "USER_PAYING",
];

/// What the journal has under a number already.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    pub(crate) state: State,
    /// Whether its content is the same.
    pub(crate) is_same: bool,
    /// Whether whoever sends it is still there.
    pub(crate) is_in_flight: bool,
}

/// What is to be done with a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// It is sent. If `doubt`, an earlier one may have had its effect: then a refusal of this one proves nothing.
    Send { doubt: bool },
    /// It is sent, and nothing is written: what the platform has done under the number is known, and is the same.
    Repeat,
    /// The same is in flight.
    Wait,
    /// The number stands for something else.
    Refuse,
}

/// What is to be done with a call, given what is known under its number.
///
/// The same content may always be sent again, as the platform does the same thing under the same number only once. That is
/// also how a call whose outcome is unknown is settled: by the answer to the same call.
pub(crate) fn step(before: Option<&Before>) -> Step {
    let Some(before) = before else { return Step::Send { doubt: false } };
    match (before.state, before.is_same) {
        // The platform has nothing under this number.
        (State::Rejected | State::NotSent | State::NotDone, _) => Step::Send { doubt: false },
        (_, false) => Step::Refuse,
        (State::Answered | State::Done, true) => Step::Repeat,
        (State::Sending, true) if before.is_in_flight => Step::Wait,
        (State::Sending | State::Unknown, true) => Step::Send { doubt: true },
    }
}

/// The state of a call that has ended with this outcome and code.
pub(crate) fn conclude(outcome: Option<Outcome>, code: Option<&str>, doubt: bool) -> State {
    match outcome {
        None => State::Answered,
        Some(Outcome::Rejected) if !doubt && !code.is_some_and(|code| TAKEN.contains(&code)) => State::Rejected,
        Some(Outcome::NotSent) if !doubt => State::NotSent,
        Some(_) => State::Unknown,
    }
}

/// States that say as much as each other, each group more than the one before.
pub(crate) type Order = &'static [&'static [&'static str]];

/// What a notification says beside those that were received about the same number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum News {
    /// Something that is not known: more, or something else.
    More,
    /// What one of them has said.
    Same,
    /// What was so before one of them.
    Less,
}

/// What a state says beside those that are known. One that is not in the order is news.
pub(crate) fn news(order: Order, known: &[&str], state: &str) -> News {
    if known.contains(&state) {
        return News::Same;
    }
    let rank = |state: &str| {
        // A state that is refined is as far as the state itself.
        let plain = state.split('/').next().unwrap_or_default();
        order.iter().position(|group| group.contains(&plain))
    };
    let newest = known.iter().filter_map(|known| rank(known)).max();
    match (rank(state), newest) {
        (Some(rank), Some(newest)) if rank < newest => News::Less,
        _ => News::More,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(state: State, is_same: bool, is_in_flight: bool) -> Before {
        Before { state, is_same, is_in_flight }
    }

    #[test]
    fn a_number_stands_for_one_thing_unless_the_platform_has_nothing_under_it() {
        assert_eq!(step(None), Step::Send { doubt: false });
        for state in State::ALL.iter().copied() {
            let is_free = matches!(state, State::Rejected | State::NotSent | State::NotDone);
            for is_in_flight in [false, true] {
                let other = step(Some(&before(state, false, is_in_flight)));
                assert_eq!(other, if is_free { Step::Send { doubt: false } } else { Step::Refuse }, "{state:?}");
                // The same content is never refused.
                assert_ne!(step(Some(&before(state, true, is_in_flight))), Step::Refuse, "{state:?}");
            }
        }
        assert_eq!(step(Some(&before(State::Sending, true, true))), Step::Wait);
        assert_eq!(step(Some(&before(State::Sending, true, false))), Step::Send { doubt: true });
        assert_eq!(step(Some(&before(State::Unknown, true, false))), Step::Send { doubt: true });
        assert_eq!(step(Some(&before(State::Done, true, false))), Step::Repeat);
    }

    #[test]
    fn a_refusal_frees_the_number_unless_something_may_be_under_it() {
        assert_eq!(conclude(None, None, true), State::Answered);
        assert_eq!(conclude(Some(Outcome::Unknown), None, false), State::Unknown);
        assert_eq!(conclude(Some(Outcome::Rejected), Some("PARAM_ERROR"), false), State::Rejected);
        assert_eq!(conclude(Some(Outcome::Rejected), Some("FREQUENCY_LIMITED"), false), State::Rejected);
        assert_eq!(conclude(Some(Outcome::NotSent), None, false), State::NotSent);
        for code in TAKEN {
            assert_eq!(conclude(Some(Outcome::Rejected), Some(code), false), State::Unknown);
        }
        // An earlier call under this number may have had its effect.
        assert_eq!(conclude(Some(Outcome::Rejected), Some("PARAM_ERROR"), true), State::Unknown);
        assert_eq!(conclude(Some(Outcome::NotSent), None, true), State::Unknown);
    }

    #[test]
    fn what_was_so_before_is_no_news_and_what_nobody_knows_is() {
        const ORDER: Order = &[&["NOTPAY"], &["PAYERROR"], &["SUCCESS", "CLOSED"], &["REFUND"]];
        for (known, state, expected) in [
            (&[][..], "NOTPAY", News::More),
            (&["NOTPAY"], "SUCCESS", News::More),
            (&["SUCCESS"], "SUCCESS", News::Same),
            (&["SUCCESS"], "PAYERROR", News::Less),
            (&["SUCCESS"], "REFUND", News::More),
            (&["SUCCESS", "REFUND"], "SUCCESS", News::Same),
            (&["REFUND"], "SUCCESS", News::Less),
            // As far as each other: whoever has booked one of them must hear of the other.
            (&["SUCCESS"], "CLOSED", News::More),
            (&["SUCCESS/N"], "SUCCESS/Y", News::More),
            (&["SUCCESS/N"], "NOTPAY", News::Less),
            (&["SUCCESS"], "NEW_STATE", News::More),
            (&["NEW_STATE"], "NOTPAY", News::More),
            (&["NEW_STATE"], "NEW_STATE", News::Same),
        ] {
            assert_eq!(news(ORDER, known, state), expected, "{state} after {known:?}");
        }
    }
}
