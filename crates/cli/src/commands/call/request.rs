//! A call, put together from all that was said of it.

use std::path::Path;

use serde_json::{Map, Value};
use wechatpay::{Options, Transformer};
use wechatpay_catalog::{Operation, Place};
use wechatpay_journal::Command;

use super::args::Call;
use super::fields::{self, Field};
use super::path::Target;
use super::query::Query;
use super::upload::Upload;
use crate::failure::{Failure, Result, shown};
use crate::input;
use crate::platform::{self, PLATFORM};
use crate::settings::Settings;

/// A call that can be made, checked, and written as code.
#[derive(Debug)]
pub struct Request {
    pub method: &'static str,
    /// The path as the chain takes it.
    pub template: String,
    /// What the chain's method takes, but for the upload.
    pub options: Map<String, Value>,
    pub upload: Option<Upload>,
    /// Whether it is a call of APIv2.
    pub is_apiv2: bool,
    /// What is documented of it.
    pub operation: Option<Operation>,
    /// Where it goes.
    pub base_uri: String,
}

impl Request {
    pub fn read(method: &'static str, call: &Call, settings: &Settings) -> Result<Request> {
        let variables = pairs(&call.variables, "-v")?;
        let set = settings.base_uri.as_ref().map(|given| given.value.as_str());
        let given: Map<_, _> = variables.iter().cloned().map(|(name, value)| (name, value.into())).collect();
        let target = Target::read(method, &call.path, call.xml, &given, set)?;
        if let Some((unknown, _)) =
            variables.iter().find(|(name, _)| !target.names.contains(name) && !target.parameters.contains(name))
        {
            return Err(unknown_variable(unknown, &target));
        }
        let is_apiv2 = target.is_apiv2;
        let mut query = Query::of(&target.query);
        query.added = pairs(&call.query, "-q")?;
        query.added.extend(variables.into_iter().filter(|(name, _)| target.parameters.contains(name)));
        let mut body = data(call.data.as_deref(), is_apiv2)?;
        for field in &call.fields {
            match Field::parse(field)? {
                Field::Body(steps, value) => fields::put(&mut body, &steps, value)?,
                Field::Query(name, value) => query.added.push((name, value)),
            }
        }
        let mut options = target.values.clone();
        fill(&mut options, &target, &given, &mut body)?;
        let upload = match &call.upload {
            Some(path) if is_apiv2 => {
                return Err(Failure::usage(format!("{} cannot be uploaded: --upload is for APIv3", path.display())));
            }
            Some(path) => Some(Upload::read(path, object(std::mem::take(&mut body), "`meta`")?, target.operation)?),
            None => None,
        };
        if !body.is_null() {
            match place(method, is_apiv2, target.operation) {
                Place::Xml => {
                    options.insert("xml".into(), object(body, "the data of APIv2")?.into());
                }
                Place::Query => query.added.extend(texts(object(body, "a query")?)?),
                _ => {
                    options.insert("json".into(), body);
                }
            }
        }
        if let Some(query) = query.into_option()? {
            options.insert("query".into(), query);
        }
        let needs_certificate = target.operation.is_some_and(|operation| operation.needs_client_certificate());
        if call.security || (is_apiv2 && needs_certificate) {
            options.insert("security".into(), true.into());
        }
        add_options(&mut options, call)?;
        let base_uri = base_uri(&mut options, target.base_uri, set);
        let (template, operation) = (target.template, target.operation);
        Ok(Request { method, template, options, upload, is_apiv2, operation, base_uri })
    }

    /// As the library takes it, changed before it is read.
    pub fn library_options(&self, change: impl FnOnce(&mut Map<String, Value>)) -> Result<Options> {
        let mut options = self.options.clone();
        change(&mut options);
        let options = Options::from(Value::Object(options));
        match &self.upload {
            Some(upload) => upload.add_to(options),
            None => Ok(options),
        }
    }

    /// The call as the catalog checks it.
    pub fn described(&self) -> Value {
        let mut options = self.options.clone();
        options.insert("base_uri".into(), self.base_uri.as_str().into());
        if let Some(upload) = &self.upload {
            options.insert("multipart".into(), upload.described());
        }
        Value::Object(options)
    }

    /// Whether it can have an effect, so that a journal records it.
    pub fn is_recorded(&self) -> bool {
        let only_asks = self
            .operation
            .is_some_and(|operation| Command::find(operation.method(), operation.template(), &Value::Null).is_none());
        self.method != "GET" && !only_asks
    }
}

/// Adds the values of the path that were given as variables or as fields.
fn fill(options: &mut Map<String, Value>, target: &Target, given: &Map<String, Value>, body: &mut Value) -> Result<()> {
    for missing in &target.missing {
        let given = given.get(&missing.written).or_else(|| given.get(&missing.name)).cloned();
        let value = given.or_else(|| take(body, &[&missing.written, &missing.name], target.operation));
        match value {
            Some(value) => {
                options.insert(missing.name.clone(), value);
            }
            // The chain's own.
            None if missing.written == "empty" => {}
            None => {
                let name = &missing.written;
                return Err(Failure::usage(format!("the path {} needs a value for {name}", target.template))
                    .next(format!("add -v {name}=…")));
            }
        }
    }
    Ok(())
}

/// `NAME=VALUE`, in order.
fn pairs(given: &[String], flag: &str) -> Result<Vec<(String, String)>> {
    let pair = |text: &String| {
        let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
        let pair = pair.map(|(name, value)| (name.to_owned(), value.to_owned()));
        pair.ok_or_else(|| Failure::usage(format!("{flag}: {} is not NAME=VALUE", shown(text))))
    };
    given.iter().map(pair).collect()
}

fn unknown_variable(name: &str, target: &Target) -> Failure {
    let failure = Failure::usage(format!("the path {} has no variable {name}", target.template));
    match target.names.iter().chain(&target.parameters).map(String::as_str).collect::<Vec<_>>().join(", ") {
        names if names.is_empty() => failure.next(format!("a parameter of the query is -q {name}=…, a field {name}=…")),
        names => failure.next(format!("its variables: {names}")),
    }
}

/// The body of `-d`; null without one.
fn data(given: Option<&str>, is_apiv2: bool) -> Result<Value> {
    let Some(given) = given else { return Ok(Value::Null) };
    let text = match given.strip_prefix('@') {
        Some(path) => input::read_text(Path::new(path), "-d")?,
        None if given == "-" => input::read_text(Path::new("-"), "-d")?,
        None => given.to_owned().into(),
    };
    if is_apiv2 && text.trim_start().starts_with('<') {
        return Transformer::to_array(text.as_bytes()).map_err(|error| Failure::usage(format!("-d: {error}")));
    }
    text.parse().map_err(|error| Failure::usage(format!("-d is not JSON: {error}")))
}

/// A field of the body that is the value of a variable. It stays where the body is documented to have it, too.
fn take(body: &mut Value, names: &[&str], operation: Option<Operation>) -> Option<Value> {
    let fields = body.as_object_mut()?;
    let name = names.iter().find(|name| matches!(fields.get(**name), Some(Value::String(_) | Value::Number(_))))?;
    let is_documented = operation.is_some_and(|operation| {
        [Place::Json, Place::Query, Place::Xml].into_iter().any(|place| operation.parameters(place).get(name).is_some())
    });
    let value = if is_documented { fields.get(*name).cloned() } else { fields.shift_remove(*name) };
    if fields.is_empty() {
        *body = Value::Null;
    }
    value
}

/// Where fields go: where they are documented, or else by the method.
fn place(method: &str, is_apiv2: bool, operation: Option<Operation>) -> Place {
    let has = |place| operation.is_some_and(|operation| !operation.parameters(place).is_empty());
    match method {
        // Of APIv2, the library signs it.
        "GET" => Place::Query,
        _ if is_apiv2 => Place::Xml,
        _ if has(Place::Query) && !has(Place::Json) => Place::Query,
        _ => Place::Json,
    }
}

fn object(value: Value, what: &str) -> Result<Map<String, Value>> {
    match value {
        Value::Object(fields) => Ok(fields),
        Value::Null => Ok(Map::new()),
        _ => Err(Failure::usage(format!("{what} must be an object of fields"))),
    }
}

fn texts(fields: Map<String, Value>) -> Result<Vec<(String, String)>> {
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Number(_) | Value::Bool(_) => Ok((name, value.to_string())),
        _ => Err(Failure::usage(format!("{name} is of the query, which has texts and numbers alone"))),
    };
    fields.into_iter().map(text).collect()
}

/// Those that are flags.
fn add_options(options: &mut Map<String, Value>, call: &Call) -> Result<()> {
    let mut headers = Map::new();
    for header in &call.headers {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Failure::usage(format!("-H: {} is not 'Name: value'", shown(header))))?;
        let lines = headers.entry(name.trim()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(lines) = lines {
            lines.push(value.trim().into());
        }
    }
    for lines in headers.values_mut() {
        if let Value::Array(list) = lines
            && let [line] = list.as_slice()
        {
            *lines = line.clone();
        }
    }
    if !headers.is_empty() {
        options.insert("headers".into(), headers.into());
    }
    match call.encrypt.as_slice() {
        [] => {}
        [auto] if auto == "auto" => {
            options.insert("encrypt".into(), "auto".into());
        }
        pointers if pointers.iter().any(|pointer| pointer == "auto") => {
            return Err(Failure::usage("--encrypt is auto or pointers, not both"));
        }
        pointers => {
            options.insert("encrypt".into(), pointers.into());
        }
    }
    if let Some(path) = &call.output {
        options.insert("sink".into(), path.display().to_string().into());
    }
    if let Some(sha1) = &call.expect {
        options.insert("expect".into(), serde_json::json!({ "hash_type": "SHA1", "hash_value": sha1 }));
    }
    if let Some(retries) = call.retries {
        options.insert("retries".into(), retries.into());
    }
    Ok(())
}

/// Where it goes. An address out of the documents goes to its host, unless somebody else stands in for the platform.
fn base_uri(options: &mut Map<String, Value>, of_address: Option<String>, set: Option<&str>) -> String {
    let is_here =
        |base: &str| set.is_none_or(|set| platform::is_of_platform(set) || platform::is_same_origin(set, base));
    match of_address {
        Some(base) if is_here(&base) => {
            if base != set.unwrap_or(PLATFORM) {
                options.insert("base_uri".into(), base.as_str().into());
            }
            base
        }
        _ => set.unwrap_or(PLATFORM).to_owned(),
    }
}
