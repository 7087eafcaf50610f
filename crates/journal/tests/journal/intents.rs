//! What is written, and when.

use std::fs;
use std::sync::Mutex;
use std::sync::mpsc::channel;

use rusqlite::Connection;
use support::folder::Folder;
use support::keys::{private_pem, rsa};
use support::platform::{MCHID, Platform};
use support::raw::{Reply, Server, answer};
use wechatpay::{Credentials, MediaUtil, Options, json};
use wechatpay_journal::{Journal, State};
use wechatpay_sandbox::Fault;

use crate::{NATIVE, Shop, content};

#[test]
fn the_intent_is_in_the_file_before_the_first_byte_arrives() {
    let (platform, folder) = (Platform::new(), Folder::new("intent"));
    let path = folder.file("payments.journal");
    let journal = Journal::create(&path).unwrap();
    let headers = platform.headers(b"{}");
    let (tell, told) = channel();
    let (at_arrival, tell) = (path.clone(), Mutex::new(tell));
    let server = Server::start(move |_, _| {
        // As it is on the disk: of the files alone, without whoever has them open.
        let copy = at_arrival.with_extension("copy");
        fs::copy(&at_arrival, &copy).unwrap();
        fs::copy(format!("{}-wal", at_arrival.display()), format!("{}-wal", copy.display())).unwrap();
        let connection = Connection::open(&copy).unwrap();
        let sql = "SELECT merchant, operation, number, host, state, length(digest) FROM entry ORDER BY id DESC LIMIT 1";
        let row = connection.query_row(sql, (), |row| {
            let text = |column| row.get::<_, String>(column);
            Ok(([text(0)?, text(1)?, text(2)?, text(3)?, text(4)?], row.get::<_, u32>(5)?))
        });
        tell.lock().unwrap().send(row.unwrap()).unwrap();
        Reply::Answer(answer("200 OK", &headers, b"{}"))
    });
    let instance = platform.builder(&server.url()).journal(journal.clone()).build().unwrap();
    let host = server.url().trim_end_matches('/').to_owned();
    for (number, is_async) in [("order-1", false), ("order-2", true)] {
        let order = instance.chain(NATIVE);
        let options = json!({ "json": content(number, 1) });
        if is_async { order.post_async(options).wait() } else { order.post(options) }.unwrap();
        let operation = format!("POST {NATIVE}");
        let expected = [MCHID, &operation, number, &host, "sending"].map(str::to_owned);
        assert_eq!(told.recv().unwrap(), (expected, 32));
        assert_eq!(journal.under(number).unwrap()[0].state(), State::Answered);
    }
}

#[test]
fn each_way_to_end_is_written() {
    let shop = Shop::open("ends");
    shop.order("answered", 1).unwrap();
    let answered = shop.entry("answered");
    assert_eq!((answered.state(), answered.status(), answered.code()), (State::Answered, Some(200), None));
    assert!(answered.request_id().is_some() && answered.ended().is_some() && answered.state().is_settled());
    assert_eq!((answered.merchant(), answered.method(), answered.template()), (shop.sandbox.mchid(), "POST", NATIVE));

    shop.sandbox.inject(Fault::Status(400).times(1));
    shop.order("rejected", 1).unwrap_err();
    let rejected = shop.entry("rejected");
    assert_eq!((rejected.state(), rejected.status()), (State::Rejected, Some(400)));
    assert!(rejected.code().is_some(), "{rejected:?}");

    shop.sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    shop.order("unknown", 1).unwrap_err();
    let unknown = shop.entry("unknown");
    assert_eq!((unknown.state(), unknown.status()), (State::Unknown, None));
    shop.sandbox.inject(Fault::Status(503).times(1));
    shop.order("failed", 1).unwrap_err();
    assert_eq!((shop.state("failed"), shop.entry("failed").status()), (State::Unknown, Some(503)));

    shop.sandbox.refuse_connections(true).unwrap();
    shop.order("not-sent", 1).unwrap_err();
    shop.sandbox.refuse_connections(false).unwrap();
    assert_eq!(shop.state("not-sent"), State::NotSent);

    let figures = shop.journal.figures().unwrap();
    let counts: Vec<_> = State::ALL.iter().map(|state| figures.count(*state)).collect();
    assert_eq!(counts, [0, 2, 1, 1, 1, 0, 0]);
    assert!(figures.oldest_unsettled().unwrap() >= shop.entry("unknown").age() / 2);
    let unsettled = shop.journal.unsettled(0).unwrap();
    assert_eq!(unsettled.iter().map(|entry| entry.number().unwrap()).collect::<Vec<_>>(), ["unknown", "failed"]);
    assert_eq!(shop.journal.unsettled(unsettled[0].id()).unwrap().len(), 1);
}

#[test]
fn calls_without_a_number_are_written_and_queries_are_not() {
    let shop = Shop::open("numberless");
    for (method, path) in [("POST", "v3/any/path"), ("DELETE", "v3/any/{a}/path/{b}"), ("GET", "v3/any/path")] {
        shop.sandbox.answer(method, path, 200, json!({}));
    }
    for _ in 0..2 {
        shop.instance.chain("v3/any/path").post(json!({ "json": { "a": 1 } })).unwrap();
        shop.instance.chain("v3/any/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/path").chain("13800138000").delete(()).unwrap();
    }
    shop.instance.chain("v3/any/path").get(()).unwrap();
    let data = json!({ "appid": "wx8888888888888888", "mch_id": shop.sandbox.mchid(), "out_trade_no": "order-1" });
    let _ = shop.instance.chain("v2/pay/orderquery").post(json!({ "xml": data }));
    let operations: Vec<String> = shop.rows("SELECT operation FROM entry ORDER BY id");
    let (post, delete) = ("POST v3/any/path", "DELETE v3/any/{}/path/{}");
    assert_eq!(operations, [post, delete, post, delete]);
    assert!(shop.rows::<Option<String>>("SELECT number FROM entry").iter().all(Option::is_none));
}

#[test]
fn nothing_personal_and_no_secret_is_in_the_files() {
    const NAME: &str = "张三丰的真实姓名";
    const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
    let key = rsa();
    let shop = Shop::open("personal");
    let serial = shop.sandbox.merchant_serial();
    let another = Credentials::new().mchid("1900000110").serial(serial).private_key(private_pem(&key));
    let another = another.cert(shop.sandbox.platform_serial(), shop.sandbox.platform_public_key().clone());
    let instances = [shop.instance.clone(), shop.instance.for_merchant(another).unwrap()];
    let sealed = wechatpay::Rsa::encrypt(NAME, shop.sandbox.platform_public_key()).unwrap();
    for instance in &instances {
        let transfer = json!({
            "appid": "wx8888888888888888", "out_bill_no": "T1", "transfer_scene_id": "1000", "openid": OPENID,
            "user_name": NAME, "transfer_amount": 30, "transfer_remark": "a remark of the shop",
            "transfer_scene_report_infos": [{ "info_type": "活动名称", "info_content": "新会员有礼" }],
        });
        let transfers = instance.chain("v3/fund-app/mch-transfer/transfer-bills");
        let _ = transfers.post(json!({ "json": transfer, "encrypt": ["/json/user_name"] }));
        let _ = transfers.post(json!({ "json": wechatpay::union(json!({ "user_name": sealed }), transfer).unwrap() }));
        let red_packet = json!({
            "mch_billno": "R1", "mch_id": instance.mchid(), "wxappid": "wx8888888888888888", "send_name": "天虹百货",
            "re_openid": OPENID, "total_amount": 1000, "total_num": 1, "wishing": "感谢您参加猜灯谜活动",
            "client_ip": "203.0.113.7", "act_name": "猜灯谜抢红包活动", "remark": "猜越多得越多",
        });
        let _ = instance.chain("v2/mmpaymkttransfers/sendredpack").post(json!({ "xml": red_packet }));
        let _ = instance.chain("v3/marketing/favor/users/{openid}/coupons").post(json!({ "openid": OPENID, "json": {
            "stock_id": "9856000", "out_request_no": "C1", "appid": "wx8888888888888888", "stock_creator_mchid": "8956000",
        } }));
        let _ = instance
            .chain(format!("v3/not/documented/{OPENID}"))
            .post(json!({ "json": { "id": "11010519491231002X" } }));
        let upload = MediaUtil::from_bytes("the face of somebody.png", "an image");
        let _ = instance.chain("v3/merchant/media/upload").post(Options::new().body(upload));
    }
    assert!(shop.rows::<u32>("SELECT count(*) FROM entry")[0] >= 9);
    let numbers: Vec<String> = shop.rows("SELECT DISTINCT number FROM entry WHERE number IS NOT NULL ORDER BY 1");
    assert_eq!(numbers, ["C1", "R1", "T1"]);

    let secrets = [shop.sandbox.secret(), shop.sandbox.apiv3_key(), serial, "PRIVATE KEY", &sealed[..40]];
    let personal =
        [NAME, OPENID, "11010519491231002X", "203.0.113.7", "remark", "新会员有礼", "天虹", "somebody", "an image"];
    let mut files = 0;
    for name in shop.folder.names() {
        files += 1;
        let bytes = fs::read(shop.folder.file(&name)).unwrap();
        for text in secrets.iter().chain(&personal) {
            let is_there = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!is_there, "{text} is in {name}");
        }
    }
    assert!(files >= 3, "{:?}", shop.folder.names());
}

#[test]
fn many_calls_at_once_are_all_recorded() {
    let shop = Shop::open("many");
    let calls = (0..200).map(|number| {
        let options = json!({ "json": content(&format!("many-{number}"), 1) });
        shop.instance.chain(NATIVE).post_async(options)
    });
    wechatpay::Promise::all(calls.collect::<Vec<_>>()).wait().unwrap();
    assert_eq!(shop.journal.figures().unwrap().count(State::Answered), 200);
    assert_eq!(shop.journal.figures().unwrap().oldest_unsettled(), None);
}
