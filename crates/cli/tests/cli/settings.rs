//! Settings: from flags, the environment and profiles.

use serde_json::json;
use wechatpay_sandbox::{KeyMode, Sandbox};

use crate::runs::{Home, Run};

const CERTIFICATES: &str = "v3/certificates";

#[test]
fn a_profile_of_the_configuration_file() {
    let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start().unwrap();
    let home = Home::of("files", &sandbox);
    let config = format!(
        "default = \"shop\"\n[profiles.shop]\nmchid = \"{}\"\nserial = \"{}\"\nprivate_key = \"../../key.pem\"\nbase_uri = \"{}\"\n\
         apiv3_key = \"~/apiv3.key\"\n[profiles.shop.certs]\n{} = \"~/platform.pem\"\n",
        sandbox.mchid(),
        sandbox.merchant_serial(),
        sandbox.base_uri(),
        sandbox.platform_serial(),
    );
    // Nothing in the environment.
    let user = Home::new("user");
    ["key.pem", "apiv3.key", "platform.pem"]
        .iter()
        .for_each(|name| user.write(name, std::fs::read(home.path(name)).unwrap()));
    user.write(".config/wechatpay/config.toml", &config);
    user.run(&["get", CERTIFICATES]).ends(0);
    user.run(&["get", CERTIFICATES, "--profile", "shop"]).ends(0);
    user.run(&["get", CERTIFICATES, "--profile", "other"])
        .ends(2)
        .says("there is no [profiles.other]; there are: shop");
    user.run(&["get", CERTIFICATES, "--mchid", "1900000999"]).ends(4);
    user.write(".config/wechatpay/config.toml", config.replace("serial =", "seriall ="));
    user.run(&["get", CERTIFICATES]).ends(2).says("`seriall` is unknown");
}

#[test]
fn what_is_missing_is_named() {
    Home::new("nothing").run(&["get", CERTIFICATES]).ends(2).says("mchid").says("--profile sandbox");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_warned_about() {
    let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start().unwrap();
    let home = Home::of("open", &sandbox);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(home.folder.file("key.pem"), mode).unwrap();
    home.run(&["get", CERTIFICATES]).ends(0).says("key.pem can be read by others (mode 644): chmod 600");
}

#[test]
fn a_key_on_standard_input() {
    let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start().unwrap();
    let mut home = Home::of("stdin", &sandbox);
    home.set("WECHATPAY_PRIVATE_KEY", "");
    home.run_with(&["get", CERTIFICATES, "--private-key", "-"], sandbox.merchant_private_key_pem()).ends(0);
    home.run(&["get", CERTIFICATES, "--private-key", "-"]).ends(2).says("standard input is empty");
}

#[test]
fn what_is_wrong_in_the_configuration_file() {
    let mut home = Home::new("configuration");
    let get = ["get", CERTIFICATES, "--profile", "shop"];
    home.run(&get)
        .ends(2)
        .says("there is no profile \"shop\", as there is no configuration file")
        .says("write [profiles.shop] into ")
        .says("wechatpay/config.toml; `--profile sandbox` needs no file");
    home.set("WECHATPAY_CONFIG", &home.path("config.toml"));
    let cases = [
        ("[profiles", "config.toml: "),
        ("profiles = 1", "`profiles` must be a table"),
        ("default = 1", "`default` must be the name of a profile"),
        ("shop = 1", "`shop` is unknown; there are `default` and `[profiles.NAME]`"),
        ("[profiles]\nshop = 1", "[profiles.shop] must be a table"),
        ("[profiles.shop]\nmchid = 1", "[profiles.shop]: `mchid` must be a text"),
        ("[profiles.shop]\ntimeout = \"1\"", "`timeout` must be a number"),
        ("[profiles.shop]\nprivate_key = 1", "`private_key` must be the path of a file, as a text"),
        (
            "[profiles.shop]\njournal = 1",
            "`journal` must be the path of a file or the address of a database, as a text",
        ),
        ("[profiles.shop]\ncerts = \"a\"", "`certs` must be a table of ids and paths of files"),
        ("[profiles.shop.certs]\nA = 1", "`certs`: A must be the path of a file, as a text"),
    ];
    for (config, expected) in cases {
        home.write("config.toml", config);
        home.run(&get).ends(2).says(expected);
    }
    // A folder.
    home.set("WECHATPAY_CONFIG", &home.path("."));
    home.run(&get).ends(2).says(&format!("{}: ", home.path(".")));
}

#[test]
fn settings_that_are_none() {
    let sandbox = Sandbox::start().unwrap();
    let wrong = |name: &str, value: &str, arguments: &[&str], expected: &str| {
        let mut home = Home::of("none", &sandbox);
        home.set(name, value);
        home.write("text.txt", "a text");
        home.run(&[&["get", CERTIFICATES], arguments].concat()).ends(2).says(expected);
    };
    wrong("WECHATPAY_TIMEOUT", "soon", &[], "WECHATPAY_TIMEOUT: \"soon\" is not a number");
    wrong("WECHATPAY_CERTS", "A=platform.pem, B", &[], "WECHATPAY_CERTS: \"B\" is not ID=FILE");
    wrong("", "", &["--cert", "=platform.pem"], "--cert: a text of 13 characters is not ID=FILE");
    wrong("", "", &["--timeout", "soon"], "--timeout");
    wrong("WECHATPAY_PRIVATE_KEY", "", &[], "WECHATPAY_MERCHANT_CERT needs the private key beside it");
    wrong("", "", &["--apiv3-key", "none.key"], "none.key: ");
    let home = Home::of("no-key", &sandbox);
    home.write("text.txt", "a text");
    let paid = sandbox.notification("TRANSACTION.SUCCESS", json!({}));
    let verify = |arguments: &[&str]| home.run_with(&[&["verify"], arguments].concat(), crate::verify::raw(&paid));
    verify(&["--cert", "A=text.txt"]).ends(2).says("--cert: ");
    // The certificates would be fetched with this key.
    let mut home = Home::of("no-private-key", &sandbox);
    home.set("WECHATPAY_CERTS", "");
    home.write("key.pem", "a text");
    home.run_with(&["verify"], crate::verify::raw(&paid)).ends(2).says("privateKey");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text() {
    let home = Home::new("no-text");
    let mut command = home.command(&["get", CERTIFICATES]);
    command.env("WECHATPAY_MCHID", <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xff"));
    Run::of(command.output().unwrap()).ends(2).says("WECHATPAY_MCHID is not UTF-8");
}

#[test]
fn files_that_cannot_be_read() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("unread", &sandbox);
    home.run(&["encrypt", "none.txt"]).ends(2).says("none.txt: ");
    home.run(&["encrypt", "."]).ends(2).says(".: ");
    home.write("latin1.txt", b"caf\xe9");
    home.run(&["decrypt", "latin1.txt"]).ends(2).says("is not UTF-8");
    home.write("large.txt", "");
    std::fs::File::options().write(true).open(home.path("large.txt")).unwrap().set_len((32 << 20) + 1).unwrap();
    home.run(&["encrypt", "large.txt"]).ends(2).says("large.txt has more than 33554432 bytes");
}

/// What a sandbox has left behind, or keeps, is not what it should be.
#[test]
fn a_sandbox_without_its_keys() {
    let home = Home::new("keyless");
    home.write("sandbox/keys.json", "[]");
    home.run(&["--profile", "sandbox", "get", CERTIFICATES]).ends(1).says("the sandbox cannot be started: ");
    let sandbox = Sandbox::start().unwrap();
    let address = sandbox.base_uri().trim_start_matches("http://").trim_end_matches('/');
    let state = json!({ "address": address, "base_uri": sandbox.base_uri(), "mchid": sandbox.mchid(),
        "serial": sandbox.merchant_serial(), "certs": {}, "private_key": home.path("own/key.pem") });
    home.write("sandbox.json", state.to_string());
    let trigger = ["trigger", "TRANSACTION.SUCCESS"];
    home.run(&trigger).ends(2).says("the sandbox that runs keeps no keys.json beside its keys");
    home.write("own/keys.json", "[]");
    home.run(&trigger).ends(1).says("the keys of the sandbox cannot be used: ");
}

/// A merchant who has both: the platform's public key, and its certificate.
#[test]
fn one_of_several_keys_of_the_platform() {
    let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start().unwrap();
    let mut home = Home::of("several", &sandbox);
    let certificate = sandbox.platform_serial().to_owned();
    home.write("public.pem", sandbox.public_key_pem().unwrap());
    home.write("certificate.pem", sandbox.platform_certificate_pem(&certificate).unwrap());
    let public = sandbox.public_key_id().unwrap().to_owned();
    let certs = ["public.pem", "certificate.pem"].map(|file| home.path(file));
    home.set("WECHATPAY_CERTS", &format!("{public}={},{certificate}={}", certs[0], certs[1]));
    let receiver = json!({ "appid": "wx8888888888888888", "type": "MERCHANT_ID", "account": "1900000109",
        "name": "示例", "relation_type": "STORE" });
    home.write("receiver.json", receiver.to_string());
    home.write("name.txt", "示例");
    let add = ["post", "v3/profitsharing/receivers/add", "-d", "@receiver.json", "--encrypt", "auto"];
    // None is chosen.
    home.run(&add).ends(2).says("wechatpay_serial");
    home.run(&["encrypt", "name.txt"]).ends(2).says("--for ID, or --wechatpay-serial ID");
    home.run(&["doctor"]).ends(6);
    let told = home.run(&["doctor", "--offline"]).ends(0).stdout;
    assert!(told.contains("! wechatpay_serial") && told.contains("--wechatpay-serial ID"), "{told}");
    for id in [&public, &certificate] {
        let chosen = ["--wechatpay-serial", id.as_str()];
        home.run(&[&add[..], &chosen].concat()).ends(0);
        let request = sandbox.requests().pop().unwrap();
        assert_eq!(request.headers()["wechatpay-serial"], id.as_str());
        let sealed = request.json().unwrap()["name"].as_str().unwrap().to_owned();
        assert_eq!(sandbox.decrypt(&sealed).as_deref(), Some("示例"));
        // Where nothing is encrypted, requests name it, too.
        home.run(&[&["get", CERTIFICATES][..], &chosen].concat()).ends(0);
        assert_eq!(sandbox.requests().pop().unwrap().headers()["wechatpay-serial"], id.as_str());
        let told = home.run(&[&["--json", "encrypt", "name.txt"][..], &chosen].concat()).ends(0).json();
        assert_eq!(told["serial"], id.as_str());
        let told = home.run(&[&["doctor"][..], &chosen].concat()).ends(0).stdout;
        assert!(told.contains(&format!("wechatpay_serial {id}, from --wechatpay-serial")), "{told}");
        assert!(told.contains("✓ encryption"), "{told}");
        let line = format!("\"wechatpay_serial\": \"{id}\",");
        assert!(home.run(&[&add[..], &["--rust"], &chosen].concat()).ends(0).stdout.contains(&line));
        let php = home.run(&[&add[..], &["--php"], &chosen].concat()).ends(0).stdout;
        let file = if *id == public { "public.pem" } else { "certificate.pem" };
        assert!(php.contains(&format!("'Wechatpay-Serial' => '{id}'")), "{php}");
        let key = php.lines().find(|line| line.starts_with("$platformKey = ")).unwrap();
        assert!(key.contains(file), "{key}");
    }
    // By the environment, and in a profile; --for is stronger.
    home.set("WECHATPAY_WECHATPAY_SERIAL", &public);
    assert_eq!(home.run(&["--json", "encrypt", "name.txt"]).ends(0).json()["serial"], public.as_str());
    let told = home.run(&["--json", "encrypt", "name.txt", "--for", &certificate]).ends(0).json();
    assert_eq!(told["serial"], certificate.as_str());
    home.set("WECHATPAY_WECHATPAY_SERIAL", "");
    let config = format!("[profiles.shop]\nwechatpay_serial = \"{certificate}\"\n");
    home.write(".config/wechatpay/config.toml", config);
    let told = home.run(&["--json", "--profile", "shop", "encrypt", "name.txt"]).ends(0).json();
    assert_eq!(told["serial"], certificate.as_str());
    // One that is not there.
    let unknown = ["--wechatpay-serial", "PUB_KEY_ID_1"];
    home.run(&[&add[..], &unknown].concat()).ends(2).says("`wechatpay_serial` is \"PUB_KEY_ID_1\"");
    home.run(&[&["encrypt", "name.txt"][..], &unknown].concat())
        .ends(2)
        .says("no key of the platform \"PUB_KEY_ID_1\"");
    let told = home.run(&[&["doctor", "--offline"][..], &unknown].concat()).ends(6).stdout;
    assert!(told.contains("wechatpay_serial PUB_KEY_ID_1, from --wechatpay-serial, is not one of `certs`"), "{told}");
}

/// A flag is used, or it is refused.
#[test]
fn flags_that_a_command_would_ignore() {
    let home = Home::new("ignored");
    home.write("key.txt", "x".repeat(32));
    let settings: [&[&str]; 14] = [
        &["--mchid", "1900000109"],
        &["--brand-id", "1"],
        &["--serial", "5A"],
        &["--private-key", "key.txt"],
        &["--cert", "PUB_KEY_ID_1=key.txt"],
        &["--wechatpay-serial", "PUB_KEY_ID_1"],
        &["--apiv3-key", "key.txt"],
        &["--secret", "key.txt"],
        &["--merchant-cert", "key.txt"],
        &["--base-uri", "http://127.0.0.1:1/"],
        &["--timeout", "1"],
        &["--verify", "key.txt"],
        &["--proxy", ""],
        &["--profile", "shop"],
    ];
    let all: Vec<_> = settings.iter().map(|flag| flag[0]).collect();
    let none: &[&str] = &[];
    let network = &["--base-uri", "--timeout", "--verify", "--proxy"][..];
    let commands: [(&[&str], Vec<&str>); 14] = [
        (&["search", "refund"], none.to_vec()),
        (&["show", "v3/pay/transactions/native"], none.to_vec()),
        (&["qr", "text"], none.to_vec()),
        (&["port", "none.php"], none.to_vec()),
        (&["completions", "bash"], none.to_vec()),
        (&["man"], none.to_vec()),
        (&["bill", "check", "none.csv"], none.to_vec()),
        (&["sandbox", "--port", "0"], none.to_vec()),
        (&["trigger", "TRANSACTION.SUCCESS"], vec!["--profile"]),
        (&["trigger", "TRANSACTION.SUCCESS", "--to", "http://127.0.0.1:9/"], vec!["--profile", "--verify"]),
        (&["trigger", "TRANSACTION.SUCCESS", "--keys", "box"], vec!["--mchid", "--brand-id", "--profile"]),
        (&["sign", "text"], all.iter().filter(|flag| !network.contains(flag)).copied().collect()),
        (
            &["decrypt", "key.txt"],
            all.iter()
                .filter(|flag| !network.contains(flag) && !["--cert", "--wechatpay-serial"].contains(flag))
                .copied()
                .collect(),
        ),
        (&["explain", "key.txt"], all.clone()),
    ];
    for (command, used) in commands {
        for setting in settings.iter().filter(|setting| !used.contains(&setting[0])) {
            // Before the command and after it.
            for words in [[setting, command].concat(), [command, setting].concat()] {
                home.run(&words).ends(2).says(&format!("of no use to this command: {}", setting[0])).says("  → ");
            }
        }
        for setting in settings.iter().filter(|setting| used.contains(&setting[0])) {
            let run = home.run(&[setting, command].concat());
            assert!(!run.stderr.contains("of no use"), "{command:?}: {}", run.stderr);
        }
    }
    let run = home.run(&["--json", "--mchid", "1", "--private-key", "key.txt", "sandbox"]).ends(2);
    assert!(run.stderr.contains("--mchid, --private-key") && run.stderr.contains("--merchant says its id"), "{run:?}");
    // The environment and profiles are for all commands, and what is printed is, too.
    let mut home = home;
    home.set("WECHATPAY_MCHID", "1900000109");
    home.set("WECHATPAY_PROFILE", "shop");
    home.run(&["--json", "--debug", "qr", "text"]).ends(0);
}
