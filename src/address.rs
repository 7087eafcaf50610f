//! From a path to the address that is called, and which addresses may be called at all.

use std::net::IpAddr;

use iri_string::types::{UriAbsoluteStr, UriReferenceStr};
use ureq::http::Uri;

use crate::error::{Error, Result};

/// Resolves an expanded path against `base_uri` (RFC 3986), and replaces its query.
///
/// What is signed goes to the host of `base_uri` only, over https; plain http needs a loopback host or
/// the setting `allow_http`.
pub(crate) fn resolve(base_uri: &str, path: &str, query: Option<&str>, allow_http: bool) -> Result<Uri> {
    let base = parse_base(base_uri, allow_http)?;
    let path_only = path.split(['?', '#']).next().unwrap_or_default();
    if path_only.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(Error::Options(format!(
            "`{path_only}` has a segment `.` or `..`, which would call another path; is it the value of a variable?"
        )));
    }
    let resolved = join(base_uri, path)
        .ok_or_else(|| Error::Options(format!("`{path}` cannot be resolved against `{base_uri}`")))?;
    let uri = parse(replace_query(resolved, query))?;
    match same_origin(&base, &uri) {
        true => Ok(uri),
        false => Err(Error::Options(format!(
            "`{path}` is at {}, not at `base_uri` {base_uri}; if it is meant, give that as `base_uri` of the call",
            origin(&uri)
        ))),
    }
}

/// The same address with another query.
pub(crate) fn with_query(uri: &Uri, query: Option<&str>) -> Result<Uri> {
    parse(replace_query(uri.to_string(), query))
}

fn parse(address: String) -> Result<Uri> {
    Uri::try_from(&address).map_err(|_| Error::Options(format!("`{address}` is not an address")))
}

/// The query in place of the address's own; without one it stays as it is.
fn replace_query(address: String, query: Option<&str>) -> String {
    let Some(query) = query else { return address };
    let path = address.split('?').next().unwrap_or_default();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// An address that the platform gave, as it stands, when it is the platform's: at the host of `base_uri`,
/// or over https at one of the platform's domains.
pub(crate) fn exact(base_uri: &str, address: &str, allow_http: bool) -> Result<Uri> {
    const DOMAINS: [&str; 2] = [".weixin.qq.com", ".wechatpay.cn"];
    let base = parse_base(base_uri, allow_http)?;
    let wrong = |what: &str| Error::Options(format!("the address `{address}` {what}"));
    let uri = Uri::try_from(address).map_err(|_| wrong("cannot be called: it is no address"))?;
    let Some(host) = uri.host().filter(|_| uri.scheme().is_some()) else {
        return Err(wrong("cannot be called: it has no host"));
    };
    let host = host.to_ascii_lowercase();
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    let is_platform = uri.scheme_str() == Some("https")
        && uri.port_u16().is_none_or(|port| port == 443)
        && DOMAINS.iter().any(|domain| host.ends_with(domain));
    match !has_user && (is_platform || same_origin(&base, &uri)) {
        true => Ok(uri),
        false => Err(wrong("is not the platform's: what is signed goes to `base_uri` and the platform's hosts only")),
    }
}

/// Where a redirect leads, from the address that was called.
pub(crate) fn redirect(from: &Uri, location: &str) -> Option<Uri> {
    Uri::try_from(join(&from.to_string(), location)?).ok()
}

/// Same scheme, host and port.
pub(crate) fn same_origin(a: &Uri, b: &Uri) -> bool {
    origin(a) == origin(b)
}

/// Scheme, host and port, as in a message: `https://api.mch.weixin.qq.com:443`.
pub(crate) fn origin(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    format!("{scheme}://{}:{port}", uri.host().unwrap_or_default().to_ascii_lowercase())
}

/// Checks a `base_uri`.
pub(crate) fn parse_base(base_uri: &str, allow_http: bool) -> Result<Uri> {
    let wrong = |what: &str| Err(Error::Options(format!("`base_uri` {what}")));
    let Ok(uri) = Uri::try_from(base_uri) else {
        return wrong(&format!("`{base_uri}` is not an address such as https://api.mch.weixin.qq.com/"));
    };
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return wrong("must not hold a user name or password");
    }
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host().filter(|host| !host.is_empty())) else {
        return wrong(&format!("`{base_uri}` is not an address such as https://api.mch.weixin.qq.com/"));
    };
    match scheme {
        "https" => Ok(uri),
        "http" if allow_http || is_loopback(host) => Ok(uri),
        "http" => wrong(&format!(
            "`{base_uri}` is plain http, which anyone on the way can read and change; use https, or set `allow_http`"
        )),
        _ => wrong(&format!("`{base_uri}` must begin with https://")),
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// RFC 3986, section 5, without the fragment, which is never sent.
fn join(base: &str, reference: &str) -> Option<String> {
    let base = UriAbsoluteStr::new(base.split('#').next()?).ok()?;
    let reference = UriReferenceStr::new(reference.split('#').next()?).ok()?;
    Some(reference.resolve_against(base).to_string())
}
