//! Writes values as PHP, in one of the styles that people write.

use std::fmt::Write as _;

use support::ordered::Ordered;
use support::random::Random;

/// How one function is written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// `array()`, not `[]`.
    pub long_arrays: bool,
    pub quotes: Quotes,
    /// Arrays on one line.
    pub one_line: bool,
    /// A comma behind the last entry.
    pub last_comma: bool,
    /// `=>` below each other.
    pub aligned: bool,
    /// How often, of a hundred, a comment stands in a place where one may stand.
    pub comments: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quotes {
    Single,
    Double,
    /// Longer texts as heredoc, others in double quotes.
    Heredoc,
    /// Longer texts as nowdoc, others in single quotes.
    Nowdoc,
}

impl Style {
    pub fn pick(random: &mut Random) -> Style {
        let one_line = random.chance(30);
        let all = [Quotes::Single, Quotes::Single, Quotes::Double, Quotes::Heredoc, Quotes::Nowdoc];
        Style {
            long_arrays: random.chance(35),
            // They need lines of their own.
            quotes: random.pick(if one_line { &all[..3] } else { &all }),
            one_line,
            last_comma: !one_line && random.chance(70),
            aligned: !one_line && random.chance(40),
            comments: random.pick(&[0, 0, 8, 30]),
        }
    }
}

/// Writes, and remembers the comments that it has written.
pub struct Writer<'a> {
    pub style: Style,
    pub random: Random,
    /// The texts of all comments, in order, without what makes them comments.
    pub comments: &'a mut Vec<String>,
}

impl Writer<'_> {
    /// The text of a new comment, which occurs nowhere else.
    fn words(&mut self) -> String {
        const ABOUT: [&str; 7] = [
            "see the docs",
            "商户订单号",
            "fen, not yuan",
            "it's \"quoted\"",
            "$x->y = 1;",
            "{braces}",
            "http://example.com/a",
        ];
        let words = format!("note {} {}", self.comments.len(), self.random.pick(&ABOUT));
        self.comments.push(words.clone());
        words
    }

    /// In a place where lines end: nothing, or comments of whole lines, each behind this indentation.
    pub fn lines(&mut self, indent: usize) -> String {
        if !self.random.chance(self.style.comments) {
            return String::new();
        }
        let space = " ".repeat(indent);
        match self.random.below(6) {
            0 => format!("{space}# {}\n", self.words()),
            1 => format!("{space}/* {} */\n", self.words()),
            2 => format!("{space}/** {} */\n", self.words()),
            3 => format!("{space}/*\n{space} * {}\n{space} * {}\n{space} */\n", self.words(), self.words()),
            4 => format!("{space}// {}\n{space}//{}\n", self.words(), self.words()),
            _ => format!("{space}// {}\n", self.words()),
        }
    }

    /// Behind code, where the line ends: nothing or a comment.
    pub fn behind(&mut self) -> String {
        match self.random.chance(self.style.comments) {
            true if self.random.chance(20) => format!(" /* {} */", self.words()),
            true if self.random.chance(20) => format!(" # {}", self.words()),
            true => format!(" // {}", self.words()),
            false => String::new(),
        }
    }

    /// Within a line: nothing, or a comment and a space.
    pub fn within(&mut self) -> String {
        match self.random.chance(self.style.comments / 4) {
            true => format!("/* {} */ ", self.words()),
            false => String::new(),
        }
    }

    pub fn value(&mut self, value: &Ordered, indent: usize) -> String {
        match value {
            Ordered::Null => self.random.pick(&["null", "null", "NULL"]).to_owned(),
            Ordered::Boolean(value) if self.random.chance(10) => value.to_string().to_uppercase(),
            Ordered::Boolean(_) | Ordered::Number(_) => value.to_string(),
            Ordered::Text(text) => self.text(text, indent),
            Ordered::List(list) => self.array(list.iter().map(|value| (None, value)).collect(), indent),
            Ordered::Object(fields) => {
                self.array(fields.iter().map(|(name, value)| (Some(name.as_str()), value)).collect(), indent)
            }
        }
    }

    fn array(&mut self, entries: Vec<(Option<&str>, &Ordered)>, indent: usize) -> String {
        let (open, close) = if self.style.long_arrays { ("array(", ")") } else { ("[", "]") };
        if entries.is_empty() {
            return format!("{open}{close}");
        }
        let keys: Vec<Option<String>> = entries.iter().map(|(name, _)| name.map(|name| self.quoted(name))).collect();
        if self.style.one_line {
            let mut written = Vec::new();
            for (key, (_, value)) in keys.iter().zip(&entries) {
                let key = key.as_ref().map_or(String::new(), |key| format!("{key} {}=> ", self.within()));
                written.push(format!("{key}{}{}", self.within(), self.value(value, indent)));
            }
            return format!("{open}{}{close}", written.join(", "));
        }
        let width = keys.iter().flatten().map(|key| key.chars().count()).max().unwrap_or(0);
        let width = if self.style.aligned { width } else { 0 };
        let (space, inner) = (" ".repeat(indent), " ".repeat(indent + 4));
        let mut array = format!("{open}{}\n", self.behind());
        let last = entries.len() - 1;
        for (at, (key, (_, value))) in keys.iter().zip(&entries).enumerate() {
            array += &self.lines(indent + 4);
            array += &inner;
            if let Some(key) = key {
                write!(array, "{key:width$} => ").unwrap();
            }
            array += &self.within();
            array += &self.value(value, indent + 4);
            array += if at < last || self.style.last_comma { "," } else { "" };
            array += &self.behind();
            array.push('\n');
        }
        array += &self.lines(indent + 4);
        array + &space + close
    }

    fn text(&mut self, text: &str, indent: usize) -> String {
        let is_long = text.chars().count() >= 24 || text.contains('\n');
        let fits = is_long && !text.contains('\r') && !text.contains("EOT");
        match self.style.quotes {
            Quotes::Heredoc if fits => here("EOT", "EOT", &text.replace('\\', "\\\\").replace('$', "\\$"), indent + 4),
            Quotes::Nowdoc if fits => here("'EOT'", "EOT", text, indent + 4),
            _ => self.quoted(text),
        }
    }

    /// The text in quotes.
    pub fn quoted(&mut self, text: &str) -> String {
        if matches!(self.style.quotes, Quotes::Single | Quotes::Nowdoc) {
            return format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
        }
        let with_codes = self.random.chance(10);
        let mut quoted = String::from("\"");
        for c in text.chars() {
            match c {
                '\\' | '"' | '$' => quoted.extend(['\\', c]),
                '\n' => quoted += "\\n",
                '\r' => quoted += "\\r",
                '\t' => quoted += "\\t",
                c if c.is_control() => write!(quoted, "\\x{:02x}", c as u32).unwrap(),
                c if with_codes && !c.is_ascii() => write!(quoted, "\\u{{{:x}}}", c as u32).unwrap(),
                c => quoted.push(c),
            }
        }
        quoted + "\""
    }
}

/// A text between lines.
fn here(open: &str, close: &str, text: &str, indent: usize) -> String {
    let space = " ".repeat(indent);
    let lines: Vec<String> =
        text.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("{space}{line}") }).collect();
    format!("<<<{open}\n{}\n{space}{close}", lines.join("\n"))
}
