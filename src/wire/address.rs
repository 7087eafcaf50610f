//! From a path to the address that is called, and which addresses may be called.

use std::net::IpAddr;

use iri_string::types::{UriAbsoluteStr, UriReferenceStr};
use ureq::http::Uri;

use crate::error::{Error, Result};
use crate::protocol;
use crate::redact;

/// A `base_uri` that may be called: over https, or over plain http at a loopback host or with the setting `allow_http`. What
/// is signed goes only to its host.
pub(crate) struct Base {
    text: String,
    uri: Uri,
    /// Whether a relative path without segments `.` and `..` can simply be appended to it.
    is_folder: bool,
}

impl std::fmt::Debug for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Base").field(&redact::address(&self.text)).finish()
    }
}

impl Base {
    /// # Errors
    /// [`Error::Options`] if it is not an address, or one that may not be called.
    pub(crate) fn parse(text: &str, allow_http: bool) -> Result<Base> {
        let wrong = |what: &str| Err(Error::Options(format!("`base_uri` {what}")));
        let shown = || redact::address(text);
        let Ok(uri) = Uri::try_from(text) else {
            return wrong(&format!("`{}` is not an address such as {}", shown(), protocol::HOST));
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return wrong("must not contain a user name or password");
        }
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host().filter(|host| !host.is_empty())) else {
            return wrong(&format!("`{}` is not an address such as {}", shown(), protocol::HOST));
        };
        if !has_port(&uri) {
            return wrong("has a port that is not a number from 1 to 65535");
        }
        match scheme {
            "https" => {}
            "http" if allow_http || is_loopback(host) => {}
            "http" => {
                return wrong(&format!(
                    "`{}` is plain http, which anyone on the way can read and change; use https, or set `allow_http`",
                    shown()
                ));
            }
            _ => return wrong(&format!("`{}` must begin with https://", shown())),
        }
        let absolute = UriAbsoluteStr::new(text).ok().filter(|base| base.query_str().is_none());
        let is_folder = absolute.is_some_and(|base| base.path_str().ends_with('/') && !has_dots(base.path_str()));
        Ok(Base { text: text.to_owned(), uri, is_folder })
    }

    /// Its scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        origin(&self.uri)
    }

    /// The address as given.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Resolves an expanded path against it (RFC 3986), and replaces its query.
    ///
    /// # Errors
    /// [`Error::Options`] if that leads to another host, or the path has a segment `.` or `..`.
    pub(crate) fn resolve(&self, path: &str, query: Option<&str>) -> Result<Uri> {
        let path_only = path.split(['?', '#']).next().unwrap_or_default();
        if has_dots(path_only) {
            return Err(Error::Options(format!(
                "`{}` has a segment `.` or `..`, which would call another path; is it the value of a variable?",
                redact::path(path_only)
            )));
        }
        let (shown, base) = (|| redact::address(path), || redact::address(&self.text));
        let resolved = self
            .join(path)
            .ok_or_else(|| Error::Options(format!("`{}` cannot be resolved against `{}`", shown(), base())))?;
        let uri = parse(replace_query(resolved, query))?;
        if same_origin(&self.uri, &uri) {
            Ok(uri)
        } else {
            Err(Error::Options(format!(
                "`{}` is at {}, not at `base_uri` {}; if it is meant, give that as `base_uri` of the call",
                shown(),
                origin(&uri),
                base()
            )))
        }
    }

    /// Appends a relative path without dots to a folder, which is all that most paths need, or else follows RFC 3986.
    fn join(&self, path: &str) -> Option<String> {
        let is_relative = !path.starts_with(['/', '?', '#']) && !path.is_empty() && !path.contains([':', '#']);
        if !self.is_folder || !is_relative {
            return join(&self.text, path);
        }
        let path = UriReferenceStr::new(path).ok()?;
        Some([&self.text, path.as_str()].concat())
    }

    /// An address that the platform gave, as it is, if it is the platform's: at the host of `base_uri`, or over https at one
    /// of the platform's domains.
    ///
    /// # Errors
    /// [`Error::Options`] if it is not.
    pub(crate) fn exact(&self, address: &str) -> Result<Uri> {
        const DOMAINS: [&str; 2] = [".weixin.qq.com", ".wechatpay.cn"];
        let wrong = |what: &str| Error::Options(format!("the address `{}` {what}", redact::address(address)));
        let uri = Uri::try_from(address).map_err(|_| wrong("cannot be called: it is not an address"))?;
        let Some(host) = uri.host().filter(|_| uri.scheme().is_some()) else {
            return Err(wrong("cannot be called: it has no host"));
        };
        if !has_port(&uri) {
            return Err(wrong("has a port that is not a number from 1 to 65535"));
        }
        if has_dots(uri.path()) {
            return Err(wrong("has a segment `.` or `..`, which would call another path"));
        }
        let host = host.to_ascii_lowercase();
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let is_platform = uri.scheme_str() == Some("https")
            && uri.port_u16().is_none_or(|port| port == 443)
            && DOMAINS.iter().any(|domain| host.ends_with(domain));
        if !has_user && (is_platform || same_origin(&self.uri, &uri)) {
            Ok(uri)
        } else {
            Err(wrong("is not the platform's: what is signed goes to `base_uri` and the platform's hosts only"))
        }
    }
}

/// The same address with another query.
pub(crate) fn with_query(uri: &Uri, query: Option<&str>) -> Result<Uri> {
    parse(replace_query(uri.to_string(), query))
}

fn parse(address: String) -> Result<Uri> {
    Uri::try_from(&address).map_err(|_| match address.len() {
        length if length > LONGEST => {
            Error::Options(format!("the address of this call has {length} bytes, at most {LONGEST} can be sent"))
        }
        _ => Error::Options(format!("`{}` is not an address", redact::address(&address))),
    })
}

/// The most bytes that [`Uri`] accepts.
const LONGEST: usize = 65_534;

/// Replaces the query of the address; without a new one, the address stays as it is.
fn replace_query(address: String, query: Option<&str>) -> String {
    let Some(query) = query else { return address };
    let path = address.split('?').next().unwrap_or_default();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Where a redirect leads, from the address that was called.
pub(crate) fn redirect(from: &Uri, location: &str) -> Option<Uri> {
    Uri::try_from(join(&from.to_string(), location)?).ok().filter(has_port)
}

/// Whether both have the same scheme, host and port.
pub(crate) fn same_origin(a: &Uri, b: &Uri) -> bool {
    let host = |uri| Uri::host(uri).unwrap_or_default();
    let same_host = || host(a).eq_ignore_ascii_case(host(b)) && port(a) == port(b);
    a.scheme() == b.scheme() && (a.authority() == b.authority() || same_host())
}

/// Scheme, host and port, as in a message: `https://api.mch.weixin.qq.com:443`.
pub(crate) fn origin(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    redact::address(&format!("{scheme}://{}:{}", uri.host().unwrap_or_default(), port(uri))).to_ascii_lowercase()
}

/// The port, even if it is implied by the scheme.
pub(crate) fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 })
}

/// The host without the brackets of an IPv6 address.
pub(crate) fn bare_host(uri: &Uri) -> &str {
    without_brackets(uri.host().unwrap_or_default())
}

fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether the port, if there is one, is valid; `Uri` accepts any number, and reports none if it is too large.
fn has_port(uri: &Uri) -> bool {
    let written = uri.authority().map_or("", |authority| {
        let host = authority.as_str().rsplit('@').next().unwrap_or_default();
        host.strip_prefix(authority.host()).unwrap_or_default()
    });
    written.is_empty() || uri.port_u16().is_some_and(|port| port > 0)
}

fn is_loopback(host: &str) -> bool {
    let host = without_brackets(host);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a path has a segment `.` or `..`, which is not called as written; encoded dots count, too.
fn has_dots(path: &str) -> bool {
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    path.split('/').any(|segment| is_dots(segment) || is_dots(&segment.replace("%2e", ".").replace("%2E", ".")))
}

/// RFC 3986, section 5, without the fragment, which is never sent.
fn join(base: &str, reference: &str) -> Option<String> {
    let base = UriAbsoluteStr::new(base.split('#').next()?).ok()?;
    let reference = UriReferenceStr::new(reference.split('#').next()?).ok()?;
    Some(reference.resolve_against(base).to_string())
}
