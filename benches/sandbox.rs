//! How many calls the sandbox answers in a second of one core, over all operations of APIv3 that the catalog has:
//!
//! ```text
//! cargo bench --bench sandbox
//! ```
//!
//! The requests are made and signed beforehand and sent over connections that are kept. What counts is the CPU time of the
//! sandbox's threads: that of the process without that of the threads that send. Neighbours on the machine lengthen the time on
//! the wall, and this hardly.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustix::time::{ClockId, clock_gettime};
use support::bare::{Answer, Bare};
use support::filling::{Call, Extent, Filler};
use wechatpay::{Rsa, Value};
use wechatpay_catalog::{Operation, Place, catalog};
use wechatpay_sandbox::Sandbox;

/// Calls of a group, however few its operations are.
const CALLS: usize = 4_000;

/// The connections over which they go.
const CONNECTIONS: usize = 4;

type Group = (&'static str, fn(&Operation) -> bool);

const GROUPS: [Group; 4] = [
    ("all operations of APIv3 but uploads", |_| true),
    ("nothing encrypted", |operation| operation.sensitive().is_empty() && operation.sensitive_answer().is_empty()),
    ("encrypted in the request", |operation| !operation.sensitive().is_empty()),
    ("encrypted in the answer", |operation| !operation.sensitive_answer().is_empty()),
];

fn main() -> anyhow::Result<()> {
    rsa()?;
    println!(
        "{:<36} {:>10} {:>8} {:>10} {:>10} {:>16}",
        "", "operations", "2xx", "calls/s", "µs CPU", "calls/s and core"
    );
    for (name, belongs) in GROUPS {
        measure(name, belongs)?;
    }
    Ok(())
}

/// What every answer costs: one signature and one verification.
fn rsa() -> anyhow::Result<()> {
    let sandbox = Sandbox::start()?;
    let key = Rsa::from(sandbox.merchant_certificate_pem(), Rsa::KEY_TYPE_PUBLIC)?;
    let began = cpu(ClockId::ThreadCPUTime);
    for _ in 0..1_000 {
        let signature = Rsa::sign("message", sandbox.merchant_private_key())?;
        anyhow::ensure!(Rsa::verify("message", &signature, &key));
    }
    let each = (cpu(ClockId::ThreadCPUTime) - began) / 1_000;
    println!("RSA alone, one signature and one verification: {} µs CPU", each.as_micros());
    Ok(())
}

fn measure(name: &str, belongs: fn(&Operation) -> bool) -> anyhow::Result<()> {
    let is_sent = |operation: &Operation| !operation.is_apiv2() && operation.parameters(Place::Multipart).is_empty();
    let operations: Vec<Operation> = catalog().operations().filter(is_sent).filter(belongs).collect();
    let sandbox = Sandbox::builder().keep_requests(1).start()?;
    let shares: Vec<Vec<Vec<u8>>> = thread::scope(|scope| {
        let share = |at: usize| {
            let (sandbox, operations) = (&sandbox, &operations);
            scope.spawn(move || {
                (at..CALLS)
                    .step_by(CONNECTIONS)
                    .map(|at| request(sandbox, operations[at % operations.len()], at))
                    .collect()
            })
        };
        let signing: Vec<_> = (0..CONNECTIONS).map(share).collect();
        signing.into_iter().map(|thread| thread.join().expect("requests can be signed")).collect()
    });
    let (before, began) = (cpu(ClockId::ProcessCPUTime), Instant::now());
    let sent = thread::scope(|scope| {
        let senders: Vec<_> = shares.iter().map(|requests| scope.spawn(|| send(&sandbox, requests))).collect();
        senders
            .into_iter()
            .map(|thread| thread.join().expect("a sender does not panic"))
            .collect::<anyhow::Result<Vec<_>>>()
    })?;
    let (whole, time) = (cpu(ClockId::ProcessCPUTime) - before, began.elapsed());
    let successes: usize = sent.iter().map(|(successes, _)| successes).sum();
    let own = whole - sent.iter().map(|(_, cpu)| *cpu).sum::<Duration>();
    let each = own.as_secs_f64() / CALLS as f64;
    println!(
        "{name:<36} {:>10} {:>7}% {:>10.0} {:>10.0} {:>16.0}",
        operations.len(),
        successes * 100 / CALLS,
        CALLS as f64 / time.as_secs_f64(),
        each * 1e6,
        1.0 / each,
    );
    Ok(())
}

/// The bytes of a call, signed.
fn request(sandbox: &Sandbox, operation: Operation, number: usize) -> Vec<u8> {
    let text = format!("T{number:07}");
    let call = Filler { mchid: sandbox.mchid(), text: &text, extent: Extent::Sensitive }.fill(operation);
    let key = Rsa::from(sandbox.platform_public_key_pem(), Rsa::KEY_TYPE_PUBLIC).expect("it is a key");
    let call = call.with_sensitive(|text| Rsa::encrypt(text, &key).expect("it is short"));
    let (target, options) = (target(&call), call.options());
    let body = if options["json"].is_null() { String::new() } else { options["json"].to_string() };
    let mut request = Bare::signed(sandbox, operation.method(), &target, body.as_str(), body.as_bytes())
        .with("Content-Type", "application/json")
        .with("Wechatpay-Serial", sandbox.platform_serial());
    for (name, value) in options["headers"].as_object().into_iter().flatten() {
        request = request.with(name, value.as_str().unwrap_or_default());
    }
    [request.kept_head(body.len()), body.into_bytes()].concat()
}

fn target(call: &Call) -> String {
    let encoded = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()
    };
    let options = call.options();
    let segments = call.operation.template().split('/').map(|segment| {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        name.map_or_else(|| segment.to_owned(), |name| encoded(&options[name]))
    });
    let path = format!("/{}", segments.collect::<Vec<_>>().join("/"));
    let pairs = options["query"].as_object().into_iter().flatten().flat_map(|(name, value)| {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        values.iter().map(move |value| format!("{name}={}", encoded(value)))
    });
    let query = pairs.collect::<Vec<_>>().join("&");
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// Sends one after the other; says how many have succeeded, and what it cost this thread.
fn send(sandbox: &Sandbox, requests: &[Vec<u8>]) -> anyhow::Result<(usize, Duration)> {
    let address = sandbox.base_uri().trim_start_matches("http://").trim_end_matches('/');
    let mut connection = BufReader::new(TcpStream::connect(address)?);
    connection.get_ref().set_nodelay(true)?;
    let mut successes = 0;
    for request in requests {
        connection.get_mut().write_all(request).context("the connection is kept")?;
        let answer = Answer::read_head(&mut connection);
        connection.read_exact(&mut vec![0; answer.length()])?;
        successes += usize::from((200..300).contains(&answer.status));
    }
    Ok((successes, cpu(ClockId::ThreadCPUTime)))
}

fn cpu(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
