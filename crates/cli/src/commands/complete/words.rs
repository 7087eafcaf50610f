//! The words of an unfinished line.

/// The words of a line up to the cursor, as a shell reads them, of which the last one may be empty, or in a quote that is not
/// closed yet.
pub fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, ' ' | '\t' | '\n') => {
                if words.last().is_some_and(|word| !word.is_empty()) {
                    words.push(String::new());
                }
            }
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            (None | Some('"'), '\\') => push(&mut words, letters.next()),
            (_, letter) => push(&mut words, Some(letter)),
        }
    }
    words
}

fn push(words: &mut [String], letter: Option<char>) {
    if let Some(word) = words.last_mut() {
        word.extend(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        assert_eq!(split("wechatpay get  v3/pay "), ["wechatpay", "get", "v3/pay", ""]);
        assert_eq!(split("a 'b c' \"d \\\" e\" f\\ g"), ["a", "b c", "d \" e", "f g"]);
        assert_eq!(split("a 'b c"), ["a", "b c"]);
        assert_eq!(split("a '\\"), ["a", "\\"]);
        assert_eq!(split(""), [""]);
        assert_eq!(split("a\\"), ["a"]);
    }
}
