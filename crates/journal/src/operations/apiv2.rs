//! APIv2: orders, deductions, refunds, red packets, transfers, profit sharing and the first service orders.

use super::row::{A_DAY, A_MINUTE, A_MONTH, MINUTES, Parameter, Question, Row, changes, fixed, makes, may, need, own};

const TRADE_STATE: &[&str] = &["trade_state"];
const PAID: &[&str] = &["SUCCESS", "REFUND"];
const ENDED: &[&str] = &["CLOSED", "REVOKED", "PAYERROR"];
const NO_ORDER: &[&str] = &["ORDERNOTEXIST"];

const NOT_CLOSED: &[&str] = &["NOTPAY", "SUCCESS", "REFUND", "PAYERROR", "REVOKED"];
const NOT_REVERSED: &[&str] = &["NOTPAY", "SUCCESS", "PAYERROR"];

const ORDER_BY: &[Parameter] = &[
    own("out_trade_no"),
    need(&["appid"]),
    need(&["mch_id"]),
    may(&["sub_appid"]),
    may(&["sub_mch_id"]),
    may(&["sign_type"]),
];

const fn order(operation: &'static str, page: &'static str) -> Question {
    Question::new(operation, page, ORDER_BY).state(TRADE_STATE, PAID, ENDED).absent(NO_ORDER, A_MINUTE)
}

static ORDER: Question = order("POST v2/pay/orderquery", "wiki/doc/api/micropay.php");
static FACE: Question = order("POST v2/pay/facepayquery", "");
static DEPOSIT: Question = order("POST v2/deposit/orderquery", "wiki/doc/api/deposit_sl.php");

static TRANSIT: Question = Question::new(
    "POST v2/transit/queryorder",
    "wiki/doc/api/vehicle_v2.php",
    &[own("out_trade_no"), need(&["appid"]), need(&["mch_id"]), fixed("sign_type", "HMAC-SHA256")],
)
.state(TRADE_STATE, PAID, ENDED)
.absent(NO_ORDER, MINUTES);

static PARTNER_TRANSIT: Question = Question::new(
    "POST v2/transit/partnerpay/queryorder",
    "wiki/doc/api/vehicle_v2_sl.php",
    &[
        own("out_trade_no"),
        need(&["appid"]),
        need(&["mch_id"]),
        may(&["sub_appid"]),
        need(&["sub_mch_id"]),
        fixed("sign_type", "HMAC-SHA256"),
    ],
)
.state(TRADE_STATE, PAID, ENDED)
.absent(NO_ORDER, MINUTES);

static DEDUCTION: Question = Question::new(
    "POST v2/pay/paporderquery",
    "wiki/doc/api/pap.php",
    &[own("out_trade_no"), need(&["appid"]), need(&["mch_id"])],
)
.state(TRADE_STATE, PAID, ENDED)
.absent(NO_ORDER, MINUTES);

static PARTNER_DEDUCTION: Question = Question::new(
    "POST v2/pay/partner/paporderquery",
    "wiki/doc/api/pap.php",
    &[own("out_trade_no"), need(&["appid"]), need(&["mch_id"]), may(&["sub_appid"]), may(&["sub_mch_id"])],
)
.state(TRADE_STATE, PAID, ENDED)
.absent(NO_ORDER, MINUTES);

static COMBINED: Question = Question::new(
    "POST v2/pay/querycombinedorder",
    "wiki/doc/api/combine.php",
    &[
        own("combine_out_trade_no"),
        need(&["combine_appid"]),
        need(&["combine_mch_id"]),
        fixed("sign_type", "HMAC-SHA256"),
    ],
)
.state(TRADE_STATE, PAID, ENDED)
.absent(NO_ORDER, A_MINUTE);

const REFUND_BY: &[Parameter] = &[
    own("out_refund_no"),
    need(&["appid"]),
    need(&["mch_id"]),
    may(&["sub_appid"]),
    may(&["sub_mch_id"]),
    may(&["sign_type"]),
];

/// One refund is asked for, so it is the first of the answer.
const fn refund(operation: &'static str, page: &'static str) -> Question {
    Question::new(operation, page, REFUND_BY)
        .repeated("out_refund_no_0")
        .state(&["refund_status_0"], &["SUCCESS"], &["REFUNDCLOSE"])
        .absent(&["REFUNDNOTEXIST"], MINUTES)
}

static REFUND: Question = refund("POST v2/pay/refundquery", "wiki/doc/api/micropay.php");
static DETAILED_REFUND: Question = refund("POST v2/pay/refundqueryv2", "wiki/doc/api/danpin.php");
static DEPOSIT_REFUND: Question = refund("POST v2/deposit/refundquery", "wiki/doc/api/deposit_sl.php");

const RECEIVED: &[&str] = &["RECEIVED"];
/// Not taken in time: the money went back.
const NOT_RECEIVED: &[&str] = &["FAILED", "REFUND"];

static RED_PACKET: Question = Question::new(
    "POST v2/mmpaymkttransfers/gethbinfo",
    "wiki/doc/api/tools/cash_coupon.php",
    &[own("mch_billno"), need(&["mch_id"]), need(&["appid", "wxappid"]), fixed("bill_type", "MCHT")],
)
.state(&["status"], RECEIVED, NOT_RECEIVED)
.absent(&["NOT_FOUND"], MINUTES)
.until(A_MONTH);

static WORK_RED_PACKET: Question = Question::new(
    "POST v2/mmpaymkttransfers/queryworkwxredpack",
    "",
    &[own("mch_billno"), need(&["mch_id"]), need(&["appid", "wxappid"])],
)
.state(&["status"], RECEIVED, NOT_RECEIVED)
.absent(&["NOT_FOUND"], MINUTES)
.until(A_MONTH);

static TRANSFER: Question = Question::new(
    "POST v2/mmpaymkttransfers/gettransferinfo",
    "wiki/doc/api/tools/mch_pay.php",
    &[own("partner_trade_no"), need(&["mch_id", "mchid"]), need(&["appid", "mch_appid"])],
)
.state(&["status"], &["SUCCESS"], &["FAILED"])
.absent(&["NOT_FOUND"], MINUTES)
.until(A_MONTH);

static WORK_TRANSFER: Question = Question::new(
    "POST v2/mmpaymkttransfers/promotion/querywwsptrans2pocket",
    "",
    &[own("partner_trade_no"), need(&["mch_id"]), need(&["appid"])],
)
.state(&["status"], &["SUCCESS"], &["FAILED"])
.absent(&["NOT_FOUND"], MINUTES)
.until(A_MONTH);

static BANK_TRANSFER: Question = Question::new(
    "POST v2/mmpaysptrans/query_bank",
    "wiki/doc/api/tools/mch_pay.php",
    &[own("partner_trade_no"), need(&["mch_id"])],
)
.state(&["status"], &["SUCCESS"], &["FAILED", "BANK_FAIL"])
.absent(&["ORDERNOTEXIST", "NOT_FOUND"], MINUTES)
.until(A_DAY);

static SHARING: Question = Question::new(
    "POST v2/pay/profitsharingquery",
    "wiki/doc/api/allocation.php",
    &[
        own("out_order_no"),
        need(&["transaction_id"]),
        need(&["mch_id"]),
        may(&["sub_mch_id"]),
        fixed("sign_type", "HMAC-SHA256"),
    ],
)
.state(&["status"], &["FINISHED"], &[])
.absent(NO_ORDER, MINUTES);

static SHARING_RETURN: Question = Question::new(
    "POST v2/pay/profitsharingreturnquery",
    "wiki/doc/api/allocation.php",
    &[
        own("out_return_no"),
        may(&["order_id"]),
        may(&["out_order_no"]),
        need(&["appid"]),
        need(&["mch_id"]),
        may(&["sub_appid"]),
        may(&["sub_mch_id"]),
        fixed("sign_type", "HMAC-SHA256"),
    ],
)
.state(&["result"], &["SUCCESS"], &["FAILED"])
.absent(NO_ORDER, MINUTES);

const SERVICE_BY: &[Parameter] = &[
    own("out_order_no"),
    need(&["version"]),
    need(&["appid"]),
    need(&["mch_id"]),
    need(&["service_id"]),
    fixed("sign_type", "HMAC-SHA256"),
];
const SERVICE_ENDED: &[&str] = &["REVOKED", "EXPIRED"];

static RENT: Question = Question::new("POST v2/wxv/queryrentbill", "wiki/doc/apiv3/payscore.php", SERVICE_BY)
    .state(&["state"], &["USER_PAID"], SERVICE_ENDED)
    .absent(&["ORDER_NOT_EXIST"], A_MINUTE);
static HOTEL: Question = Question::new("POST v2/wxv/queryhotelbill", "wiki/doc/apiv3/payscore.php", SERVICE_BY)
    .state(&["state"], &["USER_PAID"], SERVICE_ENDED)
    .absent(&["ORDER_NOT_EXIST"], A_MINUTE);

const SERVICE_FINISHED: &[&str] = &["FINISHED", "USER_PAID"];
const SERVICE_NOT_FINISHED: &[&str] = &["CREATED", "USER_ACCEPTED", "REVOKED", "EXPIRED"];
const SERVICE_NOT_REVOKED: &[&str] = &["CREATED", "USER_ACCEPTED", "FINISHED", "USER_PAID", "EXPIRED"];

pub(super) static ROWS: &[Row] = &[
    makes(&["POST v2/pay/unifiedorder", "POST v2/pay/micropay", "POST v2/pay/contractorder"], "out_trade_no", &ORDER),
    changes(&["POST v2/pay/closeorder"], "out_trade_no", &ORDER, &["CLOSED"], NOT_CLOSED),
    changes(&["POST v2/secapi/pay/reverse"], "out_trade_no", &ORDER, &["REVOKED", "CLOSED"], NOT_REVERSED),
    makes(&["POST v2/pay/facepay"], "out_trade_no", &FACE),
    changes(&["POST v2/secapi/pay/facepayreverse"], "out_trade_no", &FACE, &["REVOKED", "CLOSED"], NOT_REVERSED),
    makes(
        &["POST v2/deposit/unifiedorder", "POST v2/deposit/micropay", "POST v2/deposit/facepay"],
        "out_trade_no",
        &DEPOSIT,
    ),
    changes(&["POST v2/deposit/reverse"], "out_trade_no", &DEPOSIT, &["REVOKED", "CLOSED"], NOT_REVERSED),
    makes(&["POST v2/transit/pay/payapply", "POST v2/vehicle/pay/payapply"], "out_trade_no", &TRANSIT),
    makes(
        &["POST v2/transit/partnerpay/payapply", "POST v2/vehicle/partnerpay/payapply"],
        "out_trade_no",
        &PARTNER_TRANSIT,
    ),
    makes(&["POST v2/pay/pappayapply"], "out_trade_no", &DEDUCTION),
    makes(&["POST v2/pay/partner/pappayapply"], "out_trade_no", &PARTNER_DEDUCTION),
    makes(&["POST v2/pay/combinedorder"], "combine_out_trade_no", &COMBINED),
    changes(&["POST v2/pay/closecombinedorder"], "combine_out_trade_no", &COMBINED, &["CLOSED"], NOT_CLOSED),
    makes(&["POST v2/secapi/pay/refund"], "out_refund_no", &REFUND),
    makes(&["POST v2/secapi/pay/refundv2"], "out_refund_no", &DETAILED_REFUND),
    makes(&["POST v2/deposit/refund"], "out_refund_no", &DEPOSIT_REFUND),
    makes(
        &[
            "POST v2/mmpaymkttransfers/sendredpack",
            "POST v2/mmpaymkttransfers/sendgroupredpack",
            "POST v2/mmpaymkttransfers/sendminiprogramhb",
        ],
        "mch_billno",
        &RED_PACKET,
    ),
    makes(&["POST v2/mmpaymkttransfers/sendworkwxredpack"], "mch_billno", &WORK_RED_PACKET),
    makes(&["POST v2/mmpaymkttransfers/promotion/transfers"], "partner_trade_no", &TRANSFER),
    makes(&["POST v2/mmpaymkttransfers/promotion/paywwsptrans2pocket"], "partner_trade_no", &WORK_TRANSFER),
    makes(&["POST v2/mmpaysptrans/pay_bank"], "partner_trade_no", &BANK_TRANSFER),
    makes(
        &[
            "POST v2/secapi/pay/profitsharing",
            "POST v2/secapi/pay/multiprofitsharing",
            "POST v2/secapi/pay/profitsharingfinish",
        ],
        "out_order_no",
        &SHARING,
    ),
    makes(&["POST v2/secapi/pay/profitsharingreturn"], "out_return_no", &SHARING_RETURN),
    makes(&["POST v2/wxv/createrentbill"], "out_order_no", &RENT),
    changes(&["POST v2/wxv/finishrentbill"], "out_order_no", &RENT, SERVICE_FINISHED, SERVICE_NOT_FINISHED),
    changes(&["POST v2/wxv/cancelbill"], "out_order_no", &RENT, &["REVOKED"], SERVICE_NOT_REVOKED),
    makes(&["POST v2/wxv/createhotelbill"], "out_order_no", &HOTEL),
    changes(&["POST v2/wxv/finishhotelbill"], "out_order_no", &HOTEL, SERVICE_FINISHED, SERVICE_NOT_FINISHED),
];
