//! The one middleware that every request and every answer passes through, on each attempt.

pub(crate) mod apiv2;
pub(crate) mod apiv3;
mod digest;

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use log::debug;
use ureq::http::header::{AUTHORIZATION, TRANSFER_ENCODING};
use ureq::http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use ureq::middleware::{Middleware, MiddlewareNext};
use ureq::{Body, SendBody};

use self::apiv3::Stamp;
use self::digest::Checked;
use crate::dialogue;
use crate::error::{Apiv2Error, Apiv2Failure, Error, TooLargeError, VerificationError, VerificationFailure};
use crate::identity::{Apiv3, Identity, Secret};
use crate::payload::Payload;
use crate::sign_error::SignedMessage;
use crate::signature::Verifier;

/// What the middleware needs to know of a call, carried in the extensions of its requests.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) identity: Arc<Identity>,
    /// Who verifies the answer of APIv3; none where the caller does.
    pub(crate) verifier: Option<Arc<dyn Verifier>>,
    pub(crate) protocol: Protocol,
    /// The path that was called, which may not be that of this request: a redirect leads elsewhere.
    pub(crate) path: Box<str>,
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
        let sent = context.sign(&mut request).map_err(other)?;
        let mut response = next.handle(request)?;
        context.verify(&sent, &mut response)?;
        Ok(response)
    }
}

/// The keys that a call speaks with.
enum Side<'a> {
    Apiv2(&'a Secret),
    Apiv3(&'a Apiv3),
}

/// What is known of a request while it is under way.
struct Sent {
    method: Method,
    uri: Uri,
    /// Of APIv3; APIv2 is signed with its data.
    stamp: Option<Stamp>,
}

// What a request and an answer need is done outside of `handle`, whose stack is there for as long as a call is in flight.
impl Context {
    /// # Errors
    /// When the configuration has no keys for this protocol.
    fn side(&self) -> Result<Side<'_>, Error> {
        Ok(match self.protocol {
            Protocol::Apiv2 => Side::Apiv2(self.identity.secret()?),
            Protocol::Apiv3 => Side::Apiv3(self.identity.apiv3()?),
        })
    }

    /// Signs a request.
    #[inline(never)]
    fn sign(&self, request: &mut Request<SendBody>) -> Result<Sent, Error> {
        let mut sent = Sent { method: request.method().clone(), uri: request.uri().clone(), stamp: None };
        if let Side::Apiv3(apiv3) = self.side()? {
            let stamp = Stamp::now();
            let message = stamp.message(&sent.method, &sent.uri, self.payload.signed());
            let mut authorization =
                HeaderValue::try_from(stamp.authorization(apiv3, &message)?).map_err(Error::signing)?;
            authorization.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, authorization);
            sent.stamp = Some(stamp);
        }
        if self.debug {
            dialogue::print_request(request, &self.payload);
        }
        Ok(sent)
    }

    /// Verifies the answer to a request, and leaves it as it is.
    #[inline(never)]
    fn verify(&self, sent: &Sent, response: &mut Response<Body>) -> Result<(), ureq::Error> {
        if self.debug {
            dialogue::print_head(response);
        }
        let status = response.status();
        debug!("{status} {}", sent.uri.path());
        if let Some(stamp) = sent.stamp.as_ref().filter(|_| status == StatusCode::UNAUTHORIZED) {
            // What is wrong with the signature can be told by what was signed.
            let message = stamp.message(&sent.method, &sent.uri, self.payload.signed());
            response.extensions_mut().insert(SignedMessage(message));
        }
        // Any other status is an error or a redirect, which are not signed; the client sees to them.
        if !status.is_success() {
            return Ok(());
        }
        let is_delimited = is_delimited(&sent.method, response);
        let proof = match self.side().map_err(other)? {
            Side::Apiv2(secret) => verify_apiv2(secret, &self.path, response, self.response_limit)?,
            Side::Apiv3(_) => match &self.verifier {
                Some(verifier) => verify_apiv3(verifier.as_ref(), &self.path, response, self.response_limit)?,
                None => Proof::Signature,
            },
        };
        if let Some(sha1) = self.expected_sha1.clone() {
            hold_against(sha1, response);
        } else if proof == Proof::Nothing && !is_delimited {
            return Err(other(unverified(VerificationFailure::LengthUnknown, answer(response, Vec::new()))));
        }
        Ok(())
    }
}

/// What proves that an answer is whole and the platform's.
#[derive(PartialEq)]
enum Proof {
    Signature,
    /// It is of a kind that is not signed.
    Nothing,
}

/// Whether an answer says where it ends, so that it is known to be whole: the end of the connection may come at any time.
fn is_delimited(method: &Method, response: &Response<Body>) -> bool {
    let has_no_body = *method == Method::HEAD || response.status() == StatusCode::NO_CONTENT;
    let encodings =
        response.headers().get_all(TRANSFER_ENCODING).iter().filter_map(|encodings| encodings.to_str().ok());
    let mut encodings = encodings.flat_map(|encodings| encodings.split(','));
    let is_chunked = response.version() != Version::HTTP_10
        && encodings.any(|encoding| encoding.trim().eq_ignore_ascii_case("chunked"));
    has_no_body || is_chunked || response.body().content_length().is_some()
}

/// Verifies what is signed of an answer of APIv3.
fn verify_apiv3(
    verifier: &dyn Verifier,
    path: &str,
    response: &mut Response<Body>,
    limit: u64,
) -> Result<Proof, ureq::Error> {
    match apiv3::expectation(path, response.headers()) {
        apiv3::Expectation::Nothing => return Ok(Proof::Nothing),
        apiv3::Expectation::Body => {
            let body = read(response, limit)?;
            if let Err(reason) = apiv3::verify(verifier, response.headers(), &body) {
                return Err(other(unverified(reason, answer(response, body))));
            }
            keep(body, response);
        }
        apiv3::Expectation::Statement { sha1 } => {
            let message = apiv3::statement_message(&sha1);
            if let Err(reason) = apiv3::verify(verifier, response.headers(), &message) {
                return Err(other(unverified(reason, answer(response, Vec::new()))));
            }
            hold_against(sha1, response);
        }
    }
    Ok(Proof::Signature)
}

/// Checks what an answer of APIv2 says.
fn verify_apiv2(secret: &Secret, path: &str, response: &mut Response<Body>, limit: u64) -> Result<Proof, ureq::Error> {
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
    let body = read(response, limit)?;
    match apiv2::check(&body, secret) {
        Ok(()) => {}
        // In place of a file only a refusal counts, and none is signed.
        Err((Apiv2Failure::Sign | Apiv2Failure::NotXml(_), _)) if expectation == apiv2::Expectation::File => {}
        Err((failure, data)) => {
            let response = answer(response, body);
            return Err(other(Error::Apiv2(Box::new(Apiv2Error { failure, data, is_turned: false, response }))));
        }
    }
    keep(body, response);
    Ok(if expectation == apiv2::Expectation::File { Proof::Nothing } else { Proof::Signature })
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

/// Leaves with the answer what was read of it.
fn keep(body: Vec<u8>, response: &mut Response<Body>) {
    response.extensions_mut().insert(Whole(body));
}

fn take_body(response: &mut Response<Body>) -> Body {
    std::mem::replace(response.body_mut(), Body::builder().data(Vec::new()))
}

/// Lets the body end in an error when the SHA-1 of its plain text is another one.
fn hold_against(sha1: String, response: &mut Response<Body>) {
    let head = answer(response, Vec::new());
    let whole = response.extensions_mut().remove().map(|Whole(body)| Body::builder().data(body));
    let check = move |actual: Option<String>| match actual {
        Some(actual) if actual.eq_ignore_ascii_case(&sha1) => Ok(()),
        actual => {
            let reason = VerificationFailure::DigestMismatch { announced: sha1, actual };
            Err(io::Error::other(unverified(reason, head)))
        }
    };
    let body = whole.unwrap_or_else(|| take_body(response)).into_reader();
    *response.body_mut() = Body::builder().reader(Checked::new(body, check));
}

fn unverified(reason: VerificationFailure, response: crate::Response) -> Error {
    Error::Verification(Box::new(VerificationError { reason, response }))
}

/// An answer as it is handed along with an error.
fn answer(response: &Response<Body>, body: Vec<u8>) -> crate::Response {
    crate::Response::new(response.status(), response.headers().clone(), body)
}

/// Carries an error of this crate through ureq; [`agents`](crate::wire::agents) takes it out again.
fn other(error: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}
