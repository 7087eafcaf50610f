//! Names of PHP as names of Rust.

#[cfg(test)]
mod tests;

/// `outTradeNo`, `HTTPCode` and `OUT_NO` become `out_trade_no`, `http_code`, `out_no`; a word of Rust gets an underscore behind it.
pub fn snake(name: &str) -> String {
    guarded(lower_case(name))
}

/// `OUT_NO` and `outNo` become `OutNo`.
pub fn camel(name: &str) -> String {
    let mut camel = String::new();
    for word in lower_case(name).split('_') {
        let mut characters = word.chars();
        camel.extend(characters.next().into_iter().flat_map(char::to_uppercase));
        camel.push_str(characters.as_str());
    }
    guarded(camel)
}

/// `Rsa::keyType` becomes `KEY_TYPE`.
pub fn screaming(name: &str) -> String {
    guarded(lower_case(name).to_uppercase())
}

/// Words with underscores between them. What PHP allows in a name and Rust does not is written as its number.
fn lower_case(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut lower = String::new();
    for (at, &c) in characters.iter().enumerate() {
        if begins_word(&characters, at) {
            lower.push('_');
        }
        if c.is_alphabetic() || c.is_ascii_digit() || c == '_' {
            lower.extend(c.to_lowercase());
        } else {
            lower.push_str(&format!("u{:x}", u32::from(c)));
        }
    }
    lower
}

/// Whether a capital begins a word: `T` in `outTrade`, `C` in `HTTPCode`. `v3` in `APIv3` is a word too.
fn begins_word(characters: &[char], at: usize) -> bool {
    let Some(&before) = at.checked_sub(1).and_then(|before| characters.get(before)) else {
        return false;
    };
    let next = characters.get(at + 1);
    let is_version =
        |at: usize| characters.get(at) == Some(&'v') && characters.get(at + 1).is_some_and(char::is_ascii_digit);
    match characters.get(at) {
        Some('v') => before.is_uppercase() && is_version(at),
        Some(c) if c.is_uppercase() => {
            before.is_lowercase()
                || before.is_ascii_digit()
                || (before.is_uppercase() && next.is_some_and(|next| next.is_lowercase()) && !is_version(at + 1))
        }
        _ => false,
    }
}

fn guarded(name: String) -> String {
    match name.as_str() {
        // In Rust an underscore alone is not a name.
        "" | "_" => "__".to_owned(),
        word if KEYWORDS.binary_search(&word).is_ok() => format!("{word}_"),
        // What stands for a value that is not known yet.
        "unknown" => "unknown_".to_owned(),
        word if word.starts_with(|c: char| c.is_ascii_digit()) => format!("_{word}"),
        _ => name,
    }
}

/// Of edition 2024, sorted.
const KEYWORDS: [&str; 52] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
