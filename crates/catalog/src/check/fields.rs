//! Compares values with fields.

use serde_json::{Map, Number, Value};

use super::encrypted::is_ciphertext;
use super::report::Report;
use super::words;
use crate::distance::nearest;
use crate::field::{Encryption, Field, Fields, Kind};
use crate::finding::Problem;
use crate::operation::{Place, token};

/// Where the values are.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) place: Place,
    /// Whether all values are sent as texts.
    is_text: bool,
}

impl At {
    /// In a place where all values are sent as texts.
    pub(super) fn text(place: Place) -> At {
        At { place, is_text: true }
    }

    /// In JSON.
    pub(super) fn json(place: Place) -> At {
        At { place, is_text: false }
    }
}

impl Report<'_> {
    /// Compares an object with the fields that it should have, in their order, whatever the order in the object.
    pub(super) fn object(&mut self, at: At, documented: Fields, given: &Map<String, Value>, pointer: &str) {
        for field in documented {
            let mut is_there = false;
            for (name, value) in given.iter().filter(|(name, value)| field.is_called(name) && !value.is_null()) {
                is_there = true;
                self.value(at, field, value, format!("{pointer}/{}", token(name)));
            }
            if !is_there && field.is_required() && !self.is_filled_in(&field, pointer) {
                let pointer = format!("{pointer}/{}", token(field.name()));
                self.find(Problem::Missing, Some(at.place), pointer, "missing", field.type_name());
            }
        }
        for name in given.keys().filter(|name| documented.get(name).is_none()) {
            // What is near a name takes a while to find.
            if self.is_full() {
                break;
            }
            self.unknown(at, documented, given, name, pointer);
        }
    }

    /// Whether the client fills in a field, which it does in the data of APIv2; or whether it is there depends on numbers.
    fn is_filled_in(&self, field: &Field, pointer: &str) -> bool {
        let is_signature = matches!(pointer, "/xml" | "/query") && matches!(field.name(), "sign" | "nonce_str");
        (self.operation.is_apiv2() && is_signature) || field.name().contains('$')
    }

    fn unknown(&mut self, at: At, documented: Fields, given: &Map<String, Value>, name: &str, pointer: &str) {
        let free = documented.iter().map(|field| field.name()).filter(|name| !given.contains_key(*name));
        let hint = match nearest(name, free) {
            Some(near) => near.to_owned(),
            None => self.elsewhere(at.place, name).unwrap_or_default(),
        };
        let pointer = format!("{pointer}/{}", token(&words::name(name)));
        self.find(Problem::Unknown, Some(at.place), pointer, "unknown", hint);
    }

    /// Where else a field of this name is: in the same place first.
    fn elsewhere(&self, place: Place, name: &str) -> Option<String> {
        let own = |is_own: bool| move |(other, _): &(Place, Fields)| (*other == place) == is_own;
        let places = self.operation.places().filter(own(true)).chain(self.operation.places().filter(own(false)));
        places.filter(|(place, _)| *place != Place::Headers).find_map(|(place, fields)| {
            let before = if place == Place::Path { String::new() } else { format!("/{}", place.name()) };
            pointer_of(fields, name, &before)
        })
    }

    /// Compares a value with its field.
    pub(super) fn value(&mut self, at: At, field: Field, value: &Value, pointer: String) {
        match value {
            Value::Null => {}
            Value::Array(list) if field.is_list() => {
                for (index, member) in list.iter().enumerate() {
                    self.single(at, field, member, format!("{pointer}/{index}"));
                }
            }
            // What an empty array of PHP becomes.
            Value::Array(list) if list.is_empty() && field.kind() == Kind::Object => {
                self.object(at, field.fields(), &Map::new(), &pointer);
            }
            // A text may be a list, by whatever separator.
            Value::String(_) if field.is_list() && at.is_text => {}
            other if field.is_list() => {
                self.find(Problem::Type, Some(at.place), pointer, words::kind(other), field.type_name());
            }
            single => self.single(at, field, single, pointer),
        }
    }

    fn single(&mut self, at: At, field: Field, value: &Value, pointer: String) {
        if field.is_json_text() || (at.place == Place::Multipart && field.kind() == Kind::Object && value.is_string()) {
            return self.json_text(at, field, value, &pointer);
        }
        if let (Some(Encryption::Rsa), Value::String(text)) = (field.encryption(), value) {
            return self.sensitive(at, text, pointer);
        }
        if let Some(problem) = self::problem(at.is_text, field.kind(), value) {
            let found = match problem {
                Problem::TextForNumber => "a number as a text",
                _ => words::kind(value),
            };
            return self.find(problem, Some(at.place), pointer, found, field.type_name());
        }
        match value {
            Value::Object(given) if !field.fields().is_empty() => self.object(at, field.fields(), given, &pointer),
            Value::String(text) => self.allowed(at, field, text, pointer),
            Value::Number(number) => self.allowed(at, field, &number.to_string(), pointer),
            _ => {}
        }
    }

    fn allowed(&mut self, at: At, field: Field, text: &str, pointer: String) {
        let allowed = field.allowed();
        if !allowed.is_empty() && !allowed.contains(text) {
            self.find(Problem::Value, Some(at.place), pointer, words::word(text), words::list(allowed));
        }
    }

    fn sensitive(&mut self, at: At, text: &str, pointer: String) {
        if text.is_empty() || self.encrypted.covers(&pointer) {
            return;
        }
        if is_ciphertext(text) {
            self.is_sealed_by_hand = true;
        } else {
            self.find(Problem::PlainText, Some(at.place), pointer, "in plain text", "encrypted for the platform");
        }
    }

    /// Compares a JSON document inside a text.
    fn json_text(&mut self, at: At, field: Field, value: &Value, pointer: &str) {
        const DOCUMENTED: &str = "a JSON document as a text";
        let Value::String(text) = value else {
            return self.find(Problem::Type, Some(at.place), pointer.to_owned(), words::kind(value), DOCUMENTED);
        };
        let inside = At::json(at.place);
        match serde_json::from_str::<Value>(text) {
            Ok(_) if field.fields().is_empty() => {}
            Ok(Value::Object(given)) => self.object(inside, field.fields(), &given, pointer),
            Ok(Value::Array(list)) => {
                for (index, member) in list.iter().enumerate() {
                    if let Value::Object(given) = member {
                        self.object(inside, field.fields(), given, &format!("{pointer}/{index}"));
                    }
                }
            }
            Ok(_) => {}
            Err(_) if text.is_empty() => {}
            Err(_) => self.find(Problem::Type, Some(at.place), pointer.to_owned(), "a text but not JSON", DOCUMENTED),
        }
    }
}

/// What is wrong with the type of a value that is not a list.
fn problem(is_text: bool, kind: Kind, value: &Value) -> Option<Problem> {
    let is_right = match (kind, value) {
        (Kind::File, _) | (Kind::Object, Value::Object(_)) | (Kind::String, Value::String(_)) => true,
        (Kind::Boolean, Value::Bool(_)) | (Kind::Number, Value::Number(_)) => true,
        (Kind::Integer, Value::Number(number)) => !number.is_f64(),
        (Kind::String, Value::Number(_)) if is_text => true,
        (Kind::String, Value::Number(_)) => return Some(Problem::NumberForText),
        // Where all values are texts, PHP and the client write true as 1.
        (Kind::Boolean, Value::String(text)) if is_text && matches!(text.as_str(), "0" | "1") => true,
        (Kind::Boolean, Value::Number(number)) if is_text => matches!(number.as_u64(), Some(0 | 1)),
        (Kind::Boolean, Value::String(text)) => is_text && matches!(text.as_str(), "true" | "false"),
        (Kind::Integer | Kind::Number, Value::String(text)) => {
            let is_whole = text.parse::<i128>().is_ok();
            let is_number = is_whole || (kind == Kind::Number && text.parse::<Number>().is_ok());
            if is_number && !is_text {
                return Some(Problem::TextForNumber);
            }
            is_number
        }
        _ => false,
    };
    (!is_right).then_some(Problem::Type)
}

/// The pointer to the first field of this name.
fn pointer_of(fields: Fields, name: &str, before: &str) -> Option<String> {
    fields.iter().find_map(|field| {
        let pointer = format!("{before}/{}{}", token(field.name()), if field.is_list() { "/*" } else { "" });
        let inside = || pointer_of(field.fields(), name, &pointer);
        if field.name() == name { Some(format!("{before}/{}", token(name))) } else { inside() }
    })
}
