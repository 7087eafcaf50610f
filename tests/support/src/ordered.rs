//! JSON whose objects keep the order in which they are written, whatever `serde_json` was built with.

use std::fmt;

use serde_core::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

#[derive(Clone, Debug, PartialEq)]
pub enum Ordered {
    Null,
    Boolean(bool),
    Number(Number),
    Text(String),
    List(Vec<Ordered>),
    Object(Vec<(String, Ordered)>),
}

impl Ordered {
    /// Reads JSON.
    pub fn of(json: &str) -> Result<Ordered, String> {
        serde_json::from_str(json).map_err(|error| format!("not JSON: {error}: {json}"))
    }

    /// The same, with the objects in the order of their names.
    pub fn sorted(self) -> Ordered {
        match self {
            Ordered::List(list) => Ordered::List(list.into_iter().map(Ordered::sorted).collect()),
            Ordered::Object(fields) => {
                let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, value.sorted())).collect();
                fields.sort_by(|one, other| one.0.cmp(&other.0));
                Ordered::Object(fields)
            }
            other => other,
        }
    }

    /// The field of an object under this name.
    pub fn get(&self, name: &str) -> Option<&Ordered> {
        let Ordered::Object(fields) = self else { return None };
        fields.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    pub fn as_text(&self) -> Option<&str> {
        let Ordered::Text(text) = self else { return None };
        Some(text)
    }

    /// Something in place of each text.
    pub fn each_text(self, change: &impl Fn(String) -> Ordered) -> Ordered {
        match self {
            Ordered::Text(text) => change(text),
            Ordered::List(list) => Ordered::List(list.into_iter().map(|value| value.each_text(change)).collect()),
            Ordered::Object(fields) => {
                Ordered::Object(fields.into_iter().map(|(name, value)| (name, value.each_text(change))).collect())
            }
            other => other,
        }
    }
}

impl From<String> for Ordered {
    fn from(text: String) -> Ordered {
        Ordered::Text(text)
    }
}

/// As JSON, without spaces.
impl fmt::Display for Ordered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ordered::Null => f.write_str("null"),
            Ordered::Boolean(value) => value.fmt(f),
            Ordered::Number(number) => number.fmt(f),
            Ordered::Text(text) => Value::from(text.as_str()).fmt(f),
            Ordered::List(list) => {
                f.write_str("[")?;
                for (at, value) in list.iter().enumerate() {
                    write!(f, "{}{value}", if at > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Ordered::Object(fields) => {
                f.write_str("{")?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{}:{value}", if at > 0 { "," } else { "" }, Value::from(name.as_str()))?;
                }
                f.write_str("}")
            }
        }
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ordered, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Ordered;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Ordered, E> {
        Ok(Ordered::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Ordered, E> {
        Ok(Ordered::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Ordered, E> {
        Ok(Ordered::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Ordered, E> {
        Ok(Ordered::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Ordered, E> {
        Ok(Number::from_f64(value).map_or(Ordered::Null, Ordered::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Ordered, E> {
        Ok(Ordered::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Ordered, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Ordered::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Ordered, A::Error> {
        let mut fields = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            fields.push(entry);
        }
        Ok(Ordered::Object(fields))
    }
}
