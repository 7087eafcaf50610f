//! What is answered.

use support::filling::Extent;
use wechatpay::{Error, Response, Value};
use wechatpay_catalog::{Answer, Operation};

use crate::documented::{Comparison, Demand};
use crate::report::Report;
use crate::sides::{Sides, start};
use crate::state::stateful;
use crate::{EXTENTS, exception};

#[test]
fn every_operation_is_answered_as_documented() {
    let sides = Sides::new();
    let report = Report::of_each(|operation, report| {
        if exception(operation).is_some() {
            return;
        }
        let stateful = stateful(operation);
        for extent in EXTENTS {
            // Of what is documented, an order or a refund takes only what fits together.
            if stateful.is_some() && extent == Extent::Whole {
                continue;
            }
            if extent == Extent::Sensitive && operation.sensitive().is_empty() {
                continue;
            }
            let mut call = sides.fill(operation, extent);
            let demand = stateful.map_or(Demand::Exact, |row| {
                (row.before)(&sides, &mut call);
                row.demand
            });
            match sides.send_encrypted(&call) {
                Ok(response) => compare(operation, demand, &response, report),
                Err(error) => report.problem(operation, failed(&error)),
            }
            report.count("answers");
            if extent == Extent::Sensitive {
                report.count("with all that is sensitive encrypted");
            }
        }
    });
    report.end(&[
        ("operations", 1_154),
        ("answers", 2_387),
        ("fields of answers", 41_000),
        ("decrypted", 190),
        ("with all that is sensitive encrypted", 118),
    ]);
}

const RENAMED: &str = "the page lists other fields than those that are answered";

const AFTER_FAILURE: &str = "required, though it is there after a failure alone";

/// Where the facts, or the pages, are not what the platform answers: the template, where a difference begins, and why.
const SLIPS: [(&str, &str, &str); 13] = [
    ("v3/pay/transactions/id/{transaction_id}", "/amount/payer_", RENAMED),
    ("v3/pay/transactions/id/{transaction_id}", "/payer ", RENAMED),
    ("v3/pay/transactions/id/{transaction_id}", "/description ", RENAMED),
    ("v3/pay/transactions/id/{transaction_id}", "/notify_url ", RENAMED),
    ("v3/pay/transactions/out-trade-no/{out_trade_no}", "/amount/currency ", RENAMED),
    ("v3/pay/transactions/out-trade-no/{out_trade_no}", "/amount/total ", RENAMED),
    ("v3/pay/transactions/out-trade-no/{out_trade_no}", "/description ", RENAMED),
    ("v3/pay/transactions/out-trade-no/{out_trade_no}", "/notify_url ", RENAMED),
    (
        "v3/profitsharing/orders/{out_order_no}",
        "/receivers/0/result ",
        "the page lists the reasons of failures as results",
    ),
    ("v3/profitsharing/orders/{out_order_no}", "/state ", "the page lists the results of receivers as states"),
    ("v3/profitsharing/orders/unfreeze", "/receivers/0/fail_reason ", AFTER_FAILURE),
    ("v2/pay/refundquery", "/err_code", AFTER_FAILURE),
    ("v2/billcommentsp/batchquerycomment", "/result_code ", "the page documents failures alone"),
];

fn is_slip(operation: Operation, difference: &str) -> bool {
    SLIPS.iter().any(|(template, beginning, _)| *template == operation.template() && difference.starts_with(beginning))
}

fn failed_text(response: &Response) -> String {
    format!("refused: {} {}", response.status(), start(&response.text()))
}

fn failed(error: &Error) -> String {
    match error.response() {
        Some(response) => failed_text(response),
        None => format!("failed: {error}"),
    }
}

/// Compares an answer with what is documented, at all depths.
fn compare(operation: Operation, demand: Demand, response: &Response, report: &Report) {
    let status = response.status().as_u16();
    let problem = match operation.answer() {
        _ if demand == Demand::File => status != 200 || response.body().is_empty() || response.xml().is_ok(),
        Answer::Fields(fields) => {
            let mut comparison = Comparison::new(demand, operation.is_apiv2());
            let parsed = if operation.is_apiv2() { response.xml() } else { response.json() };
            match parsed {
                Ok(value) => comparison.object(fields, &value, ""),
                Err(error) => comparison.differences.push(error.to_string()),
            }
            for difference in comparison.differences.into_iter().filter(|difference| !is_slip(operation, difference)) {
                report.problem(operation, difference);
            }
            if operation.is_apiv2() && response.text().contains("FAIL") {
                report.problem(operation, failed_text(response));
            }
            report.add("fields of answers", comparison.fields);
            decrypt(operation, response, report);
            status != 200
        }
        // A download, whose page names no type.
        Answer::Empty if operation.method() == "GET" && status == 200 => response.body().is_empty(),
        Answer::Empty => status != 204 || !response.body().is_empty(),
        Answer::File => status != 200 || response.body().is_empty(),
        _ => false,
    };
    if problem {
        report.problem(operation, format!("answered {status} {}", start(&response.text())));
    }
}

/// Decrypts the sensitive fields of an answer by `decrypt("auto")`: each was a ciphertext, and is none any more.
fn decrypt(operation: Operation, response: &Response, report: &Report) {
    let pointers = operation.sensitive_answer();
    if pointers.is_empty() || operation.is_apiv2() {
        return;
    }
    let (sealed, opened) = match (response.json(), response.decrypt("auto")) {
        (Ok(sealed), Ok(opened)) => (sealed, opened),
        (_, Err(error)) | (Err(error), _) => return report.problem(operation, format!("decrypt: {error}")),
    };
    for pointer in &pointers {
        for (sealed, opened) in matches(&sealed, pointer).into_iter().zip(matches(&opened, pointer)) {
            let [sealed, opened] = [sealed, opened].map(|value| value.as_str().unwrap_or_default());
            if sealed.len() != 344 || opened.is_empty() || opened.len() > 128 {
                report.problem(operation, format!("{pointer} is {sealed:?}, decrypted {opened:?}"));
            }
            report.count("decrypted");
        }
    }
}

/// The values that a pointer with `*` matches.
fn matches<'a>(value: &'a Value, pointer: &str) -> Vec<&'a Value> {
    pointer.split('/').skip(1).fold(vec![value], |values, name| {
        values
            .into_iter()
            .flat_map(|value| match value {
                Value::Array(list) if name == "*" => list.iter().collect(),
                value => Vec::from_iter(value.get(name)),
            })
            .collect()
    })
}
