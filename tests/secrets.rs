//! Nothing secret in what is printed, logged or shown. Alone in its process, whose whole standard error is searched: it
//! makes calls with `debug` on and a logger that takes all of this crate, and of others all but `trace`, where
//! `ureq_proto` writes down every byte of the connection (the crate's documentation warns of it).

use support::keys::{private_pem, public_pem};
use support::logger::log_to_standard_error;
use support::platform::{KEY_ID, Platform};
use support::process::{child, is_child, run};
use support::raw::{Reply, Server, answer};
use wechatpay::{Error, KeySource, Options, PublicKey, Rsa, json};

/// Given as it is, and encrypted by the option `encrypt`.
const ID_CARD: &str = "11010519491231002X";

/// Prints each secret behind `SECRET ` on standard output, and everything else on standard error.
fn make_calls() {
    log_to_standard_error();
    let platform = Platform::new();
    let public: PublicKey = Rsa::from(public_pem(&platform.key), Rsa::KEY_TYPE_PUBLIC).unwrap();
    let name = Rsa::encrypt("张三", &public).unwrap();
    let body = json!({ "data": [{ "encrypt_certificate": { "ciphertext": name } }] }).to_string();
    let answered = body.clone();
    let headers = platform.headers(body.as_bytes());
    let server = Server::start(move |number, _| match number % 3 {
        0 => Reply::Answer(answer("200 OK", &headers, answered.as_bytes())),
        1 => Reply::Answer(answer("400 Bad Request", &headers, br#"{"code":"PARAM_ERROR"}"#)),
        _ => Reply::Answer(answer("200 OK", &headers, b"{\"changed\":1}")),
    });
    let chain = platform.instance(&server.url()).chain("v3/multiuse/users/{openid}/coupons");
    for _ in 0..3 {
        let options = json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "query": { "name": name },
            "json": { "stock_id": "9856000", "user_name": name, "id_card_number": ID_CARD },
            "encrypt": ["/json/id_card_number"],
            "headers": { "Wechatpay-Serial": KEY_ID },
            "debug": true,
        });
        eprintln!("OPTIONS {:?}", Options::from(options.clone()));
        match chain.post_async(options).wait() {
            Ok(response) => eprintln!("RESPONSE {response:?}"),
            Err(error) => eprintln!("ERROR {error} {error:?} {:#}", anyhow::Error::new(error_again(&error))),
        }
    }
    let private = private_pem(&platform.merchant);
    let key = Rsa::from(private.clone(), Rsa::KEY_TYPE_PRIVATE).unwrap();
    eprintln!(
        "KEYS {key:?} {public:?} {:?} {:?} {chain:?}",
        KeySource::from(private.clone()),
        KeySource::from((private.clone(), "hunter2"))
    );
    println!("SECRET hunter2");
    println!("SECRET {ID_CARD}");
    println!("SECRET {name}");
    for line in private.lines().filter(|line| line.len() > 60) {
        println!("SECRET {line}");
    }
    for arrived in server.arrived() {
        println!(
            "SECRET {}",
            arrived.header("authorization").unwrap().split("signature=\"").nth(1).unwrap().trim_end_matches('"')
        );
    }
    for (_, signature) in platform.headers(body.as_bytes()).iter().filter(|header| header.0 == "Wechatpay-Signature") {
        println!("SECRET {signature}");
    }
}

fn error_again(error: &Error) -> std::io::Error {
    std::io::Error::other(error.to_string())
}

#[test]
fn no_secret_is_printed_logged_or_shown() {
    if is_child() {
        return make_calls();
    }
    let (printed, shown) = run(&mut child(module_path!(), "no_secret_is_printed_logged_or_shown"));
    let secrets: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("SECRET ")).collect();
    assert!(secrets.len() > 20, "{printed}");
    // What must be there, so that the silence about the rest means something.
    for wanted in [
        "> POST /v3/multiuse/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons?name=***",
        "> authorization: ***",
        "> wechatpay-serial: PUB_KEY_ID_0114232134912410000000000000",
        "\"stock_id\":\"9856000\"",
        "\"user_name\":\"***\"",
        "\"id_card_number\":\"***\"",
        "< 200 OK",
        "< wechatpay-signature: ***",
        "\"ciphertext\":\"***\"",
        "< 400 Bad Request",
        "PARAM_ERROR",
        "SignatureMismatch",
        "LOG ureq",
        "LOG wechatpay",
    ] {
        assert!(shown.contains(wanted), "{wanted} is missing in\n{shown}");
    }
    for secret in secrets {
        // Also no long part of it, and not as it stands in an address.
        for part in [secret, &secret[..secret.len().min(40)], &secret[secret.len().saturating_sub(40)..]] {
            let encoded = part.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
            assert!(!shown.contains(part) && !shown.contains(&encoded), "{part} is shown in\n{shown}");
        }
    }
}
