//! QR codes: in a terminal, and as SVG.

use anstyle::{Ansi256Color, Style};
use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};

use crate::failure::{Failure, Result};

/// How many modules of white are around a code: what its standard asks for.
const QUIET: usize = 4;

/// White on black, whatever the colours of the terminal are: of the colours that no theme changes.
const COLOURS: Style = Style::new()
    .fg_color(Some(anstyle::Color::Ansi256(Ansi256Color(231))))
    .bg_color(Some(anstyle::Color::Ansi256(Ansi256Color(16))));

/// The code of a text, a line of a terminal for two rows of modules, with its white border.
///
/// What is white is drawn, and the lines set both colours: it can be read in dark and in light terminals. Where colours are left
/// out, as in a file, it can be read in white on black.
pub fn lines(text: &str) -> Result<Vec<String>> {
    let code = code(text)?;
    let width = code.width();
    let modules = code.to_colors();
    let rows: Vec<_> = modules.chunks(width).collect();
    let is_white = |row: usize, column: usize| {
        let (row, column) = (row.checked_sub(QUIET), column.checked_sub(QUIET));
        let module = row.and_then(|row| rows.get(row)?.get(column?));
        module != Some(&Color::Dark)
    };
    let size = QUIET.saturating_mul(2).saturating_add(width);
    let line = |row: usize| {
        let module = |column| match (is_white(row, column), is_white(row.saturating_add(1), column)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        let line: String = (0..size).map(module).collect();
        format!("{COLOURS}{line}{COLOURS:#}")
    };
    Ok((0..size).step_by(2).map(line).collect())
}

/// The code of a text as a picture, black on white.
pub fn svg(text: &str) -> Result<String> {
    Ok(code(text)?.render::<svg::Color<'_>>().module_dimensions(8, 8).build())
}

/// On a screen nothing gets scratched, so the least correction makes the smallest code.
fn code(text: &str) -> Result<QrCode> {
    if text.is_empty() {
        return Err(Failure::usage("there is no text for the QR code"));
    }
    QrCode::with_error_correction_level(text, EcLevel::L)
        .map_err(|_| Failure::usage(format!("{} bytes are too many for a QR code; it holds 2953", text.len())))
}
