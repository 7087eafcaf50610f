//! Five coupon operations, each written in the six forms of the PHP SDK.
//!
//! Each operation has a file and each form a function; the pages in `docs/operations` quote the functions.

use wechatpay::{Chain, PublicKey, Response};

/// The functions print their answers, as they would in a real program. Here `main` shows the answers in a table, so in the
/// modules below `println!` only formats the text.
macro_rules! println {
    ($($answer:tt)*) => {
        drop(format!($($answer)*))
    };
}

pub mod bank_multi_activity;
pub mod busifavor_coupons;
pub mod multiuse_coupons;
pub mod withdraw_favor_coupons;
pub mod withdraw_favor_coupons_list;

/// The names of the forms, in the order of [`Functions`].
pub const FORMS: [&str; 6] =
    ["sync chain", "sync declarative", "sync index", "async chain", "async declarative", "async index"];

/// An operation of the platform.
pub struct Operation {
    pub name: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    pub functions: Functions,
}

/// The functions of an operation, by what they need.
pub enum Functions {
    Plain([fn(&Chain) -> anyhow::Result<Response>; 6]),
    /// Those that encrypt fields for the platform need its public key.
    Encrypting([fn(&Chain, &PublicKey) -> anyhow::Result<Response>; 6]),
}

impl Operation {
    /// Makes the call in one of the [`FORMS`].
    pub fn call(&self, form: usize, instance: &Chain, platform_public_key: &PublicKey) -> anyhow::Result<Response> {
        match &self.functions {
            Functions::Plain(functions) => functions[form](instance),
            Functions::Encrypting(functions) => functions[form](instance, platform_public_key),
        }
    }
}

/// In the order in which they are shown: the list comes after the coupons that it lists.
pub const OPERATIONS: [Operation; 5] = [
    Operation {
        name: "给指定用户报名多笔立减活动",
        method: "POST",
        path: "v3/marketing/bank-favor/users/{openid}/bank-multi-activity",
        functions: Functions::Plain({
            use bank_multi_activity::*;
            [sync_chain, sync_declarative, sync_index, async_chain, async_declarative, async_index]
        }),
    },
    Operation {
        name: "发放指定批次的消费金",
        method: "POST",
        path: "v3/multiuse/users/{openid}/coupons",
        functions: Functions::Encrypting({
            use multiuse_coupons::*;
            [sync_chain, sync_declarative, sync_index, async_chain, async_declarative, async_index]
        }),
    },
    Operation {
        name: "向用户发券",
        method: "POST",
        path: "v3/marketing/busifavor/coupons/send",
        functions: Functions::Plain({
            use busifavor_coupons::*;
            [sync_chain, sync_declarative, sync_index, async_chain, async_declarative, async_index]
        }),
    },
    Operation {
        name: "为用户发银行提现免费券",
        method: "POST",
        path: "v3/marketing/withdraw-favor/users/{openid}/coupons",
        functions: Functions::Plain({
            use withdraw_favor_coupons::*;
            [sync_chain, sync_declarative, sync_index, async_chain, async_declarative, async_index]
        }),
    },
    Operation {
        name: "查询批次下用户银行提现免费券列表",
        method: "GET",
        path: "v3/marketing/withdraw-favor/users/{openid}/coupons",
        functions: Functions::Plain({
            use withdraw_favor_coupons_list::*;
            [sync_chain, sync_declarative, sync_index, async_chain, async_declarative, async_index]
        }),
    },
];
