//! The one middleware that every request and every answer passes through, on each attempt.

pub(crate) mod apiv2;
pub(crate) mod apiv3;
mod digest;

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use log::debug;
use ureq::http::header::AUTHORIZATION;
use ureq::http::{HeaderValue, Request, Response, StatusCode};
use ureq::middleware::{Middleware, MiddlewareNext};
use ureq::{Body, SendBody};

use self::digest::Checked;
use crate::dialogue;
use crate::error::{Apiv2Error, Apiv2Failure, Error, TooLargeError, VerificationError, VerificationFailure};
use crate::identity::{Apiv3, Identity, Secret};
use crate::payload::Payload;
use crate::signature::Verifier;

/// What the middleware needs to know of a call, carried in the extensions of its requests.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) identity: Arc<Identity>,
    /// Who verifies the answer of APIv3; none where the caller does.
    pub(crate) verifier: Option<Arc<dyn Verifier>>,
    pub(crate) protocol: Protocol,
    pub(crate) payload: Payload,
    pub(crate) debug: bool,
    /// The most of an answer that is kept in memory, in bytes.
    pub(crate) response_limit: u64,
    /// The SHA-1 that the plain text of the answer must have.
    pub(crate) expected_sha1: Option<String>,
}

/// Which of the platform's two languages a call speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// XML; the data was signed when it was serialised.
    Apiv2,
    /// JSON; each attempt is signed.
    Apiv3,
}

/// Signs each request and verifies each answer: ureq's view of [`apiv2`] and [`apiv3`].
#[derive(Debug)]
pub(crate) struct Signing;

impl Middleware for Signing {
    fn handle(&self, mut request: Request<SendBody>, next: MiddlewareNext) -> Result<Response<Body>, ureq::Error> {
        let Some(context) = request.extensions_mut().remove::<Context>() else {
            return Err(other(Error::Options("a request without its context cannot be signed".into())));
        };
        let path = request.uri().path().to_owned();
        let side = context.side().map_err(other)?;
        let mut signed = None;
        if let Side::Apiv3(apiv3) = side {
            let target = request.uri().path_and_query().map_or(path.as_str(), |target| target.as_str());
            let (authorization, message) =
                apiv3::authorize(apiv3, request.method(), target, context.payload.signed()).map_err(other)?;
            signed = Some(message);
            let mut authorization =
                HeaderValue::try_from(authorization).map_err(|error| other(Error::signing(error)))?;
            authorization.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, authorization);
        }
        if context.debug {
            dialogue::print_request(&request, &context.payload);
        }

        let mut response = next.handle(request)?;

        if context.debug {
            dialogue::print_head(&response);
        }
        debug!("{} {path}", response.status());
        let is_success = response.status().is_success();
        if let Some(signed) = signed.filter(|_| response.status() == StatusCode::UNAUTHORIZED) {
            // What is wrong with the signature can be told by it.
            response.extensions_mut().insert(signed);
        }
        let response = match side {
            Side::Apiv2(secret) => verify_apiv2(secret, &path, response, context.response_limit),
            Side::Apiv3(_) => match &context.verifier {
                Some(verifier) => verify_apiv3(verifier.as_ref(), &path, response, context.response_limit),
                None => Ok(response),
            },
        }?;
        Ok(match context.expected_sha1 {
            Some(sha1) if is_success => held_against(sha1, response),
            _ => response,
        })
    }
}

/// The keys that a call speaks with.
enum Side<'a> {
    Apiv2(&'a Secret),
    Apiv3(&'a Apiv3),
}

impl Context {
    /// # Errors
    /// When the configuration has no keys for this protocol.
    fn side(&self) -> Result<Side<'_>, Error> {
        Ok(match self.protocol {
            Protocol::Apiv2 => Side::Apiv2(self.identity.secret()?),
            Protocol::Apiv3 => Side::Apiv3(self.identity.apiv3()?),
        })
    }
}

/// Verifies what is signed of an answer of APIv3, and gives it on unchanged.
fn verify_apiv3(
    verifier: &dyn Verifier,
    path: &str,
    mut response: Response<Body>,
    limit: u64,
) -> Result<Response<Body>, ureq::Error> {
    match apiv3::expectation(path, response.status(), response.headers()) {
        apiv3::Expectation::Nothing => Ok(response),
        apiv3::Expectation::Body => {
            let body = read(&mut response, limit)?;
            match apiv3::verify(verifier, response.headers(), &body) {
                Ok(()) => Ok(with_body(response, body)),
                Err(reason) => Err(other(unverified(reason, answer(&response, body)))),
            }
        }
        apiv3::Expectation::Statement { sha1 } => {
            match apiv3::verify(verifier, response.headers(), &apiv3::statement_message(&sha1)) {
                Ok(()) => Ok(held_against(sha1, response)),
                Err(reason) => Err(other(unverified(reason, answer(&response, Vec::new())))),
            }
        }
    }
}

/// Checks what an answer of APIv2 says, and gives it on unchanged.
fn verify_apiv2(
    secret: &Secret,
    path: &str,
    mut response: Response<Body>,
    limit: u64,
) -> Result<Response<Body>, ureq::Error> {
    let expectation = apiv2::expectation(path, response.status());
    match expectation {
        apiv2::Expectation::Nothing => return Ok(response),
        apiv2::Expectation::Success => {}
        apiv2::Expectation::File => {
            let mut first = Vec::new();
            response.body_mut().as_reader().take(XML.len() as u64).read_to_end(&mut first)?;
            let is_file = first != XML;
            response = response.map(|rest| Body::builder().reader(Cursor::new(first).chain(rest.into_reader())));
            if is_file {
                return Ok(response);
            }
        }
    }
    let body = read(&mut response, limit)?;
    match apiv2::check(&body, secret) {
        Ok(()) => Ok(with_body(response, body)),
        // In place of a file only a refusal counts, and none is signed.
        Err((Apiv2Failure::Sign | Apiv2Failure::NotXml(_), _)) if expectation == apiv2::Expectation::File => {
            Ok(with_body(response, body))
        }
        Err((failure, data)) => {
            let response = answer(&response, body);
            Err(other(Error::Apiv2(Box::new(Apiv2Error { failure, data, response }))))
        }
    }
}

/// What an answer in XML begins with, and no bill does.
const XML: &[u8] = b"<xml";

/// A body that is in memory already because it was checked, in the extensions of its answer, whose own body is at its
/// end by then.
#[derive(Clone)]
struct Whole(Vec<u8>);

/// The whole body, when it is not larger than the limit.
pub(crate) fn read(response: &mut Response<Body>, limit: u64) -> Result<Vec<u8>, ureq::Error> {
    if let Some(Whole(body)) = response.extensions_mut().remove() {
        return Ok(body);
    }
    // ureq gives up where its limit is reached, even when there is nothing more.
    match response.body_mut().with_config().limit(limit.saturating_add(1)).read_to_vec() {
        Err(ureq::Error::BodyExceedsLimit(_)) => Err(other(Error::TooLarge(Box::new(TooLargeError { limit })))),
        result => result,
    }
}

/// The body piece by piece.
pub(crate) fn reader(response: &mut Response<Body>) -> Box<dyn Read + '_> {
    match response.extensions_mut().remove() {
        Some(Whole(body)) => Box::new(Cursor::new(body)),
        None => Box::new(response.body_mut().as_reader()),
    }
}

fn with_body(mut response: Response<Body>, body: Vec<u8>) -> Response<Body> {
    response.extensions_mut().insert(Whole(body));
    response
}

/// The same answer, whose body ends in an error when the SHA-1 of its plain text is another one.
fn held_against(sha1: String, mut response: Response<Body>) -> Response<Body> {
    let head = answer(&response, Vec::new());
    let whole = response.extensions_mut().remove().map(|Whole(body)| Body::builder().data(body));
    let check = move |actual: Option<String>| match actual {
        Some(actual) if actual.eq_ignore_ascii_case(&sha1) => Ok(()),
        actual => {
            let reason = VerificationFailure::DigestMismatch { announced: sha1, actual };
            Err(io::Error::other(unverified(reason, head)))
        }
    };
    response.map(|body| Body::builder().reader(Checked::new(whole.unwrap_or(body).into_reader(), check)))
}

fn unverified(reason: VerificationFailure, response: crate::Response) -> Error {
    Error::Verification(Box::new(VerificationError { reason, response }))
}

/// An answer as it is handed along with an error.
fn answer(response: &Response<Body>, body: Vec<u8>) -> crate::Response {
    crate::Response::new(response.status(), response.headers().clone(), body)
}

/// Carries an error of this crate through ureq; [`transport`](crate::transport) takes it out again.
fn other(error: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}
