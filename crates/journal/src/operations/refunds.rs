//! Refunds of APIv3.

use super::row::{MINUTES, Question, Row, makes, may, own};

const STATUS: &[&str] = &["status"];
const ABSENT: &[&str] = &["RESOURCE_NOT_EXISTS"];

// `PROCESSING` and `ABNORMAL`, which waits for a person, are not final.

static REFUND: Question = Question::new(
    "GET v3/refund/domestic/refunds/{out_refund_no}",
    "wiki/doc/apiv3/apis/chapter3_5_10.shtml",
    &[own("out_refund_no"), may(&["sub_mchid"])],
)
.state(STATUS, &["SUCCESS"], &["CLOSED"])
.absent(ABSENT, MINUTES);

static ECOMMERCE: Question = Question::new(
    "GET v3/ecommerce/refunds/out-refund-no/{out_refund_no}",
    "docs/merchant/apis/personal-collections/query-refund-by-out-refund-no.html",
    &[own("out_refund_no"), may(&["sub_mchid"]), may(&["individual_auth_id"])],
)
.state(STATUS, &["SUCCESS"], &["CLOSED"])
.absent(ABSENT, MINUTES);

static GLOBAL: Question = Question::new(
    "GET v3/global/refunds/out-refund-no/{out_refund_no}",
    "",
    &[own("out_refund_no"), may(&["mchid"]), may(&["sp_mchid"]), may(&["sub_mchid"])],
)
.state(STATUS, &["SUCCESS"], &["REFUNDCLOSE"])
.absent(ABSENT, MINUTES);

static HK: Question = Question::new(
    "GET hk/v3/refunds/out-refund-no/{out_refund_no}",
    "wiki/doc/api/wxpay/ch/fusion_wallet_ch/QuickPay/chapter8_3.shtml",
    &[own("out_refund_no"), may(&["mchid"]), may(&["sp_mchid"]), may(&["sub_mchid"])],
)
.state(STATUS, &["SUCCESS"], &["REFUNDCLOSE"])
.absent(ABSENT, MINUTES);

pub(super) static ROWS: &[Row] = &[
    makes(&["POST v3/refund/domestic/refunds"], "out_refund_no", &REFUND),
    makes(&["POST v3/ecommerce/refunds/apply"], "out_refund_no", &ECOMMERCE),
    makes(&["POST v3/global/refunds"], "out_refund_no", &GLOBAL),
    makes(&["POST hk/v3/refunds"], "out_refund_no", &HK),
];
