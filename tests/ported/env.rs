//! In place of `std::env`: each test has the environment and the files of its own sandbox.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env::VarError;
use std::path::{Path, PathBuf};

thread_local! {
    static VARIABLES: RefCell<BTreeMap<String, String>> = RefCell::default();
    static FOLDER: RefCell<PathBuf> = RefCell::default();
}

/// What `/path/to` is from now on, and the variables.
pub fn set(folder: &Path, variables: BTreeMap<String, String>) {
    FOLDER.set(folder.to_owned());
    VARIABLES.set(variables);
}

pub fn var(name: &str) -> Result<String, VarError> {
    VARIABLES.with_borrow(|variables| variables.get(name).cloned()).ok_or(VarError::NotPresent)
}

/// A path under `/path/to`, or a `file://` of one, in the folder of the test.
pub fn path(text: &str) -> String {
    FOLDER.with_borrow(|folder| text.replace("/path/to", folder.to_str().unwrap()))
}
