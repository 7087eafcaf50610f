//! Ports PHP programs written against the official WeChat Pay SDK, `wechatpay/wechatpay`, to Rust against `wechatpay-chain`.
#![forbid(unsafe_code)]

mod finding;
mod law;
mod php;
mod position;
mod refusal;
mod rust;
mod source;
mod translate;

pub use finding::{Finding, FindingKind};
pub use position::Position;
pub use refusal::Refusal;
pub use source::Kind;

use source::Source;

/// What became of a source.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Ported {
    /// The Rust: a file, or the statements of a snippet.
    pub rust: String,
    /// What the source was.
    pub kind: Kind,
    /// What is left to do and what differs, by its place.
    pub findings: Vec<Finding>,
    /// For lines of Rust, counted from 1, the line of PHP that they come from, in order.
    pub origins: Vec<(usize, usize)>,
    /// Whether there is a `fn main`.
    pub has_main: bool,
}

impl Ported {
    /// Whether something is left to do.
    pub fn is_complete(&self) -> bool {
        self.findings.iter().all(|finding| finding.kind == FindingKind::Note)
    }
}

/// Ports one source.
///
/// # Errors
///
/// A [`Refusal`] when there is no output: the source is not PHP, or not UTF-8.
///
/// # Examples
///
/// ```
/// let ported = wechatpay_port::port(b"$instance->v3->certificates->get();")?;
/// assert_eq!(ported.rust, "chain!(instance->v3->certificates).get(())?;\n");
/// # Ok::<(), wechatpay_port::Refusal>(())
/// ```
pub fn port(php: &[u8]) -> Result<Ported, Refusal> {
    let source = php::read::open(php)?;
    php::read::with_file(&source, |file| ported(&source, &file))
}

fn ported(source: &Source, file: &php::tree::File) -> Result<Ported, Refusal> {
    let mut translated =
        translate::translate(source, file, |translated| law::lost_statement(file, translated).is_some())?;
    rust::idioms::items(&mut translated.file.items);
    rust::idioms::block(&mut translated.snippet);
    let written = match source.kind() {
        Kind::File => rust::layout::file(&translated.file),
        Kind::Snippet | Kind::Pairs => rust::layout::snippet(&translated.snippet),
    };
    law::check(source, file, &translated, &written)?;
    Ok(Ported {
        rust: written.text,
        kind: source.kind(),
        findings: translated.findings,
        origins: written.origins,
        has_main: translated.has_main,
    })
}

/// The examples of the README run as those of this page.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
