//! What a documented operation is answered that has no state.

use serde_json::{Map, Value, json};
use wechatpay_catalog::Found;

use crate::answer::{Answer, Refusal};
use crate::call::Call;

/// The answer of an operation of APIv3.
pub(crate) fn answer(_found: &Found<'_>, _call: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::ok(json!({})))
}

/// The fields of an answer of APIv2, behind the code of the result.
pub(crate) fn fields(_found: &Found<'_>, _given: &Map<String, Value>) -> Map<String, Value> {
    Map::new()
}
