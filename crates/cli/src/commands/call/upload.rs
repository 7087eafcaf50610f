//! `--upload`: a file, and what is said of it in `meta`.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use wechatpay::{MediaUtil, Options, Part};
use wechatpay_catalog::{Fields, Kind, Operation, Place};

use crate::failure::{Failure, Result};

/// The part that is signed.
const META: &str = "meta";

/// The part that the file is, unless it is documented otherwise.
const FILE: &str = "file";

/// A form of a file, its `meta` and perhaps other parts.
#[derive(Debug)]
pub struct Upload {
    pub path: PathBuf,
    /// The name that it is sent by.
    pub file_name: String,
    /// The part that is the file.
    part: String,
    pub meta: Map<String, Value>,
    /// Whether `meta` is what the library makes of the file.
    pub is_usual: bool,
    /// Parts that are texts.
    texts: Vec<(String, String)>,
}

impl Upload {
    /// The file is read now, for its SHA-256. Fields are of `meta`, unless they are documented as parts of their own.
    pub fn read(path: &Path, fields: Map<String, Value>, operation: Option<Operation>) -> Result<Upload> {
        let file = File::open(path).map_err(|error| Failure::file(path, error))?;
        if file.metadata().is_ok_and(|there| there.is_dir()) {
            return Err(Failure::file(path, "it is a folder"));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let media = MediaUtil::from_reader(name, file).map_err(|error| Failure::call(&error))?;
        let said = |name: &str| media.meta().get(name).cloned().unwrap_or_default();
        let parts = operation.map(|operation| operation.parameters(Place::Multipart)).filter(|parts| !parts.is_empty());
        let part = parts.and_then(|parts| parts.into_iter().find(|part| part.kind() == Kind::File));
        let part = part.map_or(FILE, |part| part.name()).to_owned();
        let of_meta = parts.and_then(|parts| parts.get(META)).map(|meta| meta.fields());
        let is_of_meta = |name: &str| of_meta.is_none_or(|fields: Fields| fields.get(name).is_some());
        let mut meta = match of_meta {
            Some(_) => {
                [("filename", "filename"), ("file_name", "filename"), ("sha256", "sha256"), ("file_digest", "sha256")]
                    .into_iter()
                    .filter(|(name, _)| is_of_meta(name))
                    .map(|(name, source)| (name.to_owned(), said(source)))
                    .collect()
            }
            None => media.meta().as_object().cloned().unwrap_or_default(),
        };
        let mut texts = Vec::new();
        for (name, value) in fields {
            let is_part = parts.is_some_and(|parts| parts.get(&name).is_some()) && !is_of_meta(&name);
            if is_part {
                texts.push((name, text(value)));
            } else {
                meta.insert(name, value);
            }
        }
        let given = ["filename", "file_name"].into_iter().find_map(|name| meta.get(name)?.as_str());
        let file_name = given.or_else(|| media.meta().get("filename")?.as_str()).unwrap_or_default().to_owned();
        let is_usual = media.meta().as_object() == Some(&meta);
        Ok(Upload { path: path.to_owned(), file_name, part, meta, is_usual, texts })
    }

    /// Whether PHP's `MediaUtil` makes it.
    pub fn is_media(&self) -> bool {
        self.part == FILE && self.texts.is_empty()
    }

    /// The names and texts of all parts but the file, in order.
    pub fn parts(&self) -> Vec<(String, String)> {
        let meta = (META.to_owned(), Value::Object(self.meta.clone()).to_string());
        [vec![meta], self.texts.clone()].concat()
    }

    /// The part that is the file.
    pub fn part(&self) -> &str {
        &self.part
    }

    /// The option `multipart`, for the check.
    pub fn described(&self) -> Value {
        let part = |(name, contents): (String, String)| json!({ "name": name, "contents": contents });
        let file = json!({ "name": self.part, "contents": "" });
        let meta = json!({ "name": META, "contents": self.meta });
        let texts = self.texts.iter().cloned().map(part);
        Value::Array([meta].into_iter().chain(texts).chain([file]).collect())
    }

    /// Adds the form to the options of a call.
    pub fn add_to(&self, options: Options) -> Result<Options> {
        let failed = |error: wechatpay::Error| Failure::call(&error);
        let file = File::open(&self.path).map_err(|error| Failure::file(&self.path, error))?;
        if self.is_media() {
            let mut media = MediaUtil::from_reader(&self.file_name, file).map_err(failed)?;
            media.set_meta(Value::Object(self.meta.clone())).map_err(failed)?;
            return Ok(options.body(media));
        }
        let part = |(name, contents): (String, String)| {
            let part = Part::new(&name, contents);
            if name == META { part.header("Content-Type", "application/json") } else { part }
        };
        let mut parts: Vec<_> = self.parts().into_iter().map(part).collect();
        parts.push(Part::reader(&self.part, file).map_err(failed)?.file_name(&self.file_name));
        Ok(options.multipart(parts))
    }
}

/// A value as a part.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
