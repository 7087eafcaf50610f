//! Uploads of images and videos.

use std::fmt;
use std::io::{Read, Seek};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::request::multipart::{META, Multipart, Part};
use crate::text::value::kind;

/// An image or video to be uploaded (PHP: `WeChatPay\Util\MediaUtil`), used as the option `body`.
///
/// It becomes a form of two parts: `meta`, a JSON of file name and SHA-256, which is the only part that is signed, and
/// `file`. A file is never in memory as a whole: it is read once for the hash and again while it is sent. If it has changed
/// in between, the upload fails before its last byte.
///
/// ```no_run
/// use wechatpay::{MediaUtil, Options};
/// # fn main() -> anyhow::Result<()> {
/// # let instance = wechatpay::Builder::new().build()?;
/// let media = MediaUtil::new("/your/file/path/image.jpg")?;
/// let response = instance.chain("v3/merchant/media/upload").post(Options::new().body(media))?;
/// println!("{}", response.text_at("/media_id")?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MediaUtil {
    file: Part,
    meta: Value,
}

impl MediaUtil {
    /// Uploads a file, which is read now for its SHA-256.
    ///
    /// # Errors
    /// [`Error::Upload`] if it cannot be read.
    pub fn new(path: impl Into<PathBuf>) -> Result<MediaUtil> {
        let path = path.into();
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(MediaUtil::of(Part::file("file", path)?, file_name))
    }

    /// Uploads bytes that are in memory, under this file name.
    pub fn from_bytes(file_name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> MediaUtil {
        MediaUtil::of(Part::new("file", bytes), file_name.into())
    }

    /// Uploads the content of a reader under this file name. It is read now, from its beginning, for its SHA-256.
    ///
    /// # Errors
    /// [`Error::Upload`] if it cannot be read.
    pub fn from_reader(file_name: impl Into<String>, reader: impl Read + Seek + Send + 'static) -> Result<MediaUtil> {
        Ok(MediaUtil::of(Part::reader("file", reader)?, file_name.into()))
    }

    fn of(file: Part, file_name: String) -> MediaUtil {
        let meta = json!({ "filename": file_name, "sha256": file.sha256() });
        let file = file.header("Content-Type", content_type_of(&file_name)).file_name(file_name);
        MediaUtil { file, meta }
    }

    /// The JSON of the part `meta`: `{"filename": …, "sha256": …}` unless it was replaced.
    pub fn meta(&self) -> &Value {
        &self.meta
    }

    /// Replaces the JSON of the part `meta`, as some uploads need other names in it.
    ///
    /// # Errors
    /// [`Error::Options`] if it is not an object.
    pub fn set_meta(&mut self, meta: Value) -> Result<()> {
        if meta.is_object() {
            self.meta = meta
        } else {
            return Err(Error::Options(format!("`meta` of an upload must be an object, not {}", kind(&meta))));
        }
        Ok(())
    }

    /// Its `meta`, to be changed in its place.
    pub(super) fn meta_mut(&mut self) -> &mut Value {
        &mut self.meta
    }

    pub(crate) fn into_multipart(self) -> Result<Multipart> {
        let meta = Part::new(META, self.meta.to_string()).header("Content-Type", "application/json");
        Multipart::new(vec![meta, self.file])
    }
}

/// Shows neither content nor `meta`.
impl fmt::Debug for MediaUtil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MediaUtil").field(&self.file).finish()
    }
}

/// The content type for the extension of a file name.
fn content_type_of(file_name: &str) -> &'static str {
    let extension = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("bmp") => "image/bmp",
        Some("gif") => "image/gif",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("avi") => "video/x-msvideo",
        Some("flv") => "video/x-flv",
        Some("m4v") => "video/x-m4v",
        Some("mkv") => "video/x-matroska",
        Some("mov") => "video/quicktime",
        Some("mp4") => "video/mp4",
        Some("mpeg" | "mpg") => "video/mpeg",
        Some("rm") => "application/vnd.rn-realmedia",
        Some("rmvb") => "application/vnd.rn-realmedia-vbr",
        Some("wmv") => "video/x-ms-wmv",
        Some("pdf") => "application/pdf",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}
