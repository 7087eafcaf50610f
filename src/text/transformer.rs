//! Converts between JSON values and the XML of APIv2.

use std::borrow::Cow;

use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::reader::Reader;
use serde_json::map::{Entry, Map};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::redact;
use crate::text::value::php_text;

/// The most bytes of XML that are read. The platform's answers and notifications have a few kilobytes; parsed, they take
/// many times their size in memory.
const LONGEST: usize = 1 << 20;

/// How deep elements may be nested, including the root.
const DEEPEST: usize = 64;

/// The most attributes of one element. They are not data, and none are expected.
const MOST_ATTRIBUTES: usize = 64;

/// Spaces for each level of indented XML.
const INDENT: usize = 4;

/// Turns data into XML and back (PHP: `WeChatPay\Transformer`).
///
/// ```
/// use wechatpay::{Transformer, json};
///
/// let xml = Transformer::to_xml(&json!({ "return_code": "SUCCESS" }))?;
/// assert_eq!(xml, "<xml><return_code>SUCCESS</return_code></xml>");
/// assert_eq!(Transformer::to_array(&xml)?, json!({ "return_code": "SUCCESS" }));
/// # Ok::<_, wechatpay::Error>(())
/// ```
#[derive(Debug)]
pub struct Transformer;

impl Transformer {
    /// Writes an object as XML, in the order of its keys (PHP: `Transformer::toXml($data)`).
    ///
    /// Texts with `<`, `>`, `&` or `"` become CDATA. Numbers and booleans are written as PHP does (`true` is `1`), `null` as
    /// nothing. The entries of a list, and entries whose name cannot be that of an element, are called `item`. Characters
    /// that XML forbids are dropped, as by [`sanitize`](Transformer::sanitize): sign what is left.
    ///
    /// # Errors
    /// [`Error::Xml`] if `data` is not an object, or is nested deeper than 64 elements.
    ///
    /// ```
    /// use wechatpay::{Transformer, json};
    ///
    /// let xml = Transformer::to_xml(&json!({ "a": "<1>", "l": [1, true, null] }))?;
    /// assert_eq!(xml, "<xml><a><![CDATA[<1>]]></a><l><item>1</item><item>1</item><item></item></l></xml>");
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn to_xml(data: &Value) -> Result<String> {
        Transformer::to_xml_with(data, &XmlOptions::new())
    }

    /// Writes an object as XML in another shape
    /// (PHP: `Transformer::toXml($data, $headless, $indent, $root, $item)`).
    ///
    /// # Errors
    /// As [`to_xml`](Transformer::to_xml), and if the name of the root or of the items cannot be that of an element.
    ///
    /// ```
    /// use wechatpay::{Transformer, XmlOptions, json};
    ///
    /// let options = XmlOptions::new().headless(false).indent(true).root("doc").item("entry");
    /// let xml = Transformer::to_xml_with(&json!({ "list": ["x"] }), &options)?;
    /// assert_eq!(xml, r#"<?xml version="1.0" encoding="UTF-8"?>
    /// <doc>
    ///     <list>
    ///         <entry>x</entry>
    ///     </list>
    /// </doc>
    /// "#);
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn to_xml_with(data: &Value, options: &XmlOptions) -> Result<String> {
        let Value::Object(data) = data else {
            return Err(Error::Xml("only an object can be written as XML".into()));
        };
        for name in [&options.root, &options.item] {
            if !is_element_name(name) {
                return Err(Error::Xml(format!("`{}` cannot be the name of an element", redact::name(name))));
            }
        }
        let mut writer = Writer { xml: String::new(), options };
        if !options.headless {
            writer.xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        }
        writer.element(&options.root, Inside::Object(data), 1)?;
        if !options.headless && !options.indent {
            writer.xml.push('\n');
        }
        Ok(writer.xml)
    }

    /// Parses XML (PHP: `Transformer::toArray($xml)`): returns the content of its root as an object. The name of the root
    /// does not matter.
    ///
    /// An element that contains elements becomes an object, any other a text, with its white space; several of the same name
    /// become a list. If text comes before the first inner element, the text is kept and the elements are dropped; otherwise
    /// text among elements is dropped, both as in PHP. Attributes and comments are not data and are dropped. The text of a
    /// root without elements gets the name `0`.
    ///
    /// The only entities that are expanded are `&lt;`, `&gt;`, `&amp;`, `&quot;`, `&apos;` and character references by
    /// number. Characters that XML forbids are dropped, as by [`sanitize`](Transformer::sanitize).
    ///
    /// # Errors
    /// [`Error::Xml`] if it is not well-formed (PHP returns an empty array then), has a DOCTYPE, is not UTF-8 or declares
    /// another encoding, has more than 1 MiB, is nested deeper than 64 elements, or has an element with more than 64
    /// attributes.
    ///
    /// ```
    /// use wechatpay::{Transformer, json};
    ///
    /// let xml = "<xml><a><![CDATA[1 < 2]]></a><b/><l><item>x</item><item>y</item></l></xml>";
    /// assert_eq!(Transformer::to_array(xml)?, json!({ "a": "1 < 2", "b": "", "l": { "item": ["x", "y"] } }));
    ///
    /// let bomb = r#"<!DOCTYPE x [<!ENTITY e "boom">]><xml><a>&e;</a></xml>"#;
    /// assert_eq!(Transformer::to_array(bomb).unwrap_err().to_string(), "XML: a DOCTYPE is not accepted");
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn to_array(xml: impl AsRef<[u8]>) -> Result<Value> {
        read(xml.as_ref())
    }

    /// The text without the characters that XML forbids (PHP: `Transformer::sanitize`): control characters except tab, line
    /// feed and carriage return, and the two noncharacters.
    ///
    /// ```
    /// assert_eq!(wechatpay::Transformer::sanitize("a\u{8}b\n"), "ab\n");
    /// ```
    pub fn sanitize(xml: &str) -> Cow<'_, str> {
        if xml.chars().all(is_allowed) {
            Cow::Borrowed(xml)
        } else {
            Cow::Owned(xml.chars().filter(|letter| is_allowed(*letter)).collect())
        }
    }
}

/// The shape of the XML that [`Transformer::to_xml_with`] writes; PHP's defaults unless changed.
#[derive(Clone, Debug)]
pub struct XmlOptions {
    headless: bool,
    indent: bool,
    root: String,
    item: String,
}

impl XmlOptions {
    /// PHP's defaults: no declaration, no indentation, a root called `xml`, and entries of lists called `item`.
    pub fn new() -> XmlOptions {
        XmlOptions { headless: true, indent: false, root: "xml".into(), item: "item".into() }
    }

    /// With `false`, the XML begins with `<?xml version="1.0" encoding="UTF-8"?>` and ends with a line feed.
    #[must_use]
    pub fn headless(mut self, headless: bool) -> XmlOptions {
        self.headless = headless;
        self
    }

    /// With `true`, each element is on its own line, indented by four spaces for each level.
    #[must_use]
    pub fn indent(mut self, indent: bool) -> XmlOptions {
        self.indent = indent;
        self
    }

    /// Sets the name of the root.
    #[must_use]
    pub fn root(mut self, root: impl Into<String>) -> XmlOptions {
        self.root = root.into();
        self
    }

    /// Sets the name of the entries of lists, and of entries whose own name cannot be that of an element.
    #[must_use]
    pub fn item(mut self, item: impl Into<String>) -> XmlOptions {
        self.item = item.into();
        self
    }
}

impl Default for XmlOptions {
    fn default() -> XmlOptions {
        XmlOptions::new()
    }
}

/// The content of an element to be written.
enum Inside<'a> {
    Object(&'a Map<String, Value>),
    List(&'a [Value]),
    Text(String),
}

impl<'a> From<&'a Value> for Inside<'a> {
    fn from(value: &'a Value) -> Inside<'a> {
        match value {
            Value::Object(entries) => Inside::Object(entries),
            Value::Array(entries) => Inside::List(entries),
            scalar => Inside::Text(php_text(scalar)),
        }
    }
}

struct Writer<'a> {
    xml: String,
    options: &'a XmlOptions,
}

impl Writer<'_> {
    fn element(&mut self, name: &str, content: Inside<'_>, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        self.indentation(depth.saturating_sub(1));
        self.xml.push('<');
        self.xml.push_str(name);
        match content {
            Inside::Object(entries) if entries.is_empty() => self.xml.push_str("/>"),
            Inside::List([]) => self.xml.push_str("/>"),
            content => {
                self.xml.push('>');
                self.content(content, depth)?;
                self.xml.push_str("</");
                self.xml.push_str(name);
                self.xml.push('>');
            }
        }
        if self.options.indent {
            self.xml.push('\n');
        }
        Ok(())
    }

    fn content(&mut self, content: Inside<'_>, depth: usize) -> Result<()> {
        let item = self.options.item.as_str();
        match content {
            Inside::Text(text) => {
                self.text(&text);
                return Ok(());
            }
            Inside::Object(entries) => {
                self.line_feed();
                for (name, value) in entries {
                    let name = if is_element_name(name) { name } else { item };
                    self.element(name, value.into(), depth.saturating_add(1))?;
                }
            }
            Inside::List(entries) => {
                self.line_feed();
                for value in entries {
                    self.element(item, value.into(), depth.saturating_add(1))?;
                }
            }
        }
        self.indentation(depth.saturating_sub(1));
        Ok(())
    }

    /// A carriage return is written as a reference, as readers take a bare one for a line feed.
    fn text(&mut self, text: &str) {
        let text = Transformer::sanitize(text);
        if text.contains(['<', '>', '&', '"']) {
            let text = text.replace("]]>", "]]]]><![CDATA[>").replace('\r', "]]>&#13;<![CDATA[");
            self.xml.push_str("<![CDATA[");
            self.xml.push_str(&text);
            self.xml.push_str("]]>");
        } else {
            self.xml.push_str(&text.replace('\r', "&#13;"));
        }
    }

    fn line_feed(&mut self) {
        if self.options.indent {
            self.xml.push('\n');
        }
    }

    fn indentation(&mut self, levels: usize) {
        if self.options.indent {
            self.xml.extend(std::iter::repeat_n(' ', levels.saturating_mul(INDENT)));
        }
    }
}

fn read(xml: &[u8]) -> Result<Value> {
    if xml.len() > LONGEST {
        return Err(Error::Xml(format!("{} bytes are too many, at most {LONGEST} are read", xml.len())));
    }
    let xml = std::str::from_utf8(xml)
        .map_err(|error| Error::Xml(format!("it is not UTF-8, from byte {} on", error.valid_up_to())))?;
    let xml = Transformer::sanitize(xml.strip_prefix('\u{FEFF}').unwrap_or(xml));
    let xml = with_line_feeds(&xml);

    let mut reader = Reader::from_str(&xml);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_comments = true;

    let mut tree = Tree::default();
    for number in 0_usize.. {
        let event = reader.read_event().map_err(|error| {
            malformed(format!("{} (byte {})", shortened(&error.to_string()), reader.error_position()))
        })?;
        match event {
            Event::Decl(_) if number > 0 => return Err(malformed("`<?xml` may appear only at the very beginning")),
            Event::Eof => break,
            event => tree.take(event)?,
        }
    }
    tree.into_value()
}

/// What has been read so far.
#[derive(Default)]
struct Tree {
    /// The elements that are open.
    open: Vec<Element>,
    /// The root, once it is closed.
    root: Option<Value>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Decl(declaration) => check_declaration(&declaration),
            Event::DocType(_) => Err(Error::Xml("a DOCTYPE is not accepted".into())),
            Event::PI(instruction) => {
                if is_name(utf8(instruction.target())?) {
                    Ok(())
                } else {
                    Err(malformed("a processing instruction has no name"))
                }
            }
            Event::Start(start) => self.begin(&start),
            Event::End(_) => self.end(),
            Event::Empty(_) => Err(malformed("an element is empty that was to be expanded")),
            Event::Text(text) => {
                let text = utf8(&text)?;
                match self.open.last_mut() {
                    _ if text.contains("]]>") => Err(malformed("a text contains `]]>`")),
                    None if is_blank(text) => Ok(()),
                    _ => self.push(text),
                }
            }
            Event::CData(text) => self.push(utf8(&text)?),
            Event::GeneralRef(reference) => {
                let letter = resolve(utf8(&reference)?)?;
                self.push(letter.encode_utf8(&mut [0; 4]))
            }
            Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<()> {
        if self.root.is_some() {
            return Err(malformed("there is a second root"));
        }
        if self.open.len() == DEEPEST {
            return Err(too_deep());
        }
        let element = Element::new(utf8(start.name().into_inner())?)?;
        check_attributes(start)?;
        if let Some(parent) = self.open.last_mut() {
            parent.has_elements = true;
        }
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        match (self.open.pop(), self.open.last_mut()) {
            (Some(element), Some(parent)) => parent.take(element),
            (Some(element), None) => self.root = Some(element.into_root()),
            (None, _) => return Err(malformed("an element is closed that is not open")),
        }
        Ok(())
    }

    fn push(&mut self, text: &str) -> Result<()> {
        match self.open.last_mut() {
            Some(element) => {
                element.push(text);
                Ok(())
            }
            None => Err(malformed("there is text outside the root")),
        }
    }

    fn into_value(self) -> Result<Value> {
        match (self.open.last(), self.root) {
            (Some(element), _) => Err(malformed(format!("<{}> is not closed", shortened(&element.name)))),
            (None, Some(root)) => Ok(root),
            (None, None) => Err(malformed("there is no element")),
        }
    }
}

/// An element whose end has not come yet.
struct Element {
    name: String,
    /// All text directly in it.
    text: String,
    /// Whether text other than white space came before the first inner element.
    is_text: bool,
    has_elements: bool,
    elements: Map<String, Value>,
}

impl Element {
    fn new(name: &str) -> Result<Element> {
        if is_name(name) {
            Ok(Element {
                name: name.to_owned(),
                text: String::new(),
                is_text: false,
                has_elements: false,
                elements: Map::new(),
            })
        } else {
            Err(malformed(format!("`{}` cannot be the name of an element", shortened(name))))
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.is_text |= !self.has_elements && !is_blank(text);
    }

    fn take(&mut self, element: Element) {
        let (name, value) = element.into_entry();
        match self.elements.entry(name) {
            Entry::Vacant(place) => {
                place.insert(value);
            }
            Entry::Occupied(mut place) => match place.get_mut() {
                // The value of a single element is never a list, so this is the list of several.
                Value::Array(list) => list.push(value),
                single => *single = Value::Array(vec![single.take(), value]),
            },
        }
    }

    fn into_entry(self) -> (String, Value) {
        let value =
            if self.has_elements && !self.is_text { Value::Object(self.elements) } else { Value::String(self.text) };
        (self.name, value)
    }

    fn into_root(self) -> Value {
        if self.has_elements || is_blank(&self.text) { Value::Object(self.elements) } else { json!({ "0": self.text }) }
    }
}

fn check_declaration(declaration: &BytesDecl<'_>) -> Result<()> {
    let version = declaration.version().map_err(|_| malformed("the declaration `<?xml` has no version"))?;
    if !version.starts_with(b"1.") {
        return Err(malformed("the declaration `<?xml` has a version other than 1.0"));
    }
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case(b"utf-8") || name.eq_ignore_ascii_case(b"utf8") => Ok(()),
        Some(Ok(name)) => {
            let name = String::from_utf8_lossy(&name);
            Err(Error::Xml(format!("it declares the encoding {:?}, only UTF-8 is read", shortened(&name))))
        }
        Some(Err(_)) => Err(malformed("the declaration `<?xml` cannot be read")),
    }
}

/// Attributes are not data, but must still be well-formed.
fn check_attributes(start: &BytesStart<'_>) -> Result<()> {
    for (index, attribute) in start.attributes().enumerate() {
        if index == MOST_ATTRIBUTES {
            return Err(Error::Xml(format!("an element has more than {MOST_ATTRIBUTES} attributes")));
        }
        let attribute = attribute.map_err(|_| malformed("an attribute cannot be read"))?;
        let (name, value) = (utf8(attribute.key.into_inner())?, utf8(&attribute.value)?);
        if !is_name(name) {
            return Err(malformed("the name of an attribute cannot be one"));
        }
        if value.contains('<') {
            return Err(malformed("an attribute contains `<`"));
        }
        for after in value.split('&').skip(1) {
            match after.split_once(';') {
                Some((reference, _)) => resolve(reference)?,
                None => return Err(malformed("`&` does not begin a reference")),
            };
        }
    }
    Ok(())
}

/// The character that a reference stands for, given what is between `&` and `;`.
fn resolve(reference: &str) -> Result<char> {
    let number = |digits: &str, radix| {
        let is_number = digits.chars().all(|digit| digit.is_digit(radix));
        let code = if is_number { u32::from_str_radix(digits, radix).ok() } else { None };
        code.and_then(char::from_u32).filter(|letter| is_allowed(*letter))
    };
    let letter = match reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match (reference.strip_prefix("#x"), reference.strip_prefix('#')) {
            (Some(digits), _) => number(digits, 16),
            (None, Some(digits)) => number(digits, 10),
            (None, None) => None,
        },
    };
    letter.ok_or_else(|| malformed(format!("`&{};` is not defined", shortened(reference))))
}

/// XML readers must take each kind of line end for a line feed.
fn with_line_feeds(xml: &str) -> Cow<'_, str> {
    if xml.contains('\r') { Cow::Owned(xml.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(xml) }
}

/// The whole text is valid UTF-8, and is cut only at ASCII characters.
fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))
}

fn malformed(what: impl AsRef<str>) -> Error {
    Error::Xml(format!("it is not well-formed: {}", what.as_ref()))
}

fn too_deep() -> Error {
    Error::Xml(format!("elements are nested more than {DEEPEST} deep"))
}

/// Shortens a text for a message: what comes from outside may be long.
fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(120) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

/// The characters of XML 1.0.
fn is_allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// The names that PHP writes: a letter or `_`, then letters, digits, `.`, `_`, `:` and `-`.
fn is_element_name(name: &str) -> bool {
    let is_usual = |letter: char| letter.is_alphabetic() || matches!(letter, '0'..='9' | '.' | '_' | ':' | '-');
    is_name(name) && !name.starts_with(':') && name.chars().all(is_usual)
}

/// The names of XML 1.0.
fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(is_name_start) && letters.all(is_name_letter)
}

fn is_name_start(letter: char) -> bool {
    matches!(letter,
        ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn is_name_letter(letter: char) -> bool {
    is_name_start(letter)
        || matches!(letter, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}
