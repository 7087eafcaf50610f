//! What the repository says of itself, and what is shown to people: both are held against the code.

mod architecture;
mod docs;
mod guides;
mod secrets_of_types;
mod shown;
mod values;
