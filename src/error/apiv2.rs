//! APIv2 answers that are not a success.

use std::error::Error as StdError;
use std::fmt;

use serde_json::Value;

use crate::error::outcome::Outcome;
use crate::redact;
use crate::response::Response;

/// An APIv2 answer that is not a success.
pub struct Apiv2Error {
    pub(crate) failure: Apiv2Failure,
    pub(crate) data: Value,
    /// Whether it answers a request that a redirect has changed into a different one.
    pub(crate) is_turned: bool,
    pub(crate) response: Response,
}

/// Which check an APIv2 answer failed, in the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Apiv2Failure {
    /// It is not the XML of an answer, for this reason.
    NotXml(String),
    /// `return_code` is not `SUCCESS`: the request was not understood, or its `sign` is wrong.
    ReturnCode,
    /// `result_code` is not `SUCCESS`: the operation was not done.
    ResultCode {
        /// Whether the answer that says so has a valid `sign`.
        signed: bool,
    },
    /// It says `SUCCESS`, but its `sign` is missing or wrong.
    Sign,
}

impl Apiv2Error {
    /// Which check failed.
    pub fn failure(&self) -> &Apiv2Failure {
        &self.failure
    }

    /// The fields of the answer; `null` if it is not XML.
    pub fn data(&self) -> &Value {
        &self.data
    }

    /// `return_msg` of the answer.
    pub fn return_msg(&self) -> Option<&str> {
        self.data.get("return_msg")?.as_str()
    }

    /// `err_code` of the answer, such as `ORDERPAID`.
    pub fn err_code(&self) -> Option<&str> {
        self.data.get("err_code")?.as_str()
    }

    /// `err_code_des` of the answer, in the platform's words.
    pub fn err_code_des(&self) -> Option<&str> {
        self.data.get("err_code_des")?.as_str()
    }

    /// The whole answer.
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// `Rejected` only if the platform says so in a signed answer, and not with one of the codes after which its
    /// documentation asks to query.
    pub(super) fn outcome(&self) -> Outcome {
        const OPEN: [&str; 9] = [
            "SYSTEMERROR",
            "SYSTEM_ERROR",
            "SYSTEM ERROR",
            "BANKERROR",
            "USERPAYING",
            "PROCESSING",
            "BIZERR_NEED_RETRY",
            "SEND_FAILED",
            "FATAL_ERROR",
        ];
        match (&self.failure, self.err_code()) {
            _ if self.is_turned => Outcome::Unknown,
            (Apiv2Failure::ResultCode { signed: true }, Some(code)) if !OPEN.contains(&code) => Outcome::Rejected,
            _ => Outcome::Unknown,
        }
    }
}

/// Shows only the fields that say what went wrong.
impl fmt::Debug for Apiv2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |name: &str| self.data.get(name).and_then(Value::as_str).map(redact::text);
        f.debug_struct("Apiv2Error")
            .field("failure", &self.failure)
            .field("return_code", &text("return_code"))
            .field("return_msg", &text("return_msg"))
            .field("result_code", &text("result_code"))
            .field("err_code", &text("err_code"))
            .field("err_code_des", &text("err_code_des"))
            .field("response", &self.response)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Apiv2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |name: &str| redact::line(self.data.get(name).and_then(Value::as_str).unwrap_or("-"));
        match &self.failure {
            Apiv2Failure::NotXml(what) => {
                write!(f, "answer {} is not XML: {}", self.response.status(), redact::line(what))
            }
            Apiv2Failure::ReturnCode => {
                write!(f, "the platform answered return_code {}: {}", text("return_code"), text("return_msg"))
            }
            Apiv2Failure::ResultCode { .. } => write!(
                f,
                "the platform answered result_code {}: {}: {}",
                text("result_code"),
                text("err_code"),
                text("err_code_des")
            ),
            Apiv2Failure::Sign => f.write_str("the answer says SUCCESS, but its `sign` is missing or wrong"),
        }
    }
}

impl StdError for Apiv2Error {}
