//! The catalog as a whole.

use std::sync::OnceLock;

use serde_json::Value;

use crate::distance::nearest;
use crate::likeness::Likeness;
use crate::notification::Notification;
use crate::operation::Operation;
use crate::routes::Routes;
use crate::spelling::{Segment, is_address, segments};

/// What the platform documents: its operations and its notifications.
///
/// There is one, [`catalog`], which is read from the embedded data when it is first asked for.
#[derive(Debug)]
pub struct Catalog {
    routes: Routes,
}

/// The catalog.
///
/// ```
/// use wechatpay_catalog::catalog;
/// let found = catalog().find("GET", "v3/pay/transactions/id/4200000985202103031441826014").unwrap();
/// assert_eq!(found.operation().template(), "v3/pay/transactions/id/{transaction_id}");
/// ```
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog { routes: Routes::all() })
}

impl Catalog {
    /// The operation that a method and a path call.
    ///
    /// The method may be in capitals or small letters. The path may be
    ///
    /// * written in any way that the client's chain takes: `v3/marketing/bank-favor/…`, `/v3/marketing/bankFavor/…`, with
    ///   `{openid}`, `<openid>` or `_openid_`; or as `v3.marketing.bankFavor…` or `v3->marketing->bankFavor…`;
    /// * a whole address, also one of APIv2, in which `v2/` is not written;
    /// * with values in the place of variables, and with a query, which plays no part.
    ///
    /// Variables may have names other than those of the platform. A literal segment wins over a variable. `None` if nothing
    /// like that is documented, which does not mean that the platform does not have it: it adds operations every week.
    ///
    /// ```
    /// # use wechatpay_catalog::catalog;
    /// let found = catalog().find("get", "v3.pay.transactions.outTradeNo._no_").unwrap();
    /// assert_eq!(found.operation().template(), "v3/pay/transactions/out-trade-no/{out_trade_no}");
    /// let variable = found.variables()[0];
    /// assert_eq!((variable.name(), variable.placeholder()), ("out_trade_no", Some("no")));
    ///
    /// let found = catalog().find("GET", "https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/A1?mchid=1").unwrap();
    /// assert_eq!(found.variables()[0].value(), Some("A1"));
    /// ```
    pub fn find<'p>(&self, method: &str, path: &'p str) -> Option<Found<'p>> {
        self.find_segments(method, path, segments(path))
    }

    /// Like [`find`](Self::find), for a call with these options, in the shape that [`Operation::check`] takes. Of them it uses
    ///
    /// * `base_uri`, whose path may be a part of what is documented, as that of `https://api.mch.weixin.qq.com/hk/` is;
    /// * the values of variables, where a variable stands for something that is no variable in the documents: of `{kind}`, or of
    ///   `{+path}`, which may be a whole path.
    ///
    /// ```
    /// # use wechatpay_catalog::catalog;
    /// use serde_json::json;
    /// let options = json!({ "base_uri": "https://api.mch.weixin.qq.com/hk/" });
    /// let found = catalog().find_call("POST", "v3/transactions/app", &options).unwrap();
    /// assert_eq!(found.operation().template(), "hk/v3/transactions/app");
    ///
    /// let options = json!({ "kind": "native" });
    /// let found = catalog().find_call("POST", "v3/pay/transactions/{kind}", &options).unwrap();
    /// assert_eq!(found.operation().template(), "v3/pay/transactions/native");
    /// ```
    pub fn find_call<'p>(&self, method: &str, path: &'p str, options: &'p Value) -> Option<Found<'p>> {
        let written = segments(path);
        let base = options.get("base_uri").and_then(Value::as_str).filter(|_| !is_address(path)).unwrap_or_default();
        let mut before = segments(base);
        before.retain(|segment| *segment != Segment::Text(""));
        let filled = || written.iter().flat_map(|segment| filled_in(*segment, options)).collect::<Vec<_>>();
        // What is before the path may also be a stand-in's own.
        let find = |given: Vec<Segment<'p>>| {
            let with_base = [&before[..], &given].concat();
            self.find_segments(method, path, with_base).or_else(|| self.find_segments(method, path, given))
        };
        find(written.clone()).or_else(|| find(filled()))
    }

    /// The operations of a path, whatever their methods: for "there is no GET, but a POST".
    ///
    /// ```
    /// # use wechatpay_catalog::catalog;
    /// assert!(catalog().find("GET", "v3/pay/transactions/native").is_none());
    /// let methods: Vec<_> = catalog().operations_at("v3/pay/transactions/native").iter().map(|at| at.method()).collect();
    /// assert_eq!(methods, ["POST"]);
    /// ```
    pub fn operations_at(&self, path: &str) -> Vec<Operation> {
        let operations = |path: &[Segment<'_>]| self.routes.operations(path).concat();
        let path_segments = segments(path);
        let found = operations(&path_segments);
        if found.is_empty() && is_address(path) { operations(&of_apiv2(path_segments)) } else { found }
    }

    /// The operation whose path is most like this one, for a message about a path that is not documented; preferably by this
    /// method. `None` if none is like it. It takes milliseconds.
    ///
    /// ```
    /// # use wechatpay_catalog::catalog;
    /// let near = catalog().nearest("POST", "v3/pay/transaction/natvie").unwrap();
    /// assert_eq!(near.to_string(), "POST v3/pay/transactions/native");
    /// ```
    pub fn nearest(&self, method: &str, path: &str) -> Option<Operation> {
        let mut likeness = Likeness::of(&segments(path));
        let costs = Operation::all().filter_map(|operation| {
            let other_method = usize::from(!operation.method().eq_ignore_ascii_case(method));
            Some((likeness.cost(operation.template())?.saturating_add(other_method), operation))
        });
        let (cost, nearest) = costs.min_by_key(|(cost, _)| *cost)?;
        likeness.is_like(cost).then_some(nearest)
    }

    /// All operations, ordered by path and method.
    pub fn operations(&self) -> impl Iterator<Item = Operation> {
        Operation::all()
    }

    /// The notification of an event. If APIv3 and APIv2 have one by the same name, that of APIv3.
    ///
    /// ```
    /// # use wechatpay_catalog::catalog;
    /// assert!(catalog().notification("REFUND.SUCCESS").unwrap().name().contains("退款"));
    /// assert!(catalog().notification("refund.done").is_none());
    /// ```
    pub fn notification(&self, event: &str) -> Option<Notification> {
        Notification::all().find(|notification| notification.event() == event)
    }

    /// All notifications: those of APIv3 and then those of APIv2, each ordered by event.
    pub fn notifications(&self) -> impl Iterator<Item = Notification> {
        Notification::all()
    }

    /// The notification whose event is most like this one, in whatever case, for a message about an unknown event. `None` if none
    /// is like it.
    ///
    /// ```
    /// # use wechatpay_catalog::catalog;
    /// assert_eq!(catalog().nearest_notification("TRANSACTION.SUCESS").unwrap().event(), "TRANSACTION.SUCCESS");
    /// ```
    pub fn nearest_notification(&self, event: &str) -> Option<Notification> {
        let is_same = |notification: &Notification| notification.event().eq_ignore_ascii_case(event);
        let near = || nearest(event, Notification::all().map(|notification| notification.event()));
        Notification::all().find(is_same).or_else(|| self.notification(near()?))
    }

    fn find_segments<'p>(&self, method: &str, path: &str, given: Vec<Segment<'p>>) -> Option<Found<'p>> {
        let by_method = |operations: &[Operation]| {
            operations.iter().find(|operation| operation.method().eq_ignore_ascii_case(method)).copied()
        };
        if let Some(operation) = self.routes.operations(&given).into_iter().find_map(by_method) {
            return Some(Found::of(operation, &given));
        }
        if !is_address(path) {
            return None;
        }
        let given = of_apiv2(given);
        let operation = self.routes.operations(&given).into_iter().find_map(by_method)?;
        Some(Found::of(operation, &given))
    }
}

/// A variable by its value, if it is a text; anything else as it is.
fn filled_in<'p>(segment: Segment<'p>, options: &'p Value) -> Vec<Segment<'p>> {
    let value = match segment {
        Segment::Variable(name) => options.get(name).and_then(Value::as_str),
        Segment::Text(_) => None,
    };
    value.map_or_else(|| vec![segment], |value| value.split('/').map(Segment::Text).collect())
}

/// A path of an address as the chain writes one of APIv2.
fn of_apiv2(mut path: Vec<Segment<'_>>) -> Vec<Segment<'_>> {
    path.insert(0, Segment::Text("v2"));
    path
}

/// An operation that was found, and what the path says about its variables.
#[derive(Clone, Debug)]
pub struct Found<'p> {
    operation: Operation,
    variables: Vec<Variable<'p>>,
}

impl<'p> Found<'p> {
    fn of(operation: Operation, given: &[Segment<'p>]) -> Found<'p> {
        let both = operation.template().split('/').zip(given);
        let variables = both.filter_map(|(segment, given)| {
            let name = segment.strip_prefix('{')?.strip_suffix('}')?;
            Some(Variable { name, given: *given })
        });
        Found { operation, variables: variables.collect() }
    }

    /// The operation.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Its variables, in the order of the path.
    pub fn variables(&self) -> &[Variable<'p>] {
        &self.variables
    }
}

/// A variable of a documented path, and what was given in its place.
#[derive(Clone, Copy, Debug)]
pub struct Variable<'p> {
    name: &'static str,
    given: Segment<'p>,
}

impl<'p> Variable<'p> {
    /// As in the operation's own template.
    pub(crate) fn by_its_name(name: &'static str) -> Variable<'static> {
        Variable { name, given: Segment::Variable(name) }
    }

    /// Its documented name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name that the path has for it, `no` of `{no}`; `None` if the path has a value.
    pub fn placeholder(&self) -> Option<&'p str> {
        match self.given {
            Segment::Variable(name) => Some(name),
            Segment::Text(_) => None,
        }
    }

    /// The value that the path has, as it is written there; `None` if the path has a variable.
    pub fn value(&self) -> Option<&'p str> {
        match self.given {
            Segment::Variable(_) => None,
            Segment::Text(value) => Some(value),
        }
    }
}
