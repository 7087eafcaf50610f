//! The protocol and the scheme of a request, and the path that it names.

use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};

use crate::request::{Received, Request};

/// The beginnings of the paths of APIv3.
const PREFIXES: [&str; 4] = ["/v3/", "/hk/v3/", "/global/v3/", BRAND];

/// The beginning of the paths of APIv3 that are for brands.
const BRAND: &str = "/brand/";

/// Whether the path of a request belongs to APIv3.
pub(crate) fn is_apiv3(request: &Request) -> bool {
    PREFIXES.iter().any(|prefix| request.path().starts_with(prefix))
}

/// Whether the path of a request is for brands.
pub(crate) fn is_for_brands(request: &Request) -> bool {
    request.path().starts_with(BRAND)
}

/// How a request of APIv3 must be signed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Scheme {
    /// The first word of `Authorization`, and the value of `Wechatpay-Signature-Type` in what the platform signs.
    pub(crate) name: &'static str,
    /// What the id of the signing party is called.
    pub(crate) party: &'static str,
}

impl Scheme {
    pub(crate) const MERCHANTS: Scheme = Scheme { name: "WECHATPAY2-SHA256-RSA2048", party: "mchid" };
    pub(crate) const BRANDS: Scheme = Scheme { name: "WECHATPAY-BRAND-SHA256-RSA2048", party: "brand_id" };

    /// That of the request's path.
    pub(crate) fn of(request: &Request) -> Scheme {
        if is_for_brands(request) { Scheme::BRANDS } else { Scheme::MERCHANTS }
    }
}

/// Whether a request belongs to APIv2.
pub(crate) fn is_apiv2(request: &Request) -> bool {
    !is_apiv3(request) && is_xml_or_query(request)
}

/// Whether a request belongs to APIv2 if its path does not belong to APIv3: XML by POST, or GET without the header
/// `Authorization` of APIv3.
fn is_xml_or_query(request: &Request) -> bool {
    let Received::Bytes(body) = request.content() else {
        return false;
    };
    let says_xml = || request.header(CONTENT_TYPE.as_str()).is_some_and(|value| value.contains("xml"));
    match request.method() {
        "POST" => says_xml() || body.trim_ascii_start().starts_with(b"<"),
        "GET" => !request.headers().contains_key(AUTHORIZATION),
        _ => false,
    }
}

/// A path as routes are written, with a slash in front and without the `v2/` that the client takes off.
pub(crate) fn template(path: &str) -> String {
    let path = path.trim_start_matches('/');
    format!("/{}", path.strip_prefix("v2/").unwrap_or(path))
}

/// The variables of a path, as they arrived, if it matches `template`, in which a segment in braces or angle brackets is a
/// variable. Either may have a slash in front.
pub(crate) fn variables<'a, 'b>(template: &'a str, path: &'b str) -> Option<Vec<(&'a str, &'b str)>> {
    let mut variables = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/');
    for expected in template.strip_prefix('/').unwrap_or(template).split('/') {
        let segment = segments.next()?;
        match variable(expected) {
            Some(name) => variables.push((name, segment)),
            None if expected == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(variables)
}

/// Whether two templates match the same paths, whatever their variables are called.
pub(crate) fn is_same(template: &str, other: &str) -> bool {
    variables(template, other).is_some() && variables(other, template).is_some()
}

fn variable(segment: &str) -> Option<&str> {
    [('{', '}'), ('<', '>')].into_iter().find_map(|(begin, end)| segment.strip_prefix(begin)?.strip_suffix(end))
}
