//! The chain as a path: how strings enter it, and the three ways to write one.

use wechatpay::{Builder, Chain, Credentials, chain};

/// An instance that cannot call anyone, where only paths are looked at.
pub fn silent() -> Chain {
    Builder::new()
        .credentials(
            Credentials::new()
                .mchid("1900000109")
                .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
                .signer(|_: &[u8]| anyhow::bail!("this instance makes no calls"))
                .verifier(|_: &str, _: &[u8], _: &str| Ok(false)),
        )
        .build()
        .unwrap()
}

#[test]
fn arrows_paths_and_indexes_name_the_same() {
    let instance = silent();
    let path = "v3/marketing/bank-favor/users/{openid}/bank-multi-activity";
    assert_eq!(chain!(instance->v3->marketing->bankFavor->users->_openid_->bankMultiActivity).pathname(), path);
    assert_eq!(instance.chain(path).pathname(), path);
    assert_eq!(instance["v3/marketing/bank-favor/users/{openid}/bank-multi-activity"].pathname(), path);
    assert_eq!(
        instance["v3"].chain("marketing/bankFavor")["users/<openid>"].chain("BankMultiActivity").pathname(),
        path
    );
}

#[test]
fn the_macro_takes_keywords_expressions_and_indexes_anywhere() {
    let instance = silent();
    struct Service {
        clients: Vec<Chain>,
    }
    let service = Service { clients: vec![instance.clone()] };
    let segment = String::from("merchantService");

    assert_eq!(chain!(instance).pathname(), "");
    assert_eq!(
        chain!(instance->return->try->use->type->self->fn->crate->async).pathname(),
        "return/try/use/type/self/fn/crate/async"
    );
    assert_eq!(chain!(instance->v3->r#return->r#try).pathname(), "v3/return/try");
    assert_eq!(chain!(instance->v3->{"merchant-service"}->images).pathname(), "v3/merchant-service/images");
    assert_eq!(chain!(instance->v3->{segment}->{format!("images")}).pathname(), "v3/merchant-service/images");
    assert_eq!(
        chain!(instance->v3->marketing->busifavor->users["{openid}/coupons/{coupon_code}"]->appids->_appid_).pathname(),
        "v3/marketing/busifavor/users/{openid}/coupons/{coupon_code}/appids/{appid}"
    );
    assert_eq!(
        chain!(instance["v3/pay"]->transactions["outTradeNo/{out_trade_no}"]).pathname(),
        "v3/pay/transactions/out-trade-no/{out_trade_no}"
    );
    assert_eq!(chain!(service.clients[0]->v3->certificates).pathname(), "v3/certificates");
    assert_eq!(chain!(service.clients.first().unwrap()->v3).pathname(), "v3");
    assert_eq!(chain!((&instance)->v3->certificates).pathname(), "v3/certificates");
    // Only borrowed.
    assert_eq!(instance.pathname(), "");
}

#[test]
fn what_stands_in_braces_is_never_rewritten() {
    let instance = silent();
    assert_eq!(chain!(instance->v3->users->_userId_).pathname(), "v3/users/{userId}");
    assert_eq!(instance.chain("v3/users/{userId}/Abc").pathname(), "v3/users/{userId}/-abc");
    assert_eq!(instance.chain("v3/users/<userId>").pathname(), "v3/users/{userId}");
    // PHP's rule for `_name_` is for whole strings only.
    assert_eq!(instance.chain("v3/users/_openid_/x").pathname(), "v3/users/_openid_/x");
}

#[test]
fn an_index_hands_out_the_same_chain_again() {
    let instance = silent();
    let first: *const Chain = &instance["v3/certificates"];
    let again: *const Chain = &instance.clone()["v3/certificates"];
    assert_eq!(first, again);
    assert_eq!(instance.chain("v3").pathname(), "v3");
}

#[test]
fn chains_and_promises_cross_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    fn sent<T: Send + 'static>() {}
    shared::<Chain>();
    shared::<wechatpay::Response>();
    shared::<wechatpay::Error>();
    sent::<wechatpay::Promise<wechatpay::Response>>();
    sent::<wechatpay::Options>();
    let debug = format!("{:?}", silent().chain("v3/certificates"));
    assert_eq!(debug, r#"Chain { mchid: "1900000109", pathname: "v3/certificates" }"#);
}
