//! XML: nothing panics, and what was read or written can be read again.
#![no_main]

mod support;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use wechatpay::{Error, Transformer, Value, XmlOptions};

const WORDS: [&str; 14] =
    ["a", "item", "xml", "]]>", "<![CDATA[", "<", "&", "\"", "\r", "&#13;", "\u{1}", "中", ":", " "];

fuzz_target!(|input: &[u8]| {
    match Transformer::to_array(input) {
        Ok(data) => write_and_read(&data, &XmlOptions::new()),
        Err(error) => assert_short(&error),
    }
    let _ = write_anything(&mut Unstructured::new(input));
});

fn write_anything(input: &mut Unstructured<'_>) -> Result<()> {
    let options = XmlOptions::new().headless(input.arbitrary()?).indent(input.arbitrary()?);
    write_and_read(&support::object(input, &WORDS, 4)?, &options);
    let options = options.root(support::text(input, &WORDS)?).item(support::text(input, &WORDS)?);
    write_and_read(&support::object(input, &WORDS, 2)?, &options);
    Ok(())
}

fn write_and_read(data: &Value, options: &XmlOptions) {
    match Transformer::to_xml_with(data, options) {
        Ok(xml) => {
            let again = Transformer::to_array(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
            assert!(again.is_object());
        }
        Err(error) => assert_short(&error),
    }
}

fn assert_short(error: &Error) {
    assert!(matches!(error, Error::Xml(_)), "{error:?}");
    assert!(error.to_string().len() < 2_000, "{error}");
}
