//! Withdrawals from accounts of APIv3, and what is paid into them.

use super::row::{MINUTES, Question, Row, THREE_MONTHS, changes, makes, need, own};

const ABSENT: &[&str] = &["NOT_FOUND"];
const NO_WITHDRAWAL: &[&str] = &["ORDER_NOT_EXIST"];

// One that the bank has sent back (`REFUND`) has failed in the end, even after `SUCCESS`.
const WITHDRAWAL_FAILED: &[&str] = &["FAIL", "REFUND", "CLOSE"];

static WITHDRAWAL: Question = Question::new(
    "GET v3/merchant/fund/withdraw/out-request-no/{out_request_no}",
    "wiki/doc/apiv3/wxpay/ecommerce/fund/chapter3_6.shtml",
    &[own("out_request_no")],
)
.state(&["status"], &["SUCCESS"], WITHDRAWAL_FAILED)
.again(&["INIT"])
.absent(NO_WITHDRAWAL, MINUTES)
.until(THREE_MONTHS);

static SUB_MERCHANT_WITHDRAWAL: Question = Question::new(
    "GET v3/ecommerce/fund/withdraw/out-request-no/{out_request_no}",
    "wiki/doc/apiv3_partner/Offline/apis/chapter4_1_23.shtml",
    &[own("out_request_no"), need(&["sub_mchid"])],
)
.state(&["status"], &["SUCCESS"], WITHDRAWAL_FAILED)
.again(&["INIT"])
.absent(NO_WITHDRAWAL, MINUTES)
.until(THREE_MONTHS);

static DAY_END_WITHDRAWAL: Question = Question::new(
    "GET v3/platsolution/ecommerce/withdraw/day-end-balance-withdraw/out-request-no/{out_request_no}",
    "",
    &[own("out_request_no"), need(&["sub_mchid"])],
)
.state(&["status"], &["FINISHED"], &[])
.absent(ABSENT, MINUTES);

static LAST_WITHDRAWAL: Question = Question::new(
    "GET v3/mch_operate/risk/withdrawl-apply/out-request-no/{out_request_no}",
    "wiki/doc/apiv3_partner/apis/chapter7_8_7.shtml",
    &[own("out_request_no")],
)
.repeated("withdrawl_apply.out_request_no")
.state(&["withdrawl_apply.state"], &[], &[])
.absent(ABSENT, MINUTES);

static RECHARGE: Question = Question::new(
    "GET v3/platsolution/ecommerce/recharges/out-recharge-no/{out_recharge_no}",
    "docs/partner/apis/platsolution-mch-recharge/recharge/get-by-out-no.html",
    &[own("out_recharge_no"), need(&["sub_mchid"])],
)
.state(&["recharge_state"], &["SUCCESS"], &["CLOSED"])
.absent(ABSENT, MINUTES);

static PLATFORM_RECHARGE: Question = Question::new(
    "GET v3/platsolution/ecommerce/bank-transfer-recharges/out-recharge-no/{out_recharge_no}",
    "docs/partner/apis/platsolution-mch-recharge/bank-recharge/bank-transfer-recharge-get-by-out-no.html",
    &[own("out_recharge_no")],
)
.state(&["recharge_state"], &["SUCCESS"], &["CLOSED"])
.absent(ABSENT, MINUTES);

static BANK_RECHARGE: Question = Question::new(
    "GET v3/recharge/bank-transfer-recharges/out-recharge-no/{out_recharge_no}",
    "docs/merchant/apis/mch-recharge/bank-recharge/bank-transfer-recharge-get-by-out-no.html",
    &[own("out_recharge_no")],
)
.state(&["recharge_state"], &["SUCCESS"], &["CLOSED"])
.absent(ABSENT, MINUTES);

static INSTRUCTION: Question = Question::new(
    "GET v3/abnormal-fund-processing/receipts/{receipt_id}/transfer-instructions/{out_instruction_no}",
    "",
    &[own("out_instruction_no"), need(&["receipt_id"])],
)
.state(&["instruction_state"], &["INSTRUCTION_STATE_SUCCESS"], &["INSTRUCTION_STATE_CLOSED"])
.absent(ABSENT, MINUTES);

pub(super) static ROWS: &[Row] = &[
    makes(&["POST v3/merchant/fund/withdraw"], "out_request_no", &WITHDRAWAL),
    makes(&["POST v3/ecommerce/fund/withdraw"], "out_request_no", &SUB_MERCHANT_WITHDRAWAL),
    makes(&["POST v3/platsolution/ecommerce/withdraw/day-end-balance-withdraw"], "out_request_no", &DAY_END_WITHDRAWAL),
    makes(&["POST v3/mch_operate/risk/withdrawl-apply"], "out_request_no", &LAST_WITHDRAWAL),
    makes(&["POST v3/platsolution/ecommerce/recharges/apply"], "out_recharge_no", &RECHARGE),
    changes(
        &["POST v3/platsolution/ecommerce/recharges/out-recharge-no/{out_recharge_no}/close"],
        "out_recharge_no",
        &RECHARGE,
        &["CLOSED"],
        &["RECHARGING", "SUCCESS"],
    ),
    makes(&["POST v3/platsolution/ecommerce/bank-transfer-recharges/apply"], "out_recharge_no", &PLATFORM_RECHARGE),
    makes(&["POST v3/recharge/bank-transfer-recharges/apply"], "out_recharge_no", &BANK_RECHARGE),
    makes(
        &["POST v3/abnormal-fund-processing/receipts/{receipt_id}/transfer-instructions"],
        "out_instruction_no",
        &INSTRUCTION,
    ),
];
