//! What notifications are about: where they have the number and the state, which of two states says more, and which calls they
//! speak of.
//!
//! The platform sends a notification again until it is acknowledged, under the same event id; at times it sends the same matter
//! under another one, and those that were not acknowledged come late, after what has happened since. A row says how that is
//! recognised. It has to be certain, as what is taken for a repetition is not told to the program:
//!
//! * Only where a number and a state together happen once. A sharing of profit is notified once for each receiver, a service order
//!   of 支付分 may be paid in parts, and what a user has to pay back comes with the state of the order: there, each event is news.
//!   So is each event of which there is no row, such as complaints, contracts and coupons.
//! * The platform's own number, if both have one, must be the same, too: numbers of merchants are unique to a sub-merchant or
//!   a product only.
//! * A state that is not in the order is news, and so is another one of the same rank. A final state ranks above those that lead to
//!   it. Of a payment, `SUCCESS` is above a failure, as a user may try again under the same number; `REVOKED` and `CLOSED` are
//!   not below it, as a payment may be taken back.

use crate::operations::{self, Effect};
use crate::rules::Order;

/// One kind of matter.
#[derive(Debug)]
pub(crate) struct Matter {
    /// Its name in the database. Rows of one name are about the same numbers.
    pub(crate) name: &'static str,
    /// The events: of APIv3 as they are sent, of APIv2 by the names of the catalog.
    pub(crate) events: &'static [&'static str],
    /// The field with the merchant's number.
    pub(crate) number: &'static str,
    /// The field with the platform's own number, if there is one.
    pub(crate) reference: Option<&'static str>,
    /// The fields with the state, the second one refining the first. If there is none, the event is the state.
    pub(crate) states: &'static [&'static str],
    /// Which state says more. `None` where a number and a state may come more than once.
    pub(crate) order: Option<Order>,
    /// The questions about the calls that it speaks of. None where what is said is not signed.
    pub(crate) questions: &'static [&'static str],
}

/// `trade_state` of the pages about querying orders, such as v3/merchant/4013070356; of deductions, those of
/// v3/partner/4012159706, whose `FAIL` of APIv2 is its `result_code`.
const PAYMENT: Order = &[
    &["NOTPAY", "ACCEPT", "ACCEPTED"],
    &["USERPAYING", "PAYERROR", "PAY_FAIL", "FAIL"],
    &["SUCCESS", "CLOSED", "REVOKED"],
    &["REFUND"],
];

/// `refund_status` of v3/merchant/4012791865 and v2/merchant/4011935223: what is abnormal waits for a person, and is then paid out
/// or closed.
const REFUND: Order = &[&["PROCESSING"], &["ABNORMAL", "CHANGE"], &["SUCCESS", "CLOSED", "REFUNDCLOSE"]];

/// `state` of v3/merchant/4012712115.
const TRANSFER: Order = &[
    &["ACCEPTED"],
    &["PROCESSING", "WAIT_USER_CONFIRM"],
    &["TRANSFERING", "CANCELING"],
    &["SUCCESS", "FAIL", "CANCELLED"],
];

/// `batch_status` of v3/merchant/4012269028.
const BATCH: Order = &[&["WAIT_PAY", "ACCEPTED"], &["PROCESSING"], &["FINISHED", "CLOSED"]];

/// `recharge_state` of v3/partner/4012763652.
const RECHARGE: Order = &[&["RECHARGING"], &["SUCCESS", "CLOSED"]];

/// `status` of v3/partner/4013049135; the bank may send back what has succeeded.
const WITHDRAWAL: Order = &[&["INIT"], &["CREATE_SUCCESS"], &["SUCCESS", "FAIL", "CLOSE"], &["REFUND"]];

/// `state` of v3/partner/4015555114.
const BUDGET: Order = &[&["PENDING"], &["LOCKED"], &["FINISHED", "CLOSED"]];

/// `order_state` of v3/partner/4016790592.
const REPAYMENT: Order = &[
    &["DEDUCT_ORDER_STATE_PENDING", "DEDUCT_ORDER_STATE_NOT_PAY"],
    &["DEDUCT_ORDER_STATE_PAY_FAIL"],
    &["DEDUCT_ORDER_STATE_PAY_SUCCESS"],
];

/// `mix_pay_status` of v3/merchant/4016781554.
const MEDICAL: Order =
    &[&["UNKNOWN_MIX_PAY_STATUS", "MIX_PAY_CREATED"], &["MIX_PAY_FAIL"], &["MIX_PAY_SUCCESS"], &["MIX_PAY_REFUND"]];

/// The questions about orders of APIv2.
const ORDERS_OF_APIV2: &[&str] = &[
    "POST v2/pay/orderquery",
    "POST v2/pay/facepayquery",
    "POST v2/deposit/orderquery",
    "POST v2/transit/queryorder",
    "POST v2/transit/partnerpay/queryorder",
    "POST v2/pay/paporderquery",
    "POST v2/pay/partner/paporderquery",
];

/// The first row counts whose number and state a notification has.
pub(crate) static MATTERS: &[Matter] = &[
    Matter {
        name: "combined payment",
        events: &["TRANSACTION.SUCCESS"],
        number: "combine_out_trade_no",
        reference: Some("combine_transaction_id"),
        states: &["sub_orders.*.trade_state"],
        order: Some(PAYMENT),
        questions: &[
            "GET v3/combine-transactions/out-trade-no/{combine_out_trade_no}",
            "GET v3/ecommerce/combine-papay/transactions/{combine_out_trade_no}",
            "GET v3/repayment/combine-transactions/partner/out-trade-no/{combine_out_trade_no}",
        ],
    },
    Matter {
        name: "payment",
        events: &[
            "TRANSACTION.SUCCESS",
            "TRANSACTION.FAIL",
            "TRANSACTION.INDUSTRY_SUCCESS",
            "TRANSACTION.INDUSTRY_FAILED",
        ],
        number: "out_trade_no",
        reference: Some("transaction_id"),
        states: &["trade_state", "user_repaid"],
        order: Some(PAYMENT),
        questions: &[
            "GET v3/pay/transactions/out-trade-no/{out_trade_no}",
            "GET v3/pay/partner/transactions/out-trade-no/{out_trade_no}",
            "GET v3/global/transactions/out-trade-no/{out_trade_no}",
            "GET hk/v3/transactions/out-trade-no/{out_trade_no}",
            "GET v3/global/papay/transactions/out-trade-no/{out_trade_no}",
            "GET v3/edu-papay/transactions/out-trade-no/{out_trade_no}",
            "GET v3/eduschoolpay/transactions/out-trade-no/{out_trade_no}",
            "GET v3/ebike/charge/transactions/out-trade-no/{out_trade_no}",
            "GET v3/vehicle/etc/transactions/out-trade-no/{out_trade_no}",
            "GET v3/vehicle/transactions/out-trade-no/{out_trade_no}",
            "GET v3/qrcode/transactions/out-trade-no/{out_trade_no}",
        ],
    },
    Matter {
        name: "refund",
        events: &["REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"],
        number: "out_refund_no",
        reference: Some("refund_id"),
        states: &["refund_status"],
        order: Some(REFUND),
        questions: &[
            "GET v3/refund/domestic/refunds/{out_refund_no}",
            "GET v3/ecommerce/refunds/out-refund-no/{out_refund_no}",
            "GET v3/global/refunds/out-refund-no/{out_refund_no}",
            "GET hk/v3/refunds/out-refund-no/{out_refund_no}",
        ],
    },
    Matter {
        name: "transfer",
        events: &["MCHTRANSFER.BILL.FINISHED"],
        number: "out_bill_no",
        reference: Some("transfer_bill_no"),
        states: &["state"],
        order: Some(TRANSFER),
        questions: &[
            "GET v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}",
            "GET v3/fund-app/mch-transfer/partner/transfer-bills/out-bill-no/{out_bill_no}",
            "GET v3/ecommerce/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}",
        ],
    },
    Matter {
        name: "transfer to QQ",
        events: &["MCHTRANSFER.QQWALLETBILL.FINISHED"],
        number: "out_bill_no",
        reference: Some("transfer_bill_no"),
        states: &["state"],
        order: Some(TRANSFER),
        questions: &["GET v3/fund-app/mch-transfer/transfer-to-qq-wallet-bills/{out_bill_no}"],
    },
    Matter {
        name: "transfer batch",
        events: &["MCHTRANSFER.BATCH.FINISHED", "MCHTRANSFER.BATCH.CLOSED"],
        number: "out_batch_no",
        reference: Some("batch_id"),
        states: &["batch_status"],
        order: Some(BATCH),
        questions: &[
            "GET v3/transfer/batches/out-batch-no/{out_batch_no}",
            "GET v3/partner-transfer/batches/out-batch-no/{out_batch_no}",
        ],
    },
    Matter {
        name: "recharge",
        events: &["RECHARGE.SUCCESS", "RECHARGE.CLOSED"],
        number: "out_recharge_no",
        reference: Some("recharge_id"),
        states: &["recharge_state"],
        order: Some(RECHARGE),
        questions: &[
            "GET v3/platsolution/ecommerce/recharges/out-recharge-no/{out_recharge_no}",
            "GET v3/platsolution/ecommerce/bank-transfer-recharges/out-recharge-no/{out_recharge_no}",
            "GET v3/recharge/bank-transfer-recharges/out-recharge-no/{out_recharge_no}",
        ],
    },
    Matter {
        name: "withdrawal",
        events: &["MCHWITHDRAW.CHANGE"],
        number: "out_request_no",
        reference: Some("withdraw_id"),
        states: &["status"],
        order: Some(WITHDRAWAL),
        questions: &[
            "GET v3/merchant/fund/withdraw/out-request-no/{out_request_no}",
            "GET v3/ecommerce/fund/withdraw/out-request-no/{out_request_no}",
        ],
    },
    Matter {
        name: "charity budget",
        events: &["BUDGET.LOCKED", "BUDGET.FINISHED", "BUDGET.CLOSED"],
        number: "out_budget_no",
        reference: Some("budget_id"),
        states: &["state"],
        order: Some(BUDGET),
        questions: &["GET v3/fund-app/mch-transfer/partner/charity-budget/{out_budget_no}"],
    },
    Matter {
        name: "credit repayment",
        events: &["CREDIT_REPAYMENT.DEDUCTION_PAY"],
        number: "out_trade_no",
        reference: Some("transaction_id"),
        states: &["order_state"],
        order: Some(REPAYMENT),
        questions: &["GET v3/credit-repayment/partner/deduct-orders/{out_trade_no}"],
    },
    Matter {
        name: "medical payment",
        events: &["MEDICAL_INSURANCE.SUCCESS"],
        number: "out_trade_no",
        reference: Some("mix_trade_no"),
        states: &["mix_pay_status"],
        order: Some(MEDICAL),
        questions: &["GET v3/med-ins/orders/out-trade-no/{out_trade_no}"],
    },
    Matter {
        name: "service order",
        events: &["PAYSCORE.USER_CONFIRM", "PAYSCORE.USER_PAID"],
        number: "out_order_no",
        reference: Some("order_id"),
        states: &["state", "state_description"],
        order: None,
        questions: &[
            "GET v3/payscore/serviceorder",
            "GET v3/payscore/partner/serviceorder",
            "GET v3/payscore/acquiringbank/serviceorder",
            "GET v3/payscore/oversea/partner/serviceorder",
        ],
    },
    Matter {
        name: "profit sharing",
        // That of partners has the event of payments, at times.
        events: &["PROFITSHARING.SUCCESS", "TRANSACTION.SUCCESS"],
        number: "out_order_no",
        reference: Some("order_id"),
        states: &[],
        order: None,
        questions: &[
            "GET v3/profitsharing/orders/{out_order_no}",
            "GET v3/ecommerce/profitsharing/orders",
            "GET v3/brand/profitsharing/orders",
            "GET v3/global/profit-sharing/orders/{out_order_no}",
        ],
    },
    Matter {
        name: "abnormal fund",
        events: &["ABNORMAL_FUND_PROCESSING.TRANSFER.SUCCESS"],
        number: "instruction.out_instruction_no",
        reference: Some("instruction.instruction_instance_id"),
        states: &[],
        order: None,
        questions: &[
            "GET v3/abnormal-fund-processing/receipts/{receipt_id}/transfer-instructions/{out_instruction_no}",
        ],
    },
    Matter {
        name: "combined payment",
        events: &["combined-transactions-success"],
        number: "combine_out_trade_no",
        reference: None,
        states: &["result_code"],
        order: Some(PAYMENT),
        questions: &["POST v2/pay/querycombinedorder"],
    },
    Matter {
        name: "payment",
        events: &["transaction-success"],
        number: "out_trade_no",
        reference: Some("transaction_id"),
        states: &["trade_state", "user_repaid"],
        order: Some(PAYMENT),
        questions: ORDERS_OF_APIV2,
    },
    Matter {
        name: "payment",
        events: &["transaction-success"],
        number: "out_trade_no",
        reference: Some("transaction_id"),
        states: &["result_code"],
        order: Some(PAYMENT),
        questions: ORDERS_OF_APIV2,
    },
    Matter {
        name: "refund",
        events: &["refund-processed"],
        number: "out_refund_no",
        reference: Some("refund_id"),
        states: &["refund_status"],
        order: Some(REFUND),
        // It is encrypted, but not signed: whether it is so has to be asked.
        questions: &[],
    },
];

impl Matter {
    /// What a call to this operation has done to what the matter is about; `None` if it is about something else.
    pub(crate) fn effect(&self, method: &str, template: &str) -> Option<Effect> {
        let (question, effect) = operations::find(method, template)?.question()?;
        self.questions.contains(&question.operation).then_some(effect)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use wechatpay_catalog::{Fields, Notification, catalog};

    use super::*;

    fn documented(event: &str) -> Notification {
        let mut all = catalog().notifications();
        all.find(|notification| notification.event() == event).unwrap_or_else(|| panic!("{event} is not documented"))
    }

    /// What a notification says: what is encrypted, or else all.
    fn said(event: &str) -> Fields {
        let notification = documented(event);
        notification.resource().map_or(notification.body(), |(_, fields)| fields)
    }

    fn has(mut fields: Fields, path: &str) -> bool {
        path.split('.').filter(|name| *name != "*").all(|name| match fields.get(name) {
            Some(field) => {
                fields = field.fields();
                true
            }
            None => false,
        })
    }

    #[test]
    fn numbers_and_states_are_documented() {
        let mut missing = Vec::new();
        for matter in MATTERS {
            let events: Vec<_> = matter.events.iter().map(|event| (event, said(event))).collect();
            for field in matter.reference.iter().chain([&matter.number]).chain(matter.states) {
                if !events.iter().any(|(_, fields)| has(*fields, field)) {
                    missing.push(format!("{}: {field}", matter.name));
                }
            }
            for (event, fields) in events.iter().filter(|(_, fields)| !has(*fields, matter.number)) {
                assert_eq!((**event, fields.iter().count()), ("MCHWITHDRAW.CHANGE", 0), "{}", matter.name);
            }
        }
        // The facts do not have the content of withdrawals, and have the list of sub orders in another place.
        let expected = [
            "combined payment: sub_orders.*.trade_state",
            "withdrawal: withdraw_id",
            "withdrawal: out_request_no",
            "withdrawal: status",
        ];
        assert_eq!(missing, expected);
    }

    #[test]
    fn each_question_is_that_of_a_call() {
        let asked: BTreeSet<_> = operations::rows().map(|row| row.question.operation).collect();
        for matter in MATTERS {
            for question in matter.questions {
                assert!(asked.contains(question), "{question}");
            }
        }
    }

    #[test]
    fn what_is_final_says_more_than_what_leads_to_it() {
        for matter in MATTERS {
            let Some(order) = matter.order else { continue };
            let all: Vec<_> = order.iter().copied().flatten().collect();
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{}", matter.name);
            for row in operations::rows().filter(|row| matter.questions.contains(&row.question.operation)) {
                let ends: Vec<_> = row.question.succeeded.iter().chain(row.question.failed).collect();
                for end in ends {
                    assert!(all.contains(&end), "{}: {end} of {}", matter.name, row.question.operation);
                    assert!(!order[0].contains(end), "{}: {end} of {}", matter.name, row.question.operation);
                }
            }
        }
    }
}
