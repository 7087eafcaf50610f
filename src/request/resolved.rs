//! What a call does with its options: they are checked, completed with the defaults, and taken apart.

use crate::http::header::CONTENT_TYPE;
use crate::http::{HeaderMap, HeaderName, HeaderValue};
use log::warn;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::protocol::Protocol;
use crate::redact;
use crate::request::MOST_HEADERS;
use crate::request::content::{self, Content, Query};
use crate::request::documented::{self, Documented};
use crate::request::options::{Options, RESPONSE_LIMIT};
use crate::request::payload::Payload;
use crate::request::sensitive::{self, Pointer};
use crate::request::table::{self, ROWS, Row};
use crate::text::nearest;
use crate::text::uri_template::{self, UriTemplate};
use crate::text::value::kind;

impl Options {
    /// Fails if anything was wrong with them.
    pub(crate) fn check(&self) -> Result<()> {
        match (&self.wrong, self.header_lines) {
            (Some(what), _) => Err(Error::Options(what.clone())),
            (None, count) if count > MOST_HEADERS => {
                Err(Error::Options(format!("`headers` has {count} lines, at most {MOST_HEADERS} can be sent")))
            }
            (None, _) => Ok(()),
        }
    }

    /// The name of an option that is set, although it cannot be a default of all calls.
    pub(crate) fn belonging_to_one_call(&self) -> Option<&'static str> {
        let pointers = self.encrypt.as_ref().is_some_and(|encrypted| !encrypted.pointers.is_empty());
        self.first_set(|row| row.inherit.is_none()).or(pointers.then_some("encrypt"))
    }

    /// The name of the first option of this kind that is set.
    fn first_set(&self, is_meant: impl Fn(&Row) -> bool) -> Option<&'static str> {
        ROWS.iter().find(|row| is_meant(row) && (row.is_set)(self)).map(|row| row.name)
    }

    /// Whether the body is given by this option.
    pub(super) fn has_content(&self, name: &str) -> bool {
        self.content.as_ref().is_some_and(|content| content.option() == name)
    }

    /// Names that are not options.
    pub(crate) fn unknown_names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// Fills in what is not set from the defaults of the configuration; headers are merged by the client.
    pub(crate) fn or(mut self, defaults: &Options) -> Options {
        for inherit in ROWS.iter().filter_map(|row| row.inherit) {
            inherit(&mut self, defaults);
        }
        // What was wrong with them stays wrong.
        self.wrong = self.wrong.or_else(|| defaults.wrong.clone());
        if defaults.header_lines > MOST_HEADERS {
            self.header_lines = self.header_lines.max(defaults.header_lines);
        }
        self
    }

    /// Expands the template with the variables; each variable must have a value, and each value a variable.
    pub(crate) fn expand(&self, template: &str) -> Result<String> {
        let parsed = UriTemplate::parse(template)?;
        let known = parsed.variables();
        if self.variables.contains_key("handler") && !known.contains(&"handler") {
            return Err(Error::Options(
                "`handler` is Guzzle's; give `Builder` a `signer` or a `verifier` instead".into(),
            ));
        }
        let mut problems = Vec::new();
        let mut with_empty = None;
        for name in parsed.required_variables() {
            match self.variables.get(name) {
                Some(value) if name == "empty" && *value != "" => {
                    problems.push(format!("the variable `empty` is always empty, it cannot be {}", kind(value)));
                }
                Some(value) if uri_template::is_defined(value) => {}
                _ if name == "empty" => {
                    with_empty.get_or_insert_with(|| self.variables.clone()).insert(name.into(), "".into());
                }
                _ => problems.push(format!("the variable `{}` has no value", redact::name(name))),
            }
        }
        for name in self.unknown_names().filter(|name| !known.contains(name)) {
            let hint = nearest::hint(name, known.iter().copied().chain(table::names()));
            problems.push(format!("`{}` is neither an option nor a variable{hint}", redact::name(name)));
        }
        if !problems.is_empty() {
            let known = known.iter().map(|name| redact::name(name)).collect::<Vec<_>>();
            let variables = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Error::Options(format!(
                "`{}`: {}; variables: {variables}; options: {}",
                redact::path(template),
                problems.join(", "),
                table::names().collect::<Vec<_>>().join(", ")
            )));
        }
        self.warn_of_quotes(&known);
        parsed.expand(with_empty.as_ref().unwrap_or(&self.variables))
    }

    /// A value with quotes around it is hardly ever meant: the platform would look for something that does not exist, and
    /// answer so.
    fn warn_of_quotes(&self, names: &[&str]) {
        const QUOTES: [char; 2] = ['"', '\''];
        for name in names {
            let text = self.variables.get(*name).and_then(Value::as_str);
            if text.is_some_and(|text| text.starts_with(QUOTES) || text.ends_with(QUOTES)) {
                warn!(
                    "the value of the path variable `{}` begins or ends with a quote: a JSON value printed as a text keeps \
                     its quotes; take it out with `text_at`",
                    redact::name(name)
                );
            }
        }
    }

    /// Adds headers that are not set here.
    pub(crate) fn inherit_headers(&mut self, from: &HeaderMap) {
        for name in from.keys().filter(|name| !self.headers.contains_key(*name)).cloned().collect::<Vec<_>>() {
            for value in from.get_all(&name) {
                self.push_header(name.clone(), value.clone());
            }
        }
    }

    /// The encoded query that replaces the one in the path.
    pub(crate) fn query_string(&self) -> Option<String> {
        self.query.as_ref().map(Query::encoded)
    }

    pub(crate) fn memory_limit(&self) -> u64 {
        self.response_limit.unwrap_or(RESPONSE_LIMIT)
    }

    /// Whether the dialogue is printed.
    pub(crate) fn is_debugged(&self) -> bool {
        self.debug == Some(true)
    }

    pub(crate) fn is_nonceless(&self) -> bool {
        self.nonceless == Some(true)
    }

    pub(crate) fn is_secured(&self) -> bool {
        self.security == Some(true)
    }

    /// The data of an APIv2 call: `xml` or, on GET, the query if there is no `xml`.
    ///
    /// # Errors
    /// If there is none, or a body that is not XML.
    pub(crate) fn take_apiv2_data(&mut self, is_get: bool) -> Result<Map<String, Value>> {
        match (self.content.take(), &self.query) {
            (Some(Content::Xml(_)), Some(_)) if is_get => Err(Error::Options(
                "on GET the data of `xml` becomes the query, so `query` cannot be given beside it".into(),
            )),
            (Some(Content::Xml(data)), _) => Ok(data),
            (Some(other), _) => Err(Error::Options(format!("a path under v2/ takes `xml`, not `{}`", other.option()))),
            (None, Some(Query::Pairs(pairs))) if is_get => Ok(pairs.clone()),
            (None, _) if is_get => Err(Error::Options("a path under v2/ needs `xml`, or `query` as an object".into())),
            (None, _) => Err(Error::Options("a path under v2/ needs `xml`".into())),
        }
    }

    /// For an address that is called exactly as it is: no option may change it or be sent with it.
    ///
    /// # Errors
    /// Names such an option.
    pub(crate) fn check_bare(&self) -> Result<()> {
        let variable = self.variables.keys().next().map(String::as_str);
        match variable.or(self.first_set(|row| row.is_asked)) {
            Some(name) => {
                let name = redact::name(name);
                Err(Error::Options(format!("`{name}` cannot be given: the address is called as it is")))
            }
            None => Ok(()),
        }
    }

    /// # Errors
    /// Names an option that belongs to the other protocol.
    pub(crate) fn check_protocol(&self, protocol: Protocol) -> Result<()> {
        let Some(name) = self.first_set(|row| row.protocol.is_some_and(|known| known != protocol)) else {
            return Ok(());
        };
        Err(Error::Options(match protocol {
            Protocol::Apiv3 => format!("`{name}` belongs to APIv2, to paths under v2/"),
            Protocol::Apiv2 => format!("`{name}` belongs to APIv3, not to paths under v2/"),
        }))
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Sets a header, replacing all of that name.
    pub(crate) fn set_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    /// Whether anything may be encrypted.
    pub(crate) fn is_sensitive(&self) -> bool {
        self.is_auto() || !self.encrypted().is_empty()
    }

    /// Whether the fields that the platform documents are encrypted.
    pub(crate) fn is_auto(&self) -> bool {
        self.encrypt.as_ref().is_some_and(|encrypted| encrypted.is_auto)
    }

    /// The fields that are encrypted because the caller has named them.
    pub(crate) fn encrypted(&self) -> &[Pointer] {
        self.encrypt.as_ref().map_or(&[], |encrypted| &encrypted.pointers)
    }

    /// Whether any of the documented fields is given, and not empty.
    pub(crate) fn has_any(&mut self, documented: &Documented) -> bool {
        !self.unsealed(documented, |_| false).is_empty()
    }

    /// Where the documented fields are given, but are neither empty nor `sealed`.
    pub(crate) fn unsealed(&mut self, documented: &Documented, sealed: impl Fn(&str) -> bool) -> Vec<String> {
        let given = self.take_given();
        let places = sensitive::unsealed(&given, &documented.request, sealed);
        self.put_given(given);
        places
    }

    /// Encrypts what is at these places and what `encrypt` points to; `seal` returns the ciphertext of a text.
    ///
    /// # Errors
    /// Names a pointer that matches nothing, or what cannot be encrypted.
    pub(crate) fn seal(&mut self, places: Vec<String>, seal: impl Fn(&str) -> anyhow::Result<String>) -> Result<()> {
        let mut given = self.take_given();
        sensitive::encrypt(&mut given, places, self.encrypted(), seal)
            .map_err(|unfit| Error::Options(format!("`encrypt`: {unfit}")))?;
        self.put_given(given);
        Ok(())
    }

    /// Takes out the options in which a field may be sensitive, as one value.
    fn take_given(&mut self) -> Value {
        let mut given = Map::new();
        if let Some((name, fields)) = self.content.as_mut().and_then(Content::take_fields) {
            given.insert(name.to_owned(), fields);
        }
        if let Some(Query::Pairs(pairs)) = &mut self.query {
            given.insert("query".to_owned(), Value::Object(std::mem::take(pairs)));
        }
        Value::Object(given)
    }

    /// Puts them back.
    fn put_given(&mut self, mut given: Value) {
        let Value::Object(given) = &mut given else { return };
        if let (Some(Query::Pairs(pairs)), Some(Value::Object(fields))) = (&mut self.query, given.remove("query")) {
            *pairs = fields;
        }
        // What is left is the content.
        if let (Some(content), Some(fields)) = (&mut self.content, given.values_mut().next()) {
            content.put_fields(fields.take());
        }
    }

    /// Serialises the JSON now, unless it must still be looked through for what is to be encrypted. This is for calls that may
    /// wait in a queue: the text takes much less memory than the tree.
    pub(crate) fn write_json(&mut self, method: &str, template: &str) {
        if !self.has_content("json") || self.is_sensitive() || self.has_documented(method, template) {
            return;
        }
        // A failure is reported by the call.
        let Some(Content::Json(json)) = &self.content else { return };
        if let Ok(payload) = content::write_json(json) {
            self.content = Some(Content::Written(payload));
        }
    }

    /// Whether a field that is documented for this method and template is given. What is wrong with the template is no matter
    /// here.
    fn has_documented(&mut self, method: &str, template: &str) -> bool {
        let path = UriTemplate::parse(template).and_then(|template| template.expand(&self.variables));
        path.ok().and_then(|path| documented::find(method, &path)).is_some_and(|documented| self.has_any(documented))
    }

    /// The body, serialised once, and its content type.
    ///
    /// # Errors
    /// If a content type is given beside a form, whose boundary only the form knows, or a file cannot be read.
    pub(crate) fn take_payload(&mut self) -> Result<(Payload, Option<HeaderValue>)> {
        let content = self.content.take();
        if self.headers.contains_key(CONTENT_TYPE) && content.as_ref().is_some_and(Content::is_form) {
            return Err(Error::Options(
                "`headers`: the Content-Type of a form or an upload follows from it, leave it out".into(),
            ));
        }
        content.map_or(Ok((Payload::Empty, None)), Content::into_payload)
    }
}
