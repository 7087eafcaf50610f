//! Which operation moves money under which number of the merchant, and how the platform is asked about it afterwards.
//!
//! A command has an own number: a field whose value the merchant has chosen, and under which the platform does the same
//! thing only once. The tables say, of each command, which field that is, which operation answers whether the command
//! has taken effect, and what has to be kept of the request to ask:
//!
//! * **done**: the platform knows the command. One that makes something (an order, a refund, a transfer) is done as soon as
//!   the platform knows the number, in whatever state: an order that nobody has paid is placed, a refund in progress is
//!   accepted, a transfer that has failed was made and its number is used up. One that changes something (closes it, cancels
//!   it, completes it) is done when it is in a state that the change leads to. Whether the state is final, and good or
//!   bad, is said beside it; an unknown state is not final.
//! * **not done**: the platform says, with a documented code and about a command that is old enough, that there is no such
//!   number; or it says a state in which the documents ask to send the command again; or what was to be changed is in a state in
//!   which it has not been. The same command may be sent again under the
//!   same number. It may not be sent under another number, which the documents of transfers and red packets forbid.
//! * **not yet known**: anything else, also an answer that does not repeat the number, or has no state. Of transfers, batches
//!   and red packets the documents say that what does not exist may still be in progress, and to ask again after minutes; and
//!   that only those of the last 30 days can be asked for, so that nothing follows from "there is no such number" any more.
//!
//! Kept are numbers and identifiers of merchants and applications. An openid is not: of coupons that can only be asked for by
//! the user's openid, nothing is asked. They can be sent again under the same number, which gives the same coupon.
//!
//! The codes, states and waits are those of the platform's pages, each row with the page of its question. Where a page has no
//! code, the row has that of its family; a code that never comes leaves a command not yet known, and no more than that. A row has
//! one number: values of a path are variables of the question and never literals, which the chain would respell.

mod accounts;
mod apiv2;
mod marketing;
mod numbers;
mod orders;
mod refunds;
mod row;
mod score;
mod sharing;
mod transfers;

use std::collections::HashMap;
use std::sync::OnceLock;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use wechatpay_catalog as catalog;
use wechatpay_catalog::Place;

pub(crate) use self::row::{Effect, Question, Source};

use self::row::Row;

/// All rows.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    [
        orders::ROWS,
        refunds::ROWS,
        transfers::ROWS,
        sharing::ROWS,
        score::ROWS,
        accounts::ROWS,
        marketing::ROWS,
        apiv2::ROWS,
    ]
    .into_iter()
    .flatten()
}

/// An operation that is documented.
#[derive(Debug)]
pub(crate) struct Operation {
    documented: catalog::Operation,
    number: Option<&'static str>,
    row: Option<&'static Row>,
}

/// The operation that a method and a path call. The path may be in any spelling of the chain, with variables or with values.
/// `None` if nothing like that is documented.
pub(crate) fn find(method: &str, path: &str) -> Option<&'static Operation> {
    of(catalog::catalog().find(method, path)?.operation())
}

/// What is known of a documented operation.
pub(crate) fn of(documented: catalog::Operation) -> Option<&'static Operation> {
    all().get(&documented)
}

/// All operations, each with what the tables or else the names of its fields say about it.
fn all() -> &'static HashMap<catalog::Operation, Operation> {
    static ALL: OnceLock<HashMap<catalog::Operation, Operation>> = OnceLock::new();
    ALL.get_or_init(|| {
        let commands = rows().flat_map(|row| row.commands.iter().map(move |command| (*command, row)));
        let commands: HashMap<_, _> = commands.collect();
        let operation = |documented: catalog::Operation| {
            let row = commands.get(documented.to_string().as_str()).copied();
            let number = row.map_or_else(|| numbers::own(&documented), |row| Some(row.number));
            (documented, Operation { documented, number, row })
        };
        catalog::catalog().operations().map(operation).collect()
    })
}

/// The places of a request that have fields.
const PLACES: [Place; 4] = [Place::Path, Place::Json, Place::Xml, Place::Query];

impl Operation {
    /// The template of its path.
    pub(crate) fn template(&self) -> &'static str {
        self.documented.template()
    }

    /// The values of a path as it is sent, `/v3/pay/transactions/out-trade-no/A%7C1/close`, by the documented names of the
    /// variables that they are in the place of.
    pub(crate) fn variables(&self, path: &str) -> Map<String, Value> {
        let values = self.template().split('/').zip(path.trim_start_matches('/').split('/'));
        let values = values.filter_map(|(segment, value)| {
            let name = segment.strip_prefix('{')?.strip_suffix('}')?;
            Some((name.to_owned(), Value::String(decoded(value))))
        });
        values.collect()
    }

    /// Whether it only asks, so that calling it changes nothing.
    pub(crate) fn only_asks(&self) -> bool {
        numbers::only_asks(&self.documented)
    }

    /// Whether it may move money.
    pub(crate) fn may_move_money(&self) -> bool {
        numbers::may_move_money(&self.documented)
    }

    /// The field that has its own number.
    pub(crate) fn number_field(&self) -> Option<&'static str> {
        self.number
    }

    /// The command's own number, if it has one. A request has its fields by place: `path`, by the documented names of the
    /// variables, and `json` or `xml`, and `query`.
    pub(crate) fn number(&self, request: &Map<String, Value>) -> Option<String> {
        field(request, self.number?)
    }

    /// What has to be kept of a request to ask about it: by the names that the question has for it.
    pub(crate) fn kept(&self, request: &Map<String, Value>) -> Map<String, Value> {
        let parameters = self.row.map(|row| row.question.parameters).unwrap_or_default();
        let values = parameters.iter().filter_map(|parameter| match parameter.source {
            Source::Required(names) | Source::Optional(names) => {
                let value = names.iter().find_map(|name| field(request, name))?;
                Some((parameter.name.to_owned(), Value::String(value)))
            }
            Source::Number | Source::Fixed(_) => None,
        });
        values.collect()
    }

    /// How the platform documents to ask about it, and what it does.
    pub(crate) fn question(&self) -> Option<(&'static Question, Effect)> {
        self.row.map(|row| (row.question, row.effect))
    }
}

/// A field of a request, as a text. An empty one counts as absent.
fn field(request: &Map<String, Value>, name: &str) -> Option<String> {
    let text = PLACES.into_iter().find_map(|place| match request.get(place.name())?.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    text.filter(|text| !text.is_empty())
}

/// A segment of a path, or a part of a query, without percent-encoding.
pub(crate) fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod listed;
#[cfg(test)]
mod tests;
