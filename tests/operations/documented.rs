//! An answer beside the fields that are documented of it.

use wechatpay::Value;
use wechatpay_catalog::{Field, Fields, Kind};

/// How much of what is documented an answer must have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Demand {
    /// All of it, at all depths.
    Exact,
    /// What is documented as required. What a state has not is left out: an order that is not paid has no time of payment.
    Core,
    /// A file, whatever is documented.
    File,
}

/// What is compared.
pub struct Comparison {
    pub demand: Demand,
    /// Whether all values are texts, as in XML.
    pub is_text: bool,
    /// What is wrong, one line each.
    pub differences: Vec<String>,
    /// How many fields were there.
    pub fields: usize,
}

impl Comparison {
    pub fn new(demand: Demand, is_text: bool) -> Comparison {
        Comparison { demand, is_text, differences: Vec::new(), fields: 0 }
    }

    /// Compares an object with its fields.
    pub fn object(&mut self, fields: Fields, value: &Value, pointer: &str) {
        let Some(given) = value.as_object() else {
            return self.differ(pointer, "no object");
        };
        for field in fields {
            let mut values = given.iter().filter(|(name, _)| is_called(fields, field, name)).peekable();
            // Of some answers that are not signed, the page lists the signature all the same.
            let may_miss = self.is_text && field.name() == "sign";
            let is_due = (self.demand == Demand::Exact || field.is_required()) && !may_miss;
            if values.peek().is_none() && is_due {
                self.differ(&format!("{pointer}/{}", field.name()), "missing");
            }
            for (name, value) in values {
                self.value(field, value, &format!("{pointer}/{name}"));
            }
        }
        for name in given.keys().filter(|name| fields.get(name).is_none()) {
            if !self.is_of_envelope(name, pointer) {
                self.differ(&format!("{pointer}/{name}"), "not documented");
            }
        }
    }

    fn value(&mut self, field: Field, value: &Value, pointer: &str) {
        match value {
            Value::Array(list) if field.is_list() => {
                if list.is_empty() && self.demand == Demand::Exact {
                    self.differ(pointer, "empty list");
                }
                for (index, element) in list.iter().enumerate() {
                    self.single(field, element, &format!("{pointer}/{index}"));
                }
            }
            _ if field.is_list() && !self.is_text => self.differ(pointer, "no list"),
            single => self.single(field, single, pointer),
        }
    }

    fn single(&mut self, field: Field, value: &Value, pointer: &str) {
        self.fields += 1;
        match (field.kind(), value) {
            (Kind::String, Value::String(text)) if field.is_json_text() && !field.fields().is_empty() => {
                self.json(field, text, pointer);
            }
            (Kind::Object, Value::Object(_)) if field.fields().is_empty() => {}
            (Kind::Object, Value::Object(_)) => self.object(field.fields(), value, pointer),
            (Kind::String, Value::String(text)) => self.text(field, text, pointer),
            (Kind::Integer | Kind::Number, Value::String(text)) if self.is_text => {
                if text.parse::<f64>().is_err() {
                    self.differ(pointer, "no number");
                }
            }
            (Kind::Boolean, Value::String(text))
                if self.is_text && ["true", "false", "1", "0"].contains(&text.as_str()) => {}
            // What is in a field of XML is written as JSON.
            (Kind::Object, Value::String(text)) if self.is_text => self.json(field, text, pointer),
            (Kind::Integer, Value::Number(number)) if !number.is_f64() => {}
            (Kind::Number, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) => {}
            _ => self.differ(pointer, &format!("not {}", field.type_name())),
        }
        // Of one number, texts are documented as its values.
        let are_numbers = field.allowed().iter().all(|allowed| allowed.parse::<f64>().is_ok());
        if let (Value::Number(number), true) = (value, are_numbers) {
            self.text(field, &number.to_string(), pointer);
        }
    }

    /// A JSON document in a text.
    fn json(&mut self, field: Field, text: &str, pointer: &str) {
        let was_text = std::mem::replace(&mut self.is_text, false);
        match text.parse::<Value>() {
            Ok(Value::Array(list)) => {
                for (index, element) in list.iter().enumerate() {
                    self.object(field.fields(), element, &format!("{pointer}/{index}"));
                }
            }
            Ok(value) => self.object(field.fields(), &value, pointer),
            Err(_) => self.differ(pointer, "no JSON"),
        }
        self.is_text = was_text;
    }

    /// Whether a field is of the envelope that the answers of APIv2 have, whether or not a page lists it: without the first ones
    /// it is none that a client accepts.
    fn is_of_envelope(&self, name: &str, pointer: &str) -> bool {
        const ENVELOPE: [&str; 8] =
            ["return_code", "sign", "nonce_str", "return_msg", "result_code", "appid", "mch_id", "mchid"];
        self.is_text && pointer.is_empty() && ENVELOPE.contains(&name)
    }

    fn text(&mut self, field: Field, text: &str, pointer: &str) {
        if !field.allowed().is_empty() && !field.allowed().contains(text) {
            self.differ(pointer, &format!("{text:?}, which is no documented value"));
        }
        let is_time = |text: &str| text.len() == 25 && text.as_bytes()[10] == b'T' && text.ends_with("+08:00");
        if field.is_time() && !is_time(text) {
            self.differ(pointer, &format!("{text:?}, which is no time"));
        }
    }

    fn differ(&mut self, pointer: &str, what: &str) {
        self.differences.push(format!("{pointer} of the answer: {what}"));
    }
}

fn is_called(fields: Fields, field: Field, name: &str) -> bool {
    fields.get(name).is_some_and(|known| known.name() == field.name())
}
