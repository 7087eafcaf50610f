//! What a documented notification says.

use serde_json::{Map, Value};
use wechatpay_catalog::{Answer, Field, Fields, Notification, Operation, catalog};

use super::given::{Given, is_document};
use super::samples::Reader;
use super::shape::Shape;

/// What stands before the event of a notification of APIv2, as it does before the paths of its operations.
const APIV2: &str = "v2/";

/// A documented notification, and what a test wants it to say.
#[derive(Clone)]
pub(crate) struct Notice {
    notification: Notification,
    /// What is encrypted in it.
    sealed: Option<Sealed>,
    /// What the fields of the body are to say.
    in_body: Map<String, Value>,
    /// What is to be said in what is encrypted.
    in_sealed: Map<String, Value>,
}

/// What is encrypted in a notification: the name of the field, or of the object with it, and the fields inside.
#[derive(Clone, Copy)]
struct Sealed {
    name: &'static str,
    fields: Fields,
}

impl Notice {
    /// The notification of an event, with what is to be said in it: of APIv3 in its resource, of APIv2 in its fields or in what
    /// is encrypted among them.
    ///
    /// # Errors
    /// Why there is no such notification.
    pub(crate) fn of(event: &str, overrides: Value) -> Result<Notice, String> {
        let overrides = match overrides {
            Value::Object(overrides) => overrides,
            Value::Null => Map::new(),
            _ => return Err(format!("the overrides of {event} must be an object")),
        };
        let notification = find(event)?;
        let body = notification.body();
        let sealed = sealed(&notification, &overrides);
        let is_of_body = |name: &str| match sealed {
            Some(sealed) => notification.is_apiv2() && sealed.name != name && body.get(name).is_some(),
            None => true,
        };
        let (in_body, in_sealed): (Map<_, _>, Map<_, _>) =
            overrides.into_iter().partition(|(name, _)| is_of_body(name));
        check(event, "", body, &in_body)?;
        if let Some(sealed) = sealed {
            check(event, "", sealed.fields, &in_sealed)?;
        }
        Ok(Notice { notification, sealed, in_body, in_sealed })
    }

    pub(crate) fn event(&self) -> &'static str {
        self.notification.event()
    }

    pub(crate) fn is_apiv2(&self) -> bool {
        self.notification.is_apiv2()
    }

    /// Whether the body has a `sign`.
    pub(crate) fn is_signed(&self) -> bool {
        self.notification.body().get("sign").is_some()
    }

    /// The fields of the body for a merchant, without the one that is encrypted.
    pub(crate) fn fields(&self, mchid: &str) -> Map<String, Value> {
        let mut fields = self.say(self.notification.body(), &self.in_body, mchid);
        if let Some(sealed) = self.sealed {
            fields.remove(sealed.name);
        }
        fields
    }

    /// What is encrypted for a merchant, and in which field.
    pub(crate) fn sealed(&self, mchid: &str) -> Option<(&'static str, Map<String, Value>)> {
        let sealed = self.sealed?;
        Some((sealed.name, self.say(sealed.fields, &self.in_sealed, mchid)))
    }

    fn say(&self, documented: Fields, overrides: &Map<String, Value>, mchid: &str) -> Map<String, Value> {
        let given = Given::of_body(overrides.clone().into());
        let seed = given.seed().with(self.event().as_bytes()).with(mchid.as_bytes());
        let is_apiv2 = self.is_apiv2();
        let reader = Reader { mchid, currency: "CNY", is_apiv2, event: self.event() };
        let mut fields = Shape::new(seed, &given, reader).fields(documented);
        merge(documented, &mut fields, overrides);
        fields
    }
}

/// The notification of an event; in both protocols, that of APIv3, unless `v2/` is before it.
fn find(event: &str) -> Result<Notification, String> {
    let plain = event.strip_prefix(APIV2);
    let mut all = catalog().notifications();
    let is_it = |known: &Notification| match plain {
        Some(event) => known.is_apiv2() && known.event() == event,
        None => known.event() == event,
    };
    all.find(is_it).ok_or_else(|| {
        let near = catalog().nearest_notification(plain.unwrap_or(event));
        let near = near.map_or_else(String::new, |near| format!("; the nearest is {:?}", near.event()));
        format!("no notification of the event {event:?} is documented{near}")
    })
}

/// What is encrypted in a notification. Where the documents have several contents for it, beside it as `original_data`, it is
/// the first that has all that is to be said.
fn sealed(notification: &Notification, overrides: &Map<String, Value>) -> Option<Sealed> {
    let (pointer, fields) = notification.resource()?;
    let name = pointer.split('/').nth(1)?;
    let holder = notification.body().get(name)?;
    let has_all = |field: &Field| overrides.keys().all(|name| field.fields().get(name).is_some());
    let beside = || holder.fields().iter().filter(|field| field.name() == "original_data");
    let content = beside().find(has_all).or_else(|| beside().next());
    Some(Sealed { name: holder.name(), fields: content.map_or(fields, |content| content.fields()) })
}

/// Whether all that is to be said has names that the platform uses: a name that it uses nowhere is a slip of the pen, of which
/// a test would otherwise never hear. That a field is not documented for this event is no reason to refuse it, as the pages do
/// not name all that is sent.
fn check(event: &str, before: &str, documented: Fields, overrides: &Map<String, Value>) -> Result<(), String> {
    for (name, value) in overrides {
        let field = documented.get(name);
        if field.is_none() && !is_used(name) {
            let names = documented.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ");
            let field = format!("{before}{name}");
            return Err(format!("{event} has no field {field:?}, and nothing else has one; documented there: {names}"));
        }
        let inside = field.map_or(documented, |field| field.fields());
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for object in items.iter().filter_map(Value::as_object) {
            check(event, &format!("{before}{name}/"), inside, object)?;
        }
    }
    Ok(())
}

/// Whether anything that is documented has a field of this name.
fn is_used(name: &str) -> bool {
    fn has(fields: Fields, name: &str) -> bool {
        fields.get(name).is_some() || fields.iter().any(|field| has(field.fields(), name))
    }
    let in_operation = |operation: Operation| {
        let is_answered = matches!(operation.answer(), Answer::Fields(fields) if has(fields, name));
        is_answered || operation.places().any(|(_, fields)| has(fields, name))
    };
    let mut notifications = catalog().notifications();
    notifications.any(|known| has(known.body(), name)) || catalog().operations().any(in_operation)
}

/// Replaces what is to be said otherwise: objects field by field, anything else as a whole; null takes a field away.
fn merge(documented: Fields, said: &mut Map<String, Value>, overrides: &Map<String, Value>) {
    for (name, value) in overrides {
        let field = documented.get(name);
        let inside = field.map_or(documented, |field| field.fields());
        let is_document = field.is_some_and(is_document);
        match (value, said.get_mut(name)) {
            (Value::Null, _) => drop(said.remove(name)),
            (Value::Object(overrides), Some(Value::Object(said))) => merge(inside, said, overrides),
            (Value::Object(overrides), Some(Value::String(text))) if is_document => {
                if let Ok(mut said) = serde_json::from_str(text) {
                    merge(inside, &mut said, overrides);
                    *text = Value::Object(said).to_string();
                }
            }
            _ => drop(said.insert(name.clone(), value.clone())),
        }
    }
}
