//! Settings: from flags, the environment and profiles.

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
