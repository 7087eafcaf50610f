//! The operations for bills.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use openssl::hash::MessageDigest;
use serde_json::{Value, json};
use ureq::http::header::ACCEPT_ENCODING;

use crate::answer::{Answer, Packing, Place, Refusal};
use crate::bill::{Bill, Kind};
use crate::call::{Call, Query};
use crate::crypto::{self, FileKey};
use crate::lock::lock;

/// The `hash_type` of a bill, unless another is documented.
pub(crate) const SHA1: &str = "SHA1";

/// The default size of a bill, in bytes.
const SIZE: u64 = 64 * 1024;

/// Characters of the token in a download address.
pub(crate) const TOKEN: usize = 32;

pub(crate) struct Downloads {
    /// The size of the next bills.
    size: AtomicU64,
    /// What the tokens were issued for.
    applied: Mutex<BTreeMap<String, Offered>>,
}

/// A bill that can be downloaded.
#[derive(Clone)]
pub(crate) struct Offered {
    pub(crate) bill: Bill,
    pub(crate) packing: Packing,
    /// With which it is encrypted, if it is.
    pub(crate) key: Option<FileKey>,
}

impl Default for Downloads {
    fn default() -> Downloads {
        Downloads { size: AtomicU64::new(SIZE), applied: Mutex::default() }
    }
}

impl Downloads {
    pub(crate) fn set_bill_size(&self, bytes: u64) {
        self.size.store(bytes, Ordering::Relaxed);
    }

    /// The trade bill of a day, in the current size.
    pub(crate) fn bill(&self, day: &str) -> Bill {
        Bill::new(Kind::Trade, day, self.size.load(Ordering::Relaxed))
    }

    /// The fund flow bill of a day, in the current size.
    pub(crate) fn fund_flow(&self, day: &str) -> Bill {
        Bill::new(Kind::FundFlow, day, self.size.load(Ordering::Relaxed))
    }

    /// Says where the bill of a day can be downloaded (申请交易账单). The SHA-1 is that of the plain bill, even if it is to
    /// be compressed.
    pub(crate) fn apply_for_bill(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let query = call.query()?;
        let bill = self.bill(&query.day("bill_date", "-")?);
        let packing = tar_type(&query)?;
        let token = crypto::nonce(TOKEN);
        let address = address(call, &token);
        let offered = self.offer(token, Offered { bill, packing, key: None });
        Ok(json!({ "hash_type": SHA1, "hash_value": digest(&offered.bill, SHA1)?, "download_url": address }))
    }

    /// Has a bill downloaded with a token. If there already is one, it stays; returns the one that is there.
    pub(crate) fn offer(&self, token: String, offered: Offered) -> Offered {
        lock(&self.applied).entry(token).or_insert(offered).clone()
    }

    /// Returns a bill that was applied for (下载账单).
    pub(crate) fn bill_file(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        let token = call.query()?.text("token")?;
        match lock(&self.applied).get(&token).cloned() {
            Some(Offered { bill, packing, key: None }) => Ok(Answer::bill(bill, packing)),
            Some(Offered { bill, packing, key: Some(key) }) => {
                Answer::sealed_bill(bill, packing, &key).map_err(|error| Refusal::system(&error.to_string()))
            }
            None => Err(Refusal::param(Place::Query, "token", "下载凭证不存在", "must be one that was issued")),
        }
    }

    /// Returns the bill of an overseas merchant (下载对账单); its SHA-1 is signed.
    pub(crate) fn statement(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        let query = call.query()?;
        let bill = self.bill(&query.day("date", "")?);
        let name = if query.optional_text("sp_mchid")?.is_some() { "sp_mchid" } else { "mchid" };
        if query.text(name)? != call.merchant.mchid() {
            return Err(Refusal::param(Place::Query, name, "与签名的商户号不一致", "must be the merchant who signs"));
        }
        let packing = match tar_type(&query)? {
            Packing::Plain if accepts_gzip(call) => Packing::Transfer,
            packing => packing,
        };
        let sha1 = digest(&bill, SHA1)?;
        Ok(Answer::statement(bill, packing, &sha1))
    }
}

fn tar_type(query: &Query) -> Result<Packing, Refusal> {
    Ok(if query.has("tar_type", "GZIP")? { Packing::File } else { Packing::Plain })
}

/// Whether the answer may be compressed for the transfer.
fn accepts_gzip(call: &Call<'_>) -> bool {
    let mut values = call.request.headers().get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.any(|value| value.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("gzip")))
}

/// Where a bill is downloaded with a token.
pub(crate) fn address(call: &Call<'_>, token: &str) -> String {
    format!("{}v3/billdownload/file?token={token}", call.base_uri)
}

/// The digest of a bill, of a documented `hash_type`. It may block this thread: other threads serve other requests meanwhile.
pub(crate) fn digest(bill: &Bill, hash_type: &str) -> Result<String, Refusal> {
    /// Smaller bills are not worth a change of threads.
    const LARGE: u64 = 1024 * 1024;
    let kind = digest_kind(hash_type)?;
    let digest =
        if bill.size() < LARGE { bill.digest(kind) } else { tokio::task::block_in_place(|| bill.digest(kind)) };
    digest.map_err(|error| Refusal::system(&error.to_string()))
}

/// What a documented `hash_type` stands for: `SHA1`, `SHA256` or `SM3`, which not every OpenSSL has.
pub(crate) fn digest_kind(hash_type: &str) -> Result<MessageDigest, Refusal> {
    MessageDigest::from_name(hash_type).ok_or_else(|| Refusal::system("OpenSSL does not have this digest"))
}
