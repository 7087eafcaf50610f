//! The sandbox, seen by its own clients: the crate's where a call is right, a bare socket where it is not.

mod apiv2;
mod apiv2_questions;
mod brand;
mod documented_answers;
mod documented_requests;
mod documents;
mod downloads;
mod faults;
mod keys;
mod modes;
mod notifications;
mod outside;
mod payments;
mod postman;
mod profit_sharing;
mod refusal;
mod round_trip;
mod scripts;
mod tls;
mod transfers;
mod triggered;
mod uploads;
mod watched;

use wechatpay_sandbox::Sandbox;

/// A sandbox for tests to which it does not matter what is called.
fn lenient() -> Sandbox {
    Sandbox::builder().lenient(true).start().unwrap()
}

/// The same with TLS.
fn lenient_tls() -> Sandbox {
    Sandbox::builder().lenient(true).tls(true).start().unwrap()
}
