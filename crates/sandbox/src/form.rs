//! `multipart/form-data` as it arrives: read piece by piece, hashed, and not kept.
//!
//! It is strict: what RFC 7578 does not require of a client (a text before the first part, nested parts, blanks behind a
//! boundary) counts as malformed here.

use std::io::BufRead;

use hyper::body::Bytes;
use openssl::sha::Sha256;

/// The most bytes of a file that is kept, for images that can be downloaded again.
pub(crate) const KEPT: usize = 2 * 1024 * 1024;

/// The most bytes of the part `meta`, and of each other that is no file.
const META: usize = 64 * 1024;

/// The most bytes of the headers of a part.
const HEAD: usize = 8 * 1024;

/// The longest boundary of RFC 2046, in characters.
const BOUNDARY: usize = 70;

/// The most parts besides `meta` and `file`.
const OTHERS: usize = 16;

/// What was read of a form.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// The part `meta`.
    pub(crate) meta: Option<Vec<u8>>,
    /// The part `file`.
    pub(crate) file: Option<FilePart>,
    /// The names of all others, and the contents of those that are no files.
    others: Vec<(String, Option<Vec<u8>>)>,
}

impl Form {
    /// The parts that are no files, by their names.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let meta = self.meta.iter().map(|meta| ("meta", meta.as_slice()));
        meta.chain(self.others.iter().filter_map(|(name, text)| Some((name.as_str(), text.as_deref()?))))
    }

    /// The names of the parts that are files.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        let file = self.file.iter().map(|_| "file");
        file.chain(self.others.iter().filter(|(_, text)| text.is_none()).map(|(name, _)| name.as_str()))
    }
}

/// What was read of a file.
#[derive(Debug)]
pub(crate) struct FilePart {
    pub(crate) name: Option<String>,
    pub(crate) sha256: [u8; 32],
}

/// Whether a header `Content-Type` announces a form.
pub(crate) fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// Reads a form, given piece by piece.
pub(crate) struct FormReader {
    /// What precedes each part and the end: CR, LF, two hyphens and the boundary.
    delimiter: Vec<u8>,
    /// What has arrived but is not yet parsed: never more than a piece and the headers of a part.
    buffer: Vec<u8>,
    position: Position,
    form: Form,
    kept: Option<Bytes>,
}

enum Position {
    /// Nothing but the first delimiter may come.
    Start,
    /// Behind a delimiter; what follows shows whether it was the last.
    Delimited,
    /// In the headers of a part.
    Head,
    /// In the contents of a part.
    Contents(OpenPart),
    /// Behind the last delimiter.
    End,
    Malformed(&'static str),
}

enum OpenPart {
    Meta(Vec<u8>),
    File {
        name: Option<String>,
        hash: Box<Sha256>,
        /// `None` if it is longer than [`KEPT`].
        kept: Option<Vec<u8>>,
    },
    Text {
        name: String,
        text: Vec<u8>,
    },
    OtherFile(String),
}

impl FormReader {
    /// Begins a form of this `Content-Type`.
    pub(crate) fn new(content_type: &str) -> FormReader {
        let (boundary, position) = match boundary(content_type) {
            Some(boundary) => (boundary, Position::Start),
            None => (String::new(), Position::Malformed("the Content-Type must name a boundary of 1 to 70 characters")),
        };
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        // The line break makes the first delimiter, which has no line before it, look like all others.
        FormReader { delimiter, buffer: b"\r\n".to_vec(), position, form: Form::default(), kept: None }
    }

    /// Whether the part `meta` has been read to its end.
    pub(crate) fn has_meta(&self) -> bool {
        self.form.meta.is_some()
    }

    /// Reads the next piece.
    pub(crate) fn read(&mut self, piece: &[u8]) {
        if matches!(self.position, Position::End | Position::Malformed(_)) {
            return;
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.extend_from_slice(piece);
        let mut rest = buffer.as_slice();
        loop {
            match self.step(rest) {
                Ok(Step::Taken(length)) => rest = rest.get(length..).unwrap_or_default(),
                Ok(Step::NeedsMore(length)) => {
                    rest = rest.get(length..).unwrap_or_default();
                    break;
                }
                Err(problem) => {
                    self.position = Position::Malformed(problem);
                    return;
                }
            }
        }
        let understood = buffer.len().saturating_sub(rest.len());
        buffer.drain(..understood);
        self.buffer = buffer;
    }

    /// The form, and the bytes of its file unless it was too large.
    ///
    /// # Errors
    /// What is wrong with it, in English.
    pub(crate) fn finish(self) -> Result<(Form, Option<Bytes>), &'static str> {
        match self.position {
            Position::End => Ok((self.form, self.kept)),
            Position::Malformed(problem) => Err(problem),
            _ => Err("the form ends before its last boundary"),
        }
    }

    /// Parses what is complete at the beginning of `bytes`.
    fn step(&mut self, bytes: &[u8]) -> Result<Step, &'static str> {
        match &mut self.position {
            Position::Start => match bytes.strip_prefix(self.delimiter.as_slice()) {
                Some(_) => self.enter(Position::Delimited, self.delimiter.len()),
                None if self.delimiter.starts_with(bytes) => Ok(Step::NeedsMore(0)),
                None => Err("the form must begin with its boundary"),
            },
            Position::Delimited => match bytes.get(..2) {
                None => Ok(Step::NeedsMore(0)),
                Some(b"\r\n") => self.enter(Position::Head, 2),
                Some(b"--") => {
                    self.position = Position::End;
                    Ok(Step::NeedsMore(bytes.len()))
                }
                Some(_) => Err("a line with a boundary must contain nothing else"),
            },
            Position::Head => {
                let head = bytes.get(..HEAD).unwrap_or(bytes);
                match head.windows(4).position(|window| window == b"\r\n\r\n") {
                    Some(end) => {
                        let part = self.part(bytes.get(..end).unwrap_or_default())?;
                        self.enter(Position::Contents(part), end.saturating_add(4))
                    }
                    None if bytes.len() < HEAD => Ok(Step::NeedsMore(0)),
                    None => Err("the headers of a part must not be longer than 8 KiB"),
                }
            }
            Position::Contents(part) => {
                let (length, at_end) = before(bytes, &self.delimiter);
                part.add(bytes.get(..length).unwrap_or_default())?;
                if at_end {
                    if let Position::Contents(part) = std::mem::replace(&mut self.position, Position::Delimited) {
                        self.keep(part)?;
                    }
                    Ok(Step::Taken(length.saturating_add(self.delimiter.len())))
                } else {
                    Ok(Step::NeedsMore(length))
                }
            }
            Position::End | Position::Malformed(_) => Ok(Step::NeedsMore(bytes.len())),
        }
    }

    fn enter(&mut self, position: Position, taken: usize) -> Result<Step, &'static str> {
        self.position = position;
        Ok(Step::Taken(taken))
    }

    /// The part with these headers.
    fn part(&self, head: &[u8]) -> Result<OpenPart, &'static str> {
        let head = std::str::from_utf8(head).map_err(|_| "the headers of a part must be UTF-8")?;
        let mut dispositions = head.split("\r\n").filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-disposition").then_some(value.trim())
        });
        let (Some(disposition), None) = (dispositions.next(), dispositions.next()) else {
            return Err("a part must have one Content-Disposition");
        };
        let (kind, parameters) = disposition.split_once(';').unwrap_or((disposition, ""));
        let parameters = parse_parameters(parameters).ok_or("the Content-Disposition of a part is malformed")?;
        let parameter = |name: &str| {
            let mut named = parameters.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            named.next().map(|(_, value)| value.clone())
        };
        let name = parameter("name").filter(|_| kind.trim().eq_ignore_ascii_case("form-data"));
        match name.as_deref() {
            None => Err("the Content-Disposition of a part must be form-data with a name"),
            Some("meta") if self.form.meta.is_some() => Err("the part meta occurs twice"),
            Some("file") if self.form.file.is_some() => Err("the part file occurs twice"),
            Some("meta") => Ok(OpenPart::Meta(Vec::new())),
            Some("file") => Ok(OpenPart::File {
                name: parameter("filename"),
                hash: Box::new(Sha256::new()),
                kept: Some(Vec::new()),
            }),
            Some(name) if parameter("filename").is_some() => Ok(OpenPart::OtherFile(name.to_owned())),
            Some(name) => Ok(OpenPart::Text { name: name.to_owned(), text: Vec::new() }),
        }
    }

    /// Keeps a complete part.
    fn keep(&mut self, part: OpenPart) -> Result<(), &'static str> {
        match part {
            OpenPart::Meta(bytes) => self.form.meta = Some(bytes),
            OpenPart::File { name, hash, kept } => {
                self.form.file = Some(FilePart { name, sha256: hash.finish() });
                self.kept = kept.map(Bytes::from);
            }
            OpenPart::Text { .. } | OpenPart::OtherFile(_) if self.form.others.len() >= OTHERS => {
                return Err("the form has too many parts");
            }
            OpenPart::Text { name, text } => self.form.others.push((name, Some(text))),
            OpenPart::OtherFile(name) => self.form.others.push((name, None)),
        }
        Ok(())
    }
}

/// How many bytes one step has parsed.
enum Step {
    /// This many bytes; those behind them may be complete, too.
    Taken(usize),
    /// This many bytes; the others must wait for what has not arrived yet.
    NeedsMore(usize),
}

impl OpenPart {
    fn add(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        match self {
            OpenPart::Meta(text) | OpenPart::Text { text, .. } if text.len().saturating_add(bytes.len()) > META => {
                return Err("a part that is no file must not be longer than 64 KiB");
            }
            OpenPart::Meta(text) | OpenPart::Text { text, .. } => text.extend_from_slice(bytes),
            OpenPart::File { hash, kept, .. } => {
                hash.update(bytes);
                match kept {
                    Some(kept) if kept.len().saturating_add(bytes.len()) <= KEPT => kept.extend_from_slice(bytes),
                    _ => *kept = None,
                }
            }
            OpenPart::OtherFile(_) => {}
        }
        Ok(())
    }
}

/// How many bytes precede the delimiter, and whether it is there. If it is not, only bytes are counted that cannot be the
/// beginning of one.
fn before(bytes: &[u8], delimiter: &[u8]) -> (usize, bool) {
    let mut start = 0;
    while let Some(distance) = bytes.get(start..).and_then(find_cr) {
        start = start.saturating_add(distance);
        let candidate = bytes.get(start..).unwrap_or_default();
        if candidate.starts_with(delimiter) {
            return (start, true);
        }
        if delimiter.starts_with(candidate) {
            return (start, false);
        }
        start = start.saturating_add(1);
    }
    (bytes.len(), false)
}

/// The position of the first CR. It is searched through the standard library's `BufRead`, which is as fast in a debug build
/// as in any other.
fn find_cr(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let last = rest.skip_until(b'\r').ok()?.checked_sub(1)?;
    (bytes.get(last) == Some(&b'\r')).then_some(last)
}

/// The parameter `boundary` of a `Content-Type`.
fn boundary(content_type: &str) -> Option<String> {
    let (_, parameters) = content_type.split_once(';')?;
    let (_, boundary) =
        parse_parameters(parameters)?.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    let is_valid = (1..=BOUNDARY).contains(&boundary.len()) && boundary.bytes().all(|byte| (32..127).contains(&byte));
    is_valid.then_some(boundary)
}

/// `name=value` or `name="value"`, separated by semicolons.
fn parse_parameters(text: &str) -> Option<Vec<(String, String)>> {
    let mut parameters = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let (value, after) = after.split_at(after.find(';').unwrap_or(after.len()));
                (value.trim().to_owned(), after)
            }
        };
        parameters.push((name.trim().to_owned(), value));
        let after = after.trim_start();
        rest = match after.strip_prefix(';') {
            Some(next) => next.trim(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(parameters)
}

/// The text up to the closing quote, and what follows that. A backslash escapes a quote or another backslash; before
/// anything else it stands for itself.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at.saturating_add(1)..)?)),
            '\\' => match characters.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, next)) => value.push(next),
                None => value.push('\\'),
            },
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use openssl::sha::sha256;

    use super::{Form, FormReader, HEAD, KEPT, META, is_form};

    const TYPE: &str = "multipart/form-data; boundary=x";

    /// Reads a form at once, and in pieces of several sizes; all results must agree.
    fn read(content_type: &str, body: &[u8]) -> Result<(Form, Option<Vec<u8>>), &'static str> {
        let in_pieces = |size: usize| {
            let mut reader = FormReader::new(content_type);
            body.chunks(size).for_each(|piece| reader.read(piece));
            reader.finish().map(|(form, kept)| (form, kept.map(|kept| kept.to_vec())))
        };
        let whole = in_pieces(body.len().max(1));
        for size in [1, 2, 3, 5, 7, 64, 4096].into_iter().filter(|size| *size > 64 || body.len() < 100_000) {
            assert_eq!(format!("{:?}", in_pieces(size)), format!("{whole:?}"), "in pieces of {size}");
        }
        whole
    }

    fn part(disposition: &str, contents: &[u8]) -> Vec<u8> {
        let head = format!("--x\r\nContent-Disposition: {disposition}\r\n\r\n");
        [head.as_bytes(), contents, b"\r\n"].concat()
    }

    fn form(parts: &[Vec<u8>]) -> Vec<u8> {
        [parts.concat(), b"--x--\r\n".to_vec()].concat()
    }

    #[test]
    fn meta_and_file_are_found_among_others() {
        let contents = b"\r\n--\r\r\n\r\n--y--\r\n-\r";
        let body = form(&[
            part("form-data; name=\"before\"", b""),
            part("form-data; name=\"meta\"", br#"{"a":1}"#),
            part("form-data; name=\"file\"; filename=\"a \\\"b\\\\ c\\d.png\"", contents),
            part("form-data; name=after; more=x", b"\r\n"),
        ]);
        let (form, kept) = read(TYPE, &body).unwrap();
        assert_eq!(form.meta.as_deref(), Some(&br#"{"a":1}"#[..]));
        let file = form.file.unwrap();
        assert_eq!(file.name.as_deref(), Some("a \"b\\ c\\d.png"));
        assert_eq!(file.sha256, sha256(contents));
        assert_eq!(kept.as_deref(), Some(&contents[..]));
    }

    #[test]
    fn a_form_may_be_nearly_empty_and_end_early() {
        let (form, kept) = read(TYPE, &form(&[part("form-data; name=file", b"")])).unwrap();
        assert!(form.meta.is_none() && form.file.is_some_and(|file| file.name.is_none() && file.sha256 == sha256(b"")));
        assert_eq!(kept, Some(Vec::new()));
        assert!(read(TYPE, b"--x--").is_ok());
        assert!(read(TYPE, b"--x--\r\nan epilogue").is_ok());
        for quoted in ["multipart/form-data;boundary=\"x\"", "Multipart/Form-Data; charset=utf-8; Boundary=x"] {
            assert!(is_form(quoted) && read(quoted, b"--x--").is_ok(), "{quoted}");
        }
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let meta = || part("form-data; name=meta", b"{}");
        let file = || part("form-data; name=file", b"1");
        let cases: [(&[u8], &str); 14] = [
            (b"", "ends before"),
            (b"--x", "ends before"),
            (b"--x\r\n", "ends before"),
            (&meta(), "ends before"),
            (&form(&[meta(), file()])[..90], "ends before"),
            (b"preamble\r\n--x--", "must begin"),
            (b"\r\n--x--", "must begin"),
            (b"--y--", "must begin"),
            (b"--x \r\n", "nothing else"),
            (b"--xy\r\n", "nothing else"),
            (&form(&[meta(), meta()]), "meta occurs twice"),
            (&form(&[file(), file()]), "file occurs twice"),
            (b"--x\r\n\r\n\r\n\r\n--x--", "one Content-Disposition"),
            (b"--x\r\nContent-Disposition: \xff\r\n\r\n\r\n--x--", "UTF-8"),
        ];
        for (body, problem) in cases {
            let error = read(TYPE, body).unwrap_err();
            assert!(error.contains(problem), "{error} for {:?}", String::from_utf8_lossy(body));
        }
        for disposition in ["", "form-data", "attachment; name=meta", "form-data; nam=meta", "form-data; name"] {
            assert!(read(TYPE, &form(&[part(disposition, b"")])).is_err(), "{disposition}");
        }
        for disposition in ["form-data; name=\"meta", "form-data; name=\"meta\\\"", "form-data; name=\"meta\" x"] {
            assert!(read(TYPE, &form(&[part(disposition, b"")])).unwrap_err().contains("malformed"), "{disposition}");
        }
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        for content_type in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; x", &long] {
            assert!(read(content_type, b"--x--").unwrap_err().contains("boundary"), "{content_type}");
        }
        for other in ["", "application/json", "multipart/mixed; boundary=x", "multipart/form-datax"] {
            assert!(!is_form(other), "{other}");
        }
    }

    #[test]
    fn no_byte_out_of_place_does_harm() {
        let right = form(&[
            part("form-data; name=\"meta\"", b"{}"),
            part("form-data; name=\"file\"; filename=\"a\\\"\"", b"\r\n--\r\n"),
        ]);
        assert!(read(TYPE, &right).is_ok());
        for place in 0..right.len() {
            for byte in *b"\0\r\n-x;\"\\=:\xff" {
                let mut wrong = right.clone();
                wrong[place] = byte;
                let _ = read(TYPE, &wrong);
                wrong.insert(place, byte);
                let _ = read(TYPE, &wrong);
            }
            let _ = read(TYPE, &right[..place]);
            let _ = read(TYPE, &right[place..]);
        }
    }

    #[test]
    fn each_part_has_its_limit() {
        let meta = |length: usize| read(TYPE, &form(&[part("form-data; name=meta", &vec![b' '; length])]));
        assert_eq!(meta(META).unwrap().0.meta.map(|meta| meta.len()), Some(META));
        assert!(meta(META + 1).unwrap_err().contains("64 KiB"));

        let named = |length: usize| part(&format!("form-data; name={}", "n".repeat(length)), b"");
        assert!(read(TYPE, &form(&[named(HEAD - 100)])).is_ok());
        assert!(read(TYPE, &form(&[named(HEAD)])).unwrap_err().contains("8 KiB"));

        let file = |length: usize| {
            let contents: Vec<_> = (0..length).map(|i| [b'\r', b'\n', b'-', 0][i / 3 % 4]).collect();
            let (form, kept) = read(TYPE, &form(&[part("form-data; name=file", &contents)])).unwrap();
            assert_eq!(form.file.map(|file| file.sha256), Some(sha256(&contents)));
            kept.map(|kept| kept == contents)
        };
        assert_eq!(file(KEPT), Some(true));
        assert_eq!(file(KEPT + 1), None);
    }
}
