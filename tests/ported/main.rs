//! Nine PHP programs, ported line for line: each runs against the answers that the PHP program got when it was recorded, and
//! must send the same requests in the same order and return the same.
//!
//! The PHP programs are in the folder `php-samples` of the reference folder, under the same names. A file here has nothing but
//! the port; what stands for the process environment is `env`.

mod env;
mod recording;
mod sameness;
mod world;

#[path = "01_bookstore_native.rs"]
mod bookstore_native;
#[path = "07_busifavor_coupons.rs"]
mod busifavor_coupons;
#[path = "10_complaint_desk.rs"]
mod complaint_desk;
#[path = "14_legacy_v2_orders.rs"]
mod legacy_v2_orders;
#[path = "05_mall_combine_partner.rs"]
mod mall_combine_partner;
#[path = "09_reward_transfer.rs"]
mod reward_transfer;
#[path = "12_sub_merchant_apply.rs"]
mod sub_merchant_apply;
#[path = "02_tea_jsapi_cashier.rs"]
mod tea_jsapi_cashier;
#[path = "04_travel_refund_service.rs"]
mod travel_refund_service;

use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::sign::Signer;

use crate::world::World;

#[test]
fn bookstore_native() {
    World::check("01_bookstore_native", |_, overrides| bookstore_native::run(&bookstore_native::wechatpay(overrides)?));
}

#[test]
fn tea_jsapi_cashier() {
    World::check("02_TeaJsapiCashier", |world, overrides| {
        let mut result = tea_jsapi_cashier::JsapiCashier::demo(overrides)?;
        let line = |name: &str| format!("{}\n", result["client"][name].as_str().unwrap());
        let signed = ["appId", "timeStamp", "nonceStr", "package"].map(line).concat();
        assert!(world.has_signed(&signed, result["client"]["paySign"].as_str().unwrap()));
        world.replace_moment(&mut result["client"]);
        result["client"]["paySign"] = world.recorded.result["client"]["paySign"].clone();
        Ok(result)
    });
}

#[test]
fn travel_refund_service() {
    World::check("04_TravelRefundService", |_, overrides| travel_refund_service::RefundService::nightly(overrides));
}

#[test]
fn mall_combine_partner() {
    World::check("05_mall_combine_partner", |_, overrides| {
        mall_combine_partner::run(&mall_combine_partner::mall_client(overrides)?)
    });
}

#[test]
fn busifavor_coupons() {
    World::check("07_busifavor_coupons", |world, overrides| {
        let mut result = busifavor_coupons::run(&busifavor_coupons::coffee_pay(overrides)?)?;
        // The text that PHP has signed, as the recorded signature shows, with the sandbox's key in place of the recorded one.
        let signed = "out_request_no0=o1&out_request_no1=o2&send_coupon_merchant=1900007291\
                      &stock_id0=98065001&stock_id1=98065002";
        let recorded = &world.recorded.result["sign"];
        assert_eq!(hmac(signed, world.recorded.env["WECHATPAY_APIV2_KEY"].as_str().unwrap()), *recorded);
        assert_eq!(hmac(signed, world.sandbox.secret()), result["sign"]);
        result["sign"] = recorded.clone();
        Ok(result)
    });
}

#[test]
fn reward_transfer() {
    World::check("09_RewardTransfer", |_, overrides| reward_transfer::run_batch(&reward_transfer::client(overrides)?));
}

#[test]
fn complaint_desk() {
    World::check("10_ComplaintDesk", |_, overrides| complaint_desk::run(overrides));
}

#[test]
fn sub_merchant_apply() {
    World::check("12_sub_merchant_apply", |_, overrides| {
        sub_merchant_apply::apply(&sub_merchant_apply::sp_client(overrides)?)
    });
}

#[test]
fn legacy_v2_orders() {
    World::check("14_legacy_v2_orders", |world, overrides| {
        let mut result = legacy_v2_orders::run_legacy(&legacy_v2_orders::WxV2::instance(overrides)?)?;
        let pair = |name: &str| format!("{name}={}&", result["jsapi"][name].as_str().unwrap());
        let signed = ["appId", "nonceStr", "package", "signType", "timeStamp"].map(pair).concat();
        assert_eq!(md5(&signed, world.sandbox.secret()), result["jsapi"]["paySign"]);
        world.replace_moment(&mut result["jsapi"]);
        result["jsapi"]["paySign"] = world.recorded.result["jsapi"]["paySign"].clone();
        Ok(result)
    });
}

/// The two signatures of APIv2, by OpenSSL alone: of pairs with or without `&` at their end.
fn md5(pairs: &str, key: &str) -> String {
    upper_hex(&hash(MessageDigest::md5(), keyed(pairs, key).as_bytes()).unwrap())
}

fn hmac(pairs: &str, key: &str) -> String {
    let hmac = PKey::hmac(key.as_bytes()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &hmac).unwrap();
    upper_hex(&signer.sign_oneshot_to_vec(keyed(pairs, key).as_bytes()).unwrap())
}

fn keyed(pairs: &str, key: &str) -> String {
    format!("{}&key={key}", pairs.trim_end_matches('&'))
}

fn upper_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
