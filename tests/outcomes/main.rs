//! What a call is worth: what is verified, what fails and how, and what that says about the money.

mod apiv2;
mod budget;
mod connections;
mod downloads;
mod errors;
mod fault_matrix;
mod hosts;
mod outcome;
mod redirects;
mod retries;
mod settled;
mod together;
mod trust;
mod verification;
