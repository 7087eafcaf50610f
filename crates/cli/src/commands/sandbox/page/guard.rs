//! Who may talk to the page's server: its own page.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::answer::problem;

/// Nothing but what this server sends, nothing inline, and in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The names of this server, as a browser says them.
pub struct Guard {
    hosts: [String; 2],
}

impl Guard {
    pub fn of(address: SocketAddr) -> Guard {
        Guard { hosts: [address.to_string(), format!("localhost:{}", address.port())] }
    }

    /// # Errors
    /// What is wrong with the request.
    fn examine(&self, request: &Request) -> Result<(), (StatusCode, &'static str)> {
        let header = |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
        let is_own = |host: &str| self.hosts.iter().any(|own| own == host);
        if !header(HOST).is_some_and(is_own) {
            return Err((StatusCode::MISDIRECTED_REQUEST, "this server has another name"));
        }
        if header(ORIGIN).is_some_and(|origin| !origin.strip_prefix("http://").is_some_and(is_own)) {
            return Err((StatusCode::FORBIDDEN, "another web site may not do this"));
        }
        let fetched = header(HeaderName::from_static("sec-fetch-site"));
        if request.uri().path().starts_with("/api/")
            && fetched.is_some_and(|site| !["same-origin", "none"].contains(&site))
        {
            return Err((StatusCode::FORBIDDEN, "another web site may not do this"));
        }
        // A browser sends this to another site only if that allows it, which this one does not.
        let is_json = header(CONTENT_TYPE).is_some_and(|value| value.starts_with("application/json"));
        if request.method() == Method::POST && !is_json {
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json"));
        }
        Ok(())
    }
}

pub async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let mut response = match guard.examine(&request) {
        Ok(()) => next.run(request).await,
        Err((status, why)) => problem(status, why),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
