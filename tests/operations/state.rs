//! What must have happened before, where the platform keeps the state of something: an order that is queried has been placed.

use support::filling::{Call, FILE};
use wechatpay::{MediaUtil, Options, Response, Value, json};
use wechatpay_catalog::Operation;

use crate::documented::Demand;
use crate::sides::Sides;

/// An operation that keeps state.
pub struct Stateful {
    method: &'static str,
    template: &'static str,
    /// Whether all that is documented is answered, or what is required: of an answer about an order, a refund and the like the
    /// rest depends on what has happened to it, such as a coupon that was used or a reason why it failed.
    pub demand: Demand,
    /// Makes it happen, and has the call ask for it.
    pub before: fn(&Sides, &mut Call),
}

/// The row of an operation; without one, an operation needs nothing and answers all that is documented.
pub fn stateful(operation: Operation) -> Option<&'static Stateful> {
    STATEFUL.iter().find(|row| row.method == operation.method() && row.template == operation.template())
}

const fn row(method: &'static str, template: &'static str, demand: Demand, before: fn(&Sides, &mut Call)) -> Stateful {
    Stateful { method, template, demand, before }
}

use Demand::{Core, Exact, File};

static STATEFUL: [Stateful; 36] = [
    // ------------------------------------------------------------ orders and refunds
    row("POST", "v3/pay/transactions/h5", Exact, |_, call| {
        // The facts have only some of the fields that the page requires.
        call.set("/json/scene_info", json!({ "payer_client_ip": "127.0.0.1", "h5_info": { "type": "Wap" } }));
    }),
    row("GET", "v3/pay/transactions/out-trade-no/{out_trade_no}", Core, |sides, call| {
        pay(sides, call.text("/path/out_trade_no"));
    }),
    row("GET", "v3/pay/transactions/id/{transaction_id}", Core, |sides, call| {
        let id = pay(sides, call.text("/path/transaction_id"));
        call.set("/path/transaction_id", json!(id));
    }),
    row("POST", "v3/pay/transactions/out-trade-no/{out_trade_no}/close", Exact, |sides, call| {
        order(sides, call.text("/path/out_trade_no"));
    }),
    row("POST", "v3/refund/domestic/refunds", Core, |sides, call| {
        pay(sides, call.text("/json/out_refund_no"));
        call.set("/json/out_trade_no", call.given["json"]["out_refund_no"].clone());
        call.set("/json/amount/total", json!(TOTAL));
    }),
    row("GET", "v3/refund/domestic/refunds/{out_refund_no}", Core, |sides, call| {
        let number = call.text("/path/out_refund_no");
        pay(sides, number);
        let amount = json!({ "refund": 1, "total": TOTAL, "currency": "CNY" });
        post(
            sides,
            "v3/refund/domestic/refunds",
            json!({ "out_trade_no": number, "out_refund_no": number, "amount": amount }),
        );
    }),
    // ------------------------------------------------------------ transfers
    row("POST", "v3/fund-app/mch-transfer/transfer-bills", Core, |_, call| {
        call.set("/json/transfer_amount", json!(100))
    }),
    row("GET", "v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}", Core, |sides, call| {
        transfer(sides, call.text("/path/out_bill_no"));
    }),
    row("GET", "v3/fund-app/mch-transfer/transfer-bills/transfer-bill-no/{transfer_bill_no}", Core, |sides, call| {
        let bill = transfer(sides, call.text("/path/transfer_bill_no"));
        call.set("/path/transfer_bill_no", bill["transfer_bill_no"].clone());
    }),
    row("POST", "v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}/cancel", Exact, |sides, call| {
        transfer(sides, call.text("/path/out_bill_no"));
    }),
    // ------------------------------------------------------------ profit sharing
    row("POST", "v3/profitsharing/receivers/add", Core, |_, call| {
        // Required of merchants, as which its kind has been filled in.
        call.set("/json/name", json!("示例商户"));
    }),
    row("POST", "v3/profitsharing/receivers/delete", Core, |sides, call| receiver(sides, call.text("/json/account"))),
    row("POST", "v3/profitsharing/orders", Core, |sides, call| {
        let number = call.text("/json/out_order_no").to_owned();
        receiver(sides, &number);
        call.set("/json/transaction_id", json!(pay(sides, &number)));
        if !call.given["json"]["receivers"].is_null() {
            call.set("/json/receivers/0/type", json!("MERCHANT_ID"));
            call.set("/json/receivers/0/name", json!("示例商户"));
        }
    }),
    row("GET", "v3/profitsharing/orders/{out_order_no}", Core, |sides, call| {
        let id = share(sides, call.text("/path/out_order_no"));
        call.set("/query/transaction_id", json!(id));
    }),
    row("POST", "v3/profitsharing/orders/unfreeze", Core, |sides, call| {
        let id = pay(sides, call.text("/json/out_order_no"));
        call.set("/json/transaction_id", json!(id));
    }),
    row("POST", "v3/profitsharing/return-orders", Core, |sides, call| {
        let number = call.text("/json/out_return_no").to_owned();
        share(sides, &number);
        call.set("/json/out_order_no", json!(number));
        call.set("/json/return_mchid", json!(number));
    }),
    row("GET", "v3/profitsharing/return-orders/{out_return_no}", Core, |sides, call| {
        let number = call.text("/path/out_return_no").to_owned();
        share(sides, &number);
        let back = json!({ "out_order_no": number, "out_return_no": number, "return_mchid": number, "amount": 1, "description": "退" });
        post(sides, "v3/profitsharing/return-orders", back);
        call.set("/query/out_order_no", json!(number));
    }),
    row("GET", "v3/profitsharing/transactions/{transaction_id}/amounts", Exact, |sides, call| {
        let id = pay(sides, call.text("/path/transaction_id"));
        call.set("/path/transaction_id", json!(id));
    }),
    // ------------------------------------------------------------ coupons and images
    row("GET", "v3/marketing/withdraw-favor/users/{openid}/coupons", Exact, |sides, call| {
        let text = call.text("/path/openid");
        let mut send = json!({ "openid": text, "json": { "send_request_no": text } });
        for name in ["mchid", "stock_id", "appid"] {
            send["json"][name] = call.given["query"][name].clone();
        }
        sides.instance.chain("v3/marketing/withdraw-favor/users/{openid}/coupons").post(send).unwrap();
    }),
    row("GET", "v3/merchant-service/images/{media_id}", Exact, |sides, call| {
        let image = Options::new().body(MediaUtil::from_bytes("a.png", FILE));
        let uploaded = sides.instance.chain("v3/merchant-service/images/upload").post(image).unwrap();
        call.set("/path/media_id", uploaded.json().unwrap()["media_id"].clone());
    }),
    // ------------------------------------------------------------ bills
    row("GET", "v3/bill/tradebill", Exact, |_, call| call.set("/query/bill_date", json!("2026-01-02"))),
    row("GET", "v3/billdownload/file", Exact, |sides, call| {
        let query = json!({ "query": { "bill_date": "2026-01-02" } });
        let bill = sides.instance.chain("v3/bill/tradebill").get(query).unwrap().json().unwrap();
        call.set("/query/token", json!(bill["download_url"].as_str().unwrap().split_once("token=").unwrap().1));
    }),
    row("GET", "v3/global/statements", Exact, |_, call| call.set("/query/date", json!("20260102"))),
    row("GET", "v3/statements", Exact, |_, call| call.set("/query/date", json!("20260102"))),
    row("GET", "hk/v3/statements", Exact, |_, call| call.set("/query/date", json!("20260102"))),
    // ------------------------------------------------------------ APIv2
    row("POST", "v2/pay/unifiedorder", Core, |_, call| {
        call.set("/xml/trade_type", json!("NATIVE"));
        call.set("/xml/product_id", json!("1"));
    }),
    row("POST", "v2/pay/orderquery", Core, |sides, call| {
        let id = pay_in_apiv2(sides, call.text("/xml/out_trade_no"));
        call.set("/xml/transaction_id", json!(id));
    }),
    row("POST", "v2/pay/closeorder", Core, |sides, call| order_in_apiv2(sides, call.text("/xml/out_trade_no"))),
    row("POST", "v2/secapi/pay/refund", Core, |sides, call| {
        let id = pay_in_apiv2(sides, call.text("/xml/out_trade_no"));
        call.set("/xml/transaction_id", json!(id));
        call.set("/xml/total_fee", json!(TOTAL));
    }),
    row("POST", "v2/pay/refundquery", Core, |sides, call| {
        let number = call.text("/xml/out_trade_no").to_owned();
        let id = pay_in_apiv2(sides, &number);
        let refund = json!({
            "appid": APPID, "mch_id": sides.sandbox.mchid(), "out_trade_no": number, "out_refund_no": number,
            "total_fee": TOTAL, "refund_fee": 1,
        });
        let refund = post_in_apiv2(sides, "v2/secapi/pay/refund", refund);
        call.set("/xml/transaction_id", json!(id));
        call.set("/xml/refund_id", refund["refund_id"].clone());
    }),
    row("POST", "v2/mmpaymkttransfers/sendredpack", Core, |_, call| call.set("/xml/total_amount", json!(100))),
    row("POST", "v2/mmpaymkttransfers/sendgroupredpack", Core, |_, call| call.set("/xml/total_num", json!(3))),
    row("POST", "v2/mmpaymkttransfers/gethbinfo", Core, |sides, call| {
        let packet = json!({
            "mch_billno": call.text("/xml/mch_billno"), "mch_id": sides.sandbox.mchid(), "wxappid": APPID, "send_name": "商户",
            "re_openid": "o-MYE42l80oelYMDE34nYD456Xoy", "total_amount": 100, "total_num": 1, "wishing": "恭喜发财",
            "client_ip": "127.0.0.1", "act_name": "活动", "remark": "备注",
        });
        post_in_apiv2(sides, "v2/mmpaymkttransfers/sendredpack", packet);
    }),
    row("POST", "v2/mmpaymkttransfers/promotion/transfers", Core, |_, _| {}),
    row("POST", "v2/mmpaymkttransfers/gettransferinfo", Core, |sides, call| {
        let transfer = json!({
            "mch_appid": APPID, "mchid": sides.sandbox.mchid(), "partner_trade_no": call.text("/xml/partner_trade_no"),
            "openid": "o-MYE42l80oelYMDE34nYD456Xoy", "check_name": "NO_CHECK", "amount": 100, "desc": "报销",
            "spbill_create_ip": "127.0.0.1",
        });
        post_in_apiv2(sides, "v2/mmpaymkttransfers/promotion/transfers", transfer);
    }),
    // The page documents what is answered where there is no bill.
    row("POST", "v2/pay/downloadbill", File, |_, call| call.set("/xml/bill_date", json!("20260102"))),
];

/// The amount of each order.
const TOTAL: u64 = 1_000;

const APPID: &str = "wx8888888888888888";

fn post(sides: &Sides, path: &str, json: Value) -> Response {
    sides.instance.chain(path).post(Options::new().json(json).encrypt("auto")).unwrap()
}

fn post_in_apiv2(sides: &Sides, path: &str, data: Value) -> Value {
    sides.instance.chain(path).post(json!({ "xml": data, "security": true })).unwrap().xml().unwrap()
}

fn order(sides: &Sides, number: &str) {
    let order = json!({
        "appid": APPID, "mchid": sides.sandbox.mchid(), "description": "咖啡", "out_trade_no": number,
        "notify_url": "https://example.com/notify", "amount": { "total": TOTAL },
        "settle_info": { "profit_sharing": true },
    });
    post(sides, "v3/pay/transactions/native", order);
}

/// Places an order and pays it; returns the platform's number.
fn pay(sides: &Sides, number: &str) -> String {
    order(sides, number);
    sides.sandbox.pay(number).unwrap()
}

fn order_in_apiv2(sides: &Sides, number: &str) {
    let order = json!({
        "appid": APPID, "mch_id": sides.sandbox.mchid(), "body": "咖啡", "out_trade_no": number, "total_fee": TOTAL,
        "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/notify", "trade_type": "NATIVE", "product_id": "1",
    });
    post_in_apiv2(sides, "v2/pay/unifiedorder", order);
}

fn pay_in_apiv2(sides: &Sides, number: &str) -> String {
    order_in_apiv2(sides, number);
    sides.sandbox.pay(number).unwrap()
}

fn transfer(sides: &Sides, number: &str) -> Value {
    let bill = json!({
        "appid": APPID, "out_bill_no": number, "transfer_scene_id": "1000", "openid": "o-MYE42l80oelYMDE34nYD456Xoy",
        "transfer_amount": 100, "transfer_remark": "2020年4月报销",
        "transfer_scene_report_infos": [{ "info_type": "活动名称", "info_content": "注册会员抽奖" }],
    });
    post(sides, "v3/fund-app/mch-transfer/transfer-bills", bill).json().unwrap()
}

/// Adds a merchant who can have a share.
fn receiver(sides: &Sides, account: &str) {
    let receiver = json!({
        "appid": APPID, "type": "MERCHANT_ID", "account": account, "name": "示例商户", "relation_type": "STORE",
    });
    post(sides, "v3/profitsharing/receivers/add", receiver);
}

/// Pays and shares with a merchant, all by the same number; returns the platform's number of the payment.
fn share(sides: &Sides, number: &str) -> String {
    receiver(sides, number);
    let id = pay(sides, number);
    let one = json!({ "type": "MERCHANT_ID", "account": number, "amount": 1, "description": "分账" });
    let order = json!({
        "appid": APPID, "transaction_id": id, "out_order_no": number, "receivers": [one], "unfreeze_unsplit": false,
    });
    post(sides, "v3/profitsharing/orders", order);
    id
}
