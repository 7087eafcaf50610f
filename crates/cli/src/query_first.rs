//! How the platform is asked about a call whose outcome is unknown.

use serde_json::{Map, Value};
use wechatpay_catalog::{Operation, Place, catalog};

use crate::percent;

/// The numbers of one's own, each with the operations that ask by it.
const QUESTIONS: [(&str, &[&str]); 6] = [
    (
        "out_refund_no",
        &["v3/refund/domestic/refunds/{out_refund_no}", "v3/ecommerce/refunds/out-refund-no/{out_refund_no}"],
    ),
    ("out_bill_no", &["v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}"]),
    ("out_batch_no", &["v3/transfer/batches/out-batch-no/{out_batch_no}"]),
    ("out_order_no", &["v3/profitsharing/orders/{out_order_no}"]),
    ("combine_out_trade_no", &["v3/combine-transactions/out-trade-no/{combine_out_trade_no}"]),
    (
        "out_trade_no",
        &["v3/pay/partner/transactions/out-trade-no/{out_trade_no}", "v3/pay/transactions/out-trade-no/{out_trade_no}"],
    ),
];

/// The command that asks about a call, ready to paste; `None` if it is not known how. The options are those of the chain's method;
/// `settings` are the words by which its settings were given.
pub fn command(operation: Operation, options: &Map<String, Value>, settings: &[String]) -> Option<String> {
    let places = [Place::Json, Place::Xml, Place::Query].map(Place::name);
    let given = |name: &str| {
        let inside = places.iter().find_map(|place| options.get(*place)?.get(name));
        match inside.or_else(|| options.get(name))? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    let family = |template: &str| template.split('/').take(2).collect::<Vec<_>>().join("/");
    let (number, templates) = QUESTIONS.iter().find(|(number, _)| {
        let own = [Place::Path, Place::Json, Place::Xml]
            .into_iter()
            .any(|place| operation.parameters(place).get(number).is_some());
        own && given(number).is_some()
    })?;
    // Only what is asked about in the same family of paths, and with all that the question needs.
    let question = templates.iter().find_map(|template| {
        let question = catalog().find("GET", template)?.operation();
        let needs = question.parameters(Place::Query).into_iter().filter(|field| field.is_required());
        let needs: Option<Vec<_>> = needs.map(|field| Some((field.name(), given(field.name())?))).collect();
        let is_partner = template.contains("/partner/") == operation.template().contains("/partner/");
        (family(template) == family(operation.template()) && is_partner).then_some((*template, needs?))
    });
    let (template, needs) = question?;
    let path = template.replace(&format!("{{{number}}}"), &percent::encode(&given(number)?).ok()?);
    let mut words = vec!["wechatpay".to_owned()];
    words.extend_from_slice(settings);
    words.extend(["get".to_owned(), path]);
    for (name, value) in needs {
        words.extend(["-q".to_owned(), format!("{name}={value}")]);
    }
    Some(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
}

/// A word for the shell.
pub fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@%+".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
