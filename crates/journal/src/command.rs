//! What is documented of a call that can have an effect: its own number, and how the platform is asked about it.

use serde_json::{Map, Value, json};
use wechatpay_catalog::{Place, catalog};

use crate::operations::{self, Operation, Source};

/// A call that can have an effect, as far as the platform documents it: what the journal knows about it, without a journal.
///
/// ```
/// use wechatpay::json;
/// use wechatpay_journal::Command;
///
/// # fn main() -> Result<(), &'static str> {
/// let options = json!({ "json": {
///     "out_trade_no": "order-1",
///     "out_refund_no": "refund-1",
///     "amount": { "refund": 1, "total": 100, "currency": "CNY" },
/// } });
/// let refund = Command::find("POST", "v3/refund/domestic/refunds", &options).ok_or("not documented")?;
/// assert_eq!(refund.number_field(), Some("out_refund_no"));
/// assert_eq!(refund.number().as_deref(), Some("refund-1"));
/// assert!(refund.may_move_money());
///
/// let question = refund.question().ok_or("nothing to ask")?;
/// assert_eq!((question.method(), question.template()), ("GET", "v3/refund/domestic/refunds/{out_refund_no}"));
/// assert_eq!(*question.options(), json!({ "out_refund_no": "refund-1" }));
///
/// // What only asks is no command.
/// assert!(Command::find("GET", "v3/certificates", &json!({})).is_none());
/// assert!(Command::find("POST", "v2/pay/orderquery", &json!({})).is_none());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Command {
    operation: &'static Operation,
    /// The fields by place: `path`, `query`, and `json` or `xml`.
    request: Map<String, Value>,
}

impl Command {
    /// The command that is called with this method, this path in any spelling of the chain, and the options of its method: of them
    /// are read the variables of the path, `json`, `xml`, `query` and `base_uri`. `None` if it only asks, or nothing like that is
    /// documented.
    pub fn find(method: &str, path: &str, options: &Value) -> Option<Command> {
        let found = catalog().find_call(method, path, options)?;
        let operation = operations::of(found.operation()).filter(|operation| !operation.only_asks())?;
        let variables = found.variables().iter().filter_map(|variable| {
            let given = |name: &str| options.get(name).cloned();
            let value = match (variable.value(), variable.placeholder()) {
                (Some(value), _) => Some(Value::String(operations::decoded(value))),
                (None, placeholder) => placeholder.and_then(given).or_else(|| given(variable.name())),
            };
            Some((variable.name().to_owned(), value?))
        });
        let mut request = Map::new();
        request.insert(Place::Path.name().to_owned(), Value::Object(variables.collect()));
        for place in [Place::Json, Place::Xml, Place::Query].map(Place::name) {
            if let Some(fields) = options.get(place) {
                request.insert(place.to_owned(), fields.clone());
            }
        }
        Some(Command { operation, request })
    }

    /// The field that has its own number, under which the platform does it only once: `out_refund_no` of a refund. `None` if it
    /// has none.
    pub fn number_field(&self) -> Option<&'static str> {
        self.operation.number_field()
    }

    /// Its own number; `None` if it has none.
    pub fn number(&self) -> Option<String> {
        self.operation.number(&self.request)
    }

    /// Whether it may move money: it has an own number, or does something about what has one, as the cancelling of a transfer and
    /// the refund of a payment do. What only reports about such a thing does not.
    pub fn may_move_money(&self) -> bool {
        self.operation.may_move_money()
    }

    /// How the platform is asked whether it has taken effect, as [`settle`](crate::Journal::settle) does. `None` if the platform
    /// documents no question about it, or what is needed to ask is not in the options.
    pub fn question(&self) -> Option<Question> {
        Question::of(self.operation, &self.number()?, &self.operation.kept(&self.request)).ok()
    }
}

/// How the platform is asked whether a command has taken effect: a call that changes nothing.
///
/// ```
/// use wechatpay::json;
/// use wechatpay_journal::Command;
///
/// # fn main() -> Result<(), &'static str> {
/// let order = json!({ "xml": { "appid": "wx8888888888888888", "mch_id": "1900000109", "out_trade_no": "order-1" } });
/// let command = Command::find("POST", "v2/pay/unifiedorder", &order).ok_or("not documented")?;
/// let question = command.question().ok_or("nothing to ask")?;
/// assert_eq!((question.method(), question.template()), ("POST", "v2/pay/orderquery"));
/// assert_eq!(question.options()["xml"], order["xml"]);
/// // instance.chain(question.template()).request(question.method(), question.options().clone())
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    method: &'static str,
    template: &'static str,
    options: Value,
}

/// Why there is no question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unasked {
    /// None is documented.
    Undocumented,
    /// This field is needed.
    Missing(&'static str),
}

impl Question {
    /// `GET`, or for APIv2 `POST`.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The path as it is documented, such as `v3/refund/domestic/refunds/{out_refund_no}`.
    pub fn template(&self) -> &'static str {
        self.template
    }

    /// The options, as the chain's method takes them: the variables of the path, `query`, or for APIv2 `xml` and `security`.
    pub fn options(&self) -> &Value {
        &self.options
    }

    /// The question about a command with this number, of which this was kept.
    pub(crate) fn of(operation: &Operation, number: &str, kept: &Map<String, Value>) -> Result<Question, Unasked> {
        let (question, _) = operation.question().ok_or(Unasked::Undocumented)?;
        let (method, template) = question.operation.split_once(' ').unwrap_or_default();
        let is_apiv2 = template.starts_with("v2/");
        let (mut options, mut fields) = (Map::new(), Map::new());
        for parameter in question.parameters {
            let value = match parameter.source {
                Source::Number => Value::from(number),
                Source::Fixed(value) => Value::from(value),
                Source::Required(_) => kept.get(parameter.name).ok_or(Unasked::Missing(parameter.name))?.clone(),
                Source::Optional(_) => match kept.get(parameter.name) {
                    Some(value) => value.clone(),
                    None => continue,
                },
            };
            let is_variable = template.split('/').any(|segment| is_variable(segment, parameter.name));
            let place = if is_variable { &mut options } else { &mut fields };
            place.insert(parameter.name.to_owned(), value);
        }
        if !fields.is_empty() {
            let place = if is_apiv2 { Place::Xml } else { Place::Query };
            options.insert(place.name().to_owned(), Value::Object(fields));
        }
        let documented = catalog().find(method, template).filter(|_| is_apiv2);
        if documented.is_some_and(|found| found.operation().needs_client_certificate()) {
            options.insert("security".to_owned(), json!(true));
        }
        Ok(Question { method, template, options: Value::Object(options) })
    }
}

fn is_variable(segment: &str, name: &str) -> bool {
    segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: &str, path: &str, options: Value) -> Option<Command> {
        Command::find(method, path, &options)
    }

    #[test]
    fn the_number_is_found_in_any_spelling() {
        for (path, options) in [
            ("v3/pay/transactions/out-trade-no/A%7C1/close", json!({})),
            ("v3/pay/transactions/out-trade-no/{out_trade_no}/close", json!({ "out_trade_no": "A|1" })),
            ("v3.pay.transactions.outTradeNo._no_.close", json!({ "no": "A|1" })),
            ("https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/A%7C1/close?a=1", json!({})),
        ] {
            let mut options = options;
            options["json"] = json!({ "mchid": 1_900_000_109 });
            let command = find("post", path, options).unwrap();
            assert_eq!((command.number_field(), command.number().as_deref()), (Some("out_trade_no"), Some("A|1")));
            let question = command.question().unwrap();
            assert_eq!(question.template(), "v3/pay/transactions/out-trade-no/{out_trade_no}");
            let expected = json!({ "out_trade_no": "A|1", "query": { "mchid": "1900000109" } });
            assert_eq!(*question.options(), expected, "{path}");
        }
    }

    #[test]
    fn a_question_that_lacks_something_is_none() {
        let native = "v3/pay/transactions/native";
        assert!(find("POST", native, json!({ "json": { "out_trade_no": "A" } })).unwrap().question().is_none());
        assert!(find("POST", native, json!({ "json": { "mchid": "1900000109" } })).unwrap().question().is_none());
        // Its number is its own, and nothing is documented to ask by it.
        let coupon = json!({ "json": { "out_request_no": "C1" } });
        let coupon = find("POST", "v3/marketing/busifavor/coupons/send", coupon).unwrap();
        assert!(coupon.number().is_some() && coupon.question().is_none());
        assert!(find("POST", "v3/not/documented", json!({})).is_none());
    }

    #[test]
    fn a_question_that_needs_the_certificate_has_it() {
        let packet = json!({ "xml": { "mch_billno": "B1", "mch_id": "1900000109", "wxappid": "wx8888888888888888" } });
        let question = find("POST", "v2/mmpaymkttransfers/sendredpack", packet).unwrap().question().unwrap();
        let expected = json!({
            "xml": { "mch_billno": "B1", "mch_id": "1900000109", "appid": "wx8888888888888888", "bill_type": "MCHT" },
            "security": true,
        });
        assert_eq!(*question.options(), expected);
    }

    #[test]
    fn what_may_move_money() {
        let may = |path: &str| find("POST", path, json!({})).unwrap_or_else(|| panic!("{path}")).may_move_money();
        for row in operations::rows() {
            for path in row.commands.iter().filter_map(|command| command.strip_prefix("POST ")) {
                assert!(may(path), "{path}");
            }
        }
        for path in [
            "v3/marketing/favor/users/{openid}/coupons",
            "v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund",
            "v3/payscore/serviceorder/{out_order_no}/modify",
            "v2/mmpaymkttransfers/send_coupon",
        ] {
            assert!(may(path), "{path}");
        }
        for path in [
            "v3/security/echo",
            "v3/merchant-service/complaint-notifications",
            "v3/profitsharing/receivers/add",
            "v3/transfer/bill-receipt",
            "v3/global/customs/orders",
            "v3/merchant/media/upload",
        ] {
            assert!(!may(path), "{path}");
        }
    }
}
