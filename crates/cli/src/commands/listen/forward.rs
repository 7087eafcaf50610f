//! Hands a notification on, as it came.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, Uri};
use openssl::error::ErrorStack;
use openssl::x509::X509;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::failure::{Failure, Result};

/// The most that is read of an answer, in bytes.
const ANSWER: u64 = 1 << 20;

/// Headers of a connection, which are not of the message.
const CONNECTION: [&str; 9] =
    ["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/// A server, and how long it may take.
pub struct Forward {
    url: Uri,
    agent: Agent,
}

impl Forward {
    /// To this URL, trusting these certificates, or else those of the system.
    pub fn to(url: &str, timeout: Duration, roots: Option<&[u8]>) -> Result<Forward> {
        let uri: Uri = url.parse().map_err(|error| Failure::usage(format!("--forward-to {url:?}: {error}")))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(Failure::usage(format!("--forward-to {url:?} is not http://… or https://…")));
        }
        let roots = match roots {
            Some(pem) => trusted(pem).map_err(|error| Failure::usage(format!("--verify: {error}")))?,
            None => RootCerts::PlatformVerifier,
        };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(timeout))
            .user_agent("")
            .accept("")
            .accept_encoding("")
            .allow_non_standard_methods(true)
            .tls_config(TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(roots).build())
            .build();
        Ok(Forward { url: uri, agent: config.new_agent() })
    }

    /// Sends it, and returns the answer, or why there is none and the status that says so.
    pub fn send(
        &self,
        method: &Method,
        headers: &HeaderMap,
        body: &[u8],
    ) -> std::result::Result<Response<Vec<u8>>, (StatusCode, String)> {
        let mut request = Request::new(body);
        *request.method_mut() = method.clone();
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = of_message(headers);
        let answered = self.agent.run(request).and_then(|mut answer| {
            let body = answer.body_mut().with_config().limit(ANSWER).read_to_vec()?;
            let mut response = Response::new(body);
            *response.status_mut() = answer.status();
            *response.headers_mut() = of_message(answer.headers());
            Ok(response)
        });
        answered.map_err(|error| match error {
            ureq::Error::Timeout(_) => (StatusCode::GATEWAY_TIMEOUT, "the server did not answer in time".to_owned()),
            error => (StatusCode::BAD_GATEWAY, format!("the server: {error}")),
        })
    }
}

fn trusted(pem: &[u8]) -> std::result::Result<RootCerts, ErrorStack> {
    let certificates = X509::stack_from_pem(pem)?;
    let certificate = |certificate: &X509| Ok(Certificate::from_der(&certificate.to_der()?).to_owned());
    let certificates: Vec<_> = certificates.iter().map(certificate).collect::<std::result::Result<_, ErrorStack>>()?;
    Ok(RootCerts::new_with_certs(&certificates))
}

/// The headers that are of the message.
fn of_message(headers: &HeaderMap) -> HeaderMap {
    let is_of_message = |name: &HeaderName| !CONNECTION.contains(&name.as_str());
    headers.iter().filter(|(name, _)| is_of_message(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}
