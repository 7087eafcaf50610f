//! Answers to the page: JSON.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

pub fn answer(status: StatusCode, value: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// What is wrong.
pub fn problem(status: StatusCode, why: impl std::fmt::Display) -> Response {
    answer(status, &json!({ "error": why.to_string() }))
}
