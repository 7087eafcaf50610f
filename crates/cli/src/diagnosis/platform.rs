//! The platform's signature of an answer or a notification.

use wechatpay::{Formatter, PrivateKey, PublicKey, Rsa};

use super::{CLOCK_TOLERANCE, bodies, check_length, duration};
use crate::dump::{Message, Start};
use crate::keys::{PUBLIC_KEY_ID, belong_together};
use crate::steps::Steps;

/// The headers that count.
const HEADERS: [&str; 4] = ["Wechatpay-Serial", "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature"];

/// The beginning of the signatures of the platform's probes.
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// Bytes of a signature in base64.
const SIGNATURE: usize = 344;

/// The signature of a message of the platform.
struct Signature<'a> {
    serial: &'a str,
    timestamp: &'a str,
    nonce: &'a str,
    value: &'a str,
}

impl Signature<'_> {
    fn holds(&self, body: &[u8], key: &PublicKey) -> bool {
        Rsa::verify(Formatter::response(self.timestamp, self.nonce, body), self.value, key)
    }
}

/// Whether a message has any of the headers of a signature. Requests have the first one, too.
pub fn is_signed(message: &Message) -> bool {
    HEADERS.iter().skip(1).any(|name| message.header(name).is_some())
}

/// Checks the signature of a message with the keys of the platform by their ids. `merchant` is the key that some take for one of
/// the platform.
pub fn check(message: &Message, keys: &[(String, PublicKey)], merchant: Option<&PrivateKey>, steps: &mut Steps) {
    let Some(signature) = signature(message, steps) else { return };
    if signature.value.starts_with(PROBE) {
        steps.wrong(
            format!("its signature begins with {PROBE}: it is a probe of the platform, wrong on purpose"),
            "nothing is broken: refuse it with 401, as any other invalid signature",
        );
        return;
    }
    check_clock(signature.timestamp, steps);
    check_length(message, steps);
    let Some((serial, key)) = keys.iter().find(|(id, _)| id.eq_ignore_ascii_case(signature.serial)) else {
        return unknown(&signature, message.body(), keys, steps);
    };
    steps.right(format!("the platform's key {serial} is known"));
    if signature.value.len() != SIGNATURE {
        steps.wrong(
            format!("Wechatpay-Signature has {} characters, not the {SIGNATURE} of a signature", signature.value.len()),
            "take the header as it came, whole and without a change",
        );
        return;
    }
    let Some(body) = &message.body else {
        steps.open("the body was not written down, so its signature cannot be checked");
        return;
    };
    if signature.holds(body, key) {
        steps.right(format!("the signature is that of the body of {} bytes, by this key", body.len()));
        return;
    }
    why_not(&signature, body, (serial, key), keys, merchant, steps);
}

/// Why the signature of a body does not hold with the key that it names.
fn why_not(
    signature: &Signature<'_>,
    body: &[u8],
    (serial, key): (&str, &PublicKey),
    keys: &[(String, PublicKey)],
    merchant: Option<&PrivateKey>,
    steps: &mut Steps,
) {
    if merchant.is_some_and(|merchant| belong_together(merchant, key)) {
        steps.wrong(
            format!("what is configured as the platform's key {serial} is the merchant's own"),
            "download the platform's public key (微信支付公钥) from the merchant platform, or its certificates: \
             `wechatpay certs`",
        );
        return;
    }
    if let Some(other) = bodies::others(body).into_iter().find(|other| signature.holds(&other.body, key)) {
        steps.wrong(
            format!("the signature is not that of this body, but that of the body {}", other.how),
            format!(
                "verify the very bytes that arrived, before anything parses, trims or converts them{}",
                other.doubt()
            ),
        );
        return;
    }
    if let Some((other, _)) = keys.iter().find(|(_, key)| signature.holds(body, key)) {
        steps.wrong(
            format!("the signature holds with the key configured as {other}, not with that configured as {serial}"),
            "the ids of the keys are mixed up: set each beside its own key",
        );
        return;
    }
    steps.wrong(
        format!("the signature does not hold with the key {serial}, for this body or what usually becomes of one"),
        format!(
            "take the body's very bytes and all four headers from the same message; compare the key {serial} with that on \
             the merchant platform"
        ),
    );
}

/// The four headers, each there once.
fn signature<'a>(message: &'a Message, steps: &mut Steps) -> Option<Signature<'a>> {
    let found = HEADERS.map(|name| {
        let mut values = message.all(name);
        match (values.next(), values.next()) {
            (Some("***"), _) => Err(format!("{name} was not written down")),
            (Some(value), None) if !value.is_empty() => Ok(value),
            (None, _) => Err(format!("the header {name} is missing")),
            (Some(_), None) => Err(format!("the header {name} is empty")),
            (Some(_), Some(_)) => Err(format!("the header {name} is there more than once")),
        }
    });
    let fix = match message.start {
        Start::Answer { .. } => {
            "an answer of the platform has all four: did a proxy remove it, or answer by itself? Refusals with 401 and some \
             downloads are not signed"
        }
        _ => {
            "the platform sends all four: let the proxy before your server pass them on, and treat whoever sends none as a \
             stranger"
        }
    };
    let missing: Vec<_> = found.iter().filter_map(|found| found.as_ref().err()).collect();
    if missing.len() == HEADERS.len() {
        steps.wrong(format!("none of the headers {} is there", HEADERS.join(", ")), fix);
        return None;
    }
    for missing in missing {
        if missing.ends_with("written down") {
            steps.open(format!("{missing}, so the signature cannot be checked: `--debug` does not show signatures"));
        } else {
            steps.wrong(missing, fix);
        }
    }
    let [Ok(serial), Ok(timestamp), Ok(nonce), Ok(value)] = found else { return None };
    steps.right("the four headers Wechatpay-* are there");
    Some(Signature { serial, timestamp, nonce, value })
}

fn check_clock(timestamp: &str, steps: &mut Steps) {
    let now = Formatter::timestamp();
    let Ok(signed) = timestamp.parse::<i64>() else {
        steps.wrong("Wechatpay-Timestamp is not a number of seconds", "take the header as it came");
        return;
    };
    let (apart, when) = (signed.abs_diff(now), Formatter::date_c(signed));
    if apart <= CLOCK_TOLERANCE {
        steps.right(format!("it was signed at {when}, {} from the local clock", duration(apart)));
    } else if signed > now {
        steps.wrong(
            format!("it was signed at {when}, which is {} ahead of the local clock", duration(apart)),
            "set the local clock: a server with this one refuses everything",
        );
    } else {
        steps.open(format!(
            "it was signed at {when}, {} ago; a server refuses what is older than 5 minutes",
            duration(apart)
        ));
    }
}

/// No key has this id.
fn unknown(signature: &Signature<'_>, body: &[u8], keys: &[(String, PublicKey)], steps: &mut Steps) {
    let serial = signature.serial;
    if let Some((id, _)) = keys.iter().find(|(_, key)| signature.holds(body, key)) {
        steps.wrong(
            format!("it is signed by the key {serial:?}, which is configured as {id}"),
            format!("configure it by its own id: {serial}"),
        );
        return;
    }
    let known = keys.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", ");
    let fix = if serial.starts_with(PUBLIC_KEY_ID) {
        format!(
            "download the platform's public key {serial} from the merchant platform (账户中心 → API安全), and add it: \
             --cert {serial}=FILE"
        )
    } else {
        format!("fetch the platform's certificates with `wechatpay certs`, and add this one: --cert {serial}=FILE")
    };
    steps.wrong(format!("it is signed by the key {serial:?}, and there are only: {known}"), fix);
}
