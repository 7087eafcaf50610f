//! The XML of APIv2: one root whose fields are texts. It is read with a different parser than the client's.

use std::fmt::Write;

use roxmltree::{Document, Node};
use serde_json::{Map, Value};

use crate::text::as_text;

/// The fields of an XML text; if a name occurs twice, the last value counts. `None` if the text is not well-formed,
/// has a DOCTYPE, or has a field that is not text.
pub(crate) fn read(xml: &[u8]) -> Option<Map<String, Value>> {
    let document = Document::parse(std::str::from_utf8(xml).ok()?).ok()?;
    let fields = document.root_element().children().filter(Node::is_element);
    fields.map(|field| Some((field.tag_name().name().to_owned(), text(field)?.into()))).collect()
}

fn text(field: Node<'_, '_>) -> Option<String> {
    let mut text = String::new();
    for child in field.children().filter(|child| !child.is_comment() && !child.is_pi()) {
        text.push_str(child.text().filter(|_| child.is_text())?);
    }
    Some(text)
}

/// The fields as XML; lists and objects become their JSON, as the platform writes them.
pub(crate) fn write(root: &str, fields: &Map<String, Value>) -> String {
    let mut xml = format!("<{root}>");
    for (name, value) in fields {
        let text: String = as_text(value).chars().filter(|letter| is_allowed(*letter)).collect();
        // Writing to memory cannot fail.
        let _ = write!(xml, "<{name}>{}</{name}>", enclosed(&text));
    }
    let _ = write!(xml, "</{root}>");
    xml
}

/// A carriage return is written as a reference, as readers take a bare one for a line feed.
fn enclosed(text: &str) -> String {
    if text.contains(['<', '>', '&', '"']) {
        let text = text.replace("]]>", "]]]]><![CDATA[>").replace('\r', "]]>&#13;<![CDATA[");
        format!("<![CDATA[{text}]]>")
    } else {
        text.replace('\r', "&#13;")
    }
}

/// The characters of XML 1.0.
fn is_allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}
