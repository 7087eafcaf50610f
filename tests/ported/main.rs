//! Nine PHP programs, ported line for line: each runs against the answers that the PHP program got when it was recorded, and
//! must send the same requests in the same order and return the same.
//!
//! The PHP programs are in the folder `php-samples` of the reference folder, under the same names. A file here has nothing but
//! the port; what stands for the process environment is `env`.

mod env;

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

use anyhow::Result;
use support::nature;
use support::world::World;
use wechatpay::Value;

/// Runs a port. What it has sent and what it returns must be what was recorded.
fn check(sample: &str, run: impl FnOnce(Value) -> Result<Value>) {
    let Some(world) = World::start(sample) else { return };
    env::set(world.folder(), world.variables());
    let mut result = run(world.overrides()).unwrap();
    nature::replace(sample, &world, &mut result);
    assert_eq!(result, world.recorded.result);
    world.check_requests(cfg!(feature = "preserve-order"));
}

#[test]
fn bookstore_native() {
    check("01_bookstore_native", |overrides| bookstore_native::run(&bookstore_native::wechatpay(overrides)?));
}

#[test]
fn tea_jsapi_cashier() {
    check("02_TeaJsapiCashier", tea_jsapi_cashier::JsapiCashier::demo);
}

#[test]
fn travel_refund_service() {
    check("04_TravelRefundService", travel_refund_service::RefundService::nightly);
}

#[test]
fn mall_combine_partner() {
    check("05_mall_combine_partner", |overrides| {
        mall_combine_partner::run(&mall_combine_partner::mall_client(overrides)?)
    });
}

#[test]
fn busifavor_coupons() {
    check("07_busifavor_coupons", |overrides| busifavor_coupons::run(&busifavor_coupons::coffee_pay(overrides)?));
}

#[test]
fn reward_transfer() {
    check("09_RewardTransfer", |overrides| reward_transfer::run_batch(&reward_transfer::client(overrides)?));
}

#[test]
fn complaint_desk() {
    check("10_ComplaintDesk", complaint_desk::run);
}

#[test]
fn sub_merchant_apply() {
    check("12_sub_merchant_apply", |overrides| sub_merchant_apply::apply(&sub_merchant_apply::sp_client(overrides)?));
}

#[test]
fn legacy_v2_orders() {
    check("14_legacy_v2_orders", |overrides| {
        legacy_v2_orders::run_legacy(&legacy_v2_orders::WxV2::instance(overrides)?)
    });
}
