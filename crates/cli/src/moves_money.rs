//! Which operations move money: those that a person is asked about first.

use serde_json::Value;
use wechatpay_catalog::Operation;
use wechatpay_journal::Command;

/// Whether an operation may move money. One that is not documented may.
pub fn moves_money(method: &str, operation: Option<Operation>) -> bool {
    match operation {
        Some(operation) => {
            let command = Command::find(operation.method(), operation.template(), &Value::Null);
            command.is_some_and(|command| command.may_move_money())
        }
        None => !matches!(method, "GET" | "HEAD" | "OPTIONS"),
    }
}
