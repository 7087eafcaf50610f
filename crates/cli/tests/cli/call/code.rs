//! The same call as code.

use std::process::Command;

use support::program::Program;
use wechatpay_sandbox::Sandbox;

use super::{NATIVE, arrived_json, sandbox};
use crate::runs::{Home, Run};

/// A body in which everything has a meaning to some language.
const BODY: &str = r#"{"appid":"wx8888888888888888","mchid":"1900000109","description":"it's \"咖啡\" $HOME `x` \\ {} 100% \n\t!","out_trade_no":"order-1","notify_url":"https://shop.example/paid","amount":{"total":3000000000,"currency":"CNY"},"time":[],"more":{},"list":[null,true,-1,1.5,18446744073709551615,{"0":"a"}]}"#;

const RECEIVER: &str = r#"{"appid":"wx8888888888888888","type":"PERSONAL_OPENID","account":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o","relation_type":"USER","name":"张三"}"#;

/// Runs a line in a shell, if what it begins with is there.
fn shell(home: &Home, line: &str) -> Run {
    Run::of(Command::new("sh").args(["-c", line]).current_dir(home.folder.path()).output().unwrap())
}

fn has(program: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok();
    if !is_there {
        eprintln!("skipped: there is no {program}");
    }
    is_there
}

#[test]
fn a_line_of_curl_is_accepted() {
    if !has("curl") {
        return;
    }
    let (sandbox, home) = sandbox("curl");
    home.write("it's \"A\";b,c.png", b"\x89PNG\0\xff");
    let calls: [&[&str]; 6] = [
        &["post", NATIVE, "-d", BODY],
        &["get", "v3/merchant/fund/balance/BASIC"],
        &["get", "v3/bill/tradebill?bill_date=2026-01-02&a=%5B1%5D"],
        &["post", "v3/merchant/media/upload", "--upload", "it's \"A\";b,c.png"],
        &[
            "post",
            "v2/pay/unifiedorder",
            "appid=wx8888888888888888",
            "mch_id=1900000109",
            "body=it's 咖啡",
            "out_trade_no=order-2",
            "total_fee=1",
            "spbill_create_ip=127.0.0.1",
            "notify_url=https://shop.example/paid",
            "trade_type=NATIVE",
            "product_id=1",
        ],
        &["post", "v3/profitsharing/receivers/add", "-d", RECEIVER, "--encrypt", "auto"],
    ];
    for call in calls {
        let before = sandbox.requests().len();
        let line = home.run(&[call, &["--curl"]].concat()).ends(0).stdout;
        assert_eq!(sandbox.requests().len(), before);
        let answer = shell(&home, &line.replacen("curl ", "curl -sS ", 1)).ends(0).stdout;
        assert_eq!(sandbox.requests().len(), before + 1, "{line}");
        let expected = ["code_url", "available_amount", "download_url", "media_id", "relation_type"];
        assert!(expected.iter().any(|name| answer.contains(name)), "{line}\n{answer}");
    }
    let line = home.run(&["post", NATIVE, "-d", BODY, "--curl"]).ends(0).stdout;
    shell(&home, &line);
    assert_eq!(arrived_json(&sandbox), BODY.parse::<serde_json::Value>().unwrap());
    home.run(&["--profile", "sandbox", "get", "v3/certificates", "--curl"])
        .ends(0)
        .says("this sandbox ends with this command");
    let line = home.run(&["get", "v3/certificates", "--curl", "--json"]).ends(0).json()["code"].clone();
    assert!(line.as_str().unwrap().contains("curl --globoff"), "{line}");
}

#[test]
fn programs_have_no_secret() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("secrets", &sandbox);
    let key = sandbox.merchant_private_key_pem().to_owned();
    let call = ["post", "v2/pay/orderquery", "mch_id=1900000109", "out_trade_no=A"];
    let secrets = [sandbox.secret(), sandbox.apiv3_key(), key.lines().nth(1).unwrap()];
    let check = |home: &Home, has: &[&str]| {
        for flag in ["--rust", "--php", "--curl"] {
            let apiv2 = home.run(&[&call[..], &[flag]].concat()).ends(0).stdout;
            let apiv3 = home.run(&["post", NATIVE, "-d", BODY, flag]).ends(0).stdout;
            for secret in secrets {
                assert!(!apiv2.contains(secret) && !apiv3.contains(secret), "{flag}");
            }
            if flag != "--curl" {
                has.iter().for_each(|text| {
                    assert!([&*apiv2, &apiv3].concat().contains(text), "{text} {flag} {apiv2} {apiv3}")
                });
            }
        }
    };
    check(&home, &["key.pem", "apiv2.key", "platform.pem"]);
    // They are texts of the environment, and stay there.
    home.set("WECHATPAY_SECRET", sandbox.secret());
    home.set("WECHATPAY_PRIVATE_KEY", &key);
    check(&home, &["WECHATPAY_SECRET", "WECHATPAY_PRIVATE_KEY"]);
    home.set("WECHATPAY_CERTS", "");
    let program = home.run(&["post", NATIVE, "-d", BODY, "--rust"]).ends(0).stdout;
    assert!(program.contains("\"downloadCerts\": true") && program.contains("apiv3.key"), "{program}");
    let own = home.run(&["--profile", "sandbox", "--base-uri", "", "get", "v3/certificates", "--php"]);
    assert!(!own.stdout.contains(&key), "{}", own.stdout);
}

#[test]
fn programs_in_rust_compile_and_call() {
    let (sandbox, home) = sandbox("rust");
    home.write("shop.png", b"\x89PNG\0\xff");
    let many: String = (0..60).map(|number| format!(r#","field_{number}":{{"a":[{number}]}}"#)).collect();
    let many = BODY.replace("}]}", &format!("}}]{many}}}"));
    let calls: [(&str, &[&str]); 8] = [
        ("post", &["post", NATIVE, "-d", BODY]),
        ("values", &["get", "v3/pay/transactions/out-trade-no/A%2F单", "mchid=1900000109", "-H", "X-One: 1"]),
        ("exact", &["delete", "v3/new/A%2FB:c"]),
        ("xml", &["post", "v2/pay/orderquery", "appid=wx8888888888888888", "mch_id=1900000109", "out_trade_no=A"]),
        ("upload", &["post", "v3/merchant/media/upload", "--upload", "shop.png"]),
        ("renamed", &["post", "v3/merchant/media/upload", "--upload", "shop.png", "filename=it's.png"]),
        (
            "form",
            &[
                "post",
                "v3/mch-manage/submission-files/sub-mchid/1900000100/upload",
                "--upload",
                "shop.png",
                "item_id:=7",
                "manage_record_id=R1",
            ],
        ),
        ("many", &["post", NATIVE, "-d", &many]),
    ];
    // One has an attribute, which is for a whole program; the others are modules of a program that runs one after the other.
    let (many, others) = calls.split_last().unwrap();
    let written = |call: &[&str]| home.run(&[call, &["--rust"]].concat()).ends(0).stdout;
    let module = |(name, _): &(&str, &[&str])| {
        format!("mod {name} {{ include!(\"{name}.in\"); pub fn run() {{ let _ = main(); }} }}\n")
    };
    let modules: String = others.iter().map(module).collect();
    let run: String = others.iter().map(|(name, _)| format!("    {name}::run();\n")).collect();
    let files: Vec<_> = others.iter().map(|(name, call)| (format!("{name}.in"), written(call))).collect();
    let mut sources = vec![("main.rs", format!("{modules}fn main() {{\n{run}}}\n")), ("bin/many.rs", written(many.1))];
    sources.extend(files.iter().map(|(name, text)| (name.as_str(), text.clone())));
    let program = Program::write(env!("CARGO_TARGET_TMPDIR"), "as_rust", &sources);
    let ended = ["as_rust", "many"].map(|name| program.cargo(&["run", "--bin", name]).stderr);
    let by_program = sandbox.requests();
    assert_eq!(by_program.len(), calls.len(), "{ended:?}");
    for ((name, call), by_program) in calls.iter().zip(by_program) {
        home.run(call);
        let requests = sandbox.requests();
        let by_command = requests.last().unwrap();
        assert_eq!((by_program.method(), by_program.target()), (by_command.method(), by_command.target()), "{name}");
        // What is chosen by chance is not compared.
        let said = |request: &wechatpay_sandbox::Request| (request.json(), request.body_length());
        assert_eq!(said(&by_program), said(by_command), "{name}");
        assert_eq!(by_program.header("x-one"), by_command.header("x-one"), "{name}");
    }
}

#[test]
fn programs_in_php() {
    let (_sandbox, home) = sandbox("php");
    home.write("shop.png", b"\x89PNG\0\xff");
    let calls: [(&[&str], &[&str]); 7] = [
        (
            &["post", NATIVE, "-d", BODY],
            &[
                "$response = $instance->chain('v3/pay/transactions/native')->post([\n    'json' => [\n",
                "'description' => 'it\\'s \"咖啡\" $HOME `x` \\\\ {} 100% \n\t!',",
                "'time' => [],",
                "'more' => (object) [],",
                "(object) [\n                '0' => 'a',",
                "Rsa::KEY_TYPE_PRIVATE",
            ],
        ),
        (
            &["get", "v3/merchant/fund/balance/BASIC"],
            &["->chain('v3/merchant/fund/balance/{account_type}')->get([\n    'account_type' => 'BASIC',\n])"],
        ),
        (
            &["post", "v3/profitsharing/receivers/add", "-d", RECEIVER, "--encrypt", "auto"],
            &["'name' => $encrypt('张三'),", "'Wechatpay-Serial' => 'PUB_KEY_ID_"],
        ),
        (
            &["post", "v3/merchant/media/upload", "--upload", "shop.png"],
            &["new MediaUtil('/", "'body' => $media->getStream()"],
        ),
        (
            &["post", "v3/merchant/media/upload", "--upload", "shop.png", "filename=it's.png"],
            &[
                "new MediaUtil('it\\'s.png', \\GuzzleHttp\\Psr7\\Utils::streamFor(fopen('/",
                "$media->setMeta(json_encode([\n",
            ],
        ),
        (
            &["post", "v2/secapi/pay/refund", "mch_id=1900000109"],
            &["'secret' => trim(file_get_contents(", "'merchant' => ['cert' => '/", "'security' => true"],
        ),
        (
            &["delete", "v3/merchant-service/complaint-notifications", "--retries", "2"],
            &["->delete();", "// The SDK does not have: retries."],
        ),
    ];
    for (at, (call, expected)) in calls.iter().enumerate() {
        let program = home.run(&[*call, &["--php"]].concat()).ends(0).stdout;
        for text in *expected {
            assert!(program.contains(text), "{text}\nis not in\n{program}");
        }
        let file = format!("{at}.php");
        home.write(&file, &program);
        if has("php") {
            shell(&home, &format!("php -l {file}")).ends(0);
        }
    }
    let path = "v3/mch-manage/submission-files/sub-mchid/1900000100/upload";
    home.run(&["post", path, "--upload", "shop.png", "item_id:=7", "--php"]).ends(2).says("--curl");
    let mut brand = Home::new("php-brand");
    brand.set("WECHATPAY_BRAND_ID", "40001");
    brand.run(&["get", "brand/new", "--php"]).ends(2).says("no calls of brands");
}
