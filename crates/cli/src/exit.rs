//! Exit codes: what a script is told.

use std::process::ExitCode;

use wechatpay::Outcome;

/// How a command has ended. For one that makes a call, this is the call's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Ok = 0,
    /// The system failed here, such as a full disk; what had been done by then, the message says.
    Failed = 1,
    /// Wrong use or configuration; nothing was sent.
    Usage = 2,
    /// The request did not leave.
    NotSent = 3,
    /// The platform has refused it.
    Refused = 4,
    /// Whether the platform has acted is unknown.
    Unknown = 5,
    /// The check that was asked for has failed: a signature, a digest, the doctor; or the porter has left something to do.
    CheckFailed = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Exit {
        match outcome {
            Outcome::NotSent => Exit::NotSent,
            Outcome::Rejected => Exit::Refused,
            // Whatever else there may be one day: the careful answer.
            _ => Exit::Unknown,
        }
    }
}

impl Exit {
    /// For `--json`; these will not change.
    pub fn name(self) -> &'static str {
        match self {
            Exit::Ok => "ok",
            Exit::Failed => "failed",
            Exit::Usage => "usage",
            Exit::NotSent => "not_sent",
            Exit::Refused => "refused",
            Exit::Unknown => "unknown",
            Exit::CheckFailed => "check_failed",
        }
    }
}
