//! Money of coupons of APIv3.

use super::row::{MINUTES, Question, Row, makes, need, own};

/// A list of those with this number: if it is empty, there is none.
static SUBSIDY: Question = Question::new(
    "GET v3/marketing/busifavor/subsidy/pay-receipts",
    "wiki/doc/apiv3/apis/chapter9_2_19.shtml",
    &[own("out_subsidy_no"), need(&["stock_id"]), need(&["coupon_code"])],
)
.within("pay_receipt_list")
.state(&["status"], &["SUCCESS", "RETURNING", "PARTIAL_RETURN", "FULL_RETURN"], &["FAIL"])
.absent(&["RESOURCE_NOT_EXISTS"], MINUTES);

pub(super) static ROWS: &[Row] =
    &[makes(&["POST v3/marketing/busifavor/subsidy/pay-receipts"], "out_subsidy_no", &SUBSIDY)];
