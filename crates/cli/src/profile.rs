//! Profiles: settings by name, in a file of the user's.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde_json::{Map, Value};

use crate::failure::{self, Failure, Result};

/// The configuration file, if not the one in the user's folder.
pub const CONFIG_VARIABLE: &str = "WECHATPAY_CONFIG";

/// The settings of a profile, and the types of their values.
const SETTINGS: &[(&str, Kind)] = &[
    ("mchid", Kind::Text),
    ("brand_id", Kind::Text),
    ("serial", Kind::Text),
    ("private_key", Kind::File),
    ("certs", Kind::Files),
    ("wechatpay_serial", Kind::Text),
    ("apiv3_key", Kind::File),
    ("secret", Kind::File),
    ("merchant_cert", Kind::File),
    ("base_uri", Kind::Text),
    ("timeout", Kind::Number),
    ("verify", Kind::File),
    ("proxy", Kind::Text),
    ("journal", Kind::Journal),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    /// A path, from the folder of the configuration file on.
    File,
    /// A table of paths.
    Files,
    /// A path, or the address of a database.
    Journal,
}

/// One profile of the configuration file.
#[derive(Debug)]
pub struct Profile {
    pub name: String,
    pub settings: Map<String, Value>,
    /// The configuration file.
    pub file: PathBuf,
}

/// Where the configuration file is, whether or not there is one.
pub fn file() -> Option<PathBuf> {
    match env::var_os(CONFIG_VARIABLE) {
        Some(path) if !path.is_empty() => Some(path.into()),
        _ => Some(ProjectDirs::from("", "", "wechatpay")?.config_dir().join("config.toml")),
    }
}

/// The names of the profiles, as far as the file can be read.
pub fn names() -> Vec<String> {
    let text = file().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    let config = toml::from_str::<Map<String, Value>>(&text).unwrap_or_default();
    let profiles = config.get("profiles").and_then(Value::as_object);
    profiles.into_iter().flat_map(Map::keys).cloned().collect()
}

impl Profile {
    /// The profile of this name, or without one that which the file calls its `default`. `None` without a name if there is none.
    pub fn find(name: Option<&str>) -> Result<Option<Profile>> {
        let file = file().filter(|file| file.exists());
        let Some(file) = file else {
            return match name {
                Some(name) => Err(Failure::usage(format!(
                    "there is no profile {:?}, as there is no configuration file",
                    failure::name(name)
                ))
                .next(self::file().map_or_else(String::new, |file| {
                    format!(
                        "write [profiles.{}] into {}; `--profile sandbox` needs no file",
                        failure::name(name),
                        file.display()
                    )
                }))),
                None => Ok(None),
            };
        };
        let text = fs::read_to_string(&file).map_err(|error| Failure::file(&file, error))?;
        let parsed = toml::from_str::<Map<String, Value>>(&text);
        let mut config = parsed.map_err(|error| Failure::file(&file, malformed(&text, &error)))?;
        let wrong = |what: String| Failure::file(&file, what);
        let mut profiles = match config.remove("profiles") {
            Some(Value::Object(profiles)) => profiles,
            Some(_) => return Err(wrong("`profiles` must be a table".to_owned())),
            None => Map::new(),
        };
        let default = match config.remove("default") {
            Some(Value::String(default)) => Some(default),
            Some(_) => return Err(wrong("`default` must be the name of a profile".to_owned())),
            None => None,
        };
        if let Some(name) = config.keys().next() {
            return Err(wrong(format!(
                "`{}` is unknown; there are `default` and `[profiles.NAME]`",
                failure::name(name)
            )));
        }
        let Some(name) = name.map(str::to_owned).or(default) else { return Ok(None) };
        let known = profiles.keys().map(|name| failure::name(name)).collect::<Vec<_>>().join(", ");
        match profiles.remove(&name) {
            Some(Value::Object(settings)) => {
                let settings = checked(settings, &file)
                    .map_err(|what| wrong(format!("[profiles.{}]: {what}", failure::name(&name))))?;
                Ok(Some(Profile { name, settings, file }))
            }
            Some(_) => Err(wrong(format!("[profiles.{}] must be a table", failure::name(&name)))),
            None => Err(wrong(format!("there is no [profiles.{}]; there are: {known}", failure::name(&name)))),
        }
    }
}

/// Why the file cannot be read, and where. Its lines are not repeated: they may have a password.
fn malformed(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or_else(String::new, |before| format!("line {}: ", before.split('\n').count()));
    format!("{line}{}", error.message())
}

/// The settings, with paths that are complete.
fn checked(mut settings: Map<String, Value>, file: &Path) -> std::result::Result<Map<String, Value>, String> {
    for (name, value) in &mut settings {
        let Some((_, kind)) = SETTINGS.iter().find(|(known, _)| known == name) else {
            let known: Vec<_> = SETTINGS.iter().map(|(name, _)| *name).collect();
            return Err(format!("`{}` is unknown; there are: {}", failure::name(name), known.join(", ")));
        };
        match (kind, value) {
            (Kind::Text, Value::String(_)) | (Kind::Number, Value::Number(_)) => {}
            (Kind::Journal, Value::String(place)) if place.contains("://") => {}
            (Kind::File | Kind::Journal, Value::String(path)) => *path = complete(path, file),
            (Kind::Files, Value::Object(files)) => {
                for (id, path) in files {
                    match path {
                        Value::String(path) => *path = complete(path, file),
                        _ => {
                            return Err(format!(
                                "`{name}`: {} must be the path of a file, as a text",
                                failure::name(id)
                            ));
                        }
                    }
                }
            }
            (Kind::Text, _) => return Err(format!("`{name}` must be a text")),
            (Kind::Number, _) => return Err(format!("`{name}` must be a number")),
            (Kind::Journal, _) => {
                return Err(format!("`{name}` must be the path of a file or the address of a database, as a text"));
            }
            (Kind::File, _) => return Err(format!("`{name}` must be the path of a file, as a text")),
            (Kind::Files, _) => return Err(format!("`{name}` must be a table of ids and paths of files")),
        }
    }
    Ok(settings)
}

/// A path from the folder of the configuration file on; `~/` is the user's home.
fn complete(path: &str, file: &Path) -> String {
    let home = || directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let complete = match path.strip_prefix("~/").and_then(|rest| Some(home()?.join(rest))) {
        Some(path) => path,
        None => file.parent().unwrap_or(Path::new("")).join(path),
    };
    complete.display().to_string()
}
