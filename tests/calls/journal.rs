//! What the recorder of `Builder::journal` is told of each call.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::keys::public_pem;
use support::platform::{APIV2_BODY, APIV2_KEY, KEY_ID, MCHID, MERCHANT_SERIAL, Platform};
use support::raw::{Arrived, Reply, Server, answer};
use wechatpay::{
    Builder, Chain, Conclusion, Credentials, Error, Intent, MediaUtil, Options, Outcome, Recorder, Value, chain, json,
};

/// All that was told, in order, as text.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// What was told of the end of one call.
    fn conclusion(&self) -> String {
        let told = self.take();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("intent"), "{told:?}");
        told[1].clone()
    }
}

impl Recorder for Told {
    fn intend(&self, intent: &Intent<'_>) -> anyhow::Result<u64> {
        let data = intent.data().map(|data| Value::from(data.clone()).to_string());
        let body = data.unwrap_or_else(|| String::from_utf8_lossy(intent.body()).into_owned());
        self.add(format!(
            "intent of {}: {} {} {}?{} {body}",
            intent.mchid(),
            intent.method(),
            intent.template(),
            intent.path(),
            intent.query()
        ));
        Ok(7)
    }

    fn conclude(&self, id: u64, conclusion: &Conclusion<'_>) {
        let outcome = conclusion.outcome().map_or("answered".to_owned(), |outcome| format!("{outcome:?}"));
        let status = conclusion.status().map_or(0, |status| status.as_u16());
        let (code, request_id) = (conclusion.code().unwrap_or("-"), conclusion.request_id().unwrap_or("-"));
        self.add(format!("{id}: {outcome} {status} {code} {request_id}"));
    }
}

fn recorded(platform: &Platform, told: &Told, server: &Server) -> Chain {
    let secret = Credentials::new().secret(APIV2_KEY);
    platform.builder(&server.url()).credentials(secret).journal(told.clone()).build().unwrap()
}

/// A server that answers everything with this, and notes each arrival among what was told.
fn noting(told: &Told, reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Server {
    let told = told.clone();
    Server::start(move |number, _: &Arrived| {
        told.add("arrived".into());
        reply(number)
    })
}

fn refusal(status: &str, code: &str) -> Vec<u8> {
    let body = json!({ "code": code, "message": "in words" }).to_string();
    answer(status, &[("Request-ID", "08F7".into())], body.as_bytes())
}

#[test]
fn it_is_told_before_anything_arrives_and_after_all_is_over() {
    let (platform, told) = (Platform::new(), Told::default());
    let headers = platform.headers(b"{}");
    let server = noting(&told, move |_| Reply::Answer(answer("200 OK", &headers, b"{}")));
    let instance = recorded(&platform, &told, &server);
    let close = instance.chain("v3/pay/transactions/out-trade-no/{no}/close?a=1");
    close.post(json!({ "no": "A/1", "json": { "mchid": MCHID } })).unwrap();
    let intent = format!(
        "intent of {MCHID}: POST v3/pay/transactions/out-trade-no/{{no}}/close \
         v3/pay/transactions/out-trade-no/A%2F1/close?a=1 {{\"mchid\":\"{MCHID}\"}}"
    );
    assert_eq!(told.take(), [&intent, "arrived", "7: answered 200 - -"]);

    // An async method, and those without a body.
    instance.chain("v3/a").delete_async(()).wait().unwrap();
    assert_eq!(told.take()[0], format!("intent of {MCHID}: DELETE v3/a v3/a? "));
    // Of an upload, what is signed.
    let media = MediaUtil::from_bytes("a.png", "the bytes of an image");
    instance.chain("v3/merchant/media/upload").post(Options::new().body(media)).unwrap();
    let upload = told.take();
    assert!(upload[0].contains("{\"filename\":\"a.png\",\"sha256\":\"") && !upload[0].contains("image"), "{upload:?}");
    // What cannot have an effect is not recorded, and neither is what is refused.
    for method in ["get", "head", "options"] {
        // The signature of the server is not that of an answer to HEAD, which has no body.
        let _ = instance.chain("v3/a").request(method, ());
    }
    assert_eq!(told.take(), ["arrived", "arrived", "arrived"]);
    instance.chain("v3/a").post(json!({ "jsn": 1 })).unwrap_err();
    assert!(told.take().is_empty());
}

#[test]
fn the_data_of_apiv2_is_told_before_it_is_signed() {
    let (platform, told) = (Platform::new(), Told::default());
    let failed =
        "<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code><err_code>NOTENOUGH</err_code></xml>";
    let server = noting(&told, move |number| {
        Reply::Answer(answer("200 OK", &[], if number == 0 { APIV2_BODY } else { failed }.as_bytes()))
    });
    let instance = recorded(&platform, &told, &server);
    let data = json!({ "mch_id": MCHID, "out_trade_no": "A1" });
    chain!(instance->v2->pay->unifiedorder).post(json!({ "xml": data })).unwrap();
    let intent = format!("intent of {MCHID}: POST v2/pay/unifiedorder v2/pay/unifiedorder? {data}");
    assert_eq!(told.take(), [&intent, "arrived", "7: answered 200 - -"]);
    // The answer to a red packet is not signed, and is handed out as it is; it says that nobody got one.
    chain!(instance->v2->mmpaymkttransfers->sendredpack).post(json!({ "xml": data })).unwrap();
    assert_eq!(told.take().pop().unwrap(), "7: Unknown 200 NOTENOUGH -");
}

#[test]
fn each_way_to_end() {
    let (platform, told) = (Platform::new(), Told::default());
    let headers = platform.headers(b"{}");
    let ends: [(Reply, Value, &str); 8] = [
        (Reply::Answer(refusal("400 Bad Request", "PARAM_ERROR")), json!({}), "7: Rejected 400 PARAM_ERROR 08F7"),
        (
            Reply::Answer(refusal("400 Bad Request", "PARAM_ERROR")),
            json!({ "http_errors": false }),
            "7: Rejected 400 PARAM_ERROR 08F7",
        ),
        (Reply::Answer(refusal("500 Oh", "SYSTEM_ERROR")), json!({}), "7: Unknown 500 SYSTEM_ERROR 08F7"),
        (
            Reply::Answer(refusal("500 Oh", "SYSTEM_ERROR")),
            json!({ "http_errors": false }),
            "7: Unknown 500 SYSTEM_ERROR 08F7",
        ),
        (Reply::Answer(refusal("302 Found", "-")), json!({ "allow_redirects": false }), "7: Unknown 302 - 08F7"),
        (Reply::Answer(answer("200 OK", &[], b"{}")), json!({}), "7: Unknown 200 - -"),
        (Reply::Break(answer("200 OK", &headers, b"{}")[..20].to_vec()), json!({}), "7: Unknown 0 - -"),
        (Reply::Stall(Vec::new(), Duration::from_secs(2)), json!({ "timeout": 0.3 }), "7: Unknown 0 - -"),
    ];
    for (reply, mut options, end) in ends {
        let reply = Mutex::new(Some(reply));
        let server = Server::start(move |_, _| reply.lock().unwrap().take().unwrap());
        options["json"] = json!({ "out_trade_no": "A1" });
        let _ = recorded(&platform, &told, &server).chain("v3/a").post(options);
        assert_eq!(told.conclusion(), end);
    }
    let nobody = platform.builder("http://127.0.0.1:1/").journal(told.clone()).build().unwrap();
    nobody.chain("v3/a").post(json!({ "retries": 2 })).unwrap_err();
    assert_eq!(told.conclusion(), "7: NotSent 0 - -");
}

#[test]
fn a_redirect_that_changes_the_call_says_nothing_about_it() {
    let (platform, told) = (Platform::new(), Told::default());
    let headers = platform.headers(b"{}");
    let server = Server::start(move |number, _| {
        let moved = [("Location", "/v3/b".to_owned())];
        Reply::Answer(if number == 0 {
            answer("303 See Other", &moved, b"")
        } else {
            answer("200 OK", &headers, b"{}")
        })
    });
    recorded(&platform, &told, &server).chain("v3/a").post(json!({ "json": {} })).unwrap();
    assert_eq!(told.conclusion(), "7: Unknown 200 - -");
}

#[test]
fn retries_belong_to_the_one_call() {
    let (platform, told) = (Platform::new(), Told::default());
    let headers = platform.headers(b"{}");
    let server = noting(&told, move |number| {
        Reply::Answer(if number < 2 {
            refusal("429 Too Many Requests", "FREQUENCY_LIMITED")
        } else {
            answer("200 OK", &headers, b"{}")
        })
    });
    recorded(&platform, &told, &server).chain("v3/a").post(json!({ "retries": 3 })).unwrap();
    let told = told.take();
    assert_eq!(told[1..], ["arrived", "arrived", "arrived", "7: answered 200 - -"], "{told:?}");
}

/// Refuses all.
struct Full;

#[derive(Debug)]
struct NoRoom;

impl std::fmt::Display for NoRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the disk is full")
    }
}

impl std::error::Error for NoRoom {}

impl Recorder for Full {
    fn intend(&self, _: &Intent<'_>) -> anyhow::Result<u64> {
        Err(NoRoom.into())
    }

    fn conclude(&self, _: u64, _: &Conclusion<'_>) {
        panic!("there is nothing to conclude");
    }
}

#[test]
fn what_is_not_taken_is_not_sent() {
    let platform = Platform::new();
    let server = platform.server();
    let instance = platform.builder(&server.url()).journal(Full).build().unwrap();
    let error = instance.chain("v3/a").post(json!({ "json": {}, "retries": 3 })).unwrap_err();
    assert_eq!((error.outcome(), error.kind()), (Outcome::NotSent, "journal"));
    assert_eq!(format!("{error:#}"), "the journal did not take the call, nothing was sent: the disk is full");
    let Error::Journal(refused) = error else { panic!("{error:?}") };
    assert!(refused.reason::<NoRoom>().is_some() && refused.reason::<std::fmt::Error>().is_none());
    // Other merchants of the instance, too; and what has no effect is sent.
    assert_eq!(instance.chain("v3/a").post_async(()).wait().unwrap_err().kind(), "journal");
    instance.chain("v3/a").get(()).unwrap();
    assert_eq!(server.arrived().len(), 1);
}

/// Panics at the end of each call.
struct Clumsy;

impl Recorder for Clumsy {
    fn intend(&self, _: &Intent<'_>) -> anyhow::Result<u64> {
        Ok(0)
    }

    fn conclude(&self, _: u64, _: &Conclusion<'_>) {
        panic!("clumsy");
    }
}

#[test]
fn panics_lose_nothing() {
    let platform = Platform::new();
    let server = platform.server();
    let instance = platform.builder(&server.url()).journal(Clumsy).build().unwrap();
    assert_eq!(instance.chain("v3/a").post(()).unwrap().text(), "{}");

    // One in the call, as in a signer, concludes it.
    let told = Told::default();
    let credentials = Credentials::new().mchid(MCHID).serial(MERCHANT_SERIAL).cert(KEY_ID, public_pem(&platform.key));
    let instance = Builder::new()
        .credentials(credentials.signer(|_: &[u8]| panic!("a signer")))
        .defaults(json!({ "base_uri": server.url(), "proxy": "" }))
        .journal(told.clone())
        .build()
        .unwrap();
    panic::catch_unwind(AssertUnwindSafe(|| drop(instance.chain("v3/a").post(())))).unwrap_err();
    assert_eq!(told.conclusion(), "7: Unknown 0 - -");
}
