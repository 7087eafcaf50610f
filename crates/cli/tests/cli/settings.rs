//! Settings: from flags, the environment and profiles.

use serde_json::json;
use wechatpay_sandbox::{KeyMode, Sandbox};

use crate::runs::Home;

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
    let commands: [(&[&str], Vec<&str>); 12] = [
        (&["search", "refund"], none.to_vec()),
        (&["show", "v3/pay/transactions/native"], none.to_vec()),
        (&["qr", "text"], none.to_vec()),
        (&["completions", "bash"], none.to_vec()),
        (&["man"], none.to_vec()),
        (&["bill", "check", "none.csv"], none.to_vec()),
        (&["sandbox", "--port", "0"], none.to_vec()),
        (&["trigger", "TRANSACTION.SUCCESS"], vec!["--profile"]),
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
