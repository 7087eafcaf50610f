//! Command lines that are shown to be pasted into a shell.

/// A word as a shell takes it: as it is, or in single quotes.
pub fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@%+".contains(letter);
    // A letter of any script is one to a shell, too.
    let is_safe = |letter: char| is_plain(letter) || letter.is_alphanumeric();
    if !word.is_empty() && word.chars().all(is_safe) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Words as one line.
pub fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_the_same_words() {
        let words = ["v3/pay", "a b", "", "it's", "$HOME", "{\"a\":1}", "咖啡", "v3/{id}", "~", "a;b", "-d", "\"", "*"];
        let script = format!("printf '%s\\n' {}", line(words));
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), words.map(|word| format!("{word}\n")).concat());
        assert_eq!(line(["wechatpay", "get", "v3/certificates"]), "wechatpay get v3/certificates");
    }
}
