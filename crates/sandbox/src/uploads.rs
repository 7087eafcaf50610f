//! The operations that take a file, and the images that can be downloaded again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::answer::{Answer, Place, Refusal};
use crate::call::Call;
use crate::crypto;
use crate::crypto::hex;
use crate::ledger::{Effect, Ledger};
use crate::lock::lock;

/// Characters of the id of a file.
const ID: usize = 32;

pub(crate) struct Uploads {
    images: Mutex<BTreeMap<String, Bytes>>,
    ledger: Arc<Ledger>,
}

impl Uploads {
    /// No images yet; uploads are recorded in the ledger.
    pub(crate) fn new(ledger: Arc<Ledger>) -> Uploads {
        Uploads { images: Mutex::default(), ledger }
    }

    /// Takes an image or a video (图片上传、视频上传) of any size.
    pub(crate) fn take_media(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let upload = check(call)?;
        self.record(call, upload);
        Ok(json!({ "media_id": crypto::nonce(ID) }))
    }

    /// Takes an image for marketing (营销专用图片上传) of any size.
    pub(crate) fn take_marketing_image(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let upload = check(call)?;
        self.record(call, upload);
        Ok(json!({ "media_url": format!("https://wxpaylogo.qpic.cn/wxpaylogo/{}/0", crypto::nonce(ID)) }))
    }

    /// Takes an image for the answer to a complaint (商户上传反馈图片), and keeps it.
    pub(crate) fn take_complaint_image(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let upload = check(call)?;
        let Some(image) = call.file else {
            return Err(Refusal::param(Place::Body, "file", "图片大小不能超过2M", "must not be larger than 2 MiB"));
        };
        let media_id = crypto::nonce(ID);
        let mut images = lock(&self.images);
        images.insert(media_id.clone(), image.clone());
        self.record(call, upload);
        Ok(json!({ "media_id": media_id }))
    }

    /// Returns an image that was uploaded for a complaint (图片请求接口).
    pub(crate) fn complaint_image(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        let media_id = call.variable("media_id")?;
        match lock(&self.images).get(&media_id) {
            Some(image) => Ok(Answer::file(image_type(image), image.clone())),
            None => Err(Refusal::resource_not_exists(format!("图片{media_id}不存在"))),
        }
    }

    fn record(&self, call: &Call<'_>, upload: Upload) {
        self.ledger.record_content(Effect::UploadStored, call.mchid(), upload.file_name, upload.sha256);
    }
}

/// A file that matches its `meta`.
struct Upload {
    file_name: String,
    /// In lowercase hex.
    sha256: String,
}

/// Checks that `meta` describes the file correctly.
fn check(call: &Call<'_>) -> Result<Upload, Refusal> {
    let (meta, file) = call.upload()?;
    let sha256 = hex(&file.sha256);
    if !meta.text("meta/sha256")?.eq_ignore_ascii_case(&sha256) {
        return Err(Refusal::param(
            Place::Body,
            "meta/sha256",
            "与文件内容的SHA256摘要不一致",
            "must be the SHA-256 of the bytes of the part file",
        ));
    }
    let file_name = meta.text("meta/filename")?;
    match &file.name {
        Some(name) if *name == file_name || *name == quoted(&file_name) => Ok(Upload { file_name, sha256 }),
        _ => Err(Refusal::param(
            Place::Body,
            "meta/filename",
            "与文件部分的filename不一致",
            "must be the filename of the part file",
        )),
    }
}

/// A file name as browsers write it into a form.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The type of an image, by its first bytes.
fn image_type(image: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 4] = [
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"BM", "image/bmp"),
        (b"GIF8", "image/gif"),
    ];
    KNOWN.iter().find(|(start, _)| image.starts_with(start)).map_or("application/octet-stream", |(_, name)| name)
}
