//! Text in the making.

use unicode_width::UnicodeWidthStr;

/// Text that has been laid out, and where in it lines of PHP begin.
#[derive(Debug, Clone, Default)]
pub struct Laid {
    text: String,
    breaks: usize,
    /// Lines of the text, counted from 0, with the line of PHP that they come from.
    marks: Vec<(usize, usize)>,
}

impl Laid {
    pub fn of(text: &str) -> Laid {
        let mut laid = Laid::default();
        laid.push(text);
        laid
    }

    pub fn push(&mut self, text: &str) {
        self.breaks += text.bytes().filter(|byte| *byte == b'\n').count();
        self.text.push_str(text);
    }

    pub fn append(&mut self, other: &Laid) {
        self.marks.extend(other.marks.iter().map(|(line, origin)| (line + self.breaks, *origin)));
        self.text.push_str(&other.text);
        self.breaks += other.breaks;
    }

    pub fn with(mut self, text: &str) -> Laid {
        self.push(text);
        self
    }

    pub fn then(mut self, other: &Laid) -> Laid {
        self.append(other);
        self
    }

    /// A new line, indented.
    pub fn line(&mut self, indent: usize) {
        self.text.push('\n');
        self.breaks += 1;
        self.text.extend(std::iter::repeat_n(' ', indent));
    }

    /// What follows comes from this line of PHP.
    pub fn mark(&mut self, origin: Option<usize>) {
        self.marks.extend(origin.map(|origin| (self.breaks, origin)));
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn marks(&self) -> &[(usize, usize)] {
        &self.marks
    }

    /// In bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub fn breaks(&self) -> usize {
        self.breaks
    }

    pub fn is_tall(&self) -> bool {
        self.breaks > 0
    }

    pub fn first_line(&self) -> &str {
        self.text.split('\n').next().unwrap_or_default()
    }

    pub fn last_line(&self) -> &str {
        self.text.rsplit('\n').next().unwrap_or_default()
    }

    pub fn first_width(&self) -> usize {
        width(self.first_line())
    }

    pub fn last_width(&self) -> usize {
        width(self.last_line())
    }

    pub fn trimmed_last_width(&self) -> usize {
        width(self.last_line().trim())
    }

    /// Whether the last line has nothing but brackets, so that more may stand behind them.
    pub fn is_extendable(&self) -> bool {
        self.last_line().chars().all(|c| matches!(c, '(' | ')' | ']' | '}' | '?' | '>') || c.is_whitespace())
    }
}

/// In columns, of which Chinese characters take two.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Whether a line ends with a comment; rustfmt does not measure such lines.
pub fn ends_with_comment(line: &str) -> bool {
    let mut rest = line;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (_, from) = rest.split_at(at);
        rest = match from.as_bytes() {
            [b'/', b'/', ..] => return true,
            [b'"', ..] => behind_text(&from[1..]),
            [b'\'', b'"' | b'/', b'\'', ..] => &from[3..],
            _ => &from[1..],
        };
    }
    false
}

fn behind_text(text: &str) -> &str {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}
