//! How the platform is asked about a call whose outcome is unknown, as a command that is ready to paste.

use serde_json::{Map, Value};
use wechatpay_catalog::Operation;
use wechatpay_journal::{Command, Question};

use crate::percent;
use crate::shell;

/// The command that asks about a call; `None` if it is not known how. The options are those of the chain's method; `settings` are the
/// words by which its settings were given.
pub fn command(operation: Operation, options: &Map<String, Value>, settings: &[String]) -> Option<String> {
    let options = Value::Object(options.clone());
    line(&Command::find(operation.method(), operation.template(), &options)?.question()?, settings)
}

/// A question as a command.
pub fn line(question: &Question, settings: &[String]) -> Option<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut variables = Vec::new();
    let segment = |segment: &str| {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let Some(name) = name else { return Some(segment.to_owned()) };
        let value = text(question.options().get(name)?);
        if is_plain(&value) {
            return percent::encode(&value).ok();
        }
        variables.extend(["-v".to_owned(), format!("{name}={value}")]);
        Some(segment.to_owned())
    };
    let path: Option<Vec<_>> = question.template().split('/').map(segment).collect();
    let mut words = vec!["wechatpay".to_owned()];
    words.extend_from_slice(settings);
    words.extend([question.method().to_lowercase(), path?.join("/")]);
    words.extend(variables);
    let fields = |place: &str| question.options().get(place).and_then(Value::as_object).into_iter().flatten();
    words.extend(fields("query").flat_map(|(name, value)| ["-q".to_owned(), format!("{name}={}", text(value))]));
    words.extend(fields("xml").map(|(name, value)| field(name, &text(value))));
    Some(shell::line(words.iter().map(String::as_str)))
}

/// Whether a value cannot be taken for something else than the value of a path.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|letter| letter.is_ascii_alphanumeric() || "-|*".contains(letter))
}

/// A field of the body, which has this text whatever it begins with.
fn field(name: &str, text: &str) -> String {
    if text.starts_with(['=', '@', '\\']) {
        return format!("{name}:={}", Value::from(text));
    }
    format!("{name}={text}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(path: &str, options: &Value) -> String {
        line(&Command::find("POST", path, options).unwrap().question().unwrap(), &[]).unwrap()
    }

    #[test]
    fn a_number_is_that_number_whatever_it_looks_like() {
        for (number, words) in [
            ("R-1|2*", "refunds/R-1%7C2%2A"),
            ("_no_", "refunds/{out_refund_no} -v out_refund_no=_no_"),
            ("a@b", "refunds/{out_refund_no} -v out_refund_no=a@b"),
            ("..", "refunds/{out_refund_no} -v out_refund_no=.."),
        ] {
            let refund = json!({ "json": { "out_refund_no": number } });
            let expected = format!("wechatpay get v3/refund/domestic/{words}");
            assert_eq!(asked("v3/refund/domestic/refunds", &refund).replace('\'', ""), expected);
        }
        for (number, word) in [
            ("T1", "out_trade_no=T1"),
            ("@T1", r#"'out_trade_no:="@T1"'"#),
            ("=T1", r#"'out_trade_no:="=T1"'"#),
            ("\\T1", r#"'out_trade_no:="\\T1"'"#),
        ] {
            let order = json!({ "xml": { "appid": "wx1", "mch_id": "19", "out_trade_no": number } });
            let expected = format!("wechatpay post v2/pay/orderquery {word} appid=wx1 mch_id=19");
            assert_eq!(asked("v2/pay/unifiedorder", &order), expected);
        }
    }
}
