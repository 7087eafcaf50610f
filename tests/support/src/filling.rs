//! The options of a call, made from what is documented of its operation: what must be there, and whatever else is wanted.

use openssl::sha::sha256;
use wechatpay::{MediaUtil, Options, Value, json};
use wechatpay_catalog::{Encryption, Field, Fields, Kind, Operation, Place};

/// The bytes of each file that is uploaded.
pub const FILE: &str = "a little file";

const FILE_NAME: &str = "file.png";

/// The fields that can name who calls in APIv2.
const CALLERS: [&str; 3] = ["mch_id", "mchid", "combine_mch_id"];

/// Which parameters are filled in, beside those that must be.
#[derive(Clone, Copy, PartialEq)]
pub enum Extent {
    /// No others.
    Required,
    /// The sensitive ones, and what they are in.
    Sensitive,
    /// All that is documented.
    Whole,
}

/// The parameters of a call by their places, each an object of names and values: `{"json": {…}, "path": {…}}`. What is a JSON
/// document in a text, or in a part of a form, is not yet written as a text.
#[derive(Clone)]
pub struct Call {
    pub operation: Operation,
    pub given: Value,
}

/// Where a value is in the parameters of a call, and what is documented of it.
pub struct Spot {
    pub place: Place,
    /// A JSON pointer, beginning with the name of the place.
    pub pointer: String,
    pub field: Field,
    /// Whether it is in a JSON document that is in a text, or in a part of a form.
    pub is_in_json: bool,
}

impl Spot {
    /// The name of the value, as the call has it.
    pub fn name(&self) -> &str {
        self.pointer.rsplit('/').find(|name| name.parse::<usize>().is_err()).unwrap()
    }

    pub fn is_sensitive(&self) -> bool {
        self.field.encryption() == Some(Encryption::Rsa)
    }
}

/// What is the same in all calls: who calls, and a text of this call alone.
pub struct Filler<'a> {
    pub mchid: &'a str,
    pub text: &'a str,
    pub extent: Extent,
}

impl Filler<'_> {
    pub fn fill(&self, operation: Operation) -> Call {
        let mut given = json!({});
        for (place, fields) in operation.places().filter(|(place, _)| *place != Place::Path) {
            let mut filled = self.object(place, fields);
            if let Some(fields) = filled.as_object_mut() {
                fields.retain(|name, _| !is_of_client(operation, place, name));
            }
            if filled.as_object().is_some_and(|fields| !fields.is_empty()) {
                given[place.name()] = filled;
            }
        }
        // The path says which variables it has, whatever the page says of them.
        for name in operation.variables() {
            let field = operation.parameters(Place::Path).get(name);
            given["path"][name] = field.map_or(json!(self.text), |field| self.value(Place::Path, field));
        }
        if operation.is_apiv2() && given["xml"].is_null() && given["query"].is_null() {
            given["xml"] = json!({});
        }
        Call { operation, given }
    }

    fn object(&self, place: Place, fields: Fields) -> Value {
        let mut filled = json!({});
        for field in fields.into_iter().filter(|field| self.is_wanted(place, field)) {
            let value = self.value(place, field);
            filled[wire_name(&field)] = if field.is_list() { json!([value]) } else { value };
        }
        filled
    }

    fn is_wanted(&self, place: Place, field: &Field) -> bool {
        // Whoever calls in APIv2 says so, and the meta of a form is about its file, whatever the page calls required.
        let names_caller = matches!(place, Place::Xml | Place::Query) && CALLERS.contains(&field.name());
        let is_about_file = place == Place::Multipart && (field.name() == "meta" || about_file(field.name()).is_some());
        let is_wanted = match self.extent {
            Extent::Required => false,
            Extent::Sensitive => has_sensitive(*field),
            Extent::Whole => true,
        };
        field.is_required() || names_caller || is_about_file || is_wanted
    }

    fn value(&self, place: Place, field: Field) -> Value {
        if let Some(allowed) = field.allowed().iter().next() {
            return match field.kind() {
                Kind::Integer | Kind::Number => allowed.parse::<i64>().map_or_else(|_| json!(allowed), |n| json!(n)),
                Kind::Boolean => json!(allowed == "true"),
                _ => json!(allowed),
            };
        }
        match field.kind() {
            Kind::Integer | Kind::Number if field.name() == "mch_id" => json!(self.mchid.parse::<u64>().unwrap()),
            Kind::Integer | Kind::Number => json!(1),
            Kind::Boolean => json!(true),
            Kind::File => json!(FILE),
            Kind::Object => self.object(place, field.fields()),
            Kind::String if field.is_json_text() && field.fields().is_empty() => json!(["2017-10-28", "2037-10-28"]),
            Kind::String if field.is_json_text() => self.object(place, field.fields()),
            _ if field.encryption() == Some(Encryption::Rsa) => json!(format!("张三 {}", self.text)),
            _ => json!(self.text(place, field)),
        }
    }

    fn text(&self, place: Place, field: Field) -> String {
        let name = field.name();
        if let Some(text) = about_file(name).filter(|_| place == Place::Multipart) {
            text
        } else if field.is_time() {
            "2026-01-02T03:04:05+08:00".into()
        } else if field.is_media_url() || name.ends_with("url") {
            format!("https://example.com/{}", self.text)
        } else if name.ends_with("mchid") || name.ends_with("mch_id") {
            self.mchid.into()
        } else if name == "currency" {
            "CNY".into()
        } else if name == "sign_type" {
            "MD5".into()
        } else {
            self.text.into()
        }
    }
}

/// What the client adds to a request.
fn is_of_client(operation: Operation, place: Place, name: &str) -> bool {
    match place {
        Place::Xml | Place::Query => operation.is_apiv2() && ["sign", "nonce_str"].contains(&name),
        Place::Headers => name == "Wechatpay-Serial",
        Place::Path | Place::Json | Place::Multipart => false,
    }
}

/// What a field in the meta of a form says of its file; `None` if it is about something else.
fn about_file(name: &str) -> Option<String> {
    match name {
        "sha256" | "file_digest" | "digest" => {
            Some(sha256(FILE.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
        }
        "filename" | "file_name" => Some(FILE_NAME.to_owned()),
        _ => None,
    }
}

/// A field's name in a call, with numbers where it has `$n`.
fn wire_name(field: &Field) -> String {
    field.name().replace("$n", "0").replace("$m", "0")
}

fn has_sensitive(field: Field) -> bool {
    field.encryption() == Some(Encryption::Rsa) || field.fields().into_iter().any(has_sensitive)
}

// ---------------------------------------------------------------- what has been filled in

impl Call {
    /// Each documented value that the call has.
    pub fn spots(&self) -> Vec<Spot> {
        let mut spots = Vec::new();
        for (place, fields) in self.operation.places() {
            let given = &self.given[place.name()];
            collect(&mut spots, (place, fields), given, &format!("/{}", place.name()), false);
        }
        spots
    }

    /// The same call with another value at this place; without one if it is null.
    pub fn with(&self, spot: &Spot, value: Value) -> Call {
        let mut call = self.clone();
        let (parent, name) = spot.pointer.rsplit_once('/').unwrap();
        match call.given.pointer_mut(parent).unwrap() {
            Value::Object(fields) if value.is_null() => drop(fields.remove(name)),
            parent => parent[name] = value,
        }
        call
    }

    /// Sets a value, in an object that is there or made.
    pub fn set(&mut self, pointer: &str, value: Value) {
        let (mut target, names) = (&mut self.given, pointer.split('/').skip(1));
        for name in names {
            target = match name.parse::<usize>() {
                Ok(index) => &mut target[index],
                Err(_) => &mut target[name],
            };
        }
        *target = value;
    }

    /// The text at a pointer.
    pub fn text(&self, pointer: &str) -> &str {
        self.given.pointer(pointer).and_then(Value::as_str).unwrap()
    }

    /// The same call, its sensitive values in another form.
    pub fn with_sensitive(&self, change: impl Fn(&str) -> String) -> Call {
        self.spots().iter().filter(|spot| spot.is_sensitive()).fold(self.clone(), |mut call, spot| {
            for value in elements(call.given.pointer_mut(&spot.pointer).unwrap()) {
                *value = json!(change(value.as_str().unwrap()));
            }
            call
        })
    }

    /// The call in the shape of the client's options, but for the file of an upload.
    pub fn options(&self) -> Value {
        let mut options = self.given.as_object().unwrap().clone();
        for (place, fields) in self.operation.places() {
            if let Some(given) = options.get_mut(place.name()) {
                write_texts(fields, given, place == Place::Multipart);
            }
        }
        let variables = options.remove("path");
        options.extend(variables.and_then(|variables| variables.as_object().cloned()).unwrap_or_default());
        if let Some(Value::Object(parts)) = options.remove("multipart") {
            let part = |(name, contents): (String, Value)| match self.operation.parameters(Place::Multipart).get(&name)
            {
                Some(field) if field.kind() == Kind::File => {
                    json!({ "name": name, "contents": contents, "filename": FILE_NAME })
                }
                _ => json!({ "name": name, "contents": contents }),
            };
            options.insert("multipart".into(), parts.into_iter().map(part).collect());
        }
        if self.operation.needs_client_certificate() {
            options.insert("security".into(), json!(true));
        }
        Value::Object(options)
    }

    /// The path as the chain takes it, and the options of the client. A form of nothing but a file and its meta is an upload.
    pub fn for_client(&self) -> (String, Options) {
        let mut options = self.options();
        let segments = self.operation.template().split('/').enumerate().map(|(index, segment)| match segment {
            "" => "{empty}".to_owned(),
            // The chain writes none of its own, but the values of variables are sent as they are.
            segment if !segment.starts_with('{') && segment.contains(|c: char| c.is_ascii_uppercase()) => {
                options[format!("segment{index}")] = json!(segment);
                format!("{{segment{index}}}")
            }
            segment => segment.to_owned(),
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let parts = &self.given["multipart"];
        let is_upload = parts.as_object().is_some_and(|given| given.len() == 2) && parts["file"].is_string();
        let upload = (is_upload && parts["meta"].is_object()).then(|| {
            let mut upload = MediaUtil::from_bytes(FILE_NAME, parts["file"].as_str().unwrap());
            upload.set_meta(parts["meta"].clone()).unwrap();
            upload
        });
        if upload.is_some() {
            options.as_object_mut().unwrap().remove("multipart");
        }
        let options = Options::from(options);
        (
            path,
            match upload {
                Some(upload) => options.body(upload),
                None => options,
            },
        )
    }
}

/// The value itself, or those of a list.
fn elements(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Array(list) => list.iter_mut().collect(),
        value => vec![value],
    }
}

fn collect(spots: &mut Vec<Spot>, (place, fields): (Place, Fields), given: &Value, before: &str, is_in_json: bool) {
    for field in fields {
        let name = wire_name(&field);
        let Some(value) = given.get(&name) else { continue };
        let pointer = format!("{before}/{name}");
        spots.push(Spot { place, pointer: pointer.clone(), field, is_in_json });
        let (inside, is_json) =
            ((place, field.fields()), is_in_json || field.is_json_text() || place == Place::Multipart);
        match value {
            Value::Array(list) => {
                for (index, element) in list.iter().enumerate() {
                    collect(spots, inside, element, &format!("{pointer}/{index}"), is_json);
                }
            }
            value => collect(spots, inside, value, &pointer, is_json),
        }
    }
}

/// Writes as texts what is a JSON document in a text, and the parts of a form.
fn write_texts(fields: Fields, given: &mut Value, is_form: bool) {
    for field in fields {
        let Some(value) = given.get_mut(wire_name(&field)) else { continue };
        for element in if field.is_list() { elements(value) } else { vec![value] } {
            write_texts(field.fields(), element, false);
            if (field.is_json_text() || is_form) && !element.is_string() {
                *element = json!(element.to_string());
            }
        }
    }
}
