//! What `debug: true` prints to standard error.

use std::io::{self, Write};

use crate::http::{HeaderMap, Request, Response};

use crate::redact;
use crate::request::payload::Payload;

/// Prints the request as it is sent, without signatures and ciphertexts.
pub(crate) fn print_request<B>(request: &Request<B>, payload: &Payload) {
    let uri = request.uri();
    let query = uri.query().map(|query| format!("?{}", redact::line(query))).unwrap_or_default();
    let mut lines = format!("> {} {}{query}\n", request.method(), uri.path());
    lines += &format!("> host: {}\n", uri.authority().map_or("", |authority| authority.as_str()));
    push_headers(&mut lines, ">", request.headers());
    push_body(&mut lines, ">", payload.signed());
    print(&lines);
}

/// Prints status and headers of the answer.
pub(crate) fn print_head<B>(response: &Response<B>) {
    let mut lines = format!("< {}\n", response.status());
    push_headers(&mut lines, "<", response.headers());
    print(&lines);
}

/// Prints the body of the answer, if it was read into memory.
pub(crate) fn print_body(body: &[u8]) {
    let mut lines = String::new();
    push_body(&mut lines, "<", body);
    print(&lines);
}

fn push_headers(lines: &mut String, mark: &str, headers: &HeaderMap) {
    for (name, value) in redact::Headers(headers).iter() {
        *lines += &format!("{mark} {name}: {value}\n");
    }
}

fn push_body(lines: &mut String, mark: &str, body: &[u8]) {
    match std::str::from_utf8(body) {
        Ok("") => {}
        Ok(text) => *lines += &format!("{mark}\n{mark} {}\n", redact::lines(text)),
        Err(_) => *lines += &format!("{mark}\n{mark} ({} bytes)\n", body.len()),
    }
}

/// In one write, so that lines of calls on other threads do not get in between.
fn print(lines: &str) {
    // A closed standard error is no reason to fail a payment.
    let _ = io::stderr().lock().write_all(lines.as_bytes());
}
