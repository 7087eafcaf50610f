//! Transfers of APIv3: to users, to banks, and compensations out of deposits.

use super::row::{A_MONTH, MINUTES, Parameter, Question, Row, THREE_MONTHS, changes, fixed, makes, may, need, own};

const STATE: &[&str] = &["state"];
const ABSENT: &[&str] = &["NOT_FOUND"];

/// Final states of a transfer that has failed.
const FAILED: &[&str] = &["FAIL", "CANCELLED"];
/// States in which a transfer is not cancelled.
const NOT_CANCELLED: &[&str] = &["ACCEPTED", "PROCESSING", "WAIT_USER_CONFIRM", "TRANSFERING", "SUCCESS", "FAIL"];
const CANCELLED: &[&str] = &["CANCELING", "CANCELLED"];

static BILL: Question = Question::new(
    "GET v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}",
    "docs/merchant/apis/mch-trans/transfer-bill/get-transfer-bill-by-out-no.html",
    &[own("out_bill_no")],
)
.state(STATE, &["SUCCESS"], FAILED)
.absent(ABSENT, MINUTES)
.until(A_MONTH);

static PARTNER_BILL: Question = Question::new(
    "GET v3/fund-app/mch-transfer/partner/transfer-bills/out-bill-no/{out_bill_no}",
    "v3/partner/4015469131",
    &[own("out_bill_no"), need(&["sub_mchid"])],
)
.state(STATE, &["SUCCESS"], FAILED)
.absent(ABSENT, MINUTES)
.until(A_MONTH);

static ECOMMERCE_BILL: Question = Question::new(
    "GET v3/ecommerce/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}",
    "docs/partner/apis/platsolution-mch-transfer/transfer-bill/get-transfer-bill-by-out-no.html",
    &[own("out_bill_no"), need(&["sub_mchid"])],
)
.state(STATE, &["SUCCESS"], FAILED)
.absent(ABSENT, MINUTES)
.until(A_MONTH);

static QQ_BILL: Question = Question::new(
    "GET v3/fund-app/mch-transfer/transfer-to-qq-wallet-bills/{out_bill_no}",
    "v3/merchant/4014297440",
    &[own("out_bill_no")],
)
.state(STATE, &["SUCCESS"], FAILED)
.absent(ABSENT, MINUTES)
.until(A_MONTH);

static BATCH: Question = Question::new(
    "GET v3/transfer/batches/out-batch-no/{out_batch_no}",
    "wiki/doc/apiv3/wxpay/pay/transfer/chapter3_4.shtml",
    &[own("out_batch_no"), fixed("need_query_detail", "false")],
)
.repeated("transfer_batch.out_batch_no")
.state(&["transfer_batch.batch_status"], &["FINISHED"], &["CLOSED"])
.absent(ABSENT, MINUTES)
.until(A_MONTH);

static PARTNER_BATCH: Question = Question::new(
    "GET v3/partner-transfer/batches/out-batch-no/{out_batch_no}",
    "wiki/doc/apiv3_partner/Offline/apis/chapter4_1_9.shtml",
    &[own("out_batch_no"), fixed("need_query_detail", "false")],
)
.state(&["batch_status"], &["FINISHED"], &["CLOSED"])
.absent(ABSENT, MINUTES)
.until(A_MONTH);

static BANK_BATCH: Question = Question::new(
    "GET v3/bank-transfer/batches/out-batch-no/{out_batch_no}",
    "wiki/doc/apiv3_partner/Offline/apis/chapter4_2_4.shtml",
    &[own("out_batch_no"), fixed("need_query_detail", "false")],
)
.state(&["batch_state"], &["FINISHED"], &["CLOSED"])
.absent(ABSENT, MINUTES)
.until(A_MONTH);

static PLATFORM_BATCH: Question = Question::new(
    "GET v3/platsolution/mch-transfer/batches/out-batch-no/{out_batch_no}",
    "docs/partner/apis/platsolution-mch-transfer/transfer-batch/transfer-batch-get-by-out-code.html",
    &[own("out_batch_no"), need(&["sub_mchid"]), fixed("need_query_detail", "false")],
)
.repeated("transfer_batch.out_batch_no")
.state(&["transfer_batch.batch_state"], &["COMPLETED"], &["CLOSED"])
.absent(ABSENT, MINUTES)
.until(A_MONTH);

static INSURANCE_BATCH: Question = Question::new(
    "GET v3/platsolution/insurance/mch-transfer/batches/out-batch-no/{out_batch_no}",
    "",
    &[own("out_batch_no"), need(&["sub_mchid"]), fixed("need_query_detail", "false")],
)
.repeated("transfer_batch.out_batch_no")
.state(&["transfer_batch.batch_state"], &["COMPLETED"], &["CLOSED"])
.absent(ABSENT, MINUTES)
.until(A_MONTH);

static BRAND_RED_PACKETS: Question = Question::new(
    "GET v3/fund-app/brand-redpacket/brand-merchant-out-batches/{out_batch_no}",
    "",
    &[own("out_batch_no")],
)
.state(&["batch_state"], &["FINISHED"], &["CLOSED"])
.absent(ABSENT, MINUTES)
.until(A_MONTH);

const RESERVATION_BY: &[Parameter] = &[own("out_reservation_no"), need(&["sub_mchid"])];

const fn reservation(operation: &'static str, page: &'static str) -> Question {
    Question::new(operation, page, RESERVATION_BY)
        .state(STATE, &["CONFIRMED"], &["CLOSED"])
        .absent(ABSENT, MINUTES)
        .until(THREE_MONTHS)
}

static RESERVATION: Question = reservation(
    "GET v3/platsolution/mch-transfer/reservation/out-reservation-no/{out_reservation_no}",
    "docs/partner/apis/platsolution-mch-transfer/transfer-reservation/transfer-reservation-get-by-out-no.html",
);
static INSURANCE_RESERVATION: Question =
    reservation("GET v3/platsolution/insurance/mch-transfer/reservation/out-reservation-no/{out_reservation_no}", "");

static CHARITY_BUDGET: Question = Question::new(
    "GET v3/fund-app/mch-transfer/partner/charity-budget/{out_budget_no}",
    "",
    &[own("out_budget_no"), need(&["sponsor_mchid"])],
)
.state(STATE, &["FINISHED"], &["CLOSED"])
.absent(ABSENT, MINUTES);

static DONATION: Question = Question::new(
    "GET v3/fund-app/mch-transfer/partner/charity-transfer-bills/out-transfer-no/{out_transfer_no}",
    "",
    &[own("out_transfer_no"), need(&["sponsor_mchid"]), need(&["out_budget_no"])],
)
.state(STATE, &["SUCCESS"], &["CLOSE"])
.absent(ABSENT, MINUTES);

/// One of the compensations that are asked about in the same way, each at its own path and with its own fields.
const fn compensation(operation: &'static str, page: &'static str, parameters: &'static [Parameter]) -> Question {
    Question::new(operation, page, parameters)
        .state(STATE, &["SUCCESS"], &["CLOSED", "CANCELLED"])
        .absent(ABSENT, MINUTES)
}

static COMPENSATION: Question = compensation(
    "GET v3/platsolution/ecommerce/mch-transfer/compensate-bills/out-bill-no/{out_bill_no}",
    "v3/partner/4013504178",
    &[own("out_bill_no")],
);
static AFTER_SALES: Question = compensation(
    "GET v3/platsolution/ecommerce/mch-transfer/deposit-after-sales-compensation-bills/out-bill-no/{out_bill_no}",
    "v3/partner/4013504195",
    &[own("out_bill_no"), may(&["sub_mchid"])],
);
static SHIPPING: Question = compensation(
    "GET v3/platsolution/ecommerce/mch-transfer/deposit-shipping-cost-compensation-bills/out-bill-no/{out_bill_no}",
    "v3/partner/4013504203",
    &[own("out_bill_no"), may(&["sub_mchid"])],
);
static PREMIUMS: Question = compensation(
    "GET v3/platsolution/ecommerce/mch-transfer/deposit-insurance-premiums-compensation-bills/{out_bill_no}",
    "v3/partner/4014010920",
    &[own("out_bill_no"), may(&["sub_mchid"])],
);
static CLAIM: Question = compensation(
    "GET v3/platsolution/ecommerce/mch-transfer/insurance-claim-bills/out-bill-no/{out_bill_no}",
    "v3/partner/4013504187",
    &[own("out_bill_no"), may(&["sub_mchid"])],
);
static SUB_MERCHANT: Question = Question::new(
    "GET v3/platsolution/ecommerce/mch-transfer/sub-mch-compensation-bills/{out_bill_no}",
    "v3/partner/4016777372",
    &[own("out_bill_no"), may(&["sponsor_mchid"])],
)
.state(STATE, &["SUCCESS"], &["CLOSED"])
.absent(ABSENT, MINUTES);
static DEPOSIT: Question = compensation(
    "GET v3/platsolution/ecommerce/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}",
    "v3/partner/4013504199",
    &[own("out_bill_no"), may(&["business_type"])],
);

/// States in which a compensation is not cancelled.
const NOT_WITHDRAWN: &[&str] = &["ACCEPTED", "WAIT_USER_CONFIRM", "SUCCESS", "CLOSED"];

pub(super) static ROWS: &[Row] = &[
    makes(
        &[
            "POST v3/fund-app/mch-transfer/transfer-bills",
            "POST v3/fund-app/mch-transfer/transfer-bills/pre-transfer-with-authorization",
            "POST v3/fund-app/mch-transfer/transfer-bills/transfer",
        ],
        "out_bill_no",
        &BILL,
    ),
    changes(
        &["POST v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}/cancel"],
        "out_bill_no",
        &BILL,
        CANCELLED,
        NOT_CANCELLED,
    ),
    makes(
        &[
            "POST v3/fund-app/mch-transfer/partner/transfer-bills",
            "POST v3/fund-app/mch-transfer/partner/transfer-bills/pre-transfer-with-authorization",
            "POST v3/fund-app/mch-transfer/partner/transfer-bills/transfer",
        ],
        "out_bill_no",
        &PARTNER_BILL,
    ),
    changes(
        &["POST v3/fund-app/mch-transfer/partner/transfer-bills/out-bill-no/{out_bill_no}/cancel"],
        "out_bill_no",
        &PARTNER_BILL,
        CANCELLED,
        NOT_CANCELLED,
    ),
    makes(&["POST v3/ecommerce/mch-transfer/transfer-bills"], "out_bill_no", &ECOMMERCE_BILL),
    changes(
        &["POST v3/ecommerce/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}/cancel"],
        "out_bill_no",
        &ECOMMERCE_BILL,
        CANCELLED,
        NOT_CANCELLED,
    ),
    makes(&["POST v3/fund-app/mch-transfer/transfer-to-qq-wallet-bills"], "out_bill_no", &QQ_BILL),
    changes(
        &["POST v3/fund-app/mch-transfer/transfer-to-qq-wallet-bills/{out_bill_no}/cancel"],
        "out_bill_no",
        &QQ_BILL,
        CANCELLED,
        NOT_CANCELLED,
    ),
    makes(&["POST v3/transfer/batches"], "out_batch_no", &BATCH),
    makes(
        &["POST v3/partner-transfer/batches", "POST v3/payroll-card/transfer-batches"],
        "out_batch_no",
        &PARTNER_BATCH,
    ),
    makes(&["POST v3/bank-transfer/batches"], "out_batch_no", &BANK_BATCH),
    makes(&["POST v3/platsolution/mch-transfer/batches/apply"], "out_batch_no", &PLATFORM_BATCH),
    makes(&["POST v3/platsolution/insurance/mch-transfer/batches/apply"], "out_batch_no", &INSURANCE_BATCH),
    makes(&["POST v3/fund-app/brand-redpacket/brand-merchant-batches"], "out_batch_no", &BRAND_RED_PACKETS),
    makes(&["POST v3/platsolution/mch-transfer/reservation/apply"], "out_reservation_no", &RESERVATION),
    makes(
        &["POST v3/platsolution/insurance/mch-transfer/reservation/apply"],
        "out_reservation_no",
        &INSURANCE_RESERVATION,
    ),
    makes(&["POST v3/fund-app/mch-transfer/partner/charity-budget"], "out_budget_no", &CHARITY_BUDGET),
    makes(&["POST v3/fund-app/mch-transfer/partner/charity-transfer-bills"], "out_transfer_no", &DONATION),
    makes(
        &[
            "POST v3/platsolution/ecommerce/mch-transfer/compensate-bills",
            "POST v3/platsolution/ecommerce/mch-transfer/compensate-bills/pre-transfer",
        ],
        "out_bill_no",
        &COMPENSATION,
    ),
    changes(
        &["POST v3/platsolution/ecommerce/mch-transfer/compensate-bills/out-bill-no/{out_bill_no}/cancel"],
        "out_bill_no",
        &COMPENSATION,
        CANCELLED,
        NOT_WITHDRAWN,
    ),
    makes(
        &["POST v3/platsolution/ecommerce/mch-transfer/deposit-after-sales-compensation-bills"],
        "out_bill_no",
        &AFTER_SALES,
    ),
    makes(
        &["POST v3/platsolution/ecommerce/mch-transfer/deposit-shipping-cost-compensation-bills"],
        "out_bill_no",
        &SHIPPING,
    ),
    makes(
        &["POST v3/platsolution/ecommerce/mch-transfer/deposit-insurance-premiums-compensation-bills"],
        "out_bill_no",
        &PREMIUMS,
    ),
    makes(
        &[
            "POST v3/platsolution/ecommerce/mch-transfer/insurance-claim-bills",
            "POST v3/platsolution/ecommerce/mch-transfer/insurance-claim-bills/pre-transfer",
        ],
        "out_bill_no",
        &CLAIM,
    ),
    changes(
        &["POST v3/platsolution/ecommerce/mch-transfer/insurance-claim-bills/out-bill-no/{out_bill_no}/cancel"],
        "out_bill_no",
        &CLAIM,
        CANCELLED,
        NOT_WITHDRAWN,
    ),
    makes(&["POST v3/platsolution/ecommerce/mch-transfer/sub-mch-compensation-bills"], "out_bill_no", &SUB_MERCHANT),
    makes(&["POST v3/platsolution/ecommerce/mch-transfer/transfer-bills"], "out_bill_no", &DEPOSIT),
];
