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

#[cfg(test)]
mod tests {
    use wechatpay_catalog::catalog;

    use super::*;

    #[test]
    fn commands_move_money_and_questions_do_not() {
        let moves =
            |method: &str, path: &str| moves_money(method, catalog().find(method, path).map(|found| found.operation()));
        for path in [
            "v3/pay/transactions/jsapi",
            "v3/pay/transactions/out-trade-no/A1/close",
            "v3/refund/domestic/refunds",
            "v3/fund-app/mch-transfer/transfer-bills",
            "v3/profitsharing/orders",
            "v3/marketing/favor/users/oUpF8uM/coupons",
            "v2/pay/micropay",
            "v2/secapi/pay/refund",
            "v2/mmpaymkttransfers/sendredpack",
            "v3/new",
        ] {
            assert!(moves("POST", path), "{path}");
        }
        for (method, path) in [
            ("GET", "v3/pay/transactions/id/4200001"),
            ("POST", "v2/pay/orderquery"),
            ("POST", "v2/pay/downloadbill"),
            ("POST", "v3/merchant/media/upload"),
            ("PUT", "v3/merchant-service/complaint-notifications"),
        ] {
            assert!(!moves(method, path), "{method} {path}");
        }
    }
}
