//! Every operation of the catalog, through the client's public API against the sandbox: as documented, it is answered as
//! documented; with anything missing or wrong, it is refused by name. What is sent and what is expected is made from the catalog
//! alone, by nothing of the sandbox.

mod answers;
mod documented;
mod refusals;
mod report;
mod sides;
mod state;

use support::filling::{Extent, Filler};
use wechatpay::Value;
use wechatpay_catalog::{Finding, Operation, Place, Problem, Severity};

use report::Report;

const EXTENTS: [Extent; 3] = [Extent::Required, Extent::Sensitive, Extent::Whole];

#[test]
fn what_is_filled_in_is_as_documented_and_each_removal_is_missed() {
    let report = Report::of_each(|operation, report| {
        for extent in EXTENTS {
            let filled = Filler { mchid: "1900000109", text: "T0", extent }.fill(operation);
            // The client encrypts nothing of APIv2.
            let sealed = format!("{}==", "A".repeat(342));
            let call = if operation.is_apiv2() { filled.with_sensitive(|_| sealed.clone()) } else { filled };
            let mut options = call.options();
            options["encrypt"] = "auto".into();
            if let Some(host) = operation.hosts().iter().next() {
                options["base_uri"] = host.into();
            }
            let findings = operation.check(&options).into_iter().filter(|finding| finding.severity() > Severity::Note);
            findings.for_each(|finding| report.problem(operation, finding));
            let spots = call.spots();
            report.add("parameters", spots.len());
            if extent != Extent::Required {
                continue;
            }
            for spot in spots.iter().filter(|spot| spot.field.is_required()) {
                let without = call.with(spot, Value::Null).options();
                let pointer =
                    if spot.place == Place::Path { spot.pointer.trim_start_matches("/path") } else { &spot.pointer };
                let missed = operation.check(&without);
                let is_it = |finding: &Finding| finding.problem() == Problem::Missing && finding.pointer() == pointer;
                if !missed.iter().any(is_it) {
                    report.problem(operation, format_args!("{pointer} is not missed: {missed:?}"));
                }
                report.count("removals");
            }
        }
    });
    report.end(&[("operations", 1_154), ("parameters", 21_300), ("removals", 4_900)]);
}

/// Operations that cannot be called like all others, each with its reason.
const EXCEPTIONS: [(&str, &str, &str); 2] = [
    (
        "POST",
        "v2/secapi/mch/uploadmedia",
        "a form of APIv2, which the client does not send, and the PHP SDK signs none",
    ),
    ("POST", "v2/applyment/micro/signcontract", "no parameter is documented, not even who calls"),
];

fn exception(operation: Operation) -> Option<&'static str> {
    let is =
        |(method, template, _): &&(&str, &str, _)| *method == operation.method() && *template == operation.template();
    EXCEPTIONS.iter().find(is).map(|(.., reason)| *reason)
}
