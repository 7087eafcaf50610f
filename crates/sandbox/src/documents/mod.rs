//! What the platform documents of each operation: which one a request calls, whether it is as documented, and what it is
//! answered.

pub(crate) mod answer;
pub(crate) mod check;
pub(crate) mod lookup;
mod sealed;
