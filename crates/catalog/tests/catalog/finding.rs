//! How operations and notifications are found.

use serde_json::json;
use wechatpay_catalog::catalog;

fn template(method: &str, path: &str) -> Option<&'static str> {
    catalog().find(method, path).map(|found| found.operation().template())
}

#[test]
fn every_operation_is_found_in_every_spelling() {
    let mut spellings = 0;
    for operation in catalog().operations() {
        let template = operation.template();
        let angular = template.replace('{', "<").replace('}', ">");
        let other_names = template.replace('{', "{my_");
        let dotted = template.replace('/', ".").replace(['{', '}'], "_");
        let arrows = template.replace('/', "->").replace(['{', '}'], "_");
        let values = template.split('/').map(|segment| if segment.starts_with('{') { "oUpF8uM_A-1" } else { segment });
        let values = values.collect::<Vec<_>>().join("/");
        let address = format!("https://api.mch.weixin.qq.com/{}?a=b/c", values.trim_start_matches("v2/"));
        for path in [template, &format!("/{template}"), &angular, &other_names, &dotted, &arrows, &values, &address] {
            for method in [operation.method(), &operation.method().to_lowercase()] {
                let found = catalog().find(method, path).unwrap_or_else(|| panic!("{method} {path}"));
                // These two can only be told apart by the names of their variables.
                let is_twin = template == "v3/apply4subject/applyment/{business_code}/cancel";
                let has_names = ![&other_names, &values, &address].contains(&&path.to_owned());
                if !is_twin || has_names {
                    assert_eq!(found.operation(), operation, "{method} {path}");
                }
                assert_eq!(found.variables().len(), operation.variables().count());
                spellings += 1;
            }
        }
    }
    assert_eq!(spellings, 1_154 * 16);
}

#[test]
fn camel_case_is_what_the_chain_makes_of_it() {
    for path in [
        "v3.marketing.bankFavor.users._openid_.bankMultiActivity",
        "v3/marketing/bankFavor/users/<openid>/bankMultiActivity",
    ] {
        assert!(
            template("post", path).is_none()
                == template("post", "v3/marketing/bank-favor/users/{openid}/bank-multi-activity").is_none()
        );
    }
    assert_eq!(
        template("GET", "v3.pay.transactions.outTradeNo._out_trade_no_"),
        Some("v3/pay/transactions/out-trade-no/{out_trade_no}")
    );
    // Capitals in the documents, which the chain cannot write.
    assert_eq!(template("POST", "v2/secapi/mch/addInstitutionsub"), Some("v2/secapi/mch/addInstitutionsub"));
    assert_eq!(template("POST", "v2/secapi/mch/add-institutionsub"), None);
}

#[test]
fn a_slash_at_the_end_is_part_of_the_path() {
    assert_eq!(template("POST", "v3/applyment4sub/applyment/"), Some("v3/applyment4sub/applyment/"));
    assert_eq!(template("POST", "v3/applyment4sub/applyment/{empty}"), Some("v3/applyment4sub/applyment/"));
    assert_eq!(template("POST", "v3/applyment4sub/applyment"), None);
    assert_eq!(template("POST", "v3/pay/transactions/native/"), None);
    // An empty segment is no value.
    assert_eq!(template("GET", "v3/pay/transactions/id/"), None);
}

#[test]
fn literal_segments_win_over_variables() {
    let templates = |path| catalog().operations_at(path).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(templates("v3/profitsharing/orders/unfreeze"), ["POST v3/profitsharing/orders/unfreeze"]);
    assert_eq!(templates("v3/profitsharing/orders/P1"), ["GET v3/profitsharing/orders/{out_order_no}"]);
    assert_eq!(template("GET", "v3/profitsharing/orders/unfreeze"), None);
    // A variable is never a literal.
    assert_eq!(template("POST", "v3/profitsharing/orders/{unfreeze}"), None);
    // What begins like a literal path may be another one with variables.
    assert_eq!(templates("v3/ecommerce/applyments/{x}"), ["GET v3/ecommerce/applyments/{applyment_id}"]);
}

#[test]
fn names_of_variables_tell_twins_apart() {
    for name in ["applyment_id", "business_code"] {
        let path = format!("v3/apply4subject/applyment/{{{name}}}/cancel");
        assert_eq!(template("POST", &path), Some(path.as_str()));
    }
}

#[test]
fn a_base_address_and_values_are_part_of_a_call() {
    let find = |method, path, options: serde_json::Value| {
        catalog().find_call(method, path, &options).map(|found| found.operation().template())
    };
    assert_eq!(
        find("POST", "v3/refunds", json!({ "base_uri": "https://api.mch.weixin.qq.com/hk/" })),
        Some("hk/v3/refunds")
    );
    assert_eq!(find("POST", "v3/refunds", json!({})), None);
    assert_eq!(
        find("POST", "v3/pay/transactions/native", json!({ "base_uri": "http://127.0.0.1:8080/stand-in/" })),
        Some("v3/pay/transactions/native"),
    );
    assert_eq!(
        find("POST", "{+path}", json!({ "path": "v3/pay/transactions/native" })),
        Some("v3/pay/transactions/native")
    );
    assert_eq!(
        find("POST", "v2/secapi/mch/{name}", json!({ "name": "addInstitutionsub" })),
        Some("v2/secapi/mch/addInstitutionsub"),
    );
    assert_eq!(find("POST", "{+path}", json!({ "path": 1 })), None);
}

#[test]
fn what_is_not_documented_is_not_found_but_something_near_it() {
    let near = |method, path| {
        assert!(catalog().find(method, path).is_none(), "{path}");
        catalog().nearest(method, path).map(|operation| operation.to_string())
    };
    let near = |method, path| near(method, path).unwrap_or_default();
    assert_eq!(near("POST", "v3/pay/transactions/natvie"), "POST v3/pay/transactions/native");
    assert_eq!(near("GET", "v3/pay/transactions/native"), "POST v3/pay/transactions/native");
    assert_eq!(near("POST", "v3/pay/transaction/jsapi"), "POST v3/pay/transactions/jsapi");
    assert_eq!(near("POST", "v3/refund/refunds"), "POST v3/refund/domestic/refunds");
    assert_eq!(near("POST", "v3/applyment4sub/applyment"), "POST v3/applyment4sub/applyment/");
    assert_eq!(
        near("GET", "v3/pay/transactions/outTradeNumber/A1"),
        "GET v3/pay/transactions/out-trade-no/{out_trade_no}"
    );
    assert_eq!(near("POST", "v2/pay/unifiedOrder"), "POST v2/pay/unifiedorder");
    assert_eq!(near("GET", "some/where/else/altogether"), "");
    assert_eq!(near("GET", ""), "");
}

#[test]
fn notifications_are_found_by_event() {
    let paid = catalog().notification("TRANSACTION.SUCCESS").unwrap();
    assert!(!paid.is_apiv2() && paid.name().starts_with("支付成功"));
    assert!(catalog().notification("transaction.success").is_none());
    let near = |event| catalog().nearest_notification(event).map(|notification| notification.event());
    assert_eq!(near("transaction.success"), Some("TRANSACTION.SUCCESS"));
    assert_eq!(near("REFUND.SUCESS"), Some("REFUND.SUCCESS"));
    assert_eq!(near("MCHTRANSFER.BILL.FINISH"), Some("MCHTRANSFER.BILL.FINISHED"));
    assert_eq!(near("NOTHING"), None);
}
