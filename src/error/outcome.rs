//! Whether the platform may have acted.

/// Whether the platform may have acted on a request that ended with an [`Error`](crate::Error).
///
/// This is the question to ask before a payment, a refund or a coupon is issued again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Not a single byte of the request left this machine. It can be sent again as it is.
    NotSent,
    /// The platform answered 4xx: it refused this request and did nothing. This says nothing about an earlier call whose
    /// outcome was unknown, which may have succeeded.
    Rejected,
    /// The platform may or may not have acted. **Query by your own number** (`out_trade_no`, `out_refund_no`,
    /// `out_request_no`, …) before anything else, or repeat the request with the *same* number. Never issue it again under a
    /// new one.
    Unknown,
}
