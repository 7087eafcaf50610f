//! Texts in the formats of PHP and of the platform.

pub(crate) mod array;
mod date;
pub(crate) mod formatter;
pub(crate) mod nearest;
pub(crate) mod query;
pub(crate) mod scheme;
pub(crate) mod transformer;
pub(crate) mod uri_template;
pub(crate) mod value;
