//! Profit sharing and its returns of APIv3, and money that leaves the country.

use super::row::{MINUTES, Question, Row, makes, may, need, own};

const ABSENT: &[&str] = &["RESOURCE_NOT_EXISTS"];

static SHARING: Question = Question::new(
    "GET v3/profitsharing/orders/{out_order_no}",
    "v3/merchant/4012525210",
    &[own("out_order_no"), need(&["transaction_id"]), may(&["sub_mchid"])],
)
.state(&["state"], &["FINISHED"], &[])
.absent(ABSENT, MINUTES);

static RETURN: Question = Question::new(
    "GET v3/profitsharing/return-orders/{out_return_no}",
    "",
    &[own("out_return_no"), need(&["out_order_no"]), may(&["sub_mchid"])],
)
.state(&["result"], &["SUCCESS"], &["FAILED"])
.absent(ABSENT, MINUTES);

static ECOMMERCE: Question = Question::new(
    "GET v3/ecommerce/profitsharing/orders",
    "wiki/doc/apiv3/wxpay/ecommerce/profitsharing/chapter3_2.shtml",
    &[own("out_order_no"), need(&["sub_mchid"]), need(&["transaction_id"])],
)
.state(&["status"], &["FINISHED"], &[])
.absent(ABSENT, MINUTES);

static ECOMMERCE_RETURN: Question = Question::new(
    "GET v3/ecommerce/profitsharing/returnorders",
    "wiki/doc/apiv3/wxpay/ecommerce/profitsharing/chapter3_4.shtml",
    &[own("out_return_no"), need(&["sub_mchid"]), may(&["order_id"]), may(&["out_order_no"])],
)
.state(&["result"], &["SUCCESS"], &["FAIL", "FAILED"])
.absent(ABSENT, MINUTES);

static BRAND: Question = Question::new(
    "GET v3/brand/profitsharing/orders",
    "wiki/doc/apiv3/wxpay/brand/chapter3_2.shtml",
    &[own("out_order_no"), need(&["sub_mchid"]), need(&["transaction_id"])],
)
.state(&["status"], &["FINISHED"], &[])
.absent(ABSENT, MINUTES);

static BRAND_RETURN: Question = Question::new(
    "GET v3/brand/profitsharing/returnorders",
    "wiki/doc/apiv3/wxpay/brand/chapter3_4.shtml",
    &[own("out_return_no"), need(&["sub_mchid"]), may(&["order_id"]), may(&["out_order_no"])],
)
.state(&["result"], &["SUCCESS"], &["FAIL"])
.absent(ABSENT, MINUTES);

static GLOBAL: Question = Question::new(
    "GET v3/global/profit-sharing/orders/{out_order_no}",
    "wiki/doc/api_external/ch/apis/chapter4_1_4.shtml",
    &[own("out_order_no"), need(&["transaction_id"]), may(&["sub_mchid"])],
)
.state(&["state"], &["FINISHED"], &[])
.absent(ABSENT, MINUTES);

static ABROAD: Question = Question::new(
    "GET v3/funds-to-oversea/orders/{out_order_id}",
    "wiki/doc/apiv3_partner/apis/chapter7_10_3.shtml",
    &[own("out_order_id"), need(&["sub_mchid"]), need(&["transaction_id"])],
)
.state(&["result"], &["SUCCESS"], &["FAIL", "FAILED"])
.absent(ABSENT, MINUTES);

static BACK_FROM_ABROAD: Question = Question::new(
    "GET v3/funds-to-oversea/return/return-orders/out-return-no/{out_return_no}",
    "v3/partner/4013735052",
    &[own("out_return_no"), need(&["sub_mchid"])],
)
.state(&["state"], &["SUCCESS"], &["FAILED"])
.absent(ABSENT, MINUTES);

pub(super) static ROWS: &[Row] = &[
    makes(&["POST v3/profitsharing/orders", "POST v3/profitsharing/orders/unfreeze"], "out_order_no", &SHARING),
    makes(&["POST v3/profitsharing/return-orders"], "out_return_no", &RETURN),
    makes(
        &["POST v3/ecommerce/profitsharing/orders", "POST v3/ecommerce/profitsharing/finish-order"],
        "out_order_no",
        &ECOMMERCE,
    ),
    makes(&["POST v3/ecommerce/profitsharing/returnorders"], "out_return_no", &ECOMMERCE_RETURN),
    makes(&["POST v3/brand/profitsharing/orders", "POST v3/brand/profitsharing/finish-order"], "out_order_no", &BRAND),
    makes(&["POST v3/brand/profitsharing/returnorders"], "out_return_no", &BRAND_RETURN),
    makes(
        &["POST v3/global/profit-sharing/orders", "POST v3/global/profit-sharing/orders/unfreeze"],
        "out_order_no",
        &GLOBAL,
    ),
    makes(&["POST v3/funds-to-oversea/orders"], "out_order_id", &ABROAD),
    makes(&["POST v3/funds-to-oversea/return/return-orders"], "out_return_no", &BACK_FROM_ABROAD),
];
