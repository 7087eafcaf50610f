//! The QR code of an order.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use qrcode::QrCode;
use qrcode::render::svg;

use super::Desk;
use super::answer::problem;

pub async fn code(State(desk): State<Arc<Desk>>, Path(number): Path<String>) -> Response {
    let orders = desk.sandbox.orders();
    let address = orders.iter().find(|order| order.out_trade_no() == number).and_then(|order| order.address());
    match address.and_then(|address| QrCode::new(address).ok()) {
        // A phone wants dark on light, whatever the theme.
        Some(code) => {
            let drawn = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
            ([(CONTENT_TYPE, "image/svg+xml")], drawn).into_response()
        }
        None => problem(StatusCode::NOT_FOUND, "there is no such order, or it has no QR code"),
    }
}
