//! The question before a call that moves money.

use serde_json::Value;
use wechatpay_catalog::Place;

use super::request::Request;
use crate::confirm::is_confirmed;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::moves_money::moves_money;
use crate::output::{BOLD, Output};
use crate::settings::Settings;

/// Asks, if it moves money at the platform itself and there is somebody to ask.
pub fn ask(request: &Request, settings: &Settings, output: &Output) -> Result<()> {
    let is_real = !is_loopback(&request.base_uri);
    if !is_real || !output.can_ask() || !moves_money(request.method, request.operation) {
        return Ok(());
    }
    let name = request.operation.map(|operation| format!(" ({})", operation.name())).unwrap_or_default();
    let who = settings.mchid.as_ref().or(settings.brand_id.as_ref()).map_or("", |given| given.value.as_str());
    let question = format!(
        "{BOLD}{} {}{BOLD:#}{name}\n  as {who} at {}{}\nThis may move money. Send it?",
        request.method,
        request.template,
        request.base_uri,
        amount(request)
    );
    if is_confirmed(question) {
        return Ok(());
    }
    Err(Failure::new(Exit::NotSent, "it was not sent, as you did not say yes").next("--yes sends it without asking"))
}

fn is_loopback(base_uri: &str) -> bool {
    let host = base_uri.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The amounts that it says, as far as they are at the usual places.
fn amount(request: &Request) -> String {
    let body = [Place::Json, Place::Xml].into_iter().find_map(|place| request.options.get(place.name()));
    let places = [
        "/amount/refund",
        "/amount/total",
        "/transfer_amount",
        "/total_amount",
        "/amount",
        "/refund_fee",
        "/total_fee",
    ];
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let fen = body.and_then(|body| places.iter().find_map(|place| number(body.pointer(place)?)));
    fen.map_or_else(String::new, |fen| format!(", {fen} in the smallest unit of the currency"))
}
