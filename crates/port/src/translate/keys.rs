//! What is seen of the keys of an array.

use crate::rust::tree::{Expression, Json};
use crate::translate::facts::Keys;

/// What is seen of the keys of an array.
pub fn keys_of(value: &Expression) -> Keys {
    const LISTS: [&str; 9] = [
        "php::array_keys",
        "php::array_slice",
        "php::array_values",
        "php::explode",
        "php::mb_str_split",
        "php::range",
        "php::str_split",
        "php::array_chunk",
        "php::array_column",
    ];
    match value {
        Expression::Try(of) => keys_of(of),
        Expression::Call { callee, arguments } => match &**callee {
            Expression::Atom(path) if path == "php::array_column" && arguments.len() > 2 => Keys::Any,
            Expression::Atom(path) if path == "php::array_slice" => Keys::Any,
            Expression::Atom(path) if LISTS.contains(&path.as_str()) => Keys::List,
            _ => Keys::Any,
        },
        Expression::Json(Json::Array(entries)) if entries.is_empty() => Keys::Unseen,
        Expression::Json(Json::Array(_)) => Keys::List,
        Expression::Json(Json::Object(entries)) => {
            let texts = entries
                .iter()
                .all(|entry| matches!(&entry.key, Some(Expression::Text(key)) if key.parse::<i64>().is_err()));
            if texts { Keys::Texts } else { Keys::Any }
        }
        Expression::Atom(unknown) if unknown == "unknown" => Keys::Unseen,
        _ => Keys::Any,
    }
}
