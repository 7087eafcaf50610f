//! Classes and enums of the file: structs, enums, and what is called on them.

mod constructors;
mod declarations;
mod enums;
mod fluent;
mod inheritance;
mod methods;
mod properties;
pub mod statics;
