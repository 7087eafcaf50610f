//! `wechatpay get|post|put|patch|delete PATH`: any call.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};

#[derive(Debug, Subcommand)]
pub enum Method {
    /// Call with GET
    Get(Call),
    /// Call with POST
    Post(Call),
    /// Call with PUT
    Put(Call),
    /// Call with PATCH
    Patch(Call),
    /// Call with DELETE
    Delete(Call),
}

#[derive(Args, Debug)]
pub struct Call {
    /// The path, in any spelling: v3/pay/transactions/native, v3.pay.transactions.outTradeNo._no_
    pub path: String,
    /// The body: JSON
    #[arg(short, long, value_name = "JSON")]
    pub data: Option<String>,
}

pub fn run(method: &Method, context: &Context) -> Result<Exit> {
    let (name, call) = match method {
        Method::Get(call) => ("GET", call),
        Method::Post(call) => ("POST", call),
        Method::Put(call) => ("PUT", call),
        Method::Patch(call) => ("PATCH", call),
        Method::Delete(call) => ("DELETE", call),
    };
    let options = match &call.data {
        Some(data) => {
            let body: Value = data.parse().map_err(|error| Failure::usage(format!("-d is not JSON: {error}")))?;
            json!({ "json": body })
        }
        None => json!({}),
    };
    let connected = context.connect()?;
    let response =
        connected.instance.chain(&*call.path).request(name, options).map_err(|error| Failure::call(&error))?;
    context.output.json(&response.json().map_err(|error| Failure::call(&error))?)?;
    Ok(Exit::Ok)
}
