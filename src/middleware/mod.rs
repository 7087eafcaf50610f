//! The one middleware that every request and every answer passes through, on each attempt.

pub(crate) mod apiv3;

use std::sync::Arc;

use log::debug;
use ureq::http::header::AUTHORIZATION;
use ureq::http::{HeaderValue, Request, Response};
use ureq::middleware::{Middleware, MiddlewareNext};
use ureq::{Body, SendBody};

use self::apiv3::Expectation;
use crate::dialogue;
use crate::error::{Error, VerificationError};
use crate::payload::Payload;
use crate::signature::Credentials;

/// The most of an answer that is kept in memory, in bytes; a `sink` takes any size.
pub(crate) const RESPONSE_LIMIT: u64 = 64 * 1024 * 1024;

/// What the middleware needs to know of a call, carried in the extensions of its requests.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) payload: Payload,
    pub(crate) debug: bool,
}

/// Signs each request and verifies each answer: ureq's view of [`apiv3`].
#[derive(Debug)]
pub(crate) struct Apiv3;

impl Middleware for Apiv3 {
    fn handle(&self, mut request: Request<SendBody>, next: MiddlewareNext) -> Result<Response<Body>, ureq::Error> {
        let Some(context) = request.extensions_mut().remove::<Context>() else {
            return Err(other(Error::Options("a request without its context cannot be signed".into())));
        };
        let path = request.uri().path().to_owned();
        let target = request.uri().path_and_query().map_or(path.as_str(), |target| target.as_str());
        let authorization = apiv3::authorize(&context.credentials, request.method(), target, context.payload.signed())
            .map_err(other)?;
        let mut authorization = HeaderValue::try_from(authorization).map_err(|error| other(Error::signing(error)))?;
        authorization.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, authorization);
        if context.debug {
            dialogue::print_request(&request, &context.payload);
        }

        let response = next.handle(request)?;

        if context.debug {
            dialogue::print_head(&response);
        }
        let expectation = apiv3::expectation(&path, response.status(), response.headers());
        debug!("{} {path}: {expectation:?}", response.status());
        verify(&context.credentials, expectation, response)
    }
}

/// Reads what is signed, verifies it, and gives the answer on unchanged.
fn verify(
    credentials: &Credentials,
    expectation: Expectation,
    mut response: Response<Body>,
) -> Result<Response<Body>, ureq::Error> {
    let (signed, is_body) = match expectation {
        Expectation::Nothing => return Ok(response),
        Expectation::Digest(digest) => (digest.into_bytes(), false),
        Expectation::Body => (response.body_mut().with_config().limit(RESPONSE_LIMIT).read_to_vec()?, true),
    };
    if let Err(reason) = apiv3::verify(credentials, response.headers(), &signed) {
        let body = if is_body { signed } else { Vec::new() };
        let response = crate::Response::new(response.status(), response.headers().clone(), body);
        return Err(other(Error::Verification(Box::new(VerificationError { reason, response }))));
    }
    Ok(match is_body {
        true => response.map(|_| Body::builder().data(signed)),
        false => response,
    })
}

/// Carries an error of this crate through ureq; [`transport`](crate::transport) takes it out again.
fn other(error: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}
