//! Compares the options of a call with what is documented.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::catalog::{Found, Variable};
use crate::field::{Fields, Texts};
use crate::finding::{Finding, Problem};
use crate::operation::{Operation, Place, token};

mod encrypted;
mod fields;
mod report;
mod words;

use encrypted::Encrypted;
use fields::At;
use report::Report;

/// The hosts of operations of which no others are documented; the second one is for failover.
const USUAL: [&str; 2] = ["https://api.mch.weixin.qq.com/", "https://api2.mch.weixin.qq.com/"];

impl Operation {
    /// Compares the options of a call by the [template](Self::template) with what is documented.
    ///
    /// The options have the shape that the methods of the client's chain take: `{"json": {…}, "query": {…}, "headers": {…}, "xml":
    /// {…}, "multipart": […], "encrypt": […], "base_uri": …, "security": true}`, and variables of the path by their names.
    /// They should have what the configuration adds, such as its `base_uri`. What the client adds by itself is never
    /// missed: `sign` and `nonce_str` of APIv2, and `Wechatpay-Serial`, unless a value has been encrypted by hand.
    ///
    /// The findings are in the order of the documents, in each object followed by what is unknown there; at most a
    /// hundred. **An empty list does not mean that the platform accepts the call, and a finding not that it refuses it**: the
    /// documents do not say everything, and are wrong in places.
    ///
    /// ```
    /// use serde_json::json;
    /// use wechatpay_catalog::{Problem, catalog};
    /// let order = catalog().find("POST", "v3/pay/transactions/native").unwrap().operation();
    /// let findings = order.check(&json!({ "json": {
    ///     "appid": "wxd678efh567hg6787", "mchid": "1900000109", "descripton": "Image形象店",
    ///     "out_trade_no": "1217752501201407033233368018", "notify_url": "https://example.com/notify",
    ///     "amount": { "total": "100" },
    /// } }));
    /// let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    /// assert_eq!(lines, [
    ///     "error: /json/description is missing, documented: string",
    ///     "error: /json/amount/total is a number as a text, documented: integer",
    ///     "warning: /json/descripton is unknown, documented: description",
    /// ]);
    /// assert_eq!(findings[0].problem(), Problem::Missing);
    /// ```
    pub fn check(&self, options: &Value) -> Vec<Finding> {
        let variables: Vec<Variable<'_>> = self.variables().map(Variable::by_its_name).collect();
        Call::of(*self, options).run(&variables)
    }
}

impl Found<'_> {
    /// Like [`Operation::check`], for the path that was looked up: its values count as given, and its variables are
    /// options by the names that it has for them.
    ///
    /// ```
    /// use serde_json::json;
    /// use wechatpay_catalog::catalog;
    /// let found = catalog().find("GET", "v3/pay/transactions/out-trade-no/{no}").unwrap();
    /// assert!(found.check(&json!({ "no": "A1", "query": { "mchid": "1900000109" } })).is_empty());
    /// assert_eq!(found.check(&json!({ "query": { "mchid": "1900000109" } }))[0].pointer(), "/no");
    /// ```
    pub fn check(&self, options: &Value) -> Vec<Finding> {
        Call::of(self.operation(), options).run(self.variables())
    }
}

/// A call that is checked.
struct Call<'a> {
    operation: Operation,
    options: &'a Value,
    report: Report<'a>,
}

impl<'a> Call<'a> {
    fn of(operation: Operation, options: &'a Value) -> Call<'a> {
        Call { operation, options, report: Report::of(operation, Encrypted::of(options.get("encrypt"))) }
    }

    fn run(mut self, variables: &[Variable<'_>]) -> Vec<Finding> {
        if self.operation.is_deprecated() {
            self.report.find(Problem::Deprecated, None, String::new(), "deprecated", String::new());
        }
        self.host();
        self.certificate();
        self.path(variables);
        self.query();
        self.headers();
        self.body();
        self.serial();
        self.report.findings
    }

    /// An option other than null.
    fn option(&self, name: &str) -> Option<&'a Value> {
        self.options.get(name).filter(|value| !value.is_null())
    }

    // ------------------------------------------------------------ the call as a whole

    fn host(&mut self) {
        let hosts = self.operation.hosts();
        let found = match self.option("base_uri") {
            None if hosts.is_empty() => return,
            None => "missing".to_owned(),
            Some(Value::String(base)) => match host(base) {
                // Whoever else it is stands in for the platform.
                Some(host) if words::is_host_of_platform(host) && !is_host(hosts, host) => format!("at {host}"),
                _ => return,
            },
            Some(_) => return,
        };
        let documented = if hosts.is_empty() { USUAL[0].to_owned() } else { words::list(hosts) };
        self.report.find(Problem::Host, None, "/base_uri".into(), found, documented);
    }

    fn certificate(&mut self) {
        let found = match self.option("security") {
            None => "missing",
            Some(Value::Bool(false)) => "false",
            Some(_) => return,
        };
        if self.operation.needs_client_certificate() {
            self.report.find(Problem::Certificate, None, "/security".into(), found, "true: the merchant's certificate");
        }
    }

    /// Ciphertexts by hand need a header; where the client encrypts as well, it sets the header itself.
    fn serial(&mut self) {
        let headers = self.option("headers").and_then(Value::as_object);
        let is_there = headers.is_some_and(|headers| headers.keys().any(|name| is_serial(name)));
        if self.report.is_sealed_by_hand && !is_there && self.report.encrypted.is_nothing() {
            let pointer = format!("/headers/{SERIAL}");
            let documented = "the number of the key that the values are encrypted with";
            self.report.find(Problem::Serial, Some(Place::Headers), pointer, "missing", documented);
        }
    }

    // ------------------------------------------------------------ the places

    fn path(&mut self, variables: &[Variable<'_>]) {
        let documented = self.operation.parameters(Place::Path);
        for variable in variables {
            let field = documented.get(variable.name());
            let name = variable.placeholder().unwrap_or(variable.name());
            let pointer = format!("/{}", token(&words::name(name)));
            let value = match variable.value() {
                Some(value) => Some(Cow::Owned(Value::String(value.to_owned()))),
                None => self.option(name).map(Cow::Borrowed),
            };
            match (value, field) {
                (Some(value), Some(field)) => self.report.value(At::text(Place::Path), field, &value, pointer),
                (Some(_), None) => {}
                (None, field) => {
                    let documented = field.map_or_else(|| "string".to_owned(), |field| field.type_name());
                    self.report.find(Problem::Missing, Some(Place::Path), pointer, "missing", documented);
                }
            }
        }
    }

    fn query(&mut self) {
        let documented = self.operation.parameters(Place::Query);
        let at = At::text(Place::Query);
        match (self.option("query"), self.option("xml")) {
            (Some(Value::String(query)), _) => self.report.object(at, documented, &fields_of_query(query), "/query"),
            (Some(query), _) => self.place(at, documented, Some(query), "/query"),
            // On GET, the data of APIv2 is sent as the query.
            (None, Some(data)) if self.operation.is_apiv2() && self.operation.method() == "GET" => {
                self.place(at, documented, Some(data), "/xml");
            }
            (None, _) => self.place(at, documented, None, "/query"),
        }
    }

    fn headers(&mut self) {
        let given = self.option("headers").and_then(Value::as_object);
        for field in self.operation.parameters(Place::Headers) {
            let mut same = given.into_iter().flatten().filter(|(name, _)| name.eq_ignore_ascii_case(field.name()));
            let pointer = format!("/headers/{}", field.name());
            match same.next() {
                Some((_, Value::Array(lines))) => {
                    for line in lines {
                        self.report.value(At::text(Place::Headers), field, line, pointer.clone());
                    }
                }
                Some((_, value)) => self.report.value(At::text(Place::Headers), field, value, pointer),
                // The client names the key that it encrypts with, and signs.
                None if field.is_required() && !is_of_client(field.name()) => {
                    self.report.find(Problem::Missing, Some(Place::Headers), pointer, "missing", field.type_name());
                }
                None => {}
            }
        }
    }

    fn body(&mut self) {
        let body = self.option("body");
        // What is given as it is sent can be looked into if it is JSON.
        let parsed = body.and_then(Value::as_str).and_then(|body| serde_json::from_str::<Value>(body).ok());
        let json = self.operation.parameters(Place::Json);
        match (self.option("json"), &parsed) {
            (None, Some(parsed)) if !json.is_empty() => {
                self.place(At::json(Place::Json), json, Some(parsed), "/body");
            }
            (None, None) if body.is_some() => {}
            (given, _) => self.place(At::json(Place::Json), json, given, "/json"),
        }
        let is_query = self.operation.is_apiv2() && self.operation.method() == "GET";
        if !is_query && body.is_none() {
            let xml = self.operation.parameters(Place::Xml);
            self.place(At::text(Place::Xml), xml, self.option("xml"), "/xml");
        }
        let parts = self.option("multipart").and_then(Value::as_array);
        if parts.is_some() || body.is_none() {
            let parts = parts.into_iter().flatten().filter_map(|part| {
                let name = part.get("name")?.as_str()?;
                Some((name.to_owned(), part.get("contents").cloned().unwrap_or(Value::String(String::new()))))
            });
            let documented = self.operation.parameters(Place::Multipart);
            self.report.object(At::text(Place::Multipart), documented, &parts.collect(), "/multipart");
        }
    }

    /// Checks what is given in a place, which should be an object.
    fn place(&mut self, at: At, documented: Fields, given: Option<&Value>, pointer: &str) {
        match given {
            None => self.report.object(at, documented, &Map::new(), pointer),
            Some(Value::Object(given)) => self.report.object(at, documented, given, pointer),
            // What an empty array of PHP becomes.
            Some(Value::Array(given)) if given.is_empty() => self.report.object(at, documented, &Map::new(), pointer),
            Some(other) => {
                self.report.find(Problem::Type, Some(at.place), pointer.to_owned(), words::kind(other), "object")
            }
        }
    }
}

const SERIAL: &str = "Wechatpay-Serial";

fn is_serial(name: &str) -> bool {
    name.eq_ignore_ascii_case(SERIAL)
}

/// Whether the client sets a header itself.
fn is_of_client(name: &str) -> bool {
    is_serial(name) || name.eq_ignore_ascii_case("Authorization")
}

/// The host of an address.
fn host(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.split(['/', ':', '?', '#']).next()
}

fn is_host(hosts: Texts, given: &str) -> bool {
    let is = |address: &str| host(address).is_some_and(|host| host.eq_ignore_ascii_case(given));
    if hosts.is_empty() { USUAL.into_iter().any(is) } else { hosts.iter().any(is) }
}

/// The fields of a query string.
fn fields_of_query(query: &str) -> Map<String, Value> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decoded(name), Value::String(decoded(value)))).collect()
}

/// Without percent-encoding.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let escaped = || {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            u8::from_str_radix(digits, 16).ok()
        };
        rest = after;
        match (byte, if *byte == b'%' { escaped() } else { None }) {
            (_, Some(escaped)) => {
                bytes.push(escaped);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', None) => bytes.push(b' '),
            (byte, None) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
