//! Types that doc-blocks name: `@param`, `@return`, `@var`.

use std::collections::BTreeMap;

use crate::php::tree::Hint;
use crate::translate::Translator;
use crate::translate::types::Type;

#[derive(Debug, Clone, Default)]
pub struct Doc {
    pub parameters: BTreeMap<String, Type>,
    pub returns: Option<Type>,
    pub var: Option<Type>,
}

impl Translator<'_> {
    /// What the doc-block before a declaration says.
    pub(super) fn doc_of(&mut self, at: usize) -> Doc {
        let mut doc = Doc::default();
        let Some(comment) = self.comments.doc_before(at) else { return doc };
        for line in &comment.lines {
            let Some((tag, rest)) = line.trim().split_once(char::is_whitespace) else { continue };
            let rest = rest.trim();
            // Types in brackets may have blanks in them.
            let end = type_end(rest);
            let ty = self.doc_type(&rest[..end]);
            let name = rest[end..].split_whitespace().next().unwrap_or_default();
            match (tag, ty) {
                ("@param", Some(ty)) => {
                    if let Some(name) = name.trim_start_matches("...").strip_prefix('$') {
                        doc.parameters.insert(name.to_owned(), ty);
                    }
                }
                ("@return", ty) => doc.returns = ty,
                ("@var", ty) => doc.var = ty,
                _ => {}
            }
        }
        doc
    }

    /// An array: a list of objects is no JSON.
    fn doc_array(&mut self, text: &str) -> Type {
        let of = listed(text).filter(|of| of.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'\\')));
        match of.map(|of| self.hint(&Hint::Named(of.to_owned()))) {
            Some(of @ (Type::Class(_) | Type::Object(_))) => Type::list(of),
            _ => Type::Json,
        }
    }

    /// A type of a doc-block; None where it says nothing that helps.
    fn doc_type(&mut self, text: &str) -> Option<Type> {
        let mut ty = Type::Unknown;
        for part in split(text) {
            let part = part.trim();
            let one = match part {
                "" | "mixed" => return None,
                part if part.ends_with("[]") || part.contains(['<', '{']) => self.doc_array(part),
                part => match part.strip_prefix('?') {
                    Some(rest) => self.hint(&Hint::Named(rest.to_owned())).optional(),
                    None => self.hint(&Hint::Named(part.to_owned())),
                },
            };
            if one == Type::Unknown {
                return None;
            }
            ty = ty.join(&one);
        }
        (ty != Type::Unknown && ty != Type::Conflict).then_some(ty)
    }
}

/// What a list is of, by its type: `Notifier[]`, `list<Notifier>`, `array<int, Notifier>`.
fn listed(text: &str) -> Option<&str> {
    if let Some(of) = text.strip_suffix("[]") {
        return Some(of);
    }
    let (array, of) = text.strip_suffix('>')?.split_once('<')?;
    let of = match (array, of.split_once(',')) {
        ("array", Some(("int", of))) => of,
        ("array" | "list" | "iterable", None) => of,
        _ => return None,
    };
    Some(of.trim())
}

/// Where a type at the beginning of a text ends.
fn type_end(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '<' | '{' | '(' | '[' => depth += 1,
            '>' | '}' | ')' | ']' => depth = depth.saturating_sub(1),
            c if c.is_whitespace() && depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// The members of a union, not those inside brackets.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '<' | '{' | '(' | '[' => depth += 1,
            '>' | '}' | ')' | ']' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
