//! Settings: from flags, the environment and profiles.

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
    wrong("", "", &["--cert", "=platform.pem"], "--cert: \"=platform.pem\" is not ID=FILE");
    wrong("", "", &["--timeout", "soon"], "--timeout");
    wrong("WECHATPAY_PRIVATE_KEY", "", &[], "WECHATPAY_MERCHANT_CERT needs the private key beside it");
    wrong("", "", &["--apiv3-key", "none.key"], "none.key: ");
    let home = Home::of("no-key", &sandbox);
    home.write("text.txt", "a text");
    let paid = sandbox.notification("TRANSACTION.SUCCESS", serde_json::json!({}));
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
    let state = serde_json::json!({ "address": address, "base_uri": sandbox.base_uri(), "mchid": sandbox.mchid(),
        "serial": sandbox.merchant_serial(), "certs": {}, "private_key": home.path("own/key.pem") });
    home.write("sandbox.json", state.to_string());
    let trigger = ["trigger", "TRANSACTION.SUCCESS"];
    home.run(&trigger).ends(2).says("the sandbox that runs keeps no keys.json beside its keys");
    home.write("own/keys.json", "[]");
    home.run(&trigger).ends(1).says("the keys of the sandbox cannot be used: ");
}
