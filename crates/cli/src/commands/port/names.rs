//! What the Rust is called.

use std::path::Path;

/// What else may not be the name of a module, as the file has a meaning to cargo.
const TAKEN: [&str; 2] = ["lib", "main"];

/// Rust's words, of edition 2024.
const WORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// What packages may not be called: words that mean something to cargo, and those that the package depends on.
const PACKAGES: [&str; 9] =
    ["test", "core", "std", "alloc", "proc-macro", "anyhow", "wechatpay", "wechatpay-chain", "wechatpay-sandbox"];

/// The name of a file as Rust writes it: `OrderService.php` is `order_service`.
pub fn snake(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    let letters: Vec<char> = stem.chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().copied().enumerate() {
        if !letter.is_alphanumeric() {
            if !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
            continue;
        }
        let before = at.checked_sub(1).and_then(|before| letters.get(before)).copied();
        let next_is_small = letters.get(at.saturating_add(1)).is_some_and(|next| next.is_lowercase());
        // `noteURL` and `URLNote`
        let begins = before.is_some_and(|before| {
            before.is_lowercase() || before.is_numeric() || (before.is_uppercase() && next_is_small)
        });
        if letter.is_uppercase() && begins {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    let name = name.trim_end_matches('_');
    if name.is_empty() { "ported".to_owned() } else { name.to_owned() }
}

/// The same as the name of a module.
pub fn module(stem: &str) -> String {
    if WORDS.contains(&stem) || TAKEN.contains(&stem) {
        return format!("{stem}_");
    }
    if stem.starts_with(char::is_numeric) { format!("_{stem}") } else { stem.to_owned() }
}

/// The name of a package in this folder.
pub fn package(folder: &Path) -> String {
    let name = snake(Path::new(&folder.file_name().unwrap_or_default())).replace('_', "-");
    let name: String = name.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    let name = name.trim_matches('-');
    match name {
        "" => "ported".to_owned(),
        _ if name.starts_with(|letter: char| letter.is_ascii_digit()) => format!("port-{name}"),
        _ if WORDS.contains(&name) || PACKAGES.contains(&name) => format!("{name}-port"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_become_names_of_rust() {
        for (file, name) in [
            ("order.php", "order"),
            ("src/OrderService.php", "order_service"),
            ("02_TeaJsapiCashier.php", "02_tea_jsapi_cashier"),
            ("noteURL.php", "note_url"),
            ("URLNote.php", "url_note"),
            ("pay-notify.inc.php", "pay_notify_inc"),
            ("V3Client.php", "v3_client"),
            ("支付.php", "支付"),
            ("__.php", "ported"),
            ("-", "ported"),
        ] {
            assert_eq!(snake(Path::new(file)), name, "{file}");
        }
        assert_eq!(["order", "02_tea", "match", "main"].map(module), ["order", "_02_tea", "match_", "main_"]);
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn names_of_folders_become_names_of_packages() {
        for (folder, name) in [
            ("shop", "shop"),
            ("/tmp/My Shop", "my-shop"),
            ("OrderService", "order-service"),
            ("2024", "port-2024"),
            ("test", "test-port"),
            ("anyhow", "anyhow-port"),
            ("商城", "ported"),
            ("a商城", "a"),
        ] {
            assert_eq!(package(Path::new(folder)), name, "{folder}");
        }
    }
}
