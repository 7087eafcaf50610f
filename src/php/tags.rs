//! Texts without the tags of HTML.

use super::operand::Operand;
use super::text::text;

/// Without tags of HTML and of PHP, comments and zero bytes (PHP: `strip_tags`).
///
/// What begins with `<` and no white space behind it is a tag, to its `>` or to the end.
///
/// ```
/// assert_eq!(wechatpay::php::strip_tags("<b>tea</b> &amp; <!-- no --> milk"), "tea &amp;  milk");
/// ```
pub fn strip_tags(a: impl Operand) -> String {
    let text = text(a);
    let letters: Vec<char> = text.chars().collect();
    let mut stripping = Stripping::default();
    for at in 0..letters.len() {
        stripping.letter(&letters, at);
    }
    stripping.made
}

/// What the letter is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    Text,
    Tag,
    /// `<?`
    Code,
    /// `<!`
    Declaration,
    /// `<!--`
    Comment,
}

#[derive(Debug, Default)]
struct Stripping {
    made: String,
    place: Place,
    /// How many `<` are open within a tag.
    depth: usize,
    /// The quote that is open.
    quote: Option<char>,
    /// `<?xml`
    is_xml: bool,
    /// How many parentheses are open in code.
    parentheses: i64,
    /// What code has last had of quotes and parentheses.
    last: Option<char>,
}

impl Stripping {
    fn letter(&mut self, letters: &[char], at: usize) {
        let letter = letters.get(at).copied().unwrap_or('\0');
        let back = |count: usize| at.checked_sub(count).and_then(|at| letters.get(at)).copied();
        let is_tag =
            !letters.get(at.saturating_add(1)).is_some_and(|next| next.is_ascii_whitespace() || *next == '\u{b}');
        match (self.place, letter) {
            (Place::Text, '\0') => {}
            (Place::Text, '<') if is_tag => {
                self.place = Place::Tag;
                self.last = Some('<');
            }
            (Place::Text, '>') if self.depth > 0 => self.depth = self.depth.saturating_sub(1),
            (Place::Text, letter) => self.made.push(letter),
            (Place::Tag, '<') if is_tag && self.quote.is_none() => self.depth = self.depth.saturating_add(1),
            (Place::Comment, '>') if self.quote.is_none() => {
                if back(1) == Some('-') && back(2) == Some('-') {
                    self.close();
                }
            }
            (Place::Comment, _) => {}
            (_, '>') if self.depth > 0 => self.depth = self.depth.saturating_sub(1),
            (_, '>') if self.quote.is_some() => {}
            (Place::Tag, '>') => {
                self.last = Some('>');
                if !(self.is_xml && back(1) == Some('-')) {
                    self.is_xml = false;
                    self.close();
                }
            }
            (Place::Tag, '"' | '\'') => self.quote(letter),
            (Place::Tag, '!') if back(1) == Some('<') => {
                self.place = Place::Declaration;
                self.last = Some('!');
            }
            (Place::Tag, '?') if back(1) == Some('<') => {
                self.place = Place::Code;
                self.parentheses = 0;
            }
            (Place::Tag, _) => {}
            (Place::Code, _) => self.code(letter, back),
            (Place::Declaration, '>') => self.close(),
            (Place::Declaration, '"' | '\'') if back(1) != Some('\\') => self.quote(letter),
            (Place::Declaration, '-') if back(1) == Some('-') && back(2) == Some('!') => self.place = Place::Comment,
            (Place::Declaration, 'e' | 'E') if precede(back, "doctyp") => self.place = Place::Tag,
            (Place::Declaration, _) => {}
        }
    }

    fn code(&mut self, letter: char, back: impl Fn(usize) -> Option<char> + Copy) {
        let is_quoted = matches!(self.last, Some('"' | '\''));
        match letter {
            '(' | ')' if !is_quoted => {
                self.last = Some(letter);
                self.parentheses = self.parentheses.saturating_add(if letter == '(' { 1 } else { -1 });
            }
            '>' if self.parentheses == 0 && self.last != Some('"') && back(1) == Some('?') => self.close(),
            '"' | '\'' if back(1) != Some('\\') => {
                if self.last == Some(letter) {
                    self.last = None;
                } else if self.last != Some('\\') {
                    self.last = Some(letter);
                }
                self.quote(letter);
            }
            // Not at the very beginning, where PHP does not look for it.
            'l' | 'L' if precede(back, "<?xm") && back(5).is_some() => {
                self.place = Place::Tag;
                self.is_xml = true;
            }
            _ => {}
        }
    }

    /// Opens a quote, or closes the one that is open.
    fn quote(&mut self, letter: char) {
        match self.quote {
            None => self.quote = Some(letter),
            Some(open) if open == letter => self.quote = None,
            Some(_) => {}
        }
    }

    fn close(&mut self) {
        self.place = Place::Text;
        self.quote = None;
    }
}

/// Whether such letters stand before, whatever their case.
fn precede(back: impl Fn(usize) -> Option<char>, letters: &str) -> bool {
    let mut before = (1..).map(back);
    letters.chars().rev().all(|letter| before.next().flatten().is_some_and(|found| found.eq_ignore_ascii_case(&letter)))
}
