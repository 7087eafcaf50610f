//! A call as it might look, ready to be pasted.

use serde_json::{Map, Value};
use wechatpay_catalog::{Field, Operation, Place};
use wechatpay_sandbox::example;

use crate::shell;

/// What the client adds by itself to the data of APIv2.
const ADDED: [&str; 2] = ["nonce_str", "sign"];

/// The only documented header that the client does not set by itself.
const HEADER: &str = "Idempotency-Key";

/// An operation, and the parameters of a call.
pub struct Example {
    operation: Operation,
    parameters: Vec<(Place, Map<String, Value>)>,
}

impl Example {
    /// With what is required, or with all.
    pub fn of(operation: Operation, all: bool) -> Example {
        let wanted = |place: Place, field: &Field| {
            let is_ours = match place {
                Place::Headers => field.name() == HEADER,
                Place::Xml => !ADDED.contains(&field.name()),
                _ => true,
            };
            is_ours && (all || field.is_required())
        };
        let made = |place| (place, example(operation, place, |field| wanted(place, field)));
        // A form is a file, and what the client says about it.
        let places = Place::ALL.into_iter().filter(|place| *place != Place::Multipart);
        let parameters = places.map(made).filter(|(_, made)| !made.is_empty()).collect();
        Example { operation, parameters }
    }

    fn of_place(&self, place: Place) -> Option<&Map<String, Value>> {
        self.parameters.iter().find(|(known, _)| *known == place).map(|(_, made)| made)
    }

    /// The fields of the body.
    pub fn body(&self) -> Option<Value> {
        self.of_place(Place::Json).or_else(|| self.of_place(Place::Xml)).cloned().map(Value::Object)
    }

    /// The command that makes the call.
    pub fn command(&self) -> String {
        let operation = self.operation;
        let method = operation.method().to_lowercase();
        let mut words = vec!["wechatpay".to_owned(), method, operation.template().to_owned()];
        if let Some(host) = operation.hosts().iter().next() {
            words.extend(["--base-uri".to_owned(), host.to_owned()]);
        }
        for (place, flag, between) in
            [(Place::Path, "-v", "="), (Place::Query, "-q", "="), (Place::Headers, "-H", ": ")]
        {
            for (name, value) in self.of_place(place).into_iter().flatten() {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                words.extend([flag.to_owned(), format!("{name}{between}{value}")]);
            }
        }
        if let Some(body) = self.body() {
            words.extend(["-d".to_owned(), body.to_string()]);
        }
        if self.of_place(Place::Xml).is_some() {
            words.push("--xml".to_owned());
        }
        if !operation.parameters(Place::Multipart).is_empty() {
            words.extend(["--upload".to_owned(), "FILE".to_owned()]);
        }
        words.extend(self.encrypted().into_iter().flat_map(|what| ["--encrypt".to_owned(), what]));
        shell::line(words.iter().map(String::as_str))
    }

    /// What has to be encrypted of that which is there.
    fn encrypted(&self) -> Vec<String> {
        let has = |pointer: &&String| {
            let place = self.parameters.iter().find(|(place, _)| pointer.starts_with(&format!("/{}/", place.name())));
            place.is_some_and(|(place, made)| {
                let inside = pointer.strip_prefix(&format!("/{}", place.name())).unwrap_or_default();
                let inside = inside.replace("/*", "/0");
                Value::Object(made.clone()).pointer(&inside).is_some()
            })
        };
        let sensitive = self.operation.sensitive();
        let there: Vec<_> = sensitive.iter().filter(has).cloned().collect();
        // `auto` knows those of APIv3.
        if self.operation.is_apiv2() || there.is_empty() { there } else { vec!["auto".to_owned()] }
    }

    pub fn value(&self) -> Value {
        let places = self.parameters.iter().map(|(place, made)| (place.name().to_owned(), made.clone().into()));
        places.chain([("command".to_owned(), self.command().into())]).collect::<Map<_, _>>().into()
    }
}
