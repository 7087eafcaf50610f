//! What the repository says of itself, and what is shown to people: both are held against the code.

mod architecture;
mod docs;
mod errors;
mod guides;
mod messages;
mod secrets_of_types;
mod shown;
mod values;
