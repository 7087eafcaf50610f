//! The query of a call: out of the path, `-q` and fields.

use serde_json::{Map, Value};

use crate::failure::Result;
use crate::percent;

/// The parameters of a query, in order.
#[derive(Debug, Default)]
pub struct Query {
    /// As it was written in the path.
    written: String,
    /// What is added to it.
    pub added: Vec<(String, String)>,
}

impl Query {
    pub fn of(written: &str) -> Query {
        Query { written: written.to_owned(), added: Vec::new() }
    }

    /// The option `query`: an object if that says all of it, or else the text that is sent.
    pub fn into_option(self) -> Result<Option<Value>> {
        if self.written.is_empty() && self.added.is_empty() {
            return Ok(None);
        }
        if let Some(pairs) = self.pairs()? {
            return Ok(Some(Value::Object(pairs)));
        }
        let mut pieces: Vec<_> = Some(self.written).filter(|written| !written.is_empty()).into_iter().collect();
        for (name, value) in &self.added {
            pieces.push(format!("{}={}", percent::encode(name)?, percent::encode(value)?));
        }
        Ok(Some(Value::String(pieces.join("&"))))
    }

    /// `None` if a name occurs twice, or a piece has no value.
    fn pairs(&self) -> Result<Option<Map<String, Value>>> {
        let mut pairs = Map::new();
        for piece in self.written.split('&').filter(|piece| !piece.is_empty()) {
            let Some((name, value)) = piece.split_once('=') else { return Ok(None) };
            let plain = |text: &str| percent::decode(&text.replace('+', " "));
            if pairs.insert(plain(name)?, Value::String(plain(value)?)).is_some() {
                return Ok(None);
            }
        }
        for (name, value) in &self.added {
            if pairs.insert(name.clone(), Value::String(value.clone())).is_some() {
                return Ok(None);
            }
        }
        Ok(Some(pairs))
    }
}
