//! The methods of HTTP.

/// The method of the crate for one of PHP, and whether it returns a promise.
pub(super) fn verb(name: &str) -> Option<(&'static str, bool)> {
    Some(match name.to_ascii_lowercase().as_str() {
        "get" => ("get", false),
        "post" => ("post", false),
        "put" => ("put", false),
        "patch" => ("patch", false),
        "delete" => ("delete", false),
        "getasync" => ("get_async", true),
        "postasync" => ("post_async", true),
        "putasync" => ("put_async", true),
        "patchasync" => ("patch_async", true),
        "deleteasync" => ("delete_async", true),
        _ => return None,
    })
}
