//! Why a signature does not hold, or a ciphertext cannot be decrypted: checked step by step.

pub mod apiv2;
mod bodies;
mod date;
pub mod platform;
pub mod request;
pub mod resource;

/// How far two clocks may be apart, in seconds.
const CLOCK_TOLERANCE: u64 = 300;

/// A number of seconds, for people.
fn duration(seconds: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    let unit = UNITS.iter().find(|(size, _)| seconds >= size.saturating_mul(2));
    match unit.and_then(|(size, name)| Some((seconds.checked_div(*size)?, name))) {
        Some((count, name)) => format!("{count} {name}"),
        None => format!("{seconds} seconds"),
    }
}
