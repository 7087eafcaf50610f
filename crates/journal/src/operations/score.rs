//! Service orders of 支付分, and 先享卡.

use super::row::{A_MINUTE, Question, Row, changes, makes, need, own};

/// `DOING` is refined: the merchant has completed the order when it is `DOING/MCH_COMPLETE`.
const STATE: &[&str] = &["state", "state_description"];
const ABSENT: &[&str] = &["ORDER_NOT_EXIST"];
const FAILED: &[&str] = &["REVOKED", "EXPIRED"];

const COMPLETED: &[&str] = &["DONE", "DONE/MCH_COMPLETE", "DOING/MCH_COMPLETE"];
const NOT_COMPLETED: &[&str] = &["CREATED", "DOING/USER_CONFIRM", "REVOKED", "EXPIRED"];
const NOT_REVOKED: &[&str] =
    &["CREATED", "DOING", "DOING/USER_CONFIRM", "DOING/MCH_COMPLETE", "DONE", "DONE/MCH_COMPLETE", "EXPIRED"];

/// That of the first years has states of its own.
const OLD_FAILED: &[&str] = &["REVOKED", "EXPIRED"];
const OLD_COMPLETED: &[&str] = &["FINISHED", "USER_PAID"];
const OLD_NOT_COMPLETED: &[&str] = &["CREATED", "USER_ACCEPTED", "REVOKED", "EXPIRED"];
const OLD_NOT_REVOKED: &[&str] = &["CREATED", "USER_ACCEPTED", "FINISHED", "USER_PAID", "EXPIRED"];

const DONE: &[&str] = &["DONE", "DONE/MCH_COMPLETE"];

static SERVICE: Question = Question::new(
    "GET v3/payscore/serviceorder",
    "wiki/doc/apiv3/wxpay/payscore/chapter3_2.shtml",
    &[own("out_order_no"), need(&["service_id"]), need(&["appid"])],
)
.state(STATE, DONE, FAILED)
.absent(ABSENT, A_MINUTE);

static PARTNER_SERVICE: Question = Question::new(
    "GET v3/payscore/partner/serviceorder",
    "v3/partner/4013138559",
    &[own("out_order_no"), need(&["service_id"]), need(&["sub_mchid"])],
)
.state(STATE, DONE, FAILED)
.absent(ABSENT, A_MINUTE);

static BANK_SERVICE: Question = Question::new(
    "GET v3/payscore/acquiringbank/serviceorder",
    "",
    &[own("out_order_no"), need(&["service_id"]), need(&["sub_mchid"]), need(&["channel_id"])],
)
.state(STATE, DONE, FAILED)
.absent(ABSENT, A_MINUTE);

static OVERSEA_SERVICE: Question = Question::new(
    "GET v3/payscore/oversea/partner/serviceorder",
    "",
    &[own("out_order_no"), need(&["service_id"]), need(&["sub_mchid"])],
)
.state(STATE, DONE, FAILED)
.absent(ABSENT, A_MINUTE);

static PAY_AFTER: Question = Question::new(
    "GET v3/payscore/payafter-orders",
    "wiki/doc/apiv3/payscore.php",
    &[own("out_order_no"), need(&["service_id"]), need(&["appid"])],
)
.state(&["state"], &["USER_PAID"], OLD_FAILED)
.absent(ABSENT, A_MINUTE);

static RETAIL: Question = Question::new(
    "GET v3/payscore/smartretail-orders",
    "wiki/doc/apiv3/payscore.php",
    &[own("out_order_no"), need(&["service_id"]), need(&["appid"])],
)
.state(&["state"], &["USER_PAID"], OLD_FAILED)
.absent(ABSENT, A_MINUTE);

static CARD: Question = Question::new(
    "GET v3/discount-card/cards/{out_card_code}",
    "wiki/doc/apiv3/wxpay/discount-card/chapter3_3.shtml",
    &[own("out_card_code")],
)
.state(&["state"], &[], &[])
.absent(&["RESOURCE_NOT_EXISTS"], A_MINUTE);

pub(super) static ROWS: &[Row] = &[
    makes(
        &[
            "POST v3/payscore/serviceorder",
            "POST v3/payscore/serviceorder/direct-complete",
            "POST v3/payscore/servicepayondeliveryorder",
        ],
        "out_order_no",
        &SERVICE,
    ),
    changes(
        &["POST v3/payscore/serviceorder/{out_order_no}/complete"],
        "out_order_no",
        &SERVICE,
        COMPLETED,
        NOT_COMPLETED,
    ),
    changes(
        &["POST v3/payscore/serviceorder/{out_order_no}/cancel"],
        "out_order_no",
        &SERVICE,
        &["REVOKED"],
        NOT_REVOKED,
    ),
    makes(
        &[
            "POST v3/payscore/partner/serviceorder",
            "POST v3/payscore/partner/serviceorder/direct-complete",
            "POST v3/payscore/partner/servicepayondeliveryorder",
        ],
        "out_order_no",
        &PARTNER_SERVICE,
    ),
    changes(
        &["POST v3/payscore/partner/serviceorder/{out_order_no}/complete"],
        "out_order_no",
        &PARTNER_SERVICE,
        COMPLETED,
        NOT_COMPLETED,
    ),
    changes(
        &["POST v3/payscore/partner/serviceorder/{out_order_no}/cancel"],
        "out_order_no",
        &PARTNER_SERVICE,
        &["REVOKED"],
        NOT_REVOKED,
    ),
    makes(
        &["POST v3/payscore/acquiringbank/serviceorder", "POST v3/payscore/acquiringbank/servicepayondeliveryorder"],
        "out_order_no",
        &BANK_SERVICE,
    ),
    changes(
        &["POST v3/payscore/acquiringbank/serviceorder/{out_order_no}/complete"],
        "out_order_no",
        &BANK_SERVICE,
        COMPLETED,
        NOT_COMPLETED,
    ),
    changes(
        &["POST v3/payscore/acquiringbank/serviceorder/{out_order_no}/cancel"],
        "out_order_no",
        &BANK_SERVICE,
        &["REVOKED"],
        NOT_REVOKED,
    ),
    makes(&["POST v3/payscore/oversea/partner/serviceorder"], "out_order_no", &OVERSEA_SERVICE),
    changes(
        &["POST v3/payscore/oversea/partner/serviceorder/{out_order_no}/complete"],
        "out_order_no",
        &OVERSEA_SERVICE,
        COMPLETED,
        NOT_COMPLETED,
    ),
    changes(
        &["POST v3/payscore/oversea/partner/serviceorder/{out_order_no}/cancel"],
        "out_order_no",
        &OVERSEA_SERVICE,
        &["REVOKED"],
        NOT_REVOKED,
    ),
    makes(&["POST v3/payscore/payafter-orders"], "out_order_no", &PAY_AFTER),
    changes(
        &["POST v3/payscore/payafter-orders/{out_order_no}/complete"],
        "out_order_no",
        &PAY_AFTER,
        OLD_COMPLETED,
        OLD_NOT_COMPLETED,
    ),
    changes(
        &["POST v3/payscore/payafter-orders/{out_order_no}/cancel"],
        "out_order_no",
        &PAY_AFTER,
        &["REVOKED"],
        OLD_NOT_REVOKED,
    ),
    makes(&["POST v3/payscore/smartretail-orders"], "out_order_no", &RETAIL),
    changes(
        &["POST v3/payscore/smartretail-orders/{out_order_no}/complete"],
        "out_order_no",
        &RETAIL,
        OLD_COMPLETED,
        OLD_NOT_COMPLETED,
    ),
    changes(
        &["POST v3/payscore/smartretail-orders/{out_order_no}/cancel"],
        "out_order_no",
        &RETAIL,
        &["REVOKED"],
        OLD_NOT_REVOKED,
    ),
    makes(&["POST v3/discount-card/cards"], "out_card_code", &CARD),
];
