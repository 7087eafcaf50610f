//! The files of which an answer says where they can be downloaded: they are there, and their digest is the one that is said.

use hyper::body::Bytes;
use openssl::hash::hash;
use serde_json::{Map, Value};
use wechatpay_catalog::Found;

use super::chance::{Chance, Seed};
use super::given::Given;
use super::samples::LETTERS;
use crate::answer::{Answer, Packing, Place, Refusal};
use crate::call::Call;
use crate::clock;
use crate::crypto::{self, FileKey};
use crate::downloads::{self, Downloads, Offered};

/// Downloads, whose pages say that the answer is empty, with what they download. None of them is signed.
const FILES: [(&str, &str, &[u8]); 3] = [
    ("v3/global/merchant-service/images/{media_id}", "image/png", PNG),
    ("v3/transferdownload/elecvoucherfile", "application/pdf", PDF),
    ("v3/transferdownload/signfile", "application/pdf", PDF),
];

/// A white point.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\
    \0\0\0\nIDATx\xdac\xf8\x0f\0\x01\x01\x01\0\x1c\xb0\x8c\x99\0\0\0\0IEND\xaeB`\x82";

/// An empty page.
pub(crate) const PDF: &[u8] = b"%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
xref
0 4
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000052 00000 n\x20
0000000101 00000 n\x20
trailer<</Size 4/Root 1 0 R>>
startxref
164
%%EOF
";

/// What the templates of operations have in them whose files are documents to be printed. All other files are bills.
const PRINTED: [&str; 4] = ["elecsign", "fapiao", "proof", "receipt"];

/// The file of an operation that does nothing but to give one out.
pub(crate) fn download(template: &str) -> Option<Answer> {
    let file = FILES.iter().find(|(known, ..)| *known == template);
    file.map(|(_, kind, bytes)| Answer::file(kind, Bytes::from_static(bytes)))
}

/// Puts in place what an answer says can be downloaded, at any depth, and says where, and its digest. For the same request, it
/// is the same file at the same address.
pub(crate) fn offer(
    found: &Found<'_>,
    call: &Call<'_>,
    given: &Given,
    downloads: &Downloads,
    answer: &mut Map<String, Value>,
) -> Result<(), Refusal> {
    let template = found.operation().template();
    Desk { call, given, downloads, template }.offer(answer)
}

/// Only a bill of more than 16 GiB comes in several parts.
fn one_part(object: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = object.get_mut("download_bill_list") else { return };
    parts.truncate(1);
    if let Some(Value::Object(part)) = parts.first_mut() {
        part.insert("bill_sequence".to_owned(), 1.into());
    }
    let count = parts.len();
    object.insert("download_bill_count".to_owned(), count.into());
}

/// Where files are given out.
struct Desk<'a> {
    call: &'a Call<'a>,
    given: &'a Given,
    downloads: &'a Downloads,
    template: &'static str,
}

impl Desk<'_> {
    fn offer(&self, object: &mut Map<String, Value>) -> Result<(), Refusal> {
        one_part(object);
        for value in object.values_mut() {
            match value {
                Value::Object(inside) => self.offer(inside)?,
                Value::Array(items) => {
                    items.iter_mut().filter_map(Value::as_object_mut).try_for_each(|item| self.offer(item))?;
                }
                _ => {}
            }
        }
        let has_digest = object.contains_key("hash_value");
        let name = if object.contains_key("download_url") { "download_url" } else { "url" };
        let Some(Value::String(made_up)) = object.get(name).filter(|_| has_digest || name == "download_url") else {
            return Ok(());
        };
        let letters = Seed::new().with(made_up.as_bytes());
        let token = Chance::new(letters).text("", downloads::TOKEN, LETTERS);
        let hash_type = object.get("hash_type").and_then(Value::as_str).unwrap_or(downloads::SHA1).to_owned();
        let hash_type = hash_type.as_str();
        let is_printed = PRINTED.iter().any(|word| self.template.contains(word));
        let (address, digest) =
            if is_printed { self.print(&token, hash_type)? } else { self.bill(token, hash_type, object)? };
        object.insert(name.to_owned(), address.into());
        if has_digest {
            object.insert("hash_value".to_owned(), digest.into());
        }
        Ok(())
    }

    /// The address and the digest of a document to be printed.
    fn print(&self, token: &str, hash_type: &str) -> Result<(String, String), Refusal> {
        let path = match self.template.starts_with("v3/fund-app/") {
            true => "v3/transferdownload/elecvoucherfile?source=OFFLINE&",
            false => "v3/transferdownload/signfile?",
        };
        let digest = hash(downloads::digest_kind(hash_type)?, PDF);
        let digest = digest.map_err(|error| Refusal::system(&error.to_string()))?;
        Ok((format!("{}{path}token={token}", self.call.base_uri), crypto::hex(&digest)))
    }

    /// A new key for a file. Of the two algorithms that are documented, the platform's own pages say that it has only one.
    fn key(&self) -> Result<FileKey, Refusal> {
        if self.given.text("algorithm") == Some("SM4_GCM") {
            let issue = "must be AEAD_AES_256_GCM: the platform has no other one yet";
            return Err(Refusal::param(Place::Query, "algorithm", "目前只支持AES-256-GCM算法", issue));
        }
        Ok(FileKey::new())
    }

    /// The address and the digest of the bill of the day for which it was applied. An object that has a key for it gets the key; the
    /// digest is that of the plain bill.
    fn bill(
        &self,
        token: String,
        hash_type: &str,
        object: &mut Map<String, Value>,
    ) -> Result<(String, String), Refusal> {
        let key = object.contains_key("encrypt_key").then(|| self.key()).transpose()?;
        let day = ["bill_date", "date"].iter().find_map(|name| self.given.text(name));
        let day = day.map_or_else(|| clock::rfc3339(crypto::now()).chars().take(10).collect(), str::to_owned);
        let packing = if self.given.text("tar_type") == Some("GZIP") { Packing::File } else { Packing::Plain };
        let address = downloads::address(self.call, &token);
        let is_flow = self.template.contains("fundflow");
        let bill = if is_flow { self.downloads.fund_flow(&day) } else { self.downloads.bill(&day) };
        let offered = self.downloads.offer(token, Offered { bill, packing, key });
        if let Some(FileKey { key, nonce }) = offered.key {
            object.insert("encrypt_key".to_owned(), self.call.encrypt(&key)?.into());
            object.insert("nonce".to_owned(), nonce.into());
        }
        Ok((address, downloads::digest(&offered.bill, hash_type)?))
    }
}
