//! Why a signature does not hold, or a ciphertext cannot be decrypted: checked step by step.

pub mod apiv2;
mod bodies;
pub mod platform;
pub mod request;
pub mod resource;

use crate::dump::Message;
use crate::steps::Steps;

/// How far two clocks may be apart, in seconds.
const CLOCK_TOLERANCE: u64 = 300;

/// A number of seconds, for people.
fn duration(seconds: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    let unit = UNITS.iter().find(|(size, _)| seconds >= size.saturating_mul(2));
    match unit.and_then(|(size, name)| Some((seconds.checked_div(*size)?, name))) {
        Some((count, name)) => format!("{count} {name}"),
        None if seconds == 1 => "1 second".to_owned(),
        None => format!("{seconds} seconds"),
    }
}

/// Compares the body that is there with the length that the headers say.
fn check_length(message: &Message, steps: &mut Steps) {
    let said = message.header("content-length").and_then(|length| length.parse::<usize>().ok());
    let (Some(said), Some(body)) = (said, &message.body) else { return };
    if said != body.len() {
        steps.wrong(
            format!("the body has {} bytes, and Content-Length says {said}", body.len()),
            "this is not the body that was sent: take its very bytes (`curl -d @FILE` leaves out line ends, --data-binary does not)",
        );
    }
}
