//! The body of a request: serialised once, signed and sent as the same bytes.

use std::io::{Cursor, Read};
use std::sync::Arc;

use serde_json::Value;

use crate::error::Result;
use crate::request::media::MediaUtil;
use crate::request::multipart::Multipart;

/// The value of the option `body`: raw bytes, or a media upload.
#[derive(Clone, Debug)]
pub struct Body(GivenBody);

#[derive(Clone)]
enum GivenBody {
    Bytes(Vec<u8>),
    Media(Box<MediaUtil>),
}

impl std::fmt::Debug for GivenBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            GivenBody::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            GivenBody::Media(media) => media.fmt(f),
        }
    }
}

impl Body {
    pub(crate) fn is_form(&self) -> bool {
        matches!(self.0, GivenBody::Media(_))
    }

    /// The upload, if it is one.
    #[cfg(feature = "check")]
    pub(super) fn upload(&self) -> Option<&MediaUtil> {
        match &self.0 {
            GivenBody::Bytes(_) => None,
            GivenBody::Media(media) => Some(media),
        }
    }

    /// The bytes as a text, with marks for what is none.
    #[cfg(feature = "check")]
    pub(super) fn text(&self) -> std::borrow::Cow<'_, str> {
        match &self.0 {
            GivenBody::Bytes(bytes) => String::from_utf8_lossy(bytes),
            GivenBody::Media(_) => "".into(),
        }
    }

    /// The `meta` of an upload, to be changed in its place.
    pub(super) fn meta(&mut self) -> Option<&mut Value> {
        match &mut self.0 {
            GivenBody::Bytes(_) => None,
            GivenBody::Media(media) => Some(media.meta_mut()),
        }
    }

    pub(crate) fn into_payload(self) -> Result<Payload> {
        Ok(match self.0 {
            GivenBody::Bytes(bytes) => Payload::bytes(bytes),
            GivenBody::Media(media) => return Payload::form(media.into_multipart()?),
        })
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Body {
        Body(GivenBody::Bytes(bytes))
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Body {
        Body(GivenBody::Bytes(bytes.to_vec()))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Body {
        Body(GivenBody::Bytes(text.into_bytes()))
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Body {
        Body(GivenBody::Bytes(text.as_bytes().to_vec()))
    }
}

impl From<MediaUtil> for Body {
    fn from(media: MediaUtil) -> Body {
        Body(GivenBody::Media(Box::new(media)))
    }
}

/// What is sent as the body; cheap to clone, and read again for each attempt.
#[derive(Clone)]
pub(crate) enum Payload {
    Empty,
    Bytes(Arc<[u8]>),
    Form(Arc<Multipart>),
}

impl Payload {
    pub(crate) fn bytes(bytes: Vec<u8>) -> Payload {
        Payload::Bytes(bytes.into())
    }

    /// A form with a part `meta` is streamed; any other is signed, and therefore read, as a whole.
    pub(crate) fn form(form: Multipart) -> Result<Payload> {
        if form.meta().is_some() {
            return Ok(Payload::Form(Arc::new(form)));
        }
        Ok(Payload::bytes(form.to_bytes()?))
    }

    /// What is signed: the bytes or, for an upload, only its `meta`.
    pub(crate) fn signed(&self) -> &[u8] {
        match self {
            Payload::Empty => &[],
            Payload::Bytes(bytes) => bytes,
            Payload::Form(form) => form.meta().unwrap_or_default(),
        }
    }

    pub(crate) fn length(&self) -> u64 {
        match self {
            Payload::Empty => 0,
            Payload::Bytes(bytes) => bytes.len() as u64,
            Payload::Form(form) => form.length(),
        }
    }

    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send + Sync>> {
        Ok(match self {
            Payload::Empty => Box::new(std::io::empty()),
            Payload::Bytes(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            Payload::Form(form) => form.open()?,
        })
    }
}
