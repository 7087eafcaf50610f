//! Operations and notifications by words.

use serde_json::{Value, json};

use crate::runs::Home;

/// The values of lines of JSON.
fn values(text: &str) -> Vec<Value> {
    text.lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn the_best_first_and_aligned() {
    let run = Home::new("search").run(&["search", "申请退款", "--limit", "2"]).ends(0);
    assert_eq!(
        run.stdout,
        "POST  v3/refund/domestic/refunds  申请退款API  基础支付∙退款\n\
         POST  hk/v3/refunds               申请退款     跨境∙退款\n"
    );
    assert_eq!(run.stderr, "note: 2 of 7, the best first; --limit 7 shows all\n");
    let run = Home::new("search_all").run(&["search", "申请退款", "-n", "7"]).ends(0);
    assert_eq!((run.stdout.lines().count(), run.stderr.as_str()), (7, ""));
    assert!(run.stdout.contains("deprecated"));
}

#[test]
fn notifications_are_found_too() {
    let run = Home::new("events").run(&["search", "transaction.success"]).ends(0);
    assert!(run.stdout.starts_with("event  TRANSACTION.SUCCESS"), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'));
}

#[test]
fn json_has_one_hit_a_line() {
    let run = Home::new("search_json").run(&["--json", "search", "refund.abnormal", "-n", "1"]).ends(0);
    assert_eq!(
        values(&run.stdout),
        [json!({
            "kind": "notification", "event": "REFUND.ABNORMAL", "name": "退款异常(REFUND.ABNORMAL)通知(JSON)", "apiv2": false,
        })]
    );
    let run = Home::new("search_json").run(&["--json", "search", "refund", "abnormal", "-n", "1"]).ends(0);
    assert_eq!(values(&run.stdout)[0]["path"], "v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund");
    assert!(values(&run.stderr)[0]["note"].as_str().unwrap().starts_with("1 of "));
}

#[test]
fn nothing_is_found() {
    let home = Home::new("nothing_found");
    home.run(&["search", "REFUND.SUCESS"])
        .ends(2)
        .says("nothing that is documented has")
        .says("wechatpay show REFUND.SUCCESS");
    home.run(&["search", "zzzzzzzzzzzzzzzzzzzz"]).ends(2).says("fewer or shorter words");
    home.run(&["search"]).ends(2).says("<WORD>");
}
