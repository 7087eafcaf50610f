//! Orders and deductions of APIv3.

use super::row::{A_MINUTE, MINUTES, Parameter, Question, Row, changes, makes, may, need, own};

const TRADE_STATE: &[&str] = &["trade_state"];
const PAID: &[&str] = &["SUCCESS", "REFUND"];
const ENDED: &[&str] = &["CLOSED", "REVOKED", "PAYERROR"];
const ABSENT: &[&str] = &["ORDER_NOT_EXIST", "ORDERNOTEXIST"];

/// States in which an order is not closed. `USERPAYING` is none of them: it says nothing yet.
const NOT_CLOSED: &[&str] = &["NOTPAY", "SUCCESS", "REFUND", "PAYERROR", "REVOKED"];
/// States in which an order is not reversed. `REFUND` is none of them, as a reversed payment may be refunded.
const NOT_REVERSED: &[&str] = &["NOTPAY", "SUCCESS", "PAYERROR"];

static ORDER: Question = Question::new(
    "GET v3/pay/transactions/out-trade-no/{out_trade_no}",
    "v3/merchant/4013070356",
    &[own("out_trade_no"), need(&["mchid"])],
)
.state(TRADE_STATE, PAID, ENDED)
.absent(ABSENT, A_MINUTE);

static PARTNER_ORDER: Question = Question::new(
    "GET v3/pay/partner/transactions/out-trade-no/{out_trade_no}",
    "",
    &[own("out_trade_no"), need(&["sp_mchid"]), need(&["sub_mchid"])],
)
.state(TRADE_STATE, PAID, ENDED)
.absent(ABSENT, A_MINUTE);

static COMBINED: Question = Question::new(
    "GET v3/combine-transactions/out-trade-no/{combine_out_trade_no}",
    "docs/merchant/apis/personal-collections/query-by-out-trade-no.html",
    &[own("combine_out_trade_no")],
)
.state(&["sub_orders.*.trade_state"], PAID, &["CLOSED", "PAYERROR"])
.absent(ABSENT, A_MINUTE);

static COMBINED_DEDUCTION: Question = Question::new(
    "GET v3/ecommerce/combine-papay/transactions/{combine_out_trade_no}",
    "wiki/doc/apiv3_partner/Offline/apis/chapter5_5_6.shtml",
    &[own("combine_out_trade_no")],
)
.state(&["sub_orders.*.trade_state"], PAID, ENDED)
.absent(ABSENT, A_MINUTE);

static REPAYMENT: Question = Question::new(
    "GET v3/repayment/combine-transactions/partner/out-trade-no/{combine_out_trade_no}",
    "",
    &[own("combine_out_trade_no")],
)
.state(&["sub_orders.*.trade_state"], &["SUCCESS"], &["CLOSED"])
.absent(ABSENT, A_MINUTE);

static GLOBAL_ORDER: Question = Question::new(
    "GET v3/global/transactions/out-trade-no/{out_trade_no}",
    "wiki/doc/api_external/ch/apis/chapter3_1_2.shtml",
    &[own("out_trade_no"), may(&["mchid"]), may(&["sp_mchid"]), may(&["sub_mchid"])],
)
.state(TRADE_STATE, PAID, ENDED)
.absent(ABSENT, A_MINUTE);

static HK_ORDER: Question = Question::new(
    "GET hk/v3/transactions/out-trade-no/{out_trade_no}",
    "wiki/doc/api/wxpay/ch/fusion_wallet_ch/QuickPay/chapter8_1.shtml",
    &[own("out_trade_no"), may(&["mchid"]), may(&["sp_mchid"]), may(&["sub_mchid"])],
)
.state(TRADE_STATE, PAID, ENDED)
.absent(ABSENT, A_MINUTE);

static GLOBAL_DEDUCTION: Question = Question::new(
    "GET v3/global/papay/transactions/out-trade-no/{out_trade_no}",
    "wiki/doc/api_external/ch/apis/chapter5_1_8.shtml",
    &[own("out_trade_no"), may(&["sub_mchid"])],
)
.state(TRADE_STATE, PAID, ENDED)
.absent(ABSENT, A_MINUTE);

const DEDUCTION_BY: &[Parameter] = &[own("out_trade_no"), may(&["sub_mchid"])];

/// One of the deductions that are asked about in the same way, each at its own path.
const fn deduction(operation: &'static str, page: &'static str) -> Question {
    Question::new(operation, page, DEDUCTION_BY).state(TRADE_STATE, PAID, &["PAY_FAIL"]).absent(ABSENT, MINUTES)
}

static EDUCATION: Question = deduction(
    "GET v3/edu-papay/transactions/out-trade-no/{out_trade_no}",
    "wiki/doc/apiv3/Offline/apis/chapter5_2_9.shtml",
);
static SCHOOL: Question = deduction(
    "GET v3/eduschoolpay/transactions/out-trade-no/{out_trade_no}",
    "wiki/doc/apiv3/wxpay/edu/eduschoolpay/chapter4_3.shtml",
);
static CHARGING: Question = deduction(
    "GET v3/ebike/charge/transactions/out-trade-no/{out_trade_no}",
    "wiki/doc/apiv3/wxpay/vehicle/ebike/chapter3_6.shtml",
);
static HIGHWAY: Question = deduction(
    "GET v3/vehicle/etc/transactions/out-trade-no/{out_trade_no}",
    "wiki/doc/apiv3_partner/Offline/apis/chapter4_4_8.shtml",
);
static PARKING: Question = deduction(
    "GET v3/vehicle/transactions/out-trade-no/{out_trade_no}",
    "wiki/doc/apiv3_partner/apis/chapter8_8_4.shtml",
);
static RIDE: Question = deduction("GET v3/qrcode/transactions/out-trade-no/{out_trade_no}", "");

static MEDICAL: Question =
    Question::new("GET v3/med-ins/orders/out-trade-no/{out_trade_no}", "", &[own("out_trade_no"), may(&["sub_mchid"])])
        .state(&["mix_pay_status"], &["MIX_PAY_SUCCESS", "MIX_PAY_REFUND"], &["MIX_PAY_FAIL"])
        .absent(ABSENT, A_MINUTE);

static CREDIT_REPAYMENT: Question =
    Question::new("GET v3/credit-repayment/partner/deduct-orders/{out_trade_no}", "", &[own("out_trade_no")])
        .state(&["order_state"], &["DEDUCT_ORDER_STATE_PAY_SUCCESS"], &["DEDUCT_ORDER_STATE_PAY_FAIL"])
        .absent(ABSENT, MINUTES);

pub(super) static ROWS: &[Row] = &[
    makes(
        &[
            "POST v3/pay/transactions/app",
            "POST v3/pay/transactions/app-with-contract",
            "POST v3/pay/transactions/codepay",
            "POST v3/pay/transactions/h5",
            "POST v3/pay/transactions/jsapi",
            "POST v3/pay/transactions/jsapi-with-contract",
            "POST v3/pay/transactions/native",
        ],
        "out_trade_no",
        &ORDER,
    ),
    changes(
        &["POST v3/pay/transactions/out-trade-no/{out_trade_no}/close"],
        "out_trade_no",
        &ORDER,
        &["CLOSED"],
        NOT_CLOSED,
    ),
    changes(
        &["POST v3/pay/transactions/out-trade-no/{out_trade_no}/reverse"],
        "out_trade_no",
        &ORDER,
        &["REVOKED", "CLOSED"],
        NOT_REVERSED,
    ),
    makes(
        &[
            "POST v3/pay/partner/transactions/app",
            "POST v3/pay/partner/transactions/app-with-contract",
            "POST v3/pay/partner/transactions/codepay",
            "POST v3/pay/partner/transactions/h5",
            "POST v3/pay/partner/transactions/jsapi",
            "POST v3/pay/partner/transactions/jsapi-with-contract",
            "POST v3/pay/partner/transactions/miniprogram",
            "POST v3/pay/partner/transactions/native",
            "POST v3/pay/partner/transactions/scannedpos",
        ],
        "out_trade_no",
        &PARTNER_ORDER,
    ),
    changes(
        &["POST v3/pay/partner/transactions/out-trade-no/{out_trade_no}/close"],
        "out_trade_no",
        &PARTNER_ORDER,
        &["CLOSED"],
        NOT_CLOSED,
    ),
    changes(
        &["POST v3/pay/partner/transactions/out-trade-no/{out_trade_no}/reverse"],
        "out_trade_no",
        &PARTNER_ORDER,
        &["REVOKED", "CLOSED"],
        NOT_REVERSED,
    ),
    makes(
        &[
            "POST v3/combine-transactions/app",
            "POST v3/combine-transactions/h5",
            "POST v3/combine-transactions/jsapi",
            "POST v3/combine-transactions/miniprogram",
            "POST v3/combine-transactions/native",
        ],
        "combine_out_trade_no",
        &COMBINED,
    ),
    changes(
        &["POST v3/combine-transactions/out-trade-no/{combine_out_trade_no}/close"],
        "combine_out_trade_no",
        &COMBINED,
        &["CLOSED"],
        &["NOTPAY", "SUCCESS", "REFUND", "PAYERROR"],
    ),
    makes(&["POST v3/ecommerce/combine-papay/transactions"], "combine_out_trade_no", &COMBINED_DEDUCTION),
    changes(
        &["POST v3/ecommerce/combine-papay/transactions/{combine_out_trade_no}/reverse"],
        "combine_out_trade_no",
        &COMBINED_DEDUCTION,
        &["REVOKED", "CLOSED"],
        NOT_REVERSED,
    ),
    makes(&["POST v3/repayment/combine-transactions/partner/prepay"], "combine_out_trade_no", &REPAYMENT),
    changes(
        &["POST v3/repayment/combine-transactions/partner/out-trade-no/{combine_out_trade_no}/close"],
        "combine_out_trade_no",
        &REPAYMENT,
        &["CLOSED"],
        &["NOTPAY", "SUCCESS"],
    ),
    makes(
        &[
            "POST v3/global/micropay/transactions/pay",
            "POST v3/global/transactions/app",
            "POST v3/global/transactions/jsapi",
            "POST v3/global/transactions/mweb",
            "POST v3/global/transactions/native",
        ],
        "out_trade_no",
        &GLOBAL_ORDER,
    ),
    changes(
        &["POST v3/global/transactions/out-trade-no/{out_trade_no}/close"],
        "out_trade_no",
        &GLOBAL_ORDER,
        &["CLOSED"],
        NOT_CLOSED,
    ),
    changes(
        &["POST v3/global/micropay/transactions/out-trade-no/{out_trade_no}/reverse"],
        "out_trade_no",
        &GLOBAL_ORDER,
        &["REVOKED", "CLOSED"],
        NOT_REVERSED,
    ),
    makes(
        &[
            "POST hk/v3/transactions/app",
            "POST hk/v3/transactions/jsapi",
            "POST hk/v3/transactions/micropay",
            "POST hk/v3/transactions/mweb",
            "POST hk/v3/transactions/native",
        ],
        "out_trade_no",
        &HK_ORDER,
    ),
    changes(
        &["POST hk/v3/transactions/out-trade-no/{out_trade_no}/close"],
        "out_trade_no",
        &HK_ORDER,
        &["CLOSED"],
        NOT_CLOSED,
    ),
    changes(
        &["POST hk/v3/transactions/out-trade-no/{out_trade_no}/reverse"],
        "out_trade_no",
        &HK_ORDER,
        &["REVOKED", "CLOSED"],
        NOT_REVERSED,
    ),
    makes(&["POST v3/global/papay/transactions"], "out_trade_no", &GLOBAL_DEDUCTION),
    changes(
        &["POST v3/global/papay/transactions/out-trade-no/{out_trade_no}/reverse"],
        "out_trade_no",
        &GLOBAL_DEDUCTION,
        &["REVOKED", "CLOSED"],
        NOT_REVERSED,
    ),
    makes(&["POST v3/edu-papay/transactions"], "out_trade_no", &EDUCATION),
    makes(&["POST v3/eduschoolpay/transactions"], "out_trade_no", &SCHOOL),
    makes(&["POST v3/ebike/charge/transactions"], "out_trade_no", &CHARGING),
    makes(&["POST v3/vehicle/etc/transactions/highway"], "out_trade_no", &HIGHWAY),
    makes(&["POST v3/vehicle/transactions/parking"], "out_trade_no", &PARKING),
    makes(&["POST v3/qrcode/transactions"], "out_trade_no", &RIDE),
    makes(&["POST v3/med-ins/orders"], "out_trade_no", &MEDICAL),
    makes(&["POST v3/credit-repayment/partner/deduct-orders"], "out_trade_no", &CREDIT_REPAYMENT),
];
