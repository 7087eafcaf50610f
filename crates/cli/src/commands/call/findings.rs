//! What the documents say against a call, before it is sent.

use wechatpay_catalog::{Finding, Place, Problem, Severity, catalog};

use super::request::Request;
use crate::failure::{Failure, Result};
use crate::output::Output;

/// Shows what is not as documented; if it is strict, that is the end.
pub fn show(request: &Request, is_strict: bool, output: &Output) -> Result<()> {
    let mut refused = 0_usize;
    match request.operation {
        Some(operation) => {
            // That no variable lacks a value is known; one may have it under another name.
            let is_variable =
                |finding: &Finding| finding.place() == Some(Place::Path) && finding.problem() == Problem::Missing;
            let findings = operation.check(&request.described());
            for finding in findings.iter().filter(|finding| !is_variable(finding)) {
                let line = finding.to_string();
                let prefix = format!("{}: ", finding.severity().name());
                let line = line.strip_prefix(&prefix).unwrap_or(&line);
                if finding.severity() == Severity::Note {
                    output.note(line);
                    continue;
                }
                refused = refused.saturating_add(1);
                match finding.problem() {
                    Problem::PlainText => output.warn(format_args!("{line} (--encrypt auto)")),
                    _ => output.warn(line),
                }
            }
        }
        None => {
            refused = 1;
            output.warn(undocumented(request));
        }
    }
    if !is_strict || refused == 0 {
        return Ok(());
    }
    Err(Failure::usage("the call is not as documented, and --strict sends nothing then"))
}

/// The path is not documented: what is near it.
fn undocumented(request: &Request) -> String {
    let (method, template) = (request.method, &request.template);
    let others = catalog().operations_at(template);
    if !others.is_empty() {
        let methods: Vec<_> = others.iter().map(|operation| operation.method()).collect();
        return format!("{method} {template} is not documented, but {} is", methods.join(", "));
    }
    match catalog().nearest(method, template) {
        Some(near) => format!("{method} {template} is not documented; nearest: {near}"),
        None => format!("{method} {template} is not documented"),
    }
}
