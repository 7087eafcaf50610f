//! The sandbox, seen by its own clients: the crate's where a call is right, a bare socket where it is not.

mod apiv2;
mod brand;
mod documented_answers;
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
