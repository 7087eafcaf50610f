//! XML that is read and written: what is refused, what is dropped, and that nothing is lost on the way.

use serde_json::Map;
use support::random::Random;
use wechatpay::{Error, Outcome, Transformer, Value, XmlOptions, json};

fn read(xml: impl AsRef<[u8]>) -> Value {
    let xml = xml.as_ref();
    Transformer::to_array(xml).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(xml)))
}

/// It is an error of XML that says the word, in one short line.
fn assert_refused(xml: impl AsRef<[u8]>, word: &str) {
    let shown: String = String::from_utf8_lossy(xml.as_ref()).chars().take(200).collect();
    let Err(error) = Transformer::to_array(&xml) else { panic!("this was read: {shown}") };
    assert!(matches!(error, Error::Xml(_)), "{shown}: {error:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let message = error.to_string();
    assert!(message.contains(word), "{shown}: no {word:?} in: {message}");
    assert!(message.len() < 600 && message.lines().count() == 1, "{shown}: {message}");
}

#[test]
fn any_doctype_is_refused() {
    let laughs = r#"<?xml version="1.0"?>
        <!DOCTYPE lolz [
            <!ENTITY lol "lol">
            <!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
            <!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">
        ]>
        <xml><a>&lol3;</a></xml>"#;
    assert_refused(laughs, "DOCTYPE");
    assert_refused(r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>"#, "DOCTYPE");
    assert_refused(r#"<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><xml/>"#, "DOCTYPE");
    assert_refused(r#"<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/"> %p;]><xml/>"#, "DOCTYPE");
    assert_refused("<!DOCTYPE html><html><body>404</body></html>", "DOCTYPE");
    assert_refused("<!doctype html><html><body>404</body></html>", "");
    assert_refused("<xml><!DOCTYPE x></xml>", "DOCTYPE");
    assert_refused("<xml/><!DOCTYPE x>", "DOCTYPE");
    assert_refused("<!DO\u{1}CTYPE x><xml/>", "DOCTYPE");
    assert_refused("<!DOCTYPE", "");
    assert_refused(r#"<!ENTITY e "boom"><xml>&e;</xml>"#, "");
}

#[test]
fn malformed_xml_is_refused() {
    for (xml, word) in [
        ("", "no element"),
        (" \n", "no element"),
        ("\u{FEFF}", "no element"),
        ("not xml", "outside the root"),
        ("{\"code\":\"SUCCESS\"}", "outside the root"),
        ("<!-- nothing -->", "no element"),
        ("<?xml version=\"1.0\"?>", "no element"),
        ("<xml>", "<xml> is not closed"),
        ("<xml><a>", "<a> is not closed"),
        ("<xml><a></a>", "<xml> is not closed"),
        ("<xml><a>1</b></xml>", "expected `</a>`"),
        ("<xml><a>1</xml></a>", "expected `</a>`"),
        ("<xml></xml x=\"1\">", ""),
        ("</xml>", ""),
        ("<xml/></xml>", ""),
        ("<xml/><xml/>", "second root"),
        ("<xml></xml><b></b>", "second root"),
        ("x<xml/>", "outside the root"),
        ("<xml/>x", "outside the root"),
        ("<xml/>&#32;", "outside the root"),
        ("<xml/><![CDATA[ ]]>", "outside the root"),
        ("<xml", ""),
        ("<xml><a", ""),
        ("<xml><a b='", ""),
        ("<xml><![CDATA[x</xml>", ""),
        ("<xml><!-- x</xml>", ""),
        ("<xml><?x</xml>", ""),
        ("<xml><!-- a -- b --></xml>", ""),
        ("<xml><? x?></xml>", "processing instruction"),
        ("<xml>a ]]> b</xml>", "]]>"),
        ("<xml><1a/></xml>", "`1a`"),
        ("<xml><-a/></xml>", "`-a`"),
        ("<xml>< a/></xml>", "name"),
        ("<xml><></></xml>", "name"),
        ("<xml>a < b</xml>", ""),
        ("<xml><a&b/></xml>", "`a&b`"),
        (" <?xml version=\"1.0\"?><xml/>", "very beginning"),
        ("<xml><?xml version=\"1.0\"?></xml>", "very beginning"),
        ("<?xml version=\"2.0\"?><xml/>", "version"),
        ("<?xml encoding=\"UTF-8\"?><xml/>", "version"),
        ("<?xml?><xml/>", "version"),
    ] {
        assert_refused(xml, word);
    }
}

#[test]
fn unknown_references_are_refused() {
    for reference in [
        "&e;",
        "&;",
        "&",
        "& ",
        "&amp",
        "&nbsp;",
        "&LT;",
        "&#;",
        "&#x;",
        "&#x110000;",
        "&#xD800;",
        "&#0;",
        "&#1;",
        "&#8;",
        "&#xFFFE;",
        "&#X41;",
        "&#+65;",
        "&#-65;",
        "&#x+41;",
        "&#4294967361;",
        "&# 65;",
        "&a b;",
    ] {
        assert_refused(format!("<xml><a>{reference}</a></xml>"), "");
        assert_refused(format!("<xml><a b=\"{reference}\"/></xml>"), "");
    }
    let known = "&lt;&gt;&amp;&quot;&apos;&#65;&#x41;&#x4e2D;&#128512;&#10;";
    assert_eq!(read(format!("<xml><a>{known}</a></xml>")), json!({ "a": "<>&\"'AA中😀\n" }));
    // What a reference gives is not read again.
    assert_eq!(read("<xml><a>&amp;lt;&#38;gt;&lt;b/&gt;</a></xml>"), json!({ "a": "&lt;&gt;<b/>" }));
}

#[test]
fn what_is_too_much_is_refused() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert!(read(nested(64)).is_object());
    assert_refused(nested(65), "64");
    assert_refused("<a>".repeat(300_000), "64");

    const LONGEST: usize = 1 << 20;
    let long = |length: usize| format!("<xml><a>{}</a></xml>", "x".repeat(length - "<xml><a></a></xml>".len()));
    assert!(read(long(LONGEST)).is_object());
    assert_refused(long(LONGEST + 1), "1048576");

    let attributes = |count: usize| {
        let attributes: String = (0..count).map(|number| format!(" a{number}=''")).collect();
        format!("<xml{attributes}/>")
    };
    assert_eq!(read(attributes(64)), json!({}));
    assert_refused(attributes(65), "attributes");
    // The words of a message are few even where the XML has many.
    assert_refused(format!("<xml><{}", "a".repeat(100_000)), "");
    assert_refused(format!("<xml><a></{}></xml>", "b".repeat(100_000)), "");
    assert_refused(format!("<xml>&{};</xml>", "e".repeat(100_000)), "");
    assert_refused(format!("<xml><{}></xml>", "a".repeat(100_000)), "");
}

#[test]
fn another_encoding_is_refused() {
    for (encoding, written) in [("GBK", "GBK"), ("gb2312", "gb2312"), ("UTF-16", "UTF-16"), ("ISO-8859-1", "ISO")] {
        assert_refused(format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><xml/>"), written);
    }
    for encoding in ["UTF-8", "utf-8", "utf8"] {
        let xml = format!("<?xml version='1.0' encoding='{encoding}' standalone='yes'?>\n<xml><a>中</a></xml>");
        assert_eq!(read(xml), json!({ "a": "中" }));
    }
    assert_refused(b"<xml><a>\xD6\xD0</a></xml>", "UTF-8, from byte 8");
    let utf16: Vec<u8> = "\u{FEFF}<xml/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_refused(utf16, "UTF-8");
}

#[test]
fn what_is_no_data_is_dropped() {
    let data = json!({ "a": "1" });
    for xml in [
        "\u{FEFF}<xml><a>1</a></xml>",
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?><xml><a>1</a></xml>",
        "<!-- before --><xml><!-- inside --><a>1<!-- in the text --></a></xml><!-- behind -->\n",
        "<?style sheet?><xml><?php echo '<a>2</a>' ?><a>1</a></xml><?x?>",
        "<xml version='1' note=\"a > b\"><a type=\"text\" x='&lt;&#65;'>1</a></xml>",
        "<xml\n>\r\n\t<a\t>1</a\n>\r\n</xml\r\n>\n",
        "<x\u{1}ml><a>\u{0}1\u{1F}</a>\u{FFFE}</xml>\u{FFFF}",
        "<xml>text<a>1</a>text</xml>",
        "<WeChatPay:xml><a>1</a></WeChatPay:xml>",
    ] {
        assert_eq!(read(xml), data, "{xml:?}");
    }
    for attributes in ["a", "a=", "a=1", "a='1' a='2'", "a='<'", "1a='1'", "='1'", "a='1"] {
        assert_refused(format!("<xml><b {attributes}/></xml>"), "");
    }
}

#[test]
fn texts_are_taken_as_they_are() {
    for (xml, data) in [
        ("<xml><a><![CDATA[<b>&amp;</b>]]></a></xml>", json!({ "a": "<b>&amp;</b>" })),
        ("<xml><a>1<![CDATA[2]]>3&#52;<!-- c -->5</a></xml>", json!({ "a": "12345" })),
        ("<xml><a><![CDATA[]]></a></xml>", json!({ "a": "" })),
        ("<xml><a><![CDATA[]]]]></a></xml>", json!({ "a": "]]" })),
        ("<xml><a>]]&gt;</a></xml>", json!({ "a": "]]>" })),
        ("<xml><a>\r\n1\r2\n<![CDATA[\r\n]]>&#13;&#10;</a></xml>", json!({ "a": "\n1\n2\n\n\r\n" })),
        ("<xml><a>\u{7F}\u{85}\u{E000}😀</a></xml>", json!({ "a": "\u{7F}\u{85}\u{E000}😀" })),
        ("<xml><中文>值</中文></xml>", json!({ "中文": "值" })),
        // PHP: the text of a root alone, and text before and behind elements.
        ("<xml>OK</xml>", json!({ "0": "OK" })),
        ("<xml> \n</xml>", json!({})),
        ("<xml><a>1<b>2</b>3</a></xml>", json!({ "a": "13" })),
        ("<xml><a> <b>2</b>3</a></xml>", json!({ "a": { "b": "2" } })),
    ] {
        assert_eq!(read(xml), data, "{xml:?}");
    }
}

#[test]
fn several_of_one_name_are_a_list() {
    for (xml, data) in [
        ("<xml><a>1</a><a>2</a></xml>", json!({ "a": ["1", "2"] })),
        ("<xml><a>1</a><b/><a>2</a><a/></xml>", json!({ "a": ["1", "2", ""], "b": "" })),
        ("<xml><a><b>1</b></a><a>2</a></xml>", json!({ "a": [{ "b": "1" }, "2"] })),
        ("<xml><a><i>1</i><i>2</i></a><a><i>3</i></a></xml>", json!({ "a": [{ "i": ["1", "2"] }, { "i": "3" }] })),
        ("<xml><A>1</A><a>2</a></xml>", json!({ "A": "1", "a": "2" })),
    ] {
        assert_eq!(read(xml), data, "{xml}");
    }
}

#[test]
fn only_objects_are_written() {
    for data in [json!(null), json!("text"), json!(1), json!(true), json!([{ "a": 1 }])] {
        let error = Transformer::to_xml(&data).unwrap_err();
        assert!(matches!(error, Error::Xml(_)), "{data}: {error:?}");
        assert!(error.to_string().contains("object"), "{data}: {error}");
    }
    for name in ["", "1", "a b", "a>", "<", ":a", "\n", "µ"] {
        for options in [XmlOptions::new().root(name), XmlOptions::new().item(name)] {
            let error = Transformer::to_xml_with(&json!({}), &options).unwrap_err();
            assert!(error.to_string().contains("name of an element"), "{name:?}: {error}");
        }
    }
    let nested = |levels: usize| (0..levels).fold(json!({}), |data, _| json!({ "a": data }));
    let deepest = Transformer::to_xml(&nested(63)).unwrap();
    assert!(read(deepest).is_object());
    assert!(Transformer::to_xml(&nested(64)).unwrap_err().to_string().contains("64"));
    assert!(Transformer::to_xml(&nested(200)).unwrap_err().to_string().contains("64"));
}

/// A name that an object brings along cannot end the tag it stands in.
#[test]
fn names_that_are_none_become_items() {
    for name in ["a b", "a><b", "a/", "1", "", "a\n", ":a", "-a", ".a", "a\u{1}", "a&amp;", "µ", "a'", "?a", "!--"] {
        let xml = Transformer::to_xml(&json!({ name: "x" })).unwrap();
        assert_eq!(xml, "<xml><item>x</item></xml>", "{name:?}");
    }
    for name in ["a", "_a", "a-1", "a.b", "a:b", "中文", "é1", "coupon_id_0"] {
        let xml = Transformer::to_xml(&json!({ name: "x" })).unwrap();
        assert_eq!(xml, format!("<xml><{name}>x</{name}></xml>"));
        assert_eq!(read(xml), json!({ name: "x" }));
    }
}

#[test]
fn texts_survive_being_written() {
    for (text, written) in [
        ("]]>", "<![CDATA[]]]]><![CDATA[>]]>"),
        ("a]]>b]]>c", "<![CDATA[a]]]]><![CDATA[>b]]]]><![CDATA[>c]]>"),
        ("]]]]>>", "<![CDATA[]]]]]]><![CDATA[>>]]>"),
        ("<![CDATA[x]]>", "<![CDATA[<![CDATA[x]]]]><![CDATA[>]]>"),
        ("a\r\nb", "a&#13;\nb"),
        ("<\r>", "<![CDATA[<]]>&#13;<![CDATA[>]]>"),
        ("]]\r>", "<![CDATA[]]]]>&#13;<![CDATA[>]]>"),
        ("&#13;", "<![CDATA[&#13;]]>"),
        ("it's", "it's"),
        ("\"", "<![CDATA[\"]]>"),
        (" ", " "),
        ("\t\n", "\t\n"),
        ("\u{FEFF}", "\u{FEFF}"),
    ] {
        let xml = Transformer::to_xml(&json!({ "a": text })).unwrap();
        assert_eq!(xml, format!("<xml><a>{written}</a></xml>"), "{text:?}");
        assert_eq!(read(xml), json!({ "a": text }), "{text:?}");
    }
    // What XML cannot hold is dropped, before CDATA is made of the rest.
    let xml = Transformer::to_xml(&json!({ "a": "x\u{0}]]\u{8}>\u{1B}\u{FFFE}y" })).unwrap();
    assert_eq!(read(xml), json!({ "a": "x]]>y" }));
    assert_eq!(Transformer::sanitize("x\u{0}]]\u{8}>\u{1B}\u{FFFE}y"), "x]]>y");
}

#[test]
fn the_shape_can_be_chosen() {
    let data = json!({ "e": {}, "l": [1, [2], {}], "o": { "k": "<" }, "t": "" });
    let headless = Transformer::to_xml(&data).unwrap();
    let shape = |options: XmlOptions| Transformer::to_xml_with(&data, &options).unwrap();
    assert_eq!(shape(XmlOptions::default()), headless);
    assert_eq!(
        shape(XmlOptions::new().headless(false)),
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{headless}\n")
    );
    let lines = [
        "<doc>",
        "    <e/>",
        "    <l>",
        "        <i>1</i>",
        "        <i>",
        "            <i>2</i>",
        "        </i>",
        "        <i/>",
        "    </l>",
        "    <o>",
        "        <k><![CDATA[<]]></k>",
        "    </o>",
        "    <t></t>",
        "</doc>",
        "",
    ];
    let indented = XmlOptions::new().indent(true).root("doc").item("i");
    assert_eq!(shape(indented.clone()), lines.join("\n"));
    let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", lines.join("\n"));
    assert_eq!(shape(indented.headless(false)), declared);
    assert_eq!(read(shape(XmlOptions::new().indent(true))), read(headless));
    assert_eq!(Transformer::to_xml_with(&json!({}), &XmlOptions::new().indent(true)).unwrap(), "<xml/>\n");
}

/// Makes data, the same in each run.
struct Data(Random);

impl Data {
    fn text(&mut self) -> String {
        const PIECES: [&str; 24] = [
            "a",
            "Z",
            "0",
            " ",
            "\n",
            "\r",
            "\r\n",
            "\t",
            "<",
            ">",
            "&",
            "\"",
            "'",
            "]]>",
            "]",
            "]]",
            "<![CDATA[",
            "&lt;",
            "中",
            "😀",
            "\u{1}",
            "\u{FFFE}",
            "<!--",
            "&#13;",
        ];
        let length = self.0.below(8);
        (0..length).map(|_| self.0.pick(&PIECES)).collect()
    }

    fn value(&mut self, depth: u64) -> Value {
        match self.0.below(if depth < 5 { 9 } else { 6 }) {
            0 => json!(null),
            1 => json!(self.0.below(2) == 1),
            2 => json!(self.0.number()),
            3 => json!(self.0.pick(&[0.5, -1.0, 1e300, 2.5e-7])),
            4 | 5 => json!(self.text()),
            6 => (0..self.0.below(4)).map(|_| self.value(depth + 1)).collect(),
            _ => self.object(depth + 1),
        }
    }

    fn object(&mut self, depth: u64) -> Value {
        const NAMES: [&str; 10] = ["a", "b", "c", "_1", "中", "item", "no name", "1", "<", "x:y"];
        Value::Object((0..self.0.below(5)).map(|_| (self.0.pick(&NAMES).to_owned(), self.value(depth))).collect())
    }
}

/// What data is after it was XML: texts, with items for lists and for names that are none.
fn as_read(value: &Value) -> Value {
    let entries: Vec<(&str, &Value)> = match value {
        Value::Null | Value::Bool(false) => return json!(""),
        Value::Bool(true) => return json!("1"),
        Value::Number(number) if number.as_f64() == Some(-1.0) => return json!("-1"),
        Value::Number(number) => return json!(number.to_string()),
        Value::String(text) => {
            return json!(text.chars().filter(|letter| !matches!(letter, '\u{1}' | '\u{FFFE}')).collect::<String>());
        }
        Value::Array(list) => list.iter().map(|value| ("item", value)).collect(),
        Value::Object(entries) => entries.iter().map(|(name, value)| (name.as_str(), value)).collect(),
    };
    if entries.is_empty() {
        return json!("");
    }
    let mut lists: Map<String, Value> = Map::new();
    for (name, value) in entries {
        let name = if matches!(name, "no name" | "1" | "<") { "item" } else { name };
        lists.entry(name).or_insert(json!([])).as_array_mut().unwrap().push(as_read(value));
    }
    let single = |list: Value| if list.as_array().unwrap().len() == 1 { list[0].clone() } else { list };
    Value::Object(lists.into_iter().map(|(name, list)| (name, single(list))).collect())
}

#[test]
fn what_is_written_is_read_again() {
    let mut random = Data(Random::new(20_240_501));
    let mut characters = 0;
    for round in 0..20_000 {
        let data = random.object(0);
        let expected = if data.as_object().unwrap().is_empty() { json!({}) } else { as_read(&data) };
        let options = XmlOptions::new().headless(round % 2 == 0).indent(round % 3 == 0);
        let xml = Transformer::to_xml_with(&data, &options).unwrap();
        characters += xml.len();
        assert_eq!(read(&xml), expected, "{data} as {xml}");
        // What was read is written and read as itself, but for the lists, which are items then.
        let again = Transformer::to_xml(&expected).unwrap();
        assert_eq!(read(&again), if expected == json!({}) { json!({}) } else { as_read(&expected) }, "{again}");
    }
    assert!(characters > 1_000_000, "only {characters} characters were written");
}

/// Whatever is read can be written: the names and the depth of one suit the other.
#[test]
fn broken_xml_never_panics() {
    let good = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><xml a='1'><l><item>&lt;1&#20013;</item><item><![CDATA[x]]></item></l><!-- c --></xml>";
    for end in 0..good.len() {
        let _ = Transformer::to_array(&good.as_bytes()[..end]);
        for replacement in *b"<>&;/!?[]-'\" \x00\xFF" {
            let mut bytes = good.as_bytes().to_vec();
            bytes[end] = replacement;
            if let Ok(data) = Transformer::to_array(bytes) {
                read(Transformer::to_xml(&data).unwrap());
            }
        }
    }
}
