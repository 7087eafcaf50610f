//! What cargo prints as JSON, read.

use serde_json::Value;

/// A message of the compiler about a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    pub is_error: bool,
    /// `E0425`, for example.
    pub code: String,
    pub text: String,
    /// The file, as the compiler was given it, and the line.
    pub place: (String, usize),
}

/// The errors and the warnings in files that are ours.
pub fn messages(printed: &str, is_ours: impl Fn(&str) -> bool) -> Vec<Message> {
    let lines = printed.lines().filter_map(|line| line.parse::<Value>().ok());
    lines.filter_map(|line| message(&line, &is_ours)).collect()
}

/// All errors of whatever it compiled, as the compiler shows them.
pub fn errors(printed: &str) -> String {
    let lines = printed.lines().filter_map(|line| line.parse::<Value>().ok());
    let errors = lines.filter(|line| text_at(line, "/message/level") == Some("error"));
    errors.filter_map(|line| text_at(&line, "/message/rendered").map(str::to_owned)).collect()
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn message(line: &Value, is_ours: &impl Fn(&str) -> bool) -> Option<Message> {
    if text_at(line, "/reason") != Some("compiler-message") {
        return None;
    }
    let is_error = match text_at(line, "/message/level")? {
        "error" => true,
        "warning" => false,
        _ => return None,
    };
    // There is none in "aborting due to 2 previous errors", and in what is about other packages.
    let spans = line.pointer("/message/spans")?.as_array()?;
    let main = spans.iter().find(|span| span.get("is_primary") == Some(&Value::Bool(true)))?;
    let place = place(main, is_ours)?;
    let code = text_at(line, "/message/code/code").unwrap_or_default().to_owned();

    let mut text = text_at(line, "/message/message")?.lines().next().unwrap_or_default().to_owned();
    // "not found in this scope" says nothing more.
    let says_more = |label: &&str| !label.is_empty() && !label.starts_with("not found");
    if let Some(label) = text_at(main, "/label").and_then(|label| label.lines().next()).filter(says_more) {
        text.push_str(": ");
        text.push_str(label);
    }
    Some(Message { is_error, code, text, place })
}

/// Where it is in what is ours; of what a macro has made, where that macro is called.
fn place(span: &Value, is_ours: &impl Fn(&str) -> bool) -> Option<(String, usize)> {
    let mut span = span;
    loop {
        let file = text_at(span, "/file_name")?;
        if is_ours(file) {
            return Some((file.to_owned(), usize::try_from(span.get("line_start")?.as_u64()?).ok()?));
        }
        span = span.pointer("/expansion/span")?;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(level: &str, code: Value, spans: Value) -> String {
        let message = json!({ "message": "mismatched types\nmore", "level": level, "code": code, "spans": spans });
        json!({ "reason": "compiler-message", "message": message }).to_string()
    }

    fn found(printed: &str) -> Vec<Message> {
        messages(printed, |file| file.starts_with("1/"))
    }

    #[test]
    fn the_place_of_a_message() {
        let span = json!([
            { "file_name": "1/src/lib.rs", "line_start": 2, "is_primary": false },
            { "file_name": "1/src/lib.rs", "line_start": 7, "is_primary": true, "label": "expected `u64`" },
        ]);
        let message = Message {
            is_error: true,
            code: "E0308".to_owned(),
            text: "mismatched types: expected `u64`".to_owned(),
            place: ("1/src/lib.rs".to_owned(), 7),
        };
        assert_eq!(found(&printed("error", json!({ "code": "E0308" }), span)), [message]);
    }

    #[test]
    fn the_place_where_a_macro_is_called() {
        let called = json!({ "file_name": "1/src/main.rs", "line_start": 9, "is_primary": false });
        let span = json!([{ "file_name": "/chain/src/chain.rs", "line_start": 100, "is_primary": true,
            "expansion": { "span": called } }]);
        let found = found(&printed("warning", json!({ "code": "x" }), span));
        assert_eq!(found[0].place, ("1/src/main.rs".to_owned(), 9));
        assert!(!found[0].is_error);
    }

    #[test]
    fn what_is_no_message_about_ours() {
        let elsewhere =
            json!([{ "file_name": "/chain/src/lib.rs", "line_start": 1, "is_primary": true, "expansion": null }]);
        for text in [
            printed("error", json!({ "code": "E0308" }), elsewhere),
            printed("error", Value::Null, json!([])),
            printed("failure-note", Value::Null, json!([])),
            json!({ "reason": "build-finished", "success": false }).to_string(),
            "not JSON".to_owned(),
            "[]".to_owned(),
        ] {
            assert_eq!(found(&text), [], "{text}");
        }
    }
}
