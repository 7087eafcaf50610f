//! An operation of the platform.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::field::{Encryption, Fields, Kind, Texts};
use crate::layout;
use crate::tables::{OperationRow, tables};

/// Where a parameter of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A variable of the path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Headers,
    /// The JSON body of APIv3.
    Json,
    /// The data of APIv2, which is sent as XML.
    Xml,
    /// A part of a form: an upload.
    Multipart,
}

impl Place {
    /// All of them.
    pub const ALL: [Place; 6] = [Place::Path, Place::Query, Place::Headers, Place::Json, Place::Xml, Place::Multipart];

    /// The client's option for it: `query`, `headers`, `json`, `xml`, `multipart`; and `path`, whose variables are options by
    /// their own names.
    pub fn name(self) -> &'static str {
        match self {
            Place::Path => "path",
            Place::Query => "query",
            Place::Headers => "headers",
            Place::Json => "json",
            Place::Xml => "xml",
            Place::Multipart => "multipart",
        }
    }
}

/// What a successful call is answered with.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// These fields, as JSON, or as XML in APIv2.
    Fields(Fields),
    /// Nothing: the status is 204. The pages of some downloads say this, too.
    Empty,
    /// A file.
    File,
    /// A redirect.
    Redirect,
    /// It is not documented.
    None,
}

/// An operation of the platform: what its page says about it. Cheap to copy.
///
/// ```
/// use wechatpay_catalog::{Place, catalog};
/// let refund = catalog().find("POST", "v3.refund.domestic.refunds").unwrap().operation();
/// assert_eq!((refund.method(), refund.template()), ("POST", "v3/refund/domestic/refunds"));
/// assert!(refund.name().contains("退款"));
/// assert!(refund.parameters(Place::Json).get("out_refund_no").unwrap().is_required());
/// ```
#[derive(Clone, Copy)]
pub struct Operation {
    number: u16,
    row: OperationRow,
}

impl Operation {
    /// All of them, ordered by path and method.
    pub(crate) fn all() -> impl Iterator<Item = Operation> {
        (0..u16::MAX).zip(&tables().operations).map(|(number, row)| Operation { number, row: *row })
    }

    /// The HTTP method, in capitals.
    pub fn method(&self) -> &'static str {
        tables().text(self.row.method)
    }

    /// The template of the path, as the chain takes it: `v3/pay/transactions/id/{transaction_id}`. That of APIv2 begins with
    /// `v2/`.
    pub fn template(&self) -> &'static str {
        tables().text(self.row.template)
    }

    /// The names of the template's variables, in the order of the path.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> {
        self.template().split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Whether it is of APIv2.
    pub fn is_apiv2(&self) -> bool {
        self.template().starts_with("v2/")
    }

    /// Its name at the platform, in Chinese.
    pub fn name(&self) -> &'static str {
        tables().text(self.row.name)
    }

    /// The pages about it, as paths below those of the platform's documentation: `v3/merchant/4012791856`.
    pub fn pages(&self) -> Texts {
        Texts::of(self.row.pages)
    }

    /// Who may call it, in the platform's words: `服务商`, `直连商户`. None if its pages do not say.
    pub fn roles(&self) -> Texts {
        Texts::of(self.row.roles)
    }

    /// The products that it belongs to, in the platform's words.
    pub fn groups(&self) -> Texts {
        Texts::of(self.row.groups)
    }

    /// The base addresses that it is called at, such as `https://apihk.mch.weixin.qq.com/`. None for the usual one,
    /// `https://api.mch.weixin.qq.com/`.
    pub fn hosts(&self) -> Texts {
        Texts::of(self.row.hosts)
    }

    /// When its page was changed last, such as `2026.01.14`; empty if the page does not say.
    pub fn changed(&self) -> &'static str {
        tables().text(self.row.changed)
    }

    /// Whether the merchant's certificate must be presented (mutual TLS; the client's option `security`).
    pub fn needs_client_certificate(&self) -> bool {
        self.row.flags & layout::CERTIFICATE != 0
    }

    /// Whether the platform advises against it.
    pub fn is_deprecated(&self) -> bool {
        self.row.flags & layout::DEPRECATED != 0
    }

    /// The parameters of a place. None if there are none, or none are documented.
    pub fn parameters(&self, place: Place) -> Fields {
        Fields::of(self.reference(place))
    }

    /// The places that have parameters.
    pub fn places(&self) -> impl Iterator<Item = (Place, Fields)> {
        let operation = *self;
        let all = Place::ALL.into_iter().map(move |place| (place, operation.parameters(place)));
        all.filter(|(_, fields)| !fields.is_empty())
    }

    /// What a successful call is answered with.
    pub fn answer(&self) -> Answer {
        match self.row.answer {
            layout::ANSWER_NONE => Answer::None,
            layout::ANSWER_EMPTY => Answer::Empty,
            layout::ANSWER_FILE => Answer::File,
            layout::ANSWER_REDIRECT => Answer::Redirect,
            _ => Answer::Fields(Fields::of(self.answer_reference())),
        }
    }

    /// The fields of a request that have to be encrypted, as the client's option `encrypt` names them: `/json/user_name`,
    /// `/json/list/*/name`, `/query/id_card`, `/body/meta/phone` in the `meta` of an upload, and `/xml/…` in APIv2.
    ///
    /// ```
    /// # use wechatpay_catalog::catalog;
    /// let add = catalog().find("POST", "v3/profitsharing/receivers/add").unwrap().operation();
    /// assert_eq!(add.sensitive(), ["/json/name"]);
    /// ```
    pub fn sensitive(&self) -> Vec<String> {
        let mut pointers = Vec::new();
        for place in [Place::Json, Place::Query, Place::Xml] {
            push_sensitive(&mut pointers, &format!("/{}", place.name()), self.parameters(place));
        }
        push_sensitive(&mut pointers, "/body", self.parameters(Place::Multipart));
        pointers
    }

    /// The fields of the answer that are encrypted for the merchant, as the client's `Response::decrypt` takes them.
    ///
    /// ```
    /// # use wechatpay_catalog::catalog;
    /// let complaints = catalog().find("GET", "v3/merchant-service/complaints-v2").unwrap().operation();
    /// assert_eq!(complaints.sensitive_answer(), ["/data/*/payer_phone"]);
    /// ```
    pub fn sensitive_answer(&self) -> Vec<String> {
        let mut pointers = Vec::new();
        if let Answer::Fields(fields) = self.answer() {
            push_sensitive(&mut pointers, "", fields);
        }
        pointers
    }

    /// The list of a place's fields in the tables.
    pub(crate) fn reference(&self, place: Place) -> u16 {
        let [path, query, headers, json, xml, multipart] = self.row.places;
        match place {
            Place::Path => path,
            Place::Query => query,
            Place::Headers => headers,
            Place::Json => json,
            Place::Xml => xml,
            Place::Multipart => multipart,
        }
    }

    /// The list of the answer's fields in the tables; 0 if it has none.
    pub(crate) fn answer_reference(&self) -> u16 {
        self.row.answer.saturating_sub(layout::ANSWER_FIELDS)
    }
}

/// Two are equal if they are the same operation.
impl PartialEq for Operation {
    fn eq(&self, other: &Operation) -> bool {
        self.number == other.number
    }
}

impl Eq for Operation {}

impl Hash for Operation {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Operation({self} {})", self.name())
    }
}

/// The method and the template.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method(), self.template())
    }
}

/// The pointers to what is encrypted with RSA. What is inside a text cannot be pointed at.
fn push_sensitive(pointers: &mut Vec<String>, before: &str, fields: Fields) {
    for field in fields {
        let pointer = format!("{before}/{}{}", token(field.name()), if field.is_list() { "/*" } else { "" });
        if field.encryption() == Some(Encryption::Rsa) {
            pointers.push(pointer);
        } else if field.kind() != Kind::String {
            push_sensitive(pointers, &pointer, field.fields());
        }
    }
}

/// A name as it is written in a JSON pointer.
pub(crate) fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
