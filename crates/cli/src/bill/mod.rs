//! The platform's bills: read line by line, checked against their own totals, compared with a merchant's own orders.
//!
//! Sums are exact: decimal digits become integers, and no floating point is involved.

pub mod amount;
pub mod check;
pub mod format;
pub mod orders;
pub mod reconcile;
