//! Classes and enums of the file: structs, enums, and what is called on them.

mod constructors;
pub mod copies;
mod declarations;
mod enums;
mod fluent;
mod inheritance;
mod interfaces;
mod methods;
pub mod parent_calls;
pub mod parent_constructors;
mod parents;
pub mod properties;
mod selfless;
pub mod statics;
#[cfg(test)]
mod tests;
