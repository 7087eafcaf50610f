//! The one middleware that every request and every answer passes through, on each attempt.

pub(crate) mod answer;
pub(crate) mod apiv2;
pub(crate) mod apiv3;
pub(crate) mod dialogue;
mod digest;

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use log::debug;
use ureq::http::header::{AUTHORIZATION, TRANSFER_ENCODING};
use ureq::http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use ureq::middleware::MiddlewareNext;
use ureq::{Body, SendBody};

use self::answer::{Answer, Whole};
use self::apiv3::Stamp;
use self::digest::Checked;
use crate::call::prepared::Prepared;
use crate::error::sign_error::SignedMessage;
use crate::error::{Apiv2Error, Apiv2Failure, Error, VerificationError, VerificationFailure};
use crate::keys::identity::{Apiv3, SymmetricKey};
use crate::keys::signature::Verifier;
use crate::protocol::Protocol;
use crate::request::payload::Payload;
use crate::wire::exchange::Ready;
use crate::wire::{address, agents, trace};

/// What the middleware gets to know about a call, in the extensions of its requests.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) call: Arc<Prepared>,
    /// Which of the call's hosts it began with; a redirect may have led elsewhere since.
    pub(crate) host: usize,
    /// What this request sends.
    pub(crate) payload: Payload,
}

/// Sends one request, and returns its answer if that has passed.
///
/// # Errors
/// What went wrong in the exchange, or what is wrong with the answer.
pub(crate) fn send(request: Ready<'_>) -> Result<Answer, Error> {
    request.send().map(Answer::of)
}

/// Reads an answer into memory.
///
/// # Errors
/// If it breaks off, or is larger than the call allows.
pub(crate) fn read(answer: &mut Answer, call: &Prepared, uri: &Uri) -> Result<Vec<u8>, Error> {
    let body = answer.read(call.options.memory_limit());
    if let (Ok(body), true) = (&body, call.options.is_debugged()) {
        dialogue::print_body(body);
    }
    body.map_err(|error| agents::error(error, &address::origin(uri), true))
}

/// The error of an answer that broke off while it was read piece by piece.
pub(crate) fn broken_off(error: io::Error, uri: &Uri) -> Error {
    agents::error(ureq::Error::Io(error), &address::origin(uri), true)
}

/// Signs each request and verifies each answer: ureq's view of [`apiv2`] and [`apiv3`].
pub(crate) fn handle(mut request: Request<SendBody>, next: MiddlewareNext) -> Result<Response<Body>, ureq::Error> {
    let Some(exchange) = request.extensions_mut().remove::<Exchange>() else {
        return Err(other(Error::Options("a request without its call cannot be signed".into())));
    };
    let sent = exchange.sign(&mut request).map_err(other)?;
    let mut result = next.handle(request);
    if let Ok(response) = &mut result {
        sent.verify(response)?;
    }
    result
}

/// The keys that a call uses.
enum Side<'a> {
    Apiv2(&'a SymmetricKey),
    Apiv3(&'a Apiv3),
}

/// What is known about a request while it is in flight.
struct Sent {
    exchange: Exchange,
    method: Method,
    uri: Uri,
    /// Of APIv3; APIv2 is signed with its data.
    stamp: Option<Stamp>,
}

// The work on requests and answers is done outside of `handle`, whose stack frame exists as long as a call is in flight.
impl Exchange {
    /// # Errors
    /// If the configuration has no keys for this protocol.
    fn side(&self) -> Result<Side<'_>, Error> {
        Ok(match self.call.protocol {
            Protocol::Apiv2 => Side::Apiv2(self.call.identity.secret()?),
            Protocol::Apiv3 => Side::Apiv3(self.call.identity.apiv3()?),
        })
    }

    /// Signs a request.
    #[inline(never)]
    fn sign(self, request: &mut Request<SendBody>) -> Result<Box<Sent>, Error> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let mut stamp = None;
        if let Side::Apiv3(apiv3) = self.side()? {
            let now = Stamp::now();
            let message = now.message(&method, &uri, self.payload.signed());
            let mut authorization =
                HeaderValue::try_from(now.authorization(apiv3, &message)?).map_err(Error::signing)?;
            authorization.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, authorization);
            stamp = Some(now);
        }
        if self.call.options.is_debugged() {
            dialogue::print_request(request, &self.payload);
        }
        Ok(Box::new(Sent { exchange: self, method, uri, stamp }))
    }
}

impl Sent {
    /// Verifies the answer to a request without changing it.
    #[inline(never)]
    fn verify(&self, response: &mut Response<Body>) -> Result<(), ureq::Error> {
        let call = &self.exchange.call;
        if call.options.is_debugged() {
            dialogue::print_head(response);
        }
        let status = response.status();
        trace::answered(status, response.headers());
        debug!("{status} {}", self.uri.path());
        if let Some(stamp) = self.stamp.as_ref().filter(|_| status == StatusCode::UNAUTHORIZED) {
            // The message that was signed helps to explain what is wrong with the signature.
            let message = stamp.message(&self.method, &self.uri, self.exchange.payload.signed());
            response.extensions_mut().insert(SignedMessage(message));
        }
        // Any other status is an error or a redirect, which are not signed; the client handles them.
        if !status.is_success() {
            return Ok(());
        }
        let is_delimited = is_delimited(&self.method, response);
        let (path, limit) = (call.path(self.exchange.host), call.options.memory_limit());
        let proof = match self.exchange.side().map_err(other)? {
            Side::Apiv2(secret) => verify_apiv2(secret, path, response, limit)?,
            Side::Apiv3(_) => match &call.verifier {
                Some(verifier) => verify_apiv3(verifier.as_ref(), path, response, limit)?,
                None => Proof::Signature,
            },
        };
        if let Some(sha1) = call.options.expected_sha1.clone() {
            hold_against(sha1, response);
        } else if proof == Proof::Nothing && !is_delimited {
            return Err(other(unverified(VerificationFailure::LengthUnknown, refused_answer(response, Vec::new()))));
        }
        Ok(())
    }
}

/// What proves that an answer is complete and from the platform.
#[derive(PartialEq)]
enum Proof {
    Signature,
    /// It is of a kind that is not signed.
    Nothing,
}

/// Whether an answer gives its length or end, so that it is known to be complete: a connection can end at any time.
fn is_delimited(method: &Method, response: &Response<Body>) -> bool {
    let has_no_body = *method == Method::HEAD || response.status() == StatusCode::NO_CONTENT;
    let encodings =
        response.headers().get_all(TRANSFER_ENCODING).iter().filter_map(|encodings| encodings.to_str().ok());
    let mut encodings = encodings.flat_map(|encodings| encodings.split(','));
    let is_chunked = response.version() != Version::HTTP_10
        && encodings.any(|encoding| encoding.trim().eq_ignore_ascii_case("chunked"));
    has_no_body || is_chunked || response.body().content_length().is_some()
}

/// Verifies the signed part of an APIv3 answer.
fn verify_apiv3(
    verifier: &dyn Verifier,
    path: &str,
    response: &mut Response<Body>,
    limit: u64,
) -> Result<Proof, ureq::Error> {
    match apiv3::expectation(path, response.headers()) {
        apiv3::Expectation::Nothing => return Ok(Proof::Nothing),
        apiv3::Expectation::Body => {
            let body = answer::read(response.body_mut(), limit)?;
            if let Err(failure) = apiv3::verify(verifier, response.headers(), &body) {
                return Err(other(unverified(failure, refused_answer(response, body))));
            }
            keep(Whole { body, data: None }, response);
        }
        apiv3::Expectation::Statement { sha1 } => {
            let message = apiv3::statement_message(&sha1);
            if let Err(failure) = apiv3::verify(verifier, response.headers(), &message) {
                return Err(other(unverified(failure, refused_answer(response, Vec::new()))));
            }
            hold_against(sha1, response);
        }
    }
    Ok(Proof::Signature)
}

/// Checks what an APIv2 answer says.
fn verify_apiv2(
    secret: &SymmetricKey,
    path: &str,
    response: &mut Response<Body>,
    limit: u64,
) -> Result<Proof, ureq::Error> {
    let expectation = apiv2::expectation(path);
    match expectation {
        apiv2::Expectation::Nothing => return Ok(Proof::Nothing),
        apiv2::Expectation::Success => {}
        apiv2::Expectation::File => {
            let mut first = Vec::new();
            response.body_mut().as_reader().take(XML.len() as u64).read_to_end(&mut first)?;
            let is_file = first != XML;
            let rest = take_body(response).into_reader();
            *response.body_mut() = Body::builder().reader(Cursor::new(first).chain(rest));
            if is_file {
                return Ok(Proof::Nothing);
            }
        }
    }
    let body = answer::read(response.body_mut(), limit)?;
    match apiv2::check(&body, secret) {
        Ok(data) => keep(Whole { body, data: Some(Arc::new(data)) }, response),
        // In place of a file, only a refusal counts; those are not signed.
        Err((Apiv2Failure::Sign | Apiv2Failure::NotXml(_), _)) if expectation == apiv2::Expectation::File => {
            keep(Whole { body, data: None }, response);
        }
        Err((failure, data)) => {
            let response = refused_answer(response, body).of_apiv2(None);
            return Err(other(Error::Apiv2(Box::new(Apiv2Error { failure, data, is_turned: false, response }))));
        }
    }
    Ok(if expectation == apiv2::Expectation::File { Proof::Nothing } else { Proof::Signature })
}

/// The beginning of an answer in XML; no bill begins with it.
const XML: &[u8] = b"<xml";

/// Keeps what was read of the body with its answer.
fn keep(whole: Whole, response: &mut Response<Body>) {
    response.extensions_mut().insert(whole);
}

fn take_body(response: &mut Response<Body>) -> Body {
    std::mem::replace(response.body_mut(), Body::builder().data(Vec::new()))
}

/// Makes the body end in an error if the SHA-1 of its plain text is not this one.
fn hold_against(sha1: String, response: &mut Response<Body>) {
    let head = refused_answer(response, Vec::new());
    let whole = response.extensions_mut().remove().map(|Whole { body, .. }| Body::builder().data(body));
    let check = move |actual: Option<String>| match actual {
        Some(actual) if actual.eq_ignore_ascii_case(&sha1) => Ok(()),
        actual => {
            let failure = VerificationFailure::DigestMismatch { announced: sha1, actual };
            Err(io::Error::other(unverified(failure, head)))
        }
    };
    let body = whole.unwrap_or_else(|| take_body(response)).into_reader();
    *response.body_mut() = Body::builder().reader(Checked::new(body, check));
}

fn unverified(failure: VerificationFailure, response: crate::Response) -> Error {
    Error::Verification(Box::new(VerificationError { failure, response }))
}

/// An answer as it is kept in an error.
fn refused_answer(response: &Response<Body>, body: Vec<u8>) -> crate::Response {
    crate::Response::new(response.status(), response.headers().clone(), body)
}

/// Carries an error of this crate through ureq; [`agents`](crate::wire::agents) takes it out again.
fn other(error: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}
