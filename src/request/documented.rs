//! The sensitive fields that the platform documents, by method and path.
//!
//! They are in `data/documented.txt`, one operation a line: its method, the template of its path, the pointers of the fields of
//! the request and, behind `=`, those of the answer. `data/documented.txt.gz` is what becomes part of the library, as it is much
//! smaller. Both are written by
//!
//! ```text
//! WRITE_DOCUMENTED=1 cargo test --test keys the_table_is_that_of_the_facts
//! ```
//!
//! from the facts of an OpenAPI description of the platform: <https://github.com/TheNorthMemory/wechatpay-openapi> (MIT
//! licence, © James ZHANG), snapshot 4d6325b of 2026-08-21. Without the variable, the same test compares them.

use std::collections::BTreeMap;
use std::io::Read;
use std::str::Split;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::read::GzDecoder;
use log::{Level, log_enabled, warn};

use crate::request::sensitive::Pointer;

/// What the platform documents of an operation: which of its fields are encrypted.
pub(crate) struct Documented {
    method: &'static str,
    template: &'static str,
    /// Of the request, each beginning with the option that it is in.
    pub(super) request: Vec<Pointer>,
    /// Of the answer.
    pub(crate) answer: Vec<&'static str>,
    /// Whether the log has been told that one of them was sent in plain text.
    is_told: AtomicBool,
}

/// The operation that is called with this method (case does not matter) and path; `None` if it is not known to have sensitive
/// fields.
pub(crate) fn find(method: &str, path: &str) -> Option<&'static Documented> {
    OPERATIONS.find(method, segments(path.split(['?', '#']).next().unwrap_or_default()))
}

/// The segments of a path or a template. Those before `v3` do not count, as they may be in the `base_uri` instead, and neither
/// does a slash at the end.
fn segments(path: &str) -> Split<'_, char> {
    let start = if path.starts_with("v3/") { None } else { path.find("/v3/") };
    path.get(start.unwrap_or_default()..).unwrap_or_default().trim_matches('/').split('/')
}

impl Documented {
    /// Whether the log would still be told of a field in plain text: that is said once for each operation.
    pub(crate) fn is_watched(&self) -> bool {
        !self.is_told.load(Ordering::Relaxed) && log_enabled!(Level::Warn)
    }

    /// Tells the log that the field at this place is sent in plain text.
    pub(crate) fn tell(&self, place: &str) {
        if !self.is_told.swap(true, Ordering::Relaxed) {
            let advice = if place.starts_with("/xml") {
                "`Rsa::encrypt` encrypts it, with the key that the platform's page about this operation names"
            } else {
                "`encrypt: \"auto\"` encrypts it, unless the call has a header Wechatpay-Serial of its own"
            };
            warn!(
                "{} {}: {place:?} is sent in plain text, but the platform documents it as encrypted; {advice}. This is said \
                 once for each operation.",
                self.method, self.template
            );
        }
    }

    /// Reads a line of the table.
    fn parse(line: &'static str) -> Option<Documented> {
        let (request, answer) = line.split_once(" =").unwrap_or((line, ""));
        let mut words = request.split_whitespace();
        let (method, template) = (words.next()?, words.next()?);
        let (request, answer) = (words.map(Pointer::documented).collect(), answer.split_whitespace().collect());
        Some(Documented { method, template, request, answer, is_told: AtomicBool::new(false) })
    }
}

/// The operations whose paths begin alike.
#[derive(Default)]
struct Operations {
    /// Those whose path ends here.
    here: Vec<Documented>,
    /// By their next segment.
    literal: BTreeMap<&'static str, Operations>,
    /// Those whose next segment is a variable.
    variable: Option<Box<Operations>>,
}

static OPERATIONS: LazyLock<Operations> = LazyLock::new(|| {
    let mut table = String::new();
    // It is part of the program; a test reads it.
    let _ = GzDecoder::new(&include_bytes!("../../data/documented.txt.gz")[..]).read_to_string(&mut table);
    let mut operations = Operations::default();
    for operation in table.leak().lines().filter_map(Documented::parse) {
        operations.at(operation.template).here.push(operation);
    }
    operations
});

impl Operations {
    /// The place of a template.
    fn at(&mut self, template: &'static str) -> &mut Operations {
        segments(template).fold(self, |place, segment| {
            if segment.starts_with('{') {
                place.variable.get_or_insert_default()
            } else {
                place.literal.entry(segment).or_default()
            }
        })
    }

    /// A literal segment wins over a variable.
    fn find(&self, method: &str, mut path: Split<'_, char>) -> Option<&Documented> {
        let Some(segment) = path.next() else {
            return self.here.iter().find(|operation| operation.method.eq_ignore_ascii_case(method));
        };
        let literal = self.literal.get(segment).and_then(|operations| operations.find(method, path.clone()));
        literal.or_else(|| self.variable.as_ref()?.find(method, path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(method: &str, path: &str) -> Option<&'static str> {
        find(method, path).map(|operation| operation.template)
    }

    #[test]
    fn an_operation_is_found_by_its_path_with_values() {
        let cards = "v3/brand/partner/card-member/user-cards";
        for (method, path, found) in [
            ("POST", "v3/pay/transactions/native", "v3/pay/transactions/native"),
            ("post", "/v3/pay/transactions/native?a=/b", "v3/pay/transactions/native"),
            ("POST", "v3/applyment4sub/applyment/", "v3/applyment4sub/applyment/"),
            ("POST", "hk/v3/merchants", "hk/v3/merchants"),
            ("POST", "v3/merchants", "hk/v3/merchants"),
            ("POST", "/proxy/v3/security/echo", "v3/security/echo"),
            ("POST", "v3/applyment4sub/applyment", "v3/applyment4sub/applyment/"),
            ("POST", "v3/multiuse/users/o%2F1/coupons", "v3/multiuse/users/{openid}/coupons"),
            ("POST", "v3/multiuse/users/{+openid}/coupons", "v3/multiuse/users/{openid}/coupons"),
            ("POST", "v3/multiuse/users//coupons", "v3/multiuse/users/{openid}/coupons"),
            ("GET", &format!("{cards}/1"), &format!("{cards}/{{user_card_code}}")),
            ("POST", &format!("{cards}/import-by-phone"), &format!("{cards}/import-by-phone")),
            ("POST", &format!("{cards}/import-by-phone/confirm"), &format!("{cards}/{{user_card_code}}/confirm")),
        ] {
            assert_eq!(template(method, path), Some(found), "{method} {path}");
        }
    }

    #[test]
    fn others_are_not_found() {
        for (method, path) in [
            ("GET", "v3/pay/transactions/native"),
            ("POST", "v3/pay/transactions"),
            ("POST", "v3/pay/transactions/native/x"),
            ("POST", "v3/brand/partner/card-member/user-cards/1"),
            ("POST", "v3/certificates"),
            ("POST", ""),
            ("", ""),
        ] {
            assert_eq!(template(method, path), None, "{method} {path}");
        }
    }
}
